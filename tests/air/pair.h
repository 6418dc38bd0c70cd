/* Two controllers with their hosts, and what most tests do with them. */
#ifndef AIR_PAIR_H
#define AIR_PAIR_H

#include "bench.h"

enum { FIRST_HANDLE = 0x0040 };

struct pair {
	struct bench *bench;
	struct host *device;
	struct host *host;
};

/* C0:FF:EE:00:00:01 is the device, ...:02 the host. Fixtures of cmocka. */
int pair_set_up(void **state);
int pair_tear_down(void **state);

/* With these traits instead. */
void pair_open(void **state, const struct air_options *options, const struct traits *device,
	       const struct traits *host);

uint8_t tell_device(const struct pair *pair, uint16_t opcode, const char *hex);
uint8_t tell_host(const struct pair *pair, uint16_t opcode, const char *hex);

/* Both have FIRST_HANDLE, a time after the first event. In units of 1.25 ms and 10 ms. */
void pair_connect(const struct pair *pair, uint16_t interval, uint16_t timeout);

/* Sends packets of that length as credits allow, until that many are delivered; how long it takes.
 */
unsigned pair_pump(const struct pair *pair, unsigned packets, size_t len);

#define PAIR_CASE(name) cmocka_unit_test_setup_teardown(name, pair_set_up, pair_tear_down)

#endif
