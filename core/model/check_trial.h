/* One image while it is judged; for check*.c alone. */
#ifndef OTADFU_MODEL_CHECK_TRIAL_H
#define OTADFU_MODEL_CHECK_TRIAL_H

#include "check.h"

struct trial {
	const struct otadfu_image *image;
	const struct initpacket *init;
	const struct package_source *source;
	const struct check_facts *facts;
	const struct keyring *keys;
	const struct package *package;
	/* The SoftDevice that the image finds there: that of an image before it, or the device's.
	 */
	bool knows_softdevice;
	uint16_t softdevice;
	size_t index;
	struct check_findings *findings;
};

void check_add(const struct trial *trial, enum check_severity severity, const char *hint,
	       const char *format, ...) __attribute__((format(printf, 4, 5)));

/* Is it for that device? */
void check_hardware(const struct trial *trial);
void check_device(const struct trial *trial);
void check_softdevice(const struct trial *trial);
void check_version(const struct trial *trial);

/* The SoftDevice that is in the image. */
bool check_brings_softdevice(const struct otadfu_image *image, uint16_t *ret_fwid);

/* Is it from whom it must be? */
void check_signature(const struct trial *trial);
void check_boot_validation(const struct trial *trial);
void check_known_signer(const struct trial *trial);

#endif
