#include "pair.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdlib.h>

#include <cmocka.h>

void pair_open(void **state, const struct air_options *options, const struct traits *device,
	       const struct traits *host)
{
	struct pair *pair = calloc(1, sizeof(*pair));

	assert_non_null(pair);
	pair->bench = bench_open(options);
	pair->device = bench_host(pair->bench, device);
	pair->host = bench_host(pair->bench, host);
	*state = pair;
}

int pair_set_up(void **state)
{
	const struct traits device = bench_traits("C0:FF:EE:00:00:01");
	const struct traits host = bench_traits("C0:FF:EE:00:00:02");

	pair_open(state, NULL, &device, &host);
	return 0;
}

int pair_tear_down(void **state)
{
	struct pair *pair = *state;

	bench_close(pair->bench);
	free(pair);
	return 0;
}

uint8_t tell_device(const struct pair *pair, uint16_t opcode, const char *hex)
{
	return host_command(pair->bench, pair->device, opcode, hex);
}

uint8_t tell_host(const struct pair *pair, uint16_t opcode, const char *hex)
{
	return host_command(pair->bench, pair->host, opcode, hex);
}

void pair_connect(const struct pair *pair, uint16_t interval, uint16_t timeout)
{
	host_connect(pair->bench, pair->host, pair->device, interval, timeout);
	host_advertise(pair->bench, pair->device);
	bench_run(pair->bench, 5);
	assert_int_equal(host_count(pair->host, LE_CONNECTED), 1);
	assert_int_equal(host_count(pair->device, LE_CONNECTED), 1);
}

unsigned pair_pump(const struct pair *pair, unsigned packets, size_t len)
{
	const uint8_t data[ACL_LEN_MAX] = { 0 };
	unsigned credits = pair->host->controller->traits.acl_count, sent = 0, ms = 0;

	host_forget(pair->host);
	while (host_count(pair->host, COMPLETED_PACKETS) < packets) {
		size_t completed = host_count(pair->host, COMPLETED_PACKETS);

		for (; sent < packets && sent < completed + credits; sent++)
			host_send(pair->bench, pair->host, FIRST_HANDLE, data, len);
		bench_run(pair->bench, 1);
		assert_true(++ms < 60000);
	}
	return ms;
}
