/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * What the parts of the root of trust's bench share: who answers messages over a
 * socket, and what it answers.
 */
#ifndef BENCH_ROT_H
#define BENCH_ROT_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#define MAX_IN_FLIGHT 32

#define MAX_REQUEST 1024
#define MAX_ANSWER  8192

/**
 * struct line - a connection, and the message that goes over it again and again
 * @fd: the connection
 * @request: the message
 * @len: its length in bytes
 * @answer_len: bytes of the answer, where there is no @size
 * @head: bytes of an answer that @size needs
 * @size: bytes of an answer that begins like this
 * @number: put a number into a request, or NULL
 * @good: does this answer say that all is well, of the request of this number? May
 *	be NULL
 */
struct line {
	int fd;
	uint8_t request[MAX_REQUEST];
	size_t len;
	size_t answer_len;
	size_t head;
	size_t (*size)(const uint8_t *answer);
	void (*number)(uint8_t *request, uint32_t number);
	bool (*good)(const uint8_t *answer, uint32_t number);
};

/* Say what is wrong and end. */
_Noreturn void die(const char *what);

/** line_run() - send @count messages, up to @depth of them without an answer */
void line_run(const struct line *line, unsigned int count, unsigned int depth);

/** line_connect() - connect to a unix socket */
int line_connect(const char *path);

/** line_ask() - send one message; length of the answer, which is in @answer */
size_t line_ask(const struct line *line, uint8_t answer[MAX_ANSWER]);

/** echo_line() - a process that answers @len bytes with @answer_len bytes */
struct line echo_line(size_t len, size_t answer_len);

/** echo_end() - end it */
void echo_end(const struct line *line);

/** caliptra_hello() - the AXI user that commands over this connection come from */
uint32_t caliptra_hello(int fd);

/*
 * Messages to the software Caliptra, whose connection is @fd, from AXI user @user.
 */
struct line caliptra_extend_pcr(int fd, uint32_t user);
struct line caliptra_quote(int fd, uint32_t user);
struct line caliptra_sign(int fd, uint32_t user);
struct line caliptra_certify_key(int fd, uint32_t user);

/** tpm_create_key() - a P-384 key that signs quotes; its handle */
uint32_t tpm_create_key(int fd);

/* Messages to a TPM, whose connection is @fd. */
struct line tpm_extend(int fd);
struct line tpm_quote(int fd, uint32_t key);

/** sign_prepare() - make a P-384 key for sign_run() */
void sign_prepare(void);

/** sign_run() - sign @count digests */
void sign_run(unsigned int count);

#endif
