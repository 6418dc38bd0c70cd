/* The last line of a transcript: settings and flash when all is over. */
#include "firmware.h"
#include "player.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <zlib.h>

enum { MBR_LEN = 0x1000, CRC16_POLYNOMIAL = 0x1021 };

struct place {
	const struct device *device;
	uint32_t addr;
};

/* How many leading bytes of image lie there. */
static size_t count_prefix(const struct place *place, const struct bytes *image)
{
	const struct flash *flash = device_flash(place->device);
	const uint8_t *bytes = flash_bytes(flash) + place->addr;
	uint32_t size = flash_chip(flash)->flash_size;
	size_t count = 0;

	while (count < image->len && place->addr < size && count < size - place->addr &&
	       bytes[count] == image->data[count])
		count++;
	return count;
}

static json_t *holds(const struct place *place, const struct bytes *image)
{
	return json_boolean(count_prefix(place, image) == image->len);
}

static json_t *prefix(const struct place *place, const struct bytes *image)
{
	return json_integer((json_int_t)count_prefix(place, image));
}

/* NULL for what nobody has taught us to look at: it then differs from what was recorded. */
static json_t *describe_bank(const struct transcript *transcript, const char *what,
			     const struct place *place)
{
	if (strcmp(what, "address") == 0)
		return json_integer(place->addr);
	if (strcmp(what, "holds_firmware") == 0)
		return holds(place, &transcript->firmware);
	if (strcmp(what, "holds_firmware2") == 0)
		return holds(place, &transcript->firmware2);
	if (strcmp(what, "firmware_prefix") == 0)
		return prefix(place, &transcript->firmware);
	return NULL;
}

static json_t *describe_flash(const struct transcript *transcript, const struct device *device,
			      json_t *recorded)
{
	struct device_state state;
	json_t *flash = json_object();
	const char *key;
	const json_t *value;

	device_describe(device, &state);
	json_object_foreach(recorded, key, value)
	{
		json_t *found = NULL;

		if (strncmp(key, "bank0_", 6) == 0)
			found = describe_bank(transcript, key + 6,
					      &(struct place){ device, state.application.addr });
		else if (strncmp(key, "bank1_", 6) == 0)
			found = describe_bank(transcript, key + 6,
					      &(struct place){ device, state.bank1 });
		if (found)
			json_object_set_new(flash, key, found);
	}
	return flash;
}

static uint16_t crc16(const struct bytes *bytes)
{
	unsigned crc = 0xFFFF;

	for (size_t i = 0; i < bytes->len; i++) {
		crc ^= (unsigned)bytes->data[i] << 8;
		for (int bit = 0; bit < 8; bit++)
			crc = crc & 0x8000 ? crc << 1 ^ CRC16_POLYNOMIAL : crc << 1;
		crc &= 0xFFFF;
	}
	return (uint16_t)crc;
}

static uint32_t crc32_of(const struct bytes *bytes)
{
	return (uint32_t)crc32_z(0, bytes->data, bytes->len);
}

/*
 * While the application of before is there, the recorded checksum is that of the recorder's
 * application, and ours must be that of ours.
 */
static void translate_checksum(const struct transcript *transcript, const json_t *recorded,
			       json_t *settings)
{
	const json_t *before = json_object_get(recorded, "bank0");
	json_t *now = json_object_get(settings, "bank0");
	const char *key = json_object_get(before, "crc32") ? "crc32" : "crc16";
	const char *was = json_text_or(before, key, "");
	char ours[9], news[9];

	if (json_number_or(before, "size", 0) != transcript->application.len ||
	    transcript->application.len == 0)
		return;
	if (strcmp(key, "crc32") == 0) {
		snprintf(ours, sizeof(ours), "%08x", crc32_of(&transcript->application));
		snprintf(news, sizeof(news), "%08x", crc32_of(&transcript->firmware));
	} else {
		snprintf(ours, sizeof(ours), "%04x", crc16(&transcript->application));
		snprintf(news, sizeof(news), "%04x", crc16(&transcript->firmware));
	}
	if (strcmp(was, news) != 0 && strcmp(json_text_or(now, key, ""), ours) == 0)
		json_object_set_new(now, key, json_string(was));
}

static json_t *describe_settings(const struct transcript *transcript, const struct device *device,
				 json_t *recorded)
{
	char *text = transcript->config.bootloader->settings_json(device);
	json_t *settings = text ? json_loads(text, 0, NULL) : NULL;

	free(text);
	if (settings)
		translate_checksum(transcript, recorded, settings);
	return settings;
}

static json_t *describe_softdevice(const struct transcript *transcript, const struct device *device)
{
	const json_t *parts = json_object_get(transcript->header, "image_parts");
	struct bytes image = transcript->firmware;

	image.len = json_number_or(parts, "sd_size", (uint32_t)image.len);
	return holds(&(struct place){ device, MBR_LEN }, &image);
}

static json_t *describe_bootloader(const struct transcript *transcript, const struct device *device)
{
	const json_t *header = json_object_get(transcript->header, "device");
	const json_t *parts = json_object_get(transcript->header, "image_parts");
	uint32_t before = json_number_or(parts, "sd_size", 0);
	struct bytes image = transcript->firmware;

	if (before > image.len)
		return NULL;
	image.data += before;
	image.len -= before;
	return holds(&(struct place){ device, json_number_or(header, "bootloader_start", 0) },
		     &image);
}

static json_t *describe_one(const struct transcript *transcript, const struct device *device,
			    const char *key, json_t *recorded)
{
	struct device_state state;

	if (strcmp(key, "mode") == 0)
		return json_string(device_mode(device) == DEVICE_BOOTLOADER    ? "bootloader"
				   : device_mode(device) == DEVICE_APPLICATION ? "application"
									       : "off");
	if (strcmp(key, "settings") == 0)
		return describe_settings(transcript, device, recorded);
	if (strcmp(key, "flash") == 0)
		return describe_flash(transcript, device, recorded);
	if (strcmp(key, "softdevice_region_holds_firmware") == 0)
		return describe_softdevice(transcript, device);
	if (strcmp(key, "bootloader_region_holds_firmware") == 0)
		return describe_bootloader(transcript, device);
	if (strcmp(key, "old_application_intact") != 0)
		return NULL;
	device_describe(device, &state);
	return holds(&(struct place){ device, state.application.addr }, &transcript->application);
}

json_t *endstate_describe(const struct transcript *transcript, const struct device *device,
			  json_t *recorded)
{
	json_t *end = json_object();
	const char *key;
	json_t *value;

	json_object_foreach(recorded, key, value)
	{
		json_t *found = describe_one(transcript, device, key, value);

		if (found)
			json_object_set_new(end, key, found);
	}
	return end;
}
