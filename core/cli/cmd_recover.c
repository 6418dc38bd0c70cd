#include "cleanup.h"
#include "command.h"
#include "delivery.h"
#include "device_list.h"
#include "device_words.h"
#include "question.h"
#include "seconds.h"

#include <string.h>

enum { WHERE_TEXT = 48 };

/* What a command line that names a device means; a profile's match is of the application. */
struct wanted {
	bool has_addr;
	struct otadfu_addr addr, bootloader;
	const char *name; /* NULL: any */
};

static struct wanted read_wanted(const struct args *args)
{
	const char *address = args_text(args, ARG_ADDRESS);
	struct wanted wanted = { .name = args_text(args, ARG_NAME) };

	if (!address || target_parse_addr(address, &wanted.addr, NULL) < 0)
		return wanted;
	wanted.has_addr = true;
	wanted.bootloader = target_neighbour(&wanted.addr, 1);
	return wanted;
}

static bool is_wanted(const struct wanted *wanted, const struct scan_device *device)
{
	if (device->mode != OTADFU_MODE_BOOTLOADER || !device->connectable)
		return false;
	if (wanted->name && strcmp(wanted->name, device->name) != 0)
		return false;
	return !wanted->has_addr || target_same_addr(&wanted->addr, &device->addr) ||
	       target_same_addr(&wanted->bootloader, &device->addr);
}

/* Returns how many there are, the first ones of devices. */
static size_t keep_wanted(const struct wanted *wanted, struct scan_device *devices, size_t count)
{
	size_t kept = 0;

	for (size_t i = 0; i < count; i++) {
		if (is_wanted(wanted, &devices[i]))
			devices[kept++] = devices[i];
	}
	/* At the very address that was given, and a neighbour behind it. */
	for (size_t i = 0; wanted->has_addr && i < kept; i++) {
		if (!target_same_addr(&wanted->addr, &devices[i].addr))
			continue;
		devices[0] = devices[i];
		return 1;
	}
	return kept;
}

static void list_devices(const struct context *context, const struct scan_device *devices,
			 size_t count)
{
	if (args_count(&context->args, ARG_JSON))
		device_list_write_objects(devices, count);
	else if (count > 0 && !args_count(&context->args, ARG_QUIET))
		device_list_write_table(devices, count);
}

static int refuse_several(const struct scan_device *devices, size_t count, struct failure *why)
{
	char list[FAILURE_TEXT_MAX / 2] = "";
	size_t used = 0;

	for (size_t i = 0; i < count && used + TARGET_ADDR_TEXT + 2 < sizeof(list); i++) {
		char addr[TARGET_ADDR_TEXT];

		target_format_addr(&devices[i].addr, addr);
		used += (size_t)snprintf(list + used, sizeof(list) - used, "%s%s", i ? ", " : "",
					 addr);
	}
	failure_hint(why, "say which one with -a ADDRESS");
	return failure_set(why, OTADFU_E_PACKAGE, 0, "%zu devices are in DFU mode: %s", count,
			   list);
}

static int ask(const struct context *context, const struct scan_device *device, const char *addr,
	       struct failure *why)
{
	char text[128];

	if (args_count(&context->args, ARG_YES))
		return OTADFU_OK;
	if (args_count(&context->args, ARG_JSON) || !question_can_be_asked()) {
		failure_hint(why, "--yes");
		return failure_set(why, OTADFU_E_PACKAGE, 0,
				   "%s is in DFU mode, and nobody can be asked whether to update "
				   "it",
				   addr);
	}
	snprintf(text, sizeof(text), "Send the package to %s%s%s%s?", addr,
		 device->name[0] ? " (" : "", device->name, device->name[0] ? ")" : "");
	if (question_ask(text, interrupt_cancel_fd(context->interrupt)))
		return OTADFU_OK;
	return failure_set(why, OTADFU_E_CANCELLED, 0, "nothing was sent");
}

static int choose(struct context *context, const struct scan_device *devices, size_t count,
		  struct failure *why)
{
	char addr[TARGET_ADDR_TEXT];
	char text[WHERE_TEXT];
	int r;

	if (count == 0) {
		failure_hint(why, "otadfu scan shows what is there; a device that runs its "
				  "application is for otadfu update");
		return failure_set(why, OTADFU_E_TIMEOUT, 0,
				   "no such device showed itself in DFU mode");
	}
	if (count > 1)
		return refuse_several(devices, count, why);
	target_format_addr(&devices->addr, addr);
	r = ask(context, devices, addr, why);
	/* The address that was given tells the session where the application lives. */
	if (r < 0 || args_count(&context->args, ARG_ADDRESS))
		return r;
	snprintf(text, sizeof(text), "%s%s%s", addr,
		 devices->addr.type == TARGET_ADDR_UNKNOWN ? "" : "/",
		 devices->addr.type == TARGET_ADDR_UNKNOWN ? ""
							   : device_address_type(&devices->addr));
	return profile_set_text(&context->profile->match_address, text, "scan");
}

static int find(struct context *context, struct failure *why)
{
	struct wanted wanted = read_wanted(&context->args);
	AUTO_FREE struct scan_device *devices = NULL;
	size_t count = 0;
	uint32_t seconds = 0;
	int r = seconds_to_listen(&context->args, &seconds, why);

	if (r == OTADFU_OK)
		r = context_scan(context, seconds, &devices, &count, why);
	if (r < 0)
		return r;
	count = keep_wanted(&wanted, devices, count);
	list_devices(context, devices, count);
	return choose(context, devices, count, why);
}

/* What the profile says of the application does not describe its bootloader. */
static void forget_match(struct profile *profile)
{
	struct profile_text *const texts[] = { &profile->match_name, &profile->match_service };

	for (size_t i = 0; i < sizeof(texts) / sizeof(texts[0]); i++)
		profile_unset_text(texts[i]);
}

static int deliver(struct delivery *delivery, struct failure *why)
{
	int r;

	forget_match(delivery->context->profile);
	r = find(delivery->context, why);
	if (r == OTADFU_OK)
		delivery_send(delivery);
	return r;
}

/* Which one it is, the scan finds out. */
static int check_device(const struct profile *profile, struct failure *why)
{
	struct otadfu_addr addr;

	return profile->match_address.value
		       ? target_parse_addr(profile->match_address.value, &addr, why)
		       : OTADFU_OK;
}

int cmd_recover(struct context *context)
{
	struct failure why = { 0 };
	uint32_t seconds;

	if (delivery_check_words(&context->args, &why) < 0 ||
	    seconds_to_listen(&context->args, &seconds, &why) < 0)
		return usage_error(context->command, &why);
	return delivery_run(context, 0, check_device, deliver);
}
