// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * Tests the transport over the kernel's device without one: open() and ioctl()
 * are this program's own, and are what the driver is by uapi/linux/caliptra.h.
 */
#include "test.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/syscall.h>
#include <unistd.h>

#include <linux/caliptra.h>

#define DEVICE "/dev/caliptra-mbox-test"
#define CODE   0x43415053
#define GUARD  0xa5

#define MBOX_SIZE (256 * 1024)

/**
 * struct fake - the device
 * @open_errno: what open() fails with, if not 0
 * @open_flags: what it was called with
 * @fd: the descriptor it returned
 * @info: answer to CALIPTRA_IOC_INFO
 * @info_errno: what that fails with, if not 0
 * @cmd_errno: what CALIPTRA_IOC_COMMAND fails with, if not 0
 * @out: what it writes back: out_flags, status, fw_error, rsp_len
 * @commands: how many there were
 * @cmd: the last one, as it came
 * @req: its request
 * @rsp: the response
 * @rsp_len: its length in bytes
 * @lie: added to that length where it fits
 * @fetch_errno: what CALIPTRA_IOC_RESPONSE fails with, if not 0
 * @fetches: how many of these there were
 */
static struct fake {
	int open_errno;
	int open_flags;
	int fd;
	struct caliptra_info info;
	int info_errno;
	int cmd_errno;
	struct caliptra_cmd out;
	unsigned int commands;
	struct caliptra_cmd cmd;
	uint8_t req[MBOX_SIZE];
	uint8_t rsp[MBOX_SIZE];
	uint32_t rsp_len;
	uint32_t lie;
	int fetch_errno;
	unsigned int fetches;
} fake;

static void *pointer(uint64_t address)
{
	return (void *)(uintptr_t)address;
}

static int result(int error)
{
	errno = error;
	return error ? -1 : 0;
}

/* Copy the response to where @cmd says; an errno. */
static int give_response(struct caliptra_cmd *cmd)
{
	cmd->rsp_len = fake.rsp_len;
	if (fake.rsp_len > cmd->rsp_room)
		return ENOSPC;
	memcpy(pointer(cmd->rsp), fake.rsp, fake.rsp_len);
	cmd->rsp_len += fake.lie;
	return 0;
}

static int run_command(struct caliptra_cmd *cmd)
{
	fake.commands++;
	fake.cmd = *cmd;
	memcpy(fake.req, pointer(cmd->req), cmd->req_len);
	cmd->seq = 40 + fake.commands;
	cmd->out_flags = fake.out.out_flags;
	cmd->status = fake.out.status;
	cmd->fw_error = fake.out.fw_error;
	cmd->cause = fake.out.cause;
	if (!fake.cmd_errno)
		return give_response(cmd);
	cmd->rsp_len = fake.out.rsp_len;
	return fake.cmd_errno;
}

static int fetch_response(struct caliptra_cmd *cmd)
{
	static const struct caliptra_cmd zero;

	fake.fetches++;
	if (cmd->flags ||
	    memcmp(zero.reserved, cmd->reserved, sizeof(zero.reserved)))
		return EINVAL;
	if (cmd->seq != 40 + fake.commands)
		return ENODATA;
	return fake.fetch_errno ? fake.fetch_errno : give_response(cmd);
}

/*
 * In place of libc's, for the library in this program. The names in quotes are
 * what the linker sees, whatever the headers make of open() and ioctl().
 */
int fake_open(const char *path, int flags, ...) __asm__("open");
int fake_open64(const char *path, int flags, ...) __asm__("open64");
int fake_open_2(const char *path, int flags) __asm__("__open_2");
int fake_open64_2(const char *path, int flags) __asm__("__open64_2");
int fake_ioctl(int fd, unsigned long request, ...) __asm__("ioctl");
int fake_ioctl_time64(int fd, unsigned long request,
		      ...) __asm__("__ioctl_time64");

int fake_open_2(const char *path, int flags)
{
	if (strcmp(path, DEVICE))
		return (int)syscall(SYS_openat, AT_FDCWD, path, flags, 0);
	fake.open_flags = flags;
	if (fake.open_errno)
		return result(fake.open_errno);
	fake.fd = (int)syscall(SYS_openat, AT_FDCWD, "/dev/null", O_RDWR, 0);
	return fake.fd;
}

int fake_open(const char *path, int flags, ...)
{
	return fake_open_2(path, flags);
}

int fake_open64(const char *path, int flags, ...)
{
	return fake_open_2(path, flags);
}

int fake_open64_2(const char *path, int flags)
{
	return fake_open_2(path, flags);
}

int fake_ioctl(int fd, unsigned long request, ...)
{
	va_list args;
	void *arg;

	va_start(args, request);
	arg = va_arg(args, void *);
	va_end(args);
	if (fd != fake.fd)
		return (int)syscall(SYS_ioctl, fd, request, arg);
	switch (request) {
	case CALIPTRA_IOC_INFO:
		memcpy(arg, &fake.info, sizeof(fake.info));
		return result(fake.info_errno);
	case CALIPTRA_IOC_COMMAND:
		return result(run_command(arg));
	case CALIPTRA_IOC_RESPONSE:
		return result(fetch_response(arg));
	default:
		return result(ENOTTY);
	}
}

int fake_ioctl_time64(int fd, unsigned long request, ...)
{
	va_list args;
	void *arg;

	va_start(args, request);
	arg = va_arg(args, void *);
	va_end(args);
	return fake_ioctl(fd, request, arg);
}

static CaliptraTransport *transport;
static CaliptraSession *session;

static void open_session(const char *path)
{
	assert_int_equal(caliptra_transport_open(path, &transport),
			 CALIPTRA_SUCCESS);
	assert_int_equal(caliptra_session_create_with_protocol(
				 transport, CALIPTRA_PROTOCOL_MAILBOX,
				 &session),
			 CALIPTRA_SUCCESS);
}

static void close_session(void)
{
	caliptra_session_destroy(session);
	assert_int_equal(caliptra_transport_destroy(transport),
			 CALIPTRA_SUCCESS);
}

static void prepare(void)
{
	memset(&fake, 0, sizeof(fake));
	fake.fd = -1;
	fake.info = (struct caliptra_info){
		.kind = CALIPTRA_MBOX_SOC,
		.flags = CALIPTRA_INFO_INTERRUPT,
		.state = CALIPTRA_STATE_READY_FOR_RUNTIME,
		.mbox_size = MBOX_SIZE,
		.hw_rev_id = 0x12,
	};
	open_session(DEVICE);
}

static int start(void **state)
{
	(void)state;
	prepare();
	assert_int_equal(caliptra_session_connect(session), CALIPTRA_SUCCESS);
	return 0;
}

static int start_unconnected(void **state)
{
	(void)state;
	prepare();
	return 0;
}

static int end(void **state)
{
	(void)state;
	close_session();
	return fake.fd >= 0 && fcntl(fake.fd, F_GETFD) >= 0 ? -1 : 0;
}

static const uint8_t *answer(uint32_t len)
{
	fill(fake.rsp + 4, len, len);
	put32(fake.rsp, expected_checksum(0, fake.rsp + 4, len));
	fake.rsp_len = 4 + len;
	return fake.rsp + 4;
}

static CaliptraError execute(void *rsp, size_t size, size_t *len)
{
	return caliptra_session_execute(session, CODE, "body", 4, rsp, size,
					len);
}

static void the_device_is_opened_and_closed(void **state)
{
	(void)state;
	assert_int_equal(fake.open_flags & O_ACCMODE, O_RDWR);
	assert_true(fake.open_flags & O_CLOEXEC);
	assert_return_code(fcntl(fake.fd, F_GETFD), 0);
	assert_int_equal(caliptra_session_disconnect(session),
			 CALIPTRA_SUCCESS);
	assert_int_equal(fcntl(fake.fd, F_GETFD), -1);
	assert_int_equal(caliptra_session_disconnect(session),
			 CALIPTRA_ERROR_STATE);
	assert_int_equal(caliptra_session_connect(session), CALIPTRA_SUCCESS);
}

static void a_device_that_does_not_open(void **state)
{
	static const struct {
		int error;
		const char *said;
	} cases[] = {
		{ ENOENT, "is not there" },
		{ EACCES, "may not be opened by this user" },
		{ EPERM, "may not be opened by this user" },
		{ EISDIR, "Is a directory" },
		{ ENXIO, "No such device or address" },
		{ ENODEV, "No such device" },
		{ EMFILE, "Too many open files" },
		{ EBUSY, "busy" },
	};
	size_t i, len;

	(void)state;
	for (i = 0; i < ARRAY_SIZE(cases); i++) {
		fake.open_errno = cases[i].error;
		expect(caliptra_session_connect(session) ==
			       CALIPTRA_ERROR_TRANSPORT,
		       "%s", cases[i].said);
		assert_contains(caliptra_session_error(session), DEVICE);
		assert_contains(caliptra_session_error(session), cases[i].said);
		assert_int_equal(execute(NULL, 0, &len), CALIPTRA_ERROR_STATE);
	}
}

static void a_device_that_is_no_caliptra(void **state)
{
	static const struct {
		int error;
		CaliptraError result;
		const char *said;
	} cases[] = {
		{ ENOTTY, CALIPTRA_ERROR_TRANSPORT, "is not a Caliptra" },
		{ EINVAL, CALIPTRA_ERROR_TRANSPORT, "is not a Caliptra" },
		{ ENODEV, CALIPTRA_ERROR_TRANSPORT, "is gone" },
		{ ENOMEM, CALIPTRA_ERROR_MEMORY, "no memory" },
		{ EFAULT, CALIPTRA_ERROR_UNKNOWN, "Bad address" },
	};
	size_t i, len;

	(void)state;
	for (i = 0; i < ARRAY_SIZE(cases); i++) {
		fake.info_errno = cases[i].error;
		expect(caliptra_session_connect(session) == cases[i].result,
		       "%s", cases[i].said);
		assert_contains(caliptra_session_error(session), cases[i].said);
		assert_int_equal(fcntl(fake.fd, F_GETFD), -1);
		assert_int_equal(execute(NULL, 0, &len), CALIPTRA_ERROR_STATE);
	}
}

/* What is not a Caliptra either, by the kernel's own word. */
static void other_files_are_no_caliptra(void **state)
{
	static const char *const paths[] = { "/dev/null", "/dev/zero",
					     "/dev/urandom", "/" };
	size_t i;

	(void)state;
	fake.fd = -1;
	for (i = 0; i < ARRAY_SIZE(paths); i++) {
		open_session(paths[i]);
		expect(caliptra_session_connect(session) ==
			       CALIPTRA_ERROR_TRANSPORT,
		       "%s: %s", paths[i], caliptra_session_error(session));
		close_session();
	}
}

static void info_is_what_the_driver_says(void **state)
{
	struct caliptra_device_info info;
	uint32_t s;

	(void)state;
	fill(&fake.info, sizeof(fake.info), 5);
	for (s = 0; s < 8; s++) {
		memset(&info, GUARD, sizeof(info));
		fake.info.state = s;
		fake.info.flags = s & 3;
		fake.info.kind = s & 3;
		assert_int_equal(caliptra_session_info(session, &info),
				 CALIPTRA_SUCCESS);
		assert_int_equal(info.state, s <= 5 ? s : 0);
		assert_int_equal(info.interrupt, s & 1);
		assert_int_equal(info.stuck, s >> 1 & 1);
		assert_int_equal(info.mailbox, (s & 3) == 3 ? 0 : s & 3);
		assert_true(info.registers);
	}
	assert_int_equal(info.mailbox_size, fake.info.mbox_size);
	assert_int_equal(info.hw_rev_id, fake.info.hw_rev_id);
	assert_int_equal(info.hw_config, fake.info.hw_config);
	assert_int_equal(info.flow_status, fake.info.flow_status);
	assert_int_equal(info.boot_status, fake.info.boot_status);
	assert_int_equal(info.security_state, fake.info.security_state);
	assert_int_equal(info.hw_error_fatal, fake.info.hw_error_fatal);
	assert_int_equal(info.hw_error_non_fatal, fake.info.hw_error_non_fatal);
	assert_int_equal(info.fw_error_fatal, fake.info.fw_error_fatal);
	assert_int_equal(info.fw_error_non_fatal, fake.info.fw_error_non_fatal);
	assert_int_equal(info.reset_reason, fake.info.reset_reason);
	assert_int_equal(CALIPTRA_STATE_FATAL_ERROR,
			 CALIPTRA_DEVICE_FATAL_ERROR);
	assert_int_equal(CALIPTRA_STATE_RESET, CALIPTRA_DEVICE_RESET);
}

static void info_of_a_device_that_is_gone(void **state)
{
	struct caliptra_device_info info, before;

	(void)state;
	memset(&info, GUARD, sizeof(info));
	before = info;
	fake.info_errno = ENODEV;
	assert_int_equal(caliptra_session_info(session, &info),
			 CALIPTRA_ERROR_TRANSPORT);
	assert_memory_equal(&info, &before, sizeof(info));
}

static void a_command_goes_to_the_driver_whole(void **state)
{
	struct caliptra_cmd rest;
	const uint8_t *body = answer(100);
	uint8_t rsp[200];
	size_t len;

	(void)state;
	assert_int_equal(execute(rsp, sizeof(rsp), &len), CALIPTRA_SUCCESS);
	assert_int_equal(len, 100);
	assert_memory_equal(rsp, body, 100);
	assert_int_equal(fake.cmd.cmd, CODE);
	assert_int_equal(fake.cmd.req_len, 8);
	assert_int_equal(get32(fake.req),
			 expected_checksum(CODE, (const uint8_t *)"body", 4));
	assert_memory_equal(fake.req + 4, "body", 4);
	assert_int_equal(fake.cmd.timeout_ms, 30000);
	assert_int_equal(fake.commands, 1);
	assert_int_equal(fake.fetches, 0);
	rest = fake.cmd;
	rest.cmd = rest.req_len = rest.rsp_room = rest.timeout_ms = 0;
	rest.req = rest.rsp = 0;
	assert_memory_equal(&rest, &(struct caliptra_cmd){ 0 }, sizeof(rest));

	caliptra_session_set_timeout(session, 1234);
	execute(rsp, sizeof(rsp), &len);
	assert_int_equal(fake.cmd.timeout_ms, 1234);
	caliptra_session_set_timeout(session, 0);
	execute(rsp, sizeof(rsp), &len);
	assert_int_equal(fake.cmd.timeout_ms, 30000);
}

#define SENT CALIPTRA_CMD_SENT

/**
 * struct failure_case - a command that fails
 * @error: errno
 * @flags: what the driver writes back
 * @result: what the call returns
 * @said: what has to be in the sentence
 * @cause: caliptra_cmd.cause
 */
static const struct failure_case {
	int error;
	uint32_t flags;
	CaliptraError result;
	const char *said;
	uint32_t cause;
} failures[] = {
	{ EREMOTEIO, SENT, CALIPTRA_ERROR_DEVICE,
	  "RUNTIME_PCR_RESERVED (0x000e003c)" },
	{ EMSGSIZE, 0, CALIPTRA_ERROR_INVALID_ARGUMENT,
	  "8 bytes and the mailbox only 262144" },
	{ EHOSTDOWN, 0, CALIPTRA_ERROR_STATE,
	  "no firmware runs that could answer" },
	{ ECONNRESET, SENT, CALIPTRA_ERROR_IO,
	  "the device was reset while it had the command",
	  CALIPTRA_CAUSE_RESET },
	{ ECONNRESET, 0, CALIPTRA_ERROR_IO,
	  "the device was reset; the command was not sent",
	  CALIPTRA_CAUSE_RESET },
	{ EBUSY, 0, CALIPTRA_ERROR_BUSY, "somebody else" },
	{ ETIMEDOUT, 0, CALIPTRA_ERROR_TIMEOUT,
	  "within 30000 ms, waiting for the mailbox; the command was not sent" },
	{ ETIMEDOUT, SENT, CALIPTRA_ERROR_TIMEOUT,
	  "within 30000 ms; the command may still be executed" },
	{ EINTR, 0, CALIPTRA_ERROR_IO, "before it was sent" },
	{ EPROTO, SENT, CALIPTRA_ERROR_PROTOCOL,
	  "305419896 bytes, and its mailbox has 262144 (MBOX_STATUS 0x00abcdef)" },
	{ EIO, 0, CALIPTRA_ERROR_IO,
	  "needs a reset; the command was not sent (MBOX_STATUS 0x00abcdef)",
	  CALIPTRA_CAUSE_PROTOCOL },
	{ EIO, SENT, CALIPTRA_ERROR_IO, "protocol violation",
	  CALIPTRA_CAUSE_PROTOCOL },
	{ EIO, SENT, CALIPTRA_ERROR_IO,
	  "in the middle of the command (MBOX_STATUS 0x00abcdef)",
	  CALIPTRA_CAUSE_LOCK_LOST },
	{ EIO, SENT, CALIPTRA_ERROR_IO, "fatal error", CALIPTRA_CAUSE_FATAL },
	{ EIO, SENT, CALIPTRA_ERROR_IO, "mailbox's memory",
	  CALIPTRA_CAUSE_ECC },
	{ EIO, SENT, CALIPTRA_ERROR_IO, "the mailbox has failed", 99 },
	{ ENODEV, 0, CALIPTRA_ERROR_TRANSPORT, "is gone" },
	{ ENOTTY, 0, CALIPTRA_ERROR_TRANSPORT, "is not a Caliptra" },
	{ ENOMEM, 0, CALIPTRA_ERROR_MEMORY, "no memory" },
	{ EPERM, 0, CALIPTRA_ERROR_PERMISSION, "CAP_SYS_RAWIO" },
	{ EINVAL, 0, CALIPTRA_ERROR_UNKNOWN, "Invalid argument" },
	{ EFAULT, 0, CALIPTRA_ERROR_UNKNOWN, "Bad address" },
};

static void every_errno_has_its_error_and_sentence(void **state)
{
	const struct failure_case *f;
	uint8_t rsp[8];
	size_t len;

	(void)state;
	answer(4);
	for (f = failures; f < failures + ARRAY_SIZE(failures); f++) {
		fake.cmd_errno = f->error;
		fake.out = (struct caliptra_cmd){ .out_flags = f->flags,
						  .status = 0xabcdef,
						  .fw_error = 0xe003c,
						  .cause = f->cause,
						  .rsp_len = 0x12345678 };
		expect(execute(rsp, 8, &len) == f->result, "%s: %s", f->said,
		       caliptra_session_error(session));
		assert_contains(caliptra_session_error(session), f->said);
		assert_contains(caliptra_session_error(session),
				"CAPABILITIES: ");
		assert_int_equal(caliptra_session_fw_error(session),
				 f->error == EREMOTEIO ? 0xe003c : 0);
		assert_int_equal(caliptra_session_response(session, rsp, 8,
							   &len),
				 CALIPTRA_ERROR_STATE);
	}
	assert_int_equal(fake.fetches, 0);
	fake.cmd_errno = 0;
	assert_int_equal(execute(rsp, 8, &len), CALIPTRA_SUCCESS);
	assert_string_equal(caliptra_session_error(session), "");
}

static void connect_to(uint32_t kind)
{
	caliptra_session_disconnect(session);
	fake.info.kind = kind;
	assert_int_equal(caliptra_session_connect(session), CALIPTRA_SUCCESS);
}

/* Which capability it is that the driver misses, by the command and its mailbox. */
static void a_missing_capability_is_told(void **state)
{
	static const char admin[] =
		"the command needs CAP_SYS_ADMIN: it changes the device for everybody";
	static const char rawio[] =
		"the command needs CAP_SYS_RAWIO: the driver does not know it";
	static const struct {
		uint32_t kind;
		uint32_t code;
		const char *name;
		const char *said;
	} cases[] = {
		{ CALIPTRA_MBOX_SOC, CALIPTRA_CMD_SHUTDOWN,
		  "SHUTDOWN: ", admin },
		{ CALIPTRA_MBOX_SOC, CODE, "CAPABILITIES: ", rawio },
		{ CALIPTRA_MBOX_SOC, 0xc0ffee, "command 0x00c0ffee: ", rawio },
		{ CALIPTRA_MBOX_MCI, CALIPTRA_CMD_MC_CLEAR_LOG,
		  "MC_CLEAR_LOG: ", admin },
		{ CALIPTRA_MBOX_MCI, CALIPTRA_CMD_MC_DEVICE_ID,
		  "MC_DEVICE_ID: ", rawio },
		{ CALIPTRA_MBOX_MCI, 0xc0ffee, "command 0x00c0ffee: ", rawio },
	};
	char text[160];
	size_t i, len;

	(void)state;
	fake.cmd_errno = EPERM;
	for (i = 0; i < ARRAY_SIZE(cases); i++) {
		connect_to(cases[i].kind);
		assert_int_equal(caliptra_session_execute(session,
							  cases[i].code, NULL,
							  0, NULL, 0, &len),
				 CALIPTRA_ERROR_PERMISSION);
		snprintf(text, sizeof(text), "%s%s", cases[i].name,
			 cases[i].said);
		assert_string_equal(caliptra_session_error(session), text);
	}
	assert_int_equal(fake.commands, ARRAY_SIZE(cases));
}

/* MC_DEVICE_ID as the MCU answers it: CMD_COMPLETE, with a response. */
static void a_session_may_be_with_an_mci(void **state)
{
	struct caliptra_mc_device_id_resp resp;
	struct caliptra_device_info info;
	const uint8_t *body = answer(12);

	(void)state;
	fake.info.hw_rev_id = 0x2100;
	fake.out.status = 2;
	connect_to(CALIPTRA_MBOX_MCI);
	assert_int_equal(caliptra_session_info(session, &info),
			 CALIPTRA_SUCCESS);
	assert_int_equal(info.mailbox, CALIPTRA_DEVICE_MAILBOX_MCI);
	assert_int_equal(caliptra_cmd_mc_device_id(session, &resp),
			 CALIPTRA_SUCCESS);
	assert_int_equal(resp.fips_status, get32(body));
	assert_int_equal(fake.cmd.cmd, CALIPTRA_CMD_MC_DEVICE_ID);
	assert_int_equal(fake.commands, 1);
	assert_int_equal(caliptra_cmd_version(session, NULL),
			 CALIPTRA_ERROR_NOT_SUPPORTED);
	assert_int_equal(fake.commands, 1);

	fake.out.fw_error = 0x00010001;
	fake.cmd_errno = EREMOTEIO;
	caliptra_cmd_mc_device_id(session, &resp);
	assert_contains(caliptra_session_error(session),
			"ROM_COLD_BOOT_START_RI_DOWNLOAD_ERROR (0x00010001)");
	fake.cmd_errno = EIO;
	caliptra_cmd_mc_device_id(session, &resp);
	assert_contains(caliptra_session_error(session),
			"MC_DEVICE_ID: the mailbox has failed");
	assert_contains(caliptra_session_error(session),
			"(MBOX_CMD_STATUS 0x00000002)");
	fake.cmd_errno = EPROTO;
	caliptra_cmd_mc_device_id(session, &resp);
	assert_contains(caliptra_session_error(session),
			"MBOX_CMD_STATUS is 0x00000002");

	connect_to(CALIPTRA_MBOX_SOC);
	assert_int_equal(caliptra_cmd_mc_device_id(session, &resp),
			 CALIPTRA_ERROR_NOT_SUPPORTED);
	assert_int_equal(fake.commands, 4);
}

/* A later driver may have a kind of mailbox that is not known here. */
static void an_unknown_kind_gets_any_command(void **state)
{
	struct caliptra_device_info info;

	(void)state;
	answer(12);
	connect_to(3);
	assert_int_equal(caliptra_session_info(session, &info),
			 CALIPTRA_SUCCESS);
	assert_int_equal(info.mailbox, CALIPTRA_DEVICE_MAILBOX_UNKNOWN);
	assert_int_equal(caliptra_cmd_mc_device_id(session, NULL),
			 CALIPTRA_SUCCESS);
	caliptra_cmd_version(session, NULL);
	assert_int_equal(fake.commands, 2);
}

static void a_status_may_be_no_answers(void **state)
{
	size_t len;

	(void)state;
	fake.cmd_errno = EPROTO;
	fake.out = (struct caliptra_cmd){ .out_flags = SENT, .status = 0x500 };
	assert_int_equal(execute(NULL, 0, &len), CALIPTRA_ERROR_PROTOCOL);
	assert_contains(caliptra_session_error(session),
			"MBOX_STATUS is 0x00000500");
}

/* A driver that says it has written more than there was room for. */
static void lengths_of_the_driver_are_checked(void **state)
{
	static const uint32_t lies[] = { 4096, 200000, 0x80000000 };
	static const uint32_t lengths[] = { 100, 5000 };
	static uint8_t rsp[MBOX_SIZE];
	size_t i, k, len;

	(void)state;
	for (i = 0; i < ARRAY_SIZE(lengths); i++) {
		for (k = 0; k < ARRAY_SIZE(lies); k++) {
			answer(lengths[i]);
			fake.lie = lies[k];
			assert_int_equal(execute(rsp, sizeof(rsp), &len),
					 CALIPTRA_ERROR_PROTOCOL);
			assert_contains(caliptra_session_error(session),
					"where there was room for");
		}
	}
}

static void a_failure_may_have_no_code(void **state)
{
	size_t len;

	(void)state;
	fake.cmd_errno = EREMOTEIO;
	assert_int_equal(execute(NULL, 0, &len), CALIPTRA_ERROR_DEVICE);
	assert_contains(caliptra_session_error(session), "no error code");
	assert_int_equal(caliptra_session_fw_error(session), 0);
}

static void too_long_a_request_does_not_reach_the_driver(void **state)
{
	static uint8_t body[MBOX_SIZE];
	size_t len;

	(void)state;
	answer(4);
	assert_int_equal(caliptra_session_execute(session, CODE, body,
						  MBOX_SIZE - 3, NULL, 0, &len),
			 CALIPTRA_ERROR_INVALID_ARGUMENT);
	assert_contains(caliptra_session_error(session), "262145 bytes");
	assert_int_equal(fake.commands, 0);
	caliptra_session_execute(session, CODE, body, MBOX_SIZE - 4, NULL, 0,
				 &len);
	assert_int_equal(fake.commands, 1);
}

static void a_long_response_is_fetched(void **state)
{
	static uint8_t rsp[MBOX_SIZE];
	static const uint32_t lengths[] = { 4092, 4093, 9224, MBOX_SIZE - 4 };
	unsigned int fetches[] = { 0, 1, 2, 3 };
	const uint8_t *body;
	size_t i, len;

	(void)state;
	for (i = 0; i < ARRAY_SIZE(lengths); i++) {
		body = answer(lengths[i]);
		assert_int_equal(execute(rsp, sizeof(rsp), &len),
				 CALIPTRA_SUCCESS);
		assert_int_equal(len, lengths[i]);
		assert_memory_equal(rsp, body, len);
		assert_int_equal(fake.commands, i + 1);
		assert_int_equal(fake.fetches, fetches[i]);
	}
	/* once it has grown the buffer is kept */
	answer(9224);
	assert_int_equal(execute(rsp, sizeof(rsp), &len), CALIPTRA_SUCCESS);
	assert_int_equal(fake.fetches, 3);
}

/* What the caller has no room for is kept by the session, not by the driver. */
static void a_callers_small_buffer_is_not_the_drivers(void **state)
{
	static uint8_t rsp[6000];
	const uint8_t *body = answer(6000);
	size_t len;

	(void)state;
	assert_int_equal(execute(rsp, 10, &len),
			 CALIPTRA_ERROR_INVALID_ARGUMENT);
	assert_int_equal(len, 6000);
	assert_int_equal(caliptra_session_response(session, rsp, sizeof(rsp),
						   &len),
			 CALIPTRA_SUCCESS);
	assert_memory_equal(rsp, body, 6000);
	assert_int_equal(fake.commands, 1);
	assert_int_equal(fake.fetches, 1);
}

static void a_fetch_may_fail(void **state)
{
	static const struct {
		int error;
		CaliptraError result;
	} cases[] = {
		{ ENODEV, CALIPTRA_ERROR_TRANSPORT },
		{ ENOMEM, CALIPTRA_ERROR_MEMORY },
		{ ENODATA, CALIPTRA_ERROR_UNKNOWN },
		{ ENOSPC, CALIPTRA_ERROR_UNKNOWN },
	};
	uint8_t rsp[8];
	size_t i, len;

	(void)state;
	for (i = 0; i < ARRAY_SIZE(cases); i++) {
		answer(5000 + 5000 * (uint32_t)i);
		fake.fetch_errno = cases[i].error;
		assert_int_equal(execute(rsp, 8, &len), cases[i].result);
		assert_int_equal(fake.commands, i + 1);
		assert_int_equal(caliptra_session_response(session, rsp, 8,
							   &len),
				 CALIPTRA_ERROR_STATE);
	}
	fake.fetch_errno = 0;
	answer(4);
	assert_int_equal(execute(rsp, 8, &len), CALIPTRA_SUCCESS);
}

static void responses_are_checked_here_too(void **state)
{
	uint8_t rsp[64];
	size_t len;

	(void)state;
	answer(40);
	fake.rsp[0] ^= 1;
	assert_int_equal(execute(rsp, 64, &len), CALIPTRA_ERROR_PROTOCOL);
	fake.rsp_len = 7;
	assert_int_equal(execute(rsp, 64, &len), CALIPTRA_ERROR_PROTOCOL);
	fake.rsp_len = 0;
	assert_int_equal(execute(rsp, 64, &len), CALIPTRA_SUCCESS);
	assert_int_equal(len, 0);
}

/* What the driver reads in CPTRA_HW_REV_ID; a new connection asks again. */
static void messages_are_those_of_the_hardware(void **state)
{
	static const struct {
		uint32_t hw_rev_id;
		int info_errno;
		uint32_t len;
	} cases[] = {
		{ 0x11, 0, 116 },      { 0x02, 0, 120 }, { 0x12, 0, 120 },
		{ 0x11, ENODEV, 120 }, { 0x11, 0, 116 },
	};
	struct caliptra_authorize_and_stash_req req = {
		.source = CALIPTRA_IMAGE_HASH_SOURCE_IN_REQUEST,
	};
	struct caliptra_authorize_and_stash_resp resp;
	size_t i;

	(void)state;
	answer(8);
	for (i = 0; i < ARRAY_SIZE(cases); i++) {
		caliptra_session_disconnect(session);
		fake.info.hw_rev_id = cases[i].hw_rev_id;
		fake.info_errno = 0;
		assert_int_equal(caliptra_session_connect(session),
				 CALIPTRA_SUCCESS);
		fake.info_errno = cases[i].info_errno;
		expect(!caliptra_cmd_authorize_and_stash(session, &req, &resp),
		       "%s", caliptra_session_error(session));
		assert_int_equal(resp.auth_req_result, get32(fake.rsp + 8));
		assert_int_equal(fake.cmd.req_len, cases[i].len);
	}
}

#define device_test(f) cmocka_unit_test_setup_teardown(f, start, end)
#define open_test(f)   cmocka_unit_test_setup_teardown(f, start_unconnected, end)

int main(void)
{
	const struct CMUnitTest tests[] = {
		device_test(the_device_is_opened_and_closed),
		open_test(a_device_that_does_not_open),
		open_test(a_device_that_is_no_caliptra),
		cmocka_unit_test(other_files_are_no_caliptra),
		device_test(info_is_what_the_driver_says),
		device_test(info_of_a_device_that_is_gone),
		device_test(a_command_goes_to_the_driver_whole),
		device_test(every_errno_has_its_error_and_sentence),
		device_test(a_missing_capability_is_told),
		device_test(a_session_may_be_with_an_mci),
		device_test(an_unknown_kind_gets_any_command),
		device_test(a_failure_may_have_no_code),
		device_test(a_status_may_be_no_answers),
		device_test(lengths_of_the_driver_are_checked),
		device_test(too_long_a_request_does_not_reach_the_driver),
		device_test(a_long_response_is_fetched),
		device_test(a_callers_small_buffer_is_not_the_drivers),
		device_test(a_fetch_may_fail),
		device_test(responses_are_checked_here_too),
		device_test(messages_are_those_of_the_hardware),
	};

	return cmocka_run_group_tests_name("kernel_device", tests, NULL, NULL);
}
