/* The way to the radio: an open adapter of the transport that was named, or that can be had. */
#ifndef OTADFU_ENGINE_WAY_H
#define OTADFU_ENGINE_WAY_H

#include "gatt.h"
#include "profile.h"
#include "registry.h"

/*
 * Opens the adapter that profile names, of the transport it names. Where it names none each of
 * auto.h is tried, and the first that opens is kept; the log tells, as info, why the others are
 * not. adapter_close afterwards; *ret_options belongs to the caller and outlives it.
 */
int way_open(struct adapter *adapter, struct task *task, const struct registry *registry,
	     const struct profile *profile, struct options **ret_options, struct failure *why);

#endif
