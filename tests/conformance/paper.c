/* A plugin that the loader takes, and that is not as the headers want it in one point. */
#include <otadfu/plugin.h>

#ifdef FLAW_EXPORTS
__attribute__((visibility("default"))) int paper_helper(void);

int paper_helper(void)
{
	return 0;
}
#endif

#ifdef FLAW_TEXTS
#define SUMMARY "two\nlines"
#else
#define SUMMARY "does nothing"
#endif

#ifdef FLAW_OPTIONS
#define CHOICES "one|"
#else
#define CHOICES "one|two"
#endif

#ifdef FLAW_CAPS
#define CAPS (1u << 20)
#else
#define CAPS OTADFU_PCAP_LEGACY_PACKAGE
#endif

static int probe(struct otadfu_ctx *ctx, struct otadfu_probe *ret_probe)
{
	(void)ctx, (void)ret_probe;
	return OTADFU_OK;
}

static int update(struct otadfu_ctx *ctx, const struct otadfu_image *image,
		  struct otadfu_next *ret_next)
{
	(void)ctx, (void)image, (void)ret_next;
	return OTADFU_E_UNSUPPORTED;
}

static const struct otadfu_option which = {
	.size = sizeof(which),
	.kind = OTADFU_OPT_CHOICE,
	.key = "which",
	.help = "nothing",
	.fallback = "one",
	.choices = CHOICES,
};
static const struct otadfu_option *const options[] = { &which, NULL };

static const struct otadfu_protocol_ops ops = {
	.size = sizeof(ops),
	.caps = CAPS,
	.name = "paper",
	.summary = SUMMARY,
	.options = options,
	.probe = probe,
	.update = update,
};
static const struct otadfu_protocol_ops *const protocols[] = { &ops, NULL };

OTADFU_PLUGIN_DEFINE(paper) = {
	.magic = OTADFU_PLUGIN_MAGIC,
	.abi_version = OTADFU_ABI_VERSION,
	.size = sizeof(struct otadfu_plugin),
	.name = "paper",
	.version = "0",
	.vendor = "otadfu",
	.protocols = protocols,
};
