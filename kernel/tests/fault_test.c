// SPDX-License-Identifier: GPL-2.0-only
/*
 * Unit tests of what goes wrong with a command, each fault injected while the device has
 * one: the caller is told the truth, and the next command goes through.
 *
 * A driver that waits looks at everything once a second, and before the caller leaves; so
 * the callers of most tests leave, but not before the fault.
 */
#include "fake.h"

static bool is_mci(struct fake *f)
{
	return f->model == &fake_mci;
}

static u32 reset_reason(struct fake *f)
{
	return is_mci(f) ? MCI_RESET_REASON : CPTRA_RESET_REASON;
}

/* A command that the device has, and works on without end. */
static struct fake_call *sent(struct fake *f)
{
	struct fake_call *c;

	fake_expect_works(f);
	f->firmware.silent = true;
	c = fake_send(f, 0x5e17, 100, 20000);
	f->firmware.silent = false;
	return c;
}

/* After the fault. */
static void expect_lost(struct fake_call *c, int ret, u32 cause)
{
	struct kunit *test = c->fake->test;
	struct caliptra_stats stats;

	if (c->task)
		caliptra_abandon(c->fake->cd, &c->txn);
	KUNIT_EXPECT_EQ(test, fake_join(c), ret);
	KUNIT_EXPECT_EQ(test, c->txn.cause, cause);
	KUNIT_EXPECT_TRUE(test, c->txn.sent);
	KUNIT_EXPECT_EQ(test, c->txn.rsp_len, 0);
	caliptra_get_stats(c->fake->cd, &stats);
	KUNIT_EXPECT_EQ(test, stats.lost, 1);
	KUNIT_EXPECT_EQ(test, stats.abandoned, 0);
	/* no interrupt tells of this, so none was missed */
	KUNIT_EXPECT_EQ(test, stats.missed, 0);
	KUNIT_EXPECT_FALSE(test, c->fake->cd->orphan);
}

static void expect_resets(struct fake *f, u64 resets)
{
	struct caliptra_stats stats;

	flush_delayed_work(&f->cd->health);
	caliptra_get_stats(f->cd, &stats);
	KUNIT_EXPECT_EQ(f->test, stats.resets, resets);
}

/* After a reset an MCU mailbox is the MCU's until its firmware runs. */
static void boot(struct fake *f)
{
	if (is_mci(f))
		fake_take_away(f);
}

/* The firmware has unlocked the mailbox; nothing else has changed. */
static void lock_lost(struct kunit *test)
{
	struct fake *f = test->priv;
	struct fake_call *c = sent(f);

	fake_take_away(f);
	expect_lost(c, -EIO, CALIPTRA_CAUSE_LOCK_LOST);
	expect_resets(f, 0);
	fake_expect_works(f);
}

/* The same for callers who do not leave, and for one who has little time. */
static void lock_lost_and_patience(struct kunit *test)
{
	struct fake *f = test->priv;
	struct fake_call *c = sent(f);

	fake_take_away(f);
	KUNIT_EXPECT_EQ(test, fake_join(c), -EIO);
	expect_lost(c, -EIO, CALIPTRA_CAUSE_LOCK_LOST);

	f->firmware.silent = true;
	c = fake_send(f, 0x5e17, 100, 700);
	fake_take_away(f);
	KUNIT_EXPECT_EQ(test, fake_join(c), -EIO);
	KUNIT_EXPECT_EQ(test, c->txn.cause, CALIPTRA_CAUSE_LOCK_LOST);
	KUNIT_EXPECT_FALSE(test, f->cd->orphan);
	f->firmware.silent = false;
	fake_expect_works(f);
}

/* The reset has left its bit. */
static void reset_with_reason(struct kunit *test)
{
	struct fake *f = test->priv;
	struct fake_call *c = sent(f);

	fake_set_state(f, reset_reason(f), 2);
	fake_reset(f);
	expect_lost(c, -ECONNRESET, CALIPTRA_CAUSE_RESET);
	expect_resets(f, 1);
	boot(f);
	fake_expect_works(f);
	expect_resets(f, 1);
}

/* A reset of the same kind as the last one leaves no trace there. */
static void reset_like_the_last(struct kunit *test)
{
	struct fake *f = test->priv;
	struct fake_call *c;

	fake_set_state(f, reset_reason(f), 2);
	caliptra_health_look(f->cd);
	expect_resets(f, 1);
	c = sent(f);
	fake_reset(f);
	expect_lost(c, -ECONNRESET, CALIPTRA_CAUSE_RESET);
	expect_resets(f, 2);
	boot(f);
	fake_expect_works(f);
}

/* The device is still on its way back. */
static void reset_and_not_back(struct kunit *test)
{
	struct fake *f = test->priv;
	u32 reg = is_mci(f) ? MCI_RESET_STATUS : CPTRA_FLOW_STATUS;
	u32 ready = fake_get_state(f, reg);
	struct fake_call *c = sent(f);

	fake_set_state(f, reg, is_mci(f) ? MCI_RESET_STATUS_MCU_RESET_STS : 0);
	fake_reset(f);
	expect_lost(c, -ECONNRESET, CALIPTRA_CAUSE_RESET);
	expect_resets(f, 1);
	c = fake_new_call(f, 1, 4, 1000);
	KUNIT_EXPECT_EQ(test, fake_run(c), -EHOSTDOWN);
	KUNIT_EXPECT_FALSE(test, c->txn.sent);
	fake_set_state(f, reg, ready);
	boot(f);
	fake_expect_works(f);
	expect_resets(f, 1);
}

/* An update of the firmware unlocks the mailbox, and leaves MBOX_CMD. */
static void firmware_update(struct kunit *test)
{
	struct fake *f = test->priv;
	struct fake_call *c = sent(f);

	fake_set_state(f, reset_reason(f), 1);
	fake_take_away(f);
	expect_lost(c, -ECONNRESET, CALIPTRA_CAUSE_RESET);
	expect_resets(f, 1);
	fake_expect_works(f);
}

/* A reset that nobody has seen, before the command, is not what has taken it. */
static void reset_long_before(struct kunit *test)
{
	struct fake *f = test->priv;
	struct fake_call *c;

	fake_expect_works(f);
	flush_delayed_work(&f->cd->health);
	fake_set_state(f, reset_reason(f),
		       is_mci(f) ? MCI_RESET_REASON_WARM_RESET :
				   CPTRA_RESET_REASON_WARM_RESET);
	c = sent(f);
	fake_take_away(f);
	expect_lost(c, -EIO, CALIPTRA_CAUSE_LOCK_LOST);
	expect_resets(f, 1);
	fake_expect_works(f);
}

/* Nor is an update that was seen when the new firmware failed a command. */
static void firmware_update_long_before(struct kunit *test)
{
	struct fake *f = test->priv;
	u32 usual = f->firmware.status;
	struct fake_call *c;

	fake_expect_works(f);
	fake_set_state(f, reset_reason(f), 1);
	f->firmware.status = MBOX_STATUS_CMD_FAILURE;
	c = fake_new_call(f, 1, 4, 1000);
	KUNIT_EXPECT_EQ(test, fake_run(c), -EREMOTEIO);
	f->firmware.status = usual;
	c = sent(f);
	fake_take_away(f);
	expect_lost(c, -EIO, CALIPTRA_CAUSE_LOCK_LOST);
	expect_resets(f, 1);
	fake_expect_works(f);
}

/* After the reset another agent was faster. */
static void reset_and_taken(struct kunit *test)
{
	struct fake *f = test->priv;
	struct fake_call *c = sent(f);

	fake_reset(f);
	fake_taken_by_other(f);
	expect_lost(c, -ECONNRESET, CALIPTRA_CAUSE_RESET);
	fake_take_away(f);
	fake_expect_works(f);
}

static void expect_state(struct fake *f, u32 state)
{
	struct caliptra_info info;

	KUNIT_EXPECT_EQ(f->test, caliptra_get_info(f->cd, &info), 0);
	KUNIT_EXPECT_EQ(f->test, info.state, state);
	KUNIT_EXPECT_EQ(f->test, info.fw_error_fatal, 0xdead);
}

/* It is seen although the mailbox stays as it is, and the caller. */
static void fatal_error(struct kunit *test)
{
	struct fake *f = test->priv;
	struct fake_call *c;
	u32 reg = is_mci(f) ? MCI_FW_ERROR_FATAL : CPTRA_FW_ERROR_FATAL;

	fake_expect_works(f);
	f->firmware.silent = true;
	c = fake_send(f, 0x5e17, 100, 10000);
	fake_set_state(f, reg, 0xdead);
	KUNIT_EXPECT_EQ(test, fake_join(c), -EIO);
	expect_lost(c, -EIO, CALIPTRA_CAUSE_FATAL);
	expect_resets(f, 0);
	expect_state(f, CALIPTRA_STATE_FATAL_ERROR);

	/* the reset that helps leaves the error where it is */
	f->firmware.silent = false;
	fake_set_state(f, reset_reason(f), 2);
	fake_reset(f);
	boot(f);
	expect_state(f, CALIPTRA_STATE_READY_FOR_RUNTIME);
	fake_expect_works(f);
	c = sent(f);
	fake_take_away(f);
	caliptra_abandon(f->cd, &c->txn);
	KUNIT_EXPECT_EQ(test, fake_join(c), -EIO);
	KUNIT_EXPECT_EQ(test, c->txn.cause, CALIPTRA_CAUSE_LOCK_LOST);
}

/* Errors from before the driver are no reason to give up. */
static void fatal_error_long_before(struct kunit *test)
{
	struct fake *f = test->priv;
	struct fake_call *c;

	fake_set_state(f, f->model->errors[0], 0x4);
	fake_expect_works(f);
	c = sent(f);
	msleep(20);
	fake_answer(f);
	fake_join(c);
	fake_expect_echo(c);
}

/* --- Orphans --- */

static void orphan(struct fake *f)
{
	struct fake_call *c;

	fake_expect_works(f);
	f->firmware.silent = true;
	c = fake_send(f, 0x0f4a, 100, 20000);
	f->firmware.silent = false;
	caliptra_abandon(f->cd, &c->txn);
	KUNIT_EXPECT_EQ(f->test, fake_join(c), -EINTR);
	KUNIT_EXPECT_TRUE(f->test, READ_ONCE(f->cd->orphan));
	/* asleep it would not answer */
	if (IS_ENABLED(CONFIG_PM))
		KUNIT_EXPECT_FALSE(f->test, fake_may_sleep(f));
}

/* The reaper does not release what is not ours any more. */
static void orphan_lost(struct kunit *test)
{
	struct fake *f = test->priv;

	orphan(f);
	fake_take_away(f);
	fake_expect_works(f);
	KUNIT_EXPECT_EQ(test, f->releases, 2);
}

static void orphan_reset(struct kunit *test)
{
	struct fake *f = test->priv;

	orphan(f);
	fake_set_state(f, reset_reason(f), 2);
	fake_reset(f);
	boot(f);
	fake_expect_works(f);
	expect_resets(f, 1);
	KUNIT_EXPECT_EQ(test, f->releases, 2);
}

static void orphan_and_fatal_error(struct kunit *test)
{
	struct fake *f = test->priv;

	orphan(f);
	fake_set_state(f, is_mci(f) ? MCI_FW_ERROR_FATAL : CPTRA_FW_ERROR_FATAL,
		       0xdead);
	fake_wait(f, !READ_ONCE(f->cd->orphan));
	KUNIT_EXPECT_EQ(test, f->releases, 1);
}

/* --- Responses --- */

/* A reset in the middle of reading. */
static void torn_response(struct kunit *test)
{
	struct fake *f = test->priv;
	struct fake_call *c;

	fake_expect_works(f);
	f->torn_at = 10;
	c = fake_new_call(f, 3, 100, 10000);
	KUNIT_EXPECT_EQ(test, fake_run(c), -ECONNRESET);
	expect_lost(c, -ECONNRESET, CALIPTRA_CAUSE_RESET);
	expect_resets(f, 1);
	KUNIT_EXPECT_EQ(test, f->releases, 1);
	boot(f);
	fake_expect_works(f);
}

/* A reset before the first word: zeros, whose checksum is right. */
static void blank_response(struct kunit *test)
{
	struct fake *f = test->priv;
	struct fake_call *c;

	fake_expect_works(f);
	f->firmware.blank = true;
	f->torn_at = 1;
	f->firmware.rsp_len = 100;
	c = fake_new_call(f, 3, 100, 10000);
	KUNIT_EXPECT_EQ(test, fake_run(c), -ECONNRESET);
	expect_lost(c, -ECONNRESET, CALIPTRA_CAUSE_RESET);
	f->firmware.blank = false;
	f->firmware.rsp_len = FAKE_ECHO;
	boot(f);
	fake_expect_works(f);
}

/* A reset before the length is read, which is zero then. */
static void no_response(struct kunit *test)
{
	struct fake *f = test->priv;
	struct fake_call *c;

	fake_expect_works(f);
	f->torn_early = true;
	c = fake_new_call(f, 3, 100, 10000);
	KUNIT_EXPECT_EQ(test, fake_run(c), -ECONNRESET);
	expect_lost(c, -ECONNRESET, CALIPTRA_CAUSE_RESET);
	expect_resets(f, 1);
	KUNIT_EXPECT_EQ(test, f->releases, 1);
	boot(f);
	fake_expect_works(f);
}

/* The driver does not judge what firmware says. */
static void blank_but_true(struct kunit *test)
{
	struct fake *f = test->priv;
	struct fake_call *c;

	fake_expect_works(f);
	f->firmware.blank = true;
	f->firmware.rsp_len = 100;
	c = fake_new_call(f, 3, 100, 10000);
	KUNIT_EXPECT_EQ(test, fake_run(c), 0);
	KUNIT_EXPECT_EQ(test, c->txn.rsp_len, 100);
	KUNIT_EXPECT_NULL(test, memchr_inv(c->txn.buf, 0, 100));
	KUNIT_EXPECT_EQ(test, f->releases, 2);
}

/*
 * A reset has taken the command, and another agent of the SoC has had one answered since:
 * of that all can be seen but the data.
 */
static void answered_for_another(struct kunit *test)
{
	static const struct {
		u32 status;
		u32 len;
	} answers[] = {
		{ MBOX_STATUS_DATA_READY, 8 },	{ MBOX_STATUS_DATA_READY, 400 },
		{ MBOX_STATUS_DATA_READY, 0 },	{ MBOX_STATUS_CMD_COMPLETE, 8 },
		{ MBOX_STATUS_CMD_FAILURE, 8 },
	};
	struct fake *f = test->priv;
	struct fake_call *c;
	size_t i;

	for (i = 0; i < ARRAY_SIZE(answers); i++) {
		c = sent(f);
		fake_answer_other(f, answers[i].status, answers[i].len);
		KUNIT_EXPECT_EQ(test, fake_join(c), -ECONNRESET);
		KUNIT_EXPECT_EQ(test, c->txn.cause, CALIPTRA_CAUSE_RESET);
		KUNIT_EXPECT_EQ(test, c->txn.rsp_len, 0);
		KUNIT_EXPECT_EQ(test, c->txn.fw_error, 0);
		fake_take_away(f);
	}
	fake_expect_works(f);
	KUNIT_EXPECT_EQ(test, f->releases, ARRAY_SIZE(answers) + 1);
}

static void wrong_checksum(struct kunit *test)
{
	struct fake *f = test->priv;
	struct fake_call *c;

	fake_expect_works(f);
	f->firmware.bad_checksum = true;
	c = fake_new_call(f, 3, 100, 10000);
	fake_run(c);
	fake_expect_echo(c);
	KUNIT_EXPECT_EQ(test, f->releases, 2);
}

static void set_ecc(struct fake *f, bool bad)
{
	f->ecc = bad ? MBOX_STATUS_ECC_DOUBLE_ERROR :
		       MBOX_STATUS_ECC_SINGLE_ERROR;
	f->hw_status = bad ? MCU_MBOX_HW_STATUS_ECC_DOUBLE_ERROR :
			     MCU_MBOX_HW_STATUS_ECC_SINGLE_ERROR;
}

/* Bytes are wrong, and the mailbox knows. */
static void corrupt_response(struct kunit *test)
{
	struct fake *f = test->priv;
	struct fake_call *c;

	f->firmware.bad_checksum = true;
	c = sent(f);
	set_ecc(f, true);
	fake_answer(f);
	fake_join(c);
	expect_lost(c, -EIO, CALIPTRA_CAUSE_ECC);
	KUNIT_EXPECT_EQ(test, f->releases, 2);
	expect_resets(f, 0);
	f->firmware.bad_checksum = false;
	fake_expect_works(f);
}

/* What was corrected is no error; nor is one that is not in the response. */
static void corrected_response(struct kunit *test)
{
	struct fake *f = test->priv;
	struct fake_call *c = sent(f);

	set_ecc(f, false);
	fake_answer(f);
	fake_join(c);
	fake_expect_echo(c);
	c = sent(f);
	set_ecc(f, true);
	fake_answer(f);
	fake_join(c);
	fake_expect_echo(c);
}

static void orphan_corrupt(struct kunit *test)
{
	struct fake *f = test->priv;

	orphan(f);
	set_ecc(f, true);
	fake_answer(f);
	fake_expect_works(f);
	KUNIT_EXPECT_EQ(test, f->releases, 3);
}

#define COMMON                                                                \
	KUNIT_CASE(lock_lost), KUNIT_CASE_SLOW(lock_lost_and_patience),       \
		KUNIT_CASE(reset_with_reason),                                \
		KUNIT_CASE(reset_like_the_last),                              \
		KUNIT_CASE(reset_and_not_back), KUNIT_CASE(firmware_update),  \
		KUNIT_CASE(reset_long_before),                                \
		KUNIT_CASE(firmware_update_long_before),                      \
		KUNIT_CASE(reset_and_taken), KUNIT_CASE_SLOW(fatal_error),    \
		KUNIT_CASE(fatal_error_long_before), KUNIT_CASE(orphan_lost), \
		KUNIT_CASE(orphan_reset), KUNIT_CASE(orphan_and_fatal_error), \
		KUNIT_CASE(torn_response), KUNIT_CASE(blank_response),        \
		KUNIT_CASE(no_response), KUNIT_CASE(blank_but_true),          \
		KUNIT_CASE(wrong_checksum), KUNIT_CASE(corrupt_response),     \
		KUNIT_CASE(corrected_response), KUNIT_CASE(orphan_corrupt)

/* --- The SoC mailbox alone --- */

/* It has stopped, and nobody gets in until the firmware unlocks it. */
static void protocol_error(struct kunit *test)
{
	struct fake *f = test->priv;
	struct fake_call *c = sent(f);

	fake_set_fsm(f, MBOX_FSM_ERROR);
	expect_lost(c, -EIO, CALIPTRA_CAUSE_PROTOCOL);
	c = fake_new_call(f, 1, 4, 1000);
	KUNIT_EXPECT_EQ(test, fake_run(c), -EIO);
	KUNIT_EXPECT_EQ(test, c->txn.cause, CALIPTRA_CAUSE_PROTOCOL);
	KUNIT_EXPECT_FALSE(test, c->txn.sent);
	expect_resets(f, 0);
	fake_take_away(f);
	fake_expect_works(f);
}

/* A bus that gives nothing for a while says nothing of the command. */
static void nothing_on_the_bus(struct kunit *test)
{
	struct fake *f = test->priv;
	struct fake_call *c = sent(f);

	WRITE_ONCE(f->deaf, true);
	msleep(1200);
	KUNIT_EXPECT_FALSE(test, READ_ONCE(c->done));
	WRITE_ONCE(f->deaf, false);
	fake_answer(f);
	fake_join(c);
	fake_expect_echo(c);
	KUNIT_EXPECT_EQ(test, f->releases, 2);
}

static void orphan_and_protocol_error(struct kunit *test)
{
	struct fake *f = test->priv;

	orphan(f);
	fake_set_fsm(f, MBOX_FSM_ERROR);
	fake_wait(f, !READ_ONCE(f->cd->orphan));
	fake_take_away(f);
	fake_expect_works(f);
	KUNIT_EXPECT_EQ(test, f->releases, 2);
}

/* The firmware that is to say so does not run yet; MBOX_CMD is as it was. */
static void firmware_update_and_not_back(struct kunit *test)
{
	struct fake *f = test->priv;
	u32 ready = fake_get_state(f, CPTRA_FLOW_STATUS);
	struct fake_call *c = sent(f);

	fake_set_state(f, CPTRA_FLOW_STATUS, 0);
	fake_take_away(f);
	expect_lost(c, -ECONNRESET, CALIPTRA_CAUSE_RESET);
	fake_set_state(f, CPTRA_FLOW_STATUS, ready);
	fake_expect_works(f);
}

/* A message in our mailbox is no answer of ours: the command is lost. */
static void lost_to_a_message(struct kunit *test)
{
	struct fake *f = test->priv;
	struct fake_call *c = sent(f);

	fake_replace_by_message(f, 0x4d534721, 12);
	expect_lost(c, -ECONNRESET, CALIPTRA_CAUSE_RESET);
	fake_expect_works(f);
	KUNIT_EXPECT_EQ(test, f->messages_ended, 1);
}

static struct kunit_case soc_cases[] = { COMMON,
					 KUNIT_CASE(protocol_error),
					 KUNIT_CASE(orphan_and_protocol_error),
					 KUNIT_CASE_SLOW(nothing_on_the_bus),
					 KUNIT_CASE(lost_to_a_message),
					 KUNIT_CASE(answered_for_another),
					 KUNIT_CASE(
						 firmware_update_and_not_back),
					 {} };

static struct kunit_case soc_irq_cases[] = {
	COMMON,
	KUNIT_CASE(protocol_error),
	KUNIT_CASE(orphan_and_protocol_error),
	KUNIT_CASE_SLOW(nothing_on_the_bus),
	KUNIT_CASE(lost_to_a_message),
	KUNIT_CASE(answered_for_another),
	KUNIT_CASE(firmware_update_and_not_back),
	{}
};

static struct kunit_case mci_cases[] = { COMMON, {} };

static struct kunit_suite suites[] = {
	{ .name = "caliptra-fault-soc",
	  .init = fake_init_soc,
	  .exit = fake_exit,
	  .test_cases = soc_cases },
	{ .name = "caliptra-fault-soc-irq",
	  .init = fake_init_soc_irq,
	  .exit = fake_exit,
	  .test_cases = soc_irq_cases },
	{ .name = "caliptra-fault-mci",
	  .init = fake_init_mci,
	  .exit = fake_exit,
	  .test_cases = mci_cases },
};
kunit_test_suites(&suites[0], &suites[1], &suites[2]);
