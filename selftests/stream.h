/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * What the tests of write(), read() and poll() share.
 */
#ifndef SELFTESTS_STREAM_H
#define SELFTESTS_STREAM_H

#include <poll.h>
#include <stdbool.h>

#include "mbox.h"

#define HEAD sizeof(struct caliptra_msg)

/* write() of a command: 0 or errno; EMSGSIZE where less was taken than there was. */
static inline int post(int fd, uint32_t cmd, uint32_t timeout_ms,
		       const void *req, size_t len)
{
	struct caliptra_request r = { .cmd = cmd, .timeout_ms = timeout_ms };
	uint8_t *bytes = malloc(sizeof(r) + len);
	int error = 0;
	ssize_t n;

	memcpy(bytes, &r, sizeof(r));
	if (len)
		memcpy(bytes + sizeof(r), req, len);
	n = write(fd, bytes, sizeof(r) + len);
	if (n < 0)
		error = errno;
	else if ((size_t)n != sizeof(r) + len)
		error = EMSGSIZE;
	free(bytes);
	return error;
}

static inline int post_version(int fd, uint32_t timeout_ms)
{
	uint8_t req[4];

	seal(CMD_VERSION, req, 4);
	return post(fd, CMD_VERSION, timeout_ms, req, sizeof(req));
}

static inline int post_quote(int fd, const uint8_t nonce[32])
{
	uint8_t req[36];

	memcpy(req + 4, nonce, 32);
	seal(CMD_QUOTE_PCRS_ECC384, req, sizeof(req));
	return post(fd, CMD_QUOTE_PCRS_ECC384, 0, req, sizeof(req));
}

/*
 * read() of a whole response or message: 0 or errno; EBADMSG where it has another
 * length than it says.
 */
static inline int take(int fd, struct caliptra_msg *head, void *data,
		       size_t size)
{
	uint8_t *bytes = malloc(HEAD + size);
	ssize_t n = read(fd, bytes, HEAD + size);
	int error = n < 0 ? errno : 0;

	if (!error && ((size_t)n < HEAD ||
		       (memcpy(head, bytes, HEAD), head->len != n - HEAD)))
		error = EBADMSG;
	if (!error && head->len)
		memcpy(data, bytes + HEAD, head->len);
	free(bytes);
	return error;
}

/* What poll() says after at most so many milliseconds. */
static inline int poll_for(int fd, int timeout_ms)
{
	struct pollfd p = { .fd = fd, .events = POLLIN | POLLOUT };

	return poll(&p, 1, timeout_ms) < 0 ? -1 : p.revents;
}

/* Wait for something to read. */
static inline bool readable(int fd)
{
	struct pollfd p = { .fd = fd, .events = POLLIN };

	return poll(&p, 1, 20000) == 1 && p.revents & POLLIN;
}

static inline int available(int fd)
{
	int n = -1;

	return ioctl(fd, FIONREAD, &n) ? -errno : n;
}

/* VERSION by write() and read(): 0, an errno, or caliptra_msg.error. */
static inline int stream_version(int fd)
{
	uint8_t rsp[VERSION_RSP_LEN];
	struct caliptra_msg head;
	int error = post_version(fd, 0);

	if (!error && !readable(fd))
		error = ETIME;
	if (!error)
		error = take(fd, &head, rsp, sizeof(rsp));
	if (error || head.error)
		return error ? error : head.error;
	return head.len == sizeof(rsp) && response_good(rsp, sizeof(rsp)) ?
		       0 :
		       EBADMSG;
}

#endif
