// SPDX-License-Identifier: GPL-2.0-only
/*
 * Each way in which a Caliptra can fail: the caller is told the truth, nobody else gets
 * hurt, and afterwards it works again. Faults that cost no more than the answer, or its
 * time, are in faults.c. Needs root with nobody else using the device.
 */
#include "caliptra-regs.h"
#include "files.h"
#include "kselftest_harness.h"
#include "stream.h"

#define STUCK_MS "/sys/module/caliptra/parameters/stuck_ms"
#define CALLERS	 6

FIXTURE(recover)
{
	int fd;
	struct caliptra_info info;
	struct caliptra_cmd c;
	bool polling;
	uint8_t req[4];
	uint8_t rsp[VERSION_RSP_LEN];
	char stuck_ms[16];
};

FIXTURE_SETUP(recover)
{
	if (!getenv("CALIPTRA_CTL"))
		SKIP(return,
			   "CALIPTRA_CTL names no line to a software Caliptra");
	self->fd = open(DEVICE, O_RDWR | O_CLOEXEC);
	ASSERT_GE(self->fd, 0);
	ASSERT_EQ(ioctl(self->fd, CALIPTRA_IOC_INFO, &self->info), 0);
	self->polling = !(self->info.flags & CALIPTRA_INFO_INTERRUPT);
	ASSERT_EQ(self->info.state, CALIPTRA_STATE_READY_FOR_RUNTIME);
	ASSERT_GT(read_file(STUCK_MS, self->stuck_ms, sizeof(self->stuck_ms)),
		  0);
	ASSERT_EQ(try_version(self->fd), 0);
}

FIXTURE_TEARDOWN(recover)
{
	EXPECT_EQ(ctl("fault none"), 0);
	EXPECT_EQ(try_version(self->fd), 0);
	EXPECT_EQ(ioctl(self->fd, CALIPTRA_IOC_INFO, &self->info), 0);
	EXPECT_EQ(self->info.flags & CALIPTRA_INFO_STUCK, 0);
	EXPECT_EQ(self->info.state, CALIPTRA_STATE_READY_FOR_RUNTIME);
	EXPECT_EQ(write_file(STUCK_MS, self->stuck_ms), 0);
	close(self->fd);
}

/* VERSION: 0 or errno, the rest in self->c. */
static int version(FIXTURE_DATA(recover) * self, uint32_t timeout_ms)
{
	self->c = version_cmd(self->req, self->rsp);
	self->c.timeout_ms = timeout_ms;
	return run(self->fd, &self->c);
}

static uint32_t state_now(FIXTURE_DATA(recover) * self)
{
	struct caliptra_info info = { 0 };

	ioctl(self->fd, CALIPTRA_IOC_INFO, &info);
	return info.state;
}

static uint64_t statistic(const char *name)
{
	char attr[64], text[32];

	snprintf(attr, sizeof(attr), "statistics/%s", name);
	if (read_attr(NAME, attr, text, sizeof(text)) < 0)
		return 0;
	return strtoull(text, NULL, 10);
}

static bool stuck_is(FIXTURE_DATA(recover) * self, bool expected)
{
	int64_t give_up = now_ms() + 10000;
	struct caliptra_info info;
	char text[8];
	bool is;

	do {
		usleep(20000);
		if (ioctl(self->fd, CALIPTRA_IOC_INFO, &info) ||
		    read_attr(NAME, "stuck", text, sizeof(text)) < 0)
			return false;
		is = info.flags & CALIPTRA_INFO_STUCK;
	} while ((is != expected || (text[0] == '1') != expected) &&
		 now_ms() < give_up);
	return is == expected && (text[0] == '1') == expected;
}

TEST_F(recover, somebody_keeps_the_mailbox)
{
	uint64_t stuck = statistic("stuck"), recovered = statistic("recovered");
	int64_t start = now_ms();

	ASSERT_EQ(write_file(STUCK_MS, "300"), 0);
	ASSERT_EQ(ctl("fault stuck-lock"), 0);
	EXPECT_EQ(version(self, 1000), EBUSY);
	EXPECT_GE(now_ms() - start, 1000);
	EXPECT_EQ(self->c.out_flags, 0);
	EXPECT_EQ(self->c.seq, 0);
	EXPECT_EQ(self->c.cause, CALIPTRA_CAUSE_NONE);
	EXPECT_TRUE(stuck_is(self, true));
	EXPECT_EQ(statistic("stuck"), stuck + 1);
	/* said once */
	EXPECT_EQ(version(self, 400), EBUSY);
	EXPECT_EQ(statistic("stuck"), stuck + 1);

	ASSERT_EQ(ctl("fault none"), 0);
	EXPECT_EQ(version(self, 20000), 0);
	EXPECT_TRUE(stuck_is(self, false));
	EXPECT_EQ(statistic("recovered"), recovered + 1);
}

TEST_F(recover, no_answer_is_stuck_until_it_comes)
{
	const uint8_t nonce[32] = { 0x55 };
	uint64_t recovered = statistic("recovered");
	uint8_t rsp[QUOTE_RSP_LEN];
	int other = open(DEVICE, O_RDWR);
	pid_t pid;

	ASSERT_EQ(write_file(STUCK_MS, "500"), 0);
	ASSERT_EQ(ctl("fault no-answer"), 0);
	EXPECT_EQ(version(self, 300), ETIMEDOUT);
	EXPECT_EQ(self->c.out_flags, CALIPTRA_CMD_SENT);
	EXPECT_EQ(self->c.cause, CALIPTRA_CAUSE_NONE);
	pid = fork();
	ASSERT_GE(pid, 0);
	if (!pid) {
		int error = quote(other, nonce, rsp);

		_exit(error || !response_good(rsp, sizeof(rsp)) ||
		      memcmp(rsp + QUOTE_NONCE_OFFSET, nonce, 32));
	}
	EXPECT_TRUE(stuck_is(self, true));
	/* the one who waits behind it has not been sent */
	EXPECT_EQ(version(self, 100), ETIMEDOUT);
	EXPECT_EQ(self->c.out_flags, 0);
	ASSERT_EQ(ctl("fault none"), 0);
	EXPECT_EQ(wait_for(pid), 0);
	EXPECT_TRUE(stuck_is(self, false));
	EXPECT_EQ(statistic("recovered"), recovered + 1);
	close(other);
}

/* And a caller who waits long enough has it in the end. */
TEST_F(recover, stuck_is_no_reason_to_leave)
{
	pid_t pid;

	ASSERT_EQ(write_file(STUCK_MS, "300"), 0);
	ASSERT_EQ(ctl("fault late 2500"), 0);
	pid = fork();
	ASSERT_GE(pid, 0);
	if (!pid)
		_exit(try_version(self->fd));
	EXPECT_TRUE(stuck_is(self, true));
	EXPECT_EQ(wait_for(pid), 0);
	EXPECT_TRUE(stuck_is(self, false));
}

TEST_F(recover, no_answer_until_a_reset)
{
	ASSERT_EQ(ctl("fault no-answer"), 0);
	EXPECT_EQ(version(self, 300), ETIMEDOUT);
	EXPECT_EQ(self->c.out_flags, CALIPTRA_CMD_SENT);
	ASSERT_EQ(ctl("reset cold"), 0);
	/* the reset has cost a command that nobody wanted any more */
	EXPECT_EQ(version(self, 20000), 0);
}

/* The line stays high when the answer was read. */
TEST_F(recover, an_interrupt_that_does_not_stop)
{
	uint64_t missed = statistic("missed"), spurious = statistic("spurious");
	int64_t start;
	int i;

	ASSERT_EQ(ctl("fault stuck-interrupt"), 0);
	start = now_ms();
	for (i = 0; i < 20; i++)
		EXPECT_EQ(version(self, 20000), 0);
	EXPECT_LT(now_ms() - start, 5000);
	/* a driver that has missed one before does not listen for ten seconds */
	while (!self->polling && statistic("spurious") == spurious &&
	       now_ms() - start < 20000) {
		ASSERT_EQ(ctl("fault late 300"), 0);
		EXPECT_EQ(version(self, 20000), 0);
	}
	if (!self->polling)
		EXPECT_GT(statistic("spurious"), spurious);
	EXPECT_EQ(statistic("missed"), missed);
}

/* It is high before the answer comes. */
TEST_F(recover, an_interrupt_storm)
{
	uint64_t spurious = statistic("spurious");
	int64_t start = now_ms();

	ASSERT_EQ(ctl("fault interrupt-storm"), 0);
	ASSERT_EQ(ctl("fault late 500"), 0);
	EXPECT_EQ(version(self, 20000), 0);
	EXPECT_TRUE(response_good(self->rsp, self->c.rsp_len));
	EXPECT_GE(now_ms() - start, 500);
	EXPECT_LT(now_ms() - start, 3000);
	/* the driver does not let it go on until somebody else ends it */
	EXPECT_LE(statistic("spurious"), spurious + 200);
	EXPECT_EQ(version(self, 20000), 0);
}

struct failure {
	const char *request;
	int error;
	uint32_t cause;
	const char *remedy;
};

/* What takes the place of an answer. */
static const struct failure failures[] = {
	{ "fault lost-lock", EIO, CALIPTRA_CAUSE_LOCK_LOST, NULL },
	{ "fault protocol", EIO, CALIPTRA_CAUSE_PROTOCOL, "unlock" },
	{ "fault ecc", EIO, CALIPTRA_CAUSE_ECC, NULL },
	{ "fault reset busy", ECONNRESET, CALIPTRA_CAUSE_RESET, NULL },
	{ "fault reset busy warm", ECONNRESET, CALIPTRA_CAUSE_RESET, NULL },
	{ "fault watchdog", EIO, CALIPTRA_CAUSE_FATAL, "reset cold" },
};

#define FAILURES (sizeof(failures) / sizeof(failures[0]))

static void check_failure(struct __test_metadata *_metadata,
			  FIXTURE_DATA(recover) * self, const struct failure *f)
{
	uint64_t lost = statistic("lost");
	int64_t start;

	TH_LOG("%s", f->request);
	ASSERT_EQ(ctl(f->request), 0);
	start = now_ms();
	EXPECT_EQ(version(self, 20000), f->error);
	EXPECT_LT(now_ms() - start, 3000);
	EXPECT_EQ(self->c.out_flags, CALIPTRA_CMD_SENT);
	EXPECT_EQ(self->c.cause, f->cause);
	EXPECT_EQ(self->c.rsp_len, 0);
	EXPECT_EQ(self->c.fw_error, 0);
	EXPECT_EQ(statistic("lost"), lost + 1);
}

TEST_F(recover, a_lost_command_has_a_cause)
{
	size_t i;

	for (i = 0; i < FAILURES; i++) {
		check_failure(_metadata, self, &failures[i]);
		if (failures[i].remedy)
			EXPECT_EQ(ctl(failures[i].remedy), 0);
		EXPECT_EQ(version(self, 20000), 0);
		EXPECT_EQ(self->c.cause, CALIPTRA_CAUSE_NONE);
	}
}

/* Late, so that the caller sleeps, or has left. */
TEST_F(recover, a_command_is_lost_while_its_caller_sleeps)
{
	size_t i;

	/* a reset while nobody looked has nothing to do with what follows */
	ASSERT_EQ(ctl("reset warm"), 0);
	EXPECT_EQ(version(self, 20000), 0);
	ASSERT_EQ(ctl("reset cold"), 0);
	usleep(300000);
	EXPECT_EQ(version(self, 20000), 0);
	for (i = 0; i < FAILURES; i++) {
		ASSERT_EQ(ctl("fault late 300"), 0);
		check_failure(_metadata, self, &failures[i]);
		if (failures[i].remedy)
			EXPECT_EQ(ctl(failures[i].remedy), 0);
		EXPECT_EQ(version(self, 20000), 0);
	}
}

TEST_F(recover, a_command_is_lost_whose_caller_has_left)
{
	size_t i;

	for (i = 0; i < FAILURES; i++) {
		TH_LOG("%s", failures[i].request);
		ASSERT_EQ(ctl("fault late 600"), 0);
		ASSERT_EQ(ctl(failures[i].request), 0);
		EXPECT_EQ(version(self, 50), ETIMEDOUT);
		EXPECT_EQ(self->c.out_flags, CALIPTRA_CMD_SENT);
		EXPECT_EQ(self->c.cause, CALIPTRA_CAUSE_NONE);
		usleep(700000);
		if (failures[i].remedy)
			EXPECT_EQ(ctl(failures[i].remedy), 0);
		EXPECT_EQ(version(self, 20000), 0);
		EXPECT_EQ(self->c.cause, CALIPTRA_CAUSE_NONE);
	}
}

/* Until the firmware unlocks it nothing is sent, and everybody is told why. */
TEST_F(recover, a_stopped_mailbox_stays_so)
{
	int i;

	check_failure(_metadata, self, &failures[1]);
	for (i = 0; i < 3; i++) {
		EXPECT_EQ(version(self, 20000), EIO);
		EXPECT_EQ(self->c.cause, CALIPTRA_CAUSE_PROTOCOL);
		EXPECT_EQ(self->c.out_flags, 0);
		EXPECT_EQ(MBOX_STATUS_FSM_PS(self->c.status), MBOX_FSM_ERROR);
	}
	EXPECT_EQ(ctl("unlock"), 0);
	EXPECT_EQ(version(self, 20000), 0);
}

TEST_F(recover, a_corrected_error_is_none)
{
	uint64_t lost = statistic("lost");

	ASSERT_EQ(ctl("fault ecc-single"), 0);
	EXPECT_EQ(version(self, 20000), 0);
	EXPECT_TRUE(response_good(self->rsp, self->c.rsp_len));
	EXPECT_EQ(self->c.cause, CALIPTRA_CAUSE_NONE);
	EXPECT_EQ(statistic("lost"), lost);
}

/* The new firmware fails the command that it finds. */
TEST_F(recover, an_update_fails_the_command)
{
	ASSERT_EQ(ctl("fault update"), 0);
	EXPECT_EQ(version(self, 20000), EREMOTEIO);
	EXPECT_EQ(self->c.out_flags, CALIPTRA_CMD_SENT);
	EXPECT_EQ(self->c.status & 0xf, STATUS_CMD_FAILURE);
	EXPECT_EQ(self->c.cause, CALIPTRA_CAUSE_NONE);
	EXPECT_EQ(version(self, 20000), 0);
	/* between two commands it costs nothing */
	ASSERT_EQ(ctl("reset update"), 0);
	EXPECT_EQ(version(self, 20000), 0);
}

TEST_F(recover, a_fatal_error_ends_everything_until_a_cold_reset)
{
	char text[32];
	int i;

	ASSERT_EQ(ctl("fault fatal 0x1234"), 0);
	EXPECT_EQ(state_now(self), CALIPTRA_STATE_FATAL_ERROR);
	ASSERT_GT(read_attr(NAME, "state", text, sizeof(text)), 0);
	EXPECT_STREQ(text, "fatal_error");
	for (i = 0; i < 3; i++) {
		int64_t start = now_ms();

		EXPECT_EQ(version(self, 5000), EIO);
		EXPECT_EQ(self->c.cause, CALIPTRA_CAUSE_FATAL);
		EXPECT_EQ(self->c.fw_error, 0);
		EXPECT_LT(now_ms() - start, 4000);
		usleep(i * 200000);
	}
	ASSERT_EQ(ctl("reset cold"), 0);
	EXPECT_EQ(version(self, 20000), 0);
	EXPECT_EQ(state_now(self), CALIPTRA_STATE_READY_FOR_RUNTIME);
}

static bool hw_error_fatal_is(const char *wanted)
{
	char text[128];

	return read_attr(NAME, "hw_error_fatal", text, sizeof(text)) > 0 &&
	       !strcmp(text, wanted);
}

/*
 * Firmware is the same afterwards only where it has not noticed the error itself: then it
 * would have wiped its secrets. The second reset leaves no trace, so that it takes an
 * answer to know of it.
 */
TEST_F(recover, a_warm_reset_ends_a_fatal_error_and_leaves_it_to_be_read)
{
	ASSERT_EQ(ctl("fault hw-fatal 1"), 0);
	EXPECT_EQ(state_now(self), CALIPTRA_STATE_FATAL_ERROR);
	ASSERT_EQ(ctl("reset warm"), 0);
	EXPECT_EQ(state_now(self), CALIPTRA_STATE_READY_FOR_RUNTIME);
	EXPECT_TRUE(hw_error_fatal_is("0x00000001 iccm_ecc_unc"));
	/* long enough for the driver to look at everything */
	ASSERT_EQ(ctl("fault late 2500"), 0);
	EXPECT_EQ(version(self, 20000), 0);

	ASSERT_EQ(ctl("fault hw-fatal 2"), 0);
	EXPECT_EQ(state_now(self), CALIPTRA_STATE_FATAL_ERROR);
	ASSERT_EQ(ctl("reset warm"), 0);
	EXPECT_EQ(version(self, 20000), 0);
	EXPECT_EQ(state_now(self), CALIPTRA_STATE_READY_FOR_RUNTIME);
	EXPECT_TRUE(hw_error_fatal_is("0x00000003 iccm_ecc_unc dccm_ecc_unc"));
	ASSERT_EQ(ctl("fault late 2500"), 0);
	EXPECT_EQ(version(self, 20000), 0);
	ASSERT_EQ(ctl("reset cold"), 0);
	EXPECT_EQ(version(self, 20000), 0);
	EXPECT_TRUE(hw_error_fatal_is("0x00000000"));
}

TEST_F(recover, a_fatal_error_in_mid_command)
{
	int64_t start;
	pid_t pid;

	ASSERT_EQ(ctl("fault late 30000"), 0);
	pid = fork();
	ASSERT_GE(pid, 0);
	if (!pid)
		_exit(version(self, 20000) == EIO &&
				      self->c.cause == CALIPTRA_CAUSE_FATAL &&
				      self->c.out_flags == CALIPTRA_CMD_SENT ?
			      0 :
			      1);
	usleep(300000);
	start = now_ms();
	ASSERT_EQ(ctl("fault fatal 0x1234"), 0);
	EXPECT_EQ(wait_for(pid), 0);
	EXPECT_LT(now_ms() - start, 4000);
	ASSERT_EQ(ctl("reset cold"), 0);
	EXPECT_EQ(version(self, 20000), 0);
}

/* Errors that are not fatal are told of, and no command fails for them. */
TEST_F(recover, an_error_that_is_not_fatal_fails_nothing)
{
	ASSERT_EQ(ctl("fault non-fatal 0x77"), 0);
	EXPECT_EQ(state_now(self), CALIPTRA_STATE_READY_FOR_RUNTIME);
	ASSERT_EQ(ctl("fault late 300"), 0);
	EXPECT_EQ(version(self, 20000), 0);
	EXPECT_EQ(self->c.fw_error, 0);
}

/* Until told to stop; one in eight leaves early. 0 or the errno that it may not get. */
static int keep_asking(uint32_t who, int64_t until)
{
	int fd = open(DEVICE, O_RDWR);
	uint8_t rsp[QUOTE_RSP_LEN], nonce[32] = { 0 };
	uint32_t i;
	int error;

	put_le32(nonce, who);
	for (i = 0; now_ms() < until; i++) {
		if (i % 8 == 7) {
			error = version_within(fd, 1);
			if (error == ETIMEDOUT)
				continue;
		} else {
			put_le32(nonce + 4, i);
			memset(rsp, 0, sizeof(rsp));
			error = quote(fd, nonce, rsp);
			if (!error &&
			    (!response_good(rsp, sizeof(rsp)) ||
			     memcmp(rsp + QUOTE_NONCE_OFFSET, nonce, 32)))
				return EBADMSG;
		}
		/* what the faults below have for them, and a failed update */
		if (error && error != EIO && error != ECONNRESET &&
		    error != EHOSTDOWN && error != EBUSY && error != EPROTO &&
		    error != EREMOTEIO && error != ETIMEDOUT)
			return error;
	}
	return 0;
}

static const char *const requests[] = {
	"fault protocol", /* PROTOCOL */
	"fault late 50",     "fault lost-lock",
	"fault reset busy",  "fault no-interrupt",
	"fault ecc",	     "fault dlen 0xffffffff",
	"fault update",	     "fault interrupt-storm",
	"reset warm",	     "fault ecc-single",
	"fault non-fatal 1", "fault reset busy warm",
	"message",
};

#define REQUESTS (sizeof(requests) / sizeof(requests[0]))
#define PROTOCOL 0

TEST_F(recover, under_load_nobody_gets_what_is_not_theirs)
{
	char answer[256];
	int64_t until = now_ms() + 8000;
	pid_t pids[CALLERS];
	uint32_t i;

	for (i = 0; i < CALLERS; i++) {
		pids[i] = fork();
		ASSERT_GE(pids[i], 0);
		if (!pids[i])
			_exit(keep_asking(i + 1, until));
	}
	for (i = 0; now_ms() < until - 500; i++) {
		/* a message may find the mailbox taken, an update no runtime */
		ctl_try(requests[i % REQUESTS], answer, sizeof(answer));
		usleep(50000);
		if (i % REQUESTS == PROTOCOL)
			while (now_ms() < until &&
			       ctl_try("unlock", answer, sizeof(answer)))
				usleep(20000);
		/* as a warm reset is where the cold one is not over */
		if (state_now(self) == CALIPTRA_STATE_FATAL_ERROR)
			EXPECT_EQ(ctl("reset cold"), 0);
	}
	for (i = 0; i < CALLERS; i++)
		EXPECT_EQ(wait_for(pids[i]), 0);
	EXPECT_EQ(ctl("reset cold"), 0);
	/* a reset ends the other faults, and the first to come may be told of it */
	version(self, 20000);
}

TEST_HARNESS_MAIN
