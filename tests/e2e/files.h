/* Folders and files for a test to play with. Whatever goes wrong fails the test that called. */
#ifndef OTADFU_E2E_FILES_H
#define OTADFU_E2E_FILES_H

#include <stddef.h>
#include <stdint.h>

/* An empty folder of its own. Removed, with all that is in it, and freed by folder_remove. */
char *folder_new(void);
void folder_remove(char *folder);

/* "FOLDER/NAME". Caller frees. */
char *file_path(const char *folder, const char *name);

/* Writes text into FOLDER/NAME and returns its path. Caller frees. */
char *file_write(const char *folder, const char *name, const char *text);
char *file_write_bytes(const char *folder, const char *name, const void *data, size_t len);

/* The whole file, NUL-terminated. Caller frees. ret_len may be NULL. */
uint8_t *file_read(const char *path, size_t *ret_len);

#endif
