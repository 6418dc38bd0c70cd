#include "firmware.h"

#include "file.h"

#include <ctype.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

bool firmware_is_hex(const char *name, const uint8_t *data, size_t len)
{
	static const struct {
		const char *suffix;
		bool is_hex;
	} suffixes[] = { { ".hex", true }, { ".ihex", true }, { ".bin", false } };
	const char *dot = strrchr(name, '.');
	size_t i = 0;

	for (size_t s = 0; dot && s < sizeof(suffixes) / sizeof(suffixes[0]); s++) {
		if (strcasecmp(dot, suffixes[s].suffix) == 0)
			return suffixes[s].is_hex;
	}
	while (i < len && isspace(data[i]))
		i++;
	return i < len && data[i] == ':';
}

static int convert_hex(const uint8_t *text, size_t len, const struct ihex_range *range,
		       struct firmware *ret_firmware, struct failure *why)
{
	struct ihex_image image;
	int r = ihex_to_image((const char *)text, len, range, &image, why);

	if (r == OTADFU_OK)
		*ret_firmware = (struct firmware){ .data = image.data,
						   .len = image.len,
						   .is_hex = true,
						   .start = image.start,
						   .filled = image.filled };
	return r;
}

static int check_bin(size_t len, const struct ihex_range *range, struct failure *why)
{
	if (range && range->set)
		return failure_set(why, OTADFU_E_CONFIG, 0,
				   "a range is chosen from Intel HEX, which this is not");
	if (len == 0)
		return failure_set(why, OTADFU_E_PACKAGE, 0, "it is empty");
	if (len > FIRMWARE_MAX)
		return failure_set(why, OTADFU_E_PACKAGE, 0, "longer than %d bytes", FIRMWARE_MAX);
	return OTADFU_OK;
}

int firmware_convert(const char *name, uint8_t *data, size_t len, const struct ihex_range *range,
		     struct firmware *ret_firmware, struct failure *why)
{
	bool is_hex = firmware_is_hex(name, data, len);
	int r = is_hex ? convert_hex(data, len, range, ret_firmware, why)
		       : check_bin(len, range, why);

	if (r == OTADFU_OK && !is_hex)
		*ret_firmware = (struct firmware){ .data = data, .len = len };
	else
		free(data);
	return r;
}

int firmware_read(const char *path, const struct ihex_range *range, struct firmware *ret_firmware,
		  struct failure *why)
{
	struct failure reason = { 0 };
	uint8_t *data;
	size_t len;
	int r = file_read(path, FIRMWARE_HEX_TEXT_MAX, OTADFU_E_PACKAGE, &data, &len, why);

	if (r < 0)
		return r;
	r = firmware_convert(path, data, len, range, ret_firmware, &reason);
	return r == OTADFU_OK ? r : failure_pass(why, r, &reason, path);
}
