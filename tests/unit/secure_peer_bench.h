/*
 * A simulated secure device on the test bench. Its init packets are encoded by tests/tools, which
 * shares nothing with the device.
 */
#ifndef SECURE_PEER_BENCH_H
#define SECURE_PEER_BENCH_H

#include "bench_log.h"
#include "firmware.h"
#include "init_encode.h"

enum { SECURE_BENCH_IMAGE_MAX = 0x40000, SECURE_BENCH_APPLICATION_LEN = 4000 };

struct secure_bench {
	struct device_config config;
	struct device *device;
	struct bench_log log;
	uint8_t application[SECURE_BENCH_APPLICATION_LEN]; /* the installed one */

	/* What is to be sent; the init packet follows from it. */
	uint8_t image[SECURE_BENCH_IMAGE_MAX];
	struct init_image facts;
	struct init_target target;
	uint16_t sd_req[4];
	bool is_unsigned;
	uint8_t signature[INIT_SIGNATURE_LEN];
	uint8_t signature_type;
	uint8_t hash_type;
	uint8_t last_validation; /* how the last part is checked at each boot */
	bool wrong_hash;
	struct init_bytes init; /* as sent */
};

/* cmocka set-ups: nRF52832, SDK 15.3; it runs its application and holds no key. */
int secure_bench_set_up(void **state);
int secure_bench_tear_down(void **state);

/*
 * Puts a fresh device of that SDK on the bench, with its usual SoftDevice and otherwise as
 * bench->config says. An application of 5,000 bytes is to be sent, which it would take.
 */
void secure_bench_renew(struct secure_bench *bench, const char *sdk);

/* What is to be sent; an invented SoftDevice says that it is fwid. */
void secure_bench_application(struct secure_bench *bench, uint32_t len);
void secure_bench_system(struct secure_bench *bench, uint16_t fwid, uint32_t sd_size,
			 uint32_t bl_size);
void secure_bench_require(struct secure_bench *bench, size_t count, uint16_t first,
			  uint16_t second);

/* In the bootloader, connected, notifications on. */
void secure_bench_enter(struct secure_bench *bench);
void secure_bench_connect(struct secure_bench *bench);

uint8_t secure_bench_control(struct secure_bench *bench, const char *hex);

/* The init packet, up to the answer to its Execute. */
void secure_bench_init(struct secure_bench *bench);

/* The image from one offset on, by whole objects: each answered with success but the last, whose
 * answer is left in the log with all that follows. */
void secure_bench_send(struct secure_bench *bench, uint32_t from);

/* Part of an object, without Create or Execute. */
void secure_bench_packets(struct secure_bench *bench, uint32_t from, uint32_t to);

/* Settles, compares everything that came out, and forgets it. */
void secure_bench_expect(struct secure_bench *bench, const char *expected);

/* Init packet and image; then everything that came out from the final Execute on. */
void secure_bench_update(struct secure_bench *bench, const char *expected);
/* The same, where only its success matters. */
void secure_bench_update_somehow(struct secure_bench *bench);

struct device_state secure_bench_describe(const struct secure_bench *bench);
const uint8_t *secure_bench_flash(const struct secure_bench *bench, uint32_t addr);

#endif
