/* The transport on which the client meets the device of a transcript, and what is heard there. */
#ifndef OTADFU_DECISIONS_AIR_H
#define OTADFU_DECISIONS_AIR_H

#include "meeting.h"

#include <otadfu/plugin.h>

/* "tape": for one meeting at a time. */
extern const struct otadfu_plugin air_plugin;
void air_belongs_to(struct meeting *meeting);

#endif
