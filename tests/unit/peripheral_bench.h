/* otadfu-peripheral above its radio, on a clock of the test's own: PDUs in and out as hexadecimal
 * text. */
#ifndef OTADFU_TESTS_PERIPHERAL_BENCH_H
#define OTADFU_TESTS_PERIPHERAL_BENCH_H

#include "fake_radio.h"
#include "peripheral.h"

struct peripheral_bench {
	char dir[40];
	char scenario[60];
	struct arguments arguments;
	struct journal journal;
	char *log; /* all lines so far */
	size_t log_len;
	struct peripheral *peripheral;
	char problem[PERIPHERAL_PROBLEM_MAX];
	uint64_t now_us;
	size_t seen; /* of fake_radio.sent */
};

/* cmocka set-ups: a folder of its own, nothing opened yet. */
int peripheral_bench_set_up(void **state);
int peripheral_bench_tear_down(void **state);

/* With that scenario; the state is kept in DIR/state. The result of peripheral_open. */
int peripheral_bench_try(struct peripheral_bench *bench, const char *scenario);
void peripheral_bench_open(struct peripheral_bench *bench, const char *scenario);
void peripheral_bench_close(struct peripheral_bench *bench);

/* Lets time pass, as the program's loop would. */
void peripheral_bench_run(struct peripheral_bench *bench, uint64_t ms);

/* What the central does. */
void peripheral_bench_connect(struct peripheral_bench *bench);
void peripheral_bench_send(struct peripheral_bench *bench, const char *hex);
void peripheral_bench_send_bytes(struct peripheral_bench *bench, const uint8_t *data, size_t len);
void peripheral_bench_room(struct peripheral_bench *bench, unsigned pdus);
void peripheral_bench_hang_up(struct peripheral_bench *bench, uint8_t reason);

/* The next PDU from the device is that, now or within 10 s of the test's clock; after request. */
void peripheral_bench_expect(struct peripheral_bench *bench, const char *hex);
void peripheral_bench_ask(struct peripheral_bench *bench, const char *request, const char *hex);
void peripheral_bench_expect_silence(struct peripheral_bench *bench);

/* The device closes the link with that reason within 10 s, and the controller does it. */
void peripheral_bench_expect_end(struct peripheral_bench *bench, uint8_t reason);

/* It advertises within 10 s, with that last byte of its address. */
void peripheral_bench_expect_advert(struct peripheral_bench *bench, uint8_t low);

bool peripheral_bench_logged(struct peripheral_bench *bench, const char *text);

/* "application.bin" and others of C0:FF:EE:00:00:01: its length. */
size_t peripheral_bench_state(struct peripheral_bench *bench, const char *name, uint8_t *buf,
			      size_t cap);

#endif
