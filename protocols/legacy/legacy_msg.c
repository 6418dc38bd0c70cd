#include "legacy_msg.h"

#include "le.h"

#include <stdio.h>

enum { DAT_HEADER = 10, DAT_SOFTDEVICES = 8, SOFTDEVICES_SHOWN = 8, SOFTDEVICE_ANY = 0xfffe };

enum { /* what follows the list of SoftDevices (section 6) */
       DAT_CRC = LEGACY_CRC_LEN,
       DAT_CRC_PADDED = 4, /* as the helper of old wrote it (section 6.1) */
       DAT_ID_CRC = 6,     /* a number, 0, then the CRC */
};

bool legacy_encode_start(const struct otadfu_image *image, uint8_t *ret_mode,
			 uint8_t ret_sizes[LEGACY_SIZES_LEN])
{
	uint32_t len = (uint32_t)image->data_len;
	const struct {
		uint32_t kind;
		uint8_t mode;
		uint32_t softdevice, bootloader, application;
	} table[] = {
		{ OTADFU_IMAGE_APPLICATION, LEGACY_MODE_APPLICATION, 0, 0, len },
		{ OTADFU_IMAGE_SOFTDEVICE, LEGACY_MODE_SOFTDEVICE, len, 0, 0 },
		{ OTADFU_IMAGE_BOOTLOADER, LEGACY_MODE_BOOTLOADER, 0, len, 0 },
		{ OTADFU_IMAGE_SD_BL, LEGACY_MODE_SOFTDEVICE | LEGACY_MODE_BOOTLOADER,
		  image->sd_len, image->bl_len, 0 },
	};

	for (size_t i = 0; i < sizeof(table) / sizeof(table[0]); i++) {
		if (table[i].kind != image->kind)
			continue;
		*ret_mode = table[i].mode;
		put_le32(ret_sizes, table[i].softdevice);
		put_le32(ret_sizes + 4, table[i].bootloader);
		put_le32(ret_sizes + 8, table[i].application);
		return true;
	}
	return false;
}

/* Where the extension begins, behind the list of SoftDevices; len: there is none. */
static size_t extension_at(const uint8_t *dat, size_t len)
{
	size_t at;

	if (len < DAT_HEADER)
		return len;
	at = DAT_HEADER + (size_t)2 * get_le16(dat + DAT_SOFTDEVICES);
	return at < len ? at : len;
}

bool legacy_init_is_plain(const uint8_t *dat, size_t len)
{
	size_t extension = len - extension_at(dat, len);

	return extension == DAT_CRC || extension == DAT_CRC_PADDED;
}

const uint8_t *legacy_init_crc(const uint8_t *dat, size_t len)
{
	size_t at = extension_at(dat, len);

	if (len == LEGACY_CRC_LEN)
		return dat;
	if (legacy_init_is_plain(dat, len))
		return dat + at;
	if (len - at == DAT_ID_CRC && get_le32(dat + at) == 0)
		return dat + at + sizeof(uint32_t);
	return NULL;
}

void legacy_encode_receipts(uint16_t every, uint8_t ret_request[LEGACY_RECEIPTS_LEN])
{
	ret_request[0] = LEGACY_RECEIPTS;
	put_le16(ret_request + 1, every);
}

bool legacy_decode_note(const uint8_t *data, size_t len, struct legacy_note *ret_note)
{
	if (len >= 3 && data[0] == LEGACY_RESPONSE) {
		*ret_note = (struct legacy_note){
			.kind = LEGACY_RESPONSE,
			.op = data[1],
			.status = data[2],
			.bytes = len >= 7 ? get_le32(data + 3) : 0,
		};
		return true;
	}
	if (len >= 5 && data[0] == LEGACY_RECEIPT) {
		*ret_note = (struct legacy_note){
			.kind = LEGACY_RECEIPT,
			.bytes = get_le32(data + 1),
		};
		return true;
	}
	return false;
}

const char *legacy_op_text(uint8_t op)
{
	static const char *const texts[] = {
		[LEGACY_START] = "Start",
		[LEGACY_INIT] = "the init packet",
		[LEGACY_RECEIVE] = "the firmware",
		[LEGACY_VALIDATE] = "Validate",
		[LEGACY_ACTIVATE] = "Activate",
		[LEGACY_RESET] = "Reset",
		[LEGACY_REPORT_SIZE] = "the question for the bytes it holds",
		[LEGACY_RECEIPTS] = "the request for receipts",
	};

	return op < sizeof(texts) / sizeof(texts[0]) && texts[op] ? texts[op] : "a request";
}

const char *legacy_status_text(uint8_t status)
{
	static const char *const texts[] = {
		[LEGACY_SUCCESS] = "success",
		[LEGACY_INVALID_STATE] = "invalid state",
		[LEGACY_NOT_SUPPORTED] = "not supported",
		[LEGACY_TOO_LARGE] = "data size exceeds limit",
		[LEGACY_CRC_ERROR] = "CRC error",
		[LEGACY_FAILED] = "operation failed",
	};

	return status < sizeof(texts) / sizeof(texts[0]) && texts[status] ? texts[status]
									  : "unknown status";
}

/*
 * In the data phase the device counts bytes and has no checksum to go on from: whatever is out
 * of step there costs a reset and a new start (sections 4, 7 and 9).
 */
static const struct legacy_verdict verdicts[] = {
	{ LEGACY_START, LEGACY_INVALID_STATE, true, LEGACY_PACE_SAME, OTADFU_E_BUSY,
	  "an interrupted transfer is still open; the device was reset to begin anew" },
	{ LEGACY_START, LEGACY_NOT_SUPPORTED, false, LEGACY_PACE_SAME, OTADFU_E_REJECTED,
	  "it takes no image of this kind (up to SDK 6.0: none but an application), or only "
	  "lengths that are a multiple of 4" },
	{ LEGACY_START, LEGACY_TOO_LARGE, false, LEGACY_PACE_SAME, OTADFU_E_REJECTED,
	  "the image is larger than the room for it" },
	{ LEGACY_INIT, LEGACY_INVALID_STATE, true, LEGACY_PACE_SAME, OTADFU_E_INTEGRITY,
	  "nothing of the init packet arrived" },
	{ LEGACY_INIT, LEGACY_FAILED, false, LEGACY_PACE_SAME, OTADFU_E_REJECTED,
	  "the package is for another device, revision or SoftDevice" },
	{ LEGACY_RECEIVE, LEGACY_SUCCESS, true, LEGACY_PACE_SAME, OTADFU_E_INTEGRITY,
	  "it took an older transfer for complete" },
	{ LEGACY_RECEIVE, LEGACY_INVALID_STATE, true, LEGACY_PACE_SAME, OTADFU_E_INTEGRITY,
	  "the init packet did not arrive whole" },
	{ LEGACY_RECEIVE, LEGACY_NOT_SUPPORTED, false, LEGACY_PACE_SAME, OTADFU_E_REJECTED,
	  "it does not take packets of this length; set legacy.packet_size to 20" },
	{ LEGACY_RECEIVE, LEGACY_TOO_LARGE, true, LEGACY_PACE_SAME, OTADFU_E_INTEGRITY,
	  "it counted more bytes than were announced" },
	{ LEGACY_RECEIVE, LEGACY_FAILED, true, LEGACY_PACE_SLOWER, OTADFU_E_INTEGRITY,
	  "packets came faster than its flash; the next attempt asks for more receipts" },
	{ LEGACY_VALIDATE, LEGACY_INVALID_STATE, true, LEGACY_PACE_SLOWER, OTADFU_E_INTEGRITY,
	  "the image did not arrive whole" },
	{ LEGACY_VALIDATE, LEGACY_CRC_ERROR, true, LEGACY_PACE_ONE, OTADFU_E_INTEGRITY,
	  "the image arrived damaged; the next attempt waits for every packet" },
};

const struct legacy_verdict *legacy_verdict(uint8_t op, uint8_t status)
{
	static const struct legacy_verdict refusal = {
		.code = OTADFU_E_REJECTED,
		.advice = "it does not say why",
	};

	for (size_t i = 0; i < sizeof(verdicts) / sizeof(verdicts[0]); i++) {
		if (verdicts[i].op == op && verdicts[i].status == status)
			return &verdicts[i];
	}
	return &refusal;
}

void legacy_describe_init(const uint8_t *dat, size_t len, char text[LEGACY_INIT_TEXT])
{
	size_t count, shown, used;

	if (len < DAT_HEADER) {
		snprintf(text, LEGACY_INIT_TEXT, "only %zu bytes, too short for an init packet",
			 len);
		return;
	}
	count = get_le16(dat + DAT_SOFTDEVICES);
	shown = (len - DAT_HEADER) / 2 < count ? (len - DAT_HEADER) / 2 : count;
	used = (size_t)snprintf(text, LEGACY_INIT_TEXT,
				"device type %04X, revision %04X, SoftDevice", get_le16(dat),
				get_le16(dat + 2));
	if (shown == 0)
		snprintf(text + used, LEGACY_INIT_TEXT - used, " none");
	for (size_t i = 0; i < shown && i < SOFTDEVICES_SHOWN; i++) {
		uint16_t id = get_le16(dat + DAT_HEADER + 2 * i);

		used += (size_t)snprintf(text + used, LEGACY_INIT_TEXT - used, "%s %04X%s",
					 i > 0 ? "," : "", id,
					 id == SOFTDEVICE_ANY ? " (any)" : "");
	}
}
