#include "adapters.h"

#include "failure.h"

#include <bluetooth/bluetooth.h>
#include <bluetooth/hci.h>
#include <errno.h>
#include <glob.h>
#include <limits.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/socket.h>
#include <unistd.h>

enum {
	LMP_PAGE_OF_LE = 4,
	KERNEL_LE_LINK = 0x80 /* in the kernel's headers alone */
};

static const struct lack {
	int code;
	int error;
	const char *text;
	const char *remedy;
	const char *more; /* stands behind the adapter's name; NULL: so it ends */
} lacks[] = {
	[ADAPTER_BLOCKED_HARD] = { OTADFU_E_NOT_FOUND, ERFKILL, "blocked by a switch",
				   "the computer's switch or key for Bluetooth or flight mode",
				   NULL },
	[ADAPTER_BLOCKED_SOFT] = { OTADFU_E_NOT_FOUND, ERFKILL, "blocked by rfkill",
				   "rfkill unblock bluetooth", NULL },
	[ADAPTER_DOWN] = { OTADFU_E_NOT_FOUND, ENETDOWN, "switched off",
			   "bluetoothctl power on, or without bluetoothd: sudo hciconfig ", " up" },
	[ADAPTER_TAKEN] = { OTADFU_E_BUSY, EBUSY,
			    "held by another program for itself (HCI user channel)",
			    "end that program", NULL },
	[ADAPTER_CLASSIC] = { OTADFU_E_UNSUPPORTED, EOPNOTSUPP, "without Bluetooth Low Energy",
			      "another adapter, of Bluetooth 4.0 or later", NULL },
};

const char *adapter_lack_text(enum adapter_lack lack)
{
	return lacks[lack].text;
}

void adapter_lack_remedy(const struct adapter_state *adapter, char *text, size_t size)
{
	const struct lack *lack = &lacks[adapter->lack];

	snprintf(text, size, "%s%s%s", lack->remedy, lack->more ? adapter->name : "",
		 lack->more ? lack->more : "");
}

/* A control socket; or, of an index, one that may be asked about that adapter's links. */
static int open_socket(int index)
{
	struct sockaddr_hci addr = { .hci_family = AF_BLUETOOTH,
				     .hci_dev = (uint16_t)index,
				     .hci_channel = HCI_CHANNEL_RAW };
	int fd = socket(AF_BLUETOOTH, SOCK_RAW | SOCK_CLOEXEC, BTPROTO_HCI);

	if (fd < 0 || index == ADAPTERS_ANY ||
	    bind(fd, (const struct sockaddr *)&addr, sizeof(addr)) == 0)
		return fd;
	close(fd);
	return -1;
}

/* 0: there is a link of that type; else why the kernel tells of none. */
static int ask_link(int index, uint8_t type, const bdaddr_t *peer)
{
	union {
		struct hci_conn_info_req request;
		uint8_t room[sizeof(struct hci_conn_info_req) + sizeof(struct hci_conn_info)];
	} question = { .request = { .bdaddr = *peer, .type = type } };
	int fd = open_socket(index);
	int error = fd >= 0 && ioctl(fd, HCIGETCONNINFO, &question) == 0 ? 0 : errno;

	if (fd >= 0)
		close(fd);
	return error;
}

/* Through a user channel, which no list tells; asked about a link, the kernel says so. */
static bool is_taken(int index)
{
	static const bdaddr_t nobody;

	return ask_link(index, ACL_LINK, &nobody) == EBUSY;
}

bool adapter_is_linked(const struct adapter_state *adapter, const struct otadfu_addr *peer)
{
	bdaddr_t bdaddr;

	for (size_t i = 0; i < sizeof(bdaddr.b); i++)
		bdaddr.b[i] = peer->bytes[sizeof(bdaddr.b) - 1 - i];
	return ask_link(adapter->index, KERNEL_LE_LINK, &bdaddr) == 0;
}

/* which: "soft" or "hard". */
static bool is_blocked(const char *name, const char *which)
{
	char pattern[64];
	glob_t found;
	bool blocked = false;

	snprintf(pattern, sizeof(pattern), "/sys/class/bluetooth/%s/rfkill*/%s", name, which);
	if (glob(pattern, 0, NULL, &found) != 0)
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

static enum adapter_lack judge(const struct hci_dev_info *info, const char *name)
{
	if (is_blocked(name, "hard"))
		return ADAPTER_BLOCKED_HARD;
	if (is_blocked(name, "soft"))
		return ADAPTER_BLOCKED_SOFT;
	if (!(info->flags & 1u << HCI_UP))
		return ADAPTER_DOWN;
	if (is_taken(info->dev_id))
		return ADAPTER_TAKEN;
	return info->features[LMP_PAGE_OF_LE] & LMP_LE ? ADAPTER_LACKS_NOTHING : ADAPTER_CLASSIC;
}

static const char *name_bus(const struct hci_dev_info *info)
{
	static const char *const buses[] = {
		[HCI_VIRTUAL] = "virtual", [HCI_USB] = "USB",      [HCI_PCCARD] = "PC Card",
		[HCI_UART] = "UART",       [HCI_RS232] = "RS-232", [HCI_PCI] = "PCI",
		[HCI_SDIO] = "SDIO",       [HCI_SPI] = "SPI",      [HCI_I2C] = "I2C",
		[HCI_SMD] = "SMD",
	};
	size_t bus = info->type & 0x0fu;

	return bus < sizeof(buses) / sizeof(buses[0]) ? buses[bus] : "an unknown bus";
}

static void describe(const struct hci_dev_info *info, struct adapter_state *adapter)
{
	adapter->index = info->dev_id;
	snprintf(adapter->name, sizeof(adapter->name), "hci%u", info->dev_id % 1000u);
	for (size_t i = 0; i < sizeof(adapter->addr); i++)
		adapter->addr[i] = info->bdaddr.b[sizeof(adapter->addr) - 1 - i];
	adapter->bus = name_bus(info);
	adapter->lack = judge(info, adapter->name);
}

static int compare(const void *a, const void *b)
{
	return ((const struct adapter_state *)a)->index - ((const struct adapter_state *)b)->index;
}

static int list_with(int fd, struct hci_dev_list_req *list, struct adapters *adapters)
{
	list->dev_num = ADAPTERS_MAX;
	if (ioctl(fd, HCIGETDEVLIST, list) < 0)
		return errno;
	for (size_t i = 0; i < list->dev_num && i < ADAPTERS_MAX; i++) {
		struct hci_dev_info info = { .dev_id = list->dev_req[i].dev_id };

		/* One that has just been pulled out is not told. */
		if (ioctl(fd, HCIGETDEVINFO, &info) == 0)
			describe(&info, &adapters->items[adapters->count++]);
	}
	qsort(adapters->items, adapters->count, sizeof(adapters->items[0]), compare);
	return 0;
}

int adapters_look(struct adapters *ret_adapters)
{
	struct hci_dev_list_req *list;
	int fd = open_socket(ADAPTERS_ANY);
	int error;

	if (fd < 0)
		return errno;
	*ret_adapters = (struct adapters){ .count = 0 };
	list = calloc(1, sizeof(*list) + ADAPTERS_MAX * sizeof(list->dev_req[0]));
	error = list ? list_with(fd, list, ret_adapters) : ENOMEM;
	free(list);
	close(fd);
	return error;
}

bool adapters_parse_name(const char *name, int *ret_index)
{
	static const char prefix[] = "hci";
	const char *digits =
		strncmp(name, prefix, strlen(prefix)) == 0 ? name + strlen(prefix) : "";
	size_t len = strspn(digits, "0123456789");

	if (len < 1 || len > 3 || digits[len] != '\0')
		return false;
	*ret_index = atoi(digits);
	return true;
}

static int fail_look(struct otadfu_ctx *ctx, int error)
{
	if (error == EAFNOSUPPORT || error == EPROTONOSUPPORT)
		return fail_with(
			ctx, OTADFU_E_UNSUPPORTED, error,
			"this kernel has no Bluetooth; try \"modprobe bluetooth\" as root, "
			"or another transport");
	if (error == ENOMEM)
		return OTADFU_E_NOMEM;
	return fail_with(ctx, error == EPERM || error == EACCES ? OTADFU_E_PERMISSION : OTADFU_E_IO,
			 error, "the kernel tells nothing of its Bluetooth adapters: %s",
			 strerror(error));
}

static int fail_absent(struct otadfu_ctx *ctx, int index)
{
	if (index == ADAPTERS_ANY)
		return fail_with(ctx, OTADFU_E_NOT_FOUND, ENODEV,
				 "this computer has no Bluetooth adapter, or no driver for it");
	return fail_with(ctx, OTADFU_E_NOT_FOUND, ENODEV,
			 "there is no adapter hci%d; \"hciconfig\" lists them", index);
}

static int fail_lack(struct otadfu_ctx *ctx, const struct adapter_state *adapter)
{
	const struct lack *lack = &lacks[adapter->lack];
	char remedy[128];

	adapter_lack_remedy(adapter, remedy, sizeof(remedy));
	return fail_with(ctx, lack->code, lack->error, "%s is %s; try: %s", adapter->name,
			 lack->text, remedy);
}

static const struct adapter_state *choose(const struct adapters *adapters, int index)
{
	for (size_t i = 0; i < adapters->count; i++) {
		const struct adapter_state *adapter = &adapters->items[i];

		if (index == ADAPTERS_ANY ? adapter->lack == ADAPTER_LACKS_NOTHING
					  : adapter->index == index)
			return adapter;
	}
	return index == ADAPTERS_ANY && adapters->count > 0 ? &adapters->items[0] : NULL;
}

int adapters_find(struct otadfu_ctx *ctx, int index, struct adapters *ret_adapters,
		  const struct adapter_state **ret_adapter)
{
	const struct adapter_state *adapter;
	int error = adapters_look(ret_adapters);

	if (error)
		return fail_look(ctx, error);
	adapter = choose(ret_adapters, index);
	if (!adapter)
		return fail_absent(ctx, index);
	if (adapter->lack != ADAPTER_LACKS_NOTHING)
		return fail_lack(ctx, adapter);
	*ret_adapter = adapter;
	return OTADFU_OK;
}
