// SPDX-License-Identifier: LGPL-2.1-or-later
/*
 * The transport over the kernel's device, /dev/caliptra-mbox*. What it does to a
 * device and what its errors mean: uapi/linux/caliptra.h.
 */
#include <errno.h>
#include <fcntl.h>
#include <inttypes.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <unistd.h>

#include <linux/caliptra.h>

#include <caliptra/describe.h>

#include "transport.h"

/**
 * struct kernel_device - a transport over the kernel
 * @base: what all transports have
 * @fd: the open device, or -1
 * @mbox_size: size of its mailbox in bytes
 * @path: where it is
 */
struct kernel_device {
	CaliptraTransport base;
	int fd;
	uint32_t mbox_size;
	char path[];
};

static struct kernel_device *kernel_device(CaliptraTransport *t)
{
	return (struct kernel_device *)t;
}

static CaliptraError open_failure(struct failure *why, const char *path)
{
	switch (errno) {
	case ENOENT:
		return fail(
			why, CALIPTRA_ERROR_TRANSPORT,
			"%s is not there; is the driver caliptra loaded, and does the device tree have a Caliptra?",
			path);
	case EACCES:
	case EPERM:
		return fail(why, CALIPTRA_ERROR_TRANSPORT,
			    "%s may not be opened by this user", path);
	default:
		return fail(why, CALIPTRA_ERROR_TRANSPORT,
			    "%s can not be opened: %s", path, strerror(errno));
	}
}

/* Of an ioctl on a device that is open. */
static CaliptraError gone_or_odd(const struct kernel_device *k, int error,
				 struct failure *why)
{
	switch (error) {
	case ENODEV:
		return fail(why, CALIPTRA_ERROR_TRANSPORT,
			    "the device of %s is gone", k->path);
	case ENOTTY:
		return fail(why, CALIPTRA_ERROR_TRANSPORT,
			    "%s is not a Caliptra", k->path);
	case ENOMEM:
		return fail(why, CALIPTRA_ERROR_MEMORY,
			    "the kernel has no memory for the command");
	default:
		return fail(why, CALIPTRA_ERROR_UNKNOWN, "%s: %s", k->path,
			    strerror(error));
	}
}

static CaliptraError read_info(struct kernel_device *k,
			       struct caliptra_info *info, struct failure *why)
{
	/* what another driver says to a request that it does not know */
	if (ioctl(k->fd, CALIPTRA_IOC_INFO, info))
		return gone_or_odd(k, errno == EINVAL ? ENOTTY : errno, why);
	return CALIPTRA_SUCCESS;
}

static enum caliptra_device_mailbox mailbox(const struct caliptra_info *info)
{
	switch (info->kind) {
	case CALIPTRA_MBOX_SOC:
		return CALIPTRA_DEVICE_MAILBOX_SOC;
	case CALIPTRA_MBOX_MCI:
		return CALIPTRA_DEVICE_MAILBOX_MCI;
	default:
		return CALIPTRA_DEVICE_MAILBOX_UNKNOWN;
	}
}

static CaliptraError kernel_device_disconnect(CaliptraTransport *t,
					      struct failure *why)
{
	struct kernel_device *k = kernel_device(t);

	(void)why;
	close(k->fd);
	k->fd = -1;
	return CALIPTRA_SUCCESS;
}

static CaliptraError kernel_device_connect(CaliptraTransport *t,
					   struct failure *why)
{
	struct kernel_device *k = kernel_device(t);
	struct caliptra_info info;
	CaliptraError error;

	k->fd = open(k->path, O_RDWR | O_CLOEXEC);
	if (k->fd < 0)
		return open_failure(why, k->path);
	error = read_info(k, &info, why);
	if (error) {
		kernel_device_disconnect(t, why);
		return error;
	}
	k->mbox_size = info.mbox_size;
	t->mailbox = mailbox(&info);
	return CALIPTRA_SUCCESS;
}

static bool kernel_device_is_connected(CaliptraTransport *t)
{
	return kernel_device(t)->fd >= 0;
}

/* Of EIO: what it means for the caller. */
static const char *cause(uint32_t cause)
{
	switch (cause) {
	case CALIPTRA_CAUSE_PROTOCOL:
		return "a protocol violation has stopped the mailbox; if it stays so, the device needs a reset";
	case CALIPTRA_CAUSE_LOCK_LOST:
		return "the mailbox was taken away in the middle of the command";
	case CALIPTRA_CAUSE_FATAL:
		return "the device has stopped with a fatal error and needs a reset";
	case CALIPTRA_CAUSE_ECC:
		return "the mailbox's memory has an error that can not be corrected";
	default:
		return "the mailbox has failed";
	}
}

static bool is_mci(const struct kernel_device *k)
{
	return k->base.mailbox == CALIPTRA_DEVICE_MAILBOX_MCI;
}

/* The register that caliptra_cmd.status is from. */
static const char *status_name(const struct kernel_device *k)
{
	return is_mci(k) ? "MBOX_CMD_STATUS" : "MBOX_STATUS";
}

/* The driver has the same tables, unless it is older. */
static CaliptraError permission_failure(const struct kernel_device *k,
					uint32_t code, struct failure *why)
{
	const struct caliptra_command *command = caliptra_command_by_code(
		is_mci(k) ? CALIPTRA_FAMILY_MCI : CALIPTRA_FAMILY_CORE, code);
	struct caliptra_command_info info = { 0 };

	if (command)
		caliptra_command_describe(command, &info);
	if (info.privileged)
		return fail(
			why, CALIPTRA_ERROR_PERMISSION,
			"the command needs CAP_SYS_ADMIN: it changes the device for everybody");
	return fail(
		why, CALIPTRA_ERROR_PERMISSION,
		"the command needs CAP_SYS_RAWIO: the driver does not know it");
}

static CaliptraError command_failure(const struct kernel_device *k,
				     const struct caliptra_cmd *cmd, int error,
				     const struct exchange *x,
				     struct failure *why)
{
	switch (error) {
	case EREMOTEIO:
		return fw_failure(why, cmd->fw_error);
	case EMSGSIZE:
		return fail(
			why, CALIPTRA_ERROR_INVALID_ARGUMENT,
			"the request has %zu bytes and the mailbox only %" PRIu32,
			x->req_len, k->mbox_size);
	case EHOSTDOWN:
		return fail(why, CALIPTRA_ERROR_STATE,
			    "no firmware runs that could answer");
	case ECONNRESET:
		return fail(
			why, CALIPTRA_ERROR_IO,
			cmd->out_flags & CALIPTRA_CMD_SENT ?
				"the device was reset while it had the command" :
				"the device was reset; the command was not sent");
	case EPERM:
		return permission_failure(k, x->code, why);
	case EBUSY:
		return fail(why, CALIPTRA_ERROR_BUSY,
			    "somebody else has the mailbox locked");
	case ETIMEDOUT:
		return fail(
			why, CALIPTRA_ERROR_TIMEOUT,
			"no answer within %" PRIu32 " ms%s", x->timeout_ms,
			cmd->out_flags & CALIPTRA_CMD_SENT ?
				"; the command may still be executed" :
				", waiting for the mailbox; the command was not sent");
	case EINTR:
		return fail(
			why, CALIPTRA_ERROR_IO,
			"a signal interrupted the command before it was sent");
	case EPROTO:
		if (cmd->rsp_len <= k->mbox_size)
			return fail(why, CALIPTRA_ERROR_PROTOCOL,
				    "%s is 0x%08" PRIx32
				    ", which is no answer's",
				    status_name(k), cmd->status);
		return fail(why, CALIPTRA_ERROR_PROTOCOL,
			    "the device says that its response has %" PRIu32
			    " bytes, and its mailbox has %" PRIu32
			    " (%s 0x%08" PRIx32 ")",
			    cmd->rsp_len, k->mbox_size, status_name(k),
			    cmd->status);
	case EIO:
		return fail(why, CALIPTRA_ERROR_IO, "%s%s (%s 0x%08" PRIx32 ")",
			    cause(cmd->cause),
			    cmd->out_flags & CALIPTRA_CMD_SENT ?
				    "" :
				    "; the command was not sent",
			    status_name(k), cmd->status);
	default:
		return gone_or_odd(k, error, why);
	}
}

static uint64_t address(const void *p)
{
	return (uint64_t)(uintptr_t)p;
}

/* Make room for the response that did not fit and get it. */
static int fetch(struct kernel_device *k, struct caliptra_cmd *cmd,
		 struct exchange *x, struct failure *why, CaliptraError *error)
{
	*error = buffer_reserve(x->rsp, cmd->rsp_len, why);
	if (*error)
		return -1;
	cmd->rsp = address(x->rsp->data);
	cmd->rsp_room = (uint32_t)x->rsp->size;
	return ioctl(k->fd, CALIPTRA_IOC_RESPONSE, cmd) ? errno : 0;
}

static CaliptraError kernel_device_execute(CaliptraTransport *t,
					   struct exchange *x,
					   struct failure *why)
{
	struct kernel_device *k = kernel_device(t);
	struct caliptra_cmd cmd = {
		.cmd = x->code,
		.req = address(x->req),
		.req_len = (uint32_t)x->req_len,
		.rsp = address(x->rsp->data),
		.rsp_room = (uint32_t)x->rsp->size,
		.timeout_ms = x->timeout_ms,
	};
	CaliptraError error;
	int ret;

	if (x->req_len > k->mbox_size)
		return command_failure(k, &cmd, EMSGSIZE, x, why);
	ret = ioctl(k->fd, CALIPTRA_IOC_COMMAND, &cmd) ? errno : 0;
	if (ret == ENOSPC) {
		ret = fetch(k, &cmd, x, why, &error);
		if (ret < 0)
			return error;
	}
	if (ret)
		return command_failure(k, &cmd, ret, x, why);
	if (cmd.rsp_len > x->rsp->size)
		return fail(why, CALIPTRA_ERROR_PROTOCOL,
			    "the driver gives a response of %" PRIu32
			    " bytes, where there was room for %zu",
			    cmd.rsp_len, x->rsp->size);
	x->rsp->len = cmd.rsp_len;
	return CALIPTRA_SUCCESS;
}

static CaliptraError kernel_device_info(CaliptraTransport *t,
					struct caliptra_device_info *info,
					struct failure *why)
{
	struct caliptra_info from;
	CaliptraError error = read_info(kernel_device(t), &from, why);

	if (error)
		return error;
	*info = (struct caliptra_device_info){
		.state = from.state <= CALIPTRA_DEVICE_FATAL_ERROR ?
				 from.state :
				 CALIPTRA_DEVICE_STATE_UNKNOWN,
		.mailbox = mailbox(&from),
		.mailbox_size = from.mbox_size,
		.hw_rev_id = from.hw_rev_id,
		.interrupt = from.flags & CALIPTRA_INFO_INTERRUPT,
		.registers = true,
		.stuck = from.flags & CALIPTRA_INFO_STUCK,
		.hw_config = from.hw_config,
		.flow_status = from.flow_status,
		.boot_status = from.boot_status,
		.security_state = from.security_state,
		.hw_error_fatal = from.hw_error_fatal,
		.hw_error_non_fatal = from.hw_error_non_fatal,
		.fw_error_fatal = from.fw_error_fatal,
		.fw_error_non_fatal = from.fw_error_non_fatal,
		.reset_reason = from.reset_reason,
	};
	return CALIPTRA_SUCCESS;
}

static void kernel_device_free(CaliptraTransport *t)
{
	free(kernel_device(t));
}

static const struct transport_ops kernel_device_ops = {
	.connect = kernel_device_connect,
	.disconnect = kernel_device_disconnect,
	.is_connected = kernel_device_is_connected,
	.execute = kernel_device_execute,
	.info = kernel_device_info,
	.free = kernel_device_free,
};

CaliptraError kernel_device_create(const char *path, CaliptraTransport **t)
{
	size_t len = strlen(path) + 1;
	struct kernel_device *k = calloc(1, sizeof(*k) + len);

	if (!k)
		return CALIPTRA_ERROR_MEMORY;
	k->base.ops = &kernel_device_ops;
	k->base.protocols = 1u << CALIPTRA_PROTOCOL_MAILBOX;
	k->fd = -1;
	memcpy(k->path, path, len);
	*t = &k->base;
	return CALIPTRA_SUCCESS;
}
