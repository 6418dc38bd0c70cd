#include "outcome.h"

#include <stddef.h>

static const char *const status_names[] = {
	[SESSION_UPDATED] = "updated",
	[SESSION_FAILED] = "failed",
	[SESSION_REFUSED_BY_HOST] = "refused_by_host",
	[SESSION_REFUSED_BY_DEVICE] = "refused_by_device",
	[SESSION_UNPROVEN] = "unproven",
	[SESSION_CANCELLED] = "cancelled",
	[SESSION_REHEARSED] = "rehearsed",
};

struct rule {
	int code;
	enum session_status status;
	int exit_status;
};

static const struct rule always[] = {
	{ OTADFU_OK, SESSION_UPDATED, 0 },
	{ OTADFU_E_CONFIG, SESSION_REFUSED_BY_HOST, 2 },
	{ OTADFU_E_PACKAGE, SESSION_REFUSED_BY_HOST, 3 },
	{ OTADFU_E_REJECTED, SESSION_REFUSED_BY_DEVICE, 5 },
	{ OTADFU_E_CANCELLED, SESSION_CANCELLED, 130 },
};

static const struct rule before_open[] = {
	{ OTADFU_E_UNSUPPORTED, SESSION_FAILED, 4 },
	{ OTADFU_E_NOT_FOUND, SESSION_FAILED, 4 },
	{ OTADFU_E_PERMISSION, SESSION_FAILED, 4 },
};

const char *session_status_name(enum session_status status)
{
	return status_names[status];
}

static const struct rule *find_rule(const struct rule *rules, size_t count, int code)
{
	for (size_t i = 0; i < count; i++) {
		if (rules[i].code == code)
			return &rules[i];
	}
	return NULL;
}

void outcome_judge(struct session_result *result, int code, bool adapter_was_open, bool activated)
{
	static const struct rule unproven = { 0, SESSION_UNPROVEN, 6 };
	static const struct rule failed = { 0, SESSION_FAILED, 1 };
	const struct rule *rule = find_rule(always, sizeof(always) / sizeof(always[0]), code);

	if (!rule && !adapter_was_open)
		rule = find_rule(before_open, sizeof(before_open) / sizeof(before_open[0]), code);
	if (!rule)
		rule = activated ? &unproven : &failed;
	result->status = rule->status;
	result->exit_status = rule->exit_status;
}
