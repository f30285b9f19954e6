// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * Tests that a device with signed firmware goes on where it was: the bundle that it
 * has loaded and measured, updates of it, and what it may still be updated with.
 */
#include "bundles.h"
#include "kept.h"

static void boot(const char *generation, uint32_t pqc_type)
{
	make(generation, pqc_type);
	config.generation = recipe.generation;
	boot_as_far_as(SOC_BOOT_HOLD_FIRMWARE);
	assert_int_equal(dev.fw.phase, FW_ROM);
	die_and_resume();
	assert_int_equal(load(), MBOX_STATUS_CMD_COMPLETE);
	expect_running();
	die_and_resume();
	expect_running();
}

/* The journey goes on from what it was before the device died. */
static void updates(const char *generation, uint32_t pqc_type)
{
	uint8_t journey[SHA384_SIZE];
	uint8_t tci[SHA384_SIZE];

	boot(generation, pqc_type);
	make_update(5);
	memcpy(journey, dev.fw.pcrs.value[PCR_RT_JOURNEY], SHA384_SIZE);
	assert_int_equal(load(), MBOX_STATUS_CMD_COMPLETE);
	expect_running();
	die_and_resume();
	digest_of(&recipe.runtime, tci);
	assert_int_equal(crypto_sha384_extend(journey, tci, SHA384_SIZE), 0);
	assert_memory_equal(dev.fw.pcrs.value[PCR_RT_JOURNEY], journey,
			    SHA384_SIZE);
	make_update(4);
	assert_int_equal(load(), MBOX_STATUS_CMD_COMPLETE);
	die_and_resume();
	expect_running();
}

static void updates_in_2_1(void **unused)
{
	(void)unused;
	updates("2.1", BUNDLE_PQC_MLDSA);
	expect_svns(4, 4, 7);
}

static void updates_in_2_0(void **unused)
{
	(void)unused;
	updates("2.0", BUNDLE_PQC_MLDSA);
}

static void updates_in_1_2(void **unused)
{
	(void)unused;
	updates("1.2", 0);
}

/* An update that is refused, and the warm reset that does not survive it. */
static void refused_update(void **unused)
{
	(void)unused;
	boot("2.1", BUNDLE_PQC_MLDSA);
	make_update(5);
	bundle[bundle_len - sizeof(other_runtime) / 2] ^= 1;
	assert_int_equal(load(), MBOX_STATUS_CMD_FAILURE);
	die_and_resume();
	assert_true(dev.fw.update_failed);
	assert_int_equal(dev.fw.phase, FW_RUNTIME);
	assert_true(device_reset(&dev, DEVICE_RESET_WARM));
	soc_boot(&dev.bus, &fuses, 0, SOC_BOOT_HOLD_NONE);
	device_run(&dev);
	die_and_resume();
	assert_int_equal(ifc_read(&dev, CPTRA_FW_ERROR_FATAL),
			 ROM_WARM_RESET_UNSUCCESSFUL_PREVIOUS_UPDATE_RESET);
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, begin_test, end_test)

int main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(updates_in_2_1),
		TEST(updates_in_2_0),
		TEST(updates_in_1_2),
		TEST(refused_update),
	};

	return cmocka_run_group_tests(tests, enter_test_folder,
				      leave_test_folder);
}
