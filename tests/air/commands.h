/* The commands of HCI that the controllers know (Core Specification, Vol 4, Part E, 7). */
#ifndef AIR_COMMANDS_H
#define AIR_COMMANDS_H

#include "controller.h"

/* A command packet, header and parameters; the answer goes to the outbox. */
void command_run(struct controller *controller, const uint8_t *data, size_t len);

/* One bit for each command that this controller knows (6.27). */
enum { COMMAND_BITS_LEN = 64 };
void command_bits(const struct controller *controller, uint8_t bits[COMMAND_BITS_LEN]);

/* What a command does: takes parameters, whose length is right where the table knows one, returns a
 * status, and fills in what follows that in Command Complete. */
typedef uint8_t command_fn(struct controller *controller, struct reader *parameters,
			   struct writer *reply);

/* local_commands.c */
command_fn reset, read_local_version, read_local_commands, read_local_features, read_buffer_size,
	read_address, set_event_mask, le_set_event_mask, le_read_buffer_size, le_read_features,
	le_read_states, le_rand, le_set_random_address, le_read_accept_list_size,
	le_clear_accept_list, le_add_to_accept_list, le_remove_from_accept_list,
	le_read_default_length, le_write_default_length, le_read_maximum_length, le_set_default_phy;

/* advertising_commands.c */
command_fn le_set_advertising_parameters, le_read_advertising_power, le_set_advertising_data,
	le_set_scan_response, le_enable_advertising;

/* extended_commands.c */
command_fn le_set_set_address, le_set_set_parameters, le_set_set_data, le_set_set_response,
	le_enable_sets, le_read_advert_max, le_read_set_count, le_remove_set, le_clear_sets;

/* seeking_commands.c */
command_fn le_set_scan_parameters, le_enable_scan, le_set_extended_scan_parameters,
	le_enable_extended_scan, le_create_connection, le_create_connection_cancel,
	le_extended_create_connection;

/* link_commands.c */
command_fn disconnect, read_remote_version, read_rssi, le_connection_update,
	le_read_remote_features, le_enable_encryption, le_accept_parameters, le_reject_parameters,
	le_set_data_length, le_read_phy, le_set_phy;

#endif
