/* Is this a legacy device, and in which mode? */
#include "legacy.h"

#include "advert.h"
#include "le.h"
#include "talk.h"
#include "uuid.h"

#include <string.h>

enum {
	VERSION_APPLICATION = 0x0001, /* 0.1 (section 1.1) */
	VERSION_BOOTLOADER = 0x0005,  /* 0.5 is the first one */
	MANY_CHRS = 32,
	READ_MS = 10000,
};

enum { CERTAIN = 100, LIKELY = 80, NAME_ONLY = 30 };

static bool is_usual(const struct otadfu_uuid *service, size_t usual)
{
	static const struct otadfu_uuid services[] = {
		{ { 0x00, 0x00, 0x18, 0x00, BLUETOOTH_BASE } },
		{ { 0x00, 0x00, 0x18, 0x01, BLUETOOTH_BASE } },
		{ { 0x00, 0x00, 0x18, 0x0a, BLUETOOTH_BASE } },
	};

	for (size_t i = 0; i < usual; i++) {
		if (memcmp(service, &services[i], sizeof(*service)) == 0)
			return true;
	}
	return false;
}

/* A bootloader has a few characteristics, so a list that overflows is no bootloader's. */
int legacy_has_other_service(struct otadfu_ctx *ctx, const struct otadfu_uuid *ours,
			     enum legacy_usual usual, bool *ret_has)
{
	struct otadfu_chr chrs[MANY_CHRS];
	size_t count = 0;
	int r = ctx->gatt->list(ctx, chrs, MANY_CHRS, &count);

	if (r < 0 && r != OTADFU_E_OVERFLOW)
		return r;
	*ret_has = r == OTADFU_E_OVERFLOW;
	for (size_t i = 0; r == OTADFU_OK && i < count; i++) {
		if (!is_usual(&chrs[i].service, usual) &&
		    memcmp(&chrs[i].service, ours, sizeof(*ours)) != 0)
			*ret_has = true;
	}
	return OTADFU_OK;
}

/* Section 1.1, version characteristic absent: an application has a service of its own. */
static int mode_by_services(struct otadfu_ctx *ctx, const struct legacy_uuids *uuids,
			    uint32_t *ret_mode)
{
	bool other = false;
	int r = legacy_has_other_service(ctx, &uuids->service, LEGACY_USUAL_GENERIC, &other);

	if (r == OTADFU_OK)
		*ret_mode = other ? OTADFU_MODE_APPLICATION : OTADFU_MODE_BOOTLOADER;
	return r;
}

static int fail_read(struct otadfu_ctx *ctx, int code)
{
	int32_t detail = ctx->host->detail(ctx);
	struct talk talk = { .ctx = ctx };

	if (code == OTADFU_E_SECURITY)
		return talk_fail(&talk, code, detail,
				 "the device does not let its DFU version be read (ATT error "
				 "%02X); %s",
				 (unsigned int)detail, talk_security_advice(detail));
	return ctx->host->fail(ctx, code, detail, "the DFU version could not be read");
}

static int read_version(struct otadfu_ctx *ctx, uint16_t id, uint32_t *ret_version)
{
	uint8_t value[2];
	size_t len = 0;
	int r = ctx->gatt->read(ctx, id, value, sizeof(value), &len,
				ctx->host->now_ms(ctx) + READ_MS);

	if (r < 0 && r != OTADFU_E_OVERFLOW)
		return fail_read(ctx, r);
	if (r < 0 || len != sizeof(value))
		return ctx->host->fail(ctx, OTADFU_E_PROTOCOL, 0,
				       "the DFU version is not two bytes long: the attribute cache "
				       "of this computer is stale");
	*ret_version = get_le16(value);
	return OTADFU_OK;
}

/* What was updated while it ran states a bootloader's version all the time (section 10.1). */
static uint32_t mode_by_version(const struct otadfu_ctx *ctx, uint32_t version)
{
	const struct legacy_memo *memo = ctx->memo;

	if (version == VERSION_APPLICATION)
		return OTADFU_MODE_APPLICATION;
	if (version < VERSION_BOOTLOADER || (memo && memo->embedded))
		return 0;
	return OTADFU_MODE_BOOTLOADER;
}

static uint32_t forced_mode(struct otadfu_ctx *ctx)
{
	const char *forced = ctx->host->option_str(ctx, "mode");

	if (strcmp(forced, "application") == 0)
		return OTADFU_MODE_APPLICATION;
	return strcmp(forced, "bootloader") == 0 ? OTADFU_MODE_BOOTLOADER : 0;
}

/* Of a peer with our control point. */
static int probe_mode(struct otadfu_ctx *ctx, const struct legacy_uuids *uuids,
		      struct otadfu_probe *ret_probe)
{
	struct otadfu_chr chr;
	int r;

	if (ctx->gatt->find(ctx, &uuids->service, &uuids->version, &chr) < 0)
		return mode_by_services(ctx, uuids, &ret_probe->mode);
	r = read_version(ctx, chr.id, &ret_probe->version);
	if (r == OTADFU_OK)
		ret_probe->mode = mode_by_version(ctx, ret_probe->version);
	return r;
}

int legacy_probe(struct otadfu_ctx *ctx, struct otadfu_probe *ret_probe)
{
	uint32_t forced = forced_mode(ctx);
	struct legacy_uuids uuids;
	struct trigger trigger;
	struct otadfu_chr chr;
	int triggered;
	int r = legacy_read_uuids(ctx, &uuids);

	if (r < 0)
		return r;
	triggered = trigger_find(ctx, "legacy", &trigger);
	if (triggered < 0 && triggered != OTADFU_E_NOT_FOUND)
		return triggered;
	ret_probe->score = CERTAIN;
	if (triggered == OTADFU_OK)
		ret_probe->mode = OTADFU_MODE_APPLICATION;
	else if (ctx->gatt->find(ctx, &uuids.service, &uuids.control, &chr) == OTADFU_OK)
		r = probe_mode(ctx, &uuids, ret_probe);
	else
		ret_probe->score = 0;
	if (r == OTADFU_OK && forced != 0 && ret_probe->score > 0)
		ret_probe->mode = forced;
	return r;
}

/* Applications of other makers list 1530 too (section 10.1), so only the usual name of a
 * bootloader beside it tells the mode. Secure bootloaders have the same name. */
int legacy_recognise(struct otadfu_ctx *ctx, const struct otadfu_advert *advert,
		     struct otadfu_probe *ret_probe)
{
	bool named = advert_has_name(advert, "DfuTarg");
	struct legacy_uuids uuids;
	bool ours;
	int r = legacy_read_uuids(ctx, &uuids);

	if (r < 0)
		return r;
	ours = advert_has_service(advert, &uuids.service);
	ret_probe->score = ours ? LIKELY : named ? NAME_ONLY : 0;
	ret_probe->mode =
		named || (ours && advert_has_name(advert, "AdaDFU")) ? OTADFU_MODE_BOOTLOADER : 0;
	return OTADFU_OK;
}
