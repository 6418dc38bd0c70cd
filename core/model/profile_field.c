#include "profile_field.h"

#include "package.h"
#include "softdevice.h"
#include "text.h"
#include "version.h"

#include <stdio.h>
#include <string.h>

static bool is_text(const char *value)
{
	return *value != '\0';
}

/* It becomes part of a file name where plugins are looked for. */
static bool is_plugin_name(const char *value)
{
	return *value != '\0' && !strchr(value, '/');
}

/* It is looked for in directories: a path would be relative to something else. */
static bool is_profile_name(const char *value)
{
	return *value != '\0' && !strpbrk(value, "/.");
}

static bool is_uuid(const char *value)
{
	struct otadfu_uuid uuid;

	return target_parse_uuid(value, &uuid, NULL) == OTADFU_OK;
}

static bool is_address(const char *value)
{
	struct otadfu_addr addr;

	return target_parse_addr(value, &addr, NULL) == OTADFU_OK;
}

static bool is_softdevice_list(const char *value)
{
	uint16_t ids[INITPACKET_SECURE_SD_MAX];
	size_t count;

	return softdevice_parse_list(value, ids, INITPACKET_SECURE_SD_MAX, &count);
}

static bool is_version_number(const char *value)
{
	uint32_t number;

	return version_to_number(value, &number);
}

static int store_text(const struct profile_field *field, const char *value, const char *origin,
		      void *ret_member)
{
	if (!field->accepts(value))
		return OTADFU_E_CONFIG;
	return profile_set_text(ret_member, value, origin);
}

static int set_number(struct profile_int *number, int64_t value, const char *origin)
{
	number->value = value;
	snprintf(number->origin, sizeof(number->origin), "%s", origin);
	return OTADFU_OK;
}

static int store_number(const struct profile_field *field, const char *value, const char *origin,
			void *ret_member)
{
	int64_t number;

	if (!text_to_int(value, &number) || number < field->min || number > field->max)
		return OTADFU_E_CONFIG;
	return set_number(ret_member, number, origin);
}

static int store_flag(const struct profile_field *field, const char *value, const char *origin,
		      void *ret_member)
{
	bool flag;

	(void)field;
	if (!text_to_bool(value, &flag))
		return OTADFU_E_CONFIG;
	return set_number(ret_member, flag, origin);
}

static const struct profile_choice verify_modes[] = {
	{ "advertises", VERIFY_ADVERTISES },
	{ "none", VERIFY_NONE },
	{ "version", VERIFY_VERSION },
	{ NULL, 0 },
};

static const struct profile_choice boot_validations[] = {
	{ "omit", -1 },
	{ "none", VALIDATION_NONE },
	{ "crc", VALIDATION_CRC },
	{ "sha256", VALIDATION_SHA256 },
	{ "ecdsa", VALIDATION_ECDSA_P256 },
	{ NULL, 0 },
};

static const struct profile_choice formats[] = {
	{ "crc", INITPACKET_FORMAT_CRC_ONLY }, { "0.5", INITPACKET_FORMAT_05 },
	{ "0.6", INITPACKET_FORMAT_06 },       { "0.7", INITPACKET_FORMAT_07 },
	{ "0.8", INITPACKET_FORMAT_08 },       { NULL, 0 },
};

static const struct profile_choice parts[] = {
	{ "all", PACKAGE_PART_ALL },
	{ "application", PACKAGE_PART_APPLICATION },
	{ "system", PACKAGE_PART_SYSTEM },
	{ NULL, 0 },
};

static int store_choice(const struct profile_field *field, const char *value, const char *origin,
			void *ret_member)
{
	for (const struct profile_choice *choice = field->choices; choice->word; choice++) {
		if (strcmp(choice->word, value) == 0)
			return set_number(ret_member, choice->value, origin);
	}
	return OTADFU_E_CONFIG;
}

/* Keys of one section stand together. */
static const struct profile_field fields[] = {
	{ .key = "inherits",
	  .expected = "the name of a profile, without .yaml",
	  .offset = offsetof(struct profile, inherits),
	  .store = store_text,
	  .accepts = is_profile_name },
	{ .key = "product",
	  .expected = "a text",
	  .offset = offsetof(struct profile, product),
	  .store = store_text,
	  .accepts = is_text },
	{ .section = "match",
	  .key = "name",
	  .expected = "a name",
	  .offset = offsetof(struct profile, match_name),
	  .store = store_text,
	  .accepts = is_text },
	{ .section = "match",
	  .key = "service",
	  .expected = "a UUID like fe59 or 8ec90001-f315-4f60-9fb8-838830daea50",
	  .offset = offsetof(struct profile, match_service),
	  .store = store_text,
	  .accepts = is_uuid },
	{ .section = "match",
	  .key = "address",
	  .expected = "an address like C0:FF:EE:00:00:01",
	  .offset = offsetof(struct profile, match_address),
	  .store = store_text,
	  .accepts = is_address },
	{ .key = "transport",
	  .expected = "the name of a transport",
	  .offset = offsetof(struct profile, transport),
	  .store = store_text,
	  .accepts = is_plugin_name },
	{ .key = "protocol",
	  .expected = "the name of a protocol",
	  .offset = offsetof(struct profile, protocol),
	  .store = store_text,
	  .accepts = is_plugin_name },
	{ .key = "adapter",
	  .expected = "the name of an adapter",
	  .offset = offsetof(struct profile, adapter),
	  .store = store_text,
	  .accepts = is_text },
	{ .section = "connect",
	  .key = "attempts",
	  .expected = "a whole number from 1 to 100",
	  .offset = offsetof(struct profile, connect_attempts),
	  .store = store_number,
	  .min = 1,
	  .max = 100 },
	{ .section = "connect",
	  .key = "timeout_ms",
	  .expected = "a whole number from 100 to 600000",
	  .offset = offsetof(struct profile, connect_timeout_ms),
	  .store = store_number,
	  .min = 100,
	  .max = 600000 },
	{ .section = "rejoin",
	  .key = "service_scan",
	  .expected = "true or false",
	  .offset = offsetof(struct profile, rejoin_service_scan),
	  .store = store_flag },
	{ .key = "verify",
	  .expected = "none, advertises or version",
	  .offset = offsetof(struct profile, verify),
	  .store = store_choice,
	  .choices = verify_modes },
	{ .key = "expect_version",
	  .expected = "a text",
	  .offset = offsetof(struct profile, expect_version),
	  .store = store_text,
	  .accepts = is_text },
	{ .key = "part",
	  .expected = "all, application or system",
	  .offset = offsetof(struct profile, part),
	  .store = store_choice,
	  .choices = parts },
	{ .section = "require",
	  .key = "hw_version",
	  .expected = "a whole number from 0 to 0xFFFFFFFF",
	  .offset = offsetof(struct profile, require_hw_version),
	  .store = store_number,
	  .max = UINT32_MAX },
	{ .section = "require",
	  .key = "softdevice",
	  .expected = "a SoftDevice id like 0x0100",
	  .offset = offsetof(struct profile, require_softdevice),
	  .store = store_number,
	  .max = UINT16_MAX },
	{ .section = "require",
	  .key = "device_type",
	  .expected = "a whole number from 0 to 0xFFFF",
	  .offset = offsetof(struct profile, require_device_type),
	  .store = store_number,
	  .max = UINT16_MAX },
	{ .section = "require",
	  .key = "device_revision",
	  .expected = "a whole number from 0 to 0xFFFF",
	  .offset = offsetof(struct profile, require_device_revision),
	  .store = store_number,
	  .max = UINT16_MAX },
	{ .section = "require",
	  .key = "public_key",
	  .expected = "the name of a file",
	  .offset = offsetof(struct profile, require_public_key),
	  .store = store_text,
	  .accepts = is_text,
	  .is_path = true },
	{ .section = "require",
	  .key = "battery_percent",
	  .expected = "a whole number from 1 to 100",
	  .offset = offsetof(struct profile, require_battery_percent),
	  .store = store_number,
	  .min = 1,
	  .max = 100 },
	{ .section = "require",
	  .key = "firmware_min",
	  .expected = "numbers with dots between them, like 1.2.0",
	  .offset = offsetof(struct profile, require_firmware_min),
	  .store = store_text,
	  .accepts = version_is_valid },
	{ .section = "package",
	  .key = "hw_version",
	  .expected = "a whole number from 0 to 0xFFFFFFFF",
	  .offset = offsetof(struct profile, package.hw_version),
	  .store = store_number,
	  .max = UINT32_MAX },
	{ .section = "package",
	  .key = "sd_req",
	  .expected = "up to 16 SoftDevice ids with commas between them, like 0x0100,0x0101",
	  .offset = offsetof(struct profile, package.sd_req),
	  .store = store_text,
	  .accepts = is_softdevice_list },
	{ .section = "package",
	  .key = "sd_id",
	  .expected = "a SoftDevice id like 0x0100",
	  .offset = offsetof(struct profile, package.sd_id),
	  .store = store_number,
	  .max = UINT16_MAX },
	{ .section = "package",
	  .key = "app_version",
	  .expected = "a whole number, or x.y.z with y and z up to 99",
	  .offset = offsetof(struct profile, package.app_version),
	  .store = store_text,
	  .accepts = is_version_number },
	{ .section = "package",
	  .key = "bl_version",
	  .expected = "a whole number, or x.y.z with y and z up to 99",
	  .offset = offsetof(struct profile, package.bl_version),
	  .store = store_text,
	  .accepts = is_version_number },
	{ .section = "package",
	  .key = "boot_validation",
	  .expected = "omit, none, crc, sha256 or ecdsa",
	  .offset = offsetof(struct profile, package.boot_validation),
	  .store = store_choice,
	  .choices = boot_validations },
	{ .section = "package",
	  .key = "debug",
	  .expected = "true or false",
	  .offset = offsetof(struct profile, package.debug),
	  .store = store_flag },
	{ .section = "package",
	  .key = "format",
	  .expected = "crc, 0.5, 0.6, 0.7 or 0.8",
	  .offset = offsetof(struct profile, package.format),
	  .store = store_choice,
	  .choices = formats },
	{ .section = "package",
	  .key = "device_type",
	  .expected = "a whole number from 0 to 0xFFFF",
	  .offset = offsetof(struct profile, package.device_type),
	  .store = store_number,
	  .max = UINT16_MAX },
	{ .section = "package",
	  .key = "device_revision",
	  .expected = "a whole number from 0 to 0xFFFF",
	  .offset = offsetof(struct profile, package.device_revision),
	  .store = store_number,
	  .max = UINT16_MAX },
	{ .section = "package",
	  .key = "key",
	  .expected = "the name of a file",
	  .offset = offsetof(struct profile, package.key),
	  .store = store_text,
	  .accepts = is_text,
	  .is_path = true },
	{ .section = "package",
	  .key = "signer",
	  .expected = "a command",
	  .offset = offsetof(struct profile, package.signer),
	  .store = store_text,
	  .accepts = is_text },
	{ .section = "package",
	  .key = "unsigned",
	  .expected = "true or false",
	  .offset = offsetof(struct profile, package.no_signature),
	  .store = store_flag },
};

enum { FIELDS = sizeof(fields) / sizeof(fields[0]) };

static bool is_in_section(const struct profile_field *field, const char *section)
{
	if (!section || !field->section)
		return section == field->section;
	return strcmp(field->section, section) == 0;
}

const struct profile_field *profile_field_find(const char *section, const char *key)
{
	for (size_t i = 0; i < FIELDS; i++) {
		if (is_in_section(&fields[i], section) && strcmp(fields[i].key, key) == 0)
			return &fields[i];
	}
	return NULL;
}

bool profile_field_is_section(const char *key)
{
	for (size_t i = 0; i < FIELDS; i++) {
		if (is_in_section(&fields[i], key))
			return true;
	}
	return false;
}

void profile_field_list(const char *section, char *text, size_t size)
{
	const char *previous = "";
	size_t used = 0;

	text[0] = '\0';
	for (size_t i = 0; i < FIELDS && used < size; i++) {
		const char *name = fields[i].key;

		if (!section && fields[i].section)
			name = fields[i].section;
		if ((section && !is_in_section(&fields[i], section)) || strcmp(name, previous) == 0)
			continue;
		used += (size_t)snprintf(text + used, size - used, "%s%s", used > 0 ? ", " : "",
					 name);
		previous = name;
	}
}

int profile_field_store(const struct profile_field *field, struct profile *profile,
			const char *value, const char *origin)
{
	return field->store(field, value, origin, (char *)profile + field->offset);
}
