// SPDX-License-Identifier: GPL-2.0-or-later
/* The control socket. See control.h. */
#include "control.h"

#include <errno.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include "caliptra-regs.h"
#include "control_mci.h"
#include "log.h"
#include "loop.h"
#include "mcu.h"
#include "text.h"
#include "unix_socket.h"

#define MAX_LINE  256
#define MAX_WORDS 5
#define MAX_REPLY 512

#define MESSAGE_CMD 0x4d534721 /* "MSG!" */

/**
 * struct client - one connection
 * @watch: its socket
 * @have: bytes in @line
 * @line: what has come of the next request
 */
struct client {
	struct loop_fd watch;
	size_t have;
	char line[MAX_LINE];
};

static struct control_config config;
static struct loop_fd listener;
static struct device_command last_command;

void control_note_command(const struct device_command *cmd)
{
	last_command = *cmd;
}

static void write_uc(uint32_t offset, uint32_t value)
{
	mbox_write(&config.dev->mbox, MBOX_UC, MBOX_UC_USER, offset, value);
}

static const char *lock(void)
{
	enum mbox_violation unused;

	if (mbox_read(&config.dev->mbox, MBOX_UC, MBOX_UC_USER, MBOX_LOCK,
		      &unused))
		return "somebody has the mailbox";
	return NULL;
}

static const char *unlock(void)
{
	const struct mbox *mbox = &config.dev->mbox;

	if (!mbox->uc_has_lock && mbox->fsm != MBOX_FSM_ERROR)
		return "the microcontroller does not have the mailbox";
	write_uc(MBOX_UNLOCK, MBOX_UNLOCK_UNLOCK);
	return NULL;
}

/* What the SoC makes of a message that answers no command. */
static const char *message(const char *size)
{
	uint32_t len = sizeof(uint32_t), i;
	const char *error;

	if (size &&
	    (!text_number(size, &len) || len > mbox_size(&config.dev->mbox)))
		return "a message has a number of bytes that the mailbox has room for";
	error = lock();
	if (error)
		return error;
	config.dev->message_status = MBOX_STATUS_CMD_BUSY;
	write_uc(MBOX_CMD, MESSAGE_CMD);
	write_uc(MBOX_DLEN, len);
	for (i = 0; i < len; i += 4)
		write_uc(MBOX_DATAIN, MESSAGE_CMD + i);
	write_uc(MBOX_EXECUTE, MBOX_EXECUTE_EXECUTE);
	return NULL;
}

static const char *answer(char reply[MAX_REPLY])
{
	if (!config.dev->message_status)
		return "the SoC has not answered a message";
	snprintf(reply, MAX_REPLY, "ok %s\n",
		 mcu_status_name(config.dev->message_status));
	return NULL;
}

static const char *reset(const char *kind, const char *stage)
{
	enum soc_boot_hold hold = SOC_BOOT_HOLD_NONE;

	if (!strcmp(kind, "cold") &&
	    (!stage || soc_boot_parse_hold(stage, &hold)))
		config.reset(config.context, DEVICE_RESET_COLD, hold);
	else if (!strcmp(kind, "warm") && !stage)
		config.reset(config.context, DEVICE_RESET_WARM, hold);
	else if (strcmp(kind, "update") || stage)
		return "a reset is 'cold', 'cold fuses', 'cold bootfsm', 'cold firmware', 'warm' or 'update'";
	else if (!config.reset(config.context, DEVICE_RESET_UPDATE, hold))
		return "no runtime firmware runs that could be updated";
	return NULL;
}

/* The words are behind each other again, a space between two. */
static const char *fault(char *const *words, size_t n)
{
	char request[MAX_LINE] = "";
	size_t i;

	for (i = 0; i < n; i++) {
		if (i)
			strcat(request, " ");
		strcat(request, words[i]);
	}
	return fault_set(config.dev, request);
}

static void handle_line(char *line, char reply[MAX_REPLY])
{
	char *words[MAX_WORDS] = { 0 };
	const char *error = NULL;
	char *rest = line;
	char *word;
	size_t n = 0;

	while (n < MAX_WORDS && (word = strsep(&rest, " ")))
		if (*word)
			words[n++] = word;

	if (control_mci(config.dev, words, n, reply, MAX_REPLY))
		return;
	strcpy(reply, "ok\n");
	if (n >= 2 && n <= 3 && !strcmp(words[0], "reset"))
		error = reset(words[1], words[2]);
	else if (n >= 2 && n <= 4 && !strcmp(words[0], "fault"))
		error = fault(words + 1, n - 1);
	else if (n == 1 && !strcmp(words[0], "lock"))
		error = lock();
	else if (n == 1 && !strcmp(words[0], "unlock"))
		error = unlock();
	else if (n <= 2 && n && !strcmp(words[0], "message"))
		error = message(words[1]);
	else if (n == 1 && !strcmp(words[0], "answer"))
		error = answer(reply);
	else if (n == 1 && !strcmp(words[0], "count"))
		snprintf(reply, MAX_REPLY,
			 "ok %" PRIu64 " %" PRIu64 " %" PRIu64 "\n",
			 last_command.reads, last_command.writes,
			 last_command.device_ns);
	else
		error = "there is no such request; see 'swcaliptra --help'";
	if (error)
		snprintf(reply, MAX_REPLY, "error %s\n", error);
}

static void drop_client(struct client *c)
{
	loop_remove(&c->watch);
	close(c->watch.fd);
	free(c);
}

/* The line has @len bytes and a zero behind them. */
static bool answer_line(struct client *c, char *line, size_t len)
{
	char reply[MAX_REPLY];

	/* what is behind a zero byte would be overlooked */
	if (strlen(line) != len)
		line[0] = '\0';
	log_info("control: %s", line);
	handle_line(line, reply);
	device_settle(config.dev);
	len = strlen(reply);
	return send(c->watch.fd, reply, len, MSG_NOSIGNAL | MSG_DONTWAIT) ==
	       (ssize_t)len;
}

static void client_ready(void *context)
{
	struct client *c = context;
	char *line = c->line;
	char *end;
	ssize_t n;

	n = recv(c->watch.fd, c->line + c->have, sizeof(c->line) - c->have,
		 MSG_DONTWAIT);
	if (n < 0 && (errno == EAGAIN || errno == EINTR))
		return;
	if (n <= 0) {
		drop_client(c);
		return;
	}
	c->have += (size_t)n;
	while ((end = memchr(line, '\n', c->have - (size_t)(line - c->line)))) {
		*end = '\0';
		if (!answer_line(c, line, (size_t)(end - line))) {
			drop_client(c);
			return;
		}
		line = end + 1;
	}
	c->have -= (size_t)(line - c->line);
	memmove(c->line, line, c->have);
	if (c->have == sizeof(c->line)) {
		log_error("control socket client dropped: a line is too long");
		drop_client(c);
	}
}

static void listener_ready(void *context)
{
	int fd = accept4(listener.fd, NULL, NULL, SOCK_CLOEXEC);
	struct client *c;

	(void)context;
	if (fd < 0)
		return;
	c = calloc(1, sizeof(*c));
	if (!c) {
		close(fd);
		return;
	}
	c->watch.fd = fd;
	c->watch.ready = client_ready;
	c->watch.context = c;
	if (loop_add(&c->watch)) {
		close(fd);
		free(c);
	}
}

int control_serve(const struct control_config *c)
{
	config = *c;
	listener.ready = listener_ready;
	listener.fd = unix_socket_listen(c->path);
	if (listener.fd < 0)
		return -1;
	if (loop_add(&listener)) {
		log_error("can not watch %s: %s", c->path, strerror(errno));
		return -1;
	}
	return 0;
}

int control_send(const char *path, int argc, char **argv)
{
	char line[MAX_LINE] = "";
	char reply[MAX_REPLY];
	size_t len = 0;
	ssize_t n;
	int fd;
	int i;

	for (i = 0; i < argc; i++) {
		n = snprintf(line + len, sizeof(line) - len, "%s%s",
			     i ? " " : "", argv[i]);
		len += (size_t)n;
		if (len >= sizeof(line) - 1) {
			log_error("the request is too long");
			return 2;
		}
	}
	line[len++] = '\n';

	fd = unix_socket_connect(path);
	if (fd < 0) {
		log_error("can not connect to %s: %s", path, strerror(errno));
		return 1;
	}
	if (send(fd, line, len, MSG_NOSIGNAL) != (ssize_t)len ||
	    (n = recv(fd, reply, sizeof(reply) - 1, 0)) <= 0) {
		log_error("%s gave no answer", path);
		close(fd);
		return 1;
	}
	close(fd);
	reply[n] = '\0';
	if (strncmp(reply, "ok", 2)) {
		fprintf(stderr, "swcaliptra: %s", reply);
		return 1;
	}
	fputs(reply, stdout);
	return 0;
}
