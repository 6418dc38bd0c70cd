/* Which device is meant: addresses as people write them, and what an advertisement says. */
#ifndef OTADFU_MODEL_TARGET_H
#define OTADFU_MODEL_TARGET_H

#include "error.h"

#include <otadfu/types.h>
#include <stdbool.h>

enum { TARGET_ADDR_TEXT = 18, TARGET_UUID_TEXT = 37, TARGET_NAME_MAX = 32 };
enum { TARGET_ADDR_PUBLIC = 0, TARGET_ADDR_RANDOM = 1, TARGET_ADDR_UNKNOWN = 255 };

/*
 * "AA:BB:CC:DD:EE:FF", any case, with "/public" or "/random" behind it or without (type
 * unknown). OTADFU_E_CONFIG with the reason, *ret_addr untouched, for anything else.
 */
int target_parse_addr(const char *text, struct otadfu_addr *ret_addr, struct failure *why);

/* Upper case, without the type. text holds TARGET_ADDR_TEXT bytes. */
void target_format_addr(const struct otadfu_addr *addr, char *text);

/* Equal octets, and equal types unless one of them is unknown. */
bool target_same_addr(const struct otadfu_addr *a, const struct otadfu_addr *b);

/* addr with delta added to its low octet, modulo 256, no carry (legacy-dfu.md 2,
 * secure-dfu.md 2.1). */
struct otadfu_addr target_neighbour(const struct otadfu_addr *addr, int delta);

/* "fe59", "0000fe59-0000-1000-8000-00805f9b34fb", any case, 16, 32 or 128 bits. */
int target_parse_uuid(const char *text, struct otadfu_uuid *ret_uuid, struct failure *why);

/* Lower case, 36 characters. text holds TARGET_UUID_TEXT bytes. */
void target_format_uuid(const struct otadfu_uuid *uuid, char *text);

/*
 * The name in AD structures (complete before shortened) as printable UTF-8, cut to fit; false when
 * there is none. Malformed AD structures end the search.
 */
bool target_advert_name(const struct otadfu_advert *advert, char *name, size_t size);

/* The name it tells is the whole one, not a shortened one. */
bool target_advert_name_is_complete(const struct otadfu_advert *advert);

/* Does the advertisement list the service, as 16-, 32- or 128-bit UUID? */
bool target_advert_has_service(const struct otadfu_advert *advert,
			       const struct otadfu_uuid *service);

/* What identifies the wanted device: all that is set must agree. */
struct target {
	bool has_addr;
	struct otadfu_addr addr;
	char name[TARGET_NAME_MAX]; /* empty: any */
	bool has_service;
	struct otadfu_uuid service;
};

/* Does everything that target states agree with the advertisement? */
bool target_matches(const struct target *target, const struct otadfu_advert *advert);

#endif
