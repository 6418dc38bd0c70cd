/*
 * The sim transport with one defect: `--set flawed.defect=NAME`, NAME being the case of the
 * conformance suite that is to find it. Without a defect it keeps the contract, as sim does, and
 * offers what sim leaves out.
 */
#include "flawed.h"

#include <fcntl.h>
#include <otadfu/plugin.h>
#include <poll.h>
#include <pthread.h>
#include <spawn.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

/* A name for which there are waivers can be given. */
#ifndef FLAWED_NAME
#define FLAWED_NAME "flawed"
#endif

/* sim.c, linked in under its static name. */
extern const struct otadfu_plugin otadfu_plugin_v1_sim;

const struct otadfu_transport_ops *flawed_sim(void)
{
	return otadfu_plugin_v1_sim.transports[0];
}

static struct flawed_adapter *adapter_of(struct otadfu_adapter *handle)
{
	return (struct flawed_adapter *)handle;
}

bool flawed_has(struct otadfu_ctx *ctx, const char *defect)
{
	return strcmp(ctx->host->option_str(ctx, "defect"), defect) == 0;
}

void flawed_oversleep(void)
{
	poll(NULL, 0, FLAWED_TOO_LATE_MS);
}

int flawed_end(struct otadfu_ctx *ctx, const char *verb, int code)
{
	const char *kind = code == OTADFU_E_TIMEOUT        ? "deadline"
			   : code == OTADFU_E_CANCELLED    ? "cancel"
			   : code == OTADFU_E_DISCONNECTED ? "drop"
							   : "";
	char defect[32];

	snprintf(defect, sizeof(defect), "%s-%s", kind, verb);
	if (flawed_has(ctx, defect))
		flawed_oversleep();
	return code;
}

/* --- the adapter --- */

static int flawed_open(struct otadfu_ctx *ctx, const char *name,
		       struct otadfu_adapter **ret_adapter)
{
	struct flawed_adapter *adapter = calloc(1, sizeof(*adapter));
	int code;

	if (!adapter)
		return OTADFU_E_NOMEM;
	code = flawed_sim()->open(ctx, name, &adapter->sim);
	if (code != OTADFU_OK && !flawed_has(ctx, "adapter-name")) {
		free(adapter);
		return code;
	}
	flawed_withhold_confirmations(flawed_has(ctx, "indication"));
	adapter->fd = flawed_has(ctx, "close") ? open("/dev/null", O_RDONLY | O_CLOEXEC) : -1;
	*ret_adapter = (struct otadfu_adapter *)adapter;
	return OTADFU_OK;
}

static void flawed_close(struct otadfu_ctx *ctx, struct otadfu_adapter *handle)
{
	struct flawed_adapter *adapter = adapter_of(handle);

	if (adapter->kept)
		flawed_sim()->link->disconnect(ctx, adapter->kept);
	if (adapter->sim)
		flawed_sim()->close(ctx, adapter->sim);
	free(adapter);
}

static void *wait_for_ever(void *user)
{
	(void)user;
	for (;;)
		poll(NULL, 0, -1);
	return NULL;
}

static void leak_thread(void)
{
	pthread_t thread;

	if (pthread_create(&thread, NULL, wait_for_ever, NULL) != 0)
		abort();
	pthread_detach(thread);
}

static void leak(struct otadfu_ctx *ctx)
{
	char *argv[] = { "true", NULL };
	char *environment[] = { NULL };
	pid_t child;

	if (flawed_has(ctx, "leaks") && open("/dev/null", O_RDONLY | O_CLOEXEC) < 0)
		abort();
	if (flawed_has(ctx, "leaks-thread"))
		leak_thread();
	/* Nobody waits for it. */
	if (flawed_has(ctx, "leaks-child") &&
	    posix_spawn(&child, "/bin/true", NULL, NULL, argv, environment) != 0)
		abort();
}

static struct flawed_link *make_link(struct otadfu_ctx *ctx, struct flawed_adapter *adapter,
				     struct otadfu_link *sim_link)
{
	struct flawed_link *link = calloc(1, sizeof(*link));

	if (link)
		link->backlog = calloc(BACKLOG_MAX, sizeof(*link->backlog));
	if (!link || !link->backlog)
		abort();
	link->adapter = adapter;
	link->sim = sim_link;
	link->mtu = 23;
	link->fd = flawed_has(ctx, "close-on-exec") ? open("/dev/null", O_RDONLY) : -1;
	if (flawed_has(ctx, "drop-connect"))
		link->was_lost_at_once =
			flawed_sim()->link->wait_gone(ctx, sim_link, ctx->host->now_ms(ctx) + 50) ==
			OTADFU_OK;
	return link;
}

static int flawed_connect(struct otadfu_ctx *ctx, struct otadfu_adapter *handle,
			  const struct otadfu_addr *peer, struct otadfu_link **ret_link,
			  uint64_t deadline_ms)
{
	struct flawed_adapter *adapter = adapter_of(handle);
	struct otadfu_link *sim_link = adapter->kept;
	int code = OTADFU_OK;

	if (flawed_has(ctx, "connect") || adapter->blocked) {
		adapter->blocked = false;
		return OTADFU_E_BUSY;
	}
	leak(ctx);
	if (!sim_link)
		code = flawed_sim()->connect(ctx, adapter->sim, peer, &sim_link, deadline_ms);
	adapter->kept = NULL;
	adapter->blocked = code != OTADFU_OK && flawed_has(ctx, "absent");
	if (code != OTADFU_OK)
		return flawed_end(ctx, "connect", code);
	*ret_link = (struct otadfu_link *)make_link(ctx, adapter, sim_link);
	return OTADFU_OK;
}

/* Each for a moment, in turn: as a radio does that can listen for several. */
static int flawed_connect_first(struct otadfu_ctx *ctx, struct otadfu_adapter *handle,
				const struct otadfu_addr *peers, size_t peer_count,
				struct otadfu_link **ret_link, size_t *ret_index,
				uint64_t deadline_ms)
{
	enum { TURN_MS = 40 };

	for (size_t i = 0;; i = (i + 1) % peer_count) {
		uint64_t turn_ms = ctx->host->now_ms(ctx) + TURN_MS;
		uint64_t until_ms = turn_ms < deadline_ms ? turn_ms : deadline_ms;
		int code = flawed_connect(ctx, handle, &peers[i], ret_link, until_ms);

		if (code == OTADFU_OK)
			*ret_index = flawed_has(ctx, "connect_first") ? 0 : i;
		if (code != OTADFU_E_TIMEOUT || until_ms == deadline_ms)
			return flawed_end(ctx, "connect_first", code);
	}
}

static int flawed_scan(struct otadfu_ctx *ctx, struct otadfu_adapter *handle,
		       otadfu_advert_fn *on_advert, void *user, uint64_t deadline_ms)
{
	int code = flawed_sim()->scan(ctx, adapter_of(handle)->sim, on_advert, user, deadline_ms);

	if (code == OTADFU_OK && flawed_has(ctx, "deadline-scan"))
		flawed_oversleep();
	if (code > 0 && flawed_has(ctx, "scan"))
		return OTADFU_OK;
	return flawed_end(ctx, "scan", code);
}

static int flawed_forget(struct otadfu_ctx *ctx, struct otadfu_adapter *handle,
			 const struct otadfu_addr *peer)
{
	bool again = adapter_of(handle)->forgotten;

	(void)peer;
	adapter_of(handle)->forgotten = true;
	return again && flawed_has(ctx, "forget") ? OTADFU_E_NOT_FOUND : OTADFU_OK;
}

/* --- the tables --- */

static const struct otadfu_option defect = {
	.size = sizeof(defect),
	.kind = OTADFU_OPT_STRING,
	.key = "defect",
	.help = "the case of the conformance suite that is to find it; none",
	.fallback = "none",
};
static const struct otadfu_option *const options[] = { &defect, NULL };

static const struct otadfu_transport_ops ops = {
	.size = sizeof(ops),
	.caps = OTADFU_TCAP_MTU_EXCHANGE | OTADFU_TCAP_PACED_WRITE_CMD,
	.name = FLAWED_NAME,
	.summary = "sim with one defect, to be found by the conformance suite",
	.options = options,
	.link = &flawed_link_ops,
	.open = flawed_open,
	.close = flawed_close,
	.connect = flawed_connect,
	.scan = flawed_scan,
	.forget = flawed_forget,
	.connect_first = flawed_connect_first,
};

static const struct otadfu_transport_ops *const transports[] = { &ops, NULL };

OTADFU_PLUGIN_DEFINE(flawed) = {
	.magic = OTADFU_PLUGIN_MAGIC,
	.abi_version = OTADFU_ABI_VERSION,
	.size = sizeof(struct otadfu_plugin),
	.name = FLAWED_NAME,
	.version = "0",
	.vendor = "otadfu",
	.transports = transports,
};
