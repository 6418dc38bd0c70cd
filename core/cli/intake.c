#include "intake.h"

static int read_range(const struct args *args, struct ihex_range *ret_range, struct failure *why)
{
	const char *text = args_text(args, ARG_RANGE);

	return text ? ihex_parse_range(text, ret_range, why) : OTADFU_OK;
}

int intake_check_words(const struct args *args, struct failure *why)
{
	size_t zips = args_count(args, ARG_ZIP) + args_count(args, ARG_OPERAND);
	size_t firmwares = args_count(args, ARG_FIRMWARE);
	struct ihex_range range;

	if (args_count(args, ARG_INIT) != firmwares)
		return failure_set(why, OTADFU_E_CONFIG, 0,
				   "-f and -d go together: a firmware and its init packet");
	if (zips + firmwares == 0)
		return failure_set(why, OTADFU_E_CONFIG, 0,
				   "no firmware was named: PACKAGE.zip, or -f with -d");
	if (zips + firmwares > 1)
		return failure_set(why, OTADFU_E_CONFIG, 0,
				   "more than one firmware was named, and only one can be meant");
	if (zips > 0 && args_count(args, ARG_RANGE) > 0)
		return failure_set(why, OTADFU_E_CONFIG, 0,
				   "--range is for a .hex file given with -f");
	return read_range(args, &range, why);
}

static int open_package(const struct args *args, struct package **ret_package, struct failure *why)
{
	const char *firmware = args_text(args, ARG_FIRMWARE);
	const char *zip = args_text(args, ARG_ZIP);
	struct ihex_range range = { 0 };
	int r;

	if (!firmware)
		return package_open_zip(zip ? zip : args_text(args, ARG_OPERAND), ret_package, why);
	r = read_range(args, &range, why);
	if (r < 0)
		return r;
	return package_open_files(firmware, args_text(args, ARG_INIT), &range, ret_package, why);
}

int intake_open(const struct args *args, const struct profile *profile,
		struct package **ret_package, struct failure *why)
{
	struct package *package = NULL;
	int r = open_package(args, &package, why);

	if (r == OTADFU_OK)
		r = package_select(package, (unsigned)profile->part.value, why);
	if (r < 0)
		package_free(package);
	else
		*ret_package = package;
	return r;
}

static void log_findings(struct log *log, const struct check_findings *findings, bool forced)
{
	for (size_t i = 0; i < findings->count; i++) {
		const struct check_finding *finding = &findings->items[i];

		if (finding->severity == CHECK_WARNING)
			log_write(log, OTADFU_LOG_WARN, NULL, NULL, "%s", finding->text);
		else if (forced)
			log_write(log, OTADFU_LOG_WARN, NULL, NULL, "%s (forced)", finding->text);
	}
}

static int refuse(const struct check_finding *finding, struct failure *why)
{
	failure_hint(why, "%s%s--force sends it all the same", finding->hint,
		     finding->hint[0] ? "; " : "");
	return failure_set(why, OTADFU_E_PACKAGE, 0, "%s", finding->text);
}

int intake_judge(const struct args *args, const struct profile *profile,
		 const struct package *package, struct log *log, struct failure *why)
{
	bool forced = args_count(args, ARG_FORCE) > 0;
	const struct check_finding *refusal;
	struct check_findings findings;
	struct check_facts facts;
	int r;

	for (size_t i = 0; i < package->warnings; i++)
		log_write(log, OTADFU_LOG_WARN, NULL, NULL, "%s", package->warning[i]);
	check_facts_from_profile(profile, &facts);
	r = check_package(package, &facts, &findings, why);
	if (r < 0)
		return r;
	log_findings(log, &findings, forced);
	refusal = check_first_refusal(&findings);
	return refusal && !forced ? refuse(refusal, why) : OTADFU_OK;
}
