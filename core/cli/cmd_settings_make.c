#include "cleanup.h"
#include "command.h"
#include "context.h"
#include "exit_status.h"
#include "firmware_pick.h"
#include "ihex_write.h"
#include "line.h"
#include "outfile.h"
#include "report.h"
#include "settings_page.h"
#include "signing.h"
#include "softdevice.h"
#include "version.h"

#include <openssl/evp.h>
#include <otadfu/protocol.h>
#include <string.h>

/* What the command line wants. */
struct request {
	const char *out;
	struct settings_place place;
	uint32_t version; /* of the page */
	uint32_t app_version, bl_version;
	enum initpacket_validation_type app_validation, sd_validation;
};

/* The files it names; a SoftDevice is not always there. */
struct images {
	struct firmware application, softdevice;
};

/* --- the command line --- */

static int take_version(const struct args *args, enum argument argument, const char *name,
			uint32_t *ret_number, struct failure *why)
{
	const char *text = args_text(args, argument);

	if (!text)
		return failure_set(why, OTADFU_E_CONFIG, 0, "--%s is missing", name);
	if (!version_to_number(text, ret_number))
		return failure_set(why, OTADFU_E_CONFIG, 0,
				   "--%s wants a number, or x.y.z, not \"%s\"", name, text);
	return OTADFU_OK;
}

static int take_page_version(const struct args *args, const struct settings_place *place,
			     uint32_t *ret_version, struct failure *why)
{
	const char *text = args_text(args, ARG_SETTINGS_VERSION);

	if (text && strcmp(text, "1") != 0 && strcmp(text, "2") != 0)
		return failure_set(why, OTADFU_E_CONFIG, 0,
				   "--settings-version is 1 or 2, not \"%s\"", text);
	*ret_version = text ? (uint32_t)(text[0] - '0') : place->version;
	if (*ret_version > place->version)
		return failure_set(why, OTADFU_E_CONFIG, 0,
				   "--settings-version: bootloaders of %s know version %u alone",
				   place->family, place->version);
	return OTADFU_OK;
}

/* fallback: where the option is not given. */
static int take_validation(const struct args *args, enum argument argument, const char *name,
			   enum initpacket_validation_type fallback,
			   enum initpacket_validation_type *ret_type, struct failure *why)
{
	static const char *const types[] = {
		[VALIDATION_NONE] = "none",
		[VALIDATION_CRC] = "crc",
		[VALIDATION_SHA256] = "sha256",
		[VALIDATION_ECDSA_P256] = "ecdsa",
	};
	const char *text = args_text(args, argument);

	if (!text) {
		*ret_type = fallback;
		return OTADFU_OK;
	}
	for (unsigned i = 0; i < sizeof(types) / sizeof(types[0]); i++) {
		if (strcmp(types[i], text) == 0) {
			*ret_type = i;
			return OTADFU_OK;
		}
	}
	return failure_set(why, OTADFU_E_CONFIG, 0,
			   "--%s wants none, crc, sha256 or ecdsa, not \"%s\"", name, text);
}

/* packages-and-init-packets.md 6: CRC is the default of version 2; version 1 knows none. */
static int take_validations(const struct args *args, struct request *request, struct failure *why)
{
	enum initpacket_validation_type usual =
		request->version == SETTINGS_VERSION_2 ? VALIDATION_CRC : VALIDATION_NONE;
	bool has_softdevice = args_text(args, ARG_SOFTDEVICE) != NULL;
	int r = take_validation(args, ARG_BOOT_VALIDATION, "boot-validation", usual,
				&request->app_validation, why);

	if (r == OTADFU_OK)
		r = take_validation(args, ARG_SD_BOOT_VALIDATION, "sd-boot-validation",
				    has_softdevice ? usual : VALIDATION_NONE,
				    &request->sd_validation, why);
	if (r < 0)
		return r;
	if (request->version == SETTINGS_VERSION_1 && (request->app_validation != VALIDATION_NONE ||
						       request->sd_validation != VALIDATION_NONE))
		return failure_set(why, OTADFU_E_CONFIG, 0,
				   "a page of version 1 has no place for a boot validation");
	if (!has_softdevice && request->sd_validation != VALIDATION_NONE)
		return failure_set(why, OTADFU_E_CONFIG, 0,
				   "--sd-boot-validation needs the SoftDevice: --softdevice");
	return OTADFU_OK;
}

static int read_request(const struct args *args, struct request *request, struct failure *why)
{
	const char *family = args_text(args, ARG_FAMILY);
	int r;

	if (!family)
		return failure_set(why, OTADFU_E_CONFIG, 0, "--family is missing, like NRF52840");
	if (!args_text(args, ARG_APPLICATION))
		return failure_set(why, OTADFU_E_CONFIG, 0, "--application is missing");
	r = settings_find_place(family, &request->place, why);
	if (r == OTADFU_OK)
		r = take_version(args, ARG_APP_VERSION, "app-version", &request->app_version, why);
	if (r == OTADFU_OK)
		r = take_version(args, ARG_BL_VERSION, "bl-version", &request->bl_version, why);
	if (r == OTADFU_OK)
		r = take_page_version(args, &request->place, &request->version, why);
	if (r == OTADFU_OK)
		r = take_validations(args, request, why);
	return r;
}

/* --- the images --- */

static int read_image(const struct context *context, const char *path, uint32_t kind,
		      struct firmware *ret_firmware, struct failure *why)
{
	char note[FIRMWARE_NOTE_MAX];
	int r = firmware_pick(path, kind, NULL, ret_firmware, note, why);

	if (r == OTADFU_OK && note[0] != '\0')
		log_write(context->log, OTADFU_LOG_WARN, NULL, NULL, "%s", note);
	return r;
}

/* Of another chip, or of none: the bootloader and its page stand behind the application. */
static int check_room(const struct firmware *application, const struct settings_place *place,
		      struct failure *why)
{
	uint64_t end = (uint64_t)application->start + application->len;

	if (end <= place->address)
		return OTADFU_OK;
	failure_hint(why, "is %s the right --family?", place->family);
	return failure_set(why, OTADFU_E_PACKAGE, 0,
			   "the application has %zu bytes from 0x%X on, and the settings page is "
			   "at 0x%X",
			   application->len, application->start, place->address);
}

/* The bootloader looks for the application where the SoftDevice says that it ends. */
static int check_softdevice(const struct context *context, const struct images *images,
			    struct failure *why)
{
	struct softdevice_info info;

	if (!softdevice_find_info(images->softdevice.data, images->softdevice.len, &info)) {
		log_write(context->log, OTADFU_LOG_WARN, NULL, NULL,
			  "%s: does not say that it is a SoftDevice",
			  args_text(&context->args, ARG_SOFTDEVICE));
		return OTADFU_OK;
	}
	if (!images->application.is_hex || info.end == images->application.start)
		return OTADFU_OK;
	return failure_set(why, OTADFU_E_PACKAGE, 0,
			   "the application begins at 0x%X, and the SoftDevice ends at 0x%X: they "
			   "do not belong together",
			   images->application.start, info.end);
}

static int read_images(const struct context *context, const struct settings_place *place,
		       struct images *images, struct failure *why)
{
	const char *softdevice = args_text(&context->args, ARG_SOFTDEVICE);
	int r = read_image(context, args_text(&context->args, ARG_APPLICATION),
			   OTADFU_IMAGE_APPLICATION, &images->application, why);

	if (r == OTADFU_OK)
		r = check_room(&images->application, place, why);
	if (r < 0 || !softdevice)
		return r;
	r = read_image(context, softdevice, OTADFU_IMAGE_SOFTDEVICE, &images->softdevice, why);
	return r < 0 ? r : check_softdevice(context, images, why);
}

/* --- the page --- */

static int validate(const struct signer *signer, enum initpacket_validation_type type,
		    const struct firmware *firmware, struct settings_validation *ret_validation,
		    struct failure *why)
{
	uint8_t digest[KEY_DIGEST_LEN], signature[KEY_SIGNATURE_LEN];
	int r;

	if (type != VALIDATION_ECDSA_P256)
		return settings_validate(type, firmware->data, firmware->len, ret_validation, why);
	if (EVP_Digest(firmware->data, firmware->len, digest, NULL, EVP_sha256(), NULL) != 1)
		return failure_set(why, OTADFU_E_NOMEM, 0, "out of memory");
	r = signer_sign(signer, digest, signature, why);
	if (r == OTADFU_OK)
		*ret_validation = settings_validate_signed(signature);
	return r;
}

static int fill_page(const struct request *request, const struct images *images,
		     const struct signer *signer, struct settings_page *ret_page,
		     struct failure *why)
{
	struct settings_page page = {
		.version = request->version,
		.app_version = request->app_version,
		.bl_version = request->bl_version,
		.banks = { settings_application_bank(images->application.data,
						     images->application.len) },
		.sd_size = (uint32_t)images->softdevice.len,
	};
	int r = validate(signer, request->app_validation, &images->application, &page.application,
			 why);

	if (r == OTADFU_OK)
		r = validate(signer, request->sd_validation, &images->softdevice, &page.softdevice,
			     why);
	if (r == OTADFU_OK)
		*ret_page = page;
	return r;
}

static int prepare_signing(struct context *context, const struct request *request,
			   struct signing *ret_signing, struct failure *why)
{
	bool is_needed = request->app_validation == VALIDATION_ECDSA_P256 ||
			 request->sd_validation == VALIDATION_ECDSA_P256;
	int r = signing_prepare(context, ret_signing, why);

	if (r == OTADFU_OK && is_needed != ret_signing->is_there) {
		signing_clear(ret_signing);
		r = failure_set(why, OTADFU_E_CONFIG, 0,
				is_needed ? "a boot validation by ecdsa needs --key or --signer"
					  : "nothing here is to be signed: --key and --signer go "
					    "with a boot validation by ecdsa");
	}
	return r;
}

static int make_page(struct context *context, const struct request *request,
		     struct settings_page *ret_page, struct failure *why)
{
	struct images images = { 0 };
	struct signing signing = { 0 };
	int r = read_images(context, &request->place, &images, why);

	if (r == OTADFU_OK)
		r = prepare_signing(context, request, &signing, why);
	if (r == OTADFU_OK)
		r = fill_page(request, &images, &signing.signer, ret_page, why);
	signing_clear(&signing);
	free(images.application.data);
	free(images.softdevice.data);
	return r;
}

static int write_page(const struct args *args, const struct request *request,
		      const struct settings_page *page, struct failure *why)
{
	uint8_t bytes[SETTINGS_LEN_MAX];
	size_t len = settings_encode(page, bytes);
	bool has_backup = request->place.has_backup && args_count(args, ARG_NO_BACKUP) == 0;
	const struct ihex_block blocks[] = {
		{ request->place.address - SETTINGS_BACKUP_DISTANCE, bytes, len },
		{ request->place.address, bytes, len },
	};
	AUTO_FREE char *text = NULL;
	size_t text_len;
	int r = ihex_write(has_backup ? blocks : blocks + 1, has_backup ? 2 : 1, &text, &text_len,
			   why);

	if (r == OTADFU_OK)
		r = outfile_write(request->out, args_count(args, ARG_OVERWRITE) > 0, text, text_len,
				  why);
	if (r == OTADFU_OK)
		line_write(stdout,
			   "%s: settings page of version %u at 0x%X%s: application %u, %u "
			   "bytes, bootloader %u",
			   request->out, page->version, request->place.address,
			   has_backup ? ", and its copy before it" : "", page->app_version,
			   page->banks[0].size, page->bl_version);
	return r;
}

static int make(struct context *context, struct failure *why)
{
	const struct args *args = &context->args;
	struct request request = { .out = args_text(args, ARG_OPERAND) };
	struct settings_page page;
	int r = read_request(args, &request, why);

	if (r == OTADFU_OK)
		r = outfile_check(request.out, args_count(args, ARG_OVERWRITE) > 0, why);
	if (r == OTADFU_OK)
		r = make_page(context, &request, &page, why);
	if (r == OTADFU_OK)
		r = write_page(args, &request, &page, why);
	return r;
}

int cmd_settings_make(struct context *context)
{
	struct failure why = { 0 };
	int r;

	if (args_count(&context->args, ARG_OPERAND) != 1) {
		failure_set(&why, OTADFU_E_CONFIG, 0, "one file is wanted: the HEX file to write");
		return usage_error(context->command, &why);
	}
	r = make(context, &why);
	if (r < 0)
		report_failure(stderr, &why);
	return exit_status_of(r);
}
