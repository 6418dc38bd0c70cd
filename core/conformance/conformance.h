/*
 * Does a plugin keep its contract? The static part judges the file and its tables; the live part
 * tries out a transport against a peer that offers the test service.
 */
#ifndef OTADFU_CONFORMANCE_H
#define OTADFU_CONFORMANCE_H

#include "error.h"
#include "options.h"
#include "registry.h"

#include <otadfu/transport.h>
#include <stdbool.h>

struct clock;
struct log;

enum conformance_verdict {
	CONFORMANCE_OK = 0,
	CONFORMANCE_FAILED,
	CONFORMANCE_WAIVED, /* failed, as is known and accepted of this transport */
	CONFORMANCE_SKIPPED /* what it is about is not there */
};
enum { CONFORMANCE_VERDICTS = CONFORMANCE_SKIPPED + 1, CONFORMANCE_TEXT_MAX = 384 };

/* What became of one case. Borrowed for the call. */
struct conformance_finding {
	const char *name;
	const char *contract; /* the clause that it checks */
	enum conformance_verdict verdict;
	char text[CONFORMANCE_TEXT_MAX]; /* what was seen; may be empty */
	bool timed;
	uint64_t worst_ms; /* the longest that a call came late */
};

typedef void conformance_fn(void *user, const struct conformance_finding *finding);

struct conformance_listener {
	conformance_fn *on_finding;
	void *user;
	const char *const *patterns; /* as "drop-*": the cases to run; NULL-terminated; none: all */
};

bool conformance_is_wanted(const struct conformance_listener *listener, const char *name);

/* Of either part; NULL past the end. */
const char *conformance_case_name(size_t index);
/* How many belong to each part; the static one comes first. */
size_t conformance_static_count(void);
size_t conformance_live_count(void);

/* Loads the file into registry, as case "loads". OTADFU_OK when it was taken. */
int conformance_load(const struct conformance_listener *listener, const char *path,
		     bool secure_mode, struct registry *registry);

/* The rest of the static part. */
void conformance_check_plugin(const struct conformance_listener *listener,
			      const struct registry_plugin *plugin);

/* Pointers are borrowed. */
struct conformance_job {
	const struct otadfu_transport_ops *transport;
	const struct options *options;
	const char *adapter;
	struct otadfu_addr peer;
	uint32_t slack_ms;   /* how late a call may end */
	struct clock *clock; /* real */
	struct log *log;
	int interrupt_fd; /* readable: stop; -1: never */
};

/*
 * The live part. OTADFU_OK when every case was told, whatever became of it; else what open
 * returned, or OTADFU_E_CANCELLED.
 */
int conformance_check_transport(const struct conformance_listener *listener,
				const struct conformance_job *job, struct failure *why);

#endif
