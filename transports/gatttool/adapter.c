#include "adapter.h"

#include "failure.h"
#include "link.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <sys/auxv.h>
#include <sys/stat.h>
#include <unistd.h>

/* A program found by the caller's word must not run with more rights than the caller has. */
static int check_trust(struct otadfu_ctx *ctx, const char *program)
{
	if (getauxval(AT_SECURE) == 0 || strcmp(program, ADAPTER_PROGRAM) == 0)
		return OTADFU_OK;
	return fail_with(ctx, OTADFU_E_PERMISSION, 0,
			 "gatttool.binary: refused, as otadfu runs with more privileges than its "
			 "caller");
}

static bool is_program(const char *path)
{
	struct stat info;

	return stat(path, &info) == 0 && S_ISREG(info.st_mode) && access(path, X_OK) == 0;
}

/* DIRECTORY/NAME if it can be run. Caller frees; NULL: it cannot, or out of memory. */
static char *try_directory(const char *directory, size_t len, const char *name)
{
	char *path = NULL;

	if (asprintf(&path, "%.*s%s%s", (int)len, directory, len > 0 ? "/" : "./", name) < 0)
		return NULL;
	if (is_program(path))
		return path;
	free(path);
	return NULL;
}

static char *find_program(const char *name)
{
	static const char usual_path[] = "/usr/local/bin:/usr/bin:/bin";
	const char *path = getauxval(AT_SECURE) ? NULL : getenv("PATH");

	if (strchr(name, '/'))
		return is_program(name) ? strdup(name) : NULL;
	for (const char *at = path ? path : usual_path;; at++) {
		size_t len = strcspn(at, ":");
		char *found = try_directory(at, len, name);

		at += len;
		if (found || *at == '\0')
			return found;
	}
}

static bool is_adapter_name(const char *name)
{
	size_t digits;

	if (strncmp(name, "hci", 3) != 0)
		return false;
	digits = strspn(name + 3, "0123456789");
	return digits > 0 && digits <= 3 && name[3 + digits] == '\0';
}

static int check_adapter(struct otadfu_ctx *ctx, const char *name)
{
	char path[64];

	if (!name)
		return OTADFU_OK;
	if (!is_adapter_name(name))
		return fail_with(ctx, OTADFU_E_CONFIG, 0,
				 "\"%.32s\" is no adapter to gatttool; expected hci0, hci1, ...",
				 name);
	snprintf(path, sizeof(path), "/sys/class/bluetooth/%s", name);
	if (access(path, F_OK) < 0)
		return fail_with(ctx, OTADFU_E_NOT_FOUND, errno,
				 "no Bluetooth adapter %s; /sys/class/bluetooth lists those there "
				 "are",
				 name);
	return OTADFU_OK;
}

void adapter_close(struct otadfu_ctx *ctx, struct otadfu_adapter *adapter)
{
	(void)ctx;
	free(adapter->program);
	free(adapter->name);
	free(adapter);
}

static int fail_absent(struct otadfu_ctx *ctx, const char *program)
{
	return fail_with(
		ctx, OTADFU_E_NOT_FOUND, ENOENT,
		"no program \"%.64s\" can be run. BlueZ calls gatttool deprecated and may "
		"leave it out; Debian's package bluez has it. Else use the transport l2cap "
		"or bluez",
		program);
}

int adapter_open(struct otadfu_ctx *ctx, const char *name, struct otadfu_adapter **ret_adapter)
{
	const char *program = ctx->host->option_str(ctx, "binary");
	struct otadfu_adapter *adapter;
	int result = check_trust(ctx, program);

	if (result == OTADFU_OK)
		result = check_adapter(ctx, name);
	if (result != OTADFU_OK)
		return result;
	adapter = calloc(1, sizeof(*adapter));
	if (!adapter)
		return OTADFU_E_NOMEM;
	adapter->program = find_program(program);
	adapter->name = name ? strdup(name) : NULL;
	if (!adapter->program)
		result = fail_absent(ctx, program);
	else if (name && !adapter->name)
		result = OTADFU_E_NOMEM;
	else
		result = link_try_program(ctx, adapter);
	if (result != OTADFU_OK) {
		adapter_close(ctx, adapter);
		return result;
	}
	*ret_adapter = adapter;
	return OTADFU_OK;
}
