#include "auto.h"

#include <stdio.h>
#include <string.h>

/*
 * bluez leaves the radio to everybody else on the machine, and works for every user. hci comes
 * after l2cap, since it takes the adapter away from all others. gatttool is slow, and deprecated.
 */
static const char *const order[AUTO_MAX] = { "bluez", "l2cap", "hci", "gatttool" };

bool auto_is_meant(const struct profile_text *transport)
{
	return !transport->value || strcmp(transport->value, AUTO_WORD) == 0;
}

const struct otadfu_transport_ops *auto_at(const struct registry *registry, size_t index)
{
	for (size_t i = 0; i < AUTO_MAX; i++) {
		const struct otadfu_transport_ops *ops = registry_transport(registry, order[i]);

		if (ops && index-- == 0)
			return ops;
	}
	return NULL;
}

bool auto_goes_on_after(int code)
{
	return code != OTADFU_E_CANCELLED && code != OTADFU_E_NOMEM && code != OTADFU_E_INVALID;
}

void auto_note(struct auto_refusals *refusals, const char *transport, const struct failure *why)
{
	refusals->items[refusals->count].transport = transport;
	refusals->items[refusals->count++].why = *why;
}

static int choose_code(const struct auto_refusals *refusals)
{
	static const int telling[] = { OTADFU_E_BUSY, OTADFU_E_PERMISSION, OTADFU_E_NOT_FOUND,
				       OTADFU_E_UNSUPPORTED };
	int code = OTADFU_E_CONFIG;

	for (size_t i = 0; i < sizeof(telling) / sizeof(telling[0]); i++) {
		for (size_t j = 0; j < refusals->count; j++) {
			if (refusals->items[j].why.code == telling[i])
				return telling[i];
		}
	}
	for (size_t j = 0; j < refusals->count && code == OTADFU_E_CONFIG; j++)
		code = refusals->items[j].why.code;
	return code;
}

int auto_clause_len(const char *text)
{
	const char *sentence = strstr(text, ". ");
	size_t len = strcspn(text, ";");

	return (int)(sentence && (size_t)(sentence - text) < len ? (size_t)(sentence - text) : len);
}

static int refuse_emptiness(const struct registry *registry, struct failure *why)
{
	const struct otadfu_transport_ops *other = registry_transport_at(registry, 0);

	if (other)
		failure_hint(why, "--transport %s, or another of those that otadfu plugins lists",
			     other->name);
	else
		failure_hint(why, "see otadfu plugins, or name a directory with --plugin-path");
	return failure_set(why, OTADFU_E_NOT_FOUND, 0,
			   "no transport is loaded that would be chosen by itself");
}

int auto_explain(const struct auto_refusals *refusals, const struct registry *registry,
		 struct failure *why)
{
	char reasons[FAILURE_TEXT_MAX] = "";
	size_t used = 0;

	if (refusals->count == 0)
		return refuse_emptiness(registry, why);
	for (size_t i = 0; i < refusals->count && used < sizeof(reasons); i++) {
		const char *text = refusals->items[i].why.text;

		used += (size_t)snprintf(reasons + used, sizeof(reasons) - used, "%s%s: %.*s",
					 i > 0 ? "; " : "", refusals->items[i].transport,
					 auto_clause_len(text), text);
	}
	failure_hint(why, "otadfu doctor");
	return failure_set(why, choose_code(refusals), 0, "no way to a radio: %s", reasons);
}
