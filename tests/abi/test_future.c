/*
 * The host of tomorrow: the loader compiled against headers in which every struct has grown by a
 * member, made from today's. It must take today's plugin, which does not have them.
 */
#include "loader.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <string.h>

/* cmocka wants the four above first. */
#include <cmocka.h>

_Static_assert(OTADFU_ABI_MINOR == 1, "this test is compiled against the headers of ABI 1.1");

static void load(struct registry *registry, const char *path)
{
	struct failure why = { 0 };

	if (loader_load_file(path, false, false, registry, &why) != OTADFU_OK)
		fail_msg("%s", why.text);
}

static void members_newer_than_the_plugin_are_null(void **state)
{
	struct registry *registry = registry_new();
	const struct otadfu_transport_ops *transport;
	const struct otadfu_protocol_ops *protocol;

	(void)state;
	load(registry, SAMPLES "/good.so");
	transport = registry_transport(registry, "sample_radio");
	protocol = registry_protocol(registry, "sample");
	assert_int_equal(registry_at(registry, 0)->abi_version, 0x10000);
	assert_null(transport->added_in_1_1);
	assert_null(transport->link->added_in_1_1);
	assert_null(transport->options[0]->added_in_1_1);
	assert_null(protocol->added_in_1_1);
	assert_non_null(transport->link->disconnect);
	assert_non_null(protocol->update);
	registry_free(registry);
}

static void a_plugin_of_the_same_minor_loads(void **state)
{
	struct registry *registry = registry_new();

	(void)state;
	load(registry, SAMPLES "/future.so");
	assert_int_equal(registry_at(registry, 0)->abi_version, 0x10001);
	registry_free(registry);
}

int main(void)
{
	static const struct CMUnitTest tests[] = {
		cmocka_unit_test(members_newer_than_the_plugin_are_null),
		cmocka_unit_test(a_plugin_of_the_same_minor_loads),
	};

	return cmocka_run_group_tests_name("future", tests, NULL, NULL);
}
