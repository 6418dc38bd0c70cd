/* A package, an init packet or a HEX file, looked into: what there is, and what is wrong with it.
 */
#ifndef OTADFU_CLI_INSPECTION_H
#define OTADFU_CLI_INSPECTION_H

#include "check.h"
#include "ihex.h"
#include "package.h"
#include "regions.h"
#include "softdevice.h"

enum inspection_form { INSPECTION_PACKAGE = 1, INSPECTION_INIT, INSPECTION_HEX };

enum inspection_signature {
	SIGNATURE_NONE = 1,
	SIGNATURE_UNCHECKED, /* there is one, and no key to check it with */
	SIGNATURE_GOOD,      /* by a key that was given */
	SIGNATURE_BAD        /* by none of those that were given */
};

struct inspection_image {
	const struct initpacket *init;
	size_t init_len;
	enum inspection_signature signature;
	const char *public_key;           /* the file of the key it verified with; else NULL */
	const char *known_signer;         /* as signature_known_signer */
	const struct otadfu_image *image; /* NULL: an init packet alone */
	bool agrees;                      /* the image is what its init packet says */
	bool has_softdevice;              /* in the image */
	struct softdevice_info softdevice;
};

struct inspection {
	enum inspection_form form;
	const char *path; /* borrowed */
	struct keyring_paths public_keys;
	struct check_findings findings;
	size_t count; /* images of a package; 1 of an init packet */
	struct inspection_image images[PACKAGE_IMAGES_MAX];
	/* INSPECTION_HEX */
	struct regions regions;
	bool has_hex_image;          /* else a finding says why it is none */
	struct ihex_image hex_image; /* what would be sent */

	/* What the above points into. */
	struct package *package;
	uint8_t *init_bytes;
	struct initpacket init;
};

/* "package", "init_packet", "hex". */
const char *inspection_form_name(enum inspection_form form);

/*
 * What the file is, its content tells. facts are borrowed. OTADFU_E_CONFIG when it, or the key,
 * cannot be read, OTADFU_E_PACKAGE when it is none of the three. Needs inspection_clear.
 */
int inspection_read(const char *path, const struct ihex_range *range,
		    const struct check_facts *facts, struct inspection *ret_inspection,
		    struct failure *why);

/* The same of a package in memory, which is taken over. path is what it is called. */
int inspection_of_package(const char *path, struct package *package,
			  const struct check_facts *facts, struct inspection *ret_inspection,
			  struct failure *why);

void inspection_clear(struct inspection *inspection);

bool inspection_is_refused(const struct inspection *inspection);

#endif
