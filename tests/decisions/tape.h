/*
 * A transcript as a device for a client that is not the recorded one. The simulated device stands
 * in the state that the recording has; as long as the client does what was recorded, what it hears
 * is what was recorded, and the device must say the same. Queries may be more or fewer, and an
 * Execute may be repeated. From the first other thing on, the device alone answers.
 */
#ifndef OTADFU_DECISIONS_TAPE_H
#define OTADFU_DECISIONS_TAPE_H

#include "stage.h"

enum { TAPE_WHY_MAX = 200 };

struct tape {
	struct stage stage; /* its answers: said by the device, not yet handed over */
	const json_t *lines;
	size_t at;        /* the next line */
	size_t sent;      /* bytes of it, where it is of packets */
	bool damaged_air; /* packets arrive as they were recorded, whatever was sent */
	bool confirm;     /* the last value was an indication */
	uint16_t confirm_handle;
	bool executed;           /* the last request was an Execute that succeeded */
	char left[TAPE_WHY_MAX]; /* why the client is not on the recording any more; empty: it is */
	json_t *heard; /* for the client: objects of "hex", and "recorded" where it is the tape's */
};

/* Brings a device to before line first of lines, all by the recorded client. NULL, or what went
 * wrong. */
const char *tape_open(struct tape *tape, const struct transcript *transcript, const json_t *lines,
		      size_t first);
void tape_close(struct tape *tape);

/* What the test did to the device happens as soon as it stands next. */
void tape_pass(struct tape *tape);

/* Nobody acts but the test: what it did next is done. False: nothing. */
bool tape_stall(struct tape *tape);
/* The client waits for something to hear. False: nothing more will come. */
bool tape_wait(struct tape *tape);
/* Next the operator of the recorded client made it abort. */
bool tape_is_at_abort(struct tape *tape);

bool tape_connect(struct tape *tape);
/* Returns the ATT error. */
uint8_t tape_request(struct tape *tape, uint16_t handle, const uint8_t *data, size_t len);
void tape_packet(struct tape *tape, uint16_t handle, const uint8_t *data, size_t len);

/* The whole recording was lived through. */
bool tape_is_over(struct tape *tape);

#endif
