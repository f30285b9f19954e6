/* SPDX-License-Identifier: ((GPL-2.0 WITH Linux-syscall-note) OR BSD-3-Clause) */
/* Do not edit directly, auto-generated from: */
/*	Documentation/netlink/specs/caliptra.yaml */
/* YNL-GEN kernel header */
/* To regenerate run: tools/net/ynl/ynl-regen.sh */

#ifndef _LINUX_CALIPTRA_GEN_H
#define _LINUX_CALIPTRA_GEN_H

#include <net/netlink.h>
#include <net/genetlink.h>

#include <uapi/linux/caliptra_netlink.h>

int caliptra_nl_dev_get_doit(struct sk_buff *skb, struct genl_info *info);
int caliptra_nl_dev_get_dumpit(struct sk_buff *skb,
			       struct netlink_callback *cb);
int caliptra_nl_stats_get_doit(struct sk_buff *skb, struct genl_info *info);
int caliptra_nl_stats_get_dumpit(struct sk_buff *skb,
				 struct netlink_callback *cb);

enum {
	CALIPTRA_NLGRP_MONITOR,
};

extern struct genl_family caliptra_nl_family;

#endif /* _LINUX_CALIPTRA_GEN_H */
