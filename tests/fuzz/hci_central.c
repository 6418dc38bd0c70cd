/* What a controller sends to a central that scans, connects and has links: it is survived, and
 * never confuses it. */
#include "att_client.h"
#include "fuzz.h"
#include "reader.h"
#include "scan.h"

#include <otadfu/error.h>
#include <sys/socket.h>
#include <unistd.h>

enum { INPUT_MAX = 16384, TURNS_MAX = 200, CHUNK_MAX = 64, SPOKEN_MAX = 8192, NOW_MS = 1000 };

/* The device that is wanted: C0:FF:EE:00:00:01, random. */
static const struct otadfu_addr peer = { .bytes = { 0xC0, 0xFF, 0xEE, 0, 0, 1 }, .type = 1 };

/* --- the host: time stands still, so that nothing waits --- */

static void host_log(struct otadfu_ctx *ctx, uint32_t level, const char *text)
{
	(void)ctx;
	(void)level;
	fuzz_require(text[0] != '\0', "there is something to say");
}

static int host_fail(struct otadfu_ctx *ctx, int code, int32_t detail, const char *text)
{
	(void)ctx;
	(void)detail;
	fuzz_require(code < 0 && text[0] != '\0', "a failure says why");
	return code;
}

static uint64_t host_now_ms(struct otadfu_ctx *ctx)
{
	(void)ctx;
	return NOW_MS;
}

static int host_cancel_fd(struct otadfu_ctx *ctx)
{
	(void)ctx;
	return -1;
}

static const struct otadfu_host host = {
	.size = sizeof(host),
	.log = host_log,
	.fail = host_fail,
	.now_ms = host_now_ms,
	.cancel_fd = host_cancel_fd,
};

/* --- the central --- */

struct central {
	struct otadfu_ctx ctx;
	struct otadfu_adapter *adapter;
	struct hci_link *wanted; /* an attempt at it is under way */
	struct otadfu_link *clients[CONTROLLER_LINKS_MAX];
	size_t client_count;
};

/* Reads away what the host sends, and lets it work until it has nothing more to do. */
static bool run(struct central *central, int far)
{
	uint8_t spoken[SPOKEN_MAX];

	for (int turn = 0; turn < TURNS_MAX; turn++) {
		bool more = reader_turn(central->adapter);

		while (read(far, spoken, sizeof(spoken)) > 0)
			;
		if (central->adapter->failed)
			return false;
		if (!more && controller_next_ms(central->adapter->controller) > NOW_MS)
			break;
	}
	return true;
}

static void begin_attempt(struct central *central)
{
	static const struct settings settings = { .data_length = 251, .wants_2m = true };
	struct otadfu_adapter *adapter = central->adapter;

	if (central->wanted ||
	    link_reserve(&central->ctx, adapter, &peer, &settings, &central->wanted) != OTADFU_OK)
		return;
	adapter->air.attempt = ATTEMPT_WANTED;
	adapter->air.attempt_link = central->wanted;
}

static void take_connection(struct central *central)
{
	if (!central->wanted || central->adapter->air.attempt != ATTEMPT_NONE)
		return;
	if (central->wanted->state == LINK_RESERVED)
		link_close(&central->ctx, central->wanted);
	else if (link_hand_out(&central->ctx, central->wanted,
			       &central->clients[central->client_count]) == OTADFU_OK)
		central->client_count++;
	central->wanted = NULL;
}

static void take_sightings(struct otadfu_adapter *adapter)
{
	struct sighting sighting;

	while (sightings_take(&adapter->air.sightings, &sighting))
		fuzz_require(sighting.address.type <= 1, "an address is public or random");
	adapter->air.scanning = true;
}

/* What a task would do, as far as it need not wait. */
static void use_links(struct central *central)
{
	struct otadfu_chr chrs[4];
	uint16_t mtu = 23;
	size_t count = 0;

	for (size_t i = 0; i < central->client_count; i++) {
		struct otadfu_link *link = central->clients[i];

		att_client_mtu(&central->ctx, link, 247, &mtu, NOW_MS);
		fuzz_require(mtu >= 23 && mtu <= 247, "an MTU is what was agreed");
		att_client_discover(&central->ctx, link, chrs, 4, &count, NOW_MS);
		att_client_write_cmd(&central->ctx, link, 3, (const uint8_t *)"x", 1, NOW_MS);
	}
	if (central->client_count == CONTROLLER_LINKS_MAX)
		att_client_disconnect(&central->ctx, central->clients[--central->client_count]);
}

static void work(struct central *central)
{
	take_connection(central);
	take_sightings(central->adapter);
	use_links(central);
	begin_attempt(central);
}

static void set_up(struct central *central, int far)
{
	static const struct {
		uint8_t bytes[16];
		size_t len;
	} answers[] = {
		{ "\x04\x0E\x04\x01\x03\x0C\x00", 7 },
		{ "\x04\x0E\x0C\x01\x01\x10\x00\x09\x11\x22\x09\x59\x00\x33\x44", 15 },
		{ "\x04\x0E\x0A\x01\x09\x10\x00\x66\x55\x44\x33\x22\xC1", 13 },
		{ "\x04\x0E\x0C\x01\x03\x20\x00\x63\x11\x00\x00\x00\x00\x00\x00", 15 },
		{ "\x04\x0E\x07\x01\x02\x20\x00\x1B\x00\x02", 10 },
		{ "\x04\x0E\x04\x01\x01\x0C\x00", 7 },
		{ "\x04\x0E\x04\x01\x01\x20\x00", 7 },
	};

	for (size_t i = 0; i < sizeof(answers) / sizeof(answers[0]); i++) {
		run(central, far);
		fuzz_require(write(far, answers[i].bytes, answers[i].len) ==
				     (ssize_t)answers[i].len,
			     "the answer is out");
	}
	run(central, far);
	fuzz_require(central->adapter->ready, "the set-up works");
	work(central);
}

static void talk(struct central *central, int far, const uint8_t *data, size_t size)
{
	set_up(central, far);
	for (size_t at = 0; at < size;) {
		ssize_t len = write(far, data + at, size - at < CHUNK_MAX ? size - at : CHUNK_MAX);

		fuzz_require(len > 0, "the host reads");
		at += (size_t)len;
		if (!run(central, far))
			break;
		work(central);
	}
}

static void part(struct central *central)
{
	struct otadfu_adapter *adapter = central->adapter;

	for (size_t i = 0; i < CONTROLLER_LINKS_MAX && adapter->failed; i++)
		fuzz_require(adapter->links[i].state != LINK_UP, "no link outlives the controller");
	while (central->client_count > 0)
		att_client_disconnect(&central->ctx, central->clients[--central->client_count]);
	adapter_free(adapter);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct central central = { .ctx = { .size = sizeof(central.ctx), .host = &host } };
	struct controller_observer observer;
	int fds[2];

	if (size > INPUT_MAX)
		return 0;
	fuzz_require(socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0, fds) == 0,
		     "there is a socket");
	central.adapter = adapter_new(&central.ctx);
	fuzz_require(central.adapter, "there is memory");
	central.adapter->endpoint.fd = fds[0];
	observer = reader_observer(central.adapter);
	central.adapter->controller = controller_new(fds[0], &observer);
	fuzz_require(central.adapter->controller, "there is memory");
	talk(&central, fds[1], data, size);
	part(&central);
	close(fds[1]);
	return 0;
}
