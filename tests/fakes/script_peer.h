/*
 * A host and a connected peer that play a script: what the client must do next, and what the
 * device then does. Time stands still but for what the script and the client's waits let pass.
 *
 * Steps, separated by semicolons or line ends:
 *	cp BYTES		the client writes these to the control point, and gets a response
 *	cp BYTES -> att XX	... and gets an ATT error; also "-> timeout" and "-> lost"
 *	packet BYTES		the client sends one data packet
 *	image FROM TO SIZE	the client sends these bytes of the image in packets of SIZE;
 *				"init" likewise, of the init packet
 *	read BYTES		the client reads and gets these; "read -> att XX"
 *	note BYTES		the device notifies
 *	silence			the client waits for a notification in vain
 *	lost			the link is lost
 *	stays			the client waits for that in vain
 *	sleep MS		the client sleeps exactly so long
 *	pass MS			time passes
 * BYTES are hexadecimal pairs, u32:N (little endian), or crc:image:N and crc:init:N (CRC-32 of
 * the first N bytes), and "xx" is any byte. A step that does not fit fails the test.
 */
#ifndef OTADFU_TESTS_SCRIPT_PEER_H
#define OTADFU_TESTS_SCRIPT_PEER_H

#include <otadfu/protocol.h>
#include <otadfu/transport.h>
#include <stdbool.h>

enum { SCRIPT_CONTROL = 1, SCRIPT_PACKET = 2, SCRIPT_OTHER = 3 }; /* ids of characteristics */

enum { SCRIPT_NEVER = -1, SCRIPT_OPTIONS_MAX = 16, SCRIPT_VALUE_MAX = 64 };

struct script_setup {
	const struct otadfu_protocol_ops *ops;
	const struct otadfu_image *image;
	const struct otadfu_chr *chrs;
	size_t chr_count;
	size_t max_write;
	uint32_t caps;       /* OTADFU_TCAP_* */
	const char *options; /* "receipts=4 packet_size=8" beyond the defaults, or NULL */
	int cut_at;          /* the link is lost before this operation; SCRIPT_NEVER */
	int cancel_at;       /* the task is cancelled before this operation; SCRIPT_NEVER */
};

struct script_note {
	uint8_t bytes[32];
	size_t len;
};

struct script_peer {
	struct otadfu_ctx ctx; /* first: the peer is found by it */
	const struct script_setup *setup;
	const char *script; /* what is left of it */
	uint64_t now_ms;
	size_t stretch_sent; /* of the image step under way */
	struct script_note queue[64];
	size_t queued;
	bool subscribed;
	bool lost;
	int operations;
	/* What the client told the host. */
	struct {
		int code;
		int32_t detail; /* of the plugin's own record */
		char text[512];
	} failure;
	int32_t verb_detail;
	char phases[8]; /* "IDVA" */
	uint64_t done, total;
	char notes[512];
	char values[SCRIPT_OPTIONS_MAX][SCRIPT_VALUE_MAX]; /* of the options asked for */
};

/* memo: what ctx->memo points to; zeroed by the caller where a new update begins. */
void script_begin(struct script_peer *peer, const struct script_setup *setup, const char *script,
		  void *memo);

/* Fails the test unless the whole script was played. */
void script_end(const struct script_peer *peer);

#endif
