#include "check_trial.h"
#include "softdevice.h"

#include <stdio.h>

enum { LEGACY_SD_ANY = 0xFFFE, SD_NONE = 0 };
enum { SOFTDEVICE_TEXT_MAX = 32, LIST_TEXT_MAX = 96 };

static const char wrong_device_hint[] = "get the package that was made for this device";

void check_hardware(const struct trial *trial)
{
	const struct initpacket_secure *secure = &trial->init->secure;
	const char *name = trial->source->init_name;
	uint32_t wanted = trial->facts->hw_version;

	if (trial->init->kind != INITPACKET_SECURE || !trial->facts->has_hw_version)
		return;
	if (!secure->has_hw_version)
		check_add(trial, CHECK_REFUSAL, wrong_device_hint,
			  "%s: it does not say for which hardware it was made; the device is %u",
			  name, wanted);
	else if (secure->hw_version != wanted)
		check_add(trial, CHECK_REFUSAL, wrong_device_hint,
			  "%s: made for hardware %u, and the device is %u", name,
			  secure->hw_version, wanted);
}

/* FFFF in the packet is no wildcard against a device that has a type: legacy-dfu.md 6. */
void check_device(const struct trial *trial)
{
	const struct initpacket_legacy *legacy = &trial->init->legacy;
	const struct check_facts *facts = trial->facts;
	const char *name = trial->source->init_name;

	if (trial->init->kind != INITPACKET_LEGACY || legacy->format == INITPACKET_FORMAT_CRC_ONLY)
		return;
	if (facts->has_device_type && legacy->device_type != facts->device_type)
		check_add(trial, CHECK_REFUSAL, wrong_device_hint,
			  "%s: made for device type 0x%04X, and the device is 0x%04X", name,
			  legacy->device_type, facts->device_type);
	if (facts->has_device_revision && legacy->device_revision != facts->device_revision)
		check_add(trial, CHECK_REFUSAL, wrong_device_hint,
			  "%s: made for device revision 0x%04X, and the device is 0x%04X", name,
			  legacy->device_revision, facts->device_revision);
}

static bool lists_softdevice(const struct initpacket *init, uint16_t fwid)
{
	for (size_t i = 0; i < init->sd_req_count; i++) {
		if (init->sd_req[i] == fwid)
			return true;
	}
	return false;
}

/* secure-dfu.md 10 and legacy-dfu.md 6: what stands in the list for "whatever there is". */
static bool takes_any_softdevice(const struct trial *trial)
{
	const struct initpacket *init = trial->init;
	uint32_t kind = trial->image->kind;

	if (init->kind == INITPACKET_LEGACY)
		return init->legacy.format == INITPACKET_FORMAT_CRC_ONLY ||
		       lists_softdevice(init, LEGACY_SD_ANY);
	if (kind == OTADFU_IMAGE_EXTERNAL_APP)
		return lists_softdevice(init, LEGACY_SD_ANY);
	return kind == OTADFU_IMAGE_APPLICATION && init->sd_req_count == 1 &&
	       init->sd_req[0] == SD_NONE;
}

static void format_softdevice(uint16_t fwid, char text[SOFTDEVICE_TEXT_MAX])
{
	const char *name = softdevice_name(fwid);

	if (name)
		snprintf(text, SOFTDEVICE_TEXT_MAX, "%s (0x%04X)", name, fwid);
	else
		snprintf(text, SOFTDEVICE_TEXT_MAX, "0x%04X", fwid);
}

static void list_softdevices(const struct initpacket *init, char text[LIST_TEXT_MAX])
{
	size_t used = 0;

	snprintf(text, LIST_TEXT_MAX, "none");
	for (size_t i = 0; i < init->sd_req_count && used < LIST_TEXT_MAX; i++) {
		char one[SOFTDEVICE_TEXT_MAX];

		format_softdevice(init->sd_req[i], one);
		used += (size_t)snprintf(text + used, LIST_TEXT_MAX - used, "%s%s",
					 i > 0 ? ", " : "", one);
	}
}

bool check_brings_softdevice(const struct otadfu_image *image, uint16_t *ret_fwid)
{
	struct softdevice_info info;

	if (image->kind != OTADFU_IMAGE_SOFTDEVICE && image->kind != OTADFU_IMAGE_SD_BL)
		return false;
	if (!softdevice_find_info(image->data, image->data_len, &info))
		return false;
	*ret_fwid = info.fwid;
	return true;
}

void check_softdevice(const struct trial *trial)
{
	char wanted[LIST_TEXT_MAX];
	char present[SOFTDEVICE_TEXT_MAX];
	uint16_t brought;

	if (!trial->knows_softdevice || takes_any_softdevice(trial) ||
	    lists_softdevice(trial->init, trial->softdevice))
		return;
	/* What is there already the device will say, and the update then goes on. */
	if (check_brings_softdevice(trial->image, &brought) && brought == trial->softdevice)
		return;
	list_softdevices(trial->init, wanted);
	format_softdevice(trial->softdevice, present);
	check_add(trial, CHECK_REFUSAL, wrong_device_hint,
		  "%s: made for SoftDevice %s, and will find %s", trial->source->init_name, wanted,
		  present);
}

static bool holds_application(const struct package *package)
{
	for (size_t i = 0; i < package->count; i++) {
		if (package->images[i].kind == OTADFU_IMAGE_APPLICATION)
			return true;
	}
	return false;
}

/* 2.1: an application of the same version is taken again, a bootloader is not. */
void check_version(const struct trial *trial)
{
	const struct initpacket_secure *secure = &trial->init->secure;
	uint32_t kind = trial->image->kind;
	uint32_t installed = trial->facts->installed_version;
	bool is_application = kind == OTADFU_IMAGE_APPLICATION;
	bool has_bootloader = kind == OTADFU_IMAGE_BOOTLOADER || kind == OTADFU_IMAGE_SD_BL;

	if (!trial->facts->has_installed_version || trial->init->kind != INITPACKET_SECURE ||
	    (!is_application && (!has_bootloader || holds_application(trial->package))))
		return;
	if (!secure->has_fw_version || secure->fw_version < installed ||
	    (!is_application && secure->fw_version == installed))
		check_add(trial, CHECK_REFUSAL, "get a newer package",
			  "%s: version %u, and version %u is installed; the bootloader wants %s",
			  trial->source->init_name, secure->fw_version, installed,
			  is_application ? "no older one" : "a newer one");
}
