/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The MCI of a Caliptra subsystem: mci_reg, mcu_mbox0 and mcu_mbox1 in one window.
 *
 * What is modelled is caliptra-ss src/mci/rtl/mci_reg.rdl and mci_reg_top.sv, as
 * far as a host looks at it. Watchdog, timers, interrupts of the MCU, its SRAM and
 * the trace buffer are left out and read as zero, as do the wires mci_error_fatal
 * and mci_error_non_fatal. The agent that may configure the MCI in the MCU's
 * place is disabled by its strap.
 */
#ifndef SWCALIPTRA_MCI_H
#define SWCALIPTRA_MCI_H

#include <stdbool.h>
#include <stdint.h>

#include "caliptra-regs.h"
#include "mcu_mbox.h"

#define MCI_MBOXES 2

/* AXI user of the MCU, the strap mcu_lsu_axi_user. */
#define MCI_MCU_USER 0x10u

/* Size of a mailbox in the reference integration, caliptra_ss_top_tb. */
#define MCI_DEFAULT_MBOX_SIZE (256u * 1024)

/**
 * struct mci - the MCI
 * @reg: mci_reg, by offset / 4
 * @mbox: mcu_mbox0 and mcu_mbox1
 * @generation: MCI_HW_REV_ID.mc_generation, for whoever made it to set
 * @core_fatal: the core's wire cptra_error_fatal
 * @core_non_fatal: the core's wire cptra_error_non_fatal
 */
struct mci {
	uint32_t reg[CALIPTRA_MCI_REG_SIZE / 4];
	struct mcu_mbox mbox[MCI_MBOXES];
	uint16_t generation;
	bool core_fatal;
	bool core_non_fatal;
};

/**
 * mci_init() - make an MCI
 * @mci: the MCI
 * @mbox_size: of the SRAM of each mailbox in bytes, powers of two from 1 KiB on
 *
 * Reset it before anything else.
 *
 * Return: 0, or -1 if there is no memory.
 */
int mci_init(struct mci *mci, const uint32_t mbox_size[MCI_MBOXES]);

/** mci_release() - free what mci_init() made */
void mci_release(struct mci *mci);

/**
 * mci_cold_reset() - mci_pwrgood and mci_rst_b: everything to its reset value
 * @mci: the MCI
 * @security_state: MCI_SECURITY_STATE, sampled now
 */
void mci_cold_reset(struct mci *mci, uint32_t security_state);

/**
 * mci_warm_reset() - mci_rst_b alone
 * @mci: the MCI
 *
 * Errors stay, and RESET_REASON says that it was a warm reset. The mailboxes'
 * SRAM keeps its contents, and the MCU has their locks.
 */
void mci_warm_reset(struct mci *mci);

/**
 * mci_resume() - go on with registers that were those of another
 * @mci: the MCI, after a reset, with the registers in place
 * @free: nobody has the mailboxes; else the MCU has them, as after the reset
 */
void mci_resume(struct mci *mci, bool free);

/**
 * mci_read() - read what is in the window
 * @mci: the MCI
 * @user: AXI user of the access
 * @offset: in the window
 * @now_ns: what time it is
 *
 * Return: the value. Undefined offsets and what the user may not read are zero.
 */
uint32_t mci_read(struct mci *mci, uint32_t user, uint32_t offset,
		  uint64_t now_ns);

/**
 * mci_write() - write what is in the window
 * @mci: the MCI
 * @user: AXI user of the access
 * @offset: in the window
 * @value: to write; dropped where the user may not
 * @now_ns: what time it is
 */
void mci_write(struct mci *mci, uint32_t user, uint32_t offset, uint32_t value,
	       uint64_t now_ns);

/** mci_core_errors() - levels of the core's error wires */
void mci_core_errors(struct mci *mci, bool fatal, bool non_fatal);

/** mci_mbox_offset() - where mailbox @index is in the window */
static inline uint32_t mci_mbox_offset(unsigned int index)
{
	return index ? CALIPTRA_MCI_MCU_MBOX1 : CALIPTRA_MCI_MCU_MBOX0;
}

static inline uint32_t mci_get(const struct mci *mci, uint32_t offset)
{
	return mci->reg[offset / 4];
}

static inline void mci_set(struct mci *mci, uint32_t offset, uint32_t value)
{
	mci->reg[offset / 4] = value;
}

#endif
