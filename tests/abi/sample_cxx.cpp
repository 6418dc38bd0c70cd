// A protocol as a C++ vendor writes it. C++17 has no designated initialisers; constexpr functions
// fill the tables by name, at compile time: constants, as the ABI demands.
#include <otadfu/plugin.h>

namespace
{

int probe(otadfu_ctx *, otadfu_probe *ret_probe)
{
	ret_probe->score = 0;
	return OTADFU_OK;
}

int update(otadfu_ctx *ctx, const otadfu_image *, otadfu_next *)
{
	return ctx->host->fail(ctx, OTADFU_E_UNSUPPORTED, 0, "nobody speaks this");
}

constexpr otadfu_protocol_ops make_protocol()
{
	otadfu_protocol_ops ops{};

	ops.size = sizeof(ops);
	ops.name = "sample_cxx";
	ops.summary = "a protocol that nobody speaks, in C++";
	ops.probe = probe;
	ops.update = update;
	return ops;
}

constexpr otadfu_protocol_ops protocol = make_protocol();
constexpr const otadfu_protocol_ops *protocols[] = { &protocol, nullptr };

constexpr otadfu_plugin make_plugin()
{
	otadfu_plugin plugin{};

	plugin.magic = OTADFU_PLUGIN_MAGIC;
	plugin.abi_version = OTADFU_ABI_VERSION;
	plugin.size = sizeof(plugin);
	plugin.name = "sample_cxx";
	plugin.version = "1.0";
	plugin.vendor = "otadfu";
	plugin.protocols = protocols;
	return plugin;
}

} // namespace

OTADFU_PLUGIN_DEFINE(sample_cxx) = make_plugin();
