/* The adapters that the kernel drives, as any user may see them: nothing here changes one. */
#ifndef OTADFU_TRANSPORTS_ADAPTERS_H
#define OTADFU_TRANSPORTS_ADAPTERS_H

#include <otadfu/host.h>
#include <otadfu/types.h>
#include <stdbool.h>

enum { ADAPTERS_MAX = 16, ADAPTERS_ANY = -1 };

/* What keeps an adapter from being used as it is, the worst one. */
enum adapter_lack {
	ADAPTER_LACKS_NOTHING,
	ADAPTER_BLOCKED_HARD, /* by a switch of the computer */
	ADAPTER_BLOCKED_SOFT, /* by rfkill */
	ADAPTER_DOWN,
	ADAPTER_TAKEN, /* by another program, through a user channel */
	ADAPTER_CLASSIC
};

struct adapter_state {
	int index;       /* N of hciN */
	char name[8];    /* "hciN" */
	uint8_t addr[6]; /* as in struct otadfu_addr; zeros: it has none of its own */
	const char *bus; /* "USB", "UART"; */
	enum adapter_lack lack;
};

struct adapters {
	struct adapter_state items[ADAPTERS_MAX];
	size_t count;
};

/* 0, also where there is none, or the errno for which the kernel tells nothing. */
int adapters_look(struct adapters *ret_adapters);

/* "hciN": true, and N. */
bool adapters_parse_name(const char *name, int *ret_index);

/*
 * The one of that index, or with ADAPTERS_ANY the first that can be used, as a member of
 * *ret_adapters. OTADFU_E_NOT_FOUND, BUSY, UNSUPPORTED, PERMISSION or IO, with what to do about it,
 * where there is none.
 */
int adapters_find(struct otadfu_ctx *ctx, int index, struct adapters *ret_adapters,
		  const struct adapter_state **ret_adapter);

/* What it lacks, and what to do about that, in the words of all messages. */
const char *adapter_lack_text(enum adapter_lack lack);
void adapter_lack_remedy(const struct adapter_state *adapter, char *text, size_t size);

/* Is it connected to peer, for whatever program? */
bool adapter_is_linked(const struct adapter_state *adapter, const struct otadfu_addr *peer);

#endif
