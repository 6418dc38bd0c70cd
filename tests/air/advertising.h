/* A controller that advertises (Core Specification, Vol 6, Part B, 4.4.2). */
#ifndef AIR_ADVERTISING_H
#define AIR_ADVERTISING_H

#include "address.h"

#include <stddef.h>

struct controller;

enum { SETS_MAX = 4, LEGACY_ADVERT_MAX = 31, ADVERT_MAX = 251 };

/* Advertising_Event_Properties (Vol 4, Part E, 7.8.53). */
enum {
	ADVERT_CONNECTABLE = 0x01,
	ADVERT_SCANNABLE = 0x02,
	ADVERT_DIRECTED = 0x04,
	ADVERT_HIGH_DUTY = 0x08,
	ADVERT_LEGACY = 0x10,
	ADVERT_ANONYMOUS = 0x20,
	ADVERT_TX_POWER = 0x40
};

/* Advertising_Filter_Policy: whose requests are answered only if in the accept list. */
enum { FILTER_SCAN_REQUESTS = 0x01, FILTER_CONNECT_REQUESTS = 0x02 };

struct advert_data {
	uint8_t data[ADVERT_MAX];
	size_t len;
};

struct advert_set {
	bool used;
	bool enabled;
	uint8_t handle;
	uint8_t own_type;
	uint8_t filter;
	uint8_t secondary_phy;
	uint8_t sid;
	uint16_t properties;
	uint16_t data_id; /* of the ADI field: another one with each new data */
	uint32_t interval_us;
	struct address peer;
	struct address random;
	bool has_random;
	struct advert_data data;
	struct advert_data response;
	uint64_t next_us;
	uint64_t end_us;
	uint8_t events_max; /* 0: without end */
	uint8_t events;
};

/* Legacy commands mean set 0, which is always there for them. */
struct advertiser {
	struct advert_set sets[SETS_MAX];
};

struct advert_set *advertiser_find(struct advertiser *advertiser, uint8_t handle);
bool advertiser_is_on(const struct advertiser *advertiser);

/* The address that goes out. */
struct address advert_address(const struct controller *controller, const struct advert_set *set);

/* With the state set up: the first event comes at once. duration_us 0: without end. */
void advert_start(struct controller *controller, struct advert_set *set, uint64_t duration_us);

/* The set ends in a connection; its host, when it knows of sets, is told. */
void advert_connected(struct controller *controller, struct advert_set *set, uint16_t handle);

uint64_t advertiser_next_us(const struct controller *controller);
void advertiser_run(struct controller *controller);

#endif
