// SPDX-License-Identifier: GPL-2.0-only
/*
 * Unit tests of the mailbox engines: a command from its request to its response, on both
 * kinds of mailboxes, polling and with interrupts.
 */
#include "fake.h"

static void request_sizes(struct kunit *test)
{
	struct fake *f = test->priv;
	const u32 size = f->cd->mbox_size;
	const u32 sizes[] = { 0,    1,	  2,	3,	  4,	    5,	 7,
			      1023, 1024, 1025, size - 9, size - 8, size };
	struct fake_call *c;
	unsigned int i;

	for (i = 0; i < ARRAY_SIZE(sizes); i++) {
		c = fake_new_call(f, 0x1000 + i, sizes[i], 10000);
		fake_run(c);
		fake_expect_echo(c);
		KUNIT_EXPECT_EQ(test, f->log[i], 0x1000 + i);
	}
	KUNIT_EXPECT_EQ(test, f->commands, ARRAY_SIZE(sizes));
	KUNIT_EXPECT_EQ(test, f->releases, ARRAY_SIZE(sizes));
}

static void expect_pattern(struct fake_call *c, u32 len)
{
	const u8 *rsp = c->txn.buf;
	u32 i, wrong = 0;

	for (i = len < 8 ? 0 : 4; i < len; i++)
		wrong += rsp[i] != fake_request_byte(~c->txn.cmd, i);
	KUNIT_EXPECT_EQ_MSG(c->fake->test, wrong, 0, "of %u bytes", len);
}

static void response_sizes(struct kunit *test)
{
	struct fake *f = test->priv;
	const u32 size = f->cd->mbox_size;
	const u32 sizes[] = { 0, 1, 2, 3, 4, 5, 7, 8, 9, 1023, size - 1, size };
	struct fake_call *c;
	unsigned int i;

	for (i = 0; i < ARRAY_SIZE(sizes); i++) {
		f->firmware.rsp_len = sizes[i];
		c = fake_new_call(f, 0x2000 + i, 5, 10000);
		KUNIT_EXPECT_EQ(test, fake_run(c), 0);
		KUNIT_EXPECT_EQ(test, c->txn.rsp_len, sizes[i]);
		expect_pattern(c, sizes[i]);
	}
}

/* Nothing is read of a response that the mailbox has no room for. */
static void too_long(struct kunit *test)
{
	struct fake *f = test->priv;
	const u32 lengths[] = { f->cd->mbox_size + 1, f->cd->mbox_size + 4,
				0x80000000, 0xfffffffe };
	struct fake_call *c;
	unsigned int i;

	for (i = 0; i < ARRAY_SIZE(lengths); i++) {
		f->firmware.rsp_len = lengths[i];
		c = fake_new_call(f, 0x3000, 5, 10000);
		KUNIT_EXPECT_EQ(test, fake_run(c), -EPROTO);
		KUNIT_EXPECT_TRUE(test, c->txn.sent);
		KUNIT_EXPECT_EQ(test, c->txn.rsp_len, lengths[i]);
	}
	KUNIT_EXPECT_EQ(test, f->releases, ARRAY_SIZE(lengths));
	f->firmware.rsp_len = FAKE_ECHO;
	fake_expect_works(f);
}

/* Nor of one that its caller has no room for; the next one may fit to the byte. */
static void too_long_for_caller(struct kunit *test)
{
	struct fake *f = test->priv;
	struct fake_call *c = fake_new_call(f, 0x3000, 5, 10000);

	memset(c->txn.buf + 12, 0xee, 8);
	c->txn.buf_size = 12;
	f->firmware.rsp_len = 13;
	KUNIT_EXPECT_EQ(test, fake_run(c), -EMSGSIZE);
	KUNIT_EXPECT_TRUE(test, c->txn.sent);
	KUNIT_EXPECT_EQ(test, c->txn.rsp_len, 13);
	KUNIT_EXPECT_EQ(test, f->releases, 1);

	c = fake_new_call(f, 0x3000, 5, 10000);
	memset(c->txn.buf + 12, 0xee, 8);
	c->txn.buf_size = 12;
	f->firmware.rsp_len = 12;
	KUNIT_EXPECT_EQ(test, fake_run(c), 0);
	expect_pattern(c, 12);
	KUNIT_EXPECT_NULL(test, memchr_inv(c->txn.buf + 12, 0xee, 8));
	f->firmware.rsp_len = FAKE_ECHO;
	fake_expect_works(f);
}

static void complete_without_data(struct kunit *test)
{
	struct fake *f = test->priv;
	struct fake_call *c = fake_new_call(f, 1, 40, 10000);

	f->firmware.status = MBOX_STATUS_CMD_COMPLETE;
	f->firmware.rsp_len = 0;
	KUNIT_EXPECT_EQ(test, fake_run(c), 0);
	KUNIT_EXPECT_EQ(test, c->txn.rsp_len, 0);
	KUNIT_EXPECT_EQ(test, f->releases, 1);
}

/* As the MCU's firmware answers every command; the core's has no data then. */
static void complete_with_data(struct kunit *test)
{
	struct fake *f = test->priv;
	bool mci = f->cd->ops->kind == CALIPTRA_MBOX_MCI;
	struct fake_call *c = fake_new_call(f, 1, 40, 10000);

	f->firmware.status = MBOX_STATUS_CMD_COMPLETE;
	f->firmware.rsp_len = 40;
	KUNIT_EXPECT_EQ(test, fake_run(c), 0);
	KUNIT_EXPECT_EQ(test, c->txn.rsp_len, mci ? 40 : 0);
	if (mci)
		expect_pattern(c, 40);
	KUNIT_EXPECT_EQ(test, f->releases, 1);
}

static void failed_by_firmware(struct kunit *test)
{
	struct fake *f = test->priv;
	struct fake_call *c = fake_new_call(f, 1, 40, 10000);
	struct caliptra_stats stats;

	f->firmware.status = MBOX_STATUS_CMD_FAILURE;
	f->firmware.error = 0x000e0008;
	KUNIT_EXPECT_EQ(test, fake_run(c), -EREMOTEIO);
	KUNIT_EXPECT_EQ(test, c->txn.fw_error, 0x000e0008);
	KUNIT_EXPECT_EQ(test, c->txn.rsp_len, 0);
	KUNIT_EXPECT_EQ(test, f->releases, 1);
	caliptra_get_stats(f->cd, &stats);
	KUNIT_EXPECT_EQ(test, stats.failures, 1);
	KUNIT_EXPECT_EQ(test, stats.lost, 0);
	f->firmware.status = MBOX_STATUS_DATA_READY;
	fake_expect_works(f);
}

static void undefined_status(struct kunit *test)
{
	struct fake *f = test->priv;
	struct fake_call *c;
	u32 status;

	for (status = MBOX_STATUS_CMD_FAILURE + 1; status < 16; status++) {
		f->firmware.status = status;
		c = fake_new_call(f, 1, 4, 10000);
		KUNIT_EXPECT_EQ(test, fake_run(c), -EPROTO);
		KUNIT_EXPECT_EQ(test, c->txn.rsp_len, 0);
		KUNIT_EXPECT_EQ(test, c->txn.status & MBOX_STATUS_STATUS_MASK,
				status);
	}
	f->firmware.status = MBOX_STATUS_DATA_READY;
	fake_expect_works(f);
}

/*
 * 7, and one for each word, once the driver knows the device. What is too short for a
 * response is looked at twice.
 */
static void register_accesses(struct kunit *test)
{
	struct fake *f = test->priv;
	const u32 sizes[] = { 0, 1, 4, 5, 64, 4000 };
	const u32 rsp_sizes[] = { 8, 9, 12, 64, 4000 };
	unsigned int i, j, before, words;
	struct fake_call *c;

	fake_expect_works(f);
	for (i = 0; i < ARRAY_SIZE(sizes); i++)
		for (j = 0; j < ARRAY_SIZE(rsp_sizes); j++) {
			f->firmware.rsp_len = rsp_sizes[j];
			c = fake_new_call(f, 1, sizes[i], 10000);
			before = f->accesses;
			KUNIT_EXPECT_EQ(test, fake_run(c), 0);
			words = DIV_ROUND_UP(sizes[i], 4) +
				DIV_ROUND_UP(rsp_sizes[j], 4);
			KUNIT_EXPECT_EQ_MSG(test, f->accesses - before,
					    7 + words, "%u bytes, %u bytes",
					    sizes[i], rsp_sizes[j]);
		}
}

/* Each look at a mailbox that is busy is one access more. */
static void slow_firmware(struct kunit *test)
{
	struct fake *f = test->priv;
	struct fake_call *c;

	f->firmware.delay_us = 3000;
	c = fake_new_call(f, 1, 100, 10000);
	fake_run(c);
	fake_expect_echo(c);
	f->firmware.delay_us = 30000;
	c = fake_new_call(f, 2, 100, 10000);
	fake_run(c);
	fake_expect_echo(c);
}

static void info_of_device(struct kunit *test)
{
	struct fake *f = test->priv;
	bool mci = f->model == &fake_mci;
	struct caliptra_info info;

	fake_set_state(f, mci ? MCI_SECURITY_STATE : CPTRA_SECURITY_STATE, 7);
	fake_set_state(f, mci ? MCI_HW_FLOW_STATUS : CPTRA_BOOT_STATUS, 0x301);
	fake_set_state(f, f->model->fw_error_non_fatal, 0x11);
	fake_set_state(f, f->model->errors[1], 4);
	KUNIT_EXPECT_EQ(test, caliptra_get_info(f->cd, &info), 0);
	KUNIT_EXPECT_EQ(test, info.kind,
			mci ? CALIPTRA_MBOX_MCI : CALIPTRA_MBOX_SOC);
	KUNIT_EXPECT_EQ(test, info.mbox_size, f->cd->mbox_size);
	KUNIT_EXPECT_EQ(test, info.state, CALIPTRA_STATE_READY_FOR_RUNTIME);
	KUNIT_EXPECT_EQ(test, info.security_state, 7);
	KUNIT_EXPECT_EQ(test, info.boot_status, 0x301);
	KUNIT_EXPECT_EQ(test, info.hw_error_non_fatal, 4);
	KUNIT_EXPECT_EQ(test, info.fw_error_non_fatal, 0x11);
	KUNIT_EXPECT_EQ(test, info.hw_error_fatal, 0);
	KUNIT_EXPECT_EQ(test, info.fw_error_fatal, 0);
	KUNIT_EXPECT_EQ(test, info.flags,
			!mci && f->cd->irq ? CALIPTRA_INFO_INTERRUPT : 0);
}

/* Without firmware the mailbox is not even looked at. */
static void no_firmware(struct kunit *test)
{
	struct fake *f = test->priv;
	struct fake_call *c = fake_new_call(f, 1, 4, 10000);
	bool mci = f->model == &fake_mci;
	u32 reg = mci ? MCI_RESET_STATUS : CPTRA_FLOW_STATUS;
	u32 ready = fake_get_state(f, reg);
	unsigned int before;

	fake_set_state(f, reg, mci ? MCI_RESET_STATUS_MCU_RESET_STS : 0);
	before = f->accesses;
	KUNIT_EXPECT_EQ(test, fake_run(c), -EHOSTDOWN);
	KUNIT_EXPECT_FALSE(test, c->txn.sent);
	KUNIT_EXPECT_EQ(test, f->accesses - before, 1);
	fake_set_state(f, reg, ready);
	fake_expect_works(f);
}

/* ROM answers commands, too. */
static void only_rom(struct kunit *test)
{
	struct fake *f = test->priv;
	struct caliptra_info info;

	if (f->model == &fake_mci)
		fake_set_state(f, MCI_FW_FLOW_STATUS, 0);
	else
		fake_set_state(f, CPTRA_FLOW_STATUS,
			       CPTRA_FLOW_STATUS_READY_FOR_MB_PROCESSING);
	fake_expect_works(f);
	KUNIT_EXPECT_EQ(test, caliptra_get_info(f->cd, &info), 0);
	KUNIT_EXPECT_EQ(test, info.state,
			CALIPTRA_STATE_READY_FOR_MB_PROCESSING);
}

/* The last commands are remembered, without what was in them. */
static void records(struct kunit *test)
{
	struct fake *f = test->priv;
	struct caliptra_dev *cd = f->cd;
	struct caliptra_record *r;
	struct fake_call *c;
	u32 i;

	for (i = 1; i <= CALIPTRA_RECORDS + 3; i++) {
		c = fake_new_call(f, i, i, 10000);
		fake_run(c);
	}
	f->firmware.status = MBOX_STATUS_CMD_FAILURE;
	f->firmware.error = 9;
	c = fake_new_call(f, i, i, 10000);
	fake_run(c);

	KUNIT_EXPECT_EQ(test, cd->recorded, i);
	r = &cd->records[(i - 1) % CALIPTRA_RECORDS];
	KUNIT_EXPECT_EQ(test, r->seq, i);
	KUNIT_EXPECT_EQ(test, r->cmd, i);
	KUNIT_EXPECT_EQ(test, r->error, -EREMOTEIO);
	KUNIT_EXPECT_EQ(test, r->fw_error, 9);
	KUNIT_EXPECT_GT(test, r->took_ns, 0);
	/* the oldest that is left */
	r = &cd->records[i % CALIPTRA_RECORDS];
	KUNIT_EXPECT_EQ(test, r->seq, i + 1 - CALIPTRA_RECORDS);
	KUNIT_EXPECT_EQ(test, r->cmd, r->seq);
	KUNIT_EXPECT_EQ(test, r->req_len, r->seq);
	KUNIT_EXPECT_EQ(test, r->rsp_len, r->seq + 8);
	KUNIT_EXPECT_EQ(test, r->error, 0);
}

#define COMMON                                                                \
	KUNIT_CASE(request_sizes), KUNIT_CASE(response_sizes),                \
		KUNIT_CASE(too_long), KUNIT_CASE(too_long_for_caller),        \
		KUNIT_CASE(complete_without_data),                            \
		KUNIT_CASE(complete_with_data),                               \
		KUNIT_CASE(failed_by_firmware), KUNIT_CASE(undefined_status), \
		KUNIT_CASE(register_accesses), KUNIT_CASE(slow_firmware),     \
		KUNIT_CASE(info_of_device), KUNIT_CASE(no_firmware),          \
		KUNIT_CASE(only_rom), KUNIT_CASE(records)

/* --- The SoC mailbox alone --- */

static u32 status_of(u32 fsm, bool lock)
{
	return fsm << MBOX_STATUS_FSM_PS_SHIFT |
	       (lock ? MBOX_STATUS_SOC_HAS_LOCK : 0);
}

/* Each state, with and without the lock; other bits do not matter. */
static void soc_progress(struct kunit *test)
{
	static const enum caliptra_progress wanted[8][2] = {
		[MBOX_FSM_IDLE] = { CALIPTRA_LOST, CALIPTRA_BUSY },
		[MBOX_FSM_RDY_FOR_CMD] = { CALIPTRA_LOST, CALIPTRA_BUSY },
		[MBOX_FSM_RDY_FOR_DATA] = { CALIPTRA_LOST, CALIPTRA_BUSY },
		[MBOX_FSM_RDY_FOR_DLEN] = { CALIPTRA_LOST, CALIPTRA_BUSY },
		[MBOX_FSM_EXECUTE_SOC] = { CALIPTRA_MESSAGE,
					   CALIPTRA_ANSWERED },
		[MBOX_FSM_EXECUTE_TAP] = { CALIPTRA_LOST, CALIPTRA_BUSY },
		[MBOX_FSM_EXECUTE_UC] = { CALIPTRA_LOST, CALIPTRA_BUSY },
		[MBOX_FSM_ERROR] = { CALIPTRA_BROKEN, CALIPTRA_BROKEN },
	};
	const u32 others = ~(MBOX_STATUS_FSM_PS_MASK |
			     MBOX_STATUS_SOC_HAS_LOCK | 1u << 31);
	u32 fsm, lock, status;

	for (fsm = 0; fsm < 8; fsm++)
		for (lock = 0; lock < 2; lock++) {
			status = status_of(fsm, lock);
			KUNIT_EXPECT_EQ_MSG(
				test, caliptra_mbox_soc_ops.progress(status),
				wanted[fsm][lock], "state %u, lock %u", fsm,
				lock);
			KUNIT_EXPECT_EQ(test,
					caliptra_mbox_soc_ops.progress(status |
								       others),
					wanted[fsm][lock]);
		}
	KUNIT_EXPECT_EQ(test, caliptra_mbox_soc_ops.progress(U32_MAX),
			CALIPTRA_BUSY);
}

static void soc_inspect(struct kunit *test)
{
	struct fake *f = test->priv;
	struct caliptra_dev *cd = f->cd;
	u32 status;

	fake_expect_works(f);
	KUNIT_EXPECT_EQ(test, cd->ops->inspect(cd, &status), CALIPTRA_LOST);
	f->locked = true;
	f->user = FAKE_USER;
	fake_set_fsm(f, MBOX_FSM_EXECUTE_UC);
	KUNIT_EXPECT_EQ(test, cd->ops->inspect(cd, &status), CALIPTRA_BUSY);
	KUNIT_EXPECT_EQ(test, status, status_of(MBOX_FSM_EXECUTE_UC, true));
	KUNIT_EXPECT_TRUE(test, cd->ops->has_command(cd));
	fake_set_fsm(f, MBOX_FSM_EXECUTE_SOC);
	KUNIT_EXPECT_EQ(test, cd->ops->inspect(cd, &status), CALIPTRA_ANSWERED);
	KUNIT_EXPECT_TRUE(test, cd->ops->has_command(cd));
	f->ecc = MBOX_STATUS_ECC_SINGLE_ERROR;
	KUNIT_EXPECT_EQ(test, cd->ops->inspect(cd, &status), CALIPTRA_ANSWERED);
	f->ecc = MBOX_STATUS_ECC_DOUBLE_ERROR;
	KUNIT_EXPECT_EQ(test, cd->ops->inspect(cd, &status), CALIPTRA_CORRUPT);
	f->user = FAKE_OTHER_USER;
	KUNIT_EXPECT_EQ(test, cd->ops->inspect(cd, &status), CALIPTRA_LOST);
	fake_set_fsm(f, MBOX_FSM_ERROR);
	KUNIT_EXPECT_EQ(test, cd->ops->inspect(cd, &status), CALIPTRA_BROKEN);
	fake_take_away(f);
	KUNIT_EXPECT_FALSE(test, cd->ops->has_command(cd));
	KUNIT_EXPECT_FALSE(test, cd->ops->has_message(cd));
}

static void soc_states(struct kunit *test)
{
	static const struct {
		u32 flow;
		u32 fatal;
		u32 state;
	} cases[] = {
		{ 0, 0, CALIPTRA_STATE_RESET },
		{ CPTRA_FLOW_STATUS_READY_FOR_FUSES, 0,
		  CALIPTRA_STATE_READY_FOR_FUSES },
		{ CPTRA_FLOW_STATUS_READY_FOR_FUSES |
			  CPTRA_FLOW_STATUS_READY_FOR_MB_PROCESSING,
		  0, CALIPTRA_STATE_READY_FOR_MB_PROCESSING },
		{ CPTRA_FLOW_STATUS_READY_FOR_MB_PROCESSING |
			  CPTRA_FLOW_STATUS_READY_FOR_RUNTIME,
		  0, CALIPTRA_STATE_READY_FOR_RUNTIME },
		{ CPTRA_FLOW_STATUS_READY_FOR_RUNTIME, 1,
		  CALIPTRA_STATE_FATAL_ERROR },
		{ CPTRA_FLOW_STATUS_MAILBOX_FLOW_DONE |
			  CPTRA_FLOW_STATUS_STATUS_MASK,
		  0, CALIPTRA_STATE_RESET },
	};
	struct fake *f = test->priv;
	struct caliptra_info info;
	unsigned int i;

	for (i = 0; i < ARRAY_SIZE(cases); i++) {
		fake_set_state(f, CPTRA_FLOW_STATUS, cases[i].flow);
		fake_set_state(f, CPTRA_FW_ERROR_FATAL, cases[i].fatal);
		KUNIT_EXPECT_EQ(test, caliptra_get_info(f->cd, &info), 0);
		KUNIT_EXPECT_EQ_MSG(test, info.state, cases[i].state, "%u", i);
		KUNIT_EXPECT_EQ(test, info.flow_status, cases[i].flow);
	}
}

static void soc_generations(struct kunit *test)
{
	static const struct {
		u32 rev;
		u32 config;
		u32 size;
	} cases[] = {
		{ 0x00, 0, 128 * 1024 },
		{ 0x01, 0, 128 * 1024 },
		{ 0x11, 0, 128 * 1024 },
		{ 0x12340001, CPTRA_HW_CONFIG_SUBSYSTEM_MODE_EN, 128 * 1024 },
		{ 0x02, 0, 256 * 1024 },
		{ 0x02, CPTRA_HW_CONFIG_SUBSYSTEM_MODE_EN, 256 * 1024 },
		{ 0x402, 0, 256 * 1024 },
		{ 0x12, 0, 256 * 1024 },
		{ 0x12, CPTRA_HW_CONFIG_SUBSYSTEM_MODE_EN, 16 * 1024 },
		{ 0xffff0112, CPTRA_HW_CONFIG_SUBSYSTEM_MODE_EN, 16 * 1024 },
		{ 0x22, 0, 256 * 1024 },
	};
	struct fake *f = test->priv;
	unsigned int i;

	for (i = 0; i < ARRAY_SIZE(cases); i++) {
		fake_set_state(f, CPTRA_HW_REV_ID, cases[i].rev);
		fake_set_state(f, CPTRA_HW_CONFIG, cases[i].config);
		KUNIT_EXPECT_EQ_MSG(test, caliptra_mbox_soc_size(f->cd),
				    cases[i].size, "revision 0x%x",
				    cases[i].rev);
	}
}

static void soc_size_of_generation(struct kunit *test, u32 size)
{
	struct fake *f = fake_alloc(test, &fake_soc, size);
	struct fake_call *c;

	test->priv = f;
	fake_register(f);
	c = fake_new_call(f, 1, size, 10000);
	fake_run(c);
	fake_expect_echo(c);
	f->firmware.rsp_len = size + 1;
	c = fake_new_call(f, 2, size, 10000);
	KUNIT_EXPECT_EQ(test, fake_run(c), -EPROTO);
}

static void soc_as_large_as_1_x(struct kunit *test)
{
	soc_size_of_generation(test, CALIPTRA_MBOX_SIZE_1X);
}

static void soc_as_large_as_2_0(struct kunit *test)
{
	soc_size_of_generation(test, CALIPTRA_MBOX_SIZE_PASSIVE);
}

/* --- An MCU mailbox alone --- */

static void mci_progress(struct kunit *test)
{
	u32 status;

	for (status = 0; status < 16; status++) {
		KUNIT_EXPECT_EQ(test, caliptra_mbox_mci_ops.progress(status),
				status ? CALIPTRA_ANSWERED : CALIPTRA_BUSY);
		KUNIT_EXPECT_EQ(test,
				caliptra_mbox_mci_ops.progress(status | ~0xfu),
				status ? CALIPTRA_ANSWERED : CALIPTRA_BUSY);
	}
}

static void mci_inspect(struct kunit *test)
{
	struct fake *f = test->priv;
	struct caliptra_dev *cd = f->cd;
	u32 status;

	fake_expect_works(f);
	KUNIT_EXPECT_EQ(test, cd->ops->inspect(cd, &status), CALIPTRA_LOST);
	KUNIT_EXPECT_FALSE(test, cd->ops->has_command(cd));
	f->locked = true;
	f->user = FAKE_USER;
	KUNIT_EXPECT_EQ(test, cd->ops->inspect(cd, &status), CALIPTRA_LOST);
	f->execute = true;
	KUNIT_EXPECT_EQ(test, cd->ops->inspect(cd, &status), CALIPTRA_BUSY);
	KUNIT_EXPECT_TRUE(test, cd->ops->has_command(cd));
	f->status = MBOX_STATUS_CMD_COMPLETE;
	KUNIT_EXPECT_EQ(test, cd->ops->inspect(cd, &status), CALIPTRA_ANSWERED);
	KUNIT_EXPECT_EQ(test, status, MBOX_STATUS_CMD_COMPLETE);
	f->hw_status = MCU_MBOX_HW_STATUS_ECC_SINGLE_ERROR;
	KUNIT_EXPECT_EQ(test, cd->ops->inspect(cd, &status), CALIPTRA_ANSWERED);
	f->hw_status = MCU_MBOX_HW_STATUS_ECC_DOUBLE_ERROR;
	KUNIT_EXPECT_EQ(test, cd->ops->inspect(cd, &status), CALIPTRA_CORRUPT);
	f->user = FAKE_UC_USER;
	KUNIT_EXPECT_EQ(test, cd->ops->inspect(cd, &status), CALIPTRA_LOST);
	KUNIT_EXPECT_FALSE(test, cd->ops->has_command(cd));
	fake_take_away(f);
}

static void mci_states(struct kunit *test)
{
	struct fake *f = test->priv;
	struct caliptra_info info;

	fake_set_state(f, MCI_RESET_STATUS, MCI_RESET_STATUS_MCU_RESET_STS);
	KUNIT_EXPECT_EQ(test, caliptra_get_info(f->cd, &info), 0);
	KUNIT_EXPECT_EQ(test, info.state, CALIPTRA_STATE_RESET);
	/* the core's reset is not the MCU's */
	fake_set_state(f, MCI_RESET_STATUS, MCI_RESET_STATUS_CPTRA_RESET_STS);
	KUNIT_EXPECT_EQ(test, caliptra_get_info(f->cd, &info), 0);
	KUNIT_EXPECT_EQ(test, info.state, CALIPTRA_STATE_READY_FOR_RUNTIME);
	fake_set_state(f, MCI_HW_ERROR_FATAL, MCI_HW_ERROR_FATAL_NMI_PIN);
	KUNIT_EXPECT_EQ(test, caliptra_get_info(f->cd, &info), 0);
	KUNIT_EXPECT_EQ(test, info.state, CALIPTRA_STATE_FATAL_ERROR);
	KUNIT_EXPECT_EQ(test, info.hw_error_fatal, MCI_HW_ERROR_FATAL_NMI_PIN);
}

/* The lock reads as taken until the memory is zeros. */
static void mci_zeroing(struct kunit *test)
{
	struct fake *f = test->priv;
	u32 i, left = 0;

	fake_expect_works(f);
	for (i = 0; i < f->sram_size / 4; i++)
		left += f->sram[i] != 0;
	KUNIT_EXPECT_EQ_MSG(test, left, 0, "words left in the mailbox");
	f->zeroing = 20;
	fake_expect_works(f);
	KUNIT_EXPECT_EQ(test, f->zeroing, 0);
}

static void mci_small_sram(struct kunit *test)
{
	struct fake *f = fake_alloc(test, &fake_mci, 4);
	struct fake_call *c;

	test->priv = f;
	fake_register(f);
	f->firmware.rsp_len = 4;
	c = fake_new_call(f, 1, 4, 10000);
	KUNIT_EXPECT_EQ(test, fake_run(c), 0);
	KUNIT_EXPECT_EQ(test, c->txn.rsp_len, 4);
	f->firmware.rsp_len = 5;
	c = fake_new_call(f, 1, 0, 10000);
	KUNIT_EXPECT_EQ(test, fake_run(c), -EPROTO);
}

static struct kunit_case soc_cases[] = { COMMON,
					 KUNIT_CASE(soc_progress),
					 KUNIT_CASE(soc_inspect),
					 KUNIT_CASE(soc_states),
					 KUNIT_CASE(soc_generations),
					 {} };

static struct kunit_case soc_irq_cases[] = { COMMON, {} };

static struct kunit_case soc_size_cases[] = { KUNIT_CASE(soc_as_large_as_1_x),
					      KUNIT_CASE(soc_as_large_as_2_0),
					      {} };

static struct kunit_case mci_cases[] = { COMMON,
					 KUNIT_CASE(mci_progress),
					 KUNIT_CASE(mci_inspect),
					 KUNIT_CASE(mci_states),
					 KUNIT_CASE(mci_zeroing),
					 {} };

static struct kunit_case mci_irq_cases[] = { COMMON, {} };

static struct kunit_case mci_size_cases[] = { KUNIT_CASE(mci_small_sram), {} };

static struct kunit_suite suites[] = {
	{ .name = "caliptra-mbox-soc",
	  .init = fake_init_soc,
	  .exit = fake_exit,
	  .test_cases = soc_cases },
	{ .name = "caliptra-mbox-soc-irq",
	  .init = fake_init_soc_irq,
	  .exit = fake_exit,
	  .test_cases = soc_irq_cases },
	{ .name = "caliptra-mbox-soc-size",
	  .exit = fake_exit,
	  .test_cases = soc_size_cases },
	{ .name = "caliptra-mbox-mci",
	  .init = fake_init_mci,
	  .exit = fake_exit,
	  .test_cases = mci_cases },
	{ .name = "caliptra-mbox-mci-irq",
	  .init = fake_init_mci_irq,
	  .exit = fake_exit,
	  .test_cases = mci_irq_cases },
	{ .name = "caliptra-mbox-mci-size",
	  .exit = fake_exit,
	  .test_cases = mci_size_cases },
};
kunit_test_suites(&suites[0], &suites[1], &suites[2], &suites[3], &suites[4],
		  &suites[5]);
