#include "own_address.h"

#include "failure.h"

#include <ctype.h>
#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <stdbool.h>
#include <stdlib.h>
#include <string.h>
#include <sys/auxv.h>
#include <sys/random.h>
#include <sys/stat.h>
#include <unistd.h>

enum { ADDRESS_LEN = 6, TEXT_LEN = 3 * ADDRESS_LEN /* with its line end */, STATIC = 0xC0 };

/* Vol 6, Part B, 1.3.2.1: the random part is neither all zeros nor all ones. */
static bool is_static(const struct otadfu_addr *address)
{
	static const uint8_t zeros[ADDRESS_LEN] = { STATIC };
	static const uint8_t ones[ADDRESS_LEN] = { 0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF };

	return (address->bytes[0] & STATIC) == STATIC &&
	       memcmp(address->bytes, zeros, ADDRESS_LEN) != 0 &&
	       memcmp(address->bytes, ones, ADDRESS_LEN) != 0;
}

static bool make_address(struct otadfu_addr *ret_address)
{
	struct otadfu_addr address = { .type = 1 };

	do {
		if (getrandom(address.bytes, ADDRESS_LEN, 0) != ADDRESS_LEN)
			return false;
		address.bytes[0] |= STATIC;
	} while (!is_static(&address));
	*ret_address = address;
	return true;
}

/* --- the file --- */

/* The folders of path, up to its last slash. */
static void make_folders(char *path)
{
	for (char *at = strchr(path + 1, '/'); at; at = strchr(at + 1, '/')) {
		*at = '\0';
		mkdir(path, 0700);
		*at = '/';
	}
}

/* False: the name is too long. */
static bool append_key(char path[PATH_MAX], const char *endpoint)
{
	size_t len = strlen(path), begin = len;

	for (const unsigned char *c = (const unsigned char *)endpoint; *c; c++) {
		bool plain = isalnum(*c) || strchr(".-_", *c);

		if (len + sizeof("%XX.XXXXXX") > PATH_MAX || len - begin > NAME_MAX - 24)
			return false;
		len += (size_t)(plain ? snprintf(path + len, PATH_MAX - len, "%c", *c)
				      : snprintf(path + len, PATH_MAX - len, "%%%02X", *c));
	}
	return true;
}

static bool find_path(const char *endpoint, char path[PATH_MAX])
{
	bool trusted = getauxval(AT_SECURE) == 0;
	const char *state = trusted ? getenv("XDG_STATE_HOME") : NULL;
	const char *home = trusted ? getenv("HOME") : NULL;
	int len;

	/* The XDG Base Directory Specification ignores paths that are not absolute. */
	if (state && state[0] == '/')
		len = snprintf(path, PATH_MAX, "%s/otadfu/address-", state);
	else if (home && home[0] == '/')
		len = snprintf(path, PATH_MAX, "%s/.local/state/otadfu/address-", home);
	else
		len = snprintf(path, PATH_MAX, "/var/lib/otadfu/address-");
	return len > 0 && len < PATH_MAX && append_key(path, endpoint);
}

static bool parse_address(const char *text, struct otadfu_addr *ret_address)
{
	struct otadfu_addr address = { .type = 1 };

	for (size_t i = 0; i < ADDRESS_LEN; i++) {
		const char *byte = text + 3 * i;

		if (!isxdigit((unsigned char)byte[0]) || !isxdigit((unsigned char)byte[1]) ||
		    byte[2] != (i + 1 < ADDRESS_LEN ? ':' : '\n'))
			return false;
		address.bytes[i] = (uint8_t)strtoul(byte, NULL, 16);
	}
	if (!is_static(&address))
		return false;
	*ret_address = address;
	return true;
}

static bool read_address(const char *path, struct otadfu_addr *ret_address)
{
	char text[TEXT_LEN + 2] = "";
	int fd = open(path, O_RDONLY | O_CLOEXEC | O_NOFOLLOW | O_NONBLOCK);
	ssize_t len = fd >= 0 ? read(fd, text, TEXT_LEN + 1) : -1;

	if (fd >= 0)
		close(fd);
	return len == TEXT_LEN && parse_address(text, ret_address);
}

static bool write_text(int fd, const struct otadfu_addr *address)
{
	const uint8_t *b = address->bytes;
	char text[TEXT_LEN + 1];

	snprintf(text, sizeof(text), "%02X:%02X:%02X:%02X:%02X:%02X\n", b[0], b[1], b[2], b[3],
		 b[4], b[5]);
	return write(fd, text, TEXT_LEN) == TEXT_LEN && fsync(fd) == 0;
}

/* Whole or not at all: mkstemp makes it for the owner alone (0600). Where one of two programs that
 * make it at once is first, replace is false and its address stays. */
static bool write_address(const char *path, const struct otadfu_addr *address, bool replace)
{
	char temporary[PATH_MAX + sizeof(".XXXXXX")];
	bool written;
	int fd;

	snprintf(temporary, sizeof(temporary), "%s.XXXXXX", path);
	make_folders(temporary);
	fd = mkostemp(temporary, O_CLOEXEC);
	if (fd < 0)
		return false;
	written = write_text(fd, address);
	written = close(fd) == 0 && written;
	if (written && replace)
		written = rename(temporary, path) == 0;
	else if (written)
		written = link(temporary, path) == 0;
	unlink(temporary);
	return written;
}

int own_address_get(struct otadfu_ctx *ctx, const char *endpoint, struct otadfu_addr *ret_address)
{
	struct otadfu_addr address;
	char path[PATH_MAX];
	bool has_path = find_path(endpoint, path);

	if (has_path && read_address(path, ret_address))
		return OTADFU_OK;
	if (!make_address(&address))
		return fail_with(ctx, OTADFU_E_IO, errno,
				 "no random address for the controller: %s", strerror(errno));
	if (has_path && (write_address(path, &address, false) || read_address(path, &address) ||
			 write_address(path, &address, true))) {
		*ret_address = address;
		return OTADFU_OK;
	}
	ctx->host->log(ctx, OTADFU_LOG_INFO,
		       "the controller has no address, and there is no place to keep one for it: "
		       "it gets another one each time");
	*ret_address = address;
	return OTADFU_OK;
}
