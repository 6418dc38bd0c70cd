#include "profile_field.h"

#include "text.h"

#include <stdio.h>
#include <string.h>

static bool is_text(const char *value)
{
	return *value != '\0';
}

/* It becomes part of a file name where plugins are looked for. */
static bool is_plugin_name(const char *value)
{
	return *value != '\0' && !strchr(value, '/');
}

static bool is_uuid(const char *value)
{
	struct otadfu_uuid uuid;

	return target_parse_uuid(value, &uuid, NULL) == OTADFU_OK;
}

static bool is_address(const char *value)
{
	struct otadfu_addr addr;

	return target_parse_addr(value, &addr, NULL) == OTADFU_OK;
}

static int store_text(const struct profile_field *field, const char *value, const char *origin,
		      void *ret_member)
{
	if (!field->accepts(value))
		return OTADFU_E_CONFIG;
	return profile_set_text(ret_member, value, origin);
}

static int set_number(struct profile_int *number, int64_t value, const char *origin)
{
	number->value = value;
	snprintf(number->origin, sizeof(number->origin), "%s", origin);
	return OTADFU_OK;
}

static int store_number(const struct profile_field *field, const char *value, const char *origin,
			void *ret_member)
{
	int64_t number;

	if (!text_to_int(value, &number) || number < field->min || number > field->max)
		return OTADFU_E_CONFIG;
	return set_number(ret_member, number, origin);
}

static int store_verify(const struct profile_field *field, const char *value, const char *origin,
			void *ret_member)
{
	(void)field;
	if (strcmp(value, "advertises") == 0)
		return set_number(ret_member, VERIFY_ADVERTISES, origin);
	if (strcmp(value, "none") == 0)
		return set_number(ret_member, VERIFY_NONE, origin);
	return OTADFU_E_CONFIG;
}

/* Keys of one section stand together. */
static const struct profile_field fields[] = {
	{ .key = "product",
	  .expected = "a text",
	  .offset = offsetof(struct profile, product),
	  .store = store_text,
	  .accepts = is_text },
	{ .section = "match",
	  .key = "name",
	  .expected = "a name",
	  .offset = offsetof(struct profile, match_name),
	  .store = store_text,
	  .accepts = is_text },
	{ .section = "match",
	  .key = "service",
	  .expected = "a UUID like fe59 or 8ec90001-f315-4f60-9fb8-838830daea50",
	  .offset = offsetof(struct profile, match_service),
	  .store = store_text,
	  .accepts = is_uuid },
	{ .section = "match",
	  .key = "address",
	  .expected = "an address like C0:FF:EE:00:00:01",
	  .offset = offsetof(struct profile, match_address),
	  .store = store_text,
	  .accepts = is_address },
	{ .key = "transport",
	  .expected = "the name of a transport",
	  .offset = offsetof(struct profile, transport),
	  .store = store_text,
	  .accepts = is_plugin_name },
	{ .key = "protocol",
	  .expected = "the name of a protocol",
	  .offset = offsetof(struct profile, protocol),
	  .store = store_text,
	  .accepts = is_plugin_name },
	{ .key = "adapter",
	  .expected = "the name of an adapter",
	  .offset = offsetof(struct profile, adapter),
	  .store = store_text,
	  .accepts = is_text },
	{ .section = "connect",
	  .key = "attempts",
	  .expected = "a whole number from 1 to 100",
	  .offset = offsetof(struct profile, connect_attempts),
	  .store = store_number,
	  .min = 1,
	  .max = 100 },
	{ .section = "connect",
	  .key = "timeout_ms",
	  .expected = "a whole number from 100 to 600000",
	  .offset = offsetof(struct profile, connect_timeout_ms),
	  .store = store_number,
	  .min = 100,
	  .max = 600000 },
	{ .key = "verify",
	  .expected = "advertises or none",
	  .offset = offsetof(struct profile, verify),
	  .store = store_verify },
};

enum { FIELDS = sizeof(fields) / sizeof(fields[0]) };

static bool is_in_section(const struct profile_field *field, const char *section)
{
	if (!section || !field->section)
		return section == field->section;
	return strcmp(field->section, section) == 0;
}

const struct profile_field *profile_field_find(const char *section, const char *key)
{
	for (size_t i = 0; i < FIELDS; i++) {
		if (is_in_section(&fields[i], section) && strcmp(fields[i].key, key) == 0)
			return &fields[i];
	}
	return NULL;
}

bool profile_field_is_section(const char *key)
{
	for (size_t i = 0; i < FIELDS; i++) {
		if (is_in_section(&fields[i], key))
			return true;
	}
	return false;
}

void profile_field_list(const char *section, char *text, size_t size)
{
	const char *previous = "";
	size_t used = 0;

	text[0] = '\0';
	for (size_t i = 0; i < FIELDS && used < size; i++) {
		const char *name = fields[i].key;

		if (!section && fields[i].section)
			name = fields[i].section;
		if ((section && !is_in_section(&fields[i], section)) || strcmp(name, previous) == 0)
			continue;
		used += (size_t)snprintf(text + used, size - used, "%s%s", used > 0 ? ", " : "",
					 name);
		previous = name;
	}
}

int profile_field_store(const struct profile_field *field, struct profile *profile,
			const char *value, const char *origin)
{
	return field->store(field, value, origin, (char *)profile + field->offset);
}
