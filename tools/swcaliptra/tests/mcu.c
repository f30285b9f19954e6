// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * Tests the MCI of a device and the MCU's firmware in it by registers, as a SoC
 * does: what the registers tell and who may write them, resets, every command
 * that has a handler, requests that are wrong, and messages from the MCU.
 */
#include "harness.h"

#include <caliptra/describe.h>
#include <caliptra/mci.h>
#include <stdio.h>
#include <unistd.h>

#include "command.h"

#define USER	 SOC_BOOT_PL0_USER
#define OTHER	 SOC_BOOT_PL1_USER
#define STRANGER 0x77u

#define COMPLETE MBOX_STATUS_CMD_COMPLETE
#define FAILURE	 MBOX_STATUS_CMD_FAILURE

/* No command has this code. */
#define NO_COMMAND 0x4d434e4f

static struct device dev;
static struct device_command observed;
static unsigned int observations;

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

static void observe(void *observer, const struct device_command *cmd)
{
	(void)observer;
	observed = *cmd;
	observations++;
}

static void start(struct device_config *config, enum soc_boot_hold hold)
{
	config->subsystem = true;
	config->hold_firmware = hold == SOC_BOOT_HOLD_FIRMWARE;
	test_boot(&dev, config, 0, hold);
	dev.on_command = observe;
	observations = 0;
	test_clear_mcu_mboxes(&dev);
}

static int setup(void **unused)
{
	struct device_config config = test_config();

	(void)unused;
	start(&config, SOC_BOOT_HOLD_NONE);
	return 0;
}

static int teardown(void **unused)
{
	(void)unused;
	device_release(&dev);
	return 0;
}

static void send(unsigned int index, uint32_t code, const uint8_t *request,
		 uint32_t len)
{
	uint32_t i;

	assert_int_equal(get(index, MCU_MBOX_LOCK), 0);
	put(index, MCU_MBOX_CMD, code);
	put(index, MCU_MBOX_DLEN, len);
	for (i = 0; i < len; i += 4) {
		uint8_t word[4] = { 0 };

		memcpy(word, request + i, len - i < 4 ? len - i : 4);
		mci_write_as(&dev, USER, mci_mbox_offset(index) + i,
			     wire_get_le32(word));
	}
	put(index, MCU_MBOX_EXECUTE, 1);
	assert_int_equal(get(index, MCU_MBOX_CMD_STATUS), 0);
	device_run(&dev);
}

/* Give the mailbox back; nothing may be left in it. */
static void release(unsigned int index)
{
	put(index, MCU_MBOX_EXECUTE, 0);
	test_clear_mcu_mboxes(&dev);
}

/* Status of a request, and its response, after checksum and fips_status. */
static uint32_t exchange(unsigned int index, uint32_t code, const void *body,
			 uint32_t body_len, uint8_t *response, uint32_t *len)
{
	uint8_t request[512] = { 0 };
	uint8_t bytes[8192] = { 0 };
	uint32_t dlen;
	uint32_t status;
	uint32_t i;

	send(index, code, request, test_request(request, code, body, body_len));
	status = get(index, MCU_MBOX_CMD_STATUS);
	*len = 0;
	if (status == COMPLETE) {
		dlen = get(index, MCU_MBOX_DLEN);
		assert_in_range(dlen, 8, sizeof(bytes));
		for (i = 0; i < dlen; i += 4)
			wire_put_le32(bytes + i,
				      mci_read_as(&dev, USER,
						  mci_mbox_offset(index) + i));
		assert_int_equal(wire_get_le32(bytes),
				 caliptra_checksum(0, bytes + 4, dlen - 4));
		assert_int_equal(wire_get_le32(bytes + 4), 0);
		*len = dlen - 8;
		memcpy(response, bytes + 8, *len);
	} else {
		assert_int_equal(status, FAILURE);
		assert_int_equal(get(index, MCU_MBOX_DLEN), body_len + 4);
	}
	release(index);
	return status;
}

static uint8_t response[8192];
static uint32_t response_len;

static void expect_response(uint32_t code, const void *body, uint32_t len,
			    uint32_t want)
{
	assert_int_equal(exchange(0, code, body, len, response, &response_len),
			 COMPLETE);
	assert_int_equal(response_len, want);
}

static void expect_failure(uint32_t code, const void *body, uint32_t len)
{
	assert_int_equal(exchange(0, code, body, len, response, &response_len),
			 FAILURE);
}

/*
 * Registers
 */

static void core_is_in_subsystem_mode(void **unused)
{
	(void)unused;
	assert_int_equal(ifc_read(&dev, CPTRA_HW_CONFIG),
			 CPTRA_HW_CONFIG_ITRNG_EN | CPTRA_HW_CONFIG_LMS_ACC_EN |
				 CPTRA_HW_CONFIG_SUBSYSTEM_MODE_EN);
	assert_int_equal(ifc_read(&dev, SS_MCI_BASE_ADDR_L), 0x21000000);
	assert_int_equal(mbox_size(&dev.mbox), 16 * 1024);
}

static void passive_has_no_mci(void **unused)
{
	struct device passive;
	struct device_config config = test_config();
	uint32_t offset;

	(void)unused;
	test_boot(&passive, &config, 0, SOC_BOOT_HOLD_NONE);
	assert_int_equal(ifc_read(&passive, CPTRA_HW_CONFIG) &
				 CPTRA_HW_CONFIG_SUBSYSTEM_MODE_EN,
			 0);
	assert_int_equal(mbox_size(&passive.mbox), 256 * 1024);
	for (offset = 0; offset < 0x50; offset += 4)
		assert_int_equal(mci_read_as(&passive, USER, offset), 0);
	mci_write_as(&passive, USER, MCI_FW_ERROR_FATAL, 1);
	assert_false(device_reset_mci(&passive));
	device_release(&passive);
}

static void registers_tell(void **unused)
{
	static const struct {
		uint32_t offset;
		uint32_t value;
	} of[] = {
		{ MCI_HW_CAPABILITIES, 0 },
		{ MCI_FW_CAPABILITIES, 0 },
		{ MCI_HW_REV_ID, 0x2100 },
		{ MCI_FW_REV_ID, 0x02000000 },
		{ MCI_FW_REV_ID + 4, 0 },
		{ MCI_HW_CONFIG0, 256u << 12 | 256 },
		{ MCI_HW_CONFIG1, 512u << 5 | 4 },
		{ MCI_MCU_LSU_AXI_USER, 0x10 },
		{ MCI_FW_FLOW_STATUS, 0x03af0107 },
		{ MCI_HW_FLOW_STATUS, 8 },
		{ MCI_RESET_REASON, MCI_RESET_REASON_FW_BOOT_UPD_RESET },
		{ MCI_RESET_STATUS, 0 },
		{ MCI_SECURITY_STATE, 7 },
		{ MCI_HW_ERROR_FATAL, 0 },
		{ MCI_AGG_ERROR_FATAL, 0 },
		{ MCI_HW_ERROR_NON_FATAL, 0 },
		{ MCI_AGG_ERROR_NON_FATAL, 0 },
		{ MCI_FW_ERROR_FATAL, 0 },
		{ MCI_FW_ERROR_NON_FATAL, 0 },
		{ MCI_INTERNAL_AGG_ERROR_FATAL_MASK, 0x3ffff000 },
		{ MCI_MBOX0_VALID_AXI_USER, 1 },
		{ MCI_MBOX0_VALID_AXI_USER + 4, 2 },
		{ MCI_MBOX0_VALID_AXI_USER + 8, UINT32_MAX },
		{ MCI_MBOX1_AXI_USER_LOCK + 4, 1 },
		{ MCI_SS_CONFIG_DONE, 1 },
		{ 0x44, 0 }, /* between two registers */
		{ 0x1000, 0 }, /* the MCU's interrupts */
		{ 0x10000, 0 }, /* trace buffer */
		{ 0xc00000, 0 }, /* the MCU's SRAM */
	};
	size_t i;

	(void)unused;
	for (i = 0; i < COUNT(of); i++) {
		uint32_t value = mci_read_as(&dev, STRANGER, of[i].offset);

		if (value != of[i].value)
			fail_msg("register 0x%x is 0x%x", of[i].offset, value);
	}
	assert_int_equal(mci_read_as(&dev, USER, MCI_HW_REV_ID + 1), 0);
}

static void sizes_are_parameters(void **unused)
{
	struct device_config config = test_config();

	(void)unused;
	config.mcu_mbox_size[0] = 128 * 1024;
	config.mcu_mbox_size[1] = 4096;
	start(&config, SOC_BOOT_HOLD_NONE);
	assert_int_equal(mci_read_as(&dev, USER, MCI_HW_CONFIG0),
			 128u << 12 | 4);
	device_release(&dev);
}

static void registers_have_writers(void **unused)
{
	static const struct {
		uint32_t offset;
		uint32_t soc; /* bits that anybody can set */
		uint32_t mcu; /* bits that the MCU can set */
	} of[] = {
		{ MCI_HW_CAPABILITIES, 0, UINT32_MAX },
		{ MCI_CAP_LOCK, 0, 1 },
		{ MCI_FW_CAPABILITIES, 0, 0 },
		{ MCI_HW_REV_ID, 0, 0 },
		{ MCI_FW_REV_ID + 4, 0, UINT32_MAX },
		{ MCI_HW_CONFIG0, 0, 0 },
		{ MCI_MCU_LSU_AXI_USER, 0, 0 },
		{ MCI_FW_FLOW_STATUS, 0, UINT32_MAX },
		{ MCI_HW_FLOW_STATUS, 0, 0 },
		{ MCI_RESET_REASON, 0, 7 },
		{ MCI_RESET_STATUS, 0, 0 },
		{ MCI_SECURITY_STATE, 0, 0 },
		{ MCI_HW_ERROR_FATAL, 0, 0 },
		{ MCI_FW_ERROR_FATAL, UINT32_MAX, UINT32_MAX },
		{ MCI_FW_ERROR_ENC, UINT32_MAX, UINT32_MAX },
		{ MCI_FW_EXTENDED_ERROR_INFO + 28, UINT32_MAX, UINT32_MAX },
		{ MCI_INTERNAL_HW_ERROR_FATAL_MASK, 0, 7 },
		{ MCI_MBOX0_VALID_AXI_USER, 0, 0 },
		{ MCI_MBOX1_AXI_USER_LOCK + 16, 1, 1 },
		{ MCI_MBOX1_VALID_AXI_USER + 16, 0, 0 },
		{ MCI_GENERIC_OUTPUT_WIRES, UINT32_MAX, UINT32_MAX },
		{ MCI_GENERIC_INPUT_WIRES, 0, 0 },
	};
	uint32_t before;
	size_t i;

	(void)unused;
	for (i = 0; i < COUNT(of); i++) {
		before = mci_read_as(&dev, USER, of[i].offset);
		mci_write_as(&dev, USER, of[i].offset, UINT32_MAX);
		assert_int_equal(mci_read_as(&dev, USER, of[i].offset),
				 before | of[i].soc);
		mci_write_as(&dev, MCI_MCU_USER, of[i].offset, UINT32_MAX);
		assert_int_equal(mci_read_as(&dev, USER, of[i].offset),
				 before | of[i].mcu);
	}
	/* a lock that is set stays so */
	mci_write_as(&dev, MCI_MCU_USER, MCI_CAP_LOCK, 0);
	mci_write_as(&dev, MCI_MCU_USER, MCI_MBOX1_AXI_USER_LOCK + 16, 0);
	assert_int_equal(mci_read_as(&dev, USER, MCI_CAP_LOCK), 1);
	assert_int_equal(mci_read_as(&dev, USER, MCI_MBOX1_AXI_USER_LOCK + 16),
			 1);
}

/* Users are those that ROM has locked, and one that is written and locked. */
static void users_are_let_in(void **unused)
{
	(void)unused;
	assert_int_equal(get(0, MCU_MBOX_LOCK), 0);
	assert_int_equal(mci_read_as(&dev, OTHER, csr(0, MCU_MBOX_USER)), USER);
	assert_int_equal(mci_read_as(&dev, STRANGER, csr(0, MCU_MBOX_USER)), 0);
	mci_write_as(&dev, USER, MCI_MBOX0_VALID_AXI_USER + 8, STRANGER);
	assert_int_equal(mci_read_as(&dev, STRANGER, csr(0, MCU_MBOX_USER)), 0);
	mci_write_as(&dev, USER, MCI_MBOX0_AXI_USER_LOCK + 8, 1);
	assert_int_equal(mci_read_as(&dev, STRANGER, csr(0, MCU_MBOX_USER)),
			 USER);
	/* of the one mailbox alone */
	assert_int_equal(mci_read_as(&dev, STRANGER, csr(1, MCU_MBOX_LOCK)), 0);
	assert_false(dev.subsystem->mci.mbox[1].lock);
}

/* The core's errors are seen here, too, and go when they do. */
static void core_errors_are_seen(void **unused)
{
	(void)unused;
	csr_write(&dev, USER, MBOX_CMD, 0);
	assert_int_equal(mci_read_as(&dev, USER, MCI_AGG_ERROR_NON_FATAL), 1);
	mci_write_as(&dev, USER, MCI_AGG_ERROR_NON_FATAL, 1);
	assert_int_equal(mci_read_as(&dev, USER, MCI_AGG_ERROR_NON_FATAL), 1);
	ifc_write(&dev, CPTRA_HW_ERROR_NON_FATAL, UINT32_MAX);
	assert_int_equal(mci_read_as(&dev, USER, MCI_AGG_ERROR_NON_FATAL), 1);
	mci_write_as(&dev, USER, MCI_AGG_ERROR_NON_FATAL, 1);
	assert_int_equal(mci_read_as(&dev, USER, MCI_AGG_ERROR_NON_FATAL), 0);

	assert_int_equal(mci_read_as(&dev, USER, MCI_AGG_ERROR_FATAL), 0);
	firmware_fatal(&dev.fw, 5);
	device_run(&dev);
	assert_int_equal(mci_read_as(&dev, USER, MCI_AGG_ERROR_FATAL), 1);
}

/*
 * Boot and reset
 */

static void mcu_waits_for_the_core(void **unused)
{
	struct device_config config = test_config();

	(void)unused;
	start(&config, SOC_BOOT_HOLD_FIRMWARE);
	assert_int_equal(mci_read_as(&dev, USER, MCI_FW_FLOW_STATUS),
			 0x00030000);
	assert_int_equal(get(0, MCU_MBOX_LOCK), 1);
	assert_int_equal(get(0, MCU_MBOX_USER), MCI_MCU_USER);
	assert_int_equal(get(1, MCU_MBOX_LOCK), 1);
	dev.config.hold_firmware = false;
	device_run(&dev);
	test_clear_mcu_mboxes(&dev);
	assert_int_equal(get(0, MCU_MBOX_LOCK), 0);
	device_release(&dev);
}

static void mcu_halts_with_the_core(void **unused)
{
	struct device_config config = test_config();

	(void)unused;
	start(&config, SOC_BOOT_HOLD_FIRMWARE);
	firmware_fatal(&dev.fw, 5);
	device_run(&dev);
	assert_int_equal(mci_read_as(&dev, USER, MCI_FW_ERROR_FATAL),
			 0x0005000b);
	assert_int_equal(get(0, MCU_MBOX_LOCK), 1);
	device_release(&dev);
}

/* The lock reads as taken for as long as it takes to clear all of the SRAM. */
static void mailboxes_are_cleared_after_a_reset(void **unused)
{
	uint64_t clearing_ns =
		MCI_DEFAULT_MBOX_SIZE / 4 * (uint64_t)MCU_MBOX_ZERO_WORD_NS;
	uint64_t begin;

	(void)unused;
	assert_int_equal(get(0, MCU_MBOX_LOCK), 0);
	mci_write_as(&dev, USER, mci_mbox_offset(0) + 0x3fffc, 0x12345678);
	begin = device_now_ns();
	assert_true(device_reset_mci(&dev));
	assert_int_equal(get(0, MCU_MBOX_LOCK), 0);
	assert_int_equal(mci_read_as(&dev, MCI_MCU_USER,
				     mci_mbox_offset(0) + 0x3fffc),
			 0x12345678);
	device_run(&dev);
	while (get(0, MCU_MBOX_LOCK))
		;
	assert_true(device_now_ns() - begin >= clearing_ns);
	assert_int_equal(mci_read_as(&dev, USER, mci_mbox_offset(0) + 0x3fffc),
			 0);
}

static void warm_reset_keeps_what_is_sticky(void **unused)
{
	(void)unused;
	mci_write_as(&dev, USER, MCI_FW_ERROR_NON_FATAL, 7);
	mci_write_as(&dev, USER, MCI_GENERIC_OUTPUT_WIRES, 7);
	assert_int_equal(get(1, MCU_MBOX_LOCK), 0);
	put(1, MCU_MBOX_EXECUTE, 1);
	assert_true(device_reset_mci(&dev));
	assert_int_equal(mci_read_as(&dev, USER, MCI_FW_FLOW_STATUS), 0);
	device_run(&dev);
	assert_int_equal(mci_read_as(&dev, USER, MCI_FW_ERROR_NON_FATAL), 7);
	assert_int_equal(mci_read_as(&dev, USER, MCI_GENERIC_OUTPUT_WIRES), 0);
	assert_int_equal(mci_read_as(&dev, USER, MCI_RESET_REASON),
			 MCI_RESET_REASON_WARM_RESET |
				 MCI_RESET_REASON_FW_BOOT_UPD_RESET);
	assert_int_equal(mci_read_as(&dev, USER, MCI_FW_FLOW_STATUS),
			 0x03cf0107);
	/* the command is gone, and the core is as it was */
	assert_int_equal(observations, 0);
	assert_int_equal(dev.fw.phase, FW_RUNTIME);

	bus_cold_reset(&dev.bus);
	assert_int_equal(mci_read_as(&dev, USER, MCI_FW_ERROR_NON_FATAL), 0);
	assert_int_equal(mci_read_as(&dev, USER, MCI_RESET_REASON), 0);
	assert_int_equal(get(0, MCU_MBOX_LOCK), 0);
	assert_false(mcu_mbox_user_valid(&dev.subsystem->mci.mbox[0], USER));
}

/*
 * Commands
 */

static void firmware_versions(void **unused)
{
	uint8_t index[4] = { 0 };

	(void)unused;
	expect_response(CALIPTRA_CMD_MC_FIRMWARE_VERSION, index, 4, 4 + 5);
	assert_memory_equal(response,
			    "\5\0\0\0"
			    "2.1.1",
			    9);
	index[0] = 1;
	expect_response(CALIPTRA_CMD_MC_FIRMWARE_VERSION, index, 4, 4 + 5);
	assert_memory_equal(response,
			    "\5\0\0\0"
			    "2.0.0",
			    9);
	/* there is none of the SoC as a whole */
	index[0] = 2;
	expect_failure(CALIPTRA_CMD_MC_FIRMWARE_VERSION, index, 4);
	memset(index, 0xff, 4);
	expect_failure(CALIPTRA_CMD_MC_FIRMWARE_VERSION, index, 4);
}

static void capabilities(void **unused)
{
	(void)unused;
	expect_response(CALIPTRA_CMD_MC_DEVICE_CAPABILITIES, NULL, 0, 36);
	expect_hex(response, "00000000000000010000000000000000"
			     "00000000000000600000000f0000000000000000");
}

static void device_id(void **unused)
{
	(void)unused;
	expect_response(CALIPTRA_CMD_MC_DEVICE_ID, NULL, 0, 8);
	expect_hex(response, "341211ca341211ca");
}

/* The serial number in the fuses, as the certificates have it. */
static void device_info(void **unused)
{
	uint8_t index[4] = { 0 };

	(void)unused;
	expect_response(CALIPTRA_CMD_MC_DEVICE_INFO, index, 4, 4 + 16);
	expect_hex(response, "10000000"
			     "04030201080604020c09060310"
			     "0c0804");
	assert_memory_equal(response + 4, dev.fw.ueid + 1, 16);
	index[0] = 1;
	expect_failure(CALIPTRA_CMD_MC_DEVICE_INFO, index, 4);
}

/* The next part of the log as text; whether there is more. */
static bool read_log(char *text, size_t size)
{
	uint32_t len;

	assert_int_equal(exchange(0, CALIPTRA_CMD_MC_GET_LOG, NULL, 0, response,
				  &response_len),
			 COMPLETE);
	len = wire_get_le32(response);
	assert_int_equal(len, response_len - 4);
	assert_in_range(len, 4, 4096);
	assert_in_range(len - 4, 0, size - 1);
	assert_in_range(wire_get_le32(response + 4), 0, 1);
	memcpy(text, response + 8, len - 4);
	text[len - 4] = '\0';
	return wire_get_le32(response + 4);
}

static void log_tells_of_boot_and_failures(void **unused)
{
	char text[4096];

	(void)unused;
	assert_false(read_log(text, sizeof(text)));
	assert_non_null(strstr(text, "rom: cold boot\n"));
	assert_non_null(strstr(text, "runtime: 2.0.0 is ready for commands\n"));
	/* what was read is read */
	assert_false(read_log(text, sizeof(text)));
	assert_string_equal(text, "");

	expect_failure(NO_COMMAND, NULL, 0);
	expect_failure(CALIPTRA_CMD_MC_GET_LOG, "\0\0\0", 4);
	assert_false(read_log(text, sizeof(text)));
	assert_non_null(strstr(text, "mbox0: command 0x4d434e4f failed: error "
				     "0x06020005\n"));
	assert_non_null(strstr(text, "mbox0: command 0x4d474c47 failed: error "
				     "0x06020004\n"));

	/* it is kept over a reset */
	device_reset_mci(&dev);
	device_run(&dev);
	test_clear_mcu_mboxes(&dev);
	assert_false(read_log(text, sizeof(text)));
	assert_non_null(strstr(text, "rom: warm boot\n"));
}

static void log_is_cleared(void **unused)
{
	char text[4096];

	(void)unused;
	expect_response(CALIPTRA_CMD_MC_CLEAR_LOG, NULL, 0, 0);
	assert_false(read_log(text, sizeof(text)));
	assert_string_equal(text, "");
	expect_failure(CALIPTRA_CMD_MC_CLEAR_LOG, "\0\0\0", 4);
	assert_false(read_log(text, sizeof(text)));
	assert_non_null(strstr(text, "0x4d434c47"));
}

/* Whole entries, all of them in order, and of too many the newest. */
static void long_log_comes_in_parts(void **unused)
{
	struct mcu *mcu = &dev.subsystem->mcu;
	unsigned int parts = 0;
	unsigned int next = 0;
	char text[4096];
	const char *line;
	unsigned int i;
	bool more;

	(void)unused;
	for (i = 0; i < 1000; i++)
		mcu_log_add(&mcu->log, "entry %u %0*u", i, (int)(i % 97), i);
	do {
		more = read_log(text, sizeof(text));
		parts++;
		for (line = text; *line; line = strchr(line, '\n') + 1) {
			assert_int_equal(sscanf(line, "entry %u", &i), 1);
			assert_true(!next || i == next);
			next = i + 1;
		}
	} while (more);
	assert_int_equal(next, 1000);
	assert_in_range(parts, 4, 5);
}

static void long_entries_are_cut(void **unused)
{
	static struct mcu_log log;
	uint8_t bytes[MCU_LOG_ENTRY_SIZE];
	bool more;

	(void)unused;
	mcu_log_add(&log, "%0500u\n", 1u);
	mcu_log_add(&log, "two\nlines");
	assert_int_equal(mcu_log_read(&log, bytes, sizeof(bytes), &more),
			 MCU_LOG_ENTRY_SIZE - 1);
	assert_true(more);
	assert_int_equal(mcu_log_read(&log, bytes, sizeof(bytes), &more), 4);
	assert_memory_equal(bytes, "two\n", 4);
	assert_false(more);
}

static void every_command_is_listed(void **unused)
{
	struct caliptra_command_info info;
	unsigned int i;

	(void)unused;
	assert_true(mci_command_count > 50);
	for (i = 0; i < mci_command_count; i++) {
		caliptra_command_describe(
			caliptra_command_at(command_count + i), &info);
		assert_int_equal(info.family, CALIPTRA_FAMILY_MCI);
		assert_int_equal(mci_commands[i].code, info.code);
		assert_int_equal(mci_commands[i].runtime.run != NULL,
				 info.runtime);
	}
}

static void other_commands_are_unsupported(void **unused)
{
	static const uint8_t body[64];
	unsigned int i;
	unsigned int written = 0;

	(void)unused;
	for (i = 0; i < mci_command_count; i++) {
		if (mci_commands[i].runtime.written) {
			written++;
			continue;
		}
		expect_failure(mci_commands[i].code, NULL, 0);
		expect_failure(mci_commands[i].code, body, sizeof(body));
	}
	assert_int_equal(written, 6);
	expect_failure(NO_COMMAND, NULL, 0);
	/* the core's are not here */
	expect_failure(CALIPTRA_CMD_VERSION, NULL, 0);
}

static void wrong_requests_fail(void **unused)
{
	uint32_t code = CALIPTRA_CMD_MC_DEVICE_CAPABILITIES;
	uint8_t request[16];
	uint32_t len;

	(void)unused;
	/* every length but the right one */
	for (len = 0; len <= 8; len++) {
		test_request(request, code, "\0\0\0\0", len < 4 ? 0 : len - 4);
		send(0, code, request, len);
		assert_int_equal(get(0, MCU_MBOX_CMD_STATUS),
				 len == 4 ? COMPLETE : FAILURE);
		release(0);
	}
	for (len = 0; len < 8; len++)
		if (len != 4)
			expect_failure(CALIPTRA_CMD_MC_FIRMWARE_VERSION,
				       "\0\0\0\0\0\0\0", len);

	/* a wrong checksum */
	len = test_request(request, code, NULL, 0);
	request[1] ^= 1;
	send(0, code, request, len);
	assert_int_equal(get(0, MCU_MBOX_CMD_STATUS), FAILURE);
	release(0);
	/* of another command */
	test_request(request, CALIPTRA_CMD_MC_DEVICE_ID, NULL, 0);
	send(0, code, request, len);
	assert_int_equal(get(0, MCU_MBOX_CMD_STATUS), FAILURE);
	release(0);
}

static void lengths_beyond_the_sram_fail(void **unused)
{
	static const uint32_t lengths[] = { 256 * 1024 + 1, UINT32_MAX - 3,
					    UINT32_MAX };
	size_t i;

	(void)unused;
	for (i = 0; i < COUNT(lengths); i++) {
		assert_int_equal(get(0, MCU_MBOX_LOCK), 0);
		put(0, MCU_MBOX_CMD, CALIPTRA_CMD_MC_DEVICE_ID);
		put(0, MCU_MBOX_DLEN, lengths[i]);
		put(0, MCU_MBOX_EXECUTE, 1);
		device_run(&dev);
		assert_int_equal(get(0, MCU_MBOX_CMD_STATUS), FAILURE);
		release(0);
	}
}

/* A response that the SRAM has no room for is none. */
static void responses_have_to_fit(void **unused)
{
	struct device_config config = test_config();
	uint8_t request[8] = { 0 };

	(void)unused;
	config.mcu_mbox_size[1] = 1024;
	start(&config, SOC_BOOT_HOLD_NONE);
	for (unsigned int i = 0; i < 100; i++)
		mcu_log_add(&dev.subsystem->mcu.log, "%060u", i);
	send(1, CALIPTRA_CMD_MC_GET_LOG, request,
	     test_request(request, CALIPTRA_CMD_MC_GET_LOG, NULL, 0));
	assert_int_equal(get(1, MCU_MBOX_CMD_STATUS), FAILURE);
	device_release(&dev);
}

static void mailboxes_are_independent(void **unused)
{
	uint8_t request[8];
	uint32_t code = CALIPTRA_CMD_MC_DEVICE_ID;
	uint32_t len = test_request(request, code, NULL, 0);

	(void)unused;
	send(0, code, request, len);
	send(1, code, request, len);
	assert_int_equal(get(0, MCU_MBOX_CMD_STATUS), COMPLETE);
	assert_int_equal(get(1, MCU_MBOX_CMD_STATUS), COMPLETE);
	release(1);
	assert_int_equal(get(1, MCU_MBOX_CMD_STATUS), 0);
	assert_int_equal(get(0, MCU_MBOX_DLEN), 16);
	release(0);
	assert_int_equal(mci_read_as(&dev, USER, mci_mbox_offset(0)), 0);
}

static void commands_are_observed(void **unused)
{
	(void)unused;
	expect_response(CALIPTRA_CMD_MC_DEVICE_ID, NULL, 0, 8);
	assert_int_equal(observations, 1);
	assert_true(observed.mci);
	assert_int_equal(observed.code, CALIPTRA_CMD_MC_DEVICE_ID);
	assert_int_equal(observed.user, USER);
	assert_int_equal(observed.req_len, 4);
	assert_int_equal(observed.rsp_len, 16);
	assert_int_equal(observed.status, COMPLETE);
	/* lock, status twice, length, four words */
	assert_int_equal(observed.reads, 1 + 2 + 1 + 4);
	/* command, length, a word, execute and its end */
	assert_int_equal(observed.writes, 5);
	assert_true(observed.device_ns > 0);
	expect_failure(NO_COMMAND, NULL, 0);
	assert_int_equal(observations, 2);
	assert_int_equal(observed.status, FAILURE);
	assert_int_equal(observed.rsp_len, 0);
	/* a lock that is given back unused is no command */
	assert_int_equal(get(0, MCU_MBOX_LOCK), 0);
	release(0);
	assert_int_equal(observations, 2);
}

/*
 * Messages
 */

static const uint32_t wire_of[] = { BUS_WIRE_MCU_MBOX0_DATA_AVAIL,
				    BUS_WIRE_MCU_MBOX1_DATA_AVAIL };

static void message_is_answered(unsigned int index)
{
	struct mcu *mcu = &dev.subsystem->mcu;
	const struct mcu_message *m = &mcu->messages[index];
	uint32_t sram = mci_mbox_offset(index);

	assert_true(mcu_lock(mcu, index));
	assert_false(mcu_lock(mcu, index));
	mcu_send(mcu, index, USER, 0xabcd, "hello", 5);
	device_run(&dev);
	assert_int_equal(bus_wires(&dev.bus) & (wire_of[0] | wire_of[1]),
			 wire_of[index]);
	assert_true(m->sent && !m->answered);
	assert_int_equal(get(index, MCU_MBOX_CMD), 0xabcd);
	assert_int_equal(get(index, MCU_MBOX_DLEN), 5);
	assert_int_equal(mci_read_as(&dev, USER, sram), 0x6c6c6568);
	assert_int_equal(mci_read_as(&dev, OTHER, sram), 0);
	/* it is not the SoC's to end */
	put(index, MCU_MBOX_EXECUTE, 0);
	put(index, MCU_MBOX_TARGET_STATUS, MBOX_STATUS_CMD_FAILURE);
	device_run(&dev);
	assert_true(m->sent && !m->answered);
	assert_true(bus_wires(&dev.bus) & wire_of[index]);
	put(index, MCU_MBOX_TARGET_STATUS,
	    MBOX_STATUS_CMD_COMPLETE | MCU_MBOX_TARGET_STATUS_DONE);
	device_run(&dev);
	assert_false(bus_wires(&dev.bus) & wire_of[index]);
	assert_true(!m->sent && m->answered);
	assert_int_equal(m->status, MBOX_STATUS_CMD_COMPLETE);
	test_clear_mcu_mboxes(&dev);
	assert_int_equal(get(index, MCU_MBOX_LOCK), 0);
	assert_int_equal(mci_read_as(&dev, USER, sram), 0);
	assert_false(mcu_lock(mcu, index));
	release(index);
	assert_int_equal(observations, 0);
}

static void messages_are_answered(void **unused)
{
	(void)unused;
	message_is_answered(0);
	message_is_answered(1);
}

static void lock_of_the_mcu(void **unused)
{
	struct mcu *mcu = &dev.subsystem->mcu;

	(void)unused;
	assert_false(mcu_unlock(mcu, 0));
	assert_true(mcu_lock(mcu, 0));
	assert_int_equal(get(0, MCU_MBOX_LOCK), 1);
	assert_true(mcu_unlock(mcu, 0));
	assert_false(mcu_unlock(mcu, 0));
	test_clear_mcu_mboxes(&dev);
	assert_int_equal(get(0, MCU_MBOX_LOCK), 0);
	/* what the SoC has is not the MCU's to give back */
	assert_false(mcu_unlock(mcu, 0));
	release(0);
	expect_response(CALIPTRA_CMD_MC_DEVICE_ID, NULL, 0, 8);
}

#define TEST(name)     cmocka_unit_test_setup_teardown(name, setup, teardown)
#define OWN_TEST(name) cmocka_unit_test(name)

int main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(core_is_in_subsystem_mode),
		OWN_TEST(passive_has_no_mci),
		TEST(registers_tell),
		OWN_TEST(sizes_are_parameters),
		TEST(registers_have_writers),
		TEST(users_are_let_in),
		TEST(core_errors_are_seen),
		OWN_TEST(mcu_waits_for_the_core),
		OWN_TEST(mcu_halts_with_the_core),
		TEST(mailboxes_are_cleared_after_a_reset),
		TEST(warm_reset_keeps_what_is_sticky),
		TEST(firmware_versions),
		TEST(capabilities),
		TEST(device_id),
		TEST(device_info),
		TEST(log_tells_of_boot_and_failures),
		TEST(log_is_cleared),
		TEST(long_log_comes_in_parts),
		OWN_TEST(long_entries_are_cut),
		OWN_TEST(every_command_is_listed),
		TEST(other_commands_are_unsupported),
		TEST(wrong_requests_fail),
		TEST(lengths_beyond_the_sram_fail),
		OWN_TEST(responses_have_to_fit),
		TEST(mailboxes_are_independent),
		TEST(commands_are_observed),
		TEST(messages_are_answered),
		TEST(lock_of_the_mcu),
	};

	return cmocka_run_group_tests_name("mcu", tests, NULL, NULL);
}
