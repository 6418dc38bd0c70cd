#include "json_line.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* cmocka wants the four above first. */
#include <cmocka.h>

static void assert_writes(json_t *object, const char *expected)
{
	char *text = NULL;
	size_t len = 0;
	FILE *out = open_memstream(&text, &len);

	json_line_write(out, object);
	fclose(out);
	assert_string_equal(text, expected);
	free(text);
}

static void foreign_bytes_become_valid_json(void **state)
{
	(void)state;
	assert_writes(json_pack("[o]", json_line_text("\xff"
						      "Th\xc3\xa9rmo\xc3")),
		      "[\"?Th\xc3\xa9rmo?\"]\n");
	assert_writes(json_pack("[o]", json_line_text("a\nb\x1b")), "[\"a\\nb\\u001B\"]\n");
}

static void nothing_is_null(void **state)
{
	(void)state;
	assert_writes(json_pack("[o, o]", json_line_text(""), json_line_text(NULL)),
		      "[null,null]\n");
}

static void a_phase_names_device_image_and_phase(void **state)
{
	const struct session_event event = {
		.kind = SESSION_EVENT_PHASE,
		.device = "C0:FF:EE:00:00:01",
		.phase = SESSION_PROBE,
	};

	(void)state;
	assert_writes(json_line_event(&event),
		      "{\"event\":\"phase\",\"device\":\"C0:FF:EE:00:00:01\",\"image\":null,"
		      "\"phase\":\"probe\"}\n");
}

static void progress_counts_bytes(void **state)
{
	const struct session_event event = {
		.kind = SESSION_EVENT_PROGRESS,
		.device = "Thermo",
		.image = "application",
		.done = 5000000000,
		.total = 6000000000,
	};

	(void)state;
	assert_writes(json_line_event(&event),
		      "{\"event\":\"progress\",\"device\":\"Thermo\",\"image\":\"application\","
		      "\"done\":5000000000,\"total\":6000000000}\n");
}

static void notes_are_not_for_machines(void **state)
{
	const struct session_event event = { .kind = SESSION_EVENT_NOTE, .text = "hello" };

	(void)state;
	assert_null(json_line_event(&event));
	assert_writes(NULL, "");
}

static void a_success_has_no_error(void **state)
{
	const struct package package = {
		.count = 1,
		.images = { { .kind = OTADFU_IMAGE_APPLICATION, .data_len = 60788 } },
	};
	const struct session_result result = {
		.status = SESSION_UPDATED,
		.device = "C0:FF:EE:00:00:01",
		.bytes = 60788,
		.duration_ms = 3200,
		.connections = 2,
		.images_done = 1,
		.mode_before = OTADFU_MODE_APPLICATION,
		.transport = "l2cap",
		.address_before = "C0:FF:EE:00:00:01",
		.address_after = "C0:FF:EE:00:00:01",
		.firmware_before = "1.2.0",
	};

	(void)state;
	assert_writes(
		json_line_result(&result, &package),
		"{\"event\":\"result\",\"device\":\"C0:FF:EE:00:00:01\",\"status\":\"updated\","
		"\"exit\":0,\"transport\":\"l2cap\",\"images\":[{\"kind\":\"application\","
		"\"bytes\":60788}],"
		"\"bytes\":60788,\"seconds\":3.2,\"bytes_per_second\":18996,"
		"\"connections\":2,\"resent_bytes\":0,\"mode_before\":\"application\","
		"\"address_before\":\"C0:FF:EE:00:00:01\",\"address_after\":\"C0:FF:EE:00:00:01\","
		"\"firmware_before\":\"1.2.0\",\"firmware_after\":null,\"error\":null}\n");
}

static void what_the_device_had_already_is_told(void **state)
{
	const struct package package = {
		.count = 2,
		.images = { { .kind = OTADFU_IMAGE_SD_BL, .data_len = 5000 },
			    { .kind = OTADFU_IMAGE_APPLICATION, .data_len = 1000 } },
	};
	const struct session_result result = { .status = SESSION_UPDATED, .skipped = 1 };
	json_t *object = json_line_result(&result, &package);

	(void)state;
	assert_writes(json_incref(json_object_get(object, "images")),
		      "[{\"kind\":\"softdevice_bootloader\",\"bytes\":5000,\"skipped\":true},"
		      "{\"kind\":\"application\",\"bytes\":1000}]\n");
	json_decref(object);
}

static void a_failure_tells_all_it_knows(void **state)
{
	struct session_result result = {
		.status = SESSION_REFUSED_BY_DEVICE,
		.exit_status = 5,
		.device = "C0:FF:EE:00:00:01",
		.failure = { .code = OTADFU_E_REJECTED,
			     .detail = 5,
			     .text = "hash does not match",
			     .hint = "another package",
			     .phase = "validate" },
	};

	(void)state;
	assert_writes(json_line_result(&result, NULL),
		      "{\"event\":\"result\",\"device\":\"C0:FF:EE:00:00:01\","
		      "\"status\":\"refused_by_device\",\"exit\":5,\"transport\":null,"
		      "\"images\":[],\"bytes\":0,"
		      "\"seconds\":0.0,\"bytes_per_second\":0,\"connections\":0,"
		      "\"resent_bytes\":0,"
		      "\"mode_before\":null,\"address_before\":null,\"address_after\":null,"
		      "\"firmware_before\":null,\"firmware_after\":null,"
		      "\"error\":{\"code\":\"rejected\","
		      "\"phase\":\"validate\",\"detail\":5,\"text\":\"hash does not match\","
		      "\"hint\":\"another package\"}}\n");
}

static void an_early_failure_has_neither_device_nor_phase(void **state)
{
	const struct session_result result = {
		.status = SESSION_FAILED,
		.exit_status = 4,
		.failure = { .code = OTADFU_E_PERMISSION },
	};

	(void)state;
	assert_writes(json_line_result(&result, NULL),
		      "{\"event\":\"result\",\"device\":null,\"status\":\"failed\",\"exit\":4,"
		      "\"transport\":null,"
		      "\"images\":[],\"bytes\":0,\"seconds\":0.0,\"bytes_per_second\":0,"
		      "\"connections\":0,\"resent_bytes\":0,"
		      "\"mode_before\":null,\"address_before\":null,\"address_after\":null,"
		      "\"firmware_before\":null,\"firmware_after\":null,"
		      "\"error\":{\"code\":\"permission\","
		      "\"phase\":null,\"detail\":0,\"text\":\"permission denied\","
		      "\"hint\":null}}\n");
}

int main(void)
{
	static const struct CMUnitTest tests[] = {
		cmocka_unit_test(foreign_bytes_become_valid_json),
		cmocka_unit_test(nothing_is_null),
		cmocka_unit_test(a_phase_names_device_image_and_phase),
		cmocka_unit_test(progress_counts_bytes),
		cmocka_unit_test(notes_are_not_for_machines),
		cmocka_unit_test(a_success_has_no_error),
		cmocka_unit_test(what_the_device_had_already_is_told),
		cmocka_unit_test(a_failure_tells_all_it_knows),
		cmocka_unit_test(an_early_failure_has_neither_device_nor_phase),
	};

	return cmocka_run_group_tests_name("cli_json", tests, NULL, NULL);
}
