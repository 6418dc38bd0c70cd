#include "choices.h"

#include "auto.h"
#include "cleanup.h"
#include "package.h"

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
	if (auto_is_meant(chosen) || registry_transport(registry, chosen->value))
		return OTADFU_OK;
	return refuse_unknown(registry, transport_at, "transport", chosen, why);
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
static int check_values(const struct registry *registry, const struct profile *profile,
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

int choices_check_options(const struct registry *registry, const struct profile *profile,
			  struct failure *why)
{
	int r = check_plugin_names(registry, profile, why);

	return r < 0 ? r : check_values(registry, profile, why);
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
	return choices_check_options(registry, profile, why);
}

int choices_check_words(const struct args *args, struct failure *why)
{
	const char *name = args_text(args, ARG_NAME);

	if (args_count(args, ARG_ADDRESS) + args_count(args, ARG_NAME) > 1)
		return failure_set(why, OTADFU_E_CONFIG, 0,
				   "the device is either -a ADDRESS or --name NAME");
	if (name && *name == '\0')
		return failure_set(why, OTADFU_E_CONFIG, 0, "--name wants a name, not nothing");
	return OTADFU_OK;
}

int choices_check_device(const struct profile *profile, struct failure *why)
{
	struct otadfu_addr addr;

	if (profile->match_address.value)
		return target_parse_addr(profile->match_address.value, &addr, why);
	if (profile->match_name.value || profile->match_service.value)
		return OTADFU_OK;
	failure_hint(why, "-a ADDRESS or --name NAME; otadfu scan shows what is there");
	return failure_set(why, OTADFU_E_CONFIG, 0, "no device was named");
}

/* Whom the values are told to. */
struct listener {
	choice_fn *on_choice;
	void *user;
};

static void tell(const struct listener *listener, const char *key, const char *value,
		 const char *origin)
{
	listener->on_choice(listener->user, key, value, origin);
}

static void tell_options(const struct offer *offer, const struct profile *profile,
			 const struct listener *listener)
{
	struct options *options = NULL;

	if (options_resolve(offer->name, offer->options, &profile->settings, &options, NULL) < 0)
		return;
	for (size_t i = 0; offer->options && offer->options[i]; i++) {
		const char *key = offer->options[i]->key;
		char full[NAMES_TEXT];

		snprintf(full, sizeof(full), "%s.%s", offer->name, key);
		tell(listener, full, options_str(options, key), options_origin(options, key));
	}
	options_free(options);
}

/* Of the chosen one; of all where the choice is left to us. */
static void tell_offers(const struct registry *registry, offer_at_fn *at, const char *chosen,
			const struct profile *profile, const struct listener *listener)
{
	struct offer offer;

	for (size_t i = 0; (offer = at(registry, i)).name; i++) {
		if (!chosen || strcmp(chosen, offer.name) == 0)
			tell_options(&offer, profile, listener);
	}
}

static void tell_texts(const struct profile *profile, const struct listener *listener)
{
	const struct {
		const char *key;
		const struct profile_text *text;
	} texts[] = {
		{ "inherits", &profile->inherits },
		{ "product", &profile->product },
		{ "match.name", &profile->match_name },
		{ "match.service", &profile->match_service },
		{ "match.address", &profile->match_address },
		{ "transport", &profile->transport },
		{ "adapter", &profile->adapter },
		{ "protocol", &profile->protocol },
		{ "expect_version", &profile->expect_version },
		{ "require.public_key", &profile->require_public_key },
		{ "require.firmware_min", &profile->require_firmware_min },
		{ "package.sd_req", &profile->package.sd_req },
		{ "package.app_version", &profile->package.app_version },
		{ "package.bl_version", &profile->package.bl_version },
		{ "package.key", &profile->package.key },
		{ "package.signer", &profile->package.signer },
	};

	for (size_t i = 0; i < sizeof(texts) / sizeof(texts[0]); i++) {
		if (texts[i].text->value)
			tell(listener, texts[i].key, texts[i].text->value, texts[i].text->origin);
	}
}

static const char *verify_word(int64_t verify)
{
	if (verify == VERIFY_VERSION)
		return "version";
	return verify == VERIFY_NONE ? "none" : "advertises";
}

static const char *switch_word(int64_t on)
{
	return on ? "true" : "false";
}

static const char *part_word(int64_t part)
{
	if (part == PACKAGE_PART_ALL)
		return "all";
	return part == PACKAGE_PART_SYSTEM ? "system" : "application";
}

static const char *validation_word(int64_t validation)
{
	return profile_word("package", "boot_validation", validation);
}

static const char *format_word(int64_t format)
{
	return profile_word("package", "format", format);
}

static void tell_numbers(const struct profile *profile, const struct listener *listener)
{
	const struct {
		const char *key;
		const struct profile_int *number;
		const char *(*word)(int64_t value); /* NULL: shown as a number */
	} numbers[] = {
		{ "connect.attempts", &profile->connect_attempts, NULL },
		{ "connect.timeout_ms", &profile->connect_timeout_ms, NULL },
		{ "rejoin.service_scan", &profile->rejoin_service_scan, switch_word },
		{ "verify", &profile->verify, verify_word },
		{ "part", &profile->part, part_word },
		{ "require.hw_version", &profile->require_hw_version, NULL },
		{ "require.softdevice", &profile->require_softdevice, NULL },
		{ "require.device_type", &profile->require_device_type, NULL },
		{ "require.device_revision", &profile->require_device_revision, NULL },
		{ "require.battery_percent", &profile->require_battery_percent, NULL },
		{ "package.hw_version", &profile->package.hw_version, NULL },
		{ "package.sd_id", &profile->package.sd_id, NULL },
		{ "package.boot_validation", &profile->package.boot_validation, validation_word },
		{ "package.debug", &profile->package.debug, switch_word },
		{ "package.format", &profile->package.format, format_word },
		{ "package.device_type", &profile->package.device_type, NULL },
		{ "package.device_revision", &profile->package.device_revision, NULL },
		{ "package.unsigned", &profile->package.no_signature, switch_word },
	};

	for (size_t i = 0; i < sizeof(numbers) / sizeof(numbers[0]); i++) {
		const struct profile_int *number = numbers[i].number;
		char text[24];

		if (number->origin[0] == '\0')
			continue;
		snprintf(text, sizeof(text), "%" PRId64, number->value);
		tell(listener, numbers[i].key,
		     numbers[i].word ? numbers[i].word(number->value) : text, number->origin);
	}
}

void choices_each(const struct registry *registry, const struct profile *profile,
		  choice_fn *on_choice, void *user)
{
	const struct listener listener = { on_choice, user };
	const struct profile_text *transport = &profile->transport;

	tell_texts(profile, &listener);
	tell_numbers(profile, &listener);
	tell_offers(registry, transport_at, auto_is_meant(transport) ? NULL : transport->value,
		    profile, &listener);
	tell_offers(registry, protocol_at, profile->protocol.value, profile, &listener);
}

static void log_choice(void *user, const char *key, const char *value, const char *origin)
{
	log_write(user, OTADFU_LOG_INFO, NULL, NULL, "%s %s (%s)", key, value, origin);
}

void choices_explain(const struct registry *registry, const struct profile *profile,
		     struct log *log)
{
	if (log_wants(log, OTADFU_LOG_INFO))
		choices_each(registry, profile, log_choice, log);
}
