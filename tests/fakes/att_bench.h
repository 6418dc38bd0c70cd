/*
 * A link over one end of a socketpair; at the other a peer plays a script. In a script, steps are
 * separated by ';' :
 *
 *	> 02 F7 00	the next PDU of the client is this one
 *	< 03 F7 00	the peer sends it
 *	200 x < ..	as often
 *	silence MS	meanwhile nothing comes from the client
 *	pause MS
 *	cancel		the task is cancelled
 *	close		the peer goes away
 */
#ifndef OTADFU_TESTS_ATT_BENCH_H
#define OTADFU_TESTS_ATT_BENCH_H

#include "socket_link.h"

#include <pthread.h>

struct att_bench {
	struct otadfu_ctx ctx; /* first: the bench is found by it */
	struct otadfu_link *link;
	int client_fd; /* the link's */
	int peer_fd;   /* -1: the peer has gone away */
	int cancel_fds[2];
	bool playing;
	pthread_t player;
	const char *script;
	char problem[256]; /* of the player, who finds the script not followed */
	/* What the client said of its failure. */
	struct {
		int code;
		int32_t detail;
		char text[256];
	} failure;
};

/* Setup and teardown of a cmocka test: *state is the bench. */
int att_bench_begin(void **state);
int att_bench_end(void **state);

uint64_t att_bench_now_ms(struct att_bench *bench);
/* So many milliseconds from now. */
uint64_t att_bench_in(struct att_bench *bench, uint32_t ms);

/* Plays script in a thread of its own; ends the one before. */
void att_bench_play(struct att_bench *bench, const char *script);
/* Waits until it is played, and fails the test if it could not be. */
void att_bench_finish(struct att_bench *bench);

/* The task is not cancelled any more. */
void att_bench_resume(struct att_bench *bench);

/* Sends commands until the socket takes no more, and tells how many. */
int att_bench_fill(struct att_bench *bench);

/* Forgets the recorded failure, as the host does before each call. */
void att_bench_clear(struct att_bench *bench);

/*
 * Discovers a device with the service FE59: characteristic 3 (write, notify), 6 (write, write
 * command), 8 (indicate), 11 (read, notify), 14 (read; its service ends with it), and its CCCDs are
 * at 4, 9 and 12.
 */
void att_bench_discover(struct att_bench *bench);
/* Subscribes to 3, 8 or 11 of that device. */
void att_bench_subscribe(struct att_bench *bench, uint16_t id);

#endif
