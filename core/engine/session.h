/* One device: find, connect, probe, enter, update every image, rejoin, verify. */
#ifndef OTADFU_ENGINE_SESSION_H
#define OTADFU_ENGINE_SESSION_H

#include "error.h"
#include "package.h"
#include "profile.h"
#include "registry.h"

#include <stdint.h>

struct clock;
struct log;

enum session_phase {
	SESSION_CONNECT = 1,
	SESSION_PROBE,
	SESSION_ENTER,
	SESSION_INIT,
	SESSION_DATA,
	SESSION_VALIDATE,
	SESSION_ACTIVATE,
	SESSION_VERIFY
};

/* "connect" .. "verify", as in JSON. */
const char *session_phase_name(enum session_phase phase);

enum session_event_kind { SESSION_EVENT_PHASE = 1, SESSION_EVENT_PROGRESS, SESSION_EVENT_NOTE };

/* Everything is borrowed for the time of the call. */
struct session_event {
	enum session_event_kind kind;
	const char *device;       /* the address as text; the name while it is not known */
	const char *image;        /* package_kind_name; NULL while no image is under way */
	enum session_phase phase; /* of PHASE */
	uint64_t done, total;     /* of PROGRESS: bytes of this image */
	const char *text;         /* of NOTE */
	uint64_t now_ms;          /* on the device's clock */
};

/* How long a device may take to show up that is waited for until somebody gives up. */
#define SESSION_FOR_EVER UINT64_MAX

typedef void session_event_fn(void *user, const struct session_event *event);

/* Everything is borrowed until session_run returns. */
struct session_job {
	const struct registry *registry;
	const struct profile *profile;
	const struct package *package;
	struct clock *clock;
	struct log *log;
	int cancel_fd; /* readable: stop; -1: nothing can */
	/* Ends before the first byte that would change the device. */
	bool dry_run;
	/* A kind of package that the protocol does not take is sent all the same, and to a device
	 * that is not what the profile requires. */
	bool force;
	uint64_t wait_ms; /* how long it may take to show up; 0: the profile's connect.timeout_ms */
	session_event_fn *on_event;
	void *user;
};

enum session_status {
	SESSION_UPDATED = 1,
	SESSION_FAILED,
	SESSION_REFUSED_BY_HOST,
	SESSION_REFUSED_BY_DEVICE,
	SESSION_UNPROVEN,
	SESSION_CANCELLED,
	SESSION_REHEARSED /* a dry run found nothing in the way */
};

/* "updated", "failed", ...: as in JSON (design section 7). */
const char *session_status_name(enum session_status status);

enum { SESSION_FIRMWARE_MAX = 64 };

struct session_result {
	enum session_status status;
	int exit_status;                  /* design section 7 */
	char transport[FAILURE_WORD_MAX]; /* the one that was used; empty: none could be */
	char device[TARGET_NAME_MAX];     /* the address; the name while it is not known */
	size_t images_done;               /* of the package, from its first */
	uint32_t skipped; /* bit per image: the device had it already, and it was not sent */
	uint64_t bytes;   /* sum of the images' lengths, without the skipped ones */
	uint64_t duration_ms;
	uint32_t connections;
	uint64_t resent_bytes;
	char ended_as[160]; /* what the device now runs, in words; empty when that is not known */
	/* When it was first met and when it was seen again. Empty or 0: not known. */
	char address_before[TARGET_ADDR_TEXT];
	char address_after[TARGET_ADDR_TEXT];
	uint32_t mode_before;                       /* OTADFU_MODE_* */
	char firmware_before[SESSION_FIRMWARE_MAX]; /* the firmware revision, as it tells it */
	char firmware_after[SESSION_FIRMWARE_MAX];
	struct failure failure;
};

/*
 * The firmware revision that VERIFY_VERSION wants to read from the device after the update: the
 * profile's, or the number of the package's application. OTADFU_E_CONFIG where neither says.
 */
int session_expected_version(const struct profile *profile, const struct package *package,
			     char text[SESSION_FIRMWARE_MAX], struct failure *why);

/* Blocks until the update has ended one way or the other. */
void session_run(const struct session_job *job, struct session_result *ret_result);

#endif
