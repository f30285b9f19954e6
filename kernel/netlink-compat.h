/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * What generated code for netlink needs, and older kernels lack. Kbuild has it
 * included before anything else there; it is nothing for the kernel's source.
 */
#ifndef CALIPTRA_NETLINK_COMPAT_H
#define CALIPTRA_NETLINK_COMPAT_H

#include <net/genetlink.h>

/* Linux 6.7 */
static inline int nla_put_uint(struct sk_buff *skb, int attr, u64 value)
{
	u32 short_value = value;

	if (short_value == value)
		return nla_put_u32(skb, attr, short_value);
	return nla_put(skb, attr, sizeof(value), &value);
}

/* Linux 6.8, and stable kernels of its time; before, it was that of operations. */
#ifndef GENL_MCAST_CAP_NET_ADMIN
#define GENL_MCAST_CAP_NET_ADMIN GENL_UNS_ADMIN_PERM
#endif

#ifdef CALIPTRA_NO_SPLIT_OPS
/*
 * Linux 6.2 has a table with an entry for each do and each dump; before, there
 * was one for both.
 */
#define genl_split_ops genl_ops
#define split_ops      ops
#define n_split_ops    n_ops

static inline int caliptra_register_family(struct genl_family *family)
{
	static struct genl_ops merged[8];
	const struct genl_ops *op = family->ops;
	const struct genl_ops *end = op + family->n_ops;
	struct genl_ops *to = merged;

	for (; op < end; op++) {
		if (to == merged || to[-1].cmd != op->cmd)
			*to++ = *op;
		else if (op->dumpit)
			to[-1].dumpit = op->dumpit;
		if (WARN_ON(to == merged + ARRAY_SIZE(merged)))
			return -EINVAL;
	}
	family->ops = merged;
	family->n_ops = to - merged;
	return genl_register_family(family);
}

#define genl_register_family caliptra_register_family
#endif

#endif /* CALIPTRA_NETLINK_COMPAT_H */
