/* The Control Point of the legacy bootloader: legacy-dfu.md, section 4. */
#include "peer_legacy.h"

void legacy_notify(struct device *device, const uint8_t *data, size_t len)
{
	if (firmware_cccd(device, LEGACY_HANDLE_CONTROL))
		firmware_notify(device, LEGACY_HANDLE_CONTROL, data, len);
	else
		firmware_error_check(device);
}

void legacy_respond(struct device *device, enum legacy_op op, enum legacy_status status)
{
	uint8_t response[] = { LEGACY_OP_RESPONSE, (uint8_t)op, (uint8_t)status };

	legacy_notify(device, response, sizeof(response));
}

/* Before SDK 7 the mode may be missing, up to SDK 6.0 it is not looked at: an application. */
static void start(struct device *device, const uint8_t *data, size_t len)
{
	const struct legacy_generation *generation = legacy_generation(device);
	struct legacy *legacy = legacy_of(device);

	if (len < 2 && !generation->takes_old_start) {
		legacy_respond(device, LEGACY_OP_START, LEGACY_FAILED);
		return;
	}
	legacy->packet = LEGACY_PACKET_SIZES;
	legacy->mode = len < 2 || generation->old_start_only ? LEGACY_MODE_APPLICATION : data[1];
}

/*
 * A second byte other than "complete" begins, whatever it is, and is not answered. Before SDK 7
 * there is no second byte, and the packet itself is answered.
 */
static void init(struct device *device, const uint8_t *data, size_t len)
{
	enum { COMPLETE = 1 };
	bool old = legacy_generation(device)->takes_old_init;

	if (len < 2 && !old) {
		legacy_respond(device, LEGACY_OP_INIT, LEGACY_FAILED);
		return;
	}
	legacy_of(device)->packet = LEGACY_PACKET_INIT;
	if (!old && data[1] == COMPLETE)
		legacy_respond(device, LEGACY_OP_INIT, legacy_init_complete(device));
}

static void receive(struct device *device, const uint8_t *data, size_t len)
{
	(void)data, (void)len;
	legacy_of(device)->packet = LEGACY_PACKET_DATA;
}

static void validate(struct device *device, const uint8_t *data, size_t len)
{
	(void)data, (void)len;
	legacy_respond(device, LEGACY_OP_VALIDATE, legacy_validate(device));
}

static void activate(struct device *device, const uint8_t *data, size_t len)
{
	(void)data, (void)len;
	if (legacy_of(device)->state == LEGACY_WAIT_ACTIVATE)
		legacy_activate(device);
	else
		legacy_leave(device);
}

static void reset(struct device *device, const uint8_t *data, size_t len)
{
	(void)data, (void)len;
	legacy_leave(device);
}

static void report_size(struct device *device, const uint8_t *data, size_t len)
{
	uint8_t response[7] = { LEGACY_OP_RESPONSE, LEGACY_OP_REPORT_SIZE, LEGACY_SUCCESS };

	(void)data, (void)len;
	legacy_put_u32(response + 3, legacy_of(device)->reported);
	legacy_notify(device, response, sizeof(response));
}

static void request_receipts(struct device *device, const uint8_t *data, size_t len)
{
	struct legacy *legacy = legacy_of(device);

	if (len < 3) {
		legacy_respond(device, LEGACY_OP_RECEIPTS, LEGACY_NOT_SUPPORTED);
		return;
	}
	legacy->receipt_every = (uint16_t)(data[1] | data[2] << 8);
	legacy->receipt_left = legacy->receipt_every;
}

static void (*const commands[])(struct device *device, const uint8_t *data, size_t len) = {
	[LEGACY_OP_START] = start,
	[LEGACY_OP_INIT] = init,
	[LEGACY_OP_RECEIVE] = receive,
	[LEGACY_OP_VALIDATE] = validate,
	[LEGACY_OP_ACTIVATE] = activate,
	[LEGACY_OP_RESET] = reset,
	[LEGACY_OP_REPORT_SIZE] = report_size,
	[LEGACY_OP_RECEIPTS] = request_receipts,
};

void legacy_control_write(struct device *device, const uint8_t *data, size_t len)
{
	/* A write of no bytes leaves the op that happens to lie in the buffer: here 0. */
	uint8_t op = len > 0 ? data[0] : 0;

	if (op < sizeof(commands) / sizeof(commands[0]) && commands[op])
		commands[op](device, data, len);
	else
		legacy_respond(device, (enum legacy_op)op, LEGACY_NOT_SUPPORTED);
}
