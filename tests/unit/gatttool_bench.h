/*
 * The transport gatttool on a bench: a host on real time, fake_gatttool for gatttool, and the test
 * service of CONFORMANCE.md at the other end. What goes wrong in here fails the test that called.
 */
#ifndef GATTTOOL_BENCH_H
#define GATTTOOL_BENCH_H

#include "run.h"

#include <otadfu/transport.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <sys/types.h>

/* Characteristics of the test service, by the number in their UUID. */
enum {
	BENCH_CONTROL = 2,
	BENCH_ECHO = 3,
	BENCH_SEQUENCE = 4,
	BENCH_LOG = 5,
	BENCH_BURST = 6,
	BENCH_INDICATION = 7,
	BENCH_LONG = 8,
	BENCH_REFUSED = 9,
	BENCH_COUNT = 11
};

enum { BENCH_LONG_MS = 30000, BENCH_CHRS_MAX = 32 };

struct gatttool_bench {
	struct otadfu_ctx ctx; /* first: a ctx is its bench */
	const struct otadfu_transport_ops *ops;
	const struct otadfu_link_ops *link_ops;
	struct otadfu_adapter *adapter;
	struct otadfu_link *link; /* of bench_connect; ended by bench_disconnect, or at the end */
	struct otadfu_addr peer;
	const char *binary;
	int cancel_fd;
	uint64_t skew_ms; /* the task's clock is ahead by it */
	int code;         /* of the last failure that was recorded */
	int32_t detail;
	char text[256];
	uint16_t mtu;
	uint16_t ids[BENCH_COUNT]; /* by number; 0: not found */
	size_t chr_count;
	struct otadfu_chr chrs[BENCH_CHRS_MAX];
	struct run *air;
	pid_t air_pid;
	char *folder;
	char *scenario;
};

/* cmocka's set-up and tear-down; the state is the bench. Tear-down checks that no child is left. */
int bench_set_up(void **state);
int bench_tear_down(void **state);

/* What fake_gatttool plays from now on; see there. NULL: nothing. */
void bench_play(const char *tricks);

uint64_t bench_now_ms(void);
uint64_t bench_deadline(uint64_t ms);

/* The task is cancelled from then on; 0: at once. */
void bench_cancel(struct gatttool_bench *bench, uint32_t after_ms);

void bench_open(struct gatttool_bench *bench);

/* Opens the adapter if need be, and connects. */
int bench_try_connect(struct gatttool_bench *bench, uint64_t timeout_ms);
void bench_connect(struct gatttool_bench *bench);

/* The same, then MTU 247 and discovery. */
void bench_link(struct gatttool_bench *bench);
void bench_disconnect(struct gatttool_bench *bench);

/* Processes this one has started and not reaped, fake_air aside; and the one where there is one. */
size_t bench_child_count(const struct gatttool_bench *bench);
pid_t bench_only_child(const struct gatttool_bench *bench);

/* The last failure recorded has this code, and text in it. */
void assert_failure(const struct gatttool_bench *bench, int result, int code, const char *text);

int bench_write(struct gatttool_bench *bench, int number, const void *data, size_t len,
		uint64_t timeout_ms);
int bench_wait(struct gatttool_bench *bench, int number, uint8_t *buf, size_t cap, size_t *ret_len,
	       uint64_t timeout_ms);
void bench_subscribe(struct gatttool_bench *bench, int number);

/* Commands of the test service. when 0: from this answer on. */
void bench_reset(struct gatttool_bench *bench);
void bench_burst(struct gatttool_bench *bench, uint16_t count, uint16_t len);
void bench_hold(struct gatttool_bench *bench, uint8_t when, uint16_t ms);
void bench_drop(struct gatttool_bench *bench, uint16_t ms, uint8_t reason);

#endif
