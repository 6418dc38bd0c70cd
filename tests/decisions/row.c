#include "row.h"

#include "cleanup.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static bool read_how(const char *text, enum row_how *ret_how)
{
	static const struct {
		const char *text;
		enum row_how how;
	} words[] = {
		{ "recorded", ROW_RECORDED },
		{ "device", ROW_DEVICE },
		{ "-", ROW_UNREACHABLE },
	};

	for (size_t i = 0; text && i < sizeof(words) / sizeof(words[0]); i++) {
		if (strcmp(words[i].text, text) == 0) {
			*ret_how = words[i].how;
			return true;
		}
	}
	return false;
}

/* Takes over line on success. */
static bool read_row(char *line, struct row *ret_row)
{
	struct row row = { .line = line };
	char *rest = line;

	row.transcript = strsep(&rest, "\t");
	row.section = strsep(&rest, "\t");
	row.extra = row.transcript[0] == '+';
	row.transcript += row.extra;
	if (!read_how(strsep(&rest, "\t"), &row.how))
		return false;
	row.setup = strsep(&rest, "\t");
	row.decision = strsep(&rest, "\t");
	row.open = strsep(&rest, "\t");
	if (!row.decision || row.decision[0] == '\0' || row.section[0] == '\0' || rest)
		return false;
	*ret_row = row;
	return true;
}

static bool add_row(struct table *table, const char *line)
{
	struct row *rows = realloc(table->rows, (table->count + 1) * sizeof(*rows));
	char *copy = strdup(line);

	if (rows)
		table->rows = rows;
	if (!rows || !copy || !read_row(copy, &rows[table->count])) {
		free(copy);
		return false;
	}
	table->count++;
	return true;
}

bool table_read(const char *path, struct table *ret_table)
{
	AUTO_FCLOSE FILE *file = fopen(path, "re");
	AUTO_FREE char *line = NULL;
	size_t cap = 0;

	*ret_table = (struct table){ 0 };
	if (!file) {
		fprintf(stderr, "decisions: %s: %s\n", path, strerror(errno));
		return false;
	}
	for (unsigned number = 1; getline(&line, &cap, file) >= 0; number++) {
		line[strcspn(line, "\n")] = '\0';
		if (line[0] == '\0' || line[0] == '#' || add_row(ret_table, line))
			continue;
		fprintf(stderr, "decisions: %s:%u: no row as its head describes\n", path, number);
		return false;
	}
	return true;
}

void table_free(struct table *table)
{
	for (size_t i = 0; i < table->count; i++)
		free(table->rows[i].line);
	free(table->rows);
}
