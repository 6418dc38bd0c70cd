#include "commands.h"

#include "status.h"

enum { EVENT_COMMAND_COMPLETE = 0x0E, EVENT_COMMAND_STATUS = 0x0F };

/* Which controllers know a command, and which other commands exclude it. */
enum group { ALWAYS, LEGACY, EXTENDED, DATA_LENGTH, PHYS };

enum { VARIABLE = 0xFF /* length */, STATUS_ONLY = 0xFF /* reply: Command Status */ };

static const struct command {
	uint16_t opcode;
	uint8_t len;   /* of the parameters */
	uint8_t reply; /* length of what follows the status in Command Complete */
	uint8_t octet; /* of the supported commands (6.27) */
	uint8_t bit;
	enum group group;
	command_fn *run;
} commands[] = {
	{ 0x0406, 3, STATUS_ONLY, 0, 5, ALWAYS, disconnect },
	{ 0x041D, 2, STATUS_ONLY, 2, 7, ALWAYS, read_remote_version },
	{ 0x0C01, 8, 0, 5, 6, ALWAYS, set_event_mask },
	{ 0x0C03, 0, 0, 5, 7, ALWAYS, reset },
	{ 0x1001, 0, 8, 14, 3, ALWAYS, read_local_version },
	{ 0x1002, 0, 64, 14, 4, ALWAYS, read_local_commands },
	{ 0x1003, 0, 8, 14, 5, ALWAYS, read_local_features },
	{ 0x1005, 0, 7, 14, 7, ALWAYS, read_buffer_size },
	{ 0x1009, 0, 6, 15, 1, ALWAYS, read_address },
	{ 0x1405, 2, 3, 15, 5, ALWAYS, read_rssi },
	{ 0x2001, 8, 0, 25, 0, ALWAYS, le_set_event_mask },
	{ 0x2002, 0, 3, 25, 1, ALWAYS, le_read_buffer_size },
	{ 0x2003, 0, 8, 25, 2, ALWAYS, le_read_features },
	{ 0x2005, 6, 0, 25, 4, ALWAYS, le_set_random_address },
	{ 0x2006, 15, 0, 25, 5, LEGACY, le_set_advertising_parameters },
	{ 0x2007, 0, 1, 25, 6, LEGACY, le_read_advertising_power },
	{ 0x2008, 32, 0, 25, 7, LEGACY, le_set_advertising_data },
	{ 0x2009, 32, 0, 26, 0, LEGACY, le_set_scan_response },
	{ 0x200A, 1, 0, 26, 1, LEGACY, le_enable_advertising },
	{ 0x200B, 7, 0, 26, 2, LEGACY, le_set_scan_parameters },
	{ 0x200C, 2, 0, 26, 3, LEGACY, le_enable_scan },
	{ 0x200D, 25, STATUS_ONLY, 26, 4, LEGACY, le_create_connection },
	{ 0x200E, 0, 0, 26, 5, ALWAYS, le_create_connection_cancel },
	{ 0x200F, 0, 1, 26, 6, ALWAYS, le_read_accept_list_size },
	{ 0x2010, 0, 0, 26, 7, ALWAYS, le_clear_accept_list },
	{ 0x2011, 7, 0, 27, 0, ALWAYS, le_add_to_accept_list },
	{ 0x2012, 7, 0, 27, 1, ALWAYS, le_remove_from_accept_list },
	{ 0x2013, 14, STATUS_ONLY, 27, 2, ALWAYS, le_connection_update },
	{ 0x2016, 2, STATUS_ONLY, 27, 5, ALWAYS, le_read_remote_features },
	{ 0x2018, 0, 8, 27, 7, ALWAYS, le_rand },
	{ 0x2019, 28, STATUS_ONLY, 28, 0, ALWAYS, le_enable_encryption },
	{ 0x201C, 0, 8, 28, 3, ALWAYS, le_read_states },
	{ 0x2020, 14, 2, 33, 4, ALWAYS, le_accept_parameters },
	{ 0x2021, 3, 2, 33, 5, ALWAYS, le_reject_parameters },
	{ 0x2022, 6, 2, 33, 6, DATA_LENGTH, le_set_data_length },
	{ 0x2023, 0, 4, 33, 7, DATA_LENGTH, le_read_default_length },
	{ 0x2024, 4, 0, 34, 0, DATA_LENGTH, le_write_default_length },
	{ 0x202F, 0, 8, 35, 3, DATA_LENGTH, le_read_maximum_length },
	{ 0x2030, 2, 4, 35, 4, PHYS, le_read_phy },
	{ 0x2031, 3, 0, 35, 5, PHYS, le_set_default_phy },
	{ 0x2032, 7, STATUS_ONLY, 35, 6, PHYS, le_set_phy },
	{ 0x2035, 7, 0, 36, 1, EXTENDED, le_set_set_address },
	{ 0x2036, 25, 1, 36, 2, EXTENDED, le_set_set_parameters },
	{ 0x2037, VARIABLE, 0, 36, 3, EXTENDED, le_set_set_data },
	{ 0x2038, VARIABLE, 0, 36, 4, EXTENDED, le_set_set_response },
	{ 0x2039, VARIABLE, 0, 36, 5, EXTENDED, le_enable_sets },
	{ 0x203A, 0, 2, 36, 6, EXTENDED, le_read_advert_max },
	{ 0x203B, 0, 1, 36, 7, EXTENDED, le_read_set_count },
	{ 0x203C, 1, 0, 37, 0, EXTENDED, le_remove_set },
	{ 0x203D, 0, 0, 37, 1, EXTENDED, le_clear_sets },
	{ 0x2041, VARIABLE, 0, 37, 5, EXTENDED, le_set_extended_scan_parameters },
	{ 0x2042, 6, 0, 37, 6, EXTENDED, le_enable_extended_scan },
	{ 0x2043, VARIABLE, STATUS_ONLY, 37, 7, EXTENDED, le_extended_create_connection },
};

enum { COMMAND_COUNT = sizeof(commands) / sizeof(commands[0]) };

static bool is_known(const struct controller *controller, const struct command *command)
{
	const struct traits *traits = &controller->traits;

	switch (command->group) {
	case EXTENDED:
		return traits->extended;
	case DATA_LENGTH:
		return traits->data_length;
	case PHYS:
		return traits->phy_2m;
	default:
		return true;
	}
}

void command_bits(const struct controller *controller, uint8_t bits[COMMAND_BITS_LEN])
{
	memset(bits, 0, COMMAND_BITS_LEN);
	for (size_t i = 0; i < COMMAND_COUNT; i++) {
		if (is_known(controller, &commands[i]))
			bits[commands[i].octet] |= (uint8_t)(1U << commands[i].bit);
	}
}

static const struct command *find_command(const struct controller *controller, uint16_t opcode)
{
	for (size_t i = 0; i < COMMAND_COUNT; i++) {
		if (commands[i].opcode == opcode)
			return is_known(controller, &commands[i]) ? &commands[i] : NULL;
	}
	return NULL;
}

static void answer_status(struct controller *controller, uint16_t opcode, uint8_t status)
{
	struct writer event = { 0 };

	put_u8(&event, status);
	put_u8(&event, 1);
	put_u16(&event, opcode);
	controller_event(controller, EVENT_COMMAND_STATUS, &event);
}

/* What a refused command has not filled in is zero. */
static void answer_complete(struct controller *controller, const struct command *command,
			    uint8_t status, struct writer *reply)
{
	struct writer event = { 0 };

	while (reply->len < command->reply)
		put_u8(reply, 0);
	put_u8(&event, 1);
	put_u16(&event, command->opcode);
	put_u8(&event, status);
	put_bytes(&event, reply->data, reply->len);
	controller_event(controller, EVENT_COMMAND_COMPLETE, &event);
}

/* 3.1.1: who has used one kind is refused the other until the next Reset. */
static bool is_of_other_dialect(struct controller *controller, const struct command *command)
{
	enum dialect *dialect = &controller->state.dialect;
	enum dialect spoken = command->group == LEGACY     ? DIALECT_LEGACY
			      : command->group == EXTENDED ? DIALECT_EXTENDED
							   : DIALECT_OPEN;

	if (spoken == DIALECT_OPEN)
		return false;
	if (*dialect == DIALECT_OPEN)
		*dialect = spoken;
	return *dialect != spoken;
}

static uint8_t run(struct controller *controller, const struct command *command,
		   struct reader *parameters, struct writer *reply)
{
	if (command->len != VARIABLE && parameters->len != command->len)
		return STATUS_INVALID_PARAMETERS;
	if (is_of_other_dialect(controller, command))
		return STATUS_DISALLOWED;
	return command->run(controller, parameters, reply);
}

void command_run(struct controller *controller, const uint8_t *data, size_t len)
{
	struct reader reader = { .data = data, .len = len };
	uint16_t opcode = take_u16(&reader);
	const struct command *command = find_command(controller, opcode);
	struct writer reply = { 0 };
	uint8_t status;

	take_u8(&reader);
	if (!command) {
		answer_status(controller, opcode, STATUS_UNKNOWN_COMMAND);
		return;
	}
	status = run(controller, command, &reader, &reply);
	if (command->reply == STATUS_ONLY)
		answer_status(controller, opcode, status);
	else
		answer_complete(controller, command, status, &reply);
}
