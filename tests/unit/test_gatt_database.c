/* The attribute tables of everything that a simulated device can run. */
#include "firmware.h"
#include "gatt_database.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

enum { APPLICATION_LEN = 64 };

static const struct program {
	const char *chip;
	const struct bootloader_ops *bootloader;
	const char *sdk;
	enum device_buttonless buttonless;
	enum device_mode mode;
} programs[] = {
	{ "nrf51822", &peer_legacy, "11", BUTTONLESS_LEGACY, DEVICE_APPLICATION },
	{ "nrf51822", &peer_legacy, "6.1", BUTTONLESS_LEGACY, DEVICE_APPLICATION },
	{ "nrf51822", &peer_legacy, "11", BUTTONLESS_NONE, DEVICE_APPLICATION },
	{ "nrf52832", &peer_secure, "12.2", BUTTONLESS_EXPERIMENTAL, DEVICE_APPLICATION },
	{ "nrf52840", &peer_secure, "17.1", BUTTONLESS_UNBONDED, DEVICE_APPLICATION },
	{ "nrf51822", &peer_legacy, "11", BUTTONLESS_LEGACY, DEVICE_BOOTLOADER },
	{ "nrf51822", &peer_legacy, "6.1", BUTTONLESS_LEGACY, DEVICE_BOOTLOADER },
	{ "nrf52840", &peer_secure, "17.1", BUTTONLESS_UNBONDED, DEVICE_BOOTLOADER },
	{ "nrf52840", &conformance_service, "", BUTTONLESS_NONE, DEVICE_CONFORMANCE },
};

enum { PROGRAMS = sizeof(programs) / sizeof(programs[0]) };

static struct device *start(const struct program *program)
{
	static const uint8_t application[APPLICATION_LEN] = { 1 };
	static const struct device_observer silence = { 0 };
	const struct device_config config = { .address = { { 0xC0, 0xFF, 0xEE, 0, 0, 1 }, 1, 0 },
					      .name = "Thermo",
					      .chip = chip_find(program->chip),
					      .bootloader = program->bootloader,
					      .sdk = program->sdk,
					      .mode = program->mode,
					      .buttonless = program->buttonless,
					      .softdevice = 0x0064,
					      .mtu = 23,
					      .application = application,
					      .application_len = APPLICATION_LEN };
	struct device *device = device_new(&config, &silence);

	assert_non_null(device);
	device_power_on(device);
	device_settle(device);
	assert_int_equal(device_mode(device), program->mode);
	return device;
}

static void every_table_leaves_room_for_its_declarations(void **state)
{
	struct gatt_database database;

	(void)state;
	for (size_t i = 0; i < PROGRAMS; i++) {
		struct device *device = start(&programs[i]);

		assert_true(gatt_database_build(&database, device));
		assert_true(database.count > 0);
		for (size_t k = 1; k < database.count; k++)
			assert_true(database.rows[k].handle > database.rows[k - 1].handle);
		device_free(device);
	}
}

static void a_value_that_notifies_has_its_configuration_behind_it(void **state)
{
	struct gatt_database database;

	(void)state;
	for (size_t i = 0; i < PROGRAMS; i++) {
		struct device *device = start(&programs[i]);

		gatt_database_build(&database, device);
		for (size_t k = 0; k < database.count; k++) {
			const struct gatt_row *row = &database.rows[k];

			if (row->kind != GATT_VALUE)
				continue;
			assert_int_equal(row[-1].kind, GATT_DECLARATION);
			assert_int_equal(row[-1].handle, row->handle - 1);
			if (!(row->source->props & (OTADFU_PROP_NOTIFY | OTADFU_PROP_INDICATE)))
				continue;
			assert_int_equal(row[1].kind, GATT_CONFIGURATION);
			assert_int_equal(row[1].handle, row->handle + 1);
		}
		device_free(device);
	}
}

static void each_service_stands_once_and_holds_what_follows(void **state)
{
	struct gatt_database database;

	(void)state;
	for (size_t i = 0; i < PROGRAMS; i++) {
		struct device *device = start(&programs[i]);
		uint16_t end = 0;

		gatt_database_build(&database, device);
		for (size_t k = 0; k < database.count; k++) {
			const struct gatt_row *row = &database.rows[k];

			if (row->kind == GATT_SERVICE) {
				assert_true(row->handle > end);
				end = row->group_end;
			}
			assert_true(row->handle <= end);
		}
		assert_int_equal(end, database.rows[database.count - 1].handle);
		device_free(device);
	}
}

/* Generic Access, Generic Attribute, Device Information, the product's own, the way to DFU. */
static void an_application_has_five_services(void **state)
{
	struct gatt_database database;
	struct device *device = start(&programs[4]);
	unsigned services = 0;

	(void)state;
	gatt_database_build(&database, device);
	for (size_t k = 0; k < database.count; k++)
		services += database.rows[k].kind == GATT_SERVICE;
	assert_int_equal(services, 5);
	device_free(device);
}

static const struct device_attribute crowded_table[] = {
	{ .service = 0x1800, .uuid = 0x2A00, .handle = 3, .props = OTADFU_PROP_NOTIFY },
	{ .service = 0x1800, .uuid = 0x2A01, .handle = 5, .props = OTADFU_PROP_READ },
};

static void boot_crowded(struct device *device)
{
	static const struct firmware_ops ops = { .attributes = crowded_table,
						 .attribute_count = 2 };

	firmware_run(device, &(struct firmware_start){ .ops = &ops });
}

static void a_table_without_room_is_refused(void **state)
{
	static const struct bootloader_ops crowded = {
		.name = "crowded", .ram_size = 1, .flash = { .places = 1 }, .boot = boot_crowded
	};
	static const struct program program = { "nrf51822", &crowded, "", BUTTONLESS_NONE,
						DEVICE_BOOTLOADER };
	struct gatt_database database;
	struct device *device = start(&program);

	(void)state;
	assert_false(gatt_database_build(&database, device));
	device_free(device);
}

/* A client that keeps what it found in the application is wrong in the bootloader. */
static void the_control_point_moves_between_application_and_bootloader(void **state)
{
	static const size_t pairs[][2] = { { 0, 5 }, { 4, 7 } };

	(void)state;
	for (size_t i = 0; i < 2; i++) {
		uint16_t handles[2] = { 0 };

		for (size_t side = 0; side < 2; side++) {
			struct device *device = start(&programs[pairs[i][side]]);
			size_t count;
			const struct device_attribute *list = device_attributes(device, &count);

			for (size_t k = 0; k < count; k++) {
				if (list[k].props & OTADFU_PROP_WRITE)
					handles[side] = list[k].handle;
			}
			device_free(device);
		}
		assert_int_not_equal(handles[0], handles[1]);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(every_table_leaves_room_for_its_declarations),
		cmocka_unit_test(a_value_that_notifies_has_its_configuration_behind_it),
		cmocka_unit_test(each_service_stands_once_and_holds_what_follows),
		cmocka_unit_test(an_application_has_five_services),
		cmocka_unit_test(a_table_without_room_is_refused),
		cmocka_unit_test(the_control_point_moves_between_application_and_bootloader),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
