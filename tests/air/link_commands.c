#include "air.h"
#include "commands.h"
#include "status.h"
#include "wishes.h"

/* The link of a command's first parameter, or NULL. */
static struct link *take_link(struct controller *controller, struct reader *parameters,
			      enum side *ret_side)
{
	return air_find_link(controller->air, controller, take_u16(parameters), ret_side);
}

static uint8_t begin(struct link *link, enum side side, enum procedure_kind kind,
		     const struct procedure *procedure)
{
	return procedure_begin(link, side, kind, procedure) ? STATUS_SUCCESS : STATUS_DISALLOWED;
}

/* 7.1.6 */
static bool may_be_said(uint8_t reason)
{
	static const uint8_t reasons[] = { 0x05, 0x13, 0x14, 0x15, 0x1A, 0x29, 0x3B };

	return memchr(reasons, reason, sizeof(reasons)) != NULL;
}

uint8_t disconnect(struct controller *controller, struct reader *parameters, struct writer *reply)
{
	enum side side;
	struct link *link = take_link(controller, parameters, &side);
	const struct procedure procedure = { .reason = take_u8(parameters) };

	(void)reply;
	if (!link)
		return STATUS_UNKNOWN_CONNECTION;
	if (!may_be_said(procedure.reason))
		return STATUS_INVALID_PARAMETERS;
	return begin(link, side, PROCEDURE_TERMINATE, &procedure);
}

/* Commands that have a handle alone. */
static uint8_t begin_plain(struct controller *controller, struct reader *parameters,
			   enum procedure_kind kind)
{
	const struct procedure procedure = { 0 };
	enum side side;
	struct link *link = take_link(controller, parameters, &side);

	return link ? begin(link, side, kind, &procedure) : STATUS_UNKNOWN_CONNECTION;
}

uint8_t read_remote_version(struct controller *controller, struct reader *parameters,
			    struct writer *reply)
{
	(void)reply;
	return begin_plain(controller, parameters, PROCEDURE_VERSION);
}

uint8_t le_read_remote_features(struct controller *controller, struct reader *parameters,
				struct writer *reply)
{
	(void)reply;
	return begin_plain(controller, parameters, PROCEDURE_FEATURES);
}

uint8_t read_rssi(struct controller *controller, struct reader *parameters, struct writer *reply)
{
	enum side side;
	struct link *link = take_link(controller, parameters, &side);
	const struct controller *peer;

	if (!link)
		return STATUS_UNKNOWN_CONNECTION;
	peer = link->sides[other_side(side)].controller;
	put_u16(reply, link->sides[side].handle);
	put_u8(reply, (uint8_t)(peer ? peer->traits.rssi : INT8_MAX /* unknown */));
	return STATUS_SUCCESS;
}

/* The central updates, the peripheral asks for it. */
uint8_t le_connection_update(struct controller *controller, struct reader *parameters,
			     struct writer *reply)
{
	struct procedure procedure = { 0 };
	enum side side;
	struct link *link = take_link(controller, parameters, &side);

	(void)reply;
	if (!link)
		return STATUS_UNKNOWN_CONNECTION;
	if (!procedure_take_parameters(parameters, &procedure.interval_min, &procedure.parameters))
		return STATUS_INVALID_PARAMETERS;
	return begin(link, side, side == CENTRAL ? PROCEDURE_UPDATE : PROCEDURE_REQUEST,
		     &procedure);
}

/* The question that the central's host was asked. */
static struct procedure *find_request(struct link *link, enum side side)
{
	struct procedure *request = &link->sides[PERIPHERAL].procedures[PROCEDURE_REQUEST];

	return side == CENTRAL && request->pending && request->asked ? request : NULL;
}

uint8_t le_accept_parameters(struct controller *controller, struct reader *parameters,
			     struct writer *reply)
{
	struct procedure procedure = { 0 };
	struct procedure *request;
	enum side side;
	struct link *link = take_link(controller, parameters, &side);

	if (!link)
		return STATUS_UNKNOWN_CONNECTION;
	put_u16(reply, link->sides[side].handle);
	request = find_request(link, side);
	if (!request)
		return STATUS_DISALLOWED;
	if (!procedure_take_parameters(parameters, &procedure.interval_min, &procedure.parameters))
		return STATUS_INVALID_PARAMETERS;
	if (!procedure_begin(link, CENTRAL, PROCEDURE_UPDATE, &procedure))
		return STATUS_DISALLOWED;
	*request = (struct procedure){ 0 };
	return STATUS_SUCCESS;
}

uint8_t le_reject_parameters(struct controller *controller, struct reader *parameters,
			     struct writer *reply)
{
	struct procedure *request;
	enum side side;
	struct link *link = take_link(controller, parameters, &side);

	if (!link)
		return STATUS_UNKNOWN_CONNECTION;
	put_u16(reply, link->sides[side].handle);
	request = find_request(link, side);
	if (!request)
		return STATUS_DISALLOWED;
	procedure_tell_update(link, PERIPHERAL, take_u8(parameters));
	*request = (struct procedure){ 0 };
	return STATUS_SUCCESS;
}

uint8_t le_set_data_length(struct controller *controller, struct reader *parameters,
			   struct writer *reply)
{
	const struct procedure procedure = { 0 };
	enum side side;
	struct link *link = take_link(controller, parameters, &side);
	uint8_t status;

	if (!link)
		return STATUS_UNKNOWN_CONNECTION;
	put_u16(reply, link->sides[side].handle);
	status = wishes_take_length(parameters, &link->sides[side].wish);
	/* One that is under way will find this wish. */
	if (status == STATUS_SUCCESS)
		procedure_begin(link, side, PROCEDURE_LENGTH, &procedure);
	return status;
}

uint8_t le_read_phy(struct controller *controller, struct reader *parameters, struct writer *reply)
{
	enum side side;
	struct link *link = take_link(controller, parameters, &side);

	if (!link)
		return STATUS_UNKNOWN_CONNECTION;
	put_u16(reply, link->sides[side].handle);
	put_u8(reply, link->sides[side].phy);
	put_u8(reply, link->sides[other_side(side)].phy);
	return STATUS_SUCCESS;
}

uint8_t le_set_phy(struct controller *controller, struct reader *parameters, struct writer *reply)
{
	struct procedure procedure = { 0 };
	enum side side;
	struct link *link = take_link(controller, parameters, &side);
	uint8_t status =
		wishes_take_phys(controller, parameters, &procedure.tx_phys, &procedure.rx_phys);

	(void)reply;
	if (!link)
		return STATUS_UNKNOWN_CONNECTION;
	return status == STATUS_SUCCESS ? begin(link, side, PROCEDURE_PHY, &procedure) : status;
}

/* A later version of this program may know how. */
uint8_t le_enable_encryption(struct controller *controller, struct reader *parameters,
			     struct writer *reply)
{
	enum side side;

	(void)reply;
	return take_link(controller, parameters, &side) ? STATUS_UNSUPPORTED
							: STATUS_UNKNOWN_CONNECTION;
}
