/* Plugins written in C++, one library for each compiler that was found: PLUGINS lists them. */
#include "loader.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <string.h>

/* cmocka wants the four above first. */
#include <cmocka.h>

static const char *const plugins[] = { PLUGINS };

static void a_cxx_plugin_loads(void **state)
{
	(void)state;
	for (size_t i = 0; i < sizeof(plugins) / sizeof(plugins[0]); i++) {
		struct registry *registry = registry_new();
		struct failure why = { 0 };

		if (loader_load_file(plugins[i], false, false, registry, &why) != OTADFU_OK)
			fail_msg("%s", why.text);
		assert_non_null(registry_protocol(registry, "sample_cxx")->update);
		assert_null(registry_protocol(registry, "sample_cxx")->abort);
		registry_free(registry);
	}
}

int main(void)
{
	static const struct CMUnitTest tests[] = { cmocka_unit_test(a_cxx_plugin_loads) };

	return cmocka_run_group_tests_name("cxx", tests, NULL, NULL);
}
