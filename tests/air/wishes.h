/* Parameters that several commands share. */
#ifndef AIR_WISHES_H
#define AIR_WISHES_H

#include "controller.h"

enum {
	DATA_TIME_MIN_US = 328,
	DATA_TIME_MAX_US = 2120 /* 251 octets at 1M */
};

/* Both return a status, and touch nothing unless that is success. */

/* Octets and time, brought down to what a controller can do. */
uint8_t wishes_take_length(struct reader *parameters, struct data_length *ret_length);

/* ALL_PHYS, TX_PHYS and RX_PHYS (7.8.48); no preference means all that there are. */
uint8_t wishes_take_phys(const struct controller *controller, struct reader *parameters,
			 uint8_t *ret_tx_phys, uint8_t *ret_rx_phys);

#endif
