#include "arguments.h"

#include "address.h"

#include <getopt.h>
#include <stdarg.h>
#include <stdio.h>

enum { EXIT_DONE = 0, EXIT_USAGE = 2 };

static const char usage[] =
	"otadfu-peripheral --hci CONTROLLER --scenario FILE [-a ADDRESS] [--state DIR] [-v]\n"
	"otadfu-peripheral --hci CONTROLLER --conformance [-a ADDRESS] [--state DIR] [-v]\n";

static const char help[] =
	"\nA simulated device as a real Bluetooth LE peripheral, until it is interrupted.\n\n"
	"  --hci CONTROLLER      hci1, unix:PATH, tcp:HOST:PORT or serial:DEVICE[,BAUD]; an "
	"adapter\n"
	"                        of the kernel is taken from it and given back at the end\n"
	"  --scenario FILE       the device of a scenario, as for otadfu --transport sim\n"
	"  --conformance         the test service that transports are tried out against\n"
	"  -a, --address ADDRESS which device of the scenario, else its first; the address of the\n"
	"                        test service, else C0:FF:EE:00:00:01\n"
	"  --state DIR           where the device keeps its flash, else as the scenario says\n"
	"  -v, --verbose         show every ATT packet\n"
	"  -h, --help            show this\n"
	"  --version             show the version\n"
	"\nExit status: 0 interrupted, 1 the controller was lost, 2 usage or scenario wrong, 4 no\n"
	"such controller or no right to use it.\n";

enum { OPTION_HCI = 256, OPTION_SCENARIO, OPTION_CONFORMANCE, OPTION_STATE, OPTION_VERSION };

static const struct option options[] = {
	{ "hci", required_argument, NULL, OPTION_HCI },
	{ "scenario", required_argument, NULL, OPTION_SCENARIO },
	{ "conformance", no_argument, NULL, OPTION_CONFORMANCE },
	{ "address", required_argument, NULL, 'a' },
	{ "state", required_argument, NULL, OPTION_STATE },
	{ "verbose", no_argument, NULL, 'v' },
	{ "help", no_argument, NULL, 'h' },
	{ "version", no_argument, NULL, OPTION_VERSION },
	{ 0 },
};

__attribute__((format(printf, 1, 2))) static int refuse(const char *format, ...)
{
	va_list args;

	fputs("otadfu-peripheral: ", stderr);
	va_start(args, format);
	vfprintf(stderr, format, args);
	va_end(args);
	fputs("\nTry: otadfu-peripheral --help\n", stderr);
	return EXIT_USAGE;
}

static int read_address(const char *text, struct arguments *arguments)
{
	if (!address_parse(text, &arguments->address))
		return refuse("\"%s\" is no address such as C0:FF:EE:00:00:01", text);
	arguments->has_address = true;
	return ARGUMENTS_GOOD;
}

static int show(const char *first, const char *second)
{
	printf("%s%s", first, second);
	return EXIT_DONE;
}

static int complain(int option, char *argv[])
{
	const char *word = argv[optind - 1];

	return option == ':' ? refuse("%s needs a value", word)
			     : refuse("there is no option \"%s\"", word);
}

static int take(int option, char *argv[], bool *conformance, struct arguments *arguments)
{
	switch (option) {
	case OPTION_HCI:
		arguments->hci = optarg;
		break;
	case OPTION_SCENARIO:
		arguments->scenario = optarg;
		break;
	case OPTION_CONFORMANCE:
		*conformance = true;
		break;
	case OPTION_STATE:
		arguments->state = optarg;
		break;
	case 'a':
		return read_address(optarg, arguments);
	case 'v':
		arguments->verbose++;
		break;
	case 'h':
		return show(usage, help);
	case OPTION_VERSION:
		return show("otadfu-peripheral " OTADFU_VERSION, "\n");
	default:
		return complain(option, argv);
	}
	return ARGUMENTS_GOOD;
}

int arguments_read(int argc, char *argv[], struct arguments *ret_arguments)
{
	struct arguments arguments = { 0 };
	bool conformance = false;
	int result = ARGUMENTS_GOOD;
	int option;

	opterr = 0;
	optind = 0; /* begins anew, whoever read a command line before */
	while (result == ARGUMENTS_GOOD &&
	       (option = getopt_long(argc, argv, ":a:vh", options, NULL)) != -1)
		result = take(option, argv, &conformance, &arguments);
	if (result != ARGUMENTS_GOOD)
		return result;
	if (optind < argc)
		return refuse("\"%s\" has no meaning here", argv[optind]);
	if (!arguments.hci)
		return refuse("which controller? --hci hci1");
	if (!conformance == !arguments.scenario)
		return refuse("what shall it be: either --scenario FILE or --conformance?");
	*ret_arguments = arguments;
	return ARGUMENTS_GOOD;
}
