// SPDX-License-Identifier: GPL-2.0-only
/*
 * Caliptra: the host side of the open silicon root of trust.
 */
#include <linux/module.h>

#include "caliptra.h"

static int __init caliptra_init(void)
{
	int ret;

	ret = caliptra_chardev_init();
	if (ret)
		return ret;
	ret = caliptra_netlink_init();
	if (ret)
		goto chardev_exit;
	ret = caliptra_command_init();
	if (ret)
		goto netlink_exit;
	caliptra_debugfs_init();
	caliptra_last_state_init();
	ret = caliptra_platform_init();
	if (ret)
		goto debugfs_exit;
	return 0;

debugfs_exit:
	caliptra_last_state_exit();
	caliptra_debugfs_exit();
	caliptra_command_exit();
netlink_exit:
	caliptra_netlink_exit();
chardev_exit:
	caliptra_chardev_exit();
	return ret;
}
module_init(caliptra_init);

static void __exit caliptra_exit(void)
{
	caliptra_platform_exit();
	caliptra_last_state_exit();
	caliptra_debugfs_exit();
	caliptra_command_exit();
	caliptra_netlink_exit();
	caliptra_chardev_exit();
}
module_exit(caliptra_exit);

MODULE_DESCRIPTION("Caliptra root of trust");
MODULE_SOFTDEP("pre: caliptra-pci post: caliptra-hwrng caliptra-fw-upload");
MODULE_LICENSE("GPL");
