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

static void start(struct device *device, const uint8_t *data)
{
	struct legacy *legacy = legacy_of(device);

	legacy->packet = LEGACY_PACKET_SIZES;
	legacy->mode = data[1];
}

/* A second byte other than "complete" begins, whatever it is, and is not answered. */
static void init(struct device *device, const uint8_t *data)
{
	enum { COMPLETE = 1 };

	legacy_of(device)->packet = LEGACY_PACKET_INIT;
	if (data[1] == COMPLETE)
		legacy_respond(device, LEGACY_OP_INIT, legacy_init_complete(device));
}

static void receive(struct device *device, const uint8_t *data)
{
	(void)data;
	legacy_of(device)->packet = LEGACY_PACKET_DATA;
}

static void validate(struct device *device, const uint8_t *data)
{
	(void)data;
	legacy_respond(device, LEGACY_OP_VALIDATE, legacy_validate(device));
}

static void activate(struct device *device, const uint8_t *data)
{
	(void)data;
	if (legacy_of(device)->state == LEGACY_WAIT_ACTIVATE)
		legacy_activate(device);
	else
		legacy_leave(device);
}

static void reset(struct device *device, const uint8_t *data)
{
	(void)data;
	legacy_leave(device);
}

static void report_size(struct device *device, const uint8_t *data)
{
	uint8_t response[7] = { LEGACY_OP_RESPONSE, LEGACY_OP_REPORT_SIZE, LEGACY_SUCCESS };

	(void)data;
	legacy_put_u32(response + 3, legacy_of(device)->reported);
	legacy_notify(device, response, sizeof(response));
}

static void request_receipts(struct device *device, const uint8_t *data)
{
	struct legacy *legacy = legacy_of(device);

	legacy->receipt_every = (uint16_t)(data[1] | data[2] << 8);
	legacy->receipt_left = legacy->receipt_every;
}

struct command {
	enum legacy_op op;
	size_t min_len;
	enum legacy_status if_short;
	void (*run)(struct device *device, const uint8_t *data);
};

static const struct command commands[] = {
	{ LEGACY_OP_START, 2, LEGACY_FAILED, start },
	{ LEGACY_OP_INIT, 2, LEGACY_FAILED, init },
	{ LEGACY_OP_RECEIVE, 1, LEGACY_FAILED, receive },
	{ LEGACY_OP_VALIDATE, 1, LEGACY_FAILED, validate },
	{ LEGACY_OP_ACTIVATE, 1, LEGACY_FAILED, activate },
	{ LEGACY_OP_RESET, 1, LEGACY_FAILED, reset },
	{ LEGACY_OP_REPORT_SIZE, 1, LEGACY_FAILED, report_size },
	{ LEGACY_OP_RECEIPTS, 3, LEGACY_NOT_SUPPORTED, request_receipts },
};

void legacy_control_write(struct device *device, const uint8_t *data, size_t len)
{
	/* A write of no bytes leaves the op that happens to lie in the buffer: here 0. */
	uint8_t op = len > 0 ? data[0] : 0;

	for (size_t i = 0; i < sizeof(commands) / sizeof(commands[0]); i++) {
		if (commands[i].op != op)
			continue;
		if (len < commands[i].min_len)
			legacy_respond(device, commands[i].op, commands[i].if_short);
		else
			commands[i].run(device, data);
		return;
	}
	legacy_respond(device, (enum legacy_op)op, LEGACY_NOT_SUPPORTED);
}
