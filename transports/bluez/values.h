/* What struct otadfu_link_ops does with the characteristics of a link. */
#ifndef OTADFU_BLUEZ_VALUES_H
#define OTADFU_BLUEZ_VALUES_H

#include "conn.h"

int values_mtu(struct otadfu_ctx *ctx, struct otadfu_link *link, uint16_t wanted, uint16_t *ret_mtu,
	       uint64_t deadline_ms);
int values_read(struct otadfu_ctx *ctx, struct otadfu_link *link, uint16_t id, uint8_t *buf,
		size_t cap, size_t *ret_len, uint64_t deadline_ms);
int values_write(struct otadfu_ctx *ctx, struct otadfu_link *link, uint16_t id, const uint8_t *data,
		 size_t len, uint64_t deadline_ms);
int values_write_cmd(struct otadfu_ctx *ctx, struct otadfu_link *link, uint16_t id,
		     const uint8_t *data, size_t len, uint64_t deadline_ms);

#endif
