/* Characteristics that the Bluetooth SIG has defined, and what a connected device says in them. */
#ifndef OTADFU_ENGINE_STANDARD_H
#define OTADFU_ENGINE_STANDARD_H

#include <stddef.h>
#include <stdint.h>

struct failure;
struct session;

/* One characteristic, by the assigned numbers. */
struct standard {
	uint16_t service;
	uint16_t uuid;
};

extern const struct standard standard_firmware_revision;
extern const struct standard standard_battery_level; /* one byte, in percent */

enum { STANDARD_DEVICE_INFORMATION = 0x180A };

/* OTADFU_E_NOT_FOUND when the device lacks it, and then nothing has been sent. */
int standard_read(struct session *session, const struct standard *what, uint8_t *buf, size_t cap,
		  size_t *ret_len, struct failure *why);

/* The same for a text: printable, without blanks at its end. text holds size bytes. */
int standard_read_text(struct session *session, const struct standard *what, char *text,
		       size_t size, struct failure *why);

#endif
