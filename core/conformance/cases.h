/* The cases of the live part, each a function that says whether the contract was kept. */
#ifndef OTADFU_CONFORMANCE_CASES_H
#define OTADFU_CONFORMANCE_CASES_H

#include "trial.h"

struct blocking;

/* false: the trial's finding says why, and whether it failed or was skipped. */
typedef bool case_fn(struct trial *t);

struct conformance_case {
	const char *name;
	const char *contract; /* the clause of the headers, in short */
	case_fn *run;
	const struct blocking *blocking; /* the call that a case of time is about */
	bool essential;                  /* without it the others can say nothing */
};

/* Ends with an empty one. */
extern const struct conformance_case conformance_cases[];

case_fn case_adapter_name, case_close, case_close_on_exec, case_connect, case_absent, case_again,
	case_connect_first, case_disconnect, case_forget, case_leaks, case_scan;
case_fn case_discover, case_discover_small, case_mtu, case_tune, case_database;
case_fn case_read, case_read_small, case_write, case_write_empty, case_write_cmd,
	case_write_too_long, case_att_error, case_att_security, case_order, case_paced;
case_fn case_subscribe, case_wait_unsubscribed, case_wait_small, case_burst, case_queue,
	case_overflow, case_indication;
case_fn case_deadline, case_cancel, case_past, case_late_timeout, case_late_cancel;
case_fn case_drop, case_drop_connect, case_gone, case_queued, case_silence, case_untouched;

#endif
