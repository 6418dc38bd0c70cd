/* A simulated device on a radio. Times are microseconds of CLOCK_MONOTONIC. */
#ifndef OTADFU_PERIPHERAL_PERIPHERAL_H
#define OTADFU_PERIPHERAL_PERIPHERAL_H

#include "arguments.h"
#include "journal.h"
#include "scenario.h"

struct peripheral;

enum { PERIPHERAL_PROBLEM_MAX = SCENARIO_MESSAGE_MAX };

/*
 * Reads the scenario, starts the device and the controller. Negative OTADFU_E_* with a line for a
 * person in problem otherwise. Arguments and journal outlive *ret_peripheral, which the caller
 * closes.
 */
int peripheral_open(const struct arguments *arguments, const struct journal *journal,
		    uint64_t now_us, struct peripheral **ret_peripheral,
		    char problem[PERIPHERAL_PROBLEM_MAX]);

/* Ends the connection and advertising, and writes the device's state; NULL: nothing. */
void peripheral_close(struct peripheral *peripheral, uint64_t now_us);

/* To poll for, with these events; and when peripheral_process wants to be called without them. */
int peripheral_fd(const struct peripheral *peripheral);
short peripheral_events(const struct peripheral *peripheral);
uint64_t peripheral_next_us(const struct peripheral *peripheral); /* UINT64_MAX: never */

/* Does what is due. Negative: the controller is lost. */
int peripheral_process(struct peripheral *peripheral, uint64_t now_us,
		       char problem[PERIPHERAL_PROBLEM_MAX]);

#endif
