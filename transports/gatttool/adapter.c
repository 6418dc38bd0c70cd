#include "adapter.h"

#include "adapters.h"
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

static char *search(const char *name)
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

static int fail_absent(struct otadfu_ctx *ctx, const char *program)
{
	return fail_with(
		ctx, OTADFU_E_NOT_FOUND, ENOENT,
		"no program \"%.64s\" can be run. BlueZ calls gatttool deprecated and may "
		"leave it out; Debian's package bluez has it. Else use the transport l2cap "
		"or bluez",
		program);
}

int adapter_find_program(struct otadfu_ctx *ctx, char **ret_path)
{
	const char *program = ctx->host->option_str(ctx, "binary");
	int result = check_trust(ctx, program);
	char *path = result == OTADFU_OK ? search(program) : NULL;

	if (result == OTADFU_OK && !path)
		result = fail_absent(ctx, program);
	if (result == OTADFU_OK)
		*ret_path = path;
	return result;
}

bool adapter_is_of_kernel(struct otadfu_ctx *ctx)
{
	return strcmp(ctx->host->option_str(ctx, "binary"), ADAPTER_PROGRAM) == 0;
}

static int check_adapter(struct otadfu_ctx *ctx, const char *name)
{
	const struct adapter_state *found;
	struct adapters adapters;
	int index = ADAPTERS_ANY;
	char path[64];

	if (name && !adapters_parse_name(name, &index))
		return fail_with(ctx, OTADFU_E_CONFIG, 0,
				 "\"%.32s\" is no adapter to gatttool; expected hci0, hci1, ...",
				 name);
	if (adapter_is_of_kernel(ctx))
		return adapters_find(ctx, index, &adapters, &found);
	if (!name)
		return OTADFU_OK;
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

int adapter_find(struct otadfu_ctx *ctx, const char *name, struct otadfu_adapter **ret_adapter)
{
	struct otadfu_adapter *adapter;
	char *program = NULL;
	int result = adapter_find_program(ctx, &program);

	if (result == OTADFU_OK)
		result = check_adapter(ctx, name);
	adapter = result == OTADFU_OK ? calloc(1, sizeof(*adapter)) : NULL;
	if (!adapter) {
		free(program);
		return result == OTADFU_OK ? OTADFU_E_NOMEM : result;
	}
	adapter->program = program;
	adapter->name = name ? strdup(name) : NULL;
	if (name && !adapter->name) {
		adapter_close(ctx, adapter);
		return OTADFU_E_NOMEM;
	}
	*ret_adapter = adapter;
	return OTADFU_OK;
}

int adapter_open(struct otadfu_ctx *ctx, const char *name, struct otadfu_adapter **ret_adapter)
{
	struct otadfu_adapter *adapter;
	int result = adapter_find(ctx, name, &adapter);

	if (result != OTADFU_OK)
		return result;
	result = link_try_program(ctx, adapter);
	if (result != OTADFU_OK) {
		adapter_close(ctx, adapter);
		return result;
	}
	*ret_adapter = adapter;
	return OTADFU_OK;
}
