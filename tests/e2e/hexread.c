#include "hexread.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdbool.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>

enum { RECORD_MAX = 260, HEAD = 4 };

/* Length, address, type, data, checksum. Returns how many bytes. */
static size_t read_record(const char *line, uint8_t record[RECORD_MAX])
{
	size_t digits = strcspn(line, "\r\n") - 1;
	unsigned sum = 0;

	assert_int_equal(line[0], ':');
	assert_int_equal(digits % 2, 0);
	for (size_t i = 0; i < digits / 2; i++) {
		unsigned byte = 0;

		assert_int_equal(sscanf(line + 1 + 2 * i, "%2x", &byte), 1);
		record[i] = (uint8_t)byte;
		sum += byte;
	}
	assert_int_equal(sum & 0xFF, 0);
	assert_int_equal(digits / 2, record[0] + HEAD + 1);
	return digits / 2;
}

struct hexread hexread_at(const char *path, uint32_t addr)
{
	struct hexread result = { .len = 0 };
	FILE *file = fopen(path, "re");
	uint32_t upper = 0;
	bool is_ended = false;
	char line[2 * RECORD_MAX + 4];

	assert_non_null(file);
	while (fgets(line, sizeof(line), file)) {
		uint8_t record[RECORD_MAX];
		uint32_t at;

		assert_false(is_ended);
		read_record(line, record);
		at = upper + (uint32_t)(record[1] << 8 | record[2]);
		if (record[3] == 1)
			is_ended = true;
		else if (record[3] == 4)
			upper = (uint32_t)(record[4] << 8 | record[5]) << 16;
		else if (at == addr + result.len && result.len + record[0] <= HEXREAD_MAX) {
			memcpy(result.bytes + result.len, record + HEAD, record[0]);
			result.len += record[0];
		}
	}
	assert_true(is_ended);
	fclose(file);
	return result;
}
