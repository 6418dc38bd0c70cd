#include "central_bench.h"

#include "att_client.h"
#include "connect.h"
#include "settings.h"

#include <otadfu/error.h>
#include <poll.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <time.h>
#include <unistd.h>

#include <cmocka.h>

enum { PATIENCE_MS = 20000 };

const struct otadfu_addr central_peer = { .bytes = { 0xC0, 0xFF, 0xEE, 0, 0, 1 }, .type = 1 };

const struct hci_exchange central_setup_extended[] = {
	{ "01 03 0C 00", "04 0E 04 01 03 0C 00" },
	{ "01 01 10 00", "04 0E 0C 01 01 10 00 09 11 22 09 59 00 33 44" },
	{ "01 09 10 00", "04 0E 0A 01 09 10 00 66 55 44 33 22 C1" },
	{ "01 03 20 00", "04 0E 0C 01 03 20 00 20 11 00 00 00 00 00 00" },
	{ "01 02 20 00", "04 0E 07 01 02 20 00 FB 00 04" },
	{ "01 01 0C 08 10 E0 04 00 00 00 00 20", "04 0E 04 01 01 0C 00" },
	{ "01 01 20 08 47 18 00 00 00 00 00 00", "04 0E 04 01 01 20 00" },
	{ NULL, NULL },
};

const struct hci_exchange central_setup_no_address[] = {
	{ "01 03 0C 00", "04 0E 04 01 03 0C 00" },
	{ "01 01 10 00", "04 0E 0C 01 01 10 00 09 11 22 09 59 00 33 44" },
	{ "01 09 10 00", "04 0E 0A 01 09 10 00 00 00 00 00 00 00" },
	{ "01 03 20 00", "04 0E 0C 01 03 20 00 00 00 00 00 00 00 00 00" },
	{ "01 02 20 00", "04 0E 07 01 02 20 00 1B 00 04" },
	{ "01 01 0C 08 10 E0 04 00 00 00 00 20", "04 0E 04 01 01 0C 00" },
	{ "01 01 20 08 07 00 00 00 00 00 00 00", "04 0E 04 01 01 20 00" },
	{ "01 05 20 06 01 00 00 EE FF C0", "04 0E 04 01 05 20 00" },
	{ NULL, NULL },
};

/* --- the host --- */

static struct central_bench *bench_of(struct otadfu_ctx *ctx)
{
	return (struct central_bench *)ctx;
}

static void host_log(struct otadfu_ctx *ctx, uint32_t level, const char *text)
{
	(void)ctx;
	(void)level;
	assert_non_null(text);
}

static uint64_t host_now_ms(struct otadfu_ctx *ctx)
{
	struct timespec now;

	(void)ctx;
	clock_gettime(CLOCK_MONOTONIC, &now);
	return (uint64_t)now.tv_sec * 1000 + (uint64_t)now.tv_nsec / 1000000;
}

static int host_fail(struct otadfu_ctx *ctx, int code, int32_t detail, const char *text)
{
	struct central_bench *bench = bench_of(ctx);

	if (bench->failure.code == OTADFU_OK) {
		bench->failure.code = code;
		bench->failure.detail = detail;
		snprintf(bench->failure.text, sizeof(bench->failure.text), "%s", text);
	}
	return code;
}

static int host_cancel_fd(struct otadfu_ctx *ctx)
{
	return bench_of(ctx)->cancel_fds[0];
}

static const char *host_option_str(struct otadfu_ctx *ctx, const char *key)
{
	(void)ctx;
	for (size_t i = 0; settings_options[i]; i++) {
		if (strcmp(settings_options[i]->key, key) == 0)
			return settings_options[i]->fallback;
	}
	fail_msg("no such option: %s", key);
	return NULL;
}

static int64_t host_option_int(struct otadfu_ctx *ctx, const char *key)
{
	const struct central_bench *bench = bench_of(ctx);

	if (bench->option && strcmp(bench->option, key) == 0)
		return bench->option_value;
	return strtoll(host_option_str(ctx, key), NULL, 10);
}

static const struct otadfu_host host = {
	.size = sizeof(host),
	.log = host_log,
	.fail = host_fail,
	.now_ms = host_now_ms,
	.cancel_fd = host_cancel_fd,
	.option_str = host_option_str,
	.option_int = host_option_int,
};

uint64_t central_bench_in(struct central_bench *bench, uint32_t ms)
{
	return host_now_ms(&bench->ctx) + ms;
}

void central_bench_clear(struct central_bench *bench)
{
	bench->failure.code = OTADFU_OK;
	bench->failure.text[0] = '\0';
}

void central_bench_cancel(struct central_bench *bench)
{
	assert_int_equal(write(bench->cancel_fds[1], "", 1), 1);
}

void central_bench_resume(struct central_bench *bench)
{
	char byte;

	assert_int_equal(read(bench->cancel_fds[0], &byte, 1), 1);
}

/* --- the controller --- */

static void *play(void *user)
{
	struct central_bench *bench = user;

	if (bench->controller < 0)
		bench->controller = accept4(bench->listener, NULL, NULL, SOCK_CLOEXEC);
	bench->problem = hci_play(bench->controller, bench->script);
	return NULL;
}

void central_bench_play(struct central_bench *bench, const struct hci_exchange *script)
{
	bench->script = script;
	bench->playing = true;
	assert_int_equal(pthread_create(&bench->player, NULL, play, bench), 0);
}

void central_bench_finish(struct central_bench *bench)
{
	pthread_join(bench->player, NULL);
	bench->playing = false;
	if (bench->problem)
		fail_msg("not as expected: %s", bench->problem);
}

void central_bench_say(struct central_bench *bench, const char *text)
{
	hci_say(bench->controller, text);
}

void central_bench_hear(struct central_bench *bench, const char *text)
{
	const struct hci_exchange script[] = { { text, NULL }, { NULL, NULL } };
	const char *problem = hci_play(bench->controller, script);

	if (problem)
		fail_msg("not heard: %s", problem);
}

/* --- all of it --- */

static void listen_at(struct central_bench *bench)
{
	struct sockaddr_un address = { .sun_family = AF_UNIX };
	char path[SCRATCH_PATH_MAX];

	scratch_path(&bench->folder, "controller", path);
	assert_true(strlen(path) < sizeof(address.sun_path));
	memcpy(address.sun_path, path, strlen(path));
	bench->listener = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0);
	assert_int_equal(bind(bench->listener, (struct sockaddr *)&address, sizeof(address)), 0);
	assert_int_equal(listen(bench->listener, 1), 0);
	snprintf(bench->endpoint, sizeof(bench->endpoint), "unix:%s", path);
}

int central_bench_begin(void **state)
{
	struct central_bench *bench = calloc(1, sizeof(*bench));

	if (!bench || scratch_setup(&bench->folder) != 0)
		return -1;
	bench->ctx = (struct otadfu_ctx){ .size = sizeof(bench->ctx), .host = &host };
	bench->controller = -1;
	if (pipe(bench->cancel_fds) != 0)
		return -1;
	listen_at(bench);
	setenv("XDG_STATE_HOME", bench->folder, 1);
	*state = bench;
	return 0;
}

/* The folder in which addresses are kept. */
static void remove_state(struct central_bench *bench)
{
	char path[SCRATCH_PATH_MAX];
	void *folder;

	scratch_path(&bench->folder, "otadfu", path);
	if (access(path, F_OK) != 0)
		return;
	folder = strdup(path);
	scratch_teardown(&folder);
}

int central_bench_end(void **state)
{
	struct central_bench *bench = *state;
	int r;

	if (bench->playing)
		pthread_join(bench->player, NULL);
	if (bench->controller >= 0)
		close(bench->controller);
	if (bench->link)
		att_client_disconnect(&bench->ctx, bench->link);
	if (bench->adapter)
		adapter_close(&bench->ctx, bench->adapter);
	close(bench->listener);
	close(bench->cancel_fds[0]);
	close(bench->cancel_fds[1]);
	remove_state(bench);
	r = scratch_teardown(&bench->folder);
	free(bench);
	return r;
}

void central_bench_open(struct central_bench *bench, const struct hci_exchange *setup)
{
	int r;

	central_bench_play(bench, setup);
	r = adapter_open(&bench->ctx, bench->endpoint, &bench->adapter);
	central_bench_finish(bench);
	if (r != OTADFU_OK)
		fail_msg("open: %s", bench->failure.text);
}

void central_bench_connect(struct central_bench *bench)
{
	static const struct hci_exchange script[] = {
		{ CENTRAL_CREATE, CENTRAL_PENDING CENTRAL_CONNECTED },
		{ CENTRAL_LENGTH, CENTRAL_LENGTH_OK },
		{ NULL, NULL },
	};
	int r;

	central_bench_open(bench, hci_setup_four_buffers);
	central_bench_play(bench, script);
	r = connect_one(&bench->ctx, bench->adapter, &central_peer, &bench->link,
			central_bench_in(bench, PATIENCE_MS));
	central_bench_finish(bench);
	if (r != OTADFU_OK)
		fail_msg("connect: %s", bench->failure.text);
}
