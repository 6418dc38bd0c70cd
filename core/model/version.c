#include "version.h"

#include "text.h"

#include <stddef.h>
#include <string.h>

enum { MAJOR_MAX = 429495 }; /* times 10000 and 9999 more is just below 2^32 */

static bool is_digit(char c)
{
	return c >= '0' && c <= '9';
}

static size_t digits_at(const char *text)
{
	size_t count = 0;

	while (is_digit(text[count]))
		count++;
	return count;
}

bool version_is_valid(const char *text)
{
	size_t count;

	while ((count = digits_at(text)) > 0 && text[count] == '.')
		text += count + 1;
	return count > 0 && text[count] == '\0';
}

/* A number at text, and then end. False, *ret_part untouched, for anything else. */
static bool take_part(const char **text, char end, uint32_t max, uint32_t *ret_part)
{
	size_t count = digits_at(*text);
	uint32_t part = 0;

	if (count == 0 || count > 6 || (*text)[count] != end)
		return false;
	for (size_t i = 0; i < count; i++)
		part = part * 10 + (uint32_t)((*text)[i] - '0');
	if (part > max)
		return false;
	*text += count + 1;
	*ret_part = part;
	return true;
}

bool version_to_number(const char *text, uint32_t *ret_number)
{
	uint32_t major, minor, patch;
	int64_t number;

	if (text_to_int(text, &number)) {
		if (number < 0 || number > UINT32_MAX)
			return false;
		*ret_number = (uint32_t)number;
		return true;
	}
	if (!take_part(&text, '.', MAJOR_MAX, &major) || !take_part(&text, '.', 99, &minor) ||
	    !take_part(&text, '\0', 99, &patch))
		return false;
	*ret_number = major * 10000 + minor * 100 + patch;
	return true;
}

/* Numbers of any length: the device's text is not ours to trust. */
static int compare_digits(const char *a, size_t a_len, const char *b, size_t b_len)
{
	for (; a_len > 0 && *a == '0'; a_len--)
		a++;
	for (; b_len > 0 && *b == '0'; b_len--)
		b++;
	if (a_len != b_len)
		return a_len < b_len ? -1 : 1;
	return strncmp(a, b, a_len);
}

/* To the next number; to where there is none at the last one. */
static const char *skip_number(const char *text)
{
	text += digits_at(text);
	return *text == '.' && is_digit(text[1]) ? text + 1 : text;
}

static const char *skip_prefix(const char *text)
{
	return (*text == 'v' || *text == 'V') && is_digit(text[1]) ? text + 1 : text;
}

bool version_compare(const char *a, const char *b, int *ret_order)
{
	int order = 0;

	a = skip_prefix(a);
	b = skip_prefix(b);
	if (!is_digit(*a) || !is_digit(*b))
		return false;
	while (order == 0 && (is_digit(*a) || is_digit(*b))) {
		order = compare_digits(a, digits_at(a), b, digits_at(b));
		a = skip_number(a);
		b = skip_number(b);
	}
	*ret_order = order;
	return true;
}
