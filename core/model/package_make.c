#include "package_make.h"

#include "cleanup.h"
#include "package_draft.h"
#include "package_part.h"
#include "package_write.h"
#include "softdevice.h"

#include <otadfu/protocol.h>
#include <stdio.h>
#include <string.h>

/* packages-and-init-packets.md 4: no nRF5 has more flash. */
enum { FLASH_MAX = 1 << 20, SOFTDEVICE_START = 0x1000 };
enum { SD_NONE = 0, SD_ANY = 0xFFFE, MEMBER_NAME_MAX = 32 };

/* Of a .bin the start is not known, and 0. */
static int check_ends(const struct package_recipe *recipe, struct failure *why)
{
	const struct {
		const char *name;
		const struct firmware *image;
	} parts[] = {
		{ "SoftDevice", recipe->softdevice },
		{ "bootloader", recipe->bootloader },
		{ "application", recipe->is_external ? NULL : recipe->application },
	};

	for (size_t i = 0; i < sizeof(parts) / sizeof(parts[0]); i++) {
		const struct firmware *image = parts[i].image;

		if (image && (uint64_t)image->start + image->len > FLASH_MAX)
			return failure_set(why, OTADFU_E_PACKAGE, 0,
					   "the %s has %zu bytes from 0x%X on; no nRF5 has flash "
					   "for more than 0x%X",
					   parts[i].name, image->len, image->start, FLASH_MAX);
	}
	return OTADFU_OK;
}

static int check_recipe(const struct package_recipe *recipe, struct failure *why)
{
	bool is_secure = recipe->kind == INITPACKET_SECURE;

	if (!recipe->softdevice && !recipe->bootloader && !recipe->application)
		return failure_set(why, OTADFU_E_CONFIG, 0, "no image was named");
	if (!is_secure && recipe->is_external)
		return failure_set(why, OTADFU_E_CONFIG, 0,
				   "legacy bootloaders take no application for another chip");
	if (!is_secure && recipe->format == INITPACKET_FORMAT_08 && !recipe->signer)
		return failure_set(why, OTADFU_E_CONFIG, 0,
				   "init packets of format 0.8 are signed, and no key was named");
	if (!is_secure && recipe->format != INITPACKET_FORMAT_08 && recipe->signer)
		return failure_set(why, OTADFU_E_CONFIG, 0,
				   "of legacy init packets only those of format 0.8 are signed");
	if (is_secure && recipe->has_boot_validation && !recipe->signer &&
	    recipe->boot_validation == VALIDATION_ECDSA_P256)
		return failure_set(why, OTADFU_E_CONFIG, 0,
				   "boot validation by signature needs a key");
	return check_ends(recipe, why);
}

/* Which one it is, the file says, or the operator, and both the same. */
static int identify_softdevice(const struct package_recipe *recipe, struct package *package,
			       uint16_t *ret_fwid, struct failure *why)
{
	const struct firmware *image = recipe->softdevice;
	struct softdevice_info info;

	if (!softdevice_find_info(image->data, image->len, &info)) {
		if (recipe->kind == INITPACKET_SECURE)
			return failure_set(why, OTADFU_E_PACKAGE, 0,
					   "the SoftDevice says nothing of itself at 0x%X: "
					   "secure bootloaders refuse that",
					   SOFTDEVICE_INFO_ADDR);
		package_warn(package, "the SoftDevice says nothing of itself: is it one?");
		*ret_fwid = recipe->has_sd_id ? recipe->sd_id : SD_ANY;
		return OTADFU_OK;
	}
	if (recipe->has_sd_id && recipe->sd_id != info.fwid)
		return failure_set(why, OTADFU_E_PACKAGE, 0,
				   "the SoftDevice says that it is 0x%04X, not 0x%04X", info.fwid,
				   recipe->sd_id);
	if (info.end < SOFTDEVICE_START || image->len > info.end - SOFTDEVICE_START)
		return failure_set(why, OTADFU_E_PACKAGE, 0,
				   "the SoftDevice says that it ends at 0x%X, and the file goes on "
				   "to 0x%zX",
				   info.end, image->len + SOFTDEVICE_START);
	*ret_fwid = info.fwid;
	return OTADFU_OK;
}

static void warn_of_place(struct package *package, uint32_t start, uint16_t fwid)
{
	uint32_t end = softdevice_end(fwid);

	if (fwid == SD_NONE && start != SOFTDEVICE_START)
		package_warn(package,
			     "the application begins at 0x%X, and one that needs no SoftDevice "
			     "is put at 0x%X",
			     start, SOFTDEVICE_START);
	else if (end != 0 && end != start)
		package_warn(package,
			     "the application begins at 0x%X, and SoftDevice 0x%04X ends at 0x%X",
			     start, fwid, end);
}

/* An application that does not stand where it is put does not start. */
static int check_place(const struct package_recipe *recipe, struct package *package,
		       const uint16_t *sd_req, size_t count, struct failure *why)
{
	const struct firmware *application = recipe->application;
	struct softdevice_info info;

	if (!application->is_hex || recipe->is_external)
		return OTADFU_OK;
	if (recipe->softdevice &&
	    softdevice_find_info(recipe->softdevice->data, recipe->softdevice->len, &info) &&
	    info.end != application->start)
		return failure_set(why, OTADFU_E_PACKAGE, 0,
				   "the application begins at 0x%X, and the SoftDevice ends at "
				   "0x%X: it was not linked for that one",
				   application->start, info.end);
	for (size_t i = 0; i < count; i++)
		warn_of_place(package, application->start, sd_req[i]);
	return OTADFU_OK;
}

/* secure-dfu.md 10: lists that read like "any" or "none as well", and are refused. */
static void warn_of_list(const struct draft *draft, struct package *package)
{
	const char *name = package_kind_name(draft->kind);
	bool is_external = draft->kind == OTADFU_IMAGE_EXTERNAL_APP;

	if (draft->sd_req_count == 1 && draft->sd_req[0] == SD_ANY && !is_external)
		package_warn(package,
			     "%s: 0x%04X stands for any SoftDevice in legacy packages and for "
			     "external applications; secure bootloaders refuse it here",
			     name, SD_ANY);
	if (draft->sd_req_count > 1 && draft->sd_req[0] == SD_NONE)
		package_warn(package,
			     "%s: bootloaders from SDK 15.2 on take SoftDevice 0, none needed, "
			     "only when it is alone in the list",
			     name);
}

static uint8_t *copy_both(const struct firmware *first, const struct firmware *second, size_t len)
{
	uint8_t *data = malloc(len);

	if (!data)
		return NULL;
	memcpy(data, first->data, first->len);
	if (second)
		memcpy(data + first->len, second->data, second->len);
	return data;
}

static int add_made(struct package *package, const struct draft *draft, uint8_t *data,
		    const struct initpacket_bytes *dat, bool is_legacy, struct failure *why)
{
	char init_name[MEMBER_NAME_MAX], data_name[MEMBER_NAME_MAX];
	const struct package_part part = {
		.init_name = init_name,
		.data_name = data_name,
		/* 1.2: where manifests have them; that it is external the init packet says. */
		.kind = draft->kind == OTADFU_IMAGE_EXTERNAL_APP ? OTADFU_IMAGE_APPLICATION
								 : draft->kind,
		.sd_size = draft->second ? (uint32_t)draft->first->len : 0,
		.bl_size = draft->second ? (uint32_t)draft->second->len : 0,
		.is_legacy = is_legacy,
	};
	struct firmware firmware = *draft->first;
	uint8_t *init = malloc(dat->len);

	if (!init) {
		free(data);
		return failure_set(why, OTADFU_E_NOMEM, 0, "out of memory");
	}
	memcpy(init, dat->data, dat->len);
	snprintf(init_name, sizeof(init_name), "%s.dat", package_stem(draft->kind));
	snprintf(data_name, sizeof(data_name), "%s.bin", package_stem(draft->kind));
	firmware.data = data;
	firmware.len = draft->len;
	if (draft->second)
		firmware.filled += draft->second->filled;
	return package_add(package, &part, init, dat->len, &firmware, why);
}

static int add_draft(const struct package_recipe *recipe, struct package *package,
		     struct draft *draft, struct failure *why)
{
	struct initpacket_bytes dat;
	uint8_t *data;
	int r;

	if (recipe->kind == INITPACKET_SECURE)
		warn_of_list(draft, package);
	draft->len = draft->first->len + (draft->second ? draft->second->len : 0);
	data = copy_both(draft->first, draft->second, draft->len);
	if (!data)
		return failure_set(why, OTADFU_E_NOMEM, 0, "out of memory");
	draft->data = data;
	r = package_encode_init(recipe, draft, &dat, why);
	if (r < 0) {
		free(data);
		return r;
	}
	return add_made(package, draft, data, &dat, recipe->kind == INITPACKET_LEGACY, why);
}

/* 2.1: the version of a SoftDevice with bootloader is that of the bootloader, of one alone none. */
static int add_system(const struct package_recipe *recipe, struct package *package,
		      struct failure *why)
{
	bool has_both = recipe->softdevice && recipe->bootloader;
	struct draft draft = {
		.kind = OTADFU_IMAGE_BOOTLOADER,
		.type = FW_TYPE_BOOTLOADER,
		.first = recipe->softdevice ? recipe->softdevice : recipe->bootloader,
		.second = has_both ? recipe->bootloader : NULL,
		.version = recipe->bl_version,
		.sd_req = recipe->sd_req,
		.sd_req_count = recipe->sd_req_count,
	};

	if (recipe->softdevice) {
		draft.kind = has_both ? OTADFU_IMAGE_SD_BL : OTADFU_IMAGE_SOFTDEVICE;
		draft.type = has_both ? FW_TYPE_SD_BL : FW_TYPE_SOFTDEVICE;
		draft.version = has_both ? recipe->bl_version : UINT32_MAX;
	}
	if (recipe->kind == INITPACKET_LEGACY)
		draft.version = recipe->app_version;
	return add_draft(recipe, package, &draft, why);
}

static int add_application(const struct package_recipe *recipe, struct package *package,
			   const uint16_t *fwid, struct failure *why)
{
	struct draft draft = {
		.kind = recipe->is_external ? OTADFU_IMAGE_EXTERNAL_APP : OTADFU_IMAGE_APPLICATION,
		.type = recipe->is_external ? FW_TYPE_EXTERNAL_APP : FW_TYPE_APPLICATION,
		.first = recipe->application,
		.version = recipe->app_version,
		.sd_req = fwid ? fwid : recipe->sd_req,
		.sd_req_count = fwid ? 1 : recipe->sd_req_count,
	};
	int r = check_place(recipe, package, draft.sd_req, draft.sd_req_count, why);

	return r < 0 ? r : add_draft(recipe, package, &draft, why);
}

static int fill(const struct package_recipe *recipe, struct package *package, struct failure *why)
{
	uint16_t fwid;
	int r = OTADFU_OK;

	if (recipe->softdevice)
		r = identify_softdevice(recipe, package, &fwid, why);
	if (r == OTADFU_OK && (recipe->softdevice || recipe->bootloader))
		r = add_system(recipe, package, why);
	if (r == OTADFU_OK && recipe->application)
		r = add_application(recipe, package, recipe->softdevice ? &fwid : NULL, why);
	return r;
}

int package_make(const struct package_recipe *recipe, struct package **ret_package,
		 struct failure *why)
{
	struct package *package;
	int r = check_recipe(recipe, why);

	if (r < 0)
		return r;
	package = calloc(1, sizeof(*package));
	if (!package)
		return failure_set(why, OTADFU_E_NOMEM, 0, "out of memory");
	return package_finish(package, fill(recipe, package, why), ret_package);
}
