#include "check.h"
#include "package_bench.h"

#include <openssl/ec.h>
#include <openssl/evp.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* cmocka wants the four above first. */
#include <cmocka.h>

static const struct check_facts nothing_known;

/* The fixture must open; what check_package then finds. */
static struct check_findings find(void *const *state, const struct fixture *f,
				  const struct check_facts *facts)
{
	struct package *package = fixture_open_good(state, f);
	struct check_findings findings;
	struct failure why = { 0 };

	check_package(package, facts, &findings, &why);
	assert_string_equal(why.text, "");
	package_free(package);
	return findings;
}

static void check_clean(void *const *state, const struct fixture *f,
			const struct check_facts *facts)
{
	struct check_findings findings = find(state, f, facts);

	if (findings.count > 0)
		fail_msg("found: %s", findings.items[0].text);
	assert_null(check_first_refusal(&findings));
}

/* The one refusal there is, word for word. */
static void check_refused(void *const *state, const struct fixture *f,
			  const struct check_facts *facts, const char *wanted)
{
	struct check_findings findings = find(state, f, facts);
	const struct check_finding *refusal = check_first_refusal(&findings);

	assert_non_null(refusal);
	assert_string_equal(refusal->text, wanted);
	for (size_t i = 1; i < findings.count; i++)
		assert_int_equal(findings.items[i].severity, CHECK_WARNING);
}

/* A warning that begins so is there, and no refusal. */
static void check_warned(void *const *state, const struct fixture *f, const char *wanted)
{
	struct check_findings findings = find(state, f, &nothing_known);

	assert_null(check_first_refusal(&findings));
	for (size_t i = 0; i < findings.count; i++) {
		if (strncmp(findings.items[i].text, wanted, strlen(wanted)) == 0)
			return;
	}
	fail_msg("no warning '%s'", wanted);
}

static void good_packages_are_clean(void **state)
{
	struct fixture f;

	fixture_prepare(&f);
	check_clean(state, &f, &nothing_known);
	for (unsigned format = 5; format <= 7; format++) {
		fixture_encode_legacy(&f, format);
		check_clean(state, &f, &nothing_known);
	}
}

static void image_must_agree_with_its_init_packet(void **state)
{
	struct fixture f;

	fixture_prepare(&f);
	f.members[1].len--;
	check_refused(state, &f, &nothing_known,
		      "app.bin: it has 39 bytes, its init packet says 40");
	fixture_prepare(&f);
	f.image.type = FW_TYPE_BOOTLOADER;
	fixture_encode_secure(&f);
	check_refused(state, &f, &nothing_known,
		      "app.bin: its init packet is that of a bootloader");
	fixture_prepare(&f);
	memset(f.image.sha256, 0, 4);
	fixture_encode_secure(&f);
	f.bin[39] = 0;
	assert_non_null(strstr(find(state, &f, &nothing_known).items[0].text,
			       "its init packet says 00000000"));
	fixture_prepare(&f);
	fixture_encode_legacy(&f, 5);
	f.bin[39] ^= 1;
	assert_non_null(
		strstr(find(state, &f, &nothing_known).items[0].text, "app.bin: its CRC-16 is"));
}

static void set_parts(struct fixture *f, const char *sizes)
{
	char text[MANIFEST_LEN];

	snprintf(text, sizeof(text),
		 "{\"manifest\": {\"softdevice_bootloader\": {\"bin_file\": \"app.bin\", "
		 "\"dat_file\": \"app.dat\", %s}}}",
		 sizes);
	fixture_set_manifest(f, text);
}

static void secure_parts_must_agree_with_the_manifest(void **state)
{
	struct fixture f;

	fixture_prepare(&f);
	f.image.type = FW_TYPE_SD_BL;
	f.image.sd_size = 30;
	f.image.bl_size = 10;
	fixture_encode_secure(&f);
	set_parts(&f, "\"info_read_only_metadata\": {\"sd_size\": 10, \"bl_size\": 30}");
	check_refused(state, &f, &nothing_known,
		      "app.bin: the manifest says 10 + 30 bytes, its init packet 30 + 10");
}

static void parts_must_add_up_to_the_image(void **state)
{
	struct fixture f;

	fixture_prepare(&f);
	fixture_encode_legacy(&f, 5);
	set_parts(&f, "\"sd_size\": 28, \"bl_size\": 13");
	check_refused(state, &f, &nothing_known, "app.bin: it has 40 bytes, its parts 28 + 13");
	set_parts(&f, "\"sd_size\": 4294967295, \"bl_size\": 41");
	check_refused(state, &f, &nothing_known,
		      "app.bin: it has 40 bytes, its parts 4294967295 + 41");
	set_parts(&f, "\"sd_size\": 28, \"bl_size\": 12");
	check_clean(state, &f, &nothing_known);
}

static void hardware_must_be_that_of_the_device(void **state)
{
	static const struct check_facts good = { .has_hw_version = true, .hw_version = 52 };
	static const struct check_facts other = { .has_hw_version = true, .hw_version = 51 };
	struct fixture f;

	fixture_prepare(&f);
	check_clean(state, &f, &good);
	check_refused(state, &f, &other, "app.dat: made for hardware 52, and the device is 51");
	fixture_encode_legacy(&f, 5);
	check_clean(state, &f, &other);
}

static void legacy_device_must_be_that_of_the_device(void **state)
{
	static const struct check_facts type = { .has_device_type = true, .device_type = 0x52 };
	static const struct check_facts revision = { .has_device_revision = true,
						     .device_revision = 2 };
	struct fixture f;
	uint8_t crc[2];

	fixture_prepare(&f);
	f.target.device_type = 0xFFFF;
	f.target.device_revision = 1;
	fixture_encode_legacy(&f, 5);
	check_refused(state, &f, &type,
		      "app.dat: made for device type 0xFFFF, and the device is 0x0052");
	check_refused(state, &f, &revision,
		      "app.dat: made for device revision 0x0001, and the device is 0x0002");
	f.target.device_type = 0x52;
	fixture_encode_legacy(&f, 5);
	check_clean(state, &f, &type);
	/* Of 2 bytes: it says nothing of the device. */
	memcpy(crc, f.init.data + f.init.len - 2, sizeof(crc));
	f.members[2] = (struct zip_member){ "app.dat", crc, sizeof(crc), false };
	check_clean(state, &f, &revision);
}

static void softdevice_must_be_listed(void **state)
{
	static const struct check_facts s132 = { .has_softdevice = true, .softdevice = 0x00B7 };
	static const uint16_t with[] = { 0x0101, 0x00B7 };
	static const uint16_t without[] = { 0x0101, 0x4242 };
	struct fixture f;

	fixture_prepare(&f);
	f.target.sd_req = with;
	f.target.sd_req_count = 2;
	fixture_encode_secure(&f);
	check_clean(state, &f, &s132);
	f.target.sd_req = without;
	fixture_encode_secure(&f);
	check_clean(state, &f, &nothing_known);
	check_refused(state, &f, &s132,
		      "app.dat: made for SoftDevice S132 7.2.0 (0x0101), 0x4242, and will find "
		      "S132 6.1.1 (0x00B7)");
	fixture_encode_legacy(&f, 5);
	check_refused(state, &f, &s132,
		      "app.dat: made for SoftDevice S132 7.2.0 (0x0101), 0x4242, and will find "
		      "S132 6.1.1 (0x00B7)");
	f.target.sd_req_count = 0;
	fixture_encode_legacy(&f, 5);
	check_refused(state, &f, &s132,
		      "app.dat: made for SoftDevice none, and will find S132 6.1.1 (0x00B7)");
}

static void any_softdevice_is_said_in_three_ways(void **state)
{
	static const struct check_facts s132 = { .has_softdevice = true, .softdevice = 0x00B7 };
	static const uint16_t none[] = { 0, 0x4242 };
	struct fixture f;

	/* FFFE: in legacy packets, and secure ones of an external application. */
	fixture_prepare(&f);
	check_refused(state, &f, &s132,
		      "app.dat: made for SoftDevice 0xFFFE, and will find S132 6.1.1 (0x00B7)");
	fixture_encode_legacy(&f, 5);
	check_clean(state, &f, &s132);
	fixture_prepare(&f);
	f.image.type = FW_TYPE_EXTERNAL_APP;
	fixture_encode_secure(&f);
	check_clean(state, &f, &s132);

	/* 0 alone: the application needs none. */
	fixture_prepare(&f);
	f.target.sd_req = none;
	fixture_encode_secure(&f);
	check_clean(state, &f, &s132);
	f.target.sd_req_count = 2;
	fixture_encode_secure(&f);
	check_refused(state, &f, &s132,
		      "app.dat: made for SoftDevice 0x0000, 0x4242, and will find S132 6.1.1 "
		      "(0x00B7)");
}

enum { SD_LEN = 0x2000 + 24 };

/* A SoftDevice 0x0101 that may go onto 0x00B7. */
struct softdevice {
	uint8_t bin[SD_LEN];
	struct init_bytes init;
};

static void prepare_softdevice(struct softdevice *sd)
{
	static const uint16_t onto[] = { 0x00B7 };
	struct init_image image = { .type = FW_TYPE_SOFTDEVICE, .sd_size = SD_LEN };
	struct init_target target = { .hw_version = 52, .sd_req = onto, .sd_req_count = 1 };
	struct init_bytes command;

	memset(sd->bin, 0xAA, SD_LEN);
	memcpy(sd->bin + 0x2004, "\xDB\xE5\xB1\x51\x00\x60\x02\x00\x01\x01", 10);
	assert_true(EVP_Q_digest(NULL, "SHA256", NULL, sd->bin, SD_LEN, image.sha256, NULL));
	init_encode_command(&image, &target, &command);
	init_encode_packet(&command, NULL, &sd->init);
}

static void add_softdevice(struct fixture *f, const struct softdevice *sd)
{
	f->members[f->count++] = (struct zip_member){ "sd.bin", sd->bin, SD_LEN, true };
	f->members[f->count++] =
		(struct zip_member){ "sd.dat", sd->init.data, sd->init.len, false };
	fixture_set_manifest(
		f, "{\"manifest\": {"
		   "\"application\": {\"bin_file\": \"app.bin\", \"dat_file\": \"app.dat\"}, "
		   "\"softdevice\": {\"bin_file\": \"sd.bin\", \"dat_file\": \"sd.dat\"}}}");
}

static void application_is_made_for_the_softdevice_beside_it(void **state)
{
	static const struct check_facts before = { .has_softdevice = true, .softdevice = 0x00B7 };
	static const struct check_facts other = { .has_softdevice = true, .softdevice = 0x0001 };
	static const struct check_facts installed = { .has_softdevice = true,
						      .softdevice = 0x0101 };
	static const uint16_t new_one[] = { 0x0101 };
	static const uint16_t old_one[] = { 0x00B7 };
	struct softdevice sd;
	struct fixture f;

	prepare_softdevice(&sd);
	fixture_prepare(&f);
	add_softdevice(&f, &sd);
	f.target.sd_req = new_one;
	fixture_encode_secure(&f);
	check_clean(state, &f, &nothing_known);
	check_clean(state, &f, &before);
	check_clean(state, &f, &installed);
	check_refused(state, &f, &other,
		      "sd.dat: made for SoftDevice S132 6.1.1 (0x00B7), and will find 0x0001");
	f.target.sd_req = old_one;
	fixture_encode_secure(&f);
	check_refused(state, &f, &before,
		      "app.dat: made for SoftDevice S132 6.1.1 (0x00B7), and will find S132 7.2.0 "
		      "(0x0101)");
}

/* A key pair, its public half in a file. */
static EVP_PKEY *make_key(void *const *state, char path[SCRATCH_PATH_MAX])
{
	EVP_PKEY *key = signing_key_generate();

	assert_non_null(key);
	scratch_path(state, "public.pem", path);
	assert_int_equal(signing_key_write_public(key, path), 0);
	return key;
}

static void signature_must_verify_with_the_named_key(void **state)
{
	char path[SCRATCH_PATH_MAX];
	char wanted[2 * CHECK_TEXT_MAX];
	EVP_PKEY *key = make_key(state, path);
	EVP_PKEY *other = signing_key_generate();
	struct check_facts facts = { .public_keys = { { path } } };
	struct fixture f;

	fixture_prepare(&f);
	fixture_sign_secure(&f, key);
	check_clean(state, &f, &facts);
	fixture_sign_secure(&f, other);
	check_clean(state, &f, &nothing_known);
	snprintf(wanted, sizeof(wanted), "app.dat: its signature does not verify with the key %s",
		 path);
	check_refused(state, &f, &facts, wanted);
	fixture_encode_secure(&f);
	snprintf(wanted, sizeof(wanted), "app.dat: not signed, and the key %s must verify it",
		 path);
	check_refused(state, &f, &facts, wanted);
	EVP_PKEY_free(other);
	EVP_PKEY_free(key);
}

static void legacy_signature_goes_over_all_before_it(void **state)
{
	char path[SCRATCH_PATH_MAX];
	char wanted[2 * CHECK_TEXT_MAX];
	EVP_PKEY *key = make_key(state, path);
	struct check_facts facts = { .public_keys = { { path } } };
	struct fixture f;

	fixture_prepare(&f);
	fixture_sign_legacy(&f, key);
	check_clean(state, &f, &facts);
	snprintf(wanted, sizeof(wanted), "app.dat: its signature does not verify with the key %s",
		 path);
	f.init.data[4] ^= 1; /* the application's version, which nothing else covers */
	check_refused(state, &f, &facts, wanted);
	fixture_encode_legacy(&f, 7);
	snprintf(wanted, sizeof(wanted), "app.dat: not signed, and the key %s must verify it",
		 path);
	check_refused(state, &f, &facts, wanted);
	EVP_PKEY_free(key);
}

/* Each half of a signature begins with a zero byte once in 256 times: padding must not be lost. */
static void signatures_of_every_shape_verify(void **state)
{
	char path[SCRATCH_PATH_MAX];
	EVP_PKEY *key = make_key(state, path);
	struct check_facts facts = { .public_keys = { { path } } };
	size_t zeros = 0;

	for (int i = 0; i < 2000 && zeros < 2; i++) {
		struct fixture f;
		struct initpacket init;

		fixture_prepare(&f);
		f.target.version = (uint32_t)i;
		fixture_sign_secure(&f, key);
		initpacket_decode(f.init.data, f.init.len, &init, NULL);
		if (init.secure.signature[31] != 0 && init.secure.signature[63] != 0)
			continue;
		check_clean(state, &f, &facts);
		zeros++;
	}
	assert_int_equal(zeros, 2);
	EVP_PKEY_free(key);
}

static void other_kind_of_signature_never_verifies(void **state)
{
	char path[SCRATCH_PATH_MAX];
	EVP_PKEY *key = make_key(state, path);
	struct check_facts facts = { .public_keys = { { path } } };
	struct fixture f;
	uint8_t *type;

	fixture_prepare(&f);
	fixture_sign_secure(&f, key);
	type = memmem(f.init.data, f.init.len, "\x10\x00\x1A\x40", 4);
	assert_non_null(type);
	type[1] = 1; /* ED25519 */
	assert_non_null(strstr(find(state, &f, &facts).items[0].text, "does not verify"));
	EVP_PKEY_free(key);
}

static void write_pem(const char *path, EVP_PKEY *key)
{
	assert_non_null(key);
	assert_int_equal(signing_key_write_public(key, path), 0);
	EVP_PKEY_free(key);
}

static void key_that_is_none_is_a_mistake_of_the_profile(void **state)
{
	char path[SCRATCH_PATH_MAX];
	struct check_facts facts = { .public_keys = { { path } } };
	struct check_findings findings;
	struct fixture f;
	struct package *package;
	struct failure why = { 0 };
	EVP_PKEY *key = signing_key_generate();

	fixture_prepare(&f);
	package = fixture_open_good(state, &f);
	scratch_path(state, "absent.pem", path);
	assert_int_equal(check_package(package, &facts, &findings, &why), OTADFU_E_CONFIG);
	assert_non_null(strstr(why.text, "absent.pem: cannot be read"));
	failure_clear(&why);
	scratch_write(state, "k.pem", "no key", 6, path);
	assert_int_equal(check_package(package, &facts, &findings, &why), OTADFU_E_CONFIG);
	assert_non_null(strstr(why.text, "k.pem: holds no public key in PEM"));
	failure_clear(&why);
	assert_int_equal(signing_key_write_private(key, path), 0);
	assert_int_equal(check_package(package, &facts, &findings, &why), OTADFU_E_CONFIG);
	failure_clear(&why);
	write_pem(path, EVP_EC_gen("P-384"));
	assert_int_equal(check_package(package, &facts, &findings, &why), OTADFU_E_CONFIG);
	assert_non_null(strstr(why.text, "k.pem: not a key on P-256"));
	failure_clear(&why);
	write_pem(path, EVP_PKEY_Q_keygen(NULL, NULL, "ED25519"));
	assert_int_equal(check_package(package, &facts, &findings, &why), OTADFU_E_CONFIG);
	assert_non_null(strstr(why.text, "k.pem: not a key on P-256"));
	EVP_PKEY_free(key);
	package_free(package);
}

static void encrypted_key_file_asks_nobody(void **state)
{
	static const char text[] = "-----BEGIN PUBLIC KEY-----\nProc-Type: 4,ENCRYPTED\n"
				   "DEK-Info: AES-128-CBC,00112233445566778899AABBCCDDEEFF\n\n"
				   "AAAAAAAAAAAAAAAAAAAAAA==\n-----END PUBLIC KEY-----\n";
	char path[SCRATCH_PATH_MAX];
	struct check_facts facts = { .public_keys = { { path } } };
	struct check_findings findings;
	struct fixture f;
	struct package *package;

	fixture_prepare(&f);
	package = fixture_open_good(state, &f);
	scratch_write(state, "k.pem", text, strlen(text), path);
	assert_int_equal(check_package(package, &facts, &findings, NULL), OTADFU_E_CONFIG);
	package_free(package);
}

static void known_debug_key_is_warned_of(void **state)
{
	/* The key that nrfutil signs with when it was given none; everybody has it. */
	static const char pem[] =
		"-----BEGIN EC PRIVATE KEY-----\n"
		"MHcCAQEEIGvsrpXh8m/E9bj1dq/0o1aBPQVAFJQ6Pzusx685URE0oAoGCCqGSM49\n"
		"AwEHoUQDQgAEaHYrUu/oFKIXN457GH+8IOuv6OIPBRLqoHjaEKM0wIzJZ0lhfO/A\n"
		"53hKGjKEjYT3VNTQ3Zq1YB3o5QSQMP/LRg==\n"
		"-----END EC PRIVATE KEY-----\n";
	char path[SCRATCH_PATH_MAX];
	struct fixture f;
	EVP_PKEY *key;

	scratch_write(state, "debug.pem", pem, strlen(pem), path);
	key = signing_key_read(path);
	assert_non_null(key);
	fixture_prepare(&f);
	fixture_sign_secure(&f, key);
	check_warned(state, &f, "app.dat: signed with nrfutil's debug key");
	fixture_sign_legacy(&f, key);
	check_warned(state, &f, "app.dat: signed with nrfutil's debug key");
	EVP_PKEY_free(key);
}

static void oddities_are_warned_of(void **state)
{
	struct fixture f;

	fixture_prepare(&f);
	fixture_describe_bin(&f, BIN_LEN - 1);
	f.target.is_debug = true;
	fixture_encode_secure(&f);
	/* An unknown field makes it long. */
	init_append(&f.init, "\x7A\x80\x02", 3);
	f.init.len += 256;
	f.members[2].len = f.init.len;
	check_warned(state, &f, "app.bin: 39 bytes is not a multiple of 4");
	check_warned(state, &f, "app.dat: 328 bytes");
	check_warned(state, &f, "app.dat: marked as debug");
	assert_int_equal(find(state, &f, &nothing_known).count, 3);

	fixture_prepare(&f);
	fixture_encode_legacy(&f, 5);
	f.init.len++;
	f.members[2].len++;
	check_warned(state, &f, "app.dat: of an unknown format");
	assert_int_equal(find(state, &f, &nothing_known).count, 1);
}

static void init_packet_over_512_bytes_is_refused(void **state)
{
	struct fixture f;

	fixture_prepare(&f);
	init_append(&f.init, "\x7A\xB9\x03", 3);
	f.init.len += 0x1B9;
	f.members[2].len = f.init.len;
	assert_int_equal(f.init.len, 513);
	check_refused(state, &f, &nothing_known,
		      "app.dat: 513 bytes; no bootloader takes an init packet over 512");
}

static void implausible_vectors_are_warned_of(void **state)
{
	static const struct {
		const char *vectors;
		bool is_good;
	} cases[] = {
		{ "\x00\x00\x04\x20\xFF\xFF\x0F\x00", true },
		{ "\x04\x00\x04\x20\x01\x80\x01\x00", false },
		{ "\xFC\xFF\xFF\x1F\x01\x80\x01\x00", false },
		{ "\x00\x40\x00\x20\x02\x80\x01\x00", false },
		{ "\x00\x40\x00\x20\x01\x00\x10\x00", false },
		{ "\x00\x40\x00\x20\xFF\x0F\x00\x00", false },
	};
	struct fixture f;

	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		fixture_prepare(&f);
		memcpy(f.bin, cases[i].vectors, 8);
		fixture_describe_bin(&f, BIN_LEN);
		fixture_encode_secure(&f);
		if (cases[i].is_good)
			check_clean(state, &f, &nothing_known);
		else
			check_warned(state, &f, "app.bin: does not begin as an application does");
	}
	fixture_prepare(&f);
	fixture_describe_bin(&f, 4);
	fixture_encode_secure(&f);
	check_warned(state, &f, "app.bin: does not begin as an application does");
}

static void many_findings_keep_every_refusal(void **state)
{
	static const struct check_facts facts = { .has_hw_version = true,
						  .hw_version = 51,
						  .has_softdevice = true };
	struct fixture f;
	struct package *package;
	struct check_findings findings;

	fixture_prepare(&f);
	f.target.is_debug = true;
	f.bin[3] = 0;
	fixture_encode_secure(&f);
	package = fixture_open_good(state, &f);
	assert_int_equal(check_package(package, &facts, &findings, NULL), OTADFU_OK);
	assert_int_equal(findings.count, 5);
	assert_int_equal(findings.items[2].severity, CHECK_REFUSAL);
	assert_int_equal(findings.items[3].severity, CHECK_WARNING);
	assert_string_not_equal(findings.items[0].hint, "");
	package_free(package);
}

static void facts_are_those_of_the_profile(void **state)
{
	static const char text[] =
		"require: { hw_version: 52, softdevice: 0x0100, device_type: 1,\n"
		"  device_revision: 2, public_key: /k.pem }\n";
	char path[SCRATCH_PATH_MAX];
	struct profile *profile;
	struct check_facts facts;

	assert_int_equal(profile_new(&profile), OTADFU_OK);
	check_facts_from_profile(profile, &facts);
	assert_false(facts.has_hw_version || facts.has_softdevice || facts.has_device_type ||
		     facts.has_device_revision);
	assert_null(facts.public_keys.items[0]);
	scratch_write(state, "p.yaml", text, strlen(text), path);
	assert_int_equal(profile_read(profile, path, NULL, NULL), OTADFU_OK);
	check_facts_from_profile(profile, &facts);
	assert_true(facts.has_hw_version && facts.has_softdevice && facts.has_device_type &&
		    facts.has_device_revision);
	assert_int_equal(facts.hw_version, 52);
	assert_int_equal(facts.softdevice, 0x0100);
	assert_int_equal(facts.device_type, 1);
	assert_int_equal(facts.device_revision, 2);
	assert_string_equal(facts.public_keys.items[0], "/k.pem");
	profile_free(profile);
}

/* refusals, warnings: of the key it was published with. */
static void check_published(const char *name, const char *key, size_t refusals, size_t warnings)
{
	char path[SCRATCH_PATH_MAX];
	char key_path[SCRATCH_PATH_MAX];
	struct check_facts facts = { .public_keys = { { key ? key_path : NULL } } };
	struct check_findings findings;
	struct package *package;
	size_t refused = 0;

	if (!fixture_find_shared(name, path))
		skip();
	if (key)
		fixture_find_shared(key, key_path);
	assert_int_equal(package_open_zip(path, &package, NULL), OTADFU_OK);
	assert_int_equal(check_package(package, &facts, &findings, NULL), OTADFU_OK);
	for (size_t i = 0; i < findings.count; i++)
		refused += findings.items[i].severity == CHECK_REFUSAL;
	assert_int_equal(refused, refusals);
	assert_int_equal(findings.count - refused, warnings);
	package_free(package);
}

static void published_packages_are_judged(void **state)
{
	static const char nordic[] = "nordic-sample-public-key.pem";
	static const char nrfutil[] = "nrfutil-sample-public-key.pem";
	static const struct {
		const char *name;
		const char *key;
		size_t refusals, warnings;
	} cases[] = {
		{ "nrf51422_sdk_6.1_app.zip", NULL, 0, 0 },
		{ "nrf51422_sdk_8_app.zip", NULL, 0, 0 },
		{ "nrf51422_sdk_11_app.zip", NULL, 0, 0 },
		{ "nrf51422_sdk_11_all_in_one.zip", NULL, 0, 0 },
		{ "nrf51422_sdk_12.2_app.zip", nordic, 0, 0 },
		{ "nrf52832_sdk_12.2_app.zip", nordic, 0, 0 },
		{ "nrf52832_sdk_14.1_sd.zip", nordic, 0, 0 },
		{ "nrf52832_sdk_15.3_sd_bl_1.zip", nordic, 0, 0 },
		{ "nrf52840_sdk_17.1_app.zip", nordic, 0, 0 },
		{ "nrf52840_sdk_17.1_bl_2.zip", nordic, 0, 0 },
		{ "nrf52840_sdk_17.1_sd_bl_app_3.zip", nordic, 0, 0 },
		{ "blinky_mbr_sdk160.zip", nordic, 1, 2 },
		{ "blinky_mbr_sdk160.zip", nrfutil, 0, 2 },
	};

	(void)state;
	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++)
		check_published(cases[i].name, cases[i].key, cases[i].refusals, cases[i].warnings);
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, scratch_setup, scratch_teardown)

int main(void)
{
	static const struct CMUnitTest tests[] = {
		TEST(good_packages_are_clean),
		TEST(image_must_agree_with_its_init_packet),
		TEST(secure_parts_must_agree_with_the_manifest),
		TEST(parts_must_add_up_to_the_image),
		TEST(hardware_must_be_that_of_the_device),
		TEST(legacy_device_must_be_that_of_the_device),
		TEST(softdevice_must_be_listed),
		TEST(any_softdevice_is_said_in_three_ways),
		TEST(application_is_made_for_the_softdevice_beside_it),
		TEST(signature_must_verify_with_the_named_key),
		TEST(legacy_signature_goes_over_all_before_it),
		TEST(signatures_of_every_shape_verify),
		TEST(other_kind_of_signature_never_verifies),
		TEST(key_that_is_none_is_a_mistake_of_the_profile),
		TEST(encrypted_key_file_asks_nobody),
		TEST(known_debug_key_is_warned_of),
		TEST(oddities_are_warned_of),
		TEST(init_packet_over_512_bytes_is_refused),
		TEST(implausible_vectors_are_warned_of),
		TEST(many_findings_keep_every_refusal),
		TEST(facts_are_those_of_the_profile),
		TEST(published_packages_are_judged),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
