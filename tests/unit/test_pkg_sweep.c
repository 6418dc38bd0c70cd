/* Every input of `otadfu pkg`, cut short and with one bit changed: no crash, no wrong "valid". */
#include "check.h"
#include "firmware_pick.h"
#include "package_make.h"
#include "package_write.h"
#include "scratch.h"

#include <fcntl.h>
#include <otadfu/protocol.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

/* cmocka wants the four above first. */
#include <cmocka.h>

enum { APP_LEN = 200, HEX_MAX = 2048 };

/* A signed package as a file, and the public half of its key. */
struct original {
	struct package *package;
	uint8_t *zip;
	size_t len;
	char key_path[SCRATCH_PATH_MAX];
};

static void make_original(void *const *state, enum initpacket_kind kind, struct original *original)
{
	static uint8_t bytes[APP_LEN] = { 0, 0x40, 0, 0x20, 0x41, 0x50 };
	static const uint16_t sd_req[] = { 0x0100 };
	const struct firmware app = { .data = bytes, .len = APP_LEN };
	char pem[KEY_PEM_MAX];
	struct signer signer;
	struct key *key;
	const struct package_recipe recipe = { .kind = kind,
					       .application = &app,
					       .sd_req = sd_req,
					       .sd_req_count = 1,
					       .format = INITPACKET_FORMAT_08,
					       .signer = &signer };

	assert_int_equal(key_make(&key, NULL), OTADFU_OK);
	assert_int_equal(key_format_pem(key, false, pem, NULL), OTADFU_OK);
	scratch_write(state, "public.pem", pem, strlen(pem), original->key_path);
	signer = signer_with_key(key);
	assert_int_equal(package_make(&recipe, &original->package, NULL), OTADFU_OK);
	assert_int_equal(package_write(original->package, &original->zip, &original->len, NULL),
			 OTADFU_OK);
	key_free(key);
}

static void clear(struct original *original)
{
	package_free(original->package);
	free(original->zip);
}

/* Over what was there: a file that is emptied first goes to the disk each time. */
static void put_file(void *const *state, const char *name, const void *data, size_t len,
		     char path[SCRATCH_PATH_MAX])
{
	int fd;

	scratch_path(state, name, path);
	fd = open(path, O_WRONLY | O_CREAT | O_CLOEXEC, 0600);
	assert_true(fd >= 0);
	assert_int_equal(write(fd, data, len), len);
	assert_int_equal(ftruncate(fd, (off_t)len), 0);
	close(fd);
}

static bool is_same(const struct package *a, const struct package *b)
{
	const struct otadfu_image *x = &a->images[0], *y = &b->images[0];

	return a->count == b->count && x->data_len == y->data_len && x->kind == y->kind &&
	       memcmp(x->data, y->data, x->data_len) == 0;
}

/* Refused, with a reason; or taken, and then it is the image that was signed. */
static bool judge(void *const *state, const struct original *original, const uint8_t *zip,
		  size_t len)
{
	const struct check_facts facts = { .public_keys = { { original->key_path } } };
	struct check_findings findings;
	struct package *package = NULL;
	struct failure why = { 0 };
	char path[SCRATCH_PATH_MAX];
	bool taken;

	put_file(state, "fw.zip", zip, len, path);
	if (package_open_zip(path, &package, &why) < 0) {
		assert_string_not_equal(why.text, "");
		return false;
	}
	assert_int_equal(check_package(package, &facts, &findings, NULL), OTADFU_OK);
	taken = !check_first_refusal(&findings);
	if (taken)
		assert_true(is_same(package, original->package));
	package_free(package);
	return taken;
}

static void sweep_package(void *const *state, enum initpacket_kind kind)
{
	struct original original;
	size_t taken = 0;

	make_original(state, kind, &original);
	assert_true(judge(state, &original, original.zip, original.len));
	for (size_t len = 0; len < original.len; len++)
		assert_false(judge(state, &original, original.zip, len));
	for (size_t i = 0; i < 8 * original.len; i++) {
		original.zip[i / 8] ^= (uint8_t)(1 << i % 8);
		taken += judge(state, &original, original.zip, original.len);
		original.zip[i / 8] ^= (uint8_t)(1 << i % 8);
	}
	/* Dates, attributes and the like: a zip file holds much that means nothing. */
	assert_true(taken < 8 * original.len / 4);
	clear(&original);
}

static void secure_packages(void **state)
{
	sweep_package(state, INITPACKET_SECURE);
}

static void legacy_packages(void **state)
{
	sweep_package(state, INITPACKET_LEGACY);
}

/* --- HEX --- */

static size_t write_hex(char text[HEX_MAX])
{
	size_t len = (size_t)sprintf(text, ":020000040002F8\r\n");

	for (unsigned at = 0; at < APP_LEN; at += 8) {
		unsigned sum = 8 + 0x70 + at;

		len += (size_t)sprintf(text + len, ":08%04X00", 0x7000 + at);
		for (unsigned i = 0; i < 8; i++) {
			len += (size_t)sprintf(text + len, "%02X", at + i);
			sum += at + i;
		}
		len += (size_t)sprintf(text + len, "%02X\r\n", -sum & 0xFF);
	}
	return len + (size_t)sprintf(text + len, ":00000001FF\r\n");
}

static bool pick(void *const *state, const char *text, size_t len, struct firmware *ret_firmware)
{
	char note[FIRMWARE_NOTE_MAX];
	char path[SCRATCH_PATH_MAX];
	struct failure why = { 0 };

	put_file(state, "f.hex", text, len, path);
	if (firmware_pick(path, OTADFU_IMAGE_APPLICATION, NULL, ret_firmware, note, &why) ==
	    OTADFU_OK)
		return true;
	assert_string_not_equal(why.text, "");
	return false;
}

static void check_same_or_refused(void *const *state, const char *text, size_t len,
				  const struct firmware *original)
{
	struct firmware firmware;

	if (!pick(state, text, len, &firmware))
		return;
	assert_int_equal(firmware.start, original->start);
	assert_int_equal(firmware.len, original->len);
	assert_memory_equal(firmware.data, original->data, original->len);
	free(firmware.data);
}

static void hex_files(void **state)
{
	struct firmware original;
	char text[HEX_MAX];
	size_t len = write_hex(text);

	assert_true(pick(state, text, len, &original));
	assert_int_equal(original.len, APP_LEN);
	for (size_t cut = 0; cut < len; cut++)
		check_same_or_refused(state, text, cut, &original);
	for (size_t i = 0; i < len; i++) {
		for (int bit = 0; bit < 8; bit++) {
			text[i] = (char)(text[i] ^ 1 << bit);
			check_same_or_refused(state, text, len, &original);
			text[i] = (char)(text[i] ^ 1 << bit);
		}
	}
	free(original.data);
}

int main(void)
{
	static const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup_teardown(secure_packages, scratch_setup, scratch_teardown),
		cmocka_unit_test_setup_teardown(legacy_packages, scratch_setup, scratch_teardown),
		cmocka_unit_test_setup_teardown(hex_files, scratch_setup, scratch_teardown),
	};

	return cmocka_run_group_tests_name("pkg_sweep", tests, NULL, NULL);
}
