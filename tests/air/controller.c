#include "controller.h"

#include "air.h"
#include "commands.h"

#include <stdlib.h>

enum {
	EVENT_LE_META = 0x3E,
	EVENT_COMPLETED_PACKETS = 0x13,
	EVENT_COMMAND_COMPLETE = 0x0E,
	EVENT_COMMAND_STATUS = 0x0F
};

/* After a Reset (Vol 4, Part E, 7.3.1 and 7.8.1): no LE Meta event is among them. */
enum { DEFAULT_LE_EVENT_MASK = 0x1F };
static const uint64_t default_event_mask = 0x00001FFFFFFFFFFF;

static uint8_t supported_phys(const struct controller *controller)
{
	return controller->traits.phy_2m ? PHY_1M | PHY_2M : PHY_1M;
}

static void clear_state(struct controller *controller)
{
	controller->state = (struct controller_state){
		.event_mask = default_event_mask,
		.le_event_mask = DEFAULT_LE_EVENT_MASK,
		.data_length = { .octets = DATA_OCTETS_MIN, .time_us = 328 },
		.tx_phys = supported_phys(controller),
		.rx_phys = supported_phys(controller),
		.scanner.listening = { .interval_us = 10000, .window_us = 10000 },
		.scanner.end_us = UINT64_MAX,
	};
}

struct controller *controller_open(struct air *air, const struct traits *traits)
{
	struct controller *controller = calloc(1, sizeof(*controller));

	if (!controller)
		return NULL;
	controller->air = air;
	controller->traits = *traits;
	if (!acl_pool_open(&controller->pool, traits->acl_count)) {
		free(controller);
		return NULL;
	}
	clear_state(controller);
	return controller;
}

void controller_close(struct controller *controller)
{
	if (!controller)
		return;
	acl_pool_close(&controller->pool);
	free(controller);
}

/* The peers are not told (Vol 4, Part E, 7.3.2): they hear nothing more. */
void controller_reset(struct controller *controller)
{
	struct air *air = controller->air;

	for (size_t i = 0; i < AIR_LINKS_MAX; i++) {
		for (enum side side = CENTRAL; side < SIDES; side++) {
			if (air->links[i].used &&
			    air->links[i].sides[side].controller == controller)
				link_abandon(&air->links[i], side);
		}
	}
	clear_state(controller);
}

uint64_t controller_features(const struct controller *controller)
{
	enum {
		PARAMETER_REQUEST = 1,
		PERIPHERAL_ASKS_FEATURES = 3,
		DATA_LENGTH = 5,
		PHY_2M_BIT = 8,
		EXTENDED_ADVERTISING = 12
	};
	const struct traits *traits = &controller->traits;

	return UINT64_C(1) << PARAMETER_REQUEST | UINT64_C(1) << PERIPHERAL_ASKS_FEATURES |
	       (uint64_t)traits->data_length << DATA_LENGTH |
	       (uint64_t)traits->phy_2m << PHY_2M_BIT |
	       (uint64_t)traits->extended << EXTENDED_ADVERTISING;
}

bool controller_own_address(const struct controller *controller, uint8_t type,
			    struct address *ret_address)
{
	if (type == ADDRESS_RANDOM && !controller->state.has_random)
		return false;
	*ret_address =
		type == ADDRESS_RANDOM ? controller->state.random : controller->traits.address;
	return true;
}

bool controller_accepts(const struct controller *controller, const struct address *address)
{
	for (size_t i = 0; i < controller->state.accept_count; i++) {
		if (address_is_same(&controller->state.accept_list[i], address))
			return true;
	}
	return false;
}

/* To the host */

static void send(struct controller *controller, uint8_t type, const void *header, size_t header_len,
		 const void *payload, size_t len)
{
	uint8_t packet[PACKET_MAX];
	size_t packet_len = 1 + header_len + len;

	if (packet_len > sizeof(packet))
		return;
	packet[0] = type;
	memcpy(packet + 1, header, header_len);
	if (len > 0)
		memcpy(packet + 1 + header_len, payload, len);
	if (!outbox_put(&controller->outbox, packet, packet_len))
		controller->lost = true;
}

static bool is_masked(const struct controller *controller, uint8_t code)
{
	if (code == EVENT_COMPLETED_PACKETS || code == EVENT_COMMAND_COMPLETE ||
	    code == EVENT_COMMAND_STATUS)
		return false;
	return !(controller->state.event_mask >> (code - 1) & 1);
}

void controller_event(struct controller *controller, uint8_t code, const struct writer *event)
{
	const uint8_t header[] = { code, (uint8_t)event->len };

	if (!event->failed && !is_masked(controller, code))
		send(controller, H4_EVENT, header, sizeof(header), event->data, event->len);
}

struct writer le_event(uint8_t subevent)
{
	struct writer event = { 0 };

	put_u8(&event, subevent);
	return event;
}

bool controller_wants_le_event(const struct controller *controller, uint8_t subevent)
{
	return controller->state.le_event_mask >> (subevent - 1) & 1;
}

void controller_le_event(struct controller *controller, const struct writer *event)
{
	if (controller_wants_le_event(controller, event->data[0]))
		controller_event(controller, EVENT_LE_META, event);
}

void controller_acl(struct controller *controller, uint16_t handle, bool starts,
		    const uint8_t *data, size_t len)
{
	enum { CONTINUES = 0x1000, STARTS_FLUSHABLE = 0x2000 /* 5.4.2: towards the host */ };
	struct writer header = { 0 };

	put_u16(&header, (uint16_t)(handle | (starts ? STARTS_FLUSHABLE : CONTINUES)));
	put_u16(&header, (uint16_t)len);
	send(controller, H4_ACL, header.data, header.len, data, len);
}

/* From the host */

static void complain(struct controller *controller, const char *what)
{
	char text[ADDRESS_TEXT_SIZE];

	address_text(&controller->traits.address, text);
	air_log(controller->air, "controller %s: ERROR: its host %s", text, what);
}

static void take_acl(struct controller *controller, const uint8_t *data, size_t len)
{
	enum { HANDLE = 0x0FFF, FLAGS_SHIFT = 12, STARTS = 0, CONTINUES = 1 };
	struct reader reader = { .data = data, .len = len };
	uint16_t word = take_u16(&reader);
	uint16_t payload_len = take_u16(&reader);
	unsigned flags = (unsigned)word >> FLAGS_SHIFT;
	enum side side;
	struct link *link = air_find_link(controller->air, controller, word & HANDLE, &side);

	/* The host may not know yet that it is gone, and gets no credit back for it. */
	if (!link)
		return;
	if ((flags != STARTS && flags != CONTINUES) || payload_len == 0 ||
	    payload_len > controller->traits.acl_len) {
		complain(controller, "sent data with wrong flags or length");
		controller->overruns++;
		return;
	}
	if (!acl_put(&controller->pool, &link->sides[side].queue, flags == STARTS, reader.data,
		     payload_len)) {
		complain(controller, "sent more data than it had credits for");
		controller->overruns++;
	}
	if (controller->pool.used > controller->queue_max)
		controller->queue_max = controller->pool.used;
}

void controller_take(struct controller *controller, const uint8_t *bytes, size_t len)
{
	struct reader reader = { .data = bytes, .len = len };
	struct h4_packet packet;
	int r;

	while ((r = h4_next(&controller->h4, &reader, &packet)) > 0) {
		if (packet.type == H4_COMMAND)
			command_run(controller, packet.data, packet.len);
		else
			take_acl(controller, packet.data, packet.len);
	}
	if (r < 0) {
		complain(controller, "sent what is no packet");
		controller->lost = true;
	}
}
