#include "fake_radio.h"

#include <otadfu/error.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include <cmocka.h>

struct radio {
	int unused;
};

struct fake_radio fake_radio;
static struct radio the_radio;

int radio_open(const char *endpoint, const struct radio_observer *observer,
	       struct radio **ret_radio, struct radio_problem *ret_problem)
{
	if (fake_radio.open_result < 0) {
		snprintf(ret_problem->text, sizeof(ret_problem->text), "%s: no such controller",
			 endpoint);
		return fake_radio.open_result;
	}
	fake_radio.observer = *observer;
	fake_radio.open = true;
	*ret_radio = &the_radio;
	return OTADFU_OK;
}

void radio_close(struct radio *radio)
{
	if (radio)
		fake_radio.open = false;
}

int radio_fd(const struct radio *radio)
{
	(void)radio;
	return STDIN_FILENO;
}

short radio_events(const struct radio *radio)
{
	(void)radio;
	return 0;
}

uint64_t radio_next_ms(const struct radio *radio)
{
	(void)radio;
	return UINT64_MAX;
}

struct otadfu_addr radio_address(const struct radio *radio)
{
	(void)radio;
	return fake_radio.address;
}

static void tell(enum fake_event event)
{
	const struct radio_observer *observer = &fake_radio.observer;

	switch (event) {
	case FAKE_NOTHING:
		break;
	case FAKE_CONNECTED:
		fake_radio.connected = true;
		observer->connected(observer->user, &fake_radio.peer);
		break;
	case FAKE_PDU:
		observer->pdu(observer->user, fake_radio.pdu.data, fake_radio.pdu.len);
		break;
	case FAKE_ROOM:
		observer->room(observer->user);
		break;
	case FAKE_DISCONNECTED:
		fake_radio.connected = false;
		observer->disconnected(observer->user, fake_radio.reason);
		break;
	}
}

int radio_process(struct radio *radio, uint64_t now_ms, struct radio_problem *ret_problem)
{
	enum fake_event event = fake_radio.event;

	(void)radio;
	(void)now_ms;
	fake_radio.event = FAKE_NOTHING;
	tell(event);
	if (fake_radio.process_result < 0)
		snprintf(ret_problem->text, sizeof(ret_problem->text), "the controller is gone");
	return fake_radio.process_result;
}

void radio_advertise(struct radio *radio, const struct radio_advert *advert)
{
	assert_non_null(radio);
	fake_radio.advertises = advert != NULL;
	if (advert)
		fake_radio.advert = *advert;
}

bool radio_send(struct radio *radio, const uint8_t *pdu, size_t len)
{
	struct fake_pdu *sent = &fake_radio.sent[fake_radio.sent_count];

	assert_non_null(radio);
	if (!fake_radio.connected || fake_radio.room == 0)
		return false;
	assert_true(fake_radio.sent_count < FAKE_RADIO_SENT_MAX && len <= sizeof(sent->data));
	fake_radio.room--;
	fake_radio.sent_count++;
	memcpy(sent->data, pdu, len);
	sent->len = len;
	return true;
}

void radio_disconnect(struct radio *radio, uint8_t reason)
{
	assert_non_null(radio);
	assert_true(fake_radio.connected);
	fake_radio.asked = reason;
}

bool radio_ask_interval(struct radio *radio, uint16_t min_ms, uint16_t max_ms)
{
	(void)radio;
	return min_ms <= max_ms;
}
