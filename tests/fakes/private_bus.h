/* A system bus of the test's own: a dbus-daemon on a socket in a folder of the test. */
#ifndef OTADFU_TESTS_PRIVATE_BUS_H
#define OTADFU_TESTS_PRIVATE_BUS_H

#include <stdbool.h>
#include <sys/types.h>

enum { PRIVATE_BUS_ADDRESS_MAX = 256 };

struct private_bus {
	pid_t pid;
	char address[PRIVATE_BUS_ADDRESS_MAX];
};

/* Is dbus-daemon installed? */
bool private_bus_is_possible(void);

/*
 * Returns when clients can connect. Everything is allowed but what rules, XML elements <deny ...>,
 * take back; "" none. Programs named by *.service files in folder are started by activation. Writes
 * bus.conf and bus there; the process ends with this one at the latest. -1: it did not start.
 */
int private_bus_start(struct private_bus *bus, const char *folder, const char *rules);
void private_bus_stop(struct private_bus *bus);

#endif
