// SPDX-License-Identifier: GPL-2.0-only
/*
 * Panics when it is loaded, for selftests/last-state.sh.
 */
#include <linux/kernel.h>
#include <linux/module.h>
#include <linux/panic.h>

static int __init crash_init(void)
{
	panic("asked for by a test");
}
module_init(crash_init);

MODULE_DESCRIPTION("Panic, for tests");
MODULE_LICENSE("GPL");
