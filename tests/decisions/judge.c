#include "judge.h"

#include "player.h"

#include "cleanup.h"

#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

struct judgement {
	struct meeting *meeting;
	const struct plan *plan;
	enum row_how how;
	char *why;
	bool located; /* an "after" has shown that the decision was on the recording */
};

static bool blame(struct judgement *judgement, const char *format, ...)
	__attribute__((format(printf, 2, 3)));

static bool blame(struct judgement *judgement, const char *format, ...)
{
	va_list args;

	va_start(args, format);
	vsnprintf(judgement->why, JUDGE_WHY_MAX, format, args);
	va_end(args);
	return false;
}

static bool begins(const char *text, const char *with)
{
	return strncasecmp(text, with, strlen(with)) == 0;
}

/* --- what it did --- */

static const char *did(const struct judgement *judgement, size_t index)
{
	return json_text_or(json_array_get(judgement->meeting->log, index), "did", NULL);
}

static bool find_heard(const struct judgement *judgement, const char *hex, size_t *ret_index)
{
	for (size_t i = 0; i < json_array_size(judgement->meeting->log); i++) {
		const json_t *entry = json_array_get(judgement->meeting->log, i);
		const char *heard = json_text_or(entry, "heard", NULL);

		if (heard && begins(heard, hex)) {
			*ret_index = i;
			return true;
		}
	}
	return false;
}

static bool compare_next(struct judgement *judgement, size_t index, char *ops)
{
	size_t end = json_array_size(judgement->meeting->log);

	for (char *op; (op = strtok_r(ops, " ", &ops));) {
		const char *next;

		while (index < end && !did(judgement, index))
			index++;
		next = index < end ? did(judgement, index) : "end";
		index++;
		if (!begins(next, op))
			return blame(judgement, "next it does %.40s where %s is documented", next,
				     op);
	}
	return true;
}

static bool judge_after(struct judgement *judgement, char *clause)
{
	char *hex = strsep(&clause, ":");
	size_t index;

	if (!clause)
		return blame(judgement, "no \":\" behind after %s", hex);
	if (!find_heard(judgement, hex, &index))
		return blame(judgement, "%s was never heard%s%s", hex,
			     judgement->meeting->tape.left[0] ? ": " : "",
			     judgement->meeting->tape.left);
	if (judgement->how == ROW_RECORDED && !judgement->located &&
	    !json_is_true(
		    json_object_get(json_array_get(judgement->meeting->log, index), "recorded")))
		return blame(judgement, "%s was heard off the recording: %s", hex,
			     judgement->meeting->tape.left);
	judgement->located = true;
	return compare_next(judgement, index, clause);
}

static bool has_sent(const struct judgement *judgement, const char *hex)
{
	for (size_t i = 0; i < json_array_size(judgement->meeting->log); i++) {
		if (did(judgement, i) && begins(did(judgement, i), hex))
			return true;
	}
	return false;
}

static bool judge_sends(struct judgement *judgement, char *hex)
{
	return has_sent(judgement, hex) || blame(judgement, "it never sends %s", hex);
}

static bool judge_never(struct judgement *judgement, char *hex)
{
	return !has_sent(judgement, hex) || blame(judgement, "it sends %s", hex);
}

static bool judge_says(struct judgement *judgement, char *text)
{
	const struct failure *failure = &judgement->meeting->result.failure;

	return strcasestr(failure->text, text) || strcasestr(judgement->meeting->notes, text) ||
	       blame(judgement, "\"%s\" is not in \"%s\" nor in its notes", text, failure->text);
}

/* --- how it ends --- */

/* Design section 7. */
static const struct {
	const char *name;
	int exit_status;
} endings[] = {
	{ "updated", 0 },           { "failed", 1 },   { "refused_by_host", 3 },
	{ "refused_by_device", 5 }, { "unproven", 6 }, { "cancelled", 130 },
};

static bool compare_end(struct judgement *judgement)
{
	struct tape *tape = &judgement->meeting->tape;
	json_t *recorded, *end;
	bool same;

	if (!tape_is_over(tape))
		return judgement->located ||
		       blame(judgement, "it left the recording: %s",
			     tape->left[0] ? tape->left : "more was recorded");
	recorded = json_object_get(json_array_get(tape->lines, tape->at), "end");
	end = endstate_describe(tape->stage.transcript, tape->stage.device, recorded);
	same = json_equal(recorded, end);
	json_decref(end);
	return same || blame(judgement, "the device ends in another state than was recorded");
}

static bool judge_ending(struct judgement *judgement, const char *name, int exit_status)
{
	const struct session_result *result = &judgement->meeting->result;

	if (strcmp(session_status_name(result->status), name) != 0 ||
	    result->exit_status != exit_status)
		return blame(judgement, "it ends %s, exit status %d: %s",
			     session_status_name(result->status), result->exit_status,
			     result->failure.text);
	if (result->status != SESSION_UPDATED)
		return true;
	if (!meeting_left_images(judgement->meeting, judgement->plan))
		return blame(judgement, "the device does not run the image");
	return judgement->how != ROW_RECORDED || compare_end(judgement);
}

static bool judge_clause(struct judgement *judgement, char *clause)
{
	static const struct {
		const char *word;
		bool (*judge)(struct judgement *judgement, char *clause);
	} words[] = {
		{ "after ", judge_after },
		{ "never ", judge_never },
		{ "sends ", judge_sends },
		{ "says ", judge_says },
	};

	for (size_t i = 0; i < sizeof(words) / sizeof(words[0]); i++) {
		if (begins(clause, words[i].word))
			return words[i].judge(judgement, clause + strlen(words[i].word));
	}
	for (size_t i = 0; i < sizeof(endings) / sizeof(endings[0]); i++) {
		if (strcmp(clause, endings[i].name) == 0)
			return judge_ending(judgement, clause, endings[i].exit_status);
	}
	return blame(judgement, "\"%s\" is no clause", clause);
}

bool judge(struct meeting *meeting, const struct plan *plan, enum row_how how, const char *decision,
	   char why[JUDGE_WHY_MAX])
{
	struct judgement judgement = { .meeting = meeting, .plan = plan, .how = how, .why = why };
	AUTO_FREE char *copy = strdup(decision);
	char *rest = copy;
	bool ok = true;

	for (char *clause; ok && (clause = strsep(&rest, ";"));)
		ok = judge_clause(&judgement, clause + strspn(clause, " "));
	if (ok && how == ROW_RECORDED && !judgement.located && meeting->tape.left[0] != '\0')
		ok = blame(&judgement, "it left the recording: %s", meeting->tape.left);
	return ok;
}

/* --- attempts --- */

/* secure-dfu.md 3.1, 3.2 and 12; legacy-dfu.md 11. */
static const struct {
	const char *answer;
	const char *decision;
} documented[] = {
	{ "600401", "after 600401: 02 0602" },
	{ "600404", "after 600404:; refused_by_device; says (04)" },
	{ "600405", "after 600405:; refused_by_device; says (05); says signed with" },
	{ "60040a", "after 60040a:; refused_by_device; says (0A)" },
	{ "60040b04", "after 60040b04:; refused_by_device; says (0B 04)" },
	{ "60040b05", "after 60040b05:; refused_by_device; says (0B 05); says version" },
	{ "60040b06", "after 60040b06:; refused_by_device; says (0B 06); says hardware" },
	{ "60040b07", "after 60040b07:; refused_by_device; says (0B 07); says SoftDevice" },
	{ "60040b08", "after 60040b08:; refused_by_device; says (0B 08); says sign" },
	{ "60040b09", "after 60040b09:; refused_by_device; says (0B 09); says hash" },
	{ "60040b0b", "after 60040b0b:; refused_by_device; says (0B 0B); says signature" },
	{ "100101", "after 100101: 0200 packets 0201" },
	{ "100103", "after 100103:; refused_by_device; says 10 01 03; says multiple of 4" },
	{ "100104", "after 100104:; refused_by_device; says 10 01 04; says larger" },
	{ "100201", "after 100201:; sends 03" },
	{ "100206", "after 100206:; refused_by_device; says 10 02 06; says asks for" },
};

const char *judge_documented(const char *answer)
{
	for (size_t i = 0; i < sizeof(documented) / sizeof(documented[0]); i++) {
		if (strcmp(documented[i].answer, answer) == 0)
			return documented[i].decision;
	}
	return NULL;
}
