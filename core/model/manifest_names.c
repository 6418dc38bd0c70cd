#include "manifest_names.h"

#include <otadfu/protocol.h>
#include <stdio.h>
#include <string.h>

static const char system_dat[] = "system.dat";

/* "STEM.hex" or "STEM.bin" in name, which stays empty when there is neither. */
static int find_firmware(const struct archive *archive, const char *stem,
			 char name[MANIFEST_NAME_MAX], struct failure *why)
{
	char bin[MANIFEST_NAME_MAX];
	char hex[MANIFEST_NAME_MAX];
	bool has_bin, has_hex;

	snprintf(bin, sizeof(bin), "%s.bin", stem);
	snprintf(hex, sizeof(hex), "%s.hex", stem);
	has_bin = archive_holds(archive, bin);
	has_hex = archive_holds(archive, hex);
	if (has_bin && has_hex)
		return failure_set(why, OTADFU_E_PACKAGE, 0,
				   "it has no manifest, and both %s and %s", bin, hex);
	if (has_bin || has_hex)
		strcpy(name, has_bin ? bin : hex);
	return OTADFU_OK;
}

/* Only system.dat can be meant for both parts in one. */
static void choose_init(const struct archive *archive, const char *stem,
			struct manifest_image *image)
{
	if (stem)
		snprintf(image->dat_file, sizeof(image->dat_file), "%s.dat", stem);
	if (!stem ||
	    (image->kind != OTADFU_IMAGE_APPLICATION && !archive_holds(archive, image->dat_file)))
		strcpy(image->dat_file, system_dat);
}

static void add_image(struct manifest *manifest, const struct archive *archive, const char *stem,
		      uint32_t kind, const char *first, const char *second)
{
	struct manifest_image *image = &manifest->images[manifest->count++];

	*image = (struct manifest_image){ .kind = kind };
	strcpy(image->bin_file, first);
	strcpy(image->second_file, second);
	choose_init(archive, stem, image);
}

int manifest_from_names(const struct archive *archive, struct manifest *ret_manifest,
			struct failure *why)
{
	struct manifest manifest = { 0 };
	char softdevice[MANIFEST_NAME_MAX] = "";
	char bootloader[MANIFEST_NAME_MAX] = "";
	char application[MANIFEST_NAME_MAX] = "";
	int r = find_firmware(archive, "softdevice", softdevice, why);

	if (r == OTADFU_OK)
		r = find_firmware(archive, "bootloader", bootloader, why);
	if (r == OTADFU_OK)
		r = find_firmware(archive, "application", application, why);
	if (r < 0)
		return r;
	if (*softdevice && *bootloader)
		add_image(&manifest, archive, NULL, OTADFU_IMAGE_SD_BL, softdevice, bootloader);
	else if (*softdevice)
		add_image(&manifest, archive, "softdevice", OTADFU_IMAGE_SOFTDEVICE, softdevice,
			  "");
	else if (*bootloader)
		add_image(&manifest, archive, "bootloader", OTADFU_IMAGE_BOOTLOADER, bootloader,
			  "");
	if (*application)
		add_image(&manifest, archive, "application", OTADFU_IMAGE_APPLICATION, application,
			  "");
	*ret_manifest = manifest;
	return OTADFU_OK;
}
