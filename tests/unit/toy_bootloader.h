/* The smallest bootloader a device can have: it does what a test tells it, and notes what happens.
 */
#ifndef OTADFU_TESTS_TOY_BOOTLOADER_H
#define OTADFU_TESTS_TOY_BOOTLOADER_H

#include "firmware.h"

enum {
	TOY_TEXT = 0x0010,    /* read */
	TOY_CONTROL = 0x0012, /* write, notify */
	TOY_PACKET = 0x0015,  /* write without response */
	TOY_TALK = 0x0017     /* write, indicate */
};

enum { TOY_RESET = 'r', TOY_LEAVE = 'l', TOY_ANSWER = 'a', TOY_ERASE = 'e', TOY_QUIT = 'q' };

/* A device with it, and what left the device. Zero-initialise, then toy_start. */
struct toy {
	struct device_config config;
	struct device *device;
	unsigned resets_at_boot; /* so often boot resets the chip once more */
	uint64_t boot_spends_us;
	bool boots_application;
	uint32_t inactivity_s;

	unsigned boots;
	uint8_t gpregret_at_boot;
	uint8_t ram_at_boot;
	bool peer_data_at_boot;
	char name_at_boot[32];
	unsigned packets;
	unsigned confirmations;
	unsigned inactivities;
	unsigned values;
	uint8_t value[32];
	size_t value_len;
	bool indication;
	uint8_t reason; /* the device closed the link; 0: it did not */
	unsigned reset_events;
	unsigned boot_events;
};

extern const struct bootloader_ops toy_bootloader;

/* Fills what the test left open in config, makes the device and switches it on. */
void toy_start(struct toy *toy);
void toy_stop(struct toy *toy);

#endif
