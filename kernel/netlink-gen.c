// SPDX-License-Identifier: ((GPL-2.0 WITH Linux-syscall-note) OR BSD-3-Clause)
/* Do not edit directly, auto-generated from: */
/*	Documentation/netlink/specs/caliptra.yaml */
/* YNL-GEN kernel source */
/* To regenerate run: tools/net/ynl/ynl-regen.sh */

#include <net/netlink.h>
#include <net/genetlink.h>

#include "netlink-gen.h"

#include <uapi/linux/caliptra_netlink.h>

/* CALIPTRA_NL_CMD_DEV_GET - do */
static const struct nla_policy caliptra_dev_get_nl_policy[CALIPTRA_A_DEV_NAME + 1] = {
	[CALIPTRA_A_DEV_INDEX] = { .type = NLA_U32, },
	[CALIPTRA_A_DEV_NAME] = { .type = NLA_NUL_STRING, .len = 31, },
};

/* CALIPTRA_NL_CMD_STATS_GET - do */
static const struct nla_policy caliptra_stats_get_nl_policy[CALIPTRA_A_STATS_NAME + 1] = {
	[CALIPTRA_A_STATS_INDEX] = { .type = NLA_U32, },
	[CALIPTRA_A_STATS_NAME] = { .type = NLA_NUL_STRING, .len = 31, },
};

/* Ops table for caliptra */
static const struct genl_split_ops caliptra_nl_ops[] = {
	{
		.cmd		= CALIPTRA_NL_CMD_DEV_GET,
		.doit		= caliptra_nl_dev_get_doit,
		.policy		= caliptra_dev_get_nl_policy,
		.maxattr	= CALIPTRA_A_DEV_NAME,
		.flags		= GENL_CMD_CAP_DO,
	},
	{
		.cmd	= CALIPTRA_NL_CMD_DEV_GET,
		.dumpit	= caliptra_nl_dev_get_dumpit,
		.flags	= GENL_CMD_CAP_DUMP,
	},
	{
		.cmd		= CALIPTRA_NL_CMD_STATS_GET,
		.doit		= caliptra_nl_stats_get_doit,
		.policy		= caliptra_stats_get_nl_policy,
		.maxattr	= CALIPTRA_A_STATS_NAME,
		.flags		= GENL_ADMIN_PERM | GENL_CMD_CAP_DO,
	},
	{
		.cmd	= CALIPTRA_NL_CMD_STATS_GET,
		.dumpit	= caliptra_nl_stats_get_dumpit,
		.flags	= GENL_ADMIN_PERM | GENL_CMD_CAP_DUMP,
	},
};

static const struct genl_multicast_group caliptra_nl_mcgrps[] = {
	[CALIPTRA_NLGRP_MONITOR] = { "monitor", },
};

struct genl_family caliptra_nl_family __ro_after_init = {
	.name		= CALIPTRA_FAMILY_NAME,
	.version	= CALIPTRA_FAMILY_VERSION,
	.netnsok	= true,
	.parallel_ops	= true,
	.module		= THIS_MODULE,
	.split_ops	= caliptra_nl_ops,
	.n_split_ops	= ARRAY_SIZE(caliptra_nl_ops),
	.mcgrps		= caliptra_nl_mcgrps,
	.n_mcgrps	= ARRAY_SIZE(caliptra_nl_mcgrps),
};
