/* How fast a device is sent firmware (section 7): it has 8 buffers, and receipts pace it. */
#include "legacy_transfer.h"

#include <stdio.h>

enum {
	SLOWER_RECEIPTS = 4,
	OLD_RECEIPTS = 10, /* section 5.2 */
	USUAL_RECEIPTS = 8,
	MAX_EMBEDDED_RECEIPTS = UINT8_MAX, /* section 10.1: it looks at one byte */
	/* Seen: 47 ms for each KiB, erased or copied. */
	FLASH_MS_PER_KIB = 120,
	PROFILE_TEXT = 64,
};

static size_t min_size(size_t a, size_t b)
{
	return a < b ? a : b;
}

static size_t max_packet(struct otadfu_ctx *ctx)
{
	size_t room = ctx->gatt->max_write(ctx);

	return room < LEGACY_PACKET_SAFE ? LEGACY_PACKET_SAFE : room - room % 4;
}

/* Section 10.1: InfiniTime takes 20 and nothing else. */
size_t legacy_packet_size(const struct update *u)
{
	struct otadfu_ctx *ctx = u->talk.ctx;
	size_t wanted = (size_t)ctx->host->option_int(ctx, "packet_size");

	if (u->embedded)
		return LEGACY_PACKET_SAFE;
	if (u->memo->packet_size != 0)
		return u->memo->packet_size;
	return min_size(wanted - wanted % 4, max_packet(ctx));
}

/* For a bootloader that knows the short Start only, one. */
uint16_t legacy_receipts(const struct update *u)
{
	struct otadfu_ctx *ctx = u->talk.ctx;
	uint16_t wanted = (uint16_t)ctx->host->option_int(ctx, "receipts");

	if (u->memo->receipts != 0)
		return (uint16_t)u->memo->receipts;
	if (u->old && u->memo->short_start)
		return 1;
	if (u->embedded && (wanted == 0 || wanted > MAX_EMBEDDED_RECEIPTS))
		return USUAL_RECEIPTS;
	return u->old && (wanted == 0 || wanted > OLD_RECEIPTS) ? OLD_RECEIPTS : wanted;
}

/* Section 5.2: what is too fast for an old bootloader with 10 is so with 4. */
void legacy_slow_down(struct update *u, enum legacy_pace pace)
{
	bool one = u->old || (u->receipts != 0 && u->receipts <= SLOWER_RECEIPTS);

	if (pace == LEGACY_PACE_SAME)
		return;
	/* Longer packets are the likelier cause, where a profile asks for them. */
	if (u->packet_size > LEGACY_PACKET_SAFE) {
		u->memo->packet_size = LEGACY_PACKET_SAFE;
		if (pace == LEGACY_PACE_SLOWER)
			return;
	}
	u->memo->receipts = pace == LEGACY_PACE_ONE || one ? 1 : SLOWER_RECEIPTS;
}

void legacy_tell_pace(struct update *u)
{
	const struct legacy_memo *memo = u->memo;
	char text[PROFILE_TEXT] = "";
	size_t used = 0;

	if (memo->receipts != 0)
		used = (size_t)snprintf(text, sizeof(text), "receipts: %u", memo->receipts);
	if (memo->packet_size != 0)
		snprintf(text + used, sizeof(text) - used, "%spacket_size: %u",
			 used > 0 ? ", " : "", memo->packet_size);
	if (text[0] != '\0')
		talk_tell(&u->talk, "keep in the profile: legacy: { %s }", text);
}

uint32_t legacy_flash_ms(uint32_t floor_ms, size_t bytes)
{
	uint64_t flash_ms = (uint64_t)bytes * FLASH_MS_PER_KIB / 1024;

	return flash_ms < floor_ms ? floor_ms : (uint32_t)flash_ms;
}
