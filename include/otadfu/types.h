/* Plain values shared by both sides. Fixed width; no bool, no enum, no bit-field in a
 * struct that crosses the boundary. uuid, addr and chr are frozen for major 1. */
#ifndef OTADFU_TYPES_H
#define OTADFU_TYPES_H

#include <stddef.h>
#include <stdint.h>

/* Always 128 bits; a 16- or 32-bit UUID stands in the Bluetooth base UUID
 * 0000xxxx-0000-1000-8000-00805F9B34FB (Core Specification, Vol 3, Part B, 2.5.1). */
struct otadfu_uuid {
	uint8_t bytes[16]; /* big endian, as printed */
};

/* A device address (Core Specification, Vol 6, Part B, 1.3). */
struct otadfu_addr {
	uint8_t bytes[6]; /* bytes[0] is printed first */
	uint8_t type;     /* 0 public, 1 random, 255 unknown: find out by scan */
	uint8_t reserved; /* zero */
};

enum { /* otadfu_chr.props, as in the GATT characteristic declaration (Vol 3, Part G, 3.3.1.1) */
       OTADFU_PROP_READ = 0x02,
       OTADFU_PROP_WRITE_CMD = 0x04, /* write without response */
       OTADFU_PROP_WRITE = 0x08,
       OTADFU_PROP_NOTIFY = 0x10,
       OTADFU_PROP_INDICATE = 0x20,
};

/* One characteristic of the connected peer. */
struct otadfu_chr {
	struct otadfu_uuid service;
	struct otadfu_uuid uuid;
	uint16_t id;    /* chosen by the transport, unique in one link, not 0 */
	uint16_t props; /* OTADFU_PROP_* */
	uint32_t reserved;
};

enum { /* otadfu_advert.flags */
       OTADFU_ADV_CONNECTABLE = 1u << 0,
       OTADFU_ADV_DIRECTED = 1u << 1,      /* to us alone; it carries no data */
       OTADFU_ADV_SCAN_RESPONSE = 1u << 2, /* data is, or holds, the scan response */
};

/* One sighting. Borrowed: valid only during the callback that receives it. */
struct otadfu_advert {
	uint32_t size;
	uint32_t flags; /* OTADFU_ADV_* */
	struct otadfu_addr addr;
	int16_t rssi_dbm; /* 127 unknown */
	uint16_t data_len;
	/* AD structures (length, type, value), as received or rebuilt by the transport. From
	 * the air: each length is to be checked. NULL when data_len is 0. */
	const uint8_t *data;

	/* End of ABI 1.0. */
};

/* What a link runs with; 0 is unknown, or no wish. */
struct otadfu_link_params {
	uint32_t size;
	uint32_t interval_us;    /* connection interval, a multiple of 1250 */
	uint32_t supervision_ms; /* silence after which the link counts as lost */
	uint16_t latency;        /* connection events the peer may skip */
	uint16_t tx_octets;      /* link-layer payload, 27..251 */
	uint8_t tx_phy;          /* 1: 1M, 2: 2M */
	uint8_t encrypted;       /* 0 or 1 */
	uint16_t reserved;

	/* End of ABI 1.0. */
};

#endif
