// SPDX-License-Identifier: GPL-2.0-only
/*
 * Generic netlink: Documentation/netlink/specs/caliptra.yaml.
 *
 * What is asked for is found by its number in the class; nothing is kept here.
 * Listeners are told of events in the order in which the functions below are
 * called. Where there is no memory for an event, they see that they have lost
 * one (ENOBUFS). Whoever asks for all devices while some come or go sees that, too
 * (NLM_F_DUMP_INTR).
 */
#include <linux/atomic.h>
#include <linux/module.h>
#include <linux/string.h>
#include <net/genetlink.h>
#include <net/net_namespace.h>

#include <uapi/linux/caliptra.h>
#include <uapi/linux/caliptra_netlink.h>

#include "caliptra.h"
#include "netlink-gen.h"

/* Fills a message with attributes: 0, -EMSGSIZE, or -ENODEV for a device that goes. */
typedef int (*fill_fn)(struct sk_buff *skb, struct caliptra_dev *cd);

/**
 * struct dump_context - how far a dump is
 * @index: number of the device from which on it goes on
 */
struct dump_context {
	u32 index;
};

/**
 * struct event_value - an attribute of an event
 * @attr: which
 * @value: its value
 */
struct event_value {
	u16 attr;
	u32 value;
};

/* How often devices have come and gone. */
static atomic_t changes = ATOMIC_INIT(0);

static u32 index_of(const struct caliptra_dev *cd)
{
	return MINOR(cd->dev.devt);
}

/* What does not need the device any more. */
static int fill_identity(struct sk_buff *skb, struct caliptra_dev *cd)
{
	if (nla_put_u32(skb, CALIPTRA_A_DEV_INDEX, index_of(cd)) ||
	    nla_put_string(skb, CALIPTRA_A_DEV_NAME, dev_name(&cd->dev)) ||
	    nla_put_string(skb, CALIPTRA_A_DEV_PARENT,
			   dev_name(cd->dev.parent)) ||
	    nla_put_u32(skb, CALIPTRA_A_DEV_MAILBOX, cd->ops->kind) ||
	    nla_put_u32(skb, CALIPTRA_A_DEV_MAILBOX_SIZE, cd->mbox_size))
		return -EMSGSIZE;
	return 0;
}

static int fill_device(struct sk_buff *skb, struct caliptra_dev *cd)
{
	struct caliptra_info info;
	int ret;

	/* who follows events asks for this first; they are looked for from now on */
	if (caliptra_netlink_has_listeners())
		caliptra_health_look(cd);
	ret = caliptra_get_info(cd, &info);
	if (!ret)
		ret = fill_identity(skb, cd);
	if (ret)
		return ret;
	if (nla_put_u32(skb, CALIPTRA_A_DEV_STATE, info.state) ||
	    nla_put_u32(skb, CALIPTRA_A_DEV_HW_REV_ID, info.hw_rev_id) ||
	    (READ_ONCE(cd->stuck) && nla_put_flag(skb, CALIPTRA_A_DEV_STUCK)))
		return -EMSGSIZE;
	return 0;
}

static int fill_stats(struct sk_buff *skb, struct caliptra_dev *cd)
{
	struct caliptra_stats s;

	spin_lock_irq(&cd->lock);
	s = cd->stats;
	spin_unlock_irq(&cd->lock);

	if (nla_put_u32(skb, CALIPTRA_A_STATS_INDEX, index_of(cd)) ||
	    nla_put_string(skb, CALIPTRA_A_STATS_NAME, dev_name(&cd->dev)) ||
	    nla_put_uint(skb, CALIPTRA_A_STATS_COMMANDS, s.commands) ||
	    nla_put_uint(skb, CALIPTRA_A_STATS_FAILURES, s.failures) ||
	    nla_put_uint(skb, CALIPTRA_A_STATS_TIMEOUTS, s.timeouts) ||
	    nla_put_uint(skb, CALIPTRA_A_STATS_ABANDONED, s.abandoned) ||
	    nla_put_uint(skb, CALIPTRA_A_STATS_LOST, s.lost) ||
	    nla_put_uint(skb, CALIPTRA_A_STATS_RESETS, s.resets) ||
	    nla_put_uint(skb, CALIPTRA_A_STATS_STUCK, s.stuck) ||
	    nla_put_uint(skb, CALIPTRA_A_STATS_RECOVERED, s.recovered) ||
	    nla_put_uint(skb, CALIPTRA_A_STATS_SPURIOUS, s.spurious) ||
	    nla_put_uint(skb, CALIPTRA_A_STATS_MISSED, s.missed) ||
	    nla_put_uint(skb, CALIPTRA_A_STATS_MESSAGES, s.messages) ||
	    nla_put_uint(skb, CALIPTRA_A_STATS_MESSAGES_DROPPED,
			 s.messages_dropped))
		return -EMSGSIZE;
	return 0;
}

/* The device that a request names by its index, its name or both. */
static struct caliptra_dev *find(struct genl_info *info)
{
	struct nlattr *index = info->attrs[CALIPTRA_A_DEV_INDEX];
	struct nlattr *name = info->attrs[CALIPTRA_A_DEV_NAME];
	struct caliptra_dev *cd;

	/* each operation has attributes of its own, but begins with these */
	BUILD_BUG_ON((int)CALIPTRA_A_STATS_INDEX != CALIPTRA_A_DEV_INDEX);
	BUILD_BUG_ON((int)CALIPTRA_A_STATS_NAME != CALIPTRA_A_DEV_NAME);

	if (!index && !name) {
		NL_SET_ERR_MSG(info->extack, "give an index or a name");
		NL_SET_ERR_ATTR_MISS(info->extack, NULL, CALIPTRA_A_DEV_INDEX);
		return ERR_PTR(-EINVAL);
	}
	cd = index ? caliptra_find(nla_get_u32(index)) :
		     caliptra_find_name(nla_data(name));
	if (!cd) {
		NL_SET_ERR_MSG_ATTR(info->extack, index ?: name,
				    "there is no such device");
		return ERR_PTR(-ENODEV);
	}
	if (name && nla_strcmp(name, dev_name(&cd->dev))) {
		NL_SET_ERR_MSG_ATTR(info->extack, name,
				    "the index is another device's");
		put_device(&cd->dev);
		return ERR_PTR(-EINVAL);
	}
	return cd;
}

static int reply(struct genl_info *info, fill_fn fill)
{
	struct caliptra_dev *cd;
	struct sk_buff *skb;
	void *header;
	int ret;

	cd = find(info);
	if (IS_ERR(cd))
		return PTR_ERR(cd);
	skb = genlmsg_new(GENLMSG_DEFAULT_SIZE, GFP_KERNEL);
	if (!skb) {
		ret = -ENOMEM;
		goto put;
	}
	header = genlmsg_put_reply(skb, info, &caliptra_nl_family, 0,
				   info->genlhdr->cmd);
	ret = header ? fill(skb, cd) : -EMSGSIZE;
	if (ret) {
		nlmsg_free(skb);
		goto put;
	}
	genlmsg_end(skb, header);
	ret = genlmsg_reply(skb, info);
put:
	put_device(&cd->dev);
	return ret;
}

static int dump_one(struct sk_buff *skb, struct netlink_callback *cb, u8 cmd,
		    struct caliptra_dev *cd, fill_fn fill)
{
	void *header;
	int ret;

	header = genlmsg_put(skb, NETLINK_CB(cb->skb).portid,
			     cb->nlh->nlmsg_seq, &caliptra_nl_family,
			     NLM_F_MULTI, cmd);
	if (!header)
		return -EMSGSIZE;
	genl_dump_check_consistent(cb, header);
	ret = fill(skb, cd);
	if (ret)
		genlmsg_cancel(skb, header);
	else
		genlmsg_end(skb, header);
	return ret;
}

/* A device that goes meanwhile is left out. */
static int dump(struct sk_buff *skb, struct netlink_callback *cb, u8 cmd,
		fill_fn fill)
{
	struct dump_context *context = (void *)cb->ctx;
	struct caliptra_dev *cd;
	int ret;

	BUILD_BUG_ON(sizeof(*context) > sizeof(cb->ctx));
	/* 0 would be none */
	cb->seq = (unsigned int)atomic_read(&changes) ?: UINT_MAX;
	while ((cd = caliptra_find_from(context->index))) {
		ret = dump_one(skb, cb, cmd, cd, fill);
		if (ret != -EMSGSIZE)
			context->index = index_of(cd) + 1;
		put_device(&cd->dev);
		if (ret == -EMSGSIZE)
			return skb->len ? skb->len : ret;
	}
	return skb->len;
}

int caliptra_nl_dev_get_doit(struct sk_buff *skb, struct genl_info *info)
{
	return reply(info, fill_device);
}

int caliptra_nl_dev_get_dumpit(struct sk_buff *skb, struct netlink_callback *cb)
{
	return dump(skb, cb, CALIPTRA_NL_CMD_DEV_GET, fill_device);
}

int caliptra_nl_stats_get_doit(struct sk_buff *skb, struct genl_info *info)
{
	return reply(info, fill_stats);
}

int caliptra_nl_stats_get_dumpit(struct sk_buff *skb,
				 struct netlink_callback *cb)
{
	return dump(skb, cb, CALIPTRA_NL_CMD_STATS_GET, fill_stats);
}

/**
 * caliptra_netlink_has_listeners() - does anybody listen to events?
 *
 * Return: true if somebody does.
 */
bool caliptra_netlink_has_listeners(void)
{
	return genl_has_listeners(&caliptra_nl_family, &init_net,
				  CALIPTRA_NLGRP_MONITOR);
}

/* Send a message that is whole unless @ret is an error. Frees it. */
static void send_event(struct sk_buff *skb, void *header, int ret)
{
	if (!ret) {
		genlmsg_end(skb, header);
		genlmsg_multicast(&caliptra_nl_family, skb, 0,
				  CALIPTRA_NLGRP_MONITOR, GFP_KERNEL);
		return;
	}
	nlmsg_free(skb);
	genl_set_err(&caliptra_nl_family, &init_net, 0, CALIPTRA_NLGRP_MONITOR,
		     -ENOBUFS);
}

/* NULL where nobody listens or there is no memory. */
static struct sk_buff *new_event(u8 cmd, void **header)
{
	struct sk_buff *skb;

	if (!caliptra_netlink_has_listeners())
		return NULL;
	skb = genlmsg_new(GENLMSG_DEFAULT_SIZE, GFP_KERNEL);
	*header = skb ? genlmsg_put(skb, 0, 0, &caliptra_nl_family, 0, cmd) :
			NULL;
	if (*header)
		return skb;
	send_event(skb, NULL, -ENOMEM);
	return NULL;
}

static int fill_event(struct sk_buff *skb, struct caliptra_dev *cd,
		      const struct event_value *values, size_t count)
{
	size_t i;

	if (nla_put_u32(skb, CALIPTRA_A_EVENT_INDEX, index_of(cd)) ||
	    nla_put_string(skb, CALIPTRA_A_EVENT_NAME, dev_name(&cd->dev)))
		return -EMSGSIZE;
	for (i = 0; i < count; i++)
		if (nla_put_u32(skb, values[i].attr, values[i].value))
			return -EMSGSIZE;
	return 0;
}

static void tell(struct caliptra_dev *cd, u8 cmd,
		 const struct event_value *values, size_t count)
{
	struct sk_buff *skb;
	void *header;

	skb = new_event(cmd, &header);
	if (skb)
		send_event(skb, header, fill_event(skb, cd, values, count));
}

/* Its registers have other bits than those of a core. */
static bool is_mci(const struct caliptra_dev *cd)
{
	return cd->ops->kind == CALIPTRA_MBOX_MCI;
}

/**
 * caliptra_netlink_state() - tell of a change of state
 * @cd: the device
 * @old: enum caliptra_state, as it was
 * @new: and as it is
 *
 * As all that follow it may sleep, and is not called with a lock held.
 */
void caliptra_netlink_state(struct caliptra_dev *cd, u32 old, u32 new)
{
	const struct event_value values[] = {
		{ CALIPTRA_A_EVENT_OLD_STATE, old },
		{ CALIPTRA_A_EVENT_STATE, new },
	};

	tell(cd, CALIPTRA_NL_CMD_STATE_CHANGE, values, ARRAY_SIZE(values));
}

/**
 * caliptra_netlink_error() - tell of an error
 * @cd: the device
 * @fatal: only a reset helps
 * @hw: CPTRA_HW_ERROR_FATAL, or CPTRA_HW_ERROR_NON_FATAL
 * @fw: CPTRA_FW_ERROR_FATAL, or CPTRA_FW_ERROR_NON_FATAL
 */
void caliptra_netlink_error(struct caliptra_dev *cd, bool fatal, u32 hw, u32 fw)
{
	static const u16 hw_attrs[2][2] = {
		{ CALIPTRA_A_EVENT_HW_ERROR_NON_FATAL,
		  CALIPTRA_A_EVENT_HW_ERROR_FATAL },
		{ CALIPTRA_A_EVENT_MCI_HW_ERROR_NON_FATAL,
		  CALIPTRA_A_EVENT_MCI_HW_ERROR_FATAL },
	};
	const struct event_value values[] = {
		{ hw_attrs[is_mci(cd)][fatal], hw },
		{ is_mci(cd) ? CALIPTRA_A_EVENT_MCI_FW_ERROR :
			       CALIPTRA_A_EVENT_FW_ERROR,
		  fw },
	};

	tell(cd,
	     fatal ? CALIPTRA_NL_CMD_ERROR_FATAL :
		     CALIPTRA_NL_CMD_ERROR_NON_FATAL,
	     values, ARRAY_SIZE(values));
}

/**
 * caliptra_netlink_reset() - tell of a reset
 * @cd: the device
 * @reason: CPTRA_RESET_REASON
 */
void caliptra_netlink_reset(struct caliptra_dev *cd, u32 reason)
{
	const struct event_value value = {
		is_mci(cd) ? CALIPTRA_A_EVENT_MCI_RESET_REASON :
			     CALIPTRA_A_EVENT_RESET_REASON,
		reason
	};

	tell(cd, CALIPTRA_NL_CMD_RESET, &value, 1);
}

/**
 * caliptra_netlink_stuck() - tell that a command does not end
 * @cd: the device
 * @cmd: code of the command
 * @ms: how long it has not, in milliseconds
 */
void caliptra_netlink_stuck(struct caliptra_dev *cd, u32 cmd, u32 ms)
{
	const struct event_value values[] = {
		{ CALIPTRA_A_EVENT_COMMAND, cmd },
		{ CALIPTRA_A_EVENT_MILLISECONDS, ms },
	};

	tell(cd, CALIPTRA_NL_CMD_STUCK, values, ARRAY_SIZE(values));
}

/**
 * caliptra_netlink_recovered() - tell that a device is not stuck any more
 * @cd: the device
 */
void caliptra_netlink_recovered(struct caliptra_dev *cd)
{
	tell(cd, CALIPTRA_NL_CMD_RECOVERED, NULL, 0);
}

/**
 * caliptra_netlink_device() - tell of a device that comes or goes
 * @cd: the device, which can be found now, or no more; it still has its number and its
 *	name
 * @added: it comes
 */
void caliptra_netlink_device(struct caliptra_dev *cd, bool added)
{
	struct sk_buff *skb;
	void *header;
	int ret;

	atomic_inc(&changes);
	skb = new_event(added ? CALIPTRA_NL_CMD_DEVICE_ADD :
				CALIPTRA_NL_CMD_DEVICE_DEL,
			&header);
	if (!skb)
		return;
	ret = added ? fill_device(skb, cd) : -ENODEV;
	/* it may be going again by now */
	if (ret == -ENODEV)
		ret = fill_identity(skb, cd);
	send_event(skb, header, ret);
}

/* The specification has their flags, of which the kernel's generator makes nothing. */
static const struct genl_multicast_group groups[] = {
	[CALIPTRA_NLGRP_MONITOR] = {
		.name = CALIPTRA_MCGRP_MONITOR,
		.flags = GENL_MCAST_CAP_NET_ADMIN,
	},
};

/**
 * caliptra_netlink_init() - at module load
 *
 * Return: 0 or an error.
 */
int caliptra_netlink_init(void)
{
	caliptra_nl_family.mcgrps = groups;
	caliptra_nl_family.n_mcgrps = ARRAY_SIZE(groups);
	return genl_register_family(&caliptra_nl_family);
}

/**
 * caliptra_netlink_exit() - at module unload
 */
void caliptra_netlink_exit(void)
{
	genl_unregister_family(&caliptra_nl_family);
}
