// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * The mailbox state machine. See mbox.h for the sources.
 *
 * In hardware a register's write enable and the state machine look at the same
 * access independently: a write that is out of order still lands in its
 * register when the writer holds the lock, and the state machine goes to ERROR.
 * So does this: first the register, then the state.
 */
#include "mbox.h"

#include <endian.h>
#include <openssl/crypto.h>
#include <stdlib.h>
#include <string.h>

#include "caliptra-regs.h"

int mbox_init(struct mbox *mbox, uint32_t size)
{
	memset(mbox, 0, sizeof(*mbox));
	mbox->depth = size / 4;
	mbox->sram = calloc(mbox->depth, 4);
	return mbox->sram ? 0 : -1;
}

void mbox_release(struct mbox *mbox)
{
	OPENSSL_cleanse(mbox->sram, mbox_size(mbox));
	free(mbox->sram);
	mbox->sram = NULL;
}

void mbox_reset(struct mbox *mbox)
{
	uint32_t *sram = mbox->sram;
	uint32_t depth = mbox->depth;

	memset(mbox, 0, sizeof(*mbox));
	mbox->sram = sram;
	mbox->depth = depth;
}

bool mbox_data_avail(const struct mbox *mbox)
{
	return mbox->fsm == MBOX_FSM_EXECUTE_SOC;
}

bool mbox_command_avail(const struct mbox *mbox)
{
	return mbox->fsm == MBOX_FSM_EXECUTE_UC && mbox->soc_has_lock;
}

/* The side that took the lock, and firmware while a command is with it. */
static bool valid_requester(const struct mbox *mbox, enum mbox_side side,
			    uint32_t user)
{
	if (!mbox->lock)
		return false;
	if (side == MBOX_UC)
		return mbox->uc_has_lock || mbox->fsm == MBOX_FSM_EXECUTE_UC;
	return mbox->soc_has_lock && user == mbox->user;
}

/* The side that the message is for, and the requester reading its answer. */
static bool valid_receiver(const struct mbox *mbox, enum mbox_side side,
			   uint32_t user)
{
	if (!mbox->lock)
		return false;
	if (side == MBOX_UC)
		return mbox->fsm == MBOX_FSM_EXECUTE_UC;
	if (mbox->fsm != MBOX_FSM_EXECUTE_SOC)
		return false;
	return mbox->uc_has_lock || valid_requester(mbox, side, user);
}

void mbox_spoil_word(struct mbox *mbox, uint32_t word, uint32_t bits)
{
	mbox->sram[word] ^= htole32(bits);
	mbox->spoilt_word = word;
	mbox->spoilt_bits = bits;
}

/* Read a word of the SRAM through its error correction. */
static uint32_t fetch(struct mbox *mbox, uint32_t word)
{
	uint32_t value = le32toh(mbox->sram[word]);
	uint32_t bits = word == mbox->spoilt_word ? mbox->spoilt_bits : 0;

	if (!bits)
		return value;
	if (!(bits & (bits - 1))) {
		mbox->ecc_single = true;
		return value ^ bits;
	}
	mbox->ecc_double = true;
	mbox->ecc_raised = true;
	return value;
}

static void load_dataout(struct mbox *mbox)
{
	bool valid = !mbox->rd_full && mbox->rdptr < mbox->valid_words;

	mbox->rd_full = mbox->rdptr == mbox->depth - 1;
	mbox->dataout = valid ? fetch(mbox, mbox->rdptr) : 0;
	if (mbox->rdptr < mbox->valid_words && mbox->rdptr < mbox->depth - 1)
		mbox->rdptr++;
}

/* To the first word, which is loaded if there are any @words. */
static void rewind_fifo(struct mbox *mbox, uint32_t words)
{
	mbox->wrptr = 0;
	mbox->wr_full = false;
	mbox->rd_full = false;
	mbox->rdptr = 1;
	mbox->dataout = words ? fetch(mbox, 0) : 0;
}

/*
 * Hand the mailbox over. What the new owner may read is what the old one
 * declared in MBOX_DLEN, but never more than it wrote.
 */
static void hand_over(struct mbox *mbox, uint8_t fsm)
{
	uint32_t words = mbox->dlen >= mbox_size(mbox) ? mbox->depth :
							 (mbox->dlen + 3) / 4;

	if (!mbox->wr_full && mbox->wrptr < words)
		words = mbox->wrptr;
	mbox->valid_words = words;
	mbox->fsm = fsm;
	rewind_fifo(mbox, words);
}

static void give_back_lock(struct mbox *mbox)
{
	mbox->fsm = MBOX_FSM_IDLE;
	mbox->lock = false;
	mbox->soc_has_lock = false;
	mbox->uc_has_lock = false;
	mbox->status = MBOX_STATUS_CMD_BUSY;
}

/* What is written has an ECC that matches. */
static void note_written(struct mbox *mbox, uint32_t first, uint32_t words)
{
	if (mbox->spoilt_word >= first && mbox->spoilt_word - first < words)
		mbox->spoilt_bits = 0;
}

static void push(struct mbox *mbox, uint32_t word)
{
	bool last = mbox->wrptr == mbox->depth - 1;

	if (!mbox->wr_full) {
		mbox->sram[mbox->wrptr] = htole32(word);
		note_written(mbox, mbox->wrptr, 1);
	}
	mbox->wr_full = last;
	if (!last)
		mbox->wrptr++;
}

void mbox_load(struct mbox *mbox, const void *data, size_t len)
{
	uint32_t words;

	if (len > mbox_size(mbox))
		len = mbox_size(mbox);
	words = (len + 3) / 4;
	if (!words)
		return;
	mbox->sram[words - 1] = 0;
	memcpy(mbox->sram, data, len);
	note_written(mbox, 0, words);
	mbox->datain = le32toh(mbox->sram[words - 1]);
	mbox->wr_full = words == mbox->depth;
	mbox->wrptr = mbox->wr_full ? words - 1 : words;
}

void mbox_put(struct mbox *mbox, const void *data, size_t len)
{
	memcpy(mbox->sram, data, len);
	note_written(mbox, 0, (uint32_t)(len + 3) / 4);
}

/* Where the state machine goes once the registers have changed. */
static void follow_registers(struct mbox *mbox)
{
	switch (mbox->fsm) {
	case MBOX_FSM_RDY_FOR_DATA:
		if (mbox->execute)
			hand_over(mbox, mbox->soc_has_lock ?
						MBOX_FSM_EXECUTE_UC :
						MBOX_FSM_EXECUTE_SOC);
		break;
	case MBOX_FSM_EXECUTE_UC:
		if (!mbox->execute)
			give_back_lock(mbox);
		else if (mbox->soc_has_lock &&
			 mbox->status != MBOX_STATUS_CMD_BUSY)
			hand_over(mbox, MBOX_FSM_EXECUTE_SOC);
		break;
	case MBOX_FSM_EXECUTE_SOC:
		if (!mbox->execute) {
			give_back_lock(mbox);
		} else if (mbox->uc_has_lock &&
			   mbox->status != MBOX_STATUS_CMD_BUSY) {
			/* the SoC has written nothing that could be loaded */
			mbox->fsm = MBOX_FSM_EXECUTE_UC;
			rewind_fifo(mbox, 0);
		}
		break;
	}
}

/* Is a SoC's write to @offset out of order in the present state? */
static bool write_out_of_order(const struct mbox *mbox, uint32_t user,
			       uint32_t offset)
{
	bool requester = valid_requester(mbox, MBOX_SOC, user);

	switch (mbox->fsm) {
	case MBOX_FSM_RDY_FOR_CMD:
		return requester && offset != MBOX_CMD;
	case MBOX_FSM_RDY_FOR_DLEN:
		return requester && offset != MBOX_DLEN;
	case MBOX_FSM_RDY_FOR_DATA:
		return requester && offset != MBOX_DATAIN &&
		       offset != MBOX_EXECUTE;
	case MBOX_FSM_EXECUTE_UC:
		return requester;
	case MBOX_FSM_EXECUTE_SOC:
		return (requester && offset != MBOX_EXECUTE) ||
		       (mbox->uc_has_lock && offset != MBOX_STATUS);
	default:
		return false;
	}
}

/* Is a SoC's read of MBOX_DATAOUT out of order in the present state? */
static bool read_out_of_order(const struct mbox *mbox, uint32_t user)
{
	switch (mbox->fsm) {
	case MBOX_FSM_RDY_FOR_CMD:
	case MBOX_FSM_RDY_FOR_DLEN:
	case MBOX_FSM_RDY_FOR_DATA:
	case MBOX_FSM_EXECUTE_UC:
		return valid_requester(mbox, MBOX_SOC, user);
	default:
		return false;
	}
}

static uint32_t take_lock(struct mbox *mbox, enum mbox_side side, uint32_t user)
{
	if (mbox->lock || mbox->lock_stuck)
		return MBOX_LOCK_LOCK;
	mbox->lock = true;
	mbox->fsm = MBOX_FSM_RDY_FOR_CMD;
	mbox->soc_has_lock = side == MBOX_SOC;
	mbox->uc_has_lock = side == MBOX_UC;
	mbox->user = user;
	return 0;
}

static uint32_t read_dataout(struct mbox *mbox, enum mbox_side side,
			     uint32_t user)
{
	uint32_t word;

	if (!valid_receiver(mbox, side, user))
		return 0;
	word = mbox->dataout;
	load_dataout(mbox);
	return word;
}

static uint32_t status_word(const struct mbox *mbox)
{
	return mbox->status | (uint32_t)mbox->fsm << MBOX_STATUS_FSM_PS_SHIFT |
	       (mbox->ecc_single ? MBOX_STATUS_ECC_SINGLE_ERROR : 0) |
	       (mbox->ecc_double ? MBOX_STATUS_ECC_DOUBLE_ERROR : 0) |
	       (mbox->soc_has_lock ? MBOX_STATUS_SOC_HAS_LOCK : 0) |
	       mbox->rdptr << MBOX_STATUS_RDPTR_SHIFT;
}

/* MBOX_STATUS has ECC errors for as long as MBOX_EXECUTE is set. */
static enum mbox_violation settle_ecc(struct mbox *mbox)
{
	bool raised = mbox->ecc_raised;

	mbox->ecc_raised = false;
	mbox->ecc_single &= mbox->execute;
	mbox->ecc_double &= mbox->execute;
	return raised ? MBOX_ECC_UNCORRECTABLE : MBOX_NO_VIOLATION;
}

static uint32_t read_register(struct mbox *mbox, enum mbox_side side,
			      uint32_t user, uint32_t offset)
{
	switch (offset) {
	case MBOX_LOCK:
		return take_lock(mbox, side, user);
	case MBOX_USER:
		return mbox->user;
	case MBOX_CMD:
		return mbox->cmd;
	case MBOX_DLEN:
		return mbox->dlen;
	case MBOX_DATAIN:
		return mbox->datain;
	case MBOX_DATAOUT:
		return read_dataout(mbox, side, user);
	case MBOX_EXECUTE:
		return mbox->execute ? MBOX_EXECUTE_EXECUTE : 0;
	case MBOX_STATUS:
		return status_word(mbox);
	default:
		return 0;
	}
}

uint32_t mbox_read(struct mbox *mbox, enum mbox_side side, uint32_t user,
		   uint32_t offset, enum mbox_violation *violation)
{
	uint32_t value;

	*violation = MBOX_NO_VIOLATION;
	if (side == MBOX_SOC && offset == MBOX_DATAOUT) {
		if (mbox->fsm == MBOX_FSM_IDLE)
			*violation = MBOX_ACCESS_WITHOUT_LOCK;
		if (read_out_of_order(mbox, user)) {
			*violation = MBOX_ACCESS_OUT_OF_ORDER;
			mbox->fsm = MBOX_FSM_ERROR;
		}
	}

	value = read_register(mbox, side, user, offset);
	*violation |= settle_ecc(mbox);
	return value;
}

static void write_register(struct mbox *mbox, enum mbox_side side,
			   uint32_t user, uint32_t offset, uint32_t value)
{
	bool requester = valid_requester(mbox, side, user);

	switch (offset) {
	case MBOX_CMD:
		if (requester)
			mbox->cmd = value;
		break;
	case MBOX_DLEN:
		if (requester)
			mbox->dlen = value;
		break;
	case MBOX_DATAIN:
		if (!requester)
			break;
		mbox->datain = value;
		if (mbox->fsm == MBOX_FSM_RDY_FOR_DATA ||
		    (mbox->fsm == MBOX_FSM_EXECUTE_UC && side == MBOX_UC))
			push(mbox, value);
		break;
	case MBOX_DATAOUT:
		/* keeps its value, but any access goes on to the next word */
		if (valid_receiver(mbox, side, user))
			load_dataout(mbox);
		break;
	case MBOX_EXECUTE:
		if (requester)
			mbox->execute = value & MBOX_EXECUTE_EXECUTE;
		break;
	case MBOX_STATUS:
		if (valid_receiver(mbox, side, user))
			mbox->status = value & MBOX_STATUS_STATUS_MASK;
		break;
	case MBOX_UNLOCK:
		if (side == MBOX_UC && (value & MBOX_UNLOCK_UNLOCK)) {
			give_back_lock(mbox);
			mbox->execute = false;
		}
		break;
	}
}

enum mbox_violation mbox_write(struct mbox *mbox, enum mbox_side side,
			       uint32_t user, uint32_t offset, uint32_t value)
{
	bool requester = valid_requester(mbox, side, user);

	if (side == MBOX_SOC && mbox->fsm == MBOX_FSM_IDLE)
		return MBOX_ACCESS_WITHOUT_LOCK;

	if (side == MBOX_SOC && write_out_of_order(mbox, user, offset)) {
		write_register(mbox, side, user, offset, value);
		mbox->fsm = MBOX_FSM_ERROR;
		return MBOX_ACCESS_OUT_OF_ORDER | settle_ecc(mbox);
	}

	write_register(mbox, side, user, offset, value);
	if (requester && mbox->fsm == MBOX_FSM_RDY_FOR_CMD &&
	    offset == MBOX_CMD) {
		mbox->fsm = MBOX_FSM_RDY_FOR_DLEN;
	} else if (requester && mbox->fsm == MBOX_FSM_RDY_FOR_DLEN &&
		   offset == MBOX_DLEN) {
		mbox->fsm = MBOX_FSM_RDY_FOR_DATA;
		mbox->wrptr = 0;
		mbox->wr_full = false;
	}
	follow_registers(mbox);
	return settle_ecc(mbox);
}
