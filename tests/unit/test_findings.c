#include "adapters.h"
#include "findings.h"
#include "heard_findings.h"

#include <errno.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

/* cmocka wants the four above first. */
#include <cmocka.h>

static struct heard_findings heard;
static const struct findings findings = { heard_findings_add, &heard };

static int forget(void **state)
{
	(void)state;
	heard.text[0] = '\0';
	return 0;
}

static void only_names_of_the_kernels_adapters_are_understood(void **state)
{
	static const char *const others[] = { "",          "hci",    "hci-1", "hci+1",
					      "hci 0",     "hci0x",  "usb0",  "hci1000",
					      "/dev/hci0", "unix:x", "HCI0" };
	int index = -7;

	(void)state;
	for (size_t i = 0; i < sizeof(others) / sizeof(others[0]); i++)
		assert_false(adapters_parse_name(others[i], &index));
	assert_int_equal(index, -7);
	assert_true(adapters_parse_name("hci12", &index));
	assert_int_equal(index, 12);
}

static void what_switches_an_adapter_on_names_it(void **state)
{
	const struct adapter_state adapter = { .name = "hci3", .lack = ADAPTER_DOWN };
	char remedy[128];

	(void)state;
	adapter_lack_remedy(&adapter, remedy, sizeof(remedy));
	assert_string_equal(remedy, "bluetoothctl power on, or without bluetoothd: sudo hciconfig "
				    "hci3 up");
	assert_string_equal(adapter_lack_text(ADAPTER_DOWN), "switched off");
}

static void each_lack_has_words_and_a_remedy(void **state)
{
	(void)state;
	for (enum adapter_lack lack = ADAPTER_BLOCKED_HARD; lack <= ADAPTER_CLASSIC; lack++) {
		const struct adapter_state adapter = { .name = "hci0", .lack = lack };
		char remedy[128] = "";

		adapter_lack_remedy(&adapter, remedy, sizeof(remedy));
		assert_true(adapter_lack_text(lack)[0] != '\0');
		assert_true(remedy[0] != '\0');
	}
}

static void a_kernel_without_bluetooth_is_told_with_its_remedy(void **state)
{
	struct adapters adapters;

	(void)state;
	if (adapters_look(&adapters) != EAFNOSUPPORT)
		skip();
	findings_tell_adapters(&findings, NULL, false);
	assert_string_equal(heard.text,
			    "! kernel: without Bluetooth [sudo modprobe bluetooth; where there is "
			    "no such module, another kernel]\n");
}

static void a_word_that_is_no_adapter_of_the_kernel_says_nothing_of_it(void **state)
{
	const struct otadfu_addr peer = { .type = 1 };

	(void)state;
	findings_tell_adapters(&findings, "unix:/run/x", false);
	findings_tell_links(&findings, "unix:/run/x", &peer);
	assert_string_equal(heard.text, "");
}

static void a_text_that_is_too_long_is_cut(void **state)
{
	char text[600];

	(void)state;
	memset(text, 'x', sizeof(text));
	text[sizeof(text) - 1] = '\0';
	findings_fact(&findings, "subject", "%s", text);
	findings_hindrance(&findings, "subject", NULL, "%s", text);
	assert_int_equal(strlen(heard.text), 2 * (strlen("subject: \n") + 255) + strlen("! "));
}

int main(void)
{
#define TEST(fact) cmocka_unit_test_setup(fact, forget)
	const struct CMUnitTest tests[] = {
		TEST(only_names_of_the_kernels_adapters_are_understood),
		TEST(what_switches_an_adapter_on_names_it),
		TEST(each_lack_has_words_and_a_remedy),
		TEST(a_kernel_without_bluetooth_is_told_with_its_remedy),
		TEST(a_word_that_is_no_adapter_of_the_kernel_says_nothing_of_it),
		TEST(a_text_that_is_too_long_is_cut),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
