/* What differs between the chips: memory layout and flash times. */
#ifndef OTADFU_SIM_CHIP_H
#define OTADFU_SIM_CHIP_H

#include <stdint.h>

struct chip {
	const char *name; /* "nrf51822", "nrf52832", "nrf52840": as in a scenario */
	uint32_t flash_size;
	uint32_t page_size;
	uint32_t erase_page_us;
	uint32_t write_word_us;
};

/* NULL for an unknown name. */
const struct chip *chip_find(const char *name);

/* "nrf51822, nrf52832, nrf52840", for messages. */
const char *chip_names(void);

#endif
