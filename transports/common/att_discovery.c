#include "att_discovery.h"

#include "failure.h"
#include "le.h"

#include <stdlib.h>

enum { SERVICES_MAX = 256, CHRS_MAX = 1024 };

enum { /* attribute types, Vol 3, Part G, 3.4 */
       TYPE_PRIMARY_SERVICE = 0x2800,
       TYPE_CHARACTERISTIC = 0x2803,
       TYPE_CCCD = 0x2902
};

/* One thing that a peer lists: handle, particulars, UUID. */
struct item {
	uint16_t handle;
	struct cursor particulars;
	struct otadfu_uuid uuid;
};

/* Takes one item. *ret_last: the last handle that it covers; to end the sweep, 0xFFFF. */
typedef int item_fn(struct otadfu_ctx *ctx, void *user, struct item *item, uint16_t *ret_last);

/* A list is asked for by one kind of request, again and again behind what has come. */
struct sweep {
	uint8_t request;
	uint16_t type;       /* 0: of no request that has one */
	uint8_t particulars; /* bytes between handle and UUID */
	item_fn *take;
};

static int fail_order(struct otadfu_ctx *ctx, const struct sweep *sweep, uint16_t handle)
{
	return fail_with(ctx, OTADFU_E_PROTOCOL, 0,
			 "the device answered a %s with handle 0x%04X, which is out of order",
			 att_opcode_text(sweep->request), handle);
}

static size_t item_len(const struct att_pdu *answer)
{
	if (answer->opcode == ATT_FIND_INFO_RSP)
		return answer->item_len == 1 ? 4 : 18;
	return answer->item_len;
}

/* Takes the items of one answer. *next: the handle they must reach, then the one behind them; end:
 * the last they may have. */
static int take_items(struct otadfu_ctx *ctx, const struct sweep *sweep,
		      const struct att_pdu *answer, uint16_t end, void *user, uint32_t *next)
{
	size_t len = item_len(answer);
	size_t uuid_len = len - 2u - sweep->particulars;

	if (uuid_len != 2 && uuid_len != 16)
		return fail_with(ctx, OTADFU_E_PROTOCOL, 0,
				 "the device answered a %s with items of %zu bytes",
				 att_opcode_text(sweep->request), len);
	for (size_t at = 0; at < answer->len && *next <= UINT16_MAX; at += len) {
		const uint8_t *bytes = answer->value + at;
		struct item item = {
			.handle = get_le16(bytes),
			.particulars = cursor_over(bytes + 2, sweep->particulars),
			.uuid = att_uuid_from_air(bytes + len - uuid_len, uuid_len),
		};
		uint16_t last = item.handle;
		int r;

		if (item.handle < *next || item.handle > end)
			return fail_order(ctx, sweep, item.handle);
		r = sweep->take(ctx, user, &item, &last);
		if (r != OTADFU_OK)
			return r;
		if (last < item.handle)
			return fail_order(ctx, sweep, last);
		*next = last + 1u;
	}
	return OTADFU_OK;
}

static int run_sweep(struct otadfu_ctx *ctx, struct att_channel *channel, const struct sweep *sweep,
		     uint16_t first, uint16_t last, void *user, uint64_t deadline_ms)
{
	uint32_t next = first;

	while (next <= last) {
		struct att_pdu request = { .opcode = sweep->request,
					   .handle = (uint16_t)next,
					   .end = last,
					   .uuid = att_uuid_from16(sweep->type) };
		struct att_pdu answer;
		int r = att_channel_exchange(ctx, channel, &request, &answer, deadline_ms);

		if (r != OTADFU_OK)
			return r;
		if (answer.opcode == ATT_ERROR_RSP)
			return answer.error == ATT_E_NOT_FOUND ? OTADFU_OK
							       : att_channel_refused(ctx, &answer);
		r = take_items(ctx, sweep, &answer, last, user, &next);
		if (r != OTADFU_OK)
			return r;
	}
	return OTADFU_OK;
}

/* --- services and characteristics --- */

struct service {
	uint16_t first;
	uint16_t last;
	struct otadfu_uuid uuid;
};

struct database {
	struct service services[SERVICES_MAX];
	size_t service_count;
	struct att_chr *chrs;
	size_t chr_count;
	size_t chr_cap;
};

static int take_service(struct otadfu_ctx *ctx, void *user, struct item *item, uint16_t *ret_last)
{
	struct database *database = user;

	if (database->service_count == SERVICES_MAX)
		return fail_with(ctx, OTADFU_E_PROTOCOL, 0,
				 "the device lists more than %d services", SERVICES_MAX);
	*ret_last = cursor_le16(&item->particulars);
	database->services[database->service_count++] =
		(struct service){ .first = item->handle, .last = *ret_last, .uuid = item->uuid };
	return OTADFU_OK;
}

static const struct service *service_at(const struct database *database, uint16_t handle)
{
	for (size_t i = 0; i < database->service_count; i++) {
		const struct service *service = &database->services[i];

		if (handle >= service->first && handle <= service->last)
			return service;
	}
	return NULL;
}

static int make_room(struct otadfu_ctx *ctx, struct database *database)
{
	size_t cap = database->chr_cap ? database->chr_cap * 2 : 16;
	struct att_chr *chrs;

	if (database->chr_count < database->chr_cap)
		return OTADFU_OK;
	if (database->chr_count == CHRS_MAX)
		return fail_with(ctx, OTADFU_E_PROTOCOL, 0,
				 "the device lists more than %d characteristics", CHRS_MAX);
	chrs = realloc(database->chrs, cap * sizeof(*chrs));
	if (!chrs)
		return OTADFU_E_NOMEM;
	database->chrs = chrs;
	database->chr_cap = cap;
	return OTADFU_OK;
}

/* The one before ends where this one begins, if not already with its service. */
static void end_last(struct database *database, uint16_t handle)
{
	struct att_chr *last = database->chrs + database->chr_count - 1;

	if (database->chr_count > 0 && last->last >= handle)
		last->last = (uint16_t)(handle - 1);
}

/* One that is in no primary service belongs to a secondary one, which we do not list. */
static int take_characteristic(struct otadfu_ctx *ctx, void *user, struct item *item,
			       uint16_t *ret_last)
{
	struct database *database = user;
	const struct service *service = service_at(database, item->handle);
	uint8_t props = cursor_u8(&item->particulars);
	uint16_t value = cursor_le16(&item->particulars);
	int r;

	if (value <= item->handle || (service && value > service->last))
		return fail_with(
			ctx, OTADFU_E_PROTOCOL, 0,
			"the device lists a characteristic at handle 0x%04X with its value "
			"at 0x%04X",
			item->handle, value);
	*ret_last = value;
	if (!service)
		return OTADFU_OK;
	r = make_room(ctx, database);
	if (r != OTADFU_OK)
		return r;
	end_last(database, item->handle);
	database->chrs[database->chr_count++] = (struct att_chr){
		.chr = { .service = service->uuid,
			 .uuid = item->uuid,
			 .id = value,
			 .props = props },
		.last = service->last,
	};
	return OTADFU_OK;
}

/* The characteristics in one sweep over all services, which comes to the same as one for each
 * (Vol 3, Part G, 4.4.1 and 4.6.1) in fewer requests. */
int att_discover(struct otadfu_ctx *ctx, struct att_channel *channel, struct att_chr **ret_chrs,
		 size_t *ret_count, uint64_t deadline_ms)
{
	static const struct sweep sweeps[] = {
		{ ATT_READ_BY_GROUP_REQ, TYPE_PRIMARY_SERVICE, 2, take_service },
		{ ATT_READ_BY_TYPE_REQ, TYPE_CHARACTERISTIC, 3, take_characteristic },
	};
	struct database database = { .service_count = 0 };
	int r = OTADFU_OK;

	for (size_t i = 0; i < 2 && r == OTADFU_OK; i++)
		r = run_sweep(ctx, channel, &sweeps[i], 0x0001, 0xFFFF, &database, deadline_ms);
	if (r != OTADFU_OK) {
		free(database.chrs);
		return r;
	}
	*ret_chrs = database.chrs;
	*ret_count = database.chr_count;
	return OTADFU_OK;
}

/* --- descriptors --- */

static int take_descriptor(struct otadfu_ctx *ctx, void *user, struct item *item,
			   uint16_t *ret_last)
{
	uint16_t *cccd = user;

	(void)ctx;
	if (att_uuid16(&item->uuid) == TYPE_CCCD) {
		*cccd = item->handle;
		*ret_last = UINT16_MAX;
	}
	return OTADFU_OK;
}

int att_find_cccd(struct otadfu_ctx *ctx, struct att_channel *channel, struct att_chr *chr,
		  uint64_t deadline_ms)
{
	static const struct sweep sweep = { ATT_FIND_INFO_REQ, 0, 0, take_descriptor };
	uint16_t cccd = 0;
	int r = OTADFU_OK;

	if (chr->chr.id < chr->last)
		r = run_sweep(ctx, channel, &sweep, (uint16_t)(chr->chr.id + 1), chr->last, &cccd,
			      deadline_ms);
	if (r != OTADFU_OK)
		return r;
	if (cccd == 0)
		return fail_with(ctx, OTADFU_E_PROTOCOL, 0,
				 "the characteristic at handle 0x%04X offers notifications or "
				 "indications, but has no descriptor to turn them on",
				 chr->chr.id);
	chr->cccd = cccd;
	return OTADFU_OK;
}
