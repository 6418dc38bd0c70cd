#include "service.h"

#include "bytes.h"

enum { PATTERN_MODULUS = 251, UUID16_AT = 2 };

/* Values of Control: the first byte. */
enum {
	OP_RESET = 0x01,
	OP_BURST,
	OP_INDICATE,
	OP_HOLD,
	OP_DROP,
	OP_CHANGE,
	OP_FILL,
};

static const struct {
	const char *name;
	uint8_t uuid16;
	uint16_t props;
} chrs_of_service[SERVICE_CHRS] = {
	[SERVICE_CONTROL] = { "Control", 0x02, OTADFU_PROP_WRITE },
	[SERVICE_ECHO] = { "Echo", 0x03,
			   OTADFU_PROP_READ | OTADFU_PROP_WRITE | OTADFU_PROP_WRITE_CMD |
				   OTADFU_PROP_NOTIFY },
	[SERVICE_SEQUENCE] = { "Sequence", 0x04, OTADFU_PROP_WRITE | OTADFU_PROP_WRITE_CMD },
	[SERVICE_LOG] = { "Log", 0x05, OTADFU_PROP_READ },
	[SERVICE_BURST] = { "Burst", 0x06, OTADFU_PROP_NOTIFY },
	[SERVICE_INDICATION] = { "Indication", 0x07, OTADFU_PROP_INDICATE },
	[SERVICE_LONG] = { "Long", 0x08, OTADFU_PROP_READ },
	[SERVICE_REFUSED] = { "Refused", 0x09, OTADFU_PROP_READ | OTADFU_PROP_WRITE },
	[SERVICE_MOVED] = { "Moved", 0x0A, OTADFU_PROP_READ },
};

const char *service_chr_name(enum service_chr which)
{
	return chrs_of_service[which].name;
}

uint16_t service_chr_props(enum service_chr which)
{
	return chrs_of_service[which].props;
}

static struct otadfu_uuid make_uuid(uint8_t uuid16)
{
	struct otadfu_uuid uuid = { { 0x7C, 0x0F, 0x00, 0x00, 0x5B, 0x1D, 0x4E, 0x62, 0x9A, 0x3C,
				      0x0D, 0x5E, 0x8F, 0x21, 0xA7, 0x64 } };

	uuid.bytes[UUID16_AT + 1] = uuid16;
	return uuid;
}

struct otadfu_uuid service_uuid(void)
{
	return make_uuid(0x01);
}

size_t service_find(const struct otadfu_chr *chrs, size_t count, enum service_chr which)
{
	struct otadfu_uuid service = service_uuid();
	struct otadfu_uuid uuid = make_uuid(chrs_of_service[which].uuid16);
	size_t place = 0;

	while (place < count && (memcmp(&chrs[place].service, &service, sizeof(service)) != 0 ||
				 memcmp(&chrs[place].uuid, &uuid, sizeof(uuid)) != 0))
		place++;
	return place;
}

struct service_command service_reset(void)
{
	return (struct service_command){ { OP_RESET }, 1 };
}

struct service_command service_burst(uint16_t count, uint16_t len)
{
	struct service_command command = { { OP_BURST }, 5 };

	put_le16(command.bytes + 1, count);
	put_le16(command.bytes + 3, len);
	return command;
}

struct service_command service_indicate(void)
{
	return (struct service_command){ { OP_INDICATE }, 1 };
}

struct service_command service_hold(enum service_when when, uint16_t ms)
{
	struct service_command command = { { OP_HOLD, (uint8_t)when }, 4 };

	put_le16(command.bytes + 2, ms);
	return command;
}

struct service_command service_drop(enum service_when when, uint16_t ms, uint8_t reason)
{
	struct service_command command = { { OP_DROP, (uint8_t)when }, 5 };

	put_le16(command.bytes + 2, ms);
	command.bytes[4] = reason;
	return command;
}

struct service_command service_change(void)
{
	return (struct service_command){ { OP_CHANGE }, 1 };
}

struct service_command service_fill(uint16_t len)
{
	struct service_command command = { { OP_FILL }, 3 };

	put_le16(command.bytes + 1, len);
	return command;
}

struct service_log service_parse_log(const uint8_t bytes[SERVICE_LOG_LEN])
{
	return (struct service_log){
		.values = get_le16(bytes),
		.commands = get_le16(bytes + 2),
		.in_order = get_le16(bytes + 4),
		.longest = get_le16(bytes + 6),
		.crc = get_le32(bytes + 8),
		.confirmed = get_le16(bytes + 12),
		.mtu = get_le16(bytes + 14),
		.connections = get_le16(bytes + 16),
		.notifications = get_le16(bytes + 18),
		.subscriptions = get_le16(bytes + 20),
	};
}

void service_fill_pattern(uint8_t *buf, size_t len)
{
	for (size_t i = 0; i < len; i++)
		buf[i] = (uint8_t)(i % PATTERN_MODULUS);
}

bool service_is_pattern(const uint8_t *data, size_t len)
{
	for (size_t i = 0; i < len; i++) {
		if (data[i] != i % PATTERN_MODULUS)
			return false;
	}
	return true;
}

bool service_is_burst(const uint8_t *data, size_t len, uint16_t *ret_number)
{
	if (len < 2)
		return false;
	for (size_t i = 2; i < len; i++) {
		if (data[i] != data[0])
			return false;
	}
	*ret_number = get_le16(data);
	return true;
}
