// SPDX-License-Identifier: GPL-2.0-or-later
/* The connection to the kernel's netlink family. */
#include "netlink.h"

#include <netlink/errno.h>
#include <netlink/genl/ctrl.h>
#include <netlink/genl/genl.h>
#include <netlink/msg.h>
#include <netlink/netlink.h>

#include "cli.h"

/* Dumps during which devices came or went, one after the other, that are one too many. */
#define MAX_TRIES 10

/* 0, or an error of libnl. */
static int connect_family(struct netlink *netlink)
{
	int ret;

	netlink->socket = nl_socket_alloc();
	if (!netlink->socket)
		return -NLE_NOMEM;
	ret = genl_connect(netlink->socket);
	if (!ret)
		ret = genl_ctrl_resolve(netlink->socket, CALIPTRA_FAMILY_NAME);
	if (ret < 0) {
		netlink_close(netlink);
		return ret;
	}
	netlink->family = ret;
	return 0;
}

int netlink_open(struct netlink *netlink)
{
	int ret = connect_family(netlink);

	if (!ret)
		return 0;
	if (ret == -NLE_OBJ_NOTFOUND)
		return cli_error(
			CLI_UNREACHABLE,
			"the kernel has no netlink family caliptra; is the driver caliptra loaded?");
	return cli_error(CLI_UNREACHABLE,
			 "can not reach the kernel by netlink: %s",
			 nl_geterror(ret));
}

bool netlink_try(struct netlink *netlink)
{
	return !connect_family(netlink);
}

void netlink_close(struct netlink *netlink)
{
	nl_socket_free(netlink->socket);
	netlink->socket = NULL;
}

/**
 * struct dump - a dump on its way
 * @convert: makes an object of a message
 * @list: where objects go
 */
struct dump {
	json_object *(*convert)(struct nlmsghdr *message);
	json_object *list;
};

static int take_message(struct nl_msg *message, void *context)
{
	struct dump *dump = context;
	json_object *object = dump->convert(nlmsg_hdr(message));

	if (!object)
		return -NLE_INVAL;
	json_object_array_add(dump->list, object);
	return NL_OK;
}

static int try_dump(struct netlink *netlink, uint8_t operation,
		    struct dump *dump)
{
	int ret;

	ret = nl_socket_modify_cb(netlink->socket, NL_CB_VALID, NL_CB_CUSTOM,
				  take_message, dump);
	if (!ret)
		ret = genl_send_simple(netlink->socket, netlink->family,
				       operation, CALIPTRA_FAMILY_VERSION,
				       NLM_F_DUMP);
	if (ret >= 0)
		ret = nl_recvmsgs_default(netlink->socket);
	return ret < 0 ? ret : 0;
}

int netlink_dump(struct netlink *netlink, uint8_t operation,
		 json_object *(*convert)(struct nlmsghdr *message),
		 json_object *list)
{
	const size_t before = json_object_array_length(list);
	struct dump dump = { convert, list };
	int tries = 0;
	int ret;

	do {
		json_object_array_del_idx(
			list, before, json_object_array_length(list) - before);
		ret = try_dump(netlink, operation, &dump);
	} while (ret == -NLE_DUMP_INTR && ++tries < MAX_TRIES);
	return ret;
}
