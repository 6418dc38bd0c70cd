/*
 * The radio of otadfu-peripheral without a controller: the endpoint is the path of a SEQPACKET
 * socket, a central is who connects to it, a packet is a PDU of ATT. The first packet, one byte,
 * tells the central that the device has taken the connection.
 */
#include "att.h"
#include "radio.h"

#include <errno.h>
#include <otadfu/error.h>
#include <poll.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/epoll.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>

enum { REASON_USER = 0x13, NOBODY_WAITS = 0 };

struct radio {
	struct radio_observer observer;
	int watch; /* an epoll descriptor for both */
	int listener;
	int central; /* -1: none */
	bool advertises;
	bool is_full;       /* a PDU found no room */
	uint8_t close_with; /* the reason; NOBODY_WAITS: not to be closed */
};

static const struct otadfu_addr central_address = { { 0xC0, 0xFF, 0xEE, 0x0C, 0xE7, 0x4A }, 1, 0 };

static void watch(const struct radio *radio, int operation, int fd, uint32_t events)
{
	struct epoll_event event = { .events = events, .data.fd = fd };

	epoll_ctl(radio->watch, operation, fd, &event);
}

/* Who connects while it does not advertise waits. */
static void watch_listener(const struct radio *radio)
{
	bool wants = radio->advertises && radio->central < 0;

	watch(radio, EPOLL_CTL_MOD, radio->listener, wants ? EPOLLIN : 0);
}

static int listen_at(const char *path)
{
	struct sockaddr_un address = { .sun_family = AF_UNIX };
	int fd = socket(AF_UNIX, SOCK_SEQPACKET | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);

	snprintf(address.sun_path, sizeof(address.sun_path), "%s", path);
	if (fd >= 0 && bind(fd, (const struct sockaddr *)&address, sizeof(address)) == 0 &&
	    listen(fd, 1) == 0)
		return fd;
	if (fd >= 0)
		close(fd);
	return -1;
}

int radio_open(const char *endpoint, const struct radio_observer *observer,
	       struct radio **ret_radio, struct radio_problem *ret_problem)
{
	struct radio *radio = calloc(1, sizeof(*radio));

	if (!radio)
		return OTADFU_E_NOMEM;
	radio->observer = *observer;
	radio->central = -1;
	radio->listener = listen_at(endpoint);
	radio->watch = epoll_create1(EPOLL_CLOEXEC);
	if (radio->listener < 0 || radio->watch < 0) {
		snprintf(ret_problem->text, sizeof(ret_problem->text), "%s: %s", endpoint,
			 strerror(errno));
		free(radio);
		return OTADFU_E_IO;
	}
	watch(radio, EPOLL_CTL_ADD, radio->listener, 0);
	*ret_radio = radio;
	return OTADFU_OK;
}

void radio_close(struct radio *radio)
{
	if (!radio)
		return;
	if (radio->central >= 0)
		close(radio->central);
	close(radio->listener);
	close(radio->watch);
	free(radio);
}

int radio_fd(const struct radio *radio)
{
	return radio->watch;
}

short radio_events(const struct radio *radio)
{
	(void)radio;
	return POLLIN;
}

uint64_t radio_next_ms(const struct radio *radio)
{
	return radio->close_with == NOBODY_WAITS ? UINT64_MAX : 0;
}

struct otadfu_addr radio_address(const struct radio *radio)
{
	(void)radio;
	return (struct otadfu_addr){ .type = 0 };
}

void radio_advertise(struct radio *radio, const struct radio_advert *advert)
{
	radio->advertises = advert != NULL;
	watch_listener(radio);
}

bool radio_send(struct radio *radio, const uint8_t *pdu, size_t len)
{
	if (radio->central < 0)
		return false;
	radio->is_full =
		send(radio->central, pdu, len, MSG_DONTWAIT | MSG_NOSIGNAL) < 0 && errno == EAGAIN;
	if (radio->is_full)
		watch(radio, EPOLL_CTL_MOD, radio->central, EPOLLIN | EPOLLOUT);
	return !radio->is_full;
}

void radio_disconnect(struct radio *radio, uint8_t reason)
{
	if (radio->central >= 0)
		radio->close_with = reason;
}

bool radio_ask_interval(struct radio *radio, uint16_t min_ms, uint16_t max_ms)
{
	(void)radio, (void)min_ms, (void)max_ms;
	return false;
}

/* --- what happens --- */

static void welcome(struct radio *radio)
{
	static const uint8_t welcome_byte[1];

	radio->central = accept4(radio->listener, NULL, NULL, SOCK_CLOEXEC | SOCK_NONBLOCK);
	if (radio->central < 0)
		return;
	watch(radio, EPOLL_CTL_ADD, radio->central, EPOLLIN);
	watch_listener(radio);
	send(radio->central, welcome_byte, sizeof(welcome_byte), MSG_DONTWAIT | MSG_NOSIGNAL);
	radio->observer.connected(radio->observer.user, &central_address);
}

static void part(struct radio *radio, uint8_t reason)
{
	close(radio->central);
	radio->central = -1;
	radio->is_full = false;
	radio->close_with = NOBODY_WAITS;
	watch_listener(radio);
	radio->observer.disconnected(radio->observer.user, reason);
}

static void hear(struct radio *radio)
{
	uint8_t pdu[ATT_MTU_MAX];
	ssize_t len = 0;

	while (radio->close_with == NOBODY_WAITS &&
	       (len = recv(radio->central, pdu, sizeof(pdu), MSG_DONTWAIT)) > 0)
		radio->observer.pdu(radio->observer.user, pdu, (size_t)len);
	if (radio->close_with == NOBODY_WAITS && (len == 0 || errno != EAGAIN))
		part(radio, REASON_USER);
}

static void make_room(struct radio *radio)
{
	radio->is_full = false;
	watch(radio, EPOLL_CTL_MOD, radio->central, EPOLLIN);
	radio->observer.room(radio->observer.user);
}

int radio_process(struct radio *radio, uint64_t now_ms, struct radio_problem *ret_problem)
{
	struct epoll_event events[2];
	int count = epoll_wait(radio->watch, events, 2, 0);

	(void)now_ms, (void)ret_problem;
	for (int i = 0; i < count; i++) {
		if (events[i].data.fd == radio->listener)
			welcome(radio);
		else if (events[i].data.fd == radio->central && events[i].events & EPOLLOUT)
			make_room(radio);
		else if (events[i].data.fd == radio->central)
			hear(radio);
	}
	if (radio->close_with != NOBODY_WAITS && radio->central >= 0)
		part(radio, radio->close_with);
	return OTADFU_OK;
}
