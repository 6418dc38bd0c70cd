#include "sim.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

enum { WORDS_MAX = 32 };

static char *format(const char *pattern, ...) __attribute__((format(printf, 1, 2)));

static char *format(const char *pattern, ...)
{
	char *text = NULL;
	va_list args;

	va_start(args, pattern);
	assert_true(vasprintf(&text, pattern, args) >= 0);
	va_end(args);
	return text;
}

struct sim sim_new(const char *device, const char *top)
{
	struct sim sim = { .folder = folder_new() };
	char *text =
		format("clock: virtual\nstate: state\n%sdevices:\n  - address: " SIM_ADDRESS "\n%s",
		       top ? top : "", device);

	sim.scenario = file_write(sim.folder, "scenario.yaml", text);
	free(text);
	return sim;
}

void sim_remove(struct sim *sim)
{
	folder_remove(sim->folder);
	free(sim->scenario);
}

static size_t append_words(const char **words, size_t count, const char *const *more)
{
	for (size_t i = 0; more && more[i]; i++) {
		assert_true(count < WORDS_MAX);
		words[count++] = more[i];
	}
	return count;
}

char *sim_make_package(const struct sim *sim, const char *name, const char *const *words)
{
	char *path = file_path(sim->folder, name);
	const char *argv[WORDS_MAX + 1] = { MAKE_PACKAGE, path };
	struct run_settings settings = { .directory = sim->folder };
	struct run_result made;

	append_words(argv, 2, words);
	made = run_finish(run_start(&settings, argv));
	if (made.status != 0)
		fail_msg("make_package: %s", made.err);
	run_result_clear(&made);
	return path;
}

struct run_result sim_update(const struct sim *sim, const char *package, const char *address,
			     const char *const *more)
{
	const char *words[WORDS_MAX + 1] = { "update", package,     "-a",
					     address,  "--json",    "--transport",
					     "sim",    "--adapter", sim->scenario };

	append_words(words, 9, more);
	return run_otadfu_words(NULL, words);
}

json_t *sim_result(const struct run_result *run)
{
	size_t end = run->out_len;
	size_t begin;
	json_t *result;

	assert_true(end > 0);
	for (begin = end - 1; begin > 0 && run->out[begin - 1] != '\n'; begin--)
		;
	result = json_loads(run->out + begin, 0, NULL);
	if (!result || strcmp(json_text_at(result, "event"), "result") != 0)
		fail_msg("no result object last: %s%s", run->out, run->err);
	return result;
}

static json_t *walk(json_t *object, const char *path)
{
	char *copy = strdup(path);
	char *rest = copy;
	char *name;

	assert_non_null(copy);
	while (object && (name = strsep(&rest, ".")))
		object = json_object_get(object, name);
	free(copy);
	return object;
}

const char *json_text_at(json_t *object, const char *path)
{
	const char *text = json_string_value(walk(object, path));

	return text ? text : "";
}

json_int_t json_int_at(json_t *object, const char *path)
{
	json_t *value = walk(object, path);

	if (!json_is_integer(value))
		fail_msg("%s is not a whole number", path);
	return json_integer_value(value);
}

uint8_t *sim_state_file_of(const struct sim *sim, const char *device, const char *name,
			   size_t *ret_len)
{
	char *path = format("%s/state/%s/%s", sim->folder, device, name);
	uint8_t *bytes = file_read(path, ret_len);

	free(path);
	return bytes;
}

uint8_t *sim_state_file(const struct sim *sim, const char *name, size_t *ret_len)
{
	return sim_state_file_of(sim, "C0-FF-EE-00-00-01", name, ret_len);
}

void sim_provision(const struct sim *sim)
{
	struct run_result run = run_otadfu("scan", "--seconds", "1", "--transport", "sim",
					   "--adapter", sim->scenario);

	if (run.status != 0)
		fail_msg("scan: %s", run.err);
	run_result_clear(&run);
}

json_t *sim_device(const struct sim *sim)
{
	char *text = (char *)sim_state_file(sim, "device.json", NULL);
	json_t *device = json_loads(text, 0, NULL);

	assert_non_null(device);
	free(text);
	return device;
}

void assert_sim_runs(const struct sim *sim, const uint8_t *image, size_t len)
{
	size_t installed_len;
	uint8_t *installed = sim_state_file(sim, "application.bin", &installed_len);

	assert_int_equal(installed_len, len);
	assert_memory_equal(installed, image, len);
	free(installed);
}
