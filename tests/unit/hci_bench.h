/*
 * The other end of an HCI controller's descriptor: says and expects bytes that a test writes down
 * from the Core Specification, as "04 0E 04 01 03 0C 00" with the H4 type in front.
 */
#ifndef OTADFU_TESTS_HCI_BENCH_H
#define OTADFU_TESTS_HCI_BENCH_H

#include <stddef.h>
#include <stdint.h>

enum { HCI_BENCH_BYTES_MAX = 4096 };

/* One exchange: what the host sends, and what the controller says then; NULL: nothing. */
struct hci_exchange {
	const char *host;
	const char *controller;
};

/* What a host asks first of a controller with one buffer of 27 bytes, and with four; both end with
 * { NULL, NULL }. */
extern const struct hci_exchange hci_setup_one_buffer[];
extern const struct hci_exchange hci_setup_four_buffers[];

size_t hci_bytes(const char *text, uint8_t buf[HCI_BENCH_BYTES_MAX]);

/* Blocking, from a thread of its own; NULL or, in words, what was not as expected. */
const char *hci_play(int fd, const struct hci_exchange *exchanges);

void hci_say(int fd, const char *text);

/* Fails the test unless exactly these bytes have been sent, none for "". */
void hci_expect(int fd, const char *text);

#endif
