/* Every refusal of design section 4 that concerns tables: the sample plugin, spoilt in one place.
 */
#include "registry.h"

#include <otadfu/plugin.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdio.h>
#include <string.h>

/* cmocka wants the four above first. */
#include <cmocka.h>

extern const struct otadfu_plugin OTADFU_PLUGIN_NAME_(sample);

#define PATH "/plugins/sample.so"

/* A copy of everything the sample is made of, to be spoilt. */
struct sample {
	struct otadfu_option option;
	const struct otadfu_option *options[3];
	struct otadfu_link_ops link;
	struct otadfu_transport_ops transport;
	const struct otadfu_transport_ops *transports[3];
	struct otadfu_protocol_ops protocol;
	const struct otadfu_protocol_ops *protocols[3];
	struct otadfu_plugin plugin;
};

static void make_sample(struct sample *sample)
{
	const struct otadfu_plugin *model = &OTADFU_PLUGIN_NAME_(sample);

	memset(sample, 0, sizeof(*sample));
	sample->plugin = *model;
	sample->transport = *model->transports[0];
	sample->protocol = *model->protocols[0];
	sample->link = *sample->transport.link;
	sample->option = *sample->protocol.options[0];
	sample->options[0] = &sample->option;
	sample->transport.link = &sample->link;
	sample->transport.options = sample->options;
	sample->protocol.options = sample->options;
	sample->transports[0] = &sample->transport;
	sample->protocols[0] = &sample->protocol;
	sample->plugin.transports = sample->transports;
	sample->plugin.protocols = sample->protocols;
}

static void assert_refused(const struct sample *sample, const char *reason)
{
	struct registry *registry = registry_new();
	struct failure why = { 0 };

	assert_int_equal(registry_add(registry, &sample->plugin, PATH, false, &why),
			 OTADFU_E_UNSUPPORTED);
	if (!strstr(why.text, reason) || strncmp(why.text, PATH ": ", sizeof(PATH ": ") - 1) != 0)
		fail_msg("'%s' does not name the file and '%s'", why.text, reason);
	assert_null(registry_at(registry, 0));
	registry_free(registry);
}

static void a_whole_plugin_is_accepted(void **state)
{
	struct registry *registry = registry_new();
	struct failure why = { 0 };
	struct sample sample;

	(void)state;
	make_sample(&sample);
	assert_int_equal(registry_add(registry, &sample.plugin, PATH, false, &why), OTADFU_OK);
	assert_string_equal(registry_at(registry, 0)->path, PATH);
	assert_string_equal(registry_at(registry, 0)->vendor, "otadfu");
	assert_non_null(registry_transport(registry, "sample_radio"));
	assert_non_null(registry_protocol(registry, "sample"));
	assert_null(registry_protocol(registry, "sample_radio"));
	assert_null(registry_at(registry, 1));
	registry_free(registry);
}

static void tables_are_copied(void **state)
{
	struct registry *registry = registry_new();
	const struct otadfu_protocol_ops *protocol;
	const struct otadfu_transport_ops *transport;
	struct sample sample;

	(void)state;
	make_sample(&sample);
	assert_int_equal(registry_add(registry, &sample.plugin, PATH, false, NULL), OTADFU_OK);
	memset(&sample, 0x5a, sizeof(sample));
	protocol = registry_protocol(registry, "sample");
	transport = registry_transport(registry, "sample_radio");
	assert_ptr_equal(protocol->update, OTADFU_PLUGIN_NAME_(sample).protocols[0]->update);
	assert_string_equal(protocol->options[0]->key, "burst");
	assert_null(protocol->options[1]);
	assert_ptr_equal(transport->link->wait,
			 OTADFU_PLUGIN_NAME_(sample).transports[0]->link->wait);
	assert_null(transport->link->tune);
	registry_free(registry);
}

static void a_header_of_another_kind_is_refused(void **state)
{
	struct sample sample;

	(void)state;
	make_sample(&sample);
	sample.plugin.magic ^= 1;
	assert_refused(&sample, "not a plugin");
	make_sample(&sample);
	sample.plugin.abi_version = (OTADFU_ABI_MAJOR + 1) << 16;
	assert_refused(&sample, "another major ABI, 2.0");
	make_sample(&sample);
	sample.plugin.abi_version = OTADFU_ABI_VERSION + 1;
	assert_refused(&sample, "newer ABI 1.1");
}

static void a_struct_of_wrong_size_is_refused(void **state)
{
	struct sample sample;
	const struct {
		uint32_t *size;
		const char *name;
	} structs[] = {
		{ &sample.plugin.size, "struct otadfu_plugin" },
		{ &sample.transport.size, "struct otadfu_transport_ops" },
		{ &sample.link.size, "transport sample_radio: struct otadfu_link_ops" },
		{ &sample.protocol.size, "struct otadfu_protocol_ops" },
		{ &sample.option.size, "transport sample_radio: struct otadfu_option" },
	};

	(void)state;
	for (size_t i = 0; i < sizeof(structs) / sizeof(structs[0]); i++) {
		char reason[80];

		make_sample(&sample);
		*structs[i].size -= 1;
		snprintf(reason, sizeof(reason), "%s is truncated", structs[i].name);
		assert_refused(&sample, reason);
		*structs[i].size = 0;
		assert_refused(&sample, reason);

		make_sample(&sample);
		*structs[i].size += 8;
		snprintf(reason, sizeof(reason), "%s is inconsistent", structs[i].name);
		assert_refused(&sample, reason);
		*structs[i].size = UINT32_MAX;
		assert_refused(&sample, reason);
	}
}

static void each_missing_member_is_named(void **state)
{
	struct sample sample;
#define ROW(table, member)                                                                         \
	{                                                                                          \
		&sample.table.member, sizeof(sample.table.member), #member                         \
	}
	const struct {
		void *at;
		size_t size;
		const char *name;
	} members[] = {
		ROW(plugin, name),     ROW(plugin, version),    ROW(plugin, vendor),
		ROW(transport, name),  ROW(transport, summary), ROW(transport, link),
		ROW(transport, open),  ROW(transport, close),   ROW(transport, connect),
		ROW(link, discover),   ROW(link, mtu),          ROW(link, read),
		ROW(link, write),      ROW(link, write_cmd),    ROW(link, subscribe),
		ROW(link, wait),       ROW(link, wait_gone),    ROW(link, disconnect),
		ROW(protocol, name),   ROW(protocol, summary),  ROW(protocol, probe),
		ROW(protocol, update), ROW(option, key),        ROW(option, help),
	};
#undef ROW

	(void)state;
	for (size_t i = 0; i < sizeof(members) / sizeof(members[0]); i++) {
		char reason[80];

		make_sample(&sample);
		memset(members[i].at, 0, members[i].size);
		snprintf(reason, sizeof(reason), "lacks its required member %s", members[i].name);
		assert_refused(&sample, reason);
	}
}

static void optional_members_may_be_absent(void **state)
{
	struct registry *registry = registry_new();
	struct sample sample;

	(void)state;
	make_sample(&sample);
	sample.protocol.options = NULL;
	sample.plugin.transports = NULL;
	assert_int_equal(registry_add(registry, &sample.plugin, PATH, false, NULL), OTADFU_OK);
	assert_non_null(registry_at(registry, 0)->transports);
	assert_null(registry_at(registry, 0)->transports[0]);
	registry_free(registry);
}

static void a_plugin_without_tables_is_refused(void **state)
{
	struct sample sample;

	(void)state;
	make_sample(&sample);
	sample.plugin.transports = NULL;
	sample.protocols[0] = NULL;
	assert_refused(&sample, "neither a transport nor a protocol");
}

static void a_name_is_one_plain_word(void **state)
{
	static const char *const bad[] = { "",     "Sample", "a/b",
					   "..",   "a b",    "\xc3\xa4",
					   "a.so", "a\n",    "abcdefghijklmnopqrstuvwxyz012345" };
	struct sample sample;

	(void)state;
	for (size_t i = 0; i < sizeof(bad) / sizeof(bad[0]); i++) {
		make_sample(&sample);
		sample.plugin.name = bad[i];
		assert_refused(&sample, "the name of the plugin");
		make_sample(&sample);
		sample.transport.name = bad[i];
		assert_refused(&sample, "the name of a transport");
		make_sample(&sample);
		sample.protocol.name = bad[i];
		assert_refused(&sample, "the name of a protocol");
		make_sample(&sample);
		sample.option.key = bad[i];
		assert_refused(&sample, "the option key");
	}
}

static void an_option_must_allow_its_own_default(void **state)
{
	static const struct otadfu_option bad[] = {
		{ .kind = OTADFU_OPT_INT, .fallback = "0", .min = 1, .max = 9 },
		{ .kind = OTADFU_OPT_INT, .fallback = "10", .min = 1, .max = 9 },
		{ .kind = OTADFU_OPT_INT, .fallback = "five", .min = 1, .max = 9 },
		{ .kind = OTADFU_OPT_INT, .fallback = "" },
		{ .kind = OTADFU_OPT_INT, .fallback = NULL },
		{ .kind = OTADFU_OPT_BOOL, .fallback = "maybe" },
		{ .kind = OTADFU_OPT_BOOL, .fallback = NULL },
		{ .kind = OTADFU_OPT_CHOICE, .fallback = "c", .choices = "a|b" },
		{ .kind = OTADFU_OPT_CHOICE, .fallback = "a", .choices = NULL },
		{ .kind = OTADFU_OPT_CHOICE, .fallback = NULL, .choices = "a|b" },
	};
	struct sample sample;

	(void)state;
	for (size_t i = 0; i < sizeof(bad) / sizeof(bad[0]); i++) {
		make_sample(&sample);
		sample.option = bad[i];
		sample.option.size = sizeof(sample.option);
		sample.option.key = "key";
		sample.option.help = "help";
		assert_refused(&sample, "option key: its default");
	}
}

static void an_option_of_unknown_kind_is_refused(void **state)
{
	struct sample sample;

	(void)state;
	make_sample(&sample);
	sample.option.kind = OTADFU_OPT_CHOICE + 1;
	assert_refused(&sample, "option burst is of unknown kind 5");
	sample.option.kind = 0;
	assert_refused(&sample, "option burst is of unknown kind 0");
}

static void an_option_is_declared_once(void **state)
{
	struct sample sample;

	(void)state;
	make_sample(&sample);
	sample.options[1] = &sample.option;
	assert_refused(&sample, "option burst is declared twice");
}

static void one_plugin_names_each_table_once(void **state)
{
	struct sample sample;

	(void)state;
	make_sample(&sample);
	sample.transports[1] = &sample.transport;
	assert_refused(&sample, "names two of its tables sample_radio");
	make_sample(&sample);
	sample.protocols[1] = &sample.protocol;
	assert_refused(&sample, "names two of its tables sample");
	make_sample(&sample);
	sample.protocol.name = sample.transport.name;
	assert_refused(&sample, "names two of its tables sample_radio");
}

static void a_second_table_of_a_name_is_refused(void **state)
{
	struct registry *registry = registry_new();
	struct failure why = { 0 };
	struct sample sample;

	(void)state;
	make_sample(&sample);
	assert_int_equal(registry_add(registry, &sample.plugin, PATH, false, NULL), OTADFU_OK);
	assert_int_equal(registry_add(registry, &sample.plugin, "/other.so", false, &why),
			 OTADFU_E_UNSUPPORTED);
	assert_string_equal(why.text, "/other.so: sample_radio is there already, from " PATH);
	assert_null(registry_at(registry, 1));
	registry_free(registry);
}

static void a_named_directory_hides_the_built_in_table(void **state)
{
	struct registry *registry = registry_new();
	const struct otadfu_protocol_ops *first;
	struct sample sample;

	(void)state;
	make_sample(&sample);
	assert_int_equal(registry_add(registry, &sample.plugin, PATH, false, NULL), OTADFU_OK);
	first = registry_protocol(registry, "sample");
	sample.plugin.transports = NULL;
	assert_int_equal(registry_add(registry, &sample.plugin, "/own.so", true, NULL), OTADFU_OK);

	assert_ptr_not_equal(registry_protocol(registry, "sample"), first);
	assert_ptr_equal(registry_protocol_at(registry, 0), registry_protocol(registry, "sample"));
	assert_null(registry_protocol_at(registry, 1));
	assert_string_equal(registry_transport_at(registry, 0)->name, "sample_radio");
	assert_null(registry_transport_at(registry, 1));
	assert_string_equal(registry_at(registry, 1)->path, "/own.so");
	registry_free(registry);
}

static void a_transport_and_a_protocol_never_share_a_name(void **state)
{
	struct registry *registry = registry_new();
	struct failure why = { 0 };
	struct sample sample;

	(void)state;
	make_sample(&sample);
	assert_int_equal(registry_add(registry, &sample.plugin, PATH, false, NULL), OTADFU_OK);
	sample.plugin.transports = NULL;
	sample.protocol.name = "sample_radio";
	assert_int_equal(registry_add(registry, &sample.plugin, "/own.so", true, &why),
			 OTADFU_E_UNSUPPORTED);
	assert_string_equal(why.text, "/own.so: a protocol may not be named sample_radio, " PATH
				      " has a transport of that name");
	registry_free(registry);
}

int main(void)
{
	static const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_whole_plugin_is_accepted),
		cmocka_unit_test(tables_are_copied),
		cmocka_unit_test(a_header_of_another_kind_is_refused),
		cmocka_unit_test(a_struct_of_wrong_size_is_refused),
		cmocka_unit_test(each_missing_member_is_named),
		cmocka_unit_test(optional_members_may_be_absent),
		cmocka_unit_test(a_plugin_without_tables_is_refused),
		cmocka_unit_test(a_name_is_one_plain_word),
		cmocka_unit_test(an_option_must_allow_its_own_default),
		cmocka_unit_test(an_option_of_unknown_kind_is_refused),
		cmocka_unit_test(an_option_is_declared_once),
		cmocka_unit_test(one_plugin_names_each_table_once),
		cmocka_unit_test(a_second_table_of_a_name_is_refused),
		cmocka_unit_test(a_named_directory_hides_the_built_in_table),
		cmocka_unit_test(a_transport_and_a_protocol_never_share_a_name),
	};

	return cmocka_run_group_tests_name("registry", tests, NULL, NULL);
}
