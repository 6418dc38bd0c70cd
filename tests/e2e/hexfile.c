#include "hexfile.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>

#include <cmocka.h>

enum { RECORD_DATA = 0, RECORD_END = 1, RECORD_LINEAR = 4, LINE_BYTES = 16, LINE_TEXT = 48 };

static void add_record(struct hexfile *file, unsigned type, uint16_t addr, const uint8_t *data,
		       size_t len)
{
	uint8_t sum = (uint8_t)(len + (addr >> 8) + addr + type);
	char *at = file->text + file->len;

	assert_true(len <= LINE_BYTES && file->len + LINE_TEXT < HEXFILE_MAX);
	at += sprintf(at, ":%02zX%04X%02X", len, addr, type);
	for (size_t i = 0; i < len; i++) {
		at += sprintf(at, "%02X", data[i]);
		sum = (uint8_t)(sum + data[i]);
	}
	at += sprintf(at, "%02X\n", (uint8_t)-sum);
	file->len = (size_t)(at - file->text);
}

void hexfile_data(struct hexfile *file, uint32_t addr, const uint8_t *data, size_t len)
{
	for (size_t done = 0; done < len; done += LINE_BYTES) {
		uint32_t at = addr + (uint32_t)done;
		const uint8_t high[] = { (uint8_t)(at >> 24), (uint8_t)(at >> 16) };
		size_t left = len - done;

		if (done == 0 || (at & 0xFFFF) < LINE_BYTES)
			add_record(file, RECORD_LINEAR, 0, high, sizeof(high));
		add_record(file, RECORD_DATA, (uint16_t)at, data + done,
			   left < LINE_BYTES ? left : LINE_BYTES);
	}
}

void hexfile_end(struct hexfile *file)
{
	add_record(file, RECORD_END, 0, NULL, 0);
}
