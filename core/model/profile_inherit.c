#include "cleanup.h"
#include "profile_field.h"
#include "profile_reader.h"

#include <string.h>

enum { ANCESTORS_MAX = 8 };

static const yaml_node_t *find_value(const struct reader *reader, const yaml_node_t *mapping,
				     const char *wanted)
{
	if (mapping->type != YAML_MAPPING_NODE)
		return NULL;
	for (const yaml_node_pair_t *pair = mapping->data.mapping.pairs.start;
	     pair < mapping->data.mapping.pairs.top; pair++) {
		const char *key =
			profile_scalar_text(yaml_document_get_node(reader->document, pair->key));

		if (key && strcmp(key, wanted) == 0)
			return yaml_document_get_node(reader->document, pair->value);
	}
	return NULL;
}

/* Beside the file, then in the directories of profiles. */
static int find_parent(const struct reader *reader, const char *name, char **ret_path,
		       struct failure *reason)
{
	const char *slash = strrchr(reader->path, '/');
	AUTO_FREE char *beside =
		slash ? strndup(reader->path, (size_t)(slash - reader->path)) : strdup(".");
	AUTO_FREE const char **dirs = NULL;
	size_t count = 0;

	while (reader->dirs && reader->dirs[count])
		count++;
	dirs = calloc(count + 2, sizeof(*dirs));
	if (!beside || !dirs)
		return failure_set(reason, OTADFU_E_NOMEM, 0, "out of memory");
	dirs[0] = beside;
	count = 1;
	for (size_t i = 0; reader->dirs && reader->dirs[i]; i++) {
		if (strcmp(reader->dirs[i], beside) != 0)
			dirs[count++] = reader->dirs[i];
	}
	return profile_find(name, dirs, ret_path, reason);
}

static bool is_same_file(const struct stat *a, const struct stat *b)
{
	return a->st_dev == b->st_dev && a->st_ino == b->st_ino;
}

static bool is_circle(const struct reader *reader, const struct stat *parent)
{
	for (; reader; reader = reader->child) {
		if (is_same_file(&reader->identity, parent))
			return true;
	}
	return false;
}

/* Before the child's own values, which then take the place of its parent's. */
int profile_read_parent(const struct reader *reader, const yaml_node_t *root)
{
	static const char key[] = "inherits";
	const yaml_node_t *node = find_value(reader, root, key);
	const char *name = node ? profile_scalar_text(node) : NULL;
	struct failure reason = { 0 };
	AUTO_FREE char *path = NULL;
	struct reader parent = { .profile = reader->profile,
				 .dirs = reader->dirs,
				 .child = reader,
				 .ancestors = reader->ancestors + 1,
				 .why = reader->why };

	if (!name || !profile_field_find(NULL, key)->accepts(name))
		return OTADFU_OK; /* what is wrong with it is told where all keys are read */
	if (find_parent(reader, name, &path, &reason) < 0)
		return profile_fail_at(reader, node->start_mark, "%s", reason.text);
	parent.path = path;
	if (stat(path, &parent.identity) == 0 && is_circle(reader, &parent.identity))
		return profile_fail_at(reader, node->start_mark,
				       "%s inherits from itself by way of this line", name);
	if (parent.ancestors > ANCESTORS_MAX)
		return profile_fail_at(reader, node->start_mark,
				       "more than %d profiles above one another", ANCESTORS_MAX);
	return profile_read_file(&parent);
}
