// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * Tests the requests at the control socket that are about the MCI: what each does
 * as the SoC sees it by registers, what is refused, and that others are left to
 * whom they are for. Last, the program at both ends of the socket.
 */
#include "door.h"

#include "control_mci.h"

#define USER SOC_BOOT_PL0_USER

static uint32_t csr(unsigned int index, uint32_t offset)
{
	return mci_mbox_offset(index) + CALIPTRA_MCU_MBOX_CSR + offset;
}

static uint32_t get(unsigned int index, uint32_t offset)
{
	return mci_read_as(&dev, USER, csr(index, offset));
}

static void put(unsigned int index, uint32_t offset, uint32_t value)
{
	mci_write_as(&dev, USER, csr(index, offset), value);
}

static int setup(void **unused)
{
	(void)unused;
	start_subsystem();
	return 0;
}

static int setup_passive(void **unused)
{
	(void)unused;
	start_device(SOC_BOOT_HOLD_NONE);
	return 0;
}

static int teardown(void **unused)
{
	(void)unused;
	stop_device();
	return 0;
}

/* The answer to a request of two words. */
static const char *ask(const char *first, const char *second)
{
	char *const words[] = { (char *)(uintptr_t)first,
				(char *)(uintptr_t)second, NULL };
	static char reply[128];

	reply[0] = '\0';
	assert_true(control_mci(&dev, words, 2, reply, sizeof(reply)));
	device_run(&dev);
	return reply;
}

static void expect_ok(const char *first, const char *second)
{
	const char *reply = ask(first, second);

	expect(!strcmp(reply, "ok\n"), "%s %s brings %s", first, second, reply);
}

static void expect_error_of(const char *first, const char *second,
			    const char *why)
{
	const char *reply = ask(first, second);

	assert_memory_equal(reply, "error ", 6);
	assert_contains(reply, why);
}

static void lock_and_unlock(void **unused)
{
	static const char *const names[] = { "mci0", "mci1" };
	unsigned int i;

	(void)unused;
	for (i = 0; i < 2; i++) {
		expect_error_of("unlock", names[i], "does not have");
		expect_ok("lock", names[i]);
		expect_error_of("lock", names[i], "somebody has");
		assert_int_equal(get(i, MCU_MBOX_LOCK), 1);
		assert_int_equal(get(i, MCU_MBOX_USER), MCI_MCU_USER);
		expect_ok("unlock", names[i]);
		test_clear_mcu_mboxes(&dev);
		assert_int_equal(get(i, MCU_MBOX_LOCK), 0);
		expect_error_of("lock", names[i], "somebody has");
		expect_error_of("unlock", names[i], "does not have");
		expect_error_of("message", names[i], "somebody has");
		assert_int_equal(get(i, MCU_MBOX_USER), USER);
	}
}

static void message_and_answer(void **unused)
{
	static const char *const names[] = { "mci0", "mci1" };
	unsigned int i;

	(void)unused;
	for (i = 0; i < 2; i++) {
		expect_error_of("answer", names[i], "no message");
		expect_ok("message", names[i]);
		expect_error_of("answer", names[i], "not answered");
		assert_int_equal(get(i, MCU_MBOX_EXECUTE), 1);
		assert_int_equal(get(i, MCU_MBOX_TARGET_USER), USER);
		assert_int_equal(get(i, MCU_MBOX_TARGET_USER_VALID), 1);
		assert_int_equal(get(i, MCU_MBOX_DLEN), 4);
		assert_int_equal(mci_read_as(&dev, USER, mci_mbox_offset(i)),
				 get(i, MCU_MBOX_CMD));
		put(i, MCU_MBOX_TARGET_STATUS,
		    MBOX_STATUS_CMD_FAILURE | MCU_MBOX_TARGET_STATUS_DONE);
		device_run(&dev);
		assert_string_equal(ask("answer", names[i]),
				    "ok CMD_FAILURE\n");
		test_clear_mcu_mboxes(&dev);
		/* a message that is taken back is none */
		expect_ok("message", names[i]);
		expect_ok("unlock", names[i]);
		expect_error_of("answer", names[i], "no message");
		test_clear_mcu_mboxes(&dev);
	}
}

static void reset_of_the_mci(void **unused)
{
	(void)unused;
	assert_int_equal(get(0, MCU_MBOX_LOCK), 0);
	expect_ok("reset", "mci");
	assert_int_equal(mci_read_as(&dev, USER, MCI_RESET_REASON) &
				 MCI_RESET_REASON_WARM_RESET,
			 MCI_RESET_REASON_WARM_RESET);
	test_clear_mcu_mboxes(&dev);
	assert_int_equal(get(0, MCU_MBOX_LOCK), 0);
}

static void wrong_requests(void **unused)
{
	(void)unused;
	expect_error_of("lock", "mci2", "mci0 or mci1");
	expect_error_of("lock", "mci", "mci0 or mci1");
	expect_error_of("lock", "mci00", "mci0 or mci1");
	expect_error_of("reset", "mci0", "'lock', 'unlock'");
	expect_error_of("fly", "mci1", "'lock', 'unlock'");
}

static void without_runtime(void **unused)
{
	(void)unused;
	device_reset_mci(&dev);
	dev.fw.phase = FW_ROM;
	dev.config.hold_firmware = true;
	expect_error_of("unlock", "mci0", "does not run");
	expect_error_of("message", "mci1", "does not run");
}

static void without_an_mci(void **unused)
{
	(void)unused;
	expect_error_of("lock", "mci0", "--subsystem");
	expect_error_of("reset", "mci", "--subsystem");
}

static void other_requests(void **unused)
{
	static char *const others[][3] = { { "lock" },
					   { "reset", "cold" },
					   { "reset", "cold", "mci0" },
					   { "count" } };
	char reply[8] = "x";
	size_t i;

	(void)unused;
	for (i = 0; i < COUNT(others); i++) {
		size_t n = others[i][2] ? 3 : others[i][1] ? 2 : 1;

		assert_false(
			control_mci(&dev, others[i], n, reply, sizeof(reply)));
		assert_string_equal(reply, "x");
	}
}

static void program(void **unused)
{
	static const char *const words[] = { "--state",	    "state",
					     "--subsystem", "--mci0-socket",
					     "mci0",	    "--control",
					     "control",	    NULL };
	pid_t pid = start_outside(words, "mci0");
	char text[1024];

	(void)unused;
	assert_int_equal(
		RUN(text, "ctl", "--control", "control", "message", "mci0"), 0);
	assert_string_equal(text, "ok\n");
	assert_int_equal(
		RUN(text, "ctl", "--control", "control", "lock", "mci0"), 1);
	assert_string_equal(text,
			    "swcaliptra: error somebody has the mailbox\n");
	assert_int_equal(
		RUN(text, "ctl", "--control", "control", "reset", "mci"), 0);
	assert_string_equal(text, "ok\n");
	stop_outside(pid, "mci0");
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, setup, teardown)
#define PASSIVE_TEST(name) \
	cmocka_unit_test_setup_teardown(name, setup_passive, teardown)

static int prepare(void **unused)
{
	enter_test_folder(unused);
	return loop_init();
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(lock_and_unlock),	TEST(message_and_answer),
		TEST(reset_of_the_mci), TEST(wrong_requests),
		TEST(without_runtime),	PASSIVE_TEST(without_an_mci),
		TEST(other_requests),	TEST(program),
	};

	return cmocka_run_group_tests_name("control_mci", tests, prepare,
					   leave_test_folder);
}
