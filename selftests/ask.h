/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Commands whose answers tell what was asked, so that one that is somebody else's
 * is seen: sent by ioctl(), or by write(), poll() and read().
 */
#ifndef SELFTESTS_ASK_H
#define SELFTESTS_ASK_H

#include <poll.h>
#include <stdbool.h>

#include "mbox.h"

#define CMD_CM_RANDOM_GENERATE 0x434d5247u

/* Longest request and response that are asked for here, with a head. */
#define ASK_MAX 4200

/* Bytes of CM_RANDOM_GENERATE's request, and of its response without data. */
#define RANDOM_REQ_LEN 8
#define RANDOM_HEAD    12

/* Bytes before the data of GET_IDEV_ECC384_CERT's request and response. */
#define IDEV_REQ_HEAD 104
#define IDEV_RSP_HEAD 12
#define IDEV_SIZE     4
#define IDEV_R_END    56
#define IDEV_S_END    104
#define ECHO_LEN      16

/**
 * struct question - a command, and what its answer has to be
 * @cmd: its code
 * @req: request, with room for a head in front of it
 * @req_len: length of the request
 * @rsp: response, likewise
 * @rsp_len: length of the response
 * @timeout_ms: as in struct caliptra_cmd
 * @error: 0 or errno
 * @cause: as in struct caliptra_cmd
 * @fw_error: likewise
 * @sent: the device has had it
 */
struct question {
	uint32_t cmd;
	uint8_t req[sizeof(struct caliptra_request) + ASK_MAX];
	uint32_t req_len;
	uint8_t rsp[sizeof(struct caliptra_msg) + ASK_MAX];
	uint32_t rsp_len;
	uint32_t timeout_ms;
	int error;
	uint32_t cause;
	uint32_t fw_error;
	bool sent;
};

static inline uint8_t *request_of(struct question *q)
{
	return q->req + sizeof(struct caliptra_request);
}

static inline uint8_t *response_of(struct question *q)
{
	return q->rsp + sizeof(struct caliptra_msg);
}

/* A certificate is made of what the request says is in it, @who and @number here. */
static inline void prepare_echo(struct question *q, uint32_t who,
				uint32_t number)
{
	uint8_t *req = request_of(q);

	q->cmd = CMD_GET_IDEV_ECC384_CERT;
	q->req_len = IDEV_REQ_HEAD + ECHO_LEN;
	memset(req, 0, q->req_len);
	put_le32(req + IDEV_SIZE, ECHO_LEN);
	req[IDEV_R_END - 1] = 1;
	req[IDEV_S_END - 1] = 1;
	put_le32(req + IDEV_REQ_HEAD, who);
	put_le32(req + IDEV_REQ_HEAD + 4, number);
	put_le32(req + IDEV_REQ_HEAD + 8, ~who);
	put_le32(req + IDEV_REQ_HEAD + 12, ~number);
	seal(q->cmd, req, q->req_len);
}

/* Nobody else asks for as many bytes at the same time, if they choose well. */
static inline void prepare_random(struct question *q, uint32_t size)
{
	uint8_t *req = request_of(q);

	q->cmd = CMD_CM_RANDOM_GENERATE;
	q->req_len = RANDOM_REQ_LEN;
	put_le32(req + 4, size);
	seal(q->cmd, req, q->req_len);
}

/* VERSION, with a body of any length that is ignored. */
static inline void prepare_version(struct question *q, uint32_t body)
{
	q->cmd = CMD_VERSION;
	q->req_len = 4 + body;
	memset(request_of(q), (int)body, q->req_len);
	seal(q->cmd, request_of(q), q->req_len);
}

static inline void prepare_quote(struct question *q, uint32_t who,
				 uint32_t number)
{
	uint8_t *req = request_of(q);

	q->cmd = CMD_QUOTE_PCRS_ECC384;
	q->req_len = 36;
	memset(req, 0x5a, q->req_len);
	put_le32(req + 4, who);
	put_le32(req + 8, number);
	seal(q->cmd, req, q->req_len);
}

/* The firmware has no such command, and says so. */
static inline void prepare_unknown(struct question *q, uint32_t code)
{
	q->cmd = code;
	q->req_len = 4;
	seal(q->cmd, request_of(q), q->req_len);
}

static inline void ask_by_ioctl(int fd, struct question *q)
{
	struct caliptra_cmd c = {
		.cmd = q->cmd,
		.req = pointer(request_of(q)),
		.req_len = q->req_len,
		.rsp = pointer(response_of(q)),
		.rsp_room = ASK_MAX,
		.timeout_ms = q->timeout_ms,
	};

	q->error = run(fd, &c);
	q->sent = c.out_flags & CALIPTRA_CMD_SENT;
	q->cause = c.cause;
	q->fw_error = c.fw_error;
	q->rsp_len = q->error ? 0 : c.rsp_len;
}

/* errno where write() or read() itself does not work: that has no excuse. */
static inline int ask_by_stream(int fd, struct question *q)
{
	struct caliptra_request *r = (void *)q->req;
	struct caliptra_msg *m = (void *)q->rsp;
	struct pollfd p = { .fd = fd, .events = POLLIN };
	ssize_t n = sizeof(*r) + q->req_len;

	*r = (struct caliptra_request){ .cmd = q->cmd,
					.timeout_ms = q->timeout_ms };
	if (write(fd, q->req, n) != n)
		return errno;
	if (poll(&p, 1, 60000) != 1)
		return ETIME;
	n = read(fd, q->rsp, sizeof(q->rsp));
	if (n < 0)
		return errno;
	if (n < (ssize_t)sizeof(*m) || n != (ssize_t)(sizeof(*m) + m->len) ||
	    m->type != CALIPTRA_MSG_RESPONSE || m->cmd != q->cmd)
		return EBADMSG;
	q->error = m->error;
	q->sent = m->flags & CALIPTRA_CMD_SENT;
	q->cause = m->cause;
	q->fw_error = m->fw_error;
	q->rsp_len = m->len;
	return 0;
}

static inline bool good_echo(struct question *q)
{
	const uint8_t *rsp = response_of(q), *der = rsp + IDEV_RSP_HEAD;

	return q->rsp_len > IDEV_RSP_HEAD + 2 + ECHO_LEN &&
	       get_le32(rsp + 8) == q->rsp_len - IDEV_RSP_HEAD &&
	       der[0] == 0x30 && der[1] + 2u == get_le32(rsp + 8) &&
	       !memcmp(der + 2, request_of(q) + IDEV_REQ_HEAD, ECHO_LEN);
}

static inline bool good_random(struct question *q)
{
	uint32_t size = get_le32(request_of(q) + 4);

	return q->rsp_len == RANDOM_HEAD + size &&
	       get_le32(response_of(q) + 8) == size;
}

/* Is what came what was asked for? Only where it has come. */
static inline bool answers(struct question *q)
{
	const uint8_t *rsp = response_of(q);

	if (q->error == EREMOTEIO)
		return q->fw_error == RUNTIME_UNIMPLEMENTED_COMMAND &&
		       q->cmd != CMD_VERSION && q->cmd != CMD_QUOTE_PCRS_ECC384;
	if (!response_good(rsp, q->rsp_len))
		return false;
	switch (q->cmd) {
	case CMD_GET_IDEV_ECC384_CERT:
		return good_echo(q);
	case CMD_CM_RANDOM_GENERATE:
		return good_random(q);
	case CMD_VERSION:
		return q->rsp_len == VERSION_RSP_LEN &&
		       !memcmp(rsp + 24, "Caliptra RTM", 12);
	case CMD_QUOTE_PCRS_ECC384:
		return q->rsp_len == QUOTE_RSP_LEN &&
		       !memcmp(rsp + QUOTE_NONCE_OFFSET, request_of(q) + 4, 32);
	}
	return false;
}

#endif
