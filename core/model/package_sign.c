#include "package_draft.h"

#include <stdlib.h>
#include <string.h>

/* The bytes of the InitCommand as they were read: what encodes them anew may not encode them so. */
static int sign_secure(const struct initpacket_secure *secure, const struct signer *signer,
		       struct initpacket_bytes *ret_dat, struct failure *why)
{
	uint8_t signature[KEY_SIGNATURE_LEN];
	int r = package_sign_bytes(signer, secure->init_command, secure->init_command_len,
				   signature, why);

	if (r < 0)
		return r;
	return initpacket_encode_packet(secure->init_command, secure->init_command_len, signature,
					ret_dat, why);
}

static int sign_legacy(const struct otadfu_image *image, const struct initpacket_legacy *legacy,
		       const struct signer *signer, struct initpacket_bytes *ret_dat,
		       struct failure *why)
{
	size_t covered = image->init_len - KEY_SIGNATURE_LEN;
	uint8_t signature[KEY_SIGNATURE_LEN];
	int r;

	if (!legacy->has_signature)
		return failure_set(why, OTADFU_E_PACKAGE, 0,
				   "of legacy init packets only those of format 0.8 are signed");
	r = package_sign_bytes(signer, image->init, covered, signature, why);
	if (r < 0)
		return r;
	memcpy(ret_dat->data, image->init, covered);
	memcpy(ret_dat->data + covered, signature, sizeof(signature));
	ret_dat->len = image->init_len;
	return OTADFU_OK;
}

static int replace_init(struct package *package, size_t index, const struct initpacket_bytes *dat,
			struct failure *why)
{
	struct otadfu_image *image = &package->images[index];
	uint8_t *init = malloc(dat->len);
	struct initpacket decoded;
	int r;

	if (!init)
		return failure_set(why, OTADFU_E_NOMEM, 0, "out of memory");
	memcpy(init, dat->data, dat->len);
	r = package->kind == INITPACKET_LEGACY
		    ? initpacket_decode_legacy(init, dat->len, &decoded, why)
		    : initpacket_decode(init, dat->len, &decoded, why);
	if (r < 0) {
		free(init);
		return r;
	}
	free((void *)image->init);
	image->init = init;
	image->init_len = dat->len;
	package->inits[index] = decoded;
	return OTADFU_OK;
}

int package_sign(struct package *package, const struct signer *signer, struct failure *why)
{
	struct initpacket_bytes dats[PACKAGE_IMAGES_MAX];
	int r = OTADFU_OK;

	for (size_t i = 0; r == OTADFU_OK && i < package->count; i++) {
		const struct initpacket *init = &package->inits[i];

		r = package->kind == INITPACKET_SECURE
			    ? sign_secure(&init->secure, signer, &dats[i], why)
			    : sign_legacy(&package->images[i], &init->legacy, signer, &dats[i],
					  why);
	}
	for (size_t i = 0; r == OTADFU_OK && i < package->count; i++)
		r = replace_init(package, i, &dats[i], why);
	return r;
}
