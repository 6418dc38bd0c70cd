/*
 * push [OPTION...] --transport NAME --peer ADDRESS [--peer ADDRESS]...: sends write commands to
 * peers that run the test service (otadfu-peripheral --conformance), to all at once, each from a
 * thread of its own, and prints what the peers say has come and what it cost.
 */
#include "allocations.h"
#include "clock.h"
#include "gatt.h"
#include "loader.h"
#include "log.h"
#include "service.h"

#include <getopt.h>
#include <inttypes.h>
#include <pthread.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <time.h>

enum { PEERS_MAX = 8, CONNECT_MS = 20000, PUSH_MS = 300000, LENGTH_MAX = 244, COUNT_MAX = 65535 };

struct wish {
	const char *plugins;
	const char *transport;
	const char *adapter;
	const char *peers[PEERS_MAX];
	size_t peer_count;
	uint32_t count;
	size_t length;
	uint16_t cut_after_ms; /* 0: never */
	struct settings settings;
};

struct push {
	const struct wish *wish;
	struct adapter *adapter;
	struct otadfu_addr peer;
	struct task task;
	struct gatt gatt;
	struct call call;
	uint32_t accepted;
	struct service_log log;
	double accepted_s; /* from the first packet handed over to the last */
	double told_s;     /* and to the peer's word, which may take its time */
	struct failure why;
};

static uint64_t in_ms(const struct push *push, uint32_t ms)
{
	return task_now_ms(&push->task) + ms;
}

static uint16_t id_of(const struct push *push, enum service_chr which)
{
	size_t at = service_find(push->gatt.chrs, push->gatt.chr_count, which);

	return at < push->gatt.chr_count ? push->gatt.chrs[at].id : 0;
}

static int connect_peer(struct push *push)
{
	int r = gatt_open(&push->gatt, &push->task, push->adapter, &push->peer, 1,
			  in_ms(push, CONNECT_MS), &push->why);

	if (r != OTADFU_OK)
		return r;
	call_begin(&push->call, &push->task, "push", NULL);
	gatt_lend(&push->gatt, &push->call);
	if (id_of(push, SERVICE_CONTROL) && id_of(push, SERVICE_SEQUENCE) &&
	    id_of(push, SERVICE_LOG))
		return OTADFU_OK;
	return failure_set(&push->why, OTADFU_E_NOT_FOUND, 0, "no test service");
}

static int control(struct push *push, struct service_command command)
{
	return push->call.ctx.gatt->write(&push->call.ctx, id_of(push, SERVICE_CONTROL),
					  command.bytes, command.len, in_ms(push, CONNECT_MS));
}

static int prepare(struct push *push)
{
	const struct wish *wish = push->wish;
	int r = control(push, service_reset());

	if (r == OTADFU_OK && wish->cut_after_ms)
		r = control(push,
			    service_drop(SERVICE_NOW, wish->cut_after_ms, SERVICE_REASON_SILENT));
	return r;
}

static int send_all(struct push *push)
{
	const struct otadfu_gatt *verbs = push->call.ctx.gatt;
	uint16_t sequence = id_of(push, SERVICE_SEQUENCE);
	uint64_t deadline_ms = in_ms(push, PUSH_MS);
	uint8_t value[LENGTH_MAX] = { 0 };
	size_t room = verbs->max_write(&push->call.ctx);
	size_t len = push->wish->length < room ? push->wish->length : room;
	int r = OTADFU_OK;

	while (push->accepted < push->wish->count && r == OTADFU_OK) {
		value[0] = (uint8_t)push->accepted;
		value[1] = (uint8_t)(push->accepted >> 8);
		r = verbs->write_cmd(&push->call.ctx, sequence, value, len, deadline_ms);
		push->accepted += r == OTADFU_OK;
	}
	return r;
}

/* A read comes behind all commands. */
static int read_log(struct push *push)
{
	uint8_t bytes[SERVICE_LOG_LEN];
	size_t len = 0;
	int r = push->call.ctx.gatt->read(&push->call.ctx, id_of(push, SERVICE_LOG), bytes,
					  sizeof(bytes), &len, in_ms(push, PUSH_MS));

	if (r == OTADFU_OK && len != sizeof(bytes))
		r = OTADFU_E_PROTOCOL;
	if (r == OTADFU_OK)
		push->log = service_parse_log(bytes);
	return r;
}

static int come_back(struct push *push)
{
	gatt_close(&push->gatt);
	return connect_peer(push);
}

static double now_s(void)
{
	struct timespec now;

	clock_gettime(CLOCK_MONOTONIC, &now);
	return (double)now.tv_sec + (double)now.tv_nsec / 1e9;
}

static int run(struct push *push)
{
	int r = prepare(push);
	double begin = now_s();

	if (r == OTADFU_OK)
		r = send_all(push);
	push->accepted_s = now_s() - begin;
	if (r == OTADFU_E_DISCONNECTED && push->wish->cut_after_ms)
		r = come_back(push);
	if (r == OTADFU_OK)
		r = read_log(push);
	push->told_s = now_s() - begin;
	return r < 0 ? call_explain(&push->call, r, &push->why) : r;
}

static void *run_thread(void *user)
{
	run(user);
	return NULL;
}

static double cpu_ms(int who)
{
	struct rusage usage;

	getrusage(who, &usage);
	return (double)(usage.ru_utime.tv_sec + usage.ru_stime.tv_sec) * 1e3 +
	       (double)(usage.ru_utime.tv_usec + usage.ru_stime.tv_usec) / 1e3;
}

static void run_all(struct push *pushes, size_t count)
{
	pthread_t threads[PEERS_MAX];
	size_t started = 0;

	while (started < count &&
	       pthread_create(&threads[started], NULL, run_thread, &pushes[started]) == 0)
		started++;
	for (size_t i = started; i < count; i++)
		failure_set(&pushes[i].why, OTADFU_E_NOMEM, 0, "no thread");
	for (size_t i = 0; i < started; i++)
		pthread_join(threads[i], NULL);
}

static bool report(const struct push *push)
{
	char address[TARGET_ADDR_TEXT];

	target_format_addr(&push->peer, address);
	if (push->why.code != OTADFU_OK) {
		fprintf(stderr, "push: %s: %s\n", address, push->why.text);
		return false;
	}
	printf("%s accepted %" PRIu32 " delivered %u in_order %u accepted_s %.3f told_s %.3f\n",
	       address, push->accepted, push->log.values, push->log.in_order, push->accepted_s,
	       push->told_s);
	return push->wish->cut_after_ms ||
	       (push->log.in_order == push->accepted && push->log.values == push->accepted);
}

/* gatttool's own time is known when it has ended, so that is part of what is measured. */
static bool measure(struct push *pushes, size_t count)
{
	double self_ms = cpu_ms(RUSAGE_SELF), child_ms = cpu_ms(RUSAGE_CHILDREN);
	uint64_t allocations = allocations_count(), bytes = 0;
	bool good = true;

	run_all(pushes, count);
	allocations = allocations_count() - allocations;
	self_ms = cpu_ms(RUSAGE_SELF) - self_ms;
	for (size_t i = 0; i < count; i++)
		gatt_close(&pushes[i].gatt);
	child_ms = cpu_ms(RUSAGE_CHILDREN) - child_ms;
	for (size_t i = 0; i < count; i++) {
		good &= report(&pushes[i]);
		bytes += (uint64_t)pushes[i].log.values * pushes[i].log.longest;
	}
	printf("bytes %" PRIu64 " cpu_ms %.1f of_children_ms %.1f allocations %" PRIu64 "\n", bytes,
	       self_ms + child_ms, child_ms, allocations);
	return good;
}

static bool connect_all(struct push *pushes, const struct wish *wish, struct adapter *adapter,
			const struct task *task)
{
	for (size_t i = 0; i < wish->peer_count; i++) {
		struct push *push = &pushes[i];

		push->wish = wish;
		push->adapter = adapter;
		push->task = *task;
		if (target_parse_addr(wish->peers[i], &push->peer, &push->why) != OTADFU_OK ||
		    connect_peer(push) != OTADFU_OK) {
			report(push);
			return false;
		}
	}
	return true;
}

static bool push_all(const struct wish *wish, struct adapter *adapter, const struct task *task)
{
	struct push pushes[PEERS_MAX] = { 0 };
	bool good = connect_all(pushes, wish, adapter, task) && measure(pushes, wish->peer_count);

	for (size_t i = 0; i < wish->peer_count; i++)
		gatt_close(&pushes[i].gatt);
	return good;
}

static bool use_transport(const struct wish *wish, struct registry *registry, struct task *task)
{
	const struct loader_paths paths = { .builtin = wish->plugins };
	const struct otadfu_transport_ops *ops;
	struct options *options = NULL;
	struct adapter adapter = { 0 };
	struct failure why = { 0 };
	bool good = false;

	if (loader_load(&paths, registry, task->log, &why) == OTADFU_OK &&
	    (ops = registry_transport(registry, wish->transport)) &&
	    options_resolve(ops->name, ops->options, &wish->settings, &options, &why) ==
		    OTADFU_OK &&
	    adapter_open(&adapter, task, ops, options, wish->adapter, &why) == OTADFU_OK) {
		good = push_all(wish, &adapter, task);
		adapter_close(&adapter);
	} else {
		fprintf(stderr, "push: %s: %s\n", wish->transport,
			why.code ? why.text : "no such transport");
	}
	options_free(options);
	return good;
}

/* KEY=VALUE of the transport, which is known only when all is read. */
static bool take_setting(struct wish *wish, char *text)
{
	char *value = strchr(text, '=');

	if (!value)
		return false;
	*value++ = '\0';
	return settings_put(&wish->settings, wish->transport, text, value, "command line") ==
	       OTADFU_OK;
}

static bool take_option(struct wish *wish, int option, char *value)
{
	switch (option) {
	case 'd':
		wish->plugins = value;
		return true;
	case 't':
		wish->transport = value;
		return true;
	case 'a':
		wish->adapter = value;
		return true;
	case 'p':
		if (wish->peer_count == PEERS_MAX)
			return false;
		wish->peers[wish->peer_count++] = value;
		return true;
	case 'n':
		wish->count = (uint32_t)atoi(value);
		return wish->count >= 1 && wish->count <= COUNT_MAX;
	case 'l':
		wish->length = (size_t)atoi(value);
		return wish->length >= 2 && wish->length <= LENGTH_MAX;
	case 'c':
		wish->cut_after_ms = (uint16_t)atoi(value);
		return wish->cut_after_ms > 0;
	case 's':
		return wish->transport && take_setting(wish, value);
	default:
		return false;
	}
}

static bool take_options(struct wish *wish, int argc, char **argv)
{
	static const struct option options[] = {
		{ "plugins", required_argument, NULL, 'd' },
		{ "transport", required_argument, NULL, 't' },
		{ "adapter", required_argument, NULL, 'a' },
		{ "peer", required_argument, NULL, 'p' },
		{ "count", required_argument, NULL, 'n' },
		{ "length", required_argument, NULL, 'l' },
		{ "cut-after", required_argument, NULL, 'c' },
		{ "set", required_argument, NULL, 's' },
		{ 0 },
	};
	int option;

	while ((option = getopt_long(argc, argv, "", options, NULL)) != -1) {
		if (!take_option(wish, option, optarg))
			return false;
	}
	return optind == argc && wish->plugins && wish->transport && wish->peer_count > 0;
}

int main(int argc, char **argv)
{
	struct wish wish = { .count = 4096, .length = LENGTH_MAX };
	struct task task = { .cancel_fd = -1 };
	struct registry *registry = registry_new();
	bool good = false;

	task.clock = clock_new();
	task.log = log_new(stderr, OTADFU_LOG_WARN);
	if (!take_options(&wish, argc, argv))
		fprintf(stderr,
			"usage: push --plugins DIR --transport NAME [--set KEY=VALUE]... "
			"[--adapter NAME] [--count 1-65535] [--length 2-244] [--cut-after MS] "
			"--peer ADDRESS...\n");
	else if (registry && task.clock)
		good = use_transport(&wish, registry, &task);
	registry_free(registry);
	log_free(task.log);
	clock_free(task.clock);
	settings_clear(&wish.settings);
	return good ? 0 : 1;
}
