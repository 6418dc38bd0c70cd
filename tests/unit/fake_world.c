#include "fake_world.h"

#include <otadfu/plugin.h>
#include <string.h>
#include <sys/eventfd.h>

enum { ADVERT_EVERY_MS = 100, IMAGE_CHR = 1, FIRMWARE_CHR = 2, BATTERY_CHR = 3 };

struct world world;

struct otadfu_adapter {
	struct world *world;
};

struct otadfu_link {
	struct world_device device;
	int lost;
};

static struct otadfu_adapter the_adapter;
static struct otadfu_link the_link;

struct otadfu_addr world_addr(uint8_t low)
{
	return (struct otadfu_addr){ .bytes = { 0xC0, 0xFF, 0xEE, 0, 0, low }, .type = 1 };
}

static int is_there(const struct world_device *device, uint64_t now_ms)
{
	uint64_t age = now_ms - world.open_ms;

	return age >= device->from_ms && (device->until_ms == 0 || age < device->until_ms);
}

static int world_open(struct otadfu_ctx *ctx, const char *name, struct otadfu_adapter **ret_adapter)
{
	int r = ctx->host->use_virtual_clock(ctx);

	if (r != OTADFU_OK)
		return r;
	if (name && strcmp(name, "missing") == 0)
		return ctx->host->fail(ctx, OTADFU_E_NOT_FOUND, 0, "no such adapter");
	world.open_ms = ctx->host->now_ms(ctx);
	*ret_adapter = &the_adapter;
	return OTADFU_OK;
}

static void world_close(struct otadfu_ctx *ctx, struct otadfu_adapter *adapter)
{
	(void)ctx;
	(void)adapter;
	world.closes++;
}

static int same(const struct otadfu_addr *a, const struct otadfu_addr *b)
{
	return memcmp(a->bytes, b->bytes, sizeof(a->bytes)) == 0;
}

static int world_connect(struct otadfu_ctx *ctx, struct otadfu_adapter *adapter,
			 const struct otadfu_addr *peer, struct otadfu_link **ret_link,
			 uint64_t deadline_ms)
{
	unsigned turn = world.connects++;

	(void)adapter;
	world.last_connect = *peer;
	if (turn < WORLD_STEPS && world.connect_results[turn] != OTADFU_OK)
		return ctx->host->fail(ctx, world.connect_results[turn], 0x3e,
				       "connection failed to be established");
	for (size_t i = 0; i < world.device_count; i++) {
		if (!same(&world.devices[i].addr, peer) ||
		    !is_there(&world.devices[i], ctx->host->now_ms(ctx)))
			continue;
		the_link = (struct otadfu_link){ .device = world.devices[i] };
		*ret_link = &the_link;
		return OTADFU_OK;
	}
	ctx->host->sleep_ms(ctx, (uint32_t)(deadline_ms - ctx->host->now_ms(ctx)));
	return OTADFU_E_TIMEOUT;
}

/* The first that is there; all of them are asked at once. */
static int world_connect_first(struct otadfu_ctx *ctx, struct otadfu_adapter *adapter,
			       const struct otadfu_addr *peers, size_t peer_count,
			       struct otadfu_link **ret_link, size_t *ret_index,
			       uint64_t deadline_ms)
{
	world.races++;
	for (size_t i = 0; i < peer_count; i++) {
		if (world_connect(ctx, adapter, &peers[i], ret_link, ctx->host->now_ms(ctx)) !=
		    OTADFU_OK)
			continue;
		*ret_index = i;
		return OTADFU_OK;
	}
	ctx->host->sleep_ms(ctx, (uint32_t)(deadline_ms - ctx->host->now_ms(ctx)));
	return OTADFU_E_TIMEOUT;
}

static uint8_t tells(const struct world_device *device)
{
	uint8_t *remembered = &world.was_bootloader[device->addr.bytes[5]];

	if (world.remembers && device->tells == OTADFU_MODE_BOOTLOADER)
		*remembered = 1;
	return *remembered ? OTADFU_MODE_BOOTLOADER : (uint8_t)device->tells;
}

static int advertise(const struct world_device *device, otadfu_advert_fn *on_advert, void *user)
{
	uint8_t data[31] = { 0 };
	size_t name_len = device->name ? strlen(device->name) : 0;
	struct otadfu_advert advert = {
		.size = sizeof(advert),
		.flags = device->not_connectable ? 0 : OTADFU_ADV_CONNECTABLE,
		.addr = device->addr,
		.rssi_dbm = -60,
		.data = data,
	};

	/* Flags would stand here; the test's own mark of the mode instead (manufacturer data). */
	data[0] = 2;
	data[1] = 0xFF;
	data[2] = tells(device);
	data[3] = (uint8_t)(name_len + 1);
	data[4] = 0x09;
	memcpy(data + 5, device->name ? device->name : "", name_len);
	advert.data_len = (uint16_t)(5 + name_len);
	return on_advert(user, &advert);
}

static int world_scan(struct otadfu_ctx *ctx, struct otadfu_adapter *adapter,
		      otadfu_advert_fn *on_advert, void *user, uint64_t deadline_ms)
{
	(void)adapter;
	if (world.no_scan)
		return ctx->host->fail(ctx, OTADFU_E_UNSUPPORTED, 0, "no daemon that scans");
	while (ctx->host->now_ms(ctx) < deadline_ms) {
		int r;

		for (size_t i = 0; i < world.device_count; i++) {
			if (!is_there(&world.devices[i], ctx->host->now_ms(ctx)))
				continue;
			r = advertise(&world.devices[i], on_advert, user);
			if (r != 0)
				return r;
		}
		r = ctx->host->sleep_ms(ctx, ADVERT_EVERY_MS);
		if (r != OTADFU_OK)
			return r;
	}
	return OTADFU_OK;
}

static struct otadfu_uuid short_uuid(uint16_t value)
{
	return (struct otadfu_uuid){ { 0, 0, (uint8_t)(value >> 8), (uint8_t)value, 0, 0, 0x10, 0,
				       0x80, 0, 0, 0x80, 0x5F, 0x9B, 0x34, 0xFB } };
}

static struct otadfu_chr readable(uint16_t service, uint16_t uuid, uint16_t id)
{
	return (struct otadfu_chr){ .service = short_uuid(service),
				    .uuid = short_uuid(uuid),
				    .id = id,
				    .props = OTADFU_PROP_READ };
}

static int link_discover(struct otadfu_ctx *ctx, struct otadfu_link *link, struct otadfu_chr *buf,
			 size_t cap, size_t *ret_count, uint64_t deadline_ms)
{
	size_t count = 0;

	(void)ctx;
	(void)deadline_ms;
	(void)cap;
	buf[count++] = (struct otadfu_chr){ .id = IMAGE_CHR, .props = OTADFU_PROP_WRITE_CMD };
	if (link->device.firmware)
		buf[count++] = readable(0x180A, 0x2A26, FIRMWARE_CHR);
	if (link->device.battery)
		buf[count++] = readable(0x180F, 0x2A19, BATTERY_CHR);
	*ret_count = count;
	return OTADFU_OK;
}

static int link_mtu(struct otadfu_ctx *ctx, struct otadfu_link *link, uint16_t wanted,
		    uint16_t *ret_mtu, uint64_t deadline_ms)
{
	(void)ctx;
	(void)link;
	(void)deadline_ms;
	*ret_mtu = wanted < 185 ? wanted : 185;
	return OTADFU_OK;
}

static int lost(struct otadfu_ctx *ctx, const struct otadfu_link *link)
{
	return link->lost ? ctx->host->fail(ctx, OTADFU_E_DISCONNECTED, 0x08,
					    "the link was lost (supervision timeout)")
			  : OTADFU_OK;
}

static int link_read(struct otadfu_ctx *ctx, struct otadfu_link *link, uint16_t id, uint8_t *buf,
		     size_t cap, size_t *ret_len, uint64_t deadline_ms)
{
	const uint8_t mode = (uint8_t)link->device.mode;
	const void *value = &mode;
	size_t len = 1;

	(void)deadline_ms;
	if (link->lost)
		return lost(ctx, link);
	if (id != IMAGE_CHR && world.read_result != OTADFU_OK)
		return ctx->host->fail(ctx, world.read_result, 0x05, "the peer refused");
	if (id == FIRMWARE_CHR) {
		value = link->device.firmware;
		len = strlen(link->device.firmware);
	} else if (id == BATTERY_CHR) {
		value = &link->device.battery;
	}
	if (cap < len)
		return OTADFU_E_OVERFLOW;
	memcpy(buf, value, len);
	*ret_len = len;
	return OTADFU_OK;
}

static int link_write(struct otadfu_ctx *ctx, struct otadfu_link *link, uint16_t id,
		      const uint8_t *data, size_t len, uint64_t deadline_ms)
{
	(void)id;
	(void)data;
	(void)len;
	(void)deadline_ms;
	return lost(ctx, link);
}

static int link_subscribe(struct otadfu_ctx *ctx, struct otadfu_link *link, uint16_t id,
			  uint64_t deadline_ms)
{
	(void)id;
	(void)deadline_ms;
	return lost(ctx, link);
}

static int link_wait(struct otadfu_ctx *ctx, struct otadfu_link *link, uint16_t id, uint8_t *buf,
		     size_t cap, size_t *ret_len, uint64_t deadline_ms)
{
	return link_read(ctx, link, id, buf, cap, ret_len, deadline_ms);
}

static int link_wait_gone(struct otadfu_ctx *ctx, struct otadfu_link *link, uint64_t deadline_ms)
{
	(void)ctx;
	(void)deadline_ms;
	return link->lost ? OTADFU_OK : OTADFU_E_TIMEOUT;
}

static void link_disconnect(struct otadfu_ctx *ctx, struct otadfu_link *link)
{
	(void)ctx;
	(void)link;
	world.disconnects++;
}

static const struct otadfu_link_ops link_ops = {
	.size = sizeof(link_ops),
	.discover = link_discover,
	.mtu = link_mtu,
	.read = link_read,
	.write = link_write,
	.write_cmd = link_write,
	.subscribe = link_subscribe,
	.wait = link_wait,
	.wait_gone = link_wait_gone,
	.disconnect = link_disconnect,
};

static const struct otadfu_transport_ops transport = {
	.size = sizeof(transport),
	.caps = OTADFU_TCAP_MTU_EXCHANGE,
	.name = "world",
	.summary = "what a test says",
	.link = &link_ops,
	.open = world_open,
	.close = world_close,
	.connect = world_connect,
	.scan = world_scan,
};

static const struct otadfu_transport_ops blind_transport = {
	.size = sizeof(blind_transport),
	.caps = OTADFU_TCAP_MTU_EXCHANGE,
	.name = "world",
	.summary = "what a test says, without a scan",
	.link = &link_ops,
	.open = world_open,
	.close = world_close,
	.connect = world_connect,
};

static const struct otadfu_transport_ops racing_transport = {
	.size = sizeof(racing_transport),
	.caps = OTADFU_TCAP_MTU_EXCHANGE,
	.name = "world",
	.summary = "what a test says, without a scan, but several at once",
	.link = &link_ops,
	.open = world_open,
	.close = world_close,
	.connect = world_connect,
	.connect_first = world_connect_first,
};

static int fake_probe(struct otadfu_ctx *ctx, struct otadfu_probe *ret_probe)
{
	uint8_t mode;
	size_t len;
	int r = ctx->gatt->read(ctx, IMAGE_CHR, &mode, 1, &len, ctx->host->now_ms(ctx) + 1000);

	if (r != OTADFU_OK)
		return r;
	ret_probe->score = mode != 0 ? 100 : 0;
	ret_probe->mode = mode;
	return OTADFU_OK;
}

static int play(struct otadfu_ctx *ctx, const struct world_step *step, struct otadfu_next *ret_next)
{
	struct otadfu_event phase = { .size = sizeof(phase),
				      .kind = OTADFU_EV_PHASE,
				      .code = OTADFU_PHASE_DATA };
	static const uint8_t zeros[64];
	uint64_t now = ctx->host->now_ms(ctx);

	*ret_next = step->next;
	if (step->push_bytes > 0)
		ctx->host->event(ctx, &phase);
	for (size_t left = step->push_bytes; left > 0;) {
		size_t len = left < sizeof(zeros) ? left : sizeof(zeros);

		ctx->gatt->write_cmd(ctx, IMAGE_CHR, zeros, len, now);
		left -= len;
	}
	if (step->then.name) {
		world.devices[0] = step->then;
		world.devices[0].from_ms += (uint32_t)(now - world.open_ms);
		if (!step->beside)
			world.device_count = 1;
	}
	if (step->cancels)
		eventfd_write(world.cancel_fd, 1);
	if (step->lose_link)
		the_link.lost = 1;
	if (step->says)
		return ctx->host->fail(ctx, step->result, 7, step->says);
	if (step->lose_link && step->result == OTADFU_E_DISCONNECTED)
		return ctx->gatt->write(ctx, IMAGE_CHR, zeros, 1, now);
	return step->result;
}

static int fake_enter(struct otadfu_ctx *ctx, struct otadfu_next *ret_next)
{
	return play(ctx, &world.enters[world.enter_calls++ % WORLD_STEPS], ret_next);
}

static int fake_update(struct otadfu_ctx *ctx, const struct otadfu_image *image,
		       struct otadfu_next *ret_next)
{
	(void)image;
	return play(ctx, &world.updates[world.update_calls++ % WORLD_STEPS], ret_next);
}

static int fake_abort(struct otadfu_ctx *ctx)
{
	world.abort_calls++;
	world.abort_saw_cancel = ctx->host->sleep_ms(ctx, 10) == OTADFU_E_CANCELLED;
	return OTADFU_OK;
}

static int fake_recognise(struct otadfu_ctx *ctx, const struct otadfu_advert *advert,
			  struct otadfu_probe *ret_probe)
{
	(void)ctx;
	if (advert->data_len > 2 && advert->data[2] != 0) {
		ret_probe->score = 50;
		ret_probe->mode = advert->data[2];
	}
	return OTADFU_OK;
}

static const struct otadfu_option unique_name = {
	.size = sizeof(unique_name),
	.kind = OTADFU_OPT_BOOL,
	.key = "unique_name",
	.help = "as of the secure protocol; it is the test that leaves the name out",
	.fallback = "true",
};
static const struct otadfu_option *const options[] = { &unique_name, NULL };

static const struct otadfu_protocol_ops protocol = {
	.size = sizeof(protocol),
	.caps = OTADFU_PCAP_LEGACY_PACKAGE,
	.name = "fake",
	.summary = "what a test says",
	.options = options,
	.probe = fake_probe,
	.enter_bootloader = fake_enter,
	.update = fake_update,
	.abort = fake_abort,
	.recognise = fake_recognise,
};

static const struct otadfu_transport_ops *const transports[] = { &transport, NULL };
static const struct otadfu_transport_ops *const blind_transports[] = { &blind_transport, NULL };
static const struct otadfu_transport_ops *const racing_transports[] = { &racing_transport, NULL };
static const struct otadfu_protocol_ops *const protocols[] = { &protocol, NULL };

#define WORLD_PLUGIN(list)                                                                         \
	{                                                                                          \
		.magic = OTADFU_PLUGIN_MAGIC, .abi_version = OTADFU_ABI_VERSION,                   \
		.size = sizeof(struct otadfu_plugin), .name = "world", .version = "1",             \
		.vendor = "tests", .transports = (list), .protocols = protocols,                   \
	}

const struct otadfu_plugin world_plugin = WORLD_PLUGIN(transports);
const struct otadfu_plugin world_blind_plugin = WORLD_PLUGIN(blind_transports);
const struct otadfu_plugin world_racing_plugin = WORLD_PLUGIN(racing_transports);
