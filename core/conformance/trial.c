#include "trial.h"

#include "clock.h"

#include <stdarg.h>
#include <stdio.h>

/* Fills a ret_ argument before a call: no transport gives these. */
enum { UNTOUCHED16 = 0xA5C3 };
static const size_t untouched_size = SIZE_MAX - UNTOUCHED16;

/* --- the adapter --- */

int rig_open(struct rig *rig, struct failure *why)
{
	const struct conformance_job *job = rig->job;
	int r;

	rig->before_open = census_take();
	call_begin(&rig->open_call, &rig->task, job->transport->name, job->options);
	r = job->transport->open(&rig->open_call.ctx, job->adapter, &rig->adapter);
	if (r == OTADFU_OK)
		return OTADFU_OK;
	rig->adapter = NULL;
	return call_explain(&rig->open_call, r, why);
}

void rig_close(struct rig *rig)
{
	if (rig->adapter)
		rig->job->transport->close(&rig->open_call.ctx, rig->adapter);
	rig->adapter = NULL;
}

/* --- time --- */

uint64_t now_ms(const struct trial *t)
{
	return task_now_ms(&t->rig->task);
}

uint64_t in_ms(const struct trial *t, uint32_t ms)
{
	return now_ms(t) + ms;
}

void let_pass(const struct trial *t, uint32_t ms)
{
	task_wait(&t->rig->task, in_ms(t, ms));
}

/* --- expectations --- */

static void set_text(struct trial *t, enum conformance_verdict verdict, const char *format,
		     va_list args) __attribute__((format(printf, 3, 0)));

static void set_text(struct trial *t, enum conformance_verdict verdict, const char *format,
		     va_list args)
{
	t->finding.verdict = verdict;
	vsnprintf(t->finding.text, sizeof(t->finding.text), format, args);
}

bool expect(struct trial *t, bool holds, const char *format, ...)
{
	va_list args;

	if (holds)
		return true;
	va_start(args, format);
	set_text(t, CONFORMANCE_FAILED, format, args);
	va_end(args);
	return false;
}

bool expect_code(struct trial *t, int wanted, const char *what)
{
	const char *said = t->why.text;

	return expect(t, t->code == wanted, "%s: %s was to come, not %s%s%.160s", what,
		      error_name(wanted), error_name(t->code), *said ? ": " : "", said);
}

bool expect_prompt(struct trial *t, uint32_t extra_ms)
{
	uint32_t limit_ms = t->rig->job->slack_ms + extra_ms;

	t->due_ms = 0;
	return expect(t, t->finding.worst_ms <= limit_ms, "ended too late, %u ms being allowed",
		      limit_ms);
}

bool skip(struct trial *t, const char *format, ...)
{
	va_list args;

	va_start(args, format);
	set_text(t, CONFORMANCE_SKIPPED, format, args);
	va_end(args);
	return false;
}

bool note(struct trial *t, const char *format, ...)
{
	va_list args;

	va_start(args, format);
	set_text(t, CONFORMANCE_OK, format, args);
	va_end(args);
	return true;
}

/* --- operations --- */

static void begin_call(struct trial *t, struct call *call)
{
	const struct conformance_job *job = t->rig->job;

	call_begin(call, &t->rig->task, job->transport->name, job->options);
	t->began_ms = now_ms(t);
}

static void measure(struct trial *t)
{
	uint64_t from_ms = t->due_ms > t->began_ms ? t->due_ms : t->began_ms;

	t->ended_ms = now_ms(t);
	if (t->due_ms == 0 || t->ended_ms < t->due_ms)
		return;
	t->finding.timed = true;
	if (t->ended_ms - from_ms > t->finding.worst_ms)
		t->finding.worst_ms = t->ended_ms - from_ms;
}

/* written: a ret_ argument is not what it was. */
static int end_call(struct trial *t, const struct call *call, const char *verb, int code,
		    bool written)
{
	char *touched = t->rig->touched;

	measure(t);
	t->code = code;
	t->why = call->failure;
	if (code != OTADFU_OK && written && *touched == '\0')
		snprintf(touched, sizeof(t->rig->touched), "%s that returned %s wrote its result",
			 verb, error_name(code));
	return code;
}

const struct otadfu_link_ops *link_ops(const struct trial *t)
{
	return t->rig->job->transport->link;
}

static int end_connect(struct trial *t, struct call *call, const char *verb, int code,
		       struct otadfu_link *link, bool written)
{
	if (code == OTADFU_OK && !link)
		code = failure_set(&call->failure, OTADFU_E_INVALID, 0, "it made no link");
	if (code == OTADFU_OK)
		t->link = link;
	return end_call(t, call, verb, code, written || link);
}

int try_connect(struct trial *t, const struct otadfu_addr *peer, uint64_t deadline_ms)
{
	struct otadfu_link *link = NULL;
	struct call call;
	int code;

	begin_call(t, &call);
	code = t->rig->job->transport->connect(&call.ctx, t->rig->adapter, peer, &link,
					       deadline_ms);
	return end_connect(t, &call, "connect", code, link, false);
}

int try_connect_first(struct trial *t, const struct otadfu_addr *peers, size_t count,
		      size_t *ret_index, uint64_t deadline_ms)
{
	struct otadfu_link *link = NULL;
	size_t index = untouched_size;
	struct call call;
	int code;

	begin_call(t, &call);
	code = t->rig->job->transport->connect_first(&call.ctx, t->rig->adapter, peers, count,
						     &link, &index, deadline_ms);
	if (code == OTADFU_OK)
		*ret_index = index;
	return end_connect(t, &call, "connect_first", code, link, index != untouched_size);
}

int try_scan(struct trial *t, otadfu_advert_fn *on_advert, void *user, uint64_t deadline_ms)
{
	struct call call;
	int code;

	begin_call(t, &call);
	code = t->rig->job->transport->scan(&call.ctx, t->rig->adapter, on_advert, user,
					    deadline_ms);
	return end_call(t, &call, "scan", code, false);
}

int try_mtu(struct trial *t, uint16_t wanted, uint16_t *ret_mtu, uint64_t deadline_ms)
{
	uint16_t mtu = UNTOUCHED16;
	struct call call;
	int code;

	begin_call(t, &call);
	code = link_ops(t)->mtu(&call.ctx, t->link, wanted, &mtu, deadline_ms);
	if (code == OTADFU_OK)
		*ret_mtu = mtu;
	return end_call(t, &call, "mtu", code, mtu != UNTOUCHED16);
}

int try_discover(struct trial *t, size_t cap, size_t *ret_count, uint64_t deadline_ms)
{
	size_t count = untouched_size;
	struct call call;
	int code;

	begin_call(t, &call);
	code = link_ops(t)->discover(&call.ctx, t->link, t->chrs, cap, &count, deadline_ms);
	/* The needed count is the one result of a failure. */
	if (code == OTADFU_OK && count > cap)
		code = failure_set(&call.failure, OTADFU_E_INVALID, 0,
				   "it told %zu characteristics in room for %zu", count, cap);
	if (code == OTADFU_OK || code == OTADFU_E_OVERFLOW)
		*ret_count = count;
	return end_call(t, &call, "discover", code,
			code != OTADFU_E_OVERFLOW && count != untouched_size);
}

/* A length that cannot be would lead the reader past the value. */
static int end_value(struct call *call, int code, size_t cap, size_t len, struct value *ret_value)
{
	if (code != OTADFU_OK)
		return code;
	if (len > cap)
		return failure_set(&call->failure, OTADFU_E_INVALID, 0,
				   "it told %zu bytes in a buffer of %zu", len, cap);
	ret_value->len = len;
	return OTADFU_OK;
}

int try_read(struct trial *t, enum service_chr which, size_t cap, struct value *ret_value,
	     uint64_t deadline_ms)
{
	size_t len = untouched_size;
	struct call call;
	int code;

	begin_call(t, &call);
	code = link_ops(t)->read(&call.ctx, t->link, t->ids[which], ret_value->data, cap, &len,
				 deadline_ms);
	code = end_value(&call, code, cap, len, ret_value);
	return end_call(t, &call, "read", code, len != untouched_size);
}

int try_write(struct trial *t, enum service_chr which, const uint8_t *data, size_t len,
	      uint64_t deadline_ms)
{
	struct call call;
	int code;

	begin_call(t, &call);
	code = link_ops(t)->write(&call.ctx, t->link, t->ids[which], data, len, deadline_ms);
	return end_call(t, &call, "write", code, false);
}

int try_write_cmd(struct trial *t, enum service_chr which, const uint8_t *data, size_t len,
		  uint64_t deadline_ms)
{
	struct call call;
	int code;

	begin_call(t, &call);
	code = link_ops(t)->write_cmd(&call.ctx, t->link, t->ids[which], data, len, deadline_ms);
	return end_call(t, &call, "write_cmd", code, false);
}

int try_subscribe(struct trial *t, enum service_chr which, uint64_t deadline_ms)
{
	struct call call;
	int code;

	begin_call(t, &call);
	code = link_ops(t)->subscribe(&call.ctx, t->link, t->ids[which], deadline_ms);
	return end_call(t, &call, "subscribe", code, false);
}

int try_wait(struct trial *t, enum service_chr which, size_t cap, struct value *ret_value,
	     uint64_t deadline_ms)
{
	size_t len = untouched_size;
	struct call call;
	int code;

	begin_call(t, &call);
	code = link_ops(t)->wait(&call.ctx, t->link, t->ids[which], ret_value->data, cap, &len,
				 deadline_ms);
	code = end_value(&call, code, cap, len, ret_value);
	return end_call(t, &call, "wait", code, len != untouched_size);
}

int try_wait_gone(struct trial *t, uint64_t deadline_ms)
{
	struct call call;
	int code;

	begin_call(t, &call);
	code = link_ops(t)->wait_gone(&call.ctx, t->link, deadline_ms);
	return end_call(t, &call, "wait_gone", code, false);
}

void do_disconnect(struct trial *t)
{
	struct call call;

	if (!t->link)
		return;
	begin_call(t, &call);
	link_ops(t)->disconnect(&call.ctx, t->link);
	t->link = NULL;
	end_call(t, &call, "disconnect", OTADFU_OK, false);
}
