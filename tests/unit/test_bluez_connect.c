/* From an address to a link over bluetoothd, and what is in the way. */
#include "bluez_bench.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>
#include <sys/eventfd.h>

#include <cmocka.h>

static struct mock_bluez *mock_of(struct bluez_bench *b)
{
	return b->bench->mock;
}

/* bluetoothd has heard of it once. */
static void know_peer(struct bluez_bench *b)
{
	bluez_start(b);
	assert_int_equal(bluez_connect(b, LONG_MS), OTADFU_OK);
	bluez_disconnect(b);
}

static int calls(struct bluez_bench *b, const char *member)
{
	return mock_bluez_calls(mock_of(b), member);
}

/* --- the device's object --- */

static void a_device_that_is_unknown_is_looked_for(void **state)
{
	struct bluez_bench *b = *state;

	bluez_start(b);
	assert_int_equal(bluez_connect(b, LONG_MS), OTADFU_OK);
	bluez_stop(b);
	assert_int_equal(calls(b, "StartDiscovery"), 1);
	assert_int_equal(mock_discovery_count(&b->bench->discovery), 0);
}

static void a_device_that_is_known_is_connected_without_a_scan(void **state)
{
	struct bluez_bench *b = *state;

	know_peer(b);
	assert_int_equal(bluez_connect(b, LONG_MS), OTADFU_OK);
	bluez_stop(b);
	assert_int_equal(calls(b, "StartDiscovery"), 1);
	assert_int_equal(calls(b, "Connect"), 2);
}

static void a_device_that_is_not_there_is_a_timeout(void **state)
{
	static const struct otadfu_addr nobody = { { 1, 2, 3, 4, 5, 6 }, 255, 0 };
	struct bluez_bench *b = *state;

	bluez_start(b);
	assert_refused(bluez_ops()->connect(bluez_ctx(b), b->adapter, &nobody, &b->link,
					    bluez_in_ms(b, SHORT_MS)),
		       b, OTADFU_E_TIMEOUT, "01:02:03:04:05:06 was not seen");
	assert_null(b->link);
}

static void one_of_unknown_type_is_found(void **state)
{
	struct otadfu_addr peer = bluez_peer;
	struct bluez_bench *b = *state;

	peer.type = 255;
	bluez_start(b);
	assert_int_equal(bluez_ops()->connect(bluez_ctx(b), b->adapter, &peer, &b->link,
					      bluez_in_ms(b, LONG_MS)),
			 OTADFU_OK);
}

static void one_of_another_type_is_not_it(void **state)
{
	struct otadfu_addr peer = bluez_peer;
	struct bluez_bench *b = *state;

	peer.type = 0;
	know_peer(b);
	assert_refused(bluez_ops()->connect(bluez_ctx(b), b->adapter, &peer, &b->link,
					    bluez_in_ms(b, LONG_MS)),
		       b, OTADFU_E_NOT_FOUND, "knows C0:FF:EE:00:00:0C as a random address");
}

static void block(struct mock_bluez *mock, void *unused)
{
	(void)unused;
	mock_bluez_set(mock, PEER_PATH, MOCK_DEVICE, "Blocked", "b", 1);
}

static void a_blocked_device_is_not_connected(void **state)
{
	struct bluez_bench *b = *state;

	mock_bluez_react(mock_of(b), "Disconnect", block, NULL);
	know_peer(b);
	assert_refused(bluez_connect(b, LONG_MS), b, OTADFU_E_PERMISSION,
		       "bluetoothctl unblock C0:FF:EE:00:00:0C");
}

/* --- refusals --- */

static void what_bluetoothd_says_becomes_a_code(void **state)
{
	static const struct {
		const char *name;
		const char *text;
		int code;
		const char *said;
	} rows[] = {
		{ MOCK_ERROR("Failed"), "le-connection-abort-by-local", OTADFU_E_TIMEOUT,
		  "did not answer" },
		{ MOCK_ERROR("Failed"), "Software caused connection abort", OTADFU_E_TIMEOUT,
		  "did not answer" },
		{ MOCK_ERROR("Failed"), "br-connection-canceled", OTADFU_E_DISCONNECTED,
		  "made and lost" },
		{ MOCK_ERROR("Failed"), "Operation already in progress", OTADFU_E_BUSY,
		  "another program" },
		{ MOCK_ERROR("InProgress"), "In Progress", OTADFU_E_BUSY, "another program" },
		{ MOCK_ERROR("NotReady"), "Resource Not Ready", OTADFU_E_NOT_FOUND, "power on" },
		{ MOCK_ERROR("Failed"), "le-connection-concurrent-connection-limit", OTADFU_E_BUSY,
		  "no room" },
		{ MOCK_ERROR("AuthenticationFailed"), "no", OTADFU_E_SECURITY, "bond" },
		{ MOCK_ERROR("Failed"), "whatever", OTADFU_E_IO, "journalctl" },
	};
	struct bluez_bench *b = *state;

	know_peer(b);
	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		const struct mock_bluez_fault fault = { .error = rows[i].name,
							.text = rows[i].text };

		bluez_renew(b);
		mock_bluez_set_fault(mock_of(b), "Connect", &fault);
		bluez_run(b);
		assert_refused(bluez_connect(b, LONG_MS), b, rows[i].code, rows[i].said);
		assert_non_null(strstr(b->bench->text, rows[i].text));
	}
}

static void what_was_refused_once_succeeds_then(void **state)
{
	const struct mock_bluez_fault fault = { .error = MOCK_ERROR("Failed"),
						.text = "le-connection-abort-by-local",
						.times = 1 };
	struct bluez_bench *b = *state;

	mock_bluez_set_fault(mock_of(b), "Connect", &fault);
	bluez_start(b);
	assert_int_equal(bluez_connect(b, LONG_MS), OTADFU_E_TIMEOUT);
	assert_int_equal(bluez_connect(b, LONG_MS), OTADFU_OK);
}

/* What the device does while Connect is under way. */
static void come_nearer(struct mock_bluez *mock, void *unused)
{
	(void)unused;
	mock_bluez_set(mock, PEER_PATH, MOCK_DEVICE, "RSSI", "n", -40);
	mock_bluez_changed(mock, PEER_PATH, MOCK_DEVICE, "RSSI");
}

static void come_nearer_soon(struct mock_bluez *mock, void *unused)
{
	mock_bluez_later(mock, SHORT_MS, come_nearer, unused);
}

static void what_else_changes_meanwhile_is_no_loss(void **state)
{
	const struct mock_bluez_fault slow = { .delay_ms = 4 * SHORT_MS };
	struct bluez_bench *b = *state;

	mock_bluez_set_fault(mock_of(b), "Connect", &slow);
	mock_bluez_react(mock_of(b), "StopDiscovery", come_nearer_soon, NULL);
	bluez_start(b);
	assert_int_equal(bluez_connect(b, LONG_MS), OTADFU_OK);
}

static void be_connected(struct mock_bluez *mock, void *unused)
{
	(void)unused;
	mock_bluez_set(mock, PEER_PATH, MOCK_DEVICE, "Connected", "b", 1);
	mock_bluez_changed(mock, PEER_PATH, MOCK_DEVICE, "Connected");
}

static int be_connected_and_fail(struct mock_bluez *mock, sd_bus_message *call, void *unused)
{
	be_connected(mock, unused);
	return sd_bus_reply_method_errorf(call, MOCK_ERROR("Failed"),
					  "le-connection-abort-by-local");
}

static void a_device_that_leaves_at_once_did_answer(void **state)
{
	struct bluez_bench *b = *state;

	mock_bluez_add_method(mock_of(b), MOCK_DEVICE, "Connect", "", be_connected_and_fail, NULL);
	bluez_start(b);
	assert_refused(bluez_connect(b, LONG_MS), b, OTADFU_E_DISCONNECTED, "made and lost");
}

/* The host's clock passes the deadline, and who waits notices. */
static void let_time_pass(struct mock_bluez *mock, void *user)
{
	struct bench *bench = user;

	bench->skipped_ms += LONG_MS;
	mock_bluez_changed(mock, PEER_PATH, MOCK_DEVICE, "RSSI");
}

static void an_attempt_that_lasts_too_long_is_called_off(void **state)
{
	struct bluez_bench *b = *state;

	mock_radio_habits(b->radio)->out_of_reach = true;
	mock_bluez_react(mock_of(b), "Connect", let_time_pass, b->bench);
	bluez_start(b);
	assert_refused(bluez_connect(b, LONG_MS), b, OTADFU_E_TIMEOUT, "did not answer");
	bluez_stop(b);
	assert_int_equal(calls(b, "Connect"), 1);
	assert_int_equal(calls(b, "Disconnect"), 1);
}

static void cancel(struct mock_bluez *mock, void *user)
{
	(void)mock;
	assert_int_equal(eventfd_write(((struct bluez_bench *)user)->bench->cancel_fd, 1), 0);
}

static void a_cancelled_attempt_is_called_off(void **state)
{
	struct bluez_bench *b = *state;

	mock_radio_habits(b->radio)->out_of_reach = true;
	mock_bluez_react(mock_of(b), "Connect", cancel, b);
	bluez_start(b);
	assert_int_equal(bluez_connect(b, LONG_MS), OTADFU_E_CANCELLED);
	bluez_stop(b);
	assert_int_equal(calls(b, "Disconnect"), 1);
}

/* --- links that are there already --- */

static void connect_by_itself(struct mock_bluez *mock, void *user)
{
	(void)mock;
	mock_radio_connect(user, 0);
}

/* Somebody else has connected it before. */
static void with_a_link_of_before(struct bluez_bench *b)
{
	mock_bluez_later(mock_of(b), 0, connect_by_itself, b->radio);
	bluez_start(b);
}

static void a_link_that_nobody_uses_is_made_anew(void **state)
{
	struct bluez_bench *b = *state;

	with_a_link_of_before(b);
	assert_int_equal(bluez_connect(b, LONG_MS), OTADFU_OK);
	assert_non_null(strstr(b->bench->log, "connecting anew"));
	bluez_stop(b);
	/* The second is the end of ours. */
	assert_int_equal(calls(b, "Disconnect"), 2);
	assert_int_equal(calls(b, "Connect"), 1);
}

static void a_link_that_another_program_uses_is_left_alone(void **state)
{
	struct bluez_bench *b = *state;
	struct otadfu_link *first;

	bluez_start(b);
	bluez_begin(b);
	assert_int_equal(bluez_subscribe(b, ECHO), OTADFU_OK);
	first = b->link;
	assert_refused(bluez_connect(b, 10 * SHORT_MS), b, OTADFU_E_BUSY,
		       "another program uses its services");
	b->link = first;
	bluez_stop(b);
	/* Our own, at the end. */
	assert_int_equal(calls(b, "Disconnect"), 1);
}

static void a_link_that_another_program_holds_is_left_alone(void **state)
{
	struct bluez_bench *b = *state;

	mock_radio_habits(b->radio)->never_resolves = true;
	with_a_link_of_before(b);
	assert_refused(bluez_connect(b, 10 * SHORT_MS), b, OTADFU_E_BUSY,
		       "another program (gatttool?) holds the link");
	bluez_stop(b);
	assert_int_equal(calls(b, "Disconnect"), 0);
}

static void a_link_that_ends_late_is_waited_for(void **state)
{
	struct bluez_bench *b = *state;

	mock_radio_habits(b->radio)->disconnect_ms = 4 * SHORT_MS;
	bluez_start(b);
	bluez_begin(b);
	assert_int_equal(bluez_subscribe(b, ECHO), OTADFU_OK);
	bluez_disconnect(b);
	bluez_begin(b);
}

static void services_that_are_never_found_out_are_a_timeout(void **state)
{
	struct bluez_bench *b = *state;
	size_t count;

	mock_radio_habits(b->radio)->never_resolves = true;
	bluez_start(b);
	assert_int_equal(bluez_connect(b, LONG_MS), OTADFU_OK);
	assert_refused(bluez_ops()->link->discover(bluez_ctx(b), b->link, b->chrs, CHRS_MAX, &count,
						   bluez_in_ms(b, SHORT_MS)),
		       b, OTADFU_E_TIMEOUT, "another program (gatttool?)");
}

/* --- forget --- */

static void a_forgotten_device_is_looked_for_again(void **state)
{
	struct bluez_bench *b = *state;

	know_peer(b);
	bluez_in_ms(b, 0);
	assert_int_equal(bluez_ops()->forget(bluez_ctx(b), b->adapter, &bluez_peer), OTADFU_OK);
	assert_int_equal(bluez_ops()->forget(bluez_ctx(b), b->adapter, &bluez_peer), OTADFU_OK);
	assert_int_equal(bluez_connect(b, LONG_MS), OTADFU_OK);
	bluez_stop(b);
	assert_int_equal(calls(b, "RemoveDevice"), 1);
	assert_int_equal(calls(b, "StartDiscovery"), 2);
}

int main(void)
{
	static const struct CMUnitTest tests[] = {
		ON_BLUEZ(a_device_that_is_unknown_is_looked_for),
		ON_BLUEZ(a_device_that_is_known_is_connected_without_a_scan),
		ON_BLUEZ(a_device_that_is_not_there_is_a_timeout),
		ON_BLUEZ(one_of_unknown_type_is_found),
		ON_BLUEZ(one_of_another_type_is_not_it),
		ON_BLUEZ(a_blocked_device_is_not_connected),
		ON_BLUEZ(what_bluetoothd_says_becomes_a_code),
		ON_BLUEZ(what_was_refused_once_succeeds_then),
		ON_BLUEZ(what_else_changes_meanwhile_is_no_loss),
		ON_BLUEZ(a_device_that_leaves_at_once_did_answer),
		ON_BLUEZ(an_attempt_that_lasts_too_long_is_called_off),
		ON_BLUEZ(a_cancelled_attempt_is_called_off),
		ON_BLUEZ(a_link_that_nobody_uses_is_made_anew),
		ON_BLUEZ(a_link_that_another_program_uses_is_left_alone),
		ON_BLUEZ(a_link_that_another_program_holds_is_left_alone),
		ON_BLUEZ(a_link_that_ends_late_is_waited_for),
		ON_BLUEZ(services_that_are_never_found_out_are_a_timeout),
		ON_BLUEZ(a_forgotten_device_is_looked_for_again),
	};

	if (!private_bus_is_possible())
		return 77;
	return cmocka_run_group_tests_name("bluez_connect", tests, NULL, NULL);
}
