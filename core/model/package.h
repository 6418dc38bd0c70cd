/* A firmware package, whole in memory: the images in the order in which they are sent. */
#ifndef OTADFU_MODEL_PACKAGE_H
#define OTADFU_MODEL_PACKAGE_H

#include "error.h"
#include "initpacket.h"

#include <otadfu/protocol.h>
#include <stddef.h>

enum { PACKAGE_IMAGES_MAX = 4, PACKAGE_WARNINGS_MAX = 8, PACKAGE_WARNING_TEXT = 160 };
enum { PACKAGE_MEMBER_MAX = 16 << 20, PACKAGE_MANIFEST_MAX = 64 << 10, PACKAGE_DAT_MAX = 4 << 10 };

/* "application", "softdevice", "bootloader", "softdevice_bootloader", "external_application". */
const char *package_kind_name(uint32_t kind);

struct package {
	enum initpacket_kind kind;
	size_t count;
	struct otadfu_image images[PACKAGE_IMAGES_MAX]; /* init and data belong to the package */
	struct initpacket inits[PACKAGE_IMAGES_MAX];
	size_t warnings;
	char warning[PACKAGE_WARNINGS_MAX][PACKAGE_WARNING_TEXT];
};

/*
 * Reads and checks a zip (packages-and-init-packets.md 1): every size, CRC and hash that an init
 * packet states is compared with its image. OTADFU_E_PACKAGE with the reason for a file that is not
 * one or contradicts itself; OTADFU_E_CONFIG when the file cannot be read. Caller frees.
 */
int package_open_zip(const char *path, struct package **ret_package, struct failure *why);

/* The same from a firmware file (.hex or .bin, application) and its init packet. */
int package_open_files(const char *firmware, const char *dat, struct package **ret_package,
		       struct failure *why);

void package_free(struct package *package);

#endif
