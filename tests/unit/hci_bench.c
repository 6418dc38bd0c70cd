#include "hci_bench.h"

#include <poll.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include <cmocka.h>

enum { PLAY_MS = 20000 };

#define SETUP_BEGINS                                                                               \
	{ "01 03 0C 00", "04 0E 04 01 03 0C 00" },                                                 \
		{ "01 01 10 00", "04 0E 0C 01 01 10 00 09 11 22 09 59 00 33 44" },                 \
		{ "01 09 10 00", "04 0E 0A 01 09 10 00 66 55 44 33 22 C1" },                       \
	{                                                                                          \
		"01 03 20 00", "04 0E 0C 01 03 20 00 23 00 00 00 00 00 00 00"                      \
	}

#define SETUP_ENDS                                                                                 \
	{ "01 01 0C 08 10 E0 04 00 00 00 00 20", "04 0E 04 01 01 0C 00" },                         \
	{                                                                                          \
		"01 01 20 08 77 00 00 00 00 00 00 00", "04 0E 04 01 01 20 00"                      \
	}

const struct hci_exchange hci_setup_one_buffer[] = {
	SETUP_BEGINS,
	{ "01 02 20 00", "04 0E 07 01 02 20 00 1B 00 01" },
	SETUP_ENDS,
	{ NULL, NULL },
};

const struct hci_exchange hci_setup_four_buffers[] = {
	SETUP_BEGINS,
	{ "01 02 20 00", "04 0E 07 01 02 20 00 1B 00 04" },
	SETUP_ENDS,
	{ NULL, NULL },
};

size_t hci_bytes(const char *text, uint8_t buf[HCI_BENCH_BYTES_MAX])
{
	size_t len = 0;
	char *end;

	for (;; text = end) {
		unsigned long byte = strtoul(text, &end, 16);

		if (end == text || len == HCI_BENCH_BYTES_MAX)
			return len;
		buf[len++] = (uint8_t)byte;
	}
}

static size_t read_within(int fd, uint8_t *buf, size_t len, int timeout_ms)
{
	size_t got = 0;

	while (got < len) {
		struct pollfd ready = { .fd = fd, .events = POLLIN };
		ssize_t n = poll(&ready, 1, timeout_ms) == 1 ? read(fd, buf + got, len - got) : 0;

		if (n <= 0)
			return got;
		got += (size_t)n;
	}
	return got;
}

const char *hci_play(int fd, const struct hci_exchange *exchanges)
{
	uint8_t wanted[HCI_BENCH_BYTES_MAX], got[HCI_BENCH_BYTES_MAX];

	for (; exchanges->host || exchanges->controller; exchanges++) {
		size_t len = exchanges->host ? hci_bytes(exchanges->host, wanted) : 0;

		if (read_within(fd, got, len, PLAY_MS) != len || memcmp(got, wanted, len) != 0)
			return exchanges->host;
		len = exchanges->controller ? hci_bytes(exchanges->controller, wanted) : 0;
		if (send(fd, wanted, len, MSG_NOSIGNAL) != (ssize_t)len)
			return exchanges->controller;
	}
	return NULL;
}

void hci_say(int fd, const char *text)
{
	uint8_t buf[HCI_BENCH_BYTES_MAX];
	size_t len = hci_bytes(text, buf);

	assert_int_equal(send(fd, buf, len, MSG_NOSIGNAL), len);
}

static void print(const char *what, const uint8_t *data, size_t len)
{
	fprintf(stderr, "%s:", what);
	for (size_t i = 0; i < len; i++)
		fprintf(stderr, " %02X", data[i]);
	fputc('\n', stderr);
}

void hci_expect(int fd, const char *text)
{
	uint8_t wanted[HCI_BENCH_BYTES_MAX], got[HCI_BENCH_BYTES_MAX];
	size_t len = hci_bytes(text, wanted);
	size_t got_len = read_within(fd, got, sizeof(got), 0);

	if (got_len == len && memcmp(got, wanted, len) == 0)
		return;
	print("expected", wanted, len);
	print("sent", got, got_len);
	fail();
}
