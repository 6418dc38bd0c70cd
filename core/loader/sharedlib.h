/*
 * A shared library as the bytes of its file: what it exports, and the first bytes of an exported
 * object. So a foreign library is refused before dlopen would run its constructors.
 * Every offset is checked: a damaged file yields a refusal, never a read outside the bytes.
 */
#ifndef OTADFU_LOADER_SHAREDLIB_H
#define OTADFU_LOADER_SHAREDLIB_H

#include <link.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/* Of the size this machine uses. */
typedef ElfW(Ehdr) elf_header;
typedef ElfW(Shdr) elf_section;

/* Filled by sharedlib_parse; borrows bytes. */
struct sharedlib {
	const uint8_t *bytes;
	size_t len;
	elf_header header;
	elf_section symbols; /* .dynsym */
	elf_section strings; /* its names */
};

struct sharedlib_symbol {
	const char *name; /* within the bytes of the file, terminated there */
	uint64_t address;
};

/* NULL, or why these bytes are not a shared library for this machine. */
const char *sharedlib_parse(struct sharedlib *ret_lib, const uint8_t *bytes, size_t len);

/*
 * The next exported data object whose name begins with prefix. *index counts through the table:
 * begin with 0. False at the end.
 */
bool sharedlib_next_object(const struct sharedlib *lib, const char *prefix, size_t *index,
			   struct sharedlib_symbol *ret_symbol);

/* The next symbol it exports, of any kind; the same otherwise. */
bool sharedlib_next_export(const struct sharedlib *lib, size_t *index,
			   struct sharedlib_symbol *ret_symbol);

/* The first len bytes of that object as the file holds them; false when it holds fewer. */
bool sharedlib_read_object(const struct sharedlib *lib, const struct sharedlib_symbol *symbol,
			   void *ret_bytes, size_t len);

#endif
