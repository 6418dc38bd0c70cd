#include "user_channel.h"

#include <bluetooth/bluetooth.h>
#include <bluetooth/hci.h>
#include <errno.h>
#include <otadfu/error.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/socket.h>
#include <unistd.h>

enum { BUSY_MS = 2000, STEP_MS = 20 };

static const struct refusal {
	int error;
	int code;
	const char *advice;
} refusals[] = {
	{ ENODEV, OTADFU_E_NOT_FOUND, "there is no such adapter; /sys/class/bluetooth lists them" },
	{ EPERM, OTADFU_E_PERMISSION,
	  "to take an adapter needs the capability CAP_NET_ADMIN: be root, or grant it to the "
	  "program (setcap cap_net_admin+ep)" },
	{ EBUSY, OTADFU_E_BUSY, "another program holds the adapter; end it, or stop bluetoothd" },
	{ ERFKILL, OTADFU_E_NOT_FOUND, "its radio is switched off; rfkill unblock bluetooth" },
	{ ECANCELED, OTADFU_E_CANCELLED, "stopped" },
	{ EAFNOSUPPORT, OTADFU_E_UNSUPPORTED,
	  "this kernel has no Bluetooth: load it (modprobe bluetooth), or use unix:, tcp: or "
	  "serial:" },
};

static int explain(const char *name, int error, struct problem *ret_problem)
{
	for (size_t i = 0; i < sizeof(refusals) / sizeof(refusals[0]); i++) {
		if (refusals[i].error == error)
			return problem_set(ret_problem, refusals[i].code, "%s: %s: %s", name,
					   strerror(error), refusals[i].advice);
	}
	return problem_set(ret_problem, OTADFU_E_IO, "%s: %s; the kernel's log may say more", name,
			   strerror(error));
}

static int raw_socket(void)
{
	return socket(AF_BLUETOOTH, SOCK_RAW | SOCK_CLOEXEC | SOCK_NONBLOCK, BTPROTO_HCI);
}

static bool is_up(int control, int hci)
{
	struct hci_dev_info info = { .dev_id = (uint16_t)hci };

	return ioctl(control, HCIGETDEVINFO, &info) == 0 && (info.flags & 1U << HCI_UP);
}

/* 0 or an errno. */
static int take_once(int fd, int control, int hci)
{
	const struct sockaddr_hci address = { .hci_family = AF_BLUETOOTH,
					      .hci_dev = (unsigned short)hci,
					      .hci_channel = HCI_CHANNEL_USER };

	if (ioctl(control, HCIDEVDOWN, hci) < 0 && errno != EALREADY)
		return errno;
	if (bind(fd, (const struct sockaddr *)&address, sizeof(address)) < 0)
		return errno == EALREADY ? EBUSY : errno;
	return 0;
}

/* Nothing tells when an adapter has become free, hence the steps. waiter NULL: tries but once. */
static int take(int fd, int control, int hci, const struct waiter *waiter)
{
	int error = take_once(fd, control, hci);

	for (int waited_ms = 0; error == EBUSY && waiter && waited_ms < BUSY_MS;
	     waited_ms += STEP_MS) {
		if (waiter->wait(waiter->user, -1, 0, STEP_MS) != OTADFU_E_TIMEOUT)
			return ECANCELED;
		error = take_once(fd, control, hci);
	}
	return error;
}

/* An adapter that is not had after all is left as it was found. */
static int take_with(int control, int hci, const struct waiter *waiter,
		     struct user_channel *ret_channel)
{
	struct user_channel channel = { .fd = raw_socket(), .hci = hci };
	int error;

	if (channel.fd < 0)
		return errno;
	channel.was_up = is_up(control, hci);
	error = take(channel.fd, control, hci, waiter);
	if (error == 0) {
		*ret_channel = channel;
		return 0;
	}
	close(channel.fd);
	if (channel.was_up)
		ioctl(control, HCIDEVUP, hci);
	return error;
}

/* One that is free is better than one that has to be waited for; *ret_hci is the one that error, 0
 * or an errno, is about. */
static int take_one_of(int control, const struct hci_dev_list_req *list,
		       const struct waiter *waiter, struct user_channel *ret_channel, int *ret_hci)
{
	for (size_t i = 0; i < list->dev_num; i++) {
		*ret_hci = list->dev_req[i].dev_id;
		if (take_with(control, *ret_hci, NULL, ret_channel) == 0)
			return 0;
	}
	if (list->dev_num == 0)
		return ENODEV;
	*ret_hci = list->dev_req[0].dev_id;
	return take_with(control, *ret_hci, waiter, ret_channel);
}

static int take_first(int control, const struct waiter *waiter, struct user_channel *ret_channel,
		      int *ret_hci)
{
	struct hci_dev_list_req *list =
		calloc(1, sizeof(*list) + HCI_MAX_DEV * sizeof(list->dev_req[0]));
	int error;

	if (!list)
		return ENOMEM;
	list->dev_num = HCI_MAX_DEV;
	error = ioctl(control, HCIGETDEVLIST, list) < 0
			? errno
			: take_one_of(control, list, waiter, ret_channel, ret_hci);
	free(list);
	return error;
}

static bool parse_name(const char *name, int *ret_hci)
{
	static const char digits[] = "0123456789";
	size_t len = strncmp(name, "hci", 3) == 0 ? strspn(name + 3, digits) : 0;

	if (len == 0 || len > 3 || name[3 + len])
		return false;
	*ret_hci = (int)strtol(name + 3, NULL, 10);
	return true;
}

int user_channel_open(const char *name, const struct waiter *waiter,
		      struct user_channel *ret_channel, struct problem *ret_problem)
{
	char taken[16];
	int control, error, hci = 0;

	if (name && !parse_name(name, &hci))
		return problem_set(ret_problem, OTADFU_E_CONFIG,
				   "\"%.100s\" is no adapter: expected hci0, hci1 and so on", name);
	control = raw_socket();
	if (control < 0)
		return explain(name ? name : "hci0", errno, ret_problem);
	error = name ? take_with(control, hci, waiter, ret_channel)
		     : take_first(control, waiter, ret_channel, &hci);
	close(control);
	snprintf(taken, sizeof(taken), "hci%d", hci);
	return error ? explain(taken, error, ret_problem) : OTADFU_OK;
}

void user_channel_close(struct user_channel *channel)
{
	int control;

	close(channel->fd);
	if (!channel->was_up)
		return;
	control = raw_socket();
	if (control < 0)
		return;
	ioctl(control, HCIDEVUP, channel->hci);
	close(control);
}
