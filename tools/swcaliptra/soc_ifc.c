// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * The SoC interface registers. One table says who may write what and when; see
 * soc_ifc.h for the sources.
 */
#include "soc_ifc.h"

#include <openssl/crypto.h>
#include <string.h>

#include "bus.h"
#include "caliptra-regs.h"

/* Before 2.1 it is here. */
#define OLD_ITRNG_ENTROPY_CONFIG 0x118 /* 2 words */

/*
 * Integration parameter: this user may always reach the mailbox. Firmware then
 * refuses its commands, so that nobody gains by the default.
 */
#define CPTRA_DEF_MBOX_VALID_AXI_USER 0xffffffffu

/* What a SoC's write to a register does. */
enum soc_access {
	SOC_RO, /* nothing */
	SOC_RW, /* sets the register */
	SOC_W1C, /* clears the bits written as one */
	SOC_W1S, /* sets bits; they stay until reset */
	SOC_FUSE, /* sets the register until CPTRA_FUSE_WR_DONE */
	SOC_SECRET, /* as SOC_FUSE, and it always reads as zero */
	SOC_FW_ERROR, /* sets the register, may raise an error wire */
	SOC_LOCKABLE, /* sets the register until the lock register is set */
	SOC_FUSE_WR_DONE,
	SOC_BOOTFSM_GO,
	SOC_TRNG, /* sets the register if the user is the TRNG's, who reads it */
	SOC_HIDDEN, /* nothing, and it reads as zero */
};

/**
 * struct soc_reg - one register or array of registers
 * @offset: of the first
 * @count: registers in the array
 * @access: what a SoC's write does
 * @mask: bits that exist
 * @reset: value after a cold reset
 * @lock: for SOC_LOCKABLE, offset of the lock register; registers and locks of
 *	two arrays of the same length belong together one by one, otherwise one
 *	lock serves the whole array
 * @locks: how many locks there are
 * @in: generations that have it, 0 for all
 */
struct soc_reg {
	uint16_t offset;
	uint8_t count;
	uint8_t access;
	uint32_t mask;
	uint32_t reset;
	uint16_t lock;
	uint8_t locks;
	uint8_t in;
};

#define ALL 0xffffffffu

#define IN_1_2	 .in = GENERATION_1_2
#define IN_2_X	 .in = GENERATION_2_X
#define IN_2_1	 .in = GENERATION_2_1
#define IN_OLDER .in = GENERATION_1_2 | GENERATION_2_0

static const struct soc_reg soc_regs[] = {
	{ CPTRA_HW_ERROR_FATAL, 1, SOC_W1C, 0x7f, IN_2_1 },
	{ CPTRA_HW_ERROR_FATAL, 1, SOC_W1C, 0xf, IN_OLDER },
	{ CPTRA_HW_ERROR_NON_FATAL, 1, SOC_W1C, 0xf, IN_2_1 },
	{ CPTRA_HW_ERROR_NON_FATAL, 1, SOC_W1C, 0x7, IN_OLDER },
	{ CPTRA_FW_ERROR_FATAL, 1, SOC_FW_ERROR, ALL },
	{ CPTRA_FW_ERROR_NON_FATAL, 1, SOC_FW_ERROR, ALL },
	{ CPTRA_HW_ERROR_ENC, 1, SOC_RW, ALL },
	{ CPTRA_FW_ERROR_ENC, 1, SOC_RW, ALL },
	{ CPTRA_FW_EXTENDED_ERROR_INFO, 8, SOC_RW, ALL },
	{ CPTRA_MBOX_VALID_AXI_USER, 5, SOC_LOCKABLE, ALL, ALL,
	  CPTRA_MBOX_AXI_USER_LOCK, 5 },
	{ CPTRA_MBOX_AXI_USER_LOCK, 5, SOC_W1S, 1 },
	{ CPTRA_TRNG_VALID_AXI_USER, 1, SOC_LOCKABLE, ALL, ALL,
	  CPTRA_TRNG_AXI_USER_LOCK, 1 },
	{ CPTRA_TRNG_AXI_USER_LOCK, 1, SOC_W1S, 1 },
	{ CPTRA_TRNG_DATA, 12, SOC_TRNG, ALL },
	{ CPTRA_FUSE_WR_DONE, 1, SOC_FUSE_WR_DONE, 1 },
	{ CPTRA_TIMER_CONFIG, 1, SOC_RW, ALL },
	{ CPTRA_BOOTFSM_GO, 1, SOC_BOOTFSM_GO, 1 },
	{ CPTRA_DBG_MANUF_SERVICE_REG, 1, SOC_RW, ALL },
	{ CPTRA_CLK_GATING_EN, 1, SOC_RW, 1 },
	{ CPTRA_WDT_TIMER1_TIMEOUT_PERIOD, 2, SOC_RO, ALL, ALL },
	{ CPTRA_WDT_TIMER2_TIMEOUT_PERIOD, 2, SOC_RO, ALL, ALL },
	{ CPTRA_FUSE_VALID_AXI_USER, 1, SOC_LOCKABLE, ALL, ALL,
	  CPTRA_FUSE_AXI_USER_LOCK, 1 },
	{ CPTRA_FUSE_AXI_USER_LOCK, 1, SOC_W1S, 1 },
	{ CPTRA_WDT_CFG, 2, SOC_RW, ALL },
	{ CPTRA_RSVD_REG, 2, SOC_RW, ALL },
	{ CPTRA_OWNER_PK_HASH, 12, SOC_LOCKABLE, ALL, 0,
	  CPTRA_OWNER_PK_HASH_LOCK, 1, IN_2_X },
	{ CPTRA_OWNER_PK_HASH_LOCK, 1, SOC_W1S, 1, IN_2_X },
	{ OLD_ITRNG_ENTROPY_CONFIG, 2, SOC_RW, ALL, IN_OLDER },
	{ CPTRA_ITRNG_ENTROPY_CONFIG, 3, SOC_RW, ALL, IN_2_1 },
	{ CPTRA_ITRNG1_ENTROPY_CONFIG, 3, SOC_RW, ALL, IN_2_1 },
	{ FUSE_UDS_SEED, 12, SOC_SECRET, ALL, IN_1_2 },
	{ FUSE_1X_FIELD_ENTROPY, 8, SOC_SECRET, ALL, IN_1_2 },
	{ FUSE_1X_KEY_MANIFEST_PK_HASH, 12, SOC_FUSE, ALL, IN_1_2 },
	{ FUSE_1X_KEY_MANIFEST_PK_HASH_MASK, 1, SOC_FUSE, 0xf, IN_1_2 },
	{ FUSE_1X_OWNER_PK_HASH, 12, SOC_FUSE, ALL, IN_1_2 },
	{ FUSE_1X_LIFE_CYCLE, 1, SOC_FUSE, 3, IN_1_2 },
	{ FUSE_1X_LMS_VERIFY, 1, SOC_FUSE, 1, IN_1_2 },
	{ FUSE_1X_LMS_REVOCATION, 1, SOC_FUSE, ALL, IN_1_2 },
	{ FUSE_UDS_SEED, 16, SOC_SECRET, ALL, IN_2_X },
	{ FUSE_FIELD_ENTROPY, 8, SOC_SECRET, ALL, IN_2_X },
	{ FUSE_VENDOR_PK_HASH, 12, SOC_FUSE, ALL, IN_2_X },
	{ FUSE_ECC_REVOCATION, 1, SOC_FUSE, 0xf, IN_2_X },
	{ FUSE_FMC_KEY_MANIFEST_SVN, 1, SOC_FUSE, ALL },
	{ FUSE_RUNTIME_SVN, 4, SOC_FUSE, ALL },
	{ FUSE_ANTI_ROLLBACK_DISABLE, 1, SOC_FUSE, 1 },
	{ FUSE_IDEVID_CERT_ATTR, 24, SOC_FUSE, ALL },
	{ FUSE_IDEVID_MANUF_HSM_ID, 4, SOC_FUSE, ALL },
	{ FUSE_LMS_REVOCATION, 1, SOC_FUSE, ALL, IN_2_X },
	{ FUSE_MLDSA_REVOCATION, 1, SOC_FUSE, 0xf, IN_2_X },
	{ FUSE_SOC_STEPPING_ID, 1, SOC_FUSE, 0xffff },
	{ FUSE_MANUF_DBG_UNLOCK_TOKEN, 16, SOC_FUSE, ALL, IN_2_X },
	{ FUSE_PQC_KEY_TYPE, 1, SOC_FUSE, 3, IN_2_X },
	{ FUSE_SOC_MANIFEST_SVN, 4, SOC_FUSE, ALL, IN_2_X },
	{ FUSE_SOC_MANIFEST_MAX_SVN, 1, SOC_FUSE, 0xff, IN_2_X },
	{ FUSE_HEK_SEED, 8, SOC_FUSE, ALL, IN_2_1 },
	{ SS_CALIPTRA_BASE_ADDR_L, 12, SOC_FUSE, ALL, IN_2_X },
	{ SS_CALIPTRA_DMA_AXI_USER, 1, SOC_FUSE, ALL, IN_2_X },
	{ SS_EXTERNAL_STAGING_AREA_BASE_ADDR_L, 2, SOC_FUSE, ALL, IN_2_1 },
	{ SS_KEY_RELEASE_BASE_ADDR_L, 2, SOC_FUSE, ALL, IN_2_1 },
	{ SS_KEY_RELEASE_SIZE, 1, SOC_FUSE, 0xffff, IN_2_1 },
	{ SS_STRAP_GENERIC, 4, SOC_FUSE, ALL, IN_2_X },
	{ INTERNAL_OBF_KEY, 8, SOC_HIDDEN, ALL },
};

/* Is the block of one of @set, where 0 is all? */
static bool is_in(const struct soc_ifc *ifc, uint8_t set)
{
	return !set || generation_in(ifc->generation, set);
}

static const struct soc_reg *find_register(const struct soc_ifc *ifc,
					   uint32_t offset)
{
	size_t i;

	for (i = 0; i < sizeof(soc_regs) / sizeof(soc_regs[0]); i++) {
		const struct soc_reg *r = &soc_regs[i];

		if (is_in(ifc, r->in) && offset >= r->offset &&
		    offset < r->offset + 4u * r->count)
			return r;
	}
	return NULL;
}

/* Fuses and straps, which a fuse user of its own may guard. */
static bool in_fuse_range(uint32_t offset)
{
	return offset >= FUSE_UDS_SEED && offset < INTERNAL_OBF_KEY;
}

static bool user_matches(const struct soc_ifc *ifc, uint32_t user,
			 uint32_t valid_user, uint32_t lock)
{
	return !soc_ifc_get(ifc, lock) || user == soc_ifc_get(ifc, valid_user);
}

static bool fuse_user_valid(const struct soc_ifc *ifc, uint32_t user)
{
	return user_matches(ifc, user, CPTRA_FUSE_VALID_AXI_USER,
			    CPTRA_FUSE_AXI_USER_LOCK);
}

static bool trng_user_valid(const struct soc_ifc *ifc, uint32_t user)
{
	return user_matches(ifc, user, CPTRA_TRNG_VALID_AXI_USER,
			    CPTRA_TRNG_AXI_USER_LOCK);
}

bool soc_ifc_mbox_user_valid(const struct soc_ifc *ifc, uint32_t user)
{
	unsigned int i;

	if (user == CPTRA_DEF_MBOX_VALID_AXI_USER)
		return true;
	for (i = 0; i < 5; i++)
		if (soc_ifc_get(ifc, CPTRA_MBOX_AXI_USER_LOCK + 4 * i) &&
		    soc_ifc_get(ifc, CPTRA_MBOX_VALID_AXI_USER + 4 * i) == user)
			return true;
	return false;
}

static void set_rev_id(struct soc_ifc *ifc)
{
	soc_ifc_set(ifc, CPTRA_HW_REV_ID,
		    ifc->generation->cptra_generation |
			    soc_ifc_get(ifc, FUSE_SOC_STEPPING_ID)
				    << CPTRA_HW_REV_ID_SOC_STEPPING_ID_SHIFT);
}

void soc_ifc_cold_reset(struct soc_ifc *ifc,
			const struct soc_ifc_straps *straps)
{
	const struct generation *generation = ifc->generation;
	uint32_t fuse_edits = ifc->fuse_edits;
	size_t i;
	unsigned int k;

	memset(ifc, 0, sizeof(*ifc));
	ifc->generation = generation;
	ifc->fuse_edits = fuse_edits + 1;
	for (i = 0; i < sizeof(soc_regs) / sizeof(soc_regs[0]); i++)
		for (k = 0; is_in(ifc, soc_regs[i].in) && k < soc_regs[i].count;
		     k++)
			soc_ifc_set(ifc, soc_regs[i].offset + 4 * k,
				    soc_regs[i].reset);
	ifc->straps = *straps;
	sha_acc_reset(&ifc->sha);
	set_rev_id(ifc);
	soc_ifc_set(ifc, CPTRA_HW_CONFIG,
		    CPTRA_HW_CONFIG_ITRNG_EN | CPTRA_HW_CONFIG_LMS_ACC_EN |
			    (straps->subsystem_mode_en ?
				     CPTRA_HW_CONFIG_SUBSYSTEM_MODE_EN :
				     0));
	if (straps->subsystem_mode_en)
		soc_ifc_set(ifc, SS_MCI_BASE_ADDR_L, CALIPTRA_MCI_BASE);
	if (straps->subsystem_mode_en && is_in(ifc, GENERATION_2_1))
		soc_ifc_set(ifc, SS_EXTERNAL_STAGING_AREA_BASE_ADDR_L,
			    BUS_STAGING_BASE);
	soc_ifc_set(ifc, CPTRA_SECURITY_STATE,
		    straps->device_lifecycle |
			    (straps->debug_locked ?
				     CPTRA_SECURITY_STATE_DEBUG_LOCKED :
				     0));
	ifc->boot_fsm = BOOT_FUSE;
}

/* Registers that stay over a warm reset: resetsignal cptra_pwrgood in the RDL. */
static const struct {
	uint16_t first;
	uint16_t last;
	uint8_t in;
} sticky[] = {
	{ CPTRA_HW_ERROR_FATAL, CPTRA_FW_EXTENDED_ERROR_INFO + 4 * 7 },
	{ CPTRA_FUSE_WR_DONE, CPTRA_TIMER_CONFIG },
	{ CPTRA_FW_REV_ID, CPTRA_FW_REV_ID + 4, IN_2_1 },
	{ CPTRA_FUSE_VALID_AXI_USER, CPTRA_FUSE_AXI_USER_LOCK },
	{ CPTRA_WDT_CFG, CPTRA_WDT_CFG + 4 },
	{ CPTRA_OWNER_PK_HASH, CPTRA_OWNER_PK_HASH_LOCK },
	{ FUSE_UDS_SEED, SS_STRAP_GENERIC + 4 * 3 },
	{ INTERNAL_OBF_KEY, INTERNAL_OBF_KEY + 4 * 7 },
};

void soc_ifc_warm_reset(struct soc_ifc *ifc)
{
	struct soc_ifc before = *ifc;
	uint32_t offset;
	size_t i;

	soc_ifc_cold_reset(ifc, &before.straps);
	for (i = 0; i < sizeof(sticky) / sizeof(sticky[0]); i++)
		for (offset = sticky[i].first;
		     offset <= sticky[i].last && is_in(ifc, sticky[i].in);
		     offset += 4)
			soc_ifc_set(ifc, offset, soc_ifc_get(&before, offset));
	set_rev_id(ifc);
	soc_ifc_set(ifc, CPTRA_RESET_REASON, CPTRA_RESET_REASON_WARM_RESET);
	OPENSSL_cleanse(&before, sizeof(before));
}

void soc_ifc_update_reset(struct soc_ifc *ifc)
{
	soc_ifc_set(ifc, CPTRA_RESET_REASON, CPTRA_RESET_REASON_FW_UPD_RESET);
}

static uint32_t flow_status(const struct soc_ifc *ifc)
{
	uint32_t status = soc_ifc_get(ifc, CPTRA_FLOW_STATUS);

	status |= (uint32_t)ifc->boot_fsm
		  << CPTRA_FLOW_STATUS_BOOT_FSM_PS_SHIFT;
	if (soc_ifc_ready_for_fuses(ifc))
		status |= CPTRA_FLOW_STATUS_READY_FOR_FUSES;
	return status;
}

uint32_t soc_ifc_read(const struct soc_ifc *ifc, uint32_t user, uint32_t offset)
{
	const struct soc_reg *r = find_register(ifc, offset);

	if (in_fuse_range(offset) && !fuse_user_valid(ifc, user))
		return 0;
	if (r && r->access == SOC_TRNG && !trng_user_valid(ifc, user))
		return 0;
	if (offset == CPTRA_FLOW_STATUS)
		return flow_status(ifc);
	if (r && (r->access == SOC_SECRET || r->access == SOC_HIDDEN))
		return 0;
	return soc_ifc_get(ifc, offset);
}

/*
 * The non-fatal wire falls when nothing is left that holds it high; the fatal
 * wire only falls with a reset.
 */
static void settle_error_wires(struct soc_ifc *ifc)
{
	if (!soc_ifc_get(ifc, CPTRA_HW_ERROR_NON_FATAL) &&
	    !soc_ifc_get(ifc, CPTRA_FW_ERROR_NON_FATAL))
		ifc->error_non_fatal = false;
}

static void write_fw_error(struct soc_ifc *ifc, uint32_t offset, uint32_t code)
{
	bool rises = code & ~soc_ifc_get(ifc, offset);

	soc_ifc_set(ifc, offset, code);
	if (rises && offset == CPTRA_FW_ERROR_FATAL)
		ifc->error_fatal = true;
	if (rises && offset == CPTRA_FW_ERROR_NON_FATAL)
		ifc->error_non_fatal = true;
	settle_error_wires(ifc);
}

/* The break point counts in debug and in manufacturing mode only. */
static bool at_break_point(const struct soc_ifc *ifc)
{
	const struct soc_ifc_straps *s = &ifc->straps;

	return s->bootfsm_brkpoint &&
	       (!s->debug_locked ||
		s->device_lifecycle == LIFECYCLE_MANUFACTURING) &&
	       !soc_ifc_get(ifc, CPTRA_BOOTFSM_GO);
}

/*
 * Fuses are in: on to BOOT_DONE, by way of BOOT_WAIT at a break point. After a warm
 * reset CPTRA_FUSE_WR_DONE is set, and has to be written all the same.
 */
static void advance_boot_fsm(struct soc_ifc *ifc)
{
	if (ifc->boot_fsm == BOOT_FUSE && ifc->fuse_wr_done_written &&
	    soc_ifc_get(ifc, CPTRA_FUSE_WR_DONE))
		ifc->boot_fsm = BOOT_WAIT;
	if (ifc->boot_fsm == BOOT_WAIT && !at_break_point(ifc))
		ifc->boot_fsm = BOOT_DONE;
}

/* The stepping is part of the revision as soon as it is written. */
static void set_fuse(struct soc_ifc *ifc, uint32_t offset, uint32_t value)
{
	soc_ifc_set(ifc, offset, value);
	if (offset == FUSE_SOC_STEPPING_ID)
		set_rev_id(ifc);
}

static bool locked(const struct soc_ifc *ifc, const struct soc_reg *r,
		   uint32_t offset)
{
	uint32_t index = r->locks == r->count ? (offset - r->offset) / 4 : 0;

	return soc_ifc_get(ifc, r->lock + 4 * index);
}

void soc_ifc_write(struct soc_ifc *ifc, uint32_t user, uint32_t offset,
		   uint32_t value)
{
	const struct soc_reg *r = find_register(ifc, offset);
	bool fuses_done = soc_ifc_get(ifc, CPTRA_FUSE_WR_DONE);

	if (!r || (in_fuse_range(offset) && !fuse_user_valid(ifc, user)))
		return;
	value &= r->mask;

	switch ((enum soc_access)r->access) {
	case SOC_RO:
	case SOC_HIDDEN:
		break;
	case SOC_RW:
		soc_ifc_set(ifc, offset, value);
		break;
	case SOC_W1C:
		soc_ifc_set(ifc, offset, soc_ifc_get(ifc, offset) & ~value);
		settle_error_wires(ifc);
		break;
	case SOC_W1S:
		soc_ifc_set(ifc, offset, soc_ifc_get(ifc, offset) | value);
		break;
	case SOC_FUSE:
	case SOC_SECRET:
		if (!fuses_done)
			set_fuse(ifc, offset, value);
		break;
	case SOC_FW_ERROR:
		write_fw_error(ifc, offset, value);
		break;
	case SOC_LOCKABLE:
		if (!locked(ifc, r, offset))
			soc_ifc_set(ifc, offset, value);
		break;
	case SOC_FUSE_WR_DONE:
		ifc->fuse_wr_done_written = true;
		if (value)
			soc_ifc_set(ifc, offset, 1);
		advance_boot_fsm(ifc);
		break;
	case SOC_BOOTFSM_GO:
		soc_ifc_set(ifc, offset, value);
		advance_boot_fsm(ifc);
		break;
	case SOC_TRNG:
		if (trng_user_valid(ifc, user))
			soc_ifc_set(ifc, offset, value);
		break;
	}
}

bool soc_ifc_report_hw(struct soc_ifc *ifc, uint32_t offset, uint32_t bits)
{
	if (!bits || bits & ~find_register(ifc, offset)->mask)
		return false;
	ifc->reg[offset / 4] |= bits;
	if (offset == CPTRA_HW_ERROR_FATAL)
		ifc->error_fatal = true;
	else
		ifc->error_non_fatal = true;
	return true;
}

void soc_ifc_mbox_violation(struct soc_ifc *ifc, enum mbox_violation violation)
{
	uint32_t bits = 0;

	if (violation & MBOX_ACCESS_WITHOUT_LOCK)
		bits |= CPTRA_HW_ERROR_NON_FATAL_MBOX_PROT_NO_LOCK;
	if (violation & MBOX_ACCESS_OUT_OF_ORDER)
		bits |= CPTRA_HW_ERROR_NON_FATAL_MBOX_PROT_OOO;
	if (violation & MBOX_ECC_UNCORRECTABLE)
		bits |= CPTRA_HW_ERROR_NON_FATAL_MBOX_ECC_UNC;
	soc_ifc_report_hw(ifc, CPTRA_HW_ERROR_NON_FATAL, bits);
}

void soc_ifc_fuse_bytes(const struct soc_ifc *ifc, uint32_t offset,
			uint8_t *bytes, unsigned int words)
{
	unsigned int i;

	for (i = 0; i < words; i++) {
		uint32_t word = soc_ifc_get(ifc, offset + 4 * i);

		bytes[4 * i] = word >> 24;
		bytes[4 * i + 1] = word >> 16;
		bytes[4 * i + 2] = word >> 8;
		bytes[4 * i + 3] = word;
	}
}

uint32_t soc_ifc_svn_fuse(const struct soc_ifc *ifc, uint32_t offset)
{
	uint32_t svn = 0;
	uint32_t bit;

	for (bit = 0; bit < 128; bit++)
		if (soc_ifc_get(ifc, offset + bit / 32 * 4) >> bit % 32 & 1)
			svn = bit + 1;
	return svn;
}

void soc_ifc_clear_secrets(struct soc_ifc *ifc)
{
	ifc->fuse_edits++;
	OPENSSL_cleanse(&ifc->reg[INTERNAL_OBF_KEY / 4], 32);
	OPENSSL_cleanse(&ifc->reg[FUSE_UDS_SEED / 4],
			4 * ifc->generation->uds_seed_words);
	OPENSSL_cleanse(&ifc->reg[ifc->generation->fuse_field_entropy / 4], 32);
}

void soc_ifc_report_non_fatal(struct soc_ifc *ifc, uint32_t code)
{
	write_fw_error(ifc, CPTRA_FW_ERROR_NON_FATAL, code);
}

void soc_ifc_report_fatal(struct soc_ifc *ifc, uint32_t code)
{
	write_fw_error(ifc, CPTRA_FW_ERROR_FATAL, code);
}
