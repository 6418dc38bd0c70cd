/* What the host does for a plugin. */
#ifndef OTADFU_HOST_H
#define OTADFU_HOST_H

#include <otadfu/error.h>
#include <otadfu/types.h>

#ifdef __cplusplus
extern "C" {
#endif

/*
 * Threads. Each function, here and in a plugin's tables, carries one tag:
 *   [task]  only on the thread that runs this ctx
 *   [any]   any thread, at any time while the ctx lives
 * A plugin installs no signal handlers and changes neither locale, umask, working
 * directory nor environment. The host ignores SIGPIPE.
 *
 * Time. Deadlines are absolute, in the milliseconds of now_ms(); a call whose deadline
 * has passed does what needs no waiting, or returns OTADFU_E_TIMEOUT. Durations end in _ms.
 *
 * Failure. A call that fails returns a code of error.h, and says with fail() what a person
 * needs to know beyond the code. Output arguments (ret_) are written on success only,
 * unless the function says otherwise.
 */
struct otadfu_ctx;

/* Levels of log(). The terminal shows up to WARN; each -v one more. TRACE is for bytes. */
enum { OTADFU_LOG_ERROR, OTADFU_LOG_WARN, OTADFU_LOG_INFO, OTADFU_LOG_DEBUG, OTADFU_LOG_TRACE };

enum {                      /* otadfu_event.kind */
       OTADFU_EV_PHASE = 1, /* code: OTADFU_PHASE_* */
       OTADFU_EV_BYTES = 2, /* done, total: bytes the device has confirmed */
       OTADFU_EV_NOTE = 3,  /* text: one line for the operator */
};

/* Of one image, in this order; a phase may be left out. */
enum { OTADFU_PHASE_INIT = 1, OTADFU_PHASE_DATA, OTADFU_PHASE_VALIDATE, OTADFU_PHASE_ACTIVATE };

struct otadfu_event {
	uint32_t size;
	uint32_t kind; /* OTADFU_EV_*; the host ignores a kind it does not know */
	uint32_t code; /* of PHASE, else 0 */
	uint32_t reserved;
	uint64_t done;    /* of BYTES; may fall when the device asks for bytes again */
	uint64_t total;   /* of BYTES; the image's data_len */
	const char *text; /* of NOTE; borrowed, one line, no line end */

	/* End of ABI 1.0. */
};

/* None of these blocks, but for sleep_ms. All may be called from the first line of any call
 * into the plugin to its last. */
struct otadfu_host {
	uint32_t size;
	uint32_t
		abi_version; /* the host's OTADFU_ABI_VERSION; its minor may be higher than yours */

	/* Writes one line, text borrowed, without line end; the host adds time, device and
	 * plugin. level: OTADFU_LOG_*. Say nothing above DEBUG that fail() or event() says
	 * too. [any] */
	void (*log)(struct otadfu_ctx *ctx, uint32_t level, const char *text);

	/* Records why the current operation failed and returns code, so that a plugin can
	 * leave with `return ctx->host->fail(...)`. Every call into a plugin and every
	 * verb of otadfu_gatt begins with a clear record; within one call the first
	 * record wins. detail: os errno, ATT error or the peer's result code; 0: none.
	 * text is copied: what failed and what the peer said, in words, one line, without
	 * device or plugin. Needless for the failure of a verb that is passed on: its
	 * transport has recorded it. [task] */
	int (*fail)(struct otadfu_ctx *ctx, int code, int32_t detail, const char *text);

	/* The detail of the failure just returned to this plugin: after OTADFU_E_ATT or
	 * OTADFU_E_SECURITY the ATT error code (Core Specification, Vol 3, Part F, 3.4.1.1).
	 * 0 when there is none. [task] */
	int32_t (*detail)(struct otadfu_ctx *ctx);

	/* Tells the operator how far the update is. event and its text are borrowed; as often
	 * as you like, the host thins out what it shows. [task] */
	void (*event)(struct otadfu_ctx *ctx, const struct otadfu_event *event);

	/* Milliseconds, monotonic, of no particular beginning; virtual when the adapter asked
	 * for it. [any] */
	uint64_t (*now_ms)(struct otadfu_ctx *ctx);

	/* Returns OTADFU_OK after ms on the clock of now_ms, or OTADFU_E_CANCELLED at once
	 * when the task is cancelled. For time the peer's documentation demands, and for a
	 * simulated radio to let time pass; for an event there is wait. [task] */
	int (*sleep_ms)(struct otadfu_ctx *ctx, uint32_t ms);

	/* Only in a transport's open: from now on this process runs on virtual time, which
	 * jumps to the earliest deadline whenever every task waits. The adapter must then wait
	 * by sleep_ms alone. OTADFU_E_UNSUPPORTED when an adapter on real time is open. [task] */
	int (*use_virtual_clock)(struct otadfu_ctx *ctx);

	/* Becomes readable when the task is cancelled: poll it beside your own descriptors,
	 * never read or close it. -1 when nothing can cancel. Ask in each call anew: the
	 * descriptor of one call may be gone in the next. [task] */
	int (*cancel_fd)(struct otadfu_ctx *ctx);

	/* The value of one option this plugin declared, already checked against its
	 * declaration; its default when nobody set it. NULL for a key the plugin did not
	 * declare. Lives as long as ctx. [task] */
	const char *(*option_str)(struct otadfu_ctx *ctx, const char *key);
	/* The same for INT and for BOOL (0 or 1). 0 for a key that was not declared. [task] */
	int64_t (*option_int)(struct otadfu_ctx *ctx, const char *key);

	/* End of ABI 1.0. */
};

enum {                                  /* flags of secure() */
       OTADFU_SECURE_ENCRYPT = 1u << 0, /* with a bond that exists */
       OTADFU_SECURE_PAIR = 1u << 1,    /* make one (Just Works) if none exists */
};

/*
 * The connected peer, as a protocol sees it: the same verbs whatever the transport; the host adds
 * tracing and cancellation. All [task], only during a call into a protocol. When it begins, the
 * link is up, the MTU exchanged and the characteristics known; what the protocol subscribed to in
 * an earlier call on the same link is still subscribed.
 *
 * id is otadfu_chr.id of this link. Every verb with a deadline may block until then, or until the
 * task is cancelled, and returns
 *   OTADFU_E_TIMEOUT       at deadline_ms
 *   OTADFU_E_CANCELLED     as soon as the operator stops the task
 *   OTADFU_E_DISCONNECTED  once the link is lost; from then on always
 *   OTADFU_E_ATT, OTADFU_E_SECURITY  the peer refused; its ATT code is host->detail()
 *   OTADFU_E_IO            the radio or its driver failed
 * beside what it names itself. A protocol passes these on unless it knows better.
 */
struct otadfu_gatt {
	uint32_t size;
	uint32_t reserved;
	/* Looks up what the host has discovered; nothing is sent. OTADFU_E_NOT_FOUND when the
	 * peer lacks it; *ret_chr is untouched then. Of two alike, the first. */
	int (*find)(struct otadfu_ctx *ctx, const struct otadfu_uuid *service,
		    const struct otadfu_uuid *uuid, struct otadfu_chr *ret_chr);
	/* All characteristics, in the peer's order; nothing is sent. *ret_count is written in
	 * any case: OTADFU_E_OVERFLOW with the needed count when cap, in characteristics, is
	 * too small. */
	int (*list)(struct otadfu_ctx *ctx, struct otadfu_chr *buf, size_t cap, size_t *ret_count);
	/* OTADFU_TCAP_* of the transport beneath; without PACED_WRITE_CMD only receipts pace. */
	uint32_t (*caps)(struct otadfu_ctx *ctx);
	/* Longest value one write_cmd can carry, in bytes (ATT MTU - 3, at least 20). */
	size_t (*max_write)(struct otadfu_ctx *ctx);
	/* The characteristic's value. OTADFU_E_OVERFLOW when it is longer than cap bytes. */
	int (*read)(struct otadfu_ctx *ctx, uint16_t id, uint8_t *buf, size_t cap, size_t *ret_len,
		    uint64_t deadline_ms);
	/* Returns after the peer's response. len is at most max_write(). After TIMEOUT or
	 * CANCELLED the peer may yet have taken it. */
	int (*write)(struct otadfu_ctx *ctx, uint16_t id, const uint8_t *data, size_t len,
		     uint64_t deadline_ms);
	/* Without response: returns when the transport has taken the packet, which says nothing
	 * about the peer. len is at most max_write(). Reaches the peer in order with write. */
	int (*write_cmd)(struct otadfu_ctx *ctx, uint16_t id, const uint8_t *data, size_t len,
			 uint64_t deadline_ms);
	/* Turns on notifications, or indications where there are no notifications. From its
	 * return on none is lost unnoticed. OTADFU_E_UNSUPPORTED when id offers neither. */
	int (*subscribe)(struct otadfu_ctx *ctx, uint16_t id, uint64_t deadline_ms);
	/* The oldest value notified by id, which was subscribed, and not yet taken; else blocks
	 * for the next. What came before the link was lost is still handed out.
	 * OTADFU_E_OVERFLOW when one had to be dropped since, or is longer than cap bytes (it
	 * is dropped); the next call goes on with what follows. */
	int (*wait)(struct otadfu_ctx *ctx, uint16_t id, uint8_t *buf, size_t cap, size_t *ret_len,
		    uint64_t deadline_ms);
	/* OTADFU_OK once the link is lost, by whomever: how a jump into the bootloader shows. */
	int (*wait_gone)(struct otadfu_ctx *ctx, uint64_t deadline_ms);
	/* Returns when the link is encrypted. flags: OTADFU_SECURE_*. OTADFU_E_SECURITY when the
	 * peer refuses or knows no bond, OTADFU_E_UNSUPPORTED when the transport cannot. */
	int (*secure)(struct otadfu_ctx *ctx, uint32_t flags, uint64_t deadline_ms);
	/* What is in force; wanted may be NULL, or ask for better. The peer decides: OTADFU_OK
	 * does not mean that it was granted. Set size in *ret_actual before the call.
	 * OTADFU_E_UNSUPPORTED when the transport cannot tell. */
	int (*tune)(struct otadfu_ctx *ctx, const struct otadfu_link_params *wanted,
		    struct otadfu_link_params *ret_actual, uint64_t deadline_ms);

	/* End of ABI 1.0. */
};

/*
 * One line of work on one thread: a scan, or the update of one device. The host makes one
 * for each call into a plugin (options are looked up in that plugin's name) and takes it
 * back when the call returns. The ctx given to a transport's open lives until close
 * returns and may be kept for [any] calls, by the adapter's own threads for instance.
 */
struct otadfu_ctx {
	uint32_t size;
	uint32_t reserved;
	const struct otadfu_host *host; /* never NULL */
	const struct otadfu_gatt *gatt; /* NULL in calls to a transport, and in recognise */
	void *memo; /* protocols: see otadfu_protocol_ops.memo_size; NULL when that is 0 */

	/* End of ABI 1.0. */
};

#ifdef __cplusplus
}
#endif
#endif
