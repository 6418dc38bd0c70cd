/* Sizes and image data of the legacy bootloader: legacy-dfu.md, sections 4, 7 and 9. */
#include "peer_legacy.h"

#include <string.h>

enum { WORD = 4 };

/* --- Start --- */

/* The one bank of a single-bank bootloader, and every SoftDevice, replaces the application. */
static bool erases_application(const struct device *device)
{
	return device_config(device)->single_bank || legacy_of(device)->image == LEGACY_SOFTDEVICE;
}

static void forget_application(struct device *device)
{
	struct legacy_settings settings = { .bank0 = LEGACY_BANK_INVALID,
					    .bank1 = LEGACY_BANK_INVALID };
	struct legacy_record record = legacy_record_read(device);

	legacy_settings_save(device, &settings, &record, NULL);
}

static void bank_erased(void *user, bool ok)
{
	struct device *device = user;
	struct legacy *legacy = legacy_of(device);

	if (!ok) {
		firmware_error_check(device);
		return;
	}
	if (erases_application(device))
		forget_application(device);
	legacy->state = LEGACY_READY;
	legacy_respond(device, LEGACY_OP_START, LEGACY_SUCCESS);
}

static void bank1_cleared(void *user, bool ok)
{
	struct device *device = user;
	struct legacy_settings settings = legacy_settings_read(device);
	struct legacy_record record = legacy_record_read(device);

	(void)ok;
	settings.bank1 = LEGACY_BANK_ERASED;
	legacy_settings_save(device, &settings, &record, NULL);
}

/* It takes seconds, and what a hasty client sends meanwhile piles up behind it (section 5.2). */
void legacy_clear_early(struct device *device)
{
	static const uint8_t erased[WORD] = { 0xFF, 0xFF, 0xFF, 0xFF };
	struct legacy_layout layout = legacy_layout(device);

	if (legacy_settings_read(device).bank1 == LEGACY_BANK_ERASED &&
	    memcmp(legacy_flash_at(device, layout.bank1), erased, sizeof(erased)) == 0)
		return;
	if (!flash_queue_erase(device_flash(device), layout.bank1,
			       legacy_pages(device, layout.banked_max), bank1_cleared, device))
		firmware_error_check(device);
}

static void erase_bank(struct device *device)
{
	struct legacy *legacy = legacy_of(device);
	struct legacy_layout layout = legacy_layout(device);
	bool bank0 = erases_application(device);
	uint32_t size = bank0 ? legacy->image_size : layout.banked_max;

	legacy->state = LEGACY_PREPARING;
	legacy->bank = bank0 ? layout.app_start : layout.bank1;
	if (!bank0 && legacy_generation(device)->clears_early) {
		bank_erased(device, true);
		return;
	}
	if (!flash_queue_erase(device_flash(device), legacy->bank, legacy_pages(device, size),
			       bank_erased, device))
		firmware_error_check(device);
}

/* The mode byte decides; that the sizes agree with it is not checked (section 4). */
static enum legacy_image image_of(uint8_t mode)
{
	if (mode & LEGACY_MODE_SOFTDEVICE)
		return LEGACY_SOFTDEVICE;
	return mode & LEGACY_MODE_BOOTLOADER ? LEGACY_BOOTLOADER : LEGACY_APPLICATION;
}

static enum legacy_status check_sizes(struct device *device)
{
	struct legacy *legacy = legacy_of(device);
	struct legacy_layout layout = legacy_layout(device);
	bool system = legacy->mode & (LEGACY_MODE_SOFTDEVICE | LEGACY_MODE_BOOTLOADER);
	bool single = device_config(device)->single_bank;
	bool full = single || legacy->mode & LEGACY_MODE_SOFTDEVICE;

	if (system && (legacy->mode & LEGACY_MODE_APPLICATION ||
		       (single && legacy_generation(device)->single_is_for_applications)))
		return LEGACY_NOT_SUPPORTED;
	if ((legacy->sd_size | legacy->bl_size | legacy->app_size) % WORD)
		return LEGACY_NOT_SUPPORTED;
	legacy->image_size = legacy->sd_size + legacy->bl_size + legacy->app_size;
	if (legacy->bl_size > layout.bootloader_max ||
	    legacy->image_size > (full ? layout.full_max : layout.banked_max))
		return LEGACY_DATA_SIZE;
	legacy->image = image_of(legacy->mode);
	return LEGACY_SUCCESS;
}

/* Stored before anything is checked, so that a refused Start spoils a running transfer. */
static bool store_sizes(struct device *device, const uint8_t *data, size_t len)
{
	struct legacy *legacy = legacy_of(device);
	const struct legacy_generation *generation = legacy_generation(device);
	bool old = len == WORD && generation->takes_old_start;

	if (!old && (len != 3 * WORD || generation->old_start_only))
		return false;
	legacy->sd_size = old ? 0 : legacy_get_u32(data);
	legacy->bl_size = old ? 0 : legacy_get_u32(data + WORD);
	legacy->app_size = legacy_get_u32(old ? data : data + 2 * WORD);
	return true;
}

void legacy_sizes_packet(struct device *device, const uint8_t *data, size_t len)
{
	struct legacy *legacy = legacy_of(device);
	enum legacy_status status;

	if (!store_sizes(device, data, len)) {
		legacy_respond(device, LEGACY_OP_START, LEGACY_NOT_SUPPORTED);
		return;
	}
	status = check_sizes(device);
	if (status == LEGACY_SUCCESS && legacy->state != LEGACY_IDLE)
		status = LEGACY_INVALID_STATE;
	if (status != LEGACY_SUCCESS) {
		legacy_respond(device, LEGACY_OP_START, status);
		return;
	}
	firmware_feed_inactivity(device);
	erase_bank(device);
}

/* --- receive buffers: a ring, given back in the order in which they were taken --- */

static unsigned rx_buffers(const struct device *device)
{
	const struct legacy_derivative *derivative = legacy_generation(device)->derivative;

	return derivative ? derivative->rx_buffers : LEGACY_RX_BUFFERS;
}

static struct legacy_rx_buffer *take_buffer(struct device *device)
{
	struct legacy *legacy = legacy_of(device);
	struct legacy_rx_buffer *buffer = &legacy->buffers[legacy->next_buffer];

	if (legacy->buffers_taken == rx_buffers(device))
		return NULL;
	legacy->next_buffer = (legacy->next_buffer + 1) % LEGACY_RX_BUFFERS_MAX;
	legacy->buffers_taken++;
	buffer->device = device;
	buffer->busy = true;
	return buffer;
}

static void release_buffer(struct legacy *legacy, struct legacy_rx_buffer *buffer)
{
	buffer->busy = false;
	while (legacy->buffers_taken > 0) {
		unsigned oldest =
			(legacy->next_buffer + LEGACY_RX_BUFFERS_MAX - legacy->buffers_taken) %
			LEGACY_RX_BUFFERS_MAX;

		if (legacy->buffers[oldest].busy)
			break;
		legacy->buffers_taken--;
	}
}

/* --- image data --- */

static void packet_written(void *user, bool ok)
{
	struct legacy_rx_buffer *buffer = user;
	struct device *device = buffer->device;
	struct legacy *legacy = legacy_of(device);

	if (!ok) {
		firmware_error_check(device);
		return;
	}
	/* Validate was quicker than flash: nobody takes care of the buffer any more. */
	if (legacy->state != LEGACY_RX_DATA)
		return;
	release_buffer(legacy, buffer);
	if (buffer == legacy->last_buffer)
		legacy_respond(device, LEGACY_OP_RECEIVE, LEGACY_SUCCESS);
}

static enum legacy_status store(struct device *device, struct legacy_rx_buffer *buffer, size_t len)
{
	struct legacy *legacy = legacy_of(device);

	if (legacy_generation(device)->takes_old_init &&
	    (legacy->state == LEGACY_READY || legacy->state == LEGACY_RX_INIT))
		legacy->state = LEGACY_RX_DATA;
	if (legacy->state != LEGACY_RX_DATA)
		return LEGACY_INVALID_STATE;
	/* Of 32 bits, as in the bootloader: the poisoned counter wraps and passes. */
	if (legacy->received + (uint32_t)len > legacy->image_size) {
		legacy->received = UINT32_MAX;
		return LEGACY_DATA_SIZE;
	}
	firmware_feed_inactivity(device);
	if (legacy->received % WORD ||
	    !flash_queue_write(device_flash(device), legacy->bank + legacy->received, buffer->bytes,
			       len, packet_written, buffer))
		return LEGACY_FAILED;
	legacy->received += (uint32_t)len;
	return LEGACY_SUCCESS;
}

static void count_for_receipt(struct device *device)
{
	struct legacy *legacy = legacy_of(device);
	uint8_t receipt[5] = { LEGACY_OP_RECEIPT };

	if (legacy->receipt_every == 0 || --legacy->receipt_left > 0)
		return;
	legacy->receipt_left = legacy->receipt_every;
	legacy_put_u32(receipt + 1, legacy->reported);
	legacy_notify(device, receipt, sizeof(receipt));
}

static void fill_buffer(const struct device *device, struct legacy_rx_buffer *buffer,
			const uint8_t *data, size_t len)
{
	const struct legacy_derivative *derivative = legacy_generation(device)->derivative;

	memcpy(buffer->bytes, data, len);
	if (derivative && len > derivative->safe_packet)
		memset(buffer->bytes + derivative->safe_packet, 0, len - derivative->safe_packet);
}

void legacy_data_packet(struct device *device, const uint8_t *data, size_t len)
{
	struct legacy *legacy = legacy_of(device);
	struct legacy_rx_buffer *buffer;
	enum legacy_status status;

	if (len % WORD) {
		legacy_respond(device, LEGACY_OP_RECEIVE, LEGACY_NOT_SUPPORTED);
		return;
	}
	buffer = take_buffer(device);
	if (!buffer) {
		firmware_counters(device)->packets_dropped++;
		legacy_respond(device, LEGACY_OP_RECEIVE, LEGACY_FAILED);
		return;
	}
	fill_buffer(device, buffer, data, len);
	status = store(device, buffer, len);
	if (status != LEGACY_SUCCESS) {
		release_buffer(legacy, buffer);
		legacy_respond(device, LEGACY_OP_RECEIVE, status);
		return;
	}
	legacy->reported += (uint32_t)len;
	/* The last packet has no receipt, even if one is due: 10 03 01 follows (section 7). */
	if (legacy->received < legacy->image_size)
		count_for_receipt(device);
	else if (legacy_generation(device)->reports_early)
		legacy_respond(device, LEGACY_OP_RECEIVE, LEGACY_SUCCESS);
	else
		legacy->last_buffer = buffer;
}

/* --- Validate --- */

/* Where no init packet is needed none may have come: then there is nothing to compare with. */
static bool crc_ok(struct device *device)
{
	struct legacy *legacy = legacy_of(device);
	uint32_t room = device_config(device)->chip->flash_size - legacy->bank;
	uint16_t crc;

	/* A refused Start may have made the image longer than its bank. */
	if (legacy->image_size > room)
		return false;
	crc = legacy_crc16(legacy_flash_at(device, legacy->bank), legacy->image_size);
	if (legacy->init_len == 0 || legacy->hash)
		legacy->image_crc = crc;
	return crc == legacy->image_crc && legacy_hash_ok(device);
}

enum legacy_status legacy_validate(struct device *device)
{
	struct legacy *legacy = legacy_of(device);
	bool complete = legacy->received == legacy->image_size;

	if (legacy->state != LEGACY_RX_DATA)
		return LEGACY_INVALID_STATE;
	if (complete || legacy_generation(device)->validates_once)
		legacy->state = LEGACY_VALIDATE;
	if (!complete)
		return LEGACY_INVALID_STATE;
	firmware_feed_inactivity(device);
	/* A failure stays: only a reset leads out of it. */
	if (!crc_ok(device))
		return LEGACY_CRC_ERROR;
	legacy->state = LEGACY_WAIT_ACTIVATE;
	return LEGACY_SUCCESS;
}
