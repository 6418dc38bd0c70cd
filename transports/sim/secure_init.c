/*
 * Init packets as the device's small decoder reads them (packages-and-init-packets.md 2): fixed
 * room for each field, required fields demanded, unknown ones skipped.
 */
#include "secure.h"

#include "secure_init.pb-c.h"

#include <string.h>

static bool copy_bytes(const ProtobufCBinaryData *bytes, uint8_t *ret_bytes, size_t cap)
{
	if (bytes->len > cap)
		return false;
	if (bytes->len > 0)
		memcpy(ret_bytes, bytes->data, bytes->len);
	return true;
}

static bool take_validations(const SimSecure__InitCommand *from, struct secure_init *init)
{
	if (from->n_boot_validation > SECURE_VALIDATIONS)
		return false;
	init->validation_count = from->n_boot_validation;
	for (size_t i = 0; i < from->n_boot_validation; i++) {
		struct secure_validation *to = &init->validation[i];

		/* A type beyond a byte is as unknown as the last of them. */
		to->type = from->boot_validation[i]->type > UINT8_MAX
				   ? UINT8_MAX
				   : (uint8_t)from->boot_validation[i]->type;
		if (!copy_bytes(&from->boot_validation[i]->bytes, to->bytes, sizeof(to->bytes)))
			return false;
	}
	return true;
}

static bool has_sizes(const SimSecure__InitCommand *from)
{
	if (from->type == SECURE_APPLICATION || from->type == SECURE_EXTERNAL)
		return from->has_app_size;
	return (from->has_sd_size || !(from->type & SECURE_SOFTDEVICE)) &&
	       (from->has_bl_size || !(from->type & SECURE_BOOTLOADER));
}

static bool take_init(const SimSecure__InitCommand *from, struct secure_init *init)
{
	init->has_fw_version = from->has_fw_version;
	init->fw_version = from->fw_version;
	init->has_hw_version = from->has_hw_version;
	init->hw_version = from->hw_version;
	init->has_type = from->has_type;
	init->type = from->type;
	init->sd_size = from->sd_size;
	init->bl_size = from->bl_size;
	init->app_size = from->app_size;
	init->is_debug = from->is_debug;
	init->has_sizes = has_sizes(from);
	if (from->n_sd_req > SECURE_SD_REQ_MAX)
		return false;
	init->sd_req_count = from->n_sd_req;
	if (from->n_sd_req > 0)
		memcpy(init->sd_req, from->sd_req, from->n_sd_req * sizeof(init->sd_req[0]));
	if (from->hash) {
		init->hash_type = from->hash->hash_type;
		if (!copy_bytes(&from->hash->hash, init->hash, sizeof(init->hash)))
			return false;
	}
	return take_validations(from, init);
}

static bool take_command(const SimSecure__Command *command, struct secure_init *init)
{
	SimSecure__InitCommand *from;
	bool ok;

	if (!command->has_init)
		return false;
	secure_sha256(command->init.data, command->init.len, init->signed_digest);
	from = sim_secure__init_command__unpack(NULL, command->init.len, command->init.data);
	if (!from)
		return false;
	ok = take_init(from, init);
	sim_secure__init_command__free_unpacked(from, NULL);
	return ok;
}

static bool take_packet(const SimSecure__Packet *packet, struct secure_init *init)
{
	const SimSecure__SignedCommand *from = packet->signed_command;

	if ((packet->command != NULL) == (from != NULL))
		return false;
	if (!from)
		return take_command(packet->command, init);
	init->is_signed = true;
	init->signature_type = from->signature_type;
	init->signature_len = from->signature.len;
	return copy_bytes(&from->signature, init->signature, sizeof(init->signature)) &&
	       take_command(from->command, init);
}

bool secure_init_decode(const uint8_t *data, size_t len, struct secure_init *ret_init)
{
	SimSecure__Packet *packet = sim_secure__packet__unpack(NULL, len, data);
	bool ok;

	*ret_init = (struct secure_init){ 0 };
	if (!packet)
		return false;
	ok = take_packet(packet, ret_init);
	sim_secure__packet__free_unpacked(packet, NULL);
	return ok;
}
