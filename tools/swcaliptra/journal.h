/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Memory that outlives the process: a file with a copy of it, in which every change
 * is whole or not there at all, at whichever instruction the process is killed.
 *
 * The file is mapped, so what is written to it stays when the process dies, and no
 * system call is made for it. It is for a process that dies and not for a machine
 * that does: what a power failure leaves of it is not looked at, which the key is
 * for. It consists of
 *
 *   a head     what it is, whose it is (the key), how many entries of the log count
 *   a copy     of all regions, with a sum over it in front
 *   a log      what is to be written into the copy: place, length and up to 64 bytes
 *
 * A commit writes what has changed into the log, then how many entries count, then
 * the same into the copy, and then that none counts. Whoever finds entries that count
 * writes them into the copy once more.
 */
#ifndef SWCALIPTRA_JOURNAL_H
#define SWCALIPTRA_JOURNAL_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#define JOURNAL_KEY_SIZE    160
#define JOURNAL_MAX_REGIONS 128

/**
 * struct journal_region - memory that is kept
 * @live: the memory
 * @size: its size in bytes, at most 1 MiB
 * @edits: counts changes of it, and it is only looked at when that has changed;
 *	NULL: it always is
 */
struct journal_region {
	void *live;
	size_t size;
	const uint32_t *edits;
};

struct journal_head;

/**
 * struct journal - an open file
 * @dir: folder that it is in
 * @name: what it is called there
 * @fd: the file, or -1
 * @head: its beginning, mapped, or NULL
 * @size: of the file as it has to be
 * @copy_size: of the copy in it
 * @regions: what is kept
 * @count: how many regions there are
 * @at: where each begins in the copy
 * @row_end: where those in a row end that have its counter
 * @seen: the edits when that row was looked at last, where the row begins
 * @distrusts: the next commit looks at all of them
 */
struct journal {
	int dir;
	const char *name;
	int fd;
	struct journal_head *head;
	size_t size;
	size_t copy_size;
	const struct journal_region *regions;
	unsigned int count;
	uint32_t at[JOURNAL_MAX_REGIONS];
	unsigned int row_end[JOURNAL_MAX_REGIONS];
	uint32_t seen[JOURNAL_MAX_REGIONS];
	bool distrusts;
};

/**
 * enum journal_found - what is in a file
 * @JOURNAL_EMPTY: nothing
 * @JOURNAL_WHOLE: regions of a process that did not come to its end
 * @JOURNAL_DAMAGED: something else than what was written
 */
enum journal_found {
	JOURNAL_EMPTY,
	JOURNAL_WHOLE,
	JOURNAL_DAMAGED,
};

/**
 * journal_open() - open the file if there is one
 * @j: the journal
 * @dir: folder that it is in, open as long as the journal is
 * @name: what it is called there
 * @regions: what is kept
 * @count: how many regions there are, at most JOURNAL_MAX_REGIONS
 *
 * Whoever uses the folder sees to it that nobody else does. Nothing in the file is
 * changed.
 *
 * Return: 0, or -1 after saying why on stderr.
 */
int journal_open(struct journal *j, int dir, const char *name,
		 const struct journal_region *regions, unsigned int count);

/**
 * journal_key() - whose it is
 * @j: the journal
 * @key: what was given to journal_begin()
 *
 * Return: JOURNAL_WHOLE if that can be told, whatever the rest of the file is.
 */
enum journal_found journal_key(const struct journal *j,
			       uint8_t key[JOURNAL_KEY_SIZE]);

/**
 * journal_recover() - make the copy whole
 * @j: the journal, just opened
 *
 * Return: JOURNAL_WHOLE if there is a copy of these regions now, other than what
 * journal_kept() gives nothing has changed.
 */
enum journal_found journal_recover(struct journal *j);

/**
 * journal_kept() - the copy of a region, once journal_recover() found it whole
 * @j: the journal
 * @index: of the region
 *
 * Return: the copy, aligned to 8 bytes as the region itself is.
 */
const void *journal_kept(const struct journal *j, unsigned int index);

/**
 * journal_begin() - keep what the regions are now
 * @j: the journal, with whatever in it, which is given up
 * @key: whose it is
 *
 * Return: 0, or -1 after saying why on stderr.
 */
int journal_begin(struct journal *j, const uint8_t key[JOURNAL_KEY_SIZE]);

/**
 * journal_commit() - keep what the regions are now, instead of what they were
 * @j: the journal, begun or recovered
 */
void journal_commit(struct journal *j);

/** journal_distrust() - what is counted may have changed without being counted */
void journal_distrust(struct journal *j);

/** journal_forget() - nothing of it is of any use any more: remove the file */
void journal_forget(struct journal *j);

/** journal_close() - close the file; what is kept stays in it */
void journal_close(struct journal *j);

#endif
