/* A flash file is input like any other: whatever it claims, the simulated device survives it. */
#include "firmware.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <string.h>
#include <zlib.h>

#include <cmocka.h>

enum { ROUNDS = 300, REQUESTS = 24, SETTINGS_WORDS = 22, BANK_CODE_0 = 7, BANK_CODE_1 = 10 };

struct damage {
	uint32_t random;
	struct device_config config;
	struct device *device;
	uint8_t application[4000];
};

/* xorshift32 (Marsaglia). */
static uint32_t next(struct damage *damage)
{
	damage->random ^= damage->random << 13;
	damage->random ^= damage->random >> 17;
	damage->random ^= damage->random << 5;
	return damage->random;
}

/* What a length or an address may plausibly be, and what not. */
static uint32_t some_number(struct damage *damage)
{
	static const uint32_t usual[] = { 0,       1,       3,       4,         0xFFC,
					  0x1000,  0x1001,  0x26000, 0x3C000,   0x78000,
					  0x7FFFC, 0x7FFFE, 0x80000, INT32_MAX, UINT32_MAX };
	uint32_t choice = next(damage) % 20;

	if (choice < sizeof(usual) / sizeof(usual[0]))
		return usual[choice];
	return choice < 18 ? next(damage) % 0x80000 & ~0xFFFu : next(damage);
}

static void put_word(uint8_t *at, uint32_t value)
{
	for (size_t i = 0; i < 4; i++)
		at[i] = (uint8_t)(value >> 8 * i);
}

static void scribble(struct damage *damage, uint32_t addr, const void *data, size_t len)
{
	flash_program(device_flash(damage->device), addr, data, len);
}

/* The size in the information structure: where the banks begin. */
static void damage_softdevice(struct damage *damage)
{
	uint8_t size[4];

	put_word(size, some_number(damage));
	if (next(damage) % 3 == 0)
		scribble(damage, 0x3008, size, sizeof(size));
}

/* --- secure --- */

static const char *const secure_sdks[] = { "12.2", "13.1", "14.1", "15.0",
					   "15.2", "15.3", "16",   "17.1" };

static void damage_secure_settings(struct damage *damage)
{
	static const uint8_t codes[] = { 0x00, 0x01, 0xA5, 0xAA, 0xAC, 0xB1, 0x77 };
	uint8_t page[0x323];

	memcpy(page, flash_bytes(device_flash(damage->device)) + 0x7F000, sizeof(page));
	for (size_t i = 1; i < SETTINGS_WORDS; i++) {
		if (next(damage) % 2)
			put_word(page + 4 + 4 * i, some_number(damage));
	}
	put_word(page + 4 + 4 * BANK_CODE_0, codes[next(damage) % sizeof(codes)]);
	put_word(page + 4 + 4 * BANK_CODE_1, codes[next(damage) % sizeof(codes)]);
	put_word(page, (uint32_t)crc32_z(0, page + 4, 0x58));
	put_word(page + 0x25C, (uint32_t)crc32_z(0, page + 0x260, 3 * 65));
	scribble(damage, 0x7F000, page, sizeof(page));
	if (memcmp(flash_bytes(device_flash(damage->device)) + 0x7E000, "\xFF\xFF\xFF\xFF", 4) != 0)
		scribble(damage, 0x7E000, page, sizeof(page));
}

/* --- legacy --- */

static const char *const legacy_sdks[] = { "6.1", "7", "8", "11" };

static void damage_legacy_settings(struct damage *damage)
{
	static const uint8_t codes[] = { 0x01, 0xA5, 0xAA, 0xFE, 0xFF, 0x77 };
	uint8_t page[48];

	for (size_t i = 0; i < sizeof(page); i += 4)
		put_word(page + i, some_number(damage));
	page[0] = codes[next(damage) % sizeof(codes)];
	page[4] = codes[next(damage) % sizeof(codes)];
	scribble(damage, 0x3FC00, page, sizeof(page));
}

/* --- both --- */

static uint16_t find_handle(const struct device *device, uint8_t props)
{
	size_t count;
	const struct device_attribute *list = device_attributes(device, &count);

	for (size_t i = 0; i < count; i++) {
		if (list[i].props & props)
			return list[i].handle;
	}
	return 0;
}

/* A client that knows the op codes but not their order. */
static void pester(struct damage *damage)
{
	struct device *device = damage->device;

	for (unsigned i = 0; i < REQUESTS; i++) {
		uint8_t data[20];

		if (!device_is_connected(device) && device_connect(device))
			device_write_cccd(device, find_handle(device, OTADFU_PROP_NOTIFY), 1);
		put_word(data + 2, some_number(damage));
		for (size_t k = 6; k < sizeof(data); k++)
			data[k] = (uint8_t)next(damage);
		data[0] = (uint8_t)(next(damage) % 9);
		data[1] = (uint8_t)(next(damage) % 5);
		device_write(device, find_handle(device, OTADFU_PROP_WRITE), data, 6);
		if (next(damage) % 2)
			device_write_cmd(device, find_handle(device, OTADFU_PROP_WRITE_CMD),
					 data + next(damage) % 9, 12);
		if (next(damage) % 4)
			device_settle(device);
	}
}

static void is_inside(const struct damage *damage, const struct device_image *image)
{
	uint32_t size = damage->config.chip->flash_size;

	assert_true(image->len == 0 || (image->addr <= size && image->len <= size - image->addr));
}

static void describe(const struct damage *damage)
{
	struct device_state described;

	device_describe(damage->device, &described);
	is_inside(damage, &described.application);
	is_inside(damage, &described.softdevice);
	is_inside(damage, &described.bootloader);
	is_inside(damage, &described.external);
}

static void start(struct damage *damage, const char *sdk)
{
	const struct device_observer silence = { 0 };

	damage->config.sdk = sdk;
	damage->device = device_new(&damage->config, &silence);
	assert_non_null(damage->device);
	device_power_on(damage->device);
	device_settle(damage->device);
}

static void survive(struct damage *damage, const char *const *sdks, size_t count,
		    void (*damage_settings)(struct damage *damage))
{
	damage->config.hw_version = 52;
	damage->config.mtu = 23;
	damage->config.name = "Thermo";
	damage->config.application = damage->application;
	damage->config.application_len = sizeof(damage->application);
	for (unsigned round = 0; round < ROUNDS; round++) {
		damage->random = round * 2654435761u | 1;
		damage->config.single_bank = round % 5 == 0;
		start(damage, sdks[round % count]);
		damage_softdevice(damage);
		damage_settings(damage);
		device_power_cycle(damage->device);
		device_settle(damage->device);
		describe(damage);
		if (round % 2)
			device_enter_bootloader(damage->device);
		device_settle(damage->device);
		pester(damage);
		device_settle(damage->device);
		describe(damage);
		device_free(damage->device);
	}
}

static void a_secure_device_survives_any_settings(void **state)
{
	struct damage damage = { .config = { .chip = chip_find("nrf52832"),
					     .bootloader = &peer_secure,
					     .softdevice = 0x00B7,
					     .buttonless = BUTTONLESS_UNBONDED } };

	(void)state;
	survive(&damage, secure_sdks, sizeof(secure_sdks) / sizeof(secure_sdks[0]),
		damage_secure_settings);
}

static void a_legacy_device_survives_any_settings(void **state)
{
	struct damage damage = { .config = { .chip = chip_find("nrf51822"),
					     .bootloader = &peer_legacy,
					     .softdevice = 0x0087,
					     .buttonless = BUTTONLESS_LEGACY } };

	(void)state;
	survive(&damage, legacy_sdks, sizeof(legacy_sdks) / sizeof(legacy_sdks[0]),
		damage_legacy_settings);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_secure_device_survives_any_settings),
		cmocka_unit_test(a_legacy_device_survives_any_settings),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
