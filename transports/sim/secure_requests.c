/* What the Control Point and packets ask for (secure-dfu.md 3 to 7 and 9). */
#include "secure.h"

#include <string.h>

enum { REASON_REMOTE_USER = 0x13 };

typedef void handler_fn(struct device *device, const struct secure_request *request,
			struct secure_response *response);

void secure_leave(struct device *device)
{
	secure_ram(device)->resetting = true;
	firmware_disconnect(device, REASON_REMOTE_USER);
	firmware_reset(device);
}

static void update_completed(void *user, bool ok)
{
	(void)ok;
	secure_leave(user);
}

static void flash_finished(void *user, bool ok)
{
	(void)ok;
	secure_run(user);
}

/* --- command object --- */

static void answer_command(const struct secure *ram, struct secure_response *response)
{
	response->max_size = ram->generation->init_max;
	response->offset = ram->settings.progress.command_offset;
	response->crc = ram->settings.progress.command_crc;
}

static void tell_command(struct device *device, const struct secure_request *request,
			 struct secure_response *response)
{
	(void)request;
	answer_command(secure_ram(device), response);
}

static void create_command(struct device *device, const struct secure_request *request,
			   struct secure_response *response)
{
	struct secure *ram = secure_ram(device);

	firmware_set_inactivity(device, ram->generation->inactivity_s);
	if (request->size == 0) {
		response->result = SECURE_INVALID_PARAMETER;
	} else if (request->size > ram->generation->init_max) {
		response->result = SECURE_NO_RESOURCES;
	} else {
		ram->init_valid = false;
		secure_progress_reset(&ram->settings);
		ram->settings.progress.command_size = request->size;
	}
}

static void write_command(struct device *device, const struct secure_request *request,
			  struct secure_response *response)
{
	struct secure *ram = secure_ram(device);
	struct secure_progress *progress = &ram->settings.progress;
	const struct secure_buffer *packet = request->packet;

	if (packet->len + progress->command_offset > progress->command_size) {
		response->result = SECURE_INVALID_PARAMETER;
	} else {
		memcpy(ram->settings.init_command + progress->command_offset, packet->data,
		       packet->len);
		progress->command_offset += (uint32_t)packet->len;
		progress->command_crc =
			secure_crc32(progress->command_crc, packet->data, packet->len);
	}
	answer_command(ram, response);
	secure_buffer_free(request->packet);
}

static bool decode_init(struct secure *ram)
{
	ram->init_decoded = secure_init_decode(ram->settings.init_command,
					       ram->settings.progress.command_size, &ram->init);
	return ram->init_decoded;
}

/* A packet that was received now. What is undecodable stays, what is refused goes. */
static uint16_t judge_init(struct device *device)
{
	struct secure *ram = secure_ram(device);
	uint16_t result;

	if (!decode_init(ram))
		return SECURE_INVALID_OBJECT;
	ram->image_addr = 0;
	ram->image_len = 0;
	result = secure_check_init(device, &ram->init);
	if (result == SECURE_SUCCESS)
		result = secure_image_len(device, &ram->init, &ram->image_len);
	if (result == SECURE_SUCCESS)
		result = secure_make_room(device, &ram->init, ram->image_len, &ram->image_addr);
	if (result == SECURE_SUCCESS)
		ram->init_valid = true;
	else if (ram->generation->drops_refused_init)
		secure_progress_reset(&ram->settings);
	return result;
}

static void execute_command(struct device *device, const struct secure_request *request,
			    struct secure_response *response)
{
	struct secure *ram = secure_ram(device);
	const struct secure_progress *progress = &ram->settings.progress;

	(void)request;
	if (progress->command_offset != progress->command_size)
		response->result = SECURE_NOT_PERMITTED;
	else if (!ram->init_valid)
		response->result = judge_init(device);
	if (response->result == SECURE_SUCCESS && !secure_settings_store(device, flash_finished))
		response->result = SECURE_FAILED;
}

/* --- data object --- */

static void tell_data(struct device *device, const struct secure_request *request,
		      struct secure_response *response)
{
	const struct secure_progress *progress = &secure_ram(device)->settings.progress;

	(void)request;
	response->max_size = SECURE_OBJECT_MAX;
	response->offset = progress->offset;
	response->crc = progress->crc;
}

static uint16_t check_create(const struct device *device, uint32_t size)
{
	const struct secure *ram = secure_ram(device);
	uint32_t end = ram->settings.progress.offset_last + size;
	bool whole_pages = size % device_config(device)->chip->page_size == 0;

	if (!ram->init_valid)
		return SECURE_NOT_PERMITTED;
	if (size == 0 || (!whole_pages && end != ram->image_len))
		return SECURE_INVALID_PARAMETER;
	if (size > SECURE_OBJECT_MAX)
		return SECURE_NO_RESOURCES;
	return end > ram->image_len ? SECURE_NOT_PERMITTED : SECURE_SUCCESS;
}

static void create_data(struct device *device, const struct secure_request *request,
			struct secure_response *response)
{
	struct secure *ram = secure_ram(device);
	struct secure_progress *progress = &ram->settings.progress;
	uint32_t page_size = device_config(device)->chip->page_size;

	response->result = check_create(device, request->size);
	if (response->result != SECURE_SUCCESS)
		return;
	progress->object_size = request->size;
	progress->crc = progress->crc_last;
	progress->offset = progress->offset_last;
	ram->settings.write_offset = progress->offset_last;
	secure_chunks_begin(ram);
	if (!flash_queue_erase(device_flash(device), ram->image_addr + progress->offset,
			       (request->size + page_size - 1) / page_size, flash_finished, device))
		response->result = SECURE_INVALID_OBJECT;
}

static void packet_written(void *user, bool ok)
{
	struct secure_buffer *packet = user;

	(void)ok;
	secure_buffer_free(packet);
	secure_run(packet->device);
}

/* Takes over the packet. False: flash has no room for it. */
static bool pass_to_flash(struct device *device, struct secure_buffer *packet)
{
	struct secure *ram = secure_ram(device);

	if (packet->len > 0 &&
	    flash_queue_write(device_flash(device), ram->image_addr + ram->settings.write_offset,
			      packet->data, packet->len, packet_written, packet)) {
		ram->settings.write_offset += (uint32_t)packet->len;
		return true;
	}
	firmware_counters(device)->packets_dropped++;
	secure_buffer_free(packet);
	return false;
}

static uint16_t check_packet(const struct secure *ram, const struct secure_buffer *packet)
{
	const struct secure_progress *progress = &ram->settings.progress;
	uint32_t received = progress->offset - progress->offset_last;

	if (!ram->init_valid)
		return SECURE_NOT_PERMITTED;
	return packet->len + received > progress->object_size ? SECURE_INVALID_PARAMETER
							      : SECURE_SUCCESS;
}

/* A refused packet keeps its buffer; one that flash drops is answered with zeros (7, marked). */
static void write_data(struct device *device, const struct secure_request *request,
		       struct secure_response *response)
{
	struct secure *ram = secure_ram(device);
	struct secure_progress *progress = &ram->settings.progress;
	uint32_t len = (uint32_t)request->packet->len;
	uint32_t crc = secure_crc32(progress->crc, request->packet->data, len);

	response->result = check_packet(ram, request->packet);
	if (response->result != SECURE_SUCCESS || !pass_to_flash(device, request->packet))
		return;
	progress->offset += len;
	progress->crc = crc;
	tell_data(device, request, response);
}

/* SDK 12 to 14: the packet is copied, and a receipt tells the truth even of a refused one. */
static void collect_data(struct device *device, const struct secure_request *request,
			 struct secure_response *response)
{
	struct secure *ram = secure_ram(device);
	struct secure_progress *progress = &ram->settings.progress;
	const struct secure_buffer *packet = request->packet;

	response->result = check_packet(ram, packet);
	if (response->result == SECURE_SUCCESS) {
		progress->crc = secure_crc32(progress->crc, packet->data, packet->len);
		progress->offset += (uint32_t)packet->len;
		if (!secure_chunks_append(device, packet->data, packet->len))
			firmware_counters(device)->packets_dropped++;
	}
	tell_data(device, request, response);
	secure_buffer_free(request->packet);
}

static void write_or_collect(struct device *device, const struct secure_request *request,
			     struct secure_response *response)
{
	if (secure_ram(device)->generation->chunk_len)
		collect_data(device, request, response);
	else
		write_data(device, request, response);
}

static void execute_data(struct device *device, const struct secure_request *request,
			 struct secure_response *response)
{
	struct secure *ram = secure_ram(device);
	struct secure_progress *progress = &ram->settings.progress;

	(void)request;
	if (progress->offset - progress->offset_last != progress->object_size) {
		response->result = SECURE_NOT_PERMITTED;
		return;
	}
	if (progress->object_size > 0)
		firmware_counters(device)->objects_executed++;
	progress->object_size = 0;
	progress->crc_last = progress->crc;
	progress->offset_last = progress->offset;
	ram->execute_pending = true;
	response->deferred = true;
	firmware_set_inactivity(device, ram->generation->inactivity_s);
}

void secure_finish_execute(struct device *device)
{
	struct secure *ram = secure_ram(device);
	struct secure_response response = { .op = SECURE_OP_EXECUTE, .result = SECURE_SUCCESS };
	bool complete = ram->settings.progress.offset == ram->image_len;

	ram->execute_pending = false;
	if (complete)
		response.result = secure_accept_image(device);
	secure_respond(device, &response);
	if (complete)
		secure_settings_store(device, update_completed);
	else if (ram->generation->saves_each_object || device_config(device)->save_progress)
		secure_settings_store(device, flash_finished);
}

/* --- all --- */

static void acknowledge(struct device *device, const struct secure_request *request,
			struct secure_response *response)
{
	(void)device;
	(void)request;
	(void)response;
}

static void abort_update(struct device *device, const struct secure_request *request,
			 struct secure_response *response)
{
	(void)request;
	response->deferred = true;
	secure_leave(device);
}

static handler_fn *const command_handlers[] = {
	[SECURE_OP_CREATE] = create_command,   [SECURE_OP_CRC] = tell_command,
	[SECURE_OP_EXECUTE] = execute_command, [SECURE_OP_SELECT] = tell_command,
	[SECURE_OP_WRITE] = write_command,
};

static handler_fn *const data_handlers[] = {
	[SECURE_OP_CREATE] = create_data,     [SECURE_OP_CRC] = tell_data,
	[SECURE_OP_EXECUTE] = execute_data,   [SECURE_OP_SELECT] = tell_data,
	[SECURE_OP_WRITE] = write_or_collect,
};

static bool is_about_object(uint8_t op)
{
	return op < sizeof(data_handlers) / sizeof(data_handlers[0]) && data_handlers[op];
}

/* The info op codes answer without payload over BLE (3, marked in the transcripts). */
static handler_fn *find_other_handler(const struct device *device, uint8_t op)
{
	static handler_fn *const full[] = {
		[SECURE_OP_PROTOCOL_VERSION] = acknowledge,
		[SECURE_OP_MTU] = acknowledge,
		[SECURE_OP_PING] = acknowledge,
		[SECURE_OP_HARDWARE_VERSION] = acknowledge,
		[SECURE_OP_FIRMWARE_VERSION] = acknowledge,
	};
	const struct secure_generation *generation = secure_ram(device)->generation;

	if (op == SECURE_OP_SET_RECEIPT)
		return acknowledge;
	if (!generation->has_abort)
		return NULL;
	if (op == SECURE_OP_ABORT)
		return abort_update;
	if (!(generation->has_info || device_config(device)->full_protocol) ||
	    op >= sizeof(full) / sizeof(full[0]))
		return NULL;
	return full[op];
}

static void handle_object(struct device *device, const struct secure_request *request,
			  struct secure_response *response)
{
	struct secure *ram = secure_ram(device);
	bool chooses = request->op == SECURE_OP_CREATE || request->op == SECURE_OP_SELECT;
	uint8_t type = chooses ? request->type : ram->object_type;

	if (type == SECURE_COMMAND || type == SECURE_DATA) {
		ram->object_type = type;
		if (type == SECURE_COMMAND)
			command_handlers[request->op](device, request, response);
		else
			data_handlers[request->op](device, request, response);
		return;
	}
	/* 15 on: no type is selected from now on, and a packet keeps its buffer. Before: the
	 * selected one stays. */
	response->result = ram->generation->unknown_type;
	if (ram->generation->unknown_type == SECURE_INVALID_OBJECT)
		ram->object_type = 0;
}

void secure_handle_request(struct device *device, const struct secure_request *request)
{
	struct secure_response response = { .op = request->op, .result = SECURE_SUCCESS };
	handler_fn *handler = is_about_object(request->op)
				      ? handle_object
				      : find_other_handler(device, request->op);

	if (request->result)
		response.result = request->result;
	else if (handler)
		handler(device, request, &response);
	else
		response.result = secure_ram(device)->generation->unknown_op;
	if (!response.deferred)
		secure_respond(device, &response);
}

/* An init packet in the settings was accepted before the reset, and its place still stands. */
void secure_requests_start(struct device *device)
{
	struct secure *ram = secure_ram(device);
	const struct secure_progress *progress = &ram->settings.progress;

	ram->object_type = SECURE_COMMAND;
	if (progress->command_size == 0 || progress->command_offset != progress->command_size ||
	    !decode_init(ram))
		return;
	ram->init_valid = secure_image_len(device, &ram->init, &ram->image_len) == SECURE_SUCCESS &&
			  secure_make_room(device, &ram->init, ram->image_len, &ram->image_addr) ==
				  SECURE_SUCCESS;
}
