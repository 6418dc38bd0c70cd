/* The init packet, as the CRC template of Nordic's SDK takes it: legacy-dfu.md, section 6. */
#include "peer_legacy.h"

#include <string.h>

enum {
	DEVICE_TYPE = 0,
	DEVICE_REVISION = 2,
	APP_VERSION = 4,
	SOFTDEVICE_COUNT = 8,
	SOFTDEVICES = 10,
	LEN_MIN = 12,
	CRC_LEN = 2,
	ANY_SOFTDEVICE = 0xFFFE,
	NOT_PROGRAMMED = 0xFFFF,
	WORD = 4
};

static uint16_t get_u16(const uint8_t *data)
{
	return (uint16_t)(data[0] | data[1] << 8);
}

uint16_t legacy_crc16(const uint8_t *data, size_t len)
{
	uint16_t crc = 0xFFFF;

	for (size_t i = 0; i < len; i++) {
		crc = (uint16_t)(crc ^ data[i] << 8);
		for (int bit = 0; bit < 8; bit++)
			crc = (uint16_t)(crc & 0x8000 ? crc << 1 ^ 0x1021 : crc << 1);
	}
	return crc;
}

/* FFFF in the packet is no wildcard against a programmed word. */
static bool matches(uint16_t programmed, uint16_t wanted)
{
	return programmed == NOT_PROGRAMMED || programmed == wanted;
}

/* A derivative looks at the init packet alone, not at UICR. */
static bool is_of_its_kind(const struct device *device, const struct legacy_derivative *derivative)
{
	const struct legacy *legacy = legacy_of(device);
	bool nrf52832 = strcmp(device_config(device)->chip->name, "nrf52832") == 0;
	uint16_t revision =
		nrf52832 ? derivative->nrf52832_revision : derivative->nrf52840_revision;

	if (get_u16(legacy->init + DEVICE_TYPE) != derivative->device_type)
		return false;
	return legacy->image == LEGACY_APPLICATION ||
	       get_u16(legacy->init + DEVICE_REVISION) == revision;
}

static bool is_for_device(const struct device *device)
{
	const struct device_config *config = device_config(device);
	const struct legacy_derivative *derivative = legacy_generation(device)->derivative;
	const uint8_t *init = legacy_of(device)->init;

	if (derivative)
		return is_of_its_kind(device, derivative);
	return matches(config->uicr_device_type, get_u16(init + DEVICE_TYPE)) &&
	       matches(config->uicr_device_revision, get_u16(init + DEVICE_REVISION));
}

static bool lists_softdevice(const uint8_t *list, size_t count, uint16_t installed)
{
	for (size_t i = 0; i < count; i++) {
		uint16_t fwid = get_u16(list + 2 * i);

		if (fwid == ANY_SOFTDEVICE || fwid == installed)
			return true;
	}
	return false;
}

static bool accepts(struct device *device)
{
	struct legacy *legacy = legacy_of(device);
	const uint8_t *init = legacy->init;
	size_t count;

	if (legacy->init_len < LEN_MIN)
		return false;
	count = get_u16(init + SOFTDEVICE_COUNT);
	if (SOFTDEVICES + 2 * count + CRC_LEN > legacy->init_len)
		return false;
	legacy->app_version =
		get_u16(init + APP_VERSION) | (uint32_t)get_u16(init + APP_VERSION + 2) << 16;
	return is_for_device(device) && legacy_extension_ok(device, SOFTDEVICES + 2 * count) &&
	       lists_softdevice(init + SOFTDEVICES, count, legacy_softdevice_fwid(device));
}

static size_t capacity(const struct device *device)
{
	const struct legacy_generation *generation = legacy_generation(device);

	return device_config(device)->single_bank ? generation->init_capacity_single
						  : generation->init_capacity_dual;
}

static enum legacy_status append(struct device *device, const uint8_t *data, size_t len)
{
	struct legacy *legacy = legacy_of(device);
	size_t padded = (len + WORD - 1) / WORD * WORD;

	if (legacy->state == LEGACY_READY)
		legacy->state = LEGACY_RX_INIT;
	if (legacy->state != LEGACY_RX_INIT)
		return LEGACY_INVALID_STATE;
	firmware_feed_inactivity(device);
	if (legacy->init_len + padded > capacity(device))
		return LEGACY_FAILED;
	memcpy(legacy->init + legacy->init_len, data, len);
	memset(legacy->init + legacy->init_len + len, 0, padded - len);
	legacy->init_len += padded;
	return LEGACY_SUCCESS;
}

/* Before SDK 7 the first two bytes of all that came are the CRC, and nothing else is looked at. */
void legacy_init_packet(struct device *device, const uint8_t *data, size_t len)
{
	struct legacy *legacy = legacy_of(device);
	enum legacy_status status = append(device, data, len);
	bool old = legacy_generation(device)->takes_old_init;

	if (old && legacy->init_len > 0)
		legacy->image_crc = get_u16(legacy->init);
	if (old || status != LEGACY_SUCCESS)
		legacy_respond(device, LEGACY_OP_INIT, status);
}

enum legacy_status legacy_init_complete(struct device *device)
{
	struct legacy *legacy = legacy_of(device);

	if (legacy->state != LEGACY_RX_INIT)
		return LEGACY_INVALID_STATE;
	if (!accepts(device)) {
		legacy->init_len = 0;
		return LEGACY_FAILED;
	}
	legacy->state = LEGACY_RX_DATA;
	return LEGACY_SUCCESS;
}
