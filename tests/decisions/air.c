#include "air.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/eventfd.h>

enum { REASON_USER = 0x13, ATT_HEADER = 3, CCCD_NOTIFY = 1, CCCD_INDICATE = 2 };

struct otadfu_link {
	uint32_t serial;
};

/* The transport calls have no place for what is the test's own: one meeting at a time. */
static struct meeting *now;

void air_belongs_to(struct meeting *meeting)
{
	now = meeting;
}

static struct device *device_of_now(void)
{
	return now->tape.stage.device;
}

static void note_doing(const char *what)
{
	const json_t *last = json_array_get(now->log, json_array_size(now->log) - 1);

	if (strcmp(what, "packets") != 0 || strcmp(json_text_or(last, "did", ""), what) != 0)
		json_array_append_new(now->log, json_pack("{s:s}", "did", what));
}

static void note_hearing(const char *what, bool recorded)
{
	json_array_append_new(now->log,
			      json_pack("{s:s, s:b}", "heard", what, "recorded", recorded));
}

static bool is_recorded(void)
{
	return now->tape.left[0] == '\0';
}

/* --- the transport --- */

static int bench_open(struct otadfu_ctx *ctx, const char *name, struct otadfu_adapter **ret_adapter)
{
	(void)name;
	*ret_adapter = (struct otadfu_adapter *)now;
	return ctx->host->use_virtual_clock(ctx);
}

static void bench_close(struct otadfu_ctx *ctx, struct otadfu_adapter *adapter)
{
	(void)ctx;
	(void)adapter;
}

static int let_pass(struct otadfu_ctx *ctx, uint64_t deadline_ms)
{
	uint64_t now_ms = ctx->host->now_ms(ctx);

	if (deadline_ms <= now_ms)
		return OTADFU_OK;
	return ctx->host->sleep_ms(ctx, (uint32_t)(deadline_ms - now_ms));
}

static int bench_scan(struct otadfu_ctx *ctx, struct otadfu_adapter *adapter,
		      otadfu_advert_fn *on_advert, void *user, uint64_t deadline_ms)
{
	enum { EVERY_MS = 100 };
	int r = OTADFU_OK;

	(void)adapter;
	while (r == OTADFU_OK && ctx->host->now_ms(ctx) < deadline_ms) {
		struct otadfu_advert advert = { .size = sizeof(advert), .rssi_dbm = -40 };
		struct device_advert sent;

		tape_stall(&now->tape);
		if (device_advertises(device_of_now(), &sent)) {
			advert.addr = sent.addr;
			advert.flags = sent.connectable ? OTADFU_ADV_CONNECTABLE : 0;
			advert.data = sent.data;
			advert.data_len = (uint16_t)sent.data_len;
			r = on_advert(user, &advert);
		}
		if (r == OTADFU_OK)
			r = ctx->host->sleep_ms(ctx, EVERY_MS);
	}
	return r;
}

static int bench_connect(struct otadfu_ctx *ctx, struct otadfu_adapter *adapter,
			 const struct otadfu_addr *peer, struct otadfu_link **ret_link,
			 uint64_t deadline_ms)
{
	struct device_advert sent;
	int r;

	(void)adapter;
	tape_stall(&now->tape);
	if (device_advertises(device_of_now(), &sent) &&
	    memcmp(sent.addr.bytes, peer->bytes, sizeof(peer->bytes)) == 0 &&
	    tape_connect(&now->tape)) {
		struct otadfu_link *link = malloc(sizeof(*link));

		if (!link)
			return OTADFU_E_NOMEM;
		link->serial = device_counters(device_of_now())->connections;
		note_doing("connect");
		now->told_loss = false;
		*ret_link = link;
		return OTADFU_OK;
	}
	r = let_pass(ctx, deadline_ms);
	return r == OTADFU_OK ? OTADFU_E_TIMEOUT : r;
}

/* --- the link --- */

static bool is_lost(const struct otadfu_link *link)
{
	return !device_is_connected(device_of_now()) ||
	       device_counters(device_of_now())->connections != link->serial;
}

static void tell_loss(void)
{
	if (!now->told_loss)
		note_hearing("lost", is_recorded());
	now->told_loss = true;
}

static int fail_lost(void)
{
	tell_loss();
	return OTADFU_E_DISCONNECTED;
}

static struct otadfu_uuid full_uuid(uint16_t uuid16, const uint8_t uuid128[16])
{
	struct otadfu_uuid uuid = { { 0, 0, (uint8_t)(uuid16 >> 8), (uint8_t)uuid16, 0, 0, 0x10, 0,
				      0x80, 0, 0, 0x80, 0x5F, 0x9B, 0x34, 0xFB } };

	if (uuid16 == 0)
		memcpy(uuid.bytes, uuid128, sizeof(uuid.bytes));
	return uuid;
}

static int bench_discover(struct otadfu_ctx *ctx, struct otadfu_link *link, struct otadfu_chr *buf,
			  size_t cap, size_t *ret_count, uint64_t deadline_ms)
{
	const struct device_attribute *attributes = device_attributes(device_of_now(), ret_count);

	(void)ctx;
	(void)deadline_ms;
	if (is_lost(link))
		return fail_lost();
	if (*ret_count > cap)
		return OTADFU_E_OVERFLOW;
	for (size_t i = 0; i < *ret_count; i++)
		buf[i] = (struct otadfu_chr){
			.service = full_uuid(attributes[i].service, attributes[i].service128),
			.uuid = full_uuid(attributes[i].uuid, attributes[i].uuid128),
			.id = attributes[i].handle,
			.props = attributes[i].props,
		};
	return OTADFU_OK;
}

static int bench_mtu(struct otadfu_ctx *ctx, struct otadfu_link *link, uint16_t wanted,
		     uint16_t *ret_mtu, uint64_t deadline_ms)
{
	(void)ctx;
	(void)wanted;
	(void)deadline_ms;
	if (is_lost(link))
		return fail_lost();
	if (now->mtu == 0)
		return OTADFU_E_UNSUPPORTED;
	device_exchange_mtu(device_of_now(), now->mtu);
	*ret_mtu = device_mtu(device_of_now());
	return OTADFU_OK;
}

static int fail_att(struct otadfu_ctx *ctx, uint8_t error)
{
	char text[8];
	bool security = error == 0x05 || error == 0x08 || error == 0x0C || error == 0x0F;

	snprintf(text, sizeof(text), "att%02x", error);
	note_hearing(text, is_recorded());
	return ctx->host->fail(ctx, security ? OTADFU_E_SECURITY : OTADFU_E_ATT, error,
			       "the device refused a request");
}

static int bench_read(struct otadfu_ctx *ctx, struct otadfu_link *link, uint16_t id, uint8_t *buf,
		      size_t cap, size_t *ret_len, uint64_t deadline_ms)
{
	uint8_t error;

	(void)deadline_ms;
	tape_pass(&now->tape);
	if (is_lost(link))
		return fail_lost();
	error = device_read(device_of_now(), id, buf, cap, ret_len);
	return error ? fail_att(ctx, error) : OTADFU_OK;
}

static int bench_write(struct otadfu_ctx *ctx, struct otadfu_link *link, uint16_t id,
		       const uint8_t *data, size_t len, uint64_t deadline_ms)
{
	uint8_t error;
	char *hex;

	(void)deadline_ms;
	tape_pass(&now->tape);
	if (is_lost(link))
		return fail_lost();
	hex = hex_from_bytes(data, len);
	if (!hex)
		return OTADFU_E_NOMEM;
	note_doing(hex);
	free(hex);
	error = tape_request(&now->tape, id, data, len);
	return error ? fail_att(ctx, error) : OTADFU_OK;
}

static int bench_write_cmd(struct otadfu_ctx *ctx, struct otadfu_link *link, uint16_t id,
			   const uint8_t *data, size_t len, uint64_t deadline_ms)
{
	(void)deadline_ms;
	tape_pass(&now->tape);
	if (is_lost(link))
		return fail_lost();
	if (len + ATT_HEADER > device_mtu(device_of_now()))
		return ctx->host->fail(ctx, OTADFU_E_INVALID, 0, "a packet longer than the MTU");
	note_doing("packets");
	tape_packet(&now->tape, id, data, len);
	return OTADFU_OK;
}

static uint16_t cccd_value(uint16_t id)
{
	size_t count;
	const struct device_attribute *attributes = device_attributes(device_of_now(), &count);

	for (size_t i = 0; i < count; i++) {
		if (attributes[i].handle == id && (attributes[i].props & OTADFU_PROP_NOTIFY))
			return CCCD_NOTIFY;
	}
	return CCCD_INDICATE;
}

static int bench_subscribe(struct otadfu_ctx *ctx, struct otadfu_link *link, uint16_t id,
			   uint64_t deadline_ms)
{
	uint8_t error = 0;

	(void)deadline_ms;
	tape_pass(&now->tape);
	if (is_lost(link))
		return fail_lost();
	note_doing("subscribe");
	if (!now->deaf)
		error = device_write_cccd(device_of_now(), id, cccd_value(id));
	now->deaf = false;
	return error ? fail_att(ctx, error) : OTADFU_OK;
}

static int take_heard(uint8_t *buf, size_t cap, size_t *ret_len)
{
	const json_t *heard = json_array_get(now->tape.heard, 0);
	const char *hex = json_text_or(heard, "hex", "");
	struct bytes bytes;
	int r = OTADFU_E_OVERFLOW;

	note_hearing(hex, json_is_true(json_object_get(heard, "recorded")));
	if (now->cancel_fd >= 0 && tape_is_at_abort(&now->tape))
		eventfd_write(now->cancel_fd, 1);
	if (!bytes_from_hex(hex, &bytes))
		return OTADFU_E_NOMEM;
	if (bytes.len <= cap) {
		memcpy(buf, bytes.data, bytes.len);
		*ret_len = bytes.len;
		r = OTADFU_OK;
	}
	free(bytes.data);
	json_array_remove(now->tape.heard, 0);
	return r;
}

static int bench_wait(struct otadfu_ctx *ctx, struct otadfu_link *link, uint16_t id, uint8_t *buf,
		      size_t cap, size_t *ret_len, uint64_t deadline_ms)
{
	bool waits = deadline_ms > ctx->host->now_ms(ctx);
	int r;

	(void)id;
	do {
		if (json_array_size(now->tape.heard) > 0)
			return take_heard(buf, cap, ret_len);
		if (is_lost(link))
			return fail_lost();
	} while (waits && tape_wait(&now->tape));
	r = let_pass(ctx, deadline_ms);
	return r == OTADFU_OK ? OTADFU_E_TIMEOUT : r;
}

static int bench_wait_gone(struct otadfu_ctx *ctx, struct otadfu_link *link, uint64_t deadline_ms)
{
	int r;

	do {
		if (is_lost(link)) {
			tell_loss();
			return OTADFU_OK;
		}
	} while (tape_stall(&now->tape));
	r = let_pass(ctx, deadline_ms);
	return r == OTADFU_OK ? OTADFU_E_TIMEOUT : r;
}

static void bench_disconnect(struct otadfu_ctx *ctx, struct otadfu_link *link)
{
	(void)ctx;
	if (!is_lost(link))
		device_disconnect(device_of_now(), REASON_USER);
	device_settle(device_of_now());
	json_array_clear(now->tape.heard);
	free(link);
}

static const struct otadfu_link_ops link_ops = {
	.size = sizeof(link_ops),
	.discover = bench_discover,
	.mtu = bench_mtu,
	.read = bench_read,
	.write = bench_write,
	.write_cmd = bench_write_cmd,
	.subscribe = bench_subscribe,
	.wait = bench_wait,
	.wait_gone = bench_wait_gone,
	.disconnect = bench_disconnect,
};

static const struct otadfu_transport_ops transport = {
	.size = sizeof(transport),
	.caps = OTADFU_TCAP_MTU_EXCHANGE | OTADFU_TCAP_PARALLEL_CONNECT |
		OTADFU_TCAP_SCAN_AND_CONNECT,
	.name = "tape",
	.summary = "the device of a transcript",
	.link = &link_ops,
	.open = bench_open,
	.close = bench_close,
	.connect = bench_connect,
	.scan = bench_scan,
};

static const struct otadfu_transport_ops *const transports[] = { &transport, NULL };

const struct otadfu_plugin air_plugin = {
	.magic = OTADFU_PLUGIN_MAGIC,
	.abi_version = OTADFU_ABI_VERSION,
	.size = sizeof(air_plugin),
	.name = "tape",
	.version = "1",
	.vendor = "test",
	.transports = transports,
};
