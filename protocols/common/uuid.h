/* UUIDs: what the short ones stand for, and those a profile gives a custom build. */
#ifndef OTADFU_PROTOCOLS_UUID_H
#define OTADFU_PROTOCOLS_UUID_H

#include <otadfu/transport.h>
#include <stdbool.h>

/* Bytes 4 to 15 of 0000xxxx-0000-1000-8000-00805F9B34FB. */
#define BLUETOOTH_BASE 0x00, 0x00, 0x10, 0x00, 0x80, 0x00, 0x00, 0x80, 0x5f, 0x9b, 0x34, 0xfb

/* 16 bits as in "fe59", or all 128 with their hyphens, in either case; nothing else. */
bool uuid_parse(const char *text, struct otadfu_uuid *ret_uuid);

/* Does it stand for one of 16 bits? */
bool uuid_is_short(const struct otadfu_uuid *uuid);

/* A declaration of such an option. */
#define UUID_OPTION(key_text, help_text)                                                           \
	{                                                                                          \
		.size = sizeof(struct otadfu_option), .kind = OTADFU_OPT_STRING,                   \
		.key = (key_text), .help = (help_text)                                             \
	}

/* The UUID that the option of the plugin names, or else fallback. Records: CONFIG, with the
 * option's name, for one that is no UUID. */
int uuid_option(struct otadfu_ctx *ctx, const char *plugin, const char *key,
		const struct otadfu_uuid *fallback, struct otadfu_uuid *ret_uuid);

#endif
