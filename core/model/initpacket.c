#include "initpacket.h"

#include "bytes.h"

#include <initpacket.pb-c.h>

enum { OP_CODE_INIT = 1, LEGACY_CRC_ONLY_LEN = 2 };

/* legacy-dfu.md 6: the extension behind the SoftDevice list, told by its length and its id. */
struct legacy_extension {
	size_t len;
	int64_t id; /* -1: it has none */
	enum initpacket_format format;
	bool has_crc, has_hash, has_signature;
};

static const struct legacy_extension legacy_extensions[] = {
	{ 2, -1, INITPACKET_FORMAT_05, .has_crc = true },
	{ 6, 0, INITPACKET_FORMAT_06, .has_crc = true },
	{ 40, 1, INITPACKET_FORMAT_07, .has_hash = true },
	{ 104, 2, INITPACKET_FORMAT_08, .has_hash = true, .has_signature = true },
};

static int copy_sd_req(const Otadfu__Model__InitCommand *command, struct initpacket *init,
		       struct failure *why)
{
	if (command->n_sd_req > INITPACKET_SD_MAX)
		return failure_set(why, OTADFU_E_PACKAGE, 0, "it lists %zu SoftDevices",
				   command->n_sd_req);
	for (size_t i = 0; i < command->n_sd_req; i++) {
		if (command->sd_req[i] > UINT16_MAX)
			return failure_set(why, OTADFU_E_PACKAGE, 0,
					   "the SoftDevice id 0x%X does not fit 16 bits",
					   command->sd_req[i]);
		init->sd_req[i] = (uint16_t)command->sd_req[i];
	}
	init->sd_req_count = command->n_sd_req;
	return OTADFU_OK;
}

static int copy_hash(const Otadfu__Model__Hash *hash, struct initpacket_secure *secure,
		     struct failure *why)
{
	if (!hash)
		return OTADFU_OK;
	if (hash->hash.len > INITPACKET_HASH_LEN)
		return failure_set(why, OTADFU_E_PACKAGE, 0, "its hash has %zu bytes",
				   hash->hash.len);
	/* On the wire the last byte of the digest comes first: 2.3. */
	for (size_t i = 0; i < hash->hash.len; i++)
		secure->hash[i] = hash->hash.data[hash->hash.len - 1 - i];
	secure->hash_len = hash->hash.len;
	secure->hash_type = hash->hash_type;
	secure->has_hash = true;
	return OTADFU_OK;
}

static int copy_signature(const Otadfu__Model__SignedCommand *command,
			  struct initpacket_secure *secure, struct failure *why)
{
	if (!command)
		return OTADFU_OK;
	if (command->signature.len != INITPACKET_SIGNATURE_LEN)
		return failure_set(why, OTADFU_E_PACKAGE, 0, "its signature has %zu bytes, not %d",
				   command->signature.len, INITPACKET_SIGNATURE_LEN);
	memcpy(secure->signature, command->signature.data, INITPACKET_SIGNATURE_LEN);
	secure->signature_len = INITPACKET_SIGNATURE_LEN;
	secure->signature_type = command->signature_type;
	secure->is_signed = true;
	return OTADFU_OK;
}

static int copy_validations(const Otadfu__Model__InitCommand *command,
			    struct initpacket_secure *secure, struct failure *why)
{
	secure->boot_validations = command->n_boot_validation;
	for (size_t i = 0; i < command->n_boot_validation; i++) {
		const Otadfu__Model__BootValidation *from = command->boot_validation[i];

		if (from->bytes.len > INITPACKET_SIGNATURE_LEN)
			return failure_set(why, OTADFU_E_PACKAGE, 0,
					   "its boot validation has %zu bytes", from->bytes.len);
		if (i >= INITPACKET_VALIDATIONS_MAX)
			continue;
		secure->boot_validation[i].type = from->type;
		secure->boot_validation[i].len = from->bytes.len;
		if (from->bytes.len > 0)
			memcpy(secure->boot_validation[i].bytes, from->bytes.data, from->bytes.len);
	}
	return OTADFU_OK;
}

static int copy_init_command(const Otadfu__Model__InitCommand *command, struct initpacket *init,
			     struct failure *why)
{
	struct initpacket_secure *secure = &init->secure;
	int r = copy_sd_req(command, init, why);

	if (r < 0)
		return r;
	secure->has_fw_version = command->has_fw_version;
	secure->fw_version = command->fw_version;
	secure->has_hw_version = command->has_hw_version;
	secure->hw_version = command->hw_version;
	secure->has_type = command->has_type;
	secure->type = command->type;
	secure->sd_size = command->sd_size;
	secure->bl_size = command->bl_size;
	secure->app_size = command->app_size;
	secure->is_debug = command->is_debug;
	r = copy_hash(command->hash, secure, why);
	return r < 0 ? r : copy_validations(command, secure, why);
}

static int decode_command(const Otadfu__Model__Command *command, const uint8_t *data, size_t len,
			  struct initpacket *init, struct failure *why)
{
	Otadfu__Model__InitCommand *parsed;
	int r;

	if (command->op_code != OP_CODE_INIT || !command->has_init)
		return failure_set(why, OTADFU_E_PACKAGE, 0,
				   "it holds another command than an init command");
	if (command->init.len == 0)
		return failure_set(why, OTADFU_E_PACKAGE, 0, "its init command is empty");
	parsed = otadfu__model__init_command__unpack(NULL, command->init.len, command->init.data);
	if (!parsed)
		return failure_set(why, OTADFU_E_PACKAGE, 0, "its init command is damaged");
	r = copy_init_command(parsed, init, why);
	otadfu__model__init_command__free_unpacked(parsed, NULL);
	/* The decoder hands out a copy; the caller's bytes outlive it. */
	init->secure.init_command = memmem(data, len, command->init.data, command->init.len);
	init->secure.init_command_len = command->init.len;
	return r;
}

static int decode_packet(const Otadfu__Model__Packet *packet, const uint8_t *data, size_t len,
			 struct initpacket *init, struct failure *why)
{
	const Otadfu__Model__SignedCommand *signed_command = packet->signed_command;
	int r;

	if (packet->command && signed_command)
		return failure_set(why, OTADFU_E_PACKAGE, 0,
				   "it holds both a signed and an unsigned command");
	init->kind = INITPACKET_SECURE;
	r = copy_signature(signed_command, &init->secure, why);
	if (r < 0)
		return r;
	return decode_command(signed_command ? signed_command->command : packet->command, data, len,
			      init, why);
}

static const struct legacy_extension *find_extension(const uint8_t *data, size_t len)
{
	/* gen_dat dumps a padded C struct: two zero bytes behind the CRC (6.1). */
	if (len == 4 && data[2] == 0 && data[3] == 0)
		len = 2;
	for (size_t i = 0; i < sizeof(legacy_extensions) / sizeof(legacy_extensions[0]); i++) {
		const struct legacy_extension *extension = &legacy_extensions[i];

		if (extension->len == len && (extension->id < 0 || extension->id == get_le32(data)))
			return extension;
	}
	return NULL;
}

static void decode_extension(struct cursor *c, struct initpacket_legacy *legacy)
{
	const struct legacy_extension *extension = find_extension(c->data + c->pos, cursor_left(c));

	legacy->format = INITPACKET_FORMAT_UNKNOWN;
	if (!extension)
		return;
	legacy->format = extension->format;
	legacy->has_crc = extension->has_crc;
	legacy->has_hash = extension->has_hash;
	legacy->has_signature = extension->has_signature;
	if (extension->id >= 0)
		cursor_le32(c);
	if (extension->has_crc)
		legacy->crc16 = cursor_le16(c);
	if (extension->has_hash) {
		legacy->image_len = cursor_le32(c);
		memcpy(legacy->hash, cursor_take(c, INITPACKET_HASH_LEN), INITPACKET_HASH_LEN);
	}
	if (extension->has_signature)
		memcpy(legacy->signature, cursor_take(c, INITPACKET_SIGNATURE_LEN),
		       INITPACKET_SIGNATURE_LEN);
}

int initpacket_decode_legacy(const uint8_t *data, size_t len, struct initpacket *ret_init,
			     struct failure *why)
{
	struct initpacket init = { .kind = INITPACKET_LEGACY };
	struct cursor c = cursor_over(data, len);
	size_t count;

	if (len == LEGACY_CRC_ONLY_LEN) {
		init.legacy.format = INITPACKET_FORMAT_CRC_ONLY;
		init.legacy.has_crc = true;
		init.legacy.crc16 = get_le16(data);
		*ret_init = init;
		return OTADFU_OK;
	}
	init.legacy.device_type = cursor_le16(&c);
	init.legacy.device_revision = cursor_le16(&c);
	init.legacy.app_version = cursor_le32(&c);
	count = cursor_le16(&c);
	if (c.failed || count > INITPACKET_SD_MAX || count * 2 > cursor_left(&c))
		return failure_set(why, OTADFU_E_PACKAGE, 0,
				   "its %zu bytes are not laid out as a legacy init packet", len);
	for (size_t i = 0; i < count; i++)
		init.sd_req[i] = cursor_le16(&c);
	init.sd_req_count = count;
	decode_extension(&c, &init.legacy);
	*ret_init = init;
	return OTADFU_OK;
}

int initpacket_decode(const uint8_t *data, size_t len, struct initpacket *ret_init,
		      struct failure *why)
{
	Otadfu__Model__Packet *packet = otadfu__model__packet__unpack(NULL, len, data);
	struct initpacket init = { 0 };
	int r;

	/* What shows itself as secure is never tried as legacy: there it might pass unchecked. */
	if (packet && (packet->command || packet->signed_command)) {
		r = decode_packet(packet, data, len, &init, why);
	} else {
		r = initpacket_decode_legacy(data, len, &init, NULL);
		if (r < 0)
			failure_set(why, r, 0,
				    "its %zu bytes are neither a secure nor a legacy init packet",
				    len);
	}
	if (packet)
		otadfu__model__packet__free_unpacked(packet, NULL);
	if (r == OTADFU_OK)
		*ret_init = init;
	return r;
}

uint16_t initpacket_crc16(const uint8_t *data, size_t len)
{
	/* What four bits do to the polynomial 0x1021: an image has half a million bytes. */
	static const uint16_t table[] = {
		0x0000, 0x1021, 0x2042, 0x3063, 0x4084, 0x50A5, 0x60C6, 0x70E7,
		0x8108, 0x9129, 0xA14A, 0xB16B, 0xC18C, 0xD1AD, 0xE1CE, 0xF1EF,
	};
	uint16_t crc = 0xFFFF;

	for (size_t i = 0; i < len; i++) {
		crc = (uint16_t)(crc << 4 ^ table[crc >> 12 ^ data[i] >> 4]);
		crc = (uint16_t)(crc << 4 ^ table[crc >> 12 ^ (data[i] & 0x0F)]);
	}
	return crc;
}
