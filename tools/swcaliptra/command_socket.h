/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Command sockets: whole commands, without registers. Protocol: peer.h.
 */
#ifndef SWCALIPTRA_COMMAND_SOCKET_H
#define SWCALIPTRA_COMMAND_SOCKET_H

#include "command_port.h"

/**
 * command_socket_serve() - start serving, from the event loop
 * @path: of the unix socket, which is created
 * @port: the mailbox that commands go to; copied
 * @user: AXI user of commands that do not say whose they are
 *
 * Any number of sockets, and of clients at each. Their commands go through the mailbox one at a time,
 * as everybody else's do.
 *
 * Return: 0, or -1 after saying why on stderr.
 */
int command_socket_serve(const char *path, const struct command_port *port,
			 uint32_t user);

/**
 * command_socket_run() - go on with commands that wait
 *
 * To be called after the device has run.
 *
 * Return: nanoseconds until it wants to be called again, or UINT64_MAX; 0 where
 * a command was put into the mailbox, so that the device has to run first.
 */
uint64_t command_socket_run(void);

#endif
