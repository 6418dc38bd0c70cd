#include "scan.h"

#include "gatt.h"
#include "speakers.h"
#include "way.h"

#include <stdio.h>
#include <stdlib.h>

struct scan {
	struct task task;
	struct speakers speakers;
	struct sightings sightings;
};

static int note(void *user, const struct otadfu_advert *advert)
{
	struct scan *scan = user;

	return sightings_note(&scan->sightings, &scan->task, advert, scan->speakers.items,
			      scan->speakers.count, NULL)
		       ? 0
		       : OTADFU_E_NOMEM;
}

static int list_devices(struct scan *scan, struct scan_device **ret_devices, size_t *ret_count,
			struct failure *why)
{
	size_t count = scan->sightings.count;
	struct scan_device *devices = calloc(count > 0 ? count : 1, sizeof(*devices));

	if (!devices)
		return failure_set(why, OTADFU_E_NOMEM, 0, "out of memory");
	sightings_sort(&scan->sightings);
	for (size_t i = 0; i < count; i++) {
		const struct sighting *seen = &scan->sightings.items[i];

		devices[i] = (struct scan_device){
			.addr = seen->addr,
			.rssi_dbm = seen->rssi_dbm,
			.connectable = seen->connectable,
			.protocol = seen->speaker ? seen->speaker->ops->name : NULL,
			.mode = seen->mode,
		};
		snprintf(devices[i].name, sizeof(devices[i].name), "%s", seen->name);
	}
	*ret_devices = devices;
	*ret_count = count;
	return OTADFU_OK;
}

static int scan_adapter(struct scan *scan, struct adapter *adapter, uint32_t duration_ms,
			struct failure *why)
{
	if (!adapter_can_scan(adapter))
		return failure_set(why, OTADFU_E_UNSUPPORTED, 0, "the transport '%s' cannot scan",
				   adapter->ops->name);
	return adapter_scan(adapter, &scan->task, note, scan,
			    task_now_ms(&scan->task) + duration_ms, why);
}

int scan_run(const struct scan_job *job, struct scan_device **ret_devices, size_t *ret_count,
	     struct failure *why)
{
	struct scan scan = {
		.task = { .clock = job->clock, .log = job->log, .cancel_fd = job->cancel_fd }
	};
	struct options *options = NULL;
	struct adapter adapter = { 0 };
	int r = speakers_gather(&scan.speakers, job->registry, job->profile, why);

	if (r == OTADFU_OK)
		r = way_open(&adapter, &scan.task, job->registry, job->profile, &options, why);
	if (r == OTADFU_OK)
		r = scan_adapter(&scan, &adapter, job->duration_ms, why);
	if (r == OTADFU_OK)
		r = list_devices(&scan, ret_devices, ret_count, why);
	adapter_close(&adapter);
	sightings_clear(&scan.sightings);
	speakers_free(&scan.speakers);
	options_free(options);
	return r;
}
