#include "acquired.h"

#include <errno.h>
#include <fcntl.h>
#include <linux/sockios.h>
#include <sys/ioctl.h>
#include <sys/socket.h>
#include <unistd.h>

int acquired_set(struct acquired *acquired, int fd, uint16_t id, uint16_t mtu)
{
	int own = fcntl(fd, F_DUPFD_CLOEXEC, 0);

	if (own < 0)
		return -errno;
	acquired_close(acquired);
	acquired->fd = own;
	acquired->id = id;
	acquired->mtu = mtu;
	return 0;
}

void acquired_close(struct acquired *acquired)
{
	if (acquired->fd >= 0)
		close(acquired->fd);
	acquired->fd = -1;
	acquired->id = 0;
}

int acquired_send(const struct acquired *acquired, const uint8_t *data, size_t len)
{
	ssize_t sent;

	do
		sent = send(acquired->fd, data, len, MSG_DONTWAIT | MSG_NOSIGNAL);
	while (sent < 0 && errno == EINTR);
	return sent < 0 ? -errno : 0;
}

bool acquired_is_empty(const struct acquired *acquired)
{
	int waiting = 0;

	return acquired->fd < 0 || ioctl(acquired->fd, SIOCOUTQ, &waiting) < 0 || waiting == 0;
}
