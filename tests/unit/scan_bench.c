#include "scan_bench.h"

#include "dbusscan.h"
#include "scratch.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/eventfd.h>
#include <time.h>
#include <unistd.h>

/* cmocka wants the four above first. */
#include <cmocka.h>

static int host_fail(struct otadfu_ctx *ctx, int code, int32_t detail, const char *text)
{
	struct bench *bench = (struct bench *)ctx;

	if (bench->code == 0) {
		bench->code = code;
		bench->detail = detail;
		snprintf(bench->text, sizeof(bench->text), "%s", text);
	}
	return code;
}

static void host_log(struct otadfu_ctx *ctx, uint32_t level, const char *text)
{
	struct bench *bench = (struct bench *)ctx;

	(void)level;
	snprintf(bench->log, sizeof(bench->log), "%s", text);
}

static uint64_t host_now_ms(struct otadfu_ctx *ctx)
{
	return bench_now_ms((struct bench *)ctx);
}

static int host_cancel_fd(struct otadfu_ctx *ctx)
{
	return ((struct bench *)ctx)->cancel_fd;
}

static const struct otadfu_host host = {
	.size = sizeof(host),
	.log = host_log,
	.fail = host_fail,
	.now_ms = host_now_ms,
	.cancel_fd = host_cancel_fd,
};

uint64_t bench_now_ms(struct bench *bench)
{
	struct timespec now;

	if (bench->stands_ms > 0)
		return bench->stands_ms + bench->skipped_ms;
	clock_gettime(CLOCK_MONOTONIC, &now);
	return (uint64_t)now.tv_sec * 1000 + (uint64_t)now.tv_nsec / 1000000 + bench->skipped_ms;
}

static int start_bus(struct bench *bench, const char *rules)
{
	if (private_bus_start(&bench->bus, bench->folder, rules) < 0)
		return -1;
	bench->discovery = (struct mock_discovery){ 0 };
	bench->mock = mock_bluez_new(bench->bus.address);
	mock_discovery_add(bench->mock, &bench->discovery);
	mock_bluez_add_adapter(bench->mock, "hci0", true);
	return setenv("DBUS_SYSTEM_BUS_ADDRESS", bench->bus.address, 1);
}

int bench_setup(void **state)
{
	struct bench *bench = calloc(1, sizeof(*bench));
	void *folder;

	*state = bench;
	if (!bench || scratch_setup(&folder) != 0)
		return -1;
	bench->folder = folder;
	bench->ctx = (struct otadfu_ctx){ .size = sizeof(bench->ctx), .host = &host };
	bench->cancel_fd = eventfd(0, EFD_CLOEXEC);
	bench->seen = calloc(BENCH_SEEN_MAX, sizeof(*bench->seen));
	return bench->seen ? start_bus(bench, "") : -1;
}

int bench_teardown(void **state)
{
	struct bench *bench = *state;
	void *folder = bench->folder;

	mock_bluez_free(bench->mock);
	private_bus_stop(&bench->bus);
	close(bench->cancel_fd);
	free(bench->seen);
	free(bench);
	return scratch_teardown(&folder);
}

void bench_renew_bus(struct bench *bench, const char *rules)
{
	char path[SCRATCH_PATH_MAX];
	void *folder = bench->folder;

	mock_bluez_free(bench->mock);
	private_bus_stop(&bench->bus);
	scratch_path(&folder, "bus", path);
	unlink(path);
	assert_int_equal(start_bus(bench, rules), 0);
}

static int note(void *user, const struct otadfu_advert *advert)
{
	struct bench *bench = user;
	struct bench_seen *seen = &bench->seen[bench->seen_count % BENCH_SEEN_MAX];

	*seen = (struct bench_seen){ .advert = *advert };
	if (advert->data_len > 0 && advert->data_len <= sizeof(seen->data))
		memcpy(seen->data, advert->data, advert->data_len);
	seen->advert.data = seen->data;
	bench->seen_count++;
	bench->skipped_ms += bench->skip_ms;
	if (bench->cancels)
		assert_int_equal(eventfd_write(bench->cancel_fd, 1), 0);
	return bench->seen_count == bench->end_at ? bench->end_result : 0;
}

int bench_scan(struct bench *bench, const char *adapter, uint32_t limit_ms)
{
	int r;

	mock_bluez_start(bench->mock);
	r = dbusscan_run(&bench->ctx, adapter, note, bench, bench_now_ms(bench) + limit_ms);
	mock_bluez_stop(bench->mock);
	return r;
}
