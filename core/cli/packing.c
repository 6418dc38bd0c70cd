#include "packing.h"

#include "cleanup.h"
#include "inspect_json.h"
#include "inspection.h"
#include "json_line.h"
#include "line.h"
#include "outfile.h"
#include "package_write.h"
#include "signature.h"

#include <inttypes.h>

enum { VERSION_TEXT_MAX = 32 };

static void warn(const struct context *context, const struct inspection *inspection)
{
	const struct package *package = inspection->package;

	for (size_t i = 0; i < package->warnings; i++)
		log_write(context->log, OTADFU_LOG_WARN, NULL, NULL, "%s", package->warning[i]);
	for (size_t i = 0; i < inspection->findings.count; i++) {
		const struct check_finding *finding = &inspection->findings.items[i];

		if (finding->severity == CHECK_WARNING)
			log_write(context->log, OTADFU_LOG_WARN, NULL, NULL, "%s", finding->text);
	}
}

static int judge(const struct inspection *inspection, struct failure *why)
{
	const struct check_finding *refusal = check_first_refusal(&inspection->findings);

	if (!refusal)
		return OTADFU_OK;
	failure_hint(why, "it would not be sent: see \"require\" in the profile");
	return failure_set(why, OTADFU_E_PACKAGE, 0, "%s", refusal->text);
}

static void describe_version(const struct initpacket *init, char text[VERSION_TEXT_MAX])
{
	bool is_secure = init->kind == INITPACKET_SECURE;
	uint32_t version = is_secure ? init->secure.fw_version : init->legacy.app_version;
	bool says = is_secure ? init->secure.has_fw_version
			      : init->legacy.format != INITPACKET_FORMAT_CRC_ONLY;

	/* packages-and-init-packets.md 2.1, legacy-dfu.md 6: all ones stand for none, or any. */
	text[0] = '\0';
	if (says && version != UINT32_MAX)
		snprintf(text, VERSION_TEXT_MAX, ", version %" PRIu32, version);
}

static void tell(const struct inspection *inspection)
{
	const struct package *package = inspection->package;

	for (size_t i = 0; i < package->count; i++) {
		char version[VERSION_TEXT_MAX];

		describe_version(&package->inits[i], version);
		line_write(stdout, "%s: %s, %zu bytes%s%s", inspection->path,
			   package_kind_name(package->images[i].kind), package->images[i].data_len,
			   version, signature_is_there(&package->inits[i]) ? ", signed" : "");
	}
}

static int write_package(struct context *context, const struct inspection *inspection,
			 struct failure *why)
{
	bool overwrite = args_count(&context->args, ARG_OVERWRITE) > 0;
	AUTO_FREE uint8_t *data = NULL;
	size_t len;
	int r = package_write(inspection->package, &data, &len, why);

	if (r == OTADFU_OK)
		r = outfile_write(inspection->path, overwrite, data, len, why);
	if (r < 0)
		return r;
	if (args_count(&context->args, ARG_JSON))
		json_line_write(stdout, inspect_json(inspection));
	else if (!args_count(&context->args, ARG_QUIET))
		tell(inspection);
	return OTADFU_OK;
}

int packing_finish(struct context *context, struct package *package, const char *path,
		   struct failure *why)
{
	struct inspection inspection;
	struct check_facts facts;
	int r;

	check_facts_from_profile(context->profile, &facts);
	r = inspection_of_package(path, package, &facts, &inspection, why);
	if (r == OTADFU_OK) {
		warn(context, &inspection);
		r = judge(&inspection, why);
	}
	if (r == OTADFU_OK)
		r = write_package(context, &inspection, why);
	inspection_clear(&inspection);
	return r;
}
