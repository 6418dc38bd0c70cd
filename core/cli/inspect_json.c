#include "inspect_json.h"

#include "json_line.h"

static json_t *number_or_null(bool is_there, uint32_t value)
{
	return is_there ? json_integer(value) : json_null();
}

static json_t *digits(const uint8_t *bytes, size_t len)
{
	char text[2 * INITPACKET_SIGNATURE_LEN + 1] = "";

	for (size_t i = 0; i < len; i++)
		snprintf(text + 2 * i, 3, "%02x", bytes[i]);
	return json_line_text(text);
}

static json_t *describe_requirements(const struct initpacket *init)
{
	json_t *list = json_array();

	for (size_t i = 0; i < init->sd_req_count; i++)
		json_array_append_new(list, json_integer(init->sd_req[i]));
	return list;
}

static json_t *name_requirements(const struct initpacket *init)
{
	json_t *list = json_array();

	for (size_t i = 0; i < init->sd_req_count; i++)
		json_array_append_new(list, json_line_text(softdevice_name(init->sd_req[i])));
	return list;
}

static json_t *describe_softdevice(bool is_there, const struct softdevice_info *info)
{
	if (!is_there)
		return json_null();
	return json_pack("{s:i, s:o, s:I}", "fwid", (int)info->fwid, "name",
			 json_line_text(softdevice_name(info->fwid)), "end", (json_int_t)info->end);
}

static void add_secure(json_t *object, const struct initpacket *init)
{
	const struct initpacket_secure *secure = &init->secure;
	json_t *fields =
		json_pack("{s:o, s:o, s:o, s:o, s:o, s:I, s:I, s:I, s:o, s:o, s:b, s:I, s:o, s:o}",
			  "fw_version", number_or_null(secure->has_fw_version, secure->fw_version),
			  "hw_version", number_or_null(secure->has_hw_version, secure->hw_version),
			  "sd_req", describe_requirements(init), "sd_req_names",
			  name_requirements(init), "type",
			  number_or_null(secure->has_type, secure->type), "sd_size",
			  (json_int_t)secure->sd_size, "bl_size", (json_int_t)secure->bl_size,
			  "app_size", (json_int_t)secure->app_size, "hash_type",
			  number_or_null(secure->has_hash, secure->hash_type), "hash",
			  digits(secure->hash, secure->hash_len), "is_debug", secure->is_debug,
			  "boot_validation", (json_int_t)secure->boot_validations, "signature_type",
			  number_or_null(secure->is_signed, secure->signature_type), "signature",
			  digits(secure->signature, secure->signature_len));

	json_object_update_new(object, fields);
}

/* packages-and-init-packets.md 1.1 calls them 0.5 to 0.8; older ones have no number. */
static json_t *describe_version(enum initpacket_format format)
{
	static const double versions[] = {
		[INITPACKET_FORMAT_05] = 0.5,
		[INITPACKET_FORMAT_06] = 0.6,
		[INITPACKET_FORMAT_07] = 0.7,
		[INITPACKET_FORMAT_08] = 0.8,
	};

	if (format < INITPACKET_FORMAT_05 || format > INITPACKET_FORMAT_08)
		return json_null();
	return json_real(versions[format]);
}

static void add_legacy(json_t *object, const struct initpacket *init)
{
	const struct initpacket_legacy *legacy = &init->legacy;
	bool is_whole = legacy->format != INITPACKET_FORMAT_CRC_ONLY;
	json_t *fields =
		json_pack("{s:o, s:o, s:o, s:o, s:o, s:o, s:o, s:o, s:o, s:o}", "dfu_version",
			  describe_version(legacy->format), "device_type",
			  number_or_null(is_whole, legacy->device_type), "device_revision",
			  number_or_null(is_whole, legacy->device_revision), "application_version",
			  number_or_null(is_whole, legacy->app_version), "softdevice_req",
			  describe_requirements(init), "softdevice_req_names",
			  name_requirements(init), "crc16",
			  number_or_null(legacy->has_crc, legacy->crc16), "firmware_length",
			  number_or_null(legacy->has_hash, legacy->image_len), "firmware_hash",
			  digits(legacy->hash, legacy->has_hash ? sizeof(legacy->hash) : 0),
			  "init_packet_ecds",
			  digits(legacy->signature,
				 legacy->has_signature ? sizeof(legacy->signature) : 0));

	json_object_update_new(object, fields);
}

/* null where nothing can be said. */
static json_t *describe_verified(enum inspection_signature signature)
{
	if (signature == SIGNATURE_GOOD || signature == SIGNATURE_BAD)
		return json_boolean(signature == SIGNATURE_GOOD);
	return json_null();
}

static json_t *describe_image(const struct inspection_image *image)
{
	const struct otadfu_image *bytes = image->image;
	json_t *object =
		json_pack("{s:o, s:o, s:I, s:o, s:b, s:o, s:o, s:o}", "kind",
			  bytes ? json_string(package_kind_name(bytes->kind)) : json_null(),
			  "bytes", bytes ? json_integer((json_int_t)bytes->data_len) : json_null(),
			  "init_bytes", (json_int_t)image->init_len, "agrees",
			  bytes ? json_boolean(image->agrees) : json_null(), "signed",
			  image->signature != SIGNATURE_NONE, "signature_verified",
			  describe_verified(image->signature), "known_signer",
			  json_line_text(image->known_signer), "softdevice",
			  describe_softdevice(image->has_softdevice, &image->softdevice));

	if (image->init->kind == INITPACKET_SECURE)
		add_secure(object, image->init);
	else
		add_legacy(object, image->init);
	if (bytes && bytes->kind == OTADFU_IMAGE_SD_BL) {
		json_object_set_new(object, "sd_size", json_integer(bytes->sd_len));
		json_object_set_new(object, "bl_size", json_integer(bytes->bl_len));
	}
	if (image->signature == SIGNATURE_GOOD)
		json_object_set_new(object, "public_key", json_line_text(image->public_key));
	return object;
}

static json_t *describe_images(const struct inspection *inspection)
{
	json_t *list = json_array();

	for (size_t i = 0; i < inspection->count; i++)
		json_array_append_new(list, describe_image(&inspection->images[i]));
	return list;
}

static json_t *describe_regions(const struct regions *regions)
{
	json_t *list = json_array();

	for (size_t i = 0; i < regions->count; i++) {
		const struct region *region = &regions->items[i];

		json_array_append_new(list, json_pack("{s:s, s:I, s:I}", "kind",
						      region_kind_name(region->kind), "low",
						      (json_int_t)region->low, "high",
						      (json_int_t)region->high));
	}
	return list;
}

static void add_hex(json_t *object, const struct inspection *inspection)
{
	const struct ihex_image *image = &inspection->hex_image;

	json_object_set_new(object, "regions", describe_regions(&inspection->regions));
	json_object_set_new(object, "softdevice",
			    describe_softdevice(inspection->regions.has_softdevice,
						&inspection->regions.softdevice));
	json_object_set_new(object, "image",
			    inspection->has_hex_image
				    ? json_pack("{s:I, s:I}", "start", (json_int_t)image->start,
						"bytes", (json_int_t)image->len)
				    : json_null());
}

static json_t *describe_findings(const struct inspection *inspection)
{
	json_t *list = json_array();

	for (size_t i = 0; inspection->package && i < inspection->package->warnings; i++)
		json_array_append_new(list,
				      json_pack("{s:s, s:n, s:o, s:n}", "severity", "warning",
						"image", "text",
						json_line_text(inspection->package->warning[i]),
						"hint"));
	for (size_t i = 0; i < inspection->findings.count; i++) {
		const struct check_finding *finding = &inspection->findings.items[i];
		bool refuses = finding->severity == CHECK_REFUSAL;

		json_array_append_new(list, json_pack("{s:s, s:I, s:o, s:o}", "severity",
						      refuses ? "refusal" : "warning", "image",
						      (json_int_t)finding->image, "text",
						      json_line_text(finding->text), "hint",
						      json_line_text(finding->hint)));
	}
	return list;
}

json_t *inspect_json(const struct inspection *inspection)
{
	const struct initpacket *first = inspection->count ? inspection->images[0].init : NULL;
	json_t *protocol = json_null();
	json_t *object;

	if (first)
		protocol = json_string(first->kind == INITPACKET_SECURE ? "secure" : "legacy");
	object = json_pack("{s:s, s:o, s:s, s:o, s:b, s:o, s:o, s:n}", "event", "inspect", "file",
			   json_line_text(inspection->path), "form",
			   inspection_form_name(inspection->form), "protocol", protocol, "refused",
			   inspection_is_refused(inspection), "images", describe_images(inspection),
			   "findings", describe_findings(inspection), "error");
	if (object && inspection->form == INSPECTION_HEX)
		add_hex(object, inspection);
	return object;
}

json_t *inspect_json_failure(const char *path, const struct failure *why)
{
	return json_pack("{s:s, s:o, s:n, s:n, s:b, s:[], s:[], s:o}", "event", "inspect", "file",
			 json_line_text(path), "form", "protocol", "refused", 1, "images",
			 "findings", "error", json_line_failure(why));
}
