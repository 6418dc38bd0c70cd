/* From a directory of .so files to trusted tables. */
#ifndef OTADFU_LOADER_LOADER_H
#define OTADFU_LOADER_LOADER_H

#include "error.h"
#include "registry.h"

#include <stdbool.h>

struct log;

/* Where to look, in this order: a later directory's table hides an earlier one's. */
struct loader_paths {
	const char *builtin;            /* beside the program */
	const char *environment;        /* OTADFU_PLUGIN_PATH, colon-separated; NULL: unset */
	const char *const *directories; /* of --plugin-path, NULL-terminated; or NULL */
	bool secure_mode;               /* getauxval(AT_SECURE): setcap or setuid */
};

/*
 * Loads every "*.so" of the directories, in the order of their names. A library that is refused is
 * logged as a warning with its reason and left out, and the others load. A directory of
 * --plugin-path that cannot be used is an error (NOT_FOUND, PERMISSION), any other one a warning.
 * In secure mode named directories are refused as a whole: OTADFU_E_PERMISSION.
 */
int loader_load(const struct loader_paths *paths, struct registry *registry, struct log *log,
		struct failure *why);

/*
 * One library: permissions; the symbol and the integers that stand first, read in the file, so that
 * nothing of a library refused for these has run; dlopen (RTLD_NOW | RTLD_LOCAL, never closed);
 * registry_add. Each refusal of design section 4 has its own text, which names the file;
 * PERMISSION, UNSUPPORTED or NOT_FOUND. replaces: as in registry_add.
 */
int loader_load_file(const char *path, bool secure_mode, bool replaces, struct registry *registry,
		     struct failure *why);

/*
 * The directory beside the running program that corresponds to subdir below its prefix, as
 * "lib/otadfu/plugins"; the same rule in the build tree and in an install prefix. Caller frees;
 * NULL on failure.
 */
char *loader_builtin_dir(const char *subdir);

#endif
