/* Links that the peer ends, and what a failure leaves alone. */
#include "blocking.h"
#include "cases.h"
#include "steps.h"

enum {
	RADIO_MS = 100,     /* until the news has come over the air */
	SILENCE_MS = 40000, /* more than the longest supervision timeout, 32 s */
	QUEUED = 3,
};

static bool expect_gone(struct trial *t)
{
	t->due_ms = now_ms(t);
	try_wait_gone(t, in_ms(t, LAST_RESORT_MS));
	return expect_code(t, OTADFU_OK, "wait_gone of a lost link") && expect_prompt(t, RADIO_MS);
}

bool case_drop(struct trial *t)
{
	const struct blocking *blocking = t->subject->blocking;

	if (!blocking->prepare(t, drop_ms(t)))
		return false;
	blocking->invoke(t, in_ms(t, LAST_RESORT_MS));
	return expect_code(t, blocking->when_gone, blocking->name) && expect_prompt(t, RADIO_MS) &&
	       expect_gone(t);
}

bool case_drop_connect(struct trial *t)
{
	uint64_t last_ms;

	if (!begin(t) || !control(t, service_drop(SERVICE_NEXT_CONNECTION, 0, SERVICE_REASON_USER)))
		return false;
	do_disconnect(t);
	last_ms = in_ms(t, PATIENCE_MS);
	try_connect(t, &t->rig->job->peer, last_ms);
	/* A slow kernel tells bluetoothd that no link came about. */
	if (t->code == OTADFU_E_TIMEOUT && t->ended_ms < last_ms)
		note(t, "it is told as if it had not been made");
	else if (t->code != OTADFU_E_DISCONNECTED &&
		 !(expect_code(t, OTADFU_OK, "connect to a peer that leaves at once") &&
		   expect_gone(t)))
		return false;
	do_disconnect(t);
	return begin(t);
}

/* From then on always. */
bool case_gone(struct trial *t)
{
	static const struct blocking *const calls[] = { &blocking_read, &blocking_write,
							&blocking_write_cmd, &blocking_wait,
							&blocking_discover };

	if (!begin(t) || !subscribe_to(t, SERVICE_BURST) ||
	    !control(t, service_drop(SERVICE_NOW, BLOCK_MS, SERVICE_REASON_USER)))
		return false;
	try_wait_gone(t, in_ms(t, LAST_RESORT_MS));
	if (!expect_code(t, OTADFU_OK, "wait_gone"))
		return false;
	try_subscribe(t, SERVICE_ECHO, in_ms(t, LAST_RESORT_MS));
	if (!expect_code(t, OTADFU_E_DISCONNECTED, "subscribe"))
		return false;
	for (size_t i = 0; i < sizeof(calls) / sizeof(calls[0]); i++) {
		t->due_ms = now_ms(t);
		calls[i]->invoke(t, in_ms(t, LAST_RESORT_MS));
		if (!expect_code(t, OTADFU_E_DISCONNECTED, calls[i]->name))
			return false;
	}
	return expect_gone(t);
}

bool case_queued(struct trial *t)
{
	struct value value;

	if (!begin(t) || !subscribe_to(t, SERVICE_ECHO))
		return false;
	for (uint8_t i = 0; i < QUEUED; i++) {
		try_write(t, SERVICE_ECHO, &i, 1, in_ms(t, PATIENCE_MS));
		if (!expect_code(t, OTADFU_OK, "write"))
			return false;
	}
	if (!control(t, service_drop(SERVICE_NOW, BLOCK_MS, SERVICE_REASON_USER)))
		return false;
	try_wait_gone(t, in_ms(t, LAST_RESORT_MS));
	if (!expect_code(t, OTADFU_OK, "wait_gone"))
		return false;
	for (uint8_t i = 0; i < QUEUED; i++) {
		if (!take_value(t, SERVICE_ECHO, &value) ||
		    !expect(t, value.len == 1 && value.data[0] == i,
			    "another value than number %u was handed out", i))
			return false;
	}
	try_wait(t, SERVICE_ECHO, sizeof(value.data), &value, in_ms(t, LAST_RESORT_MS));
	return expect_code(t, OTADFU_E_DISCONNECTED, "wait when all were handed out");
}

bool case_silence(struct trial *t)
{
	uint64_t began_ms;

	if (!begin(t) || !control(t, service_drop(SERVICE_NOW, BLOCK_MS, SERVICE_REASON_SILENT)))
		return false;
	began_ms = now_ms(t);
	try_wait_gone(t, in_ms(t, SILENCE_MS));
	return expect_code(t, OTADFU_OK, "wait_gone of a radio that fell silent") &&
	       note(t, "noticed after %u ms", (unsigned)(t->ended_ms - began_ms));
}

/* Beside what every other case saw of this. */
bool case_untouched(struct trial *t)
{
	const char *touched = t->rig->touched;
	struct value value;

	blocking_connect.invoke(t, now_ms(t));
	if (blocking_mtu.prepare(t, 0))
		blocking_mtu.invoke(t, in_ms(t, 1));
	do_disconnect(t);
	if (!begin(t) || !subscribe_to(t, SERVICE_BURST))
		return false;
	try_read(t, SERVICE_CONTROL, sizeof(value.data), &value, in_ms(t, PATIENCE_MS));
	try_read(t, SERVICE_LONG, 1, &value, in_ms(t, PATIENCE_MS));
	try_wait(t, SERVICE_LONG, sizeof(value.data), &value, now_ms(t));
	try_wait(t, SERVICE_BURST, sizeof(value.data), &value, now_ms(t));
	if (!control(t, service_drop(SERVICE_NOW, BLOCK_MS, SERVICE_REASON_USER)))
		return false;
	try_wait_gone(t, in_ms(t, LAST_RESORT_MS));
	blocking_discover.invoke(t, now_ms(t));
	blocking_read.invoke(t, now_ms(t));
	blocking_wait.invoke(t, now_ms(t));
	return expect(t, *touched == '\0', "%s", touched);
}
