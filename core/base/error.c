#include "error.h"

#include <stdarg.h>
#include <stdio.h>
#include <string.h>

struct error_kind {
	const char *name;
	const char *text;
	bool retryable;
};

/* Indexed by -code. */
static const struct error_kind kinds[] = {
	[-OTADFU_OK] = { "ok", "no error", false },
	[-OTADFU_E_INVALID] = { "invalid",
				"a function was called in a way its contract forbids; "
				"this is a bug",
				false },
	[-OTADFU_E_NOMEM] = { "nomem", "out of memory", false },
	[-OTADFU_E_UNSUPPORTED] = { "unsupported", "not supported here", false },
	[-OTADFU_E_CONFIG] = { "config", "the profile or an option is wrong", false },
	[-OTADFU_E_PACKAGE] = { "package", "the firmware package cannot be used", false },
	[-OTADFU_E_CANCELLED] = { "cancelled", "interrupted", false },
	[-OTADFU_E_NOT_FOUND] = { "not_found", "not found", false },
	[-OTADFU_E_TIMEOUT] = { "timeout", "no answer in time", true },
	[-OTADFU_E_DISCONNECTED] = { "disconnected", "the link was lost", true },
	[-OTADFU_E_BUSY] = { "busy", "busy", true },
	[-OTADFU_E_IO] = { "io", "input/output error", true },
	[-OTADFU_E_OVERFLOW] = { "overflow", "data was lost, or a buffer is too small", true },
	[-OTADFU_E_PERMISSION] = { "permission", "permission denied", false },
	[-OTADFU_E_PROTOCOL] = { "protocol", "the device answered what the protocol forbids",
				 false },
	[-OTADFU_E_REJECTED] = { "rejected", "the device refused the firmware", false },
	[-OTADFU_E_INTEGRITY] = { "integrity", "a checksum or hash differs", true },
	[-OTADFU_E_SECURITY] = { "security", "the link must be encrypted, or the bond is gone",
				 false },
	[-OTADFU_E_ATT] = { "att", "the device refused an attribute request", true },
};

static const struct error_kind *find_kind(int code)
{
	static const struct error_kind unknown = { "unknown", "unknown error", false };

	if (code > 0 || code <= -(int)(sizeof(kinds) / sizeof(kinds[0])))
		return &unknown;
	return &kinds[-code];
}

const char *error_name(int code)
{
	return find_kind(code)->name;
}

const char *error_text(int code)
{
	return find_kind(code)->text;
}

bool error_is_retryable(int code)
{
	return find_kind(code)->retryable;
}

int failure_set(struct failure *why, int code, int32_t detail, const char *format, ...)
{
	va_list args;

	if (!why || why->code != OTADFU_OK)
		return code;
	why->code = code;
	why->detail = detail;
	va_start(args, format);
	vsnprintf(why->text, sizeof(why->text), format, args);
	va_end(args);
	return code;
}

void failure_hint(struct failure *why, const char *format, ...)
{
	va_list args;

	if (!why || why->hint[0] != '\0')
		return;
	va_start(args, format);
	vsnprintf(why->hint, sizeof(why->hint), format, args);
	va_end(args);
}

int failure_pass(struct failure *why, int code, const struct failure *reason, const char *subject)
{
	if (reason->hint[0] != '\0')
		failure_hint(why, "%s", reason->hint);
	return failure_set(why, code, reason->detail, "%s: %s", subject, reason->text);
}

void failure_clear(struct failure *why)
{
	memset(why, 0, sizeof(*why));
}
