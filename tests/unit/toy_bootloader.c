#include "toy_bootloader.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

static const struct device_attribute attributes[] = {
	{ .service = 0xFE59, .uuid = 0x2A00, .handle = TOY_TEXT, .props = OTADFU_PROP_READ },
	{ .service = 0xFE59,
	  .uuid = 0x0001,
	  .handle = TOY_CONTROL,
	  .props = OTADFU_PROP_WRITE | OTADFU_PROP_NOTIFY },
	{ .service = 0xFE59, .uuid = 0x0002, .handle = TOY_PACKET, .props = OTADFU_PROP_WRITE_CMD },
	{ .service = 0xFE59,
	  .uuid = 0x0003,
	  .handle = TOY_TALK,
	  .props = OTADFU_PROP_WRITE | OTADFU_PROP_INDICATE },
};

/* The test travels as the application, which this bootloader does not install. */
static struct toy *toy_of(const struct device *device)
{
	return (struct toy *)(uintptr_t)device_config(device)->application;
}

static uint16_t take_mtu(struct device *device, uint16_t client_mtu)
{
	(void)client_mtu;
	return device_config(device)->mtu;
}

static uint8_t read_text(struct device *device, uint16_t handle, uint8_t *buf, size_t cap,
			 size_t *ret_len)
{
	(void)device;
	(void)handle;
	*ret_len = cap < 3 ? cap : 3;
	memcpy(buf, "toy", *ret_len);
	return 0;
}

static uint8_t obey(struct device *device, uint16_t handle, const uint8_t *data, size_t len)
{
	switch (len ? data[0] : 0) {
	case TOY_RESET:
		firmware_reset(device);
		break;
	case TOY_LEAVE:
		firmware_disconnect(device, 0x13);
		break;
	case TOY_QUIT:
		firmware_notify(device, handle, (const uint8_t *)"bye", 3);
		firmware_disconnect(device, 0x13);
		firmware_reset(device);
		break;
	case TOY_ANSWER:
		firmware_notify(device, handle, data, len);
		firmware_indicate(device, handle, data, len);
		break;
	case TOY_ERASE:
		flash_queue_erase(device_flash(device), 0, 1, NULL, NULL);
		break;
	default:
		return 0x80;
	}
	/* Proof that a reset waits for the end of the call. */
	*(uint8_t *)firmware_ram(device) = 0xAA;
	return 0;
}

static void count_packet(struct device *device, uint16_t handle, const uint8_t *data, size_t len)
{
	struct toy *toy = toy_of(device);

	(void)handle;
	toy->packets++;
	firmware_counters(device)->bytes_received += len;
	memcpy(toy->value, data, len < sizeof(toy->value) ? len : sizeof(toy->value));
}

static void count_confirmation(struct device *device, uint16_t handle)
{
	(void)handle;
	toy_of(device)->confirmations++;
}

static void count_inactivity(struct device *device)
{
	toy_of(device)->inactivities++;
}

static const struct firmware_ops running = {
	.attributes = attributes,
	.attribute_count = sizeof(attributes) / sizeof(attributes[0]),
	.mtu = take_mtu,
	.read = read_text,
	.write = obey,
	.write_cmd = count_packet,
	.confirmed = count_confirmation,
	.inactivity = count_inactivity,
};

static void boot(struct device *device)
{
	struct toy *toy = toy_of(device);
	struct firmware_start start = { .ops = &running, .inactivity_s = toy->inactivity_s };

	toy->boots++;
	toy->gpregret_at_boot = firmware_gpregret(device);
	toy->ram_at_boot = *(uint8_t *)firmware_ram(device);
	firmware_set_gpregret(device, 0);
	firmware_spend(device, toy->boot_spends_us);
	if (toy->resets_at_boot > 0) {
		toy->resets_at_boot--;
		firmware_reset(device);
		return;
	}
	if (toy->boots_application && toy->gpregret_at_boot != FIRMWARE_GPREGRET_DFU) {
		firmware_run_application(device);
		return;
	}
	toy->peer_data_at_boot = firmware_take_peer_data(device);
	toy->name_at_boot[firmware_take_name(device, toy->name_at_boot,
					     sizeof(toy->name_at_boot) - 1)] = '\0';
	start.addr = firmware_next_address(&device_config(device)->address);
	firmware_run(device, &start);
}

static void provision(struct device *device)
{
	flash_program(device_flash(device), 0, "toy!", 4);
}

static void describe(const struct device *device, struct device_state *ret_state)
{
	ret_state->app_version = device_config(device)->app_version;
}

static const char *const sdks[] = { "1", NULL };

const struct bootloader_ops toy_bootloader = {
	.name = "toy",
	.sdks = sdks,
	.ram_size = 16,
	.flash = { .places = 4 },
	.provision = provision,
	.boot = boot,
	.describe = describe,
};

static void on_value(void *user, uint16_t handle, const uint8_t *data, size_t len, bool indication)
{
	struct toy *toy = user;

	(void)handle;
	assert_true(len <= sizeof(toy->value));
	memcpy(toy->value, data, len);
	toy->value_len = len;
	toy->indication = indication;
	toy->values++;
}

static void on_disconnected(void *user, uint8_t reason)
{
	((struct toy *)user)->reason = reason;
}

static void on_event(void *user, const struct device_event *event)
{
	struct toy *toy = user;

	toy->reset_events += event->kind == DEVICE_EVENT_RESET;
	toy->boot_events += event->kind == DEVICE_EVENT_BOOT;
}

void toy_start(struct toy *toy)
{
	static const struct otadfu_addr address = { { 0xD8, 0x76, 0x54, 0x32, 0x10, 0xFF }, 1, 0 };
	const struct device_observer observer = {
		.value = on_value, .disconnected = on_disconnected, .event = on_event, .user = toy
	};

	toy->config.address = address;
	toy->config.bootloader = &toy_bootloader;
	toy->config.chip = chip_find("nrf52840");
	toy->config.application = (const uint8_t *)toy;
	if (!toy->config.name)
		toy->config.name = "Thermo";
	if (!toy->config.sdk)
		toy->config.sdk = "17.1";
	if (!toy->config.mtu)
		toy->config.mtu = 247;
	toy->device = device_new(&toy->config, &observer);
	assert_non_null(toy->device);
	device_power_on(toy->device);
}

void toy_stop(struct toy *toy)
{
	device_free(toy->device);
}
