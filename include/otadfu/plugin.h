/* The one header a vendor includes, and the one symbol a vendor exports. */
#ifndef OTADFU_PLUGIN_H
#define OTADFU_PLUGIN_H

#include <otadfu/abi.h>
#include <otadfu/protocol.h>
#include <otadfu/transport.h>

#ifdef __cplusplus
extern "C" {
#endif

/*
 * One library, one of these, under the one exported name:
 *
 *	OTADFU_PLUGIN_DEFINE(acme) = {
 *		.magic = OTADFU_PLUGIN_MAGIC,
 *		.abi_version = OTADFU_ABI_VERSION,
 *		.size = sizeof(struct otadfu_plugin),
 *		.name = "acme",
 *		.version = "1.0",
 *		.vendor = "Acme Ltd",
 *		.protocols = acme_protocols,
 *	};
 *
 * Constant data, not code: the host reads it in the file and can refuse it before any code of the
 * plugin runs. It and all it points to stay valid and unchanged while the process lives; the
 * library is never unloaded. No constructor of the library may rely on the host.
 *
 * Names of plugins, transports and protocols are 1 to 31 of a-z, 0-9, _ and -. A transport or
 * protocol of a name that exists hides the other when it comes from a directory that the operator
 * named, and is refused in the built-in directory.
 */
struct otadfu_plugin {
	uint32_t magic;       /* OTADFU_PLUGIN_MAGIC. First, for ever. */
	uint32_t abi_version; /* OTADFU_ABI_VERSION. Second, for ever. */
	uint32_t size;        /* sizeof(struct otadfu_plugin). Third, for ever. */
	uint32_t reserved;
	const char *name;
	const char *version; /* yours; only shown */
	const char *vendor;  /* only shown */
	/* At least one table in all. */
	const struct otadfu_transport_ops *const *transports; /* NULL-terminated, or NULL */
	const struct otadfu_protocol_ops *const *protocols;   /* NULL-terminated, or NULL */

	/* End of ABI 1.0. */
};

#ifdef __cplusplus
}
#define OTADFU_EXTERN_ extern "C"
#else
#define OTADFU_EXTERN_ extern
#endif
#ifdef OTADFU_STATIC_PLUGIN /* linked into a test or a one-file build */
#define OTADFU_PLUGIN_NAME_(id) otadfu_plugin_v1_##id
#else
#define OTADFU_PLUGIN_NAME_(id) otadfu_plugin_v1
#endif
/* The visibility stands on the first declaration: g++ ignores it on a later one. */
#define OTADFU_PLUGIN_DEFINE(id)                                                                   \
	OTADFU_EXTERN_ __attribute__((visibility("default")))                                      \
	const struct otadfu_plugin OTADFU_PLUGIN_NAME_(id);                                        \
	const struct otadfu_plugin OTADFU_PLUGIN_NAME_(id)

#endif
