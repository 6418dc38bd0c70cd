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
	const struct speaker *speaker; /* the protocol that recognises it; NULL none */
	uint32_t mode;                 /* OTADFU_MODE_*; 0 its advertising does not tell */
	bool has_service;              /* the service asked for in sightings_note */
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
void sightings_clear(struct sightings *sightings);

/* "AA:.. (Thermo), BB:..": the strongest few, or "nothing". */
void sightings_describe(const struct sightings *sightings, char *text, size_t size);

/* Strongest first. */
void sightings_sort(struct sightings *sightings);

#endif
