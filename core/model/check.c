#include "check_trial.h"

#include "bytes.h"

#include <stdarg.h>
#include <stdio.h>

/* packages-and-init-packets.md 1.3: no bootloader takes more than the first, old ones less. */
enum { INIT_MAX = 512, INIT_USUAL = 256 };

/* Where code and stack of any nRF5 are: section 4. */
enum { RAM_START = 0x20000000, RAM_END = 0x20040000, FLASH_START = 0x1000, FLASH_END = 0x100000 };
enum { VECTORS_LEN = 8 };

static const char broken_hint[] =
	"image and init packet do not belong together: get the package again, or build it again";

void check_add(const struct trial *trial, enum check_severity severity, const char *hint,
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
		check_add(trial, CHECK_REFUSAL, broken_hint, "%s: %s", trial->source->data_name,
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
		check_add(trial, CHECK_REFUSAL, broken_hint,
			  "%s: the manifest says %u + %u bytes, its init packet %u + %u",
			  source->data_name, source->sd_size, source->bl_size, image->sd_len,
			  image->bl_len);
	else if (trial->init->kind == INITPACKET_LEGACY &&
		 (uint64_t)image->sd_len + image->bl_len != image->data_len)
		check_add(trial, CHECK_REFUSAL, broken_hint,
			  "%s: it has %zu bytes, its parts %u + %u", source->data_name,
			  image->data_len, image->sd_len, image->bl_len);
}

static void judge_init_length(const struct trial *trial)
{
	if (trial->image->init_len > INIT_MAX)
		check_add(trial, CHECK_REFUSAL, "",
			  "%s: %zu bytes; no bootloader takes an init packet over %d",
			  trial->source->init_name, trial->image->init_len, INIT_MAX);
}

static void warn_of_length(const struct trial *trial)
{
	if (trial->image->data_len % 4 != 0)
		check_add(
			trial, CHECK_WARNING, "",
			"%s: %zu bytes is not a multiple of 4, as Nordic's bootloaders need; sent "
			"unchanged",
			trial->source->data_name, trial->image->data_len);
}

static void warn_of_init_length(const struct trial *trial)
{
	if (trial->image->init_len > INIT_USUAL && trial->image->init_len <= INIT_MAX)
		check_add(trial, CHECK_WARNING, "",
			  "%s: %zu bytes; bootloaders before SDK 15.3 take %d at most",
			  trial->source->init_name, trial->image->init_len, INIT_USUAL);
}

static void warn_of_debug_mark(const struct trial *trial)
{
	if (trial->init->kind == INITPACKET_SECURE && trial->init->secure.is_debug)
		check_add(trial, CHECK_WARNING, "",
			  "%s: marked as debug; release bootloaders before SDK 15 refuse that",
			  trial->source->init_name);
}

static void warn_of_unknown_format(const struct trial *trial)
{
	const struct initpacket_legacy *legacy = &trial->init->legacy;

	if (trial->init->kind == INITPACKET_LEGACY && !legacy->has_crc && !legacy->has_hash)
		check_add(trial, CHECK_WARNING, "",
			  "%s: of an unknown format; the image could not be checked against it",
			  trial->source->init_name);
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
		check_add(trial, CHECK_WARNING, "",
			  "%s: does not begin as an application does, with stack pointer and reset "
			  "vector",
			  trial->source->data_name);
}

/* Refusals come first: should the list ever be full, only warnings are missing. */
static void (*const refusals[])(const struct trial *trial) = {
	judge_content,    judge_parts,   judge_init_length, check_hardware,        check_device,
	check_softdevice, check_version, check_signature,   check_boot_validation,
};
static void (*const warnings[])(const struct trial *trial) = {
	warn_of_length,         warn_of_init_length, warn_of_debug_mark,
	warn_of_unknown_format, check_known_signer,  warn_of_vectors,
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
			trial.knows_softdevice =
				check_brings_softdevice(trial.image, &trial.softdevice);
	}
}

static bool take_fact(const struct profile_int *number, int64_t *ret_value)
{
	*ret_value = number->value;
	return number->origin[0] != '\0';
}

void check_facts_from_profile(const struct profile *profile, struct check_facts *ret_facts)
{
	struct check_facts facts = { .public_keys = { { profile->require_public_key.value } } };
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
	struct trial trial = { .package = package,
			       .facts = facts,
			       .knows_softdevice = facts->has_softdevice,
			       .softdevice = facts->softdevice,
			       .findings = &findings };
	struct keyring keys;
	int r = keyring_read(&facts->public_keys, &keys, why);

	if (r < 0)
		return r;
	trial.keys = &keys;
	run(refusals, COUNT(refusals), package, trial);
	run(warnings, COUNT(warnings), package, trial);
	keyring_clear(&keys);
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
