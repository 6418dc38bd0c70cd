/* Which transport is taken where nobody has named one: the order, and the words when none will do.
 */
#ifndef OTADFU_ENGINE_AUTO_H
#define OTADFU_ENGINE_AUTO_H

#include "profile.h"
#include "registry.h"

/* The word that leaves the choice open, as no word does. */
#define AUTO_WORD "auto"

bool auto_is_meant(const struct profile_text *transport);

/*
 * Those among the loaded ones that may be chosen, the best first; NULL past the end. Neither
 * simulated devices nor a vendor's transport are: who wants those names them.
 */
const struct otadfu_transport_ops *auto_at(const struct registry *registry, size_t index);

/* May another transport open where one has failed so? Not after an interruption, or with our own
 * memory gone. */
bool auto_goes_on_after(int code);

enum { AUTO_MAX = 4 };

/* Why each of those tried did not open. */
struct auto_refusals {
	struct {
		const char *transport;
		struct failure why;
	} items[AUTO_MAX];
	size_t count;
};

void auto_note(struct auto_refusals *refusals, const char *transport, const struct failure *why);

/* The length of the first clause of what a transport says: what it is, without what to do. */
int auto_clause_len(const char *text);

/*
 * One failure out of all: the first clause of each, behind which its advice stands, and the code
 * that tells most: that a radio is there and busy, else what the machine lacks.
 */
int auto_explain(const struct auto_refusals *refusals, const struct registry *registry,
		 struct failure *why);

#endif
