/* A radio that does what a test says, and notes what it is asked: radio.h without a controller. */
#ifndef OTADFU_TESTS_FAKE_RADIO_H
#define OTADFU_TESTS_FAKE_RADIO_H

#include "att.h"
#include "radio.h"

#include <stddef.h>
#include <stdint.h>

enum { FAKE_RADIO_SENT_MAX = 2048 };

enum fake_event { FAKE_NOTHING = 0, FAKE_CONNECTED, FAKE_PDU, FAKE_ROOM, FAKE_DISCONNECTED };

struct fake_pdu {
	uint8_t data[ATT_MTU_MAX];
	size_t len;
};

struct fake_radio {
	/* what the test sets */
	int open_result;
	int process_result;
	struct otadfu_addr address;
	unsigned room; /* PDUs that it takes before it is full */

	/* what the next radio_process tells the observer */
	enum fake_event event;
	struct otadfu_addr peer;
	struct fake_pdu pdu;
	uint8_t reason;

	/* what happened */
	struct radio_observer observer;
	bool open;
	bool connected;
	bool advertises;
	struct radio_advert advert;
	uint8_t asked; /* the reason of radio_disconnect; 0: it was not called */
	struct fake_pdu sent[FAKE_RADIO_SENT_MAX];
	size_t sent_count;
};

extern struct fake_radio fake_radio;

#endif
