/*
 * Legacy DFU inside of a running firmware, as on a watch with InfiniTime (section 10.1): there is
 * no bootloader to jump into, it answers nothing that it does not like, and Reset is not known to
 * it.
 */
#include "legacy_transfer.h"

#include <string.h>

enum {
	INIT_MAX = 20,      /* it must fit into one packet */
	FORGETS_MS = 12000, /* its timer of ten seconds has ended what was interrupted */
	RETURN_MS = 30000,
	EXCHANGE_MS = 180000, /* MCUboot exchanges the images: a minute or more */
};

/*
 * It states the version of a bootloader, and has services that no bootloader has. Adafruit's has
 * Device Information. A profile that says "bootloader" knows better.
 */
int legacy_find_embedded(struct update *u, bool *ret_embedded)
{
	struct otadfu_ctx *ctx = u->talk.ctx;
	bool other = false;
	int r = OTADFU_OK;

	if (!u->old && strcmp(ctx->host->option_str(ctx, "mode"), "bootloader") != 0)
		r = legacy_has_other_service(ctx, &u->uuids.service, LEGACY_USUAL_INFORMATION,
					     &other);
	if (r == OTADFU_OK)
		*ret_embedded = other;
	return r;
}

int legacy_check_embedded(struct update *u)
{
	const struct otadfu_image *image = u->image;

	if (image->kind != OTADFU_IMAGE_APPLICATION)
		return talk_fail(&u->talk, OTADFU_E_PACKAGE, 0,
				 "the device takes updates in its running firmware, and that takes "
				 "applications only; if it is a bootloader all the same, set "
				 "legacy.mode to bootloader");
	if (image->init_len > INIT_MAX || !legacy_init_is_plain(image->init, image->init_len))
		return talk_fail(&u->talk, OTADFU_E_PACKAGE, 0,
				 "the device takes updates in its running firmware, and that wants "
				 "an init packet of at most %d bytes that ends with the CRC-16; "
				 "this one has %zu: make it with --dfu-ver 0.5",
				 INIT_MAX, image->init_len);
	return OTADFU_OK;
}

/* Nowhere else: a neighbour of the same kind looks the same. */
void legacy_expect_embedded(struct otadfu_next *next)
{
	next->match = OTADFU_NEXT_SAME_ADDR;
	next->mode = 0;
	next->flags = 0;
	next->not_before_ms = FORGETS_MS;
	next->within_ms = RETURN_MS;
}

/* Its answer to a damaged image is lost with the state that it ends. */
int legacy_not_validated(struct update *u)
{
	if (u->memo->damaged++ > 0)
		return talk_fail(&u->talk, OTADFU_E_REJECTED, 0,
				 "the device did not answer Validate twice, which is how it "
				 "refuses an image: the init packet does not belong to this "
				 "firmware");
	legacy_slow_down(u, LEGACY_PACE_ONE);
	return talk_fail(&u->talk, OTADFU_E_INTEGRITY, 0,
			 "the device did not answer Validate, which is how it refuses a damaged "
			 "image; the next attempt waits for every packet");
}

/* From now on a bootloader's version tells nothing about the mode. */
void legacy_end_embedded(struct update *u)
{
	u->memo->embedded = 1;
	u->next->match = OTADFU_NEXT_SAME_ADDR;
	u->next->mode = OTADFU_MODE_APPLICATION;
	u->next->within_ms = EXCHANGE_MS;
	talk_tell(&u->talk, "confirm the new firmware on the device (InfiniTime: Settings, "
			    "Firmware), or the old one comes back at its next start");
}
