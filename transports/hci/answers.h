/* Commands that a thread waits for: they are counted, so that a late answer is nobody else's. */
#ifndef OTADFU_HCI_ANSWERS_H
#define OTADFU_HCI_ANSWERS_H

#include "news.h"

#include <stdint.h>

struct answers {
	struct otadfu_adapter *adapter;
	struct news *news; /* tells of each */
	uint32_t asked;
	uint32_t answered; /* they come in the order of the questions */
	uint8_t status;    /* HCI's, of the last one */
};

static inline bool answers_are_complete(const struct answers *answers)
{
	return answers->answered == answers->asked;
}

#endif
