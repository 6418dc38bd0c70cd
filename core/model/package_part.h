/* One image on its way into a package; for package*.c alone. */
#ifndef OTADFU_MODEL_PACKAGE_PART_H
#define OTADFU_MODEL_PACKAGE_PART_H

#include "firmware.h"
#include "package.h"

/* Where an image comes from, and what its source says of it. Strings are borrowed. */
struct package_part {
	const char *archive; /* NULL: two files of their own */
	const char *init_name;
	const char *data_name;
	uint32_t kind;
	uint32_t sd_size; /* 0: not stated */
	uint32_t bl_size;
	bool is_legacy; /* the manifest says so */
};

/*
 * Adds an image. init and the firmware's bytes belong to the package from now on, on failure too.
 */
int package_add(struct package *package, const struct package_part *part, uint8_t *init,
		size_t init_len, const struct firmware *firmware, struct failure *why);

/* What was done to the input, for package->warning. */
void package_warn(struct package *package, const char *format, ...)
	__attribute__((format(printf, 2, 3)));

/* Puts the names of file and member before what is known of the reason. archive may be NULL. */
int package_refuse(const char *archive, const char *member, const struct failure *reason,
		   struct failure *why);

/* Hands the package over when it is whole, else frees it. Returns result. */
int package_finish(struct package *package, int result, struct package **ret_package);

#endif
