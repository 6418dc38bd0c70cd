/* The BLE side: two characteristics, receive buffers, the queue of requests, answers. */
#include "secure.h"

#include <string.h>

enum { HANDLE_CONTROL = 0x0D, HANDLE_PACKET = 0x10 };
enum { CCCD_NOTIFY = 1 };
enum { ATT_WRITE_NOT_PERMITTED = 0x03, ATT_INVALID_LENGTH = 0x0D, ATT_CCCD_IMPROPER = 0xFD };
enum { CONTROL_MAX = 23, MTU_MIN = 23, MTU_OVERHEAD = 3, RESPONSE_MAX = 15 };

/* clang-format off */
#define UUID_8EC9(low)                                                                             \
	{ 0x8E, 0xC9, 0x00, low, 0xF3, 0x15, 0x4F, 0x60,                                           \
	  0x9F, 0xB8, 0x83, 0x88, 0x30, 0xDA, 0xEA, 0x50 }
/* clang-format on */

static const struct device_attribute attributes[] = {
	{ .service = 0xFE59,
	  .uuid128 = UUID_8EC9(0x01),
	  .handle = HANDLE_CONTROL,
	  .props = OTADFU_PROP_WRITE | OTADFU_PROP_NOTIFY },
	{ .service = 0xFE59,
	  .uuid128 = UUID_8EC9(0x02),
	  .handle = HANDLE_PACKET,
	  .props = OTADFU_PROP_WRITE_CMD },
};

/* --- answers --- */

/* Every packet counts, whatever became of it. */
static bool receipt_is_due(struct secure *ram)
{
	ram->receipt_left--;
	if (ram->receipt_interval == 0 || ram->receipt_left > 0)
		return false;
	ram->receipt_left = ram->receipt_interval;
	return true;
}

static size_t put_result(const struct secure *ram, uint16_t result, uint8_t *buf)
{
	if (result <= UINT8_MAX) {
		buf[0] = (uint8_t)result;
		return 1;
	}
	buf[0] = ram->generation->extended_errors ? (uint8_t)(result >> 8) : SECURE_FAILED;
	buf[1] = (uint8_t)result;
	return ram->generation->extended_errors ? 2 : 1;
}

static size_t put_payload(const struct secure_response *response, uint8_t *buf)
{
	size_t len = 0;

	if (response->op != SECURE_OP_SELECT && response->op != SECURE_OP_CRC)
		return 0;
	if (response->op == SECURE_OP_SELECT) {
		secure_put32(buf, response->max_size);
		len = 4;
	}
	secure_put32(buf + len, response->offset);
	secure_put32(buf + len + 4, response->crc);
	return len + 8;
}

void secure_respond(struct device *device, struct secure_response *response)
{
	struct secure *ram = secure_ram(device);
	uint8_t buf[RESPONSE_MAX] = { SECURE_OP_RESPONSE };
	size_t len = 2;

	if (response->op == SECURE_OP_WRITE) {
		if (!receipt_is_due(ram))
			return;
		response->op = SECURE_OP_CRC;
		if (!ram->generation->receipt_shows_result)
			response->result = SECURE_SUCCESS;
	}
	buf[1] = response->op;
	len += put_result(ram, response->result, buf + len);
	if (response->result == SECURE_SUCCESS)
		len += put_payload(response, buf + len);
	firmware_notify(device, HANDLE_CONTROL, buf, len);
}

/* --- requests --- */

void secure_run(struct device *device)
{
	struct secure *ram = secure_ram(device);

	while (ram->request_count > 0 && !ram->resetting && !firmware_cpu_is_held(device)) {
		struct secure_request request = ram->requests[ram->request_head];

		ram->request_head = (ram->request_head + 1) % SECURE_REQUESTS;
		ram->request_count--;
		secure_handle_request(device, &request);
	}
	if (ram->execute_pending && !ram->resetting && !firmware_cpu_is_held(device) &&
	    flash_is_idle(device_flash(device)))
		secure_finish_execute(device);
}

/* False: the queue is full, and the request is lost without a sign. */
static bool schedule(struct secure *ram, const struct secure_request *request)
{
	unsigned place = (ram->request_head + ram->request_count) % SECURE_REQUESTS;

	if (ram->request_count == SECURE_REQUESTS)
		return false;
	ram->requests[place] = *request;
	ram->request_count++;
	return true;
}

static bool length_ok(const struct secure *ram, uint8_t op, size_t len)
{
	static const uint8_t lengths[] = {
		[SECURE_OP_CREATE] = 6, [SECURE_OP_SET_RECEIPT] = 3, [SECURE_OP_SELECT] = 2
	};

	return !ram->generation->checks_lengths || op >= sizeof(lengths) || lengths[op] == 0 ||
	       lengths[op] == len;
}

/* bytes beyond what was sent are 0 here; a chip has leftovers there (secure-dfu.md 3). */
static struct secure_request parse_control(struct secure *ram, const uint8_t bytes[CONTROL_MAX],
					   size_t len)
{
	struct secure_request request = { .op = bytes[0], .type = bytes[1] };

	if (!length_ok(ram, request.op, len)) {
		request.result = SECURE_INVALID_PARAMETER;
		return request;
	}
	request.size = secure_get32(bytes + 2);
	/* Receipts are the transport's own: they change at once, not in their turn. */
	if (request.op == SECURE_OP_SET_RECEIPT)
		ram->receipt_interval = (uint16_t)(bytes[1] | bytes[2] << 8);
	if (request.op == SECURE_OP_SET_RECEIPT || request.op == SECURE_OP_CREATE)
		ram->receipt_left = ram->receipt_interval;
	/* Over BLE packets come by their own characteristic. */
	if (request.op == SECURE_OP_WRITE)
		request.result = ram->generation->unknown_op;
	return request;
}

static uint8_t write_control(struct device *device, uint16_t handle, const uint8_t *data,
			     size_t len)
{
	struct secure *ram = secure_ram(device);
	uint8_t bytes[CONTROL_MAX] = { 0 };
	struct secure_request request;

	if (handle != HANDLE_CONTROL)
		return ATT_WRITE_NOT_PERMITTED;
	if (len > CONTROL_MAX)
		return ATT_INVALID_LENGTH;
	if (!(firmware_cccd(device, HANDLE_CONTROL) & CCCD_NOTIFY))
		return ATT_CCCD_IMPROPER;
	if (len > 0)
		memcpy(bytes, data, len);
	request = parse_control(ram, bytes, len);
	schedule(ram, &request);
	secure_run(device);
	return 0;
}

static struct secure_buffer *take_buffer(struct device *device)
{
	struct secure *ram = secure_ram(device);

	for (size_t i = 0; i < SECURE_BUFFERS; i++) {
		struct secure_buffer *buffer = &ram->buffers[i];

		if (!buffer->taken) {
			buffer->device = device;
			buffer->taken = true;
			return buffer;
		}
	}
	return NULL;
}

void secure_buffer_free(struct secure_buffer *buffer)
{
	buffer->taken = false;
}

static void write_packet(struct device *device, uint16_t handle, const uint8_t *data, size_t len)
{
	struct secure *ram = secure_ram(device);
	struct secure_buffer *buffer;

	if (handle != HANDLE_PACKET || len > ram->generation->packet_max)
		return;
	firmware_counters(device)->bytes_received += len;
	buffer = take_buffer(device);
	if (!buffer) {
		firmware_counters(device)->packets_dropped++;
		return;
	}
	buffer->len = len;
	if (len > 0)
		memcpy(buffer->data, data, len);
	if (!schedule(ram, &(struct secure_request){ .op = SECURE_OP_WRITE, .packet = buffer })) {
		firmware_counters(device)->packets_dropped++;
		secure_buffer_free(buffer);
	}
	secure_run(device);
}

/* --- connection --- */

/* Payloads are whole words wherever the device can help it. */
static uint16_t answer_mtu(struct device *device, uint16_t client_mtu)
{
	uint16_t most = secure_ram(device)->generation->mtu_max;
	uint16_t wanted = device_config(device)->mtu;

	if (wanted >= MTU_MIN && wanted < most)
		most = wanted;
	if (client_mtu >= most)
		return most;
	if (client_mtu < MTU_MIN)
		return MTU_MIN;
	return (uint16_t)(client_mtu - (client_mtu - MTU_OVERHEAD) % 4);
}

static void disconnected(struct device *device, uint8_t reason)
{
	struct secure *ram = secure_ram(device);

	(void)reason;
	if (ram->generation->forgets_at_disconnect)
		secure_settings_read(device, &ram->settings);
}

static void inactivity(struct device *device)
{
	secure_ram(device)->resetting = true;
	firmware_reset(device);
}

const struct firmware_ops secure_firmware = {
	.attributes = attributes,
	.attribute_count = sizeof(attributes) / sizeof(attributes[0]),
	.disconnected = disconnected,
	.mtu = answer_mtu,
	.write = write_control,
	.write_cmd = write_packet,
	.inactivity = inactivity,
	.cpu_released = secure_run,
};
