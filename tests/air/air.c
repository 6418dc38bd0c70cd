#include "air.h"

#include <stdarg.h>

void air_open(struct air *air, const struct air_options *options, FILE *log, uint64_t now_us)
{
	*air = (struct air){ .options = *options,
			     .log = log,
			     .start_us = now_us,
			     .now_us = now_us,
			     .random = options->seed };
}

void air_close(struct air *air)
{
	for (size_t i = 0; i < CONTROLLERS_MAX; i++) {
		if (air->controllers[i])
			air_remove(air, air->controllers[i]);
	}
}

static void invent_address(struct air *air, struct address *address)
{
	uint64_t number = air_random(air);

	for (size_t i = 0; i < ADDRESS_LEN; i++)
		address->bytes[i] = (uint8_t)(number >> 8 * i);
}

struct controller *air_add(struct air *air, const struct traits *traits)
{
	struct traits distinct = *traits;

	distinct.address.type = ADDRESS_PUBLIC;
	if (!traits->has_address)
		invent_address(air, &distinct.address);
	while (air_find_controller(air, &distinct.address))
		distinct.address.bytes[0]++;
	for (size_t i = 0; i < CONTROLLERS_MAX; i++) {
		if (air->controllers[i])
			continue;
		air->controllers[i] = controller_open(air, &distinct);
		return air->controllers[i];
	}
	return NULL;
}

void air_remove(struct air *air, struct controller *controller)
{
	controller_reset(controller);
	for (size_t i = 0; i < CONTROLLERS_MAX; i++) {
		if (air->controllers[i] == controller)
			air->controllers[i] = NULL;
	}
	controller_close(controller);
}

static uint64_t earlier(uint64_t a, uint64_t b)
{
	return a < b ? a : b;
}

static uint64_t controller_next_us(const struct controller *controller)
{
	uint64_t next_us = earlier(scanner_next_us(controller), initiator_next_us(controller));

	return earlier(next_us, advertiser_next_us(controller));
}

uint64_t air_next_us(const struct air *air)
{
	uint64_t next_us = UINT64_MAX;

	for (size_t i = 0; i < CONTROLLERS_MAX; i++) {
		if (air->controllers[i])
			next_us = earlier(next_us, controller_next_us(air->controllers[i]));
	}
	for (size_t i = 0; i < AIR_LINKS_MAX; i++) {
		if (air->links[i].used)
			next_us = earlier(next_us, air->links[i].next_us);
	}
	return next_us;
}

static void run_due(struct air *air)
{
	for (size_t i = 0; i < CONTROLLERS_MAX; i++) {
		struct controller *controller = air->controllers[i];

		if (!controller || controller_next_us(controller) > air->now_us)
			continue;
		initiator_run(controller);
		scanner_run(controller);
		advertiser_run(controller);
	}
	for (size_t i = 0; i < AIR_LINKS_MAX; i++) {
		if (air->links[i].used && air->links[i].next_us <= air->now_us)
			link_run(&air->links[i]);
	}
}

/* A program that was late catches up: all happens in order, and at its own time. */
void air_run(struct air *air, uint64_t now_us)
{
	uint64_t due_us;

	while ((due_us = air_next_us(air)) <= now_us) {
		if (due_us > air->now_us)
			air->now_us = due_us;
		run_due(air);
	}
	if (now_us > air->now_us)
		air->now_us = now_us;
}

/* Splitmix64: any seed will do. */
uint64_t air_random(struct air *air)
{
	uint64_t z = air->random += 0x9E3779B97F4A7C15;

	z = (z ^ z >> 30) * 0xBF58476D1CE4E5B9;
	z = (z ^ z >> 27) * 0x94D049BB133111EB;
	return z ^ z >> 31;
}

bool air_loses(struct air *air)
{
	return air->options.loss_percent > 0 && air_random(air) % 100 < air->options.loss_percent;
}

struct link *air_find_link(struct air *air, const struct controller *controller, uint16_t handle,
			   enum side *ret_side)
{
	for (size_t i = 0; i < AIR_LINKS_MAX; i++) {
		struct link *link = &air->links[i];

		for (enum side side = CENTRAL; link->used && side < SIDES; side++) {
			if (link->sides[side].controller != controller ||
			    link->sides[side].handle != handle)
				continue;
			*ret_side = side;
			return link;
		}
	}
	return NULL;
}

unsigned air_count_links(const struct air *air, const struct controller *controller)
{
	unsigned count = 0;

	for (size_t i = 0; i < AIR_LINKS_MAX; i++) {
		const struct link *link = &air->links[i];

		if (link->used && (link->sides[CENTRAL].controller == controller ||
				   link->sides[PERIPHERAL].controller == controller))
			count++;
	}
	return count;
}

struct link *air_free_link(struct air *air)
{
	for (size_t i = 0; i < AIR_LINKS_MAX; i++) {
		if (!air->links[i].used)
			return &air->links[i];
	}
	return NULL;
}

static bool uses(const struct controller *controller, const struct address *address)
{
	const struct controller_state *state = &controller->state;
	bool found = memcmp(controller->traits.address.bytes, address->bytes, ADDRESS_LEN) == 0 ||
		     (state->has_random &&
		      memcmp(state->random.bytes, address->bytes, ADDRESS_LEN) == 0);

	for (size_t i = 0; i < SETS_MAX; i++) {
		const struct advert_set *set = &state->advertiser.sets[i];

		if (set->used && set->has_random)
			found |= memcmp(set->random.bytes, address->bytes, ADDRESS_LEN) == 0;
	}
	return found;
}

struct controller *air_find_controller(struct air *air, const struct address *address)
{
	for (size_t i = 0; i < CONTROLLERS_MAX; i++) {
		if (air->controllers[i] && uses(air->controllers[i], address))
			return air->controllers[i];
	}
	return NULL;
}

void air_log(struct air *air, const char *format, ...)
{
	va_list args;

	fprintf(air->log, "%9.3f ", (double)(air->now_us - air->start_us) / 1e6);
	va_start(args, format);
	vfprintf(air->log, format, args);
	va_end(args);
	fputc('\n', air->log);
	fflush(air->log);
}

void air_report(const struct air *air, FILE *out)
{
	for (size_t i = 0; i < CONTROLLERS_MAX; i++) {
		const struct controller *controller = air->controllers[i];
		char text[ADDRESS_TEXT_SIZE];

		if (!controller)
			continue;
		address_text(&controller->traits.address, text);
		fprintf(out,
			"controller %s: %u links, at most %u of %u buffers used, %u overruns\n",
			text, air_count_links(air, controller), controller->queue_max,
			controller->traits.acl_count, controller->overruns);
	}
	for (size_t i = 0; i < AIR_LINKS_MAX; i++) {
		char text[LINK_TEXT_SIZE];

		if (!air->links[i].used)
			continue;
		link_text(&air->links[i], text);
		fprintf(out, "link %u: up: %s\n", air->links[i].number, text);
	}
}
