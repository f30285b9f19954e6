/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The kernel's netlink family, of Documentation/netlink/specs/caliptra.yaml:
 * messages as JSON, and the socket that they come from.
 */
#ifndef NETLINK_H
#define NETLINK_H

#include <json-c/json.h>
#include <linux/caliptra_netlink.h>
#include <linux/netlink.h>
#include <netlink/socket.h>
#include <stdbool.h>
#include <stdint.h>
#include <time.h>

/**
 * message_device() - what dev-get tells of a device
 * @message: the answer, whole
 *
 * Return: an object, or NULL where the message is not one.
 */
json_object *message_device(struct nlmsghdr *message);

/** message_stats() - what stats-get tells of one; likewise */
json_object *message_stats(struct nlmsghdr *message);

/**
 * message_event() - what a message for the group monitor tells
 * @message: the message, whole
 * @now: when it came
 *
 * Return: an object, whose first fields are time and event, and device if it is
 * of one; NULL where the message is not one.
 */
json_object *message_event(struct nlmsghdr *message,
			   const struct timespec *now);

/** message_lost() - the event that others were lost */
json_object *message_lost(const struct timespec *now);

/** message_text() - an event as one line without its end; free() it, or NULL */
char *message_text(json_object *event);

/**
 * struct netlink - a connection to the family
 * @socket: of libnl
 * @family: number of the family
 */
struct netlink {
	struct nl_sock *socket;
	int family;
};

/** netlink_open() - connect; 0 or the exit status, after an error was printed */
int netlink_open(struct netlink *netlink);

/** netlink_try() - connect, if the kernel has the family; or false */
bool netlink_try(struct netlink *netlink);

/** netlink_close() - end a connection */
void netlink_close(struct netlink *netlink);

/**
 * netlink_dump() - ask for all there are
 * @netlink: the connection
 * @operation: CALIPTRA_NL_CMD_DEV_GET or CALIPTRA_NL_CMD_STATS_GET
 * @convert: makes an object of a message
 * @list: where objects go
 *
 * Asks again where devices have come or gone meanwhile.
 *
 * Return: 0, or an error of libnl, negative.
 */
int netlink_dump(struct netlink *netlink, uint8_t operation,
		 json_object *(*convert)(struct nlmsghdr *message),
		 json_object *list);

#endif
