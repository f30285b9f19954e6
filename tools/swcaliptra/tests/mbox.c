// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * Tests the mailbox state machine against caliptra-rtl: every path through it,
 * every violation of Table 17 of the CaliptraIntegrationSpecification with the
 * error bits and wires it raises, who may write which register in which state,
 * and what the FIFO gives out for every relation of MBOX_DLEN to what was
 * written. The SoC's accesses are made through the bus of a device; the
 * microcontroller's part is played here, firmware never runs.
 */
#include "harness.h"

#define USER	 1u
#define OTHER	 2u
#define STRANGER 3u

#define BIT(offset) (1u << (offset) / 4)

/* An offset in mbox_csr that no register has, and how many offsets are tried. */
#define NO_REGISTER 0x028
#define REGISTERS   (NO_REGISTER / 4 + 1)

#define NO_LOCK CPTRA_HW_ERROR_NON_FATAL_MBOX_PROT_NO_LOCK
#define OOO	CPTRA_HW_ERROR_NON_FATAL_MBOX_PROT_OOO

#define REQUEST_CMD  0x11223344u
#define REQUEST_DLEN 8u

enum state {
	IDLE,
	SOC_RDY_FOR_CMD,
	SOC_RDY_FOR_DLEN,
	SOC_RDY_FOR_DATA,
	SOC_EXECUTE_UC,
	SOC_EXECUTE_SOC,
	UC_RDY_FOR_CMD,
	UC_RDY_FOR_DLEN,
	UC_RDY_FOR_DATA,
	UC_EXECUTE_SOC,
	UC_EXECUTE_UC,
	ERROR,
	STATES,
};

static const uint8_t fsm_of[STATES] = {
	[IDLE] = MBOX_FSM_IDLE,
	[SOC_RDY_FOR_CMD] = MBOX_FSM_RDY_FOR_CMD,
	[SOC_RDY_FOR_DLEN] = MBOX_FSM_RDY_FOR_DLEN,
	[SOC_RDY_FOR_DATA] = MBOX_FSM_RDY_FOR_DATA,
	[SOC_EXECUTE_UC] = MBOX_FSM_EXECUTE_UC,
	[SOC_EXECUTE_SOC] = MBOX_FSM_EXECUTE_SOC,
	[UC_RDY_FOR_CMD] = MBOX_FSM_RDY_FOR_CMD,
	[UC_RDY_FOR_DLEN] = MBOX_FSM_RDY_FOR_DLEN,
	[UC_RDY_FOR_DATA] = MBOX_FSM_RDY_FOR_DATA,
	[UC_EXECUTE_SOC] = MBOX_FSM_EXECUTE_SOC,
	[UC_EXECUTE_UC] = MBOX_FSM_EXECUTE_UC,
	[ERROR] = MBOX_FSM_ERROR,
};

static struct device dev;

static uint32_t soc_read(uint32_t offset)
{
	return csr_read(&dev, USER, offset);
}

static void soc_write(uint32_t offset, uint32_t value)
{
	csr_write(&dev, USER, offset, value);
}

static uint32_t uc_read(uint32_t offset)
{
	enum mbox_violation violation;
	uint32_t value =
		mbox_read(&dev.mbox, MBOX_UC, MBOX_UC_USER, offset, &violation);

	assert_int_equal(violation, MBOX_NO_VIOLATION);
	return value;
}

static void uc_write(uint32_t offset, uint32_t value)
{
	assert_int_equal(mbox_write(&dev.mbox, MBOX_UC, MBOX_UC_USER, offset,
				    value),
			 MBOX_NO_VIOLATION);
}

static uint32_t fsm(void)
{
	return MBOX_STATUS_FSM_PS(soc_read(MBOX_STATUS));
}

static uint32_t rdptr(void)
{
	return (soc_read(MBOX_STATUS) & MBOX_STATUS_RDPTR_MASK) >>
	       MBOX_STATUS_RDPTR_SHIFT;
}

static bool soc_has_lock(void)
{
	return soc_read(MBOX_STATUS) & MBOX_STATUS_SOC_HAS_LOCK;
}

static uint32_t errors(void)
{
	return ifc_read(&dev, CPTRA_HW_ERROR_NON_FATAL);
}

/* Levels are reported at the SoC's accesses, so one is made first. */
static bool wire(enum bus_wire w)
{
	soc_read(MBOX_STATUS);
	return bus_wires(&dev.bus) & w;
}

static void allow_user(unsigned int index, uint32_t user)
{
	ifc_write(&dev, CPTRA_MBOX_VALID_AXI_USER + 4 * index, user);
	ifc_write(&dev, CPTRA_MBOX_AXI_USER_LOCK + 4 * index, 1);
}

static void cold_start(void)
{
	bus_cold_reset(&dev.bus);
	allow_user(0, USER);
	allow_user(1, OTHER);
}

static void request(uint32_t dlen, uint32_t words, uint32_t first_word)
{
	uint32_t i;

	assert_int_equal(soc_read(MBOX_LOCK), 0);
	soc_write(MBOX_CMD, REQUEST_CMD);
	soc_write(MBOX_DLEN, dlen);
	for (i = 0; i < words; i++)
		soc_write(MBOX_DATAIN, first_word + i);
}

static void uc_message(uint32_t dlen, uint32_t words, uint32_t first_word)
{
	uint32_t i;

	assert_int_equal(uc_read(MBOX_LOCK), 0);
	uc_write(MBOX_CMD, REQUEST_CMD);
	uc_write(MBOX_DLEN, dlen);
	for (i = 0; i < words; i++)
		uc_write(MBOX_DATAIN, first_word + i);
}

static void reach_by_soc(enum state state)
{
	assert_int_equal(soc_read(MBOX_LOCK), 0);
	if (state == SOC_RDY_FOR_CMD)
		return;
	soc_write(MBOX_CMD, REQUEST_CMD);
	if (state == SOC_RDY_FOR_DLEN)
		return;
	soc_write(MBOX_DLEN, REQUEST_DLEN);
	if (state == SOC_RDY_FOR_DATA)
		return;
	soc_write(MBOX_DATAIN, 0xa0);
	soc_write(MBOX_DATAIN, 0xa1);
	soc_write(MBOX_EXECUTE, 1);
	if (state == SOC_EXECUTE_UC)
		return;
	uc_write(MBOX_DLEN, 12);
	uc_write(MBOX_DATAIN, 0xb0);
	uc_write(MBOX_DATAIN, 0xb1);
	uc_write(MBOX_DATAIN, 0xb2);
	uc_write(MBOX_STATUS, MBOX_STATUS_DATA_READY);
}

static void reach_by_uc(enum state state)
{
	assert_int_equal(uc_read(MBOX_LOCK), 0);
	if (state == UC_RDY_FOR_CMD)
		return;
	uc_write(MBOX_CMD, REQUEST_CMD);
	if (state == UC_RDY_FOR_DLEN)
		return;
	uc_write(MBOX_DLEN, REQUEST_DLEN);
	if (state == UC_RDY_FOR_DATA)
		return;
	uc_write(MBOX_DATAIN, 0xc0);
	uc_write(MBOX_DATAIN, 0xc1);
	uc_write(MBOX_EXECUTE, 1);
	if (state == UC_EXECUTE_SOC)
		return;
	soc_write(MBOX_STATUS, MBOX_STATUS_CMD_COMPLETE);
}

/* From a cold reset to @state by accesses that are all in order. */
static void reach(enum state state)
{
	cold_start();
	if (state == ERROR) {
		soc_read(MBOX_LOCK);
		soc_read(MBOX_DATAOUT);
		ifc_write(&dev, CPTRA_HW_ERROR_NON_FATAL, OOO);
	} else if (state >= UC_RDY_FOR_CMD) {
		reach_by_uc(state);
	} else if (state != IDLE) {
		reach_by_soc(state);
	}
	assert_int_equal(fsm(), fsm_of[state]);
	assert_int_equal(errors(), 0);
}

static void paths_are_reached(void **unused)
{
	int s;

	(void)unused;
	for (s = 0; s < STATES; s++) {
		reach(s);
		assert_int_equal(soc_has_lock(), (s >= SOC_RDY_FOR_CMD &&
						  s <= SOC_EXECUTE_SOC) ||
							 s == ERROR);
		assert_int_equal(wire(BUS_WIRE_MAILBOX_DATA_AVAIL),
				 fsm_of[s] == MBOX_FSM_EXECUTE_SOC);
		assert_false(wire(BUS_WIRE_CPTRA_ERROR_NON_FATAL));
		assert_int_equal(mbox_command_avail(&dev.mbox),
				 s == SOC_EXECUTE_UC);
	}
}

static void registers_are_zero_after_reset(void **unused)
{
	uint32_t offset;

	(void)unused;
	reach(SOC_EXECUTE_SOC);
	cold_start();
	for (offset = MBOX_USER; offset <= NO_REGISTER; offset += 4)
		if (offset != MBOX_DATAOUT)
			assert_int_equal(soc_read(offset), 0);
	assert_int_equal(errors(), 0);
	assert_int_equal(soc_read(MBOX_LOCK), 0);
}

/* The sender protocol with an answer that has data. */
static void soc_command_with_data(void **unused)
{
	(void)unused;
	cold_start();
	request(8, 2, 0x100);
	assert_int_equal(uc_read(MBOX_DATAOUT), 0);
	soc_write(MBOX_EXECUTE, 1);
	assert_int_equal(soc_read(MBOX_STATUS) & MBOX_STATUS_STATUS_MASK,
			 MBOX_STATUS_CMD_BUSY);
	assert_int_equal(uc_read(MBOX_CMD), REQUEST_CMD);
	assert_int_equal(uc_read(MBOX_DLEN), 8);
	assert_int_equal(uc_read(MBOX_USER), USER);
	assert_int_equal(uc_read(MBOX_DATAOUT), 0x100);
	assert_int_equal(uc_read(MBOX_DATAOUT), 0x101);

	uc_write(MBOX_DLEN, 4);
	uc_write(MBOX_DATAIN, 0x200);
	assert_false(wire(BUS_WIRE_MAILBOX_DATA_AVAIL));
	uc_write(MBOX_STATUS, MBOX_STATUS_DATA_READY);
	assert_true(wire(BUS_WIRE_MAILBOX_DATA_AVAIL));
	assert_int_equal(soc_read(MBOX_STATUS),
			 MBOX_STATUS_DATA_READY |
				 MBOX_FSM_EXECUTE_SOC
					 << MBOX_STATUS_FSM_PS_SHIFT |
				 MBOX_STATUS_SOC_HAS_LOCK |
				 1 << MBOX_STATUS_RDPTR_SHIFT);
	assert_int_equal(soc_read(MBOX_DLEN), 4);
	assert_int_equal(soc_read(MBOX_DATAOUT), 0x200);
	soc_write(MBOX_EXECUTE, 0);

	assert_int_equal(soc_read(MBOX_STATUS) & ~MBOX_STATUS_RDPTR_MASK, 0);
	assert_false(wire(BUS_WIRE_MAILBOX_DATA_AVAIL));
	assert_int_equal(errors(), 0);
	assert_int_equal(csr_read(&dev, OTHER, MBOX_LOCK), 0);
}

/* Answers without data: what the SoC wrote can not be read back. */
static void soc_command_without_data(void **unused)
{
	static const uint8_t status[] = { MBOX_STATUS_CMD_COMPLETE,
					  MBOX_STATUS_CMD_FAILURE, 0xf };
	size_t i;

	(void)unused;
	for (i = 0; i < sizeof(status); i++) {
		reach(SOC_EXECUTE_UC);
		/* the rest of the register is read-only */
		uc_write(MBOX_STATUS, 0xfffffff0u | status[i]);
		assert_int_equal(soc_read(MBOX_STATUS),
				 status[i] |
					 MBOX_FSM_EXECUTE_SOC
						 << MBOX_STATUS_FSM_PS_SHIFT |
					 MBOX_STATUS_SOC_HAS_LOCK |
					 1 << MBOX_STATUS_RDPTR_SHIFT);
		assert_true(wire(BUS_WIRE_MAILBOX_DATA_AVAIL));
		assert_int_equal(soc_read(MBOX_DLEN), REQUEST_DLEN);
		assert_int_equal(soc_read(MBOX_DATAOUT), 0);
		assert_int_equal(soc_read(MBOX_DATAOUT), 0);
		soc_write(MBOX_EXECUTE, 0);
		assert_int_equal(fsm(), MBOX_FSM_IDLE);
		assert_int_equal(errors(), 0);
	}
}

static void busy_status_hands_nothing_over(void **unused)
{
	(void)unused;
	reach(SOC_EXECUTE_UC);
	uc_write(MBOX_STATUS, MBOX_STATUS_CMD_BUSY);
	assert_int_equal(fsm(), MBOX_FSM_EXECUTE_UC);
	reach(UC_EXECUTE_SOC);
	soc_write(MBOX_STATUS, MBOX_STATUS_CMD_BUSY);
	assert_int_equal(fsm(), MBOX_FSM_EXECUTE_SOC);
	assert_int_equal(errors(), 0);
}

static void execute_zero_starts_nothing(void **unused)
{
	(void)unused;
	reach(SOC_RDY_FOR_DATA);
	soc_write(MBOX_EXECUTE, 0xfffffffeu);
	assert_int_equal(fsm(), MBOX_FSM_RDY_FOR_DATA);
	reach(SOC_EXECUTE_SOC);
	soc_write(MBOX_EXECUTE, 1);
	assert_int_equal(fsm(), MBOX_FSM_EXECUTE_SOC);
	assert_int_equal(errors(), 0);
}

/* The microcontroller may end a command by clearing EXECUTE, too. */
static void uc_clears_execute_of_soc(void **unused)
{
	(void)unused;
	reach(SOC_EXECUTE_UC);
	uc_write(MBOX_EXECUTE, 0);
	assert_int_equal(fsm(), MBOX_FSM_IDLE);
	assert_false(soc_has_lock());
	assert_int_equal(soc_read(MBOX_LOCK), 0);
}

/* The receiver protocol: any valid user may take a message from Caliptra. */
static void uc_message_is_for_any_user(void **unused)
{
	(void)unused;
	cold_start();
	uc_message(8, 2, 0x300);
	uc_write(MBOX_EXECUTE, 1);
	assert_true(wire(BUS_WIRE_MAILBOX_DATA_AVAIL));
	assert_false(soc_has_lock());
	assert_int_equal(soc_read(MBOX_USER), 0xffffffffu);
	assert_int_equal(soc_read(MBOX_LOCK), 1);
	assert_int_equal(soc_read(MBOX_CMD), REQUEST_CMD);
	assert_int_equal(soc_read(MBOX_DLEN), 8);
	assert_int_equal(csr_read(&dev, OTHER, MBOX_DATAOUT), 0x300);
	assert_int_equal(soc_read(MBOX_DATAOUT), 0x301);
	assert_int_equal(soc_read(MBOX_DATAOUT), 0);
	csr_write(&dev, OTHER, MBOX_STATUS, MBOX_STATUS_CMD_COMPLETE);
	assert_int_equal(fsm(), MBOX_FSM_EXECUTE_UC);
	assert_false(wire(BUS_WIRE_MAILBOX_DATA_AVAIL));
	assert_int_equal(uc_read(MBOX_STATUS) & MBOX_STATUS_STATUS_MASK,
			 MBOX_STATUS_CMD_COMPLETE);
	uc_write(MBOX_EXECUTE, 0);
	assert_int_equal(soc_read(MBOX_STATUS) & ~MBOX_STATUS_RDPTR_MASK, 0);
	assert_int_equal(errors(), 0);
	assert_int_equal(soc_read(MBOX_LOCK), 0);
}

/*
 * The SoC has written nothing by then, so the word that is loaded when the
 * message comes back is none of it (mbox.sv, mbox_rd_valid).
 */
static void uc_message_comes_back(void **unused)
{
	(void)unused;
	cold_start();
	uc_message(12, 3, 0x300);
	uc_write(MBOX_EXECUTE, 1);
	soc_write(MBOX_STATUS, MBOX_STATUS_CMD_FAILURE);
	assert_int_equal(rdptr(), 1);
	assert_int_equal(uc_read(MBOX_DATAOUT), 0);
	assert_int_equal(uc_read(MBOX_DATAOUT), 0x301);
	assert_int_equal(uc_read(MBOX_DATAOUT), 0x302);
	assert_int_equal(uc_read(MBOX_DATAOUT), 0);
}

static void uc_withdraws_message(void **unused)
{
	(void)unused;
	reach(UC_EXECUTE_SOC);
	uc_write(MBOX_EXECUTE, 0);
	assert_int_equal(fsm(), MBOX_FSM_IDLE);
	assert_false(wire(BUS_WIRE_MAILBOX_DATA_AVAIL));
	assert_int_equal(soc_read(MBOX_LOCK), 0);
}

/* The state machine goes on as soon as it may, not at the next access. */
static void uc_sets_execute_early(void **unused)
{
	(void)unused;
	reach(UC_RDY_FOR_CMD);
	uc_write(MBOX_EXECUTE, 1);
	uc_write(MBOX_CMD, 1);
	assert_int_equal(fsm(), MBOX_FSM_RDY_FOR_DLEN);
	uc_write(MBOX_DLEN, 4);
	assert_int_equal(fsm(), MBOX_FSM_EXECUTE_SOC);
	assert_int_equal(soc_read(MBOX_DATAOUT), 0);
}

static void unlock_frees_from_every_state(void **unused)
{
	int s;

	(void)unused;
	for (s = 0; s < STATES; s++) {
		reach(s);
		uc_write(MBOX_UNLOCK, 0xfffffffeu);
		assert_int_equal(fsm(), fsm_of[s]);
		uc_write(MBOX_UNLOCK, 1);
		assert_int_equal(
			soc_read(MBOX_STATUS) & ~MBOX_STATUS_RDPTR_MASK, 0);
		assert_int_equal(soc_read(MBOX_EXECUTE), 0);
		/* it is a pulse */
		assert_int_equal(uc_read(MBOX_UNLOCK), 0);
		assert_false(wire(BUS_WIRE_MAILBOX_DATA_AVAIL));
		assert_int_equal(csr_read(&dev, OTHER, MBOX_LOCK), 0);
		assert_int_equal(soc_read(MBOX_USER), OTHER);
	}
}

/* What was written before an unlock does not count for the next sender. */
static void unlock_forgets_data(void **unused)
{
	(void)unused;
	reach(SOC_RDY_FOR_DATA);
	soc_write(MBOX_DATAIN, 0xdead);
	uc_write(MBOX_UNLOCK, 1);
	request(8, 1, 0x400);
	soc_write(MBOX_EXECUTE, 1);
	assert_int_equal(uc_read(MBOX_DATAOUT), 0x400);
	assert_int_equal(uc_read(MBOX_DATAOUT), 0);
}

static void lock_is_taken_by_reading(void **unused)
{
	int s;

	(void)unused;
	cold_start();
	assert_int_equal(csr_read(&dev, OTHER, MBOX_LOCK), 0);
	assert_int_equal(soc_read(MBOX_USER), OTHER);
	assert_true(soc_has_lock());
	for (s = SOC_RDY_FOR_CMD; s < STATES; s++) {
		uint32_t user;

		reach(s);
		user = soc_read(MBOX_USER);
		assert_int_equal(soc_read(MBOX_LOCK), 1);
		assert_int_equal(csr_read(&dev, OTHER, MBOX_LOCK), 1);
		assert_int_equal(uc_read(MBOX_LOCK), 1);
		assert_int_equal(soc_read(MBOX_USER), user);
		assert_int_equal(fsm(), fsm_of[s]);
	}
	assert_int_equal(errors(), 0);
}

/* The user register remembers the last owner after the lock is free. */
static void user_and_command_stay_after_release(void **unused)
{
	(void)unused;
	reach(SOC_EXECUTE_SOC);
	soc_write(MBOX_EXECUTE, 0);
	assert_int_equal(soc_read(MBOX_USER), USER);
	assert_int_equal(soc_read(MBOX_CMD), REQUEST_CMD);
	assert_int_equal(soc_read(MBOX_DLEN), 12);
	assert_int_equal(soc_read(MBOX_DATAIN), 0xb2);
}

/* Nobody who is not a valid user gets as far as the mailbox. */
static void stranger_is_kept_out(void **unused)
{
	static struct mbox before;
	uint32_t offset;
	int s;

	(void)unused;
	for (s = 0; s < STATES; s++) {
		reach(s);
		memcpy(&before, &dev.mbox, sizeof(before));
		for (offset = 0; offset <= NO_REGISTER; offset += 4) {
			assert_int_equal(csr_read(&dev, STRANGER, offset), 0);
			csr_write(&dev, STRANGER, offset, 1);
			csr_write(&dev, STRANGER, offset, 0);
		}
		assert_memory_equal(&dev.mbox, &before, sizeof(before));
		assert_int_equal(errors(), 0);
	}
}

/**
 * struct rule - what Table 17 says of one state and user
 * @state: the state
 * @user: who makes the access
 * @error: bit of CPTRA_HW_ERROR_NON_FATAL that a violation sets
 * @dataout: reading MBOX_DATAOUT is a violation
 * @writes: registers that may be written
 *
 * IDLE is not in the table; the text before it has that rule. In ERROR there
 * are no further violations.
 */
struct rule {
	enum state state;
	uint32_t user;
	uint32_t error;
	bool dataout;
	uint32_t writes;
};

#define ALL_REGISTERS 0xffffffffu

static const struct rule rules[] = {
	{ IDLE, USER, NO_LOCK, true, 0 },
	{ IDLE, OTHER, NO_LOCK, true, 0 },
	{ SOC_RDY_FOR_CMD, USER, OOO, true, BIT(MBOX_CMD) },
	{ SOC_RDY_FOR_CMD, OTHER, 0, false, ALL_REGISTERS },
	{ UC_RDY_FOR_CMD, USER, 0, false, ALL_REGISTERS },
	{ SOC_RDY_FOR_DLEN, USER, OOO, true, BIT(MBOX_DLEN) },
	{ SOC_RDY_FOR_DLEN, OTHER, 0, false, ALL_REGISTERS },
	{ UC_RDY_FOR_DLEN, USER, 0, false, ALL_REGISTERS },
	{ SOC_RDY_FOR_DATA, USER, OOO, true,
	  BIT(MBOX_DATAIN) | BIT(MBOX_EXECUTE) },
	{ SOC_RDY_FOR_DATA, OTHER, 0, false, ALL_REGISTERS },
	{ UC_RDY_FOR_DATA, USER, 0, false, ALL_REGISTERS },
	{ SOC_EXECUTE_UC, USER, OOO, true, 0 },
	{ SOC_EXECUTE_UC, OTHER, 0, false, ALL_REGISTERS },
	{ UC_EXECUTE_UC, USER, 0, false, ALL_REGISTERS },
	{ SOC_EXECUTE_SOC, USER, OOO, false, BIT(MBOX_EXECUTE) },
	{ SOC_EXECUTE_SOC, OTHER, 0, false, ALL_REGISTERS },
	{ UC_EXECUTE_SOC, USER, OOO, false, BIT(MBOX_STATUS) },
	{ UC_EXECUTE_SOC, OTHER, OOO, false, BIT(MBOX_STATUS) },
	{ ERROR, USER, 0, false, ALL_REGISTERS },
	{ ERROR, OTHER, 0, false, ALL_REGISTERS },
};

static void expect_violation(const struct rule *rule, bool had_lock)
{
	assert_int_equal(errors(), rule->error);
	assert_true(wire(BUS_WIRE_CPTRA_ERROR_NON_FATAL));
	assert_false(wire(BUS_WIRE_CPTRA_ERROR_FATAL));
	assert_int_equal(fsm(),
			 rule->error == OOO ? MBOX_FSM_ERROR : MBOX_FSM_IDLE);
	assert_false(wire(BUS_WIRE_MAILBOX_DATA_AVAIL));
	assert_int_equal(soc_has_lock(), had_lock);
	if (rule->error == OOO) {
		/* the lock is kept */
		assert_int_equal(csr_read(&dev, OTHER, MBOX_LOCK), 1);
		assert_int_equal(uc_read(MBOX_LOCK), 1);
	}
}

static void expect_no_violation(const struct rule *rule)
{
	assert_int_equal(errors(), 0);
	assert_false(wire(BUS_WIRE_CPTRA_ERROR_NON_FATAL));
	if (rule->state != ERROR)
		assert_int_not_equal(fsm(), MBOX_FSM_ERROR);
}

static void try_write(const struct rule *rule, uint32_t offset, uint32_t value)
{
	static struct mbox before;
	bool had_lock;

	reach(rule->state);
	had_lock = soc_has_lock();
	memcpy(&before, &dev.mbox, sizeof(before));
	csr_write(&dev, rule->user, offset, value);
	if (!(rule->writes & BIT(offset))) {
		expect_violation(rule, had_lock);
		return;
	}
	expect_no_violation(rule);
	/* who has no business here changes nothing */
	if (rule->writes == ALL_REGISTERS &&
	    !(rule->state == ERROR && rule->user == USER))
		assert_memory_equal(&dev.mbox, &before, sizeof(before));
}

static void try_read(const struct rule *rule, uint32_t offset)
{
	static struct mbox before;
	bool had_lock;
	uint32_t value;

	reach(rule->state);
	had_lock = soc_has_lock();
	memcpy(&before, &dev.mbox, sizeof(before));
	value = csr_read(&dev, rule->user, offset);
	if (offset == MBOX_DATAOUT && rule->dataout) {
		assert_int_equal(value, 0);
		expect_violation(rule, had_lock);
		return;
	}
	expect_no_violation(rule);
	if (offset == MBOX_LOCK && rule->state == IDLE)
		return;
	if (offset == MBOX_DATAOUT &&
	    ((rule->state == SOC_EXECUTE_SOC && rule->user == USER) ||
	     rule->state == UC_EXECUTE_SOC)) {
		assert_int_not_equal(value, 0);
		return;
	}
	/* reading changes nothing, and DATAOUT is for the receiver alone */
	assert_memory_equal(&dev.mbox, &before, sizeof(before));
	if (offset == MBOX_DATAOUT)
		assert_int_equal(value, 0);
}

static void violations_of_table_17(void **unused)
{
	size_t i;
	uint32_t r;

	(void)unused;
	for (i = 0; i < COUNT(rules); i++) {
		for (r = 0; r < REGISTERS; r++) {
			try_write(&rules[i], 4 * r, 0);
			try_write(&rules[i], 4 * r, 1);
			try_read(&rules[i], 4 * r);
		}
	}
}

static void uc_violates_nothing(void **unused)
{
	uint32_t r;
	int s;

	(void)unused;
	for (s = 0; s < STATES; s++) {
		for (r = 0; r < REGISTERS; r++) {
			reach(s);
			uc_read(4 * r);
			reach(s);
			uc_write(4 * r, 1);
			assert_int_equal(errors(), 0);
		}
	}
}

/**
 * struct right - which registers a write reaches
 * @state: the state
 * @uc: the microcontroller writes, otherwise USER
 * @lands: registers that take the value; others keep theirs
 *
 * The RDL lets a valid requester write whatever the state machine makes of it.
 */
struct right {
	enum state state;
	bool uc;
	uint32_t lands;
};

#define REQUESTERS \
	(BIT(MBOX_CMD) | BIT(MBOX_DLEN) | BIT(MBOX_DATAIN) | BIT(MBOX_EXECUTE))

static const struct right rights[] = {
	{ IDLE, false, 0 },
	{ SOC_RDY_FOR_CMD, false, REQUESTERS },
	{ SOC_RDY_FOR_DLEN, false, REQUESTERS },
	{ SOC_RDY_FOR_DATA, false, REQUESTERS },
	{ SOC_EXECUTE_UC, false, REQUESTERS },
	{ SOC_EXECUTE_SOC, false, REQUESTERS | BIT(MBOX_STATUS) },
	{ UC_RDY_FOR_CMD, false, 0 },
	{ UC_RDY_FOR_DLEN, false, 0 },
	{ UC_RDY_FOR_DATA, false, 0 },
	{ UC_EXECUTE_SOC, false, BIT(MBOX_STATUS) },
	{ UC_EXECUTE_UC, false, 0 },
	{ ERROR, false, REQUESTERS },
	{ IDLE, true, 0 },
	{ SOC_RDY_FOR_CMD, true, 0 },
	{ SOC_RDY_FOR_DLEN, true, 0 },
	{ SOC_RDY_FOR_DATA, true, 0 },
	{ SOC_EXECUTE_UC, true, REQUESTERS | BIT(MBOX_STATUS) },
	{ SOC_EXECUTE_SOC, true, 0 },
	{ UC_RDY_FOR_CMD, true, REQUESTERS },
	{ UC_RDY_FOR_DLEN, true, REQUESTERS },
	{ UC_RDY_FOR_DATA, true, REQUESTERS },
	{ UC_EXECUTE_SOC, true, REQUESTERS },
	{ UC_EXECUTE_UC, true, REQUESTERS | BIT(MBOX_STATUS) },
	{ ERROR, true, 0 },
};

/* The register's writable part; DATAOUT has none that could be seen. */
static uint32_t visible(uint32_t offset)
{
	uint32_t value = soc_read(offset);

	return offset == MBOX_STATUS ? value & MBOX_STATUS_STATUS_MASK : value;
}

static void try_right(const struct right *right, uint32_t offset)
{
	uint32_t before;
	uint32_t value;

	reach(right->state);
	before = visible(offset);
	/* a value the register does not have and that sets or clears it */
	value = before ^ 1;
	if (right->uc)
		uc_write(offset, value);
	else
		soc_write(offset, value);
	if (right->lands & BIT(offset))
		assert_int_equal(visible(offset), value);
	else
		assert_int_equal(visible(offset), before);
}

static void writes_land_where_they_may(void **unused)
{
	static const uint8_t offsets[] = { MBOX_USER,	 MBOX_CMD,
					   MBOX_DLEN,	 MBOX_DATAIN,
					   MBOX_EXECUTE, MBOX_STATUS };
	size_t i;
	size_t k;

	(void)unused;
	for (i = 0; i < COUNT(rights); i++)
		for (k = 0; k < COUNT(offsets); k++)
			try_right(&rights[i], offsets[k]);
}

/* TAP_MODE and MBOX_UNLOCK are the microcontroller's. */
static void soc_can_not_unlock(void **unused)
{
	int s;

	(void)unused;
	for (s = SOC_RDY_FOR_CMD; s < STATES; s++) {
		reach(s);
		soc_write(MBOX_UNLOCK, 1);
		assert_int_equal(uc_read(MBOX_LOCK), 1);
		assert_int_equal(soc_read(MBOX_UNLOCK), 0);
		soc_write(TAP_MODE, 1);
		assert_int_equal(soc_read(TAP_MODE), 0);
	}
}

static void error_state_ends_with_unlock_or_reset(void **unused)
{
	(void)unused;
	reach(SOC_RDY_FOR_CMD);
	soc_write(MBOX_DLEN, 4);
	soc_write(MBOX_CMD, 0);
	soc_write(MBOX_EXECUTE, 1);
	soc_write(MBOX_EXECUTE, 0);
	assert_int_equal(fsm(), MBOX_FSM_ERROR);
	uc_write(MBOX_UNLOCK, 1);
	assert_int_equal(fsm(), MBOX_FSM_IDLE);
	/* what was reported stays reported until it is cleared */
	assert_int_equal(errors(), OOO);
	assert_true(wire(BUS_WIRE_CPTRA_ERROR_NON_FATAL));

	reach(ERROR);
	cold_start();
	assert_int_equal(fsm(), MBOX_FSM_IDLE);
	assert_int_equal(soc_read(MBOX_LOCK), 0);
}

static void violations_accumulate_until_cleared(void **unused)
{
	(void)unused;
	cold_start();
	soc_write(MBOX_CMD, 1);
	assert_int_equal(errors(), NO_LOCK);
	soc_read(MBOX_LOCK);
	soc_write(MBOX_DLEN, 1);
	assert_int_equal(errors(), NO_LOCK | OOO);

	ifc_write(&dev, CPTRA_HW_ERROR_NON_FATAL, OOO);
	assert_int_equal(errors(), NO_LOCK);
	assert_true(wire(BUS_WIRE_CPTRA_ERROR_NON_FATAL));
	ifc_write(&dev, CPTRA_HW_ERROR_NON_FATAL, NO_LOCK);
	assert_int_equal(errors(), 0);
	assert_false(wire(BUS_WIRE_CPTRA_ERROR_NON_FATAL));

	/* the state machine is where it was, and a new violation counts anew */
	assert_int_equal(fsm(), MBOX_FSM_ERROR);
	uc_write(MBOX_UNLOCK, 1);
	soc_read(MBOX_DATAOUT);
	assert_int_equal(errors(), NO_LOCK);
	assert_true(wire(BUS_WIRE_CPTRA_ERROR_NON_FATAL));
}

/* An access out of order still counts as an access to the FIFO. */
static void dataout_is_popped_by_writing(void **unused)
{
	(void)unused;
	reach(SOC_EXECUTE_SOC);
	assert_int_equal(rdptr(), 1);
	soc_write(MBOX_DATAOUT, 0);
	assert_int_equal(errors(), OOO);
	assert_int_equal(rdptr(), 2);
	reach(SOC_EXECUTE_UC);
	uc_write(MBOX_DATAOUT, 0);
	assert_int_equal(uc_read(MBOX_DATAOUT), 0xa1);
}

#define SMALL_DEPTH 8u
#define SMALL_SIZE  (SMALL_DEPTH * 4)

/**
 * struct transfer - one message through a mailbox of SMALL_DEPTH words
 * @dlen: MBOX_DLEN
 * @written: words written to MBOX_DATAIN
 * @readable: words that MBOX_DATAOUT gives out before it reads as zero
 */
struct transfer {
	uint32_t dlen;
	uint32_t written;
	uint32_t readable;
};

static const struct transfer transfers[] = {
	{ 0, 0, 0 },
	{ 0, 3, 0 },
	{ 1, 1, 1 },
	{ 2, 1, 1 },
	{ 3, 1, 1 },
	{ 4, 1, 1 },
	{ 5, 2, 2 },
	{ 6, 2, 2 },
	{ 7, 2, 2 },
	{ 8, 2, 2 },
	/* less written than declared, and more */
	{ 8, 0, 0 },
	{ 8, 1, 1 },
	{ 4, 2, 1 },
	/* the limits of the SRAM */
	{ SMALL_SIZE - 4, SMALL_DEPTH - 1, SMALL_DEPTH - 1 },
	{ SMALL_SIZE - 3, SMALL_DEPTH, SMALL_DEPTH },
	{ SMALL_SIZE, SMALL_DEPTH - 1, SMALL_DEPTH - 1 },
	{ SMALL_SIZE, SMALL_DEPTH, SMALL_DEPTH },
	{ SMALL_SIZE, SMALL_DEPTH + 2, SMALL_DEPTH },
	{ SMALL_SIZE + 1, SMALL_DEPTH, SMALL_DEPTH },
	{ SMALL_SIZE + 1, 3, 3 },
	{ 4, SMALL_DEPTH + 1, 1 },
	{ 0x80000000u, SMALL_DEPTH, SMALL_DEPTH },
	{ 0xffffffffu, SMALL_DEPTH, SMALL_DEPTH },
	{ 0xffffffffu, 2, 2 },
};

static void write_small(struct mbox *m, enum mbox_side side, uint32_t offset,
			uint32_t value)
{
	uint32_t user = side == MBOX_UC ? MBOX_UC_USER : USER;

	assert_int_equal(mbox_write(m, side, user, offset, value),
			 MBOX_NO_VIOLATION);
}

static uint32_t read_small(struct mbox *m, enum mbox_side side, uint32_t offset)
{
	uint32_t user = side == MBOX_UC ? MBOX_UC_USER : USER;
	enum mbox_violation violation;
	uint32_t value = mbox_read(m, side, user, offset, &violation);

	assert_int_equal(violation, MBOX_NO_VIOLATION);
	return value;
}

/* The receiver reads one word more than there are, and then some. */
static void receive(struct mbox *m, enum mbox_side side,
		    const struct transfer *t, uint32_t first_word)
{
	uint32_t i;

	for (i = 0; i < t->readable; i++) {
		uint32_t rdptr = i + 1;

		if (rdptr > SMALL_DEPTH - 1)
			rdptr = SMALL_DEPTH - 1;
		assert_int_equal((read_small(m, side, MBOX_STATUS) &
				  MBOX_STATUS_RDPTR_MASK) >>
					 MBOX_STATUS_RDPTR_SHIFT,
				 rdptr);
		assert_int_equal(read_small(m, side, MBOX_DATAOUT),
				 first_word + i);
	}
	for (i = 0; i < 3; i++)
		assert_int_equal(read_small(m, side, MBOX_DATAOUT), 0);
}

static void send(struct mbox *m, enum mbox_side side, const struct transfer *t,
		 uint32_t first_word)
{
	uint32_t i;

	for (i = 0; i < t->written; i++) {
		write_small(m, side, MBOX_DATAIN, first_word + i);
		assert_int_equal(read_small(m, side, MBOX_DATAIN),
				 first_word + i);
	}
}

/* @request one way, @answer the other; @from has the lock. */
static void exchange(struct mbox *m, enum mbox_side from,
		     const struct transfer *request,
		     const struct transfer *answer)
{
	enum mbox_side to = from == MBOX_SOC ? MBOX_UC : MBOX_SOC;

	assert_int_equal(read_small(m, from, MBOX_LOCK), 0);
	write_small(m, from, MBOX_CMD, 1);
	write_small(m, from, MBOX_DLEN, request->dlen);
	send(m, from, request, 0x100);
	write_small(m, from, MBOX_EXECUTE, 1);
	receive(m, to, request, 0x100);
	if (answer) {
		write_small(m, to, MBOX_DLEN, answer->dlen);
		send(m, to, answer, 0x200);
	}
	write_small(m, to, MBOX_STATUS, MBOX_STATUS_DATA_READY);
	if (answer)
		receive(m, from, answer, 0x200);
	write_small(m, from, MBOX_EXECUTE, 0);
}

static void fifo_gives_what_was_written(void **unused)
{
	struct mbox m;
	size_t i;
	size_t k;

	(void)unused;
	assert_int_equal(mbox_init(&m, SMALL_SIZE), 0);
	assert_int_equal(mbox_size(&m), SMALL_SIZE);
	for (i = 0; i < COUNT(transfers); i++) {
		for (k = 0; k < COUNT(transfers); k++)
			exchange(&m, MBOX_SOC, &transfers[i], &transfers[k]);
		exchange(&m, MBOX_UC, &transfers[i], NULL);
	}
	mbox_release(&m);
}

/* mbox_load() stands for writing MBOX_DATAIN word by word. */
static void load_is_many_writes(void **unused)
{
	static const uint8_t bytes[SMALL_SIZE + 4] = {
		1, 2, 3, 4, 5, 6, 7, [SMALL_SIZE - 1] = 9, 99
	};
	struct mbox a;
	struct mbox b;
	size_t len;
	size_t i;

	(void)unused;
	assert_int_equal(mbox_init(&a, SMALL_SIZE), 0);
	assert_int_equal(mbox_init(&b, SMALL_SIZE), 0);
	for (len = 0; len <= sizeof(bytes); len++) {
		uint32_t words[SMALL_DEPTH + 1] = { 0 };
		struct mbox *both[] = { &a, &b };

		memcpy(words, bytes, len);
		for (i = 0; i < 2; i++) {
			mbox_reset(both[i]);
			memset(both[i]->sram, 0xee, SMALL_SIZE);
			read_small(both[i], MBOX_SOC, MBOX_LOCK);
			write_small(both[i], MBOX_SOC, MBOX_CMD, 1);
			write_small(both[i], MBOX_SOC, MBOX_DLEN,
				    (uint32_t)len);
		}
		mbox_load(&a, bytes, len);
		for (i = 0; i < (len + 3) / 4 && i < SMALL_DEPTH; i++)
			write_small(&b, MBOX_SOC, MBOX_DATAIN, words[i]);

		assert_memory_equal(a.sram, b.sram, SMALL_SIZE);
		assert_int_equal(a.wrptr, b.wrptr);
		assert_int_equal(a.wr_full, b.wr_full);
		assert_int_equal(read_small(&a, MBOX_SOC, MBOX_DATAIN),
				 read_small(&b, MBOX_SOC, MBOX_DATAIN));
	}
	mbox_release(&a);
	mbox_release(&b);
}

/* The SRAM of passive mode, filled and emptied through the registers. */
static void whole_mailbox(void **unused)
{
	const uint32_t words = CALIPTRA_MBOX_SIZE_PASSIVE / 4;
	uint32_t i;

	(void)unused;
	cold_start();
	request(CALIPTRA_MBOX_SIZE_PASSIVE, words, 0x10000);
	soc_write(MBOX_DATAIN, 0xdead);
	soc_write(MBOX_EXECUTE, 1);
	for (i = 0; i < words; i++)
		assert_int_equal(uc_read(MBOX_DATAOUT), 0x10000 + i);
	assert_int_equal(uc_read(MBOX_DATAOUT), 0);
	uc_write(MBOX_DLEN, CALIPTRA_MBOX_SIZE_PASSIVE);
	for (i = 0; i < words; i++)
		uc_write(MBOX_DATAIN, 0x20000 + i);
	uc_write(MBOX_STATUS, MBOX_STATUS_DATA_READY);
	for (i = 0; i < words; i++)
		assert_int_equal(soc_read(MBOX_DATAOUT), 0x20000 + i);
	assert_int_equal(soc_read(MBOX_DATAOUT), 0);
	assert_int_equal(rdptr(), words - 1);
	soc_write(MBOX_EXECUTE, 0);
	assert_int_equal(errors(), 0);
}

/* An access that is not aligned to a word is no access at all. */
static void misaligned_access_is_dropped(void **unused)
{
	uint32_t k;

	(void)unused;
	cold_start();
	for (k = 1; k < 4; k++) {
		assert_int_equal(soc_read(MBOX_LOCK + k), 0);
		soc_write(MBOX_CMD + k, 1);
	}
	assert_int_equal(errors(), 0);
	assert_int_equal(fsm(), MBOX_FSM_IDLE);
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

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(paths_are_reached),
		cmocka_unit_test(registers_are_zero_after_reset),
		cmocka_unit_test(soc_command_with_data),
		cmocka_unit_test(soc_command_without_data),
		cmocka_unit_test(busy_status_hands_nothing_over),
		cmocka_unit_test(execute_zero_starts_nothing),
		cmocka_unit_test(uc_clears_execute_of_soc),
		cmocka_unit_test(uc_message_is_for_any_user),
		cmocka_unit_test(uc_message_comes_back),
		cmocka_unit_test(uc_withdraws_message),
		cmocka_unit_test(uc_sets_execute_early),
		cmocka_unit_test(unlock_frees_from_every_state),
		cmocka_unit_test(unlock_forgets_data),
		cmocka_unit_test(lock_is_taken_by_reading),
		cmocka_unit_test(user_and_command_stay_after_release),
		cmocka_unit_test(stranger_is_kept_out),
		cmocka_unit_test(violations_of_table_17),
		cmocka_unit_test(uc_violates_nothing),
		cmocka_unit_test(writes_land_where_they_may),
		cmocka_unit_test(soc_can_not_unlock),
		cmocka_unit_test(error_state_ends_with_unlock_or_reset),
		cmocka_unit_test(violations_accumulate_until_cleared),
		cmocka_unit_test(dataout_is_popped_by_writing),
		cmocka_unit_test(fifo_gives_what_was_written),
		cmocka_unit_test(load_is_many_writes),
		cmocka_unit_test(whole_mailbox),
		cmocka_unit_test(misaligned_access_is_dropped),
	};

	return cmocka_run_group_tests_name("mbox", tests, setup, teardown);
}
