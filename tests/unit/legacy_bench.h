/* A simulated legacy device on the test bench: bytes in, as hexadecimal text, and what came out. */
#ifndef LEGACY_BENCH_H
#define LEGACY_BENCH_H

#include "bench_log.h"
#include "firmware.h"

enum { BENCH_IMAGE_LEN = 1000, BENCH_APPLICATION_LEN = 4000 };

/* Init packet of the image: any type, revision, version 7, one SoftDevice: any; CRC. */
#define BENCH_INIT "FFFF FFFF 07000000 0100 FEFF B7F9"

struct bench {
	struct device_config config;
	struct device *device;
	uint8_t application[BENCH_APPLICATION_LEN];
	uint8_t image[BENCH_IMAGE_LEN];
	struct bench_log log;
};

/* cmocka set-ups: SDK 11, nRF51822, dual bank; it runs its application. */
int bench_set_up(void **state);
int bench_tear_down(void **state);

/* Puts a fresh device on the bench, made by bench->config as the caller changed it. */
void bench_renew(struct bench *bench);

/* In the bootloader, connected, notifications on. */
void bench_enter(struct bench *bench);
void bench_connect(struct bench *bench);

/* control returns the ATT error code; both let the device do what it can. */
uint8_t bench_control(struct bench *bench, const char *hex);
void bench_packet(struct bench *bench, const char *hex);

/* Part of the image, in packets of 20 bytes; nothing settles between them. */
void bench_send(struct bench *bench, size_t from, size_t to);

/* Start, init packet and op 03 for the image as application; each answered with success. */
void bench_begin(struct bench *bench);
void bench_transfer(struct bench *bench); /* and all data, up to 10 04 01 */

/* Settles, compares everything that came out with "10 01 01; reset; ", and forgets it. */
void bench_expect(struct bench *bench, const char *expected);

#endif
