/* What is to be done, with what: one product's YAML, the command line over it, defaults under it.
 */
#ifndef OTADFU_MODEL_PROFILE_H
#define OTADFU_MODEL_PROFILE_H

#include "error.h"
#include "options.h"
#include "target.h"

#include <stddef.h>

/* What proves an update: seen again, nothing at all, or seen again and telling the new version. */
enum verify_mode { VERIFY_ADVERTISES = 1, VERIFY_NONE, VERIFY_VERSION };

/* A value and where it came from: "default", "acme.yaml:3:8", "command line". */
struct profile_text {
	char *value; /* NULL: not set */
	char origin[SETTING_ORIGIN_MAX];
};

struct profile_int {
	int64_t value;
	char origin[SETTING_ORIGIN_MAX]; /* empty: not set */
};

/* `package`: what pkg make takes where the command line is silent. */
struct profile_package {
	struct profile_int hw_version;
	struct profile_text sd_req; /* as softdevice_parse_list takes it */
	struct profile_int sd_id;
	struct profile_text app_version, bl_version; /* as version_to_number takes them */
	struct profile_int boot_validation; /* initpacket_validation_type, or -1: omitted */
	struct profile_int debug;
	struct profile_int format; /* enum initpacket_format */
	struct profile_int device_type, device_revision;
	struct profile_text key; /* a path, as this process can open it */
	struct profile_text signer;
	struct profile_int no_signature;
};

struct profile {
	struct profile_text inherits; /* the nearest */
	struct profile_text product;
	struct profile_text match_name;
	struct profile_text match_service;
	struct profile_text match_address;
	struct profile_text transport;
	struct profile_text protocol; /* not set: found by probe */
	struct profile_text adapter;  /* not set: the transport's first */
	struct profile_int connect_attempts;
	struct profile_int connect_timeout_ms;
	struct profile_int
		rejoin_service_scan;        /* a lone device in DFU mode may be taken for ours */
	struct profile_int verify;          /* enum verify_mode */
	struct profile_text expect_version; /* not set: the package's number */
	struct profile_int part;            /* PACKAGE_PART_* */
	/* What the device is known to be; a package for another one is refused. */
	struct profile_int require_hw_version;
	struct profile_int require_softdevice; /* FWID */
	struct profile_int require_device_type;
	struct profile_int require_device_revision;
	struct profile_text require_public_key; /* a path, as this process can open it */
	/* What the device itself is asked before anything is changed. */
	struct profile_int require_battery_percent; /* at least */
	struct profile_text require_firmware_min;   /* dotted numbers */
	struct profile_package package;
	struct settings settings; /* options of plugins */
};

/* With the defaults: 5 attempts of 15 s, verify advertises, all parts. Caller frees. */
int profile_new(struct profile **ret_profile);
void profile_free(struct profile *profile);

/*
 * Reads the file over what profile holds; before it the one that it inherits, looked for beside it
 * and in dirs (NULL-terminated), and so on. OTADFU_E_CONFIG with file, line, column and what was
 * expected, for an unknown or duplicate key, a wrong type, a value out of range, a file that cannot
 * be read, a circle or more than 8 ancestors. Top-level keys that are not the profile's own are
 * names of plugins and hold a mapping of options; whether such a plugin and option exist is checked
 * later, by who knows the plugins (profile_check_plugins).
 */
int profile_read(struct profile *profile, const char *path, const char *const *dirs,
		 struct failure *why);

/*
 * Finds "NAME.yaml" in dirs (NULL-terminated), or takes a name with a slash or ".yaml" as a path.
 * OTADFU_E_CONFIG, naming what exists, when there is none. Caller frees *ret_path.
 */
int profile_find(const char *name, const char *const *dirs, char **ret_path, struct failure *why);

struct profile_entry {
	char *name;
	char *path;
	char *product; /* NULL: it does not say */
	char *problem; /* why it cannot be used; NULL: it can */
};

struct profile_list {
	struct profile_entry *items;
	size_t count;
};

/*
 * The profiles of all dirs in the order of the alphabet; of two with one name that which
 * profile_find would find. A directory that cannot be read holds none. Caller clears.
 */
int profile_list(const char *const *dirs, struct profile_list *ret_list, struct failure *why);
void profile_list_clear(struct profile_list *list);

/* One value from the command line: replaces the profile's. */
int profile_set_text(struct profile_text *text, const char *value, const char *origin);
void profile_unset_text(struct profile_text *text);

/*
 * The same for any key of the profile's own, by its place: section NULL, key "part".
 * OTADFU_E_CONFIG with what was expected.
 */
int profile_set_value(struct profile *profile, const char *section, const char *key,
		      const char *value, const char *origin, struct failure *why);

/* The word for value in a profile, of a key that is a choice of words; else NULL. */
const char *profile_word(const char *section, const char *key, int64_t value);

/* "PLUGIN.KEY=VALUE" of --set. OTADFU_E_CONFIG when it is not of that form. */
int profile_set_option(struct profile *profile, const char *assignment, struct failure *why);

/*
 * Every setting must name a plugin of names (NULL-terminated): OTADFU_E_CONFIG with its origin
 * and the names there are. A name holding '/' is never a plugin's.
 */
int profile_check_plugins(const struct profile *profile, const char *const *names,
			  struct failure *why);

#endif
