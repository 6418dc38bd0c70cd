#include "inspect_words.h"

#include "line.h"

#include <inttypes.h>

enum { LIST_BYTES = 512 };

/* "S140 7.2.0 (0x0100)", "0x0123", "any", "none". */
static size_t name_softdevice(uint16_t fwid, enum initpacket_kind kind, bool is_first, char *text,
			      size_t size)
{
	const char *name = softdevice_name(fwid);

	/* packages-and-init-packets.md 2.1, legacy-dfu.md 6. */
	if (fwid == 0 && kind == INITPACKET_SECURE && is_first)
		return (size_t)snprintf(text, size, "none needed");
	if (fwid == 0xFFFE)
		return (size_t)snprintf(text, size, "any (0xFFFE)");
	if (name)
		return (size_t)snprintf(text, size, "%s (0x%04X)", name, fwid);
	return (size_t)snprintf(text, size, "0x%04X", fwid);
}

static void write_requirements(FILE *out, const struct initpacket *init)
{
	char list[LIST_BYTES] = "";
	size_t used = 0;

	for (size_t i = 0; i < init->sd_req_count && used < sizeof(list); i++) {
		used += (size_t)snprintf(list + used, sizeof(list) - used, "%s", i ? ", " : "");
		if (used < sizeof(list))
			used += name_softdevice(init->sd_req[i], init->kind, i == 0, list + used,
						sizeof(list) - used);
	}
	if (init->sd_req_count > 0)
		line_write(out, "  %-18s %s", "onto SoftDevice", list);
}

static void write_hash(FILE *out, const uint8_t *hash, size_t len, const char *verdict)
{
	char digits[2 * INITPACKET_HASH_LEN + 1] = "";

	for (size_t i = 0; i < len; i++)
		snprintf(digits + 2 * i, 3, "%02x", hash[i]);
	line_write(out, "  %-18s %s%s", "SHA-256", digits, verdict);
}

static const char *verdict_of(const struct inspection_image *image)
{
	if (!image->image)
		return "";
	return image->agrees ? ", agrees with the image" : ", DOES NOT AGREE with the image";
}

static void write_signature(FILE *out, const struct inspection *inspection,
			    const struct inspection_image *image)
{
	static const char *const words[] = {
		[SIGNATURE_NONE] = "no",
		[SIGNATURE_UNCHECKED] = "yes; not verified, for no key was named",
		[SIGNATURE_GOOD] = "yes, verified with ",
		[SIGNATURE_BAD] = "yes, but NOT with the key ",
	};
	const char *key = image->public_key;

	if (image->signature == SIGNATURE_BAD)
		key = inspection->public_keys.items[0];
	line_write(out, "  %-18s %s%s%s", "signed", words[image->signature], key ? key : "",
		   !image->public_key && key && inspection->public_keys.items[1]
			   ? ", nor with any other named"
			   : "");
	if (image->known_signer)
		line_write(out, "  %-18s %s", "signer", image->known_signer);
}

static void write_validations(FILE *out, const struct initpacket_secure *secure)
{
	static const char *const names[] = {
		[VALIDATION_NONE] = "none",
		[VALIDATION_CRC] = "CRC-32",
		[VALIDATION_SHA256] = "SHA-256",
		[VALIDATION_ECDSA_P256] = "ECDSA signature",
	};
	char list[LIST_BYTES] = "";
	size_t used = 0;

	for (size_t i = 0; i < secure->boot_validations && i < INITPACKET_VALIDATIONS_MAX; i++) {
		uint32_t type = secure->boot_validation[i].type;
		const char *name =
			type < sizeof(names) / sizeof(names[0]) ? names[type] : "unknown";

		used += (size_t)snprintf(list + used, sizeof(list) - used, "%s%s", i ? ", " : "",
					 name);
	}
	if (used > 0)
		line_write(out, "  %-18s %s", "checked at boot", list);
}

static void write_number(FILE *out, const char *what, bool is_there, uint32_t value)
{
	if (is_there)
		line_write(out, "  %-18s %" PRIu32, what, value);
}

static void write_secure(FILE *out, const struct inspection_image *image)
{
	const struct initpacket_secure *secure = &image->init->secure;

	/* 2.1: what SoftDevices are packed with, which have none. */
	if (secure->has_fw_version && secure->fw_version == UINT32_MAX)
		line_write(out, "  %-18s none (0xFFFFFFFF)", "firmware version");
	else
		write_number(out, "firmware version", secure->has_fw_version, secure->fw_version);
	write_number(out, "hardware version", secure->has_hw_version, secure->hw_version);
	write_requirements(out, image->init);
	if (!image->image) {
		write_number(out, "SoftDevice bytes", secure->sd_size > 0, secure->sd_size);
		write_number(out, "bootloader bytes", secure->bl_size > 0, secure->bl_size);
		write_number(out, "application bytes", secure->app_size > 0, secure->app_size);
	}
	if (secure->has_hash)
		write_hash(out, secure->hash, secure->hash_len, verdict_of(image));
	write_validations(out, secure);
	if (secure->is_debug)
		line_write(out, "  %-18s yes", "debug");
}

/* FFFF and FFFFFFFF stand for any by convention: legacy-dfu.md 6. */
static void write_wildcard(FILE *out, const char *what, uint32_t value, uint32_t any)
{
	if (value == any)
		line_write(out, "  %-18s any", what);
	else
		line_write(out, "  %-18s %" PRIu32 " (0x%" PRIX32 ")", what, value, value);
}

static void write_legacy(FILE *out, const struct inspection_image *image)
{
	const struct initpacket_legacy *legacy = &image->init->legacy;

	if (legacy->format != INITPACKET_FORMAT_CRC_ONLY) {
		write_wildcard(out, "device type", legacy->device_type, 0xFFFF);
		write_wildcard(out, "device revision", legacy->device_revision, 0xFFFF);
		write_wildcard(out, "version", legacy->app_version, 0xFFFFFFFF);
		write_requirements(out, image->init);
	}
	if (legacy->has_crc)
		line_write(out, "  %-18s %04X%s", "CRC-16", legacy->crc16, verdict_of(image));
	if (legacy->has_hash)
		write_hash(out, legacy->hash, sizeof(legacy->hash), verdict_of(image));
}

static void write_head(FILE *out, const struct otadfu_image *image)
{
	if (image->kind == OTADFU_IMAGE_SD_BL)
		line_write(out, "%s: %zu bytes, SoftDevice %u and bootloader %u",
			   package_kind_name(image->kind), image->data_len, image->sd_len,
			   image->bl_len);
	else
		line_write(out, "%s: %zu bytes", package_kind_name(image->kind), image->data_len);
}

static void write_softdevice(FILE *out, const struct softdevice_info *info)
{
	char name[LIST_BYTES];

	name_softdevice(info->fwid, INITPACKET_LEGACY, false, name, sizeof(name));
	line_write(out, "  %-18s %s; the application begins at 0x%" PRIX32, "is SoftDevice", name,
		   info->end);
}

static void write_image(FILE *out, const struct inspection *inspection,
			const struct inspection_image *image)
{
	if (image->image)
		write_head(out, image->image);
	if (image->has_softdevice)
		write_softdevice(out, &image->softdevice);
	if (image->init->kind == INITPACKET_SECURE)
		write_secure(out, image);
	else
		write_legacy(out, image);
	write_signature(out, inspection, image);
}

static const char *region_words(enum region_kind kind)
{
	static const char *const words[] = {
		[REGION_UNKNOWN] = "an application, or a SoftDevice too old to say so",
		[REGION_MBR] = "MBR (not part of an image)",
		[REGION_SOFTDEVICE] = "SoftDevice",
		[REGION_APPLICATION] = "application",
		[REGION_BOOTLOADER] = "bootloader",
		[REGION_MBR_PARAMETERS] = "MBR parameters (not part of an image)",
		[REGION_SETTINGS] = "bootloader settings (not part of an image)",
		[REGION_UICR] = "UICR (not part of an image)",
	};

	return words[kind];
}

static void write_regions(FILE *out, const struct inspection *inspection)
{
	const struct regions *regions = &inspection->regions;
	const struct ihex_image *image = &inspection->hex_image;

	for (size_t i = 0; i < regions->count; i++) {
		const struct region *region = &regions->items[i];

		line_write(out, "  0x%08" PRIX32 "-0x%08" PRIX32 "  %8" PRIu32 " bytes  %s",
			   region->low, region->high, region->high - region->low,
			   region_words(region->kind));
	}
	if (regions->has_softdevice)
		write_softdevice(out, &regions->softdevice);
	if (inspection->has_hex_image)
		line_write(out, "  as an image: %zu bytes from 0x%" PRIX32, image->len,
			   image->start);
}

static void write_findings(FILE *out, const struct inspection *inspection)
{
	const struct package *package = inspection->package;

	for (size_t i = 0; package && i < package->warnings; i++)
		line_write(out, "warning: %s", package->warning[i]);
	for (size_t i = 0; i < inspection->findings.count; i++) {
		const struct check_finding *finding = &inspection->findings.items[i];

		line_write(out, "%s: %s",
			   finding->severity == CHECK_REFUSAL ? "refused" : "warning",
			   finding->text);
		if (finding->hint[0])
			line_write(out, "  try: %s", finding->hint);
	}
}

static void write_title(FILE *out, const struct inspection *inspection)
{
	const char *protocol = inspection->count == 0                                  ? ""
			       : inspection->images[0].init->kind == INITPACKET_SECURE ? "secure "
										       : "legacy ";

	switch (inspection->form) {
	case INSPECTION_PACKAGE:
		line_write(out, "%s: %spackage, %zu image%s", inspection->path, protocol,
			   inspection->count, inspection->count == 1 ? "" : "s");
		break;
	case INSPECTION_INIT:
		line_write(out, "%s: %sinit packet, %zu bytes", inspection->path, protocol,
			   inspection->images[0].init_len);
		break;
	case INSPECTION_HEX:
		line_write(out, "%s: firmware as Intel HEX", inspection->path);
		break;
	}
}

void inspect_write_words(FILE *out, const struct inspection *inspection)
{
	write_title(out, inspection);
	for (size_t i = 0; i < inspection->count; i++)
		write_image(out, inspection, &inspection->images[i]);
	if (inspection->form == INSPECTION_HEX)
		write_regions(out, inspection);
	write_findings(out, inspection);
	if (inspection_is_refused(inspection))
		line_write(out, "It would not be sent.");
}
