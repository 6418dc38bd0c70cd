/*
 * The buffer model of section 8, from which the numbers below follow:
 *
 * A packet takes one of 17 receive buffers and one of 16 places in the flash queue, whatever its
 * length, until flash has written it. Where there is none it vanishes without a word. While the
 * erase that Create asks for stands first in the queue nothing is written, so 15 packets find
 * room: 300 bytes at MTU 23. A device that saves its progress has four operations more before
 * that, an erase and a write for the settings and for their backup: 11 packets. These always find
 * room; for all further ones the queue is followed here in time.
 *
 * What was sent may arrive all at once, at the next connection event. Where the transport paces
 * and the interval is known, packets count as arriving no sooner than that, so no more than 16 can
 * ever meet the device together, and no receipts are needed. Elsewhere, a receipt after each burst
 * of 11.
 *
 * Bootloaders of SDK 12 to 14 gather packets to 256 or 128 bytes and have 4 or 8 places for those;
 * beside settings and erase at least 256 bytes find room, which is more than 11 packets of 20. More
 * than 512 bytes overwrite each other without a sign until the image's hash is wrong, so receipts
 * are asked of them whatever the transport.
 */
#include "secure_flow.h"

#include <stdio.h>
#include <string.h>

enum {
	BURST = 11,
	BURST_WITHOUT_RECEIPTS = 4, /* the finer, the closer to what the flash can take */
	PAYLOAD_MIN = 20,           /* fits every link */
	PAYLOAD_MAX = 244,
	WORD = 4,
	/* Flash is written in units of 20 bytes, each in a gap of the radio's of up to 1 ms. */
	UNIT_BYTES = 20,
	UNIT_MS = 1,
	SETTINGS_PAGES = 2,
	SETTINGS_WRITE_MS = 41, /* 808 bytes */
	OLD_COMMAND_MAX = 256,  /* up to SDK 15.2; up to 14 with packets of 20 bytes, too */
	PAGE_BYTES = 4096,
	LIMIT_BASE_MS = 10000,
};

/* Each object that arrives damaged costs a step: burst, packet size, then the pause that the
 * libraries for phones make after each Create (section 8). */
static const struct step {
	uint16_t burst;
	uint16_t payload;
	uint16_t delay_ms;
} steps[] = {
	{ BURST, PAYLOAD_MAX, 0 }, { 4, PAYLOAD_MAX, 0 },   { 4, PAYLOAD_MIN, 0 },
	{ 4, PAYLOAD_MIN, 400 },   { 1, PAYLOAD_MIN, 400 },
};

enum { STEP_LAST = sizeof(steps) / sizeof(steps[0]) - 1 };

static uint32_t least(uint32_t a, uint32_t b)
{
	return a < b ? a : b;
}

static uint32_t payload_of(const struct secure_facts *facts, const struct step *step)
{
	uint32_t wanted = facts->packet_size >= WORD ? facts->packet_size : PAYLOAD_MAX;
	uint32_t room = facts->max_write < PAYLOAD_MIN   ? PAYLOAD_MIN
			: facts->max_write > PAYLOAD_MAX ? PAYLOAD_MAX
							 : (uint32_t)facts->max_write;
	uint32_t payload = least(least(wanted, room), step->payload);

	return payload - payload % WORD;
}

/* May it be of SDK 12 to 14? Later ones have init packets of 512 bytes, or longer packets. */
static bool may_be_old(const struct secure_facts *facts)
{
	return facts->max_write <= PAYLOAD_MIN && facts->command_max <= OLD_COMMAND_MAX;
}

static uint16_t receipts_of(const struct secure_facts *facts, const struct step *step)
{
	uint16_t receipts;

	if (facts->receipts != SECURE_RECEIPTS_AUTO)
		receipts = (uint16_t)facts->receipts;
	else
		receipts = facts->paced && facts->interval_ms > 0 && !may_be_old(facts) ? 0 : BURST;
	if (facts->caution > 0 && (receipts == 0 || receipts > step->burst))
		receipts = step->burst;
	return receipts;
}

struct secure_pace secure_pace_of(const struct secure_facts *facts)
{
	const struct step *step = &steps[least(facts->caution, STEP_LAST)];

	uint16_t receipts = receipts_of(facts, step);

	return (struct secure_pace){
		.payload = payload_of(facts, step),
		.burst = receipts == 0 ? BURST_WITHOUT_RECEIPTS : step->burst,
		.receipts = receipts,
		.delay_ms = facts->object_delay_ms > step->delay_ms ? facts->object_delay_ms
								    : step->delay_ms,
	};
}

static bool is_same(const struct secure_pace *a, const struct secure_pace *b)
{
	return a->payload == b->payload && a->burst == b->burst && a->receipts == b->receipts &&
	       a->delay_ms == b->delay_ms;
}

uint32_t secure_step_down(const struct secure_facts *facts)
{
	struct secure_pace now = secure_pace_of(facts);
	struct secure_facts lower = *facts;

	while (lower.caution < STEP_LAST) {
		struct secure_pace pace;

		lower.caution++;
		pace = secure_pace_of(&lower);
		if (!is_same(&pace, &now))
			break;
	}
	return lower.caution;
}

bool secure_pace_describe(const struct secure_facts *facts, char text[SECURE_PROFILE_TEXT])
{
	struct secure_pace pace = secure_pace_of(facts);
	struct secure_facts before = *facts;
	size_t used;

	before.caution = 0;
	used = (size_t)snprintf(text, SECURE_PROFILE_TEXT, "receipts: %u", pace.receipts);
	if (pace.payload < secure_pace_of(&before).payload)
		used += (size_t)snprintf(text + used, SECURE_PROFILE_TEXT - used,
					 ", packet_size: %u", pace.payload);
	if (pace.delay_ms > 0)
		snprintf(text + used, SECURE_PROFILE_TEXT - used, ", object_delay_ms: %u",
			 pace.delay_ms);
	return facts->caution > 0;
}

uint32_t secure_limit_ms(uint32_t floor_ms, size_t bytes, uint32_t page_ms)
{
	uint64_t pages = bytes / PAGE_BYTES + (bytes % PAGE_BYTES != 0);
	uint64_t limit_ms = LIMIT_BASE_MS + pages * page_ms;

	if (limit_ms > INT32_MAX)
		return INT32_MAX;
	return limit_ms > floor_ms ? (uint32_t)limit_ms : floor_ms;
}

/* --- the device's flash queue --- */

static void drop_first(struct secure_flash *flash)
{
	flash->count--;
	memmove(flash->done_ms, flash->done_ms + 1, flash->count * sizeof(flash->done_ms[0]));
}

static void enter(struct secure_flash *flash, uint64_t at_ms, uint32_t takes_ms)
{
	uint64_t begins_ms = at_ms;

	if (flash->count > 0 && flash->done_ms[flash->count - 1] > at_ms)
		begins_ms = flash->done_ms[flash->count - 1];
	if (flash->count == SECURE_FLASH_PLACES)
		drop_first(flash);
	flash->done_ms[flash->count++] = begins_ms + (flash->erase_ms > 0 ? takes_ms : 0);
}

void secure_flash_erase(struct secure_flash *flash, uint64_t at_ms)
{
	enter(flash, at_ms, flash->erase_ms);
}

static uint32_t packet_ms(uint32_t len)
{
	return (len + UNIT_BYTES - 1) / UNIT_BYTES * UNIT_MS;
}

void secure_flash_packet(struct secure_flash *flash, uint64_t at_ms, uint32_t len)
{
	enter(flash, at_ms, packet_ms(len));
}

uint32_t secure_settings_ms(const struct secure_flash *flash)
{
	return flash->erase_ms > 0 ? SETTINGS_PAGES * (flash->erase_ms + SETTINGS_WRITE_MS) : 0;
}

void secure_flash_settings(struct secure_flash *flash, uint64_t at_ms, uint32_t takes_ms)
{
	enter(flash, at_ms, takes_ms);
	for (int i = 1; i < 2 * SETTINGS_PAGES; i++)
		enter(flash, at_ms, 0);
}

void secure_flash_fill(struct secure_flash *flash, uint64_t at_ms)
{
	for (size_t i = 0; i < SECURE_FLASH_PLACES; i++)
		enter(flash, at_ms, packet_ms(PAYLOAD_MAX));
}

void secure_flash_empty(struct secure_flash *flash)
{
	flash->count = 0;
}

uint32_t secure_flash_wait_ms(const struct secure_flash *flash, uint64_t now_ms, size_t places)
{
	size_t wanted = places < SECURE_FLASH_PLACES ? places : SECURE_FLASH_PLACES;
	size_t left = SECURE_FLASH_PLACES - wanted; /* operations that may still be in it */
	uint64_t until_ms;

	if (flash->count <= left)
		return 0;
	until_ms = flash->done_ms[flash->count - left - 1];
	return until_ms > now_ms ? (uint32_t)(until_ms - now_ms) : 0;
}

/* --- progress saved in flash --- */

uint32_t secure_saving_ms(const struct secure_facts *facts, const struct secure_flash *flash,
			  uint32_t answer_ms)
{
	/* SDK 12 to 14 always save, into one page. */
	uint32_t least_ms = may_be_old(facts) ? secure_settings_ms(flash) / SETTINGS_PAGES : 0;
	/* Less than that is the air's doing. */
	uint32_t seen_ms = answer_ms > flash->erase_ms / 2 ? answer_ms + answer_ms / 4 : 0;

	return seen_ms > least_ms ? seen_ms : least_ms;
}
