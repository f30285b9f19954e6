// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * The register socket. See register_socket.h.
 *
 * A client's messages are short: of each as much is read as it may still have, and
 * it is answered before the next one is read.
 */
#include "register_socket.h"

#include <errno.h>
#include <inttypes.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include "log.h"
#include "loop.h"
#include "unix_socket.h"
#include "wire.h"

/* Further clients wait to be accepted. */
#define MAX_CLIENTS 64

#define HEADER_SIZE 12
#define MAX_PAYLOAD 8

/**
 * struct client - one connection
 * @watch: its socket
 * @have: bytes in @in
 * @in: message being received
 */
struct client {
	struct loop_fd watch;
	size_t have;
	uint8_t in[HEADER_SIZE + MAX_PAYLOAD];
};

static struct register_socket_config config;
static struct loop_fd listener;
static unsigned int client_count;

static void drop_client(struct client *c)
{
	loop_remove(&c->watch);
	close(c->watch.fd);
	free(c);
	if (client_count-- == MAX_CLIENTS)
		loop_add(&listener);
}

static uint16_t command_of(const struct client *c)
{
	return (uint16_t)(wire_get_le32(c->in + 4) >> 16);
}

/* Bytes that a message has, by its header; 0 where it can not be one. */
static size_t message_size(const struct client *c)
{
	uint32_t len = wire_get_le32(c->in + 8);
	uint32_t right;

	if (wire_get_le32(c->in) != REGISTER_PEER_MAGIC ||
	    (wire_get_le32(c->in + 4) & 0xffff) != REGISTER_PEER_VERSION) {
		log_error(
			"register socket client dropped: it does not speak this protocol");
		return 0;
	}
	if (command_of(c) != REGISTER_PEER_READ &&
	    command_of(c) != REGISTER_PEER_WRITE) {
		log_error(
			"register socket client dropped: it sent the command %u, and there are READ, %u, and WRITE, %u",
			command_of(c), REGISTER_PEER_READ, REGISTER_PEER_WRITE);
		return 0;
	}
	right = command_of(c) == REGISTER_PEER_READ ? 4 : 8;
	if (len != right) {
		log_error(
			"register socket client dropped: a message says that it has %" PRIu32
			" bytes, and has to have %" PRIu32,
			len, right);
		return 0;
	}
	return HEADER_SIZE + right;
}

/* Bytes that the message has still to get, or 0 where it can not be one. */
static size_t missing(const struct client *c)
{
	size_t size;

	if (c->have < HEADER_SIZE)
		return HEADER_SIZE - c->have;
	size = message_size(c);
	return size ? size - c->have : 0;
}

static bool reply(struct client *c, uint16_t command, const uint32_t *data)
{
	uint8_t out[HEADER_SIZE + 4];
	size_t len = HEADER_SIZE;

	wire_put_le32(out, REGISTER_PEER_MAGIC);
	wire_put_le32(out + 4, REGISTER_PEER_VERSION | (uint32_t)command << 16);
	wire_put_le32(out + 8, data ? 4 : 0);
	if (data) {
		wire_put_le32(out + len, *data);
		len += 4;
	}
	if (send(c->watch.fd, out, len, MSG_NOSIGNAL | MSG_DONTWAIT) ==
	    (ssize_t)len)
		return true;
	log_error(
		"register socket client dropped: it does not read its answers");
	return false;
}

static bool handle_message(struct client *c)
{
	uint32_t addr = wire_get_le32(c->in + HEADER_SIZE);
	uint32_t value;

	c->have = 0;
	if (addr % 4 || addr - config.base >= config.size) {
		log_error(
			"register socket client dropped: 0x%08" PRIx32
			" is no address of a register; they are multiples of 4 from 0x%08" PRIx32
			" to 0x%08" PRIx32,
			addr, config.base, config.base + config.size - 4);
		return false;
	}
	if (command_of(c) == REGISTER_PEER_READ) {
		value = bus_read32(config.bus, addr, config.user);
		return reply(c, REGISTER_PEER_READ_DATA, &value);
	}
	bus_write32(config.bus, addr, config.user,
		    wire_get_le32(c->in + HEADER_SIZE + 4));
	return reply(c, REGISTER_PEER_WRITE_ACK, NULL);
}

/* False where the client is lost. */
static bool receive(struct client *c)
{
	size_t len = missing(c);
	ssize_t n;

	n = recv(c->watch.fd, c->in + c->have, len, MSG_DONTWAIT);
	if (n < 0 && (errno == EAGAIN || errno == EINTR))
		return true;
	if (n <= 0)
		return false;
	c->have += (size_t)n;
	if (c->have < HEADER_SIZE)
		return true;
	len = message_size(c);
	return len && (c->have < len || handle_message(c));
}

static void client_ready(void *context)
{
	struct client *c = context;

	if (!receive(c))
		drop_client(c);
	config.ran(config.context);
}

static void listener_ready(void *context)
{
	int fd = accept4(listener.fd, NULL, NULL, SOCK_CLOEXEC);
	struct client *c;

	(void)context;
	if (fd < 0)
		return;
	c = calloc(1, sizeof(*c));
	if (!c) {
		close(fd);
		return;
	}
	c->watch.fd = fd;
	c->watch.ready = client_ready;
	c->watch.context = c;
	if (loop_add(&c->watch)) {
		close(fd);
		free(c);
		return;
	}
	if (++client_count == MAX_CLIENTS)
		loop_remove(&listener);
}

int register_socket_serve(const struct register_socket_config *c)
{
	config = *c;
	listener.ready = listener_ready;
	listener.fd = unix_socket_listen(c->path);
	if (listener.fd < 0)
		return -1;
	if (loop_add(&listener)) {
		log_error("can not watch %s: %s", c->path, strerror(errno));
		return -1;
	}
	return 0;
}
