/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * mcu_mbox: one of the MCI's mailboxes, its registers and its SRAM.
 *
 * What is modelled is caliptra-ss src/mci/rtl/mcu_mbox.sv with mcu_mbox_csr.rdl.
 * Everybody is known by the AXI user of the access; the root user is the MCU.
 * What somebody may not read reads as zero, what he may not write is dropped.
 *
 * After a release the hardware clears the SRAM, a word a cycle, and the lock reads
 * as taken meanwhile. So every access says what time it is.
 */
#ifndef SWCALIPTRA_MCU_MBOX_H
#define SWCALIPTRA_MCU_MBOX_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/* How long it takes to clear a word: one cycle of 100 MHz. */
#define MCU_MBOX_ZERO_WORD_NS 10u

/* Users that may reach a mailbox beside the MCU and the default user. */
#define MCU_MBOX_VALID_USERS 5

/* Integration parameter: this user may always reach the mailbox. */
#define MCU_MBOX_DEF_VALID_AXI_USER 0xffffffffu

/**
 * struct mcu_mbox - one mailbox
 * @sram: its memory
 * @size: of the SRAM in bytes, a power of two
 * @root_user: AXI user of the MCU
 * @valid_users: others that may reach it, as the MCI's registers have them
 * @lock: MBOX_LOCK.lock
 * @zeroing: released, and the SRAM is being cleared
 * @zero_done_ns: when that is done
 * @execute: MBOX_EXECUTE.execute
 * @target_user_valid: MBOX_TARGET_USER_VALID.valid
 * @target_done: MBOX_TARGET_STATUS.done
 * @target_status: MBOX_TARGET_STATUS.status
 * @cmd_status: MBOX_CMD_STATUS.status
 * @hw_status: MBOX_HW_STATUS
 * @user: MBOX_USER, who took the lock
 * @target_user: MBOX_TARGET_USER
 * @cmd: MBOX_CMD
 * @dlen: MBOX_DLEN in bytes, as written
 * @max_dlen: the largest it has been since the lock was taken
 */
struct mcu_mbox {
	uint32_t *sram;
	uint32_t size;
	uint32_t root_user;
	uint32_t valid_users[MCU_MBOX_VALID_USERS];
	bool lock;
	bool zeroing;
	uint64_t zero_done_ns;
	bool execute;
	bool target_user_valid;
	bool target_done;
	uint8_t target_status;
	uint8_t cmd_status;
	uint8_t hw_status;
	uint32_t user;
	uint32_t target_user;
	uint32_t cmd;
	uint32_t dlen;
	uint32_t max_dlen;
};

/**
 * mcu_mbox_init() - make a mailbox
 * @mbox: the mailbox
 * @size: of the SRAM in bytes, a power of two and at most 2 MiB
 * @root_user: AXI user of the MCU
 *
 * Reset it before anything else.
 *
 * Return: 0, or -1 if there is no memory.
 */
int mcu_mbox_init(struct mcu_mbox *mbox, uint32_t size, uint32_t root_user);

/** mcu_mbox_release() - free what mcu_mbox_init() made */
void mcu_mbox_release(struct mcu_mbox *mbox);

/**
 * mcu_mbox_reset() - the MCI leaves reset: the MCU has the lock
 * @mbox: the mailbox
 *
 * The SRAM keeps its contents, as it does in hardware; it is the MCU's duty to
 * have it cleared.
 */
void mcu_mbox_reset(struct mcu_mbox *mbox);

/**
 * mcu_mbox_read() - read a register or a word of the SRAM
 * @mbox: the mailbox
 * @user: AXI user of the access
 * @offset: in the mailbox; undefined ones read as zero
 * @now_ns: what time it is
 */
uint32_t mcu_mbox_read(struct mcu_mbox *mbox, uint32_t user, uint32_t offset,
		       uint64_t now_ns);

/**
 * mcu_mbox_write() - write a register or a word of the SRAM
 * @mbox: the mailbox
 * @user: AXI user of the access
 * @offset: in the mailbox
 * @value: to write
 * @now_ns: what time it is
 */
void mcu_mbox_write(struct mcu_mbox *mbox, uint32_t user, uint32_t offset,
		    uint32_t value, uint64_t now_ns);

/**
 * mcu_mbox_load() - whoever may write the SRAM puts a whole message there
 * @mbox: the mailbox, locked
 * @data: the message
 * @len: its length in bytes; what exceeds the SRAM is dropped
 *
 * As many writes of words, the last one padded with zeros.
 */
void mcu_mbox_load(struct mcu_mbox *mbox, const void *data, size_t len);

/**
 * mcu_mbox_ecc_error() - a word that was read had an error
 * @mbox: the mailbox
 * @bits: MCU_MBOX_HW_STATUS_*
 */
void mcu_mbox_ecc_error(struct mcu_mbox *mbox, uint32_t bits);

/** mcu_mbox_bytes() - the SRAM as bytes */
static inline const uint8_t *mcu_mbox_bytes(const struct mcu_mbox *mbox)
{
	return (const uint8_t *)mbox->sram;
}

/** mcu_mbox_user_valid() - may AXI user @user reach the mailbox at all? */
bool mcu_mbox_user_valid(const struct mcu_mbox *mbox, uint32_t user);

/** mcu_mbox_data_avail() - the wire soc_mcu_mboxN_data_avail */
static inline bool mcu_mbox_data_avail(const struct mcu_mbox *mbox)
{
	return mbox->execute && mbox->user == mbox->root_user;
}

/** mcu_mbox_command_avail() - somebody in the SoC has sent the MCU a command */
static inline bool mcu_mbox_command_avail(const struct mcu_mbox *mbox)
{
	return mbox->execute && mbox->user != mbox->root_user;
}

#endif
