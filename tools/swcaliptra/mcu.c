// SPDX-License-Identifier: GPL-2.0-or-later
/* The MCU's firmware. See mcu.h for the sources. */
#include "mcu.h"

#include <inttypes.h>
#include <openssl/crypto.h>
#include <stdarg.h>
#include <stdio.h>

#include <caliptra/describe.h>

#include "command.h"
#include "device.h"
#include "soc_boot.h"

/* McuRomBootStatus, in MCI_FW_FLOW_STATUS */
#define CALIPTRA_RUNTIME_READY 263u

/* Whom ROM lets into the mailboxes. */
static const uint32_t soc_users[] = { SOC_BOOT_PL0_USER, SOC_BOOT_PL1_USER };

void mcu_note(struct mcu *mcu, const char *format, ...)
{
	uint64_t us = (device_now_ns() - mcu->started_ns) / 1000;
	char line[MCU_LOG_ENTRY_SIZE];
	va_list args;

	va_start(args, format);
	vsnprintf(line, sizeof(line), format, args);
	va_end(args);
	mcu_log_add(&mcu->log, "[%5" PRIu64 ".%06" PRIu64 "] %s", us / 1000000,
		    us % 1000000, line);
}

static void write_mci(struct mcu *mcu, uint32_t offset, uint32_t value)
{
	mci_write(mcu->mci, MCI_MCU_USER, offset, value, device_now_ns());
}

static uint32_t csr(unsigned int index, uint32_t offset)
{
	return mci_mbox_offset(index) + CALIPTRA_MCU_MBOX_CSR + offset;
}

static void write_csr(struct mcu *mcu, unsigned int index, uint32_t offset,
		      uint32_t value)
{
	write_mci(mcu, csr(index, offset), value);
}

static void set_milestones(struct mcu *mcu, uint32_t milestones)
{
	write_mci(mcu, MCI_FW_FLOW_STATUS,
		  mci_get(mcu->mci, MCI_FW_FLOW_STATUS) | milestones);
}

void mcu_reset(struct mcu *mcu)
{
	unsigned int i;

	mcu->phase = MCU_ROM;
	mcu->started_ns = 0;
	for (i = 0; i < MCI_MBOXES; i++)
		mcu->messages[i] = (struct mcu_message){ 0 };
}

static void configure_users(struct mcu *mcu)
{
	uint32_t i;

	for (i = 0; i < sizeof(soc_users) / sizeof(soc_users[0]); i++) {
		write_mci(mcu, MCI_MBOX0_VALID_AXI_USER + 4 * i, soc_users[i]);
		write_mci(mcu, MCI_MBOX0_AXI_USER_LOCK + 4 * i, 1);
		write_mci(mcu, MCI_MBOX1_VALID_AXI_USER + 4 * i, soc_users[i]);
		write_mci(mcu, MCI_MBOX1_AXI_USER_LOCK + 4 * i, 1);
	}
	write_mci(mcu, MCI_SS_CONFIG_DONE_STICKY, 1);
	write_mci(mcu, MCI_SS_CONFIG_DONE, 1);
}

static bool after_warm_reset(const struct mcu *mcu)
{
	return mci_get(mcu->mci, MCI_RESET_REASON) &
	       MCI_RESET_REASON_WARM_RESET;
}

static void start_rom(struct mcu *mcu)
{
	mcu->started_ns = device_now_ns();
	set_milestones(mcu, MCI_FW_FLOW_STATUS_ROM_STARTED |
				    MCI_FW_FLOW_STATUS_CPTRA_BOOT_GO_ASSERTED);
	configure_users(mcu);
	mcu_note(mcu, "rom: %s boot", after_warm_reset(mcu) ? "warm" : "cold");
}

/* The SRAM may still hold what somebody wrote before the reset. */
static void clear_mailboxes(struct mcu *mcu)
{
	unsigned int i;

	for (i = 0; i < MCI_MBOXES; i++) {
		write_csr(mcu, i, MCU_MBOX_DLEN, mcu->mci->mbox[i].size);
		write_csr(mcu, i, MCU_MBOX_EXECUTE, 0);
	}
}

bool mcu_may_run(const struct mcu *mcu)
{
	return soc_ifc_get(mcu->core->ifc, SS_GENERIC_FW_EXEC_CTRL) &
	       1u << FW_MCU_EXEC_BIT;
}

bool mcu_hold(struct mcu *mcu)
{
	if (mcu->phase != MCU_RUNTIME && mcu->phase != MCU_HELD)
		return false;
	if (mcu->phase == MCU_RUNTIME)
		mcu_note(mcu, "runtime: reset for an update");
	mcu_reset(mcu);
	mcu->phase = MCU_HELD;
	return true;
}

/* The core's firmware is there, and lets the MCU run its own. */
static void finish_rom(struct mcu *mcu)
{
	set_milestones(
		mcu,
		MCI_FW_FLOW_STATUS_CPTRA_FUSES_WRITTEN |
			MCI_FW_FLOW_STATUS_RI_DOWNLOAD_COMPLETED |
			(after_warm_reset(mcu) ?
				 MCI_FW_FLOW_STATUS_WARM_RESET_FLOW_COMPLETE :
				 MCI_FW_FLOW_STATUS_COLD_BOOT_FLOW_COMPLETE) |
			CALIPTRA_RUNTIME_READY);
	write_mci(mcu, MCI_RESET_REASON,
		  mci_get(mcu->mci, MCI_RESET_REASON) |
			  MCI_RESET_REASON_FW_BOOT_UPD_RESET);
}

static void start_runtime(struct mcu *mcu)
{
	write_mci(mcu, MCI_FW_REV_ID, MCU_RUNTIME_VERSION);
	set_milestones(mcu, MCI_FW_FLOW_STATUS_FIRMWARE_BOOT_FLOW_COMPLETE |
				    MCI_FW_FLOW_STATUS_FIRMWARE_OS_INITIALIZED);
	clear_mailboxes(mcu);
	mcu->phase = MCU_RUNTIME;
	mcu_note(mcu, "runtime: %u.%u.%u is ready for commands",
		 MCU_RUNTIME_VERSION >> 24, MCU_RUNTIME_VERSION >> 16 & 0xff,
		 MCU_RUNTIME_VERSION & 0xffff);
	set_milestones(mcu, MCI_FW_FLOW_STATUS_FIRMWARE_MAILBOX_READY);
}

static void halt(struct mcu *mcu)
{
	mcu->phase = MCU_HALTED;
	write_mci(mcu, MCI_FW_ERROR_FATAL,
		  MCU_ROM_SOC_CALIPTRA_FATAL_ERROR_BEFORE_FW_READY);
	mcu_note(mcu, "rom: the core has failed fatally");
}

const char *mcu_status_name(uint32_t status)
{
	static const char *const names[] = { "CMD_BUSY", "DATA_READY",
					     "CMD_COMPLETE", "CMD_FAILURE" };

	return status < sizeof(names) / sizeof(names[0]) ? names[status] :
							   "unknown status";
}

static void take_answer(struct mcu *mcu, unsigned int index)
{
	struct mcu_mbox *mbox = &mcu->mci->mbox[index];
	struct mcu_message *m = &mcu->messages[index];

	m->sent = false;
	m->answered = true;
	m->status = mbox->target_status;
	mcu_note(mcu, "mbox%u: the SoC has answered a message: %s", index,
		 mcu_status_name(m->status));
	write_csr(mcu, index, MCU_MBOX_EXECUTE, 0);
}

void mcu_run(struct mcu *mcu)
{
	unsigned int i;

	if (mcu->phase == MCU_ROM && !mcu->started_ns)
		start_rom(mcu);
	if (mcu->phase == MCU_ROM && mcu->core->phase == FW_HALTED)
		halt(mcu);
	if (mcu->phase == MCU_ROM && mcu->core->phase == FW_RUNTIME &&
	    mcu_may_run(mcu)) {
		finish_rom(mcu);
		start_runtime(mcu);
	}
	if (mcu->phase == MCU_HELD && mcu_may_run(mcu)) {
		mcu->started_ns = device_now_ns();
		start_runtime(mcu);
	}
	for (i = 0; i < MCI_MBOXES; i++)
		if (mcu->messages[i].sent && mcu->mci->mbox[i].target_done)
			take_answer(mcu, i);
}

static const struct command *find_command(uint32_t code)
{
	unsigned int i;

	for (i = 0; i < mci_command_count; i++)
		if (mci_command_codes[i] == code)
			return &mci_commands[i];
	return NULL;
}

/* A request has to be of exactly the right size. */
static uint32_t run_command(struct mcu *mcu, const struct mcu_mbox *mbox,
			    struct execution *x)
{
	const struct command *command = find_command(mbox->cmd);
	const uint8_t *bytes = mcu_mbox_bytes(mbox);
	uint32_t error;

	if (mbox->dlen > mbox->size)
		return MCU_DRIVER_RX_ERROR;
	if (mbox->dlen < 4)
		return MCU_INVALID_REQUEST;
	x->req = (struct fw_request){ mbox->user, mbox->dlen - 4, x->data };
	x->body = bytes + 4;
	if (wire_get_le32(bytes) !=
	    caliptra_checksum(mbox->cmd, x->body, x->req.len))
		return MCU_CHKSUM_MISMATCH;
	if (!command || !command->runtime.written)
		return MCU_UNSUPPORTED_COMMAND;
	execution_describe(
		x, caliptra_command_by_code(CALIPTRA_FAMILY_MCI, mbox->cmd),
		NULL);
	if (execution_has_request(x))
		error = execution_decode(x, MCU_INVALID_PARAMS);
	else
		error = x->req.len ? MCU_INVALID_PARAMS : FW_OK;
	return error ? error : execution_call(x, &command->runtime, mcu);
}

/* Where the response has no room, the driver can not send it. */
static bool send_response(struct mcu *mcu, unsigned int index,
			  struct execution *x)
{
	struct mcu_mbox *mbox = &mcu->mci->mbox[index];

	if (x->len > mbox->size)
		return false;
	wire_put_le32(x->bytes, caliptra_checksum(0, x->bytes + 4, x->len - 4));
	mcu_mbox_load(mbox, x->bytes, x->len);
	write_csr(mcu, index, MCU_MBOX_DLEN, (uint32_t)x->len);
	write_csr(mcu, index, MCU_MBOX_CMD_STATUS, MBOX_STATUS_CMD_COMPLETE);
	return true;
}

uint32_t mcu_execute(struct mcu *mcu, unsigned int index)
{
	const struct mcu_mbox *mbox = &mcu->mci->mbox[index];
	struct execution execution;
	struct execution *x = &execution;
	uint32_t error;

	error = run_command(mcu, mbox, x);
	if (!error && !send_response(mcu, index, x))
		error = MCU_MBOX_COMMON;
	OPENSSL_cleanse(x, sizeof(*x));
	if (!error)
		return FW_OK;
	mcu_note(mcu,
		 "mbox%u: command 0x%08" PRIx32 " failed: error 0x%08" PRIx32,
		 index, mbox->cmd, error);
	write_csr(mcu, index, MCU_MBOX_CMD_STATUS, MBOX_STATUS_CMD_FAILURE);
	return error;
}

bool mcu_lock(struct mcu *mcu, unsigned int index)
{
	return !mci_read(mcu->mci, MCI_MCU_USER, csr(index, MCU_MBOX_LOCK),
			 device_now_ns());
}

bool mcu_unlock(struct mcu *mcu, unsigned int index)
{
	struct mcu_mbox *mbox = &mcu->mci->mbox[index];

	if (!mbox->lock || mbox->zeroing || mbox->user != mbox->root_user)
		return false;
	/* or the whole SRAM would be cleared */
	if (!mbox->dlen)
		write_csr(mcu, index, MCU_MBOX_DLEN, 1);
	write_csr(mcu, index, MCU_MBOX_EXECUTE, 0);
	mcu->messages[index].sent = false;
	return true;
}

void mcu_send(struct mcu *mcu, unsigned int index, uint32_t target,
	      uint32_t cmd, const void *data, uint32_t len)
{
	mcu->messages[index] = (struct mcu_message){ .sent = true };
	write_csr(mcu, index, MCU_MBOX_TARGET_USER, target);
	write_csr(mcu, index, MCU_MBOX_TARGET_USER_VALID,
		  MCU_MBOX_TARGET_USER_VALID_VALID);
	write_csr(mcu, index, MCU_MBOX_CMD, cmd);
	mcu_mbox_load(&mcu->mci->mbox[index], data, len);
	write_csr(mcu, index, MCU_MBOX_DLEN, len);
	write_csr(mcu, index, MCU_MBOX_EXECUTE, MCU_MBOX_EXECUTE_EXECUTE);
	mcu_note(mcu, "mbox%u: message 0x%08" PRIx32 " to user %" PRIu32, index,
		 cmd, target);
}
