/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The event loop: file descriptors to watch and one deadline, in one thread.
 */
#ifndef SWCALIPTRA_LOOP_H
#define SWCALIPTRA_LOOP_H

#include <stdbool.h>
#include <stdint.h>

/**
 * struct loop_fd - a descriptor to watch
 * @fd: the descriptor
 * @writing: wait until it can be written, not read
 * @once: tell once of what can be read, and not until it has been: @ready reads all
 *	of it, or has the descriptor removed and added
 * @hung_up: with @once, the other end says no more; set when @ready is called
 * @ready: called when that is so or it has failed; may remove and free itself
 * @context: of @ready
 */
struct loop_fd {
	int fd;
	bool writing;
	bool once;
	bool hung_up;
	void (*ready)(void *context);
	void *context;
};

/** loop_init() - make the loop; 0, or -1 with errno set */
int loop_init(void);

/** loop_add() - watch a descriptor; 0, or -1 with errno set */
int loop_add(struct loop_fd *watch);

/** loop_remove() - watch it no more; before it is closed */
void loop_remove(struct loop_fd *watch);

/**
 * loop_run() - wait for one event and handle it
 * @timeout_ns: wait no longer than this
 *
 * Return: 0, or -1 with errno set.
 */
int loop_run(uint64_t timeout_ns);

#endif
