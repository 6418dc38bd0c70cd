#include "connect.h"

#include "failure.h"
#include "lingering.h"
#include "race.h"
#include "socket_link.h"

#include <bluetooth/l2cap.h>
#include <endian.h>
#include <errno.h>
#include <stdbool.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

enum {
	CID_ATT = 4,
	ADDR_PUBLIC = 0,
	ADDR_RANDOM = 1,
	ADDR_UNKNOWN = 255,
	PEERS_MAX = 8,
	/* The kernel doubles it, and charges 1,280 bytes for a packet of 244, so that 13 of these
	 * wait there beside those that the controller holds. Less would not do: a packet of 517 in
	 * fragments of 27, as old controllers want them, is charged 15,360. */
	SEND_BUFFER = 8192
};

static const char no_answer[] =
	"the device did not answer: is it switched on, near and advertising, and is its address "
	"type (public or random) right?";

/* What the kernel says, which takes much of it from the controller's status. */
static const struct {
	int error;
	int code;
	const char *text;
} failures[] = {
	{ ETIMEDOUT, OTADFU_E_TIMEOUT, no_answer },
	{ ECONNREFUSED, OTADFU_E_TIMEOUT, no_answer },
	{ EHOSTDOWN, OTADFU_E_TIMEOUT, no_answer },
	{ ENOSYS, OTADFU_E_DISCONNECTED,
	  "the connection was not established: the device is too far, or has just left" },
	{ ECONNRESET, OTADFU_E_DISCONNECTED, "the device closed the connection at once" },
	{ ECONNABORTED, OTADFU_E_DISCONNECTED, "the connection was closed at once" },
	{ EBUSY, OTADFU_E_BUSY,
	  "the adapter is busy, or another program (bluetoothd, gatttool) is connected to the "
	  "device; try \"bluetoothctl disconnect\"" },
	{ EALREADY, OTADFU_E_BUSY, "another program is connecting to the device" },
	{ EMLINK, OTADFU_E_BUSY, "the adapter has no room for another connection" },
	{ ENOMEM, OTADFU_E_BUSY, "the adapter has no room for another connection" },
	{ EACCES, OTADFU_E_SECURITY, "the device wants a bond; pair it by \"bluetoothctl pair\"" },
	{ EHOSTUNREACH, OTADFU_E_IO, "the adapter is down, gone, or taken by another program" },
	{ ENETDOWN, OTADFU_E_IO, "the adapter went down" },
	{ ENODEV, OTADFU_E_IO, "the adapter is gone" },
	{ EOPNOTSUPP, OTADFU_E_UNSUPPORTED, "the adapter has no Bluetooth Low Energy" },
};

static int fail_connect(struct otadfu_ctx *ctx, int error)
{
	for (size_t i = 0; i < sizeof(failures) / sizeof(failures[0]); i++) {
		if (failures[i].error == error)
			return ctx->host->fail(ctx, failures[i].code, error, failures[i].text);
	}
	return fail_with(ctx, OTADFU_E_IO, error, "no connection: %s", strerror(error));
}

/* Refused before anything went on air: that is no device's answer. */
static int fail_start(struct otadfu_ctx *ctx, const struct otadfu_adapter *adapter, int error)
{
	if (error == EACCES || error == EPERM)
		return fail_with(
			ctx, OTADFU_E_PERMISSION, error,
			"this program may not open Bluetooth sockets: something (seccomp, a "
			"container, RestrictAddressFamilies= of systemd) forbids it");
	if (error == ECONNREFUSED)
		return fail_with(ctx, OTADFU_E_UNSUPPORTED, error,
				 "Low Energy is switched off on %s; start bluetoothd, or try "
				 "\"btmgmt le on\" as root",
				 adapter->name);
	return fail_connect(ctx, error);
}

static int set_up(int fd, const struct otadfu_adapter *adapter)
{
	static const struct bt_security security = { .level = BT_SECURITY_LOW };
	static const int send_buffer = SEND_BUFFER;
	struct sockaddr_l2 local = { .l2_family = AF_BLUETOOTH,
				     .l2_bdaddr = adapter->addr,
				     .l2_cid = htole16(CID_ATT),
				     .l2_bdaddr_type = BDADDR_LE_PUBLIC };

	if (bind(fd, (const struct sockaddr *)&local, sizeof(local)) < 0 ||
	    setsockopt(fd, SOL_BLUETOOTH, BT_SECURITY, &security, sizeof(security)) < 0 ||
	    setsockopt(fd, SOL_SOCKET, SO_SNDBUF, &send_buffer, sizeof(send_buffer)) < 0)
		return -1;
	return 0;
}

/* Begins one attempt. 0, or the errno that forbids it. */
static int start(const struct otadfu_adapter *adapter, const struct otadfu_addr *peer, uint8_t type,
		 int *ret_fd)
{
	struct sockaddr_l2 remote = { .l2_family = AF_BLUETOOTH,
				      .l2_bdaddr = adapter_bdaddr(peer->bytes),
				      .l2_cid = htole16(CID_ATT),
				      .l2_bdaddr_type = type == ADDR_RANDOM ? BDADDR_LE_RANDOM
									    : BDADDR_LE_PUBLIC };
	int fd = socket(AF_BLUETOOTH, SOCK_SEQPACKET | SOCK_CLOEXEC | SOCK_NONBLOCK, BTPROTO_L2CAP);
	int error;

	if (fd >= 0 && set_up(fd, adapter) == 0 &&
	    (connect(fd, (const struct sockaddr *)&remote, sizeof(remote)) == 0 ||
	     errno == EINPROGRESS)) {
		*ret_fd = fd;
		return 0;
	}
	error = errno;
	if (fd >= 0)
		close(fd);
	return error;
}

/* All attempts under way, and the peer that each is for. */
struct attempts {
	int fds[2 * PEERS_MAX];
	size_t peers[2 * PEERS_MAX];
	size_t count;
	int error; /* of the first that could not begin */
};

static void start_peer(const struct otadfu_adapter *adapter, const struct otadfu_addr *peer,
		       size_t index, struct attempts *attempts)
{
	for (uint8_t type = ADDR_PUBLIC; type <= ADDR_RANDOM; type++) {
		int error;

		if (peer->type != type && peer->type != ADDR_UNKNOWN)
			continue;
		error = start(adapter, peer, type, &attempts->fds[attempts->count]);
		if (error == 0)
			attempts->peers[attempts->count++] = index;
		else if (attempts->error == 0)
			attempts->error = error;
	}
}

static int wait_for_old_links(struct otadfu_ctx *ctx, const struct otadfu_adapter *adapter,
			      const struct otadfu_addr *peers, size_t count, uint64_t deadline_ms)
{
	for (size_t i = 0; i < count; i++) {
		int r = lingering_wait(ctx, adapter->index, &peers[i], deadline_ms);

		if (r == OTADFU_E_TIMEOUT)
			return fail_with(ctx, r, 0,
					 "an earlier connection to the device did not end in time");
		if (r != OTADFU_OK)
			return r;
	}
	return OTADFU_OK;
}

/* One that cannot begin does not keep the others from it. */
static int start_all(struct otadfu_ctx *ctx, const struct otadfu_adapter *adapter,
		     const struct otadfu_addr *peers, size_t count, struct attempts *attempts)
{
	for (size_t i = 0; i < count; i++)
		start_peer(adapter, &peers[i], i, attempts);
	return attempts->count > 0 ? OTADFU_OK : fail_start(ctx, adapter, attempts->error);
}

/* The first that connects; what the others came to is told where there is none. */
static int race(struct otadfu_ctx *ctx, const struct attempts *attempts, uint64_t deadline_ms,
		size_t *ret_winner)
{
	int error = ETIMEDOUT;
	int r = race_connect(ctx, attempts->fds, attempts->count, deadline_ms, ret_winner, &error);

	if (r == OTADFU_E_TIMEOUT || r == OTADFU_E_DISCONNECTED)
		return fail_connect(ctx, error);
	return r;
}

/* To close a socket takes its attempt back. */
static void close_but(const struct attempts *attempts, size_t kept)
{
	for (size_t i = 0; i < attempts->count; i++) {
		if (i != kept)
			close(attempts->fds[i]);
	}
}

static bool are_peers(const struct otadfu_addr *peers, size_t count)
{
	for (size_t i = 0; i < count && i < PEERS_MAX; i++) {
		if (peers[i].type != ADDR_PUBLIC && peers[i].type != ADDR_RANDOM &&
		    peers[i].type != ADDR_UNKNOWN)
			return false;
	}
	return count >= 1 && count <= PEERS_MAX;
}

int connect_first(struct otadfu_ctx *ctx, struct otadfu_adapter *adapter,
		  const struct otadfu_addr *peers, size_t peer_count, struct otadfu_link **ret_link,
		  size_t *ret_index, uint64_t deadline_ms)
{
	struct attempts attempts = { .count = 0 };
	size_t winner = 0;
	int r;

	if (!are_peers(peers, peer_count))
		return OTADFU_E_INVALID;
	r = wait_for_old_links(ctx, adapter, peers, peer_count, deadline_ms);
	if (r == OTADFU_OK)
		r = start_all(ctx, adapter, peers, peer_count, &attempts);
	if (r == OTADFU_OK)
		r = race(ctx, &attempts, deadline_ms, &winner);
	if (r == OTADFU_OK)
		r = socket_link_new(attempts.fds[winner], ret_link);
	close_but(&attempts, r == OTADFU_OK ? winner : SIZE_MAX);
	if (r == OTADFU_OK)
		*ret_index = attempts.peers[winner];
	return r;
}

int connect_one(struct otadfu_ctx *ctx, struct otadfu_adapter *adapter,
		const struct otadfu_addr *peer, struct otadfu_link **ret_link, uint64_t deadline_ms)
{
	size_t index;

	return connect_first(ctx, adapter, peer, 1, ret_link, &index, deadline_ms);
}
