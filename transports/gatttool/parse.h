/*
 * What gatttool prints on its terminal, as events. Pure and incremental: bytes go in as they are
 * read. Prompts, the echo of what was typed, colours and anything unknown are passed over.
 */
#ifndef OTADFU_GATTTOOL_PARSE_H
#define OTADFU_GATTTOOL_PARSE_H

#include <otadfu/types.h>
#include <stdbool.h>

enum {
	/* The longest line that means something tells a value of 512 bytes, three columns each.
	 * The rest is room for what may stand before it. */
	PARSE_LINE_MAX = 4096,
	PARSE_VALUE_MAX = 1024
};

enum event_kind { /* members of struct event beside it */
		  EVENT_NONE = 0,
		  EVENT_CONNECTED,
		  EVENT_WRITTEN,        /* a write request was answered */
		  EVENT_READ,           /* value */
		  EVENT_MTU,            /* mtu */
		  EVENT_SERVICE,        /* handle, end, uuid */
		  EVENT_CHARACTERISTIC, /* handle, props, value_handle, uuid */
		  EVENT_DESCRIPTOR,     /* handle, uuid */
		  EVENT_VALUE,          /* of a notification or indication: handle, value */
		  EVENT_GARBLED,        /* one that cannot be read */
		  EVENT_MARK,           /* `mtu` without a number was obeyed: there is a link */
		  EVENT_NO_LINK,        /* a command was refused: there is none */
		  EVENT_LOST,           /* GLib's complaint when the link goes away */
		  EVENT_ERROR,          /* text: any other failure */
		  EVENT_OTHER           /* text: a line that is none of these */
};

/* Members that its kind does not name are zero. value and text live until the callback returns. */
struct event {
	enum event_kind kind;
	uint16_t handle;
	uint16_t end;
	uint16_t value_handle;
	uint16_t mtu;
	uint8_t props;
	struct otadfu_uuid uuid;
	const uint8_t *value;
	size_t len;
	const char *text;
};

typedef void parse_event_fn(void *user, const struct event *event);

/* All zero to begin with. */
struct parser {
	int escape; /* how far into an escape sequence */
	bool returned;
	size_t len;
	char line[PARSE_LINE_MAX + 1];
	uint8_t value[PARSE_VALUE_MAX];
};

void parser_feed(struct parser *parser, const uint8_t *data, size_t len, parse_event_fn *on_event,
		 void *user);

#endif
