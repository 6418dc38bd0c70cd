/*
 * One image on its way: the talk about objects, and the parts of an update made of it.
 * Results are OTADFU_OK, an OTADFU_E_* whose reason is recorded, or one of those below.
 */
#ifndef OTADFU_SECURE_TRANSFER_H
#define OTADFU_SECURE_TRANSFER_H

#include "secure.h"
#include "secure_flow.h"
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
	struct secure_facts facts;
	struct secure_pace pace;
	struct secure_flash flash;
	uint32_t answer_ms; /* how long the last answer took */
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

uint64_t secure_now_ms(const struct transfer *t);
/* Until the device has room for so many packets, or other flash operations. */
int secure_wait_for_room(struct transfer *t, size_t places);

/* Waits for the answer to op. Not recorded. */
int secure_await(struct transfer *t, uint8_t op, const struct talk_limit *limit,
		 struct secure_answer *ret_answer);

/* Asks what the device holds. SECURE_AGAIN when it is not data[0..offset). */
int secure_do_check(struct transfer *t, const uint8_t *data, uint32_t offset);

/* Sends the stretch at the device's pace, with so many packets between two receipts (0: none), and
 * has the whole checked. */
int secure_do_send(struct transfer *t, const struct stretch *stretch, uint16_t receipts);

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

/* From the facts, and from what the memo has learnt. */
void secure_set_pace(struct transfer *t);

/* secure_update.c */

/* A SoftDevice, a bootloader, or both: what is not skipped may come back as either mode. */
bool secure_is_system(const struct otadfu_image *image);

/* After a reset it is back in its bootloader, or in the application it has. */
void secure_expect_reset(struct transfer *t);

#endif
