/*
 * The flash of one chip: bits go from 1 to 0 by a write and back by a page erase, words are
 * aligned, one operation runs at a time and takes its time. Operations wait in a queue with a
 * limited number of places, as in the bootloaders' flash drivers.
 */
#ifndef OTADFU_SIM_FLASH_H
#define OTADFU_SIM_FLASH_H

#include "chip.h"
#include "timeline.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct flash;

/*
 * path NULL: in memory, erased. Else the file is created (erased) or mapped shared at its
 * present contents; a file of another size is refused. NULL with errno on failure.
 * *ret_fresh: the flash was just made.
 */
struct flash *flash_open(const struct chip *chip, const char *path, struct timeline *timeline,
			 bool *ret_fresh);
void flash_close(struct flash *flash);

const struct chip *flash_chip(const struct flash *flash);

/* The whole chip, for reading; XIP. Valid until flash_close. */
const uint8_t *flash_bytes(const struct flash *flash);

/* Page erases since flash_open, of both kinds below. */
uint64_t flash_erases(const struct flash *flash);

/*
 * At once, without the queue and in no time: what a debugger, the MBR or a bootloader before its
 * SoftDevice runs does. The return value is how long it takes on the chip, in microseconds, for the
 * caller to account for. addr and len of a write are multiples of 4; a byte that would need a bit
 * to go from 0 to 1 keeps the AND of old and new, as on the chip.
 */
uint64_t flash_erase_now(struct flash *flash, uint32_t addr, uint32_t pages);
uint64_t flash_write_now(struct flash *flash, uint32_t addr, const void *data, size_t len);

/* Past all rules: what production programmed before the device was sold. */
void flash_program(struct flash *flash, uint32_t addr, const void *data, size_t len);

/* How the running firmware drives its flash; also drops whatever waits (a chip reset does). */
struct flash_driver {
	unsigned places;     /* operations that may wait, the running one included */
	uint32_t write_unit; /* bytes of one operation on the chip; 0: whole writes */
};
void flash_reset(struct flash *flash, const struct flash_driver *driver);

/* ok false: the address was unaligned or outside of the chip; nothing was written. */
typedef void flash_done_fn(void *user, bool ok);

/*
 * Takes one place until it is finished. done (may be NULL) is called when it is; the data is not
 * copied and must stay until then. False: no place is free, nothing happens.
 */
bool flash_queue_erase(struct flash *flash, uint32_t addr, uint32_t pages, flash_done_fn *done,
		       void *user);
bool flash_queue_write(struct flash *flash, uint32_t addr, const void *data, size_t len,
		       flash_done_fn *done, void *user);
bool flash_is_idle(const struct flash *flash);
unsigned flash_queued(const struct flash *flash);

/* For tests: while held nothing finishes by itself; pump then lets at most that many operations of
 * the chip (a page erase, a write unit) finish; release lets time do it again. A flash that is not
 * held cannot be pumped. */
void flash_hold(struct flash *flash);
void flash_pump(struct flash *flash, unsigned operations);
void flash_release(struct flash *flash);

#endif
