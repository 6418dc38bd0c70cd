/* The transport plugin: BlueZ's gatttool, one process for each connection. */
#include "adapter.h"
#include "examine.h"
#include "link.h"

#include "failure.h"
#include "le.h"

#include <otadfu/plugin.h>
#include <string.h>

/* --- reading and writing --- */

/*
 * A peer that knows no exchange keeps to the smallest MTU (Vol 3, Part F, 3.4.2.2), and so does
 * gatttool with one that offers less.
 */
static bool has_no_exchange(const struct otadfu_link *link)
{
	return link->reply.refused && (link_att_error(link) == ATT_E_REQUEST_NOT_SUPPORTED ||
				       strcmp(link->reply.text, "Error exchanging MTU") == 0);
}

static int exchange_mtu(struct otadfu_ctx *ctx, struct otadfu_link *link, uint16_t wanted,
			uint16_t *ret_mtu, uint64_t deadline_ms)
{
	uint16_t agreed;
	char line[32];
	int result;

	snprintf(line, sizeof(line), "mtu %u\n", wanted);
	result = link_request(ctx, link, REQUEST_MTU, deadline_ms, line);
	if (result == OTADFU_OK && !has_no_exchange(link))
		result = link_judge(ctx, link);
	if (result != OTADFU_OK)
		return result;
	agreed = link->reply.refused ? ATT_MTU_MIN : link->reply.mtu;
	if (agreed < ATT_MTU_MIN || agreed > wanted || agreed > ATT_MTU_MAX)
		return fail_with(ctx, OTADFU_E_IO, 0,
				 "%s: gatttool says an MTU of %u, asked for %u", link->peer, agreed,
				 wanted);
	*ret_mtu = link->mtu = agreed;
	return OTADFU_OK;
}

static int read_value(struct otadfu_ctx *ctx, struct otadfu_link *link, uint16_t id, uint8_t *buf,
		      size_t cap, size_t *ret_len, uint64_t deadline_ms)
{
	const struct reply *reply = &link->reply;
	char line[32];
	int result;

	snprintf(line, sizeof(line), "char-read-hnd 0x%04x\n", id);
	result = link_request(ctx, link, REQUEST_READ, deadline_ms, line);
	if (result == OTADFU_OK)
		result = link_judge(ctx, link);
	if (result != OTADFU_OK)
		return result;
	if (reply->len > cap || reply->len > sizeof(reply->value))
		return fail_with(ctx, OTADFU_E_OVERFLOW, 0, "%s: a value of %zu bytes was read",
				 link->peer, reply->len);
	memcpy(buf, reply->value, reply->len);
	*ret_len = reply->len;
	return OTADFU_OK;
}

/* "COMMAND 0x0010 0102\n". False: it is too long. */
static bool format_write(char line[CONSOLE_TYPED_MAX], const char *command, uint16_t id,
			 const uint8_t *data, size_t len)
{
	static const char digits[] = "0123456789abcdef";
	struct filler filler = filler_over((uint8_t *)line, CONSOLE_TYPED_MAX);
	char handle[16];

	snprintf(handle, sizeof(handle), " 0x%04x ", id);
	fill_bytes(&filler, command, strlen(command));
	fill_bytes(&filler, handle, strlen(handle));
	for (size_t i = 0; i < len; i++) {
		fill_u8(&filler, (uint8_t)digits[data[i] >> 4]);
		fill_u8(&filler, (uint8_t)digits[data[i] & 15]);
	}
	fill_bytes(&filler, "\n", sizeof("\n")); /* its NUL, too */
	return !filler.failed;
}

/*
 * What is longer than one packet gatttool would cut off without a word, or send by Prepare Write
 * requests.
 */
static int check_len(struct otadfu_ctx *ctx, const struct otadfu_link *link, size_t len)
{
	size_t most = link->mtu - (size_t)ATT_WRITE_OVERHEAD;

	if (len > most)
		return fail_with(ctx, OTADFU_E_INVALID, 0,
				 "%s: %zu bytes in one write, but the link carries %zu", link->peer,
				 len, most);
	if (len == 0)
		return fail_with(ctx, OTADFU_E_UNSUPPORTED, 0,
				 "%s: gatttool cannot write an empty value", link->peer);
	return OTADFU_OK;
}

static int write_request(struct otadfu_ctx *ctx, struct otadfu_link *link, uint16_t id,
			 const uint8_t *data, size_t len, uint64_t deadline_ms)
{
	char line[CONSOLE_TYPED_MAX];
	int result = check_len(ctx, link, len);

	if (result != OTADFU_OK)
		return result;
	if (!format_write(line, "char-write-req", id, data, len))
		return OTADFU_E_INVALID;
	result = link_request(ctx, link, REQUEST_WRITE, deadline_ms, line);
	return result == OTADFU_OK ? link_judge(ctx, link) : result;
}

static int write_cmd(struct otadfu_ctx *ctx, struct otadfu_link *link, uint16_t id,
		     const uint8_t *data, size_t len, uint64_t deadline_ms)
{
	char line[CONSOLE_TYPED_MAX];
	int result = check_len(ctx, link, len);

	if (result != OTADFU_OK)
		return result;
	if (!format_write(line, "char-write-cmd", id, data, len))
		return OTADFU_E_INVALID;
	return link_command(ctx, link, deadline_ms, line);
}

/* --- what comes from the peer --- */

static bool has_value(struct otadfu_link *link, void *awaited)
{
	(void)link;
	return notifyq_has(awaited);
}

static int wait_value(struct otadfu_ctx *ctx, struct otadfu_link *link, uint16_t id, uint8_t *buf,
		      size_t cap, size_t *ret_len, uint64_t deadline_ms)
{
	struct notifyq_awaited expected = {
		.from = link->values, .handle = id, .buf = buf, .cap = cap
	};
	int result;

	if (!notifyq_is_open(link->values, id))
		return fail_with(ctx, OTADFU_E_INVALID, 0,
				 "%s: characteristic %u was not subscribed", link->peer, id);
	result = link_await(ctx, link, has_value, &expected, deadline_ms);
	if (result != OTADFU_OK)
		return link_fail(ctx, link, result, "wait for a notification");
	if (expected.result != NOTIFYQ_TAKEN)
		return fail_with(ctx, OTADFU_E_OVERFLOW, 0, "%s: a notification was %s", link->peer,
				 expected.result == NOTIFYQ_LOST ? "lost" : "longer than expected");
	*ret_len = expected.len;
	return OTADFU_OK;
}

static bool is_gone(struct otadfu_link *link, void *unused)
{
	(void)unused;
	return link->gone;
}

static int wait_gone(struct otadfu_ctx *ctx, struct otadfu_link *link, uint64_t deadline_ms)
{
	int result = link_await(ctx, link, is_gone, NULL, deadline_ms);

	return result == OTADFU_OK ? result : link_fail(ctx, link, result, "end of the link");
}

/* --- the tables --- */

static const struct otadfu_option binary = {
	.size = sizeof(binary),
	.kind = OTADFU_OPT_STRING,
	.key = "binary",
	.help = "the program: its path, or a name looked for in $PATH",
	.fallback = ADAPTER_PROGRAM,
};

static const struct otadfu_option *const options[] = { &binary, NULL };

static const struct otadfu_link_ops link_ops = {
	.size = sizeof(link_ops),
	.discover = link_discover,
	.mtu = exchange_mtu,
	.read = read_value,
	.write = write_request,
	.write_cmd = write_cmd,
	.subscribe = link_subscribe,
	.wait = wait_value,
	.wait_gone = wait_gone,
	.disconnect = link_close,
};

static const struct otadfu_transport_ops gatttool_ops = {
	.size = sizeof(gatttool_ops),
	.caps = OTADFU_TCAP_MTU_EXCHANGE | OTADFU_TCAP_PARALLEL_CONNECT,
	.name = "gatttool",
	.summary = "BlueZ's gatttool on a pseudo-terminal; the adapter is hci0, hci1, ...",
	.options = options,
	.link = &link_ops,
	.open = adapter_open,
	.close = adapter_close,
	.connect = link_open,
	.examine = examine,
};

static const struct otadfu_transport_ops *const transports[] = { &gatttool_ops, NULL };

OTADFU_PLUGIN_DEFINE(gatttool) = {
	.magic = OTADFU_PLUGIN_MAGIC,
	.abi_version = OTADFU_ABI_VERSION,
	.size = sizeof(struct otadfu_plugin),
	.name = "gatttool",
	.version = "0.1.0",
	.vendor = "otadfu",
	.transports = transports,
};
