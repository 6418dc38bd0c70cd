/* Signing by a command: what it may answer, and everything it may do instead. */
#include "ecdsa_der.h"
#include "scratch.h"
#include "shell.h"
#include "signer.h"

#include <fcntl.h>
#include <poll.h>
#include <setjmp.h>
#include <signal.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>
#include <sys/eventfd.h>
#include <sys/stat.h>
#include <unistd.h>

/* cmocka wants the four above first. */
#include <cmocka.h>

#define TEST(name) cmocka_unit_test_setup_teardown(name, scratch_setup, scratch_teardown)

enum { COMMAND_MAX = 1024, SOON_MS = 300, LONG_MS = 30000 };

static const uint8_t digest[KEY_DIGEST_LEN] = "\0 digest of thirty-two bytes\n\r\xFF";

/* A key, and in the test's folder: key.pem, public.pem, and a signature in every form. */
struct bench {
	struct key *key;
	char folder[SCRATCH_PATH_MAX];
	uint8_t signature[KEY_SIGNATURE_LEN];
};

static void write_text(void *const *state, const char *name, const uint8_t *bytes, size_t len)
{
	char text[2 * ECDSA_DER_MAX + 1] = "", path[SCRATCH_PATH_MAX];

	for (size_t i = 0; i < len; i++)
		snprintf(text + 2 * i, 3, "%02x", bytes[i]);
	scratch_write(state, name, text, strlen(text), path);
}

static struct bench prepare(void *const *state)
{
	struct bench bench = { 0 };
	uint8_t der[ECDSA_DER_MAX];
	char text[KEY_PEM_MAX], path[SCRATCH_PATH_MAX];
	size_t der_len;

	assert_int_equal(key_make(&bench.key, NULL), OTADFU_OK);
	assert_int_equal(key_format_pem(bench.key, true, text, NULL), OTADFU_OK);
	scratch_write(state, "key.pem", text, strlen(text), path);
	assert_int_equal(key_sign(bench.key, digest, bench.signature, NULL), OTADFU_OK);
	der_len = ecdsa_to_der(bench.signature, der);
	scratch_write(state, "raw", bench.signature, sizeof(bench.signature), path);
	scratch_write(state, "der", der, der_len, path);
	write_text(state, "raw.hex", bench.signature, sizeof(bench.signature));
	write_text(state, "der.hex", der, der_len);
	snprintf(bench.folder, sizeof(bench.folder), "%s", (const char *)*state);
	return bench;
}

/* Runs words in the test's folder; key NULL: what it signs with is not known. */
static int ask(const struct bench *bench, const char *words, uint32_t timeout_ms,
	       const struct key *key, uint8_t ret_signature[KEY_SIGNATURE_LEN], struct failure *why)
{
	char command[COMMAND_MAX];
	struct signer signer;

	snprintf(command, sizeof(command), "cd '%s'; %s", bench->folder, words);
	signer = signer_with_command(command);
	signer.timeout_ms = timeout_ms;
	signer.key = key;
	return signer_sign(&signer, digest, ret_signature, why);
}

static void assert_signed_by(const struct bench *bench, const char *words)
{
	uint8_t signature[KEY_SIGNATURE_LEN];
	struct failure why = { 0 };

	if (ask(bench, words, LONG_MS, bench->key, signature, &why) < 0)
		fail_msg("%s: %s", words, why.text);
	assert_true(key_verifies(bench->key, digest, signature));
}

static void assert_refused(const struct bench *bench, const char *words, int code,
			   const char *reason)
{
	static const uint8_t untouched[KEY_SIGNATURE_LEN] = { 0x5A };
	uint8_t signature[KEY_SIGNATURE_LEN] = { 0x5A };
	struct failure why = { 0 };
	uint32_t timeout_ms = code == OTADFU_E_TIMEOUT ? SOON_MS : LONG_MS;
	int r = ask(bench, words, timeout_ms, bench->key, signature, &why);

	if (r != code || !strstr(why.text, reason))
		fail_msg("%s: %d, \"%s\" and not \"%s\"", words, r, why.text, reason);
	assert_memory_equal(signature, untouched, sizeof(untouched));
}

/* --- what it may answer --- */

static void openssl_is_a_signer(void **state)
{
	struct bench bench = prepare(state);

	for (int i = 0; i < 10; i++)
		assert_signed_by(&bench, "openssl pkeyutl -sign -inkey key.pem -in /dev/stdin");
	key_free(bench.key);
}

static void every_form_of_a_signature_is_taken(void **state)
{
	static const char *const answers[] = {
		"cat raw",
		"cat der",
		"cat raw.hex",
		"cat der.hex",
		"tr a-f A-F <der.hex; echo",
		"fold -w 32 raw.hex; printf '\\r\\n'",
		"head -c 10 raw; sleep 0.1; tail -c 54 raw",
	};
	struct bench bench = prepare(state);

	for (size_t i = 0; i < sizeof(answers) / sizeof(answers[0]); i++)
		assert_signed_by(&bench, answers[i]);
	key_free(bench.key);
}

static void the_command_reads_the_digest_and_its_end(void **state)
{
	struct bench bench = prepare(state);
	char path[SCRATCH_PATH_MAX];

	scratch_write(state, "expected", digest, sizeof(digest), path);
	assert_signed_by(&bench, "cat >digest; cmp digest expected && cat raw");
	key_free(bench.key);
}

static void a_command_may_ignore_its_input(void **state)
{
	struct bench bench = prepare(state);

	assert_signed_by(&bench, "exec <&-; cat raw");
	key_free(bench.key);
}

static void what_it_leaves_behind_is_not_waited_for(void **state)
{
	struct bench bench = prepare(state);
	uint8_t signature[KEY_SIGNATURE_LEN];

	/* The sleeper holds the pipe of the answer. */
	assert_int_equal(ask(&bench, "sleep 9 2>/dev/null & cat raw", 8000, bench.key, signature,
			     NULL),
			 OTADFU_OK);
	key_free(bench.key);
}

static void without_a_key_the_signature_is_taken_as_it_is(void **state)
{
	struct bench bench = prepare(state);
	uint8_t signature[KEY_SIGNATURE_LEN];
	assert_int_equal(ask(&bench, "cat der", LONG_MS, NULL, signature, NULL), OTADFU_OK);
	assert_memory_equal(signature, bench.signature, sizeof(signature));
	key_free(bench.key);
}

static void a_key_at_hand_signs_itself(void **state)
{
	struct bench bench = prepare(state);
	struct signer signer = signer_with_key(bench.key);
	uint8_t signature[KEY_SIGNATURE_LEN];

	assert_int_equal(signer_sign(&signer, digest, signature, NULL), OTADFU_OK);
	assert_true(key_verifies(bench.key, digest, signature));
	key_free(bench.key);
}

/* --- what else it may do --- */

static void a_signature_of_another_key_is_refused(void **state)
{
	struct bench bench = prepare(state);

	shell_run(*state, "openssl ecparam -name prime256v1 -genkey -noout -out other.pem");
	assert_refused(&bench, "openssl pkeyutl -sign -inkey other.pem -in /dev/stdin",
		       OTADFU_E_CONFIG, "does not verify with the key");
	assert_refused(&bench, "openssl dgst -sha256 -sign key.pem", OTADFU_E_CONFIG,
		       "does not verify with the key"); /* the digest of the digest */
	key_free(bench.key);
}

static void a_failing_command_is_told(void **state)
{
	struct bench bench = prepare(state);

	assert_refused(&bench, "cat raw; exit 3", OTADFU_E_CONFIG, "failed, with status 3");
	assert_refused(&bench, "no-such-program-anywhere 2>/dev/null", OTADFU_E_CONFIG,
		       "failed, with status 127");
	assert_refused(&bench, "cat raw; kill -KILL $$", OTADFU_E_CONFIG,
		       "was ended by signal 9 (Killed)");
	key_free(bench.key);
}

static void nonsense_is_no_signature(void **state)
{
	static const char *const answers[] = {
		"head -c 63 raw",
		"cat raw raw",
		"cat raw; echo",
		"cat der der",
		"head -c 32 raw",
		"head -c 64 raw.hex",                    /* r alone */
		"head -c 127 raw.hex",                   /* half a digit is missing */
		"cat der.hex; echo 00",                  /* something behind it */
		"head -c 64 /dev/zero",                  /* r and s are 0 */
		"yes '\377' | tr -d '\\n' | head -c 64", /* more than the order of the curve */
		"echo no card in the reader, please put one in and try it once more..",
		"{ head -c 32 raw; head -c 32 /dev/zero; }",
		"echo",
	};
	struct bench bench = prepare(state);

	for (size_t i = 0; i < sizeof(answers) / sizeof(answers[0]); i++)
		assert_refused(&bench, answers[i], OTADFU_E_CONFIG, "are no P-256 signature");
	assert_refused(&bench, "true", OTADFU_E_CONFIG, "wrote nothing");
	key_free(bench.key);
}

static void too_long_an_answer_ends_the_command(void **state)
{
	struct bench bench = prepare(state);

	assert_refused(&bench, "yes", OTADFU_E_CONFIG, "more than 1024 bytes");
	assert_refused(&bench, "cat raw; head -c 961 /dev/zero", OTADFU_E_CONFIG,
		       "more than 1024 bytes");
	key_free(bench.key);
}

static void a_command_that_hangs_is_killed_with_all_it_started(void **state)
{
	struct bench bench = prepare(state);
	char path[SCRATCH_PATH_MAX], byte;
	int fd;

	scratch_path(state, "alive", path);
	assert_int_equal(mkfifo(path, 0600), 0);
	fd = open(path, O_RDONLY | O_NONBLOCK | O_CLOEXEC);
	assert_true(fd >= 0);
	assert_refused(&bench, "trap '' TERM; exec 9>alive; echo x >&9; sleep 60 & sleep 60; true",
		       OTADFU_E_TIMEOUT, "did not end within 300 ms, and was killed");
	assert_int_equal(read(fd, &byte, 1), 1);
	assert_int_equal(read(fd, &byte, 1), 1);
	/* Its end, long before a sleeper's: nobody lives who could write. */
	assert_int_equal(poll(&(struct pollfd){ .fd = fd, .events = POLLIN }, 1, 10000), 1);
	assert_int_equal(read(fd, &byte, 1), 0);
	close(fd);
	key_free(bench.key);
}

static void silence_with_a_closed_output_is_a_hang_too(void **state)
{
	struct bench bench = prepare(state);

	assert_refused(&bench, "exec >&-; sleep 60", OTADFU_E_TIMEOUT, "was killed");
	assert_refused(&bench, "cat raw; sleep 60", OTADFU_E_TIMEOUT, "was killed");
	key_free(bench.key);
}

static void it_has_a_minute_unless_told_otherwise(void **state)
{
	(void)state;
	assert_int_equal(signer_with_command("true").timeout_ms, 60000);
}

static void the_operator_can_end_it(void **state)
{
	uint8_t signature[KEY_SIGNATURE_LEN];
	struct signer signer = signer_with_command("sleep 60");

	(void)state;
	signer.cancel_fd = eventfd(1, EFD_CLOEXEC);
	assert_true(signer.cancel_fd >= 0);
	assert_int_equal(signer_sign(&signer, digest, signature, NULL), OTADFU_E_CANCELLED);
	close(signer.cancel_fd);
}

/* --- what it finds --- */

static void it_runs_in_a_session_of_its_own(void **state)
{
	struct bench bench = prepare(state);
	char words[COMMAND_MAX];

	snprintf(words, sizeof(words),
		 "read -r all </proc/self/stat; set -- $all; [ $6 != %d ] && cat raw",
		 (int)getsid(0));
	assert_signed_by(&bench, words);
	key_free(bench.key);
}

static void it_finds_signals_as_a_shell_gives_them(void **state)
{
	struct bench bench = prepare(state);
	void (*old)(int) = signal(SIGPIPE, SIG_IGN);

	assert_refused(&bench, "kill -PIPE $$; cat raw", OTADFU_E_CONFIG, "ended by signal 13");
	signal(SIGPIPE, old);
	key_free(bench.key);
}

static void it_finds_none_of_our_files_open(void **state)
{
	struct bench bench = prepare(state);
	char words[COMMAND_MAX];
	int fd = open("/dev/null", O_RDONLY);

	assert_true(fd > STDERR_FILENO);
	snprintf(words, sizeof(words), "[ ! -e /proc/$$/fd/%d ] && cat raw", fd);
	assert_signed_by(&bench, words);
	close(fd);
	key_free(bench.key);
}

int main(void)
{
	static const struct CMUnitTest tests[] = {
		TEST(openssl_is_a_signer),
		TEST(every_form_of_a_signature_is_taken),
		TEST(the_command_reads_the_digest_and_its_end),
		TEST(a_command_may_ignore_its_input),
		TEST(what_it_leaves_behind_is_not_waited_for),
		TEST(without_a_key_the_signature_is_taken_as_it_is),
		TEST(a_key_at_hand_signs_itself),
		TEST(a_signature_of_another_key_is_refused),
		TEST(a_failing_command_is_told),
		TEST(nonsense_is_no_signature),
		TEST(too_long_an_answer_ends_the_command),
		TEST(a_command_that_hangs_is_killed_with_all_it_started),
		TEST(silence_with_a_closed_output_is_a_hang_too),
		TEST(it_has_a_minute_unless_told_otherwise),
		TEST(the_operator_can_end_it),
		TEST(it_runs_in_a_session_of_its_own),
		TEST(it_finds_signals_as_a_shell_gives_them),
		TEST(it_finds_none_of_our_files_open),
	};

	return cmocka_run_group_tests_name("signer", tests, NULL, NULL);
}
