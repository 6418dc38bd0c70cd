#include "gatttool_bench.h"

#include "files.h"

#include <errno.h>
#include <otadfu/plugin.h>
#include <setjmp.h>
#include <signal.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/timerfd.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#include <cmocka.h>

extern const struct otadfu_plugin otadfu_plugin_v1;

static const char scenario_text[] = "clock: real\n"
				    "link: { interval_ms: 7.5 }\n"
				    "devices:\n- {address: C0:FF:EE:00:00:01, mode: conformance}\n";

/* --- the host --- */

static struct gatttool_bench *bench_of(struct otadfu_ctx *ctx)
{
	return (struct gatttool_bench *)ctx;
}

static void log_line(struct otadfu_ctx *ctx, uint32_t level, const char *text)
{
	(void)ctx, (void)level, (void)text;
}

static int record(struct otadfu_ctx *ctx, int code, int32_t detail, const char *text)
{
	struct gatttool_bench *bench = bench_of(ctx);

	bench->code = code;
	bench->detail = detail;
	snprintf(bench->text, sizeof(bench->text), "%s", text);
	return code;
}

uint64_t bench_now_ms(void)
{
	struct timespec now;

	clock_gettime(CLOCK_MONOTONIC, &now);
	return (uint64_t)now.tv_sec * 1000 + (uint64_t)now.tv_nsec / 1000000;
}

uint64_t bench_deadline(uint64_t ms)
{
	return bench_now_ms() + ms;
}

static uint64_t now_ms(struct otadfu_ctx *ctx)
{
	return bench_now_ms() + bench_of(ctx)->skew_ms;
}

static int cancel_fd(struct otadfu_ctx *ctx)
{
	return bench_of(ctx)->cancel_fd;
}

static const char *option_str(struct otadfu_ctx *ctx, const char *key)
{
	assert_string_equal(key, "binary");
	return bench_of(ctx)->binary;
}

static const struct otadfu_host host_table = {
	.size = sizeof(host_table),
	.abi_version = OTADFU_ABI_VERSION,
	.log = log_line,
	.fail = record,
	.now_ms = now_ms,
	.cancel_fd = cancel_fd,
	.option_str = option_str,
};

void bench_cancel(struct gatttool_bench *bench, uint32_t after_ms)
{
	const struct itimerspec when = {
		.it_value = { .tv_sec = after_ms / 1000, .tv_nsec = after_ms % 1000 * 1000000L + 1 }
	};

	assert_int_equal(timerfd_settime(bench->cancel_fd, 0, &when, NULL), 0);
}

/* --- children --- */

/* Up to cap of them, as the kernel lists them. */
static size_t list_children(pid_t *pids, size_t cap)
{
	char path[64];
	size_t count = 0;
	FILE *file;

	snprintf(path, sizeof(path), "/proc/self/task/%d/children", (int)gettid());
	file = fopen(path, "re");
	assert_non_null(file);
	while (count < cap && fscanf(file, "%d", &pids[count]) == 1)
		count++;
	fclose(file);
	return count;
}

size_t bench_child_count(const struct gatttool_bench *bench)
{
	pid_t pids[16];
	size_t listed = list_children(pids, 16);
	size_t count = 0;

	for (size_t i = 0; i < listed; i++)
		count += pids[i] != bench->air_pid;
	return count;
}

pid_t bench_only_child(const struct gatttool_bench *bench)
{
	pid_t pids[16];
	size_t listed = list_children(pids, 16);
	pid_t child = 0;

	assert_int_equal(bench_child_count(bench), 1);
	for (size_t i = 0; i < listed; i++) {
		if (pids[i] != bench->air_pid)
			child = pids[i];
	}
	return child;
}

/* --- set-up --- */

static void start_air(struct gatttool_bench *bench)
{
	const struct run_settings settings = { .timeout_ms = 300000 };
	char *socket = file_path(bench->folder, "air");
	const char *const argv[] = { FAKE_AIR, bench->scenario, socket, NULL };

	bench->air = run_start(&settings, argv);
	run_wait_for(bench->air, "ready");
	assert_int_equal(list_children(&bench->air_pid, 1), 1);
	assert_int_equal(setenv("FAKE_AIR", socket, 1), 0);
	free(socket);
}

int bench_set_up(void **state)
{
	struct gatttool_bench *bench = calloc(1, sizeof(*bench));

	assert_non_null(bench);
	*state = bench;
	bench->ctx = (struct otadfu_ctx){ .size = sizeof(bench->ctx), .host = &host_table };
	bench->ops = otadfu_plugin_v1.transports[0];
	bench->link_ops = bench->ops->link;
	bench->binary = FAKE_GATTTOOL;
	bench->peer = (struct otadfu_addr){ { 0xC0, 0xFF, 0xEE, 0, 0, 1 }, 1, 0 };
	bench->cancel_fd = timerfd_create(CLOCK_MONOTONIC, TFD_CLOEXEC);
	bench->folder = folder_new();
	bench->scenario = file_write(bench->folder, "scenario.yaml", scenario_text);
	start_air(bench);
	bench_play(NULL);
	return 0;
}

int bench_tear_down(void **state)
{
	struct gatttool_bench *bench = *state;
	struct run_result air;

	if (bench->link)
		bench_disconnect(bench);
	if (bench->adapter)
		bench->ops->close(&bench->ctx, bench->adapter);
	run_send_signal(bench->air, SIGTERM);
	air = run_finish(bench->air);
	assert_string_equal(air.err, "");
	assert_int_equal(air.status, 0);
	run_result_clear(&air);
	assert_int_equal(waitpid(-1, NULL, WNOHANG), -1);
	assert_int_equal(errno, ECHILD);
	close(bench->cancel_fd);
	folder_remove(bench->folder);
	free(bench->scenario);
	free(bench);
	return 0;
}

void bench_play(const char *tricks)
{
	assert_int_equal(setenv("FAKE_GATTTOOL", tricks ? tricks : "", 1), 0);
}

/* --- links --- */

void bench_open(struct gatttool_bench *bench)
{
	assert_int_equal(bench->ops->open(&bench->ctx, NULL, &bench->adapter), OTADFU_OK);
}

int bench_try_connect(struct gatttool_bench *bench, uint64_t timeout_ms)
{
	if (!bench->adapter)
		bench_open(bench);
	return bench->ops->connect(&bench->ctx, bench->adapter, &bench->peer, &bench->link,
				   bench_deadline(timeout_ms));
}

void bench_connect(struct gatttool_bench *bench)
{
	int result = bench_try_connect(bench, BENCH_LONG_MS);

	if (result != OTADFU_OK)
		fail_msg("connect: %d: %s", result, bench->text);
}

static void find_ids(struct gatttool_bench *bench)
{
	static const uint8_t tail[12] = { 0x5B, 0x1D, 0x4E, 0x62, 0x9A, 0x3C,
					  0x0D, 0x5E, 0x8F, 0x21, 0xA7, 0x64 };

	for (size_t i = 0; i < bench->chr_count; i++) {
		const uint8_t *uuid = bench->chrs[i].uuid.bytes;

		if (memcmp(uuid + 4, tail, sizeof(tail)) == 0 && uuid[3] < BENCH_COUNT)
			bench->ids[uuid[3]] = bench->chrs[i].id;
	}
}

void bench_link(struct gatttool_bench *bench)
{
	bench_connect(bench);
	assert_int_equal(bench->link_ops->mtu(&bench->ctx, bench->link, 247, &bench->mtu,
					      bench_deadline(BENCH_LONG_MS)),
			 OTADFU_OK);
	assert_int_equal(bench->link_ops->discover(&bench->ctx, bench->link, bench->chrs,
						   BENCH_CHRS_MAX, &bench->chr_count,
						   bench_deadline(BENCH_LONG_MS)),
			 OTADFU_OK);
	find_ids(bench);
}

void bench_disconnect(struct gatttool_bench *bench)
{
	bench->link_ops->disconnect(&bench->ctx, bench->link);
	bench->link = NULL;
}

void assert_failure(const struct gatttool_bench *bench, int result, int code, const char *text)
{
	assert_int_equal(result, code);
	assert_int_equal(bench->code, code);
	assert_contains(bench->text, text);
}

int bench_write(struct gatttool_bench *bench, int number, const void *data, size_t len,
		uint64_t timeout_ms)
{
	return bench->link_ops->write(&bench->ctx, bench->link, bench->ids[number], data, len,
				      bench_deadline(timeout_ms));
}

int bench_wait(struct gatttool_bench *bench, int number, uint8_t *buf, size_t cap, size_t *ret_len,
	       uint64_t timeout_ms)
{
	return bench->link_ops->wait(&bench->ctx, bench->link, bench->ids[number], buf, cap,
				     ret_len, bench_deadline(timeout_ms));
}

void bench_subscribe(struct gatttool_bench *bench, int number)
{
	int result = bench->link_ops->subscribe(&bench->ctx, bench->link, bench->ids[number],
						bench_deadline(BENCH_LONG_MS));

	if (result != OTADFU_OK)
		fail_msg("subscribe: %d: %s", result, bench->text);
}

static void command(struct gatttool_bench *bench, const uint8_t *bytes, size_t len)
{
	int result = bench_write(bench, BENCH_CONTROL, bytes, len, BENCH_LONG_MS);

	if (result != OTADFU_OK)
		fail_msg("control: %d: %s", result, bench->text);
}

void bench_reset(struct gatttool_bench *bench)
{
	command(bench, (const uint8_t[]){ 0x01 }, 1);
}

void bench_burst(struct gatttool_bench *bench, uint16_t count, uint16_t len)
{
	command(bench,
		(const uint8_t[]){ 0x02, (uint8_t)count, (uint8_t)(count >> 8), (uint8_t)len,
				   (uint8_t)(len >> 8) },
		5);
}

void bench_hold(struct gatttool_bench *bench, uint8_t when, uint16_t ms)
{
	command(bench, (const uint8_t[]){ 0x04, when, (uint8_t)ms, (uint8_t)(ms >> 8) }, 4);
}

void bench_drop(struct gatttool_bench *bench, uint16_t ms, uint8_t reason)
{
	command(bench, (const uint8_t[]){ 0x05, 0, (uint8_t)ms, (uint8_t)(ms >> 8), reason }, 5);
}
