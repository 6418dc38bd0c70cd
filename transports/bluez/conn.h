/*
 * One connection: the device's object, what bluetoothd tells of it, and the request under way. It
 * has a connection to the bus of its own, so that bluetoothd takes back its subscriptions and what
 * it has acquired as soon as it is gone, however that comes about.
 */
#ifndef OTADFU_BLUEZ_CONN_H
#define OTADFU_BLUEZ_CONN_H

#include "acquired.h"
#include "adapter.h"
#include "notifyq.h"
#include "remote.h"

enum { CONN_MTU_DEFAULT = 23, CONN_VALUE_MAX = 512 };

/* The last value signalled while it is read: it may be what was read (conn_read_begins). */
struct held_value {
	bool has_value;
	size_t len;
	uint8_t data[CONN_VALUE_MAX];
};

struct otadfu_link {
	struct bluezbus bus;
	struct remote remote;
	char peer[REMOTE_ADDRESS_MAX];
	bool connecting; /* from now on it is a loss when the device is not connected */
	bool lost;
	bool removed;  /* the device's object is */
	bool orphaned; /* bluetoothd has ended, or the bus */
	uint64_t changes;

	bool discovered;
	uint16_t mtu; /* 0: nobody has asked, or it cannot be known */
	struct notifyq *values;
	struct bluezbus_pending request; /* the last; its caller may have gone */
	uint16_t reading;                /* the id that it reads; 0: none */
	struct held_value held;
	struct acquired acquired;
};

/* A link to nobody yet: the bus is open and the device's signals are heard. */
int conn_new(struct otadfu_ctx *ctx, const struct otadfu_adapter *adapter,
	     const struct otadfu_addr *peer, uint64_t deadline_ms, struct otadfu_link **ret_link);
void conn_free(struct otadfu_link *link);

/* Asks bluetoothd anew what there is of the device. */
int conn_look(struct otadfu_link *link, uint64_t deadline_ms);

/*
 * Returns OTADFU_OK once happened says so, whatever else is the case; OTADFU_E_DISCONNECTED once
 * the link is lost, recorded; OTADFU_E_TIMEOUT and OTADFU_E_CANCELLED, not recorded.
 */
typedef bool conn_condition_fn(struct otadfu_link *link, void *user);
int conn_await(struct otadfu_ctx *ctx, struct otadfu_link *link, conn_condition_fn *happened,
	       void *user, uint64_t deadline_ms);

/* Takes in what has come. OTADFU_E_DISCONNECTED where the link is lost, recorded. */
int conn_check(struct otadfu_ctx *ctx, struct otadfu_link *link);

/* Records that what did not come in time, where code is OTADFU_E_TIMEOUT; returns code. */
int conn_late(struct otadfu_link *link, int code, const char *what);

/* A call to the device's object, or to a characteristic's. NULL: out of memory. */
sd_bus_message *conn_device_call(struct otadfu_link *link, const char *member);
sd_bus_message *conn_characteristic_call(struct otadfu_link *link,
					 const struct remote_characteristic *of,
					 const char *member);

/*
 * Sends a request, which it takes, once the one before it was answered, and waits for its answer,
 * which the caller unrefs; ret_reply may be NULL. A refusal is recorded, and gets its code by
 * words_of_request(). When the time is up, the answer is awaited by the next request.
 */
int conn_request(struct otadfu_ctx *ctx, struct otadfu_link *link, sd_bus_message *call,
		 sd_bus_message **ret_reply, uint64_t deadline_ms);

/* The same, of a characteristic that is read. */
int conn_read_request(struct otadfu_ctx *ctx, struct otadfu_link *link, uint16_t id,
		      sd_bus_message *call, sd_bus_message **ret_reply, uint64_t deadline_ms);

/* Waits until bluetoothd has the services of this connection, and reads them, once. */
int conn_resolve(struct otadfu_ctx *ctx, struct otadfu_link *link, uint64_t deadline_ms);

#endif
