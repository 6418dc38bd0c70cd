/* Whole updates by the ATT PDUs that a client sends, typed by hand. */
#include "init_encode.h"
#include "peripheral_bench.h"

#include <openssl/evp.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>
#include <zlib.h>

#include <cmocka.h>

#define SECURE                                                                                     \
	"- {address: C0:FF:EE:00:00:01, name: Thermo, hardware: nrf52832, bootloader: secure, "    \
	"sdk: \"15.3\"}\n"
#define LEGACY(more)                                                                               \
	"- {address: C0:FF:EE:00:00:01, name: Thermo, hardware: nrf51822, bootloader: legacy, "    \
	"sdk: \"11\"" more "}\n"

enum { IMAGE_MAX = 5000, BUFFER = 8192 };

enum {
	FLASH_MS = 6,  /* for one packet */
	ERASE_MS = 400 /* for the settings and a page of the image */
};

/* Write commands of up to most bytes, no faster than the flash takes them. */
static void send_data(struct peripheral_bench *b, uint8_t handle, const uint8_t *data, size_t len,
		      size_t most)
{
	uint8_t pdu[ATT_MTU_MAX] = { 0x52, handle, 0x00 };

	for (size_t from = 0; from < len; from += most) {
		size_t part = len - from < most ? len - from : most;

		memcpy(pdu + 3, data + from, part);
		peripheral_bench_send_bytes(b, pdu, part + 3);
		peripheral_bench_run(b, FLASH_MS);
	}
}

/* --- secure --- */

static void write_secure(struct peripheral_bench *b, const char *request, const char *response)
{
	char pdu[80];

	snprintf(pdu, sizeof(pdu), "12 0D 00 %s", request);
	peripheral_bench_ask(b, pdu, "13");
	snprintf(pdu, sizeof(pdu), "1B 0D 00 %s", response);
	peripheral_bench_expect(b, pdu);
}

static void enter_secure(struct peripheral_bench *b)
{
	peripheral_bench_connect(b);
	peripheral_bench_ask(b, "02 05 02", "03 F7 00");
	peripheral_bench_ask(b, "12 18 00 02 00", "13");
	peripheral_bench_ask(b, "12 17 00 01", "13");
	peripheral_bench_expect(b, "1D 17 00 20 01 01");
	peripheral_bench_send(b, "1E");
	peripheral_bench_expect_end(b, 0x13);
	peripheral_bench_expect_advert(b, 0x02);
}

static void discover_secure(struct peripheral_bench *b)
{
	peripheral_bench_connect(b);
	peripheral_bench_ask(b, "02 F7 00", "03 F7 00");
	peripheral_bench_ask(b, "06 01 00 FF FF 00 28 59 FE", "07 0B 00 10 00");
	peripheral_bench_ask(b, "08 0B 00 10 00 03 28",
			     "09 15 0C 00 18 0D 00 50 EA DA 30 88 83 B8 9F 60 4F 15 F3 01 00 C9 8E "
			     "0F 00 04 10 00 50 EA DA 30 88 83 B8 9F 60 4F 15 F3 02 00 C9 8E");
	peripheral_bench_ask(b, "04 0E 00 0E 00", "05 01 0E 00 02 29");
	peripheral_bench_ask(b, "0A 0E 00", "0B 00 00");
	peripheral_bench_ask(b, "12 0E 00 01 00", "13");
	peripheral_bench_ask(b, "0A 0E 00", "0B 01 00");
}

static void send_object(struct peripheral_bench *b, unsigned type, const uint8_t *data, size_t len,
			size_t offset, uint32_t crc)
{
	char request[40];
	char response[60];

	snprintf(request, sizeof(request), "01 %02X %02zX %02zX 00 00", type, len & 0xFF, len >> 8);
	write_secure(b, request, "60 01 01");
	peripheral_bench_run(b, ERASE_MS);
	send_data(b, 0x10, data, len, 244);
	crc = (uint32_t)crc32(crc, data, (uInt)len);
	offset += len;
	snprintf(response, sizeof(response), "60 03 01 %02zX %02zX 00 00 %02X %02X %02X %02X",
		 offset & 0xFF, offset >> 8, crc & 0xFF, crc >> 8 & 0xFF, crc >> 16 & 0xFF,
		 crc >> 24);
	write_secure(b, "03", response);
	write_secure(b, "04", "60 04 01");
}

static void make_init(const uint8_t *image, size_t len, struct init_bytes *ret_init)
{
	static const uint16_t softdevice = 0x00B7;
	const struct init_target target = {
		.version = 2, .hw_version = 52, .sd_req = &softdevice, .sd_req_count = 1
	};
	struct init_image facts = { .app_size = (uint32_t)len };
	struct init_bytes command;

	assert_true(EVP_Q_digest(NULL, "SHA256", NULL, image, len, facts.sha256, NULL));
	init_encode_command(&facts, &target, &command);
	init_encode_packet(&command, NULL, ret_init);
}

static void a_secure_device_is_updated(void **state)
{
	struct peripheral_bench *b = *state;
	uint8_t image[IMAGE_MAX];
	uint8_t found[BUFFER];
	struct init_bytes init;

	for (size_t i = 0; i < sizeof(image); i++)
		image[i] = (uint8_t)(i * 2654435761u >> 13);
	make_init(image, sizeof(image), &init);
	peripheral_bench_open(b, SECURE);
	enter_secure(b);
	discover_secure(b);
	write_secure(b, "06 01", "60 06 01 00 02 00 00 00 00 00 00 00 00 00 00");
	send_object(b, 1, init.data, init.len, 0, 0);
	write_secure(b, "06 02", "60 06 01 00 10 00 00 00 00 00 00 00 00 00 00");
	send_object(b, 2, image, 4096, 0, 0);
	send_object(b, 2, image + 4096, sizeof(image) - 4096, 4096,
		    (uint32_t)crc32(0, image, 4096));
	peripheral_bench_expect_end(b, 0x13);
	peripheral_bench_expect_advert(b, 0x01);
	assert_int_equal(peripheral_bench_state(b, "application.bin", found, sizeof(found)),
			 sizeof(image));
	assert_memory_equal(found, image, sizeof(image));
	assert_true(peripheral_bench_logged(b, "boot: application"));
}

/* --- legacy --- */

static void enter_legacy(struct peripheral_bench *b)
{
	peripheral_bench_connect(b);
	peripheral_bench_ask(b, "12 19 00 01 00", "13");
	peripheral_bench_ask(b, "12 18 00 01 04", "13");
	peripheral_bench_expect_end(b, 0x13);
	assert_false(fake_radio.advertises);
}

static void update_legacy(struct peripheral_bench *b, const uint8_t *image, size_t len)
{
	peripheral_bench_connect(b);
	peripheral_bench_ask(b, "0A 13 00", "0B 08 00");
	peripheral_bench_ask(b, "12 10 00 01 04", "01 12 10 00 FD");
	peripheral_bench_ask(b, "12 11 00 01 00", "13");
	peripheral_bench_ask(b, "12 10 00 01 04", "13");
	peripheral_bench_send(b, "52 0E 00 00000000 00000000 E8030000");
	peripheral_bench_expect(b, "1B 10 00 10 01 01");
	peripheral_bench_ask(b, "12 10 00 02 00", "13");
	peripheral_bench_send(b, "52 0E 00 FFFF FFFF 07000000 0100 FEFF B7F9");
	peripheral_bench_ask(b, "12 10 00 02 01", "13");
	peripheral_bench_expect(b, "1B 10 00 10 02 01");
	peripheral_bench_ask(b, "12 10 00 03", "13");
	send_data(b, 0x0E, image, len, 20);
	peripheral_bench_expect(b, "1B 10 00 10 03 01");
	peripheral_bench_ask(b, "12 10 00 04", "13");
	peripheral_bench_expect(b, "1B 10 00 10 04 01");
	peripheral_bench_ask(b, "12 10 00 05", "13");
	peripheral_bench_expect_end(b, 0x13);
	peripheral_bench_expect_advert(b, 0x01);
}

static void a_legacy_device_is_updated(void **state)
{
	struct peripheral_bench *b = *state;
	uint8_t image[1000];
	uint8_t found[BUFFER];

	for (size_t i = 0; i < sizeof(image); i++)
		image[i] = (uint8_t)(i * 7 + (i >> 8) + 3);
	peripheral_bench_open(b, LEGACY(""));
	enter_legacy(b);
	peripheral_bench_expect_advert(b, 0x02);
	assert_false(fake_radio.advert.directed);
	update_legacy(b, image, sizeof(image));
	assert_int_equal(peripheral_bench_state(b, "application.bin", found, sizeof(found)),
			 sizeof(image));
	assert_memory_equal(found, image, sizeof(image));
}

static void with_peer_data_the_bootloader_calls_the_central_that_asked(void **state)
{
	struct peripheral_bench *b = *state;

	peripheral_bench_open(b, LEGACY(", peer_data: true"));
	enter_legacy(b);
	peripheral_bench_expect_advert(b, 0x01);
	assert_true(fake_radio.advert.directed);
	assert_int_equal(fake_radio.advert.data_len, 0);
	assert_memory_equal(fake_radio.advert.peer.bytes, "\xA0\xB1\xC2\xD3\xE4\xF5", 6);
	assert_true(peripheral_bench_logged(
		b, "advertising as C0:FF:EE:00:00:01, to A0:B1:C2:D3:E4:F5 alone"));
	peripheral_bench_connect(b);
	peripheral_bench_ask(b, "0A 13 00", "0B 08 00");
}

#define ON_BENCH(test)                                                                             \
	cmocka_unit_test_setup_teardown(test, peripheral_bench_set_up, peripheral_bench_tear_down)

int main(void)
{
	const struct CMUnitTest tests[] = {
		ON_BENCH(a_secure_device_is_updated),
		ON_BENCH(a_legacy_device_is_updated),
		ON_BENCH(with_peer_data_the_bootloader_calls_the_central_that_asked),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
