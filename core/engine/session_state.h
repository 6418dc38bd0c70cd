/*
 * What the parts of one session share: finding (locate.c, rejoin.c), telling apart (whose.c),
 * meeting (join.c), conditions (require.c), proof (verify.c, proof.c).
 */
#ifndef OTADFU_ENGINE_SESSION_STATE_H
#define OTADFU_ENGINE_SESSION_STATE_H

#include "gatt.h"
#include "place.h"
#include "session.h"
#include "speakers.h"

enum {
	SESSION_USED_MAX = 8,
	/* Between two connections to a device that is not yet what it shall be. */
	SESSION_LOOK_AGAIN_MS = 1000,
	SESSION_PASS_OVER_MS = 3000,
};

/* One connection to be made: to an address, or to the first of several that answers. */
struct attempt {
	struct otadfu_addr addrs[PLACE_CANDIDATES_MAX];
	size_t count;
	uint64_t deadline_ms;
	bool certain; /* it is ours by more than its address: its name, or nobody else is there */
};

struct session {
	const struct session_job *job;
	struct session_result *result;
	struct task task;
	struct adapter adapter;
	struct options *transport_options;
	struct speakers speakers;
	enum session_phase phase;
	size_t image;          /* index of the one under way */
	size_t told_image;     /* under way when the phase was told */
	uint64_t pushed_bytes; /* of image data, over all connections */

	/* The connection: gatt.link NULL when there is none. */
	struct gatt gatt;
	const struct speaker *speaker; /* the protocol that talks */
	uint32_t mode;                 /* what the probe found */
	uint32_t version;              /* DFU version, as it was found; 0 unknown */

	/* How the target was seen when it was located; 127: its strength is unknown. */
	char advertised_name[TARGET_NAME_MAX];
	int16_t advertised_rssi_dbm;

	/* Met and not what it should be: while others may be there, it is not asked again at once.
	 */
	struct otadfu_addr passed_over;
	uint64_t passed_over_until_ms;

	/* Addresses this update has connected to, the first one first. */
	struct otadfu_addr used[SESSION_USED_MAX];
	size_t used_count;

	/* Where its application advertises: it was met there, or asked for by that address. */
	struct otadfu_addr home;
	bool has_home;

	/* Who else advertised when it was located, and whether anybody has listened for that. */
	struct sightings others;
	unsigned odd_meetings; /* in this place: with the device, but not as it should be */
	bool has_listened;

	bool is_required;  /* it has been held against what the profile requires */
	bool runs_another; /* it was seen again, and tells another version than the one sent */
};

/*
 * Opens the adapter and gathers the protocols for job. session_close afterwards, on failure too;
 * until then job and *result stand.
 */
int session_open(struct session *session, const struct session_job *job,
		 struct session_result *result);
void session_close(struct session *session);

/* tell.c: what happens, told to whoever listens. */
void session_enter_phase(struct session *session, enum session_phase phase);
/* Counts what the connection has pushed, if that was image data: init packets go the same way. */
void session_collect_bytes(struct session *session);
/* What a plugin tells of its progress; user is the session. */
task_event_fn session_hear;
void session_note(struct session *session, const char *format, ...)
	__attribute__((format(printf, 2, 3)));
bool session_has_used(const struct session *session, const struct otadfu_addr *addr);
/* Failures carry the phase in which they happened. */
struct failure *session_failure(struct session *session);

/* step.c: one step on the connection that stands. */
int step_check_kind(struct session *session);   /* PACKAGE: of the other world */
int step_check_way_in(struct session *session); /* UNSUPPORTED: no way into the bootloader */
int step_enter_bootloader(struct session *session, struct otadfu_next *next);
int step_update_image(struct session *session, struct otadfu_next *next);
/*
 * require.c: PACKAGE where the device is not what the profile requires of it; once in a session, on
 * the connection that stands, before anything is changed.
 */
int require_check(struct session *session);
/* The one call after cancellation or a final error, while the link still lives. */
void step_abort(struct session *session);

/*
 * update.c: from the place of the target to the proof; a dry run ends before the first change.
 * *ret_activated: the device has activated the last image, whatever came after.
 */
int update_run(struct session *session, struct place *place, bool *ret_activated);

/* locate.c: the device the profile means. NOT_FOUND tells what was seen instead. */
int locate_target(struct session *session, struct place *ret_place);

/* rejoin.c: the next candidate of place that advertises; TIMEOUT at its end. */
int rejoin_by_place(struct session *session, const struct place *place,
		    struct attempt *ret_attempt);
/*
 * The only device in DFU mode that was not there before, wherever it is; where the profile allows
 * it. NOT_FOUND: there is none. PACKAGE: several, none of which is touched.
 */
int rejoin_by_service(struct session *session, const struct place *place,
		      struct attempt *ret_attempt);

/* whose.c: may what answers at addr in that mode be this session's device? mode 0: in any. */
bool whose_is_ours(const struct session *session, const struct otadfu_addr *addr, uint32_t mode);
/* It was there, as that, when the device was somewhere else. */
bool whose_was_there(const struct session *session, const struct otadfu_addr *addr, uint32_t mode);
/* Is what was met where place says what place means? */
bool whose_is_expected(const struct session *session, const struct place *place,
		       const struct attempt *attempt);
/* Keeps what this meeting tells of where the device lives. */
void whose_remember(struct session *session, const struct otadfu_addr *addr);
/* Is it what the command line or the profile named? */
bool whose_is_asked_for(const struct session *session, const struct otadfu_addr *addr);
/* Drops the candidates where only a neighbour can be. */
void whose_narrow(const struct session *session, struct place *place);

/*
 * join.c: connects to the first candidate of place that is what place says, and probes it.
 * On success session->gatt, speaker and mode stand; mode is the application's where place wanted
 * the bootloader, when the device has stayed there.
 */
int join_place(struct session *session, const struct place *place);
/* Connects and probes; speaker NULL: no protocol knows what is there. */
int join_attempt(struct session *session, const struct attempt *attempt);
int join_addr(struct session *session, const struct otadfu_addr *addr, uint64_t deadline_ms);
void join_leave(struct session *session);

/* Leaves what is there; for a while it is not asked again. */
void join_pass_over(struct session *session, const struct otadfu_addr *addr);
/* Was met there a moment ago and is not what is looked for. */
bool join_has_passed_over(const struct session *session, const struct otadfu_addr *addr);

/*
 * At an address of its own the device is not what it should be by now, or does not answer as it
 * should (result, of join_attempt): what the transport keeps of its services may be from before the
 * jump. Worth another look then; when that is no better it is forgotten, once in each place, and
 * not where the device answers its bonded peer alone: the bond would go with it. True: look again.
 */
bool join_may_be_stale(struct session *session, const struct place *place, int result);

/* No scan will tell at which candidate of place the device is: they are tried by connect. */
bool join_is_blind(const struct session *session, const struct place *place);
/* Whom to try next then; turn counts the attempts. place has a candidate. */
struct attempt join_choose(struct session *session, const struct place *place, size_t *turn);

/* verify.c: the device is seen again as place says, or OTADFU_E_TIMEOUT. */
int verify_return(struct session *session, const struct place *place);

/* proof.c: what it tells of its firmware; an error only where the profile wants to compare it. */
int proof_read_version(struct session *session);

#endif
