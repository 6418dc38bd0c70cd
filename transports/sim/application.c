#include "application.h"

#include "machine.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* Of values; a bootloader has other ones, so a client's cache of these is wrong there. */
enum {
	HANDLE_NAME = 0x0003,
	HANDLE_CHANGED = 0x000A,
	HANDLE_MODEL = 0x000E,
	HANDLE_REVISION = 0x0010,
	HANDLE_PRODUCT = 0x0013,
	HANDLE_PACKET = 0x0016, /* legacy service */
	HANDLE_CONTROL = 0x0018,
	HANDLE_VERSION = 0x001B,
	HANDLE_BUTTONLESS = 0x0017,
	HANDLE_BATTERY = 0x0020
};

enum { ATT_INVALID_LENGTH = 0x0D, ATT_CCCD_IMPROPER = 0xFD, ATT_IN_PROGRESS = 0xFE };

enum {
	REASON_USER_TERMINATED = 0x13,
	LEAVE_US = 50000, /* the answer gets out before the link goes */
	JUMP_US = 500000, /* legacy-dfu.md 3 */
	RESET_US = 100000 /* secure-dfu.md 2 */
};

/* clang-format off */
#define LEGACY_UUID(low)                                                                           \
	{ 0x00, 0x00, 0x15, low, 0x12, 0x12, 0xEF, 0xDE, 0x15, 0x23, 0x78, 0x5F, 0xEA, 0xBC, 0xD1, 0x23 }
#define EXPERIMENTAL_UUID                                                                          \
	{ 0x8E, 0x40, 0x00, 0x01, 0xF3, 0x15, 0x4F, 0x60, 0x9F, 0xB8, 0x83, 0x88, 0x30, 0xDA, 0xEA, 0x50 }
#define UNBONDED_UUID                                                                              \
	{ 0x8E, 0xC9, 0x00, 0x03, 0xF3, 0x15, 0x4F, 0x60, 0x9F, 0xB8, 0x83, 0x88, 0x30, 0xDA, 0xEA, 0x50 }
/* legacy-dfu.md 10, micro:bit */
#define CUSTOM_UUID(low)                                                                           \
	{ 0xE9, 0x5D, 0x93, low, 0x25, 0x1D, 0x47, 0x0A, 0xA0, 0x62, 0xFB, 0x19, 0x22, 0xDF, 0xA9, 0xA8 }
#define PRODUCT_UUID(low)                                                                          \
	{ 0x6B, 0x1D, 0x00, low, 0x5C, 0x2E, 0x4A, 0x77, 0x93, 0x0F, 0x21, 0xD8, 0x4E, 0x60, 0xB3, 0x95 }

/* What every application has, whatever leads into its bootloader. */
#define PRODUCT_ATTRIBUTES                                                                         \
	{ .service = 0x1800, .uuid = 0x2A00, .handle = HANDLE_NAME, .props = OTADFU_PROP_READ },   \
	{ .service = 0x1801, .uuid = 0x2A05, .handle = HANDLE_CHANGED, .props = OTADFU_PROP_INDICATE }, \
	{ .service = 0x180A, .uuid = 0x2A24, .handle = HANDLE_MODEL, .props = OTADFU_PROP_READ },  \
	{ .service = 0x180A, .uuid = 0x2A26, .handle = HANDLE_REVISION, .props = OTADFU_PROP_READ }, \
	{ .service128 = PRODUCT_UUID(1), .uuid128 = PRODUCT_UUID(2), .handle = HANDLE_PRODUCT,     \
	  .props = OTADFU_PROP_READ }
/* clang-format on */

static const struct device_attribute battery_attribute = {
	.service = 0x180F, .uuid = 0x2A19, .handle = HANDLE_BATTERY, .props = OTADFU_PROP_READ
};

static const struct device_attribute plain_attributes[] = { PRODUCT_ATTRIBUTES };

/* The last one came with SDK 7. */
static const struct device_attribute legacy_attributes[] = {
	PRODUCT_ATTRIBUTES,
	{ .service128 = LEGACY_UUID(0x30),
	  .uuid128 = LEGACY_UUID(0x32),
	  .handle = HANDLE_PACKET,
	  .props = OTADFU_PROP_WRITE_CMD },
	{ .service128 = LEGACY_UUID(0x30),
	  .uuid128 = LEGACY_UUID(0x31),
	  .handle = HANDLE_CONTROL,
	  .props = OTADFU_PROP_WRITE | OTADFU_PROP_NOTIFY },
	{ .service128 = LEGACY_UUID(0x30),
	  .uuid128 = LEGACY_UUID(0x34),
	  .handle = HANDLE_VERSION,
	  .props = OTADFU_PROP_READ },
};

static const struct device_attribute experimental_attributes[] = {
	PRODUCT_ATTRIBUTES,
	{ .service128 = EXPERIMENTAL_UUID,
	  .uuid128 = EXPERIMENTAL_UUID,
	  .handle = HANDLE_BUTTONLESS,
	  .props = OTADFU_PROP_WRITE | OTADFU_PROP_NOTIFY },
};

static const struct device_attribute unbonded_attributes[] = {
	PRODUCT_ATTRIBUTES,
	{ .service = 0xFE59,
	  .uuid128 = UNBONDED_UUID,
	  .handle = HANDLE_BUTTONLESS,
	  .props = OTADFU_PROP_WRITE | OTADFU_PROP_INDICATE },
};

static const struct device_attribute custom_attributes[] = {
	PRODUCT_ATTRIBUTES,
	{ .service128 = CUSTOM_UUID(0xB0),
	  .uuid128 = CUSTOM_UUID(0xB1),
	  .handle = HANDLE_BUTTONLESS,
	  .props = OTADFU_PROP_WRITE | OTADFU_PROP_READ },
};

/* --- leaving for the bootloader --- */

static void schedule(struct device *device, uint64_t delay_us, timeline_fn *next)
{
	timeline_arm(&device->timeline, &device->application.leave,
		     device->timeline.now_us + delay_us, next, device);
}

static void jump(void *user)
{
	struct device *device = user;

	device->gpregret = FIRMWARE_GPREGRET_DFU;
	device->peer_data = device->config.peer_data;
	firmware_restart_without_reset(device);
}

static void reset(void *user)
{
	struct device *device = user;

	device->gpregret = FIRMWARE_GPREGRET_DFU;
	firmware_reset(device);
}

static void close_link(struct device *device)
{
	firmware_stop_advertising(device);
	firmware_disconnect(device, REASON_USER_TERMINATED);
}

static void close_then_jump(void *user)
{
	close_link(user);
	schedule(user, JUMP_US, jump);
}

static void close_then_reset(void *user)
{
	close_link(user);
	schedule(user, RESET_US, reset);
}

void application_stop(struct device *device)
{
	timeline_disarm(&device->timeline, &device->application.leave);
}

size_t firmware_take_name(struct device *device, char *buf, size_t cap)
{
	struct application *application = &device->application;
	size_t len = application->name_len < cap ? application->name_len : cap;

	memcpy(buf, application->name, len);
	application->name_len = 0;
	return len;
}

/* --- GATT --- */

/* Of the SDK that the product was built with. */
static long sdk_major(const struct device *device)
{
	return strtol(device->config.sdk, NULL, 10);
}

static bool knows_modes(const struct device *device)
{
	return sdk_major(device) >= 7; /* legacy-dfu.md 3 */
}

static uint8_t legacy_write(struct device *device, uint16_t handle, const uint8_t *data, size_t len)
{
	enum { OP_START = 0x01, RESPONSE = 0x10, NOT_SUPPORTED = 0x03, FAILED = 0x06 };

	if (!firmware_cccd(device, handle))
		return ATT_CCCD_IMPROPER;
	if (len == 0)
		return ATT_INVALID_LENGTH;
	if (data[0] != OP_START)
		firmware_notify(device, handle,
				(uint8_t[]){ RESPONSE, knows_modes(device) ? data[0] : OP_START,
					     NOT_SUPPORTED },
				3);
	else if (len < 2 && knows_modes(device))
		firmware_notify(device, handle, (uint8_t[]){ RESPONSE, data[0], FAILED }, 3);
	else
		schedule(device, LEAVE_US, close_then_jump);
	return 0;
}

enum buttonless_op { OP_ENTER = 0x01, OP_SET_NAME = 0x02, OP_RESPONSE = 0x20 };

enum buttonless_result { RESULT_SUCCESS = 0x01, RESULT_NOT_SUPPORTED = 0x02, RESULT_NAME = 0x05 };

static uint8_t experimental_write(struct device *device, uint16_t handle, const uint8_t *data,
				  size_t len)
{
	uint8_t result = RESULT_NOT_SUPPORTED;

	if (!firmware_cccd(device, handle))
		return ATT_CCCD_IMPROPER;
	if (len == 0)
		return ATT_INVALID_LENGTH;
	if (data[0] == OP_ENTER) {
		result = RESULT_SUCCESS;
		schedule(device, LEAVE_US, close_then_reset);
	}
	firmware_notify(device, handle, (uint8_t[]){ OP_RESPONSE, data[0], result }, 3);
	return 0;
}

static uint8_t set_name(struct device *device, const uint8_t *data, size_t len)
{
	struct application *application = &device->application;

	if (sdk_major(device) < 14)
		return RESULT_NOT_SUPPORTED;
	if (len < 3 || data[1] > APPLICATION_NAME_MAX || data[1] != len - 2)
		return RESULT_NAME;
	memcpy(application->name, data + 2, data[1]);
	application->name_len = data[1];
	return RESULT_SUCCESS;
}

static uint8_t unbonded_write(struct device *device, uint16_t handle, const uint8_t *data,
			      size_t len)
{
	uint8_t result = RESULT_NOT_SUPPORTED;

	if (!firmware_cccd(device, handle))
		return ATT_CCCD_IMPROPER;
	if (device->connection.unconfirmed)
		return ATT_IN_PROGRESS;
	if (len == 0)
		return ATT_INVALID_LENGTH;
	device->application.entering = data[0] == OP_ENTER;
	if (data[0] == OP_ENTER)
		result = RESULT_SUCCESS;
	else if (data[0] == OP_SET_NAME)
		result = set_name(device, data, len);
	firmware_indicate(device, handle, (uint8_t[]){ OP_RESPONSE, data[0], result }, 3);
	return 0;
}

/* Without the confirmation nothing happens (secure-dfu.md 2). */
static void unbonded_confirmed(struct device *device, uint16_t handle)
{
	if (handle == HANDLE_BUTTONLESS && device->application.entering)
		schedule(device, LEAVE_US, close_then_reset);
}

static uint8_t custom_write(struct device *device, uint16_t handle, const uint8_t *data, size_t len)
{
	(void)handle;
	if (len == 1 && data[0] == 0x01)
		schedule(device, LEAVE_US, close_then_reset);
	return 0;
}

static uint16_t application_mtu(struct device *device, uint16_t client_mtu)
{
	(void)client_mtu;
	return device->config.mtu;
}

static uint8_t give_text(const char *text, uint8_t *buf, size_t cap, size_t *ret_len)
{
	size_t len = strlen(text);

	*ret_len = len < cap ? len : cap;
	memcpy(buf, text, *ret_len);
	return 0;
}

static uint8_t application_read(struct device *device, uint16_t handle, uint8_t *buf, size_t cap,
				size_t *ret_len)
{
	static const uint8_t version[] = { 0x01, 0x00 }; /* legacy-dfu.md 1.1: the application */
	struct device_state state;
	char text[16];

	switch (handle) {
	case HANDLE_NAME:
		return give_text(device->config.name, buf, cap, ret_len);
	case HANDLE_MODEL:
		return give_text(device->config.chip->name, buf, cap, ret_len);
	case HANDLE_BATTERY:
		*ret_len = 1;
		buf[0] = device->config.battery_percent;
		return 0;
	case HANDLE_REVISION:
		if (device->config.firmware)
			return give_text(device->config.firmware, buf, cap, ret_len);
		device_describe(device, &state);
		snprintf(text, sizeof(text), "%u", state.app_version);
		return give_text(text, buf, cap, ret_len);
	case HANDLE_VERSION:
		*ret_len = sizeof(version) < cap ? sizeof(version) : cap;
		memcpy(buf, version, *ret_len);
		return 0;
	default:
		return give_text("", buf, cap, ret_len);
	}
}

#define APPLICATION_WITH(list, count)                                                              \
	.attributes = (list), .attribute_count = (count), .mtu = application_mtu,                  \
	.read = application_read
#define APPLICATION(list) APPLICATION_WITH(list, sizeof(list) / sizeof((list)[0]))

enum { LEGACY_ATTRIBUTES = sizeof(legacy_attributes) / sizeof(legacy_attributes[0]) };

static const struct firmware_ops legacy_without_version = {
	APPLICATION_WITH(legacy_attributes, LEGACY_ATTRIBUTES - 1), .write = legacy_write
};

static const struct firmware_ops applications[] = {
	[BUTTONLESS_NONE] = { APPLICATION(plain_attributes) },
	[BUTTONLESS_LEGACY] = { APPLICATION(legacy_attributes), .write = legacy_write },
	[BUTTONLESS_EXPERIMENTAL] = { APPLICATION(experimental_attributes),
				      .write = experimental_write },
	[BUTTONLESS_UNBONDED] = { APPLICATION(unbonded_attributes), .write = unbonded_write,
				  .confirmed = unbonded_confirmed },
	[BUTTONLESS_CUSTOM] = { APPLICATION(custom_attributes), .write = custom_write },
};

/* Flags, then as much of the name as fits. */
static size_t put_advertisement(uint8_t *data, const char *name)
{
	enum { FLAGS = 0x01, FLAGS_LE_GENERAL = 0x06, SHORT_NAME = 0x08, COMPLETE_NAME = 0x09 };
	static const uint8_t flags[] = { 2, FLAGS, FLAGS_LE_GENERAL };
	size_t room = DEVICE_ADV_MAX - sizeof(flags) - 2;
	size_t len = strlen(name);
	size_t used = len < room ? len : room;

	memcpy(data, flags, sizeof(flags));
	data[3] = (uint8_t)(used + 1);
	data[4] = used == len ? COMPLETE_NAME : SHORT_NAME;
	memcpy(data + 5, name, used);
	return 5 + used;
}

static bool tells_firmware(const struct device_config *config)
{
	return !config->firmware || strcmp(config->firmware, "none") != 0;
}

/* ops with the attributes that this product has. */
static const struct firmware_ops *fit(struct device *device, const struct firmware_ops *ops)
{
	struct application *application = &device->application;
	struct device_attribute *to = application->attributes;

	for (size_t i = 0; i < ops->attribute_count; i++) {
		if (ops->attributes[i].handle != HANDLE_REVISION || tells_firmware(&device->config))
			*to++ = ops->attributes[i];
	}
	if (device->config.has_battery)
		*to++ = battery_attribute;
	application->ops = *ops;
	application->ops.attributes = application->attributes;
	application->ops.attribute_count = (size_t)(to - application->attributes);
	return &application->ops;
}

void application_describe(struct device *device, struct firmware_start *ret_start)
{
	const struct firmware_ops *ops = &applications[device->config.buttonless];

	if (device->config.buttonless == BUTTONLESS_LEGACY && !knows_modes(device))
		ops = &legacy_without_version;
	*ret_start =
		(struct firmware_start){ .ops = fit(device, ops), .addr = device->config.address };
	device->application.entering = false;
	ret_start->adv_len = put_advertisement(ret_start->adv_data, device->config.name);
}
