#include "att_words.h"

#include "att.h"

#include <stddef.h>
#include <string.h>

/* As recorded of BlueZ 5.66. All others are "Unexpected error code" to it. */
static const struct words {
	uint8_t error;
	const char *text;
} words[] = {
	{ ATT_E_INVALID_HANDLE, "Invalid handle" },
	{ ATT_E_READ_NOT_PERMITTED, "Attribute can't be read" },
	{ ATT_E_WRITE_NOT_PERMITTED, "Attribute can't be written" },
	{ ATT_E_INVALID_PDU, "Attribute PDU was invalid" },
	{ ATT_E_AUTHENTICATION, "Attribute requires authentication before read/write" },
	{ ATT_E_REQUEST_NOT_SUPPORTED, "Server doesn't support the request received" },
	{ ATT_E_INVALID_OFFSET, "Offset past the end of the attribute" },
	{ ATT_E_AUTHORIZATION, "Attribute requires authorization before read/write" },
	{ ATT_E_PREPARE_QUEUE_FULL, "Too many prepare writes have been queued" },
	{ ATT_E_NOT_FOUND, "No attribute found within the given range" },
	{ ATT_E_NOT_LONG, "Attribute can't be read/written using Read Blob Req" },
	{ ATT_E_KEY_SIZE, "Encryption Key Size is insufficient" },
	{ ATT_E_VALUE_LENGTH, "Attribute value length is invalid" },
	{ ATT_E_UNLIKELY, "Request attribute has encountered an unlikely error" },
	{ ATT_E_ENCRYPTION, "Encryption required before read/write" },
	{ ATT_E_UNSUPPORTED_GROUP, "Attribute type is not a supported grouping attribute" },
	{ ATT_E_RESOURCES, "Insufficient Resources to complete the request" },
	{ 0x80, "Internal application error: I/O" },
	{ 0x81, "A timeout occurred" },
	{ 0x82, "The operation was aborted" },
};

static const char refused[] = "failed: ";

bool att_words_are_refusal(const char *text)
{
	return strstr(text, refused) != NULL;
}

uint8_t att_error_of_words(const char *text)
{
	const char *reason = strstr(text, refused);

	for (size_t i = 0; reason && i < sizeof(words) / sizeof(words[0]); i++) {
		if (strcmp(reason + sizeof(refused) - 1, words[i].text) == 0)
			return words[i].error;
	}
	return 0;
}

bool att_error_is_security(uint8_t error)
{
	return error == ATT_E_AUTHENTICATION || error == ATT_E_AUTHORIZATION ||
	       error == ATT_E_KEY_SIZE || error == ATT_E_ENCRYPTION;
}
