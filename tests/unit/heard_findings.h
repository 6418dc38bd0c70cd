/* What an examine has told, one finding a line: "! SUBJECT: TEXT [REMEDY]", a fact without "! ". */
#ifndef OTADFU_TESTS_HEARD_FINDINGS_H
#define OTADFU_TESTS_HEARD_FINDINGS_H

#include <otadfu/transport.h>
#include <stdio.h>
#include <string.h>

struct heard_findings {
	char text[2048];
};

/* An otadfu_finding_fn; user is the struct. */
static inline void heard_findings_add(void *user, const struct otadfu_finding *finding)
{
	struct heard_findings *heard = user;
	size_t used = strlen(heard->text);

	snprintf(heard->text + used, sizeof(heard->text) - used, "%s%s: %s%s%s%s\n",
		 finding->kind == OTADFU_FINDING_HINDRANCE ? "! " : "", finding->subject,
		 finding->text, finding->remedy ? " [" : "", finding->remedy ? finding->remedy : "",
		 finding->remedy ? "]" : "");
}

#endif
