/*
 * One image on its way: the parts of an update. Results are OTADFU_OK or an OTADFU_E_* whose
 * reason is recorded, unless the function says otherwise.
 */
#ifndef OTADFU_LEGACY_TRANSFER_H
#define OTADFU_LEGACY_TRANSFER_H

#include "legacy.h"
#include "talk.h"

#include <stdbool.h>

enum { LEGACY_RESTART_WAIT_MS = 1000, LEGACY_PACKET_SAFE = 20 };

struct update {
	struct talk talk;
	struct legacy_memo *memo;
	const struct otadfu_image *image;
	struct otadfu_next *next;
	struct legacy_uuids uuids;
	bool old;      /* it states no DFU version: SDK 6.1 or older (section 5.2) */
	bool embedded; /* it is no bootloader: a running firmware takes the update (10.1) */
	uint16_t receipts;
	size_t packet_size;
};

/* legacy_answer.c: what the device answers, and the way out of what it refuses. */

int legacy_write_op(struct update *u, uint8_t op);

/* Waits for the answer to op. Not recorded. */
int legacy_await(struct update *u, uint8_t op, const struct talk_limit *limit, uint8_t *ret_status);

/* Waits for the answer to op, which must be success; what names it in messages. */
int legacy_expect_success(struct update *u, uint8_t op, const char *what, uint32_t limit_ms);

/* The device answered op with something else than success: resets it where that helps. */
int legacy_refused(struct update *u, uint8_t op, uint8_t status);

/* Where the device is after a reset, or after a link that it may not have survived. */
void legacy_expect_anywhere(struct otadfu_next *next, uint32_t not_before_ms, uint32_t flags);

/* Only CANCELLED counts as failure. */
int legacy_reset(struct update *u, uint32_t not_before_ms);

/* legacy_flow.c: how fast. What an attempt showed to be too fast is slower in the next. */

uint16_t legacy_receipts(const struct update *u);
size_t legacy_packet_size(const struct update *u);
void legacy_slow_down(struct update *u, enum legacy_pace pace);

/* Says what a profile should hold, where an attempt had to be slower than it says. */
void legacy_tell_pace(struct update *u);

/* How long to wait for what erases or copies so many bytes of flash; never less than floor_ms. */
uint32_t legacy_flash_ms(uint32_t floor_ms, size_t bytes);

/* legacy_embedded.c: running firmware that takes updates. */

int legacy_find_embedded(struct update *u, bool *ret_embedded);
int legacy_check_embedded(struct update *u);
int legacy_not_validated(struct update *u);

/* Where it is after a failure, once it has forgotten it; and after its activation. */
void legacy_expect_embedded(struct otadfu_next *next);
void legacy_end_embedded(struct update *u);

/* legacy_data.c */

/* How much of the image the device kept while the link was lost, where the profile says that it
 * does; 0: it begins anew. */
int legacy_find_held(struct update *u, size_t *ret_held);

/* All of the image from there on, which the device then holds. */
int legacy_send_image(struct update *u, size_t from);

/* legacy_start.c */

/* The image can be sent to this bootloader at all. Nothing is sent. */
int legacy_check(struct update *u);
int legacy_start(struct update *u);
int legacy_send_init(struct update *u);

#endif
