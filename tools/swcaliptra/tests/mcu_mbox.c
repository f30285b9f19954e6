// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * Tests a mailbox of the MCI against caliptra-ss mcu_mbox.sv: who may read and
 * write what, before, while and after somebody has the lock; what a release
 * clears and how long that takes; and the wires. No firmware runs.
 */
#include "harness.h"

#include "mci.h"

#define ROOT	 MCI_MCU_USER
#define USER	 1u
#define OTHER	 2u
#define TARGET	 3u
#define STRANGER 4u

#define SIZE 4096u

#define CSR(offset) (CALIPTRA_MCU_MBOX_CSR + (offset))

static struct mcu_mbox mbox;
static uint64_t now;

static uint32_t get(uint32_t user, uint32_t offset)
{
	return mcu_mbox_read(&mbox, user, offset, now);
}

static void put(uint32_t user, uint32_t offset, uint32_t value)
{
	mcu_mbox_write(&mbox, user, offset, value, now);
}

static bool locked(uint32_t user)
{
	return get(user, CSR(MCU_MBOX_LOCK));
}

static void wait_until_clear(void)
{
	now += SIZE / 4 * MCU_MBOX_ZERO_WORD_NS;
}

/* The MCU gives the mailbox back after a reset, and it has been cleared. */
static int setup(void **unused)
{
	(void)unused;
	now = 1000;
	assert_int_equal(mcu_mbox_init(&mbox, SIZE, ROOT), 0);
	mcu_mbox_reset(&mbox);
	mbox.valid_users[0] = USER;
	mbox.valid_users[1] = OTHER;
	mbox.valid_users[4] = TARGET;
	put(ROOT, CSR(MCU_MBOX_DLEN), SIZE);
	put(ROOT, CSR(MCU_MBOX_EXECUTE), 0);
	wait_until_clear();
	return 0;
}

static int teardown(void **unused)
{
	(void)unused;
	mcu_mbox_release(&mbox);
	return 0;
}

static void lock_is_taken_by_reading(void **unused)
{
	(void)unused;
	assert_int_equal(get(USER, CSR(MCU_MBOX_USER)), 0);
	assert_false(locked(USER));
	assert_int_equal(get(OTHER, CSR(MCU_MBOX_USER)), USER);
	assert_true(locked(USER));
	assert_true(locked(OTHER));
	assert_true(locked(ROOT));
	assert_int_equal(get(USER, CSR(MCU_MBOX_USER)), USER);
}

static void strangers_get_nothing(void **unused)
{
	uint32_t offset;

	(void)unused;
	assert_false(locked(STRANGER));
	assert_false(mbox.lock);
	assert_false(locked(USER));
	put(USER, CSR(MCU_MBOX_CMD), 5);
	put(USER, CSR(MCU_MBOX_DLEN), 8);
	put(USER, 0, 0x11111111);
	for (offset = 0; offset <= MCU_MBOX_HW_STATUS; offset += 4) {
		assert_int_equal(get(STRANGER, CSR(offset)), 0);
		put(STRANGER, CSR(offset), UINT32_MAX);
	}
	assert_int_equal(get(STRANGER, 0), 0);
	put(STRANGER, 0, 7);
	assert_int_equal(get(USER, 0), 0x11111111);
	assert_int_equal(get(USER, CSR(MCU_MBOX_CMD)), 5);
	assert_int_equal(get(USER, CSR(MCU_MBOX_DLEN)), 8);

	/* the default user is none, and neither is a user that is not locked */
	assert_true(mcu_mbox_user_valid(&mbox, MCU_MBOX_DEF_VALID_AXI_USER));
	assert_int_equal(get(MCU_MBOX_DEF_VALID_AXI_USER, CSR(MCU_MBOX_CMD)),
			 5);
}

/*
 * Who may write which register, in the words of the RDL: the requester, the
 * target user, the MCU.
 */
#define BIT(offset) (1u << (offset) / 4)

#define REQUESTER_WRITES \
	(BIT(MCU_MBOX_CMD) | BIT(MCU_MBOX_DLEN) | BIT(MCU_MBOX_EXECUTE))
#define TARGET_WRITES (BIT(MCU_MBOX_DLEN) | BIT(MCU_MBOX_TARGET_STATUS))
#define ROOT_WRITES                                                     \
	(REQUESTER_WRITES | TARGET_WRITES | BIT(MCU_MBOX_TARGET_USER) | \
	 BIT(MCU_MBOX_TARGET_USER_VALID) | BIT(MCU_MBOX_CMD_STATUS))

static void begin_with(bool target)
{
	assert_false(locked(USER));
	if (!target)
		return;
	put(ROOT, CSR(MCU_MBOX_TARGET_USER), TARGET);
	put(ROOT, CSR(MCU_MBOX_TARGET_USER_VALID), 1);
}

static void expect_writes(uint32_t user, bool target, uint32_t wanted)
{
	uint32_t offset;

	for (offset = 0; offset <= MCU_MBOX_HW_STATUS + 4; offset += 4) {
		uint32_t before;
		uint32_t after;

		begin_with(target);
		before = get(USER, CSR(offset));
		put(user, CSR(offset),
		    offset == MCU_MBOX_TARGET_USER_VALID ? !before : 9);
		after = get(USER, CSR(offset));
		if ((before != after) != !!(wanted & BIT(offset)))
			fail_msg("user %u, register 0x%03x: 0x%x, then 0x%x",
				 user, offset, before, after);
		put(ROOT, CSR(MCU_MBOX_EXECUTE), 0);
		wait_until_clear();
	}
}

static void registers_have_writers(void **unused)
{
	(void)unused;
	expect_writes(USER, false, REQUESTER_WRITES);
	expect_writes(USER, true, REQUESTER_WRITES);
	expect_writes(OTHER, false, 0);
	expect_writes(OTHER, true, 0);
	expect_writes(TARGET, false, 0);
	expect_writes(TARGET, true, TARGET_WRITES);
	expect_writes(ROOT, false, ROOT_WRITES);
	expect_writes(ROOT, true, ROOT_WRITES);
}

static void nobody_writes_without_a_lock(void **unused)
{
	static const uint32_t users[] = { ROOT, USER, OTHER, 0 };
	uint32_t offset;
	size_t i;

	(void)unused;
	for (i = 0; i < COUNT(users); i++) {
		for (offset = MCU_MBOX_USER; offset <= MCU_MBOX_HW_STATUS;
		     offset += 4) {
			put(users[i], CSR(offset), UINT32_MAX);
			assert_int_equal(get(USER, CSR(offset)), 0);
		}
		put(users[i], 0, 7);
		assert_int_equal(mbox.sram[0], 0);
	}
	assert_false(mbox.lock);
}

static void fields_are_as_wide_as_they_are(void **unused)
{
	static const struct {
		uint32_t offset;
		uint32_t mask;
	} of[] = {
		{ MCU_MBOX_TARGET_USER, UINT32_MAX },
		{ MCU_MBOX_TARGET_USER_VALID, 1 },
		{ MCU_MBOX_CMD, UINT32_MAX },
		{ MCU_MBOX_DLEN, UINT32_MAX },
		{ MCU_MBOX_EXECUTE, 1 },
		{ MCU_MBOX_TARGET_STATUS, 0x1f },
		{ MCU_MBOX_CMD_STATUS, 0xf },
	};
	size_t i;

	(void)unused;
	assert_false(locked(ROOT));
	for (i = 0; i < COUNT(of); i++) {
		put(ROOT, CSR(of[i].offset), UINT32_MAX);
		assert_int_equal(get(ROOT, CSR(of[i].offset)), of[i].mask);
	}
}

static void sram_belongs_to_who_has_a_part(void **unused)
{
	(void)unused;
	assert_int_equal(get(ROOT, 0), 0);
	begin_with(true);
	put(USER, 0, 0x01020304);
	put(TARGET, 4, 0x05060708);
	put(ROOT, SIZE - 4, 0x090a0b0c);
	put(OTHER, 8, 1);
	/* least significant byte first */
	assert_memory_equal(mcu_mbox_bytes(&mbox), "\4\3\2\1\x8\7\6\5\0\0\0\0",
			    12);
	assert_int_equal(get(TARGET, 0), 0x01020304);
	assert_int_equal(get(USER, 0), 0x01020304);
	assert_int_equal(get(USER, 4), 0x05060708);
	assert_int_equal(get(USER, SIZE - 4), 0x090a0b0c);
	assert_int_equal(get(OTHER, 0), 0);
	/* what is not implemented, and what is no register */
	put(USER, SIZE, 1);
	put(USER, CALIPTRA_MCU_MBOX_SRAM_SIZE - 4, 1);
	assert_int_equal(get(USER, SIZE), 0);
	assert_int_equal(get(USER, CALIPTRA_MCU_MBOX_SRAM_SIZE - 4), 0);
	put(USER, CSR(0x100), 1);
	assert_int_equal(get(USER, CSR(0x100)), 0);
	/* reading changes nothing */
	assert_int_equal(get(USER, 0), 0x01020304);
}

static void release_clears_the_registers(void **unused)
{
	uint32_t offset;

	(void)unused;
	begin_with(true);
	put(USER, CSR(MCU_MBOX_CMD), 5);
	put(USER, CSR(MCU_MBOX_DLEN), 8);
	put(USER, CSR(MCU_MBOX_EXECUTE), 1);
	put(TARGET, CSR(MCU_MBOX_TARGET_STATUS), 0x12);
	put(ROOT, CSR(MCU_MBOX_CMD_STATUS), 2);
	mcu_mbox_ecc_error(&mbox, MCU_MBOX_HW_STATUS_ECC_DOUBLE_ERROR);
	assert_int_equal(get(USER, CSR(MCU_MBOX_HW_STATUS)), 2);
	assert_int_equal(get(USER, CSR(MCU_MBOX_EXECUTE)), 1);
	put(USER, CSR(MCU_MBOX_EXECUTE), 0);
	/* the error goes with the lock */
	assert_int_equal(get(USER, CSR(MCU_MBOX_HW_STATUS)), 2);
	wait_until_clear();
	for (offset = MCU_MBOX_USER; offset <= MCU_MBOX_HW_STATUS; offset += 4)
		assert_int_equal(get(USER, CSR(offset)), 0);
	assert_false(locked(OTHER));
	mcu_mbox_ecc_error(&mbox, MCU_MBOX_HW_STATUS_ECC_SINGLE_ERROR);
	assert_int_equal(get(USER, CSR(MCU_MBOX_HW_STATUS)), 1);
}

/* Whoever has the lock may give it back without ever having set EXECUTE. */
static void release_without_execute(void **unused)
{
	(void)unused;
	assert_false(locked(USER));
	put(USER, CSR(MCU_MBOX_DLEN), 4);
	put(OTHER, CSR(MCU_MBOX_EXECUTE), 0);
	assert_true(locked(OTHER));
	put(USER, CSR(MCU_MBOX_EXECUTE), 0);
	now += MCU_MBOX_ZERO_WORD_NS;
	assert_false(locked(OTHER));
	put(ROOT, CSR(MCU_MBOX_EXECUTE), 0);
	wait_until_clear();
	assert_false(locked(USER));
}

static void fill(uint32_t user)
{
	uint32_t offset;

	for (offset = 0; offset < SIZE; offset += 4)
		put(user, offset, 0xa5a5a5a5);
}

static uint32_t cleared_words(void)
{
	uint32_t words = 0;
	uint32_t i;

	while (words < SIZE / 4 && !mbox.sram[words])
		words++;
	for (i = words; i < SIZE / 4; i++)
		assert_int_equal(mbox.sram[i], 0xa5a5a5a5);
	return words;
}

/* Every length that was written counts, but no more of it than the SRAM has. */
static void release_clears_up_to_the_largest_dlen(void **unused)
{
	static const struct {
		uint32_t dlens[3];
		uint32_t words;
	} of[] = {
		{ { 1 }, 1 },
		{ { 4 }, 1 },
		{ { 5 }, 2 },
		{ { 8, 400, 12 }, 100 },
		{ { 401, 0, 0 }, 101 },
		{ { SIZE - 4 }, SIZE / 4 - 1 },
		{ { SIZE - 3 }, SIZE / 4 },
		{ { SIZE }, SIZE / 4 },
		{ { 0 }, SIZE / 4 },
		/* longer than the SRAM: only the low bits of the last address */
		{ { SIZE + 1 }, 1 },
		{ { SIZE + 8 }, 2 },
		{ { UINT32_MAX }, SIZE / 4 },
	};
	uint64_t word = MCU_MBOX_ZERO_WORD_NS;
	size_t i;
	size_t k;

	(void)unused;
	for (i = 0; i < COUNT(of); i++) {
		assert_false(locked(USER));
		fill(USER);
		for (k = 0; k < 3; k++)
			put(k == 1 ? ROOT : USER, CSR(MCU_MBOX_DLEN),
			    of[i].dlens[k]);
		put(USER, CSR(MCU_MBOX_EXECUTE), 1);
		put(USER, CSR(MCU_MBOX_EXECUTE), 0);
		assert_int_equal(cleared_words(), of[i].words);
		now += of[i].words * word - 1;
		assert_true(locked(OTHER));
		now++;
		assert_false(locked(OTHER));
		fill(OTHER);
		put(OTHER, CSR(MCU_MBOX_EXECUTE), 0);
		wait_until_clear();
	}
}

/* Nobody has the mailbox while it is being cleared. */
static void locked_out_while_clearing(void **unused)
{
	static const uint32_t users[] = { ROOT, USER, OTHER, TARGET, 0 };
	uint32_t offset;
	size_t i;

	(void)unused;
	begin_with(true);
	put(USER, CSR(MCU_MBOX_EXECUTE), 1);
	put(USER, CSR(MCU_MBOX_EXECUTE), 0);
	for (i = 0; i < COUNT(users); i++) {
		for (offset = MCU_MBOX_USER; offset <= MCU_MBOX_HW_STATUS;
		     offset += 4) {
			put(users[i], CSR(offset), UINT32_MAX);
			assert_int_equal(get(USER, CSR(offset)), 0);
		}
		put(users[i], 0, 7);
		assert_int_equal(mbox.sram[0], 0);
		assert_int_equal(get(users[i], 0), 0);
	}
	/* and asking for the lock does not make it longer */
	assert_true(locked(OTHER));
	wait_until_clear();
	assert_false(locked(OTHER));
	assert_int_equal(get(OTHER, CSR(MCU_MBOX_USER)), OTHER);
}

static void mcu_has_it_after_a_reset(void **unused)
{
	(void)unused;
	assert_false(locked(USER));
	put(USER, 0, 0x11111111);
	put(USER, CSR(MCU_MBOX_DLEN), 4);
	put(USER, CSR(MCU_MBOX_EXECUTE), 1);
	mcu_mbox_reset(&mbox);
	assert_false(mcu_mbox_user_valid(&mbox, USER));
	mbox.valid_users[0] = USER;
	assert_true(locked(USER));
	assert_int_equal(get(USER, CSR(MCU_MBOX_USER)), ROOT);
	assert_int_equal(get(USER, CSR(MCU_MBOX_EXECUTE)), 0);
	assert_int_equal(get(USER, CSR(MCU_MBOX_DLEN)), 0);
	/* only the MCU can see what was in it, and gives it back without */
	assert_int_equal(get(USER, 0), 0);
	assert_int_equal(get(ROOT, 0), 0x11111111);
	put(USER, CSR(MCU_MBOX_EXECUTE), 0);
	put(ROOT, CSR(MCU_MBOX_DLEN), SIZE);
	put(ROOT, CSR(MCU_MBOX_EXECUTE), 0);
	assert_true(locked(USER));
	wait_until_clear();
	assert_false(locked(USER));
	assert_int_equal(get(USER, 0), 0);
}

static void wires_follow_execute(void **unused)
{
	(void)unused;
	assert_false(locked(USER));
	assert_false(mcu_mbox_command_avail(&mbox));
	put(USER, CSR(MCU_MBOX_EXECUTE), 1);
	assert_true(mcu_mbox_command_avail(&mbox));
	assert_false(mcu_mbox_data_avail(&mbox));
	put(ROOT, CSR(MCU_MBOX_CMD_STATUS), MBOX_STATUS_CMD_COMPLETE);
	assert_true(mcu_mbox_command_avail(&mbox));
	put(USER, CSR(MCU_MBOX_EXECUTE), 0);
	assert_false(mcu_mbox_command_avail(&mbox));
	wait_until_clear();

	assert_false(locked(ROOT));
	assert_false(mcu_mbox_data_avail(&mbox));
	put(ROOT, CSR(MCU_MBOX_EXECUTE), 1);
	assert_true(mcu_mbox_data_avail(&mbox));
	assert_false(mcu_mbox_command_avail(&mbox));
	put(ROOT, CSR(MCU_MBOX_EXECUTE), 0);
	assert_false(mcu_mbox_data_avail(&mbox));
}

static void whole_messages(void **unused)
{
	static const uint8_t message[SIZE + 8] = { 1, 2, 3, 4, 5, 6 };

	(void)unused;
	assert_false(locked(ROOT));
	fill(ROOT);
	mcu_mbox_load(&mbox, message, 6);
	assert_int_equal(get(ROOT, 0), 0x04030201);
	assert_int_equal(get(ROOT, 4), 0x00000605);
	assert_int_equal(get(ROOT, 8), 0xa5a5a5a5);
	mcu_mbox_load(&mbox, message, 0);
	assert_int_equal(get(ROOT, 0), 0x04030201);
	mcu_mbox_load(&mbox, message, sizeof(message));
	assert_int_equal(get(ROOT, SIZE - 4), 0);
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, setup, teardown)

int main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(lock_is_taken_by_reading),
		TEST(strangers_get_nothing),
		TEST(registers_have_writers),
		TEST(nobody_writes_without_a_lock),
		TEST(fields_are_as_wide_as_they_are),
		TEST(sram_belongs_to_who_has_a_part),
		TEST(release_clears_the_registers),
		TEST(release_without_execute),
		TEST(release_clears_up_to_the_largest_dlen),
		TEST(locked_out_while_clearing),
		TEST(mcu_has_it_after_a_reset),
		TEST(wires_follow_execute),
		TEST(whole_messages),
	};

	return cmocka_run_group_tests_name("mcu_mbox", tests, NULL, NULL);
}
