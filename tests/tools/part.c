#include "part.h"

#include <jansson.h>
#include <stdio.h>

static const struct {
	const char *key, *file;
} names[] = {
	[PART_APPLICATION] = { "application", "app" },
	[PART_SOFTDEVICE] = { "softdevice", "softdevice" },
	[PART_BOOTLOADER] = { "bootloader", "bootloader" },
	[PART_SOFTDEVICE | PART_BOOTLOADER] = { "softdevice_bootloader", "sd_bl" },
	[PART_EXTERNAL] = { "application", "app" },
};

const char *part_key(const struct part *part)
{
	return names[part->facts.type].key;
}

void part_file_name(const struct part *part, const char *suffix, char name[32])
{
	snprintf(name, 32, "%s%s", names[part->facts.type].file, suffix);
}

static json_t *describe_legacy_init(const struct part *part)
{
	json_t *sd_req = json_array();

	for (size_t i = 0; i < part->target.sd_req_count; i++)
		json_array_append_new(sd_req, json_integer(part->sd_req[i]));
	return json_pack("{s:I, s:i, s:i, s:i, s:o}", "application_version",
			 (json_int_t)part->target.version, "device_revision",
			 part->target.device_revision, "device_type", part->target.device_type,
			 "firmware_crc16", part->facts.crc16, "softdevice_req", sd_req);
}

/* Where the sizes of a combined image stand: packages-and-init-packets.md 1.1 and 1.2. */
static void put_sizes(json_t *entry, const struct part *part, bool is_legacy)
{
	json_t *place = is_legacy ? json_incref(entry) : json_object();

	json_object_set_new(place, "sd_size", json_integer(part->facts.sd_size));
	json_object_set_new(place, "bl_size", json_integer(part->facts.bl_size));
	if (is_legacy)
		json_decref(place);
	else
		json_object_set_new(entry, "info_read_only_metadata", place);
}

static json_t *describe(const struct part *part, bool is_legacy)
{
	char bin[32], dat[32];
	json_t *entry;

	part_file_name(part, ".bin", bin);
	part_file_name(part, ".dat", dat);
	entry = json_pack("{s:s, s:s}", "bin_file", bin, "dat_file", dat);
	if (is_legacy)
		json_object_set_new(entry, "init_packet_data", describe_legacy_init(part));
	if (part->facts.type == (PART_SOFTDEVICE | PART_BOOTLOADER))
		put_sizes(entry, part, is_legacy);
	return entry;
}

char *part_manifest(const struct part *parts, size_t count, double format)
{
	json_t *manifest = json_object();
	json_t *root = json_pack("{s:O}", "manifest", manifest);
	char *text;

	for (size_t i = 0; i < count; i++)
		json_object_set_new(manifest, part_key(&parts[i]), describe(&parts[i], format > 0));
	if (format > 0)
		json_object_set_new(manifest, "dfu_version", json_real(format));
	text = root ? json_dumps(root, JSON_INDENT(4) | JSON_REAL_PRECISION(3)) : NULL;
	json_decref(manifest);
	json_decref(root);
	return text;
}
