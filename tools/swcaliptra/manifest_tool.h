/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The subcommand "manifest": makes authorization manifests, and shows them. */
#ifndef SWCALIPTRA_MANIFEST_TOOL_H
#define SWCALIPTRA_MANIFEST_TOOL_H

/**
 * manifest_tool() - do what was asked for
 * @argc: how many words
 * @argv: the words, "manifest" first
 *
 * Return: exit status.
 */
int manifest_tool(int argc, char **argv);

#endif
