/* What is known of a device in words, the same in every command. */
#ifndef OTADFU_CLI_DEVICE_WORDS_H
#define OTADFU_CLI_DEVICE_WORDS_H

#include "target.h"

enum { DEVICE_RSSI_UNKNOWN = 127 };

/* "public", "random", "unknown". */
const char *device_address_type(const struct otadfu_addr *addr);

/* "application", "bootloader"; "" for OTADFU_MODE_* 0: it does not tell. */
const char *device_mode_name(uint32_t mode);

/* "Battery", "Nordic Secure DFU"; NULL for a service that is not known here. */
const char *device_service_name(const struct otadfu_uuid *uuid);

#endif
