/* Devices that a scan has found, for people and for programs. */
#ifndef OTADFU_CLI_DEVICE_LIST_H
#define OTADFU_CLI_DEVICE_LIST_H

#include "scan.h"

#include <jansson.h>
#include <stddef.h>

/* The object of one device. */
json_t *device_list_describe(const struct scan_device *device);

/* One JSON object a line on standard output. */
void device_list_write_objects(const struct scan_device *devices, size_t count);

/* With a heading, and an asterisk at those that can be updated. */
void device_list_write_table(const struct scan_device *devices, size_t count);

#endif
