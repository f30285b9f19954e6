// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * Tests soc_ifc_reg as a SoC sees it: reset values and access rights of every
 * register (soc_ifc_external_reg.rdl, soc_ifc_fuse_reg.rdl,
 * soc_ifc_subsystem_reg.rdl), AXI user locks, error registers and their wires
 * (soc_ifc_top.sv), and the boot flow (soc_ifc_boot_fsm.sv).
 */
#include "harness.h"

#define ALL   0xffffffffu
#define USER  1u
#define OTHER 2u

static struct device dev;

/* What a SoC may do to a register. */
enum rights {
	RO,
	RW,
	FUSE, /* written and read until CPTRA_FUSE_WR_DONE, then only read */
	SECRET, /* the same, but never read */
	NONE, /* neither */
};

/**
 * struct reg - a register or an array of them
 * @offset: of the first
 * @count: how many
 * @rights: of the SoC
 * @mask: bits that exist
 * @reset: value after a cold reset in passive mode, straps tied to zero
 */
struct reg {
	uint32_t offset;
	uint32_t count;
	enum rights rights;
	uint32_t mask;
	uint32_t reset;
};

/* Those that do more when written stand in tests of their own. */
static const struct reg regs[] = {
	{ CPTRA_HW_ERROR_ENC, 1, RW, ALL },
	{ CPTRA_FW_ERROR_ENC, 1, RW, ALL },
	{ CPTRA_FW_EXTENDED_ERROR_INFO, 8, RW, ALL },
	{ CPTRA_BOOT_STATUS, 1, RO, ALL },
	/* boot_fsm_ps BOOT_FUSE and ready_for_fuses */
	{ CPTRA_FLOW_STATUS, 1, RO, ALL, 1u << 25 | 1u << 30 },
	{ CPTRA_RESET_REASON, 1, RO, 3 },
	/* production, debugging locked */
	{ CPTRA_SECURITY_STATE, 1, RO, 0xf, 7 },
	{ CPTRA_TRNG_CTRL, 1, RO, 1 },
	{ CPTRA_TRNG_STATUS, 1, RO, 3 },
	{ CPTRA_TRNG_DATA, 12, RW, ALL },
	{ CPTRA_TIMER_CONFIG, 1, RW, ALL },
	{ CPTRA_DBG_MANUF_SERVICE_REG, 1, RW, ALL },
	{ CPTRA_CLK_GATING_EN, 1, RW, 1 },
	{ CPTRA_GENERIC_INPUT_WIRES, 2, RO, ALL },
	{ CPTRA_GENERIC_OUTPUT_WIRES, 2, RO, ALL },
	/* generation 2.1 */
	{ CPTRA_HW_REV_ID, 1, RO, ALL, 0x0012 },
	{ CPTRA_FW_REV_ID, 2, RO, ALL },
	/* internal TRNG and LMS accelerator */
	{ CPTRA_HW_CONFIG, 1, RO, 0xff, 0x11 },
	{ CPTRA_WDT_TIMER1_EN, 1, RO, 1 },
	{ CPTRA_WDT_TIMER1_CTRL, 1, RO, 1 },
	{ CPTRA_WDT_TIMER1_TIMEOUT_PERIOD, 2, RO, ALL, ALL },
	{ CPTRA_WDT_TIMER2_EN, 1, RO, 1 },
	{ CPTRA_WDT_TIMER2_CTRL, 1, RO, 1 },
	{ CPTRA_WDT_TIMER2_TIMEOUT_PERIOD, 2, RO, ALL, ALL },
	{ CPTRA_WDT_STATUS, 1, RO, 3 },
	{ CPTRA_WDT_CFG, 2, RW, ALL },
	{ CPTRA_RSVD_REG, 2, RW, ALL },
	{ CPTRA_HW_CAPABILITIES, 1, RO, ALL },
	{ CPTRA_FW_CAPABILITIES, 1, RO, ALL },
	{ CPTRA_CAP_LOCK, 1, RO, 1 },
	{ CPTRA_ITRNG_ENTROPY_CONFIG, 3, RW, ALL },
	{ CPTRA_ITRNG1_ENTROPY_CONFIG, 3, RW, ALL },
	{ FUSE_UDS_SEED, 16, SECRET, ALL },
	{ FUSE_FIELD_ENTROPY, 8, SECRET, ALL },
	{ FUSE_VENDOR_PK_HASH, 12, FUSE, ALL },
	{ FUSE_ECC_REVOCATION, 1, FUSE, 0xf },
	{ FUSE_FMC_KEY_MANIFEST_SVN, 1, FUSE, ALL },
	{ FUSE_RUNTIME_SVN, 4, FUSE, ALL },
	{ FUSE_ANTI_ROLLBACK_DISABLE, 1, FUSE, 1 },
	{ FUSE_IDEVID_CERT_ATTR, 24, FUSE, ALL },
	{ FUSE_IDEVID_MANUF_HSM_ID, 4, FUSE, ALL },
	{ FUSE_LMS_REVOCATION, 1, FUSE, ALL },
	{ FUSE_MLDSA_REVOCATION, 1, FUSE, 0xf },
	{ FUSE_SOC_STEPPING_ID, 1, FUSE, 0xffff },
	{ FUSE_MANUF_DBG_UNLOCK_TOKEN, 16, FUSE, ALL },
	{ FUSE_PQC_KEY_TYPE, 1, FUSE, 3 },
	{ FUSE_SOC_MANIFEST_SVN, 4, FUSE, ALL },
	{ FUSE_SOC_MANIFEST_MAX_SVN, 1, FUSE, 0xff },
	{ FUSE_HEK_SEED, 8, FUSE, ALL },
	{ SS_CALIPTRA_BASE_ADDR_L, 12, FUSE, ALL },
	{ SS_DEBUG_INTENT, 1, RO, 1 },
	{ SS_CALIPTRA_DMA_AXI_USER, 1, FUSE, ALL },
	{ SS_EXTERNAL_STAGING_AREA_BASE_ADDR_L, 2, FUSE, ALL },
	{ SS_KEY_RELEASE_BASE_ADDR_L, 2, FUSE, ALL },
	{ SS_KEY_RELEASE_SIZE, 1, FUSE, 0xffff },
	{ SS_OCP_LOCK_CTRL, 1, RO, 1 },
	{ SS_STRAP_GENERIC, 4, FUSE, ALL },
	{ SS_DBG_SERVICE_REG_REQ, 1, RO, 7 },
	{ SS_DBG_SERVICE_REG_RSP, 1, RO, 0x3ff },
	{ SS_SOC_DBG_UNLOCK_LEVEL, 2, RO, ALL },
	{ SS_GENERIC_FW_EXEC_CTRL, 4, RO, ALL },
	{ INTERNAL_OBF_KEY, 8, NONE, ALL },
};

/* Registers that have a test of their own. */
static const struct reg others[] = {
	{ CPTRA_HW_ERROR_FATAL, 1, RW, 0x7f },
	{ CPTRA_HW_ERROR_NON_FATAL, 1, RW, 0xf },
	{ CPTRA_FW_ERROR_FATAL, 1, RW, ALL },
	{ CPTRA_FW_ERROR_NON_FATAL, 1, RW, ALL },
	{ CPTRA_MBOX_VALID_AXI_USER, 5, RW, ALL, ALL },
	{ CPTRA_MBOX_AXI_USER_LOCK, 5, RW, 1 },
	{ CPTRA_TRNG_VALID_AXI_USER, 1, RW, ALL, ALL },
	{ CPTRA_TRNG_AXI_USER_LOCK, 1, RW, 1 },
	{ CPTRA_FUSE_WR_DONE, 1, RW, 1 },
	{ CPTRA_BOOTFSM_GO, 1, RW, 1 },
	{ CPTRA_FUSE_VALID_AXI_USER, 1, RW, ALL, ALL },
	{ CPTRA_FUSE_AXI_USER_LOCK, 1, RW, 1 },
	{ CPTRA_OWNER_PK_HASH, 12, RW, ALL },
	{ CPTRA_OWNER_PK_HASH_LOCK, 1, RW, 1 },
};

static uint32_t read_reg(uint32_t offset)
{
	return ifc_read(&dev, offset);
}

static void write_reg(uint32_t offset, uint32_t value)
{
	ifc_write(&dev, offset, value);
}

static bool wire(enum bus_wire w)
{
	return bus_wires(&dev.bus) & w;
}

static uint32_t boot_fsm(void)
{
	return (read_reg(CPTRA_FLOW_STATUS) &
		CPTRA_FLOW_STATUS_BOOT_FSM_PS_MASK) >>
	       CPTRA_FLOW_STATUS_BOOT_FSM_PS_SHIFT;
}

static bool ready_for_fuses(void)
{
	bool ready = read_reg(CPTRA_FLOW_STATUS) &
		     CPTRA_FLOW_STATUS_READY_FOR_FUSES;

	assert_int_equal(wire(BUS_WIRE_READY_FOR_FUSES), ready);
	return ready;
}

static void power_on(struct soc_ifc_straps straps)
{
	dev.config.straps = straps;
	bus_cold_reset(&dev.bus);
}

static int cold_reset(void **unused)
{
	(void)unused;
	power_on((struct soc_ifc_straps){
		.device_lifecycle = LIFECYCLE_PRODUCTION,
		.debug_locked = true,
	});
	return 0;
}

static void expect_reset_values(const struct reg *table, size_t count)
{
	size_t i;
	uint32_t k;

	for (i = 0; i < count; i++)
		for (k = 0; k < table[i].count; k++)
			assert_int_equal(read_reg(table[i].offset + 4 * k),
					 table[i].reset);
}

static void reset_values(void **unused)
{
	(void)unused;
	expect_reset_values(regs, COUNT(regs));
	expect_reset_values(others, COUNT(others));
}

/* What a write of @value leaves of @before in the register. */
static uint32_t expected(const struct reg *r, bool fuses_done, uint32_t before,
			 uint32_t value)
{
	switch (r->rights) {
	case RW:
		return value & r->mask;
	case FUSE:
		return fuses_done ? before : value & r->mask;
	case RO:
		return before;
	case SECRET:
	case NONE:
		break;
	}
	return 0;
}

static void try_values(const struct reg *r, bool fuses_done)
{
	static const uint32_t values[] = { ALL, 0, 0xa5a5a5a5, 0x5a5a5a5a };
	uint32_t before;
	uint32_t k;
	size_t v;

	for (k = 0; k < r->count; k++) {
		for (v = 0; v < COUNT(values); v++) {
			before = read_reg(r->offset + 4 * k);
			write_reg(r->offset + 4 * k, values[v]);
			assert_int_equal(read_reg(r->offset + 4 * k),
					 expected(r, fuses_done, before,
						  values[v]));
		}
	}
}

static void access_rights(void **unused)
{
	size_t i;

	(void)unused;
	for (i = 0; i < COUNT(regs); i++)
		if (regs[i].offset != FUSE_SOC_STEPPING_ID)
			try_values(&regs[i], false);
	write_reg(CPTRA_FUSE_WR_DONE, 1);
	for (i = 0; i < COUNT(regs); i++)
		try_values(&regs[i], true);
}

/* Each word of an array is a register of its own. */
static void arrays_do_not_overlap(void **unused)
{
	size_t i;
	uint32_t k;

	(void)unused;
	for (i = 0; i < COUNT(regs); i++)
		if (regs[i].rights == RW || regs[i].rights == FUSE)
			for (k = 0; k < regs[i].count; k++)
				write_reg(regs[i].offset + 4 * k,
					  regs[i].offset * 0x10001 + k);
	for (i = 0; i < COUNT(regs); i++)
		if (regs[i].rights == RW || regs[i].rights == FUSE)
			for (k = 0; k < regs[i].count; k++)
				assert_int_equal(
					read_reg(regs[i].offset + 4 * k),
					(regs[i].offset * 0x10001 + k) &
						regs[i].mask);
}

static void secrets_are_kept_but_not_shown(void **unused)
{
	(void)unused;
	write_reg(FUSE_UDS_SEED + 60, 0x12345678);
	write_reg(FUSE_FIELD_ENTROPY + 28, 0x9abcdef0);
	write_reg(CPTRA_FUSE_WR_DONE, 1);
	write_reg(FUSE_UDS_SEED + 60, 0);
	write_reg(FUSE_FIELD_ENTROPY + 28, 0);
	assert_int_equal(read_reg(FUSE_UDS_SEED + 60), 0);
	assert_int_equal(soc_ifc_get(&dev.ifc, FUSE_UDS_SEED + 60), 0x12345678);
	assert_int_equal(soc_ifc_get(&dev.ifc, FUSE_FIELD_ENTROPY + 28),
			 0x9abcdef0);
	assert_int_not_equal(soc_ifc_get(&dev.ifc, INTERNAL_OBF_KEY), 0);

	soc_ifc_clear_secrets(&dev.ifc);
	assert_int_equal(soc_ifc_get(&dev.ifc, FUSE_UDS_SEED + 60), 0);
	assert_int_equal(soc_ifc_get(&dev.ifc, FUSE_FIELD_ENTROPY + 28), 0);
	assert_int_equal(soc_ifc_get(&dev.ifc, INTERNAL_OBF_KEY), 0);
	assert_int_equal(soc_ifc_get(&dev.ifc, INTERNAL_OBF_KEY + 28), 0);
}

static bool listed(const struct reg *table, size_t count, uint32_t offset)
{
	size_t i;

	for (i = 0; i < count; i++)
		if (offset >= table[i].offset &&
		    offset < table[i].offset + 4 * table[i].count)
			return true;
	return false;
}

/* Reads of undefined addresses give zero, and writes are dropped. */
static void undefined_addresses(void **unused)
{
	static struct soc_ifc before;
	uint32_t offset;

	(void)unused;
	before = dev.ifc;
	for (offset = 0; offset < 0x1000; offset += 4) {
		if (listed(regs, COUNT(regs), offset) ||
		    listed(others, COUNT(others), offset))
			continue;
		write_reg(offset, ALL);
		assert_int_equal(read_reg(offset), 0);
	}
	/* beside the register blocks, and not aligned to a word */
	for (offset = 0; offset < 0x10000; offset += 0x1000)
		if (offset)
			write_reg(offset, ALL);
	write_reg(CPTRA_TIMER_CONFIG + 1, ALL);
	write_reg(CPTRA_TIMER_CONFIG + 2, ALL);
	write_reg(CPTRA_TIMER_CONFIG + 3, ALL);
	write_reg(0u - 0x1000, ALL);
	assert_int_equal(read_reg(0x1000), 0);
	assert_int_equal(read_reg(CPTRA_HW_REV_ID + 2), 0);
	assert_int_equal(read_reg(0u - 0x1000), 0);
	assert_memory_equal(&dev.ifc, &before, sizeof(before));
}

static void cold_reset_clears_everything(void **unused)
{
	size_t i;
	uint32_t k;

	(void)unused;
	for (i = 0; i < COUNT(regs); i++)
		for (k = 0; k < regs[i].count; k++)
			write_reg(regs[i].offset + 4 * k, ALL);
	for (i = 0; i < COUNT(others); i++)
		for (k = 0; k < others[i].count; k++)
			write_reg(others[i].offset + 4 * k, 0x55555555);
	soc_ifc_mbox_violation(&dev.ifc, MBOX_ACCESS_OUT_OF_ORDER);
	soc_ifc_report_fatal(&dev.ifc, 1);
	cold_reset(NULL);
	reset_values(NULL);
	assert_int_equal(soc_ifc_get(&dev.ifc, FUSE_UDS_SEED), 0);
	assert_int_equal(bus_wires(&dev.bus), BUS_WIRE_READY_FOR_FUSES);
}

static void security_state_is_strapped(void **unused)
{
	static const uint8_t lifecycles[] = { LIFECYCLE_UNPROVISIONED,
					      LIFECYCLE_MANUFACTURING,
					      LIFECYCLE_PRODUCTION };
	size_t i;

	(void)unused;
	for (i = 0; i < COUNT(lifecycles); i++) {
		power_on((struct soc_ifc_straps){ .device_lifecycle =
							  lifecycles[i],
						  .debug_locked = true });
		assert_int_equal(read_reg(CPTRA_SECURITY_STATE),
				 lifecycles[i] | 4);
		power_on((struct soc_ifc_straps){ .device_lifecycle =
							  lifecycles[i] });
		assert_int_equal(read_reg(CPTRA_SECURITY_STATE), lifecycles[i]);
	}
}

static void stepping_is_in_revision(void **unused)
{
	(void)unused;
	write_reg(FUSE_SOC_STEPPING_ID, 0xffff1234);
	assert_int_equal(read_reg(CPTRA_HW_REV_ID), 0x12340012);
	write_reg(FUSE_SOC_STEPPING_ID, 0x5678);
	write_reg(CPTRA_FUSE_WR_DONE, 1);
	write_reg(FUSE_SOC_STEPPING_ID, 0x9999);
	assert_int_equal(read_reg(CPTRA_HW_REV_ID), 0x56780012);
}

/*
 * Boot flow
 */

static void boots_when_fuses_are_done(void **unused)
{
	(void)unused;
	assert_int_equal(boot_fsm(), BOOT_FUSE);
	assert_true(ready_for_fuses());
	write_reg(CPTRA_BOOTFSM_GO, 1);
	assert_int_equal(boot_fsm(), BOOT_FUSE);
	write_reg(CPTRA_BOOTFSM_GO, 0);
	write_reg(CPTRA_FUSE_WR_DONE, 1);
	assert_int_equal(boot_fsm(), BOOT_DONE);
	assert_false(ready_for_fuses());
	assert_int_equal(read_reg(CPTRA_FUSE_WR_DONE), 1);
	write_reg(CPTRA_FUSE_WR_DONE, 0);
	assert_int_equal(read_reg(CPTRA_FUSE_WR_DONE), 1);
}

/* Any write of CPTRA_FUSE_WR_DONE ends ready_for_fuses, only a 1 the state. */
static void fuse_wr_done_written_zero(void **unused)
{
	(void)unused;
	write_reg(CPTRA_FUSE_WR_DONE, 0xfffffffe);
	assert_int_equal(read_reg(CPTRA_FUSE_WR_DONE), 0);
	assert_int_equal(boot_fsm(), BOOT_FUSE);
	assert_false(ready_for_fuses());
	write_reg(FUSE_LMS_REVOCATION, 7);
	assert_int_equal(read_reg(FUSE_LMS_REVOCATION), 7);
	write_reg(CPTRA_FUSE_WR_DONE, 1);
	assert_int_equal(boot_fsm(), BOOT_DONE);
}

/**
 * struct brkpoint - does the pin BootFSM_BrkPoint stop the boot?
 */
struct brkpoint {
	uint8_t lifecycle;
	bool debug_locked;
	bool stops;
};

static void break_point(void **unused)
{
	static const struct brkpoint cases[] = {
		{ LIFECYCLE_UNPROVISIONED, true, false },
		{ LIFECYCLE_MANUFACTURING, true, true },
		{ LIFECYCLE_PRODUCTION, true, false },
		{ LIFECYCLE_UNPROVISIONED, false, true },
		{ LIFECYCLE_MANUFACTURING, false, true },
		{ LIFECYCLE_PRODUCTION, false, true },
	};
	size_t i;

	(void)unused;
	for (i = 0; i < COUNT(cases); i++) {
		power_on((struct soc_ifc_straps){
			.bootfsm_brkpoint = true,
			.device_lifecycle = cases[i].lifecycle,
			.debug_locked = cases[i].debug_locked,
		});
		write_reg(CPTRA_FUSE_WR_DONE, 1);
		assert_false(ready_for_fuses());
		if (cases[i].stops) {
			assert_int_equal(boot_fsm(), BOOT_WAIT);
			write_reg(CPTRA_BOOTFSM_GO, 0xfffffffe);
			assert_int_equal(boot_fsm(), BOOT_WAIT);
			write_reg(CPTRA_BOOTFSM_GO, 1);
		}
		assert_int_equal(boot_fsm(), BOOT_DONE);
		/* there is no way back */
		write_reg(CPTRA_BOOTFSM_GO, 0);
		assert_int_equal(read_reg(CPTRA_BOOTFSM_GO), 0);
		assert_int_equal(boot_fsm(), BOOT_DONE);
	}
}

static void go_before_fuses(void **unused)
{
	(void)unused;
	power_on((struct soc_ifc_straps){
		.bootfsm_brkpoint = true,
		.device_lifecycle = LIFECYCLE_MANUFACTURING,
	});
	write_reg(CPTRA_BOOTFSM_GO, 1);
	assert_int_equal(boot_fsm(), BOOT_FUSE);
	write_reg(CPTRA_FUSE_WR_DONE, 1);
	assert_int_equal(boot_fsm(), BOOT_DONE);
}

/*
 * AXI users
 */

static bool reaches_mailbox(uint32_t user)
{
	enum mbox_violation unused;
	bool reaches;

	csr_read(&dev, user, MBOX_LOCK);
	reaches = dev.mbox.lock;
	mbox_write(&dev.mbox, MBOX_UC, MBOX_UC_USER, MBOX_UNLOCK, 1);
	mbox_read(&dev.mbox, MBOX_UC, MBOX_UC_USER, MBOX_STATUS, &unused);
	return reaches;
}

static void mailbox_users(void **unused)
{
	uint32_t i;

	(void)unused;
	for (i = 0; i < 5; i++) {
		uint32_t user = 0x100 + i;
		uint32_t valid = CPTRA_MBOX_VALID_AXI_USER + 4 * i;
		uint32_t lock = CPTRA_MBOX_AXI_USER_LOCK + 4 * i;

		/* valid once it is locked, and never changed again */
		write_reg(valid, user);
		assert_false(reaches_mailbox(user));
		write_reg(lock, 0);
		write_reg(valid, user + 0x100);
		write_reg(valid, user);
		write_reg(lock, ALL);
		assert_int_equal(read_reg(lock), 1);
		assert_true(reaches_mailbox(user));
		write_reg(valid, 0x55);
		write_reg(lock, 0);
		assert_int_equal(read_reg(valid), user);
		assert_int_equal(read_reg(lock), 1);
		assert_false(reaches_mailbox(0x55));
		assert_true(reaches_mailbox(user));
	}
	assert_true(reaches_mailbox(0x100));
	assert_false(reaches_mailbox(0));
	/* CPTRA_DEF_MBOX_VALID_AXI_USER */
	assert_true(reaches_mailbox(ALL));
}

static void fuse_user(void **unused)
{
	(void)unused;
	/* anybody, until one is locked */
	ifc_write_as(&dev, OTHER, FUSE_LMS_REVOCATION, 1);
	assert_int_equal(ifc_read_as(&dev, OTHER, FUSE_LMS_REVOCATION), 1);
	write_reg(CPTRA_FUSE_VALID_AXI_USER, USER);
	ifc_write_as(&dev, OTHER, FUSE_LMS_REVOCATION, 2);
	assert_int_equal(ifc_read_as(&dev, OTHER, FUSE_LMS_REVOCATION), 2);
	write_reg(CPTRA_FUSE_AXI_USER_LOCK, 1);

	ifc_write_as(&dev, OTHER, FUSE_LMS_REVOCATION, 3);
	assert_int_equal(ifc_read_as(&dev, OTHER, FUSE_LMS_REVOCATION), 0);
	assert_int_equal(read_reg(FUSE_LMS_REVOCATION), 2);
	ifc_write_as(&dev, OTHER, SS_STRAP_GENERIC + 12, 3);
	assert_int_equal(read_reg(SS_STRAP_GENERIC + 12), 0);
	write_reg(FUSE_LMS_REVOCATION, 4);
	assert_int_equal(read_reg(FUSE_LMS_REVOCATION), 4);

	/* the lock itself, and what is not a fuse */
	ifc_write_as(&dev, OTHER, CPTRA_FUSE_VALID_AXI_USER, OTHER);
	ifc_write_as(&dev, OTHER, CPTRA_FUSE_AXI_USER_LOCK, 0);
	assert_int_equal(read_reg(CPTRA_FUSE_VALID_AXI_USER), USER);
	assert_int_equal(read_reg(CPTRA_FUSE_AXI_USER_LOCK), 1);
	ifc_write_as(&dev, OTHER, CPTRA_FUSE_WR_DONE, 1);
	assert_int_equal(boot_fsm(), BOOT_DONE);
}

static void trng_user(void **unused)
{
	(void)unused;
	ifc_write_as(&dev, OTHER, CPTRA_TRNG_DATA, 1);
	assert_int_equal(ifc_read_as(&dev, OTHER, CPTRA_TRNG_DATA), 1);
	write_reg(CPTRA_TRNG_VALID_AXI_USER, USER);
	write_reg(CPTRA_TRNG_AXI_USER_LOCK, 1);

	ifc_write_as(&dev, OTHER, CPTRA_TRNG_DATA, 2);
	assert_int_equal(ifc_read_as(&dev, OTHER, CPTRA_TRNG_DATA), 0);
	assert_int_equal(read_reg(CPTRA_TRNG_DATA), 1);
	write_reg(CPTRA_TRNG_DATA + 44, 3);
	assert_int_equal(read_reg(CPTRA_TRNG_DATA + 44), 3);
	assert_int_equal(ifc_read_as(&dev, OTHER, CPTRA_TRNG_DATA + 44), 0);
	write_reg(CPTRA_TRNG_VALID_AXI_USER, OTHER);
	write_reg(CPTRA_TRNG_AXI_USER_LOCK, 0);
	assert_int_equal(read_reg(CPTRA_TRNG_VALID_AXI_USER), USER);
	assert_int_equal(read_reg(CPTRA_TRNG_AXI_USER_LOCK), 1);
}

static void owner_pk_hash(void **unused)
{
	(void)unused;
	write_reg(CPTRA_FUSE_WR_DONE, 1);
	write_reg(CPTRA_OWNER_PK_HASH, 1);
	write_reg(CPTRA_OWNER_PK_HASH + 44, 2);
	write_reg(CPTRA_OWNER_PK_HASH_LOCK, 0);
	write_reg(CPTRA_OWNER_PK_HASH, 3);
	assert_int_equal(read_reg(CPTRA_OWNER_PK_HASH), 3);
	write_reg(CPTRA_OWNER_PK_HASH_LOCK, 1);
	write_reg(CPTRA_OWNER_PK_HASH_LOCK, 0);
	write_reg(CPTRA_OWNER_PK_HASH, 4);
	write_reg(CPTRA_OWNER_PK_HASH + 44, 5);
	assert_int_equal(read_reg(CPTRA_OWNER_PK_HASH), 3);
	assert_int_equal(read_reg(CPTRA_OWNER_PK_HASH + 44), 2);
	assert_int_equal(read_reg(CPTRA_OWNER_PK_HASH_LOCK), 1);
}

/*
 * Errors
 */

/* What stays over a warm reset: resetsignal cptra_pwrgood in the RDL. */
static bool for_power_cycles(uint32_t offset)
{
	return offset < CPTRA_BOOT_STATUS || offset == CPTRA_FUSE_WR_DONE ||
	       offset == CPTRA_TIMER_CONFIG || offset == CPTRA_FW_REV_ID ||
	       offset == CPTRA_FUSE_VALID_AXI_USER ||
	       offset == CPTRA_FUSE_AXI_USER_LOCK || offset == CPTRA_WDT_CFG ||
	       (offset >= CPTRA_OWNER_PK_HASH &&
		offset <= CPTRA_OWNER_PK_HASH_LOCK) ||
	       (offset >= FUSE_UDS_SEED && offset < SS_DBG_SERVICE_REG_REQ &&
		offset != SS_DEBUG_INTENT && offset != SS_OCP_LOCK_CTRL) ||
	       offset == INTERNAL_OBF_KEY;
}

/* Every register set to all ones, and what is left of it. */
static void check_warm_reset(const struct reg *r)
{
	uint32_t want = for_power_cycles(r->offset) ? r->mask : r->reset;

	/* hardware says what these are */
	if (r->offset == CPTRA_RESET_REASON || r->offset == CPTRA_HW_REV_ID ||
	    r->offset == CPTRA_FLOW_STATUS || r->offset == SS_DEBUG_INTENT ||
	    r->offset == SS_OCP_LOCK_CTRL)
		return;
	cold_reset(NULL);
	soc_ifc_set(&dev.ifc, r->offset, r->mask);
	soc_ifc_warm_reset(&dev.ifc);
	if (soc_ifc_get(&dev.ifc, r->offset) != want)
		fail_msg("0x%x is 0x%x after a warm reset", r->offset,
			 soc_ifc_get(&dev.ifc, r->offset));
}

static void warm_reset_leaves_what_is_for_power_cycles(void **unused)
{
	size_t i;

	(void)unused;
	for (i = 0; i < COUNT(regs); i++)
		check_warm_reset(&regs[i]);
	for (i = 0; i < COUNT(others); i++)
		check_warm_reset(&others[i]);
}

/* CPTRA_FUSE_WR_DONE is set still, but has to be written again. */
static void warm_reset_waits_for_the_soc(void **unused)
{
	(void)unused;
	write_reg(FUSE_SOC_STEPPING_ID, 0x77);
	write_reg(CPTRA_FUSE_WR_DONE, 1);
	soc_ifc_warm_reset(&dev.ifc);
	assert_int_equal(read_reg(CPTRA_RESET_REASON),
			 CPTRA_RESET_REASON_WARM_RESET);
	assert_int_equal(read_reg(CPTRA_HW_REV_ID) >> 16, 0x77);
	assert_int_equal(dev.ifc.boot_fsm, BOOT_FUSE);
	assert_true(soc_ifc_ready_for_fuses(&dev.ifc));
	write_reg(FUSE_SOC_STEPPING_ID, 0x78);
	assert_int_equal(read_reg(FUSE_SOC_STEPPING_ID), 0x77);
	write_reg(CPTRA_BOOTFSM_GO, 1);
	assert_int_equal(dev.ifc.boot_fsm, BOOT_FUSE);
	write_reg(CPTRA_FUSE_WR_DONE, 1);
	assert_int_equal(dev.ifc.boot_fsm, BOOT_DONE);
	soc_ifc_update_reset(&dev.ifc);
	assert_int_equal(read_reg(CPTRA_RESET_REASON),
			 CPTRA_RESET_REASON_FW_UPD_RESET);
	soc_ifc_warm_reset(&dev.ifc);
	assert_int_equal(read_reg(CPTRA_RESET_REASON),
			 CPTRA_RESET_REASON_WARM_RESET);
}

static void hw_errors_are_cleared_by_ones(void **unused)
{
	(void)unused;
	write_reg(CPTRA_HW_ERROR_NON_FATAL, ALL);
	assert_int_equal(read_reg(CPTRA_HW_ERROR_NON_FATAL), 0);
	assert_false(wire(BUS_WIRE_CPTRA_ERROR_NON_FATAL));
	soc_ifc_set(&dev.ifc, CPTRA_HW_ERROR_FATAL, 0x7f);
	write_reg(CPTRA_HW_ERROR_FATAL, 0x0a);
	assert_int_equal(read_reg(CPTRA_HW_ERROR_FATAL), 0x75);
	write_reg(CPTRA_HW_ERROR_FATAL, ALL);
	assert_int_equal(read_reg(CPTRA_HW_ERROR_FATAL), 0);

	soc_ifc_mbox_violation(&dev.ifc, MBOX_NO_VIOLATION);
	assert_int_equal(read_reg(CPTRA_HW_ERROR_NON_FATAL), 0);
	assert_false(dev.ifc.error_non_fatal);
	soc_ifc_mbox_violation(&dev.ifc, MBOX_ACCESS_WITHOUT_LOCK);
	soc_ifc_mbox_violation(&dev.ifc, MBOX_ACCESS_OUT_OF_ORDER);
	assert_int_equal(read_reg(CPTRA_HW_ERROR_NON_FATAL), 3);
	write_reg(CPTRA_HW_ERROR_NON_FATAL, 0);
	assert_int_equal(read_reg(CPTRA_HW_ERROR_NON_FATAL), 3);
	assert_true(wire(BUS_WIRE_CPTRA_ERROR_NON_FATAL));
	write_reg(CPTRA_HW_ERROR_NON_FATAL, 1);
	assert_true(wire(BUS_WIRE_CPTRA_ERROR_NON_FATAL));
	write_reg(CPTRA_HW_ERROR_NON_FATAL, 2);
	assert_false(wire(BUS_WIRE_CPTRA_ERROR_NON_FATAL));
}

/* The fatal wire falls with a reset and with nothing else. */
static void fatal_wire(void **unused)
{
	(void)unused;
	write_reg(CPTRA_FW_ERROR_FATAL, 0);
	assert_false(wire(BUS_WIRE_CPTRA_ERROR_FATAL));
	write_reg(CPTRA_FW_ERROR_FATAL, 0x01020304);
	assert_int_equal(read_reg(CPTRA_FW_ERROR_FATAL), 0x01020304);
	assert_true(wire(BUS_WIRE_CPTRA_ERROR_FATAL));
	assert_false(wire(BUS_WIRE_CPTRA_ERROR_NON_FATAL));
	write_reg(CPTRA_FW_ERROR_FATAL, 0);
	assert_int_equal(read_reg(CPTRA_FW_ERROR_FATAL), 0);
	assert_true(wire(BUS_WIRE_CPTRA_ERROR_FATAL));
	cold_reset(NULL);
	assert_false(wire(BUS_WIRE_CPTRA_ERROR_FATAL));
}

/* The non-fatal wire is high until both registers are clear. */
static void non_fatal_wire(void **unused)
{
	(void)unused;
	write_reg(CPTRA_FW_ERROR_NON_FATAL, 0xe0002);
	assert_true(wire(BUS_WIRE_CPTRA_ERROR_NON_FATAL));
	assert_false(wire(BUS_WIRE_CPTRA_ERROR_FATAL));
	write_reg(CPTRA_FW_ERROR_NON_FATAL, 2);
	assert_int_equal(read_reg(CPTRA_FW_ERROR_NON_FATAL), 2);
	assert_true(wire(BUS_WIRE_CPTRA_ERROR_NON_FATAL));
	soc_ifc_mbox_violation(&dev.ifc, MBOX_ACCESS_OUT_OF_ORDER);
	write_reg(CPTRA_FW_ERROR_NON_FATAL, 0);
	assert_true(wire(BUS_WIRE_CPTRA_ERROR_NON_FATAL));
	write_reg(CPTRA_HW_ERROR_NON_FATAL, ALL);
	assert_false(wire(BUS_WIRE_CPTRA_ERROR_NON_FATAL));

	soc_ifc_mbox_violation(&dev.ifc, MBOX_ACCESS_OUT_OF_ORDER);
	write_reg(CPTRA_FW_ERROR_NON_FATAL, 5);
	write_reg(CPTRA_HW_ERROR_NON_FATAL, ALL);
	assert_true(wire(BUS_WIRE_CPTRA_ERROR_NON_FATAL));
	write_reg(CPTRA_FW_ERROR_NON_FATAL, 0);
	assert_false(wire(BUS_WIRE_CPTRA_ERROR_NON_FATAL));
}

static unsigned int changes;

static void count_change(void *listener)
{
	assert_ptr_equal(listener, &changes);
	changes++;
}

static void listener_hears_of_changes_only(void **unused)
{
	(void)unused;
	dev.bus.wires_changed = count_change;
	dev.bus.listener = &changes;
	changes = 0;
	write_reg(CPTRA_FW_ERROR_NON_FATAL, 1);
	assert_int_equal(changes, 1);
	write_reg(CPTRA_FW_ERROR_NON_FATAL, 3);
	read_reg(CPTRA_FW_ERROR_NON_FATAL);
	assert_int_equal(changes, 1);
	write_reg(CPTRA_FW_ERROR_NON_FATAL, 0);
	assert_int_equal(changes, 2);
	bus_cold_reset(&dev.bus);
	assert_int_equal(changes, 2);
	write_reg(CPTRA_FUSE_WR_DONE, 1);
	assert_int_equal(changes, 3);
	dev.bus.wires_changed = NULL;
}

/*
 * The microcontroller's view
 */

static void svn_fuse_counts_the_highest_bit(void **unused)
{
	uint32_t bit;

	(void)unused;
	assert_int_equal(soc_ifc_svn_fuse(&dev.ifc, FUSE_RUNTIME_SVN), 0);
	for (bit = 0; bit < 128; bit++) {
		cold_reset(NULL);
		write_reg(FUSE_RUNTIME_SVN + bit / 32 * 4, 1u << bit % 32);
		assert_int_equal(soc_ifc_svn_fuse(&dev.ifc, FUSE_RUNTIME_SVN),
				 bit + 1);
		write_reg(FUSE_RUNTIME_SVN,
			  read_reg(FUSE_RUNTIME_SVN) | (bit ? 1 : 0));
		assert_int_equal(soc_ifc_svn_fuse(&dev.ifc, FUSE_RUNTIME_SVN),
				 bit + 1);
		assert_int_equal(
			soc_ifc_svn_fuse(&dev.ifc, FUSE_SOC_MANIFEST_SVN), 0);
	}
}

static void fuse_bytes_are_big_endian_words(void **unused)
{
	static const uint8_t want[] = { 0x01, 0x02, 0x03, 0x04,
					0xf1, 0xf2, 0xf3, 0xf4 };
	uint8_t bytes[sizeof(want)];

	(void)unused;
	write_reg(FUSE_VENDOR_PK_HASH, 0x01020304);
	write_reg(FUSE_VENDOR_PK_HASH + 4, 0xf1f2f3f4);
	soc_ifc_fuse_bytes(&dev.ifc, FUSE_VENDOR_PK_HASH, bytes, 2);
	assert_memory_equal(bytes, want, sizeof(want));
}

/* Every stage at which soc_boot() can stop. */
static void soc_boot_stages(void **unused)
{
	struct fuses fuses;

	(void)unused;
	test_fuses(&fuses);
	soc_boot(&dev.bus, &fuses, 5, SOC_BOOT_HOLD_FUSES);
	assert_true(ready_for_fuses());
	assert_int_equal(read_reg(CPTRA_MBOX_AXI_USER_LOCK), 0);

	power_on((struct soc_ifc_straps){
		.bootfsm_brkpoint = true,
		.device_lifecycle = LIFECYCLE_MANUFACTURING,
		.debug_locked = true,
	});
	soc_boot(&dev.bus, &fuses, 5, SOC_BOOT_HOLD_BOOTFSM);
	assert_int_equal(boot_fsm(), BOOT_WAIT);
	assert_int_equal(read_reg(CPTRA_DBG_MANUF_SERVICE_REG), 5);
	assert_int_equal(read_reg(CPTRA_HW_REV_ID), 0x12340012);
	assert_int_equal(read_reg(FUSE_VENDOR_PK_HASH + 44), 0x11223344u * 12);
	assert_int_equal(read_reg(FUSE_IDEVID_CERT_ATTR + 4 * 12), 0x01020304);
	assert_int_equal(read_reg(FUSE_IDEVID_MANUF_HSM_ID + 12), 0x5a5a5a5a);
	assert_int_equal(read_reg(FUSE_PQC_KEY_TYPE), 1);
	assert_int_equal(soc_ifc_get(&dev.ifc, FUSE_UDS_SEED + 60),
			 fuses.uds_seed[15]);
	assert_int_equal(soc_ifc_get(&dev.ifc, FUSE_FIELD_ENTROPY + 28),
			 fuses.field_entropy[7]);
	assert_true(reaches_mailbox(SOC_BOOT_PL0_USER));
	assert_true(reaches_mailbox(SOC_BOOT_PL1_USER));
	assert_false(reaches_mailbox(3));

	cold_reset(NULL);
	soc_boot(&dev.bus, &fuses, 0, SOC_BOOT_HOLD_NONE);
	assert_int_equal(boot_fsm(), BOOT_DONE);
}

static void soc_boot_hold_names(void **unused)
{
	enum soc_boot_hold hold = SOC_BOOT_HOLD_NONE;

	(void)unused;
	assert_true(soc_boot_parse_hold("fuses", &hold));
	assert_int_equal(hold, SOC_BOOT_HOLD_FUSES);
	assert_true(soc_boot_parse_hold("bootfsm", &hold));
	assert_int_equal(hold, SOC_BOOT_HOLD_BOOTFSM);
	assert_true(soc_boot_parse_hold("firmware", &hold));
	assert_int_equal(hold, SOC_BOOT_HOLD_FIRMWARE);
	assert_false(soc_boot_parse_hold("", &hold));
	assert_false(soc_boot_parse_hold("fuse", &hold));
	assert_false(soc_boot_parse_hold("Fuses", &hold));
}

/* Wires and flags up to runtime, with ROM and firmware at work. */
static void wires_follow_the_boot(void **unused)
{
	struct fuses fuses;
	uint32_t flow;

	(void)unused;
	test_fuses(&fuses);
	dev.config.hold_firmware = true;
	cold_reset(NULL);
	assert_int_equal(bus_wires(&dev.bus), BUS_WIRE_READY_FOR_FUSES);
	soc_boot(&dev.bus, &fuses, 0, SOC_BOOT_HOLD_FIRMWARE);
	assert_int_equal(bus_wires(&dev.bus), 0);
	device_run(&dev);
	assert_int_equal(bus_wires(&dev.bus), BUS_WIRE_READY_FOR_MB_PROCESSING);
	flow = read_reg(CPTRA_FLOW_STATUS);
	assert_int_equal(flow, CPTRA_FLOW_STATUS_READY_FOR_MB_PROCESSING |
				       BOOT_DONE << 25);
	assert_int_equal(read_reg(CPTRA_FW_REV_ID + 4), 0);

	dev.config.hold_firmware = false;
	device_run(&dev);
	assert_int_equal(bus_wires(&dev.bus),
			 BUS_WIRE_READY_FOR_MB_PROCESSING |
				 BUS_WIRE_READY_FOR_RUNTIME);
	flow = read_reg(CPTRA_FLOW_STATUS);
	assert_int_equal(flow, CPTRA_FLOW_STATUS_READY_FOR_MB_PROCESSING |
				       CPTRA_FLOW_STATUS_READY_FOR_RUNTIME |
				       CPTRA_FLOW_STATUS_MAILBOX_FLOW_DONE |
				       BOOT_DONE << 25);
	/* RtReadyForCommands */
	assert_int_equal(read_reg(CPTRA_BOOT_STATUS), 0x600);
	assert_int_not_equal(read_reg(CPTRA_FW_REV_ID + 4), 0);
	/* and ROM has wiped what the SoC must never see */
	assert_int_equal(soc_ifc_get(&dev.ifc, INTERNAL_OBF_KEY), 0);
	assert_int_equal(soc_ifc_get(&dev.ifc, FUSE_UDS_SEED), 0);
	assert_int_equal(soc_ifc_get(&dev.ifc, FUSE_FIELD_ENTROPY), 0);

	bus_cold_reset(&dev.bus);
	assert_int_equal(bus_wires(&dev.bus), BUS_WIRE_READY_FOR_FUSES);
	assert_int_equal(device_run(&dev), UINT64_MAX);
	assert_int_equal(bus_wires(&dev.bus), BUS_WIRE_READY_FOR_FUSES);
}

static int setup(void **unused)
{
	struct device_config config = test_config();

	(void)unused;
	return device_init(&dev, &config);
}

static int teardown(void **unused)
{
	(void)unused;
	device_release(&dev);
	return 0;
}

#define TEST(name) cmocka_unit_test_setup(name, cold_reset)

int main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(reset_values),
		TEST(access_rights),
		TEST(arrays_do_not_overlap),
		TEST(secrets_are_kept_but_not_shown),
		TEST(undefined_addresses),
		TEST(cold_reset_clears_everything),
		TEST(security_state_is_strapped),
		TEST(stepping_is_in_revision),
		TEST(boots_when_fuses_are_done),
		TEST(fuse_wr_done_written_zero),
		TEST(break_point),
		TEST(go_before_fuses),
		TEST(mailbox_users),
		TEST(fuse_user),
		TEST(trng_user),
		TEST(owner_pk_hash),
		TEST(warm_reset_leaves_what_is_for_power_cycles),
		TEST(warm_reset_waits_for_the_soc),
		TEST(hw_errors_are_cleared_by_ones),
		TEST(fatal_wire),
		TEST(non_fatal_wire),
		TEST(listener_hears_of_changes_only),
		TEST(svn_fuse_counts_the_highest_bit),
		TEST(fuse_bytes_are_big_endian_words),
		TEST(soc_boot_stages),
		TEST(soc_boot_hold_names),
		TEST(wires_follow_the_boot),
	};

	return cmocka_run_group_tests_name("soc_ifc", tests, setup, teardown);
}
