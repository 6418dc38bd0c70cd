#include "scan.h"

#include "failure.h"

static int start(struct otadfu_ctx *ctx, struct otadfu_adapter *adapter, uint64_t deadline_ms)
{
	struct hci_command parameters = hci_scan_parameters(&adapter->central);
	struct hci_command enable = hci_scan_enable(&adapter->central, true);
	int r = air_command(ctx, adapter, &parameters, deadline_ms);

	if (r != OTADFU_OK)
		return r;
	pthread_mutex_lock(&adapter->lock);
	sightings_clear(&adapter->air.sightings);
	adapter->air.scanning = true;
	pthread_mutex_unlock(&adapter->lock);
	return air_command(ctx, adapter, &enable, deadline_ms);
}

/* Whatever comes next is asked behind this, so nobody waits for the answer. */
static void stop(struct otadfu_adapter *adapter)
{
	struct hci_command disable = hci_scan_enable(&adapter->central, false);

	pthread_mutex_lock(&adapter->lock);
	if (adapter->air.scanning)
		adapter_order_locked(adapter, &disable, NULL, NULL);
	adapter->air.scanning = false;
	pthread_mutex_unlock(&adapter->lock);
}

static bool has_something(const void *user)
{
	const struct air *air = user;

	return air->sightings.count > 0 || !air->scanning;
}

static bool take(struct otadfu_adapter *adapter, struct sighting *ret_sighting)
{
	bool taken;

	pthread_mutex_lock(&adapter->lock);
	taken = sightings_take(&adapter->air.sightings, ret_sighting);
	pthread_mutex_unlock(&adapter->lock);
	return taken;
}

static int report(const struct sighting *sighting, otadfu_advert_fn *on_advert, void *user)
{
	const struct otadfu_advert advert = {
		.size = sizeof(advert),
		.flags = sighting->flags,
		.addr = sighting->address,
		.rssi_dbm = sighting->rssi_dbm,
		.data_len = sighting->data_len,
		.data = sighting->data_len > 0 ? sighting->data : NULL,
	};

	return on_advert(user, &advert);
}

static int fail_reset(struct otadfu_ctx *ctx, struct otadfu_adapter *adapter)
{
	int r = adapter_check(ctx, adapter);

	if (r != OTADFU_OK)
		return r;
	return fail_with(ctx, OTADFU_E_IO, 0, "%s: the controller was reset during the scan",
			 adapter->name);
}

/* One that is heard all the time does not let time stand still. */
static int listen(struct otadfu_ctx *ctx, struct otadfu_adapter *adapter,
		  otadfu_advert_fn *on_advert, void *user, uint64_t deadline_ms)
{
	struct air *air = &adapter->air;
	struct sighting sighting;
	int r = OTADFU_OK;

	while (r == OTADFU_OK && ctx->host->now_ms(ctx) < deadline_ms) {
		r = news_await(ctx, &air->news, &adapter->lock, has_something, air, deadline_ms);
		if (r != OTADFU_OK)
			return r == OTADFU_E_TIMEOUT ? OTADFU_OK : r;
		r = take(adapter, &sighting) ? report(&sighting, on_advert, user)
					     : fail_reset(ctx, adapter);
	}
	return r;
}

int scan_air(struct otadfu_ctx *ctx, struct otadfu_adapter *adapter, otadfu_advert_fn *on_advert,
	     void *user, uint64_t deadline_ms)
{
	int r = start(ctx, adapter, deadline_ms);

	if (r == OTADFU_OK)
		r = listen(ctx, adapter, on_advert, user, deadline_ms);
	stop(adapter);
	return r;
}

int scan(struct otadfu_ctx *ctx, struct otadfu_adapter *adapter, otadfu_advert_fn *on_advert,
	 void *user, uint64_t deadline_ms)
{
	int r = air_take(ctx, adapter, deadline_ms);

	if (r != OTADFU_OK)
		return r;
	r = scan_air(ctx, adapter, on_advert, user, deadline_ms);
	air_release(adapter);
	return r;
}
