/* What one device says of itself; nothing on it is changed. */
#ifndef OTADFU_ENGINE_INFO_H
#define OTADFU_ENGINE_INFO_H

#include "error.h"
#include "profile.h"
#include "registry.h"
#include "target.h"

struct clock;
struct log;

enum { INFO_TEXT_MAX = 64, INFO_TEXTS_MAX = 8, INFO_SERVICES_MAX = 32 };

/* One readable string of the Device Information service. */
struct info_text {
	const char *key; /* "manufacturer", "model", "serial", "hardware", "firmware", "software" */
	char value[INFO_TEXT_MAX]; /* printable */
};

struct info {
	char transport[FAILURE_WORD_MAX];
	struct otadfu_addr addr;
	char name[TARGET_NAME_MAX]; /* as advertised; empty: none */
	int16_t rssi_dbm;           /* 127 unknown */
	const char *protocol;       /* NULL: none that is loaded */
	uint32_t mode;              /* OTADFU_MODE_*, 0 unknown */
	uint32_t dfu_version;       /* as the device states it, 0 unknown */
	uint16_t mtu;
	size_t text_count;
	struct info_text texts[INFO_TEXTS_MAX];
	size_t service_count;
	struct otadfu_uuid services[INFO_SERVICES_MAX]; /* in the order of their handles */
};

struct info_job {
	const struct registry *registry;
	const struct profile *profile;
	struct clock *clock;
	struct log *log;
	int cancel_fd;
	uint64_t wait_ms; /* as of struct session_job */
};

/* Finds and connects as session_run does, reads, disconnects. *ret_exit_status: design section 7.
 */
int info_run(const struct info_job *job, struct info *ret_info, int *ret_exit_status,
	     struct failure *why);

#endif
