/* What differs between the releases and the chips. */
#include "secure.h"

#include <string.h>

/* What SDK 12 to 14 have in common, and 15 to 17: two bootloaders. */
#define GATHERING                                                                                  \
	.mtu_max = 23, .packet_max = 20, .init_max = 256, .settings_version = 1,                   \
	.checks_lengths = true, .saves_each_object = true, .copy_pages = 1,                        \
	.unknown_op = SECURE_INVALID_PARAMETER, .unknown_type = SECURE_UNSUPPORTED_TYPE,           \
	.no_size = SECURE_INVALID_PARAMETER
#define STREAMING                                                                                  \
	.mtu_max = 247, .packet_max = SECURE_PACKET_MAX, .inactivity_s = 120,                      \
	.continuation_s = 10, .flash = { .places = 16, .write_unit = 20 },                         \
	.extended_errors = true, .receipt_shows_result = true, .has_abort = true,                  \
	.takes_unsigned = true, .versions_softdevice = true, .compares_major = true,               \
	.drops_refused_init = true, .receives_above = true, .forgets_old = true,                   \
	.restarts_activated = true, .copy_pages = 8, .unknown_op = SECURE_NOT_SUPPORTED,           \
	.unknown_type = SECURE_INVALID_OBJECT, .no_size = SECURE_EXT_INIT_INVALID,                 \
	.hash_differs = SECURE_EXT_VERIFICATION

static const struct secure_generation sdk_12 = {
	GATHERING,
	.chunk_len = 256,
	.flash = { .places = 4, .write_unit = 1024 },
	.erases_source = true,
	.hash_differs = SECURE_INVALID_OBJECT,
	.checks = secure_checks_12,
};

static const struct secure_generation sdk_13 = {
	GATHERING,
	.chunk_len = 256,
	.continuation_s = 10,
	.flash = { .places = 4, .write_unit = 1024 },
	.extended_errors = true,
	.compares_major = true,
	.forgets_old = true,
	.erases_source = true,
	.hash_differs = SECURE_EXT_VERIFICATION,
	.checks = secure_checks_12,
};

static const struct secure_generation sdk_14_0 = {
	GATHERING,
	.chunk_len = 128,
	.inactivity_s = 120,
	.continuation_s = 10,
	.flash = { .places = 8, .write_unit = 20 },
	.extended_errors = true,
	.compares_major = true,
	.forgets_old = true,
	.hash_differs = SECURE_EXT_VERIFICATION,
	.checks = secure_checks_12,
};

static const struct secure_generation sdk_14_1 = {
	GATHERING,
	.chunk_len = 128,
	.inactivity_s = 120,
	.continuation_s = 10,
	.flash = { .places = 8, .write_unit = 20 },
	.extended_errors = true,
	.compares_major = true,
	.forgets_old = true,
	.hash_differs = SECURE_EXT_VERIFICATION,
	.checks = secure_checks_14_1,
};

static const struct secure_generation sdk_15_0 = {
	STREAMING,
	.init_max = 256,
	.settings_version = 1,
	.has_info = true,
	.checks = secure_checks_15_0,
};

static const struct secure_generation sdk_15_2 = {
	STREAMING,        .init_max = 256,    .settings_version = 1,
	.has_info = true, .has_backup = true, .checks = secure_checks_15_2,
};

static const struct secure_generation sdk_15_3 = {
	STREAMING,
	.init_max = SECURE_INIT_MAX,
	.settings_version = 2,
	.knows_external = true,
	.has_backup = true,
	.checks = secure_checks_15_3,
};

static const struct secure_generation sdk_16 = {
	STREAMING,
	.init_max = SECURE_INIT_MAX,
	.settings_version = 2,
	.knows_external = true,
	.compares_family = true,
	.forgets_at_disconnect = true,
	.has_backup = true,
	.checks = secure_checks_15_3,
};

static const struct secure_generation sdk_17 = {
	STREAMING,
	.init_max = SECURE_INIT_MAX,
	.settings_version = 2,
	.knows_external = true,
	.compares_family = true,
	.reads_own_validation = true,
	.forgets_at_disconnect = true,
	.has_backup = true,
	.checks = secure_checks_15_3,
};

static const struct release {
	const char *sdk;
	const struct secure_generation *generation;
} releases[] = {
	{ "12.2", &sdk_12 },   { "13.0", &sdk_13 },   { "13.1", &sdk_13 },   { "14.0", &sdk_14_0 },
	{ "14.1", &sdk_14_1 }, { "14.2", &sdk_14_1 }, { "15.0", &sdk_15_0 }, { "15.2", &sdk_15_2 },
	{ "15.3", &sdk_15_3 }, { "16.0", &sdk_16 },   { "17.0", &sdk_17 },   { "17.1", &sdk_17 },
	{ "16", &sdk_16 },     { "17", &sdk_17 },
};

const char *const secure_sdks[] = { "12.2", "13.0", "13.1", "14.0", "14.1", "14.2", "15.0", "15.2",
				    "15.3", "16.0", "17.0", "17.1", "16",   "17",   NULL };

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
