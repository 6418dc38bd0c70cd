/*
 * One image on its way: the talk about objects, and the parts of an update made of it.
 * Results are OTADFU_OK, an OTADFU_E_* whose reason is recorded, or one of those below.
 */
#ifndef OTADFU_SECURE_TRANSFER_H
#define OTADFU_SECURE_TRANSFER_H

#include "secure.h"
#include "secure_msg.h"
#include "secure_resume.h"
#include "talk.h"

#include <stdbool.h>

enum {
	/* The device does not hold what it should; nothing is recorded: trying anew may help. */
	SECURE_AGAIN = 1,
	/* It runs the image: the last Execute of an earlier connection has reached it. */
	SECURE_THERE,
};

struct transfer {
	struct talk talk;
	struct secure_memo *memo;
	const struct otadfu_image *image;
	struct otadfu_next *next;
	struct secure_held held; /* what the device said last that it holds */
	uint32_t payload;        /* bytes in one packet */
	uint16_t window;         /* packets between two receipts; 0: none */
	uint32_t delay_ms;       /* after Create of a data object */
	uint32_t erase_ms;       /* how long the device erases a page */
	uint64_t flash_ms;       /* when its flash is free again */
};

/* Bytes from..end of an image or an init packet, counted from its beginning. */
struct stretch {
	const uint8_t *data;
	uint32_t from;
	uint32_t end;
};

/* secure_object.c: requests with their answers, packets at the pace the device bears. */

uint32_t secure_option(const struct transfer *t, const char *key);

int secure_do_select(struct transfer *t, enum secure_object type, struct secure_answer *ret_answer);
int secure_do_set_receipts(struct transfer *t, uint16_t every);
/* What was answered is the caller's to judge. */
int secure_do_create(struct transfer *t, enum secure_object type, uint32_t size,
		     uint16_t *ret_result);
int secure_do_execute(struct transfer *t, uint32_t limit_ms, uint16_t *ret_result);

/* The device's flash will be busy for so much longer: until then it takes one burst (section 8). */
void secure_flash_busy(struct transfer *t, uint32_t ms);
int secure_wait_for_flash(struct transfer *t);

/* Waits for the answer to op. Not recorded. */
int secure_await(struct transfer *t, uint8_t op, const struct talk_limit *limit,
		 struct secure_answer *ret_answer);

/* Asks what the device holds. SECURE_AGAIN when it is not data[0..offset). */
int secure_do_check(struct transfer *t, const uint8_t *data, uint32_t offset);

/* Sends the stretch, window by window, each confirmed, and has the whole checked. */
int secure_do_send(struct transfer *t, const struct stretch *stretch, uint16_t window);

/* Records that the device refused what. */
int secure_refused(struct transfer *t, const char *what, uint16_t result);

/* secure_command.c: has the init packet executed. anew: whatever the device holds of it. THERE when
 * the device refuses it for what an earlier connection has brought about. */
int secure_send_init(struct transfer *t, bool anew);

/*
 * secure_data.c: sends all data objects and has all but the last executed. SECURE_AGAIN when the
 * transfer must begin anew, from the init packet on.
 */
int secure_send_firmware(struct transfer *t);

/* Sets window and delay from the options and from what the memo has learnt. */
void secure_set_pace(struct transfer *t);

/* secure_update.c */

/* A SoftDevice, a bootloader, or both: what is not skipped may come back as either mode. */
bool secure_is_system(const struct otadfu_image *image);

/* After a reset it is back in its bootloader, or in the application it has. */
void secure_expect_reset(struct otadfu_next *next);

#endif
