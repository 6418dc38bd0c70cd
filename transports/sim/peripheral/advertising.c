#include "advertising.h"

#include <otadfu/host.h>
#include <stdio.h>
#include <string.h>

enum { RETRY_MS = 1000 };

/* A step says false where it is not needed. */

static bool turn_off(const struct advertising *advertising, struct hci_command *ret_command)
{
	*ret_command = hci_advertising_enable(false);
	return advertising->on;
}

static bool set_address(const struct advertising *advertising, struct hci_command *ret_command)
{
	*ret_command = hci_random_address(&advertising->advert.own);
	return advertising->wanted && advertising->advert.own.type != 0;
}

static bool set_parameters(const struct advertising *advertising, struct hci_command *ret_command)
{
	const struct radio_advert *advert = &advertising->advert;
	const struct otadfu_addr nobody = { 0 };

	*ret_command = hci_advertising_parameters(advert->directed ? HCI_ADVERTISING_DIRECTED
								   : HCI_ADVERTISING_UNDIRECTED,
						  advert->own.type, advert->interval_ms,
						  advert->directed ? &advert->peer : &nobody);
	return advertising->wanted;
}

static bool set_data(const struct advertising *advertising, struct hci_command *ret_command)
{
	*ret_command = hci_advertising_data(HCI_LE_SET_ADVERTISING_DATA, advertising->advert.data,
					    advertising->advert.data_len);
	return advertising->wanted && !advertising->advert.directed;
}

static bool set_response(const struct advertising *advertising, struct hci_command *ret_command)
{
	*ret_command = hci_advertising_data(HCI_LE_SET_SCAN_RESPONSE_DATA, NULL, 0);
	return advertising->wanted && !advertising->advert.directed;
}

static bool turn_on(const struct advertising *advertising, struct hci_command *ret_command)
{
	*ret_command = hci_advertising_enable(true);
	return advertising->wanted;
}

/* Address and parameters may be changed only while nothing is on the air (7.8.4, 7.8.5). */
static const struct step {
	bool (*build)(const struct advertising *advertising, struct hci_command *ret_command);
	bool switches; /* advertising on, or, as the first step, off */
} steps[] = {
	{ .build = turn_off, .switches = true },
	{ .build = set_address },
	{ .build = set_parameters },
	{ .build = set_data },
	{ .build = set_response },
	{ .build = turn_on, .switches = true },
};

enum { STEP_COUNT = sizeof(steps) / sizeof(steps[0]) };

static void begin_anew(struct advertising *advertising)
{
	advertising->changed = advertising->asked;
	if (!advertising->asked)
		advertising->step = 0;
	advertising->refused = false;
	advertising->reported = false;
}

static void report_refusal(struct advertising *advertising, uint8_t status)
{
	char text[160];

	if (advertising->reported)
		return;
	advertising->reported = true;
	snprintf(text, sizeof(text),
		 "the controller refused %s advertising: %s (0x%02X); trying again each second",
		 advertising->advert.directed ? "directed" : "undirected", hci_status_text(status),
		 status);
	advertising->log(advertising->user, OTADFU_LOG_WARN, text);
}

static void on_answer(void *user, uint8_t status, const uint8_t *reply)
{
	struct advertising *advertising = user;
	const struct step *step = &steps[advertising->step];

	(void)reply;
	advertising->asked = false;
	/* What is on the air may be why a step was refused: the next attempt turns it off. */
	if (status != 0 || step->switches)
		advertising->on = advertising->step > 0;
	if (status != 0 && !advertising->changed) {
		report_refusal(advertising, status);
		advertising->refused = true;
		advertising->retry_ms = 0;
	}
	if (status != 0 || advertising->changed)
		advertising->step = 0;
	else
		advertising->step++;
	advertising->changed = false;
}

static bool is_postponed(struct advertising *advertising, uint64_t now_ms)
{
	if (!advertising->refused)
		return false;
	if (advertising->retry_ms == 0)
		advertising->retry_ms = now_ms + RETRY_MS;
	advertising->refused = now_ms < advertising->retry_ms;
	return advertising->refused;
}

void advertising_run(struct advertising *advertising, uint64_t now_ms)
{
	struct hci_command command;

	if (!advertising->allowed || advertising->asked || is_postponed(advertising, now_ms))
		return;
	while (advertising->step < STEP_COUNT &&
	       !steps[advertising->step].build(advertising, &command))
		advertising->step++;
	if (advertising->step < STEP_COUNT)
		advertising->asked = controller_command(advertising->controller, &command,
							on_answer, advertising);
}

uint64_t advertising_next_ms(const struct advertising *advertising)
{
	if (!advertising->allowed || advertising->asked || advertising->step == STEP_COUNT)
		return UINT64_MAX;
	return advertising->refused ? advertising->retry_ms : 0;
}

static bool is_same_address(const struct otadfu_addr *a, const struct otadfu_addr *b)
{
	return a->type == b->type && memcmp(a->bytes, b->bytes, sizeof(a->bytes)) == 0;
}

static bool is_same_advert(const struct radio_advert *a, const struct radio_advert *b)
{
	return is_same_address(&a->own, &b->own) && a->directed == b->directed &&
	       is_same_address(&a->peer, &b->peer) && a->interval_ms == b->interval_ms &&
	       a->data_len == b->data_len && memcmp(a->data, b->data, a->data_len) == 0;
}

void advertising_want(struct advertising *advertising, const struct radio_advert *advert)
{
	bool is_wanted =
		advert ? advertising->wanted && is_same_advert(advert, &advertising->advert)
		       : !advertising->wanted;

	if (is_wanted)
		return;
	advertising->wanted = advert != NULL;
	if (advert)
		advertising->advert = *advert;
	begin_anew(advertising);
}

void advertising_restart(struct advertising *advertising)
{
	advertising->on = false;
	advertising->asked = false;
	advertising->allowed = true;
	begin_anew(advertising);
}

void advertising_allow(struct advertising *advertising, bool allowed)
{
	advertising->allowed = allowed;
	advertising->on = false;
	begin_anew(advertising);
}

bool advertising_is_silent(const struct advertising *advertising)
{
	return !advertising->on && !advertising->asked;
}
