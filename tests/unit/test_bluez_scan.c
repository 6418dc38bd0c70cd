/* What a scan tells of devices that bluetoothd is connected to, and which do not advertise then. */
#include "bluez_bench.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

/* A jump ends the first part of a scan, and another the second. */
enum { SCAN_MS = 9000, JUMP_MS = 5000 };

static struct mock_bluez *mock_of(struct bluez_bench *b)
{
	return b->bench->mock;
}

struct sightings {
	struct bench *hurried; /* its clock jumps when somebody else is heard */
	size_t count;
	size_t with_data;
	int16_t rssi_dbm;
	int result; /* ends the scan */
};

static int note(void *user, const struct otadfu_advert *advert)
{
	struct sightings *seen = user;

	if (memcmp(&advert->addr, &bluez_peer, sizeof(bluez_peer)) != 0) {
		if (seen->hurried)
			seen->hurried->skipped_ms += JUMP_MS;
		return 0;
	}
	seen->count++;
	seen->with_data += advert->data_len > 0;
	seen->rssi_dbm = advert->rssi_dbm;
	return seen->result;
}

static int scan(struct bluez_bench *b, struct sightings *seen)
{
	return bluez_ops()->scan(bluez_ctx(b), b->adapter, note, seen, bluez_in_ms(b, SCAN_MS));
}

static char connected[] = "Connected";
static char resolved[] = "ServicesResolved";

/* Not before the peer has the property user, if any. */
static void hear_another(struct mock_bluez *mock, void *user)
{
	char path[MOCK_PATH_MAX];

	if (user && !mock_bluez_is(mock, PEER_PATH, MOCK_DEVICE, user)) {
		mock_bluez_later(mock, 20, hear_another, user);
		return;
	}
	mock_bluez_add_device(mock, "hci0", "00:00:00:00:00:01", "public", path);
	mock_bluez_set(mock, path, MOCK_DEVICE, "RSSI", "n", -50);
	mock_bluez_announce(mock, path);
}

static void hurry(struct bluez_bench *b, struct sightings *seen, char *property)
{
	seen->hurried = b->bench;
	mock_bluez_react(mock_of(b), "StartDiscovery", hear_another, property);
}

static void connect_by_itself(struct mock_bluez *mock, void *radio)
{
	(void)mock;
	mock_radio_connect(radio, 0);
	mock_bluez_set(mock, PEER_PATH, MOCK_DEVICE, "Name", "s", "left");
}

static void a_link_that_nobody_uses_is_a_sighting(void **state)
{
	struct bluez_bench *b = *state;
	struct sightings seen = { 0 };

	mock_bluez_later(mock_of(b), 0, connect_by_itself, b->radio);
	hurry(b, &seen, resolved);
	bluez_start(b);
	assert_int_equal(scan(b, &seen), OTADFU_OK);
	assert_int_equal(seen.count, 1);
	assert_int_equal(seen.with_data, 1);
}

static void its_result_ends_the_scan(void **state)
{
	struct bluez_bench *b = *state;
	struct sightings seen = { .result = OTADFU_E_TIMEOUT };

	mock_bluez_later(mock_of(b), 0, connect_by_itself, b->radio);
	hurry(b, &seen, resolved);
	bluez_start(b);
	assert_int_equal(scan(b, &seen), OTADFU_E_TIMEOUT);
	assert_int_equal(seen.count, 1);
}

static void a_link_that_another_program_holds_is_one_without_name(void **state)
{
	struct bluez_bench *b = *state;
	struct sightings seen = { 0 };

	mock_radio_habits(b->radio)->never_resolves = true;
	mock_bluez_later(mock_of(b), 0, connect_by_itself, b->radio);
	hurry(b, &seen, connected);
	bluez_start(b);
	assert_int_equal(scan(b, &seen), OTADFU_OK);
	assert_int_equal(seen.count, 1);
	assert_int_equal(seen.with_data, 0);
}

static void a_device_that_is_merely_known_is_none(void **state)
{
	struct bluez_bench *b = *state;
	struct sightings seen = { 0 };
	char path[MOCK_PATH_MAX];

	mock_radio_free(b->radio);
	b->radio = NULL;
	bench_renew_bus(b->bench, "");
	mock_bluez_add_device(mock_of(b), "hci0", "C0:FF:EE:00:00:0C", "random", path);
	mock_bluez_set(mock_of(b), path, MOCK_DEVICE, "Connected", "b", 0);
	hurry(b, &seen, NULL);
	bluez_start(b);
	assert_int_equal(scan(b, &seen), OTADFU_OK);
	assert_int_equal(seen.count, 0);
}

static void a_device_that_advertises_is_seen_with_its_signal(void **state)
{
	struct bluez_bench *b = *state;
	struct sightings seen = { .result = 7 };

	bluez_start(b);
	assert_int_equal(scan(b, &seen), 7);
	assert_true(seen.rssi_dbm < 0);
}

int main(void)
{
	static const struct CMUnitTest tests[] = {
		ON_BLUEZ(a_link_that_nobody_uses_is_a_sighting),
		ON_BLUEZ(its_result_ends_the_scan),
		ON_BLUEZ(a_link_that_another_program_holds_is_one_without_name),
		ON_BLUEZ(a_device_that_is_merely_known_is_none),
		ON_BLUEZ(a_device_that_advertises_is_seen_with_its_signal),
	};

	if (!private_bus_is_possible())
		return 77;
	return cmocka_run_group_tests_name("bluez_scan", tests, NULL, NULL);
}
