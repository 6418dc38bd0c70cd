#include "arguments.h"

#include <getopt.h>
#include <stdarg.h>
#include <stdlib.h>
#include <time.h>

enum { EXIT_USAGE = 2 };

static const char help[] =
	"air [OPTION...] CONTROLLER...\n\n"
	"Virtual Bluetooth LE controllers that share one simulated radio, until it is "
	"interrupted.\n\n"
	"  unix:PATH[,TRAIT...]  listens there; each connection is one more controller\n"
	"  vhci[,TRAIT...]       a controller of this machine's kernel\n\n"
	"  address=C0:FF:EE:00:00:01  public address; for more connections the next ones\n"
	"  legacy                no extended advertising, scanning and connecting\n"
	"  no-dle                no data length extension\n"
	"  no-2m                 no 2M PHY\n"
	"  acl=LENGTH:COUNT      buffers for data, else 251:8\n"
	"  links=COUNT           at most, else 8\n"
	"  rssi=DBM              how the others hear it, else -60\n\n"
	"  --seed NUMBER         of all that is random, else the time\n"
	"  --loss PERCENT        of what is sent is lost; data comes again in the next event\n"
	"  --packets-per-event COUNT  at most, of each side; else as many as there is time for\n"
	"  --cut PDU[,LINK]      the link (else the first to get so far) falls silent after that\n"
	"                        many data PDUs of its central; may be given several times\n"
	"  --log FILE            else to standard error\n\n"
	"Lines on standard input: cut ADDRESS, silence ADDRESS, speak ADDRESS, rssi ADDRESS DBM,\n"
	"stats. Each is answered by \"ok\" or \"error\" on standard output.\n";

__attribute__((format(printf, 1, 2))) static int refuse(const char *format, ...)
{
	va_list args;

	fputs("air: ", stderr);
	va_start(args, format);
	vfprintf(stderr, format, args);
	va_end(args);
	fputs("\nTry: air --help\n", stderr);
	return EXIT_USAGE;
}

/* A number of the whole text, or up to the separator. */
static bool read_number(const char **text, char separator, long min, long max, long *ret_number)
{
	char *end;
	long number = strtol(*text, &end, 10);

	if (end == *text || number < min || number > max || (*end && *end != separator))
		return false;
	*text = *end ? end + 1 : end;
	*ret_number = number;
	return true;
}

static bool read_whole(const char *text, long min, long max, long *ret_number)
{
	return read_number(&text, '\0', min, max, ret_number);
}

/* Traits */

static bool take_address(struct traits *traits, const char *value)
{
	traits->has_address = true;
	return address_parse(value, &traits->address);
}

static bool take_legacy(struct traits *traits, const char *value)
{
	traits->extended = false;
	return !value;
}

static bool take_no_dle(struct traits *traits, const char *value)
{
	traits->data_length = false;
	return !value;
}

static bool take_no_2m(struct traits *traits, const char *value)
{
	traits->phy_2m = false;
	return !value;
}

static bool take_acl(struct traits *traits, const char *value)
{
	long len, count;

	if (!read_number(&value, ':', ACL_LEN_MIN, ACL_LEN_MAX, &len) ||
	    !read_whole(value, 1, ACL_COUNT_MAX, &count))
		return false;
	traits->acl_len = (unsigned)len;
	traits->acl_count = (unsigned)count;
	return true;
}

static bool take_links(struct traits *traits, const char *value)
{
	long count;

	if (!read_whole(value, 1, AIR_LINKS_MAX, &count))
		return false;
	traits->links = (unsigned)count;
	return true;
}

static bool take_rssi(struct traits *traits, const char *value)
{
	long rssi;

	if (!read_whole(value, -127, 20, &rssi))
		return false;
	traits->rssi = (int8_t)rssi;
	return true;
}

static const struct trait {
	const char *name;
	bool has_value;
	bool (*take)(struct traits *traits, const char *value);
} known_traits[] = {
	{ "address", true, take_address }, { "legacy", false, take_legacy },
	{ "no-dle", false, take_no_dle },  { "no-2m", false, take_no_2m },
	{ "acl", true, take_acl },         { "links", true, take_links },
	{ "rssi", true, take_rssi },
};

static bool read_trait(char *word, struct traits *traits)
{
	char *value = strchr(word, '=');

	if (value)
		*value++ = '\0';
	for (size_t i = 0; i < sizeof(known_traits) / sizeof(known_traits[0]); i++) {
		if (strcmp(known_traits[i].name, word) == 0)
			return known_traits[i].has_value == (value != NULL) &&
			       known_traits[i].take(traits, value);
	}
	return false;
}

static bool read_kind(const char *word, struct place *place)
{
	static const char socket[] = "unix:";

	if (strncmp(word, socket, sizeof(socket) - 1) == 0 && word[sizeof(socket) - 1])
		place->path = word + sizeof(socket) - 1;
	return place->path || strcmp(word, "vhci") == 0;
}

static int read_place(const char *word, struct arguments *arguments)
{
	struct place *place = &arguments->places[arguments->place_count];
	char *rest = NULL;
	char *part;

	if (arguments->place_count == PLACES_MAX)
		return refuse("more than %d controllers", PLACES_MAX);
	arguments->place_count++;
	*place = (struct place){ .copy = strdup(word) };
	place->traits = (struct traits){ .extended = true,
					 .data_length = true,
					 .phy_2m = true,
					 .acl_len = 251,
					 .acl_count = 8,
					 .links = 8,
					 .rssi = -60 };
	part = place->copy ? strtok_r(place->copy, ",", &rest) : NULL;
	if (!part || !read_kind(part, place))
		return refuse("\"%s\" is neither unix:PATH nor vhci", word);
	while ((part = strtok_r(NULL, ",", &rest))) {
		if (!read_trait(part, &place->traits))
			return refuse("\"%s\": %s is no trait, or its value is wrong", word, part);
	}
	return -1;
}

/* Options */

static int read_cut(const char *value, struct air_options *options)
{
	long pdu, link = 0;
	const char *rest = value;

	if (options->cut_count == CUTS_MAX)
		return refuse("more than %d cuts", CUTS_MAX);
	if (!read_number(&rest, ',', 1, INT32_MAX, &pdu) ||
	    (*rest && !read_whole(rest, 1, INT32_MAX, &link)))
		return refuse("--cut %s: expected PDU[,LINK], as in 200 or 200,3", value);
	options->cuts[options->cut_count++] =
		(struct cut){ .pdu = (unsigned)pdu, .link = (unsigned)link };
	return -1;
}

static int read_option_number(const char *name, const char *value, long max, long *ret_number)
{
	return read_whole(value, 0, max, ret_number)
		       ? -1
		       : refuse("--%s %s: expected a number up to %ld", name, value, max);
}

static int take_option(int option, const char *value, struct arguments *arguments)
{
	struct air_options *options = &arguments->options;
	long number = 0;
	int result = -1;

	switch (option) {
	case 's':
		result = read_option_number("seed", value, INT64_MAX, &number);
		options->seed = (uint64_t)number;
		return result;
	case 'l':
		result = read_option_number("loss", value, 99, &number);
		options->loss_percent = (unsigned)number;
		return result;
	case 'p':
		result = read_option_number("packets-per-event", value, INT32_MAX, &number);
		options->packets_per_event = (unsigned)number;
		return result;
	case 'c':
		return read_cut(value, options);
	case 'o':
		arguments->log = value;
		return result;
	case 'h':
		fputs(help, stdout);
		return EXIT_SUCCESS;
	default:
		return refuse("no such option, or its value is missing");
	}
}

static int read_all(int argc, char *argv[], struct arguments *arguments)
{
	static const struct option known[] = {
		{ "seed", required_argument, NULL, 's' },
		{ "loss", required_argument, NULL, 'l' },
		{ "packets-per-event", required_argument, NULL, 'p' },
		{ "cut", required_argument, NULL, 'c' },
		{ "log", required_argument, NULL, 'o' },
		{ "help", no_argument, NULL, 'h' },
		{ 0 },
	};
	int result = -1;
	int option;

	opterr = 0;
	while (result < 0 && (option = getopt_long(argc, argv, "h", known, NULL)) != -1)
		result = take_option(option, optarg, arguments);
	for (int i = optind; result < 0 && i < argc; i++)
		result = read_place(argv[i], arguments);
	if (result < 0 && arguments->place_count == 0)
		return refuse("which controllers? unix:PATH");
	return result;
}

int arguments_read(int argc, char *argv[], struct arguments *ret_arguments)
{
	struct arguments arguments = { .options.seed = (uint64_t)time(NULL) };
	int result = read_all(argc, argv, &arguments);

	if (result < 0)
		*ret_arguments = arguments;
	else
		arguments_free(&arguments);
	return result;
}

void arguments_free(struct arguments *arguments)
{
	for (size_t i = 0; i < arguments->place_count; i++)
		free(arguments->places[i].copy);
}
