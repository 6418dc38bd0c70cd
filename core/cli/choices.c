#include "choices.h"

#include "cleanup.h"

#include <inttypes.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>

enum { NAMES_TEXT = 256 };

/* A transport's or a protocol's name and options; name NULL past the end. */
struct offer {
	const char *name;
	const struct otadfu_option *const *options;
};

typedef struct offer offer_at_fn(const struct registry *registry, size_t index);

static struct offer transport_at(const struct registry *registry, size_t index)
{
	const struct otadfu_transport_ops *ops = registry_transport_at(registry, index);

	return ops ? (struct offer){ ops->name, ops->options } : (struct offer){ 0 };
}

static struct offer protocol_at(const struct registry *registry, size_t index)
{
	const struct otadfu_protocol_ops *ops = registry_protocol_at(registry, index);

	return ops ? (struct offer){ ops->name, ops->options } : (struct offer){ 0 };
}

/* Transports first, then protocols: both hold options under their names. */
static struct offer offer_at(const struct registry *registry, size_t index)
{
	size_t transports = 0;

	while (registry_transport_at(registry, transports))
		transports++;
	return index < transports ? transport_at(registry, index)
				  : protocol_at(registry, index - transports);
}

/* "hci, sim", or "none". text holds NAMES_TEXT bytes. */
static const char *list_names(const struct registry *registry, offer_at_fn *at, char *text)
{
	size_t used = 0;

	snprintf(text, NAMES_TEXT, "none");
	for (size_t i = 0; at(registry, i).name && used < NAMES_TEXT; i++)
		used += (size_t)snprintf(text + used, NAMES_TEXT - used, "%s%s", i ? ", " : "",
					 at(registry, i).name);
	return text;
}

static int refuse_unknown(const struct registry *registry, offer_at_fn *at, const char *what,
			  const struct profile_text *chosen, struct failure *why)
{
	char names[NAMES_TEXT];

	failure_hint(why, "see otadfu plugins, or name a directory with --plugin-path");
	return failure_set(why, OTADFU_E_NOT_FOUND, 0, "there is no %s \"%s\" (%s); there are: %s",
			   what, chosen->value, chosen->origin, list_names(registry, at, names));
}

static int check_transport(const struct registry *registry, const struct profile_text *chosen,
			   struct failure *why)
{
	char names[NAMES_TEXT];

	if (!chosen->value) {
		failure_hint(why, "--transport NAME, or \"transport: NAME\" in a profile");
		return failure_set(why, OTADFU_E_CONFIG, 0, "no transport was named; there are: %s",
				   list_names(registry, transport_at, names));
	}
	if (!registry_transport(registry, chosen->value))
		return refuse_unknown(registry, transport_at, "transport", chosen, why);
	return OTADFU_OK;
}

static int check_plugin_names(const struct registry *registry, const struct profile *profile,
			      struct failure *why)
{
	AUTO_FREE const char **names = NULL;
	size_t count = 0;

	while (offer_at(registry, count).name)
		count++;
	names = calloc(count + 1, sizeof(*names));
	if (!names)
		return failure_set(why, OTADFU_E_NOMEM, 0, "out of memory");
	for (size_t i = 0; i < count; i++)
		names[i] = offer_at(registry, i).name;
	return profile_check_plugins(profile, names, why);
}

/* Also of plugins that will not be used: a profile is right or wrong as a whole. */
static int check_options(const struct registry *registry, const struct profile *profile,
			 struct failure *why)
{
	struct offer offer;

	for (size_t i = 0; (offer = offer_at(registry, i)).name; i++) {
		struct options *options = NULL;
		int r = options_resolve(offer.name, offer.options, &profile->settings, &options,
					why);

		if (r < 0)
			return r;
		options_free(options);
	}
	return OTADFU_OK;
}

int choices_check(const struct registry *registry, const struct profile *profile,
		  struct failure *why)
{
	const struct profile_text *protocol = &profile->protocol;
	int r = check_transport(registry, &profile->transport, why);

	if (r < 0)
		return r;
	if (protocol->value && !registry_protocol(registry, protocol->value))
		return refuse_unknown(registry, protocol_at, "protocol", protocol, why);
	r = check_plugin_names(registry, profile, why);
	return r < 0 ? r : check_options(registry, profile, why);
}

static void explain_options(const struct offer *offer, const struct profile *profile,
			    struct log *log)
{
	struct options *options = NULL;

	if (options_resolve(offer->name, offer->options, &profile->settings, &options, NULL) < 0)
		return;
	for (size_t i = 0; offer->options && offer->options[i]; i++) {
		const char *key = offer->options[i]->key;

		log_write(log, OTADFU_LOG_INFO, NULL, NULL, "%s.%s %s (%s)", offer->name, key,
			  options_str(options, key), options_origin(options, key));
	}
	options_free(options);
}

/* Of the chosen one; of all where the choice is left to the probe. */
static void explain_offers(const struct registry *registry, offer_at_fn *at,
			   const struct profile_text *chosen, const struct profile *profile,
			   struct log *log)
{
	struct offer offer;

	for (size_t i = 0; (offer = at(registry, i)).name; i++) {
		if (!chosen->value || strcmp(chosen->value, offer.name) == 0)
			explain_options(&offer, profile, log);
	}
}

static void explain_texts(const struct profile *profile, struct log *log)
{
	const struct {
		const char *key;
		const struct profile_text *text;
	} texts[] = {
		{ "product", &profile->product },
		{ "match.name", &profile->match_name },
		{ "match.service", &profile->match_service },
		{ "match.address", &profile->match_address },
		{ "transport", &profile->transport },
		{ "adapter", &profile->adapter },
		{ "protocol", &profile->protocol },
	};

	for (size_t i = 0; i < sizeof(texts) / sizeof(texts[0]); i++) {
		if (texts[i].text->value)
			log_write(log, OTADFU_LOG_INFO, NULL, NULL, "%s %s (%s)", texts[i].key,
				  texts[i].text->value, texts[i].text->origin);
	}
}

static void explain_numbers(const struct profile *profile, struct log *log)
{
	const struct profile_int *attempts = &profile->connect_attempts;
	const struct profile_int *timeout_ms = &profile->connect_timeout_ms;

	log_write(log, OTADFU_LOG_INFO, NULL, NULL, "connect.attempts %" PRId64 " (%s)",
		  attempts->value, attempts->origin);
	log_write(log, OTADFU_LOG_INFO, NULL, NULL, "connect.timeout_ms %" PRId64 " (%s)",
		  timeout_ms->value, timeout_ms->origin);
	log_write(log, OTADFU_LOG_INFO, NULL, NULL, "verify %s (%s)",
		  profile->verify.value == VERIFY_NONE ? "none" : "advertises",
		  profile->verify.origin);
}

void choices_explain(const struct registry *registry, const struct profile *profile,
		     struct log *log)
{
	if (!log_wants(log, OTADFU_LOG_INFO))
		return;
	explain_texts(profile, log);
	explain_numbers(profile, log);
	explain_offers(registry, transport_at, &profile->transport, profile, log);
	explain_offers(registry, protocol_at, &profile->protocol, profile, log);
}
