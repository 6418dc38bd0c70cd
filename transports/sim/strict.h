/*
 * Strict reading of a YAML file: a table of keys says what a mapping may hold and where each value
 * goes; anything else is refused with file, line and column.
 */
#ifndef OTADFU_SIM_STRICT_H
#define OTADFU_SIM_STRICT_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <yaml.h>

enum { STRICT_MESSAGE_MAX = 640, STRICT_REASON_MAX = 400 };

struct strict {
	const char *path;
	yaml_document_t *document;
	char message[STRICT_MESSAGE_MAX]; /* why it was refused: one line */
};

/* Records the first refusal. Always false, to be returned. */
bool strict_refuse(struct strict *strict, const yaml_node_t *node, const char *format, ...)
	__attribute__((format(printf, 3, 4)));

enum strict_kind {
	STRICT_TEXT = 1, /* char *, malloc'd; 1 to max bytes */
	STRICT_INT,      /* an integer of width bytes; decimal or 0x; min to max */
	STRICT_MILLI,    /* uint32_t: a decimal fraction times 1000; min to max, in thousandths */
	STRICT_BOOL,     /* bool */
	STRICT_CHOICE,   /* int: its place in choices, from 0 */
	STRICT_CUSTOM    /* by read */
};

struct strict_key {
	const char *name;
	enum strict_kind kind;
	size_t offset; /* in the target */
	size_t width;  /* of STRICT_INT */
	int64_t min;
	int64_t max;
	const char *const *choices; /* NULL-terminated */
	bool (*read)(struct strict *strict, const yaml_node_t *node, void *target);
	bool required;
};

#define STRICT_INT_AT(type, member, least, most)                                                   \
	.kind = STRICT_INT, .offset = offsetof(type, member),                                      \
	.width = sizeof(((type *)0)->member), .min = (least), .max = (most)

/*
 * Reads a mapping into target, by keys (ended by a NULL name). Values that are absent leave the
 * target as it is. False: refused, see message; what was read until then stays in the target.
 */
bool strict_mapping(struct strict *strict, const yaml_node_t *node, const struct strict_key *keys,
		    void *target);

/* The node's text, NULL (and refused) when it is not a scalar. */
const char *strict_scalar(struct strict *strict, const yaml_node_t *node, const char *expected);

/* The value that mapping holds for name, to be refused; the mapping itself when there is none. */
const yaml_node_t *strict_find(const struct strict *strict, const yaml_node_t *mapping,
			       const char *name);

/* Where a file that this one names lies: relative to it. NULL: out of memory. Caller frees. */
char *strict_path(const struct strict *strict, const char *name);

/*
 * strict_file.c: loads the one document of a file and hands its root to the keys. False: refused,
 * or the file cannot be read; message says so.
 */
bool strict_read_file(struct strict *strict, const char *path, const struct strict_key *keys,
		      void *target);

#endif
