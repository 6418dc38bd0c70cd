#include "meeting.h"

#include "air.h"
#include "line.h"

#include "clock.h"
#include "package.h"
#include "registry.h"

#include <stdio.h>
#include <string.h>
#include <sys/eventfd.h>
#include <unistd.h>

extern const struct otadfu_plugin otadfu_plugin_v1_legacy;
extern const struct otadfu_plugin otadfu_plugin_v1_secure;

static void on_session_event(void *user, const struct session_event *event)
{
	struct meeting *meeting = user;
	size_t used = strlen(meeting->notes);

	if (event->kind == SESSION_EVENT_NOTE)
		snprintf(meeting->notes + used, sizeof(meeting->notes) - used, "%s\n", event->text);
}

static struct profile *make_profile(const struct plan *plan)
{
	const char *protocol = transcript_is_secure(plan->transcript) ? "secure" : "legacy";
	const uint8_t *a = plan->transcript->config.address.bytes;
	struct profile *profile;
	char text[64];

	if (profile_new(&profile) != OTADFU_OK)
		return NULL;
	profile_set_text(&profile->transport, "tape", "test");
	snprintf(text, sizeof(text), "%02X:%02X:%02X:%02X:%02X:%02X", a[0], a[1], a[2], a[3], a[4],
		 a[5]);
	profile_set_text(&profile->match_address, text, "test");
	snprintf(text, sizeof(text), "%s.receipts=%ld", protocol, plan->receipts);
	profile_set_option(profile, text, NULL);
	snprintf(text, sizeof(text), "%s.packet_size=%ld", protocol, plan->packet_size);
	profile_set_option(profile, text, NULL);
	if (plan->setting[0] != '\0')
		profile_set_option(profile, plan->setting, NULL);
	return profile;
}

static void run_session(struct meeting *meeting, const struct plan *plan)
{
	struct registry *registry = registry_new();
	struct clock *clock = clock_new();
	struct profile *profile = make_profile(plan);
	struct package package = { .kind = INITPACKET_SECURE, .count = plan->image_count };
	struct session_job job = { .registry = registry,
				   .profile = profile,
				   .package = &package,
				   .clock = clock,
				   .cancel_fd = meeting->cancel_fd,
				   .on_event = on_session_event,
				   .user = meeting };

	if (!transcript_is_secure(plan->transcript))
		package.kind = INITPACKET_LEGACY;
	memcpy(package.images, plan->images, sizeof(plan->images));
	registry_add(registry, &air_plugin, "tape", false, NULL);
	registry_add(registry, &otadfu_plugin_v1_legacy, "legacy", false, NULL);
	registry_add(registry, &otadfu_plugin_v1_secure, "secure", false, NULL);
	session_run(&job, &meeting->result);
	profile_free(profile);
	clock_free(clock);
	registry_free(registry);
}

/* What the recorded client asked for: packets are then as long as its own. */
static uint16_t find_mtu(const struct plan *plan)
{
	for (size_t i = plan->first; i < json_array_size(plan->lines); i++) {
		const json_t *line = json_array_get(plan->lines, i);

		if (line_is_event(line, "mtu_request"))
			return (uint16_t)json_number_or(line, "client_rx_mtu", 0);
	}
	return 0;
}

const char *meeting_run(struct meeting *meeting, const struct plan *plan)
{
	const char *problem;

	*meeting = (struct meeting){ .log = json_array(), .deaf = plan->deaf };
	meeting->cancel_fd = plan->interrupt ? eventfd(0, EFD_CLOEXEC) : -1;
	meeting->mtu = find_mtu(plan);
	problem = tape_open(&meeting->tape, plan->transcript, plan->lines, plan->first);
	meeting->tape.damaged_air = plan->damaged_air;
	if (problem)
		return problem;
	air_belongs_to(meeting);
	run_session(meeting, plan);
	air_belongs_to(NULL);
	return NULL;
}

void meeting_end(struct meeting *meeting)
{
	tape_close(&meeting->tape);
	json_decref(meeting->log);
	if (meeting->cancel_fd >= 0)
		close(meeting->cancel_fd);
}

static bool is_there(const struct device *device, const struct device_image *place,
		     const uint8_t *data, size_t len)
{
	return place->len == len &&
	       memcmp(flash_bytes(device_flash(device)) + place->addr, data, len) == 0;
}

bool meeting_left_images(const struct meeting *meeting, const struct plan *plan)
{
	const struct device *device = meeting->tape.stage.device;
	struct device_state state;
	bool all = true;

	device_describe(device, &state);
	for (size_t i = 0; i < plan->image_count; i++) {
		const struct otadfu_image *image = &plan->images[i];

		if (image->kind == OTADFU_IMAGE_APPLICATION)
			all &= is_there(device, &state.application, image->data, image->data_len);
		else if (image->kind == OTADFU_IMAGE_SOFTDEVICE)
			all &= is_there(device, &state.softdevice, image->data, image->data_len);
		else if (image->kind == OTADFU_IMAGE_BOOTLOADER)
			all &= is_there(device, &state.bootloader, image->data, image->data_len);
		else
			all &= is_there(device, &state.softdevice, image->data, image->sd_len) &&
			       is_there(device, &state.bootloader, image->data + image->sd_len,
					image->bl_len);
	}
	return all;
}
