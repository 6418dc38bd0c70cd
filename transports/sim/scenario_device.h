/* One entry of a scenario's list of devices. */
#ifndef OTADFU_SIM_SCENARIO_DEVICE_H
#define OTADFU_SIM_SCENARIO_DEVICE_H

#include "scenario.h"
#include "strict.h"

/* False: refused. Free ret_device in any case. */
bool scenario_device_read(struct strict *strict, const yaml_node_t *node,
			  struct scenario_device *ret_device);

/* The test service at that address. */
void scenario_device_conformance(const struct otadfu_addr *address,
				 struct scenario_device *ret_device);

void scenario_device_free(struct scenario_device *device);

#endif
