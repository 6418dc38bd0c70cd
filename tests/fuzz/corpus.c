/*
 * main() of a fuzz target where there is no libFuzzer: feeds it every file of a folder, so that
 * what was once found stays found, with every compiler and sanitizer.
 */
#include "cleanup.h"
#include "file.h"
#include "fuzz.h"

#include <dirent.h>
#include <limits.h>
#include <stdio.h>
#include <string.h>

enum { INPUT_MAX = 1 << 20 };

static int feed(const char *folder, const char *name)
{
	AUTO_FREE uint8_t *data = NULL;
	AUTO_FREE uint8_t *exact = NULL;
	struct failure why = { 0 };
	char path[PATH_MAX];
	size_t len;

	snprintf(path, sizeof(path), "%s/%s", folder, name);
	if (file_read(path, INPUT_MAX, OTADFU_E_CONFIG, &data, &len, &why) < 0) {
		fprintf(stderr, "%s\n", why.text);
		return -1;
	}
	/* The last line tells which input it was that ended the program. */
	fprintf(stderr, "%s\n", path);
	/* Not a byte more, so that AddressSanitizer sees who reads behind the end. */
	exact = malloc(len);
	if (!exact)
		return -1;
	memcpy(exact, data, len);
	LLVMFuzzerTestOneInput(exact, len);
	return 0;
}

static int is_input(const struct dirent *entry)
{
	return entry->d_name[0] != '.';
}

int main(int argc, char **argv)
{
	struct dirent **entries = NULL;
	int count = argc == 2 ? scandir(argv[1], &entries, is_input, alphasort) : -1;
	int r = 0;

	if (count <= 0) {
		fprintf(stderr, "usage: %s FOLDER, with files in it\n", argv[0]);
		return 2;
	}
	for (int i = 0; i < count; i++) {
		if (r == 0)
			r = feed(argv[1], entries[i]->d_name);
		free(entries[i]);
	}
	free(entries);
	printf("%d inputs\n", count);
	return r == 0 ? 0 : 1;
}
