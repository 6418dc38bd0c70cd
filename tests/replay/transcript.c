#include "transcript.h"

#include "firmware.h"

#include "cleanup.h"

#include <ctype.h>
#include <openssl/evp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { KEY_LEN = 64, SHA256_LEN = 32, FILE_MAX = 4 * 1024 * 1024 };

static enum transcript_result say(char why[TRANSCRIPT_WHY_MAX], enum transcript_result result,
				  const char *format, ...) __attribute__((format(printf, 3, 4)));

static enum transcript_result say(char why[TRANSCRIPT_WHY_MAX], enum transcript_result result,
				  const char *format, ...)
{
	va_list args;

	va_start(args, format);
	vsnprintf(why, TRANSCRIPT_WHY_MAX, format, args);
	va_end(args);
	return result;
}

uint32_t json_number_or(const json_t *object, const char *key, uint32_t otherwise)
{
	const json_t *value = json_object_get(object, key);

	return json_is_integer(value) ? (uint32_t)json_integer_value(value) : otherwise;
}

const char *json_text_or(const json_t *object, const char *key, const char *otherwise)
{
	const char *text = json_string_value(json_object_get(object, key));

	return text ? text : otherwise;
}

static bool json_flag(const json_t *object, const char *key)
{
	return json_is_true(json_object_get(object, key));
}

static int digit_value(char digit)
{
	if (digit >= '0' && digit <= '9')
		return digit - '0';
	digit = (char)tolower((unsigned char)digit);
	return digit >= 'a' && digit <= 'f' ? digit - 'a' + 10 : -1;
}

bool bytes_from_hex(const char *text, struct bytes *ret_bytes)
{
	size_t len = strlen(text) / 2;
	uint8_t *data = malloc(len + 1);
	bool ok = data && strlen(text) % 2 == 0;

	for (size_t i = 0; ok && i < len; i++) {
		int high = digit_value(text[2 * i]);
		int low = digit_value(text[2 * i + 1]);

		ok = high >= 0 && low >= 0;
		if (ok)
			data[i] = (uint8_t)(high << 4 | low);
	}
	if (!ok) {
		free(data);
		return false;
	}
	*ret_bytes = (struct bytes){ data, len };
	return true;
}

char *hex_from_bytes(const uint8_t *data, size_t len)
{
	char *text = malloc(2 * len + 1);

	for (size_t i = 0; text && i < len; i++)
		snprintf(text + 2 * i, 3, "%02x", data[i]);
	if (text)
		text[2 * len] = '\0';
	return text;
}

/* --- files --- */

static bool read_file(const char *path, struct bytes *ret_bytes)
{
	AUTO_FCLOSE FILE *file = fopen(path, "rbe");
	uint8_t *data = file ? malloc(FILE_MAX) : NULL;
	size_t len;

	if (!data)
		return false;
	len = fread(data, 1, FILE_MAX, file);
	if (ferror(file) || len == FILE_MAX) {
		free(data);
		return false;
	}
	*ret_bytes = (struct bytes){ data, len };
	return true;
}

static bool digest_matches(const struct bytes *bytes, const char *expected)
{
	uint8_t digest[SHA256_LEN];
	AUTO_FREE char *hex = NULL;

	if (!EVP_Digest(bytes->data, bytes->len, digest, NULL, EVP_sha256(), NULL))
		return false;
	hex = hex_from_bytes(digest, sizeof(digest));
	return hex && strcmp(hex, expected) == 0;
}

/* An image that the header names; none is no error. */
static enum transcript_result load_image(const json_t *header, const char *key, const char *folder,
					 struct bytes *ret_image, char *why)
{
	const json_t *entry = json_object_get(header, key);
	const char *file = json_text_or(entry, "file", NULL);
	char path[4096];

	if (!file)
		return TRANSCRIPT_READY;
	if (file[0] == '/' || strstr(file, ".."))
		return say(why, TRANSCRIPT_BROKEN, "%s: file name \"%s\" leaves the folder", key,
			   file);
	snprintf(path, sizeof(path), "%s/%s", folder, file);
	if (!read_file(path, ret_image)) {
		snprintf(path, sizeof(path), "%s/../%s", folder, file);
		if (!read_file(path, ret_image))
			return say(why, TRANSCRIPT_BROKEN,
				   "%s: no file \"%s\" in %s nor in the folder above", key, file,
				   folder);
	}
	if (!digest_matches(ret_image, json_text_or(entry, "sha256", "")))
		return say(why, TRANSCRIPT_BROKEN, "%s: %s is not the file that was recorded", key,
			   path);
	return TRANSCRIPT_READY;
}

static enum transcript_result load_init(const json_t *header, const char *key,
					struct bytes *ret_init, char *why)
{
	const char *hex = json_text_or(json_object_get(header, key), "hex", NULL);

	if (hex && !bytes_from_hex(hex, ret_init))
		return say(why, TRANSCRIPT_BROKEN, "%s: not hexadecimal", key);
	return TRANSCRIPT_READY;
}

static enum transcript_result load_images(struct transcript *transcript, const char *folder,
					  char *why)
{
	const json_t *header = transcript->header;
	enum transcript_result result;

	result = load_image(header, "firmware", folder, &transcript->firmware, why);
	if (result == TRANSCRIPT_READY)
		result = load_image(header, "firmware2", folder, &transcript->firmware2, why);
	if (result == TRANSCRIPT_READY)
		result = load_init(header, "init", &transcript->init, why);
	if (result == TRANSCRIPT_READY)
		result = load_init(header, "init2", &transcript->init2, why);
	return result;
}

static enum transcript_result load_lines(const char *path, struct transcript *transcript, char *why)
{
	AUTO_FCLOSE FILE *file = fopen(path, "re");
	AUTO_FREE char *line = NULL;
	size_t cap = 0;
	json_error_t error;

	if (!file)
		return say(why, TRANSCRIPT_BROKEN, "cannot be opened");
	transcript->lines = json_array();
	for (unsigned number = 1; getline(&line, &cap, file) >= 0; number++) {
		json_t *object = json_loads(line, JSON_REJECT_DUPLICATES, &error);

		if (!json_is_object(object)) {
			json_decref(object);
			return say(why, TRANSCRIPT_BROKEN, "line %u is no JSON object: %s", number,
				   error.text);
		}
		if (!transcript->header)
			transcript->header = object;
		else
			json_array_append_new(transcript->lines, object);
	}
	if (!json_is_object(json_object_get(transcript->header, "device")))
		return say(why, TRANSCRIPT_BROKEN, "no header with a device");
	return TRANSCRIPT_READY;
}

/* --- the device --- */

static const struct chip *find_chip(const char *recorded)
{
	char name[16] = { 0 };

	for (size_t i = 0; i + 1 < sizeof(name) && isalnum((unsigned char)recorded[i]); i++)
		name[i] = (char)tolower((unsigned char)recorded[i]);
	return chip_find(name);
}

static bool knows_sdk(const struct bootloader_ops *bootloader, const char *sdk)
{
	for (const char *const *known = bootloader->sdks; *known; known++) {
		if (strcmp(*known, sdk) == 0)
			return true;
	}
	return false;
}

/* "17.0.2" is a 17.0.2, a 17.0 or a 17, whichever the bootloader knows. */
static bool find_sdk(struct transcript *transcript, const char *recorded)
{
	char *sdk = transcript->sdk;

	snprintf(sdk, sizeof(transcript->sdk), "%s", recorded);
	while (!knows_sdk(transcript->config.bootloader, sdk)) {
		char *dot = strrchr(sdk, '.');

		if (!dot)
			return false;
		*dot = '\0';
	}
	transcript->config.sdk = sdk;
	return true;
}

static bool take_address(const char *text, struct otadfu_addr *ret_addr)
{
	unsigned b[6];

	if (sscanf(text, "%2x:%2x:%2x:%2x:%2x:%2x", &b[0], &b[1], &b[2], &b[3], &b[4], &b[5]) != 6)
		return false;
	for (int i = 0; i < 6; i++)
		ret_addr->bytes[i] = (uint8_t)b[i];
	ret_addr->type = 1;
	return true;
}

/* Recorded as bootloaders hold it: X and Y, each with its last byte first. */
static bool take_key(const json_t *device, struct device_config *config)
{
	const char *hex = json_text_or(device, "public_key", NULL);
	struct bytes key = { 0 };

	config->has_public_key = json_flag(device, "requires_signature");
	if (!config->has_public_key)
		return true;
	if (!hex || !bytes_from_hex(hex, &key))
		return false;
	for (size_t i = 0; key.len == KEY_LEN && i < KEY_LEN; i++)
		config->public_key[i] = key.data[i / 32 * 32 + 31 - i % 32];
	free(key.data);
	return key.len == KEY_LEN;
}

static uint16_t hex16(const json_t *device, const char *key)
{
	return (uint16_t)strtoul(json_text_or(device, key, "0xffff"), NULL, 16);
}

static bool make_application(struct transcript *transcript, uint32_t len)
{
	uint32_t state = 2463534242u;

	if (len == 0)
		return true;
	transcript->application.data = malloc(len);
	if (!transcript->application.data)
		return false;
	for (uint32_t i = 0; i < len; i++) {
		state ^= state << 13;
		state ^= state >> 17;
		state ^= state << 5;
		transcript->application.data[i] = (uint8_t)state;
	}
	transcript->application.len = len;
	return true;
}

static uint32_t softdevice_size(const json_t *device)
{
	const json_t *softdevice = json_object_get(device, "softdevice");

	return json_number_or(softdevice, "size_with_mbr",
			      json_number_or(device, "softdevice_size_with_mbr", 0));
}

static void fill_config(const json_t *device, struct device_config *config)
{
	config->name = "Replay";
	config->mode = DEVICE_APPLICATION;
	config->single_bank = strcmp(json_text_or(device, "bank", ""), "single") == 0;
	config->peer_data = json_flag(device, "peer_data");
	config->hw_version = json_number_or(device, "hw_version", 0);
	config->softdevice = (uint16_t)json_number_or(device, "softdevice_fwid", 0);
	config->softdevice_size_with_mbr = softdevice_size(device);
	config->app_version = json_number_or(device, "app_version", 0);
	config->bootloader_version = json_number_or(device, "bl_version", 0);
	config->uicr_device_type = hex16(device, "uicr_device_type");
	config->uicr_device_revision = hex16(device, "uicr_device_revision");
	config->mtu = (uint16_t)json_number_or(device, "att_mtu_max", 23);
	config->save_progress = json_flag(device, "save_progress_in_flash");
	config->full_protocol = json_is_false(json_object_get(device, "protocol_reduced"));
}

static enum transcript_result take_device(struct transcript *transcript, char *why)
{
	const json_t *device = json_object_get(transcript->header, "device");
	const char *protocol = json_text_or(device, "protocol", "");
	struct device_config *config = &transcript->config;

	if (strcmp(json_text_or(device, "transport", ""), "ble") != 0)
		return say(why, TRANSCRIPT_SKIPPED, "not over BLE but %s",
			   json_text_or(device, "transport", "an unnamed transport"));
	config->bootloader = strcmp(protocol, "secure") == 0 ? &peer_secure : &peer_legacy;
	if (strcmp(protocol, config->bootloader->name) != 0)
		return say(why, TRANSCRIPT_BROKEN, "unknown protocol \"%s\"", protocol);
	config->chip = find_chip(json_text_or(device, "chip", ""));
	if (!config->chip)
		return say(why, TRANSCRIPT_SKIPPED, "no simulated chip is a %s",
			   json_text_or(device, "chip", "nameless one"));
	if (!find_sdk(transcript, json_text_or(device, "sdk", "")))
		return say(why, TRANSCRIPT_SKIPPED, "no simulated %s bootloader of SDK %s",
			   protocol, json_text_or(device, "sdk", "(none)"));
	fill_config(device, config);
	if (!take_address(json_text_or(device, "identity_address", ""), &config->address))
		return say(why, TRANSCRIPT_BROKEN, "identity_address: not an address");
	if (!take_key(device, config))
		return say(why, TRANSCRIPT_BROKEN, "public_key: not %d bytes", KEY_LEN);
	if (!make_application(transcript, json_number_or(device, "installed_app_size", 0)))
		return say(why, TRANSCRIPT_BROKEN, "out of memory");
	config->application = transcript->application.data;
	config->application_len = transcript->application.len;
	return TRANSCRIPT_READY;
}

enum transcript_result transcript_load(const char *path, const char *folder,
				       struct transcript *ret_transcript,
				       char why[TRANSCRIPT_WHY_MAX])
{
	enum transcript_result result;

	*ret_transcript = (struct transcript){ 0 };
	why[0] = '\0';
	result = load_lines(path, ret_transcript, why);
	if (result == TRANSCRIPT_READY)
		result = take_device(ret_transcript, why);
	if (result == TRANSCRIPT_READY)
		result = load_images(ret_transcript, folder, why);
	return result;
}

void transcript_free(struct transcript *transcript)
{
	json_decref(transcript->header);
	json_decref(transcript->lines);
	free(transcript->firmware.data);
	free(transcript->firmware2.data);
	free(transcript->init.data);
	free(transcript->init2.data);
	free(transcript->application.data);
}
