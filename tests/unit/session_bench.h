/* A session over the fake world, and the words in which a test says what happens in it. */
#ifndef OTADFU_TESTS_SESSION_BENCH_H
#define OTADFU_TESTS_SESSION_BENCH_H

#include "clock.h"
#include "fake_world.h"
#include "session.h"

enum { IMAGE_LEN = 1000 };

struct fixture {
	struct registry *registry;
	struct profile *profile;
	struct clock *clock;
	struct package package;
	struct session_result result;
	char phases[512]; /* "connect probe .." */
	char notes[1024];
};

/* For cmocka; the profile asks for C0:FF:EE:00:00:10. */
int set_up_with(void **state, const struct otadfu_plugin *plugin);
int tear_down(void **state);

void set_text(struct profile_text *text, const char *value);
void forget_address(struct fixture *f);
void run(struct fixture *f);
void run_as(struct fixture *f, bool dry_run, bool force);

void add_device(uint8_t low, const char *name, uint32_t mode, uint32_t tells);
void device_in_bootloader(void);
/* It is there 800 ms later. */
struct world_device at(uint8_t low, const char *name, uint32_t mode, uint32_t tells);
/* That update ends well: the application comes back at C0:FF:EE:00:00:0F. */
void finish_with(size_t step);

extern const struct otadfu_next to_application;
extern const struct otadfu_next to_bootloader;
extern const struct otadfu_next restart;

#endif
