// SPDX-License-Identifier: GPL-2.0-only
/*
 * Who may send which command: harmless ones whoever may open the node, those that
 * change the device for everybody CAP_SYS_ADMIN, and those that nobody here knows
 * CAP_SYS_RAWIO.
 */
#include <linux/bsearch.h>
#include <linux/capability.h>
#include <linux/fs.h>
#include <linux/minmax.h>

#include "caliptra.h"

/**
 * struct caliptra_privilege - one command
 * @code: its code
 * @admin: it changes the device for everybody
 */
struct caliptra_privilege {
	u32 code;
	bool admin;
};

#include "core-commands.h"

static int compare(const void *key, const void *element)
{
	u32 a = *(const u32 *)key;
	u32 b = ((const struct caliptra_privilege *)element)->code;

	return a < b ? -1 : a > b;
}

/**
 * caliptra_may_send() - may a caller send a command?
 * @file: the open file; whoever opened it has to be allowed to, too
 * @cmd: command code
 *
 * Return: true if so.
 */
bool caliptra_may_send(const struct file *file, u32 cmd)
{
	const struct caliptra_privilege *p;
	int cap = CAP_SYS_RAWIO;

	p = bsearch(&cmd, core_commands, ARRAY_SIZE(core_commands), sizeof(*p),
		    compare);
	if (p && !p->admin)
		return true;
	if (p)
		cap = CAP_SYS_ADMIN;
	return file_ns_capable(file, &init_user_ns, cap) && capable(cap);
}
