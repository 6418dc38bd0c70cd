#include "air.h"
#include "commands.h"
#include "status.h"

enum { ADVERT_UNIT_US = 625, DURATION_UNIT_US = 10000, INTERVAL_MIN = 0x20, HANDLE_MAX = 0xEF };

static struct advert_set *find_set(struct controller *controller, uint8_t handle)
{
	return advertiser_find(&controller->state.advertiser, handle);
}

static struct advert_set *find_unused(struct controller *controller)
{
	for (size_t i = 0; i < SETS_MAX; i++) {
		if (!controller->state.advertiser.sets[i].used)
			return &controller->state.advertiser.sets[i];
	}
	return NULL;
}

uint8_t le_set_set_address(struct controller *controller, struct reader *parameters,
			   struct writer *reply)
{
	struct advert_set *set = find_set(controller, take_u8(parameters));

	(void)reply;
	if (!set)
		return STATUS_UNKNOWN_SET;
	if (set->enabled && set->properties & ADVERT_CONNECTABLE)
		return STATUS_DISALLOWED;
	set->random.type = ADDRESS_RANDOM;
	memcpy(set->random.bytes, take_bytes(parameters, ADDRESS_LEN), ADDRESS_LEN);
	set->has_random = true;
	return STATUS_SUCCESS;
}

static bool is_legacy_type(uint16_t properties)
{
	static const uint16_t types[] = { 0x10, 0x12, 0x13, 0x15, 0x1D }; /* 7.8.53 */
	bool found = false;

	for (size_t i = 0; i < sizeof(types) / sizeof(types[0]); i++)
		found |= types[i] == properties;
	return found;
}

static uint8_t judge_properties(uint16_t properties)
{
	enum { BOTH = ADVERT_CONNECTABLE | ADVERT_SCANNABLE };

	if (properties & ADVERT_LEGACY)
		return is_legacy_type(properties) ? STATUS_SUCCESS : STATUS_INVALID_PARAMETERS;
	if ((properties & BOTH) == BOTH || properties & ADVERT_HIGH_DUTY)
		return STATUS_INVALID_PARAMETERS;
	return properties & ADVERT_ANONYMOUS ? STATUS_UNSUPPORTED : STATUS_SUCCESS;
}

/* The parameters behind the handle (7.8.53); those that this air has no use for are passed over. */
static uint8_t take_parameters(const struct controller *controller, struct reader *parameters,
			       struct advert_set *set)
{
	enum { CODED = 0x03, SID_MAX = 0x0F };
	uint32_t min, max;
	uint8_t primary;

	set->properties = take_u16(parameters);
	min = (uint32_t)take_number(parameters, 3);
	max = (uint32_t)take_number(parameters, 3);
	take_u8(parameters); /* channels */
	set->own_type = take_u8(parameters);
	set->peer.type = take_u8(parameters);
	memcpy(set->peer.bytes, take_bytes(parameters, ADDRESS_LEN), ADDRESS_LEN);
	set->filter = take_u8(parameters);
	take_u8(parameters); /* power */
	primary = take_u8(parameters);
	take_u8(parameters); /* events that the secondary channel may skip */
	set->secondary_phy = take_u8(parameters);
	set->sid = take_u8(parameters);
	set->interval_us = max * ADVERT_UNIT_US;
	if (min > max || (min < INTERVAL_MIN && !(set->properties & ADVERT_HIGH_DUTY)) ||
	    set->own_type > ADDRESS_RANDOM || set->peer.type > ADDRESS_RANDOM ||
	    set->filter > (FILTER_SCAN_REQUESTS | FILTER_CONNECT_REQUESTS) || set->sid > SID_MAX)
		return STATUS_INVALID_PARAMETERS;
	if (primary != PHY_1M || set->secondary_phy == CODED ||
	    (set->secondary_phy == PHY_2M && !controller->traits.phy_2m))
		return STATUS_UNSUPPORTED;
	return judge_properties(set->properties);
}

uint8_t le_set_set_parameters(struct controller *controller, struct reader *parameters,
			      struct writer *reply)
{
	uint8_t handle = take_u8(parameters);
	struct advert_set *set = find_set(controller, handle);
	struct advert_set changed = set ? *set : (struct advert_set){ .handle = handle };
	uint8_t status;

	put_u8(reply, 0); /* power */
	set = set ? set : find_unused(controller);
	if (!set)
		return STATUS_MEMORY_EXCEEDED;
	if (set->enabled)
		return STATUS_DISALLOWED;
	if (handle > HANDLE_MAX)
		return STATUS_INVALID_PARAMETERS;
	status = take_parameters(controller, parameters, &changed);
	if (status != STATUS_SUCCESS)
		return status;
	/* The data stays, and must fit. */
	if (changed.properties & ADVERT_LEGACY &&
	    (changed.data.len > LEGACY_ADVERT_MAX || changed.response.len > LEGACY_ADVERT_MAX))
		return STATUS_INVALID_PARAMETERS;
	changed.used = true;
	*set = changed;
	return STATUS_SUCCESS;
}

enum operation { INTERMEDIATE, FIRST, LAST, COMPLETE, UNCHANGED };

static uint8_t judge_operation(const struct advert_set *set, uint8_t operation)
{
	if (operation > UNCHANGED)
		return STATUS_INVALID_PARAMETERS;
	if (set->enabled && operation != COMPLETE && operation != UNCHANGED)
		return STATUS_DISALLOWED;
	if (set->properties & ADVERT_LEGACY && operation != COMPLETE)
		return STATUS_INVALID_PARAMETERS;
	return STATUS_SUCCESS;
}

static uint8_t add_data(struct reader *parameters, const struct advert_set *set, bool begins,
			struct advert_data *data)
{
	size_t max = set->properties & ADVERT_LEGACY ? LEGACY_ADVERT_MAX : ADVERT_MAX;
	size_t before = begins ? 0 : data->len;
	size_t len = take_u8(parameters);
	const uint8_t *bytes = take_bytes(parameters, len);

	if (!bytes || parameters->len > 0)
		return STATUS_INVALID_PARAMETERS;
	if (before + len > max)
		return max == ADVERT_MAX ? STATUS_MEMORY_EXCEEDED : STATUS_INVALID_PARAMETERS;
	if (len > 0)
		memcpy(data->data + before, bytes, len);
	data->len = before + len;
	return STATUS_SUCCESS;
}

/* Data or response: handle, operation, fragment preference, length, data (7.8.54). */
static uint8_t set_data(struct controller *controller, struct reader *parameters, bool is_response)
{
	struct advert_set *set = find_set(controller, take_u8(parameters));
	uint8_t operation = take_u8(parameters);
	uint8_t status;

	take_u8(parameters);
	if (parameters->failed)
		return STATUS_INVALID_PARAMETERS;
	if (!set)
		return STATUS_UNKNOWN_SET;
	status = judge_operation(set, operation);
	if (status != STATUS_SUCCESS)
		return status;
	set->data_id++;
	if (operation == UNCHANGED)
		return STATUS_SUCCESS;
	return add_data(parameters, set, operation == FIRST || operation == COMPLETE,
			is_response ? &set->response : &set->data);
}

uint8_t le_set_set_data(struct controller *controller, struct reader *parameters,
			struct writer *reply)
{
	(void)reply;
	return set_data(controller, parameters, false);
}

uint8_t le_set_set_response(struct controller *controller, struct reader *parameters,
			    struct writer *reply)
{
	(void)reply;
	return set_data(controller, parameters, true);
}

/* One of those that a command names: handle, duration, events. */
struct wish {
	struct advert_set *set;
	uint64_t duration_us;
	uint8_t events_max;
};

static uint8_t take_wish(struct controller *controller, struct reader *parameters, bool enable,
			 struct wish *wish)
{
	wish->set = find_set(controller, take_u8(parameters));
	wish->duration_us = (uint64_t)take_u16(parameters) * DURATION_UNIT_US;
	wish->events_max = take_u8(parameters);
	if (parameters->failed)
		return STATUS_INVALID_PARAMETERS;
	if (!wish->set)
		return STATUS_UNKNOWN_SET;
	if (enable && wish->set->own_type == ADDRESS_RANDOM && !wish->set->has_random)
		return STATUS_INVALID_PARAMETERS;
	return STATUS_SUCCESS;
}

static void disable_all(struct controller *controller)
{
	for (size_t i = 0; i < SETS_MAX; i++)
		controller->state.advertiser.sets[i].enabled = false;
}

/* All or none (7.8.56); to disable no set means to disable all. */
uint8_t le_enable_sets(struct controller *controller, struct reader *parameters,
		       struct writer *reply)
{
	struct wish wishes[SETS_MAX];
	uint8_t enable = take_u8(parameters);
	size_t count = take_u8(parameters);
	uint8_t status = STATUS_SUCCESS;

	(void)reply;
	if (parameters->failed || enable > 1 || count > SETS_MAX || (enable && count == 0))
		return STATUS_INVALID_PARAMETERS;
	for (size_t i = 0; i < count && status == STATUS_SUCCESS; i++)
		status = take_wish(controller, parameters, enable, &wishes[i]);
	if (status != STATUS_SUCCESS)
		return status;
	if (count == 0)
		disable_all(controller);
	for (size_t i = 0; i < count; i++) {
		wishes[i].set->enabled = false;
		wishes[i].set->events_max = wishes[i].events_max;
		if (enable)
			advert_start(controller, wishes[i].set, wishes[i].duration_us);
	}
	return STATUS_SUCCESS;
}

uint8_t le_read_advert_max(struct controller *controller, struct reader *parameters,
			   struct writer *reply)
{
	(void)controller;
	(void)parameters;
	put_u16(reply, ADVERT_MAX);
	return STATUS_SUCCESS;
}

uint8_t le_read_set_count(struct controller *controller, struct reader *parameters,
			  struct writer *reply)
{
	(void)controller;
	(void)parameters;
	put_u8(reply, SETS_MAX);
	return STATUS_SUCCESS;
}

uint8_t le_remove_set(struct controller *controller, struct reader *parameters,
		      struct writer *reply)
{
	struct advert_set *set = find_set(controller, take_u8(parameters));

	(void)reply;
	if (!set)
		return STATUS_UNKNOWN_SET;
	if (set->enabled)
		return STATUS_DISALLOWED;
	*set = (struct advert_set){ 0 };
	return STATUS_SUCCESS;
}

uint8_t le_clear_sets(struct controller *controller, struct reader *parameters,
		      struct writer *reply)
{
	(void)parameters;
	(void)reply;
	if (advertiser_is_on(&controller->state.advertiser))
		return STATUS_DISALLOWED;
	controller->state.advertiser = (struct advertiser){ 0 };
	return STATUS_SUCCESS;
}
