// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * The command socket. See command_socket.h.
 *
 * A client's messages are handled in order, and none is read while an earlier
 * one has no answer: what waits, waits in the socket, so that a client which
 * sends without end fills its own socket and nothing here. Likewise no message is
 * read while an answer has not been taken. The mailbox goes from client to client
 * in turn.
 */
#include "command_socket.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/uio.h>
#include <unistd.h>

#include "caliptra-regs.h"
#include "log.h"
#include "loop.h"
#include "peer.h"
#include "unix_socket.h"
#include "wire.h"

#define MS UINT64_C(1000000)

/* Further clients wait to be accepted. */
#define MAX_CLIENTS 64

#define MAX_PAYLOAD (PEER_EXECUTE_TAGGED_FIXED + PEER_MAX_DATA)

/**
 * struct execute - an EXECUTE or EXECUTE_TAGGED message, read
 * @tagged: which
 * @seq: sequence number
 * @user: AXI user
 * @give_up_ns: when to wait for the mailbox no longer
 * @cmd: command code
 * @dlen: bytes of @data
 * @data: request
 */
struct execute {
	bool tagged;
	uint32_t seq;
	uint32_t user;
	uint64_t give_up_ns;
	uint32_t cmd;
	uint32_t dlen;
	const uint8_t *data;
};

/**
 * struct client - one connection
 * @door: where it came in
 * @watch: its socket
 * @watching: the loop watches it
 * @closing: it is to be closed
 * @waiting: @execute waits for the mailbox, or for its answer
 * @execute: the command being handled; its data lies in @in
 * @out: what the socket had no room for of an answer, or NULL
 * @out_len: its length in bytes
 * @out_sent: how many of them the socket has taken since
 * @have: bytes in @in
 * @in: message being received
 */
struct client {
	struct door *door;
	struct loop_fd watch;
	bool watching;
	bool closing;
	bool waiting;
	struct execute execute;
	uint8_t *out;
	size_t out_len;
	size_t out_sent;
	size_t have;
	uint8_t in[PEER_HEADER_SIZE + MAX_PAYLOAD];
};

/**
 * struct door - one socket
 * @next: another door
 * @port: the mailbox behind it
 * @user: AXI user of commands that name none
 * @listener: where clients connect
 * @clients: who they are
 * @count: how many
 * @turn: which of them comes next
 * @owner: whose command is in the mailbox, or NULL
 */
struct door {
	struct door *next;
	struct command_port port;
	uint32_t user;
	struct loop_fd listener;
	struct client *clients[MAX_CLIENTS];
	unsigned int count;
	unsigned int turn;
	struct client *owner;
};

static struct door *doors;

/* Wait for what the client has to do next: take an answer, or send a message. */
static void update_watch(struct client *c)
{
	bool on = !c->closing && (c->out || !c->waiting);
	bool writing = c->out;

	if (c->watching && (!on || c->watch.writing != writing)) {
		loop_remove(&c->watch);
		c->watching = false;
	}
	if (on && !c->watching) {
		c->watch.writing = writing;
		c->watching = !loop_add(&c->watch);
	}
}

static void hang_up(struct client *c, const char *why)
{
	if (why)
		log_error("command socket client dropped: %s", why);
	c->closing = true;
	update_watch(c);
}

/* Keep what is left of a message of which @sent bytes are gone. */
static void keep_rest(struct client *c, const struct iovec *iov, size_t count,
		      size_t total, size_t sent)
{
	size_t skip;
	size_t i;

	c->out = malloc(total - sent);
	if (!c->out) {
		hang_up(c, "there is no memory for its answer");
		return;
	}
	c->out_len = 0;
	c->out_sent = 0;
	for (i = 0; i < count; i++) {
		skip = sent < iov[i].iov_len ? sent : iov[i].iov_len;
		sent -= skip;
		if (skip == iov[i].iov_len)
			continue;
		memcpy(c->out + c->out_len, (uint8_t *)iov[i].iov_base + skip,
		       iov[i].iov_len - skip);
		c->out_len += iov[i].iov_len - skip;
	}
}

static void send_rest(struct client *c)
{
	ssize_t n = send(c->watch.fd, c->out + c->out_sent,
			 c->out_len - c->out_sent, MSG_NOSIGNAL | MSG_DONTWAIT);

	if (n < 0 && errno != EAGAIN && errno != EINTR) {
		hang_up(c, strerror(errno));
		return;
	}
	if (n > 0)
		c->out_sent += (size_t)n;
	if (c->out_sent == c->out_len) {
		free(c->out);
		c->out = NULL;
	}
}

static void send_message(struct client *c, uint16_t command,
			 const uint8_t *fixed, size_t fixed_len,
			 const uint8_t *data, size_t len)
{
	static const uint8_t zeros[4];
	uint8_t header[PEER_HEADER_SIZE];
	size_t padding = PEER_PADDED(len) - len;
	struct iovec iov[] = {
		{ header, sizeof(header) },
		{ (void *)(uintptr_t)fixed, fixed_len },
		{ (void *)(uintptr_t)data, len },
		{ (void *)(uintptr_t)zeros, padding },
	};
	struct msghdr msg = { .msg_iov = iov, .msg_iovlen = 4 };
	size_t total = sizeof(header) + fixed_len + len + padding;
	ssize_t n;

	wire_put_le32(header, PEER_MAGIC);
	wire_put_le32(header + 4, PEER_VERSION | (uint32_t)command << 16);
	wire_put_le32(header + 8, (uint32_t)(fixed_len + len + padding));
	n = sendmsg(c->watch.fd, &msg, MSG_NOSIGNAL | MSG_DONTWAIT);
	if (n < 0 && errno != EAGAIN)
		hang_up(c, NULL);
	else if (n < (ssize_t)total)
		keep_rest(c, iov, 4, total, n < 0 ? 0 : (size_t)n);
}

static void respond(struct client *c, uint32_t status, uint32_t fw_error,
		    const uint8_t *data, uint32_t len)
{
	uint8_t fixed[PEER_RESPONSE_TAGGED_FIXED];

	if (c->execute.tagged) {
		wire_put_le32(fixed, c->execute.seq);
		wire_put_le32(fixed + 4, status);
		wire_put_le32(fixed + 8, fw_error);
		wire_put_le32(fixed + 12, len);
		send_message(c, PEER_RESPONSE_TAGGED, fixed, sizeof(fixed),
			     data, len);
	} else {
		if (status > MBOX_STATUS_CMD_FAILURE)
			status = MBOX_STATUS_CMD_FAILURE;
		wire_put_le32(fixed, status);
		wire_put_le32(fixed + 4, len);
		send_message(c, PEER_RESPONSE, fixed, PEER_RESPONSE_FIXED, data,
			     len);
	}
	c->waiting = false;
}

/* The core's, which tells the state of the device whatever mailbox it is. */
static uint32_t read_register(const struct door *door, uint32_t address)
{
	return bus_read32(&door->port.dev->bus, address, door->user);
}

static void say_hello(struct client *c)
{
	const struct door *door = c->door;
	const struct command_port_ops *ops = door->port.ops;
	uint8_t fixed[PEER_HELLO_REPLY_SIZE];

	wire_put_le32(fixed, PEER_EXTENSION);
	wire_put_le32(fixed + 4, ops->size(&door->port));
	wire_put_le32(fixed + 8, read_register(door, ops->flow_status));
	wire_put_le32(fixed + 12, read_register(door, ops->fw_error_fatal));
	wire_put_le32(fixed + 16, read_register(door, ops->hw_rev_id));
	wire_put_le32(fixed + 20, door->user);
	wire_put_le32(fixed + 24, ops->mailbox);
	send_message(c, PEER_HELLO_REPLY, fixed, sizeof(fixed), NULL, 0);
}

static bool parse_execute(struct client *c, bool tagged, const uint8_t *payload,
			  size_t len)
{
	struct wire_reader r = wire_reader(payload, len);
	struct execute *e = &c->execute;

	e->tagged = tagged;
	e->seq = tagged ? wire_get_u32(&r) : 0;
	e->user = tagged ? wire_get_u32(&r) : c->door->user;
	e->give_up_ns = tagged ? device_now_ns() + wire_get_u32(&r) * MS :
				 UINT64_MAX;
	e->cmd = wire_get_u32(&r);
	e->dlen = wire_get_u32(&r);
	if (r.overrun || r.left != PEER_PADDED((size_t)e->dlen))
		return false;
	e->data = r.pos;
	return true;
}

/* Handle the whole message at the start of the buffer. */
static void handle_message(struct client *c, uint16_t command, size_t len)
{
	const uint8_t *payload = c->in + PEER_HEADER_SIZE;

	switch (command) {
	case PEER_HELLO:
		if (len == PEER_HELLO_SIZE)
			say_hello(c);
		else
			hang_up(c, "a HELLO has the wrong length");
		break;
	case PEER_EXECUTE:
	case PEER_EXECUTE_TAGGED:
		if (parse_execute(c, command == PEER_EXECUTE_TAGGED, payload,
				  len))
			c->waiting = true;
		else
			hang_up(c, "an EXECUTE is not as long as it says");
		break;
	default:
		hang_up(c, "it sent a command that there is not");
		break;
	}
}

/* Length of the message at the start of the buffer, 0 if not all is there. */
static size_t message_size(struct client *c)
{
	uint32_t payload;

	if (c->have < PEER_HEADER_SIZE)
		return 0;
	if (wire_get_le32(c->in) != PEER_MAGIC ||
	    (wire_get_le32(c->in + 4) & 0xffff) != PEER_VERSION) {
		hang_up(c, "it does not speak this protocol");
		return 0;
	}
	payload = wire_get_le32(c->in + 8);
	if (payload > MAX_PAYLOAD) {
		hang_up(c, "a message is longer than the mailbox");
		return 0;
	}
	if (c->have < PEER_HEADER_SIZE + payload)
		return 0;
	return PEER_HEADER_SIZE + payload;
}

static void drop_message(struct client *c, size_t size)
{
	c->have -= size;
	memmove(c->in, c->in + size, c->have);
}

/* Go through what has arrived, until something has to wait. */
static void handle_arrived(struct client *c)
{
	size_t size;

	while (!c->closing && !c->waiting && !c->out &&
	       (size = message_size(c))) {
		handle_message(c, (uint16_t)(wire_get_le32(c->in + 4) >> 16),
			       size - PEER_HEADER_SIZE);
		if (!c->waiting)
			drop_message(c, size);
	}
	update_watch(c);
}

/* The command at the start of the buffer has been answered. */
static void next_message(struct client *c)
{
	drop_message(c, PEER_HEADER_SIZE + wire_get_le32(c->in + 8));
	handle_arrived(c);
}

static void free_closed(struct door *door)
{
	unsigned int i = 0;

	while (i < door->count) {
		struct client *c = door->clients[i];

		if (!c->closing || c == door->owner) {
			i++;
			continue;
		}
		close(c->watch.fd);
		free(c->out);
		free(c);
		if (door->count == MAX_CLIENTS)
			loop_add(&door->listener);
		door->clients[i] = door->clients[--door->count];
	}
}

static void receive(struct client *c)
{
	ssize_t n = recv(c->watch.fd, c->in + c->have, sizeof(c->in) - c->have,
			 MSG_DONTWAIT);

	if (n < 0 && (errno == EAGAIN || errno == EINTR))
		return;
	if (n <= 0)
		hang_up(c, n < 0 ? strerror(errno) : NULL);
	else
		c->have += (size_t)n;
}

static void client_ready(void *context)
{
	struct client *c = context;
	struct door *door = c->door;

	if (c->out)
		send_rest(c);
	else
		receive(c);
	handle_arrived(c);
	free_closed(door);
}

static void listener_ready(void *context)
{
	struct door *door = context;
	int fd = accept4(door->listener.fd, NULL, NULL, SOCK_CLOEXEC);
	struct client *c;

	if (fd < 0)
		return;
	c = calloc(1, sizeof(*c));
	if (!c) {
		close(fd);
		return;
	}
	c->door = door;
	c->watch.fd = fd;
	c->watch.ready = client_ready;
	c->watch.context = c;
	update_watch(c);
	door->clients[door->count++] = c;
	if (door->count == MAX_CLIENTS)
		loop_remove(&door->listener);
}

/* Read the answer out of the mailbox and give the mailbox back. */
static void take_answer(struct door *door, const struct command_answer *answer)
{
	struct client *c = door->owner;

	if (!c->closing)
		respond(c, answer->status, answer->fw_error, answer->data,
			answer->len);
	door->port.ops->finish(&door->port, c->execute.user);
	door->owner = NULL;
	if (!c->closing)
		next_message(c);
}

static void give_up(struct door *door)
{
	struct client *c = door->owner;

	door->owner = NULL;
	if (c->closing)
		return;
	respond(c, MBOX_STATUS_CMD_FAILURE, 0, NULL, 0);
	next_message(c);
}

/* True where the command is in the mailbox now. */
static bool submit(struct client *c)
{
	const struct command_port *port = &c->door->port;
	const struct execute *e = &c->execute;

	switch (port->ops->submit(port, e->user, e->cmd, e->data, e->dlen)) {
	case DEVICE_SUBMITTED:
		c->door->owner = c;
		return true;
	case DEVICE_LOCKED:
		return false;
	case DEVICE_NOT_READY:
		respond(c, PEER_REFUSED_NOT_READY, 0, NULL, 0);
		break;
	case DEVICE_USER_INVALID:
		respond(c, PEER_REFUSED_USER, 0, NULL, 0);
		break;
	case DEVICE_TOO_LONG:
		hang_up(c, "a command is longer than the mailbox");
		return false;
	}
	next_message(c);
	return false;
}

static bool waits_for_mailbox(const struct client *c)
{
	return !c->closing && c->waiting && c != c->door->owner;
}

/* Refuse who has waited too long; nanoseconds until the next one has. */
static uint64_t refuse_impatient(struct door *door)
{
	uint64_t now = device_now_ns();
	uint64_t next = UINT64_MAX;
	unsigned int i;

	for (i = 0; i < door->count; i++) {
		struct client *c = door->clients[i];

		while (waits_for_mailbox(c) && c->execute.give_up_ns <= now) {
			respond(c, PEER_REFUSED_LOCKED, 0, NULL, 0);
			next_message(c);
		}
		if (waits_for_mailbox(c) && c->execute.give_up_ns < next)
			next = c->execute.give_up_ns;
	}
	return next == UINT64_MAX ? next : next - now;
}

static uint64_t run_door(struct door *door)
{
	const struct command_port *port = &door->port;
	struct command_answer answer;
	uint64_t wait_ns;
	unsigned int i;

	if (door->owner && !port->ops->executing(port))
		give_up(door);
	else if (door->owner && port->ops->answer(port, &answer))
		take_answer(door, &answer);

	for (i = 0; !door->owner && i < door->count; i++) {
		struct client *c = door->clients[door->turn++ % door->count];

		if (waits_for_mailbox(c) && submit(c))
			return 0;
	}
	wait_ns = refuse_impatient(door);
	free_closed(door);
	return wait_ns;
}

uint64_t command_socket_run(void)
{
	uint64_t wait_ns = UINT64_MAX;
	struct door *door;
	uint64_t ns;

	for (door = doors; door; door = door->next) {
		ns = run_door(door);
		if (ns < wait_ns)
			wait_ns = ns;
	}
	return wait_ns;
}

int command_socket_serve(const char *path, const struct command_port *port,
			 uint32_t user)
{
	struct door *door = calloc(1, sizeof(*door));

	if (!door) {
		log_error("there is no memory for a command socket");
		return -1;
	}
	door->port = *port;
	door->user = user;
	door->listener.ready = listener_ready;
	door->listener.context = door;
	door->next = doors;
	doors = door;
	door->listener.fd = unix_socket_listen(path);
	if (door->listener.fd < 0)
		return -1;
	if (loop_add(&door->listener)) {
		log_error("can not watch %s: %s", path, strerror(errno));
		return -1;
	}
	return 0;
}
