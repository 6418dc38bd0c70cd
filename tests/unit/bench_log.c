#include "bench_log.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>

__attribute__((format(printf, 2, 3))) static void note(struct bench_log *log, const char *format,
						       ...)
{
	size_t used = strlen(log->text);
	va_list args;

	va_start(args, format);
	vsnprintf(log->text + used, sizeof(log->text) - used, format, args);
	va_end(args);
}

static void on_value(void *user, uint16_t handle, const uint8_t *data, size_t len, bool indication)
{
	struct bench_log *log = user;

	assert_int_equal(handle, log->control);
	assert_false(indication);
	for (size_t i = 0; i < len; i++)
		note(log, i + 1 < len ? "%02X " : "%02X; ", data[i]);
}

static void on_disconnected(void *user, uint8_t reason)
{
	note(user, "disconnected %02X; ", reason);
}

static void on_event(void *user, const struct device_event *event)
{
	switch (event->kind) {
	case DEVICE_EVENT_BOOT:
		note(user, "%s; ",
		     event->mode == DEVICE_APPLICATION ? "application" : "bootloader");
		break;
	case DEVICE_EVENT_RESET:
		note(user, "reset; ");
		break;
	case DEVICE_EVENT_MBR_COPY:
		note(user, "%s copied; ", event->text);
		break;
	case DEVICE_EVENT_ERROR_CHECK:
		note(user, "error check; ");
		break;
	}
}

struct device_observer bench_log_observer(struct bench_log *log)
{
	return (struct device_observer){
		.value = on_value, .disconnected = on_disconnected, .event = on_event, .user = log
	};
}

void bench_log_expect(struct bench_log *log, const char *expected)
{
	assert_string_equal(log->text, expected);
	log->text[0] = '\0';
}

size_t bench_bytes(const char *hex, uint8_t bytes[BENCH_WRITE_MAX])
{
	size_t len = 0;
	int used;
	unsigned byte;

	while (len < BENCH_WRITE_MAX && sscanf(hex, " %2x%n", &byte, &used) == 1) {
		bytes[len++] = (uint8_t)byte;
		hex += used;
	}
	return len;
}
