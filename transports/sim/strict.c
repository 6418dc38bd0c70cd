#include "strict.h"

#include <ctype.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

bool strict_refuse(struct strict *strict, const yaml_node_t *node, const char *format, ...)
{
	char reason[STRICT_REASON_MAX];
	va_list args;

	if (strict->message[0])
		return false;
	va_start(args, format);
	vsnprintf(reason, sizeof(reason), format, args);
	va_end(args);
	snprintf(strict->message, sizeof(strict->message), "%.200s:%zu:%zu: %s", strict->path,
		 node->start_mark.line + 1, node->start_mark.column + 1, reason);
	return false;
}

/* Control characters would break the one line of a message, and NUL the text. */
static bool is_one_line(const yaml_node_t *node)
{
	for (size_t i = 0; i < node->data.scalar.length; i++) {
		if (iscntrl(node->data.scalar.value[i]))
			return false;
	}
	return true;
}

const char *strict_scalar(struct strict *strict, const yaml_node_t *node, const char *expected)
{
	if (node->type != YAML_SCALAR_NODE || !is_one_line(node)) {
		strict_refuse(strict, node, "expected %s", expected);
		return NULL;
	}
	return (const char *)node->data.scalar.value;
}

/* A quoted number is text. */
static const char *plain_scalar(struct strict *strict, const yaml_node_t *node,
				const char *expected)
{
	const char *text = strict_scalar(strict, node, expected);

	if (text && node->data.scalar.style != YAML_PLAIN_SCALAR_STYLE) {
		strict_refuse(strict, node, "expected %s without quotes", expected);
		return NULL;
	}
	return text;
}

static bool parse_int(const char *text, int64_t *ret_value)
{
	bool negative = text[0] == '-';
	const char *start = text + negative;
	bool hexadecimal = strncasecmp(start, "0x", 2) == 0;
	const char *digits = hexadecimal ? start + 2 : start;
	const char *allowed = hexadecimal ? "0123456789abcdefABCDEF" : "0123456789";
	int64_t value;

	if (!*digits || digits[strspn(digits, allowed)] || strlen(digits) > 10)
		return false;
	value = strtoll(digits, NULL, hexadecimal ? 16 : 10);
	*ret_value = negative ? -value : value;
	return true;
}

static bool read_int(struct strict *strict, const yaml_node_t *node, const struct strict_key *key,
		     void *place)
{
	const char *text = plain_scalar(strict, node, "a number");
	int64_t value;

	if (!text)
		return false;
	if (!parse_int(text, &value) || value < key->min || value > key->max)
		return strict_refuse(strict, node, "\"%.40s\": expected a number from %lld to %lld",
				     text, (long long)key->min, (long long)key->max);
	if (key->width == sizeof(uint8_t))
		*(uint8_t *)place = (uint8_t)value;
	else if (key->width == sizeof(uint16_t))
		*(uint16_t *)place = (uint16_t)value;
	else
		*(uint32_t *)place = (uint32_t)value;
	return true;
}

/* "7.5" is 7500: at most six digits, then at most three behind the point. */
static bool parse_milli(const char *text, uint32_t *ret_value)
{
	static const char digits[] = "0123456789";
	size_t whole = strspn(text, digits);
	const char *rest = text + whole;
	uint32_t value = (uint32_t)strtoul(text, NULL, 10) * 1000;
	size_t fraction = *rest == '.' ? strspn(rest + 1, digits) : 0;

	if (whole == 0 || whole > 6 || fraction > 3 || (*rest == '.' && fraction == 0) ||
	    rest[fraction ? fraction + 1 : 0])
		return false;
	for (uint32_t i = 0, scale = 100; i < fraction; i++, scale /= 10)
		value += (uint32_t)(rest[1 + i] - '0') * scale;
	*ret_value = value;
	return true;
}

static bool read_milli(struct strict *strict, const yaml_node_t *node, const struct strict_key *key,
		       uint32_t *place)
{
	const char *text = plain_scalar(strict, node, "a number");
	uint32_t value;

	if (!text)
		return false;
	if (!parse_milli(text, &value) || value < key->min || value > key->max)
		return strict_refuse(strict, node, "\"%.40s\": expected a number from %g to %g",
				     text, (double)key->min / 1000, (double)key->max / 1000);
	*place = value;
	return true;
}

static bool read_text(struct strict *strict, const yaml_node_t *node, const struct strict_key *key,
		      char **place)
{
	const char *text = strict_scalar(strict, node, "a text");

	if (!text)
		return false;
	if (!*text || strlen(text) > (size_t)key->max)
		return strict_refuse(strict, node, "expected a text of 1 to %lld bytes",
				     (long long)key->max);
	*place = strdup(text);
	return *place || strict_refuse(strict, node, "out of memory");
}

static bool read_bool(struct strict *strict, const yaml_node_t *node, bool *place)
{
	const char *text = plain_scalar(strict, node, "true or false");

	if (!text)
		return false;
	if (strcmp(text, "true") != 0 && strcmp(text, "false") != 0)
		return strict_refuse(strict, node, "\"%.40s\": expected true or false", text);
	*place = text[0] == 't';
	return true;
}

/* "a, b or c" */
static void join_choices(const char *const *choices, char *buf, size_t cap)
{
	size_t len = 0;

	buf[0] = '\0';
	for (size_t i = 0; choices[i] && len < cap; i++) {
		const char *before = i == 0 ? "" : choices[i + 1] ? ", " : " or ";

		len += (size_t)snprintf(buf + len, cap - len, "%s%s", before, choices[i]);
	}
}

static bool read_choice(struct strict *strict, const yaml_node_t *node,
			const struct strict_key *key, int *place)
{
	char expected[160];
	const char *text;

	join_choices(key->choices, expected, sizeof(expected));
	text = strict_scalar(strict, node, expected);
	if (!text)
		return false;
	for (int i = 0; key->choices[i]; i++) {
		if (strcmp(text, key->choices[i]) == 0) {
			*place = i;
			return true;
		}
	}
	return strict_refuse(strict, node, "\"%.40s\": expected %s", text, expected);
}

static bool read_value(struct strict *strict, const yaml_node_t *node, const struct strict_key *key,
		       void *target)
{
	void *place = (char *)target + key->offset;

	switch (key->kind) {
	case STRICT_TEXT:
		return read_text(strict, node, key, place);
	case STRICT_INT:
		return read_int(strict, node, key, place);
	case STRICT_MILLI:
		return read_milli(strict, node, key, place);
	case STRICT_BOOL:
		return read_bool(strict, node, place);
	case STRICT_CHOICE:
		return read_choice(strict, node, key, place);
	case STRICT_CUSTOM:
		return key->read(strict, node, target);
	}
	return false;
}

static bool refuse_unknown(struct strict *strict, const yaml_node_t *node,
			   const struct strict_key *keys, const char *name)
{
	char known[320] = "";
	size_t len = 0;

	for (const struct strict_key *key = keys; key->name && len < sizeof(known); key++)
		len += (size_t)snprintf(known + len, sizeof(known) - len, "%s%s",
					key == keys ? "" : ", ", key->name);
	return strict_refuse(strict, node, "unknown key \"%.40s\"; known here: %s", name, known);
}

static const yaml_node_t *node_at(const struct strict *strict, int index)
{
	return yaml_document_get_node(strict->document, index);
}

/* The place-th pair that bears this name, from 0; NULL: there is none. */
static const yaml_node_pair_t *find_pair(const struct strict *strict, const yaml_node_t *mapping,
					 const char *name, unsigned place)
{
	for (const yaml_node_pair_t *pair = mapping->data.mapping.pairs.start;
	     pair < mapping->data.mapping.pairs.top; pair++) {
		const yaml_node_t *key = node_at(strict, pair->key);

		if (strcmp((const char *)key->data.scalar.value, name) == 0 && place-- == 0)
			return pair;
	}
	return NULL;
}

const yaml_node_t *strict_find(const struct strict *strict, const yaml_node_t *mapping,
			       const char *name)
{
	const yaml_node_pair_t *pair = find_pair(strict, mapping, name, 0);

	return pair ? node_at(strict, pair->value) : mapping;
}

static bool check_names(struct strict *strict, const yaml_node_t *mapping,
			const struct strict_key *keys)
{
	for (const yaml_node_pair_t *pair = mapping->data.mapping.pairs.start;
	     pair < mapping->data.mapping.pairs.top; pair++) {
		const yaml_node_t *node = node_at(strict, pair->key);
		const char *name = strict_scalar(strict, node, "a key");
		const struct strict_key *key = keys;

		if (!name)
			return false;
		while (key->name && strcmp(key->name, name) != 0)
			key++;
		if (!key->name)
			return refuse_unknown(strict, node, keys, name);
	}
	return true;
}

bool strict_mapping(struct strict *strict, const yaml_node_t *node, const struct strict_key *keys,
		    void *target)
{
	if (node->type != YAML_MAPPING_NODE)
		return strict_refuse(strict, node, "expected keys and values, as in \"%s: ...\"",
				     keys->name);
	if (!check_names(strict, node, keys))
		return false;
	for (const struct strict_key *key = keys; key->name; key++) {
		const yaml_node_pair_t *pair = find_pair(strict, node, key->name, 0);
		const yaml_node_pair_t *again = find_pair(strict, node, key->name, 1);

		if (again)
			return strict_refuse(strict, node_at(strict, again->key),
					     "\"%s\" stands here twice", key->name);
		if (!pair && key->required)
			return strict_refuse(strict, node, "\"%s\" is missing", key->name);
		if (pair && !read_value(strict, node_at(strict, pair->value), key, target))
			return false;
	}
	return true;
}

char *strict_path(const struct strict *strict, const char *name)
{
	const char *slash = strrchr(strict->path, '/');
	int dir_len = slash && name[0] != '/' ? (int)(slash + 1 - strict->path) : 0;
	char *path;

	return asprintf(&path, "%.*s%s", dir_len, strict->path, name) < 0 ? NULL : path;
}
