/*
 * One case under way: the operations of the transport, called as its contract says, and what is
 * expected of them. The first expectation that does not hold decides.
 */
#ifndef OTADFU_CONFORMANCE_TRIAL_H
#define OTADFU_CONFORMANCE_TRIAL_H

#include "census.h"
#include "conformance.h"
#include "host.h"
#include "service.h"
#include "stopper.h"

enum {
	TRIAL_CHRS_MAX = 64,
	MTU_WANTED = 247,
	MTU_DEFAULT = 23,
	ATT_HEADER = 3,
	PATIENCE_MS = 10000, /* for what shall succeed */
};

/* What lasts from the first case to the last. */
struct rig {
	const struct conformance_job *job;
	struct stopper stopper;
	struct task task;
	struct call open_call; /* its ctx lives from open to close */
	struct otadfu_adapter *adapter;
	struct census before_open;
	/* The first call that failed and wrote a ret_ argument all the same; empty: none. */
	char touched[CONFORMANCE_TEXT_MAX / 2];
};

int rig_open(struct rig *rig, struct failure *why);
void rig_close(struct rig *rig);

struct conformance_case;

struct trial {
	struct rig *rig;
	const struct conformance_case *subject;
	struct conformance_finding finding;

	struct otadfu_link *link; /* NULL: none */
	uint16_t mtu;
	bool mtu_is_known;
	struct otadfu_chr chrs[TRIAL_CHRS_MAX];
	size_t chr_count;
	uint16_t ids[SERVICE_CHRS]; /* 0: not there */

	/* Of the last call. */
	int code;
	struct failure why;
	uint64_t began_ms, ended_ms;
	/* Not 0: from then on a call that ends later counts into finding.worst_ms. */
	uint64_t due_ms;
};

uint64_t now_ms(const struct trial *t);
uint64_t in_ms(const struct trial *t, uint32_t ms);
/* Lets time pass, on no call. */
void let_pass(const struct trial *t, uint32_t ms);

/* --- what is expected; false ends a case --- */

bool expect(struct trial *t, bool holds, const char *format, ...)
	__attribute__((format(printf, 3, 4)));
/* The last call returned that. what: the call, as a person would say it. */
bool expect_code(struct trial *t, int wanted, const char *what);
/* No call since due_ms was set came later than slack and extra_ms. Clears due_ms. */
bool expect_prompt(struct trial *t, uint32_t extra_ms);
/* The case is about nothing here. Returns false. */
bool skip(struct trial *t, const char *format, ...) __attribute__((format(printf, 2, 3)));
/* To be told when the case passes. Returns true. */
bool note(struct trial *t, const char *format, ...) __attribute__((format(printf, 2, 3)));

/* --- the operations; each leaves its code in t->code and returns it --- */

struct value {
	uint8_t data[SERVICE_VALUE_MAX];
	size_t len;
};

const struct otadfu_link_ops *link_ops(const struct trial *t);

int try_connect(struct trial *t, const struct otadfu_addr *peer, uint64_t deadline_ms);
int try_connect_first(struct trial *t, const struct otadfu_addr *peers, size_t count,
		      size_t *ret_index, uint64_t deadline_ms);
int try_scan(struct trial *t, otadfu_advert_fn *on_advert, void *user, uint64_t deadline_ms);
int try_mtu(struct trial *t, uint16_t wanted, uint16_t *ret_mtu, uint64_t deadline_ms);
/* cap: up to TRIAL_CHRS_MAX, into t->chrs. */
int try_discover(struct trial *t, size_t cap, size_t *ret_count, uint64_t deadline_ms);
int try_read(struct trial *t, enum service_chr which, size_t cap, struct value *ret_value,
	     uint64_t deadline_ms);
int try_write(struct trial *t, enum service_chr which, const uint8_t *data, size_t len,
	      uint64_t deadline_ms);
int try_write_cmd(struct trial *t, enum service_chr which, const uint8_t *data, size_t len,
		  uint64_t deadline_ms);
int try_subscribe(struct trial *t, enum service_chr which, uint64_t deadline_ms);
int try_wait(struct trial *t, enum service_chr which, size_t cap, struct value *ret_value,
	     uint64_t deadline_ms);
int try_wait_gone(struct trial *t, uint64_t deadline_ms);
/* Nothing when there is no link. */
void do_disconnect(struct trial *t);

#endif
