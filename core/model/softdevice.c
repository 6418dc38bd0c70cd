#include "softdevice.h"

#include "bytes.h"
#include "text.h"

#include <ctype.h>

/* Offsets in the information structure: packages-and-init-packets.md 4. */
enum {
	INFO_LENGTH = 0x00,
	INFO_MAGIC = 0x04,
	INFO_END = 0x08,
	INFO_FWID = 0x0C,
	INFO_ID = 0x10,
	INFO_VERSION = 0x14
};

enum { ID_TEXT_MAX = 16 };

/*
 * packages-and-init-packets.md 3, and of 4 where the application begins. That of S110, and where
 * those for S113 begin, is uncertain there.
 */
static const struct known {
	uint16_t fwid;
	const char *name;
	uint32_t end;
} known[] = {
	{ 0x0064, "S110 8.0.0", 0x18000 }, { 0x0067, "S130 1.0.0", 0x1C000 },
	{ 0x0080, "S130 2.0.0", 0x1B000 }, { 0x0081, "S132 2.0.0", 0x1C000 },
	{ 0x0087, "S130 2.0.1", 0x1B000 }, { 0x0088, "S132 2.0.1", 0x1C000 },
	{ 0x008C, "S132 3.0.0", 0x1F000 }, { 0x0091, "S132 3.1.0", 0x1F000 },
	{ 0x0095, "S132 4.0.0", 0x1F000 }, { 0x0098, "S132 4.0.2", 0x1F000 },
	{ 0x0099, "S132 4.0.3", 0x1F000 }, { 0x009D, "S132 5.0.0", 0x23000 },
	{ 0x009E, "S132 4.0.4", 0x1F000 }, { 0x009F, "S132 4.0.5", 0x1F000 },
	{ 0x00A5, "S132 5.1.0", 0x23000 }, { 0x00A7, "S112 6.0.0", 0x19000 },
	{ 0x00A8, "S132 6.0.0", 0x26000 }, { 0x00A9, "S140 6.0.0", 0x26000 },
	{ 0x00AE, "S140 6.1.0", 0x26000 }, { 0x00AF, "S132 6.1.0", 0x26000 },
	{ 0x00B0, "S112 6.1.0", 0x19000 }, { 0x00B6, "S140 6.1.1", 0x26000 },
	{ 0x00B7, "S132 6.1.1", 0x26000 }, { 0x00B8, "S112 6.1.1", 0x19000 },
	{ 0x00C1, "S140 7.0.0", 0x27000 }, { 0x00C2, "S132 7.0.0", 0x26000 },
	{ 0x00C3, "S113 7.0.0", 0x1C000 }, { 0x00C4, "S112 7.0.0", 0x19000 },
	{ 0x00CA, "S140 7.0.1", 0x27000 }, { 0x00CB, "S132 7.0.1", 0x26000 },
	{ 0x00CC, "S113 7.0.1", 0x1C000 }, { 0x00CD, "S112 7.0.1", 0x19000 },
	{ 0x00EA, "S122 8.0.0", 0x1C000 }, { 0x0100, "S140 7.2.0", 0x27000 },
	{ 0x0101, "S132 7.2.0", 0x26000 }, { 0x0102, "S113 7.2.0", 0x1C000 },
	{ 0x0103, "S112 7.2.0", 0x19000 }, { 0x0112, "S122 8.1.1", 0x1C000 },
	{ 0x0123, "S140 7.3.0", 0x27000 }, { 0x0124, "S132 7.3.0", 0x26000 },
	{ 0x0125, "S113 7.3.0", 0x1C000 }, { 0x0126, "S112 7.3.0", 0x19000 },
};

static const struct known *find_known(uint16_t fwid)
{
	for (size_t i = 0; i < sizeof(known) / sizeof(known[0]); i++) {
		if (known[i].fwid == fwid)
			return &known[i];
	}
	return NULL;
}

const char *softdevice_name(uint16_t fwid)
{
	const struct known *found = find_known(fwid);

	return found ? found->name : NULL;
}

uint32_t softdevice_end(uint16_t fwid)
{
	const struct known *found = find_known(fwid);

	return found ? found->end : 0;
}

static bool parse_id(const char *text, size_t len, uint16_t *ret_id)
{
	char word[ID_TEXT_MAX];
	int64_t id;

	for (; len > 0 && isspace((unsigned char)*text); len--)
		text++;
	while (len > 0 && isspace((unsigned char)text[len - 1]))
		len--;
	if (len >= sizeof(word))
		return false;
	memcpy(word, text, len);
	word[len] = '\0';
	if (!text_to_int(word, &id) || id < 0 || id > UINT16_MAX)
		return false;
	*ret_id = (uint16_t)id;
	return true;
}

static bool is_listed(uint16_t id, const uint16_t *ids, size_t count)
{
	for (size_t i = 0; i < count; i++) {
		if (ids[i] == id)
			return true;
	}
	return false;
}

bool softdevice_parse_list(const char *text, uint16_t *ids, size_t capacity, size_t *ret_count)
{
	size_t count = 0;
	bool more = true;

	while (more) {
		size_t len = strcspn(text, ",");
		uint16_t id;

		if (!parse_id(text, len, &id))
			return false;
		more = text[len] == ',';
		text += len + more;
		/* Once is enough, and the order stays: a leading 0 means something (section 5). */
		if (is_listed(id, ids, count))
			continue;
		if (count == capacity)
			return false;
		ids[count++] = id;
	}
	*ret_count = count;
	return true;
}

bool softdevice_read_info(const uint8_t *data, size_t len, struct softdevice_info *ret_info)
{
	if (len < SOFTDEVICE_INFO_LEN || get_le32(data + INFO_MAGIC) != SOFTDEVICE_MAGIC)
		return false;
	*ret_info = (struct softdevice_info){
		.end = get_le32(data + INFO_END),
		.fwid = get_le16(data + INFO_FWID),
		.id = data[INFO_LENGTH] > INFO_ID ? get_le32(data + INFO_ID) : 0,
		.version = data[INFO_LENGTH] > INFO_VERSION ? get_le32(data + INFO_VERSION) : 0,
	};
	return true;
}

bool softdevice_find_info(const uint8_t *image, size_t len, struct softdevice_info *ret_info)
{
	if (len < SOFTDEVICE_INFO_OFFSET)
		return false;
	return softdevice_read_info(image + SOFTDEVICE_INFO_OFFSET, len - SOFTDEVICE_INFO_OFFSET,
				    ret_info);
}
