/* One adapter as gatttool knows it: a name, and the program to reach it by. */
#ifndef OTADFU_GATTTOOL_ADAPTER_H
#define OTADFU_GATTTOOL_ADAPTER_H

#include <otadfu/transport.h>
#include <stdbool.h>

/* What the option "binary" is when nobody set it. */
#define ADAPTER_PROGRAM "gatttool"

struct otadfu_adapter {
	char *program; /* path */
	char *name;    /* "hci0"; NULL: gatttool's own choice */
};

/* open and close of struct otadfu_transport_ops. Runs the program once, to see that it will do. */
int adapter_open(struct otadfu_ctx *ctx, const char *name, struct otadfu_adapter **ret_adapter);
void adapter_close(struct otadfu_ctx *ctx, struct otadfu_adapter *adapter);

/* As open, but the program is not run. */
int adapter_find(struct otadfu_ctx *ctx, const char *name, struct otadfu_adapter **ret_adapter);

/* The program's path, which the caller frees. */
int adapter_find_program(struct otadfu_ctx *ctx, char **ret_path);

/* BlueZ's own program needs an adapter of this kernel that is up; one that the operator has named
 * may reach another machine. */
bool adapter_is_of_kernel(struct otadfu_ctx *ctx);

#endif
