/*
 * InfiniTime on a PineTime: legacy DFU inside of a running firmware that is none of Nordic's
 * (legacy-dfu.md 10.1). What it receives lies in a flash of its own; MCUboot exchanges the two
 * images at the next start. Here both lie in the chip's flash, so an image has half the room.
 */
#include "infinitime.h"

#include <string.h>

enum { /* value handles */
       HANDLE_NAME = 0x0003,
       HANDLE_REVISION = 0x0010,
       HANDLE_BATTERY = 0x0013,
       HANDLE_PACKET = 0x0016,
       HANDLE_VERSION = 0x001B,
};

enum { INSUFFICIENT_AUTHORIZATION = 0x08, SWAP_US = 75000000 };

/* --- flash --- */

const uint8_t *infinitime_flash_at(const struct device *device, uint32_t addr)
{
	return flash_bytes(device_flash(device)) + addr;
}

/* Lengths that fit into nothing are those of a flash that somebody else made. */
struct infinitime_record infinitime_record_read(const struct device *device)
{
	const uint8_t *page = infinitime_flash_at(device, INFINITIME_RECORD);
	struct infinitime_record record = { .running_len = infinitime_get32(page),
					    .received_len = infinitime_get32(page + 4),
					    .running_version = infinitime_get32(page + 8),
					    .received_version = infinitime_get32(page + 12) };

	if (record.running_len > INFINITIME_SLOT_SIZE || record.received_len > INFINITIME_SLOT_SIZE)
		return (struct infinitime_record){ 0 };
	return record;
}

void infinitime_record_save(struct device *device, const struct infinitime_record *record)
{
	const uint32_t values[] = { record->running_len, record->received_len,
				    record->running_version, record->received_version };
	uint8_t page[sizeof(values)];

	for (size_t i = 0; i < sizeof(page); i++)
		page[i] = (uint8_t)(values[i / 4] >> 8 * (i % 4));
	flash_erase_now(device_flash(device), INFINITIME_RECORD, 1);
	flash_write_now(device_flash(device), INFINITIME_RECORD, page, sizeof(page));
}

/* --- GATT --- */

/* clang-format off */
#define LEGACY_UUID(low)                                                                           \
	{ 0x00, 0x00, 0x15, low, 0x12, 0x12, 0xEF, 0xDE, 0x15, 0x23, 0x78, 0x5F, 0xEA, 0xBC, 0xD1, 0x23 }
/* clang-format on */

static const struct device_attribute attributes[] = {
	{ .service = 0x1800, .uuid = 0x2A00, .handle = HANDLE_NAME, .props = OTADFU_PROP_READ },
	{ .service = 0x180A, .uuid = 0x2A26, .handle = HANDLE_REVISION, .props = OTADFU_PROP_READ },
	{ .service = 0x180F, .uuid = 0x2A19, .handle = HANDLE_BATTERY, .props = OTADFU_PROP_READ },
	{ .service128 = LEGACY_UUID(0x30),
	  .uuid128 = LEGACY_UUID(0x32),
	  .handle = HANDLE_PACKET,
	  .props = OTADFU_PROP_WRITE_CMD },
	{ .service128 = LEGACY_UUID(0x30),
	  .uuid128 = LEGACY_UUID(0x31),
	  .handle = INFINITIME_HANDLE_CONTROL,
	  .props = OTADFU_PROP_WRITE | OTADFU_PROP_NOTIFY },
	{ .service128 = LEGACY_UUID(0x30),
	  .uuid128 = LEGACY_UUID(0x34),
	  .handle = HANDLE_VERSION,
	  .props = OTADFU_PROP_READ },
};

/* What each access to the DFU service does before anything else. */
static uint8_t access_dfu(struct device *device)
{
	if (device_config(device)->locked)
		return INSUFFICIENT_AUTHORIZATION;
	infinitime_feed(device);
	return 0;
}

static uint8_t give(const void *value, size_t len, uint8_t *buf, size_t cap, size_t *ret_len)
{
	*ret_len = len < cap ? len : cap;
	memcpy(buf, value, *ret_len);
	return 0;
}

static uint8_t read_version(struct device *device, uint8_t *buf, size_t cap, size_t *ret_len)
{
	static const uint8_t version[] = { 0x08, 0x00 };
	uint8_t error = access_dfu(device);

	return error ? error : give(version, sizeof(version), buf, cap, ret_len);
}

static uint8_t read_value(struct device *device, uint16_t handle, uint8_t *buf, size_t cap,
			  size_t *ret_len)
{
	static const uint8_t battery = 80;
	const char *name = device_config(device)->name;
	const char *sdk = device_config(device)->sdk;

	if (handle == HANDLE_VERSION)
		return read_version(device, buf, cap, ret_len);
	if (handle == HANDLE_BATTERY)
		return give(&battery, sizeof(battery), buf, cap, ret_len);
	if (handle == HANDLE_REVISION)
		return give(sdk, strlen(sdk), buf, cap, ret_len);
	return give(name, strlen(name), buf, cap, ret_len);
}

static uint8_t write_value(struct device *device, uint16_t handle, const uint8_t *data, size_t len)
{
	uint8_t error = access_dfu(device);

	(void)handle;
	if (!error)
		infinitime_control(device, data, len);
	return error;
}

static void write_packet(struct device *device, uint16_t handle, const uint8_t *data, size_t len)
{
	(void)handle;
	firmware_counters(device)->bytes_received += len;
	if (access_dfu(device) == 0 && len > 0)
		infinitime_packet(device, data, len);
}

static void link_lost(struct device *device, uint8_t reason)
{
	(void)reason;
	infinitime_ram(device)->updating = false;
}

static uint16_t exchange_mtu(struct device *device, uint16_t client_mtu)
{
	(void)client_mtu;
	return device_config(device)->mtu;
}

static const struct firmware_ops program = {
	.attributes = attributes,
	.attribute_count = sizeof(attributes) / sizeof(attributes[0]),
	.disconnected = link_lost,
	.mtu = exchange_mtu,
	.read = read_value,
	.write = write_value,
	.write_cmd = write_packet,
	.inactivity = infinitime_reset,
};

/* --- start and end --- */

/* Flags, the DFU service, as much of the name as fits. */
static size_t put_advertisement(const char *name, uint8_t data[DEVICE_ADV_MAX])
{
	enum { SHORT_NAME = 0x08, COMPLETE_NAME = 0x09 };
	static const uint8_t head[] = {
		2,    0x01, 0x06, /* general, no BR/EDR */
		17,   0x07, 0x23, 0xD1, 0xBC, 0xEA, 0x5F, 0x78, 0x23,
		0x15, 0xDE, 0xEF, 0x12, 0x12, 0x30, 0x15, 0x00, 0x00,
	};
	size_t room = DEVICE_ADV_MAX - sizeof(head) - 2;
	size_t len = strlen(name);
	size_t used = len < room ? len : room;

	memcpy(data, head, sizeof(head));
	data[sizeof(head)] = (uint8_t)(used + 1);
	data[sizeof(head) + 1] = used == len ? COMPLETE_NAME : SHORT_NAME;
	memcpy(data + sizeof(head) + 2, name, used);
	return sizeof(head) + 2 + used;
}

static void provision(struct device *device)
{
	const struct device_config *config = device_config(device);
	struct infinitime_record record = { .running_version = config->app_version };

	if (config->application && config->application_len <= INFINITIME_SLOT_SIZE) {
		flash_program(device_flash(device), INFINITIME_SLOT_RUNNING, config->application,
			      config->application_len);
		record.running_len = (uint32_t)config->application_len;
	}
	infinitime_record_save(device, &record);
}

/* By MCUboot, page by page; a power cut in it would go on where it was, here it comes too late or
 * too early. */
static void exchange_images(struct device *device)
{
	struct flash *flash = device_flash(device);
	struct infinitime_record record = infinitime_record_read(device);
	struct infinitime_record after = { .running_len = record.received_len,
					   .running_version = record.received_version };

	for (uint32_t at = 0; at < INFINITIME_SLOT_SIZE; at += INFINITIME_PAGE) {
		uint8_t page[INFINITIME_PAGE];

		memcpy(page, infinitime_flash_at(device, INFINITIME_SLOT_RUNNING + at),
		       INFINITIME_PAGE);
		flash_erase_now(flash, INFINITIME_SLOT_RUNNING + at, 1);
		flash_write_now(flash, INFINITIME_SLOT_RUNNING + at,
				infinitime_flash_at(device, INFINITIME_SLOT_RECEIVED + at),
				INFINITIME_PAGE);
		flash_erase_now(flash, INFINITIME_SLOT_RECEIVED + at, 1);
		flash_write_now(flash, INFINITIME_SLOT_RECEIVED + at, page, INFINITIME_PAGE);
	}
	infinitime_record_save(device, &after);
	firmware_spend(device, SWAP_US);
}

static void boot(struct device *device)
{
	struct firmware_start start = { .ops = &program,
					.addr = device_config(device)->address,
					.mode = DEVICE_APPLICATION };

	firmware_set_gpregret(device, 0);
	if (infinitime_record_read(device).received_len > 0)
		exchange_images(device);
	start.adv_len = put_advertisement(device_config(device)->name, start.adv_data);
	firmware_run(device, &start);
}

static void describe(const struct device *device, struct device_state *ret_state)
{
	struct infinitime_record record = infinitime_record_read(device);

	ret_state->application =
		(struct device_image){ INFINITIME_SLOT_RUNNING, record.running_len };
	ret_state->softdevice.addr = INFINITIME_SLOT_RUNNING;
	ret_state->bootloader.addr = 0;
	ret_state->bank1 = INFINITIME_SLOT_RECEIVED;
	ret_state->app_version = record.running_version;
	ret_state->bootloader_version = device_config(device)->bootloader_version;
}

static const char *const releases[] = { "1", NULL };

const struct bootloader_ops peer_infinitime = {
	.name = "infinitime",
	.sdks = releases,
	.ram_size = sizeof(struct infinitime),
	.flash = { .places = 1, .write_unit = 0 },
	.provision = provision,
	.boot = boot,
	.describe = describe,
};
