/* What a controller sends to a host that has set it up: it is survived, and never confuses it. */
#include "hci.h"

#include "controller.h"
#include "fuzz.h"

#include <otadfu/error.h>
#include <sys/socket.h>
#include <unistd.h>

enum { INPUT_MAX = 16384, TURNS_MAX = 200, SPOKEN_MAX = 4096 };

struct host {
	struct controller *controller;
	bool connected[0x1000]; /* by handle */
};

static void on_ready(void *user)
{
	struct host *host = user;

	fuzz_require(controller_is_ready(host->controller), "ready means ready");
}

static void on_connected(void *user, const struct controller_connection *connection)
{
	struct host *host = user;

	fuzz_require(connection->handle < 0x1000, "a handle has twelve bits");
	fuzz_require(!host->connected[connection->handle], "a connection is made once");
	host->connected[connection->handle] = true;
}

static void on_connect_failed(void *user, uint8_t status)
{
	(void)user;
	fuzz_require(status != 0, "a failure has a reason");
}

static void on_disconnected(void *user, uint16_t handle, uint8_t reason)
{
	struct host *host = user;

	(void)reason;
	fuzz_require(host->connected[handle], "what ends was there");
	host->connected[handle] = false;
}

static void on_pdu(void *user, uint16_t handle, const uint8_t *data, size_t len)
{
	struct host *host = user;

	fuzz_require(host->connected[handle], "data comes on a connection");
	controller_send(host->controller, handle, data, len);
}

static void on_room(void *user, uint16_t handle)
{
	struct host *host = user;

	fuzz_require(host->connected[handle], "room is told of a connection");
	fuzz_require(controller_send(host->controller, handle, (const uint8_t *)"\x1E", 1),
		     "where room was told there is room");
}

static void on_log(void *user, int level, const char *text)
{
	(void)user;
	(void)level;
	fuzz_require(text[0] != '\0', "there is something to say");
}

/* Reads away what the host sends, and lets it work until it has nothing more to do. */
static int run(struct host *host, int far)
{
	uint8_t spoken[SPOKEN_MAX];
	struct problem problem = { "" };
	int r = OTADFU_OK;

	for (int turn = 0; r == OTADFU_OK && turn < TURNS_MAX; turn++) {
		r = controller_process(host->controller, 1000, &problem);
		while (read(far, spoken, sizeof(spoken)) > 0)
			;
		if (controller_next_ms(host->controller) > 1000)
			break;
	}
	fuzz_require((r < 0) == (problem.text[0] != '\0'), "a failure says why");
	return r;
}

static void set_up(struct host *host, int far)
{
	static const struct {
		uint8_t bytes[16];
		size_t len;
	} answers[] = {
		{ "\x04\x0E\x04\x01\x03\x0C\x00", 7 },
		{ "\x04\x0E\x0C\x01\x01\x10\x00\x09\x11\x22\x09\x59\x00\x33\x44", 15 },
		{ "\x04\x0E\x0A\x01\x09\x10\x00\x66\x55\x44\x33\x22\xC1", 13 },
		{ "\x04\x0E\x0C\x01\x03\x20\x00\x63\x01\x00\x00\x00\x00\x00\x00", 15 },
		{ "\x04\x0E\x07\x01\x02\x20\x00\x1B\x00\x02", 10 },
		{ "\x04\x0E\x04\x01\x01\x0C\x00", 7 },
		{ "\x04\x0E\x04\x01\x01\x20\x00", 7 },
	};

	for (size_t i = 0; i < sizeof(answers) / sizeof(answers[0]); i++) {
		run(host, far);
		fuzz_require(write(far, answers[i].bytes, answers[i].len) ==
				     (ssize_t)answers[i].len,
			     "the answer is out");
	}
	run(host, far);
	fuzz_require(controller_is_ready(host->controller), "the set-up works");
}

static void talk(struct host *host, int far, const uint8_t *data, size_t size)
{
	set_up(host, far);
	for (size_t at = 0; at < size;) {
		ssize_t len = write(far, data + at, size - at);

		fuzz_require(len > 0, "the host reads");
		at += (size_t)len;
		if (run(host, far) < 0)
			return;
	}
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	static struct host host;
	const struct controller_observer observer = { .ready = on_ready,
						      .connected = on_connected,
						      .connect_failed = on_connect_failed,
						      .disconnected = on_disconnected,
						      .pdu = on_pdu,
						      .room = on_room,
						      .log = on_log,
						      .user = &host };
	int fds[2];

	if (size > INPUT_MAX)
		return 0;
	fuzz_require(socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0, fds) == 0,
		     "there is a socket");
	host = (struct host){ .controller = controller_new(fds[0], &observer) };
	fuzz_require(host.controller, "there is memory");
	talk(&host, fds[1], data, size);
	controller_free(host.controller);
	close(fds[0]);
	close(fds[1]);
	return 0;
}
