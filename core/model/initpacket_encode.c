#include "initpacket_encode.h"

#include "bytes.h"

#include <initpacket.pb-c.h>

enum { OP_CODE_INIT = 1, ECDSA_P256_SHA256 = 0, HASH_TYPE_SHA256 = 3, HALF_LEN = 32 };
enum { LEGACY_SD_ANY = 0xFFFE };

static void copy_reversed(uint8_t *to, const uint8_t *from, size_t len)
{
	for (size_t i = 0; i < len; i++)
		to[i] = from[len - 1 - i];
}

static int pack(const ProtobufCMessage *message, struct initpacket_bytes *ret_bytes,
		struct failure *why)
{
	if (protobuf_c_message_get_packed_size(message) > sizeof(ret_bytes->data))
		return failure_set(why, OTADFU_E_PACKAGE, 0,
				   "the init packet would be longer than %zu bytes, which no "
				   "bootloader takes",
				   sizeof(ret_bytes->data));
	ret_bytes->len = protobuf_c_message_pack(message, ret_bytes->data);
	return OTADFU_OK;
}

/* What the message points to while it is packed. */
struct command_parts {
	uint32_t sd_req[INITPACKET_SD_MAX];
	uint8_t hash_bytes[INITPACKET_HASH_LEN];
	Otadfu__Model__Hash hash;
	Otadfu__Model__BootValidation validations[INITPACKET_VALIDATIONS_MAX];
	Otadfu__Model__BootValidation *validation_list[INITPACKET_VALIDATIONS_MAX];
};

static void add_hash(const struct initpacket_secure *secure, struct command_parts *parts,
		     Otadfu__Model__InitCommand *command)
{
	copy_reversed(parts->hash_bytes, secure->hash, sizeof(parts->hash_bytes));
	otadfu__model__hash__init(&parts->hash);
	parts->hash.hash_type = HASH_TYPE_SHA256;
	parts->hash.hash.data = parts->hash_bytes;
	parts->hash.hash.len = sizeof(parts->hash_bytes);
	command->hash = &parts->hash;
}

static void add_validations(const struct initpacket_secure *secure, struct command_parts *parts,
			    Otadfu__Model__InitCommand *command)
{
	for (size_t i = 0; i < secure->boot_validations && i < INITPACKET_VALIDATIONS_MAX; i++) {
		const struct initpacket_validation *from = &secure->boot_validation[i];
		Otadfu__Model__BootValidation *to = &parts->validations[i];

		otadfu__model__boot_validation__init(to);
		to->type = from->type;
		to->bytes.data = (uint8_t *)from->bytes;
		to->bytes.len = from->len;
		parts->validation_list[i] = to;
		command->n_boot_validation = i + 1;
	}
	command->boot_validation = parts->validation_list;
}

int initpacket_encode_command(const struct initpacket *init, struct initpacket_bytes *ret_command,
			      struct failure *why)
{
	const struct initpacket_secure *secure = &init->secure;
	Otadfu__Model__InitCommand command = OTADFU__MODEL__INIT_COMMAND__INIT;
	struct command_parts parts;

	command.has_fw_version = command.has_hw_version = command.has_type = true;
	command.fw_version = secure->fw_version;
	command.hw_version = secure->hw_version;
	command.type = secure->type;
	command.has_sd_size = command.has_bl_size = command.has_app_size = true;
	command.sd_size = secure->sd_size;
	command.bl_size = secure->bl_size;
	command.app_size = secure->app_size;
	command.has_is_debug = true;
	command.is_debug = secure->is_debug;
	for (size_t i = 0; i < init->sd_req_count; i++)
		parts.sd_req[i] = init->sd_req[i];
	command.sd_req = parts.sd_req;
	command.n_sd_req = init->sd_req_count;
	add_hash(secure, &parts, &command);
	add_validations(secure, &parts, &command);
	return pack(&command.base, ret_command, why);
}

void initpacket_reverse_signature(const uint8_t signature[INITPACKET_SIGNATURE_LEN],
				  uint8_t ret_wire[INITPACKET_SIGNATURE_LEN])
{
	copy_reversed(ret_wire, signature, HALF_LEN);
	copy_reversed(ret_wire + HALF_LEN, signature + HALF_LEN, HALF_LEN);
}

int initpacket_encode_packet(const uint8_t *command, size_t len, const uint8_t *signature,
			     struct initpacket_bytes *ret_packet, struct failure *why)
{
	Otadfu__Model__Packet packet = OTADFU__MODEL__PACKET__INIT;
	Otadfu__Model__Command inner = OTADFU__MODEL__COMMAND__INIT;
	Otadfu__Model__SignedCommand outer = OTADFU__MODEL__SIGNED_COMMAND__INIT;
	uint8_t halves[INITPACKET_SIGNATURE_LEN];

	inner.op_code = OP_CODE_INIT;
	inner.has_init = true;
	inner.init.data = (uint8_t *)command;
	inner.init.len = len;
	if (!signature) {
		packet.command = &inner;
		return pack(&packet.base, ret_packet, why);
	}
	initpacket_reverse_signature(signature, halves);
	outer.command = &inner;
	outer.signature_type = ECDSA_P256_SHA256;
	outer.signature.data = halves;
	outer.signature.len = sizeof(halves);
	packet.signed_command = &outer;
	return pack(&packet.base, ret_packet, why);
}

static void append(struct initpacket_bytes *bytes, const uint8_t *data, size_t len)
{
	memcpy(bytes->data + bytes->len, data, len);
	bytes->len += len;
}

static void append_le16(struct initpacket_bytes *bytes, uint16_t value)
{
	put_le16(bytes->data + bytes->len, value);
	bytes->len += 2;
}

static void append_le32(struct initpacket_bytes *bytes, uint32_t value)
{
	put_le32(bytes->data + bytes->len, value);
	bytes->len += 4;
}

void initpacket_encode_legacy(const struct initpacket *init, struct initpacket_bytes *ret_packet)
{
	const struct initpacket_legacy *legacy = &init->legacy;
	enum initpacket_format format = legacy->format;
	struct initpacket_bytes packet = { .len = 0 };

	if (format != INITPACKET_FORMAT_CRC_ONLY) {
		append_le16(&packet, legacy->device_type);
		append_le16(&packet, legacy->device_revision);
		append_le32(&packet, legacy->app_version);
		append_le16(&packet, (uint16_t)init->sd_req_count);
		for (size_t i = 0; i < init->sd_req_count; i++)
			append_le16(&packet, init->sd_req[i]);
	}
	if (format >= INITPACKET_FORMAT_06)
		append_le32(&packet, (uint32_t)(format - INITPACKET_FORMAT_06));
	if (format <= INITPACKET_FORMAT_06) {
		append_le16(&packet, legacy->crc16);
	} else {
		append_le32(&packet, legacy->image_len);
		append(&packet, legacy->hash, sizeof(legacy->hash));
	}
	if (format == INITPACKET_FORMAT_08)
		append(&packet, legacy->signature, sizeof(legacy->signature));
	*ret_packet = packet;
}

void initpacket_encode_wildcard(const uint8_t *image, size_t len,
				struct initpacket_bytes *ret_packet)
{
	const struct initpacket init = {
		.kind = INITPACKET_LEGACY,
		.sd_req = { LEGACY_SD_ANY },
		.sd_req_count = 1,
		.legacy = { .format = INITPACKET_FORMAT_05,
			    .device_type = UINT16_MAX,
			    .device_revision = UINT16_MAX,
			    .app_version = UINT32_MAX,
			    .crc16 = initpacket_crc16(image, len) },
	};

	initpacket_encode_legacy(&init, ret_packet);
}
