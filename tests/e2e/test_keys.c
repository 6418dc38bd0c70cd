/* `otadfu keys`: whom a key is shown to, and whom not. */
#include "files.h"
#include "run.h"
#include "shell.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

#include <cmocka.h>

enum { USAGE = 2, INTERRUPTED = 130, COLUMNS = 100 };

#define OWN_PRIVATE      "6becae95e1f26fc4f5b8f576aff4a356813d054014943a3f3bacc7af39511134"
#define REVERSED_PRIVATE "34115139afc7ac3b3f3a941440053d8156a3f4af76f5b8f5c46ff2e195aeec6b"

/* The key that nrfutil signs with when it was given none: OWN_PRIVATE. */
static const char debug_pem[] = "-----BEGIN EC PRIVATE KEY-----\n"
				"MHcCAQEEIGvsrpXh8m/E9bj1dq/0o1aBPQVAFJQ6Pzusx685URE0oAoGCCqGSM49\n"
				"AwEHoUQDQgAEaHYrUu/oFKIXN457GH+8IOuv6OIPBRLqoHjaEKM0wIzJZ0lhfO/A\n"
				"53hKGjKEjYT3VNTQ3Zq1YB3o5QSQMP/LRg==\n"
				"-----END EC PRIVATE KEY-----\n";

static char *folder;
static char *debug_path;

static struct run_result show(const char *path, const char *form, const char *more)
{
	const char *words[] = { "keys", "show", path, "--as", form, more, NULL };

	return run_otadfu_words(NULL, words);
}

static void assert_done(const struct run_result *run)
{
	if (run->status != 0)
		fail_msg("exit status %d: %s", run->status, run->err);
}

/* --- make --- */

static void a_made_key_is_for_its_owner_alone(void **state)
{
	char *path = file_path(folder, "made.pem");
	mode_t old = umask(0);
	struct run_result run = run_otadfu("keys", "make", path);
	struct stat info;

	(void)state;
	umask(old);
	assert_done(&run);
	assert_contains(run.out, "a new private key");
	assert_lacks(run.out, "BEGIN");
	assert_int_equal(stat(path, &info), 0);
	assert_int_equal(info.st_mode & 0777, 0600);
	shell_run(folder, "openssl ec -in made.pem -noout -check");
	run_result_clear(&run);
	free(path);
}

static void a_key_that_is_there_is_kept(void **state)
{
	char *path = file_write(folder, "precious.pem", "precious");
	struct run_result run = run_otadfu("keys", "make", path);

	(void)state;
	assert_int_equal(run.status, USAGE);
	assert_contains(run.err, "there is such a file already");
	shell_run(folder, "grep -qx precious precious.pem");
	run_result_clear(&run);
	run = run_otadfu("keys", "make", path, "--overwrite");
	assert_done(&run);
	shell_run(folder, "openssl ec -in precious.pem -noout -check");
	shell_run(folder, "[ $(stat -c %%a precious.pem) = 600 ]");
	shell_run(folder, "[ $(ls | grep -c tmp) = 0 ]");
	run_result_clear(&run);
	free(path);
}

/* --- show --- */

static void the_public_half_is_that_of_openssl(void **state)
{
	struct run_result run = run_otadfu("keys", "show", debug_path);
	char *written;

	(void)state;
	assert_done(&run);
	written = file_write(folder, "shown.pem", run.out);
	shell_run(folder, "openssl ec -in debug.pem -pubout -out public.pem");
	shell_run(folder, "cmp shown.pem public.pem");
	run_result_clear(&run);
	free(written);
}

static void hex_is_the_point_as_a_bootloader_has_it(void **state)
{
	struct run_result run = show(debug_path, "hex", NULL);

	(void)state;
	assert_done(&run);
	assert_string_equal(run.out,
			    "8cc034a310da78a0ea12050fe2e8afeb20bc7f187b8e3717a214e8ef522b7668"
			    "46cbff309004e5e81d60b59addd0d454f7848d84321a4a78e7c0ef7c614967c9\n");
	run_result_clear(&run);
}

static void c_compiles_to_the_same_point(void **state)
{
	struct run_result run = show(debug_path, "c", NULL);
	char *source;

	(void)state;
	assert_done(&run);
	source = file_write(folder, "pk.c", run.out);
	shell_run(folder, "echo '#include <stdio.h>\nextern const unsigned char pk[64];\n"
			  "int main(void) { fwrite(pk, 1, 64, stdout); return 0; }' >main.c");
	shell_run(folder, "cc -std=c99 -Wall -Werror pk.c main.c -o pk && ./pk >point");
	run_result_clear(&run);
	run = show(debug_path, "hex", NULL);
	shell_run(folder, "[ $(od -An -tx1 -v point | tr -d ' \\n') = %.128s ]", run.out);
	run_result_clear(&run);
	free(source);
}

static void the_private_half_is_shown_on_demand_alone(void **state)
{
	static const char *const forms[] = { "pem", "hex", "c" };
	struct run_result run;

	(void)state;
	for (size_t i = 0; i < sizeof(forms) / sizeof(forms[0]); i++) {
		run = show(debug_path, forms[i], NULL);
		assert_done(&run);
		assert_lacks(run.out, "PRIVATE");
		assert_lacks(run.out, "a+yuleHyb8T1uPV2r"); /* OWN_PRIVATE in base 64 */
		assert_lacks(run.out, OWN_PRIVATE);
		assert_lacks(run.out, REVERSED_PRIVATE);
		run_result_clear(&run);
	}
	run = show(debug_path, "hex", "--private");
	assert_string_equal(run.out, REVERSED_PRIVATE "\n");
	run_result_clear(&run);
	run = show(debug_path, "pem", "--private");
	assert_string_equal(run.out, debug_pem);
	run_result_clear(&run);
	run = show(debug_path, "c", "--private");
	assert_int_equal(run.status, USAGE);
	assert_string_equal(run.out, "");
	run_result_clear(&run);
}

static void a_public_key_has_no_private_half(void **state)
{
	char *path = file_path(folder, "public.pem");
	struct run_result run;

	(void)state;
	shell_run(folder, "openssl ec -in debug.pem -pubout -out public.pem");
	run = show(path, "pem", "--private");
	assert_int_equal(run.status, USAGE);
	assert_contains(run.err, "public.pem: it has no private half");
	run_result_clear(&run);
	free(path);
}

/* --- warnings --- */

static void a_key_that_others_can_read_is_warned_of(void **state)
{
	char *path = file_path(folder, "open.pem");
	struct run_result run;

	(void)state;
	shell_run(folder, "openssl ecparam -name prime256v1 -genkey -noout -out open.pem");
	shell_run(folder, "chmod 600 open.pem");
	run = run_otadfu("keys", "show", path);
	assert_done(&run);
	assert_string_equal(run.err, "");
	run_result_clear(&run);
	shell_run(folder, "chmod 644 open.pem");
	run = run_otadfu("keys", "show", path);
	assert_done(&run);
	assert_contains(run.err, "open.pem: others can read this private key");
	run_result_clear(&run);
	free(path);
}

static void the_key_that_everybody_has_is_warned_of(void **state)
{
	struct run_result run = run_otadfu("keys", "show", debug_path);

	(void)state;
	assert_done(&run);
	assert_contains(run.err, "THIS IS nrfutil's debug key");
	run_result_clear(&run);
}

/* --- encrypted keys --- */

static void without_a_terminal_nobody_is_asked(void **state)
{
	char *path = file_path(folder, "locked.pem");
	struct run_result run;

	(void)state;
	shell_run(folder, "openssl ec -in debug.pem -aes128 -passout pass:secret -out locked.pem");
	run = run_otadfu("keys", "show", path);
	assert_int_equal(run.status, USAGE);
	assert_contains(run.err, "no terminal to ask for its passphrase");
	run_result_clear(&run);
	free(path);
}

static struct run_result answer(const char *typed)
{
	static const struct run_settings terminal = { .columns = COLUMNS };
	char *path = file_path(folder, "locked.pem");
	const char *const argv[] = { run_otadfu_path(), "keys", "show", path, NULL };
	struct run *run;

	shell_run(folder, "openssl ec -in debug.pem -aes128 -passout pass:secret -out locked.pem");
	run = run_start(&terminal, argv);
	run_wait_for(run, "Passphrase of");
	run_type(run, typed);
	free(path);
	return run_finish(run);
}

static void at_a_terminal_the_passphrase_is_asked_for_unseen(void **state)
{
	struct run_result run = answer("secret\n");

	(void)state;
	assert_int_equal(run.status, 0);
	assert_contains(run.out, "BEGIN PUBLIC KEY");
	assert_lacks(run.out, "secret");
	run_result_clear(&run);
}

static void a_wrong_passphrase_is_told(void **state)
{
	struct run_result run = answer("wrong\n");

	(void)state;
	assert_int_equal(run.status, USAGE);
	assert_contains(run.out, "that is not its passphrase");
	run_result_clear(&run);
}

static void the_question_can_be_left(void **state)
{
	struct run_result run = answer("\x03");

	(void)state;
	assert_int_equal(run.status, INTERRUPTED);
	assert_lacks(run.out, "BEGIN");
	run_result_clear(&run);
}

static void the_terminal_has_its_echo_back(void **state)
{
	static const struct run_settings terminal = { .columns = COLUMNS };
	static const char script[] = "trap : INT; \"$0\" keys show \"$1\"; stty -a";
	char *path = file_path(folder, "locked.pem");
	const char *const argv[] = { "/bin/sh", "-c", script, run_otadfu_path(), path, NULL };
	struct run_result run;
	struct run *shell;

	(void)state;
	shell_run(folder, "openssl ec -in debug.pem -aes128 -passout pass:secret -out locked.pem");
	shell = run_start(&terminal, argv);
	run_wait_for(shell, "Passphrase of");
	run_type(shell, "\x03");
	run = run_finish(shell);
	assert_contains(run.out, " echo ");
	assert_lacks(run.out, "-echo ");
	run_result_clear(&run);
	free(path);
}

/* Ctrl-\ and Ctrl-Z would leave the terminal without echo: here they are letters like any. */
static void no_other_key_ends_the_question(void **state)
{
	struct run_result run = answer("\x1c\x1a\n");

	(void)state;
	assert_int_equal(run.status, USAGE);
	assert_contains(run.out, "that is not its passphrase");
	run_result_clear(&run);
}

/* --- mistakes --- */

static void mistakes_are_told(void **state)
{
	struct run_result run = run_otadfu("keys", "show");

	(void)state;
	assert_int_equal(run.status, USAGE);
	assert_contains(run.err, "one file is wanted");
	assert_contains(run.err, "otadfu help keys show");
	run_result_clear(&run);
	run = show(debug_path, "json", NULL);
	assert_int_equal(run.status, USAGE);
	assert_contains(run.err, "--as wants pem, hex or c, not \"json\"");
	run_result_clear(&run);
	run = run_otadfu("keys", "show", "/nonesuch.pem");
	assert_int_equal(run.status, USAGE);
	assert_contains(run.err, "/nonesuch.pem: cannot be read: No such file");
	run_result_clear(&run);
	run = run_otadfu("keys", "make", "/nonesuch/key.pem");
	assert_int_equal(run.status, 1);
	assert_contains(run.err, "/nonesuch/key.pem: cannot be written");
	run_result_clear(&run);
}

static int set_up(void **state)
{
	(void)state;
	folder = folder_new();
	debug_path = file_write(folder, "debug.pem", debug_pem);
	return 0;
}

static int tear_down(void **state)
{
	(void)state;
	free(debug_path);
	folder_remove(folder);
	return 0;
}

int main(void)
{
	static const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_made_key_is_for_its_owner_alone),
		cmocka_unit_test(a_key_that_is_there_is_kept),
		cmocka_unit_test(the_public_half_is_that_of_openssl),
		cmocka_unit_test(hex_is_the_point_as_a_bootloader_has_it),
		cmocka_unit_test(c_compiles_to_the_same_point),
		cmocka_unit_test(the_private_half_is_shown_on_demand_alone),
		cmocka_unit_test(a_public_key_has_no_private_half),
		cmocka_unit_test(a_key_that_others_can_read_is_warned_of),
		cmocka_unit_test(the_key_that_everybody_has_is_warned_of),
		cmocka_unit_test(without_a_terminal_nobody_is_asked),
		cmocka_unit_test(at_a_terminal_the_passphrase_is_asked_for_unseen),
		cmocka_unit_test(a_wrong_passphrase_is_told),
		cmocka_unit_test(the_question_can_be_left),
		cmocka_unit_test(the_terminal_has_its_echo_back),
		cmocka_unit_test(no_other_key_ends_the_question),
		cmocka_unit_test(mistakes_are_told),
	};

	return cmocka_run_group_tests_name("keys", tests, set_up, tear_down);
}
