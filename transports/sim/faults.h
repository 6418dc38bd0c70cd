/* What goes wrong with one device by its scenario, and what was counted until then. */
#ifndef OTADFU_SIM_FAULTS_H
#define OTADFU_SIM_FAULTS_H

#include "scenario.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/* Outlives connections. Set plan, zero the rest. */
struct faults {
	struct scenario_faults plan;
	uint32_t writes;
	uint32_t packets;
	uint32_t requests;
};

/* A request of any kind has come. False: nobody answers it. */
bool faults_let_request(struct faults *faults);

/* A write command has come; may change its data. False: it never arrives. */
bool faults_let_packet(struct faults *faults, uint8_t *data, size_t len);

enum fault { FAULT_NONE = 0, FAULT_CUT, FAULT_POWER_CUT };

/* Once a write of any kind (CCCD, request, command) has been done, before its answer. */
enum fault faults_after_write(struct faults *faults);

#endif
