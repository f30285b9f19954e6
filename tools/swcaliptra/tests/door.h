/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * What the tests of the doors share. Door, device and client are in one thread:
 * whatever a client does, settle() lets the door do all it has to do because of
 * it, so that what has not happened then will not happen any more.
 */
#ifndef SWCALIPTRA_TESTS_DOOR_H
#define SWCALIPTRA_TESTS_DOOR_H

#include "process.h"

#include <fcntl.h>
#include <sys/eventfd.h>
#include <sys/socket.h>

#include "command_socket.h"
#include "loop.h"
#include "unix_socket.h"

static struct device dev;
static unsigned int descriptors_before;

/* swcaliptra runs as a program of its own, and not in this thread. */
static bool outside;
static int outside_output;

static inline void ask_fault(const char *request)
{
	assert_null(fault_set(&dev, request));
}

/* What the program does after every event. */
static inline void run_device(void *unused)
{
	(void)unused;
	do
		device_run(&dev);
	while (!command_socket_run());
}

static inline void count_call(void *context)
{
	(*(unsigned int *)context)++;
}

/*
 * A descriptor of our own is always ready. The loop takes what is ready in turn,
 * so that nothing else is once it takes ours again and again.
 */
static inline void settle(void)
{
	unsigned int calls = 0;
	struct loop_fd watch = {
		.fd = eventfd(1, EFD_CLOEXEC),
		.ready = count_call,
		.context = &calls,
	};
	unsigned int in_a_row = 0;
	unsigned int rounds;

	assert_int_equal(loop_add(&watch), 0);
	for (rounds = 0; rounds < 200000 && in_a_row < 3; rounds++) {
		unsigned int before = calls;

		assert_int_equal(loop_run(0), 0);
		run_device(NULL);
		in_a_row = calls != before ? in_a_row + 1 : 0;
	}
	loop_remove(&watch);
	close(watch.fd);
	expect(in_a_row == 3, "the door does not come to rest");
}

/* Go on until @fd can be read; for what takes real time. */
static inline void settle_until_readable(int fd)
{
	struct pollfd p = { .fd = fd, .events = POLLIN };
	uint64_t end = device_now_ns() + PATIENCE_MS * UINT64_C(1000000);

	do {
		if (outside) {
			wait_until_ready(fd, POLLIN);
			return;
		}
		settle();
		if (poll(&p, 1, 1) == 1)
			return;
	} while (device_now_ns() < end);
	fail_msg("nothing happened for %d ms", PATIENCE_MS);
}

/* Wait for more of an answer, until there is none to wait for. */
static inline void await(int fd)
{
	if (outside)
		wait_until_ready(fd, POLLIN);
	else
		settle();
}

static inline int connect_to(const char *path)
{
	int fd = unix_socket_connect(path);

	if (fd < 0)
		fail_msg("can not connect to %s: %s", path, strerror(errno));
	return fd;
}

/* Send as much as the socket takes. */
static inline size_t send_some(int fd, const void *data, size_t len)
{
	ssize_t n = send(fd, data, len, MSG_NOSIGNAL | MSG_DONTWAIT);

	if (n < 0 && errno != EAGAIN)
		fail_msg("can not send: %s", strerror(errno));
	return n < 0 ? 0 : (size_t)n;
}

/* Send it all, to a door that takes it. */
static inline void send_all(int fd, const void *data, size_t len)
{
	const uint8_t *p = data;
	size_t n;

	while (len) {
		n = send_some(fd, p, len);
		if (!n && outside) {
			wait_until_ready(fd, POLLOUT);
		} else if (!n) {
			settle();
			n = send_some(fd, p, len);
			expect(n, "the door takes no more");
		}
		p += n;
		len -= n;
	}
}

/* Up to @size bytes; fewer where no more come. */
static inline size_t receive(int fd, void *data, size_t size)
{
	uint8_t *p = data;
	size_t len = 0;
	ssize_t n = 0;

	while (len < size) {
		await(fd);
		n = recv(fd, p + len, size - len, MSG_DONTWAIT);
		if (n <= 0)
			break;
		len += (size_t)n;
	}
	return len;
}

static inline void expect_silence(int fd)
{
	char byte;

	settle();
	assert_int_equal(recv(fd, &byte, 1, MSG_DONTWAIT), -1);
	assert_int_equal(errno, EAGAIN);
}

/* The door has hung up, and has sent nothing more. Ours is closed, too. */
static inline void expect_hang_up(int fd)
{
	char byte;
	ssize_t n;

	settle();
	n = recv(fd, &byte, 1, MSG_DONTWAIT);
	expect(!n || (n < 0 && errno == ECONNRESET),
	       "the connection is still there");
	close(fd);
}

/* Say no more, and see whether anything is still said. */
static inline void hang_up_and_settle(int fd)
{
	close(fd);
	settle();
}

static inline void start_configured(struct device_config *config,
				    enum soc_boot_hold hold)
{
	descriptors_before = open_descriptors();
	config->hold_firmware = hold == SOC_BOOT_HOLD_FIRMWARE;
	test_boot(&dev, config, 0, hold);
	listen_to_stderr();
}

/* Before each test: a device that has booted as far as @hold. */
static inline void start_device(enum soc_boot_hold hold)
{
	struct device_config config = test_config();

	start_configured(&config, hold);
}

/* The same in a subsystem, its MCI's mailboxes cleared. */
static inline void start_subsystem(void)
{
	struct device_config config = test_config();

	config.subsystem = true;
	start_configured(&config, SOC_BOOT_HOLD_NONE);
	test_clear_mcu_mboxes(&dev);
}

/* After each test: nobody is connected, and no descriptor was forgotten. */
static inline void stop_device(void)
{
	settle();
	stop_listening();
	device_release(&dev);
	assert_int_equal(open_descriptors(), descriptors_before);
}

/* Numbers that look random and are always the same. */
static inline uint32_t next_random(uint32_t *seed)
{
	*seed = *seed * 1664525u + 1013904223u;
	return *seed >> 8;
}

static inline void fill_random(uint32_t *seed, void *bytes, size_t len)
{
	uint8_t *p = bytes;

	while (len--)
		*p++ = (uint8_t)next_random(seed);
}

/* Start the program with a door at @path, and wait until it is open. */
static inline pid_t start_outside(const char *const *words, const char *path)
{
	pid_t pid = start_program(words, &outside_output);
	int waited_ms = 0;
	int fd;

	while ((fd = unix_socket_connect(path)) < 0 &&
	       waited_ms++ < PATIENCE_MS && !waitpid(pid, NULL, WNOHANG))
		usleep(1000);
	expect(fd >= 0, "the program does not open %s", path);
	close(fd);
	outside = true;
	return pid;
}

/* Stop the program; it ends well and removes its sockets. */
static inline void stop_outside(pid_t pid, const char *path)
{
	outside = false;
	kill(pid, SIGTERM);
	assert_int_equal(end_of(pid), 0);
	close(outside_output);
	assert_int_equal(access(path, F_OK), -1);
}

#endif
