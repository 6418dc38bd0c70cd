#include "peripheral_bench.h"

#include <otadfu/error.h>
#include <otadfu/host.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include <cmocka.h>

enum { PATIENCE_MS = 10000, SPINS_MAX = 1000000 };

int peripheral_bench_set_up(void **state)
{
	struct peripheral_bench *bench = calloc(1, sizeof(*bench));

	*state = bench;
	strcpy(bench->dir, "/tmp/otadfu-peripheral-XXXXXX");
	if (!mkdtemp(bench->dir))
		return -1;
	snprintf(bench->scenario, sizeof(bench->scenario), "%s/s.yaml", bench->dir);
	bench->journal.stream = open_memstream(&bench->log, &bench->log_len);
	bench->journal.level = OTADFU_LOG_INFO;
	bench->arguments = (struct arguments){ .hci = "hci9", .scenario = bench->scenario };
	bench->now_us = 1000000;
	memset(&fake_radio, 0, sizeof(fake_radio));
	fake_radio.room = UINT32_MAX;
	return 0;
}

static void remove_state(const char *dir)
{
	static const char *const names[] = { "state/C0-FF-EE-00-00-01/flash.bin",
					     "state/C0-FF-EE-00-00-01/application.bin",
					     "state/C0-FF-EE-00-00-01/softdevice.bin",
					     "state/C0-FF-EE-00-00-01/bootloader.bin",
					     "state/C0-FF-EE-00-00-01/device.json",
					     "state/C0-FF-EE-00-00-01",
					     "state",
					     "s.yaml",
					     "" };
	char path[120];

	for (size_t i = 0; i < sizeof(names) / sizeof(names[0]); i++) {
		snprintf(path, sizeof(path), "%s/%s", dir, names[i]);
		remove(path);
	}
}

int peripheral_bench_tear_down(void **state)
{
	struct peripheral_bench *bench = *state;

	peripheral_bench_close(bench);
	remove_state(bench->dir);
	fclose(bench->journal.stream);
	free(bench->log);
	free(bench);
	return 0;
}

int peripheral_bench_try(struct peripheral_bench *bench, const char *scenario)
{
	FILE *file = fopen(bench->scenario, "we");

	assert_non_null(file);
	fprintf(file, "state: state\ndevices:\n%s", scenario);
	assert_int_equal(fclose(file), 0);
	return peripheral_open(&bench->arguments, &bench->journal, bench->now_us,
			       &bench->peripheral, bench->problem);
}

void peripheral_bench_open(struct peripheral_bench *bench, const char *scenario)
{
	if (peripheral_bench_try(bench, scenario) != OTADFU_OK)
		fail_msg("%s", bench->problem);
}

void peripheral_bench_close(struct peripheral_bench *bench)
{
	peripheral_close(bench->peripheral, bench->now_us);
	bench->peripheral = NULL;
}

static void process(struct peripheral_bench *bench)
{
	if (peripheral_process(bench->peripheral, bench->now_us, bench->problem) < 0)
		fail_msg("%s", bench->problem);
}

void peripheral_bench_run(struct peripheral_bench *bench, uint64_t ms)
{
	uint64_t until_us = bench->now_us + ms * 1000;

	for (unsigned spins = 0; bench->now_us < until_us; spins++) {
		uint64_t next_us = peripheral_next_us(bench->peripheral);

		assert_true(spins < SPINS_MAX);
		if (next_us > bench->now_us)
			bench->now_us = next_us < until_us ? next_us : until_us;
		process(bench);
	}
}

static void tell(struct peripheral_bench *bench, enum fake_event event)
{
	fake_radio.event = event;
	process(bench);
}

void peripheral_bench_connect(struct peripheral_bench *bench)
{
	static const struct otadfu_addr peer = { { 0xA0, 0xB1, 0xC2, 0xD3, 0xE4, 0xF5 }, 0, 0 };

	assert_true(fake_radio.advertises);
	fake_radio.peer = peer;
	fake_radio.asked = 0;
	tell(bench, FAKE_CONNECTED);
}

void peripheral_bench_send_bytes(struct peripheral_bench *bench, const uint8_t *data, size_t len)
{
	assert_true(fake_radio.connected && len <= sizeof(fake_radio.pdu.data));
	memcpy(fake_radio.pdu.data, data, len);
	fake_radio.pdu.len = len;
	tell(bench, FAKE_PDU);
}

static size_t from_hex(const char *hex, uint8_t bytes[ATT_MTU_MAX])
{
	size_t len = 0;
	unsigned byte;
	int used;

	while (len < ATT_MTU_MAX && sscanf(hex, " %2x%n", &byte, &used) == 1) {
		bytes[len++] = (uint8_t)byte;
		hex += used;
	}
	return len;
}

void peripheral_bench_send(struct peripheral_bench *bench, const char *hex)
{
	uint8_t bytes[ATT_MTU_MAX];

	peripheral_bench_send_bytes(bench, bytes, from_hex(hex, bytes));
}

void peripheral_bench_room(struct peripheral_bench *bench, unsigned pdus)
{
	fake_radio.room = pdus;
	tell(bench, FAKE_ROOM);
}

void peripheral_bench_hang_up(struct peripheral_bench *bench, uint8_t reason)
{
	fake_radio.reason = reason;
	tell(bench, FAKE_DISCONNECTED);
}

void peripheral_bench_expect(struct peripheral_bench *bench, const char *hex)
{
	uint8_t wanted[ATT_MTU_MAX];
	size_t len = from_hex(hex, wanted);
	const struct fake_pdu *sent = &fake_radio.sent[bench->seen];

	for (unsigned ms = 0; bench->seen == fake_radio.sent_count && ms < PATIENCE_MS; ms++)
		peripheral_bench_run(bench, 1);
	if (bench->seen == fake_radio.sent_count)
		fail_msg("nothing came; expected %s", hex);
	bench->seen++;
	for (size_t i = 0; i < sent->len && sent->len != len; i++)
		print_message("%02X ", sent->data[i]);
	assert_int_equal(sent->len, len);
	assert_memory_equal(sent->data, wanted, len);
}

void peripheral_bench_ask(struct peripheral_bench *bench, const char *request, const char *hex)
{
	peripheral_bench_send(bench, request);
	peripheral_bench_expect(bench, hex);
}

void peripheral_bench_expect_silence(struct peripheral_bench *bench)
{
	assert_int_equal(fake_radio.sent_count, bench->seen);
}

void peripheral_bench_expect_end(struct peripheral_bench *bench, uint8_t reason)
{
	for (unsigned ms = 0; fake_radio.asked == 0 && ms < PATIENCE_MS; ms++)
		peripheral_bench_run(bench, 1);
	assert_int_equal(fake_radio.asked, reason);
	peripheral_bench_expect_silence(bench);
	peripheral_bench_hang_up(bench, reason);
}

void peripheral_bench_expect_advert(struct peripheral_bench *bench, uint8_t low)
{
	for (unsigned ms = 0; !fake_radio.advertises && ms < PATIENCE_MS; ms++)
		peripheral_bench_run(bench, 1);
	assert_true(fake_radio.advertises);
	assert_int_equal(fake_radio.advert.own.bytes[5], low);
}

bool peripheral_bench_logged(struct peripheral_bench *bench, const char *text)
{
	fflush(bench->journal.stream);
	return strstr(bench->log, text) != NULL;
}

size_t peripheral_bench_state(struct peripheral_bench *bench, const char *name, uint8_t *buf,
			      size_t cap)
{
	char path[120];
	FILE *file;
	size_t len;

	snprintf(path, sizeof(path), "%s/state/C0-FF-EE-00-00-01/%s", bench->dir, name);
	file = fopen(path, "re");
	assert_non_null(file);
	len = fread(buf, 1, cap, file);
	fclose(file);
	return len;
}
