/* How fast a connection goes, and how fast it could. */
#ifndef OTADFU_HCI_TUNE_H
#define OTADFU_HCI_TUNE_H

#include <otadfu/transport.h>

/* tune of struct otadfu_link_ops. */
int tune(struct otadfu_ctx *ctx, struct otadfu_link *link, const struct otadfu_link_params *wanted,
	 struct otadfu_link_params *ret_actual, uint64_t deadline_ms);

#endif
