/* What make_package puts into a package, for those tests that cannot see it. */
#include <jansson.h>
#include <setjmp.h>
#include <spawn.h>
#include <stdarg.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>
#include <zip.h>

#include <cmocka.h>

enum { WORDS_MAX = 32, MEMBER_MAX = 0x40000 };

struct member {
	uint8_t data[MEMBER_MAX];
	size_t len;
};

extern char **environ;

static int set_up(void **state)
{
	char *path = strdup("/tmp/otadfu-package-XXXXXX");
	int fd = path ? mkstemp(path) : -1;

	*state = path;
	return fd >= 0 ? close(fd) : -1;
}

static int tear_down(void **state)
{
	unlink(*state);
	free(*state);
	return 0;
}

static int run(const char *path, const char *words)
{
	char *copy = strdup(words);
	char *argv[WORDS_MAX] = { (char *)(uintptr_t) "make_package", (char *)(uintptr_t)path };
	size_t count = 2;
	int status;
	pid_t pid;

	for (char *word = strtok(copy, " "); word; word = strtok(NULL, " ")) {
		assert_true(count + 1 < WORDS_MAX);
		argv[count++] = word;
	}
	assert_int_equal(posix_spawn(&pid, MAKE_PACKAGE, NULL, NULL, argv, environ), 0);
	assert_int_equal(waitpid(pid, &status, 0), pid);
	free(copy);
	return WIFEXITED(status) ? WEXITSTATUS(status) : -1;
}

static void make(void *const *state, const char *words)
{
	assert_int_equal(run(*state, words), 0);
}

static struct member *take(void *const *state, const char *name)
{
	struct member *member = test_calloc(1, sizeof(*member));
	zip_t *zip = zip_open(*state, ZIP_RDONLY, NULL);
	zip_file_t *file = zip ? zip_fopen(zip, name, 0) : NULL;
	zip_int64_t len;

	if (!file)
		fail_msg("no %s", name);
	len = zip_fread(file, member->data, MEMBER_MAX);
	assert_in_range(len, 1, MEMBER_MAX - 1);
	member->len = (size_t)len;
	zip_fclose(file);
	zip_discard(zip);
	return member;
}

static uint32_t number_in(void *const *state, const char *path)
{
	struct member *manifest = take(state, "manifest.json");
	json_t *root = json_loadb((const char *)manifest->data, manifest->len, 0, NULL);
	json_t *place = json_object_get(root, "manifest");
	char *copy = strdup(path);
	uint32_t number;

	for (char *key = strtok(copy, "."); key; key = strtok(NULL, "."))
		place = json_object_get(place, key);
	assert_true(json_is_integer(place));
	number = (uint32_t)json_integer_value(place);
	json_decref(root);
	free(copy);
	test_free(manifest);
	return number;
}

static uint32_t word_at(const uint8_t *at)
{
	return (uint32_t)at[0] | (uint32_t)at[1] << 8 | (uint32_t)at[2] << 16 |
	       (uint32_t)at[3] << 24;
}

static bool holds(const struct member *member, const void *bytes, size_t len)
{
	return memmem(member->data, member->len, bytes, len) != NULL;
}

static void an_invented_softdevice_says_what_it_is(void **state)
{
	struct member *softdevice;

	make(state, "--protocol secure --softdevice 0x24004:5 --sd-id 0x0123 --unsigned");
	softdevice = take(state, "softdevice.bin");
	assert_int_equal(softdevice->len, 0x24004);
	assert_int_equal(word_at(softdevice->data + 0x2004), 0x51B1E5DB);
	assert_int_equal(word_at(softdevice->data + 0x2008), 0x27000);
	assert_int_equal(word_at(softdevice->data + 0x200C) & 0xFFFF, 0x0123);
	assert_int_equal(word_at(softdevice->data + 0x2010), 140);
	assert_int_equal(word_at(softdevice->data + 0x2014), 7003000);
	test_free(softdevice);
}

static void a_softdevice_larger_than_usual_ends_behind_itself(void **state)
{
	struct member *softdevice;

	make(state, "--protocol secure --softdevice 0x28004 --sd-id 0x0123 --unsigned");
	softdevice = take(state, "softdevice.bin");
	assert_int_equal(word_at(softdevice->data + 0x2008), 0x2A000);
	test_free(softdevice);
}

static void softdevice_and_bootloader_are_one_image(void **state)
{
	static const uint8_t of_secure[] = { 0x20, 0x03, 0x28, 0x80, 0x80, 0x05,
					     0x30, 0x88, 0x27, 0x38, 0x00 };
	struct member *image, *init;

	make(state, "--protocol secure --softdevice 0x14000 --bootloader 5000 --unsigned");
	image = take(state, "sd_bl.bin");
	init = take(state, "sd_bl.dat");
	assert_int_equal(image->len, 0x14000 + 5000);
	assert_int_equal(number_in(state, "softdevice_bootloader.info_read_only_metadata.sd_size"),
			 0x14000);
	assert_int_equal(number_in(state, "softdevice_bootloader.info_read_only_metadata.bl_size"),
			 5000);
	assert_true(holds(init, of_secure, sizeof(of_secure)));
	test_free(image);
	test_free(init);
	make(state, "--protocol legacy --softdevice 0x14000 --bootloader 5000");
	assert_int_equal(number_in(state, "softdevice_bootloader.sd_size"), 0x14000);
	assert_int_equal(number_in(state, "softdevice_bootloader.bl_size"), 5000);
}

static void an_application_requires_the_softdevice_it_comes_with(void **state)
{
	static const uint8_t required[] = { 0x1A, 0x02, 0xA3, 0x02 }; /* 0x0123, a varint */
	static const uint8_t installed[] = { 0x1A, 0x02, 0x80, 0x02 };
	struct member *system, *application;

	make(state, "--protocol secure --softdevice 0x14000 --sd-id 0x0123 --sd-req 0x0100 "
		    "--random 4000 --unsigned");
	system = take(state, "softdevice.dat");
	application = take(state, "app.dat");
	assert_true(holds(system, installed, sizeof(installed)));
	assert_true(holds(application, required, sizeof(required)));
	test_free(system);
	test_free(application);
	make(state, "--protocol legacy --softdevice 0x14000 --sd-id 0x0087 --random 4000");
	application = take(state, "app.dat");
	assert_memory_equal(application->data + 8, "\x01\x00\x87\x00", 4);
	test_free(application);
}

static void versions_are_those_of_the_parts(void **state)
{
	struct member *bootloader, *application;

	make(state, "--protocol secure --bootloader 5000 --bl-version 9 --random 4000 "
		    "--app-version 7 --unsigned");
	bootloader = take(state, "bootloader.dat");
	application = take(state, "app.dat");
	assert_true(holds(bootloader, "\x08\x09\x10\x34", 4));
	assert_true(holds(application, "\x08\x07\x10\x34", 4));
	test_free(bootloader);
	test_free(application);
}

static void an_external_application_is_one_by_its_type(void **state)
{
	struct member *init;

	make(state, "--protocol secure --external --random 4000 --unsigned");
	init = take(state, "app.dat");
	assert_true(holds(init, "\x20\x04\x28\x00", 4));
	test_free(init);
}

static void an_old_init_packet_is_two_bytes(void **state)
{
	struct member *init;

	make(state, "--protocol legacy --format 0.4 --random 4000");
	init = take(state, "app.dat");
	assert_int_equal(init->len, 2);
	test_free(init);
}

static void what_makes_no_sense_is_refused(void **state)
{
	static const char *const cases[] = {
		"--protocol secure --unsigned",
		"--protocol secure --random 4000",
		"--protocol secure --softdevice 8000 --unsigned",
		"--protocol secure --softdevice /dev/null --unsigned",
		"--protocol secure --softdevice 0x14000 --sd-id 0x10000 --unsigned",
		"--protocol legacy --external --random 4000",
		"--protocol legacy --format 0.9 --random 4000",
		"--protocol smp --random 4000",
	};

	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++)
		assert_int_equal(run(*state, cases[i]), 2);
}

#define TEST(function) cmocka_unit_test_setup_teardown(function, set_up, tear_down)

int main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(an_invented_softdevice_says_what_it_is),
		TEST(a_softdevice_larger_than_usual_ends_behind_itself),
		TEST(softdevice_and_bootloader_are_one_image),
		TEST(an_application_requires_the_softdevice_it_comes_with),
		TEST(versions_are_those_of_the_parts),
		TEST(an_external_application_is_one_by_its_type),
		TEST(an_old_init_packet_is_two_bytes),
		TEST(what_makes_no_sense_is_refused),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
