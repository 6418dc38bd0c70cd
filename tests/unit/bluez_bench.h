/* The transport bluez, and a bluetoothd that reaches a device with the conformance suite's service.
 */
#ifndef OTADFU_TESTS_BLUEZ_BENCH_H
#define OTADFU_TESTS_BLUEZ_BENCH_H

#include "mock_gatt.h"
#include "scan_bench.h"

#define PEER_PATH "/org/bluez/hci0/dev_C0_FF_EE_00_00_0C"

enum { LONG_MS = 8000, SHORT_MS = 150, CHRS_MAX = 32 };

/* Of the test service (transports/sim/CONFORMANCE.md): the 16 bits of its UUIDs. */
enum { CONTROL = 2, ECHO = 3, SEQUENCE = 4, LOG = 5, BURST = 6, LONG = 8, REFUSED = 9 };

struct bluez_bench {
	struct bench *bench;
	struct scenario *scenario;
	struct mock_radio *radio;
	bool runs; /* the bluetoothd does */
	struct otadfu_adapter *adapter;
	struct otadfu_link *link;
	struct otadfu_chr chrs[CHRS_MAX];
	size_t chr_count;
};

extern const struct otadfu_addr bluez_peer;

/* As setup and teardown of a cmocka test: *state is a bench whose bluetoothd is not yet started.
 * The device has never been heard. */
int bluez_setup(void **state);
int bluez_teardown(void **state);

const struct otadfu_transport_ops *bluez_ops(void);
struct otadfu_ctx *bluez_ctx(struct bluez_bench *b);
/* The deadline of a call. Forgets what was recorded. */
uint64_t bluez_in_ms(struct bluez_bench *b, uint32_t ms);

/* The bluetoothd begins; and the adapter is opened. */
void bluez_run(struct bluez_bench *b);
void bluez_start(struct bluez_bench *b);
/* The link is closed, and the bluetoothd ends: its calls may be counted now. */
void bluez_stop(struct bluez_bench *b);
/* Another bluetoothd, which knows nothing yet and is to be run. The adapter stays. */
void bluez_renew(struct bluez_bench *b);

int bluez_connect(struct bluez_bench *b, uint32_t limit_ms);
void bluez_disconnect(struct bluez_bench *b);
/* Connected, with the services known. */
void bluez_begin(struct bluez_bench *b);
uint16_t bluez_id(const struct bluez_bench *b, uint8_t which);

int bluez_read(struct bluez_bench *b, uint8_t which, uint8_t buf[512], size_t *ret_len,
	       uint32_t limit_ms);
int bluez_write(struct bluez_bench *b, uint8_t which, const uint8_t *data, size_t len);
int bluez_subscribe(struct bluez_bench *b, uint8_t which);
int bluez_wait(struct bluez_bench *b, uint8_t which, uint8_t buf[512], size_t *ret_len,
	       uint32_t limit_ms);

#define assert_refused(result, b, wanted, part)                                                    \
	do {                                                                                       \
		int result_ = (result);                                                            \
		if (result_ != (wanted) || !strstr((b)->bench->text, part))                        \
			fail_msg("%d, \"%s\"", result_, (b)->bench->text);                         \
	} while (0)

#define ON_BLUEZ(test) cmocka_unit_test_setup_teardown(test, bluez_setup, bluez_teardown)

#endif
