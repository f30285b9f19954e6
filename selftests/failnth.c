// SPDX-License-Identifier: GPL-2.0-only
/*
 * Every allocation and every copy from or to user space that a system call on the
 * device makes fails once, the first one first, until none is left: the call must then
 * fail with ENOMEM or EFAULT, or succeed all the same, and the device must work for the
 * next caller. Needs the kernel's fault injection: /proc/thread-self/fail-nth and
 * debugfs. Prints TAP.
 */
#include <poll.h>

#include "mbox.h"

/* More than any call here has, so that a test ends if nothing comes of it. */
#define MOST 500

static int number, failures;

static void result(int good, const char *name)
{
	printf("%sok %d - %s\n", good ? "" : "not ", ++number, name);
	failures += !good;
}

static int put(const char *path, const char *text)
{
	int fd = open(path, O_WRONLY | O_CLOEXEC);
	int good = fd >= 0 &&
		   write(fd, text, strlen(text)) == (ssize_t)strlen(text);

	if (fd >= 0)
		close(fd);
	return good ? 0 : -1;
}

/* Let what may wait fail too, and no failure be told of in the kernel's log. */
static int set_up(void)
{
	static const char *const settings[][2] = {
		{ "failslab/ignore-gfp-wait", "N" },
		{ "failslab/verbose", "0" },
		{ "fail_page_alloc/ignore-gfp-wait", "N" },
		{ "fail_page_alloc/ignore-gfp-highmem", "N" },
		{ "fail_page_alloc/min-order", "0" },
		{ "fail_page_alloc/verbose", "0" },
		{ "fail_usercopy/verbose", "0" },
	};
	char path[128];
	size_t i;

	for (i = 0; i < sizeof(settings) / sizeof(settings[0]); i++) {
		snprintf(path, sizeof(path), "/sys/kernel/debug/%s",
			 settings[i][0]);
		if (put(path, settings[i][1])) {
			printf("# %s: %s\n", path, strerror(errno));
			return -1;
		}
	}
	return 0;
}

/* What is walked through: 0 or errno of the one call between arm() and fired(). */
struct walk {
	const char *name;
	int (*call)(void);
};

static int nth_fd, device = -1;
static long armed;
static int was_fired;

static void arm(void)
{
	char text[16];
	int len = snprintf(text, sizeof(text), "%ld", armed);

	if (pwrite(nth_fd, text, len, 0) != len) {
		perror("fail-nth");
		exit(1);
	}
}

/* Ends the injection and notes whether something was made to fail. */
static void disarm(void)
{
	char text[16] = "";
	int saved = errno;

	/* where this read is the one that fails, the call was not */
	was_fired = pread(nth_fd, text, sizeof(text) - 1, 0) > 0 &&
		    !strtol(text, NULL, 10);
	/* and so with this write, after which nothing is left to fail */
	if (pwrite(nth_fd, "0", 1, 0) != 1 && pwrite(nth_fd, "0", 1, 0) != 1) {
		perror("fail-nth");
		exit(1);
	}
	errno = saved;
}

static int call_open(void)
{
	int fd, error;

	arm();
	fd = open(DEVICE, O_RDWR | O_CLOEXEC);
	error = fd < 0 ? errno : 0;
	disarm();
	if (fd >= 0)
		close(fd);
	return error;
}

static int call_close(void)
{
	int fd = open(DEVICE, O_RDWR | O_CLOEXEC), error;

	if (fd < 0)
		return errno;
	arm();
	error = close(fd) ? errno : 0;
	disarm();
	return error;
}

static int call_info(void)
{
	struct caliptra_info info;
	int error;

	arm();
	error = ioctl(device, CALIPTRA_IOC_INFO, &info) ? errno : 0;
	disarm();
	return error;
}

static int call_version(void)
{
	uint8_t req[4], rsp[VERSION_RSP_LEN];
	struct caliptra_cmd c = version_cmd(req, rsp);
	int error;

	arm();
	error = run(device, &c);
	disarm();
	if (!error && !response_good(rsp, c.rsp_len))
		error = EBADMSG;
	return error;
}

static int call_quote(void)
{
	uint8_t nonce[32] = { 1 }, rsp[QUOTE_RSP_LEN];
	int error;

	arm();
	error = quote(device, nonce, rsp);
	disarm();
	if (!error && !response_good(rsp, sizeof(rsp)))
		error = EBADMSG;
	return error;
}

/* Gets a response that had no room, which stays until it was copied whole: it is here then. */
static int call_response(void)
{
	uint8_t req[4], rsp[VERSION_RSP_LEN];
	struct caliptra_cmd c = version_cmd(req, rsp), again = { 0 };
	int error;

	memset(rsp, 0xff, sizeof(rsp));
	c.rsp_room = 0;
	if (run(device, &c) != ENOSPC)
		return EPROTO;
	again.seq = c.seq;
	again.rsp = pointer(rsp);
	again.rsp_room = sizeof(rsp);
	arm();
	error = fetch(device, &again);
	disarm();
	if (error && was_fired) {
		again.rsp_room = sizeof(rsp);
		if (fetch(device, &again) && errno != ENODATA)
			return EPROTO;
	}
	if (!response_good(rsp, sizeof(rsp)))
		return EBADMSG;
	return error;
}

static int call_poll(void)
{
	struct pollfd p = { .fd = device, .events = POLLIN | POLLOUT };
	int error;

	arm();
	error = poll(&p, 1, 0) < 0 ? errno : 0;
	disarm();
	return error;
}

static const struct walk walks[] = {
	{ "open", call_open },
	{ "close", call_close },
	{ "CALIPTRA_IOC_INFO", call_info },
	{ "CALIPTRA_IOC_COMMAND", call_version },
	{ "CALIPTRA_IOC_COMMAND, a long response", call_quote },
	{ "CALIPTRA_IOC_RESPONSE", call_response },
	{ "poll", call_poll },
};

static int usable(void)
{
	int fd = open(DEVICE, O_RDWR | O_CLOEXEC), error;

	if (fd < 0)
		return errno;
	error = try_version(fd);
	close(fd);
	return error;
}

static int walk(const struct walk *w)
{
	int error, after, failed = 0;

	for (armed = 1; armed <= MOST; armed++) {
		error = w->call();
		after = usable();
		if (after) {
			printf("# failure %ld leaves it unusable: %s\n", armed,
			       strerror(after));
			return 0;
		}
		if (!was_fired) {
			if (error)
				printf("# without a failure: %s\n",
				       strerror(error));
			printf("# %s: %ld points, %d of which make it fail\n",
			       w->name, armed - 1, failed);
			return !error;
		}
		if (error && error != ENOMEM && error != EFAULT) {
			printf("# failure %ld gives: %s\n", armed,
			       strerror(error));
			return 0;
		}
		failed += !!error;
	}
	printf("# it does not end after %d failures\n", MOST);
	return 0;
}

int main(void)
{
	size_t i;

	setvbuf(stdout, NULL, _IOLBF, 0);
	nth_fd = open("/proc/thread-self/fail-nth", O_RDWR | O_CLOEXEC);
	if (nth_fd < 0 || set_up()) {
		printf("1..0 # SKIP this kernel injects no failures\n");
		return 1;
	}
	device = open(DEVICE, O_RDWR | O_CLOEXEC);
	for (i = 0; i < sizeof(walks) / sizeof(walks[0]); i++)
		result(walk(&walks[i]), walks[i].name);
	printf("1..%d\n", number);
	return failures != 0;
}
