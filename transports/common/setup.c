#include "setup.h"

#include <otadfu/error.h>

enum { BUFFER_MIN = 27 }; /* 7.8.2 */

static void take_version(struct setup *setup, const uint8_t *reply)
{
	setup->version = reply[0];
	setup->manufacturer = get_le16(reply + 4);
}

static void take_address(struct setup *setup, const uint8_t *reply)
{
	setup->address = hci_address(reply, 0);
}

static void take_features(struct setup *setup, const uint8_t *reply)
{
	memcpy(setup->features, reply, sizeof(setup->features));
}

static void set_buffers(struct setup *setup, uint16_t len, uint16_t total)
{
	/* No frame of ours is longer. */
	setup->buffers.len = len > ACL_FRAME_MAX ? ACL_FRAME_MAX : len;
	setup->buffers.total = total;
	setup->buffers.free = total;
}

static void take_le_buffers(struct setup *setup, const uint8_t *reply)
{
	set_buffers(setup, get_le16(reply), reply[2]);
}

static void take_shared_buffers(struct setup *setup, const uint8_t *reply)
{
	set_buffers(setup, get_le16(reply), get_le16(reply + 3));
}

/* 7.8.2: zeros mean that LE data goes through the buffers of BR/EDR. */
static bool lacks_buffers(const struct setup *setup)
{
	return setup->buffers.len < BUFFER_MIN || setup->buffers.total == 0;
}

bool setup_has(const struct setup *setup, enum hci_feature feature)
{
	return setup->features[feature / 8] & 1U << feature % 8;
}

/* 7.3.1, by bit: 4 Disconnection Complete, 13 and 14 of commands, 15 Hardware Error, 18 Number Of
 * Completed Packets, 61 LE Meta. */
static void fill_event_mask(const struct setup *setup, uint8_t mask[HCI_MASK_LEN])
{
	(void)setup;
	mask[0] = 0x10;
	mask[1] = 0xE0;
	mask[2] = 0x04;
	mask[7] = 0x20;
}

/* 7.8.1. A controller may refuse a mask with events that it does not know, so each goes with the
 * feature that brings it (Vol 6, Part B, 4.6). */
static void fill_le_event_mask(const struct setup *setup, uint8_t mask[HCI_MASK_LEN])
{
	static const struct {
		enum hci_feature feature;
		uint8_t event;
	} optional[] = {
		{ .feature = HCI_FEATURE_ENCRYPTION, .event = 4 }, /* Long Term Key Request */
		{ .feature = HCI_FEATURE_PARAMETER_REQUEST, .event = 5 },
		{ .feature = HCI_FEATURE_DATA_LENGTH, .event = 6 }, /* Data Length Change */
		{ .feature = HCI_FEATURE_PRIVACY, .event = 9 },   /* Enhanced Connection Complete */
		{ .feature = HCI_FEATURE_2M, .event = 11 },       /* PHY Update Complete */
		{ .feature = HCI_FEATURE_EXTENDED, .event = 12 }, /* Extended Advertising Report */
	};

	mask[0] = 0x07; /* Connection Complete, Advertising Report, Connection Update Complete */
	for (size_t i = 0; i < sizeof(optional) / sizeof(optional[0]); i++) {
		uint8_t event = optional[i].event;

		if (setup_has(setup, optional[i].feature))
			mask[event / 8] |= (uint8_t)(1U << event % 8);
	}
}

static const struct step {
	uint16_t opcode;
	bool (*is_needed)(const struct setup *setup);
	void (*fill_mask)(const struct setup *setup, uint8_t mask[HCI_MASK_LEN]);
	void (*take)(struct setup *setup, const uint8_t *reply);
} steps[] = {
	{ .opcode = HCI_RESET },
	{ .opcode = HCI_READ_LOCAL_VERSION, .take = take_version },
	{ .opcode = HCI_READ_BD_ADDR, .take = take_address },
	{ .opcode = HCI_LE_READ_FEATURES, .take = take_features },
	{ .opcode = HCI_LE_READ_BUFFER_SIZE, .take = take_le_buffers },
	{ .opcode = HCI_READ_BUFFER_SIZE, .is_needed = lacks_buffers, .take = take_shared_buffers },
	{ .opcode = HCI_SET_EVENT_MASK, .fill_mask = fill_event_mask },
	{ .opcode = HCI_LE_SET_EVENT_MASK, .fill_mask = fill_le_event_mask },
};

enum { STEP_COUNT = sizeof(steps) / sizeof(steps[0]) };

bool setup_is_done(const struct setup *setup)
{
	return setup->step == STEP_COUNT;
}

bool setup_next(const struct setup *setup, struct hci_command *ret_command)
{
	const struct step *step;
	uint8_t mask[HCI_MASK_LEN] = { 0 };

	if (setup_is_done(setup))
		return false;
	step = &steps[setup->step];
	*ret_command = hci_plain(step->opcode);
	if (step->fill_mask) {
		step->fill_mask(setup, mask);
		*ret_command = hci_mask(step->opcode, mask);
	}
	return true;
}

static bool is_skipped(const struct setup *setup)
{
	bool (*is_needed)(const struct setup *) =
		setup_is_done(setup) ? NULL : steps[setup->step].is_needed;

	return is_needed && !is_needed(setup);
}

int setup_answered(struct setup *setup, uint8_t status, const uint8_t *reply,
		   struct problem *ret_problem)
{
	const struct step *step = &steps[setup->step];

	if (status != 0)
		return problem_set(ret_problem, OTADFU_E_UNSUPPORTED,
				   "the controller refused %s: %s (0x%02X); is it one for "
				   "Bluetooth LE?",
				   hci_command_name(step->opcode), hci_status_text(status), status);
	if (step->take)
		step->take(setup, reply);
	setup->step++;
	while (is_skipped(setup))
		setup->step++;
	if (setup_is_done(setup) && lacks_buffers(setup))
		return problem_set(ret_problem, OTADFU_E_PROTOCOL,
				   "the controller says that it has no buffers for data");
	return OTADFU_OK;
}
