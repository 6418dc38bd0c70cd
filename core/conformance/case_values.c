/* Values, whole and refused. */
#include "cases.h"
#include "steps.h"

#include <string.h>

enum { SMALL_CAP = 40 };

bool case_read(struct trial *t)
{
	struct value value;

	return begin(t) && fill_and_read(t, 0) && fill_and_read(t, 5) &&
	       /* As long as one answer: only the next, an empty one, shows that this was all. */
	       fill_and_read(t, (uint16_t)(t->mtu - 1)) && fill_and_read(t, SERVICE_VALUE_MAX) &&
	       read_value(t, SERVICE_LONG, &value) &&
	       expect(t, value.len == SERVICE_LONG_LEN && service_is_pattern(value.data, value.len),
		      "read of Long gave %zu bytes, or others than its %d", value.len,
		      SERVICE_LONG_LEN);
}

bool case_read_small(struct trial *t)
{
	struct value value;

	if (!begin(t))
		return false;
	memset(value.data, 0x5A, sizeof(value.data));
	try_read(t, SERVICE_LONG, SMALL_CAP, &value, in_ms(t, PATIENCE_MS));
	return expect_code(t, OTADFU_E_OVERFLOW, "read of 300 bytes with room for 40") &&
	       expect(t, value.data[SMALL_CAP] == 0x5A, "read wrote past the end of the buffer") &&
	       fill_and_read(t, SMALL_CAP);
}

typedef int write_fn(struct trial *t, enum service_chr which, const uint8_t *data, size_t len,
		     uint64_t deadline_ms);

/* The value is other than what Echo held, and arrives as it is. */
static bool write_and_read(struct trial *t, write_fn *try_it, const char *verb, size_t len)
{
	uint8_t data[SERVICE_VALUE_MAX];
	struct value value;

	for (size_t i = 0; i < len; i++)
		data[i] = (uint8_t)(0xC0 - i % 0x40 + len % 7);
	if (!control(t, service_fill(30)))
		return false;
	try_it(t, SERVICE_ECHO, data, len, in_ms(t, PATIENCE_MS));
	/* Reset is a request: it reaches the peer behind the command. */
	return expect_code(t, OTADFU_OK, verb) && control(t, service_reset()) &&
	       read_value(t, SERVICE_ECHO, &value) &&
	       expect(t, value.len == len && memcmp(value.data, data, len) == 0,
		      "%s of %zu bytes: %zu arrived%s", verb, len, value.len,
		      value.len == len ? ", and others" : "");
}

bool case_write(struct trial *t)
{
	return begin(t) && write_and_read(t, try_write, "write", 1) &&
	       write_and_read(t, try_write, "write", write_max(t)) &&
	       note(t, "up to %zu bytes", write_max(t));
}

bool case_write_cmd(struct trial *t)
{
	return begin(t) && write_and_read(t, try_write_cmd, "write_cmd", 1) &&
	       write_and_read(t, try_write_cmd, "write_cmd", write_max(t)) &&
	       note(t, "up to %zu bytes", write_max(t));
}

bool case_write_empty(struct trial *t)
{
	return begin(t) && write_and_read(t, try_write, "write", 0) &&
	       write_and_read(t, try_write_cmd, "write_cmd", 0);
}

/* One byte too many; what Echo held stays. */
static bool refuse_too_long(struct trial *t, write_fn *try_it, const char *verb)
{
	static const uint8_t data[SERVICE_VALUE_MAX];
	struct value value;

	if (!control(t, service_fill(30)))
		return false;
	try_it(t, SERVICE_ECHO, data, write_max(t) + 1, in_ms(t, PATIENCE_MS));
	return expect(t, t->code != OTADFU_OK, "%s took %zu bytes, %zu being the most", verb,
		      write_max(t) + 1, write_max(t)) &&
	       expect_code(t, OTADFU_E_INVALID, verb) && control(t, service_reset()) &&
	       read_value(t, SERVICE_ECHO, &value) &&
	       expect(t, value.len == 30, "%s refused %zu bytes and sent %zu of them", verb,
		      write_max(t) + 1, value.len);
}

bool case_write_too_long(struct trial *t)
{
	if (!begin(t))
		return false;
	if (!t->mtu_is_known)
		return skip(t, "it cannot tell the MTU");
	return refuse_too_long(t, try_write, "write") &&
	       refuse_too_long(t, try_write_cmd, "write_cmd");
}

static bool expect_detail(struct trial *t, int32_t detail, const char *verb)
{
	return expect(t, t->why.detail == detail, "%s: the detail was to be %02X, not %02X", verb,
		      (unsigned)detail, (unsigned)t->why.detail);
}

bool case_att_security(struct trial *t)
{
	struct value value;

	if (!begin(t))
		return false;
	try_read(t, SERVICE_REFUSED, sizeof(value.data), &value, in_ms(t, PATIENCE_MS));
	return expect_code(t, OTADFU_E_SECURITY, "read refused with 05") &&
	       expect_detail(t, SERVICE_READ_REFUSAL, "read refused with 05") &&
	       fill_and_read(t, 10);
}

bool case_att_error(struct trial *t)
{
	static const uint8_t data[1];

	if (!begin(t))
		return false;
	try_write(t, SERVICE_REFUSED, data, sizeof(data), in_ms(t, PATIENCE_MS));
	return expect_code(t, OTADFU_E_ATT, "write refused with 80") &&
	       expect_detail(t, SERVICE_WRITE_REFUSAL, "write refused with 80") &&
	       fill_and_read(t, 10);
}
