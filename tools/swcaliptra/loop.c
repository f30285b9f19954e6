// SPDX-License-Identifier: GPL-2.0-or-later
/* The event loop. See loop.h. */
#include "loop.h"

#include <errno.h>
#include <sys/epoll.h>
#include <time.h>

static int epoll_fd = -1;

int loop_init(void)
{
	epoll_fd = epoll_create1(EPOLL_CLOEXEC);
	return epoll_fd < 0 ? -1 : 0;
}

int loop_add(struct loop_fd *watch)
{
	struct epoll_event event = {
		.events = watch->writing ? EPOLLOUT : EPOLLIN,
		.data.ptr = watch,
	};

	/* spares the kernel to look again, each time, whether there is more */
	if (watch->once && !watch->writing)
		event.events |= EPOLLET | EPOLLRDHUP;
	return epoll_ctl(epoll_fd, EPOLL_CTL_ADD, watch->fd, &event);
}

void loop_remove(struct loop_fd *watch)
{
	epoll_ctl(epoll_fd, EPOLL_CTL_DEL, watch->fd, NULL);
}

/* One event at a time: its handler may free what the next one belongs to. */
int loop_run(uint64_t timeout_ns)
{
	struct epoll_event event;
	struct loop_fd *watch;
	int timeout_ms = -1;
	int n;

	if (timeout_ns != UINT64_MAX) {
		uint64_t ms = timeout_ns / 1000000 + 1;

		timeout_ms = ms > 3600000 ? 3600000 : (int)ms;
	}
	n = epoll_wait(epoll_fd, &event, 1, timeout_ms);
	if (n < 0)
		return errno == EINTR ? 0 : -1;
	if (n) {
		watch = event.data.ptr;
		watch->hung_up = event.events &
				 (EPOLLRDHUP | EPOLLHUP | EPOLLERR);
		watch->ready(watch->context);
	}
	return 0;
}
