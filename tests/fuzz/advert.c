/*
 * Advertising data: as it comes from the air, read by the core and by the protocols; and put
 * together again from what a system service tells of a device, the input being that.
 */
#include "advert.h"
#include "adbuild.h"
#include "fuzz.h"
#include "sighting.h"
#include "target.h"

#include <stdlib.h>
#include <string.h>

int legacy_recognise(struct otadfu_ctx *ctx, const struct otadfu_advert *advert,
		     struct otadfu_probe *ret_probe);
int secure_recognise(struct otadfu_ctx *ctx, const struct otadfu_advert *advert,
		     struct otadfu_probe *ret_probe);

static const struct otadfu_uuid services[] = {
	{ { 0x00, 0x00, 0xfe, 0x59, 0x00, 0x00, 0x10, 0x00, 0x80, 0x00, 0x00, 0x80, 0x5f, 0x9b,
	    0x34, 0xfb } },
	{ { 0x00, 0x00, 0x15, 0x30, 0x12, 0x12, 0xef, 0xde, 0x15, 0x23, 0x78, 0x5f, 0xea, 0xbc,
	    0xd1, 0x23 } },
};
enum { SERVICES = sizeof(services) / sizeof(services[0]), DESCRIBED_MAX = 512 };

static const char *no_option(struct otadfu_ctx *ctx, const char *key)
{
	(void)ctx;
	(void)key;
	return "";
}

static const struct otadfu_host host = { .size = sizeof(host), .option_str = no_option };

static bool is_plain(const char *name)
{
	for (; *name != '\0'; name++) {
		/* '?' stands for what cannot be shown. */
		if (*name < 0x20 || *name > 0x7e || *name == '?')
			return false;
	}
	return true;
}

static void judge_name(const struct otadfu_advert *advert)
{
	char name[TARGET_NAME_MAX];
	size_t len;

	memset(name, 'x', sizeof(name));
	if (!target_advert_name(advert, name, sizeof(name)))
		return;
	len = strnlen(name, sizeof(name));
	fuzz_require(len > 0 && len < sizeof(name), "a name is not empty, and ends");
	fuzz_require(!is_plain(name) || memmem(advert->data, advert->data_len, name, len),
		     "a name is within the data");
}

static void judge_services(const struct otadfu_advert *advert)
{
	for (size_t i = 0; i < SERVICES; i++)
		fuzz_require(!advert_has_service(advert, &services[i]) ||
				     target_advert_has_service(advert, &services[i]),
			     "the core sees the services that the protocols see");
}

static void judge_recognition(const struct otadfu_advert *advert)
{
	struct otadfu_ctx ctx = { .size = sizeof(ctx), .host = &host };
	struct otadfu_probe secure = { .size = sizeof(secure) };
	struct otadfu_probe legacy = { .size = sizeof(legacy) };

	fuzz_require(secure_recognise(&ctx, advert, &secure) == OTADFU_OK, "it is judged");
	fuzz_require(legacy_recognise(&ctx, advert, &legacy) == OTADFU_OK, "it is judged");
	fuzz_require((secure.mode == 0 || secure.score > 0) &&
			     (legacy.mode == 0 || legacy.score > 0),
		     "who has no opinion of it knows no mode");
	fuzz_require(!advert_has_service(advert, &services[0]) || secure.score > 0,
		     "FE59 is recognised");
}

static void judge_sighting(const struct otadfu_advert *advert)
{
	struct sightings sightings = { 0 };
	struct task task = { .cancel_fd = -1 };
	char text[DESCRIBED_MAX];
	const struct sighting *seen =
		sightings_note(&sightings, &task, advert, NULL, 0, &services[0]);

	if (!seen)
		return;
	fuzz_require(strnlen(seen->name, sizeof(seen->name)) < sizeof(seen->name),
		     "the name of a sighting ends");
	fuzz_require(seen->has_service == target_advert_has_service(advert, &services[0]),
		     "a sighting has the service that its advertisement has");
	sightings_describe(&sightings, text, sizeof(text));
	fuzz_require(strnlen(text, sizeof(text)) < sizeof(text), "a description ends");
	sightings_clear(&sightings);
}

static void judge_data(const uint8_t *data, size_t size)
{
	struct otadfu_advert advert = {
		.size = sizeof(advert),
		.rssi_dbm = 127,
		.data_len = (uint16_t)(size < UINT16_MAX ? size : UINT16_MAX),
		.data = size > 0 ? data : NULL,
	};

	judge_name(&advert);
	judge_services(&advert);
	judge_recognition(&advert);
	judge_sighting(&advert);
}

/* The input, taken bit by bit; what is not there is zero. */
struct supply {
	const uint8_t *data;
	size_t left;
};

static size_t take(struct supply *supply, void *bytes, size_t len)
{
	size_t taken = len < supply->left ? len : supply->left;

	memset(bytes, 0, len);
	memcpy(bytes, supply->data, taken);
	supply->data += taken;
	supply->left -= taken;
	return taken;
}

static void judge_structures(const struct ad_part *part)
{
	size_t pos = 0;

	fuzz_require(part->len <= sizeof(part->bytes), "a part is not overrun");
	while (pos < part->len) {
		fuzz_require(part->bytes[pos] > 0, "no structure ends the data early");
		pos += (size_t)part->bytes[pos] + 1;
	}
	fuzz_require(pos == part->len, "a part is whole structures");
}

static struct otadfu_advert advert_of(const struct ad_part *part)
{
	return (struct otadfu_advert){ .data = part->bytes, .data_len = part->len };
}

/* A name that is there comes back, as far as it can be shown. */
static void judge_built_name(struct ad_part *part, struct supply *supply)
{
	char name[AD_NAME_MAX + 8];
	char read[TARGET_NAME_MAX];
	struct otadfu_advert advert;
	uint8_t len;

	take(supply, &len, 1);
	take(supply, name, len < sizeof(name) - 1 ? len : sizeof(name) - 1);
	name[len < sizeof(name) - 1 ? len : sizeof(name) - 1] = '\0';
	if (!ad_add_name(part, name)) {
		fuzz_require(name[0] == '\0' || strlen(name) > AD_NAME_MAX, "a name is taken");
		return;
	}
	judge_structures(part);
	advert = advert_of(part);
	fuzz_require(target_advert_name(&advert, read, sizeof(read)), "a name is read back");
	fuzz_require(advert_has_name(&advert, name), "the protocols read it back");
	fuzz_require(!is_plain(name) || strncmp(name, read, sizeof(read) - 1) == 0,
		     "and it is that name");
}

static void judge_built_services(struct ad_part *part, struct supply *supply)
{
	struct otadfu_uuid uuids[24];
	struct otadfu_advert advert;
	uint8_t count;
	uint8_t shorts;

	take(supply, &count, 1);
	take(supply, &shorts, 1);
	count %= sizeof(uuids) / sizeof(uuids[0]) + 1;
	for (size_t i = 0; i < count; i++) {
		uuids[i] = services[0];
		if (i % 8 < shorts % 8)
			take(supply, uuids[i].bytes + 2, 2);
		else
			take(supply, uuids[i].bytes, sizeof(uuids[i].bytes));
	}
	if (!ad_add_services(part, uuids, count))
		return;
	judge_structures(part);
	advert = advert_of(part);
	for (size_t i = 0; i < count; i++)
		fuzz_require(advert_has_service(&advert, &uuids[i]) &&
				     target_advert_has_service(&advert, &uuids[i]),
			     "every service is read back");
}

static void judge_built_data(struct ad_part *part, struct supply *supply)
{
	struct otadfu_uuid uuid = services[0];
	uint8_t data[UINT8_MAX];
	uint8_t head[6];

	take(supply, head, sizeof(head));
	take(supply, data, head[0]);
	memcpy(uuid.bytes + (head[1] & 1 ? 0 : 2), head + 2, 2);
	ad_add_flags(part, head[3]);
	ad_add_tx_power(part, (int16_t)(head[4] | head[5] << 8));
	judge_structures(part);
	ad_add_manufacturer(part, 0x0059, data, head[0]);
	judge_structures(part);
	ad_add_service_data(part, &uuid, data, head[0]);
	judge_structures(part);
}

static void judge_built(const uint8_t *data, size_t size)
{
	struct supply supply = { data, size };
	struct ad_part parts[3] = { 0 };

	judge_built_name(&parts[0], &supply);
	judge_built_services(&parts[1], &supply);
	judge_built_data(&parts[2], &supply);
	for (size_t i = 0; i < sizeof(parts) / sizeof(parts[0]); i++)
		judge_data(parts[i].bytes, parts[i].len);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	char text[64];
	struct otadfu_uuid uuid;

	judge_data(data, size);
	if (size > 0)
		judge_built(data, size);
	if (size > 0 && size < sizeof(text)) {
		memcpy(text, data, size);
		text[size] = '\0';
		fuzz_require(!ad_parse_uuid(text, &uuid) || strlen(text) == TARGET_UUID_TEXT - 1,
			     "a UUID has its 36 characters");
	}
	return 0;
}
