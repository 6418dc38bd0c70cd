#include "judge.h"

#include "check.h"
#include "fuzz.h"
#include "package.h"

#include <string.h>

static void judge_image(const struct otadfu_image *image, const struct initpacket *init,
			enum initpacket_kind kind)
{
	fuzz_require(strcmp(package_kind_name(image->kind), "unknown") != 0, "its kind is known");
	fuzz_require(init->kind == kind, "its init packet is of the package's protocol");
	fuzz_require(image->init && image->data && image->data_len > 0, "it holds something");
	/* Without a manifest two members may be one image. */
	fuzz_require(image->data_len <= 2 * PACKAGE_MEMBER_MAX, "it is no larger than allowed");
}

static void judge_sendable(const struct package *package)
{
	for (size_t i = 0; i < package->count; i++) {
		const struct otadfu_image *image = &package->images[i];

		fuzz_require(image->kind != OTADFU_IMAGE_SD_BL ||
				     (uint64_t)image->sd_len + image->bl_len == image->data_len,
			     "the parts of what is sent are the whole");
		fuzz_require(initpacket_check_image(&package->inits[i], image->kind, image->data,
						    image->data_len, NULL) == OTADFU_OK,
			     "what is sent is what its init packet says");
	}
}

static void judge_findings(const struct package *package, const struct check_facts *facts)
{
	struct check_findings findings;

	fuzz_require(check_package(package, facts, &findings, NULL) == OTADFU_OK,
		     "it can be checked");
	for (size_t i = 0; i < findings.count; i++)
		fuzz_require(findings.items[i].text[0] != '\0', "a finding says something");
	if (!check_first_refusal(&findings))
		judge_sendable(package);
}

static void judge_opened(const struct package *package)
{
	static const struct check_facts nothing_known = { 0 };
	static const struct check_facts all_known = { .has_hw_version = true,
						      .hw_version = 52,
						      .has_softdevice = true,
						      .softdevice = 0x0100,
						      .has_device_type = true,
						      .has_device_revision = true,
						      .public_keys = { { PUBLIC_KEY } } };

	fuzz_require(package->count > 0 && package->count <= PACKAGE_IMAGES_MAX,
		     "it holds an image");
	for (size_t i = 0; i < package->count; i++)
		judge_image(&package->images[i], &package->inits[i], package->kind);
	for (size_t i = 0; i < package->warnings; i++)
		fuzz_require(package->warning[i][0] != '\0', "a warning says something");
	judge_findings(package, &nothing_known);
	judge_findings(package, &all_known);
}

void judge_package(const char *path)
{
	struct package *package = NULL;
	struct failure why = { 0 };
	int r = package_open_zip(path, &package, &why);

	if (r == OTADFU_OK)
		judge_opened(package);
	else
		fuzz_require_reason(r, &why);
	package_free(package);
}
