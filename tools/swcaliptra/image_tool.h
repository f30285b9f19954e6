/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The subcommand "image": firmware image bundles in files. */
#ifndef SWCALIPTRA_IMAGE_TOOL_H
#define SWCALIPTRA_IMAGE_TOOL_H

/**
 * image_tool() - make, show, lms-key
 * @argc: how many words, from "image" on
 * @argv: the words
 *
 * Return: exit status.
 */
int image_tool(int argc, char **argv);

#endif
