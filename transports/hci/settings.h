/* What the operator may choose: how connections are to be made. */
#ifndef OTADFU_HCI_SETTINGS_H
#define OTADFU_HCI_SETTINGS_H

#include "hci_central.h"

#include <otadfu/transport.h>

struct settings {
	struct hci_connection_parameters connection;
	uint16_t data_length; /* what is asked for; 27, which every link has: nothing */
	bool wants_2m;
	bool needs_2m;
};

extern const struct otadfu_option *const settings_options[];

/* OTADFU_E_CONFIG when they contradict each other. */
int settings_read(struct otadfu_ctx *ctx, struct settings *ret_settings);

#endif
