/* SPDX-License-Identifier: GPL-2.0-only WITH Linux-syscall-note */
/*
 * Caliptra mailboxes: /dev/caliptra-mbox*
 *
 * An open file is one conversation with the device: it runs one command at a
 * time and keeps at most one response that its caller had no room for. Commands
 * of all open files go through the mailbox in the order they arrive.
 */
#ifndef _UAPI_LINUX_CALIPTRA_H
#define _UAPI_LINUX_CALIPTRA_H

#include <linux/ioctl.h>
#include <linux/types.h>

/* Version of this interface; it only ever grows. */
#define CALIPTRA_ABI_VERSION 1

/**
 * enum caliptra_state - how far a Caliptra has booted
 * @CALIPTRA_STATE_RESET: it is not ready for anything
 * @CALIPTRA_STATE_READY_FOR_FUSES: the SoC has to write fuses
 * @CALIPTRA_STATE_READY_FOR_MB_PROCESSING: ROM answers commands
 * @CALIPTRA_STATE_READY_FOR_RUNTIME: runtime firmware answers commands
 * @CALIPTRA_STATE_FATAL_ERROR: it has stopped for good
 */
enum caliptra_state {
	CALIPTRA_STATE_RESET = 1,
	CALIPTRA_STATE_READY_FOR_FUSES = 2,
	CALIPTRA_STATE_READY_FOR_MB_PROCESSING = 3,
	CALIPTRA_STATE_READY_FOR_RUNTIME = 4,
	CALIPTRA_STATE_FATAL_ERROR = 5,
};

/* The driver waits by interrupt; without this flag it polls. */
#define CALIPTRA_INFO_INTERRUPT (1 << 0)

/**
 * struct caliptra_info - what is known without sending a command
 * @abi_version: CALIPTRA_ABI_VERSION of the driver
 * @flags: CALIPTRA_INFO_*
 * @state: enum caliptra_state
 * @mbox_size: size of the mailbox in bytes
 * @hw_rev_id: CPTRA_HW_REV_ID
 * @hw_config: CPTRA_HW_CONFIG
 * @flow_status: CPTRA_FLOW_STATUS
 * @boot_status: CPTRA_BOOT_STATUS
 * @security_state: CPTRA_SECURITY_STATE
 * @hw_error_fatal: CPTRA_HW_ERROR_FATAL
 * @hw_error_non_fatal: CPTRA_HW_ERROR_NON_FATAL
 * @fw_error_fatal: CPTRA_FW_ERROR_FATAL
 * @fw_error_non_fatal: CPTRA_FW_ERROR_NON_FATAL
 * @reserved: zero
 */
struct caliptra_info {
	__u32 abi_version;
	__u32 flags;
	__u32 state;
	__u32 mbox_size;
	__u32 hw_rev_id;
	__u32 hw_config;
	__u32 flow_status;
	__u32 boot_status;
	__u32 security_state;
	__u32 hw_error_fatal;
	__u32 hw_error_non_fatal;
	__u32 fw_error_fatal;
	__u32 fw_error_non_fatal;
	__u32 reserved[3];
};

/*
 * MBOX_EXECUTE was set: the command was executed, or may still be. Set in
 * caliptra_cmd.flags on return, whatever the result.
 */
#define CALIPTRA_CMD_SENT (1 << 0)

/**
 * struct caliptra_cmd - one command
 * @cmd: in: command code
 * @flags: in: zero; out: CALIPTRA_CMD_SENT
 * @req: in: address of the request, as it shall stand in the mailbox, checksum
 *	included
 * @rsp: in: address of room for the response
 * @req_len: in: length of the request in bytes
 * @rsp_len: in: room at @rsp in bytes; out: length of the response, also where
 *	it did not fit
 * @timeout_ms: in: how long the call may take, 0 for 30 seconds; out, where a
 *	signal came before the command was sent: how much of that is left
 * @status: out: MBOX_STATUS at the end of the command, as read from the device
 * @fw_error: out: CPTRA_FW_ERROR_NON_FATAL where the firmware failed the command
 * @seq: out: number of the command on this open file, 0 if it was not sent; in
 *	for CALIPTRA_IOC_RESPONSE
 * @reserved: zero
 */
struct caliptra_cmd {
	__u32 cmd;
	__u32 flags;
	__u64 req;
	__u64 rsp;
	__u32 req_len;
	__u32 rsp_len;
	__u32 timeout_ms;
	__u32 status;
	__u32 fw_error;
	__u32 seq;
	__u32 reserved[4];
};

#define CALIPTRA_IOC_MAGIC 0xC1

/**
 * CALIPTRA_IOC_INFO - what is known without sending a command
 *
 * Fills a struct caliptra_info. ENODEV: the device is gone.
 */
#define CALIPTRA_IOC_INFO _IOR(CALIPTRA_IOC_MAGIC, 0, struct caliptra_info)

/**
 * CALIPTRA_IOC_COMMAND - send a command and wait for its response
 *
 * Once MBOX_EXECUTE is set a command can not be cancelled: after a timeout or a
 * signal the driver waits for the device by itself and drops the response, and
 * the next command waits for that. A signal that comes before that interrupts the
 * call, or starts it again with what is left of its time, as sigaction() says.
 *
 * EBADF: the file is not open for writing.
 * EFAULT: the structure, or the request, or the room for the response is not
 *	there. A response is then kept as with ENOSPC.
 * EINVAL: a reserved field or @flags is not zero.
 * EPERM: the command changes the device for everybody, and caller or opener lack
 *	CAP_SYS_ADMIN; or the driver does not know it, and they lack CAP_SYS_RAWIO.
 * EMSGSIZE: the request is longer than the mailbox; nothing was sent.
 * EHOSTDOWN: no firmware runs that could answer. If CALIPTRA_CMD_SENT is set, it
 *	has stopped since it last answered.
 * EBUSY: somebody else, not Linux, kept the mailbox; nothing was sent.
 * ENOSPC: the response is longer than @rsp_len said; it now says the length, and
 *	CALIPTRA_IOC_RESPONSE gets the response. The next command on this file
 *	drops it.
 * EREMOTEIO: the firmware failed the command; see @fw_error.
 * EPROTO: MBOX_DLEN of the response is longer than the mailbox; @rsp_len has it.
 *	Or @status is none that an answer can have.
 * EIO: the mailbox has left its protocol, or has lost the command in a reset; see
 *	@status and CALIPTRA_CMD_SENT.
 *	A reset while the response is read may also leave zeros at its end; its
 *	checksum tells.
 * ETIMEDOUT: no answer in time, or not even a turn; see CALIPTRA_CMD_SENT.
 * EINTR: a signal came; see CALIPTRA_CMD_SENT.
 * ENODEV: the device is gone.
 */
#define CALIPTRA_IOC_COMMAND _IOWR(CALIPTRA_IOC_MAGIC, 1, struct caliptra_cmd)

/**
 * CALIPTRA_IOC_RESPONSE - get a response that did not fit
 *
 * Uses @rsp, @rsp_len and @seq as CALIPTRA_IOC_COMMAND left it; everything else
 * must be zero. The response is kept until it was copied whole.
 *
 * ENODATA: there is none, or it belongs to another command than @seq.
 * ENOSPC: there is still not enough room.
 */
#define CALIPTRA_IOC_RESPONSE _IOWR(CALIPTRA_IOC_MAGIC, 2, struct caliptra_cmd)

#endif /* _UAPI_LINUX_CALIPTRA_H */
