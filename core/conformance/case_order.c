/* Many packets: their order, and how many of them wait unseen. */
#include "cases.h"
#include "steps.h"

#include "bytes.h"

#include <zlib.h>

enum {
	SEQUENCE_VALUES = 1000,
	REQUEST_EACH = 10, /* so many of them are commands but one */
	PACED_VALUES = 200,
	FEW_PACKETS = 48, /* in the transport, the kernel and the controller together */
};

/* Value number i of Sequence, of changing length. */
static size_t make_value(const struct trial *t, uint16_t number, uint8_t *buf)
{
	size_t most = write_max(t) < 60 ? write_max(t) : 60;
	size_t len = 2 + number * 7u % (most - 1);

	put_le16(buf, number);
	for (size_t i = 2; i < len; i++)
		buf[i] = (uint8_t)(number + i);
	return len;
}

struct sent {
	uint16_t commands;
	uint32_t crc;
};

static bool send_sequence(struct trial *t, struct sent *ret_sent)
{
	struct sent sent = { .crc = (uint32_t)crc32(0, NULL, 0) };

	for (uint16_t i = 0; i < SEQUENCE_VALUES; i++) {
		bool request = i % REQUEST_EACH == REQUEST_EACH - 1;
		uint8_t value[64];
		size_t len = make_value(t, i, value);

		(request ? try_write : try_write_cmd)(t, SERVICE_SEQUENCE, value, len,
						      in_ms(t, PATIENCE_MS));
		if (!expect_code(t, OTADFU_OK, request ? "write" : "write_cmd"))
			return false;
		sent.crc = (uint32_t)crc32(sent.crc, value, (uInt)len);
		if (!request)
			sent.commands++;
	}
	*ret_sent = sent;
	return true;
}

bool case_order(struct trial *t)
{
	struct service_log log;
	struct sent sent;
	uint64_t began_ms;

	if (!begin(t))
		return false;
	began_ms = now_ms(t);
	return send_sequence(t, &sent) && read_log(t, &log) &&
	       expect(t, log.values == SEQUENCE_VALUES,
		      "of %d values %u arrived, %u of them in order", SEQUENCE_VALUES, log.values,
		      log.in_order) &&
	       expect(t, log.in_order == SEQUENCE_VALUES,
		      "the first %u came in order, the next not", log.in_order) &&
	       expect(t, log.commands == sent.commands, "%u came as commands, not %u", log.commands,
		      sent.commands) &&
	       expect(t, log.crc == sent.crc, "they came in order, and with other bytes") &&
	       note(t, "%d in %u ms", SEQUENCE_VALUES, (unsigned)(now_ms(t) - began_ms));
}

/* What was taken and not sent when the link ends is lost: that tells how much it was. */
bool case_paced(struct trial *t)
{
	struct service_log log;

	if (!(t->rig->job->transport->caps & OTADFU_TCAP_PACED_WRITE_CMD))
		return skip(t, "it claims no PACED_WRITE_CMD");
	if (!begin(t))
		return false;
	for (uint16_t i = 0; i < PACED_VALUES; i++) {
		uint8_t value[64];
		size_t len = make_value(t, i, value);

		try_write_cmd(t, SERVICE_SEQUENCE, value, len, in_ms(t, PATIENCE_MS));
		if (!expect_code(t, OTADFU_OK, "write_cmd"))
			return false;
	}
	return reconnect(t) && read_log(t, &log) &&
	       expect(t, log.values + FEW_PACKETS >= PACED_VALUES,
		      "of %d packets that were taken %d were still waiting", PACED_VALUES,
		      PACED_VALUES - log.values) &&
	       note(t, "%d of %d were still waiting", PACED_VALUES - log.values, PACED_VALUES);
}
