#include "sharedlib.h"

#include <elf.h>
#include <string.h>

typedef ElfW(Phdr) elf_segment;
typedef ElfW(Sym) elf_symbol;

enum { NATIVE_CLASS = sizeof(void *) == 8 ? ELFCLASS64 : ELFCLASS32 };
enum { NATIVE_ORDER = __BYTE_ORDER__ == __ORDER_LITTLE_ENDIAN__ ? ELFDATA2LSB : ELFDATA2MSB };

/* The running program's own header, put there by the linker: what machine this is. */
extern const elf_header __ehdr_start __attribute__((visibility("hidden")));

static bool read_at(const struct sharedlib *lib, uint64_t offset, void *ret_bytes, size_t len)
{
	if (offset > lib->len || len > lib->len - offset)
		return false;
	memcpy(ret_bytes, lib->bytes + offset, len);
	return true;
}

/* Entry index of a table of entries of len bytes. */
static bool read_entry(const struct sharedlib *lib, uint64_t table, size_t index, void *ret_entry,
		       size_t len)
{
	return table <= lib->len && index <= lib->len / len &&
	       read_at(lib, table + index * len, ret_entry, len);
}

static bool read_section(const struct sharedlib *lib, size_t index, elf_section *ret_section)
{
	return index < lib->header.e_shnum &&
	       read_entry(lib, lib->header.e_shoff, index, ret_section, sizeof(*ret_section));
}

static bool lies_within(const struct sharedlib *lib, const elf_section *section)
{
	return section->sh_offset <= lib->len && section->sh_size <= lib->len - section->sh_offset;
}

static bool find_symbols(struct sharedlib *lib)
{
	for (size_t i = 0; read_section(lib, i, &lib->symbols); i++) {
		if (lib->symbols.sh_type == SHT_DYNSYM)
			return lies_within(lib, &lib->symbols) &&
			       read_section(lib, lib->symbols.sh_link, &lib->strings) &&
			       lies_within(lib, &lib->strings);
	}
	return false;
}

const char *sharedlib_parse(struct sharedlib *ret_lib, const uint8_t *bytes, size_t len)
{
	struct sharedlib lib = { .bytes = bytes, .len = len };
	const elf_header *header = &lib.header;

	if (!read_at(&lib, 0, &lib.header, sizeof(lib.header)) ||
	    memcmp(header->e_ident, ELFMAG, SELFMAG) != 0 || header->e_type != ET_DYN)
		return "it is not a shared library";
	if (header->e_ident[EI_CLASS] != NATIVE_CLASS || header->e_ident[EI_DATA] != NATIVE_ORDER ||
	    header->e_machine != __ehdr_start.e_machine)
		return "it is built for another kind of processor";
	if (header->e_shentsize != sizeof(elf_section) ||
	    header->e_phentsize != sizeof(elf_segment) || !find_symbols(&lib))
		return "its table of symbols is damaged or absent";
	*ret_lib = lib;
	return NULL;
}

/* NULL when the name does not end within the table of names. */
static const char *name_at(const struct sharedlib *lib, size_t offset)
{
	const char *name;

	if (offset >= lib->strings.sh_size)
		return NULL;
	name = (const char *)lib->bytes + lib->strings.sh_offset + offset;
	return memchr(name, '\0', lib->strings.sh_size - offset) ? name : NULL;
}

/* The layout of st_info is the same in both ELF classes. */
static bool is_exported(const elf_symbol *symbol)
{
	return symbol->st_shndx != SHN_UNDEF && ELF64_ST_BIND(symbol->st_info) != STB_LOCAL;
}

/* The next exported one with a name; *ret_type is its STT_*. */
static bool next_symbol(const struct sharedlib *lib, size_t *index,
			struct sharedlib_symbol *ret_symbol, unsigned *ret_type)
{
	size_t count = lib->symbols.sh_size / sizeof(elf_symbol);
	elf_symbol symbol;

	while (*index < count &&
	       read_entry(lib, lib->symbols.sh_offset, (*index)++, &symbol, sizeof(symbol))) {
		const char *name = name_at(lib, symbol.st_name);

		if (name && is_exported(&symbol)) {
			*ret_symbol = (struct sharedlib_symbol){ name, symbol.st_value };
			*ret_type = ELF64_ST_TYPE(symbol.st_info);
			return true;
		}
	}
	return false;
}

bool sharedlib_next_object(const struct sharedlib *lib, const char *prefix, size_t *index,
			   struct sharedlib_symbol *ret_symbol)
{
	struct sharedlib_symbol symbol;
	unsigned type;

	while (next_symbol(lib, index, &symbol, &type)) {
		if (type == STT_OBJECT && strncmp(symbol.name, prefix, strlen(prefix)) == 0) {
			*ret_symbol = symbol;
			return true;
		}
	}
	return false;
}

bool sharedlib_next_export(const struct sharedlib *lib, size_t *index,
			   struct sharedlib_symbol *ret_symbol)
{
	unsigned type;

	return next_symbol(lib, index, ret_symbol, &type);
}

bool sharedlib_read_object(const struct sharedlib *lib, const struct sharedlib_symbol *symbol,
			   void *ret_bytes, size_t len)
{
	elf_segment segment;

	for (size_t i = 0; i < lib->header.e_phnum; i++) {
		if (!read_entry(lib, lib->header.e_phoff, i, &segment, sizeof(segment)))
			return false;
		/* An address below p_vaddr wraps to a huge distance. */
		uint64_t distance = symbol->address - segment.p_vaddr;

		if (segment.p_type == PT_LOAD && segment.p_offset <= lib->len &&
		    distance < segment.p_filesz && len <= segment.p_filesz - distance)
			return distance <= lib->len &&
			       read_at(lib, segment.p_offset + distance, ret_bytes, len);
	}
	return false;
}
