#include "legacy_client_bench.h"

#include <otadfu/plugin.h>
#include <setjmp.h>
#include <stdarg.h>
#include <string.h>

/* cmocka wants setjmp, stdarg, stddef and stdint first. */
#include <cmocka.h>

extern const struct otadfu_plugin otadfu_plugin_v1_legacy;

#define DFU_BASE 0x12, 0x12, 0xef, 0xde, 0x15, 0x23, 0x78, 0x5f, 0xea, 0xbc, 0xd1, 0x23

static const struct otadfu_chr chrs[] = {
	{ .service = { { 0x00, 0x00, 0x15, 0x30, DFU_BASE } },
	  .uuid = { { 0x00, 0x00, 0x15, 0x31, DFU_BASE } },
	  .id = SCRIPT_CONTROL },
	{ .service = { { 0x00, 0x00, 0x15, 0x30, DFU_BASE } },
	  .uuid = { { 0x00, 0x00, 0x15, 0x32, DFU_BASE } },
	  .id = SCRIPT_PACKET },
	{ .service = { { 0x00, 0x00, 0x15, 0x30, DFU_BASE } },
	  .uuid = { { 0x00, 0x00, 0x15, 0x34, DFU_BASE } },
	  .id = SCRIPT_OTHER },
};

enum { WITH_VERSION = 3, WITHOUT_VERSION = 2 };

struct bench *bench_of(void **state)
{
	static struct bench bench;

	(void)state;
	bench = (struct bench){
		.init = { 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0x01, 0x00, 0xfe, 0xff,
			  0x12, 0x34 },
		.image = { .size = sizeof(bench.image),
			   .kind = OTADFU_IMAGE_APPLICATION,
			   .init = bench.init,
			   .init_len = INIT_LEN,
			   .data = bench.data,
			   .data_len = SHORT_LEN },
		.setup = { .ops = otadfu_plugin_v1_legacy.protocols[0],
			   .image = &bench.image,
			   .chrs = chrs,
			   .chr_count = WITH_VERSION,
			   .max_write = 20,
			   .options = "receipts=2",
			   .cut_at = SCRIPT_NEVER,
			   .cancel_at = SCRIPT_NEVER },
	};
	for (size_t i = 0; i < IMAGE_LEN; i++)
		bench.data[i] = (uint8_t)(i * 7 + i / 256);
	return &bench;
}

struct bench *old_bench_of(void **state)
{
	struct bench *bench = bench_of(state);

	bench->setup.chr_count = WITHOUT_VERSION;
	return bench;
}

int attempt(struct bench *bench, const char *script)
{
	bench->next = (struct otadfu_next){ .size = sizeof(bench->next) };
	script_begin(&bench->peer, &bench->setup, script, &bench->memo);
	return bench->setup.ops->update(&bench->peer.ctx, &bench->image, &bench->next);
}

int update(struct bench *bench, const char *script)
{
	int r = attempt(bench, script);

	script_end(&bench->peer);
	return r;
}

void assert_restart_expected(const struct bench *bench, uint32_t not_before_ms)
{
	assert_int_equal(bench->next.match, OTADFU_NEXT_SAME_ADDR | OTADFU_NEXT_ADDR_PLUS_ONE |
						    OTADFU_NEXT_ADDR_MINUS_ONE);
	assert_int_equal(bench->next.mode, 0);
	assert_int_equal(bench->next.not_before_ms, not_before_ms);
	assert_int_equal(bench->next.within_ms, 30000);
}

void assert_said(const struct bench *bench, const char *text)
{
	if (!strstr(bench->peer.failure.text, text))
		fail_msg("\"%s\" is not in \"%s\"", text, bench->peer.failure.text);
}
