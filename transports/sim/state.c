#include "state.h"

#include "flash.h"

#include <errno.h>
#include <jansson.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

enum { IMAGE_MAX = 1024 * 1024 };

static char *join(const char *dir, const char *name)
{
	char *path;

	return asprintf(&path, "%s/%s", dir, name) < 0 ? NULL : path;
}

static int make_dir(const char *path)
{
	return mkdir(path, 0777) < 0 && errno != EEXIST ? -1 : 0;
}

static int read_stream(FILE *file, struct state_image *ret_image)
{
	uint8_t *data = malloc(IMAGE_MAX);
	size_t len;
	int reason;

	if (!data)
		return -1;
	errno = 0;
	len = fread(data, 1, IMAGE_MAX, file);
	reason = errno;
	if (ferror(file) || len == 0) {
		free(data);
		errno = reason ? reason : ENODATA;
		return -1;
	}
	*ret_image = (struct state_image){ .data = data, .len = len };
	return 0;
}

static int read_image(const char *dir, const char *name, struct state_image *ret_image)
{
	char *path = join(dir, name);
	FILE *file = path ? fopen(path, "re") : NULL;
	int result = 0;

	if (file) {
		result = read_stream(file, ret_image);
		fclose(file);
	} else if (!path || errno != ENOENT) {
		result = -1;
	}
	free(path);
	return result;
}

static bool is_known(const char *flash_path)
{
	struct stat status;

	return stat(flash_path, &status) == 0 && status.st_size > 0;
}

int state_open(struct state *state, const char *root, const struct otadfu_addr *address)
{
	const uint8_t *b = address->bytes;

	*state = (struct state){ 0 };
	if (make_dir(root) < 0)
		return -1;
	if (asprintf(&state->dir, "%s/%02X-%02X-%02X-%02X-%02X-%02X", root, b[0], b[1], b[2], b[3],
		     b[4], b[5]) < 0) {
		state->dir = NULL;
		return -1;
	}
	state->flash_path = join(state->dir, "flash.bin");
	if (!state->flash_path || make_dir(state->dir) < 0)
		return -1;
	state->known = is_known(state->flash_path);
	if (state->known)
		return 0;
	if (read_image(state->dir, "application.bin", &state->application) < 0 ||
	    read_image(state->dir, "softdevice.bin", &state->softdevice) < 0)
		return -1;
	return read_image(state->dir, "bootloader.bin", &state->bootloader);
}

void state_close(struct state *state)
{
	free(state->dir);
	free(state->flash_path);
	free(state->application.data);
	free(state->softdevice.data);
	free(state->bootloader.data);
	*state = (struct state){ 0 };
}

static int write_file(const char *path, const void *data, size_t len)
{
	FILE *file = fopen(path, "we");
	bool good;

	if (!file)
		return -1;
	good = fwrite(data, 1, len, file) == len;
	return fclose(file) == 0 && good ? 0 : -1;
}

/* Whole or not at all: a reader never sees half a file. */
static int replace_file(const char *dir, const char *name, const void *data, size_t len)
{
	char *path = join(dir, name);
	char *fresh = NULL;
	int result = -1;

	if (path && asprintf(&fresh, "%s.new", path) < 0)
		fresh = NULL;
	if (fresh && write_file(fresh, data, len) == 0)
		result = rename(fresh, path);
	else if (fresh)
		unlink(fresh);
	free(fresh);
	free(path);
	return result;
}

static int save_image(const struct state *state, struct device *device, const char *name,
		      const struct device_image *image)
{
	char *path;
	int result;

	if (image->len > 0)
		return replace_file(state->dir, name,
				    flash_bytes(device_flash(device)) + image->addr, image->len);
	path = join(state->dir, name);
	result = path && (unlink(path) == 0 || errno == ENOENT) ? 0 : -1;
	free(path);
	return result;
}

static const char *mode_name(enum device_mode mode)
{
	static const char *const names[] = { [DEVICE_OFF] = "off",
					     [DEVICE_APPLICATION] = "application",
					     [DEVICE_BOOTLOADER] = "bootloader",
					     [DEVICE_CONFORMANCE] = "conformance" };

	return names[mode];
}

static char *facts_text(struct device *device)
{
	const struct device_counters *counters = device_counters(device);
	struct device_state facts;
	char *text = NULL;
	json_t *json;

	device_describe(device, &facts);
	json = json_pack("{s:s, s:I, s:I, s:i, s:I, s:I, s:I, s:I}", "mode",
			 mode_name(device_mode(device)), "app_version",
			 (json_int_t)facts.app_version, "bootloader_version",
			 (json_int_t)facts.bootloader_version, "softdevice", facts.softdevice_fwid,
			 "connections", (json_int_t)counters->connections, "bytes_received",
			 (json_int_t)counters->bytes_received, "objects_executed",
			 (json_int_t)counters->objects_executed, "flash_erases",
			 (json_int_t)flash_erases(device_flash(device)));
	if (json)
		text = json_dumps(json, JSON_INDENT(2));
	json_decref(json);
	return text;
}

int state_save_facts(const struct state *state, struct device *device)
{
	char *text;
	int result;

	if (!state->dir)
		return 0;
	text = facts_text(device);
	result = text ? replace_file(state->dir, "device.json", text, strlen(text)) : -1;
	free(text);
	return result;
}

int state_save(const struct state *state, struct device *device)
{
	struct device_state facts;

	if (!state->dir)
		return 0;
	device_describe(device, &facts);
	if (save_image(state, device, "application.bin", &facts.application) < 0 ||
	    save_image(state, device, "softdevice.bin", &facts.softdevice) < 0 ||
	    save_image(state, device, "bootloader.bin", &facts.bootloader) < 0 ||
	    save_image(state, device, "external_application.bin", &facts.external) < 0)
		return -1;
	return state_save_facts(state, device);
}
