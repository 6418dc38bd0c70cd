#include "bluez_bench.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <otadfu/plugin.h>

#include <cmocka.h>

enum { INTERVAL_US = 7500, PROPERTY_UUID_BYTE = 3 };

extern const struct otadfu_plugin otadfu_plugin_v1_bluez;

const struct otadfu_addr bluez_peer = { { 0xC0, 0xFF, 0xEE, 0x00, 0x00, 0x0C }, 1, 0 };

const struct otadfu_transport_ops *bluez_ops(void)
{
	return otadfu_plugin_v1_bluez.transports[0];
}

struct otadfu_ctx *bluez_ctx(struct bluez_bench *b)
{
	return &b->bench->ctx;
}

int bluez_setup(void **state)
{
	struct bluez_bench *b = calloc(1, sizeof(*b));
	void *bench;

	*state = b;
	if (!b || bench_setup(&bench) != 0)
		return -1;
	b->bench = bench;
	if (scenario_conformance(&bluez_peer, &b->scenario) != OTADFU_OK)
		return -1;
	b->scenario->interval_us = INTERVAL_US;
	b->radio = mock_radio_new(b->bench->mock, &b->bench->discovery, b->scenario);
	return 0;
}

void bluez_stop(struct bluez_bench *b)
{
	bluez_disconnect(b);
	if (b->runs)
		mock_bluez_stop(b->bench->mock);
	b->runs = false;
}

int bluez_teardown(void **state)
{
	struct bluez_bench *b = *state;
	void *bench = b->bench;

	bluez_stop(b);
	if (b->adapter)
		bluez_ops()->close(bluez_ctx(b), b->adapter);
	mock_radio_free(b->radio);
	scenario_free(b->scenario);
	free(b);
	return bench_teardown(&bench);
}

uint64_t bluez_in_ms(struct bluez_bench *b, uint32_t ms)
{
	b->bench->code = 0;
	b->bench->text[0] = '\0';
	return bench_now_ms(b->bench) + ms;
}

void bluez_run(struct bluez_bench *b)
{
	mock_bluez_start(b->bench->mock);
	b->runs = true;
}

void bluez_start(struct bluez_bench *b)
{
	bluez_run(b);
	assert_int_equal(bluez_ops()->open(bluez_ctx(b), NULL, &b->adapter), OTADFU_OK);
}

void bluez_renew(struct bluez_bench *b)
{
	struct bench *bench = b->bench;

	bluez_stop(b);
	mock_radio_free(b->radio);
	mock_bluez_free(bench->mock);
	bench->discovery = (struct mock_discovery){ 0 };
	bench->mock = mock_bluez_new(bench->bus.address);
	mock_discovery_add(bench->mock, &bench->discovery);
	mock_bluez_add_adapter(bench->mock, "hci0", true);
	b->radio = mock_radio_new(bench->mock, &bench->discovery, b->scenario);
}

int bluez_connect(struct bluez_bench *b, uint32_t limit_ms)
{
	return bluez_ops()->connect(bluez_ctx(b), b->adapter, &bluez_peer, &b->link,
				    bluez_in_ms(b, limit_ms));
}

void bluez_disconnect(struct bluez_bench *b)
{
	if (b->link)
		bluez_ops()->link->disconnect(bluez_ctx(b), b->link);
	b->link = NULL;
}

void bluez_begin(struct bluez_bench *b)
{
	const struct otadfu_link_ops *ops = bluez_ops()->link;
	uint16_t mtu;

	assert_int_equal(bluez_connect(b, LONG_MS), OTADFU_OK);
	assert_int_equal(ops->mtu(bluez_ctx(b), b->link, 247, &mtu, bluez_in_ms(b, LONG_MS)),
			 OTADFU_OK);
	assert_int_equal(ops->discover(bluez_ctx(b), b->link, b->chrs, CHRS_MAX, &b->chr_count,
				       bluez_in_ms(b, LONG_MS)),
			 OTADFU_OK);
}

uint16_t bluez_id(const struct bluez_bench *b, uint8_t which)
{
	for (size_t i = 0; i < b->chr_count; i++) {
		const uint8_t *uuid = b->chrs[i].uuid.bytes;

		if (uuid[0] == 0x7C && uuid[PROPERTY_UUID_BYTE] == which)
			return b->chrs[i].id;
	}
	fail_msg("no characteristic %02X", which);
	return 0;
}

int bluez_read(struct bluez_bench *b, uint8_t which, uint8_t buf[512], size_t *ret_len,
	       uint32_t limit_ms)
{
	return bluez_ops()->link->read(bluez_ctx(b), b->link, bluez_id(b, which), buf, 512, ret_len,
				       bluez_in_ms(b, limit_ms));
}

int bluez_write(struct bluez_bench *b, uint8_t which, const uint8_t *data, size_t len)
{
	return bluez_ops()->link->write(bluez_ctx(b), b->link, bluez_id(b, which), data, len,
					bluez_in_ms(b, LONG_MS));
}

int bluez_subscribe(struct bluez_bench *b, uint8_t which)
{
	return bluez_ops()->link->subscribe(bluez_ctx(b), b->link, bluez_id(b, which),
					    bluez_in_ms(b, LONG_MS));
}

int bluez_wait(struct bluez_bench *b, uint8_t which, uint8_t buf[512], size_t *ret_len,
	       uint32_t limit_ms)
{
	return bluez_ops()->link->wait(bluez_ctx(b), b->link, bluez_id(b, which), buf, 512, ret_len,
				       bluez_in_ms(b, limit_ms));
}
