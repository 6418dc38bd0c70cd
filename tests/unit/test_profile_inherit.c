/* Profiles that stand on other profiles, what they require, and what there is to choose from. */
#include "package.h"
#include "profile.h"
#include "scratch.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

/* cmocka wants the four above first. */
#include <cmocka.h>

static void write_profile(void *const *state, const char *name, const char *text)
{
	char path[SCRATCH_PATH_MAX];

	scratch_write(state, name, text, strlen(text), path);
}

static int read_profile(void *const *state, const char *name, const char *const *dirs,
			struct profile **ret_profile, struct failure *why)
{
	char path[SCRATCH_PATH_MAX];
	int r;

	scratch_path(state, name, path);
	assert_int_equal(profile_new(ret_profile), OTADFU_OK);
	r = profile_read(*ret_profile, path, dirs, why);
	return r;
}

static struct profile *read_good(void *const *state, const char *name, const char *const *dirs)
{
	struct profile *profile;
	struct failure why = { 0 };

	read_profile(state, name, dirs, &profile, &why);
	assert_string_equal(why.text, "");
	return profile;
}

/* What follows the test's directory in the reason must be wanted. */
static void check_refused(void *const *state, const char *name, const char *wanted)
{
	struct profile *profile;
	struct failure why = { 0 };
	const char *const dirs[] = { *state, NULL };
	size_t prefix = strlen(*state) + 1;

	assert_int_equal(read_profile(state, name, dirs, &profile, &why), OTADFU_E_CONFIG);
	profile_free(profile);
	assert_true(strlen(why.text) > prefix);
	assert_string_equal(why.text + prefix, wanted);
}

static void check_origin(const char *origin, const char *wanted)
{
	assert_true(strlen(origin) >= strlen(wanted));
	assert_string_equal(origin + strlen(origin) - strlen(wanted), wanted);
}

static void child_beats_parent_wherever_the_line_stands(void **state)
{
	struct profile *profile;
	const struct setting *setting;

	write_profile(state, "base.yaml",
		      "product: Base\ntransport: bluez\nverify: none\n"
		      "secure: { receipts: 1, packet_size: 20 }\n");
	write_profile(state, "acme.yaml",
		      "product: Acme\nsecure: { receipts: 2 }\ninherits: base\n");
	profile = read_good(state, "acme.yaml", NULL);
	assert_string_equal(profile->product.value, "Acme");
	check_origin(profile->product.origin, "acme.yaml:1:10");
	assert_string_equal(profile->transport.value, "bluez");
	check_origin(profile->transport.origin, "base.yaml:2:12");
	assert_int_equal(profile->verify.value, VERIFY_NONE);
	setting = settings_find(&profile->settings, "secure", "receipts");
	assert_string_equal(setting->value, "2");
	check_origin(setting->origin, "acme.yaml:2:21");
	setting = settings_find(&profile->settings, "secure", "packet_size");
	check_origin(setting->origin, "base.yaml:4:37");
	assert_string_equal(profile->inherits.value, "base");
	profile_free(profile);
}

static void grandparents_come_first(void **state)
{
	struct profile *profile;

	write_profile(state, "a.yaml", "product: A\nadapter: a\ntransport: a\n");
	write_profile(state, "b.yaml", "inherits: a\nadapter: b\ntransport: b\n");
	write_profile(state, "c.yaml", "inherits: b\ntransport: c\n");
	profile = read_good(state, "c.yaml", NULL);
	assert_string_equal(profile->product.value, "A");
	assert_string_equal(profile->adapter.value, "b");
	assert_string_equal(profile->transport.value, "c");
	profile_free(profile);
}

static void parent_is_found_beside_before_the_directories(void **state)
{
	const char *const dirs[] = { *state, NULL };
	char sub[SCRATCH_PATH_MAX];
	struct profile *profile;

	scratch_path(state, "sub", sub);
	assert_int_equal(mkdir(sub, 0700), 0);
	write_profile(state, "base.yaml", "product: Shipped\n");
	write_profile(state, "sub/acme.yaml", "inherits: base\n");
	profile = read_good(state, "sub/acme.yaml", dirs);
	assert_string_equal(profile->product.value, "Shipped");
	profile_free(profile);
	write_profile(state, "sub/base.yaml", "product: Beside\n");
	profile = read_good(state, "sub/acme.yaml", dirs);
	assert_string_equal(profile->product.value, "Beside");
	profile_free(profile);
	scratch_path(state, "sub/acme.yaml", sub);
	unlink(sub);
	scratch_path(state, "sub/base.yaml", sub);
	unlink(sub);
	scratch_path(state, "sub", sub);
	rmdir(sub);
}

static void missing_parent_is_told_with_what_there_is(void **state)
{
	write_profile(state, "acme.yaml", "product: a\ninherits: nowhere\n");
	check_refused(state, "acme.yaml",
		      "acme.yaml:2:11: no profile is named 'nowhere'; there are: acme");
}

static void mistake_of_the_parent_is_told_where_it_stands(void **state)
{
	write_profile(state, "base.yaml", "product: a\nverify: maybe\n");
	write_profile(state, "acme.yaml", "inherits: base\n");
	check_refused(state, "acme.yaml",
		      "base.yaml:2:9: verify must be none, advertises or version, not 'maybe'");
}

static void circles_are_refused(void **state)
{
	write_profile(state, "self.yaml", "inherits: self\n");
	check_refused(state, "self.yaml",
		      "self.yaml:1:11: self inherits from itself by way of this line");
	write_profile(state, "a.yaml", "inherits: b\n");
	write_profile(state, "b.yaml", "inherits: c\n");
	write_profile(state, "c.yaml", "inherits: a\n");
	check_refused(state, "a.yaml", "c.yaml:1:11: a inherits from itself by way of this line");
}

static void ninth_ancestor_is_refused(void **state)
{
	struct profile *profile;
	char name[16];
	char text[32];

	write_profile(state, "p0.yaml", "product: Oldest\n");
	for (int i = 1; i <= 9; i++) {
		snprintf(name, sizeof(name), "p%d.yaml", i);
		snprintf(text, sizeof(text), "inherits: p%d\n", i - 1);
		write_profile(state, name, text);
	}
	profile = read_good(state, "p8.yaml", NULL);
	assert_string_equal(profile->product.value, "Oldest");
	profile_free(profile);
	check_refused(state, "p9.yaml", "p1.yaml:1:11: more than 8 profiles above one another");
}

static void name_of_a_parent_is_plain(void **state)
{
	static const char *const names[] = { "../base", "base.yaml", "/etc/base", "''", "." };
	char text[64];
	char wanted[128];

	for (size_t i = 0; i < sizeof(names) / sizeof(names[0]); i++) {
		snprintf(text, sizeof(text), "inherits: %s\n", names[i]);
		snprintf(wanted, sizeof(wanted),
			 "acme.yaml:1:11: inherits must be the name of a profile, without .yaml, "
			 "not '%s'",
			 strcmp(names[i], "''") == 0 ? "" : names[i]);
		write_profile(state, "acme.yaml", text);
		check_refused(state, "acme.yaml", wanted);
	}
	write_profile(state, "acme.yaml", "inherits: [a, b]\n");
	check_refused(state, "acme.yaml",
		      "acme.yaml:1:11: inherits must be the name of a profile, without .yaml");
	write_profile(state, "acme.yaml", "inherits: a\ninherits: a\n");
	write_profile(state, "a.yaml", "product: a\n");
	check_refused(state, "acme.yaml", "acme.yaml:2:1: the key 'inherits' is there twice");
}

static void requirements_are_read(void **state)
{
	struct profile *profile;

	write_profile(state, "acme.yaml",
		      "part: system\nrequire:\n  hw_version: 0xFFFFFFFF\n  softdevice: 0x0100\n"
		      "  device_type: 0\n  device_revision: 65535\n");
	profile = read_good(state, "acme.yaml", NULL);
	assert_int_equal(profile->part.value, PACKAGE_PART_SYSTEM);
	assert_int_equal(profile->require_hw_version.value, UINT32_MAX);
	assert_int_equal(profile->require_softdevice.value, 0x0100);
	check_origin(profile->require_device_type.origin, "acme.yaml:5:16");
	assert_int_equal(profile->require_device_revision.value, 65535);
	assert_null(profile->require_public_key.value);
	profile_free(profile);
}

static void nothing_is_required_by_default(void **state)
{
	struct profile *profile;

	(void)state;
	assert_int_equal(profile_new(&profile), OTADFU_OK);
	assert_int_equal(profile->part.value, PACKAGE_PART_ALL);
	assert_string_equal(profile->require_hw_version.origin, "");
	assert_string_equal(profile->require_softdevice.origin, "");
	profile_free(profile);
}

static void requirements_out_of_range_are_refused(void **state)
{
	static const struct {
		const char *text, *reason;
	} cases[] = {
		{ "part: half\n",
		  "acme.yaml:1:7: part must be all, application or system, not 'half'" },
		{ "require: { hw_version: 4294967296 }\n",
		  "acme.yaml:1:24: require.hw_version must be a whole number from 0 to 0xFFFFFFFF, "
		  "not '4294967296'" },
		{ "require: { softdevice: S140 }\n",
		  "acme.yaml:1:24: require.softdevice must be a SoftDevice id like 0x0100, not "
		  "'S140'" },
		{ "require: { device_type: -1 }\n",
		  "acme.yaml:1:25: require.device_type must be a whole number from 0 to 0xFFFF, "
		  "not '-1'" },
		{ "require: { public_key: '' }\n",
		  "acme.yaml:1:24: require.public_key must be the name of a file, not ''" },
		{ "require: { colour: blue }\n",
		  "acme.yaml:1:12: unknown key 'colour' in require; it may hold hw_version, "
		  "softdevice, device_type, device_revision, public_key, battery_percent, "
		  "firmware_min" },
		{ "require: { battery_percent: 101 }\n",
		  "acme.yaml:1:29: require.battery_percent must be a whole number from 1 to 100, "
		  "not '101'" },
		{ "require: { firmware_min: new }\n",
		  "acme.yaml:1:26: require.firmware_min must be numbers with dots between them, "
		  "like 1.2.0, not 'new'" },
		{ "require: 52\n", "acme.yaml:1:10: require must be a mapping of keys to values" },
	};

	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		write_profile(state, "acme.yaml", cases[i].text);
		check_refused(state, "acme.yaml", cases[i].reason);
	}
}

static void key_file_is_relative_to_the_profile_it_stands_in(void **state)
{
	char sub[SCRATCH_PATH_MAX];
	char wanted[SCRATCH_PATH_MAX];
	const char *const dirs[] = { *state, NULL };
	struct profile *profile;

	scratch_path(state, "sub", sub);
	assert_int_equal(mkdir(sub, 0700), 0);
	write_profile(state, "base.yaml", "require: { public_key: keys/base.pem }\n");
	write_profile(state, "sub/acme.yaml", "inherits: base\n");
	profile = read_good(state, "sub/acme.yaml", dirs);
	scratch_path(state, "keys/base.pem", wanted);
	assert_string_equal(profile->require_public_key.value, wanted);
	profile_free(profile);
	write_profile(state, "sub/acme.yaml", "inherits: base\nrequire: { public_key: /k.pem }\n");
	profile = read_good(state, "sub/acme.yaml", dirs);
	assert_string_equal(profile->require_public_key.value, "/k.pem");
	profile_free(profile);
	scratch_path(state, "sub/acme.yaml", sub);
	unlink(sub);
	scratch_path(state, "sub", sub);
	rmdir(sub);
}

static void command_line_may_set_any_key(void **state)
{
	struct profile *profile;
	struct failure why = { 0 };

	(void)state;
	assert_int_equal(profile_new(&profile), OTADFU_OK);
	assert_int_equal(profile_set_value(profile, NULL, "part", "system", "command line", NULL),
			 OTADFU_OK);
	assert_int_equal(profile->part.value, PACKAGE_PART_SYSTEM);
	assert_string_equal(profile->part.origin, "command line");
	assert_int_equal(profile_set_value(profile, NULL, "part", "x", "command line", &why),
			 OTADFU_E_CONFIG);
	assert_string_equal(why.text,
			    "command line: part must be all, application or system, not 'x'");
	assert_int_equal(profile->part.value, PACKAGE_PART_SYSTEM);
	profile_free(profile);
}

static void profiles_are_listed_with_what_they_are_for(void **state)
{
	const char *const dirs[] = { "/nonexistent", *state, *state, NULL };
	struct profile_list list;

	write_profile(state, "thermo.yaml", "inherits: base\n");
	write_profile(state, "base.yaml", "product: Acme Base\n");
	write_profile(state, "broken.yaml", "verify: maybe\n");
	write_profile(state, "empty.yaml", "verify: none\n");
	write_profile(state, "readme.txt", "x");
	assert_int_equal(profile_list(dirs, &list, NULL), OTADFU_OK);
	assert_int_equal(list.count, 4);
	assert_string_equal(list.items[0].name, "base");
	assert_string_equal(list.items[0].product, "Acme Base");
	assert_null(list.items[0].problem);
	assert_string_equal(list.items[1].name, "broken");
	assert_null(list.items[1].product);
	assert_non_null(strstr(list.items[1].problem, "broken.yaml:1:9: verify must be"));
	assert_null(list.items[2].product);
	assert_null(list.items[2].problem);
	assert_string_equal(list.items[3].name, "thermo");
	assert_string_equal(list.items[3].product, "Acme Base");
	check_origin(list.items[3].path, "/thermo.yaml");
	profile_list_clear(&list);
	assert_int_equal(profile_list(NULL, &list, NULL), OTADFU_OK);
	assert_int_equal(list.count, 0);
	profile_list_clear(&list);
}

static void first_of_two_profiles_with_one_name_is_listed(void **state)
{
	char sub[SCRATCH_PATH_MAX];
	const char *const dirs[] = { sub, *state, NULL };
	struct profile_list list;

	scratch_path(state, "sub", sub);
	assert_int_equal(mkdir(sub, 0700), 0);
	write_profile(state, "a.yaml", "product: Shipped\n");
	write_profile(state, "sub/a.yaml", "product: Own\n");
	assert_int_equal(profile_list(dirs, &list, NULL), OTADFU_OK);
	assert_int_equal(list.count, 1);
	assert_string_equal(list.items[0].product, "Own");
	profile_list_clear(&list);
	scratch_path(state, "sub/a.yaml", sub);
	unlink(sub);
	scratch_path(state, "sub", sub);
	rmdir(sub);
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, scratch_setup, scratch_teardown)

int main(void)
{
	static const struct CMUnitTest tests[] = {
		TEST(child_beats_parent_wherever_the_line_stands),
		TEST(grandparents_come_first),
		TEST(parent_is_found_beside_before_the_directories),
		TEST(missing_parent_is_told_with_what_there_is),
		TEST(mistake_of_the_parent_is_told_where_it_stands),
		TEST(circles_are_refused),
		TEST(ninth_ancestor_is_refused),
		TEST(name_of_a_parent_is_plain),
		TEST(requirements_are_read),
		TEST(nothing_is_required_by_default),
		TEST(requirements_out_of_range_are_refused),
		TEST(key_file_is_relative_to_the_profile_it_stands_in),
		TEST(command_line_may_set_any_key),
		TEST(profiles_are_listed_with_what_they_are_for),
		TEST(first_of_two_profiles_with_one_name_is_listed),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
