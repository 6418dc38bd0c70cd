#include "advertising.h"

#include "air.h"
#include "status.h"

enum { LE_SET_TERMINATED = 0x12 };

enum {
	DELAY_MAX_US = 10000,        /* advDelay (4.4.2.2.1) */
	HIGH_DUTY_US = 3750,         /* between events, at most (4.4.2.4.3) */
	HIGH_DUTY_LIMIT_US = 1280000 /* and then it ends */
};

struct advert_set *advertiser_find(struct advertiser *advertiser, uint8_t handle)
{
	for (size_t i = 0; i < SETS_MAX; i++) {
		if (advertiser->sets[i].used && advertiser->sets[i].handle == handle)
			return &advertiser->sets[i];
	}
	return NULL;
}

bool advertiser_is_on(const struct advertiser *advertiser)
{
	bool on = false;

	for (size_t i = 0; i < SETS_MAX; i++)
		on |= advertiser->sets[i].enabled;
	return on;
}

struct address advert_address(const struct controller *controller, const struct advert_set *set)
{
	if (set->own_type == ADDRESS_PUBLIC)
		return controller->traits.address;
	return set->has_random ? set->random : controller->state.random;
}

void advert_start(struct controller *controller, struct advert_set *set, uint64_t duration_us)
{
	uint64_t now_us = controller->air->now_us;

	if (set->properties & ADVERT_HIGH_DUTY)
		duration_us = duration_us && duration_us < HIGH_DUTY_LIMIT_US ? duration_us
									      : HIGH_DUTY_LIMIT_US;
	set->enabled = true;
	set->events = 0;
	set->next_us = now_us;
	set->end_us = duration_us ? now_us + duration_us : UINT64_MAX;
}

void advert_connected(struct controller *controller, struct advert_set *set, uint16_t handle)
{
	struct writer event = le_event(LE_SET_TERMINATED);

	set->enabled = false;
	if (controller->state.dialect != DIALECT_EXTENDED)
		return;
	put_u8(&event, STATUS_SUCCESS);
	put_u8(&event, set->handle);
	put_u16(&event, handle);
	put_u8(&event, set->events);
	controller_le_event(controller, &event);
}

static void end(struct controller *controller, struct advert_set *set, uint8_t status)
{
	struct writer event = le_event(LE_SET_TERMINATED);

	set->enabled = false;
	if (controller->state.dialect != DIALECT_EXTENDED) {
		link_tell_failure(controller, PERIPHERAL, status);
		return;
	}
	put_u8(&event, status);
	put_u8(&event, set->handle);
	put_u16(&event, 0);
	put_u8(&event, set->events);
	controller_le_event(controller, &event);
}

/* True: somebody has connected. */
static bool send(struct controller *controller, struct advert_set *set)
{
	struct air *air = controller->air;

	for (size_t i = 0; i < CONTROLLERS_MAX; i++) {
		struct controller *other = air->controllers[i];

		if (!other || other == controller || other->silent || air_loses(air))
			continue;
		scanner_hear(other, controller, set);
		if (initiator_hear(other, controller, set))
			return true;
	}
	return false;
}

static void plan_next(struct controller *controller, struct advert_set *set)
{
	if (set->properties & ADVERT_HIGH_DUTY)
		set->next_us += HIGH_DUTY_US;
	else
		set->next_us += set->interval_us + air_random(controller->air) % (DELAY_MAX_US + 1);
}

static void run_set(struct controller *controller, struct advert_set *set)
{
	uint64_t now_us = controller->air->now_us;

	if (now_us >= set->end_us) {
		end(controller, set, STATUS_ADVERTISING_TIMEOUT);
		return;
	}
	if (now_us < set->next_us)
		return;
	plan_next(controller, set);
	if (set->events < UINT8_MAX)
		set->events++;
	if (!controller->silent && send(controller, set))
		return;
	if (set->events_max && set->events == set->events_max)
		end(controller, set, STATUS_LIMIT_REACHED);
}

uint64_t advertiser_next_us(const struct controller *controller)
{
	uint64_t next_us = UINT64_MAX;

	for (size_t i = 0; i < SETS_MAX; i++) {
		const struct advert_set *set = &controller->state.advertiser.sets[i];
		uint64_t due_us = set->next_us < set->end_us ? set->next_us : set->end_us;

		if (set->enabled && due_us < next_us)
			next_us = due_us;
	}
	return next_us;
}

void advertiser_run(struct controller *controller)
{
	for (size_t i = 0; i < SETS_MAX; i++) {
		if (controller->state.advertiser.sets[i].enabled)
			run_set(controller, &controller->state.advertiser.sets[i]);
	}
}
