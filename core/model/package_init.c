#include "package_draft.h"

#include <openssl/evp.h>
#include <string.h>

static int digest_of(const uint8_t *data, size_t len, uint8_t ret_digest[KEY_DIGEST_LEN],
		     struct failure *why)
{
	if (!EVP_Q_digest(NULL, "SHA256", NULL, data, len, ret_digest, NULL))
		return failure_set(why, OTADFU_E_NOMEM, 0, "SHA-256 cannot be computed");
	return OTADFU_OK;
}

int package_sign_bytes(const struct signer *signer, const uint8_t *data, size_t len,
		       uint8_t ret_signature[KEY_SIGNATURE_LEN], struct failure *why)
{
	uint8_t digest[KEY_DIGEST_LEN];
	int r = digest_of(data, len, digest, why);

	return r < 0 ? r : signer_sign(signer, digest, ret_signature, why);
}

/* The part of a draft that boot validation number index is about (2.1). */
static const struct firmware *part_of(const struct draft *draft, size_t index)
{
	return index == 0 ? draft->first : draft->second;
}

/* What is computed by the device needs no bytes. */
static int add_validation(const struct package_recipe *recipe, const struct draft *draft,
			  size_t index, struct initpacket_secure *secure, struct failure *why)
{
	struct initpacket_validation *validation = &secure->boot_validation[index];
	const struct firmware *part = part_of(draft, index);
	uint8_t signature[KEY_SIGNATURE_LEN];
	int r;

	secure->boot_validations = index + 1;
	validation->type = recipe->boot_validation;
	if (validation->type != VALIDATION_ECDSA_P256)
		return OTADFU_OK;
	r = package_sign_bytes(recipe->signer, part->data, part->len, signature, why);
	if (r < 0)
		return r;
	initpacket_reverse_signature(signature, validation->bytes);
	validation->len = sizeof(validation->bytes);
	return OTADFU_OK;
}

static int fill_secure(const struct package_recipe *recipe, const struct draft *draft,
		       struct initpacket *init, struct failure *why)
{
	struct initpacket_secure *secure = &init->secure;
	size_t validations = recipe->has_boot_validation ? (draft->second ? 2 : 1) : 0;
	int r = digest_of(draft->data, draft->len, secure->hash, why);

	secure->fw_version = draft->version;
	secure->hw_version = recipe->hw_version;
	secure->type = draft->type;
	secure->is_debug = recipe->is_debug;
	if (draft->kind == OTADFU_IMAGE_SOFTDEVICE || draft->kind == OTADFU_IMAGE_SD_BL)
		secure->sd_size = (uint32_t)draft->first->len;
	if (draft->kind == OTADFU_IMAGE_BOOTLOADER)
		secure->bl_size = (uint32_t)draft->first->len;
	if (draft->kind == OTADFU_IMAGE_SD_BL)
		secure->bl_size = (uint32_t)draft->second->len;
	if (draft->type == FW_TYPE_APPLICATION || draft->type == FW_TYPE_EXTERNAL_APP)
		secure->app_size = (uint32_t)draft->len;
	for (size_t i = 0; r == OTADFU_OK && i < validations; i++)
		r = add_validation(recipe, draft, i, secure, why);
	return r;
}

static int encode_secure(const struct package_recipe *recipe, const struct draft *draft,
			 struct initpacket *init, struct initpacket_bytes *ret_dat,
			 struct failure *why)
{
	uint8_t signature[KEY_SIGNATURE_LEN];
	struct initpacket_bytes command;
	int r = fill_secure(recipe, draft, init, why);

	if (r == OTADFU_OK)
		r = initpacket_encode_command(init, &command, why);
	if (r == OTADFU_OK && recipe->signer)
		r = package_sign_bytes(recipe->signer, command.data, command.len, signature, why);
	if (r < 0)
		return r;
	return initpacket_encode_packet(command.data, command.len,
					recipe->signer ? signature : NULL, ret_dat, why);
}

static int encode_legacy(const struct package_recipe *recipe, const struct draft *draft,
			 struct initpacket *init, struct initpacket_bytes *ret_dat,
			 struct failure *why)
{
	struct initpacket_legacy *legacy = &init->legacy;
	uint8_t signature[KEY_SIGNATURE_LEN];
	int r = digest_of(draft->data, draft->len, legacy->hash, why);

	if (r < 0)
		return r;
	legacy->format = recipe->format;
	legacy->device_type = recipe->device_type;
	legacy->device_revision = recipe->device_revision;
	legacy->app_version = draft->version;
	legacy->crc16 = initpacket_crc16(draft->data, draft->len);
	legacy->image_len = (uint32_t)draft->len;
	initpacket_encode_legacy(init, ret_dat);
	if (!recipe->signer)
		return OTADFU_OK;
	r = package_sign_bytes(recipe->signer, ret_dat->data, ret_dat->len - KEY_SIGNATURE_LEN,
			       signature, why);
	if (r == OTADFU_OK)
		memcpy(ret_dat->data + ret_dat->len - KEY_SIGNATURE_LEN, signature,
		       sizeof(signature));
	return r;
}

int package_encode_init(const struct package_recipe *recipe, const struct draft *draft,
			struct initpacket_bytes *ret_dat, struct failure *why)
{
	struct initpacket init = { .kind = recipe->kind, .sd_req_count = draft->sd_req_count };

	memcpy(init.sd_req, draft->sd_req, draft->sd_req_count * sizeof(*init.sd_req));
	return recipe->kind == INITPACKET_SECURE
		       ? encode_secure(recipe, draft, &init, ret_dat, why)
		       : encode_legacy(recipe, draft, &init, ret_dat, why);
}
