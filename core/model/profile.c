#include "profile.h"

#include "cleanup.h"
#include "package.h"
#include "profile_field.h"

#include <stdio.h>
#include <string.h>

static const char no_memory[] = "out of memory";

int profile_new(struct profile **ret_profile)
{
	static const struct profile_int defaults[] = { { 5, "default" },
						       { 15000, "default" },
						       { VERIFY_ADVERTISES, "default" },
						       { PACKAGE_PART_ALL, "default" } };
	struct profile *profile = calloc(1, sizeof(*profile));

	if (!profile)
		return OTADFU_E_NOMEM;
	profile->connect_attempts = defaults[0];
	profile->connect_timeout_ms = defaults[1];
	profile->verify = defaults[2];
	profile->part = defaults[3];
	*ret_profile = profile;
	return OTADFU_OK;
}

void profile_free(struct profile *profile)
{
	if (!profile)
		return;
	free(profile->inherits.value);
	free(profile->product.value);
	free(profile->match_name.value);
	free(profile->match_service.value);
	free(profile->match_address.value);
	free(profile->transport.value);
	free(profile->protocol.value);
	free(profile->adapter.value);
	free(profile->expect_version.value);
	free(profile->require_public_key.value);
	free(profile->require_firmware_min.value);
	free(profile->package.sd_req.value);
	free(profile->package.app_version.value);
	free(profile->package.bl_version.value);
	free(profile->package.key.value);
	free(profile->package.signer.value);
	settings_clear(&profile->settings);
	free(profile);
}

int profile_set_text(struct profile_text *text, const char *value, const char *origin)
{
	char *copy = strdup(value);

	if (!copy)
		return OTADFU_E_NOMEM;
	free(text->value);
	text->value = copy;
	snprintf(text->origin, sizeof(text->origin), "%s", origin);
	return OTADFU_OK;
}

void profile_unset_text(struct profile_text *text)
{
	free(text->value);
	text->value = NULL;
}

int profile_set_value(struct profile *profile, const char *section, const char *key,
		      const char *value, const char *origin, struct failure *why)
{
	const struct profile_field *field = profile_field_find(section, key);
	int r = field ? profile_field_store(field, profile, value, origin) : OTADFU_E_CONFIG;

	if (r == OTADFU_E_NOMEM)
		return failure_set(why, r, 0, no_memory);
	if (r < 0)
		return failure_set(why, r, 0, "%s: %s must be %s, not '%s'", origin, key,
				   field ? field->expected : "a key of a profile", value);
	return OTADFU_OK;
}

const char *profile_word(const char *section, const char *key, int64_t value)
{
	const struct profile_field *field = profile_field_find(section, key);
	const struct profile_choice *choice = field ? field->choices : NULL;

	while (choice && choice->word && choice->value != value)
		choice++;
	return choice ? choice->word : NULL;
}

int profile_set_option(struct profile *profile, const char *assignment, struct failure *why)
{
	AUTO_FREE char *plugin = strdup(assignment);
	char *equals = plugin ? strchr(plugin, '=') : NULL;
	char *dot = plugin ? strchr(plugin, '.') : NULL;

	if (!plugin)
		return failure_set(why, OTADFU_E_NOMEM, 0, no_memory);
	if (!dot || !equals || dot == plugin || equals <= dot + 1)
		return failure_set(why, OTADFU_E_CONFIG, 0,
				   "command line: '%s' is not of the form PLUGIN.KEY=VALUE, like "
				   "secure.receipts=12",
				   assignment);
	*dot = '\0';
	*equals = '\0';
	if (settings_put(&profile->settings, plugin, dot + 1, equals + 1, "command line") < 0)
		return failure_set(why, OTADFU_E_NOMEM, 0, no_memory);
	return OTADFU_OK;
}

static bool is_listed(const char *name, const char *const *names)
{
	for (size_t i = 0; names && names[i]; i++) {
		if (strcmp(names[i], name) == 0)
			return strchr(name, '/') == NULL;
	}
	return false;
}

static int fail_plugin(const struct setting *setting, const char *const *names, struct failure *why)
{
	char list[FAILURE_TEXT_MAX / 2] = "none";
	size_t used = 0;

	for (size_t i = 0; names && names[i] && used < sizeof(list); i++)
		used += (size_t)snprintf(list + used, sizeof(list) - used, "%s%s",
					 i > 0 ? ", " : "", names[i]);
	return failure_set(why, OTADFU_E_CONFIG, 0, "%s: no plugin is named '%s'; there are: %s",
			   setting->origin, setting->plugin, list);
}

int profile_check_plugins(const struct profile *profile, const char *const *names,
			  struct failure *why)
{
	for (size_t i = 0; i < profile->settings.count; i++) {
		const struct setting *setting = &profile->settings.items[i];

		if (!is_listed(setting->plugin, names))
			return fail_plugin(setting, names, why);
	}
	return OTADFU_OK;
}
