#include "census.h"

#include "cleanup.h"

#include <dirent.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

typedef bool entry_fn(int number);

/* The entries of a folder of /proc that are numbers, and that counts says yes to. */
static size_t count_entries(const char *path, entry_fn *counts)
{
	DIR *folder = opendir(path);
	const struct dirent *entry;
	size_t count = 0;

	while (folder && (entry = readdir(folder))) {
		char *end;
		long number = strtol(entry->d_name, &end, 10);

		if (end != entry->d_name && *end == '\0' && counts((int)number))
			count++;
	}
	if (folder)
		closedir(folder);
	return count;
}

static bool is_any(int number)
{
	(void)number;
	return true;
}

static bool is_inheritable(int fd)
{
	int flags = fcntl(fd, F_GETFD);

	return flags >= 0 && !(flags & FD_CLOEXEC);
}

static bool is_child(int pid)
{
	char path[32];
	char line[512];
	const char *behind_name;
	int parent;

	snprintf(path, sizeof(path), "/proc/%d/stat", pid);
	AUTO_FCLOSE FILE *file = fopen(path, "re");
	if (!file || !fgets(line, sizeof(line), file))
		return false;
	/* The name is in brackets and may hold anything, brackets too. */
	behind_name = strrchr(line, ')');
	return behind_name && sscanf(behind_name, ") %*c %d", &parent) == 1 && parent == getpid();
}

struct census census_take(void)
{
	return (struct census){
		/* The folder that is read is open while it is read. */
		.descriptors = count_entries("/proc/self/fd", is_any) - 1,
		.inheritable = count_entries("/proc/self/fd", is_inheritable),
		.threads = count_entries("/proc/self/task", is_any),
		.children = count_entries("/proc", is_child),
	};
}

bool census_is_within(const struct census *now, const struct census *before)
{
	return now->descriptors <= before->descriptors && now->threads <= before->threads &&
	       now->children <= before->children;
}

void census_describe_growth(const struct census *now, const struct census *before,
			    char text[CENSUS_TEXT_MAX])
{
	const struct {
		size_t now, before;
		const char *one, *many;
	} parts[] = {
		{ now->descriptors, before->descriptors, "descriptor", "descriptors" },
		{ now->threads, before->threads, "thread", "threads" },
		{ now->children, before->children, "child process", "child processes" },
	};
	size_t used = 0;

	text[0] = '\0';
	for (size_t i = 0; i < sizeof(parts) / sizeof(parts[0]); i++) {
		size_t more = parts[i].now - parts[i].before;

		if (parts[i].now > parts[i].before && used < CENSUS_TEXT_MAX)
			used += (size_t)snprintf(text + used, CENSUS_TEXT_MAX - used,
						 "%s%zu %s more", used ? ", " : "", more,
						 more == 1 ? parts[i].one : parts[i].many);
	}
}
