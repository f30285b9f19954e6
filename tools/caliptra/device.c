// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * Which of the kernel's devices it is where none is named: the first whose mailbox
 * takes the command. What kind each is stands in sysfs, which anybody may read.
 */
#include <stdio.h>
#include <string.h>

#include "cli.h"

/* What the driver has at most. */
#define MAX_DEVICES 16

static bool is_kind(unsigned int index, const char *kind)
{
	char path[64], text[8] = "";
	FILE *file;

	snprintf(path, sizeof(path), "/sys/class/caliptra/caliptra-mbox%u/kind",
		 index);
	file = fopen(path, "re");
	if (!file)
		return false;
	if (!fgets(text, sizeof(text), file))
		text[0] = '\0';
	fclose(file);
	text[strcspn(text, "\n")] = '\0';
	return !strcmp(text, kind);
}

void cli_choose_device(struct cli *cli, enum caliptra_device_mailbox mailbox)
{
	static char path[32];
	unsigned int i;

	if (cli->device_given)
		return;
	for (i = 0; i < MAX_DEVICES; i++)
		if (is_kind(i, cli_mailbox_name(mailbox)))
			break;
	/* without any, that one is told not to be there, or not to be the right one */
	snprintf(path, sizeof(path), "/dev/caliptra-mbox%u",
		 i < MAX_DEVICES ? i : 0);
	cli->device = path;
}
