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

static void ask(const char *fault)
{
	assert_null(fault_set(&dev, fault));
}

/* The SoC of a device that has reset itself. */
static void soc_boots(void *observer)
{
	struct fuses fuses;

	assert_ptr_equal(observer, &last);
	test_fuses(&fuses);
	soc_boot(&dev.bus, &fuses, 0, SOC_BOOT_HOLD_NONE);
}

static int setup(void **unused)
{
	struct device_config config = test_config();

	(void)unused;
	test_boot(&dev, &config, 0, SOC_BOOT_HOLD_NONE);
	dev.on_command = on_command;
	dev.on_reset = soc_boots;
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
	ask("late 20");
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
	ask("dlen 0xffffffff");
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

	ask("dlen 0");
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
	ask("reset");
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
	assert_int_equal(dev.faults.armed, 0);
}

static void fault_no_interrupt(void **unused)
{
	(void)unused;
	ask("no-interrupt");
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

static uint32_t fsm(void)
{
	return MBOX_STATUS_FSM_PS(csr_read(&dev, PL0, MBOX_STATUS));
}

static bool running(void)
{
	return ifc_read(&dev, CPTRA_FLOW_STATUS) &
	       CPTRA_FLOW_STATUS_READY_FOR_RUNTIME;
}

/* VERSION is answered as it should be, register by register. */
static void expect_service(void)
{
	execute(PL0, CALIPTRA_CMD_VERSION, NULL, 0);
	device_run(&dev);
	assert_true(data_avail());
	assert_int_equal(take_answer(PL0), 36);
	assert_false(data_avail());
}

static void fault_no_answer(void **unused)
{
	(void)unused;
	ask("no-answer");
	execute(PL0, CALIPTRA_CMD_VERSION, NULL, 0);
	assert_int_equal(device_run(&dev), UINT64_MAX);
	device_run(&dev);
	assert_int_equal(fsm(), MBOX_FSM_EXECUTE_UC);
	assert_int_equal(status(PL0), MBOX_STATUS_CMD_BUSY);
	assert_false(data_avail());
	ask("none");
	device_run(&dev);
	assert_true(data_avail());
	assert_int_equal(take_answer(PL0), 36);

	/* no reset leaves it like that */
	ask("no-answer");
	execute(PL0, CALIPTRA_CMD_VERSION, NULL, 0);
	device_run(&dev);
	device_reset(&dev, DEVICE_RESET_UPDATE);
	device_run(&dev);
	assert_int_equal(status(PL0), MBOX_STATUS_CMD_FAILURE);
	take_answer(PL0);
	expect_service();
}

static void fault_stuck_interrupt(void **unused)
{
	(void)unused;
	ask("stuck-interrupt");
	device_run(&dev);
	assert_false(data_avail());
	execute(PL0, CALIPTRA_CMD_VERSION, NULL, 0);
	assert_false(data_avail());
	device_run(&dev);
	assert_int_equal(take_answer(PL0), 36);
	assert_true(data_avail());
	assert_int_equal(fsm(), MBOX_FSM_IDLE);
	execute(PL0, CALIPTRA_CMD_VERSION, NULL, 0);
	device_run(&dev);
	assert_int_equal(take_answer(PL0), 36);
	assert_true(data_avail());
	ask("none");
	device_run(&dev);
	assert_false(data_avail());
	expect_service();
}

static void fault_interrupt_storm(void **unused)
{
	(void)unused;
	ask("late 20");
	ask("interrupt-storm");
	device_run(&dev);
	assert_false(data_avail());
	execute(PL0, CALIPTRA_CMD_VERSION, NULL, 0);
	assert_true(data_avail());
	sleep_until(device_now_ns() + device_run(&dev));
	assert_true(data_avail());
	assert_int_equal(fsm(), MBOX_FSM_EXECUTE_UC);
	device_run(&dev);
	assert_true(data_avail());
	assert_int_equal(take_answer(PL0), 36);
	assert_false(data_avail());
	expect_service();
}

/* The state machine is idle all the while, and firmware has no lock either. */
static void fault_stuck_lock(void **unused)
{
	enum mbox_violation unused_too;

	(void)unused;
	execute(PL0, CALIPTRA_CMD_VERSION, NULL, 0);
	ask("stuck-lock");
	device_run(&dev);
	assert_int_equal(take_answer(PL0), 36);
	assert_int_equal(csr_read(&dev, PL0, MBOX_LOCK), 1);
	assert_int_equal(csr_read(&dev, PL0, MBOX_LOCK), 1);
	assert_int_equal(mbox_read(&dev.mbox, MBOX_UC, MBOX_UC_USER, MBOX_LOCK,
				   &unused_too),
			 1);
	assert_int_equal(
		csr_read(&dev, PL0, MBOX_STATUS) & MBOX_STATUS_SOC_HAS_LOCK, 0);
	assert_int_equal(fsm(), MBOX_FSM_IDLE);
	assert_int_equal(submit(PL0, CALIPTRA_CMD_VERSION, NULL, 0),
			 DEVICE_LOCKED);
	ask("none");
	expect_service();
}

static void fault_lost_lock(void **unused)
{
	(void)unused;
	ask("lost-lock");
	execute(PL0, CALIPTRA_CMD_VERSION, NULL, 0);
	assert_int_equal(fsm(), MBOX_FSM_EXECUTE_UC);
	device_run(&dev);
	/* only the read pointer is not as after a reset */
	assert_int_equal(
		csr_read(&dev, PL0, MBOX_STATUS) & ~MBOX_STATUS_RDPTR_MASK, 0);
	assert_int_equal(csr_read(&dev, PL0, MBOX_EXECUTE), 0);
	assert_false(data_avail());
	assert_int_equal(commands_seen, 0);
	assert_int_equal(bus_wires(&dev.bus) & ERROR_WIRES, 0);
	expect_service();
}

/* The lock stays; only firmware or a reset gets out of it. */
static void fault_protocol(void **unused)
{
	(void)unused;
	ask("protocol");
	execute(PL0, CALIPTRA_CMD_VERSION, NULL, 0);
	device_run(&dev);
	assert_int_equal(fsm(), MBOX_FSM_ERROR);
	assert_true(csr_read(&dev, PL0, MBOX_STATUS) &
		    MBOX_STATUS_SOC_HAS_LOCK);
	assert_int_equal(ifc_read(&dev, CPTRA_HW_ERROR_NON_FATAL),
			 CPTRA_HW_ERROR_NON_FATAL_MBOX_PROT_OOO);
	assert_int_equal(bus_wires(&dev.bus) & ERROR_WIRES,
			 BUS_WIRE_CPTRA_ERROR_NON_FATAL);
	csr_write(&dev, PL0, MBOX_EXECUTE, 0);
	device_run(&dev);
	assert_int_equal(fsm(), MBOX_FSM_ERROR);
	assert_int_equal(csr_read(&dev, PL0, MBOX_LOCK), 1);
	ifc_write(&dev, CPTRA_HW_ERROR_NON_FATAL,
		  CPTRA_HW_ERROR_NON_FATAL_MBOX_PROT_OOO);
	assert_int_equal(bus_wires(&dev.bus) & ERROR_WIRES, 0);
	assert_int_equal(fsm(), MBOX_FSM_ERROR);
	mbox_write(&dev.mbox, MBOX_UC, MBOX_UC_USER, MBOX_UNLOCK,
		   MBOX_UNLOCK_UNLOCK);
	assert_int_equal(fsm(), MBOX_FSM_IDLE);
	assert_int_equal(commands_seen, 0);
	expect_service();
}

/* The last word's error shows when it is loaded, which is one read before. */
static void fault_ecc(void **unused)
{
	const uint32_t ecc_bits = MBOX_STATUS_ECC_SINGLE_ERROR |
				  MBOX_STATUS_ECC_DOUBLE_ERROR;
	uint32_t good = 0;
	uint32_t word;
	uint32_t i;
	int round;

	(void)unused;
	for (round = 0; round < 3; round++) {
		const bool twice = round == 1;
		const uint32_t bit = twice	? MBOX_STATUS_ECC_DOUBLE_ERROR :
				     round == 2 ? MBOX_STATUS_ECC_SINGLE_ERROR :
						  0;

		if (bit)
			ask(twice ? "ecc" : "ecc-single");
		execute(PL0, CALIPTRA_CMD_VERSION, NULL, 0);
		device_run(&dev);
		for (i = 0; i < 7; i++)
			csr_read(&dev, PL0, MBOX_DATAOUT);
		assert_int_equal(csr_read(&dev, PL0, MBOX_STATUS) & ecc_bits,
				 0);
		csr_read(&dev, PL0, MBOX_DATAOUT);
		assert_int_equal(csr_read(&dev, PL0, MBOX_STATUS) & ecc_bits,
				 bit);
		assert_int_equal(ifc_read(&dev, CPTRA_HW_ERROR_NON_FATAL),
				 twice ? CPTRA_HW_ERROR_NON_FATAL_MBOX_ECC_UNC :
					 0);
		assert_int_equal(bus_wires(&dev.bus) & ERROR_WIRES,
				 twice ? BUS_WIRE_CPTRA_ERROR_NON_FATAL : 0);
		word = csr_read(&dev, PL0, MBOX_DATAOUT);
		if (!round)
			good = word;
		assert_int_equal(word != good, twice);
		/* it clears itself with MBOX_EXECUTE, the error register not */
		csr_write(&dev, PL0, MBOX_EXECUTE, 0);
		assert_int_equal(csr_read(&dev, PL0, MBOX_STATUS) & ecc_bits,
				 0);
		assert_int_equal(bus_wires(&dev.bus) & ERROR_WIRES,
				 twice ? BUS_WIRE_CPTRA_ERROR_NON_FATAL : 0);
		ifc_write(&dev, CPTRA_HW_ERROR_NON_FATAL, 0xf);
	}
	/* an answer without data has no word to be wrong */
	ask("ecc");
	execute(PL0, 0x11111111, NULL, 0);
	device_run(&dev);
	assert_int_equal(status(PL0), MBOX_STATUS_CMD_FAILURE);
	take_answer(PL0);
	assert_int_equal(ifc_read(&dev, CPTRA_HW_ERROR_NON_FATAL), 0);
	/* the next answer is written over what was wrong */
	execute(PL0, CALIPTRA_CMD_VERSION, NULL, 0);
	device_run(&dev);
	for (i = 0; i < 9; i++)
		word = csr_read(&dev, PL0, MBOX_DATAOUT);
	assert_int_equal(word, good);
	assert_int_equal(csr_read(&dev, PL0, MBOX_STATUS) & ecc_bits, 0);
}

static void fault_reset_busy(void **unused)
{
	(void)unused;
	ifc_write(&dev, CPTRA_HW_ERROR_ENC, 0x55);
	ask("reset busy");
	execute(PL0, CALIPTRA_CMD_VERSION, NULL, 0);
	device_run(&dev);
	assert_int_equal(csr_read(&dev, PL0, MBOX_STATUS), 0);
	assert_int_equal(csr_read(&dev, PL0, MBOX_CMD), 0);
	assert_true(running());
	assert_int_equal(ifc_read(&dev, CPTRA_RESET_REASON), 0);
	assert_int_equal(ifc_read(&dev, CPTRA_HW_ERROR_ENC), 0);
	assert_int_equal(commands_seen, 0);
	expect_service();
}

/* Firmware gives up its keys, as nobody knows what the command was to do. */
static void fault_reset_busy_warm(void **unused)
{
	uint8_t pcr[SHA384_SIZE];

	(void)unused;
	memcpy(pcr, dev.fw.pcrs.value[PCR_RT_CURRENT], SHA384_SIZE);
	ifc_write(&dev, CPTRA_HW_ERROR_ENC, 0x55);
	ask("reset busy warm");
	execute(PL0, CALIPTRA_CMD_VERSION, NULL, 0);
	device_run(&dev);
	assert_int_equal(csr_read(&dev, PL0, MBOX_STATUS), 0);
	assert_true(running());
	assert_int_equal(ifc_read(&dev, CPTRA_RESET_REASON),
			 CPTRA_RESET_REASON_WARM_RESET);
	assert_int_equal(ifc_read(&dev, CPTRA_HW_ERROR_ENC), 0x55);
	assert_int_equal(ifc_read(&dev, CPTRA_FW_ERROR_NON_FATAL),
			 RUNTIME_CMD_BUSY_DURING_WARM_RESET);
	assert_int_equal(bus_wires(&dev.bus) & ERROR_WIRES,
			 BUS_WIRE_CPTRA_ERROR_NON_FATAL);
	assert_true(dev.fw.attestation_disabled);
	assert_memory_equal(dev.fw.pcrs.value[PCR_RT_CURRENT], pcr,
			    SHA384_SIZE);
	expect_service();
	assert_int_equal(ifc_read(&dev, CPTRA_FW_ERROR_NON_FATAL), 0);
}

/* ROM looks for an image where the command is, and finds none. */
static void fault_update(void **unused)
{
	uint32_t flow;

	(void)unused;
	flow = ifc_read(&dev, CPTRA_FLOW_STATUS);
	ask("update");
	execute(PL0, CALIPTRA_CMD_VERSION, NULL, 0);
	device_run(&dev);
	assert_int_equal(fsm(), MBOX_FSM_EXECUTE_SOC);
	assert_int_equal(status(PL0), MBOX_STATUS_CMD_FAILURE);
	assert_int_equal(csr_read(&dev, PL0, MBOX_CMD), CALIPTRA_CMD_VERSION);
	assert_true(data_avail());
	assert_int_equal(ifc_read(&dev, CPTRA_RESET_REASON),
			 CPTRA_RESET_REASON_FW_UPD_RESET);
	assert_int_equal(ifc_read(&dev, CPTRA_FW_ERROR_NON_FATAL),
			 ROM_UPDATE_RESET_FLOW_INVALID_FIRMWARE_COMMAND);
	assert_int_equal(ifc_read(&dev, CPTRA_FLOW_STATUS), flow);
	assert_int_equal(take_answer(PL0), 0);
	assert_int_equal(commands_seen, 1);
	assert_int_equal(last.status, MBOX_STATUS_CMD_FAILURE);
	assert_int_equal(last.fw_error,
			 ROM_UPDATE_RESET_FLOW_INVALID_FIRMWARE_COMMAND);
	expect_service();
}

/* How many of 12 random words are what they are without a generator. */
static unsigned int constant_words(void)
{
	const uint8_t size[4] = { 48 };
	unsigned int n = 0;
	int i;

	execute(PL0, CALIPTRA_CMD_CM_RANDOM_GENERATE, size, sizeof(size));
	device_run(&dev);
	assert_int_equal(csr_read(&dev, PL0, MBOX_DLEN), 12 + 48);
	for (i = 0; i < 3; i++)
		csr_read(&dev, PL0, MBOX_DATAOUT);
	for (i = 0; i < 12; i++)
		n += csr_read(&dev, PL0, MBOX_DATAOUT) == 0xefbeadde;
	csr_write(&dev, PL0, MBOX_EXECUTE, 0);
	return n;
}

/* No reset leaves it like that. */
static void fault_constant_random(void **unused)
{
	(void)unused;
	assert_in_range(constant_words(), 0, 1);
	ask("constant-random");
	assert_int_equal(constant_words(), 12);
	assert_int_equal(constant_words(), 12);
	expect_service();
	ask("none");
	assert_in_range(constant_words(), 0, 1);
	ask("constant-random");
	device_reset(&dev, DEVICE_RESET_COLD);
	soc_boots(&last);
	device_run(&dev);
	assert_in_range(constant_words(), 0, 1);
}

static void fault_watchdog(void **unused)
{
	(void)unused;
	ask("watchdog");
	execute(PL0, CALIPTRA_CMD_VERSION, NULL, 0);
	device_run(&dev);
	assert_int_equal(ifc_read(&dev, CPTRA_WDT_STATUS),
			 CPTRA_WDT_STATUS_T1_TIMEOUT |
				 CPTRA_WDT_STATUS_T2_TIMEOUT);
	assert_int_equal(ifc_read(&dev, CPTRA_HW_ERROR_FATAL),
			 CPTRA_HW_ERROR_FATAL_NMI_PIN);
	assert_int_equal(ifc_read(&dev, CPTRA_FW_ERROR_FATAL),
			 RUNTIME_GLOBAL_WDT_EXPIRED);
	assert_int_equal(bus_wires(&dev.bus) & ERROR_WIRES, ERROR_WIRES);
	assert_int_equal(status(PL0), MBOX_STATUS_CMD_FAILURE);
	take_answer(PL0);
	assert_int_equal(last.fw_error, RUNTIME_GLOBAL_WDT_EXPIRED);

	/* a warm reset ends the wire, and not what is wrong */
	device_reset(&dev, DEVICE_RESET_WARM);
	assert_int_equal(bus_wires(&dev.bus) & ERROR_WIRES, 0);
	soc_boots(&last);
	device_run(&dev);
	assert_false(running());
	assert_int_equal(ifc_read(&dev, CPTRA_WDT_STATUS), 0);
	assert_int_equal(ifc_read(&dev, CPTRA_HW_ERROR_FATAL),
			 CPTRA_HW_ERROR_FATAL_NMI_PIN);
	assert_int_equal(ifc_read(&dev, CPTRA_FW_ERROR_FATAL),
			 ROM_WARM_RESET_UNSUCCESSFUL_PREVIOUS_COLD_RESET);
	device_reset(&dev, DEVICE_RESET_COLD);
	soc_boots(&last);
	device_run(&dev);
	expect_service();
}

/* A command that is under way fails with it, and so do all after it. */
static void fault_fatal(void **unused)
{
	(void)unused;
	ask("late 3600000");
	execute(PL0, CALIPTRA_CMD_VERSION, NULL, 0);
	device_run(&dev);
	ask("fatal 0x123");
	device_run(&dev);
	assert_true(data_avail());
	assert_int_equal(status(PL0), MBOX_STATUS_CMD_FAILURE);
	assert_int_equal(ifc_read(&dev, CPTRA_FW_ERROR_FATAL), 0x123);
	assert_int_equal(ifc_read(&dev, CPTRA_FW_ERROR_NON_FATAL), 0x123);
	assert_int_equal(bus_wires(&dev.bus) & ERROR_WIRES, ERROR_WIRES);
	take_answer(PL0);
	assert_int_equal(last.fw_error, 0x123);
	execute(PL0, CALIPTRA_CMD_VERSION, NULL, 0);
	device_run(&dev);
	assert_int_equal(status(PL0), MBOX_STATUS_CMD_FAILURE);
	take_answer(PL0);
	assert_false(device_reset(&dev, DEVICE_RESET_UPDATE));
	device_reset(&dev, DEVICE_RESET_COLD);
	soc_boots(&last);
	device_run(&dev);
	expect_service();
	assert_int_equal(bus_wires(&dev.bus) & ERROR_WIRES, 0);
}

/* Firmware does not notice; its own non-fatal error goes with a command. */
static void faults_of_error_registers(void **unused)
{
	(void)unused;
	ask("hw-non-fatal 0x8");
	device_run(&dev);
	assert_int_equal(ifc_read(&dev, CPTRA_HW_ERROR_NON_FATAL), 8);
	assert_int_equal(bus_wires(&dev.bus) & ERROR_WIRES,
			 BUS_WIRE_CPTRA_ERROR_NON_FATAL);
	expect_service();
	ifc_write(&dev, CPTRA_HW_ERROR_NON_FATAL, 8);
	assert_int_equal(bus_wires(&dev.bus) & ERROR_WIRES, 0);

	ask("non-fatal 0x77");
	device_run(&dev);
	assert_int_equal(ifc_read(&dev, CPTRA_FW_ERROR_NON_FATAL), 0x77);
	assert_int_equal(bus_wires(&dev.bus) & ERROR_WIRES,
			 BUS_WIRE_CPTRA_ERROR_NON_FATAL);
	expect_service();
	assert_int_equal(bus_wires(&dev.bus) & ERROR_WIRES, 0);

	ask("hw-fatal 0x41");
	device_run(&dev);
	assert_int_equal(ifc_read(&dev, CPTRA_HW_ERROR_FATAL), 0x41);
	assert_int_equal(bus_wires(&dev.bus) & ERROR_WIRES,
			 BUS_WIRE_CPTRA_ERROR_FATAL);
	expect_service();
	ifc_write(&dev, CPTRA_HW_ERROR_FATAL, 0x41);
	assert_int_equal(ifc_read(&dev, CPTRA_HW_ERROR_FATAL), 0);
	assert_int_equal(bus_wires(&dev.bus) & ERROR_WIRES,
			 BUS_WIRE_CPTRA_ERROR_FATAL);
}

/* What acts in place of an answer comes when the answer would. */
static void faults_may_be_late(void **unused)
{
	uint64_t left;

	(void)unused;
	ask("late 20");
	ask("lost-lock");
	execute(PL0, CALIPTRA_CMD_VERSION, NULL, 0);
	left = device_run(&dev);
	assert_in_range(left, 1, 20 * MS);
	assert_int_equal(fsm(), MBOX_FSM_EXECUTE_UC);
	sleep_until(device_now_ns() + left);
	device_run(&dev);
	assert_int_equal(fsm(), MBOX_FSM_IDLE);
}

/* Over and over: warm resets leave everything, updates that fail do not. */
static void warm_and_update_resets(void **unused)
{
	int i;

	(void)unused;
	for (i = 0; i < 3; i++) {
		device_reset(&dev, DEVICE_RESET_WARM);
		assert_false(running());
		assert_int_equal(bus_wires(&dev.bus), BUS_WIRE_READY_FOR_FUSES);
		soc_boots(&last);
		device_run(&dev);
		assert_true(running());
		assert_int_equal(ifc_read(&dev, CPTRA_FW_ERROR_NON_FATAL), 0);
		assert_false(dev.fw.attestation_disabled);
		expect_service();
	}
	for (i = 0; i < 3; i++) {
		assert_true(device_reset(&dev, DEVICE_RESET_UPDATE));
		device_run(&dev);
		assert_true(running());
		assert_int_equal(ifc_read(&dev, CPTRA_RESET_REASON),
				 CPTRA_RESET_REASON_FW_UPD_RESET);
		assert_int_equal(ifc_read(&dev, CPTRA_FW_ERROR_NON_FATAL),
				 ROM_UPDATE_RESET_FLOW_MAILBOX_ACCESS_FAILURE);
		expect_service();
	}
	device_reset(&dev, DEVICE_RESET_WARM);
	soc_boots(&last);
	device_run(&dev);
	assert_false(running());
	assert_int_equal(ifc_read(&dev, CPTRA_FW_ERROR_FATAL),
			 ROM_WARM_RESET_UNSUCCESSFUL_PREVIOUS_UPDATE_RESET);
}

/* A violation while firmware works: nobody ever answers. */
static void violation_ends_a_command(void **unused)
{
	(void)unused;
	ask("late 1");
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
	ask("late 3600000");
	ask("no-interrupt");
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
		TEST(fault_no_answer),
		TEST(fault_stuck_interrupt),
		TEST(fault_interrupt_storm),
		TEST(fault_stuck_lock),
		TEST(fault_lost_lock),
		TEST(fault_protocol),
		TEST(fault_ecc),
		TEST(fault_reset_busy),
		TEST(fault_reset_busy_warm),
		TEST(fault_update),
		TEST(fault_constant_random),
		TEST(fault_watchdog),
		TEST(fault_fatal),
		TEST(faults_of_error_registers),
		TEST(faults_may_be_late),
		TEST(warm_and_update_resets),
		TEST(violation_ends_a_command),
		TEST(reset_while_a_command_is_under_way),
		TEST(reset_before_the_answer_is_taken),
		TEST(command_before_rom),
		TEST(users_take_turns),
		TEST(release_wipes_secrets),
	};

	return cmocka_run_group_tests_name("device", tests, NULL, NULL);
}
