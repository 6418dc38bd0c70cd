/* One file on its way into a profile; for profile_*.c alone. */
#ifndef OTADFU_MODEL_PROFILE_READER_H
#define OTADFU_MODEL_PROFILE_READER_H

#include "profile.h"

#include <sys/stat.h>
#include <yaml.h>

struct reader {
	struct profile *profile;
	const char *path;
	const char *const *dirs;    /* where parents are looked for, after the file's own */
	const struct reader *child; /* who inherits from this one; NULL: nobody */
	size_t ancestors;           /* that it is of the first one */
	struct stat identity;
	const uint8_t *text;
	size_t len;
	yaml_parser_t *parser;
	yaml_document_t *document;
	struct failure *why;
};

/* Reads reader->path over the profile. */
int profile_read_file(struct reader *reader);

/* Reads what the mapping root says it inherits, if anything. */
int profile_read_parent(const struct reader *reader, const yaml_node_t *root);

/* The text of a scalar; NULL for other nodes and for what would not stay on its line. */
const char *profile_scalar_text(const yaml_node_t *node);

/* "acme.yaml:7:13: " before the reason. */
int profile_fail_at(const struct reader *reader, yaml_mark_t mark, const char *format, ...)
	__attribute__((format(printf, 3, 4)));

#endif
