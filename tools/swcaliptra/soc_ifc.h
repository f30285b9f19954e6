/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * soc_ifc_reg: fuses, straps, status and error registers, and the boot FSM.
 *
 * What is modelled is caliptra-rtl src/soc_ifc/rtl/soc_ifc_external_reg.rdl,
 * soc_ifc_fuse_reg.rdl, soc_ifc_subsystem_reg.rdl, soc_ifc_boot_fsm.sv and the
 * error outputs of soc_ifc_top.sv. Watchdog timers are
 * registers without a machine behind them; no random numbers are ever requested,
 * so CPTRA_TRNG_STATUS stays zero.
 */
#ifndef SWCALIPTRA_SOC_IFC_H
#define SWCALIPTRA_SOC_IFC_H

#include <stdbool.h>
#include <stdint.h>

#include "caliptra-regs.h"
#include "generation.h"
#include "mbox.h"
#include "sha_acc.h"

#define SOC_IFC_REG_SIZE 0x1000u

/* Fuses of 1.x that later generations have not, or elsewhere. */
#define FUSE_1X_FIELD_ENTROPY		  0x230 /* 8 words */
#define FUSE_1X_KEY_MANIFEST_PK_HASH	  0x250 /* 12 words */
#define FUSE_1X_KEY_MANIFEST_PK_HASH_MASK 0x280
#define FUSE_1X_OWNER_PK_HASH		  0x284 /* 12 words */
#define FUSE_1X_LIFE_CYCLE		  0x33c
#define FUSE_1X_LMS_VERIFY		  0x340
#define FUSE_1X_LMS_REVOCATION		  0x344

/* CPTRA_FLOW_STATUS.boot_fsm_ps */
enum boot_fsm {
	BOOT_IDLE = 0,
	BOOT_FUSE = 1,
	BOOT_FW_RST = 2,
	BOOT_WAIT = 3,
	BOOT_DONE = 4,
};

/* CPTRA_SECURITY_STATE.device_lifecycle */
enum device_lifecycle {
	LIFECYCLE_UNPROVISIONED = 0,
	LIFECYCLE_MANUFACTURING = 1,
	LIFECYCLE_PRODUCTION = 3,
};

/**
 * struct soc_ifc_straps - input pins, constant while power is good
 * @bootfsm_brkpoint: BootFSM_BrkPoint, wait for CPTRA_BOOTFSM_GO; without effect
 *	where debugging is locked, but for a device in manufacturing
 * @device_lifecycle: security_state.device_lifecycle, LIFECYCLE_*
 * @debug_locked: security_state.debug_locked
 * @subsystem_mode_en: it is part of a subsystem
 */
struct soc_ifc_straps {
	bool bootfsm_brkpoint;
	uint8_t device_lifecycle;
	bool debug_locked;
	bool subsystem_mode_en;
};

/**
 * struct soc_ifc - the register block
 * @generation: of which it is; it says which registers there are
 * @fuse_edits: counts changes of registers from the fuses on
 * @reg: every register, by offset / 4
 * @straps: input pins
 * @boot_fsm: state of the boot FSM
 * @fuse_wr_done_written: CPTRA_FUSE_WR_DONE was written, with whatever value
 * @error_fatal: the wire cptra_error_fatal
 * @error_non_fatal: the wire cptra_error_non_fatal
 * @sha: the SHA accelerator, which is in the same block and reset as it is
 */
struct soc_ifc {
	const struct generation *generation;
	uint32_t fuse_edits;
	uint32_t reg[SOC_IFC_REG_SIZE / 4];
	struct soc_ifc_straps straps;
	enum boot_fsm boot_fsm;
	bool fuse_wr_done_written;
	bool error_fatal;
	bool error_non_fatal;
	struct sha_acc sha;
};

/**
 * soc_ifc_cold_reset() - cptra_pwrgood and cptra_rst_b: everything to its reset
 *	value; ends in BOOT_FUSE, waiting for fuses
 * @ifc: the block
 * @straps: sampled now
 */
void soc_ifc_cold_reset(struct soc_ifc *ifc,
			const struct soc_ifc_straps *straps);

/**
 * soc_ifc_warm_reset() - cptra_rst_b: what only cptra_pwrgood resets stays; ends
 *	in BOOT_FUSE, waiting for CPTRA_FUSE_WR_DONE
 * @ifc: the block
 */
void soc_ifc_warm_reset(struct soc_ifc *ifc);

/**
 * soc_ifc_update_reset() - internal_fw_update_reset: the microcontroller alone is
 *	reset, and only CPTRA_RESET_REASON tells of it
 * @ifc: the block, in BOOT_DONE
 */
void soc_ifc_update_reset(struct soc_ifc *ifc);

/** soc_ifc_read() - a SoC reads the register at @offset as AXI user @user */
uint32_t soc_ifc_read(const struct soc_ifc *ifc, uint32_t user,
		      uint32_t offset);

/**
 * soc_ifc_write() - a SoC writes a register
 * @ifc: the block
 * @user: AXI user who writes
 * @offset: of the register
 * @value: what is written
 *
 * What may be written when is what the RDL says of the register; anything else
 * is dropped.
 */
void soc_ifc_write(struct soc_ifc *ifc, uint32_t user, uint32_t offset,
		   uint32_t value);

/** soc_ifc_ready_for_fuses() - the wire ready_for_fuses */
static inline bool soc_ifc_ready_for_fuses(const struct soc_ifc *ifc)
{
	return ifc->boot_fsm == BOOT_FUSE && !ifc->fuse_wr_done_written;
}

/** soc_ifc_mbox_user_valid() - may AXI user @user reach the mailbox? */
bool soc_ifc_mbox_user_valid(const struct soc_ifc *ifc, uint32_t user);

/**
 * soc_ifc_report_hw() - hardware sets bits of an error register
 * @ifc: the block
 * @offset: CPTRA_HW_ERROR_FATAL or CPTRA_HW_ERROR_NON_FATAL
 * @bits: which
 *
 * Return: false, and nothing is done, where the register has no such bits.
 */
bool soc_ifc_report_hw(struct soc_ifc *ifc, uint32_t offset, uint32_t bits);

/** soc_ifc_mbox_violation() - the mailbox reports what an access has violated */
void soc_ifc_mbox_violation(struct soc_ifc *ifc, enum mbox_violation violation);

/*
 * The microcontroller's side of the same registers.
 */

static inline uint32_t soc_ifc_get(const struct soc_ifc *ifc, uint32_t offset)
{
	return ifc->reg[offset / 4];
}

static inline void soc_ifc_set(struct soc_ifc *ifc, uint32_t offset,
			       uint32_t value)
{
	ifc->reg[offset / 4] = value;
	if (offset >= FUSE_UDS_SEED)
		ifc->fuse_edits++;
}

/**
 * soc_ifc_fuse_bytes() - a fuse array as bytes, most significant byte of each
 *	word first, the order in which firmware hashes it
 * @ifc: the block
 * @offset: of the first word
 * @bytes: where they go
 * @words: how many words
 */
void soc_ifc_fuse_bytes(const struct soc_ifc *ifc, uint32_t offset,
			uint8_t *bytes, unsigned int words);

/**
 * soc_ifc_svn_fuse() - security version in a fuse of four words: its highest
 *	bit set, counted from one
 * @ifc: the block
 * @offset: of the first word
 */
uint32_t soc_ifc_svn_fuse(const struct soc_ifc *ifc, uint32_t offset);

/**
 * soc_ifc_clear_secrets() - the deobfuscation engine forgets the obfuscation
 *	key, UDS seed and field entropy
 * @ifc: the block
 */
void soc_ifc_clear_secrets(struct soc_ifc *ifc);

/** soc_ifc_report_non_fatal() - firmware writes CPTRA_FW_ERROR_NON_FATAL */
void soc_ifc_report_non_fatal(struct soc_ifc *ifc, uint32_t code);

/** soc_ifc_report_fatal() - firmware writes CPTRA_FW_ERROR_FATAL */
void soc_ifc_report_fatal(struct soc_ifc *ifc, uint32_t code);

#endif
