// SPDX-License-Identifier: GPL-2.0-only
/*
 * The SoC mailbox: mbox_csr, by its sender and receiver protocols
 * (CaliptraIntegrationSpecification, "Sender Protocol", "Receiver Protocol").
 *
 * A command costs 7 register accesses and one for each word of request and
 * response: MBOX_LOCK, MBOX_CMD, MBOX_DLEN, MBOX_EXECUTE, MBOX_STATUS (read by
 * the interrupt handler), MBOX_DLEN, MBOX_EXECUTE. An answer of zeros, or none, costs
 * one more, MBOX_USER.
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

static bool soc_trylock(struct caliptra_dev *cd)
{
	return !(mbox_read(cd, MBOX_LOCK) & MBOX_LOCK_LOCK);
}

static u32 soc_user(struct caliptra_dev *cd)
{
	return mbox_read(cd, MBOX_USER);
}

static void soc_write_request(struct caliptra_dev *cd,
			      const struct caliptra_txn *txn)
{
	mbox_write(cd, MBOX_CMD, txn->cmd);
	mbox_write(cd, MBOX_DLEN, txn->req_len);
	caliptra_write_fifo(cd, cd->mbox + MBOX_DATAIN, txn->buf,
			    DIV_ROUND_UP(txn->req_len, 4));
}

static void soc_set_execute(struct caliptra_dev *cd)
{
	mbox_write(cd, MBOX_EXECUTE, MBOX_EXECUTE_EXECUTE);
}

static u32 soc_status(struct caliptra_dev *cd)
{
	return mbox_read(cd, MBOX_STATUS);
}

/*
 * A message of the firmware is no answer: the SoC has no lock then, and clearing
 * MBOX_EXECUTE would be a protocol violation. All ones is what a bus reads where nobody
 * answers, which tells nothing.
 */
static enum caliptra_progress soc_progress(u32 status)
{
	bool for_soc = MBOX_STATUS_FSM_PS(status) == MBOX_FSM_EXECUTE_SOC;

	if (status == U32_MAX)
		return CALIPTRA_BUSY;
	if (MBOX_STATUS_FSM_PS(status) == MBOX_FSM_ERROR)
		return CALIPTRA_BROKEN;
	if (status & MBOX_STATUS_SOC_HAS_LOCK)
		return for_soc ? CALIPTRA_ANSWERED : CALIPTRA_BUSY;
	return for_soc ? CALIPTRA_MESSAGE : CALIPTRA_LOST;
}

/* SOC_HAS_LOCK may be said of another agent, if a reset has come between. */
static enum caliptra_progress soc_inspect(struct caliptra_dev *cd, u32 *status)
{
	enum caliptra_progress progress;

	*status = soc_status(cd);
	progress = soc_progress(*status);
	if ((progress == CALIPTRA_BUSY || progress == CALIPTRA_ANSWERED) &&
	    soc_user(cd) != cd->axi_user)
		return CALIPTRA_LOST;
	if (progress == CALIPTRA_ANSWERED &&
	    *status & MBOX_STATUS_ECC_DOUBLE_ERROR)
		return CALIPTRA_CORRUPT;
	return progress;
}

/* A reset clears MBOX_CMD; unlocking does not. */
static bool soc_was_reset(struct caliptra_dev *cd,
			  const struct caliptra_txn *txn)
{
	return mbox_read(cd, MBOX_CMD) != txn->cmd;
}

static int soc_read_response(struct caliptra_dev *cd, struct caliptra_txn *txn)
{
	switch (txn->status & MBOX_STATUS_STATUS_MASK) {
	case MBOX_STATUS_DATA_READY:
		txn->rsp_len = mbox_read(cd, MBOX_DLEN);
		if (txn->rsp_len > cd->mbox_size)
			return -EPROTO;
		if (txn->rsp_len > txn->buf_size)
			return -EMSGSIZE;
		caliptra_read_fifo(cd, cd->mbox + MBOX_DATAOUT, txn->buf,
				   DIV_ROUND_UP(txn->rsp_len, 4));
		return 0;
	case MBOX_STATUS_CMD_COMPLETE:
		return 0;
	case MBOX_STATUS_CMD_FAILURE:
		/* before the mailbox is free: the next command clears it */
		txn->fw_error = caliptra_soc_ifc_fw_error(cd);
		return -EREMOTEIO;
	default:
		return -EPROTO;
	}
}

static void soc_release(struct caliptra_dev *cd)
{
	mbox_write(cd, MBOX_EXECUTE, 0);
}

static bool soc_has_message(struct caliptra_dev *cd)
{
	return soc_progress(soc_status(cd)) == CALIPTRA_MESSAGE;
}

static u32 soc_message_size(struct caliptra_dev *cd, u32 *cmd)
{
	*cmd = mbox_read(cd, MBOX_CMD);
	return mbox_read(cd, MBOX_DLEN);
}

static void soc_read_message(struct caliptra_dev *cd, void *data, u32 len)
{
	caliptra_read_fifo(cd, cd->mbox + MBOX_DATAOUT, data,
			   DIV_ROUND_UP(len, 4));
}

/* After a reset the FIFO reads as zeros. */
static enum caliptra_progress soc_inspect_message(struct caliptra_dev *cd)
{
	u32 status = soc_status(cd);

	if (soc_progress(status) != CALIPTRA_MESSAGE)
		return CALIPTRA_LOST;
	return status & MBOX_STATUS_ECC_DOUBLE_ERROR ? CALIPTRA_CORRUPT :
						       CALIPTRA_MESSAGE;
}

static void soc_end_message(struct caliptra_dev *cd, bool taken)
{
	mbox_write(cd, MBOX_STATUS,
		   taken ? MBOX_STATUS_CMD_COMPLETE : MBOX_STATUS_CMD_FAILURE);
}

/* From MBOX_EXECUTE set until it is cleared. */
static bool soc_has_command(struct caliptra_dev *cd)
{
	u32 status = soc_status(cd);

	return status & MBOX_STATUS_SOC_HAS_LOCK &&
	       (MBOX_STATUS_FSM_PS(status) == MBOX_FSM_EXECUTE_UC ||
		MBOX_STATUS_FSM_PS(status) == MBOX_FSM_EXECUTE_SOC);
}

const struct caliptra_mbox_ops caliptra_mbox_soc_ops = {
	.kind = CALIPTRA_MBOX_SOC,
	.interrupt_on_answer = true,
	.update_reasons = CPTRA_RESET_REASON_FW_UPD_RESET,
	.trylock = soc_trylock,
	.user = soc_user,
	.write_request = soc_write_request,
	.set_execute = soc_set_execute,
	.status = soc_status,
	.progress = soc_progress,
	.inspect = soc_inspect,
	.was_reset = soc_was_reset,
	.read_response = soc_read_response,
	.release = soc_release,
	.has_message = soc_has_message,
	.message_size = soc_message_size,
	.read_message = soc_read_message,
	.inspect_message = soc_inspect_message,
	.end_message = soc_end_message,
	.has_command = soc_has_command,
	.ready = caliptra_soc_ifc_ready,
	.get_info = caliptra_soc_ifc_get_info,
};

/**
 * caliptra_mbox_soc_size() - size of the SoC mailbox
 * @cd: the device
 *
 * Return: the size in bytes (caliptra-rtl soc_ifc_pkg.sv, MBOX_SIZE_KB). It
 * depends on the generation and, since 2.1, on whether the core is part of a
 * subsystem.
 */
u32 caliptra_mbox_soc_size(struct caliptra_dev *cd)
{
	u32 rev = caliptra_read(cd, cd->state_regs + CPTRA_HW_REV_ID);
	u32 config = caliptra_read(cd, cd->state_regs + CPTRA_HW_CONFIG);
	unsigned int major = CPTRA_HW_REV_ID_MAJOR(rev);

	if (major < 2)
		return CALIPTRA_MBOX_SIZE_1X;
	if (major == 2 && !CPTRA_HW_REV_ID_MINOR(rev))
		return CALIPTRA_MBOX_SIZE_PASSIVE;
	if (config & CPTRA_HW_CONFIG_SUBSYSTEM_MODE_EN)
		return CALIPTRA_MBOX_SIZE_SUBSYSTEM;
	return CALIPTRA_MBOX_SIZE_PASSIVE;
}
