/* The parts of the secure plugin. */
#ifndef OTADFU_SECURE_H
#define OTADFU_SECURE_H

#include <otadfu/protocol.h>

/* ctx->memo: what one device's update keeps across its connections. */
struct secure_memo {
	uint32_t under_way; /* an object was begun: until then there is nothing to abort */
	uint32_t caution;   /* how far the pace was stepped down */
	uint32_t restarted; /* the whole transfer was begun anew, which is done once */
	uint32_t refused;   /* how often the last Execute was answered "invalid object" */
	uint32_t executing; /* the last Execute was sent, and not a word of it came back */
	uint32_t timed;     /* how long the device saves its progress is known: */
	uint32_t saving_ms; /* ... so long after each Execute */
};

/* Bytes 4 to 15 of xxxxxxxx-F315-4F60-9FB8-838830DAEA50. */
#define SECURE_BASE 0xf3, 0x15, 0x4f, 0x60, 0x9f, 0xb8, 0x83, 0x88, 0x30, 0xda, 0xea, 0x50

struct secure_uuids {
	struct otadfu_uuid service;
	struct otadfu_uuid control;
	struct otadfu_uuid packet;
};

/* secure.c: Nordic's, or those the options name. Records. */
int secure_read_uuids(struct otadfu_ctx *ctx, struct secure_uuids *ret_uuids);

/* secure_probe.c */
int secure_probe(struct otadfu_ctx *ctx, struct otadfu_probe *ret_probe);
int secure_recognise(struct otadfu_ctx *ctx, const struct otadfu_advert *advert,
		     struct otadfu_probe *ret_probe);
/* secure_enter.c */
int secure_enter_bootloader(struct otadfu_ctx *ctx, struct otadfu_next *ret_next);

/* secure_update.c */
int secure_update(struct otadfu_ctx *ctx, const struct otadfu_image *image,
		  struct otadfu_next *ret_next);
int secure_abort(struct otadfu_ctx *ctx);

#endif
