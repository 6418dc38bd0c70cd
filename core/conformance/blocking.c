#include "blocking.h"

#include "steps.h"

enum { PACKET_LEN = 20 };

uint16_t hold_ms(const struct trial *t)
{
	return (uint16_t)(5 * BLOCK_MS + t->rig->job->slack_ms);
}

uint16_t drop_ms(const struct trial *t)
{
	return (uint16_t)(2 * BLOCK_MS + t->rig->job->slack_ms);
}

/* --- on the way to a link --- */

static bool prepare_nothing(struct trial *t, uint16_t drop_in_ms)
{
	(void)t, (void)drop_in_ms;
	return true;
}

static void invoke_connect(struct trial *t, uint64_t deadline_ms)
{
	struct otadfu_addr nobody = absent_peer(t);

	try_connect(t, &nobody, deadline_ms);
}

const struct blocking blocking_connect = {
	.name = "connect",
	.prepare = prepare_nothing,
	.invoke = invoke_connect,
	.at_deadline = OTADFU_E_TIMEOUT,
	.may_give_up = true,
};

static bool prepare_connect_first(struct trial *t, uint16_t drop_in_ms)
{
	(void)drop_in_ms;
	return t->rig->job->transport->connect_first || skip(t, "it has no connect_first");
}

static void invoke_connect_first(struct trial *t, uint64_t deadline_ms)
{
	struct otadfu_addr nobodies[] = { absent_peer(t), absent_peer(t) };
	size_t index;

	nobodies[1].bytes[5] ^= 1;
	try_connect_first(t, nobodies, 2, &index, deadline_ms);
}

const struct blocking blocking_connect_first = {
	.name = "connect_first",
	.prepare = prepare_connect_first,
	.invoke = invoke_connect_first,
	.at_deadline = OTADFU_E_TIMEOUT,
	.may_give_up = true,
};

static int go_on(void *user, const struct otadfu_advert *advert)
{
	(void)user, (void)advert;
	return 0;
}

static bool prepare_scan(struct trial *t, uint16_t drop_in_ms)
{
	(void)drop_in_ms;
	if (!t->rig->job->transport->scan)
		return skip(t, "it has no scan");
	if (try_scan(t, go_on, NULL, now_ms(t)) == OTADFU_E_UNSUPPORTED)
		return skip(t, "no scan on this machine: %.200s", t->why.text);
	return true;
}

static void invoke_scan(struct trial *t, uint64_t deadline_ms)
{
	try_scan(t, go_on, NULL, deadline_ms);
}

const struct blocking blocking_scan = {
	.name = "scan",
	.prepare = prepare_scan,
	.invoke = invoke_scan,
	.at_deadline = OTADFU_OK,
};

/* --- requests: nobody answers them for a while --- */

/* A new link whose first request is not answered. */
static bool prepare_first_request(struct trial *t, uint16_t drop_in_ms)
{
	if (!begin(t) ||
	    (drop_in_ms &&
	     !control(t, service_drop(SERVICE_NEXT_CONNECTION, drop_in_ms, SERVICE_REASON_USER))) ||
	    !control(t, service_hold(SERVICE_NEXT_CONNECTION, hold_ms(t))))
		return false;
	do_disconnect(t);
	if (!connect_peer(t))
		return false;
	if (drop_in_ms)
		t->due_ms = t->ended_ms + drop_in_ms;
	return true;
}

static void invoke_mtu(struct trial *t, uint64_t deadline_ms)
{
	try_mtu(t, MTU_WANTED, &t->mtu, deadline_ms);
}

/* What the stack beneath has settled is known without asking the peer. */
static bool prepare_mtu(struct trial *t, uint16_t drop_in_ms)
{
	if (!(t->rig->job->transport->caps & OTADFU_TCAP_MTU_EXCHANGE))
		return skip(t, "it claims no MTU_EXCHANGE: nothing is asked of the peer");
	return prepare_first_request(t, drop_in_ms);
}

const struct blocking blocking_mtu = {
	.name = "mtu",
	.prepare = prepare_mtu,
	.invoke = invoke_mtu,
	.at_deadline = OTADFU_E_TIMEOUT,
	.when_gone = OTADFU_E_DISCONNECTED,
};

/* mtu comes before discover, and is not answered either. */
static bool prepare_discover(struct trial *t, uint16_t drop_in_ms)
{
	if (!prepare_first_request(t, drop_in_ms))
		return false;
	try_mtu(t, MTU_WANTED, &t->mtu, in_ms(t, BLOCK_MS / 2));
	return true;
}

static void invoke_discover(struct trial *t, uint64_t deadline_ms)
{
	try_discover(t, TRIAL_CHRS_MAX, &t->chr_count, deadline_ms);
}

const struct blocking blocking_discover = {
	.name = "discover",
	.prepare = prepare_discover,
	.invoke = invoke_discover,
	.at_deadline = OTADFU_E_TIMEOUT,
	.when_gone = OTADFU_E_DISCONNECTED,
};

static bool drop_after(struct trial *t, uint16_t drop_in_ms)
{
	if (drop_in_ms == 0)
		return true;
	if (!control(t, service_drop(SERVICE_NOW, drop_in_ms, SERVICE_REASON_USER)))
		return false;
	t->due_ms = t->ended_ms + drop_in_ms;
	return true;
}

static bool prepare_request(struct trial *t, uint16_t drop_in_ms)
{
	return begin(t) && drop_after(t, drop_in_ms) &&
	       control(t, service_hold(SERVICE_NOW, hold_ms(t)));
}

static void invoke_read(struct trial *t, uint64_t deadline_ms)
{
	struct value value;

	try_read(t, SERVICE_LONG, sizeof(value.data), &value, deadline_ms);
}

const struct blocking blocking_read = {
	.name = "read",
	.prepare = prepare_request,
	.invoke = invoke_read,
	.at_deadline = OTADFU_E_TIMEOUT,
	.when_gone = OTADFU_E_DISCONNECTED,
};

static void invoke_write(struct trial *t, uint64_t deadline_ms)
{
	static const uint8_t value[PACKET_LEN];

	try_write(t, SERVICE_ECHO, value, sizeof(value), deadline_ms);
}

const struct blocking blocking_write = {
	.name = "write",
	.prepare = prepare_request,
	.invoke = invoke_write,
	.at_deadline = OTADFU_E_TIMEOUT,
	.when_gone = OTADFU_E_DISCONNECTED,
};

static void invoke_subscribe(struct trial *t, uint64_t deadline_ms)
{
	try_subscribe(t, SERVICE_BURST, deadline_ms);
}

const struct blocking blocking_subscribe = {
	.name = "subscribe",
	.prepare = prepare_request,
	.invoke = invoke_subscribe,
	.at_deadline = OTADFU_E_TIMEOUT,
	.when_gone = OTADFU_E_DISCONNECTED,
};

/* --- packets, as fast as they are taken --- */

static bool prepare_link(struct trial *t, uint16_t drop_in_ms)
{
	return begin(t) && drop_after(t, drop_in_ms);
}

/* Some time past due_ms at least one call must have met what ends them. */
static void invoke_write_cmd(struct trial *t, uint64_t deadline_ms)
{
	static const uint8_t packet[PACKET_LEN];
	uint64_t until_ms = t->due_ms + t->rig->job->slack_ms + BLOCK_MS;

	while (try_write_cmd(t, SERVICE_ECHO, packet, sizeof(packet), deadline_ms) == OTADFU_OK) {
		if (t->ended_ms > until_ms)
			break;
	}
}

const struct blocking blocking_write_cmd = {
	.name = "write_cmd",
	.prepare = prepare_link,
	.invoke = invoke_write_cmd,
	.at_deadline = OTADFU_E_TIMEOUT,
	.when_gone = OTADFU_E_DISCONNECTED,
	.may_not_block = true,
};

/* --- what the peer does by itself --- */

static bool prepare_wait(struct trial *t, uint16_t drop_in_ms)
{
	return begin(t) && subscribe_to(t, SERVICE_BURST) && drop_after(t, drop_in_ms);
}

static void invoke_wait(struct trial *t, uint64_t deadline_ms)
{
	struct value value;

	try_wait(t, SERVICE_BURST, sizeof(value.data), &value, deadline_ms);
}

const struct blocking blocking_wait = {
	.name = "wait",
	.prepare = prepare_wait,
	.invoke = invoke_wait,
	.at_deadline = OTADFU_E_TIMEOUT,
	.when_gone = OTADFU_E_DISCONNECTED,
};

static void invoke_wait_gone(struct trial *t, uint64_t deadline_ms)
{
	try_wait_gone(t, deadline_ms);
}

const struct blocking blocking_wait_gone = {
	.name = "wait_gone",
	.prepare = prepare_link,
	.invoke = invoke_wait_gone,
	.at_deadline = OTADFU_E_TIMEOUT,
	.when_gone = OTADFU_OK,
};
