/* The command line of otadfu-peripheral. */
#ifndef OTADFU_PERIPHERAL_ARGUMENTS_H
#define OTADFU_PERIPHERAL_ARGUMENTS_H

#include <otadfu/types.h>
#include <stdbool.h>

/* Strings are those of argv. */
struct arguments {
	const char *hci;
	const char *scenario; /* NULL: the test service */
	bool has_address;
	struct otadfu_addr address;
	const char *state; /* NULL: as the scenario says */
	unsigned verbose;
};

enum { ARGUMENTS_GOOD = -1 };

/* ARGUMENTS_GOOD, or the exit status of a program that has nothing more to do: it was asked for
 * help, or asked wrongly and has said so. */
int arguments_read(int argc, char *argv[], struct arguments *ret_arguments);

#endif
