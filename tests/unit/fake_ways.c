#include "fake_ways.h"

#include <otadfu/plugin.h>
#include <otadfu/transport.h>
#include <string.h>

struct ways ways;

static const char *const names[WAYS] = { "bluez", "l2cap", "hci", "gatttool", "sim", "acme" };

/* Nothing of a link is ever called: every function may be the same. */
static int discover(struct otadfu_ctx *ctx, struct otadfu_link *link, struct otadfu_chr *buf,
		    size_t cap, size_t *ret_count, uint64_t deadline_ms)
{
	(void)ctx, (void)link, (void)buf, (void)cap, (void)ret_count, (void)deadline_ms;
	return OTADFU_E_IO;
}

static int exchange(struct otadfu_ctx *ctx, struct otadfu_link *link, uint16_t wanted,
		    uint16_t *ret_mtu, uint64_t deadline_ms)
{
	(void)ctx, (void)link, (void)wanted, (void)ret_mtu, (void)deadline_ms;
	return OTADFU_E_IO;
}

static int receive(struct otadfu_ctx *ctx, struct otadfu_link *link, uint16_t id, uint8_t *buf,
		   size_t cap, size_t *ret_len, uint64_t deadline_ms)
{
	(void)ctx, (void)link, (void)id, (void)buf, (void)cap, (void)ret_len, (void)deadline_ms;
	return OTADFU_E_IO;
}

static int send(struct otadfu_ctx *ctx, struct otadfu_link *link, uint16_t id, const uint8_t *data,
		size_t len, uint64_t deadline_ms)
{
	(void)ctx, (void)link, (void)id, (void)data, (void)len, (void)deadline_ms;
	return OTADFU_E_IO;
}

static int subscribe(struct otadfu_ctx *ctx, struct otadfu_link *link, uint16_t id,
		     uint64_t deadline_ms)
{
	(void)ctx, (void)link, (void)id, (void)deadline_ms;
	return OTADFU_E_IO;
}

static int wait_gone(struct otadfu_ctx *ctx, struct otadfu_link *link, uint64_t deadline_ms)
{
	(void)ctx, (void)link, (void)deadline_ms;
	return OTADFU_E_IO;
}

static void disconnect(struct otadfu_ctx *ctx, struct otadfu_link *link)
{
	(void)ctx, (void)link;
}

static int connect(struct otadfu_ctx *ctx, struct otadfu_adapter *adapter,
		   const struct otadfu_addr *peer, struct otadfu_link **ret_link,
		   uint64_t deadline_ms)
{
	(void)ctx, (void)adapter, (void)peer, (void)ret_link, (void)deadline_ms;
	return OTADFU_E_IO;
}

static int answer(struct otadfu_ctx *ctx, const struct way_part *part)
{
	return part->text ? ctx->host->fail(ctx, part->code, 0, part->text) : part->code;
}

static int open_way(struct otadfu_ctx *ctx, enum way way, const char *adapter_name,
		    struct otadfu_adapter **ret_adapter)
{
	struct way_part *part = &ways.parts[way];

	part->opens++;
	part->adapter = adapter_name;
	ways.opened[ways.opened_count++] = way;
	if (part->code != OTADFU_OK)
		return answer(ctx, part);
	*ret_adapter = (struct otadfu_adapter *)part;
	return OTADFU_OK;
}

static void close_way(struct otadfu_ctx *ctx, struct otadfu_adapter *adapter)
{
	(void)ctx;
	((struct way_part *)adapter)->closes++;
}

static void tell(const struct otadfu_finding *finding, otadfu_finding_fn *on_finding, void *user)
{
	if (finding->subject)
		on_finding(user, finding);
}

static int examine_way(struct otadfu_ctx *ctx, enum way way, const char *adapter_name,
		       const struct otadfu_addr *peer, otadfu_finding_fn *on_finding, void *user)
{
	struct way_part *part = &ways.parts[way];

	part->examinations++;
	part->adapter = adapter_name;
	for (size_t i = 0; i < 2; i++)
		tell(&part->findings[i], on_finding, user);
	if (peer)
		tell(&part->of_device, on_finding, user);
	return part->code == OTADFU_OK ? OTADFU_OK : answer(ctx, part);
}

static const struct otadfu_link_ops link_ops = {
	.size = sizeof(link_ops),
	.discover = discover,
	.mtu = exchange,
	.read = receive,
	.write = send,
	.write_cmd = send,
	.subscribe = subscribe,
	.wait = receive,
	.wait_gone = wait_gone,
	.disconnect = disconnect,
};

/* An open that knows whose it is, and the like. */
#define WAY(name, way)                                                                             \
	static int name##_open(struct otadfu_ctx *ctx, const char *adapter_name,                   \
			       struct otadfu_adapter **ret_adapter)                                \
	{                                                                                          \
		return open_way(ctx, way, adapter_name, ret_adapter);                              \
	}                                                                                          \
	static int name##_examine(struct otadfu_ctx *ctx, const char *adapter_name,                \
				  const struct otadfu_addr *peer, otadfu_finding_fn *on_finding,   \
				  void *user)                                                      \
	{                                                                                          \
		return examine_way(ctx, way, adapter_name, peer, on_finding, user);                \
	}

WAY(bluez, WAY_BLUEZ)
WAY(l2cap, WAY_L2CAP)
WAY(hci, WAY_HCI)
WAY(gatttool, WAY_GATTTOOL)
WAY(sim, WAY_SIM)
WAY(vendor, WAY_VENDOR)

static int (*const opens[WAYS])(struct otadfu_ctx *ctx, const char *adapter_name,
				struct otadfu_adapter **ret_adapter) = { bluez_open, l2cap_open,
									 hci_open,   gatttool_open,
									 sim_open,   vendor_open };

static int (*const examines[WAYS])(struct otadfu_ctx *ctx, const char *adapter_name,
				   const struct otadfu_addr *peer, otadfu_finding_fn *on_finding,
				   void *user) = {
	bluez_examine, l2cap_examine, hci_examine, gatttool_examine, sim_examine, vendor_examine
};

static bool load(struct registry *registry, enum way way)
{
	bool tells = way != WAY_SIM && way != WAY_VENDOR;
	const struct otadfu_transport_ops ops = {
		.size = sizeof(ops),
		.name = names[way],
		.summary = "what a test says",
		.link = &link_ops,
		.open = opens[way],
		.close = close_way,
		.connect = connect,
		.examine = tells ? examines[way] : NULL,
	};
	const struct otadfu_transport_ops *const transports[] = { &ops, NULL };
	const struct otadfu_plugin plugin = {
		.magic = OTADFU_PLUGIN_MAGIC,
		.abi_version = OTADFU_ABI_VERSION,
		.size = sizeof(plugin),
		.name = names[way],
		.version = "1.2",
		.vendor = "tests",
		.transports = transports,
	};

	return registry_add(registry, &plugin, "test", false, NULL) == OTADFU_OK;
}

struct registry *ways_load(unsigned missing)
{
	struct registry *registry = registry_new();

	memset(&ways, 0, sizeof(ways));
	/* Backwards: the order in which they are loaded must not matter. */
	for (enum way way = WAYS; registry && way-- > 0;) {
		if (missing & 1u << way || load(registry, way))
			continue;
		registry_free(registry);
		return NULL;
	}
	return registry;
}
