#include "adapter.h"

#include "failure.h"

#include <bluetooth/hci.h>
#include <errno.h>
#include <glob.h>
#include <limits.h>
#include <stdbool.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/socket.h>
#include <unistd.h>

enum { ANY_INDEX = -1 };

bdaddr_t adapter_bdaddr(const struct otadfu_addr *addr)
{
	bdaddr_t bdaddr;

	for (size_t i = 0; i < sizeof(bdaddr.b); i++)
		bdaddr.b[i] = addr->bytes[sizeof(bdaddr.b) - 1 - i];
	return bdaddr;
}

static int open_hci(struct otadfu_ctx *ctx, int *ret_fd)
{
	int fd = socket(AF_BLUETOOTH, SOCK_RAW | SOCK_CLOEXEC, BTPROTO_HCI);

	if (fd >= 0) {
		*ret_fd = fd;
		return OTADFU_OK;
	}
	if (errno == EAFNOSUPPORT || errno == EPROTONOSUPPORT)
		return fail_with(
			ctx, OTADFU_E_UNSUPPORTED, errno,
			"this kernel has no Bluetooth; try \"modprobe bluetooth\" as root, "
			"or another transport");
	return fail_with(ctx, errno == EPERM || errno == EACCES ? OTADFU_E_PERMISSION : OTADFU_E_IO,
			 errno, "no Bluetooth socket: %s", strerror(errno));
}

/* "hciN" */
static int parse_name(struct otadfu_ctx *ctx, const char *name, int *ret_index)
{
	static const char prefix[] = "hci";
	const char *digits =
		strncmp(name, prefix, strlen(prefix)) == 0 ? name + strlen(prefix) : "";
	size_t len = strspn(digits, "0123456789");

	if (len < 1 || len > 3 || digits[len] != '\0')
		return fail_with(ctx, OTADFU_E_CONFIG, 0,
				 "\"%.40s\" is no adapter of this transport; they are called hci0, "
				 "hci1 and so on (see \"hciconfig\")",
				 name);
	*ret_index = atoi(digits);
	return OTADFU_OK;
}

/* By software, or by a switch on the computer. */
static bool is_blocked(const char *name)
{
	char pattern[64];
	glob_t found;
	bool blocked = false;

	snprintf(pattern, sizeof(pattern), "/sys/class/bluetooth/%s/rfkill*/{soft,hard}", name);
	if (glob(pattern, GLOB_BRACE, NULL, &found) != 0)
		return false;
	for (size_t i = 0; i < found.gl_pathc; i++) {
		FILE *file = fopen(found.gl_pathv[i], "re");

		blocked |= file && fgetc(file) == '1';
		if (file)
			fclose(file);
	}
	globfree(&found);
	return blocked;
}

static int fail_down(struct otadfu_ctx *ctx, const char *name)
{
	if (is_blocked(name))
		return fail_with(ctx, OTADFU_E_NOT_FOUND, ENETDOWN,
				 "%s is blocked; try \"rfkill unblock bluetooth\", or a switch on "
				 "the computer",
				 name);
	return fail_with(
		ctx, OTADFU_E_NOT_FOUND, ENETDOWN,
		"%s is switched off; try \"bluetoothctl power on\", or \"hciconfig %s up\" "
		"as root",
		name, name);
}

/* Held by another program through a user channel, which no list tells; asked about a link, the
 * kernel says so. */
static bool is_taken(int index)
{
	struct sockaddr_hci addr = { .hci_family = AF_BLUETOOTH,
				     .hci_dev = (uint16_t)index,
				     .hci_channel = HCI_CHANNEL_RAW };
	struct hci_conn_info_req nobody = { .type = ACL_LINK };
	int fd = socket(AF_BLUETOOTH, SOCK_RAW | SOCK_CLOEXEC, BTPROTO_HCI);
	bool taken = fd >= 0 && bind(fd, (const struct sockaddr *)&addr, sizeof(addr)) == 0 &&
		     ioctl(fd, HCIGETCONNINFO, &nobody) < 0 && errno == EBUSY;

	if (fd >= 0)
		close(fd);
	return taken;
}

static bool is_up(const struct hci_dev_req *adapter)
{
	return adapter->dev_opt & 1u << HCI_UP && !is_taken(adapter->dev_id);
}

/* The first of those that can be used, else of all. */
static int choose_first(const struct hci_dev_list_req *list)
{
	int best = INT_MAX, first = INT_MAX;

	for (size_t i = 0; i < list->dev_num; i++) {
		int index = list->dev_req[i].dev_id;

		if (index < first)
			first = index;
		if (index < best && is_up(&list->dev_req[i]))
			best = index;
	}
	return best < INT_MAX ? best : first;
}

static bool has_another(const struct hci_dev_list_req *list, int index)
{
	for (size_t i = 0; i < list->dev_num; i++) {
		if (list->dev_req[i].dev_id != index && is_up(&list->dev_req[i]))
			return true;
	}
	return false;
}

/* An adapter is chosen by the address that a socket is bound to. */
static int check_address(struct otadfu_ctx *ctx, const struct otadfu_adapter *adapter,
			 const struct hci_dev_list_req *list)
{
	static const bdaddr_t none;

	if (memcmp(&adapter->addr, &none, sizeof(none)) != 0 || !has_another(list, adapter->index))
		return OTADFU_OK;
	return fail_with(ctx, OTADFU_E_UNSUPPORTED, 0,
			 "%s has no address of its own, by which alone it could be told from the "
			 "others; switch those off, or give it one (\"btmgmt public-addr\")",
			 adapter->name);
}

static int look_up(struct otadfu_ctx *ctx, int hci, const struct hci_dev_list_req *list,
		   struct otadfu_adapter *adapter)
{
	struct hci_dev_info info = { .dev_id = (uint16_t)adapter->index };

	snprintf(adapter->name, sizeof(adapter->name), "hci%d", adapter->index);
	if (ioctl(hci, HCIGETDEVINFO, &info) < 0)
		return fail_with(ctx, errno == ENODEV ? OTADFU_E_NOT_FOUND : OTADFU_E_IO, errno,
				 "there is no adapter %s: %s; \"hciconfig\" lists them",
				 adapter->name, strerror(errno));
	if (!(info.flags & 1u << HCI_UP))
		return fail_down(ctx, adapter->name);
	if (is_taken(adapter->index))
		return fail_with(ctx, OTADFU_E_BUSY, EBUSY,
				 "another program has %s for itself (HCI user channel)",
				 adapter->name);
	adapter->addr = info.bdaddr;
	return check_address(ctx, adapter, list);
}

static int list_adapters(struct otadfu_ctx *ctx, int hci, struct hci_dev_list_req *list)
{
	list->dev_num = HCI_MAX_DEV;
	if (ioctl(hci, HCIGETDEVLIST, list) < 0)
		return fail_with(ctx, OTADFU_E_IO, errno, "no list of adapters: %s",
				 strerror(errno));
	if (list->dev_num == 0)
		return fail_with(ctx, OTADFU_E_NOT_FOUND, ENODEV,
				 "this computer has no Bluetooth adapter, or no driver for it");
	return OTADFU_OK;
}

/* index ANY_INDEX: the first that can be used. */
static int find(struct otadfu_ctx *ctx, int index, struct otadfu_adapter *adapter)
{
	struct hci_dev_list_req *list =
		calloc(1, sizeof(*list) + HCI_MAX_DEV * sizeof(list->dev_req[0]));
	int hci = -1;
	int r = list ? open_hci(ctx, &hci) : OTADFU_E_NOMEM;

	if (r == OTADFU_OK)
		r = list_adapters(ctx, hci, list);
	if (r == OTADFU_OK) {
		adapter->index = index == ANY_INDEX ? choose_first(list) : index;
		r = look_up(ctx, hci, list, adapter);
	}
	if (hci >= 0)
		close(hci);
	free(list);
	return r;
}

int adapter_open(struct otadfu_ctx *ctx, const char *name, struct otadfu_adapter **ret_adapter)
{
	struct otadfu_adapter *adapter = calloc(1, sizeof(*adapter));
	int index = ANY_INDEX;
	int r = OTADFU_OK;

	if (!adapter)
		return OTADFU_E_NOMEM;
	if (name)
		r = parse_name(ctx, name, &index);
	if (r == OTADFU_OK)
		r = find(ctx, index, adapter);
	if (r != OTADFU_OK) {
		free(adapter);
		return r;
	}
	*ret_adapter = adapter;
	return OTADFU_OK;
}

void adapter_close(struct otadfu_ctx *ctx, struct otadfu_adapter *adapter)
{
	(void)ctx;
	free(adapter);
}
