/* SPDX-License-Identifier: GPL-2.0-only WITH Linux-syscall-note */
/*
 * Caliptra mailboxes: /dev/caliptra-mbox*
 *
 * An open file is one conversation with the device: it runs one command at a
 * time and keeps at most one response. Commands of all open files go through the
 * mailbox in the order they arrive.
 *
 * CALIPTRA_IOC_COMMAND sends a command and waits. For event loops write() sends
 * one, poll() tells when its response is there, and read() takes it; both use
 * the structures below. The two ways give the same results.
 */
#ifndef _UAPI_LINUX_CALIPTRA_H
#define _UAPI_LINUX_CALIPTRA_H

#include <linux/ioctl.h>
#include <linux/types.h>

/**
 * enum caliptra_mbox_kind - whose mailbox it is
 * @CALIPTRA_MBOX_SOC: that of the Caliptra core (mbox_csr)
 * @CALIPTRA_MBOX_MCI: one of the MCU's, in the Manufacturer Control Interface
 */
enum caliptra_mbox_kind {
	CALIPTRA_MBOX_SOC = 1,
	CALIPTRA_MBOX_MCI = 2,
};

/**
 * enum caliptra_state - how far a Caliptra, or its MCU, has booted
 * @CALIPTRA_STATE_RESET: it is not ready for anything
 * @CALIPTRA_STATE_READY_FOR_FUSES: the SoC has to write fuses
 * @CALIPTRA_STATE_READY_FOR_MB_PROCESSING: ROM answers commands
 * @CALIPTRA_STATE_READY_FOR_RUNTIME: firmware answers commands; of an MCU, it is
 *	out of reset
 * @CALIPTRA_STATE_FATAL_ERROR: it has stopped for good, until it is reset
 *
 * Registers keep fatal errors until a cold reset, and the driver does not clear them.
 * CALIPTRA_STATE_FATAL_ERROR is for one that is newer than the last reset that was
 * seen, or than the last command that was answered; of an older one only
 * struct caliptra_info's @hw_error_fatal and @fw_error_fatal tell.
 */
enum caliptra_state {
	CALIPTRA_STATE_RESET = 1,
	CALIPTRA_STATE_READY_FOR_FUSES = 2,
	CALIPTRA_STATE_READY_FOR_MB_PROCESSING = 3,
	CALIPTRA_STATE_READY_FOR_RUNTIME = 4,
	CALIPTRA_STATE_FATAL_ERROR = 5,
};

/* The driver has an interrupt that tells of answers; without this flag it polls. */
#define CALIPTRA_INFO_INTERRUPT (1 << 0)
/* A command has been in the mailbox for longer than the device may take. */
#define CALIPTRA_INFO_STUCK	(1 << 1)

/**
 * struct caliptra_info - what is known without sending a command
 * @kind: enum caliptra_mbox_kind
 * @flags: CALIPTRA_INFO_*
 * @state: enum caliptra_state
 * @mbox_size: size of the mailbox in bytes
 * @hw_rev_id: HW_REV_ID
 * @hw_config: HW_CONFIG; HW_CONFIG0 of an MCI
 * @flow_status: FLOW_STATUS; FW_FLOW_STATUS of an MCI
 * @boot_status: BOOT_STATUS; HW_FLOW_STATUS of an MCI
 * @security_state: SECURITY_STATE
 * @hw_error_fatal: HW_ERROR_FATAL
 * @hw_error_non_fatal: HW_ERROR_NON_FATAL
 * @fw_error_fatal: FW_ERROR_FATAL
 * @fw_error_non_fatal: FW_ERROR_NON_FATAL
 * @reset_reason: RESET_REASON
 * @reserved: zero
 *
 * Registers are those of soc_ifc_reg (CPTRA_*), or of mci_reg, as they are read.
 */
struct caliptra_info {
	__u32 kind;
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
	__u32 reset_reason;
	__u32 reserved[2];
};

/*
 * MBOX_EXECUTE was set: the command was executed, or may still be. Set in
 * caliptra_cmd.out_flags on return, whatever the result.
 */
#define CALIPTRA_CMD_SENT (1 << 0)

/**
 * enum caliptra_cause - why a command has no answer
 * @CALIPTRA_CAUSE_NONE: nothing is wrong with the mailbox
 * @CALIPTRA_CAUSE_PROTOCOL: a protocol violation has stopped the mailbox, until
 *	the firmware unlocks it
 * @CALIPTRA_CAUSE_LOCK_LOST: the mailbox was taken away
 * @CALIPTRA_CAUSE_RESET: the device was reset
 * @CALIPTRA_CAUSE_FATAL: the device has stopped with a fatal error
 * @CALIPTRA_CAUSE_ECC: the mailbox's memory has an error that can not be corrected
 */
enum caliptra_cause {
	CALIPTRA_CAUSE_NONE = 0,
	CALIPTRA_CAUSE_PROTOCOL = 1,
	CALIPTRA_CAUSE_LOCK_LOST = 2,
	CALIPTRA_CAUSE_RESET = 3,
	CALIPTRA_CAUSE_FATAL = 4,
	CALIPTRA_CAUSE_ECC = 5,
};

/**
 * struct caliptra_cmd - one command
 * @cmd: in: command code
 * @flags: in: zero
 * @req: in: address of the request, as it shall stand in the mailbox, checksum
 *	included
 * @rsp: in: address of room for the response
 * @req_len: in: length of the request in bytes
 * @rsp_room: in: room at @rsp in bytes
 * @timeout_ms: in: how long the call may take, 0 for 30 seconds
 * @left_ms: how much of that a call that goes on has left: zero before a command,
 *	and after the call zero, or what it takes to go on where a signal came before
 *	the command was sent
 * @rsp_len: out: length of the response, also where it did not fit
 * @out_flags: out: CALIPTRA_CMD_SENT
 * @status: out: MBOX_STATUS (MBOX_CMD_STATUS of an MCI) at the end of the
 *	command, as read from the device
 * @fw_error: out: FW_ERROR_NON_FATAL where the firmware failed the command
 * @cause: out: enum caliptra_cause
 * @seq: out: number of the command on this open file, 0 if it was not sent; in
 *	for CALIPTRA_IOC_RESPONSE
 * @reserved: in: zero
 *
 * A call leaves what is in as it is and sets what is out, so the structure can be
 * used for the next command. The one that a signal has interrupted before it was sent
 * goes on in the next call, in the time that it has left; who wants to begin anew
 * clears @left_ms.
 */
struct caliptra_cmd {
	__u32 cmd;
	__u32 flags;
	__u64 req;
	__u64 rsp;
	__u32 req_len;
	__u32 rsp_room;
	__u32 timeout_ms;
	__u32 left_ms;
	__u32 rsp_len;
	__u32 out_flags;
	__u32 status;
	__u32 fw_error;
	__u32 cause;
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
 * Once MBOX_EXECUTE is set a command can not be cancelled: after a timeout the
 * driver waits for the device by itself and drops the response, and the next
 * command waits for that. A signal that comes before that interrupts the call, or
 * starts it again with what @left_ms says is left of its time, as sigaction() says.
 * After that only one that kills the process ends it; who wants to be interrupted
 * uses poll().
 *
 * EBADF: the file is not open for writing.
 * EFAULT: the structure, or the request, or the room for the response is not
 *	there. A response is then kept as with ENOSPC.
 * EINVAL: a reserved field or @flags is not zero.
 * EPERM: the command changes the device for everybody, and caller or opener lack
 *	CAP_SYS_ADMIN; or the driver does not know it, and they lack CAP_SYS_RAWIO.
 * EMSGSIZE: the request is longer than the mailbox; nothing was sent.
 * EHOSTDOWN: no firmware runs that could answer; nothing was sent.
 * EBUSY: somebody else, not Linux, kept the mailbox; or this file has a response
 *	to a write() that was not read. Nothing was sent.
 * ENOSPC: the response is longer than @rsp_room; CALIPTRA_IOC_RESPONSE gets it. The
 *	next command on this file drops it.
 * EREMOTEIO: the firmware failed the command; see @fw_error.
 * EPROTO: MBOX_DLEN of the response is longer than the mailbox; @rsp_len has it.
 *	Or @status is none that an answer can have.
 * ECONNRESET: the device was reset while it had the command, or since it last
 *	answered one; see CALIPTRA_CMD_SENT.
 * EIO: the mailbox or the device failed; see @cause and CALIPTRA_CMD_SENT.
 * ETIMEDOUT: no answer in time, or not even a turn; see CALIPTRA_CMD_SENT.
 * EINTR: a signal came before the command was sent.
 * ENODEV: the device is gone.
 */
#define CALIPTRA_IOC_COMMAND _IOWR(CALIPTRA_IOC_MAGIC, 1, struct caliptra_cmd)

/**
 * CALIPTRA_IOC_RESPONSE - get a response that did not fit
 *
 * Uses @rsp, @rsp_room, and @seq as CALIPTRA_IOC_COMMAND left it, and sets @rsp_len;
 * what else the command had may stay where it is. The response is kept until it was
 * copied whole.
 *
 * EFAULT: as with CALIPTRA_IOC_COMMAND.
 * EINVAL: a reserved field or @flags is not zero.
 * ENODATA: there is none, or it belongs to another command than @seq.
 * ENOSPC: there is still not enough room.
 */
#define CALIPTRA_IOC_RESPONSE _IOWR(CALIPTRA_IOC_MAGIC, 2, struct caliptra_cmd)

/**
 * CALIPTRA_IOC_LISTEN - also read messages that the device sends by itself
 *
 * From then on read() gives them too. Each listening file gets each message; a
 * file keeps 16, and drops the oldest, of which CALIPTRA_MSG_DROPPED tells. The
 * device is told that a message was taken where any file listens, else that it
 * was not.
 */
#define CALIPTRA_IOC_LISTEN _IO(CALIPTRA_IOC_MAGIC, 3)

/**
 * struct caliptra_request - what write() begins with; the request follows
 * @cmd: command code
 * @timeout_ms: how long it may take, 0 for 30 seconds
 * @reserved: zero
 *
 * One write() is one command, and takes all of it or nothing. The request is as it
 * shall stand in the mailbox, checksum included. A command that was not sent when the
 * file is closed is not sent any more. Errors are those of
 * CALIPTRA_IOC_COMMAND that need no device (EBADF, EFAULT, EINVAL, EPERM,
 * EMSGSIZE, ENODEV), and:
 *
 * EAGAIN: a command of this file is on its way, and the file is O_NONBLOCK.
 * EBUSY: the response of the last one was not read.
 */
struct caliptra_request {
	__u32 cmd;
	__u32 timeout_ms;
	__u32 reserved[2];
};

/**
 * enum caliptra_msg_type - what read() gives
 * @CALIPTRA_MSG_RESPONSE: of the command that was written
 * @CALIPTRA_MSG_MESSAGE: the device says something by itself
 */
enum caliptra_msg_type {
	CALIPTRA_MSG_RESPONSE = 1,
	CALIPTRA_MSG_MESSAGE = 2,
};

/* Messages before this one were dropped. In caliptra_msg.flags. */
#define CALIPTRA_MSG_DROPPED (1 << 1)

/**
 * struct caliptra_msg - what each response or message begins with in read()
 * @type: enum caliptra_msg_type
 * @cmd: command code
 * @flags: CALIPTRA_CMD_SENT, CALIPTRA_MSG_DROPPED
 * @error: of a response: 0, or the errno that CALIPTRA_IOC_COMMAND would have given
 * @status: as in struct caliptra_cmd
 * @fw_error: likewise
 * @cause: likewise
 * @seq: number of the command on this open file, or of the message on this device
 * @len: bytes that follow
 * @reserved: zero
 *
 * A read() gives one of them, or what is left of one that an earlier read() had too
 * little room for; nothing is lost. FIONREAD tells how many bytes there are.
 */
struct caliptra_msg {
	__u32 type;
	__u32 cmd;
	__u32 flags;
	__u32 error;
	__u32 status;
	__u32 fw_error;
	__u32 cause;
	__u32 seq;
	__u32 len;
	__u32 reserved[3];
};

#endif /* _UAPI_LINUX_CALIPTRA_H */
