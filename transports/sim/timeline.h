/* Things that will happen on one device, in microseconds of its clock. */
#ifndef OTADFU_SIM_TIMELINE_H
#define OTADFU_SIM_TIMELINE_H

#include <stdbool.h>
#include <stdint.h>

struct timeline;

typedef void timeline_fn(void *user);

/* A timer that its owner embeds; armed at most once at a time. Zero-initialise. */
struct timer {
	bool armed;
	uint64_t due_us;
	uint64_t order; /* of arming: equal times fire in this order */
	timeline_fn *fire;
	void *user;
	struct timer *next;
};

struct timeline {
	uint64_t now_us;
	uint64_t armed_count;
	struct timer *timers; /* sorted */
};

void timeline_arm(struct timeline *timeline, struct timer *timer, uint64_t due_us,
		  timeline_fn *fire, void *user);
void timeline_disarm(struct timeline *timeline, struct timer *timer);

/* UINT64_MAX when nothing is armed. */
uint64_t timeline_next_us(const struct timeline *timeline);

/* Fires the first timer if it is due by then; now_us follows it. False: none was due. */
bool timeline_fire_next(struct timeline *timeline, uint64_t then_us);

/* Fires everything due up to then, in order; now_us follows each. */
void timeline_advance(struct timeline *timeline, uint64_t then_us);

#endif
