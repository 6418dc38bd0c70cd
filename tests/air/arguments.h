/* The command line of air. */
#ifndef AIR_ARGUMENTS_H
#define AIR_ARGUMENTS_H

#include "air.h"

enum { PLACES_MAX = 16 };

/* Where hosts find controllers, and of what kind these are. */
struct place {
	const char *path; /* of a socket; NULL: the kernel's virtual controller */
	char *copy;       /* of the word, whose part the path is */
	struct traits traits;
};

struct arguments {
	struct place places[PLACES_MAX];
	size_t place_count;
	struct air_options options;
	const char *log; /* NULL: standard error */
};

/* -1: *ret_arguments is filled in; else the exit status, all being said. */
int arguments_read(int argc, char *argv[], struct arguments *ret_arguments);
void arguments_free(struct arguments *arguments);

#endif
