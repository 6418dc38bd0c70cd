/* What a transport plugin provides: how bytes reach one kind of radio. */
#ifndef OTADFU_TRANSPORT_H
#define OTADFU_TRANSPORT_H

#include <otadfu/host.h>

#ifdef __cplusplus
extern "C" {
#endif

struct otadfu_adapter; /* yours: one radio. Shared by threads; you lock what they share. */
struct otadfu_link;    /* yours: one connection. Belongs to one thread, so it needs no lock. */

enum {                                     /* otadfu_transport_ops.caps */
       OTADFU_TCAP_MTU_EXCHANGE = 1u << 0, /* else the MTU is what the stack gave */
       OTADFU_TCAP_PACED_WRITE_CMD = 1u
				     << 1, /* write_cmd blocks while more than a few packets wait */
       OTADFU_TCAP_PARALLEL_CONNECT = 1u << 2, /* else the host lets one connect run at a time */
       OTADFU_TCAP_SCAN_AND_CONNECT = 1u << 3, /* else the host stops scan before connect */
};

enum {                     /* otadfu_option.kind */
       OTADFU_OPT_INT = 1, /* decimal, or hexadecimal after 0x */
       OTADFU_OPT_BOOL,    /* true|yes|on|1 or false|no|off|0 */
       OTADFU_OPT_STRING,
       OTADFU_OPT_CHOICE /* one word of choices */
};

/*
 * One setting of a transport or a protocol: `NAME: { KEY: VALUE }` in a profile, `--set
 * NAME.KEY=VALUE` on the command line, shown by `otadfu plugins NAME`. The host checks the value
 * before the radio is used, and refuses a plugin whose own default is not allowed. Keys are unique
 * in one table, of a-z, 0-9, _ and -.
 */
struct otadfu_option {
	uint32_t size;
	uint32_t kind;        /* OTADFU_OPT_* */
	const char *key;      /* required */
	const char *help;     /* required: one line, with the unit */
	const char *fallback; /* as it would stand in the profile; NULL: "", STRING only */
	const char *choices;  /* "a|b|c" of a CHOICE; else NULL */
	int64_t min;          /* of an INT, inclusive; any value when min is not below max */
	int64_t max;

	/* End of ABI 1.0. */
};

/*
 * What can be done on one connection. All [task], on the thread that called connect.
 *
 * Every call may block until deadline_ms or until the task is cancelled, and then returns
 * OTADFU_E_TIMEOUT or OTADFU_E_CANCELLED. After the link is lost every call but disconnect
 * returns OTADFU_E_DISCONNECTED. A ret_ argument is written only on success, but for the
 * needed count of discover. Write commands and write requests reach the peer in the order of
 * the calls. ATT errors are OTADFU_E_ATT, or SECURITY for 05, 08, 0C and 0F, the code as
 * detail (Core Specification, Vol 3, Part F, 3.4.1.1); read, write and subscribe alike. A read
 * or write that ended in TIMEOUT or CANCELLED leaves the link usable: the transport discards the
 * late answer, and holds the next request back until it came or that request's own deadline.
 *
 * OTADFU_E_IO, the errno as detail, when the driver or daemon beneath fails. id is always one
 * that discover gave on this link. buf, data and ret_ pointers belong to the caller and are not
 * kept. A transport does not retry.
 */
struct otadfu_link_ops {
	uint32_t size;
	uint32_t reserved;

	/* Lists all characteristics, in the peer's order, and makes their ids known to the
	 * other calls (Vol 3, Part G, 4.4 and 4.6). Called after mtu and before all others,
	 * and once more when cap, in characteristics, was too small: OTADFU_E_OVERFLOW with
	 * the needed count in *ret_count. */
	int (*discover)(struct otadfu_ctx *ctx, struct otadfu_link *link, struct otadfu_chr *buf,
			size_t cap, size_t *ret_count, uint64_t deadline_ms);

	/* Agrees on the ATT MTU, wanted 23..517 bytes, and tells the one in force, which may
	 * be smaller or, where a stack has settled it before, larger (Vol 3, Part F, 3.4.2).
	 * Called once, first. OTADFU_E_UNSUPPORTED when it cannot be known: the host goes on
	 * with 23. */
	int (*mtu)(struct otadfu_ctx *ctx, struct otadfu_link *link, uint16_t wanted,
		   uint16_t *ret_mtu, uint64_t deadline_ms);

	/* The whole value, by as many requests as it takes. OTADFU_E_OVERFLOW when it is longer
	 * than cap bytes. */
	int (*read)(struct otadfu_ctx *ctx, struct otadfu_link *link, uint16_t id, uint8_t *buf,
		    size_t cap, size_t *ret_len, uint64_t deadline_ms);

	/* Returns after the peer's response. len is at most MTU - 3. */
	int (*write)(struct otadfu_ctx *ctx, struct otadfu_link *link, uint16_t id,
		     const uint8_t *data, size_t len, uint64_t deadline_ms);

	/* Write without response. Returns when the stack has taken the packet; blocks while it
	 * takes none. len is at most MTU - 3. */
	int (*write_cmd)(struct otadfu_ctx *ctx, struct otadfu_link *link, uint16_t id,
			 const uint8_t *data, size_t len, uint64_t deadline_ms);

	/* Writes the client characteristic configuration: notifications, or indications where
	 * id offers only those; indications are confirmed by the transport (Vol 3, Part G,
	 * 3.3.3.3). From its return on, no notification or indication of id is lost: at
	 * least 32 are queued, and a loss is reported as OTADFU_E_OVERFLOW from wait. A second
	 * call for the same id writes the descriptor again, as some devices want it after they
	 * have refused a request for its sake, and loses nothing that is queued.
	 * OTADFU_E_UNSUPPORTED when id offers neither. */
	int (*subscribe)(struct otadfu_ctx *ctx, struct otadfu_link *link, uint16_t id,
			 uint64_t deadline_ms);

	/* The oldest queued value of id, or the next to come. What is queued when the link is
	 * lost is handed out before OTADFU_E_DISCONNECTED. OTADFU_E_OVERFLOW, once for each
	 * time, when values were lost, or when the value is longer than cap and is dropped.
	 * OTADFU_E_INVALID when id is not subscribed. */
	int (*wait)(struct otadfu_ctx *ctx, struct otadfu_link *link, uint16_t id, uint8_t *buf,
		    size_t cap, size_t *ret_len, uint64_t deadline_ms);

	/* OTADFU_OK once the link is lost, at once when it is lost already. */
	int (*wait_gone)(struct otadfu_ctx *ctx, struct otadfu_link *link, uint64_t deadline_ms);

	/* Ends the connection and frees link, lost or not; it is not used again. Never fails;
	 * returns within 100 ms whatever the peer does. Not cut short by cancellation. */
	void (*disconnect)(struct otadfu_ctx *ctx, struct otadfu_link *link);

	/* Optional from here: NULL means OTADFU_E_UNSUPPORTED. */

	/* Returns when the link is encrypted, at once when it is already. flags:
	 * OTADFU_SECURE_*. OTADFU_E_SECURITY when the peer refuses, when the bond is not known
	 * to it, or when there is none and PAIR is not set. */
	int (*secure)(struct otadfu_ctx *ctx, struct otadfu_link *link, uint32_t flags,
		      uint64_t deadline_ms);

	/* Asks for wanted, when that is not NULL, and tells what is in force when it has been
	 * decided. wanted->size and ret_actual->size tell which members the caller knows;
	 * write no more than that. A wish that is not granted is no failure. */
	int (*tune)(struct otadfu_ctx *ctx, struct otadfu_link *link,
		    const struct otadfu_link_params *wanted, struct otadfu_link_params *ret_actual,
		    uint64_t deadline_ms);

	/* End of ABI 1.0. Append below, and say the version. */
};

/* The host's, called by scan. advert is borrowed for the call; user is passed through. Return 0 to
 * go on, anything else to end the scan with that result. [task] */
typedef int otadfu_advert_fn(void *user, const struct otadfu_advert *advert);

enum {                              /* otadfu_finding.kind */
       OTADFU_FINDING_FACT = 1,     /* so it is */
       OTADFU_FINDING_HINDRANCE = 2 /* and it is in the way */
};

/* One thing that examine has found out. Strings are one line each, without the subject in text. */
struct otadfu_finding {
	uint32_t size;
	uint32_t kind;       /* OTADFU_FINDING_* */
	const char *subject; /* what it is about: "adapter hci0", "bluetoothd", "kernel" */
	const char *text;    /* "1.2.3", "switched off", "connected to this device" */
	const char
		*remedy; /* what to do, as a command where there is one; NULL: nothing, or a FACT */

	/* End of ABI 1.0. */
};

/* The host's, called by examine. finding is borrowed for the call; user is passed through. Two
 * findings with the same subject and text, of whatever transports, are shown once. [task] */
typedef void otadfu_finding_fn(void *user, const struct otadfu_finding *finding);

/*
 * One kind of radio. The host opens an adapter by name, connects to peers through it, from several
 * threads where it has several devices to update, and closes it last. A transport may start
 * threads between open and close; they block all signals and are joined in close. Descriptors are
 * close-on-exec; child processes by posix_spawn in a session of their own.
 */
struct otadfu_transport_ops {
	uint32_t size;
	uint32_t caps;       /* OTADFU_TCAP_*; claim only what is true, the host relies on it */
	const char *name;    /* as in a profile: "hci", "bluez", "gatttool", "sim" */
	const char *summary; /* one line */
	const struct otadfu_option *const *options; /* NULL-terminated, or NULL */
	const struct otadfu_link_ops *link;

	/* Makes one radio ready. adapter_name as the operator gave it, NULL: the first usable
	 * one. May block up to 5 s; watches cancel. *ret_adapter may be used by several threads
	 * at once until close; ctx may be kept as long. OTADFU_E_NOT_FOUND for no such
	 * adapter, OTADFU_E_PERMISSION when the operator lacks a right (say which),
	 * OTADFU_E_BUSY when another program holds it, OTADFU_E_CONFIG for a name that makes no
	 * sense, OTADFU_E_UNSUPPORTED when the machine lacks what it takes. [task] */
	int (*open)(struct otadfu_ctx *ctx, const char *adapter_name,
		    struct otadfu_adapter **ret_adapter);

	/* Frees adapter and leaves the radio as it was found. Called once, when no link and no
	 * scan is left, with the ctx of open; within 100 ms. [task] */
	void (*close)(struct otadfu_ctx *ctx, struct otadfu_adapter *adapter);

	/* Blocks until the peer is connected. Works for an address never scanned; a transport
	 * that needs a scan does it inside, as it does for type 255. After any failure nothing
	 * of the attempt is left behind in the radio. *ret_link lives until disconnect.
	 * OTADFU_E_TIMEOUT when the peer did not answer, OTADFU_E_BUSY when the radio has no
	 * room for a link, OTADFU_E_DISCONNECTED when it was made and lost at once (or
	 * OTADFU_E_TIMEOUT, where what lies beneath cannot tell that from a link never made).
	 * [task], from several threads at once where PARALLEL_CONNECT is claimed. */
	int (*connect)(struct otadfu_ctx *ctx, struct otadfu_adapter *adapter,
		       const struct otadfu_addr *peer, struct otadfu_link **ret_link,
		       uint64_t deadline_ms);

	/* Optional from here: NULL where the radio cannot. */

	/* Reports what advertises, each sighting anew, until the deadline or until on_advert
	 * returns other than 0, and returns that, or OTADFU_OK at the deadline. Calls on_advert
	 * on the calling thread. One scan at a time for each adapter. Active: asks for scan
	 * responses. NULL, or OTADFU_E_UNSUPPORTED (say why) where this machine lacks what it
	 * takes: the host tries addresses by connect, and cannot find devices by name. [task] */
	int (*scan)(struct otadfu_ctx *ctx, struct otadfu_adapter *adapter,
		    otadfu_advert_fn *on_advert, void *user, uint64_t deadline_ms);

	/* Forgets bond and cached attributes of one peer, which has no link now; OTADFU_OK when
	 * there was nothing to forget. NULL: there is never anything. At most 1 s. [task] */
	int (*forget)(struct otadfu_ctx *ctx, struct otadfu_adapter *adapter,
		      const struct otadfu_addr *peer);

	/* Connects, as connect does to one, to whichever of the peers (1 to 8) answers first, and
	 * tells which; the attempts at the others are taken back. For a radio that can try them at
	 * once: the host asks for it where a device may return at one of several addresses and no
	 * scan tells at which. NULL: the host tries them in turn. [task] */
	int (*connect_first)(struct otadfu_ctx *ctx, struct otadfu_adapter *adapter,
			     const struct otadfu_addr *peers, size_t peer_count,
			     struct otadfu_link **ret_link, size_t *ret_index,
			     uint64_t deadline_ms);

	/* Tells what this machine has and lacks for this transport, all of it and not only what
	 * open would stumble over first: for people who ask why it does not work. adapter_name as
	 * in open; peer, or NULL, is the device they want to reach. Looks only: takes no radio from
	 * anybody, sends nothing on air, starts no daemon. No adapter need be open. OTADFU_OK when
	 * open would succeed as far as looking can tell; else the code open would return, recorded
	 * by host->fail. Up to 3 s. [task] */
	int (*examine)(struct otadfu_ctx *ctx, const char *adapter_name,
		       const struct otadfu_addr *peer, otadfu_finding_fn *on_finding, void *user);

	/* End of ABI 1.0. */
};

#ifdef __cplusplus
}
#endif
#endif
