#include "l2cap.h"

enum { SIGNALLING_MTU = 23 }; /* 4: every LE device takes that, and this one no more */

enum { /* codes of the signalling channel, 4 */
       COMMAND_REJECT = 0x01,
       PARAMETER_REQUEST = 0x12,
       PARAMETER_RESPONSE = 0x13
};

enum { /* reasons of a Command Reject, 4.1 */
       NOT_UNDERSTOOD = 0x0000,
       MTU_EXCEEDED = 0x0001
};

enum { /* Part H, 3.5 and 3.6.7 */
       PAIRING_REQUEST = 0x01,
       PAIRING_FAILED = 0x05,
       SECURITY_REQUEST = 0x0B,
       PAIRING_NOT_SUPPORTED = 0x05
};

/* Those are never answered, not even with a reject. */
static const uint8_t responses[] = {
	COMMAND_REJECT,     0x03, 0x05, 0x07, 0x09, 0x0B, 0x0D, 0x0F, 0x11,
	PARAMETER_RESPONSE, 0x15, 0x16, 0x18, 0x1A,
};

static bool is_response(uint8_t code)
{
	return memchr(responses, code, sizeof(responses)) != NULL;
}

static void begin(struct filler *f, uint8_t code, uint8_t id, uint16_t len)
{
	fill_u8(f, code);
	fill_u8(f, id);
	fill_le16(f, len);
}

static void reject(struct l2cap_answer *answer, uint16_t reason)
{
	struct filler f = filler_over(answer->data, sizeof(answer->data));

	begin(&f, COMMAND_REJECT, answer->id, reason == MTU_EXCEEDED ? 4 : 2);
	fill_le16(&f, reason);
	if (reason == MTU_EXCEEDED)
		fill_le16(&f, SIGNALLING_MTU);
	answer->len = f.len;
	answer->news = L2CAP_REFUSED;
}

/* 4.20 and 4.21 */
static void answer_parameter_request(struct l2cap_answer *answer, struct cursor *c, bool central)
{
	struct filler f = filler_over(answer->data, sizeof(answer->data));
	struct hci_connection_parameters wish = { 0 };

	wish.interval_min = cursor_le16(c);
	wish.interval_max = cursor_le16(c);
	wish.latency = cursor_le16(c);
	wish.timeout = cursor_le16(c);
	if (!central || c->failed || cursor_left(c) > 0) {
		reject(answer, NOT_UNDERSTOOD);
		return;
	}
	answer->result = hci_is_possible(&wish) ? L2CAP_ACCEPTED : L2CAP_REJECTED;
	answer->news = hci_is_possible(&wish) ? L2CAP_PARAMETERS_ACCEPTED : L2CAP_REFUSED;
	answer->parameters = wish;
	begin(&f, PARAMETER_RESPONSE, answer->id, 2);
	fill_le16(&f, answer->result);
	answer->len = f.len;
}

static void take_response(struct l2cap_answer *answer, struct cursor *c)
{
	uint16_t result = cursor_le16(c);

	/* A peer that rejects the whole command grants nothing either. */
	answer->result = answer->code == COMMAND_REJECT ? L2CAP_REJECTED : result;
	if (!c->failed)
		answer->news = L2CAP_PARAMETERS_ANSWERED;
}

static void answer_signalling(struct l2cap_answer *answer, struct cursor *c, size_t len,
			      bool central)
{
	size_t data_len;

	answer->code = cursor_u8(c);
	answer->id = cursor_u8(c);
	data_len = cursor_le16(c);
	if (c->failed || data_len != cursor_left(c) || answer->id == 0)
		return; /* an answer would have no identifier to bear */
	if (answer->code == PARAMETER_RESPONSE || answer->code == COMMAND_REJECT)
		take_response(answer, c);
	else if (is_response(answer->code))
		return;
	else if (len > SIGNALLING_MTU)
		reject(answer, MTU_EXCEEDED);
	else if (answer->code == PARAMETER_REQUEST)
		answer_parameter_request(answer, c, central);
	else
		reject(answer, NOT_UNDERSTOOD);
}

static void answer_smp(struct l2cap_answer *answer, struct cursor *c)
{
	static const uint8_t failed[] = { PAIRING_FAILED, PAIRING_NOT_SUPPORTED };

	answer->code = cursor_u8(c);
	if (answer->code != PAIRING_REQUEST && answer->code != SECURITY_REQUEST)
		return;
	memcpy(answer->data, failed, sizeof(failed));
	answer->len = sizeof(failed);
	answer->news = L2CAP_REFUSED;
}

struct l2cap_answer l2cap_answer(uint16_t channel, bool central, const uint8_t *data, size_t len)
{
	struct cursor c = cursor_over(data, len);
	struct l2cap_answer answer = { 0 };

	if (channel == L2CAP_SIGNALLING)
		answer_signalling(&answer, &c, len, central);
	else if (channel == L2CAP_SMP)
		answer_smp(&answer, &c);
	return answer;
}

size_t l2cap_request_parameters(uint8_t id, const struct hci_connection_parameters *parameters,
				uint8_t buf[L2CAP_ANSWER_MAX])
{
	struct filler f = filler_over(buf, L2CAP_ANSWER_MAX);

	begin(&f, PARAMETER_REQUEST, id, 8);
	fill_le16(&f, parameters->interval_min);
	fill_le16(&f, parameters->interval_max);
	fill_le16(&f, parameters->latency);
	fill_le16(&f, parameters->timeout);
	return f.len;
}
