/* Every secure device there is, on the simulated air. */
#ifndef OTADFU_TESTS_SECURE_AIR_H
#define OTADFU_TESTS_SECURE_AIR_H

#include "client_air.h"

typedef void secure_air_try_fn(void *const *state, const struct air_plan *plan);

/* Tries plan with every SDK, or with one of each that behaves alike, in both modes. */
void secure_air_try_all(void *const *state, struct air_plan plan, secure_air_try_fn *try);
void secure_air_try_each_kind(void *const *state, struct air_plan plan, secure_air_try_fn *try);

/* S140 6.1.1: an application for the one before is gone (secure-dfu.md 10). */
extern const struct air_softdevice secure_air_other_major;

#endif
