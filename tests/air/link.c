#include "link.h"

#include "air.h"
#include "status.h"

enum {
	T_IFS_US = 150,
	INTERVAL_UNIT_US = 1250,
	TIMEOUT_UNIT_US = 10000,
	FIRST_EVENT_US = 2500,  /* 4.5.3: transmitWindowDelay, and some of the window */
	EVENTS_TO_ESTABLISH = 6 /* 4.5: without an answer in as many there is no link */
};

enum { EVENT_DISCONNECTED = 0x05, EVENT_COMPLETED_PACKETS = 0x13 };

enum { LE_CONNECTION_COMPLETE = 0x01, LE_ENHANCED_CONNECTION_COMPLETE = 0x0A };

enum { ROLE_CENTRAL = 0, ROLE_PERIPHERAL = 1 };

static uint64_t interval_us(const struct link *link)
{
	return (uint64_t)link->parameters.interval * INTERVAL_UNIT_US;
}

/* Its beginning and its end */

static uint16_t free_handle(struct air *air, const struct controller *controller)
{
	enum side side;
	uint16_t handle = 0x0040;

	while (air_find_link(air, controller, handle, &side))
		handle++;
	return handle;
}

static struct writer connection_event(const struct controller *controller, enum side side,
				      uint8_t status, uint16_t handle, const struct address *peer)
{
	static const uint8_t no_private_addresses[2 * ADDRESS_LEN];
	bool enhanced = controller_wants_le_event(controller, LE_ENHANCED_CONNECTION_COMPLETE);
	struct writer event =
		le_event(enhanced ? LE_ENHANCED_CONNECTION_COMPLETE : LE_CONNECTION_COMPLETE);

	put_u8(&event, status);
	put_u16(&event, handle);
	put_u8(&event, side == CENTRAL ? ROLE_CENTRAL : ROLE_PERIPHERAL);
	put_u8(&event, peer->type);
	put_bytes(&event, peer->bytes, ADDRESS_LEN);
	if (enhanced)
		put_bytes(&event, no_private_addresses, sizeof(no_private_addresses));
	return event;
}

static void tell(struct controller *controller, struct writer *event,
		 const struct connection_parameters *parameters)
{
	put_u16(event, parameters->interval);
	put_u16(event, parameters->latency);
	put_u16(event, parameters->timeout);
	put_u8(event, 0); /* clock accuracy */
	controller_le_event(controller, event);
}

static void tell_connected(const struct link *link, enum side side)
{
	const struct link_side *own = &link->sides[side];
	struct writer event = connection_event(own->controller, side, STATUS_SUCCESS, own->handle,
					       &link->sides[other_side(side)].address);

	tell(own->controller, &event, &link->parameters);
}

void link_tell_failure(struct controller *controller, enum side side, uint8_t status)
{
	const struct address nobody = { 0 };
	const struct connection_parameters none = { 0 };
	struct writer event = connection_event(controller, side, status, 0, &nobody);

	tell(controller, &event, &none);
}

static void begin_side(struct link *link, enum side side, const struct link_ends *ends)
{
	struct controller *controller = ends->controllers[side];
	uint16_t handle = free_handle(link->air, controller);

	link->sides[side] = (struct link_side){
		.controller = controller,
		.address = ends->addresses[side],
		.handle = handle,
		.wish = controller->state.data_length,
		.length = { .octets = DATA_OCTETS_MIN, .time_us = 328 },
		.phy = PHY_1M,
	};
}

static void log_begin(const struct link *link)
{
	char texts[SIDES][ADDRESS_TEXT_SIZE];

	for (enum side side = CENTRAL; side < SIDES; side++)
		address_text(&link->sides[side].address, texts[side]);
	air_log(link->air, "link %u: %s connects to %s: %.2f ms, latency %u, supervision %u ms",
		link->number, texts[CENTRAL], texts[PERIPHERAL], (double)interval_us(link) / 1000,
		link->parameters.latency, link->parameters.timeout * 10U);
}

const struct link *link_begin(struct air *air, const struct link_ends *ends,
			      const struct connection_parameters *parameters)
{
	struct link *link = air_free_link(air);
	const struct procedure procedure = { 0 };

	*link = (struct link){ .air = air,
			       .number = ++air->links_begun,
			       .parameters = *parameters,
			       .anchor_us = air->now_us + FIRST_EVENT_US,
			       .next_us = air->now_us + FIRST_EVENT_US,
			       .heard_us = air->now_us };
	for (enum side side = CENTRAL; side < SIDES; side++)
		begin_side(link, side, ends);
	link->used = true;
	log_begin(link);
	for (enum side side = CENTRAL; side < SIDES; side++) {
		tell_connected(link, side);
		/* A controller sees to the length that its host has suggested (Vol 6, 4.5.10). */
		if (link->sides[side].wish.octets > DATA_OCTETS_MIN)
			procedure_begin(link, side, PROCEDURE_LENGTH, &procedure);
	}
	return link;
}

static void end_side(struct link *link, enum side side, uint8_t reason)
{
	struct link_side *own = &link->sides[side];
	struct writer event = { 0 };

	if (!own->controller)
		return;
	acl_clear(&own->controller->pool, &own->queue);
	put_u8(&event, STATUS_SUCCESS);
	put_u16(&event, own->handle);
	put_u8(&event, reason);
	controller_event(own->controller, EVENT_DISCONNECTED, &event);
}

void link_text(const struct link *link, char text[LINK_TEXT_SIZE])
{
	const struct link_side *central = &link->sides[CENTRAL];
	const struct link_side *peripheral = &link->sides[PERIPHERAL];

	snprintf(text, LINK_TEXT_SIZE,
		 "central sent %u packets in %u PDUs, peripheral %u in %u; %u events, %u missed",
		 central->packets, central->pdus, peripheral->packets, peripheral->pdus,
		 link->events, link->missed);
}

void link_end(struct link *link, uint8_t central_reason, uint8_t peripheral_reason)
{
	char text[LINK_TEXT_SIZE];

	link_text(link, text);
	air_log(link->air, "link %u: ends, 0x%02X for the central, 0x%02X for the peripheral: %s",
		link->number, central_reason, peripheral_reason, text);
	end_side(link, CENTRAL, central_reason);
	end_side(link, PERIPHERAL, peripheral_reason);
	link->used = false;
}

void link_abandon(struct link *link, enum side side)
{
	struct link_side *own = &link->sides[side];

	air_log(link->air, "link %u: its %s vanishes", link->number,
		side == CENTRAL ? "central" : "peripheral");
	acl_clear(&own->controller->pool, &own->queue);
	own->controller = NULL;
	if (!link->sides[other_side(side)].controller)
		link->used = false;
}

void link_cut(struct link *link)
{
	air_log(link->air, "link %u: cut after %u PDUs of the central, %u packets whole",
		link->number, link->sides[CENTRAL].pdus, link->sides[CENTRAL].packets);
	link->silent = true;
}

/* What goes out */

/* Preamble, access address, header and CRC around the payload (2.1). */
static uint64_t air_time_us(const struct link_side *side, size_t payload)
{
	return side->phy == PHY_2M ? (11 + payload) * 4 : (10 + payload) * 8;
}

/* The times of data length count a MIC of 4 octets too. */
static size_t payload_max(const struct link_side *side)
{
	size_t by_time = side->phy == PHY_2M ? side->length.time_us / 4U - 15
					     : side->length.time_us / 8U - 14;

	return by_time < side->length.octets ? by_time : side->length.octets;
}

static size_t payload_next(const struct link_side *side)
{
	const struct acl_buffer *buffer = side->queue.first;
	size_t left = buffer ? buffer->len - buffer->sent : 0;
	size_t max = payload_max(side);

	return left < max ? left : max;
}

static uint64_t exchange_us(const struct link *link)
{
	uint64_t us = 0;

	for (enum side side = CENTRAL; side < SIDES; side++)
		us += T_IFS_US + air_time_us(&link->sides[side], payload_next(&link->sides[side]));
	return us;
}

static void tell_completed(const struct link_side *side)
{
	struct writer event = { 0 };

	put_u8(&event, 1);
	put_u16(&event, side->handle);
	put_u16(&event, 1);
	controller_event(side->controller, EVENT_COMPLETED_PACKETS, &event);
}

/* A receiver whose host does not read does not acknowledge (4.5.9), so that the data comes again.
 */
static void deliver(struct link *link, enum side side)
{
	struct link_side *from = &link->sides[side];
	const struct link_side *to = &link->sides[other_side(side)];
	struct acl_buffer *buffer = from->queue.first;
	size_t len = payload_next(from);

	if (!buffer || outbox_is_busy(&to->controller->outbox))
		return;
	controller_acl(to->controller, to->handle, buffer->starts && buffer->sent == 0,
		       buffer->data + buffer->sent, len);
	buffer->sent += len;
	from->pdus++;
	if (buffer->sent < buffer->len)
		return;
	acl_drop_first(&from->controller->pool, &from->queue);
	from->packets++;
	tell_completed(from);
}

/* Its events */

static bool is_cut_now(struct link *link)
{
	struct air_options *options = &link->air->options;
	bool is_cut = false;

	for (size_t i = 0; i < options->cut_count; i++) {
		struct cut *cut = &options->cuts[i];

		if (cut->done || link->sides[CENTRAL].pdus < cut->pdu ||
		    (cut->link && cut->link != link->number))
			continue;
		cut->done = true;
		is_cut = true;
	}
	return is_cut;
}

/* The controller with more links gives each the same part of its time. */
static uint64_t event_end_us(const struct link *link)
{
	unsigned share = 1;

	for (enum side side = CENTRAL; side < SIDES; side++) {
		unsigned count = air_count_links(link->air, link->sides[side].controller);

		if (count > share)
			share = count;
	}
	return link->anchor_us + interval_us(link) / share;
}

static bool goes_on(const struct link *link)
{
	unsigned max = link->air->options.packets_per_event;

	return (link->sides[CENTRAL].queue.first || link->sides[PERIPHERAL].queue.first) &&
	       (max == 0 || link->exchanges < max) &&
	       link->next_us + exchange_us(link) <= event_end_us(link);
}

static uint64_t lost_us(const struct link *link)
{
	if (!link->established)
		return link->heard_us + EVENTS_TO_ESTABLISH * interval_us(link);
	return link->heard_us + (uint64_t)link->parameters.timeout * TIMEOUT_UNIT_US;
}

static void close_event(struct link *link)
{
	link->exchanges = 0;
	link->anchor_us += interval_us(link);
	link->next_us = link->anchor_us;
	if (link->next_us > lost_us(link))
		link->next_us = lost_us(link);
}

static void exchange(struct link *link)
{
	link->heard_us = link->air->now_us;
	link->established = true;
	if (link->exchanges++ == 0) {
		link->events++;
		if (!procedures_run(link))
			return;
	}
	link->next_us = link->air->now_us + exchange_us(link);
	for (enum side side = CENTRAL; side < SIDES; side++)
		deliver(link, side);
	if (is_cut_now(link))
		link_cut(link);
	if (!goes_on(link))
		close_event(link);
}

static bool is_heard(const struct link *link)
{
	const struct controller *central = link->sides[CENTRAL].controller;
	const struct controller *peripheral = link->sides[PERIPHERAL].controller;

	return !link->silent && central && peripheral && !central->silent && !peripheral->silent;
}

void link_run(struct link *link)
{
	uint8_t reason = link->established ? STATUS_CONNECTION_TIMEOUT : STATUS_NOT_ESTABLISHED;

	if (link->air->now_us >= lost_us(link)) {
		link_end(link, reason, reason);
	} else if (is_heard(link) && !air_loses(link->air)) {
		exchange(link);
	} else {
		if (link->exchanges == 0)
			link->missed++;
		close_event(link);
	}
}
