// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * Runs a fuzzer over known inputs, for where there is no libFuzzer: each line of a
 * file is one, in hexadecimal.
 */
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

#include "fuzz.h"

__attribute__((weak)) int LLVMFuzzerInitialize(int *argc, char ***argv);

static size_t parse(const char *line, uint8_t *bytes)
{
	unsigned int byte;
	size_t n = 0;

	while (sscanf(line + 2 * n, "%2x", &byte) == 1)
		bytes[n++] = (uint8_t)byte;
	return n;
}

/* What ends the program ends only the child. */
static bool survives(const char *line)
{
	uint8_t *bytes = malloc(strlen(line) + 1);
	int status = -1;
	pid_t pid;

	fflush(stdout);
	pid = bytes ? fork() : -1;
	if (!pid)
		_exit(LLVMFuzzerTestOneInput(bytes, parse(line, bytes)));
	free(bytes);
	return pid > 0 && waitpid(pid, &status, 0) == pid && !status;
}

/* A file is one test. */
static bool run(const char *path, int number)
{
	FILE *file = fopen(path, "r");
	char *line = NULL;
	int inputs = 0, failed = 0;
	size_t size = 0;
	ssize_t len;

	while (file && (len = getline(&line, &size, file)) > 0) {
		if (*line == '#')
			continue;
		inputs++;
		if (survives(line))
			continue;
		failed++;
		printf("# it did not survive %s", line);
	}
	free(line);
	if (file)
		fclose(file);
	printf("%sok %d - %d inputs of %s\n", failed || !inputs ? "not " : "",
	       number, inputs, path);
	return inputs && !failed;
}

int main(int argc, char **argv)
{
	bool good = argc > 1;
	int i;

	if (LLVMFuzzerInitialize)
		LLVMFuzzerInitialize(&argc, &argv);
	for (i = 1; i < argc; i++)
		good = run(argv[i], i) && good;
	printf("1..%d\n", argc - 1);
	return !good;
}
