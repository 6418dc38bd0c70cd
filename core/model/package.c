#include "package.h"

#include "file.h"
#include "package_part.h"

#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static const char *const kind_names[] = {
	[OTADFU_IMAGE_APPLICATION] = "application",
	[OTADFU_IMAGE_SOFTDEVICE] = "softdevice",
	[OTADFU_IMAGE_BOOTLOADER] = "bootloader",
	[OTADFU_IMAGE_SD_BL] = "softdevice_bootloader",
	[OTADFU_IMAGE_EXTERNAL_APP] = "external_application",
};

const char *package_kind_name(uint32_t kind)
{
	if (kind == 0 || kind >= sizeof(kind_names) / sizeof(kind_names[0]))
		return "unknown";
	return kind_names[kind];
}

const char *package_world_name(const struct package *package)
{
	return package->kind == INITPACKET_SECURE ? "secure" : "legacy";
}

bool package_is_taken(const struct package *package, uint32_t protocol_caps)
{
	uint32_t taken = protocol_caps & (OTADFU_PCAP_SECURE_PACKAGE | OTADFU_PCAP_LEGACY_PACKAGE);
	uint32_t kind = package->kind == INITPACKET_SECURE ? OTADFU_PCAP_SECURE_PACKAGE
							   : OTADFU_PCAP_LEGACY_PACKAGE;

	return taken == 0 || (taken & kind) != 0;
}

/* legacy-dfu.md 6: all ones stand for any version, and the oldest form has none. */
static bool init_app_version(const struct initpacket *init, uint32_t *ret_version)
{
	bool secure = init->kind == INITPACKET_SECURE;
	uint32_t version = secure ? init->secure.fw_version : init->legacy.app_version;

	if (secure ? !init->secure.has_fw_version
		   : version == UINT32_MAX || init->legacy.format == INITPACKET_FORMAT_CRC_ONLY)
		return false;
	*ret_version = version;
	return true;
}

bool package_app_version(const struct package *package, uint32_t *ret_version)
{
	for (size_t i = 0; i < package->count; i++) {
		const struct otadfu_image *image = &package->images[i];

		if (image->kind == OTADFU_IMAGE_APPLICATION && image->init)
			return init_app_version(&package->inits[i], ret_version);
	}
	return false;
}

int package_refuse(const char *archive, const char *member, const struct failure *reason,
		   struct failure *why)
{
	if (reason->hint[0] != '\0')
		failure_hint(why, "%s", reason->hint);
	return failure_set(why, reason->code, reason->detail, "%s%s%s: %s", archive ? archive : "",
			   archive ? ": " : "", member, reason->text);
}

void package_warn(struct package *package, const char *format, ...)
{
	va_list args;

	if (package->warnings == PACKAGE_WARNINGS_MAX)
		return;
	va_start(args, format);
	vsnprintf(package->warning[package->warnings++], PACKAGE_WARNING_TEXT, format, args);
	va_end(args);
}

static int decode_init(const struct otadfu_image *image, bool is_legacy, struct initpacket *init,
		       struct failure *reason)
{
	if (is_legacy)
		return initpacket_decode_legacy(image->init, image->init_len, init, reason);
	return initpacket_decode(image->init, image->init_len, init, reason);
}

/* One package speaks one protocol: the init packet of its first image says which. */
static int settle_protocol(struct package *package, const struct initpacket *init,
			   struct failure *reason)
{
	if (package->kind != 0 && package->kind != init->kind)
		return failure_set(reason, OTADFU_E_PACKAGE, 0,
				   "its init packet is for the other protocol than that of the "
				   "image before it");
	package->kind = init->kind;
	return OTADFU_OK;
}

/* External applications stand under the key "application" (1.2). */
static uint32_t settle_kind(const struct package_part *part, const struct initpacket *init)
{
	if (part->kind == OTADFU_IMAGE_APPLICATION && init->kind == INITPACKET_SECURE &&
	    init->secure.type == FW_TYPE_EXTERNAL_APP)
		return OTADFU_IMAGE_EXTERNAL_APP;
	return part->kind;
}

/* Secure: the init packet's sizes are used on air; legacy: only the manifest has them (1.2). */
static int settle_parts(const struct package_part *part, const struct initpacket *init,
			struct otadfu_image *image, struct failure *reason)
{
	bool is_secure = init->kind == INITPACKET_SECURE;

	if (image->kind != OTADFU_IMAGE_SD_BL)
		return OTADFU_OK;
	image->sd_len = is_secure ? init->secure.sd_size : part->sd_size;
	image->bl_len = is_secure ? init->secure.bl_size : part->bl_size;
	if (!is_secure && (image->sd_len == 0 || image->bl_len == 0))
		return failure_set(reason, OTADFU_E_PACKAGE, 0,
				   "the lengths of its two parts (sd_size, bl_size) are missing");
	return OTADFU_OK;
}

static struct package_source describe_source(const struct package_part *part,
					     const struct firmware *firmware)
{
	struct package_source source = { .sd_size = part->sd_size,
					 .bl_size = part->bl_size,
					 .is_hex = firmware->is_hex,
					 .start = firmware->start };

	snprintf(source.init_name, sizeof(source.init_name), "%s", basename(part->init_name));
	snprintf(source.data_name, sizeof(source.data_name), "%s", basename(part->data_name));
	return source;
}

int package_add(struct package *package, const struct package_part *part, uint8_t *init,
		size_t init_len, const struct firmware *firmware, struct failure *why)
{
	struct otadfu_image *image = &package->images[package->count];
	struct initpacket *decoded = &package->inits[package->count];
	struct package_source *source = &package->sources[package->count];
	struct failure reason = { 0 };

	package->count++;
	*image = (struct otadfu_image){ .size = sizeof(*image),
					.init = init,
					.init_len = init_len,
					.data = firmware->data,
					.data_len = firmware->len };
	*source = describe_source(part, firmware);
	if (decode_init(image, part->is_legacy, decoded, &reason) < 0)
		return package_refuse(part->archive, part->init_name, &reason, why);
	image->kind = settle_kind(part, decoded);
	if (settle_protocol(package, decoded, &reason) < 0 ||
	    settle_parts(part, decoded, image, &reason) < 0)
		return package_refuse(part->archive, part->data_name, &reason, why);
	if (firmware->filled > 0)
		package_warn(package, "%s: filled with %zu bytes of FF to a multiple of 4",
			     source->data_name, firmware->filled);
	return OTADFU_OK;
}

static int fill_from_files(struct package *package, const char *firmware, const char *dat,
			   const struct ihex_range *range, struct failure *why)
{
	struct package_part part = { .init_name = dat,
				     .data_name = firmware,
				     .kind = OTADFU_IMAGE_APPLICATION };
	struct firmware read;
	uint8_t *init;
	size_t init_len;
	int r = file_read(dat, PACKAGE_DAT_MAX, OTADFU_E_PACKAGE, &init, &init_len, why);

	if (r < 0)
		return r;
	r = firmware_read(firmware, range, &read, why);
	if (r < 0) {
		free(init);
		return r;
	}
	return package_add(package, &part, init, init_len, &read, why);
}

int package_finish(struct package *package, int result, struct package **ret_package)
{
	if (result < 0)
		package_free(package);
	else
		*ret_package = package;
	return result;
}

int package_open_files(const char *firmware, const char *dat, const struct ihex_range *range,
		       struct package **ret_package, struct failure *why)
{
	struct package *package = calloc(1, sizeof(*package));

	if (!package)
		return failure_set(why, OTADFU_E_NOMEM, 0, "%s: out of memory", firmware);
	return package_finish(package, fill_from_files(package, firmware, dat, range, why),
			      ret_package);
}

static unsigned part_of(const struct otadfu_image *image)
{
	bool is_application =
		image->kind == OTADFU_IMAGE_APPLICATION || image->kind == OTADFU_IMAGE_EXTERNAL_APP;

	return is_application ? PACKAGE_PART_APPLICATION : PACKAGE_PART_SYSTEM;
}

static void free_image(struct otadfu_image *image)
{
	free((void *)image->init);
	free((void *)image->data);
	*image = (struct otadfu_image){ 0 };
}

int package_select(struct package *package, unsigned parts, struct failure *why)
{
	unsigned present = 0;
	size_t kept = 0;

	for (size_t i = 0; i < package->count; i++)
		present |= part_of(&package->images[i]);
	if (!(present & parts))
		return failure_set(why, OTADFU_E_PACKAGE, 0, "the package holds no %s image",
				   parts & PACKAGE_PART_SYSTEM ? "system" : "application");
	for (size_t i = 0; i < package->count; i++) {
		if (!(part_of(&package->images[i]) & parts)) {
			free_image(&package->images[i]);
			continue;
		}
		package->images[kept] = package->images[i];
		package->inits[kept] = package->inits[i];
		package->sources[kept] = package->sources[i];
		kept++;
	}
	package->count = kept;
	return OTADFU_OK;
}

void package_free(struct package *package)
{
	if (!package)
		return;
	for (size_t i = 0; i < package->count; i++)
		free_image(&package->images[i]);
	free(package);
}
