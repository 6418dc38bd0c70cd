/*
 * HCI commands and events (Core Specification, Vol 4, Part E, 7), those that an LE host with
 * legacy advertising needs; those of a central are made in hci_central.h. Tables say how long each
 * is and what it is called. Pure.
 */
#ifndef OTADFU_TRANSPORTS_HCI_H
#define OTADFU_TRANSPORTS_HCI_H

#include "le.h"

#include <otadfu/types.h>

enum hci_opcode {
	HCI_DISCONNECT = 0x0406,
	HCI_SET_EVENT_MASK = 0x0C01,
	HCI_RESET = 0x0C03,
	HCI_READ_LOCAL_VERSION = 0x1001,
	HCI_READ_BUFFER_SIZE = 0x1005,
	HCI_READ_BD_ADDR = 0x1009,
	HCI_LE_SET_EVENT_MASK = 0x2001,
	HCI_LE_READ_BUFFER_SIZE = 0x2002,
	HCI_LE_READ_FEATURES = 0x2003,
	HCI_LE_SET_RANDOM_ADDRESS = 0x2005,
	HCI_LE_SET_ADVERTISING_PARAMETERS = 0x2006,
	HCI_LE_SET_ADVERTISING_DATA = 0x2008,
	HCI_LE_SET_SCAN_RESPONSE_DATA = 0x2009,
	HCI_LE_SET_ADVERTISING_ENABLE = 0x200A,
	HCI_LE_SET_SCAN_PARAMETERS = 0x200B,
	HCI_LE_SET_SCAN_ENABLE = 0x200C,
	HCI_LE_CREATE_CONNECTION = 0x200D,
	HCI_LE_CREATE_CONNECTION_CANCEL = 0x200E,
	HCI_LE_CONNECTION_UPDATE = 0x2013,
	HCI_LE_LTK_NEGATIVE_REPLY = 0x201B,
	HCI_LE_PARAMETER_REQUEST_REPLY = 0x2020,
	HCI_LE_PARAMETER_REQUEST_NEGATIVE_REPLY = 0x2021,
	HCI_LE_SET_DATA_LENGTH = 0x2022,
	HCI_LE_SET_PHY = 0x2032,
	HCI_LE_SET_EXTENDED_SCAN_PARAMETERS = 0x2041,
	HCI_LE_SET_EXTENDED_SCAN_ENABLE = 0x2042,
	HCI_LE_EXTENDED_CREATE_CONNECTION = 0x2043
};

enum { /* of a command or event, Vol 1, Part F */
       HCI_E_UNKNOWN_COMMAND = 0x01,
       HCI_E_UNKNOWN_CONNECTION = 0x02,
       HCI_E_HARDWARE = 0x03,
       HCI_E_MEMORY = 0x07,
       HCI_E_TIMEOUT = 0x08, /* the supervision timeout */
       HCI_E_CONNECTION_LIMIT = 0x09,
       HCI_E_CONNECTION_EXISTS = 0x0B,
       HCI_E_DISALLOWED = 0x0C,
       HCI_E_LIMITED_RESOURCES = 0x0D,
       HCI_E_USER_ENDED = 0x13,
       HCI_E_LOW_RESOURCES = 0x14,
       HCI_E_POWER_OFF = 0x15,
       HCI_E_LOCAL_HOST = 0x16,
       HCI_E_UNACCEPTABLE_PARAMETERS = 0x3B,
       HCI_E_NOT_ESTABLISHED = 0x3E
};

enum hci_feature { /* bits of LE Read Local Supported Features, Vol 6, Part B, 4.6 */
		   HCI_FEATURE_ENCRYPTION = 0,
		   HCI_FEATURE_PARAMETER_REQUEST = 1,
		   HCI_FEATURE_DATA_LENGTH = 5,
		   HCI_FEATURE_PRIVACY = 6,
		   HCI_FEATURE_2M = 8,
		   HCI_FEATURE_EXTENDED = 12 /* advertising, and so scanning and connecting */
};

enum { /* Advertising_Type of a legacy controller, 7.8.5 */
       HCI_ADVERTISING_UNDIRECTED = 0x00,
       HCI_ADVERTISING_DIRECTED = 0x04 /* at a low duty cycle */
};

enum {
	HCI_ADVERTISING_MAX = 31,
	HCI_PARAMETERS_MAX = 10 + 2 * 16, /* the longest here: a connection on either of two PHYs */
	HCI_COMMAND_MAX = 3 + HCI_PARAMETERS_MAX,
	HCI_MASK_LEN = 8
};

struct hci_command {
	uint16_t opcode;
	uint8_t len;
	uint8_t parameters[HCI_PARAMETERS_MAX];
};

/* In the units of the air: 1.25 ms, connection events, 10 ms. */
struct hci_connection_parameters {
	uint16_t interval_min;
	uint16_t interval_max;
	uint16_t latency;
	uint16_t timeout;
};

struct hci_command hci_plain(uint16_t opcode); /* one without parameters */
struct hci_command hci_mask(uint16_t opcode, const uint8_t mask[HCI_MASK_LEN]);
struct hci_command hci_disconnect(uint16_t handle, uint8_t reason);
struct hci_command hci_random_address(const struct otadfu_addr *address);
struct hci_command hci_advertising_parameters(uint8_t type, uint8_t own_type, uint16_t interval_ms,
					      const struct otadfu_addr *peer);
/* len at most HCI_ADVERTISING_MAX; advertising data or scan response. */
struct hci_command hci_advertising_data(uint16_t opcode, const uint8_t *data, size_t len);
struct hci_command hci_advertising_enable(bool on);
struct hci_command hci_connection_update(uint16_t handle,
					 const struct hci_connection_parameters *parameters);
struct hci_command hci_ltk_negative_reply(uint16_t handle);
struct hci_command hci_parameter_request_reply(uint16_t handle,
					       const struct hci_connection_parameters *parameters);

struct hci_command hci_parameter_request_negative_reply(uint16_t handle);

/* Within the ranges of the specification, and the timeout outlasts the silence that is allowed. */
bool hci_is_possible(const struct hci_connection_parameters *parameters);

/* Parts of commands, for those of hci_central.h. */
void hci_fill_address(struct filler *f, const struct otadfu_addr *address);
void hci_fill_parameters(struct filler *f, const struct hci_connection_parameters *parameters);

/* The length of the packet's header and parameters. */
size_t hci_encode(const struct hci_command *command, uint8_t buf[HCI_COMMAND_MAX]);

enum hci_event_kind {
	HCI_EVENT_OTHER = 0,            /* one that no one here waits for */
	HCI_EVENT_COMMAND_DONE,         /* Command Complete or Command Status */
	HCI_EVENT_DISCONNECTED,         /* status, handle, reason */
	HCI_EVENT_COMPLETED,            /* packets; see hci_completed */
	HCI_EVENT_HARDWARE,             /* an error inside the controller; reason */
	HCI_EVENT_CONNECTED,            /* status, handle, central, peer, parameters */
	HCI_EVENT_UPDATED,              /* status, handle, parameters */
	HCI_EVENT_KEY_REQUESTED,        /* LE Long Term Key Request: handle */
	HCI_EVENT_PARAMETERS_REQUESTED, /* handle, parameters */
	HCI_EVENT_DATA_LENGTH,          /* handle, tx_octets, rx_octets */
	HCI_EVENT_PHY,                  /* status, handle, tx_phy, rx_phy */
	HCI_EVENT_REPORTS               /* what advertises; see hci_next_report */
};

/* Members that its kind does not have are zero. */
struct hci_event {
	enum hci_event_kind kind;
	uint8_t code;
	uint8_t subevent; /* of code 3E */
	uint8_t status;
	uint8_t reason;
	uint8_t command_credits; /* commands that may be sent now */
	uint8_t tx_phy;
	uint8_t rx_phy;
	bool central; /* our role */
	uint16_t handle;
	uint16_t opcode; /* of the command done; 0: credits alone */
	uint16_t tx_octets;
	uint16_t rx_octets;
	struct otadfu_addr peer;
	struct hci_connection_parameters parameters;
	const uint8_t *items; /* what a command returns, behind its status; packets, reports */
	size_t items_len;
};

/*
 * packet without its H4 type. False: truncated or overlong. Of a successful command of the list
 * above, items hold at least what the specification says.
 */
bool hci_decode(const uint8_t *packet, size_t len, struct hci_event *ret_event);

/* One sighting of an advertiser. */
struct hci_report {
	struct otadfu_addr address;
	bool connectable;
	bool directed;      /* at us alone */
	bool scan_response; /* its data is one */
	bool partial;       /* more data was sent than this */
	bool continues;     /* the next report of address has it */
	int8_t rssi_dbm;
	const uint8_t *data;
	size_t data_len;
};

/* Those of HCI_EVENT_REPORTS, one after the other, of a cursor over the event's items. False: there
 * are no more, or the rest is damaged. One without an address is left out. */
bool hci_next_report(const struct hci_event *event, struct cursor *items,
		     struct hci_report *ret_report);

/* The index-th connection of HCI_EVENT_COMPLETED; false: there are no more. */
bool hci_completed(const struct hci_event *event, size_t index, uint16_t *ret_handle,
		   uint16_t *ret_count);

struct otadfu_addr hci_address(const uint8_t *bytes, uint8_t type); /* as sent: last byte first */

/* What a successful command returns at least, behind its status. */
size_t hci_reply_len(uint16_t opcode);

const char *hci_command_name(uint16_t opcode); /* "LE Set Random Address"; never NULL */
const char *hci_status_text(uint8_t status);   /* "connection timeout"; never NULL */

#endif
