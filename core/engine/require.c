/* What the device itself must answer before anything on it is changed. */
#include "session_state.h"
#include "standard.h"
#include "version.h"

#include <inttypes.h>
#include <stdarg.h>
#include <stdio.h>

static int unmet(struct session *session, const char *format, ...)
	__attribute__((format(printf, 2, 3)));

static int unmet(struct session *session, const char *format, ...)
{
	struct failure *why = session_failure(session);
	char text[FAILURE_TEXT_MAX / 2];
	va_list args;

	va_start(args, format);
	vsnprintf(text, sizeof(text), format, args);
	va_end(args);
	if (session->job->force) {
		session_note(session, "%s (forced)", text);
		return OTADFU_OK;
	}
	failure_hint(why, "--force updates it all the same");
	return failure_set(why, OTADFU_E_PACKAGE, 0, "%s", text);
}

/* The link is what failed, not the characteristic. */
static bool is_final(int r)
{
	return r == OTADFU_E_DISCONNECTED || r == OTADFU_E_CANCELLED || r == OTADFU_E_NOMEM;
}

/*
 * What could not be read: a bootloader does not have it and goes on, with a note; of an application
 * it is a condition that nobody can check.
 */
static int unread(struct session *session, const char *what, int r, const struct failure *reason)
{
	if (is_final(r)) {
		*session_failure(session) = *reason;
		return r;
	}
	if (session->mode != OTADFU_MODE_APPLICATION) {
		session_note(session, "it is in its bootloader already and cannot be asked for %s",
			     what);
		return OTADFU_OK;
	}
	if (r == OTADFU_E_NOT_FOUND)
		return unmet(session, "the device does not tell %s, which the profile requires",
			     what);
	return unmet(session, "the device does not tell %s, which the profile requires: %s", what,
		     reason->text);
}

static int check_battery(struct session *session)
{
	int64_t required = session->job->profile->require_battery_percent.value;
	struct failure reason = { 0 };
	uint8_t percent = 0;
	size_t len = 0;
	int r;

	if (required == 0)
		return OTADFU_OK;
	r = standard_read(session, &standard_battery_level, &percent, sizeof(percent), &len,
			  &reason);
	if (r == OTADFU_OK && len != 1)
		r = failure_set(&reason, OTADFU_E_PROTOCOL, 0, "its battery level is empty");
	if (r < 0)
		return unread(session, "its battery level", r, &reason);
	if (percent < required)
		return unmet(session,
			     "the battery is at %u %%, and the profile requires %" PRId64 " %%",
			     percent, required);
	return OTADFU_OK;
}

static int check_firmware(struct session *session)
{
	const char *required = session->job->profile->require_firmware_min.value;
	char *text = session->result->firmware_before;
	struct failure reason = { 0 };
	int r = standard_read_text(session, &standard_firmware_revision, text, SESSION_FIRMWARE_MAX,
				   &reason);
	int order = 0;

	if (r < 0 && (required || is_final(r)))
		return unread(session, "its firmware revision", r, &reason);
	if (r < 0 || !required)
		return OTADFU_OK;
	if (!version_compare(text, required, &order))
		return unmet(session,
			     "the firmware revision \"%s\" cannot be compared with %s, which the "
			     "profile requires",
			     text, required);
	if (order < 0)
		return unmet(session,
			     "the device has firmware %s, and the profile requires at least %s",
			     text, required);
	return OTADFU_OK;
}

int require_check(struct session *session)
{
	int r;

	if (session->is_required)
		return OTADFU_OK;
	r = check_firmware(session);
	if (r == OTADFU_OK)
		r = check_battery(session);
	session->is_required = r == OTADFU_OK;
	return r;
}
