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
#include "mci-commands.h"

static int compare(const void *key, const void *element)
{
	u32 a = *(const u32 *)key;
	u32 b = ((const struct caliptra_privilege *)element)->code;

	return a < b ? -1 : a > b;
}

static const struct caliptra_privilege *find(u32 kind, u32 cmd)
{
	if (kind == CALIPTRA_MBOX_MCI)
		return bsearch(&cmd, mci_commands, ARRAY_SIZE(mci_commands),
			       sizeof(mci_commands[0]), compare);
	return bsearch(&cmd, core_commands, ARRAY_SIZE(core_commands),
		       sizeof(core_commands[0]), compare);
}

/**
 * caliptra_may_send() - may a caller send a command?
 * @cd: the device
 * @file: the open file; whoever opened it has to be allowed to, too
 * @cmd: command code
 *
 * Return: true if so.
 */
bool caliptra_may_send(const struct caliptra_dev *cd, const struct file *file,
		       u32 cmd)
{
	const struct caliptra_privilege *p = find(cd->ops->kind, cmd);
	int cap = CAP_SYS_RAWIO;

	if (p && !p->admin)
		return true;
	if (p)
		cap = CAP_SYS_ADMIN;
	return file_ns_capable(file, &init_user_ns, cap) && capable(cap);
}
