/* The adapter, and what is held between its open and its close. */
#include "blocking.h"
#include "cases.h"
#include "steps.h"

enum { CLOSE_MS = 100, ROUNDS = 20, SETTLE_MS = 20 };

bool case_adapter_name(struct trial *t)
{
	const struct conformance_job *job = t->rig->job;
	struct otadfu_adapter *adapter = NULL;
	struct call call;

	call_begin(&call, &t->rig->task, job->transport->name, job->options);
	t->code = job->transport->open(&call.ctx, "no-such-adapter", &adapter);
	t->why = call.failure;
	if (t->code == OTADFU_OK && adapter)
		job->transport->close(&call.ctx, adapter);
	return expect(t, t->code != OTADFU_OK, "open took an adapter of any name") &&
	       expect(t, t->code == OTADFU_E_NOT_FOUND || t->code == OTADFU_E_CONFIG,
		      "open of an adapter that does not exist: not_found or config was to come, "
		      "not %s",
		      error_name(t->code)) &&
	       expect(t, *t->why.text != '\0', "open said nothing of why it failed") &&
	       note(t, "%.200s", t->why.text);
}

/* What ends on another thread or in another process needs a moment. */
static bool expect_no_growth(struct trial *t, const struct census *before, const char *since)
{
	uint64_t until_ms = in_ms(t, t->rig->job->slack_ms);
	char growth[CENSUS_TEXT_MAX];
	struct census now = census_take();

	while (!census_is_within(&now, before) && now_ms(t) < until_ms) {
		let_pass(t, SETTLE_MS);
		now = census_take();
	}
	census_describe_growth(&now, before, growth);
	return expect(t, *growth == '\0', "%s than %s", growth, since);
}

bool case_close(struct trial *t)
{
	struct rig *rig = t->rig;
	uint32_t slack_ms = rig->job->slack_ms;
	uint32_t limit_ms = slack_ms > CLOSE_MS ? slack_ms : CLOSE_MS;
	struct failure why = { 0 };
	uint64_t took_ms = now_ms(t);
	bool kept;

	rig_close(rig);
	took_ms = now_ms(t) - took_ms;
	kept = expect(t, took_ms <= limit_ms, "close took %u ms, %u being allowed",
		      (unsigned)took_ms, limit_ms) &&
	       expect_no_growth(t, &rig->before_open, "before the adapter was opened");
	return expect(t, rig_open(rig, &why) == OTADFU_OK, "open after close: %.200s", why.text) &&
	       kept;
}

/* --- twenty links of all kinds --- */

static bool use_in_full(struct trial *t)
{
	return begin(t) && subscribe_to(t, SERVICE_BURST) && fill_and_read(t, 10);
}

static bool leave_a_request(struct trial *t)
{
	if (!blocking_read.prepare(t, 0))
		return false;
	blocking_read.invoke(t, in_ms(t, 1));
	return true;
}

static bool fail_to_connect(struct trial *t)
{
	blocking_connect.invoke(t, in_ms(t, 1));
	return true;
}

static bool just_connect(struct trial *t)
{
	return connect_peer(t) && exchange_mtu(t);
}

bool case_leaks(struct trial *t)
{
	static case_fn *const kinds[] = { just_connect, fail_to_connect, just_connect,
					  use_in_full,  just_connect,    fail_to_connect,
					  just_connect, leave_a_request };
	struct census before = { 0 };

	for (size_t i = 0; i < ROUNDS + 2; i++) {
		/* The first of each kind may set up what stays. */
		if (i == 2)
			before = census_take();
		if (!(i < 2 ? use_in_full : kinds[i % (sizeof(kinds) / sizeof(kinds[0]))])(t))
			return false;
		do_disconnect(t);
	}
	return expect_no_growth(t, &before, "20 links before");
}

bool case_close_on_exec(struct trial *t)
{
	size_t more;

	if (!begin(t))
		return false;
	more = census_take().inheritable - t->rig->before_open.inheritable;
	return expect(t, more == 0, "%zu descriptors are not close-on-exec", more);
}
