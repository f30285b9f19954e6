// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * Memory that is locked and wiped. See memory.h. explicit_bzero() is much faster than
 * OPENSSL_cleanse(), which matters where it is done for each command.
 */
#include "memory.h"

#include <errno.h>
#include <inttypes.h>
#include <limits.h>
#include <malloc.h>
#include <openssl/crypto.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/resource.h>

#include "log.h"

/* More than any command needs of the stack. */
#define STACK_SIZE (256 * 1024)

/* More than is ever allocated besides what is there at the start. */
#define RESERVE (3 * 1024 * 1024)

static void *allocate(size_t size, const char *file, int line)
{
	(void)file;
	(void)line;
	return size ? malloc(size) : NULL;
}

static void wipe_and_free(void *p, const char *file, int line)
{
	(void)file;
	(void)line;
	if (p)
		explicit_bzero(p, malloc_usable_size(p));
	free(p);
}

/* Never in place, which would leave a copy behind where it moves. */
static void *reallocate(void *p, size_t size, const char *file, int line)
{
	size_t old = p ? malloc_usable_size(p) : 0;
	void *moved;

	if (p && size && size <= old)
		return p;
	moved = allocate(size, file, line);
	if (moved && p)
		memcpy(moved, p, old);
	if (moved || !size)
		wipe_and_free(p, file, line);
	return moved;
}

int memory_wipe_freed(void)
{
	if (CRYPTO_set_mem_functions(allocate, reallocate, wipe_and_free))
		return 0;
	log_error("can not wipe keys: OpenSSL is in use already");
	return -1;
}

static bool secret_used;

void memory_use_secret(void)
{
	secret_used = true;
}

/* Registers as well: whoever saves them later puts what is in them on the stack. */
__attribute__((noinline, zero_call_used_regs("all"))) void
memory_wipe_stack(void)
{
	uint8_t room[STACK_SIZE];

	explicit_bzero(room, sizeof(room));
	secret_used = false;
}

/* It takes as long as a short command does. */
void memory_wipe_used(void)
{
	if (secret_used)
		memory_wipe_stack();
}

static void forbid_dumps(void)
{
	const struct rlimit none = { 0, 0 };

	setrlimit(RLIMIT_CORE, &none);
	prctl(PR_SET_DUMPABLE, 0);
}

/* As much as a user may have without asking anybody. */
static rlim_t raise_limit(void)
{
	struct rlimit limit;

	if (getrlimit(RLIMIT_MEMLOCK, &limit))
		return 0;
	limit.rlim_cur = limit.rlim_max;
	setrlimit(RLIMIT_MEMLOCK, &limit);
	return limit.rlim_cur;
}

/*
 * What was there before: data of the program and its libraries, the stack, and the
 * heap with what the list itself is read with.
 */
static int lock_mappings(void)
{
	FILE *maps = fopen("/proc/self/maps", "re");
	char line[PATH_MAX + 128];
	char access[5];
	uintptr_t from;
	uintptr_t to;
	int ret = maps ? 0 : -1;

	while (!ret && fgets(line, sizeof(line), maps))
		if (sscanf(line, "%" SCNxPTR "-%" SCNxPTR " %4s", &from, &to,
			   access) == 3 &&
		    access[1] == 'w' && access[3] == 'p')
			ret = mlock2((void *)from, to - from, MLOCK_ONFAULT);
	if (maps)
		fclose(maps);
	return ret;
}

/* Better now than in the middle of a command. */
static int try_reserve(void)
{
	void *reserve = mmap(NULL, RESERVE, PROT_READ | PROT_WRITE,
			     MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);

	return reserve == MAP_FAILED ? -1 : munmap(reserve, RESERVE);
}

int memory_protect(void)
{
	rlim_t limit;

	if (memory_wipe_freed())
		return -1;
	forbid_dumps();
	limit = raise_limit();
	memory_wipe_stack(); /* which makes it as large as it gets */
	if (!mlockall(MCL_FUTURE | MCL_ONFAULT) && !lock_mappings() &&
	    !try_reserve())
		return 0;
	log_error(
		"can not lock its memory, so that its keys might be swapped to a disk: %s",
		strerror(errno));
	log_error(
		"it may lock %" PRIuMAX
		" KiB and needs 8192; 'ulimit -l 8192' allows that, LimitMEMLOCK=8M for a service of systemd, --ulimit memlock=8388608 for a container",
		(uintmax_t)limit / 1024);
	return -1;
}
