/* The application that a simulated device runs: a product that can enter its bootloader. */
#ifndef OTADFU_SIM_APPLICATION_H
#define OTADFU_SIM_APPLICATION_H

#include "firmware.h"
#include "timeline.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

enum { APPLICATION_NAME_MAX = 20, APPLICATION_ATTRIBUTES_MAX = 12 };

/* Part of struct device; zero-initialise. */
struct application {
	struct timer leave;
	uint8_t name[APPLICATION_NAME_MAX]; /* for the bootloader's next start; kept in flash */
	size_t name_len;
	bool entering; /* once the client confirms the answer */
	/* The program of this product: what its configuration leaves out is not among them. */
	struct firmware_ops ops;
	struct device_attribute attributes[APPLICATION_ATTRIBUTES_MAX];
};

/* What it runs and advertises, by the device's configuration. */
void application_describe(struct device *device, struct firmware_start *ret_start);

/* Power or reset took it away in the midst of things. */
void application_stop(struct device *device);

#endif
