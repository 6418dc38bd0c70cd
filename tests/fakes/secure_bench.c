#include "secure_bench.h"

#include <otadfu/plugin.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>

/* cmocka wants setjmp, stdarg, stddef and stdint first. */
#include <cmocka.h>

extern const struct otadfu_plugin otadfu_plugin_v1_secure;

#define BT_BASE     0x00, 0x00, 0x10, 0x00, 0x80, 0x00, 0x00, 0x80, 0x5f, 0x9b, 0x34, 0xfb
#define NORDIC_BASE 0xf3, 0x15, 0x4f, 0x60, 0x9f, 0xb8, 0x83, 0x88, 0x30, 0xda, 0xea, 0x50

static const struct otadfu_chr chrs[] = {
	{ .service = { { 0x00, 0x00, 0xfe, 0x59, BT_BASE } },
	  .uuid = { { 0x8e, 0xc9, 0x00, 0x01, NORDIC_BASE } },
	  .id = SCRIPT_CONTROL },
	{ .service = { { 0x00, 0x00, 0xfe, 0x59, BT_BASE } },
	  .uuid = { { 0x8e, 0xc9, 0x00, 0x02, NORDIC_BASE } },
	  .id = SCRIPT_PACKET },
};

/* An unsigned command: fw_version 2, hw_version 52, sd_req 0100; 21 bytes. */
static const uint8_t init[] = { 0x0a, 0x13, 0x08, 0x01, 0x12, 0x0f, 0x08, 0x02, 0x10, 0x34, 0x1a,
				0x02, 0x80, 0x02, 0x20, 0x00, 0x28, 0x00, 0x38, 0xc8, 0x01 };

/* What the words of secure_bench.h stand for. */
static const struct {
	const char *word;
	const char *text; /* each # is the argument */
} words[] = {
	{ "select-init", "cp 06 01; note 60 06 01 u32:512 u32:# crc:init:#" },
	{ "select", "cp 06 02; note 60 06 01 u32:80 u32:# crc:image:#" },
	{ "select-page", "cp 06 02; note 60 06 01 u32:4096 u32:# crc:image:#" },
	{ "select-bad", "cp 06 02; note 60 06 01 u32:80 u32:# de ad be ef" },
	{ "receipts", "cp 02 # 00; note 60 02 01" },
	{ "create-init", "cp 01 01 u32:21; note 60 01 01" },
	{ "create", "cp 01 02 u32:#; note 60 01 01" },
	{ "receipt", "note 60 03 01 u32:# crc:image:#" },
	{ "receipt-bad", "note 60 03 01 u32:# de ad be ef" },
	{ "check", "cp 03; note 60 03 01 u32:# crc:image:#" },
	{ "check-init", "cp 03; note 60 03 01 u32:# crc:init:#" },
	{ "check-bad", "cp 03; note 60 03 01 u32:# de ad be ef" },
	{ "execute", "cp 04; note 60 04 01" },
};

static const char *meaning(const char *step, size_t len)
{
	for (size_t i = 0; i < sizeof(words) / sizeof(words[0]); i++) {
		if (strlen(words[i].word) == len && memcmp(words[i].word, step, len) == 0)
			return words[i].text;
	}
	return NULL;
}

/* Writes one step out in full. */
static void expand_step(FILE *out, const char *step, size_t len)
{
	size_t word = strcspn(step, " ;");
	const char *text = meaning(step, word < len ? word : len);
	const char *argument = step + word + 1;

	if (!text)
		fprintf(out, "%.*s", (int)len, step);
	for (; text && *text != '\0'; text++) {
		if (*text == '#')
			fprintf(out, "%.*s", (int)(step + len - argument), argument);
		else
			fputc(*text, out);
	}
	fputs("; ", out);
}

static void expand(const char *script, char *ret_full, size_t size)
{
	FILE *out = fmemopen(ret_full, size, "w");

	assert_non_null(out);
	while (*script != '\0') {
		size_t len = strcspn(script, ";");

		expand_step(out, script, len);
		script += len;
		script += strspn(script, "; ");
	}
	fputc('\0', out);
	assert_int_equal(ferror(out), 0);
	assert_int_equal(fclose(out), 0);
}

struct bench *bench_of(void **state)
{
	static struct bench bench;

	(void)state;
	bench = (struct bench){
		.image = { .size = sizeof(bench.image),
			   .kind = OTADFU_IMAGE_APPLICATION,
			   .init = init,
			   .init_len = sizeof(init),
			   .data = bench.data,
			   .data_len = IMAGE_LEN },
		.setup = { .ops = otadfu_plugin_v1_secure.protocols[0],
			   .image = &bench.image,
			   .chrs = chrs,
			   .chr_count = sizeof(chrs) / sizeof(chrs[0]),
			   .max_write = 20,
			   .options = "receipts=2 page_erase_ms=0",
			   .cut_at = SCRIPT_NEVER,
			   .cancel_at = SCRIPT_NEVER },
	};
	for (size_t i = 0; i < IMAGE_MAX; i++)
		bench.data[i] = (uint8_t)(i * 7 + i / 256);
	return &bench;
}

int attempt(struct bench *bench, const char *script)
{
	expand(script, bench->script, sizeof(bench->script));
	bench->next = (struct otadfu_next){ .size = sizeof(bench->next) };
	script_begin(&bench->peer, &bench->setup, bench->script, &bench->memo);
	return bench->setup.ops->update(&bench->peer.ctx, &bench->image, &bench->next);
}

int update(struct bench *bench, const char *script)
{
	int r = attempt(bench, script);

	script_end(&bench->peer);
	return r;
}

void assert_said(const struct bench *bench, const char *text)
{
	if (!strstr(bench->peer.failure.text, text))
		fail_msg("\"%s\" is not in \"%s\"", text, bench->peer.failure.text);
}

void assert_application_expected(const struct bench *bench)
{
	assert_int_equal(bench->next.match, OTADFU_NEXT_SAME_ADDR | OTADFU_NEXT_ADDR_MINUS_ONE);
	assert_int_equal(bench->next.mode, OTADFU_MODE_APPLICATION);
	assert_int_equal(bench->next.within_ms, 60000);
}
