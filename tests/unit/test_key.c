/* Keys on P-256, with openssl's command line as the other party. */
#include "ecdsa_der.h"
#include "file.h"
#include "key.h"
#include "key_memory.h"
#include "scratch.h"
#include "shell.h"

#include <fcntl.h>
#include <openssl/opensslv.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <unistd.h>

/* cmocka wants the four above first. */
#include <cmocka.h>

#define TEST(name) cmocka_unit_test_setup_teardown(name, scratch_setup, scratch_teardown)

/* The key that nrfutil signs with when it was given none; everybody has it. */
static const char debug_pem[] = "-----BEGIN EC PRIVATE KEY-----\n"
				"MHcCAQEEIGvsrpXh8m/E9bj1dq/0o1aBPQVAFJQ6Pzusx685URE0oAoGCCqGSM49\n"
				"AwEHoUQDQgAEaHYrUu/oFKIXN457GH+8IOuv6OIPBRLqoHjaEKM0wIzJZ0lhfO/A\n"
				"53hKGjKEjYT3VNTQ3Zq1YB3o5QSQMP/LRg==\n"
				"-----END EC PRIVATE KEY-----\n";

static const uint8_t digest[KEY_DIGEST_LEN] = "a digest of thirty-two bytes....";

static struct key *read_key(void *const *state, const char *name)
{
	char path[SCRATCH_PATH_MAX];
	struct failure why = { 0 };
	struct key *key = NULL;

	scratch_path(state, name, path);
	if (key_read(path, NULL, &key, &why) < 0)
		fail_msg("%s", why.text);
	return key;
}

static struct key *parse_key(const char *text)
{
	struct failure why = { 0 };
	struct key *key = NULL;

	if (key_parse("key", text, strlen(text), NULL, &key, &why) < 0)
		fail_msg("%s", why.text);
	return key;
}

static void write_key(void *const *state, const char *name, const struct key *key,
		      bool with_private)
{
	char text[KEY_PEM_MAX], path[SCRATCH_PATH_MAX];

	assert_int_equal(key_format_pem(key, with_private, text, NULL), OTADFU_OK);
	scratch_write(state, name, text, strlen(text), path);
}

static void assert_same_point(const struct key *a, const struct key *b)
{
	uint8_t one[KEY_POINT_LEN], other[KEY_POINT_LEN];

	key_get_point(a, one);
	key_get_point(b, other);
	assert_memory_equal(one, other, KEY_POINT_LEN);
}

/* --- reading and writing --- */

static void a_made_key_is_one_that_openssl_finds_whole(void **state)
{
	struct key *key = NULL;
	struct key *again;

	assert_int_equal(key_make(&key, NULL), OTADFU_OK);
	write_key(state, "made.pem", key, true);
	shell_run(*state, "openssl ec -in made.pem -noout -check");
	shell_run(*state, "openssl ec -in made.pem -noout -text | grep prime256v1");
	shell_run(*state, "head -n 1 made.pem | grep -x -e '-----BEGIN EC PRIVATE KEY-----'");
	again = read_key(state, "made.pem");
	assert_true(key_is_private(again));
	assert_same_point(key, again);
	key_free(again);
	key_free(key);
}

static void two_made_keys_differ(void **state)
{
	uint8_t one[KEY_POINT_LEN], other[KEY_POINT_LEN];
	struct key *a = NULL, *b = NULL;

	(void)state;
	assert_int_equal(key_make(&a, NULL), OTADFU_OK);
	assert_int_equal(key_make(&b, NULL), OTADFU_OK);
	key_get_point(a, one);
	key_get_point(b, other);
	assert_memory_not_equal(one, other, KEY_POINT_LEN);
	key_free(a);
	key_free(b);
}

/* Each way in which OpenSSL writes the key of plain.pem. */
static const char *const forms[] = {
	"openssl pkey -in plain.pem -out form.pem", /* PKCS#8 */
	"openssl ec -in plain.pem -out form.pem",   /* SEC1 */
	"openssl ecparam -name prime256v1 -out form.pem && openssl ec -in plain.pem >>form.pem",
	"openssl ec -in plain.pem -conv_form compressed -out form.pem",
	"openssl ec -in plain.pem -param_enc explicit -out form.pem",
	"openssl ec -in plain.pem -no_public -out form.pem",
	"openssl ec -in plain.pem | sed 's/$/\\r/' >form.pem",
	"{ echo some words before; openssl ec -in plain.pem; } >form.pem",
};

static void every_form_of_a_private_key_is_read_and_written_plainly(void **state)
{
	char plain[KEY_PEM_MAX], form[KEY_PEM_MAX];
	struct key *key = NULL;

	assert_int_equal(key_make(&key, NULL), OTADFU_OK);
	write_key(state, "plain.pem", key, true);
	assert_int_equal(key_format_pem(key, true, plain, NULL), OTADFU_OK);
	for (size_t i = 0; i < sizeof(forms) / sizeof(forms[0]); i++) {
		struct key *read;

		shell_run(*state, "%s", forms[i]);
		read = read_key(state, "form.pem");
		assert_true(key_is_private(read));
		assert_int_equal(key_format_pem(read, true, form, NULL), OTADFU_OK);
		assert_string_equal(form, plain);
		key_free(read);
	}
	key_free(key);
}

static void the_public_half_is_the_one_that_openssl_writes(void **state)
{
	struct key *key = NULL;
	struct key *public;

	assert_int_equal(key_make(&key, NULL), OTADFU_OK);
	write_key(state, "key.pem", key, true);
	write_key(state, "ours.pem", key, false);
	shell_run(*state, "openssl ec -in key.pem -pubout -out theirs.pem");
	shell_run(*state, "cmp ours.pem theirs.pem");
	public = read_key(state, "theirs.pem");
	assert_false(key_is_private(public));
	assert_same_point(public, key);
	key_free(public);
	key_free(key);
}

static void halves_are_turned_round_for_the_bootloader(void **state)
{
	/* X and Y of debug_pem as they stand in the table of section 2.2. */
	static const uint8_t x_end[] = { 0x8C, 0xC0, 0x34, 0xA3 };
	static const uint8_t y_end[] = { 0x46, 0xCB, 0xFF, 0x30 };
	uint8_t point[KEY_POINT_LEN], turned[KEY_POINT_LEN], back[KEY_POINT_LEN];
	struct key *key = parse_key(debug_pem);

	(void)state;
	key_get_point(key, point);
	key_reverse_halves(point, turned);
	assert_memory_equal(turned, x_end, sizeof(x_end));
	assert_memory_equal(turned + KEY_COORDINATE_LEN, y_end, sizeof(y_end));
	key_reverse_halves(turned, back);
	assert_memory_equal(back, point, sizeof(point));
	key_free(key);
}

static void a_public_key_gives_away_nothing_and_signs_nothing(void **state)
{
	uint8_t number[KEY_PRIVATE_LEN], signature[KEY_SIGNATURE_LEN];
	struct key *key = parse_key(debug_pem);
	char text[KEY_PEM_MAX];
	struct key *public;

	(void)state;
	assert_int_equal(key_get_private(key, number, NULL), OTADFU_OK);
	assert_int_equal(number[0], 0x6B);
	assert_int_equal(key_format_pem(key, false, text, NULL), OTADFU_OK);
	assert_null(strstr(text, "PRIVATE"));
	public = parse_key(text);
	assert_int_equal(key_get_private(public, number, NULL), OTADFU_E_CONFIG);
	assert_int_equal(key_format_pem(public, true, text, NULL), OTADFU_E_CONFIG);
	assert_int_equal(key_sign(public, digest, signature, NULL), OTADFU_E_CONFIG);
	key_free(public);
	key_free(key);
}

/* --- what is refused --- */

static void assert_refused(void *const *state, const char *name, const char *words)
{
	char path[SCRATCH_PATH_MAX];
	struct failure why = { 0 };
	struct key *key = NULL;

	scratch_path(state, name, path);
	assert_int_equal(key_read(path, NULL, &key, &why), OTADFU_E_CONFIG);
	if (!strstr(why.text, words) || !strstr(why.text, name))
		fail_msg("\"%s\" lacks \"%s\" or the name", why.text, words);
	assert_null(key);
}

static void keys_of_other_kinds_are_refused(void **state)
{
	static const char *const kinds[] = {
		"openssl ecparam -name secp384r1 -genkey -noout -out other.pem",
		"openssl ecparam -name secp256k1 -genkey -noout -out other.pem",
		"openssl genpkey -algorithm ed25519 -out other.pem",
		"openssl genpkey -algorithm x25519 -out other.pem",
		"openssl genrsa -out other.pem 1024",
		"openssl genpkey -algorithm ed25519 | openssl pkey -pubout -out other.pem",
		"openssl ecparam -name secp384r1 -genkey | openssl ec -pubout -out other.pem",
	};

	for (size_t i = 0; i < sizeof(kinds) / sizeof(kinds[0]); i++) {
		shell_run(*state, "%s", kinds[i]);
		assert_refused(state, "other.pem", "not a key on P-256");
	}
}

static void what_is_no_key_is_refused(void **state)
{
	char path[SCRATCH_PATH_MAX];

	assert_refused(state, "absent.pem", "cannot be read: No such file");
	assert_refused(state, "", "cannot be read: Is a directory");
	scratch_write(state, "empty.pem", "", 0, path);
	assert_refused(state, "empty.pem", "holds no key in PEM");
	scratch_write(state, "words.pem", "no key", 6, path);
	assert_refused(state, "words.pem", "holds no key in PEM");
	shell_run(*state, "openssl ecparam -name prime256v1 -out params.pem");
	assert_refused(state, "params.pem", "holds no key in PEM");
	shell_run(*state, "head -c 20000 /dev/zero >long.pem");
	assert_refused(state, "long.pem", "longer than 16384 bytes");
}

/* Which of them is meant, nobody could tell from the outside. */
static void several_keys_in_a_file_are_refused(void **state)
{
	static const char *const pairs[] = {
		"cat a.pem b.pem",
		"cat a.pub b.pub",
		"cat a.pem a.pub",
		"cat b.pub a.pem",
	};
	char path[SCRATCH_PATH_MAX];

	shell_run(*state, "for i in a b; do openssl ecparam -name prime256v1 -genkey -noout "
			  "-out $i.pem; openssl ec -in $i.pem -pubout -out $i.pub; done");
	scratch_path(state, "pair.pem", path);
	for (size_t i = 0; i < sizeof(pairs) / sizeof(pairs[0]); i++) {
		struct failure why = { 0 };
		struct key *key = NULL;

		shell_run(*state, "%s >pair.pem", pairs[i]);
		assert_refused(state, "pair.pem", "more than one key");
		assert_int_equal(key_read_public(path, &key, &why), OTADFU_E_CONFIG);
		assert_non_null(strstr(why.text, "pair.pem: holds more than one key"));
		assert_null(key);
	}
}

/* Both halves are whole, but of two keys. */
static void halves_that_do_not_belong_together_are_refused(void **state)
{
	shell_run(*state, "for i in 1 2; do openssl ecparam -name prime256v1 -genkey -noout "
			  "-outform DER -out $i.der; done");
	shell_run(*state, "{ head -c 56 1.der; tail -c 65 2.der; } | openssl base64 >body");
	shell_run(*state, "{ echo -----BEGIN EC PRIVATE KEY-----; cat body; "
			  "echo -----END EC PRIVATE KEY-----; } >mixed.pem");
	assert_refused(state, "mixed.pem", "a damaged key");
}

static void where_signatures_are_verified_a_private_key_has_no_place(void **state)
{
	char path[SCRATCH_PATH_MAX];
	struct failure why = { 0 };
	struct key *key = NULL;

	scratch_write(state, "key.pem", debug_pem, strlen(debug_pem), path);
	assert_int_equal(key_read_public(path, &key, &why), OTADFU_E_CONFIG);
	assert_non_null(strstr(why.text, "holds no public key in PEM"));
	assert_non_null(strstr(why.hint, "otadfu keys show"));
	shell_run(*state, "openssl ec -in key.pem -pubout -out public.pem");
	scratch_path(state, "public.pem", path);
	assert_int_equal(key_read_public(path, &key, NULL), OTADFU_OK);
	key_free(key);
}

/* --- encrypted keys --- */

struct answer {
	const char *passphrase;
	unsigned asked;
};

static int answer(void *user, const char *name, char *buffer, size_t size, struct failure *why)
{
	struct answer *given = user;

	(void)name;
	given->asked++;
	if (!given->passphrase)
		return failure_set(why, OTADFU_E_CANCELLED, 0, "no answer");
	assert_in_range(strlen(given->passphrase), 0, size - 1);
	memcpy(buffer, given->passphrase, strlen(given->passphrase));
	return (int)strlen(given->passphrase);
}

static int read_encrypted(void *const *state, struct answer *given, struct failure *why)
{
	const struct key_asker asker = { .ask = answer, .user = given };
	char path[SCRATCH_PATH_MAX];
	struct key *key = NULL;
	int r;

	scratch_path(state, "locked.pem", path);
	r = key_read(path, given ? &asker : NULL, &key, why);
	key_free(key);
	return r;
}

static const char *const locks[] = {
	"openssl ec -in plain.pem -aes128 -passout pass:right -out locked.pem",
	"openssl pkcs8 -topk8 -in plain.pem -passout pass:right -out locked.pem",
};

static void an_encrypted_key_asks_once(void **state)
{
	char path[SCRATCH_PATH_MAX];

	scratch_write(state, "plain.pem", debug_pem, strlen(debug_pem), path);
	for (size_t i = 0; i < sizeof(locks) / sizeof(locks[0]); i++) {
		struct answer right = { .passphrase = "right" };
		struct answer wrong = { .passphrase = "wrong" };
		struct answer none = { 0 };
		struct failure why = { 0 };

		shell_run(*state, "%s", locks[i]);
		assert_int_equal(read_encrypted(state, &right, NULL), OTADFU_OK);
		assert_int_equal(right.asked, 1);
		assert_int_equal(read_encrypted(state, &wrong, &why), OTADFU_E_CONFIG);
		assert_int_equal(wrong.asked, 1);
		assert_non_null(strstr(why.text, "locked.pem: that is not its passphrase"));
		failure_clear(&why);
		assert_int_equal(read_encrypted(state, &none, &why), OTADFU_E_CANCELLED);
		assert_string_equal(why.text, "no answer");
	}
}

static void an_encrypted_key_is_refused_where_nobody_can_be_asked(void **state)
{
	char path[SCRATCH_PATH_MAX];

	scratch_write(state, "plain.pem", debug_pem, strlen(debug_pem), path);
	for (size_t i = 0; i < sizeof(locks) / sizeof(locks[0]); i++) {
		shell_run(*state, "%s", locks[i]);
		assert_refused(state, "locked.pem", "an encrypted key, and nobody to ask");
	}
}

/* --- what is left of them --- */

/* Masked, so that what is sought is not found where it is kept. */
enum { MASK = 0xA5, SECRET_LEN = 16, MAPPING_MAX = 64 << 20 };

static bool is_masked(const uint8_t *memory, const uint8_t secret[SECRET_LEN])
{
	size_t i = 0;

	while (i < SECRET_LEN && (memory[i] ^ MASK) == secret[i])
		i++;
	return i == SECRET_LEN;
}

static bool holds_masked(const uint8_t *memory, size_t len, const uint8_t secret[SECRET_LEN])
{
	const uint8_t *at = memory;
	const uint8_t *end = memory + len;

	while ((at = memchr(at, secret[0] ^ MASK, (size_t)(end - at)))) {
		if (end - at < SECRET_LEN)
			return false;
		if (is_masked(at, secret))
			return true;
		at++;
	}
	return false;
}

/* Through the kernel: AddressSanitizer would object to reading what is free. */
static bool is_in_memory(const uint8_t secret[SECRET_LEN])
{
	FILE *maps = fopen("/proc/self/maps", "re");
	int memory = open("/proc/self/mem", O_RDONLY | O_CLOEXEC);
	unsigned long begin, end;
	bool is_found = false;
	char line[512], rights[5];

	assert_non_null(maps);
	assert_true(memory >= 0);
	while (fgets(line, sizeof(line), maps)) {
		uint8_t *bytes;
		ssize_t len;

		if (sscanf(line, "%lx-%lx %4s", &begin, &end, rights) != 3 || rights[1] != 'w' ||
		    end - begin > MAPPING_MAX)
			continue;
		bytes = mmap(NULL, end - begin, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS,
			     -1, 0);
		assert_true(bytes != MAP_FAILED);
		len = pread(memory, bytes, end - begin, (off_t)begin);
		is_found = is_found || (len > 0 && holds_masked(bytes, (size_t)len, secret));
		munmap(bytes, end - begin);
	}
	close(memory);
	fclose(maps);
	return is_found;
}

static void mask(const char *text, uint8_t ret_secret[SECRET_LEN])
{
	for (size_t i = 0; i < SECRET_LEN; i++)
		ret_secret[i] = (uint8_t)(text[i] ^ MASK);
}

static void a_freed_key_leaves_nothing_in_memory(void **state)
{
	static const char passphrase[] = "Sesame, open now";
	static const char *const makers[] = {
		"openssl ec -in secret.pem -out locked.pem",
		"openssl ec -in secret.pem -aes128 -passout file:words -out locked.pem",
		"openssl pkcs8 -topk8 -in secret.pem -passout file:words -out locked.pem",
	};
	struct answer given = { .passphrase = passphrase };

	/* The command line is not to hold the passphrase in one piece. */
	shell_run(*state, "printf '%%s%%s' 'Sesame, ' 'open now' >words");
	shell_run(*state, "openssl ecparam -name prime256v1 -genkey -noout -out secret.pem");
	for (size_t i = 0; i < sizeof(makers) / sizeof(makers[0]); i++) {
		uint8_t number[KEY_PRIVATE_LEN], turned[KEY_PRIVATE_LEN];
		uint8_t secrets[3][SECRET_LEN];
		struct key *key = read_key(state, "secret.pem");

		assert_int_equal(key_get_private(key, number, NULL), OTADFU_OK);
		/* In a file it stands from its first byte on, in a BIGNUM from its last. */
		for (size_t j = 0; j < KEY_PRIVATE_LEN; j++)
			turned[j] = number[KEY_PRIVATE_LEN - 1 - j];
		mask((const char *)number + SECRET_LEN, secrets[0]);
		mask((const char *)turned, secrets[1]);
		mask(passphrase, secrets[2]);
		explicit_bzero(number, sizeof(number));
		explicit_bzero(turned, sizeof(turned));
		assert_true(is_in_memory(secrets[0]) || is_in_memory(secrets[1]));
		key_free(key);
		shell_run(*state, "%s", makers[i]);
		assert_int_equal(read_encrypted(state, &given, NULL), OTADFU_OK);
		for (size_t j = 0; j < 3; j++) {
			if (is_in_memory(secrets[j]))
				fail_msg("secret %zu after: %s", j, makers[i]);
		}
	}
}

/* --- what a key is warned of --- */

static void keys_that_everybody_has_are_known(void **state)
{
	struct key *debug = parse_key(debug_pem);
	struct key *own = NULL;
	struct key *known = NULL;
	size_t count = 0;

	(void)state;
	assert_int_equal(key_make(&own, NULL), OTADFU_OK);
	assert_non_null(strstr(key_known_words(debug), "nrfutil's debug key"));
	assert_null(key_known_words(own));
	for (; key_get_known(count, &known); count++) {
		assert_non_null(key_known_words(known));
		key_free(known);
	}
	assert_int_equal(count, 2);
	key_free(debug);
	key_free(own);
}

static void a_file_that_others_can_read_is_told(void **state)
{
	static const struct {
		mode_t mode;
		bool is_exposed;
	} modes[] = { { 0600, false }, { 0400, false }, { 0640, true }, { 0604, true } };
	char path[SCRATCH_PATH_MAX];

	scratch_write(state, "key.pem", debug_pem, strlen(debug_pem), path);
	for (size_t i = 0; i < sizeof(modes) / sizeof(modes[0]); i++) {
		assert_int_equal(chmod(path, modes[i].mode), 0);
		assert_int_equal(key_file_is_exposed(path), modes[i].is_exposed);
	}
}

/* --- signing --- */

static void openssl_verifies_what_is_signed_here(void **state)
{
	uint8_t signature[KEY_SIGNATURE_LEN], der[ECDSA_DER_MAX];
	char path[SCRATCH_PATH_MAX];
	struct key *key = NULL;

	assert_int_equal(key_make(&key, NULL), OTADFU_OK);
	write_key(state, "public.pem", key, false);
	scratch_write(state, "digest", digest, sizeof(digest), path);
	for (int i = 0; i < 20; i++) {
		assert_int_equal(key_sign(key, digest, signature, NULL), OTADFU_OK);
		scratch_write(state, "signature", der, ecdsa_to_der(signature, der), path);
		shell_run(*state, "openssl pkeyutl -verify -pubin -inkey public.pem -in digest "
				  "-sigfile signature -pkeyopt digest:sha256");
	}
	key_free(key);
}

static void what_openssl_signs_verifies_here_and_nothing_else(void **state)
{
	uint8_t signature[KEY_SIGNATURE_LEN], other_digest[KEY_DIGEST_LEN];
	char path[SCRATCH_PATH_MAX];
	struct key *key = NULL, *other = NULL;
	uint8_t *der;
	size_t len;

	assert_int_equal(key_make(&key, NULL), OTADFU_OK);
	assert_int_equal(key_make(&other, NULL), OTADFU_OK);
	write_key(state, "key.pem", key, true);
	scratch_write(state, "digest", digest, sizeof(digest), path);
	shell_run(*state, "openssl pkeyutl -sign -inkey key.pem -in digest -out signature");
	scratch_path(state, "signature", path);
	assert_int_equal(file_read(path, 100, OTADFU_E_CONFIG, &der, &len, NULL), OTADFU_OK);
	assert_true(ecdsa_from_der(der, len, signature));
	assert_true(key_verifies(key, digest, signature));
	assert_false(key_verifies(other, digest, signature));
	memcpy(other_digest, digest, sizeof(digest));
	other_digest[31] ^= 1;
	assert_false(key_verifies(key, other_digest, signature));
	signature[63] ^= 1;
	assert_false(key_verifies(key, digest, signature));
	memset(signature, 0, sizeof(signature));
	assert_false(key_verifies(key, digest, signature));
	free(der);
	key_free(key);
	key_free(other);
}

static void signatures_are_alike_where_the_library_can_do_that(void **state)
{
	uint8_t first[KEY_SIGNATURE_LEN], second[KEY_SIGNATURE_LEN];
	struct key *key = parse_key(debug_pem);

	(void)state;
	assert_int_equal(key_sign(key, digest, first, NULL), OTADFU_OK);
	assert_int_equal(key_sign(key, digest, second, NULL), OTADFU_OK);
	assert_int_equal(key_signs_alike(key), memcmp(first, second, sizeof(first)) == 0);
	assert_int_equal(key_signs_alike(key), OPENSSL_VERSION_NUMBER >= 0x30200000L);
	key_free(key);
}

/* --- DER --- */

static void short_halves_are_padded(void **state)
{
	static const uint8_t der[] = { 0x30, 0x07, 0x02, 0x01, 0x05, 0x02, 0x02, 0x00, 0x80 };
	uint8_t expected[KEY_SIGNATURE_LEN] = { [31] = 0x05, [63] = 0x80 };
	uint8_t signature[KEY_SIGNATURE_LEN], again[ECDSA_DER_MAX];

	(void)state;
	assert_true(ecdsa_from_der(der, sizeof(der), signature));
	assert_memory_equal(signature, expected, sizeof(expected));
	assert_int_equal(ecdsa_to_der(signature, again), sizeof(der));
	assert_memory_equal(again, der, sizeof(der));
}

static void the_longest_signature_fits(void **state)
{
	uint8_t signature[KEY_SIGNATURE_LEN], again[KEY_SIGNATURE_LEN], der[ECDSA_DER_MAX];

	(void)state;
	memset(signature, 0xFF, sizeof(signature));
	assert_int_equal(ecdsa_to_der(signature, der), ECDSA_DER_MAX);
	assert_true(ecdsa_from_der(der, ECDSA_DER_MAX, again));
	assert_memory_equal(again, signature, sizeof(signature));
}

static void der_that_is_no_signature_is_refused(void **state)
{
	static const struct {
		uint8_t bytes[16];
		size_t len;
	} bad[] = {
		{ { 0x30, 0x06, 0x02, 0x01, 0x05, 0x02, 0x01, 0x07, 0x00 }, 9 }, /* one too many */
		{ { 0x30, 0x06, 0x02, 0x01, 0x05, 0x02, 0x01 }, 7 },             /* one too few */
		{ { 0x30, 0x06, 0x02, 0x01, 0x85, 0x02, 0x01, 0x07 }, 8 },       /* negative */
		{ { 0x30, 0x03, 0x02, 0x01, 0x05 }, 5 },                         /* one number */
		{ { 0x04, 0x06, 0x02, 0x01, 0x05, 0x02, 0x01, 0x07 }, 8 },
		{ { 0 }, 0 },
	};
	uint8_t wide[] = { 0x30, 0x27, 0x02, 0x22, 0x01, [38] = 0x02, 0x01, 0x07 };
	uint8_t signature[KEY_SIGNATURE_LEN];

	(void)state;
	for (size_t i = 0; i < sizeof(bad) / sizeof(bad[0]); i++)
		assert_false(ecdsa_from_der(bad[i].bytes, bad[i].len, signature));
	assert_false(ecdsa_from_der(wide, sizeof(wide), signature)); /* r has 34 bytes */
}

/* --- damage --- */

/* Damage may leave the same key, but never makes another. */
static void parse_damaged(const struct key *key, const char *text, size_t len)
{
	struct failure why = { 0 };
	struct key *read = NULL;
	int r = key_parse("key", text, len, NULL, &read, &why);

	if (r == OTADFU_OK) {
		assert_same_point(read, key);
		key_free(read);
		return;
	}
	assert_int_equal(r, OTADFU_E_CONFIG);
	assert_string_not_equal(why.text, "");
}

static void sweep(const char *text)
{
	struct key *key = parse_key(text);
	size_t len = strlen(text);
	char *damaged;

	for (size_t i = 0; i < len; i++) {
		/* Not a byte more, so that AddressSanitizer sees who reads behind the end. */
		damaged = malloc(i + 1);
		assert_non_null(damaged);
		memcpy(damaged, text, i + 1);
		parse_damaged(key, damaged, i);
		for (int bit = 0; bit < 8; bit++) {
			char *whole = strdup(text);

			assert_non_null(whole);
			whole[i] = (char)(whole[i] ^ 1 << bit);
			parse_damaged(key, whole, len);
			free(whole);
		}
		free(damaged);
	}
	key_free(key);
}

static void a_damaged_private_key_is_never_taken_for_another(void **state)
{
	(void)state;
	sweep(debug_pem);
}

static void a_damaged_public_key_is_never_taken_for_another(void **state)
{
	struct key *key = parse_key(debug_pem);
	char text[KEY_PEM_MAX];

	(void)state;
	assert_int_equal(key_format_pem(key, false, text, NULL), OTADFU_OK);
	key_free(key);
	sweep(text);
}

int main(void)
{
	static const struct CMUnitTest tests[] = {
		TEST(a_made_key_is_one_that_openssl_finds_whole),
		TEST(two_made_keys_differ),
		TEST(every_form_of_a_private_key_is_read_and_written_plainly),
		TEST(the_public_half_is_the_one_that_openssl_writes),
		TEST(halves_are_turned_round_for_the_bootloader),
		TEST(a_public_key_gives_away_nothing_and_signs_nothing),
		TEST(keys_of_other_kinds_are_refused),
		TEST(what_is_no_key_is_refused),
		TEST(several_keys_in_a_file_are_refused),
		TEST(halves_that_do_not_belong_together_are_refused),
		TEST(where_signatures_are_verified_a_private_key_has_no_place),
		TEST(an_encrypted_key_asks_once),
		TEST(an_encrypted_key_is_refused_where_nobody_can_be_asked),
		TEST(a_freed_key_leaves_nothing_in_memory),
		TEST(keys_that_everybody_has_are_known),
		TEST(a_file_that_others_can_read_is_told),
		TEST(openssl_verifies_what_is_signed_here),
		TEST(what_openssl_signs_verifies_here_and_nothing_else),
		TEST(signatures_are_alike_where_the_library_can_do_that),
		TEST(short_halves_are_padded),
		TEST(the_longest_signature_fits),
		TEST(der_that_is_no_signature_is_refused),
		TEST(a_damaged_private_key_is_never_taken_for_another),
		TEST(a_damaged_public_key_is_never_taken_for_another),
	};

	if (!key_memory_protect())
		return EXIT_FAILURE;
	return cmocka_run_group_tests_name("key", tests, NULL, NULL);
}
