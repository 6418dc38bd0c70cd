/*
 * A private connection to bluetoothd over the system bus, for one thread. bluetoothd ties a
 * discovery to the connection that asked for it: closing it leaves nothing behind.
 *
 * bluetoothd is never started through D-Bus activation. Who has stopped it wanted the radio for
 * something else (it takes the adapters and may power them up), and a look around is no reason to
 * undo that. So its owner is asked for once, and every call goes to that one process.
 *
 * A function that returns int returns OTADFU_OK or a code of <otadfu/error.h>; a failure has been
 * recorded with host->fail(), what to do about it included, but for OTADFU_E_CANCELLED and
 * OTADFU_E_TIMEOUT.
 */
#ifndef OTADFU_TRANSPORTS_BLUEZBUS_H
#define OTADFU_TRANSPORTS_BLUEZBUS_H

#include <otadfu/host.h>
#include <poll.h>
#include <stdbool.h>
#include <systemd/sd-bus.h>

enum { BLUEZBUS_OWNER_MAX = 256, BLUEZBUS_CALL_MS = 3000 };

struct bluezbus {
	struct otadfu_ctx *ctx;
	sd_bus *bus;
	int cancel_fd;       /* -1 none */
	bool gone;           /* bluetoothd has died */
	bool quiet;          /* failures are not recorded */
	bool stop;           /* set by a handler: what waits returns OTADFU_E_CANCELLED */
	const char *instead; /* what helps where there is no bluetoothd */
	struct pollfd *also; /* waited for, too; NULL nothing */
	char owner[BLUEZBUS_OWNER_MAX];
};

/* OTADFU_E_UNSUPPORTED where no system bus or no bluetoothd runs: instead, borrowed, then says what
 * the operator may do but start it. To be closed in any case, and not to be moved in between. */
int bluezbus_open(struct bluezbus *bus, struct otadfu_ctx *ctx, const char *instead,
		  uint64_t deadline_ms);
/* The same where a failure is no news: none is recorded. */
int bluezbus_open_quietly(struct bluezbus *bus, struct otadfu_ctx *ctx, uint64_t deadline_ms);
void bluezbus_close(struct bluezbus *bus);

/* What follows is done for ctx. */
void bluezbus_lend(struct bluezbus *bus, struct otadfu_ctx *ctx);

/* From now on handler gets those signals of bluetoothd that fit rule ("interface='...',..."), out
 * of the functions here that wait. It returns 0. */
int bluezbus_watch(struct bluezbus *bus, const char *rule, sd_bus_message_handler_t handler,
		   void *user);

/* A call to bluetoothd, to be given its arguments. NULL: out of memory. */
sd_bus_message *bluezbus_new_call(struct bluezbus *bus, const char *path, const char *interface,
				  const char *member);

/*
 * Sends call, which it takes (NULL: OTADFU_E_NOMEM), and waits for the answer, which the caller
 * unrefs; ret_reply may be NULL. A refusal gets its code by the error's name. OTADFU_E_IO when no
 * answer comes within BLUEZBUS_CALL_MS, OTADFU_E_TIMEOUT at the deadline.
 */
int bluezbus_call(struct bluezbus *bus, sd_bus_message *call, uint64_t deadline_ms,
		  sd_bus_message **ret_reply);

/* The same to undo something: not cut short, and nothing is recorded. */
void bluezbus_undo(struct bluezbus *bus, sd_bus_message *call, uint32_t limit_ms);

/* Handles one message or, where there is none, waits until something happens. OTADFU_E_TIMEOUT at
 * the deadline, however many messages there still are. */
int bluezbus_step(struct bluezbus *bus, uint64_t deadline_ms);

/*
 * Returns OTADFU_OK once happened says so, which is asked first and after each message. At the
 * deadline, or behind it, what has come is still looked at.
 */
typedef bool bluezbus_fn(void *user);
int bluezbus_await(struct bluezbus *bus, bluezbus_fn *happened, void *user, uint64_t deadline_ms);

/* A call whose answer may come whenever it wants. All zero: none. */
struct bluezbus_pending {
	sd_bus_slot *slot;
	sd_bus_message *reply; /* NULL: not yet. May be a refusal */
};

/* Sends call, which it takes (NULL: OTADFU_E_NOMEM). pending, all zero, is not to be moved until it
 * is dropped. */
int bluezbus_start(struct bluezbus *bus, sd_bus_message *call, struct bluezbus_pending *pending);
/* All zero is allowed. A late answer is ignored. */
void bluezbus_drop(struct bluezbus_pending *pending);
/* As bluezbus_fn; user is the struct bluezbus_pending. */
bool bluezbus_has_reply(void *pending);

/* Records the refusal of a call that has no words of its own. */
int bluezbus_refused(struct bluezbus *bus, const char *member, const sd_bus_error *error);

/* host->fail() with a text to be formatted. */
__attribute__((format(printf, 4, 5))) int bluezbus_fail(struct bluezbus *bus, int code,
							int32_t detail, const char *format, ...);

/* A property that is understood. read takes exactly one value of the type out of the message. */
struct bluezbus_property {
	const char *name;
	const char *type;
	int (*read)(void *object, sd_bus_message *message); /* negative errno; else at least 0 */
};

/* Reads "a{sv}". What the table does not name, or names with another type, is passed over. Negative
 * errno for a message that is not what it says. */
int bluezbus_read_properties(sd_bus_message *message, const struct bluezbus_property *table,
			     size_t count, void *object);

/* Enters the variant that comes next: 1; 0 when it is of another type, and was passed over. */
int bluezbus_enter_variant(sd_bus_message *message, const char *type);

#endif
