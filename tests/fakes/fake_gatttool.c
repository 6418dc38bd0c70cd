/*
 * fake_gatttool [-I] [-i ADAPTER]: `gatttool -I` of BlueZ 5.66, word for word as recorded, with the
 * devices of fake_air at the other end: FAKE_AIR names its socket. FAKE_GATTTOOL lists, with
 * commas, what goes wrong; see tricks.
 */
#include "fake_air.h"
#include "fake_terminal.h"

#include "address.h"

#include <errno.h>
#include <poll.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <time.h>
#include <unistd.h>

enum trick {
	OLD,      /* knows no `mtu` */
	MUTE,     /* reads and says nothing */
	BROKEN,   /* cannot be started by the dynamic linker */
	SLOW,     /* takes a second to start */
	STUBBORN, /* obeys neither signals nor `exit` */
	BYTES,    /* says everything in single bytes */
	ECHO,     /* draws although the terminal does not echo */
	EARLY,    /* a value comes before the confirmation */
	INSIDE,   /* a value comes in the middle of the confirmation */
	GARBLED,  /* of a value's line a part is missing */
	NO_MTU,   /* the peer knows no exchange of MTUs */
	HUGE_MTU, /* tells an MTU that nobody asked for */
	TINY_MTU, /* and one that there cannot be */
	UNLIKELY, /* tells every refusal as ATT error 0E */
	QUIET,    /* says nothing when the link goes */
	DIES,     /* once the link stands, at the next command */
	HANGS,    /* the same, but it stays */
	NO_ROUTE, /* no adapter */
	BUSY,     /* somebody else holds the link */
	TRICKS
};

static const char *const tricks[TRICKS] = {
	[OLD] = "old",           [MUTE] = "mute",         [BROKEN] = "broken",
	[SLOW] = "slow",         [STUBBORN] = "stubborn", [BYTES] = "bytes",
	[ECHO] = "echo",         [EARLY] = "early",       [INSIDE] = "inside",
	[GARBLED] = "garbled",   [NO_MTU] = "no-mtu",     [HUGE_MTU] = "huge-mtu",
	[TINY_MTU] = "tiny-mtu", [UNLIKELY] = "unlikely", [QUIET] = "quiet",
	[DIES] = "dies",         [HANGS] = "hangs",       [NO_ROUTE] = "no-route",
	[BUSY] = "busy",
};

enum asked { NOTHING = 0, MTU, SERVICES, CHARACTERISTICS, DESCRIPTORS, READ, WRITE };

struct fake {
	struct fake_terminal terminal;
	bool plays[TRICKS];
	bool connecting;
	int air; /* -1: no link, and none wanted */
	uint16_t mtu;
	uint16_t wanted_mtu; /* of the one exchange; 0: none yet */
	enum asked asked;
	uint16_t handle; /* of READ; the first of DESCRIPTORS */
	uint16_t end;
	size_t read_len;
	uint8_t read[LINK_VALUE_MAX];
	size_t attribute_count;
	struct device_attribute attributes[LINK_ATTRIBUTES_MAX];
};

static void give_up(const char *what)
{
	fprintf(stderr, "fake_gatttool: %s\n", what);
	exit(3);
}

static void say_error(struct fake *fake, const char *text)
{
	fake_terminal_say(&fake->terminal, "\x1b[0;91mError: \x1b[0m%s", text);
}

static void say_failed(struct fake *fake, const char *text)
{
	fake_terminal_say(&fake->terminal, "\x1b[0;91mCommand Failed: \x1b[0m%s", text);
}

/* --- the device --- */

static int connect_air(void)
{
	struct sockaddr_un address = { .sun_family = AF_UNIX };
	const char *path = getenv("FAKE_AIR");
	int fd = socket(AF_UNIX, SOCK_SEQPACKET | SOCK_CLOEXEC, 0);

	if (!path)
		give_up("FAKE_AIR is not set");
	snprintf(address.sun_path, sizeof(address.sun_path), "%s", path);
	if (fd < 0 || connect(fd, (const struct sockaddr *)&address, sizeof(address)) < 0)
		give_up(path);
	return fd;
}

static void tell_air(const struct fake *fake, const struct air_message *message)
{
	(void)!send(fake->air, message, sizeof(*message), MSG_NOSIGNAL);
}

static void tell_pdu(const struct fake *fake, enum pdu_kind kind, uint16_t handle, uint16_t number)
{
	const struct air_message message = {
		.kind = AIR_PDU, .pdu = { .kind = kind, .handle = handle, .number = number }
	};

	tell_air(fake, &message);
}

/* The transport waits for each answer; more than one request at a time is its mistake. */
static void ask(struct fake *fake, enum asked asked)
{
	if (fake->asked != NOTHING)
		give_up("a request while another is not answered");
	fake->asked = asked;
}

/* --- what the device says --- */

/* As recorded; the gaps are "Unexpected error code". */
static const char *const att_errors[] = {
	[0x01] = "Invalid handle",
	[0x02] = "Attribute can't be read",
	[0x03] = "Attribute can't be written",
	[0x04] = "Attribute PDU was invalid",
	[0x05] = "Attribute requires authentication before read/write",
	[0x06] = "Server doesn't support the request received",
	[0x07] = "Offset past the end of the attribute",
	[0x08] = "Attribute requires authorization before read/write",
	[0x0A] = "No attribute found within the given range",
	[0x0D] = "Attribute value length is invalid",
	[0x0E] = "Request attribute has encountered an unlikely error",
	[0x0F] = "Encryption required before read/write",
	[0x80] = "Internal application error: I/O",
	[0x81] = "A timeout occurred",
};

static void say_refused(struct fake *fake, uint8_t told)
{
	static const char *const what[] = {
		[MTU] = "Exchange MTU Request",
		[SERVICES] = "Discover all primary services",
		[CHARACTERISTICS] = "Discover all characteristics",
		[DESCRIPTORS] = "Discover descriptors",
		[READ] = "Characteristic value/descriptor read",
		[WRITE] = "Characteristic Write Request",
	};
	uint8_t error = fake->plays[UNLIKELY] ? 0x0E : told;
	const char *reason =
		error < sizeof(att_errors) / sizeof(att_errors[0]) ? att_errors[error] : NULL;
	char text[128];

	snprintf(text, sizeof(text), "%s failed: %s", what[fake->asked],
		 reason ? reason : "Unexpected error code");
	say_error(fake, text);
}

/* Of what is outstanding some is answered by gatttool itself. */
static void drop_link(struct fake *fake)
{
	if (fake->air < 0)
		return;
	close(fake->air);
	fake->air = -1;
	if (fake->asked == READ || fake->asked == DESCRIPTORS)
		say_refused(fake, 0x0E);
	fake->asked = NOTHING;
	if (fake->terminal.connected && !fake->plays[QUIET])
		fake_terminal_warn(&fake->terminal);
	fake->terminal.connected = false;
}

static void format_bytes(char *text, const uint8_t *data, size_t len)
{
	*text = '\0';
	for (size_t i = 0; i < len; i++)
		text += sprintf(text, "%02x ", data[i]);
}

static void say_value(struct fake *fake, const struct air_value *value)
{
	char bytes[3 * LINK_DATA_MAX + 1];
	char text[FAKE_LINE_MAX];

	format_bytes(bytes, value->data, value->len);
	snprintf(text, sizeof(text), "%s handle = 0x%04x value: %s",
		 value->indication ? "Indication  " : "Notification", value->handle, bytes);
	if (fake->plays[GARBLED])
		text[strlen(text) - 2] = '\0';
	if (fake->plays[INSIDE] && fake->asked != NOTHING)
		fake_terminal_insert(&fake->terminal, text);
	else
		fake_terminal_say(&fake->terminal, "%s", text);
}

static void format_uuid(char text[37], uint16_t uuid16, const uint8_t uuid128[16])
{
	const uint8_t *u = uuid128;

	if (uuid16)
		snprintf(text, 37, "%08x-0000-1000-8000-00805f9b34fb", uuid16);
	else
		snprintf(text, 37,
			 "%02x%02x%02x%02x-%02x%02x-%02x%02x-%02x%02x-%02x%02x%02x%02x%02x%02x",
			 u[0], u[1], u[2], u[3], u[4], u[5], u[6], u[7], u[8], u[9], u[10], u[11],
			 u[12], u[13], u[14], u[15]);
}

static bool begins_service(const struct fake *fake, size_t i)
{
	const struct device_attribute *a = &fake->attributes[i];

	return i == 0 || a[0].service != a[-1].service ||
	       memcmp(a[0].service128, a[-1].service128, sizeof(a->service128)) != 0;
}

static void say_services(struct fake *fake)
{
	char uuid[37];

	for (size_t i = 0; i < fake->attribute_count; i++) {
		const struct device_attribute *a = &fake->attributes[i];
		size_t next = i + 1;

		if (!begins_service(fake, i))
			continue;
		while (next < fake->attribute_count && !begins_service(fake, next))
			next++;
		format_uuid(uuid, a->service, a->service128);
		fake_terminal_say(&fake->terminal,
				  "attr handle: 0x%04x, end grp handle: 0x%04x uuid: %s",
				  a->handle - 2,
				  next < fake->attribute_count ? fake->attributes[next].handle - 3
							       : 0xFFFF,
				  uuid);
	}
}

static void say_characteristics(struct fake *fake)
{
	char uuid[37];

	for (size_t i = 0; i < fake->attribute_count; i++) {
		const struct device_attribute *a = &fake->attributes[i];

		format_uuid(uuid, a->uuid, a->uuid128);
		fake_terminal_say(&fake->terminal,
				  "handle: 0x%04x, char properties: 0x%02x, char value handle: "
				  "0x%04x, uuid: %s",
				  a->handle - 1, a->props, a->handle, uuid);
	}
}

static bool has_cccd(const struct device_attribute *attribute)
{
	return attribute->props & (OTADFU_PROP_NOTIFY | OTADFU_PROP_INDICATE);
}

static bool say_descriptor(struct fake *fake, uint16_t handle, const char *uuid)
{
	if (handle < fake->handle || handle > fake->end)
		return false;
	fake_terminal_say(&fake->terminal, "handle: 0x%04x, uuid: %s", handle, uuid);
	return true;
}

static void say_descriptors(struct fake *fake)
{
	bool any = false;
	char uuid[37];

	for (size_t i = 0; i < fake->attribute_count; i++) {
		const struct device_attribute *a = &fake->attributes[i];

		format_uuid(uuid, a->uuid, a->uuid128);
		any |= say_descriptor(fake, (uint16_t)(a->handle - 1),
				      "00002803-0000-1000-8000-00805f9b34fb");
		any |= say_descriptor(fake, a->handle, uuid);
		if (has_cccd(a))
			any |= say_descriptor(fake, (uint16_t)(a->handle + 1),
					      "00002902-0000-1000-8000-00805f9b34fb");
	}
	if (!any)
		say_refused(fake, 0x0A);
}

/* False: the value goes on, and the next part was asked for. */
static bool keep_part(struct fake *fake, const struct answer *answer)
{
	memcpy(fake->read + fake->read_len, answer->data, answer->len);
	fake->read_len += answer->len;
	if (answer->len + 1 < fake->mtu)
		return true;
	tell_pdu(fake, PDU_READ, fake->handle, (uint16_t)fake->read_len);
	return false;
}

static void say_read(struct fake *fake)
{
	char bytes[3 * LINK_VALUE_MAX + 1];

	format_bytes(bytes, fake->read, fake->read_len);
	fake_terminal_say(&fake->terminal, "Characteristic value/descriptor: %s", bytes);
}

static void keep_attributes(struct fake *fake, const struct answer *answer)
{
	fake->attribute_count = answer->attribute_count;
	memcpy(fake->attributes, answer->attributes, sizeof(fake->attributes));
}

static unsigned told_mtu(struct fake *fake, uint16_t mtu)
{
	fake->mtu = mtu;
	return fake->plays[HUGE_MTU] ? UINT16_MAX : fake->plays[TINY_MTU] ? 2 : mtu;
}

static void on_answer(struct fake *fake, const struct answer *answer)
{
	enum asked asked = fake->asked;

	if (asked == READ && !answer->att_error && !keep_part(fake, answer))
		return;
	if (asked == SERVICES || asked == CHARACTERISTICS || asked == DESCRIPTORS)
		keep_attributes(fake, answer);
	if (answer->att_error)
		say_refused(fake, answer->att_error);
	else if (asked == MTU)
		fake_terminal_say(&fake->terminal, "MTU was exchanged successfully: %u",
				  told_mtu(fake, answer->number));
	else if (asked == SERVICES)
		say_services(fake);
	else if (asked == CHARACTERISTICS)
		say_characteristics(fake);
	else if (asked == DESCRIPTORS)
		say_descriptors(fake);
	else if (asked == READ)
		say_read(fake);
	else if (asked == WRITE)
		fake_terminal_say(&fake->terminal, "Characteristic value was written successfully");
	fake->asked = NOTHING;
}

static bool receive(struct fake *fake, struct air_message *message, int wait_ms)
{
	struct pollfd air = { .fd = fake->air, .events = POLLIN };

	if (poll(&air, 1, wait_ms) <= 0)
		return false;
	if (recv(fake->air, message, sizeof(*message), 0) == sizeof(*message))
		return true;
	drop_link(fake);
	return false;
}

static void on_air(struct fake *fake)
{
	struct air_message message, value;

	if (!receive(fake, &message, 0))
		return;
	if (message.kind == AIR_CONNECTED) {
		fake->connecting = false;
		fake->terminal.connected = true;
		fake_terminal_say(&fake->terminal, "Connection successful");
	} else if (message.kind == AIR_VALUE) {
		say_value(fake, &message.value);
	} else if (message.kind == AIR_ANSWER) {
		if ((fake->plays[EARLY] || fake->plays[INSIDE]) && receive(fake, &value, 50))
			say_value(fake, &value.value);
		on_answer(fake, &message.answer);
	}
}

/* --- what is typed --- */

static void do_exit(struct fake *fake, char **words)
{
	(void)words;
	if (fake->plays[STUBBORN])
		return;
	drop_link(fake);
	exit(0);
}

static void do_connect(struct fake *fake, char **words)
{
	struct air_message message = { .kind = AIR_CONNECT };
	char text[128];

	if (fake->air >= 0 || !words[1] || !address_parse(words[1], &message.addr))
		return;
	message.addr.type = words[2] && strcmp(words[2], "random") == 0;
	snprintf(fake->terminal.address, sizeof(fake->terminal.address), "%.17s", words[1]);
	fake_terminal_say(&fake->terminal, "Attempting to connect to %s", words[1]);
	if (fake->plays[NO_ROUTE] || fake->plays[BUSY]) {
		snprintf(text, sizeof(text), "connect to %.17s: %s", words[1],
			 fake->plays[BUSY] ? "Device or resource busy (16)"
					   : "No route to host (113)");
		say_error(fake, text);
		return;
	}
	fake->air = connect_air();
	fake->mtu = 23;
	tell_air(fake, &message);
}

static void do_mtu(struct fake *fake, char **words)
{
	if (fake->plays[OLD]) {
		say_error(fake, "mtu: command not found");
	} else if (!fake->terminal.connected) {
		say_failed(fake, "Disconnected");
	} else if (!words[1]) {
		fake_terminal_say(&fake->terminal, "Usage: mtu <value>");
	} else if (fake->wanted_mtu) {
		say_failed(fake, "MTU exchange can only occur once per connection.");
	} else {
		ask(fake, MTU);
		fake->wanted_mtu = (uint16_t)strtoul(words[1], NULL, 0);
		if (!fake->plays[NO_MTU]) {
			tell_pdu(fake, PDU_MTU, 0, fake->wanted_mtu);
			return;
		}
		say_refused(fake, 0x06);
		fake->asked = NOTHING;
	}
}

static void do_discover(struct fake *fake, char **words)
{
	enum asked asked = strcmp(words[0], "primary") == 0     ? SERVICES
			   : strcmp(words[0], "char-desc") == 0 ? DESCRIPTORS
								: CHARACTERISTICS;

	fake->handle = words[1] ? (uint16_t)strtoul(words[1], NULL, 16) : 1;
	fake->end = words[1] && words[2] ? (uint16_t)strtoul(words[2], NULL, 16) : 0xFFFF;
	ask(fake, asked);
	tell_pdu(fake, PDU_DISCOVER, 0, 0);
}

static void do_read(struct fake *fake, char **words)
{
	ask(fake, READ);
	fake->handle = (uint16_t)strtoul(words[1], NULL, 16);
	fake->read_len = 0;
	tell_pdu(fake, PDU_READ, fake->handle, 0);
}

static void read_bytes(const char *hex, struct pdu *pdu)
{
	for (; hex[0] && hex[1] && pdu->len < LINK_DATA_MAX; hex += 2) {
		char byte[3] = { hex[0], hex[1], '\0' };

		pdu->data[pdu->len++] = (uint8_t)strtoul(byte, NULL, 16);
	}
}

static void do_write(struct fake *fake, char **words)
{
	struct air_message message = { .kind = AIR_PDU };
	struct pdu *pdu = &message.pdu;
	size_t most = fake->mtu - 3u;

	pdu->handle = (uint16_t)strtoul(words[1], NULL, 16);
	read_bytes(words[2] ? words[2] : "", pdu);
	if (pdu->len == 0) {
		say_error(fake, "Invalid value");
		return;
	}
	pdu->kind = strcmp(words[0], "char-write-cmd") == 0 ? PDU_COMMAND : PDU_WRITE;
	if (pdu->kind == PDU_COMMAND && pdu->len > most)
		pdu->len = most;
	if (pdu->len > most)
		give_up("a long write");
	for (size_t i = 0; i < fake->attribute_count && pdu->kind == PDU_WRITE; i++) {
		if (has_cccd(&fake->attributes[i]) &&
		    fake->attributes[i].handle + 1 == pdu->handle) {
			pdu->kind = PDU_CCCD;
			pdu->number = pdu->data[0];
			pdu->handle--;
		}
	}
	if (pdu->kind != PDU_COMMAND)
		ask(fake, WRITE);
	tell_air(fake, &message);
}

static const struct command {
	const char *name;
	bool needs_link;
	void (*obey)(struct fake *fake, char **words);
} commands[] = {
	{ "exit", false, do_exit },
	{ "connect", false, do_connect },
	{ "mtu", false, do_mtu },
	{ "primary", true, do_discover },
	{ "characteristics", true, do_discover },
	{ "char-desc", true, do_discover },
	{ "char-read-hnd", true, do_read },
	{ "char-write-req", true, do_write },
	{ "char-write-cmd", true, do_write },
};

static void obey(struct fake *fake, char *line)
{
	char *words[4] = { NULL };
	char *rest = line;
	char text[FAKE_LINE_MAX + 32];

	for (size_t i = 0; i < 3; i++)
		words[i] = strsep(&rest, " ");
	if (!words[0] || words[0][0] == '\0')
		return;
	for (size_t i = 0; i < sizeof(commands) / sizeof(commands[0]); i++) {
		if (strcmp(commands[i].name, words[0]) != 0)
			continue;
		if (commands[i].needs_link && !fake->terminal.connected)
			say_failed(fake, "Disconnected");
		else
			commands[i].obey(fake, words);
		return;
	}
	snprintf(text, sizeof(text), "%s: command not found", words[0]);
	say_error(fake, text);
}

/* --- the program --- */

static void play_before_command(const struct fake *fake)
{
	if (!fake->terminal.connected)
		return;
	if (fake->plays[DIES])
		abort();
	while (fake->plays[HANGS])
		pause();
}

static void on_typed(struct fake *fake)
{
	char line[FAKE_LINE_MAX];
	bool end = false;

	while (fake_terminal_read(&fake->terminal, line, &end)) {
		play_before_command(fake);
		obey(fake, line);
		fake_terminal_prompt(&fake->terminal);
	}
	if (end && !fake->plays[STUBBORN])
		exit(0);
}

static void begin(const struct fake *fake)
{
	if (fake->plays[BROKEN]) {
		fprintf(stderr, "gatttool: error while loading shared libraries: libreadline.so.8: "
				"cannot open shared object file\n");
		exit(127);
	}
	while (fake->plays[MUTE])
		pause();
	if (fake->plays[SLOW])
		nanosleep(&(struct timespec){ .tv_sec = 1 }, NULL);
	for (int number = 1; fake->plays[STUBBORN] && number < SIGRTMIN; number++)
		signal(number, SIG_IGN);
}

static void read_tricks(struct fake *fake)
{
	const char *list = getenv("FAKE_GATTTOOL");
	char *rest = strdup(list ? list : "");
	char *all = rest;
	char *word;

	while ((word = strsep(&rest, ",")) && *word) {
		size_t trick = 0;

		while (trick < TRICKS && strcmp(tricks[trick], word) != 0)
			trick++;
		if (trick == TRICKS)
			give_up(word);
		fake->plays[trick] = true;
	}
	free(all);
}

int main(void)
{
	struct fake fake = { .air = -1 };

	read_tricks(&fake);
	begin(&fake);
	fake.terminal.echo = fake.plays[ECHO];
	fake.terminal.bytes = fake.plays[BYTES];
	fake_terminal_open(&fake.terminal);
	for (;;) {
		struct pollfd watched[] = { { .fd = STDIN_FILENO, .events = POLLIN },
					    { .fd = fake.air, .events = POLLIN } };

		if (poll(watched, 2, -1) < 0 && errno != EINTR)
			return 1;
		if (watched[1].revents)
			on_air(&fake);
		if (watched[0].revents)
			on_typed(&fake);
	}
}
