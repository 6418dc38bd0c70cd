#include "text.h"

#include <ctype.h>
#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

void text_make_printable(char *text)
{
	for (; *text; text++) {
		if (iscntrl((unsigned char)*text))
			*text = '?';
	}
}

bool text_to_int(const char *text, int64_t *ret_value)
{
	const char *digits = text + (*text == '-' || *text == '+');
	bool hex = digits[0] == '0' && (digits[1] == 'x' || digits[1] == 'X');
	const char *first = hex ? digits + 2 : digits;
	long long value;
	char *end;

	/* strtoll would skip blanks and take a second sign or prefix. */
	if (hex ? !isxdigit((unsigned char)*first) : !isdigit((unsigned char)*first))
		return false;
	errno = 0;
	value = strtoll(text, &end, hex ? 16 : 10);
	if (errno != 0 || *end != '\0')
		return false;
	*ret_value = value;
	return true;
}

bool text_to_bool(const char *text, bool *ret_value)
{
	static const char *const yes[] = { "true", "yes", "on", "1" };
	static const char *const no[] = { "false", "no", "off", "0" };

	for (size_t i = 0; i < sizeof(yes) / sizeof(yes[0]); i++) {
		if (strcasecmp(text, yes[i]) == 0) {
			*ret_value = true;
			return true;
		}
		if (strcasecmp(text, no[i]) == 0) {
			*ret_value = false;
			return true;
		}
	}
	return false;
}

bool text_is_choice(const char *word, const char *choices)
{
	size_t len = strlen(word);

	while (choices) {
		const char *bar = strchr(choices, '|');
		size_t part = bar ? (size_t)(bar - choices) : strlen(choices);

		if (part == len && memcmp(choices, word, len) == 0)
			return true;
		choices = bar ? bar + 1 : NULL;
	}
	return false;
}
