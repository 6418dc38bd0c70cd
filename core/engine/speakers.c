#include "speakers.h"

#include <stdlib.h>

static int add(struct speakers *speakers, const struct otadfu_protocol_ops *ops,
	       const struct profile *profile, struct failure *why)
{
	struct speaker *grown =
		reallocarray(speakers->items, speakers->count + 1, sizeof(*speakers->items));

	if (!grown)
		return failure_set(why, OTADFU_E_NOMEM, 0, "out of memory");
	speakers->items = grown;
	grown += speakers->count++;
	*grown = (struct speaker){ .ops = ops };
	if (ops->memo_size > 0) {
		grown->memo = calloc(1, ops->memo_size);
		if (!grown->memo)
			return failure_set(why, OTADFU_E_NOMEM, 0, "out of memory");
	}
	return options_resolve(ops->name, ops->options, &profile->settings, &grown->options, why);
}

int speakers_gather(struct speakers *speakers, const struct registry *registry,
		    const struct profile *profile, struct failure *why)
{
	const char *name = profile->protocol.value;
	const struct otadfu_protocol_ops *ops;
	int r = OTADFU_OK;

	*speakers = (struct speakers){ 0 };
	if (name) {
		ops = registry_protocol(registry, name);
		if (!ops)
			return failure_set(why, OTADFU_E_NOT_FOUND, 0,
					   "no plugin provides the protocol '%s'", name);
		return add(speakers, ops, profile, why);
	}
	for (size_t i = 0; r == OTADFU_OK && (ops = registry_protocol_at(registry, i)); i++)
		r = add(speakers, ops, profile, why);
	return r;
}

void speakers_free(struct speakers *speakers)
{
	for (size_t i = 0; i < speakers->count; i++) {
		options_free(speakers->items[i].options);
		free(speakers->items[i].memo);
	}
	free(speakers->items);
	*speakers = (struct speakers){ 0 };
}
