#include "context.h"

#include "choices.h"
#include "cleanup.h"
#include "loader.h"

#include <stdlib.h>
#include <string.h>
#include <sys/auxv.h>

#define COMMAND_LINE "command line"

char *context_profile_dir(void)
{
	return loader_builtin_dir(OTADFU_PROFILE_SUBDIR);
}

static int find_and_read_profile(struct context *context, const char *name, struct failure *why)
{
	AUTO_FREE char *shipped = context_profile_dir();
	const char *const dirs[] = { shipped, NULL };
	AUTO_FREE char *path = NULL;
	int r;

	r = profile_find(name, dirs, &path, why);
	if (r < 0)
		return r;
	return profile_read(context->profile, path, dirs, why);
}

/* Which device is meant is said as a whole: the profile's match does not narrow it further. */
static int take_device(const struct args *args, struct profile *profile)
{
	const char *address = args_text(args, ARG_ADDRESS);
	const char *name = args_text(args, ARG_NAME);

	if (!address && !name)
		return OTADFU_OK;
	profile_unset_text(&profile->match_address);
	profile_unset_text(&profile->match_name);
	profile_unset_text(&profile->match_service);
	return address ? profile_set_text(&profile->match_address, address, COMMAND_LINE)
		       : profile_set_text(&profile->match_name, name, COMMAND_LINE);
}

static int take_choices(const struct args *args, struct profile *profile)
{
	const struct {
		enum argument argument;
		struct profile_text *text;
	} choices[] = {
		{ ARG_TRANSPORT, &profile->transport },
		{ ARG_PROTOCOL, &profile->protocol },
		{ ARG_ADAPTER, &profile->adapter },
	};

	for (size_t i = 0; i < sizeof(choices) / sizeof(choices[0]); i++) {
		const char *value = args_text(args, choices[i].argument);
		int r = value ? profile_set_text(choices[i].text, value, COMMAND_LINE) : OTADFU_OK;

		if (r < 0)
			return r;
	}
	return OTADFU_OK;
}

/* Choices that the profile's own rules judge. */
static int take_values(const struct args *args, struct profile *profile, struct failure *why)
{
	static const struct {
		enum argument argument;
		const char *section; /* NULL: top level */
		const char *key;
	} values[] = {
		{ ARG_PART, NULL, "part" },
		{ ARG_VERIFY, NULL, "verify" },
		{ ARG_EXPECT_VERSION, NULL, "expect_version" },
		{ ARG_HW_VERSION, "package", "hw_version" },
		{ ARG_SD_REQ, "package", "sd_req" },
		{ ARG_SD_ID, "package", "sd_id" },
		{ ARG_APP_VERSION, "package", "app_version" },
		{ ARG_BL_VERSION, "package", "bl_version" },
		{ ARG_BOOT_VALIDATION, "package", "boot_validation" },
		{ ARG_DEBUG, "package", "debug" },
		{ ARG_UNSIGNED, "package", "unsigned" },
		{ ARG_FORMAT, "package", "format" },
		{ ARG_DEVICE_TYPE, "package", "device_type" },
		{ ARG_DEVICE_REVISION, "package", "device_revision" },
		{ ARG_REQUIRED_HW_VERSION, "require", "hw_version" },
		{ ARG_REQUIRED_SOFTDEVICE, "require", "softdevice" },
	};
	int r = OTADFU_OK;

	for (size_t i = 0; r == OTADFU_OK && i < sizeof(values) / sizeof(values[0]); i++) {
		const char *value = args_text(args, values[i].argument);

		if (value)
			r = profile_set_value(profile, values[i].section, values[i].key, value,
					      COMMAND_LINE, why);
	}
	return r;
}

static int take_settings(const struct args *args, struct profile *profile, struct failure *why)
{
	for (const char *const *set = args_list(args, ARG_SET); *set; set++) {
		int r = profile_set_option(profile, *set, why);

		if (r < 0)
			return r;
	}
	return OTADFU_OK;
}

int context_read_plain_profile(struct context *context, const char *name, struct failure *why)
{
	int r = profile_new(&context->profile);

	if (r < 0)
		return failure_set(why, r, 0, "%s", error_text(r));
	return name ? find_and_read_profile(context, name, why) : OTADFU_OK;
}

int context_read_profile(struct context *context, struct failure *why)
{
	int r = context_read_plain_profile(context, args_text(&context->args, ARG_PROFILE), why);

	if (r == OTADFU_OK)
		r = take_device(&context->args, context->profile);
	if (r == OTADFU_OK)
		r = take_choices(&context->args, context->profile);
	if (r == OTADFU_OK)
		r = take_values(&context->args, context->profile, why);
	if (r == OTADFU_OK)
		r = take_settings(&context->args, context->profile, why);
	return r < 0 ? failure_set(why, r, 0, "%s", error_text(r)) : r;
}

int context_load_plugins(struct context *context, struct failure *why)
{
	AUTO_FREE char *builtin = loader_builtin_dir(OTADFU_PLUGIN_SUBDIR);
	const struct loader_paths paths = {
		.builtin = builtin,
		.environment = getenv("OTADFU_PLUGIN_PATH"),
		.directories = args_list(&context->args, ARG_PLUGIN_PATH),
		.secure_mode = getauxval(AT_SECURE) != 0,
	};

	context->registry = registry_new();
	if (!context->registry || !builtin)
		return failure_set(why, OTADFU_E_NOMEM, 0, "out of memory");
	return loader_load(&paths, context->registry, context->log, why);
}

int context_prepare_radio(struct context *context, struct failure *why)
{
	int r = interrupt_start(-1, &context->interrupt, why);

	if (r == OTADFU_OK)
		r = context_read_profile(context, why);
	if (r == OTADFU_OK)
		r = context_load_plugins(context, why);
	if (r == OTADFU_OK)
		r = choices_check(context->registry, context->profile, why);
	return r;
}

int context_scan(struct context *context, uint32_t seconds, struct scan_device **ret_devices,
		 size_t *ret_count, struct failure *why)
{
	const struct scan_job job = {
		.registry = context->registry,
		.profile = context->profile,
		.clock = context->clock,
		.log = context->log,
		.cancel_fd = interrupt_cancel_fd(context->interrupt),
		.duration_ms = seconds * 1000,
	};

	return scan_run(&job, ret_devices, ret_count, why);
}

void context_free(struct context *context)
{
	interrupt_stop(context->interrupt);
	registry_free(context->registry);
	profile_free(context->profile);
	clock_free(context->clock);
	log_free(context->log);
	args_free(&context->args);
}
