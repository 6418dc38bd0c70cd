/* What bluetoothd says of errors, objects and itself: "NAME\nTEXT\nPATH\nMODALIAS". */
#include "error.h"
#include "fuzz.h"
#include "words.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define DEVICE "/org/bluez/hci0/dev_C0_FF_EE_00_00_0C"

static void judge(const struct verdict *verdict)
{
	fuzz_require(verdict->code < OTADFU_OK && error_name(verdict->code), "the code is known");
	fuzz_require(verdict->att_error >= 0 && verdict->att_error <= 0xFF,
		     "an ATT error is a byte");
	fuzz_require(verdict->att_error == 0 || verdict->code == OTADFU_E_ATT ||
			     verdict->code == OTADFU_E_SECURITY,
		     "and comes with its codes alone");
}

/* What is taken says the same when it is written again. */
static void judge_path(const char *path)
{
	struct gatt_path place;
	char again[128];

	if (!words_parse_path(DEVICE, path, &place))
		return;
	snprintf(again, sizeof(again), DEVICE "/service%04x", place.service);
	if (place.characteristic != 0)
		snprintf(again, sizeof(again), DEVICE "/service%04x/char%04x", place.service,
			 place.characteristic);
	fuzz_require(strcasecmp(again, path) == 0, "a path is taken whole");
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	char *text = malloc(size + 1);
	const char *lines[4] = { "", "", "", "" };
	char *rest = text;
	struct verdict verdict;
	unsigned major, minor;

	fuzz_require(text != NULL, "there is memory");
	if (size > 0)
		memcpy(text, data, size);
	text[size] = '\0';
	for (size_t i = 0; i < 4 && rest; i++)
		lines[i] = strsep(&rest, "\n");
	verdict = words_of_request(lines[0], lines[1]);
	judge(&verdict);
	verdict = words_of_connect(lines[0], lines[1]);
	judge(&verdict);
	judge_path(lines[2]);
	if (words_parse_version(lines[3], &major, &minor))
		fuzz_require(major <= 0xFF && minor <= 0xFF, "a version is two bytes");
	free(text);
	return 0;
}
