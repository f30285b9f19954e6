// SPDX-License-Identifier: GPL-2.0-only
/*
 * Who may send which command: root anything, others what harms nobody. Needs
 * firmware at runtime. EXTEND_PCR stands for the harmless ones, SHUTDOWN for those
 * that change the device for everybody; its checksum is always wrong.
 */
#include <linux/capability.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/wait.h>

#include "kselftest_harness.h"
#include "mbox.h"

#define CMD_SHUTDOWN 0x46505344u
#define CMD_UNKNOWN  0x00c0ffeeu

#define NOBODY 65534

FIXTURE(privilege)
{
	mode_t mode;
};

FIXTURE_SETUP(privilege)
{
	struct stat st;

	ASSERT_EQ(stat(DEVICE, &st), 0);
	self->mode = st.st_mode & 07777;
	ASSERT_EQ(chmod(DEVICE, 0666), 0);
}

FIXTURE_TEARDOWN(privilege)
{
	EXPECT_EQ(chmod(DEVICE, self->mode), 0);
}

/* 0, or the errno. The checksum is wrong, so the firmware refuses what gets there. */
static int send_bad(int fd, uint32_t code)
{
	uint8_t req[4], rsp[64];
	struct caliptra_cmd c = {
		.cmd = code,
		.req = pointer(req),
		.rsp = pointer(rsp),
		.req_len = sizeof(req),
		.rsp_room = sizeof(rsp),
	};

	seal(code, req, sizeof(req));
	req[0] ^= 1;
	return ioctl(fd, CALIPTRA_IOC_COMMAND, &c) ? errno : 0;
}

/* What a child gets that is nobody, from a file that it or root has opened. */
static int as_nobody(int fd, uint32_t code)
{
	int status;
	pid_t pid = fork();

	if (!pid) {
		if (setgid(NOBODY) || setuid(NOBODY))
			_exit(255);
		if (fd < 0)
			fd = open(DEVICE, O_RDWR | O_CLOEXEC);
		_exit(fd < 0 ? 254 : send_bad(fd, code));
	}
	if (pid < 0 || waitpid(pid, &status, 0) != pid || !WIFEXITED(status))
		return -1;
	return WEXITSTATUS(status);
}

/* What a child gets that is root, but for one capability. */
static int without(unsigned int cap, uint32_t code)
{
	struct __user_cap_header_struct header = {
		.version = _LINUX_CAPABILITY_VERSION_3,
	};
	struct __user_cap_data_struct data[2];
	int status;
	pid_t pid = fork();

	if (!pid) {
		int fd;

		if (syscall(SYS_capget, &header, data))
			_exit(255);
		data[cap / 32].effective &= ~(1u << cap % 32);
		if (syscall(SYS_capset, &header, data))
			_exit(254);
		fd = open(DEVICE, O_RDWR | O_CLOEXEC);
		_exit(fd < 0 ? 253 : send_bad(fd, code));
	}
	if (pid < 0 || waitpid(pid, &status, 0) != pid || !WIFEXITED(status))
		return -1;
	return WEXITSTATUS(status);
}

TEST_F(privilege, each_class_has_its_capability)
{
	EXPECT_EQ(without(CAP_SYS_ADMIN, CMD_SHUTDOWN), EPERM);
	EXPECT_EQ(without(CAP_SYS_ADMIN, CMD_UNKNOWN), EREMOTEIO);
	EXPECT_EQ(without(CAP_SYS_ADMIN, CMD_EXTEND_PCR), EREMOTEIO);
	EXPECT_EQ(without(CAP_SYS_RAWIO, CMD_SHUTDOWN), EREMOTEIO);
	EXPECT_EQ(without(CAP_SYS_RAWIO, CMD_UNKNOWN), EPERM);
	EXPECT_EQ(without(CAP_SYS_RAWIO, CMD_EXTEND_PCR), EREMOTEIO);
}

TEST_F(privilege, root_may_send_anything)
{
	int fd = open(DEVICE, O_RDWR | O_CLOEXEC);

	ASSERT_GE(fd, 0);
	EXPECT_EQ(send_bad(fd, CMD_SHUTDOWN), EREMOTEIO);
	EXPECT_EQ(send_bad(fd, CMD_UNKNOWN), EREMOTEIO);
	EXPECT_EQ(send_bad(fd, CMD_EXTEND_PCR), EREMOTEIO);
	close(fd);
}

TEST_F(privilege, others_may_send_what_is_harmless)
{
	EXPECT_EQ(as_nobody(-1, CMD_EXTEND_PCR), EREMOTEIO);
}

TEST_F(privilege, others_may_not_change_the_device_for_everybody)
{
	EXPECT_EQ(as_nobody(-1, CMD_SHUTDOWN), EPERM);
}

TEST_F(privilege, others_may_not_send_what_nobody_knows)
{
	EXPECT_EQ(as_nobody(-1, CMD_UNKNOWN), EPERM);
}

TEST_F(privilege, a_file_of_root_does_not_help_others)
{
	int fd = open(DEVICE, O_RDWR | O_CLOEXEC);

	ASSERT_GE(fd, 0);
	EXPECT_EQ(as_nobody(fd, CMD_SHUTDOWN), EPERM);
	EXPECT_EQ(as_nobody(fd, CMD_EXTEND_PCR), EREMOTEIO);
	close(fd);
}

/* It gets the file of somebody who was not allowed to. */
TEST_F(privilege, a_file_of_others_does_not_help_root)
{
	int fd;

	ASSERT_EQ(seteuid(NOBODY), 0);
	fd = open(DEVICE, O_RDWR | O_CLOEXEC);
	ASSERT_EQ(seteuid(0), 0);
	ASSERT_GE(fd, 0);
	EXPECT_EQ(send_bad(fd, CMD_SHUTDOWN), EPERM);
	EXPECT_EQ(send_bad(fd, CMD_EXTEND_PCR), EREMOTEIO);
	close(fd);
}

/* The device counts its commands. */
TEST_F(privilege, what_was_refused_was_not_sent)
{
	char before[128], after[128];

	ASSERT_EQ(ctl_answer("count", before, sizeof(before)), 0);
	EXPECT_EQ(as_nobody(-1, CMD_UNKNOWN), EPERM);
	EXPECT_EQ(as_nobody(-1, CMD_SHUTDOWN), EPERM);
	ASSERT_EQ(ctl_answer("count", after, sizeof(after)), 0);
	EXPECT_STREQ(before, after);
	EXPECT_EQ(as_nobody(-1, CMD_EXTEND_PCR), EREMOTEIO);
	ASSERT_EQ(ctl_answer("count", after, sizeof(after)), 0);
	EXPECT_STRNE(before, after);
}

TEST_HARNESS_MAIN
