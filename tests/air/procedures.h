/* Link layer control procedures (Core Specification, Vol 6, Part B, 5.1). */
#ifndef AIR_PROCEDURES_H
#define AIR_PROCEDURES_H

#include <stdbool.h>
#include <stdint.h>

struct link;
struct reader;

enum side { CENTRAL, PERIPHERAL, SIDES };

enum procedure_kind {
	PROCEDURE_TERMINATE,
	PROCEDURE_VERSION,
	PROCEDURE_FEATURES,
	PROCEDURE_LENGTH,
	PROCEDURE_PHY,
	PROCEDURE_UPDATE,
	PROCEDURE_REQUEST, /* parameters, of the central */
	PROCEDURE_KINDS
};

/* In units of 1.25 ms, events, and 10 ms. */
struct connection_parameters {
	uint16_t interval;
	uint16_t latency;
	uint16_t timeout;
};

struct procedure {
	bool pending;
	bool asked;   /* REQUEST: it is up to the central's host */
	unsigned due; /* an event's number */
	uint8_t reason;
	uint8_t tx_phys; /* bits of those wished for; 0: none in particular */
	uint8_t rx_phys;
	uint16_t interval_min;
	struct connection_parameters parameters; /* interval: the longest */
};

/* Of HCI: interval min and max, latency, timeout. False: outside of what 7.8.12 allows. */
bool procedure_take_parameters(struct reader *reader, uint16_t *ret_interval_min,
			       struct connection_parameters *ret_parameters);

/* A side begins one, which waits for the next event or for its instant. False: one is pending. */
bool procedure_begin(struct link *link, enum side side, enum procedure_kind kind,
		     const struct procedure *procedure);

/* LE Connection Update Complete, with what is in force. */
void procedure_tell_update(const struct link *link, enum side side, uint8_t status);

/* Those that are due. False: the link is no more. */
bool procedures_run(struct link *link);

#endif
