/*
 * One secure device with its update, for tests: 200 bytes of application in objects of 80 and
 * packets of 20, a receipt after every second one, and an init packet of 21 bytes.
 *
 * Steps beside those of a script_peer, N in bytes, HH in hexadecimal:
 *	select-init N	what of the init packet the device holds, rightly
 *	select N	what of the image; "select-bad N": with another checksum
 *	select-page N	the same of a device with objects of 4,096 bytes
 *	receipts HH	the client asks for a receipt after so many packets
 *	create-init	the client creates the command object
 *	create N	the client creates a data object
 *	receipt N	the device confirms, rightly; "receipt-bad N": with another checksum
 *	check N		the client asks what the device holds: "check-bad N", "check-init N"
 *	execute		the client executes, with success
 */
#ifndef OTADFU_TESTS_SECURE_BENCH_H
#define OTADFU_TESTS_SECURE_BENCH_H

#include "script_peer.h"
#include "secure.h"

enum { IMAGE_LEN = 200, IMAGE_MAX = 6000 };

struct bench {
	uint8_t data[IMAGE_MAX];
	struct otadfu_image image;
	struct script_setup setup;
	struct script_peer peer;
	struct secure_memo memo;
	struct otadfu_next next;
	char script[8192];
};

/* A new one each time; the same memory. */
struct bench *bench_of(void **state);

/* One call of update; the memo stays from one to the next. */
int attempt(struct bench *bench, const char *script);

/* The same, and the whole script must have been played. */
int update(struct bench *bench, const char *script);

/* Is text part of what the failure says? */
void assert_said(const struct bench *bench, const char *text);
void assert_application_expected(const struct bench *bench);

/* Parts of a script. The last byte of the 21 goes alone. */
#define INIT_PACKET "init 0 20 20; init 20 21 20; check-init 21; "
#define INIT        "select-init 0; receipts 00; create-init; " INIT_PACKET "execute; "
#define HELD_INIT   "select-init 21; receipts 00; execute; "
#define BYTES_1     "image 0 40 20; receipt 40; image 40 80 20; receipt 80; check 80; "
#define BYTES_2     "image 80 120 20; receipt 120; image 120 160 20; receipt 160; check 160; "
#define OBJECT_1    "create 80; " BYTES_1
#define OBJECT_2    "create 80; " BYTES_2
#define OBJECT_3    "create 40; image 160 200 20; receipt 200; check 200; "
#define END         "execute; lost"
#define FIRMWARE    "receipts 02; select 0; " OBJECT_1 "execute; " OBJECT_2 "execute; " OBJECT_3
#define WHOLE       INIT FIRMWARE END

#endif
