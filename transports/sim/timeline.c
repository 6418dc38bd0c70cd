#include "timeline.h"

#include <stddef.h>

static bool fires_before(const struct timer *a, const struct timer *b)
{
	return a->due_us != b->due_us ? a->due_us < b->due_us : a->order < b->order;
}

void timeline_arm(struct timeline *timeline, struct timer *timer, uint64_t due_us,
		  timeline_fn *fire, void *user)
{
	struct timer **place = &timeline->timers;

	timeline_disarm(timeline, timer);
	*timer = (struct timer){ .armed = true,
				 .due_us = due_us,
				 .order = timeline->armed_count++,
				 .fire = fire,
				 .user = user };
	while (*place && fires_before(*place, timer))
		place = &(*place)->next;
	timer->next = *place;
	*place = timer;
}

void timeline_disarm(struct timeline *timeline, struct timer *timer)
{
	struct timer **place = &timeline->timers;

	if (!timer->armed)
		return;
	while (*place != timer)
		place = &(*place)->next;
	*place = timer->next;
	timer->armed = false;
	timer->next = NULL;
}

uint64_t timeline_next_us(const struct timeline *timeline)
{
	return timeline->timers ? timeline->timers->due_us : UINT64_MAX;
}

bool timeline_fire_next(struct timeline *timeline, uint64_t then_us)
{
	struct timer *timer = timeline->timers;

	if (!timer || timer->due_us > then_us)
		return false;
	if (timer->due_us > timeline->now_us)
		timeline->now_us = timer->due_us;
	timeline_disarm(timeline, timer);
	timer->fire(timer->user);
	return true;
}

void timeline_advance(struct timeline *timeline, uint64_t then_us)
{
	while (timeline_fire_next(timeline, then_us))
		;
	if (then_us > timeline->now_us)
		timeline->now_us = then_us;
}
