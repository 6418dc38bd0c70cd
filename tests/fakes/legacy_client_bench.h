/*
 * One legacy device with its update, for tests of the client: 100 bytes of application in packets
 * of 20, a receipt after every second one, and an init packet of 14 bytes.
 */
#ifndef OTADFU_TESTS_LEGACY_CLIENT_BENCH_H
#define OTADFU_TESTS_LEGACY_CLIENT_BENCH_H

#include "legacy.h"
#include "script_peer.h"

enum { IMAGE_LEN = 1000, INIT_LEN = 14, LONG_INIT_LEN = 40, SHORT_LEN = 100 };

/* Several attempts share the memo. */
struct bench {
	uint8_t data[IMAGE_LEN];
	uint8_t init[LONG_INIT_LEN];
	struct otadfu_image image;
	struct script_setup setup;
	struct script_peer peer;
	struct legacy_memo memo;
	struct otadfu_next next;
};

/* A new one each time; the same memory. */
struct bench *bench_of(void **state);

/* The same of SDK 6.1 or older: it has no DFU version. */
struct bench *old_bench_of(void **state);

/* One call of update; the memo stays from one to the next. */
int attempt(struct bench *bench, const char *script);

/* The same, and the whole script must have been played. */
int update(struct bench *bench, const char *script);

/* After a reset: anywhere, as anything. */
void assert_restart_expected(const struct bench *bench, uint32_t not_before_ms);

/* Is text part of what the failure says? */
void assert_said(const struct bench *bench, const char *text);

/* Parts of a script. */
#define START_REQUEST "cp 01 04; packet u32:0 u32:0 u32:100; "
#define START         START_REQUEST "note 10 01 01; "
#define INIT_REQUEST  "cp 02 00; init 0 14 20; cp 02 01; "
#define INIT          INIT_REQUEST "note 10 02 01; "
#define RECEIVE       "cp 08 02 00; cp 03; "
#define DATA                                                                                       \
	RECEIVE "image 0 40 20; note 11 u32:40; image 40 80 20; note 11 u32:80; "                  \
		"image 80 100 20; note 10 03 01; "
#define VALID      "cp 04; note 10 04 01; "
#define ACTIVATION "cp 05; lost; "
#define RESET      "cp 06; lost; "
#define WHOLE      START INIT DATA VALID ACTIVATION

#endif
