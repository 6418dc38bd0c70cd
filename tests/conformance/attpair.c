/*
 * The ATT client of transports/common as a transport, over a local socket in place of the kernel's
 * L2CAP: the conformance suite tries it out where there is no Bluetooth. The adapter is a folder,
 * in which each device is a socket with its address as name: socket_radio.c.
 */
#include "failure.h"
#include "fdwait.h"
#include "socket_link.h"

#include <errno.h>
#include <otadfu/plugin.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/un.h>
#include <unistd.h>

enum { RETRY_MS = 20 };

struct otadfu_adapter {
	char folder[64];
};

static int open_adapter(struct otadfu_ctx *ctx, const char *name,
			struct otadfu_adapter **ret_adapter)
{
	struct otadfu_adapter *adapter;
	struct stat info;

	if (!name || stat(name, &info) < 0 || !S_ISDIR(info.st_mode) ||
	    strlen(name) >= sizeof(adapter->folder))
		return fail_with(ctx, OTADFU_E_NOT_FOUND, 0, "%s is no folder", name ? name : "");
	adapter = calloc(1, sizeof(*adapter));
	if (!adapter)
		return OTADFU_E_NOMEM;
	strcpy(adapter->folder, name);
	*ret_adapter = adapter;
	return OTADFU_OK;
}

static void close_adapter(struct otadfu_ctx *ctx, struct otadfu_adapter *adapter)
{
	(void)ctx;
	free(adapter);
}

/* -1: nobody listens there. */
static int call_device(const struct otadfu_adapter *adapter, const struct otadfu_addr *peer)
{
	struct sockaddr_un address = { .sun_family = AF_UNIX };
	const uint8_t *b = peer->bytes;
	int fd = socket(AF_UNIX, SOCK_SEQPACKET | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);

	snprintf(address.sun_path, sizeof(address.sun_path), "%s/%02X:%02X:%02X:%02X:%02X:%02X",
		 adapter->folder, b[0], b[1], b[2], b[3], b[4], b[5]);
	if (fd >= 0 && connect(fd, (const struct sockaddr *)&address, sizeof(address)) == 0)
		return fd;
	if (fd >= 0)
		close(fd);
	return -1;
}

/* The device says a byte when it takes the connection. */
static int await_welcome(struct otadfu_ctx *ctx, int fd, uint64_t deadline_ms)
{
	struct pollfd watched = { .fd = fd, .events = POLLIN };
	uint8_t byte;
	int r = fdwait(ctx, &watched, 1, deadline_ms);

	if (r == OTADFU_OK && recv(fd, &byte, sizeof(byte), MSG_DONTWAIT) != sizeof(byte))
		return fail_with(ctx, OTADFU_E_DISCONNECTED, 0, "the device went away");
	return r;
}

static int connect_peer(struct otadfu_ctx *ctx, struct otadfu_adapter *adapter,
			const struct otadfu_addr *peer, struct otadfu_link **ret_link,
			uint64_t deadline_ms)
{
	int fd = call_device(adapter, peer);
	int r = OTADFU_OK;

	for (; fd < 0 && r == OTADFU_OK; fd = call_device(adapter, peer)) {
		uint64_t now_ms = ctx->host->now_ms(ctx);

		if (now_ms >= deadline_ms)
			return fail_with(ctx, OTADFU_E_TIMEOUT, 0, "nobody is there");
		r = ctx->host->sleep_ms(ctx, deadline_ms - now_ms < RETRY_MS
						     ? (uint32_t)(deadline_ms - now_ms)
						     : RETRY_MS);
	}
	if (r == OTADFU_OK)
		r = await_welcome(ctx, fd, deadline_ms);
	if (r == OTADFU_OK)
		r = socket_link_new(fd, ret_link);
	if (r != OTADFU_OK && fd >= 0)
		close(fd);
	return r;
}

static const struct otadfu_link_ops link_ops = {
	.size = sizeof(link_ops),
	.discover = att_client_discover,
	.mtu = att_client_mtu,
	.read = att_client_read,
	.write = att_client_write,
	.write_cmd = att_client_write_cmd,
	.subscribe = att_client_subscribe,
	.wait = att_client_wait,
	.wait_gone = att_client_wait_gone,
	.disconnect = att_client_disconnect,
};

static const struct otadfu_transport_ops ops = {
	.size = sizeof(ops),
	.caps = OTADFU_TCAP_MTU_EXCHANGE,
	.name = "attpair",
	.summary = "ATT over a local socket",
	.link = &link_ops,
	.open = open_adapter,
	.close = close_adapter,
	.connect = connect_peer,
};

static const struct otadfu_transport_ops *const transports[] = { &ops, NULL };

OTADFU_PLUGIN_DEFINE(attpair) = {
	.magic = OTADFU_PLUGIN_MAGIC,
	.abi_version = OTADFU_ABI_VERSION,
	.size = sizeof(struct otadfu_plugin),
	.name = "attpair",
	.version = "0",
	.vendor = "otadfu",
	.transports = transports,
};
