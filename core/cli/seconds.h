/* Times on the command line. */
#ifndef OTADFU_CLI_SECONDS_H
#define OTADFU_CLI_SECONDS_H

#include "args.h"

#include <stdint.h>

/* --seconds: how long a scan listens. OTADFU_E_CONFIG for what is no such time. */
int seconds_to_listen(const struct args *args, uint32_t *ret_seconds, struct failure *why);

/* --wait, in milliseconds as struct session_job wants it; 0: it was not given. */
int seconds_to_wait(const struct args *args, uint64_t *ret_wait_ms, struct failure *why);

#endif
