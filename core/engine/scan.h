/* What advertises nearby, and what the protocols make of it. */
#ifndef OTADFU_ENGINE_SCAN_H
#define OTADFU_ENGINE_SCAN_H

#include "error.h"
#include "profile.h"
#include "registry.h"

struct clock;
struct log;

struct scan_device {
	struct otadfu_addr addr;
	int16_t rssi_dbm; /* 127 unknown */
	bool connectable;
	char name[TARGET_NAME_MAX];
	const char *protocol; /* name of the protocol that recognises it; NULL none */
	uint32_t mode;        /* OTADFU_MODE_*; 0 it does not tell */
};

struct scan_job {
	const struct registry *registry;
	const struct profile *profile;
	struct clock *clock;
	struct log *log;
	int cancel_fd;
	uint32_t duration_ms;
};

/* Every device once, strongest first. Caller frees *ret_devices. */
int scan_run(const struct scan_job *job, struct scan_device **ret_devices, size_t *ret_count,
	     struct failure *why);

#endif
