/* The address that the transport hci gives a controller without one. */
#include "central_bench.h"

#include "own_address.h"

#include <fcntl.h>
#include <otadfu/error.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cmocka.h>

#define NAME "address-serial%3A%2Fdev%2FttyACM0"

static const char endpoint[] = "serial:/dev/ttyACM0";

static struct otadfu_addr get(struct central_bench *b, const char *word)
{
	struct otadfu_addr address;

	assert_int_equal(own_address_get(&b->ctx, word, &address), OTADFU_OK);
	return address;
}

static void kept_path(struct central_bench *b, const char *name, char path[SCRATCH_PATH_MAX])
{
	char inner[SCRATCH_PATH_MAX];

	snprintf(inner, sizeof(inner), "otadfu/%.200s", name);
	scratch_path(&b->folder, inner, path);
}

static void write_kept(struct central_bench *b, const char *name, const char *text)
{
	char path[SCRATCH_PATH_MAX];
	FILE *file;

	scratch_path(&b->folder, "otadfu", path);
	mkdir(path, 0700);
	kept_path(b, name, path);
	file = fopen(path, "we");
	assert_non_null(file);
	fputs(text, file);
	assert_int_equal(fclose(file), 0);
}

static void is_a_random_static_one(void **state)
{
	struct otadfu_addr address = get(*state, endpoint);

	assert_int_equal(address.type, 1);
	assert_int_equal(address.bytes[0] & 0xC0, 0xC0);
}

static void is_the_same_the_next_time(void **state)
{
	struct otadfu_addr first = get(*state, endpoint);
	struct otadfu_addr next = get(*state, endpoint);

	assert_memory_equal(&first, &next, sizeof(first));
}

static void is_another_one_for_another_controller(void **state)
{
	struct otadfu_addr first = get(*state, endpoint);
	struct otadfu_addr other = get(*state, "serial:/dev/ttyACM1");

	assert_memory_not_equal(&first, &other, sizeof(first));
}

static void is_kept_for_its_owner_alone(void **state)
{
	char path[SCRATCH_PATH_MAX];
	struct stat info;

	get(*state, endpoint);
	kept_path(*state, NAME, path);
	assert_int_equal(stat(path, &info), 0);
	assert_int_equal(info.st_mode & 07777, 0600);
	assert_int_equal(info.st_size, 18);
}

static void damaged_one_is_replaced(void **state)
{
	static const char *const damaged[] = { "",
					       "C0:FF:EE:00:00:0",
					       "C0:FF:EE:00:00:01",
					       "C0:FF:EE:00:00:01 more\n",
					       "00:FF:EE:00:00:01\n",
					       "C0:00:00:00:00:00\n",
					       "FF:FF:FF:FF:FF:FF\n",
					       "C0-FF-EE-00-00-01\n" };

	for (size_t i = 0; i < sizeof(damaged) / sizeof(damaged[0]); i++) {
		struct otadfu_addr first, next;

		write_kept(*state, NAME, damaged[i]);
		first = get(*state, endpoint);
		next = get(*state, endpoint);
		assert_int_equal(first.bytes[0] & 0xC0, 0xC0);
		assert_memory_equal(&first, &next, sizeof(first));
	}
}

static void where_nothing_can_be_kept_there_is_one_all_the_same(void **state)
{
	struct central_bench *b = *state;
	char path[SCRATCH_PATH_MAX];

	scratch_write(&b->folder, "file", "", 0, path);
	setenv("XDG_STATE_HOME", path, 1);
	assert_int_equal(get(b, endpoint).bytes[0] & 0xC0, 0xC0);
}

static void controller_gets_it(void **state)
{
	struct central_bench *b = *state;
	char name[SCRATCH_PATH_MAX + 32] = "address-";
	size_t len = strlen(name);

	for (const char *c = b->endpoint; *c; c++) {
		if (strchr("/:", *c))
			len += (size_t)snprintf(name + len, sizeof(name) - len, "%%%02X", *c);
		else
			name[len++] = *c;
	}
	name[len] = '\0';
	write_kept(b, name, "C0:FF:EE:00:00:01\n");
	central_bench_open(b, central_setup_no_address);
}

int main(void)
{
#define TEST(name) cmocka_unit_test_setup_teardown(name, central_bench_begin, central_bench_end)
	const struct CMUnitTest tests[] = {
		TEST(is_a_random_static_one),
		TEST(is_the_same_the_next_time),
		TEST(is_another_one_for_another_controller),
		TEST(is_kept_for_its_owner_alone),
		TEST(damaged_one_is_replaced),
		TEST(where_nothing_can_be_kept_there_is_one_all_the_same),
		TEST(controller_gets_it),
	};

	return cmocka_run_group_tests_name("hci_own_address", tests, NULL, NULL);
}
