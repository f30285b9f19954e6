/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Unix sockets that a door listens at. */
#ifndef SWCALIPTRA_UNIX_SOCKET_H
#define SWCALIPTRA_UNIX_SOCKET_H

/**
 * unix_socket_listen() - create a socket and listen
 * @path: of the socket; one that nobody listens at any more is replaced
 *
 * Return: the descriptor, or -1 after saying why on stderr.
 */
int unix_socket_listen(const char *path);

/**
 * unix_socket_connect() - connect to a socket
 * @path: of the socket
 *
 * Return: the descriptor, or -1 with errno set.
 */
int unix_socket_connect(const char *path);

/** unix_socket_remove_all() - remove every path that was listened at */
void unix_socket_remove_all(void);

#endif
