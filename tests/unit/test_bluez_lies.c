/* A bluetoothd that says what makes no sense, changes its objects, or is talked to by many. */
#include "bluez_bench.h"

#include <pthread.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

enum { DUPLICATES = 26 };

#define SERVICE_PATH PEER_PATH "/service0100"

static struct mock_bluez *mock_of(struct bluez_bench *b)
{
	return b->bench->mock;
}

static size_t count_discovered(struct bluez_bench *b)
{
	bluez_disconnect(b);
	bluez_begin(b);
	return b->chr_count;
}

static void add_nonsense(struct mock_bluez *mock, void *unused)
{
	static const char uuid[] = "00002a00-0000-1000-8000-00805f9b34fb";

	(void)unused;
	/* No UUID; of no service; of a UUID that is none; below another characteristic. */
	mock_bluez_set(mock, PEER_PATH "/service0001/char0f01", MOCK_CHARACTERISTIC, "MTU", "q", 9);
	mock_bluez_set(mock, SERVICE_PATH "/char0f02", MOCK_CHARACTERISTIC, "UUID", "s", uuid);
	mock_bluez_set(mock, PEER_PATH "/service0001/char0f03", MOCK_CHARACTERISTIC, "UUID", "s",
		       "2a00");
	mock_bluez_set(mock, PEER_PATH "/service0001/charffff0", MOCK_CHARACTERISTIC, "UUID", "s",
		       uuid);
	/* A service that is none; types that are not what they should be. */
	mock_bluez_set(mock, PEER_PATH "/service0001/char0f04", MOCK_SERVICE, "UUID", "s", uuid);
	mock_bluez_set(mock, PEER_PATH "/service0001/char0f05", MOCK_CHARACTERISTIC, "UUID", "u",
		       1u);
}

static void objects_that_make_no_sense_are_left_out(void **state)
{
	struct bluez_bench *b = *state;
	size_t before;

	bluez_start(b);
	before = count_discovered(b);
	bluez_renew(b);
	mock_bluez_react(mock_of(b), "Connect", add_nonsense, NULL);
	bluez_run(b);
	assert_int_equal(count_discovered(b), before);
}

static void duplicate(struct mock_bluez *mock, void *unused)
{
	static const char uuid[] = "00002a00-0000-1000-8000-00805f9b34fb";

	(void)unused;
	mock_bluez_set(mock, PEER_PATH "/service0f10", MOCK_SERVICE, "UUID", "s", uuid);
	for (unsigned i = 1; i < DUPLICATES; i++) {
		char path[MOCK_PATH_MAX];

		snprintf(path, sizeof(path), "%s/service0f10/char%04x", PEER_PATH, i);
		mock_bluez_set(mock, path, MOCK_CHARACTERISTIC, "UUID", "s", uuid);
	}
}

static void no_id_is_given_twice(void **state)
{
	struct bluez_bench *b = *state;

	mock_bluez_react(mock_of(b), "Connect", duplicate, NULL);
	bluez_start(b);
	bluez_begin(b);
	for (size_t i = 1; i < b->chr_count; i++)
		assert_true(b->chrs[i].id > b->chrs[i - 1].id);
}

static void emit_nonsense(struct mock_bluez *mock, void *unused)
{
	static const char changed[] = "PropertiesChanged";
	static const char properties[] = "org.freedesktop.DBus.Properties";

	(void)unused;
	mock_bluez_emit(mock, PEER_PATH, properties, changed, "s", MOCK_DEVICE);
	mock_bluez_emit(mock, PEER_PATH, properties, changed, "u", 7u);
	mock_bluez_emit(mock, PEER_PATH, properties, changed, "sa{sv}as", MOCK_DEVICE, 1,
			"Connected", "s", "no", 0);
	mock_bluez_emit(mock, PEER_PATH "/service", properties, changed, "sa{sv}as",
			MOCK_CHARACTERISTIC, 1, "Value", "s", "x", 0);
	mock_bluez_emit(mock, "/", "org.freedesktop.DBus.ObjectManager", "InterfacesRemoved", "s",
			"x");
}

static void signals_that_make_no_sense_are_passed_over(void **state)
{
	static const uint8_t value[] = { 1 };
	struct bluez_bench *b = *state;
	uint8_t data[512];
	size_t len;

	mock_bluez_react(mock_of(b), "StartNotify", emit_nonsense, NULL);
	bluez_start(b);
	bluez_begin(b);
	assert_int_equal(bluez_subscribe(b, ECHO), OTADFU_OK);
	assert_int_equal(bluez_write(b, ECHO, value, sizeof(value)), OTADFU_OK);
	assert_int_equal(bluez_wait(b, ECHO, data, &len, LONG_MS), OTADFU_OK);
	assert_int_equal(len, sizeof(value));
}

static void remove_characteristic(struct mock_bluez *mock, void *user)
{
	mock_bluez_remove(mock, user);
}

static void a_characteristic_that_is_gone_is_told(void **state)
{
	static char path[MOCK_PATH_MAX];
	struct bluez_bench *b = *state;
	uint8_t data[512];
	size_t len;

	mock_bluez_react(mock_of(b), "StartNotify", remove_characteristic, path);
	bluez_start(b);
	bluez_begin(b);
	snprintf(path, sizeof(path), "%s/service%04x/char%04x", PEER_PATH, bluez_id(b, CONTROL) - 1,
		 bluez_id(b, LONG));
	assert_int_equal(bluez_subscribe(b, ECHO), OTADFU_OK);
	assert_refused(bluez_read(b, LONG, data, &len, LONG_MS), b, OTADFU_E_IO,
		       "the device has changed its services");
}

/* --- two at once --- */

enum { ROUNDS = 40 };

struct worker {
	struct bluez_bench *b;
	struct bench own; /* its own host */
	struct otadfu_addr peer;
	pthread_t thread;
	int result;
	unsigned right;
};

static void talk(struct worker *worker, struct otadfu_link *link)
{
	const struct otadfu_link_ops *ops = bluez_ops()->link;
	struct otadfu_ctx *ctx = &worker->own.ctx;
	struct otadfu_chr chrs[CHRS_MAX];
	size_t count = 0;
	uint16_t mtu;

	worker->result = ops->mtu(ctx, link, 247, &mtu, bench_now_ms(&worker->own) + LONG_MS);
	if (worker->result == OTADFU_OK)
		worker->result = ops->discover(ctx, link, chrs, CHRS_MAX, &count,
					       bench_now_ms(&worker->own) + LONG_MS);
	for (uint8_t i = 0; i < ROUNDS && worker->result == OTADFU_OK; i++) {
		uint8_t data[512];
		size_t len = 0;
		uint8_t value[2] = { i, worker->peer.bytes[5] };
		uint16_t echo = 0;

		for (size_t n = 0; n < count; n++) {
			if (chrs[n].uuid.bytes[0] == 0x7C && chrs[n].uuid.bytes[3] == ECHO)
				echo = chrs[n].id;
		}
		worker->result = ops->write(ctx, link, echo, value, sizeof(value),
					    bench_now_ms(&worker->own) + LONG_MS);
		if (worker->result == OTADFU_OK)
			worker->result = ops->read(ctx, link, echo, data, sizeof(data), &len,
						   bench_now_ms(&worker->own) + LONG_MS);
		worker->right += len == 2 && memcmp(data, value, 2) == 0;
	}
}

static void *work(void *user)
{
	struct worker *worker = user;
	struct otadfu_link *link;

	worker->result = bluez_ops()->connect(&worker->own.ctx, worker->b->adapter, &worker->peer,
					      &link, bench_now_ms(&worker->own) + LONG_MS);
	if (worker->result != OTADFU_OK)
		return NULL;
	talk(worker, link);
	bluez_ops()->link->disconnect(&worker->own.ctx, link);
	return NULL;
}

static void two_links_do_not_disturb_each_other(void **state)
{
	struct bluez_bench *b = *state;
	struct worker workers[2];
	struct scenario_device devices[2];
	struct scenario world = *b->scenario;

	for (size_t i = 0; i < 2; i++) {
		devices[i] = b->scenario->devices[0];
		devices[i].config.address.bytes[5] = (uint8_t)(0x0C + i);
		workers[i] = (struct worker){ .b = b, .peer = devices[i].config.address };
		workers[i].own.ctx = b->bench->ctx;
		workers[i].own.cancel_fd = -1;
	}
	world.devices = devices;
	world.device_count = 2;
	mock_radio_free(b->radio);
	b->radio = NULL;
	bench_renew_bus(b->bench, "");
	b->radio = mock_radio_new(mock_of(b), &b->bench->discovery, &world);
	bluez_start(b);
	for (size_t i = 0; i < 2; i++)
		assert_int_equal(pthread_create(&workers[i].thread, NULL, work, &workers[i]), 0);
	for (size_t i = 0; i < 2; i++)
		assert_int_equal(pthread_join(workers[i].thread, NULL), 0);
	bluez_stop(b);
	mock_radio_free(b->radio);
	b->radio = NULL;
	for (size_t i = 0; i < 2; i++) {
		if (workers[i].result != OTADFU_OK)
			fail_msg("%s", workers[i].own.text);
		assert_int_equal(workers[i].right, ROUNDS);
	}
}

int main(void)
{
	static const struct CMUnitTest tests[] = {
		ON_BLUEZ(objects_that_make_no_sense_are_left_out),
		ON_BLUEZ(no_id_is_given_twice),
		ON_BLUEZ(signals_that_make_no_sense_are_passed_over),
		ON_BLUEZ(a_characteristic_that_is_gone_is_told),
		ON_BLUEZ(two_links_do_not_disturb_each_other),
	};

	if (!private_bus_is_possible())
		return 77;
	return cmocka_run_group_tests_name("bluez_lies", tests, NULL, NULL);
}
