#include "settings_table.h"

#include <setjmp.h>
#include <stdarg.h>
#include <string.h>

#include <cmocka.h>

static const struct row {
	unsigned at;
	unsigned size;
	const char *name;
} rows[] = {
	{ 0x00, 4, "crc" },
	{ 0x04, 4, "settings version" },
	{ 0x08, 4, "application version" },
	{ 0x0C, 4, "bootloader version" },
	{ 0x10, 4, "bank layout" },
	{ 0x14, 4, "current bank" },
	{ 0x18, 4, "bank 0 size" },
	{ 0x1C, 4, "bank 0 crc" },
	{ 0x20, 4, "bank 0 code" },
	{ 0x24, 4, "bank 1 size" },
	{ 0x28, 4, "bank 1 crc" },
	{ 0x2C, 4, "bank 1 code" },
	{ 0x30, 4, "write offset" },
	{ 0x34, 4, "sd size" },
	{ 0x38, 4, "command size" },
	{ 0x3C, 4, "command offset" },
	{ 0x40, 4, "command crc" },
	{ 0x44, 4, "data object size" },
	{ 0x48, 4, "image crc" },
	{ 0x4C, 4, "image crc last" },
	{ 0x50, 4, "image offset" },
	{ 0x54, 4, "image offset last" },
	{ 0x58, 4, "enter buttonless" },
	{ 0x5C, 512, "init command" },
	{ 0x25C, 4, "validation crc" },
	{ 0x260, 1, "sd validation" },
	{ 0x261, 64, "sd validation bytes" },
	{ 0x2A1, 1, "app validation" },
	{ 0x2A2, 64, "app validation bytes" },
	{ 0x2E2, 1, "bl validation" },
	{ 0x2E3, 64, "bl validation bytes" },
};

static const struct row *find_row(const char *name)
{
	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		if (strcmp(rows[i].name, name) == 0)
			return &rows[i];
	}
	fail_msg("the table has no \"%s\"", name);
	return NULL;
}

uint32_t settings_table_number(const uint8_t *page, const char *name)
{
	const struct row *row = find_row(name);
	uint32_t value = 0;

	assert_in_range(row->size, 1, sizeof(value));
	for (unsigned i = row->size; i > 0; i--)
		value = value << 8 | page[row->at + i - 1];
	return value;
}

const uint8_t *settings_table_bytes(const uint8_t *page, const char *name)
{
	return page + find_row(name)->at;
}

uint32_t settings_table_crc(const uint8_t *page, size_t from, size_t to)
{
	uint32_t crc = UINT32_MAX;

	for (size_t i = from; i <= to; i++) {
		crc ^= page[i];
		for (int bit = 0; bit < 8; bit++)
			crc = crc >> 1 ^ (crc & 1 ? 0xEDB88320 : 0);
	}
	return ~crc;
}
