/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * mbox_csr: the mailbox's registers, SRAM and state machine.
 *
 * What is modelled is caliptra-rtl src/soc_ifc/rtl/mbox.sv with mbox_csr.rdl;
 * Table 17 of the CaliptraIntegrationSpecification lists the violations. The
 * TAP side (JTAG) is left out.
 */
#ifndef SWCALIPTRA_MBOX_H
#define SWCALIPTRA_MBOX_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/* What the microcontroller presents as AXI user on its own bus. */
#define MBOX_UC_USER 0xffffffffu

/* Who makes an access. */
enum mbox_side {
	MBOX_SOC,
	MBOX_UC,
};

/* Bits of CPTRA_HW_ERROR_NON_FATAL that an access has caused. */
enum mbox_violation {
	MBOX_NO_VIOLATION = 0,
	MBOX_ACCESS_WITHOUT_LOCK = 1 << 0,
	MBOX_ACCESS_OUT_OF_ORDER = 1 << 1,
	MBOX_ECC_UNCORRECTABLE = 1 << 2,
};

/**
 * struct mbox - one mailbox
 * @sram: its memory, @depth words
 * @depth: words of SRAM
 * @fsm: MBOX_FSM_*, the present state
 * @lock: MBOX_LOCK.lock
 * @lock_stuck: MBOX_LOCK reads as taken whatever @lock is
 * @soc_has_lock: the SoC side took the lock
 * @uc_has_lock: the microcontroller took the lock
 * @execute: MBOX_EXECUTE.execute
 * @status: MBOX_STATUS.status
 * @user: AXI user that took the lock
 * @cmd: MBOX_CMD
 * @dlen: MBOX_DLEN in bytes, as written
 * @datain: MBOX_DATAIN, the last word written
 * @dataout: MBOX_DATAOUT, the word the next read returns
 * @wrptr: next word to write
 * @wr_full: the last word has been written
 * @rdptr: next word to load into @dataout
 * @rd_full: the last word has been loaded
 * @valid_words: words that the receiver may read
 * @spoilt_word: word of the SRAM that does not match its ECC
 * @spoilt_bits: those of its bits that have changed, or 0 where all is well
 * @ecc_single: MBOX_STATUS.ecc_single_error
 * @ecc_double: MBOX_STATUS.ecc_double_error
 * @ecc_raised: an uncorrectable error was found by the present access
 */
struct mbox {
	uint32_t *sram;
	uint32_t depth;
	uint8_t fsm;
	bool lock;
	bool lock_stuck;
	bool soc_has_lock;
	bool uc_has_lock;
	bool execute;
	uint8_t status;
	uint32_t user;
	uint32_t cmd;
	uint32_t dlen;
	uint32_t datain;
	uint32_t dataout;
	uint32_t wrptr;
	bool wr_full;
	uint32_t rdptr;
	bool rd_full;
	uint32_t valid_words;
	uint32_t spoilt_word;
	uint32_t spoilt_bits;
	bool ecc_single;
	bool ecc_double;
	bool ecc_raised;
};

/**
 * mbox_init() - make a mailbox
 * @mbox: the mailbox
 * @size: of the SRAM in bytes, a multiple of 4
 *
 * Return: 0, or -1 if there is no memory.
 */
int mbox_init(struct mbox *mbox, uint32_t size);

/** mbox_release() - free what mbox_init() made */
void mbox_release(struct mbox *mbox);

/**
 * mbox_reset() - cptra_rst_b: back to IDLE, every register zero
 * @mbox: the mailbox
 *
 * The SRAM keeps its contents, as it does in hardware.
 */
void mbox_reset(struct mbox *mbox);

/**
 * mbox_read() - read a register
 * @mbox: the mailbox
 * @side: who reads
 * @user: AXI user of the access
 * @offset: of the register in mbox_csr
 * @violation: set to what the access violated
 *
 * Return: the value. Undefined offsets read as zero.
 */
uint32_t mbox_read(struct mbox *mbox, enum mbox_side side, uint32_t user,
		   uint32_t offset, enum mbox_violation *violation);

/**
 * mbox_write() - write a register
 * @mbox: the mailbox
 * @side: who writes
 * @user: AXI user of the access
 * @offset: of the register in mbox_csr
 * @value: to write
 *
 * Return: what the access violated.
 */
enum mbox_violation mbox_write(struct mbox *mbox, enum mbox_side side,
			       uint32_t user, uint32_t offset, uint32_t value);

/**
 * mbox_load() - the sender puts a whole message into the FIFO
 * @mbox: the mailbox, in RDY_FOR_DATA for the SoC or EXECUTE_UC for firmware
 * @data: the message
 * @len: its length in bytes; what exceeds the SRAM is dropped
 *
 * As many MBOX_DATAIN writes, the last word padded with zeros.
 */
void mbox_load(struct mbox *mbox, const void *data, size_t len);

/**
 * mbox_put() - firmware has bytes put into the SRAM by DMA
 * @mbox: the mailbox
 * @data: the bytes
 * @len: how many; no more than the SRAM holds
 */
void mbox_put(struct mbox *mbox, const void *data, size_t len);

/**
 * mbox_bytes() - the message as the receiver sees it in the SRAM
 * @mbox: the mailbox, in an EXECUTE state
 *
 * Return: the first byte; MBOX_DLEN bytes, but no more than the SRAM holds.
 */
static inline const uint8_t *mbox_bytes(const struct mbox *mbox)
{
	return (const uint8_t *)mbox->sram;
}

/**
 * mbox_spoil_word() - bits of the SRAM change by themselves
 * @mbox: the mailbox
 * @word: index of the word
 * @bits: which of its bits; one is corrected, more are not
 *
 * Until the word is written again.
 */
void mbox_spoil_word(struct mbox *mbox, uint32_t word, uint32_t bits);

/** mbox_size() - size of the SRAM in bytes */
static inline uint32_t mbox_size(const struct mbox *mbox)
{
	return mbox->depth * 4;
}

/** mbox_data_avail() - the wire mailbox_data_avail */
bool mbox_data_avail(const struct mbox *mbox);

/** mbox_command_avail() - the SoC waits for firmware to answer a command */
bool mbox_command_avail(const struct mbox *mbox);

#endif
