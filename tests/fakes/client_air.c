#include "client_air.h"

#include "clock.h"
#include "scratch.h"
#include "world.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdio.h>
#include <string.h>

/* cmocka wants setjmp, stdarg, stddef and stdint first. */
#include <cmocka.h>

extern const struct otadfu_plugin otadfu_plugin_v1_sim;

enum {
	SOFTDEVICE_LEN = 0x3000,
	INFO_AT = 0x2000,
	INFO_LEN = 0x18,
	BOOTLOADER_LEN = 0x1400,
	APPLICATION_LEN = 12000,
};

/* The transport calls have no place for the test's own: one update at a time. */
static struct {
	struct air *seen;
	bool forgets_next; /* the device, the next subscription */
	bool forgets_subscriptions;
	const struct otadfu_link_ops *sim;
	struct otadfu_link_ops link;
	struct otadfu_transport_ops ops;
	const struct otadfu_transport_ops *transports[2];
	struct otadfu_plugin plugin;
	uint8_t application[AIR_IMAGE_MAX];
	uint8_t system[SOFTDEVICE_LEN + BOOTLOADER_LEN];
	struct init_bytes inits[2];
	struct package package;
} air;

static const char *or_usual(const char *text, const char *usual)
{
	return text ? text : usual;
}

/* --- between the client and the simulated air --- */

static int spy_discover(struct otadfu_ctx *ctx, struct otadfu_link *link, struct otadfu_chr *buf,
			size_t cap, size_t *ret_count, uint64_t deadline_ms)
{
	air.seen->connected_ms = ctx->host->now_ms(ctx);
	air.forgets_next = air.forgets_subscriptions;
	return air.sim->discover(ctx, link, buf, cap, ret_count, deadline_ms);
}

static int spy_subscribe(struct otadfu_ctx *ctx, struct otadfu_link *link, uint16_t id,
			 uint64_t deadline_ms)
{
	int r = air.sim->subscribe(ctx, link, id, deadline_ms);

	if (r == OTADFU_OK && air.forgets_next)
		assert_int_equal(device_write_cccd(link->station->device, id, 0), 0);
	air.forgets_next = false;
	return r;
}

static int spy_write(struct otadfu_ctx *ctx, struct otadfu_link *link, uint16_t id,
		     const uint8_t *data, size_t len, uint64_t deadline_ms)
{
	air_client.note_request(air.seen, ctx->host->now_ms(ctx), data, len);
	return air.sim->write(ctx, link, id, data, len, deadline_ms);
}

static int spy_write_cmd(struct otadfu_ctx *ctx, struct otadfu_link *link, uint16_t id,
			 const uint8_t *data, size_t len, uint64_t deadline_ms)
{
	uint64_t begin_ms = ctx->host->now_ms(ctx);
	int r = air.sim->write_cmd(ctx, link, id, data, len, deadline_ms);

	if (r == OTADFU_OK)
		air_client.note_packet(air.seen, begin_ms, len);
	return r;
}

static void spy_disconnect(struct otadfu_ctx *ctx, struct otadfu_link *link)
{
	if (air.seen->first_data_bytes == 0)
		air.seen->first_data_bytes = air.seen->data_bytes;
	air.sim->disconnect(ctx, link);
}

static bool holds(const struct device *device, const struct device_image *part, const uint8_t *data,
		  size_t len)
{
	return part->len == len &&
	       memcmp(flash_bytes(device_flash(device)) + part->addr, data, len) == 0;
}

static bool is_whole(const struct device *device, const struct device_state *state)
{
	bool whole = true;

	for (size_t i = 0; i < air.package.count; i++) {
		const struct otadfu_image *image = &air.package.images[i];

		if (image->kind == OTADFU_IMAGE_APPLICATION)
			whole = whole &&
				holds(device, &state->application, image->data, image->data_len);
		else
			whole = whole &&
				holds(device, &state->softdevice, image->data, image->sd_len) &&
				holds(device, &state->bootloader, image->data + image->sd_len,
				      image->bl_len);
	}
	return whole;
}

static void spy_close(struct otadfu_ctx *ctx, struct otadfu_adapter *world)
{
	const struct device *device = world->stations[0].device;
	struct device_state state;

	device_describe(device, &state);
	air.seen->counters = *device_counters(device);
	air.seen->writes = world->stations[0].faults.writes;
	air.seen->whole = is_whole(device, &state);
	air.seen->application_len = state.application.len;
	world_close(ctx, world);
}

static const struct otadfu_plugin *spy_on_sim(bool unpaced)
{
	air.ops = *otadfu_plugin_v1_sim.transports[0];
	air.sim = air.ops.link;
	air.link = *air.sim;
	air.link.discover = spy_discover;
	air.link.subscribe = spy_subscribe;
	air.link.write = spy_write;
	air.link.write_cmd = spy_write_cmd;
	air.link.disconnect = spy_disconnect;
	air.ops.link = &air.link;
	air.ops.close = spy_close;
	if (unpaced)
		air.ops.caps &= ~(uint32_t)OTADFU_TCAP_PACED_WRITE_CMD;
	air.transports[0] = &air.ops;
	air.plugin = otadfu_plugin_v1_sim;
	air.plugin.transports = air.transports;
	return &air.plugin;
}

/* --- what is sent, and to whom --- */

static void add_image(const struct air_plan *plan, struct otadfu_image image)
{
	struct init_bytes *init = &air.inits[air.package.count];

	air_client.encode_init(plan, &image, init);
	image.size = sizeof(image);
	image.init = init->data;
	image.init_len = init->len;
	air.package.images[air.package.count++] = image;
}

static void make_softdevice(const struct air_softdevice *softdevice, uint8_t *image)
{
	const uint32_t info[] = { INFO_LEN,         0x51B1E5DB,     softdevice->end,
				  softdevice->fwid, softdevice->id, softdevice->version };

	for (size_t i = 0; i < SOFTDEVICE_LEN; i++)
		image[i] = (uint8_t)(i * 13 + i / 256);
	for (size_t i = 0; i < sizeof(info); i++)
		image[INFO_AT + i] = (uint8_t)(info[i / 4] >> 8 * (i % 4));
}

static void invent_images(const struct air_softdevice *softdevice, size_t application_len)
{
	for (size_t i = 0; i < application_len; i++)
		air.application[i] = (uint8_t)(i * 7 + i / 256 * 3);
	make_softdevice(softdevice, air.system);
	for (size_t i = SOFTDEVICE_LEN; i < sizeof(air.system); i++)
		air.system[i] = (uint8_t)(i * 11 + i / 256);
}

static void make_package(const struct air_plan *plan)
{
	size_t application_len = plan->image_len ? plan->image_len : APPLICATION_LEN;

	assert_in_range(application_len, 1, AIR_IMAGE_MAX);
	invent_images(plan->softdevice ? plan->softdevice : &air_client.softdevice,
		      application_len);
	air.package = (struct package){ .kind = air_client.kind };
	if (plan->package != AIR_APPLICATION)
		add_image(plan, (struct otadfu_image){ .kind = OTADFU_IMAGE_SD_BL,
						       .data = air.system,
						       .data_len = sizeof(air.system),
						       .sd_len = SOFTDEVICE_LEN,
						       .bl_len = BOOTLOADER_LEN });
	if (plan->package != AIR_SYSTEM)
		add_image(plan, (struct otadfu_image){ .kind = OTADFU_IMAGE_APPLICATION,
						       .data = air.application,
						       .data_len = application_len });
}

static void write_scenario(void *const *state, const struct air_plan *plan,
			   char path[SCRATCH_PATH_MAX])
{
	char text[1024];
	int len = snprintf(text, sizeof(text),
			   "clock: virtual\n%s%s\ndevices:\n"
			   "  - address: C0:FF:EE:00:00:01\n    name: Sample\n"
			   "    hardware: %s\n    bootloader: %s\n    sdk: \"%s\"\n%s%s",
			   plan->link ? "link: " : "", or_usual(plan->link, ""),
			   or_usual(plan->hardware, air_client.hardware),
			   or_usual(plan->bootloader, air_client.bootloader),
			   or_usual(plan->sdk, air_client.sdk), air_client.device,
			   or_usual(plan->device, ""));

	assert_in_range(len, 1, sizeof(text) - 1);
	scratch_write(state, "scenario.yaml", text, (size_t)len, path);
}

static struct profile *make_profile(const struct air_plan *plan, const char *scenario)
{
	struct profile *profile;

	assert_int_equal(profile_new(&profile), OTADFU_OK);
	profile_set_text(&profile->transport, "sim", "test");
	profile_set_text(&profile->adapter, scenario, "test");
	profile_set_text(&profile->match_address, "C0:FF:EE:00:00:01", "test");
	for (size_t i = 0; i < AIR_OPTIONS_MAX && plan->options[i]; i++)
		assert_int_equal(profile_set_option(profile, plan->options[i], NULL), OTADFU_OK);
	return profile;
}

static void record(void *user, const struct session_event *event)
{
	struct air *seen = user;
	size_t used = strlen(seen->notes);

	if (event->kind == SESSION_EVENT_NOTE)
		snprintf(seen->notes + used, sizeof(seen->notes) - used, "%s\n", event->text);
}

void air_run(void *const *state, const struct air_plan *plan, struct air *ret_air)
{
	struct registry *registry = registry_new();
	struct clock *clock = clock_new();
	char scenario[SCRATCH_PATH_MAX];
	struct profile *profile;
	struct session_job job;

	*ret_air = (struct air){ 0 };
	air.seen = ret_air;
	air.forgets_subscriptions = plan->forgets_subscriptions;
	make_package(plan);
	write_scenario(state, plan, scenario);
	profile = make_profile(plan, scenario);
	assert_int_equal(registry_add(registry, spy_on_sim(plan->unpaced), "sim", false, NULL), 0);
	assert_int_equal(registry_add(registry, air_client.plugin, "client", false, NULL), 0);
	job = (struct session_job){ .registry = registry,
				    .profile = profile,
				    .package = &air.package,
				    .clock = clock,
				    .cancel_fd = -1,
				    .on_event = record,
				    .user = ret_air };
	session_run(&job, &ret_air->result);
	profile_free(profile);
	clock_free(clock);
	registry_free(registry);
}

void air_update(void *const *state, const struct air_plan *plan, struct air *ret_air)
{
	air_run(state, plan, ret_air);
	if (ret_air->result.status != SESSION_UPDATED || !ret_air->whole)
		fail_msg("SDK %s %s %s: %s, %s: %s\n%s", or_usual(plan->sdk, air_client.sdk),
			 or_usual(plan->device, ""), or_usual(plan->link, ""),
			 session_status_name(ret_air->result.status),
			 ret_air->whole ? "whole" : "not whole", ret_air->result.failure.text,
			 ret_air->notes);
}

void air_update_with(void *const *state, const struct air_plan *plan, const char *fault,
		     unsigned writes, struct air *ret_air)
{
	struct air_plan faulty = *plan;
	char device[256];
	int len = snprintf(device, sizeof(device), "%s    faults: { %s: %u }\n",
			   or_usual(plan->device, ""), fault, writes);

	assert_in_range(len, 1, sizeof(device) - 1);
	faulty.device = device;
	air_update(state, &faulty, ret_air);
}
