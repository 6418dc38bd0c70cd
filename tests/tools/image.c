#include "image.h"

#include "command.h"
#include "softdevice.h"

#include <ctype.h>
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { IMAGE_MAX = 16 << 20, VECTORS_LEN = 8, STACK_POINTER = 0x20004000, PAGE_LEN = 0x1000 };

int image_read(const char *path, struct image *ret_image)
{
	FILE *file = fopen(path, "re");

	if (!file)
		return complain(strerror(errno), path);
	ret_image->data = malloc(IMAGE_MAX);
	if (ret_image->data)
		ret_image->len = fread(ret_image->data, 1, IMAGE_MAX, file);
	fclose(file);
	return ret_image->len > 0 ? 0 : complain("cannot be read, or is empty", path);
}

static void put_word(uint8_t *at, uint32_t value)
{
	for (size_t i = 0; i < 4; i++)
		at[i] = (uint8_t)(value >> 8 * i);
}

/* xorshift32 (Marsaglia). */
static int fill(const char *text, struct image *ret_image)
{
	char *end;
	unsigned long len = strtoul(text, &end, 0);
	uint32_t seed = *end == ':' ? (uint32_t)strtoul(end + 1, &end, 0) : 1;
	uint32_t word = seed * 2654435761u | 1;

	if (*end != '\0' || len < VECTORS_LEN || len > IMAGE_MAX)
		return complain("not LEN[:SEED] with a length from 8 to 16 MiB", text);
	ret_image->data = malloc(len);
	if (!ret_image->data)
		return complain("out of memory", NULL);
	ret_image->len = len;
	for (size_t i = 0; i < len; i++) {
		word ^= word << 13;
		word ^= word >> 17;
		word ^= word << 5;
		ret_image->data[i] = (uint8_t)(word >> 24);
	}
	return 0;
}

/* Stack pointer and reset handler come first. */
int image_invent(const char *text, uint32_t start, struct image *ret_image)
{
	if (fill(text, ret_image) < 0)
		return -1;
	put_word(ret_image->data, STACK_POINTER);
	put_word(ret_image->data + 4, (start + (uint32_t)(ret_image->len / 2)) | 1);
	return 0;
}

static bool is_file(const char *text)
{
	return !isdigit((unsigned char)text[0]) || text[strspn(text, "0123456789abcdefABCDEFxX:")];
}

int image_obtain(const char *text, uint32_t start, struct image *ret_image)
{
	return is_file(text) ? image_read(text, ret_image) : image_invent(text, start, ret_image);
}

/* Applications start where it is known to end, or behind it. */
static int describe_softdevice(struct image *image, uint16_t fwid)
{
	struct softdevice softdevice = softdevice_find(fwid, "nrf52832");
	uint32_t end =
		(uint32_t)(image->len + SOFTDEVICE_START + PAGE_LEN - 1) / PAGE_LEN * PAGE_LEN;
	uint8_t described[SOFTDEVICE_INFO + SOFTDEVICE_INFO_LEN];

	if (image->len < sizeof(described))
		return complain("a SoftDevice has at least 8216 bytes", NULL);
	if (softdevice.size < end)
		softdevice.size = end;
	softdevice_generate(&softdevice, described, sizeof(described));
	memcpy(image->data + SOFTDEVICE_INFO, described + SOFTDEVICE_INFO, SOFTDEVICE_INFO_LEN);
	return 0;
}

int image_obtain_softdevice(const char *text, uint16_t fwid, struct image *ret_image)
{
	if (is_file(text))
		return image_read(text, ret_image);
	if (image_invent(text, SOFTDEVICE_START, ret_image) < 0)
		return -1;
	return describe_softdevice(ret_image, fwid);
}

int image_softdevice_id(const struct image *image, uint16_t *ret_fwid)
{
	struct softdevice softdevice;

	if (!softdevice_read(image->data, image->len, &softdevice))
		return -1;
	*ret_fwid = softdevice.fwid;
	return 0;
}

int image_append(struct image *image, const struct image *second)
{
	uint8_t *data = realloc(image->data, image->len + second->len);

	if (!data)
		return complain("out of memory", NULL);
	memcpy(data + image->len, second->data, second->len);
	image->data = data;
	image->len += second->len;
	return 0;
}
