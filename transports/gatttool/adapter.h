/* One adapter as gatttool knows it: a name, and the program to reach it by. */
#ifndef OTADFU_GATTTOOL_ADAPTER_H
#define OTADFU_GATTTOOL_ADAPTER_H

#include <otadfu/transport.h>

/* What the option "binary" is when nobody set it. */
#define ADAPTER_PROGRAM "gatttool"

struct otadfu_adapter {
	char *program; /* path */
	char *name;    /* "hci0"; NULL: gatttool's own choice */
};

/* open and close of struct otadfu_transport_ops. Runs the program once, to see that it will do. */
int adapter_open(struct otadfu_ctx *ctx, const char *name, struct otadfu_adapter **ret_adapter);
void adapter_close(struct otadfu_ctx *ctx, struct otadfu_adapter *adapter);

#endif
