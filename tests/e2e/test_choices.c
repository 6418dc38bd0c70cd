/* What the operator may choose: a rehearsal, force, a part; and what a device says of itself. */
#include "bystander.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#define LEGACY_BOOTLOADER                                                                          \
	"    name: Sample\n    hardware: nrf51822\n    bootloader: legacy\n    sdk: \"11\"\n"      \
	"    mode: bootloader\n"
#define SECURE                                                                                     \
	"    name: Sample\n    hardware: nrf52840\n    bootloader: secure\n    sdk: \"17.1\"\n"    \
	"    softdevice: 0x0100\n"

enum { REFUSED = 3, REFUSED_BY_DEVICE = 5 };

#define WORDS(...) ((const char *const[]){ __VA_ARGS__, NULL })

static char *make_package(const struct sim *sim, const char *protocol, const char *more)
{
	return sim_make_package(sim, "app.zip",
				WORDS("--protocol", protocol, "--random", "2048", more));
}

static void assert_status(const struct run_result *run, int status)
{
	if (run->status != status)
		fail_msg("exit status %d: %s%s", run->status, run->out, run->err);
}

/* It connects, and that is all. */
static void assert_only_met(const struct bystander *bystander)
{
	json_t *device = sim_device(&bystander->sim);
	size_t len;
	uint8_t *flash = sim_state_file(&bystander->sim, "flash.bin", &len);

	assert_int_equal(json_int_at(device, "connections"), 1);
	assert_int_equal(json_int_at(device, "bytes_received"), 0);
	assert_int_equal(json_int_at(device, "flash_erases"), 0);
	assert_int_equal(len, bystander->flash_len);
	assert_memory_equal(flash, bystander->flash, len);
	json_decref(device);
	free(flash);
}

static void a_rehearsal_changes_nothing_and_says_so(void **state)
{
	struct bystander *device = bystander_new(SECURE);
	char *package = make_package(&device->sim, "secure", "--unsigned");
	struct run_result run = bystander_update(device, WORDS(package, "--dry-run"));

	(void)state;
	assert_status(&run, 0);
	assert_contains(run.out, SIM_ADDRESS ": dry run: nothing stands in the way of 2048 bytes; "
					     "nothing was changed\n");
	assert_lacks(run.out, " updated");
	assert_only_met(device);
	run_result_clear(&run);
	free(package);
	bystander_remove(device);
}

static void a_rehearsal_is_no_update_to_machines_either(void **state)
{
	struct bystander *device = bystander_new(SECURE);
	char *package = make_package(&device->sim, "secure", "--unsigned");
	struct run_result run = sim_update(&device->sim, package, SIM_ADDRESS, WORDS("--dry-run"));
	json_t *result = sim_result(&run);

	(void)state;
	assert_status(&run, 0);
	assert_string_equal(json_text_at(result, "status"), "rehearsed");
	assert_int_equal(json_int_at(result, "bytes_per_second"), 0);
	json_decref(result);
	run_result_clear(&run);
	free(package);
	bystander_remove(device);
}

static void a_rehearsal_is_refused_as_the_update_would_be(void **state)
{
	struct bystander *device = bystander_new(LEGACY_BOOTLOADER);
	char *package = make_package(&device->sim, "secure", "--unsigned");
	struct run_result run = bystander_update(device, WORDS(package, "--dry-run"));

	(void)state;
	assert_status(&run, REFUSED);
	assert_contains(run.err, "this is a secure package");
	assert_only_met(device);
	run_result_clear(&run);
	free(package);
	bystander_remove(device);
}

static void what_is_forced_the_device_judges(void **state)
{
	struct bystander *device = bystander_new(LEGACY_BOOTLOADER);
	char *package = make_package(&device->sim, "legacy", "--wrong-hash");
	struct run_result run = bystander_update(device, WORDS(package));

	(void)state;
	assert_contains(run.err, "--force");
	assert_refused(device, &run, REFUSED, "its CRC-16 is");
	run = bystander_update(device, WORDS(package, "--force"));
	assert_status(&run, REFUSED_BY_DEVICE);
	assert_contains(run.err, "warning: ");
	assert_contains(run.err, "(forced)\n");
	run_result_clear(&run);
	free(package);
	bystander_remove(device);
}

static void a_package_for_the_other_protocol_can_be_forced(void **state)
{
	struct bystander *device = bystander_new(LEGACY_BOOTLOADER);
	char *package = make_package(&device->sim, "secure", "--unsigned");
	struct run_result run = bystander_update(device, WORDS(package, "--force"));

	(void)state;
	assert_status(&run, REFUSED_BY_DEVICE);
	run_result_clear(&run);
	run = bystander_update(device, WORDS(package, "--force", "--legacy"));
	assert_status(&run, REFUSED_BY_DEVICE);
	assert_contains(run.err, "warning: a secure package for protocol legacy (forced)\n");
	run_result_clear(&run);
	free(package);
	bystander_remove(device);
}

static void a_part_that_is_not_there_is_refused(void **state)
{
	struct bystander *device = bystander_new(SECURE);
	char *package = make_package(&device->sim, "secure", "--unsigned");
	struct run_result run = bystander_update(device, WORDS(package, "--part", "system"));

	(void)state;
	assert_refused(device, &run, REFUSED, "holds no system image");
	run = bystander_update(device, WORDS(package, "--part", "application", "--dry-run"));
	assert_status(&run, 0);
	run_result_clear(&run);
	free(package);
	bystander_remove(device);
}

static void the_profile_says_what_the_device_is(void **state)
{
	struct bystander *device = bystander_new(SECURE);
	char *package = make_package(&device->sim, "secure", "--unsigned");
	char *profile =
		file_write(device->sim.folder, "acme.yaml", "require: { hw_version: 51 }\n");
	struct run_result run = bystander_update(device, WORDS(package, "--profile", profile));

	(void)state;
	assert_refused(device, &run, REFUSED, "hardware");
	free(profile);
	free(package);
	bystander_remove(device);
}

static struct run_result info(const struct bystander *device, const char *address, const char *more)
{
	return run_otadfu("info", "-a", address, "--transport", "sim", "--adapter",
			  device->sim.scenario, more);
}

static void a_device_tells_what_it_is(void **state)
{
	struct bystander *device = bystander_new(SECURE);
	struct run_result run = info(device, SIM_ADDRESS, NULL);

	(void)state;
	assert_status(&run, 0);
	assert_contains(run.out, SIM_ADDRESS "/random\n");
	assert_contains(run.out, "  protocol       secure\n");
	assert_contains(run.out, "  runs           application\n");
	assert_contains(run.out, "  Nordic Secure DFU\n");
	assert_string_equal(run.err, "");
	assert_only_met(device);
	run_result_clear(&run);
	bystander_remove(device);
}

static void a_device_tells_machines_what_it_is(void **state)
{
	struct bystander *device = bystander_new(LEGACY_BOOTLOADER);
	struct run_result run = info(device, SIM_BOOTLOADER, "--json");
	json_t *object = json_loads(run.out, 0, NULL);

	(void)state;
	assert_status(&run, 0);
	assert_non_null(object);
	assert_string_equal(json_text_at(object, "event"), "info");
	assert_string_equal(json_text_at(object, "address"), SIM_BOOTLOADER);
	assert_string_equal(json_text_at(object, "name"), "DfuTarg");
	assert_string_equal(json_text_at(object, "protocol"), "legacy");
	assert_string_equal(json_text_at(object, "mode"), "bootloader");
	assert_string_equal(json_text_at(object, "dfu_version"), "0.8");
	assert_int_equal(json_int_at(object, "mtu"), 23);
	assert_true(json_is_object(json_object_get(object, "device_information")));
	assert_true(json_array_size(json_object_get(object, "services")) > 0);
	assert_only_met(device);
	json_decref(object);
	run_result_clear(&run);
	bystander_remove(device);
}

static void a_device_that_is_not_there_tells_nothing(void **state)
{
	struct bystander *device = bystander_new(SECURE);
	struct run_result run = info(device, "C0:FF:EE:00:00:77", "--json");

	(void)state;
	assert_string_equal(run.out, "");
	assert_refused(device, &run, 1, "no such device advertised");
	bystander_remove(device);
}

int main(void)
{
	static const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_rehearsal_changes_nothing_and_says_so),
		cmocka_unit_test(a_rehearsal_is_no_update_to_machines_either),
		cmocka_unit_test(a_rehearsal_is_refused_as_the_update_would_be),
		cmocka_unit_test(what_is_forced_the_device_judges),
		cmocka_unit_test(a_package_for_the_other_protocol_can_be_forced),
		cmocka_unit_test(a_part_that_is_not_there_is_refused),
		cmocka_unit_test(the_profile_says_what_the_device_is),
		cmocka_unit_test(a_device_tells_what_it_is),
		cmocka_unit_test(a_device_tells_machines_what_it_is),
		cmocka_unit_test(a_device_that_is_not_there_tells_nothing),
	};

	return cmocka_run_group_tests_name("choices", tests, NULL, NULL);
}
