#include "check_trial.h"
#include "signature.h"

#include <stdio.h>

/* "the key a.pem", "any of the 2 keys". */
static void name_keys(const struct keyring *keys, char text[CHECK_TEXT_MAX / 2])
{
	if (keys->count == 1)
		snprintf(text, CHECK_TEXT_MAX / 2, "the key %.100s", keys->names[0]);
	else
		snprintf(text, CHECK_TEXT_MAX / 2, "any of the %zu keys", keys->count);
}

void check_signature(const struct trial *trial)
{
	const struct otadfu_image *image = trial->image;
	const char *name = trial->source->init_name;
	char keys[CHECK_TEXT_MAX / 2];

	if (trial->keys->count == 0)
		return;
	name_keys(trial->keys, keys);
	if (!signature_is_there(trial->init))
		check_add(trial, CHECK_REFUSAL, "get the signed package",
			  "%s: not signed, and %s must verify it", name, keys);
	else if (!keyring_find_signer(trial->keys, trial->init, image->init, image->init_len))
		check_add(trial, CHECK_REFUSAL,
			  "it was changed after it was signed, or signed with another key",
			  "%s: its signature does not verify with %s", name, keys);
}

/* What a boot validation covers: of a SoftDevice with bootloader each has its own part (2.1). */
static bool find_validated(const struct otadfu_image *image, size_t index, const uint8_t **ret_data,
			   size_t *ret_len)
{
	bool is_pair = image->kind == OTADFU_IMAGE_SD_BL;

	if (index > (is_pair ? 1 : 0) ||
	    (is_pair && (uint64_t)image->sd_len + image->bl_len != image->data_len))
		return false;
	*ret_data = image->data + (index == 1 ? image->sd_len : 0);
	*ret_len = is_pair ? (index == 1 ? image->bl_len : image->sd_len) : image->data_len;
	return true;
}

static bool verifies_at_boot(const struct otadfu_image *image, const struct initpacket *init,
			     size_t index, const struct keyring *keys)
{
	const struct initpacket_validation *validation = &init->secure.boot_validation[index];
	const uint8_t *data;
	size_t len;

	if (init->kind != INITPACKET_SECURE || index >= init->secure.boot_validations ||
	    validation->type != VALIDATION_ECDSA_P256 || !find_validated(image, index, &data, &len))
		return true;
	return validation->len == INITPACKET_SIGNATURE_LEN &&
	       keyring_verifies(keys, validation->bytes, data, len);
}

bool check_verifies_at_boot(const struct package *package, const struct keyring *keys)
{
	bool is_good = true;

	for (size_t i = 0; i < package->count; i++) {
		for (size_t index = 0; index < INITPACKET_VALIDATIONS_MAX; index++)
			is_good = is_good && verifies_at_boot(&package->images[i],
							      &package->inits[i], index, keys);
	}
	return is_good;
}

/* An image that the bootloader takes, and then finds wrong at each boot, is never started. */
void check_boot_validation(const struct trial *trial)
{
	char keys[CHECK_TEXT_MAX / 2];

	if (trial->keys->count == 0)
		return;
	name_keys(trial->keys, keys);
	for (size_t i = 0; i < INITPACKET_VALIDATIONS_MAX; i++) {
		if (!verifies_at_boot(trial->image, trial->init, i, trial->keys))
			check_add(
				trial, CHECK_REFUSAL, "make the package again with that key",
				"%s: the signature for its boot validation does not verify with %s",
				trial->source->init_name, keys);
	}
}

void check_known_signer(const struct trial *trial)
{
	const char *signer =
		signature_known_signer(trial->init, trial->image->init, trial->image->init_len);

	if (signer)
		check_add(trial, CHECK_WARNING, "sign what is delivered with a key of your own",
			  "%s: signed with %s", trial->source->init_name, signer);
}
