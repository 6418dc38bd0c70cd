/* The real client - engine and protocol plugin - meets the device of a transcript. */
#ifndef OTADFU_DECISIONS_MEETING_H
#define OTADFU_DECISIONS_MEETING_H

#include "session.h"
#include "tape.h"

enum { MEETING_IMAGES_MAX = 2, MEETING_SETTING_MAX = 64, MEETING_NOTES_MAX = 4096 };

struct plan {
	const struct transcript *transcript;
	const json_t *lines;
	size_t first;  /* the line at which the client comes */
	long receipts; /* its options, as the recorded client had them */
	long packet_size;
	bool interrupt; /* its operator does so when that of the recorded client did */
	bool deaf;      /* its first subscription gets lost */
	bool damaged_air;
	char setting[MEETING_SETTING_MAX]; /* "PLUGIN.KEY=VALUE"; empty: none */
	struct otadfu_image images[MEETING_IMAGES_MAX];
	size_t image_count;
};

struct meeting {
	struct tape tape;
	/*
	 * In order: "did" a request in hex, "packets", "connect" or "subscribe"; "heard" in hex,
	 * "attXX" or "lost", and "recorded" where the recorded client heard it, too.
	 */
	json_t *log;
	char notes[MEETING_NOTES_MAX];
	bool deaf;
	bool told_loss;
	int cancel_fd; /* -1: nobody interrupts */
	uint16_t mtu;  /* 0: it cannot be asked for */
	struct session_result result;
};

/* NULL, or why there was none. meeting_end in any case. */
const char *meeting_run(struct meeting *meeting, const struct plan *plan);
void meeting_end(struct meeting *meeting);

/* Does the device run so much as the images of plan? */
bool meeting_left_images(const struct meeting *meeting, const struct plan *plan);

#endif
