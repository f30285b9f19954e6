// SPDX-License-Identifier: LGPL-2.1-or-later
/*
 * The transport over a unix socket. See peer.h for what travels.
 *
 * A peer has one command at a time: an answer that is late is waited for, and
 * dropped, before the next command is sent. Whatever does not follow the protocol
 * ends the connection: nobody could tell where the next message begins.
 */
#include <errno.h>
#include <fcntl.h>
#include <inttypes.h>
#include <limits.h>
#include <poll.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/time.h>
#include <sys/uio.h>
#include <sys/un.h>
#include <time.h>
#include <unistd.h>

#include "peer.h"
#include "transport.h"
#include "wire.h"

/* How long a peer may take to accept a connection. */
#define CONNECT_TIMEOUT_S 1

/* How long a peer may take to say whether it knows our commands. */
#define HELLO_TIMEOUT_MS 1000

enum mbox_status {
	DATA_READY = 1,
	CMD_COMPLETE,
	CMD_FAILURE
};

/* CPTRA_FLOW_STATUS */
#define READY_FOR_RUNTIME	(1u << 29)
#define READY_FOR_MB_PROCESSING (1u << 28)
#define READY_FOR_FUSES		(1u << 30)

/* FW_FLOW_STATUS of an MCI */
#define ROM_STARTED	       (1u << 16)
#define FIRMWARE_MAILBOX_READY (1u << 25)

/**
 * struct unix_socket - a transport over a socket
 * @base: what all transports have
 * @fd: the connection, or -1
 * @tagged: the peer knows our commands
 * @mbox_size: what it said: size of its mailbox in bytes
 * @flow_status: FLOW_STATUS when the session connected
 * @fw_error_fatal: FW_ERROR_FATAL then
 * @hw_rev_id: HW_REV_ID
 * @user: AXI user that commands come from
 * @seq: sequence number of the last command
 * @due: its answer is still to come
 * @timeout_ms: how long the present call may take
 * @deadline: when that is over
 * @addr: where the peer is
 */
struct unix_socket {
	CaliptraTransport base;
	int fd;
	bool tagged;
	uint32_t mbox_size;
	uint32_t flow_status;
	uint32_t fw_error_fatal;
	uint32_t hw_rev_id;
	uint32_t user;
	uint32_t seq;
	bool due;
	uint32_t timeout_ms;
	int64_t deadline;
	struct sockaddr_un addr;
};

static struct unix_socket *unix_socket(CaliptraTransport *t)
{
	return (struct unix_socket *)t;
}

static int64_t now_ms(void)
{
	struct timespec t;

	clock_gettime(CLOCK_MONOTONIC, &t);
	return (int64_t)t.tv_sec * 1000 + t.tv_nsec / 1000000;
}

static void set_deadline(struct unix_socket *u, uint32_t timeout_ms)
{
	u->timeout_ms = timeout_ms;
	u->deadline = now_ms() + timeout_ms;
}

static void hang_up(struct unix_socket *u)
{
	if (u->fd >= 0)
		close(u->fd);
	u->fd = -1;
}

static CaliptraError io_failure(struct unix_socket *u, int error, bool sent,
				struct failure *why)
{
	switch (error) {
	case ETIMEDOUT:
		return fail(
			why, CALIPTRA_ERROR_TIMEOUT,
			"no answer within %" PRIu32 " ms%s", u->timeout_ms,
			sent ? "; the command may still be executed" :
			       " to an earlier command; this one was not sent");
	case EINTR:
		return fail(why, CALIPTRA_ERROR_IO,
			    "a signal interrupted the command%s",
			    sent ? ", which may still be executed" :
				   " before it was sent");
	default:
		return fail(why, CALIPTRA_ERROR_IO,
			    "the connection to %s broke: %s", u->addr.sun_path,
			    strerror(error));
	}
}

/* True where the socket is ready; else errno says why not. */
static bool ready(struct unix_socket *u, short events)
{
	struct pollfd p = { .fd = u->fd, .events = events };
	int64_t left;
	int n;

	do {
		left = u->deadline - now_ms();
		left = left < 0 ? 0 : left > INT_MAX ? INT_MAX : left;
		n = poll(&p, 1, (int)left);
	} while (!n && left);
	if (!n)
		errno = ETIMEDOUT;
	return n > 0;
}

/* Send it all; true or errno. */
static bool send_all(struct unix_socket *u, struct iovec *iov, size_t count)
{
	struct msghdr msg = { .msg_iov = iov, .msg_iovlen = count };

	while (msg.msg_iovlen) {
		ssize_t n = sendmsg(u->fd, &msg, MSG_NOSIGNAL);

		if (n < 0 && errno == EAGAIN) {
			if (!ready(u, POLLOUT))
				return false;
			continue;
		}
		if (n < 0)
			return false;
		while (msg.msg_iovlen && (size_t)n >= msg.msg_iov->iov_len) {
			n -= (ssize_t)msg.msg_iov->iov_len;
			msg.msg_iov++;
			msg.msg_iovlen--;
		}
		if (msg.msg_iovlen) {
			msg.msg_iov->iov_base =
				(uint8_t *)msg.msg_iov->iov_base + n;
			msg.msg_iov->iov_len -= (size_t)n;
		}
	}
	return true;
}

/* Receive @len bytes, *@have of which are there; true or errno. */
static bool recv_all(struct unix_socket *u, uint8_t *data, size_t len,
		     size_t *have)
{
	while (*have < len) {
		ssize_t n = recv(u->fd, data + *have, len - *have, 0);

		if (n < 0 && errno == EAGAIN) {
			if (!ready(u, POLLIN))
				return false;
			continue;
		}
		if (!n)
			errno = ECONNRESET;
		if (n <= 0)
			return false;
		*have += (size_t)n;
	}
	return true;
}

static void put_header(uint8_t *header, uint16_t command, size_t payload)
{
	wire_put_le32(header, PEER_MAGIC);
	wire_put_le32(header + 4, PEER_VERSION | (uint32_t)command << 16);
	wire_put_le32(header + 8, (uint32_t)payload);
}

static CaliptraError check_header(const uint8_t *header, uint16_t command,
				  struct failure *why)
{
	uint32_t magic = wire_get_le32(header);
	uint32_t what = wire_get_le32(header + 4);

	if (magic != PEER_MAGIC)
		return fail(why, CALIPTRA_ERROR_PROTOCOL,
			    "the peer's message begins with 0x%08" PRIx32
			    " and not with 0x%08x",
			    magic, PEER_MAGIC);
	if (what != (PEER_VERSION | (uint32_t)command << 16))
		return fail(why, CALIPTRA_ERROR_PROTOCOL,
			    "the peer sent message %" PRIu32
			    " of protocol version %" PRIu32
			    ", where message %d of version %d is due",
			    what >> 16, what & 0xffff, command, PEER_VERSION);
	return CALIPTRA_SUCCESS;
}

/* Where many connect at once, the peer has to be waited for already here. */
static CaliptraError open_socket(struct unix_socket *u, struct failure *why)
{
	static const struct timeval limit = { .tv_sec = CONNECT_TIMEOUT_S };
	CaliptraError error;

	u->due = false;
	u->fd = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0);
	if (u->fd >= 0 &&
	    !setsockopt(u->fd, SOL_SOCKET, SO_SNDTIMEO, &limit,
			sizeof(limit)) &&
	    !connect(u->fd, (struct sockaddr *)&u->addr, sizeof(u->addr)) &&
	    !fcntl(u->fd, F_SETFL, O_NONBLOCK))
		return CALIPTRA_SUCCESS;
	error = fail(
		why,
		errno == EINTR ? CALIPTRA_ERROR_IO : CALIPTRA_ERROR_TRANSPORT,
		"can not connect to %s: %s", u->addr.sun_path, strerror(errno));
	hang_up(u);
	return error;
}

/* Ask for our commands; true where the peer answered. */
static bool say_hello(struct unix_socket *u,
		      uint8_t reply[PEER_HEADER_SIZE + PEER_HELLO_REPLY_SIZE])
{
	uint8_t hello[PEER_HEADER_SIZE + PEER_HELLO_SIZE];
	struct iovec iov = { hello, sizeof(hello) };
	size_t have = 0;

	put_header(hello, PEER_HELLO, PEER_HELLO_SIZE);
	wire_put_le32(hello + PEER_HEADER_SIZE, PEER_EXTENSION);
	set_deadline(u, HELLO_TIMEOUT_MS);
	return send_all(u, &iov, 1) &&
	       recv_all(u, reply, PEER_HEADER_SIZE + PEER_HELLO_REPLY_SIZE,
			&have);
}

static CaliptraError read_hello(struct unix_socket *u, const uint8_t *reply,
				struct failure *why)
{
	CaliptraError error = check_header(reply, PEER_HELLO_REPLY, why);
	uint32_t payload = wire_get_le32(reply + 8);
	uint32_t mailbox;

	if (error)
		return error;
	if (payload != PEER_HELLO_REPLY_SIZE)
		return fail(why, CALIPTRA_ERROR_PROTOCOL,
			    "the peer's greeting has %" PRIu32
			    " bytes and not %d",
			    payload, PEER_HELLO_REPLY_SIZE);
	reply += PEER_HEADER_SIZE;
	if (wire_get_le32(reply) != PEER_EXTENSION)
		return fail(why, CALIPTRA_ERROR_PROTOCOL,
			    "the peer has version %" PRIu32
			    " of our commands, and this library %d",
			    wire_get_le32(reply), PEER_EXTENSION);
	u->mbox_size = wire_get_le32(reply + 4);
	u->flow_status = wire_get_le32(reply + 8);
	u->fw_error_fatal = wire_get_le32(reply + 12);
	u->hw_rev_id = wire_get_le32(reply + 16);
	u->user = wire_get_le32(reply + 20);
	mailbox = wire_get_le32(reply + 24);
	if (mailbox == PEER_MAILBOX_SOC)
		u->base.mailbox = CALIPTRA_DEVICE_MAILBOX_SOC;
	else if (mailbox == PEER_MAILBOX_MCI)
		u->base.mailbox = CALIPTRA_DEVICE_MAILBOX_MCI;
	if (u->mbox_size > PEER_MAX_DATA)
		return fail(why, CALIPTRA_ERROR_PROTOCOL,
			    "the peer says that its mailbox has %" PRIu32
			    " bytes; none has more than %u",
			    u->mbox_size, PEER_MAX_DATA);
	u->tagged = true;
	return CALIPTRA_SUCCESS;
}

static CaliptraError unix_socket_connect(CaliptraTransport *t,
					 struct failure *why)
{
	uint8_t reply[PEER_HEADER_SIZE + PEER_HELLO_REPLY_SIZE];
	struct unix_socket *u = unix_socket(t);
	CaliptraError error = open_socket(u, why);

	if (error)
		return error;
	u->tagged = false;
	t->mailbox = CALIPTRA_DEVICE_MAILBOX_UNKNOWN;
	u->mbox_size = PEER_MAX_DATA;
	if (say_hello(u, reply)) {
		error = read_hello(u, reply, why);
		if (error)
			hang_up(u);
		return error;
	}
	if (errno == EINTR) {
		hang_up(u);
		return fail(why, CALIPTRA_ERROR_IO,
			    "a signal interrupted the connection");
	}
	/* a peer that has QEMU's commands alone, confused by ours */
	hang_up(u);
	return open_socket(u, why);
}

static CaliptraError unix_socket_disconnect(CaliptraTransport *t,
					    struct failure *why)
{
	(void)why;
	hang_up(unix_socket(t));
	return CALIPTRA_SUCCESS;
}

static bool unix_socket_is_connected(CaliptraTransport *t)
{
	return unix_socket(t)->fd >= 0;
}

static CaliptraError send_command(struct unix_socket *u,
				  const struct exchange *x, struct failure *why)
{
	static const uint8_t zeros[4];
	uint8_t head[PEER_HEADER_SIZE + PEER_EXECUTE_TAGGED_FIXED];
	struct wire_writer w = wire_writer(head, sizeof(head));
	size_t fixed = u->tagged ? PEER_EXECUTE_TAGGED_FIXED :
				   PEER_EXECUTE_FIXED;
	size_t len = x->req_len;
	CaliptraError error;
	struct iovec iov[] = {
		{ head, PEER_HEADER_SIZE + fixed },
		{ (void *)(uintptr_t)x->req, len },
		{ (void *)(uintptr_t)zeros, PEER_PADDED(len) - len },
	};

	put_header(wire_reserve(&w, PEER_HEADER_SIZE),
		   u->tagged ? PEER_EXECUTE_TAGGED : PEER_EXECUTE,
		   fixed + PEER_PADDED(len));
	if (u->tagged) {
		wire_put_u32(&w, ++u->seq);
		wire_put_u32(&w, u->user);
		/* the rest is for the command itself */
		wire_put_u32(&w, u->timeout_ms - u->timeout_ms / 8);
	}
	wire_put_u32(&w, x->code);
	wire_put_u32(&w, (uint32_t)len);
	if (send_all(u, iov, 3)) {
		u->due = true;
		return CALIPTRA_SUCCESS;
	}
	error = io_failure(u, errno, true, why);
	hang_up(u);
	return error;
}

/**
 * struct answer - the fixed part of an answer
 * @seq: sequence number; 0 where the peer has none
 * @status: MBOX_STATUS.status
 * @fw_error: CPTRA_FW_ERROR_NON_FATAL, where the peer tells
 * @dlen: length of the response in bytes
 */
struct answer {
	uint32_t seq;
	uint32_t status;
	uint32_t fw_error;
	uint32_t dlen;
};

static CaliptraError check_answer(struct unix_socket *u, const uint8_t *head,
				  struct answer *a, struct failure *why)
{
	size_t fixed = u->tagged ? PEER_RESPONSE_TAGGED_FIXED :
				   PEER_RESPONSE_FIXED;
	struct wire_reader r = wire_reader(head + PEER_HEADER_SIZE, fixed);
	uint32_t payload = wire_get_le32(head + 8);
	CaliptraError error;

	error = check_header(
		head, u->tagged ? PEER_RESPONSE_TAGGED : PEER_RESPONSE, why);
	if (error)
		return error;
	if (u->tagged)
		a->seq = wire_get_u32(&r);
	a->status = wire_get_u32(&r);
	if (u->tagged)
		a->fw_error = wire_get_u32(&r);
	a->dlen = wire_get_u32(&r);
	if (a->dlen > u->mbox_size)
		return fail(why, CALIPTRA_ERROR_PROTOCOL,
			    "the device says that its response has %" PRIu32
			    " bytes, and its mailbox has %" PRIu32,
			    a->dlen, u->mbox_size);
	if (payload != fixed + PEER_PADDED(a->dlen))
		return fail(why, CALIPTRA_ERROR_PROTOCOL,
			    "the peer's message has %" PRIu32
			    " bytes, and a response of %" PRIu32
			    " in it makes %zu",
			    payload, a->dlen, fixed + PEER_PADDED(a->dlen));
	if (u->tagged && a->seq != u->seq)
		return fail(why, CALIPTRA_ERROR_PROTOCOL,
			    "the peer answers command %" PRIu32
			    ", where command %" PRIu32 " is due",
			    a->seq, u->seq);
	return CALIPTRA_SUCCESS;
}

/*
 * The answer to the last command, which is the present one if @sent. It is left
 * in the socket as long as nothing of it was read, and ends the connection where
 * it stops in the middle.
 */
static CaliptraError recv_answer(struct unix_socket *u, struct buffer *rsp,
				 struct answer *a, bool sent,
				 struct failure *why)
{
	uint8_t head[PEER_HEADER_SIZE + PEER_RESPONSE_TAGGED_FIXED];
	size_t head_len =
		PEER_HEADER_SIZE +
		(u->tagged ? PEER_RESPONSE_TAGGED_FIXED : PEER_RESPONSE_FIXED);
	CaliptraError error;
	size_t have = 0;
	int cause;

	if (!recv_all(u, head, head_len, &have)) {
		cause = errno;
		if (have || (cause != ETIMEDOUT && cause != EINTR))
			hang_up(u);
		return io_failure(u, cause, sent, why);
	}
	error = check_answer(u, head, a, why);
	if (!error)
		error = buffer_reserve(rsp, PEER_PADDED(a->dlen), why);
	have = 0;
	if (!error && !recv_all(u, rsp->data, PEER_PADDED(a->dlen), &have))
		error = io_failure(u, errno, sent, why);
	if (error)
		hang_up(u);
	else
		rsp->len = a->dlen;
	u->due = false;
	return error;
}

static CaliptraError check_status(const struct unix_socket *u,
				  const struct answer *a, struct failure *why)
{
	switch (a->status) {
	case PEER_REFUSED_NOT_READY:
		return fail(why, CALIPTRA_ERROR_STATE,
			    "no firmware runs that could answer");
	case PEER_REFUSED_LOCKED:
		return fail(why, CALIPTRA_ERROR_BUSY,
			    "somebody else keeps the mailbox locked");
	case PEER_REFUSED_USER:
		return fail(
			why, CALIPTRA_ERROR_STATE,
			"the SoC lets AXI user %" PRIu32
			" not reach the mailbox (CPTRA_MBOX_VALID_AXI_USER)",
			u->user);
	case DATA_READY:
	case CMD_COMPLETE: /* the MCU says so of every response */
		return CALIPTRA_SUCCESS;
	case CMD_FAILURE:
		return fw_failure(why, a->fw_error);
	default:
		return fail(why, CALIPTRA_ERROR_PROTOCOL,
			    "the device's status is %" PRIu32
			    ", which there is not",
			    a->status);
	}
}

static CaliptraError unix_socket_execute(CaliptraTransport *t,
					 struct exchange *x,
					 struct failure *why)
{
	struct unix_socket *u = unix_socket(t);
	struct answer a = { 0 };
	CaliptraError error;

	if (x->req_len > u->mbox_size)
		return fail(
			why, CALIPTRA_ERROR_INVALID_ARGUMENT,
			"the request has %zu bytes and the mailbox only %" PRIu32,
			x->req_len, u->mbox_size);
	set_deadline(u, x->timeout_ms);
	if (u->due) {
		error = recv_answer(u, x->rsp, &a, false, why);
		if (error)
			return error;
	}
	error = send_command(u, x, why);
	if (!error)
		error = recv_answer(u, x->rsp, &a, true, why);
	return error ? error : check_status(u, &a, why);
}

static enum caliptra_device_state device_state(uint32_t flow_status,
					       uint32_t fw_error_fatal)
{
	if (fw_error_fatal)
		return CALIPTRA_DEVICE_FATAL_ERROR;
	if (flow_status & READY_FOR_RUNTIME)
		return CALIPTRA_DEVICE_READY_FOR_RUNTIME;
	if (flow_status & READY_FOR_MB_PROCESSING)
		return CALIPTRA_DEVICE_READY_FOR_MB_PROCESSING;
	if (flow_status & READY_FOR_FUSES)
		return CALIPTRA_DEVICE_READY_FOR_FUSES;
	return CALIPTRA_DEVICE_RESET;
}

static enum caliptra_device_state mci_state(uint32_t fw_flow_status,
					    uint32_t fw_error_fatal)
{
	if (fw_error_fatal)
		return CALIPTRA_DEVICE_FATAL_ERROR;
	if (fw_flow_status & FIRMWARE_MAILBOX_READY)
		return CALIPTRA_DEVICE_READY_FOR_RUNTIME;
	if (fw_flow_status & ROM_STARTED)
		return CALIPTRA_DEVICE_READY_FOR_MB_PROCESSING;
	return CALIPTRA_DEVICE_RESET;
}

static CaliptraError unix_socket_info(CaliptraTransport *t,
				      struct caliptra_device_info *info,
				      struct failure *why)
{
	struct unix_socket *u = unix_socket(t);

	(void)why;
	*info = (struct caliptra_device_info){ 0 };
	if (u->tagged) {
		info->state =
			t->mailbox == CALIPTRA_DEVICE_MAILBOX_MCI ?
				mci_state(u->flow_status, u->fw_error_fatal) :
				device_state(u->flow_status, u->fw_error_fatal);
		info->mailbox = t->mailbox;
		info->mailbox_size = u->mbox_size;
		info->hw_rev_id = u->hw_rev_id;
	}
	return CALIPTRA_SUCCESS;
}

static void unix_socket_free(CaliptraTransport *t)
{
	hang_up(unix_socket(t));
	free(unix_socket(t));
}

static const struct transport_ops unix_socket_ops = {
	.connect = unix_socket_connect,
	.disconnect = unix_socket_disconnect,
	.is_connected = unix_socket_is_connected,
	.execute = unix_socket_execute,
	.info = unix_socket_info,
	.free = unix_socket_free,
};

CaliptraError unix_socket_create(const char *path, CaliptraTransport **t)
{
	size_t len = strlen(path);
	struct unix_socket *u;

	if (!len || len >= sizeof(u->addr.sun_path))
		return CALIPTRA_ERROR_INVALID_ARGUMENT;
	u = calloc(1, sizeof(*u));
	if (!u)
		return CALIPTRA_ERROR_MEMORY;
	u->base.ops = &unix_socket_ops;
	u->base.protocols = 1u << CALIPTRA_PROTOCOL_MAILBOX;
	u->fd = -1;
	u->addr.sun_family = AF_UNIX;
	memcpy(u->addr.sun_path, path, len);
	*t = &u->base;
	return CALIPTRA_SUCCESS;
}
