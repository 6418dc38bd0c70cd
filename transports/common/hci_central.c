#include "hci_central.h"

/* All the time: 30 ms of 30 ms, in units of 625 us. */
enum { SCAN_INTERVAL = 48, SCAN_ACTIVE = 1 };

enum { INITIATING_1M = 0x01, INITIATING_2M = 0x02 };

static struct hci_command finish(uint16_t opcode, struct hci_command command,
				 const struct filler *parameters)
{
	command.opcode = opcode;
	command.len = (uint8_t)parameters->len;
	return command;
}

/* 7.8.10 and 7.8.64: advertising is begun on 1M alone. */
struct hci_command hci_scan_parameters(const struct hci_central *central)
{
	struct hci_command command = { 0 };
	struct filler f = filler_over(command.parameters, sizeof(command.parameters));

	if (central->extended) {
		fill_u8(&f, central->own_type);
		fill_u8(&f, 0); /* anybody */
		fill_u8(&f, INITIATING_1M);
	}
	fill_u8(&f, SCAN_ACTIVE);
	fill_le16(&f, SCAN_INTERVAL);
	fill_le16(&f, SCAN_INTERVAL);
	if (central->extended)
		return finish(HCI_LE_SET_EXTENDED_SCAN_PARAMETERS, command, &f);
	fill_u8(&f, central->own_type);
	fill_u8(&f, 0);
	return finish(HCI_LE_SET_SCAN_PARAMETERS, command, &f);
}

/* 7.8.11 and 7.8.65 */
struct hci_command hci_scan_enable(const struct hci_central *central, bool on)
{
	struct hci_command command = { 0 };
	struct filler f = filler_over(command.parameters, sizeof(command.parameters));

	fill_u8(&f, on);
	fill_u8(&f, 0); /* duplicates are not filtered */
	if (!central->extended)
		return finish(HCI_LE_SET_SCAN_ENABLE, command, &f);
	fill_le16(&f, 0); /* until it is turned off */
	fill_le16(&f, 0);
	return finish(HCI_LE_SET_EXTENDED_SCAN_ENABLE, command, &f);
}

/* 7.8.12 */
static struct hci_command create_legacy(const struct hci_central *central,
					const struct otadfu_addr *peer,
					const struct hci_connection_parameters *parameters)
{
	struct hci_command command = { 0 };
	struct filler f = filler_over(command.parameters, sizeof(command.parameters));

	fill_le16(&f, SCAN_INTERVAL);
	fill_le16(&f, SCAN_INTERVAL);
	fill_u8(&f, 0); /* to peer, not to one of a list */
	fill_u8(&f, peer->type);
	hci_fill_address(&f, peer);
	fill_u8(&f, central->own_type);
	hci_fill_parameters(&f, parameters);
	return finish(HCI_LE_CREATE_CONNECTION, command, &f);
}

/* 7.8.66 */
static struct hci_command create_extended(const struct hci_central *central,
					  const struct otadfu_addr *peer,
					  const struct hci_connection_parameters *parameters)
{
	struct hci_command command = { 0 };
	struct filler f = filler_over(command.parameters, sizeof(command.parameters));

	fill_u8(&f, 0); /* to peer, not to one of a list */
	fill_u8(&f, central->own_type);
	fill_u8(&f, peer->type);
	hci_fill_address(&f, peer);
	fill_u8(&f, central->has_2m ? INITIATING_1M | INITIATING_2M : INITIATING_1M);
	for (int phy = HCI_PHY_1M; phy <= (central->has_2m ? HCI_PHY_2M : HCI_PHY_1M); phy++) {
		fill_le16(&f, SCAN_INTERVAL);
		fill_le16(&f, SCAN_INTERVAL);
		hci_fill_parameters(&f, parameters);
	}
	return finish(HCI_LE_EXTENDED_CREATE_CONNECTION, command, &f);
}

struct hci_command hci_create_connection(const struct hci_central *central,
					 const struct otadfu_addr *peer,
					 const struct hci_connection_parameters *parameters)
{
	return central->extended ? create_extended(central, peer, parameters)
				 : create_legacy(central, peer, parameters);
}

/* 7.8.33 and Vol 6, Part B, 4.5.10: the time is that of 1M, which also holds for faster ones. */
struct hci_command hci_data_length(uint16_t handle, uint16_t octets)
{
	enum { OVERHEAD = 14, US_PER_OCTET = 8 };
	struct hci_command command = { 0 };
	struct filler f = filler_over(command.parameters, sizeof(command.parameters));

	fill_le16(&f, handle);
	fill_le16(&f, octets);
	fill_le16(&f, (uint16_t)((octets + OVERHEAD) * US_PER_OCTET));
	return finish(HCI_LE_SET_DATA_LENGTH, command, &f);
}

/* 7.8.49 */
struct hci_command hci_phy(uint16_t handle, uint8_t phys)
{
	struct hci_command command = { 0 };
	struct filler f = filler_over(command.parameters, sizeof(command.parameters));

	fill_le16(&f, handle);
	fill_u8(&f, 0); /* a wish for either direction */
	fill_u8(&f, phys);
	fill_u8(&f, phys);
	fill_le16(&f, 0); /* of the coded PHY */
	return finish(HCI_LE_SET_PHY, command, &f);
}
