#include "findings.h"

#include "adapters.h"

#include <errno.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

enum { TEXT_MAX = 256, SUBJECT_MAX = 32 };

static const char kernel[] = "kernel";

void findings_fact(const struct findings *findings, const char *subject, const char *format, ...)
{
	char text[TEXT_MAX];
	struct otadfu_finding finding = { .size = sizeof(finding),
					  .kind = OTADFU_FINDING_FACT,
					  .subject = subject,
					  .text = text };
	va_list args;

	va_start(args, format);
	vsnprintf(text, sizeof(text), format, args);
	va_end(args);
	findings->on_finding(findings->user, &finding);
}

void findings_hindrance(const struct findings *findings, const char *subject, const char *remedy,
			const char *format, ...)
{
	char text[TEXT_MAX];
	struct otadfu_finding finding = { .size = sizeof(finding),
					  .kind = OTADFU_FINDING_HINDRANCE,
					  .subject = subject,
					  .text = text,
					  .remedy = remedy };
	va_list args;

	va_start(args, format);
	vsnprintf(text, sizeof(text), format, args);
	va_end(args);
	findings->on_finding(findings->user, &finding);
}

/* Why the kernel tells nothing of its adapters. A socket alone would have loaded the module, where
 * there is one. */
static void tell_kernel(const struct findings *findings, int error)
{
	bool unknown = error == EAFNOSUPPORT || error == EPROTONOSUPPORT;

	if (unknown && access("/sys/class/bluetooth", F_OK) == 0)
		findings_hindrance(findings, kernel,
				   "run otadfu outside, or in a container with the host's network "
				   "(--network host)",
				   "has Bluetooth, but not in here (a container, or "
				   "RestrictAddressFamilies= of systemd)");
	else if (unknown)
		findings_hindrance(
			findings, kernel,
			"sudo modprobe bluetooth; where there is no such module, another "
			"kernel",
			"without Bluetooth");
	else if (error == EPERM || error == EACCES)
		findings_hindrance(findings, kernel,
				   "run otadfu outside the container, or allow AF_BLUETOOTH in its "
				   "seccomp profile",
				   "lets this program open no Bluetooth socket (seccomp, a "
				   "container)");
	else
		findings_hindrance(findings, kernel, "sudo dmesg tells more",
				   "tells nothing of its Bluetooth adapters: %s", strerror(error));
}

static void tell_absence(const struct findings *findings, const char *name)
{
	char subject[SUBJECT_MAX];

	if (!name) {
		findings_hindrance(findings, "adapter",
				   "plug one in; load its driver (sudo modprobe btusb); \"sudo "
				   "dmesg\" tells of missing firmware; rfkill unblock bluetooth",
				   "none, or no driver for it");
		return;
	}
	snprintf(subject, sizeof(subject), "adapter %.16s", name);
	findings_hindrance(findings, subject, "hciconfig lists those that are there", "not there");
}

static bool is_usable(const struct adapter_state *adapter, bool powers_up)
{
	return adapter->lack == ADAPTER_LACKS_NOTHING ||
	       (adapter->lack == ADAPTER_DOWN && powers_up);
}

static void tell_adapter(const struct findings *findings, const struct adapter_state *adapter,
			 bool hinders)
{
	const uint8_t *b = adapter->addr;
	char subject[SUBJECT_MAX];
	char remedy[128];

	snprintf(subject, sizeof(subject), "adapter %s", adapter->name);
	if (adapter->lack == ADAPTER_LACKS_NOTHING) {
		findings_fact(findings, subject, "ready, %s, %02X:%02X:%02X:%02X:%02X:%02X",
			      adapter->bus, b[0], b[1], b[2], b[3], b[4], b[5]);
		return;
	}
	if (!hinders) {
		findings_fact(findings, subject, "%s", adapter_lack_text(adapter->lack));
		return;
	}
	adapter_lack_remedy(adapter, remedy, sizeof(remedy));
	findings_hindrance(findings, subject, remedy, "%s", adapter_lack_text(adapter->lack));
}

/* Those that are meant: returns how many of them can be used. */
static size_t keep_meant(struct adapters *adapters, int index, bool powers_up)
{
	size_t kept = 0, usable = 0;

	for (size_t i = 0; i < adapters->count; i++) {
		if (index != ADAPTERS_ANY && adapters->items[i].index != index)
			continue;
		usable += is_usable(&adapters->items[i], powers_up);
		adapters->items[kept++] = adapters->items[i];
	}
	adapters->count = kept;
	return usable;
}

void findings_tell_adapters(const struct findings *findings, const char *name, bool powers_up)
{
	struct adapters adapters;
	int index = ADAPTERS_ANY;
	size_t usable;
	int error;

	if (name && !adapters_parse_name(name, &index))
		return;
	error = adapters_look(&adapters);
	if (error) {
		tell_kernel(findings, error);
		return;
	}
	usable = keep_meant(&adapters, index, powers_up);
	if (adapters.count == 0)
		tell_absence(findings, name);
	for (size_t i = 0; i < adapters.count; i++)
		tell_adapter(findings, &adapters.items[i],
			     usable == 0 && !is_usable(&adapters.items[i], powers_up));
}

void findings_tell_links(const struct findings *findings, const char *name,
			 const struct otadfu_addr *peer)
{
	const uint8_t *b = peer->bytes;
	struct adapters adapters;
	int index = ADAPTERS_ANY;

	if ((name && !adapters_parse_name(name, &index)) || adapters_look(&adapters) != 0)
		return;
	keep_meant(&adapters, index, false);
	for (size_t i = 0; i < adapters.count; i++) {
		char subject[SUBJECT_MAX];
		char remedy[64];

		if (!adapter_is_linked(&adapters.items[i], peer))
			continue;
		snprintf(subject, sizeof(subject), "adapter %s", adapters.items[i].name);
		snprintf(remedy, sizeof(remedy),
			 "bluetoothctl disconnect %02X:%02X:%02X:%02X:%02X:%02X", b[0], b[1], b[2],
			 b[3], b[4], b[5]);
		findings_hindrance(findings, subject, remedy,
				   "connected to the device already, for another program "
				   "(bluetoothd, gatttool)");
	}
}
