/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The register socket: register accesses, one by one, in the protocol of QEMU's
 * Caliptra register peers.
 *
 * A message is a header and a payload, all words little-endian:
 *
 *	u32 magic, u16 version, u16 command, u32 payload_len
 *
 *	READ        u32 address
 *	READ_DATA   u32 data
 *	WRITE       u32 address, u32 data
 *	WRITE_ACK   -
 *
 * Addresses are those of the bus. There are no interrupts.
 */
#ifndef SWCALIPTRA_REGISTER_SOCKET_H
#define SWCALIPTRA_REGISTER_SOCKET_H

#include <stdint.h>

#include "bus.h"

#define REGISTER_PEER_MAGIC   0x43505452u /* "CPTR" */
#define REGISTER_PEER_VERSION 1

#define REGISTER_PEER_READ	3
#define REGISTER_PEER_READ_DATA 4
#define REGISTER_PEER_WRITE	5
#define REGISTER_PEER_WRITE_ACK 6

/**
 * struct register_socket_config - what is served
 * @path: of the unix socket, which is created
 * @bus: the Caliptra
 * @base: where the window begins
 * @size: of the window
 * @user: AXI user of every access
 * @ran: called after each message, so that firmware can work; may not be NULL
 * @context: of @ran
 */
struct register_socket_config {
	const char *path;
	struct bus *bus;
	uint32_t base;
	uint32_t size;
	uint32_t user;
	void (*ran)(void *context);
	void *context;
};

/**
 * register_socket_serve() - start serving, from the event loop
 * @config: copied
 *
 * Any number of clients. One that sends anything but an access to an aligned
 * address in the window loses its connection.
 *
 * Return: 0, or -1 after saying why on stderr.
 */
int register_socket_serve(const struct register_socket_config *config);

#endif
