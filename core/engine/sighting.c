#include "sighting.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { RSSI_UNKNOWN = 127, DESCRIBED_MAX = 8 };

static struct sighting *find(const struct sightings *sightings, const struct otadfu_addr *addr)
{
	for (size_t i = 0; i < sightings->count; i++) {
		if (target_same_addr(&sightings->items[i].addr, addr))
			return &sightings->items[i];
	}
	return NULL;
}

const struct sighting *sightings_find(const struct sightings *sightings,
				      const struct otadfu_addr *addr)
{
	return find(sightings, addr);
}

static struct sighting *find_or_add(struct sightings *sightings, const struct otadfu_addr *addr)
{
	struct sighting *grown = find(sightings, addr);

	if (grown)
		return grown;
	grown = reallocarray(sightings->items, sightings->count + 1, sizeof(*grown));
	if (!grown)
		return NULL;
	sightings->items = grown;
	grown += sightings->count++;
	*grown = (struct sighting){ .addr = *addr, .rssi_dbm = RSSI_UNKNOWN };
	return grown;
}

static void recognise(struct sighting *seen, struct task *task, const struct otadfu_advert *advert,
		      const struct speaker *speakers, size_t count)
{
	uint32_t best = 0;

	for (size_t i = 0; i < count; i++) {
		const struct speaker *speaker = &speakers[i];
		struct otadfu_probe probe = { .size = sizeof(probe) };
		struct call call;

		if (!speaker->ops->recognise)
			continue;
		call_begin(&call, task, speaker->ops->name, speaker->options);
		if (speaker->ops->recognise(&call.ctx, advert, &probe) != OTADFU_OK ||
		    probe.score <= best)
			continue;
		best = probe.score;
		seen->speaker = speaker;
		seen->mode = probe.mode;
	}
}

/* A device that says what it is in its scan response alone never does so here, and does not turn.
 */
static void count_turn(struct sighting *seen, bool is_first, const struct otadfu_advert *advert)
{
	bool recognised = seen->mode == OTADFU_MODE_BOOTLOADER;

	if (advert->flags & OTADFU_ADV_SCAN_RESPONSE)
		return;
	if (!is_first && recognised != seen->was_recognised)
		seen->turns++;
	seen->was_recognised = recognised;
}

bool sighting_is_of_two(const struct sighting *seen)
{
	return seen->turns > 1;
}

const struct sighting *sightings_note(struct sightings *sightings, struct task *task,
				      const struct otadfu_advert *advert,
				      const struct speaker *speakers, size_t speaker_count,
				      const struct otadfu_uuid *service)
{
	size_t known = sightings->count;
	struct sighting *seen = find_or_add(sightings, &advert->addr);

	if (!seen)
		return NULL;
	seen->rssi_dbm = advert->rssi_dbm;
	if (!(advert->flags & OTADFU_ADV_SCAN_RESPONSE)) {
		/* The same address may come back as something else: only a scan response adds. */
		seen->connectable = advert->flags & OTADFU_ADV_CONNECTABLE;
		seen->speaker = NULL;
		seen->mode = 0;
		seen->has_service = false;
		seen->name_is_complete = false;
	}
	if (target_advert_name(advert, seen->name, sizeof(seen->name)))
		seen->name_is_complete = target_advert_name_is_complete(advert);
	if (service && target_advert_has_service(advert, service))
		seen->has_service = true;
	recognise(seen, task, advert, speakers, speaker_count);
	count_turn(seen, sightings->count > known, advert);
	return seen;
}

void sightings_forget(struct sightings *sightings, const struct otadfu_addr *addr)
{
	struct sighting *seen = find(sightings, addr);

	if (seen)
		*seen = sightings->items[--sightings->count];
}

void sightings_clear(struct sightings *sightings)
{
	free(sightings->items);
	*sightings = (struct sightings){ 0 };
}

static int strength(const struct sighting *seen)
{
	return seen->rssi_dbm == RSSI_UNKNOWN ? INT16_MIN : seen->rssi_dbm;
}

static int compare_strength(const void *a, const void *b)
{
	const struct sighting *left = a;
	const struct sighting *right = b;

	if (strength(left) != strength(right))
		return strength(left) < strength(right) ? 1 : -1;
	return memcmp(left->addr.bytes, right->addr.bytes, sizeof(left->addr.bytes));
}

void sightings_sort(struct sightings *sightings)
{
	if (sightings->count > 1)
		qsort(sightings->items, sightings->count, sizeof(*sightings->items),
		      compare_strength);
}

void sightings_describe(const struct sightings *sightings, char *text, size_t size)
{
	size_t used = 0;

	if (sightings->count == 0) {
		snprintf(text, size, "nothing");
		return;
	}
	text[0] = '\0';
	for (size_t i = 0; i < sightings->count && i < DESCRIBED_MAX && used < size; i++) {
		const struct sighting *seen = &sightings->items[i];
		char addr[TARGET_ADDR_TEXT];
		bool named = seen->name[0] != '\0';
		int added;

		target_format_addr(&seen->addr, addr);
		added = snprintf(text + used, size - used, "%s%s%s%s%s", i > 0 ? ", " : "", addr,
				 named ? " (" : "", seen->name, named ? ")" : "");
		used += added > 0 ? (size_t)added : 0;
	}
	if (sightings->count > DESCRIBED_MAX && used < size)
		snprintf(text + used, size - used, " and %zu more",
			 sightings->count - DESCRIBED_MAX);
}
