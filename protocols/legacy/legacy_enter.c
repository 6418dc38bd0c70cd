/* Which legacy device is this, in which mode, and the jump into its bootloader. */
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
	JUMP_MS = 5000,
};

enum { CERTAIN = 100, LIKELY = 80, NAME_ONLY = 30 };

static bool is_generic(const struct otadfu_uuid *service)
{
	static const struct otadfu_uuid gap = { { 0x00, 0x00, 0x18, 0x00, BLUETOOTH_BASE } };
	static const struct otadfu_uuid gatt = { { 0x00, 0x00, 0x18, 0x01, BLUETOOTH_BASE } };

	return memcmp(service, &gap, sizeof(gap)) == 0 || memcmp(service, &gatt, sizeof(gatt)) == 0;
}

/* Section 1.1, version characteristic absent: an application has a service of its own. A
 * bootloader has three characteristics, so a list that overflows is no bootloader's. */
static int mode_by_services(struct otadfu_ctx *ctx, const struct otadfu_uuid *ours,
			    uint32_t *ret_mode)
{
	struct otadfu_chr chrs[MANY_CHRS];
	size_t count = 0;
	int r = ctx->gatt->list(ctx, chrs, MANY_CHRS, &count);

	if (r < 0 && r != OTADFU_E_OVERFLOW)
		return r;
	*ret_mode = r == OTADFU_E_OVERFLOW ? OTADFU_MODE_APPLICATION : OTADFU_MODE_BOOTLOADER;
	for (size_t i = 0; r == OTADFU_OK && i < count; i++) {
		if (!is_generic(&chrs[i].service) &&
		    memcmp(&chrs[i].service, ours, sizeof(*ours)) != 0)
			*ret_mode = OTADFU_MODE_APPLICATION;
	}
	return OTADFU_OK;
}

static int read_version(struct otadfu_ctx *ctx, uint16_t id, uint32_t *ret_version)
{
	uint8_t value[2];
	size_t len = 0;
	int r = ctx->gatt->read(ctx, id, value, sizeof(value), &len,
				ctx->host->now_ms(ctx) + READ_MS);

	if (r < 0 && r != OTADFU_E_OVERFLOW)
		return ctx->host->fail(ctx, r, ctx->host->detail(ctx),
				       "the DFU version could not be read");
	if (r < 0 || len != sizeof(value))
		return ctx->host->fail(ctx, OTADFU_E_PROTOCOL, 0,
				       "the DFU version is not two bytes long: the attribute cache "
				       "of this computer is stale");
	*ret_version = get_le16(value);
	return OTADFU_OK;
}

static uint32_t mode_by_version(uint32_t version)
{
	if (version == VERSION_APPLICATION)
		return OTADFU_MODE_APPLICATION;
	return version >= VERSION_BOOTLOADER ? OTADFU_MODE_BOOTLOADER : 0;
}

static uint32_t forced_mode(struct otadfu_ctx *ctx)
{
	const char *forced = ctx->host->option_str(ctx, "mode");

	if (strcmp(forced, "application") == 0)
		return OTADFU_MODE_APPLICATION;
	return strcmp(forced, "bootloader") == 0 ? OTADFU_MODE_BOOTLOADER : 0;
}

int legacy_probe(struct otadfu_ctx *ctx, struct otadfu_probe *ret_probe)
{
	const struct otadfu_gatt *gatt = ctx->gatt;
	uint32_t forced = forced_mode(ctx);
	uint32_t mode = 0;
	uint32_t version = 0;
	struct legacy_uuids uuids;
	struct otadfu_chr chr;
	int r = legacy_read_uuids(ctx, &uuids);

	if (r < 0)
		return r;
	if (gatt->find(ctx, &uuids.service, &uuids.control, &chr) < 0) {
		ret_probe->score = 0;
		return OTADFU_OK;
	}
	if (gatt->find(ctx, &uuids.service, &uuids.version, &chr) == OTADFU_OK) {
		r = read_version(ctx, chr.id, &version);
		mode = mode_by_version(version);
	} else {
		r = mode_by_services(ctx, &uuids.service, &mode);
	}
	if (r < 0)
		return r;
	ret_probe->score = CERTAIN;
	ret_probe->mode = forced != 0 ? forced : mode;
	ret_probe->version = version;
	return OTADFU_OK;
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

/* The application may have handed its peer data over or not (section 3): the bootloader is at
 * the same address and shows itself to us alone, or at the next address and to all. */
static void expect_bootloader(struct otadfu_next *next)
{
	next->match = OTADFU_NEXT_SAME_ADDR | OTADFU_NEXT_ADDR_PLUS_ONE;
	next->mode = OTADFU_MODE_BOOTLOADER;
	next->flags = OTADFU_NEXT_DIRECTED;
	next->not_before_ms = 1000;
	next->within_ms = 15000;
}

static int explain_no_jump(struct talk *talk)
{
	struct talk_limit now = talk_limit(talk, "", 0);
	struct legacy_note note;

	if (talk_wait(talk, &now) == OTADFU_OK &&
	    legacy_decode_note(talk->note, talk->note_len, &note) && note.kind == LEGACY_RESPONSE)
		return talk_fail(talk, OTADFU_E_UNSUPPORTED, note.status,
				 "the application refused the jump into its bootloader: %s "
				 "(10 %02X %02X); start the bootloader by the device's button",
				 legacy_status_text(note.status), note.op, note.status);
	return talk_fail(talk, OTADFU_E_TIMEOUT, 0,
			 "the application was told to jump into its bootloader, but did not "
			 "disconnect within %u s",
			 JUMP_MS / 1000);
}

int legacy_enter_bootloader(struct otadfu_ctx *ctx, struct otadfu_next *ret_next)
{
	static const uint8_t jump[] = { LEGACY_START, LEGACY_MODE_APPLICATION };
	struct legacy_uuids uuids;
	struct talk talk;
	int r = legacy_read_uuids(ctx, &uuids);

	if (r == OTADFU_OK)
		r = talk_open(&talk, ctx, &uuids.service, &uuids.control, NULL);
	if (r < 0)
		return r;
	/* Section 3: an error answer, or none, is success all the same once the link is lost. */
	r = talk_try_write(&talk, jump, sizeof(jump));
	if (r != OTADFU_E_CANCELLED)
		r = talk_wait_gone(&talk, JUMP_MS);
	if (r == OTADFU_E_TIMEOUT)
		return explain_no_jump(&talk);
	if (r < 0)
		return r;
	expect_bootloader(ret_next);
	return OTADFU_OK;
}
