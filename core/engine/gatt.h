/* The connected peer as a protocol sees it: one link of one transport, with trace and cancel. */
#ifndef OTADFU_ENGINE_GATT_H
#define OTADFU_ENGINE_GATT_H

#include "host.h"

#include <otadfu/transport.h>

/* An open adapter: its ctx lives until adapter_close. */
struct adapter {
	const struct otadfu_transport_ops *ops;
	const struct options *options;
	struct otadfu_adapter *handle; /* NULL: closed */
	bool blind;                    /* it has said that it cannot scan on this machine */
	struct call call;
};

int adapter_open(struct adapter *adapter, struct task *task, const struct otadfu_transport_ops *ops,
		 const struct options *options, const char *name, struct failure *why);
void adapter_close(struct adapter *adapter);
/* As far as is known: an adapter may find out in its first scan. */
bool adapter_can_scan(const struct adapter *adapter);
/* It can try several addresses at once. */
bool adapter_can_race(const struct adapter *adapter);

/* Does the transport keep anything of a peer; and forget it, and its bond. peer has no link. */
bool adapter_can_forget(const struct adapter *adapter);
void adapter_forget(struct adapter *adapter, struct task *task, const struct otadfu_addr *peer);

/* Calls on_advert for every advertisement until deadline_ms, or until it returns not 0. */
int adapter_scan(struct adapter *adapter, struct task *task, otadfu_advert_fn *on_advert,
		 void *user, uint64_t deadline_ms, struct failure *why);

struct gatt {
	struct task *task;
	struct adapter *adapter;
	struct otadfu_link *link; /* NULL: not connected */
	struct otadfu_addr peer;
	struct otadfu_chr *chrs;
	size_t chr_count;
	uint16_t mtu;
	bool lost;             /* a call has found the link gone */
	uint64_t bytes_pushed; /* by write commands, since the owner last set it to 0 */
	struct call call;      /* the link operation under way, or the last one */
};

/*
 * Connects to the peer, or where the adapter can race to the first of several that answers,
 * exchanges the MTU and lists the characteristics, all until deadline_ms.
 */
int gatt_open(struct gatt *gatt, struct task *task, struct adapter *adapter,
	      const struct otadfu_addr *peers, size_t peer_count, uint64_t deadline_ms,
	      struct failure *why);
void gatt_close(struct gatt *gatt);

/* Makes call one of a protocol that talks over gatt. */
void gatt_lend(struct gatt *gatt, struct call *call);

#endif
