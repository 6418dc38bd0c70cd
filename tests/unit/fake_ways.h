/* Transports by the names of the real ones, that open and tell what a test says. */
#ifndef OTADFU_TESTS_FAKE_WAYS_H
#define OTADFU_TESTS_FAKE_WAYS_H

#include "profile.h"
#include "registry.h"

#include <stdbool.h>

enum way { WAY_BLUEZ, WAY_L2CAP, WAY_HCI, WAY_GATTTOOL, WAY_SIM, WAY_VENDOR, WAYS };

/* What one transport does; zeros: it opens, and finds nothing. */
struct way_part {
	int code;         /* of open and of examine */
	const char *text; /* recorded with it; NULL: nothing */
	/* The first two are told always, the last one about a device alone. Subject NULL: none. */
	struct otadfu_finding findings[2], of_device;

	/* What happened. */
	unsigned opens, closes, examinations;
	const char *adapter; /* as asked for */
};

struct ways {
	struct way_part parts[WAYS];
	enum way opened[WAYS]; /* in this order */
	size_t opened_count;
};

extern struct ways ways;

/* Every transport there is, but for those of missing (1u << WAY_*); ways is made empty. The sim and
 * the vendor's have no examine. */
struct registry *ways_load(unsigned missing);

#endif
