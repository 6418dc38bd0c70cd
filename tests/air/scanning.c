#include "scanning.h"

#include "air.h"

enum { LE_ADVERTISING_REPORT = 0x02, LE_EXTENDED_REPORT = 0x0D, LE_SCAN_TIMEOUT = 0x11 };

/* What one transmission brings. */
struct heard {
	struct address from;
	const struct advert_set *set;
	const struct advert_data *data;
	bool is_response;
	int8_t rssi;
};

bool listening_hears(const struct listening *listening, uint64_t now_us)
{
	return (now_us - listening->began_us) % listening->interval_us < listening->window_us;
}

static bool is_seen(const struct scanner *scanner, const struct seen *seen)
{
	for (size_t i = 0; i < scanner->seen_count; i++) {
		const struct seen *other = &scanner->seen[i];

		if (address_is_same(&other->address, &seen->address) &&
		    other->is_response == seen->is_response && other->data_id == seen->data_id)
			return true;
	}
	return false;
}

static void remember(struct scanner *scanner, const struct seen *seen)
{
	scanner->seen[scanner->seen_next] = *seen;
	scanner->seen_next = (scanner->seen_next + 1) % SEEN_MAX;
	if (scanner->seen_count < SEEN_MAX)
		scanner->seen_count++;
}

static bool is_duplicate(struct scanner *scanner, const struct heard *heard)
{
	bool is_legacy = heard->set->properties & ADVERT_LEGACY;
	const struct seen seen = { .address = heard->from,
				   .is_response = heard->is_response,
				   .data_id = is_legacy ? 0 : heard->set->data_id };

	if (!scanner->filter_duplicates)
		return false;
	if (is_seen(scanner, &seen))
		return true;
	remember(scanner, &seen);
	return false;
}

/* 7.7.65.2 */
static void report_legacy(struct controller *scanner, const struct heard *heard)
{
	enum { ADV_IND, ADV_DIRECT_IND, ADV_SCAN_IND, ADV_NONCONN_IND, SCAN_RSP };
	uint16_t properties = heard->set->properties;
	uint8_t type = heard->is_response                ? SCAN_RSP
		       : properties & ADVERT_DIRECTED    ? ADV_DIRECT_IND
		       : properties & ADVERT_CONNECTABLE ? ADV_IND
		       : properties & ADVERT_SCANNABLE   ? ADV_SCAN_IND
							 : ADV_NONCONN_IND;
	struct writer event = le_event(LE_ADVERTISING_REPORT);

	put_u8(&event, 1);
	put_u8(&event, type);
	put_u8(&event, heard->from.type);
	put_bytes(&event, heard->from.bytes, ADDRESS_LEN);
	put_u8(&event, (uint8_t)heard->data->len);
	put_bytes(&event, heard->data->data, heard->data->len);
	put_u8(&event, (uint8_t)heard->rssi);
	controller_le_event(scanner, &event);
}

/* 7.7.65.13 */
static void report_part(struct controller *scanner, const struct heard *heard, size_t offset,
			size_t len, bool more)
{
	enum {
		REPORTED = ADVERT_CONNECTABLE | ADVERT_SCANNABLE | ADVERT_DIRECTED | ADVERT_LEGACY,
		SCAN_RESPONSE = 0x08,
		MORE_TO_COME = 0x20,
		NO_SID = 0xFF,
		NO_TX_POWER = 0x7F
	};
	const struct advert_set *set = heard->set;
	bool is_legacy = set->properties & ADVERT_LEGACY;
	const struct address nobody = { 0 };
	const struct address *target = set->properties & ADVERT_DIRECTED ? &set->peer : &nobody;
	struct writer event = le_event(LE_EXTENDED_REPORT);

	put_u8(&event, 1);
	put_u16(&event,
		(uint16_t)((set->properties & REPORTED) | (heard->is_response ? SCAN_RESPONSE : 0) |
			   (more ? MORE_TO_COME : 0)));
	put_u8(&event, heard->from.type);
	put_bytes(&event, heard->from.bytes, ADDRESS_LEN);
	put_u8(&event, PHY_1M);
	put_u8(&event, is_legacy ? 0 : set->secondary_phy);
	put_u8(&event, is_legacy ? NO_SID : set->sid);
	put_u8(&event, NO_TX_POWER);
	put_u8(&event, (uint8_t)heard->rssi);
	put_u16(&event, 0); /* no periodic advertising */
	put_u8(&event, target->type);
	put_bytes(&event, target->bytes, ADDRESS_LEN);
	put_u8(&event, (uint8_t)len);
	put_bytes(&event, heard->data->data + offset, len);
	controller_le_event(scanner, &event);
}

static void report_extended(struct controller *scanner, const struct heard *heard)
{
	enum { PART_MAX = WRITER_MAX - 26 };
	size_t offset = 0;

	while (heard->data->len - offset > PART_MAX) {
		report_part(scanner, heard, offset, PART_MAX, true);
		offset += PART_MAX;
	}
	report_part(scanner, heard, offset, heard->data->len - offset, false);
}

static void report(struct controller *controller, const struct heard *heard)
{
	struct scanner *scanner = &controller->state.scanner;

	if (is_duplicate(scanner, heard) || outbox_is_busy(&controller->outbox))
		return;
	if (scanner->extended)
		report_extended(controller, heard);
	else
		report_legacy(controller, heard);
}

static bool can_receive(const struct controller *controller, const struct advert_set *set)
{
	if (set->properties & ADVERT_LEGACY)
		return true;
	return controller->state.scanner.extended &&
	       (set->secondary_phy != PHY_2M || controller->traits.phy_2m);
}

/* The scanner's own address stands in a request that it sends and in one that is directed to it. */
static bool is_addressed(const struct advert_set *set, const struct address *own)
{
	return !(set->properties & ADVERT_DIRECTED) || address_is_same(&set->peer, own);
}

static bool will_be_answered(const struct controller *advertiser, const struct advert_set *set,
			     const struct address *own)
{
	return set->properties & ADVERT_SCANNABLE &&
	       (!(set->filter & FILTER_SCAN_REQUESTS) || controller_accepts(advertiser, own));
}

void scanner_hear(struct controller *controller, const struct controller *advertiser,
		  const struct advert_set *set)
{
	const struct scanner *scanner = &controller->state.scanner;
	struct heard heard = { .from = advert_address(advertiser, set),
			       .set = set,
			       .data = &set->data,
			       .rssi = advertiser->traits.rssi };
	struct address own;

	if (!scanner->on || !listening_hears(&scanner->listening, controller->air->now_us) ||
	    !can_receive(controller, set))
		return;
	if (scanner->accept_list_only && !controller_accepts(controller, &heard.from))
		return;
	if (!controller_own_address(controller, scanner->own_type, &own) ||
	    !is_addressed(set, &own))
		return;
	report(controller, &heard);
	if (!scanner->active || !will_be_answered(advertiser, set, &own))
		return;
	heard.is_response = true;
	heard.data = &set->response;
	report(controller, &heard);
}

uint64_t scanner_next_us(const struct controller *controller)
{
	const struct scanner *scanner = &controller->state.scanner;

	return scanner->on ? scanner->end_us : UINT64_MAX;
}

void scanner_run(struct controller *controller)
{
	struct scanner *scanner = &controller->state.scanner;
	struct writer event = le_event(LE_SCAN_TIMEOUT);

	if (scanner_next_us(controller) > controller->air->now_us)
		return;
	scanner->on = false;
	controller_le_event(controller, &event);
}
