/* The keys that are the profile's own: one table of where they stand and what they hold. */
#ifndef OTADFU_MODEL_PROFILE_FIELD_H
#define OTADFU_MODEL_PROFILE_FIELD_H

#include "profile.h"

#include <stdbool.h>
#include <stddef.h>

struct profile_choice {
	const char *word; /* NULL ends the list */
	int64_t value;
};

struct profile_field {
	const char *section; /* NULL: top level */
	const char *key;
	const char *expected; /* "... must be EXPECTED" */
	size_t offset;        /* of a profile_text or profile_int in struct profile */
	/* OTADFU_E_CONFIG when value is not what is expected. */
	int (*store)(const struct profile_field *field, const char *value, const char *origin,
		     void *ret_member);
	bool (*accepts)(const char *value); /* of a text */
	bool is_path;                       /* a text: relative to the profile it stands in */
	int64_t min, max;                   /* of a number */
	const struct profile_choice *choices;
};

/* NULL for a key that is not the profile's. */
const struct profile_field *profile_field_find(const char *section, const char *key);

bool profile_field_is_section(const char *key);

/* "name, service, address" of a section; at top level, section NULL, keys and sections. */
void profile_field_list(const char *section, char *text, size_t size);

/* OTADFU_E_CONFIG, profile untouched, when value is not what the field expects. */
int profile_field_store(const struct profile_field *field, struct profile *profile,
			const char *value, const char *origin);

#endif
