/* What the peer sends by itself. */
#include "blocking.h"
#include "cases.h"
#include "steps.h"

#include <string.h>

enum {
	BURST_COUNT = 100,
	QUEUE_COUNT = 32, /* what a transport must be able to keep */
	FLOOD_COUNT = 300,
	BURST_LEN = 20,
	QUIET_MS = 1000, /* after so much silence a burst is over */
	SMALL_CAP = 10,
};

/* Echo is written, and what it notifies left waiting. */
static bool write_echo(struct trial *t, uint8_t number)
{
	try_write(t, SERVICE_ECHO, &number, 1, in_ms(t, PATIENCE_MS));
	return expect_code(t, OTADFU_OK, "write");
}

static bool take_echo(struct trial *t, uint8_t number, const char *what)
{
	struct value value;

	return take_value(t, SERVICE_ECHO, &value) &&
	       expect(t, value.len == 1 && value.data[0] == number, "%s is not what was notified",
		      what);
}

static bool subscribe_again(struct trial *t)
{
	struct service_log before = { 0 };
	struct service_log after = { 0 };

	return read_log(t, &before) && subscribe_to(t, SERVICE_ECHO) && read_log(t, &after) &&
	       expect(t, after.subscriptions > before.subscriptions,
		      "to subscribe for the second time wrote no descriptor");
}

bool case_subscribe(struct trial *t)
{
	if (!begin(t))
		return false;
	try_subscribe(t, SERVICE_LONG, in_ms(t, PATIENCE_MS));
	return expect_code(t, OTADFU_E_UNSUPPORTED, "subscribe to what never notifies") &&
	       subscribe_to(t, SERVICE_ECHO) && write_echo(t, 1) && subscribe_again(t) &&
	       write_echo(t, 2) && take_echo(t, 1, "what waited") &&
	       take_echo(t, 2, "what came after");
}

bool case_wait_unsubscribed(struct trial *t)
{
	struct value value;

	if (!begin(t) || !subscribe_to(t, SERVICE_ECHO))
		return false;
	try_wait(t, SERVICE_BURST, sizeof(value.data), &value, in_ms(t, BLOCK_MS));
	return expect_code(t, OTADFU_E_INVALID, "wait for what is not subscribed");
}

bool case_wait_small(struct trial *t)
{
	static const uint8_t data[BURST_LEN];
	struct value value;

	if (!begin(t) || !subscribe_to(t, SERVICE_ECHO))
		return false;
	for (size_t len = BURST_LEN; len > 0; len -= BURST_LEN / 2) {
		try_write(t, SERVICE_ECHO, data, len, in_ms(t, PATIENCE_MS));
		if (!expect_code(t, OTADFU_OK, "write"))
			return false;
	}
	memset(value.data, 0x5A, sizeof(value.data));
	try_wait(t, SERVICE_ECHO, SMALL_CAP - 1, &value, in_ms(t, PATIENCE_MS));
	if (!expect_code(t, OTADFU_E_OVERFLOW, "wait for 20 bytes with room for 9") ||
	    !expect(t, value.data[SMALL_CAP] == 0x5A, "wait wrote past the end of the buffer"))
		return false;
	try_wait(t, SERVICE_ECHO, SMALL_CAP, &value, in_ms(t, PATIENCE_MS));
	return expect_code(t, OTADFU_OK, "the wait after it") &&
	       expect(t, value.len == BURST_LEN / 2, "the wait after it gave %zu bytes, not %d",
		      value.len, BURST_LEN / 2);
}

/* --- bursts --- */

struct harvest {
	unsigned taken;
	unsigned losses;      /* OVERFLOW was returned */
	unsigned needless;    /* of these, where there was no gap or it had been told */
	unsigned before_loss; /* taken when the first was */
	uint16_t next;        /* the number that is due */
	bool may_skip;        /* a loss was told, and nothing taken since */
};

static bool take_burst(struct trial *t, const struct value *value, struct harvest *harvest)
{
	uint16_t number = 0;

	if (!expect(t,
		    value->len == BURST_LEN && service_is_burst(value->data, value->len, &number),
		    "a notification of %zu bytes came that the peer did not send", value->len) ||
	    !expect(t, number >= harvest->next, "notification %u came after %u", number,
		    harvest->next - 1) ||
	    !expect(t, number == harvest->next || harvest->may_skip,
		    "notification %u came after %u, and no OVERFLOW said so", number,
		    harvest->next - 1))
		return false;
	harvest->needless += harvest->may_skip && number == harvest->next;
	harvest->next = (uint16_t)(number + 1);
	harvest->may_skip = false;
	harvest->taken++;
	return true;
}

/* Everything there is of a burst of count. */
static bool reap(struct trial *t, unsigned count, struct harvest *ret_harvest)
{
	struct harvest harvest = { 0 };
	struct value value;

	while (harvest.next < count) {
		try_wait(t, SERVICE_BURST, sizeof(value.data), &value, in_ms(t, QUIET_MS));
		if (t->code == OTADFU_E_TIMEOUT && harvest.losses > 0)
			break;
		if (t->code == OTADFU_E_OVERFLOW) {
			if (harvest.losses++ == 0)
				harvest.before_loss = harvest.taken;
			harvest.needless += harvest.may_skip;
			harvest.may_skip = true;
			continue;
		}
		if (!expect(t, t->code != OTADFU_E_TIMEOUT,
			    "of %u notifications the last to come was number %d, and no OVERFLOW "
			    "said so",
			    count, harvest.next - 1) ||
		    !expect_code(t, OTADFU_OK, "wait") || !take_burst(t, &value, &harvest))
			return false;
	}
	*ret_harvest = harvest;
	return true;
}

bool case_burst(struct trial *t)
{
	struct harvest harvest;

	return begin(t) && subscribe_to(t, SERVICE_BURST) &&
	       control(t, service_burst(BURST_COUNT, BURST_LEN)) &&
	       reap(t, BURST_COUNT, &harvest) &&
	       note(t, "%u of %d, and OVERFLOW %u times", harvest.taken, BURST_COUNT,
		    harvest.losses);
}

/* The link lies idle until the peer has sent them all. */
static bool let_burst_come(struct trial *t, uint16_t count)
{
	struct service_log log = { 0 };

	if (!subscribe_to(t, SERVICE_BURST) || !control(t, service_burst(count, BURST_LEN)))
		return false;
	while (log.notifications < count) {
		uint16_t before = log.notifications;

		let_pass(t, QUIET_MS / 5);
		if (!read_log(t, &log) ||
		    !expect(t, log.notifications > before, "the peer sent %u notifications of %u",
			    log.notifications, count))
			return false;
	}
	/* An answer may overtake the last of them; the next one comes behind them. */
	let_pass(t, QUIET_MS / 5);
	return read_log(t, &log);
}

bool case_queue(struct trial *t)
{
	struct harvest harvest;

	return begin(t) && let_burst_come(t, QUEUE_COUNT) && reap(t, QUEUE_COUNT, &harvest) &&
	       expect(t, harvest.losses == 0, "of %d that waited one was dropped after %u",
		      QUEUE_COUNT, harvest.before_loss);
}

bool case_overflow(struct trial *t)
{
	struct harvest harvest;

	if (!begin(t) || !let_burst_come(t, FLOOD_COUNT) || !reap(t, FLOOD_COUNT, &harvest))
		return false;
	if (harvest.losses == 0)
		return note(t, "it kept all %d", FLOOD_COUNT);
	return expect(t, harvest.needless == 0, "of %u gaps told %u were none, or told twice",
		      harvest.losses, harvest.needless) &&
	       fill_and_read(t, 10) && note(t, "it kept %u of %d", harvest.taken, FLOOD_COUNT);
}

/* --- indications --- */

bool case_indication(struct trial *t)
{
	struct service_log log = { 0 };

	if (!begin(t) || !subscribe_to(t, SERVICE_INDICATION))
		return false;
	for (uint16_t i = 1; i <= 2; i++) {
		uint64_t until_ms = in_ms(t, QUIET_MS);
		struct value value;

		if (!control(t, service_indicate()) || !take_value(t, SERVICE_INDICATION, &value) ||
		    !expect(t, value.len == 2 && value.data[0] == i, "another value was indicated"))
			return false;
		/* The confirmation may still be on its way. */
		do {
			if (!read_log(t, &log))
				return false;
		} while (log.confirmed < i && now_ms(t) < until_ms);
		if (!expect(t, log.confirmed == i, "of %u indications %u were confirmed", i,
			    log.confirmed))
			return false;
	}
	return true;
}
