#include "version.h"

#include <stddef.h>
#include <string.h>

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
