// SPDX-License-Identifier: GPL-2.0-or-later
/* As fast as an answer can be: a process that does nothing else. See rot.h. */
#include "rot.h"

#include <signal.h>
#include <sys/prctl.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <unistd.h>

_Noreturn static void answer_all(int fd, size_t len, size_t answer_len)
{
	static uint8_t bytes[MAX_ANSWER];

	while (recv(fd, bytes, len, MSG_WAITALL) == (ssize_t)len &&
	       send(fd, bytes, answer_len, MSG_NOSIGNAL) == (ssize_t)answer_len)
		;
	_exit(0);
}

struct line echo_line(size_t len, size_t answer_len)
{
	int ends[2];
	pid_t pid;

	if (len > MAX_REQUEST || answer_len > MAX_ANSWER)
		die("a message is too long");
	if (socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0, ends))
		die("there is no socket");
	pid = fork();
	if (pid < 0)
		die("there is no process");
	if (!pid) {
		prctl(PR_SET_PDEATHSIG, SIGKILL);
		close(ends[0]);
		answer_all(ends[1], len, answer_len);
	}
	close(ends[1]);
	return (struct line){ .fd = ends[0],
			      .len = len,
			      .answer_len = answer_len };
}

/* It ends when nobody is left to answer. */
void echo_end(const struct line *line)
{
	close(line->fd);
	wait(NULL);
}
