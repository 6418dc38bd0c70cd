/*
 * A settings page read by the table of packages-and-init-packets.md 6 alone: it shares nothing with
 * the code that makes one, nor with the simulated device that uses one.
 */
#ifndef OTADFU_TESTS_SETTINGS_TABLE_H
#define OTADFU_TESTS_SETTINGS_TABLE_H

#include <stddef.h>
#include <stdint.h>

/* A field of 1 or 4 bytes. The test fails when the table has none of that name. */
uint32_t settings_table_number(const uint8_t *page, const char *name);

/* Where a field of any length begins. */
const uint8_t *settings_table_bytes(const uint8_t *page, const char *name);

/* CRC-32 of page[from..to], as the table writes its ranges: both ends count. */
uint32_t settings_table_crc(const uint8_t *page, size_t from, size_t to);

#endif
