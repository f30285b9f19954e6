// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * The MCI's registers. One table says who may write what and when; see mci.h for
 * the sources.
 */
#include "mci.h"

#include <string.h>

/* Parameters of mci_top.sv. */
#define MCU_SRAM_SIZE_KIB	  512u
#define MIN_MCU_RST_COUNTER_WIDTH 4u

/* mci_boot_fsm: the MCU runs, and may ask for its reset. */
#define BOOT_WAIT_MCU_RST_REQ 8u

/* Size of what belongs to a mailbox in the window. */
#define MBOX_WINDOW_SIZE 0x400000u

/* Who may write a register, and what it does. */
enum mci_access {
	MCI_RO, /* nobody */
	MCI_RW, /* everybody */
	MCI_W1C, /* everybody clears the bits written as one */
	MCI_MCU, /* the MCU */
	MCI_CAP, /* the MCU, until MCI_CAP_LOCK is set */
	MCI_USER, /* everybody, until its lock is set */
	MCI_W1S, /* everybody sets it; it stays until reset */
};

/**
 * struct mci_reg - one register or array of registers
 * @offset: of the first
 * @count: registers in the array
 * @access: what a write does
 * @sticky: only a cold reset changes it
 * @mask: bits that exist
 * @reset: value after reset
 * @lock: for MCI_USER, offset of the first of as many lock registers
 */
struct mci_reg {
	uint16_t offset;
	uint8_t count;
	uint8_t access;
	bool sticky;
	uint32_t mask;
	uint32_t reset;
	uint16_t lock;
};

#define ALL 0xffffffffu

static const struct mci_reg mci_regs[] = {
	{ MCI_HW_CAPABILITIES, 1, MCI_CAP, false, ALL },
	{ MCI_FW_CAPABILITIES, 1, MCI_CAP, false, ALL },
	{ MCI_CAP_LOCK, 1, MCI_CAP, false, 1 },
	{ MCI_HW_REV_ID, 1, MCI_RO, false, ALL },
	{ MCI_FW_REV_ID, 2, MCI_MCU, false, ALL },
	{ MCI_HW_CONFIG1, 1, MCI_RO, false, ALL,
	  MCU_SRAM_SIZE_KIB << MCI_HW_CONFIG1_MCU_SRAM_SIZE_SHIFT |
		  MIN_MCU_RST_COUNTER_WIDTH },
	{ MCI_MCU_IFU_AXI_USER, 1, MCI_RO, false, ALL, MCI_MCU_USER },
	{ MCI_MCU_LSU_AXI_USER, 1, MCI_RO, false, ALL, MCI_MCU_USER },
	{ MCI_FW_FLOW_STATUS, 1, MCI_MCU, false, ALL },
	{ MCI_HW_FLOW_STATUS, 1, MCI_RO, false, ALL, BOOT_WAIT_MCU_RST_REQ },
	{ MCI_RESET_REASON, 1, MCI_MCU, false, 7 },
	{ MCI_HW_ERROR_FATAL, 1, MCI_W1C, true, 7 },
	{ MCI_AGG_ERROR_FATAL, 1, MCI_W1C, true, ALL },
	{ MCI_HW_ERROR_NON_FATAL, 1, MCI_W1C, true, 3 },
	{ MCI_AGG_ERROR_NON_FATAL, 1, MCI_W1C, true, ALL },
	{ MCI_FW_ERROR_FATAL, 1, MCI_RW, true, ALL },
	{ MCI_FW_ERROR_NON_FATAL, 1, MCI_RW, true, ALL },
	{ MCI_HW_ERROR_ENC, 1, MCI_RW, true, ALL },
	{ MCI_FW_ERROR_ENC, 1, MCI_RW, true, ALL },
	{ MCI_FW_EXTENDED_ERROR_INFO, 8, MCI_RW, true, ALL },
	{ MCI_INTERNAL_HW_ERROR_FATAL_MASK, 1, MCI_MCU, true, 7 },
	{ MCI_INTERNAL_HW_ERROR_NON_FATAL_MASK, 1, MCI_MCU, true, 3 },
	{ MCI_INTERNAL_AGG_ERROR_FATAL_MASK, 1, MCI_MCU, true, ALL,
	  0x3ffff000 },
	{ MCI_INTERNAL_AGG_ERROR_NON_FATAL_MASK, 1, MCI_MCU, true, ALL },
	{ MCI_INTERNAL_FW_ERROR_FATAL_MASK, 1, MCI_MCU, true, ALL },
	{ MCI_INTERNAL_FW_ERROR_NON_FATAL_MASK, 1, MCI_MCU, true, ALL },
	{ MCI_MBOX0_VALID_AXI_USER, 5, MCI_USER, false, ALL, ALL,
	  MCI_MBOX0_AXI_USER_LOCK },
	{ MCI_MBOX0_AXI_USER_LOCK, 5, MCI_W1S, false, 1 },
	{ MCI_MBOX1_VALID_AXI_USER, 5, MCI_USER, false, ALL, ALL,
	  MCI_MBOX1_AXI_USER_LOCK },
	{ MCI_MBOX1_AXI_USER_LOCK, 5, MCI_W1S, false, 1 },
	{ MCI_GENERIC_OUTPUT_WIRES, 2, MCI_RW, false, ALL },
	{ MCI_SS_CONFIG_DONE_STICKY, 1, MCI_W1S, true, 1 },
	{ MCI_SS_CONFIG_DONE, 1, MCI_W1S, false, 1 },
};

#define REGS (sizeof(mci_regs) / sizeof(mci_regs[0]))

static const struct mci_reg *find_register(uint32_t offset)
{
	size_t i;

	for (i = 0; i < REGS; i++) {
		const struct mci_reg *r = &mci_regs[i];

		if (offset >= r->offset && offset < r->offset + 4u * r->count)
			return r;
	}
	return NULL;
}

int mci_init(struct mci *mci, const uint32_t mbox_size[MCI_MBOXES])
{
	unsigned int i;

	memset(mci, 0, sizeof(*mci));
	for (i = 0; i < MCI_MBOXES; i++) {
		if (mcu_mbox_init(&mci->mbox[i], mbox_size[i], MCI_MCU_USER)) {
			mci_release(mci);
			return -1;
		}
	}
	return 0;
}

void mci_release(struct mci *mci)
{
	unsigned int i;

	for (i = 0; i < MCI_MBOXES; i++)
		mcu_mbox_release(&mci->mbox[i]);
}

/* A user counts once it is locked. */
static void follow_valid_users(struct mci *mci)
{
	static const struct {
		uint16_t users;
		uint16_t locks;
	} of[MCI_MBOXES] = {
		{ MCI_MBOX0_VALID_AXI_USER, MCI_MBOX0_AXI_USER_LOCK },
		{ MCI_MBOX1_VALID_AXI_USER, MCI_MBOX1_AXI_USER_LOCK },
	};
	unsigned int m;
	uint32_t i;

	for (m = 0; m < MCI_MBOXES; m++)
		for (i = 0; i < MCU_MBOX_VALID_USERS; i++)
			mci->mbox[m].valid_users[i] =
				mci_get(mci, of[m].locks + 4 * i) ?
					mci_get(mci, of[m].users + 4 * i) :
					MCU_MBOX_DEF_VALID_AXI_USER;
}

/* An error that is still there can not be cleared. */
static void follow_core_errors(struct mci *mci)
{
	if (mci->core_fatal)
		mci->reg[MCI_AGG_ERROR_FATAL / 4] |=
			MCI_AGG_ERROR_FATAL_CPTRA_ERROR_FATAL;
	if (mci->core_non_fatal)
		mci->reg[MCI_AGG_ERROR_NON_FATAL / 4] |=
			MCI_AGG_ERROR_NON_FATAL_CPTRA_ERROR_NON_FATAL;
}

static void reset_registers(struct mci *mci, bool cold)
{
	size_t i;
	uint32_t k;

	for (i = 0; i < REGS; i++)
		for (k = 0; k < mci_regs[i].count; k++)
			if (cold || !mci_regs[i].sticky)
				mci_set(mci, mci_regs[i].offset + 4 * k,
					mci_regs[i].reset);
	mci_set(mci, MCI_HW_REV_ID, mci->generation);
	mci_set(mci, MCI_HW_CONFIG0,
		mci->mbox[1].size / 1024 |
			mci->mbox[0].size / 1024
				<< MCI_HW_CONFIG0_MCU_MBOX0_SRAM_SIZE_SHIFT);
	for (i = 0; i < MCI_MBOXES; i++)
		mcu_mbox_reset(&mci->mbox[i]);
	follow_valid_users(mci);
}

void mci_cold_reset(struct mci *mci, uint32_t security_state)
{
	memset(mci->reg, 0, sizeof(mci->reg));
	mci->core_fatal = false;
	mci->core_non_fatal = false;
	reset_registers(mci, true);
	mci_set(mci, MCI_SECURITY_STATE, security_state);
}

void mci_warm_reset(struct mci *mci)
{
	reset_registers(mci, false);
	mci_set(mci, MCI_RESET_REASON, MCI_RESET_REASON_WARM_RESET);
}

void mci_resume(struct mci *mci, bool free)
{
	unsigned int i;

	for (i = 0; i < MCI_MBOXES; i++) {
		mci->mbox[i].lock = !free;
		mci->mbox[i].user = free ? 0 : MCI_MCU_USER;
	}
	follow_valid_users(mci);
}

void mci_core_errors(struct mci *mci, bool fatal, bool non_fatal)
{
	mci->core_fatal = fatal;
	mci->core_non_fatal = non_fatal;
	follow_core_errors(mci);
}

static struct mcu_mbox *mbox_at(struct mci *mci, uint32_t offset,
				uint32_t *inside)
{
	unsigned int i;

	for (i = 0; i < MCI_MBOXES; i++) {
		*inside = offset - mci_mbox_offset(i);
		if (*inside < MBOX_WINDOW_SIZE)
			return &mci->mbox[i];
	}
	return NULL;
}

uint32_t mci_read(struct mci *mci, uint32_t user, uint32_t offset,
		  uint64_t now_ns)
{
	struct mcu_mbox *mbox;
	uint32_t inside;

	if (offset < CALIPTRA_MCI_REG_SIZE)
		return mci_get(mci, offset);
	mbox = mbox_at(mci, offset, &inside);
	return mbox ? mcu_mbox_read(mbox, user, inside, now_ns) : 0;
}

static bool may_write(const struct mci *mci, const struct mci_reg *r,
		      uint32_t user, uint32_t offset)
{
	switch ((enum mci_access)r->access) {
	case MCI_RO:
		return false;
	case MCI_MCU:
		return user == MCI_MCU_USER;
	case MCI_CAP:
		return user == MCI_MCU_USER && !mci_get(mci, MCI_CAP_LOCK);
	case MCI_USER:
		return !mci_get(mci, r->lock + (offset - r->offset));
	default:
		return true;
	}
}

static void write_register(struct mci *mci, uint32_t user, uint32_t offset,
			   uint32_t value)
{
	const struct mci_reg *r = find_register(offset);

	if (!r || !may_write(mci, r, user, offset))
		return;
	value &= r->mask;
	if (r->access == MCI_W1C)
		value = mci_get(mci, offset) & ~value;
	else if (r->access == MCI_W1S)
		value |= mci_get(mci, offset);
	mci_set(mci, offset, value);
	follow_valid_users(mci);
	follow_core_errors(mci);
}

void mci_write(struct mci *mci, uint32_t user, uint32_t offset, uint32_t value,
	       uint64_t now_ns)
{
	struct mcu_mbox *mbox;
	uint32_t inside;

	if (offset < CALIPTRA_MCI_REG_SIZE) {
		write_register(mci, user, offset, value);
		return;
	}
	mbox = mbox_at(mci, offset, &inside);
	if (mbox)
		mcu_mbox_write(mbox, user, inside, value, now_ns);
}
