/* The options and operands of one command. */
#ifndef OTADFU_CLI_ARGS_H
#define OTADFU_CLI_ARGS_H

#include "error.h"

#include <stddef.h>
#include <stdio.h>

enum argument {
	ARG_OPERAND,
	ARG_ADDRESS,
	ARG_NAME,
	ARG_ZIP,
	ARG_FIRMWARE,
	ARG_INIT,
	ARG_RANGE,
	ARG_PART,
	ARG_DRY_RUN,
	ARG_FORCE,
	ARG_OVERWRITE,
	ARG_PROTOCOL,
	ARG_PROFILE,
	ARG_TRANSPORT,
	ARG_ADAPTER,
	ARG_SET,
	ARG_SECONDS,
	ARG_WAIT,
	ARG_VERIFY,
	ARG_EXPECT_VERSION,
	ARG_YES,
	ARG_PLUGIN_PATH,
	ARG_CHECK,
	ARG_PEER,
	ARG_CASE,
	ARG_SLACK,
	ARG_KEY,
	ARG_SIGNER,
	ARG_SIGNER_TIMEOUT,
	ARG_AS,
	ARG_PRIVATE,
	ARG_FAMILY,
	ARG_APPLICATION,
	ARG_BOOTLOADER,
	ARG_EXTERNAL_APP,
	ARG_HW_VERSION,
	ARG_SD_REQ,
	ARG_SD_ID,
	ARG_FORMAT,
	ARG_DEVICE_TYPE,
	ARG_DEVICE_REVISION,
	ARG_DEBUG,
	ARG_UNSIGNED,
	ARG_PUBLIC_KEY,
	ARG_REQUIRED_HW_VERSION,
	ARG_REQUIRED_SOFTDEVICE,
	ARG_INSTALLED_VERSION,
	ARG_SOFTDEVICE,
	ARG_APP_VERSION,
	ARG_BL_VERSION,
	ARG_BOOT_VALIDATION,
	ARG_SD_BOOT_VALIDATION,
	ARG_SETTINGS_VERSION,
	ARG_NO_BACKUP,
	ARG_JSON,
	ARG_QUIET,
	ARG_VERBOSE,
	ARG_HELP,
	ARGUMENTS
};

/* Groups of options a command may take; --help goes with every one. */
enum {
	ARGS_DEVICE = 1u << 0,  /* which device, and what it speaks */
	ARGS_UPDATE = 1u << 1,  /* which firmware, and what to do with it */
	ARGS_PROFILE = 1u << 2, /* the product */
	ARGS_RADIO = 1u << 3,   /* transport, adapter, options of plugins */
	ARGS_SCAN = 1u << 4,
	ARGS_HEX = 1u << 5,     /* which part of a HEX file */
	ARGS_WRITE = 1u << 6,   /* how a file is written */
	ARGS_PLUGINS = 1u << 7, /* where plugins are */
	ARGS_OUTPUT = 1u << 8,
	ARGS_CHECK = 1u << 9,    /* what is tried out, and on whom */
	ARGS_WAIT = 1u << 10,    /* for a device that is not there yet */
	ARGS_CONSENT = 1u << 11, /* asked for before anything is sent */
	ARGS_SIGN = 1u << 12,    /* who signs */
	ARGS_KEYS = 1u << 13,    /* how a key is shown */
	ARGS_IMAGES = 1u << 14,  /* what is made into a package or a settings page */
	ARGS_SETTINGS = 1u << 15,
	ARGS_PACKAGE = 1u << 16, /* what a package says of its images */
	ARGS_VERIFY = 1u << 17,  /* what a package is held against */
	ARGS_CHIP = 1u << 18,
	ARGS_ADDRESS = 1u << 19, /* a device by its address alone */
};

/* All strings are borrowed from argv. */
struct args {
	struct {
		const char **values; /* NULL-terminated */
		size_t count;
	} given[ARGUMENTS];
	const char **pool; /* holds every values */
};

/*
 * Reads argv[1..argc) with the options of groups and up to max_operands operands. An option that
 * takes one value is refused when it comes twice: which device or which firmware is meant must not
 * depend on the order of words. OTADFU_E_CONFIG with one line about the first mistake. Needs
 * args_free after success only.
 */
int args_parse(int argc, char **argv, unsigned groups, size_t max_operands, struct args *ret_args,
	       struct failure *why);
void args_free(struct args *args);

/* NULL, or an empty list, when it was not given. */
const char *args_text(const struct args *args, enum argument argument);
const char *const *args_list(const struct args *args, enum argument argument);
size_t args_count(const struct args *args, enum argument argument);

/* One line for each option of groups. */
void args_print_options(FILE *out, unsigned groups);

#endif
