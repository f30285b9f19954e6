/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The command socket: whole commands, without registers. Protocol: peer.h.
 */
#ifndef SWCALIPTRA_COMMAND_SOCKET_H
#define SWCALIPTRA_COMMAND_SOCKET_H

#include "device.h"

/**
 * command_socket_serve() - start serving, from the event loop
 * @path: of the unix socket, which is created
 * @dev: the Caliptra
 * @user: AXI user of commands that do not say whose they are
 *
 * Any number of clients. Their commands go through the mailbox one at a time,
 * as everybody else's do.
 *
 * Return: 0, or -1 after saying why on stderr.
 */
int command_socket_serve(const char *path, struct device *dev, uint32_t user);

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
