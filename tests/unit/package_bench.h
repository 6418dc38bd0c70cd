/* A small package that a test changes before it is written and opened. */
#ifndef OTADFU_TESTS_PACKAGE_BENCH_H
#define OTADFU_TESTS_PACKAGE_BENCH_H

#include "init_encode.h"
#include "package.h"
#include "scratch.h"
#include "signing_key.h"
#include "zip_write.h"

enum { MEMBERS_MAX = 8, BIN_LEN = 40, MANIFEST_LEN = 1024 };

/* Of one application, app.bin with app.dat. */
extern const char fixture_secure_manifest[];
extern const char fixture_legacy_manifest[];

/* One image with its init packet, and a zip file. */
struct fixture {
	uint8_t bin[BIN_LEN]; /* begins as an application does */
	struct init_image image;
	struct init_target target;
	struct init_bytes init;
	char manifest[MANIFEST_LEN];
	struct zip_member members[MEMBERS_MAX]; /* manifest.json, app.bin, app.dat, ... */
	size_t count;
};

/* A good secure package of one application, not signed. */
void fixture_prepare(struct fixture *f);

void fixture_set_manifest(struct fixture *f, const char *text);

/* An application of the first len bytes; the init packet is to be encoded anew. */
void fixture_describe_bin(struct fixture *f, size_t len);

/* The init packet anew, after image or target were changed. key NULL: not signed. */
void fixture_encode_secure(struct fixture *f);
void fixture_sign_secure(struct fixture *f, EVP_PKEY *key);

/* The same, with the manifest. Format 5 to 8, of 8 all but the signature; signed it is 0.8. */
void fixture_encode_legacy(struct fixture *f, unsigned format);
void fixture_sign_legacy(struct fixture *f, EVP_PKEY *key);

/* Writes "fw.zip" into the test's directory and opens it. */
int fixture_open(void *const *state, const struct fixture *f, struct package **ret_package,
		 struct failure *why);

/* The same; the test fails when it is refused. */
struct package *fixture_open_good(void *const *state, const struct fixture *f);

/* r is OTADFU_E_PACKAGE, and what follows "fw.zip: " in the reason is wanted. */
void fixture_check_refusal(int r, const struct failure *why, const char *wanted);

/* Opening is refused so. */
void fixture_check_refused(void *const *state, const struct fixture *f, const char *wanted);

/* The path of a published file; NULL, said aloud, where the environment names no such files. */
const char *fixture_find_shared(const char *name, char path[SCRATCH_PATH_MAX]);

#endif
