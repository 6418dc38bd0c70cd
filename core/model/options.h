/* A plugin's declared options against the values people gave. */
#ifndef OTADFU_MODEL_OPTIONS_H
#define OTADFU_MODEL_OPTIONS_H

#include "error.h"

#include <otadfu/transport.h>
#include <stddef.h>
#include <stdint.h>

enum { SETTING_ORIGIN_MAX = 256 };

/* One value somebody gave: "secure" "receipts" "12", and where ("acme.yaml:7:3", "command line").
 */
struct setting {
	char *plugin;
	char *key;
	char *value;
	char origin[SETTING_ORIGIN_MAX];
};

struct settings {
	struct setting *items;
	size_t count;
};

/* Adds, or replaces the value of the same plugin and key. All strings are copied. */
int settings_put(struct settings *settings, const char *plugin, const char *key, const char *value,
		 const char *origin);
const struct setting *settings_find(const struct settings *settings, const char *plugin,
				    const char *key);
void settings_clear(struct settings *settings);

/* The options of one plugin, resolved: every declared key has a checked value. */
struct options;

/*
 * Checks each setting of that plugin against declared (NULL-terminated, or NULL) and fills in the
 * defaults. OTADFU_E_CONFIG, naming origin, key and what was expected, for an unknown key or a bad
 * value; also when a declared default is itself bad (a fault of the plugin). An integer has a range
 * where min < max. A string without a default is "". Caller frees; declared must live until then.
 */
int options_resolve(const char *plugin, const struct otadfu_option *const *declared,
		    const struct settings *settings, struct options **ret_options,
		    struct failure *why);
void options_free(struct options *options);

/*
 * NULL, or 0, for a key the plugin did not declare. A bool is 0 or 1 as an integer. Strings live as
 * long as options.
 */
const char *options_str(const struct options *options, const char *key);
int64_t options_int(const struct options *options, const char *key);

/* "default", or the setting's origin. NULL for an unknown key. */
const char *options_origin(const struct options *options, const char *key);

#endif
