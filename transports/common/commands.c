#include "commands.h"

void commands_clear(struct commands *commands)
{
	*commands = (struct commands){ .credits = 1 };
}

bool commands_add(struct commands *commands, const struct pending_command *pending)
{
	if (commands->count == COMMANDS_MAX)
		return false;
	commands->items[commands->count++] = *pending;
	return true;
}

const struct hci_command *commands_next(const struct commands *commands)
{
	bool may_send = commands->count > 0 && !commands->sent && commands->credits > 0;

	return may_send ? &commands->items[0].command : NULL;
}

void commands_sent(struct commands *commands)
{
	commands->sent = true;
	commands->credits--;
}

bool commands_answered(struct commands *commands, const struct hci_event *event,
		       struct pending_command *ret_pending)
{
	commands->credits = event->command_credits;
	if (!commands->sent || event->opcode != commands->items[0].command.opcode)
		return false;
	*ret_pending = commands->items[0];
	commands->count--;
	memmove(commands->items, commands->items + 1, commands->count * sizeof(commands->items[0]));
	commands->sent = false;
	commands->answer_by_ms = 0;
	return true;
}

const struct hci_command *commands_overdue(struct commands *commands, uint64_t now_ms,
					   uint64_t patience_ms)
{
	if (commands->count == 0)
		return NULL;
	if (commands->answer_by_ms == 0)
		commands->answer_by_ms = now_ms + patience_ms;
	return now_ms >= commands->answer_by_ms ? &commands->items[0].command : NULL;
}
