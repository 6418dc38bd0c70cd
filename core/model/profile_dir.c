#include "profile.h"

#include <dirent.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

static const char suffix[] = ".yaml";
static const char no_memory[] = "out of memory";

static bool has_suffix(const char *name)
{
	size_t len = strlen(name);

	return len >= sizeof(suffix) - 1 && strcmp(name + len - (sizeof(suffix) - 1), suffix) == 0;
}

static int is_profile(const struct dirent *entry)
{
	return entry->d_name[0] != '.' && has_suffix(entry->d_name);
}

/* Appends the names of the profiles in dir, in the order of the alphabet. */
static void list_profiles(const char *dir, char *names, size_t size)
{
	struct dirent **entries = NULL;
	int count = scandir(dir, &entries, is_profile, alphasort);

	for (int i = 0; i < count; i++) {
		size_t used = strlen(names);
		const char *name = entries[i]->d_name;

		snprintf(names + used, size - used, "%s%.*s", used > 0 ? ", " : "",
			 (int)(strlen(name) - strlen(suffix)), name);
		free(entries[i]);
	}
	free(entries);
}

static int find_in_dirs(const char *name, const char *const *dirs, char **ret_path,
			struct failure *why)
{
	char names[FAILURE_TEXT_MAX / 2] = "";

	for (size_t i = 0; dirs && dirs[i]; i++) {
		char *path;

		if (asprintf(&path, "%s/%s%s", dirs[i], name, suffix) < 0)
			return failure_set(why, OTADFU_E_NOMEM, 0, no_memory);
		if (access(path, F_OK) == 0) {
			*ret_path = path;
			return OTADFU_OK;
		}
		free(path);
		list_profiles(dirs[i], names, sizeof(names));
	}
	return failure_set(why, OTADFU_E_CONFIG, 0, "no profile is named '%s'; there are: %s", name,
			   names[0] != '\0' ? names : "none");
}

int profile_find(const char *name, const char *const *dirs, char **ret_path, struct failure *why)
{
	char *path;

	if (!strchr(name, '/') && !has_suffix(name))
		return find_in_dirs(name, dirs, ret_path, why);
	path = strdup(name);
	if (!path)
		return failure_set(why, OTADFU_E_NOMEM, 0, no_memory);
	*ret_path = path;
	return OTADFU_OK;
}

static bool is_in_list(const struct profile_list *list, const char *name)
{
	for (size_t i = 0; i < list->count; i++) {
		if (strcmp(list->items[i].name, name) == 0)
			return true;
	}
	return false;
}

static int describe(struct profile_entry *entry, const char *const *dirs)
{
	struct profile *profile;
	struct failure why = { 0 };
	int r = profile_new(&profile);

	if (r < 0)
		return r;
	if (profile_read(profile, entry->path, dirs, &why) < 0) {
		entry->problem = strdup(why.text);
	} else {
		entry->product = profile->product.value;
		profile->product.value = NULL;
	}
	profile_free(profile);
	return why.code < 0 && !entry->problem ? OTADFU_E_NOMEM : OTADFU_OK;
}

static int add_entry(struct profile_list *list, const char *dir, const char *file,
		     const char *const *dirs)
{
	struct profile_entry entry = { .name = strndup(file, strlen(file) - strlen(suffix)) };
	struct profile_entry *grown;

	if (entry.name && is_in_list(list, entry.name)) {
		free(entry.name);
		return OTADFU_OK;
	}
	grown = reallocarray(list->items, list->count + 1, sizeof(*grown));
	if (grown)
		list->items = grown;
	if (!grown || !entry.name || asprintf(&entry.path, "%s/%s", dir, file) < 0) {
		free(entry.name);
		return OTADFU_E_NOMEM;
	}
	list->items[list->count++] = entry;
	return describe(&list->items[list->count - 1], dirs);
}

static int add_directory(struct profile_list *list, const char *dir, const char *const *dirs)
{
	struct dirent **entries = NULL;
	int count = scandir(dir, &entries, is_profile, alphasort);
	int r = OTADFU_OK;

	for (int i = 0; i < count; i++) {
		if (r == OTADFU_OK)
			r = add_entry(list, dir, entries[i]->d_name, dirs);
		free(entries[i]);
	}
	free(entries);
	return r;
}

static int compare_entries(const void *a, const void *b)
{
	const struct profile_entry *x = a;
	const struct profile_entry *y = b;

	return strcmp(x->name, y->name);
}

int profile_list(const char *const *dirs, struct profile_list *ret_list, struct failure *why)
{
	struct profile_list list = { 0 };
	int r = OTADFU_OK;

	for (size_t i = 0; r == OTADFU_OK && dirs && dirs[i]; i++)
		r = add_directory(&list, dirs[i], dirs);
	if (r < 0) {
		profile_list_clear(&list);
		return failure_set(why, r, 0, no_memory);
	}
	if (list.count > 0)
		qsort(list.items, list.count, sizeof(*list.items), compare_entries);
	*ret_list = list;
	return OTADFU_OK;
}

void profile_list_clear(struct profile_list *list)
{
	for (size_t i = 0; i < list->count; i++) {
		free(list->items[i].name);
		free(list->items[i].path);
		free(list->items[i].product);
		free(list->items[i].problem);
	}
	free(list->items);
	*list = (struct profile_list){ 0 };
}
