#include "plugin_report.h"

#include "json_line.h"
#include "line.h"

#include <inttypes.h>

static const struct {
	const char *shown;
	const char *json;
} verdict_words[CONFORMANCE_VERDICTS] = {
	[CONFORMANCE_OK] = { "ok", "ok" },
	[CONFORMANCE_FAILED] = { "FAIL", "failed" },
	[CONFORMANCE_WAIVED] = { "waived", "waived" },
	[CONFORMANCE_SKIPPED] = { "skip", "skipped" },
};

static void write_object(const struct conformance_finding *finding)
{
	json_t *worst = finding->timed ? json_integer((json_int_t)finding->worst_ms) : json_null();

	json_line_write(stdout,
			json_pack("{s:s, s:s, s:s, s:s, s:o, s:o}", "event", "case", "name",
				  finding->name, "verdict", verdict_words[finding->verdict].json,
				  "contract", finding->contract, "text",
				  json_line_text(finding->text), "worst_ms", worst));
}

static void write_row(const struct conformance_finding *finding)
{
	bool failed = finding->verdict == CONFORMANCE_FAILED;
	char worst[40] = "";

	if (finding->timed)
		snprintf(worst, sizeof(worst), "%s(worst %" PRIu64 " ms)",
			 *finding->text ? " " : "", finding->worst_ms);
	line_write(stdout, "%-6s %-18s %s%s%s%s%s", verdict_words[finding->verdict].shown,
		   finding->name, finding->text, worst, failed ? " [contract: " : "",
		   failed ? finding->contract : "", failed ? "]" : "");
}

void plugin_report_finding(void *user, const struct conformance_finding *finding)
{
	struct plugin_report *report = user;

	report->counts[finding->verdict]++;
	if (report->json)
		write_object(finding);
	else if (!report->quiet || finding->verdict == CONFORMANCE_FAILED)
		write_row(finding);
}

static json_int_t count_of(const struct plugin_report *report, enum conformance_verdict verdict)
{
	return (json_int_t)report->counts[verdict];
}

void plugin_report_totals(const struct plugin_report *report, const char *file, size_t skipped_live)
{
	char missing[80] = "";

	if (report->json) {
		json_line_write(stdout,
				json_pack("{s:s, s:o, s:b, s:I, s:I, s:I, s:I}", "event", "check",
					  "file", json_line_text(file), "live", skipped_live == 0,
					  "ok", count_of(report, CONFORMANCE_OK), "failed",
					  count_of(report, CONFORMANCE_FAILED), "waived",
					  count_of(report, CONFORMANCE_WAIVED), "skipped",
					  count_of(report, CONFORMANCE_SKIPPED)));
		return;
	}
	if (report->quiet)
		return;
	if (skipped_live > 0)
		snprintf(missing, sizeof(missing),
			 "; the static part only: %zu cases need a --peer", skipped_live);
	line_write(stdout, "%zu ok, %zu failed, %zu waived, %zu skipped%s",
		   report->counts[CONFORMANCE_OK], report->counts[CONFORMANCE_FAILED],
		   report->counts[CONFORMANCE_WAIVED], report->counts[CONFORMANCE_SKIPPED],
		   missing);
}
