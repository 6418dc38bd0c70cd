/* What gatttool prints: the same events whether it comes at once or byte by byte. */
#include "att_words.h"
#include "fuzz.h"
#include "parse.h"

#include <stdlib.h>
#include <string.h>

/* A sum over what was reported, its order included. */
struct digest {
	uint64_t sum;
	size_t events;
};

static void add(struct digest *digest, const void *data, size_t len)
{
	const uint8_t *bytes = data;

	for (size_t i = 0; i < len; i++)
		digest->sum = (digest->sum ^ bytes[i]) * 0x100000001B3;
}

static void judge_text(const struct event *event)
{
	size_t len = strlen(event->text);

	fuzz_require(len <= PARSE_LINE_MAX, "a text is no longer than a line");
	for (size_t i = 0; i < len; i++)
		fuzz_require(event->text[i] >= ' ' && event->text[i] < 0x7F, "it is printable");
	att_error_of_words(event->text);
}

static void on_event(void *user, const struct event *event)
{
	struct digest *digest = user;

	fuzz_require(event->kind > EVENT_NONE && event->kind <= EVENT_OTHER, "the kind is known");
	fuzz_require(event->len <= PARSE_VALUE_MAX, "a value has its bounds");
	if (event->text) {
		judge_text(event);
		add(digest, event->text, strlen(event->text));
	}
	add(digest, event->value, event->len);
	add(digest, &event->kind, sizeof(event->kind));
	add(digest, &event->handle, sizeof(event->handle));
	add(digest, &event->uuid, sizeof(event->uuid));
	digest->events++;
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct parser *parsers = calloc(2, sizeof(*parsers));
	struct digest at_once = { 0 }, bytewise = { 0 };

	fuzz_require(parsers != NULL, "there is memory");
	parser_feed(&parsers[0], data, size, on_event, &at_once);
	for (size_t i = 0; i < size; i++)
		parser_feed(&parsers[1], data + i, 1, on_event, &bytewise);
	fuzz_require(at_once.events == bytewise.events && at_once.sum == bytewise.sum,
		     "how it is cut into reads does not matter");
	free(parsers);
	return 0;
}
