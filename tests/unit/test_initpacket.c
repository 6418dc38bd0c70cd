#include "init_encode.h"
#include "initpacket.h"
#include "initpacket_encode.h"

#include <openssl/evp.h>
#include <otadfu/protocol.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

/* cmocka wants the four above first. */
#include <cmocka.h>

static const uint8_t image_bytes[] = "abc";
enum { IMAGE_LEN = sizeof(image_bytes) - 1 };

/* SHA-256("abc"), packages-and-init-packets.md 7. */
static const uint8_t abc_sha256[] = { 0xBA, 0x78, 0x16, 0xBF, 0x8F, 0x01, 0xCF, 0xEA,
				      0x41, 0x41, 0x40, 0xDE, 0x5D, 0xAE, 0x22, 0x23,
				      0xB0, 0x03, 0x61, 0xA3, 0x96, 0x17, 0x7A, 0x9C,
				      0xB4, 0x10, 0xFF, 0x61, 0xF2, 0x00, 0x15, 0xAD };

static const uint16_t sd_req[] = { 0x0100, 0x0102 };

static struct init_image describe(uint32_t type)
{
	struct init_image image = { .type = type, .app_size = IMAGE_LEN };

	memcpy(image.sha256, abc_sha256, sizeof(abc_sha256));
	image.crc16 = init_crc16(image_bytes, IMAGE_LEN);
	return image;
}

static const struct init_target target = { .version = 7,
					   .hw_version = 52,
					   .device_type = 0x0052,
					   .device_revision = 0xADAF,
					   .sd_req = sd_req,
					   .sd_req_count = 2 };

static struct init_bytes make_secure(const struct init_image *image, const uint8_t *signature)
{
	struct init_bytes command;
	struct init_bytes packet;

	init_encode_command(image, &target, &command);
	init_encode_packet(&command, signature, &packet);
	return packet;
}

static struct init_bytes make_legacy(unsigned format)
{
	struct init_image image = describe(0);
	struct init_bytes packet;

	init_encode_legacy(&image, &target, format, &packet);
	return packet;
}

static int decode(const struct init_bytes *bytes, struct initpacket *init, struct failure *why)
{
	return initpacket_decode(bytes->data, bytes->len, init, why);
}

/* A packet whose InitCommand is given byte for byte. */
static int decode_command(const void *command, size_t len, struct initpacket *init,
			  struct init_bytes *packet)
{
	struct init_bytes bytes = { .len = 0 };

	init_append(&bytes, command, len);
	init_encode_packet(&bytes, NULL, packet);
	return decode(packet, init, NULL);
}

static void crc16_has_its_check_value(void **state)
{
	(void)state;
	assert_int_equal(initpacket_crc16((const uint8_t *)"123456789", 9), 0x29B1);
	assert_int_equal(init_crc16((const uint8_t *)"123456789", 9), 0x29B1);
}

static void unsigned_secure_packet_is_decoded(void **state)
{
	struct init_image image = describe(FW_TYPE_APPLICATION);
	struct init_bytes packet = make_secure(&image, NULL);
	struct initpacket init;

	(void)state;
	assert_int_equal(decode(&packet, &init, NULL), OTADFU_OK);
	assert_int_equal(init.kind, INITPACKET_SECURE);
	assert_false(init.secure.is_signed);
	assert_true(init.secure.has_fw_version);
	assert_int_equal(init.secure.fw_version, 7);
	assert_true(init.secure.has_hw_version);
	assert_int_equal(init.secure.hw_version, 52);
	assert_true(init.secure.has_type);
	assert_int_equal(init.secure.type, FW_TYPE_APPLICATION);
	assert_int_equal(init.secure.app_size, IMAGE_LEN);
	assert_int_equal(init.secure.hash_type, 3);
	assert_int_equal(init.secure.boot_validations, 1);
	assert_false(init.secure.is_debug);
	assert_int_equal(init.sd_req_count, 2);
	assert_memory_equal(init.sd_req, sd_req, sizeof(sd_req));
}

static void hash_is_turned_into_natural_order(void **state)
{
	struct init_image image = describe(FW_TYPE_APPLICATION);
	struct init_bytes packet = make_secure(&image, NULL);
	struct initpacket init;

	(void)state;
	assert_non_null(memmem(packet.data, packet.len, "\xAD\x15\x00\xF2", 4));
	assert_int_equal(decode(&packet, &init, NULL), OTADFU_OK);
	assert_int_equal(init.secure.hash_len, sizeof(abc_sha256));
	assert_memory_equal(init.secure.hash, abc_sha256, sizeof(abc_sha256));
}

static void signed_bytes_are_those_received(void **state)
{
	struct init_image image = describe(FW_TYPE_APPLICATION);
	uint8_t signature[INIT_SIGNATURE_LEN] = { 1, 2, 3 };
	struct init_bytes packet = make_secure(&image, signature);
	struct init_bytes command;
	struct initpacket init;

	(void)state;
	init_encode_command(&image, &target, &command);
	assert_int_equal(decode(&packet, &init, NULL), OTADFU_OK);
	assert_true(init.secure.is_signed);
	assert_int_equal(init.secure.signature_len, sizeof(signature));
	assert_int_equal(init.secure.signature[31], 1);
	assert_int_equal(init.secure.signature[29], 3);
	assert_int_equal(init.secure.init_command_len, command.len);
	assert_memory_equal(init.secure.init_command, command.data, command.len);
	assert_in_range((uintptr_t)init.secure.init_command, (uintptr_t)packet.data,
			(uintptr_t)packet.data + packet.len);
}

static void unpacked_sd_list_is_the_same_as_packed(void **state)
{
	static const char unpacked[] = "\x18\x80\x02\x18\x82\x02";
	struct init_bytes packet;
	struct initpacket init;

	(void)state;
	assert_int_equal(decode_command(unpacked, sizeof(unpacked) - 1, &init, &packet), OTADFU_OK);
	assert_int_equal(init.sd_req_count, 2);
	assert_memory_equal(init.sd_req, sd_req, sizeof(sd_req));
}

static void unknown_fields_are_skipped(void **state)
{
	/* 11: varint, 12: bytes, 13: 64 bits, 15: 32 bits; then fw_version 5. */
	static const char command[] = "\x58\x01\x62\x02xy\x69"
				      "12345678\x7D"
				      "1234\x08\x05";
	struct init_bytes packet;
	struct initpacket init;

	(void)state;
	assert_int_equal(decode_command(command, sizeof(command) - 1, &init, &packet), OTADFU_OK);
	assert_int_equal(init.secure.fw_version, 5);
}

static void absent_fields_are_told_from_zero(void **state)
{
	struct init_bytes packet;
	struct initpacket init;

	(void)state;
	assert_int_equal(decode_command("\x20\x00", 2, &init, &packet), OTADFU_OK);
	assert_true(init.secure.has_type);
	assert_false(init.secure.has_fw_version);
	assert_false(init.secure.has_hw_version);
	assert_false(init.secure.has_hash);
}

static void sd_list_is_bounded(void **state)
{
	char command[2 * (INITPACKET_SD_MAX + 1)];
	struct init_bytes packet;
	struct initpacket init;

	(void)state;
	for (size_t i = 0; i < sizeof(command); i += 2)
		memcpy(command + i, "\x18\x01", 2);
	assert_int_equal(decode_command(command, sizeof(command) - 2, &init, &packet), OTADFU_OK);
	assert_int_equal(init.sd_req_count, INITPACKET_SD_MAX);
	assert_int_equal(decode_command(command, sizeof(command), &init, &packet),
			 OTADFU_E_PACKAGE);
	assert_int_equal(decode_command("\x18\x80\x80\x04", 4, &init, &packet), OTADFU_E_PACKAGE);
}

/* Packet { command { op_code 1, init { } } }: the field is there and holds nothing. */
static void empty_init_command_is_refused(void **state)
{
	static const uint8_t packet[] = { 0x0A, 0x04, 0x08, 0x01, 0x12, 0x00 };
	struct failure why = { 0 };
	struct initpacket init;

	(void)state;
	assert_int_equal(initpacket_decode(packet, sizeof(packet), &init, &why), OTADFU_E_PACKAGE);
	assert_string_equal(why.text, "its init command is empty");
}

static void damaged_secure_packet_is_refused_not_taken_for_legacy(void **state)
{
	/* op_code 0; no init; a field number 0; an SD list longer than all; a hash of 33 bytes. */
	static const struct {
		const char *packet;
		size_t len;
	} cases[] = {
		{ "\x0A\x04\x08\x00\x12\x00", 6 },
		{ "\x0A\x02\x08\x01", 4 },
		{ "\x0A\x0E\x08\x01\x12\x0A\x00\x00\x00\x00\x00\x00\x00\x00\x00\x00", 16 },
		{ "\x0A\x0D\x08\x01\x12\x09\x1A\xFF\xFF\xFF\xFF\x0F\x00\x00\x00", 15 },
		{ "\x0A\x2D\x08\x01\x12\x29\x42\x27\x08\x03\x12\x21"
		  "123456789012345678901234567890123\x08\x01",
		  47 },
	};

	(void)state;
	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		struct initpacket init = { 0 };
		struct failure why = { 0 };

		assert_int_equal(initpacket_decode((const uint8_t *)cases[i].packet, cases[i].len,
						   &init, &why),
				 OTADFU_E_PACKAGE);
		assert_null(strstr(why.text, "neither"));
		assert_int_equal(init.kind, 0);
	}
}

static void both_commands_at_once_are_refused(void **state)
{
	struct init_image image = describe(FW_TYPE_APPLICATION);
	uint8_t signature[INIT_SIGNATURE_LEN] = { 0 };
	struct init_bytes packet = make_secure(&image, NULL);
	struct init_bytes second = make_secure(&image, signature);
	struct failure why = { 0 };
	struct initpacket init;

	(void)state;
	init_append(&packet, second.data, second.len);
	assert_int_equal(decode(&packet, &init, &why), OTADFU_E_PACKAGE);
	assert_string_equal(why.text, "it holds both a signed and an unsigned command");
}

static void signature_of_another_length_is_refused(void **state)
{
	static const uint8_t packet[] =
		"\x12\x0F\x0A\x06\x08\x01\x12\x02\x08\x01\x10\x00\x1A\x03xyz";
	struct failure why = { 0 };
	struct initpacket init;

	(void)state;
	assert_int_equal(initpacket_decode(packet, sizeof(packet) - 1, &init, &why),
			 OTADFU_E_PACKAGE);
	assert_string_equal(why.text, "its signature has 3 bytes, not 64");
}

static void legacy_formats_are_told_by_their_extension(void **state)
{
	static const struct {
		unsigned format;
		enum initpacket_format wanted;
		bool has_crc, has_hash;
	} cases[] = {
		{ 5, INITPACKET_FORMAT_05, true, false },
		{ 6, INITPACKET_FORMAT_06, true, false },
		{ 7, INITPACKET_FORMAT_07, false, true },
		{ 8, INITPACKET_FORMAT_08, false, true },
	};

	(void)state;
	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		struct init_bytes packet = make_legacy(cases[i].format);
		uint8_t signature[INIT_SIGNATURE_LEN] = { 0 };
		struct initpacket init;

		if (cases[i].format == 8)
			init_append(&packet, signature, sizeof(signature));
		assert_int_equal(decode(&packet, &init, NULL), OTADFU_OK);
		assert_int_equal(init.kind, INITPACKET_LEGACY);
		assert_int_equal(init.legacy.format, cases[i].wanted);
		assert_int_equal(init.legacy.device_type, 0x0052);
		assert_int_equal(init.legacy.device_revision, 0xADAF);
		assert_int_equal(init.legacy.app_version, 7);
		assert_int_equal(init.sd_req_count, 2);
		assert_int_equal(init.sd_req[1], 0x0102);
		assert_int_equal(init.legacy.has_crc, cases[i].has_crc);
		assert_int_equal(init.legacy.has_hash, cases[i].has_hash);
		assert_int_equal(init.legacy.has_signature, cases[i].format == 8);
		assert_int_equal(initpacket_check_image(&init, OTADFU_IMAGE_APPLICATION,
							image_bytes, IMAGE_LEN, NULL),
				 OTADFU_OK);
	}
}

static void bare_crc_and_padded_struct_are_legacy_too(void **state)
{
	struct init_bytes padded = make_legacy(5);
	uint16_t crc = init_crc16(image_bytes, IMAGE_LEN);
	uint8_t bare[] = { (uint8_t)crc, (uint8_t)(crc >> 8) };
	struct initpacket init;

	(void)state;
	init_append(&padded, "\0\0", 2);
	assert_int_equal(decode(&padded, &init, NULL), OTADFU_OK);
	assert_int_equal(init.legacy.format, INITPACKET_FORMAT_05);
	assert_int_equal(init.legacy.crc16, crc);
	assert_int_equal(initpacket_decode(bare, sizeof(bare), &init, NULL), OTADFU_OK);
	assert_int_equal(init.legacy.format, INITPACKET_FORMAT_CRC_ONLY);
	assert_int_equal(init.legacy.crc16, crc);
}

static void extension_of_another_length_is_of_unknown_format(void **state)
{
	struct init_bytes packet = make_legacy(7);
	struct initpacket init;

	(void)state;
	packet.data[14] = 9;
	assert_int_equal(decode(&packet, &init, NULL), OTADFU_OK);
	assert_int_equal(init.legacy.format, INITPACKET_FORMAT_UNKNOWN);
	packet.len = 14;
	assert_int_equal(decode(&packet, &init, NULL), OTADFU_OK);
	assert_int_equal(init.legacy.format, INITPACKET_FORMAT_UNKNOWN);
	assert_false(init.legacy.has_crc);
}

static void what_fits_no_layout_is_refused(void **state)
{
	static const struct {
		const char *packet;
		size_t len;
	} cases[] = {
		{ "", 0 },
		{ "\xFF", 1 },
		{ "\xFF\xFF\xFF\xFF\xFF\xFF\xFF\xFF\x00", 9 },
		{ "\xFF\xFF\xFF\xFF\xFF\xFF\xFF\xFF\x01\x00\xFE", 11 },
		{ "\xFF\xFF\xFF\xFF\xFF\xFF\xFF\xFF\xFF\xFF\xFE\xFF", 12 },
	};

	(void)state;
	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		const uint8_t *packet = (const uint8_t *)cases[i].packet;
		struct failure why = { 0 };
		struct initpacket init;

		assert_int_equal(initpacket_decode(packet, cases[i].len, &init, &why),
				 OTADFU_E_PACKAGE);
		assert_non_null(strstr(why.text, "neither a secure nor a legacy"));
		assert_int_equal(initpacket_decode_legacy(packet, cases[i].len, &init, NULL),
				 OTADFU_E_PACKAGE);
	}
}

static void each_truncation_and_flip_is_survived(void **state)
{
	struct init_image image = describe(FW_TYPE_APPLICATION);
	uint8_t signature[INIT_SIGNATURE_LEN] = { 1 };
	struct init_bytes packet = make_secure(&image, signature);
	struct initpacket init;

	(void)state;
	for (size_t len = 0; len < packet.len; len++)
		assert_int_equal(initpacket_decode(packet.data, len, &init, NULL),
				 len == 2 ? OTADFU_OK : OTADFU_E_PACKAGE);
	for (size_t bit = 0; bit < packet.len * 8; bit++) {
		int r;

		packet.data[bit / 8] ^= (uint8_t)(1 << bit % 8);
		r = decode(&packet, &init, NULL);
		assert_true(r == OTADFU_E_PACKAGE || init.kind == INITPACKET_SECURE);
		packet.data[bit / 8] ^= (uint8_t)(1 << bit % 8);
	}
}

static int check_secure(struct init_image *image, uint32_t kind, size_t len, struct failure *why)
{
	struct init_bytes packet = make_secure(image, NULL);
	struct initpacket init;

	assert_int_equal(decode(&packet, &init, NULL), OTADFU_OK);
	return initpacket_check_image(&init, kind, image_bytes, len, why);
}

static void image_kinds_agree_with_their_types_and_sizes(void **state)
{
	static const struct {
		uint32_t type, kind;
		uint32_t sd, bl, app;
	} cases[] = {
		{ FW_TYPE_APPLICATION, OTADFU_IMAGE_APPLICATION, 0, 0, 3 },
		{ FW_TYPE_SOFTDEVICE, OTADFU_IMAGE_SOFTDEVICE, 3, 0, 0 },
		{ FW_TYPE_BOOTLOADER, OTADFU_IMAGE_BOOTLOADER, 0, 3, 0 },
		{ FW_TYPE_SD_BL, OTADFU_IMAGE_SD_BL, 2, 1, 0 },
		{ FW_TYPE_EXTERNAL_APP, OTADFU_IMAGE_EXTERNAL_APP, 0, 0, 3 },
	};
	enum { CASES = sizeof(cases) / sizeof(cases[0]) };

	(void)state;
	for (size_t i = 0; i < CASES; i++) {
		struct init_image image = describe(cases[i].type);

		image.sd_size = cases[i].sd;
		image.bl_size = cases[i].bl;
		image.app_size = cases[i].app;
		assert_int_equal(check_secure(&image, cases[i].kind, 3, NULL), OTADFU_OK);
		assert_int_equal(check_secure(&image, cases[(i + 1) % CASES].kind, 3, NULL),
				 OTADFU_E_PACKAGE);
		assert_int_equal(check_secure(&image, cases[i].kind, 2, NULL), OTADFU_E_PACKAGE);
	}
}

static void disagreement_says_what_is_and_what_was_stated(void **state)
{
	struct init_image image = describe(FW_TYPE_APPLICATION);
	struct failure why = { 0 };

	(void)state;
	image.app_size = 4;
	assert_int_equal(check_secure(&image, OTADFU_IMAGE_APPLICATION, 3, &why), OTADFU_E_PACKAGE);
	assert_string_equal(why.text, "it has 3 bytes, its init packet says 4");

	image = describe(FW_TYPE_APPLICATION);
	image.sha256[0] = 0;
	failure_clear(&why);
	assert_int_equal(check_secure(&image, OTADFU_IMAGE_APPLICATION, 3, &why), OTADFU_E_PACKAGE);
	assert_string_equal(why.text, "its SHA-256 begins BA7816BF, its init packet says 007816BF");

	failure_clear(&why);
	assert_int_equal(check_secure(&image, OTADFU_IMAGE_BOOTLOADER, 3, &why), OTADFU_E_PACKAGE);
	assert_string_equal(why.text, "its init packet is that of an application");
}

static void part_sizes_do_not_wrap(void **state)
{
	struct init_image image = describe(FW_TYPE_SD_BL);

	(void)state;
	image.sd_size = UINT32_MAX;
	image.bl_size = 4;
	assert_int_equal(check_secure(&image, OTADFU_IMAGE_SD_BL, 3, NULL), OTADFU_E_PACKAGE);
}

static void legacy_image_must_have_the_stated_crc_or_hash(void **state)
{
	struct failure why = { 0 };

	(void)state;
	for (unsigned format = 5; format <= 7; format++) {
		struct init_bytes packet = make_legacy(format);
		struct initpacket init;

		packet.data[packet.len - 1] ^= 1;
		assert_int_equal(decode(&packet, &init, NULL), OTADFU_OK);
		failure_clear(&why);
		assert_int_equal(initpacket_check_image(&init, OTADFU_IMAGE_APPLICATION,
							image_bytes, IMAGE_LEN, &why),
				 OTADFU_E_PACKAGE);
		assert_non_null(strstr(why.text, format < 7 ? "its CRC-16 is" : "its SHA-256"));
	}
}

static void image_without_sha256_or_without_bytes_is_refused(void **state)
{
	struct init_image image = describe(FW_TYPE_APPLICATION);
	struct init_bytes packet;
	struct initpacket init;

	(void)state;
	assert_int_equal(decode_command("\x20\x00\x38\x03", 4, &init, &packet), OTADFU_OK);
	assert_int_equal(initpacket_check_image(&init, OTADFU_IMAGE_APPLICATION, image_bytes,
						IMAGE_LEN, NULL),
			 OTADFU_E_PACKAGE);
	image.app_size = 0;
	assert_int_equal(check_secure(&image, OTADFU_IMAGE_APPLICATION, 0, NULL), OTADFU_E_PACKAGE);
}

static void encoded_legacy_packet_is_that_of_gen_dat(void **state)
{
	/* legacy-dfu.md 6.1: any device, any version, one SoftDevice: any; 29B1. */
	static const uint8_t wanted[] = { 0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF,
					  0xFF, 0x01, 0x00, 0xFE, 0xFF, 0xB1, 0x29 };
	struct initpacket_bytes packet;
	struct initpacket init;

	(void)state;
	initpacket_encode_wildcard((const uint8_t *)"123456789", 9, &packet);
	assert_int_equal(packet.len, sizeof(wanted));
	assert_memory_equal(packet.data, wanted, sizeof(wanted));
	assert_int_equal(initpacket_decode(packet.data, packet.len, &init, NULL), OTADFU_OK);
	assert_int_equal(init.legacy.format, INITPACKET_FORMAT_05);
}

static void legacy_signature_is_kept(void **state)
{
	struct init_bytes packet = make_legacy(8);
	uint8_t signature[INIT_SIGNATURE_LEN] = { 1, 2, [63] = 3 };
	struct initpacket init;

	(void)state;
	init_append(&packet, signature, sizeof(signature));
	assert_int_equal(decode(&packet, &init, NULL), OTADFU_OK);
	assert_memory_equal(init.legacy.signature, signature, sizeof(signature));
}

static void absurd_lengths_are_refused(void **state)
{
	/* Of a command, an SD list, a hash, a boot validation: 4 GiB, 2^63, beyond the end. */
	static const struct {
		const char *packet;
		size_t len;
	} cases[] = {
		{ "\x0A\xFF\xFF\xFF\xFF\x0F\x08\x01", 8 },
		{ "\x0A\xFF\xFF\xFF\xFF\xFF\xFF\xFF\xFF\x7F\x08\x01", 12 },
		{ "\x0A\x0C\x08\x01\x12\x08\x1A\xFF\xFF\xFF\xFF\x0F\x01\x01", 14 },
		{ "\x0A\x0A\x08\x01\x12\x06\x42\x04\x08\x03\x12\x7F", 12 },
		{ "\x0A\x0A\x08\x01\x12\x06\x52\x04\x08\x01\x12\x7F", 12 },
	};

	(void)state;
	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		struct initpacket init;

		assert_int_equal(initpacket_decode((const uint8_t *)cases[i].packet, cases[i].len,
						   &init, NULL),
				 OTADFU_E_PACKAGE);
	}
}

int main(void)
{
	static const struct CMUnitTest tests[] = {
		cmocka_unit_test(empty_init_command_is_refused),
		cmocka_unit_test(crc16_has_its_check_value),
		cmocka_unit_test(unsigned_secure_packet_is_decoded),
		cmocka_unit_test(hash_is_turned_into_natural_order),
		cmocka_unit_test(signed_bytes_are_those_received),
		cmocka_unit_test(unpacked_sd_list_is_the_same_as_packed),
		cmocka_unit_test(unknown_fields_are_skipped),
		cmocka_unit_test(absent_fields_are_told_from_zero),
		cmocka_unit_test(sd_list_is_bounded),
		cmocka_unit_test(damaged_secure_packet_is_refused_not_taken_for_legacy),
		cmocka_unit_test(both_commands_at_once_are_refused),
		cmocka_unit_test(signature_of_another_length_is_refused),
		cmocka_unit_test(legacy_formats_are_told_by_their_extension),
		cmocka_unit_test(bare_crc_and_padded_struct_are_legacy_too),
		cmocka_unit_test(extension_of_another_length_is_of_unknown_format),
		cmocka_unit_test(what_fits_no_layout_is_refused),
		cmocka_unit_test(each_truncation_and_flip_is_survived),
		cmocka_unit_test(image_kinds_agree_with_their_types_and_sizes),
		cmocka_unit_test(disagreement_says_what_is_and_what_was_stated),
		cmocka_unit_test(part_sizes_do_not_wrap),
		cmocka_unit_test(legacy_image_must_have_the_stated_crc_or_hash),
		cmocka_unit_test(image_without_sha256_or_without_bytes_is_refused),
		cmocka_unit_test(encoded_legacy_packet_is_that_of_gen_dat),
		cmocka_unit_test(legacy_signature_is_kept),
		cmocka_unit_test(absurd_lengths_are_refused),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
