#include "command.h"
#include "context.h"
#include "exit_status.h"
#include "key.h"
#include "line.h"
#include "outfile.h"
#include "report.h"
#include "signing.h"

#include <openssl/crypto.h>
#include <string.h>

enum { BYTES_IN_LINE = 8 };

/* --- keys make --- */

static int make(const struct args *args, struct failure *why)
{
	const char *path = args_text(args, ARG_OPERAND);
	bool overwrite = args_count(args, ARG_OVERWRITE) > 0;
	char text[KEY_PEM_MAX];
	struct key *key = NULL;
	int r = outfile_check(path, overwrite, why);

	if (r == OTADFU_OK)
		r = key_make(&key, why);
	if (r < 0)
		return r;
	r = key_format_pem(key, true, text, why);
	if (r == OTADFU_OK)
		r = outfile_write_private(path, overwrite, text, strlen(text), why);
	OPENSSL_cleanse(text, sizeof(text));
	key_free(key);
	if (r == OTADFU_OK)
		line_write(stdout, "%s: a new private key; its public half: otadfu keys show %s",
			   path, path);
	return r;
}

/* --- keys show --- */

static int write_pem(const struct key *key, bool with_private, struct failure *why)
{
	char text[KEY_PEM_MAX];
	int r = key_format_pem(key, with_private, text, why);

	if (r == OTADFU_OK)
		fputs(text, stdout);
	OPENSSL_cleanse(text, sizeof(text));
	return r;
}

static void write_digits(const uint8_t *bytes, size_t len)
{
	for (size_t i = 0; i < len; i++)
		printf("%02x", bytes[i]);
	printf("\n");
}

/* As Nordic's tool shows it: turned round, like the public one. */
static int write_private_hex(const struct key *key, struct failure *why)
{
	uint8_t number[KEY_PRIVATE_LEN], reversed[KEY_PRIVATE_LEN];
	int r = key_get_private(key, number, why);

	if (r < 0)
		return r;
	for (size_t i = 0; i < sizeof(number); i++)
		reversed[i] = number[sizeof(number) - 1 - i];
	write_digits(reversed, sizeof(reversed));
	OPENSSL_cleanse(number, sizeof(number));
	OPENSSL_cleanse(reversed, sizeof(reversed));
	return OTADFU_OK;
}

static void get_firmware_point(const struct key *key, uint8_t ret_point[KEY_POINT_LEN])
{
	uint8_t point[KEY_POINT_LEN];

	key_get_point(key, point);
	key_reverse_halves(point, ret_point);
}

static int write_hex(const struct key *key, bool with_private, struct failure *why)
{
	uint8_t point[KEY_POINT_LEN];

	if (with_private)
		return write_private_hex(key, why);
	get_firmware_point(key, point);
	write_digits(point, sizeof(point));
	return OTADFU_OK;
}

/* What dfu_public_key.c of Nordic's SDK consists of; its crypto wants whole words. */
static int write_c(const struct key *key, bool with_private, struct failure *why)
{
	uint8_t point[KEY_POINT_LEN];

	if (with_private)
		return failure_set(why, OTADFU_E_CONFIG, 0,
				   "--as c is for a bootloader, and that has no private key");
	get_firmware_point(key, point);
	printf("/* X and Y of the public key, each little-endian. */\n"
	       "#include <stdint.h>\n\n"
	       "__attribute__((aligned(4))) const uint8_t pk[%d] = {",
	       KEY_POINT_LEN);
	for (size_t i = 0; i < sizeof(point); i++)
		printf("%s0x%02x,", i % BYTES_IN_LINE == 0 ? "\n\t" : " ", point[i]);
	printf("\n};\n");
	return OTADFU_OK;
}

typedef int write_fn(const struct key *key, bool with_private, struct failure *why);

static int choose_form(const char *name, write_fn **ret_write, struct failure *why)
{
	static const struct {
		const char *name;
		write_fn *write;
	} forms[] = { { "pem", write_pem }, { "hex", write_hex }, { "c", write_c } };

	for (size_t i = 0; i < sizeof(forms) / sizeof(forms[0]); i++) {
		if (!name || strcmp(forms[i].name, name) == 0) {
			*ret_write = forms[i].write;
			return OTADFU_OK;
		}
	}
	return failure_set(why, OTADFU_E_CONFIG, 0, "--as wants pem, hex or c, not \"%s\"", name);
}

static int show(struct context *context, struct failure *why)
{
	const char *path = args_text(&context->args, ARG_OPERAND);
	bool with_private = args_count(&context->args, ARG_PRIVATE) > 0;
	struct failure reason = { 0 };
	write_fn *write = NULL;
	struct key *key = NULL;
	int r = choose_form(args_text(&context->args, ARG_AS), &write, why);

	if (r == OTADFU_OK)
		r = signing_read_key(context, path, &key, why);
	if (r < 0)
		return r;
	/* What stays in a buffer is not wiped. */
	if (with_private)
		setvbuf(stdout, NULL, _IONBF, 0);
	r = write(key, with_private, &reason);
	key_free(key);
	return r < 0 ? failure_set(why, r, 0, "%s: %s", path, reason.text) : r;
}

static int finish(int result, const struct failure *why)
{
	if (result < 0)
		report_failure(stderr, why);
	return exit_status_of(result);
}

static int refuse_operands(const struct context *context)
{
	struct failure why = { 0 };

	failure_set(&why, OTADFU_E_CONFIG, 0, "one file is wanted: that of the key");
	return usage_error(context->command, &why);
}

int cmd_keys_make(struct context *context)
{
	struct failure why = { 0 };

	if (args_count(&context->args, ARG_OPERAND) != 1)
		return refuse_operands(context);
	return finish(make(&context->args, &why), &why);
}

int cmd_keys_show(struct context *context)
{
	struct failure why = { 0 };

	if (args_count(&context->args, ARG_OPERAND) != 1)
		return refuse_operands(context);
	return finish(show(context, &why), &why);
}
