/* The application that a simulated device runs: a product that can enter its bootloader. */
#ifndef OTADFU_SIM_APPLICATION_H
#define OTADFU_SIM_APPLICATION_H

#include "timeline.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct device;
struct firmware_start;

enum { APPLICATION_NAME_MAX = 20 };

/* Part of struct device; zero-initialise. */
struct application {
	struct timer leave;
	uint8_t name[APPLICATION_NAME_MAX]; /* for the bootloader's next start; kept in flash */
	size_t name_len;
	bool entering; /* once the client confirms the answer */
};

/* What it runs and advertises, by the device's configuration. */
void application_describe(struct device *device, struct firmware_start *ret_start);

/* Power or reset took it away in the midst of things. */
void application_stop(struct device *device);

#endif
