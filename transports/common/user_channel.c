#include "user_channel.h"

#include <bluetooth/bluetooth.h>
#include <bluetooth/hci.h>
#include <errno.h>
#include <otadfu/error.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/socket.h>
#include <time.h>
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
	{ ERFKILL, OTADFU_E_IO, "its radio is switched off; rfkill unblock bluetooth" },
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

/* Nothing tells when an adapter has become free, hence the steps. */
static int take(int fd, int control, int hci)
{
	const struct timespec step = { .tv_nsec = STEP_MS * 1000000L };
	int error = EBUSY;

	for (int waited_ms = 0; error == EBUSY && waited_ms < BUSY_MS; waited_ms += STEP_MS) {
		if (waited_ms > 0)
			nanosleep(&step, NULL);
		error = take_once(fd, control, hci);
	}
	return error;
}

static int take_with(int control, struct user_channel *channel)
{
	int error;

	channel->fd = raw_socket();
	if (channel->fd < 0)
		return errno;
	channel->was_up = is_up(control, channel->hci);
	error = take(channel->fd, control, channel->hci);
	if (error)
		close(channel->fd);
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

int user_channel_open(const char *name, struct user_channel *ret_channel,
		      struct problem *ret_problem)
{
	struct user_channel channel = { 0 };
	int control, error;

	if (!parse_name(name, &channel.hci))
		return problem_set(ret_problem, OTADFU_E_CONFIG,
				   "\"%.100s\" is no adapter: expected hci0, hci1 and so on", name);
	control = raw_socket();
	if (control < 0)
		return explain(name, errno, ret_problem);
	error = take_with(control, &channel);
	close(control);
	if (error)
		return explain(name, error, ret_problem);
	*ret_channel = channel;
	return OTADFU_OK;
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
