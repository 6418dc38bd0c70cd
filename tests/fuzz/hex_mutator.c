/*
 * Mends what libFuzzer's mutations break: nearly every changed record would fail its checksum, and
 * nothing behind that would ever be reached. One input in eight stays broken.
 */
#include "fuzz.h"
#include "hex.h"

#include <string.h>

enum { BROKEN_ONE_IN = 8, OCTETS_MIN = 5, OCTETS_MAX = 4 + 255 + 1 };

/* libFuzzer's own mutations; from its runtime. */
size_t LLVMFuzzerMutate(uint8_t *data, size_t size, size_t max_size);
/* Called by libFuzzer in place of them. */
size_t LLVMFuzzerCustomMutator(uint8_t *data, size_t size, size_t max_size, unsigned seed);

static void put_octet(char *digits, uint8_t octet)
{
	static const char hex[] = "0123456789ABCDEF";

	digits[0] = hex[octet >> 4];
	digits[1] = hex[octet & 15];
}

/* The number of octets that stand at digits; at most as many as a record may have. */
static size_t count_octets(const char *digits, size_t len)
{
	size_t octets = 0;

	while (octets < OCTETS_MAX && 2 * octets + 1 < len && hex_octet(digits + 2 * octets) >= 0)
		octets++;
	return octets;
}

/* Count and checksum of the record, behind its colon. */
static void mend_record(char *digits, size_t len)
{
	size_t octets = count_octets(digits, len);
	uint8_t sum = 0;

	if (octets < OCTETS_MIN)
		return;
	put_octet(digits, (uint8_t)(octets - OCTETS_MIN));
	for (size_t i = 0; i < octets - 1; i++)
		sum = (uint8_t)(sum + hex_octet(digits + 2 * i));
	put_octet(digits + 2 * (octets - 1), (uint8_t)-sum);
}

size_t LLVMFuzzerCustomMutator(uint8_t *data, size_t size, size_t max_size, unsigned seed)
{
	char *text = (char *)data;
	char *colon = text;
	size_t len = LLVMFuzzerMutate(data, size, max_size);

	if (seed % BROKEN_ONE_IN == 0)
		return len;
	while ((colon = memchr(colon, ':', len - (size_t)(colon - text))) != NULL) {
		colon++;
		mend_record(colon, len - (size_t)(colon - text));
	}
	return len;
}
