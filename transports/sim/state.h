/* The folder in which a simulated device keeps its flash between runs, and shows what it is. */
#ifndef OTADFU_SIM_STATE_H
#define OTADFU_SIM_STATE_H

#include "device.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/* Contents of one file; data NULL: there is none. */
struct state_image {
	uint8_t *data;
	size_t len;
};

struct state {
	char *dir;        /* NULL: nothing is kept */
	char *flash_path; /* in it */
	bool known;       /* the flash is there already */
	/* What lay there before the first run: the device starts with it. */
	struct state_image application, softdevice, bootloader;
};

/*
 * Makes ROOT/<ADDRESS>, the address in upper case with '-' for ':'. Negative with errno on
 * failure. Close it in any case.
 */
int state_open(struct state *state, const char *root, const struct otadfu_addr *address);
void state_close(struct state *state);

/* Rewrites the image files and device.json. Negative with errno on failure. */
int state_save(const struct state *state, struct device *device);

/* device.json alone. */
int state_save_facts(const struct state *state, struct device *device);

#endif
