#include "command.h"
#include "context.h"
#include "exit_status.h"
#include "firmware_pick.h"
#include "outfile.h"
#include "package_make.h"
#include "packing.h"
#include "report.h"
#include "signing.h"
#include "softdevice.h"
#include "version.h"

#include <stdlib.h>
#include <string.h>

enum { SD_ANY = 0xFFFE, FIRST_VERSION = 1 };

/* The images of a package by their options. */
enum { SOFTDEVICE, BOOTLOADER, APPLICATION, IMAGES };

struct making {
	struct context *context;
	const struct profile_package *defaults;
	struct package_recipe recipe;
	struct firmware images[IMAGES];
	uint16_t sd_req[INITPACKET_SECURE_SD_MAX];
	struct signing signing;
	struct failure *why;
};

static bool is_given(const struct profile_int *number)
{
	return number->origin[0] != '\0';
}

static void warn(const struct making *making, const char *text)
{
	log_write(making->context->log, OTADFU_LOG_WARN, NULL, NULL, "%s", text);
}

/* --- what the command line may say --- */

/* Options that only one protocol knows. */
static const struct {
	enum argument argument;
	const char *name;
	enum initpacket_kind kind;
} particular[] = {
	{ ARG_EXTERNAL_APP, "external-app", INITPACKET_SECURE },
	{ ARG_HW_VERSION, "hw-version", INITPACKET_SECURE },
	{ ARG_BL_VERSION, "bl-version", INITPACKET_SECURE },
	{ ARG_BOOT_VALIDATION, "boot-validation", INITPACKET_SECURE },
	{ ARG_DEBUG, "debug", INITPACKET_SECURE },
	{ ARG_UNSIGNED, "unsigned", INITPACKET_SECURE },
	{ ARG_FORMAT, "format", INITPACKET_LEGACY },
	{ ARG_DEVICE_TYPE, "device-type", INITPACKET_LEGACY },
	{ ARG_DEVICE_REVISION, "device-rev", INITPACKET_LEGACY },
};

static int check_words(const struct args *args, struct failure *why)
{
	bool signs = args_count(args, ARG_KEY) + args_count(args, ARG_SIGNER) > 0;

	if (args_count(args, ARG_OPERAND) != 1)
		return failure_set(why, OTADFU_E_CONFIG, 0, "the package to write is not named");
	if (args_count(args, ARG_APPLICATION) + args_count(args, ARG_EXTERNAL_APP) > 1)
		return failure_set(why, OTADFU_E_CONFIG, 0,
				   "a package holds one application: --application or "
				   "--external-app");
	if (args_count(args, ARG_RANGE) > 0 && args_count(args, ARG_APPLICATION) == 0)
		return failure_set(why, OTADFU_E_CONFIG, 0, "--range chooses from --application");
	if (args_count(args, ARG_SD_ID) > 0 && args_count(args, ARG_SOFTDEVICE) == 0)
		return failure_set(why, OTADFU_E_CONFIG, 0,
				   "--sd-id says which one --softdevice is; what may be on the "
				   "device, --sd-req says");
	if (signs && args_count(args, ARG_UNSIGNED) > 0)
		return failure_set(why, OTADFU_E_CONFIG, 0,
				   "--unsigned excludes --key and --signer");
	return OTADFU_OK;
}

static int choose_kind(struct making *making)
{
	const struct args *args = &making->context->args;
	const char *name = making->context->profile->protocol.value;

	if (name && strcmp(name, "secure") == 0)
		making->recipe.kind = INITPACKET_SECURE;
	else if (name && strcmp(name, "legacy") == 0)
		making->recipe.kind = INITPACKET_LEGACY;
	else
		return failure_set(making->why, OTADFU_E_CONFIG, 0,
				   "which bootloader is it for: --protocol secure or legacy?");
	for (size_t i = 0; i < sizeof(particular) / sizeof(particular[0]); i++) {
		if (particular[i].kind != making->recipe.kind &&
		    args_count(args, particular[i].argument) > 0)
			return failure_set(making->why, OTADFU_E_CONFIG, 0,
					   "--%s does not go with a %s package", particular[i].name,
					   name);
	}
	return OTADFU_OK;
}

/* --- images --- */

static int read_image(struct making *making, enum argument argument, uint32_t kind,
		      struct firmware *image, const struct firmware **ret_image)
{
	const struct args *args = &making->context->args;
	const char *path = args_text(args, argument);
	const char *range_text = args_text(args, ARG_RANGE);
	struct ihex_range range = { 0 };
	char note[FIRMWARE_NOTE_MAX];
	int r = OTADFU_OK;

	if (!path)
		return OTADFU_OK;
	if (range_text && argument == ARG_APPLICATION)
		r = ihex_parse_range(range_text, &range, making->why);
	if (r == OTADFU_OK)
		r = firmware_pick(path, kind, &range, image, note, making->why);
	if (r < 0)
		return r;
	if (note[0])
		warn(making, note);
	*ret_image = image;
	return OTADFU_OK;
}

static int read_images(struct making *making)
{
	struct package_recipe *recipe = &making->recipe;
	int r = read_image(making, ARG_SOFTDEVICE, OTADFU_IMAGE_SOFTDEVICE,
			   &making->images[SOFTDEVICE], &recipe->softdevice);

	if (r == OTADFU_OK)
		r = read_image(making, ARG_BOOTLOADER, OTADFU_IMAGE_BOOTLOADER,
			       &making->images[BOOTLOADER], &recipe->bootloader);
	if (r == OTADFU_OK)
		r = read_image(making, ARG_APPLICATION, OTADFU_IMAGE_APPLICATION,
			       &making->images[APPLICATION], &recipe->application);
	if (r == OTADFU_OK && !recipe->application) {
		r = read_image(making, ARG_EXTERNAL_APP, OTADFU_IMAGE_EXTERNAL_APP,
			       &making->images[APPLICATION], &recipe->application);
		recipe->is_external = recipe->application != NULL;
	}
	return r;
}

/* --- what the init packets say --- */

static int refuse_missing(const struct making *making, const char *what, const char *option,
			  const char *key)
{
	failure_hint(making->why, "%s, or \"package: { %s: ... }\" in a profile", option, key);
	return failure_set(making->why, OTADFU_E_CONFIG, 0, "a secure package states %s", what);
}

static int choose_softdevices(struct making *making)
{
	const char *list = making->defaults->sd_req.value;
	struct package_recipe *recipe = &making->recipe;

	recipe->sd_req = making->sd_req;
	recipe->has_sd_id = is_given(&making->defaults->sd_id);
	recipe->sd_id = (uint16_t)making->defaults->sd_id.value;
	if (list) {
		softdevice_parse_list(list, making->sd_req, INITPACKET_SECURE_SD_MAX,
				      &recipe->sd_req_count);
		return OTADFU_OK;
	}
	if (recipe->kind == INITPACKET_SECURE)
		return refuse_missing(making, "the SoftDevices it may be installed onto",
				      "--sd-req ID[,ID]", "sd_req");
	making->sd_req[0] = SD_ANY;
	recipe->sd_req_count = 1;
	return OTADFU_OK;
}

static uint32_t choose_version(const struct making *making, const struct profile_text *text,
			       bool is_wanted, const char *warning)
{
	uint32_t version = making->recipe.kind == INITPACKET_SECURE ? FIRST_VERSION : UINT32_MAX;

	if (text->value)
		version_to_number(text->value, &version);
	else if (is_wanted && making->recipe.kind == INITPACKET_SECURE)
		warn(making, warning);
	return version;
}

static void choose_versions(struct making *making)
{
	struct package_recipe *recipe = &making->recipe;

	recipe->app_version = choose_version(
		making, &making->defaults->app_version, recipe->application != NULL,
		"the application has version 1, for --app-version says nothing else: a device "
		"with a newer one will refuse it");
	recipe->bl_version = choose_version(
		making, &making->defaults->bl_version, recipe->bootloader != NULL,
		"the bootloader has version 1, for --bl-version says nothing else: a device takes "
		"newer ones only");
}

/* What the device is required to be, where the package is not said to be for another. */
static const struct profile_int *prefer(const struct profile_int *first,
					const struct profile_int *second)
{
	return is_given(first) ? first : second;
}

static int choose_secure(struct making *making)
{
	const struct profile_package *defaults = making->defaults;
	const struct profile_int *hw_version =
		prefer(&defaults->hw_version, &making->context->profile->require_hw_version);
	struct package_recipe *recipe = &making->recipe;

	if (!is_given(hw_version))
		return refuse_missing(making, "the hardware it is for", "--hw-version N",
				      "hw_version");
	recipe->hw_version = (uint32_t)hw_version->value;
	recipe->is_debug = defaults->debug.value != 0;
	recipe->has_boot_validation = defaults->boot_validation.value >= 0;
	recipe->boot_validation = VALIDATION_CRC;
	if (is_given(&defaults->boot_validation) && recipe->has_boot_validation)
		recipe->boot_validation =
			(enum initpacket_validation_type)defaults->boot_validation.value;
	return OTADFU_OK;
}

/* What the CRC alone has no place for would be lost without a word. */
static int check_crc_alone(const struct making *making)
{
	static const struct {
		enum argument argument;
		const char *name;
	} lost[] = {
		{ ARG_DEVICE_TYPE, "device-type" },
		{ ARG_DEVICE_REVISION, "device-rev" },
		{ ARG_APP_VERSION, "app-version" },
		{ ARG_SD_REQ, "sd-req" },
	};

	for (size_t i = 0; i < sizeof(lost) / sizeof(lost[0]); i++) {
		if (args_count(&making->context->args, lost[i].argument) > 0)
			return failure_set(making->why, OTADFU_E_CONFIG, 0,
					   "--%s: an init packet of format crc has no place for it",
					   lost[i].name);
	}
	return OTADFU_OK;
}

static int choose_legacy(struct making *making)
{
	const struct profile *profile = making->context->profile;
	const struct profile_int *type =
		prefer(&making->defaults->device_type, &profile->require_device_type);
	const struct profile_int *revision =
		prefer(&making->defaults->device_revision, &profile->require_device_revision);
	struct package_recipe *recipe = &making->recipe;

	recipe->device_type = is_given(type) ? (uint16_t)type->value : UINT16_MAX;
	recipe->device_revision = is_given(revision) ? (uint16_t)revision->value : UINT16_MAX;
	recipe->format = INITPACKET_FORMAT_05;
	if (is_given(&making->defaults->format))
		recipe->format = (enum initpacket_format)making->defaults->format.value;
	return recipe->format == INITPACKET_FORMAT_CRC_ONLY ? check_crc_alone(making) : OTADFU_OK;
}

/* --- who signs --- */

static int choose_signer(struct making *making)
{
	const struct args *args = &making->context->args;
	const struct profile_package *defaults = making->defaults;
	const struct package_recipe *recipe = &making->recipe;
	const char *key = args_text(args, ARG_KEY);
	const char *command = args_text(args, ARG_SIGNER);
	bool is_secure = recipe->kind == INITPACKET_SECURE;
	bool is_said = key || command;
	int r;

	if (is_secure && !is_said && defaults->no_signature.value)
		return OTADFU_OK;
	/* What a profile names for its signed packages is not meant for others. */
	if (!is_said && (is_secure || recipe->format == INITPACKET_FORMAT_08)) {
		key = defaults->key.value;
		command = defaults->signer.value;
	}
	if (is_secure && !key && !command)
		return failure_set(making->why, OTADFU_E_CONFIG, 0,
				   "who signs: --key PEM, --signer COMMAND, or nobody: "
				   "--unsigned?");
	r = signing_open(making->context, key, command, &making->signing, making->why);
	if (r == OTADFU_OK && making->signing.is_there)
		making->recipe.signer = &making->signing.signer;
	return r;
}

/* --- all together --- */

static int prepare(struct making *making)
{
	const struct args *args = &making->context->args;
	int r = outfile_check(args_text(args, ARG_OPERAND), args_count(args, ARG_OVERWRITE) > 0,
			      making->why);

	if (r == OTADFU_OK)
		r = choose_kind(making);
	if (r == OTADFU_OK)
		r = read_images(making);
	if (r == OTADFU_OK)
		r = choose_softdevices(making);
	if (r == OTADFU_OK && making->recipe.kind == INITPACKET_SECURE)
		r = choose_secure(making);
	else if (r == OTADFU_OK)
		r = choose_legacy(making);
	if (r < 0)
		return r;
	choose_versions(making);
	return choose_signer(making);
}

static int make(struct context *context, struct failure *why)
{
	struct making making = { .context = context, .why = why };
	struct package *package;
	int r = context_read_profile(context, why);

	if (r < 0)
		return r;
	making.defaults = &context->profile->package;
	r = prepare(&making);
	if (r == OTADFU_OK)
		r = package_make(&making.recipe, &package, why);
	if (r == OTADFU_OK)
		r = packing_finish(context, package, args_text(&context->args, ARG_OPERAND), why);
	signing_clear(&making.signing);
	for (size_t i = 0; i < IMAGES; i++)
		free(making.images[i].data);
	return r;
}

int cmd_pkg_make(struct context *context)
{
	struct failure why = { 0 };
	int r;

	if (check_words(&context->args, &why) < 0)
		return usage_error(context->command, &why);
	r = make(context, &why);
	if (r < 0)
		report_failure(stderr, &why);
	return exit_status_of(r);
}
