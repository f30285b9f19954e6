/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The other end of the unix socket transport, in a thread: a peer that follows
 * the protocol of QEMU's Caliptra mailbox peers, with or without our commands,
 * except where it was told not to. It keeps the last request and answers it with
 * the body that the request had, or with that which it was given, behind a
 * checksum.
 */
#ifndef FAKE_PEER_H
#define FAKE_PEER_H

#include <poll.h>
#include <pthread.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/un.h>
#include <unistd.h>

#include "test.h"

#define MBOX 0x4d424f58

/* Of a peer with our commands, and of one that is QEMU's alone. */
enum fake_mode {
	FAKE_TAGGED,
	FAKE_CLOSES_ON_HELLO,
	FAKE_IGNORES_HELLO,
	FAKE_CLOSES_IN_HELLO_REPLY,
};

/**
 * struct fake_reply - in what a message differs from the right one
 * @magic: added to the header's field, and so on
 * @version: likewise
 * @command: likewise
 * @payload: likewise
 * @seq: likewise
 * @status: likewise; the right one is DATA_READY, and 0 with @no_data
 * @fw_error: the firmware's error code
 * @dlen: added to the response's length
 * @no_data: the response is empty
 * @short_by: bytes that are missing at its end
 * @stop_after: close the connection after so many bytes, if not 0
 * @in_pieces: send every byte on its own
 */
struct fake_reply {
	uint32_t magic;
	uint16_t version;
	uint16_t command;
	uint32_t payload;
	uint32_t seq;
	uint32_t status;
	uint32_t fw_error;
	uint32_t dlen;
	bool no_data;
	size_t short_by;
	size_t stop_after;
	bool in_pieces;
};

/**
 * struct fake_hello - what a peer says of itself
 * @extension: version of our commands
 * @mbox_size: size of its mailbox in bytes
 * @flow_status: FLOW_STATUS
 * @fw_error_fatal: FW_ERROR_FATAL
 * @hw_rev_id: HW_REV_ID
 * @user: AXI user
 * @mailbox: 1 for the core's, 2 for one of the MCI's, or nobody knows
 * @reply: in what its message differs from the right one
 */
struct fake_hello {
	uint32_t extension;
	uint32_t mbox_size;
	uint32_t flow_status;
	uint32_t fw_error_fatal;
	uint32_t hw_rev_id;
	uint32_t user;
	uint32_t mailbox;
	struct fake_reply reply;
};

#define FAKE_MAX (256 * 1024 + 64)

/**
 * struct fake_peer - a peer
 * @mode: which kind
 * @hello: what it says of itself
 * @reply: how it answers
 * @body: the body that it answers with, if not that of the request
 * @body_len: its length in bytes
 * @only: the command that is answered so, counted from 1; 0 for all
 * @hold: it waits for fake_peer_go() before it greets or answers
 * @read_late_ms: it reads the request itself so much later
 * @eager: it found a second command before it had answered the first
 * @connections: how many there were
 * @commands: how many it got
 * @seq: sequence number of the last one
 * @user: AXI user
 * @patience_ms: how long the command may wait for the mailbox
 * @code: command code
 * @dlen: length of the request
 * @data: the request and its padding
 * @path: of its socket
 * @dir: folder of that
 * @listener: its descriptor
 * @gate: a byte in this pipe lets the peer go on
 * @thread: it
 */
struct fake_peer {
	enum fake_mode mode;
	struct fake_hello hello;
	struct fake_reply reply;
	const uint8_t *body;
	size_t body_len;
	unsigned int only;
	bool hold;
	unsigned int read_late_ms;
	bool eager;
	unsigned int connections;
	unsigned int commands;
	uint32_t seq;
	uint32_t user;
	uint32_t patience_ms;
	uint32_t code;
	uint32_t dlen;
	uint8_t data[FAKE_MAX];
	char path[64];
	char dir[32];
	int listener;
	int gate[2];
	pthread_t thread;
};

static inline bool fake_read(int fd, void *to, size_t len)
{
	uint8_t *p = to;

	while (len) {
		ssize_t n = read(fd, p, len);

		if (n <= 0)
			return false;
		p += n;
		len -= (size_t)n;
	}
	return true;
}

static inline bool fake_write(int fd, const uint8_t *p, size_t len, size_t step)
{
	while (len) {
		size_t most = step && step < len ? step : len;
		ssize_t n = send(fd, p, most, MSG_NOSIGNAL);

		if (n <= 0)
			return false;
		p += n;
		len -= (size_t)n;
	}
	return true;
}

static inline void fake_header(uint8_t *p, const struct fake_reply *r,
			       uint16_t command, size_t payload)
{
	put32(p, MBOX + r->magic);
	put32(p + 4, (1u + r->version) | (uint32_t)(command + r->command)
						 << 16);
	put32(p + 8, (uint32_t)payload + r->payload);
}

/* Send a message, or what is to be sent of it. */
static inline bool fake_send(int fd, const struct fake_reply *r,
			     const uint8_t *message, size_t len)
{
	if (r->stop_after) {
		fake_write(fd, message, r->stop_after, 0);
		return false;
	}
	return fake_write(fd, message, len - r->short_by, r->in_pieces ? 1 : 0);
}

static inline void fake_wait(struct fake_peer *p)
{
	char byte;

	if (p->hold && read(p->gate[0], &byte, 1) != 1)
		abort();
}

/* Let the peer go on, @n times. */
static inline void fake_peer_go(struct fake_peer *p, size_t n)
{
	while (n--)
		if (write(p->gate[1], "", 1) != 1)
			abort();
}

static inline bool fake_greet(struct fake_peer *p, int fd)
{
	const struct fake_hello *h = &p->hello;
	uint8_t hello[16], m[40];

	if (!fake_read(fd, hello, sizeof(hello)) || get32(hello) != MBOX ||
	    get32(hello + 4) != 0x80000001 || get32(hello + 8) != 4 ||
	    get32(hello + 12) != 1)
		return false;
	fake_header(m, &h->reply, 0x8001, 28);
	put32(m + 12, h->extension);
	put32(m + 16, h->mbox_size);
	put32(m + 20, h->flow_status);
	put32(m + 24, h->fw_error_fatal);
	put32(m + 28, h->hw_rev_id);
	put32(m + 32, h->user);
	put32(m + 36, h->mailbox);
	switch (p->mode) {
	case FAKE_TAGGED:
		fake_wait(p);
		return fake_send(fd, &h->reply, m, sizeof(m));
	case FAKE_IGNORES_HELLO:
		return fake_read(fd, m, 1);
	case FAKE_CLOSES_IN_HELLO_REPLY:
		fake_write(fd, m, 39, 0);
		return false;
	default:
		return false;
	}
}

/* The next command; false where there is none, or it is not as it ought to be. */
static inline bool fake_receive(struct fake_peer *p, int fd)
{
	bool tagged = p->mode == FAKE_TAGGED;
	size_t fixed = tagged ? 20 : 8;
	uint8_t head[32];
	size_t padded;

	if (!fake_read(fd, head, 12 + fixed))
		return false;
	if (tagged) {
		p->seq = get32(head + 12);
		p->user = get32(head + 16);
		p->patience_ms = get32(head + 20);
	}
	p->code = get32(head + 12 + fixed - 8);
	p->dlen = get32(head + 12 + fixed - 4);
	padded = (p->dlen + 3u) / 4 * 4;
	if (get32(head) != MBOX ||
	    get32(head + 4) != (tagged ? 0x80020001 : 0x00010001) ||
	    get32(head + 8) != fixed + padded || padded > sizeof(p->data))
		return false;
	usleep(p->read_late_ms * 1000);
	if (!fake_read(fd, p->data, padded))
		return false;
	p->commands++;
	return true;
}

/* The body of the request or another one, behind the checksum of a response. */
static inline bool fake_answer(struct fake_peer *p, int fd)
{
	static _Thread_local uint8_t m[28 + FAKE_MAX];
	bool tagged = p->mode == FAKE_TAGGED;
	static const struct fake_reply right;
	const struct fake_reply *r =
		p->only && p->only != p->commands ? &right : &p->reply;
	size_t fixed = tagged ? 16 : 8;
	size_t len = r->no_data ? 0 : p->body ? 4 + p->body_len : p->dlen;
	size_t padded = (len + r->dlen + 3) / 4 * 4;
	uint8_t *at = m + 12;

	memset(m, 0xee, sizeof(m));
	fake_header(m, r, tagged ? 0x8003 : 2, fixed + padded);
	if (tagged) {
		put32(at, p->seq + r->seq);
		put32(at + 8, r->fw_error);
	}
	put32(at + (tagged ? 4 : 0), (r->no_data ? 0 : 1) + r->status);
	put32(at + fixed - 4, (uint32_t)len + r->dlen);
	if (p->body)
		memcpy(at + fixed + 4, p->body, len ? p->body_len : 0);
	else
		memcpy(at + fixed, p->data, len);
	if (len)
		put32(at + fixed,
		      expected_checksum(0, at + fixed + 4, len - 4));
	return fake_send(fd, r, m,
			 12 + fixed + (padded > FAKE_MAX ? 0 : padded));
}

static inline void fake_serve(struct fake_peer *p, int fd)
{
	struct pollfd more = { .fd = fd, .events = POLLIN };

	if (p->mode == FAKE_TAGGED || p->connections % 2)
		if (!fake_greet(p, fd))
			return;
	while (fake_receive(p, fd)) {
		fake_wait(p);
		if (poll(&more, 1, 0) && more.revents & POLLIN)
			p->eager = true;
		if (!fake_answer(p, fd))
			return;
	}
}

static inline void *fake_run(void *context)
{
	struct fake_peer *p = context;
	int fd;

	while ((fd = accept(p->listener, NULL, NULL)) >= 0) {
		p->connections++;
		fake_serve(p, fd);
		close(fd);
	}
	return NULL;
}

/* Signals are for the test and not for the peer. */
static inline struct fake_peer *fake_peer_start(enum fake_mode mode)
{
	struct sockaddr_un addr = { .sun_family = AF_UNIX };
	struct fake_peer *p = calloc(1, sizeof(*p));
	sigset_t all, before;

	assert_non_null(p);
	p->mode = mode;
	p->hello =
		(struct fake_hello){ 1, 256 * 1024, 1u << 29, 0, 0x12, 7, 1 };
	strcpy(p->dir, "/tmp/caliptra-test.XXXXXX");
	assert_non_null(mkdtemp(p->dir));
	snprintf(p->path, sizeof(p->path), "%s/socket", p->dir);
	strcpy(addr.sun_path, p->path);
	p->listener = socket(AF_UNIX, SOCK_STREAM, 0);
	assert_return_code(
		bind(p->listener, (struct sockaddr *)&addr, sizeof(addr)), 0);
	assert_return_code(listen(p->listener, 4), 0);
	assert_return_code(pipe(p->gate), 0);
	sigfillset(&all);
	pthread_sigmask(SIG_SETMASK, &all, &before);
	assert_int_equal(pthread_create(&p->thread, NULL, fake_run, p), 0);
	pthread_sigmask(SIG_SETMASK, &before, NULL);
	return p;
}

static inline void fake_peer_stop(struct fake_peer *p)
{
	shutdown(p->listener, SHUT_RDWR);
	fake_peer_go(p, 16);
	pthread_join(p->thread, NULL);
	close(p->listener);
	close(p->gate[0]);
	close(p->gate[1]);
	unlink(p->path);
	rmdir(p->dir);
	free(p);
}

#endif
