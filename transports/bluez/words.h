/*
 * What bluetoothd says, put into codes: names and texts of its errors, and the paths of its objects
 * (BlueZ doc/org.bluez.Device.rst, doc/org.bluez.GattCharacteristic.rst; src/error.c and
 * src/gatt-client.c of 5.66). Pure.
 */
#ifndef OTADFU_BLUEZ_WORDS_H
#define OTADFU_BLUEZ_WORDS_H

#include <stdbool.h>
#include <stdint.h>

struct verdict {
	int code;           /* OTADFU_E_* */
	int32_t att_error;  /* 0: bluetoothd does not say which, or it is none */
	const char *advice; /* NULL: none */
};

/* Of a refused Device1.Connect. name and text are the error's, text may be NULL; here and below. */
struct verdict words_of_connect(const char *name, const char *text);

/* Of a refused request to a characteristic. */
struct verdict words_of_request(const char *name, const char *text);

/* So bluetoothd answers, too, when the link is lost while it waits for the device. */
bool words_mean_loss(const struct verdict *verdict);

/* Where the object at path stands in the database of the device at device. */
struct gatt_path {
	uint16_t service;        /* its handle */
	uint16_t characteristic; /* the handle of its declaration; 0: the service itself */
};

/* False: it is neither a service of that device nor one of its characteristics. */
bool words_parse_path(const char *device, const char *path, struct gatt_path *ret_place);

/* BlueZ's version out of an adapter's Modalias, which is bluetoothd's own Device ID unless somebody
 * has set another. */
bool words_parse_version(const char *modalias, unsigned *ret_major, unsigned *ret_minor);

#endif
