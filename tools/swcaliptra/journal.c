// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * Memory that outlives the process. See journal.h.
 *
 * A signal that kills comes between two instructions: whatever was stored before
 * will be found, and nothing after. So it is the compiler alone that has to keep the
 * order of stores; in_order() is where it has to.
 */
#include "journal.h"

#include <errno.h>
#include <fcntl.h>
#include <stdatomic.h>
#include <stdbool.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <unistd.h>

#include "log.h"

#define MAGIC UINT64_C(0x6c6e6a6370617773) /* "swapcjnl" */
#define ALIVE UINT64_C(0x6576696c61736920) /* " isalive" */

#define CHUNK 64u

/* What is compared at once: some chunks. */
#define BLOCK (4 * CHUNK)

/**
 * struct journal_head - the beginning of the file
 * @magic: MAGIC
 * @size: of the file
 * @key: whose it is
 * @key_sum: sum over @size and @key
 * @alive: ALIVE, or 0 where nothing is kept
 * @committed: entries of the log that count
 */
struct journal_head {
	uint64_t magic;
	uint64_t size;
	uint8_t key[JOURNAL_KEY_SIZE];
	uint64_t key_sum;
	volatile uint64_t alive;
	volatile uint64_t committed;
};

/**
 * struct entry - of the log
 * @at: place in the copy
 * @len: how many bytes
 * @bytes: they
 */
struct entry {
	uint32_t at;
	uint32_t len;
	uint8_t bytes[CHUNK];
};

/* The sum over the copy is in front of it. */
#define SUM_SIZE sizeof(uint64_t)

static void in_order(void)
{
	atomic_signal_fence(memory_order_seq_cst);
}

static uint8_t *copy(const struct journal *j)
{
	return (uint8_t *)(j->head + 1);
}

static struct entry *log_of(const struct journal *j)
{
	return (struct entry *)(copy(j) + j->copy_size);
}

static uint64_t log_entries(const struct journal *j)
{
	return (j->size - sizeof(struct journal_head) - j->copy_size) /
	       sizeof(struct entry);
}

static uint64_t mix(uint64_t sum, uint64_t word)
{
	sum = (sum ^ word) * UINT64_C(0xd6e8feb86659fd93);
	return sum ^ sum >> 32;
}

/* Up to a chunk of bytes that are at this place; such sums can be added up. */
static uint64_t sum_chunk(uint64_t at, const uint8_t *bytes, size_t len)
{
	uint64_t sum = (at + 1) * UINT64_C(0x9e3779b97f4a7c15);
	uint64_t word;

	/* a length that the compiler knows takes no call */
	for (; len >= sizeof(word); len -= sizeof(word)) {
		memcpy(&word, bytes, sizeof(word));
		sum = mix(sum, word);
		bytes += sizeof(word);
	}
	if (!len)
		return sum;
	word = 0;
	memcpy(&word, bytes, len);
	return mix(sum, word);
}

static size_t chunk_len(size_t size, size_t at)
{
	return size - at < CHUNK ? size - at : CHUNK;
}

static uint64_t sum_bytes(uint64_t at, const uint8_t *bytes, size_t size)
{
	uint64_t sum = 0;
	size_t i;

	for (i = 0; i < size; i += CHUNK)
		sum += sum_chunk(at + i, bytes + i, chunk_len(size, i));
	return sum;
}

static uint64_t sum_copy(const struct journal *j)
{
	uint64_t sum = 0;
	unsigned int i;

	for (i = 0; i < j->count; i++)
		sum += sum_bytes(j->at[i], copy(j) + j->at[i],
				 j->regions[i].size);
	return sum;
}

static uint64_t sum_key(const struct journal_head *head)
{
	return sum_bytes(head->size, head->key, sizeof(head->key));
}

static size_t round_up(size_t at)
{
	return (at + 7) & ~(size_t)7;
}

/*
 * What is kept is aligned as the memory is. The log has room for a change of
 * everything.
 */
static void lay_out(struct journal *j)
{
	size_t at = SUM_SIZE;
	size_t entries = 1;
	unsigned int i;

	for (i = 0; i < j->count; i++) {
		at += (uintptr_t)j->regions[i].live % 8;
		j->at[i] = (uint32_t)at;
		at = round_up(at + j->regions[i].size);
		entries += (j->regions[i].size + CHUNK - 1) / CHUNK;
	}
	j->copy_size = at;
	j->size = sizeof(struct journal_head) + at +
		  entries * sizeof(struct entry);
}

/* Of the row that begins there. */
static void note_edits(struct journal *j, unsigned int first)
{
	if (j->regions[first].edits)
		j->seen[first] = *j->regions[first].edits;
}

static void find_rows(struct journal *j)
{
	const struct journal_region *r = j->regions;
	unsigned int i = j->count;

	while (i--) {
		j->row_end[i] = i + 1;
		if (i + 1 < j->count && r[i].edits == r[i + 1].edits)
			j->row_end[i] = j->row_end[i + 1];
	}
}

/* A pipe or a device is not even tried: it might never end. */
static const char *open_file(struct journal *j, int flags)
{
	struct stat st;

	j->fd = openat(j->dir, j->name,
		       O_RDWR | O_NOFOLLOW | O_NONBLOCK | O_CLOEXEC | flags,
		       0600);
	if (j->fd < 0 || fstat(j->fd, &st))
		return strerror(errno);
	return S_ISREG(st.st_mode) ? NULL : "it is not a file";
}

int journal_open(struct journal *j, int dir, const char *name,
		 const struct journal_region *regions, unsigned int count)
{
	const char *error;

	*j = (struct journal){
		.dir = dir, .name = name, .regions = regions, .count = count
	};
	lay_out(j);
	find_rows(j);
	error = open_file(j, 0);
	if (!error || (j->fd < 0 && errno == ENOENT))
		return 0;
	log_error("can not open %s in the state folder: %s", name, error);
	journal_close(j);
	return -1;
}

static enum journal_found read_head(const struct journal *j,
				    struct journal_head *head)
{
	ssize_t n = j->fd < 0 ? 0 : pread(j->fd, head, sizeof(*head), 0);

	if (!n)
		return JOURNAL_EMPTY;
	/* as long as it is being made */
	if (n == sizeof(*head) && !head->magic && !head->alive)
		return JOURNAL_EMPTY;
	if (n != sizeof(*head) || head->magic != MAGIC ||
	    head->key_sum != sum_key(head))
		return JOURNAL_DAMAGED;
	if (head->alive == ALIVE)
		return JOURNAL_WHOLE;
	return head->alive ? JOURNAL_DAMAGED : JOURNAL_EMPTY;
}

enum journal_found journal_key(const struct journal *j,
			       uint8_t key[JOURNAL_KEY_SIZE])
{
	struct journal_head head;
	enum journal_found found = read_head(j, &head);

	if (found == JOURNAL_WHOLE)
		memcpy(key, head.key, sizeof(head.key));
	return found;
}

static bool map(struct journal *j)
{
	void *p = mmap(NULL, j->size, PROT_READ | PROT_WRITE,
		       MAP_SHARED | MAP_POPULATE, j->fd, 0);

	j->head = p == MAP_FAILED ? NULL : p;
	/* it goes to a disk anyway, and what may be locked is little */
	if (j->head)
		munlock(p, j->size);
	return j->head;
}

static void unmap(struct journal *j)
{
	if (j->head)
		munmap(j->head, j->size);
	j->head = NULL;
}

/* False where an entry is none that a commit can have written. */
static bool replay(struct journal *j)
{
	uint64_t count = j->head->committed;
	uint64_t i;

	if (count > log_entries(j))
		return false;
	for (i = 0; i < count; i++) {
		const struct entry *e = &log_of(j)[i];

		if (e->len > CHUNK || e->at > j->copy_size ||
		    e->len > j->copy_size - e->at)
			return false;
		memcpy(copy(j) + e->at, e->bytes, e->len);
	}
	in_order();
	j->head->committed = 0;
	in_order();
	return true;
}

enum journal_found journal_recover(struct journal *j)
{
	struct journal_head head;
	enum journal_found found = read_head(j, &head);
	struct stat st;
	uint64_t sum;

	if (found != JOURNAL_WHOLE)
		return found;
	/* a file that is shorter than what is mapped of it can not be touched */
	if (head.size != j->size || fstat(j->fd, &st) ||
	    (uint64_t)st.st_size != j->size || !map(j))
		return JOURNAL_DAMAGED;
	if (!replay(j))
		return JOURNAL_DAMAGED;
	memcpy(&sum, copy(j), sizeof(sum));
	return sum == sum_copy(j) ? JOURNAL_WHOLE : JOURNAL_DAMAGED;
}

const void *journal_kept(const struct journal *j, unsigned int index)
{
	return copy(j) + j->at[index];
}

static void copy_all(struct journal *j)
{
	uint64_t sum;
	unsigned int i;

	for (i = 0; i < j->count; i++)
		memcpy(copy(j) + j->at[i], j->regions[i].live,
		       j->regions[i].size);
	for (i = 0; i < j->count; i = j->row_end[i])
		note_edits(j, i);
	sum = sum_copy(j);
	memcpy(copy(j), &sum, sizeof(sum));
}

/* A file with all its space, lest it lacks some later. */
static const char *make_file(struct journal *j)
{
	const char *error = j->fd < 0 ? open_file(j, O_CREAT) : NULL;
	int failed;

	unmap(j);
	if (error)
		return error;
	/* where it is empty, nothing is kept */
	if (ftruncate(j->fd, 0) || fchmod(j->fd, 0600))
		return strerror(errno);
	failed = posix_fallocate(j->fd, 0, (off_t)j->size);
	if (failed)
		return strerror(failed);
	return map(j) ? NULL : strerror(errno);
}

int journal_begin(struct journal *j, const uint8_t key[JOURNAL_KEY_SIZE])
{
	const char *error = make_file(j);

	if (error) {
		log_error("can not make %s in the state folder: %s", j->name,
			  error);
		return -1;
	}
	j->head->size = j->size;
	memcpy(j->head->key, key, sizeof(j->head->key));
	j->head->key_sum = sum_key(j->head);
	copy_all(j);
	in_order();
	j->head->magic = MAGIC;
	in_order();
	j->head->alive = ALIVE;
	in_order();
	return 0;
}

static void log_chunk(struct entry *e, uint32_t at, const void *bytes,
		      size_t len)
{
	e->at = at;
	e->len = (uint32_t)len;
	memcpy(e->bytes, bytes, len);
}

/* Log what has changed of @size bytes at @at; entries there are then. */
static size_t log_changes(struct journal *j, uint32_t at, const uint8_t *live,
			  size_t size, size_t entries, uint64_t *sum)
{
	const uint8_t *kept = copy(j) + at;
	uint32_t i;

	for (i = 0; i < size; i += CHUNK) {
		size_t len = chunk_len(size, i);

		if (!memcmp(live + i, kept + i, len))
			continue;
		log_chunk(&log_of(j)[entries++], at + i, live + i, len);
		*sum += sum_chunk(at + i, live + i, len) -
			sum_chunk(at + i, kept + i, len);
	}
	return entries;
}

/* The same of a region, most of which is mostly what it was. */
static size_t log_region(struct journal *j, unsigned int index, size_t entries,
			 uint64_t *sum)
{
	const struct journal_region *r = &j->regions[index];
	const uint8_t *live = r->live;
	uint32_t at = j->at[index];
	uint32_t i;

	for (i = 0; i < r->size; i += BLOCK) {
		size_t len = r->size - i < BLOCK ? r->size - i : BLOCK;

		if (memcmp(live + i, copy(j) + at + i, len))
			entries = log_changes(j, at + i, live + i, len, entries,
					      sum);
	}
	return entries;
}

/* Has anything changed that this counts? */
static bool may_differ(const struct journal *j, unsigned int index)
{
	const uint32_t *edits = j->regions[index].edits;

	return !edits || *edits != j->seen[index] || j->distrusts;
}

/* Those in a row that have one counter are looked at or passed over together. */
void journal_commit(struct journal *j)
{
	unsigned int i = 0;
	size_t entries = 0;
	uint64_t sum;

	memcpy(&sum, copy(j), sizeof(sum));
	while (i < j->count) {
		unsigned int end = j->row_end[i];

		if (may_differ(j, i)) {
			note_edits(j, i);
			while (i < end)
				entries = log_region(j, i++, entries, &sum);
		}
		i = end;
	}
	j->distrusts = false;
	if (!entries)
		return;
	log_chunk(&log_of(j)[entries++], 0, &sum, sizeof(sum));
	in_order();
	j->head->committed = entries;
	in_order();
	replay(j);
}

void journal_distrust(struct journal *j)
{
	j->distrusts = true;
}

void journal_forget(struct journal *j)
{
	if (unlinkat(j->dir, j->name, 0) && errno != ENOENT)
		log_error("can not remove %s of the state folder: %s", j->name,
			  strerror(errno));
}

void journal_close(struct journal *j)
{
	unmap(j);
	if (j->fd >= 0)
		close(j->fd);
	j->fd = -1;
}
