// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * The command socket. See command_socket.h.
 *
 * A client's messages are handled in order, one when the one before it has its
 * answer. What comes meanwhile waits in a buffer that has room for the longest
 * message, and then in the socket, so that a client which sends without end fills
 * those and nothing else. No message is handled or read while the socket has no
 * room for an answer. The mailbox goes from client to client in turn.
 *
 * A system call takes longer than many a command. So one reads whatever has come, and
 * answers that follow each other at once, to the same client, are sent together.
 * Taking a message out of the socket wakes a client that waits for the answer in recv(),
 * and finds none: two switches of processes, which take longer still. So a short message
 * is read there and stays, until there is nothing else to do or some have come.
 */
#include "command_socket.h"

#include <errno.h>
#include <openssl/crypto.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
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

/* Answers are sent once they are as many bytes, or the first is as old. */
#define MAX_HELD    16384
#define MAX_HELD_NS 50000

/* Of either buffer of a client; more than that only while there is more. */
#define USUAL_ROOM 4096

/* Once as much of what is read is still in the socket, the kernel takes long to pass over it. */
#define MAX_PEEKED 2048

/**
 * struct execute - an EXECUTE or EXECUTE_TAGGED message, read
 * @tagged: which
 * @seq: sequence number
 * @user: AXI user
 * @patience_ns: how long it may wait for the mailbox
 * @give_up_ns: when to wait no longer, 0 where it has not had to wait
 * @cmd: command code
 * @dlen: bytes of the request
 * @fixed: bytes of the message before it
 */
struct execute {
	bool tagged;
	uint32_t seq;
	uint32_t user;
	uint64_t patience_ns;
	uint64_t give_up_ns;
	uint32_t cmd;
	uint32_t dlen;
	size_t fixed;
};

/**
 * struct client - one connection
 * @door: where it came in
 * @watch: its socket
 * @watching: the loop watches it
 * @closing: it is to be closed, whatever it has not got
 * @ended: it says no more, or nonsense: it is to be closed once all is answered
 * @waiting: @execute waits for the mailbox, or for its answer
 * @full: @in was full while it waited
 * @blocked: the socket has no room for what is in @out
 * @execute: the command being handled, the first message in @in
 * @out: answers that are not sent yet
 * @out_size: room for them in bytes
 * @out_len: their length
 * @out_sent: how many of them the socket has taken
 * @peeks: its socket remembers how much of what is in it has been read
 * @peeked: how much that is
 * @at: where in @in the first message is
 * @have: where in @in the last one ends, as far as it is there
 * @room: how much there may be
 * @in: messages that have come, or NULL
 */
struct client {
	struct door *door;
	struct loop_fd watch;
	bool watching;
	bool closing;
	bool ended;
	bool waiting;
	bool full;
	bool blocked;
	struct execute execute;
	uint8_t *out;
	size_t out_size;
	size_t out_len;
	size_t out_sent;
	bool peeks;
	size_t peeked;
	size_t at;
	size_t have;
	size_t room;
	uint8_t *in;
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
 * @held: who has answers that are to be sent with the next, or NULL
 * @held_ns: when the command was executed that has the first of them
 * @executed_ns: when that of @owner was, if another one is behind it
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
	struct client *held;
	uint64_t held_ns;
	uint64_t executed_ns;
};

static struct door *doors;

/*
 * May it send more? While a command of its waits, only if there is room; and once
 * there was none, not before half of it is free.
 */
static bool may_send(const struct client *c)
{
	return !c->ended && !c->blocked && !(c->waiting && c->full);
}

/* Wait for what the client has to do next: take an answer, or send a message. */
static void update_watch(struct client *c)
{
	bool on = !c->closing && (c->blocked || may_send(c));

	if (c->watching && (!on || c->watch.writing != c->blocked)) {
		loop_remove(&c->watch);
		c->watching = false;
	}
	if (on && !c->watching) {
		c->watch.writing = c->blocked;
		c->watching = !loop_add(&c->watch);
	}
}

static void free_room(struct client *c)
{
	if (c->in)
		OPENSSL_cleanse(c->in, c->room);
	free(c->in);
	c->in = NULL;
	c->room = 0;
}

static void free_out(struct client *c)
{
	if (c->out)
		OPENSSL_cleanse(c->out, c->out_size);
	free(c->out);
	c->out = NULL;
	c->out_size = 0;
}

/* The connection is broken. */
static void drop(struct client *c, const char *why)
{
	if (why)
		log_error("command socket client dropped: %s", why);
	c->closing = true;
}

/* It talks nonsense; what it said before that is answered. */
static void hang_up(struct client *c, const char *why)
{
	log_error("command socket client dropped: %s", why);
	c->ended = true;
	c->waiting = false;
	c->at = 0;
	c->have = 0;
	free_room(c);
}

static void send_out(struct client *c)
{
	ssize_t n = send(c->watch.fd, c->out + c->out_sent,
			 c->out_len - c->out_sent, MSG_NOSIGNAL | MSG_DONTWAIT);

	if (n < 0 && errno != EAGAIN && errno != EINTR) {
		drop(c, NULL);
		return;
	}
	if (n > 0)
		c->out_sent += (size_t)n;
	c->blocked = c->out_sent < c->out_len;
	if (c->blocked)
		return;
	c->out_len = 0;
	c->out_sent = 0;
	if (c->out_size > USUAL_ROOM)
		free_out(c);
}

/* Send the answers that are there, as far as the socket has room. */
static void flush(struct client *c)
{
	if (c->door->held == c)
		c->door->held = NULL;
	if (!c->closing && c->out_len)
		send_out(c);
	update_watch(c);
}

/* Its answers are held from now on, and those of nobody else. */
static void hold(struct client *c)
{
	struct door *door = c->door;

	if (door->held && door->held != c)
		flush(door->held);
	if (!door->held)
		door->held_ns = door->executed_ns;
	door->held = c;
}

/* Room for @len bytes more, or NULL. */
static uint8_t *grow(struct client *c, size_t len)
{
	size_t size = c->out_size ? c->out_size : USUAL_ROOM;
	size_t have = c->out_len;
	uint8_t *out;

	while (size < have + len)
		size *= 2;
	if (size > c->out_size) {
		out = malloc(size);
		if (!out)
			return NULL;
		if (have)
			memcpy(out, c->out, have);
		free_out(c);
		c->out = out;
		c->out_size = size;
	}
	c->out_len = have + len;
	return c->out + have;
}

static void send_message(struct client *c, uint16_t command,
			 const uint8_t *fixed, size_t fixed_len,
			 const uint8_t *data, size_t len)
{
	size_t payload = fixed_len + PEER_PADDED(len);
	uint8_t *out = grow(c, PEER_HEADER_SIZE + payload);

	if (!out) {
		drop(c, "there is no memory for its answer");
		return;
	}
	wire_put_le32(out, PEER_MAGIC);
	wire_put_le32(out + 4, PEER_VERSION | (uint32_t)command << 16);
	wire_put_le32(out + 8, (uint32_t)payload);
	out += PEER_HEADER_SIZE;
	memcpy(out, fixed, fixed_len);
	out += fixed_len;
	if (len)
		memcpy(out, data, len);
	memset(out + len, 0, PEER_PADDED(len) - len);
	hold(c);
	if (c->out_len >= MAX_HELD)
		flush(c);
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
	e->patience_ns = tagged ? wire_get_u32(&r) * MS : UINT64_MAX;
	e->give_up_ns = 0;
	e->cmd = wire_get_u32(&r);
	e->dlen = wire_get_u32(&r);
	e->fixed = PEER_HEADER_SIZE + (size_t)(r.pos - payload);
	return !r.overrun && r.left == PEER_PADDED((size_t)e->dlen);
}

/* Handle the first message, which is all there. */
static void handle_message(struct client *c, uint16_t command, size_t len)
{
	const uint8_t *payload = c->in + c->at + PEER_HEADER_SIZE;

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

/* Length of the first message, 0 if not all is there. */
static size_t message_size(struct client *c)
{
	const uint8_t *message = c->in + c->at;
	size_t have = c->have - c->at;
	uint32_t payload;

	if (have < PEER_HEADER_SIZE)
		return 0;
	if (wire_get_le32(message) != PEER_MAGIC ||
	    (wire_get_le32(message + 4) & 0xffff) != PEER_VERSION) {
		hang_up(c, "it does not speak this protocol");
		return 0;
	}
	payload = wire_get_le32(message + 8);
	if (payload > MAX_PAYLOAD) {
		hang_up(c, "a message is longer than the mailbox");
		return 0;
	}
	return have < PEER_HEADER_SIZE + payload ? 0 :
						   PEER_HEADER_SIZE + payload;
}

/* There was a secret in it, perhaps. */
static void drop_message(struct client *c, size_t size)
{
	explicit_bzero(c->in + c->at, size);
	c->at += size;
	if (c->at == c->have) {
		c->at = 0;
		c->have = 0;
	}
	if (c->have - c->at < c->room / 2)
		c->full = false;
	if (!c->have && c->room > USUAL_ROOM)
		free_room(c);
}

/* Go through what has arrived, until something has to wait. */
static void handle_arrived(struct client *c)
{
	size_t size;

	while (!c->closing && !c->waiting && !c->blocked &&
	       (size = message_size(c))) {
		handle_message(
			c, (uint16_t)(wire_get_le32(c->in + c->at + 4) >> 16),
			size - PEER_HEADER_SIZE);
		if (!c->waiting && c->have)
			drop_message(c, size);
	}
	if (c->waiting)
		update_watch(c);
	else
		flush(c);
}

/* The first message has been answered. */
static void next_message(struct client *c)
{
	drop_message(c, PEER_HEADER_SIZE + wire_get_le32(c->in + c->at + 8));
	handle_arrived(c);
}

/* Nobody waits for anything from it any more. */
static bool is_over(const struct client *c)
{
	return c != c->door->owner &&
	       (c->closing || (c->ended && !c->waiting && !c->out_len));
}

/* There was a secret in it, perhaps. */
static void take_peeked(struct client *c)
{
	uint8_t bytes[MAX_PEEKED + USUAL_ROOM];
	ssize_t n;

	while (c->peeked) {
		n = recv(c->watch.fd, bytes,
			 c->peeked < sizeof(bytes) ? c->peeked : sizeof(bytes),
			 MSG_DONTWAIT);
		if (n <= 0) {
			drop(c, "what it sent is not there any more");
			return;
		}
		explicit_bzero(bytes, (size_t)n);
		c->peeked -= (size_t)n;
	}
}

static void free_closed(struct door *door)
{
	unsigned int i = 0;

	while (i < door->count) {
		struct client *c = door->clients[i];

		if (!is_over(c)) {
			i++;
			continue;
		}
		if (door->held == c)
			door->held = NULL;
		if (c->watching)
			loop_remove(&c->watch);
		/* else it would be told that the connection broke */
		take_peeked(c);
		close(c->watch.fd);
		free_out(c);
		free_room(c);
		free(c);
		if (door->count == MAX_CLIENTS)
			loop_add(&door->listener);
		door->clients[i] = door->clients[--door->count];
	}
}

/* What is left goes to the front when that moves less than has gone, or must be. */
static void move_to_front(struct client *c)
{
	size_t left = c->have - c->at;

	if (!c->at || (c->have < c->room && c->at < left))
		return;
	memmove(c->in, c->in + c->at, left);
	c->at = 0;
	c->have = left;
}

/* A message may have any length, but locked memory is scarce, and clients are many. */
static bool make_room(struct client *c)
{
	size_t left = c->have - c->at;
	size_t room = USUAL_ROOM;
	uint8_t *in;

	if (left >= PEER_HEADER_SIZE &&
	    PEER_HEADER_SIZE + wire_get_le32(c->in + c->at + 8) > room)
		room = PEER_HEADER_SIZE + wire_get_le32(c->in + c->at + 8);
	if (room <= c->room) {
		move_to_front(c);
		return true;
	}
	in = malloc(room);
	if (!in)
		return false;
	if (left)
		memcpy(in, c->in + c->at, left);
	free_room(c);
	c->in = in;
	c->room = room;
	c->at = 0;
	c->have = left;
	return true;
}

/* True where there may be more to read. Sets @came where something has come. */
static bool receive(struct client *c, bool *came)
{
	bool peeks;
	size_t room;
	ssize_t n;

	if (!make_room(c)) {
		drop(c, "there is no memory for its message");
		return false;
	}
	room = c->room - c->have;
	/* a long message would be copied twice */
	peeks = c->peeks && c->room == USUAL_ROOM;
	if (!peeks || c->peeked >= MAX_PEEKED)
		take_peeked(c);
	n = recv(c->watch.fd, c->in + c->have, room,
		 MSG_DONTWAIT | (peeks ? MSG_PEEK : 0));
	if (n < 0 && (errno == EAGAIN || errno == EINTR))
		return errno == EINTR;
	if (n < 0)
		drop(c, strerror(errno));
	else if (!n)
		c->ended = true;
	if (n > 0) {
		*came = true;
		c->have += (size_t)n;
		c->peeked += peeks ? (size_t)n : 0;
	}
	c->full = c->have - c->at == c->room;
	return n > 0 && ((size_t)n == room || c->watch.hung_up);
}

/*
 * The loop tells once of what has come. Where it is not read, the watch ends. True where
 * something has come.
 */
static bool receive_all(struct client *c)
{
	bool came = false;
	bool more;

	do {
		more = receive(c, &came);
		handle_arrived(c);
	} while (more && !c->closing && may_send(c));
	return came;
}

/* True where more has come from somebody whose last message is still in the socket. */
static bool look_again(struct door *door)
{
	unsigned int i;

	for (i = 0; i < door->count; i++) {
		struct client *c = door->clients[i];

		if (!c->peeked)
			continue;
		if (!c->closing && may_send(c) && receive_all(c))
			return true;
		take_peeked(c);
	}
	return false;
}

static void client_ready(void *context)
{
	struct client *c = context;
	struct door *door = c->door;

	if (c->blocked) {
		flush(c);
		handle_arrived(c);
	} else {
		receive_all(c);
	}
	free_closed(door);
}

static void listener_ready(void *context)
{
	struct door *door = context;
	int fd = accept4(door->listener.fd, NULL, NULL, SOCK_CLOEXEC);
	const int from_start = 0;
	struct client *c;

	if (fd < 0)
		return;
	c = calloc(1, sizeof(*c));
	if (!c) {
		close(fd);
		return;
	}
	c->door = door;
	c->peeks = !setsockopt(fd, SOL_SOCKET, SO_PEEK_OFF, &from_start,
			       sizeof(from_start));
	c->watch.fd = fd;
	c->watch.once = true;
	c->watch.ready = client_ready;
	c->watch.context = c;
	update_watch(c);
	door->clients[door->count++] = c;
	if (door->count == MAX_CLIENTS)
		loop_remove(&door->listener);
}

/* Further answers may follow, but this one is not to wait for long. */
static void go_on(struct client *c)
{
	next_message(c);
	if (c->door->held == c &&
	    device_now_ns() - c->door->held_ns >= MAX_HELD_NS)
		flush(c);
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
		go_on(c);
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
	bool more = c->have - c->at > e->fixed + PEER_PADDED((size_t)e->dlen);

	switch (port->ops->submit(port, e->user, e->cmd,
				  c->in + c->at + e->fixed, e->dlen)) {
	case DEVICE_SUBMITTED:
		c->door->owner = c;
		c->door->executed_ns = more ? device_now_ns() : 0;
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
		flush(c);
		return false;
	}
	next_message(c);
	return false;
}

static bool waits_for_mailbox(const struct client *c)
{
	return !c->closing && c->waiting && !c->blocked && c != c->door->owner;
}

/* It waits since that is asked first: most commands do not have to. */
static bool has_waited(struct execute *e, uint64_t now)
{
	if (!e->give_up_ns)
		e->give_up_ns = e->patience_ns == UINT64_MAX ?
					UINT64_MAX :
					now + e->patience_ns;
	return e->give_up_ns <= now;
}

/* Refuse who has waited too long; nanoseconds until the next one has. */
static uint64_t refuse_impatient(struct door *door)
{
	uint64_t next = UINT64_MAX;
	uint64_t now = 0;
	unsigned int i;

	for (i = 0; i < door->count; i++) {
		struct client *c = door->clients[i];

		if (!waits_for_mailbox(c))
			continue;
		if (!now)
			now = device_now_ns();
		while (waits_for_mailbox(c) && has_waited(&c->execute, now)) {
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
	if (door->held)
		flush(door->held);
	if (look_again(door))
		return 0;
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
