// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * Tests the device as a door sees it: what becomes of a command that is
 * submitted, what is told of it at its end, register accesses counted, faults
 * that were asked for, resets while a command is under way.
 */
#include "harness.h"

#include <caliptra/caliptra.h>
#include <caliptra/commands.h>
#include <time.h>

#define PL0	 SOC_BOOT_PL0_USER
#define PL1	 SOC_BOOT_PL1_USER
#define STRANGER 3u

#define MS UINT64_C(1000000)

#define ERROR_WIRES \
	(BUS_WIRE_CPTRA_ERROR_FATAL | BUS_WIRE_CPTRA_ERROR_NON_FATAL)

static struct device dev;
static struct device_command last;
static unsigned int commands_seen;

static void on_command(void *observer, const struct device_command *cmd)
{
	assert_ptr_equal(observer, &last);
	last = *cmd;
	commands_seen++;
}

static int setup(void **unused)
{
	struct device_config config = test_config();

	(void)unused;
	test_boot(&dev, &config, 0, SOC_BOOT_HOLD_NONE);
	dev.on_command = on_command;
	dev.observer = &last;
	commands_seen = 0;
	return 0;
}

static int teardown(void **unused)
{
	(void)unused;
	device_release(&dev);
	return 0;
}

static bool data_avail(void)
{
	return bus_wires(&dev.bus) & BUS_WIRE_MAILBOX_DATA_AVAIL;
}

static enum device_submit submit(uint32_t user, uint32_t code, const void *body,
				 uint32_t len)
{
	static uint8_t request[1024];

	return device_submit(&dev, user, code, request,
			     test_request(request, code, body, len));
}

static uint32_t status(uint32_t user)
{
	return csr_read(&dev, user, MBOX_STATUS) & MBOX_STATUS_STATUS_MASK;
}

/* From the lock to EXECUTE, register by register. */
static void execute(uint32_t user, uint32_t code, const void *body,
		    uint32_t len)
{
	uint8_t request[1024] = { 0 };
	uint32_t i;

	len = test_request(request, code, body, len);
	assert_int_equal(csr_read(&dev, user, MBOX_LOCK), 0);
	csr_write(&dev, user, MBOX_CMD, code);
	csr_write(&dev, user, MBOX_DLEN, len);
	for (i = 0; i < len; i += 4)
		csr_write(&dev, user, MBOX_DATAIN, wire_get_le32(request + i));
	csr_write(&dev, user, MBOX_EXECUTE, 1);
}

/* The rest, in as few accesses as it takes; the length of the answer. */
static uint32_t take_answer(uint32_t user)
{
	uint32_t len = 0;
	uint32_t i;

	if (status(user) == MBOX_STATUS_DATA_READY) {
		len = csr_read(&dev, user, MBOX_DLEN);
		for (i = 0; i < len; i += 4)
			csr_read(&dev, user, MBOX_DATAOUT);
	}
	csr_write(&dev, user, MBOX_EXECUTE, 0);
	return len;
}

static void submit_outcomes(void **unused)
{
	static uint8_t bytes[CALIPTRA_MBOX_SIZE_PASSIVE + 1];
	struct device_config config = test_config();
	struct fuses fuses;

	(void)unused;
	assert_int_equal(submit(STRANGER, CALIPTRA_CMD_VERSION, NULL, 0),
			 DEVICE_USER_INVALID);
	assert_int_equal(device_submit(&dev, PL0, CALIPTRA_CMD_VERSION, bytes,
				       sizeof(bytes)),
			 DEVICE_TOO_LONG);
	assert_false(dev.mbox.lock);
	assert_int_equal(submit(PL0, CALIPTRA_CMD_VERSION, NULL, 0),
			 DEVICE_SUBMITTED);
	assert_int_equal(submit(PL0, CALIPTRA_CMD_VERSION, NULL, 0),
			 DEVICE_LOCKED);
	assert_int_equal(submit(PL1, CALIPTRA_CMD_VERSION, NULL, 0),
			 DEVICE_LOCKED);
	device_run(&dev);
	device_finish(&dev, PL0);
	assert_int_equal(submit(PL1, CALIPTRA_CMD_VERSION, NULL, 0),
			 DEVICE_SUBMITTED);
	device_release(&dev);

	/* before ROM runs */
	test_fuses(&fuses);
	device_init(&dev, &config);
	soc_boot(&dev.bus, &fuses, 0, SOC_BOOT_HOLD_NONE);
	assert_int_equal(submit(PL0, CALIPTRA_CMD_VERSION, NULL, 0),
			 DEVICE_NOT_READY);
	assert_false(dev.mbox.lock);
	device_run(&dev);
	assert_int_equal(submit(PL0, CALIPTRA_CMD_VERSION, NULL, 0),
			 DEVICE_SUBMITTED);
	assert_int_equal(ifc_read(&dev, CPTRA_HW_ERROR_NON_FATAL), 0);
}

/* Somebody who uses registers has the mailbox. */
static void submit_waits_for_others(void **unused)
{
	(void)unused;
	csr_read(&dev, PL1, MBOX_LOCK);
	assert_int_equal(submit(PL0, CALIPTRA_CMD_VERSION, NULL, 0),
			 DEVICE_LOCKED);
	assert_int_equal(csr_read(&dev, PL1, MBOX_USER), PL1);
	assert_int_equal(MBOX_STATUS_FSM_PS(csr_read(&dev, PL1, MBOX_STATUS)),
			 MBOX_FSM_RDY_FOR_CMD);
}

static void observer_is_told_at_the_end(void **unused)
{
	(void)unused;
	submit(PL1, CALIPTRA_CMD_VERSION, "abcd", 4);
	device_run(&dev);
	assert_int_equal(commands_seen, 0);
	device_finish(&dev, PL1);
	assert_int_equal(commands_seen, 1);
	assert_int_equal(last.code, CALIPTRA_CMD_VERSION);
	assert_int_equal(last.user, PL1);
	assert_int_equal(last.req_len, 8);
	assert_int_equal(last.rsp_len, 36);
	assert_int_equal(last.status, MBOX_STATUS_DATA_READY);
	assert_int_equal(last.fw_error, 0);
	assert_int_equal(last.reads, 0);
	assert_int_equal(last.writes, 0);
	assert_in_range(last.device_ns, 1, 10000 * MS);

	submit(PL0, 0x11111111, NULL, 0);
	device_run(&dev);
	device_finish(&dev, PL0);
	assert_int_equal(commands_seen, 2);
	assert_int_equal(last.code, 0x11111111);
	assert_int_equal(last.req_len, 4);
	assert_int_equal(last.rsp_len, 0);
	assert_int_equal(last.status, MBOX_STATUS_CMD_FAILURE);
	assert_int_equal(last.fw_error, RUNTIME_UNIMPLEMENTED_COMMAND);
}

/* 7 + ceil(N/4) + ceil(M/4) for N bytes there and M bytes back */
static void accesses_are_counted(void **unused)
{
	static const uint8_t body[52] = { 5 };

	(void)unused;
	execute(PL0, CALIPTRA_CMD_VERSION, NULL, 0);
	device_run(&dev);
	assert_int_equal(take_answer(PL0), 36);
	assert_int_equal(last.reads + last.writes, 7 + 1 + 9);
	assert_int_equal(last.reads, 1 + 1 + 1 + 9);
	assert_int_equal(last.rsp_len, 36);

	execute(PL0, CALIPTRA_CMD_EXTEND_PCR, body, 52);
	device_run(&dev);
	assert_int_equal(take_answer(PL0), 8);
	assert_int_equal(last.reads + last.writes, 7 + 14 + 2);
	assert_int_equal(last.writes, 1 + 1 + 14 + 1 + 1);

	/* a body that is no multiple of four, and no answer: one read less */
	execute(PL0, CALIPTRA_CMD_EXTEND_PCR, body, 50);
	device_run(&dev);
	assert_int_equal(take_answer(PL0), 0);
	assert_int_equal(last.reads + last.writes, 6 + 14);
	assert_int_equal(last.fw_error, RUNTIME_INSUFFICIENT_MEMORY);
}

/* From taking the lock to giving it back, whichever block is accessed. */
static void counting_begins_with_the_lock(void **unused)
{
	(void)unused;
	csr_read(&dev, PL0, MBOX_STATUS);
	ifc_read(&dev, CPTRA_FLOW_STATUS);
	ifc_write(&dev, CPTRA_TIMER_CONFIG, 1);
	execute(PL0, CALIPTRA_CMD_VERSION, NULL, 0);
	csr_read(&dev, PL0, MBOX_STATUS);
	ifc_read(&dev, CPTRA_FLOW_STATUS);
	device_run(&dev);
	take_answer(PL0);
	assert_int_equal(last.reads, 12 + 2);
	assert_int_equal(last.writes, 5);
	assert_int_equal(commands_seen, 1);

	/* the next command is not charged with the last one's accesses */
	csr_read(&dev, PL0, MBOX_STATUS);
	submit(PL0, CALIPTRA_CMD_VERSION, NULL, 0);
	device_run(&dev);
	device_finish(&dev, PL0);
	assert_int_equal(last.reads, 0);
}

static void wire_is_a_level(void **unused)
{
	(void)unused;
	execute(PL0, CALIPTRA_CMD_VERSION, NULL, 0);
	assert_false(data_avail());
	device_run(&dev);
	assert_true(data_avail());
	status(PL0);
	csr_read(&dev, PL0, MBOX_DATAOUT);
	assert_true(data_avail());
	/* it is nobody else's to end */
	csr_write(&dev, PL1, MBOX_EXECUTE, 0);
	assert_true(data_avail());
	csr_write(&dev, PL0, MBOX_EXECUTE, 0);
	assert_false(data_avail());
}

/* The wire is for those who use registers. */
static void submitted_commands_are_silent(void **unused)
{
	(void)unused;
	submit(PL0, CALIPTRA_CMD_VERSION, NULL, 0);
	device_run(&dev);
	assert_true(mbox_data_avail(&dev.mbox));
	assert_false(data_avail());
	device_finish(&dev, PL0);
	execute(PL0, CALIPTRA_CMD_VERSION, NULL, 0);
	device_run(&dev);
	assert_true(data_avail());
}

static void sleep_until(uint64_t ns)
{
	struct timespec t = { .tv_sec = (time_t)(ns / 1000000000u),
			      .tv_nsec = (long)(ns % 1000000000u) };

	clock_nanosleep(CLOCK_MONOTONIC, TIMER_ABSTIME, &t, NULL);
}

static void fault_late(void **unused)
{
	uint64_t left;

	(void)unused;
	dev.faults.late_ms = 20;
	assert_int_equal(device_run(&dev), UINT64_MAX);
	execute(PL0, CALIPTRA_CMD_VERSION, NULL, 0);
	left = device_run(&dev);
	assert_in_range(left, 1, 20 * MS);
	assert_false(data_avail());
	assert_int_equal(status(PL0), MBOX_STATUS_CMD_BUSY);
	sleep_until(device_now_ns() + left);
	assert_int_equal(device_run(&dev), UINT64_MAX);
	assert_true(data_avail());
	take_answer(PL0);
	assert_in_range(last.device_ns, 20 * MS, 10000 * MS);

	/* one command only */
	execute(PL0, CALIPTRA_CMD_VERSION, NULL, 0);
	assert_int_equal(device_run(&dev), UINT64_MAX);
	assert_true(data_avail());
}

/* MBOX_DLEN lies; the FIFO gives out no more than was written. */
static void fault_dlen(void **unused)
{
	uint32_t i;

	(void)unused;
	dev.faults.use_dlen = true;
	dev.faults.dlen = 0xffffffff;
	execute(PL0, CALIPTRA_CMD_VERSION, NULL, 0);
	device_run(&dev);
	assert_int_equal(csr_read(&dev, PL0, MBOX_DLEN), 0xffffffff);
	/* of VERSION's answer, only fips_status is zero */
	for (i = 0; i < 9; i++)
		assert_int_equal(csr_read(&dev, PL0, MBOX_DATAOUT) == 0,
				 i == 1);
	assert_int_equal(csr_read(&dev, PL0, MBOX_DATAOUT), 0);
	csr_write(&dev, PL0, MBOX_EXECUTE, 0);
	assert_int_equal(last.rsp_len, 36);

	dev.faults.use_dlen = true;
	dev.faults.dlen = 0;
	execute(PL0, CALIPTRA_CMD_VERSION, NULL, 0);
	device_run(&dev);
	assert_int_equal(take_answer(PL0), 0);
	execute(PL0, CALIPTRA_CMD_VERSION, NULL, 0);
	device_run(&dev);
	assert_int_equal(take_answer(PL0), 36);
}

/* What is not read by then is zeros, and there is nothing more to end. */
static void fault_reset(void **unused)
{
	(void)unused;
	dev.faults.reset = true;
	execute(PL0, CALIPTRA_CMD_VERSION, NULL, 0);
	device_run(&dev);
	assert_true(data_avail());
	assert_int_equal(status(PL0), MBOX_STATUS_DATA_READY);
	assert_int_equal(csr_read(&dev, PL0, MBOX_DLEN), 36);
	assert_false(data_avail());
	assert_int_equal(csr_read(&dev, PL0, MBOX_DATAOUT), 0);
	assert_int_equal(csr_read(&dev, PL0, MBOX_STATUS), 0);
	assert_int_equal(ifc_read(&dev, CPTRA_FLOW_STATUS) &
				 CPTRA_FLOW_STATUS_READY_FOR_RUNTIME,
			 0);
	assert_int_equal(commands_seen, 0);
	assert_false(dev.faults.reset);
}

static void fault_no_interrupt(void **unused)
{
	(void)unused;
	dev.faults.no_interrupt = true;
	execute(PL0, CALIPTRA_CMD_VERSION, NULL, 0);
	device_run(&dev);
	assert_false(data_avail());
	assert_int_equal(status(PL0), MBOX_STATUS_DATA_READY);
	assert_false(data_avail());
	assert_int_equal(take_answer(PL0), 36);
	execute(PL0, CALIPTRA_CMD_VERSION, NULL, 0);
	device_run(&dev);
	assert_true(data_avail());
}

/* A violation while firmware works: nobody ever answers. */
static void violation_ends_a_command(void **unused)
{
	(void)unused;
	dev.faults.late_ms = 1;
	execute(PL0, CALIPTRA_CMD_VERSION, NULL, 0);
	csr_write(&dev, PL0, MBOX_EXECUTE, 0);
	sleep_until(device_now_ns() + 2 * MS);
	assert_int_equal(device_run(&dev), UINT64_MAX);
	assert_int_equal(MBOX_STATUS_FSM_PS(csr_read(&dev, PL0, MBOX_STATUS)),
			 MBOX_FSM_ERROR);
	assert_false(data_avail());
	assert_int_equal(commands_seen, 0);
	assert_int_equal(submit(PL1, CALIPTRA_CMD_VERSION, NULL, 0),
			 DEVICE_LOCKED);
	assert_int_equal(bus_wires(&dev.bus) & ERROR_WIRES,
			 BUS_WIRE_CPTRA_ERROR_NON_FATAL);
}

static void reset_while_a_command_is_under_way(void **unused)
{
	struct fuses fuses;

	(void)unused;
	dev.faults.late_ms = 3600000;
	dev.faults.no_interrupt = true;
	execute(PL0, CALIPTRA_CMD_VERSION, NULL, 0);
	assert_int_not_equal(device_run(&dev), UINT64_MAX);
	bus_cold_reset(&dev.bus);
	assert_int_equal(device_run(&dev), UINT64_MAX);
	assert_int_equal(commands_seen, 0);
	assert_false(dev.executing);

	/* and neither the command nor the faults are there afterwards */
	test_fuses(&fuses);
	soc_boot(&dev.bus, &fuses, 0, SOC_BOOT_HOLD_NONE);
	device_run(&dev);
	assert_false(data_avail());
	execute(PL0, CALIPTRA_CMD_VERSION, NULL, 0);
	assert_int_equal(device_run(&dev), UINT64_MAX);
	assert_true(data_avail());
	take_answer(PL0);
	assert_int_equal(commands_seen, 1);
	assert_int_equal(last.reads, 12);
}

/* An answer that nobody has taken goes with the reset, too. */
static void reset_before_the_answer_is_taken(void **unused)
{
	(void)unused;
	execute(PL0, CALIPTRA_CMD_VERSION, NULL, 0);
	device_run(&dev);
	assert_true(data_avail());
	bus_cold_reset(&dev.bus);
	assert_int_equal(bus_wires(&dev.bus), BUS_WIRE_READY_FOR_FUSES);
	assert_int_equal(commands_seen, 0);
}

/* A command that came before ROM did waits for it. */
static void command_before_rom(void **unused)
{
	struct device_config config = test_config();
	struct fuses fuses;

	(void)unused;
	device_release(&dev);
	config.straps.device_lifecycle = LIFECYCLE_MANUFACTURING;
	config.straps.bootfsm_brkpoint = true;
	test_boot(&dev, &config, 0, SOC_BOOT_HOLD_BOOTFSM);
	execute(PL0, CALIPTRA_CMD_VERSION, NULL, 0);
	device_run(&dev);
	assert_false(data_avail());
	assert_int_equal(dev.fw.phase, FW_RESET);
	test_fuses(&fuses);
	ifc_write(&dev, CPTRA_BOOTFSM_GO, 1);
	device_run(&dev);
	assert_true(data_avail());
	assert_int_equal(take_answer(PL0), 36);
}

/* Each user's commands run with that user's privilege. */
static void users_take_turns(void **unused)
{
	int i;

	(void)unused;
	for (i = 0; i < 4; i++) {
		uint32_t user = i % 2 ? PL0 : PL1;

		execute(user, CALIPTRA_CMD_VERSION, NULL, 0);
		/* the other one has to wait, and sees nothing */
		assert_int_equal(csr_read(&dev, PL0 + PL1 - user, MBOX_LOCK),
				 1);
		device_run(&dev);
		assert_int_equal(csr_read(&dev, PL0 + PL1 - user, MBOX_DATAOUT),
				 0);
		assert_int_equal(take_answer(user), 36);
		assert_int_equal(last.user, user);
	}
	assert_int_equal(bus_wires(&dev.bus) & ERROR_WIRES, 0);
}

static void release_wipes_secrets(void **unused)
{
	static const struct device empty;

	(void)unused;
	device_release(&dev);
	assert_memory_equal(&dev, &empty, sizeof(empty));
	setup(NULL);
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, setup, teardown)

int main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(submit_outcomes),
		TEST(submit_waits_for_others),
		TEST(observer_is_told_at_the_end),
		TEST(accesses_are_counted),
		TEST(counting_begins_with_the_lock),
		TEST(wire_is_a_level),
		TEST(submitted_commands_are_silent),
		TEST(fault_late),
		TEST(fault_dlen),
		TEST(fault_no_interrupt),
		TEST(fault_reset),
		TEST(violation_ends_a_command),
		TEST(reset_while_a_command_is_under_way),
		TEST(reset_before_the_answer_is_taken),
		TEST(command_before_rom),
		TEST(users_take_turns),
		TEST(release_wipes_secrets),
	};

	return cmocka_run_group_tests_name("device", tests, NULL, NULL);
}
