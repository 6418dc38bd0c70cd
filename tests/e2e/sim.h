/* One simulated device with state, and otadfu run against it. */
#ifndef OTADFU_E2E_SIM_H
#define OTADFU_E2E_SIM_H

#include "files.h"
#include "run.h"

#include <jansson.h>

#define SIM_ADDRESS    "C0:FF:EE:00:00:01"
#define SIM_BOOTLOADER "C0:FF:EE:00:00:02" /* where its bootloader advertises */

struct sim {
	char *folder;
	char *scenario;
};

/*
 * device: the scenario's lines about the device, each "    key: value\n"; top: lines of the
 * scenario itself, or NULL. Fails the test that called, as everything below.
 */
struct sim sim_new(const char *device, const char *top);
void sim_remove(struct sim *sim);

/* A package in the folder by make_package with those words; returns its path. Caller frees. */
char *sim_make_package(const struct sim *sim, const char *name, const char *const *words);

/* `otadfu update PACKAGE -a address --json --transport sim ...` and more words (or NULL). */
struct run_result sim_update(const struct sim *sim, const char *package, const char *address,
			     const char *const *more);

/* The result object, the last line of what --json printed. Caller decrefs. */
json_t *sim_result(const struct run_result *run);

/* A member of device.json, or of the result: "mode", "error.code". */
const char *json_text_at(json_t *object, const char *path);
json_int_t json_int_at(json_t *object, const char *path);

/* device.json of the device. Caller decrefs. */
json_t *sim_device(const struct sim *sim);

/* FILE of the device's state ("application.bin"). Caller frees. */
uint8_t *sim_state_file(const struct sim *sim, const char *name, size_t *ret_len);

/* The same of another device of the scenario, by its folder: "C0-FF-EE-00-00-02". */
uint8_t *sim_state_file_of(const struct sim *sim, const char *device, const char *name,
			   size_t *ret_len);

/* Makes the devices, as a scan does, and changes nothing on them. */
void sim_provision(const struct sim *sim);

/* The device runs exactly those bytes as its application. */
void assert_sim_runs(const struct sim *sim, const uint8_t *image, size_t len);

#endif
