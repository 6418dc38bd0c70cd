#include "command.h"
#include "context.h"
#include "exit_status.h"
#include "key_memory.h"

#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <string.h>
#include <unistd.h>

static const struct command commands[] = {
	{
		.name = "update",
		.run = cmd_update,
		.options = ARGS_DEVICE | ARGS_UPDATE | ARGS_HEX | ARGS_WAIT | ARGS_PROFILE |
			   ARGS_RADIO | ARGS_PLUGINS | ARGS_OUTPUT,
		.max_operands = 1,
		.summary = "Update the firmware of one device",
		.usage = "otadfu update [PACKAGE.zip] -a ADDRESS[/public|/random] | --name NAME\n"
			 "       [-z ZIP | -f FIRMWARE.{hex,bin} -d INIT.dat [--range LOW-HIGH]]\n"
			 "       [--part application|system|all] [--dry-run] [--force]\n"
			 "       [--wait [SECONDS]] [--verify none|advertises|version]\n"
			 "       [--expect-version TEXT]\n"
			 "       [--profile NAME|FILE] [--transport NAME] [--adapter NAME]\n"
			 "       [--protocol NAME | --legacy | --secure]\n"
			 "       [--set PLUGIN.KEY=VALUE]... [--plugin-path DIR]...\n"
			 "       [--json] [-q] [-v]...",
	},
	{
		.name = "scan",
		.run = cmd_scan,
		.options = ARGS_SCAN | ARGS_PROFILE | ARGS_RADIO | ARGS_PLUGINS | ARGS_OUTPUT,
		.summary = "List devices that advertise; those that can be updated are marked",
		.usage =
			"otadfu scan [--seconds N] [--profile NAME|FILE] [--transport NAME]\n"
			"       [--adapter NAME] [--set PLUGIN.KEY=VALUE]... [--json] [-q] [-v]...",
	},
	{
		.name = "recover",
		.run = cmd_recover,
		.options = ARGS_DEVICE | ARGS_UPDATE | ARGS_HEX | ARGS_SCAN | ARGS_CONSENT |
			   ARGS_PROFILE | ARGS_RADIO | ARGS_PLUGINS | ARGS_OUTPUT,
		.max_operands = 1,
		.summary =
			"Find a device that was left in DFU mode, and offer it the package again",
		.usage = "otadfu recover [PACKAGE.zip] [-a ADDRESS | --name NAME] [--seconds N] "
			 "[--yes]\n"
			 "       and the other options of otadfu update, but for --wait",
	},
	{
		.name = "info",
		.run = cmd_info,
		.options = ARGS_DEVICE | ARGS_WAIT | ARGS_PROFILE | ARGS_RADIO | ARGS_PLUGINS |
			   ARGS_OUTPUT,
		.summary = "Show what one device says of itself; nothing on it is changed",
		.usage =
			"otadfu info -a ADDRESS[/public|/random] | --name NAME [--wait [SECONDS]]\n"
			"       [--profile NAME|FILE] [--transport NAME] [--adapter NAME]\n"
			"       [--protocol NAME | --legacy | --secure]\n"
			"       [--set PLUGIN.KEY=VALUE]... [--json] [-q] [-v]...",
	},
	{
		.name = "doctor",
		.run = cmd_doctor,
		.options = ARGS_ADDRESS | ARGS_SCAN | ARGS_PROFILE | ARGS_RADIO | ARGS_PLUGINS |
			   ARGS_OUTPUT,
		.summary = "Show what this machine has and lacks to reach a device, and what to do",
		.usage = "otadfu doctor [-a ADDRESS [--seconds N]] [--profile NAME|FILE]\n"
			 "       [--transport NAME] [--adapter NAME] [--set PLUGIN.KEY=VALUE]...\n"
			 "       [--plugin-path DIR]... [--json] [-q] [-v]...",
	},
	{
		.name = "inspect",
		.run = cmd_inspect,
		.options = ARGS_HEX | ARGS_PROFILE | ARGS_OUTPUT,
		.max_operands = 1,
		.summary = "Show what a package, an init packet or a HEX file holds, and judge it",
		.usage = "otadfu inspect PACKAGE.zip|INIT.dat|FIRMWARE.hex [--range LOW-HIGH]\n"
			 "       [--profile NAME|FILE] [--json]",
	},
	{
		.name = "gen-dat",
		.run = cmd_gen_dat,
		.options = ARGS_HEX | ARGS_WRITE,
		.max_operands = 2,
		.summary = "Write the legacy init packet of an application: for any device",
		.usage = "otadfu gen-dat FIRMWARE.{bin,hex} INIT.dat [--range LOW-HIGH] "
			 "[--overwrite]",
	},
	{
		.name = "pkg make",
		.run = cmd_pkg_make,
		.options = ARGS_IMAGES | ARGS_PACKAGE | ARGS_HEX | ARGS_SIGN | ARGS_WRITE |
			   ARGS_PROFILE | ARGS_OUTPUT,
		.max_operands = 1,
		.summary = "Make a firmware package out of .hex or .bin files, and sign it",
		.usage =
			"otadfu pkg make OUT.zip --application F [--bootloader F] [--softdevice "
			"F]\n"
			"       [--external-app F] [--range LOW-HIGH] --protocol secure\n"
			"       --hw-version N --sd-req ID[,ID] [--sd-id ID] [--app-version "
			"N|x.y.z]\n"
			"       [--bl-version N|x.y.z] [--key PEM | --signer COMMAND | "
			"--unsigned]\n"
			"       [--boot-validation omit|none|crc|sha256|ecdsa] [--debug]\n"
			"       [--profile NAME|FILE] [--overwrite] [--json] [-q]\n"
			"otadfu pkg make OUT.zip --application F ... --protocol legacy\n"
			"       [--format crc|0.5|0.6|0.7|0.8] [--device-type N] [--device-rev N]\n"
			"       [--app-version N|x.y.z] [--sd-req ID[,ID]] [--key PEM | --signer "
			"COMMAND]",
	},
	{
		.name = "pkg verify",
		.run = cmd_pkg_verify,
		.options = ARGS_VERIFY | ARGS_PROFILE | ARGS_OUTPUT,
		.max_operands = 1,
		.summary = "Check a package: contents, signature, and whether it is for a device",
		.usage = "otadfu pkg verify PACKAGE.zip [--key PUB.pem]... [--hw-version N]\n"
			 "       [--softdevice ID] [--installed-version N|x.y.z]\n"
			 "       [--profile NAME|FILE] [--json]",
	},
	{
		.name = "pkg sign",
		.run = cmd_pkg_sign,
		.options = ARGS_SIGN | ARGS_WRITE | ARGS_PROFILE | ARGS_OUTPUT,
		.max_operands = 2,
		.summary = "Sign a package anew; what is signed stays byte for byte",
		.usage = "otadfu pkg sign PACKAGE.zip OUT.zip --key PEM | --signer COMMAND\n"
			 "       [--profile NAME|FILE] [--overwrite] [--json] [-q]",
	},
	{
		.name = "keys make",
		.run = cmd_keys_make,
		.options = ARGS_WRITE,
		.max_operands = 1,
		.summary = "Make a private key to sign firmware with",
		.usage = "otadfu keys make KEY.pem [--overwrite]",
	},
	{
		.name = "keys show",
		.run = cmd_keys_show,
		.options = ARGS_KEYS,
		.max_operands = 1,
		.summary = "Show the public half of a key, as a bootloader is built with it",
		.usage = "otadfu keys show KEY.pem [--as pem|hex|c] [--private]",
	},
	{
		.name = "settings make",
		.run = cmd_settings_make,
		.options = ARGS_SETTINGS | ARGS_IMAGES | ARGS_SIGN | ARGS_WRITE,
		.max_operands = 1,
		.summary = "Write the bootloader's settings page, for a debugger to program",
		.usage = "otadfu settings make OUT.hex --family CHIP --application FILE\n"
			 "       --app-version N --bl-version N [--softdevice FILE]\n"
			 "       [--settings-version 1|2] [--boot-validation "
			 "none|crc|sha256|ecdsa]\n"
			 "       [--sd-boot-validation none|crc|sha256|ecdsa]\n"
			 "       [--key PEM | --signer COMMAND [--signer-timeout SECONDS]]\n"
			 "       [--no-backup] [--overwrite]",
	},
	{
		.name = "settings show",
		.run = cmd_settings_show,
		.options = ARGS_CHIP | ARGS_OUTPUT,
		.max_operands = 1,
		.summary = "Show what a settings page holds, and judge its CRCs",
		.usage = "otadfu settings show FILE.{hex,bin} [--family CHIP] [--json]",
	},
	{
		.name = "profiles",
		.run = cmd_profiles,
		.options = ARGS_PLUGINS | ARGS_OUTPUT,
		.max_operands = 1,
		.summary = "List profiles; with NAME, its values and where they come from",
		.usage = "otadfu profiles [NAME|FILE] [--plugin-path DIR]... [--json]",
	},
	{
		.name = "plugins",
		.run = cmd_plugins,
		.options = ARGS_CHECK | ARGS_RADIO | ARGS_PLUGINS | ARGS_OUTPUT,
		.max_operands = 1,
		.summary = "List plugins; with NAME, the options it takes; or check one",
		.usage = "otadfu plugins [NAME] [--plugin-path DIR]... [--json]\n"
			 "otadfu plugins --check FILE.so|NAME [--case PATTERN]... [--plugin-path "
			 "DIR]...\n"
			 "       [--peer ADDRESS[/public|/random] [--adapter NAME] [--slack MS]\n"
			 "       [--transport NAME] [--set PLUGIN.KEY=VALUE]...] [--json] [-q] "
			 "[-v]...",
	},
	{
		.name = "help",
		.run = cmd_help,
		.max_operands = 2,
		.summary = "Show this, or one command and its options",
		.usage = "otadfu help [COMMAND] | --help",
	},
	{
		.name = "version",
		.run = cmd_version,
		.summary = "Show the version of otadfu and of its plugin ABI",
		.usage = "otadfu version | --version",
	},
	{ 0 },
};

/* A closed standard descriptor would become the next file that is opened, and be written into. */
static void hold_standard_descriptors(void)
{
	for (int fd = STDIN_FILENO; fd <= STDERR_FILENO; fd++) {
		/* Opened the wrong way round, so that a use of it still fails. */
		if (fcntl(fd, F_GETFD) < 0)
			open("/dev/null", fd == STDIN_FILENO ? O_WRONLY : O_RDONLY);
	}
}

static const struct command *find_command(const char *name)
{
	int matched;

	return command_find(commands, (const char *const[]){ name, NULL }, &matched);
}

/* words: those behind the program's name. *ret_skip: how many stand before the command's own. */
static const struct command *choose_command(const char *const *words, int *ret_skip)
{
	const char *first = words[0] ? words[0] : "";

	*ret_skip = 1;
	if (strcmp(first, "--help") == 0 || strcmp(first, "-h") == 0)
		return find_command("help");
	if (strcmp(first, "--version") == 0)
		return find_command("version");
	if (first[0] != '-')
		return command_find(commands, words, ret_skip);
	*ret_skip = 0;
	return find_command("update");
}

static int refuse_words(const char *const *words)
{
	struct failure why = { 0 };

	command_refuse(commands, words, &why);
	return usage_error(NULL, &why);
}

static unsigned choose_log_level(const struct args *args)
{
	static const unsigned levels[] = { OTADFU_LOG_WARN, OTADFU_LOG_INFO, OTADFU_LOG_DEBUG,
					   OTADFU_LOG_TRACE };
	size_t verbose = args_count(args, ARG_VERBOSE);

	if (args_count(args, ARG_QUIET))
		return OTADFU_LOG_ERROR;
	return levels[verbose < 3 ? verbose : 3];
}

static int run(struct context *context)
{
	int status = EXIT_STATUS_FAILED;

	context->log = log_new(stderr, choose_log_level(&context->args));
	context->clock = clock_new();
	if (args_count(&context->args, ARG_HELP)) {
		help_print_command(context->command);
		status = EXIT_STATUS_DONE;
	} else if (context->log && context->clock) {
		status = context->command->run(context);
	}
	context_free(context);
	return status;
}

/* What could not be said must not look like success. */
static int finish_output(int status)
{
	/* A stream that failed before keeps what it could not write, and fails again. */
	if (fflush(stdout) == 0 && !ferror(stdout))
		return status;
	fprintf(stderr, "otadfu: cannot write to standard output: %s\n", strerror(errno));
	return status == EXIT_STATUS_DONE ? EXIT_STATUS_FAILED : status;
}

int main(int argc, char **argv)
{
	static const char *const nothing[] = { NULL };
	const char *const *words = argc > 1 ? (const char *const *)argv + 1 : nothing;
	struct context context = { .commands = commands };
	struct failure why = { 0 };
	int skip;

	hold_standard_descriptors();
	key_memory_protect();
	/* A reader that is gone, or a limit on the size of files, is an error of the write. */
	signal(SIGPIPE, SIG_IGN);
	signal(SIGXFSZ, SIG_IGN);
	context.command = choose_command(words, &skip);
	if (!context.command)
		return refuse_words(words);
	if (args_parse(argc - skip, argv + skip, context.command->options,
		       context.command->max_operands, &context.args, &why) < 0)
		return usage_error(context.command, &why);
	return finish_output(run(&context));
}
