/*
 * A whole plugin that does nothing. As a library it is compiled once well, and once for each defect
 * that the loader must find before it runs any of it; linked into a test, it is spoilt there. Its
 * constructor leaves a mark, so that a test can tell whether any of it ran.
 */
#include <otadfu/plugin.h>
#include <stdlib.h>

#ifndef DEFECT_ABI_VERSION
#define DEFECT_ABI_VERSION OTADFU_ABI_VERSION
#endif
#ifndef DEFECT_MAGIC
#define DEFECT_MAGIC OTADFU_PLUGIN_MAGIC
#endif
#ifndef DEFECT_SIZE
#define DEFECT_SIZE sizeof(struct otadfu_plugin)
#endif

static void __attribute__((constructor)) leave_mark(void)
{
	setenv("OTADFU_TEST_CONSTRUCTOR_RAN", "1", 1);
}

static int discover(struct otadfu_ctx *ctx, struct otadfu_link *link, struct otadfu_chr *buf,
		    size_t cap, size_t *ret_count, uint64_t deadline)
{
	(void)ctx, (void)link, (void)buf, (void)cap, (void)ret_count, (void)deadline;
	return OTADFU_E_UNSUPPORTED;
}

static int mtu(struct otadfu_ctx *ctx, struct otadfu_link *link, uint16_t wanted, uint16_t *ret_mtu,
	       uint64_t deadline)
{
	(void)ctx, (void)link, (void)wanted, (void)ret_mtu, (void)deadline;
	return OTADFU_E_UNSUPPORTED;
}

static int read_value(struct otadfu_ctx *ctx, struct otadfu_link *link, uint16_t id, uint8_t *buf,
		      size_t cap, size_t *ret_len, uint64_t deadline)
{
	(void)ctx, (void)link, (void)id, (void)buf, (void)cap, (void)ret_len, (void)deadline;
	return OTADFU_E_UNSUPPORTED;
}

static int write_value(struct otadfu_ctx *ctx, struct otadfu_link *link, uint16_t id,
		       const uint8_t *data, size_t len, uint64_t deadline)
{
	(void)ctx, (void)link, (void)id, (void)data, (void)len, (void)deadline;
	return OTADFU_E_UNSUPPORTED;
}

static int subscribe(struct otadfu_ctx *ctx, struct otadfu_link *link, uint16_t id,
		     uint64_t deadline)
{
	(void)ctx, (void)link, (void)id, (void)deadline;
	return OTADFU_E_UNSUPPORTED;
}

static int wait_gone(struct otadfu_ctx *ctx, struct otadfu_link *link, uint64_t deadline)
{
	(void)ctx, (void)link, (void)deadline;
	return OTADFU_E_UNSUPPORTED;
}

static void disconnect(struct otadfu_ctx *ctx, struct otadfu_link *link)
{
	(void)ctx, (void)link;
}

static int open_adapter(struct otadfu_ctx *ctx, const char *name, struct otadfu_adapter **ret)
{
	(void)ctx, (void)name, (void)ret;
	return OTADFU_E_UNSUPPORTED;
}

static void close_adapter(struct otadfu_ctx *ctx, struct otadfu_adapter *adapter)
{
	(void)ctx, (void)adapter;
}

static int connect_peer(struct otadfu_ctx *ctx, struct otadfu_adapter *adapter,
			const struct otadfu_addr *peer, struct otadfu_link **ret, uint64_t deadline)
{
	(void)ctx, (void)adapter, (void)peer, (void)ret, (void)deadline;
	return OTADFU_E_UNSUPPORTED;
}

static int probe(struct otadfu_ctx *ctx, struct otadfu_probe *ret_probe)
{
	(void)ctx;
	ret_probe->score = 0;
	return OTADFU_OK;
}

static int update(struct otadfu_ctx *ctx, const struct otadfu_image *image,
		  struct otadfu_next *ret_next)
{
	(void)ctx, (void)image, (void)ret_next;
	return OTADFU_E_UNSUPPORTED;
}

static const struct otadfu_option burst = {
	.size = sizeof(burst),
	.kind = OTADFU_OPT_INT,
	.key = "burst",
	.help = "packets in one go",
	.fallback = "12",
	.min = 1,
	.max = 100,
};
static const struct otadfu_option *const options[] = { &burst, NULL };

static const struct otadfu_link_ops link_ops = {
	.size = sizeof(link_ops),
	.discover = discover,
	.mtu = mtu,
	.read = read_value,
	.write = write_value,
	.write_cmd = write_value,
	.subscribe = subscribe,
	.wait = read_value,
	.wait_gone = wait_gone,
	.disconnect = disconnect,
};

static const struct otadfu_transport_ops radio = {
	.size = sizeof(radio),
	.name = "sample_radio",
	.summary = "a radio that is not there",
	.options = options,
	.link = &link_ops,
	.open = open_adapter,
	.close = close_adapter,
	.connect = connect_peer,
};
static const struct otadfu_transport_ops *const transports[] = { &radio, NULL };

static const struct otadfu_protocol_ops talk = {
	.size = sizeof(talk),
	.name = "sample",
	.summary = "a protocol that nobody speaks",
	.options = options,
	.probe = probe,
	.update = update,
};
static const struct otadfu_protocol_ops *const protocols[] = { &talk, NULL };

#ifdef DEFECT_UNDEFINED_SYMBOL
int symbol_that_nobody_defines(void);

__attribute__((visibility("default"))) int call_nobody(void);

int call_nobody(void)
{
	return symbol_that_nobody_defines();
}
#endif

#ifdef DEFECT_FUNCTION
/* The right name on the wrong thing: no table at all. */
__attribute__((visibility("default"))) int otadfu_plugin_v1(void);

int otadfu_plugin_v1(void)
{
	return 1;
}
#endif

#ifdef DEFECT_SYMBOL
extern const struct otadfu_plugin DEFECT_SYMBOL;
__attribute__((visibility("default"))) const struct otadfu_plugin DEFECT_SYMBOL = {
#else
OTADFU_PLUGIN_DEFINE(sample) = {
#endif
	.magic = DEFECT_MAGIC,
	.abi_version = DEFECT_ABI_VERSION,
	.size = DEFECT_SIZE,
	.name = "sample",
	.version = "1.0",
	.vendor = "otadfu",
	.transports = transports,
	.protocols = protocols,
};
