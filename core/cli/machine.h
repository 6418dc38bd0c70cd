/* The computer and the system that otadfu runs on, as a report of a fault begins. */
#ifndef OTADFU_CLI_MACHINE_H
#define OTADFU_CLI_MACHINE_H

#include <stdbool.h>

enum { MACHINE_TEXT_MAX = 128 };

struct machine {
	char kernel[MACHINE_TEXT_MAX]; /* "Linux 6.1.0-38-amd64 x86_64" */
	char system[MACHINE_TEXT_MAX]; /* "Debian GNU/Linux 12 (bookworm)"; empty: it does not say
					*/
};

void machine_look(struct machine *ret_machine);

/* The value of PRETTY_NAME in a file of the form of os-release(5); false: it has none. */
bool machine_read_name(const char *path, char name[MACHINE_TEXT_MAX]);

#endif
