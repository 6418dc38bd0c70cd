#include "check.h"

#include "bytes.h"
#include "signature.h"
#include "softdevice.h"

#include <openssl/evp.h>
#include <stdarg.h>
#include <stdio.h>

/* packages-and-init-packets.md 1.3: no bootloader takes more than the first, old ones less. */
enum { INIT_MAX = 512, INIT_USUAL = 256 };
enum { LEGACY_SD_ANY = 0xFFFE, SD_NONE = 0 };

/* Where code and stack of any nRF5 are: section 4. */
enum { RAM_START = 0x20000000, RAM_END = 0x20040000, FLASH_START = 0x1000, FLASH_END = 0x100000 };
enum { VECTORS_LEN = 8, SOFTDEVICE_TEXT_MAX = 32, LIST_TEXT_MAX = 96 };

/* One image and what it is held against. */
struct trial {
	const struct otadfu_image *image;
	const struct initpacket *init;
	const struct package_source *source;
	const struct check_facts *facts;
	EVP_PKEY *key; /* NULL: none is named */
	/* The SoftDevice that the image finds there: that of an image before it, or the device's.
	 */
	bool knows_softdevice;
	uint16_t softdevice;
	size_t index;
	struct check_findings *findings;
};

static const char broken_hint[] =
	"image and init packet do not belong together: get the package again, or build it again";
static const char wrong_device_hint[] = "get the package that was made for this device";

static void add(const struct trial *trial, enum check_severity severity, const char *hint,
		const char *format, ...) __attribute__((format(printf, 4, 5)));

static void add(const struct trial *trial, enum check_severity severity, const char *hint,
		const char *format, ...)
{
	struct check_findings *findings = trial->findings;
	struct check_finding *finding = &findings->items[findings->count];
	va_list args;

	if (findings->count == CHECK_FINDINGS_MAX)
		return;
	findings->count++;
	finding->severity = severity;
	finding->image = trial->index;
	snprintf(finding->hint, sizeof(finding->hint), "%s", hint);
	va_start(args, format);
	vsnprintf(finding->text, sizeof(finding->text), format, args);
	va_end(args);
}

static void judge_content(const struct trial *trial)
{
	const struct otadfu_image *image = trial->image;
	struct failure reason = { 0 };

	if (initpacket_check_image(trial->init, image->kind, image->data, image->data_len,
				   &reason) < 0)
		add(trial, CHECK_REFUSAL, broken_hint, "%s: %s", trial->source->data_name,
		    reason.text);
}

static void judge_parts(const struct trial *trial)
{
	const struct otadfu_image *image = trial->image;
	const struct package_source *source = trial->source;

	if (image->kind != OTADFU_IMAGE_SD_BL)
		return;
	if ((source->sd_size != 0 && source->sd_size != image->sd_len) ||
	    (source->bl_size != 0 && source->bl_size != image->bl_len))
		add(trial, CHECK_REFUSAL, broken_hint,
		    "%s: the manifest says %u + %u bytes, its init packet %u + %u",
		    source->data_name, source->sd_size, source->bl_size, image->sd_len,
		    image->bl_len);
	else if (trial->init->kind == INITPACKET_LEGACY &&
		 (uint64_t)image->sd_len + image->bl_len != image->data_len)
		add(trial, CHECK_REFUSAL, broken_hint, "%s: it has %zu bytes, its parts %u + %u",
		    source->data_name, image->data_len, image->sd_len, image->bl_len);
}

static void judge_init_length(const struct trial *trial)
{
	if (trial->image->init_len > INIT_MAX)
		add(trial, CHECK_REFUSAL, "",
		    "%s: %zu bytes; no bootloader takes an init packet over %d",
		    trial->source->init_name, trial->image->init_len, INIT_MAX);
}

static void judge_hardware(const struct trial *trial)
{
	const struct initpacket_secure *secure = &trial->init->secure;
	const char *name = trial->source->init_name;
	uint32_t wanted = trial->facts->hw_version;

	if (trial->init->kind != INITPACKET_SECURE || !trial->facts->has_hw_version)
		return;
	if (!secure->has_hw_version)
		add(trial, CHECK_REFUSAL, wrong_device_hint,
		    "%s: it does not say for which hardware it was made; the device is %u", name,
		    wanted);
	else if (secure->hw_version != wanted)
		add(trial, CHECK_REFUSAL, wrong_device_hint,
		    "%s: made for hardware %u, and the device is %u", name, secure->hw_version,
		    wanted);
}

/* FFFF in the packet is no wildcard against a device that has a type: legacy-dfu.md 6. */
static void judge_device(const struct trial *trial)
{
	const struct initpacket_legacy *legacy = &trial->init->legacy;
	const struct check_facts *facts = trial->facts;
	const char *name = trial->source->init_name;

	if (trial->init->kind != INITPACKET_LEGACY || legacy->format == INITPACKET_FORMAT_CRC_ONLY)
		return;
	if (facts->has_device_type && legacy->device_type != facts->device_type)
		add(trial, CHECK_REFUSAL, wrong_device_hint,
		    "%s: made for device type 0x%04X, and the device is 0x%04X", name,
		    legacy->device_type, facts->device_type);
	if (facts->has_device_revision && legacy->device_revision != facts->device_revision)
		add(trial, CHECK_REFUSAL, wrong_device_hint,
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

static bool brings_softdevice(const struct otadfu_image *image, uint16_t *ret_fwid)
{
	struct softdevice_info info;

	if (image->kind != OTADFU_IMAGE_SOFTDEVICE && image->kind != OTADFU_IMAGE_SD_BL)
		return false;
	if (!softdevice_find_info(image->data, image->data_len, &info))
		return false;
	*ret_fwid = info.fwid;
	return true;
}

static void judge_softdevice(const struct trial *trial)
{
	char wanted[LIST_TEXT_MAX];
	char present[SOFTDEVICE_TEXT_MAX];
	uint16_t brought;

	if (!trial->knows_softdevice || takes_any_softdevice(trial) ||
	    lists_softdevice(trial->init, trial->softdevice))
		return;
	/* What is there already the device will say, and the update then goes on. */
	if (brings_softdevice(trial->image, &brought) && brought == trial->softdevice)
		return;
	list_softdevices(trial->init, wanted);
	format_softdevice(trial->softdevice, present);
	add(trial, CHECK_REFUSAL, wrong_device_hint, "%s: made for SoftDevice %s, and will find %s",
	    trial->source->init_name, wanted, present);
}

static void judge_signature(const struct trial *trial)
{
	const struct otadfu_image *image = trial->image;
	const char *name = trial->source->init_name;

	if (!trial->key)
		return;
	if (!signature_is_there(trial->init))
		add(trial, CHECK_REFUSAL, "get the signed package",
		    "%s: not signed, and the key %.100s must verify it", name,
		    trial->facts->public_key);
	else if (!signature_verifies(trial->init, image->init, image->init_len, trial->key))
		add(trial, CHECK_REFUSAL,
		    "it was changed after it was signed, or signed with another key",
		    "%s: its signature does not verify with the key %.100s", name,
		    trial->facts->public_key);
}

static void warn_of_length(const struct trial *trial)
{
	if (trial->image->data_len % 4 != 0)
		add(trial, CHECK_WARNING, "",
		    "%s: %zu bytes is not a multiple of 4, as Nordic's bootloaders need; sent "
		    "unchanged",
		    trial->source->data_name, trial->image->data_len);
}

static void warn_of_init_length(const struct trial *trial)
{
	if (trial->image->init_len > INIT_USUAL && trial->image->init_len <= INIT_MAX)
		add(trial, CHECK_WARNING, "",
		    "%s: %zu bytes; bootloaders before SDK 15.3 take %d at most",
		    trial->source->init_name, trial->image->init_len, INIT_USUAL);
}

static void warn_of_debug_mark(const struct trial *trial)
{
	if (trial->init->kind == INITPACKET_SECURE && trial->init->secure.is_debug)
		add(trial, CHECK_WARNING, "",
		    "%s: marked as debug; release bootloaders before SDK 15 refuse that",
		    trial->source->init_name);
}

static void warn_of_unknown_format(const struct trial *trial)
{
	const struct initpacket_legacy *legacy = &trial->init->legacy;

	if (trial->init->kind == INITPACKET_LEGACY && !legacy->has_crc && !legacy->has_hash)
		add(trial, CHECK_WARNING, "",
		    "%s: of an unknown format; the image could not be checked against it",
		    trial->source->init_name);
}

static void warn_of_known_signer(const struct trial *trial)
{
	const char *signer =
		signature_known_signer(trial->init, trial->image->init, trial->image->init_len);

	if (signer)
		add(trial, CHECK_WARNING, "sign what is delivered with a key of your own",
		    "%s: signed with %s", trial->source->init_name, signer);
}

/* Of a .bin it is not known where it will stand, only that it will be in flash. */
static bool has_plausible_vectors(const struct trial *trial)
{
	const struct package_source *source = trial->source;
	const uint8_t *data = trial->image->data;
	uint64_t low = source->is_hex ? source->start : FLASH_START;
	uint64_t high = source->is_hex ? low + trial->image->data_len : FLASH_END;
	uint32_t stack, reset;

	if (trial->image->data_len < VECTORS_LEN)
		return false;
	stack = get_le32(data);
	reset = get_le32(data + 4);
	return stack >= RAM_START && stack <= RAM_END && reset % 2 == 1 && reset > low &&
	       reset < high;
}

static void warn_of_vectors(const struct trial *trial)
{
	if (trial->image->kind == OTADFU_IMAGE_APPLICATION && !has_plausible_vectors(trial))
		add(trial, CHECK_WARNING, "",
		    "%s: does not begin as an application does, with stack pointer and reset "
		    "vector",
		    trial->source->data_name);
}

/* Refusals come first: should the list ever be full, only warnings are missing. */
static void (*const refusals[])(const struct trial *trial) = {
	judge_content, judge_parts,      judge_init_length, judge_hardware,
	judge_device,  judge_softdevice, judge_signature,
};
static void (*const warnings[])(const struct trial *trial) = {
	warn_of_length,         warn_of_init_length,  warn_of_debug_mark,
	warn_of_unknown_format, warn_of_known_signer, warn_of_vectors,
};

#define COUNT(array) (sizeof(array) / sizeof((array)[0]))

static void run(void (*const *checks)(const struct trial *trial), size_t count,
		const struct package *package, struct trial trial)
{
	for (trial.index = 0; trial.index < package->count; trial.index++) {
		trial.image = &package->images[trial.index];
		trial.init = &package->inits[trial.index];
		trial.source = &package->sources[trial.index];
		for (size_t i = 0; i < count; i++)
			checks[i](&trial);
		/* An application is made for the SoftDevice that comes with it: 2.1. */
		if (trial.image->kind == OTADFU_IMAGE_SOFTDEVICE ||
		    trial.image->kind == OTADFU_IMAGE_SD_BL)
			trial.knows_softdevice = brings_softdevice(trial.image, &trial.softdevice);
	}
}

static bool take_fact(const struct profile_int *number, int64_t *ret_value)
{
	*ret_value = number->value;
	return number->origin[0] != '\0';
}

void check_facts_from_profile(const struct profile *profile, struct check_facts *ret_facts)
{
	struct check_facts facts = { .public_key = profile->require_public_key.value };
	int64_t value;

	facts.has_hw_version = take_fact(&profile->require_hw_version, &value);
	facts.hw_version = (uint32_t)value;
	facts.has_softdevice = take_fact(&profile->require_softdevice, &value);
	facts.softdevice = (uint16_t)value;
	facts.has_device_type = take_fact(&profile->require_device_type, &value);
	facts.device_type = (uint16_t)value;
	facts.has_device_revision = take_fact(&profile->require_device_revision, &value);
	facts.device_revision = (uint16_t)value;
	*ret_facts = facts;
}

int check_package(const struct package *package, const struct check_facts *facts,
		  struct check_findings *ret_findings, struct failure *why)
{
	struct check_findings findings = { 0 };
	struct trial trial = { .facts = facts,
			       .knows_softdevice = facts->has_softdevice,
			       .softdevice = facts->softdevice,
			       .findings = &findings };
	int r = OTADFU_OK;

	if (facts->public_key)
		r = signature_read_key(facts->public_key, &trial.key, why);
	if (r < 0)
		return r;
	run(refusals, COUNT(refusals), package, trial);
	run(warnings, COUNT(warnings), package, trial);
	EVP_PKEY_free(trial.key);
	*ret_findings = findings;
	return OTADFU_OK;
}

const struct check_finding *check_first_refusal(const struct check_findings *findings)
{
	for (size_t i = 0; i < findings->count; i++) {
		if (findings->items[i].severity == CHECK_REFUSAL)
			return &findings->items[i];
	}
	return NULL;
}
