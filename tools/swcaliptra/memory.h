/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Where secrets are: anywhere in the program's memory. Keys, seeds and CDIs pass
 * through the device, the stack and the buffers of libraries, so that it is all of
 * the program's memory that is neither swapped nor dumped, and not a part of it that
 * each of them had to be kept in.
 */
#ifndef SWCALIPTRA_MEMORY_H
#define SWCALIPTRA_MEMORY_H

/**
 * memory_protect() - no page that the program may write is swapped or dumped, and
 *	what OpenSSL frees is wiped
 *
 * Before anything else: OpenSSL must not have been used, and what is allocated
 * later is protected as it comes.
 *
 * Return: 0, or -1 after saying on stderr why not and what to do.
 */
int memory_protect(void);

/**
 * memory_wipe_freed() - what OpenSSL frees is wiped; memory_protect() does that, too
 *
 * Return: 0, or -1 after saying on stderr why not.
 */
int memory_wipe_freed(void);

/**
 * memory_wipe_stack() - forget what functions that have returned left behind
 *
 * Compilers keep copies of secrets in registers and save those on the stack, where
 * nobody wipes them. So this is for both.
 */
void memory_wipe_stack(void);

/** memory_use_secret() - a secret is about to be used: it may leave copies behind */
void memory_use_secret(void);

/** memory_wipe_used() - memory_wipe_stack(), if a secret was used since the last time */
void memory_wipe_used(void);

#endif
