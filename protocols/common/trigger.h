/*
 * A product's own way into its bootloader: bytes written to a characteristic of its application.
 * Named by three options of a protocol, which go together.
 */
#ifndef OTADFU_PROTOCOLS_TRIGGER_H
#define OTADFU_PROTOCOLS_TRIGGER_H

#include "uuid.h"

#include <otadfu/protocol.h>

enum { TRIGGER_VALUE_MAX = 20 }; /* fits every link */

struct trigger {
	struct otadfu_chr chr;
	uint8_t value[TRIGGER_VALUE_MAX];
	size_t value_len;
};

/* The declarations of the three, part of a table. */
#define TRIGGER_OPTIONS                                                                            \
	UUID_OPTION("trigger_service", "the product's own way into its bootloader: the service"),  \
		UUID_OPTION("trigger_characteristic",                                              \
			    "... the characteristic that is written to"),                          \
		UUID_OPTION("trigger_value", "... and the bytes, in hexadecimal, as 01ff")

/* NOT_FOUND where the options of the plugin name none, or the peer does not show it. Records
 * everything else. */
int trigger_find(struct otadfu_ctx *ctx, const char *plugin, struct trigger *ret_trigger);

#endif
