// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * Tests the journal: what was committed is found again; a process is stopped after
 * every single one of its instructions, and what is found then is whole, what was
 * before or what was to be; a file in which anything is wrong is not used, or is
 * right all the same.
 */
#include "process.h"

#include <fcntl.h>
#include <sys/mman.h>
#include <sys/ptrace.h>
#include <sys/user.h>

#include "journal.h"

#define NAME "running"

/* Regions of odd sizes, some of which are only looked at when their edits say so. */
static uint8_t small[5];
static uint8_t table[1000];
static uint64_t number;
static uint8_t rare[200];
static uint8_t beside[70];
static uint32_t edits;
static uint8_t other[30];
static uint32_t other_edits;

static const struct journal_region regions[] = {
	{ small, sizeof(small), NULL },
	{ table, sizeof(table), NULL },
	{ &number, sizeof(number), NULL },
	{ rare, sizeof(rare), &edits },
	{ beside, sizeof(beside), &edits },
	{ other, sizeof(other), &other_edits },
};

static const uint8_t key[JOURNAL_KEY_SIZE] = "whose it is";
static struct journal j;
static int dir;
static unsigned int descriptors_before;

static int setup(void **unused)
{
	(void)unused;
	assert_int_equal(mkdir("work", 0700), 0);
	descriptors_before = open_descriptors();
	dir = open("work", O_RDONLY | O_DIRECTORY);
	memset(small, 1, sizeof(small));
	memset(table, 2, sizeof(table));
	number = 3;
	memset(rare, 4, sizeof(rare));
	memset(beside, 5, sizeof(beside));
	memset(other, 6, sizeof(other));
	return 0;
}

static int teardown(void **unused)
{
	(void)unused;
	stop_listening();
	journal_close(&j);
	close(dir);
	assert_int_equal(open_descriptors(), descriptors_before);
	remove_tree("work");
	return 0;
}

static void open_it(struct journal *journal, const char *name)
{
	assert_int_equal(
		journal_open(journal, dir, name, regions, COUNT(regions)), 0);
}

static void begin(void)
{
	open_it(&j, NAME);
	assert_int_equal(journal_begin(&j, key), 0);
}

/* All regions one behind the other. */
struct all {
	uint8_t bytes[sizeof(small) + sizeof(table) + sizeof(number) +
		      sizeof(rare) + sizeof(beside) + sizeof(other)];
};

static struct all now(void)
{
	struct all all;
	size_t len = 0;
	size_t i;

	for (i = 0; i < COUNT(regions); i++) {
		memcpy(all.bytes + len, regions[i].live, regions[i].size);
		len += regions[i].size;
	}
	return all;
}

static struct all kept_by(const struct journal *journal)
{
	struct all all;
	size_t len = 0;
	unsigned int i;

	for (i = 0; i < COUNT(regions); i++) {
		memcpy(all.bytes + len, journal_kept(journal, i),
		       regions[i].size);
		len += regions[i].size;
	}
	return all;
}

static void expect_kept(const struct all *want)
{
	uint8_t found[JOURNAL_KEY_SIZE];
	struct journal again;
	struct all all;

	open_it(&again, NAME);
	assert_int_equal(journal_key(&again, found), JOURNAL_WHOLE);
	assert_memory_equal(found, key, sizeof(key));
	assert_int_equal(journal_recover(&again), JOURNAL_WHOLE);
	all = kept_by(&again);
	assert_memory_equal(&all, want, sizeof(all));
	journal_close(&again);
}

/* --- What is kept --- */

static void nothing_at_first(void **unused)
{
	uint8_t found[JOURNAL_KEY_SIZE];
	struct stat st;

	(void)unused;
	open_it(&j, NAME);
	assert_int_equal(journal_key(&j, found), JOURNAL_EMPTY);
	assert_int_equal(journal_recover(&j), JOURNAL_EMPTY);
	assert_int_equal(faccessat(dir, NAME, F_OK, 0), -1);
	assert_int_equal(journal_begin(&j, key), 0);
	assert_int_equal(fstatat(dir, NAME, &st, 0), 0);
	assert_int_equal(st.st_mode, S_IFREG | 0600);
}

static void begun(void **unused)
{
	struct all all = now();

	(void)unused;
	begin();
	expect_kept(&all);
}

static void committed(void **unused)
{
	struct all all = now();

	(void)unused;
	begin();
	small[4] = 9;
	number = UINT64_MAX;
	expect_kept(&all);
	journal_commit(&j);
	all = now();
	expect_kept(&all);

	memset(table, 7, sizeof(table));
	journal_commit(&j);
	journal_commit(&j);
	all = now();
	expect_kept(&all);
}

/* A commit keeps @before, and once the change has been counted what is there now. */
static void expect_kept_when_counted(uint32_t *counter,
				     const struct all *before)
{
	struct all after = now();

	journal_commit(&j);
	expect_kept(before);
	++*counter;
	journal_commit(&j);
	expect_kept(&after);
}

static void only_when_edited(void **unused)
{
	struct all before = now();

	(void)unused;
	begin();
	rare[199] = 8;
	expect_kept_when_counted(&edits, &before);
}

/* Those in a row that have one counter are looked at together, and others are not. */
static void edited_in_a_row(void **unused)
{
	struct all before;

	(void)unused;
	begin();
	beside[69] = 8;
	edits++;
	before = now();
	other[0] = 9;
	expect_kept_when_counted(&other_edits, &before);
}

/* Or when nobody may be believed, which is so once. */
static void distrusted(void **unused)
{
	struct all before;

	(void)unused;
	begin();
	rare[199] = 8;
	before = now();
	journal_distrust(&j);
	journal_commit(&j);
	expect_kept(&before);
	rare[199] = 9;
	expect_kept_when_counted(&edits, &before);
}

/* Whoever goes on has found all and continues with it. */
static void goes_on(void **unused)
{
	struct all all;

	(void)unused;
	begin();
	journal_close(&j);
	open_it(&j, NAME);
	assert_int_equal(journal_recover(&j), JOURNAL_WHOLE);
	table[500] = 77;
	edits++;
	journal_commit(&j);
	all = now();
	expect_kept(&all);
}

static void begun_anew(void **unused)
{
	static const uint8_t other[JOURNAL_KEY_SIZE] = "somebody else's";
	uint8_t found[JOURNAL_KEY_SIZE];
	struct journal again;

	(void)unused;
	begin();
	number = 99;
	assert_int_equal(journal_begin(&j, other), 0);
	open_it(&again, NAME);
	assert_int_equal(journal_key(&again, found), JOURNAL_WHOLE);
	assert_memory_equal(found, other, sizeof(other));
	assert_int_equal(journal_recover(&again), JOURNAL_WHOLE);
	assert_memory_equal(journal_kept(&again, 2), &number, sizeof(number));
	journal_close(&again);
}

static void forgotten(void **unused)
{
	(void)unused;
	begin();
	journal_forget(&j);
	assert_int_equal(faccessat(dir, NAME, F_OK, 0), -1);
	assert_int_equal(errno, ENOENT);
	/* it is no mistake to do so again */
	listen_to_stderr();
	journal_forget(&j);
	assert_string_equal(heard(), "");
}

/* --- Stopped after every instruction --- */

static const char *map_name(const char *name, size_t *size)
{
	int fd = openat(dir, name, O_RDONLY);
	struct stat st;
	const char *map = NULL;

	if (fd >= 0 && !fstat(fd, &st) && st.st_size) {
		*size = (size_t)st.st_size;
		map = mmap(NULL, *size, PROT_READ, MAP_SHARED, fd, 0);
		assert_true(map != MAP_FAILED);
	}
	if (fd >= 0)
		close(fd);
	return map;
}

static void write_file(const char *name, const void *bytes, size_t len)
{
	int fd = openat(dir, name, O_WRONLY | O_CREAT | O_TRUNC, 0600);

	assert_true(fd >= 0);
	assert_int_equal(write(fd, bytes, len), len);
	close(fd);
}

enum outcome {
	OLD,
	NEW,
	NOTHING,
};

/* What somebody finds that comes when the file is like this. */
static enum outcome outcome_of(const char *bytes, size_t size,
			       const struct all *old, const struct all *new)
{
	struct journal found;
	enum journal_found what;
	struct all all;

	write_file("found", bytes, size);
	open_it(&found, "found");
	what = journal_recover(&found);
	if (what == JOURNAL_EMPTY) {
		journal_close(&found);
		return NOTHING;
	}
	assert_int_equal(what, JOURNAL_WHOLE);
	all = kept_by(&found);
	journal_close(&found);
	if (!memcmp(&all, old, sizeof(all)))
		return OLD;
	assert_memory_equal(&all, new, sizeof(all));
	return NEW;
}

/* A child that waits to be run step by step; it does @work, and ends. */
static pid_t start_stepped(void (*work)(void))
{
	pid_t pid = fork();
	int status;

	assert_int_not_equal(pid, -1);
	if (!pid) {
		if (ptrace(PTRACE_TRACEME, 0, NULL, NULL))
			_exit(1);
		raise(SIGSTOP);
		work();
		_exit(0);
	}
	assert_int_equal(waitpid(pid, &status, 0), pid);
	if (!WIFSTOPPED(status))
		fail_msg("processes can not be traced here");
	return pid;
}

/* What the file was at each of its changes. */
struct history {
	unsigned int steps;
	unsigned int changes;
	unsigned int found[3];
};

/* The order of outcomes: the old for some time, then the new one for ever. */
static void look(struct history *h, const char *file, size_t size, char *last,
		 const struct all *old, const struct all *new,
		 const enum outcome *first)
{
	static enum outcome before;
	enum outcome outcome;

	h->steps++;
	if (h->steps > 1 && !memcmp(file, last, size))
		return;
	memcpy(last, file, size);
	outcome = outcome_of(file, size, old, new);
	h->changes++;
	h->found[outcome]++;
	if (h->changes == 1)
		before = *first;
	if (outcome != before) {
		assert_int_equal(before, *first);
		assert_int_equal(outcome, NEW);
	}
	before = outcome;
}

/* Every instruction of @work, which ends with the new state. */
static struct history step_through(void (*work)(void), const struct all *old,
				   const struct all *new, enum outcome first)
{
	struct history h = { 0 };
	pid_t pid = start_stepped(work);
	size_t size = 0;
	const char *file = map_name(NAME, &size);
	char *last = malloc(size);
	int status;

	assert_non_null(file);
	do {
		look(&h, file, size, last, old, new, &first);
		assert_int_equal(ptrace(PTRACE_SINGLESTEP, pid, NULL, NULL), 0);
		assert_int_equal(waitpid(pid, &status, 0), pid);
		assert_false(WIFSIGNALED(status));
	} while (!WIFEXITED(status));
	assert_int_equal(WEXITSTATUS(status), 0);
	free(last);
	munmap((void *)(uintptr_t)file, size);
	expect_kept(new);
	print_message("%u instructions, %u states of the file\n", h.steps,
		      h.changes);
	return h;
}

static void change_some(void)
{
	small[0] = 0x55;
	memset(table + 100, 0x66, 150);
	number = 0x7777777777777777;
}

static void commit(void)
{
	journal_commit(&j);
}

static void committing(void **unused)
{
	struct all old = now();
	struct history h;
	struct all new;

	(void)unused;
	begin();
	change_some();
	new = now();
	h = step_through(commit, &old, &new, OLD);
	/* 1 + 4 + 1 chunks and the sum go into the log and into the copy */
	assert_in_range(h.found[OLD], 7, UINT32_MAX);
	assert_in_range(h.found[NEW], 7, UINT32_MAX);
	assert_int_equal(h.found[NOTHING], 0);
}

static void recover_and_leave(void)
{
	struct journal again;

	open_it(&again, NAME);
	if (journal_recover(&again) != JOURNAL_WHOLE)
		_exit(1);
	journal_close(&again);
}

/* Of one that is stopped in the middle, the file when all is in the log. */
static void stop_when_committed(void)
{
	size_t size = 0;
	pid_t pid = start_stepped(commit);
	const char *file = map_name(NAME, &size);
	char *last = malloc(size);
	int status;

	/* how many entries count stands in front of the copy */
	while (!*(const volatile uint64_t *)(file + JOURNAL_KEY_SIZE + 32)) {
		ptrace(PTRACE_SINGLESTEP, pid, NULL, NULL);
		assert_int_equal(waitpid(pid, &status, 0), pid);
		assert_true(WIFSTOPPED(status));
	}
	kill(pid, SIGKILL);
	waitpid(pid, &status, 0);
	free(last);
	munmap((void *)(uintptr_t)file, size);
}

/* Whoever recovers may be killed, too. */
static void recovering(void **unused)
{
	struct all old = now();
	struct history h;
	struct all new;

	(void)unused;
	begin();
	change_some();
	new = now();
	stop_when_committed();
	h = step_through(recover_and_leave, &old, &new, NEW);
	assert_int_equal(h.found[OLD], 0);
	assert_in_range(h.found[NEW], 7, UINT32_MAX);
}

static void begin_again(void)
{
	if (journal_begin(&j, key))
		_exit(1);
}

/*
 * The old is given up for nothing, and nothing for the new. The file is cut off
 * meanwhile and can not stay mapped here.
 */
static void beginning(void **unused)
{
	struct all old = now();
	unsigned int found[3] = { 0 };
	enum outcome outcome;
	struct all new;
	size_t steps = 0;
	int status;
	pid_t pid;

	(void)unused;
	begin();
	change_some();
	memset(rare, 0x99, sizeof(rare));
	new = now();
	pid = start_stepped(begin_again);
	do {
		static char bytes[1 << 16];
		int fd = openat(dir, NAME, O_RDONLY);
		ssize_t len = read(fd, bytes, sizeof(bytes));

		close(fd);
		assert_in_range(len, 0, sizeof(bytes) - 1);
		outcome = outcome_of(bytes, (size_t)len, &old, &new);
		found[outcome]++;
		if (outcome == OLD)
			assert_int_equal(found[NOTHING] + found[NEW], 0);
		if (outcome == NOTHING)
			assert_int_equal(found[NEW], 0);
		steps++;
		assert_int_equal(ptrace(PTRACE_SINGLESTEP, pid, NULL, NULL), 0);
		assert_int_equal(waitpid(pid, &status, 0), pid);
	} while (!WIFEXITED(status));
	assert_int_equal(WEXITSTATUS(status), 0);
	assert_true(found[OLD] && found[NOTHING] && found[NEW]);
	print_message("%zu instructions\n", steps);
}

/* --- What is wrong with a file --- */

static char right[1 << 16];
static size_t right_len;

static void remember_file(void)
{
	int fd = openat(dir, NAME, O_RDONLY);
	ssize_t len = read(fd, right, sizeof(right));

	close(fd);
	assert_in_range(len, 1, sizeof(right) - 1);
	right_len = (size_t)len;
}

/* Found damaged or empty, or with nothing changed. */
static enum journal_found expect_harmless(const char *bytes, size_t len,
					  const struct all *all)
{
	uint8_t found[JOURNAL_KEY_SIZE];
	struct journal again;
	enum journal_found what;
	struct all kept;

	write_file("wrong", bytes, len);
	open_it(&again, "wrong");
	what = journal_key(&again, found);
	if (what == JOURNAL_WHOLE) {
		assert_memory_equal(found, key, sizeof(key));
		what = journal_recover(&again);
	}
	if (what == JOURNAL_WHOLE) {
		kept = kept_by(&again);
		assert_memory_equal(&kept, all, sizeof(kept));
	}
	journal_close(&again);
	return what;
}

/* Every bit of the file, in turn. */
static void flipped_bits(void **unused)
{
	unsigned int counts[3] = { 0 };
	struct all all;
	size_t i;

	(void)unused;
	begin();
	change_some();
	journal_commit(&j);
	all = now();
	remember_file();
	for (i = 0; i < 8 * right_len; i++) {
		right[i / 8] ^= (char)(1 << i % 8);
		counts[expect_harmless(right, right_len, &all)]++;
		right[i / 8] ^= (char)(1 << i % 8);
	}
	/* all regions and the sum, key and the head's own; the rest is the log */
	assert_in_range(counts[JOURNAL_DAMAGED], 8 * (sizeof(all) + 8 + 160),
			8 * (sizeof(all) + 300));
	assert_int_equal(counts[JOURNAL_EMPTY], 0);
	assert_int_equal(expect_harmless(right, right_len, &all),
			 JOURNAL_WHOLE);
}

static void wrong_lengths(void **unused)
{
	struct all all = now();
	size_t len;

	(void)unused;
	begin();
	remember_file();
	assert_int_equal(expect_harmless(right, 0, &all), JOURNAL_EMPTY);
	for (len = 1; len < right_len; len += 61)
		assert_int_equal(expect_harmless(right, len, &all),
				 JOURNAL_DAMAGED);
	assert_int_equal(expect_harmless(right, right_len + 1, &all),
			 JOURNAL_DAMAGED);
	assert_int_equal(expect_harmless(right, 4096 * 4, &all),
			 JOURNAL_DAMAGED);
}

static uint32_t next_random(uint32_t *seed)
{
	*seed = *seed * 1664525u + 1013904223u;
	return *seed >> 8;
}

/* Some bytes are others, mostly where sizes and places stand. */
static void spoil(uint32_t *seed, char *bytes, size_t len)
{
	uint32_t n = 1 + next_random(seed) % 8;
	size_t head = JOURNAL_KEY_SIZE + 40;
	size_t within;

	while (n--) {
		within = next_random(seed) % 3 ? len : head;
		bytes[next_random(seed) % within] = (char)next_random(seed);
	}
}

/* With a log that counts, whatever is in it. */
static void spoilt_bytes(void **unused)
{
	static char bytes[sizeof(right)];
	uint32_t seed = 4711;
	struct journal again;
	unsigned int i;

	(void)unused;
	begin();
	change_some();
	stop_when_committed();
	remember_file();
	for (i = 0; i < 20000; i++) {
		memcpy(bytes, right, right_len);
		spoil(&seed, bytes, right_len);
		write_file("wrong", bytes, right_len);
		open_it(&again, "wrong");
		/* sanitizers look at it */
		if (journal_recover(&again) == JOURNAL_WHOLE)
			(void)kept_by(&again);
		journal_close(&again);
	}
}

static void no_file(void **unused)
{
	(void)unused;
	listen_to_stderr();
	assert_int_equal(mkdirat(dir, "folder", 0700), 0);
	assert_int_equal(journal_open(&j, dir, "folder", regions, 1), -1);
	assert_contains(heard(), "can not open folder in the state folder: ");
	assert_int_equal(mkfifoat(dir, "pipe", 0600), 0);
	assert_int_equal(journal_open(&j, dir, "pipe", regions, 1), -1);
	assert_contains(heard(), "pipe in the state folder: it is not a file");
	assert_int_equal(symlinkat("elsewhere", dir, "link"), 0);
	assert_int_equal(journal_open(&j, dir, "link", regions, 1), -1);
	assert_int_equal(faccessat(dir, "elsewhere", F_OK, 0), -1);
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, setup, teardown)

int main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(nothing_at_first), TEST(begun),
		TEST(committed),	TEST(only_when_edited),
		TEST(edited_in_a_row),	TEST(distrusted),
		TEST(goes_on),		TEST(begun_anew),
		TEST(forgotten),	TEST(committing),
		TEST(recovering),	TEST(beginning),
		TEST(flipped_bits),	TEST(wrong_lengths),
		TEST(spoilt_bytes),	TEST(no_file),
	};

	return cmocka_run_group_tests(tests, enter_test_folder,
				      leave_test_folder);
}
