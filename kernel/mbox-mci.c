// SPDX-License-Identifier: GPL-2.0-only
/*
 * One of the MCU's mailboxes in the Manufacturer Control Interface: mcu_mbox_csr
 * and its SRAM (CaliptraSSHardwareSpecification, "MCU Mailbox").
 *
 * The SRAM is memory, not a FIFO. No wire tells of answers, so they are polled
 * for; data_avail is for messages of the MCU. To release a mailbox zeroes its SRAM
 * up to the largest MBOX_DLEN that it had, and the lock reads as taken until that
 * is done; with MBOX_DLEN 0 it would be all of it.
 */
#include <linux/kernel.h>

#include "caliptra-regs.h"
#include "io.h"

static u32 mbox_read(struct caliptra_dev *cd, unsigned int offset)
{
	return caliptra_read(cd, cd->mbox + offset);
}

static void mbox_write(struct caliptra_dev *cd, unsigned int offset, u32 value)
{
	caliptra_write(cd, cd->mbox + offset, value);
}

static u32 mci_read(struct caliptra_dev *cd, unsigned int offset)
{
	return caliptra_read(cd, cd->state_regs + offset);
}

static bool mci_trylock(struct caliptra_dev *cd)
{
	return !(mbox_read(cd, MCU_MBOX_LOCK) & MCU_MBOX_LOCK_LOCK);
}

static u32 mci_user(struct caliptra_dev *cd)
{
	return mbox_read(cd, MCU_MBOX_USER);
}

static void mci_write_request(struct caliptra_dev *cd,
			      const struct caliptra_txn *txn)
{
	mbox_write(cd, MCU_MBOX_CMD, txn->cmd);
	mbox_write(cd, MCU_MBOX_DLEN, max(txn->req_len, 1u));
	caliptra_write_sram(cd, txn->buf, DIV_ROUND_UP(txn->req_len, 4));
}

static void mci_set_execute(struct caliptra_dev *cd)
{
	mbox_write(cd, MCU_MBOX_EXECUTE, MCU_MBOX_EXECUTE_EXECUTE);
}

static u32 mci_status(struct caliptra_dev *cd)
{
	return mbox_read(cd, MCU_MBOX_CMD_STATUS);
}

static enum caliptra_progress mci_progress(u32 status)
{
	return (status & MCU_MBOX_CMD_STATUS_STATUS_MASK) ==
			       MBOX_STATUS_CMD_BUSY ?
		       CALIPTRA_BUSY :
		       CALIPTRA_ANSWERED;
}

/* A mailbox that was released or reset has no status; then the MCU has the lock. */
static enum caliptra_progress mci_inspect(struct caliptra_dev *cd, u32 *status)
{
	enum caliptra_progress progress;

	*status = mci_status(cd);
	progress = mci_progress(*status);
	if (!(mbox_read(cd, MCU_MBOX_EXECUTE) & MCU_MBOX_EXECUTE_EXECUTE) ||
	    mci_user(cd) != cd->axi_user)
		return CALIPTRA_LOST;
	if (progress == CALIPTRA_ANSWERED &&
	    mbox_read(cd, MCU_MBOX_HW_STATUS) &
		    MCU_MBOX_HW_STATUS_ECC_DOUBLE_ERROR)
		return CALIPTRA_CORRUPT;
	return progress;
}

/* After a reset the MCU has the lock; a release leaves it free. */
static bool mci_was_reset(struct caliptra_dev *cd,
			  const struct caliptra_txn *txn)
{
	return mci_user(cd) != 0 ||
	       mci_read(cd, MCI_RESET_STATUS) & MCI_RESET_STATUS_MCU_RESET_STS;
}

static int mci_read_response(struct caliptra_dev *cd, struct caliptra_txn *txn)
{
	switch (txn->status & MCU_MBOX_CMD_STATUS_STATUS_MASK) {
	case MBOX_STATUS_DATA_READY:
	case MBOX_STATUS_CMD_COMPLETE: /* the MCU's firmware says this, with data */
		txn->rsp_len = mbox_read(cd, MCU_MBOX_DLEN);
		if (txn->rsp_len > cd->mbox_size)
			return -EPROTO;
		if (txn->rsp_len > txn->buf_size)
			return -EMSGSIZE;
		caliptra_read_sram(cd, txn->buf, DIV_ROUND_UP(txn->rsp_len, 4));
		return 0;
	case MBOX_STATUS_CMD_FAILURE:
		txn->fw_error = mci_read(cd, MCI_FW_ERROR_NON_FATAL);
		return -EREMOTEIO;
	default:
		return -EPROTO;
	}
}

static void mci_release(struct caliptra_dev *cd)
{
	mbox_write(cd, MCU_MBOX_EXECUTE, 0);
}

static bool mci_is_executing(struct caliptra_dev *cd)
{
	return mbox_read(cd, MCU_MBOX_EXECUTE) & MCU_MBOX_EXECUTE_EXECUTE;
}

static bool mci_is_mcus(struct caliptra_dev *cd)
{
	return mci_user(cd) == mci_read(cd, MCI_MCU_LSU_AXI_USER);
}

static bool mci_data_avail(struct caliptra_dev *cd)
{
	return mci_is_executing(cd) && mci_is_mcus(cd);
}

/* For us, as far as is known who we are, and not yet answered. */
static bool mci_has_message(struct caliptra_dev *cd)
{
	return mci_is_executing(cd) &&
	       mbox_read(cd, MCU_MBOX_TARGET_USER_VALID) &
		       MCU_MBOX_TARGET_USER_VALID_VALID &&
	       !(mbox_read(cd, MCU_MBOX_TARGET_STATUS) &
		 MCU_MBOX_TARGET_STATUS_DONE) &&
	       (!cd->axi_user_known ||
		mbox_read(cd, MCU_MBOX_TARGET_USER) == cd->axi_user);
}

/*
 * Without a command that was sent it is not known who we are. But the status is for a
 * message's target alone to write, and says nothing to the MCU before DONE does.
 */
static bool mci_is_target(struct caliptra_dev *cd)
{
	u32 status = MBOX_STATUS_CMD_FAILURE;

	if (cd->axi_user_known)
		return true;
	if (mbox_read(cd, MCU_MBOX_TARGET_STATUS) == status)
		status = MBOX_STATUS_DATA_READY;
	mbox_write(cd, MCU_MBOX_TARGET_STATUS, status);
	return mbox_read(cd, MCU_MBOX_TARGET_STATUS) == status;
}

static u32 mci_message_size(struct caliptra_dev *cd, u32 *cmd)
{
	*cmd = mbox_read(cd, MCU_MBOX_CMD);
	return mbox_read(cd, MCU_MBOX_DLEN);
}

static void mci_read_message(struct caliptra_dev *cd, void *data, u32 len)
{
	caliptra_read_sram(cd, data, DIV_ROUND_UP(len, 4));
}

/* What the MCU has released or a reset has taken reads as zeros. */
static enum caliptra_progress mci_inspect_message(struct caliptra_dev *cd)
{
	bool corrupt = mbox_read(cd, MCU_MBOX_HW_STATUS) &
		       MCU_MBOX_HW_STATUS_ECC_DOUBLE_ERROR;

	if (!mci_has_message(cd))
		return CALIPTRA_LOST;
	return corrupt ? CALIPTRA_CORRUPT : CALIPTRA_MESSAGE;
}

static void mci_end_message(struct caliptra_dev *cd, bool taken)
{
	mbox_write(cd, MCU_MBOX_TARGET_STATUS,
		   MCU_MBOX_TARGET_STATUS_DONE |
			   (taken ? MBOX_STATUS_CMD_COMPLETE :
				    MBOX_STATUS_CMD_FAILURE));
}

static bool mci_has_command(struct caliptra_dev *cd)
{
	return mci_is_executing(cd) && !mci_is_mcus(cd);
}

static bool mci_ready(struct caliptra_dev *cd)
{
	return !(mci_read(cd, MCI_RESET_STATUS) &
		 MCI_RESET_STATUS_MCU_RESET_STS);
}

static u32 state_of(struct caliptra_dev *cd, const struct caliptra_info *info)
{
	if (!mci_ready(cd))
		return CALIPTRA_STATE_RESET;
	if (info->flow_status & MCI_FW_FLOW_STATUS_FIRMWARE_MAILBOX_READY)
		return CALIPTRA_STATE_READY_FOR_RUNTIME;
	return CALIPTRA_STATE_READY_FOR_MB_PROCESSING;
}

static void mci_get_info(struct caliptra_dev *cd, struct caliptra_info *info)
{
	info->hw_rev_id = mci_read(cd, MCI_HW_REV_ID);
	info->hw_config = mci_read(cd, MCI_HW_CONFIG0);
	info->flow_status = mci_read(cd, MCI_FW_FLOW_STATUS);
	info->boot_status = mci_read(cd, MCI_HW_FLOW_STATUS);
	info->security_state = mci_read(cd, MCI_SECURITY_STATE);
	info->hw_error_fatal = mci_read(cd, MCI_HW_ERROR_FATAL);
	info->hw_error_non_fatal = mci_read(cd, MCI_HW_ERROR_NON_FATAL);
	info->fw_error_fatal = mci_read(cd, MCI_FW_ERROR_FATAL);
	info->fw_error_non_fatal = mci_read(cd, MCI_FW_ERROR_NON_FATAL);
	info->reset_reason = mci_read(cd, MCI_RESET_REASON);
	info->state = state_of(cd, info);
}

const struct caliptra_mbox_ops caliptra_mbox_mci_ops = {
	.kind = CALIPTRA_MBOX_MCI,
	.update_reasons = MCI_RESET_REASON_FW_HITLESS_UPD_RESET |
			  MCI_RESET_REASON_FW_BOOT_UPD_RESET,
	.data_avail = mci_data_avail,
	.trylock = mci_trylock,
	.user = mci_user,
	.write_request = mci_write_request,
	.set_execute = mci_set_execute,
	.status = mci_status,
	.progress = mci_progress,
	.inspect = mci_inspect,
	.was_reset = mci_was_reset,
	.read_response = mci_read_response,
	.release = mci_release,
	.has_message = mci_has_message,
	.is_target = mci_is_target,
	.message_size = mci_message_size,
	.read_message = mci_read_message,
	.inspect_message = mci_inspect_message,
	.end_message = mci_end_message,
	.has_command = mci_has_command,
	.ready = mci_ready,
	.get_info = mci_get_info,
};
