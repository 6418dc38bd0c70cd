/*
 * A bluetoothd that is not there: it owns org.bluez on a bus of the test's own, with the objects
 * and properties that a test gives it. It answers GetManagedObjects, Get and GetAll; other methods
 * are added, as mock_discovery.h does. Each can be made to fail, to be late or to be silent.
 *
 * It runs on a thread of its own from mock_bluez_start() to mock_bluez_stop(). What the test does
 * to it meanwhile, it does in reactions, which run on that thread; all functions but these two
 * belong before start, in a reaction, or after stop. What cannot be ends the program.
 */
#ifndef OTADFU_TESTS_MOCK_BLUEZ_H
#define OTADFU_TESTS_MOCK_BLUEZ_H

#include "mock_objects.h"

#include <stdint.h>
#include <systemd/sd-event.h>

#define MOCK_ADAPTER          "org.bluez.Adapter1"
#define MOCK_DEVICE           "org.bluez.Device1"
#define MOCK_ERROR(what_text) "org.bluez.Error." what_text

struct mock_bluez;

struct mock_bluez *mock_bluez_new(const char *bus_address);
void mock_bluez_free(struct mock_bluez *mock);
void mock_bluez_start(struct mock_bluez *mock);
void mock_bluez_stop(struct mock_bluez *mock);

/* Objects. An object comes into being with its first property; nobody is told of it, nor of a
 * change, until one of the signals below. */

/* types and what follows are as for sd_bus_message_append(), of one value. */
void mock_bluez_set(struct mock_bluez *mock, const char *path, const char *interface,
		    const char *property, const char *types, ...);
void mock_bluez_unset(struct mock_bluez *mock, const char *path, const char *interface,
		      const char *property);
/* Of type "ay". */
void mock_bluez_set_bytes(struct mock_bluez *mock, const char *path, const char *interface,
			  const char *property, const uint8_t *data, size_t len);
/* Of type "b". */
bool mock_bluez_is(struct mock_bluez *mock, const char *path, const char *interface,
		   const char *property);
/* "/org/bluez/NAME" */
void mock_bluez_add_adapter(struct mock_bluez *mock, const char *name, bool powered);
/* "/org/bluez/hci0/dev_AA_BB_..." of "AA:BB:..." into path; with Address, AddressType and Adapter.
 */
void mock_bluez_add_device(struct mock_bluez *mock, const char *adapter, const char *address,
			   const char *address_type, char path[MOCK_PATH_MAX]);

/* Signals. */
void mock_bluez_announce(struct mock_bluez *mock, const char *path); /* InterfacesAdded */
/* InterfacesRemoved, and it is gone. */
void mock_bluez_remove(struct mock_bluez *mock, const char *path);
/* PropertiesChanged; names are separated by spaces, those unset go as invalidated. */
void mock_bluez_changed(struct mock_bluez *mock, const char *path, const char *interface,
			const char *names);
/* Anything at all, to lie with. */
void mock_bluez_emit(struct mock_bluez *mock, const char *path, const char *interface,
		     const char *member, const char *types, ...);
/* The connection to the bus is gone from one moment to the other. */
void mock_bluez_die(struct mock_bluez *mock);

/* Methods. A handler replies, or returns a negative errno; user is mock_bluez_add_method()'s. */
typedef int mock_bluez_method_fn(struct mock_bluez *mock, sd_bus_message *call, void *user);

/* On every object that has the interface. */
void mock_bluez_add_method(struct mock_bluez *mock, const char *interface, const char *member,
			   const char *signature, mock_bluez_method_fn *handler, void *user);

/* As an answer: the error of that name, with a text of its own. */
int mock_bluez_refuse(sd_bus_message *call, const char *name);

enum { MOCK_SILENT = -1 };

struct mock_bluez_fault {
	const char *error; /* its name; NULL: the call succeeds */
	const char *text;  /* of the error; NULL: any */
	int delay_ms;      /* before anything is done; MOCK_SILENT: for ever */
	int times;         /* so many calls; 0: all of them */
};

/* From the next call of member on; NULL: no more. */
void mock_bluez_set_fault(struct mock_bluez *mock, const char *member,
			  const struct mock_bluez_fault *fault);

typedef void mock_bluez_reaction_fn(struct mock_bluez *mock, void *user);

/* After each call of member, in the order of the answer and what the reaction sends. */
void mock_bluez_react(struct mock_bluez *mock, const char *member, mock_bluez_reaction_fn *react,
		      void *user);
void mock_bluez_later(struct mock_bluez *mock, uint32_t delay_ms, mock_bluez_reaction_fn *react,
		      void *user);

int mock_bluez_calls(const struct mock_bluez *mock, const char *member);

/* A client has left the bus. Up to four ask to be told. */
typedef void mock_bluez_vanished_fn(struct mock_bluez *mock, const char *client, void *user);
void mock_bluez_on_vanished(struct mock_bluez *mock, mock_bluez_vanished_fn *vanished, void *user);

/* That of its thread. */
sd_event *mock_bluez_event(const struct mock_bluez *mock);

#endif
