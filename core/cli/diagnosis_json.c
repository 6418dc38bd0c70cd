#include "diagnosis.h"

#include "json_line.h"

#include "device_list.h"

#include <otadfu/abi.h>

static json_t *describe_plugins(const struct registry *registry)
{
	const struct registry_plugin *plugin;
	json_t *list = json_array();

	for (size_t i = 0; (plugin = registry_at(registry, i)); i++)
		json_array_append_new(list, json_pack("{s:o, s:o, s:o}", "name",
						      json_line_text(plugin->name), "version",
						      json_line_text(plugin->version), "file",
						      json_line_text(plugin->path)));
	return list;
}

static json_t *describe_findings(const struct doctor *doctor, bool of_device)
{
	json_t *list = json_array();

	for (size_t i = 0; i < doctor->finding_count; i++) {
		const struct doctor_finding *finding = &doctor->findings[i];

		if (finding->is_of_device == of_device)
			json_array_append_new(list, json_pack("{s:o, s:o, s:b, s:o}", "subject",
							      json_line_text(finding->subject),
							      "text", json_line_text(finding->text),
							      "hinders", finding->hinders, "remedy",
							      json_line_text(finding->remedy)));
	}
	return list;
}

static json_t *describe_transports(const struct doctor *doctor)
{
	static const char *const verdicts[] = {
		[DOCTOR_WORKS] = "works",
		[DOCTOR_FAILS] = "fails",
		[DOCTOR_SILENT] = "unknown",
	};
	json_t *list = json_array();

	for (size_t i = 0; i < doctor->transport_count; i++) {
		const struct doctor_transport *transport = &doctor->transports[i];

		json_array_append_new(list,
				      json_pack("{s:s, s:s, s:o}", "name", transport->ops->name,
						"verdict", verdicts[transport->verdict], "error",
						json_line_failure(&transport->why)));
	}
	return list;
}

static json_t *describe_heard(const struct diagnosis *diagnosis)
{
	json_t *heard;

	if (!diagnosis->is_heard)
		return json_null();
	heard = device_list_describe(&diagnosis->heard);
	json_object_del(heard, "event");
	return heard;
}

static json_t *describe_device(const struct diagnosis *diagnosis)
{
	char addr[TARGET_ADDR_TEXT];

	if (!diagnosis->device)
		return json_null();
	target_format_addr(diagnosis->device, addr);
	return json_pack("{s:s, s:b, s:o, s:I, s:o, s:o}", "address", addr, "blocked",
			 diagnosis->doctor.device_is_blocked, "findings",
			 describe_findings(&diagnosis->doctor, true), "seconds",
			 (json_int_t)diagnosis->seconds, "heard", describe_heard(diagnosis),
			 "error", json_line_failure(&diagnosis->listening));
}

void diagnosis_write_object(const struct diagnosis *diagnosis, FILE *out)
{
	const struct doctor *doctor = &diagnosis->doctor;
	const char *choice = doctor->choice ? doctor->choice->name : NULL;
	char abi[16];

	snprintf(abi, sizeof(abi), "%u.%u", OTADFU_ABI_MAJOR, OTADFU_ABI_MINOR);
	json_line_write(out,
			json_pack("{s:s, s:i, s:s, s:s, s:o, s:o, s:o, s:o, s:o, s:o, s:o}",
				  "event", "doctor", "exit", diagnosis->exit_status, "version",
				  OTADFU_VERSION, "abi", abi, "kernel",
				  json_line_text(diagnosis->machine.kernel), "system",
				  json_line_text(diagnosis->machine.system), "plugins",
				  describe_plugins(diagnosis->registry), "findings",
				  describe_findings(doctor, false), "transports",
				  describe_transports(doctor), "choice", json_line_text(choice),
				  "device", describe_device(diagnosis)));
}
