#include "air.h"
#include "commands.h"
#include "status.h"

enum { ADVERT_UNIT_US = 625, INTERVAL_MIN = 0x20, INTERVAL_MAX = 0x4000, DEFAULT_INTERVAL = 0x800 };

/* Advertising_Type (7.8.5), as properties. */
static const uint16_t types[] = {
	ADVERT_LEGACY | ADVERT_CONNECTABLE | ADVERT_SCANNABLE,
	ADVERT_LEGACY | ADVERT_CONNECTABLE | ADVERT_DIRECTED | ADVERT_HIGH_DUTY,
	ADVERT_LEGACY | ADVERT_SCANNABLE,
	ADVERT_LEGACY,
	ADVERT_LEGACY | ADVERT_CONNECTABLE | ADVERT_DIRECTED,
};

enum { TYPE_COUNT = sizeof(types) / sizeof(types[0]) };

/* The only set of a host that knows of none. */
static struct advert_set *legacy_set(struct controller *controller)
{
	struct advert_set *set = &controller->state.advertiser.sets[0];

	if (!set->used)
		*set = (struct advert_set){ .used = true,
					    .properties = types[0],
					    .interval_us = DEFAULT_INTERVAL * ADVERT_UNIT_US };
	return set;
}

uint8_t le_set_advertising_parameters(struct controller *controller, struct reader *parameters,
				      struct writer *reply)
{
	enum { CHANNELS = 0x07, FILTERS = 0x03 };
	struct advert_set *set = legacy_set(controller);
	uint16_t min = take_u16(parameters), max = take_u16(parameters);
	uint8_t type = take_u8(parameters), own_type = take_u8(parameters);
	struct address peer = { .type = take_u8(parameters) };
	const uint8_t *bytes = take_bytes(parameters, ADDRESS_LEN);
	uint8_t channels = take_u8(parameters), filter = take_u8(parameters);
	bool in_range;

	(void)reply;
	if (set->enabled)
		return STATUS_DISALLOWED;
	if (type >= TYPE_COUNT || own_type > ADDRESS_RANDOM || peer.type > ADDRESS_RANDOM ||
	    !(channels & CHANNELS) || filter & ~FILTERS)
		return STATUS_INVALID_PARAMETERS;
	in_range = min >= INTERVAL_MIN && min <= max && max <= INTERVAL_MAX;
	if (!in_range && !(types[type] & ADVERT_HIGH_DUTY))
		return STATUS_INVALID_PARAMETERS;
	memcpy(peer.bytes, bytes, ADDRESS_LEN);
	set->properties = types[type];
	set->own_type = own_type;
	set->peer = peer;
	set->filter = filter;
	set->interval_us = max * (uint32_t)ADVERT_UNIT_US;
	return STATUS_SUCCESS;
}

uint8_t le_read_advertising_power(struct controller *controller, struct reader *parameters,
				  struct writer *reply)
{
	(void)controller;
	(void)parameters;
	put_u8(reply, 0);
	return STATUS_SUCCESS;
}

static uint8_t take_data(struct reader *parameters, struct advert_data *data)
{
	size_t len = take_u8(parameters);

	if (len > LEGACY_ADVERT_MAX)
		return STATUS_INVALID_PARAMETERS;
	data->len = len;
	memcpy(data->data, take_bytes(parameters, LEGACY_ADVERT_MAX), len);
	return STATUS_SUCCESS;
}

uint8_t le_set_advertising_data(struct controller *controller, struct reader *parameters,
				struct writer *reply)
{
	(void)reply;
	return take_data(parameters, &legacy_set(controller)->data);
}

uint8_t le_set_scan_response(struct controller *controller, struct reader *parameters,
			     struct writer *reply)
{
	(void)reply;
	return take_data(parameters, &legacy_set(controller)->response);
}

uint8_t le_enable_advertising(struct controller *controller, struct reader *parameters,
			      struct writer *reply)
{
	struct advert_set *set = legacy_set(controller);
	uint8_t enable = take_u8(parameters);
	struct address own;

	(void)reply;
	if (enable > 1 || (enable && !controller_own_address(controller, set->own_type, &own)))
		return STATUS_INVALID_PARAMETERS;
	set->enabled = false;
	if (enable)
		advert_start(controller, set, 0);
	return STATUS_SUCCESS;
}
