/* A simulated device that an otadfu which refuses its input must not touch. */
#ifndef OTADFU_E2E_BYSTANDER_H
#define OTADFU_E2E_BYSTANDER_H

#include "sim.h"

struct bystander {
	struct sim sim;
	uint8_t *flash; /* as it was before anything was tried */
	size_t flash_len;
};

/* device: as of sim_new. Fails the test that called, as everything below. */
struct bystander *bystander_new(const char *device);
void bystander_remove(struct bystander *bystander);

/* Nobody has connected to it, and its flash is what it was. */
void assert_untouched(const struct bystander *bystander);

/*
 * run ended with status and one line on standard error, warnings and what to try aside, text among
 * them; and the device is untouched. Clears run.
 */
void assert_refused(const struct bystander *bystander, struct run_result *run, int status,
		    const char *text);

/* `otadfu update -a SIM_ADDRESS --transport sim ...` on it, with more words. */
struct run_result bystander_update(const struct bystander *bystander, const char *const *words);

#endif
