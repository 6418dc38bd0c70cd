/* One image on its way into a package, and its init packet; for package_*.c alone. */
#ifndef OTADFU_MODEL_PACKAGE_DRAFT_H
#define OTADFU_MODEL_PACKAGE_DRAFT_H

#include "initpacket_encode.h"
#include "package_make.h"

struct draft {
	uint32_t kind; /* OTADFU_IMAGE_* */
	enum initpacket_fw_type type;
	const struct firmware *first, *second; /* second: the bootloader behind the SoftDevice */
	uint32_t version;
	const uint16_t *sd_req;
	size_t sd_req_count;
	const uint8_t *data; /* of both */
	size_t len;
};

/* The .dat, signed when the recipe names a signer. */
int package_encode_init(const struct package_recipe *recipe, const struct draft *draft,
			struct initpacket_bytes *ret_dat, struct failure *why);

/* Over the SHA-256 of data: r and s, both big-endian. */
int package_sign_bytes(const struct signer *signer, const uint8_t *data, size_t len,
		       uint8_t ret_signature[KEY_SIGNATURE_LEN], struct failure *why);

#endif
