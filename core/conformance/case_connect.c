/* Links: how they begin and end. */
#include "blocking.h"
#include "cases.h"
#include "steps.h"

#include "target.h"

enum { DISCONNECT_MS = 100, FORGET_MS = 1000, SCAN_RESULT = 7 };

bool case_connect(struct trial *t)
{
	struct service_log log;

	return begin(t) && read_log(t, &log) &&
	       note(t, "MTU %u, %zu characteristics", t->mtu, t->chr_count);
}

bool case_again(struct trial *t)
{
	struct service_log first, second;

	return begin(t) && read_log(t, &first) && reconnect(t) && read_log(t, &second) &&
	       expect(t, second.connections == (uint16_t)(first.connections + 1),
		      "the peer counts %d connections for one",
		      second.connections - first.connections) &&
	       fill_and_read(t, 10);
}

bool case_absent(struct trial *t)
{
	struct otadfu_addr nobody = absent_peer(t);

	try_connect(t, &nobody, in_ms(t, BLOCK_MS));
	return expect_code(t, OTADFU_E_TIMEOUT, "connect to an absent peer") && begin(t);
}

bool case_connect_first(struct trial *t)
{
	const struct otadfu_addr peers[] = { absent_peer(t), t->rig->job->peer };
	size_t index = 0;

	if (!blocking_connect_first.prepare(t, 0))
		return false;
	try_connect_first(t, peers, 2, &index, in_ms(t, PATIENCE_MS));
	return expect_code(t, OTADFU_OK, "connect_first") &&
	       expect(t, index == 1, "it told peer %zu, though the other answered", index) &&
	       exchange_mtu(t) && list_characteristics(t) && fill_and_read(t, 10) && reconnect(t);
}

/* --- the end of a link --- */

static bool disconnect_in_time(struct trial *t, const char *when)
{
	uint32_t slack_ms = t->rig->job->slack_ms;
	uint32_t limit_ms = slack_ms > DISCONNECT_MS ? slack_ms : DISCONNECT_MS;

	t->due_ms = now_ms(t);
	do_disconnect(t);
	t->due_ms = 0;
	return expect(t, t->ended_ms - t->began_ms <= limit_ms,
		      "disconnect %s took %u ms, %u being allowed", when,
		      (unsigned)(t->ended_ms - t->began_ms), limit_ms);
}

static bool disconnect_with_request(struct trial *t)
{
	if (!blocking_read.prepare(t, 0))
		return false;
	blocking_read.invoke(t, in_ms(t, BLOCK_MS));
	return disconnect_in_time(t, "with a request outstanding");
}

static bool disconnect_cancelled(struct trial *t)
{
	bool in_time;

	if (!begin(t))
		return false;
	stopper_set(&t->rig->stopper, now_ms(t));
	in_time = disconnect_in_time(t, "of a cancelled task");
	stopper_clear(&t->rig->stopper);
	return in_time;
}

static bool disconnect_lost(struct trial *t)
{
	if (!blocking_wait_gone.prepare(t, BLOCK_MS))
		return false;
	blocking_wait_gone.invoke(t, in_ms(t, LAST_RESORT_MS));
	return disconnect_in_time(t, "of a lost link");
}

bool case_disconnect(struct trial *t)
{
	return begin(t) && disconnect_in_time(t, "") && disconnect_with_request(t) &&
	       disconnect_cancelled(t) && disconnect_lost(t) && begin(t);
}

/* --- the adapter's other verbs --- */

bool case_forget(struct trial *t)
{
	const struct otadfu_transport_ops *ops = t->rig->job->transport;

	if (!ops->forget)
		return skip(t, "it keeps nothing of a peer");
	for (int i = 0; i < 2; i++) {
		struct call call;
		uint64_t began_ms = now_ms(t);

		call_begin(&call, &t->rig->task, ops->name, t->rig->job->options);
		t->code = ops->forget(&call.ctx, t->rig->adapter, &t->rig->job->peer);
		t->why = call.failure;
		if (!expect_code(t, OTADFU_OK, "forget") ||
		    !expect(t, now_ms(t) - began_ms <= FORGET_MS + t->rig->job->slack_ms,
			    "forget took more than %d ms", FORGET_MS))
			return false;
	}
	return begin(t);
}

struct search {
	struct otadfu_addr wanted;
	char name[TARGET_NAME_MAX];
	bool connectable;
};

static int stop_at_peer(void *user, const struct otadfu_advert *advert)
{
	struct search *search = user;

	if (!target_same_addr(&search->wanted, &advert->addr))
		return 0;
	target_advert_name(advert, search->name, sizeof(search->name));
	search->connectable = advert->flags & OTADFU_ADV_CONNECTABLE;
	return SCAN_RESULT;
}

bool case_scan(struct trial *t)
{
	struct search search = { .wanted = t->rig->job->peer };

	if (!blocking_scan.prepare(t, 0))
		return false;
	try_scan(t, stop_at_peer, &search, in_ms(t, PATIENCE_MS));
	if (t->code == OTADFU_OK)
		return expect(t, false, "%d s of scan did not show the peer", PATIENCE_MS / 1000);
	return expect(t, t->code == SCAN_RESULT,
		      "scan returned %s and not what on_advert did%s%.160s", error_name(t->code),
		      *t->why.text ? ": " : "", t->why.text) &&
	       expect(t, search.connectable, "the peer was shown as not connectable") && begin(t);
}
