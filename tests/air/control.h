/* Orders on standard input. */
#ifndef AIR_CONTROL_H
#define AIR_CONTROL_H

#include "air.h"

enum { CONTROL_LINE_MAX = 256 };

struct control {
	char line[CONTROL_LINE_MAX];
	size_t len;
};

/* Does what whole lines say; each is answered on out. */
void control_take(struct control *control, struct air *air, const char *text, size_t len,
		  FILE *out);

#endif
