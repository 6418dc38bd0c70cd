#include "script_peer.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <zlib.h>

/* cmocka wants setjmp, stdarg, stddef and stdint first. */
#include <cmocka.h>

enum { BYTES_MAX = 512, LINE_MAX_LEN = 512, ATT_CCCD_OFF = 0xfd };

struct bytes {
	uint8_t data[BYTES_MAX];
	bool any[BYTES_MAX]; /* whatever stands there will do */
	size_t len;
};

static struct script_peer *peer_of(struct otadfu_ctx *ctx)
{
	return (struct script_peer *)ctx;
}

/* -- the script -- */

static void skip_space(const char **text)
{
	*text += strspn(*text, " \t\n;");
}

static void copy_line(const char *text, char line[LINE_MAX_LEN])
{
	snprintf(line, LINE_MAX_LEN, "%.*s", (int)strcspn(text, "\n;"), text);
}

/* Is the step under way of this kind? *ret_args: what follows the word. */
static bool at_step(struct script_peer *peer, const char *word, char ret_args[LINE_MAX_LEN])
{
	char line[LINE_MAX_LEN];
	size_t len = strlen(word);

	skip_space(&peer->script);
	copy_line(peer->script, line);
	if (strncmp(line, word, len) != 0 || (line[len] != ' ' && line[len] != '\0'))
		return false;
	snprintf(ret_args, LINE_MAX_LEN, "%s", line + len);
	return true;
}

static void next_step(struct script_peer *peer)
{
	peer->script += strcspn(peer->script, "\n;");
	skip_space(&peer->script);
}

static _Noreturn void unexpected(const struct script_peer *peer, const char *what)
{
	char line[LINE_MAX_LEN];

	copy_line(peer->script, line);
	fail_msg("the client %s, but the script says: %s", what,
		 line[0] != '\0' ? line : "nothing more");
	abort();
}

static void put_u32(struct bytes *bytes, uint32_t value)
{
	for (int shift = 0; shift < 32; shift += 8)
		bytes->data[bytes->len++] = (uint8_t)(value >> shift);
}

static void put_token(const struct script_peer *peer, struct bytes *bytes, const char *token)
{
	const struct otadfu_image *image = peer->setup->image;

	if (strncmp(token, "u32:", 4) == 0)
		put_u32(bytes, (uint32_t)strtoul(token + 4, NULL, 10));
	else if (strncmp(token, "crc:image:", 10) == 0)
		put_u32(bytes, (uint32_t)crc32_z(0, image->data, strtoul(token + 10, NULL, 10)));
	else if (strncmp(token, "crc:init:", 9) == 0)
		put_u32(bytes, (uint32_t)crc32_z(0, image->init, strtoul(token + 9, NULL, 10)));
	else if (strcmp(token, "xx") == 0)
		bytes->any[bytes->len++] = true;
	else if (strlen(token) == 2)
		bytes->data[bytes->len++] = (uint8_t)strtoul(token, NULL, 16);
	else
		fail_msg("no such bytes in a script: %s", token);
}

/* The bytes of args up to "->"; *ret_result: what stands behind it, or NULL. */
static struct bytes parse_bytes(const struct script_peer *peer, char *args, const char **ret_result)
{
	struct bytes bytes = { .len = 0 };
	char *rest = args;

	*ret_result = NULL;
	for (char *token; (token = strtok_r(rest, " ", &rest));) {
		if (strcmp(token, "->") == 0) {
			*ret_result = rest;
			break;
		}
		put_token(peer, &bytes, token);
	}
	return bytes;
}

static void queue_note(struct script_peer *peer, char *args)
{
	struct script_note *note = &peer->queue[peer->queued++];
	const char *result;
	struct bytes bytes = parse_bytes(peer, args, &result);

	assert_true(peer->queued <= sizeof(peer->queue) / sizeof(peer->queue[0]));
	assert_true(bytes.len <= sizeof(note->bytes));
	memcpy(note->bytes, bytes.data, bytes.len);
	note->len = bytes.len;
}

/* What the device does of itself before the client's operation ends. */
static void play_device(struct script_peer *peer, bool until_note)
{
	char args[LINE_MAX_LEN];

	while (!until_note || peer->queued == 0) {
		if (at_step(peer, "note", args))
			queue_note(peer, args);
		else if (at_step(peer, "pass", args))
			peer->now_ms += strtoul(args, NULL, 10);
		else if (at_step(peer, "lost", args))
			peer->lost = true;
		else
			return;
		next_step(peer);
	}
}

/* As transport.h has it. */
static bool is_security(int32_t att_error)
{
	return att_error == 0x05 || att_error == 0x08 || att_error == 0x0c || att_error == 0x0f;
}

static int outcome(struct script_peer *peer, const char *result)
{
	if (!result)
		return OTADFU_OK;
	if (strncmp(result, "att ", 4) == 0) {
		peer->verb_detail = (int32_t)strtol(result + 4, NULL, 16);
		return is_security(peer->verb_detail) ? OTADFU_E_SECURITY : OTADFU_E_ATT;
	}
	if (strcmp(result, "timeout") == 0)
		return OTADFU_E_TIMEOUT;
	peer->lost = true;
	return OTADFU_E_DISCONNECTED;
}

/* -- the link -- */

static int begin(struct script_peer *peer)
{
	int operation = peer->operations++;

	peer->verb_detail = 0;
	if (peer->setup->cancel_at != SCRIPT_NEVER && operation >= peer->setup->cancel_at)
		return OTADFU_E_CANCELLED;
	if (operation == peer->setup->cut_at)
		peer->lost = true;
	return peer->lost ? OTADFU_E_DISCONNECTED : OTADFU_OK;
}

static int peer_find(struct otadfu_ctx *ctx, const struct otadfu_uuid *service,
		     const struct otadfu_uuid *uuid, struct otadfu_chr *ret_chr)
{
	const struct script_setup *setup = peer_of(ctx)->setup;

	for (size_t i = 0; i < setup->chr_count; i++) {
		if (memcmp(&setup->chrs[i].service, service, sizeof(*service)) == 0 &&
		    memcmp(&setup->chrs[i].uuid, uuid, sizeof(*uuid)) == 0) {
			*ret_chr = setup->chrs[i];
			return OTADFU_OK;
		}
	}
	return OTADFU_E_NOT_FOUND;
}

static int peer_list(struct otadfu_ctx *ctx, struct otadfu_chr *buf, size_t cap, size_t *ret_count)
{
	const struct script_setup *setup = peer_of(ctx)->setup;

	*ret_count = setup->chr_count;
	if (setup->chr_count > cap)
		return OTADFU_E_OVERFLOW;
	memcpy(buf, setup->chrs, setup->chr_count * sizeof(*buf));
	return OTADFU_OK;
}

static uint32_t peer_caps(struct otadfu_ctx *ctx)
{
	return peer_of(ctx)->setup->caps;
}

static size_t peer_max_write(struct otadfu_ctx *ctx)
{
	return peer_of(ctx)->setup->max_write;
}

static int peer_read(struct otadfu_ctx *ctx, uint16_t id, uint8_t *buf, size_t cap, size_t *ret_len,
		     uint64_t deadline_ms)
{
	struct script_peer *peer = peer_of(ctx);
	char args[LINE_MAX_LEN];
	const char *result;
	struct bytes bytes;
	int r = begin(peer);

	(void)id;
	(void)deadline_ms;
	if (r < 0)
		return r;
	if (!at_step(peer, "read", args))
		unexpected(peer, "reads");
	bytes = parse_bytes(peer, args, &result);
	next_step(peer);
	r = outcome(peer, result);
	if (r < 0)
		return r;
	if (bytes.len > cap)
		return OTADFU_E_OVERFLOW;
	memcpy(buf, bytes.data, bytes.len);
	*ret_len = bytes.len;
	return OTADFU_OK;
}

static bool are_expected(const struct bytes *expected, const uint8_t *data, size_t len)
{
	if (expected->len != len)
		return false;
	for (size_t i = 0; i < len; i++) {
		if (!expected->any[i] && expected->data[i] != data[i])
			return false;
	}
	return true;
}

static void check_bytes(const struct script_peer *peer, const struct bytes *expected,
			const uint8_t *data, size_t len)
{
	char text[3 * 32 + 32] = "writes";

	if (are_expected(expected, data, len))
		return;
	for (size_t i = 0; i < len && i < 32; i++)
		snprintf(text + strlen(text), sizeof(text) - strlen(text), " %02x", data[i]);
	unexpected(peer, text);
}

/* Of one that can notify, or does not say. */
static bool wants_subscription(const struct script_setup *setup, uint16_t id)
{
	const uint16_t notifies = OTADFU_PROP_NOTIFY | OTADFU_PROP_INDICATE;

	for (size_t i = 0; i < setup->chr_count; i++) {
		if (setup->chrs[i].id == id && setup->chrs[i].props != 0 &&
		    !(setup->chrs[i].props & notifies))
			return false;
	}
	return true;
}

static int peer_write(struct otadfu_ctx *ctx, uint16_t id, const uint8_t *data, size_t len,
		      uint64_t deadline_ms)
{
	struct script_peer *peer = peer_of(ctx);
	char args[LINE_MAX_LEN];
	const char *result;
	struct bytes bytes;
	int r;

	play_device(peer, false);
	r = begin(peer);
	if (r < 0)
		return r;
	if (id != SCRIPT_CONTROL || !at_step(peer, "cp", args))
		args[0] = '\0';
	bytes = parse_bytes(peer, args, &result);
	check_bytes(peer, &bytes, data, len);
	next_step(peer);
	r = outcome(peer, result);
	if (r == OTADFU_E_TIMEOUT)
		peer->now_ms = deadline_ms;
	assert_true(peer->subscribed || !wants_subscription(peer->setup, id));
	if (r == OTADFU_E_ATT && peer->verb_detail == ATT_CCCD_OFF)
		peer->subscribed = false;
	return r;
}

/* "image FROM TO SIZE": true once the client has sent its part of it with this packet. */
static void check_stretch(struct script_peer *peer, const char *args, const uint8_t *source,
			  const uint8_t *data, size_t len)
{
	unsigned long from, to, size;
	struct bytes expected = { .len = 0 };

	assert_int_equal(sscanf(args, "%lu %lu %lu", &from, &to, &size), 3);
	from += peer->stretch_sent;
	expected.len = to - from < size ? to - from : size;
	memcpy(expected.data, source + from, expected.len);
	check_bytes(peer, &expected, data, len);
	peer->stretch_sent += len;
	if (from + len < to)
		return;
	peer->stretch_sent = 0;
	next_step(peer);
}

static int peer_write_cmd(struct otadfu_ctx *ctx, uint16_t id, const uint8_t *data, size_t len,
			  uint64_t deadline_ms)
{
	struct script_peer *peer = peer_of(ctx);
	char args[LINE_MAX_LEN];
	const char *result;
	int r;

	(void)deadline_ms;
	play_device(peer, false);
	r = begin(peer);
	if (r < 0)
		return r;
	assert_int_equal(id, SCRIPT_PACKET);
	if (at_step(peer, "image", args)) {
		check_stretch(peer, args, peer->setup->image->data, data, len);
	} else if (at_step(peer, "init", args)) {
		check_stretch(peer, args, peer->setup->image->init, data, len);
	} else if (at_step(peer, "packet", args)) {
		struct bytes bytes = parse_bytes(peer, args, &result);

		check_bytes(peer, &bytes, data, len);
		next_step(peer);
	} else {
		unexpected(peer, "sends a packet");
	}
	return OTADFU_OK;
}

static int peer_subscribe(struct otadfu_ctx *ctx, uint16_t id, uint64_t deadline_ms)
{
	struct script_peer *peer = peer_of(ctx);
	int r = begin(peer);

	(void)deadline_ms;
	if (r < 0)
		return r;
	assert_int_equal(id, SCRIPT_CONTROL);
	peer->subscribed = true;
	return OTADFU_OK;
}

static int peer_wait(struct otadfu_ctx *ctx, uint16_t id, uint8_t *buf, size_t cap, size_t *ret_len,
		     uint64_t deadline_ms)
{
	struct script_peer *peer = peer_of(ctx);
	char args[LINE_MAX_LEN];
	int r;

	assert_int_equal(id, SCRIPT_CONTROL);
	play_device(peer, true);
	r = begin(peer);
	if (r == OTADFU_E_CANCELLED)
		return r;
	if (peer->now_ms > deadline_ms)
		return OTADFU_E_TIMEOUT;
	if (peer->queued > 0 && peer->setup->cut_at == SCRIPT_NEVER)
		r = OTADFU_OK; /* what came before the loss is still there */
	if (r < 0)
		return r;
	if (peer->queued == 0) {
		if (deadline_ms > peer->now_ms) {
			if (!at_step(peer, "silence", args))
				unexpected(peer, "waits for a notification");
			next_step(peer);
			peer->now_ms = deadline_ms;
		}
		return OTADFU_E_TIMEOUT;
	}
	if (peer->queue[0].len > cap)
		return OTADFU_E_OVERFLOW;
	*ret_len = peer->queue[0].len;
	memcpy(buf, peer->queue[0].bytes, *ret_len);
	peer->queued--;
	memmove(peer->queue, peer->queue + 1, peer->queued * sizeof(peer->queue[0]));
	return OTADFU_OK;
}

static int peer_wait_gone(struct otadfu_ctx *ctx, uint64_t deadline_ms)
{
	struct script_peer *peer = peer_of(ctx);
	char args[LINE_MAX_LEN];
	int r;

	play_device(peer, false);
	r = begin(peer);
	if (r == OTADFU_E_CANCELLED)
		return r;
	if (peer->lost)
		return OTADFU_OK;
	if (peer->now_ms >= deadline_ms) /* it only looks */
		return OTADFU_E_TIMEOUT;
	if (!at_step(peer, "stays", args))
		unexpected(peer, "waits for the end of the link");
	next_step(peer);
	peer->now_ms = deadline_ms;
	return OTADFU_E_TIMEOUT;
}

static int peer_secure(struct otadfu_ctx *ctx, uint32_t flags, uint64_t deadline_ms)
{
	(void)ctx;
	(void)flags;
	(void)deadline_ms;
	return OTADFU_E_UNSUPPORTED;
}

static int peer_tune(struct otadfu_ctx *ctx, const struct otadfu_link_params *wanted,
		     struct otadfu_link_params *ret_actual, uint64_t deadline_ms)
{
	(void)ctx;
	(void)wanted;
	(void)ret_actual;
	(void)deadline_ms;
	return OTADFU_E_UNSUPPORTED;
}

static const struct otadfu_gatt peer_gatt = {
	.size = sizeof(peer_gatt),
	.find = peer_find,
	.list = peer_list,
	.caps = peer_caps,
	.max_write = peer_max_write,
	.read = peer_read,
	.write = peer_write,
	.write_cmd = peer_write_cmd,
	.subscribe = peer_subscribe,
	.wait = peer_wait,
	.wait_gone = peer_wait_gone,
	.secure = peer_secure,
	.tune = peer_tune,
};

/* -- the host -- */

static void host_log(struct otadfu_ctx *ctx, uint32_t level, const char *text)
{
	(void)ctx;
	assert_in_range(level, OTADFU_LOG_DEBUG, OTADFU_LOG_TRACE);
	assert_non_null(text);
}

static int host_fail(struct otadfu_ctx *ctx, int code, int32_t detail, const char *text)
{
	struct script_peer *peer = peer_of(ctx);

	if (peer->failure.code == OTADFU_OK) {
		peer->failure.code = code;
		peer->failure.detail = detail;
		snprintf(peer->failure.text, sizeof(peer->failure.text), "%s", text);
	}
	return code;
}

static int32_t host_detail(struct otadfu_ctx *ctx)
{
	return peer_of(ctx)->verb_detail;
}

static void host_event(struct otadfu_ctx *ctx, const struct otadfu_event *event)
{
	static const char letters[] = "?IDVA";
	struct script_peer *peer = peer_of(ctx);
	size_t len;

	assert_int_equal(event->size, sizeof(*event));
	switch (event->kind) {
	case OTADFU_EV_PHASE:
		len = strlen(peer->phases);
		assert_true(len + 1 < sizeof(peer->phases));
		peer->phases[len] = letters[event->code];
		break;
	case OTADFU_EV_BYTES:
		assert_true(event->done <= event->total);
		peer->done = event->done;
		peer->total = event->total;
		break;
	default:
		len = strlen(peer->notes);
		snprintf(peer->notes + len, sizeof(peer->notes) - len, "%s\n", event->text);
		break;
	}
}

static uint64_t host_now_ms(struct otadfu_ctx *ctx)
{
	return peer_of(ctx)->now_ms;
}

static int host_sleep_ms(struct otadfu_ctx *ctx, uint32_t ms)
{
	struct script_peer *peer = peer_of(ctx);
	char args[LINE_MAX_LEN];

	play_device(peer, false);
	if (!at_step(peer, "sleep", args) || strtoul(args, NULL, 10) != ms) {
		snprintf(args, sizeof(args), "sleeps %u ms", ms);
		unexpected(peer, args);
	}
	next_step(peer);
	peer->now_ms += ms;
	return OTADFU_OK;
}

static int host_use_virtual_clock(struct otadfu_ctx *ctx)
{
	(void)ctx;
	return OTADFU_E_UNSUPPORTED;
}

static int host_cancel_fd(struct otadfu_ctx *ctx)
{
	(void)ctx;
	return -1;
}

/* The value set for key in "a=1 b=2", else the declared default. */
static void find_value(const struct script_setup *setup, const struct otadfu_option *option,
		       char value[SCRIPT_VALUE_MAX])
{
	const char *set = setup->options ? setup->options : "";
	size_t len = strlen(option->key);

	while (*set != '\0') {
		if (strncmp(set, option->key, len) == 0 && set[len] == '=') {
			set += len + 1;
			snprintf(value, SCRIPT_VALUE_MAX, "%.*s", (int)strcspn(set, " "), set);
			return;
		}
		set += strcspn(set, " ");
		set += strspn(set, " ");
	}
	snprintf(value, SCRIPT_VALUE_MAX, "%s", option->fallback ? option->fallback : "");
}

static const char *host_option_str(struct otadfu_ctx *ctx, const char *key)
{
	struct script_peer *peer = peer_of(ctx);
	const struct otadfu_option *const *options = peer->setup->ops->options;

	for (size_t i = 0; options[i] && i < SCRIPT_OPTIONS_MAX; i++) {
		if (strcmp(options[i]->key, key) != 0)
			continue;
		find_value(peer->setup, options[i], peer->values[i]);
		return peer->values[i];
	}
	fail_msg("the plugin asks for %s, which it has not declared", key);
	return NULL;
}

static int64_t host_option_int(struct otadfu_ctx *ctx, const char *key)
{
	const char *text = host_option_str(ctx, key);

	return strcmp(text, "true") == 0 ? 1 : strtoll(text, NULL, 10);
}

static const struct otadfu_host peer_host = {
	.size = sizeof(peer_host),
	.log = host_log,
	.fail = host_fail,
	.detail = host_detail,
	.event = host_event,
	.now_ms = host_now_ms,
	.sleep_ms = host_sleep_ms,
	.use_virtual_clock = host_use_virtual_clock,
	.cancel_fd = host_cancel_fd,
	.option_str = host_option_str,
	.option_int = host_option_int,
};

void script_begin(struct script_peer *peer, const struct script_setup *setup, const char *script,
		  void *memo)
{
	*peer = (struct script_peer){
		.ctx = { .size = sizeof(peer->ctx),
			 .host = &peer_host,
			 .gatt = &peer_gatt,
			 .memo = memo },
		.setup = setup,
		.script = script,
		.now_ms = 1000000,
	};
	skip_space(&peer->script);
}

void script_end(const struct script_peer *peer)
{
	if (*peer->script != '\0')
		unexpected(peer, "is done");
	assert_int_equal(peer->queued, 0);
}
