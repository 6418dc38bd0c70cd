/* A YAML file, from the disk to its root, within bounds. */
#include "strict.h"

#include <errno.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum {
	FILE_MAX = 256 * 1024,
	DEPTH_MAX = 8,
	VALUES_MAX = 64 * 1024,
	ANCHORS_MAX = 1000 /* as many as there may be devices */
};

struct text {
	uint8_t *bytes;
	size_t len;
};

struct shape {
	size_t documents, depth, values, anchors;
};

static bool refuse_at(struct strict *strict, size_t line, size_t column, const char *format, ...)
	__attribute__((format(printf, 4, 5)));

/* From 0, as libyaml counts. */
static bool refuse_at(struct strict *strict, size_t line, size_t column, const char *format, ...)
{
	char reason[STRICT_REASON_MAX];
	va_list args;

	va_start(args, format);
	vsnprintf(reason, sizeof(reason), format, args);
	va_end(args);
	snprintf(strict->message, sizeof(strict->message), "%.200s:%zu:%zu: %s", strict->path,
		 line + 1, column + 1, reason);
	return false;
}

static bool refuse_file(struct strict *strict, const char *reason)
{
	snprintf(strict->message, sizeof(strict->message), "%.200s: %s", strict->path, reason);
	return false;
}

static bool fill(struct strict *strict, FILE *file, struct text *text)
{
	text->bytes = malloc(FILE_MAX + 1);
	if (!text->bytes)
		return refuse_file(strict, "out of memory");
	text->len = fread(text->bytes, 1, FILE_MAX + 1, file);
	if (ferror(file))
		return refuse_file(strict, strerror(errno));
	if (text->len > FILE_MAX)
		return refuse_file(strict, "larger than 256 KiB");
	return true;
}

static bool read_text(struct strict *strict, struct text *text)
{
	FILE *file = fopen(strict->path, "re");
	bool good;

	if (!file)
		return refuse_file(strict, strerror(errno));
	good = fill(strict, file, text);
	fclose(file);
	return good;
}

/* libyaml marks wrong syntax by line and column, but broken characters by their offset alone. */
static bool refuse_yaml(struct strict *strict, const yaml_parser_t *parser, const struct text *text)
{
	size_t line = parser->problem_mark.line;
	size_t column = parser->problem_mark.column;

	if (parser->error == YAML_MEMORY_ERROR || !parser->problem)
		return refuse_file(strict, "out of memory");
	if (parser->error == YAML_READER_ERROR) {
		line = 0;
		column = 0;
		for (size_t i = 0; i < parser->problem_offset && i < text->len; i++) {
			column = text->bytes[i] == '\n' ? 0 : column + 1;
			line += text->bytes[i] == '\n';
		}
	}
	return refuse_at(strict, line, column, "not YAML: %s", parser->problem);
}

/* What one event adds. */
static void count_event(const yaml_event_t *event, struct shape *shape)
{
	switch (event->type) {
	case YAML_DOCUMENT_START_EVENT:
		shape->documents++;
		return;
	case YAML_SEQUENCE_START_EVENT:
		shape->depth++;
		shape->anchors += event->data.sequence_start.anchor != NULL;
		break;
	case YAML_MAPPING_START_EVENT:
		shape->depth++;
		shape->anchors += event->data.mapping_start.anchor != NULL;
		break;
	case YAML_SEQUENCE_END_EVENT:
	case YAML_MAPPING_END_EVENT:
		shape->depth--;
		return;
	case YAML_SCALAR_EVENT:
		shape->anchors += event->data.scalar.anchor != NULL;
		break;
	default:
		break;
	}
	shape->values++;
}

static bool check_event(struct strict *strict, const yaml_event_t *event, struct shape *shape)
{
	const yaml_mark_t *at = &event->start_mark;

	count_event(event, shape);
	if (shape->documents > 1)
		return refuse_at(strict, at->line, at->column,
				 "a second document begins here; expected one");
	if (shape->depth > DEPTH_MAX)
		return refuse_at(strict, at->line, at->column, "nested deeper than %d levels",
				 DEPTH_MAX);
	if (shape->values > VALUES_MAX)
		return refuse_at(strict, at->line, at->column, "more than %d values", VALUES_MAX);
	if (shape->anchors > ANCHORS_MAX)
		return refuse_at(strict, at->line, at->column, "more than %d anchors", ANCHORS_MAX);
	return true;
}

/*
 * A pass of its own: to build the tree of some kilobytes of brackets, or of anchors, would take
 * libyaml minutes.
 */
static bool check_shape(struct strict *strict, yaml_parser_t *parser, const struct text *text)
{
	struct shape shape = { 0 };
	bool ended = false;
	bool good = true;

	while (good && !ended) {
		yaml_event_t event;

		if (!yaml_parser_parse(parser, &event))
			return refuse_yaml(strict, parser, text);
		good = check_event(strict, &event, &shape);
		ended = event.type == YAML_STREAM_END_EVENT;
		yaml_event_delete(&event);
	}
	return good;
}

static bool load_document(struct strict *strict, yaml_parser_t *parser, const struct text *text)
{
	return yaml_parser_load(parser, strict->document) || refuse_yaml(strict, parser, text);
}

typedef bool pass_fn(struct strict *strict, yaml_parser_t *parser, const struct text *text);

static bool run_pass(struct strict *strict, const struct text *text, pass_fn *pass)
{
	yaml_parser_t parser;
	bool good;

	if (!yaml_parser_initialize(&parser))
		return refuse_file(strict, "out of memory");
	yaml_parser_set_input_string(&parser, text->bytes, text->len);
	good = pass(strict, &parser, text);
	yaml_parser_delete(&parser);
	return good;
}

static bool read_root(struct strict *strict, const struct strict_key *keys, void *target)
{
	const yaml_node_t *root = yaml_document_get_root_node(strict->document);

	if (!root)
		return refuse_at(strict, 0, 0, "the file is empty");
	return strict_mapping(strict, root, keys, target);
}

bool strict_read_file(struct strict *strict, const char *path, const struct strict_key *keys,
		      void *target)
{
	yaml_document_t document;
	struct text text = { 0 };
	bool good;

	*strict = (struct strict){ .path = path, .document = &document };
	good = read_text(strict, &text) && run_pass(strict, &text, check_shape) &&
	       run_pass(strict, &text, load_document);
	if (good) {
		good = read_root(strict, keys, target);
		yaml_document_delete(&document);
	}
	strict->document = NULL;
	free(text.bytes);
	return good;
}
