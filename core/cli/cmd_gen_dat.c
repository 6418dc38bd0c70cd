#include "command.h"
#include "context.h"
#include "exit_status.h"
#include "firmware.h"
#include "initpacket_encode.h"
#include "line.h"
#include "outfile.h"
#include "report.h"

#include <stdlib.h>

static int write_init(const struct args *args, const char *path, const struct firmware *firmware,
		      struct failure *why)
{
	bool overwrite = args_count(args, ARG_OVERWRITE) > 0;
	struct initpacket_bytes packet;

	initpacket_encode_wildcard(firmware->data, firmware->len, &packet);
	return outfile_write(path, overwrite, packet.data, packet.len, why);
}

static void warn(const struct context *context, const char *path, const struct firmware *firmware)
{
	if (firmware->len % 4 != 0)
		log_write(context->log, OTADFU_LOG_WARN, NULL, NULL,
			  "%s: %zu bytes is not a multiple of 4, as Nordic's bootloaders need",
			  path, firmware->len);
}

static int generate(const struct context *context, struct failure *why)
{
	const char *const *paths = args_list(&context->args, ARG_OPERAND);
	const char *range_text = args_text(&context->args, ARG_RANGE);
	struct ihex_range range = { 0 };
	struct firmware firmware;
	int r = outfile_check(paths[1], args_count(&context->args, ARG_OVERWRITE) > 0, why);

	if (r == OTADFU_OK && range_text)
		r = ihex_parse_range(range_text, &range, why);
	if (r == OTADFU_OK)
		r = firmware_read(paths[0], &range, &firmware, why);
	if (r < 0)
		return r;
	warn(context, paths[0], &firmware);
	r = write_init(&context->args, paths[1], &firmware, why);
	if (r == OTADFU_OK)
		line_write(stdout, "%s: init packet for %zu bytes, any device and any SoftDevice",
			   paths[1], firmware.len);
	free(firmware.data);
	return r;
}

int cmd_gen_dat(struct context *context)
{
	struct failure why = { 0 };
	int r;

	if (args_count(&context->args, ARG_OPERAND) != 2) {
		failure_set(&why, OTADFU_E_CONFIG, 0,
			    "two files are wanted: the firmware, and the init packet to write");
		return usage_error(context->command, &why);
	}
	r = generate(context, &why);
	if (r < 0)
		report_failure(stderr, &why);
	return exit_status_of(r);
}
