#include "package.h"

#include "archive.h"
#include "bytes.h"
#include "cleanup.h"
#include "file.h"
#include "ihex.h"
#include "manifest.h"

#include <ctype.h>
#include <stdarg.h>
#include <strings.h>

/* packages-and-init-packets.md 1.3: no bootloader takes more than the first, old ones less. */
enum { INIT_MAX = 512, INIT_USUAL = 256 };

/* HEX text is at most a little under three times as long as what it stands for. */
enum { HEX_TEXT_MAX = 4 * PACKAGE_MEMBER_MAX };

/* Where one image comes from, and what its source says of it. */
struct part {
	const char *archive; /* NULL: two files of their own */
	const char *init_name;
	const char *data_name;
	uint32_t kind;
	uint32_t sd_size; /* 0: not stated */
	uint32_t bl_size;
	bool is_legacy; /* the manifest says so */
};

static const char wrong_file_hint[] =
	"a package is the zip file that holds manifest.json; a .hex or .bin goes with -f, its init "
	"packet with -d";

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

/* Puts the names of file and member before what is known of the reason. */
static int refuse(const char *archive, const char *member, const struct failure *reason,
		  struct failure *why)
{
	if (reason->hint[0] != '\0')
		failure_hint(why, "%s", reason->hint);
	return failure_set(why, reason->code, reason->detail, "%s%s%s: %s", archive ? archive : "",
			   archive ? ": " : "", member, reason->text);
}

static void warn(struct package *package, const char *format, ...)
	__attribute__((format(printf, 2, 3)));

static void warn(struct package *package, const char *format, ...)
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
	if (image->init_len > INIT_MAX)
		return failure_set(reason, OTADFU_E_PACKAGE, 0,
				   "%zu bytes; no bootloader takes an init packet over %d",
				   image->init_len, INIT_MAX);
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
static uint32_t settle_kind(const struct part *part, const struct initpacket *init)
{
	if (part->kind == OTADFU_IMAGE_APPLICATION && init->kind == INITPACKET_SECURE &&
	    init->secure.type == FW_TYPE_EXTERNAL_APP)
		return OTADFU_IMAGE_EXTERNAL_APP;
	return part->kind;
}

/* Secure: the init packet's sizes are used on air; legacy: only the manifest has them (1.2). */
static int settle_parts(const struct part *part, const struct initpacket *init,
			struct otadfu_image *image, struct failure *reason)
{
	bool is_secure = init->kind == INITPACKET_SECURE;
	uint32_t sd_size = is_secure ? init->secure.sd_size : part->sd_size;
	uint32_t bl_size = is_secure ? init->secure.bl_size : part->bl_size;

	if (image->kind != OTADFU_IMAGE_SD_BL)
		return OTADFU_OK;
	if (sd_size == 0 || bl_size == 0)
		return failure_set(reason, OTADFU_E_PACKAGE, 0,
				   "the lengths of its two parts (sd_size, bl_size) are missing");
	if ((part->sd_size != 0 && part->sd_size != sd_size) ||
	    (part->bl_size != 0 && part->bl_size != bl_size))
		return failure_set(reason, OTADFU_E_PACKAGE, 0,
				   "the manifest says %u + %u bytes, its init packet %u + %u",
				   part->sd_size, part->bl_size, sd_size, bl_size);
	if ((uint64_t)sd_size + bl_size != image->data_len)
		return failure_set(reason, OTADFU_E_PACKAGE, 0,
				   "it has %zu bytes, its parts %u + %u", image->data_len, sd_size,
				   bl_size);
	image->sd_len = sd_size;
	image->bl_len = bl_size;
	return OTADFU_OK;
}

static void add_warnings(struct package *package, const struct part *part,
			 const struct otadfu_image *image, const struct initpacket *init)
{
	const char *init_name = basename(part->init_name);
	const char *data_name = basename(part->data_name);

	if (image->data_len % 4 != 0)
		warn(package,
		     "%s: %zu bytes is not a multiple of 4, as Nordic's bootloaders need; sent "
		     "unchanged",
		     data_name, image->data_len);
	if (image->init_len > INIT_USUAL)
		warn(package, "%s: %zu bytes; bootloaders before SDK 15.3 take %d at most",
		     init_name, image->init_len, INIT_USUAL);
	if (init->kind == INITPACKET_SECURE && init->secure.is_debug)
		warn(package, "%s: marked as debug; release bootloaders before SDK 15 refuse that",
		     init_name);
	if (init->kind == INITPACKET_LEGACY && !init->legacy.has_crc && !init->legacy.has_hash)
		warn(package, "%s: of an unknown format; the image could not be checked against it",
		     init_name);
}

/* Takes the image that stands at images[count], bytes already in place. */
static int accept_image(struct package *package, const struct part *part, struct failure *why)
{
	struct otadfu_image *image = &package->images[package->count];
	struct initpacket *init = &package->inits[package->count];
	struct failure reason = { 0 };

	package->count++;
	image->size = sizeof(*image);
	if (decode_init(image, part->is_legacy, init, &reason) < 0)
		return refuse(part->archive, part->init_name, &reason, why);
	image->kind = settle_kind(part, init);
	if (settle_protocol(package, init, &reason) < 0 ||
	    initpacket_check_image(init, image->kind, image->data, image->data_len, &reason) < 0 ||
	    settle_parts(part, init, image, &reason) < 0) {
		failure_hint(why, "image and init packet do not belong together: get the package "
				  "again, or build it again");
		return refuse(part->archive, part->data_name, &reason, why);
	}
	add_warnings(package, part, image, init);
	return OTADFU_OK;
}

static int read_manifest(struct archive *archive, const char *path, struct manifest *manifest,
			 struct failure *why)
{
	static const char name[] = "manifest.json";
	AUTO_FREE uint8_t *text = NULL;
	struct failure reason = { 0 };
	size_t len;
	int r = archive_read(archive, name, PACKAGE_MANIFEST_MAX, &text, &len, why);

	if (r < 0) {
		failure_hint(why, "%s", wrong_file_hint);
		return r;
	}
	if (manifest_parse((const char *)text, len, manifest, &reason) < 0)
		return refuse(path, name, &reason, why);
	return OTADFU_OK;
}

static int add_from_archive(struct package *package, struct archive *archive, const char *path,
			    const struct manifest *manifest, const struct manifest_image *entry,
			    struct failure *why)
{
	struct otadfu_image *image = &package->images[package->count];
	struct part part = {
		.archive = path,
		.init_name = entry->dat_file,
		.data_name = entry->bin_file,
		.kind = entry->kind,
		.sd_size = entry->sd_size,
		.bl_size = entry->bl_size,
		.is_legacy = manifest->is_legacy,
	};
	uint8_t *bytes;
	int r;

	r = archive_read(archive, entry->dat_file, PACKAGE_DAT_MAX, &bytes, &image->init_len, why);
	if (r < 0)
		return r;
	image->init = bytes;
	r = archive_read(archive, entry->bin_file, PACKAGE_MEMBER_MAX, &bytes, &image->data_len,
			 why);
	if (r < 0)
		return r;
	image->data = bytes;
	return accept_image(package, &part, why);
}

static int fill_from_archive(struct package *package, struct archive *archive, const char *path,
			     struct failure *why)
{
	struct manifest manifest;
	int r = read_manifest(archive, path, &manifest, why);

	for (size_t i = 0; r == OTADFU_OK && i < manifest.count; i++)
		r = add_from_archive(package, archive, path, &manifest, &manifest.images[i], why);
	return r;
}

static bool is_hex(const char *path, const uint8_t *data, size_t len)
{
	static const struct {
		const char *suffix;
		bool is_hex;
	} suffixes[] = { { ".hex", true }, { ".ihex", true }, { ".bin", false } };
	const char *dot = strrchr(path, '.');
	size_t i = 0;

	for (size_t s = 0; dot && s < sizeof(suffixes) / sizeof(suffixes[0]); s++) {
		if (strcasecmp(dot, suffixes[s].suffix) == 0)
			return suffixes[s].is_hex;
	}
	while (i < len && isspace(data[i]))
		i++;
	return i < len && data[i] == ':';
}

static int read_firmware(const char *path, struct otadfu_image *image, struct failure *why)
{
	AUTO_FREE uint8_t *data = NULL;
	struct failure reason = { 0 };
	uint8_t *converted;
	uint32_t start;
	size_t len;
	int r = file_read(path, HEX_TEXT_MAX, OTADFU_E_PACKAGE, &data, &len, why);

	if (r < 0)
		return r;
	if (is_hex(path, data, len)) {
		if (ihex_to_image((const char *)data, len, &converted, &image->data_len, &start,
				  &reason) < 0)
			return refuse(NULL, path, &reason, why);
		image->data = converted;
		return OTADFU_OK;
	}
	if (len > PACKAGE_MEMBER_MAX)
		return failure_set(why, OTADFU_E_PACKAGE, 0, "%s: longer than %d bytes", path,
				   PACKAGE_MEMBER_MAX);
	image->data = data;
	image->data_len = len;
	data = NULL;
	return OTADFU_OK;
}

static int fill_from_files(struct package *package, const char *firmware, const char *dat,
			   struct failure *why)
{
	struct otadfu_image *image = &package->images[0];
	struct part part = { .init_name = dat,
			     .data_name = firmware,
			     .kind = OTADFU_IMAGE_APPLICATION };
	uint8_t *init;
	int r = file_read(dat, PACKAGE_DAT_MAX, OTADFU_E_PACKAGE, &init, &image->init_len, why);

	if (r < 0)
		return r;
	image->init = init;
	r = read_firmware(firmware, image, why);
	return r < 0 ? r : accept_image(package, &part, why);
}

/* Hands the package over when it is whole, else frees it. */
static int finish(struct package *package, int result, struct package **ret_package)
{
	if (result < 0)
		package_free(package);
	else
		*ret_package = package;
	return result;
}

int package_open_zip(const char *path, struct package **ret_package, struct failure *why)
{
	struct package *package = calloc(1, sizeof(*package));
	struct archive *archive = NULL;
	int r;

	if (!package)
		return failure_set(why, OTADFU_E_NOMEM, 0, "%s: out of memory", path);
	r = archive_open(path, &archive, why);
	if (r == OTADFU_E_PACKAGE)
		failure_hint(why, "%s", wrong_file_hint);
	if (r == OTADFU_OK)
		r = fill_from_archive(package, archive, path, why);
	archive_close(archive);
	return finish(package, r, ret_package);
}

int package_open_files(const char *firmware, const char *dat, struct package **ret_package,
		       struct failure *why)
{
	struct package *package = calloc(1, sizeof(*package));

	if (!package)
		return failure_set(why, OTADFU_E_NOMEM, 0, "%s: out of memory", firmware);
	return finish(package, fill_from_files(package, firmware, dat, why), ret_package);
}

void package_free(struct package *package)
{
	if (!package)
		return;
	/* Every slot: the image that was refused last is not counted yet. */
	for (size_t i = 0; i < PACKAGE_IMAGES_MAX; i++) {
		free((void *)package->images[i].init);
		free((void *)package->images[i].data);
	}
	free(package);
}
