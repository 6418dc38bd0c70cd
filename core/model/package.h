/* A firmware package, whole in memory: the images in the order in which they are sent. */
#ifndef OTADFU_MODEL_PACKAGE_H
#define OTADFU_MODEL_PACKAGE_H

#include "error.h"
#include "ihex.h"
#include "initpacket.h"

#include <otadfu/protocol.h>
#include <stddef.h>

enum { PACKAGE_IMAGES_MAX = 4, PACKAGE_WARNINGS_MAX = 8, PACKAGE_WARNING_TEXT = 160 };
enum { PACKAGE_MEMBER_MAX = 16 << 20, PACKAGE_MANIFEST_MAX = 64 << 10, PACKAGE_DAT_MAX = 4 << 10 };
enum { PACKAGE_NAME_MAX = 64 };

/* Which images are wanted: a mask. */
enum {
	PACKAGE_PART_APPLICATION = 1,
	PACKAGE_PART_SYSTEM = 2, /* SoftDevice, bootloader */
	PACKAGE_PART_ALL = 3
};

/* "application", "softdevice", "bootloader", "softdevice_bootloader", "external_application". */
const char *package_kind_name(uint32_t kind);

/* What was known of an image before it was read. */
struct package_source {
	char init_name[PACKAGE_NAME_MAX]; /* of the .dat, for messages: cut to fit */
	char data_name[PACKAGE_NAME_MAX];
	uint32_t sd_size; /* parts as the manifest states them; 0: it does not */
	uint32_t bl_size;
	bool is_hex;
	uint32_t start; /* of a HEX: the address of the first byte */
};

struct package {
	enum initpacket_kind kind;
	size_t count;
	struct otadfu_image images[PACKAGE_IMAGES_MAX]; /* init and data belong to the package */
	struct initpacket inits[PACKAGE_IMAGES_MAX];
	struct package_source sources[PACKAGE_IMAGES_MAX];
	/* What was done to the input to read it; all else that is odd, check_package tells. */
	size_t warnings;
	char warning[PACKAGE_WARNINGS_MAX][PACKAGE_WARNING_TEXT];
};

/*
 * Reads a zip (packages-and-init-packets.md 1), with a manifest or, as very old ones are, without.
 * OTADFU_E_PACKAGE with the reason when it is no zip, or does not say what is to be sent: damaged,
 * ambiguous, for two protocols, an image without a byte. Whether image and init packet agree is for
 * check_package to say. OTADFU_E_CONFIG when the file cannot be read. Caller frees.
 */
int package_open_zip(const char *path, struct package **ret_package, struct failure *why);

/*
 * The same from a firmware file (.hex or .bin, application) and its init packet. range, which may
 * be NULL, chooses from a HEX.
 */
int package_open_files(const char *firmware, const char *dat, const struct ihex_range *range,
		       struct package **ret_package, struct failure *why);

/* "secure" or "legacy": the world the package belongs to. */
const char *package_world_name(const struct package *package);

/*
 * Does a protocol with these OTADFU_PCAP_* take it? One that names no kind of package takes every
 * kind.
 */
bool package_is_taken(const struct package *package, uint32_t protocol_caps);

/* The number of its application; false where it has none, or one that does not say. */
bool package_app_version(const struct package *package, uint32_t *ret_version);

/*
 * Drops the images that are not of parts, a mask of PACKAGE_PART_*. OTADFU_E_PACKAGE, and nothing
 * dropped, when none would be left.
 */
int package_select(struct package *package, unsigned parts, struct failure *why);

void package_free(struct package *package);

#endif
