/* Is this a secure device, and in which mode? */
#include "secure_trigger.h"

#include "advert.h"

enum { CERTAIN = 100, LIKELY = 80, NAME_ONLY = 30 };

int secure_probe(struct otadfu_ctx *ctx, struct otadfu_probe *ret_probe)
{
	const struct otadfu_gatt *gatt = ctx->gatt;
	struct secure_uuids uuids;
	struct secure_trigger trigger;
	struct otadfu_chr chr;
	int found;
	int r = secure_read_uuids(ctx, &uuids);

	if (r < 0)
		return r;
	found = secure_find_trigger(ctx, &uuids, &trigger);
	if (found < 0 && found != OTADFU_E_NOT_FOUND)
		return found;
	ret_probe->score = CERTAIN;
	if (gatt->find(ctx, &uuids.service, &uuids.control, &chr) == OTADFU_OK &&
	    gatt->find(ctx, &uuids.service, &uuids.packet, &chr) == OTADFU_OK)
		ret_probe->mode = OTADFU_MODE_BOOTLOADER;
	else if (found == OTADFU_OK)
		ret_probe->mode = OTADFU_MODE_APPLICATION;
	else
		ret_probe->score = 0;
	return OTADFU_OK;
}

/* Legacy bootloaders have the same name, so a name alone tells the mode, not the protocol. */
int secure_recognise(struct otadfu_ctx *ctx, const struct otadfu_advert *advert,
		     struct otadfu_probe *ret_probe)
{
	struct secure_uuids uuids;
	bool ours;
	int r = secure_read_uuids(ctx, &uuids);

	if (r < 0)
		return r;
	ours = advert_has_service(advert, &uuids.service);
	ret_probe->score = ours ? LIKELY : advert_has_name(advert, "DfuTarg") ? NAME_ONLY : 0;
	ret_probe->mode = ret_probe->score > 0 ? OTADFU_MODE_BOOTLOADER : 0;
	return OTADFU_OK;
}
