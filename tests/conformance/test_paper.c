/* What `otadfu plugins --check` says without a peer, of words that make no sense, and of waivers.
 */
#include "run.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

/* cmocka wants the four above first. */
#include <cmocka.h>

#define PAPER(name) PAPERS name ".so"

static void assert_check(const char *plugin, int status, const char *said)
{
	struct run_result result = run_otadfu("plugins", "--check", plugin);

	assert_int_equal(result.status, status);
	assert_contains(result.out, said);
	run_result_clear(&result);
}

static void what_is_as_it_should_be_passes(void **state)
{
	(void)state;
	assert_check(PAPER("paper"), 0, "5 ok, 0 failed, 0 waived, 0 skipped");
}

static void our_own_plugins_pass(void **state)
{
	(void)state;
	assert_check("sim", 0, " 0 failed");
	assert_check("legacy", 0, " 0 failed");
	assert_check("secure", 0, " 0 failed");
}

static void without_a_peer_it_says_that_only_the_static_part_ran(void **state)
{
	(void)state;
	assert_check("sim", 0, "the static part only");
}

static void a_second_exported_symbol_is_found(void **state)
{
	(void)state;
	assert_check(PAPER("paper_exports"), 1, "paper_helper");
}

static void a_summary_of_two_lines_is_found(void **state)
{
	(void)state;
	assert_check(PAPER("paper_texts"), 1, "FAIL   texts");
}

static void an_empty_choice_is_found(void **state)
{
	(void)state;
	assert_check(PAPER("paper_options"), 1, "FAIL   options");
}

static void an_unknown_capability_is_found(void **state)
{
	(void)state;
	assert_check(PAPER("paper_caps"), 1, "FAIL   caps");
}

static void what_the_loader_refuses_is_told_with_the_reason(void **state)
{
	(void)state;
	assert_check(SCENARIO "/../CMakeLists.txt", 1, "FAIL   loads");
	assert_check("/no/such/file.so", 1, "cannot be opened");
}

/* --- words --- */

static void assert_usage_error(const char *said, const char *const *words)
{
	struct run_result result = run_otadfu_words(NULL, words);

	assert_int_equal(result.status, 2);
	assert_contains(result.err, said);
	run_result_clear(&result);
}
#define WORDS(...) ((const char *const[]){ "plugins", __VA_ARGS__, NULL })

static void words_that_need_a_check_are_refused_without_one(void **state)
{
	(void)state;
	assert_usage_error("--peer goes with --check", WORDS("--peer", PEER));
	assert_usage_error("--case goes with --check", WORDS("sim", "--case", "read"));
}

static void words_that_need_a_peer_are_refused_without_one(void **state)
{
	(void)state;
	assert_usage_error("--adapter goes with", WORDS("--check", "sim", "--adapter", "x"));
	assert_usage_error("--slack goes with", WORDS("--check", "sim", "--slack", "50"));
}

static void a_second_plugin_is_refused(void **state)
{
	(void)state;
	assert_usage_error("do not know what to do with", WORDS("--check", "sim", "legacy"));
}

static void an_unknown_case_is_refused_and_the_known_ones_are_told(void **state)
{
	(void)state;
	assert_usage_error("deadline-read", WORDS("--check", "sim", "--case", "nonsense"));
}

static void a_peer_that_is_no_address_is_refused(void **state)
{
	(void)state;
	assert_usage_error("C0:FF", WORDS("--check", "sim", "--peer", "C0:FF"));
}

static void a_slack_out_of_range_is_refused(void **state)
{
	(void)state;
	assert_usage_error("--slack wants",
			   WORDS("--check", "sim", "--peer", PEER, "--slack", "0"));
}

static void a_protocol_has_nothing_to_try_out_on_a_peer(void **state)
{
	(void)state;
	assert_usage_error("no transport", WORDS("--check", "legacy", "--peer", PEER));
}

static void a_setting_of_another_plugin_is_refused(void **state)
{
	(void)state;
	assert_usage_error("legacy",
			   WORDS("--check", "sim", "--peer", PEER, "--set", "legacy.receipts=1"));
}

/* --- what is not the plugin's fault --- */

static void a_plugin_that_is_not_there_is_status_4(void **state)
{
	struct run_result result = run_otadfu("plugins", "--check", "nonsense");

	(void)state;
	assert_int_equal(result.status, 4);
	assert_contains(result.err, "there is no plugin \"nonsense\"");
	run_result_clear(&result);
}

static void an_adapter_name_that_makes_no_sense_is_status_2(void **state)
{
	struct run_result result = run_otadfu("plugins", "--check", "sim", "--peer", PEER,
					      "--adapter", "/no/such/scenario.yaml");

	(void)state;
	assert_int_equal(result.status, 2);
	assert_contains(result.err, "/no/such/scenario.yaml");
	run_result_clear(&result);
}

static void a_virtual_clock_is_refused(void **state)
{
	struct run_result result = run_otadfu("plugins", "--check", "sim", "--peer", PEER,
					      "--adapter", VIRTUAL_SCENARIO);

	(void)state;
	assert_int_equal(result.status, 4);
	assert_contains(result.err, "clock: real");
	run_result_clear(&result);
}

static void without_its_essential_case_the_others_are_skipped(void **state)
{
	struct run_result result =
		run_otadfu("plugins", "--check", FLAWED, "--set", "flawed.defect=connect", "--peer",
			   PEER, "--adapter", SCENARIO, "--case", "connect", "--case", "read");

	(void)state;
	assert_int_equal(result.status, 1);
	assert_contains(result.out, "FAIL   connect");
	assert_contains(result.out, "skip   read               connect failed");
	run_result_clear(&result);
}

/* --- waivers --- */

static void a_failure_that_is_waived_is_told_with_the_reason_and_counts_for_nothing(void **state)
{
	struct run_result result =
		run_otadfu("plugins", "--check", WAIVED, "--peer", PEER, "--adapter", SCENARIO,
			   "--set", "gatttool.defect=write-empty", "--case", "write-empty");

	(void)state;
	assert_int_equal(result.status, 0);
	assert_contains(result.out, "waived write-empty        its char-write commands");
	assert_contains(result.out, "1 waived");
	run_result_clear(&result);
}

static void a_waiver_that_is_not_needed_is_told(void **state)
{
	struct run_result result = run_otadfu("plugins", "--check", WAIVED, "--peer", PEER,
					      "--adapter", SCENARIO, "--case", "write-empty");

	(void)state;
	assert_int_equal(result.status, 0);
	assert_contains(result.out, "ok     write-empty        passes, its waiver can go");
	run_result_clear(&result);
}

/* --- Ctrl-C --- */

static void ctrl_c_ends_it_at_once(void **state)
{
	struct run *run = run_start(NULL, (const char *const[]){ run_otadfu_path(), "plugins",
								 "--check", "sim", "--peer", PEER,
								 "--adapter", SCENARIO, NULL });
	struct run_result result;
	uint64_t stopped_ms;

	(void)state;
	run_wait_for(run, "ok     discover ");
	stopped_ms = run_elapsed_ms(run);
	run_send_signal(run, 2);
	result = run_finish(run);
	assert_int_equal(result.status, 130);
	assert_in_range(result.duration_ms - stopped_ms, 0, 5000);
	assert_lacks(result.out, "FAIL");
	run_result_clear(&result);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(what_is_as_it_should_be_passes),
		cmocka_unit_test(our_own_plugins_pass),
		cmocka_unit_test(without_a_peer_it_says_that_only_the_static_part_ran),
		cmocka_unit_test(a_second_exported_symbol_is_found),
		cmocka_unit_test(a_summary_of_two_lines_is_found),
		cmocka_unit_test(an_empty_choice_is_found),
		cmocka_unit_test(an_unknown_capability_is_found),
		cmocka_unit_test(what_the_loader_refuses_is_told_with_the_reason),
		cmocka_unit_test(words_that_need_a_check_are_refused_without_one),
		cmocka_unit_test(words_that_need_a_peer_are_refused_without_one),
		cmocka_unit_test(a_second_plugin_is_refused),
		cmocka_unit_test(an_unknown_case_is_refused_and_the_known_ones_are_told),
		cmocka_unit_test(a_peer_that_is_no_address_is_refused),
		cmocka_unit_test(a_slack_out_of_range_is_refused),
		cmocka_unit_test(a_protocol_has_nothing_to_try_out_on_a_peer),
		cmocka_unit_test(a_setting_of_another_plugin_is_refused),
		cmocka_unit_test(a_plugin_that_is_not_there_is_status_4),
		cmocka_unit_test(an_adapter_name_that_makes_no_sense_is_status_2),
		cmocka_unit_test(a_virtual_clock_is_refused),
		cmocka_unit_test(without_its_essential_case_the_others_are_skipped),
		cmocka_unit_test(
			a_failure_that_is_waived_is_told_with_the_reason_and_counts_for_nothing),
		cmocka_unit_test(a_waiver_that_is_not_needed_is_told),
		cmocka_unit_test(ctrl_c_ends_it_at_once),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
