#include "context.h"

#include "cleanup.h"
#include "loader.h"

#include <stdlib.h>
#include <string.h>
#include <sys/auxv.h>

#define COMMAND_LINE "command line"

static int find_and_read_profile(struct context *context, const char *name, struct failure *why)
{
	AUTO_FREE char *shipped = loader_builtin_dir(OTADFU_PROFILE_SUBDIR);
	const char *const dirs[] = { shipped, NULL };
	AUTO_FREE char *path = NULL;
	int r;

	r = profile_find(name, dirs, &path, why);
	if (r < 0)
		return r;
	return profile_read(context->profile, path, why);
}

static void unset(struct profile_text *text)
{
	free(text->value);
	text->value = NULL;
}

/* Which device is meant is said as a whole: the profile's match does not narrow it further. */
static int take_device(const struct args *args, struct profile *profile)
{
	const char *address = args_text(args, ARG_ADDRESS);
	const char *name = args_text(args, ARG_NAME);

	if (!address && !name)
		return OTADFU_OK;
	unset(&profile->match_address);
	unset(&profile->match_name);
	unset(&profile->match_service);
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

static int take_settings(const struct args *args, struct profile *profile, struct failure *why)
{
	for (const char *const *set = args_list(args, ARG_SET); *set; set++) {
		int r = profile_set_option(profile, *set, why);

		if (r < 0)
			return r;
	}
	return OTADFU_OK;
}

int context_read_profile(struct context *context, struct failure *why)
{
	const char *name = args_text(&context->args, ARG_PROFILE);
	int r = profile_new(&context->profile);

	if (r == OTADFU_OK && name)
		r = find_and_read_profile(context, name, why);
	if (r == OTADFU_OK)
		r = take_device(&context->args, context->profile);
	if (r == OTADFU_OK)
		r = take_choices(&context->args, context->profile);
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

void context_free(struct context *context)
{
	interrupt_stop(context->interrupt);
	registry_free(context->registry);
	profile_free(context->profile);
	clock_free(context->clock);
	log_free(context->log);
	args_free(&context->args);
}
