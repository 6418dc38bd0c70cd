/*
 * Makes firmware packages that Nordic's bootloaders accept, and such that they must refuse. What it
 * makes depends on its arguments alone, but for keys and signatures.
 */
#include "command.h"
#include "part.h"
#include "signing_key.h"
#include "zip_write.h"

#include <openssl/evp.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { APPLICATION_START = 0x26000, BOOTLOADER_START = 0x78000 };
enum { SECURE_SOFTDEVICE = 0x0100, ANY_SOFTDEVICE = 0xFFFE, LEGACY_CRC_ALONE = 4 };

struct request {
	const char *out, *protocol;
	const char *application, *random, *softdevice, *bootloader;
	const char *sd_req, *sd_id;
	const char *key, *generate_key, *public_key_out;
	const char *app_out, *softdevice_out, *bootloader_out, *init_out, *format;
	const char *app_version, *bl_version, *hw_version, *device_type, *device_rev;
	bool is_external, is_unsigned, is_debug, wrong_hash, wrong_signature;
};

/* One argument: a flag (bool), or an option with a value (const char *). */
static const struct argument {
	const char *name;
	const char *value; /* NULL: a flag */
	size_t offset;
	const char *help;
} arguments[] = {
	{ "--protocol", "secure|legacy", offsetof(struct request, protocol), "kind of package" },
	{ "--application", "FILE", offsetof(struct request, application), "the image, a .bin" },
	{ "--random", "LEN[:SEED]", offsetof(struct request, random),
	  "an invented application instead, always the same for one seed" },
	{ "--external", NULL, offsetof(struct request, is_external),
	  "secure: that application is for another chip" },
	{ "--softdevice", "LEN[:SEED]|FILE", offsetof(struct request, softdevice),
	  "a SoftDevice, with --bootloader in one image; it comes before the application" },
	{ "--sd-id", "ID", offsetof(struct request, sd_id),
	  "of an invented SoftDevice (secure 0x0100, legacy 0x0080)" },
	{ "--bootloader", "LEN[:SEED]|FILE", offsetof(struct request, bootloader), "a bootloader" },
	{ "--sd-req", "ID[,ID...]", offsetof(struct request, sd_req),
	  "SoftDevices it may be installed onto (secure 0x0100, legacy 0xFFFE); an application "
	  "that "
	  "comes with a SoftDevice wants that one" },
	{ "--app-version", "N", offsetof(struct request, app_version),
	  "version of the application (secure 2, legacy 0xFFFFFFFF)" },
	{ "--bl-version", "N", offsetof(struct request, bl_version),
	  "secure: version of the bootloader (2)" },
	{ "--hw-version", "N", offsetof(struct request, hw_version), "secure: hardware (52)" },
	{ "--key", "FILE", offsetof(struct request, key), "sign with this private key, PEM" },
	{ "--generate-key", "FILE", offsetof(struct request, generate_key),
	  "make a private key, write it there, and sign with it" },
	{ "--public-key-out", "FILE", offsetof(struct request, public_key_out),
	  "write the public key" },
	{ "--unsigned", NULL, offsetof(struct request, is_unsigned), "secure: no signature" },
	{ "--debug", NULL, offsetof(struct request, is_debug), "secure: marked as debug" },
	{ "--device-type", "N", offsetof(struct request, device_type), "legacy: 0xFFFF" },
	{ "--device-rev", "N", offsetof(struct request, device_rev), "legacy: 0xFFFF" },
	{ "--format", "0.4|0.5|0.6|0.7|0.8", offsetof(struct request, format),
	  "legacy: of the init packet (0.5); 0.4 is the CRC alone, 0.8 is signed" },
	{ "--wrong-hash", NULL, offsetof(struct request, wrong_hash),
	  "hash, or CRC, of another image" },
	{ "--wrong-signature", NULL, offsetof(struct request, wrong_signature),
	  "a signature that does not verify" },
	{ "--app-out", "FILE", offsetof(struct request, app_out), "write the application" },
	{ "--softdevice-out", "FILE", offsetof(struct request, softdevice_out),
	  "write the SoftDevice" },
	{ "--bootloader-out", "FILE", offsetof(struct request, bootloader_out),
	  "write the bootloader" },
	{ "--init-out", "FILE", offsetof(struct request, init_out),
	  "write the init packet, of the last image" },
};

enum { ARGUMENTS = sizeof(arguments) / sizeof(arguments[0]), PARTS_MAX = 2 };

/* What is made: the system comes first. */
struct package {
	struct part parts[PARTS_MAX];
	size_t count;
	EVP_PKEY *key; /* NULL: none */
	bool is_legacy;
	unsigned format; /* of legacy init packets: 4 to 8 for 0.4 to 0.8 */
};

static int print_usage(void)
{
	fputs("usage: make_package OUT.zip --protocol secure|legacy [ARGUMENT]...\n", stderr);
	for (size_t i = 0; i < ARGUMENTS; i++)
		fprintf(stderr, "  %s %s\n\t%s\n", arguments[i].name,
			arguments[i].value ? arguments[i].value : "", arguments[i].help);
	return -1;
}

static const struct argument *find_argument(const char *name)
{
	for (size_t i = 0; i < ARGUMENTS; i++) {
		if (strcmp(arguments[i].name, name) == 0)
			return &arguments[i];
	}
	return NULL;
}

static int parse_arguments(char **argv, struct request *request)
{
	for (char **arg = argv + 1; *arg; arg++) {
		const struct argument *known = find_argument(*arg);
		void *member = known ? (char *)request + known->offset : NULL;

		if (!known && (**arg == '-' || request->out))
			return complain("unknown argument", *arg);
		if (!known)
			request->out = *arg;
		else if (!known->value)
			*(bool *)member = true;
		else if (!arg[1])
			return complain("a value is missing", *arg);
		else
			*(const char **)member = *++arg;
	}
	return request->out && request->protocol ? 0 : print_usage();
}

static int parse_sd_req(const char *text, struct part *part)
{
	size_t count = 0;

	for (;;) {
		char *end;
		unsigned long value = strtoul(text, &end, 0);

		if (end == text || (*end != ',' && *end != '\0') || value > UINT16_MAX ||
		    count == SD_REQ_MAX)
			return complain("not a list of SoftDevice ids", text);
		part->sd_req[count++] = (uint16_t)value;
		if (*end == '\0')
			break;
		text = end + 1;
	}
	part->target.sd_req_count = count;
	return 0;
}

static int obtain_key(const struct request *request, EVP_PKEY **ret_key)
{
	EVP_PKEY *key = NULL;

	if (request->generate_key) {
		key = signing_key_generate();
		if (!key || signing_key_write_private(key, request->generate_key) < 0) {
			EVP_PKEY_free(key);
			return complain("no key could be written", request->generate_key);
		}
	} else if (request->key) {
		key = signing_key_read(request->key);
		if (!key)
			return complain("no private key could be read", request->key);
	}
	if (request->public_key_out &&
	    (!key || signing_key_write_public(key, request->public_key_out) < 0)) {
		EVP_PKEY_free(key);
		return complain("no public key could be written", request->public_key_out);
	}
	*ret_key = key;
	return 0;
}

/* --- images --- */

static int obtain_softdevice(const struct request *request, struct package *package,
			     struct part *part)
{
	uint32_t fwid;

	if (!request->softdevice)
		return 0;
	if (parse_number(request->sd_id, package->is_legacy ? 0x0080 : SECURE_SOFTDEVICE,
			 UINT16_MAX, &fwid) < 0 ||
	    image_obtain_softdevice(request->softdevice, (uint16_t)fwid, &part->image) < 0)
		return -1;
	part->facts.type |= PART_SOFTDEVICE;
	part->facts.sd_size = (uint32_t)part->image.len;
	return write_file(request->softdevice_out, part->image.data, part->image.len);
}

static int obtain_bootloader(const struct request *request, struct part *part)
{
	struct image bootloader = { 0 };
	int r;

	if (!request->bootloader)
		return 0;
	r = image_obtain(request->bootloader, BOOTLOADER_START, &bootloader);
	if (r == 0)
		r = write_file(request->bootloader_out, bootloader.data, bootloader.len);
	if (r == 0)
		r = image_append(&part->image, &bootloader);
	part->facts.type |= PART_BOOTLOADER;
	part->facts.bl_size = (uint32_t)bootloader.len;
	free(bootloader.data);
	return r;
}

static int obtain_application(const struct request *request, struct part *part)
{
	int r = request->application
			? image_read(request->application, &part->image)
			: image_invent(request->random, APPLICATION_START, &part->image);

	part->facts.type = request->is_external ? PART_EXTERNAL : PART_APPLICATION;
	part->facts.app_size = (uint32_t)part->image.len;
	return r < 0 ? r : write_file(request->app_out, part->image.data, part->image.len);
}

static int obtain_images(const struct request *request, struct package *package)
{
	bool has_system = request->softdevice || request->bootloader;
	bool has_application = request->application || request->random;

	if ((request->application && request->random) || (!has_application && !has_system))
		return complain("one of --application and --random says what goes in, or "
				"--softdevice or --bootloader",
				NULL);
	if (has_system) {
		struct part *part = &package->parts[package->count++];

		if (obtain_softdevice(request, package, part) < 0 ||
		    obtain_bootloader(request, part) < 0)
			return -1;
	}
	return has_application ? obtain_application(request, &package->parts[package->count++]) : 0;
}

/* --- what init packets say --- */

static int choose_sd_req(const struct request *request, const struct package *package,
			 struct part *part)
{
	const struct part *system = &package->parts[0];
	uint16_t fwid = package->is_legacy ? ANY_SOFTDEVICE : SECURE_SOFTDEVICE;
	bool follows = part != system && system->facts.type & PART_SOFTDEVICE;

	if (request->sd_req && !follows)
		return parse_sd_req(request->sd_req, part);
	if (follows && image_softdevice_id(&system->image, &fwid) < 0)
		return complain("the SoftDevice has no information structure; which one is it",
				request->softdevice);
	part->sd_req[0] = fwid;
	part->target.sd_req_count = 1;
	return 0;
}

/* A SoftDevice alone has the highest version, as nrfutil has it. */
static int choose_version(const struct request *request, const struct package *package,
			  struct part *part)
{
	bool has_bootloader = part->facts.type & PART_BOOTLOADER;
	const char *text = has_bootloader ? request->bl_version : request->app_version;
	uint32_t usual = package->is_legacy ? UINT32_MAX : 2;

	if (part->facts.type == PART_SOFTDEVICE) {
		part->target.version = UINT32_MAX;
		return 0;
	}
	return parse_number(text, usual, UINT32_MAX, &part->target.version);
}

static int choose_hardware(const struct request *request, struct init_target *target)
{
	uint32_t type, revision;

	if (parse_number(request->hw_version, 52, UINT32_MAX, &target->hw_version) < 0 ||
	    parse_number(request->device_type, UINT16_MAX, UINT16_MAX, &type) < 0 ||
	    parse_number(request->device_rev, UINT16_MAX, UINT16_MAX, &revision) < 0)
		return -1;
	target->device_type = (uint16_t)type;
	target->device_revision = (uint16_t)revision;
	return 0;
}

static int describe_part(const struct request *request, const struct package *package,
			 struct part *part)
{
	struct init_image *facts = &part->facts;

	part->target.sd_req = part->sd_req;
	part->target.is_debug = request->is_debug;
	facts->crc16 = init_crc16(part->image.data, part->image.len);
	if (!EVP_Q_digest(NULL, "SHA256", NULL, part->image.data, part->image.len, facts->sha256,
			  NULL))
		return complain("no SHA-256", NULL);
	if (request->wrong_hash) {
		facts->crc16 ^= 1;
		facts->sha256[0] ^= 1;
	}
	if (choose_sd_req(request, package, part) < 0 || choose_version(request, package, part) < 0)
		return -1;
	return choose_hardware(request, &part->target);
}

static int sign(const struct request *request, EVP_PKEY *key, const struct init_bytes *bytes,
		uint8_t signature[INIT_SIGNATURE_LEN])
{
	if (!key)
		return complain("a signature needs --key or --generate-key", NULL);
	if (signing_key_sign(key, bytes->data, bytes->len, signature) < 0)
		return complain("the key does not sign; it must be one of P-256", NULL);
	if (request->wrong_signature)
		signature[INIT_SIGNATURE_LEN - 1] ^= 1;
	return 0;
}

static int make_secure_init(const struct request *request, EVP_PKEY *key, struct part *part)
{
	uint8_t signature[INIT_SIGNATURE_LEN];
	struct init_bytes command;

	init_encode_command(&part->facts, &part->target, &command);
	if (!request->is_unsigned && sign(request, key, &command, signature) < 0)
		return -1;
	init_encode_packet(&command, request->is_unsigned ? NULL : signature, &part->init);
	return 0;
}

static int make_legacy_init(const struct request *request, const struct package *package,
			    struct part *part)
{
	uint8_t signature[INIT_SIGNATURE_LEN];

	if (part->facts.type == PART_EXTERNAL)
		return complain("--external is for secure packages", NULL);
	if (package->format == LEGACY_CRC_ALONE) {
		uint8_t crc[] = { (uint8_t)part->facts.crc16, (uint8_t)(part->facts.crc16 >> 8) };

		init_append(&part->init, crc, sizeof(crc));
		return 0;
	}
	init_encode_legacy(&part->facts, &part->target, package->format, &part->init);
	if (package->format != 8)
		return 0;
	if (sign(request, package->key, &part->init, signature) < 0)
		return -1;
	init_append(&part->init, signature, sizeof(signature));
	return 0;
}

/* --- the package --- */

static int write_package(const struct request *request, const struct package *package,
			 const char *manifest)
{
	struct zip_member members[1 + 2 * PARTS_MAX] = {
		{ "manifest.json", manifest, manifest ? strlen(manifest) : 0, false },
	};
	char names[2 * PARTS_MAX][32];
	const struct part *last = &package->parts[package->count - 1];

	if (!manifest)
		return complain("out of memory", NULL);
	for (size_t i = 0; i < package->count; i++) {
		const struct part *part = &package->parts[i];

		part_file_name(part, ".bin", names[2 * i]);
		part_file_name(part, ".dat", names[2 * i + 1]);
		members[1 + 2 * i] = (struct zip_member){ names[2 * i], part->image.data,
							  part->image.len, false };
		members[2 + 2 * i] = (struct zip_member){ names[2 * i + 1], part->init.data,
							  part->init.len, false };
	}
	if (zip_write(request->out, members, 1 + 2 * package->count) < 0)
		return complain("cannot be written", request->out);
	return write_file(request->init_out, last->init.data, last->init.len);
}

static int choose_protocol(const struct request *request, struct package *package)
{
	const char *format = request->format ? request->format : "0.5";

	package->is_legacy = strcmp(request->protocol, "legacy") == 0;
	if (!package->is_legacy && strcmp(request->protocol, "secure") != 0)
		return complain("unknown protocol", request->protocol);
	if (strlen(format) != 3 || memcmp(format, "0.", 2) != 0 || format[2] < '4' ||
	    format[2] > '8')
		return complain("unknown format", format);
	package->format = (unsigned)(format[2] - '0');
	return 0;
}

static int make_package(const struct request *request, struct package *package)
{
	/* Those who send the CRC alone take it out of a package of 0.5. */
	unsigned minor = package->format == LEGACY_CRC_ALONE ? 5 : package->format;
	char *manifest;
	int r;

	for (size_t i = 0; i < package->count; i++) {
		struct part *part = &package->parts[i];

		if (describe_part(request, package, part) < 0)
			return -1;
		r = package->is_legacy ? make_legacy_init(request, package, part)
				       : make_secure_init(request, package->key, part);
		if (r < 0)
			return r;
	}
	manifest = part_manifest(package->parts, package->count,
				 package->is_legacy ? minor / 10.0 : 0);
	r = write_package(request, package, manifest);
	free(manifest);
	return r;
}

int main(int argc, char **argv)
{
	struct request request = { 0 };
	struct package package = { 0 };
	int r;

	(void)argc;
	r = parse_arguments(argv, &request);
	if (r == 0)
		r = choose_protocol(&request, &package);
	if (r == 0)
		r = obtain_images(&request, &package);
	if (r == 0)
		r = obtain_key(&request, &package.key);
	if (r == 0)
		r = make_package(&request, &package);
	EVP_PKEY_free(package.key);
	for (size_t i = 0; i < PARTS_MAX; i++)
		free(package.parts[i].image.data);
	return r == 0 ? 0 : 2;
}
