#include "link.h"

#include "att_words.h"
#include "failure.h"

#include <string.h>

enum {
	/* A link that goes without a word from gatttool is asked for so often. */
	PROBE_MS = 500,
	/* After 30 s gatttool answers for the peer, and its bearer is dead from then on (Core
	 * Specification, Vol 3, Part F, 3.3.3). A little less: asked_ms is when the typing began.
	 */
	GIVEN_UP_MS = 29500
};

static const struct request_kind {
	enum event_kind answer;
	const char *what;
} requests[] = {
	[REQUEST_MTU] = { EVENT_MTU, "MTU exchange" },
	[REQUEST_SERVICES] = { EVENT_SERVICE, "search for services" },
	[REQUEST_CHARACTERISTICS] = { EVENT_CHARACTERISTIC, "search for characteristics" },
	[REQUEST_DESCRIPTORS] = { EVENT_DESCRIPTOR, "search for descriptors" },
	[REQUEST_READ] = { EVENT_READ, "read" },
	[REQUEST_WRITE] = { EVENT_WRITTEN, "write" },
};

/* --- what gatttool says --- */

static void keep_text(char kept[LINK_TEXT_MAX], const char *text)
{
	snprintf(kept, LINK_TEXT_MAX, "%s", text);
}

static void answer_mark(struct otadfu_link *link)
{
	if (link->marks > 0)
		link->marks--;
	/* A list that the loss cut off has no end. */
	if (link->listed && !link->gone)
		link->awaited = REQUEST_NONE;
	link->listed = false;
}

/* What was listed before goes when the list is asked for anew. */
static void begin_list(struct otadfu_link *link, enum request request)
{
	if (request == REQUEST_SERVICES)
		link->service_count = 0;
	if (request == REQUEST_CHARACTERISTICS)
		link->characteristic_count = 0;
	link->cccd = 0;
	link->too_many = false;
	link->listed = false;
}

static void keep_service(struct otadfu_link *link, const struct event *event)
{
	link->too_many |= link->service_count == LINK_SERVICES_MAX;
	if (!link->too_many)
		link->services[link->service_count++] = (struct service){ .start = event->handle,
									  .end = event->end,
									  .uuid = event->uuid };
}

static void keep_characteristic(struct otadfu_link *link, const struct event *event)
{
	const struct characteristic *last =
		link->characteristic_count > 0
			? &link->characteristics[link->characteristic_count - 1]
			: NULL;

	/* A value's handle is its id: it must be one, and nobody else's. */
	if (event->value_handle <= (last ? last->value : 0))
		return;
	link->too_many |= link->characteristic_count == LINK_CHARACTERISTICS_MAX;
	if (!link->too_many)
		link->characteristics[link->characteristic_count++] =
			(struct characteristic){ .declaration = event->handle,
						 .uuid = event->uuid,
						 .value = event->value_handle,
						 .props = event->props };
}

static void keep_descriptor(struct otadfu_link *link, const struct event *event)
{
	static const struct otadfu_uuid cccd = { { 0, 0, 0x29, 0x02, 0, 0, 0x10, 0, 0x80, 0, 0,
						   0x80, 0x5F, 0x9B, 0x34, 0xFB } };

	if (link->cccd == 0 && memcmp(&event->uuid, &cccd, sizeof(cccd)) == 0)
		link->cccd = event->handle;
}

/* Lists come in one go, and nothing marks their end but what is typed behind their beginning. */
static void keep_item(struct otadfu_link *link, const struct event *event)
{
	switch (event->kind) {
	case EVENT_SERVICE:
		keep_service(link, event);
		break;
	case EVENT_CHARACTERISTIC:
		keep_characteristic(link, event);
		break;
	default:
		keep_descriptor(link, event);
		break;
	}
	if (!link->listed)
		link_mark(link);
	link->listed = true;
}

static void keep_answer(struct otadfu_link *link, const struct event *event)
{
	struct reply *reply = &link->reply;

	link->awaited = REQUEST_NONE;
	reply->mtu = event->mtu;
	reply->len = event->len;
	if (event->len > 0)
		memcpy(reply->value, event->value,
		       event->len < ATT_VALUE_MAX ? event->len : ATT_VALUE_MAX);
}

uint8_t link_att_error(const struct otadfu_link *link)
{
	return att_error_of_words(link->reply.text);
}

/* gatttool answers for a peer that is being lost, too, before it tells of the loss. */
static bool may_be_loss(const struct otadfu_link *link)
{
	return link->reply.refused && link_att_error(link) == ATT_E_UNLIKELY;
}

static void keep_error(struct otadfu_link *link, const struct event *event)
{
	keep_text(link->said, event->text);
	link->failed = true;
	if (link->awaited == REQUEST_NONE)
		return;
	link->awaited = REQUEST_NONE;
	link->reply.refused = true;
	keep_text(link->reply.text, event->text);
}

static void on_event(void *user, const struct event *event)
{
	struct otadfu_link *link = user;

	switch (event->kind) {
	case EVENT_CONNECTED:
		link->connected = true;
		break;
	case EVENT_VALUE:
		notifyq_push(link->values, event->handle, event->value, event->len);
		break;
	case EVENT_GARBLED:
		notifyq_lose(link->values);
		break;
	case EVENT_MARK:
		answer_mark(link);
		break;
	case EVENT_NO_LINK:
		link->gone |= link->connected;
		answer_mark(link);
		break;
	case EVENT_LOST:
		link->gone |= link->connected;
		break;
	case EVENT_ERROR:
		keep_error(link, event);
		break;
	case EVENT_OTHER:
		keep_text(link->said, event->text);
		break;
	case EVENT_SERVICE:
	case EVENT_CHARACTERISTIC:
	case EVENT_DESCRIPTOR:
		if (requests[link->awaited].answer == event->kind)
			keep_item(link, event);
		break;
	default:
		if (requests[link->awaited].answer == event->kind)
			keep_answer(link, event);
		break;
	}
}

/* --- waiting --- */

void link_mark(struct otadfu_link *link)
{
	static const char line[] = "mtu\n";

	if (console_type(&link->console, line, sizeof(line) - 1))
		link->marks++;
}

bool link_is_marked(struct otadfu_link *link, void *unused)
{
	(void)unused;
	return link->marks == 0 && link->console.typed_len == 0;
}

static bool is_answered(struct otadfu_link *link, void *unused)
{
	(void)unused;
	return link->awaited == REQUEST_NONE;
}

static bool was_given_up(struct otadfu_ctx *ctx, struct otadfu_link *link)
{
	return is_answered(link, NULL) && may_be_loss(link) &&
	       ctx->host->now_ms(ctx) - link->asked_ms >= GIVEN_UP_MS;
}

/* One look at the terminal; silence asks whether the link still stands. */
static int look(struct otadfu_ctx *ctx, struct otadfu_link *link, uint64_t deadline_ms)
{
	const uint64_t probe_ms = ctx->host->now_ms(ctx) + PROBE_MS;
	const bool asked = !is_answered(link, NULL);
	int result;

	result = console_step(&link->console, ctx, probe_ms < deadline_ms ? probe_ms : deadline_ms,
			      on_event, link);
	/* The time is that of the answer: a busy machine may have slept long over it. */
	link->gone |= link->console.ended || (asked && was_given_up(ctx, link));
	if (result != OTADFU_E_TIMEOUT || probe_ms >= deadline_ms)
		return result;
	if (link->connected && link_is_marked(link, NULL))
		link_mark(link);
	return OTADFU_OK;
}

int link_await(struct otadfu_ctx *ctx, struct otadfu_link *link, link_condition_fn *happened,
	       void *user, uint64_t deadline_ms)
{
	bool late = false;

	for (;;) {
		int result;

		if (happened(link, user))
			return OTADFU_OK;
		if (link->gone)
			return OTADFU_E_DISCONNECTED;
		/* What comes without end does not put off the deadline. */
		if (late)
			return OTADFU_E_TIMEOUT;
		result = look(ctx, link, deadline_ms);
		if (result != OTADFU_OK)
			return result;
		late = ctx->host->now_ms(ctx) >= deadline_ms;
	}
}

int link_check(struct otadfu_ctx *ctx, struct otadfu_link *link)
{
	int result = link->gone ? OTADFU_E_DISCONNECTED : look(ctx, link, 0);

	if (link->gone)
		return link_fail(ctx, link, OTADFU_E_DISCONNECTED, "subscription");
	return result == OTADFU_E_TIMEOUT ? OTADFU_OK : result;
}

int link_fail(struct otadfu_ctx *ctx, const struct otadfu_link *link, int code, const char *what)
{
	switch (code) {
	case OTADFU_E_TIMEOUT:
		return fail_with(ctx, code, 0, "%s: no answer to the %s in time", link->peer, what);
	case OTADFU_E_DISCONNECTED:
		return fail_with(ctx, code, 0, "%s: the link was lost (%s); connect again",
				 link->peer, what);
	default:
		return code;
	}
}

/* --- commands and requests --- */

/* A mark may be answered by nothing but that the link is gone. */
static int await_marks(struct otadfu_ctx *ctx, struct otadfu_link *link, uint64_t deadline_ms)
{
	int result = link_await(ctx, link, link_is_marked, NULL, deadline_ms);

	return result == OTADFU_OK && link->gone ? OTADFU_E_DISCONNECTED : result;
}

int link_command(struct otadfu_ctx *ctx, struct otadfu_link *link, uint64_t deadline_ms,
		 const char *line)
{
	int result = await_marks(ctx, link, deadline_ms);

	if (result == OTADFU_OK && !console_type(&link->console, line, strlen(line)))
		return OTADFU_E_INVALID;
	if (result == OTADFU_OK) {
		link_mark(link);
		result = await_marks(ctx, link, deadline_ms);
	}
	return result == OTADFU_OK ? result : link_fail(ctx, link, result, "write command");
}

static bool is_settled(struct otadfu_link *link, void *unused)
{
	return link_is_marked(link, unused) && is_answered(link, unused);
}

static int await_reply(struct otadfu_ctx *ctx, struct otadfu_link *link, uint64_t deadline_ms)
{
	int result = link_await(ctx, link, is_answered, NULL, deadline_ms);

	if (result != OTADFU_OK || !may_be_loss(link))
		return result;
	link_mark(link);
	return await_marks(ctx, link, deadline_ms);
}

int link_request(struct otadfu_ctx *ctx, struct otadfu_link *link, enum request request,
		 uint64_t deadline_ms, const char *line)
{
	int result = link_await(ctx, link, is_settled, NULL, deadline_ms);

	if (result == OTADFU_OK && !console_type(&link->console, line, strlen(line)))
		return OTADFU_E_INVALID;
	if (result == OTADFU_OK) {
		link->reply.refused = false;
		begin_list(link, request);
		link->asked = link->awaited = request;
		link->asked_ms = ctx->host->now_ms(ctx);
		result = await_reply(ctx, link, deadline_ms);
	}
	return result == OTADFU_OK ? result : link_fail(ctx, link, result, requests[request].what);
}

int link_judge(struct otadfu_ctx *ctx, const struct otadfu_link *link)
{
	const char *what = requests[link->asked].what;
	uint8_t error = link_att_error(link);
	char code[16] = "";

	if (!link->reply.refused)
		return OTADFU_OK;
	if (!att_words_are_refusal(link->reply.text))
		return fail_with(ctx, OTADFU_E_IO, 0, "%s: %s: gatttool says \"%s\"", link->peer,
				 what, link->reply.text);
	if (error)
		snprintf(code, sizeof(code), " (0x%02X)", error);
	return fail_with(ctx, att_error_is_security(error) ? OTADFU_E_SECURITY : OTADFU_E_ATT,
			 error, "%s: the device refused the %s: \"%s\"%s", link->peer, what,
			 link->reply.text, code);
}
