/* A host, a bus and a bluetoothd for the tests of what speaks to bluetoothd. */
#ifndef OTADFU_TESTS_SCAN_BENCH_H
#define OTADFU_TESTS_SCAN_BENCH_H

#include "mock_discovery.h"
#include "private_bus.h"

#include <otadfu/transport.h>
#include <stdatomic.h>

enum { BENCH_SEEN_MAX = 2048, BENCH_DATA_MAX = 256 };

struct bench_seen {
	struct otadfu_advert advert; /* its data is the one below */
	uint8_t data[BENCH_DATA_MAX];
};

struct bench {
	struct otadfu_ctx ctx; /* first: the bench is found by it */
	struct private_bus bus;
	struct mock_bluez *mock;
	struct mock_discovery discovery;
	char *folder;
	int cancel_fd;
	atomic_uint_fast64_t skipped_ms; /* the host's clock is ahead of the real one */
	uint64_t stands_ms;              /* the host's clock stands still at it; 0 it goes */
	int code;                        /* of what was recorded first */
	int32_t detail;
	char text[512];
	char log[512];     /* the last line */
	size_t seen_count; /* may be above BENCH_SEEN_MAX */
	struct bench_seen *seen;
	size_t end_at; /* the scan is ended at this sighting, with end_result; 0 never */
	int end_result;
	uint32_t skip_ms; /* the clock jumps at each sighting */
	bool cancels;     /* the task is cancelled at the first sighting */
};

/* As setup and teardown of a cmocka test: *state is a bench with a bus, a bluetoothd that owns
 * hci0, switched on, and is not yet started. */
int bench_setup(void **state);
int bench_teardown(void **state);

/* Replaces the bus by one with these rules (private_bus.h), and the bluetoothd too. */
void bench_renew_bus(struct bench *bench, const char *rules);

uint64_t bench_now_ms(struct bench *bench);

/* Starts the bluetoothd, scans for limit_ms and stops it. */
int bench_scan(struct bench *bench, const char *adapter, uint32_t limit_ms);

#endif
