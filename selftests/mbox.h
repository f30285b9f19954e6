/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * What the tests of /dev/caliptra-mbox0 share: messages, and a line to the
 * software Caliptra itself (CALIPTRA_CTL names it), by which it misbehaves when
 * asked to.
 */
#ifndef SELFTESTS_MBOX_H
#define SELFTESTS_MBOX_H

#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <time.h>
#include <unistd.h>

#include <linux/caliptra.h>

#include "caliptra-regs.h"

#define DEVICE "/dev/caliptra-mbox0"

#define CMD_VERSION		 0x46505652u
#define CMD_GET_IDEV_ECC384_CERT 0x49444543u
#define CMD_GET_LDEV_ECC384_CERT 0x4c444556u
#define CMD_EXTEND_PCR		 0x50435245u
#define CMD_QUOTE_PCRS_ECC384	 0x50435251u

#define VERSION_RSP_LEN	   36
#define QUOTE_RSP_LEN	   1848
#define QUOTE_PCRS_OFFSET  8
#define QUOTE_NONCE_OFFSET (QUOTE_PCRS_OFFSET + 32 * 48)

#define RUNTIME_UNIMPLEMENTED_COMMAND  0x000e0002u
#define RUNTIME_INSUFFICIENT_MEMORY    0x000e0003u
#define RUNTIME_INVALID_CHECKSUM       0x000e0005u
#define RUNTIME_MAILBOX_INVALID_PARAMS 0x000e0009u

#define STATUS_DATA_READY  1u
#define STATUS_CMD_FAILURE 3u

static inline uint32_t get_le32(const uint8_t *p)
{
	return p[0] | p[1] << 8 | p[2] << 16 | (uint32_t)p[3] << 24;
}

static inline void put_le32(uint8_t *p, uint32_t v)
{
	p[0] = v;
	p[1] = v >> 8;
	p[2] = v >> 16;
	p[3] = v >> 24;
}

static inline uint32_t checksum(uint32_t code, const uint8_t *body, size_t len)
{
	uint32_t sum = 0;

	for (; code; code >>= 8)
		sum += code & 0xff;
	while (len--)
		sum += *body++;
	return -sum;
}

static inline int is_1x(const struct caliptra_info *info)
{
	return CPTRA_HW_REV_ID_MAJOR(info->hw_rev_id) < 2;
}

/* Longest request that runtime firmware reads: 1.x copies it first. */
static inline uint32_t longest_request(const struct caliptra_info *info)
{
	return is_1x(info) ? 4 * 3586 : info->mbox_size;
}

/* Put the checksum in front of a request whose body is there already. */
static inline void seal(uint32_t code, uint8_t *req, size_t len)
{
	put_le32(req, checksum(code, req + 4, len - 4));
}

static inline int response_good(const uint8_t *rsp, size_t len)
{
	return len >= 8 && get_le32(rsp) == checksum(0, rsp + 4, len - 4);
}

static inline uint64_t pointer(const void *p)
{
	return (uintptr_t)p;
}

/* Run a command; 0 or errno. */
static inline int run(int fd, struct caliptra_cmd *c)
{
	return ioctl(fd, CALIPTRA_IOC_COMMAND, c) ? errno : 0;
}

static inline int fetch(int fd, struct caliptra_cmd *c)
{
	return ioctl(fd, CALIPTRA_IOC_RESPONSE, c) ? errno : 0;
}

/* VERSION, which has no body; @req has 4 bytes, @rsp VERSION_RSP_LEN. */
static inline struct caliptra_cmd version_cmd(uint8_t *req, uint8_t *rsp)
{
	seal(CMD_VERSION, req, 4);
	return (struct caliptra_cmd){
		.cmd = CMD_VERSION,
		.req = pointer(req),
		.req_len = 4,
		.rsp = pointer(rsp),
		.rsp_room = VERSION_RSP_LEN,
	};
}

/* Does VERSION work? 0 or errno; EBADMSG where the answer is not one. */
static inline int try_version(int fd)
{
	uint8_t req[4], rsp[VERSION_RSP_LEN];
	struct caliptra_cmd c = version_cmd(req, rsp);
	int error = run(fd, &c);

	if (error)
		return error;
	return c.rsp_len == VERSION_RSP_LEN && response_good(rsp, c.rsp_len) ?
		       0 :
		       EBADMSG;
}

/* A quote with a nonce; 0 or errno. */
static inline int quote(int fd, const uint8_t nonce[32],
			uint8_t rsp[QUOTE_RSP_LEN])
{
	uint8_t req[36];
	struct caliptra_cmd c = {
		.cmd = CMD_QUOTE_PCRS_ECC384,
		.req = pointer(req),
		.req_len = sizeof(req),
		.rsp = pointer(rsp),
		.rsp_room = QUOTE_RSP_LEN,
	};

	memcpy(req + 4, nonce, 32);
	seal(c.cmd, req, sizeof(req));
	return run(fd, &c);
}

static inline int64_t now_ms(void)
{
	struct timespec t;

	clock_gettime(CLOCK_MONOTONIC, &t);
	return (int64_t)t.tv_sec * 1000 + t.tv_nsec / 1000000;
}

/*
 * The same by the kernel's ticks, which the driver counts: where the machine's processors
 * have to wait, they come late and more than one at a time.
 */
static inline int64_t tick_ms(void)
{
	struct timespec t;

	clock_gettime(CLOCK_MONOTONIC_COARSE, &t);
	return (int64_t)t.tv_sec * 1000 + t.tv_nsec / 1000000;
}

/*
 * The least time that a call with a timeout takes: the ticks of a busy emulated
 * machine come late, and then several at once.
 */
static inline int64_t at_least(int64_t ms)
{
	return ms * 2 / 3;
}

/*
 * Ask the software Caliptra; 0 and its answer without "ok", or -1 and all of it, which
 * is nothing where the line is dead. There is one line, so one process asks at a time.
 */
static inline int ctl_try(const char *request, char *answer, size_t size)
{
	const char *path = getenv("CALIPTRA_CTL");
	int fd = path ? open(path, O_RDWR | O_NOCTTY) : -1;
	struct pollfd line = { fd, POLLIN };
	size_t len = 0;

	answer[0] = '\0';
	if (fd < 0)
		return -1;
	if (dprintf(fd, "%s\n", request) > 0)
		while (len < size - 1 && poll(&line, 1, 60000) == 1 &&
		       read(fd, answer + len, 1) == 1 && answer[len] != '\n')
			len++;
	close(fd);
	answer[len] = '\0';
	if (strncmp(answer, "ok", 2))
		return -1;
	memmove(answer, answer + 2, len - 1);
	return 0;
}

/* The same, and say so where it refuses. */
static inline int ctl_answer(const char *request, char *answer, size_t size)
{
	int ret = ctl_try(request, answer, size);

	if (ret)
		fprintf(stderr, "# ctl %s: %s\n", request, answer);
	return ret;
}

static inline int ctl(const char *request)
{
	char answer[128];

	return ctl_answer(request, answer, sizeof(answer));
}

#endif
