#include "bench.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdlib.h>

#include <cmocka.h>

struct traits bench_traits(const char *address)
{
	struct traits traits = { .has_address = true,
				 .extended = true,
				 .data_length = true,
				 .phy_2m = true,
				 .acl_len = 251,
				 .acl_count = 8,
				 .links = 8,
				 .rssi = -60 };

	assert_true(address_parse(address, &traits.address));
	return traits;
}

struct bench *bench_open(const struct air_options *options)
{
	const struct air_options plain = { .seed = 1 };
	struct bench *bench = calloc(1, sizeof(*bench));

	assert_non_null(bench);
	bench->log_file = open_memstream(&bench->log, &bench->log_len);
	assert_non_null(bench->log_file);
	air_open(&bench->air, options ? options : &plain, bench->log_file, 0);
	return bench;
}

void bench_close(struct bench *bench)
{
	air_close(&bench->air);
	fclose(bench->log_file);
	free(bench->log);
	for (size_t i = 0; i < bench->host_count; i++)
		free(bench->hosts[i].heard);
	free(bench);
}

struct host *bench_host(struct bench *bench, const struct traits *traits)
{
	struct host *host = &bench->hosts[bench->host_count++];

	assert_true(bench->host_count <= HOSTS_MAX);
	host->controller = air_add(&bench->air, traits);
	assert_non_null(host->controller);
	host->heard = calloc(HEARD_MAX, sizeof(*host->heard));
	assert_non_null(host->heard);
	assert_int_equal(host_command(bench, host, 0x0C01, "FF FF FF FF FF FF FF FF"), 0);
	/* All of LE but Enhanced Connection Complete. */
	assert_int_equal(host_command(bench, host, 0x2001, "FF FD FF FF FF FF FF FF"), 0);
	return host;
}

static void note(struct host *host, uint64_t now_us, const uint8_t *packet, size_t len)
{
	struct heard *heard = &host->heard[host->count++];
	size_t header = 3;

	assert_true(host->count <= HEARD_MAX);
	*heard = (struct heard){ .at_us = now_us };
	if (packet[0] == H4_ACL) {
		heard->what = ACL_DATA;
		header = 1;
	} else if (packet[1] == 0x3E) {
		heard->what = 0x3E00U | packet[3];
		header = 4;
	} else {
		heard->what = packet[1];
	}
	heard->len = len - header;
	memcpy(heard->data, packet + header, heard->len);
}

static void drain(struct bench *bench)
{
	uint8_t packet[PACKET_MAX];
	size_t len;

	for (size_t i = 0; i < bench->host_count; i++) {
		struct host *host = &bench->hosts[i];

		while (host->controller &&
		       (len = outbox_first(&host->controller->outbox, packet))) {
			note(host, bench->air.now_us, packet, len);
			outbox_sent(&host->controller->outbox, len);
		}
	}
}

void bench_run(struct bench *bench, unsigned ms)
{
	uint64_t until_us = bench->air.now_us + ms * UINT64_C(1000);
	uint64_t due_us;

	while ((due_us = air_next_us(&bench->air)) <= until_us) {
		air_run(&bench->air, due_us);
		drain(bench);
	}
	air_run(&bench->air, until_us);
	drain(bench);
}

static void take_answer(struct host *host, uint16_t opcode, uint8_t *ret_status)
{
	const struct heard *last = &host->heard[host->count - 1];
	bool completes = last->what == COMMAND_COMPLETE;
	const uint8_t *told = completes ? last->data + 1 : last->data + 2;

	assert_true(host->count > 0 && (completes || last->what == COMMAND_STATUS));
	assert_int_equal(told[0] | told[1] << 8, opcode);
	*ret_status = completes ? last->data[3] : last->data[0];
	if (completes)
		memcpy(host->reply, last->data + 4, last->len - 4);
	host->count--;
}

uint8_t host_command_bytes(struct bench *bench, struct host *host, uint16_t opcode,
			   const void *parameters, size_t len)
{
	uint8_t packet[4 + 255] = { H4_COMMAND, (uint8_t)opcode, (uint8_t)(opcode >> 8),
				    (uint8_t)len };
	uint8_t status = 0xFF;

	assert_true(len <= 255);
	if (len > 0)
		memcpy(packet + 4, parameters, len);
	controller_take(host->controller, packet, 4 + len);
	drain(bench);
	take_answer(host, opcode, &status);
	return status;
}

uint8_t host_command(struct bench *bench, struct host *host, uint16_t opcode, const char *hex)
{
	uint8_t bytes[255];
	size_t len = 0;

	for (char *end; *hex; hex = *end ? end + 1 : end)
		bytes[len++] = (uint8_t)strtoul(hex, &end, 16);
	return host_command_bytes(bench, host, opcode, bytes, len);
}

void host_send(struct bench *bench, struct host *host, uint16_t handle, const void *data,
	       size_t len)
{
	uint8_t packet[5 + ACL_LEN_MAX] = { H4_ACL, (uint8_t)handle, (uint8_t)(handle >> 8),
					    (uint8_t)len, (uint8_t)(len >> 8) };

	assert_true(len <= ACL_LEN_MAX);
	memcpy(packet + 5, data, len);
	controller_take(host->controller, packet, 5 + len);
	drain(bench);
}

size_t host_count(const struct host *host, unsigned what)
{
	size_t count = 0;

	for (size_t i = 0; i < host->count; i++)
		count += host->heard[i].what == what;
	return count;
}

const struct heard *host_heard(const struct host *host, unsigned what, size_t n)
{
	for (size_t i = 0; i < host->count; i++) {
		if (host->heard[i].what == what && n-- == 0)
			return &host->heard[i];
	}
	fail_msg("it was not given 0x%X that often", what);
	return NULL;
}

void host_forget(struct host *host)
{
	host->count = 0;
}

void host_advertise(struct bench *bench, struct host *host)
{
	/* 30 ms, ADV_IND. */
	assert_int_equal(host_command(bench, host, 0x2006,
				      "30 00 30 00 00 00 00 00 00 00 00 00 00 07 00"),
			 0);
	assert_int_equal(host_command(bench, host, 0x200A, "01"), 0);
}

void host_scan(struct bench *bench, struct host *host)
{
	assert_int_equal(host_command(bench, host, 0x200B, "00 10 00 10 00 00 00"), 0);
	assert_int_equal(host_command(bench, host, 0x200C, "01 00"), 0);
}

void host_connect(struct bench *bench, struct host *host, const struct host *peer,
		  uint16_t interval, uint16_t timeout)
{
	struct writer parameters = { 0 };

	put_u16(&parameters, 0x10);
	put_u16(&parameters, 0x10);
	put_u8(&parameters, 0);
	put_u8(&parameters, ADDRESS_PUBLIC);
	put_bytes(&parameters, peer->controller->traits.address.bytes, ADDRESS_LEN);
	put_u8(&parameters, ADDRESS_PUBLIC);
	put_u16(&parameters, interval);
	put_u16(&parameters, interval);
	put_u16(&parameters, 0);
	put_u16(&parameters, timeout);
	put_number(&parameters, 0, 4);
	assert_int_equal(host_command_bytes(bench, host, 0x200D, parameters.data, parameters.len),
			 0);
}
