#include "args.h"

#include <getopt.h>
#include <stdbool.h>
#include <stdlib.h>
#include <string.h>

enum { FIRST_LONG_VALUE = 256 }; /* above every letter */

struct option_spec {
	int letter; /* 0: none */
	const char *name;
	const char *metavar; /* NULL: takes no value; "[WORD]": a whole number or none */
	enum argument argument;
	const char *constant; /* what it stands for without a value, if for one */
	bool repeats;
	unsigned groups; /* 0: goes with every command */
	const char *help;
};

/* clang-format off: one line, one option */
static const struct option_spec specs[] = {
	{ 'a', "address", "ADDRESS", ARG_ADDRESS, NULL, false, ARGS_DEVICE | ARGS_ADDRESS,
	  "the device: AA:BB:CC:DD:EE:FF, optionally with /public or /random" },
	{ 0, "name", "NAME", ARG_NAME, NULL, false, ARGS_DEVICE,
	  "the device that advertises this name" },
	{ 'z', "zip", "ZIP", ARG_ZIP, NULL, false, ARGS_UPDATE, "the firmware package" },
	{ 'f', "file", "FIRMWARE", ARG_FIRMWARE, NULL, false, ARGS_UPDATE,
	  "an application, .hex or .bin; needs -d" },
	{ 'd', "dat", "INIT", ARG_INIT, NULL, false, ARGS_UPDATE,
	  "the init packet that belongs to -f" },
	{ 0, "range", "LOW-HIGH", ARG_RANGE, NULL, false, ARGS_HEX,
	  "of a .hex file only the addresses from LOW up to HIGH" },
	{ 0, "part", "PART", ARG_PART, NULL, false, ARGS_UPDATE,
	  "application, system (SoftDevice, bootloader), or all: the default" },
	{ 0, "dry-run", NULL, ARG_DRY_RUN, NULL, true, ARGS_UPDATE,
	  "do all but change the device" },
	{ 0, "force", NULL, ARG_FORCE, NULL, true, ARGS_UPDATE,
	  "send what the checks here refuse; the device still judges" },
	{ 0, "protocol", "NAME", ARG_PROTOCOL, NULL, false, ARGS_DEVICE,
	  "what the bootloader speaks; default: found by probe" },
	{ 0, "legacy", NULL, ARG_PROTOCOL, "legacy", false, ARGS_DEVICE,
	  "the same as --protocol legacy" },
	{ 0, "secure", NULL, ARG_PROTOCOL, "secure", false, ARGS_DEVICE,
	  "the same as --protocol secure" },
	{ 0, "verify", "MODE", ARG_VERIFY, NULL, false, ARGS_UPDATE,
	  "what proves the update: none, advertises (the default), version" },
	{ 0, "expect-version", "TEXT", ARG_EXPECT_VERSION, NULL, false, ARGS_UPDATE,
	  "what --verify version shall read; default: the package's number" },
	{ 0, "wait", "[SECONDS]", ARG_WAIT, "", false, ARGS_WAIT,
	  "wait until the device shows up; without a number for ever" },
	{ 0, "yes", NULL, ARG_YES, NULL, true, ARGS_CONSENT, "do not ask" },
	{ 0, "seconds", "N", ARG_SECONDS, NULL, false, ARGS_SCAN, "how long to listen, default 5" },
	{ 0, "overwrite", NULL, ARG_OVERWRITE, NULL, true, ARGS_WRITE,
	  "replace the output file when it exists" },
	{ 0, "profile", "NAME|FILE", ARG_PROFILE, NULL, false, ARGS_PROFILE,
	  "the product's profile" },
	{ 0, "transport", "NAME", ARG_TRANSPORT, NULL, false, ARGS_RADIO,
	  "how to reach the radio; default: auto, the first that works" },
	{ 0, "adapter", "NAME", ARG_ADAPTER, NULL, false, ARGS_RADIO,
	  "which radio; the scenario file with transport sim" },
	{ 0, "set", "PLUGIN.KEY=VALUE", ARG_SET, NULL, true, ARGS_RADIO,
	  "an option of a plugin; see otadfu plugins NAME" },
	{ 0, "plugin-path", "DIR", ARG_PLUGIN_PATH, NULL, true, ARGS_PLUGINS,
	  "look for plugins here as well" },
	{ 0, "check", "FILE.so|NAME", ARG_CHECK, NULL, false, ARGS_CHECK,
	  "judge this plugin; with --peer, try out its transport" },
	{ 0, "peer", "ADDRESS", ARG_PEER, NULL, false, ARGS_CHECK,
	  "a device with the test service, as -a of update" },
	{ 0, "case", "PATTERN", ARG_CASE, NULL, true, ARGS_CHECK,
	  "only these cases, as \"drop-*\"" },
	{ 0, "slack", "MS", ARG_SLACK, NULL, false, ARGS_CHECK,
	  "how late a call may end, default 50; more on a busy machine" },
	{ 0, "key", "PEM", ARG_KEY, NULL, false, ARGS_SIGN,
	  "sign with this private key; with --signer: what must verify" },
	{ 0, "signer", "COMMAND", ARG_SIGNER, NULL, false, ARGS_SIGN,
	  "sign by this: it reads a digest of 32 bytes, writes r s or DER" },
	{ 0, "signer-timeout", "SECONDS", ARG_SIGNER_TIMEOUT, NULL, false, ARGS_SIGN,
	  "when it is killed, default 60" },
	{ 0, "as", "FORM", ARG_AS, NULL, false, ARGS_KEYS,
	  "pem (the default), hex, or c: as a bootloader is built with it" },
	{ 0, "private", NULL, ARG_PRIVATE, NULL, true, ARGS_KEYS, "show the private half" },
	{ 0, "application", "FILE", ARG_APPLICATION, NULL, false, ARGS_IMAGES,
	  "the application, .hex or .bin" },
	{ 0, "bootloader", "FILE", ARG_BOOTLOADER, NULL, false, ARGS_PACKAGE,
	  "the bootloader, .hex or .bin" },
	{ 0, "external-app", "FILE", ARG_EXTERNAL_APP, NULL, false, ARGS_PACKAGE,
	  "secure: an application for another chip behind the device" },
	{ 0, "softdevice", "FILE", ARG_SOFTDEVICE, NULL, false, ARGS_IMAGES,
	  "the SoftDevice, .hex or .bin" },
	{ 0, "app-version", "N", ARG_APP_VERSION, NULL, false, ARGS_IMAGES,
	  "the application's version: a number, or x.y.z" },
	{ 0, "bl-version", "N", ARG_BL_VERSION, NULL, false, ARGS_IMAGES,
	  "the bootloader's version" },
	{ 0, "boot-validation", "TYPE", ARG_BOOT_VALIDATION, NULL, false, ARGS_PACKAGE,
	  "how each start is checked: none, crc, sha256, ecdsa; omit: not said" },
	{ 0, "family", "CHIP", ARG_FAMILY, NULL, false, ARGS_SETTINGS | ARGS_CHIP,
	  "which chip, like NRF52840: where the page lies" },
	{ 0, "boot-validation", "TYPE", ARG_BOOT_VALIDATION, NULL, false, ARGS_SETTINGS,
	  "how each start is checked: none, crc, sha256, ecdsa" },
	{ 0, "sd-boot-validation", "TYPE", ARG_SD_BOOT_VALIDATION, NULL, false, ARGS_SETTINGS,
	  "the same of the SoftDevice" },
	{ 0, "settings-version", "N", ARG_SETTINGS_VERSION, NULL, false, ARGS_SETTINGS,
	  "1: SDK 12 to 15.2, default for nRF51; 2, else the default: SDK 15.3 and later" },
	{ 0, "no-backup", NULL, ARG_NO_BACKUP, NULL, true, ARGS_SETTINGS,
	  "without the copy in the MBR's page" },
	{ 0, "protocol", "secure|legacy", ARG_PROTOCOL, NULL, false, ARGS_PACKAGE,
	  "which bootloader the package is for" },
	{ 0, "hw-version", "N", ARG_HW_VERSION, NULL, false, ARGS_PACKAGE,
	  "secure: the hardware, as the bootloader has it: 51, 52 or your own" },
	{ 0, "sd-req", "ID[,ID]", ARG_SD_REQ, NULL, false, ARGS_PACKAGE,
	  "SoftDevices it may be installed onto; secure: 0 is none needed" },
	{ 0, "sd-id", "ID", ARG_SD_ID, NULL, false, ARGS_PACKAGE,
	  "what --softdevice is; read from the file, where it says so" },
	{ 0, "debug", NULL, ARG_DEBUG, "true", false, ARGS_PACKAGE,
	  "secure: mark it as debug, for debug builds of a bootloader" },
	{ 0, "unsigned", NULL, ARG_UNSIGNED, "true", false, ARGS_PACKAGE,
	  "secure: without signature, for an open bootloader" },
	{ 0, "format", "FORMAT", ARG_FORMAT, NULL, false, ARGS_PACKAGE,
	  "legacy: crc (SDK 6.1), 0.5 (the default), 0.6, 0.7, 0.8 (signed)" },
	{ 0, "device-type", "N", ARG_DEVICE_TYPE, NULL, false, ARGS_PACKAGE,
	  "legacy: default 0xFFFF" },
	{ 0, "device-rev", "N", ARG_DEVICE_REVISION, NULL, false, ARGS_PACKAGE,
	  "legacy: default 0xFFFF" },
	{ 0, "key", "PEM", ARG_PUBLIC_KEY, NULL, true, ARGS_VERIFY,
	  "a public key; one of those given must verify the signature" },
	{ 0, "hw-version", "N", ARG_REQUIRED_HW_VERSION, NULL, false, ARGS_VERIFY,
	  "the hardware of the device" },
	{ 0, "softdevice", "ID", ARG_REQUIRED_SOFTDEVICE, NULL, false, ARGS_VERIFY,
	  "the id of the SoftDevice that is installed" },
	{ 0, "installed-version", "N", ARG_INSTALLED_VERSION, NULL, false, ARGS_VERIFY,
	  "what is installed: a number, or x.y.z" },
	{ 0, "json", NULL, ARG_JSON, NULL, true, ARGS_OUTPUT,
	  "one JSON object a line on standard output" },
	{ 'q', "quiet", NULL, ARG_QUIET, NULL, true, ARGS_OUTPUT,
	  "no progress and no warnings, only errors" },
	{ 'v', "verbose", NULL, ARG_VERBOSE, NULL, true, ARGS_OUTPUT,
	  "say where values came from; -vv debug, -vvv every exchange" },
	{ 'h', "help", NULL, ARG_HELP, NULL, true, 0, "show this" },
};
/* clang-format on */

enum { SPECS = sizeof(specs) / sizeof(specs[0]) };

/* getopt's own form of the table. */
struct grammar {
	char letters[2 * SPECS + 2];
	struct option options[SPECS + 1];
};

static bool belongs_to(const struct option_spec *spec, unsigned groups)
{
	return spec->groups == 0 || (spec->groups & groups) != 0;
}

static bool may_lack_value(const struct option_spec *spec)
{
	return spec->metavar && spec->metavar[0] == '[';
}

static int value_rule(const struct option_spec *spec)
{
	if (may_lack_value(spec))
		return optional_argument;
	return spec->metavar ? required_argument : no_argument;
}

static void build_grammar(unsigned groups, struct grammar *ret_grammar)
{
	struct option *option = ret_grammar->options;
	char *letter = ret_grammar->letters;

	*letter++ = ':'; /* tell a missing value from an unknown option */
	for (int i = 0; i < SPECS; i++) {
		if (!belongs_to(&specs[i], groups))
			continue;
		*option++ = (struct option){
			.name = specs[i].name,
			.has_arg = value_rule(&specs[i]),
			.val = FIRST_LONG_VALUE + i,
		};
		if (!specs[i].letter)
			continue;
		*letter++ = (char)specs[i].letter;
		if (specs[i].metavar)
			*letter++ = ':';
	}
	*letter = '\0';
	*option = (struct option){ 0 };
}

static const struct option_spec *find_spec(int value)
{
	if (value >= FIRST_LONG_VALUE)
		return &specs[value - FIRST_LONG_VALUE];
	for (int i = 0; i < SPECS; i++) {
		if (specs[i].letter == value)
			return &specs[i];
	}
	return NULL;
}

static int allocate_lists(struct args *args, int argc)
{
	/* No option can be given more often than there are words. */
	size_t room = (size_t)argc + 1;

	args->pool = calloc(ARGUMENTS * room, sizeof(*args->pool));
	if (!args->pool)
		return OTADFU_E_NOMEM;
	for (size_t i = 0; i < ARGUMENTS; i++)
		args->given[i].values = args->pool + i * room;
	return OTADFU_OK;
}

static void append(struct args *args, enum argument argument, const char *value)
{
	args->given[argument].values[args->given[argument].count++] = value;
}

static int take_option(struct args *args, const struct option_spec *spec, const char *value,
		       struct failure *why)
{
	if (!spec->repeats && args->given[spec->argument].count > 0)
		return failure_set(why, OTADFU_E_CONFIG, 0,
				   "option --%s: only one can be meant, and one was given already",
				   spec->name);
	append(args, spec->argument, value ? value : spec->constant);
	return OTADFU_OK;
}

/* value and letter are what getopt_long returned and left in optopt; word is the last it took. */
static int refuse_option(int value, int letter, const char *word, struct failure *why)
{
	char shown[] = { '-', (char)letter, '\0' };
	const struct option_spec *spec = letter ? find_spec(letter) : NULL;

	if (value == ':')
		return failure_set(why, OTADFU_E_CONFIG, 0, "option --%s needs a value: %s",
				   spec->name, spec->metavar);
	if (letter >= FIRST_LONG_VALUE)
		return failure_set(why, OTADFU_E_CONFIG, 0, "option --%s takes no value",
				   spec->name);
	/* Inside a cluster of letters the last word is not yet the one that holds this letter. */
	return failure_set(why, OTADFU_E_CONFIG, 0, "unknown option %s", letter ? shown : word);
}

/* getopt takes an optional value only behind "=": a number that follows as the next word is meant
 * as one too. */
static const char *take_number(const struct option_spec *spec, int argc, char **argv)
{
	const char *next = optind < argc ? argv[optind] : "";

	if (!may_lack_value(spec) || *next == '\0' || next[strspn(next, "0123456789")] != '\0')
		return NULL;
	optind++;
	return next;
}

static int read_options(struct args *args, int argc, char **argv, unsigned groups,
			struct failure *why)
{
	struct grammar grammar;
	int value;

	build_grammar(groups, &grammar);
	opterr = 0;
	optind = 0; /* begins anew, whatever was parsed before in this process */
	while ((value = getopt_long(argc, argv, grammar.letters, grammar.options, NULL)) != -1) {
		const struct option_spec *spec;
		int r;

		if (value == '?' || value == ':')
			return refuse_option(value, optopt, argv[optind - 1], why);
		spec = find_spec(value);
		r = take_option(args, spec, optarg ? optarg : take_number(spec, argc, argv), why);
		if (r < 0)
			return r;
	}
	return OTADFU_OK;
}

static int read_operands(struct args *args, int argc, char **argv, size_t max_operands,
			 struct failure *why)
{
	for (int i = optind; i < argc; i++) {
		if (args->given[ARG_OPERAND].count == max_operands)
			return failure_set(why, OTADFU_E_CONFIG, 0,
					   "do not know what to do with \"%s\"", argv[i]);
		append(args, ARG_OPERAND, argv[i]);
	}
	return OTADFU_OK;
}

int args_parse(int argc, char **argv, unsigned groups, size_t max_operands, struct args *ret_args,
	       struct failure *why)
{
	struct args args = { 0 };
	int r = allocate_lists(&args, argc);

	if (r < 0)
		return failure_set(why, r, 0, "out of memory");
	r = read_options(&args, argc, argv, groups, why);
	if (r == OTADFU_OK)
		r = read_operands(&args, argc, argv, max_operands, why);
	if (r < 0) {
		args_free(&args);
		return r;
	}
	*ret_args = args;
	return OTADFU_OK;
}

void args_free(struct args *args)
{
	free(args->pool);
	*args = (struct args){ 0 };
}

const char *args_text(const struct args *args, enum argument argument)
{
	return args->given[argument].count > 0 ? args->given[argument].values[0] : NULL;
}

const char *const *args_list(const struct args *args, enum argument argument)
{
	return args->given[argument].values;
}

size_t args_count(const struct args *args, enum argument argument)
{
	return args->given[argument].count;
}

void args_print_options(FILE *out, unsigned groups)
{
	for (int i = 0; i < SPECS; i++) {
		const struct option_spec *spec = &specs[i];
		char left[64];

		if (!belongs_to(spec, groups))
			continue;
		snprintf(left, sizeof(left), "%c%c%c --%s%s%s", spec->letter ? '-' : ' ',
			 spec->letter ? spec->letter : ' ', spec->letter ? ',' : ' ', spec->name,
			 spec->metavar ? " " : "", spec->metavar ? spec->metavar : "");
		fprintf(out, "  %-30s %s\n", left, spec->help);
	}
}
