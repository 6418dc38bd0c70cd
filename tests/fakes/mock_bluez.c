#include "mock_bluez.h"

#include <errno.h>
#include <pthread.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/eventfd.h>
#include <systemd/sd-event.h>
#include <unistd.h>

#define OBJECT_MANAGER "org.freedesktop.DBus.ObjectManager"
#define PROPERTIES     "org.freedesktop.DBus.Properties"

enum { METHODS_MAX = 32, MEMBERS_MAX = 32, CHANGES_MAX = 256, OBSERVERS_MAX = 4 };

struct method {
	const char *interface;
	const char *member;
	const char *signature;
	mock_bluez_method_fn *handler;
	void *user;
};

/* What a test has arranged for the calls of one name, and how often they came. */
struct member {
	char name[MOCK_NAME_MAX];
	int calls;
	bool has_fault;
	struct mock_bluez_fault fault;
	mock_bluez_reaction_fn *react;
	void *user;
};

struct observer {
	mock_bluez_vanished_fn *vanished;
	void *user;
};

struct mock_bluez {
	sd_bus *bus;
	sd_event *event;
	pthread_t thread;
	int stop_fd;
	struct mock_objects objects;
	struct method methods[METHODS_MAX];
	size_t method_count;
	struct member members[MEMBERS_MAX];
	size_t member_count;
	struct observer observers[OBSERVERS_MAX];
	size_t observer_count;
};

void mock_bluez_set(struct mock_bluez *mock, const char *path, const char *interface,
		    const char *name, const char *types, ...)
{
	va_list args;

	va_start(args, types);
	mock_objects_set(&mock->objects, path, interface, name, types, args);
	va_end(args);
}

void mock_bluez_set_bytes(struct mock_bluez *mock, const char *path, const char *interface,
			  const char *property, const uint8_t *data, size_t len)
{
	mock_objects_set_bytes(&mock->objects, path, interface, property, data, len);
}

void mock_bluez_unset(struct mock_bluez *mock, const char *path, const char *interface,
		      const char *name)
{
	mock_objects_unset(&mock->objects, path, interface, name);
}

bool mock_bluez_is(struct mock_bluez *mock, const char *path, const char *interface,
		   const char *name)
{
	const struct mock_property *property =
		mock_object_property(mock_objects_find(&mock->objects, path), interface, name);
	int value = 0;

	mock_require(property ? 0 : -ENOENT, name);
	mock_require(sd_bus_message_rewind(property->value, true), name);
	mock_require(sd_bus_message_read(property->value, "v", "b", &value), name);
	return value != 0;
}

void mock_bluez_add_adapter(struct mock_bluez *mock, const char *name, bool powered)
{
	char path[MOCK_PATH_MAX];

	snprintf(path, sizeof(path), "/org/bluez/%.32s", name);
	mock_bluez_set(mock, path, MOCK_ADAPTER, "Address", "s", "00:AA:01:00:00:00");
	mock_bluez_set(mock, path, MOCK_ADAPTER, "Powered", "b", (int)powered);
	mock_bluez_set(mock, path, MOCK_ADAPTER, "Discovering", "b", 0);
}

void mock_bluez_add_device(struct mock_bluez *mock, const char *adapter, const char *address,
			   const char *address_type, char path[MOCK_PATH_MAX])
{
	char adapter_path[MOCK_PATH_MAX];

	snprintf(adapter_path, sizeof(adapter_path), "/org/bluez/%.32s", adapter);
	snprintf(path, MOCK_PATH_MAX, "/org/bluez/%.16s/dev_%.17s", adapter, address);
	for (char *p = path; *p != '\0'; p++) {
		if (*p == ':')
			*p = '_';
	}
	mock_bluez_set(mock, path, MOCK_DEVICE, "Address", "s", address);
	mock_bluez_set(mock, path, MOCK_DEVICE, "AddressType", "s", address_type);
	mock_bluez_set(mock, path, MOCK_DEVICE, "Adapter", "o", adapter_path);
}

static sd_bus_message *new_signal(struct mock_bluez *mock, const char *path, const char *interface,
				  const char *member)
{
	sd_bus_message *signal = NULL;

	mock_require(sd_bus_message_new_signal(mock->bus, &signal, path, interface, member),
		     member);
	return signal;
}

static void send_and_unref(struct mock_bluez *mock, sd_bus_message *message)
{
	mock_require(sd_bus_send(mock->bus, message, NULL), "send");
	sd_bus_message_unref(message);
}

void mock_bluez_announce(struct mock_bluez *mock, const char *path)
{
	sd_bus_message *signal = new_signal(mock, "/", OBJECT_MANAGER, "InterfacesAdded");

	mock_append_object(signal, mock_objects_find(&mock->objects, path));
	send_and_unref(mock, signal);
}

void mock_bluez_remove(struct mock_bluez *mock, const char *path)
{
	sd_bus_message *signal = new_signal(mock, "/", OBJECT_MANAGER, "InterfacesRemoved");

	mock_require(sd_bus_message_append(signal, "o", path), "o");
	mock_append_interfaces(signal, mock_objects_find(&mock->objects, path));
	send_and_unref(mock, signal);
	mock_objects_remove(&mock->objects, path);
}

/* The names that are set go into "a{sv}", the others into "as". */
static void append_changes(struct mock_bluez *mock, sd_bus_message *signal, const char *path,
			   const char *interface, const char *names, bool set)
{
	char copy[CHANGES_MAX];
	char *rest = copy;
	char *name;

	mock_require(snprintf(copy, sizeof(copy), "%s", names) < (int)sizeof(copy) ? 0 : -E2BIG,
		     names);
	mock_require(sd_bus_message_open_container(signal, 'a', set ? "{sv}" : "s"), names);
	while ((name = strsep(&rest, " ")) != NULL) {
		const struct mock_property *property =
			mock_object_property(mock_objects_find(&mock->objects, path), interface,
					     name);

		if (!set && !property)
			mock_require(sd_bus_message_append(signal, "s", name), name);
		if (!set || !property)
			continue;
		mock_require(sd_bus_message_open_container(signal, 'e', "sv"), name);
		mock_require(sd_bus_message_append(signal, "s", name), name);
		mock_append_value(signal, property);
		mock_require(sd_bus_message_close_container(signal), name);
	}
	mock_require(sd_bus_message_close_container(signal), names);
}

void mock_bluez_changed(struct mock_bluez *mock, const char *path, const char *interface,
			const char *names)
{
	sd_bus_message *signal = new_signal(mock, path, PROPERTIES, "PropertiesChanged");

	mock_require(sd_bus_message_append(signal, "s", interface), "s");
	append_changes(mock, signal, path, interface, names, true);
	append_changes(mock, signal, path, interface, names, false);
	send_and_unref(mock, signal);
}

void mock_bluez_emit(struct mock_bluez *mock, const char *path, const char *interface,
		     const char *member, const char *types, ...)
{
	sd_bus_message *signal = new_signal(mock, path, interface, member);
	va_list args;

	va_start(args, types);
	mock_require(sd_bus_message_appendv(signal, types, args), types);
	va_end(args);
	send_and_unref(mock, signal);
}

void mock_bluez_die(struct mock_bluez *mock)
{
	mock_require(sd_bus_flush(mock->bus), "flush");
	sd_bus_close(mock->bus);
}

static struct member *find_member(struct mock_bluez *mock, const char *name)
{
	struct member *member;

	for (size_t i = 0; i < mock->member_count; i++) {
		if (strcmp(mock->members[i].name, name) == 0)
			return &mock->members[i];
	}
	mock_require(mock->member_count < MEMBERS_MAX ? 0 : -E2BIG, "members");
	member = &mock->members[mock->member_count++];
	mock_copy_name(member->name, name);
	return member;
}

void mock_bluez_set_fault(struct mock_bluez *mock, const char *name,
			  const struct mock_bluez_fault *fault)
{
	struct member *member = find_member(mock, name);

	member->has_fault = fault != NULL;
	if (fault)
		member->fault = *fault;
}

void mock_bluez_react(struct mock_bluez *mock, const char *name, mock_bluez_reaction_fn *react,
		      void *user)
{
	struct member *member = find_member(mock, name);

	member->react = react;
	member->user = user;
}

int mock_bluez_calls(const struct mock_bluez *mock, const char *name)
{
	for (size_t i = 0; i < mock->member_count; i++) {
		if (strcmp(mock->members[i].name, name) == 0)
			return mock->members[i].calls;
	}
	return 0;
}

struct later {
	struct mock_bluez *mock;
	mock_bluez_reaction_fn *react;
	void *user;
};

static int run_later(sd_event_source *source, uint64_t now_us, void *user)
{
	struct later *later = user;

	(void)source;
	(void)now_us;
	later->react(later->mock, later->user);
	return 0;
}

static void add_timer(struct mock_bluez *mock, uint32_t delay_ms, sd_event_time_handler_t handler,
		      void *user, sd_event_destroy_t destroy)
{
	sd_event_source *source = NULL;

	mock_require(sd_event_add_time_relative(mock->event, &source, CLOCK_MONOTONIC,
						(uint64_t)delay_ms * 1000, 1, handler, user),
		     "timer");
	mock_require(sd_event_source_set_destroy_callback(source, destroy), "timer");
	mock_require(sd_event_source_set_floating(source, 1), "timer");
	sd_event_source_unref(source);
}

void mock_bluez_later(struct mock_bluez *mock, uint32_t delay_ms, mock_bluez_reaction_fn *react,
		      void *user)
{
	struct later *later = mock_grow(NULL, 1, sizeof(*later));

	*later = (struct later){ .mock = mock, .react = react, .user = user };
	add_timer(mock, delay_ms, run_later, later, free);
}

static int get_managed_objects(struct mock_bluez *mock, sd_bus_message *call, void *user)
{
	sd_bus_message *reply = NULL;

	(void)user;
	mock_require(sd_bus_message_new_method_return(call, &reply), "reply");
	mock_require(sd_bus_message_open_container(reply, 'a', "{oa{sa{sv}}}"), "objects");
	for (size_t i = 0; i < mock->objects.count; i++) {
		mock_require(sd_bus_message_open_container(reply, 'e', "oa{sa{sv}}"), "object");
		mock_append_object(reply, &mock->objects.items[i]);
		mock_require(sd_bus_message_close_container(reply), "object");
	}
	mock_require(sd_bus_message_close_container(reply), "objects");
	send_and_unref(mock, reply);
	return 0;
}

static int get_all(struct mock_bluez *mock, sd_bus_message *call, void *user)
{
	struct mock_object *object =
		mock_objects_find(&mock->objects, sd_bus_message_get_path(call));
	sd_bus_message *reply = NULL;
	const char *interface;

	(void)user;
	mock_require(sd_bus_message_read(call, "s", &interface), "s");
	if (!mock_object_has_interface(object, interface))
		return -ENOENT;
	mock_require(sd_bus_message_new_method_return(call, &reply), "reply");
	mock_append_properties(reply, object, interface);
	send_and_unref(mock, reply);
	return 0;
}

static int get(struct mock_bluez *mock, sd_bus_message *call, void *user)
{
	const struct mock_property *property;
	sd_bus_message *reply = NULL;
	const char *interface;
	const char *name;

	(void)user;
	mock_require(sd_bus_message_read(call, "ss", &interface, &name), "ss");
	property = mock_object_property(mock_objects_find(&mock->objects,
							  sd_bus_message_get_path(call)),
					interface, name);
	if (!property)
		return -ENOENT;
	mock_require(sd_bus_message_new_method_return(call, &reply), "reply");
	mock_append_value(reply, property);
	send_and_unref(mock, reply);
	return 0;
}

int mock_bluez_refuse(sd_bus_message *call, const char *name)
{
	return sd_bus_reply_method_errorf(call, name, "%s says no",
					  sd_bus_message_get_member(call));
}

static const struct method builtin[] = {
	{ OBJECT_MANAGER, "GetManagedObjects", "", get_managed_objects, NULL },
	{ PROPERTIES, "GetAll", "s", get_all, NULL },
	{ PROPERTIES, "Get", "ss", get, NULL },
};

void mock_bluez_add_method(struct mock_bluez *mock, const char *interface, const char *member,
			   const char *signature, mock_bluez_method_fn *handler, void *user)
{
	mock_require(mock->method_count < METHODS_MAX ? 0 : -E2BIG, "methods");
	mock->methods[mock->method_count++] =
		(struct method){ interface, member, signature, handler, user };
}

static const struct method *find_method(const struct mock_bluez *mock, sd_bus_message *call)
{
	/* The last one added hides the others. */
	for (size_t i = mock->method_count; i-- > 0;) {
		const struct method *method = &mock->methods[i];

		if (sd_bus_message_is_method_call(call, method->interface, method->member) > 0 &&
		    sd_bus_message_has_signature(call, method->signature) > 0)
			return method;
	}
	return NULL;
}

/* The root and the standard interfaces are everywhere. */
static bool is_there(struct mock_bluez *mock, sd_bus_message *call, const struct method *method)
{
	const char *path = sd_bus_message_get_path(call);

	if (strncmp(method->interface, "org.freedesktop.", 16) == 0)
		return strcmp(path, "/") == 0 || mock_objects_find(&mock->objects, path);
	return mock_object_has_interface(mock_objects_find(&mock->objects, path),
					 method->interface);
}

static int refuse_by(struct member *member, sd_bus_message *call)
{
	const struct mock_bluez_fault *fault = &member->fault;

	if (fault->times > 0 && --member->fault.times == 0)
		member->has_fault = false;
	return fault->text ? sd_bus_reply_method_errorf(call, fault->error, "%s", fault->text)
			   : mock_bluez_refuse(call, fault->error);
}

static int answer(struct mock_bluez *mock, sd_bus_message *call)
{
	struct member *member = find_member(mock, sd_bus_message_get_member(call));
	const struct method *method = find_method(mock, call);
	int r;

	if (member->has_fault && member->fault.error)
		return refuse_by(member, call);
	if (!method)
		return mock_bluez_refuse(call, SD_BUS_ERROR_UNKNOWN_METHOD);
	if (!is_there(mock, call, method))
		return mock_bluez_refuse(call, SD_BUS_ERROR_UNKNOWN_OBJECT);
	r = method->handler(mock, call, method->user);
	return r < 0 ? sd_bus_reply_method_errno(call, r, NULL) : r;
}

static void serve(struct mock_bluez *mock, sd_bus_message *call)
{
	const struct member *member = find_member(mock, sd_bus_message_get_member(call));

	mock_require(answer(mock, call), member->name);
	if (member->react)
		member->react(mock, member->user);
}

struct late_call {
	struct mock_bluez *mock;
	sd_bus_message *call;
};

static void free_late_call(void *user)
{
	struct late_call *late = user;

	sd_bus_message_unref(late->call);
	free(late);
}

static int serve_late(sd_event_source *source, uint64_t now_us, void *user)
{
	struct late_call *late = user;

	(void)source;
	(void)now_us;
	serve(late->mock, late->call);
	return 0;
}

static void serve_later(struct mock_bluez *mock, sd_bus_message *call, int delay_ms)
{
	struct late_call *late = mock_grow(NULL, 1, sizeof(*late));

	*late = (struct late_call){ .mock = mock, .call = sd_bus_message_ref(call) };
	add_timer(mock, (uint32_t)delay_ms, serve_late, late, free_late_call);
}

static int on_message(sd_bus_message *message, void *user, sd_bus_error *error)
{
	struct mock_bluez *mock = user;
	struct member *member;
	uint8_t type;

	(void)error;
	if (sd_bus_message_get_type(message, &type) < 0 || type != SD_BUS_MESSAGE_METHOD_CALL)
		return 0;
	member = find_member(mock, sd_bus_message_get_member(message));
	member->calls++;
	if (!member->has_fault || member->fault.delay_ms == 0)
		serve(mock, message);
	else if (member->fault.delay_ms != MOCK_SILENT)
		serve_later(mock, message, member->fault.delay_ms);
	return 1;
}

void mock_bluez_on_vanished(struct mock_bluez *mock, mock_bluez_vanished_fn *vanished, void *user)
{
	mock_require(mock->observer_count < OBSERVERS_MAX ? 0 : -E2BIG, "observers");
	mock->observers[mock->observer_count++] = (struct observer){ vanished, user };
}

sd_event *mock_bluez_event(const struct mock_bluez *mock)
{
	return mock->event;
}

static int on_owner_changed(sd_bus_message *signal, void *user, sd_bus_error *error)
{
	struct mock_bluez *mock = user;
	const char *name, *before, *after;

	(void)error;
	mock_require(sd_bus_message_read(signal, "sss", &name, &before, &after), "sss");
	for (size_t i = 0; i < mock->observer_count && after[0] == '\0'; i++)
		mock->observers[i].vanished(mock, name, mock->observers[i].user);
	return 0;
}

struct mock_bluez *mock_bluez_new(const char *bus_address)
{
	struct mock_bluez *mock = calloc(1, sizeof(*mock));

	mock_require(mock ? 0 : -ENOMEM, "memory");
	mock_require(sd_event_new(&mock->event), "event loop");
	mock_require(sd_bus_new(&mock->bus), "bus");
	mock_require(sd_bus_set_address(mock->bus, bus_address), bus_address);
	mock_require(sd_bus_set_bus_client(mock->bus, true), "bus");
	mock_require(sd_bus_start(mock->bus), bus_address);
	mock_require(sd_bus_request_name(mock->bus, "org.bluez", 0), "org.bluez");
	mock_require(sd_bus_add_filter(mock->bus, NULL, on_message, mock), "filter");
	mock_require(sd_bus_match_signal(mock->bus, NULL, "org.freedesktop.DBus",
					 "/org/freedesktop/DBus", "org.freedesktop.DBus",
					 "NameOwnerChanged", on_owner_changed, mock),
		     "NameOwnerChanged");
	mock->objects.bus = mock->bus;
	mock->stop_fd = eventfd(0, EFD_CLOEXEC);
	mock_require(mock->stop_fd, "eventfd");
	for (size_t i = 0; i < sizeof(builtin) / sizeof(builtin[0]); i++)
		mock_bluez_add_method(mock, builtin[i].interface, builtin[i].member,
				      builtin[i].signature, builtin[i].handler, builtin[i].user);
	return mock;
}

void mock_bluez_free(struct mock_bluez *mock)
{
	if (!mock)
		return;
	mock_objects_clear(&mock->objects);
	sd_bus_close_unref(mock->bus);
	sd_event_unref(mock->event);
	close(mock->stop_fd);
	free(mock);
}

static int on_stop(sd_event_source *source, int fd, uint32_t events, void *user)
{
	(void)fd;
	(void)events;
	(void)user;
	return sd_event_exit(sd_event_source_get_event(source), 0);
}

static void *run(void *user)
{
	struct mock_bluez *mock = user;

	mock_require(sd_event_loop(mock->event), "event loop");
	return NULL;
}

void mock_bluez_start(struct mock_bluez *mock)
{
	mock_require(sd_bus_attach_event(mock->bus, mock->event, 0), "attach");
	mock_require(sd_event_add_io(mock->event, NULL, mock->stop_fd, EPOLLIN, on_stop, mock),
		     "stop");
	mock_require(-pthread_create(&mock->thread, NULL, run, mock), "thread");
}

/* What was sent before the end counts, though its sender did not wait for the answer. By the second
 * answer the bus has read from all who had sent something before the first question. */
static void drain(struct mock_bluez *mock)
{
	for (int i = 0; i < 2; i++)
		sd_bus_call_method(mock->bus, "org.freedesktop.DBus", "/org/freedesktop/DBus",
				   "org.freedesktop.DBus.Peer", "Ping", NULL, NULL, "");
	while (sd_bus_process(mock->bus, NULL) > 0)
		;
}

void mock_bluez_stop(struct mock_bluez *mock)
{
	mock_require(eventfd_write(mock->stop_fd, 1), "stop");
	mock_require(-pthread_join(mock->thread, NULL), "join");
	drain(mock);
	sd_bus_detach_event(mock->bus);
}
