/* What differs between the releases and the chips. */
#include "secure.h"

#include <string.h>

const char *const secure_sdks[] = { "12.2", "17.0", "17.1", "17", NULL };

static const struct secure_generation sdk_12 = {
	.mtu_max = 23,
	.packet_max = 20,
	.init_max = 256,
	.settings_version = 1,
	.flash = { .places = 4, .write_unit = 1024 },
	.checks_lengths = true,
	.collects_chunks = true,
	.saves_each_object = true,
	.erases_source = true,
	.copy_pages = 1,
	.unknown_op = SECURE_INVALID_PARAMETER,
	.unknown_type = SECURE_UNSUPPORTED_TYPE,
	.no_size = SECURE_INVALID_PARAMETER,
	.hash_differs = SECURE_INVALID_OBJECT,
	.checks = secure_checks_12,
};

static const struct secure_generation sdk_17 = {
	.mtu_max = 247,
	.packet_max = SECURE_PACKET_MAX,
	.init_max = SECURE_INIT_MAX,
	.settings_version = 2,
	.inactivity_s = 120,
	.continuation_s = 10,
	.flash = { .places = 16, .write_unit = 20 },
	.extended_errors = true,
	.receipt_shows_result = true,
	.has_abort = true,
	.takes_unsigned = true,
	.takes_no_softdevice = true,
	.versions_softdevice = true,
	.forgets_at_disconnect = true,
	.has_backup = true,
	.drops_refused_init = true,
	.receives_above = true,
	.restarts_activated = true,
	.copy_pages = 8,
	.unknown_op = SECURE_NOT_SUPPORTED,
	.unknown_type = SECURE_INVALID_OBJECT,
	.no_size = SECURE_EXT_INIT_INVALID,
	.hash_differs = SECURE_EXT_VERIFICATION,
	.checks = secure_checks_15,
};

static const struct release {
	const char *sdk;
	const struct secure_generation *generation;
} releases[] = {
	{ "12.2", &sdk_12 },
	{ "17.0", &sdk_17 },
	{ "17.1", &sdk_17 },
	{ "17", &sdk_17 },
};

/* Bootloader starts of the release builds (packages-and-init-packets.md 4). */
static const struct secure_layout layouts[] = {
	{ .chip = "nrf51822",
	  .bootloader = 0x3AC00,
	  .bootloader_end = 0x3FC00,
	  .settings = 0x3FC00 },
	{ .chip = "nrf52832",
	  .bootloader = 0x78000,
	  .bootloader_end = 0x7E000,
	  .backup = 0x7E000,
	  .settings = 0x7F000 },
	{ .chip = "nrf52840",
	  .bootloader = 0xF8000,
	  .bootloader_end = 0xFE000,
	  .backup = 0xFE000,
	  .settings = 0xFF000 },
};

const struct secure_generation *secure_find_generation(const char *sdk)
{
	for (size_t i = 0; i < sizeof(releases) / sizeof(releases[0]); i++) {
		if (strcmp(releases[i].sdk, sdk) == 0)
			return releases[i].generation;
	}
	return NULL;
}

const struct secure_layout *secure_find_layout(const char *chip)
{
	for (size_t i = 0; i < sizeof(layouts) / sizeof(layouts[0]); i++) {
		if (strcmp(layouts[i].chip, chip) == 0)
			return &layouts[i];
	}
	return NULL;
}
