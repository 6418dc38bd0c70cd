#include "parse.h"

#include <string.h>

/* So much of an interrupted line is kept: more than any line that can be, without a value. */
enum { HEAD_MAX = 64 };

/*
 * One line of BlueZ 5.66's gatttool each, the first that fits counts. %h, %e and %c: a handle, its
 * end, a value's; %p properties; %m a decimal MTU; %u a UUID; %v bytes; %t the rest of the line.
 */
static const struct pattern {
	enum event_kind kind;
	const char *text;
} patterns[] = {
	{ EVENT_CONNECTED, "Connection successful" },
	{ EVENT_WRITTEN, "Characteristic value was written successfully" },
	{ EVENT_READ, "Characteristic value/descriptor: %v" },
	{ EVENT_VALUE, "Notification handle = %h value: %v" },
	{ EVENT_VALUE, "Indication   handle = %h value: %v" },
	{ EVENT_GARBLED, "Notification handle = " },
	{ EVENT_GARBLED, "Indication   handle = " },
	{ EVENT_MTU, "MTU was exchanged successfully: %m" },
	{ EVENT_SERVICE, "attr handle: %h, end grp handle: %e uuid: %u" },
	{ EVENT_CHARACTERISTIC,
	  "handle: %h, char properties: %p, char value handle: %c, uuid: %u" },
	{ EVENT_DESCRIPTOR, "handle: %h, uuid: %u" },
	{ EVENT_MARK, "Usage: mtu <value>" },
	{ EVENT_NO_LINK, "Command Failed: Disconnected" },
	{ EVENT_ERROR, "Command Failed: %t" },
	{ EVENT_ERROR, "Error: %t" },
	{ EVENT_LOST, "Invalid file descriptor" },
};

/* --- one line --- */

static int digit(char c, unsigned base)
{
	int value = -1;

	if (c >= '0' && c <= '9')
		value = c - '0';
	else if (c >= 'a' && c <= 'f')
		value = c - 'a' + 10;
	return value < (int)base ? value : -1;
}

static bool take_text(const char **at, const char *text)
{
	size_t len = strlen(text);

	if (strncmp(*at, text, len) != 0)
		return false;
	*at += len;
	return true;
}

/* All digits that stand there; a number above max is none of ours. */
static bool take_number(const char **at, unsigned base, unsigned max, unsigned *ret_number)
{
	const char *begin = *at;
	unsigned number = 0;

	for (; digit(**at, base) >= 0; (*at)++) {
		number = number * base + (unsigned)digit(**at, base);
		if (number > max)
			return false;
	}
	*ret_number = number;
	return *at > begin;
}

static bool take_hex(const char **at, unsigned max, unsigned *ret_number)
{
	return take_text(at, "0x") && take_number(at, 16, max, ret_number);
}

/* Two digits, in *at. */
static int byte_at(const char *at)
{
	int high = digit(at[0], 16);
	int low = high < 0 ? -1 : digit(at[1], 16);

	return low < 0 ? -1 : high << 4 | low;
}

/* Bytes with a space behind each. A digit more, and a part of the line is missing. */
static bool take_value(const char **at, uint8_t *buf, size_t *ret_len)
{
	size_t len = 0;

	for (; byte_at(*at) >= 0 && (*at)[2] == ' '; *at += 3) {
		if (len == PARSE_VALUE_MAX)
			return false;
		buf[len++] = (uint8_t)byte_at(*at);
	}
	*ret_len = len;
	return digit(**at, 16) < 0;
}

static bool take_uuid(const char **at, struct otadfu_uuid *ret_uuid)
{
	size_t len = 0;

	while (len < sizeof(ret_uuid->bytes)) {
		if (**at == '-')
			(*at)++;
		if (byte_at(*at) < 0)
			return false;
		ret_uuid->bytes[len++] = (uint8_t)byte_at(*at);
		*at += 2;
	}
	return true;
}

static bool take_field(struct parser *parser, char field, const char **at, struct event *event)
{
	unsigned number = 0;
	bool taken = false;

	switch (field) {
	case 'h':
		taken = take_hex(at, UINT16_MAX, &number);
		event->handle = (uint16_t)number;
		break;
	case 'e':
		taken = take_hex(at, UINT16_MAX, &number);
		event->end = (uint16_t)number;
		break;
	case 'c':
		taken = take_hex(at, UINT16_MAX, &number);
		event->value_handle = (uint16_t)number;
		break;
	case 'p':
		taken = take_hex(at, UINT8_MAX, &number);
		event->props = (uint8_t)number;
		break;
	case 'm':
		taken = take_number(at, 10, UINT16_MAX, &number);
		event->mtu = (uint16_t)number;
		break;
	case 'u':
		taken = take_uuid(at, &event->uuid);
		break;
	case 'v':
		taken = take_value(at, parser->value, &event->len);
		event->value = parser->value;
		break;
	case 't':
		event->text = *at;
		*at += strlen(*at);
		taken = true;
		break;
	}
	return taken;
}

/* What follows the match, or NULL. */
static const char *match(struct parser *parser, const struct pattern *pattern, const char *at,
			 struct event *ret_event)
{
	if (*at != *pattern->text)
		return NULL;
	*ret_event = (struct event){ .kind = pattern->kind };
	for (const char *expected = pattern->text; *expected; expected++) {
		if (*expected == '%') {
			if (!take_field(parser, *++expected, &at, ret_event))
				return NULL;
		} else if (*at++ != *expected) {
			return NULL;
		}
	}
	return at;
}

static const char *match_any(struct parser *parser, const char *at, struct event *ret_event)
{
	for (size_t i = 0; i < sizeof(patterns) / sizeof(patterns[0]); i++) {
		const char *behind = match(parser, &patterns[i], at, ret_event);

		if (behind)
			return behind;
	}
	return NULL;
}

/* Keeps the end of what stood before an event from the air: it may go on behind it. */
static size_t keep_head(struct parser *parser, size_t len)
{
	size_t kept = len < HEAD_MAX ? len : HEAD_MAX;

	memmove(parser->line, parser->line + len - kept, kept);
	return kept;
}

/* Reports all that a line says; returns how long what it interrupted is. */
static size_t parse_line(struct parser *parser, parse_event_fn *on_event, void *user)
{
	const char *at = parser->line;
	size_t head = 0;
	bool first = true;

	while (*at) {
		struct event event;
		const char *behind = match_any(parser, at, &event);

		if (!behind) {
			at++;
			continue;
		}
		if (first && event.kind == EVENT_VALUE)
			head = (size_t)(at - parser->line);
		first = false;
		on_event(user, &event);
		at = behind;
	}
	if (first && parser->len > 0)
		on_event(user, &(struct event){ .kind = EVENT_OTHER, .text = parser->line });
	return keep_head(parser, head);
}

/* --- bytes --- */

enum escape { ESCAPE_NONE = 0, ESCAPE_BEGUN, ESCAPE_SEQUENCE };

/* True: c belongs to an escape sequence (ECMA-48, 5.4). */
static bool is_escaped(struct parser *parser, uint8_t c)
{
	switch (parser->escape) {
	case ESCAPE_BEGUN:
		parser->escape = c == '[' ? ESCAPE_SEQUENCE : ESCAPE_NONE;
		return true;
	case ESCAPE_SEQUENCE:
		if (c >= 0x40 && c <= 0x7E)
			parser->escape = ESCAPE_NONE;
		return true;
	default:
		if (c == 0x1B)
			parser->escape = ESCAPE_BEGUN;
		return c == 0x1B;
	}
}

static void append(struct parser *parser, char c)
{
	/* Too long for a line that means something: only its end can. */
	if (parser->len == PARSE_LINE_MAX) {
		parser->len /= 2;
		memmove(parser->line, parser->line + parser->len, parser->len);
	}
	parser->line[parser->len++] = c;
}

void parser_feed(struct parser *parser, const uint8_t *data, size_t len, parse_event_fn *on_event,
		 void *user)
{
	for (size_t i = 0; i < len; i++) {
		uint8_t c = data[i];

		if (c == '\n') {
			parser->escape = ESCAPE_NONE;
			parser->returned = false;
			parser->line[parser->len] = '\0';
			parser->len = parse_line(parser, on_event, user);
		} else if (is_escaped(parser, c)) {
			continue;
		} else if (c == '\r') {
			parser->returned = true;
		} else if (c >= ' ') {
			/* What a carriage return goes back over is drawn anew. */
			if (parser->returned)
				parser->len = 0;
			parser->returned = false;
			append(parser, c < 0x7F ? (char)c : '?');
		}
	}
}
