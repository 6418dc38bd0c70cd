/* One controller: what it can do, what its host has told it, and the way to that host. */
#ifndef AIR_CONTROLLER_H
#define AIR_CONTROLLER_H

#include "acl.h"
#include "advertising.h"
#include "initiating.h"
#include "outbox.h"
#include "scanning.h"

enum { ACCEPT_LIST_MAX = 16, DATA_OCTETS_MIN = 27, DATA_OCTETS_MAX = 251 };

/* As bits of HCI. */
enum { PHY_1M = 0x01, PHY_2M = 0x02 };

struct traits {
	struct address address;
	bool has_address;
	bool extended;
	bool data_length;
	bool phy_2m;
	unsigned acl_len;
	unsigned acl_count;
	unsigned links;
	int8_t rssi; /* how the others hear it */
};

/* Legacy and extended commands must not be mixed (Vol 4, Part E, 3.1.1). */
enum dialect { DIALECT_OPEN, DIALECT_LEGACY, DIALECT_EXTENDED };

/* What a Reset clears. */
struct controller_state {
	uint64_t event_mask;
	uint64_t le_event_mask;
	enum dialect dialect;
	struct address random;
	bool has_random;
	struct address accept_list[ACCEPT_LIST_MAX];
	size_t accept_count;
	struct data_length data_length; /* suggested for new links */
	uint8_t tx_phys;
	uint8_t rx_phys;
	struct advertiser advertiser;
	struct scanner scanner;
	struct initiator initiator;
};

struct controller {
	struct air *air;
	struct traits traits;
	struct controller_state state;
	struct acl_pool pool;
	struct h4 h4;
	struct outbox outbox;
	bool silent; /* its radio is off, which it does not know */
	bool lost;   /* its host broke H4, or does not read */
	unsigned overruns;
	unsigned queue_max;
};

/* NULL: no memory. */
struct controller *controller_open(struct air *air, const struct traits *traits);
void controller_close(struct controller *controller);
void controller_reset(struct controller *controller);

/* Bytes of the host. What they bring about is in the outbox, or comes there with time. */
void controller_take(struct controller *controller, const uint8_t *bytes, size_t len);

/* The features of the link layer (Vol 6, Part B, 4.6). */
uint64_t controller_features(const struct controller *controller);

/* The address of that type which its host uses. False: there is none. */
bool controller_own_address(const struct controller *controller, uint8_t type,
			    struct address *ret_address);
bool controller_accepts(const struct controller *controller, const struct address *address);

/* Events (Vol 4, Part E, 7.7), unless the host has masked them. */
void controller_event(struct controller *controller, uint8_t code, const struct writer *event);
struct writer le_event(uint8_t subevent);
void controller_le_event(struct controller *controller, const struct writer *event);
bool controller_wants_le_event(const struct controller *controller, uint8_t subevent);
void controller_acl(struct controller *controller, uint16_t handle, bool starts,
		    const uint8_t *data, size_t len);

#endif
