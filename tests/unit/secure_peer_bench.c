#include "secure_peer_bench.h"

#include "softdevice.h"

#include <openssl/evp.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>

enum { HANDLE_CONTROL = 0x000D, HANDLE_PACKET = 0x0010, PACKET_LEN = 20, OBJECT_LEN = 4096 };

/* By hardware nRF52832: packages-and-init-packets.md 3, and what each SDK brings. */
static const struct {
	const char *sdk;
	uint16_t fwid;
} usual[] = {
	{ "12", 0x008C },   { "13", 0x0098 },   { "14", 0x009D }, { "15.0", 0x00A8 },
	{ "15.2", 0x00AF }, { "15.3", 0x00B7 }, { "16", 0x00CB }, { "17", 0x0101 },
};

static uint16_t usual_softdevice(const char *sdk)
{
	for (size_t i = 0; i < sizeof(usual) / sizeof(usual[0]); i++) {
		if (strncmp(usual[i].sdk, sdk, strlen(usual[i].sdk)) == 0)
			return usual[i].fwid;
	}
	fail_msg("no SDK %s", sdk);
	return 0;
}

void secure_bench_renew(struct secure_bench *bench, const char *sdk)
{
	const struct device_observer observer = bench_log_observer(&bench->log);

	bench->config.sdk = sdk;
	bench->config.softdevice = usual_softdevice(sdk);
	device_free(bench->device);
	bench->device = device_new(&bench->config, &observer);
	assert_non_null(bench->device);
	device_power_on(bench->device);
	device_settle(bench->device);
	bench->log.text[0] = '\0';
	bench->target = (struct init_target){ .version = 2, .hw_version = 52 };
	bench->is_unsigned = false;
	bench->wrong_hash = false;
	bench->signature_type = 0;
	bench->hash_type = 3;
	bench->last_validation = 1;
	memset(bench->signature, 0x55, sizeof(bench->signature));
	secure_bench_require(bench, 1, bench->config.softdevice, 0);
	secure_bench_application(bench, 5000);
}

int secure_bench_set_up(void **state)
{
	struct secure_bench *bench = test_calloc(1, sizeof(*bench));

	for (size_t i = 0; i < SECURE_BENCH_APPLICATION_LEN; i++)
		bench->application[i] = (uint8_t)(i * 5 + (i >> 8));
	bench->log.control = HANDLE_CONTROL;
	bench->config = (struct device_config){
		.address = { .bytes = { 0xD8, 0x76, 0x54, 0x32, 0x10, 0xFF }, .type = 1 },
		.name = "Thermo",
		.chip = chip_find("nrf52832"),
		.bootloader = &peer_secure,
		.mode = DEVICE_APPLICATION,
		.hw_version = 52,
		.app_version = 1,
		.bootloader_version = 1,
		.mtu = 247,
		.takes_external = true,
		.application = bench->application,
		.application_len = SECURE_BENCH_APPLICATION_LEN,
	};
	secure_bench_renew(bench, "15.3");
	*state = bench;
	return 0;
}

int secure_bench_tear_down(void **state)
{
	struct secure_bench *bench = *state;

	device_free(bench->device);
	test_free(bench);
	return 0;
}

/* --- what is to be sent --- */

static uint32_t image_len(const struct secure_bench *bench)
{
	return bench->facts.sd_size + bench->facts.bl_size + bench->facts.app_size;
}

static void invent(struct secure_bench *bench)
{
	for (size_t i = 0; i < image_len(bench); i++)
		bench->image[i] = (uint8_t)((i * 2654435761u >> 13) + bench->facts.type);
}

void secure_bench_application(struct secure_bench *bench, uint32_t len)
{
	bench->facts = (struct init_image){ .app_size = len };
	invent(bench);
}

void secure_bench_system(struct secure_bench *bench, uint16_t fwid, uint32_t sd_size,
			 uint32_t bl_size)
{
	struct softdevice softdevice = softdevice_find(fwid, "nrf52832");

	bench->facts = (struct init_image){ .type = (sd_size ? 1u : 0) | (bl_size ? 2u : 0),
					    .sd_size = sd_size,
					    .bl_size = bl_size };
	invent(bench);
	if (sd_size)
		softdevice_generate(&softdevice, bench->image, sd_size);
}

void secure_bench_require(struct secure_bench *bench, size_t count, uint16_t first, uint16_t second)
{
	bench->sd_req[0] = first;
	bench->sd_req[1] = second;
	bench->target.sd_req = bench->sd_req;
	bench->target.sd_req_count = count;
}

/* What the encoder has fixed: hash_type behind 42 24 08, validation before 12 00 at the end of the
 * command, signature_type before 1A 40 and the signature. */
static void encode(struct secure_bench *bench)
{
	static const uint8_t hash_head[] = { 0x42, 0x24, 0x08 };
	struct init_bytes command;

	assert_true(EVP_Q_digest(NULL, "SHA256", NULL, bench->image, image_len(bench),
				 bench->facts.sha256, NULL));
	if (bench->wrong_hash)
		bench->facts.sha256[0] ^= 1;
	init_encode_command(&bench->facts, &bench->target, &command);
	for (size_t i = 0; i + 4 < command.len; i++) {
		if (memcmp(command.data + i, hash_head, sizeof(hash_head)) == 0)
			command.data[i + 3] = bench->hash_type;
	}
	command.data[command.len - 3] = bench->last_validation;
	init_encode_packet(&command, bench->is_unsigned ? NULL : bench->signature, &bench->init);
	if (!bench->is_unsigned)
		bench->init.data[bench->init.len - INIT_SIGNATURE_LEN - 3] = bench->signature_type;
}

/* --- talk --- */

void secure_bench_connect(struct secure_bench *bench)
{
	assert_true(device_connect(bench->device));
	assert_int_equal(device_write_cccd(bench->device, HANDLE_CONTROL, 1), 0);
}

void secure_bench_enter(struct secure_bench *bench)
{
	device_enter_bootloader(bench->device);
	secure_bench_expect(bench, "bootloader; ");
	secure_bench_connect(bench);
}

static uint8_t write_control(struct secure_bench *bench, const uint8_t *bytes, size_t len)
{
	uint8_t error = device_write(bench->device, HANDLE_CONTROL, bytes, len);

	device_settle(bench->device);
	return error;
}

uint8_t secure_bench_control(struct secure_bench *bench, const char *hex)
{
	uint8_t bytes[BENCH_WRITE_MAX];

	return write_control(bench, bytes, bench_bytes(hex, bytes));
}

static void create(struct secure_bench *bench, uint8_t type, uint32_t size)
{
	uint8_t request[] = {
		0x01, type, (uint8_t)size, (uint8_t)(size >> 8), (uint8_t)(size >> 16), 0
	};

	assert_int_equal(write_control(bench, request, sizeof(request)), 0);
	secure_bench_expect(bench, "60 01 01; ");
}

static void send(struct secure_bench *bench, const uint8_t *data, size_t len)
{
	for (size_t from = 0; from < len; from += PACKET_LEN) {
		size_t left = len - from;

		device_write_cmd(bench->device, HANDLE_PACKET, data + from,
				 left < PACKET_LEN ? left : PACKET_LEN);
		device_settle(bench->device);
	}
}

void secure_bench_packets(struct secure_bench *bench, uint32_t from, uint32_t to)
{
	send(bench, bench->image + from, to - from);
}

void secure_bench_init(struct secure_bench *bench)
{
	encode(bench);
	create(bench, 0x01, (uint32_t)bench->init.len);
	send(bench, bench->init.data, bench->init.len);
	secure_bench_control(bench, "04");
}

void secure_bench_send(struct secure_bench *bench, uint32_t from)
{
	uint32_t len = image_len(bench);

	while (from < len) {
		uint32_t to = len - from < OBJECT_LEN ? len : from + OBJECT_LEN;

		create(bench, 0x02, to - from);
		secure_bench_packets(bench, from, to);
		secure_bench_control(bench, "04");
		if (to < len)
			secure_bench_expect(bench, "60 04 01; ");
		from = to;
	}
}

void secure_bench_expect(struct secure_bench *bench, const char *expected)
{
	device_settle(bench->device);
	bench_log_expect(&bench->log, expected);
}

void secure_bench_update(struct secure_bench *bench, const char *expected)
{
	secure_bench_init(bench);
	secure_bench_expect(bench, "60 04 01; ");
	secure_bench_send(bench, 0);
	secure_bench_expect(bench, expected);
}

void secure_bench_update_somehow(struct secure_bench *bench)
{
	secure_bench_init(bench);
	secure_bench_expect(bench, "60 04 01; ");
	secure_bench_send(bench, 0);
	device_settle(bench->device);
	assert_non_null(strstr(bench->log.text, "60 04 01; "));
	bench->log.text[0] = '\0';
}

struct device_state secure_bench_describe(const struct secure_bench *bench)
{
	struct device_state described;

	device_describe(bench->device, &described);
	return described;
}

const uint8_t *secure_bench_flash(const struct secure_bench *bench, uint32_t addr)
{
	return flash_bytes(device_flash(bench->device)) + addr;
}
