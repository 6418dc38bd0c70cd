/* An adapter of the kernel, taken from it whole (HCI_CHANNEL_USER): it then carries H4. */
#ifndef OTADFU_TRANSPORTS_USER_CHANNEL_H
#define OTADFU_TRANSPORTS_USER_CHANNEL_H

#include "problem.h"
#include "waiter.h"

#include <stdbool.h>

struct user_channel {
	int fd; /* close-on-exec, does not block */
	int hci;
	bool was_up;
};

/*
 * name: "hci0"; NULL: the first that can be had. Brings the adapter down first, and tries again for
 * 2 s when it is busy, for a daemon may bring it up in between. OTADFU_E_CONFIG for another name;
 * NOT_FOUND, PERMISSION, BUSY, UNSUPPORTED or IO, with what to do about it; what waiter gave up
 * with.
 */
int user_channel_open(const char *name, const struct waiter *waiter,
		      struct user_channel *ret_channel, struct problem *ret_problem);

/* Gives the adapter back to the kernel, up when it was. Who is killed gives it back too, but down.
 */
void user_channel_close(struct user_channel *channel);

#endif
