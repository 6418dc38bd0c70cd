#include "profile.h"
#include "scratch.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* cmocka wants the four above first. */
#include <cmocka.h>

static struct profile *make_profile(void)
{
	struct profile *profile;

	assert_int_equal(profile_new(&profile), OTADFU_OK);
	return profile;
}

static int read_bytes(void *const *state, const void *text, size_t len, struct profile *profile,
		      struct failure *why)
{
	char path[SCRATCH_PATH_MAX];

	scratch_write(state, "acme.yaml", text, len, path);
	return profile_read(profile, path, NULL, why);
}

/* The text is refused; what follows the path in the reason must be wanted. */
static void check_refused(void *const *state, const void *text, size_t len, const char *wanted)
{
	struct profile *profile = make_profile();
	struct failure why = { 0 };
	const char *shown;

	assert_int_equal(read_bytes(state, text, len, profile, &why), OTADFU_E_CONFIG);
	shown = strstr(why.text, "acme.yaml:");
	assert_non_null(shown);
	assert_string_equal(shown + strlen("acme.yaml:"), wanted);
	profile_free(profile);
}

static void check_origin(const char *origin, const char *wanted)
{
	assert_true(strlen(origin) >= strlen(wanted));
	assert_string_equal(origin + strlen(origin) - strlen(wanted), wanted);
}

static void new_profile_has_the_defaults(void **state)
{
	struct profile *profile = make_profile();

	(void)state;
	assert_int_equal(profile->connect_attempts.value, 5);
	assert_int_equal(profile->connect_timeout_ms.value, 15000);
	assert_int_equal(profile->verify.value, VERIFY_ADVERTISES);
	assert_string_equal(profile->verify.origin, "default");
	assert_null(profile->transport.value);
	profile_free(profile);
}

static void every_key_is_read_with_its_place(void **state)
{
	static const char text[] = "product: Acme Thermo\n"
				   "match: { name: Thermo, service: fe59,\n"
				   "  address: 'C0:FF:EE:00:00:01' }\n"
				   "transport: bluez\n"
				   "protocol: secure\n"
				   "adapter: hci0\n"
				   "connect: { attempts: 7, timeout_ms: 0x1000 }\n"
				   "verify: none\n"
				   "secure:\n"
				   "  receipts: 12\n";
	struct profile *profile = make_profile();
	const struct setting *setting;

	assert_int_equal(read_bytes(state, text, strlen(text), profile, NULL), OTADFU_OK);
	assert_string_equal(profile->product.value, "Acme Thermo");
	assert_string_equal(profile->match_name.value, "Thermo");
	assert_string_equal(profile->match_service.value, "fe59");
	assert_string_equal(profile->match_address.value, "C0:FF:EE:00:00:01");
	assert_string_equal(profile->transport.value, "bluez");
	assert_string_equal(profile->protocol.value, "secure");
	assert_string_equal(profile->adapter.value, "hci0");
	assert_int_equal(profile->connect_attempts.value, 7);
	assert_int_equal(profile->connect_timeout_ms.value, 0x1000);
	assert_int_equal(profile->verify.value, VERIFY_NONE);
	check_origin(profile->product.origin, "acme.yaml:1:10");
	check_origin(profile->match_address.origin, "acme.yaml:3:12");
	check_origin(profile->connect_attempts.origin, "acme.yaml:7:22");
	setting = settings_find(&profile->settings, "secure", "receipts");
	assert_non_null(setting);
	assert_string_equal(setting->value, "12");
	check_origin(setting->origin, "acme.yaml:10:13");
	profile_free(profile);
}

static void what_proves_an_update_is_read(void **state)
{
	static const char text[] = "verify: version\n"
				   "expect_version: \"1.2.0\"\n"
				   "rejoin: { service_scan: yes }\n"
				   "require: { battery_percent: 30, firmware_min: \"1.10\" }\n";
	struct profile *profile = make_profile();

	assert_int_equal(profile->rejoin_service_scan.value, 0);
	assert_int_equal(read_bytes(state, text, strlen(text), profile, NULL), OTADFU_OK);
	assert_int_equal(profile->verify.value, VERIFY_VERSION);
	assert_string_equal(profile->expect_version.value, "1.2.0");
	assert_int_equal(profile->rejoin_service_scan.value, 1);
	assert_int_equal(profile->require_battery_percent.value, 30);
	assert_string_equal(profile->require_firmware_min.value, "1.10");
	profile_free(profile);
}

static void mistakes_are_told_by_line_and_column(void **state)
{
	static const struct {
		const char *text, *reason;
	} cases[] = {
		{ "product: a\nprodukt: b\n",
		  "2:1: unknown key 'produkt'; a profile may hold inherits, product, match, "
		  "transport, protocol, adapter, connect, rejoin, verify, expect_version, part, "
		  "require, package, and plugins with their options" },
		{ "secure: [1, 2]\n",
		  "1:1: unknown key 'secure'; a profile may hold inherits, product, match, "
		  "transport, protocol, adapter, connect, rejoin, verify, expect_version, part, "
		  "require, package, and plugins with their options" },
		{ "match: { nmae: x }\n",
		  "1:10: unknown key 'nmae' in match; it may hold name, service, address" },
		{ "connect:\n  attempts: 5\n  attempts: 6\n",
		  "3:3: the key 'attempts' is there twice" },
		{ "secure: {a: 1}\nsecure: {b: 1}\n", "2:1: the key 'secure' is there twice" },
		{ "secure: {a: 1, a: 2}\n", "1:16: the key 'a' is there twice" },
		{ "secure: {a: [1]}\n", "1:13: secure.a must be a single value" },
		{ "secure: {a: {b: 1}}\n", "1:13: secure.a must be a single value" },
		{ "secure: {a: \"x\\ey\"}\n", "1:13: secure.a must be a single value" },
		{ "match: Thermo\n", "1:8: match must be a mapping of keys to values" },
		{ "- product\n", "1:1: a profile must be a mapping of keys to values" },
		{ "product\n", "1:1: a profile must be a mapping of keys to values" },
		{ "? [a, b]\n: c\n", "1:3: a key must be a word" },
		{ "? \"a\\0b\"\n: c\n", "1:3: a key must be a word" },
		{ "product:\n", "1:9: product must be a text, not ''" },
		{ "product: [a]\n", "1:10: product must be a text" },
		{ "product: \"a\\nb\"\n", "1:10: product must be a text" },
		{ "connect: { attempts: many }\n",
		  "1:22: connect.attempts must be a whole number from 1 to 100, not 'many'" },
		{ "connect: { attempts: 0 }\n",
		  "1:22: connect.attempts must be a whole number from 1 to 100, not '0'" },
		{ "connect: { attempts: 101 }\n",
		  "1:22: connect.attempts must be a whole number from 1 to 100, not '101'" },
		{ "connect: { timeout_ms: 99 }\n",
		  "1:24: connect.timeout_ms must be a whole number from 100 to 600000, not '99'" },
		{ "connect: { timeout_ms: 600001 }\n",
		  "1:24: connect.timeout_ms must be a whole number from 100 to 600000, not "
		  "'600001'" },
		{ "rejoin: { service_scan: perhaps }\n",
		  "1:25: rejoin.service_scan must be true or false, not 'perhaps'" },
		{ "verify: sometimes\n",
		  "1:9: verify must be none, advertises or version, not 'sometimes'" },
		{ "match: { service: xyz }\n", "1:19: match.service must be a UUID like fe59 or "
					       "8ec90001-f315-4f60-9fb8-838830daea50, not 'xyz'" },
		{ "match: { address: 12 }\n",
		  "1:19: match.address must be an address like C0:FF:EE:00:00:01, not '12'" },
		{ "transport: ../evil\n",
		  "1:12: transport must be the name of a transport, not '../evil'" },
		{ "product: a\n---\nproduct: b\n",
		  "2:1: a second document begins here; a profile is one" },
		{ "", " the file is empty" },
		{ "# nothing\n", " the file is empty" },
		{ "a: &x {b: *x}\n", "1:4: a.b must be a single value" },
		{ "match: {name: *n}\n", "1:15: not YAML: found undefined alias" },
		{ "match: {name: x\n", "2:1: not YAML: did not find expected ',' or '}'" },
	};

	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++)
		check_refused(state, cases[i].text, strlen(cases[i].text), cases[i].reason);
}

static void broken_characters_are_told_by_line_and_column(void **state)
{
	static const char text[] = "product: a\nverify: \xFF\n";

	check_refused(state, text, strlen(text), "2:9: not YAML: invalid leading UTF-8 octet");
}

static void more_keys_than_anyone_needs_are_refused(void **state)
{
	static char text[257 * 8 + 1];
	size_t len = 0;

	for (int i = 0; i < 257; i++)
		len += (size_t)snprintf(text + len, sizeof(text) - len, "k%03d: 1\n", i);
	check_refused(state, text, len, "1:1: a profile has more than 256 keys");
}

static void many_anchors_are_refused_at_once(void **state)
{
	enum { COUNT = 5000, WIDTH = 9 };
	char *text = malloc(COUNT * WIDTH + 1);
	size_t len = 0;

	assert_non_null(text);
	for (int i = 0; i < COUNT; i++)
		len += (size_t)snprintf(text + len, WIDTH + 1, "- &a%04d\n", i);
	check_refused(state, text, len, "4095:3: more values than any profile has");
	free(text);
}

static void huge_and_deeply_nested_files_are_refused(void **state)
{
	enum { MAX = 256 << 10 };
	char *text = malloc(MAX + 1);
	struct profile *profile = make_profile();
	struct failure why = { 0 };

	assert_non_null(text);
	memset(text, '#', MAX + 1);
	assert_int_equal(read_bytes(state, text, MAX + 1, profile, &why), OTADFU_E_CONFIG);
	assert_non_null(strstr(why.text, "longer than 262144 bytes"));
	memset(text, '[', MAX);
	assert_int_equal(read_bytes(state, text, MAX, profile, NULL), OTADFU_E_CONFIG);
	memset(text, '{', MAX);
	assert_int_equal(read_bytes(state, text, MAX, profile, NULL), OTADFU_E_CONFIG);
	free(text);
	profile_free(profile);
}

static void unreadable_file_is_named_with_the_reason(void **state)
{
	struct profile *profile = make_profile();
	struct failure why = { 0 };
	char path[SCRATCH_PATH_MAX];

	scratch_path(state, "absent.yaml", path);
	assert_int_equal(profile_read(profile, path, NULL, &why), OTADFU_E_CONFIG);
	assert_non_null(strstr(why.text, "absent.yaml: cannot be read: No such file"));
	failure_clear(&why);
	assert_int_equal(profile_read(profile, *state, NULL, &why), OTADFU_E_CONFIG);
	assert_non_null(strstr(why.text, "cannot be read: Is a directory"));
	profile_free(profile);
}

static void command_line_beats_profile_beats_default(void **state)
{
	static const char text[] = "transport: bluez\nsecure: { receipts: 12, packet_size: 20 }\n";
	struct profile *profile = make_profile();
	const struct setting *setting;

	assert_int_equal(read_bytes(state, text, strlen(text), profile, NULL), OTADFU_OK);
	assert_int_equal(profile_set_text(&profile->transport, "sim", "command line"), OTADFU_OK);
	assert_int_equal(profile_set_option(profile, "secure.receipts=a=b", NULL), OTADFU_OK);
	assert_string_equal(profile->transport.value, "sim");
	assert_string_equal(profile->transport.origin, "command line");
	setting = settings_find(&profile->settings, "secure", "receipts");
	assert_string_equal(setting->value, "a=b");
	assert_string_equal(setting->origin, "command line");
	setting = settings_find(&profile->settings, "secure", "packet_size");
	check_origin(setting->origin, "acme.yaml:2:38");
	profile_free(profile);
}

static void malformed_assignment_is_refused(void **state)
{
	static const char *const cases[] = { "",     "secure",    "secure.receipts",
					     ".a=1", "secure.=1", "secure=1.2",
					     "=1" };
	struct profile *profile = make_profile();

	(void)state;
	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		struct failure why = { 0 };

		assert_int_equal(profile_set_option(profile, cases[i], &why), OTADFU_E_CONFIG);
		assert_non_null(strstr(why.text, "PLUGIN.KEY=VALUE"));
	}
	assert_int_equal(profile->settings.count, 0);
	profile_free(profile);
}

static void profiles_are_found_by_name_in_order_of_directories(void **state)
{
	const char *const dirs[] = { "/nonexistent", *state, NULL };
	char wanted[SCRATCH_PATH_MAX];
	char other[SCRATCH_PATH_MAX];
	struct failure why = { 0 };
	char *path;

	scratch_write(state, "b.yaml", "", 0, wanted);
	scratch_write(state, "a.yaml", "", 0, other);
	scratch_write(state, "c.txt", "", 0, other);
	assert_int_equal(profile_find("b", dirs, &path, NULL), OTADFU_OK);
	assert_string_equal(path, wanted);
	free(path);
	assert_int_equal(profile_find("d", dirs, &path, &why), OTADFU_E_CONFIG);
	assert_string_equal(why.text, "no profile is named 'd'; there are: a, b");
}

static void name_with_slash_or_suffix_is_a_path(void **state)
{
	static const char *const cases[] = { "dir/file", "./acme", "acme.yaml" };
	char *path;

	(void)state;
	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		assert_int_equal(profile_find(cases[i], NULL, &path, NULL), OTADFU_OK);
		assert_string_equal(path, cases[i]);
		free(path);
	}
}

static void settings_must_name_known_plugins(void **state)
{
	static const char text[] = "secure: { a: 1 }\nsecur:\n  b: 2\n";
	static const char *const names[] = { "legacy", "secure", "a/b", NULL };
	struct profile *profile = make_profile();
	struct failure why = { 0 };

	assert_int_equal(profile_set_option(profile, "legacy.a=1", NULL), OTADFU_OK);
	assert_int_equal(profile_check_plugins(profile, names, NULL), OTADFU_OK);
	assert_int_equal(read_bytes(state, text, strlen(text), profile, NULL), OTADFU_OK);
	assert_int_equal(profile_check_plugins(profile, names, &why), OTADFU_E_CONFIG);
	assert_non_null(strstr(why.text, "acme.yaml:3:6: no plugin is named 'secur'; there are: "
					 "legacy, secure"));
	profile_free(profile);

	profile = make_profile();
	assert_int_equal(profile_set_option(profile, "a/b.c=1", NULL), OTADFU_OK);
	assert_int_equal(profile_check_plugins(profile, names, NULL), OTADFU_E_CONFIG);
	profile_free(profile);
}

static void shipped_profiles_are_valid(void **state)
{
	static const char *const dirs[] = { PROFILES, NULL };
	static const char *const names[][2] = { { "nrf51-legacy", "legacy" },
						{ "nrf52-secure", "secure" } };

	(void)state;
	for (size_t i = 0; i < sizeof(names) / sizeof(names[0]); i++) {
		struct profile *profile = make_profile();
		struct failure why = { 0 };
		char *path;

		assert_int_equal(profile_find(names[i][0], dirs, &path, NULL), OTADFU_OK);
		profile_read(profile, path, NULL, &why);
		assert_string_equal(why.text, "");
		assert_string_equal(profile->protocol.value, names[i][1]);
		free(path);
		profile_free(profile);
	}
}

static void each_truncation_and_flip_is_survived(void **state)
{
	static const char text[] = "product: Acme\nmatch: { name: Thermo }\n"
				   "connect: { attempts: 5 }\nsecure: { receipts: 12 }\n";
	size_t len = sizeof(text) - 1;

	for (size_t i = 0; i < len * 9; i++) {
		struct profile *profile = make_profile();
		struct failure why = { 0 };
		char damaged[sizeof(text)];
		int r;

		memcpy(damaged, text, sizeof(text));
		if (i >= len)
			damaged[i % len] ^= (char)(1 << (i / len - 1));
		r = read_bytes(state, damaged, i < len ? i : len, profile, &why);
		assert_true(r == OTADFU_OK || r == OTADFU_E_CONFIG);
		assert_int_equal(r, why.code);
		profile_free(profile);
	}
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, scratch_setup, scratch_teardown)

int main(void)
{
	static const struct CMUnitTest tests[] = {
		TEST(new_profile_has_the_defaults),
		TEST(every_key_is_read_with_its_place),
		TEST(what_proves_an_update_is_read),
		TEST(mistakes_are_told_by_line_and_column),
		TEST(broken_characters_are_told_by_line_and_column),
		TEST(more_keys_than_anyone_needs_are_refused),
		TEST(many_anchors_are_refused_at_once),
		TEST(huge_and_deeply_nested_files_are_refused),
		TEST(unreadable_file_is_named_with_the_reason),
		TEST(command_line_beats_profile_beats_default),
		TEST(malformed_assignment_is_refused),
		TEST(profiles_are_found_by_name_in_order_of_directories),
		TEST(name_with_slash_or_suffix_is_a_path),
		TEST(settings_must_name_known_plugins),
		TEST(shipped_profiles_are_valid),
		TEST(each_truncation_and_flip_is_survived),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
