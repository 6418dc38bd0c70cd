#include "hci.h"

/* 7.1 to 7.8. reply_len: what Command Complete brings behind the status. */
static const struct command_facts {
	uint16_t opcode;
	uint8_t reply_len;
	const char *name;
} commands[] = {
	{ HCI_DISCONNECT, 0, "Disconnect" },
	{ HCI_SET_EVENT_MASK, 0, "Set Event Mask" },
	{ HCI_RESET, 0, "Reset" },
	{ HCI_READ_LOCAL_VERSION, 8, "Read Local Version Information" },
	{ HCI_READ_BUFFER_SIZE, 7, "Read Buffer Size" },
	{ HCI_READ_BD_ADDR, 6, "Read BD_ADDR" },
	{ HCI_LE_SET_EVENT_MASK, 0, "LE Set Event Mask" },
	{ HCI_LE_READ_BUFFER_SIZE, 3, "LE Read Buffer Size" },
	{ HCI_LE_READ_FEATURES, 8, "LE Read Local Supported Features" },
	{ HCI_LE_SET_RANDOM_ADDRESS, 0, "LE Set Random Address" },
	{ HCI_LE_SET_ADVERTISING_PARAMETERS, 0, "LE Set Advertising Parameters" },
	{ HCI_LE_SET_ADVERTISING_DATA, 0, "LE Set Advertising Data" },
	{ HCI_LE_SET_SCAN_RESPONSE_DATA, 0, "LE Set Scan Response Data" },
	{ HCI_LE_SET_ADVERTISING_ENABLE, 0, "LE Set Advertising Enable" },
	{ HCI_LE_SET_SCAN_PARAMETERS, 0, "LE Set Scan Parameters" },
	{ HCI_LE_SET_SCAN_ENABLE, 0, "LE Set Scan Enable" },
	{ HCI_LE_CREATE_CONNECTION, 0, "LE Create Connection" },
	{ HCI_LE_CREATE_CONNECTION_CANCEL, 0, "LE Create Connection Cancel" },
	{ HCI_LE_CONNECTION_UPDATE, 0, "LE Connection Update" },
	{ HCI_LE_LTK_NEGATIVE_REPLY, 2, "LE Long Term Key Request Negative Reply" },
	{ HCI_LE_PARAMETER_REQUEST_REPLY, 2, "LE Remote Connection Parameter Request Reply" },
	{ HCI_LE_PARAMETER_REQUEST_NEGATIVE_REPLY, 2,
	  "LE Remote Connection Parameter Request Negative Reply" },
	{ HCI_LE_SET_DATA_LENGTH, 2, "LE Set Data Length" },
	{ HCI_LE_SET_PHY, 0, "LE Set PHY" },
	{ HCI_LE_SET_EXTENDED_SCAN_PARAMETERS, 0, "LE Set Extended Scan Parameters" },
	{ HCI_LE_SET_EXTENDED_SCAN_ENABLE, 0, "LE Set Extended Scan Enable" },
	{ HCI_LE_EXTENDED_CREATE_CONNECTION, 0, "LE Extended Create Connection" },
};

static const char *const statuses[] = {
	[0x00] = "success",
	[0x01] = "unknown HCI command",
	[0x02] = "unknown connection identifier",
	[0x03] = "hardware failure",
	[0x04] = "page timeout",
	[0x05] = "authentication failure",
	[0x06] = "PIN or key missing",
	[0x07] = "memory capacity exceeded",
	[0x08] = "connection timeout",
	[0x09] = "connection limit exceeded",
	[0x0A] = "synchronous connection limit exceeded",
	[0x0B] = "connection already exists",
	[0x0C] = "command disallowed",
	[0x0D] = "rejected for limited resources",
	[0x0E] = "rejected for security reasons",
	[0x0F] = "rejected for an unacceptable address",
	[0x10] = "connection accept timeout",
	[0x11] = "unsupported feature or parameter value",
	[0x12] = "invalid HCI command parameters",
	[0x13] = "remote user terminated the connection",
	[0x14] = "remote device terminated the connection: low resources",
	[0x15] = "remote device terminated the connection: power off",
	[0x16] = "connection terminated by the local host",
	[0x17] = "repeated attempts",
	[0x18] = "pairing not allowed",
	[0x19] = "unknown LMP PDU",
	[0x1A] = "unsupported remote feature",
	[0x1E] = "invalid LMP or LL parameters",
	[0x1F] = "unspecified error",
	[0x20] = "unsupported LMP or LL parameter value",
	[0x21] = "role change not allowed",
	[0x22] = "LL response timeout",
	[0x23] = "LL procedure collision",
	[0x25] = "encryption mode not acceptable",
	[0x28] = "instant passed",
	[0x29] = "pairing with unit key not supported",
	[0x2A] = "different transaction collision",
	[0x2E] = "channel classification not supported",
	[0x2F] = "insufficient security",
	[0x30] = "parameter out of mandatory range",
	[0x38] = "controller busy: host busy with pairing",
	[0x39] = "no suitable channel found",
	[0x3A] = "controller busy",
	[0x3B] = "unacceptable connection parameters",
	[0x3C] = "advertising timeout",
	[0x3D] = "terminated for a MIC failure",
	[0x3E] = "connection failed to be established",
	[0x40] = "coarse clock adjustment rejected",
	[0x42] = "unknown advertising identifier",
	[0x43] = "limit reached",
	[0x44] = "operation cancelled by the host",
	[0x45] = "packet too long",
};

static const struct command_facts *find_command(uint16_t opcode)
{
	for (size_t i = 0; i < sizeof(commands) / sizeof(commands[0]); i++) {
		if (commands[i].opcode == opcode)
			return &commands[i];
	}
	return NULL;
}

size_t hci_reply_len(uint16_t opcode)
{
	const struct command_facts *facts = find_command(opcode);

	return facts ? facts->reply_len : 0;
}

const char *hci_command_name(uint16_t opcode)
{
	const struct command_facts *facts = find_command(opcode);

	return facts ? facts->name : "an HCI command";
}

const char *hci_status_text(uint8_t status)
{
	if (status < sizeof(statuses) / sizeof(statuses[0]) && statuses[status])
		return statuses[status];
	return "unknown status";
}

struct otadfu_addr hci_address(const uint8_t *bytes, uint8_t type)
{
	struct otadfu_addr address = { .type = type };

	for (size_t i = 0; i < sizeof(address.bytes); i++)
		address.bytes[i] = bytes[sizeof(address.bytes) - 1 - i];
	return address;
}

void hci_fill_address(struct filler *f, const struct otadfu_addr *address)
{
	for (size_t i = sizeof(address->bytes); i > 0; i--)
		fill_u8(f, address->bytes[i - 1]);
}

void hci_fill_parameters(struct filler *f, const struct hci_connection_parameters *parameters)
{
	fill_le16(f, parameters->interval_min);
	fill_le16(f, parameters->interval_max);
	fill_le16(f, parameters->latency);
	fill_le16(f, parameters->timeout);
	fill_le16(f, 0); /* connection event length: no wish */
	fill_le16(f, 0);
}

struct hci_command hci_plain(uint16_t opcode)
{
	return (struct hci_command){ .opcode = opcode };
}

struct hci_command hci_mask(uint16_t opcode, const uint8_t mask[HCI_MASK_LEN])
{
	struct hci_command command = { .opcode = opcode, .len = HCI_MASK_LEN };

	memcpy(command.parameters, mask, HCI_MASK_LEN);
	return command;
}

static struct hci_command handle_command(uint16_t opcode, uint16_t handle)
{
	struct hci_command command = { .opcode = opcode, .len = 2 };

	put_le16(command.parameters, handle);
	return command;
}

struct hci_command hci_disconnect(uint16_t handle, uint8_t reason)
{
	struct hci_command command = handle_command(HCI_DISCONNECT, handle);

	command.parameters[command.len++] = reason;
	return command;
}

struct hci_command hci_random_address(const struct otadfu_addr *address)
{
	struct hci_command command = { .opcode = HCI_LE_SET_RANDOM_ADDRESS };
	struct filler f = filler_over(command.parameters, sizeof(command.parameters));

	hci_fill_address(&f, address);
	command.len = (uint8_t)f.len;
	return command;
}

struct hci_command hci_advertising_parameters(uint8_t type, uint8_t own_type, uint16_t interval_ms,
					      const struct otadfu_addr *peer)
{
	enum { ALL_CHANNELS = 0x07, ANYONE = 0x00 };
	struct hci_command command = { .opcode = HCI_LE_SET_ADVERTISING_PARAMETERS };
	struct filler f = filler_over(command.parameters, sizeof(command.parameters));
	uint16_t units = (uint16_t)(interval_ms * 8U / 5U); /* of 625 us */

	fill_le16(&f, units);
	fill_le16(&f, units);
	fill_u8(&f, type);
	fill_u8(&f, own_type);
	fill_u8(&f, peer->type);
	hci_fill_address(&f, peer);
	fill_u8(&f, ALL_CHANNELS);
	fill_u8(&f, ANYONE);
	command.len = (uint8_t)f.len;
	return command;
}

struct hci_command hci_advertising_data(uint16_t opcode, const uint8_t *data, size_t len)
{
	/* Always as long as the longest. */
	struct hci_command command = { .opcode = opcode, .len = 1 + HCI_ADVERTISING_MAX };
	struct filler f = filler_over(command.parameters, sizeof(command.parameters));

	fill_u8(&f, (uint8_t)len);
	fill_bytes(&f, data, len);
	return command;
}

struct hci_command hci_advertising_enable(bool on)
{
	return (struct hci_command){ .opcode = HCI_LE_SET_ADVERTISING_ENABLE,
				     .len = 1,
				     .parameters = { on } };
}

static struct hci_command parameters_command(uint16_t opcode, uint16_t handle,
					     const struct hci_connection_parameters *parameters)
{
	struct hci_command command = handle_command(opcode, handle);
	struct filler f = filler_over(command.parameters + 2, sizeof(command.parameters) - 2);

	hci_fill_parameters(&f, parameters);
	command.len = (uint8_t)(2 + f.len);
	return command;
}

struct hci_command hci_connection_update(uint16_t handle,
					 const struct hci_connection_parameters *parameters)
{
	return parameters_command(HCI_LE_CONNECTION_UPDATE, handle, parameters);
}

struct hci_command hci_ltk_negative_reply(uint16_t handle)
{
	return handle_command(HCI_LE_LTK_NEGATIVE_REPLY, handle);
}

struct hci_command hci_parameter_request_reply(uint16_t handle,
					       const struct hci_connection_parameters *parameters)
{
	return parameters_command(HCI_LE_PARAMETER_REQUEST_REPLY, handle, parameters);
}

struct hci_command hci_parameter_request_negative_reply(uint16_t handle)
{
	struct hci_command command =
		handle_command(HCI_LE_PARAMETER_REQUEST_NEGATIVE_REPLY, handle);

	command.parameters[command.len++] = HCI_E_UNACCEPTABLE_PARAMETERS;
	return command;
}

/* 7.8.18; the supervision timeout must outlast the skipped events, twice. */
bool hci_is_possible(const struct hci_connection_parameters *p)
{
	uint32_t silence_us = (1U + p->latency) * p->interval_max * 2U * 1250U;

	return p->interval_min >= 6 && p->interval_max <= 3200 &&
	       p->interval_min <= p->interval_max && p->latency <= 499 && p->timeout >= 10 &&
	       p->timeout <= 3200 && p->timeout * 10000U > silence_us;
}

size_t hci_encode(const struct hci_command *command, uint8_t buf[HCI_COMMAND_MAX])
{
	put_le16(buf, command->opcode);
	buf[2] = command->len;
	memcpy(buf + 3, command->parameters, command->len);
	return 3U + command->len;
}
