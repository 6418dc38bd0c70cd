/*
 * Time for the whole process: real (CLOCK_MONOTONIC) or virtual. Virtual time stands still
 * while any task works and jumps to the earliest deadline when every task waits.
 * All functions are safe from any thread.
 */
#ifndef OTADFU_BASE_CLOCK_H
#define OTADFU_BASE_CLOCK_H

#include <stdbool.h>
#include <stdint.h>

struct clock;

/* A real clock that one task, the caller, uses. NULL: out of memory. */
struct clock *clock_new(void);
void clock_free(struct clock *clock);

uint64_t clock_now_ms(struct clock *clock);

/*
 * From now on time is virtual. OTADFU_E_UNSUPPORTED when someone holds it real. now_ms goes
 * on from where it was. Harmless when it is virtual already.
 */
int clock_make_virtual(struct clock *clock);

/* An adapter on real time is open: OTADFU_E_UNSUPPORTED when time is virtual already. */
int clock_hold_real(struct clock *clock);
void clock_release_real(struct clock *clock);

/* One more, or one fewer, thread that waits only through this clock. */
void clock_join(struct clock *clock);
void clock_leave(struct clock *clock);

/*
 * Returns OTADFU_OK at deadline_ms, or OTADFU_E_CANCELLED as soon as cancel_fd is readable;
 * cancel_fd -1: nothing can cancel.
 */
int clock_wait(struct clock *clock, uint64_t deadline_ms, int cancel_fd);

#endif
