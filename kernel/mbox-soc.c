// SPDX-License-Identifier: GPL-2.0-only
/*
 * The SoC mailbox: mbox_csr, by its sender protocol
 * (CaliptraIntegrationSpecification, "Sender Protocol").
 *
 * A command costs 7 register accesses and one for each word of request and
 * response: MBOX_LOCK, MBOX_CMD, MBOX_DLEN, MBOX_EXECUTE, MBOX_STATUS (read by
 * the interrupt handler), MBOX_DLEN, MBOX_EXECUTE.
 */
#include <linux/io.h>
#include <linux/kernel.h>

#include "caliptra.h"
#include "caliptra-regs.h"

/* Shorter responses may well be all zeros. */
#define BLANK_MIN 16

static u32 mbox_read(struct caliptra_dev *cd, unsigned int offset)
{
	return readl(cd->mbox + offset);
}

static void mbox_write(struct caliptra_dev *cd, unsigned int offset, u32 value)
{
	writel(value, cd->mbox + offset);
}

/**
 * caliptra_mbox_trylock() - try to take the mailbox
 * @cd: the device
 *
 * Return: true if it is ours now.
 */
bool caliptra_mbox_trylock(struct caliptra_dev *cd)
{
	return !(mbox_read(cd, MBOX_LOCK) & MBOX_LOCK_LOCK);
}

/**
 * caliptra_mbox_write_request() - write a command into the mailbox
 * @cd: the device, its mailbox locked by us
 * @txn: the command; its buffer is padded with zeros to a whole word
 */
void caliptra_mbox_write_request(struct caliptra_dev *cd,
				 const struct caliptra_txn *txn)
{
	mbox_write(cd, MBOX_CMD, txn->cmd);
	mbox_write(cd, MBOX_DLEN, txn->req_len);
	iowrite32_rep(cd->mbox + MBOX_DATAIN, txn->buf,
		      DIV_ROUND_UP(txn->req_len, 4));
}

/**
 * caliptra_mbox_set_execute() - hand the mailbox over to the firmware
 * @cd: the device, its mailbox holding a request
 */
void caliptra_mbox_set_execute(struct caliptra_dev *cd)
{
	mbox_write(cd, MBOX_EXECUTE, MBOX_EXECUTE_EXECUTE);
}

/*
 * A mailbox that a reset has taken from us reads as zeros, and zeros have a valid
 * checksum. The first word is that checksum: where it is not zero, the response
 * is not blank. A few zeros are what many commands answer with.
 */
static bool is_blank(const struct caliptra_txn *txn)
{
	return txn->rsp_len > BLANK_MIN && !*(const u32 *)txn->buf;
}

static bool is_still_ours(struct caliptra_dev *cd)
{
	return caliptra_mbox_has_answer(caliptra_mbox_status(cd));
}

/**
 * caliptra_mbox_read_response() - read the answer out of the mailbox
 * @cd: the device
 * @txn: the command; its status tells of an answer
 *
 * Return: 0, -EREMOTEIO where the firmware failed the command, -EPROTO where
 * the answer can not be one, -EIO where the mailbox is not ours any more.
 */
int caliptra_mbox_read_response(struct caliptra_dev *cd,
				struct caliptra_txn *txn)
{
	txn->rsp_len = 0;
	switch (txn->status & MBOX_STATUS_STATUS_MASK) {
	case MBOX_STATUS_DATA_READY:
		txn->rsp_len = mbox_read(cd, MBOX_DLEN);
		if (txn->rsp_len > cd->mbox_size)
			return -EPROTO;
		ioread32_rep(cd->mbox + MBOX_DATAOUT, txn->buf,
			     DIV_ROUND_UP(txn->rsp_len, 4));
		return is_blank(txn) && !is_still_ours(cd) ? -EIO : 0;
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

/**
 * caliptra_mbox_release() - give the mailbox back
 * @cd: the device, an answer in its mailbox
 */
void caliptra_mbox_release(struct caliptra_dev *cd)
{
	mbox_write(cd, MBOX_EXECUTE, 0);
}

/**
 * caliptra_mbox_status() - read MBOX_STATUS
 * @cd: the device
 *
 * Return: the register.
 */
u32 caliptra_mbox_status(struct caliptra_dev *cd)
{
	return mbox_read(cd, MBOX_STATUS);
}

/**
 * caliptra_mbox_is_for_soc() - has the firmware handed the mailbox to the SoC?
 * @status: MBOX_STATUS
 *
 * Return: true if it has, to answer a command or with a message of its own;
 * mailbox_data_avail is high then.
 */
bool caliptra_mbox_is_for_soc(u32 status)
{
	return MBOX_STATUS_FSM_PS(status) == MBOX_FSM_EXECUTE_SOC;
}

/**
 * caliptra_mbox_has_answer() - has a command of the SoC been answered?
 * @status: MBOX_STATUS
 *
 * Return: true if it has. A message of the firmware is no answer: the SoC has
 * no lock then, and clearing MBOX_EXECUTE would be a protocol violation.
 */
bool caliptra_mbox_has_answer(u32 status)
{
	return caliptra_mbox_is_for_soc(status) &&
	       status & MBOX_STATUS_SOC_HAS_LOCK;
}

/**
 * caliptra_mbox_is_broken() - has a protocol violation stopped the mailbox?
 * @status: MBOX_STATUS
 *
 * Return: true if only a reset helps.
 */
bool caliptra_mbox_is_broken(u32 status)
{
	return MBOX_STATUS_FSM_PS(status) == MBOX_FSM_ERROR;
}

/**
 * caliptra_mbox_has_failed() - will there never be an answer?
 * @status: MBOX_STATUS while a command of ours should be in the mailbox
 *
 * Return: true after a protocol violation, or when the lock was taken from us.
 */
bool caliptra_mbox_has_failed(u32 status)
{
	return caliptra_mbox_is_broken(status) ||
	       !(status & MBOX_STATUS_SOC_HAS_LOCK);
}

/**
 * caliptra_mbox_has_command() - does a command of the SoC occupy the mailbox?
 * @status: MBOX_STATUS
 *
 * Return: true from MBOX_EXECUTE set until it is cleared.
 */
bool caliptra_mbox_has_command(u32 status)
{
	return status & MBOX_STATUS_SOC_HAS_LOCK &&
	       (MBOX_STATUS_FSM_PS(status) == MBOX_FSM_EXECUTE_UC ||
		MBOX_STATUS_FSM_PS(status) == MBOX_FSM_EXECUTE_SOC);
}
