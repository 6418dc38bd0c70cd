#include "bystander.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

enum { WORDS_MAX = 32 };

struct bystander *bystander_new(const char *device)
{
	struct bystander *bystander = calloc(1, sizeof(*bystander));

	assert_non_null(bystander);
	bystander->sim = sim_new(device, NULL);
	sim_provision(&bystander->sim);
	bystander->flash = sim_state_file(&bystander->sim, "flash.bin", &bystander->flash_len);
	return bystander;
}

void bystander_remove(struct bystander *bystander)
{
	sim_remove(&bystander->sim);
	free(bystander->flash);
	free(bystander);
}

void assert_untouched(const struct bystander *bystander)
{
	json_t *device = sim_device(&bystander->sim);
	size_t len;
	uint8_t *flash = sim_state_file(&bystander->sim, "flash.bin", &len);

	assert_int_equal(json_int_at(device, "connections"), 0);
	assert_int_equal(json_int_at(device, "bytes_received"), 0);
	assert_int_equal(len, bystander->flash_len);
	assert_memory_equal(flash, bystander->flash, len);
	json_decref(device);
	free(flash);
}

/* Behind text's first line when it begins with word, else text. */
static const char *skip_line(const char *text, const char *word)
{
	const char *end = strchr(text, '\n');

	return end && strncmp(text, word, strlen(word)) == 0 ? end + 1 : text;
}

/* Warnings perhaps, one line, what to try perhaps, and nothing else. */
static bool is_one_complaint(const char *text)
{
	const char *next;

	while ((next = skip_line(text, "warning: ")) != text)
		text = next;
	next = skip_line(text, "otadfu: ");
	return next != text && *skip_line(next, "try: ") == '\0';
}

void assert_refused(const struct bystander *bystander, struct run_result *run, int status,
		    const char *text)
{
	if (run->status != status)
		fail_msg("exit status %d\n%s%s", run->status, run->out, run->err);
	if (!is_one_complaint(run->err))
		fail_msg("not one complaint: %s", run->err);
	assert_contains(run->err, text);
	assert_untouched(bystander);
	run_result_clear(run);
}

struct run_result bystander_update(const struct bystander *bystander, const char *const *words)
{
	const char *all[WORDS_MAX + 1] = { "update", "-a",        SIM_ADDRESS, "--transport",
					   "sim",    "--adapter", NULL };
	size_t count = 6;

	all[count++] = bystander->sim.scenario;
	for (size_t i = 0; words[i]; i++) {
		assert_true(count < WORDS_MAX);
		all[count++] = words[i];
	}
	return run_otadfu_words(NULL, all);
}
