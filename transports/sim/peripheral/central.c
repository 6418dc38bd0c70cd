#include "central.h"

#include "address.h"

#include <otadfu/host.h>
#include <string.h>

enum {
	ARRIVALS_MAX = 2048,
	ANSWERS_MAX = 16,
	VALUES_MAX = 64,
	ROOM = 8 /* values that wait before a program that can wait does so */
};

enum {
	REASON_SUPERVISION = 0x08,
	VALUE_OVERHEAD = 3,
	LEAVE_US = 100000, /* after the last word, as the link layer takes to send it */
	TRACE_BYTES = 32
};

bool central_open(struct central *central, const struct central_parts *parts)
{
	*central = (struct central){ .of = *parts };
	return queue_open(&central->arrivals, ARRIVALS_MAX) &&
	       queue_open(&central->answers, ANSWERS_MAX) &&
	       queue_open(&central->values, VALUES_MAX);
}

void central_close(struct central *central)
{
	queue_close(&central->arrivals);
	queue_close(&central->answers);
	queue_close(&central->values);
}

static void note_pdu(const struct central *central, const char *direction, const uint8_t *data,
		     size_t len)
{
	char hex[3 * TRACE_BYTES + 1] = "";

	if (central->of.journal->level < OTADFU_LOG_DEBUG)
		return;
	for (size_t i = 0; i < len && i < TRACE_BYTES; i++)
		snprintf(hex + 3 * i, 4, " %02X", data[i]);
	journal_line(central->of.journal, OTADFU_LOG_DEBUG, "%s %s:%s%s", direction,
		     att_opcode_text(data[0]), hex, len > TRACE_BYTES ? " ..." : "");
}

static bool is_due(const struct central *central, const struct parcel *parcel)
{
	return parcel->due_us <= device_now_us(central->of.device);
}

/* --- the end of a connection --- */

static void forget_pdus(struct central *central)
{
	queue_clear(&central->arrivals);
	queue_clear(&central->answers);
	queue_clear(&central->values);
}

static void part(struct central *central, uint8_t reason)
{
	central->state = CENTRAL_PARTED;
	forget_pdus(central);
	radio_disconnect(central->of.radio, reason);
}

/* Answers that the device keeps back will never be given. */
static void drop_held(struct central *central)
{
	struct queue *answers = &central->answers;

	while (answers->count > 0 && !is_due(central, queue_last(answers)))
		queue_drop_last(answers);
}

void central_closed(struct central *central, uint8_t reason)
{
	if (central->state != CENTRAL_PRESENT)
		return;
	if (reason == REASON_SUPERVISION) {
		part(central, reason);
		return;
	}
	queue_clear(&central->arrivals);
	drop_held(central);
	central->state = CENTRAL_LEAVING;
	central->leave_reason = reason;
}

/* A reset takes the connection away without a word. */
static bool is_lost(const struct central *central)
{
	return central->state == CENTRAL_PRESENT && !device_is_connected(central->of.device);
}

void central_disconnected(struct central *central, uint8_t reason)
{
	journal_line(central->of.journal, OTADFU_LOG_INFO, "disconnected: reason 0x%02X", reason);
	if (central->dropped > 0)
		journal_line(central->of.journal, OTADFU_LOG_WARN, "dropped packets: %u",
			     central->dropped);
	central->dropped = 0;
	if (central->state == CENTRAL_PRESENT && !is_lost(central))
		device_disconnect(central->of.device, reason);
	central->state = CENTRAL_ABSENT;
	forget_pdus(central);
}

void central_connected(struct central *central, const struct otadfu_addr *addr)
{
	char text[ADDRESS_TEXT_SIZE];

	address_text(addr, text);
	journal_line(central->of.journal, OTADFU_LOG_INFO, "connected from %s", text);
	central->addr = *addr;
	/* The device may have reset while the controller still advertised. */
	if (!device_connect(central->of.device)) {
		part(central, REASON_SUPERVISION);
		return;
	}
	central->state = CENTRAL_PRESENT;
	if (!gatt_database_build(&central->database, central->of.device))
		journal_line(central->of.journal, OTADFU_LOG_ERROR,
			     "the handles of its values leave no room for their declarations");
	central->server = (struct att_server){ .database = &gatt_database_ops,
					       .user = &central->database,
					       .mtu = ATT_MTU_MIN };
}

/* --- to the device --- */

static void answer(struct central *central, const uint8_t *data, size_t len)
{
	uint64_t before_us = device_holds_until_us(central->of.device);
	uint64_t after_us;
	uint8_t pdu[ATT_MTU_MAX];
	size_t pdu_len = att_server_answer(&central->server, data, len, pdu);
	struct parcel *parcel = pdu_len ? queue_put(&central->answers) : NULL;

	if (pdu_len && !parcel)
		journal_line(central->of.journal, OTADFU_LOG_WARN,
			     "an answer is dropped: the central does not wait for answers");
	if (!parcel)
		return;
	after_us = device_holds_until_us(central->of.device);
	*parcel = (struct parcel){ .due_us = before_us < after_us ? before_us : after_us,
				   .len = pdu_len };
	memcpy(parcel->pdu, pdu, pdu_len);
}

/* False: it never arrives. */
static bool let_through(struct central *central, uint8_t *data, size_t len)
{
	if (att_kind(data[0]) == ATT_KIND_REQUEST && !faults_let_request(central->of.faults)) {
		journal_line(central->of.journal, OTADFU_LOG_INFO, "fault: a request is ignored");
		return false;
	}
	if (data[0] == ATT_WRITE_CMD && len >= VALUE_OVERHEAD &&
	    !faults_let_packet(central->of.faults, data + VALUE_OVERHEAD, len - VALUE_OVERHEAD)) {
		journal_line(central->of.journal, OTADFU_LOG_INFO, "fault: a packet is lost");
		return false;
	}
	return true;
}

static void count_write(struct central *central)
{
	enum fault fault = faults_after_write(central->of.faults);

	if (fault == FAULT_NONE)
		return;
	journal_line(central->of.journal, OTADFU_LOG_INFO, "fault: %s after write %u",
		     fault == FAULT_CUT ? "link cut" : "power cut", central->of.faults->writes);
	if (fault == FAULT_POWER_CUT)
		device_power_cycle(central->of.device);
	else
		device_disconnect(central->of.device, REASON_SUPERVISION);
}

static void deliver(struct central *central, const struct parcel *parcel)
{
	uint16_t mtu = central->server.mtu;
	uint8_t pdu[ATT_MTU_MAX];

	memcpy(pdu, parcel->pdu, parcel->len);
	note_pdu(central, "<", pdu, parcel->len);
	if (let_through(central, pdu, parcel->len))
		answer(central, pdu, parcel->len);
	if (pdu[0] == ATT_WRITE_REQ || pdu[0] == ATT_WRITE_CMD)
		count_write(central);
	if (central->server.mtu != mtu)
		journal_line(central->of.journal, OTADFU_LOG_INFO, "MTU %u", central->server.mtu);
}

/* What the link has brought until now. */
static void deliver_arrivals(struct central *central)
{
	uint64_t now_us = device_now_us(central->of.device);

	while (central->state == CENTRAL_PRESENT && !is_lost(central) &&
	       central->arrivals.count > 0) {
		struct parcel parcel = *queue_first(&central->arrivals);

		if (central->event_us <= now_us) {
			central->event_us = now_us + central->of.interval_us;
			central->budget = central->of.packets_per_event;
		}
		if (central->budget == 0)
			return;
		central->budget--;
		queue_drop_first(&central->arrivals);
		deliver(central, &parcel);
	}
}

/* One line for all of a connection, and their number at its end: they may be very many. */
static void drop_packet(struct central *central)
{
	if (central->dropped++ == 0)
		journal_line(central->of.journal, OTADFU_LOG_WARN,
			     "a packet is dropped: %d wait for the device", ARRIVALS_MAX);
}

void central_take(struct central *central, const uint8_t *data, size_t len)
{
	struct parcel *parcel;

	if (central->state != CENTRAL_PRESENT || len == 0 || len > sizeof(parcel->pdu))
		return;
	parcel = queue_put(&central->arrivals);
	if (!parcel) {
		drop_packet(central);
		return;
	}
	parcel->len = len;
	memcpy(parcel->pdu, data, len);
}

/* --- from the device --- */

bool central_has_room(const struct central *central)
{
	return central->values.count < ROOM;
}

void central_value(struct central *central, uint16_t handle, const uint8_t *data, size_t len,
		   bool indication)
{
	const struct att_pdu pdu = { .opcode = indication ? ATT_INDICATION : ATT_NOTIFICATION,
				     .handle = handle,
				     .value = data,
				     .len = len };
	struct parcel *parcel;

	if (central->state != CENTRAL_PRESENT)
		return;
	parcel = queue_put(&central->values);
	if (!parcel) {
		journal_line(central->of.journal, OTADFU_LOG_WARN,
			     "a value is dropped: %d wait for the radio", VALUES_MAX);
		return;
	}
	parcel->indication = indication ? handle : 0;
	parcel->len = att_encode(&pdu, parcel->pdu, sizeof(parcel->pdu));
}

/* As much as the radio takes. False: nothing. */
static bool send_from(struct central *central, struct queue *queue)
{
	const struct parcel *parcel;
	bool sent = false;

	while ((parcel = queue_first(queue)) && is_due(central, parcel) &&
	       radio_send(central->of.radio, parcel->pdu, parcel->len)) {
		note_pdu(central, ">", parcel->pdu, parcel->len);
		if (parcel->indication)
			central->database.indicated = parcel->indication;
		queue_drop_first(queue);
		central->sent_us = device_now_us(central->of.device);
		sent = true;
	}
	return sent;
}

/* Answers first: what a request brings about follows its answer. */
static void send_all(struct central *central)
{
	bool sent = true;

	while (sent && (central->state == CENTRAL_PRESENT || central->state == CENTRAL_LEAVING)) {
		sent = send_from(central, &central->answers);
		sent = send_from(central, &central->values) || sent;
		if (sent && central->state == CENTRAL_PRESENT)
			device_room(central->of.device);
	}
}

void central_settle(struct central *central)
{
	deliver_arrivals(central);
	if (is_lost(central))
		part(central, REASON_SUPERVISION);
	send_all(central);
	if (central->state == CENTRAL_LEAVING &&
	    central->sent_us + LEAVE_US <= device_now_us(central->of.device))
		part(central, central->leave_reason);
}

uint64_t central_next_us(const struct central *central)
{
	const struct parcel *parcel = queue_first(&central->answers);
	uint64_t next_us = UINT64_MAX;

	if (central->state == CENTRAL_LEAVING)
		next_us = central->sent_us + LEAVE_US;
	if (central->arrivals.count > 0 && central->event_us < next_us)
		next_us = central->event_us;
	if (parcel && !is_due(central, parcel) && parcel->due_us < next_us)
		next_us = parcel->due_us;
	return next_us;
}
