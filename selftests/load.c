// SPDX-License-Identifier: GPL-2.0-only
/*
 * load N FILE - keep a mailbox busy from N processes until it goes away
 *
 * Makes the empty FILE when all of them have had an answer. Exit status: 0 where
 * each of them ended with ENODEV, and got ENODEV again from its open file after
 * that.
 */
#include <sys/wait.h>

#include "mbox.h"

static int keep_busy(int ready)
{
	struct caliptra_info info;
	int fd = open(DEVICE, O_RDWR);
	int error = fd < 0 ? errno : try_version(fd);

	if (!error && write(ready, "", 1) != 1)
		error = EPIPE;
	while (!error)
		error = try_version(fd);
	if (error != ENODEV) {
		fprintf(stderr, "# a command failed: %s\n", strerror(error));
		return 1;
	}
	if (try_version(fd) != ENODEV || !ioctl(fd, CALIPTRA_IOC_INFO, &info) ||
	    errno != ENODEV) {
		fprintf(stderr, "# a device that is gone answers\n");
		return 1;
	}
	return close(fd);
}

int main(int argc, char **argv)
{
	int n = argc == 3 ? atoi(argv[1]) : 0;
	int status, failed = 0;
	int ready[2];
	char byte;
	int i;

	if (n < 1 || pipe(ready)) {
		fprintf(stderr, "Usage: load N FILE\n");
		return 2;
	}
	for (i = 0; i < n; i++)
		if (!fork())
			_exit(keep_busy(ready[1]));
	close(ready[1]);
	for (i = 0; i < n && read(ready[0], &byte, 1) == 1; i++)
		;
	close(creat(argv[2], 0600));
	while (wait(&status) > 0)
		failed |= status;
	return i == n && !failed ? 0 : 1;
}
