/*
 * An ATT server: answers one PDU of a client at a time from a database that its owner keeps (Core
 * Specification, Vol 3, Part F, 3.4). It never waits and keeps nothing but the MTU.
 */
#ifndef OTADFU_TRANSPORTS_ATT_SERVER_H
#define OTADFU_TRANSPORTS_ATT_SERVER_H

#include "att.h"

struct att_attribute {
	struct otadfu_uuid type;
	uint16_t handle;
	uint16_t group_end; /* of a service declaration: the service's last handle; else 0 */
};

/*
 * Functions that return uint8_t: an ATT error, 0 for success. handle is always one that next gave.
 * prepare, execute and confirmed may be NULL: long writes are not supported, nobody listens.
 */
struct att_database {
	/* The attribute with the lowest handle from this one on; false: there is none. */
	bool (*next)(void *user, uint16_t from, struct att_attribute *ret_attribute);
	/* The whole value, up to cap (ATT_VALUE_MAX) bytes. */
	uint8_t (*read)(void *user, uint16_t handle, uint8_t *buf, size_t cap, size_t *ret_len);
	uint8_t (*write)(void *user, uint16_t handle, const uint8_t *data, size_t len);
	void (*command)(void *user, uint16_t handle, const uint8_t *data, size_t len);
	uint8_t (*prepare)(void *user, uint16_t handle, uint16_t offset, const uint8_t *data,
			   size_t len);
	/* commit false: what was prepared is dropped. *ret_handle: where it failed. */
	uint8_t (*execute)(void *user, bool commit, uint16_t *ret_handle);
	/* The client has taken the indication. */
	void (*confirmed)(void *user);
	/* What the server takes; the smaller of both, and never less than 23, is in force. */
	uint16_t (*mtu)(void *user, uint16_t client_mtu);
};

/* Of one connection: mtu is ATT_MTU_MIN when it begins. */
struct att_server {
	const struct att_database *database;
	void *user;
	uint16_t mtu;
};

/* The length of the answer in buf; 0: to this PDU there is none. */
size_t att_server_answer(struct att_server *server, const uint8_t *data, size_t len,
			 uint8_t buf[ATT_MTU_MAX]);

#endif
