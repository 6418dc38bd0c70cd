#include "choices.h"
#include "command.h"
#include "context.h"
#include "device_words.h"
#include "exit_status.h"
#include "info.h"
#include "json_line.h"
#include "line.h"
#include "report.h"
#include "seconds.h"

enum { VERSION_TEXT = 24 };

static json_t *describe_texts(const struct info *info)
{
	json_t *object = json_object();

	for (size_t i = 0; i < info->text_count; i++)
		json_object_set_new(object, info->texts[i].key,
				    json_line_text(info->texts[i].value));
	return object;
}

static json_t *describe_services(const struct info *info)
{
	json_t *list = json_array();
	char uuid[TARGET_UUID_TEXT];

	for (size_t i = 0; i < info->service_count; i++) {
		target_format_uuid(&info->services[i], uuid);
		json_array_append_new(list, json_pack("{s:s, s:o}", "uuid", uuid, "name",
						      json_line_text(device_service_name(
							      &info->services[i]))));
	}
	return list;
}

/* "0.8", as legacy-dfu.md 1 writes it: the major in the high byte. Empty: not stated. */
static void format_version(const struct info *info, char *text, size_t size)
{
	text[0] = '\0';
	if (info->dfu_version)
		snprintf(text, size, "%u.%u", info->dfu_version >> 8, info->dfu_version & 0xff);
}

static void write_object(const struct info *info)
{
	bool heard = info->rssi_dbm != DEVICE_RSSI_UNKNOWN;
	char addr[TARGET_ADDR_TEXT];
	char version[VERSION_TEXT];

	format_version(info, version, sizeof(version));
	target_format_addr(&info->addr, addr);
	json_line_write(stdout,
			json_pack("{s:s, s:s, s:s, s:s, s:o, s:o, s:o, s:o, s:o, s:i, s:o, s:o}",
				  "event", "info", "transport", info->transport, "address", addr,
				  "address_type", device_address_type(&info->addr), "name",
				  json_line_text(info->name), "rssi",
				  heard ? json_integer(info->rssi_dbm) : json_null(), "protocol",
				  json_line_text(info->protocol), "mode",
				  json_line_text(device_mode_name(info->mode)), "dfu_version",
				  json_line_text(version), "mtu", (int)info->mtu,
				  "device_information", describe_texts(info), "services",
				  describe_services(info)));
}

static void write_row(const char *key, const char *value)
{
	if (*value != '\0')
		line_write(stdout, "  %-13s  %s", key, value);
}

static void write_services(const struct info *info)
{
	for (size_t i = 0; i < info->service_count; i++) {
		const char *name = device_service_name(&info->services[i]);
		char uuid[TARGET_UUID_TEXT];

		target_format_uuid(&info->services[i], uuid);
		printf("  %-13s  %s%s%s\n", i == 0 ? "services" : "", uuid, name ? "  " : "",
		       name ? name : "");
	}
}

static void write_words(const struct info *info)
{
	char addr[TARGET_ADDR_TEXT];
	char version[VERSION_TEXT];

	format_version(info, version, sizeof(version));
	target_format_addr(&info->addr, addr);
	printf("%s/%s\n", addr, device_address_type(&info->addr));
	write_row("name", info->name);
	write_row("protocol", info->protocol ? info->protocol : "none that is loaded");
	write_row("runs", device_mode_name(info->mode));
	write_row("DFU version", version);
	if (info->rssi_dbm != DEVICE_RSSI_UNKNOWN)
		printf("  %-13s  %d dBm\n", "signal", info->rssi_dbm);
	printf("  %-13s  %u\n", "ATT MTU", info->mtu);
	for (size_t i = 0; i < info->text_count; i++)
		write_row(info->texts[i].key, info->texts[i].value);
	write_services(info);
}

static int show(struct context *context, uint64_t wait_ms, struct failure *why)
{
	const struct info_job job = {
		.registry = context->registry,
		.profile = context->profile,
		.clock = context->clock,
		.log = context->log,
		.cancel_fd = interrupt_cancel_fd(context->interrupt),
		.wait_ms = wait_ms,
	};
	struct info info = { 0 };
	int status = EXIT_STATUS_DONE;

	choices_explain(context->registry, context->profile, context->log);
	if (info_run(&job, &info, &status, why) < 0)
		return status;
	if (args_count(&context->args, ARG_JSON))
		write_object(&info);
	else
		write_words(&info);
	return EXIT_STATUS_DONE;
}

int cmd_info(struct context *context)
{
	struct failure why = { 0 };
	uint64_t wait_ms = 0;
	int r = choices_check_words(&context->args, &why);
	int status;

	if (r == OTADFU_OK)
		r = seconds_to_wait(&context->args, &wait_ms, &why);
	if (r < 0)
		return usage_error(context->command, &why);
	r = context_prepare_radio(context, &why);
	if (r == OTADFU_OK)
		r = choices_check_device(context->profile, &why);
	status = r == OTADFU_OK ? show(context, wait_ms, &why) : exit_status_of(r);
	if (why.code != OTADFU_OK)
		report_failure(stderr, &why);
	return status;
}
