/* A package out of images: what `otadfu pkg make` and `pkg sign` do. */
#ifndef OTADFU_MODEL_PACKAGE_MAKE_H
#define OTADFU_MODEL_PACKAGE_MAKE_H

#include "firmware.h"
#include "package.h"
#include "signer.h"

#include <stdbool.h>

/* All is borrowed. */
struct package_recipe {
	enum initpacket_kind kind;

	/* NULL: it is not in the package. Each a multiple of 4 long. */
	const struct firmware *softdevice, *bootloader, *application;
	bool is_external; /* the application is for another chip; secure */

	/*
	 * The SoftDevices that it may be installed onto. An application that comes with a
	 * SoftDevice is for that one.
	 */
	const uint16_t *sd_req;
	size_t sd_req_count;
	bool has_sd_id;
	uint16_t sd_id; /* of softdevice, where it does not say; must agree where it does */
	uint32_t app_version;

	/* Secure. */
	uint32_t hw_version, bl_version;
	bool has_boot_validation; /* bootloaders before SDK 15.3 do not know the field */
	enum initpacket_validation_type boot_validation;
	bool is_debug;

	/* Legacy. */
	enum initpacket_format format;
	uint16_t device_type, device_revision;

	const struct signer *signer; /* NULL: nobody signs */
};

/*
 * Makes the package, and reads back what it made. What is odd about it is among its warnings.
 * OTADFU_E_CONFIG for a recipe that makes no sense, OTADFU_E_PACKAGE for images that do not belong
 * together or are too large for any nRF5; else as the signer. Caller frees.
 */
int package_make(const struct package_recipe *recipe, struct package **ret_package,
		 struct failure *why);

/*
 * Signs every init packet anew: what the signature covers stays byte for byte. OTADFU_E_PACKAGE for
 * a legacy package of a format that has no signature; the package is then as it was.
 */
int package_sign(struct package *package, const struct signer *signer, struct failure *why);

#endif
