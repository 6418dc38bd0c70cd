#include "diagnosis.h"

#include "auto.h"
#include "device_words.h"
#include "line.h"

#include <otadfu/abi.h>
#include <string.h>

enum { SUBJECT_WIDTH_MAX = 28, PLUGINS_TEXT = 512 };

static void write_plugins(const struct registry *registry, FILE *out)
{
	const struct registry_plugin *plugin;
	char text[PLUGINS_TEXT] = "";
	size_t used = 0;

	for (size_t i = 0; used < sizeof(text) && (plugin = registry_at(registry, i)); i++)
		used += (size_t)snprintf(text + used, sizeof(text) - used, "%s%s %s",
					 i > 0 ? ", " : "", plugin->name, plugin->version);
	line_write(out, "plugins: %s", used > 0 ? text : "none");
}

static int widest_subject(const struct doctor *doctor, bool of_device)
{
	size_t width = 0;

	for (size_t i = 0; i < doctor->finding_count; i++) {
		size_t len = strlen(doctor->findings[i].subject);

		if (doctor->findings[i].is_of_device == of_device && len > width)
			width = len;
	}
	return (int)(width < SUBJECT_WIDTH_MAX ? width : SUBJECT_WIDTH_MAX);
}

static void write_findings(const struct doctor *doctor, bool of_device, FILE *out)
{
	int width = widest_subject(doctor, of_device);

	if (width > 0 && !of_device)
		fprintf(out, "\n");
	for (size_t i = 0; i < doctor->finding_count; i++) {
		const struct doctor_finding *finding = &doctor->findings[i];

		if (finding->is_of_device != of_device)
			continue;
		line_write(out, "%c %-*s  %s", finding->hinders ? '!' : ' ', width,
			   finding->subject, finding->text);
		if (finding->remedy)
			line_write(out, "  %-*s  try: %s", width, "", finding->remedy);
	}
}

static void write_transport(const struct doctor_transport *transport, FILE *out)
{
	const char *name = transport->ops->name;
	const char *text = transport->why.text;

	if (transport->verdict == DOCTOR_WORKS)
		line_write(out, "  %-10s  would work", name);
	else if (transport->verdict == DOCTOR_SILENT)
		line_write(out, "  %-10s  does not tell", name);
	else
		line_write(out, "! %-10s  would not: %.*s", name, auto_clause_len(text), text);
}

static void write_choice(const struct doctor *doctor, FILE *out)
{
	const struct otadfu_transport_ops *choice = doctor->choice;

	if (choice)
		line_write(out, "otadfu would use %s.", choice->name);
	else
		line_write(out, "otadfu has no way to a radio here.");
}

void diagnosis_write_machine(const struct diagnosis *diagnosis, FILE *out)
{
	const struct doctor *doctor = &diagnosis->doctor;
	const struct machine *machine = &diagnosis->machine;

	line_write(out, "otadfu %s, plugin ABI %u.%u", OTADFU_VERSION, OTADFU_ABI_MAJOR,
		   OTADFU_ABI_MINOR);
	line_write(out, "%s%s%s", machine->kernel, machine->system[0] ? ", " : "", machine->system);
	write_plugins(diagnosis->registry, out);
	write_findings(doctor, false, out);
	fprintf(out, "\ntransports\n");
	for (size_t i = 0; i < doctor->transport_count; i++)
		write_transport(&doctor->transports[i], out);
	write_choice(doctor, out);
}

static void write_heard(const struct scan_device *heard, const struct otadfu_addr *device,
			FILE *out)
{
	bool elsewhere = !target_same_addr(&heard->addr, device);
	const char *mode = device_mode_name(heard->mode);
	char addr[TARGET_ADDR_TEXT];
	char rssi[16] = "unknown strength";

	target_format_addr(&heard->addr, addr);
	if (heard->rssi_dbm != DEVICE_RSSI_UNKNOWN)
		snprintf(rssi, sizeof(rssi), "%d dBm", heard->rssi_dbm);
	line_write(out, "  heard%s%s: %s%s%s%s%s%s%s", elsewhere ? " at " : "",
		   elsewhere ? addr : "", rssi, heard->name[0] ? ", " : "", heard->name,
		   heard->protocol ? ", " : "", heard->protocol ? heard->protocol : "",
		   mode[0] ? ", " : "", mode);
	if (elsewhere)
		line_write(out, "  try: otadfu recover, for it was left in its bootloader");
}

void diagnosis_write_device(const struct diagnosis *diagnosis, FILE *out)
{
	char addr[TARGET_ADDR_TEXT];

	target_format_addr(diagnosis->device, addr);
	fprintf(out, "\n%s\n", addr);
	write_findings(&diagnosis->doctor, true, out);
	if (diagnosis->is_heard) {
		write_heard(&diagnosis->heard, diagnosis->device, out);
	} else if (diagnosis->listening.code != OTADFU_OK) {
		line_write(out, "  not listened for: %s", diagnosis->listening.text);
	} else if (!diagnosis->doctor.choice) {
		line_write(out, "  not listened for, without a radio");
	} else {
		line_write(out, "! not heard within %u s", (unsigned)diagnosis->seconds);
		line_write(out, "  try: switch it on, bring it near, end its other connections");
	}
}
