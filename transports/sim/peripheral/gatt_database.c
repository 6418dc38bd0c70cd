#include "gatt_database.h"

#include "le.h"

static const uint16_t types[] = {
	[GATT_SERVICE] = 0x2800, [GATT_DECLARATION] = 0x2803, [GATT_CONFIGURATION] = 0x2902
};

/* --- building --- */

static bool is_configurable(const struct device_attribute *attribute)
{
	return attribute->props & (OTADFU_PROP_NOTIFY | OTADFU_PROP_INDICATE);
}

static bool is_same_service(const struct device_attribute *a, const struct device_attribute *b)
{
	return a->service == b->service &&
	       memcmp(a->service128, b->service128, sizeof(a->service128)) == 0;
}

static bool add(struct gatt_database *database, enum gatt_kind kind, uint32_t handle,
		const struct device_attribute *source)
{
	uint16_t last = database->count ? database->rows[database->count - 1].handle : 0;

	if (database->count == GATT_ROWS_MAX || handle <= last || handle > UINT16_MAX)
		return false;
	database->rows[database->count++] =
		(struct gatt_row){ .handle = (uint16_t)handle, .kind = kind, .source = source };
	return true;
}

static bool add_characteristic(struct gatt_database *database,
			       const struct device_attribute *source)
{
	return add(database, GATT_DECLARATION, source->handle - UINT32_C(1), source) &&
	       add(database, GATT_VALUE, source->handle, source) &&
	       (!is_configurable(source) ||
		add(database, GATT_CONFIGURATION, source->handle + UINT32_C(1), source));
}

bool gatt_database_build(struct gatt_database *database, struct device *device)
{
	size_t count;
	const struct device_attribute *sources = device_attributes(device, &count);
	struct gatt_row *service = NULL;

	*database = (struct gatt_database){ .device = device };
	for (size_t i = 0; i < count; i++) {
		if (i == 0 || !is_same_service(&sources[i - 1], &sources[i])) {
			service = &database->rows[database->count];
			if (!add(database, GATT_SERVICE, sources[i].handle - UINT32_C(2),
				 &sources[i]))
				return false;
		}
		if (!add_characteristic(database, &sources[i]))
			return false;
		service->group_end = database->rows[database->count - 1].handle;
	}
	return true;
}

/* --- for the server --- */

static struct otadfu_uuid full_uuid(uint16_t uuid16, const uint8_t uuid128[16])
{
	struct otadfu_uuid uuid;

	if (uuid16)
		return att_uuid_from16(uuid16);
	memcpy(uuid.bytes, uuid128, sizeof(uuid.bytes));
	return uuid;
}

static struct otadfu_uuid type_of(const struct gatt_row *row)
{
	if (row->kind == GATT_VALUE)
		return full_uuid(row->source->uuid, row->source->uuid128);
	return att_uuid_from16(types[row->kind]);
}

static bool next(void *user, uint16_t from, struct att_attribute *ret_attribute)
{
	const struct gatt_database *database = user;

	for (size_t i = 0; i < database->count; i++) {
		const struct gatt_row *row = &database->rows[i];

		if (row->handle < from)
			continue;
		*ret_attribute = (struct att_attribute){ .type = type_of(row),
							 .handle = row->handle,
							 .group_end = row->group_end };
		return true;
	}
	return false;
}

/* The server asks only for what next gave. */
static const struct gatt_row *row_at(const struct gatt_database *database, uint16_t handle)
{
	const struct gatt_row *row = database->rows;

	while (row->handle != handle)
		row++;
	return row;
}

static void fill_uuid(struct filler *to, uint16_t uuid16, const uint8_t uuid128[16])
{
	if (uuid16) {
		fill_le16(to, uuid16);
		return;
	}
	for (size_t i = 16; i-- > 0;)
		fill_u8(to, uuid128[i]);
}

static uint8_t read_declaration(const struct gatt_row *row, uint8_t *buf, size_t cap,
				size_t *ret_len)
{
	const struct device_attribute *source = row->source;
	struct filler to = filler_over(buf, cap);

	if (row->kind == GATT_SERVICE) {
		fill_uuid(&to, source->service, source->service128);
	} else {
		fill_u8(&to, source->props);
		fill_le16(&to, source->handle);
		fill_uuid(&to, source->uuid, source->uuid128);
	}
	*ret_len = to.len;
	return 0;
}

static uint8_t read_configuration(const struct gatt_database *database, const struct gatt_row *row,
				  uint8_t *buf, size_t *ret_len)
{
	uint16_t value;
	uint8_t error = device_read_cccd(database->device, row->source->handle, &value);

	if (error)
		return error;
	put_le16(buf, value);
	*ret_len = 2;
	return 0;
}

static uint8_t read_row(void *user, uint16_t handle, uint8_t *buf, size_t cap, size_t *ret_len)
{
	struct gatt_database *database = user;
	const struct gatt_row *row = row_at(database, handle);

	switch (row->kind) {
	case GATT_VALUE:
		return device_read(database->device, handle, buf, cap, ret_len);
	case GATT_CONFIGURATION:
		return read_configuration(database, row, buf, ret_len);
	default:
		return read_declaration(row, buf, cap, ret_len);
	}
}

static uint8_t write_row(void *user, uint16_t handle, const uint8_t *data, size_t len)
{
	struct gatt_database *database = user;
	const struct gatt_row *row = row_at(database, handle);

	if (row->kind == GATT_VALUE)
		return device_write(database->device, handle, data, len);
	if (row->kind != GATT_CONFIGURATION)
		return ATT_E_WRITE_NOT_PERMITTED;
	if (len != 2)
		return ATT_E_VALUE_LENGTH;
	return device_write_cccd(database->device, row->source->handle, get_le16(data));
}

static void command(void *user, uint16_t handle, const uint8_t *data, size_t len)
{
	device_write_cmd(((struct gatt_database *)user)->device, handle, data, len);
}

/* No program here takes a long write, but some say so in words of their own. */
static uint8_t prepare(void *user, uint16_t handle, uint16_t offset, const uint8_t *data,
		       size_t len)
{
	struct gatt_database *database = user;

	(void)offset;
	if (row_at(database, handle)->kind != GATT_VALUE)
		return ATT_E_REQUEST_NOT_SUPPORTED;
	return device_prepare_write(database->device, handle, data, len);
}

static void confirmed(void *user)
{
	struct gatt_database *database = user;
	uint16_t handle = database->indicated;

	database->indicated = 0;
	if (handle)
		device_confirm(database->device, handle);
}

static uint16_t mtu(void *user, uint16_t client_mtu)
{
	return device_exchange_mtu(((struct gatt_database *)user)->device, client_mtu);
}

const struct att_database gatt_database_ops = {
	.next = next,
	.read = read_row,
	.write = write_row,
	.command = command,
	.prepare = prepare,
	.confirmed = confirmed,
	.mtu = mtu,
};
