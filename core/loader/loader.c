#include "loader.h"

#include "cleanup.h"
#include "log.h"
#include "sharedlib.h"
#include "tables.h"
#include "trust.h"

#include <dirent.h>
#include <dlfcn.h>
#include <errno.h>
#include <fcntl.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <sys/auxv.h>
#include <sys/mman.h>
#include <sys/stat.h>

#define SYMBOL_FAMILY "otadfu_plugin_v" /* every major's symbol begins so */

static int fail_errno(struct failure *why, const char *path)
{
	int error = errno;
	int code = error == EACCES || error == EPERM ? OTADFU_E_PERMISSION : OTADFU_E_NOT_FOUND;

	return failure_set(why, code, error, "%s: cannot be opened: %s", path, strerror(error));
}

/* *ret_bytes is to be unmapped. */
static int map_file(const char *path, void **ret_bytes, size_t *ret_len, struct failure *why)
{
	AUTO_CLOSE int fd = open(path, O_RDONLY | O_CLOEXEC | O_NONBLOCK);
	struct stat info;
	void *bytes;

	if (fd < 0 || fstat(fd, &info) < 0)
		return fail_errno(why, path);
	if (!S_ISREG(info.st_mode) || info.st_size == 0)
		return failure_set(why, OTADFU_E_UNSUPPORTED, 0, "%s: not a plugin: %s", path,
				   S_ISREG(info.st_mode) ? "it is empty" : "it is not a file");
	bytes = mmap(NULL, (size_t)info.st_size, PROT_READ, MAP_PRIVATE, fd, 0);
	if (bytes == MAP_FAILED)
		return fail_errno(why, path);
	*ret_bytes = bytes;
	*ret_len = (size_t)info.st_size;
	return OTADFU_OK;
}

static int refuse_foreign(const char *other_major, const char *path, struct failure *why)
{
	if (!other_major)
		return failure_set(why, OTADFU_E_UNSUPPORTED, 0,
				   "%s: not a plugin for ABI %u: it exports no object %s", path,
				   OTADFU_ABI_MAJOR, OTADFU_PLUGIN_SYMBOL);
	failure_hint(why, "ask its vendor for a build for otadfu ABI %u", OTADFU_ABI_MAJOR);
	return failure_set(why, OTADFU_E_UNSUPPORTED, 0,
			   "%s: made for another major ABI; it exports %.32s and no %s", path,
			   other_major, OTADFU_PLUGIN_SYMBOL);
}

/* What dlsym would say, and the integers that stand first, without running any of the library. */
static int inspect(const uint8_t *bytes, size_t len, const char *path, struct failure *why)
{
	const char *other_major = NULL;
	struct sharedlib_symbol symbol;
	size_t index = 0;
	struct sharedlib lib;
	const char *damage = sharedlib_parse(&lib, bytes, len);

	if (damage)
		return failure_set(why, OTADFU_E_UNSUPPORTED, 0, "%s: not a plugin: %s", path,
				   damage);
	while (sharedlib_next_object(&lib, SYMBOL_FAMILY, &index, &symbol)) {
		struct tables_header header;

		if (strcmp(symbol.name, OTADFU_PLUGIN_SYMBOL) != 0) {
			other_major = symbol.name;
			continue;
		}
		if (!sharedlib_read_object(&lib, &symbol, &header, sizeof(header)))
			return failure_set(why, OTADFU_E_UNSUPPORTED, 0,
					   "%s: not a plugin: the file does not hold its %s", path,
					   OTADFU_PLUGIN_SYMBOL);
		return tables_check_header(&header, path, why);
	}
	return refuse_foreign(other_major, path, why);
}

static int inspect_file(const char *path, struct failure *why)
{
	void *bytes = NULL;
	size_t len = 0;
	int r = map_file(path, &bytes, &len, why);

	if (r < 0)
		return r;
	r = inspect(bytes, len, path, why);
	munmap(bytes, len);
	return r;
}

/*
 * By its path rather than by a descriptor that was checked, so that debuggers and sanitizers find
 * the file: whoever could swap it between check and use may write to its directory, and was
 * refused for that. Never closed: tables and strings of the library are in use until the end.
 */
static int open_library(const char *path, const struct otadfu_plugin **ret_plugin,
			struct failure *why)
{
	void *library = dlopen(path, RTLD_NOW | RTLD_LOCAL);
	const struct otadfu_plugin *plugin = NULL;

	if (library)
		plugin = dlsym(library, OTADFU_PLUGIN_SYMBOL);
	if (!plugin)
		/* The text begins with the path, or with the library it misses. */
		return failure_set(why, OTADFU_E_UNSUPPORTED, 0, "%s: cannot be loaded: %s", path,
				   dlerror());
	*ret_plugin = plugin;
	return OTADFU_OK;
}

int loader_load_file(const char *path, bool secure_mode, bool replaces, struct registry *registry,
		     struct failure *why)
{
	AUTO_FREE char *real = realpath(path, NULL);
	const struct otadfu_plugin *plugin = NULL;
	int r;

	if (!real)
		return fail_errno(why, path);
	r = trust_check_file(real, secure_mode, why);
	if (r == OTADFU_OK)
		r = inspect_file(real, why);
	if (r == OTADFU_OK)
		r = open_library(real, &plugin, why);
	if (r == OTADFU_OK)
		r = registry_add(registry, plugin, real, replaces, why);
	return r;
}

static int is_library(const struct dirent *entry)
{
	const char *dot = strrchr(entry->d_name, '.');

	return dot && dot != entry->d_name && strcmp(dot, ".so") == 0;
}

/* Where everything goes while directories are searched. */
struct search {
	bool secure_mode;
	struct registry *registry;
	struct log *log;
};

static void warn(const struct search *search, const struct failure *refusal)
{
	log_write(search->log, OTADFU_LOG_WARN, NULL, NULL, "%s%s%s", refusal->text,
		  *refusal->hint ? "; try: " : "", refusal->hint);
}

static int load_entry(const struct search *search, const char *directory, const char *name,
		      bool replaces)
{
	AUTO_FREE char *path = NULL;
	struct failure refusal = { 0 };

	if (asprintf(&path, "%s/%s", directory, name) < 0) {
		path = NULL;
		return OTADFU_E_NOMEM;
	}
	if (loader_load_file(path, search->secure_mode, replaces, search->registry, &refusal) < 0)
		warn(search, &refusal);
	return OTADFU_OK;
}

/* The libraries load in the order of their names, so that every run loads alike. */
static int load_directory(const struct search *search, const char *path, bool replaces,
			  struct failure *why)
{
	AUTO_FREE char *real = realpath(path, NULL);
	struct dirent **entries;
	int count;
	int r;

	if (!real)
		return fail_errno(why, path);
	r = trust_check_directory(real, search->secure_mode, why);
	if (r < 0)
		return r;
	count = scandir(real, &entries, is_library, alphasort);
	if (count < 0)
		return fail_errno(why, path);
	for (int i = 0; i < count; i++) {
		if (r == OTADFU_OK)
			r = load_entry(search, real, entries[i]->d_name, replaces);
		free(entries[i]);
	}
	free(entries);
	return r;
}

/* A directory nobody typed just now: the others may do without it. */
static void try_directory(const struct search *search, const char *path, bool replaces)
{
	struct failure refusal = { 0 };

	if (load_directory(search, path, replaces, &refusal) < 0)
		warn(search, &refusal);
}

static int load_environment(const struct search *search, const char *directories)
{
	AUTO_FREE char *copy = strdup(directories);
	char *rest = copy;
	char *path;

	if (!copy)
		return OTADFU_E_NOMEM;
	while ((path = strsep(&rest, ":"))) {
		if (*path)
			try_directory(search, path, true);
	}
	return OTADFU_OK;
}

/* Whoever may name a directory could otherwise run code of his own with our privileges. */
static int refuse_named(const char *how, struct failure *why)
{
	failure_hint(why,
		     "install the plugin beside the others, or take otadfu's capabilities away");
	return failure_set(why, OTADFU_E_PERMISSION, 0,
			   "%s is refused: otadfu runs with more privileges than its caller "
			   "(setuid, or capabilities of the file)",
			   how);
}

int loader_load(const struct loader_paths *paths, struct registry *registry, struct log *log,
		struct failure *why)
{
	const struct search search = { paths->secure_mode, registry, log };
	bool has_environment = paths->environment && *paths->environment;
	int r = OTADFU_OK;

	if (paths->secure_mode && paths->directories && paths->directories[0])
		return refuse_named("--plugin-path", why);
	if (paths->secure_mode && has_environment)
		return refuse_named("OTADFU_PLUGIN_PATH", why);

	if (paths->builtin)
		try_directory(&search, paths->builtin, false);
	if (has_environment)
		r = load_environment(&search, paths->environment);
	for (const char *const *path = paths->directories; path && *path && r == OTADFU_OK; path++)
		r = load_directory(&search, *path, true, why);
	return r;
}

/*
 * Where no /proc is mounted (a bare chroot), the path the program was started by tells too. Whoever
 * starts a setuid program chooses that path, so there only the kernel's own word counts.
 */
static char *find_program(void)
{
	char *program = realpath("/proc/self/exe", NULL);
	/* The kernel's auxiliary vector holds the address of a string. */
	const char *started = (const char *)(uintptr_t)getauxval(AT_EXECFN);

	if (!program && started && getauxval(AT_SECURE) == 0)
		program = realpath(started, NULL);
	return program;
}

char *loader_builtin_dir(const char *subdir)
{
	AUTO_FREE char *program = find_program();
	char *path;

	/* PREFIX/bin/otadfu: two components up is the prefix. */
	for (int up = 0; up < 2 && program; up++) {
		char *slash = strrchr(program, '/');

		if (!slash)
			return NULL;
		*slash = '\0';
	}
	if (!program || asprintf(&path, "%s/%s", program, subdir) < 0)
		return NULL;
	return path;
}
