/*
 * The transport hci on a controller that the test plays, exchange by exchange as in hci_bench.h.
 * What goes wrong in here fails the test that called.
 */
#ifndef OTADFU_TESTS_CENTRAL_BENCH_H
#define OTADFU_TESTS_CENTRAL_BENCH_H

#include "adapter.h"
#include "hci_bench.h"
#include "scratch.h"

/* Of setup: what a controller with legacy commands, data length extension, one or four buffers of
 * 27 bytes and a public address says is in hci_bench.h. */
extern const struct hci_exchange central_setup_extended[];   /* and 2M, four buffers of 251 */
extern const struct hci_exchange central_setup_no_address[]; /* and no features */

/* The device C0:FF:EE:00:00:01, random, as parameters and as an answer have it. */
#define CENTRAL_PEER "01 01 00 00 EE FF C0"
#define CENTRAL_CREATE                                                                             \
	"01 0D 20 19 30 00 30 00 00 " CENTRAL_PEER " 00 06 00 0C 00 00 00 90 01 00 00 00 00"
#define CENTRAL_PENDING   "04 0F 04 00 01 0D 20 "
#define CENTRAL_CONNECTED "04 3E 13 01 00 40 00 00 " CENTRAL_PEER " 0C 00 00 00 90 01 00 "
#define CENTRAL_LENGTH    "01 22 20 06 40 00 FB 00 48 08"
#define CENTRAL_LENGTH_OK "04 0E 06 01 22 20 00 40 00 "
#define CENTRAL_GONE      "04 05 04 00 40 00 "

extern const struct otadfu_addr central_peer;

struct central_bench {
	struct otadfu_ctx ctx; /* first: a ctx is its bench */
	void *folder;          /* of scratch.h */
	char endpoint[SCRATCH_PATH_MAX + 8];
	int listener;
	int controller; /* the controller's end */
	int cancel_fds[2];
	const char *option; /* one that is not as it is by default: its key */
	int64_t option_value;
	struct otadfu_adapter *adapter;
	struct otadfu_link *link;
	struct {
		int code;
		int32_t detail;
		char text[256];
	} failure; /* the first since central_bench_clear */
	bool playing;
	pthread_t player;
	const struct hci_exchange *script;
	const char *problem;
};

/* Set-up and tear-down of a cmocka test: *state is the bench. */
int central_bench_begin(void **state);
int central_bench_end(void **state);

uint64_t central_bench_in(struct central_bench *bench, uint32_t ms);
void central_bench_clear(struct central_bench *bench);

/* Plays in a thread of its own; finish waits for its end and fails if it was not as expected. */
void central_bench_play(struct central_bench *bench, const struct hci_exchange *script);
void central_bench_finish(struct central_bench *bench);

/* Opens the adapter, the controller being set up like this. */
void central_bench_open(struct central_bench *bench, const struct hci_exchange *setup);
/* The same with hci_setup_four_buffers, and connects. */
void central_bench_connect(struct central_bench *bench);

/* The task is cancelled, or is not any more. */
void central_bench_cancel(struct central_bench *bench);
void central_bench_resume(struct central_bench *bench);

/* The controller says something, or is told exactly this within some seconds. */
void central_bench_say(struct central_bench *bench, const char *text);
void central_bench_hear(struct central_bench *bench, const char *text);

#endif
