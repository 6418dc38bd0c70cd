#include "check.h"
#include "command.h"
#include "context.h"
#include "exit_status.h"
#include "outfile.h"
#include "package_make.h"
#include "packing.h"
#include "report.h"
#include "signing.h"

enum { PACKAGE_IN, PACKAGE_OUT, OPERANDS };

static int check_words(const struct args *args, struct failure *why)
{
	if (args_count(args, ARG_OPERAND) != OPERANDS)
		return failure_set(
			why, OTADFU_E_CONFIG, 0,
			"two files are wanted: the package, and the signed one to write");
	if (args_count(args, ARG_KEY) + args_count(args, ARG_SIGNER) == 0)
		return failure_set(why, OTADFU_E_CONFIG, 0,
				   "who signs: --key PEM or --signer COMMAND?");
	return OTADFU_OK;
}

/* What does not belong together is not vouched for. */
static int check_content(const struct package *package, struct failure *why)
{
	static const struct check_facts nothing_known = { 0 };
	const struct check_finding *refusal;
	struct check_findings findings;
	int r = check_package(package, &nothing_known, &findings, why);

	if (r < 0)
		return r;
	refusal = check_first_refusal(&findings);
	if (!refusal)
		return OTADFU_OK;
	failure_hint(why, "%s", refusal->hint);
	return failure_set(why, OTADFU_E_PACKAGE, 0, "%s", refusal->text);
}

/* Its bytes belong to what is signed here, and are kept. */
static void warn_of_boot_validation(const struct context *context, const struct package *package,
				    struct key *key)
{
	const struct keyring keys = { .count = 1, .keys = { key } };

	if (key && !check_verifies_at_boot(package, &keys))
		log_write(context->log, OTADFU_LOG_WARN, NULL, NULL,
			  "the signature for the boot validation, which is kept, is not of this "
			  "key: a bootloader with this one takes the image and never starts it; "
			  "make the package again");
}

static int sign(struct context *context, struct package *package, struct failure *why)
{
	struct signing signing;
	int r = check_content(package, why);

	if (r == OTADFU_OK)
		r = signing_prepare(context, &signing, why);
	if (r < 0)
		return r;
	r = package_sign(package, &signing.signer, why);
	if (r == OTADFU_OK)
		warn_of_boot_validation(context, package, signing.key);
	signing_clear(&signing);
	return r;
}

static int read_sign_write(struct context *context, struct failure *why)
{
	const char *const *paths = args_list(&context->args, ARG_OPERAND);
	bool overwrite = args_count(&context->args, ARG_OVERWRITE) > 0;
	struct package *package;
	int r = outfile_check(paths[PACKAGE_OUT], overwrite, why);

	if (r == OTADFU_OK)
		r = context_read_profile(context, why);
	if (r == OTADFU_OK)
		r = package_open_zip(paths[PACKAGE_IN], &package, why);
	if (r < 0)
		return r;
	r = sign(context, package, why);
	if (r < 0) {
		package_free(package);
		return r;
	}
	return packing_finish(context, package, paths[PACKAGE_OUT], why);
}

int cmd_pkg_sign(struct context *context)
{
	struct failure why = { 0 };
	int r;

	if (check_words(&context->args, &why) < 0)
		return usage_error(context->command, &why);
	r = read_sign_write(context, &why);
	if (r < 0)
		report_failure(stderr, &why);
	return exit_status_of(r);
}
