#include "profile.h"

#include "cleanup.h"

#include <dirent.h>
#include <stdio.h>
#include <string.h>

static const char suffix[] = ".yaml";
static const char no_memory[] = "out of memory";

int profile_new(struct profile **ret_profile)
{
	static const struct profile_int defaults[] = { { 5, "default" },
						       { 15000, "default" },
						       { VERIFY_ADVERTISES, "default" } };
	struct profile *profile = calloc(1, sizeof(*profile));

	if (!profile)
		return OTADFU_E_NOMEM;
	profile->connect_attempts = defaults[0];
	profile->connect_timeout_ms = defaults[1];
	profile->verify = defaults[2];
	*ret_profile = profile;
	return OTADFU_OK;
}

void profile_free(struct profile *profile)
{
	if (!profile)
		return;
	free(profile->product.value);
	free(profile->match_name.value);
	free(profile->match_service.value);
	free(profile->match_address.value);
	free(profile->transport.value);
	free(profile->protocol.value);
	free(profile->adapter.value);
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

static bool has_suffix(const char *name)
{
	size_t len = strlen(name);

	return len >= sizeof(suffix) - 1 && strcmp(name + len - (sizeof(suffix) - 1), suffix) == 0;
}

static int is_profile(const struct dirent *entry)
{
	return entry->d_name[0] != '.' && has_suffix(entry->d_name);
}

/* Appends the names of the profiles in dir, in the order of the alphabet. */
static void list_profiles(const char *dir, char *names, size_t size)
{
	struct dirent **entries = NULL;
	int count = scandir(dir, &entries, is_profile, alphasort);

	for (int i = 0; i < count; i++) {
		size_t used = strlen(names);
		const char *name = entries[i]->d_name;

		snprintf(names + used, size - used, "%s%.*s", used > 0 ? ", " : "",
			 (int)(strlen(name) - strlen(suffix)), name);
		free(entries[i]);
	}
	free(entries);
}

static int find_in_dirs(const char *name, const char *const *dirs, char **ret_path,
			struct failure *why)
{
	char names[FAILURE_TEXT_MAX / 2] = "";

	for (size_t i = 0; dirs && dirs[i]; i++) {
		char *path;

		if (asprintf(&path, "%s/%s%s", dirs[i], name, suffix) < 0)
			return failure_set(why, OTADFU_E_NOMEM, 0, no_memory);
		if (access(path, F_OK) == 0) {
			*ret_path = path;
			return OTADFU_OK;
		}
		free(path);
		list_profiles(dirs[i], names, sizeof(names));
	}
	return failure_set(why, OTADFU_E_CONFIG, 0, "no profile is named '%s'; there are: %s", name,
			   names[0] != '\0' ? names : "none");
}

int profile_find(const char *name, const char *const *dirs, char **ret_path, struct failure *why)
{
	char *path;

	if (!strchr(name, '/') && !has_suffix(name))
		return find_in_dirs(name, dirs, ret_path, why);
	path = strdup(name);
	if (!path)
		return failure_set(why, OTADFU_E_NOMEM, 0, no_memory);
	*ret_path = path;
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
