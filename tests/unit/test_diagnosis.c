/* How doctor's findings are told, to people and to programs. */
#include "diagnosis.h"
#include "fake_ways.h"

#include <jansson.h>
#include <otadfu/protocol.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

/* cmocka wants setjmp, stdarg, stddef and stdint first. */
#include <cmocka.h>

static const struct otadfu_addr device = { .type = 1, .bytes = { 0xC0, 0xFF, 0xEE, 0, 0, 1 } };

/* A machine where l2cap would work, bluez would not, and sim does not tell. */
struct scene {
	struct registry *registry;
	struct doctor_finding findings[3];
	struct doctor_transport transports[3];
	struct diagnosis diagnosis;
};

static int set_up(void **state)
{
	struct scene *scene = test_calloc(1, sizeof(*scene));

	scene->registry = ways_load(~(1u << WAY_L2CAP | 1u << WAY_BLUEZ | 1u << WAY_SIM));
	if (!scene->registry)
		return -1;
	scene->findings[0] = (struct doctor_finding){ .subject = "adapter hci0", .text = "ready" };
	scene->findings[1] = (struct doctor_finding){ .subject = "bluetoothd",
						      .text = "does not run",
						      .remedy = "systemctl start bluetooth",
						      .hinders = true };
	scene->findings[2] = (struct doctor_finding){ .subject = "adapter hci0",
						      .text = "connected to it",
						      .remedy = "bluetoothctl disconnect",
						      .hinders = true,
						      .is_of_device = true };
	scene->transports[0] =
		(struct doctor_transport){ .ops = registry_transport(scene->registry, "bluez"),
					   .verdict = DOCTOR_FAILS };
	failure_set(&scene->transports[0].why, OTADFU_E_UNSUPPORTED, 0,
		    "no bluetoothd runs; start it");
	scene->transports[1] =
		(struct doctor_transport){ .ops = registry_transport(scene->registry, "l2cap"),
					   .verdict = DOCTOR_WORKS };
	scene->transports[2] =
		(struct doctor_transport){ .ops = registry_transport(scene->registry, "sim"),
					   .verdict = DOCTOR_SILENT };
	scene->diagnosis = (struct diagnosis){
		.machine = { "Linux 6.1.0 x86_64", "Debian GNU/Linux 12 (bookworm)" },
		.registry = scene->registry,
		.doctor = { .findings = scene->findings,
			    .finding_count = 2,
			    .transports = scene->transports,
			    .transport_count = 3,
			    .choice = scene->transports[1].ops },
	};
	*state = scene;
	return 0;
}

static int tear_down(void **state)
{
	struct scene *scene = *state;

	registry_free(scene->registry);
	test_free(scene);
	return 0;
}

static void ask_about_device(struct scene *scene)
{
	scene->diagnosis.device = &device;
	scene->diagnosis.doctor.finding_count = 3;
	scene->diagnosis.seconds = 5;
}

static void hear(struct scene *scene, uint8_t low, uint32_t mode)
{
	scene->diagnosis.is_heard = true;
	scene->diagnosis.heard = (struct scan_device){ .addr = device,
						       .rssi_dbm = -61,
						       .name = "Thermo",
						       .protocol = "secure",
						       .mode = mode };
	scene->diagnosis.heard.addr.bytes[5] = low;
}

typedef void write_fn(const struct diagnosis *diagnosis, FILE *out);

/* Caller frees. */
static char *write_with(const struct scene *scene, write_fn *write)
{
	char *text = NULL;
	size_t len = 0;
	FILE *out = open_memstream(&text, &len);

	write(&scene->diagnosis, out);
	fclose(out);
	return text;
}

static void assert_part(const struct scene *scene, write_fn *write, const char *part)
{
	char *text = write_with(scene, write);

	if (!strstr(text, part))
		fail_msg("no \"%s\" in:\n%s", part, text);
	free(text);
}

static void a_person_reads_machine_findings_and_transports(void **state)
{
	char *text = write_with(*state, diagnosis_write_machine);
	const char *body = strchr(text, '\n');

	assert_non_null(body);
	assert_int_equal(strncmp(text, "otadfu ", 7), 0);
	assert_string_equal(body + 1, "Linux 6.1.0 x86_64, Debian GNU/Linux 12 (bookworm)\n"
				      "plugins: sim 1.2, l2cap 1.2, bluez 1.2\n"
				      "\n"
				      "  adapter hci0  ready\n"
				      "! bluetoothd    does not run\n"
				      "                try: systemctl start bluetooth\n"
				      "\n"
				      "transports\n"
				      "! bluez       would not: no bluetoothd runs\n"
				      "  l2cap       would work\n"
				      "  sim         does not tell\n"
				      "otadfu would use l2cap.\n");
	free(text);
}

static void a_machine_without_a_way_is_told_so(void **state)
{
	struct scene *scene = *state;

	scene->diagnosis.doctor.choice = NULL;
	assert_part(scene, diagnosis_write_machine, "otadfu has no way to a radio here.\n");
}

static void a_device_that_is_heard_is_described(void **state)
{
	struct scene *scene = *state;

	ask_about_device(scene);
	hear(scene, 1, OTADFU_MODE_APPLICATION);
	assert_part(scene, diagnosis_write_device,
		    "\nC0:FF:EE:00:00:01\n"
		    "! adapter hci0  connected to it\n"
		    "                try: bluetoothctl disconnect\n"
		    "  heard: -61 dBm, Thermo, secure, application\n");
}

static void a_bootloader_one_address_on_points_to_recover(void **state)
{
	struct scene *scene = *state;

	ask_about_device(scene);
	hear(scene, 2, OTADFU_MODE_BOOTLOADER);
	assert_part(scene, diagnosis_write_device, "heard at C0:FF:EE:00:00:02: -61 dBm");
	assert_part(scene, diagnosis_write_device, "try: otadfu recover");
}

static void a_device_that_is_not_heard_gets_an_advice(void **state)
{
	struct scene *scene = *state;

	ask_about_device(scene);
	assert_part(scene, diagnosis_write_device, "! not heard within 5 s\n  try: switch it on");
}

static void that_nothing_could_listen_is_no_silence_of_the_device(void **state)
{
	struct scene *scene = *state;
	char *text;

	ask_about_device(scene);
	failure_set(&scene->diagnosis.listening, OTADFU_E_UNSUPPORTED, 0, "it cannot scan");
	text = write_with(scene, diagnosis_write_device);
	assert_non_null(strstr(text, "not listened for: it cannot scan\n"));
	assert_null(strstr(text, "not heard"));
	free(text);
}

static void what_comes_from_outside_stays_on_its_line(void **state)
{
	struct scene *scene = *state;

	scene->findings[0].text = "rea\ndy\x1b[2J";
	assert_part(scene, diagnosis_write_machine, "  adapter hci0  rea?dy?[2J\n");
}

static json_t *read_object(const struct scene *scene)
{
	char *text = write_with(scene, diagnosis_write_object);
	json_t *object = json_loads(text, 0, NULL);

	if (!object)
		fail_msg("no JSON: %s", text);
	assert_ptr_equal(strchr(text, '\n'), text + strlen(text) - 1);
	free(text);
	return object;
}

static void a_program_reads_one_object(void **state)
{
	struct scene *scene = *state;
	json_t *object;
	const char *subject, *remedy, *verdict, *code;
	int hinders;

	scene->findings[0].text = "rea\ndy\xff";
	object = read_object(scene);
	assert_string_equal(json_string_value(json_object_get(object, "choice")), "l2cap");
	assert_true(json_is_null(json_object_get(object, "device")));
	assert_int_equal(json_array_size(json_object_get(object, "plugins")), 3);
	assert_int_equal(json_array_size(json_object_get(object, "findings")), 2);
	assert_int_equal(json_unpack(json_array_get(json_object_get(object, "findings"), 1),
				     "{s:s,s:s,s:b}", "subject", &subject, "remedy", &remedy,
				     "hinders", &hinders),
			 0);
	assert_string_equal(subject, "bluetoothd");
	assert_string_equal(remedy, "systemctl start bluetooth");
	assert_true(hinders);
	assert_int_equal(json_unpack(json_array_get(json_object_get(object, "transports"), 0),
				     "{s:s,s:{s:s}}", "verdict", &verdict, "error", "code", &code),
			 0);
	assert_string_equal(verdict, "fails");
	assert_string_equal(code, "unsupported");
	json_decref(object);
}

static void a_program_reads_of_the_device(void **state)
{
	struct scene *scene = *state;
	const char *address, *name;
	int blocked, rssi;
	json_t *object;

	ask_about_device(scene);
	hear(scene, 1, OTADFU_MODE_APPLICATION);
	scene->diagnosis.doctor.device_is_blocked = true;
	object = read_object(scene);
	assert_int_equal(json_unpack(object, "{s:{s:s,s:b,s:{s:s,s:i},s:n}}", "device", "address",
				     &address, "blocked", &blocked, "heard", "name", &name, "rssi",
				     &rssi, "error"),
			 0);
	assert_string_equal(address, "C0:FF:EE:00:00:01");
	assert_true(blocked);
	assert_string_equal(name, "Thermo");
	assert_int_equal(rssi, -61);
	json_decref(object);
}

int main(void)
{
#define TEST(fact) cmocka_unit_test_setup_teardown(fact, set_up, tear_down)
	const struct CMUnitTest tests[] = {
		TEST(a_person_reads_machine_findings_and_transports),
		TEST(a_machine_without_a_way_is_told_so),
		TEST(a_device_that_is_heard_is_described),
		TEST(a_bootloader_one_address_on_points_to_recover),
		TEST(a_device_that_is_not_heard_gets_an_advice),
		TEST(that_nothing_could_listen_is_no_silence_of_the_device),
		TEST(what_comes_from_outside_stays_on_its_line),
		TEST(a_program_reads_one_object),
		TEST(a_program_reads_of_the_device),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
