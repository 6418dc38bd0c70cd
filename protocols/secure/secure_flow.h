/*
 * How fast a device can be sent firmware (secure-dfu.md 7 and 8): how many packets find room in it,
 * and when its flash has made room for more. Pure; times are the caller's.
 */
#ifndef OTADFU_SECURE_FLOW_H
#define OTADFU_SECURE_FLOW_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

enum { SECURE_RECEIPTS_AUTO = -1 };

/* What is known of a device and its link. */
struct secure_facts {
	size_t max_write;     /* bytes in one packet of this link */
	uint32_t command_max; /* of Select of the command object; 0: not asked yet */
	bool paced;           /* the transport holds packets back while the air is busy */
	uint32_t interval_ms; /* of the connection, rounded up; 0: unknown */
	uint32_t caution;     /* steps down taken, from 0 */
	/* Options. */
	int64_t receipts;         /* SECURE_RECEIPTS_AUTO: as follows from the rest */
	uint32_t packet_size;     /* 0: as large as possible */
	uint32_t object_delay_ms; /* at least */
};

struct secure_pace {
	uint32_t payload;  /* bytes in one packet: whole words */
	uint16_t burst;    /* packets for which room is waited for at a time */
	uint16_t receipts; /* packets between two; 0: none */
	uint32_t delay_ms; /* after Create of a data object */
};

struct secure_pace secure_pace_of(const struct secure_facts *facts);

/* The caution that changes the pace after packets were lost; the same when there is no more. */
uint32_t secure_step_down(const struct secure_facts *facts);

/* "receipts: 4, packet_size: 20, object_delay_ms: 400": what a profile must say to begin with the
 * pace of facts; false where nothing was stepped down. */
enum { SECURE_PROFILE_TEXT = 96 };
bool secure_pace_describe(const struct secure_facts *facts, char text[SECURE_PROFILE_TEXT]);

/* Never less than floor_ms; what takes page_ms for each 4 kB may take longer. */
uint32_t secure_limit_ms(uint32_t floor_ms, size_t bytes, uint32_t page_ms);

/* The longest that writing a page of 4 kB takes, once it is erased. */
enum { SECURE_PAGE_WRITE_MS = 205 };

/* --- the device's flash queue --- */

enum { SECURE_FLASH_PLACES = 16 };

struct secure_flash {
	uint32_t erase_ms; /* of an object's pages; 0: all flash operations take no time */
	uint64_t done_ms[SECURE_FLASH_PLACES]; /* when each will be done, the first one first */
	size_t count;
};

/* Operations enter the queue at that time. */
void secure_flash_erase(struct secure_flash *flash, uint64_t at_ms);
void secure_flash_packet(struct secure_flash *flash, uint64_t at_ms, uint32_t len);
/* The settings page and its backup, for so long. */
void secure_flash_settings(struct secure_flash *flash, uint64_t at_ms, uint32_t takes_ms);
/* How long that is at most. */
uint32_t secure_settings_ms(const struct secure_flash *flash);
/* Packets were lost: it is full, of the longest ones. */
void secure_flash_fill(struct secure_flash *flash, uint64_t at_ms);
/* The device said that it has nothing left to do. */
void secure_flash_empty(struct secure_flash *flash);

/* How long until there is room for so many operations; 0: there is. */
uint32_t secure_flash_wait_ms(const struct secure_flash *flash, uint64_t now_ms, size_t places);

/* --- progress saved in flash (section 6.3) --- */

/*
 * How long the settings keep flash busy after each Execute. answer_ms: how long a second Execute,
 * which changes nothing, took longer to be answered than Checksum.
 */
uint32_t secure_saving_ms(const struct secure_facts *facts, const struct secure_flash *flash,
			  uint32_t answer_ms);

#endif
