#include "chip.h"

#include <stddef.h>
#include <string.h>

/*
 * Erase and word times: product specifications of nRF52840 and nRF52832, measured values for
 * nRF51, whose pages are a quarter of the others'.
 */
static const struct chip chips[] = {
	{ .name = "nrf51822",
	  .flash_size = 256 * 1024,
	  .page_size = 1024,
	  .erase_page_us = 21000,
	  .write_word_us = 46 },
	{ .name = "nrf52832",
	  .flash_size = 512 * 1024,
	  .page_size = 4096,
	  .erase_page_us = 85000,
	  .write_word_us = 68 },
	{ .name = "nrf52840",
	  .flash_size = 1024 * 1024,
	  .page_size = 4096,
	  .erase_page_us = 85000,
	  .write_word_us = 41 },
};

const struct chip *chip_find(const char *name)
{
	for (size_t i = 0; i < sizeof(chips) / sizeof(chips[0]); i++) {
		if (strcmp(chips[i].name, name) == 0)
			return &chips[i];
	}
	return NULL;
}

const char *chip_names(void)
{
	return "nrf51822, nrf52832, nrf52840";
}
