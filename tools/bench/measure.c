// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * Times open() of files that IMA measures, in the test machine: the first time, when each
 * is hashed, listed and extended into a PCR, and then when it is known.
 *
 * Prints how many there are, and medians in nanoseconds: of the first open() of each and
 * of the second.
 */
#include <fcntl.h>
#include <inttypes.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

#define FILES 200
#define SIZE  4096

static void die(const char *what)
{
	perror(what);
	exit(1);
}

static uint64_t now_ns(void)
{
	struct timespec t;

	clock_gettime(CLOCK_MONOTONIC, &t);
	return (uint64_t)t.tv_sec * 1000000000u + (uint64_t)t.tv_nsec;
}

static int compare(const void *a, const void *b)
{
	uint64_t x = *(const uint64_t *)a, y = *(const uint64_t *)b;

	return (x > y) - (x < y);
}

static void name(char *path, size_t size, const char *folder, int i)
{
	snprintf(path, size, "%s/%d", folder, i);
}

/* No two alike: IMA lists each digest once. */
static void make(const char *path, int i)
{
	char bytes[SIZE];
	FILE *f = fopen(path, "w");

	memset(bytes, 0, sizeof(bytes));
	snprintf(bytes, sizeof(bytes), "%d", i);
	if (!f || fwrite(bytes, sizeof(bytes), 1, f) != 1 || fclose(f))
		die(path);
}

static uint64_t open_one(const char *path)
{
	uint64_t start = now_ns();
	int fd = open(path, O_RDONLY);
	uint64_t took = now_ns() - start;

	if (fd < 0)
		die(path);
	close(fd);
	return took;
}

static uint64_t open_all(const char *folder)
{
	uint64_t took[FILES];
	char path[256];
	int i;

	for (i = 0; i < FILES; i++) {
		name(path, sizeof(path), folder, i);
		took[i] = open_one(path);
	}
	qsort(took, FILES, sizeof(*took), compare);
	return took[FILES / 2];
}

int main(int argc, char **argv)
{
	uint64_t first, second;
	char path[256];
	int i;

	if (argc != 2)
		return 2;
	for (i = 0; i < FILES; i++) {
		name(path, sizeof(path), argv[1], i);
		make(path, i);
	}
	first = open_all(argv[1]);
	second = open_all(argv[1]);
	printf("%d %" PRIu64 " %" PRIu64 "\n", FILES, first, second);
	return 0;
}
