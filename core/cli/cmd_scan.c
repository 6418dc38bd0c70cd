#include "choices.h"
#include "cleanup.h"
#include "command.h"
#include "context.h"
#include "device_words.h"
#include "exit_status.h"
#include "json_line.h"
#include "report.h"
#include "scan.h"
#include "text.h"

#include <string.h>

enum { SECONDS_DEFAULT = 5, SECONDS_MAX = 3600 };

static int read_seconds(const struct args *args, uint32_t *ret_seconds, struct failure *why)
{
	const char *text = args_text(args, ARG_SECONDS);
	int64_t seconds = SECONDS_DEFAULT;

	if (text && (!text_to_int(text, &seconds) || seconds < 1 || seconds > SECONDS_MAX))
		return failure_set(why, OTADFU_E_CONFIG, 0,
				   "--seconds wants a whole number from 1 to %d, not \"%s\"",
				   SECONDS_MAX, text);
	*ret_seconds = (uint32_t)seconds;
	return OTADFU_OK;
}

static void write_object(const struct scan_device *device)
{
	bool heard = device->rssi_dbm != DEVICE_RSSI_UNKNOWN;
	char addr[TARGET_ADDR_TEXT];

	target_format_addr(&device->addr, addr);
	json_line_write(stdout, json_pack("{s:s, s:s, s:s, s:o, s:o, s:b, s:o, s:o}", "event",
					  "device", "address", addr, "address_type",
					  device_address_type(&device->addr), "name",
					  json_line_text(device->name), "rssi",
					  heard ? json_integer(device->rssi_dbm) : json_null(),
					  "connectable", device->connectable, "protocol",
					  json_line_text(device->protocol), "mode",
					  json_line_text(device_mode_name(device->mode))));
}

static void write_row(const struct scan_device *device)
{
	char addr[TARGET_ADDR_TEXT];
	char name[TARGET_NAME_MAX];
	char rssi[8] = "?";

	target_format_addr(&device->addr, addr);
	snprintf(name, sizeof(name), "%s", device->name);
	text_make_printable(name);
	if (device->rssi_dbm != DEVICE_RSSI_UNKNOWN)
		snprintf(rssi, sizeof(rssi), "%d", device->rssi_dbm);
	printf("%c %s/%-7s  %4s  %-24s  %-10s  %s\n", device->protocol ? '*' : ' ', addr,
	       device_address_type(&device->addr), rssi, name,
	       device->protocol ? device->protocol : "", device_mode_name(device->mode));
}

static void write_objects(const struct scan_device *devices, size_t count)
{
	for (size_t i = 0; i < count; i++)
		write_object(&devices[i]);
}

static void write_table(const struct scan_device *devices, size_t count)
{
	size_t marked = 0;

	if (count > 0)
		printf("  %-25s  %4s  %-24s  %-10s  %s\n", "ADDRESS", "RSSI", "NAME", "PROTOCOL",
		       "MODE");
	for (size_t i = 0; i < count; i++) {
		write_row(&devices[i]);
		marked += devices[i].protocol != NULL;
	}
	printf("%zu device%s seen%s\n", count, count == 1 ? "" : "s",
	       marked > 0 ? "; * can be updated" : "");
}

static int scan(struct context *context, uint32_t seconds, struct failure *why)
{
	const struct scan_job job = {
		.registry = context->registry,
		.profile = context->profile,
		.clock = context->clock,
		.log = context->log,
		.cancel_fd = interrupt_cancel_fd(context->interrupt),
		.duration_ms = seconds * 1000,
	};
	AUTO_FREE struct scan_device *devices = NULL;
	size_t count = 0;
	int r;

	choices_explain(context->registry, context->profile, context->log);
	r = scan_run(&job, &devices, &count, why);
	if (r < 0)
		return r;
	if (args_count(&context->args, ARG_JSON))
		write_objects(devices, count);
	else
		write_table(devices, count);
	return OTADFU_OK;
}

int cmd_scan(struct context *context)
{
	struct failure why = { 0 };
	uint32_t seconds = 0;
	int r;

	if (read_seconds(&context->args, &seconds, &why) < 0)
		return usage_error(context->command, &why);
	r = context_prepare_radio(context, &why);
	if (r == OTADFU_OK)
		r = scan(context, seconds, &why);
	if (r < 0)
		report_failure(stderr, &why);
	return exit_status_of(r);
}
