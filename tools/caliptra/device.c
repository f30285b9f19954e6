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

/* Of that kind, or of any where it is NULL. */
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
	return !kind || !strcmp(text, kind);
}

/* The first one, or MAX_DEVICES. Numbers need not begin with 0. */
static unsigned int first_of_kind(const char *kind)
{
	unsigned int i;

	for (i = 0; i < MAX_DEVICES && !is_kind(i, kind); i++)
		;
	return i;
}

void cli_choose_device(struct cli *cli, enum caliptra_device_mailbox mailbox)
{
	static char path[32];
	unsigned int i;

	if (cli->device_given)
		return;
	i = first_of_kind(cli_mailbox_name(mailbox));
	/* without any, another is told not to be the right one, or not to be there */
	if (i == MAX_DEVICES)
		i = first_of_kind(NULL);
	snprintf(path, sizeof(path), "/dev/caliptra-mbox%u",
		 i < MAX_DEVICES ? i : 0);
	cli->device = path;
}
