/*
 * A link over an ATT bearer: what stands behind struct otadfu_link in a transport that brings PDUs
 * to the peer and leaves ATT and GATT to this. The functions are the members of struct
 * otadfu_link_ops (<otadfu/transport.h>), and keep its promises.
 */
#ifndef OTADFU_TRANSPORTS_ATT_CLIENT_H
#define OTADFU_TRANSPORTS_ATT_CLIENT_H

#include "att_channel.h"

#include <otadfu/transport.h>

/* The link owns bearer from now on. NULL: no memory; bearer is still the caller's. */
struct otadfu_link *att_client_new(const struct att_bearer_ops *ops, void *bearer);

/* What att_client_new was given. */
void *att_client_bearer(struct otadfu_link *link);

int att_client_discover(struct otadfu_ctx *ctx, struct otadfu_link *link, struct otadfu_chr *buf,
			size_t cap, size_t *ret_count, uint64_t deadline_ms);
int att_client_mtu(struct otadfu_ctx *ctx, struct otadfu_link *link, uint16_t wanted,
		   uint16_t *ret_mtu, uint64_t deadline_ms);
int att_client_read(struct otadfu_ctx *ctx, struct otadfu_link *link, uint16_t id, uint8_t *buf,
		    size_t cap, size_t *ret_len, uint64_t deadline_ms);
int att_client_write(struct otadfu_ctx *ctx, struct otadfu_link *link, uint16_t id,
		     const uint8_t *data, size_t len, uint64_t deadline_ms);
int att_client_write_cmd(struct otadfu_ctx *ctx, struct otadfu_link *link, uint16_t id,
			 const uint8_t *data, size_t len, uint64_t deadline_ms);
int att_client_subscribe(struct otadfu_ctx *ctx, struct otadfu_link *link, uint16_t id,
			 uint64_t deadline_ms);
int att_client_wait(struct otadfu_ctx *ctx, struct otadfu_link *link, uint16_t id, uint8_t *buf,
		    size_t cap, size_t *ret_len, uint64_t deadline_ms);
int att_client_wait_gone(struct otadfu_ctx *ctx, struct otadfu_link *link, uint64_t deadline_ms);
void att_client_disconnect(struct otadfu_ctx *ctx, struct otadfu_link *link);

#endif
