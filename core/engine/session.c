#include "outcome.h"
#include "session_state.h"
#include "way.h"

#include <stdio.h>
#include <string.h>

/*
 * A device is one device to its operator, wherever its bootloader advertises: it keeps the
 * address it was asked for by. Asked for by name, it gets the one it is found at.
 */
static void name_by_target(struct session *session)
{
	const struct profile *profile = session->job->profile;
	struct otadfu_addr addr;

	if (profile->match_address.value &&
	    target_parse_addr(profile->match_address.value, &addr, NULL) == OTADFU_OK)
		target_format_addr(&addr, session->task.device);
	else if (profile->match_name.value)
		snprintf(session->task.device, sizeof(session->task.device), "%s",
			 profile->match_name.value);
}

int session_open(struct session *session, const struct session_job *job,
		 struct session_result *result)
{
	const struct profile *profile = job->profile;
	struct failure *why = &result->failure;
	int r;

	memset(result, 0, sizeof(*result));
	*session = (struct session){
		.job = job,
		.result = result,
		.task = { .clock = job->clock,
			  .log = job->log,
			  .cancel_fd = job->cancel_fd,
			  .on_event = session_hear,
			  .user = session },
		.advertised_rssi_dbm = 127,
	};
	name_by_target(session);
	r = speakers_gather(&session->speakers, job->registry, profile, why);
	if (r == OTADFU_OK)
		r = way_open(&session->adapter, &session->task, job->registry, profile,
			     &session->transport_options, why);
	if (r == OTADFU_OK)
		snprintf(result->transport, sizeof(result->transport), "%s",
			 session->adapter.ops->name);
	return r;
}

void session_close(struct session *session)
{
	join_leave(session);
	adapter_close(&session->adapter);
	speakers_free(&session->speakers);
	sightings_clear(&session->others);
	options_free(session->transport_options);
}

static void count(struct session *session, uint64_t begin_ms)
{
	const struct package *package = session->job->package;
	struct session_result *result = session->result;

	for (size_t i = 0; i < package->count; i++) {
		if (!(result->skipped & 1u << i))
			result->bytes += package->images[i].data_len;
	}
	if (session->pushed_bytes > result->bytes)
		result->resent_bytes = session->pushed_bytes - result->bytes;
	result->duration_ms = task_now_ms(&session->task) - begin_ms;
}

void session_run(const struct session_job *job, struct session_result *ret_result)
{
	struct session session;
	struct place place = { 0 };
	bool activated = false;
	int r = session_open(&session, job, ret_result);
	bool opened = r == OTADFU_OK;
	/* Only now: the adapter may have made the clock virtual. */
	uint64_t begin_ms = task_now_ms(&session.task);

	session_enter_phase(&session, SESSION_CONNECT);
	if (r == OTADFU_OK)
		r = locate_target(&session, &place);
	if (r == OTADFU_OK)
		r = update_run(&session, &place, &activated);
	if (r != OTADFU_OK && ret_result->failure.phase[0] == '\0')
		snprintf(ret_result->failure.phase, sizeof(ret_result->failure.phase), "%s",
			 session_phase_name(session.phase));
	session_collect_bytes(&session);
	/* Seen again with another version: that it was activated proves nothing any more. */
	outcome_judge(ret_result, r, opened, activated && !session.runs_another);
	if (r == OTADFU_OK && job->dry_run)
		ret_result->status = SESSION_REHEARSED;
	count(&session, begin_ms);
	snprintf(ret_result->device, sizeof(ret_result->device), "%s", session.task.device);
	session_close(&session);
}
