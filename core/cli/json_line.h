/* JSON for machines: one object, one line. */
#ifndef OTADFU_CLI_JSON_LINE_H
#define OTADFU_CLI_JSON_LINE_H

#include "package.h"
#include "session.h"

#include <jansson.h>
#include <stdio.h>

/* A JSON string of any bytes; what is not UTF-8 becomes '?'. null for NULL and for "". */
json_t *json_line_text(const char *text);

/* {"code","phase","detail","text","hint"}; null when nothing failed. */
json_t *json_line_failure(const struct failure *failure);

/* Writes object and a newline, flushes, and drops object. NULL: nothing. */
void json_line_write(FILE *out, json_t *object);

/* One object of `otadfu update --json`; NULL for an event that is not for machines. */
json_t *json_line_event(const struct session_event *event);

/* package: NULL when there was none to be opened. */
json_t *json_line_result(const struct session_result *result, const struct package *package);

#endif
