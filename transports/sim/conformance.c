/* The test service of CONFORMANCE.md: what transports are tried out against. */
#include "firmware.h"

#include <string.h>
#include <zlib.h>

enum { ATT_AUTHENTICATION = 0x05, ATT_INVALID_LENGTH = 0x0D, ATT_REFUSED = 0x80 };
enum { ATT_CCCD_IMPROPER = 0xFD, ATT_IN_PROGRESS = 0xFE, MTU_OVERHEAD = 3 };
enum { ECHO_MAX = 512, LONG_LEN = 300, PATTERN = 251, LOG_LEN = 24 };

/* Bytes 2 and 3 of a characteristic's UUID; NAME and CHANGED are 16-bit UUIDs. */
enum {
	CONTROL = 0x0002,
	ECHO = 0x0003,
	SEQUENCE = 0x0004,
	LOG = 0x0005,
	BURST = 0x0006,
	INDICATION = 0x0007,
	LONG = 0x0008,
	REFUSED = 0x0009,
	MOVED = 0x000A,
	NAME = 0x2A00,
	CHANGED = 0x2A05
};

struct log {
	uint16_t written;
	uint16_t commands;
	uint16_t in_order;
	bool disorder; /* in_order counts no more */
	uint16_t longest;
	uint32_t crc;
	uint16_t confirmed;
	uint16_t burst;         /* notifications handed to the radio */
	uint16_t subscriptions; /* configurations written */
	uint16_t indications_asked;
};

struct burst {
	uint16_t left;
	uint16_t len;
	uint16_t number;
};

/* For the next connection. */
struct plan {
	bool hold;
	uint16_t hold_ms;
	bool drop;
	uint16_t drop_ms;
	uint8_t drop_reason;
};

struct conformance {
	struct log log;
	struct burst burst;
	struct plan plan;
	bool change; /* the other database, from the next connection on */
	bool unconfirmed;
	uint16_t connections;
	size_t echo_len;
	uint8_t echo[ECHO_MAX];
};

static struct conformance *ram_of(const struct device *device)
{
	return firmware_ram(device);
}

/* --- databases --- */

/* clang-format off */
#define TEST_UUID(low)                                                                             \
	{ 0x7C, 0x0F, 0x00, low, 0x5B, 0x1D, 0x4E, 0x62, 0x9A, 0x3C, 0x0D, 0x5E, 0x8F, 0x21, 0xA7, 0x64 }
#define TEST(low, place, properties)                                                               \
	{ .service128 = TEST_UUID(0x01), .uuid128 = TEST_UUID(low), .handle = (place), .props = (properties) }

#define STANDARD                                                                                   \
	{ .service = 0x1800, .uuid = NAME, .handle = 0x0003, .props = OTADFU_PROP_READ },          \
	{ .service = 0x1801, .uuid = CHANGED, .handle = 0x000A, .props = OTADFU_PROP_INDICATE }
/* clang-format on */

enum {
	WRITE = OTADFU_PROP_WRITE,
	SEQUENCE_PROPS = OTADFU_PROP_WRITE | OTADFU_PROP_WRITE_CMD,
	ECHO_PROPS = SEQUENCE_PROPS | OTADFU_PROP_READ | OTADFU_PROP_NOTIFY,
	REFUSED_PROPS = OTADFU_PROP_READ | OTADFU_PROP_WRITE
};

static const struct device_attribute first_database[] = {
	STANDARD,
	TEST(CONTROL, 0x000E, WRITE),
	TEST(ECHO, 0x0010, ECHO_PROPS),
	TEST(SEQUENCE, 0x0013, SEQUENCE_PROPS),
	TEST(LOG, 0x0015, OTADFU_PROP_READ),
	TEST(BURST, 0x0017, OTADFU_PROP_NOTIFY),
	TEST(INDICATION, 0x001A, OTADFU_PROP_INDICATE),
	TEST(LONG, 0x001D, OTADFU_PROP_READ),
	TEST(REFUSED, 0x001F, REFUSED_PROPS),
};

static const struct device_attribute other_database[] = {
	STANDARD,
	TEST(MOVED, 0x000E, OTADFU_PROP_READ),
	TEST(LONG, 0x0010, OTADFU_PROP_READ),
	TEST(ECHO, 0x0012, ECHO_PROPS),
	TEST(BURST, 0x0015, OTADFU_PROP_NOTIFY),
	TEST(CONTROL, 0x0018, WRITE),
	TEST(LOG, 0x001A, OTADFU_PROP_READ),
	TEST(INDICATION, 0x001C, OTADFU_PROP_INDICATE),
	TEST(REFUSED, 0x001F, REFUSED_PROPS),
	TEST(SEQUENCE, 0x0021, SEQUENCE_PROPS),
};

static uint16_t number_of(const struct device_attribute *attribute)
{
	if (attribute->uuid)
		return attribute->uuid;
	return (uint16_t)(attribute->uuid128[2] << 8 | attribute->uuid128[3]);
}

/* 0: no value stands there. */
static uint16_t number_at(const struct device *device, uint16_t handle)
{
	size_t count;
	const struct device_attribute *attributes = device_attributes(device, &count);

	for (size_t i = 0; i < count; i++) {
		if (attributes[i].handle == handle)
			return number_of(&attributes[i]);
	}
	return 0;
}

static uint16_t handle_of(const struct device *device, uint16_t number)
{
	size_t count;
	const struct device_attribute *attributes = device_attributes(device, &count);

	for (size_t i = 0; i < count; i++) {
		if (number_of(&attributes[i]) == number)
			return attributes[i].handle;
	}
	return 0;
}

/* --- bytes --- */

static uint16_t get16(const uint8_t *p)
{
	return (uint16_t)(p[0] | p[1] << 8);
}

static void put16(uint8_t *p, uint16_t value)
{
	p[0] = (uint8_t)value;
	p[1] = (uint8_t)(value >> 8);
}

static void fill_pattern(uint8_t *buf, size_t len)
{
	for (size_t i = 0; i < len; i++)
		buf[i] = (uint8_t)(i % PATTERN);
}

static uint64_t later_us(const struct device *device, uint16_t ms)
{
	return device_now_us(device) + (uint64_t)ms * 1000;
}

/* --- Control --- */

static uint8_t reset(struct device *device, const uint8_t *args)
{
	struct conformance *ram = ram_of(device);

	(void)args;
	ram->log = (struct log){ 0 };
	ram->burst = (struct burst){ 0 };
	ram->plan = (struct plan){ 0 };
	ram->change = false;
	firmware_hold_answers(device, 0);
	firmware_disconnect_at(device, UINT64_MAX, 0);
	return 0;
}

/* As many as there is room for; the others when there is again. */
static void send_burst(struct device *device)
{
	struct conformance *ram = ram_of(device);
	struct burst *burst = &ram->burst;
	uint16_t handle = handle_of(device, BURST);
	uint8_t value[ECHO_MAX];

	if (!firmware_cccd(device, handle))
		*burst = (struct burst){ 0 };
	while (burst->left > 0 && firmware_has_room(device)) {
		memset(value, (uint8_t)burst->number, burst->len);
		put16(value, burst->number);
		firmware_notify(device, handle, value, burst->len);
		burst->number++;
		burst->left--;
		ram->log.burst++;
	}
}

static uint8_t start_burst(struct device *device, const uint8_t *args)
{
	uint16_t len = get16(args + 2);

	if (len < 2 || len > device_mtu(device) - MTU_OVERHEAD)
		return ATT_REFUSED;
	if (!firmware_cccd(device, handle_of(device, BURST)))
		return ATT_CCCD_IMPROPER;
	ram_of(device)->burst = (struct burst){ .left = get16(args), .len = len };
	send_burst(device);
	return 0;
}

static uint8_t indicate(struct device *device, const uint8_t *args)
{
	struct conformance *ram = ram_of(device);
	uint16_t handle = handle_of(device, INDICATION);
	uint8_t value[2];

	(void)args;
	if (!firmware_cccd(device, handle))
		return ATT_CCCD_IMPROPER;
	if (ram->unconfirmed)
		return ATT_IN_PROGRESS;
	put16(value, ++ram->log.indications_asked);
	ram->unconfirmed = true;
	firmware_indicate(device, handle, value, sizeof(value));
	return 0;
}

static uint8_t hold(struct device *device, const uint8_t *args)
{
	struct plan *plan = &ram_of(device)->plan;

	if (args[0] > 1)
		return ATT_REFUSED;
	if (args[0] == 1) {
		plan->hold = true;
		plan->hold_ms = get16(args + 1);
	} else {
		firmware_hold_answers(device, later_us(device, get16(args + 1)));
	}
	return 0;
}

static uint8_t drop(struct device *device, const uint8_t *args)
{
	struct plan *plan = &ram_of(device)->plan;

	if (args[0] > 1)
		return ATT_REFUSED;
	if (args[0] == 1) {
		plan->drop = true;
		plan->drop_ms = get16(args + 1);
		plan->drop_reason = args[3];
	} else {
		firmware_disconnect_at(device, later_us(device, get16(args + 1)), args[3]);
	}
	return 0;
}

static uint8_t change(struct device *device, const uint8_t *args)
{
	(void)args;
	ram_of(device)->change = true;
	return 0;
}

static uint8_t fill(struct device *device, const uint8_t *args)
{
	struct conformance *ram = ram_of(device);

	if (get16(args) > ECHO_MAX)
		return ATT_REFUSED;
	ram->echo_len = get16(args);
	fill_pattern(ram->echo, ram->echo_len);
	return 0;
}

/* len: of what follows the first byte, which is the place in this table. */
static const struct command {
	size_t len;
	uint8_t (*obey)(struct device *device, const uint8_t *args);
} commands[] = {
	[0x01] = { 0, reset }, [0x02] = { 4, start_burst }, [0x03] = { 0, indicate },
	[0x04] = { 3, hold },  [0x05] = { 4, drop },        [0x06] = { 0, change },
	[0x07] = { 2, fill },
};

static uint8_t obey(struct device *device, const uint8_t *data, size_t len)
{
	const struct command *command;

	if (len == 0 || data[0] >= sizeof(commands) / sizeof(commands[0]))
		return ATT_REFUSED;
	command = &commands[data[0]];
	if (!command->obey || command->len != len - 1)
		return ATT_REFUSED;
	return command->obey(device, data + 1);
}

/* --- the other values --- */

static uint8_t take_echo(struct device *device, const uint8_t *data, size_t len)
{
	struct conformance *ram = ram_of(device);

	ram->echo_len = len < ECHO_MAX ? len : ECHO_MAX;
	if (len > 0)
		memcpy(ram->echo, data, ram->echo_len);
	firmware_notify(device, handle_of(device, ECHO), ram->echo, ram->echo_len);
	return 0;
}

static uint8_t take_sequence(struct device *device, const uint8_t *data, size_t len, bool command)
{
	struct log *log = &ram_of(device)->log;

	if (len < 2)
		return ATT_INVALID_LENGTH;
	if (get16(data) != log->in_order)
		log->disorder = true;
	if (!log->disorder)
		log->in_order++;
	log->written++;
	log->commands += command;
	if (len > log->longest)
		log->longest = (uint16_t)len;
	log->crc = (uint32_t)crc32(log->crc, data, (uInt)len);
	return 0;
}

static uint8_t write_request(struct device *device, uint16_t handle, const uint8_t *data,
			     size_t len)
{
	switch (number_at(device, handle)) {
	case CONTROL:
		return obey(device, data, len);
	case ECHO:
		return take_echo(device, data, len);
	case SEQUENCE:
		return take_sequence(device, data, len, false);
	default:
		return ATT_REFUSED;
	}
}

static void write_command(struct device *device, uint16_t handle, const uint8_t *data, size_t len)
{
	if (number_at(device, handle) == ECHO)
		take_echo(device, data, len);
	else
		take_sequence(device, data, len, true);
}

static void put_log(const struct device *device, uint8_t bytes[LOG_LEN])
{
	const struct conformance *ram = ram_of(device);
	const struct log *log = &ram->log;

	memset(bytes, 0, LOG_LEN);
	put16(bytes, log->written);
	put16(bytes + 2, log->commands);
	put16(bytes + 4, log->in_order);
	put16(bytes + 6, log->longest);
	put16(bytes + 8, (uint16_t)log->crc);
	put16(bytes + 10, (uint16_t)(log->crc >> 16));
	put16(bytes + 12, log->confirmed);
	put16(bytes + 14, device_mtu(device));
	put16(bytes + 16, ram->connections);
	put16(bytes + 18, log->burst);
	put16(bytes + 20, log->subscriptions);
}

static uint8_t give(const void *value, size_t len, uint8_t *buf, size_t cap, size_t *ret_len)
{
	*ret_len = len < cap ? len : cap;
	memcpy(buf, value, *ret_len);
	return 0;
}

static uint8_t read_value(struct device *device, uint16_t handle, uint8_t *buf, size_t cap,
			  size_t *ret_len)
{
	static const uint8_t moved[] = { 0x2A };
	const struct conformance *ram = ram_of(device);
	const char *name = device_config(device)->name;
	uint8_t bytes[LONG_LEN];

	switch (number_at(device, handle)) {
	case ECHO:
		return give(ram->echo, ram->echo_len, buf, cap, ret_len);
	case LOG:
		put_log(device, bytes);
		return give(bytes, LOG_LEN, buf, cap, ret_len);
	case LONG:
		fill_pattern(bytes, LONG_LEN);
		return give(bytes, LONG_LEN, buf, cap, ret_len);
	case MOVED:
		return give(moved, sizeof(moved), buf, cap, ret_len);
	case NAME:
		return give(name, strlen(name), buf, cap, ret_len);
	default:
		return ATT_AUTHENTICATION;
	}
}

static void confirmed(struct device *device, uint16_t handle)
{
	if (handle != handle_of(device, INDICATION))
		return;
	ram_of(device)->unconfirmed = false;
	ram_of(device)->log.confirmed++;
}

static void cccd_changed(struct device *device, uint16_t handle, uint16_t value)
{
	(void)handle;
	(void)value;
	ram_of(device)->log.subscriptions++;
}

static uint16_t answer_mtu(struct device *device, uint16_t client_mtu)
{
	(void)client_mtu;
	return device_config(device)->mtu;
}

/* --- connections --- */

static void connected(struct device *device);

#define PROGRAM(list)                                                                              \
	{                                                                                          \
		.attributes = (list), .attribute_count = sizeof(list) / sizeof((list)[0]),         \
		.connected = connected, .cccd_changed = cccd_changed, .mtu = answer_mtu,           \
		.read = read_value, .write = write_request, .write_cmd = write_command,            \
		.confirmed = confirmed, .room = send_burst,                                        \
	}

static const struct firmware_ops first_program = PROGRAM(first_database);
static const struct firmware_ops other_program = PROGRAM(other_database);

static void connected(struct device *device)
{
	struct conformance *ram = ram_of(device);
	struct plan plan = ram->plan;

	ram->plan = (struct plan){ 0 };
	ram->burst = (struct burst){ 0 };
	ram->unconfirmed = false;
	ram->connections++;
	firmware_serve(device, ram->change ? &other_program : &first_program);
	if (plan.hold)
		firmware_hold_answers(device, later_us(device, plan.hold_ms));
	if (plan.drop)
		firmware_disconnect_at(device, later_us(device, plan.drop_ms), plan.drop_reason);
}

/* Flags, the service, and as much of the name as finds room beside it. */
static size_t put_advertisement(uint8_t *data, const char *name)
{
	enum { SHORT_NAME = 0x08, COMPLETE_NAME = 0x09, UUID_LEN = 16 };
	static const uint8_t head[] = { 2, 0x01, 0x06, UUID_LEN + 1, 0x07 };
	static const uint8_t service[UUID_LEN] = TEST_UUID(0x01);
	size_t room = DEVICE_ADV_MAX - sizeof(head) - UUID_LEN - 2;
	size_t len = strlen(name);
	size_t used = len < room ? len : room;
	uint8_t *p = data;

	memcpy(p, head, sizeof(head));
	p += sizeof(head);
	for (size_t i = 0; i < UUID_LEN; i++)
		*p++ = service[UUID_LEN - 1 - i];
	*p++ = (uint8_t)(used + 1);
	*p++ = used == len ? COMPLETE_NAME : SHORT_NAME;
	memcpy(p, name, used);
	return (size_t)(p - data) + used;
}

static void boot(struct device *device)
{
	const struct device_config *config = device_config(device);
	struct firmware_start start = { .ops = &first_program,
					.mode = DEVICE_CONFORMANCE,
					.addr = config->address };

	start.adv_len = put_advertisement(start.adv_data, config->name);
	firmware_run(device, &start);
}

/* It has no images. */
static void describe(const struct device *device, struct device_state *ret_state)
{
	(void)device;
	(void)ret_state;
}

static const char *const sdks[] = { NULL };

const struct bootloader_ops conformance_service = {
	.name = "conformance",
	.sdks = sdks,
	.ram_size = sizeof(struct conformance),
	.flash = { .places = 1 },
	.boot = boot,
	.describe = describe,
};
