#include "crowd.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

enum { WORDS_MAX = 40, ADDRESS_LEN = 17 };

/* "C0-FF-..", as the folder of its state. Caller frees. */
static char *folder_of(const char *address)
{
	char *folder = strndup(address, ADDRESS_LEN);

	assert_non_null(folder);
	for (char *c = folder; *c; c++)
		*c = *c == ':' ? '-' : *c;
	return folder;
}

static void make_package(struct crowd *crowd, const char *protocol)
{
	const char *words[] = { "--protocol",    protocol,    "--random",
				"6000:7",        "--app-out", "image.bin",
				"--app-version", "2",         "--generate-key",
				"key.pem",       NULL };
	char *path = file_path(crowd->sim.folder, "image.bin");

	if (strcmp(protocol, "secure") != 0)
		words[8] = NULL;
	crowd->package = sim_make_package(&crowd->sim, "app.zip", words);
	crowd->image = file_read(path, &crowd->image_len);
	free(path);
}

static void keep_flashes(struct crowd *crowd, const char *devices)
{
	static const char key[] = "address: ";
	const char *at = devices;

	while ((at = strstr(at, key))) {
		size_t i = crowd->count++;

		assert_true(i < CROWD_MAX);
		at += strlen(key);
		crowd->folders[i] = folder_of(at);
		crowd->flashes[i] = sim_state_file_of(&crowd->sim, crowd->folders[i], "flash.bin",
						      &crowd->flash_lens[i]);
	}
}

static void write_scenario(struct crowd *crowd, const char *devices)
{
	char *text = NULL;

	assert_true(asprintf(&text, "clock: virtual\nstate: state\ndevices:\n%s", devices) >= 0);
	crowd->sim.scenario = file_write(crowd->sim.folder, "scenario.yaml", text);
	free(text);
}

struct crowd crowd_new(const char *devices, const char *protocol)
{
	struct crowd crowd = { .sim = { .folder = folder_new() } };

	write_scenario(&crowd, devices);
	sim_provision(&crowd.sim);
	keep_flashes(&crowd, devices);
	make_package(&crowd, protocol);
	return crowd;
}

void crowd_remove(struct crowd *crowd)
{
	for (size_t i = 0; i < crowd->count; i++) {
		free(crowd->folders[i]);
		free(crowd->flashes[i]);
	}
	free(crowd->package);
	free(crowd->image);
	sim_remove(&crowd->sim);
}

struct run_result crowd_run(const struct crowd *crowd, const char *command, const char *const *more)
{
	const char *words[WORDS_MAX + 1] = { command, "--json",    "--transport",
					     "sim",   "--adapter", crowd->sim.scenario };
	size_t count = 6;

	if (strcmp(command, "info") != 0)
		words[count++] = crowd->package;
	for (size_t i = 0; more && more[i]; i++) {
		assert_true(count < WORDS_MAX);
		words[count++] = more[i];
	}
	return run_otadfu_words(NULL, words);
}

void assert_ended(const struct run_result *run, int status)
{
	if (run->status != status)
		fail_msg("exit status %d\n%s%s", run->status, run->out, run->err);
}

void assert_runs(const struct crowd *crowd, const char *address)
{
	char *folder = folder_of(address);
	size_t len;
	uint8_t *image = sim_state_file_of(&crowd->sim, folder, "application.bin", &len);

	assert_int_equal(len, crowd->image_len);
	assert_memory_equal(image, crowd->image, len);
	free(image);
	free(folder);
}

static void assert_flash(const struct crowd *crowd, size_t i)
{
	size_t len;
	uint8_t *flash = sim_state_file_of(&crowd->sim, crowd->folders[i], "flash.bin", &len);

	assert_int_equal(len, crowd->flash_lens[i]);
	if (memcmp(flash, crowd->flashes[i], len) != 0)
		fail_msg("the flash of %s has changed", crowd->folders[i]);
	free(flash);
}

void assert_unchanged(const struct crowd *crowd, const char *address)
{
	char *folder = folder_of(address);
	size_t i = 0;

	while (i < crowd->count && strcmp(crowd->folders[i], folder) != 0)
		i++;
	assert_true(i < crowd->count);
	assert_flash(crowd, i);
	free(folder);
}

void assert_all_unchanged(const struct crowd *crowd)
{
	for (size_t i = 0; i < crowd->count; i++)
		assert_flash(crowd, i);
}
