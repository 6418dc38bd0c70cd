#include "examine.h"

#include "adapter.h"
#include "findings.h"

int examine(struct otadfu_ctx *ctx, const char *adapter_name, const struct otadfu_addr *peer,
	    otadfu_finding_fn *on_finding, void *user)
{
	const struct findings findings = { on_finding, user };
	struct otadfu_adapter *adapter;
	int r;

	findings_tell_adapters(&findings, adapter_name, false);
	if (peer)
		findings_tell_links(&findings, adapter_name, peer);
	findings_fact(&findings, "l2cap",
		      "finds devices through bluetoothd; where that does not run, by -a alone");
	/* To open an adapter is but a look at it. */
	r = adapter_open(ctx, adapter_name, &adapter);
	if (r == OTADFU_OK)
		adapter_close(ctx, adapter);
	return r;
}
