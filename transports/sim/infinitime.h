/*
 * What the files of the simulated InfiniTime share; private to them. Facts and section numbers:
 * legacy-dfu.md, 10.1.
 */
#ifndef OTADFU_SIM_INFINITIME_H
#define OTADFU_SIM_INFINITIME_H

#include "firmware.h"

enum { /* flash */
       INFINITIME_SLOT_RUNNING = 0x8000,
       INFINITIME_SLOT_RECEIVED = 0x42000,
       INFINITIME_SLOT_SIZE = 0x3A000,
       INFINITIME_RECORD = 0x7F000,
       INFINITIME_PAGE = 4096,
};

enum { INFINITIME_HANDLE_CONTROL = 0x0018 };

enum infinitime_state {
	INFINITIME_IDLE = 0,
	INFINITIME_STARTED,
	INFINITIME_ERASING,
	INFINITIME_INIT,
	INFINITIME_DATA,
	INFINITIME_VALIDATE,
	INFINITIME_VALIDATED,
};

/* RAM of the running firmware; it survives a disconnection. */
struct infinitime {
	enum infinitime_state state;
	bool updating;       /* until the link is lost: each access gives it ten seconds more */
	uint8_t answered_op; /* a second later */
	uint32_t size;
	uint16_t crc; /* that the init packet promises */
	uint32_t version;
	uint32_t received;
	uint32_t packets;
	uint8_t receipt_every;
};

static inline struct infinitime *infinitime_ram(const struct device *device)
{
	return firmware_ram(device);
}

/* What it keeps in flash beside the images. */
struct infinitime_record {
	uint32_t running_len;
	uint32_t received_len; /* to be exchanged at the next start; 0: nothing */
	uint32_t running_version;
	uint32_t received_version;
};

static inline uint16_t infinitime_get16(const uint8_t *p)
{
	return (uint16_t)(p[0] | p[1] << 8);
}

static inline uint32_t infinitime_get32(const uint8_t *p)
{
	return infinitime_get16(p) | (uint32_t)infinitime_get16(p + 2) << 16;
}

/* peer_infinitime.c */
const uint8_t *infinitime_flash_at(const struct device *device, uint32_t addr);
struct infinitime_record infinitime_record_read(const struct device *device);
void infinitime_record_save(struct device *device, const struct infinitime_record *record);

/* infinitime_update.c: what it makes of writes to the Control Point and of packets. */
void infinitime_control(struct device *device, const uint8_t *data, size_t len);
void infinitime_packet(struct device *device, const uint8_t *data, size_t len);

/* Its own way out of everything; an answer on its way is taken back. */
void infinitime_reset(struct device *device);

/* It was accessed: an update under way is given ten seconds more. */
void infinitime_feed(struct device *device);

#endif
