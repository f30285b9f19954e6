// SPDX-License-Identifier: GPL-2.0-only
/*
 * Files in debugfs: registers, the state of the mailbox, the last commands. Needs
 * root with nobody else using the device.
 */
#include "files.h"
#include "kselftest_harness.h"

#define RECORDS 32

/* Documentation/ABI/testing/debugfs-caliptra; tools/check/lint.sh compares. */
static const char *const names[] = { "regs", "fsm", "transactions" };

#define NAMES (sizeof(names) / sizeof(names[0]))

/* A line of "transactions". */
struct record {
	unsigned long long seq, seconds, us, took_us;
	unsigned int cmd, req_len, rsp_len, status, fw_error;
	int error;
};

FIXTURE(debugfs)
{
	int fd;
	char text[16384];
};

FIXTURE_SETUP(debugfs)
{
	if (!getenv("CALIPTRA_CTL"))
		SKIP(return,
			   "CALIPTRA_CTL names no line to a software Caliptra");
	ASSERT_TRUE(mount_at("debugfs", "/sys/kernel/debug"));
	self->fd = open(DEVICE, O_RDWR | O_CLOEXEC);
	ASSERT_GE(self->fd, 0);
	ASSERT_EQ(try_version(self->fd), 0);
}

FIXTURE_TEARDOWN(debugfs)
{
	EXPECT_EQ(try_version(self->fd), 0);
	close(self->fd);
}

TEST_F(debugfs, it_is_roots_alone)
{
	char path[256];
	pid_t pid;
	size_t i;

	for (i = 0; i < NAMES; i++) {
		snprintf(path, sizeof(path), DEBUGFS "%s", names[i]);
		EXPECT_GT(read_file(path, self->text, sizeof(self->text)), 0);
		EXPECT_NE(write_file(path, "0"), 0);
		pid = fork();
		if (!pid) {
			if (setgid(NOBODY) || setuid(NOBODY))
				_exit(1);
			_exit(read_file(path, self->text, sizeof(self->text)) !=
			      -EACCES);
		}
		EXPECT_EQ(wait_for(pid), 0);
	}
}

/* The value of a register in what "regs" says. */
static bool has_register(const char *text, const char *name, uint32_t value)
{
	char line[80];

	snprintf(line, sizeof(line), "%s = 0x%08x\n", name, value);
	return strstr(text, line);
}

TEST_F(debugfs, registers_are_what_the_ioctl_says)
{
	struct caliptra_info info;

	ASSERT_EQ(ioctl(self->fd, CALIPTRA_IOC_INFO, &info), 0);
	ASSERT_GT(read_file(DEBUGFS "regs", self->text, sizeof(self->text)), 0);
	EXPECT_TRUE(
		has_register(self->text, "CPTRA_HW_REV_ID", info.hw_rev_id));
	EXPECT_TRUE(
		has_register(self->text, "CPTRA_HW_CONFIG", info.hw_config));
	EXPECT_TRUE(has_register(self->text, "CPTRA_FLOW_STATUS",
				 info.flow_status));
	EXPECT_TRUE(has_register(self->text, "CPTRA_BOOT_STATUS",
				 info.boot_status));
	EXPECT_TRUE(has_register(self->text, "CPTRA_SECURITY_STATE",
				 info.security_state));
	EXPECT_TRUE(has_register(self->text, "CPTRA_MBOX_VALID_AXI_USER[4]",
				 0xffffffff));
	EXPECT_TRUE(has_register(self->text, "MBOX_EXECUTE", 0));
	EXPECT_EQ(strstr(self->text, "MBOX_LOCK"), NULL);
	EXPECT_EQ(strstr(self->text, "MBOX_DATA"), NULL);
}

/* Reading must take no lock and no word of a response. */
TEST_F(debugfs, reading_does_not_disturb_commands)
{
	const uint8_t nonce[32] = { 0x3c };
	uint8_t rsp[QUOTE_RSP_LEN];
	int i, reads = 0;
	pid_t pid;

	pid = fork();
	ASSERT_GE(pid, 0);
	if (!pid) {
		for (i = 0; i < 20; i++)
			if (quote(self->fd, nonce, rsp) ||
			    !response_good(rsp, sizeof(rsp)))
				_exit(1);
		_exit(0);
	}
	while (!waitpid(pid, &i, WNOHANG)) {
		EXPECT_GT(read_file(DEBUGFS "regs", self->text,
				    sizeof(self->text)),
			  0);
		EXPECT_GT(read_file(DEBUGFS "fsm", self->text,
				    sizeof(self->text)),
			  0);
		reads++;
	}
	EXPECT_EQ(i, 0);
	EXPECT_GT(reads, 5);
}

static bool fsm_is(char *text, size_t size, const char *wanted)
{
	int64_t give_up = now_ms() + 5000;

	do {
		read_file(DEBUGFS "fsm", text, size);
		if (strstr(text, wanted))
			return true;
	} while (now_ms() < give_up);
	printf("# fsm is '%s', not '%s'\n", text, wanted);
	return false;
}

TEST_F(debugfs, the_state_of_the_mailbox)
{
	pid_t pid;

	EXPECT_TRUE(fsm_is(self->text, sizeof(self->text),
			   "state: idle\nlock: nobody\nuser: 0x"));
	EXPECT_NE(strstr(self->text, "queued: 0\n"), NULL);
	EXPECT_EQ(strstr(self->text, "command:"), NULL);

	ASSERT_EQ(ctl("fault late 2000"), 0);
	pid = fork();
	ASSERT_GE(pid, 0);
	if (!pid)
		_exit(version_within(self->fd, 500));
	EXPECT_TRUE(fsm_is(self->text, sizeof(self->text),
			   "state: execute_uc\nlock: soc\nuser: 0x00000001\n"
			   "queued: 1\ncommand: 0x46505652\n"));
	EXPECT_EQ(wait_for(pid), ETIMEDOUT);
	EXPECT_TRUE(fsm_is(self->text, sizeof(self->text),
			   "queued: 0\ncommand: 0x46505652 abandoned\n"));
	EXPECT_TRUE(fsm_is(self->text, sizeof(self->text),
			   "state: idle\nlock: nobody\n"));

	ASSERT_EQ(ctl("lock"), 0);
	EXPECT_TRUE(fsm_is(self->text, sizeof(self->text),
			   "state: rdy_for_cmd\nlock: uc\n"));
	ASSERT_EQ(ctl("unlock"), 0);
}

/* The commands in "transactions"; how many, or -1 where a line is odd. */
static int parse(char *text, struct record *r, int max)
{
	char *line, *rest = text;
	int n = 0;

	line = strsep(&rest, "\n");
	if (strcmp(line,
		   "# seq ended_s took_us cmd req_len rsp_len status fw_error error"))
		return -1;
	while ((line = strsep(&rest, "\n")) && *line) {
		if (n == max ||
		    sscanf(line, "%llu %llu.%llu %llu 0x%x %u %u 0x%x 0x%x %d",
			   &r[n].seq, &r[n].seconds, &r[n].us, &r[n].took_us,
			   &r[n].cmd, &r[n].req_len, &r[n].rsp_len,
			   &r[n].status, &r[n].fw_error, &r[n].error) != 10)
			return -1;
		n++;
	}
	return n;
}

TEST_F(debugfs, the_last_commands)
{
	struct record r[RECORDS + 1];
	uint32_t fw_error;
	int64_t start, end;
	int n;

	ASSERT_EQ(ctl("fault late 300"), 0);
	start = now_ms();
	ASSERT_EQ(try_version(self->fd), 0);
	end = now_ms();
	ASSERT_EQ(run_unknown(self->fd, &fw_error), EREMOTEIO);
	ASSERT_GT(read_file(DEBUGFS "transactions", self->text,
			    sizeof(self->text)),
		  0);
	n = parse(self->text, r, RECORDS + 1);
	ASSERT_GE(n, 2);

	EXPECT_EQ(r[n - 2].cmd, CMD_VERSION);
	EXPECT_EQ(r[n - 2].req_len, 4);
	EXPECT_EQ(r[n - 2].rsp_len, VERSION_RSP_LEN);
	EXPECT_EQ(r[n - 2].status & 0xf, STATUS_DATA_READY);
	EXPECT_EQ(r[n - 2].fw_error, 0);
	EXPECT_EQ(r[n - 2].error, 0);
	EXPECT_GE(r[n - 2].took_us, 250000);
	EXPECT_LE(r[n - 2].took_us, (end - start + 1) * 1000);
	EXPECT_GE(r[n - 2].seconds * 1000 + r[n - 2].us / 1000, start);
	EXPECT_LE(r[n - 2].seconds * 1000 + r[n - 2].us / 1000, end + 1);

	EXPECT_EQ(r[n - 1].seq, r[n - 2].seq + 1);
	EXPECT_EQ(r[n - 1].cmd, CMD_UNKNOWN);
	EXPECT_EQ(r[n - 1].rsp_len, 0);
	EXPECT_EQ(r[n - 1].status & 0xf, STATUS_CMD_FAILURE);
	EXPECT_EQ(r[n - 1].fw_error, fw_error);
	EXPECT_EQ(r[n - 1].error, -EREMOTEIO);
}

TEST_F(debugfs, the_oldest_commands_make_room)
{
	struct record r[RECORDS + 1];
	unsigned long long last;
	int i, n;

	for (i = 0; i < RECORDS + 8; i++)
		ASSERT_EQ(try_version(self->fd), 0);
	read_file(DEBUGFS "transactions", self->text, sizeof(self->text));
	n = parse(self->text, r, RECORDS + 1);
	ASSERT_EQ(n, RECORDS);
	last = r[n - 1].seq;
	for (i = 0; i < n; i++)
		EXPECT_EQ(r[i].seq, last - (n - 1 - i));
}

TEST(files_go_with_the_device)
{
	char device[256], text[64];
	int fd;

	ASSERT_TRUE(mount_at("debugfs", "/sys/kernel/debug"));
	fd = open(DEBUGFS "regs", O_RDONLY | O_CLOEXEC);
	ASSERT_GE(fd, 0);
	platform_device(device, sizeof(device));
	ASSERT_EQ(write_file(DRIVER "unbind", device), 0);
	EXPECT_NE(access(DEBUGFS, F_OK), 0);
	EXPECT_EQ(read(fd, text, sizeof(text)), -1);
	EXPECT_EQ(errno, EIO);
	ASSERT_EQ(write_file(DRIVER "bind", device), 0);
	EXPECT_TRUE(wait_until_there(DEVICE));
	EXPECT_GT(read_file(DEBUGFS "regs", text, sizeof(text)), 0);
	EXPECT_EQ(read(fd, text, sizeof(text)), -1);
	close(fd);
}

TEST(reading_while_they_go_is_safe)
{
	ASSERT_TRUE(mount_at("debugfs", "/sys/kernel/debug"));
	EXPECT_TRUE(survives_readers(DEBUGFS, names, NAMES));
}

TEST_HARNESS_MAIN
