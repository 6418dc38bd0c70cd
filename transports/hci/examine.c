#include "examine.h"

#include "adapters.h"
#include "failure.h"
#include "findings.h"

#include <errno.h>
#include <grp.h>
#include <limits.h>
#include <linux/capability.h>
#include <stdbool.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <unistd.h>

enum { DEVICE_MAX = 255, REMEDY_MAX = PATH_MAX + 160 };

/* --- an adapter of the kernel --- */

/* As it is now, by whatever way it came: root, sudo, setcap, a unit's AmbientCapabilities=. */
static bool may_take_adapters(void)
{
	struct __user_cap_header_struct header = { .version = _LINUX_CAPABILITY_VERSION_3 };
	struct __user_cap_data_struct sets[_LINUX_CAPABILITY_U32S_3] = { { 0 } };

	return syscall(SYS_capget, &header, sets) == 0 &&
	       sets[CAP_TO_INDEX(CAP_NET_ADMIN)].effective & CAP_TO_MASK(CAP_NET_ADMIN);
}

static void tell_rights(const struct findings *findings, bool allowed)
{
	char program[PATH_MAX] = "otadfu";
	char remedy[REMEDY_MAX];
	ssize_t len;

	if (allowed) {
		findings_fact(findings, "rights", "CAP_NET_ADMIN, which taking an adapter needs");
		return;
	}
	len = readlink("/proc/self/exe", program, sizeof(program) - 1);
	if (len > 0)
		program[len] = '\0';
	snprintf(remedy, sizeof(remedy),
		 "sudo setcap cap_net_admin+ep %s (its plugins must then be root's, in its own "
		 "directory), or run it by sudo",
		 program);
	findings_hindrance(findings, "rights", remedy,
			   "no CAP_NET_ADMIN, which hci needs to take an adapter");
}

/* Unlike others, one that is switched off will do: it is taken as it is, and given back so. */
static int check_adapter(struct otadfu_ctx *ctx, int index)
{
	const struct adapter_state *adapter = NULL;
	struct adapters adapters;
	int error = adapters_look(&adapters);

	for (size_t i = 0; error == 0 && i < adapters.count; i++) {
		adapter = &adapters.items[i];
		if ((index == ADAPTERS_ANY || adapter->index == index) &&
		    (adapter->lack == ADAPTER_LACKS_NOTHING || adapter->lack == ADAPTER_DOWN))
			return OTADFU_OK;
	}
	return adapters_find(ctx, index, &adapters, &adapter);
}

static int examine_adapter(struct otadfu_ctx *ctx, const struct findings *findings,
			   const char *name)
{
	bool allowed = may_take_adapters();
	int index = ADAPTERS_ANY;
	int r;

	if (name && !adapters_parse_name(name, &index))
		return fail_with(ctx, OTADFU_E_CONFIG, 0,
				 "\"%.100s\" is no controller: expected hciN, unix:PATH, "
				 "tcp:HOST:PORT or serial:DEV[,BAUD]",
				 name);
	findings_tell_adapters(findings, name, true);
	tell_rights(findings, allowed);
	r = check_adapter(ctx, index);
	if (r != OTADFU_OK || allowed)
		return r;
	return fail_with(ctx, OTADFU_E_PERMISSION, EPERM,
			 "to take an adapter needs the capability CAP_NET_ADMIN: be root, or grant "
			 "it to the program (setcap cap_net_admin+ep)");
}

/* --- other controllers --- */

/* The group of path, where it may do what we may not. Empty: none may. */
static void find_group(const struct stat *info, mode_t needed, char *name, size_t size)
{
	const struct group *group =
		(info->st_mode & needed) == needed ? getgrgid(info->st_gid) : NULL;

	snprintf(name, size, "%s", group ? group->gr_name : "");
}

static int refuse_access(struct otadfu_ctx *ctx, const struct findings *findings, const char *word,
			 const struct stat *info, mode_t needed)
{
	char group[64], remedy[128] = "ask its owner, or run otadfu by sudo";

	find_group(info, needed, group, sizeof(group));
	if (group[0] != '\0')
		snprintf(remedy, sizeof(remedy), "sudo usermod -aG %s $USER, then log in again",
			 group);
	findings_hindrance(findings, word, remedy, "this user may not open it");
	return fail_with(ctx, OTADFU_E_PERMISSION, EACCES, "%.120s: this user may not open it",
			 word);
}

static int refuse_absence(struct otadfu_ctx *ctx, const struct findings *findings, const char *word,
			  const char *text, const char *remedy)
{
	findings_hindrance(findings, word, remedy, "%s", text);
	return fail_with(ctx, OTADFU_E_NOT_FOUND, ENOENT, "%.120s: %s", word, text);
}

static int examine_unix(struct otadfu_ctx *ctx, const struct findings *findings, const char *word,
			const char *path)
{
	struct stat info;

	if (stat(path, &info) < 0 || !S_ISSOCK(info.st_mode))
		return refuse_absence(ctx, findings, word, "no socket is there",
				      "start the program that makes it");
	if (access(path, W_OK) < 0)
		return refuse_access(ctx, findings, word, &info, S_IWGRP);
	findings_fact(findings, word, "a socket that may be opened");
	return OTADFU_OK;
}

static int examine_serial(struct otadfu_ctx *ctx, const struct findings *findings, const char *word,
			  const char *place)
{
	size_t len = strcspn(place, ",");
	char device[DEVICE_MAX + 1];
	struct stat info;

	snprintf(device, sizeof(device), "%.*s", (int)(len < DEVICE_MAX ? len : DEVICE_MAX), place);
	if (stat(device, &info) < 0 || !S_ISCHR(info.st_mode))
		return refuse_absence(ctx, findings, word, "no serial line is there",
				      "plug it in; ls /dev/ttyACM* /dev/ttyUSB* shows others");
	if (access(device, R_OK | W_OK) < 0)
		return refuse_access(ctx, findings, word, &info, S_IRGRP | S_IWGRP);
	findings_fact(findings, word, "a line that may be opened");
	return OTADFU_OK;
}

/* Whoever listens there may serve one visitor alone. */
static int examine_tcp(struct otadfu_ctx *ctx, const struct findings *findings, const char *word,
		       const char *place)
{
	(void)ctx;
	(void)place;
	findings_fact(findings, word, "not tried: to connect would be to take it");
	return OTADFU_OK;
}

static const struct kind {
	const char *prefix;
	int (*examine)(struct otadfu_ctx *ctx, const struct findings *findings, const char *word,
		       const char *place);
} kinds[] = {
	{ "unix:", examine_unix },
	{ "tcp:", examine_tcp },
	{ "serial:", examine_serial },
};

int examine(struct otadfu_ctx *ctx, const char *adapter_name, const struct otadfu_addr *peer,
	    otadfu_finding_fn *on_finding, void *user)
{
	const struct findings findings = { on_finding, user };

	(void)peer; /* to take the adapter ends what others are connected to */
	for (size_t i = 0; adapter_name && i < sizeof(kinds) / sizeof(kinds[0]); i++) {
		size_t len = strlen(kinds[i].prefix);

		if (strncmp(adapter_name, kinds[i].prefix, len) == 0)
			return kinds[i].examine(ctx, &findings, adapter_name, adapter_name + len);
	}
	return examine_adapter(ctx, &findings, adapter_name);
}
