#include "legacy_air.h"

#include "clock.h"
#include "init_encode.h"
#include "scratch.h"
#include "world.h"

#include <otadfu/plugin.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdio.h>
#include <string.h>

/* cmocka wants setjmp, stdarg, stddef and stdint first. */
#include <cmocka.h>

extern const struct otadfu_plugin otadfu_plugin_v1_legacy;
extern const struct otadfu_plugin otadfu_plugin_v1_sim;

enum {
	OP_START = 0x01,
	OP_RECEIVE = 0x03,
	OP_ACTIVATE = 0x05,
	OP_RESET = 0x06,
	OP_REPORT_SIZE = 0x07,
	OP_RECEIPTS = 0x08,
};

enum {
	SOFTDEVICE_LEN = 0x3000,
	BOOTLOADER_LEN = 0x1400,
	/* Where its information structure lies, and what that says. */
	INFO_AT = 0x2000,
	INFO_LEN = 0x10,
	SOFTDEVICE_FWID = 0x0087,
	APPLICATION_START = 0x16000,
};

/* The transport calls have no place for the test's own: one update at a time. */
static struct {
	struct air *air;
	const struct otadfu_link_ops *sim;
	struct otadfu_link_ops link;
	struct otadfu_transport_ops ops;
	const struct otadfu_transport_ops *transports[2];
	struct otadfu_plugin plugin;
	uint8_t op; /* says what packets are */
	uint64_t connected_ms, started_ms;
	uint8_t application[AIR_IMAGE_MAX];
	uint8_t system[SOFTDEVICE_LEN + BOOTLOADER_LEN];
	struct init_bytes inits[2];
	struct package package;
} air;

/* --- between the client and the simulated air --- */

static int spy_discover(struct otadfu_ctx *ctx, struct otadfu_link *link, struct otadfu_chr *buf,
			size_t cap, size_t *ret_count, uint64_t deadline_ms)
{
	air.connected_ms = ctx->host->now_ms(ctx);
	return air.sim->discover(ctx, link, buf, cap, ret_count, deadline_ms);
}

static void note_request(struct otadfu_ctx *ctx, const uint8_t *data, size_t len)
{
	struct air *seen = air.air;
	uint64_t now_ms = ctx->host->now_ms(ctx);

	if (data[0] == OP_START) {
		seen->settle_ms = now_ms - air.connected_ms;
		air.started_ms = now_ms;
	}
	seen->resets += len == 1 && data[0] == OP_RESET;
	seen->questions += len == 1 && data[0] == OP_REPORT_SIZE;
	seen->activations += len == 1 && data[0] == OP_ACTIVATE;
	if (len == 3 && data[0] == OP_RECEIPTS)
		seen->receipts = (unsigned)(data[1] | data[2] << 8);
	if (data[0] != OP_RECEIPTS)
		air.op = data[0];
}

static int spy_write(struct otadfu_ctx *ctx, struct otadfu_link *link, uint16_t id,
		     const uint8_t *data, size_t len, uint64_t deadline_ms)
{
	note_request(ctx, data, len);
	return air.sim->write(ctx, link, id, data, len, deadline_ms);
}

static int spy_write_cmd(struct otadfu_ctx *ctx, struct otadfu_link *link, uint16_t id,
			 const uint8_t *data, size_t len, uint64_t deadline_ms)
{
	struct air *seen = air.air;
	int r;

	seen->starts += air.op == OP_START;
	if (air.op == OP_RECEIVE && seen->data_bytes == 0)
		seen->first_wait_ms = ctx->host->now_ms(ctx) - air.started_ms;
	r = air.sim->write_cmd(ctx, link, id, data, len, deadline_ms);
	if (r == OTADFU_OK && air.op == OP_RECEIVE) {
		seen->data_bytes += len;
		seen->longest_packet = len > seen->longest_packet ? len : seen->longest_packet;
	}
	return r;
}

static bool holds(const struct device *device, const struct device_image *image,
		  const uint8_t *data, size_t len)
{
	return image->len == len &&
	       memcmp(flash_bytes(device_flash(device)) + image->addr, data, len) == 0;
}

static bool is_whole(const struct device *device)
{
	struct device_state state;
	bool whole = true;

	device_describe(device, &state);
	for (size_t i = 0; i < air.package.count; i++) {
		const struct otadfu_image *image = &air.package.images[i];

		if (image->kind == OTADFU_IMAGE_APPLICATION)
			whole = whole &&
				holds(device, &state.application, image->data, image->data_len);
		else
			whole = whole &&
				holds(device, &state.softdevice, image->data, image->sd_len) &&
				holds(device, &state.bootloader, image->data + image->sd_len,
				      image->bl_len);
	}
	return whole;
}

static void spy_close(struct otadfu_ctx *ctx, struct otadfu_adapter *world)
{
	const struct device *device = world->stations[0].device;
	struct device_state state;

	air.air->counters = *device_counters(device);
	air.air->writes = world->stations[0].faults.writes;
	air.air->whole = is_whole(device);
	device_describe(device, &state);
	air.air->application_len = state.application.len;
	world_close(ctx, world);
}

static const struct otadfu_plugin *spy_on_sim(void)
{
	air.ops = *otadfu_plugin_v1_sim.transports[0];
	air.sim = air.ops.link;
	air.link = *air.sim;
	air.link.discover = spy_discover;
	air.link.write = spy_write;
	air.link.write_cmd = spy_write_cmd;
	air.ops.link = &air.link;
	air.ops.close = spy_close;
	air.transports[0] = &air.ops;
	air.plugin = otadfu_plugin_v1_sim;
	air.plugin.transports = air.transports;
	return &air.plugin;
}

/* --- what is sent, and to whom --- */

static void add_image(const struct air_plan *plan, struct otadfu_image image)
{
	static const uint16_t any_softdevice = 0xFFFE;
	struct init_target target = {
		.version = 2,
		.device_type = plan->device_type ? plan->device_type : 0xFFFF,
		.device_revision = plan->device_revision ? plan->device_revision : 0xFFFF,
		.sd_req = &any_softdevice,
		.sd_req_count = 1,
	};
	struct init_image contents = { .app_size = (uint32_t)image.data_len };
	struct init_bytes *init = &air.inits[air.package.count];

	contents.crc16 = (uint16_t)(init_crc16(image.data, image.data_len) ^ plan->wrong_crc);
	init_encode_legacy(&contents, &target, plan->format ? plan->format : 5, init);
	image.size = sizeof(image);
	image.init = init->data;
	image.init_len = init->len;
	air.package.images[air.package.count++] = image;
}

/* packages-and-init-packets.md 4 */
static void make_softdevice(uint8_t *image)
{
	static const uint32_t info[] = { INFO_LEN, 0x51B1E5DB, APPLICATION_START, SOFTDEVICE_FWID };

	for (size_t i = 0; i < SOFTDEVICE_LEN; i++)
		image[i] = (uint8_t)(i * 13 + i / 256);
	for (size_t i = 0; i < sizeof(info); i++)
		image[INFO_AT + i] = (uint8_t)(info[i / 4] >> 8 * (i % 4));
}

static void make_package(const struct air_plan *plan)
{
	for (size_t i = 0; i < AIR_IMAGE_MAX; i++)
		air.application[i] = (uint8_t)(i * 7 + i / 256 * 3);
	make_softdevice(air.system);
	for (size_t i = SOFTDEVICE_LEN; i < sizeof(air.system); i++)
		air.system[i] = (uint8_t)(i * 11 + i / 256);
	air.package = (struct package){ .kind = INITPACKET_LEGACY };
	if (plan->package != AIR_APPLICATION)
		add_image(plan, (struct otadfu_image){ .kind = OTADFU_IMAGE_SD_BL,
						       .data = air.system,
						       .data_len = sizeof(air.system),
						       .sd_len = SOFTDEVICE_LEN,
						       .bl_len = BOOTLOADER_LEN });
	if (plan->package != AIR_SYSTEM)
		add_image(plan, (struct otadfu_image){ .kind = OTADFU_IMAGE_APPLICATION,
						       .data = air.application,
						       .data_len = plan->image_len ? plan->image_len
										   : 12000 });
}

static void write_scenario(void *const *state, const struct air_plan *plan,
			   char path[SCRATCH_PATH_MAX])
{
	char text[1024];
	int len = snprintf(text, sizeof(text),
			   "clock: virtual\n%s%s\ndevices:\n"
			   "  - address: C0:FF:EE:00:00:01\n    name: Sample\n"
			   "    hardware: %s\n    bootloader: %s\n    sdk: \"%s\"\n%s",
			   plan->link ? "link: " : "", plan->link ? plan->link : "",
			   plan->hardware ? plan->hardware : "nrf51822",
			   plan->bootloader ? plan->bootloader : "legacy",
			   plan->sdk ? plan->sdk : "11", plan->device ? plan->device : "");

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
	air.air = ret_air;
	air.op = 0;
	make_package(plan);
	write_scenario(state, plan, scenario);
	profile = make_profile(plan, scenario);
	assert_int_equal(registry_add(registry, spy_on_sim(), "sim", false, NULL), 0);
	assert_int_equal(registry_add(registry, &otadfu_plugin_v1_legacy, "legacy", false, NULL),
			 0);
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
		fail_msg("SDK %s %s %s: %s, %s: %s\n%s", plan->sdk ? plan->sdk : "11",
			 plan->device ? plan->device : "", plan->link ? plan->link : "",
			 session_status_name(ret_air->result.status),
			 ret_air->whole ? "whole" : "not whole", ret_air->result.failure.text,
			 ret_air->notes);
}
