/*
 * The test service of the peer, as transports/sim/CONFORMANCE.md describes it: what it has, what
 * can be asked of it, what its log says. Pure: bytes in, bytes out.
 */
#ifndef OTADFU_CONFORMANCE_SERVICE_H
#define OTADFU_CONFORMANCE_SERVICE_H

#include <otadfu/types.h>
#include <stdbool.h>

enum service_chr {
	SERVICE_CONTROL,
	SERVICE_ECHO,
	SERVICE_SEQUENCE,
	SERVICE_LOG,
	SERVICE_BURST,
	SERVICE_INDICATION,
	SERVICE_LONG,
	SERVICE_REFUSED,
	SERVICE_MOVED, /* in the changed database alone */
	SERVICE_CHRS
};

enum {
	SERVICE_LOG_LEN = 24,
	SERVICE_LONG_LEN = 300,
	SERVICE_VALUE_MAX = 512,
	SERVICE_MOVED_VALUE = 0x2A,
	SERVICE_READ_REFUSAL = 0x05, /* ATT errors of Refused */
	SERVICE_WRITE_REFUSAL = 0x80,
};

const char *service_chr_name(enum service_chr which);
uint16_t service_chr_props(enum service_chr which);

struct otadfu_uuid service_uuid(void);
/* Its place in chrs[0..count), or count. */
size_t service_find(const struct otadfu_chr *chrs, size_t count, enum service_chr which);

/* A value for Control. */
struct service_command {
	uint8_t bytes[6];
	size_t len;
};

enum service_when { SERVICE_NOW = 0, SERVICE_NEXT_CONNECTION = 1 };
enum { SERVICE_REASON_USER = 0x13, SERVICE_REASON_SILENT = 0x08 };

struct service_command service_reset(void);
struct service_command service_burst(uint16_t count, uint16_t len);
struct service_command service_indicate(void);
struct service_command service_hold(enum service_when when, uint16_t ms);
struct service_command service_drop(enum service_when when, uint16_t ms, uint8_t reason);
struct service_command service_change(void);
struct service_command service_fill(uint16_t len);

struct service_log {
	uint16_t values;
	uint16_t commands; /* of values */
	uint16_t in_order;
	uint16_t longest;
	uint32_t crc;
	uint16_t confirmed;
	uint16_t mtu;
	uint16_t connections;
	uint16_t notifications;
	uint16_t subscriptions;
};

struct service_log service_parse_log(const uint8_t bytes[SERVICE_LOG_LEN]);

/* Long, and Echo after Fill: byte i is i modulo 251. */
void service_fill_pattern(uint8_t *buf, size_t len);
bool service_is_pattern(const uint8_t *data, size_t len);

/* A notification of Burst of that number. */
bool service_is_burst(const uint8_t *data, size_t len, uint16_t *ret_number);

#endif
