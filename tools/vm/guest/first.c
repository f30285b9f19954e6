// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * The first process of a test machine that has no shell: loads the driver, runs the
 * programs in /root/selftests that the file /root/suites names, looks for complaints in the
 * kernel's log and powers the machine off. Prints what init and selftests/run.sh print:
 * "@suite NAME" before each, "@status STATUS SECONDS" after it, and "@exit STATUS" last.
 */
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/klog.h>
#include <sys/mount.h>
#include <sys/reboot.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#define DEVICE	 "/dev/caliptra-mbox0"
#define READ_ALL 3

static int failed;

static void file_system(const char *type, const char *place)
{
	mkdir(place, 0755);
	if (mount(type, place, type, 0, NULL))
		printf("# %s: %s\n", place, strerror(errno));
}

/* A PCI function has to decode its addresses, where no driver for it asks that. */
static int enable(const char *path)
{
	int fd = open(path, O_WRONLY | O_CLOEXEC);
	int good = fd >= 0 && write(fd, "1", 1) == 1;

	if (fd >= 0)
		close(fd);
	return good ? 0 : -1;
}

static int load_driver(void)
{
	int fd = open("/lib/modules/caliptra.ko", O_RDONLY | O_CLOEXEC), tries;

	if (fd < 0 || syscall(SYS_finit_module, fd, "", 0))
		return -1;
	close(fd);
	for (tries = 0; tries < 50; tries++) {
		if (!access(DEVICE, F_OK))
			return 0;
		usleep(100000);
	}
	errno = ENXIO;
	return -1;
}

static void suite(const char *name)
{
	time_t begin = time(NULL);
	char path[256];
	int status;
	pid_t pid;

	printf("@suite %s\n", name);
	snprintf(path, sizeof(path), "/root/selftests/%s", name);
	pid = fork();
	if (!pid) {
		dup2(STDOUT_FILENO, STDERR_FILENO);
		execl(path, name, NULL);
		printf("# %s: %s\n", path, strerror(errno));
		_exit(127);
	}
	if (pid < 0 || waitpid(pid, &status, 0) != pid)
		status = 1;
	status = WIFEXITED(status) ? WEXITSTATUS(status) : 1;
	printf("@status %d %ld\n", status, (long)(time(NULL) - begin));
	failed |= !!status;
}

static void kernel_log(void)
{
	static const char *const bad[] = { "WARNING",	  "BUG",
					   "Oops",	  "INFO: ",
					   "Call Trace",  "refcount_t",
					   "nobody cared" };
	static char log[1 << 20];
	int len = klogctl(READ_ALL, log, sizeof(log) - 1), complaints = 0;
	char *line, *end;
	size_t i;

	printf("@suite kernel_log\n");
	for (line = log; len > 0 && line < log + len; line = end + 1) {
		end = strchrnul(line, '\n');
		*end = '\0';
		for (i = 0; i < sizeof(bad) / sizeof(bad[0]); i++)
			if (strstr(line, bad[i])) {
				printf("# %s\n", line);
				complaints++;
				break;
			}
	}
	if (len <= 0)
		complaints++;
	printf("%sok 1 - the kernel's log has no complaint\n1..1\n@status %d 0\n",
	       complaints ? "not " : "", !!complaints);
	failed |= !!complaints;
}

int main(void)
{
	char name[64];
	FILE *suites;

	setvbuf(stdout, NULL, _IOLBF, 0);
	file_system("proc", "/proc");
	file_system("sysfs", "/sys");
	file_system("devtmpfs", "/dev");
	file_system("tmpfs", "/tmp");
	setenv("PATH", "/root/selftests", 1);
	suites = fopen("/root/suites", "r");
	if (!suites || enable("/sys/bus/pci/devices/0000:00:01.0/enable") ||
	    enable("/sys/bus/pci/devices/0000:00:03.0/enable") ||
	    load_driver()) {
		printf("# the driver does not find its device: %s\n",
		       strerror(errno));
		failed = 125;
	} else {
		while (fscanf(suites, "%63s", name) == 1)
			suite(name);
		kernel_log();
	}
	printf("@exit %d\n", failed);
	fflush(stdout);
	reboot(RB_POWER_OFF);
	return 1;
}
