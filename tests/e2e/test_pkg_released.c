/* Nordic's own packages: who signed them, and `otadfu pkg make` making the same once more. */
#include "member.h"
#include "published.h"
#include "sim.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

enum { WORDS = 16, SIGNATURE_LEN = 64, SIGNED_MIN = 100, VERIFIES = 0, REFUSED = 3 };

#define NORDIC_KEY  "nordic-sample-public-key.pem"
#define NRFUTIL_KEY "nrfutil-sample-public-key.pem"

/* Members of a package, and what pkg make has to be told. */
struct release {
	const char *package;
	const char *key; /* NULL: not signed */
	const char *application, *bootloader, *softdevice;
	const char *system; /* SoftDevice and bootloader in one */
	size_t sd_len;
	bool has_own_manifest; /* one that Nordic's tool did not make for it */
	const char *words[WORDS];
};

#define SECURE(hw) "--protocol", "secure", "--key", "private.pem", "--hw-version", hw
#define LEGACY     "--protocol", "legacy"

static const struct release releases[] = {
	{ "nrf51422_sdk_6.1_app.zip", .application = "app", .has_own_manifest = true,
	  .words = { LEGACY, "--format", "crc" } },
	{ "nrf51422_sdk_8_app.zip", .application = "app",
	  .words = { LEGACY, "--sd-req", "0x0064" } },
	{ "nrf51422_sdk_11_app.zip", .application = "app",
	  .words = { LEGACY, "--sd-req", "0x0080" } },
	{ "nrf51422_sdk_11_all_in_one.zip", .application = "app", .system = "sd_bl",
	  .sd_len = 106484, .has_own_manifest = true, .words = { LEGACY } },
	{ "nrf51422_sdk_12.2_app.zip", NORDIC_KEY, .application = "app",
	  .words = { SECURE("51"), "--sd-req", "0x0087", "--app-version", "1", "--boot-validation",
		     "omit" } },
	{ "nrf52832_sdk_12.2_app.zip", NORDIC_KEY, .application = "app",
	  .words = { SECURE("52"), "--sd-req", "0x008C", "--app-version", "1", "--boot-validation",
		     "omit" } },
	{ "nrf52832_sdk_14.1_sd.zip", NORDIC_KEY, .softdevice = "softdevice",
	  .words = { SECURE("52"), "--sd-req", "0x009D", "--boot-validation", "omit" } },
	{ "nrf52832_sdk_15.3_sd_bl_1.zip", NORDIC_KEY, .system = "sd_bl", .sd_len = 147792,
	  .words = { SECURE("52"), "--sd-req", "0x00B7", "--bl-version", "23" } },
	{ "blinky_mbr_sdk160.zip", NRFUTIL_KEY, .application = "nrf52840_xxaa",
	  .has_own_manifest = true,
	  .words = { SECURE("52"), "--sd-req", "0", "--app-version", "1", "--debug" } },
	{ "nrf52840_sdk_17.1_app.zip", NORDIC_KEY, .application = "app",
	  .words = { SECURE("52"), "--sd-req", "0x0100", "--app-version", "1" } },
	{ "nrf52840_sdk_17.1_bl_2.zip", NORDIC_KEY, .bootloader = "bootloader",
	  .words = { SECURE("52"), "--sd-req", "0x0100", "--bl-version", "33" } },
	{ "nrf52840_sdk_17.1_sd_bl_app_3.zip", NORDIC_KEY, .application = "app", .system = "sd_bl",
	  .sd_len = 153140,
	  .words = { SECURE("52"), "--sd-req", "0x0100", "--bl-version", "34", "--app-version",
		     "1" } },
};

enum { RELEASES = sizeof(releases) / sizeof(releases[0]) };

static struct sim sim; /* only its folder is used */

static struct run_result otadfu(const char *const *words)
{
	const struct run_settings settings = { .directory = sim.folder };

	return run_otadfu_words(&settings, words);
}

/* --- verify --- */

static void check_verdict(const struct release *release, const char *key_name, int status)
{
	char *package = published_path(release->package);
	char *key = published_path(key_name);
	struct run_result run =
		otadfu((const char *const[]){ "pkg", "verify", package, "--key", key, NULL });

	if (run.status != status)
		fail_msg("exit %d, not %d: %s%s", run.status, status, run.out, run.err);
	run_result_clear(&run);
	free(key);
	free(package);
}

static void signature_verifies_with_its_key_and_no_other(void **state)
{
	const struct release *release = *state;
	const char *const keys[] = { NORDIC_KEY, NRFUTIL_KEY };

	for (size_t i = 0; i < 2; i++) {
		bool is_its_key = release->key && strcmp(release->key, keys[i]) == 0;

		check_verdict(release, keys[i], is_its_key ? VERIFIES : REFUSED);
	}
}

/* --- make --- */

static void extract(const char *package, const char *stem, const char *to, size_t from, size_t len)
{
	char name[64];
	size_t whole;
	uint8_t *bytes;

	snprintf(name, sizeof(name), "%s.bin", stem);
	bytes = member_of(package, name, &whole);
	free(file_write_bytes(sim.folder, to, bytes + from, len ? len : whole - from));
	free(bytes);
}

static size_t add_images(const struct release *release, const char *package, const char **words)
{
	size_t count = 0;

	if (release->application) {
		extract(package, release->application, "a.bin", 0, 0);
		words[count++] = "--application";
		words[count++] = "a.bin";
	}
	if (release->bootloader || release->system) {
		extract(package, release->system ? release->system : release->bootloader, "b.bin",
			release->sd_len, 0);
		words[count++] = "--bootloader";
		words[count++] = "b.bin";
	}
	if (release->softdevice || release->system) {
		extract(package, release->system ? release->system : release->softdevice, "s.bin",
			0, release->sd_len);
		words[count++] = "--softdevice";
		words[count++] = "s.bin";
	}
	return count;
}

/* A .dat but for the signature, which is never twice the same. */
static void assert_same_init(const char *package, const char *made, const char *stem,
			     const char *made_stem)
{
	char name[64];
	size_t len, made_len;
	uint8_t *dat, *made_dat;

	snprintf(name, sizeof(name), "%s.dat", stem);
	dat = member_of(package, name, &len);
	snprintf(name, sizeof(name), "%s.dat", made_stem);
	made_dat = member_of(made, name, &made_len);
	assert_int_equal(made_len, len);
	assert_memory_equal(made_dat, dat, len > SIGNED_MIN ? len - SIGNATURE_LEN : len);
	free(dat);
	free(made_dat);
}

static void strip_returns(char *text, size_t *len)
{
	size_t kept = 0;

	for (size_t i = 0; i < *len; i++) {
		if (text[i] != '\r')
			text[kept++] = text[i];
	}
	*len = kept;
}

/* Nordic's tool wrote them on Windows. Of three the packets were exchanged by hand, or renamed. */
static void assert_same_manifest(const struct release *release, const char *package,
				 const char *made)
{
	size_t len, made_len;
	char *text, *made_text;

	if (release->has_own_manifest)
		return;
	text = member_of(package, "manifest.json", &len);
	made_text = member_of(made, "manifest.json", &made_len);
	strip_returns(text, &len);
	assert_int_equal(made_len, len);
	assert_memory_equal(made_text, text, len);
	free(text);
	free(made_text);
}

static void made_anew_it_is_the_same(void **state)
{
	const struct release *release = *state;
	const char *words[2 * WORDS] = { "pkg", "make", "made.zip", "--overwrite" };
	char *package = published_path(release->package);
	char *made = file_path(sim.folder, "made.zip");
	size_t count = 4 + add_images(release, package, words + 4);
	struct run_result run;

	memcpy(words + count, release->words, sizeof(release->words));
	run = otadfu(words);
	if (run.status != 0)
		fail_msg("exit %d: %s", run.status, run.err);
	run_result_clear(&run);
	if (release->application)
		assert_same_init(package, made, release->application, "app");
	if (release->bootloader)
		assert_same_init(package, made, release->bootloader, "bootloader");
	if (release->softdevice)
		assert_same_init(package, made, release->softdevice, "softdevice");
	if (release->system)
		assert_same_init(package, made, release->system, "sd_bl");
	assert_same_manifest(release, package, made);
	free(made);
	free(package);
}

/* --- sign --- */

static void signed_by_another_its_init_command_stays(void **state)
{
	const struct release *release = *state;
	char *package = published_path(release->package);
	char *made = file_path(sim.folder, "signed.zip");
	struct run_result run;

	run = otadfu((const char *const[]){ "pkg", "sign", package, "signed.zip", "--overwrite",
					    "--key", "private.pem", NULL });
	assert_int_equal(run.status, 0);
	run_result_clear(&run);
	if (release->application)
		assert_same_init(package, made, release->application, "app");
	if (release->system)
		assert_same_init(package, made, release->system, "sd_bl");
	run = otadfu((const char *const[]){ "pkg", "verify", "signed.zip", "--key", "public.pem",
					    NULL });
	assert_int_equal(run.status, VERIFIES);
	run_result_clear(&run);
	free(made);
	free(package);
}

static int set_up(void **state)
{
	(void)state;
	sim = sim_new("    name: Sample\n    hardware: nrf52840\n    bootloader: secure\n"
		      "    sdk: \"17.1\"\n",
		      NULL);
	free(sim_make_package(&sim, "others.zip",
			      (const char *const[]){ "--protocol", "secure", "--generate-key",
						     "private.pem", "--public-key-out",
						     "public.pem", "--random", "100", NULL }));
	return 0;
}

static int tear_down(void **state)
{
	(void)state;
	sim_remove(&sim);
	return 0;
}

static const struct claim {
	bool of_signed;
	const char *words;
	CMUnitTestFunction test;
} claims[] = {
	{ false, "verifies with its key and no other",
	  signature_verifies_with_its_key_and_no_other },
	{ false, "made anew is the same", made_anew_it_is_the_same },
	{ true, "signed anew keeps its init command", signed_by_another_its_init_command_stays },
};

enum { CLAIMS = sizeof(claims) / sizeof(claims[0]) };

int main(void)
{
	/* What stays empty at the end is no test. */
	static struct CMUnitTest tests[RELEASES * CLAIMS];
	static char names[RELEASES * CLAIMS][96];
	size_t count = 0;

	for (size_t i = 0; i < RELEASES * CLAIMS; i++) {
		const struct release *release = &releases[i / CLAIMS];
		const struct claim *claim = &claims[i % CLAIMS];

		if (claim->of_signed && !release->key)
			continue;
		snprintf(names[count], sizeof(names[count]), "%s %s", release->package,
			 claim->words);
		tests[count] = (struct CMUnitTest){ .name = names[count],
						    .test_func = claim->test,
						    .initial_state = (void *)release };
		count++;
	}
	return cmocka_run_group_tests_name("pkg released", tests, set_up, tear_down);
}
