#include "inspection.h"

#include "cleanup.h"
#include "file.h"
#include "firmware.h"
#include "hex.h"
#include "signature.h"

#include <string.h>

const char *inspection_form_name(enum inspection_form form)
{
	static const char *const names[] = {
		[INSPECTION_PACKAGE] = "package",
		[INSPECTION_INIT] = "init_packet",
		[INSPECTION_HEX] = "hex",
	};

	return names[form];
}

static void judge_signature(struct inspection_image *image, const uint8_t *dat, size_t len,
			    const struct keyring *keys)
{
	image->known_signer = signature_known_signer(image->init, dat, len);
	image->public_key = keyring_find_signer(keys, image->init, dat, len);
	if (!signature_is_there(image->init))
		image->signature = SIGNATURE_NONE;
	else if (keys->count == 0)
		image->signature = SIGNATURE_UNCHECKED;
	else
		image->signature = image->public_key ? SIGNATURE_GOOD : SIGNATURE_BAD;
}

static struct inspection_image look_at_image(const struct package *package, size_t index,
					     const struct keyring *keys)
{
	const struct otadfu_image *image = &package->images[index];
	struct inspection_image result = {
		.init = &package->inits[index],
		.init_len = image->init_len,
		.image = image,
		.agrees = initpacket_check_image(&package->inits[index], image->kind, image->data,
						 image->data_len, NULL) == OTADFU_OK,
	};

	judge_signature(&result, image->init, image->init_len, keys);
	result.has_softdevice =
		softdevice_find_info(image->data, image->data_len, &result.softdevice);
	return result;
}

static int look_at_package(struct inspection *inspection, const struct check_facts *facts,
			   const struct keyring *keys, struct failure *why)
{
	int r = check_package(inspection->package, facts, &inspection->findings, why);

	if (r < 0)
		return r;
	inspection->count = inspection->package->count;
	for (size_t i = 0; i < inspection->count; i++)
		inspection->images[i] = look_at_image(inspection->package, i, keys);
	return OTADFU_OK;
}

static int read_package(struct inspection *inspection, const struct check_facts *facts,
			const struct keyring *keys, struct failure *why)
{
	int r = package_open_zip(inspection->path, &inspection->package, why);

	return r < 0 ? r : look_at_package(inspection, facts, keys, why);
}

static int read_init(struct inspection *inspection, uint8_t *data, size_t len,
		     const struct keyring *keys, struct failure *why)
{
	struct failure reason = { 0 };

	inspection->init_bytes = data;
	if (initpacket_decode(data, len, &inspection->init, &reason) < 0) {
		failure_hint(why, "inspect reads packages (.zip), init packets (.dat) and Intel "
				  "HEX; a .bin alone says nothing of itself");
		return failure_pass(why, reason.code, &reason, inspection->path);
	}
	inspection->images[0] =
		(struct inspection_image){ .init = &inspection->init, .init_len = len };
	judge_signature(&inspection->images[0], data, len, keys);
	inspection->count = 1;
	return OTADFU_OK;
}

/* What cannot be sent as one image is worth showing all the same: its regions say what to choose.
 */
static int convert(struct inspection *inspection, const struct ihex *hex,
		   const struct ihex_range *range, struct failure *why)
{
	struct check_finding *finding = &inspection->findings.items[0];
	struct failure reason = { 0 };
	int r = ihex_image(hex, range, &inspection->hex_image, &reason);

	inspection->has_hex_image = r == OTADFU_OK;
	if (r == OTADFU_OK)
		return OTADFU_OK;
	if (r != OTADFU_E_PACKAGE)
		return failure_pass(why, reason.code, &reason, inspection->path);
	inspection->findings.count = 1;
	finding->severity = CHECK_REFUSAL;
	snprintf(finding->text, sizeof(finding->text), "%.*s", CHECK_TEXT_MAX - 1, reason.text);
	snprintf(finding->hint, sizeof(finding->hint), "%.*s", CHECK_TEXT_MAX - 1, reason.hint);
	return OTADFU_OK;
}

static int read_hex(struct inspection *inspection, const char *text, size_t len,
		    const struct ihex_range *range, struct failure *why)
{
	struct failure reason = { 0 };
	struct ihex *hex;
	int r = ihex_parse(text, len, &hex, &reason);

	if (r < 0)
		return failure_pass(why, reason.code, &reason, inspection->path);
	regions_find(hex, &inspection->regions);
	r = convert(inspection, hex, range, why);
	ihex_free(hex);
	return r;
}

/* The first record of a zip file that has members, or that has none. */
static bool is_zip(const uint8_t *data, size_t len)
{
	return len >= 4 && (memcmp(data, "PK\3\4", 4) == 0 || memcmp(data, "PK\5\6", 4) == 0);
}

/* Digits too: an init packet may begin with a device type that is a colon. */
static bool is_hex(const char *text)
{
	text += strspn(text, " \t\r\n");
	return text[0] == ':' && hex_octet(text + 1) >= 0;
}

static enum inspection_form tell_form(const uint8_t *data, size_t len)
{
	if (is_zip(data, len))
		return INSPECTION_PACKAGE;
	return is_hex((const char *)data) ? INSPECTION_HEX : INSPECTION_INIT;
}

static int read_any(struct inspection *inspection, const struct ihex_range *range,
		    const struct check_facts *facts, const struct keyring *keys,
		    struct failure *why)
{
	AUTO_FREE uint8_t *data = NULL;
	uint8_t *init;
	size_t len;
	int r = file_read(inspection->path, FIRMWARE_HEX_TEXT_MAX, OTADFU_E_PACKAGE, &data, &len,
			  why);

	if (r < 0)
		return r;
	inspection->form = tell_form(data, len);
	if (range->set && inspection->form != INSPECTION_HEX)
		return failure_set(why, OTADFU_E_CONFIG, 0,
				   "%s: a range is chosen from Intel HEX, which this is not",
				   inspection->path);
	if (inspection->form == INSPECTION_PACKAGE)
		return read_package(inspection, facts, keys, why);
	if (inspection->form == INSPECTION_HEX)
		return read_hex(inspection, (const char *)data, len, range, why);
	init = data;
	data = NULL;
	return read_init(inspection, init, len, keys, why);
}

int inspection_read(const char *path, const struct ihex_range *range,
		    const struct check_facts *facts, struct inspection *ret_inspection,
		    struct failure *why)
{
	struct keyring keys;
	int r;

	*ret_inspection = (struct inspection){ .path = path, .public_keys = facts->public_keys };
	r = keyring_read(&facts->public_keys, &keys, why);
	if (r < 0)
		return r;
	r = read_any(ret_inspection, range, facts, &keys, why);
	keyring_clear(&keys);
	return r;
}

int inspection_of_package(const char *path, struct package *package,
			  const struct check_facts *facts, struct inspection *ret_inspection,
			  struct failure *why)
{
	struct keyring keys;
	int r;

	*ret_inspection = (struct inspection){ .form = INSPECTION_PACKAGE,
					       .path = path,
					       .public_keys = facts->public_keys,
					       .package = package };
	r = keyring_read(&facts->public_keys, &keys, why);
	if (r < 0)
		return r;
	r = look_at_package(ret_inspection, facts, &keys, why);
	keyring_clear(&keys);
	return r;
}

void inspection_clear(struct inspection *inspection)
{
	package_free(inspection->package);
	free(inspection->init_bytes);
	free(inspection->hex_image.data);
	*inspection = (struct inspection){ 0 };
}

bool inspection_is_refused(const struct inspection *inspection)
{
	return check_first_refusal(&inspection->findings) != NULL;
}
