#include "adapter.h"

#include "failure.h"

/* For a controller to end what was taken back; it takes some milliseconds. */
enum { TAKING_BACK_MS = 1000 };

static bool is_free(const void *user)
{
	const struct otadfu_adapter *adapter = user;

	return adapter->failed || adapter->air.attempt == ATTEMPT_NONE;
}

static bool claim(struct otadfu_adapter *adapter)
{
	bool claimed;

	pthread_mutex_lock(&adapter->lock);
	claimed = !adapter->air.taken;
	adapter->air.taken = true;
	pthread_mutex_unlock(&adapter->lock);
	return claimed;
}

int air_take(struct otadfu_ctx *ctx, struct otadfu_adapter *adapter, uint64_t deadline_ms)
{
	uint64_t until_ms = ctx->host->now_ms(ctx) + TAKING_BACK_MS;
	int r;

	if (!claim(adapter))
		return fail_with(ctx, OTADFU_E_BUSY, 0, "%s scans or connects already",
				 adapter->name);
	r = news_await(ctx, &adapter->air.news, &adapter->lock, is_free, adapter,
		       until_ms < deadline_ms ? until_ms : deadline_ms);
	if (r == OTADFU_E_TIMEOUT)
		r = fail_with(ctx, OTADFU_E_BUSY, 0,
			      "%s: the controller does not end an earlier attempt to connect",
			      adapter->name);
	if (r == OTADFU_OK)
		r = adapter_check(ctx, adapter);
	if (r != OTADFU_OK)
		air_release(adapter);
	return r;
}

void air_release(struct otadfu_adapter *adapter)
{
	pthread_mutex_lock(&adapter->lock);
	adapter->air.taken = false;
	pthread_mutex_unlock(&adapter->lock);
}

static bool is_answered(const void *user)
{
	return answers_are_complete(user);
}

int air_refused(struct otadfu_ctx *ctx, struct otadfu_adapter *adapter, uint16_t opcode,
		uint8_t status)
{
	int r = adapter_check(ctx, adapter);
	int code = status == HCI_E_UNKNOWN_COMMAND ? OTADFU_E_UNSUPPORTED
		   : status == HCI_E_DISALLOWED    ? OTADFU_E_BUSY
						   : OTADFU_E_IO;

	if (r != OTADFU_OK)
		return r;
	return fail_with(ctx, code, status, "%s: the controller refused %s: %s (0x%02X)",
			 adapter->name, hci_command_name(opcode), hci_status_text(status), status);
}

int air_command(struct otadfu_ctx *ctx, struct otadfu_adapter *adapter,
		const struct hci_command *command, uint64_t deadline_ms)
{
	struct answers *answers = &adapter->air.answers;
	uint8_t status;
	int r;

	pthread_mutex_lock(&adapter->lock);
	adapter_ask_locked(adapter, command, answers);
	pthread_mutex_unlock(&adapter->lock);
	r = news_await(ctx, answers->news, &adapter->lock, is_answered, answers, deadline_ms);
	if (r == OTADFU_E_TIMEOUT)
		return fail_with(ctx, r, 0, "%s: the controller did not answer %s in time",
				 adapter->name, hci_command_name(command->opcode));
	if (r != OTADFU_OK)
		return r;
	pthread_mutex_lock(&adapter->lock);
	status = answers->status;
	pthread_mutex_unlock(&adapter->lock);
	return status == 0 ? OTADFU_OK : air_refused(ctx, adapter, command->opcode, status);
}
