#include "att_bench.h"
#include "connect.h"
#include "examine.h"
#include "heard_findings.h"

#include <errno.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include <cmocka.h>

static void a_name_that_makes_no_sense_is_refused(void **state)
{
	static const char *const names[] = { "",       "hci",   "hci-1",   "hci+1",     "hci 0",
					     "hci\t0", "hci0x", "hci1000", "/dev/hci0", "usb0" };
	struct att_bench *bench = *state;
	struct otadfu_adapter *adapter = NULL;

	for (size_t i = 0; i < sizeof(names) / sizeof(names[0]); i++) {
		if (adapter_open(&bench->ctx, names[i], &adapter) != OTADFU_E_CONFIG)
			fail_msg("\"%s\" is taken", names[i]);
		assert_null(adapter);
	}
	assert_non_null(strstr(bench->failure.text, "hci0, hci1"));
}

static void a_kernel_without_bluetooth_is_named(void **state)
{
	struct att_bench *bench = *state;
	struct otadfu_adapter *adapter = NULL;
	int fd = socket(AF_BLUETOOTH, SOCK_RAW | SOCK_CLOEXEC, BTPROTO_HCI);

	if (fd >= 0)
		close(fd);
	if (fd >= 0 || errno != EAFNOSUPPORT)
		skip();
	assert_int_equal(adapter_open(&bench->ctx, "hci0", &adapter), OTADFU_E_UNSUPPORTED);
	assert_non_null(strstr(bench->failure.text, "this kernel has no Bluetooth"));
	assert_null(adapter);
}

static void examine_tells_what_the_kernel_lacks_and_the_code_of_open(void **state)
{
	struct att_bench *bench = *state;
	struct heard_findings heard = { .text = "" };
	struct otadfu_adapter *adapter = NULL;
	int expected = adapter_open(&bench->ctx, NULL, &adapter);

	if (expected != OTADFU_E_UNSUPPORTED) {
		free(adapter);
		skip();
	}
	assert_int_equal(examine(&bench->ctx, NULL, NULL, heard_findings_add, &heard), expected);
	assert_non_null(strstr(heard.text, "! kernel: without Bluetooth [sudo modprobe bluetooth"));
	assert_non_null(strstr(heard.text, "l2cap: finds devices through bluetoothd"));
}

static void only_one_to_eight_peers_of_a_type_there_is_are_connected_to(void **state)
{
	struct att_bench *bench = *state;
	struct otadfu_adapter adapter = { .name = "hci0" };
	struct otadfu_addr peers[9] = { { .type = 2 } };
	struct otadfu_link *link = NULL;
	size_t index = 99;

	assert_int_equal(connect_first(&bench->ctx, &adapter, peers, 1, &link, &index, 0),
			 OTADFU_E_INVALID);
	peers[0].type = 0;
	assert_int_equal(connect_first(&bench->ctx, &adapter, peers, 9, &link, &index, 0),
			 OTADFU_E_INVALID);
	assert_int_equal(connect_first(&bench->ctx, &adapter, peers, 0, &link, &index, 0),
			 OTADFU_E_INVALID);
	assert_null(link);
}

int main(void)
{
#define TEST(fact) cmocka_unit_test_setup_teardown(fact, att_bench_begin, att_bench_end)
	const struct CMUnitTest tests[] = {
		TEST(a_name_that_makes_no_sense_is_refused),
		TEST(a_kernel_without_bluetooth_is_named),
		TEST(examine_tells_what_the_kernel_lacks_and_the_code_of_open),
		TEST(only_one_to_eight_peers_of_a_type_there_is_are_connected_to),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
