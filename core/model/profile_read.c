#include "profile.h"

#include "cleanup.h"
#include "file.h"
#include "profile_field.h"
#include "profile_reader.h"

#include <ctype.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>

enum { PROFILE_MAX = 256 << 10, KEYS_MAX = 256, NODES_MAX = 4096, DEPTH_MAX = 8 };
enum { PATH_SHOWN_MAX = 200 };

struct shape {
	size_t documents, depth, nodes;
};

/* "acme.yaml:7:13"; of a long path the end, which tells more. */
static void format_origin(const struct reader *reader, yaml_mark_t mark,
			  char origin[SETTING_ORIGIN_MAX])
{
	const char *path = reader->path;
	size_t len = strlen(path);
	bool is_long = len > PATH_SHOWN_MAX;

	snprintf(origin, SETTING_ORIGIN_MAX, "%s%s:%zu:%zu", is_long ? "..." : "",
		 is_long ? path + len - PATH_SHOWN_MAX : path, mark.line + 1, mark.column + 1);
}

int profile_fail_at(const struct reader *reader, yaml_mark_t mark, const char *format, ...)
{
	char origin[SETTING_ORIGIN_MAX];
	char reason[FAILURE_TEXT_MAX];
	va_list args;

	va_start(args, format);
	vsnprintf(reason, sizeof(reason), format, args);
	va_end(args);
	format_origin(reader, mark, origin);
	return failure_set(reader->why, OTADFU_E_CONFIG, 0, "%s: %s", origin, reason);
}

static int fail_memory(const struct reader *reader)
{
	return failure_set(reader->why, OTADFU_E_NOMEM, 0, "%s: out of memory", reader->path);
}

const char *profile_scalar_text(const yaml_node_t *node)
{
	const char *text;

	if (node->type != YAML_SCALAR_NODE)
		return NULL;
	text = (const char *)node->data.scalar.value;
	for (size_t i = 0; i < node->data.scalar.length; i++) {
		if (iscntrl((unsigned char)text[i]))
			return NULL;
	}
	return text;
}

static int fail_unknown(const struct reader *reader, const char *section, const yaml_node_t *key)
{
	char known[FAILURE_TEXT_MAX / 2];

	profile_field_list(section, known, sizeof(known));
	if (section)
		return profile_fail_at(reader, key->start_mark,
				       "unknown key '%s' in %s; it may hold %s",
				       profile_scalar_text(key), section, known);
	return profile_fail_at(
		reader, key->start_mark,
		"unknown key '%s'; a profile may hold %s, and plugins with their options",
		profile_scalar_text(key), known);
}

static const yaml_node_t *get_node(const struct reader *reader, int id)
{
	return yaml_document_get_node(reader->document, id);
}

static bool is_repeated(const struct reader *reader, const yaml_node_t *mapping,
			const yaml_node_pair_t *pair)
{
	const char *key = profile_scalar_text(get_node(reader, pair->key));

	for (const yaml_node_pair_t *p = mapping->data.mapping.pairs.start; p < pair; p++) {
		if (strcmp(profile_scalar_text(get_node(reader, p->key)), key) == 0)
			return true;
	}
	return false;
}

/* After this every key of the mapping is a text, there once. */
static int check_mapping(const struct reader *reader, const yaml_node_t *node, const char *what)
{
	const yaml_node_pair_t *end;

	if (node->type != YAML_MAPPING_NODE)
		return profile_fail_at(reader, node->start_mark,
				       "%s must be a mapping of keys to values", what);
	end = node->data.mapping.pairs.top;
	if (end - node->data.mapping.pairs.start > KEYS_MAX)
		return profile_fail_at(reader, node->start_mark, "%s has more than %d keys", what,
				       KEYS_MAX);
	for (const yaml_node_pair_t *pair = node->data.mapping.pairs.start; pair < end; pair++) {
		const yaml_node_t *key = get_node(reader, pair->key);

		if (!profile_scalar_text(key) || *profile_scalar_text(key) == '\0')
			return profile_fail_at(reader, key->start_mark, "a key must be a word");
		if (is_repeated(reader, node, pair))
			return profile_fail_at(reader, key->start_mark,
					       "the key '%s' is there twice",
					       profile_scalar_text(key));
	}
	return OTADFU_OK;
}

/* What a profile names is relative to it. NULL: out of memory. */
static char *resolve_path(const struct reader *reader, const char *name)
{
	const char *slash = strrchr(reader->path, '/');
	char *path;

	if (!slash || *name == '/')
		return strdup(name);
	if (asprintf(&path, "%.*s/%s", (int)(slash - reader->path), reader->path, name) < 0)
		return NULL;
	return path;
}

static int store_field(const struct reader *reader, const struct profile_field *field,
		       const char *value, const char *origin)
{
	AUTO_FREE char *path = NULL;

	if (!field->is_path || !field->accepts(value))
		return profile_field_store(field, reader->profile, value, origin);
	path = resolve_path(reader, value);
	if (!path)
		return OTADFU_E_NOMEM;
	return profile_field_store(field, reader->profile, path, origin);
}

static int read_field(const struct reader *reader, const struct profile_field *field,
		      const yaml_node_t *node)
{
	const char *value = profile_scalar_text(node);
	char origin[SETTING_ORIGIN_MAX];
	int r = OTADFU_E_CONFIG;

	format_origin(reader, node->start_mark, origin);
	if (value)
		r = store_field(reader, field, value, origin);
	if (r == OTADFU_E_NOMEM)
		return fail_memory(reader);
	if (r < 0)
		return profile_fail_at(reader, node->start_mark, "%s%s%s must be %s%s%s%s",
				       field->section ? field->section : "",
				       field->section ? "." : "", field->key, field->expected,
				       value ? ", not '" : "", value ? value : "",
				       value ? "'" : "");
	return OTADFU_OK;
}

/* Whether that plugin has such options is for those to say who know the plugins. */
static int read_options(const struct reader *reader, const char *plugin, const yaml_node_t *node)
{
	int r = check_mapping(reader, node, plugin);

	if (r < 0)
		return r;
	for (const yaml_node_pair_t *pair = node->data.mapping.pairs.start;
	     r == OTADFU_OK && pair < node->data.mapping.pairs.top; pair++) {
		const char *key = profile_scalar_text(get_node(reader, pair->key));
		const yaml_node_t *node_of_value = get_node(reader, pair->value);
		const char *value = profile_scalar_text(node_of_value);
		char origin[SETTING_ORIGIN_MAX];

		if (!value)
			return profile_fail_at(reader, node_of_value->start_mark,
					       "%s.%s must be a single value", plugin, key);
		format_origin(reader, node_of_value->start_mark, origin);
		if (settings_put(&reader->profile->settings, plugin, key, value, origin) < 0)
			r = fail_memory(reader);
	}
	return r;
}

static int read_section(const struct reader *reader, const char *section, const yaml_node_t *node);

static int read_pair(const struct reader *reader, const char *section, const yaml_node_pair_t *pair)
{
	const yaml_node_t *key = get_node(reader, pair->key);
	const yaml_node_t *value = get_node(reader, pair->value);
	const char *name = profile_scalar_text(key);
	const struct profile_field *field = profile_field_find(section, name);

	if (field)
		return read_field(reader, field, value);
	if (!section && profile_field_is_section(name))
		return read_section(reader, name, value);
	if (!section && value->type == YAML_MAPPING_NODE)
		return read_options(reader, name, value);
	return fail_unknown(reader, section, key);
}

static int read_section(const struct reader *reader, const char *section, const yaml_node_t *node)
{
	int r = check_mapping(reader, node, section ? section : "a profile");

	if (r < 0)
		return r;
	for (const yaml_node_pair_t *pair = node->data.mapping.pairs.start;
	     r == OTADFU_OK && pair < node->data.mapping.pairs.top; pair++)
		r = read_pair(reader, section, pair);
	return r;
}

/* libyaml marks wrong syntax by line and column, but broken characters by their offset alone. */
static int fail_yaml(const struct reader *reader)
{
	const yaml_parser_t *parser = reader->parser;
	size_t line = parser->problem_mark.line + 1;
	size_t column = parser->problem_mark.column + 1;

	if (parser->error == YAML_MEMORY_ERROR)
		return fail_memory(reader);
	if (parser->error == YAML_READER_ERROR) {
		line = 1;
		column = 1;
		for (size_t i = 0; i < parser->problem_offset && i < reader->len; i++) {
			column = reader->text[i] == '\n' ? 1 : column + 1;
			line += reader->text[i] == '\n';
		}
	}
	return failure_set(reader->why, OTADFU_E_CONFIG, 0, "%s:%zu:%zu: not YAML: %s",
			   reader->path, line, column, parser->problem);
}

static int check_event(const struct reader *reader, const yaml_event_t *event, struct shape *shape)
{
	switch (event->type) {
	case YAML_DOCUMENT_START_EVENT:
		shape->documents++;
		break;
	case YAML_SEQUENCE_START_EVENT:
	case YAML_MAPPING_START_EVENT:
		shape->depth++;
		shape->nodes++;
		break;
	case YAML_SEQUENCE_END_EVENT:
	case YAML_MAPPING_END_EVENT:
		shape->depth--;
		break;
	default:
		shape->nodes++;
		break;
	}
	if (shape->documents > 1)
		return profile_fail_at(reader, event->start_mark,
				       "a second document begins here; a profile is one");
	if (shape->depth > DEPTH_MAX)
		return profile_fail_at(reader, event->start_mark, "nested deeper than any profile");
	if (shape->nodes > NODES_MAX)
		return profile_fail_at(reader, event->start_mark,
				       "more values than any profile has");
	return OTADFU_OK;
}

/*
 * A pass of its own over the whole file: building the tree of some kilobytes of brackets, or of
 * anchors, would take libyaml minutes.
 */
static int check_shape(struct reader *reader)
{
	struct shape shape = { 0 };
	bool ended = false;
	int r = OTADFU_OK;

	while (r == OTADFU_OK && !ended) {
		yaml_event_t event;

		if (!yaml_parser_parse(reader->parser, &event))
			return fail_yaml(reader);
		r = check_event(reader, &event, &shape);
		ended = event.type == YAML_STREAM_END_EVENT;
		yaml_event_delete(&event);
	}
	return r;
}

static int read_document(struct reader *reader)
{
	yaml_document_t document;
	const yaml_node_t *root;
	int r;

	if (!yaml_parser_load(reader->parser, &document))
		return fail_yaml(reader);
	reader->document = &document;
	root = yaml_document_get_root_node(&document);
	if (root) {
		r = profile_read_parent(reader, root);
		if (r == OTADFU_OK)
			r = read_section(reader, NULL, root);
	} else {
		r = failure_set(reader->why, OTADFU_E_CONFIG, 0, "%s: the file is empty",
				reader->path);
	}
	yaml_document_delete(&document);
	return r;
}

static int parse(struct reader *reader, int (*pass)(struct reader *reader))
{
	yaml_parser_t parser;
	int r;

	if (!yaml_parser_initialize(&parser))
		return fail_memory(reader);
	yaml_parser_set_input_string(&parser, reader->text, reader->len);
	reader->parser = &parser;
	r = pass(reader);
	yaml_parser_delete(&parser);
	return r;
}

int profile_read_file(struct reader *reader)
{
	AUTO_FREE uint8_t *text = NULL;
	int r = file_read(reader->path, PROFILE_MAX, OTADFU_E_CONFIG, &text, &reader->len,
			  reader->why);

	if (r < 0)
		return r;
	reader->text = text;
	r = parse(reader, check_shape);
	return r < 0 ? r : parse(reader, read_document);
}

int profile_read(struct profile *profile, const char *path, const char *const *dirs,
		 struct failure *why)
{
	struct reader reader = { .profile = profile, .path = path, .dirs = dirs, .why = why };

	/* What cannot be looked at cannot be read either, and the reading says why. */
	if (stat(path, &reader.identity) < 0)
		reader.identity = (struct stat){ 0 };
	return profile_read_file(&reader);
}
