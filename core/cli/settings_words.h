/* What a settings page says, for people and for machines. */
#ifndef OTADFU_CLI_SETTINGS_WORDS_H
#define OTADFU_CLI_SETTINGS_WORDS_H

#include "settings_page.h"

#include <jansson.h>
#include <stdio.h>

enum settings_copy { SETTINGS_COPY_ABSENT, SETTINGS_COPY_SAME, SETTINGS_COPY_DIFFERS };

struct settings_view {
	const char *path; /* borrowed */
	bool has_address; /* it was found in a HEX file; from here on only then */
	uint32_t address;
	enum settings_copy copy; /* the one in the MBR's page */
	struct settings_page page;
};

/* Are its CRCs right? */
bool settings_view_is_good(const struct settings_view *view);

void settings_write_words(FILE *out, const struct settings_view *view);

/* One object, with an event as all have. NULL: out of memory. */
json_t *settings_json(const struct settings_view *view);

/* The same of a file that holds no page. */
json_t *settings_json_failure(const char *path, const struct failure *failure);

#endif
