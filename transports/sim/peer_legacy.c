/* Table of the simulated legacy bootloader: generations, flash layout, GATT, advertising. */
#include "peer_legacy.h"

#include "softdevice.h"

#include <string.h>

enum { FEATURE_NOT_SUPPORTED = 0x82, CCCD_IMPROPER = 0xFD, READ_NOT_PERMITTED = 0x02 };

enum { ATT_MTU = 23 };

enum { INACTIVITY_S = 120, SHORT_INACTIVITY_S = 60, DIRECTED_S = 64 };

/* --- generations --- */

/* Its settings and init packet are those of SDK 11; its UART and USB are left out. */
static const struct legacy_derivative adafruit = {
	.name = "AdaDFU",
	.rx_buffers = 16,
	.packet_max = LEGACY_RX_BUFFER_SIZE,
	.safe_packet = LEGACY_PACKET_MAX,
	.device_type = 0x0052,
	.nrf52832_revision = 0xADAF,
	.nrf52840_revision = 52840,
};

/* One bootloader in all of them. */
#define SDK_4_TO_6_0(name)                                                                         \
	{                                                                                          \
		.sdk = (name), .no_peer_data = true, .takes_old_start = true,                      \
		.old_start_only = true, .takes_old_init = true, .clears_early = true,              \
		.keeps_crc = true, .reports_early = true, .validates_once = true,                  \
		.single_is_for_applications = true, .init_capacity_dual = 64,                      \
		.init_capacity_single = 64, .inactivity_s = SHORT_INACTIVITY_S,                    \
	}

static const struct legacy_generation generations[] = {
	SDK_4_TO_6_0("4.4"),
	SDK_4_TO_6_0("5.2"),
	SDK_4_TO_6_0("6.0"),
	{ .sdk = "6.1",
	  .no_peer_data = true,
	  .takes_old_start = true,
	  .takes_old_init = true,
	  .clears_early = true,
	  .keeps_crc = true,
	  .reports_early = true,
	  .validates_once = true,
	  .single_is_for_applications = true,
	  .init_capacity_dual = 64,
	  .init_capacity_single = 64 },
	{ .sdk = "7",
	  .version = 0x0005,
	  .reports_early = true,
	  .init_capacity_dual = 64,
	  .init_capacity_single = 64 },
	{ .sdk = "8",
	  .version = 0x0006,
	  .next_address = true,
	  .init_capacity_dual = 64,
	  .init_capacity_single = 64 },
	{ .sdk = "9",
	  .version = 0x0008,
	  .next_address = true,
	  .init_capacity_dual = 128,
	  .init_capacity_single = 64 },
	{ .sdk = "10",
	  .version = 0x0008,
	  .next_address = true,
	  .init_capacity_dual = 128,
	  .init_capacity_single = 64 },
	{ .sdk = "11",
	  .version = 0x0008,
	  .next_address = true,
	  .init_capacity_dual = 128,
	  .init_capacity_single = 64 },
	{ .sdk = "11-adafruit",
	  .version = 0x0008,
	  .next_address = true,
	  .init_capacity_dual = 128,
	  .init_capacity_single = 64,
	  .derivative = &adafruit },
};

static const char *const sdks[] = { "4.4", "5.2", "6.0", "6.1",         "7", "8",
				    "9",   "10",  "11",  "11-adafruit", NULL };

/* Who made the configuration took the name from sdks. */
const struct legacy_generation *legacy_generation(const struct device *device)
{
	const struct legacy_generation *generation = generations;

	while (strcmp(generation->sdk, device_config(device)->sdk) != 0)
		generation++;
	return generation;
}

/* --- flash --- */

/* Each chip of chip.c. Section 10; the last row is where Adafruit's derivative lies. */
static const struct {
	const char *chip;
	uint32_t bootloader;
	uint32_t settings;
} regions[] = {
	{ "nrf51822", 0x3C000, 0x3FC00 },
	{ "nrf52832", 0x7A000, 0x7F000 },
	{ "nrf52840", 0xF4000, 0xFF000 },
};

const uint8_t *legacy_flash_at(const struct device *device, uint32_t addr)
{
	return flash_bytes(device_flash(device)) + addr;
}

static uint32_t round_up(uint32_t size, uint32_t unit)
{
	return (size + unit - 1) / unit * unit;
}

static bool read_softdevice(const struct device *device, struct softdevice *ret_softdevice)
{
	return softdevice_read(legacy_flash_at(device, SOFTDEVICE_START),
			       device_config(device)->chip->flash_size - SOFTDEVICE_START,
			       ret_softdevice);
}

uint16_t legacy_softdevice_fwid(const struct device *device)
{
	struct softdevice softdevice = { .fwid = 0xFFFF };

	(void)read_softdevice(device, &softdevice);
	return softdevice.fwid;
}

/*
 * A real device with a damaged SoftDevice would never talk again. This one has no room then: it
 * talks and refuses every image.
 */
static uint32_t find_app_start(const struct device *device, uint32_t bootloader)
{
	struct softdevice softdevice;

	if (!read_softdevice(device, &softdevice) || softdevice.size <= SOFTDEVICE_START ||
	    softdevice.size > bootloader)
		return bootloader;
	return round_up(softdevice.size, device_config(device)->chip->page_size);
}

struct legacy_layout legacy_layout(const struct device *device)
{
	const struct chip *chip = device_config(device)->chip;
	struct legacy_layout layout = { 0 };
	size_t i = 0;

	while (strcmp(regions[i].chip, chip->name) != 0)
		i++;
	layout.bootloader = regions[i].bootloader;
	layout.settings = regions[i].settings;
	layout.bootloader_max = layout.settings - layout.bootloader;
	layout.app_start = find_app_start(device, layout.bootloader);
	layout.full_max = layout.bootloader - layout.app_start;
	layout.banked_max = (layout.full_max - layout.full_max % (2 * chip->page_size)) / 2;
	layout.bank1 = layout.app_start + layout.banked_max;
	return layout;
}

uint32_t legacy_pages(const struct device *device, uint32_t size)
{
	uint32_t page_size = device_config(device)->chip->page_size;

	return size == 0 ? 1 : (size - 1) / page_size + 1;
}

/* --- GATT --- */

/* clang-format off */
#define LEGACY_UUID(low)                                                                           \
	{ 0x00, 0x00, 0x15, low, 0x12, 0x12, 0xEF, 0xDE, 0x15, 0x23, 0x78, 0x5F, 0xEA, 0xBC, 0xD1, 0x23 }
/* clang-format on */

/* The version came with SDK 7; the last one is Adafruit's. */
static const struct device_attribute attributes[] = {
	{ .service = 0x1800,
	  .uuid = 0x2A00,
	  .handle = LEGACY_HANDLE_NAME,
	  .props = OTADFU_PROP_READ },
	{ .service = 0x1801,
	  .uuid = 0x2A05,
	  .handle = LEGACY_HANDLE_SERVICE_CHANGED,
	  .props = OTADFU_PROP_INDICATE },
	{ .service128 = LEGACY_UUID(0x30),
	  .uuid128 = LEGACY_UUID(0x32),
	  .handle = LEGACY_HANDLE_PACKET,
	  .props = OTADFU_PROP_WRITE_CMD },
	{ .service128 = LEGACY_UUID(0x30),
	  .uuid128 = LEGACY_UUID(0x31),
	  .handle = LEGACY_HANDLE_CONTROL,
	  .props = OTADFU_PROP_WRITE | OTADFU_PROP_NOTIFY },
	{ .service128 = LEGACY_UUID(0x30),
	  .uuid128 = LEGACY_UUID(0x34),
	  .handle = LEGACY_HANDLE_VERSION,
	  .props = OTADFU_PROP_READ },
	{ .service = 0x180A,
	  .uuid = 0x2A24,
	  .handle = LEGACY_HANDLE_MODEL,
	  .props = OTADFU_PROP_READ },
};

static uint8_t give(const void *value, size_t len, uint8_t *buf, size_t cap, size_t *ret_len)
{
	*ret_len = len < cap ? len : cap;
	memcpy(buf, value, *ret_len);
	return 0;
}

static const char *device_name(const struct device *device)
{
	const struct legacy_derivative *derivative = legacy_generation(device)->derivative;

	return derivative ? derivative->name : "DfuTarg";
}

static uint16_t exchange_mtu(struct device *device, uint16_t client_mtu)
{
	(void)client_mtu;
	return legacy_generation(device)->derivative ? device_config(device)->mtu : ATT_MTU;
}

static size_t packet_max(const struct device *device)
{
	const struct legacy_derivative *derivative = legacy_generation(device)->derivative;

	return derivative ? derivative->packet_max : LEGACY_PACKET_MAX;
}

static uint8_t read_value(struct device *device, uint16_t handle, uint8_t *buf, size_t cap,
			  size_t *ret_len)
{
	uint16_t version = legacy_generation(device)->version;
	uint8_t bytes[] = { (uint8_t)version, (uint8_t)(version >> 8) };

	if (handle == LEGACY_HANDLE_VERSION)
		return give(bytes, sizeof(bytes), buf, cap, ret_len);
	if (handle == LEGACY_HANDLE_NAME)
		return give(device_name(device), strlen(device_name(device)), buf, cap, ret_len);
	if (handle == LEGACY_HANDLE_MODEL)
		return give(device_config(device)->chip->name,
			    strlen(device_config(device)->chip->name), buf, cap, ret_len);
	return READ_NOT_PERMITTED;
}

static uint8_t write_value(struct device *device, uint16_t handle, const uint8_t *data, size_t len)
{
	if (!firmware_cccd(device, handle))
		return CCCD_IMPROPER;
	legacy_control_write(device, data, len);
	return 0;
}

static uint8_t refuse_prepared(struct device *device, uint16_t handle, const uint8_t *data,
			       size_t len)
{
	(void)device, (void)handle, (void)data, (void)len;
	return FEATURE_NOT_SUPPORTED;
}

static void write_packet(struct device *device, uint16_t handle, const uint8_t *data, size_t len)
{
	static void (*const takers[])(struct device *, const uint8_t *, size_t) = {
		[LEGACY_PACKET_SIZES] = legacy_sizes_packet,
		[LEGACY_PACKET_INIT] = legacy_init_packet,
		[LEGACY_PACKET_DATA] = legacy_data_packet,
	};
	enum legacy_packet packet = legacy_of(device)->packet;

	(void)handle;
	firmware_counters(device)->bytes_received += len;
	if (packet != LEGACY_PACKET_UNKNOWN && len > 0 && len <= packet_max(device))
		takers[packet](device, data, len);
}

static uint32_t inactivity_s(const struct legacy_generation *generation)
{
	return generation->inactivity_s ? generation->inactivity_s : INACTIVITY_S;
}

/* Directed advertising ends by itself, 50 times 1.28 s after it began (section 2). */
static void link_up(struct device *device)
{
	if (legacy_of(device)->directed)
		firmware_set_inactivity(device, INACTIVITY_S);
}

static void link_lost(struct device *device, uint8_t reason)
{
	(void)reason;
	if (legacy_of(device)->directed)
		firmware_set_inactivity(device, DIRECTED_S);
}

/* Activation has stopped the real one's timer. */
static void inactivity(struct device *device)
{
	if (legacy_of(device)->state != LEGACY_ACTIVATING)
		legacy_leave(device);
}

enum { ATTRIBUTES = sizeof(attributes) / sizeof(attributes[0]) };

#define PROGRAM(count)                                                                             \
	{                                                                                          \
		.attributes = attributes, .attribute_count = (count), .connected = link_up,        \
		.disconnected = link_lost, .mtu = exchange_mtu, .read = read_value,                \
		.write = write_value, .prepare_write = refuse_prepared, .write_cmd = write_packet, \
		.inactivity = inactivity,                                                          \
	}

static const struct firmware_ops program = PROGRAM(ATTRIBUTES - 1);
static const struct firmware_ops program_without_version = PROGRAM(ATTRIBUTES - 2);
static const struct firmware_ops program_of_derivative = PROGRAM(ATTRIBUTES);

static const struct firmware_ops *program_of(const struct legacy_generation *generation)
{
	if (generation->derivative)
		return &program_of_derivative;
	return generation->version ? &program : &program_without_version;
}

/* --- advertising --- */

/* Flags, incomplete list of 128-bit UUIDs, complete name: section 2. */
static size_t put_advertisement(const struct device *device, uint8_t data[DEVICE_ADV_MAX])
{
	static const uint8_t head[] = {
		2,    0x01, 0x06, /* general, no BR/EDR */
		17,   0x06, 0x23, 0xD1, 0xBC, 0xEA, 0x5F, 0x78, 0x23,
		0x15, 0xDE, 0xEF, 0x12, 0x12, 0x30, 0x15, 0x00, 0x00, /* 1530, little-endian */
	};
	const char *name = device_name(device);
	size_t name_len = strlen(name);

	memcpy(data, head, sizeof(head));
	data[sizeof(head)] = (uint8_t)(name_len + 1);
	data[sizeof(head) + 1] = 0x09;
	memcpy(data + sizeof(head) + 2, name, name_len);
	return sizeof(head) + 2 + name_len;
}

/* With peer data it calls the central that asked for the jump, as the application it was. */
void legacy_run(struct device *device)
{
	const struct otadfu_addr *own = &device_config(device)->address;
	const struct legacy_generation *generation = legacy_generation(device);
	bool peer_data = firmware_take_peer_data(device) && !generation->no_peer_data;
	struct legacy *legacy = legacy_of(device);
	struct firmware_start start = { .ops = program_of(generation), .addr = *own };

	*legacy = (struct legacy){ .directed = peer_data };
	start.directed = legacy->directed;
	start.inactivity_s = legacy->directed ? DIRECTED_S : inactivity_s(generation);
	if (!legacy->directed && generation->next_address)
		start.addr = firmware_next_address(own);
	start.adv_len = put_advertisement(device, start.adv_data);
	firmware_run(device, &start);
	if (generation->clears_early && !device_config(device)->single_bank)
		legacy_clear_early(device);
}

/*
 * The flash queue has ten places; a write is one operation of the chip, or as many as it has
 * kilobytes (on the nRF52 the real unit is 4 KB, which shows in nothing but power cuts).
 */
const struct bootloader_ops peer_legacy = {
	.name = "legacy",
	.sdks = sdks,
	.ram_size = sizeof(struct legacy),
	.flash = { .places = 10, .write_unit = 1024 },
	.provision = legacy_provision,
	.boot = legacy_boot,
	.describe = legacy_describe,
	.settings_json = legacy_settings_json,
};
