#include "tables.h"

#include "text.h"

#include <stdalign.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { NAME_MAX_LEN = FAILURE_WORD_MAX - 1 };

struct member {
	const char *name;
	size_t offset;
};

/* One struct that crosses: where it tells its size, the sizes it may have, what it must hold. */
struct layout {
	const char *what;
	size_t size_at;
	size_t oldest; /* through its last member in ABI 1.0 */
	size_t newest;
	const struct member *required; /* pointers; ends with a NULL name */
};

#define THROUGH(type, last) (offsetof(type, last) + sizeof(((type *)NULL)->last))
#define MEMBER(type, member)                                                                       \
	{                                                                                          \
#member, offsetof(type, member)                                                    \
	}

static const struct member plugin_required[] = {
	MEMBER(struct otadfu_plugin, name),
	MEMBER(struct otadfu_plugin, version),
	MEMBER(struct otadfu_plugin, vendor),
	{ 0 },
};
static const struct layout plugin_layout = {
	.what = "struct otadfu_plugin",
	.size_at = offsetof(struct otadfu_plugin, size),
	.oldest = THROUGH(struct otadfu_plugin, protocols),
	.newest = sizeof(struct otadfu_plugin),
	.required = plugin_required,
};

static const struct member transport_required[] = {
	MEMBER(struct otadfu_transport_ops, name),
	MEMBER(struct otadfu_transport_ops, summary),
	MEMBER(struct otadfu_transport_ops, link),
	MEMBER(struct otadfu_transport_ops, open),
	MEMBER(struct otadfu_transport_ops, close),
	MEMBER(struct otadfu_transport_ops, connect),
	{ 0 },
};
static const struct layout transport_layout = {
	.what = "struct otadfu_transport_ops",
	.oldest = THROUGH(struct otadfu_transport_ops, examine),
	.newest = sizeof(struct otadfu_transport_ops),
	.required = transport_required,
};

static const struct member link_required[] = {
	MEMBER(struct otadfu_link_ops, discover),   MEMBER(struct otadfu_link_ops, mtu),
	MEMBER(struct otadfu_link_ops, read),       MEMBER(struct otadfu_link_ops, write),
	MEMBER(struct otadfu_link_ops, write_cmd),  MEMBER(struct otadfu_link_ops, subscribe),
	MEMBER(struct otadfu_link_ops, wait),       MEMBER(struct otadfu_link_ops, wait_gone),
	MEMBER(struct otadfu_link_ops, disconnect), { 0 },
};
static const struct layout link_layout = {
	.what = "struct otadfu_link_ops",
	.oldest = THROUGH(struct otadfu_link_ops, tune),
	.newest = sizeof(struct otadfu_link_ops),
	.required = link_required,
};

static const struct member protocol_required[] = {
	MEMBER(struct otadfu_protocol_ops, name),
	MEMBER(struct otadfu_protocol_ops, summary),
	MEMBER(struct otadfu_protocol_ops, probe),
	MEMBER(struct otadfu_protocol_ops, update),
	{ 0 },
};
static const struct layout protocol_layout = {
	.what = "struct otadfu_protocol_ops",
	.oldest = THROUGH(struct otadfu_protocol_ops, recognise),
	.newest = sizeof(struct otadfu_protocol_ops),
	.required = protocol_required,
};

static const struct member option_required[] = {
	MEMBER(struct otadfu_option, key),
	MEMBER(struct otadfu_option, help),
	{ 0 },
};
static const struct layout option_layout = {
	.what = "struct otadfu_option",
	.oldest = THROUGH(struct otadfu_option, max),
	.newest = sizeof(struct otadfu_option),
	.required = option_required,
};

struct tables_block {
	struct tables_block *next;
	alignas(max_align_t) unsigned char bytes[];
};

/* One plugin on its way in: what is being filled, and which part of it is looked at. */
struct intake {
	struct tables *tables;
	const char *path;
	uint32_t abi_version;
	const char *owner; /* "transport ", "protocol ", "" */
	const char *name;  /* of that table, or "" */
	struct failure *why;
};

static struct intake begin_intake(uint32_t abi_version, const char *path, struct failure *why)
{
	return (struct intake){
		.path = path, .abi_version = abi_version, .owner = "", .name = "", .why = why
	};
}

static int refuse(const struct intake *in, const char *format, ...)
	__attribute__((format(printf, 2, 3)));

static int refuse(const struct intake *in, const char *format, ...)
{
	char reason[FAILURE_TEXT_MAX];
	va_list args;

	va_start(args, format);
	vsnprintf(reason, sizeof(reason), format, args);
	va_end(args);
	text_make_printable(reason);
	return failure_set(in->why, OTADFU_E_UNSUPPORTED, 0, "%s: %s%s%s%s", in->path, in->owner,
			   in->name, *in->owner ? ": " : "", reason);
}

/* Zeroed memory that lives as long as the tables. */
static void *take_block(const struct intake *in, size_t size)
{
	struct tables_block *block = calloc(1, sizeof(*block) + size);

	if (!block) {
		failure_set(in->why, OTADFU_E_NOMEM, 0, "%s: out of memory", in->path);
		return NULL;
	}
	block->next = in->tables->blocks;
	in->tables->blocks = block;
	return block->bytes;
}

/* Any pointer to a table or a function, as a pointer to bytes. */
static const void *load_pointer(const void *from, size_t offset)
{
	const void *pointer;

	memcpy(&pointer, (const unsigned char *)from + offset, sizeof(pointer));
	return pointer;
}

static int check_size(const struct intake *in, const struct layout *layout, uint32_t size)
{
	if (size < layout->oldest)
		return refuse(in, "%s is truncated: %u bytes, ABI 1.0 has %zu", layout->what, size,
			      layout->oldest);
	/* Only a newer minor may have made it longer, and that was refused before. */
	if (size > layout->newest)
		return refuse(in, "%s is inconsistent: %u bytes, though ABI %u.%u has at most %zu",
			      layout->what, size, in->abi_version >> 16, in->abi_version & 0xffff,
			      layout->newest);
	return OTADFU_OK;
}

/* The host's own copy of one foreign struct, as long as this host knows it. */
static int widen(const struct intake *in, const struct layout *layout, const void *table,
		 void **ret_copy)
{
	uint32_t size;
	void *copy;
	int r;

	memcpy(&size, (const unsigned char *)table + layout->size_at, sizeof(size));
	r = check_size(in, layout, size);
	if (r < 0)
		return r;
	copy = take_block(in, layout->newest);
	if (!copy)
		return OTADFU_E_NOMEM;
	memcpy(copy, table, size);
	for (const struct member *m = layout->required; m->name; m++) {
		if (!load_pointer(copy, m->offset))
			return refuse(in, "%s lacks its required member %s", layout->what, m->name);
	}
	*ret_copy = copy;
	return OTADFU_OK;
}

/* finish checks what is particular to one kind of table, and copies what hangs on it. */
typedef int finish_fn(struct intake *in, void *copy);

/* list is NULL-terminated, or NULL: then the copy is an empty list. */
static int copy_list(struct intake *in, const void *list, const struct layout *layout,
		     finish_fn *finish, const void **ret_list)
{
	size_t count = 0;
	void **copies;
	int r;

	while (list && load_pointer(list, count * sizeof(void *)))
		count++;
	copies = take_block(in, (count + 1) * sizeof(*copies));
	if (!copies)
		return OTADFU_E_NOMEM;
	for (size_t i = 0; i < count; i++) {
		r = widen(in, layout, load_pointer(list, i * sizeof(void *)), &copies[i]);
		if (r == OTADFU_OK)
			r = finish(in, copies[i]);
		if (r < 0)
			return r;
	}
	*ret_list = copies;
	return OTADFU_OK;
}

/* Names stand in profiles, on command lines and before log lines. */
static bool is_name(const char *name)
{
	size_t len = strspn(name, "abcdefghijklmnopqrstuvwxyz0123456789_-");

	return len > 0 && len <= NAME_MAX_LEN && name[len] == '\0';
}

static int check_name(const struct intake *in, const char *what, const char *name)
{
	if (is_name(name))
		return OTADFU_OK;
	return refuse(in, "the %s '%.64s' is not 1 to %d of a-z, 0-9, _ and -", what, name,
		      NAME_MAX_LEN);
}

/* The same rules as for a value that somebody gives: model/options.c. */
static bool is_default_valid(const struct otadfu_option *option)
{
	const char *text = option->fallback;
	int64_t number;
	bool flag;

	switch (option->kind) {
	case OTADFU_OPT_INT:
		return text && text_to_int(text, &number) &&
		       (option->min >= option->max ||
			(number >= option->min && number <= option->max));
	case OTADFU_OPT_BOOL:
		return text && text_to_bool(text, &flag);
	case OTADFU_OPT_CHOICE:
		return text && option->choices && text_is_choice(text, option->choices);
	default:
		return true;
	}
}

static int finish_option(struct intake *in, void *copy)
{
	const struct otadfu_option *option = copy;
	int r = check_name(in, "option key", option->key);

	if (r < 0)
		return r;
	if (option->kind < OTADFU_OPT_INT || option->kind > OTADFU_OPT_CHOICE)
		return refuse(in, "option %s is of unknown kind %u", option->key, option->kind);
	if (!is_default_valid(option))
		return refuse(in, "option %s: its default '%.64s' is not a value it allows",
			      option->key, option->fallback ? option->fallback : "");
	return OTADFU_OK;
}

static int copy_options(struct intake *in, const struct otadfu_option *const *declared,
			const struct otadfu_option *const **ret_options)
{
	const struct otadfu_option *const *options;
	const void *copies;
	int r = copy_list(in, declared, &option_layout, finish_option, &copies);

	if (r < 0)
		return r;
	options = copies;
	for (size_t i = 0; options[i]; i++) {
		for (size_t j = 0; j < i; j++) {
			if (strcmp(options[i]->key, options[j]->key) == 0)
				return refuse(in, "option %s is declared twice", options[i]->key);
		}
	}
	*ret_options = options;
	return OTADFU_OK;
}

static int finish_transport(struct intake *in, void *copy)
{
	struct otadfu_transport_ops *ops = copy;
	void *link;
	int r = check_name(in, "name of a transport", ops->name);

	if (r < 0)
		return r;
	in->owner = "transport ";
	in->name = ops->name;
	r = copy_options(in, ops->options, &ops->options);
	if (r == OTADFU_OK)
		r = widen(in, &link_layout, ops->link, &link);
	if (r < 0)
		return r;
	ops->link = link;
	in->owner = in->name = "";
	return OTADFU_OK;
}

static int finish_protocol(struct intake *in, void *copy)
{
	struct otadfu_protocol_ops *ops = copy;
	int r = check_name(in, "name of a protocol", ops->name);

	if (r < 0)
		return r;
	in->owner = "protocol ";
	in->name = ops->name;
	r = copy_options(in, ops->options, &ops->options);
	if (r < 0)
		return r;
	in->owner = in->name = "";
	return OTADFU_OK;
}

int tables_check_header(const struct tables_header *header, const char *path, struct failure *why)
{
	unsigned major = header->abi_version >> 16;
	unsigned minor = header->abi_version & 0xffff;
	const struct intake in = begin_intake(header->abi_version, path, why);

	if (header->magic != OTADFU_PLUGIN_MAGIC)
		return failure_set(why, OTADFU_E_UNSUPPORTED, 0,
				   "%s: not a plugin: %s holds magic %08x, not %08x", path,
				   OTADFU_PLUGIN_SYMBOL, header->magic, OTADFU_PLUGIN_MAGIC);
	if (major != OTADFU_ABI_MAJOR) {
		failure_hint(why, "ask its vendor for a build for otadfu ABI %u", OTADFU_ABI_MAJOR);
		return failure_set(why, OTADFU_E_UNSUPPORTED, 0,
				   "%s: made for another major ABI, %u.%u; this otadfu has %u.%u",
				   path, major, minor, OTADFU_ABI_MAJOR, OTADFU_ABI_MINOR);
	}
	if (minor > OTADFU_ABI_MINOR) {
		failure_hint(why, "install a newer otadfu, or an older release of the plugin");
		return failure_set(why, OTADFU_E_UNSUPPORTED, 0,
				   "%s: made for the newer ABI %u.%u; this otadfu has %u.%u", path,
				   major, minor, OTADFU_ABI_MAJOR, OTADFU_ABI_MINOR);
	}
	return check_size(&in, &plugin_layout, header->size);
}

static int fill(struct intake *in, const struct otadfu_plugin *foreign)
{
	struct registry_plugin *plugin = &in->tables->plugin;
	const struct otadfu_plugin *own;
	const void *list;
	void *copy;
	char *path;
	int r = widen(in, &plugin_layout, foreign, &copy);

	if (r < 0)
		return r;
	own = copy;
	r = check_name(in, "name of the plugin", own->name);
	if (r < 0)
		return r;
	path = take_block(in, strlen(in->path) + 1);
	if (!path)
		return OTADFU_E_NOMEM;
	strcpy(path, in->path);
	*plugin = (struct registry_plugin){ .path = path,
					    .name = own->name,
					    .version = own->version,
					    .vendor = own->vendor,
					    .abi_version = own->abi_version };

	r = copy_list(in, own->transports, &transport_layout, finish_transport, &list);
	if (r < 0)
		return r;
	plugin->transports = list;
	r = copy_list(in, own->protocols, &protocol_layout, finish_protocol, &list);
	if (r < 0)
		return r;
	plugin->protocols = list;
	if (!plugin->transports[0] && !plugin->protocols[0])
		return refuse(in, "it offers neither a transport nor a protocol");
	return OTADFU_OK;
}

int tables_copy(const struct otadfu_plugin *plugin, const char *path, struct tables **ret_tables,
		struct failure *why)
{
	struct tables_header header = { plugin->magic, plugin->abi_version, plugin->size };
	struct intake in = begin_intake(plugin->abi_version, path, why);
	int r = tables_check_header(&header, path, why);

	if (r < 0)
		return r;
	in.tables = calloc(1, sizeof(*in.tables));
	if (!in.tables)
		return failure_set(why, OTADFU_E_NOMEM, 0, "%s: out of memory", path);
	r = fill(&in, plugin);
	if (r < 0) {
		tables_free(in.tables);
		return r;
	}
	*ret_tables = in.tables;
	return OTADFU_OK;
}

void tables_free(struct tables *tables)
{
	if (!tables)
		return;
	while (tables->blocks) {
		struct tables_block *block = tables->blocks;

		tables->blocks = block->next;
		free(block);
	}
	free(tables);
}
