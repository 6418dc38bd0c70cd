/*
 * Legacy advertising on a controller: brings what is on the air to what is wanted, command by
 * command (Core Specification, Vol 4, Part E, 7.8.4 to 7.8.9).
 */
#ifndef OTADFU_PERIPHERAL_ADVERTISING_H
#define OTADFU_PERIPHERAL_ADVERTISING_H

#include "controller.h"
#include "radio.h"

struct advertising {
	struct controller *controller;
	void (*log)(void *user, int level, const char *text);
	void *user;
	struct radio_advert advert;
	bool wanted;
	bool allowed; /* the controller is set up, and no central is connected */
	bool on;      /* as far as is known */
	size_t step;
	bool asked;   /* the step's command is under way */
	bool changed; /* since then: all steps anew */
	bool refused; /* the next attempt is made at retry_ms */
	bool reported;
	uint64_t retry_ms;
};

/* NULL: nothing. Does nothing when that is wanted already. */
void advertising_want(struct advertising *advertising, const struct radio_advert *advert);

/* The controller has been set up anew, and forgot all. */
void advertising_restart(struct advertising *advertising);

/* A central is connected, which has ended advertising; or it is gone. */
void advertising_allow(struct advertising *advertising, bool allowed);

/* Asks the controller for the next step, if there is one and none is under way. */
void advertising_run(struct advertising *advertising, uint64_t now_ms);

/* When to call advertising_run without an event; UINT64_MAX: never. */
uint64_t advertising_next_ms(const struct advertising *advertising);

/* Nothing is on the air, nor about to be. */
bool advertising_is_silent(const struct advertising *advertising);

#endif
