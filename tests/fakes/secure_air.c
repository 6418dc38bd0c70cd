#include "secure_air.h"

#include "clock.h"
#include "init_encode.h"
#include "scratch.h"
#include "world.h"

#include <openssl/evp.h>
#include <otadfu/plugin.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdio.h>
#include <string.h>

/* cmocka wants setjmp, stdarg, stddef and stdint first. */
#include <cmocka.h>

extern const struct otadfu_plugin otadfu_plugin_v1_secure;
extern const struct otadfu_plugin otadfu_plugin_v1_sim;

enum { OP_CREATE = 0x01, OP_EXECUTE = 0x04, OP_SELECT = 0x06, OP_ABORT = 0x0c, COMMAND = 1 };

/* The transport calls have no place for the test's own: one update at a time. */
static struct {
	struct air *air;
	const struct otadfu_link_ops *sim;
	struct otadfu_link_ops link;
	struct otadfu_transport_ops ops;
	const struct otadfu_transport_ops *transports[2];
	struct otadfu_plugin plugin;
	uint8_t object; /* what packets go to */
	uint8_t image[AIR_IMAGE_MAX];
	struct otadfu_image sent;
} air;

/* --- between the client and the simulated air --- */

static void note_request(const uint8_t *data, size_t len)
{
	struct air *seen = air.air;

	if (len == 6 && data[0] == OP_CREATE && data[1] == COMMAND)
		seen->init_creates++;
	else if (len == 6 && data[0] == OP_CREATE)
		seen->data_creates++;
	else if (len == 1 && data[0] == OP_EXECUTE)
		seen->executes++;
	else if (len == 1 && data[0] == OP_ABORT)
		seen->aborts++;
	if ((len == 6 && data[0] == OP_CREATE) || (len == 2 && data[0] == OP_SELECT))
		air.object = data[1];
}

static void note_name(const uint8_t *data, size_t len)
{
	if (len < 4 || data[0] != 0x02 || data[1] != len - 2)
		return;
	air.air->names_set++;
	memcpy(air.air->name, data + 2, data[1]);
	air.air->name[data[1]] = '\0';
}

static int spy_write(struct otadfu_ctx *ctx, struct otadfu_link *link, uint16_t id,
		     const uint8_t *data, size_t len, uint64_t deadline_ms)
{
	note_request(data, len);
	note_name(data, len);
	return air.sim->write(ctx, link, id, data, len, deadline_ms);
}

static int spy_write_cmd(struct otadfu_ctx *ctx, struct otadfu_link *link, uint16_t id,
			 const uint8_t *data, size_t len, uint64_t deadline_ms)
{
	int r = air.sim->write_cmd(ctx, link, id, data, len, deadline_ms);

	if (r == OTADFU_OK)
		*(air.object == COMMAND ? &air.air->init_bytes : &air.air->data_bytes) += len;
	return r;
}

static void spy_disconnect(struct otadfu_ctx *ctx, struct otadfu_link *link)
{
	if (air.air->first_data_bytes == 0)
		air.air->first_data_bytes = air.air->data_bytes;
	air.sim->disconnect(ctx, link);
}

static bool holds(const struct device *device, uint32_t addr, size_t from, size_t len)
{
	return memcmp(flash_bytes(device_flash(device)) + addr, air.sent.data + from, len) == 0;
}

static bool is_whole(const struct device *device)
{
	struct device_state state;

	device_describe(device, &state);
	if (air.sent.kind == OTADFU_IMAGE_APPLICATION)
		return state.application.len == air.sent.data_len &&
		       holds(device, state.application.addr, 0, air.sent.data_len);
	return state.bootloader.len == air.sent.data_len &&
	       holds(device, state.bootloader.addr, 0, air.sent.data_len);
}

static void spy_close(struct otadfu_ctx *ctx, struct otadfu_adapter *world)
{
	const struct device *device = world->stations[0].device;

	air.air->counters = *device_counters(device);
	air.air->writes = world->stations[0].faults.writes;
	air.air->whole = is_whole(device);
	world_close(ctx, world);
}

static const struct otadfu_plugin *spy_on_sim(bool unpaced)
{
	air.ops = *otadfu_plugin_v1_sim.transports[0];
	air.sim = air.ops.link;
	air.link = *air.sim;
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

static void make_package(const struct air_plan *plan, struct init_bytes *init,
			 struct package *package)
{
	static const uint16_t softdevice = 0x0100;
	static const uint8_t signature[INIT_SIGNATURE_LEN] = { 1 };
	struct init_target target = {
		.version = 2, .hw_version = 52, .sd_req = &softdevice, .sd_req_count = 1
	};
	uint32_t len = (uint32_t)(plan->image_len ? plan->image_len : 12000);
	struct init_image image = { .app_size = len };
	struct init_bytes command;

	for (size_t i = 0; i < AIR_IMAGE_MAX; i++)
		air.image[i] = (uint8_t)(i * 7 + i / 256 * 3);
	if (plan->kind == OTADFU_IMAGE_BOOTLOADER)
		image = (struct init_image){ .type = 2, .bl_size = len };
	EVP_Digest(air.image, len, image.sha256, NULL, EVP_sha256(), NULL);
	init_encode_command(&image, &target, &command);
	init_encode_packet(&command, signature, init);
	air.sent = (struct otadfu_image){
		.size = sizeof(air.sent),
		.kind = plan->kind ? plan->kind : OTADFU_IMAGE_APPLICATION,
		.init = init->data,
		.init_len = init->len,
		.data = air.image,
		.data_len = len,
	};
	*package = (struct package){ .kind = INITPACKET_SECURE, .count = 1 };
	package->images[0] = air.sent;
}

static void write_scenario(void *const *state, const struct air_plan *plan,
			   char path[SCRATCH_PATH_MAX])
{
	char text[1024];
	int len = snprintf(text, sizeof(text),
			   "clock: virtual\n%s%s\ndevices:\n"
			   "  - address: C0:FF:EE:00:00:01\n    name: Sample\n"
			   "    hardware: %s\n    bootloader: secure\n"
			   "    softdevice: 0x0100\n    sdk: \"%s\"\n%s",
			   plan->link ? "link: " : "", plan->link ? plan->link : "",
			   plan->hardware ? plan->hardware : "nrf52832",
			   plan->sdk ? plan->sdk : "17.1", plan->device ? plan->device : "");

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
	struct init_bytes init;
	struct package package;
	struct profile *profile;
	struct session_job job;

	*ret_air = (struct air){ 0 };
	air.air = ret_air;
	make_package(plan, &init, &package);
	write_scenario(state, plan, scenario);
	profile = make_profile(plan, scenario);
	assert_int_equal(registry_add(registry, spy_on_sim(plan->unpaced), "sim", false, NULL), 0);
	assert_int_equal(registry_add(registry, &otadfu_plugin_v1_secure, "secure", false, NULL),
			 0);
	job = (struct session_job){ .registry = registry,
				    .profile = profile,
				    .package = &package,
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
		fail_msg("SDK %s %s %s: %s: %s\n%s", plan->sdk ? plan->sdk : "17.1",
			 plan->device ? plan->device : "", plan->link ? plan->link : "",
			 session_status_name(ret_air->result.status), ret_air->result.failure.text,
			 ret_air->notes);
}
