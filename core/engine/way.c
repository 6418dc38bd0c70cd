#include "way.h"

#include "auto.h"
#include "log.h"

static int open_with(struct adapter *adapter, struct task *task,
		     const struct otadfu_transport_ops *transport, const struct profile *profile,
		     struct options **ret_options, struct failure *why)
{
	struct options *options = NULL;
	int r = options_resolve(transport->name, transport->options, &profile->settings, &options,
				why);

	if (r == OTADFU_OK)
		r = adapter_open(adapter, task, transport, options, profile->adapter.value, why);
	if (r != OTADFU_OK) {
		options_free(options);
		return r;
	}
	*ret_options = options;
	return OTADFU_OK;
}

static int open_first(struct adapter *adapter, struct task *task, const struct registry *registry,
		      const struct profile *profile, struct options **ret_options,
		      struct failure *why)
{
	const struct otadfu_transport_ops *transport;
	struct auto_refusals refusals = { .count = 0 };

	for (size_t i = 0; (transport = auto_at(registry, i)); i++) {
		struct failure refusal = { 0 };
		int r = open_with(adapter, task, transport, profile, ret_options, &refusal);

		if (r == OTADFU_OK) {
			log_write(task->log, OTADFU_LOG_INFO, NULL, NULL, "transport %s (auto)",
				  transport->name);
			return OTADFU_OK;
		}
		if (!auto_goes_on_after(r)) {
			*why = refusal;
			return r;
		}
		log_write(task->log, OTADFU_LOG_INFO, NULL, NULL, "transport %s not chosen: %s",
			  transport->name, refusal.text);
		auto_note(&refusals, transport->name, &refusal);
	}
	return auto_explain(&refusals, registry, why);
}

int way_open(struct adapter *adapter, struct task *task, const struct registry *registry,
	     const struct profile *profile, struct options **ret_options, struct failure *why)
{
	const struct otadfu_transport_ops *transport;

	if (auto_is_meant(&profile->transport))
		return open_first(adapter, task, registry, profile, ret_options, why);
	transport = registry_transport(registry, profile->transport.value);
	if (!transport)
		return failure_set(why, OTADFU_E_NOT_FOUND, 0,
				   "no plugin provides the transport '%s'",
				   profile->transport.value);
	return open_with(adapter, task, transport, profile, ret_options, why);
}
