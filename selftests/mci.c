// SPDX-License-Identifier: GPL-2.0-only
/*
 * The MCU's mailboxes: commands, what is left in memory, other agents, resets and
 * privileges. Needs root with nobody else using them, in a machine with an MCI.
 */
#include <sys/mman.h>
#include <sys/stat.h>

#include "caliptra-regs.h"
#include "files.h"
#include "kselftest_harness.h"
#include "stream.h"

#define CMD_MC_FIRMWARE_VERSION	   0x4d465756u
#define CMD_MC_DEVICE_CAPABILITIES 0x4d434150u
#define CMD_MC_DEVICE_ID	   0x4d444944u
#define CMD_MC_CLEAR_LOG	   0x4d434c47u

#define CAPABILITIES_RSP_LEN 44
#define ID_RSP_LEN	     16
#define SECRET_LEN	     4096
#define CALLERS		     4

FIXTURE(mci)
{
	int fd;
	char node[64];
	uint32_t mbox_size;
	volatile uint32_t *sram;
	volatile uint32_t *regs;
	struct caliptra_cmd c;
	uint8_t req[8];
	uint8_t rsp[64];
};

FIXTURE_VARIANT(mci)
{
	const char *device;
	const char *mbox;
	off_t address;
};

/* clang-format off */
FIXTURE_VARIANT_ADD(mci, mbox0)
{
	.device = "8000400000.mailbox",
	.mbox = "mci0",
	.address = 0x8000400000,
};

FIXTURE_VARIANT_ADD(mci, mbox1)
{
	.device = "8000800000.mailbox",
	.mbox = "mci1",
	.address = 0x8000800000,
};
/* clang-format on */

FIXTURE_SETUP(mci)
{
	struct caliptra_info info;
	char name[32];
	int fd;

	if (!getenv("CALIPTRA_CTL"))
		SKIP(return,
			   "CALIPTRA_CTL names no line to a software Caliptra");
	mailbox_of(variant->device, name, sizeof(name));
	snprintf(self->node, sizeof(self->node), "/dev/%s", name);
	self->fd = open(self->node, O_RDWR | O_CLOEXEC);
	ASSERT_GE(self->fd, 0);
	ASSERT_EQ(ioctl(self->fd, CALIPTRA_IOC_INFO, &info), 0);
	EXPECT_EQ(info.kind, CALIPTRA_MBOX_MCI);
	EXPECT_EQ(info.state, CALIPTRA_STATE_READY_FOR_RUNTIME);
	/* no wire tells of its answers */
	EXPECT_EQ(info.flags & CALIPTRA_INFO_INTERRUPT, 0);
	self->mbox_size = info.mbox_size;
	ASSERT_GE(self->mbox_size, SECRET_LEN);
	fd = open("/dev/mem", O_RDWR | O_SYNC | O_CLOEXEC);
	ASSERT_GE(fd, 0);
	self->sram = mmap(NULL, SECRET_LEN, PROT_READ | PROT_WRITE, MAP_SHARED,
			  fd, variant->address);
	self->regs = mmap(NULL, 4096, PROT_READ | PROT_WRITE, MAP_SHARED, fd,
			  variant->address + CALIPTRA_MCU_MBOX_CSR);
	close(fd);
	ASSERT_NE(self->sram, MAP_FAILED);
	ASSERT_NE(self->regs, MAP_FAILED);
}

/* So many bytes of self->req, which get their checksum: 0 or errno. */
static int command(FIXTURE_DATA(mci) * self, uint32_t code, size_t len)
{
	self->c = (struct caliptra_cmd){
		.cmd = code,
		.req = pointer(self->req),
		.req_len = len,
		.rsp = pointer(self->rsp),
		.rsp_room = sizeof(self->rsp),
		.timeout_ms = 20000,
	};
	seal(code, self->req, len);
	return run(self->fd, &self->c);
}

static int firmware_version(FIXTURE_DATA(mci) * self, uint32_t index)
{
	int error;

	put_le32(self->req + 4, index);
	error = command(self, CMD_MC_FIRMWARE_VERSION, 8);
	if (error)
		return error;
	return response_good(self->rsp, self->c.rsp_len) ? 0 : EBADMSG;
}

FIXTURE_TEARDOWN(mci)
{
	EXPECT_EQ(firmware_version(self, 1), 0);
	munmap((void *)self->sram, SECRET_LEN);
	munmap((void *)self->regs, 4096);
	close(self->fd);
}

#define REG(offset) self->regs[(offset) / 4]

TEST_F(mci, commands_are_answered)
{
	EXPECT_EQ(firmware_version(self, 0), 0);
	EXPECT_EQ(self->c.out_flags, CALIPTRA_CMD_SENT);
	EXPECT_EQ(self->c.seq, 1);
	EXPECT_EQ(self->c.fw_error, 0);
	EXPECT_EQ(self->c.cause, CALIPTRA_CAUSE_NONE);
	/* two dots, and as many characters as it says */
	EXPECT_EQ(self->c.rsp_len, 12 + get_le32(self->rsp + 8));
	EXPECT_GE(get_le32(self->rsp + 8), 5);
	EXPECT_TRUE(!!memchr(self->rsp + 12, '.', self->c.rsp_len - 12));
	EXPECT_EQ(firmware_version(self, 1), 0);

	EXPECT_EQ(command(self, CMD_MC_DEVICE_CAPABILITIES, 4), 0);
	EXPECT_EQ(self->c.rsp_len, CAPABILITIES_RSP_LEN);
	EXPECT_TRUE(response_good(self->rsp, self->c.rsp_len));
	EXPECT_EQ(command(self, CMD_MC_DEVICE_ID, 4), 0);
	EXPECT_EQ(self->c.rsp_len, ID_RSP_LEN);
	EXPECT_TRUE(response_good(self->rsp, self->c.rsp_len));
	EXPECT_EQ(get_le32(self->rsp + 8), 0xca111234);
}

TEST_F(mci, debugfs_tells_who_has_it)
{
	char path[128], text[256];

	ASSERT_TRUE(mount_at("debugfs", "/sys/kernel/debug"));
	snprintf(path, sizeof(path), "/sys/kernel/debug/caliptra/%s/fsm",
		 self->node + strlen("/dev/"));
	EXPECT_GT(read_file(path, text, sizeof(text)), 0);
	EXPECT_EQ(strncmp(text, "state: idle\nlock: nobody\n", 25), 0);
	EXPECT_EQ(REG(MCU_MBOX_LOCK) & MCU_MBOX_LOCK_LOCK, 0);
	EXPECT_GT(read_file(path, text, sizeof(text)), 0);
	EXPECT_EQ(strncmp(text, "state: locked\nlock: soc\n", 24), 0);
	REG(MCU_MBOX_CMD) = CMD_MC_DEVICE_ID;
	REG(MCU_MBOX_DLEN) = 1;
	REG(MCU_MBOX_EXECUTE) = 1;
	EXPECT_GT(read_file(path, text, sizeof(text)), 0);
	EXPECT_EQ(strncmp(text, "state: execute\nlock: soc\n", 25), 0);
	while (!(REG(MCU_MBOX_CMD_STATUS) & MCU_MBOX_CMD_STATUS_STATUS_MASK))
		usleep(1000);
	REG(MCU_MBOX_EXECUTE) = 0;
}

TEST_F(mci, the_firmware_may_fail_them)
{
	/* a version that there is not, a command that there is not */
	EXPECT_EQ(firmware_version(self, 99), EREMOTEIO);
	EXPECT_EQ(self->c.status & 0xf, STATUS_CMD_FAILURE);
	EXPECT_EQ(self->c.out_flags, CALIPTRA_CMD_SENT);
	EXPECT_EQ(self->c.rsp_len, 0);
	EXPECT_EQ(command(self, CMD_UNKNOWN, 4), EREMOTEIO);
	/* too short to have a checksum, and nothing at all */
	self->c = (struct caliptra_cmd){ .cmd = CMD_MC_DEVICE_ID,
					 .req = pointer(self->req),
					 .req_len = 3 };
	EXPECT_EQ(run(self->fd, &self->c), EREMOTEIO);
	self->c = (struct caliptra_cmd){ .cmd = CMD_MC_DEVICE_ID };
	EXPECT_EQ(run(self->fd, &self->c), EREMOTEIO);
	self->c.req_len = self->mbox_size + 1;
	EXPECT_EQ(run(self->fd, &self->c), EMSGSIZE);
}

TEST_F(mci, a_written_command_is_answered)
{
	struct caliptra_msg head;

	seal(CMD_MC_DEVICE_CAPABILITIES, self->req, 4);
	ASSERT_EQ(post(self->fd, CMD_MC_DEVICE_CAPABILITIES, 0, self->req, 4),
		  0);
	ASSERT_TRUE(readable(self->fd));
	ASSERT_EQ(take(self->fd, &head, self->rsp, sizeof(self->rsp)), 0);
	EXPECT_EQ(head.error, 0);
	EXPECT_EQ(head.len, CAPABILITIES_RSP_LEN);
	EXPECT_TRUE(response_good(self->rsp, head.len));
}

/* Who has read this as free has it. */
static bool take_lock(FIXTURE_DATA(mci) * self)
{
	int64_t give_up = now_ms() + 5000;

	while (REG(MCU_MBOX_LOCK) & MCU_MBOX_LOCK_LOCK)
		if (now_ms() > give_up)
			return false;
	return true;
}

static uint32_t words_left(FIXTURE_DATA(mci) * self)
{
	uint32_t i, n = 0;

	for (i = 0; i < SECRET_LEN / 4; i++)
		n += self->sram[i] != 0;
	return n;
}

TEST_F(mci, the_next_user_sees_nothing_of_the_last)
{
	uint8_t *secret = malloc(SECRET_LEN);
	uint32_t words;

	memset(secret, 0xa5, SECRET_LEN);
	self->c = (struct caliptra_cmd){
		.cmd = CMD_MC_FIRMWARE_VERSION,
		.req = pointer(secret),
		.req_len = SECRET_LEN,
	};
	EXPECT_EQ(run(self->fd, &self->c), EREMOTEIO);
	ASSERT_TRUE(take_lock(self));
	words = words_left(self);
	/* this is how it would have looked */
	self->sram[SECRET_LEN / 4 - 1] = 0xa5a5a5a5;
	EXPECT_EQ(words_left(self), words + 1);
	REG(MCU_MBOX_DLEN) = SECRET_LEN;
	REG(MCU_MBOX_EXECUTE) = 0;
	EXPECT_EQ(words, 0);

	/* nor of an answer */
	EXPECT_EQ(firmware_version(self, 1), 0);
	ASSERT_TRUE(take_lock(self));
	EXPECT_EQ(words_left(self), 0);
	REG(MCU_MBOX_DLEN) = 1;
	REG(MCU_MBOX_EXECUTE) = 0;
	free(secret);
}

TEST_F(mci, the_mcu_may_have_the_mailbox)
{
	char lock[16], unlock[16];
	int64_t start = tick_ms();

	snprintf(lock, sizeof(lock), "lock %s", variant->mbox);
	snprintf(unlock, sizeof(unlock), "unlock %s", variant->mbox);
	ASSERT_EQ(ctl(lock), 0);
	self->c = (struct caliptra_cmd){ .cmd = CMD_MC_DEVICE_ID,
					 .timeout_ms = 300 };
	EXPECT_EQ(run(self->fd, &self->c), EBUSY);
	EXPECT_GE(tick_ms() - start, 300);
	EXPECT_EQ(self->c.out_flags, 0);
	ASSERT_EQ(ctl(unlock), 0);
	EXPECT_EQ(firmware_version(self, 1), 0);
}

/*
 * The command is gone. That it was a reset shows until the MCU's firmware has cleared the
 * mailbox, and after that if the one before it was of another kind.
 */
static bool is_lost(int error, const struct caliptra_cmd *c)
{
	return (error == ECONNRESET && c->cause == CALIPTRA_CAUSE_RESET) ||
	       (error == EIO && c->cause == CALIPTRA_CAUSE_LOCK_LOST);
}

/* An answer, or a reason why there is none if the MCU is being reset. */
static bool is_true(int error, int answer, const struct caliptra_cmd *c)
{
	return error == answer || is_lost(error, c) || error == EHOSTDOWN ||
	       error == EBUSY;
}

/* 0, or what went wrong; 200 where it has lost a command and nothing else. */
static int keep_sending(FIXTURE_DATA(mci) * self, int64_t until)
{
	uint8_t *large = calloc(1, SECRET_LEN);
	bool lost = false;
	int error;

	self->fd = open(self->node, O_RDWR | O_CLOEXEC);
	while (now_ms() < until) {
		error = firmware_version(self, 1);
		if (!is_true(error, 0, &self->c))
			return error;
		lost |= is_lost(error, &self->c) &&
			self->c.out_flags == CALIPTRA_CMD_SENT;
		/* one that is in the mailbox for long, and refused */
		self->c = (struct caliptra_cmd){ .cmd = CMD_MC_DEVICE_ID,
						 .req = pointer(large),
						 .req_len = SECRET_LEN };
		error = run(self->fd, &self->c);
		if (!is_true(error, EREMOTEIO, &self->c))
			return error;
		lost |= is_lost(error, &self->c) &&
			self->c.out_flags == CALIPTRA_CMD_SENT;
	}
	return lost ? 200 : 0;
}

TEST_F(mci, a_reset_in_mid_command_is_told)
{
	int64_t until = now_ms() + 4000;
	bool seen = false;
	pid_t pids[CALLERS];
	int i, status;

	for (i = 0; i < CALLERS; i++) {
		pids[i] = fork();
		ASSERT_GE(pids[i], 0);
		if (!pids[i])
			_exit(keep_sending(self, until));
	}
	while (now_ms() < until - 500) {
		usleep(70000);
		EXPECT_EQ(ctl("reset mci"), 0);
	}
	for (i = 0; i < CALLERS; i++) {
		status = wait_for(pids[i]);
		seen |= status == 200;
		if (status != 200)
			EXPECT_EQ(status, 0);
	}
	EXPECT_TRUE(seen);
	EXPECT_EQ(firmware_version(self, 1), 0);
}

/* Callers of both mailboxes, who know what each of their answers is. */
static int ask_and_compare(FIXTURE_DATA(mci) * self, int i)
{
	static const char *const devices[] = { "8000400000.mailbox",
					       "8000800000.mailbox" };
	char name[32];
	int round;

	mailbox_of(devices[i % 2], name, sizeof(name));
	snprintf(self->node, sizeof(self->node), "/dev/%s", name);
	self->fd = open(self->node, O_RDWR | O_CLOEXEC);
	for (round = 0; round < 50; round++) {
		bool caps = (i / 2 + round) % 2;
		int error = command(self,
				    caps ? CMD_MC_DEVICE_CAPABILITIES :
					   CMD_MC_DEVICE_ID,
				    4);

		if (error)
			return error;
		if (!response_good(self->rsp, self->c.rsp_len) ||
		    self->c.rsp_len !=
			    (caps ? CAPABILITIES_RSP_LEN : ID_RSP_LEN))
			return EBADMSG;
	}
	return 0;
}

TEST_F(mci, both_mailboxes_work_at_once)
{
	pid_t pids[2 * CALLERS];
	int i;

	for (i = 0; i < 2 * CALLERS; i++) {
		pids[i] = fork();
		ASSERT_GE(pids[i], 0);
		if (!pids[i])
			_exit(ask_and_compare(self, i));
	}
	for (i = 0; i < 2 * CALLERS; i++)
		EXPECT_EQ(wait_for(pids[i]), 0);
}

/* What a child gets that is nobody. */
static int as_nobody(FIXTURE_DATA(mci) * self, uint32_t code)
{
	pid_t pid = fork();

	if (!pid) {
		if (setgid(NOBODY) || setuid(NOBODY))
			_exit(255);
		self->fd = open(self->node, O_RDWR | O_CLOEXEC);
		memset(self->req, 0, sizeof(self->req));
		_exit(self->fd < 0 ? 254 : command(self, code, 4));
	}
	return wait_for(pid);
}

/* The core's commands are others. */
TEST_F(mci, privileges_are_those_of_its_own_commands)
{
	struct stat st;

	ASSERT_EQ(stat(self->node, &st), 0);
	ASSERT_EQ(chmod(self->node, 0666), 0);
	EXPECT_EQ(as_nobody(self, CMD_MC_DEVICE_ID), 0);
	EXPECT_EQ(as_nobody(self, CMD_MC_DEVICE_CAPABILITIES), 0);
	EXPECT_EQ(as_nobody(self, CMD_MC_CLEAR_LOG), EPERM);
	EXPECT_EQ(as_nobody(self, CMD_UNKNOWN), EPERM);
	EXPECT_EQ(as_nobody(self, CMD_VERSION), EPERM);
	EXPECT_EQ(command(self, CMD_VERSION, 4), EREMOTEIO);
	EXPECT_EQ(chmod(self->node, st.st_mode & 07777), 0);
}

TEST_HARNESS_MAIN
