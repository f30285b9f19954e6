// SPDX-License-Identifier: GPL-2.0-or-later
/* Messages over a socket, one at a time or many. See rot.h. */
#include "rot.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/un.h>

void die(const char *what)
{
	fprintf(stderr, "rot: error: %s\n", what);
	exit(1);
}

int line_connect(const char *path)
{
	struct sockaddr_un addr = { .sun_family = AF_UNIX };
	int fd = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0);

	if (strlen(path) >= sizeof(addr.sun_path))
		die("the path of a socket is too long");
	strcpy(addr.sun_path, path);
	if (fd < 0 || connect(fd, (struct sockaddr *)&addr, sizeof(addr))) {
		perror(path);
		exit(1);
	}
	return fd;
}

/* As many as there may be more: numbers from @first on. */
static void send_some(const struct line *line, uint32_t first,
		      unsigned int count)
{
	static uint8_t out[MAX_IN_FLIGHT * MAX_REQUEST];
	size_t len = 0;
	unsigned int i;

	for (i = 0; i < count; i++) {
		memcpy(out + len, line->request, line->len);
		if (line->number)
			line->number(out + len, first + i);
		len += line->len;
	}
	if (send(line->fd, out, len, MSG_NOSIGNAL) != (ssize_t)len)
		die("a request could not be sent");
}

/* Length of the answer that @have bytes begin, 0 if not all is there. */
static size_t whole(const struct line *line, const uint8_t *in, size_t have)
{
	size_t len = line->answer_len;

	if (line->size) {
		if (have < line->head)
			return 0;
		len = line->size(in);
		if (len < line->head || len > MAX_ANSWER)
			die("an answer has a length that it can not have");
	}
	return have < len ? 0 : len;
}

/* Take what has come; how many answers that are, from number @first on. */
static unsigned int receive_some(const struct line *line, uint32_t first)
{
	static uint8_t in[MAX_IN_FLIGHT * MAX_ANSWER];
	static size_t have;
	unsigned int count = 0;
	size_t at = 0;
	size_t len;
	ssize_t n = recv(line->fd, in + have, sizeof(in) - have, 0);

	if (n <= 0)
		die("the connection has been closed");
	have += (size_t)n;
	while ((len = whole(line, in + at, have - at))) {
		if (line->good && !line->good(in + at, first + count))
			die("a command has failed");
		at += len;
		count++;
	}
	have -= at;
	memmove(in, in + at, have);
	return count;
}

void line_run(const struct line *line, unsigned int count, unsigned int depth)
{
	unsigned int done = 0;
	unsigned int sent = 0;
	unsigned int more;

	while (done < count) {
		more = depth - (sent - done);
		if (more > count - sent)
			more = count - sent;
		if (more)
			send_some(line, sent, more);
		sent += more;
		done += receive_some(line, done);
	}
}

size_t line_ask(const struct line *line, uint8_t answer[MAX_ANSWER])
{
	size_t have = 0;
	size_t len = 0;
	ssize_t n;

	send_some(line, 0, 1);
	while (!len) {
		n = recv(line->fd, answer + have, MAX_ANSWER - have, 0);
		if (n <= 0)
			die("the connection has been closed");
		have += (size_t)n;
		len = whole(line, answer, have);
	}
	if (line->good && !line->good(answer, 0))
		die("a command has failed");
	return len;
}
