/* The SoftDevice of a simulated device: advertising, the one connection, the GATT server. */
#include "machine.h"

#include <string.h>

enum {
	ATT_INVALID_HANDLE = 0x01,
	ATT_READ_NOT_PERMITTED = 0x02,
	ATT_WRITE_NOT_PERMITTED = 0x03,
	ATT_REQUEST_NOT_SUPPORTED = 0x06,
	ATT_INVALID_LENGTH = 0x0D,
	ATT_CCCD_IMPROPER = 0xFD
};

enum { CCCD_NOTIFY = 1, CCCD_INDICATE = 2 };

const struct device_attribute *device_attributes(const struct device *device, size_t *ret_count)
{
	const struct firmware_ops *running = device_running(device);

	*ret_count = running ? running->attribute_count : 0;
	return running ? running->attributes : NULL;
}

/* NULL: the running program has no such value. */
static const struct device_attribute *find_attribute(const struct device *device, uint16_t handle,
						     size_t *ret_index)
{
	size_t count;
	const struct device_attribute *attributes = device_attributes(device, &count);

	for (size_t i = 0; i < count && i < ATTRIBUTES_MAX; i++) {
		if (attributes[i].handle == handle) {
			*ret_index = i;
			return &attributes[i];
		}
	}
	return NULL;
}

bool device_advertises(const struct device *device, struct device_advert *ret_advert)
{
	const struct firmware_start *program = &device->program;

	if (device->mode == DEVICE_OFF || device->connection.alive || device->silent)
		return false;
	*ret_advert = (struct device_advert){ .connectable = true,
					      .directed = program->directed,
					      .addr = program->addr };
	if (!program->directed && program->adv_len <= DEVICE_ADV_MAX) {
		memcpy(ret_advert->data, program->adv_data, program->adv_len);
		ret_advert->data_len = program->adv_len;
	}
	return true;
}

bool device_connect(struct device *device)
{
	struct device_advert advert;
	const struct firmware_ops *running;

	if (!device_advertises(device, &advert))
		return false;
	device_begin(device);
	device->connection = (struct connection){ .alive = true, .mtu = MTU_MIN };
	device->counters.connections++;
	running = device_running(device);
	if (running->connected)
		running->connected(device);
	device_end(device);
	return true;
}

void device_forget_connection(struct device *device)
{
	timeline_disarm(&device->timeline, &device->drop);
	device->connection = (struct connection){ .mtu = MTU_MIN };
}

void device_disconnect(struct device *device, uint8_t reason)
{
	const struct firmware_ops *running = device_running(device);

	if (!device->connection.alive)
		return;
	device_begin(device);
	device_forget_connection(device);
	if (running && running->disconnected)
		running->disconnected(device, reason);
	device_end(device);
}

bool device_is_connected(const struct device *device)
{
	return device->connection.alive;
}

uint16_t device_exchange_mtu(struct device *device, uint16_t client_mtu)
{
	const struct firmware_ops *running = device_running(device);
	uint16_t server_mtu = MTU_MIN;
	uint16_t mtu;

	if (!device->connection.alive)
		return server_mtu;
	if (running->mtu)
		server_mtu = running->mtu(device, client_mtu);
	mtu = client_mtu < server_mtu ? client_mtu : server_mtu;
	device->connection.mtu = mtu < MTU_MIN ? MTU_MIN : mtu;
	return server_mtu;
}

uint16_t device_mtu(const struct device *device)
{
	return device->connection.mtu;
}

uint8_t device_write_cccd(struct device *device, uint16_t handle, uint16_t value)
{
	const struct firmware_ops *running = device_running(device);
	size_t index;
	const struct device_attribute *attribute = find_attribute(device, handle, &index);
	uint16_t allowed;

	if (!attribute)
		return ATT_INVALID_HANDLE;
	allowed = (attribute->props & OTADFU_PROP_NOTIFY ? CCCD_NOTIFY : 0) |
		  (attribute->props & OTADFU_PROP_INDICATE ? CCCD_INDICATE : 0);
	if (!allowed)
		return ATT_INVALID_HANDLE;
	if (value & ~allowed)
		return ATT_CCCD_IMPROPER;
	device_begin(device);
	device->connection.cccd[index] = value;
	if (running->cccd_changed)
		running->cccd_changed(device, handle, value);
	device_end(device);
	return 0;
}

uint8_t device_read_cccd(const struct device *device, uint16_t handle, uint16_t *ret_value)
{
	size_t index;

	if (!find_attribute(device, handle, &index))
		return ATT_INVALID_HANDLE;
	*ret_value = device->connection.cccd[index];
	return 0;
}

uint16_t firmware_cccd(const struct device *device, uint16_t handle)
{
	uint16_t value = 0;

	(void)device_read_cccd(device, handle, &value);
	return value;
}

uint8_t device_read(struct device *device, uint16_t handle, uint8_t *buf, size_t cap,
		    size_t *ret_len)
{
	const struct firmware_ops *running = device_running(device);
	size_t index;
	const struct device_attribute *attribute = find_attribute(device, handle, &index);
	uint8_t error;

	if (!attribute)
		return ATT_INVALID_HANDLE;
	if (!(attribute->props & OTADFU_PROP_READ) || !running->read)
		return ATT_READ_NOT_PERMITTED;
	device_begin(device);
	error = running->read(device, handle, buf, cap, ret_len);
	device_end(device);
	return error;
}

uint8_t device_write(struct device *device, uint16_t handle, const uint8_t *data, size_t len)
{
	const struct firmware_ops *running = device_running(device);
	size_t index;
	const struct device_attribute *attribute = find_attribute(device, handle, &index);
	uint8_t error;

	if (!attribute)
		return ATT_INVALID_HANDLE;
	if (!(attribute->props & OTADFU_PROP_WRITE) || !running->write)
		return ATT_WRITE_NOT_PERMITTED;
	if (len + MTU_OVERHEAD > device->connection.mtu)
		return ATT_INVALID_LENGTH;
	device_begin(device);
	error = running->write(device, handle, data, len);
	device_end(device);
	return error;
}

uint8_t device_prepare_write(struct device *device, uint16_t handle, const uint8_t *data,
			     size_t len)
{
	const struct firmware_ops *running = device_running(device);
	size_t index;
	uint8_t error;

	if (!find_attribute(device, handle, &index))
		return ATT_INVALID_HANDLE;
	if (!running->prepare_write)
		return ATT_REQUEST_NOT_SUPPORTED;
	device_begin(device);
	error = running->prepare_write(device, handle, data, len);
	device_end(device);
	return error;
}

/* A command that cannot be obeyed vanishes: ATT has no answer to it. */
void device_write_cmd(struct device *device, uint16_t handle, const uint8_t *data, size_t len)
{
	const struct firmware_ops *running = device_running(device);
	size_t index;
	const struct device_attribute *attribute = find_attribute(device, handle, &index);

	if (!attribute || !(attribute->props & OTADFU_PROP_WRITE_CMD) || !running->write_cmd ||
	    len + MTU_OVERHEAD > device->connection.mtu)
		return;
	device_begin(device);
	running->write_cmd(device, handle, data, len);
	device_end(device);
}

void device_confirm(struct device *device, uint16_t handle)
{
	const struct firmware_ops *running = device_running(device);

	if (!device->connection.alive || device->connection.unconfirmed != handle)
		return;
	device_begin(device);
	device->connection.unconfirmed = 0;
	if (running->confirmed)
		running->confirmed(device, handle);
	device_end(device);
}

static void send_value(struct device *device, uint16_t handle, const uint8_t *data, size_t len,
		       bool indication)
{
	size_t most = device->connection.mtu - (size_t)MTU_OVERHEAD;

	if (device->observer.value)
		device->observer.value(device->observer.user, handle, data, len < most ? len : most,
				       indication);
}

void firmware_notify(struct device *device, uint16_t handle, const uint8_t *data, size_t len)
{
	if (device->connection.alive && firmware_cccd(device, handle) & CCCD_NOTIFY)
		send_value(device, handle, data, len, false);
}

void firmware_indicate(struct device *device, uint16_t handle, const uint8_t *data, size_t len)
{
	if (!device->connection.alive || !(firmware_cccd(device, handle) & CCCD_INDICATE))
		return;
	device->connection.unconfirmed = handle;
	send_value(device, handle, data, len, true);
}

void firmware_disconnect(struct device *device, uint8_t reason)
{
	if (!device->connection.alive)
		return;
	device_forget_connection(device);
	if (device->observer.disconnected)
		device->observer.disconnected(device->observer.user, reason);
}

static void drop(void *user)
{
	struct device *device = user;

	firmware_disconnect(device, device->connection.drop_reason);
}

void firmware_disconnect_at(struct device *device, uint64_t due_us, uint8_t reason)
{
	timeline_disarm(&device->timeline, &device->drop);
	if (due_us == UINT64_MAX || !device->connection.alive)
		return;
	device->connection.drop_reason = reason;
	timeline_arm(&device->timeline, &device->drop, due_us, drop, device);
}

void firmware_hold_answers(struct device *device, uint64_t until_us)
{
	device->connection.held_until_us = until_us;
}

uint64_t device_holds_until_us(const struct device *device)
{
	return device->connection.held_until_us;
}

void firmware_serve(struct device *device, const struct firmware_ops *ops)
{
	device->program.ops = ops;
}

bool firmware_has_room(const struct device *device)
{
	return !device->observer.has_room || device->observer.has_room(device->observer.user);
}

void device_room(struct device *device)
{
	const struct firmware_ops *running = device_running(device);

	if (!device->connection.alive || !running->room)
		return;
	device_begin(device);
	running->room(device);
	device_end(device);
}

void firmware_stop_advertising(struct device *device)
{
	device->silent = true;
}
