#include "ports.h"

#include <errno.h>
#include <fcntl.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>

enum { BACKLOG = 16, READ_SIZE = 4096 };

/* What /dev/vhci is asked for a controller with, and tells its number by. */
enum { VHCI_VENDOR = 0xFF, VHCI_PRIMARY = 0x00, VHCI_ANSWER_LEN = 4 };

static int complain(const char *what)
{
	fprintf(stderr, "air: %s: %s\n", what, strerror(errno));
	return -1;
}

static bool open_port(struct ports *ports, int fd, bool is_socket, const struct traits *traits)
{
	for (size_t i = 0; i < PORTS_MAX; i++) {
		struct port *port = &ports->ports[i];

		if (port->controller)
			continue;
		*port = (struct port){ .fd = fd,
				       .is_socket = is_socket,
				       .controller = air_add(ports->air, traits) };
		return port->controller != NULL;
	}
	return false;
}

static void close_port(struct ports *ports, struct port *port)
{
	air_remove(ports->air, port->controller);
	close(port->fd);
	port->controller = NULL;
}

static int open_listener(struct ports *ports, const struct place *place)
{
	struct sockaddr_un address = { .sun_family = AF_UNIX };
	struct listener *listener = &ports->listeners[ports->listener_count];
	int fd;

	errno = ENAMETOOLONG;
	if (strlen(place->path) >= sizeof(address.sun_path))
		return complain(place->path);
	memcpy(address.sun_path, place->path, strlen(place->path));
	fd = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);
	if (fd < 0)
		return complain(place->path);
	if (bind(fd, (const struct sockaddr *)&address, sizeof(address)) < 0 ||
	    listen(fd, BACKLOG) < 0) {
		close(fd);
		return complain(place->path);
	}
	*listener = (struct listener){ .fd = fd, .place = place };
	ports->listener_count++;
	return 0;
}

static int open_vhci(struct ports *ports, const struct place *place)
{
	static const char device[] = "/dev/vhci";
	static const uint8_t request[] = { VHCI_VENDOR, VHCI_PRIMARY };
	int fd = open(device, O_RDWR | O_CLOEXEC | O_NONBLOCK);

	if (fd < 0)
		return complain(device);
	if (write(fd, request, sizeof(request)) == (ssize_t)sizeof(request) &&
	    open_port(ports, fd, false, &place->traits))
		return 0;
	close(fd);
	return complain(device);
}

int ports_open(struct ports *ports, struct air *air, const struct arguments *arguments)
{
	int result = 0;

	*ports = (struct ports){ .air = air };
	for (size_t i = 0; i < arguments->place_count && result == 0; i++) {
		const struct place *place = &arguments->places[i];

		result = place->path ? open_listener(ports, place) : open_vhci(ports, place);
	}
	if (result < 0)
		ports_close(ports);
	return result;
}

void ports_close(struct ports *ports)
{
	for (size_t i = 0; i < PORTS_MAX; i++) {
		if (ports->ports[i].controller)
			close_port(ports, &ports->ports[i]);
	}
	for (size_t i = 0; i < ports->listener_count; i++) {
		close(ports->listeners[i].fd);
		unlink(ports->listeners[i].place->path);
	}
	ports->listener_count = 0;
}

size_t ports_poll(const struct ports *ports, struct pollfd polls[PORT_POLLS_MAX])
{
	size_t count = 0;

	for (size_t i = 0; i < PORTS_MAX; i++) {
		const struct port *port = &ports->ports[i];
		bool waits = port->controller && port->controller->outbox.len > 0;

		polls[count++] = (struct pollfd){ .fd = port->controller ? port->fd : -1,
						  .events = waits ? POLLIN | POLLOUT : POLLIN };
	}
	for (size_t i = 0; i < ports->listener_count; i++)
		polls[count++] = (struct pollfd){ .fd = ports->listeners[i].fd, .events = POLLIN };
	return count;
}

/* The kernel may have sent commands before it tells this. */
static void announce(const struct port *port, const uint8_t *answer, size_t len)
{
	char text[ADDRESS_TEXT_SIZE];

	if (len < VHCI_ANSWER_LEN)
		return;
	address_text(&port->controller->traits.address, text);
	printf("hci%u %s\n", answer[2] | answer[3] << 8, text);
	fflush(stdout);
}

static void receive(struct ports *ports, struct port *port)
{
	uint8_t bytes[READ_SIZE];
	ssize_t len = read(port->fd, bytes, sizeof(bytes));

	if (len < 0 && (errno == EAGAIN || errno == EINTR))
		return;
	if (len <= 0)
		close_port(ports, port);
	else if (!port->is_socket && bytes[0] == VHCI_VENDOR)
		announce(port, bytes, (size_t)len);
	else
		controller_take(port->controller, bytes, (size_t)len);
}

static void accept_hosts(struct ports *ports, const struct listener *listener)
{
	int fd;

	while ((fd = accept4(listener->fd, NULL, NULL, SOCK_CLOEXEC | SOCK_NONBLOCK)) >= 0) {
		if (!open_port(ports, fd, true, &listener->place->traits))
			close(fd);
	}
}

/* Those that go make room, and an address free, for those that come. */
void ports_run(struct ports *ports, const struct pollfd *polls)
{
	for (size_t i = 0; i < PORTS_MAX; i++) {
		if (ports->ports[i].controller && polls[i].revents & ~POLLOUT)
			receive(ports, &ports->ports[i]);
	}
	for (size_t i = 0; i < ports->listener_count; i++) {
		if (polls[PORTS_MAX + i].revents)
			accept_hosts(ports, &ports->listeners[i]);
	}
}

/* False: the host has no room now, or is gone. */
static bool send_first(struct port *port)
{
	struct outbox *outbox = &port->controller->outbox;
	uint8_t packet[PACKET_MAX];
	size_t len = outbox_first(outbox, packet);
	ssize_t sent;

	if (len == 0)
		return false;
	sent = port->is_socket ? send(port->fd, packet, len, MSG_NOSIGNAL)
			       : write(port->fd, packet, len);
	if (sent > 0)
		outbox_sent(outbox, (size_t)sent);
	return sent > 0;
}

void ports_flush(struct ports *ports)
{
	for (size_t i = 0; i < PORTS_MAX; i++) {
		struct port *port = &ports->ports[i];

		while (port->controller && send_first(port))
			;
		if (port->controller && port->controller->lost)
			close_port(ports, port);
	}
}
