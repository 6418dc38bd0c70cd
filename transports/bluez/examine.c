/* What there is of bluetoothd, its adapters and one device; nothing is changed by looking. */
#include "examine.h"

#include "adapter.h"
#include "adapters.h"
#include "findings.h"
#include "remote.h"
#include "words.h"

#include <stdio.h>
#include <string.h>

enum { EXAMINE_MS = 2800, SUBJECT_MAX = 48, REMEDY_MAX = 128 };

static const char daemon_subject[] = "bluetoothd";

struct examination {
	struct bluezbus bus;
	struct findings findings;
	const char *wanted; /* adapter; NULL: any */
	bool found_usable;  /* of those that are meant */
	unsigned major;     /* of bluetoothd's version; 0: not told */
	unsigned minor;
};

/* --- the daemon --- */

static const struct hindrance {
	int code;
	const char *text;
	const char *remedy;
} hindrances[] = {
	{ OTADFU_E_UNSUPPORTED, "not running", "sudo systemctl start bluetooth" },
	{ OTADFU_E_PERMISSION, "the D-Bus policy keeps this user from it",
	  "sudo adduser $USER bluetooth, and log in again" },
	{ OTADFU_E_IO, "does not answer", "sudo systemctl restart bluetooth" },
};

static void tell_no_daemon(const struct examination *examination, int code)
{
	for (size_t i = 0; i < sizeof(hindrances) / sizeof(hindrances[0]); i++) {
		if (hindrances[i].code == code)
			findings_hindrance(&examination->findings, daemon_subject,
					   hindrances[i].remedy, "%s", hindrances[i].text);
	}
}

static void tell_daemon(const struct examination *examination)
{
	if (examination->major != 0)
		findings_fact(&examination->findings, daemon_subject, "running, BlueZ %u.%u",
			      examination->major, examination->minor);
	else
		findings_fact(&examination->findings, daemon_subject, "running");
}

/* --- adapters --- */

static bool is_meant(const struct examination *examination, const struct bluezadapter *adapter)
{
	return !examination->wanted ||
	       strcmp(examination->wanted, bluezobj_name(adapter->path)) == 0;
}

/* In the words in which others tell the same. */
static void tell_lack(const struct examination *examination, const struct bluezadapter *adapter,
		      const char *subject)
{
	struct adapter_state state = { .lack = adapter->blocked ? ADAPTER_BLOCKED_SOFT
								: ADAPTER_DOWN };
	char remedy[REMEDY_MAX];

	snprintf(state.name, sizeof(state.name), "%.7s", bluezobj_name(adapter->path));
	adapter_lack_remedy(&state, remedy, sizeof(remedy));
	if (examination->found_usable)
		findings_fact(&examination->findings, subject, "%s", adapter_lack_text(state.lack));
	else
		findings_hindrance(&examination->findings, subject, remedy, "%s",
				   adapter_lack_text(state.lack));
}

static int take_adapter(sd_bus_message *message, const char *path, const char *interface,
			struct bluezadapter *adapter)
{
	*adapter = (struct bluezadapter){ 0 };
	if (strcmp(interface, BLUEZ_ADAPTER) != 0 || strlen(path) >= sizeof(adapter->path))
		return sd_bus_message_skip(message, "a{sv}");
	strcpy(adapter->path, path);
	return bluezadapter_read(adapter, message);
}

static int survey_adapter(void *user, const char *path, const char *interface,
			  sd_bus_message *message)
{
	struct examination *examination = user;
	struct bluezadapter adapter;
	int r = take_adapter(message, path, interface, &adapter);

	if (r < 0 || adapter.path[0] == '\0')
		return r;
	words_parse_version(adapter.modalias, &examination->major, &examination->minor);
	examination->found_usable |= adapter.powered && is_meant(examination, &adapter);
	return r;
}

static int tell_adapter(void *user, const char *path, const char *interface,
			sd_bus_message *message)
{
	const struct examination *examination = user;
	struct bluezadapter adapter;
	char subject[SUBJECT_MAX];
	int r = take_adapter(message, path, interface, &adapter);

	if (r < 0 || adapter.path[0] == '\0' || !is_meant(examination, &adapter))
		return r;
	snprintf(subject, sizeof(subject), "adapter %.16s", bluezobj_name(path));
	findings_fact(&examination->findings, subject, "bluetoothd has it as %s '%s', switched %s",
		      adapter.address, adapter.alias, adapter.powered ? "on" : "off");
	if (!adapter.powered)
		tell_lack(examination, &adapter, subject);
	return r;
}

/* --- the device --- */

static void tell_link(const struct examination *examination, const struct remote *remote,
		      const char *subject, const char *address)
{
	const char *text = NULL;
	char remedy[REMEDY_MAX];

	snprintf(remedy, sizeof(remedy), "bluetoothctl disconnect %s", address);
	if (remote->connected && remote->in_use)
		text = "connected, and another program uses its services";
	else if (remote->connected && !remote->resolved)
		text = "connected, for another program than bluetoothd (gatttool?)";
	if (text)
		findings_hindrance(&examination->findings, subject, remedy, "%s", text);
	else
		findings_fact(&examination->findings, subject, "%s",
			      remote->connected ? "connected, and nobody uses it"
						: "not connected");
}

static void tell_device(const struct examination *examination, const struct remote *remote,
			const char *address)
{
	char subject[SUBJECT_MAX];
	char remedy[REMEDY_MAX];

	snprintf(subject, sizeof(subject), "device %s", address);
	if (!remote->known) {
		findings_fact(&examination->findings, subject,
			      "not known to bluetoothd, which will look for it");
		return;
	}
	findings_fact(&examination->findings, subject, "known to bluetoothd, %s, with %zu services",
		      remote->paired ? "paired" : "not paired", remote->service_count);
	tell_link(examination, remote, subject, address);
	snprintf(remedy, sizeof(remedy), "bluetoothctl unblock %s", address);
	if (remote->blocked)
		findings_hindrance(&examination->findings, subject, remedy,
				   "blocked in bluetoothd");
}

static int examine_device(struct examination *examination, const struct bluezadapter *adapter,
			  const struct otadfu_addr *peer, sd_bus_message *objects)
{
	char address[REMOTE_ADDRESS_MAX];
	struct remote remote;
	int r;

	remote_init(&remote, adapter->path, peer);
	remote_format_address(peer, address);
	r = remote_read(&remote, objects);
	if (r >= 0)
		tell_device(examination, &remote, address);
	remote_clear(&remote);
	return r < 0 ? bluezobj_fail(&examination->bus, r) : OTADFU_OK;
}

/* --- all of it --- */

static int examine_objects(struct examination *examination, const struct otadfu_addr *peer,
			   sd_bus_message *objects)
{
	struct bluezadapter adapter;
	int r = bluezobj_read(objects, survey_adapter, examination);

	tell_daemon(examination);
	if (r >= 0)
		r = bluezobj_read(objects, tell_adapter, examination);
	if (r < 0)
		return bluezobj_fail(&examination->bus, r);
	r = bluezadapter_choose(&examination->bus, examination->wanted, objects, &adapter);
	return r == OTADFU_OK && peer ? examine_device(examination, &adapter, peer, objects) : r;
}

int examine(struct otadfu_ctx *ctx, const char *adapter_name, const struct otadfu_addr *peer,
	    otadfu_finding_fn *on_finding, void *user)
{
	struct examination examination = { .findings = { on_finding, user },
					   .wanted = adapter_name };
	uint64_t deadline_ms = ctx->host->now_ms(ctx) + EXAMINE_MS;
	sd_bus_message *objects = NULL;
	int r = bluezbus_open(&examination.bus, ctx, adapter_instead, deadline_ms);

	if (r == OTADFU_OK)
		r = bluezobj_get(&examination.bus, deadline_ms, &objects);
	if (r == OTADFU_E_TIMEOUT)
		r = bluezbus_fail(&examination.bus, OTADFU_E_IO, 0, "bluetoothd does not answer");
	if (r == OTADFU_OK)
		r = examine_objects(&examination, peer, objects);
	else
		tell_no_daemon(&examination, r);
	sd_bus_message_unref(objects);
	bluezbus_close(&examination.bus);
	return r;
}
