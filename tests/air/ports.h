/* The descriptors through which hosts have their controllers. */
#ifndef AIR_PORTS_H
#define AIR_PORTS_H

#include "air.h"
#include "arguments.h"

#include <poll.h>

enum { PORTS_MAX = CONTROLLERS_MAX, PORT_POLLS_MAX = PLACES_MAX + PORTS_MAX };

struct port {
	int fd;
	bool is_socket;
	struct controller *controller; /* NULL: unused */
};

struct listener {
	int fd; /* negative: none */
	const struct place *place;
};

struct ports {
	struct air *air;
	struct port ports[PORTS_MAX];
	struct listener listeners[PLACES_MAX];
	size_t listener_count;
};

/* Negative: it is said why. The arguments must live as long. */
int ports_open(struct ports *ports, struct air *air, const struct arguments *arguments);
void ports_close(struct ports *ports);

/* Fills in what to wait for, and returns how many; ports_run does what came of it. */
size_t ports_poll(const struct ports *ports, struct pollfd polls[PORT_POLLS_MAX]);
void ports_run(struct ports *ports, const struct pollfd *polls);

/* Hands packets to the hosts that can take them. */
void ports_flush(struct ports *ports);

#endif
