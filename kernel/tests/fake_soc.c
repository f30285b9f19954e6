// SPDX-License-Identifier: GPL-2.0-only
/*
 * mbox_csr and soc_ifc_reg made of software, by what caliptra-rtl's mbox.sv does: its
 * states, and who may do what in each. What would be a protocol violation fails the test.
 */
#include "fake.h"

static bool is_ours(const struct fake *f)
{
	return f->locked && f->user == FAKE_USER;
}

static bool is_message(const struct fake *f)
{
	return f->fsm == MBOX_FSM_EXECUTE_SOC && f->user == FAKE_UC_USER;
}

static u32 words_of(u32 bytes)
{
	return DIV_ROUND_UP(bytes, 4);
}

/* MBOX_CMD stays as it is. */
static void soc_unlock(struct fake *f)
{
	f->locked = false;
	f->execute = false;
	f->status = 0;
	f->ecc = 0;
	f->fsm = MBOX_FSM_IDLE;
}

/* Reading it takes it. */
static u32 take_lock(struct fake *f)
{
	if (is_ours(f) && f->fsm != MBOX_FSM_ERROR)
		fake_wrong(f, "MBOX_LOCK read by who has it", MBOX_LOCK);
	if (f->locked)
		return MBOX_LOCK_LOCK;
	f->locked = true;
	f->user = FAKE_USER;
	f->fsm = MBOX_FSM_RDY_FOR_CMD;
	f->torn = false;
	return 0;
}

/* The reset comes when some words have been read; the rest is zeros. */
static void tear(struct fake *f)
{
	f->torn = true;
	f->torn_at = 0;
	f->torn_early = false;
	soc_unlock(f);
	f->user = 0;
	f->cmd = 0;
	f->dlen = 0;
}

static u32 read_dataout(struct fake *f)
{
	if (f->torn || f->user == FAKE_OTHER_USER)
		return 0;
	if (f->fsm != MBOX_FSM_EXECUTE_SOC || (!is_ours(f) && !is_message(f)))
		fake_wrong(f, "MBOX_DATAOUT read before there is an answer",
			   MBOX_DATAOUT);
	if (f->pos >= words_of(f->dlen) || f->pos >= f->sram_size / 4) {
		fake_wrong(f, "MBOX_DATAOUT read behind the end", MBOX_DATAOUT);
		return 0;
	}
	if (f->torn_at && f->pos == f->torn_at) {
		tear(f);
		return 0;
	}
	return le32_to_cpu(f->sram[f->pos++]);
}

static u32 read_dlen(struct fake *f)
{
	if (f->torn_early)
		tear(f);
	return f->dlen;
}

static u32 read_status(struct fake *f)
{
	bool soc_has_lock = f->locked && f->user != FAKE_UC_USER;
	u32 status = f->status | f->ecc | f->fsm << MBOX_STATUS_FSM_PS_SHIFT |
		     (soc_has_lock ? MBOX_STATUS_SOC_HAS_LOCK : 0);

	fake_looked(f);
	return f->deaf ? U32_MAX : status;
}

static u32 soc_read(struct fake *f, unsigned int offset)
{
	switch (offset) {
	case MBOX_LOCK:
		return take_lock(f);
	case MBOX_USER:
		return f->user;
	case MBOX_CMD:
		return f->cmd;
	case MBOX_DLEN:
		return read_dlen(f);
	case MBOX_DATAOUT:
		return read_dataout(f);
	case MBOX_STATUS:
		return read_status(f);
	default:
		fake_wrong(f, "a register that is not for the driver to read",
			   offset);
		return 0;
	}
}

static void expect_fsm(struct fake *f, u32 fsm, unsigned int offset)
{
	if (!is_ours(f))
		fake_wrong(f, "written without the lock", offset);
	else if (f->fsm != fsm)
		fake_wrong(f, "written out of order", offset);
}

static void write_dlen(struct fake *f, u32 value)
{
	expect_fsm(f, MBOX_FSM_RDY_FOR_DLEN, MBOX_DLEN);
	if (value > f->sram_size)
		fake_wrong(f, "MBOX_DLEN beyond the mailbox", MBOX_DLEN);
	f->dlen = value;
	f->pos = 0;
	f->fsm = MBOX_FSM_RDY_FOR_DATA;
}

static void write_datain(struct fake *f, u32 value)
{
	expect_fsm(f, MBOX_FSM_RDY_FOR_DATA, MBOX_DATAIN);
	if (f->pos >= words_of(f->dlen) || f->pos >= f->sram_size / 4)
		fake_wrong(f, "more data than MBOX_DLEN says", MBOX_DATAIN);
	else
		f->sram[f->pos++] = cpu_to_le32(value);
}

static void write_execute(struct fake *f, u32 value)
{
	if (!value) {
		expect_fsm(f, MBOX_FSM_EXECUTE_SOC, MBOX_EXECUTE);
		soc_unlock(f);
		f->releases++;
		return;
	}
	expect_fsm(f, MBOX_FSM_RDY_FOR_DATA, MBOX_EXECUTE);
	if (value != MBOX_EXECUTE_EXECUTE)
		fake_wrong(f, "no value for MBOX_EXECUTE", MBOX_EXECUTE);
	if (f->pos != words_of(f->dlen))
		fake_wrong(f, "less data than MBOX_DLEN says", MBOX_EXECUTE);
	f->execute = true;
	f->fsm = MBOX_FSM_EXECUTE_UC;
	fake_executed(f);
}

/* Only the receiver of a message writes it; the firmware then ends. */
static void write_status(struct fake *f, u32 value)
{
	if (!is_message(f))
		fake_wrong(f, "written without a message", MBOX_STATUS);
	f->message_status = value;
	f->messages_ended++;
	soc_unlock(f);
}

static void soc_write(struct fake *f, unsigned int offset, u32 value)
{
	switch (offset) {
	case MBOX_CMD:
		expect_fsm(f, MBOX_FSM_RDY_FOR_CMD, offset);
		f->cmd = value;
		f->fsm = MBOX_FSM_RDY_FOR_DLEN;
		break;
	case MBOX_DLEN:
		write_dlen(f, value);
		break;
	case MBOX_DATAIN:
		write_datain(f, value);
		break;
	case MBOX_EXECUTE:
		write_execute(f, value);
		break;
	case MBOX_STATUS:
		write_status(f, value);
		break;
	default:
		fake_wrong(f, "a register that is not for the driver to write",
			   offset);
	}
}

static u32 soc_read_sram(struct fake *f, unsigned int offset)
{
	fake_wrong(f, "a SoC mailbox has no memory to be read", offset);
	return 0;
}

static void soc_write_sram(struct fake *f, unsigned int offset, u32 value)
{
	fake_wrong(f, "a SoC mailbox has no memory to be written", offset);
}

static void soc_answer(struct fake *f, u32 status)
{
	f->status = status;
	f->pos = 0;
	f->fsm = MBOX_FSM_EXECUTE_SOC;
}

static void soc_message(struct fake *f)
{
	f->locked = true;
	f->user = FAKE_UC_USER;
	f->execute = true;
	f->status = 0;
	f->pos = 0;
	f->fsm = MBOX_FSM_EXECUTE_SOC;
}

static bool soc_data_avail(struct fake *f)
{
	return f->fsm == MBOX_FSM_EXECUTE_SOC;
}

static const u16 soc_state_regs[] = {
	CPTRA_HW_ERROR_FATAL,
	CPTRA_HW_ERROR_NON_FATAL,
	CPTRA_FW_ERROR_FATAL,
	CPTRA_FW_ERROR_NON_FATAL,
	CPTRA_BOOT_STATUS,
	CPTRA_FLOW_STATUS,
	CPTRA_RESET_REASON,
	CPTRA_SECURITY_STATE,
	CPTRA_HW_REV_ID,
	CPTRA_HW_CONFIG,
	FAKE_END,
};

const struct fake_model fake_soc = {
	.ops = &caliptra_mbox_soc_ops,
	.state_regs = soc_state_regs,
	.fw_error_non_fatal = CPTRA_FW_ERROR_NON_FATAL,
	.errors = { CPTRA_HW_ERROR_FATAL, CPTRA_HW_ERROR_NON_FATAL },
	.read = soc_read,
	.write = soc_write,
	.read_sram = soc_read_sram,
	.write_sram = soc_write_sram,
	.answer = soc_answer,
	.message = soc_message,
	.data_avail = soc_data_avail,
	.unlock = soc_unlock,
};
