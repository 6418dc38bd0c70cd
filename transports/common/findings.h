/* What examine of <otadfu/transport.h> tells, formatted; and what several transports tell alike. */
#ifndef OTADFU_TRANSPORTS_FINDINGS_H
#define OTADFU_TRANSPORTS_FINDINGS_H

#include <otadfu/transport.h>
#include <stdbool.h>

/* As examine was given them. */
struct findings {
	otadfu_finding_fn *on_finding;
	void *user;
};

__attribute__((format(printf, 3, 4))) void
findings_fact(const struct findings *findings, const char *subject, const char *format, ...);
/* remedy may be NULL. */
__attribute__((format(printf, 4, 5))) void findings_hindrance(const struct findings *findings,
							      const char *subject,
							      const char *remedy,
							      const char *format, ...);

/*
 * The kernel, and each of its adapters or the one called name; nothing where name is none of
 * theirs. What an adapter lacks is in the way where it was named or where no other can be used;
 * powers_up: that it is switched off never is.
 */
void findings_tell_adapters(const struct findings *findings, const char *name, bool powers_up);

/* That an adapter of the kernel is connected to peer, which is in the way of another connection. */
void findings_tell_links(const struct findings *findings, const char *name,
			 const struct otadfu_addr *peer);

#endif
