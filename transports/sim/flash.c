#include "flash.h"

#include <assert.h>
#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <sys/file.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <unistd.h>

enum { PLACES_MAX = 64, WORD = 4, ERASED = 0xFF };

struct operation {
	bool erase;
	uint32_t addr;
	const uint8_t *data; /* of a write */
	size_t total;        /* bytes of a write, pages of an erase */
	size_t finished;
	flash_done_fn *done;
	void *user;
};

struct flash {
	const struct chip *chip;
	struct timeline *timeline;
	struct timer timer; /* end of the chip operation that runs */
	uint8_t *bytes;
	int fd; /* of flash.bin, locked; -1: in memory */
	bool held;
	uint64_t erases;
	struct flash_driver driver;
	struct operation queue[PLACES_MAX];
	unsigned head;
	unsigned count;
};

/* A mapped page without space on the disk beneath ends in SIGBUS: reserve it first. */
static int reserve_file(int fd, const struct chip *chip, bool *ret_fresh)
{
	struct stat status;
	int reason;

	if (flock(fd, LOCK_EX | LOCK_NB) < 0 || fstat(fd, &status) < 0)
		return -1;
	*ret_fresh = status.st_size == 0;
	if (!*ret_fresh && status.st_size != (off_t)chip->flash_size) {
		errno = EINVAL;
		return -1;
	}
	reason = posix_fallocate(fd, 0, (off_t)chip->flash_size);
	if (reason == 0)
		return 0;
	/* Half a flash would be taken for another chip's next time. */
	if (*ret_fresh && ftruncate(fd, 0) < 0)
		reason = errno;
	errno = reason;
	return -1;
}

static uint8_t *map_file(struct flash *flash, const char *path, bool *ret_fresh)
{
	void *bytes;

	flash->fd = open(path, O_RDWR | O_CREAT | O_CLOEXEC, 0666);
	if (flash->fd < 0)
		return NULL;
	if (reserve_file(flash->fd, flash->chip, ret_fresh) < 0)
		return NULL;
	bytes = mmap(NULL, flash->chip->flash_size, PROT_READ | PROT_WRITE, MAP_SHARED, flash->fd,
		     0);
	return bytes == MAP_FAILED ? NULL : bytes;
}

struct flash *flash_open(const struct chip *chip, const char *path, struct timeline *timeline,
			 bool *ret_fresh)
{
	struct flash *flash = calloc(1, sizeof(*flash));
	bool fresh = true;

	if (!flash)
		return NULL;
	flash->fd = -1;
	flash->chip = chip;
	flash->timeline = timeline;
	flash->driver.places = 1;
	flash->bytes = path ? map_file(flash, path, &fresh) : malloc(chip->flash_size);
	if (!flash->bytes) {
		int reason = errno;

		flash_close(flash);
		errno = reason;
		return NULL;
	}
	if (fresh)
		memset(flash->bytes, ERASED, chip->flash_size);
	*ret_fresh = fresh;
	return flash;
}

void flash_close(struct flash *flash)
{
	if (!flash)
		return;
	timeline_disarm(flash->timeline, &flash->timer);
	if (flash->fd < 0)
		free(flash->bytes);
	else if (flash->bytes)
		munmap(flash->bytes, flash->chip->flash_size);
	if (flash->fd >= 0)
		close(flash->fd);
	free(flash);
}

const struct chip *flash_chip(const struct flash *flash)
{
	return flash->chip;
}

const uint8_t *flash_bytes(const struct flash *flash)
{
	return flash->bytes;
}

uint64_t flash_erases(const struct flash *flash)
{
	return flash->erases;
}

static bool is_inside(const struct flash *flash, uint32_t addr, size_t len)
{
	return addr <= flash->chip->flash_size && len <= flash->chip->flash_size - addr;
}

static void erase_page(struct flash *flash, uint32_t addr)
{
	memset(flash->bytes + addr, ERASED, flash->chip->page_size);
	flash->erases++;
}

/* Bits go from 1 to 0 only. */
static void write_bytes(struct flash *flash, uint32_t addr, const uint8_t *data, size_t len)
{
	for (size_t i = 0; i < len; i++)
		flash->bytes[addr + i] &= data[i];
}

static uint64_t write_time_us(const struct flash *flash, size_t len)
{
	return (len + WORD - 1) / WORD * flash->chip->write_word_us;
}

uint64_t flash_erase_now(struct flash *flash, uint32_t addr, uint32_t pages)
{
	const struct chip *chip = flash->chip;

	assert(addr % chip->page_size == 0 &&
	       is_inside(flash, addr, (size_t)pages * chip->page_size));
	for (uint32_t i = 0; i < pages; i++)
		erase_page(flash, addr + i * chip->page_size);
	return (uint64_t)pages * chip->erase_page_us;
}

uint64_t flash_write_now(struct flash *flash, uint32_t addr, const void *data, size_t len)
{
	assert(addr % WORD == 0 && len % WORD == 0 && is_inside(flash, addr, len));
	write_bytes(flash, addr, data, len);
	return write_time_us(flash, len);
}

void flash_program(struct flash *flash, uint32_t addr, const void *data, size_t len)
{
	assert(is_inside(flash, addr, len));
	memcpy(flash->bytes + addr, data, len);
}

void flash_reset(struct flash *flash, const struct flash_driver *driver)
{
	assert(driver->places <= PLACES_MAX && driver->write_unit % WORD == 0);
	timeline_disarm(flash->timeline, &flash->timer);
	flash->driver = *driver;
	flash->head = 0;
	flash->count = 0;
}

static bool is_possible(const struct flash *flash, const struct operation *op)
{
	size_t page_size = flash->chip->page_size;

	if (op->erase)
		return op->addr % page_size == 0 &&
		       op->total <= flash->chip->flash_size / page_size &&
		       is_inside(flash, op->addr, op->total * page_size);
	return op->addr % WORD == 0 && is_inside(flash, op->addr, op->total);
}

/* Bytes that the next operation of the chip takes from a write. */
static size_t unit_of(const struct flash *flash, const struct operation *op)
{
	size_t left = op->total - op->finished;
	size_t unit = flash->driver.write_unit;

	return unit && unit < left ? unit : left;
}

/*
 * The chip writes words: a unit is cut down to whole words, but at least to one, whose missing
 * bytes stay as they are (secure-dfu.md 8: the lost tail of an image).
 */
static size_t bytes_written(size_t unit)
{
	return unit < WORD ? unit : unit - unit % WORD;
}

static uint64_t step_time_us(const struct flash *flash, const struct operation *op)
{
	if (op->finished == op->total || !is_possible(flash, op))
		return 0;
	if (op->erase)
		return flash->chip->erase_page_us;
	return write_time_us(flash, bytes_written(unit_of(flash, op)));
}

static void take_step(struct flash *flash, struct operation *op)
{
	size_t unit = unit_of(flash, op);

	if (op->finished == op->total)
		return;
	if (op->erase) {
		erase_page(flash, op->addr + (uint32_t)op->finished * flash->chip->page_size);
		op->finished++;
		return;
	}
	write_bytes(flash, op->addr + (uint32_t)op->finished, op->data + op->finished,
		    bytes_written(unit));
	op->finished += unit;
}

/* Ends the chip operation that runs; true when that was a real one. */
static bool finish_step(struct flash *flash)
{
	struct operation *op = &flash->queue[flash->head];
	struct operation finished;
	bool possible = is_possible(flash, op);

	if (possible)
		take_step(flash, op);
	if (possible && op->finished < op->total)
		return true;
	finished = *op;
	flash->head = (flash->head + 1) % PLACES_MAX;
	flash->count--;
	if (finished.done)
		finished.done(finished.user, possible);
	return possible;
}

static void step_ends(void *user);

static void start_step(struct flash *flash)
{
	if (flash->held || flash->timer.armed || flash->count == 0)
		return;
	timeline_arm(flash->timeline, &flash->timer,
		     flash->timeline->now_us + step_time_us(flash, &flash->queue[flash->head]),
		     step_ends, flash);
}

static void step_ends(void *user)
{
	struct flash *flash = user;

	finish_step(flash);
	start_step(flash);
}

static bool enqueue(struct flash *flash, const struct operation *op)
{
	if (flash->count >= flash->driver.places)
		return false;
	flash->queue[(flash->head + flash->count++) % PLACES_MAX] = *op;
	start_step(flash);
	return true;
}

bool flash_queue_erase(struct flash *flash, uint32_t addr, uint32_t pages, flash_done_fn *done,
		       void *user)
{
	return enqueue(flash, &(struct operation){ .erase = true,
						   .addr = addr,
						   .total = pages,
						   .done = done,
						   .user = user });
}

bool flash_queue_write(struct flash *flash, uint32_t addr, const void *data, size_t len,
		       flash_done_fn *done, void *user)
{
	return enqueue(flash, &(struct operation){ .addr = addr,
						   .data = data,
						   .total = len,
						   .done = done,
						   .user = user });
}

bool flash_is_idle(const struct flash *flash)
{
	return flash->count == 0;
}

unsigned flash_queued(const struct flash *flash)
{
	return flash->count;
}

void flash_hold(struct flash *flash)
{
	flash->held = true;
	timeline_disarm(flash->timeline, &flash->timer);
}

void flash_pump(struct flash *flash, unsigned operations)
{
	while (flash->held && operations > 0 && flash->count > 0) {
		if (finish_step(flash))
			operations--;
	}
}

void flash_release(struct flash *flash)
{
	flash->held = false;
	start_step(flash);
}
