/*
 * A transport whose one radio reaches one device, simulated in memory: the peer of example.c,
 * written from README.md. It runs on virtual time, so an update of a minute takes no time at all.
 */
#include "example_wire.h"

#include <otadfu/plugin.h>
#include <pthread.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum {
	CONTROL_ID = 1,
	DATA_ID,
	IMAGE_MAX = 256 * 1024,
	MTU_MAX = 67,
	VERSION = 1,
	QUEUE_MAX = 32, /* what every transport must hold */
	ANSWER_MAX = 6,
	REQUEST_MS = 15, /* one connection interval there, one back */
	PACKET_MS = 2,
	ADVERTISE_MS = 100,
};

struct otadfu_adapter {
	/* What connect and scan, on any thread, share with the thread of the link. */
	pthread_mutex_t lock;
	bool connected;
	uint8_t mode;

	/* While the device is connected, the rest belongs to the thread of its link. */
	const char *flash; /* file the running image is written to; empty: none */
	uint8_t buffer;    /* packets it can take between two checks */
	int64_t lose;      /* every so many data packets one is lost; 0: none */
	int64_t packets;   /* that came, for lose */
	unsigned buffered;
	uint32_t size; /* of the image that was begun; 0: none */
	uint32_t checksum;
	uint32_t have;
	uint8_t image[IMAGE_MAX];
};

struct otadfu_link {
	struct otadfu_adapter *device;
	bool lost;
	bool subscribed;
	size_t queued;
	struct {
		uint8_t bytes[ANSWER_MAX];
		size_t len;
	} queue[QUEUE_MAX];
};

/* ---- the device ---- */

static uint8_t get_mode(struct otadfu_adapter *device)
{
	uint8_t mode;

	pthread_mutex_lock(&device->lock);
	mode = device->mode;
	pthread_mutex_unlock(&device->lock);
	return mode;
}

/* Resets into the other half of the firmware; the link does not survive that. */
static void restart(struct otadfu_link *link, uint8_t mode)
{
	pthread_mutex_lock(&link->device->lock);
	link->device->mode = mode;
	pthread_mutex_unlock(&link->device->lock);
	link->lost = true;
}

/* The bootloader advertises one address above the application. */
static struct otadfu_addr addr_in(uint8_t mode)
{
	struct otadfu_addr addr = { { 0xc0, 0xff, 0xee, 0x00, 0x00, 0x01 }, 1, 0 };

	addr.bytes[5] = (uint8_t)(addr.bytes[5] + (mode == EXAMPLE_BOOTLOADER));
	return addr;
}

static void answer(struct otadfu_link *link, uint8_t command, uint8_t status,
		   const uint32_t *number)
{
	uint8_t *bytes = link->queue[link->queued].bytes;

	if (!link->subscribed || link->queued == QUEUE_MAX)
		return;
	bytes[0] = command | EXAMPLE_ANSWER;
	bytes[1] = status;
	if (number)
		example_put32(bytes + 2, *number);
	link->queue[link->queued++].len = number ? 6 : 2;
}

static uint8_t begin_image(struct otadfu_adapter *device, const uint8_t *command)
{
	uint32_t size = example_get32(command + 1);
	uint32_t checksum = example_get32(command + 5);

	if (size == 0 || size > IMAGE_MAX)
		return EXAMPLE_TOO_LARGE;
	if (size != device->size || checksum != device->checksum)
		device->have = 0;
	device->size = size;
	device->checksum = checksum;
	device->buffered = 0;
	return EXAMPLE_DONE;
}

static bool write_flash(const struct otadfu_adapter *device)
{
	FILE *file;
	bool whole;

	if (device->flash[0] == '\0')
		return true;
	file = fopen(device->flash, "we");
	if (!file)
		return false;
	whole = fwrite(device->image, 1, device->size, file) == device->size;
	return fclose(file) == 0 && whole;
}

static uint8_t commit_image(struct otadfu_adapter *device)
{
	if (device->size == 0 || device->have != device->size)
		return EXAMPLE_NOT_NOW;
	if (example_checksum(device->image, device->size) != device->checksum) {
		device->size = 0;
		return EXAMPLE_CHECKSUM_DIFFERS;
	}
	return EXAMPLE_DONE;
}

static void take_data(struct otadfu_adapter *device, const uint8_t *packet, size_t len)
{
	if (get_mode(device) != EXAMPLE_BOOTLOADER || len <= EXAMPLE_OFFSET_LEN ||
	    device->buffered == device->buffer)
		return;
	device->buffered++;
	len -= EXAMPLE_OFFSET_LEN;
	if (example_get32(packet) != device->have || len > device->size - device->have)
		return;
	memcpy(device->image + device->have, packet + EXAMPLE_OFFSET_LEN, len);
	device->have += (uint32_t)len;
}

static void take_bootloader_command(struct otadfu_link *link, const uint8_t *command, size_t len)
{
	struct otadfu_adapter *device = link->device;
	uint8_t status = EXAMPLE_DONE;

	if (command[0] == EXAMPLE_BEGIN && len == 9) {
		status = begin_image(device, command);
		answer(link, command[0], status, status == EXAMPLE_DONE ? &device->have : NULL);
	} else if (command[0] == EXAMPLE_CHECK && len == 1) {
		device->buffered = 0;
		answer(link, command[0], status, &device->have);
	} else if (command[0] == EXAMPLE_COMMIT && len == 1) {
		status = commit_image(device);
		if (status == EXAMPLE_DONE && !write_flash(device))
			status = EXAMPLE_NOT_NOW;
		answer(link, command[0], status, NULL);
		if (status != EXAMPLE_DONE)
			return;
		device->size = 0;
		restart(link, EXAMPLE_APPLICATION);
	} else if (command[0] == EXAMPLE_FORGET && len == 1) {
		device->size = device->have = 0;
		answer(link, command[0], status, NULL);
	} else {
		answer(link, command[0], EXAMPLE_NOT_UNDERSTOOD, NULL);
	}
}

static void take_command(struct otadfu_link *link, const uint8_t *command, size_t len)
{
	if (len == 0)
		return;
	if (get_mode(link->device) == EXAMPLE_BOOTLOADER) {
		take_bootloader_command(link, command, len);
	} else if (command[0] == EXAMPLE_JUMP && len == 1) {
		answer(link, command[0], EXAMPLE_DONE, NULL);
		restart(link, EXAMPLE_BOOTLOADER);
	} else {
		answer(link, command[0], EXAMPLE_NOT_NOW, NULL);
	}
}

/* ---- the link ---- */

/* ms pass, unless the deadline comes first. */
static int pass_time(struct otadfu_ctx *ctx, uint32_t ms, uint64_t deadline_ms)
{
	uint64_t now = ctx->host->now_ms(ctx);
	int r;

	if (now + ms <= deadline_ms)
		return ctx->host->sleep_ms(ctx, ms);
	r = ctx->host->sleep_ms(ctx, now < deadline_ms ? (uint32_t)(deadline_ms - now) : 0);
	return r < 0 ? r : OTADFU_E_TIMEOUT;
}

static int use_link(struct otadfu_ctx *ctx, const struct otadfu_link *link, uint32_t ms,
		    uint64_t deadline_ms)
{
	return link->lost ? OTADFU_E_DISCONNECTED : pass_time(ctx, ms, deadline_ms);
}

static int link_discover(struct otadfu_ctx *ctx, struct otadfu_link *link, struct otadfu_chr *buf,
			 size_t cap, size_t *ret_count, uint64_t deadline_ms)
{
	const struct otadfu_chr all[] = {
		{ example_service, example_control, CONTROL_ID,
		  OTADFU_PROP_READ | OTADFU_PROP_WRITE | OTADFU_PROP_NOTIFY, 0 },
		{ example_service, example_data, DATA_ID, OTADFU_PROP_WRITE_CMD, 0 },
	};
	const size_t count = sizeof(all) / sizeof(all[0]);
	int r = use_link(ctx, link, 4 * REQUEST_MS, deadline_ms);

	if (r < 0)
		return r;
	*ret_count = count;
	if (cap < count)
		return OTADFU_E_OVERFLOW;
	memcpy(buf, all, sizeof(all));
	return OTADFU_OK;
}

static int link_mtu(struct otadfu_ctx *ctx, struct otadfu_link *link, uint16_t wanted,
		    uint16_t *ret_mtu, uint64_t deadline_ms)
{
	int r = use_link(ctx, link, REQUEST_MS, deadline_ms);

	if (r == OTADFU_OK)
		*ret_mtu = wanted < MTU_MAX ? wanted : MTU_MAX;
	return r;
}

static int link_read(struct otadfu_ctx *ctx, struct otadfu_link *link, uint16_t id, uint8_t *buf,
		     size_t cap, size_t *ret_len, uint64_t deadline_ms)
{
	const uint8_t hello[EXAMPLE_HELLO_LEN] = { get_mode(link->device), VERSION,
						   link->device->buffer };
	int r = use_link(ctx, link, REQUEST_MS, deadline_ms);

	if (r < 0)
		return r;
	if (id != CONTROL_ID)
		return ctx->host->fail(ctx, OTADFU_E_ATT, 0x02, "read not permitted");
	if (cap < sizeof(hello))
		return OTADFU_E_OVERFLOW;
	memcpy(buf, hello, sizeof(hello));
	*ret_len = sizeof(hello);
	return OTADFU_OK;
}

static int link_write(struct otadfu_ctx *ctx, struct otadfu_link *link, uint16_t id,
		      const uint8_t *data, size_t len, uint64_t deadline_ms)
{
	int r = use_link(ctx, link, REQUEST_MS, deadline_ms);

	if (r < 0)
		return r;
	if (id != CONTROL_ID)
		return ctx->host->fail(ctx, OTADFU_E_ATT, 0x03, "write not permitted");
	take_command(link, data, len);
	return OTADFU_OK;
}

static int link_write_cmd(struct otadfu_ctx *ctx, struct otadfu_link *link, uint16_t id,
			  const uint8_t *data, size_t len, uint64_t deadline_ms)
{
	int r = use_link(ctx, link, PACKET_MS, deadline_ms);

	if (r == OTADFU_OK && id == DATA_ID)
		take_data(link->device, data, len);
	return r;
}

static int link_subscribe(struct otadfu_ctx *ctx, struct otadfu_link *link, uint16_t id,
			  uint64_t deadline_ms)
{
	int r = use_link(ctx, link, REQUEST_MS, deadline_ms);

	if (r < 0)
		return r;
	if (id != CONTROL_ID)
		return OTADFU_E_UNSUPPORTED;
	link->subscribed = true;
	return OTADFU_OK;
}

/* Nothing comes but answers, and those are there when the write returns: else it is in vain. */
static int link_wait(struct otadfu_ctx *ctx, struct otadfu_link *link, uint16_t id, uint8_t *buf,
		     size_t cap, size_t *ret_len, uint64_t deadline_ms)
{
	size_t len = link->queue[0].len;

	if (id != CONTROL_ID || !link->subscribed)
		return OTADFU_E_INVALID;
	if (link->queued == 0)
		return use_link(ctx, link, UINT32_MAX, deadline_ms);
	if (len <= cap) {
		memcpy(buf, link->queue[0].bytes, len);
		*ret_len = len;
	}
	link->queued--;
	memmove(link->queue, link->queue + 1, link->queued * sizeof(link->queue[0]));
	return len <= cap ? OTADFU_OK : OTADFU_E_OVERFLOW;
}

static int link_wait_gone(struct otadfu_ctx *ctx, struct otadfu_link *link, uint64_t deadline_ms)
{
	return link->lost ? OTADFU_OK : use_link(ctx, link, UINT32_MAX, deadline_ms);
}

static void link_disconnect(struct otadfu_ctx *ctx, struct otadfu_link *link)
{
	struct otadfu_adapter *device = link->device;

	(void)ctx;
	free(link);
	pthread_mutex_lock(&device->lock);
	device->connected = false;
	pthread_mutex_unlock(&device->lock);
}

/* ---- the radio ---- */

static int peer_open(struct otadfu_ctx *ctx, const char *adapter_name,
		     struct otadfu_adapter **ret_adapter)
{
	struct otadfu_adapter *device;
	int r = ctx->host->use_virtual_clock(ctx);

	(void)adapter_name;
	if (r < 0)
		return ctx->host->fail(ctx, r, 0, "another adapter runs on real time");
	device = calloc(1, sizeof(*device));
	if (!device)
		return OTADFU_E_NOMEM;
	pthread_mutex_init(&device->lock, NULL);
	device->flash = ctx->host->option_str(ctx, "flash");
	device->buffer = (uint8_t)ctx->host->option_int(ctx, "buffer");
	device->mode = EXAMPLE_APPLICATION;
	*ret_adapter = device;
	return OTADFU_OK;
}

static void peer_close(struct otadfu_ctx *ctx, struct otadfu_adapter *device)
{
	(void)ctx;
	pthread_mutex_destroy(&device->lock);
	free(device);
}

static bool take_device(struct otadfu_adapter *device, const struct otadfu_addr *peer)
{
	struct otadfu_addr here;
	bool taken = false;

	pthread_mutex_lock(&device->lock);
	here = addr_in(device->mode);
	if (!device->connected && memcmp(here.bytes, peer->bytes, sizeof(here.bytes)) == 0)
		taken = device->connected = true;
	pthread_mutex_unlock(&device->lock);
	return taken;
}

static int peer_connect(struct otadfu_ctx *ctx, struct otadfu_adapter *device,
			const struct otadfu_addr *peer, struct otadfu_link **ret_link,
			uint64_t deadline_ms)
{
	struct otadfu_link *link = calloc(1, sizeof(*link));
	int r;

	if (!link)
		return OTADFU_E_NOMEM;
	do {
		r = pass_time(ctx, ADVERTISE_MS, deadline_ms);
	} while (r == OTADFU_OK && !take_device(device, peer));
	if (r < 0) {
		free(link);
		return ctx->host->fail(ctx, r, 0, "nobody answers at this address");
	}
	link->device = device;
	device->buffered = 0;
	*ret_link = link;
	return OTADFU_OK;
}

static int peer_scan(struct otadfu_ctx *ctx, struct otadfu_adapter *device,
		     otadfu_advert_fn *on_advert, void *user, uint64_t deadline_ms)
{
	enum { UUID_LEN = sizeof(example_service.bytes) };
	uint8_t data[2 + UUID_LEN + 1] = { sizeof(data) - 1, EXAMPLE_AD_SERVICE_DATA };
	struct otadfu_advert advert = { .size = sizeof(advert),
					.flags = OTADFU_ADV_CONNECTABLE,
					.rssi_dbm = -40,
					.data_len = sizeof(data),
					.data = data };
	int r;

	for (size_t i = 0; i < UUID_LEN; i++)
		data[2 + i] = example_service.bytes[UUID_LEN - 1 - i];
	while ((r = pass_time(ctx, ADVERTISE_MS, deadline_ms)) == OTADFU_OK) {
		data[2 + UUID_LEN] = get_mode(device);
		advert.addr = addr_in(data[2 + UUID_LEN]);
		r = on_advert(user, &advert);
		if (r != OTADFU_OK)
			return r;
	}
	return r == OTADFU_E_TIMEOUT ? OTADFU_OK : r;
}

/* ---- the tables ---- */

static const struct otadfu_option flash_option = {
	.size = sizeof(flash_option),
	.kind = OTADFU_OPT_STRING,
	.key = "flash",
	.help = "file to write the image to that the device runs in the end",
};
static const struct otadfu_option buffer_option = {
	.size = sizeof(buffer_option),
	.kind = OTADFU_OPT_INT,
	.key = "buffer",
	.help = "data packets the device can take between two checks",
	.fallback = "8",
	.min = 1,
	.max = 255,
};
static const struct otadfu_option *const options[] = { &flash_option, &buffer_option, NULL };

static const struct otadfu_link_ops link_ops = {
	.size = sizeof(link_ops),
	.discover = link_discover,
	.mtu = link_mtu,
	.read = link_read,
	.write = link_write,
	.write_cmd = link_write_cmd,
	.subscribe = link_subscribe,
	.wait = link_wait,
	.wait_gone = link_wait_gone,
	.disconnect = link_disconnect,
};

static const struct otadfu_transport_ops example_peer = {
	.size = sizeof(example_peer),
	.caps = OTADFU_TCAP_MTU_EXCHANGE | OTADFU_TCAP_PACED_WRITE_CMD,
	.name = "example_peer",
	.summary = "one simulated device with the example bootloader",
	.options = options,
	.link = &link_ops,
	.open = peer_open,
	.close = peer_close,
	.connect = peer_connect,
	.scan = peer_scan,
};
static const struct otadfu_transport_ops *const transports[] = { &example_peer, NULL };

OTADFU_PLUGIN_DEFINE(example_peer) = {
	.magic = OTADFU_PLUGIN_MAGIC,
	.abi_version = OTADFU_ABI_VERSION,
	.size = sizeof(struct otadfu_plugin),
	.name = "example_peer",
	.version = "1.0",
	.vendor = "the otadfu project",
	.transports = transports,
};
