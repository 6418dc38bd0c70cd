/*
 * flood SOCKET ADDRESS PACKETS: what a controller takes, with nothing above it: connects to
 * ADDRESS (random) through the controller on a unix socket and sends that many ATT write commands
 * of 244 bytes, to a handle that nobody has, as fast as it gives room for them. Knows nothing of
 * the transports, whose measure it is.
 */
#include <errno.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <time.h>
#include <unistd.h>

enum {
	H4_COMMAND = 1,
	H4_ACL = 2,
	H4_EVENT = 4,
	SET_EVENT_MASK = 0x0C01,
	RESET = 0x0C03,
	DISCONNECT = 0x0406,
	DISCONNECTED = 0x05,
	LE_SET_EVENT_MASK = 0x2001,
	LE_READ_BUFFER_SIZE = 0x2002,
	LE_CREATE_CONNECTION = 0x200D,
	LE_SET_DATA_LENGTH = 0x2022,
	LE_SET_PHY = 0x2032,
	COMMAND_COMPLETE = 0x0E,
	COMMAND_STATUS = 0x0F,
	COMPLETED_PACKETS = 0x13,
	LE_META = 0x3E,
	LE_CONNECTED = 0x01,
	LE_LENGTH_CHANGED = 0x07,
	LE_PHY_CHANGED = 0x0C,
	VALUE_LEN = 244,
	FRAME_LEN = 4 + 3 + VALUE_LEN,
	PACKET_MAX = 1 + 4 + FRAME_LEN
};

struct flood {
	int fd;
	uint16_t handle;
	size_t packet_len;
	unsigned packets; /* the controller's buffers */
	unsigned waiting; /* of them in use */
	uint8_t event[2 + 255];
	size_t event_len;
	bool seen[256]; /* by subevent of LE_META */
};

static void give_up(const char *what)
{
	fprintf(stderr, "flood: %s\n", what);
	exit(1);
}

static void read_all(struct flood *flood, void *buf, size_t len)
{
	uint8_t *at = buf;

	while (len > 0) {
		ssize_t got = read(flood->fd, at, len);

		if (got <= 0)
			give_up("the controller says nothing more");
		at += got;
		len -= (size_t)got;
	}
}

static void write_all(struct flood *flood, const void *buf, size_t len)
{
	if (write(flood->fd, buf, len) != (ssize_t)len)
		give_up("the controller takes nothing more");
}

/* Data of the peer, which asks for the MTU and the like, is passed over. */
static void next_event(struct flood *flood)
{
	uint8_t type, header[4], ignored[65535];

	for (;;) {
		read_all(flood, &type, 1);
		if (type == H4_EVENT)
			break;
		read_all(flood, header, sizeof(header));
		read_all(flood, ignored, (size_t)(header[2] | header[3] << 8));
	}
	read_all(flood, flood->event, 2);
	flood->event_len = 2u + flood->event[1];
	read_all(flood, flood->event + 2, flood->event[1]);
	if (flood->event[0] == LE_META)
		flood->seen[flood->event[2]] = true;
	if (flood->event[0] == COMPLETED_PACKETS && flood->event_len >= 7)
		flood->waiting -= flood->event[5] | (unsigned)flood->event[6] << 8;
}

static void command(struct flood *flood, uint16_t opcode, const void *parameters, uint8_t len)
{
	uint8_t packet[4 + 255] = { H4_COMMAND, (uint8_t)opcode, (uint8_t)(opcode >> 8), len };
	uint8_t status;

	if (len > 0)
		memcpy(packet + 4, parameters, len);
	write_all(flood, packet, 4u + len);
	do {
		next_event(flood);
	} while (flood->event[0] != COMMAND_COMPLETE && flood->event[0] != COMMAND_STATUS);
	status = flood->event[0] == COMMAND_STATUS ? flood->event[2] : flood->event[5];
	if (status != 0)
		give_up("the controller refuses a command");
}

static void set_up(struct flood *flood)
{
	static const uint8_t all_events[8] = { 0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF };
	/* By subevent, from 1: the connection in its first form, length, PHY. */
	static const uint8_t awaited[8] = { 0x41, 0x08 };

	command(flood, RESET, NULL, 0);
	command(flood, SET_EVENT_MASK, all_events, sizeof(all_events));
	command(flood, LE_SET_EVENT_MASK, awaited, sizeof(awaited));
	command(flood, LE_READ_BUFFER_SIZE, NULL, 0);
	flood->packet_len = flood->event[6] | (size_t)flood->event[7] << 8;
	flood->packets = flood->event[8];
	if (flood->packet_len == 0 || flood->packets == 0)
		give_up("the controller has no buffers");
}

/* It may come before the command's own answer. */
static void await_le(struct flood *flood, uint8_t subevent)
{
	while (!flood->seen[subevent])
		next_event(flood);
}

static void connect_to(struct flood *flood, const char *address)
{
	enum { ADDRESS = 6 };
	uint8_t wish[25] = {
		[0] = 0x10,  [2] = 0x10, /* scan interval and window: always */
		[5] = 1,                 /* a random address */
		[13] = 12,   [15] = 12,  /* interval: 15 ms */
		[19] = 0x90, [20] = 1,   /* supervision: 4 s */
	};
	unsigned octets[6];

	if (sscanf(address, "%2x:%2x:%2x:%2x:%2x:%2x", &octets[5], &octets[4], &octets[3],
		   &octets[2], &octets[1], &octets[0]) != 6)
		give_up("that is no address");
	for (size_t i = 0; i < 6; i++)
		wish[ADDRESS + i] = (uint8_t)octets[i];
	command(flood, LE_CREATE_CONNECTION, wish, sizeof(wish));
	await_le(flood, LE_CONNECTED);
	if (flood->event[3] != 0)
		give_up("no connection");
	flood->handle = (uint16_t)(flood->event[4] | flood->event[5] << 8);
}

/* The longest packets, and 2M both ways: as a transport that wants to be quick. */
static void hurry(struct flood *flood)
{
	const uint8_t low = (uint8_t)flood->handle, high = (uint8_t)(flood->handle >> 8);
	const uint8_t length[] = { low, high, 251, 0, 0x48, 0x08 };
	const uint8_t phy[] = { low, high, 0, 2, 2, 0, 0 };

	command(flood, LE_SET_DATA_LENGTH, length, sizeof(length));
	await_le(flood, LE_LENGTH_CHANGED);
	command(flood, LE_SET_PHY, phy, sizeof(phy));
	await_le(flood, LE_PHY_CHANGED);
}

static void send_frame(struct flood *flood, const uint8_t frame[FRAME_LEN])
{
	for (size_t at = 0, len; at < FRAME_LEN; at += len) {
		uint8_t packet[PACKET_MAX] = { H4_ACL, (uint8_t)flood->handle,
					       (uint8_t)(flood->handle >> 8 | (at ? 0x10 : 0)) };

		len = FRAME_LEN - at < flood->packet_len ? FRAME_LEN - at : flood->packet_len;
		packet[3] = (uint8_t)len;
		packet[4] = (uint8_t)(len >> 8);
		memcpy(packet + 5, frame + at, len);
		while (flood->waiting == flood->packets)
			next_event(flood);
		write_all(flood, packet, 5 + len);
		flood->waiting++;
	}
}

/* Else some controllers keep the link for ever. */
static void leave(struct flood *flood)
{
	const uint8_t wish[3] = { (uint8_t)flood->handle, (uint8_t)(flood->handle >> 8), 0x13 };

	command(flood, DISCONNECT, wish, sizeof(wish));
	while (flood->event[0] != DISCONNECTED)
		next_event(flood);
}

static double now(void)
{
	struct timespec time;

	clock_gettime(CLOCK_MONOTONIC, &time);
	return (double)time.tv_sec + (double)time.tv_nsec / 1e9;
}

int main(int argc, char **argv)
{
	static const uint8_t frame[FRAME_LEN] = { FRAME_LEN - 4, 0, 4, 0, 0x52, 0xFF, 0xFF };
	struct flood flood = { .fd = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0) };
	struct sockaddr_un at = { .sun_family = AF_UNIX };
	const struct timeval patience = { .tv_sec = 10 };
	int frames = argc == 4 ? atoi(argv[3]) : 0;
	double begin;

	if (frames < 1 || strlen(argv[1]) >= sizeof(at.sun_path))
		give_up("usage: flood SOCKET ADDRESS PACKETS");
	strcpy(at.sun_path, argv[1]);
	if (connect(flood.fd, (const struct sockaddr *)&at, sizeof(at)) < 0)
		give_up(strerror(errno));
	setsockopt(flood.fd, SOL_SOCKET, SO_RCVTIMEO, &patience, sizeof(patience));
	set_up(&flood);
	connect_to(&flood, argv[2]);
	hurry(&flood);
	begin = now();
	for (int i = 0; i < frames; i++)
		send_frame(&flood, frame);
	while (flood.waiting > 0)
		next_event(&flood);
	printf("frames %d seconds %.3f\n", frames, now() - begin);
	leave(&flood);
	return 0;
}
