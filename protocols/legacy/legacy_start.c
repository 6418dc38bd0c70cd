/* Start and the init packet, as bootloaders since SDK 7 want them and as older ones (5.2). */
#include "legacy_transfer.h"

enum {
	RESPONSE_MS = 10000,
	/* Start erases before it answers: some bootloaders a whole bank, all of them the image. */
	START_MIN_MS = 60000,
	SILENT_WAIT_MS = 12000, /* section 10.1: a device that answers nothing in a wrong state */
	INIT_PACKET_SIZE = 20,  /* fits every link; all but the last must be a multiple of 4 */
	OLD_BEFORE_START_MS = 1000,
	OLD_AFTER_START_MS = 2000,
};

static int check_init(struct update *u)
{
	const struct otadfu_image *image = u->image;

	if (u->old && !legacy_init_crc(image->init, image->init_len))
		return talk_fail(&u->talk, OTADFU_E_PACKAGE, 0,
				 "this bootloader states no DFU version, so it is of SDK 6.1 or "
				 "older and wants the CRC-16 of the firmware; the init packet of "
				 "the package (%zu bytes) has none: make it with --dfu-ver 0.5",
				 image->init_len);
	if (!u->old && image->init_len == LEGACY_CRC_LEN)
		return talk_fail(&u->talk, OTADFU_E_PACKAGE, 0,
				 "the package is for a bootloader of SDK 6.1 or older: its init "
				 "packet is a CRC of 2 bytes; this bootloader states a DFU "
				 "version, so it is newer and wants at least 14");
	return OTADFU_OK;
}

int legacy_check(struct update *u)
{
	const struct otadfu_image *image = u->image;
	uint8_t sizes[LEGACY_SIZES_LEN];
	uint8_t mode;

	/* Section 9: a Start of nothing is accepted and costs the application. */
	if (image->data_len == 0 || image->data_len > UINT32_MAX || image->init_len == 0)
		return talk_fail(&u->talk, OTADFU_E_PACKAGE, 0,
				 "the package has no firmware or no init packet");
	if (!legacy_encode_start(image, &mode, sizes))
		return talk_fail(&u->talk, OTADFU_E_PACKAGE, 0,
				 "legacy DFU has no image of this kind");
	/* Section 4: the device only adds them up. */
	if (image->kind == OTADFU_IMAGE_SD_BL &&
	    (image->sd_len == 0 || image->bl_len == 0 ||
	     (uint64_t)image->sd_len + image->bl_len != image->data_len))
		return talk_fail(&u->talk, OTADFU_E_PACKAGE, 0,
				 "SoftDevice and bootloader have %u and %u bytes, but the firmware "
				 "has %zu",
				 image->sd_len, image->bl_len, image->data_len);
	return u->embedded ? legacy_check_embedded(u) : check_init(u);
}

static int pause_if_old(struct update *u, uint32_t ms)
{
	struct otadfu_ctx *ctx = u->talk.ctx;

	return u->old ? ctx->host->sleep_ms(ctx, ms) : OTADFU_OK;
}

/*
 * Section 10.1: some devices answer nothing in a wrong state and leave it by a timer. Once: then
 * this is none of them, or what is asked for.
 */
static int not_answered(struct update *u, const struct talk_limit *limit)
{
	if (u->memo->silent++ > 0)
		return talk_fail(&u->talk, OTADFU_E_UNSUPPORTED, 0,
				 "the device did not answer Start within %u s, not even after "
				 "being left alone: start it anew (button, battery) and try again",
				 limit->limit_ms / 1000);
	if (legacy_reset(u, SILENT_WAIT_MS) < 0)
		return OTADFU_E_CANCELLED;
	return talk_wait_failed(&u->talk, limit, OTADFU_E_TIMEOUT);
}

/* What was answered is the caller's to judge. */
static int ask_start(struct update *u, uint8_t *ret_status)
{
	uint8_t request[2] = { LEGACY_START, 0 };
	uint8_t sizes[LEGACY_SIZES_LEN];
	bool in_short = u->old && u->memo->short_start;
	struct talk_limit limit;
	int r;

	legacy_encode_start(u->image, &request[1], sizes);
	u->memo->under_way = 1;
	u->memo->sent = 0;
	talk_drop_stale(&u->talk);
	r = talk_write(&u->talk, legacy_op_text(LEGACY_START), request, in_short ? 1 : 2);
	if (r == OTADFU_OK)
		r = in_short ? talk_push(&u->talk, sizes + LEGACY_SHORT_SIZES_AT,
					 LEGACY_SHORT_SIZES_LEN)
			     : talk_push(&u->talk, sizes, sizeof(sizes));
	if (r < 0)
		return r;
	limit = talk_limit(&u->talk, "the answer to Start",
			   legacy_flash_ms(START_MIN_MS, u->image->data_len));
	r = legacy_await(u, LEGACY_START, &limit, ret_status);
	if (r == OTADFU_E_TIMEOUT)
		return not_answered(u, &limit);
	u->memo->silent = 0;
	return r < 0 ? talk_wait_failed(&u->talk, &limit, r) : OTADFU_OK;
}

/* Section 5.2: it may know only Start without a mode, which means an application. */
static bool may_be_short(const struct update *u)
{
	return u->old && !u->memo->short_start && u->image->kind == OTADFU_IMAGE_APPLICATION;
}

int legacy_start(struct update *u)
{
	uint8_t status = 0;
	int r = pause_if_old(u, OLD_BEFORE_START_MS);

	if (r == OTADFU_OK)
		r = ask_start(u, &status);
	if (r == OTADFU_OK && status == LEGACY_NOT_SUPPORTED && may_be_short(u)) {
		u->memo->short_start = 1;
		r = ask_start(u, &status);
	}
	if (r < 0)
		return r;
	if (status != LEGACY_SUCCESS)
		return legacy_refused(u, LEGACY_START, status);
	return pause_if_old(u, OLD_AFTER_START_MS);
}

static int push_init(struct update *u)
{
	const struct otadfu_image *image = u->image;
	int r = OTADFU_OK;

	for (size_t sent = 0; r == OTADFU_OK && sent < image->init_len; sent += INIT_PACKET_SIZE) {
		size_t left = image->init_len - sent;

		r = talk_push(&u->talk, image->init + sent,
			      left < INIT_PACKET_SIZE ? left : INIT_PACKET_SIZE);
	}
	return r;
}

/* Whole, between a begin and an end. */
static int write_init(struct update *u)
{
	static const uint8_t begin[] = { LEGACY_INIT, LEGACY_INIT_BEGIN };
	static const uint8_t complete[] = { LEGACY_INIT, LEGACY_INIT_COMPLETE };
	int r = talk_write(&u->talk, legacy_op_text(LEGACY_INIT), begin, sizeof(begin));

	if (r == OTADFU_OK)
		r = push_init(u);
	if (r == OTADFU_OK)
		r = talk_write(&u->talk, legacy_op_text(LEGACY_INIT), complete, sizeof(complete));
	return r;
}

/* Its CRC alone, answered as soon as it has arrived. */
static int write_crc(struct update *u)
{
	const uint8_t *crc = legacy_init_crc(u->image->init, u->image->init_len);
	int r = legacy_write_op(u, LEGACY_INIT);

	return r == OTADFU_OK ? talk_push(&u->talk, crc, LEGACY_CRC_LEN) : r;
}

int legacy_send_init(struct update *u)
{
	int r = u->old ? write_crc(u) : write_init(u);

	if (r < 0)
		return r;
	return legacy_expect_success(u, LEGACY_INIT, "the answer to the init packet", RESPONSE_MS);
}
