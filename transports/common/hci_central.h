/*
 * HCI commands of a central: scanning, connecting, and how fast a connection goes. What a
 * controller knows of extended advertising decides between two sets, and it must be told by one of
 * them only (Core Specification, Vol 4, Part E, 3.1.1). Pure.
 */
#ifndef OTADFU_TRANSPORTS_HCI_CENTRAL_H
#define OTADFU_TRANSPORTS_HCI_CENTRAL_H

#include "hci.h"

/* What the set of commands is chosen by. */
struct hci_central {
	bool extended;
	bool has_2m;      /* what is advertised on one PHY may go on on 2M */
	uint8_t own_type; /* of our address: 0 public, 1 random */
};

/* Active, all the time, every sighting. The parameters go before the scan is turned on. */
struct hci_command hci_scan_parameters(const struct hci_central *central);
struct hci_command hci_scan_enable(const struct hci_central *central, bool on);

/* Until it is connected, or hci_plain(HCI_LE_CREATE_CONNECTION_CANCEL). */
struct hci_command hci_create_connection(const struct hci_central *central,
					 const struct otadfu_addr *peer,
					 const struct hci_connection_parameters *parameters);

struct hci_command hci_data_length(uint16_t handle, uint16_t octets); /* 27 to 251 */

enum { HCI_PHY_1M = 1, HCI_PHY_2M = 2 }; /* in events; a command has a bit for each */

struct hci_command hci_phy(uint16_t handle, uint8_t phys); /* the bits of HCI_PHY_* */

#endif
