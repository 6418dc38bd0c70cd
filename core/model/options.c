#include "options.h"

#include "text.h"

#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { EXPECTED_MAX = 160 };

/* One declared option with the value in force. */
struct resolved {
	const struct otadfu_option *option;
	char *value;
	int64_t number; /* of INT and BOOL */
	char origin[SETTING_ORIGIN_MAX];
};

struct options {
	size_t count;
	struct resolved items[];
};

enum verdict { ACCEPTED, UNKNOWN_KEY, BAD_VALUE };

static struct setting *find_setting(const struct settings *settings, const char *plugin,
				    const char *key)
{
	for (size_t i = 0; settings && i < settings->count; i++) {
		struct setting *setting = &settings->items[i];

		if (strcmp(setting->plugin, plugin) == 0 && strcmp(setting->key, key) == 0)
			return setting;
	}
	return NULL;
}

static void free_setting(struct setting *setting)
{
	free(setting->plugin);
	free(setting->key);
	free(setting->value);
}

static int append_setting(struct settings *settings, struct setting *setting)
{
	struct setting *grown =
		reallocarray(settings->items, settings->count + 1, sizeof(*settings->items));

	if (!grown)
		return OTADFU_E_NOMEM;
	settings->items = grown;
	settings->items[settings->count++] = *setting;
	return OTADFU_OK;
}

int settings_put(struct settings *settings, const char *plugin, const char *key, const char *value,
		 const char *origin)
{
	struct setting made = { .plugin = strdup(plugin),
				.key = strdup(key),
				.value = strdup(value) };
	struct setting *old = find_setting(settings, plugin, key);
	int r = OTADFU_E_NOMEM;

	snprintf(made.origin, sizeof(made.origin), "%s", origin);
	if (made.plugin && made.key && made.value)
		r = OTADFU_OK;
	if (r == OTADFU_OK && old) {
		free_setting(old);
		*old = made;
		return OTADFU_OK;
	}
	if (r == OTADFU_OK)
		r = append_setting(settings, &made);
	if (r < 0)
		free_setting(&made);
	return r;
}

const struct setting *settings_find(const struct settings *settings, const char *plugin,
				    const char *key)
{
	return find_setting(settings, plugin, key);
}

void settings_clear(struct settings *settings)
{
	for (size_t i = 0; i < settings->count; i++)
		free_setting(&settings->items[i]);
	free(settings->items);
	*settings = (struct settings){ 0 };
}

static bool has_range(const struct otadfu_option *option)
{
	return option->min < option->max;
}

static bool accept_int(const struct otadfu_option *option, const char *value, int64_t *ret_number)
{
	int64_t number;

	if (!text_to_int(value, &number))
		return false;
	if (has_range(option) && (number < option->min || number > option->max))
		return false;
	*ret_number = number;
	return true;
}

static bool accept_bool(const struct otadfu_option *option, const char *value, int64_t *ret_number)
{
	bool yes;

	(void)option;
	if (!text_to_bool(value, &yes))
		return false;
	*ret_number = yes;
	return true;
}

static bool accept_string(const struct otadfu_option *option, const char *value,
			  int64_t *ret_number)
{
	(void)option;
	(void)value;
	(void)ret_number;
	return true;
}

static bool accept_choice(const struct otadfu_option *option, const char *value,
			  int64_t *ret_number)
{
	(void)ret_number;
	return text_is_choice(value, option->choices);
}

static void expect_int(const struct otadfu_option *option, char *text, size_t size)
{
	if (has_range(option))
		snprintf(text, size, "a whole number from %" PRId64 " to %" PRId64, option->min,
			 option->max);
	else
		snprintf(text, size, "a whole number");
}

static void expect_bool(const struct otadfu_option *option, char *text, size_t size)
{
	(void)option;
	snprintf(text, size, "true or false");
}

static void expect_choice(const struct otadfu_option *option, char *text, size_t size)
{
	snprintf(text, size, "one of %s", option->choices ? option->choices : "nothing");
}

static const struct option_kind {
	bool (*accept)(const struct otadfu_option *option, const char *value, int64_t *ret_number);
	void (*expect)(const struct otadfu_option *option, char *text, size_t size);
	const char *fallback; /* where the plugin declares none */
} option_kinds[] = {
	[OTADFU_OPT_INT] = { accept_int, expect_int, NULL },
	[OTADFU_OPT_BOOL] = { accept_bool, expect_bool, NULL },
	[OTADFU_OPT_STRING] = { accept_string, NULL, "" },
	[OTADFU_OPT_CHOICE] = { accept_choice, expect_choice, NULL },
};

static const struct option_kind *kind_of(const struct otadfu_option *option)
{
	if (option->kind == 0 || option->kind >= sizeof(option_kinds) / sizeof(option_kinds[0]))
		return NULL;
	return &option_kinds[option->kind];
}

static size_t count_options(const struct otadfu_option *const *declared)
{
	size_t count = 0;

	while (declared && declared[count])
		count++;
	return count;
}

static int fill_default(const char *plugin, const struct otadfu_option *option,
			struct resolved *item, struct failure *why)
{
	const struct option_kind *kind = kind_of(option);
	const char *fallback = option->fallback;

	if (kind && !fallback)
		fallback = kind->fallback;
	if (!kind || !fallback || !kind->accept(option, fallback, &item->number))
		return failure_set(why, OTADFU_E_CONFIG, 0,
				   "plugin %s declares %s with a default it does not allow itself; "
				   "that is a fault of the plugin",
				   plugin, option->key);
	item->option = option;
	item->value = strdup(fallback);
	snprintf(item->origin, sizeof(item->origin), "default");
	return item->value ? OTADFU_OK : failure_set(why, OTADFU_E_NOMEM, 0, "out of memory");
}

static const struct resolved *find_resolved(const struct options *options, const char *key)
{
	for (size_t i = 0; options && i < options->count; i++) {
		if (strcmp(options->items[i].option->key, key) == 0)
			return &options->items[i];
	}
	return NULL;
}

static enum verdict judge(struct resolved *item, const struct setting *setting)
{
	if (!item)
		return UNKNOWN_KEY;
	if (!kind_of(item->option)->accept(item->option, setting->value, &item->number))
		return BAD_VALUE;
	return ACCEPTED;
}

static int fail_unknown(const struct options *options, const struct setting *setting,
			struct failure *why)
{
	char keys[EXPECTED_MAX] = "none";
	size_t used = 0;

	for (size_t i = 0; i < options->count && used < sizeof(keys); i++)
		used += (size_t)snprintf(keys + used, sizeof(keys) - used, "%s%s",
					 i > 0 ? ", " : "", options->items[i].option->key);
	return failure_set(why, OTADFU_E_CONFIG, 0, "%s: %s has no option '%s'; its options: %s",
			   setting->origin, setting->plugin, setting->key, keys);
}

static int fail_value(const struct otadfu_option *option, const struct setting *setting,
		      struct failure *why)
{
	char expected[EXPECTED_MAX];

	kind_of(option)->expect(option, expected, sizeof(expected));
	return failure_set(why, OTADFU_E_CONFIG, 0, "%s: %s.%s must be %s, not '%s'",
			   setting->origin, setting->plugin, setting->key, expected,
			   setting->value);
}

static int keep_value(struct resolved *item, const struct setting *setting, struct failure *why)
{
	char *value = strdup(setting->value);

	if (!value)
		return failure_set(why, OTADFU_E_NOMEM, 0, "out of memory");
	free(item->value);
	item->value = value;
	memcpy(item->origin, setting->origin, sizeof(item->origin));
	return OTADFU_OK;
}

static int apply(struct options *options, const struct setting *setting, struct failure *why)
{
	struct resolved *item = (struct resolved *)find_resolved(options, setting->key);

	switch (judge(item, setting)) {
	case UNKNOWN_KEY:
		return fail_unknown(options, setting, why);
	case BAD_VALUE:
		return fail_value(item->option, setting, why);
	case ACCEPTED:
		break;
	}
	return keep_value(item, setting, why);
}

static int apply_settings(const char *plugin, const struct settings *settings,
			  struct options *options, struct failure *why)
{
	int r = OTADFU_OK;

	for (size_t i = 0; r == OTADFU_OK && settings && i < settings->count; i++) {
		if (strcmp(settings->items[i].plugin, plugin) == 0)
			r = apply(options, &settings->items[i], why);
	}
	return r;
}

int options_resolve(const char *plugin, const struct otadfu_option *const *declared,
		    const struct settings *settings, struct options **ret_options,
		    struct failure *why)
{
	size_t count = count_options(declared);
	struct options *options = calloc(1, sizeof(*options) + count * sizeof(options->items[0]));
	int r = OTADFU_OK;

	if (!options)
		return failure_set(why, OTADFU_E_NOMEM, 0, "out of memory");
	for (; r == OTADFU_OK && options->count < count; options->count++)
		r = fill_default(plugin, declared[options->count], &options->items[options->count],
				 why);
	if (r == OTADFU_OK)
		r = apply_settings(plugin, settings, options, why);
	if (r < 0) {
		options_free(options);
		return r;
	}
	*ret_options = options;
	return OTADFU_OK;
}

void options_free(struct options *options)
{
	for (size_t i = 0; options && i < options->count; i++)
		free(options->items[i].value);
	free(options);
}

const char *options_str(const struct options *options, const char *key)
{
	const struct resolved *item = find_resolved(options, key);

	return item ? item->value : NULL;
}

int64_t options_int(const struct options *options, const char *key)
{
	const struct resolved *item = find_resolved(options, key);

	return item ? item->number : 0;
}

const char *options_origin(const struct options *options, const char *key)
{
	const struct resolved *item = find_resolved(options, key);

	return item ? item->origin : NULL;
}
