/* No memory is asked for once a link of the transport hci is up. */
#include "allocations.h"
#include "att_client.h"
#include "central_bench.h"

#include <otadfu/error.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>

#include <cmocka.h>

#define PACKET "02 40 00 08 00 04 00 04 00 52 03 00 77 "

enum { ROUNDS = 100, PACKETS = 4, LONG_MS = 20000 };

static void exchange_packets(struct central_bench *b)
{
	static const uint8_t value[] = { 0x77 };

	for (int i = 0; i < PACKETS; i++)
		assert_int_equal(att_client_write_cmd(&b->ctx, b->link, 3, value, sizeof(value),
						      central_bench_in(b, LONG_MS)),
				 OTADFU_OK);
	central_bench_hear(b, PACKET PACKET PACKET PACKET);
	central_bench_say(b, "04 13 05 01 40 00 04 00");
	/* A notification that nobody has subscribed to. */
	central_bench_say(b, "02 40 20 08 00 04 00 04 00 1B 05 00 01");
}

static void packets_cost_no_memory(void **state)
{
	struct central_bench *b = *state;
	void *volatile memory;
	uint64_t before;

	central_bench_connect(b);
	exchange_packets(b);
	before = allocations_count();
	for (int i = 0; i < ROUNDS; i++)
		exchange_packets(b);
	assert_int_equal(allocations_count(), before);
	memory = malloc(1);
	free(memory);
	assert_true(allocations_count() > before); /* or it would prove nothing */
}

int main(void)
{
	const struct CMUnitTest tests[] = { cmocka_unit_test_setup_teardown(packets_cost_no_memory,
									    central_bench_begin,
									    central_bench_end) };

	return cmocka_run_group_tests_name("hci_allocations", tests, NULL, NULL);
}
