#include "legacy.h"
#include "script_peer.h"

#include <otadfu/plugin.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>

/* cmocka wants the four above first. */
#include <cmocka.h>

extern const struct otadfu_plugin otadfu_plugin_v1_legacy;

#define BT_BASE  0x00, 0x00, 0x10, 0x00, 0x80, 0x00, 0x00, 0x80, 0x5f, 0x9b, 0x34, 0xfb
#define DFU_BASE 0x12, 0x12, 0xef, 0xde, 0x15, 0x23, 0x78, 0x5f, 0xea, 0xbc, 0xd1, 0x23

#define DEVICE_NAME                                                                                \
	.service = { { 0x00, 0x00, 0x18, 0x00, BT_BASE } },                                        \
	.uuid = { { 0x00, 0x00, 0x2a, 0x00, BT_BASE } }, .id = 10
#define CHANGED                                                                                    \
	.service = { { 0x00, 0x00, 0x18, 0x01, BT_BASE } },                                        \
	.uuid = { { 0x00, 0x00, 0x2a, 0x05, BT_BASE } }, .id = 11
#define HEART_RATE                                                                                 \
	.service = { { 0x00, 0x00, 0x18, 0x0d, BT_BASE } },                                        \
	.uuid = { { 0x00, 0x00, 0x2a, 0x37, BT_BASE } }, .id = 12
#define CONTROL                                                                                    \
	.service = { { 0x00, 0x00, 0x15, 0x30, DFU_BASE } },                                       \
	.uuid = { { 0x00, 0x00, 0x15, 0x31, DFU_BASE } }, .id = SCRIPT_CONTROL
#define PACKET                                                                                     \
	.service = { { 0x00, 0x00, 0x15, 0x30, DFU_BASE } },                                       \
	.uuid = { { 0x00, 0x00, 0x15, 0x32, DFU_BASE } }, .id = SCRIPT_PACKET
#define VERSION                                                                                    \
	.service = { { 0x00, 0x00, 0x15, 0x30, DFU_BASE } },                                       \
	.uuid = { { 0x00, 0x00, 0x15, 0x34, DFU_BASE } }, .id = SCRIPT_OTHER

static const struct otadfu_chr with_version[] = {
	{ DEVICE_NAME }, { HEART_RATE }, { CONTROL }, { PACKET }, { VERSION }
};
static const struct otadfu_chr bare_bootloader[] = {
	{ DEVICE_NAME }, { CHANGED }, { CONTROL }, { PACKET }
};
static const struct otadfu_chr bare_application[] = {
	{ DEVICE_NAME }, { CHANGED }, { CONTROL }, { HEART_RATE }
};
static const struct otadfu_chr hidden_generic[] = { { CONTROL }, { PACKET } };
static const struct otadfu_chr foreign[] = { { DEVICE_NAME }, { HEART_RATE } };

static int probe(const struct otadfu_chr *chrs, size_t count, const char *options,
		 const char *script, struct otadfu_probe *ret_probe)
{
	struct script_setup setup = {
		.ops = otadfu_plugin_v1_legacy.protocols[0],
		.chrs = chrs,
		.chr_count = count,
		.max_write = 20,
		.options = options,
		.cut_at = SCRIPT_NEVER,
		.cancel_at = SCRIPT_NEVER,
	};
	struct script_peer peer;
	int r;

	*ret_probe = (struct otadfu_probe){ .size = sizeof(*ret_probe) };
	script_begin(&peer, &setup, script, NULL);
	r = setup.ops->probe(&peer.ctx, ret_probe);
	script_end(&peer);
	return r;
}

#define PROBE(chrs, options, script, ret)                                                          \
	probe(chrs, sizeof(chrs) / sizeof((chrs)[0]), options, script, ret)

/* legacy-dfu.md 1.1, each row. */
static void version_tells_the_mode(void **state)
{
	static const struct {
		const char *script;
		uint32_t mode;
		uint32_t version;
	} cases[] = {
		{ "read 01 00", OTADFU_MODE_APPLICATION, 0x0001 },
		{ "read 05 00", OTADFU_MODE_BOOTLOADER, 0x0005 },
		{ "read 06 00", OTADFU_MODE_BOOTLOADER, 0x0006 },
		{ "read 07 00", OTADFU_MODE_BOOTLOADER, 0x0007 },
		{ "read 08 00", OTADFU_MODE_BOOTLOADER, 0x0008 },
		{ "read 00 01", OTADFU_MODE_BOOTLOADER, 0x0100 },
		{ "read 03 00", 0, 0x0003 },
	};
	struct otadfu_probe found;

	(void)state;
	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		assert_int_equal(PROBE(with_version, NULL, cases[i].script, &found), OTADFU_OK);
		assert_int_equal(found.score, 100);
		assert_int_equal(found.mode, cases[i].mode);
		assert_int_equal(found.version, cases[i].version);
	}
}

static void without_version_another_service_means_application(void **state)
{
	struct otadfu_probe found;

	(void)state;
	assert_int_equal(PROBE(bare_application, NULL, "", &found), OTADFU_OK);
	assert_int_equal(found.mode, OTADFU_MODE_APPLICATION);
}

static void without_version_generic_services_alone_mean_bootloader(void **state)
{
	struct otadfu_probe found;

	(void)state;
	assert_int_equal(PROBE(bare_bootloader, NULL, "", &found), OTADFU_OK);
	assert_int_equal(found.mode, OTADFU_MODE_BOOTLOADER);
	assert_int_equal(found.version, 0);
}

static void without_version_services_are_not_counted(void **state)
{
	struct otadfu_probe found;

	(void)state;
	assert_int_equal(PROBE(hidden_generic, NULL, "", &found), OTADFU_OK);
	assert_int_equal(found.mode, OTADFU_MODE_BOOTLOADER);
}

static void without_version_a_long_list_means_application(void **state)
{
	struct otadfu_chr many[40];
	struct otadfu_probe found;

	(void)state;
	for (size_t i = 0; i < sizeof(many) / sizeof(many[0]); i++)
		many[i] = bare_bootloader[2];
	assert_int_equal(PROBE(many, NULL, "", &found), OTADFU_OK);
	assert_int_equal(found.mode, OTADFU_MODE_APPLICATION);
}

static void profile_overrides_the_mode(void **state)
{
	struct otadfu_probe found;

	(void)state;
	assert_int_equal(PROBE(with_version, "mode=application", "read 08 00", &found), OTADFU_OK);
	assert_int_equal(found.mode, OTADFU_MODE_APPLICATION);
	assert_int_equal(PROBE(bare_application, "mode=bootloader", "", &found), OTADFU_OK);
	assert_int_equal(found.mode, OTADFU_MODE_BOOTLOADER);
}

static void device_without_the_service_is_not_ours(void **state)
{
	struct otadfu_probe found;

	(void)state;
	assert_int_equal(PROBE(foreign, NULL, "", &found), OTADFU_OK);
	assert_int_equal(found.score, 0);
}

static void version_of_odd_length_means_stale_handles(void **state)
{
	struct otadfu_probe found;

	(void)state;
	assert_int_equal(PROBE(with_version, NULL, "read 08", &found), OTADFU_E_PROTOCOL);
	assert_int_equal(PROBE(with_version, NULL, "read 08 00 00", &found), OTADFU_E_PROTOCOL);
}

static void unreadable_version_is_an_error(void **state)
{
	struct otadfu_probe found;

	(void)state;
	assert_int_equal(PROBE(with_version, NULL, "read -> att 02", &found), OTADFU_E_ATT);
}

/* -- advertisements -- */

static int recognise_with(struct script_peer *peer, const char *options, const uint8_t *data,
			  size_t len, struct otadfu_probe *ret_found)
{
	struct otadfu_advert advert = { .data = data, .data_len = (uint16_t)len };
	struct script_setup setup = { .ops = otadfu_plugin_v1_legacy.protocols[0],
				      .options = options };

	*ret_found = (struct otadfu_probe){ .size = sizeof(*ret_found) };
	script_begin(peer, &setup, "", NULL);
	peer->ctx.gatt = NULL;
	return legacy_recognise(&peer->ctx, &advert, ret_found);
}

static void recognised(const uint8_t *data, size_t len, uint32_t score, uint32_t mode)
{
	struct otadfu_probe found;
	struct script_peer peer;

	assert_int_equal(recognise_with(&peer, NULL, data, len, &found), OTADFU_OK);
	assert_int_equal(found.score, score);
	assert_int_equal(found.mode, mode);
}

#define UUID_1530                                                                                  \
	0x11, 0x06, 0x23, 0xd1, 0xbc, 0xea, 0x5f, 0x78, 0x23, 0x15, 0xde, 0xef, 0x12, 0x12, 0x30,  \
		0x15, 0x00, 0x00

static void bootloader_is_recognised_by_service_and_name(void **state)
{
	static const uint8_t nordic[] = { UUID_1530, 8, 9, 'D', 'f', 'u', 'T', 'a', 'r', 'g' };
	static const uint8_t adafruit[] = { UUID_1530, 7, 9, 'A', 'd', 'a', 'D', 'F', 'U' };

	(void)state;
	recognised(nordic, sizeof(nordic), 80, OTADFU_MODE_BOOTLOADER);
	recognised(adafruit, sizeof(adafruit), 80, OTADFU_MODE_BOOTLOADER);
}

static void service_alone_does_not_tell_the_mode(void **state)
{
	static const uint8_t data[] = { UUID_1530 };

	(void)state;
	recognised(data, sizeof(data), 80, 0);
}

static void name_alone_is_a_weak_sign(void **state)
{
	static const uint8_t data[] = { 8, 9, 'D', 'f', 'u', 'T', 'a', 'r', 'g' };

	(void)state;
	recognised(data, sizeof(data), 30, OTADFU_MODE_BOOTLOADER);
	recognised(NULL, 0, 0, 0);
}

/* -- custom builds -- */

static const struct otadfu_chr custom[] = {
	{ .service = { { 0x00, 0x00, 0xab, 0x00, BT_BASE } },
	  .uuid = { { 0x00, 0x00, 0xab, 0x01, BT_BASE } },
	  .id = SCRIPT_CONTROL },
	{ .service = { { 0x00, 0x00, 0xab, 0x00, BT_BASE } },
	  .uuid = { { 0x00, 0x00, 0xab, 0x04, BT_BASE } },
	  .id = SCRIPT_OTHER },
};

static void custom_uuids_are_probed(void **state)
{
	struct otadfu_probe found;

	(void)state;
	assert_int_equal(PROBE(custom, "service_uuid=ab00 control_uuid=ab01 version_uuid=ab04",
			       "read 08 00", &found),
			 OTADFU_OK);
	assert_int_equal(found.score, 100);
	assert_int_equal(found.mode, OTADFU_MODE_BOOTLOADER);
	assert_int_equal(PROBE(custom, "service_uuid=ab00", "", &found), OTADFU_OK);
	assert_int_equal(found.score, 0);
}

static void custom_service_is_no_sign_of_an_application(void **state)
{
	struct otadfu_probe found;

	(void)state;
	assert_int_equal(PROBE(custom, "service_uuid=ab00 control_uuid=ab01", "", &found),
			 OTADFU_OK);
	assert_int_equal(found.mode, OTADFU_MODE_BOOTLOADER);
}

static void custom_service_is_recognised(void **state)
{
	static const uint8_t data[] = { 3, 3, 0x00, 0xab };
	struct otadfu_probe found;
	struct script_peer peer;

	(void)state;
	assert_int_equal(recognise_with(&peer, "service_uuid=ab00", data, sizeof(data), &found),
			 OTADFU_OK);
	assert_int_equal(found.score, 80);
	assert_int_equal(recognise_with(&peer, NULL, data, sizeof(data), &found), OTADFU_OK);
	assert_int_equal(found.score, 0);
}

static void bad_uuid_is_named_at_its_first_use(void **state)
{
	static const char *const keys[] = { "service_uuid", "control_uuid", "packet_uuid",
					    "version_uuid" };

	(void)state;
	for (size_t i = 0; i < sizeof(keys) / sizeof(keys[0]); i++) {
		struct otadfu_probe found;
		struct script_peer peer;
		char options[64];

		snprintf(options, sizeof(options), "%s=0x1530", keys[i]);
		assert_int_equal(PROBE(with_version, options, "", &found), OTADFU_E_CONFIG);
		assert_int_equal(recognise_with(&peer, options, NULL, 0, &found), OTADFU_E_CONFIG);
		assert_non_null(strstr(peer.failure.text, "option legacy."));
		assert_non_null(strstr(peer.failure.text, keys[i]));
		assert_non_null(strstr(peer.failure.text, "'0x1530', which is no UUID"));
	}
}

/* -- the jump -- */

static int enter_with(struct script_peer *peer, struct script_setup *setup, const char *script,
		      struct otadfu_next *ret_next)
{
	int r;

	*setup = (struct script_setup){
		.ops = otadfu_plugin_v1_legacy.protocols[0],
		.chrs = bare_application,
		.chr_count = sizeof(bare_application) / sizeof(bare_application[0]),
		.max_write = 20,
		.cut_at = SCRIPT_NEVER,
		.cancel_at = SCRIPT_NEVER,
	};
	*ret_next = (struct otadfu_next){ .size = sizeof(*ret_next) };
	script_begin(peer, setup, script, NULL);
	r = setup->ops->enter_bootloader(&peer->ctx, ret_next);
	script_end(peer);
	return r;
}

static void assert_bootloader_expected(const struct otadfu_next *next)
{
	assert_int_equal(next->match, OTADFU_NEXT_SAME_ADDR | OTADFU_NEXT_ADDR_PLUS_ONE);
	assert_int_equal(next->mode, OTADFU_MODE_BOOTLOADER);
	assert_int_equal(next->flags, OTADFU_NEXT_DIRECTED);
	assert_in_range(next->not_before_ms, 500, 1000);
	assert_int_equal(next->within_ms, 15000);
}

static void lost_link_is_a_successful_jump(void **state)
{
	struct script_peer peer;
	struct script_setup setup;
	struct otadfu_next next;

	(void)state;
	assert_int_equal(enter_with(&peer, &setup, "cp 01 04; lost", &next), OTADFU_OK);
	assert_bootloader_expected(&next);
}

static void error_answer_is_success_when_the_link_drops(void **state)
{
	static const char *const scripts[] = {
		"cp 01 04 -> timeout; lost",
		"cp 01 04 -> att 0e; lost",
		"cp 01 04 -> lost",
	};
	struct script_peer peer;
	struct script_setup setup;
	struct otadfu_next next;

	(void)state;
	for (size_t i = 0; i < sizeof(scripts) / sizeof(scripts[0]); i++) {
		assert_int_equal(enter_with(&peer, &setup, scripts[i], &next), OTADFU_OK);
		assert_bootloader_expected(&next);
	}
}

static void kept_link_is_a_failed_jump(void **state)
{
	struct script_peer peer;
	struct script_setup setup;
	struct otadfu_next next;

	(void)state;
	assert_int_equal(enter_with(&peer, &setup, "cp 01 04; stays", &next), OTADFU_E_TIMEOUT);
	assert_int_equal(next.match, 0);
}

static void refusal_of_the_jump_is_told(void **state)
{
	struct script_peer peer;
	struct script_setup setup;
	struct otadfu_next next;

	(void)state;
	assert_int_equal(enter_with(&peer, &setup, "cp 01 04; note 10 01 03; stays", &next),
			 OTADFU_E_UNSUPPORTED);
	assert_int_equal(peer.failure.detail, 3);
	assert_non_null(strstr(peer.failure.text, "not supported (10 01 03)"));
}

static void jump_subscribes_again_when_notifications_are_off(void **state)
{
	struct script_peer peer;
	struct script_setup setup;
	struct otadfu_next next;

	(void)state;
	assert_int_equal(enter_with(&peer, &setup, "cp 01 04 -> att fd; cp 01 04; lost", &next),
			 OTADFU_OK);
}

/* -- the product's own way -- */

#define TRIGGER_CHR(properties)                                                                    \
	{                                                                                          \
		.service = { { 0x00, 0x00, 0xab, 0x10, BT_BASE } },                                \
		.uuid = { { 0x00, 0x00, 0xab, 0x11, BT_BASE } }, .id = SCRIPT_CONTROL,             \
		.props = (properties)                                                              \
	}
#define TRIGGER_PLACE "trigger_service=ab10 trigger_characteristic=ab11 "

static const struct otadfu_chr triggered[] = { { DEVICE_NAME }, TRIGGER_CHR(OTADFU_PROP_WRITE) };

static int trigger_with(struct script_peer *peer, const char *options, const char *script,
			struct otadfu_next *ret_next)
{
	static struct script_setup setup;
	int r;

	setup = (struct script_setup){
		.ops = otadfu_plugin_v1_legacy.protocols[0],
		.chrs = triggered,
		.chr_count = sizeof(triggered) / sizeof(triggered[0]),
		.max_write = 20,
		.options = options,
		.cut_at = SCRIPT_NEVER,
		.cancel_at = SCRIPT_NEVER,
	};
	*ret_next = (struct otadfu_next){ .size = sizeof(*ret_next) };
	script_begin(peer, &setup, script, NULL);
	r = setup.ops->enter_bootloader(&peer->ctx, ret_next);
	script_end(peer);
	return r;
}

static void trigger_makes_an_application_of_ours(void **state)
{
	struct otadfu_probe found;

	(void)state;
	assert_int_equal(PROBE(triggered, TRIGGER_PLACE "trigger_value=01", "", &found), OTADFU_OK);
	assert_int_equal(found.score, 100);
	assert_int_equal(found.mode, OTADFU_MODE_APPLICATION);
	assert_int_equal(PROBE(triggered, NULL, "", &found), OTADFU_OK);
	assert_int_equal(found.score, 0);
	assert_int_equal(PROBE(foreign, TRIGGER_PLACE "trigger_value=01", "", &found), OTADFU_OK);
	assert_int_equal(found.score, 0);
}

static void trigger_is_written_and_the_link_must_drop(void **state)
{
	static const char *const scripts[] = {
		"cp 01 ff; lost",
		"cp 01 ff -> timeout; lost",
		"cp 01 ff -> lost",
		"cp 01 ff -> att 0e; lost",
	};
	struct script_peer peer;
	struct otadfu_next next;

	(void)state;
	for (size_t i = 0; i < sizeof(scripts) / sizeof(scripts[0]); i++) {
		assert_int_equal(trigger_with(&peer, TRIGGER_PLACE "trigger_value=01ff", scripts[i],
					      &next),
				 OTADFU_OK);
		assert_bootloader_expected(&next);
	}
}

static void trigger_that_keeps_the_link_is_a_failed_jump(void **state)
{
	struct script_peer peer;
	struct otadfu_next next;

	(void)state;
	assert_int_equal(trigger_with(&peer, TRIGGER_PLACE "trigger_value=01", "cp 01; stays",
				      &next),
			 OTADFU_E_TIMEOUT);
	assert_non_null(strstr(peer.failure.text, "legacy.trigger_value"));
	assert_int_equal(next.match, 0);
}

/* micro:bit (legacy-dfu.md 10). */
static void trigger_that_wants_a_bond_is_told(void **state)
{
	struct script_peer peer;
	struct otadfu_next next;

	(void)state;
	assert_int_equal(trigger_with(&peer, TRIGGER_PLACE "trigger_value=01", "cp 01 -> att 05",
				      &next),
			 OTADFU_E_SECURITY);
	assert_int_equal(peer.failure.detail, 5);
	assert_non_null(strstr(peer.failure.text, "pair again while the application runs"));
}

static void trigger_options_go_together(void **state)
{
	static const char *const incomplete[] = {
		"trigger_service=ab10",
		"trigger_characteristic=ab11 trigger_value=01",
		TRIGGER_PLACE,
	};
	struct otadfu_probe found;

	(void)state;
	for (size_t i = 0; i < sizeof(incomplete) / sizeof(incomplete[0]); i++)
		assert_int_equal(PROBE(triggered, incomplete[i], "", &found), OTADFU_E_CONFIG);
	assert_int_equal(PROBE(triggered, TRIGGER_PLACE "trigger_value=0", "", &found),
			 OTADFU_E_CONFIG);
	assert_int_equal(PROBE(triggered, "trigger_service=0x1 " TRIGGER_PLACE, "", &found),
			 OTADFU_E_CONFIG);
}

int main(void)
{
	static const struct CMUnitTest tests[] = {
		cmocka_unit_test(version_tells_the_mode),
		cmocka_unit_test(without_version_another_service_means_application),
		cmocka_unit_test(without_version_generic_services_alone_mean_bootloader),
		cmocka_unit_test(without_version_services_are_not_counted),
		cmocka_unit_test(without_version_a_long_list_means_application),
		cmocka_unit_test(profile_overrides_the_mode),
		cmocka_unit_test(device_without_the_service_is_not_ours),
		cmocka_unit_test(version_of_odd_length_means_stale_handles),
		cmocka_unit_test(unreadable_version_is_an_error),
		cmocka_unit_test(bootloader_is_recognised_by_service_and_name),
		cmocka_unit_test(service_alone_does_not_tell_the_mode),
		cmocka_unit_test(name_alone_is_a_weak_sign),
		cmocka_unit_test(custom_uuids_are_probed),
		cmocka_unit_test(custom_service_is_no_sign_of_an_application),
		cmocka_unit_test(custom_service_is_recognised),
		cmocka_unit_test(bad_uuid_is_named_at_its_first_use),
		cmocka_unit_test(lost_link_is_a_successful_jump),
		cmocka_unit_test(error_answer_is_success_when_the_link_drops),
		cmocka_unit_test(kept_link_is_a_failed_jump),
		cmocka_unit_test(refusal_of_the_jump_is_told),
		cmocka_unit_test(jump_subscribes_again_when_notifications_are_off),
		cmocka_unit_test(trigger_makes_an_application_of_ours),
		cmocka_unit_test(trigger_is_written_and_the_link_must_drop),
		cmocka_unit_test(trigger_that_keeps_the_link_is_a_failed_jump),
		cmocka_unit_test(trigger_that_wants_a_bond_is_told),
		cmocka_unit_test(trigger_options_go_together),
	};

	return cmocka_run_group_tests_name("legacy_enter", tests, NULL, NULL);
}
