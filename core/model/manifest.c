#include "manifest.h"

#include "text.h"

#include <ctype.h>
#include <jansson.h>
#include <otadfu/protocol.h>
#include <string.h>

/* In the order of transfer: packages-and-init-packets.md 1.3. */
static const struct image_key {
	const char *key;
	uint32_t kind;
	bool is_system; /* at most one of these in a package */
} image_keys[] = {
	{ "softdevice_bootloader", OTADFU_IMAGE_SD_BL, true },
	{ "softdevice", OTADFU_IMAGE_SOFTDEVICE, true },
	{ "bootloader", OTADFU_IMAGE_BOOTLOADER, true },
	{ "application", OTADFU_IMAGE_APPLICATION, false },
};

/* Known from old phone libraries; no bootloader takes an application joined to something else. */
static const char *const combined_keys[] = {
	"bootloader_application",
	"softdevice_application",
	"softdevice_bootloader_application",
};

static bool is_plain_name(const char *name)
{
	if (*name == '\0' || strlen(name) >= MANIFEST_NAME_MAX || strstr(name, ".."))
		return false;
	for (; *name; name++) {
		if (*name == '/' || *name == '\\' || iscntrl((unsigned char)*name))
			return false;
	}
	return true;
}

static int copy_name(const json_t *image, const char *key, const char *member,
		     char name[MANIFEST_NAME_MAX], struct failure *why)
{
	const char *value = json_string_value(json_object_get(image, member));

	if (!value)
		return failure_set(why, OTADFU_E_PACKAGE, 0, "%s names no %s", key, member);
	if (!is_plain_name(value))
		return failure_set(why, OTADFU_E_PACKAGE, 0,
				   "the %s of %s is not the plain name of a member", member, key);
	strcpy(name, value);
	return OTADFU_OK;
}

/* Legacy manifests state the parts in the image itself, secure ones in a copy for readers. */
static int copy_size(const json_t *image, const char *member, uint32_t *ret_size,
		     struct failure *why)
{
	const json_t *metadata = json_object_get(image, "info_read_only_metadata");
	const json_t *value = json_object_get(image, member);
	json_int_t size;

	if (!value)
		value = json_object_get(metadata, member);
	if (!value)
		return OTADFU_OK;
	size = json_integer_value(value);
	if (size <= 0 || size > UINT32_MAX)
		return failure_set(why, OTADFU_E_PACKAGE, 0, "%s is not a length in bytes", member);
	*ret_size = (uint32_t)size;
	return OTADFU_OK;
}

static int read_image(const json_t *object, const struct image_key *key,
		      struct manifest_image *image, struct failure *why)
{
	int r;

	if (!json_is_object(object))
		return failure_set(why, OTADFU_E_PACKAGE, 0, "%s is not an object", key->key);
	image->kind = key->kind;
	r = copy_name(object, key->key, "bin_file", image->bin_file, why);
	if (r == OTADFU_OK)
		r = copy_name(object, key->key, "dat_file", image->dat_file, why);
	if (r < 0 || key->kind != OTADFU_IMAGE_SD_BL)
		return r;
	r = copy_size(object, "sd_size", &image->sd_size, why);
	return r < 0 ? r : copy_size(object, "bl_size", &image->bl_size, why);
}

static int check_combined_keys(const json_t *object, struct failure *why)
{
	for (size_t i = 0; i < sizeof(combined_keys) / sizeof(combined_keys[0]); i++) {
		if (!json_object_get(object, combined_keys[i]))
			continue;
		failure_hint(why, "build the package again with the application as an image of its "
				  "own");
		return failure_set(why, OTADFU_E_PACKAGE, 0,
				   "%s: no bootloader takes an application joined to another image",
				   combined_keys[i]);
	}
	return OTADFU_OK;
}

static int read_images(const json_t *object, struct manifest *manifest, struct failure *why)
{
	size_t systems = 0;

	for (size_t i = 0; i < sizeof(image_keys) / sizeof(image_keys[0]); i++) {
		const json_t *image = json_object_get(object, image_keys[i].key);
		int r;

		if (!image)
			continue;
		r = read_image(image, &image_keys[i], &manifest->images[manifest->count], why);
		if (r < 0)
			return r;
		manifest->count++;
		systems += image_keys[i].is_system;
	}
	if (manifest->count == 0)
		return failure_set(why, OTADFU_E_PACKAGE, 0, "it names no image");
	if (systems > 1) {
		failure_hint(why, "build the package again with SoftDevice and bootloader joined "
				  "as softdevice_bootloader");
		return failure_set(why, OTADFU_E_PACKAGE, 0,
				   "softdevice, bootloader and softdevice_bootloader exclude each "
				   "other");
	}
	return OTADFU_OK;
}

int manifest_parse(const char *text, size_t len, struct manifest *ret_manifest, struct failure *why)
{
	struct manifest manifest = { 0 };
	const json_t *object;
	json_error_t error;
	json_t *root = json_loadb(text, len, JSON_REJECT_DUPLICATES, &error);
	int r;

	if (!root) {
		text_make_printable(error.text);
		return failure_set(why, OTADFU_E_PACKAGE, 0, "%d:%d: %s", error.line, error.column,
				   error.text);
	}
	object = json_object_get(root, "manifest");
	if (json_is_object(object)) {
		manifest.is_legacy = json_object_get(object, "dfu_version") != NULL;
		r = check_combined_keys(object, why);
		if (r == OTADFU_OK)
			r = read_images(object, &manifest, why);
	} else {
		r = failure_set(why, OTADFU_E_PACKAGE, 0, "it holds no manifest object");
	}
	json_decref(root);
	if (r == OTADFU_OK)
		*ret_manifest = manifest;
	return r;
}
