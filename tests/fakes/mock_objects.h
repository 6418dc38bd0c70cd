/* The objects of a service on a bus that is not there: interfaces of properties, by path. */
#ifndef OTADFU_TESTS_MOCK_OBJECTS_H
#define OTADFU_TESTS_MOCK_OBJECTS_H

#include <stdarg.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <systemd/sd-bus.h>

enum { MOCK_PATH_MAX = 64, MOCK_NAME_MAX = 64 };

struct mock_property {
	char interface[MOCK_NAME_MAX];
	char name[MOCK_NAME_MAX];
	sd_bus_message *value; /* holds one variant */
};

struct mock_object {
	char path[MOCK_PATH_MAX];
	struct mock_property *properties;
	size_t count;
};

struct mock_objects {
	sd_bus *bus; /* borrowed; that of the values */
	struct mock_object *items;
	size_t count;
};

/* Ends the program, naming what went wrong, when r is a negative errno: cmocka must not be left by
 * longjmp from another thread. */
void mock_require(int r, const char *what);

/* reallocarray() that does not fail. */
void *mock_grow(void *items, size_t count, size_t size);
void mock_copy_name(char name[MOCK_NAME_MAX], const char *text);

/* types and args as for sd_bus_message_appendv(), of one value. */
void mock_objects_set(struct mock_objects *objects, const char *path, const char *interface,
		      const char *name, const char *types, va_list args);
void mock_objects_set_bytes(struct mock_objects *objects, const char *path, const char *interface,
			    const char *name, const uint8_t *data, size_t len);
void mock_objects_unset(struct mock_objects *objects, const char *path, const char *interface,
			const char *name);
void mock_objects_remove(struct mock_objects *objects, const char *path);
void mock_objects_clear(struct mock_objects *objects);

struct mock_object *mock_objects_find(const struct mock_objects *objects, const char *path);
/* object may be NULL in both. */
const struct mock_property *mock_object_property(const struct mock_object *object,
						 const char *interface, const char *name);
bool mock_object_has_interface(const struct mock_object *object, const char *interface);

/* Into a message: "v", "a{sv}", "oa{sa{sv}}" and "as", its interfaces. */
void mock_append_value(sd_bus_message *message, const struct mock_property *property);
void mock_append_properties(sd_bus_message *message, const struct mock_object *object,
			    const char *interface);
void mock_append_object(sd_bus_message *message, const struct mock_object *object);
void mock_append_interfaces(sd_bus_message *message, const struct mock_object *object);

#endif
