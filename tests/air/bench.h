/* An air on a clock of the test's, and hosts that speak raw HCI with its controllers. */
#ifndef AIR_BENCH_H
#define AIR_BENCH_H

#include "air.h"

enum { HOSTS_MAX = 10, HEARD_MAX = 4096 };

/* Events by their subevent where they have one. */
enum {
	DISCONNECTED = 0x05,
	REMOTE_VERSION = 0x0C,
	COMMAND_COMPLETE = 0x0E,
	COMMAND_STATUS = 0x0F,
	COMPLETED_PACKETS = 0x13,
	LE_CONNECTED = 0x3E01,
	LE_REPORT = 0x3E02,
	LE_UPDATED = 0x3E03,
	LE_FEATURES = 0x3E04,
	LE_REQUEST = 0x3E06,
	LE_LENGTH = 0x3E07,
	LE_ENHANCED_CONNECTED = 0x3E0A,
	LE_PHY = 0x3E0C,
	LE_EXTENDED_REPORT_EVENT = 0x3E0D,
	LE_SCAN_ENDED = 0x3E11,
	LE_SET_ENDED = 0x3E12,
	ACL_DATA = 0x10000
};

/* What a host was given. data: of an event its parameters, behind the subevent; of ACL all but the
 * type. */
struct heard {
	uint64_t at_us;
	unsigned what;
	uint8_t data[PACKET_MAX];
	size_t len;
};

struct host {
	struct controller *controller;
	struct heard *heard; /* HEARD_MAX */
	size_t count;
	uint8_t reply[WRITER_MAX]; /* of the last command, behind the status */
};

struct bench {
	struct air air;
	struct host hosts[HOSTS_MAX];
	size_t host_count;
	char *log;
	size_t log_len;
	FILE *log_file;
};

struct traits bench_traits(const char *address);

struct bench *bench_open(const struct air_options *options);
void bench_close(struct bench *bench);

/* With all events unmasked. */
struct host *bench_host(struct bench *bench, const struct traits *traits);

void bench_run(struct bench *bench, unsigned ms);

/* Its status; the parameters as "hex octets". */
uint8_t host_command(struct bench *bench, struct host *host, uint16_t opcode, const char *hex);
uint8_t host_command_bytes(struct bench *bench, struct host *host, uint16_t opcode,
			   const void *parameters, size_t len);

/* Starts a frame, with no regard to credits. */
void host_send(struct bench *bench, struct host *host, uint16_t handle, const void *data,
	       size_t len);

/* How often it was given that. */
size_t host_count(const struct host *host, unsigned what);

/* The nth of them, from 0, or failure. */
const struct heard *host_heard(const struct host *host, unsigned what, size_t n);
void host_forget(struct host *host);

/* Sets going what most tests need. */
void host_advertise(struct bench *bench, struct host *host);
void host_scan(struct bench *bench, struct host *host);
void host_connect(struct bench *bench, struct host *host, const struct host *peer,
		  uint16_t interval, uint16_t timeout);

#endif
