/* How the one who opens something waits: with an eye on whatever may make him give up. */
#ifndef OTADFU_TRANSPORTS_WAITER_H
#define OTADFU_TRANSPORTS_WAITER_H

struct waiter {
	/* OTADFU_OK when fd is ready for events of poll(2), OTADFU_E_TIMEOUT after timeout_ms, or
	 * another of OTADFU_E_* when it is not worth waiting any more. fd -1: lets time pass. */
	int (*wait)(void *user, int fd, short events, int timeout_ms);
	void *user;
};

#endif
