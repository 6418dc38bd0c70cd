#include "bluezbus.h"

#include <errno.h>
#include <limits.h>
#include <poll.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>
#include <time.h>

enum {
	TEXT_MAX = 512,
	MEMBER_MAX = 64,
	/* Looked at behind a deadline: more than any queue of ours holds. */
	LATE_MESSAGES_MAX = 1024
};

#define BUS_NAME "org.freedesktop.DBus"
#define BUS_PATH "/org/freedesktop/DBus"
#define NO_OWNER BUS_NAME ".Error.NameHasNoOwner"

/* Names of errors: the D-Bus Specification, "Message Bus"; BlueZ doc/org.bluez.Adapter.rst. */
static const struct refusal {
	const char *name;
	int code;
	const char *advice;
} refusals[] = {
	{ BUS_NAME ".Error.AccessDenied", OTADFU_E_PERMISSION,
	  "the D-Bus policy keeps this user from bluetoothd; is a membership in the group "
	  "'bluetooth' missing?" },
	{ NO_OWNER, OTADFU_E_UNSUPPORTED,
	  "bluetoothd is not running, and is not started unasked; `systemctl start bluetooth`" },
	{ BUS_NAME ".Error.UnknownObject", OTADFU_E_NOT_FOUND, "is the adapter still there?" },
	{ BUS_NAME ".Error.UnknownMethod", OTADFU_E_UNSUPPORTED, "is this bluetoothd too old?" },
	{ BUS_NAME ".Error.NoReply", OTADFU_E_IO,
	  "bluetoothd has ended; `journalctl -u bluetooth` may tell why" },
	{ "org.bluez.Error.NotReady", OTADFU_E_NOT_FOUND,
	  "is the adapter switched on? `bluetoothctl power on`, and before that "
	  "`rfkill unblock bluetooth` where it is blocked" },
	{ "org.bluez.Error.InProgress", OTADFU_E_BUSY, "the adapter is occupied" },
	{ "org.bluez.Error.NotSupported", OTADFU_E_UNSUPPORTED, "can the adapter do LE?" },
	{ "org.bluez.Error.NotAuthorized", OTADFU_E_PERMISSION, "another program may hold it" },
	{ "org.bluez.Error.NotPermitted", OTADFU_E_PERMISSION, "another program may hold it" },
};

static const struct refusal other_refusal = { "", OTADFU_E_IO,
					      "`journalctl -u bluetooth` may tell more" };

int bluezbus_fail(struct bluezbus *bus, int code, int32_t detail, const char *format, ...)
{
	char text[TEXT_MAX];
	va_list args;

	if (bus->quiet)
		return code;
	va_start(args, format);
	vsnprintf(text, sizeof(text), format, args);
	va_end(args);
	return bus->ctx->host->fail(bus->ctx, code, detail, text);
}

static uint64_t now_ms(const struct bluezbus *bus)
{
	return bus->ctx->host->now_ms(bus->ctx);
}

static int fail_broken(struct bluezbus *bus, int error)
{
	return bluezbus_fail(bus, OTADFU_E_IO, error, "the connection to the system bus failed: %s",
			     strerror(error));
}

static int fail_no_bus(struct bluezbus *bus, int error)
{
	if (error == EACCES || error == EPERM)
		return bluezbus_fail(bus, OTADFU_E_PERMISSION, error,
				     "the system bus does not admit this user: %s",
				     strerror(error));
	if (error == ENOENT || error == ECONNREFUSED)
		return bluezbus_fail(bus, OTADFU_E_UNSUPPORTED, error,
				     "no D-Bus system bus is running, and so no bluetoothd; %s",
				     bus->instead);
	return fail_broken(bus, error);
}

int bluezbus_refused(struct bluezbus *bus, const char *member, const sd_bus_error *error)
{
	const struct refusal *refusal = &other_refusal;

	for (size_t i = 0; i < sizeof(refusals) / sizeof(refusals[0]); i++) {
		if (strcmp(refusals[i].name, error->name) == 0)
			refusal = &refusals[i];
	}
	/* No call failed that anybody has heard of. */
	if (strcmp(error->name, NO_OWNER) == 0)
		return bluezbus_fail(bus, refusal->code, 0, "%s, or %s", refusal->advice,
				     bus->instead);
	return bluezbus_fail(bus, refusal->code, sd_bus_error_get_errno(error),
			     "%s failed: %.200s; %s", member,
			     error->message ? error->message : error->name, refusal->advice);
}

/* What sd-bus itself wants to wake up for, in milliseconds from now; -1 nothing. */
static int own_timeout_ms(sd_bus *bus)
{
	struct timespec now;
	uint64_t at_us;
	uint64_t now_us;

	if (sd_bus_get_timeout(bus, &at_us) < 0 || at_us == UINT64_MAX)
		return -1;
	clock_gettime(CLOCK_MONOTONIC, &now);
	now_us = (uint64_t)now.tv_sec * 1000000 + (uint64_t)now.tv_nsec / 1000;
	if (at_us <= now_us)
		return 0;
	return at_us - now_us > 1000ull * INT_MAX / 2 ? -1 : (int)((at_us - now_us) / 1000 + 1);
}

static int wait_for_event(struct bluezbus *bus, uint64_t limit_ms)
{
	struct pollfd fds[] = {
		{ .fd = sd_bus_get_fd(bus->bus) },
		{ .fd = bus->cancel_fd, .events = POLLIN },
		bus->also ? *bus->also : (struct pollfd){ .fd = -1 },
	};
	int timeout_ms = limit_ms > INT_MAX ? INT_MAX : (int)limit_ms;
	int own_ms = own_timeout_ms(bus->bus);
	int events = sd_bus_get_events(bus->bus);

	if (events < 0)
		return fail_broken(bus, -events);
	fds[0].events = (short)events;
	if (own_ms >= 0 && own_ms < timeout_ms)
		timeout_ms = own_ms;
	if (poll(fds, sizeof(fds) / sizeof(fds[0]), timeout_ms) < 0 && errno != EINTR)
		return fail_broken(bus, errno);
	return fds[1].revents != 0 ? OTADFU_E_CANCELLED : OTADFU_OK;
}

/* Handles one message, or waits where there is none. */
static int turn(struct bluezbus *bus, uint64_t limit_ms, bool *ret_busy)
{
	int r = sd_bus_process(bus->bus, NULL);

	if (r < 0)
		return fail_broken(bus, -r);
	if (bus->gone)
		return bluezbus_fail(bus, OTADFU_E_IO, ECONNRESET,
				     "bluetoothd has ended; `journalctl -u bluetooth` may tell "
				     "why");
	if (bus->stop)
		return OTADFU_E_CANCELLED;
	*ret_busy = r > 0;
	/* A flood of messages does not hide that the task is cancelled. */
	return wait_for_event(bus, r > 0 ? 0 : limit_ms);
}

int bluezbus_step(struct bluezbus *bus, uint64_t deadline_ms)
{
	uint64_t now = now_ms(bus);
	bool busy;

	return now >= deadline_ms ? OTADFU_E_TIMEOUT : turn(bus, deadline_ms - now, &busy);
}

int bluezbus_await(struct bluezbus *bus, bluezbus_fn *happened, void *user, uint64_t deadline_ms)
{
	for (int late = 0; !happened(user);) {
		uint64_t now = now_ms(bus);
		bool is_late = now >= deadline_ms;
		bool busy;
		int r = turn(bus, is_late ? 0 : deadline_ms - now, &busy);

		if (r != OTADFU_OK)
			return r;
		if (is_late && (!busy || ++late == LATE_MESSAGES_MAX))
			return happened(user) ? OTADFU_OK : OTADFU_E_TIMEOUT;
	}
	return OTADFU_OK;
}

sd_bus_message *bluezbus_new_call(struct bluezbus *bus, const char *path, const char *interface,
				  const char *member)
{
	sd_bus_message *call = NULL;

	return sd_bus_message_new_method_call(bus->bus, &call, bus->owner, path, interface,
					      member) < 0
		       ? NULL
		       : call;
}

static int keep_reply(sd_bus_message *reply, void *user, sd_bus_error *error)
{
	struct bluezbus_pending *pending = user;

	(void)error;
	pending->reply = sd_bus_message_ref(reply);
	return 0;
}

int bluezbus_start(struct bluezbus *bus, sd_bus_message *call, struct bluezbus_pending *pending)
{
	int r;

	if (!call)
		return bluezbus_fail(bus, OTADFU_E_NOMEM, 0, "out of memory");
	r = sd_bus_call_async(bus->bus, &pending->slot, call, keep_reply, pending, UINT64_MAX);
	sd_bus_message_unref(call);
	return r < 0 ? fail_broken(bus, -r) : OTADFU_OK;
}

void bluezbus_drop(struct bluezbus_pending *pending)
{
	sd_bus_slot_unref(pending->slot);
	sd_bus_message_unref(pending->reply);
	*pending = (struct bluezbus_pending){ 0 };
}

bool bluezbus_has_reply(void *pending)
{
	return ((const struct bluezbus_pending *)pending)->reply != NULL;
}

static int await_reply(struct bluezbus *bus, const char *member, struct bluezbus_pending *pending,
		       uint64_t deadline_ms)
{
	uint64_t limit_ms = now_ms(bus) + BLUEZBUS_CALL_MS;
	uint64_t until_ms = deadline_ms < limit_ms ? deadline_ms : limit_ms;
	int r = bluezbus_await(bus, bluezbus_has_reply, pending, until_ms);

	if (r == OTADFU_E_TIMEOUT && until_ms < deadline_ms)
		return bluezbus_fail(bus, OTADFU_E_IO, ETIMEDOUT,
				     "%s was not answered within %d ms; does bluetoothd hang? "
				     "`systemctl restart bluetooth`",
				     member, BLUEZBUS_CALL_MS);
	return r;
}

int bluezbus_call(struct bluezbus *bus, sd_bus_message *call, uint64_t deadline_ms,
		  sd_bus_message **ret_reply)
{
	struct bluezbus_pending pending = { 0 };
	char member[MEMBER_MAX];
	int r;

	snprintf(member, sizeof(member), "%s", call ? sd_bus_message_get_member(call) : "");
	r = bluezbus_start(bus, call, &pending);
	if (r == OTADFU_OK)
		r = await_reply(bus, member, &pending, deadline_ms);
	if (r == OTADFU_OK && sd_bus_message_is_method_error(pending.reply, NULL) > 0)
		r = bluezbus_refused(bus, member, sd_bus_message_get_error(pending.reply));
	if (r == OTADFU_OK && ret_reply)
		*ret_reply = sd_bus_message_ref(pending.reply);
	bluezbus_drop(&pending);
	return r;
}

void bluezbus_undo(struct bluezbus *bus, sd_bus_message *call, uint32_t limit_ms)
{
	const int cancel_fd = bus->cancel_fd;
	const bool stop = bus->stop;

	bus->cancel_fd = -1;
	bus->stop = false;
	bus->quiet = true;
	bluezbus_call(bus, call, now_ms(bus) + limit_ms, NULL);
	bus->quiet = false;
	bus->stop = stop;
	bus->cancel_fd = cancel_fd;
}

static int add_match(struct bluezbus *bus, const char *rule, sd_bus_message_handler_t handler,
		     void *user)
{
	/* sd_bus_add_match() would wait for the answer, deaf to cancellation. */
	int r = sd_bus_add_match_async(bus->bus, NULL, rule, handler, NULL, user);

	return r < 0 ? fail_broken(bus, -r) : OTADFU_OK;
}

int bluezbus_watch(struct bluezbus *bus, const char *rule, sd_bus_message_handler_t handler,
		   void *user)
{
	char full[TEXT_MAX];

	/* The unique name: nobody else can send in its name. */
	snprintf(full, sizeof(full), "type='signal',sender='%s',%s", bus->owner, rule);
	return add_match(bus, full, handler, user);
}

static int note_owner(sd_bus_message *signal, void *user, sd_bus_error *error)
{
	struct bluezbus *bus = user;
	const char *name;
	const char *old_owner;
	const char *new_owner;

	(void)error;
	if (sd_bus_message_read(signal, "sss", &name, &old_owner, &new_owner) > 0 &&
	    old_owner[0] != '\0' && strcmp(old_owner, bus->owner) == 0)
		bus->gone = true;
	return 0;
}

static int find_owner(struct bluezbus *bus, uint64_t deadline_ms)
{
	sd_bus_message *call = NULL;
	sd_bus_message *reply = NULL;
	const char *owner;
	int r;

	if (sd_bus_message_new_method_call(bus->bus, &call, BUS_NAME, BUS_PATH, BUS_NAME,
					   "GetNameOwner") >= 0 &&
	    sd_bus_message_append(call, "s", "org.bluez") < 0)
		call = sd_bus_message_unref(call);
	r = bluezbus_call(bus, call, deadline_ms, &reply);
	if (r != OTADFU_OK)
		return r;
	if (sd_bus_message_read(reply, "s", &owner) <= 0 || strlen(owner) >= sizeof(bus->owner))
		r = bluezbus_fail(bus, OTADFU_E_IO, EBADMSG,
				  "the system bus answers what makes no sense");
	else
		strcpy(bus->owner, owner);
	sd_bus_message_unref(reply);
	return r;
}

void bluezbus_lend(struct bluezbus *bus, struct otadfu_ctx *ctx)
{
	bus->ctx = ctx;
	bus->cancel_fd = ctx->host->cancel_fd(ctx);
}

static int open_bus(struct bluezbus *bus, struct otadfu_ctx *ctx, uint64_t deadline_ms)
{
	int r;

	bluezbus_lend(bus, ctx);
	r = sd_bus_open_system(&bus->bus);
	if (r < 0)
		return fail_no_bus(bus, -r);
	/* Before the owner is asked for, so that its end is never missed. */
	r = add_match(bus,
		      "type='signal',sender='" BUS_NAME "',interface='" BUS_NAME
		      "',member='NameOwnerChanged',arg0='org.bluez'",
		      note_owner, bus);
	return r == OTADFU_OK ? find_owner(bus, deadline_ms) : r;
}

int bluezbus_open(struct bluezbus *bus, struct otadfu_ctx *ctx, const char *instead,
		  uint64_t deadline_ms)
{
	*bus = (struct bluezbus){ .instead = instead };
	return open_bus(bus, ctx, deadline_ms);
}

int bluezbus_open_quietly(struct bluezbus *bus, struct otadfu_ctx *ctx, uint64_t deadline_ms)
{
	*bus = (struct bluezbus){ .quiet = true };
	return open_bus(bus, ctx, deadline_ms);
}

void bluezbus_close(struct bluezbus *bus)
{
	/* Without a flush, which would wait for a bus that does not read. */
	bus->bus = sd_bus_close_unref(bus->bus);
}

int bluezbus_enter_variant(sd_bus_message *message, const char *type)
{
	const char *contents;
	char kind;
	int r = sd_bus_message_peek_type(message, &kind, &contents);

	if (r <= 0)
		return r < 0 ? r : -EBADMSG;
	if (kind != SD_BUS_TYPE_VARIANT)
		return -EBADMSG;
	if (strcmp(contents, type) == 0)
		return sd_bus_message_enter_container(message, SD_BUS_TYPE_VARIANT, type);
	r = sd_bus_message_skip(message, "v");
	return r < 0 ? r : 0;
}

static const struct bluezbus_property *find_property(const struct bluezbus_property *table,
						     size_t count, const char *name)
{
	for (size_t i = 0; i < count; i++) {
		if (strcmp(table[i].name, name) == 0)
			return &table[i];
	}
	return NULL;
}

static int read_entry(sd_bus_message *message, const struct bluezbus_property *table, size_t count,
		      void *object)
{
	const struct bluezbus_property *property;
	const char *name;
	int r = sd_bus_message_read(message, "s", &name);

	if (r < 0)
		return r;
	property = find_property(table, count, name);
	if (!property)
		return sd_bus_message_skip(message, "v");
	r = bluezbus_enter_variant(message, property->type);
	if (r <= 0)
		return r;
	r = property->read(object, message);
	return r < 0 ? r : sd_bus_message_exit_container(message);
}

int bluezbus_read_properties(sd_bus_message *message, const struct bluezbus_property *table,
			     size_t count, void *object)
{
	int r = sd_bus_message_enter_container(message, SD_BUS_TYPE_ARRAY, "{sv}");

	if (r < 0)
		return r;
	while ((r = sd_bus_message_enter_container(message, SD_BUS_TYPE_DICT_ENTRY, "sv")) > 0) {
		r = read_entry(message, table, count, object);
		if (r >= 0)
			r = sd_bus_message_exit_container(message);
		if (r < 0)
			return r;
	}
	return r < 0 ? r : sd_bus_message_exit_container(message);
}
