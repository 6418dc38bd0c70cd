#include "scenario_device.h"

#include "address.h"
#include "firmware.h"
#include "public_key.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum {
	NAME_MAX_BYTES = 248, /* of the GAP service's device name */
	PATH_MAX_BYTES = 1024,
	FIRMWARE_MAX_BYTES = 63,
	IMAGE_MAX_BYTES = 1024 * 1024,
	MTU_LARGE = 247,
	MTU_SMALL = 23,
	SDK_WITH_LARGE_MTU = 15, /* secure-dfu.md 8 */
	SDK_LAST_OF_NRF51 = 12
};

enum { NOT_GIVEN = -1 };

/* A device while it is read: what the checks below turn into its configuration. */
struct draft {
	struct scenario_device device;
	const yaml_node_t *node;
	int address_type; /* 0 public, 1 random, as in the ABI */
	int hardware;
	int bootloader;
	int mode;
	int buttonless;
	int bank;
	int init_format;
	int32_t softdevice;
	int32_t hw_version;
	int32_t battery_percent;
	char *public_key;
	char *application;
};

static const char *const address_types[] = { "public", "random", NULL };
static const char *const hardware_names[] = { "nrf51822", "nrf52832", "nrf52840", NULL };
static const char *const mode_names[] = { "application", "bootloader", "conformance", NULL };
static const enum device_mode modes[] = { DEVICE_APPLICATION, DEVICE_BOOTLOADER,
					  DEVICE_CONFORMANCE };
static const char *const bank_names[] = { "dual", "single", NULL };
static const char *const init_format_names[] = { "0.5", "0.6", "0.7", "0.8", NULL };
static const char *const buttonless_names[] = { "none",     "legacy", "experimental",
						"unbonded", "custom", NULL };
static const char *const bootloader_names[] = { "secure", "legacy", "infinitime", NULL };
static const struct bootloader_ops *const bootloaders[] = { &peer_secure, &peer_legacy,
							    &peer_infinitime };

/* The SoftDevice that the SDK's examples are built for; sdk is how its name begins. */
static const struct {
	const char *hardware;
	const char *sdk;
	uint16_t fwid;
} softdevices[] = {
	/* S110 7.1.0, which these bootloaders never look at; S132 and S140 6.1.1. */
	{ "nrf51822", "4.4", 0x005A },         { "nrf51822", "5.2", 0x005A },
	{ "nrf51822", "6.0", 0x005A },         { "nrf52832", "11-adafruit", 0x00B7 },
	{ "nrf52840", "11-adafruit", 0x00B6 },

	{ "nrf51822", "6.1", 0x005A },  /* S110 7.1.0 */
	{ "nrf51822", "7", 0x005A },    /* S110 7.1.0 */
	{ "nrf51822", "8", 0x0064 },    /* S110 8.0.0 */
	{ "nrf51822", "9", 0x0064 },    /* S110 8.0.0 */
	{ "nrf51822", "10", 0x0064 },   /* S110 8.0.0 */
	{ "nrf51822", "11", 0x0080 },   /* S130 2.0.0 */
	{ "nrf51822", "12", 0x0087 },   /* S130 2.0.1 */
	{ "nrf52832", "11", 0x0081 },   /* S132 2.0.0 */
	{ "nrf52832", "12", 0x008C },   /* S132 3.0.0 */
	{ "nrf52832", "13", 0x0098 },   /* S132 4.0.2 */
	{ "nrf52832", "14", 0x009D },   /* S132 5.0.0 */
	{ "nrf52832", "15.0", 0x00A8 }, /* S132 6.0.0 */
	{ "nrf52832", "15.2", 0x00AF }, /* S132 6.1.0 */
	{ "nrf52832", "15.3", 0x00B7 }, /* S132 6.1.1 */
	{ "nrf52832", "16", 0x00CB },   /* S132 7.0.1 */
	{ "nrf52832", "17", 0x0101 },   /* S132 7.2.0 */
	{ "nrf52840", "13", 0x0096 },   /* S140 5.0.0, alpha */
	{ "nrf52840", "14", 0x0096 },   /* S140 5.0.0, alpha */
	{ "nrf52840", "15.0", 0x00A9 }, /* S140 6.0.0 */
	{ "nrf52840", "15.2", 0x00AE }, /* S140 6.1.0 */
	{ "nrf52840", "15.3", 0x00B6 }, /* S140 6.1.1 */
	{ "nrf52840", "16", 0x00CA },   /* S140 7.0.1 */
	{ "nrf52840", "17", 0x0100 },   /* S140 7.2.0 */
};

/* --- files named by a scenario --- */

static const char *read_image(const char *path, uint8_t **ret_data, size_t *ret_len)
{
	FILE *file = fopen(path, "re");
	uint8_t *data = file ? malloc(IMAGE_MAX_BYTES) : NULL;
	const char *problem = data ? NULL : strerror(errno);
	size_t len = 0;

	if (data) {
		len = fread(data, 1, IMAGE_MAX_BYTES, file);
		if (len == 0)
			problem = ferror(file) ? "it cannot be read" : "it is empty";
	}
	if (file)
		fclose(file);
	if (problem) {
		free(data);
		return problem;
	}
	*ret_data = data;
	*ret_len = len;
	return NULL;
}

static bool load_public_key(struct strict *strict, struct draft *draft)
{
	const char *problem;
	char *path;

	if (!draft->public_key)
		return true;
	path = strict_path(strict, draft->public_key);
	problem = path ? public_key_read(path, draft->device.config.public_key) : "out of memory";
	if (problem)
		strict_refuse(strict, strict_find(strict, draft->node, "public_key"), "%.200s: %s",
			      path ? path : draft->public_key, problem);
	draft->device.config.has_public_key = true;
	free(path);
	return !problem;
}

static bool load_application(struct strict *strict, struct draft *draft)
{
	struct device_config *config = &draft->device.config;
	const char *problem;
	char *path;

	if (!draft->application)
		return true;
	path = strict_path(strict, draft->application);
	problem = path ? read_image(path, &draft->device.application, &config->application_len)
		       : "out of memory";
	if (problem)
		strict_refuse(strict, strict_find(strict, draft->node, "application"), "%.200s: %s",
			      path ? path : draft->application, problem);
	config->application = draft->device.application;
	free(path);
	return !problem;
}

/* --- what must fit together --- */

static bool check_sdk(struct strict *strict, struct draft *draft)
{
	struct device_config *config = &draft->device.config;
	const char *const *sdks = config->bootloader->sdks;
	char known[120] = "";
	size_t len = 0;

	for (size_t i = 0; sdks[i]; i++) {
		if (strcmp(sdks[i], draft->device.sdk) == 0) {
			config->sdk = draft->device.sdk;
			return true;
		}
		if (len < sizeof(known))
			len += (size_t)snprintf(known + len, sizeof(known) - len, "%s%s",
						i ? ", " : "", sdks[i]);
	}
	return strict_refuse(strict, strict_find(strict, draft->node, "sdk"),
			     "\"%.40s\": the %s bootloader is simulated for SDK %s",
			     draft->device.sdk, config->bootloader->name, known);
}

static long sdk_major(const struct draft *draft)
{
	return strtol(draft->device.sdk, NULL, 10);
}

static bool check_chip(struct strict *strict, const struct draft *draft)
{
	const struct device_config *config = &draft->device.config;

	if (config->bootloader == &peer_infinitime && strcmp(config->chip->name, "nrf52832") != 0)
		return strict_refuse(strict, strict_find(strict, draft->node, "hardware"),
				     "InfiniTime runs on nrf52832 alone");
	if (config->bootloader != &peer_secure || strcmp(config->chip->name, "nrf51822") != 0 ||
	    sdk_major(draft) <= SDK_LAST_OF_NRF51)
		return true;
	return strict_refuse(strict, strict_find(strict, draft->node, "sdk"),
			     "\"%.40s\": nRF51 chips have no secure bootloader after SDK %d",
			     draft->device.sdk, SDK_LAST_OF_NRF51);
}

static bool choose_softdevice(struct strict *strict, struct draft *draft)
{
	struct device_config *config = &draft->device.config;

	if (config->bootloader == &peer_infinitime)
		return true; /* it has none */
	if (draft->softdevice != NOT_GIVEN) {
		config->softdevice = (uint16_t)draft->softdevice;
		return true;
	}
	for (size_t i = 0; i < sizeof(softdevices) / sizeof(softdevices[0]); i++) {
		const char *sdk = softdevices[i].sdk;

		if (strcmp(softdevices[i].hardware, config->chip->name) == 0 &&
		    strncmp(sdk, draft->device.sdk, strlen(sdk)) == 0) {
			config->softdevice = softdevices[i].fwid;
			return true;
		}
	}
	return strict_refuse(strict, draft->node,
			     "\"softdevice\" is missing: SDK %.20s has no usual one for %s",
			     draft->device.sdk, config->chip->name);
}

static enum device_buttonless usual_buttonless(const struct draft *draft)
{
	if (draft->device.config.bootloader == &peer_infinitime)
		return BUTTONLESS_NONE;
	if (draft->device.config.bootloader == &peer_legacy)
		return sdk_major(draft) < 6 || strcmp(draft->device.sdk, "6.0") == 0
			       ? BUTTONLESS_NONE
			       : BUTTONLESS_LEGACY;
	return sdk_major(draft) == 12 ? BUTTONLESS_EXPERIMENTAL : BUTTONLESS_UNBONDED;
}

static bool check_buttonless(struct strict *strict, struct draft *draft)
{
	bool legacy = draft->device.config.bootloader == &peer_legacy;

	if (draft->buttonless == NOT_GIVEN)
		draft->buttonless = (int)usual_buttonless(draft);
	draft->device.config.buttonless = (enum device_buttonless)draft->buttonless;
	if (draft->buttonless == BUTTONLESS_NONE || draft->buttonless == BUTTONLESS_CUSTOM ||
	    legacy == (draft->buttonless == BUTTONLESS_LEGACY))
		return true;
	return strict_refuse(
		strict, strict_find(strict, draft->node, "buttonless"),
		"\"%s\" does not lead into a %s bootloader: expected none or %s, or custom",
		buttonless_names[draft->buttonless], draft->device.config.bootloader->name,
		legacy ? "legacy" : "experimental or unbonded");
}

/* It has neither a bootloader nor a product's firmware; its flash is never written. */
static void complete_conformance(struct scenario_device *device)
{
	struct device_config *config = &device->config;

	config->mode = DEVICE_CONFORMANCE;
	config->chip = chip_find(hardware_names[0]);
	config->bootloader = &conformance_service;
	config->sdk = "";
	if (!config->mtu)
		config->mtu = MTU_LARGE;
	config->name = device->name ? device->name : "otadfu test";
}

/* What only the test service can do without. */
static bool check_required(struct strict *strict, const struct draft *draft)
{
	const char *missing = draft->hardware == NOT_GIVEN     ? "hardware"
			      : draft->bootloader == NOT_GIVEN ? "bootloader"
			      : !draft->device.sdk             ? "sdk"
							       : NULL;

	return !missing || strict_refuse(strict, draft->node, "\"%s\" is missing", missing);
}

static bool complete(struct strict *strict, struct draft *draft)
{
	struct device_config *config = &draft->device.config;

	config->address.type = (uint8_t)draft->address_type;
	config->mode = modes[draft->mode];
	if (config->mode == DEVICE_CONFORMANCE) {
		complete_conformance(&draft->device);
		return true;
	}
	if (!check_required(strict, draft))
		return false;
	config->chip = chip_find(hardware_names[draft->hardware]);
	config->bootloader = bootloaders[draft->bootloader];
	config->single_bank = draft->bank == 1;
	config->init_format = (enum device_init_format)draft->init_format;
	config->hw_version = (uint32_t)draft->hw_version;
	if (draft->hw_version == NOT_GIVEN)
		config->hw_version = config->chip->page_size == 1024 ? 51 : 52;
	if (!check_sdk(strict, draft) || !check_chip(strict, draft) ||
	    !check_buttonless(strict, draft) || !choose_softdevice(strict, draft) ||
	    !load_public_key(strict, draft) || !load_application(strict, draft))
		return false;
	config->firmware = draft->device.firmware;
	config->has_battery = draft->battery_percent != NOT_GIVEN;
	config->battery_percent = (uint8_t)draft->battery_percent;
	if (!config->mtu)
		config->mtu = sdk_major(draft) >= SDK_WITH_LARGE_MTU ? MTU_LARGE : MTU_SMALL;
	config->name = draft->device.name ? draft->device.name : "Device";
	return true;
}

/* --- keys --- */

static bool read_address(struct strict *strict, const yaml_node_t *node, void *target)
{
	static const char expected[] = "an address such as C0:FF:EE:00:00:01";
	struct draft *draft = target;
	const char *text = strict_scalar(strict, node, expected);

	if (!text)
		return false;
	return address_parse(text, &draft->device.config.address) ||
	       strict_refuse(strict, node, "\"%.40s\": expected %s", text, expected);
}

#define TEXT(text, member, most)                                                                   \
	{                                                                                          \
		.name = (text), .kind = STRICT_TEXT, .offset = offsetof(struct draft, member),     \
		.max = (most)                                                                      \
	}
#define CHOICE(text, member, list)                                                                 \
	{                                                                                          \
		.name = (text), .kind = STRICT_CHOICE, .offset = offsetof(struct draft, member),   \
		.choices = (list)                                                                  \
	}
#define NUMBER(text, member, least, most)                                                          \
	{                                                                                          \
		.name = (text), STRICT_INT_AT(struct draft, member, least, most)                   \
	}
#define FLAG(text, member)                                                                         \
	{                                                                                          \
		.name = (text), .kind = STRICT_BOOL, .offset = offsetof(struct draft, member)      \
	}
#define FAULT(member)                                                                              \
	{                                                                                          \
		.name = #member, STRICT_INT_AT(struct scenario_faults, member, 0, UINT32_MAX)      \
	}

static bool read_faults(struct strict *strict, const yaml_node_t *node, void *target)
{
	static const struct strict_key keys[] = {
		FAULT(cut_after_writes), FAULT(power_cut_after_writes), FAULT(lose_packet),
		FAULT(corrupt_packet),   FAULT(ignore_requests_after),  { 0 },
	};
	struct draft *draft = target;

	return strict_mapping(strict, node, keys, &draft->device.faults);
}

static const struct strict_key device_keys[] = {
	{ .name = "address", .kind = STRICT_CUSTOM, .read = read_address, .required = true },
	CHOICE("address_type", address_type, address_types),
	TEXT("name", device.name, NAME_MAX_BYTES),
	CHOICE("hardware", hardware, hardware_names),
	CHOICE("bootloader", bootloader, bootloader_names),
	TEXT("sdk", device.sdk, 20),
	CHOICE("mode", mode, mode_names),
	CHOICE("buttonless", buttonless, buttonless_names),
	CHOICE("bank", bank, bank_names),
	CHOICE("init_format", init_format, init_format_names),
	FLAG("peer_data", device.config.peer_data),
	FLAG("locked", device.config.locked),
	FLAG("save_progress", device.config.save_progress),
	FLAG("full_protocol", device.config.full_protocol),
	FLAG("external", device.config.takes_external),
	NUMBER("hw_version", hw_version, 0, INT32_MAX),
	NUMBER("softdevice", softdevice, 0, UINT16_MAX),
	NUMBER("app_version", device.config.app_version, 0, UINT32_MAX),
	TEXT("firmware", device.firmware, FIRMWARE_MAX_BYTES),
	NUMBER("battery_percent", battery_percent, 0, 100),
	NUMBER("bootloader_version", device.config.bootloader_version, 0, UINT32_MAX),
	NUMBER("device_type", device.config.uicr_device_type, 0, UINT16_MAX),
	NUMBER("device_revision", device.config.uicr_device_revision, 0, UINT16_MAX),
	NUMBER("mtu", device.config.mtu, MTU_SMALL, MTU_LARGE),
	TEXT("public_key", public_key, PATH_MAX_BYTES),
	TEXT("application", application, PATH_MAX_BYTES),
	NUMBER("rssi", device.rssi_dbm, -127, 20),
	NUMBER("visible_after_ms", device.visible_after_ms, 0, UINT32_MAX),
	{ .name = "faults", .kind = STRICT_CUSTOM, .read = read_faults },
	{ 0 },
};

bool scenario_device_read(struct strict *strict, const yaml_node_t *node,
			  struct scenario_device *ret_device)
{
	struct draft draft = {
		.device = { .config = { .app_version = 1,
					.bootloader_version = 1,
					.takes_external = true,
					.uicr_device_type = UINT16_MAX,
					.uicr_device_revision = UINT16_MAX },
			    .rssi_dbm = -60 },
		.node = node,
		.address_type = 1,
		.hardware = NOT_GIVEN,
		.bootloader = NOT_GIVEN,
		.buttonless = NOT_GIVEN,
		.softdevice = NOT_GIVEN,
		.hw_version = NOT_GIVEN,
		.battery_percent = NOT_GIVEN,
	};
	bool good = strict_mapping(strict, node, device_keys, &draft) && complete(strict, &draft);

	free(draft.public_key);
	free(draft.application);
	/* The list owns it even when it was refused. */
	*ret_device = draft.device;
	return good;
}

void scenario_device_conformance(const struct otadfu_addr *address,
				 struct scenario_device *ret_device)
{
	*ret_device = (struct scenario_device){ .config = { .address = *address } };
	complete_conformance(ret_device);
}

void scenario_device_free(struct scenario_device *device)
{
	free(device->name);
	free(device->sdk);
	free(device->firmware);
	free(device->application);
}
