/*
 * The fixed channels of an LE connection and what their requests are answered with (Core
 * Specification, Vol 3, Part A, 2.1 and 4; Part H, 3): connection parameters are settled, all else
 * is politely refused. Pure.
 */
#ifndef OTADFU_TRANSPORTS_L2CAP_H
#define OTADFU_TRANSPORTS_L2CAP_H

#include "hci.h"

enum { L2CAP_ATT = 4, L2CAP_SIGNALLING = 5, L2CAP_SMP = 6 };
enum { L2CAP_ANSWER_MAX = 16, L2CAP_ACCEPTED = 0, L2CAP_REJECTED = 1 };

enum l2cap_news {
	L2CAP_NO_NEWS,
	L2CAP_PARAMETERS_ACCEPTED, /* the central's host applies .parameters now */
	L2CAP_PARAMETERS_ANSWERED, /* our request .id: .result */
	L2CAP_REFUSED              /* .code is answered with a refusal */
};

struct l2cap_answer {
	uint8_t data[L2CAP_ANSWER_MAX]; /* to be sent on the same channel */
	size_t len;                     /* 0: nothing */
	enum l2cap_news news;
	uint8_t code;
	uint8_t id;
	uint16_t result; /* L2CAP_ACCEPTED, L2CAP_REJECTED */
	struct hci_connection_parameters parameters;
};

/* A frame of the channel L2CAP_SIGNALLING or L2CAP_SMP; central: our role. */
struct l2cap_answer l2cap_answer(uint16_t channel, bool central, const uint8_t *data, size_t len);

/* The peripheral's wish, 4.20; id is not 0. Its length. */
size_t l2cap_request_parameters(uint8_t id, const struct hci_connection_parameters *parameters,
				uint8_t buf[L2CAP_ANSWER_MAX]);

#endif
