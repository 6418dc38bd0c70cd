#include "softdevice.h"

#include <string.h>

enum { /* members of the structure (packages-and-init-packets.md 4) */
       INFO_LENGTH = 0x00,
       INFO_MAGIC = 0x04,
       INFO_SIZE = 0x08,
       INFO_FWID = 0x0C,
       INFO_ID = 0x10,
       INFO_VERSION = 0x14
};

static const uint32_t magic = 0x51B1E5DB;

/* FWIDs and application starts: packages-and-init-packets.md 3 and 4. */
static const struct softdevice known[] = {
	{ 0x005A, 110, 7001000, 0x16000 }, { 0x0064, 110, 8000000, 0x18000 },
	{ 0x0067, 130, 1000000, 0x1C000 }, { 0x0096, 140, 5000000, 0x22000 },
	{ 0x0080, 130, 2000000, 0x1B000 }, { 0x0087, 130, 2000001, 0x1B000 },
	{ 0x0081, 132, 2000000, 0x1C000 }, { 0x0088, 132, 2000001, 0x1C000 },
	{ 0x008C, 132, 3000000, 0x1F000 }, { 0x0091, 132, 3001000, 0x1F000 },
	{ 0x0095, 132, 4000000, 0x1F000 }, { 0x0098, 132, 4000002, 0x1F000 },
	{ 0x0099, 132, 4000003, 0x1F000 }, { 0x009E, 132, 4000004, 0x1F000 },
	{ 0x009F, 132, 4000005, 0x1F000 }, { 0x009D, 132, 5000000, 0x23000 },
	{ 0x00A5, 132, 5001000, 0x23000 }, { 0x00A8, 132, 6000000, 0x26000 },
	{ 0x00AF, 132, 6001000, 0x26000 }, { 0x00B7, 132, 6001001, 0x26000 },
	{ 0x00C2, 132, 7000000, 0x26000 }, { 0x00CB, 132, 7000001, 0x26000 },
	{ 0x0101, 132, 7002000, 0x26000 }, { 0x0124, 132, 7003000, 0x26000 },
	{ 0x00A9, 140, 6000000, 0x26000 }, { 0x00AE, 140, 6001000, 0x26000 },
	{ 0x00B6, 140, 6001001, 0x26000 }, { 0x00C1, 140, 7000000, 0x27000 },
	{ 0x00CA, 140, 7000001, 0x27000 }, { 0x0100, 140, 7002000, 0x27000 },
	{ 0x0123, 140, 7003000, 0x27000 },
};

static uint32_t usual_size(const char *chip)
{
	if (strcmp(chip, "nrf51822") == 0)
		return 0x1B000;
	return strcmp(chip, "nrf52832") == 0 ? 0x26000 : 0x27000;
}

struct softdevice softdevice_find(uint16_t fwid, const char *chip)
{
	for (size_t i = 0; i < sizeof(known) / sizeof(known[0]); i++) {
		if (known[i].fwid == fwid)
			return known[i];
	}
	return (struct softdevice){ .fwid = fwid, .size = usual_size(chip) };
}

static uint32_t get32(const uint8_t *p)
{
	return (uint32_t)p[0] | (uint32_t)p[1] << 8 | (uint32_t)p[2] << 16 | (uint32_t)p[3] << 24;
}

static void put32(uint8_t *p, uint32_t value)
{
	for (int i = 0; i < 4; i++)
		p[i] = (uint8_t)(value >> 8 * i);
}

bool softdevice_read(const uint8_t *image, size_t len, struct softdevice *ret_softdevice)
{
	const uint8_t *info = image + SOFTDEVICE_INFO;

	if (len < SOFTDEVICE_INFO + SOFTDEVICE_INFO_LEN || get32(info + INFO_MAGIC) != magic)
		return false;
	*ret_softdevice = (struct softdevice){ .fwid = (uint16_t)get32(info + INFO_FWID),
					       .size = get32(info + INFO_SIZE) };
	/* Early SoftDevices have a shorter structure. */
	if (info[INFO_LENGTH] > INFO_ID)
		ret_softdevice->id = get32(info + INFO_ID);
	if (info[INFO_LENGTH] > INFO_VERSION)
		ret_softdevice->version = get32(info + INFO_VERSION);
	return true;
}

void softdevice_generate(const struct softdevice *softdevice, uint8_t *image, size_t len)
{
	for (size_t i = 0; i < len; i++)
		image[i] = (uint8_t)((i * 2654435761u) >> 24);
	if (len < SOFTDEVICE_INFO + SOFTDEVICE_INFO_LEN)
		return;
	image += SOFTDEVICE_INFO;
	memset(image, 0xFF, SOFTDEVICE_INFO_LEN);
	image[INFO_LENGTH] = SOFTDEVICE_INFO_LEN;
	put32(image + INFO_MAGIC, magic);
	put32(image + INFO_SIZE, softdevice->size);
	put32(image + INFO_FWID, 0xFFFF0000u | softdevice->fwid);
	put32(image + INFO_ID, softdevice->id);
	put32(image + INFO_VERSION, softdevice->version);
}
