// SPDX-License-Identifier: GPL-2.0-or-later
/* monitor, statistics */
#include <errno.h>
#include <netlink/errno.h>
#include <netlink/genl/ctrl.h>
#include <netlink/msg.h>
#include <netlink/netlink.h>
#include <poll.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "cli.h"
#include "netlink.h"

/* Bytes of events that may wait to be read. */
#define RECEIVE_BUFFER (1 << 20)

static const struct cli_option no_options[] = { { 0 } };

static volatile sig_atomic_t ended;

static void end(int signal)
{
	(void)signal;
	ended = 1;
}

/* The kernel tells of its own devices alone. */
static int check_device(const struct cli *cli)
{
	if (strncmp(cli->device, "unix:", 5))
		return 0;
	return cli_error(
		CLI_USAGE,
		"%s is for the kernel's devices, and '%s' is not one of them",
		cli->command->name, cli->device);
}

/* Is this of the device that the command line names, if it names one? */
static bool is_wanted(const struct cli *cli, json_object *object)
{
	json_object *device = json_object_object_get(object, "device");

	return !cli->device_given || !device ||
	       !strcmp(json_object_get_string(device), cli->device);
}

/* Prints an event and frees it; returns the exit status. */
static int print_event(const struct cli *cli, json_object *event)
{
	char *text = NULL;

	if (!is_wanted(cli, event)) {
		json_object_put(event);
		return CLI_OK;
	}
	if (cli->json) {
		puts(json_object_to_json_string_ext(
			event, JSON_C_TO_STRING_SPACED |
				       JSON_C_TO_STRING_NOSLASHESCAPE));
	} else {
		text = message_text(event);
		if (text)
			puts(text);
	}
	json_object_put(event);
	if (!cli->json && !text)
		return cli_error(CLI_FAILED, "there is no memory");
	free(text);
	return cli_flush();
}

/**
 * struct monitor - for what is called with each message
 * @cli: the command line
 * @family: number of the family
 * @status: the exit status
 */
struct monitor {
	const struct cli *cli;
	int family;
	int status;
};

static int take_event(struct nl_msg *message, void *context)
{
	struct monitor *m = context;
	struct nlmsghdr *header = nlmsg_hdr(message);
	struct timespec now;
	json_object *event;

	/* others than the kernel may write to a socket */
	if (nlmsg_get_src(message)->nl_pid || header->nlmsg_type != m->family)
		return NL_SKIP;
	clock_gettime(CLOCK_REALTIME, &now);
	event = message_event(header, &now);
	m->status =
		event ? print_event(m->cli, event) :
			cli_error(CLI_FAILED,
				  "the kernel's message can not be an event");
	return m->status ? NL_STOP : NL_OK;
}

static int print_lost(const struct cli *cli)
{
	struct timespec now;

	clock_gettime(CLOCK_REALTIME, &now);
	return print_event(cli, message_lost(&now));
}

/* Signals come only while it waits, so that none comes too early to be seen. */
static int follow(struct monitor *m, struct nl_sock *socket,
		  const sigset_t *waiting)
{
	struct pollfd fd = { .fd = nl_socket_get_fd(socket), .events = POLLIN };
	int ret;

	while (!m->status) {
		ret = ppoll(&fd, 1, NULL, waiting);
		if (ended)
			return CLI_OK;
		if (ret < 0 && errno != EINTR)
			return cli_error(CLI_FAILED,
					 "can not wait for events: %s",
					 strerror(errno));
		if (ret <= 0)
			continue;
		ret = nl_recvmsgs_default(socket);
		/* ENOBUFS to the system */
		if (ret == -NLE_NOMEM)
			m->status = print_lost(m->cli);
		else if (ret < 0 && ret != -NLE_AGAIN && ret != -NLE_INTR)
			return cli_error(CLI_FAILED,
					 "can not receive events: %s",
					 nl_geterror(ret));
	}
	return m->status;
}

static int subscribe_error(int error)
{
	if (error == -NLE_PERM)
		return cli_error(
			CLI_UNREACHABLE,
			"events are for those with the capability CAP_NET_ADMIN");
	return cli_error(CLI_UNREACHABLE,
			 "the kernel does not tell of events: %s",
			 nl_geterror(error));
}

static int subscribe(struct netlink *netlink, struct monitor *m)
{
	struct nl_sock *socket = netlink->socket;
	int ret;

	ret = genl_ctrl_resolve_grp(socket, CALIPTRA_FAMILY_NAME,
				    CALIPTRA_MCGRP_MONITOR);
	/* what is sent to many has no number in a row */
	nl_socket_disable_seq_check(socket);
	if (ret >= 0)
		ret = nl_socket_modify_cb(socket, NL_CB_VALID, NL_CB_CUSTOM, take_event, m) ?:
			      nl_socket_set_buffer_size(socket, RECEIVE_BUFFER, 0) ?:
			      nl_socket_set_nonblocking(socket) ?:
			      nl_socket_add_membership(socket, ret);
	return ret < 0 ? subscribe_error(ret) : 0;
}

/*
 * The driver looks for changes as long as somebody follows them, once it was asked how
 * its devices are.
 */
static int begin_watch(void)
{
	json_object *list = json_object_new_array();
	struct netlink netlink;
	int status = netlink_open(&netlink);
	int ret;

	if (!status) {
		ret = netlink_dump(&netlink, CALIPTRA_NL_CMD_DEV_GET,
				   message_device, list);
		netlink_close(&netlink);
		if (ret)
			status = cli_error(
				CLI_FAILED,
				"the kernel does not tell of its devices: %s",
				nl_geterror(ret));
	}
	json_object_put(list);
	return status;
}

static void catch_signals(sigset_t *waiting)
{
	const struct sigaction action = { .sa_handler = end };
	sigset_t ours;

	sigemptyset(&ours);
	sigaddset(&ours, SIGINT);
	sigaddset(&ours, SIGTERM);
	sigprocmask(SIG_BLOCK, &ours, waiting);
	sigdelset(waiting, SIGINT);
	sigdelset(waiting, SIGTERM);
	sigaction(SIGINT, &action, NULL);
	sigaction(SIGTERM, &action, NULL);
}

int cmd_monitor(struct cli *cli)
{
	struct monitor m = { .cli = cli };
	struct netlink netlink;
	sigset_t waiting;
	int status;

	if (!cli_parse(cli, no_options, 0, 0, &status))
		return status;
	status = check_device(cli);
	if (!status)
		status = netlink_open(&netlink);
	if (status)
		return status;
	m.family = netlink.family;
	catch_signals(&waiting);
	status = subscribe(&netlink, &m);
	if (!status)
		status = begin_watch();
	if (!status)
		status = follow(&m, netlink.socket, &waiting);
	netlink_close(&netlink);
	return status;
}

/* What is wanted of a list, which is freed. */
static json_object *select_wanted(const struct cli *cli, json_object *all)
{
	json_object *wanted = json_object_new_array();
	size_t i;

	for (i = 0; i < json_object_array_length(all); i++) {
		json_object *item = json_object_array_get_idx(all, i);

		if (is_wanted(cli, item))
			json_object_array_add(wanted, json_object_get(item));
	}
	json_object_put(all);
	return wanted;
}

static int statistics_error(int error)
{
	if (error == -NLE_PERM)
		return cli_error(
			CLI_UNREACHABLE,
			"statistics are for those with the capability CAP_NET_ADMIN");
	return cli_error(CLI_FAILED, "the kernel gives no statistics: %s",
			 nl_geterror(error));
}

int cmd_statistics(struct cli *cli)
{
	json_object *list;
	struct netlink netlink;
	int status;
	int ret;

	if (!cli_parse(cli, no_options, 0, 0, &status))
		return status;
	status = check_device(cli);
	if (!status)
		status = netlink_open(&netlink);
	if (status)
		return status;
	list = json_object_new_array();
	ret = netlink_dump(&netlink, CALIPTRA_NL_CMD_STATS_GET, message_stats,
			   list);
	netlink_close(&netlink);
	list = select_wanted(cli, list);
	if (!ret && (json_object_array_length(list) || !cli->device_given))
		return cli_print(cli, list);
	json_object_put(list);
	if (ret)
		return statistics_error(ret);
	return cli_error(CLI_UNREACHABLE, "the kernel has no device %s",
			 cli->device);
}
