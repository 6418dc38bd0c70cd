/* What the peer offers, and subscribing to it. */
#include "link.h"

#include "failure.h"

#include <string.h>

/* A search that finds nothing ends with an error, from the peer or from gatttool. */
static int judge_search(struct otadfu_ctx *ctx, const struct otadfu_link *link)
{
	if (link->reply.refused && (link_att_error(link) == ATT_E_NOT_FOUND ||
				    strcmp(link->reply.text, "No primary service found") == 0))
		return OTADFU_OK;
	return link_judge(ctx, link);
}

static int search(struct otadfu_ctx *ctx, struct otadfu_link *link, enum request request,
		  uint64_t deadline_ms, const char *line)
{
	int result = link_request(ctx, link, request, deadline_ms, line);

	if (result == OTADFU_OK)
		result = judge_search(ctx, link);
	if (result == OTADFU_OK && link->too_many)
		return fail_with(ctx, OTADFU_E_UNSUPPORTED, 0,
				 "%s: more than %d services or %d characteristics", link->peer,
				 LINK_SERVICES_MAX, LINK_CHARACTERISTICS_MAX);
	return result;
}

static int search_all(struct otadfu_ctx *ctx, struct otadfu_link *link, uint64_t deadline_ms)
{
	int result = search(ctx, link, REQUEST_SERVICES, deadline_ms, "primary\n");

	/* Where there are no services there is nothing in them. */
	link->characteristic_count = 0;
	if (result != OTADFU_OK || link->service_count == 0)
		return result;
	return search(ctx, link, REQUEST_CHARACTERISTICS, deadline_ms, "characteristics\n");
}

/* The service that a handle lies in; NULL: none. */
static const struct service *find_service(const struct otadfu_link *link, uint16_t handle)
{
	for (size_t i = 0; i < link->service_count; i++) {
		const struct service *service = &link->services[i];

		if (handle >= service->start && handle <= service->end)
			return service;
	}
	return NULL;
}

static void tell(const struct otadfu_link *link, struct otadfu_chr *buf)
{
	for (size_t i = 0; i < link->characteristic_count; i++) {
		const struct characteristic *chr = &link->characteristics[i];
		const struct service *service = find_service(link, chr->declaration);

		buf[i] = (struct otadfu_chr){ .uuid = chr->uuid,
					      .id = chr->value,
					      .props = chr->props };
		if (service)
			buf[i].service = service->uuid;
	}
}

int link_discover(struct otadfu_ctx *ctx, struct otadfu_link *link, struct otadfu_chr *buf,
		  size_t cap, size_t *ret_count, uint64_t deadline_ms)
{
	int result = search_all(ctx, link, deadline_ms);

	if (result != OTADFU_OK)
		return result;
	*ret_count = link->characteristic_count;
	if (link->characteristic_count > cap)
		return OTADFU_E_OVERFLOW;
	tell(link, buf);
	return OTADFU_OK;
}

/* --- subscribing --- */

/* Where the descriptors of the i-th characteristic end. */
static uint16_t end_of(const struct otadfu_link *link, size_t i)
{
	const struct service *service = find_service(link, link->characteristics[i].declaration);
	uint16_t end = service ? service->end : UINT16_MAX;

	if (i + 1 < link->characteristic_count && link->characteristics[i + 1].declaration <= end)
		end = (uint16_t)(link->characteristics[i + 1].declaration - 1);
	return end;
}

static int find_cccd(struct otadfu_ctx *ctx, struct otadfu_link *link, size_t i,
		     uint64_t deadline_ms)
{
	struct characteristic *chr = &link->characteristics[i];
	uint16_t end = end_of(link, i);
	char line[64];
	int result = OTADFU_OK;

	link->cccd = 0;
	if (chr->value < end) {
		snprintf(line, sizeof(line), "char-desc 0x%04x 0x%04x\n", chr->value + 1u, end);
		result = search(ctx, link, REQUEST_DESCRIPTORS, deadline_ms, line);
	}
	if (result == OTADFU_OK && link->cccd == 0)
		return fail_with(ctx, OTADFU_E_PROTOCOL, 0,
				 "%s: the characteristic at handle 0x%04X notifies, but has no "
				 "client characteristic configuration",
				 link->peer, chr->value);
	chr->cccd = link->cccd;
	return result;
}

static int write_cccd(struct otadfu_ctx *ctx, struct otadfu_link *link,
		      const struct characteristic *chr, uint64_t deadline_ms)
{
	const char *value = chr->props & OTADFU_PROP_NOTIFY ? "0100" : "0200";
	char line[64];
	int result;

	snprintf(line, sizeof(line), "char-write-req 0x%04x %s\n", chr->cccd, value);
	result = link_request(ctx, link, REQUEST_WRITE, deadline_ms, line);
	return result == OTADFU_OK ? link_judge(ctx, link) : result;
}

int link_subscribe(struct otadfu_ctx *ctx, struct otadfu_link *link, uint16_t id,
		   uint64_t deadline_ms)
{
	struct characteristic *chr = link->characteristics;
	bool was_open = notifyq_is_open(link->values, id);
	int result = link_check(ctx, link);
	size_t i = 0;

	if (result != OTADFU_OK)
		return result;
	while (i < link->characteristic_count && chr[i].value != id)
		i++;
	if (i == link->characteristic_count)
		return fail_with(ctx, OTADFU_E_INVALID, 0, "%s: characteristic %u was not found",
				 link->peer, id);
	if (!(chr[i].props & (OTADFU_PROP_NOTIFY | OTADFU_PROP_INDICATE)))
		return fail_with(ctx, OTADFU_E_UNSUPPORTED, 0,
				 "%s: the characteristic at handle 0x%04X neither notifies nor "
				 "indicates",
				 link->peer, id);
	if (chr[i].cccd == 0)
		result = find_cccd(ctx, link, i, deadline_ms);
	if (result != OTADFU_OK)
		return result;
	/* The first value may come before the answer. */
	notifyq_open(link->values, id);
	result = write_cccd(ctx, link, &chr[i], deadline_ms);
	if (result != OTADFU_OK && !was_open)
		notifyq_shut(link->values, id);
	return result;
}
