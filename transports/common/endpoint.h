/* Where an HCI controller is reached, by a word of the operator. */
#ifndef OTADFU_TRANSPORTS_ENDPOINT_H
#define OTADFU_TRANSPORTS_ENDPOINT_H

#include "user_channel.h"

struct endpoint {
	int fd; /* carries H4, close-on-exec, does not block */
	bool is_adapter;
	struct user_channel channel; /* of an adapter */
};

/*
 * NULL:                the kernel's first adapter that can be had
 * "hciN":              the kernel's adapter, see user_channel.h
 * "unix:PATH":         a stream socket
 * "tcp:HOST:PORT":     HOST in brackets when it holds colons
 * "serial:DEV[,BAUD]": 8N1 with RTS/CTS, 1,000,000 baud unless said otherwise
 *
 * Blocks for 2 s at most: for an adapter that is busy, for each address of a HOST. OTADFU_E_CONFIG
 * when the word makes no sense; NOT_FOUND, PERMISSION, BUSY, UNSUPPORTED or IO, with what to do;
 * what waiter gave up with.
 */
int endpoint_open(const char *word, const struct waiter *waiter, struct endpoint *ret_endpoint,
		  struct problem *ret_problem);

void endpoint_close(struct endpoint *endpoint);

#endif
