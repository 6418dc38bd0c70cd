#include "procedures.h"

#include "air.h"
#include "identity.h"
#include "status.h"

enum {
	LE_UPDATE_COMPLETE = 0x03,
	LE_REMOTE_FEATURES = 0x04,
	LE_PARAMETER_REQUEST = 0x06,
	LE_DATA_LENGTH_CHANGE = 0x07,
	LE_PHY_UPDATE_COMPLETE = 0x0C
};

enum { EVENT_REMOTE_VERSION = 0x0C };

enum {
	INTERVAL_MIN = 6,
	INTERVAL_MAX = 3200,
	LATENCY_MAX = 499,
	TIMEOUT_MIN = 10,
	TIMEOUT_MAX = 3200
};

bool procedure_take_parameters(struct reader *reader, uint16_t *ret_interval_min,
			       struct connection_parameters *ret_parameters)
{
	uint16_t min = take_u16(reader), max = take_u16(reader);
	uint16_t latency = take_u16(reader), timeout = take_u16(reader);

	if (reader->failed || min < INTERVAL_MIN || min > max || max > INTERVAL_MAX ||
	    latency > LATENCY_MAX || timeout < TIMEOUT_MIN || timeout > TIMEOUT_MAX)
		return false;
	/* Longer than two intervals with their latency; 10 ms against 1.25 ms. */
	if (timeout * 4U <= (1U + latency) * max)
		return false;
	*ret_interval_min = min;
	*ret_parameters = (struct connection_parameters){ .interval = max,
							  .latency = latency,
							  .timeout = timeout };
	return true;
}

/* What becomes of each, at its event. False: the link is no more. */

static bool terminate(struct link *link, enum side side, const struct procedure *procedure)
{
	uint8_t reasons[SIDES];

	reasons[side] = STATUS_LOCAL_HOST;
	reasons[other_side(side)] = procedure->reason;
	link_end(link, reasons[CENTRAL], reasons[PERIPHERAL]);
	return false;
}

static bool exchange_version(struct link *link, enum side side, const struct procedure *procedure)
{
	const struct link_side *own = &link->sides[side];
	struct writer event = { 0 };

	(void)procedure;
	put_u8(&event, STATUS_SUCCESS);
	put_u16(&event, own->handle);
	put_u8(&event, IDENTITY_VERSION);
	put_u16(&event, IDENTITY_COMPANY);
	put_u16(&event, IDENTITY_SUBVERSION);
	controller_event(own->controller, EVENT_REMOTE_VERSION, &event);
	return true;
}

static bool exchange_features(struct link *link, enum side side, const struct procedure *procedure)
{
	const struct link_side *own = &link->sides[side];
	struct writer event = le_event(LE_REMOTE_FEATURES);

	(void)procedure;
	put_u8(&event, STATUS_SUCCESS);
	put_u16(&event, own->handle);
	put_number(&event, controller_features(link->sides[other_side(side)].controller), 8);
	controller_le_event(own->controller, &event);
	return true;
}

static void tell_length(const struct link *link, enum side side)
{
	const struct data_length *tx = &link->sides[side].length;
	const struct data_length *rx = &link->sides[other_side(side)].length;
	struct writer event = le_event(LE_DATA_LENGTH_CHANGE);

	put_u16(&event, link->sides[side].handle);
	put_u16(&event, tx->octets);
	put_u16(&event, tx->time_us);
	put_u16(&event, rx->octets);
	put_u16(&event, rx->time_us);
	controller_le_event(link->sides[side].controller, &event);
}

/* Every controller here receives as much as any may send. One without the feature answers
 * LL_UNKNOWN_RSP, and nothing changes. */
static bool exchange_length(struct link *link, enum side side, const struct procedure *procedure)
{
	bool changed = false;

	(void)side;
	(void)procedure;
	if (!link->sides[CENTRAL].controller->traits.data_length ||
	    !link->sides[PERIPHERAL].controller->traits.data_length)
		return true;
	for (enum side s = CENTRAL; s < SIDES; s++) {
		struct data_length *length = &link->sides[s].length;

		changed |= memcmp(length, &link->sides[s].wish, sizeof(*length)) != 0;
		*length = link->sides[s].wish;
	}
	for (enum side s = CENTRAL; s < SIDES && changed; s++)
		tell_length(link, s);
	if (changed)
		air_log(link->air, "link %u: %u octets from the central, %u from the peripheral",
			link->number, link->sides[CENTRAL].length.octets,
			link->sides[PERIPHERAL].length.octets);
	return true;
}

static void tell_phy(const struct link *link, enum side side, uint8_t status)
{
	struct writer event = le_event(LE_PHY_UPDATE_COMPLETE);

	put_u8(&event, status);
	put_u16(&event, link->sides[side].handle);
	put_u8(&event, link->sides[side].phy);
	put_u8(&event, link->sides[other_side(side)].phy);
	controller_le_event(link->sides[side].controller, &event);
}

/* 2M where both want it; where they share none, all stays (5.1.10). */
static bool choose_phy(uint8_t wanted, uint8_t accepted, uint8_t *phy)
{
	uint8_t both = wanted & accepted;
	uint8_t before = *phy;

	if (both)
		*phy = both & PHY_2M ? PHY_2M : PHY_1M;
	return *phy != before;
}

static bool update_phy(struct link *link, enum side side, const struct procedure *procedure)
{
	struct link_side *own = &link->sides[side], *peer = &link->sides[other_side(side)];
	bool changed;

	if (!peer->controller->traits.phy_2m) {
		tell_phy(link, side, STATUS_UNSUPPORTED_REMOTE);
		return true;
	}
	changed = choose_phy(procedure->tx_phys, peer->controller->state.rx_phys, &own->phy);
	changed |= choose_phy(procedure->rx_phys, peer->controller->state.tx_phys, &peer->phy);
	tell_phy(link, side, STATUS_SUCCESS);
	if (!changed)
		return true;
	tell_phy(link, other_side(side), STATUS_SUCCESS);
	air_log(link->air, "link %u: %uM from the central, %uM from the peripheral", link->number,
		link->sides[CENTRAL].phy, link->sides[PERIPHERAL].phy);
	return true;
}

void procedure_tell_update(const struct link *link, enum side side, uint8_t status)
{
	struct writer event = le_event(LE_UPDATE_COMPLETE);

	put_u8(&event, status);
	put_u16(&event, link->sides[side].handle);
	put_u16(&event, link->parameters.interval);
	put_u16(&event, link->parameters.latency);
	put_u16(&event, link->parameters.timeout);
	controller_le_event(link->sides[side].controller, &event);
}

static bool update_parameters(struct link *link, enum side side, const struct procedure *procedure)
{
	(void)side;
	link->parameters = procedure->parameters;
	for (enum side s = CENTRAL; s < SIDES; s++)
		procedure_tell_update(link, s, STATUS_SUCCESS);
	air_log(link->air, "link %u: %.2f ms, latency %u, supervision %u ms", link->number,
		link->parameters.interval * 1.25, link->parameters.latency,
		link->parameters.timeout * 10U);
	return true;
}

static bool request_parameters(struct link *link, enum side side, const struct procedure *procedure)
{
	const struct link_side *central = &link->sides[CENTRAL];
	struct procedure *own = &link->sides[side].procedures[PROCEDURE_REQUEST];
	struct writer event = le_event(LE_PARAMETER_REQUEST);

	if (!controller_wants_le_event(central->controller, LE_PARAMETER_REQUEST)) {
		procedure_tell_update(link, side, STATUS_UNSUPPORTED_REMOTE);
		return true;
	}
	put_u16(&event, central->handle);
	put_u16(&event, procedure->interval_min);
	put_u16(&event, procedure->parameters.interval);
	put_u16(&event, procedure->parameters.latency);
	put_u16(&event, procedure->parameters.timeout);
	controller_le_event(central->controller, &event);
	own->pending = true;
	own->asked = true;
	return true;
}

/* What needs an instant has it six events ahead (5.1.1, 5.1.10); the others take one round. */
static const struct rule {
	unsigned events;
	bool (*run)(struct link *link, enum side side, const struct procedure *procedure);
} rules[PROCEDURE_KINDS] = {
	[PROCEDURE_TERMINATE] = { .events = 1, .run = terminate },
	[PROCEDURE_VERSION] = { .events = 1, .run = exchange_version },
	[PROCEDURE_FEATURES] = { .events = 1, .run = exchange_features },
	[PROCEDURE_LENGTH] = { .events = 1, .run = exchange_length },
	[PROCEDURE_PHY] = { .events = 7, .run = update_phy },
	[PROCEDURE_UPDATE] = { .events = 7, .run = update_parameters },
	[PROCEDURE_REQUEST] = { .events = 1, .run = request_parameters },
};

bool procedure_begin(struct link *link, enum side side, enum procedure_kind kind,
		     const struct procedure *procedure)
{
	struct procedure *own = &link->sides[side].procedures[kind];

	if (own->pending)
		return false;
	*own = *procedure;
	own->pending = true;
	own->due = link->events + rules[kind].events;
	return true;
}

static bool run_kind(struct link *link, enum side side, enum procedure_kind kind)
{
	struct procedure *procedure = &link->sides[side].procedures[kind];
	struct procedure now = *procedure;

	if (!now.pending || now.asked || link->events < now.due)
		return true;
	procedure->pending = false;
	return rules[kind].run(link, side, &now);
}

bool procedures_run(struct link *link)
{
	for (enum side side = CENTRAL; side < SIDES; side++) {
		for (enum procedure_kind kind = 0; kind < PROCEDURE_KINDS; kind++) {
			if (!run_kind(link, side, kind))
				return false;
		}
	}
	return true;
}
