/*
 * Makes firmware packages that Nordic's bootloaders accept, and such that they must refuse. What it
 * makes depends on its arguments alone, but for keys and signatures.
 */
#include "init_encode.h"
#include "signing_key.h"
#include "zip_write.h"

#include <errno.h>
#include <jansson.h>
#include <openssl/evp.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { IMAGE_MAX = 16 << 20, SD_REQ_MAX = 16, VECTORS_LEN = 8 };
enum { STACK_POINTER = 0x20004000, APPLICATION_START = 0x26000 };

struct request {
	const char *out, *protocol;
	const char *application, *random, *sd_req;
	const char *key, *generate_key, *public_key_out;
	const char *app_out, *init_out, *format;
	const char *app_version, *hw_version, *device_type, *device_rev;
	bool is_unsigned, is_debug, wrong_hash, wrong_signature;
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
	  "an invented image instead, always the same for one seed" },
	{ "--sd-req", "ID[,ID...]", offsetof(struct request, sd_req),
	  "SoftDevices it may be installed onto (secure 0x0100, legacy 0xFFFE)" },
	{ "--app-version", "N", offsetof(struct request, app_version),
	  "version of the image (secure 2, legacy 0xFFFFFFFF)" },
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
	{ "--format", "0.5|0.6|0.7|0.8", offsetof(struct request, format),
	  "legacy: of the init packet (0.5); 0.8 is signed" },
	{ "--wrong-hash", NULL, offsetof(struct request, wrong_hash),
	  "hash, or CRC, of another image" },
	{ "--wrong-signature", NULL, offsetof(struct request, wrong_signature),
	  "a signature that does not verify" },
	{ "--app-out", "FILE", offsetof(struct request, app_out), "write the image" },
	{ "--init-out", "FILE", offsetof(struct request, init_out), "write the init packet" },
};

enum { ARGUMENTS = sizeof(arguments) / sizeof(arguments[0]) };

struct content {
	uint8_t *image;
	size_t len;
	struct init_bytes init;
};

static int complain(const char *what, const char *about)
{
	fprintf(stderr, "make_package: %s%s%s\n", what, about ? ": " : "", about ? about : "");
	return -1;
}

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

static int parse_number(const char *text, uint32_t fallback, uint32_t max, uint32_t *ret_number)
{
	char *end;
	unsigned long value;

	*ret_number = fallback;
	if (!text)
		return 0;
	errno = 0;
	value = strtoul(text, &end, 0);
	if (errno != 0 || end == text || *end != '\0' || value > max)
		return complain("not a number, or too large", text);
	*ret_number = (uint32_t)value;
	return 0;
}

static int parse_sd_req(const char *text, uint16_t list[SD_REQ_MAX], size_t *ret_count)
{
	size_t count = 0;

	for (;;) {
		char *end;
		unsigned long value = strtoul(text, &end, 0);

		if (end == text || (*end != ',' && *end != '\0') || value > UINT16_MAX ||
		    count == SD_REQ_MAX)
			return complain("not a list of SoftDevice ids", text);
		list[count++] = (uint16_t)value;
		if (*end == '\0')
			break;
		text = end + 1;
	}
	*ret_count = count;
	return 0;
}

static int write_file(const char *path, const void *data, size_t len)
{
	FILE *file = path ? fopen(path, "we") : NULL;
	size_t written;

	if (!path)
		return 0;
	if (!file)
		return complain(strerror(errno), path);
	written = fwrite(data, 1, len, file);
	if (fclose(file) != 0 || written != len)
		return complain("cannot be written", path);
	return 0;
}

static int read_image(const char *path, struct content *content)
{
	FILE *file = fopen(path, "re");

	if (!file)
		return complain(strerror(errno), path);
	content->image = malloc(IMAGE_MAX);
	if (content->image)
		content->len = fread(content->image, 1, IMAGE_MAX, file);
	fclose(file);
	return content->len > 0 ? 0 : complain("cannot be read, or is empty", path);
}

static void put_word(uint8_t *at, uint32_t value)
{
	for (size_t i = 0; i < 4; i++)
		at[i] = (uint8_t)(value >> 8 * i);
}

/* Stack pointer and reset handler as an application begins, then xorshift32 (Marsaglia). */
static int invent_image(const char *text, struct content *content)
{
	char *end;
	unsigned long len = strtoul(text, &end, 0);
	uint32_t seed = *end == ':' ? (uint32_t)strtoul(end + 1, &end, 0) : 1;
	uint32_t word = seed * 2654435761u | 1;

	if (*end != '\0' || len < VECTORS_LEN || len > IMAGE_MAX)
		return complain("not LEN[:SEED] with a length from 8 to 16 MiB", text);
	content->image = malloc(len);
	if (!content->image)
		return complain("out of memory", NULL);
	content->len = len;
	for (size_t i = 0; i < len; i++) {
		word ^= word << 13;
		word ^= word >> 17;
		word ^= word << 5;
		content->image[i] = (uint8_t)(word >> 24);
	}
	put_word(content->image, STACK_POINTER);
	put_word(content->image + 4, (APPLICATION_START + (uint32_t)(len / 2)) | 1);
	return 0;
}

static int obtain_image(const struct request *request, struct content *content)
{
	if (!request->application == !request->random)
		return complain("either --application or --random says what goes in", NULL);
	if (request->application)
		return read_image(request->application, content);
	return invent_image(request->random, content);
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

static int describe_image(const struct request *request, const struct content *content,
			  struct init_image *image)
{
	image->app_size = (uint32_t)content->len;
	image->crc16 = init_crc16(content->image, content->len);
	if (!EVP_Q_digest(NULL, "SHA256", NULL, content->image, content->len, image->sha256, NULL))
		return complain("no SHA-256", NULL);
	if (request->wrong_hash) {
		image->crc16 ^= 1;
		image->sha256[0] ^= 1;
	}
	return 0;
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

static int make_secure_init(const struct request *request, EVP_PKEY *key,
			    const struct init_image *image, struct init_target *target,
			    struct init_bytes *init)
{
	uint8_t signature[INIT_SIGNATURE_LEN];
	struct init_bytes command;

	if (parse_number(request->app_version, 2, UINT32_MAX, &target->version) < 0 ||
	    parse_number(request->hw_version, 52, UINT32_MAX, &target->hw_version) < 0)
		return -1;
	target->is_debug = request->is_debug;
	init_encode_command(image, target, &command);
	if (!request->is_unsigned && sign(request, key, &command, signature) < 0)
		return -1;
	init_encode_packet(&command, request->is_unsigned ? NULL : signature, init);
	return 0;
}

static int make_legacy_init(const struct request *request, EVP_PKEY *key,
			    const struct init_image *image, struct init_target *target,
			    struct init_bytes *init)
{
	const char *format = request->format ? request->format : "0.5";
	uint8_t signature[INIT_SIGNATURE_LEN];
	uint32_t type;
	uint32_t revision;

	if (strlen(format) != 3 || memcmp(format, "0.", 2) != 0 || format[2] < '5' ||
	    format[2] > '8')
		return complain("unknown format", format);
	if (parse_number(request->app_version, UINT32_MAX, UINT32_MAX, &target->version) < 0 ||
	    parse_number(request->device_type, UINT16_MAX, UINT16_MAX, &type) < 0 ||
	    parse_number(request->device_rev, UINT16_MAX, UINT16_MAX, &revision) < 0)
		return -1;
	target->device_type = (uint16_t)type;
	target->device_revision = (uint16_t)revision;
	init_encode_legacy(image, target, (unsigned)(format[2] - '0'), init);
	if (format[2] != '8')
		return 0;
	if (sign(request, key, init, signature) < 0)
		return -1;
	init_append(init, signature, sizeof(signature));
	return 0;
}

static json_t *describe_legacy_init(const struct init_target *target,
				    const struct init_image *image)
{
	json_t *sd_req = json_array();

	for (size_t i = 0; i < target->sd_req_count; i++)
		json_array_append_new(sd_req, json_integer(target->sd_req[i]));
	return json_pack("{s:I, s:i, s:i, s:i, s:o}", "application_version",
			 (json_int_t)target->version, "device_revision", target->device_revision,
			 "device_type", target->device_type, "firmware_crc16", image->crc16,
			 "softdevice_req", sd_req);
}

static char *make_manifest(const struct request *request, bool is_legacy,
			   const struct init_target *target, const struct init_image *image)
{
	json_t *entry = json_pack("{s:s, s:s}", "bin_file", "app.bin", "dat_file", "app.dat");
	json_t *manifest = json_pack("{s:O}", "application", entry);
	json_t *root = json_pack("{s:O}", "manifest", manifest);
	char *text;

	if (is_legacy) {
		json_object_set_new(entry, "init_packet_data", describe_legacy_init(target, image));
		json_object_set_new(manifest, "dfu_version",
				    json_real(request->format ? atof(request->format) : 0.5));
	}
	text = root ? json_dumps(root, JSON_INDENT(4) | JSON_REAL_PRECISION(3)) : NULL;
	json_decref(entry);
	json_decref(manifest);
	json_decref(root);
	return text;
}

static int write_package(const struct request *request, const struct content *content,
			 const char *manifest)
{
	struct zip_member members[] = {
		{ "manifest.json", manifest, manifest ? strlen(manifest) : 0, false },
		{ "app.bin", content->image, content->len, false },
		{ "app.dat", content->init.data, content->init.len, false },
	};

	if (!manifest)
		return complain("out of memory", NULL);
	if (zip_write(request->out, members, sizeof(members) / sizeof(members[0])) < 0)
		return complain("cannot be written", request->out);
	if (write_file(request->app_out, content->image, content->len) < 0)
		return -1;
	return write_file(request->init_out, content->init.data, content->init.len);
}

static int make_package(const struct request *request, struct content *content, EVP_PKEY *key)
{
	bool is_legacy = strcmp(request->protocol, "legacy") == 0;
	uint16_t sd_req[SD_REQ_MAX];
	struct init_target target = { .sd_req = sd_req };
	struct init_image image = { 0 };
	const char *list = is_legacy ? "0xFFFE" : "0x0100";
	char *manifest;
	int r;

	if (!is_legacy && strcmp(request->protocol, "secure") != 0)
		return complain("unknown protocol", request->protocol);
	if (parse_sd_req(request->sd_req ? request->sd_req : list, sd_req, &target.sd_req_count) <
		    0 ||
	    describe_image(request, content, &image) < 0)
		return -1;
	r = is_legacy ? make_legacy_init(request, key, &image, &target, &content->init)
		      : make_secure_init(request, key, &image, &target, &content->init);
	if (r < 0)
		return r;
	manifest = make_manifest(request, is_legacy, &target, &image);
	r = write_package(request, content, manifest);
	free(manifest);
	return r;
}

int main(int argc, char **argv)
{
	struct request request = { 0 };
	struct content content = { 0 };
	EVP_PKEY *key = NULL;
	int r;

	(void)argc;
	r = parse_arguments(argv, &request);
	if (r == 0)
		r = obtain_image(&request, &content);
	if (r == 0)
		r = obtain_key(&request, &key);
	if (r == 0)
		r = make_package(&request, &content, key);
	EVP_PKEY_free(key);
	free(content.image);
	return r == 0 ? 0 : 2;
}
