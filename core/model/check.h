/*
 * What is wrong with a package, found before a radio is used: one list for `inspect`, `update` and
 * whatever else judges packages (packages-and-init-packets.md 1.3).
 */
#ifndef OTADFU_MODEL_CHECK_H
#define OTADFU_MODEL_CHECK_H

#include "error.h"
#include "keyring.h"
#include "package.h"
#include "profile.h"

#include <stdbool.h>

enum { CHECK_FINDINGS_MAX = 32, CHECK_TEXT_MAX = 256 };

enum check_severity {
	CHECK_WARNING = 1, /* said, and sent all the same */
	CHECK_REFUSAL      /* not sent, unless the operator forces it */
};

struct check_finding {
	enum check_severity severity;
	size_t image; /* index in the package */
	char text[CHECK_TEXT_MAX];
	char hint[CHECK_TEXT_MAX]; /* empty: nothing to say */
};

struct check_findings {
	size_t count;
	struct check_finding items[CHECK_FINDINGS_MAX];
};

/* What the device is known to be; all may be unset. */
struct check_facts {
	bool has_hw_version;
	uint32_t hw_version; /* secure */
	bool has_softdevice;
	uint16_t softdevice; /* FWID of the installed one */
	bool has_device_type, has_device_revision;
	uint16_t device_type, device_revision; /* legacy */
	/* Of the application, or, in a package without one, of the bootloader; secure. */
	bool has_installed_version;
	uint32_t installed_version;
	struct keyring_paths public_keys; /* one of them must verify every signature; empty: none */
};

/* From the profile's `require`. Strings are borrowed from it. */
void check_facts_from_profile(const struct profile *profile, struct check_facts *ret_facts);

/*
 * Sizes, hash, CRC, hardware, SoftDevice, signature, alignment, debug mark, ... of every image.
 * OTADFU_OK although there are refusals: they are in *ret_findings. OTADFU_E_CONFIG when a public
 * key cannot be read or is not P-256.
 */
int check_package(const struct package *package, const struct check_facts *facts,
		  struct check_findings *ret_findings, struct failure *why);

/*
 * Is each signature that an image may bring for its boot validation that of one of the keys? Where
 * one is not, a bootloader takes the image and then never starts it.
 */
bool check_verifies_at_boot(const struct package *package, const struct keyring *keys);

/* The first refusal, or NULL. */
const struct check_finding *check_first_refusal(const struct check_findings *findings);

#endif
