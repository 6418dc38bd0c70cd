#include "package_write.h"

#include "archive_write.h"
#include "cleanup.h"

#include <jansson.h>
#include <stdio.h>
#include <string.h>

enum { INDENT = 4, REAL_DIGITS = 3, NAME_MAX_LEN = 32, MEMBERS_MAX = 1 + 2 * PACKAGE_IMAGES_MAX };

static const struct naming {
	const char *key, *stem;
} namings[] = {
	[OTADFU_IMAGE_APPLICATION] = { "application", "app" },
	[OTADFU_IMAGE_SOFTDEVICE] = { "softdevice", "softdevice" },
	[OTADFU_IMAGE_BOOTLOADER] = { "bootloader", "bootloader" },
	[OTADFU_IMAGE_SD_BL] = { "softdevice_bootloader", "sd_bl" },
	[OTADFU_IMAGE_EXTERNAL_APP] = { "application", "app" },
};

const char *package_stem(uint32_t kind)
{
	return namings[kind].stem;
}

static json_t *digits(const uint8_t *bytes, size_t len)
{
	char text[2 * INITPACKET_SIGNATURE_LEN + 1] = "";

	for (size_t i = 0; i < len; i++)
		snprintf(text + 2 * i, 3, "%02x", bytes[i]);
	return json_string(text);
}

static void put(json_t *object, const char *key, uint32_t value)
{
	json_object_set_new(object, key, json_integer((json_int_t)value));
}

/* A copy of the .dat for readers: 1.1. */
static json_t *describe_legacy_init(const struct initpacket *init)
{
	const struct initpacket_legacy *legacy = &init->legacy;
	json_t *data = json_object();
	json_t *list = json_array();

	for (size_t i = 0; i < init->sd_req_count; i++)
		json_array_append_new(list, json_integer(init->sd_req[i]));
	if (legacy->format == INITPACKET_FORMAT_CRC_ONLY) {
		json_decref(list);
	} else {
		put(data, "application_version", legacy->app_version);
		put(data, "device_revision", legacy->device_revision);
		put(data, "device_type", legacy->device_type);
		json_object_set_new(data, "softdevice_req", list);
	}
	if (legacy->format >= INITPACKET_FORMAT_06 && legacy->format <= INITPACKET_FORMAT_08)
		put(data, "ext_packet_id", (uint32_t)(legacy->format - INITPACKET_FORMAT_06));
	if (legacy->has_crc)
		put(data, "firmware_crc16", legacy->crc16);
	if (legacy->has_hash) {
		put(data, "firmware_length", legacy->image_len);
		json_object_set_new(data, "firmware_hash",
				    digits(legacy->hash, sizeof(legacy->hash)));
	}
	if (legacy->has_signature)
		json_object_set_new(data, "init_packet_ecds",
				    digits(legacy->signature, sizeof(legacy->signature)));
	return data;
}

/* Legacy in the entry itself, secure in a copy for readers: 1.1, 1.2. */
static void put_parts(json_t *entry, const struct otadfu_image *image, bool is_legacy)
{
	json_t *place = is_legacy ? entry : json_object();

	put(place, "bl_size", image->bl_len);
	put(place, "sd_size", image->sd_len);
	if (!is_legacy)
		json_object_set_new(entry, "info_read_only_metadata", place);
}

static json_t *describe_image(const struct otadfu_image *image, const struct initpacket *init)
{
	const char *stem = package_stem(image->kind);
	bool is_legacy = init->kind == INITPACKET_LEGACY;
	json_t *entry = json_object();

	json_object_set_new(entry, "bin_file", json_sprintf("%s.bin", stem));
	json_object_set_new(entry, "dat_file", json_sprintf("%s.dat", stem));
	if (is_legacy)
		json_object_set_new(entry, "init_packet_data", describe_legacy_init(init));
	if (image->kind == OTADFU_IMAGE_SD_BL)
		put_parts(entry, image, is_legacy);
	return entry;
}

/* Those who send the CRC alone take it out of a package of 0.5. */
static double dfu_version(const struct initpacket *init)
{
	static const double versions[] = {
		[INITPACKET_FORMAT_CRC_ONLY] = 0.5, [INITPACKET_FORMAT_05] = 0.5,
		[INITPACKET_FORMAT_06] = 0.6,       [INITPACKET_FORMAT_07] = 0.7,
		[INITPACKET_FORMAT_08] = 0.8,       [INITPACKET_FORMAT_UNKNOWN] = 0.5,
	};

	return versions[init->legacy.format];
}

char *package_manifest(const struct package *package)
{
	json_t *manifest = json_object();
	json_t *root = json_pack("{s:o}", "manifest", manifest);
	char *text;

	for (size_t i = 0; i < package->count; i++)
		json_object_set_new(manifest, namings[package->images[i].kind].key,
				    describe_image(&package->images[i], &package->inits[i]));
	if (package->kind == INITPACKET_LEGACY)
		json_object_set_new(manifest, "dfu_version",
				    json_real(dfu_version(&package->inits[0])));
	text = root ? json_dumps(root, JSON_INDENT(INDENT) | JSON_SORT_KEYS |
					       JSON_REAL_PRECISION(REAL_DIGITS))
		    : NULL;
	json_decref(root);
	return text;
}

int package_write(const struct package *package, uint8_t **ret_data, size_t *ret_len,
		  struct failure *why)
{
	AUTO_FREE char *manifest = package_manifest(package);
	struct archive_member members[MEMBERS_MAX];
	char names[MEMBERS_MAX][NAME_MAX_LEN];
	size_t count = 0;

	if (!manifest)
		return failure_set(why, OTADFU_E_NOMEM, 0, "out of memory");
	members[count++] = (struct archive_member){ "manifest.json", manifest, strlen(manifest) };
	for (size_t i = 0; i < package->count; i++) {
		const struct otadfu_image *image = &package->images[i];
		const char *stem = package_stem(image->kind);

		snprintf(names[count], NAME_MAX_LEN, "%s.bin", stem);
		members[count] =
			(struct archive_member){ names[count], image->data, image->data_len };
		count++;
		snprintf(names[count], NAME_MAX_LEN, "%s.dat", stem);
		members[count] =
			(struct archive_member){ names[count], image->init, image->init_len };
		count++;
	}
	return archive_write(members, count, ret_data, ret_len, why);
}
