/* The simulated secure bootloader: its start, and what it is seen as from outside. */
#include "secure.h"

#include "softdevice.h"

#include <string.h>

enum { NAME_MAX_LEN = 20, AD_COMPLETE_NAME = 0x09 };

static const char default_name[] = "DfuTarg";

static bool dfu_is_wanted(const struct device *device)
{
	return !secure_application_is_valid(device) ||
	       firmware_gpregret(device) == FIRMWARE_GPREGRET_DFU ||
	       secure_ram(device)->settings.enter_dfu == 1;
}

/* Flags, DFU service as an incomplete list, complete name (secure-dfu.md 2.1). */
static void fill_advertising(struct device *device, struct firmware_start *start)
{
	static const uint8_t head[] = { 0x02, 0x01, 0x06, 0x03, 0x02, 0x59, 0xFE };
	char name[NAME_MAX_LEN];
	size_t len = firmware_take_name(device, name, sizeof(name));
	uint8_t *p = start->adv_data;

	if (len == 0) {
		len = strlen(default_name);
		memcpy(name, default_name, len);
	}
	memcpy(p, head, sizeof(head));
	p[sizeof(head)] = (uint8_t)(len + 1);
	p[sizeof(head) + 1] = AD_COMPLETE_NAME;
	memcpy(p + sizeof(head) + 2, name, len);
	start->adv_len = sizeof(head) + 2 + len;
}

static void run_dfu(struct device *device, uint32_t inactivity_s)
{
	struct secure *ram = secure_ram(device);
	struct firmware_start start = { .ops = &secure_firmware,
					.addr = firmware_next_address(
						&device_config(device)->address),
					.inactivity_s = inactivity_s };

	firmware_set_gpregret(device, 0);
	ram->settings.enter_dfu = 0;
	secure_settings_store_now(device);
	fill_advertising(device, &start);
	secure_requests_start(device);
	firmware_run(device, &start);
}

static void boot(struct device *device)
{
	const struct device_config *config = device_config(device);
	struct secure *ram = secure_ram(device);
	enum secure_activation activation;

	ram->generation = secure_find_generation(config->sdk);
	ram->layout = secure_find_layout(config->chip->name);
	flash_reset(device_flash(device), &ram->generation->flash);
	secure_settings_read(device, &ram->settings);
	secure_settings_store_now(device);
	activation = secure_activate(device);
	if (activation == SECURE_COPYING_BOOTLOADER ||
	    (activation == SECURE_ACTIVATED && ram->generation->restarts_activated))
		firmware_reset(device);
	else if (activation == SECURE_ACTIVATED_SOFTDEVICE)
		run_dfu(device, secure_application_is_valid(device)
					? ram->generation->continuation_s
					: ram->generation->inactivity_s);
	else if (dfu_is_wanted(device))
		run_dfu(device, ram->generation->inactivity_s);
	else
		firmware_run_application(device);
}

/* Where its length was lost: up to the last word that is not erased. */
static uint32_t bootloader_len(const struct device *device, const struct secure_layout *layout,
			       uint32_t noted)
{
	static const uint8_t erased[SECURE_WORD] = { 0xFF, 0xFF, 0xFF, 0xFF };
	const uint8_t *image = flash_bytes(device_flash(device)) + layout->bootloader;
	uint32_t len = layout->bootloader_end - layout->bootloader;

	if (noted > 0 && noted <= len)
		return noted;
	while (len > 0 && memcmp(image + len - SECURE_WORD, erased, SECURE_WORD) == 0)
		len -= SECURE_WORD;
	return len;
}

/* A settings page that somebody else made may claim anything. */
static struct device_image inside(const struct device *device, uint32_t addr, uint32_t len)
{
	return (struct device_image){ addr, secure_flash_at(device, addr, len) ? len : 0 };
}

/* Whoever overwrites it leaves its bank code. */
static struct device_image find_external(const struct device *device, uint32_t addr,
					 const struct secure_bank *bank)
{
	const uint8_t *image = secure_flash_at(device, addr, bank->size);
	bool is_there = bank->code == SECURE_BANK_EXTERNAL && image &&
			secure_crc32(0, image, bank->size) == bank->crc;

	return (struct device_image){ addr, is_there ? bank->size : 0 };
}

static void describe(const struct device *device, struct device_state *ret_state)
{
	const struct secure_layout *layout = secure_find_layout(device_config(device)->chip->name);
	uint32_t bank0 = secure_bank0_addr(device);
	struct softdevice softdevice = { 0 };
	struct secure_settings settings;
	bool has_app;
	uint32_t sd_len;

	secure_settings_now(device, &settings);
	secure_find_softdevice(device, &softdevice);
	has_app = settings.bank[0].code == SECURE_BANK_APPLICATION;
	sd_len = settings.softdevice_len ? settings.softdevice_len : bank0 - SOFTDEVICE_START;
	ret_state->application = inside(device, bank0, has_app ? settings.bank[0].size : 0);
	ret_state->softdevice = inside(device, SOFTDEVICE_START, sd_len);
	ret_state->bootloader = inside(device, layout->bootloader,
				       bootloader_len(device, layout, settings.bootloader_len));
	ret_state->bank1 = secure_align_page(device, bank0 + settings.bank[0].size);
	ret_state->external = find_external(device, ret_state->bank1, &settings.bank[1]);
	ret_state->app_version = settings.app_version;
	ret_state->bootloader_version = settings.bootloader_version;
	ret_state->softdevice_fwid = softdevice.fwid;
}

const struct bootloader_ops peer_secure = {
	.name = "secure",
	.sdks = secure_sdks,
	.ram_size = sizeof(struct secure),
	.flash = { .places = 16, .write_unit = 20 },
	.provision = secure_provision,
	.boot = boot,
	.describe = describe,
	.settings_json = secure_settings_json,
};
