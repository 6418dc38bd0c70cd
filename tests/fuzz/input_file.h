/*
 * The input as a file, for what reads files. It lies alone in a directory of its own, so that no
 * relative name in it leads to anything, least of all to a pipe that would block.
 */
#ifndef OTADFU_TESTS_INPUT_FILE_H
#define OTADFU_TESTS_INPUT_FILE_H

#include <stddef.h>
#include <stdint.h>

enum { INPUT_DIR_MAX = 240, INPUT_PATH_MAX = 256 };

struct input_file {
	char dir[INPUT_DIR_MAX];
	char path[INPUT_PATH_MAX];
};

/* The directory alone, in TMPDIR or /tmp; path, that of name in it, is free to be written. */
void input_file_prepare(struct input_file *file, const char *name);

void input_file_write(const struct input_file *file, const uint8_t *data, size_t size);
void input_file_remove(const struct input_file *file);

#endif
