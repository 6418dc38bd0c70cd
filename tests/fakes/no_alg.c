/*
 * To be preloaded into btvirt, which gives up where the kernel has no sockets for cryptography: it
 * gets a descriptor that is none of them, and never encrypts with it.
 */
#include <dlfcn.h>
#include <errno.h>
#include <sys/eventfd.h>
#include <sys/socket.h>

int socket(int domain, int type, int protocol)
{
	int (*real)(int, int, int) = (int (*)(int, int, int))dlsym(RTLD_NEXT, "socket");
	int fd = real(domain, type, protocol);

	return fd < 0 && domain == AF_ALG ? eventfd(0, EFD_CLOEXEC) : fd;
}

int bind(int fd, const struct sockaddr *address, socklen_t len)
{
	int (*real)(int, const struct sockaddr *, socklen_t) =
		(int (*)(int, const struct sockaddr *, socklen_t))dlsym(RTLD_NEXT, "bind");
	int r = real(fd, address, len);

	return r < 0 && errno == ENOTSOCK && address->sa_family == AF_ALG ? 0 : r;
}
