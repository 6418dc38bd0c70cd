/* The numbers of the example protocol: README.md in C. */
#ifndef EXAMPLE_WIRE_H
#define EXAMPLE_WIRE_H

#include <otadfu/types.h>

#define EXAMPLE_UUID(n)                                                                            \
	{                                                                                          \
		{                                                                                  \
			0x0e, 0x5a, 0x00, (n), 0x6f, 0x74, 0x61, 0x64, 0x66, 0x75, 0x65, 0x78,     \
				0x61, 0x6d, 0x70, 0x6c                                             \
		}                                                                                  \
	}

static const struct otadfu_uuid example_service = EXAMPLE_UUID(1);
static const struct otadfu_uuid example_control = EXAMPLE_UUID(2);
static const struct otadfu_uuid example_data = EXAMPLE_UUID(3);

enum { EXAMPLE_APPLICATION = 1, EXAMPLE_BOOTLOADER = 2 };

/* The hello: mode, version, buffer. */
enum { EXAMPLE_HELLO_LEN = 3 };

enum {
	EXAMPLE_JUMP = 1,
	EXAMPLE_BEGIN,
	EXAMPLE_CHECK,
	EXAMPLE_COMMIT,
	EXAMPLE_FORGET,
	EXAMPLE_ANSWER = 0x80
};

enum {
	EXAMPLE_DONE = 0,
	EXAMPLE_NOT_UNDERSTOOD,
	EXAMPLE_NOT_NOW,
	EXAMPLE_TOO_LARGE,
	EXAMPLE_CHECKSUM_DIFFERS
};

enum { EXAMPLE_OFFSET_LEN = 4 };
enum { EXAMPLE_AD_SERVICE_DATA = 0x21 };

static inline uint32_t example_get32(const uint8_t *p)
{
	return (uint32_t)p[0] | (uint32_t)p[1] << 8 | (uint32_t)p[2] << 16 | (uint32_t)p[3] << 24;
}

static inline void example_put32(uint8_t *p, uint32_t value)
{
	for (int i = 0; i < 4; i++)
		p[i] = (uint8_t)(value >> (8 * i));
}

static inline uint32_t example_checksum(const uint8_t *data, size_t len)
{
	uint32_t sum = 2166136261u;

	for (size_t i = 0; i < len; i++)
		sum = (sum ^ data[i]) * 16777619u;
	return sum;
}

#endif
