#include "att_bench.h"

#include "failure.h"

#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <time.h>
#include <unistd.h>

/* cmocka wants setjmp, stdarg, stddef and stdint first. */
#include <cmocka.h>

enum { STEP_MAX = 512, PATIENCE_MS = 20000 };

/* --- the host --- */

static struct att_bench *bench_of(struct otadfu_ctx *ctx)
{
	return (struct att_bench *)ctx;
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
	struct att_bench *bench = bench_of(ctx);

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

static const struct otadfu_host host = {
	.size = sizeof(host),
	.fail = host_fail,
	.now_ms = host_now_ms,
	.cancel_fd = host_cancel_fd,
};

/* --- the player --- */

static void complain(struct att_bench *bench, const char *what, const char *step)
{
	if (bench->problem[0] == '\0')
		snprintf(bench->problem, sizeof(bench->problem), "%s, at the step: %s", what, step);
}

static size_t parse_hex(const char *text, uint8_t *bytes, size_t cap)
{
	size_t len = 0;

	for (char *end; len < cap; text = end) {
		unsigned long byte = strtoul(text, &end, 16);

		if (end == text)
			break;
		bytes[len++] = (uint8_t)byte;
	}
	return len;
}

static bool has_packet(const struct att_bench *bench, int timeout_ms)
{
	struct pollfd watched = { .fd = bench->peer_fd, .events = POLLIN };

	return poll(&watched, 1, timeout_ms) > 0;
}

static void expect_pdu(struct att_bench *bench, const char *step)
{
	uint8_t wanted[ATT_MTU_MAX], got[ATT_MTU_MAX];
	size_t len = parse_hex(step + 1, wanted, sizeof(wanted));
	ssize_t got_len;

	if (!has_packet(bench, PATIENCE_MS)) {
		complain(bench, "nothing came from the client", step);
		return;
	}
	got_len = recv(bench->peer_fd, got, sizeof(got), 0);
	if (got_len < 0 || (size_t)got_len != len || memcmp(got, wanted, len) != 0) {
		char what[64];

		snprintf(what, sizeof(what), "%zd other bytes came, beginning with %02x", got_len,
			 got[0]);
		complain(bench, what, step);
	}
}

static void send_pdu(struct att_bench *bench, const char *step)
{
	uint8_t pdu[ATT_MTU_MAX];
	size_t len = parse_hex(step + 1, pdu, sizeof(pdu));

	if (send(bench->peer_fd, pdu, len, MSG_NOSIGNAL) < 0)
		complain(bench, strerror(errno), step);
}

static void play_step(struct att_bench *bench, const char *step)
{
	int times = 0, skip = 0;

	if (sscanf(step, "%d x %n", &times, &skip) == 1 && skip > 0) {
		while (times-- > 0)
			play_step(bench, step + skip);
	} else if (step[0] == '>') {
		expect_pdu(bench, step);
	} else if (step[0] == '<') {
		send_pdu(bench, step);
	} else if (strncmp(step, "silence ", 8) == 0) {
		if (has_packet(bench, atoi(step + 8)))
			complain(bench, "the client was not silent", step);
	} else if (strncmp(step, "pause ", 6) == 0) {
		poll(NULL, 0, atoi(step + 6));
	} else if (strcmp(step, "cancel") == 0) {
		if (write(bench->cancel_fds[1], "", 1) != 1)
			complain(bench, strerror(errno), step);
	} else if (strcmp(step, "close") == 0) {
		close(bench->peer_fd);
		bench->peer_fd = -1;
	} else {
		complain(bench, "no such step", step);
	}
}

static void *play(void *user)
{
	struct att_bench *bench = user;
	const char *script = bench->script;

	while (script[strspn(script, " ;")] != '\0' && bench->problem[0] == '\0') {
		char step[STEP_MAX];
		int len;

		script += strspn(script, " ;");
		len = (int)strcspn(script, ";");
		snprintf(step, sizeof(step), "%.*s", len, script);
		play_step(bench, step);
		script += len;
	}
	return NULL;
}

void att_bench_play(struct att_bench *bench, const char *script)
{
	att_bench_finish(bench);
	bench->script = script;
	assert_int_equal(pthread_create(&bench->player, NULL, play, bench), 0);
	bench->playing = true;
}

static void join(struct att_bench *bench)
{
	if (bench->playing)
		pthread_join(bench->player, NULL);
	bench->playing = false;
}

void att_bench_finish(struct att_bench *bench)
{
	join(bench);
	if (bench->problem[0] != '\0')
		fail_msg("%s", bench->problem);
}

/* --- the bench --- */

int att_bench_begin(void **state)
{
	struct att_bench *bench = calloc(1, sizeof(*bench));
	int fds[2];

	if (!bench || socketpair(AF_UNIX, SOCK_SEQPACKET | SOCK_CLOEXEC, 0, fds) < 0 ||
	    pipe2(bench->cancel_fds, O_CLOEXEC) < 0)
		return -1;
	bench->ctx = (struct otadfu_ctx){ .size = sizeof(bench->ctx), .host = &host };
	bench->client_fd = fds[0];
	bench->peer_fd = fds[1];
	*state = bench;
	return socket_link_new(fds[0], &bench->link) == OTADFU_OK ? 0 : -1;
}

int att_bench_end(void **state)
{
	struct att_bench *bench = *state;

	join(bench);
	if (bench->link)
		att_client_disconnect(&bench->ctx, bench->link);
	if (bench->peer_fd >= 0)
		close(bench->peer_fd);
	close(bench->cancel_fds[0]);
	close(bench->cancel_fds[1]);
	free(bench);
	return 0;
}

void att_bench_clear(struct att_bench *bench)
{
	memset(&bench->failure, 0, sizeof(bench->failure));
}

uint64_t att_bench_now_ms(struct att_bench *bench)
{
	return host_now_ms(&bench->ctx);
}

uint64_t att_bench_in(struct att_bench *bench, uint32_t ms)
{
	return att_bench_now_ms(bench) + ms;
}

void att_bench_resume(struct att_bench *bench)
{
	char byte;

	assert_int_equal(read(bench->cancel_fds[0], &byte, 1), 1);
}

int att_bench_fill(struct att_bench *bench)
{
	static const uint8_t data[] = { 0xFF };
	static const int smallest = 1;
	int sent = 0;
	int r;

	assert_int_equal(setsockopt(bench->client_fd, SOL_SOCKET, SO_SNDBUF, &smallest,
				    sizeof(smallest)),
			 0);
	while ((r = att_client_write_cmd(&bench->ctx, bench->link, 6, data, 1, 0)) == OTADFU_OK)
		sent++;
	assert_int_equal(r, OTADFU_E_TIMEOUT);
	att_bench_clear(bench);
	return sent;
}

void att_bench_discover(struct att_bench *bench)
{
	struct otadfu_chr chrs[8];
	size_t count = 0;

	att_bench_play(bench, "> 10 01 00 FF FF 00 28; < 11 06 01 00 0E 00 59 FE;"
			      "> 10 0F 00 FF FF 00 28; < 01 10 0F 00 0A;"
			      "> 08 01 00 FF FF 03 28; < 09 07 02 00 18 03 00 01 00"
			      " 05 00 0C 06 00 02 00 07 00 20 08 00 03 00;"
			      "> 08 09 00 FF FF 03 28; < 09 07 0A 00 12 0B 00 04 00"
			      " 0D 00 02 0E 00 05 00;"
			      "> 08 0F 00 FF FF 03 28; < 01 08 0F 00 0A");
	assert_int_equal(att_client_discover(&bench->ctx, bench->link, chrs, 8, &count,
					     att_bench_in(bench, PATIENCE_MS)),
			 OTADFU_OK);
	assert_int_equal(count, 5);
	att_bench_finish(bench);
}

void att_bench_subscribe(struct att_bench *bench, uint16_t id)
{
	const char *scripts[] = {
		[3] = "> 04 04 00 04 00; < 05 01 04 00 02 29; > 12 04 00 01 00; < 13",
		[8] = "> 04 09 00 09 00; < 05 01 09 00 02 29; > 12 09 00 02 00; < 13",
		[11] = "> 04 0C 00 0C 00; < 05 01 0C 00 02 29; > 12 0C 00 01 00; < 13",
	};

	att_bench_play(bench, scripts[id]);
	assert_int_equal(att_client_subscribe(&bench->ctx, bench->link, id,
					      att_bench_in(bench, PATIENCE_MS)),
			 OTADFU_OK);
	att_bench_finish(bench);
}
