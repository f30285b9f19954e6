/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * What the tests share that look at swcaliptra from outside: a folder of their
 * own, what was said on stderr, descriptors that are open, the program itself.
 */
#ifndef SWCALIPTRA_TESTS_PROCESS_H
#define SWCALIPTRA_TESTS_PROCESS_H

#include "harness.h"

#include <dirent.h>
#include <errno.h>
#include <ftw.h>
#include <limits.h>
#include <poll.h>
#include <signal.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/prctl.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

/* Longer than anything takes, on whatever machine: then something hangs. */
#define PATIENCE_MS 60000

#define MAX_ARGUMENTS 16

/* Of a test that goes through a table: fail and say in which case. */
#define expect(condition, ...)                                 \
	do {                                                   \
		if (!(condition))                              \
			fail_msg(#condition ": " __VA_ARGS__); \
	} while (0)

#define assert_contains(text, part) \
	expect(strstr((text), (part)), "'%s' is not in '%s'", (part), (text))

static char test_folder[] = "/tmp/swcXXXXXX";
static char program_path[PATH_MAX];

/*
 * Work in a new folder, so that names can be short: those of sockets have to be.
 * A test that hangs is ended by a signal.
 */
static inline int enter_test_folder(void **unused)
{
	const char *build = getenv("BUILD");
	char name[PATH_MAX];

	(void)unused;
	if (!build)
		fail_msg("BUILD does not say where swcaliptra was built");
	assert_in_range(snprintf(name, sizeof(name), "%s/swcaliptra", build), 0,
			sizeof(name) - 1);
	if (!realpath(name, program_path))
		fail_msg("there is no %s", name);
	assert_non_null(mkdtemp(test_folder));
	assert_int_equal(chdir(test_folder), 0);
	alarm(5 * PATIENCE_MS / 1000);
	return 0;
}

static inline int remove_entry(const char *path, const struct stat *st,
			       int type, struct FTW *position)
{
	(void)st;
	(void)type;
	(void)position;
	return remove(path);
}

static inline void remove_tree(const char *path)
{
	assert_int_equal(nftw(path, remove_entry, 16, FTW_DEPTH | FTW_PHYS), 0);
}

static inline int leave_test_folder(void **unused)
{
	(void)unused;
	assert_int_equal(chdir("/"), 0);
	remove_tree(test_folder);
	return 0;
}

static FILE *real_stderr;
static char *said;
static size_t said_len;

/*
 * From here to stop_listening(), what is said on stderr goes to said. Sanitizers
 * write to the descriptor itself and are not heard here.
 */
static inline void listen_to_stderr(void)
{
	free(said);
	real_stderr = stderr;
	stderr = open_memstream(&said, &said_len);
	assert_non_null(stderr);
}

static inline void stop_listening(void)
{
	if (!real_stderr)
		return;
	fclose(stderr);
	stderr = real_stderr;
	real_stderr = NULL;
}

static inline const char *heard(void)
{
	if (real_stderr)
		fflush(stderr);
	return said;
}

static inline unsigned int open_descriptors(void)
{
	DIR *dir = opendir("/proc/self/fd");
	unsigned int count = 0;

	assert_non_null(dir);
	while (readdir(dir))
		count++;
	closedir(dir);
	return count;
}

static inline void wait_until_ready(int fd, short events)
{
	struct pollfd p = { .fd = fd, .events = events };

	if (poll(&p, 1, PATIENCE_MS) != 1)
		fail_msg("nothing happened for %d ms", PATIENCE_MS);
}

/* The exit status of a child that is about to end. */
static inline int end_of(pid_t pid)
{
	int waited_ms = 0;
	int status;
	pid_t ended;

	while (!(ended = waitpid(pid, &status, WNOHANG)) &&
	       waited_ms++ < PATIENCE_MS)
		usleep(1000);
	if (!ended) {
		kill(pid, SIGKILL);
		waitpid(pid, &status, 0);
		fail_msg("a child did not end");
	}
	assert_int_equal(ended, pid);
	if (!WIFEXITED(status))
		fail_msg("a child was ended by signal %d", WTERMSIG(status));
	return WEXITSTATUS(status);
}

/* Start swcaliptra with these words; @output gets what it prints. */
static inline pid_t start_program(const char *const *words, int *output)
{
	const char *argv[MAX_ARGUMENTS + 2] = { program_path };
	int ends[2];
	size_t i;
	pid_t pid;

	for (i = 0; words[i]; i++) {
		assert_in_range(i, 0, MAX_ARGUMENTS - 1);
		argv[i + 1] = words[i];
	}
	assert_int_equal(pipe(ends), 0);
	pid = fork();
	assert_int_not_equal(pid, -1);
	if (!pid) {
		prctl(PR_SET_PDEATHSIG, SIGKILL);
		dup2(ends[1], STDOUT_FILENO);
		dup2(ends[1], STDERR_FILENO);
		close(ends[0]);
		close(ends[1]);
		execv(program_path, (char **)(uintptr_t)argv);
		_exit(127);
	}
	close(ends[1]);
	*output = ends[0];
	return pid;
}

/* What a program prints until it ends; its exit status. */
static inline int read_output(pid_t pid, int output, char *text, size_t size)
{
	size_t len = 0;
	ssize_t n;

	do {
		wait_until_ready(output, POLLIN);
		n = read(output, text + len, size - 1 - len);
		assert_int_not_equal(n, -1);
		len += (size_t)n;
	} while (n && len < size - 1);
	text[len] = '\0';
	close(output);
	return end_of(pid);
}

static inline int run_program(const char *const *words, char *text, size_t size)
{
	int output;
	pid_t pid = start_program(words, &output);

	return read_output(pid, output, text, size);
}

#define RUN(text, ...)                                                \
	run_program((const char *const[]){ __VA_ARGS__, NULL }, text, \
		    sizeof(text))

#endif
