/* What a protocol plugin provides: what one kind of bootloader wants to hear. */
#ifndef OTADFU_PROTOCOL_H
#define OTADFU_PROTOCOL_H

#include <otadfu/host.h>

#ifdef __cplusplus
extern "C" {
#endif

struct otadfu_option; /* transport.h */

/* What the peer runs. */
enum { OTADFU_MODE_APPLICATION = 1, OTADFU_MODE_BOOTLOADER = 2 };

/* Zeroed by the host, but for size, before the call that fills it. */
struct otadfu_probe {
	uint32_t size;
	uint32_t score;   /* 0 not mine .. 100 certain; the highest wins */
	uint32_t mode;    /* OTADFU_MODE_*; 0: it does not tell */
	uint32_t version; /* DFU version as the peer states it, 0 unknown */

	/* End of ABI 1.0. */
};

enum { /* otadfu_next.match: any of them */
       OTADFU_NEXT_SAME_ADDR = 1u << 0,
       OTADFU_NEXT_ADDR_PLUS_ONE = 1u << 1,  /* low octet, modulo 256 */
       OTADFU_NEXT_ADDR_MINUS_ONE = 1u << 2, /* from bootloader back to application */
       OTADFU_NEXT_NAME = 1u << 3,
       OTADFU_NEXT_SERVICE = 1u << 4, /* recognise() says yes; only where the profile allows it */
};

enum {                             /* otadfu_next.flags */
       OTADFU_NEXT_FREE = 1u << 0, /* costs no attempt: the failure is part of the protocol */
       OTADFU_NEXT_INSTALLED =
	       1u << 1, /* refused because the peer has it already: go on with the next image */
       OTADFU_NEXT_DIRECTED = 1u << 2, /* may advertise to us alone: connect by address, wait for no
					  scan, never forget() */
};

/*
 * Where the peer will be found next, and as what. Zeroed by the host before the call and
 * read after it, on success and on failure alike. Addresses are relative to the one of this
 * connection. match 0: after success the link is kept; after a failure the peer is where it
 * was (the link if it lives, else the same address). The host probes what it finds and looks
 * on when the mode differs; with mode 0 an address this update has not used yet counts only
 * when the probe says bootloader, or, for ADDR_MINUS_ONE, when the update began there, or when
 * it has brought an image and nobody else was heard there before.
 */
struct otadfu_next {
	uint32_t size;
	uint32_t match;         /* OTADFU_NEXT_* */
	uint32_t mode;          /* OTADFU_MODE_* expected there, 0 either */
	uint32_t not_before_ms; /* do not look earlier than this after the link is gone */
	uint32_t within_ms;     /* how long it may take to appear, counted from then */
	uint32_t flags;
	char name[32]; /* NUL-terminated, for OTADFU_NEXT_NAME */

	/* End of ABI 1.0. */
};

enum {
	OTADFU_IMAGE_APPLICATION = 1,
	OTADFU_IMAGE_SOFTDEVICE,
	OTADFU_IMAGE_BOOTLOADER,
	OTADFU_IMAGE_SD_BL, /* both in one, the SoftDevice first */
	OTADFU_IMAGE_EXTERNAL_APP
};

enum { /* otadfu_protocol_ops.caps: kinds of package it takes; none: no kind is checked */
       OTADFU_PCAP_LEGACY_PACKAGE = 1u << 0,
       OTADFU_PCAP_SECURE_PACKAGE = 1u << 1,
};

/* One image of a package, whole in memory and read only. Borrowed for the call. */
struct otadfu_image {
	uint32_t size;
	uint32_t kind;       /* OTADFU_IMAGE_* */
	const uint8_t *init; /* the init packet (.dat); NULL when the package has none */
	size_t init_len;
	const uint8_t *data; /* the firmware (.bin) */
	size_t data_len;     /* in bytes, not 0 */
	uint32_t sd_len;     /* parts of OTADFU_IMAGE_SD_BL, in bytes; else 0 */
	uint32_t bl_len;

	/* End of ABI 1.0. */
};

/*
 * The host owns connection, discovery, reconnection, retry and the order of images. A
 * protocol owns the talk on one connection: each call is one straight line of blocking
 * steps with its state in local variables. What it learns about a device and wants to
 * know again on the next connection (a smaller burst, a longer delay) goes into memo.
 *
 * All calls are [task]. Several devices are updated at once on several threads, each with
 * a ctx of its own; a protocol has no state but its constant table. No call but abort and
 * recognise has an overall deadline: a protocol gives one to each step, from the peer's
 * documentation. Codes of the verbs of otadfu_gatt are passed on as they come.
 */
struct otadfu_protocol_ops {
	uint32_t size;
	uint32_t caps; /* OTADFU_PCAP_* */
	/* Bytes of ctx->memo: zeroed when a device's update begins, kept by the host across
	 * its connections and images, never shared between devices. Aligned for any type. */
	uint32_t memo_size;
	uint32_t reserved;
	const char *name;                           /* as in a profile: "legacy", "secure" */
	const char *summary;                        /* one line */
	const struct otadfu_option *const *options; /* NULL-terminated, or NULL */

	/* Is this peer mine, and what does it run? Called after every connect, of every
	 * protocol that comes into question. Looks at characteristics, may read, changes
	 * nothing. OTADFU_OK with score 0 means not mine; a negative code ends the connection.
	 * Score 100 for what only this protocol has, 50 or so for what others share. */
	int (*probe)(struct otadfu_ctx *ctx, struct otadfu_probe *ret_probe);

	/* Optional. Makes the application jump into its bootloader, and says in *ret_next where
	 * that will be. Called after a probe that said APPLICATION. Returns OTADFU_OK when the
	 * peer took the order, best after wait_gone; the host leaves and looks there. NULL: the
	 * operator must bring the peer there by hand. OTADFU_E_UNSUPPORTED when this peer knows
	 * no way, OTADFU_E_REJECTED when it refused. */
	int (*enter_bootloader)(struct otadfu_ctx *ctx, struct otadfu_next *ret_next);

	/* Sends, validates and activates one image; resumes when the peer already holds a part
	 * of it. Called after a probe that did not say APPLICATION, once for each image, in the
	 * package's order, and again for the same image after a retryable failure, on a new
	 * connection. OTADFU_OK only after the peer has confirmed that the image is whole: it is
	 * reported as success. *ret_next says where it is seen again, or match 0 when the link
	 * goes on with the next image. BUSY or INTEGRITY with next set where a restart may help,
	 * REJECTED where it may not; PACKAGE for an image of a kind it cannot send. Reports
	 * phases and confirmed bytes by host->event. */
	int (*update)(struct otadfu_ctx *ctx, const struct otadfu_image *image,
		      struct otadfu_next *ret_next);

	/* Optional. Called once on a link that still lives after cancel or a fatal error, to
	 * leave the peer in a known state. Cancellation is masked; ends within 800 ms. The
	 * result is only logged. */
	int (*abort)(struct otadfu_ctx *ctx);

	/* Optional. What one advertisement says; no I/O, ctx->gatt is NULL; at once. The data
	 * comes from the air: check every length. For scan, for OTADFU_NEXT_SERVICE, for
	 * stranded devices and for proof. OTADFU_OK with score 0 means not mine. */
	int (*recognise)(struct otadfu_ctx *ctx, const struct otadfu_advert *advert,
			 struct otadfu_probe *ret_probe);

	/* End of ABI 1.0. */
};

#ifdef __cplusplus
}
#endif
#endif
