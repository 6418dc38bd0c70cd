/*
 * A profile, read over the defaults and what it inherits from our own ones, and held against the
 * plugins there are.
 */
#include "profile.h"

#include "fuzz.h"
#include "input_file.h"
#include "package.h"

static void judge_read(const struct profile *profile)
{
	static const char *const plugins[] = { "secure", "legacy", "sim", NULL };
	struct failure why = { 0 };
	int r = profile_check_plugins(profile, plugins, &why);

	if (r != OTADFU_OK)
		fuzz_require_reason(r, &why);
	fuzz_require(profile->connect_attempts.value >= 1, "there is an attempt to connect");
	fuzz_require(profile->part.value >= 1 && profile->part.value <= PACKAGE_PART_ALL,
		     "what to send is known");
	fuzz_require(profile->verify.value == VERIFY_ADVERTISES ||
			     profile->verify.value == VERIFY_NONE,
		     "how to verify is known");
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	static const char *const dirs[] = { PROFILES, NULL };
	struct profile *profile = NULL;
	struct failure why = { 0 };
	struct input_file file;
	int r;

	fuzz_require(profile_new(&profile) == OTADFU_OK, "there is memory for a profile");
	input_file_prepare(&file, "input.yaml");
	input_file_write(&file, data, size);
	r = profile_read(profile, file.path, dirs, &why);
	input_file_remove(&file);
	if (r == OTADFU_OK)
		judge_read(profile);
	else
		fuzz_require_reason(r, &why);
	profile_free(profile);
	return 0;
}
