#include "scenario.h"

#include "scenario_device.h"

#include <otadfu/error.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static const char *const clock_names[] = { "virtual", "real", NULL };

static bool is_twin(const struct scenario_device *a, const struct scenario_device *b)
{
	return memcmp(a->config.address.bytes, b->config.address.bytes, 6) == 0;
}

static bool read_devices(struct strict *strict, const yaml_node_t *node, void *target)
{
	struct scenario *scenario = target;
	const yaml_node_item_t *items = node->data.sequence.items.start;
	size_t count = 0;

	if (node->type == YAML_SEQUENCE_NODE)
		count = (size_t)(node->data.sequence.items.top - items);
	if (count == 0 || count > SCENARIO_DEVICES_MAX)
		return strict_refuse(strict, node, "expected a list of 1 to %d devices",
				     SCENARIO_DEVICES_MAX);
	scenario->devices = calloc(count, sizeof(*scenario->devices));
	if (!scenario->devices)
		return strict_refuse(strict, node, "out of memory");
	for (size_t i = 0; i < count; i++) {
		const yaml_node_t *item = yaml_document_get_node(strict->document, items[i]);

		scenario->device_count++;
		if (!scenario_device_read(strict, item, &scenario->devices[i]))
			return false;
		for (size_t k = 0; k < i; k++) {
			if (is_twin(&scenario->devices[k], &scenario->devices[i]))
				return strict_refuse(strict, strict_find(strict, item, "address"),
						     "two devices have this address");
		}
	}
	return true;
}

static bool read_link(struct strict *strict, const yaml_node_t *node, void *target)
{
	static const struct strict_key keys[] = {
		{ .name = "interval_ms",
		  .kind = STRICT_MILLI,
		  .offset = offsetof(struct scenario, interval_us),
		  .min = 7500,
		  .max = 4000000 },
		{ .name = "packets_per_event",
		  STRICT_INT_AT(struct scenario, packets_per_event, 1, PACKETS_PER_EVENT_MAX) },
		{ 0 },
	};

	return strict_mapping(strict, node, keys, target);
}

static bool read_state(struct strict *strict, const yaml_node_t *node, void *target)
{
	struct scenario *scenario = target;
	const char *text = strict_scalar(strict, node, "a directory");

	if (!text)
		return false;
	if (!*text)
		return strict_refuse(strict, node, "expected a directory");
	scenario->state_dir = strict_path(strict, text);
	return scenario->state_dir || strict_refuse(strict, node, "out of memory");
}

static const struct strict_key scenario_keys[] = {
	{ .name = "clock",
	  .kind = STRICT_CHOICE,
	  .offset = offsetof(struct scenario, clock),
	  .choices = clock_names },
	{ .name = "state", .kind = STRICT_CUSTOM, .read = read_state },
	{ .name = "link", .kind = STRICT_CUSTOM, .read = read_link },
	{ .name = "devices", .kind = STRICT_CUSTOM, .read = read_devices, .required = true },
	{ 0 },
};

static struct scenario *new_scenario(void)
{
	struct scenario *scenario = calloc(1, sizeof(*scenario));

	if (!scenario)
		return NULL;
	scenario->interval_us = 15000;
	scenario->packets_per_event = 6;
	return scenario;
}

int scenario_conformance(const struct otadfu_addr *address, struct scenario **ret_scenario)
{
	struct scenario *scenario = new_scenario();

	if (scenario)
		scenario->devices = calloc(1, sizeof(*scenario->devices));
	if (!scenario || !scenario->devices) {
		scenario_free(scenario);
		return OTADFU_E_NOMEM;
	}
	scenario->device_count = 1;
	scenario_device_conformance(address, scenario->devices);
	*ret_scenario = scenario;
	return OTADFU_OK;
}

int scenario_read(const char *path, struct scenario **ret_scenario,
		  char message[SCENARIO_MESSAGE_MAX])
{
	struct scenario *scenario = new_scenario();
	struct strict strict;

	if (!scenario)
		return OTADFU_E_NOMEM;
	if (!strict_read_file(&strict, path, scenario_keys, scenario)) {
		snprintf(message, SCENARIO_MESSAGE_MAX, "%s", strict.message);
		scenario_free(scenario);
		return OTADFU_E_CONFIG;
	}
	*ret_scenario = scenario;
	return OTADFU_OK;
}

void scenario_free(struct scenario *scenario)
{
	if (!scenario)
		return;
	for (size_t i = 0; i < scenario->device_count; i++)
		scenario_device_free(&scenario->devices[i]);
	free(scenario->devices);
	free(scenario->state_dir);
	free(scenario);
}
