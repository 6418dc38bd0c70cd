/* Versions and rules of the binary contract between otadfu (the host) and a plugin. */
#ifndef OTADFU_ABI_H
#define OTADFU_ABI_H

#include <stddef.h>
#include <stdint.h>

/*
 * MAJOR is part of the exported symbol's name and changes only when an old plugin
 * cannot work. MINOR grows when a struct grows at its end. A host loads a plugin when
 * major is equal and plugin.minor <= host.minor: the host is never older than the
 * plugin, so a plugin may call every host service its own headers declare.
 *
 * Every struct that may grow begins with its own size in bytes; whoever makes one sets
 * it with sizeof. A line in the struct marks the end of each version. New members go
 * below the last line and nowhere else. The host copies the size bytes of an older
 * plugin's struct into a longer, zeroed one of its own, and takes a zero or NULL member
 * for one that is absent.
 *
 * What crosses: integers of fixed width, bytes with their length, NUL-terminated UTF-8
 * strings, pointers to functions and to structs of these headers. Never bool, enum,
 * bit-field, long, time_t, FILE, errno, varargs, or memory the other side must free.
 * A reserved member is set to zero and not looked at.
 *
 * Pointers are borrowed unless a function says otherwise: an argument until the call
 * returns, a plugin's tables and their strings for as long as the process lives.
 */
#define OTADFU_ABI_MAJOR   1u
#define OTADFU_ABI_MINOR   0u
#define OTADFU_ABI_VERSION ((OTADFU_ABI_MAJOR << 16) | OTADFU_ABI_MINOR)

#define OTADFU_PLUGIN_MAGIC  0x5546444fu /* "ODFU", little endian */
#define OTADFU_PLUGIN_SYMBOL "otadfu_plugin_v1"

#endif
