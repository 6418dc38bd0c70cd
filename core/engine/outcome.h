/* From the code a session ended with to its status word and exit status. */
#ifndef OTADFU_ENGINE_OUTCOME_H
#define OTADFU_ENGINE_OUTCOME_H

#include "session.h"

/*
 * Design section 7. What fails before the adapter is open is the machine's lack, not the
 * device's; what fails after activation is a lack of proof.
 */
void outcome_judge(struct session_result *result, int code, bool adapter_was_open, bool activated);

#endif
