#include "examine.h"

#include "adapter.h"
#include "findings.h"

#include <stdlib.h>

static void tell_program(struct otadfu_ctx *ctx, const struct findings *findings)
{
	char *path = NULL;
	int r = adapter_find_program(ctx, &path);

	if (r == OTADFU_OK)
		findings_fact(findings, "gatttool", "%s", path);
	else if (r == OTADFU_E_PERMISSION)
		findings_hindrance(findings, "gatttool", "leave gatttool.binary alone",
				   "a program of the caller's choice is not run with more rights "
				   "than the caller's");
	else
		findings_hindrance(findings, "gatttool", "sudo apt install bluez",
				   "\"%.64s\" cannot be run", ctx->host->option_str(ctx, "binary"));
	free(path);
}

int examine(struct otadfu_ctx *ctx, const char *adapter_name, const struct otadfu_addr *peer,
	    otadfu_finding_fn *on_finding, void *user)
{
	const struct findings findings = { on_finding, user };
	struct otadfu_adapter *adapter;
	int r;

	tell_program(ctx, &findings);
	if (adapter_is_of_kernel(ctx))
		findings_tell_adapters(&findings, adapter_name, false);
	if (adapter_is_of_kernel(ctx) && peer)
		findings_tell_links(&findings, adapter_name, peer);
	r = adapter_find(ctx, adapter_name, &adapter);
	if (r == OTADFU_OK)
		adapter_close(ctx, adapter);
	return r;
}
