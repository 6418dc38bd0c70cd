/* A client of otadfu-peripheral: the first byte says of which device, then each PDU with its
 * length before it. */
#include "att_server.h"
#include "firmware.h"
#include "fuzz.h"
#include "gatt_database.h"

#include <stdlib.h>
#include <string.h>

enum { MTU_LARGE = 247, TURN_US = 1000 };

static const struct device_config devices[] = {
	{ .bootloader = &conformance_service, .sdk = "", .mtu = MTU_LARGE },
	{ .bootloader = &peer_legacy, .sdk = "11", .mode = DEVICE_BOOTLOADER, .mtu = 23 },
	{ .bootloader = &peer_legacy,
	  .sdk = "11",
	  .mode = DEVICE_APPLICATION,
	  .buttonless = BUTTONLESS_LEGACY,
	  .mtu = MTU_LARGE },
};

static struct device *start(uint8_t choice)
{
	static const struct device_observer silence = { 0 };
	static const uint8_t application[64] = { 1 };
	struct device_config config = devices[choice % (sizeof(devices) / sizeof(devices[0]))];
	struct device *device;

	config.name = "a device with a name that does not fit into one answer";
	config.chip = chip_find("nrf51822");
	config.softdevice = 0x0064;
	config.application = application;
	config.application_len = sizeof(application);
	device = device_new(&config, &silence);
	if (!device)
		abort();
	device_power_on(device);
	device_settle(device);
	return device;
}

static void judge_answer(const uint8_t *request, size_t request_len, const uint8_t *answer,
			 size_t len, uint16_t mtu)
{
	struct att_pdu pdu;

	if (request_len == 0 || att_kind(request[0]) != ATT_KIND_REQUEST) {
		fuzz_require(len == 0 || answer[0] == ATT_ERROR_RSP,
			     "only a request has a response");
		return;
	}
	fuzz_require(len > 0 && len <= mtu, "a request has an answer, which fits the MTU");
	fuzz_require(att_decode(answer, len, &pdu), "an answer is whole");
	fuzz_require(pdu.opcode == ATT_ERROR_RSP ? pdu.request == request[0] && pdu.error != 0
						 : pdu.opcode == att_response_of(request[0]),
		     "it answers that request");
}

/* One PDU in a buffer of its own, so that AddressSanitizer sees who reads behind its end. */
static void talk(struct att_server *server, struct device *device, const uint8_t *data, size_t len)
{
	uint8_t answer[ATT_MTU_MAX];
	uint16_t mtu = server->mtu;
	uint8_t *exact = malloc(len);
	size_t answer_len;

	if (!exact && len > 0)
		abort();
	if (len > 0)
		memcpy(exact, data, len);
	answer_len = att_server_answer(server, exact, len, answer);
	judge_answer(exact, len, answer, answer_len, mtu);
	free(exact);
	fuzz_require(!device_is_connected(device) || server->mtu == device_mtu(device),
		     "both know the same MTU");
	device_advance(device, device_now_us(device) + TURN_US);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct device *device = start(size > 0 ? data[0] : 0);
	struct gatt_database database;
	struct att_server server = { &gatt_database_ops, &database, ATT_MTU_MIN };
	size_t at = 1;

	fuzz_require(device_connect(device), "it can be connected");
	fuzz_require(gatt_database_build(&database, device), "its handles leave room");
	while (at < size && device_is_connected(device)) {
		size_t left = size - at - 1;
		size_t len = data[at] < left ? data[at] : left;

		talk(&server, device, data + at + 1, len);
		at += 1 + len;
	}
	device_free(device);
	return 0;
}
