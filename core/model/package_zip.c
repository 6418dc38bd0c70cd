#include "archive.h"
#include "manifest.h"
#include "manifest_names.h"
#include "package_part.h"

#include <stdlib.h>
#include <string.h>

static const char manifest_name[] = "manifest.json";

static const char wrong_file_hint[] =
	"a package is the zip file that holds manifest.json; a .hex or .bin goes with -f, its init "
	"packet with -d";

/* A zip file that is being read into a package. */
struct reading {
	const char *path;
	struct archive *archive;
	struct package *package;
	struct failure *why;
};

static int parse_manifest(const struct reading *reading, struct manifest *manifest)
{
	struct failure reason = { 0 };
	uint8_t *text;
	size_t len;
	int r = archive_read(reading->archive, manifest_name, PACKAGE_MANIFEST_MAX, &text, &len,
			     reading->why);

	if (r < 0) {
		failure_hint(reading->why, "%s", wrong_file_hint);
		return r;
	}
	r = manifest_parse((const char *)text, len, manifest, &reason);
	free(text);
	return r < 0 ? package_refuse(reading->path, manifest_name, &reason, reading->why) : r;
}

static int find_manifest(const struct reading *reading, struct manifest *manifest)
{
	struct failure reason = { 0 };

	if (archive_holds(reading->archive, manifest_name))
		return parse_manifest(reading, manifest);
	if (manifest_from_names(reading->archive, manifest, &reason) < 0)
		return package_refuse(NULL, reading->path, &reason, reading->why);
	if (manifest->count == 0)
		return parse_manifest(reading, manifest); /* which says that there is none */
	package_warn(reading->package, "no %s: the names of its members say what they are",
		     manifest_name);
	return OTADFU_OK;
}

static int read_firmware(const struct reading *reading, const char *member,
			 struct firmware *firmware)
{
	struct failure reason = { 0 };
	uint8_t *data;
	size_t len;
	int r = archive_read(reading->archive, member, PACKAGE_MEMBER_MAX, &data, &len,
			     reading->why);

	if (r < 0)
		return r;
	r = firmware_convert(member, data, len, NULL, firmware, &reason);
	return r < 0 ? package_refuse(reading->path, member, &reason, reading->why) : r;
}

/* Step 6 of section 4: the bootloader directly behind the SoftDevice. */
static int append_second(const struct reading *reading, const char *member,
			 struct package_part *part, struct firmware *firmware)
{
	struct firmware second;
	uint8_t *joined;
	int r = read_firmware(reading, member, &second);

	if (r < 0)
		return r;
	part->sd_size = (uint32_t)firmware->len;
	part->bl_size = (uint32_t)second.len;
	joined = realloc(firmware->data, firmware->len + second.len);
	if (joined) {
		memcpy(joined + firmware->len, second.data, second.len);
		firmware->data = joined;
		firmware->len += second.len;
	}
	free(second.data);
	return joined ? OTADFU_OK
		      : failure_set(reading->why, OTADFU_E_NOMEM, 0, "%s: out of memory",
				    reading->path);
}

static int read_image(const struct reading *reading, const struct manifest_image *entry,
		      struct package_part *part, struct firmware *ret_firmware)
{
	struct firmware firmware;
	int r = read_firmware(reading, entry->bin_file, &firmware);

	if (r == OTADFU_OK && *entry->second_file) {
		r = append_second(reading, entry->second_file, part, &firmware);
		if (r < 0)
			free(firmware.data);
	}
	if (r == OTADFU_OK)
		*ret_firmware = firmware;
	return r;
}

static int add_image(const struct reading *reading, const struct manifest_image *entry,
		     bool is_legacy)
{
	struct package_part part = {
		.archive = reading->path,
		.init_name = entry->dat_file,
		.data_name = entry->bin_file,
		.kind = entry->kind,
		.sd_size = entry->sd_size,
		.bl_size = entry->bl_size,
		.is_legacy = is_legacy,
	};
	struct firmware firmware;
	uint8_t *init;
	size_t init_len;
	int r = archive_read(reading->archive, entry->dat_file, PACKAGE_DAT_MAX, &init, &init_len,
			     reading->why);

	if (r < 0)
		return r;
	r = read_image(reading, entry, &part, &firmware);
	if (r < 0) {
		free(init);
		return r;
	}
	return package_add(reading->package, &part, init, init_len, &firmware, reading->why);
}

static int fill_package(const struct reading *reading)
{
	struct manifest manifest;
	int r = find_manifest(reading, &manifest);

	for (size_t i = 0; r == OTADFU_OK && i < manifest.count; i++)
		r = add_image(reading, &manifest.images[i], manifest.is_legacy);
	return r;
}

int package_open_zip(const char *path, struct package **ret_package, struct failure *why)
{
	struct reading reading = { .path = path,
				   .package = calloc(1, sizeof(*reading.package)),
				   .why = why };
	int r;

	if (!reading.package)
		return failure_set(why, OTADFU_E_NOMEM, 0, "%s: out of memory", path);
	r = archive_open(path, &reading.archive, why);
	if (r == OTADFU_E_PACKAGE)
		failure_hint(why, "%s", wrong_file_hint);
	if (r == OTADFU_OK)
		r = fill_package(&reading);
	archive_close(reading.archive);
	return package_finish(reading.package, r, ret_package);
}
