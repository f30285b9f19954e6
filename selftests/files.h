/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * What the tests of the driver's files in sysfs, debugfs and tracefs share.
 */
#ifndef SELFTESTS_FILES_H
#define SELFTESTS_FILES_H

#include <stdbool.h>
#include <sys/mount.h>
#include <sys/wait.h>

#include "mbox.h"

#define NAME	"caliptra-mbox0"
#define CLASS	"/sys/class/caliptra/"
#define SYSFS	CLASS NAME "/"
#define DEBUGFS "/sys/kernel/debug/caliptra/" NAME "/"
#define DRIVER	"/sys/bus/platform/drivers/caliptra/"

#define CMD_UNKNOWN 0x00c0ffeeu
#define NOBODY	    65534

/* What a file has, with a zero behind it: its length, or minus errno. */
static inline int read_file(const char *path, char *text, size_t size)
{
	int fd = open(path, O_RDONLY | O_CLOEXEC);
	size_t len = 0;
	ssize_t n;

	text[0] = '\0';
	if (fd < 0)
		return -errno;
	while ((n = read(fd, text + len, size - 1 - len)) > 0)
		len += n;
	text[len] = '\0';
	n = n < 0 ? -errno : (ssize_t)len;
	close(fd);
	return n;
}

/* The same of an attribute of a device, without the end of its line. */
static inline int read_attr(const char *name, const char *attr, char *text,
			    size_t size)
{
	char path[256];
	int n;

	snprintf(path, sizeof(path), CLASS "%s/%s", name, attr);
	n = read_file(path, text, size);
	if (n > 0 && text[n - 1] == '\n')
		text[--n] = '\0';
	return n;
}

/* Write to a file: 0 or errno. */
static inline int write_file(const char *path, const char *text)
{
	int fd = open(path, O_WRONLY | O_CLOEXEC | O_TRUNC);
	int error = 0;

	if (fd < 0)
		return errno;
	if (write(fd, text, strlen(text)) < 0)
		error = errno;
	close(fd);
	return error;
}

/* Is it mounted now? */
static inline bool mount_at(const char *type, const char *where)
{
	return !mount(type, where, type, 0, NULL) || errno == EBUSY;
}

static inline void platform_device(char *name, size_t size)
{
	char target[256];
	ssize_t n = readlink(SYSFS "device", target, sizeof(target) - 1);

	target[n > 0 ? n : 0] = '\0';
	snprintf(name, size, "%s", strrchr(target, '/') + 1);
}

/* The name of the mailbox that a platform device is; "" if there is none. */
static inline void mailbox_of(const char *device, char *name, size_t size)
{
	char path[300];
	unsigned int i;

	for (i = 0; i < 16; i++) {
		snprintf(name, size, "caliptra-mbox%u", i);
		snprintf(path, sizeof(path),
			 "/sys/bus/platform/devices/%s/caliptra/%s", device,
			 name);
		if (!access(path, F_OK))
			return;
	}
	name[0] = '\0';
}

/* Wait until the core's firmware has a command. */
static inline bool wait_until_sent(void)
{
	int64_t give_up = now_ms() + 20000;
	char text[256];

	do {
		read_file(DEBUGFS "fsm", text, sizeof(text));
		if (strstr(text, "state: execute_uc\n"))
			return true;
	} while (now_ms() < give_up);
	printf("# no command is sent: %s\n", text);
	return false;
}

static inline bool wait_until_there(const char *path)
{
	int64_t give_up = now_ms() + 10000;

	while (access(path, F_OK))
		if (now_ms() > give_up)
			return false;
	return true;
}

/* Run VERSION for so many milliseconds at most: 0 or errno. */
static inline int version_within(int fd, uint32_t timeout_ms)
{
	uint8_t req[4], rsp[VERSION_RSP_LEN];
	struct caliptra_cmd c = version_cmd(req, rsp);

	c.timeout_ms = timeout_ms;
	return run(fd, &c);
}

/* A command that no firmware has; 0 or errno, and what the firmware says. */
static inline int run_unknown(int fd, uint32_t *fw_error)
{
	uint8_t req[4], rsp[8];
	struct caliptra_cmd c = {
		.cmd = CMD_UNKNOWN,
		.req = pointer(req),
		.req_len = sizeof(req),
		.rsp = pointer(rsp),
		.rsp_room = sizeof(rsp),
	};
	int error;

	seal(c.cmd, req, sizeof(req));
	error = run(fd, &c);
	*fw_error = c.fw_error;
	return error;
}

/* The exit status of a child; -1 where it has none. */
static inline int wait_for(pid_t pid)
{
	int status;

	return waitpid(pid, &status, 0) == pid && WIFEXITED(status) ?
		       WEXITSTATUS(status) :
		       -1;
}

/* Has a file been read, or gone away in an orderly way? */
static inline bool read_or_gone(const char *path, bool *some)
{
	char text[16384];
	int n = read_file(path, text, sizeof(text));

	*some |= n > 0;
	if (n >= 0 || n == -ENOENT || n == -ENODEV || n == -EIO)
		return true;
	printf("# %s: %s\n", path, strerror(-n));
	return false;
}

#define STOP "/tmp/stop-reading"

/* The exit status of a process that reads until told to stop, but at least once. */
static inline int read_until_stop(const char *folder, const char *const *names,
				  size_t count)
{
	int64_t give_up = now_ms() + 20000;
	bool some = false;
	char path[300];
	size_t i;

	while (access(STOP, F_OK) || (!some && now_ms() < give_up)) {
		for (i = 0; i < count; i++) {
			snprintf(path, sizeof(path), "%s%s", folder, names[i]);
			if (!read_or_gone(path, &some))
				return 1;
		}
	}
	return some ? 0 : 2;
}

/* Take the device away and give it back while others read files of it. */
static inline bool survives_readers(const char *folder,
				    const char *const *names, size_t count)
{
	char device[256];
	bool good = true;
	pid_t pid[3];
	int i;

	platform_device(device, sizeof(device));
	unlink(STOP);
	for (i = 0; i < 3; i++) {
		pid[i] = fork();
		if (!pid[i])
			_exit(read_until_stop(folder, names, count));
	}
	for (i = 0; good && i < 10; i++)
		good = !write_file(DRIVER "unbind", device) &&
		       !write_file(DRIVER "bind", device) &&
		       wait_until_there(DEVICE);
	if (!good)
		printf("# %s does not come back: %s\n", device,
		       strerror(errno));
	close(open(STOP, O_CREAT | O_WRONLY, 0600));
	for (i = 0; i < 3; i++) {
		int status = wait_for(pid[i]);

		good &= !status;
		if (status)
			printf("# reader %d ends with status %d\n", i, status);
	}
	unlink(STOP);
	return good;
}

#endif
