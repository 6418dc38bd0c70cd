/*
 * What runs on a simulated device, and what it may ask of the chip and the SoftDevice beneath.
 */
#ifndef OTADFU_SIM_FIRMWARE_H
#define OTADFU_SIM_FIRMWARE_H

#include "device.h"

/* One program: the application, a bootloader in DFU mode, the test service. Members may be NULL. */
struct firmware_ops {
	const struct device_attribute *attributes;
	size_t attribute_count;
	void (*connected)(struct device *device);
	void (*disconnected)(struct device *device, uint8_t reason);
	void (*cccd_changed)(struct device *device, uint16_t handle, uint16_t value);
	uint16_t (*mtu)(struct device *device, uint16_t client_mtu); /* NULL: 23 */
	uint8_t (*read)(struct device *device, uint16_t handle, uint8_t *buf, size_t cap,
			size_t *ret_len);
	uint8_t (*write)(struct device *device, uint16_t handle, const uint8_t *data, size_t len);
	uint8_t (*prepare_write)(struct device *device, uint16_t handle, const uint8_t *data,
				 size_t len);
	void (*write_cmd)(struct device *device, uint16_t handle, const uint8_t *data, size_t len);
	void (*confirmed)(struct device *device, uint16_t handle);
	void (*room)(struct device *device);       /* after firmware_has_room said no */
	void (*inactivity)(struct device *device); /* its inactivity timer fired */
	void (*cpu_released)(struct device *device);
};

/* What decides at each start of the chip: a bootloader, or what stands in its place. */
struct bootloader_ops {
	const char *name;        /* "secure", "legacy" */
	const char *const *sdks; /* generations it knows, NULL-terminated */
	size_t ram_size;         /* of firmware_ram; zeroed at each chip reset */
	struct flash_driver flash;
	/* Fresh flash: SoftDevice, bootloader, settings and the application as from production.
	 * NULL: it stays erased. */
	void (*provision)(struct device *device);
	/* After every chip start: finishes an activation, decides, and calls
	 * firmware_run_application or firmware_run, or firmware_reset once more. */
	void (*boot)(struct device *device);
	void (*describe)(const struct device *device, struct device_state *ret_state);
	/* The settings as the transcripts' end state shows them, as JSON text. Caller frees. */
	char *(*settings_json)(const struct device *device);
};

extern const struct bootloader_ops peer_secure;
extern const struct bootloader_ops peer_legacy;
extern const struct bootloader_ops peer_infinitime;
extern const struct bootloader_ops conformance_service; /* no bootloader at all */

/* --- for boot --- */

enum { FIRMWARE_GPREGRET_DFU = 0xB1 }; /* an application asks for the bootloader */

/* What survives a reset but not a power cycle. */
uint8_t firmware_gpregret(const struct device *device);
void firmware_set_gpregret(struct device *device, uint8_t value);
/* Peer data handed over by the application (legacy-dfu.md 3): reading it forgets it. */
bool firmware_take_peer_data(struct device *device);

/*
 * The advertising name that a client chose through the application (secure-dfu.md 2), for this one
 * start: reading it forgets it. At most cap bytes, not terminated; returns its length, 0: none.
 */
size_t firmware_take_name(struct device *device, char *buf, size_t cap);

void *firmware_ram(const struct device *device); /* ram_size bytes of the bootloader */

/* How long boot takes before what it starts is seen: added up, then the clock is let go. */
void firmware_spend(struct device *device, uint64_t us);

void firmware_run_application(struct device *device);

struct firmware_start {
	const struct firmware_ops *ops;
	enum device_mode mode;   /* 0: DEVICE_BOOTLOADER */
	struct otadfu_addr addr; /* it advertises at */
	uint8_t adv_data[DEVICE_ADV_MAX];
	size_t adv_len;
	bool directed;
	uint32_t inactivity_s; /* armed at this start; 0: none */
};
void firmware_run(struct device *device, const struct firmware_start *start);

/* --- while running --- */

/* Chip reset at the end of this call into the device: link lost without a word, RAM cleared, boot.
 */
void firmware_reset(struct device *device);
/* The bootloader's error handler: an event, then the same. */
void firmware_error_check(struct device *device);
/* Starts what boot decides without a chip reset (the legacy bootloader's way into the application).
 */
void firmware_restart_without_reset(struct device *device);
/* Closes the link with that reason; the observer is told; then ops->disconnected is not called. */
void firmware_disconnect(struct device *device, uint8_t reason);

/* The same later, if this connection still stands then; UINT64_MAX: not any more. */
void firmware_disconnect_at(struct device *device, uint64_t due_us, uint8_t reason);

/* Answers to requests wait until then, on this connection; 0: no longer. */
void firmware_hold_answers(struct device *device, uint64_t until_us);

/* Only in connected: from now on this program's attributes and functions. */
void firmware_serve(struct device *device, const struct firmware_ops *ops);

/* False: a value sent now would find no place; ops->room is called when there is one. */
bool firmware_has_room(const struct device *device);

void firmware_notify(struct device *device, uint16_t handle, const uint8_t *data, size_t len);
void firmware_indicate(struct device *device, uint16_t handle, const uint8_t *data, size_t len);
uint16_t firmware_cccd(const struct device *device, uint16_t handle);

/* Connected, it stays so; else nobody can connect until the next start. */
void firmware_stop_advertising(struct device *device);

/* (Re)arms the inactivity timer of firmware_start; the second with another time from now on. */
void firmware_feed_inactivity(struct device *device);
void firmware_set_inactivity(struct device *device, uint32_t seconds);
/* Something this program does later, unless it ends before; device is the user of do_it. One at a
 * time: a second takes the place of the first. NULL: nothing any more. */
void firmware_do_later(struct device *device, uint64_t delay_us, timeline_fn *do_it);
bool firmware_cpu_is_held(const struct device *device);
struct timeline *firmware_timeline(struct device *device);
struct device_counters *firmware_counters(struct device *device);
void firmware_report(struct device *device, const struct device_event *event);

/* The address with one added to its low octet, modulo 256, no carry. */
struct otadfu_addr firmware_next_address(const struct otadfu_addr *addr);

#endif
