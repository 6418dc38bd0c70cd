#include "trust.h"

#include "cleanup.h"

#include <errno.h>
#include <limits.h>
#include <string.h>
#include <sys/stat.h>

static int check_one(const char *path, bool secure_mode, struct failure *why)
{
	struct stat info;

	if (lstat(path, &info) < 0)
		return failure_set(why, OTADFU_E_NOT_FOUND, errno, "%s: %s", path, strerror(errno));
	if (info.st_mode & S_IWOTH) {
		failure_hint(why, "chmod o-w %s", path);
		return failure_set(why, OTADFU_E_PERMISSION, 0,
				   "%s: refused, everyone may write to it", path);
	}
	if (!secure_mode)
		return OTADFU_OK;
	if (info.st_uid != 0 || info.st_mode & S_IWGRP) {
		failure_hint(why, "chown root %s && chmod go-w %s", path, path);
		return failure_set(why, OTADFU_E_PERMISSION, 0,
				   "%s: refused, others than root may write to it, and otadfu runs "
				   "with more privileges than its caller",
				   path);
	}
	return OTADFU_OK;
}

/* path and what it lies in, levels components in all. */
static int check_upwards(const char *path, unsigned levels, bool secure_mode, struct failure *why)
{
	AUTO_FREE char *here = strdup(path);
	int r = here ? OTADFU_OK : OTADFU_E_NOMEM;

	while (r == OTADFU_OK && levels-- > 0) {
		char *slash = strrchr(here, '/');

		r = check_one(here, secure_mode, why);
		if (!slash || slash[1] == '\0')
			break;
		/* The root keeps its slash. */
		slash[slash == here ? 1 : 0] = '\0';
	}
	return r;
}

int trust_check_file(const char *path, bool secure_mode, struct failure *why)
{
	return check_upwards(path, secure_mode ? UINT_MAX : 2, secure_mode, why);
}

int trust_check_directory(const char *path, bool secure_mode, struct failure *why)
{
	return check_upwards(path, secure_mode ? UINT_MAX : 1, secure_mode, why);
}
