/* A scenario of the simulated world. */
#include "scenario.h"

#include "fuzz.h"
#include "input_file.h"

static void judge_device(const struct device_config *config)
{
	fuzz_require(config->chip && config->bootloader && config->sdk && config->name,
		     "a device is complete");
	fuzz_require(config->mtu >= 23, "its MTU is one of ATT's");
}

static void judge_read(const struct scenario *scenario)
{
	fuzz_require(scenario->device_count > 0 && scenario->device_count <= SCENARIO_DEVICES_MAX,
		     "there is a device");
	fuzz_require(scenario->interval_us > 0 && scenario->packets_per_event > 0,
		     "time passes on the link");
	for (size_t i = 0; i < scenario->device_count; i++)
		judge_device(&scenario->devices[i].config);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	char message[SCENARIO_MESSAGE_MAX] = "";
	struct scenario *scenario = NULL;
	struct input_file file;
	int r;

	input_file_prepare(&file, "input.yaml");
	input_file_write(&file, data, size);
	r = scenario_read(file.path, &scenario, message);
	input_file_remove(&file);
	if (r == OTADFU_OK)
		judge_read(scenario);
	else
		fuzz_require(r == OTADFU_E_CONFIG && message[0] != '\0', "a refusal says why");
	scenario_free(scenario);
	return 0;
}
