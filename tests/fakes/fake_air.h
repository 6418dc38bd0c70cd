/*
 * What the programs fake_air and fake_gatttool say to each other over a SEQPACKET socket. fake_air
 * holds the devices of a scenario, on real time, for as long as it runs; each connection of its
 * socket is one link to one of them.
 */
#ifndef FAKE_AIR_H
#define FAKE_AIR_H

#include "link.h"

enum air_kind {
	AIR_CONNECT = 1, /* client: addr. Nothing is said until that device advertises */
	AIR_CONNECTED,   /* air */
	AIR_PDU,         /* client: pdu; one request at a time */
	AIR_ANSWER,      /* air: answer */
	AIR_VALUE        /* air: value. The end of the link is the end of the socket */
};

struct air_value {
	uint16_t handle;
	bool indication;
	size_t len;
	uint8_t data[LINK_DATA_MAX];
};

struct air_message {
	enum air_kind kind;
	union {
		struct otadfu_addr addr;
		struct pdu pdu;
		struct answer answer;
		struct air_value value;
	};
};

#endif
