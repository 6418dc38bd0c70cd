/*
 * A key that never leaves its token: SoftHSM through OpenSC's pkcs11-tool, which others wrote.
 * Skips where they are not installed. SOFTHSM2_MODULE names the library where it lies elsewhere.
 */
#include "scratch.h"
#include "shell.h"
#include "signer.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

/* cmocka wants the four above first. */
#include <cmocka.h>

enum { COMMAND_MAX = 512 };

static const uint8_t digest[KEY_DIGEST_LEN] = "a digest of thirty-two bytes....";

static const char *find_module(void)
{
	static const char *const usual[] = {
		"/usr/lib/softhsm/libsofthsm2.so",
		"/usr/lib64/softhsm/libsofthsm2.so",
		"/usr/local/lib/softhsm/libsofthsm2.so",
	};
	const char *named = getenv("SOFTHSM2_MODULE");

	for (size_t i = 0; !named && i < sizeof(usual) / sizeof(usual[0]); i++) {
		if (access(usual[i], R_OK) == 0)
			named = usual[i];
	}
	return named;
}

/* A token with one key in the test's folder; the tools find it by the environment. */
static int set_up(void **state)
{
	char text[COMMAND_MAX], path[SCRATCH_PATH_MAX];

	if (scratch_setup(state) < 0)
		return -1;
	snprintf(text, sizeof(text), "directories.tokendir = %s/tokens\n", (const char *)*state);
	scratch_write(state, "softhsm2.conf", text, strlen(text), path);
	setenv("SOFTHSM2_CONF", path, 1);
	shell_run(*state, "mkdir tokens");
	return 0;
}

static int tear_down(void **state)
{
	shell_run(*state, "rm -r tokens");
	return scratch_teardown(state);
}

static void make_key_in_token(const char *folder, const char *module)
{
	shell_run(folder,
		  "softhsm2-util --module %s --init-token --free --label otadfu --so-pin 1234 "
		  "--pin 1234",
		  module);
	shell_run(folder,
		  "pkcs11-tool --module %s --login --pin 1234 --keypairgen --key-type "
		  "EC:prime256v1 --id 01",
		  module);
	shell_run(folder,
		  "pkcs11-tool --module %s --read-object --type pubkey --id 01 -o public.der && "
		  "openssl pkey -pubin -inform DER -in public.der -pubout -out public.pem",
		  module);
}

static void sign_in_token(const char *module, const char *format, const struct key *key)
{
	uint8_t signature[KEY_SIGNATURE_LEN];
	char command[COMMAND_MAX];
	struct failure why = { 0 };
	struct signer signer;

	snprintf(command, sizeof(command),
		 "pkcs11-tool --module %s --login --pin 1234 --id 01 --sign --mechanism ECDSA "
		 "--signature-format %s -i /dev/stdin -o /dev/stdout 2>/dev/null",
		 module, format);
	signer = signer_with_command(command);
	signer.key = key;
	if (signer_sign(&signer, digest, signature, &why) < 0)
		fail_msg("%s: %s", format, why.text);
	assert_true(key_verifies(key, digest, signature));
}

static void a_token_signs_in_either_form(void **state)
{
	const char *module = find_module();
	char path[SCRATCH_PATH_MAX];
	struct key *key = NULL;

	if (!module || !shell_has("softhsm2-util") || !shell_has("pkcs11-tool")) {
		printf("skipped: softhsm2 or opensc is not installed\n");
		skip();
	}
	make_key_in_token(*state, module);
	scratch_path(state, "public.pem", path);
	assert_int_equal(key_read_public(path, &key, NULL), OTADFU_OK);
	sign_in_token(module, "rs", key);
	sign_in_token(module, "openssl", key);
	key_free(key);
}

int main(void)
{
	static const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup_teardown(a_token_signs_in_either_form, set_up, tear_down),
	};

	return cmocka_run_group_tests_name("signer_hsm", tests, NULL, NULL);
}
