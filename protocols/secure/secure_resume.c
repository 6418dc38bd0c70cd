#include "secure_resume.h"

#include <zlib.h>

static struct secure_plan plan(enum secure_way way, uint32_t start, uint32_t offset)
{
	return (struct secure_plan){ .way = way, .start = start, .offset = offset };
}

uint32_t secure_crc(const uint8_t *data, size_t len)
{
	return (uint32_t)crc32_z(0, data, len);
}

struct secure_plan secure_plan_command(const struct secure_held *held, const uint8_t *init,
				       uint32_t len)
{
	uint32_t offset = held->offset;

	if (offset == 0 || offset > len || held->crc != secure_crc(init, offset))
		return plan(SECURE_WAY_CREATE, 0, 0);
	return plan(offset == len ? SECURE_WAY_EXECUTE : SECURE_WAY_CONTINUE, 0, offset);
}

struct secure_plan secure_plan_data(const struct secure_held *held, uint32_t object_max,
				    const uint8_t *data, uint32_t len)
{
	uint32_t offset = held->offset;
	uint32_t open = offset % object_max;
	uint32_t last = offset - (open != 0 ? open : object_max);

	/* At 0 the CRC is left over from an earlier update: not looked at. */
	if (offset == 0)
		return plan(SECURE_WAY_CREATE, 0, 0);
	if (offset > len)
		return plan(SECURE_WAY_RESTART, 0, 0);
	if (held->crc != secure_crc(data, offset))
		return plan(SECURE_WAY_CREATE, last, last);
	if (open == 0 || offset == len)
		return plan(SECURE_WAY_EXECUTE, offset, offset);
	/* Section 8: what follows an odd number of bytes is counted, but never reaches flash. */
	if (offset % 4 != 0)
		return plan(SECURE_WAY_CREATE, last, last);
	return plan(SECURE_WAY_CONTINUE, last, offset);
}
