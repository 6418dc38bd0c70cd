/* table.tsv: one row for each transcript. */
#ifndef OTADFU_DECISIONS_ROW_H
#define OTADFU_DECISIONS_ROW_H

#include <stdbool.h>
#include <stddef.h>

enum row_how {
	ROW_RECORDED = 1, /* all that the client hears up to the decision was recorded */
	ROW_DEVICE,       /* the simulated device, in the state of the recording, answers */
	ROW_UNREACHABLE   /* a correct client does not come there */
};

struct row {
	char *line; /* owns what the others point into */
	const char *transcript;
	const char *section;
	enum row_how how;
	const char *setup;
	const char *decision; /* of UNREACHABLE: the reason */
	const char *open;     /* why it is not met yet; NULL: it is */
	bool extra;           /* a further case: "+" stands before the name */
	bool seen;
};

struct table {
	struct row *rows;
	size_t count;
};

/* False: said why on stderr. table_free in any case. */
bool table_read(const char *path, struct table *ret_table);
void table_free(struct table *table);

#endif
