/* A controller that scans (Core Specification, Vol 6, Part B, 4.4.3). */
#ifndef AIR_SCANNING_H
#define AIR_SCANNING_H

#include "address.h"
#include "advertising.h"

enum { SEEN_MAX = 64 };

/* When a receiver listens: a window in each interval. */
struct listening {
	uint64_t began_us;
	uint32_t interval_us;
	uint32_t window_us;
};

/* What duplicates are told by (4.4.3.5): not by the data, unless its number is on the air. */
struct seen {
	struct address address;
	uint16_t data_id;
	bool is_response;
};

struct scanner {
	bool on;
	bool extended; /* reports and PDUs */
	bool active;
	bool accept_list_only;
	bool filter_duplicates;
	uint8_t own_type;
	struct listening listening;
	uint64_t end_us; /* UINT64_MAX: without end */
	struct seen seen[SEEN_MAX];
	size_t seen_count;
	size_t seen_next;
};

bool listening_hears(const struct listening *listening, uint64_t now_us);

/* An advertising PDU reaches the scanner, which may ask for the scan response. */
void scanner_hear(struct controller *scanner, const struct controller *advertiser,
		  const struct advert_set *set);

uint64_t scanner_next_us(const struct controller *controller);
void scanner_run(struct controller *controller);

#endif
