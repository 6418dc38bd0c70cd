#include "cases.h"
#include "clock.h"
#include "plugin_case.h"
#include "waiver.h"

#include <fnmatch.h>
#include <poll.h>
#include <stdio.h>

size_t conformance_static_count(void)
{
	return PLUGIN_CASES;
}

size_t conformance_live_count(void)
{
	size_t count = 0;

	while (conformance_cases[count].name)
		count++;
	return count;
}

const char *conformance_case_name(size_t index)
{
	if (index < PLUGIN_CASES)
		return plugin_case_name(index);
	index -= PLUGIN_CASES;
	return index < conformance_live_count() ? conformance_cases[index].name : NULL;
}

bool conformance_is_wanted(const struct conformance_listener *listener, const char *name)
{
	const char *const *pattern = listener->patterns;

	while (*pattern && fnmatch(*pattern, name, 0) != 0)
		pattern++;
	return *pattern || !*listener->patterns;
}

/* --- one case --- */

static void waive(struct conformance_finding *finding, const char *reason)
{
	char seen[CONFORMANCE_TEXT_MAX];

	snprintf(seen, sizeof(seen), "%s", finding->text);
	if (finding->verdict == CONFORMANCE_FAILED) {
		finding->verdict = CONFORMANCE_WAIVED;
		snprintf(finding->text, sizeof(finding->text), "%.180s; seen: %.180s", reason,
			 seen);
	} else if (finding->verdict == CONFORMANCE_OK) {
		snprintf(finding->text, sizeof(finding->text),
			 "passes, its waiver can go (%.120s)%s%.120s", reason, *seen ? "; " : "",
			 seen);
	}
}

static void judge(struct trial *t)
{
	struct conformance_finding *finding = &t->finding;
	bool passed = t->subject->run(t);
	const char *reason = waiver_find(t->rig->job->transport->name, finding->name);

	if (passed && finding->verdict != CONFORMANCE_OK)
		*finding->text = '\0';
	if (passed)
		finding->verdict = CONFORMANCE_OK;
	if (reason)
		waive(finding, reason);
}

static enum conformance_verdict run_case(struct rig *rig, const struct conformance_case *subject,
					 struct conformance_finding *ret_finding)
{
	struct trial t = {
		.rig = rig,
		.subject = subject,
		.finding = { .name = subject->name,
			     .contract = subject->contract,
			     .verdict = CONFORMANCE_FAILED },
	};

	judge(&t);
	t.due_ms = 0;
	do_disconnect(&t);
	*ret_finding = t.finding;
	return t.finding.verdict;
}

static void skip_case(const struct conformance_case *subject, const char *because,
		      struct conformance_finding *ret_finding)
{
	*ret_finding = (struct conformance_finding){
		.name = subject->name,
		.contract = subject->contract,
		.verdict = CONFORMANCE_SKIPPED,
	};
	snprintf(ret_finding->text, sizeof(ret_finding->text), "%s failed", because);
}

/* --- all of them --- */

static bool is_readable(int fd)
{
	struct pollfd watched = { .fd = fd, .events = POLLIN };

	return fd >= 0 && poll(&watched, 1, 0) > 0;
}

static int run_cases(struct rig *rig, const struct conformance_listener *listener,
		     struct failure *why)
{
	const char *hopeless = NULL; /* the essential case that failed */

	for (const struct conformance_case *subject = conformance_cases; subject->name; subject++) {
		struct conformance_finding finding;

		if (!conformance_is_wanted(listener, subject->name))
			continue;
		if (hopeless)
			skip_case(subject, hopeless, &finding);
		else if (run_case(rig, subject, &finding) == CONFORMANCE_FAILED &&
			 subject->essential)
			hopeless = subject->name;
		/* It failed because all calls were cancelled. */
		if (is_readable(rig->job->interrupt_fd))
			return failure_set(why, OTADFU_E_CANCELLED, 0, "interrupted");
		listener->on_finding(listener->user, &finding);
	}
	return OTADFU_OK;
}

static int run_open(struct rig *rig, const struct conformance_listener *listener,
		    struct failure *why)
{
	int r = rig_open(rig, why);

	if (r == OTADFU_E_UNSUPPORTED)
		failure_hint(why, "deadlines are measured in real time: a scenario for this says "
				  "\"clock: real\"");
	if (r < 0)
		return r;
	r = run_cases(rig, listener, why);
	rig_close(rig);
	return r;
}

int conformance_check_transport(const struct conformance_listener *listener,
				const struct conformance_job *job, struct failure *why)
{
	struct rig rig = {
		.job = job,
		.task = { .clock = job->clock, .log = job->log },
	};
	int r = clock_hold_real(job->clock);

	if (r < 0)
		return failure_set(why, r, 0, "the clock is virtual; deadlines need a real one");
	r = stopper_open(&rig.stopper, job->interrupt_fd, why);
	if (r == OTADFU_OK) {
		rig.task.cancel_fd = rig.stopper.fd;
		r = run_open(&rig, listener, why);
		stopper_close(&rig.stopper);
	}
	clock_release_real(job->clock);
	return r;
}
