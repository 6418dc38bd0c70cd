/* The way of a library from a directory into the registry, and every refusal on that way. */
#include "loader.h"
#include "log.h"

#include <dlfcn.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

/* cmocka wants the four above first. */
#include <cmocka.h>

#define MARK "OTADFU_TEST_CONSTRUCTOR_RAN"

enum { PATH_MAX_LEN = 512 };

/* A private directory and what loading from it said. */
struct bench {
	char directory[64];
	struct registry *registry;
	struct failure why;
	char *log_text;
	size_t log_len;
	FILE *log_stream;
	struct log *log;
};

static int set_up(void **state)
{
	struct bench *bench = calloc(1, sizeof(*bench));

	strcpy(bench->directory, "/tmp/otadfu-loader-XXXXXX");
	assert_non_null(mkdtemp(bench->directory));
	bench->registry = registry_new();
	bench->log_stream = open_memstream(&bench->log_text, &bench->log_len);
	bench->log = log_new(bench->log_stream, OTADFU_LOG_WARN);
	unsetenv(MARK);
	*state = bench;
	return 0;
}

static int tear_down(void **state)
{
	struct bench *bench = *state;
	char command[PATH_MAX_LEN];

	registry_free(bench->registry);
	log_free(bench->log);
	fclose(bench->log_stream);
	free(bench->log_text);
	snprintf(command, sizeof(command), "rm -rf %s", bench->directory);
	free(bench);
	return system(command);
}

static void place_of(const struct bench *bench, const char *name, char *path)
{
	snprintf(path, PATH_MAX_LEN, "%s/%s", bench->directory, name);
}

/* Copies one of the built samples into the private directory, so that it loads anew each time. */
static void put_sample(const struct bench *bench, const char *sample, const char *name)
{
	char command[2 * PATH_MAX_LEN];

	snprintf(command, sizeof(command), "cp %s/%s %s/%s", SAMPLES, sample, bench->directory,
		 name);
	assert_int_equal(system(command), 0);
}

static void put_text(const struct bench *bench, const char *name, const char *text)
{
	char path[PATH_MAX_LEN];
	FILE *file;

	place_of(bench, name, path);
	file = fopen(path, "we");
	assert_non_null(file);
	fputs(text, file);
	fclose(file);
}

static int load_file(struct bench *bench, const char *name, bool secure_mode)
{
	char path[PATH_MAX_LEN];

	failure_clear(&bench->why);
	place_of(bench, name, path);
	return loader_load_file(path, secure_mode, false, bench->registry, &bench->why);
}

static void assert_says(const struct bench *bench, const char *text)
{
	if (!strstr(bench->why.text, text))
		fail_msg("'%s' does not say '%s'", bench->why.text, text);
}

static void assert_refused(struct bench *bench, const char *sample, const char *reason)
{
	put_sample(bench, sample, sample);
	assert_int_equal(load_file(bench, sample, false), OTADFU_E_UNSUPPORTED);
	assert_says(bench, reason);
	assert_says(bench, sample);
	assert_null(registry_at(bench->registry, 0));
}

/* Also proves that the mark the next tests look for is left by a library that does load. */
static void a_plugin_loads(void **state)
{
	struct bench *bench = *state;

	put_sample(bench, "good.so", "good.so");
	assert_int_equal(load_file(bench, "good.so", false), OTADFU_OK);
	assert_non_null(registry_protocol(bench->registry, "sample"));
	assert_non_null(getenv(MARK));
}

static void what_is_refused_by_its_file_never_runs(void **state)
{
	struct bench *bench = *state;

	assert_refused(bench, "foreign.so", "not a plugin for ABI 1");
	assert_refused(bench, "function.so", "not a plugin for ABI 1");
	assert_refused(bench, "symbol_v2.so", "another major ABI; it exports otadfu_plugin_v2");
	assert_refused(bench, "bad_magic.so", "not a plugin: otadfu_plugin_v1 holds magic");
	assert_refused(bench, "other_major.so", "another major ABI, 2.0; this otadfu has 1.0");
	assert_refused(bench, "newer_minor.so", "newer ABI 1.1; this otadfu has 1.0");
	assert_refused(bench, "future.so", "newer ABI 1.1; this otadfu has 1.0");
	assert_refused(bench, "truncated.so", "truncated: 24 bytes");
	assert_refused(bench, "too_long.so", "inconsistent: 4096 bytes");
	assert_null(getenv(MARK));
}

static void a_library_that_cannot_be_linked_is_refused(void **state)
{
	struct bench *bench = *state;

	assert_refused(bench, "undefined.so", "cannot be loaded");
	assert_says(bench, "symbol_that_nobody_defines");
	assert_null(getenv(MARK));
}

static void what_is_no_library_is_refused(void **state)
{
	struct bench *bench = *state;
	char path[PATH_MAX_LEN];

	put_text(bench, "text.so", "just words\n");
	assert_int_equal(load_file(bench, "text.so", false), OTADFU_E_UNSUPPORTED);
	assert_says(bench, "it is not a shared library");
	put_text(bench, "empty.so", "");
	assert_int_equal(load_file(bench, "empty.so", false), OTADFU_E_UNSUPPORTED);
	assert_says(bench, "it is empty");
	place_of(bench, "directory.so", path);
	assert_int_equal(mkdir(path, 0755), 0);
	assert_int_equal(load_file(bench, "directory.so", false), OTADFU_E_UNSUPPORTED);
	assert_says(bench, "it is not a file");
	place_of(bench, "pipe.so", path);
	assert_int_equal(mkfifo(path, 0644), 0);
	assert_int_equal(load_file(bench, "pipe.so", false), OTADFU_E_UNSUPPORTED);
	assert_says(bench, "it is not a file");
}

static void a_file_that_is_not_there_is_not_found(void **state)
{
	struct bench *bench = *state;

	assert_int_equal(load_file(bench, "absent.so", false), OTADFU_E_NOT_FOUND);
	assert_says(bench, "absent.so: cannot be opened");
}

static void a_file_everyone_may_write_is_refused(void **state)
{
	struct bench *bench = *state;
	char path[PATH_MAX_LEN];

	put_sample(bench, "good.so", "good.so");
	place_of(bench, "good.so", path);
	assert_int_equal(chmod(path, 0646), 0);
	assert_int_equal(load_file(bench, "good.so", false), OTADFU_E_PERMISSION);
	assert_says(bench, "good.so: refused, everyone may write to it");
	assert_null(getenv(MARK));
}

static void a_file_in_a_directory_everyone_may_write_is_refused(void **state)
{
	struct bench *bench = *state;
	char reason[PATH_MAX_LEN];

	put_sample(bench, "good.so", "good.so");
	assert_int_equal(chmod(bench->directory, 01777), 0);
	assert_int_equal(load_file(bench, "good.so", false), OTADFU_E_PERMISSION);
	snprintf(reason, sizeof(reason), "%s: refused, everyone", bench->directory);
	assert_says(bench, reason);
	assert_null(getenv(MARK));
}

static void a_link_is_judged_by_what_it_leads_to(void **state)
{
	struct bench *bench = *state;
	char target[PATH_MAX_LEN];
	char path[PATH_MAX_LEN];

	put_sample(bench, "good.so", "good.dat");
	place_of(bench, "good.dat", target);
	place_of(bench, "link.so", path);
	assert_int_equal(symlink(target, path), 0);
	assert_int_equal(chmod(target, 0666), 0);
	assert_int_equal(load_file(bench, "link.so", false), OTADFU_E_PERMISSION);
	assert_int_equal(chmod(target, 0644), 0);
	assert_int_equal(load_file(bench, "link.so", false), OTADFU_OK);
}

/* The directory is below /tmp, where everyone may write: in secure mode that spoils it. */
static void secure_mode_wants_every_directory_above_to_be_roots(void **state)
{
	struct bench *bench = *state;

	put_sample(bench, "good.so", "good.so");
	assert_int_equal(load_file(bench, "good.so", true), OTADFU_E_PERMISSION);
	assert_says(bench, geteuid() == 0 ? "/tmp: refused" : "refused");
	assert_null(getenv(MARK));
}

static void secure_mode_wants_files_of_root(void **state)
{
	struct bench *bench = *state;
	char path[PATH_MAX_LEN];

	put_sample(bench, "good.so", "good.so");
	place_of(bench, "good.so", path);
	/* Run by anybody but root, the file is of somebody else already. */
	if (geteuid() == 0)
		assert_int_equal(chown(path, 1, (gid_t)-1), 0);
	assert_int_equal(load_file(bench, "good.so", true), OTADFU_E_PERMISSION);
	assert_says(bench, "good.so: refused, others than root may write to it");
	assert_null(getenv(MARK));
}

static void secure_mode_wants_no_writer_but_root(void **state)
{
	struct bench *bench = *state;
	char path[PATH_MAX_LEN];

	put_sample(bench, "good.so", "good.so");
	place_of(bench, "good.so", path);
	assert_int_equal(chmod(path, 0664), 0);
	assert_int_equal(load_file(bench, "good.so", true), OTADFU_E_PERMISSION);
	assert_says(bench, "good.so: refused, others than root may write to it");
}

/* The C library is nobody's plugin, but it lies where secure mode allows one. */
static void secure_mode_accepts_what_only_root_can_write(void **state)
{
	struct bench *bench = *state;
	Dl_info info;

	assert_int_not_equal(dladdr(stdout, &info), 0);
	assert_int_equal(loader_load_file(info.dli_fname, true, false, bench->registry,
					  &bench->why),
			 OTADFU_E_UNSUPPORTED);
	assert_says(bench, "not a plugin for ABI 1");
}

static int load_all(struct bench *bench, const struct loader_paths *paths)
{
	int r;

	failure_clear(&bench->why);
	r = loader_load(paths, bench->registry, bench->log, &bench->why);
	fflush(bench->log_stream);
	return r;
}

static void secure_mode_refuses_named_directories(void **state)
{
	struct bench *bench = *state;
	const char *const directories[] = { bench->directory, NULL };
	const struct loader_paths named = { .directories = directories, .secure_mode = true };
	const struct loader_paths environment = { .environment = bench->directory,
						  .secure_mode = true };

	put_sample(bench, "good.so", "good.so");
	assert_int_equal(load_all(bench, &named), OTADFU_E_PERMISSION);
	assert_says(bench, "--plugin-path is refused");
	assert_int_equal(load_all(bench, &environment), OTADFU_E_PERMISSION);
	assert_says(bench, "OTADFU_PLUGIN_PATH is refused");
	assert_null(registry_at(bench->registry, 0));
	assert_null(getenv(MARK));
}

static void one_refusal_does_not_stop_the_others(void **state)
{
	struct bench *bench = *state;
	const struct loader_paths paths = { .builtin = bench->directory };

	put_sample(bench, "foreign.so", "a.so");
	put_sample(bench, "good.so", "b.so");
	put_sample(bench, "newer_minor.so", "c.so");
	put_text(bench, "README", "not a library, and not tried");
	put_text(bench, ".so", "hidden");
	assert_int_equal(load_all(bench, &paths), OTADFU_OK);
	assert_non_null(registry_protocol(bench->registry, "sample"));
	assert_null(registry_at(bench->registry, 1));
	assert_non_null(strstr(bench->log_text, "a.so: not a plugin"));
	assert_non_null(strstr(bench->log_text, "c.so: made for the newer ABI"));
	assert_null(strstr(bench->log_text, "README"));
}

static void a_second_plugin_of_a_name_is_refused_in_the_built_in_directory(void **state)
{
	struct bench *bench = *state;
	const struct loader_paths paths = { .builtin = bench->directory };

	put_sample(bench, "good.so", "1.so");
	put_sample(bench, "good.so", "2.so");
	assert_int_equal(load_all(bench, &paths), OTADFU_OK);
	assert_non_null(strstr(bench->log_text, "2.so: sample_radio is there already, from"));
	assert_null(registry_at(bench->registry, 1));
}

static void a_later_directory_hides_an_earlier_one(void **state)
{
	struct bench *bench = *state;
	char own[PATH_MAX_LEN];
	char last[PATH_MAX_LEN];
	char list[2 * PATH_MAX_LEN];
	const char *const directories[] = { last, NULL };
	const struct loader_paths paths = { .builtin = bench->directory,
					    .environment = list,
					    .directories = directories };

	place_of(bench, "own", own);
	place_of(bench, "last", last);
	assert_int_equal(mkdir(own, 0755) | mkdir(last, 0755), 0);
	put_sample(bench, "good.so", "good.so");
	put_sample(bench, "good.so", "own/good.so");
	put_sample(bench, "good.so", "last/good.so");
	snprintf(list, sizeof(list), ":%s/absent:%s:", bench->directory, own);

	assert_int_equal(load_all(bench, &paths), OTADFU_OK);
	assert_non_null(strstr(bench->log_text, "absent: cannot be opened"));
	assert_ptr_equal(registry_at(bench->registry, 2)->protocols[0],
			 registry_protocol(bench->registry, "sample"));
	assert_non_null(strstr(registry_at(bench->registry, 1)->path, "/own/"));
	assert_non_null(strstr(registry_at(bench->registry, 2)->path, "/last/"));
}

static void a_directory_that_was_typed_must_be_usable(void **state)
{
	struct bench *bench = *state;
	char absent[PATH_MAX_LEN];
	const char *directories[] = { absent, NULL };
	const struct loader_paths paths = { .directories = directories };

	place_of(bench, "absent", absent);
	assert_int_equal(load_all(bench, &paths), OTADFU_E_NOT_FOUND);
	assert_says(bench, "absent: cannot be opened");
	directories[0] = bench->directory;
	assert_int_equal(chmod(bench->directory, 0777), 0);
	assert_int_equal(load_all(bench, &paths), OTADFU_E_PERMISSION);
	assert_says(bench, "everyone may write to it");
}

static void without_any_directory_nothing_is_loaded(void **state)
{
	struct bench *bench = *state;
	const struct loader_paths paths = { .environment = "" };

	assert_int_equal(load_all(bench, &paths), OTADFU_OK);
	assert_null(registry_at(bench->registry, 0));
	assert_int_equal(bench->log_len, 0);
}

static void the_built_in_directory_is_beside_the_program(void **state)
{
	char program[PATH_MAX_LEN];
	char expected[2 * PATH_MAX_LEN];
	ssize_t len = readlink("/proc/self/exe", program, sizeof(program) - 1);
	char *found = loader_builtin_dir("lib/otadfu/plugins");

	(void)state;
	if (len < 0) {
		print_message("skipped: no /proc here to compare with\n");
		free(found);
		skip();
	}
	program[len] = '\0';
	*strrchr(program, '/') = '\0';
	*strrchr(program, '/') = '\0';
	snprintf(expected, sizeof(expected), "%s/lib/otadfu/plugins", program);
	assert_string_equal(found, expected);
	free(found);
}

#define WITH_BENCH(test) cmocka_unit_test_setup_teardown(test, set_up, tear_down)

int main(void)
{
	static const struct CMUnitTest tests[] = {
		WITH_BENCH(a_plugin_loads),
		WITH_BENCH(what_is_refused_by_its_file_never_runs),
		WITH_BENCH(a_library_that_cannot_be_linked_is_refused),
		WITH_BENCH(what_is_no_library_is_refused),
		WITH_BENCH(a_file_that_is_not_there_is_not_found),
		WITH_BENCH(a_file_everyone_may_write_is_refused),
		WITH_BENCH(a_file_in_a_directory_everyone_may_write_is_refused),
		WITH_BENCH(a_link_is_judged_by_what_it_leads_to),
		WITH_BENCH(secure_mode_wants_every_directory_above_to_be_roots),
		WITH_BENCH(secure_mode_wants_files_of_root),
		WITH_BENCH(secure_mode_wants_no_writer_but_root),
		WITH_BENCH(secure_mode_accepts_what_only_root_can_write),
		WITH_BENCH(secure_mode_refuses_named_directories),
		WITH_BENCH(one_refusal_does_not_stop_the_others),
		WITH_BENCH(a_second_plugin_of_a_name_is_refused_in_the_built_in_directory),
		WITH_BENCH(a_later_directory_hides_an_earlier_one),
		WITH_BENCH(a_directory_that_was_typed_must_be_usable),
		WITH_BENCH(without_any_directory_nothing_is_loaded),
		cmocka_unit_test(the_built_in_directory_is_beside_the_program),
	};

	return cmocka_run_group_tests_name("loader", tests, NULL, NULL);
}
