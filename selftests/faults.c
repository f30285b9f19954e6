// SPDX-License-Identifier: GPL-2.0-only
/*
 * A Caliptra that is late, lies or is not ready, callers that leave, and other
 * agents at the same mailbox. The software Caliptra misbehaves on request, and
 * the registers are reached through the PCI function it is behind.
 */
#include <signal.h>
#include <stdbool.h>
#include <sys/mman.h>
#include <sys/time.h>
#include <sys/wait.h>

#include "caliptra-regs.h"
#include "files.h"
#include "kselftest_harness.h"
#include "mbox.h"

#define REGISTERS "/sys/bus/pci/devices/0000:00:01.0/resource0"
#define WINDOW	  0x20000
#define SOC_IFC	  0x10000

FIXTURE(faults)
{
	int fd;
	uint32_t mbox_size;
	volatile uint32_t *regs;
	bool polling;
	uint8_t req[4];
	uint8_t rsp[VERSION_RSP_LEN];
};

FIXTURE_SETUP(faults)
{
	struct caliptra_info info;
	int fd;

	if (!getenv("CALIPTRA_CTL"))
		SKIP(return,
			   "CALIPTRA_CTL names no line to a software Caliptra");
	self->fd = open(DEVICE, O_RDWR | O_CLOEXEC);
	ASSERT_GE(self->fd, 0);
	ASSERT_EQ(ioctl(self->fd, CALIPTRA_IOC_INFO, &info), 0);
	self->mbox_size = info.mbox_size;
	self->polling = !(info.flags & CALIPTRA_INFO_INTERRUPT);
	fd = open(REGISTERS, O_RDWR | O_SYNC);
	ASSERT_GE(fd, 0);
	self->regs =
		mmap(NULL, WINDOW, PROT_READ | PROT_WRITE, MAP_SHARED, fd, 0);
	ASSERT_NE(self->regs, MAP_FAILED);
	close(fd);
}

FIXTURE_TEARDOWN(faults)
{
	EXPECT_EQ(try_version(self->fd), 0);
	munmap((void *)self->regs, WINDOW);
	close(self->fd);
}

#define REG(offset) self->regs[(offset) / 4]

static int try_with_timeout(int fd, uint32_t timeout_ms, struct caliptra_cmd *c)
{
	static uint8_t req[4], rsp[VERSION_RSP_LEN];

	*c = version_cmd(req, rsp);
	c->timeout_ms = timeout_ms;
	return run(fd, c);
}

static int extend_pcr(int fd)
{
	uint8_t req[4 + 4 + 48] = { [4] = 31 }, rsp[8];
	struct caliptra_cmd c = {
		.cmd = CMD_EXTEND_PCR,
		.req = pointer(req),
		.req_len = sizeof(req),
		.rsp = pointer(rsp),
		.rsp_room = sizeof(rsp),
	};

	seal(c.cmd, req, sizeof(req));
	return run(fd, &c);
}

static int any_quote(int fd)
{
	const uint8_t nonce[32] = { 3 };
	uint8_t rsp[QUOTE_RSP_LEN];

	return quote(fd, nonce, rsp);
}

/* Accesses of a command; the fewest of some, as the driver also looks by itself. */
static unsigned int accesses(int fd, int (*command)(int fd))
{
	unsigned int reads, writes, fewest = 0, i;
	char answer[128];

	for (i = 0; i < 5; i++) {
		if (command(fd) ||
		    ctl_answer("count", answer, sizeof(answer)) ||
		    sscanf(answer, "%u %u", &reads, &writes) != 2)
			return 0;
		if (!fewest || reads + writes < fewest)
			fewest = reads + writes;
	}
	return fewest;
}

/*
 * Polling reads MBOX_STATUS more often, as the driver does for some time after an
 * interrupt that did not come: this comes first.
 */
TEST_F(faults, accesses_are_as_few_as_possible)
{
	const unsigned int version = 7 + 1 + VERSION_RSP_LEN / 4;
	const unsigned int quote = 7 + 9 + QUOTE_RSP_LEN / 4;
	const unsigned int extend = 7 + 14 + 2 + 1;
	unsigned int n;

	ASSERT_EQ(try_version(self->fd), 0);
	n = accesses(self->fd, try_version);
	EXPECT_GE(n, version);
	if (!self->polling)
		EXPECT_EQ(n, version);
	n = accesses(self->fd, any_quote);
	EXPECT_GE(n, quote);
	if (!self->polling)
		EXPECT_EQ(n, quote);
	/* an answer of zeros may be nobody's: one more */
	n = accesses(self->fd, extend_pcr);
	EXPECT_GE(n, extend);
	if (!self->polling)
		EXPECT_EQ(n, extend);
}

TEST_F(faults, a_timeout_abandons_the_caller_not_the_command)
{
	const uint8_t nonce[32] = { 0x77 };
	uint8_t rsp[QUOTE_RSP_LEN];
	struct caliptra_cmd c;
	int64_t start;

	ASSERT_EQ(ctl("fault late 800"), 0);
	start = now_ms();
	EXPECT_EQ(try_with_timeout(self->fd, 200, &c), ETIMEDOUT);
	EXPECT_EQ(c.out_flags, CALIPTRA_CMD_SENT);
	EXPECT_GE(now_ms() - start, at_least(200));
	EXPECT_LT(now_ms() - start, 700);
	/* the next one waits for it and gets its own answer */
	ASSERT_EQ(quote(self->fd, nonce, rsp), 0);
	EXPECT_GE(now_ms() - start, at_least(800));
	EXPECT_TRUE(response_good(rsp, sizeof(rsp)));
	EXPECT_EQ(memcmp(rsp + QUOTE_NONCE_OFFSET, nonce, 32), 0);
}

TEST_F(faults, whoever_waits_for_a_turn_may_time_out_too)
{
	int other = open(DEVICE, O_RDWR);
	struct caliptra_cmd c;

	ASSERT_GE(other, 0);
	ASSERT_EQ(ctl("fault late 800"), 0);
	EXPECT_EQ(try_with_timeout(self->fd, 100, &c), ETIMEDOUT);
	EXPECT_EQ(try_with_timeout(other, 100, &c), ETIMEDOUT);
	EXPECT_EQ(c.out_flags, 0);
	EXPECT_EQ(c.seq, 0);
	EXPECT_EQ(try_version(other), 0);
	close(other);
}

static void on_signal(int signal)
{
	(void)signal;
}

static void interrupt_every(unsigned int ms, unsigned int again_ms, int flags)
{
	struct sigaction action = { .sa_handler = on_signal,
				    .sa_flags = flags };
	struct itimerval timer = { .it_value.tv_usec = ms * 1000,
				   .it_interval.tv_usec = again_ms * 1000 };

	sigaction(SIGALRM, &action, NULL);
	setitimer(ITIMER_REAL, &timer, NULL);
}

static void interrupt_after(unsigned int ms, int flags)
{
	interrupt_every(ms, 0, flags);
}

TEST_F(faults, a_signal_does_not_lose_the_answer_to_what_was_sent)
{
	static const int flags[] = { 0, SA_RESTART };
	struct caliptra_cmd c;
	int64_t start;
	int status;
	pid_t pid;
	size_t i;

	for (i = 0; i < 2; i++) {
		ASSERT_EQ(ctl("fault late 800"), 0);
		start = now_ms();
		interrupt_after(0, flags[i]);
		pid = fork();
		ASSERT_GE(pid, 0);
		if (!pid) {
			bool sent = wait_until_sent();

			kill(getppid(), SIGALRM);
			_exit(!sent);
		}
		EXPECT_EQ(try_with_timeout(self->fd, 20000, &c), 0);
		EXPECT_EQ(c.out_flags, CALIPTRA_CMD_SENT);
		EXPECT_GE(now_ms() - start, at_least(700));
		ASSERT_EQ(waitpid(pid, &status, 0), pid);
		EXPECT_EQ(status, 0);
	}
}

TEST_F(faults, nor_does_being_stopped)
{
	int status;
	pid_t pid;

	ASSERT_EQ(ctl("fault late 800"), 0);
	pid = fork();
	if (!pid)
		_exit(try_version(self->fd));
	ASSERT_TRUE(wait_until_sent());
	ASSERT_EQ(kill(pid, SIGSTOP), 0);
	ASSERT_EQ(waitpid(pid, &status, WUNTRACED), pid);
	EXPECT_TRUE(WIFSTOPPED(status));
	ASSERT_EQ(kill(pid, SIGCONT), 0);
	ASSERT_EQ(waitpid(pid, &status, 0), pid);
	EXPECT_EQ(status, 0);
}

TEST_F(faults, a_signal_before_that_restarts_or_interrupts)
{
	int other = open(DEVICE, O_RDWR);
	struct caliptra_cmd c;

	ASSERT_GE(other, 0);
	ASSERT_EQ(ctl("fault late 1500"), 0);
	EXPECT_EQ(try_with_timeout(self->fd, 50, &c), ETIMEDOUT);
	interrupt_after(100, 0);
	EXPECT_EQ(try_with_timeout(other, 5000, &c), EINTR);
	EXPECT_EQ(c.out_flags, 0);
	interrupt_after(100, SA_RESTART);
	EXPECT_EQ(try_with_timeout(other, 5000, &c), 0);
	EXPECT_EQ(c.out_flags, CALIPTRA_CMD_SENT);
	EXPECT_EQ(c.seq, 1);
	close(other);
}

TEST_F(faults, restarts_take_no_more_time_than_there_was)
{
	int other = open(DEVICE, O_RDWR);
	struct caliptra_cmd c;
	int64_t start;

	ASSERT_GE(other, 0);
	ASSERT_EQ(ctl("fault late 2000"), 0);
	EXPECT_EQ(try_with_timeout(self->fd, 50, &c), ETIMEDOUT);
	start = now_ms();
	interrupt_every(20, 20, SA_RESTART);
	EXPECT_EQ(try_with_timeout(other, 300, &c), ETIMEDOUT);
	interrupt_after(0, 0);
	EXPECT_EQ(c.out_flags, 0);
	EXPECT_GE(now_ms() - start, at_least(300));
	EXPECT_LT(now_ms() - start, 1000);
	/* for the next command it is as the caller has made it */
	EXPECT_EQ(c.timeout_ms, 300);
	EXPECT_EQ(c.left_ms, 0);
	close(other);
}

/* So does a caller who calls again, until it begins anew. */
TEST_F(faults, a_call_that_was_interrupted_goes_on)
{
	int other = open(DEVICE, O_RDWR);
	struct caliptra_cmd c;
	int64_t start;

	ASSERT_GE(other, 0);
	ASSERT_EQ(ctl("fault late 3000"), 0);
	EXPECT_EQ(try_with_timeout(self->fd, 50, &c), ETIMEDOUT);
	EXPECT_EQ(c.out_flags, CALIPTRA_CMD_SENT);
	start = now_ms();
	/* the structure tells of this call, not of the last one */
	c.timeout_ms = 600;
	interrupt_after(300, 0);
	EXPECT_EQ(run(other, &c), EINTR);
	EXPECT_EQ(c.out_flags, 0);
	EXPECT_EQ(c.timeout_ms, 600);
	EXPECT_GT(c.left_ms, 0);
	EXPECT_LT(c.left_ms, 600);
	EXPECT_EQ(run(other, &c), ETIMEDOUT);
	EXPECT_GE(now_ms() - start, at_least(600));
	EXPECT_LT(now_ms() - start, 1500);
	EXPECT_EQ(c.left_ms, 0);
	c.timeout_ms = 20000;
	EXPECT_EQ(run(other, &c), 0);
	close(other);
}

/* Processes that share an open file wait for each other, but not for ever. */
TEST_F(faults, a_busy_file_is_part_of_the_timeout)
{
	struct caliptra_cmd c;
	int64_t start;
	int status;
	pid_t pid;

	ASSERT_EQ(ctl("fault late 1500"), 0);
	pid = fork();
	ASSERT_GE(pid, 0);
	if (!pid)
		_exit(try_version(self->fd));
	ASSERT_TRUE(wait_until_sent());
	start = now_ms();
	EXPECT_EQ(try_with_timeout(self->fd, 100, &c), ETIMEDOUT);
	EXPECT_LT(now_ms() - start, 700);
	EXPECT_EQ(c.out_flags, 0);
	EXPECT_EQ(c.seq, 0);
	interrupt_after(100, 0);
	EXPECT_EQ(try_with_timeout(self->fd, 5000, &c), EINTR);
	EXPECT_EQ(c.out_flags, 0);
	EXPECT_EQ(c.timeout_ms, 5000);
	EXPECT_GT(c.left_ms, 3000);
	EXPECT_LT(c.left_ms, 5000);
	EXPECT_EQ(try_version(self->fd), 0);
	ASSERT_EQ(waitpid(pid, &status, 0), pid);
	EXPECT_EQ(status, 0);
}

TEST_F(faults, a_killed_caller_leaves_at_once)
{
	int64_t start;
	int status;
	pid_t pid;

	ASSERT_EQ(ctl("fault late 1000"), 0);
	pid = fork();
	ASSERT_GE(pid, 0);
	if (!pid) {
		try_version(open(DEVICE, O_RDWR));
		_exit(0);
	}
	ASSERT_TRUE(wait_until_sent());
	start = now_ms();
	kill(pid, SIGKILL);
	ASSERT_EQ(waitpid(pid, &status, 0), pid);
	EXPECT_TRUE(WIFSIGNALED(status));
	EXPECT_LT(now_ms() - start, 500);
	EXPECT_EQ(try_version(self->fd), 0);
}

TEST_F(faults, a_length_beyond_the_mailbox_is_eproto)
{
	const uint32_t lengths[] = { self->mbox_size + 1, self->mbox_size + 4,
				     0x80000000u, 0xffffffffu };
	char request[32];
	size_t i;

	for (i = 0; i < 4; i++) {
		struct caliptra_cmd c = version_cmd(self->req, self->rsp);

		snprintf(request, sizeof(request), "fault dlen 0x%x",
			 lengths[i]);
		ASSERT_EQ(ctl(request), 0);
		EXPECT_EQ(run(self->fd, &c), EPROTO);
		EXPECT_EQ(c.rsp_len, lengths[i]);
		EXPECT_EQ(c.out_flags, CALIPTRA_CMD_SENT);
		EXPECT_EQ(c.status & 0xf, STATUS_DATA_READY);
		EXPECT_EQ(try_version(self->fd), 0);
	}
}

TEST_F(faults, any_length_within_it_is_given_as_it_is)
{
	const uint32_t lengths[] = {
		0, 1, 3, 4, 5, self->mbox_size - 1, self->mbox_size
	};
	uint8_t *rsp = malloc(self->mbox_size);
	char request[32];
	size_t i;

	ASSERT_NE(rsp, NULL);
	for (i = 0; i < sizeof(lengths) / sizeof(lengths[0]); i++) {
		struct caliptra_cmd c = version_cmd(self->req, rsp);

		c.rsp_room = self->mbox_size;
		snprintf(request, sizeof(request), "fault dlen %u", lengths[i]);
		ASSERT_EQ(ctl(request), 0);
		EXPECT_EQ(run(self->fd, &c), 0);
		EXPECT_EQ(c.rsp_len, lengths[i]);
	}
	free(rsp);
}

TEST_F(faults, a_lost_interrupt_costs_time_not_the_answer)
{
	struct caliptra_cmd c;
	int64_t start;

	ASSERT_EQ(ctl("fault no-interrupt"), 0);
	start = now_ms();
	EXPECT_EQ(try_with_timeout(self->fd, 300, &c), 0);
	EXPECT_EQ(c.rsp_len, VERSION_RSP_LEN);
	EXPECT_LT(now_ms() - start, 1000);
	/* nor all of a long timeout */
	ASSERT_EQ(ctl("fault no-interrupt"), 0);
	start = now_ms();
	EXPECT_EQ(try_with_timeout(self->fd, 20000, &c), 0);
	EXPECT_LT(now_ms() - start, 5000);
}

/* What an earlier request has left in memory is not sent. */
TEST_F(faults, the_last_word_is_padded_with_zeros)
{
	const uint8_t first[] = { 0xff, 0xff, 0xff, 0xff };
	const uint8_t short_one[] = { 0x11, 0x22, 0x33 };
	struct caliptra_cmd c = { .cmd = 1, .req_len = 4 };
	uint32_t len;

	for (len = 1; len <= 3; len++) {
		c.req = pointer(first);
		c.req_len = 4;
		EXPECT_EQ(run(self->fd, &c), EREMOTEIO);
		EXPECT_EQ(REG(MBOX_DATAIN), 0xffffffff);
		c.req = pointer(short_one);
		c.req_len = len;
		EXPECT_EQ(run(self->fd, &c), EREMOTEIO);
		EXPECT_EQ(REG(MBOX_DATAIN), 0x332211u & ((1u << 8 * len) - 1));
	}
}

TEST_F(faults, a_locked_mailbox_is_ebusy)
{
	struct caliptra_cmd c;
	int64_t start;

	ASSERT_EQ(ctl("lock"), 0);
	start = now_ms();
	EXPECT_EQ(try_with_timeout(self->fd, 200, &c), EBUSY);
	EXPECT_EQ(c.out_flags, 0);
	EXPECT_GE(now_ms() - start, at_least(200));
	interrupt_after(100, 0);
	EXPECT_EQ(try_with_timeout(self->fd, 5000, &c), EINTR);
	EXPECT_EQ(c.out_flags, 0);
	ASSERT_EQ(ctl("unlock"), 0);
	EXPECT_EQ(try_version(self->fd), 0);
}

/* What another driver of the same mailbox does, register by register. */
static int foreign_version(volatile uint32_t *regs)
{
	int64_t give_up = now_ms() + 5000;
	uint32_t words;

	while (regs[MBOX_LOCK / 4] & 1)
		if (now_ms() > give_up)
			return EBUSY;
	regs[MBOX_CMD / 4] = CMD_VERSION;
	regs[MBOX_DLEN / 4] = 4;
	regs[MBOX_DATAIN / 4] = checksum(CMD_VERSION, NULL, 0);
	regs[MBOX_EXECUTE / 4] = 1;
	while (MBOX_STATUS_FSM_PS(regs[MBOX_STATUS / 4]) !=
	       MBOX_FSM_EXECUTE_SOC)
		if (now_ms() > give_up)
			return ETIMEDOUT;
	if (regs[MBOX_DLEN / 4] != VERSION_RSP_LEN)
		return EBADMSG;
	for (words = 0; words < VERSION_RSP_LEN / 4; words++)
		(void)regs[MBOX_DATAOUT / 4];
	regs[MBOX_EXECUTE / 4] = 0;
	return 0;
}

TEST_F(faults, the_mailbox_is_shared_with_other_agents)
{
	int status;
	pid_t pid;
	int i;

	pid = fork();
	ASSERT_GE(pid, 0);
	if (!pid) {
		for (i = 0; i < 50; i++)
			if (try_version(self->fd))
				_exit(1);
		_exit(0);
	}
	for (i = 0; i < 20; i++)
		EXPECT_EQ(foreign_version(self->regs), 0);
	ASSERT_EQ(waitpid(pid, &status, 0), pid);
	EXPECT_EQ(status, 0);
}

TEST_F(faults, a_protocol_violation_is_eio_until_a_reset)
{
	struct caliptra_cmd c;
	pid_t pid;
	int status;

	ASSERT_EQ(ctl("fault late 2000"), 0);
	pid = fork();
	ASSERT_GE(pid, 0);
	if (!pid)
		_exit(try_with_timeout(self->fd, 20000, &c) == EIO &&
				      c.out_flags == CALIPTRA_CMD_SENT &&
				      MBOX_STATUS_FSM_PS(c.status) ==
					      MBOX_FSM_ERROR ?
			      0 :
			      1);
	ASSERT_TRUE(wait_until_sent());
	/* somebody clears MBOX_EXECUTE while firmware has the command */
	REG(MBOX_EXECUTE) = 0;
	ASSERT_EQ(waitpid(pid, &status, 0), pid);
	EXPECT_EQ(status, 0);
	EXPECT_EQ(try_with_timeout(self->fd, 5000, &c), EIO);
	EXPECT_EQ(c.out_flags, 0);
	EXPECT_EQ(MBOX_STATUS_FSM_PS(c.status), MBOX_FSM_ERROR);
	ASSERT_EQ(ctl("reset cold"), 0);
	EXPECT_EQ(try_version(self->fd), 0);
}

TEST_F(faults, a_reset_under_a_command_ends_it)
{
	static const struct {
		const char *request;
		int error;
	} resets[] = {
		{ "reset cold", ECONNRESET },
		{ "reset cold fuses", ECONNRESET },
	};
	struct caliptra_cmd c;
	int64_t start;
	int status;
	pid_t pid;
	size_t i;

	for (i = 0; i < 2; i++) {
		ASSERT_EQ(ctl("fault late 30000"), 0);
		pid = fork();
		ASSERT_GE(pid, 0);
		if (!pid)
			_exit(try_with_timeout(self->fd, 20000, &c));
		ASSERT_TRUE(wait_until_sent());
		start = now_ms();
		ASSERT_EQ(ctl(resets[i].request), 0);
		ASSERT_EQ(waitpid(pid, &status, 0), pid);
		EXPECT_EQ(WEXITSTATUS(status), resets[i].error);
		EXPECT_LT(now_ms() - start, 5000);
	}
	ASSERT_EQ(ctl("reset cold"), 0);
}

/*
 * What was not read before the reset is zeros, which have a valid checksum. Part
 * of a response has a wrong one.
 */
TEST_F(faults, a_reset_under_a_response_ends_it)
{
	const uint8_t nonce[32] = { 9 };
	uint8_t rsp[QUOTE_RSP_LEN];
	struct caliptra_cmd c;

	ASSERT_EQ(ctl("fault reset"), 0);
	EXPECT_EQ(quote(self->fd, nonce, rsp), ECONNRESET);
	EXPECT_EQ(try_with_timeout(self->fd, 1000, &c), EHOSTDOWN);
	EXPECT_EQ(c.out_flags, 0);
	ASSERT_EQ(ctl("reset cold"), 0);
}

/* Nothing has told the driver, which finds out with its next command. */
TEST_F(faults, a_reset_while_idle_is_econnreset)
{
	struct caliptra_cmd c;

	ASSERT_EQ(try_version(self->fd), 0);
	ASSERT_EQ(ctl("reset cold fuses"), 0);
	usleep(300000);
	EXPECT_EQ(try_with_timeout(self->fd, 20000, &c), ECONNRESET);
	EXPECT_EQ(c.out_flags, CALIPTRA_CMD_SENT);
	EXPECT_EQ(c.cause, CALIPTRA_CAUSE_RESET);
	EXPECT_EQ(try_with_timeout(self->fd, 20000, &c), EHOSTDOWN);
	EXPECT_EQ(c.out_flags, 0);
	ASSERT_EQ(ctl("reset cold"), 0);
}

/* It is in the way of a command, and nobody wants it. */
TEST_F(faults, a_message_is_nobodys_answer)
{
	ASSERT_EQ(ctl("message"), 0);
	EXPECT_EQ(try_version(self->fd), 0);
}

/* The command was lost in a reset, and ROM has sent something at once. */
TEST_F(faults, a_message_in_place_of_an_answer_is_econnreset)
{
	struct caliptra_cmd c;
	int64_t start;
	int status;
	pid_t pid;
	int left;

	for (left = 0; left < 2; left++) {
		ASSERT_EQ(ctl("fault late 30000"), 0);
		pid = fork();
		ASSERT_GE(pid, 0);
		if (!pid)
			_exit(try_with_timeout(self->fd, left ? 100 : 20000,
					       &c));
		ASSERT_TRUE(wait_until_sent());
		/* long enough to leave, where it leaves */
		usleep(300000);
		start = now_ms();
		ASSERT_EQ(ctl("reset cold"), 0);
		ASSERT_EQ(ctl("message"), 0);
		ASSERT_EQ(waitpid(pid, &status, 0), pid);
		EXPECT_EQ(WEXITSTATUS(status), left ? ETIMEDOUT : ECONNRESET);
		EXPECT_LT(now_ms() - start, 5000);
		EXPECT_EQ(try_version(self->fd), 0);
	}
}

TEST_F(faults, without_firmware_nothing_is_sent)
{
	static const struct {
		const char *request;
		uint32_t state;
	} stages[] = {
		{ "reset cold fuses", CALIPTRA_STATE_READY_FOR_FUSES },
		{ "reset cold bootfsm", CALIPTRA_STATE_RESET },
	};
	struct caliptra_info info;
	struct caliptra_cmd c;
	size_t i;

	for (i = 0; i < 2; i++) {
		/* the driver asks again once something has failed */
		ASSERT_EQ(ctl("lock"), 0);
		EXPECT_EQ(try_with_timeout(self->fd, 1, &c), EBUSY);
		ASSERT_EQ(ctl(stages[i].request), 0);
		ASSERT_EQ(ioctl(self->fd, CALIPTRA_IOC_INFO, &info), 0);
		EXPECT_EQ(info.state, stages[i].state);
		EXPECT_EQ(try_with_timeout(self->fd, 1000, &c), EHOSTDOWN);
		EXPECT_EQ(c.out_flags, 0);
		ASSERT_EQ(ctl("reset cold"), 0);
		EXPECT_EQ(try_version(self->fd), 0);
	}
}

TEST_F(faults, rom_answers_too)
{
	struct caliptra_info info;

	ASSERT_EQ(ctl("reset cold firmware"), 0);
	ASSERT_EQ(ioctl(self->fd, CALIPTRA_IOC_INFO, &info), 0);
	EXPECT_EQ(info.state, CALIPTRA_STATE_READY_FOR_MB_PROCESSING);
	EXPECT_EQ(try_version(self->fd), 0);
	ASSERT_EQ(ctl("reset cold"), 0);
}

TEST_HARNESS_MAIN
