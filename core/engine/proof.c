/* What a device that has come back tells of the firmware it runs. */
#include "session_state.h"
#include "standard.h"

#include <inttypes.h>
#include <stdio.h>
#include <string.h>

int session_expected_version(const struct profile *profile, const struct package *package,
			     char text[SESSION_FIRMWARE_MAX], struct failure *why)
{
	uint32_t number;

	if (profile->expect_version.value) {
		snprintf(text, SESSION_FIRMWARE_MAX, "%s", profile->expect_version.value);
		return OTADFU_OK;
	}
	if (package_app_version(package, &number)) {
		snprintf(text, SESSION_FIRMWARE_MAX, "%" PRIu32, number);
		return OTADFU_OK;
	}
	failure_hint(why, "--expect-version TEXT, or expect_version in the profile");
	return failure_set(why, OTADFU_E_CONFIG, 0,
			   "the package does not say which version the device will tell, and "
			   "verify: version compares it");
}

/* Final: it was seen again, but nothing it says can prove the version. */
static int explain_unread(const struct session *session, int r, const struct failure *reason,
			  struct failure *why)
{
	if (r == OTADFU_E_DISCONNECTED || r == OTADFU_E_TIMEOUT || r == OTADFU_E_CANCELLED) {
		*why = *reason;
		return r;
	}
	return failure_set(why, OTADFU_E_UNSUPPORTED, reason->detail,
			   "the device is seen again in its %s, but does not tell its firmware "
			   "revision, which verify: version compares%s%s",
			   session->mode == OTADFU_MODE_BOOTLOADER ? "bootloader" : "application",
			   r == OTADFU_E_NOT_FOUND ? "" : ": ",
			   r == OTADFU_E_NOT_FOUND ? "" : reason->text);
}

int proof_read_version(struct session *session)
{
	const struct session_job *job = session->job;
	struct failure *why = session_failure(session);
	char *text = session->result->firmware_after;
	char expected[SESSION_FIRMWARE_MAX];
	struct failure reason = { 0 };
	int r = standard_read_text(session, &standard_firmware_revision, text, SESSION_FIRMWARE_MAX,
				   &reason);

	if (job->profile->verify.value != VERIFY_VERSION)
		return OTADFU_OK;
	if (r < 0)
		return explain_unread(session, r, &reason, why);
	r = session_expected_version(job->profile, job->package, expected, why);
	if (r < 0 || strcmp(text, expected) == 0)
		return r;
	session->runs_another = true;
	return failure_set(why, OTADFU_E_INTEGRITY, 0,
			   "the device tells firmware revision \"%s\", and \"%s\" was expected",
			   text, expected);
}
