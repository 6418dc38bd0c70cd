#include "session_bench.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/eventfd.h>
#include <unistd.h>

#include <cmocka.h>

void set_text(struct profile_text *text, const char *value)
{
	assert_int_equal(profile_set_text(text, value, "test"), OTADFU_OK);
}

int set_up_with(void **state, const struct otadfu_plugin *plugin)
{
	struct fixture *f = test_calloc(1, sizeof(*f));

	memset(&world, 0, sizeof(world));
	world.cancel_fd = eventfd(0, EFD_CLOEXEC);
	f->registry = registry_new();
	f->clock = clock_new();
	f->package.kind = INITPACKET_LEGACY;
	f->package.count = 1;
	for (size_t i = 0; i < 2; i++)
		f->package.images[i] = (struct otadfu_image){ .size = sizeof(struct otadfu_image),
							      .kind = OTADFU_IMAGE_APPLICATION,
							      .data_len = IMAGE_LEN };
	if (registry_add(f->registry, plugin, "test", false, NULL) != OTADFU_OK ||
	    profile_new(&f->profile) != OTADFU_OK)
		return -1;
	set_text(&f->profile->transport, "world");
	set_text(&f->profile->match_address, "C0:FF:EE:00:00:10");
	*state = f;
	return 0;
}

int tear_down(void **state)
{
	struct fixture *f = *state;

	close(world.cancel_fd);
	profile_free(f->profile);
	registry_free(f->registry);
	clock_free(f->clock);
	test_free(f);
	return 0;
}

static void append(char *text, size_t size, const char *word)
{
	size_t used = strlen(text);

	snprintf(text + used, size - used, "%s%s", used > 0 ? " " : "", word);
}

static void record(void *user, const struct session_event *event)
{
	struct fixture *f = user;

	if (event->kind == SESSION_EVENT_PHASE)
		append(f->phases, sizeof(f->phases), session_phase_name(event->phase));
	if (event->kind == SESSION_EVENT_NOTE)
		append(f->notes, sizeof(f->notes), event->text);
}

void run_as(struct fixture *f, bool dry_run, bool force)
{
	struct session_job job = {
		.dry_run = dry_run,
		.force = force,
		.registry = f->registry,
		.profile = f->profile,
		.package = &f->package,
		.clock = f->clock,
		.cancel_fd = world.cancel_fd,
		.on_event = record,
		.user = f,
	};

	session_run(&job, &f->result);
	/* Whatever happened, nothing is left open. */
	assert_int_equal(world.closes, world.open_ms != 0 ? 1 : 0);
}

void forget_address(struct fixture *f)
{
	free(f->profile->match_address.value);
	f->profile->match_address.value = NULL;
}

void run(struct fixture *f)
{
	run_as(f, false, false);
}

void add_device(uint8_t low, const char *name, uint32_t mode, uint32_t tells)
{
	world.devices[world.device_count++] = (struct world_device){
		.addr = world_addr(low), .name = name, .mode = mode, .tells = tells
	};
}

const struct otadfu_next to_application = { .match = OTADFU_NEXT_ADDR_MINUS_ONE |
						     OTADFU_NEXT_SAME_ADDR,
					    .mode = OTADFU_MODE_APPLICATION,
					    .within_ms = 30000 };
const struct otadfu_next to_bootloader = { .match = OTADFU_NEXT_ADDR_PLUS_ONE |
						    OTADFU_NEXT_SAME_ADDR,
					   .mode = OTADFU_MODE_BOOTLOADER,
					   .not_before_ms = 500,
					   .within_ms = 15000 };
const struct otadfu_next restart = { .match = OTADFU_NEXT_SAME_ADDR,
				     .mode = OTADFU_MODE_BOOTLOADER,
				     .within_ms = 15000 };

struct world_device at(uint8_t low, const char *name, uint32_t mode, uint32_t tells)
{
	return (struct world_device){
		.addr = world_addr(low), .name = name, .mode = mode, .tells = tells, .from_ms = 800
	};
}

void finish_with(size_t step)
{
	world.updates[step] =
		(struct world_step){ .push_bytes = IMAGE_LEN,
				     .next = to_application,
				     .then = at(0x0F, "Thermo", OTADFU_MODE_APPLICATION, 0) };
}

void device_in_bootloader(void)
{
	add_device(0x10, "DfuTarg", OTADFU_MODE_BOOTLOADER, OTADFU_MODE_BOOTLOADER);
}
