#include "air.h"
#include "commands.h"
#include "identity.h"
#include "status.h"
#include "wishes.h"

uint8_t reset(struct controller *controller, struct reader *parameters, struct writer *reply)
{
	(void)parameters;
	(void)reply;
	controller_reset(controller);
	return STATUS_SUCCESS;
}

uint8_t read_local_version(struct controller *controller, struct reader *parameters,
			   struct writer *reply)
{
	(void)controller;
	(void)parameters;
	put_u8(reply, IDENTITY_VERSION);
	put_u16(reply, IDENTITY_SUBVERSION);
	put_u8(reply, IDENTITY_VERSION);
	put_u16(reply, IDENTITY_COMPANY);
	put_u16(reply, IDENTITY_SUBVERSION);
	return STATUS_SUCCESS;
}

uint8_t read_local_commands(struct controller *controller, struct reader *parameters,
			    struct writer *reply)
{
	uint8_t bits[COMMAND_BITS_LEN];

	(void)parameters;
	command_bits(controller, bits);
	put_bytes(reply, bits, sizeof(bits));
	return STATUS_SUCCESS;
}

/* LMP features (Vol 2, Part C, 3.3): no BR/EDR, LE. */
uint8_t read_local_features(struct controller *controller, struct reader *parameters,
			    struct writer *reply)
{
	static const uint8_t features[8] = { [4] = 0x60 };

	(void)controller;
	(void)parameters;
	put_bytes(reply, features, sizeof(features));
	return STATUS_SUCCESS;
}

/* Zeros: LE has buffers of its own. */
uint8_t read_buffer_size(struct controller *controller, struct reader *parameters,
			 struct writer *reply)
{
	(void)controller;
	(void)parameters;
	(void)reply;
	return STATUS_SUCCESS;
}

uint8_t read_address(struct controller *controller, struct reader *parameters, struct writer *reply)
{
	(void)parameters;
	put_bytes(reply, controller->traits.address.bytes, ADDRESS_LEN);
	return STATUS_SUCCESS;
}

uint8_t set_event_mask(struct controller *controller, struct reader *parameters,
		       struct writer *reply)
{
	(void)reply;
	controller->state.event_mask = take_number(parameters, 8);
	return STATUS_SUCCESS;
}

uint8_t le_set_event_mask(struct controller *controller, struct reader *parameters,
			  struct writer *reply)
{
	(void)reply;
	controller->state.le_event_mask = take_number(parameters, 8);
	return STATUS_SUCCESS;
}

uint8_t le_read_buffer_size(struct controller *controller, struct reader *parameters,
			    struct writer *reply)
{
	(void)parameters;
	put_u16(reply, (uint16_t)controller->traits.acl_len);
	put_u8(reply, (uint8_t)controller->traits.acl_count);
	return STATUS_SUCCESS;
}

uint8_t le_read_features(struct controller *controller, struct reader *parameters,
			 struct writer *reply)
{
	(void)parameters;
	put_number(reply, controller_features(controller), 8);
	return STATUS_SUCCESS;
}

/* All of them, at once (7.8.27). */
uint8_t le_read_states(struct controller *controller, struct reader *parameters,
		       struct writer *reply)
{
	(void)controller;
	(void)parameters;
	put_number(reply, 0x000003FFFFFFFFFF, 8);
	return STATUS_SUCCESS;
}

uint8_t le_rand(struct controller *controller, struct reader *parameters, struct writer *reply)
{
	(void)parameters;
	put_number(reply, air_random(controller->air), 8);
	return STATUS_SUCCESS;
}

/* An extended set has an address of its own, but for which this one may change meanwhile (7.8.4).
 */
uint8_t le_set_random_address(struct controller *controller, struct reader *parameters,
			      struct writer *reply)
{
	struct controller_state *state = &controller->state;
	bool advertises = state->dialect == DIALECT_LEGACY && advertiser_is_on(&state->advertiser);

	(void)reply;
	if (advertises || state->scanner.on || state->initiator.on)
		return STATUS_DISALLOWED;
	state->random.type = ADDRESS_RANDOM;
	memcpy(state->random.bytes, take_bytes(parameters, ADDRESS_LEN), ADDRESS_LEN);
	state->has_random = true;
	return STATUS_SUCCESS;
}

/* 7.8.15 to 7.8.17: not while somebody goes by the list. */
static bool is_list_in_use(const struct controller_state *state)
{
	bool used = (state->scanner.on && state->scanner.accept_list_only) ||
		    (state->initiator.on && state->initiator.by_accept_list);

	for (size_t i = 0; i < SETS_MAX; i++)
		used |= state->advertiser.sets[i].enabled && state->advertiser.sets[i].filter != 0;
	return used;
}

static struct address take_listed(struct reader *parameters)
{
	struct address address = { .type = take_u8(parameters) };

	memcpy(address.bytes, take_bytes(parameters, ADDRESS_LEN), ADDRESS_LEN);
	return address;
}

uint8_t le_read_accept_list_size(struct controller *controller, struct reader *parameters,
				 struct writer *reply)
{
	(void)controller;
	(void)parameters;
	put_u8(reply, ACCEPT_LIST_MAX);
	return STATUS_SUCCESS;
}

uint8_t le_clear_accept_list(struct controller *controller, struct reader *parameters,
			     struct writer *reply)
{
	(void)parameters;
	(void)reply;
	if (is_list_in_use(&controller->state))
		return STATUS_DISALLOWED;
	controller->state.accept_count = 0;
	return STATUS_SUCCESS;
}

uint8_t le_add_to_accept_list(struct controller *controller, struct reader *parameters,
			      struct writer *reply)
{
	struct controller_state *state = &controller->state;
	struct address address = take_listed(parameters);

	(void)reply;
	if (is_list_in_use(state))
		return STATUS_DISALLOWED;
	if (address.type > ADDRESS_RANDOM)
		return STATUS_INVALID_PARAMETERS;
	if (controller_accepts(controller, &address))
		return STATUS_SUCCESS;
	if (state->accept_count == ACCEPT_LIST_MAX)
		return STATUS_MEMORY_EXCEEDED;
	state->accept_list[state->accept_count++] = address;
	return STATUS_SUCCESS;
}

uint8_t le_remove_from_accept_list(struct controller *controller, struct reader *parameters,
				   struct writer *reply)
{
	struct controller_state *state = &controller->state;
	struct address address = take_listed(parameters);

	(void)reply;
	if (is_list_in_use(state))
		return STATUS_DISALLOWED;
	for (size_t i = 0; i < state->accept_count; i++) {
		if (address_is_same(&state->accept_list[i], &address))
			state->accept_list[i] = state->accept_list[--state->accept_count];
	}
	return STATUS_SUCCESS;
}

uint8_t le_read_default_length(struct controller *controller, struct reader *parameters,
			       struct writer *reply)
{
	(void)parameters;
	put_u16(reply, controller->state.data_length.octets);
	put_u16(reply, controller->state.data_length.time_us);
	return STATUS_SUCCESS;
}

uint8_t le_write_default_length(struct controller *controller, struct reader *parameters,
				struct writer *reply)
{
	(void)reply;
	return wishes_take_length(parameters, &controller->state.data_length);
}

uint8_t le_read_maximum_length(struct controller *controller, struct reader *parameters,
			       struct writer *reply)
{
	(void)controller;
	(void)parameters;
	for (size_t i = 0; i < 2; i++) {
		put_u16(reply, DATA_OCTETS_MAX);
		put_u16(reply, DATA_TIME_MAX_US);
	}
	return STATUS_SUCCESS;
}

uint8_t le_set_default_phy(struct controller *controller, struct reader *parameters,
			   struct writer *reply)
{
	uint8_t tx_phys, rx_phys;
	uint8_t status = wishes_take_phys(controller, parameters, &tx_phys, &rx_phys);

	(void)reply;
	if (status != STATUS_SUCCESS)
		return status;
	controller->state.tx_phys = tx_phys;
	controller->state.rx_phys = rx_phys;
	return STATUS_SUCCESS;
}
