#include "words.h"

#include "att.h"

#include <ctype.h>
#include <otadfu/error.h>
#include <stddef.h>
#include <stdlib.h>
#include <string.h>

#define BLUEZ(name) "org.bluez.Error." name
#define DBUS(name)  "org.freedesktop.DBus.Error." name

/* The first row whose name fits, and whose text is in what bluetoothd says. */
struct row {
	const char *name; /* NULL: any */
	const char *text; /* NULL: any */
	struct verdict verdict;
};

static const char no_answer[] =
	"the device did not answer: is it switched on, near and advertising?";
static const char taken[] =
	"another program is occupied with the device; try again, or `bluetoothctl disconnect`";
static const char no_power[] = "`bluetoothctl power on`, and before that `rfkill unblock bluetooth`"
			       " where it is blocked";
static const char policy[] =
	"the D-Bus policy keeps this user from bluetoothd; is a membership in the group "
	"'bluetooth' missing?";
static const char moved[] = "the device has changed its services meanwhile";

/*
 * bluetoothd says abort-by-local for whatever the kernel's socket says. Older ones give the words
 * of strerror(), and newer ones leave the prefix away.
 */
static const struct row connect_rows[] = {
	{ DBUS("AccessDenied"), NULL, { OTADFU_E_PERMISSION, 0, policy } },
	{ DBUS("UnknownObject"), NULL, { OTADFU_E_TIMEOUT, 0, "bluetoothd has forgotten it" } },
	{ DBUS("NoReply"), NULL, { OTADFU_E_IO, 0, "bluetoothd has ended" } },
	{ BLUEZ("InProgress"), NULL, { OTADFU_E_BUSY, 0, taken } },
	{ BLUEZ("AlreadyConnected"), NULL, { OTADFU_E_BUSY, 0, taken } },
	{ BLUEZ("NotReady"), NULL, { OTADFU_E_NOT_FOUND, 0, no_power } },
	{ BLUEZ("NotAvailable"),
	  NULL,
	  { OTADFU_E_UNSUPPORTED, 0, "bluetoothd cannot connect to it over Low Energy" } },
	{ BLUEZ("AuthenticationFailed"),
	  NULL,
	  { OTADFU_E_SECURITY, 0, "the bond is gone; `bluetoothctl remove`, and pair it anew" } },
	{ NULL, "abort-by-local", { OTADFU_E_TIMEOUT, 0, no_answer } },
	{ NULL, "connection-timeout", { OTADFU_E_TIMEOUT, 0, no_answer } },
	{ NULL, "abort-by-remote", { OTADFU_E_DISCONNECTED, 0, NULL } },
	{ NULL, "connection-refused", { OTADFU_E_DISCONNECTED, 0, NULL } },
	{ NULL, "connection-canceled", { OTADFU_E_DISCONNECTED, 0, "it was made and lost" } },
	{ NULL, "gatt-browsing", { OTADFU_E_DISCONNECTED, 0, NULL } },
	{ NULL, "link-layer-protocol", { OTADFU_E_DISCONNECTED, 0, NULL } },
	{ NULL, "connection-busy", { OTADFU_E_BUSY, 0, taken } },
	{ NULL, "already-connected", { OTADFU_E_BUSY, 0, taken } },
	{ NULL, "concurrent-connection", { OTADFU_E_BUSY, 0, "the adapter has no room for it" } },
	{ NULL, "adapter-not-powered", { OTADFU_E_NOT_FOUND, 0, no_power } },
	{ NULL, "connection-not-supported", { OTADFU_E_UNSUPPORTED, 0, "can the adapter do LE?" } },
	{ NULL, "Software caused connection abort", { OTADFU_E_TIMEOUT, 0, no_answer } },
	{ NULL, "Connection timed out", { OTADFU_E_TIMEOUT, 0, no_answer } },
	{ NULL, "Host is down", { OTADFU_E_TIMEOUT, 0, no_answer } },
	{ NULL, "Function not implemented", { OTADFU_E_DISCONNECTED, 0, "it was made and lost" } },
	{ NULL, "Connection refused", { OTADFU_E_DISCONNECTED, 0, NULL } },
	{ NULL, "Connection reset by peer", { OTADFU_E_DISCONNECTED, 0, NULL } },
	{ NULL, "Operation already in progress", { OTADFU_E_BUSY, 0, taken } },
	{ NULL, "Device or resource busy", { OTADFU_E_BUSY, 0, taken } },
	{ NULL, "Too many links", { OTADFU_E_BUSY, 0, "the adapter has no room for it" } },
	{ NULL, NULL, { OTADFU_E_IO, 0, "`journalctl -u bluetooth` may tell more" } },
};

/* ATT errors that bluetoothd puts in words; the others it gives by their number. */
static const struct row request_rows[] = {
	{ DBUS("AccessDenied"), NULL, { OTADFU_E_PERMISSION, 0, policy } },
	{ DBUS("UnknownObject"), NULL, { OTADFU_E_IO, 0, moved } },
	{ DBUS("UnknownMethod"), NULL, { OTADFU_E_IO, 0, moved } },
	{ DBUS("NoReply"), NULL, { OTADFU_E_IO, 0, "bluetoothd has ended" } },
	{ BLUEZ("NotPermitted"),
	  "Read not permitted",
	  { OTADFU_E_ATT, ATT_E_READ_NOT_PERMITTED, NULL } },
	{ BLUEZ("NotPermitted"),
	  "Write not permitted",
	  { OTADFU_E_ATT, ATT_E_WRITE_NOT_PERMITTED, NULL } },
	{ BLUEZ("NotPermitted"),
	  "acquired",
	  { OTADFU_E_BUSY, 0, "another program holds the characteristic; stop it" } },
	/* Encryption and its key size, too, are said so. */
	{ BLUEZ("NotPermitted"),
	  NULL,
	  { OTADFU_E_SECURITY, ATT_E_AUTHENTICATION, "try `bluetoothctl pair`" } },
	{ BLUEZ("NotAuthorized"), NULL, { OTADFU_E_SECURITY, ATT_E_AUTHORIZATION, NULL } },
	{ BLUEZ("InvalidArguments"),
	  "Invalid offset",
	  { OTADFU_E_ATT, ATT_E_INVALID_OFFSET, NULL } },
	{ BLUEZ("InvalidArguments"), "Length", { OTADFU_E_ATT, ATT_E_VALUE_LENGTH, NULL } },
	{ BLUEZ("InvalidOffset"), NULL, { OTADFU_E_ATT, ATT_E_INVALID_OFFSET, NULL } },
	{ BLUEZ("InvalidValueLength"), NULL, { OTADFU_E_ATT, ATT_E_VALUE_LENGTH, NULL } },
	{ BLUEZ("NotSupported"), NULL, { OTADFU_E_ATT, ATT_E_REQUEST_NOT_SUPPORTED, NULL } },
	{ BLUEZ("InProgress"), NULL, { OTADFU_E_BUSY, 0, taken } },
	{ BLUEZ("NotConnected"), NULL, { OTADFU_E_DISCONNECTED, 0, NULL } },
	{ NULL, "Not connected", { OTADFU_E_DISCONNECTED, 0, NULL } },
	{ NULL, "No ATT transport", { OTADFU_E_DISCONNECTED, 0, NULL } },
	{ NULL, NULL, { OTADFU_E_IO, 0, "`journalctl -u bluetooth` may tell more" } },
};

static bool fits(const struct row *row, const char *name, const char *text)
{
	return (!row->name || strcmp(row->name, name) == 0) &&
	       (!row->text || strstr(text, row->text));
}

static struct verdict find(const struct row *row, const char *name, const char *text)
{
	while (!fits(row, name, text ? text : ""))
		row++;
	return row->verdict;
}

struct verdict words_of_connect(const char *name, const char *text)
{
	return find(connect_rows, name, text);
}

/* As many hexadecimal digits; false when there are fewer. */
static bool take_hex(const char **at, size_t digits, uint16_t *ret_value)
{
	char number[5] = "";

	for (size_t i = 0; i < digits; i++) {
		if (!isxdigit((unsigned char)(*at)[i]))
			return false;
		number[i] = (*at)[i];
	}
	*ret_value = (uint16_t)strtoul(number, NULL, 16);
	*at += digits;
	return true;
}

static bool take_text(const char **at, const char *text)
{
	size_t len = strlen(text);

	if (strncmp(*at, text, len) != 0)
		return false;
	*at += len;
	return true;
}

static bool is_security(uint16_t error)
{
	return error == ATT_E_AUTHENTICATION || error == ATT_E_AUTHORIZATION ||
	       error == ATT_E_KEY_SIZE || error == ATT_E_ENCRYPTION;
}

struct verdict words_of_request(const char *name, const char *text)
{
	static const char by_number[] = "ATT error: 0x";
	const char *at = text ? strstr(text, by_number) : NULL;
	uint16_t error;

	if (at && take_text(&at, by_number) && take_hex(&at, 2, &error) && error != 0)
		return (struct verdict){ is_security(error) ? OTADFU_E_SECURITY : OTADFU_E_ATT,
					 error, NULL };
	return find(request_rows, name, text);
}

bool words_mean_loss(const struct verdict *verdict)
{
	return verdict->code == OTADFU_E_DISCONNECTED || verdict->code == OTADFU_E_IO ||
	       (verdict->code == OTADFU_E_ATT && verdict->att_error == ATT_E_UNLIKELY);
}

bool words_parse_path(const char *device, const char *path, struct gatt_path *ret_place)
{
	struct gatt_path place = { 0 };
	const char *at = path;

	if (!take_text(&at, device) || !take_text(&at, "/service") ||
	    !take_hex(&at, 4, &place.service))
		return false;
	if (*at != '\0' && (!take_text(&at, "/char") || !take_hex(&at, 4, &place.characteristic) ||
			    place.characteristic == 0))
		return false;
	if (*at != '\0')
		return false;
	*ret_place = place;
	return true;
}

bool words_parse_version(const char *modalias, unsigned *ret_major, unsigned *ret_minor)
{
	const char *at = modalias;
	uint16_t version;

	/* Vendor: Linux Foundation; product: BlueZ (src/main.c). */
	if (!take_text(&at, "usb:v1D6Bp0246d") || !take_hex(&at, 4, &version) || *at != '\0')
		return false;
	*ret_major = version >> 8;
	*ret_minor = version & 0xFF;
	return true;
}
