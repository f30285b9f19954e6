// SPDX-License-Identifier: GPL-2.0-only
/*
 * Each ioctl of /dev/caliptra-mbox0: what it does, and what it says to bad
 * arguments. Built for 64-bit and for 32-bit callers. Needs firmware at runtime.
 */
#include <poll.h>
#include <sys/mman.h>
#include <sys/wait.h>
#include <termios.h>

#include "caliptra-regs.h"
#include "kselftest_harness.h"
#include "mbox.h"

FIXTURE(mbox)
{
	int fd;
	struct caliptra_info info;
	uint8_t req[4];
	uint8_t rsp[VERSION_RSP_LEN];
};

FIXTURE_SETUP(mbox)
{
	self->fd = open(DEVICE, O_RDWR | O_CLOEXEC);
	ASSERT_GE(self->fd, 0);
	ASSERT_EQ(ioctl(self->fd, CALIPTRA_IOC_INFO, &self->info), 0);
}

FIXTURE_TEARDOWN(mbox)
{
	/* whatever a test did, the next command works */
	EXPECT_EQ(try_version(self->fd), 0);
	close(self->fd);
}

/* Of each generation: 2.0 has a large one in a subsystem, too. */
static uint32_t mbox_size(const struct caliptra_info *i)
{
	if (is_1x(i))
		return CALIPTRA_MBOX_SIZE_1X;
	return CPTRA_HW_REV_ID_MINOR(i->hw_rev_id) &&
			       i->hw_config &
				       CPTRA_HW_CONFIG_SUBSYSTEM_MODE_EN ?
		       CALIPTRA_MBOX_SIZE_SUBSYSTEM :
		       CALIPTRA_MBOX_SIZE_PASSIVE;
}

TEST_F(mbox, info_tells_what_is_known)
{
	struct caliptra_info *i = &self->info;
	struct caliptra_info again;

	EXPECT_EQ(i->kind, CALIPTRA_MBOX_SOC);
	EXPECT_EQ(i->state, CALIPTRA_STATE_READY_FOR_RUNTIME);
	EXPECT_EQ(i->mbox_size, mbox_size(i));
	EXPECT_NE(i->hw_rev_id, 0);
	EXPECT_NE(i->flow_status & 1u << 29, 0);
	EXPECT_EQ(i->hw_error_fatal, 0);
	EXPECT_EQ(i->fw_error_fatal, 0);
	EXPECT_EQ(i->reserved[0] | i->reserved[1], 0);
	EXPECT_EQ(i->flags & ~CALIPTRA_INFO_INTERRUPT, 0);
	EXPECT_EQ(i->flags & CALIPTRA_INFO_INTERRUPT,
		  getenv("CALIPTRA_POLLING") ? 0 : CALIPTRA_INFO_INTERRUPT);
	ASSERT_EQ(ioctl(self->fd, CALIPTRA_IOC_INFO, &again), 0);
	EXPECT_EQ(again.hw_rev_id, i->hw_rev_id);
}

TEST_F(mbox, bad_pointers_are_efault)
{
	void *bad = (void *)8;

	EXPECT_EQ(ioctl(self->fd, CALIPTRA_IOC_INFO, bad), -1);
	EXPECT_EQ(errno, EFAULT);
	EXPECT_EQ(ioctl(self->fd, CALIPTRA_IOC_COMMAND, bad), -1);
	EXPECT_EQ(errno, EFAULT);
	EXPECT_EQ(ioctl(self->fd, CALIPTRA_IOC_RESPONSE, bad), -1);
	EXPECT_EQ(errno, EFAULT);
	EXPECT_EQ(ioctl(self->fd, CALIPTRA_IOC_COMMAND, NULL), -1);
	EXPECT_EQ(errno, EFAULT);
}

TEST_F(mbox, unknown_ioctls_are_enotty)
{
	const unsigned long unknown[] = {
		_IO(CALIPTRA_IOC_MAGIC, 0),
		_IOWR(CALIPTRA_IOC_MAGIC, 0, struct caliptra_info),
		_IOR(CALIPTRA_IOC_MAGIC, 0, uint64_t),
		_IOWR(CALIPTRA_IOC_MAGIC, 1, uint64_t),
		_IOWR(CALIPTRA_IOC_MAGIC, 3, struct caliptra_cmd),
		_IOWR(CALIPTRA_IOC_MAGIC, 255, struct caliptra_cmd),
		_IOWR('T', 1, struct caliptra_cmd),
		TCGETS,
	};
	struct caliptra_cmd c = version_cmd(self->req, self->rsp);
	size_t i;

	for (i = 0; i < sizeof(unknown) / sizeof(unknown[0]); i++) {
		EXPECT_EQ(ioctl(self->fd, unknown[i], &c), -1);
		EXPECT_EQ(errno, ENOTTY);
	}
}

TEST_F(mbox, a_command_is_answered)
{
	struct caliptra_cmd c = version_cmd(self->req, self->rsp);

	ASSERT_EQ(run(self->fd, &c), 0);
	EXPECT_EQ(c.out_flags, CALIPTRA_CMD_SENT);
	EXPECT_EQ(c.rsp_len, VERSION_RSP_LEN);
	EXPECT_EQ(c.status & 0xf, STATUS_DATA_READY);
	EXPECT_EQ(c.fw_error, 0);
	EXPECT_EQ(c.seq, 1);
	EXPECT_TRUE(response_good(self->rsp, c.rsp_len));
	EXPECT_EQ(memcmp(self->rsp + 24, "Caliptra RTM", 12), 0);
}

TEST_F(mbox, seq_counts_what_was_sent)
{
	struct caliptra_cmd c = version_cmd(self->req, self->rsp);

	ASSERT_EQ(run(self->fd, &c), 0);
	EXPECT_EQ(c.seq, 1);
	c.req_len = self->info.mbox_size + 1;
	EXPECT_EQ(run(self->fd, &c), EMSGSIZE);
	EXPECT_EQ(c.seq, 0);
	EXPECT_EQ(c.out_flags, 0);
	c.req_len = 4;
	ASSERT_EQ(run(self->fd, &c), 0);
	EXPECT_EQ(c.seq, 2);
}

TEST_F(mbox, out_fields_need_not_be_cleared)
{
	struct caliptra_cmd c = version_cmd(self->req, self->rsp);

	memset(&c.rsp_len, 0xff,
	       offsetof(struct caliptra_cmd, reserved) -
		       offsetof(struct caliptra_cmd, rsp_len));
	ASSERT_EQ(run(self->fd, &c), 0);
	EXPECT_EQ(c.rsp_len, VERSION_RSP_LEN);
	EXPECT_EQ(c.out_flags, CALIPTRA_CMD_SENT);
	EXPECT_EQ(c.status & 0xf, STATUS_DATA_READY);
	EXPECT_EQ(c.fw_error, 0);
	EXPECT_EQ(c.cause, CALIPTRA_CAUSE_NONE);
	EXPECT_EQ(c.seq, 1);
}

/* What the caller has filled in is as it was, whatever has come of the command. */
TEST_F(mbox, the_structure_is_good_for_the_next_command)
{
	const uint32_t lengths[] = { 4, 0, self->info.mbox_size + 1, 4 };
	const int errors[] = { 0, EREMOTEIO, EMSGSIZE, 0 };
	uint8_t rsp[QUOTE_RSP_LEN], req[36] = { 0 };
	struct caliptra_cmd c = version_cmd(self->req, rsp), before;
	int i;

	c.rsp_room = sizeof(rsp);
	c.timeout_ms = 20000;
	for (i = 0; i < 4; i++) {
		c.req_len = lengths[i];
		before = c;
		EXPECT_EQ(run(self->fd, &c), errors[i]);
		EXPECT_EQ(memcmp(&c, &before,
				 offsetof(struct caliptra_cmd, rsp_len)),
			  0);
	}
	/* with a longer response than the last one */
	EXPECT_EQ(c.rsp_len, VERSION_RSP_LEN);
	seal(CMD_QUOTE_PCRS_ECC384, req, sizeof(req));
	c.cmd = CMD_QUOTE_PCRS_ECC384;
	c.req = pointer(req);
	c.req_len = sizeof(req);
	EXPECT_EQ(run(self->fd, &c), 0);
	EXPECT_EQ(c.rsp_len, QUOTE_RSP_LEN);
	EXPECT_TRUE(response_good(rsp, c.rsp_len));
}

TEST_F(mbox, reserved_fields_are_einval)
{
	struct caliptra_cmd c;
	int i;

	for (i = 0; i < 4; i++) {
		c = version_cmd(self->req, self->rsp);
		c.reserved[i] = 1;
		EXPECT_EQ(run(self->fd, &c), EINVAL);
		EXPECT_EQ(c.out_flags, 0);
	}
	for (i = 0; i < 32; i++) {
		c = version_cmd(self->req, self->rsp);
		c.flags = 1u << i;
		EXPECT_EQ(run(self->fd, &c), EINVAL);
	}
}

TEST_F(mbox, a_response_request_has_reserved_fields_too)
{
	static const size_t zero[] = {
		offsetof(struct caliptra_cmd, flags),
		offsetof(struct caliptra_cmd, reserved),
		offsetof(struct caliptra_cmd, reserved[3]),
	};
	size_t i;

	for (i = 0; i < sizeof(zero) / sizeof(zero[0]); i++) {
		struct caliptra_cmd c = { .seq = 1 };

		((uint8_t *)&c)[zero[i]] = 1;
		EXPECT_EQ(fetch(self->fd, &c), EINVAL);
	}
}

TEST_F(mbox, a_request_longer_than_the_mailbox_is_emsgsize)
{
	const uint32_t lengths[] = { self->info.mbox_size + 1,
				     self->info.mbox_size + 4, 0x80000000u,
				     0xffffffffu };
	size_t i;

	for (i = 0; i < 4; i++) {
		struct caliptra_cmd c = version_cmd(self->req, self->rsp);

		c.req_len = lengths[i];
		c.req = 8;
		EXPECT_EQ(run(self->fd, &c), EMSGSIZE);
		EXPECT_EQ(c.out_flags, 0);
	}
}

/*
 * VERSION takes a body of any length that the firmware has room for, whose checksum
 * has to be right.
 */
TEST_F(mbox, a_request_may_fill_the_mailbox)
{
	const uint32_t len = longest_request(&self->info);
	uint8_t *req = malloc(self->info.mbox_size);
	struct caliptra_cmd c = version_cmd(self->req, self->rsp);
	uint32_t i;

	ASSERT_TRUE(!!req);
	for (i = 0; i < self->info.mbox_size; i++)
		req[i] = i % 251;
	seal(CMD_VERSION, req, len);
	c.req = pointer(req);
	c.req_len = len;
	EXPECT_EQ(run(self->fd, &c), 0);
	EXPECT_TRUE(response_good(self->rsp, c.rsp_len));
	req[len - 1]++;
	c = version_cmd(self->req, self->rsp);
	c.req = pointer(req);
	c.req_len = len;
	EXPECT_EQ(run(self->fd, &c), EREMOTEIO);
	EXPECT_EQ(c.fw_error, RUNTIME_INVALID_CHECKSUM);
	if (len < self->info.mbox_size) {
		c.req_len = self->info.mbox_size;
		EXPECT_EQ(run(self->fd, &c), EREMOTEIO);
		EXPECT_EQ(c.out_flags, CALIPTRA_CMD_SENT);
		EXPECT_EQ(c.fw_error, RUNTIME_INSUFFICIENT_MEMORY);
	}
	free(req);
}

TEST_F(mbox, an_empty_request_is_sent)
{
	struct caliptra_cmd c = version_cmd(self->req, self->rsp);

	c.req = 0;
	c.req_len = 0;
	EXPECT_EQ(run(self->fd, &c), EREMOTEIO);
	EXPECT_EQ(c.out_flags, CALIPTRA_CMD_SENT);
	EXPECT_EQ(c.fw_error, RUNTIME_MAILBOX_INVALID_PARAMS);
}

TEST_F(mbox, a_bad_request_pointer_sends_nothing)
{
	struct caliptra_cmd c = version_cmd(self->req, self->rsp);

	c.req = 8;
	EXPECT_EQ(run(self->fd, &c), EFAULT);
	EXPECT_EQ(c.out_flags, 0);
	c = version_cmd(self->req, self->rsp);
	ASSERT_EQ(run(self->fd, &c), 0);
	EXPECT_EQ(c.seq, 1);
}

TEST_F(mbox, a_bad_response_pointer_loses_nothing)
{
	struct caliptra_cmd c = version_cmd(self->req, self->rsp);
	struct caliptra_cmd again = { .rsp_room = VERSION_RSP_LEN };

	c.rsp = 8;
	EXPECT_EQ(run(self->fd, &c), EFAULT);
	EXPECT_EQ(c.out_flags, CALIPTRA_CMD_SENT);
	EXPECT_EQ(c.rsp_len, VERSION_RSP_LEN);
	again.seq = c.seq;
	again.rsp = 8;
	EXPECT_EQ(fetch(self->fd, &again), EFAULT);
	again.rsp = pointer(self->rsp);
	EXPECT_EQ(fetch(self->fd, &again), 0);
	EXPECT_TRUE(response_good(self->rsp, VERSION_RSP_LEN));
}

TEST_F(mbox, the_firmware_names_its_error)
{
	struct caliptra_cmd c = version_cmd(self->req, self->rsp);

	c.cmd = 0xdeadbeef;
	seal(c.cmd, self->req, 4);
	memset(self->rsp, 0x5a, sizeof(self->rsp));
	EXPECT_EQ(run(self->fd, &c), EREMOTEIO);
	EXPECT_EQ(c.fw_error, RUNTIME_UNIMPLEMENTED_COMMAND);
	EXPECT_EQ(c.status & 0xf, STATUS_CMD_FAILURE);
	EXPECT_EQ(c.rsp_len, 0);
	EXPECT_EQ(c.out_flags, CALIPTRA_CMD_SENT);
	EXPECT_EQ(self->rsp[0], 0x5a);

	c = version_cmd(self->req, self->rsp);
	self->req[0] ^= 1;
	EXPECT_EQ(run(self->fd, &c), EREMOTEIO);
	EXPECT_EQ(c.fw_error, RUNTIME_INVALID_CHECKSUM);
}

TEST_F(mbox, a_response_that_does_not_fit_is_kept)
{
	struct caliptra_cmd c = version_cmd(self->req, self->rsp);
	struct caliptra_cmd again = { 0 };
	uint8_t small[VERSION_RSP_LEN];

	c.rsp = pointer(small);
	c.rsp_room = VERSION_RSP_LEN - 1;
	memset(small, 0x5a, sizeof(small));
	EXPECT_EQ(run(self->fd, &c), ENOSPC);
	EXPECT_EQ(c.rsp_len, VERSION_RSP_LEN);
	EXPECT_EQ(c.out_flags, CALIPTRA_CMD_SENT);
	EXPECT_EQ(small[0], 0x5a);

	again.seq = c.seq;
	again.rsp = pointer(self->rsp);
	EXPECT_EQ(fetch(self->fd, &again), ENOSPC);
	EXPECT_EQ(again.rsp_len, VERSION_RSP_LEN);
	EXPECT_EQ(again.rsp_room, 0);
	again.rsp_room = again.rsp_len;
	EXPECT_EQ(fetch(self->fd, &again), 0);
	EXPECT_EQ(again.rsp_len, VERSION_RSP_LEN);
	EXPECT_TRUE(response_good(self->rsp, VERSION_RSP_LEN));
	/* once copied it is gone */
	EXPECT_EQ(fetch(self->fd, &again), ENODATA);
}

TEST_F(mbox, the_command_itself_can_ask_for_its_response)
{
	struct caliptra_cmd c = version_cmd(self->req, self->rsp);

	c.rsp_room = 0;
	ASSERT_EQ(run(self->fd, &c), ENOSPC);
	c.rsp_room = c.rsp_len;
	EXPECT_EQ(fetch(self->fd, &c), 0);
	EXPECT_EQ(c.rsp_len, VERSION_RSP_LEN);
	EXPECT_EQ(c.seq, 1);
	EXPECT_EQ(c.out_flags, CALIPTRA_CMD_SENT);
	EXPECT_TRUE(response_good(self->rsp, VERSION_RSP_LEN));
}

TEST_F(mbox, a_kept_response_belongs_to_its_command)
{
	struct caliptra_cmd c = version_cmd(self->req, self->rsp);
	struct caliptra_cmd again = { .rsp = pointer(self->rsp),
				      .rsp_room = VERSION_RSP_LEN };
	int other = open(DEVICE, O_RDWR);

	ASSERT_GE(other, 0);
	EXPECT_EQ(fetch(self->fd, &again), ENODATA);
	c.rsp_room = 0;
	ASSERT_EQ(run(self->fd, &c), ENOSPC);
	again.seq = c.seq + 1;
	EXPECT_EQ(fetch(self->fd, &again), ENODATA);
	again.seq = c.seq;
	EXPECT_EQ(fetch(other, &again), ENODATA);
	/* the next command drops it */
	EXPECT_EQ(try_version(self->fd), 0);
	EXPECT_EQ(fetch(self->fd, &again), ENODATA);
	close(other);
}

TEST_F(mbox, getting_a_kept_response_does_not_run_the_command_again)
{
	uint8_t before[QUOTE_RSP_LEN], once[QUOTE_RSP_LEN],
		after[QUOTE_RSP_LEN];
	const uint8_t nonce[32] = { 1 };
	const size_t pcr = QUOTE_PCRS_OFFSET + 20 * 48;
	uint8_t req[4 + 4 + 48] = { 0 };
	struct caliptra_cmd c = {
		.cmd = CMD_EXTEND_PCR,
		.req = pointer(req),
		.req_len = sizeof(req),
	};
	struct caliptra_cmd again = { .rsp = pointer(self->rsp),
				      .rsp_room = sizeof(self->rsp) };

	put_le32(req + 4, 20);
	seal(c.cmd, req, sizeof(req));
	ASSERT_EQ(quote(self->fd, nonce, before), 0);
	ASSERT_EQ(run(self->fd, &c), ENOSPC);
	again.seq = c.seq;
	ASSERT_EQ(fetch(self->fd, &again), 0);
	EXPECT_EQ(again.rsp_len, 8);
	ASSERT_EQ(quote(self->fd, nonce, once), 0);
	EXPECT_NE(memcmp(before + pcr, once + pcr, 48), 0);
	ASSERT_EQ(fetch(self->fd, &again), ENODATA);
	ASSERT_EQ(quote(self->fd, nonce, after), 0);
	EXPECT_EQ(memcmp(once + pcr, after + pcr, 48), 0);
}

/* A certificate of the caller's TBS, so the response has the request in it. */
TEST_F(mbox, lengths_are_not_rounded)
{
	uint8_t req[4 + 4 + 96 + 64];
	uint8_t rsp[1024];
	uint32_t tbs;

	for (tbs = 1; tbs <= 64; tbs++) {
		struct caliptra_cmd c = {
			.cmd = CMD_GET_IDEV_ECC384_CERT,
			.req = pointer(req),
			.req_len = 104 + tbs,
			.rsp = pointer(rsp),
			.rsp_room = sizeof(rsp),
		};

		memset(req, 0x11, sizeof(req));
		put_le32(req + 4, tbs);
		memset(req + 104, tbs, tbs);
		seal(c.cmd, req, c.req_len);
		memset(rsp, 0x5a, sizeof(rsp));
		ASSERT_EQ(run(self->fd, &c), 0);
		ASSERT_TRUE(response_good(rsp, c.rsp_len));
		ASSERT_EQ(get_le32(rsp + 8) + 12, c.rsp_len);
		EXPECT_TRUE(!!memmem(rsp, c.rsp_len, req + 104, tbs));
		/* not one byte more than it said */
		EXPECT_EQ(rsp[c.rsp_len], 0x5a);
		EXPECT_EQ(rsp[c.rsp_len + 1], 0x5a);
	}
}

TEST_F(mbox, buffers_may_lie_anywhere)
{
	uint8_t room[8 + VERSION_RSP_LEN];
	uint8_t odd[8];
	struct caliptra_cmd c;
	size_t i;

	for (i = 0; i < 4; i++) {
		c = version_cmd(odd + i, room + i);
		ASSERT_EQ(run(self->fd, &c), 0);
		EXPECT_TRUE(response_good(room + i, VERSION_RSP_LEN));
	}
}

TEST_F(mbox, to_read_only_is_not_to_send)
{
	int other = open(DEVICE, O_RDONLY);
	struct caliptra_info info;

	ASSERT_GE(other, 0);
	EXPECT_EQ(try_version(other), EBADF);
	EXPECT_EQ(ioctl(other, CALIPTRA_IOC_INFO, &info), 0);
	close(other);
}

TEST_F(mbox, there_is_no_place_in_it_and_no_memory)
{
	EXPECT_EQ(lseek(self->fd, 0, SEEK_SET), -1);
	EXPECT_EQ(errno, ESPIPE);
	EXPECT_TRUE(mmap(NULL, 4096, PROT_READ, MAP_SHARED, self->fd, 0) ==
		    MAP_FAILED);
	EXPECT_EQ(errno, ENODEV);
}

TEST_F(mbox, a_child_may_use_it)
{
	pid_t pid = fork();
	int status;

	ASSERT_GE(pid, 0);
	if (!pid)
		_exit(try_version(self->fd));
	ASSERT_EQ(waitpid(pid, &status, 0), pid);
	EXPECT_EQ(status, 0);
}

TEST_F(mbox, it_may_be_open_often)
{
	int fds[64];
	size_t i;

	for (i = 0; i < 64; i++) {
		fds[i] = open(DEVICE, O_RDWR);
		ASSERT_GE(fds[i], 0);
	}
	for (i = 0; i < 64; i++) {
		EXPECT_EQ(try_version(fds[i]), 0);
		close(fds[i]);
	}
}

TEST_HARNESS_MAIN
