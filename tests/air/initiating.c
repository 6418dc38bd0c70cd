#include "initiating.h"

#include "air.h"
#include "status.h"

static bool is_sought(const struct controller *controller, const struct address *address)
{
	const struct initiator *initiator = &controller->state.initiator;

	return initiator->by_accept_list ? controller_accepts(controller, address)
					 : address_is_same(&initiator->peer, address);
}

static bool can_receive(const struct controller *controller, const struct advert_set *set)
{
	if (!(set->properties & ADVERT_CONNECTABLE))
		return false;
	if (set->properties & ADVERT_LEGACY)
		return true;
	return controller->state.initiator.extended &&
	       (set->secondary_phy != PHY_2M || controller->traits.phy_2m);
}

static bool will_answer(const struct controller *advertiser, const struct advert_set *set,
			const struct address *own)
{
	if (set->properties & ADVERT_DIRECTED)
		return address_is_same(&set->peer, own);
	return !(set->filter & FILTER_CONNECT_REQUESTS) || controller_accepts(advertiser, own);
}

static bool has_room(const struct controller *controller)
{
	return air_count_links(controller->air, controller) < controller->traits.links;
}

bool initiator_hear(struct controller *controller, struct controller *advertiser,
		    struct advert_set *set)
{
	struct initiator *initiator = &controller->state.initiator;
	struct air *air = controller->air;
	struct link_ends ends = { .controllers = { controller, advertiser } };
	const struct link *link;

	if (!initiator->on || !listening_hears(&initiator->listening, air->now_us) ||
	    !can_receive(controller, set))
		return false;
	ends.addresses[PERIPHERAL] = advert_address(advertiser, set);
	if (!controller_own_address(controller, initiator->own_type, &ends.addresses[CENTRAL]) ||
	    !is_sought(controller, &ends.addresses[PERIPHERAL]) ||
	    !will_answer(advertiser, set, &ends.addresses[CENTRAL]))
		return false;
	if (!has_room(controller) || !has_room(advertiser) || !air_free_link(air))
		return false;
	initiator->on = false;
	link = link_begin(air, &ends, &initiator->parameters);
	advert_connected(advertiser, set, link->sides[PERIPHERAL].handle);
	return true;
}

uint64_t initiator_next_us(const struct controller *controller)
{
	return controller->state.initiator.cancelled ? 0 : UINT64_MAX;
}

void initiator_run(struct controller *controller)
{
	struct initiator *initiator = &controller->state.initiator;

	if (!initiator->cancelled)
		return;
	initiator->cancelled = false;
	link_tell_failure(controller, CENTRAL, STATUS_UNKNOWN_CONNECTION);
}
