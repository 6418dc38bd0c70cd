#include "link.h"

#include <stdlib.h>
#include <string.h>

enum {
	VALUES_MAX = 64,
	VALUES_SENT_MAX = 32, /* of them, not arrived yet */
	CONFIRMATIONS_MAX = 8,
	REASON_SUPERVISION = 0x08,
	REASON_USER = 0x13
};

enum request_state {
	REQUEST_NONE = 0,
	REQUEST_SENT,
	REQUEST_ANSWERED, /* by the device; waits for its event */
	REQUEST_DONE
};

struct value {
	uint16_t handle;
	bool indication;
	size_t len;
	uint8_t data[LINK_DATA_MAX];
};

struct link {
	struct device *device;
	struct faults *faults;
	struct link_config config;
	uint32_t serial; /* the device's count of connections: tells this one from the next */
	bool attached;
	bool lost; /* detached without a word */
	bool gone;
	uint64_t gone_us;  /* when the client will know; UINT64_MAX while attached */
	uint64_t event_us; /* the next connection event */

	enum request_state request;
	bool abandoned;
	struct answer answer;
	uint64_t answer_us; /* the device holds it back until then */

	struct value values[VALUES_MAX]; /* from the device, oldest first */
	size_t value_count;
	size_t arrived;                        /* of them; the others wait for an event */
	uint16_t lost_at[LINK_ATTRIBUTES_MAX]; /* handles of values that found no place; 0: none */

	size_t head;
	size_t count;
	size_t room; /* for commands and requests; a confirmation always finds a place */
	size_t size;
	struct pdu queue[]; /* to the device: a ring of size */
};

struct link *link_new(struct device *device, struct faults *faults,
		      const struct link_config *config)
{
	size_t room = (size_t)config->packets_per_event * 2;
	size_t size = room + CONFIRMATIONS_MAX;
	struct link *link = calloc(1, sizeof(*link) + size * sizeof(struct pdu));

	if (!link)
		return NULL;
	link->device = device;
	link->faults = faults;
	link->config = *config;
	link->serial = device_counters(device)->connections;
	link->attached = true;
	link->gone_us = UINT64_MAX;
	link->event_us = device_now_us(device) + config->interval_us;
	link->room = room;
	link->size = size;
	return link;
}

void link_free(struct link *link)
{
	free(link);
}

bool link_is_attached(const struct link *link)
{
	return link->attached;
}

bool link_is_gone(const struct link *link)
{
	return link->gone;
}

static void detach(struct link *link, uint64_t gone_us)
{
	link->attached = false;
	link->gone_us = gone_us;
	link->count = 0;
	if (link->request == REQUEST_ANSWERED && link->answer_us > gone_us)
		link->request = REQUEST_SENT;
}

/* Nobody said goodbye: what was not on air yet is lost, and the client finds out late. */
static void lose(struct link *link)
{
	detach(link, device_now_us(link->device) + LINK_SUPERVISION_MS * (uint64_t)1000);
	link->lost = true;
	link->value_count = link->arrived;
	if (link->request == REQUEST_ANSWERED)
		link->request = REQUEST_SENT;
}

/* A reset takes the connection away without a word. */
static void notice_loss(struct link *link)
{
	if (link->attached && (!device_is_connected(link->device) ||
			       device_counters(link->device)->connections != link->serial))
		lose(link);
}

void link_on_closed(struct link *link, uint8_t reason)
{
	if (!link->attached)
		return;
	if (reason == REASON_SUPERVISION)
		lose(link);
	else
		detach(link, link->event_us);
}

void link_close(struct link *link)
{
	if (!link->attached)
		return;
	detach(link, device_now_us(link->device));
	device_disconnect(link->device, REASON_USER);
}

/* --- to the device --- */

static void push(struct link *link, const struct pdu *pdu)
{
	link->queue[(link->head + link->count++) % link->size] = *pdu;
}

bool link_send(struct link *link, const struct pdu *pdu)
{
	bool request = pdu->kind != PDU_COMMAND;

	if (link->count >= link->room || (request && link->request != REQUEST_NONE))
		return false;
	push(link, pdu);
	if (request) {
		link->request = REQUEST_SENT;
		link->abandoned = false;
	}
	return true;
}

static uint8_t discover(struct link *link)
{
	struct answer *answer = &link->answer;
	size_t count;
	const struct device_attribute *attributes = device_attributes(link->device, &count);

	for (size_t i = 0; i < count && i < LINK_ATTRIBUTES_MAX; i++)
		answer->attributes[answer->attribute_count++] = attributes[i];
	return 0;
}

/* One Read Response or Read Blob Response. */
static uint8_t read_part(struct link *link, uint16_t handle, size_t offset)
{
	enum { ATT_INVALID_OFFSET = 0x07 };
	struct answer *answer = &link->answer;
	size_t part = device_mtu(link->device) - 1u;
	size_t most = part < LINK_DATA_MAX ? part : LINK_DATA_MAX;
	uint8_t value[LINK_VALUE_MAX];
	size_t len = 0;
	uint8_t error = device_read(link->device, handle, value, sizeof(value), &len);

	if (error)
		return error;
	if (offset > len)
		return ATT_INVALID_OFFSET;
	answer->len = len - offset < most ? len - offset : most;
	memcpy(answer->data, value + offset, answer->len);
	return 0;
}

static uint8_t serve(struct link *link, const struct pdu *pdu)
{
	struct device *device = link->device;
	struct answer *answer = &link->answer;

	switch (pdu->kind) {
	case PDU_WRITE:
		return device_write(device, pdu->handle, pdu->data, pdu->len);
	case PDU_CCCD:
		return device_write_cccd(device, pdu->handle, pdu->number);
	case PDU_READ:
		return read_part(link, pdu->handle, pdu->number);
	case PDU_MTU:
		device_exchange_mtu(device, pdu->number);
		answer->number = device_mtu(device);
		return 0;
	case PDU_DISCOVER:
		return discover(link);
	case PDU_COMMAND:
	case PDU_CONFIRM:
		break;
	}
	return 0;
}

static void deliver_request(struct link *link, const struct pdu *pdu)
{
	uint64_t before_us = device_holds_until_us(link->device);
	uint64_t after_us;

	if (!faults_let_request(link->faults))
		return;
	link->answer = (struct answer){ 0 };
	link->answer.att_error = serve(link, pdu);
	after_us = device_holds_until_us(link->device);
	link->answer_us = before_us < after_us ? before_us : after_us;
	/* The chip may have reset over it; then nobody answers. */
	notice_loss(link);
	if (!link->lost)
		link->request = REQUEST_ANSWERED;
}

static void deliver_command(struct link *link, const struct pdu *pdu)
{
	struct pdu packet = *pdu;

	if (faults_let_packet(link->faults, packet.data, packet.len))
		device_write_cmd(link->device, packet.handle, packet.data, packet.len);
}

static void count_write(struct link *link)
{
	enum fault fault = faults_after_write(link->faults);

	if (fault == FAULT_POWER_CUT)
		device_power_cycle(link->device);
	if (fault == FAULT_CUT && link->attached) {
		lose(link);
		device_disconnect(link->device, REASON_SUPERVISION);
	}
}

static void deliver(struct link *link, const struct pdu *pdu)
{
	if (pdu->kind == PDU_CONFIRM)
		device_confirm(link->device, pdu->handle);
	else if (pdu->kind == PDU_COMMAND)
		deliver_command(link, pdu);
	else
		deliver_request(link, pdu);
	if (pdu->kind == PDU_COMMAND || pdu->kind == PDU_WRITE || pdu->kind == PDU_CCCD)
		count_write(link);
	notice_loss(link);
}

/* --- from the device --- */

/* Where the loss of that handle's values is noted; of handle 0: a free place. */
static uint16_t *find_loss(struct link *link, uint16_t handle)
{
	for (size_t i = 0; i < LINK_ATTRIBUTES_MAX; i++) {
		if (link->lost_at[i] == handle)
			return &link->lost_at[i];
	}
	return NULL;
}

static void note_loss(struct link *link, uint16_t handle)
{
	uint16_t *place = find_loss(link, handle) ? NULL : find_loss(link, 0);

	if (place)
		*place = handle;
}

bool link_has_room(const struct link *link)
{
	size_t room = link->room < VALUES_SENT_MAX ? link->room : VALUES_SENT_MAX;

	return link->value_count - link->arrived < room;
}

void link_on_value(struct link *link, uint16_t handle, const uint8_t *data, size_t len,
		   bool indication)
{
	struct value *value;

	if (!link->attached)
		return;
	if (link->value_count == VALUES_MAX) {
		note_loss(link, handle);
		return;
	}
	value = &link->values[link->value_count++];
	*value = (struct value){ .handle = handle, .indication = indication };
	value->len = len < LINK_DATA_MAX ? len : LINK_DATA_MAX;
	memcpy(value->data, data, value->len);
}

/* False: there is none, or the device holds it back. */
static bool answer_arrives(struct link *link)
{
	if (link->request != REQUEST_ANSWERED || link->answer_us > device_now_us(link->device))
		return false;
	link->request = link->abandoned ? REQUEST_NONE : REQUEST_DONE;
	return true;
}

static void value_arrives(struct link *link)
{
	const struct value *value = &link->values[link->arrived++];

	/* The host's stack confirms by itself, whether or not anybody waits. */
	if (value->indication && link->attached && link->count < link->size)
		push(link, &(struct pdu){ .kind = PDU_CONFIRM, .handle = value->handle });
}

bool link_take_answer(struct link *link, const struct answer **ret_answer)
{
	if (link->request != REQUEST_DONE)
		return false;
	link->request = REQUEST_NONE;
	*ret_answer = &link->answer;
	return true;
}

void link_abandon(struct link *link)
{
	link->abandoned = true;
	if (link->request == REQUEST_DONE)
		link->request = REQUEST_NONE;
}

static void remove_value(struct link *link, size_t place)
{
	link->value_count--;
	link->arrived--;
	memmove(&link->values[place], &link->values[place + 1],
		(link->value_count - place) * sizeof(link->values[0]));
}

enum link_value link_take_value(struct link *link, uint16_t handle, uint8_t *buf, size_t cap,
				size_t *ret_len)
{
	uint16_t *loss;

	for (size_t i = 0; i < link->arrived; i++) {
		const struct value *value = &link->values[i];
		bool fits;

		if (value->handle != handle)
			continue;
		fits = value->len <= cap;
		if (fits) {
			memcpy(buf, value->data, value->len);
			*ret_len = value->len;
		}
		remove_value(link, i);
		return fits ? LINK_VALUE_TAKEN : LINK_VALUE_TOO_LONG;
	}
	loss = find_loss(link, handle);
	if (!loss)
		return LINK_VALUE_NONE;
	*loss = 0;
	return LINK_VALUE_LOST;
}

/* --- time --- */

static bool has_traffic(const struct link *link)
{
	return link->count > 0 || link->arrived < link->value_count ||
	       link->request == REQUEST_ANSWERED;
}

/* The device's packets first: what it sends now was ready before this event. */
static void connection_event(struct link *link)
{
	uint32_t budget = link->config.packets_per_event;
	uint32_t sent = answer_arrives(link) ? 1 : 0;

	link->event_us += link->config.interval_us;
	for (; sent < budget && link->arrived < link->value_count; sent++)
		value_arrives(link);
	if (sent > 0)
		device_room(link->device);
	for (uint32_t i = 0; i < budget && link->count > 0; i++) {
		struct pdu pdu = link->queue[link->head];

		link->head = (link->head + 1) % link->size;
		link->count--;
		deliver(link, &pdu);
	}
}

/* The first event later than that. */
static uint64_t event_after(const struct link *link, uint64_t time_us)
{
	uint64_t interval_us = link->config.interval_us;

	if (link->event_us > time_us)
		return link->event_us;
	return link->event_us + ((time_us - link->event_us) / interval_us + 1) * interval_us;
}

uint64_t link_next_us(const struct link *link)
{
	uint64_t device_us;

	if (!link->attached)
		return link->gone ? UINT64_MAX : link->gone_us;
	if (has_traffic(link))
		return link->event_us;
	device_us = device_next_us(link->device);
	return device_us == UINT64_MAX ? UINT64_MAX : event_after(link, device_us);
}

static void run_attached(struct link *link, uint64_t now_us)
{
	while (link->attached) {
		uint64_t device_us = device_next_us(link->device);
		bool traffic = has_traffic(link);
		uint64_t next_us =
			traffic && link->event_us < device_us ? link->event_us : device_us;

		if (next_us > now_us)
			break;
		/* Events with nothing to say pass unseen. */
		if (!traffic)
			link->event_us = event_after(link, next_us);
		device_advance(link->device, next_us);
		if (traffic && next_us == link->event_us)
			connection_event(link);
		notice_loss(link);
	}
	if (link->attached && !has_traffic(link))
		link->event_us = event_after(link, now_us);
}

void link_run(struct link *link, uint64_t now_us)
{
	run_attached(link, now_us);
	if (link->attached || link->gone || link->gone_us > now_us)
		return;
	answer_arrives(link);
	link->arrived = link->value_count;
	link->gone = true;
}
