/* The reader of ELF files against damaged ones; it must never read outside the bytes. */
#include "sharedlib.h"

#include <otadfu/abi.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* cmocka wants the four above first. */
#include <cmocka.h>

struct file {
	uint8_t *bytes;
	size_t len;
};

static int read_sample(void **state)
{
	struct file *file = calloc(1, sizeof(*file));
	FILE *stream = fopen(SAMPLES "/good.so", "re");
	long len;

	assert_non_null(stream);
	fseek(stream, 0, SEEK_END);
	len = ftell(stream);
	rewind(stream);
	assert_true(len > 0);
	file->len = (size_t)len;
	file->bytes = malloc(file->len);
	assert_int_equal(fread(file->bytes, 1, file->len, stream), file->len);
	fclose(stream);
	*state = file;
	return 0;
}

static int drop_sample(void **state)
{
	struct file *file = *state;

	free(file->bytes);
	free(file);
	return 0;
}

/* All that the loader does with a file; true when it found the plugin's magic. */
static bool finds_plugin(const uint8_t *bytes, size_t len)
{
	struct sharedlib_symbol symbol;
	struct sharedlib lib;
	uint32_t magic = 0;
	size_t index = 0;

	if (sharedlib_parse(&lib, bytes, len))
		return false;
	while (sharedlib_next_object(&lib, "otadfu_plugin_v", &index, &symbol)) {
		if (strcmp(symbol.name, OTADFU_PLUGIN_SYMBOL) == 0 &&
		    sharedlib_read_object(&lib, &symbol, &magic, sizeof(magic)))
			break;
	}
	return magic == OTADFU_PLUGIN_MAGIC;
}

static void the_plugin_is_found_in_its_file(void **state)
{
	const struct file *file = *state;

	assert_true(finds_plugin(file->bytes, file->len));
}

static void a_file_cut_anywhere_is_survived(void **state)
{
	const struct file *file = *state;

	for (size_t len = 0; len < file->len; len += len < 4096 ? 1 : 61) {
		/* Of its exact length, for the sanitizer to see a read past it. */
		uint8_t *cut = malloc(len ? len : 1);

		memcpy(cut, file->bytes, len);
		/* The section headers stand at the end. */
		assert_false(finds_plugin(cut, len) && len < file->len / 2);
		free(cut);
	}
}

/* Every byte of the ELF header, of the section headers and of the program headers, set to extremes:
 * that is where offsets and counts are. */
static void a_wrong_offset_or_count_is_survived(void **state)
{
	static const uint8_t values[] = { 0x00, 0x01, 0x7f, 0x80, 0xff };
	const struct file *file = *state;
	struct sharedlib lib;
	size_t sections;

	assert_null(sharedlib_parse(&lib, file->bytes, file->len));
	sections = lib.header.e_shoff;
	for (size_t at = 0; at < file->len; at++) {
		uint8_t kept = file->bytes[at];

		if (at == 1024 && sections > at)
			at = sections;
		for (size_t i = 0; i < sizeof(values); i++) {
			file->bytes[at] = values[i];
			finds_plugin(file->bytes, file->len);
		}
		file->bytes[at] = kept;
	}
}

/* A copy of the file in which the table of names lies elsewhere. */
static uint8_t *move_names(const struct file *file, uint64_t offset, uint64_t size)
{
	uint8_t *bytes = malloc(file->len);
	struct sharedlib lib;

	memcpy(bytes, file->bytes, file->len);
	assert_null(sharedlib_parse(&lib, bytes, file->len));
	lib.strings.sh_offset = offset;
	lib.strings.sh_size = size;
	memcpy(bytes + lib.header.e_shoff + lib.symbols.sh_link * sizeof(lib.strings), &lib.strings,
	       sizeof(lib.strings));
	return bytes;
}

/* The plugin's name begins four bytes before the end of the file. */
static void a_name_that_does_not_end_in_the_file_is_not_read(void **state)
{
	const struct file *file = *state;
	struct sharedlib_symbol symbol;
	struct sharedlib lib;
	size_t index = 0;
	uint8_t *bytes;
	size_t at;

	assert_null(sharedlib_parse(&lib, file->bytes, file->len));
	assert_true(sharedlib_next_object(&lib, OTADFU_PLUGIN_SYMBOL, &index, &symbol));
	at = (size_t)(symbol.name - (const char *)file->bytes) - lib.strings.sh_offset;
	bytes = move_names(file, file->len - 4 - at, at + 4);
	memcpy(bytes + file->len - 4, OTADFU_PLUGIN_SYMBOL, 4);
	assert_false(finds_plugin(bytes, file->len));
	free(bytes);
}

static void a_table_of_names_that_passes_the_end_is_refused(void **state)
{
	const struct file *file = *state;
	uint8_t *bytes = move_names(file, file->len - 8, 9);
	struct sharedlib lib;

	assert_non_null(sharedlib_parse(&lib, bytes, file->len));
	free(bytes);
}

static void two_wrong_places_are_survived(void **state)
{
	const struct file *file = *state;
	unsigned seed = 1;

	for (int round = 0; round < 20000; round++) {
		uint8_t *a = &file->bytes[(size_t)rand_r(&seed) % sizeof(elf_header)];
		uint8_t *b = &file->bytes[(size_t)rand_r(&seed) % file->len];
		uint8_t kept_a = *a;
		uint8_t kept_b = *b;

		*a ^= (uint8_t)(1u << (rand_r(&seed) % 8));
		*b = (uint8_t)rand_r(&seed);
		finds_plugin(file->bytes, file->len);
		*b = kept_b;
		*a = kept_a;
	}
	assert_true(finds_plugin(file->bytes, file->len));
}

int main(void)
{
	static const struct CMUnitTest tests[] = {
		cmocka_unit_test(the_plugin_is_found_in_its_file),
		cmocka_unit_test(a_file_cut_anywhere_is_survived),
		cmocka_unit_test(a_wrong_offset_or_count_is_survived),
		cmocka_unit_test(a_name_that_does_not_end_in_the_file_is_not_read),
		cmocka_unit_test(a_table_of_names_that_passes_the_end_is_refused),
		cmocka_unit_test(two_wrong_places_are_survived),
	};

	return cmocka_run_group_tests_name("sharedlib", tests, read_sample, drop_sample);
}
