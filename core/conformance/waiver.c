#include "waiver.h"

#include <stddef.h>
#include <string.h>

/* One line, one case. A transport's own option or limit that makes it unnecessary is better. */
static const struct waiver {
	const char *transport;
	const char *case_name;
	const char *reason;
} waivers[] = {
	{ "gatttool", "write-empty", "its char-write commands take no empty value" },
	{ "gatttool", "att-security",
	  "gatttool answers it by pairing, and the kernel ends the link of a peer that will not" },
	{ "bluez", "att-security",
	  "bluetoothd answers it by pairing, and the kernel ends the link of a peer that will "
	  "not" },
	{ NULL, NULL, NULL },
};

const char *waiver_find(const char *transport, const char *case_name)
{
	for (const struct waiver *waiver = waivers; waiver->transport; waiver++) {
		if (strcmp(waiver->transport, transport) == 0 &&
		    strcmp(waiver->case_name, case_name) == 0)
			return waiver->reason;
	}
	return NULL;
}
