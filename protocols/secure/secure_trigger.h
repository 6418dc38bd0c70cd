/* The ways into the bootloader that an application may offer (secure-dfu.md 2). */
#ifndef OTADFU_SECURE_TRIGGER_H
#define OTADFU_SECURE_TRIGGER_H

#include "secure.h"
#include "trigger.h"

#include <stdbool.h>

enum secure_trigger_kind {
	SECURE_TRIGGER_UNBONDED,     /* 8EC90003, which from SDK 14 on takes a name, too */
	SECURE_TRIGGER_EXPERIMENTAL, /* 8E400001 of SDK 12 */
	SECURE_TRIGGER_BONDED,       /* 8EC90004 */
	SECURE_TRIGGER_CUSTOM,       /* the product's own: bytes written to a characteristic */
};

struct secure_trigger {
	enum secure_trigger_kind kind;
	struct otadfu_chr chr;
	bool takes_name;
	/* What CUSTOM writes. */
	uint8_t value[TRIGGER_VALUE_MAX];
	size_t value_len;
};

/* What the connected application offers; the product's own first. Records all but NOT_FOUND. */
int secure_find_trigger(struct otadfu_ctx *ctx, const struct secure_uuids *uuids,
			struct secure_trigger *ret_trigger);

#endif
