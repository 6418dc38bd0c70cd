/*
 * One simulated device: chip, flash, reset and retention register, GATT server, advertising.
 * What runs on it is a bootloader (peer_secure.c, peer_legacy.c), the application (application.c)
 * or the test service (conformance.c). Used in process by the sim transport and by the replay of
 * transcripts.
 *
 * A device belongs to one thread at a time. It acts only inside these calls: device_advance
 * lets its time pass.
 */
#ifndef OTADFU_SIM_DEVICE_H
#define OTADFU_SIM_DEVICE_H

#include "flash.h"
#include "timeline.h"

#include <otadfu/types.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct device;
struct firmware_ops;
struct bootloader_ops;

enum device_mode {
	DEVICE_OFF = 0,
	DEVICE_APPLICATION,
	DEVICE_BOOTLOADER,
	DEVICE_CONFORMANCE /* the test service, CONFORMANCE.md */
};

enum device_buttonless {
	BUTTONLESS_NONE = 0,
	BUTTONLESS_LEGACY,       /* 1531: 01 04 */
	BUTTONLESS_EXPERIMENTAL, /* 8E400001 */
	BUTTONLESS_UNBONDED,     /* 8EC90003 */
	BUTTONLESS_CUSTOM        /* the product's own: E95D93B0, E95D93B1, 01 */
};

/* legacy: which init packets its bootloader takes; legacy-dfu.md, section 6. */
enum device_init_format {
	DEVICE_INIT_05 = 0, /* the CRC template of Nordic's SDK */
	DEVICE_INIT_06,
	DEVICE_INIT_07,
	DEVICE_INIT_08
};

/* What a scenario says of one device. Strings are borrowed for the device's life. */
struct device_config {
	struct otadfu_addr address;
	const char *name;
	const struct chip *chip;
	const struct bootloader_ops *bootloader;
	const char *sdk; /* a generation the bootloader knows: "17.1", "12.2", "11", "8" */
	enum device_mode mode;
	enum device_buttonless buttonless;
	bool single_bank; /* legacy: erases the application at Start */
	enum device_init_format init_format;
	bool peer_data; /* legacy: the application hands over address and bond */
	bool locked;    /* infinitime: its user has switched updates off */
	uint32_t hw_version;
	uint16_t softdevice; /* FWID */
	uint32_t app_version;
	const char
		*firmware; /* what the application says it is: NULL the version, "none" nothing */
	bool has_battery;
	uint8_t battery_percent;
	uint32_t bootloader_version;
	bool has_public_key;
	uint8_t public_key[64];    /* X then Y, big endian each */
	uint16_t uicr_device_type; /* FFFF: not programmed */
	uint16_t uicr_device_revision;
	uint16_t mtu;               /* largest ATT MTU it takes */
	bool save_progress;         /* secure: NRF_DFU_SAVE_PROGRESS_IN_FLASH */
	bool full_protocol;         /* secure: built without NRF_DFU_PROTOCOL_REDUCED */
	bool takes_external;        /* secure: built with NRF_DFU_SUPPORTS_EXTERNAL_APP */
	const uint8_t *application; /* first contents, as in a package; NULL: none installed */
	size_t application_len;
	const uint8_t *softdevice_image; /* NULL: generated */
	size_t softdevice_len;
	const uint8_t *bootloader_image; /* NULL: generated */
	size_t bootloader_len;
	uint32_t softdevice_size_with_mbr; /* application start; 0: by chip and FWID */
	const char *flash_path;            /* NULL: in memory */
};

/* What people and tests want to know; kept from power on. */
struct device_counters {
	uint32_t connections;
	uint64_t bytes_received; /* on the Packet characteristic */
	uint32_t objects_executed;
	uint32_t packets_dropped;
};

enum device_event_kind {
	DEVICE_EVENT_BOOT = 1,   /* mode; number: seconds of its inactivity timer, 0: none */
	DEVICE_EVENT_RESET,      /* the chip restarts */
	DEVICE_EVENT_MBR_COPY,   /* text: image; number: length in bytes */
	DEVICE_EVENT_ERROR_CHECK /* the bootloader's own error check failed: it resets */
};

struct device_event {
	enum device_event_kind kind;
	enum device_mode mode;
	const char *text;
	uint32_t number;
};

/* What leaves the device. Called inside the calls below; must not call back into the device.
 * Members may be NULL. */
struct device_observer {
	void (*value)(void *user, uint16_t handle, const uint8_t *data, size_t len,
		      bool indication);
	void (*disconnected)(void *user, uint8_t reason); /* closed by the device */
	void (*event)(void *user, const struct device_event *event);
	/* Whether one more value can wait for the radio; after a false, device_room. NULL: always.
	 */
	bool (*has_room)(void *user);
	void *user;
};

/* NULL: out of memory, or flash_path cannot be used (errno says why). */
struct device *device_new(const struct device_config *config,
			  const struct device_observer *observer);
void device_free(struct device *device);

/* First start provisions fresh flash, then boots as after power on. */
void device_power_on(struct device *device);
void device_power_cycle(struct device *device); /* RAM and retention register lost; link dropped */

/* What the application does when told to enter the bootloader: GPREGRET B1 (or a flag), reset. */
void device_enter_bootloader(struct device *device);

/* Advances the device's clock and does everything that falls due. */
void device_advance(struct device *device, uint64_t now_us);
uint64_t device_now_us(const struct device *device);
uint64_t
device_next_us(const struct device *device); /* UINT64_MAX: nothing will happen by itself */

/* For tests: everything falls due now, but for inactivity timers; held flash stays held. */
void device_settle(struct device *device);
void device_fire_inactivity(struct device *device);
void device_hold_cpu(struct device *device, bool hold); /* the main loop stands still */
struct flash *device_flash(const struct device *device);

/* --- what a radio sees --- */

enum { DEVICE_ADV_MAX = 31 };

struct device_advert {
	bool connectable;
	bool directed; /* reaches only the central that asked for the jump: no data */
	struct otadfu_addr addr;
	uint8_t data[DEVICE_ADV_MAX];
	size_t data_len;
};

/* False: it does not advertise (off, booting, connected). */
bool device_advertises(const struct device *device, struct device_advert *ret_advert);

/* False when it does not advertise. Notifications are off and the MTU is 23 after it. */
bool device_connect(struct device *device);
void device_disconnect(struct device *device,
		       uint8_t reason); /* link lost or closed by the client */
bool device_is_connected(const struct device *device);

/* The radio has taken values: a program that waited for room goes on. */
void device_room(struct device *device);

/* No answer to a request leaves before that time; 0: at once. What the request asks for is done all
 * the same. Ask before the request is given to the device, and again after: the earlier counts. */
uint64_t device_holds_until_us(const struct device *device);

/* --- GATT server --- */

enum { DEVICE_ATTRIBUTES_MAX = 16 };

struct device_attribute {
	uint16_t service;       /* 16-bit UUID; 0: service128 */
	uint16_t uuid;          /* 16-bit UUID; 0: uuid128 */
	uint8_t service128[16]; /* big endian, as printed */
	uint8_t uuid128[16];
	uint16_t handle; /* of the value; behind its declaration, before its configuration */
	uint8_t props;   /* OTADFU_PROP_* */
};

/* Of what runs now, in the order of their handles, a service in one piece; *ret_count entries,
 * valid until it changes. */
const struct device_attribute *device_attributes(const struct device *device, size_t *ret_count);

uint16_t device_exchange_mtu(struct device *device, uint16_t client_mtu); /* server's MTU */
uint16_t device_mtu(const struct device *device);                         /* in force */

/* All of them: ATT error code, 0 success. handle is that of the value. */
uint8_t device_write_cccd(struct device *device, uint16_t handle, uint16_t value);
uint8_t device_read_cccd(const struct device *device, uint16_t handle, uint16_t *ret_value);
uint8_t device_read(struct device *device, uint16_t handle, uint8_t *buf, size_t cap,
		    size_t *ret_len);
uint8_t device_write(struct device *device, uint16_t handle, const uint8_t *data, size_t len);
uint8_t device_prepare_write(struct device *device, uint16_t handle, const uint8_t *data,
			     size_t len);
void device_write_cmd(struct device *device, uint16_t handle, const uint8_t *data, size_t len);
void device_confirm(struct device *device, uint16_t handle); /* of an indication */

/* --- what it is --- */

enum device_mode device_mode(const struct device *device);
const struct device_config *device_config(const struct device *device);
const struct device_counters *device_counters(const struct device *device);

/* Where images lie in flash, as the device would run them; len 0: none, but addr stands. */
struct device_image {
	uint32_t addr;
	uint32_t len;
};

struct device_state {
	struct device_image application, softdevice, bootloader;
	struct device_image external; /* an application for another chip, kept in bank 1 */
	uint32_t bank1;               /* address where a received image waits for its activation */
	uint32_t app_version, bootloader_version;
	uint16_t softdevice_fwid;
};

void device_describe(const struct device *device, struct device_state *ret_state);

#endif
