#include "adapter.h"

#include "adapters.h"
#include "failure.h"

#include <stdlib.h>
#include <string.h>

bdaddr_t adapter_bdaddr(const uint8_t bytes[6])
{
	bdaddr_t bdaddr;

	for (size_t i = 0; i < sizeof(bdaddr.b); i++)
		bdaddr.b[i] = bytes[sizeof(bdaddr.b) - 1 - i];
	return bdaddr;
}

static int parse_name(struct otadfu_ctx *ctx, const char *name, int *ret_index)
{
	if (adapters_parse_name(name, ret_index))
		return OTADFU_OK;
	return fail_with(ctx, OTADFU_E_CONFIG, 0,
			 "\"%.40s\" is no adapter of this transport; they are called hci0, "
			 "hci1 and so on (see \"hciconfig\")",
			 name);
}

static bool has_another(const struct adapters *adapters, const struct adapter_state *adapter)
{
	for (size_t i = 0; i < adapters->count; i++) {
		if (&adapters->items[i] != adapter &&
		    adapters->items[i].lack == ADAPTER_LACKS_NOTHING)
			return true;
	}
	return false;
}

/* An adapter is chosen by the address that a socket is bound to. */
static int check_address(struct otadfu_ctx *ctx, const struct adapters *adapters,
			 const struct adapter_state *adapter)
{
	static const uint8_t none[sizeof(adapter->addr)];

	if (memcmp(adapter->addr, none, sizeof(none)) != 0 || !has_another(adapters, adapter))
		return OTADFU_OK;
	return fail_with(ctx, OTADFU_E_UNSUPPORTED, 0,
			 "%s has no address of its own, by which alone it could be told from the "
			 "others; switch those off, or give it one (\"btmgmt public-addr\")",
			 adapter->name);
}

int adapter_open(struct otadfu_ctx *ctx, const char *name, struct otadfu_adapter **ret_adapter)
{
	const struct adapter_state *found = NULL;
	struct otadfu_adapter *adapter;
	struct adapters adapters;
	int index = ADAPTERS_ANY;
	int r = name ? parse_name(ctx, name, &index) : OTADFU_OK;

	if (r == OTADFU_OK)
		r = adapters_find(ctx, index, &adapters, &found);
	if (r == OTADFU_OK)
		r = check_address(ctx, &adapters, found);
	if (r != OTADFU_OK)
		return r;
	adapter = calloc(1, sizeof(*adapter));
	if (!adapter)
		return OTADFU_E_NOMEM;
	adapter->index = found->index;
	snprintf(adapter->name, sizeof(adapter->name), "%s", found->name);
	adapter->addr = adapter_bdaddr(found->addr);
	*ret_adapter = adapter;
	return OTADFU_OK;
}

void adapter_close(struct otadfu_ctx *ctx, struct otadfu_adapter *adapter)
{
	(void)ctx;
	free(adapter);
}
