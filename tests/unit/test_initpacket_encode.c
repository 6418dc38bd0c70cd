/* What is encoded is what an encoder of our tests, which shares nothing with it, encodes. */
#include "init_encode.h"
#include "initpacket_encode.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

/* cmocka wants the four above first. */
#include <cmocka.h>

static const uint16_t sd_req[] = { 0x0100, 0x0000, 0xFFFE };
static const struct init_image image = {
	.type = FW_TYPE_SD_BL,
	.sd_size = 0x25000,
	.bl_size = 300,
	.sha256 = { 1, 2, 3, [31] = 32 },
	.crc16 = 0xBEEF,
	.app_size = 0,
};
static const struct init_target target = {
	.version = 0xFFFFFFFF,
	.hw_version = 128,
	.is_debug = true,
	.device_type = 7,
	.device_revision = 0x1234,
	.sd_req = sd_req,
	.sd_req_count = 3,
};

static struct initpacket secure_init(void)
{
	struct initpacket init = {
		.kind = INITPACKET_SECURE,
		.sd_req = { 0x0100, 0x0000, 0xFFFE },
		.sd_req_count = 3,
		.secure = { .fw_version = 0xFFFFFFFF,
			    .hw_version = 128,
			    .type = FW_TYPE_SD_BL,
			    .sd_size = 0x25000,
			    .bl_size = 300,
			    .is_debug = true },
	};

	memcpy(init.secure.hash, image.sha256, sizeof(init.secure.hash));
	return init;
}

static void assert_same(const struct initpacket_bytes *bytes, const struct init_bytes *wanted)
{
	assert_int_equal(bytes->len, wanted->len);
	assert_memory_equal(bytes->data, wanted->data, wanted->len);
}

static void secure_fields_are_those_of_the_other_encoder(void **state)
{
	struct initpacket init = secure_init();
	struct initpacket_bytes command;
	struct init_bytes wanted;

	(void)state;
	/* What that one always adds. */
	init.secure.boot_validations = 2;
	init.secure.boot_validation[0].type = init.secure.boot_validation[1].type = VALIDATION_CRC;
	init_encode_command(&image, &target, &wanted);
	assert_int_equal(initpacket_encode_command(&init, &command, NULL), OTADFU_OK);
	assert_same(&command, &wanted);
}

static void packets_are_those_of_the_other_encoder(void **state)
{
	uint8_t signature[INIT_SIGNATURE_LEN];
	struct initpacket_bytes packet;
	struct init_bytes command, wanted;

	(void)state;
	for (size_t i = 0; i < sizeof(signature); i++)
		signature[i] = (uint8_t)i;
	init_encode_command(&image, &target, &command);
	init_encode_packet(&command, NULL, &wanted);
	assert_int_equal(initpacket_encode_packet(command.data, command.len, NULL, &packet, NULL),
			 OTADFU_OK);
	assert_same(&packet, &wanted);
	init_encode_packet(&command, signature, &wanted);
	assert_int_equal(initpacket_encode_packet(command.data, command.len, signature, &packet,
						  NULL),
			 OTADFU_OK);
	assert_same(&packet, &wanted);
}

/* packages-and-init-packets.md 2.1: 52 04 08 01 12 00. */
static void boot_validation_comes_last(void **state)
{
	struct initpacket init = secure_init();
	struct initpacket_bytes without, with;

	(void)state;
	initpacket_encode_command(&init, &without, NULL);
	init.secure.boot_validations = 2;
	init.secure.boot_validation[0].type = VALIDATION_CRC;
	init.secure.boot_validation[1].type = VALIDATION_ECDSA_P256;
	init.secure.boot_validation[1].len = 2;
	memcpy(init.secure.boot_validation[1].bytes, "\xAA\xBB", 2);
	initpacket_encode_command(&init, &with, NULL);
	assert_int_equal(with.len, without.len + 14);
	assert_memory_equal(with.data, without.data, without.len);
	assert_memory_equal(with.data + without.len,
			    "\x52\x04\x08\x01\x12\x00\x52\x06\x08\x03\x12\x02\xAA\xBB", 14);
}

static void decoded_and_encoded_again_it_is_the_same(void **state)
{
	struct initpacket init = secure_init(), decoded;
	struct initpacket_bytes command, packet, again;

	(void)state;
	init.secure.boot_validations = 3;
	for (size_t i = 0; i < 3; i++) {
		init.secure.boot_validation[i].type = (uint32_t)i;
		init.secure.boot_validation[i].len = 64 * (i == 1);
	}
	initpacket_encode_command(&init, &command, NULL);
	initpacket_encode_packet(command.data, command.len, NULL, &packet, NULL);
	assert_int_equal(initpacket_decode(packet.data, packet.len, &decoded, NULL), OTADFU_OK);
	assert_int_equal(initpacket_encode_command(&decoded, &again, NULL), OTADFU_OK);
	assert_int_equal(again.len, command.len);
	assert_memory_equal(again.data, command.data, command.len);
}

static void the_longest_packet_fits(void **state)
{
	struct initpacket init = secure_init();
	struct initpacket_bytes command, packet;
	uint8_t signature[INIT_SIGNATURE_LEN] = { 0 };

	(void)state;
	init.sd_req_count = INITPACKET_SECURE_SD_MAX;
	for (size_t i = 0; i < init.sd_req_count; i++)
		init.sd_req[i] = UINT16_MAX;
	init.secure.boot_validations = INITPACKET_VALIDATIONS_MAX;
	for (size_t i = 0; i < INITPACKET_VALIDATIONS_MAX; i++)
		init.secure.boot_validation[i].len = INITPACKET_SIGNATURE_LEN;
	assert_int_equal(initpacket_encode_command(&init, &command, NULL), OTADFU_OK);
	assert_int_equal(initpacket_encode_packet(command.data, command.len, signature, &packet,
						  NULL),
			 OTADFU_OK);
}

static void a_packet_too_long_is_refused(void **state)
{
	static const uint8_t command[INITPACKET_ENCODED_MAX];
	struct initpacket_bytes packet;

	(void)state;
	assert_int_equal(initpacket_encode_packet(command, sizeof(command), NULL, &packet, NULL),
			 OTADFU_E_PACKAGE);
}

static void legacy_packets_are_those_of_the_other_encoder(void **state)
{
	struct initpacket init = {
		.kind = INITPACKET_LEGACY,
		.sd_req = { 0x0100, 0x0000, 0xFFFE },
		.sd_req_count = 3,
		.legacy = { .device_type = 7,
			    .device_revision = 0x1234,
			    .app_version = 0xFFFFFFFF,
			    .crc16 = 0xBEEF,
			    .image_len = 0x25000 + 300 },
	};

	(void)state;
	memcpy(init.legacy.hash, image.sha256, sizeof(init.legacy.hash));
	for (unsigned format = 5; format <= 8; format++) {
		const uint8_t signature[INIT_SIGNATURE_LEN] = { 9, [63] = 8 };
		struct initpacket_bytes packet;
		struct init_bytes wanted;

		init.legacy.format = (enum initpacket_format)(INITPACKET_FORMAT_05 + format - 5);
		memcpy(init.legacy.signature, signature, sizeof(signature));
		init_encode_legacy(&image, &target, format, &wanted);
		if (format == 8)
			init_append(&wanted, signature, sizeof(signature));
		initpacket_encode_legacy(&init, &packet);
		assert_same(&packet, &wanted);
	}
}

static void the_oldest_packet_is_the_crc_alone(void **state)
{
	const struct initpacket init = {
		.kind = INITPACKET_LEGACY,
		.legacy = { .format = INITPACKET_FORMAT_CRC_ONLY, .crc16 = 0xBEEF },
	};
	struct initpacket_bytes packet;

	(void)state;
	initpacket_encode_legacy(&init, &packet);
	assert_int_equal(packet.len, 2);
	assert_memory_equal(packet.data, "\xEF\xBE", 2);
}

int main(void)
{
	static const struct CMUnitTest tests[] = {
		cmocka_unit_test(secure_fields_are_those_of_the_other_encoder),
		cmocka_unit_test(packets_are_those_of_the_other_encoder),
		cmocka_unit_test(boot_validation_comes_last),
		cmocka_unit_test(decoded_and_encoded_again_it_is_the_same),
		cmocka_unit_test(the_longest_packet_fits),
		cmocka_unit_test(a_packet_too_long_is_refused),
		cmocka_unit_test(legacy_packets_are_those_of_the_other_encoder),
		cmocka_unit_test(the_oldest_packet_is_the_crc_alone),
	};

	return cmocka_run_group_tests_name("initpacket_encode", tests, NULL, NULL);
}
