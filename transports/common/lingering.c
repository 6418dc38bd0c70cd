#include "lingering.h"

#include "fdwait.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdlib.h>
#include <sys/ioctl.h>
#include <sys/socket.h>
#include <unistd.h>

/* They need the one above. */
#include <bluetooth/bluetooth.h>
#include <bluetooth/hci.h>

/* Less than the 3 s that the host gives one address among several: then there is time to say that
 * somebody else's link is in the way. */
enum { LINGER_MS = 2500, LOOK_MS = 20, LINKS_MAX = 32 };

/* What is asked for, of whom, and room for the kernel's answer. */
struct watch {
	int hci;
	int first, last; /* adapters */
	bdaddr_t peer;
	struct hci_conn_list_req *list;
};

static bool is_linked_by(const struct watch *watch, int adapter)
{
	struct hci_conn_list_req *list = watch->list;

	list->dev_id = (uint16_t)adapter;
	list->conn_num = LINKS_MAX;
	if (ioctl(watch->hci, HCIGETCONNLIST, list) < 0)
		return false;
	for (size_t i = 0; i < list->conn_num; i++) {
		if (bacmp(&list->conn_info[i].bdaddr, &watch->peer) == 0)
			return true;
	}
	return false;
}

static bool is_linked(const struct watch *watch)
{
	for (int adapter = watch->first; adapter <= watch->last; adapter++) {
		if (is_linked_by(watch, adapter))
			return true;
	}
	return false;
}

/* The kernel tells the end of a link to the privileged alone: others have to look. */
static int look_until_gone(struct otadfu_ctx *ctx, const struct watch *watch, uint64_t deadline_ms)
{
	uint64_t patience_ms = ctx->host->now_ms(ctx) + LINGER_MS;

	while (is_linked(watch)) {
		uint64_t now_ms = ctx->host->now_ms(ctx);
		int result;

		if (now_ms >= deadline_ms)
			return OTADFU_E_TIMEOUT;
		if (now_ms >= patience_ms)
			return OTADFU_OK;
		result = fdwait(ctx, NULL, 0, now_ms + LOOK_MS);
		if (result != OTADFU_E_TIMEOUT)
			return result;
	}
	return OTADFU_OK;
}

int lingering_wait(struct otadfu_ctx *ctx, int adapter, const struct otadfu_addr *peer,
		   uint64_t deadline_ms)
{
	struct watch watch = { .hci = socket(AF_BLUETOOTH, SOCK_RAW | SOCK_CLOEXEC, BTPROTO_HCI),
			       .first = adapter == LINGERING_ANY ? 0 : adapter,
			       .last = adapter == LINGERING_ANY ? HCI_MAX_DEV - 1 : adapter };
	int result = OTADFU_E_NOMEM;

	/* Whoever connects finds better words for why there is no Bluetooth. */
	if (watch.hci < 0)
		return OTADFU_OK;
	for (size_t i = 0; i < sizeof(watch.peer.b); i++)
		watch.peer.b[i] = peer->bytes[sizeof(watch.peer.b) - 1 - i];
	watch.list = calloc(1, sizeof(*watch.list) + LINKS_MAX * sizeof(watch.list->conn_info[0]));
	if (watch.list)
		result = look_until_gone(ctx, &watch, deadline_ms);
	free(watch.list);
	close(watch.hci);
	return result;
}
