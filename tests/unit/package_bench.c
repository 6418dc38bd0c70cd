#include "package_bench.h"

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

const char fixture_secure_manifest[] = "{\"manifest\": {\"application\": "
				       "{\"bin_file\": \"app.bin\", \"dat_file\": \"app.dat\"}}}";
const char fixture_legacy_manifest[] = "{\"manifest\": {\"dfu_version\": 0.5, \"application\": "
				       "{\"bin_file\": \"app.bin\", \"dat_file\": \"app.dat\", "
				       "\"init_packet_data\": {\"device_type\": 65535}}}}";
static const uint16_t any_sd[] = { 0xFFFE };

/* Stack pointer 0x20004000, reset handler 0x00018008, Thumb. */
static const uint8_t vectors[] = { 0x00, 0x40, 0x00, 0x20, 0x09, 0x80, 0x01, 0x00 };

void fixture_set_manifest(struct fixture *f, const char *text)
{
	snprintf(f->manifest, sizeof(f->manifest), "%s", text);
	f->members[0].len = strlen(f->manifest);
}

void fixture_describe_bin(struct fixture *f, size_t len)
{
	f->members[1].len = len;
	f->image.app_size = (uint32_t)len;
	f->image.crc16 = init_crc16(f->bin, len);
	assert_true(EVP_Q_digest(NULL, "SHA256", NULL, f->bin, len, f->image.sha256, NULL));
}

void fixture_encode_secure(struct fixture *f)
{
	fixture_sign_secure(f, NULL);
}

void fixture_sign_secure(struct fixture *f, EVP_PKEY *key)
{
	uint8_t signature[INIT_SIGNATURE_LEN];
	struct init_bytes command;

	init_encode_command(&f->image, &f->target, &command);
	if (key)
		assert_int_equal(signing_key_sign(key, command.data, command.len, signature), 0);
	init_encode_packet(&command, key ? signature : NULL, &f->init);
	f->members[2].len = f->init.len;
}

void fixture_encode_legacy(struct fixture *f, unsigned format)
{
	init_encode_legacy(&f->image, &f->target, format, &f->init);
	f->members[2].len = f->init.len;
	fixture_set_manifest(f, fixture_legacy_manifest);
}

void fixture_sign_legacy(struct fixture *f, EVP_PKEY *key)
{
	uint8_t signature[INIT_SIGNATURE_LEN];

	fixture_encode_legacy(f, 8);
	assert_int_equal(signing_key_sign(key, f->init.data, f->init.len, signature), 0);
	init_append(&f->init, signature, sizeof(signature));
	f->members[2].len = f->init.len;
}

void fixture_prepare(struct fixture *f)
{
	*f = (struct fixture){
		.image = { .app_size = BIN_LEN },
		.target = { .version = 2, .hw_version = 52, .sd_req = any_sd, .sd_req_count = 1 }
	};
	for (size_t i = 0; i < BIN_LEN; i++)
		f->bin[i] = (uint8_t)(i * 7 + 1);
	memcpy(f->bin, vectors, sizeof(vectors));
	f->members[0] = (struct zip_member){ .name = "manifest.json", .data = f->manifest };
	f->members[1] = (struct zip_member){ .name = "app.bin", .data = f->bin };
	f->members[2] = (struct zip_member){ .name = "app.dat", .data = f->init.data };
	f->count = 3;
	fixture_set_manifest(f, fixture_secure_manifest);
	fixture_describe_bin(f, BIN_LEN);
	fixture_encode_secure(f);
}

int fixture_open(void *const *state, const struct fixture *f, struct package **ret_package,
		 struct failure *why)
{
	char path[SCRATCH_PATH_MAX];

	scratch_path(state, "fw.zip", path);
	assert_int_equal(zip_write(path, f->members, f->count), 0);
	return package_open_zip(path, ret_package, why);
}

struct package *fixture_open_good(void *const *state, const struct fixture *f)
{
	struct package *package = NULL;
	struct failure why = { 0 };

	fixture_open(state, f, &package, &why);
	assert_string_equal(why.text, "");
	assert_non_null(package);
	return package;
}

void fixture_check_refusal(int r, const struct failure *why, const char *wanted)
{
	const char *shown = strstr(why->text, "fw.zip: ");

	assert_int_equal(r, OTADFU_E_PACKAGE);
	assert_non_null(shown);
	assert_string_equal(shown + strlen("fw.zip: "), wanted);
}

void fixture_check_refused(void *const *state, const struct fixture *f, const char *wanted)
{
	struct package *package = NULL;
	struct failure why = { 0 };
	int r = fixture_open(state, f, &package, &why);

	fixture_check_refusal(r, &why, wanted);
	assert_null(package);
}

const char *fixture_find_shared(const char *name, char path[SCRATCH_PATH_MAX])
{
	const char *shared = getenv("OTADFU_SHARED");

	if (!shared) {
		print_message("OTADFU_SHARED is not set: no published packages to read\n");
		return NULL;
	}
	snprintf(path, SCRATCH_PATH_MAX, "%s/firmware/%s", shared, name);
	return path;
}
