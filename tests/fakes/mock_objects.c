#include "mock_objects.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

void mock_require(int r, const char *what)
{
	if (r >= 0)
		return;
	fprintf(stderr, "mock: %s: %s\n", what, strerror(-r));
	abort();
}

void *mock_grow(void *items, size_t count, size_t size)
{
	void *grown = reallocarray(items, count, size);

	mock_require(grown ? 0 : -ENOMEM, "memory");
	return grown;
}

void mock_copy_name(char name[MOCK_NAME_MAX], const char *text)
{
	int len = snprintf(name, MOCK_NAME_MAX, "%s", text);

	mock_require(len < MOCK_NAME_MAX ? 0 : -ENAMETOOLONG, text);
}

struct mock_object *mock_objects_find(const struct mock_objects *objects, const char *path)
{
	for (size_t i = 0; i < objects->count; i++) {
		if (strcmp(objects->items[i].path, path) == 0)
			return &objects->items[i];
	}
	return NULL;
}

static struct mock_property *find_property(const struct mock_object *object, const char *interface,
					   const char *name)
{
	for (size_t i = 0; object && i < object->count; i++) {
		struct mock_property *property = &object->properties[i];

		if (strcmp(property->interface, interface) == 0 &&
		    strcmp(property->name, name) == 0)
			return property;
	}
	return NULL;
}

const struct mock_property *mock_object_property(const struct mock_object *object,
						 const char *interface, const char *name)
{
	return find_property(object, interface, name);
}

bool mock_object_has_interface(const struct mock_object *object, const char *interface)
{
	for (size_t i = 0; object && i < object->count; i++) {
		if (strcmp(object->properties[i].interface, interface) == 0)
			return true;
	}
	return false;
}

static struct mock_object *make_object(struct mock_objects *objects, const char *path)
{
	struct mock_object *object = mock_objects_find(objects, path);

	if (object)
		return object;
	objects->items = mock_grow(objects->items, objects->count + 1, sizeof(*object));
	object = &objects->items[objects->count++];
	*object = (struct mock_object){ 0 };
	mock_copy_name(object->path, path);
	return object;
}

static struct mock_property *make_property(struct mock_object *object, const char *interface,
					   const char *name)
{
	struct mock_property *property = find_property(object, interface, name);

	if (property)
		return property;
	object->properties = mock_grow(object->properties, object->count + 1, sizeof(*property));
	property = &object->properties[object->count++];
	*property = (struct mock_property){ 0 };
	mock_copy_name(property->interface, interface);
	mock_copy_name(property->name, name);
	return property;
}

/* Takes value, which holds one variant. */
static void set(struct mock_objects *objects, const char *path, const char *interface,
		const char *name, sd_bus_message *value)
{
	struct mock_property *property = make_property(make_object(objects, path), interface, name);

	mock_require(sd_bus_message_seal(value, 1, 0), name);
	sd_bus_message_unref(property->value);
	property->value = value;
}

void mock_objects_set(struct mock_objects *objects, const char *path, const char *interface,
		      const char *name, const char *types, va_list args)
{
	sd_bus_message *value = NULL;

	mock_require(sd_bus_message_new(objects->bus, &value, SD_BUS_MESSAGE_METHOD_CALL), name);
	mock_require(sd_bus_message_open_container(value, 'v', types), types);
	mock_require(sd_bus_message_appendv(value, types, args), types);
	mock_require(sd_bus_message_close_container(value), types);
	set(objects, path, interface, name, value);
}

void mock_objects_set_bytes(struct mock_objects *objects, const char *path, const char *interface,
			    const char *name, const uint8_t *data, size_t len)
{
	sd_bus_message *value = NULL;

	mock_require(sd_bus_message_new(objects->bus, &value, SD_BUS_MESSAGE_METHOD_CALL), name);
	mock_require(sd_bus_message_open_container(value, 'v', "ay"), name);
	mock_require(sd_bus_message_append_array(value, 'y', data, len), name);
	mock_require(sd_bus_message_close_container(value), name);
	set(objects, path, interface, name, value);
}

void mock_objects_unset(struct mock_objects *objects, const char *path, const char *interface,
			const char *name)
{
	struct mock_object *object = mock_objects_find(objects, path);
	struct mock_property *property = find_property(object, interface, name);

	if (!property)
		return;
	sd_bus_message_unref(property->value);
	*property = object->properties[--object->count];
}

static void free_properties(struct mock_object *object)
{
	for (size_t i = 0; i < object->count; i++)
		sd_bus_message_unref(object->properties[i].value);
	free(object->properties);
}

void mock_objects_remove(struct mock_objects *objects, const char *path)
{
	struct mock_object *object = mock_objects_find(objects, path);

	if (!object)
		return;
	free_properties(object);
	*object = objects->items[--objects->count];
}

void mock_objects_clear(struct mock_objects *objects)
{
	for (size_t i = 0; i < objects->count; i++)
		free_properties(&objects->items[i]);
	free(objects->items);
	*objects = (struct mock_objects){ 0 };
}

void mock_append_value(sd_bus_message *message, const struct mock_property *property)
{
	mock_require(sd_bus_message_rewind(property->value, true), property->name);
	mock_require(sd_bus_message_copy(message, property->value, true), property->name);
}

void mock_append_properties(sd_bus_message *message, const struct mock_object *object,
			    const char *interface)
{
	mock_require(sd_bus_message_open_container(message, 'a', "{sv}"), "a{sv}");
	for (size_t i = 0; i < object->count; i++) {
		const struct mock_property *property = &object->properties[i];

		if (strcmp(property->interface, interface) != 0)
			continue;
		mock_require(sd_bus_message_open_container(message, 'e', "sv"), "sv");
		mock_require(sd_bus_message_append(message, "s", property->name), "s");
		mock_append_value(message, property);
		mock_require(sd_bus_message_close_container(message), "sv");
	}
	mock_require(sd_bus_message_close_container(message), "a{sv}");
}

static bool is_first_of_interface(const struct mock_object *object, size_t index)
{
	const char *interface = object->properties[index].interface;

	for (size_t i = 0; i < index; i++) {
		if (strcmp(object->properties[i].interface, interface) == 0)
			return false;
	}
	return true;
}

void mock_append_object(sd_bus_message *message, const struct mock_object *object)
{
	mock_require(sd_bus_message_append(message, "o", object->path), "o");
	mock_require(sd_bus_message_open_container(message, 'a', "{sa{sv}}"), "a{sa{sv}}");
	for (size_t i = 0; i < object->count; i++) {
		const char *interface = object->properties[i].interface;

		if (!is_first_of_interface(object, i))
			continue;
		mock_require(sd_bus_message_open_container(message, 'e', "sa{sv}"), "sa{sv}");
		mock_require(sd_bus_message_append(message, "s", interface), "s");
		mock_append_properties(message, object, interface);
		mock_require(sd_bus_message_close_container(message), "sa{sv}");
	}
	mock_require(sd_bus_message_close_container(message), "a{sa{sv}}");
}

void mock_append_interfaces(sd_bus_message *message, const struct mock_object *object)
{
	mock_require(sd_bus_message_open_container(message, 'a', "s"), "as");
	for (size_t i = 0; i < object->count; i++) {
		if (is_first_of_interface(object, i))
			mock_require(sd_bus_message_append(message, "s",
							   object->properties[i].interface),
				     "s");
	}
	mock_require(sd_bus_message_close_container(message), "as");
}
