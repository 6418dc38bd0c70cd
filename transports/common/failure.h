/* ctx->host->fail with a format. */
#ifndef OTADFU_TRANSPORTS_FAILURE_H
#define OTADFU_TRANSPORTS_FAILURE_H

#include <otadfu/host.h>
#include <stdarg.h>
#include <stdio.h>

__attribute__((format(printf, 4, 5))) static inline int
fail_with(struct otadfu_ctx *ctx, int code, int32_t detail, const char *format, ...)
{
	char text[256];
	va_list args;

	va_start(args, format);
	vsnprintf(text, sizeof(text), format, args);
	va_end(args);
	return ctx->host->fail(ctx, code, detail, text);
}

#endif
