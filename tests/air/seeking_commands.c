#include "air.h"
#include "commands.h"
#include "status.h"

enum { SCAN_UNIT_US = 625, DURATION_UNIT_US = 10000, SCAN_MIN = 4, LEGACY_SCAN_MAX = 0x4000 };

/* Interval and window, in this order in all commands. */
static bool take_listening(struct reader *parameters, uint16_t max, struct listening *ret_listening)
{
	uint16_t interval = take_u16(parameters), window = take_u16(parameters);

	if (parameters->failed || interval < SCAN_MIN || interval > max || window < SCAN_MIN ||
	    window > interval)
		return false;
	ret_listening->interval_us = interval * (uint32_t)SCAN_UNIT_US;
	ret_listening->window_us = window * (uint32_t)SCAN_UNIT_US;
	return true;
}

/* Scanning */

enum { ACTIVE = 1, ACCEPT_LIST_ONLY = 1, SCAN_FILTER_MAX = 3 };

uint8_t le_set_scan_parameters(struct controller *controller, struct reader *parameters,
			       struct writer *reply)
{
	struct scanner *scanner = &controller->state.scanner;
	uint8_t type = take_u8(parameters), own_type, filter;
	struct listening listening = { 0 };
	bool in_range = take_listening(parameters, LEGACY_SCAN_MAX, &listening);

	(void)reply;
	own_type = take_u8(parameters);
	filter = take_u8(parameters);
	if (scanner->on)
		return STATUS_DISALLOWED;
	if (!in_range || type > ACTIVE || own_type > ADDRESS_RANDOM || filter > SCAN_FILTER_MAX)
		return STATUS_INVALID_PARAMETERS;
	scanner->listening = listening;
	scanner->active = type == ACTIVE;
	scanner->own_type = own_type;
	scanner->accept_list_only = filter & ACCEPT_LIST_ONLY;
	return STATUS_SUCCESS;
}

static uint8_t enable_scan(struct controller *controller, uint8_t enable, uint8_t filter,
			   bool extended, uint64_t duration_us)
{
	struct scanner *scanner = &controller->state.scanner;
	uint64_t now_us = controller->air->now_us;
	struct address own;

	if (enable > 1 || filter > (extended ? 2 : 1) ||
	    (enable && !controller_own_address(controller, scanner->own_type, &own)))
		return STATUS_INVALID_PARAMETERS;
	scanner->on = enable;
	scanner->extended = extended;
	scanner->filter_duplicates = filter;
	scanner->seen_count = 0;
	scanner->seen_next = 0;
	scanner->listening.began_us = now_us;
	scanner->end_us = duration_us ? now_us + duration_us : UINT64_MAX;
	return STATUS_SUCCESS;
}

uint8_t le_enable_scan(struct controller *controller, struct reader *parameters,
		       struct writer *reply)
{
	uint8_t enable = take_u8(parameters), filter = take_u8(parameters);

	(void)reply;
	return enable_scan(controller, enable, filter, false, 0);
}

/* 7.8.64: parameters of each PHY follow; there is one here that can be scanned on. */
uint8_t le_set_extended_scan_parameters(struct controller *controller, struct reader *parameters,
					struct writer *reply)
{
	struct scanner *scanner = &controller->state.scanner;
	uint8_t own_type = take_u8(parameters), filter = take_u8(parameters);
	uint8_t phys = take_u8(parameters), type = take_u8(parameters);
	struct listening listening = { 0 };
	bool in_range = take_listening(parameters, UINT16_MAX, &listening);

	(void)reply;
	if (scanner->on)
		return STATUS_DISALLOWED;
	if (!parameters->failed && phys != PHY_1M)
		return STATUS_UNSUPPORTED;
	if (!in_range || parameters->len > 0 || type > ACTIVE || own_type > ADDRESS_RANDOM ||
	    filter > SCAN_FILTER_MAX)
		return STATUS_INVALID_PARAMETERS;
	scanner->listening = listening;
	scanner->active = type == ACTIVE;
	scanner->own_type = own_type;
	scanner->accept_list_only = filter & ACCEPT_LIST_ONLY;
	return STATUS_SUCCESS;
}

uint8_t le_enable_extended_scan(struct controller *controller, struct reader *parameters,
				struct writer *reply)
{
	uint8_t enable = take_u8(parameters), filter = take_u8(parameters);
	uint16_t duration = take_u16(parameters), period = take_u16(parameters);

	(void)reply;
	if (enable && period != 0)
		return STATUS_UNSUPPORTED;
	return enable_scan(controller, enable, filter, true, (uint64_t)duration * DURATION_UNIT_US);
}

/* Connecting */

enum { CONNECTION_EVENT_LENGTHS = 4 };

static bool is_connected(const struct controller *controller, const struct address *peer)
{
	const struct air *air = controller->air;

	for (size_t i = 0; i < AIR_LINKS_MAX; i++) {
		const struct link *link = &air->links[i];

		for (enum side side = CENTRAL; link->used && side < SIDES; side++) {
			if (link->sides[side].controller == controller &&
			    address_is_same(&link->sides[other_side(side)].address, peer))
				return true;
		}
	}
	return false;
}

static uint8_t initiate(struct controller *controller, const struct initiator *wish)
{
	struct initiator *initiator = &controller->state.initiator;
	struct address own;

	if (initiator->on)
		return STATUS_DISALLOWED;
	if (wish->own_type > ADDRESS_RANDOM || wish->peer.type > ADDRESS_RANDOM ||
	    !controller_own_address(controller, wish->own_type, &own))
		return STATUS_INVALID_PARAMETERS;
	if (!wish->by_accept_list && is_connected(controller, &wish->peer))
		return STATUS_CONNECTION_EXISTS;
	if (air_count_links(controller->air, controller) >= controller->traits.links)
		return STATUS_CONNECTION_LIMIT;
	*initiator = *wish;
	initiator->on = true;
	initiator->listening.began_us = controller->air->now_us;
	return STATUS_SUCCESS;
}

static struct address take_peer(struct reader *parameters)
{
	struct address peer = { .type = take_u8(parameters) };
	const uint8_t *bytes = take_bytes(parameters, ADDRESS_LEN);

	if (bytes)
		memcpy(peer.bytes, bytes, ADDRESS_LEN);
	return peer;
}

uint8_t le_create_connection(struct controller *controller, struct reader *parameters,
			     struct writer *reply)
{
	struct initiator wish = { 0 };
	uint16_t interval_min;
	bool in_range = take_listening(parameters, LEGACY_SCAN_MAX, &wish.listening);
	uint8_t filter = take_u8(parameters);

	(void)reply;
	wish.by_accept_list = filter;
	wish.peer = take_peer(parameters);
	if (wish.by_accept_list)
		wish.peer = (struct address){ 0 };
	wish.own_type = take_u8(parameters);
	if (!procedure_take_parameters(parameters, &interval_min, &wish.parameters) || !in_range ||
	    filter > 1)
		return STATUS_INVALID_PARAMETERS;
	return initiate(controller, &wish);
}

/* 7.8.66: each PHY has a block of parameters. The first one, that of 1M, counts: a link begins
 * there. */
static bool take_blocks(struct reader *parameters, uint8_t phys, struct initiator *wish)
{
	bool good = true;

	for (uint8_t phy = PHY_1M; phy & 0x07; phy = (uint8_t)(phy << 1)) {
		struct initiator block = { 0 };
		uint16_t interval_min;

		if (!(phys & phy))
			continue;
		good &= take_listening(parameters, UINT16_MAX, &block.listening);
		good &= procedure_take_parameters(parameters, &interval_min, &block.parameters);
		take_bytes(parameters, CONNECTION_EVENT_LENGTHS);
		if (phy != PHY_1M)
			continue;
		wish->listening = block.listening;
		wish->parameters = block.parameters;
	}
	return good && !parameters->failed && parameters->len == 0;
}

uint8_t le_extended_create_connection(struct controller *controller, struct reader *parameters,
				      struct writer *reply)
{
	enum { PHY_CODED = 0x04 };
	struct initiator wish = { .extended = true };
	uint8_t filter = take_u8(parameters);
	uint8_t phys;

	(void)reply;
	wish.own_type = take_u8(parameters);
	wish.by_accept_list = filter;
	wish.peer = take_peer(parameters);
	if (wish.by_accept_list)
		wish.peer = (struct address){ 0 };
	phys = take_u8(parameters);
	if (!parameters->failed &&
	    (!(phys & PHY_1M) || phys & PHY_CODED || (phys & PHY_2M && !controller->traits.phy_2m)))
		return STATUS_UNSUPPORTED;
	if (filter > 1 || !take_blocks(parameters, phys, &wish))
		return STATUS_INVALID_PARAMETERS;
	return initiate(controller, &wish);
}

uint8_t le_create_connection_cancel(struct controller *controller, struct reader *parameters,
				    struct writer *reply)
{
	struct initiator *initiator = &controller->state.initiator;

	(void)parameters;
	(void)reply;
	if (!initiator->on)
		return STATUS_DISALLOWED;
	initiator->on = false;
	initiator->cancelled = true;
	return STATUS_SUCCESS;
}
