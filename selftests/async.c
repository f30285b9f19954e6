// SPDX-License-Identifier: GPL-2.0-only
/*
 * write(), poll() and read(): each rule of struct caliptra_request and struct
 * caliptra_msg, what becomes of a command whose file is closed, and event loops. Needs
 * root with nobody else using the device.
 */
#include <pthread.h>
#include <signal.h>
#include <sys/epoll.h>
#include <sys/mman.h>
#include <sys/time.h>

#include "ask.h"
#include "files.h"
#include "kselftest_harness.h"
#include "stream.h"

#define FILES  64
#define ROUNDS 4

/* An address where nothing is; the compiler is not to know it. */
static void *volatile nowhere = (void *)8;

FIXTURE(async)
{
	int fd;
	uint32_t mbox_size;
	uint32_t longest;
	struct caliptra_msg head;
	uint8_t rsp[VERSION_RSP_LEN];
};

FIXTURE_SETUP(async)
{
	struct caliptra_info info;

	if (!getenv("CALIPTRA_CTL"))
		SKIP(return,
			   "CALIPTRA_CTL names no line to a software Caliptra");
	self->fd = open(DEVICE, O_RDWR | O_CLOEXEC);
	ASSERT_GE(self->fd, 0);
	ASSERT_EQ(ioctl(self->fd, CALIPTRA_IOC_INFO, &info), 0);
	self->mbox_size = info.mbox_size;
	self->longest = longest_request(&info);
}

FIXTURE_TEARDOWN(async)
{
	int other = open(DEVICE, O_RDWR | O_CLOEXEC);

	close(self->fd);
	/* after a failure, too */
	EXPECT_EQ(ctl("fault none"), 0);
	EXPECT_EQ(try_version(other), 0);
	EXPECT_EQ(stream_version(other), 0);
	close(other);
}

static int take_version(struct __test_metadata *_metadata,
			FIXTURE_DATA(async) * self)
{
	return take(self->fd, &self->head, self->rsp, sizeof(self->rsp));
}

/* Where a fault keeps the device from answering: it does so after this time. */
static pid_t answer_after(unsigned int ms)
{
	pid_t pid = fork();

	if (pid)
		return pid;
	usleep(1000 * ms);
	_exit(!!ctl("fault none"));
}

static void nonblocking(int fd)
{
	fcntl(fd, F_SETFL, fcntl(fd, F_GETFL) | O_NONBLOCK);
}

TEST_F(async, a_written_command_is_answered)
{
	static const uint32_t zero[3];
	uint32_t i;

	for (i = 1; i <= 3; i++) {
		ASSERT_EQ(post_version(self->fd, 0), 0);
		ASSERT_TRUE(readable(self->fd));
		EXPECT_EQ(available(self->fd), HEAD + VERSION_RSP_LEN);
		ASSERT_EQ(take_version(_metadata, self), 0);
		EXPECT_EQ(self->head.type, CALIPTRA_MSG_RESPONSE);
		EXPECT_EQ(self->head.cmd, CMD_VERSION);
		EXPECT_EQ(self->head.flags, CALIPTRA_CMD_SENT);
		EXPECT_EQ(self->head.error, 0);
		EXPECT_EQ(self->head.status & 0xf, STATUS_DATA_READY);
		EXPECT_EQ(self->head.fw_error, 0);
		EXPECT_EQ(self->head.cause, CALIPTRA_CAUSE_NONE);
		EXPECT_EQ(self->head.seq, i);
		EXPECT_EQ(self->head.len, VERSION_RSP_LEN);
		EXPECT_EQ(memcmp(self->head.reserved, zero, sizeof(zero)), 0);
		EXPECT_TRUE(response_good(self->rsp, VERSION_RSP_LEN));
	}
	/* both ways count */
	EXPECT_EQ(try_version(self->fd), 0);
	EXPECT_EQ(post_version(self->fd, 0), 0);
	EXPECT_EQ(take_version(_metadata, self), 0);
	EXPECT_EQ(self->head.seq, 5);
}

TEST_F(async, a_read_waits)
{
	int64_t start;
	pid_t pid;

	ASSERT_EQ(ctl("fault no-answer"), 0);
	/* which does not */
	ASSERT_EQ(post_version(self->fd, 0), 0);
	start = now_ms();
	pid = answer_after(400);
	ASSERT_GE(pid, 0);
	EXPECT_EQ(take_version(_metadata, self), 0);
	EXPECT_GE(now_ms() - start, 400);
	EXPECT_EQ(self->head.error, 0);
	EXPECT_EQ(wait_for(pid), 0);
}

TEST_F(async, short_writes_are_einval)
{
	static const uint8_t bytes[sizeof(struct caliptra_request)];
	size_t len;

	for (len = 0; len < sizeof(bytes); len++) {
		EXPECT_EQ(write(self->fd, bytes, len), -1);
		EXPECT_EQ(errno, EINVAL);
	}
	EXPECT_EQ(poll_for(self->fd, 0), POLLOUT);
}

TEST_F(async, reserved_fields_are_einval)
{
	int i;

	for (i = 0; i < 64; i++) {
		struct caliptra_request r = { .cmd = CMD_VERSION };

		r.reserved[i / 32] = 1u << i % 32;
		EXPECT_EQ(write(self->fd, &r, sizeof(r)), -1);
		EXPECT_EQ(errno, EINVAL);
	}
	EXPECT_EQ(poll_for(self->fd, 0), POLLOUT);
}

TEST_F(async, a_request_longer_than_the_mailbox_is_emsgsize)
{
	const size_t lengths[] = { self->mbox_size + 1, self->mbox_size + 4,
				   2 * self->mbox_size };
	uint8_t *req = calloc(2, self->mbox_size);
	size_t i;

	for (i = 0; i < 3; i++)
		EXPECT_EQ(post(self->fd, CMD_VERSION, 0, req, lengths[i]),
			  EMSGSIZE);
	EXPECT_EQ(poll_for(self->fd, 0), POLLOUT);
	free(req);
}

/* VERSION takes a body of any length that the firmware has room for. */
TEST_F(async, a_request_may_fill_the_mailbox)
{
	uint8_t *req = malloc(self->mbox_size);
	uint32_t i;

	for (i = 0; i < self->mbox_size; i++)
		req[i] = i % 251;
	seal(CMD_VERSION, req, self->longest);
	EXPECT_EQ(post(self->fd, CMD_VERSION, 0, req, self->longest), 0);
	EXPECT_EQ(take_version(_metadata, self), 0);
	EXPECT_EQ(self->head.error, 0);
	EXPECT_TRUE(response_good(self->rsp, VERSION_RSP_LEN));
	if (self->longest == self->mbox_size) {
		free(req);
		return;
	}
	EXPECT_EQ(post(self->fd, CMD_VERSION, 0, req, self->mbox_size), 0);
	EXPECT_EQ(take_version(_metadata, self), 0);
	EXPECT_EQ(self->head.error, EREMOTEIO);
	EXPECT_EQ(self->head.fw_error, RUNTIME_INSUFFICIENT_MEMORY);
	free(req);
}

TEST_F(async, an_empty_request_is_sent)
{
	EXPECT_EQ(post(self->fd, CMD_VERSION, 0, NULL, 0), 0);
	EXPECT_EQ(take_version(_metadata, self), 0);
	EXPECT_EQ(self->head.error, EREMOTEIO);
	EXPECT_EQ(self->head.fw_error, RUNTIME_MAILBOX_INVALID_PARAMS);
	EXPECT_EQ(self->head.status & 0xf, STATUS_CMD_FAILURE);
	EXPECT_EQ(self->head.flags, CALIPTRA_CMD_SENT);
	EXPECT_EQ(self->head.len, 0);
}

/* What nobody knows: from a file that root has opened, too. */
TEST_F(async, without_the_capability_it_is_eperm)
{
	uint8_t req[4];
	pid_t pid;

	seal(CMD_UNKNOWN, req, sizeof(req));
	pid = fork();
	ASSERT_GE(pid, 0);
	if (!pid) {
		if (setgid(NOBODY) || setuid(NOBODY))
			_exit(255);
		if (post_version(self->fd, 0))
			_exit(254);
		if (take_version(_metadata, self))
			_exit(253);
		_exit(post(self->fd, CMD_UNKNOWN, 0, req, sizeof(req)));
	}
	EXPECT_EQ(wait_for(pid), EPERM);
	EXPECT_EQ(poll_for(self->fd, 0), POLLOUT);
	EXPECT_EQ(post(self->fd, CMD_UNKNOWN, 0, req, sizeof(req)), 0);
	EXPECT_EQ(take_version(_metadata, self), 0);
	EXPECT_EQ(self->head.error, EREMOTEIO);
	EXPECT_EQ(self->head.fw_error, RUNTIME_UNIMPLEMENTED_COMMAND);
}

TEST_F(async, a_file_is_opened_for_it)
{
	int only_read = open(DEVICE, O_RDONLY);
	int only_write = open(DEVICE, O_WRONLY);

	EXPECT_EQ(post_version(only_read, 0), EBADF);
	EXPECT_EQ(poll_for(only_read, 0), 0);
	EXPECT_EQ(post_version(only_write, 0), 0);
	EXPECT_TRUE(readable(only_write));
	EXPECT_EQ(take(only_write, &self->head, self->rsp, sizeof(self->rsp)),
		  EBADF);
	EXPECT_EQ(ioctl(only_write, CALIPTRA_IOC_LISTEN), -1);
	EXPECT_EQ(errno, EBADF);
	close(only_read);
	close(only_write);
}

TEST_F(async, bad_pointers_send_nothing_and_lose_nothing)
{
	uint8_t *page = mmap(NULL, 8192, PROT_READ | PROT_WRITE,
			     MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
	uint8_t *end = page + 4096;
	struct caliptra_request r = { .cmd = CMD_VERSION };

	ASSERT_NE(page, MAP_FAILED);
	munmap(end, 4096);
	EXPECT_EQ(write(self->fd, nowhere, 20), -1);
	EXPECT_EQ(errno, EFAULT);
	/* the head is there, and half of the request */
	memcpy(end - sizeof(r) - 2, &r, sizeof(r));
	EXPECT_EQ(write(self->fd, end - sizeof(r) - 2, sizeof(r) + 4), -1);
	EXPECT_EQ(errno, EFAULT);
	EXPECT_EQ(poll_for(self->fd, 0), POLLOUT);

	ASSERT_EQ(post_version(self->fd, 0), 0);
	ASSERT_TRUE(readable(self->fd));
	EXPECT_EQ(read(self->fd, nowhere, 200), -1);
	EXPECT_EQ(errno, EFAULT);
	/* room for the head alone, behind which is none */
	EXPECT_EQ(read(self->fd, end - HEAD, HEAD + VERSION_RSP_LEN), HEAD);
	EXPECT_EQ(read(self->fd, nowhere, 200), -1);
	EXPECT_EQ(errno, EFAULT);
	EXPECT_EQ(available(self->fd), VERSION_RSP_LEN);
	EXPECT_EQ(read(self->fd, self->rsp, sizeof(self->rsp)),
		  VERSION_RSP_LEN);
	EXPECT_TRUE(response_good(self->rsp, VERSION_RSP_LEN));
	munmap(page, 4096);
}

TEST_F(async, poll_says_what_can_be_done)
{
	int reader = open(DEVICE, O_RDONLY);
	uint8_t bytes[HEAD];

	EXPECT_EQ(poll_for(self->fd, 0), POLLOUT);
	EXPECT_EQ(poll_for(reader, 0), 0);
	ASSERT_EQ(ctl("fault no-answer"), 0);
	ASSERT_EQ(post_version(self->fd, 0), 0);
	EXPECT_EQ(poll_for(self->fd, 0), 0);
	ASSERT_EQ(ctl("fault none"), 0);
	EXPECT_EQ(poll_for(self->fd, 20000), POLLIN);
	EXPECT_EQ(read(self->fd, self->rsp, 1), 1);
	EXPECT_EQ(poll_for(self->fd, 0), POLLIN);
	EXPECT_EQ(read(self->fd, bytes, HEAD - 1), HEAD - 1);
	EXPECT_EQ(poll_for(self->fd, 0), POLLIN);
	EXPECT_EQ(read(self->fd, self->rsp, VERSION_RSP_LEN), VERSION_RSP_LEN);
	EXPECT_EQ(poll_for(self->fd, 0), POLLOUT);
	EXPECT_EQ(poll_for(reader, 0), 0);
	EXPECT_EQ(ioctl(self->fd, CALIPTRA_IOC_LISTEN), 0);
	EXPECT_EQ(poll_for(self->fd, 0), POLLOUT);
	close(reader);
}

TEST_F(async, with_nonblock_nothing_waits)
{
	nonblocking(self->fd);
	EXPECT_EQ(take_version(_metadata, self), ENODATA);
	ASSERT_EQ(ctl("fault no-answer"), 0);
	ASSERT_EQ(post_version(self->fd, 0), 0);
	EXPECT_EQ(post_version(self->fd, 0), EAGAIN);
	EXPECT_EQ(take_version(_metadata, self), EAGAIN);
	EXPECT_EQ(available(self->fd), 0);
	ASSERT_EQ(ctl("fault none"), 0);
	ASSERT_TRUE(readable(self->fd));
	EXPECT_EQ(post_version(self->fd, 0), EBUSY);
	EXPECT_EQ(try_version(self->fd), EBUSY);
	EXPECT_EQ(take_version(_metadata, self), 0);
	EXPECT_EQ(self->head.error, 0);
	EXPECT_EQ(self->head.seq, 1);
	EXPECT_EQ(take_version(_metadata, self), ENODATA);
}

/* A response must be read before anything else happens to the file. */
TEST_F(async, without_nonblock_it_waits_and_is_ebusy)
{
	int64_t start = now_ms();

	ASSERT_EQ(ctl("fault late 500"), 0);
	ASSERT_EQ(post_version(self->fd, 0), 0);
	EXPECT_EQ(post_version(self->fd, 0), EBUSY);
	EXPECT_GE(now_ms() - start, 500);
	EXPECT_EQ(take_version(_metadata, self), 0);
	EXPECT_EQ(self->head.error, 0);

	start = now_ms();
	ASSERT_EQ(ctl("fault late 500"), 0);
	ASSERT_EQ(post_version(self->fd, 0), 0);
	EXPECT_EQ(try_version(self->fd), EBUSY);
	EXPECT_GE(now_ms() - start, 500);
	EXPECT_EQ(version_within(self->fd, 1), EBUSY);
	EXPECT_EQ(take_version(_metadata, self), 0);
	EXPECT_EQ(self->head.error, 0);
	EXPECT_TRUE(response_good(self->rsp, VERSION_RSP_LEN));
	EXPECT_EQ(try_version(self->fd), 0);
}

TEST_F(async, waiting_for_a_written_command_is_part_of_the_timeout)
{
	ASSERT_EQ(ctl("fault no-answer"), 0);
	ASSERT_EQ(post_version(self->fd, 0), 0);
	EXPECT_EQ(version_within(self->fd, 100), ETIMEDOUT);
	EXPECT_EQ(post_version(self->fd, 100), ETIMEDOUT);
	ASSERT_EQ(ctl("fault none"), 0);
	EXPECT_EQ(take_version(_metadata, self), 0);
	EXPECT_EQ(self->head.error, 0);
}

TEST_F(async, reading_nothing_is_enodata)
{
	EXPECT_EQ(take_version(_metadata, self), ENODATA);
	EXPECT_EQ(available(self->fd), 0);
	EXPECT_EQ(read(self->fd, self->rsp, 0), 0);
	ASSERT_EQ(post_version(self->fd, 0), 0);
	ASSERT_TRUE(readable(self->fd));
	EXPECT_EQ(read(self->fd, self->rsp, 0), 0);
	EXPECT_EQ(take_version(_metadata, self), 0);
	EXPECT_EQ(take_version(_metadata, self), ENODATA);
}

TEST_F(async, a_response_may_be_read_in_parts)
{
	const size_t whole = HEAD + VERSION_RSP_LEN;
	uint8_t bytes[2 * (HEAD + VERSION_RSP_LEN)];
	size_t first, i;

	for (first = 0; first <= whole; first++) {
		memset(bytes, 0x5a, sizeof(bytes));
		ASSERT_EQ(post_version(self->fd, 0), 0);
		ASSERT_TRUE(readable(self->fd));
		/* 0 stands for one byte after the other */
		for (i = 0; !first && i < whole; i++) {
			EXPECT_EQ(available(self->fd), whole - i);
			ASSERT_EQ(read(self->fd, bytes + i, 1), 1);
		}
		if (first)
			ASSERT_EQ(read(self->fd, bytes, first), first);
		if (first && first < whole) {
			EXPECT_EQ(available(self->fd), whole - first);
			EXPECT_EQ(post_version(self->fd, 0), EBUSY);
			ASSERT_EQ(read(self->fd, bytes + first, whole),
				  whole - first);
		}
		EXPECT_EQ(available(self->fd), 0);
		memcpy(&self->head, bytes, HEAD);
		EXPECT_EQ(self->head.seq, first + 1);
		EXPECT_EQ(self->head.len, VERSION_RSP_LEN);
		EXPECT_TRUE(response_good(bytes + HEAD, VERSION_RSP_LEN));
	}
}

TEST_F(async, a_written_command_drops_a_kept_response)
{
	struct caliptra_cmd again = { .seq = 1 };
	uint8_t req[4];
	struct caliptra_cmd c = version_cmd(req, self->rsp);

	c.rsp_room = 0;
	EXPECT_EQ(run(self->fd, &c), ENOSPC);
	EXPECT_EQ(post_version(self->fd, 0), 0);
	EXPECT_EQ(take_version(_metadata, self), 0);
	again.rsp = pointer(self->rsp);
	again.rsp_room = sizeof(self->rsp);
	EXPECT_EQ(fetch(self->fd, &again), ENODATA);
}

TEST_F(async, a_timeout_comes_as_a_response)
{
	const uint8_t nonce[32] = { 0x78 };
	uint8_t rsp[QUOTE_RSP_LEN];
	int64_t start = tick_ms();
	int other = open(DEVICE, O_RDWR);

	ASSERT_EQ(ctl("fault no-answer"), 0);
	ASSERT_EQ(post_version(self->fd, 1000), 0);
	ASSERT_TRUE(wait_until_sent());
	/* behind it, one that does not even get its turn */
	ASSERT_EQ(post_version(other, 100), 0);
	EXPECT_EQ(take_version(_metadata, self), 0);
	EXPECT_GE(tick_ms() - start, 1000);
	EXPECT_EQ(self->head.error, ETIMEDOUT);
	EXPECT_EQ(self->head.flags, CALIPTRA_CMD_SENT);
	EXPECT_EQ(self->head.seq, 1);
	EXPECT_EQ(self->head.len, 0);
	EXPECT_EQ(take(other, &self->head, self->rsp, sizeof(self->rsp)), 0);
	EXPECT_EQ(self->head.error, ETIMEDOUT);
	EXPECT_EQ(self->head.flags, 0);
	EXPECT_EQ(self->head.seq, 0);
	/* the next one gets its own answer */
	ASSERT_EQ(post_quote(self->fd, nonce), 0);
	ASSERT_EQ(ctl("fault none"), 0);
	EXPECT_EQ(take(self->fd, &self->head, rsp, sizeof(rsp)), 0);
	EXPECT_TRUE(response_good(rsp, sizeof(rsp)));
	EXPECT_EQ(memcmp(rsp + QUOTE_NONCE_OFFSET, nonce, 32), 0);
	close(other);
}

TEST_F(async, failures_come_as_responses)
{
	static const struct {
		const char *fault;
		uint32_t error, cause;
		const char *remedy;
	} faults[] = {
		{ "fault dlen 0xffffffff", EPROTO, CALIPTRA_CAUSE_NONE, NULL },
		{ "fault ecc", EIO, CALIPTRA_CAUSE_ECC, NULL },
		{ "fault lost-lock", EIO, CALIPTRA_CAUSE_LOCK_LOST, NULL },
		{ "fault protocol", EIO, CALIPTRA_CAUSE_PROTOCOL, "unlock" },
		{ "fault reset busy", ECONNRESET, CALIPTRA_CAUSE_RESET, NULL },
	};
	size_t i;

	for (i = 0; i < sizeof(faults) / sizeof(faults[0]); i++) {
		ASSERT_EQ(ctl(faults[i].fault), 0);
		ASSERT_EQ(post_version(self->fd, 0), 0);
		ASSERT_TRUE(readable(self->fd));
		ASSERT_EQ(take_version(_metadata, self), 0);
		EXPECT_EQ(self->head.error, faults[i].error);
		EXPECT_EQ(self->head.cause, faults[i].cause);
		EXPECT_EQ(self->head.flags, CALIPTRA_CMD_SENT);
		EXPECT_EQ(self->head.seq, 2 * i + 1);
		EXPECT_EQ(self->head.len, 0);
		if (faults[i].remedy)
			EXPECT_EQ(ctl(faults[i].remedy), 0);
		EXPECT_EQ(stream_version(self->fd), 0);
	}
}

TEST_F(async, a_closed_file_abandons_its_command)
{
	const uint8_t nonce[32] = { 0x79 };
	uint8_t rsp[QUOTE_RSP_LEN];
	int other = open(DEVICE, O_RDWR);

	ASSERT_EQ(ctl("fault no-answer"), 0);
	ASSERT_EQ(post_version(other, 0), 0);
	ASSERT_TRUE(wait_until_sent());
	close(other);
	ASSERT_EQ(post_quote(self->fd, nonce), 0);
	/* the device still has the other one */
	EXPECT_EQ(poll_for(self->fd, 200), 0);
	ASSERT_EQ(ctl("fault none"), 0);
	ASSERT_EQ(take(self->fd, &self->head, rsp, sizeof(rsp)), 0);
	EXPECT_EQ(self->head.error, 0);
	EXPECT_EQ(self->head.cmd, CMD_QUOTE_PCRS_ECC384);
	EXPECT_TRUE(response_good(rsp, sizeof(rsp)));
	EXPECT_EQ(memcmp(rsp + QUOTE_NONCE_OFFSET, nonce, 32), 0);
}

TEST_F(async, what_was_not_sent_before_that_never_is)
{
	const size_t pcr = QUOTE_PCRS_OFFSET + 21 * 48;
	uint8_t before[QUOTE_RSP_LEN], after[QUOTE_RSP_LEN];
	const uint8_t nonce[32] = { 1 };
	uint8_t req[4 + 4 + 48] = { 0 };
	int other = open(DEVICE, O_RDWR);

	ASSERT_EQ(quote(self->fd, nonce, before), 0);
	put_le32(req + 4, 21);
	seal(CMD_EXTEND_PCR, req, sizeof(req));
	ASSERT_EQ(ctl("fault no-answer"), 0);
	ASSERT_EQ(post_version(self->fd, 0), 0);
	ASSERT_TRUE(wait_until_sent());
	ASSERT_EQ(post(other, CMD_EXTEND_PCR, 0, req, sizeof(req)), 0);
	close(other);
	ASSERT_EQ(ctl("fault none"), 0);
	ASSERT_EQ(take_version(_metadata, self), 0);
	EXPECT_EQ(self->head.error, 0);
	ASSERT_EQ(quote(self->fd, nonce, after), 0);
	EXPECT_EQ(memcmp(before + pcr, after + pcr, 48), 0);
	/* this is how it would have looked */
	ASSERT_EQ(post(self->fd, CMD_EXTEND_PCR, 0, req, sizeof(req)), 0);
	ASSERT_EQ(take_version(_metadata, self), 0);
	EXPECT_EQ(self->head.error, 0);
	ASSERT_EQ(quote(self->fd, nonce, after), 0);
	EXPECT_NE(memcmp(before + pcr, after + pcr, 48), 0);
}

/* Of each file of an event loop, the command that is under way. */
static struct question questions[FILES];

static int post_echo(int fd, uint32_t who, uint32_t round)
{
	struct question *q = &questions[who];

	prepare_echo(q, who, round);
	return post(fd, q->cmd, 0, request_of(q), q->req_len);
}

/* 0 or errno */
static int take_echo(int fd, uint32_t who, uint32_t round)
{
	struct question *q = &questions[who];
	struct caliptra_msg head;
	int error = take(fd, &head, response_of(q), ASK_MAX);

	if (error || head.error)
		return error ? error : head.error;
	q->rsp_len = head.len;
	return head.seq == round + 1 && answers(q) ? 0 : EBADMSG;
}

TEST_F(async, an_event_loop_holds_many)
{
	int epoll = epoll_create1(EPOLL_CLOEXEC);
	uint32_t round[FILES] = { 0 };
	struct epoll_event events[FILES];
	int fds[FILES], left = FILES, n, i;

	for (i = 0; i < FILES; i++) {
		struct epoll_event e = { .events = EPOLLIN | EPOLLET,
					 .data.u32 = i };

		fds[i] = open(DEVICE, O_RDWR | O_NONBLOCK);
		ASSERT_GE(fds[i], 0);
		ASSERT_EQ(epoll_ctl(epoll, EPOLL_CTL_ADD, fds[i], &e), 0);
		ASSERT_EQ(post_echo(fds[i], i, 0), 0);
	}
	while (left) {
		n = epoll_wait(epoll, events, FILES, 20000);
		ASSERT_GT(n, 0);
		while (n--) {
			uint32_t who = events[n].data.u32;

			ASSERT_EQ(events[n].events, EPOLLIN);
			ASSERT_EQ(take_echo(fds[who], who, round[who]), 0);
			if (++round[who] == ROUNDS) {
				left--;
				continue;
			}
			ASSERT_EQ(post_echo(fds[who], who, round[who]), 0);
		}
	}
	for (i = 0; i < FILES; i++) {
		EXPECT_EQ(round[i], ROUNDS);
		close(fds[i]);
	}
	close(epoll);
}

struct reader {
	pthread_t thread;
	int fd;
	int error;
	uint32_t count;
	uint32_t seqs;
};

static pthread_barrier_t barrier;

/* Until the response with error ETIMEDOUT. */
static void *read_responses(void *arg)
{
	struct reader *r = arg;
	uint8_t rsp[QUOTE_RSP_LEN];
	struct caliptra_msg head;

	pthread_barrier_wait(&barrier);
	r->error = take(r->fd, &head, rsp, sizeof(rsp));
	if (r->error || head.error) {
		r->error = r->error ? r->error : head.error;
		return NULL;
	}
	r->count = head.type == CALIPTRA_MSG_RESPONSE;
	r->seqs = head.seq;
	if (!response_good(rsp, head.len))
		r->error = EBADMSG;
	return NULL;
}

/* One of them gets all of it; the other, nothing. */
TEST_F(async, two_threads_may_read_one_file)
{
	uint32_t round;

	pthread_barrier_init(&barrier, NULL, 3);
	for (round = 1; round <= 10; round++) {
		struct reader readers[2] = { { .fd = self->fd },
					     { .fd = self->fd } };
		int i;

		for (i = 0; i < 2; i++)
			ASSERT_EQ(pthread_create(&readers[i].thread, NULL,
						 read_responses, &readers[i]),
				  0);
		if (round == 1)
			ASSERT_EQ(ctl("fault late 300"), 0);
		ASSERT_EQ(post_version(self->fd, 0), 0);
		pthread_barrier_wait(&barrier);
		for (i = 0; i < 2; i++)
			pthread_join(readers[i].thread, NULL);
		EXPECT_EQ(readers[0].count + readers[1].count, 1);
		for (i = 0; i < 2; i++) {
			EXPECT_EQ(readers[i].error,
				  readers[i].count ? 0 : ENODATA);
			EXPECT_EQ(readers[i].seqs,
				  readers[i].count ? round : 0);
		}
	}
}

/* Somebody who waits in read() keeps nobody from looking. */
TEST_F(async, a_waiting_reader_is_in_nobodys_way)
{
	struct reader reader = { .fd = self->fd };

	pthread_barrier_init(&barrier, NULL, 2);
	ASSERT_EQ(ctl("fault no-answer"), 0);
	ASSERT_EQ(post_version(self->fd, 0), 0);
	ASSERT_EQ(pthread_create(&reader.thread, NULL, read_responses, &reader),
		  0);
	pthread_barrier_wait(&barrier);
	usleep(200000);
	EXPECT_EQ(available(self->fd), 0);
	EXPECT_EQ(poll_for(self->fd, 0), 0);
	ASSERT_EQ(ctl("fault none"), 0);
	pthread_join(reader.thread, NULL);
	EXPECT_EQ(reader.error, 0);
	EXPECT_EQ(reader.count, 1);
}

static void on_signal(int signal)
{
	(void)signal;
}

/* Again and again, until it is 0: the first may come before anything waits. */
static void interrupt_every(unsigned int ms)
{
	struct sigaction action = { .sa_handler = on_signal };
	struct itimerval timer = { .it_value.tv_usec = ms * 1000,
				   .it_interval.tv_usec = ms * 1000 };

	sigaction(SIGALRM, &action, NULL);
	setitimer(ITIMER_REAL, &timer, NULL);
}

TEST_F(async, a_signal_ends_the_waiting_not_the_command)
{
	ASSERT_EQ(ctl("fault no-answer"), 0);
	ASSERT_EQ(post_version(self->fd, 0), 0);
	interrupt_every(100);
	EXPECT_EQ(take_version(_metadata, self), EINTR);
	EXPECT_EQ(post_version(self->fd, 0), EINTR);
	EXPECT_EQ(try_version(self->fd), EINTR);
	interrupt_every(0);
	ASSERT_EQ(ctl("fault none"), 0);
	EXPECT_EQ(take_version(_metadata, self), 0);
	EXPECT_EQ(self->head.error, 0);
	EXPECT_EQ(self->head.seq, 1);
}

/* The command belongs to the open file, not to the process that wrote it. */
TEST_F(async, a_child_may_read_what_its_parent_has_asked)
{
	int other = open(DEVICE, O_RDWR);
	pid_t pid;

	ASSERT_EQ(ctl("fault late 500"), 0);
	ASSERT_EQ(post_version(other, 0), 0);
	pid = fork();
	ASSERT_GE(pid, 0);
	if (!pid) {
		int error =
			take(other, &self->head, self->rsp, sizeof(self->rsp));

		_exit(error ? error : self->head.error);
	}
	close(other);
	EXPECT_EQ(wait_for(pid), 0);

	/* and the other way round: the child dies */
	ASSERT_EQ(ctl("fault late 500"), 0);
	pid = fork();
	ASSERT_GE(pid, 0);
	if (!pid) {
		post_version(self->fd, 0);
		kill(getpid(), SIGKILL);
	}
	EXPECT_EQ(wait_for(pid), -1);
	EXPECT_EQ(take_version(_metadata, self), 0);
	EXPECT_EQ(self->head.error, 0);
	EXPECT_TRUE(response_good(self->rsp, VERSION_RSP_LEN));
}

TEST_F(async, killed_writers_leave_nothing_behind)
{
	pid_t pids[8];
	int round, i;

	for (round = 0; round < 4; round++) {
		for (i = 0; i < 8; i++) {
			pids[i] = fork();
			ASSERT_GE(pids[i], 0);
			if (!pids[i]) {
				int fd = open(DEVICE, O_RDWR);

				while (!stream_version(fd))
					;
				_exit(1);
			}
		}
		usleep(100000);
		for (i = 0; i < 8; i++)
			kill(pids[i], SIGKILL);
		for (i = 0; i < 8; i++)
			EXPECT_EQ(wait_for(pids[i]), -1);
		EXPECT_EQ(stream_version(self->fd), 0);
	}
}

/* The exit status of a process that waits for something to happen to a file. */
static int wait_until_gone(int fd, bool by_poll)
{
	struct pollfd p = { .fd = fd, .events = POLLIN };
	struct caliptra_msg head;
	uint8_t rsp[VERSION_RSP_LEN];

	if (!by_poll)
		return take(fd, &head, rsp, sizeof(rsp));
	if (poll(&p, 1, 20000) != 1)
		return ETIME;
	return p.revents & POLLHUP && p.revents & POLLERR ? ENODEV : EBADMSG;
}

/* The command in the mailbox may end; the one behind it is not sent any more. */
TEST_F(async, a_device_that_goes_tells_whoever_waits)
{
	int late = open(DEVICE, O_RDWR), later = open(DEVICE, O_RDWR);
	int idle = open(DEVICE, O_RDWR);
	char device[256];
	pid_t pids[2], answering;
	int i;

	platform_device(device, sizeof(device));
	ASSERT_EQ(ioctl(self->fd, CALIPTRA_IOC_LISTEN), 0);
	for (i = 0; i < 2; i++) {
		pids[i] = fork();
		ASSERT_GE(pids[i], 0);
		if (!pids[i])
			_exit(wait_until_gone(self->fd, i));
	}
	ASSERT_EQ(ctl("fault no-answer"), 0);
	ASSERT_EQ(post_version(late, 0), 0);
	ASSERT_TRUE(wait_until_sent());
	ASSERT_EQ(post_version(later, 0), 0);
	answering = answer_after(1500);
	ASSERT_GE(answering, 0);
	ASSERT_EQ(write_file(DRIVER "unbind", device), 0);
	EXPECT_EQ(wait_for(answering), 0);
	for (i = 0; i < 2; i++)
		EXPECT_EQ(wait_for(pids[i]), ENODEV);

	EXPECT_EQ(poll_for(late, 0), POLLIN | POLLERR | POLLHUP);
	EXPECT_EQ(take(late, &self->head, self->rsp, sizeof(self->rsp)), 0);
	EXPECT_EQ(self->head.error, 0);
	EXPECT_TRUE(response_good(self->rsp, VERSION_RSP_LEN));
	EXPECT_EQ(take(later, &self->head, self->rsp, sizeof(self->rsp)), 0);
	EXPECT_EQ(self->head.error, ENODEV);
	EXPECT_EQ(self->head.flags, 0);

	EXPECT_EQ(take(late, &self->head, self->rsp, sizeof(self->rsp)),
		  ENODEV);
	EXPECT_EQ(take(idle, &self->head, self->rsp, sizeof(self->rsp)),
		  ENODEV);
	EXPECT_EQ(post_version(idle, 0), ENODEV);
	EXPECT_EQ(try_version(idle), ENODEV);
	EXPECT_EQ(ioctl(idle, CALIPTRA_IOC_LISTEN), -1);
	EXPECT_EQ(errno, ENODEV);
	EXPECT_EQ(available(idle), 0);

	ASSERT_EQ(write_file(DRIVER "bind", device), 0);
	EXPECT_TRUE(wait_until_there(DEVICE));
	/* what was opened before stays gone */
	EXPECT_EQ(post_version(idle, 0), ENODEV);
	close(late);
	close(later);
	close(idle);
}

TEST_HARNESS_MAIN
