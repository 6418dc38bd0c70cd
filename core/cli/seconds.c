#include "seconds.h"

#include "session.h"
#include "text.h"

enum { LISTEN_DEFAULT = 5, LISTEN_MAX = 3600, WAIT_MAX = 7 * 24 * 3600 };

int seconds_to_listen(const struct args *args, uint32_t *ret_seconds, struct failure *why)
{
	const char *text = args_text(args, ARG_SECONDS);
	int64_t seconds = LISTEN_DEFAULT;

	if (text && (!text_to_int(text, &seconds) || seconds < 1 || seconds > LISTEN_MAX))
		return failure_set(why, OTADFU_E_CONFIG, 0,
				   "--seconds wants a whole number from 1 to %d, not \"%s\"",
				   LISTEN_MAX, text);
	*ret_seconds = (uint32_t)seconds;
	return OTADFU_OK;
}

int seconds_to_wait(const struct args *args, uint64_t *ret_wait_ms, struct failure *why)
{
	const char *text = args_text(args, ARG_WAIT);
	uint64_t wait_ms = text ? SESSION_FOR_EVER : 0;
	int64_t seconds;

	if (text && *text != '\0') {
		if (!text_to_int(text, &seconds) || seconds < 1 || seconds > WAIT_MAX)
			return failure_set(
				why, OTADFU_E_CONFIG, 0,
				"--wait takes a whole number of seconds from 1 to %d, or "
				"none, not \"%s\"",
				WAIT_MAX, text);
		wait_ms = (uint64_t)seconds * 1000;
	}
	*ret_wait_ms = wait_ms;
	return OTADFU_OK;
}
