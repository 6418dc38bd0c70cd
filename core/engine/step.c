#include "session_state.h"

static void begin_protocol_call(struct session *session, struct call *call)
{
	call_begin(call, &session->task, session->speaker->ops->name, session->speaker->options);
	call->ctx.memo = session->speaker->memo;
	gatt_lend(&session->gatt, call);
}

void step_abort(struct session *session)
{
	struct call call;

	if (!session->gatt.link || session->gatt.lost || !session->speaker ||
	    !session->speaker->ops->abort)
		return;
	begin_protocol_call(session, &call);
	session->task.cancel_masked = true;
	session->speaker->ops->abort(&call.ctx);
	session->task.cancel_masked = false;
}

int step_check_way_in(struct session *session)
{
	struct failure *why = session_failure(session);

	if (session->speaker->ops->enter_bootloader)
		return OTADFU_OK;
	failure_hint(why, "bring it there by hand (button, command) and try again");
	return failure_set(
		why, OTADFU_E_UNSUPPORTED, 0,
		"the device runs its application, and the protocol '%s' has no way into the "
		"bootloader",
		session->speaker->ops->name);
}

int step_enter_bootloader(struct session *session, struct otadfu_next *next)
{
	struct call call;
	int r;

	session_enter_phase(session, SESSION_ENTER);
	r = step_check_way_in(session);
	if (r != OTADFU_OK)
		return r;
	begin_protocol_call(session, &call);
	r = session->speaker->ops->enter_bootloader(&call.ctx, next);
	if (r < 0)
		return call_explain(&call, r, session_failure(session));
	if (next->match == 0)
		session->mode = OTADFU_MODE_BOOTLOADER;
	return OTADFU_OK;
}

int step_update_image(struct session *session, struct otadfu_next *next)
{
	const struct otadfu_image *image = &session->job->package->images[session->image];
	struct failure *why = session_failure(session);
	struct call call;
	int r;

	begin_protocol_call(session, &call);
	r = session->speaker->ops->update(&call.ctx, image, next);
	if (r < 0 && (next->flags & OTADFU_NEXT_INSTALLED) &&
	    session->image + 1 < session->job->package->count) {
		session_note(session, "the device has this %s already, going on",
			     package_kind_name(image->kind));
		session->result->skipped |= 1u << session->image;
		r = OTADFU_OK;
	}
	if (r < 0)
		return call_explain(&call, r, why);
	session->image++;
	session->result->images_done = session->image;
	return OTADFU_OK;
}

/* A package of the other world would only be refused after the device has been changed. */
int step_check_kind(struct session *session)
{
	const struct package *package = session->job->package;

	if (session->job->force || package_is_taken(package, session->speaker->ops->caps))
		return OTADFU_OK;
	return failure_set(session_failure(session), OTADFU_E_PACKAGE, 0,
			   "this is a %s package, and the device speaks the protocol '%s'",
			   package_world_name(package), session->speaker->ops->name);
}
