/* The devices that one scan has seen so far. */
#ifndef OTADFU_ENGINE_SIGHTING_H
#define OTADFU_ENGINE_SIGHTING_H

#include "host.h"
#include "registry.h"
#include "target.h"

/* A protocol that takes part, with its resolved options. */
struct speaker {
	const struct otadfu_protocol_ops *ops;
	struct options *options;
	void *memo;
};

struct sighting {
	struct otadfu_addr addr;
	int16_t rssi_dbm; /* 127 unknown */
	bool connectable;
	char name[TARGET_NAME_MAX];
	bool name_is_complete;         /* and of what advertises now */
	const struct speaker *speaker; /* the protocol that recognises it; NULL none */
	uint32_t mode;                 /* OTADFU_MODE_*; 0 its advertising does not tell */
	bool has_service;              /* the service asked for in sightings_note */
	bool was_recognised;           /* in DFU mode, by what is not a scan response */
	unsigned turns;                /* how often that has changed */
};

struct sightings {
	struct sighting *items;
	size_t count;
};

/*
 * Records one advertisement; what a scan response adds to what is known of a device is kept.
 * service may be NULL. NULL: out of memory.
 */
const struct sighting *sightings_note(struct sightings *sightings, struct task *task,
				      const struct otadfu_advert *advert,
				      const struct speaker *speakers, size_t speaker_count,
				      const struct otadfu_uuid *service);
/* NULL: not among them. */
const struct sighting *sightings_find(const struct sightings *sightings,
				      const struct otadfu_addr *addr);
/* Out of DFU mode and back, or the other way round, within one scan: no device does that, so two of
 * them advertise at one address. */
bool sighting_is_of_two(const struct sighting *seen);

void sightings_forget(struct sightings *sightings, const struct otadfu_addr *addr);
void sightings_clear(struct sightings *sightings);

/* "AA:.. (Thermo), BB:..": the strongest few, or "nothing". */
void sightings_describe(const struct sightings *sightings, char *text, size_t size);

/* Strongest first. */
void sightings_sort(struct sightings *sightings);

#endif
