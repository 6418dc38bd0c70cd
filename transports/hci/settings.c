#include "settings.h"

#include "failure.h"

#include <string.h>

enum { UNIT_US = 1250, UNIT_MS = 10 };

/* The ranges of the Core Specification, Vol 6, Part B, 4.5. */
static const struct otadfu_option interval_min = {
	.size = sizeof(interval_min),
	.kind = OTADFU_OPT_INT,
	.key = "interval_min_us",
	.help = "shortest connection interval asked for, in microseconds",
	.fallback = "7500",
	.min = 7500,
	.max = 4000000,
};

static const struct otadfu_option interval_max = {
	.size = sizeof(interval_max),
	.kind = OTADFU_OPT_INT,
	.key = "interval_max_us",
	.help = "longest connection interval asked for, in microseconds",
	.fallback = "15000",
	.min = 7500,
	.max = 4000000,
};

static const struct otadfu_option supervision = {
	.size = sizeof(supervision),
	.kind = OTADFU_OPT_INT,
	.key = "supervision_ms",
	.help = "silence after which the link counts as lost, in milliseconds",
	.fallback = "4000",
	.min = 100,
	.max = 32000,
};

static const struct otadfu_option phy = {
	.size = sizeof(phy),
	.kind = OTADFU_OPT_CHOICE,
	.key = "phy",
	.help = "radio modulation: auto is 2m where controller and device know it",
	.fallback = "auto",
	.choices = "auto|1m|2m",
};

static const struct otadfu_option data_length = {
	.size = sizeof(data_length),
	.kind = OTADFU_OPT_INT,
	.key = "data_length",
	.help = "longest radio packet asked for, in bytes; 27 is that of old devices",
	.fallback = "251",
	.min = 27,
	.max = 251,
};

const struct otadfu_option *const settings_options[] = { &interval_min, &interval_max, &supervision,
							 &phy,          &data_length,  NULL };

int settings_read(struct otadfu_ctx *ctx, struct settings *ret_settings)
{
	int64_t min_us = ctx->host->option_int(ctx, interval_min.key);
	int64_t max_us = ctx->host->option_int(ctx, interval_max.key);
	int64_t silence_ms = ctx->host->option_int(ctx, supervision.key);
	const char *wanted_phy = ctx->host->option_str(ctx, phy.key);
	struct settings settings = {
		.connection = { .interval_min = (uint16_t)((min_us + UNIT_US - 1) / UNIT_US),
				.interval_max = (uint16_t)(max_us / UNIT_US),
				.timeout = (uint16_t)(silence_ms / UNIT_MS) },
		.data_length = (uint16_t)ctx->host->option_int(ctx, data_length.key),
		.wants_2m = strcmp(wanted_phy, "1m") != 0,
		.needs_2m = strcmp(wanted_phy, "2m") == 0,
	};

	if (!hci_is_possible(&settings.connection))
		return fail_with(ctx, OTADFU_E_CONFIG, 0,
				 "interval_min_us %lld, interval_max_us %lld, supervision_ms %lld: "
				 "no such connection exists; the longest interval is not below the "
				 "shortest, and twice as long is still below the supervision time",
				 (long long)min_us, (long long)max_us, (long long)silence_ms);
	*ret_settings = settings;
	return OTADFU_OK;
}
