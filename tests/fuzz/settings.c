/* A settings page: what has right CRCs is, made anew, the same but for what no CRC covers. */
#include "fuzz.h"
#include "settings_page.h"

#include <string.h>

enum { COVERED_1 = 0x5C, VALIDATION = 0x25C, USED_2 = 0x323 };

static void judge(const struct settings_page *page, const uint8_t *data)
{
	uint8_t bytes[SETTINGS_LEN_MAX];
	size_t len = settings_encode(page, bytes);

	fuzz_require(len == (page->version == SETTINGS_VERSION_2 ? SETTINGS_LEN_2 : SETTINGS_LEN_1),
		     "the version tells the length");
	fuzz_require(memcmp(data, bytes, COVERED_1) == 0, "a good page is made again");
	if (page->has_good_validation_crc)
		fuzz_require(memcmp(data + VALIDATION, bytes + VALIDATION, USED_2 - VALIDATION) ==
				     0,
			     "so are its boot validations");
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct settings_page page = { 0 };
	struct failure why = { 0 };
	int r = settings_decode(data, size, &page, &why);

	if (r < 0) {
		fuzz_require_reason(r, &why);
		return 0;
	}
	fuzz_require(page.version == SETTINGS_VERSION_1 || page.version == SETTINGS_VERSION_2,
		     "the version is known");
	if (page.has_good_crc)
		judge(&page, data);
	return 0;
}
