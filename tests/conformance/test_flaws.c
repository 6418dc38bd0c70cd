/*
 * Each live case of the suite fails on the transport whose defect has its name, and only there:
 * what is fine about that transport passes. The runs sleep more than they work, so that many of
 * them share the machine.
 */
#include "conformance.h"
#include "run.h"

#include <jansson.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

/* cmocka wants the four above first. */
#include <cmocka.h>

enum { FLAWS_MAX = 128, AT_ONCE = 12 };

struct flaw {
	const char *defect;
	const char *found_by;
	struct flaws *all;
	struct run *run;
};

/* Those of another name than the case that finds them. */
static const struct flaw more_flaws[] = {
	{ .defect = "leaks-thread", .found_by = "leaks" },
	{ .defect = "leaks-child", .found_by = "leaks" },
	{ .defect = "subscribe-afresh", .found_by = "subscribe" },
};

struct flaws {
	struct flaw list[FLAWS_MAX];
	size_t count;
	size_t started;
};

static void list_flaws(struct flaws *flaws)
{
	const char *name;

	for (size_t i = conformance_static_count(); (name = conformance_case_name(i)); i++)
		flaws->list[flaws->count++] = (struct flaw){ .defect = name, .found_by = name };
	for (size_t i = 0; i < sizeof(more_flaws) / sizeof(more_flaws[0]); i++)
		flaws->list[flaws->count++] = more_flaws[i];
}

static struct run *start(const struct flaw *flaw)
{
	char setting[64];

	snprintf(setting, sizeof(setting), "flawed.defect=%s", flaw->defect);
	return run_start(NULL,
			 (const char *const[]){
				 run_otadfu_path(), "plugins", "--check", FLAWED,    "--adapter",
				 SCENARIO,          "--peer",  PEER,      "--slack", SLACK,
				 "--set",           setting,   "--json",  "--case",  flaw->found_by,
				 "--case",          "connect", "--case",  "write",   NULL });
}

static void check_line(const struct flaw *flaw, const char *line, size_t *seen)
{
	json_t *object = json_loads(line, 0, NULL);
	const char *name = json_string_value(json_object_get(object, "name"));
	const char *verdict = json_string_value(json_object_get(object, "verdict"));

	assert_non_null(object);
	if (name && strcmp(name, flaw->found_by) == 0) {
		assert_string_equal(verdict, "failed");
		++*seen;
	} else if (name) {
		assert_string_not_equal(verdict, "failed");
	}
	json_decref(object);
}

static void is_found_by_its_case_alone(void **state)
{
	struct flaw *flaw = *state;
	struct run_result result = run_finish(flaw->run);
	char *rest = result.out;
	size_t seen = 0;
	char *line;

	flaw->run = NULL;
	if (result.status != 1)
		print_error("%s\n%s\n", result.out, result.err);
	assert_int_equal(result.status, 1);
	while ((line = strsep(&rest, "\n"))) {
		if (*line)
			check_line(flaw, line, &seen);
	}
	assert_int_equal(seen, 1);
	run_result_clear(&result);
}

/* A window of runs moves ahead of the tests. */
static int start_some(void **state)
{
	const struct flaw *flaw = *state;
	struct flaws *all = flaw->all;
	size_t until = (size_t)(flaw - all->list) + AT_ONCE;

	for (; all->started < until && all->started < all->count; all->started++)
		all->list[all->started].run = start(&all->list[all->started]);
	return 0;
}

int main(void)
{
	struct CMUnitTest tests[FLAWS_MAX] = { { 0 } };
	struct flaws all = { 0 };

	list_flaws(&all);
	for (size_t i = 0; i < all.count; i++) {
		all.list[i].all = &all;
		tests[i] = (struct CMUnitTest){ .name = all.list[i].defect,
						.test_func = is_found_by_its_case_alone,
						.setup_func = start_some,
						.initial_state = &all.list[i] };
	}
	return _cmocka_run_group_tests("flaws", tests, all.count, NULL, NULL);
}
