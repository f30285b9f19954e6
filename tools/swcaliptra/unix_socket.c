// SPDX-License-Identifier: GPL-2.0-or-later
/* Unix sockets that a door listens at. See unix_socket.h. */
#include "unix_socket.h"

#include <errno.h>
#include <stdbool.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/un.h>
#include <unistd.h>

#include "log.h"

#define MAX_PATHS 16

static const char *paths[MAX_PATHS];
static unsigned int path_count;

static bool address(struct sockaddr_un *addr, const char *path)
{
	memset(addr, 0, sizeof(*addr));
	addr->sun_family = AF_UNIX;
	if (strlen(path) >= sizeof(addr->sun_path)) {
		errno = ENAMETOOLONG;
		return false;
	}
	strcpy(addr->sun_path, path);
	return true;
}

int unix_socket_connect(const char *path)
{
	struct sockaddr_un addr;
	int saved;
	int fd;

	if (!address(&addr, path))
		return -1;
	fd = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0);
	if (fd < 0)
		return -1;
	if (connect(fd, (struct sockaddr *)&addr, sizeof(addr))) {
		saved = errno;
		close(fd);
		errno = saved;
		return -1;
	}
	return fd;
}

/* A socket left behind by a server that was killed. */
static bool abandoned(const char *path)
{
	struct stat st;
	int fd;

	if (lstat(path, &st) || !S_ISSOCK(st.st_mode))
		return false;
	fd = unix_socket_connect(path);
	if (fd >= 0)
		close(fd);
	return fd < 0 && errno == ECONNREFUSED;
}

int unix_socket_listen(const char *path)
{
	struct sockaddr_un addr;
	bool bound;
	mode_t mask;
	int fd;

	if (!address(&addr, path)) {
		log_error(
			"the path of a socket may have %zu characters, and this one has more: %s",
			sizeof(addr.sun_path) - 1, path);
		return -1;
	}
	if (path_count == MAX_PATHS) {
		log_error("too many sockets");
		return -1;
	}
	if (abandoned(path))
		unlink(path);
	fd = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0);
	/* nobody but the owner may connect, from the first moment */
	mask = umask(0177);
	bound = fd >= 0 && !bind(fd, (struct sockaddr *)&addr, sizeof(addr));
	umask(mask);
	if (!bound || listen(fd, 16)) {
		log_error("can not listen at %s: %s", path, strerror(errno));
		if (fd >= 0)
			close(fd);
		return -1;
	}
	paths[path_count++] = path;
	return fd;
}

void unix_socket_remove_all(void)
{
	while (path_count)
		unlink(paths[--path_count]);
}
