/* An update of the simulated InfiniTime: legacy-dfu.md 10.1. */
#include "infinitime.h"

#include <string.h>

enum {
	SIZES_LEN = 12,
	INIT_HEADER = 10,
	PACKET_LEN = 20,
	STAGING_LEN = 200, /* it is written to flash by so much at a time */
	ERASE_US = 116 * 85000,
	ANSWER_US = 1000000,
	INACTIVITY_S = 10,
};

enum op {
	OP_START = 0x01,
	OP_INIT = 0x02,
	OP_RECEIVE = 0x03,
	OP_VALIDATE = 0x04,
	OP_ACTIVATE = 0x05,
	OP_RECEIPTS = 0x08,
	OP_RESPONSE = 0x10,
	OP_RECEIPT = 0x11,
};

enum { MODE_APPLICATION = 0x04, SUCCESS = 0x01 };

static uint16_t crc16(const uint8_t *data, size_t len)
{
	uint16_t crc = 0xFFFF;

	for (size_t i = 0; i < len; i++) {
		crc = (uint16_t)(crc ^ data[i] << 8);
		for (int bit = 0; bit < 8; bit++)
			crc = (uint16_t)(crc & 0x8000 ? crc << 1 ^ 0x1021 : crc << 1);
	}
	return crc;
}

/* --- answers --- */

static void respond(struct device *device, uint8_t op)
{
	firmware_notify(device, INFINITIME_HANDLE_CONTROL, (uint8_t[]){ OP_RESPONSE, op, SUCCESS },
			3);
}

static void respond_now(void *user)
{
	respond(user, infinitime_ram(user)->answered_op);
}

static void respond_later(struct device *device, uint8_t op)
{
	infinitime_ram(device)->answered_op = op;
	firmware_do_later(device, ANSWER_US, respond_now);
}

void infinitime_reset(struct device *device)
{
	*infinitime_ram(device) = (struct infinitime){ .state = INFINITIME_IDLE };
	firmware_do_later(device, 0, NULL);
	firmware_set_inactivity(device, 0);
}

void infinitime_feed(struct device *device)
{
	if (infinitime_ram(device)->updating)
		firmware_set_inactivity(device, INACTIVITY_S);
}

/* --- packets --- */

static void erased(void *user)
{
	struct device *device = user;

	flash_erase_now(device_flash(device), INFINITIME_SLOT_RECEIVED,
			INFINITIME_SLOT_SIZE / INFINITIME_PAGE);
	infinitime_ram(device)->state = INFINITIME_INIT;
	firmware_set_inactivity(device, INACTIVITY_S);
	respond(device, OP_START);
}

/* The size of the application is the only one that counts. More than there is room for is answered
 * as little as all else that it does not like. */
static void take_sizes(struct device *device, const uint8_t *data, size_t len)
{
	struct infinitime *ram = infinitime_ram(device);

	if (len < SIZES_LEN || infinitime_get32(data + 8) > INFINITIME_SLOT_SIZE)
		return;
	ram->size = infinitime_get32(data + 8);
	ram->state = INFINITIME_ERASING;
	firmware_set_inactivity(device, 0);
	firmware_do_later(device, ERASE_US, erased);
}

/* Nothing is checked; each packet is one of its own. */
static void take_init(struct device *device, const uint8_t *data, size_t len)
{
	struct infinitime *ram = infinitime_ram(device);
	size_t crc_at;

	if (len < INIT_HEADER + 2)
		return;
	crc_at = INIT_HEADER + (size_t)2 * infinitime_get16(data + 8);
	if (crc_at + 2 > len)
		return;
	ram->version = infinitime_get32(data + 4);
	ram->crc = infinitime_get16(data + crc_at);
}

/* Lengths that do not fit into the staging buffer a whole number of times leave it in disorder. */
static void store(struct device *device, const uint8_t *data, size_t len)
{
	struct infinitime *ram = infinitime_ram(device);
	size_t left = ram->size - ram->received;
	size_t used = len < left ? len : left;
	uint8_t words[PACKET_LEN];

	memset(words, 0xFF, sizeof(words));
	memcpy(words, data, used);
	if (STAGING_LEN % len != 0 && used < left)
		words[0] ^= 0xFF;
	if (ram->received % 4 == 0)
		flash_write_now(device_flash(device), INFINITIME_SLOT_RECEIVED + ram->received,
				words, (used + 3) / 4 * 4);
	ram->received += (uint32_t)used;
}

static void send_receipt(struct device *device)
{
	uint32_t count = infinitime_ram(device)->received;
	uint8_t receipt[] = { OP_RECEIPT, (uint8_t)count, (uint8_t)(count >> 8),
			      (uint8_t)(count >> 16), (uint8_t)(count >> 24) };

	firmware_notify(device, INFINITIME_HANDLE_CONTROL, receipt, sizeof(receipt));
}

/* A packet too long and receipts after no packets are the end of older releases. */
static void take_data(struct device *device, const uint8_t *data, size_t len)
{
	struct infinitime *ram = infinitime_ram(device);

	if (len > PACKET_LEN || ram->receipt_every == 0) {
		firmware_error_check(device);
		return;
	}
	store(device, data, len);
	if (++ram->packets % ram->receipt_every == 0 && ram->received != ram->size)
		send_receipt(device);
	if (ram->received == ram->size) {
		ram->state = INFINITIME_VALIDATE;
		respond(device, OP_RECEIVE);
	}
}

void infinitime_packet(struct device *device, const uint8_t *data, size_t len)
{
	static void (*const takers[])(struct device *, const uint8_t *, size_t) = {
		[INFINITIME_STARTED] = take_sizes,
		[INFINITIME_INIT] = take_init,
		[INFINITIME_DATA] = take_data,
		[INFINITIME_VALIDATED] = NULL,
	};
	enum infinitime_state state = infinitime_ram(device)->state;

	if (takers[state])
		takers[state](device, data, len);
}

/* --- the Control Point --- */

static void start(struct device *device, uint8_t mode)
{
	struct infinitime *ram = infinitime_ram(device);

	if (ram->state != INFINITIME_IDLE || mode != MODE_APPLICATION)
		return;
	ram->state = INFINITIME_STARTED;
	ram->updating = true;
}

static void init(struct device *device, uint8_t complete)
{
	if (infinitime_ram(device)->state == INFINITIME_INIT && complete)
		respond_later(device, OP_INIT);
}

static void receive(struct device *device)
{
	struct infinitime *ram = infinitime_ram(device);

	if (ram->state == INFINITIME_INIT)
		ram->state = INFINITIME_DATA;
}

/* A bad image is answered, too, but the answer waits a second, and is forgotten before that. */
static void validate(struct device *device)
{
	struct infinitime *ram = infinitime_ram(device);

	if (ram->state != INFINITIME_VALIDATE)
		return;
	if (crc16(infinitime_flash_at(device, INFINITIME_SLOT_RECEIVED), ram->size) != ram->crc) {
		infinitime_reset(device);
		return;
	}
	ram->state = INFINITIME_VALIDATED;
	respond_later(device, OP_VALIDATE);
}

static void activate(struct device *device)
{
	struct infinitime *ram = infinitime_ram(device);
	struct infinitime_record record = infinitime_record_read(device);

	if (ram->state != INFINITIME_VALIDATED)
		return;
	record.received_len = ram->size;
	record.received_version = ram->version;
	infinitime_record_save(device, &record);
	firmware_reset(device);
}

/* What it does not know, and what comes at the wrong time, is not answered at all. */
void infinitime_control(struct device *device, const uint8_t *data, size_t len)
{
	uint8_t argument = len > 1 ? data[1] : 0;
	uint8_t op = len > 0 ? data[0] : 0;

	if (op == OP_START && len > 1)
		start(device, argument);
	else if (op == OP_INIT && len > 1)
		init(device, argument);
	else if (op == OP_RECEIPTS && len > 1)
		infinitime_ram(device)->receipt_every = argument;
	else if (op == OP_RECEIVE)
		receive(device);
	else if (op == OP_VALIDATE)
		validate(device);
	else if (op == OP_ACTIVATE)
		activate(device);
}
