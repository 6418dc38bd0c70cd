/* From an address to a link: one gatttool for each attempt, killed when its time is up. */
#include "adapter.h"
#include "link.h"

#include "failure.h"
#include "lingering.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

enum { ADDRESS_PUBLIC = 0, ADDRESS_RANDOM = 1, ADDRESS_UNKNOWN = 255 };

/* Until gatttool reads what is typed: 0.1 s in an emulated machine, more on a busy one. */
enum { START_MS = 4000 };

static const char *const type_names[] = {
	[ADDRESS_PUBLIC] = "public", [ADDRESS_RANDOM] = "random"
};

/* The errno at the end of gatttool's words, what it means, and what to try. */
static const struct connect_error {
	int number;
	int code;
	const char *advice;
} connect_errors[] = {
	{ EBUSY, OTADFU_E_BUSY,
	  "another program, bluetoothd perhaps, is connected to it or connecting: "
	  "`bluetoothctl disconnect`, or use the transport bluez" },
	{ EMLINK, OTADFU_E_BUSY, "the adapter has no room for another link" },
	{ EHOSTUNREACH, OTADFU_E_NOT_FOUND,
	  "there is no such Bluetooth adapter, or it is down: `hciconfig hci0 up`, `rfkill list`" },
	{ ENETDOWN, OTADFU_E_NOT_FOUND, "the adapter is down: `hciconfig hci0 up`, `rfkill list`" },
	{ ENODEV, OTADFU_E_NOT_FOUND, "the adapter is gone" },
	{ EAFNOSUPPORT, OTADFU_E_UNSUPPORTED,
	  "this kernel has no Bluetooth: `modprobe bluetooth`" },
	{ EPROTONOSUPPORT, OTADFU_E_UNSUPPORTED, "this kernel has no L2CAP" },
	{ EACCES, OTADFU_E_PERMISSION, "may this user use Bluetooth sockets?" },
	{ EPERM, OTADFU_E_PERMISSION, "may this user use Bluetooth sockets?" },
	{ ECONNREFUSED, OTADFU_E_TIMEOUT, NULL }, /* by the kernel, after 41 s without a sign */
	{ ETIMEDOUT, OTADFU_E_TIMEOUT, NULL },
	{ EHOSTDOWN, OTADFU_E_TIMEOUT, NULL },
	{ ECONNRESET, OTADFU_E_DISCONNECTED, "the link was made and lost at once" },
	{ ENOSYS, OTADFU_E_DISCONNECTED, "the device did not answer once it was connected" },
};

static struct otadfu_link *link_new(const struct otadfu_addr *peer)
{
	struct otadfu_link *link = calloc(1, sizeof(*link));
	const uint8_t *b = peer->bytes;

	if (!link)
		return NULL;
	link->values = notifyq_new();
	link->mtu = ATT_MTU_MIN;
	snprintf(link->peer, sizeof(link->peer), "%02X:%02X:%02X:%02X:%02X:%02X", b[0], b[1], b[2],
		 b[3], b[4], b[5]);
	if (link->values)
		return link;
	free(link);
	return NULL;
}

static void link_free(struct otadfu_link *link)
{
	notifyq_free(link->values);
	free(link);
}

/* "... No route to host (113)": 113; 0 when there is no number. */
static int errno_of_words(const char *text)
{
	const char *number = strrchr(text, '(');

	return number ? atoi(number + 1) : 0;
}

static int fail_refused(struct otadfu_ctx *ctx, const struct otadfu_link *link)
{
	int number = errno_of_words(link->said);

	for (size_t i = 0; i < sizeof(connect_errors) / sizeof(connect_errors[0]); i++) {
		const struct connect_error *error = &connect_errors[i];

		if (error->number == number && error->code != OTADFU_E_TIMEOUT)
			return fail_with(ctx, error->code, number, "gatttool: %s; %s", link->said,
					 error->advice);
		if (error->number == number)
			return OTADFU_E_TIMEOUT;
	}
	return fail_with(ctx, OTADFU_E_IO, number, "gatttool: %s", link->said);
}

/* The program could not be run. */
static int fail_spawn(struct otadfu_ctx *ctx, const struct otadfu_adapter *adapter, int number)
{
	int code = number == ENOENT   ? OTADFU_E_NOT_FOUND
		   : number == EACCES ? OTADFU_E_PERMISSION
				      : OTADFU_E_IO;

	return fail_with(ctx, code, number, "%s cannot be started: %s", adapter->program,
			 strerror(number));
}

/* Before anything was asked of the radio. */
static int fail_start(struct otadfu_ctx *ctx, const struct otadfu_adapter *adapter,
		      const struct otadfu_link *link, int result)
{
	static const char instead[] = "try the transport l2cap or bluez instead";

	switch (result) {
	case OTADFU_OK: /* an error came instead of the mark's answer */
		return fail_with(ctx, OTADFU_E_UNSUPPORTED, 0,
				 "%s is too old: \"%s\"; BlueZ 5.66 will do, or %s",
				 adapter->program, link->said, instead);
	case OTADFU_E_DISCONNECTED:
		return fail_with(ctx, OTADFU_E_UNSUPPORTED, 0, "%s ended at once: \"%s\"; %s",
				 adapter->program, link->said, instead);
	case OTADFU_E_TIMEOUT:
		return fail_with(ctx, OTADFU_E_UNSUPPORTED, 0, "%s says nothing; %s",
				 adapter->program, instead);
	default:
		return result;
	}
}

static bool is_started(struct otadfu_link *link, void *unused)
{
	return link->failed || link_is_marked(link, unused);
}

/* The first mark tells that gatttool reads, and whether it knows `mtu` at all. */
static int await_start(struct otadfu_ctx *ctx, const struct otadfu_adapter *adapter,
		       struct otadfu_link *link, uint64_t deadline_ms)
{
	uint64_t start_ms = ctx->host->now_ms(ctx) + START_MS;
	bool had_time = start_ms < deadline_ms;
	int result;

	link_mark(link);
	result = link_await(ctx, link, is_started, NULL, had_time ? start_ms : deadline_ms);
	if (result == OTADFU_OK && !link->failed)
		return OTADFU_OK;
	if (result == OTADFU_E_TIMEOUT && !had_time)
		return result;
	return fail_start(ctx, adapter, link, result);
}

static bool has_result(struct otadfu_link *link, void *unused)
{
	(void)unused;
	return link->connected || link->failed;
}

/* OTADFU_E_TIMEOUT is not recorded: another type may be tried. */
static int await_link(struct otadfu_ctx *ctx, const struct otadfu_adapter *adapter,
		      struct otadfu_link *link, uint8_t type, uint64_t deadline_ms)
{
	char line[64];
	int result;

	snprintf(line, sizeof(line), "connect %s %s\n", link->peer, type_names[type]);
	if (!console_type(&link->console, line, strlen(line)))
		return OTADFU_E_INVALID;
	result = link_await(ctx, link, has_result, NULL, deadline_ms);
	if (result == OTADFU_E_DISCONNECTED)
		return fail_with(ctx, OTADFU_E_IO, 0, "%s ended while connecting: \"%s\"",
				 adapter->program, link->said);
	return result == OTADFU_OK && link->failed ? fail_refused(ctx, link) : result;
}

static int connect_as(struct otadfu_ctx *ctx, const struct otadfu_adapter *adapter,
		      struct otadfu_link *link, uint8_t type, uint64_t deadline_ms)
{
	int result = console_open(&link->console, adapter->program, adapter->name);

	if (result < 0)
		return fail_spawn(ctx, adapter, -result);
	link->marks = 0;
	link->failed = link->gone = false;
	result = await_start(ctx, adapter, link, deadline_ms);
	if (result == OTADFU_OK)
		result = await_link(ctx, adapter, link, type, deadline_ms);
	/* With its socket the kernel's attempt ends. */
	if (result != OTADFU_OK)
		console_kill(&link->console, ctx);
	return result;
}

int link_try_program(struct otadfu_ctx *ctx, const struct otadfu_adapter *adapter)
{
	static const struct otadfu_addr nobody = { 0 };
	struct otadfu_link *link = link_new(&nobody);
	int result;

	if (!link)
		return OTADFU_E_NOMEM;
	result = console_open(&link->console, adapter->program, adapter->name);
	if (result < 0) {
		result = fail_spawn(ctx, adapter, -result);
	} else {
		result = await_start(ctx, adapter, link, UINT64_MAX);
		console_kill(&link->console, ctx);
	}
	link_free(link);
	return result;
}

/*
 * gatttool cannot scan, and a wrong type looks like an absent device. The highest bits of a random
 * address are never 10 (Core Specification, Vol 6, Part B, 1.3.2).
 */
static int connect_untyped(struct otadfu_ctx *ctx, const struct otadfu_adapter *adapter,
			   struct otadfu_link *link, const struct otadfu_addr *peer,
			   uint64_t deadline_ms)
{
	bool likely_public = (peer->bytes[0] & 0xC0) == 0x80;
	uint8_t first = likely_public ? ADDRESS_PUBLIC : ADDRESS_RANDOM;
	uint8_t second = likely_public ? ADDRESS_RANDOM : ADDRESS_PUBLIC;
	uint64_t now_ms = ctx->host->now_ms(ctx);
	uint64_t left_ms = deadline_ms > now_ms ? deadline_ms - now_ms : 0;
	int result = connect_as(ctx, adapter, link, first, now_ms + left_ms / 2);

	if (result != OTADFU_E_TIMEOUT)
		return result;
	return connect_as(ctx, adapter, link, second, deadline_ms);
}

static int fail_silent(struct otadfu_ctx *ctx, const struct otadfu_addr *peer, const char *text)
{
	if (peer->type == ADDRESS_UNKNOWN)
		return fail_with(ctx, OTADFU_E_TIMEOUT, 0,
				 "%s did not answer, neither as a random nor as a public address; "
				 "is it on, in range and advertising?",
				 text);
	return fail_with(ctx, OTADFU_E_TIMEOUT, 0,
			 "%s did not answer as a %s address; is it on, in range and advertising, "
			 "and is that its type?",
			 text, type_names[peer->type]);
}

/* Of "hci1": 1. Which one gatttool takes by itself is the kernel's choice. */
static int adapter_number(const struct otadfu_adapter *adapter)
{
	return adapter->name ? atoi(adapter->name + strlen("hci")) : LINGERING_ANY;
}

void link_close(struct otadfu_ctx *ctx, struct otadfu_link *link)
{
	console_close(&link->console, ctx);
	link_free(link);
}

int link_open(struct otadfu_ctx *ctx, struct otadfu_adapter *adapter,
	      const struct otadfu_addr *peer, struct otadfu_link **ret_link, uint64_t deadline_ms)
{
	struct otadfu_link *link;
	int result;

	if (peer->type > ADDRESS_RANDOM && peer->type != ADDRESS_UNKNOWN)
		return OTADFU_E_INVALID;
	link = link_new(peer);
	if (!link)
		return OTADFU_E_NOMEM;
	result = lingering_wait(ctx, adapter_number(adapter), peer, deadline_ms);
	if (result == OTADFU_OK && peer->type == ADDRESS_UNKNOWN)
		result = connect_untyped(ctx, adapter, link, peer, deadline_ms);
	else if (result == OTADFU_OK)
		result = connect_as(ctx, adapter, link, peer->type, deadline_ms);
	if (result != OTADFU_OK) {
		if (result == OTADFU_E_TIMEOUT)
			fail_silent(ctx, peer, link->peer);
		link_free(link);
		return result;
	}
	*ret_link = link;
	return OTADFU_OK;
}
