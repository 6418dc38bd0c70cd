/* A characteristic acquired from bluetoothd: a socket, each packet of which is a write command. */
#ifndef OTADFU_BLUEZ_ACQUIRED_H
#define OTADFU_BLUEZ_ACQUIRED_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct acquired {
	int fd;       /* -1: none */
	uint16_t id;  /* whose */
	uint16_t mtu; /* as it came with it; 0: that made no sense */
	bool refused; /* it cannot be done here */
};

/* Takes over a descriptor by a copy of its own. Negative errno. */
int acquired_set(struct acquired *acquired, int fd, uint16_t id, uint16_t mtu);
void acquired_close(struct acquired *acquired);

/* 0; -EAGAIN: there is no room now; another negative errno: bluetoothd has closed it. */
int acquired_send(const struct acquired *acquired, const uint8_t *data, size_t len);

/* bluetoothd has taken all packets. */
bool acquired_is_empty(const struct acquired *acquired);

#endif
