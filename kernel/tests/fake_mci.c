// SPDX-License-Identifier: GPL-2.0-only
/*
 * A mailbox of the MCU and mci_reg made of software, by what caliptra-ss's
 * mcu_mbox_csr does. It has no states of its own that would stop a driver that writes
 * out of order, so what such a driver does is remembered here.
 */
#include "fake.h"

#define WRITTEN_CMD  (1u << 0)
#define WRITTEN_DLEN (1u << 1)

static bool is_ours(const struct fake *f)
{
	return f->locked && f->user == FAKE_USER;
}

static bool is_message(const struct fake *f)
{
	return f->execute && f->target_valid && f->target_user == FAKE_USER &&
	       !(f->target_status & MCU_MBOX_TARGET_STATUS_DONE);
}

/* It zeroes what was used, and all registers. */
static void mci_unlock(struct fake *f)
{
	memset(f->sram, 0, f->max_dlen ? ALIGN(f->max_dlen, 4) : f->sram_size);
	f->locked = false;
	f->user = 0;
	f->cmd = 0;
	f->dlen = 0;
	f->max_dlen = 0;
	f->status = 0;
	f->execute = false;
	f->written = 0;
	f->target_user = 0;
	f->target_valid = 0;
	f->target_status = 0;
	f->hw_status = 0;
}

static u32 take_lock(struct fake *f)
{
	if (is_ours(f))
		fake_wrong(f, "MBOX_LOCK read by who has it", MCU_MBOX_LOCK);
	if (f->zeroing) {
		f->zeroing--;
		return MCU_MBOX_LOCK_LOCK;
	}
	if (f->locked)
		return MCU_MBOX_LOCK_LOCK;
	f->locked = true;
	f->user = FAKE_USER;
	f->torn = false;
	return 0;
}

/* The reset comes when some words have been read; the rest is zeros. */
static void tear(struct fake *f)
{
	f->torn = true;
	f->torn_at = 0;
	f->torn_early = false;
	mci_unlock(f);
	f->locked = true;
	f->user = FAKE_UC_USER;
}

static u32 read_dlen(struct fake *f)
{
	if (f->torn_early)
		tear(f);
	return f->dlen;
}

static u32 read_status(struct fake *f)
{
	u32 status = f->status;

	fake_looked(f);
	return status;
}

static u32 mci_read(struct fake *f, unsigned int offset)
{
	switch (offset) {
	case MCU_MBOX_LOCK:
		return take_lock(f);
	case MCU_MBOX_USER:
		return f->user;
	case MCU_MBOX_CMD:
		return f->cmd;
	case MCU_MBOX_DLEN:
		return read_dlen(f);
	case MCU_MBOX_EXECUTE:
		return f->execute;
	case MCU_MBOX_TARGET_USER:
		return f->target_user;
	case MCU_MBOX_TARGET_USER_VALID:
		return f->target_valid;
	case MCU_MBOX_TARGET_STATUS:
		return f->target_status;
	case MCU_MBOX_CMD_STATUS:
		return read_status(f);
	case MCU_MBOX_HW_STATUS:
		return f->hw_status;
	default:
		fake_wrong(f, "a register that is not for the driver to read",
			   offset);
		return 0;
	}
}

static void expect_writable(struct fake *f, unsigned int offset)
{
	if (!is_ours(f))
		fake_wrong(f, "written without the lock", offset);
	else if (f->execute)
		fake_wrong(f, "written while the MCU has the command", offset);
}

static void write_execute(struct fake *f, u32 value)
{
	if (!is_ours(f))
		fake_wrong(f, "written without the lock", MCU_MBOX_EXECUTE);
	if (!value) {
		if (!f->execute || f->status == MBOX_STATUS_CMD_BUSY)
			fake_wrong(f, "released without an answer",
				   MCU_MBOX_EXECUTE);
		mci_unlock(f);
		f->releases++;
		return;
	}
	if (f->execute || value != MCU_MBOX_EXECUTE_EXECUTE)
		fake_wrong(f, "no value for MBOX_EXECUTE", MCU_MBOX_EXECUTE);
	if (f->written != (WRITTEN_CMD | WRITTEN_DLEN))
		fake_wrong(f, "executed without command or length",
			   MCU_MBOX_EXECUTE);
	f->execute = true;
	fake_executed(f);
}

static void write_dlen(struct fake *f, u32 value)
{
	expect_writable(f, MCU_MBOX_DLEN);
	if (!value || value > f->sram_size)
		fake_wrong(f, "no length for a command", MCU_MBOX_DLEN);
	f->dlen = value;
	f->max_dlen = max(f->max_dlen, min(value, f->sram_size));
	f->written |= WRITTEN_DLEN;
}

/*
 * The receiver of a message tells that it has it; the MCU then ends. Nobody else's writes
 * change anything, but without DONE they do no harm.
 */
static void write_target_status(struct fake *f, u32 value)
{
	bool done = value & MCU_MBOX_TARGET_STATUS_DONE;

	if (done && !is_message(f))
		fake_wrong(f, "written without a message",
			   MCU_MBOX_TARGET_STATUS);
	if (is_message(f))
		f->target_status = value;
	if (!done)
		return;
	f->message_status = value;
	f->messages_ended++;
	if (!f->firmware.slow)
		mci_unlock(f);
}

static void mci_write(struct fake *f, unsigned int offset, u32 value)
{
	switch (offset) {
	case MCU_MBOX_CMD:
		expect_writable(f, offset);
		f->cmd = value;
		f->written |= WRITTEN_CMD;
		break;
	case MCU_MBOX_DLEN:
		write_dlen(f, value);
		break;
	case MCU_MBOX_EXECUTE:
		write_execute(f, value);
		break;
	case MCU_MBOX_TARGET_STATUS:
		write_target_status(f, value);
		break;
	default:
		fake_wrong(f, "a register that is not for the driver to write",
			   offset);
	}
}

static u32 mci_read_sram(struct fake *f, unsigned int offset)
{
	bool answered = is_ours(f) && f->execute &&
			f->status != MBOX_STATUS_CMD_BUSY;

	if (f->torn)
		return 0;
	if (!answered && !is_message(f))
		fake_wrong(f, "memory read without an answer", offset);
	if (offset >= ALIGN(f->dlen, 4) || offset >= f->sram_size) {
		fake_wrong(f, "memory read behind the end", offset);
		return 0;
	}
	if (f->torn_at && offset == 4 * f->torn_at) {
		tear(f);
		return 0;
	}
	return le32_to_cpu(f->sram[offset / 4]);
}

static void mci_write_sram(struct fake *f, unsigned int offset, u32 value)
{
	expect_writable(f, offset);
	if (offset >= ALIGN(f->dlen, 4) || offset >= f->sram_size)
		fake_wrong(f, "memory written behind the end", offset);
	else
		f->sram[offset / 4] = cpu_to_le32(value);
}

static void mci_answer(struct fake *f, u32 status)
{
	f->status = status;
	f->max_dlen = max(f->max_dlen, min(f->dlen, f->sram_size));
}

static void mci_message(struct fake *f)
{
	f->locked = true;
	f->user = FAKE_UC_USER;
	f->execute = true;
	f->status = 0;
	f->max_dlen = min(f->dlen, f->sram_size);
	f->target_user = FAKE_USER;
	f->target_valid = MCU_MBOX_TARGET_USER_VALID_VALID;
	f->target_status = 0;
}

static bool mci_data_avail(struct fake *f)
{
	return f->execute && f->user == FAKE_UC_USER;
}

static const u16 mci_state_regs[] = {
	MCI_HW_REV_ID,	    MCI_HW_CONFIG0,	    MCI_FW_FLOW_STATUS,
	MCI_HW_FLOW_STATUS, MCI_RESET_REASON,	    MCI_RESET_STATUS,
	MCI_SECURITY_STATE, MCI_HW_ERROR_FATAL,	    MCI_HW_ERROR_NON_FATAL,
	MCI_FW_ERROR_FATAL, MCI_FW_ERROR_NON_FATAL, MCI_MCU_LSU_AXI_USER,
	FAKE_END,
};

const struct fake_model fake_mci = {
	.ops = &caliptra_mbox_mci_ops,
	.state_regs = mci_state_regs,
	.fw_error_non_fatal = MCI_FW_ERROR_NON_FATAL,
	.errors = { MCI_HW_ERROR_FATAL, MCI_HW_ERROR_NON_FATAL },
	.read = mci_read,
	.write = mci_write,
	.read_sram = mci_read_sram,
	.write_sram = mci_write_sram,
	.answer = mci_answer,
	.message = mci_message,
	.data_avail = mci_data_avail,
	.unlock = mci_unlock,
};
