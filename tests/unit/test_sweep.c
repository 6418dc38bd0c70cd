/* Every byte of a package that a bit can change in: what is signed and hashed is refused. */
#include "check.h"
#include "package_bench.h"

#include <openssl/evp.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

/* cmocka wants the four above first. */
#include <cmocka.h>

enum verdict { TAKEN, REFUSED_BY_CHECK, REFUSED_UNREAD };

/* What becomes of a zip of the three members, judged with the key. */
static enum verdict judge(void *const *state, const struct zip_member *members, size_t count,
			  const char *key)
{
	struct check_facts facts = { .public_keys = { { key } } };
	struct check_findings findings;
	struct package *package = NULL;
	struct failure why = { 0 };
	char path[SCRATCH_PATH_MAX];
	enum verdict verdict;

	scratch_path(state, "fw.zip", path);
	assert_int_equal(zip_write(path, members, count), 0);
	if (package_open_zip(path, &package, &why) < 0) {
		assert_int_equal(why.code, OTADFU_E_PACKAGE);
		assert_string_not_equal(why.text, "");
		return REFUSED_UNREAD;
	}
	assert_int_equal(check_package(package, &facts, &findings, NULL), OTADFU_OK);
	verdict = check_first_refusal(&findings) ? REFUSED_BY_CHECK : TAKEN;
	package_free(package);
	return verdict;
}

/* Each bit of every step-th byte. From covered[0] to covered[1] a change must be noticed. */
static void sweep(void *const *state, struct zip_member *members, size_t member, const char *key,
		  const size_t covered[2], size_t step)
{
	const struct zip_member original = members[member];
	uint8_t *data = malloc(original.len);

	assert_non_null(data);
	memcpy(data, original.data, original.len);
	members[member].data = data;
	for (size_t i = 0; i < original.len; i += step) {
		bool is_covered = i >= covered[0] && i < covered[1];

		for (int bit = 0; bit < 8; bit++) {
			data[i] ^= (uint8_t)(1 << bit);
			if (judge(state, members, 3, key) == TAKEN && is_covered)
				fail_msg("bit %d of byte %zu of %s changed unnoticed", bit, i,
					 original.name);
			data[i] ^= (uint8_t)(1 << bit);
		}
	}
	members[member] = original;
	free(data);
}

static EVP_PKEY *make_key(void *const *state, char path[SCRATCH_PATH_MAX])
{
	EVP_PKEY *key = signing_key_generate();

	assert_non_null(key);
	scratch_path(state, "public.pem", path);
	assert_int_equal(signing_key_write_public(key, path), 0);
	return key;
}

static void prepare_signed(void *const *state, struct fixture *f, char path[SCRATCH_PATH_MAX])
{
	EVP_PKEY *key = make_key(state, path);

	fixture_prepare(f);
	fixture_sign_secure(f, key);
	EVP_PKEY_free(key);
	assert_int_equal(judge(state, f->members, f->count, path), TAKEN);
}

static void each_flip_of_the_image_is_refused(void **state)
{
	static const size_t all[2] = { 0, SIZE_MAX };
	char path[SCRATCH_PATH_MAX];
	struct fixture f;

	prepare_signed(state, &f, path);
	sweep(state, f.members, 1, path, all, 1);
}

static void each_flip_of_what_is_signed_is_refused(void **state)
{
	char path[SCRATCH_PATH_MAX];
	struct initpacket init;
	struct fixture f;
	size_t covered[2];

	prepare_signed(state, &f, path);
	assert_int_equal(initpacket_decode(f.init.data, f.init.len, &init, NULL), OTADFU_OK);
	covered[0] = (size_t)(init.secure.init_command - f.init.data);
	covered[1] = covered[0] + init.secure.init_command_len;
	sweep(state, f.members, 2, path, covered, 1);
}

static void each_flip_of_the_signature_is_refused(void **state)
{
	char path[SCRATCH_PATH_MAX];
	struct fixture f;
	size_t covered[2];

	prepare_signed(state, &f, path);
	covered[0] = f.init.len - INITPACKET_SIGNATURE_LEN;
	covered[1] = f.init.len;
	sweep(state, f.members, 2, path, covered, 1);
}

static void each_flip_of_a_signed_legacy_init_packet_is_refused(void **state)
{
	static const size_t all[2] = { 0, SIZE_MAX };
	char path[SCRATCH_PATH_MAX];
	EVP_PKEY *key = make_key(state, path);
	struct fixture f;

	fixture_prepare(&f);
	fixture_sign_legacy(&f, key);
	EVP_PKEY_free(key);
	assert_int_equal(judge(state, f.members, f.count, path), TAKEN);
	sweep(state, f.members, 2, path, all, 1);
}

static void no_flip_of_the_manifest_does_harm(void **state)
{
	static const size_t none[2] = { 0, 0 };
	char path[SCRATCH_PATH_MAX];
	struct fixture f;

	prepare_signed(state, &f, path);
	sweep(state, f.members, 0, path, none, 1);
}

/* Without a key only image and hash are compared; and still nothing crashes. */
static void flips_of_an_unsigned_package_are_survived(void **state)
{
	static const size_t none[2] = { 0, 0 };
	static const size_t all[2] = { 0, SIZE_MAX };

	for (unsigned format = 4; format <= 7; format++) {
		struct fixture f;

		fixture_prepare(&f);
		if (format > 4)
			fixture_encode_legacy(&f, format);
		sweep(state, f.members, 2, NULL, none, 1);
		fixture_prepare(&f);
		if (format > 4)
			fixture_encode_legacy(&f, format);
		sweep(state, f.members, 1, NULL, all, 1);
	}
}

static void published_package_is_swept(void **state)
{
	static const size_t all[2] = { 0, SIZE_MAX };
	static const char manifest[] = "{\"manifest\": {\"bootloader\": {\"bin_file\": "
				       "\"bl.bin\", \"dat_file\": \"bl.dat\"}}}";
	struct zip_member members[3] = { { "manifest.json", manifest, strlen(manifest), false } };
	char path[SCRATCH_PATH_MAX];
	char key[SCRATCH_PATH_MAX];
	const struct otadfu_image *image;
	struct package *package;
	size_t signature[2];

	if (!fixture_find_shared("nrf52840_sdk_17.1_bl_2.zip", path))
		skip();
	fixture_find_shared("nordic-sample-public-key.pem", key);
	assert_int_equal(package_open_zip(path, &package, NULL), OTADFU_OK);
	image = &package->images[0];
	members[1] = (struct zip_member){ "bl.bin", image->data, image->data_len, false };
	members[2] = (struct zip_member){ "bl.dat", image->init, image->init_len, false };
	assert_int_equal(judge(state, members, 3, key), TAKEN);
	sweep(state, members, 1, key, all, 997);
	signature[0] = image->init_len - INITPACKET_SIGNATURE_LEN;
	signature[1] = image->init_len;
	sweep(state, members, 2, key, signature, 3);
	package_free(package);
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, scratch_setup, scratch_teardown)

int main(void)
{
	static const struct CMUnitTest tests[] = {
		TEST(each_flip_of_the_image_is_refused),
		TEST(each_flip_of_what_is_signed_is_refused),
		TEST(each_flip_of_the_signature_is_refused),
		TEST(each_flip_of_a_signed_legacy_init_packet_is_refused),
		TEST(no_flip_of_the_manifest_does_harm),
		TEST(flips_of_an_unsigned_package_are_survived),
		TEST(published_package_is_swept),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
