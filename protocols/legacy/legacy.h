/* The parts of the legacy plugin. */
#ifndef OTADFU_LEGACY_H
#define OTADFU_LEGACY_H

#include "legacy_msg.h"
#include "trigger.h"

/* ctx->memo: what one device's update keeps across its connections. */
struct legacy_memo {
	uint32_t under_way;   /* Start was sent: until then there is nothing to abort */
	uint32_t receipts;    /* what the last failure asks for; 0: as configured */
	uint32_t packet_size; /* the same */
	uint32_t damaged;     /* how often Validate found the image damaged */
	uint32_t short_start; /* it takes Start only as SDK 6.0 and older do */
	uint32_t silent;      /* how often Start was not answered */
	uint32_t embedded;    /* its running firmware was updated, and has no other mode */
	uint32_t sent;        /* bytes of an image that is not whole yet, since its Start */
	uint32_t sent_kind;   /* OTADFU_IMAGE_* of it */
};

struct legacy_uuids {
	struct otadfu_uuid service;
	struct otadfu_uuid control;
	struct otadfu_uuid packet;
	struct otadfu_uuid version;
};

/* legacy.c: Nordic's, or those the options name. Records. */
int legacy_read_uuids(struct otadfu_ctx *ctx, struct legacy_uuids *ret_uuids);

/* legacy_probe.c */
int legacy_probe(struct otadfu_ctx *ctx, struct otadfu_probe *ret_probe);
int legacy_recognise(struct otadfu_ctx *ctx, const struct otadfu_advert *advert,
		     struct otadfu_probe *ret_probe);

/* Services beside the protocol's own that a peer may have all the same. */
enum legacy_usual {
	LEGACY_USUAL_GENERIC = 2,     /* Generic Access, Generic Attribute */
	LEGACY_USUAL_INFORMATION = 3, /* and Device Information */
};
int legacy_has_other_service(struct otadfu_ctx *ctx, const struct otadfu_uuid *ours,
			     enum legacy_usual usual, bool *ret_has);

/* legacy_enter.c */
int legacy_enter_bootloader(struct otadfu_ctx *ctx, struct otadfu_next *ret_next);

/* legacy_update.c */
int legacy_update(struct otadfu_ctx *ctx, const struct otadfu_image *image,
		  struct otadfu_next *ret_next);
int legacy_abort(struct otadfu_ctx *ctx);

#endif
