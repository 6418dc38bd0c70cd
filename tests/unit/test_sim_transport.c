#include "clock.h"
#include "softdevice.h"

#include <jansson.h>
#include <otadfu/plugin.h>
#include <pthread.h>
#include <setjmp.h>
#include <signal.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cmocka.h>

extern const struct otadfu_plugin otadfu_plugin_v1;

/* --- a host: virtual time, the last failure, cancel on demand --- */

struct host {
	struct otadfu_ctx ctx; /* first: a ctx is its host */
	struct clock *clock;
	bool virtual;
	uint64_t cancel_at_ms; /* 0: never */
	int code;
	int32_t detail;
	char text[1024];
	unsigned warnings;
};

static struct host *host_of(struct otadfu_ctx *ctx)
{
	return (struct host *)ctx;
}

static void log_line(struct otadfu_ctx *ctx, uint32_t level, const char *text)
{
	(void)text;
	host_of(ctx)->warnings += level <= OTADFU_LOG_WARN;
}

static int record(struct otadfu_ctx *ctx, int code, int32_t detail, const char *text)
{
	struct host *host = host_of(ctx);

	host->code = code;
	host->detail = detail;
	snprintf(host->text, sizeof(host->text), "%s", text);
	return code;
}

static uint64_t now_ms(struct otadfu_ctx *ctx)
{
	return clock_now_ms(host_of(ctx)->clock);
}

static int sleep_ms(struct otadfu_ctx *ctx, uint32_t ms)
{
	struct host *host = host_of(ctx);
	uint64_t until_ms = now_ms(ctx) + ms;

	if (host->cancel_at_ms && until_ms >= host->cancel_at_ms)
		return OTADFU_E_CANCELLED;
	return clock_wait(host->clock, until_ms, -1);
}

static int use_virtual_clock(struct otadfu_ctx *ctx)
{
	host_of(ctx)->virtual = true;
	return clock_make_virtual(host_of(ctx)->clock);
}

static const struct otadfu_host host_table = {
	.size = sizeof(host_table),
	.abi_version = OTADFU_ABI_VERSION,
	.log = log_line,
	.fail = record,
	.now_ms = now_ms,
	.sleep_ms = sleep_ms,
	.use_virtual_clock = use_virtual_clock,
};

static void make_host(struct host *host, struct clock *clock)
{
	*host = (struct host){ .ctx = { .size = sizeof(host->ctx), .host = &host_table },
			       .clock = clock };
}

/* --- a world in a directory of its own --- */

struct fixture {
	struct host host;
	struct otadfu_ctx *ctx;
	const struct otadfu_transport_ops *sim;
	const struct otadfu_link_ops *ops;
	struct otadfu_adapter *adapter;
	char dir[40];
	char scenario[60];
};

static const struct otadfu_addr thermo = { { 0xC0, 0xFF, 0xEE, 0, 0, 1 }, 1, 0 };

#define THERMO                                                                                     \
	"devices:\n- {address: C0:FF:EE:00:00:01, name: Thermo, hardware: nrf52840, "              \
	"bootloader: secure, sdk: \"17.1\""

static void write_text(const char *path, const char *text)
{
	FILE *file = fopen(path, "we");

	assert_non_null(file);
	fputs(text, file);
	assert_int_equal(fclose(file), 0);
}

static int open_world(struct fixture *f, const char *text)
{
	write_text(f->scenario, text);
	return f->sim->open(f->ctx, f->scenario, &f->adapter);
}

static void close_world(struct fixture *f)
{
	f->sim->close(f->ctx, f->adapter);
	f->adapter = NULL;
}

static int set_up(void **state)
{
	struct fixture *f = calloc(1, sizeof(*f));

	make_host(&f->host, clock_new());
	f->ctx = &f->host.ctx;
	f->sim = otadfu_plugin_v1.transports[0];
	f->ops = f->sim->link;
	strcpy(f->dir, "/tmp/otadfu-sim-XXXXXX");
	*state = f;
	if (!mkdtemp(f->dir))
		return -1;
	snprintf(f->scenario, sizeof(f->scenario), "%s/s.yaml", f->dir);
	return 0;
}

static void remove_tree(const char *dir)
{
	static const char *const names[] = {
		"flash.bin",      "application.bin",          "softdevice.bin",
		"bootloader.bin", "external_application.bin", "device.json",
		"s.yaml"
	};
	char path[160];

	for (size_t i = 0; i < sizeof(names) / sizeof(names[0]); i++) {
		snprintf(path, sizeof(path), "%s/%s", dir, names[i]);
		remove(path);
	}
	rmdir(dir);
}

static int tear_down(void **state)
{
	struct fixture *f = *state;
	char path[120];

	if (f->adapter)
		close_world(f);
	clock_free(f->host.clock);
	snprintf(path, sizeof(path), "%s/kept/C0-FF-EE-00-00-01", f->dir);
	remove_tree(path);
	snprintf(path, sizeof(path), "%s/kept", f->dir);
	remove_tree(path);
	remove_tree(f->dir);
	free(f);
	return 0;
}

static uint64_t in_ms(struct fixture *f, uint64_t ms)
{
	return now_ms(f->ctx) + ms;
}

static struct otadfu_link *connect_to(struct fixture *f, const struct otadfu_addr *addr)
{
	struct otadfu_link *link = NULL;

	assert_int_equal(f->sim->connect(f->ctx, f->adapter, addr, &link, in_ms(f, 5000)),
			 OTADFU_OK);
	return link;
}

static struct otadfu_link *connect_thermo(struct fixture *f, const char *scenario)
{
	if (open_world(f, scenario) != OTADFU_OK)
		fail_msg("%s", f->host.text);
	return connect_to(f, &thermo);
}

/* The characteristic whose UUID has these two bytes at place 2. */
static uint16_t find(struct fixture *f, struct otadfu_link *link, uint16_t uuid)
{
	struct otadfu_chr list[16];
	size_t count = 0;

	assert_int_equal(f->ops->discover(f->ctx, link, list, 16, &count, in_ms(f, 5000)),
			 OTADFU_OK);
	for (size_t i = 0; i < count; i++) {
		if (list[i].uuid.bytes[2] == uuid >> 8 && list[i].uuid.bytes[3] == (uuid & 0xFF))
			return list[i].id;
	}
	fail_msg("no characteristic %04x", uuid);
	return 0;
}

enum { ENTER = 0x0003, CONTROL = 0x0001, PACKET = 0x0002 };

/* Through the application into the bootloader; the link there. */
static struct otadfu_link *enter_bootloader(struct fixture *f, struct otadfu_link *link)
{
	struct otadfu_addr next = thermo;
	uint16_t id = find(f, link, ENTER);
	uint8_t buf[8];
	size_t len = 0;

	assert_int_equal(f->ops->subscribe(f->ctx, link, id, in_ms(f, 1000)), OTADFU_OK);
	assert_int_equal(f->ops->write(f->ctx, link, id, (const uint8_t *)"\x01", 1,
				       in_ms(f, 1000)),
			 OTADFU_OK);
	assert_int_equal(f->ops->wait(f->ctx, link, id, buf, sizeof(buf), &len, in_ms(f, 1000)),
			 OTADFU_OK);
	assert_int_equal(len, 3);
	assert_memory_equal(buf, "\x20\x01\x01", 3);
	assert_int_equal(f->ops->wait_gone(f->ctx, link, in_ms(f, 5000)), OTADFU_OK);
	f->ops->disconnect(f->ctx, link);
	next.bytes[5]++;
	return connect_to(f, &next);
}

static struct otadfu_link *connect_bootloader(struct fixture *f, const char *scenario)
{
	return enter_bootloader(f, connect_thermo(f, scenario));
}

static void await_success(struct fixture *f, struct otadfu_link *link, uint16_t id,
			  const void *request, size_t len)
{
	uint8_t buf[32];

	assert_int_equal(f->ops->write(f->ctx, link, id, request, len, in_ms(f, 1000)), OTADFU_OK);
	assert_int_equal(f->ops->wait(f->ctx, link, id, buf, sizeof(buf), &len, in_ms(f, 5000)),
			 OTADFU_OK);
	assert_int_equal(buf[0], 0x60);
	assert_int_equal(buf[2], 0x01);
}

/* Ready for packets of an init packet of 512 bytes. */
static uint16_t prepare_init(struct fixture *f, struct otadfu_link *link)
{
	uint16_t control = find(f, link, CONTROL);

	assert_int_equal(f->ops->subscribe(f->ctx, link, control, in_ms(f, 1000)), OTADFU_OK);
	await_success(f, link, control, "\x01\x01\x00\x02\x00\x00", 6);
	return control;
}

struct progress {
	uint32_t bytes;
	uint8_t crc[4];
};

static struct progress ask_progress(struct fixture *f, struct otadfu_link *link, uint16_t control)
{
	struct progress progress;
	uint8_t buf[32];
	size_t len = 0;

	f->ops->write(f->ctx, link, control, (const uint8_t *)"\x03", 1, in_ms(f, 1000));
	assert_int_equal(f->ops->wait(f->ctx, link, control, buf, sizeof(buf), &len,
				      in_ms(f, 5000)),
			 OTADFU_OK);
	assert_int_equal(len, 11);
	progress.bytes = (uint32_t)buf[3] | (uint32_t)buf[4] << 8;
	memcpy(progress.crc, buf + 7, sizeof(progress.crc));
	return progress;
}

static int send_packet(struct fixture *f, struct otadfu_link *link, uint16_t id)
{
	static const uint8_t data[20] = { 1, 2, 3 };

	return f->ops->write_cmd(f->ctx, link, id, data, sizeof(data), in_ms(f, 10000));
}

/* --- open --- */

static void it_needs_a_scenario(void **state)
{
	struct fixture *f = *state;

	assert_int_equal(f->sim->open(f->ctx, NULL, &f->adapter), OTADFU_E_CONFIG);
	assert_non_null(strstr(f->host.text, "--adapter"));
}

static void a_wrong_scenario_is_told_with_its_place(void **state)
{
	struct fixture *f = *state;

	assert_int_equal(open_world(f, "clock: later\n"), OTADFU_E_CONFIG);
	assert_non_null(strstr(f->host.text, "/s.yaml:1:8: \"later\": expected virtual or real"));
}

static void virtual_time_is_asked_for_unless_the_scenario_says_real(void **state)
{
	struct fixture *f = *state;

	assert_int_equal(open_world(f, "clock: real\n" THERMO "}\n"), OTADFU_OK);
	assert_false(f->host.virtual);
	close_world(f);
	assert_int_equal(open_world(f, THERMO "}\n"), OTADFU_OK);
	assert_true(f->host.virtual);
}

static void an_application_too_large_for_the_chip_is_refused(void **state)
{
	struct fixture *f = *state;
	char path[80];

	snprintf(path, sizeof(path), "%s/device.json", f->dir);
	write_text(path, "");
	assert_int_equal(truncate(path, 900000), 0);
	assert_int_equal(open_world(f, THERMO ", application: device.json}\n"), OTADFU_E_CONFIG);
	assert_non_null(strstr(f->host.text, "does not fit into the chip"));
}

/* --- connect and scan --- */

static void a_device_nobody_sees_times_out_at_the_deadline(void **state)
{
	struct fixture *f = *state;
	struct otadfu_addr other = thermo;
	struct otadfu_link *link = NULL;
	uint64_t deadline_ms;

	assert_int_equal(open_world(f, THERMO "}\n"), OTADFU_OK);
	other.bytes[0] = 0xC1;
	deadline_ms = in_ms(f, 3000);
	assert_int_equal(f->sim->connect(f->ctx, f->adapter, &other, &link, deadline_ms),
			 OTADFU_E_TIMEOUT);
	assert_int_equal(now_ms(f->ctx), deadline_ms);
	assert_null(link);
	assert_non_null(strstr(f->host.text, "C1:FF:EE:00:00:01"));
}

static void the_address_type_counts_unless_unknown(void **state)
{
	struct fixture *f = *state;
	struct otadfu_addr peer = thermo;
	struct otadfu_link *link = NULL;

	assert_int_equal(open_world(f, THERMO "}\n"), OTADFU_OK);
	peer.type = 0;
	assert_int_equal(f->sim->connect(f->ctx, f->adapter, &peer, &link, in_ms(f, 500)),
			 OTADFU_E_TIMEOUT);
	peer.type = 255;
	f->ops->disconnect(f->ctx, connect_to(f, &peer));
}

static void connecting_is_cancelled_at_once(void **state)
{
	struct fixture *f = *state;
	struct otadfu_addr other = thermo;
	struct otadfu_link *link = NULL;

	assert_int_equal(open_world(f, THERMO "}\n"), OTADFU_OK);
	other.bytes[0] = 0xC1;
	f->host.cancel_at_ms = in_ms(f, 100);
	assert_int_equal(f->sim->connect(f->ctx, f->adapter, &other, &link, in_ms(f, 3000)),
			 OTADFU_E_CANCELLED);
	assert_null(link);
}

struct sightings {
	unsigned count;
	int stop_with;
	struct otadfu_advert last;
	uint8_t data[31];
	uint64_t first_ms;
	struct otadfu_ctx *ctx;
};

static int see(void *user, const struct otadfu_advert *advert)
{
	struct sightings *seen = user;

	if (seen->count++ == 0)
		seen->first_ms = now_ms(seen->ctx);
	seen->last = *advert;
	memcpy(seen->data, advert->data, advert->data_len);
	return seen->stop_with;
}

static void a_scan_reports_what_advertises_again_and_again(void **state)
{
	struct fixture *f = *state;
	struct sightings seen = { .ctx = f->ctx };

	assert_int_equal(open_world(f, THERMO ", rssi: -77}\n"), OTADFU_OK);
	assert_int_equal(f->sim->scan(f->ctx, f->adapter, see, &seen, in_ms(f, 1000)), OTADFU_OK);
	assert_int_equal(seen.count, 10);
	assert_int_equal(seen.last.flags, OTADFU_ADV_CONNECTABLE);
	assert_int_equal(seen.last.rssi_dbm, -77);
	assert_memory_equal(&seen.last.addr, &thermo, sizeof(thermo));
	assert_int_equal(seen.last.data_len, 11);
	assert_memory_equal(seen.data, "\x02\x01\x06\x07\x09Thermo", 11);
}

static void a_scan_ends_with_what_its_listener_says(void **state)
{
	struct fixture *f = *state;
	struct sightings seen = { .ctx = f->ctx, .stop_with = 7 };

	assert_int_equal(open_world(f, THERMO "}\n"), OTADFU_OK);
	assert_int_equal(f->sim->scan(f->ctx, f->adapter, see, &seen, in_ms(f, 1000)), 7);
	assert_int_equal(seen.count, 1);
}

static void a_hidden_device_appears_in_its_time(void **state)
{
	struct fixture *f = *state;
	struct sightings seen = { .ctx = f->ctx };
	uint64_t begin_ms;

	assert_int_equal(open_world(f, THERMO ", visible_after_ms: 700}\n"), OTADFU_OK);
	begin_ms = now_ms(f->ctx);
	f->sim->scan(f->ctx, f->adapter, see, &seen, in_ms(f, 1000));
	assert_int_equal(seen.first_ms - begin_ms, 700);
}

static void a_connected_device_does_not_advertise(void **state)
{
	struct fixture *f = *state;
	struct sightings seen = { .ctx = f->ctx };
	struct otadfu_link *link = connect_thermo(f, THERMO "}\n");

	f->sim->scan(f->ctx, f->adapter, see, &seen, in_ms(f, 500));
	assert_int_equal(seen.count, 0);
	f->ops->disconnect(f->ctx, link);
	f->sim->scan(f->ctx, f->adapter, see, &seen, in_ms(f, 500));
	assert_int_equal(seen.count, 5);
}

/* --- requests --- */

static void discovery_lists_full_uuids_and_says_how_many(void **state)
{
	static const uint8_t name_uuid[] = { 0,    0, 0x2A, 0,    0,    0,    0x10, 0,
					     0x80, 0, 0,    0x80, 0x5F, 0x9B, 0x34, 0xFB };
	struct fixture *f = *state;
	struct otadfu_link *link = connect_thermo(f, THERMO "}\n");
	struct otadfu_chr list[16];
	size_t count = 0;

	assert_int_equal(f->ops->discover(f->ctx, link, list, 2, &count, in_ms(f, 5000)),
			 OTADFU_E_OVERFLOW);
	assert_int_equal(count, 6);
	assert_int_equal(f->ops->discover(f->ctx, link, list, count, &count, in_ms(f, 5000)),
			 OTADFU_OK);
	assert_memory_equal(list[0].uuid.bytes + 2, "\x2A\x00", 2);
	assert_memory_equal(list[0].uuid.bytes + 4, name_uuid + 4, 12);
	assert_memory_equal(list[5].service.bytes, "\x00\x00\xFE\x59", 4);
	f->ops->disconnect(f->ctx, link);
}

static void a_request_takes_one_event_there_and_one_back(void **state)
{
	struct fixture *f = *state;
	struct otadfu_link *link =
		connect_thermo(f, "link: {interval_ms: 50, packets_per_event: 1}\n" THERMO "}\n");
	uint16_t id = find(f, link, 0x2A00);
	uint8_t buf[16];
	size_t len = 0;
	uint64_t begin_ms = now_ms(f->ctx);

	for (int i = 0; i < 10; i++)
		assert_int_equal(f->ops->read(f->ctx, link, id, buf, sizeof(buf), &len,
					      in_ms(f, 1000)),
				 OTADFU_OK);
	assert_int_equal(now_ms(f->ctx) - begin_ms, 10 * 2 * 50);
	assert_int_equal(len, 6);
	assert_memory_equal(buf, "Thermo", 6);
	f->ops->disconnect(f->ctx, link);
}

static void a_buffer_too_small_is_an_overflow(void **state)
{
	struct fixture *f = *state;
	struct otadfu_link *link = connect_thermo(f, THERMO "}\n");
	uint16_t id = find(f, link, 0x2A00);
	uint8_t buf[2];
	size_t len = 99;

	assert_int_equal(f->ops->read(f->ctx, link, id, buf, sizeof(buf), &len, in_ms(f, 1000)),
			 OTADFU_E_OVERFLOW);
	assert_int_equal(len, 99);
	f->ops->disconnect(f->ctx, link);
}

static void an_att_error_is_its_detail(void **state)
{
	struct fixture *f = *state;
	struct otadfu_link *link = connect_thermo(f, THERMO "}\n");
	uint16_t enter = find(f, link, ENTER);
	uint8_t buf[8];
	size_t len;

	assert_int_equal(f->ops->write(f->ctx, link, enter, (const uint8_t *)"\x01", 1,
				       in_ms(f, 1000)),
			 OTADFU_E_ATT);
	assert_int_equal(f->host.detail, 0xFD);
	assert_int_equal(f->ops->read(f->ctx, link, enter, buf, sizeof(buf), &len, in_ms(f, 1000)),
			 OTADFU_E_ATT);
	assert_int_equal(f->host.detail, 0x02);
	f->ops->disconnect(f->ctx, link);
}

static void the_mtu_bounds_a_write(void **state)
{
	static const uint8_t data[65] = { 0 };
	struct fixture *f = *state;
	struct otadfu_link *link = connect_thermo(f, THERMO ", mtu: 67}\n");
	uint16_t mtu = 0;

	assert_int_equal(f->ops->write_cmd(f->ctx, link, 1, data, 21, in_ms(f, 1000)),
			 OTADFU_E_INVALID);
	assert_int_equal(f->ops->mtu(f->ctx, link, 247, &mtu, in_ms(f, 1000)), OTADFU_OK);
	assert_int_equal(mtu, 67);
	assert_int_equal(f->ops->write_cmd(f->ctx, link, 1, data, 64, in_ms(f, 1000)), OTADFU_OK);
	assert_int_equal(f->ops->write_cmd(f->ctx, link, 1, data, 65, in_ms(f, 1000)),
			 OTADFU_E_INVALID);
	f->ops->disconnect(f->ctx, link);
}

static void a_long_value_is_read_in_parts(void **state)
{
	struct fixture *f = *state;
	struct otadfu_link *link =
		connect_thermo(f, "devices:\n- {address: C0:FF:EE:00:00:01, hardware: nrf52840, "
				  "bootloader: secure, sdk: \"17.1\", "
				  "name: 0123456789012345678901234567890123456789ABCD}\n");
	uint16_t id = find(f, link, 0x2A00);
	uint8_t buf[64];
	size_t len = 0;

	assert_int_equal(f->ops->read(f->ctx, link, id, buf, sizeof(buf), &len, in_ms(f, 1000)),
			 OTADFU_OK);
	assert_int_equal(len, 44);
	assert_memory_equal(buf, "0123456789012345678901234567890123456789ABCD", 44);
	assert_int_equal(f->ops->read(f->ctx, link, id, buf, 43, &len, in_ms(f, 1000)),
			 OTADFU_E_OVERFLOW);
	f->ops->disconnect(f->ctx, link);
}

static void only_what_notifies_is_subscribed_and_waited_for(void **state)
{
	struct fixture *f = *state;
	struct otadfu_link *link = connect_thermo(f, THERMO "}\n");
	uint16_t name = find(f, link, 0x2A00);
	uint16_t enter = find(f, link, ENTER);
	uint8_t buf[8];
	size_t len;

	assert_int_equal(f->ops->subscribe(f->ctx, link, name, in_ms(f, 1000)),
			 OTADFU_E_UNSUPPORTED);
	assert_int_equal(f->ops->subscribe(f->ctx, link, 0x0999, in_ms(f, 1000)), OTADFU_E_INVALID);
	assert_int_equal(f->ops->wait(f->ctx, link, enter, buf, 8, &len, in_ms(f, 1000)),
			 OTADFU_E_INVALID);
	f->ops->disconnect(f->ctx, link);
}

static void a_value_too_long_is_dropped(void **state)
{
	struct fixture *f = *state;
	struct otadfu_link *link = connect_thermo(f, THERMO "}\n");
	uint16_t enter = find(f, link, ENTER);
	uint8_t buf[8];
	size_t len;

	assert_int_equal(f->ops->subscribe(f->ctx, link, enter, in_ms(f, 1000)), OTADFU_OK);
	f->ops->write(f->ctx, link, enter, (const uint8_t *)"\x07", 1, in_ms(f, 1000));
	assert_int_equal(f->ops->wait(f->ctx, link, enter, buf, 2, &len, in_ms(f, 1000)),
			 OTADFU_E_OVERFLOW);
	assert_int_equal(f->ops->wait(f->ctx, link, enter, buf, 8, &len, in_ms(f, 1000)),
			 OTADFU_E_TIMEOUT);
	f->ops->disconnect(f->ctx, link);
}

static void waiting_in_vain_ends_at_the_deadline(void **state)
{
	struct fixture *f = *state;
	struct otadfu_link *link = connect_thermo(f, THERMO "}\n");
	uint16_t enter = find(f, link, ENTER);
	uint64_t deadline_ms;
	uint8_t buf[8];
	size_t len;

	f->ops->subscribe(f->ctx, link, enter, in_ms(f, 1000));
	deadline_ms = in_ms(f, 1234);
	assert_int_equal(f->ops->wait(f->ctx, link, enter, buf, sizeof(buf), &len, deadline_ms),
			 OTADFU_E_TIMEOUT);
	assert_int_equal(now_ms(f->ctx), deadline_ms);
	deadline_ms = in_ms(f, 777);
	assert_int_equal(f->ops->wait_gone(f->ctx, link, deadline_ms), OTADFU_E_TIMEOUT);
	assert_int_equal(now_ms(f->ctx), deadline_ms);
	f->ops->disconnect(f->ctx, link);
}

static void a_late_answer_holds_the_next_request_back_and_is_dropped(void **state)
{
	struct fixture *f = *state;
	struct otadfu_link *link = connect_thermo(f, "link: {interval_ms: 100}\n" THERMO "}\n");
	uint16_t name = find(f, link, 0x2A00);
	uint16_t revision = find(f, link, 0x2A26);
	uint8_t buf[16];
	size_t len = 0;

	assert_int_equal(f->ops->read(f->ctx, link, name, buf, sizeof(buf), &len, in_ms(f, 120)),
			 OTADFU_E_TIMEOUT);
	assert_int_equal(f->ops->read(f->ctx, link, revision, buf, sizeof(buf), &len,
				      in_ms(f, 1000)),
			 OTADFU_OK);
	assert_int_equal(len, 1);
	assert_int_equal(buf[0], '1');
	f->ops->disconnect(f->ctx, link);
}

static void the_link_says_what_it_runs_with(void **state)
{
	struct fixture *f = *state;
	struct otadfu_link *link = connect_thermo(f, "link: {interval_ms: 7.5}\n" THERMO "}\n");
	struct otadfu_link_params params = { .size = sizeof(params) };

	assert_int_equal(f->ops->tune(f->ctx, link, NULL, &params, in_ms(f, 100)), OTADFU_OK);
	assert_int_equal(params.interval_us, 7500);
	assert_int_equal(params.supervision_ms, 4000);
	f->ops->disconnect(f->ctx, link);
}

/* --- the bootloader behind it --- */

static void the_bootloader_is_found_at_the_next_address(void **state)
{
	struct fixture *f = *state;
	struct sightings seen = { .ctx = f->ctx };
	struct otadfu_link *link = connect_bootloader(f, THERMO "}\n");

	assert_int_not_equal(find(f, link, CONTROL), 0);
	f->ops->disconnect(f->ctx, link);
	f->sim->scan(f->ctx, f->adapter, see, &seen, in_ms(f, 100));
	assert_int_equal(seen.last.addr.bytes[5], 2);
}

static void packets_are_paced_by_connection_events(void **state)
{
	struct fixture *f = *state;
	struct otadfu_link *link =
		connect_bootloader(f,
				   "link: {interval_ms: 10, packets_per_event: 2}\n" THERMO "}\n");
	uint16_t control = prepare_init(f, link);
	uint16_t packet = find(f, link, PACKET);
	uint64_t begin_ms = now_ms(f->ctx);

	for (int i = 0; i < 24; i++)
		assert_int_equal(send_packet(f, link, packet), OTADFU_OK);
	/* Four wait in the controller, two leave with each event. */
	assert_int_equal(now_ms(f->ctx) - begin_ms, (24 - 4) / 2 * 10);
	assert_int_equal(ask_progress(f, link, control).bytes, 24 * 20);
	f->ops->disconnect(f->ctx, link);
}

static void a_lost_packet_is_missing(void **state)
{
	struct fixture *f = *state;
	struct otadfu_link *link = connect_bootloader(f, THERMO ", faults: {lose_packet: 2}}\n");
	uint16_t control = prepare_init(f, link);
	uint16_t packet = find(f, link, PACKET);

	for (int i = 0; i < 4; i++)
		send_packet(f, link, packet);
	assert_int_equal(ask_progress(f, link, control).bytes, 3 * 20);
	f->ops->disconnect(f->ctx, link);
}

static void a_corrupt_packet_changes_the_checksum_alone(void **state)
{
	struct fixture *f = *state;
	struct progress progress[2];

	for (int i = 0; i < 2; i++) {
		struct otadfu_link *link =
			connect_bootloader(f, i ? THERMO ", faults: {corrupt_packet: 2}}\n"
						: THERMO "}\n");
		uint16_t control = prepare_init(f, link);
		uint16_t packet = find(f, link, PACKET);

		for (int k = 0; k < 4; k++)
			send_packet(f, link, packet);
		progress[i] = ask_progress(f, link, control);
		f->ops->disconnect(f->ctx, link);
		close_world(f);
	}
	assert_int_equal(progress[0].bytes, progress[1].bytes);
	assert_memory_not_equal(progress[0].crc, progress[1].crc, 4);
}

static void a_cut_link_is_noticed_after_the_supervision_timeout(void **state)
{
	struct fixture *f = *state;
	/* Two writes lead into the bootloader: CCCD and 01. The third cuts. */
	struct otadfu_link *link =
		connect_bootloader(f, THERMO ", faults: {cut_after_writes: 3}}\n");
	uint16_t control = find(f, link, CONTROL);
	struct otadfu_addr next = thermo;
	uint64_t begin_ms = now_ms(f->ctx);
	struct otadfu_link_params params = { .size = sizeof(params) };
	uint16_t mtu;
	uint8_t buf[8];
	size_t len = 0;

	assert_int_equal(f->ops->subscribe(f->ctx, link, control, in_ms(f, 10000)),
			 OTADFU_E_DISCONNECTED);
	assert_in_range(now_ms(f->ctx) - begin_ms, 4000, 4030);
	assert_int_equal(f->ops->read(f->ctx, link, control, buf, 8, &len, in_ms(f, 100)),
			 OTADFU_E_DISCONNECTED);
	assert_int_equal(send_packet(f, link, control), OTADFU_E_DISCONNECTED);
	assert_int_equal(f->ops->mtu(f->ctx, link, 247, &mtu, in_ms(f, 100)),
			 OTADFU_E_DISCONNECTED);
	assert_int_equal(f->ops->tune(f->ctx, link, NULL, &params, in_ms(f, 100)),
			 OTADFU_E_DISCONNECTED);
	assert_int_equal(f->ops->wait_gone(f->ctx, link, in_ms(f, 100)), OTADFU_OK);
	f->ops->disconnect(f->ctx, link);
	next.bytes[5]++;
	f->ops->disconnect(f->ctx, connect_to(f, &next));
}

static void a_power_cut_brings_the_application_back(void **state)
{
	struct fixture *f = *state;
	struct otadfu_link *link =
		connect_bootloader(f, THERMO ", faults: {power_cut_after_writes: 3}}\n");

	assert_int_equal(f->ops->subscribe(f->ctx, link, find(f, link, CONTROL), in_ms(f, 10000)),
			 OTADFU_E_DISCONNECTED);
	f->ops->disconnect(f->ctx, link);
	f->ops->disconnect(f->ctx, connect_to(f, &thermo));
}

static void a_device_that_stops_answering_times_requests_out(void **state)
{
	struct fixture *f = *state;
	struct otadfu_link *link =
		connect_thermo(f, THERMO ", faults: {ignore_requests_after: 1}}\n");
	uint16_t mtu;

	assert_int_equal(f->ops->mtu(f->ctx, link, 100, &mtu, in_ms(f, 1000)), OTADFU_OK);
	assert_int_equal(f->ops->mtu(f->ctx, link, 100, &mtu, in_ms(f, 1000)), OTADFU_E_TIMEOUT);
	assert_int_equal(f->ops->mtu(f->ctx, link, 100, &mtu, in_ms(f, 1000)), OTADFU_E_TIMEOUT);
	f->ops->disconnect(f->ctx, link);
}

/* --- the state folder --- */

static size_t size_of(struct fixture *f, const char *name)
{
	struct stat status;
	char path[160];

	snprintf(path, sizeof(path), "%s/kept/C0-FF-EE-00-00-01/%s", f->dir, name);
	return stat(path, &status) == 0 ? (size_t)status.st_size : 0;
}

static json_t *facts(struct fixture *f)
{
	char path[160];
	json_t *json;

	snprintf(path, sizeof(path), "%s/kept/C0-FF-EE-00-00-01/device.json", f->dir);
	json = json_load_file(path, 0, NULL);
	assert_non_null(json);
	return json;
}

static void the_state_folder_shows_the_device_from_the_start(void **state)
{
	struct fixture *f = *state;
	json_t *json;

	assert_int_equal(open_world(f, "state: kept\n" THERMO ", app_version: 7}\n"), OTADFU_OK);
	assert_int_equal(size_of(f, "flash.bin"), 1024 * 1024);
	assert_int_equal(size_of(f, "application.bin"), 4096);
	assert_true(size_of(f, "softdevice.bin") > 0);
	assert_true(size_of(f, "bootloader.bin") > 0);
	json = facts(f);
	assert_string_equal(json_string_value(json_object_get(json, "mode")), "application");
	assert_int_equal(json_integer_value(json_object_get(json, "app_version")), 7);
	assert_int_equal(json_integer_value(json_object_get(json, "bootloader_version")), 1);
	assert_int_equal(json_integer_value(json_object_get(json, "softdevice")), 0x0100);
	assert_int_equal(json_integer_value(json_object_get(json, "connections")), 0);
	assert_non_null(json_object_get(json, "bytes_received"));
	assert_non_null(json_object_get(json, "objects_executed"));
	assert_non_null(json_object_get(json, "flash_erases"));
	json_decref(json);
}

static void each_end_of_a_link_is_written_down(void **state)
{
	struct fixture *f = *state;
	struct otadfu_link *link = connect_bootloader(f, "state: kept\n" THERMO "}\n");
	json_t *json;

	f->ops->disconnect(f->ctx, link);
	json = facts(f);
	assert_string_equal(json_string_value(json_object_get(json, "mode")), "bootloader");
	assert_int_equal(json_integer_value(json_object_get(json, "connections")), 2);
	json_decref(json);
	assert_int_equal(f->host.warnings, 0);
}

static void an_image_that_lies_there_is_what_the_device_starts_with(void **state)
{
	struct fixture *f = *state;
	char path[160];
	char text[8] = "";
	FILE *file;

	snprintf(path, sizeof(path), "%s/kept", f->dir);
	mkdir(path, 0777);
	strcat(path, "/C0-FF-EE-00-00-01");
	mkdir(path, 0777);
	strcat(path, "/application.bin");
	write_text(path, "mine");
	assert_int_equal(open_world(f, "state: kept\n" THERMO "}\n"), OTADFU_OK);
	close_world(f);
	/* The second time the flash is what counts. */
	write_text(path, "other");
	assert_int_equal(open_world(f, "state: kept\n" THERMO "}\n"), OTADFU_OK);
	file = fopen(path, "re");
	assert_non_null(fgets(text, sizeof(text), file));
	fclose(file);
	assert_string_equal(text, "mine");
}

/* Puts a file where the device's folder will be, or is. */
static void put_state(struct fixture *f, const char *name, const void *data, size_t len)
{
	char path[160];
	FILE *file;

	snprintf(path, sizeof(path), "%s/kept", f->dir);
	mkdir(path, 0777);
	strcat(path, "/C0-FF-EE-00-00-01");
	mkdir(path, 0777);
	snprintf(path + strlen(path), sizeof(path) - strlen(path), "/%s", name);
	file = fopen(path, "we");
	assert_non_null(file);
	assert_int_equal(fwrite(data, 1, len, file), len);
	assert_int_equal(fclose(file), 0);
}

static uint8_t *read_state(struct fixture *f, const char *name, size_t *ret_len)
{
	uint8_t *data = calloc(1, 1024 * 1024);
	char path[160];
	FILE *file;

	snprintf(path, sizeof(path), "%s/kept/C0-FF-EE-00-00-01/%s", f->dir, name);
	file = fopen(path, "re");
	assert_non_null(file);
	*ret_len = fread(data, 1, 1024 * 1024, file);
	fclose(file);
	return data;
}

static void expect_state(struct fixture *f, const char *name, const uint8_t *expected, size_t len)
{
	size_t found_len;
	uint8_t *found = read_state(f, name, &found_len);

	assert_int_equal(found_len, len);
	assert_memory_equal(found, expected, len);
	free(found);
}

enum { SOFTDEVICE_LEN = 0x14008, BOOTLOADER_LEN = 0x2F00 };

static void make_system(uint8_t softdevice[SOFTDEVICE_LEN], uint8_t bootloader[BOOTLOADER_LEN])
{
	const struct softdevice facts = { .fwid = 0x0123, .id = 130, .size = 0x16000 };

	softdevice_generate(&facts, softdevice, SOFTDEVICE_LEN);
	memset(bootloader, 0xFF, BOOTLOADER_LEN);
	bootloader[0] = 'b';
}

static void a_system_that_lies_there_is_what_both_bootloaders_start_with(void **state)
{
	static const char *const bootloaders[] = { "secure, sdk: \"12.2\"", "legacy, sdk: \"11\"" };
	static uint8_t softdevice[SOFTDEVICE_LEN], bootloader[BOOTLOADER_LEN];
	struct fixture *f = *state;

	make_system(softdevice, bootloader);
	for (size_t i = 0; i < 2; i++) {
		char text[200], path[120];
		json_t *json;

		snprintf(text, sizeof(text),
			 "state: kept\ndevices:\n- {address: C0:FF:EE:00:00:01, "
			 "hardware: nrf51822, bootloader: %s}\n",
			 bootloaders[i]);
		put_state(f, "softdevice.bin", softdevice, sizeof(softdevice));
		put_state(f, "bootloader.bin", bootloader, sizeof(bootloader));
		assert_int_equal(open_world(f, text), OTADFU_OK);
		close_world(f);
		expect_state(f, "softdevice.bin", softdevice, sizeof(softdevice));
		expect_state(f, "bootloader.bin", bootloader, sizeof(bootloader));
		json = facts(f);
		assert_int_equal(json_integer_value(json_object_get(json, "softdevice")), 0x0123);
		assert_string_equal(json_string_value(json_object_get(json, "mode")),
				    "application");
		json_decref(json);
		snprintf(path, sizeof(path), "%s/kept/C0-FF-EE-00-00-01", f->dir);
		remove_tree(path);
	}
}

static void refused(struct fixture *f, const char *text, int code, const char *why)
{
	assert_int_equal(open_world(f, text), code);
	if (!strstr(f->host.text, why))
		fail_msg("\"%s\" says nothing of \"%s\"", f->host.text, why);
}

static void a_softdevice_without_its_information_is_refused(void **state)
{
	static uint8_t softdevice[SOFTDEVICE_LEN], bootloader[BOOTLOADER_LEN];
	struct fixture *f = *state;

	make_system(softdevice, bootloader);
	put_state(f, "softdevice.bin", bootloader, sizeof(bootloader));
	refused(f, "state: kept\n" THERMO "}\n", OTADFU_E_CONFIG,
		"softdevice.bin has no information structure");
	/* It says that it ends before its end. */
	softdevice[0x200A] = 0x01;
	softdevice[0x2009] = 0x40;
	put_state(f, "softdevice.bin", softdevice, sizeof(softdevice));
	refused(f, "state: kept\n" THERMO "}\n", OTADFU_E_CONFIG,
		"softdevice.bin has no information structure that fits");
}

static void a_bootloader_too_large_for_its_region_is_refused(void **state)
{
	static const uint8_t bootloader[0x6004] = { 'b' };
	struct fixture *f = *state;

	put_state(f, "bootloader.bin", bootloader, sizeof(bootloader));
	refused(f, "state: kept\n" THERMO "}\n", OTADFU_E_CONFIG,
		"an image does not fit into the chip");
}

static void a_flash_of_another_size_is_refused(void **state)
{
	struct fixture *f = *state;

	put_state(f, "flash.bin", "short", 5);
	refused(f, "state: kept\n" THERMO "}\n", OTADFU_E_CONFIG, "flash.bin is of another chip");
}

static void a_flash_full_of_rubbish_is_a_device_without_application(void **state)
{
	uint8_t *rubbish = malloc(1024 * 1024);
	struct fixture *f = *state;
	struct otadfu_addr next = thermo;

	for (size_t i = 0; i < 1024 * 1024; i++)
		rubbish[i] = (uint8_t)(i * 2654435761u >> 11);
	put_state(f, "flash.bin", rubbish, 1024 * 1024);
	free(rubbish);
	assert_int_equal(open_world(f, "state: kept\n" THERMO "}\n"), OTADFU_OK);
	next.bytes[5]++;
	f->ops->disconnect(f->ctx, connect_to(f, &next));
	assert_int_equal(size_of(f, "application.bin"), 0);
}

static void what_lies_there_as_facts_is_not_read(void **state)
{
	struct fixture *f = *state;

	put_state(f, "device.json", "{\"mode\": [[[", 12);
	assert_int_equal(open_world(f, "state: kept\n" THERMO "}\n"), OTADFU_OK);
	json_decref(facts(f));
}

static void a_folder_in_the_place_of_a_file_is_told(void **state)
{
	static const char *const names[] = { "flash.bin", "bootloader.bin", "device.json" };
	struct fixture *f = *state;

	for (size_t i = 0; i < 3; i++) {
		char path[160];

		put_state(f, names[i], "", 0);
		snprintf(path, sizeof(path), "%s/kept/C0-FF-EE-00-00-01/%s", f->dir, names[i]);
		unlink(path);
		mkdir(path, 0777);
		refused(f, "state: kept\n" THERMO "}\n", OTADFU_E_CONFIG,
			"a folder stands where a file must be");
		rmdir(path);
	}
}

static void a_file_in_the_place_of_a_folder_is_told(void **state)
{
	refused(*state, "state: s.yaml\n" THERMO "}\n", OTADFU_E_CONFIG,
		"a file stands where a folder must be");
}

/* What a full disk does, too; and it leaves nothing that would be taken for a flash. */
static void a_flash_that_cannot_have_its_size_is_told_and_leaves_none(void **state)
{
	struct fixture *f = *state;
	struct rlimit before, small;

	assert_int_equal(getrlimit(RLIMIT_FSIZE, &before), 0);
	small = before;
	small.rlim_cur = 64 * 1024;
	signal(SIGXFSZ, SIG_IGN);
	assert_int_equal(setrlimit(RLIMIT_FSIZE, &small), 0);
	refused(f, "state: kept\n" THERMO "}\n", OTADFU_E_IO,
		"one of its files, as flash.bin, would be larger than any may be here");
	assert_int_equal(setrlimit(RLIMIT_FSIZE, &before), 0);
	assert_int_equal(size_of(f, "flash.bin"), 0);
	assert_int_equal(open_world(f, "state: kept\n" THERMO "}\n"), OTADFU_OK);
}

/* The flash had its room before; the images beside it have none. */
static void images_that_cannot_be_written_are_told(void **state)
{
	struct fixture *f = *state;
	struct rlimit before, small;

	assert_int_equal(open_world(f, "state: kept\n" THERMO "}\n"), OTADFU_OK);
	close_world(f);
	assert_int_equal(getrlimit(RLIMIT_FSIZE, &before), 0);
	small = before;
	small.rlim_cur = 64 * 1024;
	signal(SIGXFSZ, SIG_IGN);
	assert_int_equal(setrlimit(RLIMIT_FSIZE, &small), 0);
	refused(f, "state: kept\n" THERMO "}\n", OTADFU_E_IO,
		"one of its files, as flash.bin, would be larger than any may be here");
	assert_int_equal(setrlimit(RLIMIT_FSIZE, &before), 0);
}

static void a_folder_that_cannot_be_made_is_told(void **state)
{
	struct fixture *f = *state;

	assert_int_equal(open_world(f, "state: not/there\n" THERMO "}\n"), OTADFU_E_CONFIG);
	assert_non_null(strstr(f->host.text, "not/there"));
	assert_non_null(strstr(f->host.text, "the directory above it does not exist"));
}

static void a_device_has_one_simulator_at_a_time(void **state)
{
	struct fixture *f = *state;
	struct otadfu_adapter *second = NULL;

	assert_int_equal(open_world(f, "state: kept\n" THERMO "}\n"), OTADFU_OK);
	assert_int_equal(f->sim->open(f->ctx, f->scenario, &second), OTADFU_E_BUSY);
	assert_non_null(strstr(f->host.text, "another process simulates this device"));
}

static void a_folder_of_another_chip_is_refused(void **state)
{
	struct fixture *f = *state;

	assert_int_equal(open_world(f, "state: kept\n" THERMO "}\n"), OTADFU_OK);
	close_world(f);
	assert_int_equal(open_world(f, "state: kept\ndevices:\n"
				       "- {address: C0:FF:EE:00:00:01, hardware: nrf51822, "
				       "bootloader: legacy, sdk: \"11\"}\n"),
			 OTADFU_E_CONFIG);
	assert_non_null(strstr(f->host.text, "flash.bin is of another chip"));
}

/* --- threads --- */

enum { CREW = 8 };

struct sailor {
	struct fixture *f;
	struct host host;
	struct otadfu_addr addr;
	int result;
};

static void *sail(void *user)
{
	struct sailor *sailor = user;
	struct otadfu_ctx *ctx = &sailor->host.ctx;
	const struct otadfu_transport_ops *sim = sailor->f->sim;
	struct sightings seen = { .ctx = ctx };
	struct otadfu_chr list[16];
	struct otadfu_link *link;
	size_t count;

	sailor->result = sim->scan(ctx, sailor->f->adapter, see, &seen, now_ms(ctx) + 300);
	for (int i = 0; i < 3 && sailor->result == OTADFU_OK; i++) {
		sailor->result = sim->connect(ctx, sailor->f->adapter, &sailor->addr, &link,
					      now_ms(ctx) + 5000);
		if (sailor->result != OTADFU_OK)
			break;
		sailor->result =
			sim->link->discover(ctx, link, list, 16, &count, now_ms(ctx) + 5000);
		sim->link->disconnect(ctx, link);
	}
	clock_leave(sailor->host.clock);
	return NULL;
}

static void many_threads_have_their_links_at_once(void **state)
{
	struct fixture *f = *state;
	struct sailor crew[CREW];
	pthread_t threads[CREW];
	char text[2048] = "devices:\n";

	for (unsigned i = 0; i < CREW; i++)
		sprintf(text + strlen(text),
			"- {address: C0:FF:EE:00:%02X:01, hardware: nrf52840, "
			"bootloader: secure, sdk: \"17.1\"}\n",
			i);
	assert_int_equal(open_world(f, text), OTADFU_OK);
	for (unsigned i = 0; i < CREW; i++) {
		crew[i] = (struct sailor){ .f = f, .addr = thermo };
		crew[i].addr.bytes[4] = (uint8_t)i;
		make_host(&crew[i].host, f->host.clock);
		clock_join(f->host.clock);
	}
	for (unsigned i = 0; i < CREW; i++)
		assert_int_equal(pthread_create(&threads[i], NULL, sail, &crew[i]), 0);
	clock_leave(f->host.clock);
	for (unsigned i = 0; i < CREW; i++) {
		pthread_join(threads[i], NULL);
		assert_int_equal(crew[i].result, OTADFU_OK);
	}
	clock_join(f->host.clock);
}

#define IN_WORLD(test) cmocka_unit_test_setup_teardown(test, set_up, tear_down)

int main(void)
{
	const struct CMUnitTest tests[] = {
		IN_WORLD(it_needs_a_scenario),
		IN_WORLD(a_wrong_scenario_is_told_with_its_place),
		IN_WORLD(virtual_time_is_asked_for_unless_the_scenario_says_real),
		IN_WORLD(an_application_too_large_for_the_chip_is_refused),
		IN_WORLD(a_device_nobody_sees_times_out_at_the_deadline),
		IN_WORLD(the_address_type_counts_unless_unknown),
		IN_WORLD(connecting_is_cancelled_at_once),
		IN_WORLD(a_scan_reports_what_advertises_again_and_again),
		IN_WORLD(a_scan_ends_with_what_its_listener_says),
		IN_WORLD(a_hidden_device_appears_in_its_time),
		IN_WORLD(a_connected_device_does_not_advertise),
		IN_WORLD(discovery_lists_full_uuids_and_says_how_many),
		IN_WORLD(a_request_takes_one_event_there_and_one_back),
		IN_WORLD(a_buffer_too_small_is_an_overflow),
		IN_WORLD(a_long_value_is_read_in_parts),
		IN_WORLD(only_what_notifies_is_subscribed_and_waited_for),
		IN_WORLD(a_value_too_long_is_dropped),
		IN_WORLD(an_att_error_is_its_detail),
		IN_WORLD(the_mtu_bounds_a_write),
		IN_WORLD(waiting_in_vain_ends_at_the_deadline),
		IN_WORLD(a_late_answer_holds_the_next_request_back_and_is_dropped),
		IN_WORLD(the_link_says_what_it_runs_with),
		IN_WORLD(the_bootloader_is_found_at_the_next_address),
		IN_WORLD(packets_are_paced_by_connection_events),
		IN_WORLD(a_lost_packet_is_missing),
		IN_WORLD(a_corrupt_packet_changes_the_checksum_alone),
		IN_WORLD(a_cut_link_is_noticed_after_the_supervision_timeout),
		IN_WORLD(a_power_cut_brings_the_application_back),
		IN_WORLD(a_device_that_stops_answering_times_requests_out),
		IN_WORLD(the_state_folder_shows_the_device_from_the_start),
		IN_WORLD(each_end_of_a_link_is_written_down),
		IN_WORLD(an_image_that_lies_there_is_what_the_device_starts_with),
		IN_WORLD(a_system_that_lies_there_is_what_both_bootloaders_start_with),
		IN_WORLD(a_softdevice_without_its_information_is_refused),
		IN_WORLD(a_bootloader_too_large_for_its_region_is_refused),
		IN_WORLD(a_flash_of_another_size_is_refused),
		IN_WORLD(a_flash_full_of_rubbish_is_a_device_without_application),
		IN_WORLD(what_lies_there_as_facts_is_not_read),
		IN_WORLD(a_folder_in_the_place_of_a_file_is_told),
		IN_WORLD(a_file_in_the_place_of_a_folder_is_told),
		IN_WORLD(a_flash_that_cannot_have_its_size_is_told_and_leaves_none),
		IN_WORLD(images_that_cannot_be_written_are_told),
		IN_WORLD(a_folder_that_cannot_be_made_is_told),
		IN_WORLD(a_device_has_one_simulator_at_a_time),
		IN_WORLD(a_folder_of_another_chip_is_refused),
		IN_WORLD(many_threads_have_their_links_at_once),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
