/* The one list of results. Append only; a number is never reused. */
#ifndef OTADFU_ERROR_H
#define OTADFU_ERROR_H

/*
 * A function that can fail returns OTADFU_OK or one of the negative codes, and nothing else.
 * What the code cannot tell goes into the record: `return ctx->host->fail(ctx, code, detail,
 * text)`. "retry may help": the host makes a new attempt, on a new connection, as long as the
 * profile allows more. A plugin never retries by itself, so that counts and logs tell the truth.
 */
enum {
	OTADFU_OK = 0,
	OTADFU_E_INVALID = -1, /* the caller broke the contract: a bug */
	OTADFU_E_NOMEM = -2,
	OTADFU_E_UNSUPPORTED = -3,  /* this transport or peer cannot do it */
	OTADFU_E_CONFIG = -4,       /* the profile or an option is wrong */
	OTADFU_E_PACKAGE = -5,      /* the firmware package is damaged or not for this device */
	OTADFU_E_CANCELLED = -6,    /* the operator stopped the task */
	OTADFU_E_NOT_FOUND = -7,    /* no such adapter, peer or characteristic */
	OTADFU_E_TIMEOUT = -8,      /* retry may help; the deadline passed */
	OTADFU_E_DISCONNECTED = -9, /* retry may help; the link is lost */
	OTADFU_E_BUSY = -10,        /* retry may help; the radio or the peer is occupied */
	OTADFU_E_IO = -11,          /* retry may help; os errno in detail */
	OTADFU_E_OVERFLOW =
		-12, /* retry may help; a notification was lost, or a buffer is too small */
	OTADFU_E_PERMISSION = -13, /* the operator lacks a capability or group */
	OTADFU_E_PROTOCOL = -14,   /* the peer answered what the protocol forbids */
	OTADFU_E_REJECTED = -15,   /* the bootloader refused, finally; its code in detail */
	OTADFU_E_INTEGRITY = -16,  /* retry may help; a checksum or hash differs */
	OTADFU_E_SECURITY =
		-17, /* the link must be encrypted, or the bond is gone; ATT code in detail */
	OTADFU_E_ATT =
		-18, /* retry may help; the ATT layer refused a request; its code in detail */
};

#endif
