/*
 * The data path of SDK 12 to 14: packets are gathered in four chunks that go round, each written
 * when it is full or its object complete. Nothing keeps a chunk from being filled again before
 * flash has taken it; a queue without room takes the object back to its start.
 */
#include "secure.h"

#include <string.h>

static void swap_chunk(struct secure *ram)
{
	ram->chunk_index = (ram->chunk_index + 1) % SECURE_CHUNKS;
	ram->chunk_len = 0;
}

void secure_chunks_begin(struct secure *ram)
{
	swap_chunk(ram);
}

static void chunk_written(void *user, bool ok)
{
	(void)ok;
	secure_run(user);
}

static bool flush_chunk(struct device *device)
{
	struct secure *ram = secure_ram(device);
	struct secure_progress *progress = &ram->settings.progress;
	uint32_t len = secure_align_word(ram->chunk_len);
	bool queued = flash_queue_write(device_flash(device),
					ram->image_addr + ram->settings.write_offset,
					ram->chunk[ram->chunk_index], len, chunk_written, device);

	if (queued) {
		ram->settings.write_offset += ram->chunk_len;
	} else {
		progress->crc = progress->crc_last;
		progress->offset = progress->offset_last;
	}
	swap_chunk(ram);
	return queued;
}

bool secure_chunks_append(struct device *device, const uint8_t *data, size_t len)
{
	struct secure *ram = secure_ram(device);
	const struct secure_progress *progress = &ram->settings.progress;
	uint32_t chunk_len = ram->generation->chunk_len;
	bool queued = true;
	uint32_t collected;

	while (len > 0) {
		size_t room = chunk_len - ram->chunk_len;
		size_t part = len < room ? len : room;

		memcpy(ram->chunk[ram->chunk_index] + ram->chunk_len, data, part);
		ram->chunk_len += (uint32_t)part;
		data += part;
		len -= part;
		if (ram->chunk_len == chunk_len)
			queued = flush_chunk(device) && queued;
	}
	collected = ram->settings.write_offset - progress->offset_last + ram->chunk_len;
	if (ram->chunk_len > 0 && collected >= progress->object_size)
		queued = flush_chunk(device) && queued;
	return queued;
}
