// SPDX-License-Identifier: GPL-2.0-only
/*
 * Unit tests of a device's beginning and end: what a former driver has left in the
 * mailbox, suspend and resume, and going away while commands are at every stage.
 */
#include <linux/kthread.h>

#include <linux/suspend.h>

#include "fake.h"

/* --- Going away --- */

static void expect_gone(struct fake_call *c, bool sent)
{
	struct kunit *test = c->fake->test;

	KUNIT_EXPECT_EQ(test, fake_join(c), -ENODEV);
	KUNIT_EXPECT_EQ(test, c->txn.sent, sent);
}

/* Nobody has to be waited for, so it does not take as long as it may. */
static void unregister_soon(struct fake *f)
{
	unsigned long begin = jiffies;

	fake_unregister(f);
	KUNIT_EXPECT_LT(f->test, jiffies - begin, 4 * HZ);
}

static void gone_before(struct kunit *test)
{
	struct fake *f = test->priv;
	struct fake_call *c = fake_new_call(f, 1, 8, 10000);
	struct caliptra_info info;

	fake_unregister(f);
	fake_run(c);
	expect_gone(c, false);
	KUNIT_EXPECT_EQ(test, caliptra_get_info(f->cd, &info), -ENODEV);
	KUNIT_EXPECT_EQ(test, info.kind, f->cd->ops->kind);
}

/* The one in the mailbox may end; those behind it do not begin. */
static int answer_soon(void *data)
{
	struct fake *f = data;

	while (!READ_ONCE(f->cd->closing) && !READ_ONCE(f->cd->frozen) &&
	       !kthread_should_stop())
		msleep(1);
	msleep(20);
	fake_answer(f);
	return 0;
}

static struct task_struct *start_answering(struct fake *f)
{
	struct task_struct *task;

	task = kthread_create(answer_soon, f, "caliptra-firmware");
	KUNIT_ASSERT_NOT_ERR_OR_NULL(f->test, task);
	get_task_struct(task);
	wake_up_process(task);
	return task;
}

static void stop_answering(struct task_struct *task)
{
	kthread_stop(task);
	put_task_struct(task);
}

static void gone_behind_another(struct kunit *test)
{
	struct fake *f = test->priv;
	struct fake_call *first, *calls[3];
	struct task_struct *task;
	unsigned int i;

	f->firmware.silent = true;
	first = fake_send(f, 1, 8, 20000);
	for (i = 0; i < ARRAY_SIZE(calls); i++) {
		calls[i] = fake_new_call(f, 2 + i, 8, 20000);
		fake_queue(calls[i]);
	}
	task = start_answering(f);
	fake_unregister(f);
	stop_answering(task);
	fake_join(first);
	fake_expect_echo(first);
	for (i = 0; i < ARRAY_SIZE(calls); i++)
		expect_gone(calls[i], false);
	KUNIT_EXPECT_EQ(test, f->commands, 1);
}

static void gone_while_blocked(struct kunit *test)
{
	struct fake *f = test->priv;
	struct fake_call *c;

	fake_taken_by_other(f);
	c = fake_new_call(f, 1, 8, 20000);
	fake_start(c);
	fake_wait(f, READ_ONCE(f->cd->blocked));
	unregister_soon(f);
	expect_gone(c, false);
}

/* An orphan that ends in time is dropped as always. */
static void gone_with_an_orphan(struct kunit *test)
{
	struct fake *f = test->priv;
	struct task_struct *task;
	struct fake_call *c;

	f->firmware.silent = true;
	c = fake_send(f, 1, 8, 20000);
	caliptra_abandon(f->cd, &c->txn);
	KUNIT_EXPECT_EQ(test, fake_join(c), -EINTR);
	c = fake_new_call(f, 2, 8, 20000);
	fake_queue(c);
	task = start_answering(f);
	fake_unregister(f);
	stop_answering(task);
	expect_gone(c, false);
	KUNIT_EXPECT_EQ(test, f->releases, 1);
}

static int unregister(void *data)
{
	fake_unregister(data);
	return 0;
}

/*
 * A device that does not answer: one with a caller, and one whose caller has left.
 * Both at once, as the driver takes its time.
 */
static void gone_without_an_answer(struct kunit *test)
{
	struct fake *f = test->priv;
	struct fake *other = fake_alloc(test, f->model, 4096);
	struct task_struct *task;
	struct fake_call *c, *d;

	f->firmware.silent = true;
	other->firmware.silent = true;
	fake_register(other);
	c = fake_send(f, 1, 8, 60000);
	d = fake_send(other, 1, 8, 60000);
	caliptra_abandon(other->cd, &d->txn);
	KUNIT_EXPECT_EQ(test, fake_join(d), -EINTR);

	task = kthread_create(unregister, other, "caliptra-unregister");
	KUNIT_ASSERT_NOT_ERR_OR_NULL(test, task);
	get_task_struct(task);
	wake_up_process(task);
	fake_unregister(f);
	expect_gone(c, true);
	fake_wait(f, READ_ONCE(other->gone));
	kthread_stop(task);
	put_task_struct(task);
	fake_free(other);
}

/* Shutdown, and then the end. */
static void stopped_twice(struct kunit *test)
{
	struct fake *f = test->priv;

	fake_expect_works(f);
	caliptra_stop(f->cd);
	f->gone = true;
	caliptra_stop(f->cd);
	caliptra_unregister(f->cd);
}

/* Whoever still has the structure finds it in order. */
static void used_after_the_end(struct kunit *test)
{
	struct fake *f = test->priv;
	struct caliptra_stats stats;

	fake_expect_works(f);
	fake_unregister(f);
	caliptra_health_look(f->cd);
	caliptra_message_look(f->cd, 0);
	flush_delayed_work(&f->cd->health);
	flush_delayed_work(&f->cd->message_work);
	caliptra_get_stats(f->cd, &stats);
	KUNIT_EXPECT_EQ(test, stats.commands, 1);
}

/* --- Suspend and resume --- */

static void suspend_when_idle(struct kunit *test)
{
	struct fake *f = test->priv;
	struct fake_call *c;
	unsigned int before;

	fake_expect_works(f);
	KUNIT_EXPECT_EQ(test, caliptra_suspend(f->cd), 0);
	before = f->accesses;
	c = fake_new_call(f, 1, 8, 20000);
	fake_queue(c);
	msleep(20);
	KUNIT_EXPECT_EQ(test, f->accesses, before);
	caliptra_resume(f->cd);
	fake_join(c);
	fake_expect_echo(c);
}

/* Those who wait meanwhile keep their turns, and their time goes on. */
static void wait_while_suspended(struct kunit *test)
{
	struct fake *f = test->priv;
	struct fake_call *late, *calls[3];
	unsigned int i;

	KUNIT_EXPECT_EQ(test, caliptra_suspend(f->cd), 0);
	late = fake_new_call(f, 99, 8, 20);
	fake_queue(late);
	for (i = 0; i < ARRAY_SIZE(calls); i++) {
		calls[i] = fake_new_call(f, 1 + i, 8, 20000);
		fake_queue(calls[i]);
	}
	KUNIT_EXPECT_EQ(test, fake_join(late), -ETIMEDOUT);
	KUNIT_EXPECT_FALSE(test, late->txn.sent);
	KUNIT_EXPECT_EQ(test, fake_queued(f), 3);
	KUNIT_EXPECT_EQ(test, f->commands, 0);
	caliptra_resume(f->cd);
	for (i = 0; i < ARRAY_SIZE(calls); i++) {
		fake_join(calls[i]);
		fake_expect_echo(calls[i]);
	}
}

/* What the device has comes to its end first. */
static void suspend_with_a_command(struct kunit *test)
{
	struct fake *f = test->priv;
	struct fake_call *first, *second;
	struct task_struct *task;
	unsigned long begin;

	f->firmware.silent = true;
	first = fake_send(f, 1, 8, 20000);
	second = fake_new_call(f, 2, 8, 20000);
	fake_queue(second);
	f->firmware.silent = false;
	task = start_answering(f);
	begin = jiffies;
	KUNIT_EXPECT_EQ(test, caliptra_suspend(f->cd), 0);
	/* as soon as it has ended, not when the driver would give up */
	KUNIT_EXPECT_LT(test, jiffies - begin, 5 * HZ);
	stop_answering(task);
	fake_join(first);
	fake_expect_echo(first);
	msleep(20);
	KUNIT_EXPECT_EQ(test, f->commands, 1);
	KUNIT_EXPECT_EQ(test, f->releases, 1);
	caliptra_resume(f->cd);
	fake_join(second);
	fake_expect_echo(second);
}

static void suspend_with_an_orphan(struct kunit *test)
{
	struct fake *f = test->priv;
	struct fake_call *c;

	f->firmware.delay_us = 100000;
	c = fake_send(f, 1, 8, 20000);
	caliptra_abandon(f->cd, &c->txn);
	fake_join(c);
	KUNIT_EXPECT_EQ(test, caliptra_suspend(f->cd), 0);
	KUNIT_EXPECT_EQ(test, f->releases, 1);
	KUNIT_EXPECT_FALSE(test, f->cd->orphan);
	caliptra_resume(f->cd);
	fake_expect_works(f);
}

/* Unless it never does: the system is not kept awake for that. */
static void suspend_when_stuck(struct kunit *test)
{
	struct fake *f = test->priv;
	struct fake_call *c;
	unsigned int before;

	f->firmware.silent = true;
	c = fake_send(f, 1, 8, 20000);
	caliptra_abandon(f->cd, &c->txn);
	fake_join(c);
	spin_lock_irq(&f->cd->lock);
	f->cd->sent_at -= 600 * HZ;
	spin_unlock_irq(&f->cd->lock);
	fake_wait(f, READ_ONCE(f->cd->stuck));
	KUNIT_EXPECT_EQ(test, caliptra_suspend(f->cd), 0);
	before = f->accesses;
	msleep(1200);
	KUNIT_EXPECT_EQ(test, f->accesses, before);
	caliptra_resume(f->cd);
	f->firmware.silent = false;
	fake_answer(f);
	fake_expect_works(f);
	KUNIT_EXPECT_FALSE(test, f->cd->orphan);
}

static int sleep_event(struct fake *f, unsigned long event)
{
	struct notifier_block *nb = &f->cd->sleep_notifier;

	return nb->notifier_call(nb, event, NULL);
}

/* Until the device sleeps the kernel itself may use it, but nobody who is frozen. */
static void used_while_freezing(struct kunit *test)
{
	struct fake *f = test->priv;
	struct fake_call *process, *kernel;

	KUNIT_EXPECT_EQ(test, sleep_event(f, PM_SUSPEND_PREPARE), NOTIFY_OK);
	process = fake_new_call(f, 1, 8, 20000);
	fake_queue(process);
	kernel = fake_new_call(f, 2, 8, 20000);
	kernel->txn.uninterruptible = true;
	KUNIT_EXPECT_EQ(test, fake_run(kernel), 0);
	fake_expect_echo(kernel);
	KUNIT_EXPECT_FALSE(test, READ_ONCE(process->done));

	KUNIT_EXPECT_EQ(test, caliptra_suspend(f->cd), 0);
	kernel = fake_new_call(f, 3, 8, 20000);
	kernel->txn.uninterruptible = true;
	fake_queue(kernel);
	msleep(20);
	KUNIT_EXPECT_EQ(test, f->commands, 1);
	caliptra_resume(f->cd);
	fake_join(kernel);
	fake_expect_echo(kernel);
	KUNIT_EXPECT_FALSE(test, READ_ONCE(process->done));

	sleep_event(f, PM_POST_SUSPEND);
	fake_join(process);
	fake_expect_echo(process);
}

/* Processes that have a command are not frozen with it; the kernel's may go on. */
static void freezing_with_a_command(struct kunit *test)
{
	struct fake *f = test->priv;
	struct fake_call *process, *kernel;

	f->firmware.delay_us = 100000;
	process = fake_send(f, 1, 8, 20000);
	KUNIT_EXPECT_EQ(test, sleep_event(f, PM_SUSPEND_PREPARE), NOTIFY_OK);
	fake_wait(f, READ_ONCE(process->done));
	fake_join(process);
	fake_expect_echo(process);
	sleep_event(f, PM_POST_SUSPEND);

	kernel = fake_new_call(f, 2, 8, 20000);
	kernel->txn.uninterruptible = true;
	f->firmware.silent = true;
	fake_start(kernel);
	fake_wait(f, READ_ONCE(f->commands) == 2);
	KUNIT_EXPECT_EQ(test, sleep_event(f, PM_SUSPEND_PREPARE), NOTIFY_OK);
	KUNIT_EXPECT_FALSE(test, READ_ONCE(kernel->done));
	f->firmware.silent = false;
	fake_answer(f);
	fake_join(kernel);
	fake_expect_echo(kernel);
	sleep_event(f, PM_POST_SUSPEND);
}

/* A device that does not come to an end keeps the system awake. */
static void suspend_refused(struct kunit *test)
{
	struct fake *f = test->priv;
	struct fake_call *c;

	f->firmware.silent = true;
	c = fake_send(f, 1, 8, 60000);
	KUNIT_EXPECT_EQ(test, caliptra_suspend(f->cd), -EBUSY);
	f->firmware.silent = false;
	fake_answer(f);
	fake_join(c);
	fake_expect_echo(c);
	fake_expect_works(f);
}

/* The device may come back without its firmware. */
static void resume_after_a_reset(struct kunit *test)
{
	struct fake *f = test->priv;
	struct caliptra_stats stats;
	struct fake_call *c;
	u32 ready;

	ready = fake_get_state(f, CPTRA_FLOW_STATUS);
	fake_expect_works(f);
	KUNIT_EXPECT_EQ(test, caliptra_suspend(f->cd), 0);
	fake_reset(f);
	fake_set_state(f, CPTRA_FLOW_STATUS, CPTRA_FLOW_STATUS_READY_FOR_FUSES);
	caliptra_resume(f->cd);
	flush_delayed_work(&f->cd->health);
	caliptra_get_stats(f->cd, &stats);
	KUNIT_EXPECT_EQ(test, stats.resets, 1);
	c = fake_new_call(f, 1, 8, 1000);
	KUNIT_EXPECT_EQ(test, fake_run(c), -EHOSTDOWN);
	fake_set_state(f, CPTRA_FLOW_STATUS, ready);
	fake_expect_works(f);
}

static void gone_while_suspended(struct kunit *test)
{
	struct fake *f = test->priv;
	struct fake_call *c;

	KUNIT_EXPECT_EQ(test, caliptra_suspend(f->cd), 0);
	c = fake_new_call(f, 1, 8, 20000);
	fake_queue(c);
	unregister_soon(f);
	expect_gone(c, false);
}

#define COMMON                                                                 \
	KUNIT_CASE(gone_before), KUNIT_CASE(gone_behind_another),              \
		KUNIT_CASE(gone_while_blocked),                                \
		KUNIT_CASE(gone_with_an_orphan), KUNIT_CASE(stopped_twice),    \
		KUNIT_CASE(used_after_the_end), KUNIT_CASE(suspend_when_idle), \
		KUNIT_CASE(wait_while_suspended),                              \
		KUNIT_CASE(suspend_with_a_command),                            \
		KUNIT_CASE(suspend_with_an_orphan),                            \
		KUNIT_CASE(gone_while_suspended),                              \
		KUNIT_CASE_SLOW(suspend_when_stuck),                           \
		KUNIT_CASE(used_while_freezing),                               \
		KUNIT_CASE(freezing_with_a_command)

/* --- What a former driver has left --- */

/* As if it had sent a command and gone. */
static struct fake *left_behind(struct kunit *test,
				const struct fake_model *model)
{
	struct fake *f = fake_alloc(test, model, 4096);

	test->priv = f;
	f->locked = true;
	f->user = FAKE_USER;
	f->execute = true;
	f->cmd = 0x01d;
	f->dlen = 4;
	f->max_dlen = 4;
	f->fsm = MBOX_FSM_EXECUTE_UC;
	return f;
}

static void adopt(struct kunit *test, const struct fake_model *model)
{
	struct fake *f = left_behind(test, model);
	struct fake_call *c;

	fake_register(f);
	KUNIT_EXPECT_TRUE(test, f->cd->orphan);
	c = fake_new_call(f, 1, 8, 20000);
	fake_queue(c);
	msleep(20);
	KUNIT_EXPECT_EQ(test, f->commands, 0);
	fake_answer(f);
	fake_join(c);
	fake_expect_echo(c);
	KUNIT_EXPECT_EQ(test, f->releases, 2);
}

/* An error that a reset has followed is no reason to drop it. */
static void adopt_with_old_error(struct kunit *test)
{
	struct fake *f = left_behind(test, &fake_soc);

	fake_set_state(f, CPTRA_HW_ERROR_FATAL, 4);
	fake_set_state(f, CPTRA_RESET_REASON, CPTRA_RESET_REASON_WARM_RESET);
	fake_register(f);
	msleep(50);
	KUNIT_EXPECT_TRUE(test, f->cd->orphan);
	fake_answer(f);
	fake_expect_works(f);
	KUNIT_EXPECT_EQ(test, f->releases, 2);
}

/* Nor is another agent's ended for it. */
static void adopt_of_another(struct kunit *test)
{
	struct fake *f = left_behind(test, &fake_soc);

	f->user = FAKE_OTHER_USER;
	fake_register(f);
	KUNIT_EXPECT_TRUE(test, f->cd->orphan);
	fake_answer_other(f, MBOX_STATUS_DATA_READY, 8);
	msleep(200);
	KUNIT_EXPECT_EQ(test, f->releases, 0);
	fake_take_away(f);
	fake_expect_works(f);
	KUNIT_EXPECT_EQ(test, f->releases, 1);
}

/* From a device that has stopped no answer will come. */
static void adopt_with_error(struct kunit *test)
{
	struct fake *f = left_behind(test, &fake_soc);

	fake_set_state(f, CPTRA_HW_ERROR_FATAL, 4);
	fake_register(f);
	fake_wait(f, !READ_ONCE(f->cd->orphan));
	KUNIT_EXPECT_EQ(test, f->releases, 0);
	/* the next orphan is the driver's own */
	KUNIT_EXPECT_FALSE(test, f->cd->adopted);
	fake_set_state(f, CPTRA_RESET_REASON, CPTRA_RESET_REASON_WARM_RESET);
	fake_reset(f);
	fake_expect_works(f);
}

static void adopt_soc(struct kunit *test)
{
	adopt(test, &fake_soc);
}

static void adopt_mci(struct kunit *test)
{
	adopt(test, &fake_mci);
}

static void adopt_answered(struct kunit *test, const struct fake_model *model)
{
	struct fake *f = left_behind(test, model);

	fake_answer(f);
	fake_register(f);
	fake_expect_works(f);
	KUNIT_EXPECT_EQ(test, f->releases, 2);
}

static void adopt_answered_soc(struct kunit *test)
{
	adopt_answered(test, &fake_soc);
}

static void adopt_answered_mci(struct kunit *test)
{
	adopt_answered(test, &fake_mci);
}

/* A message of the firmware is nobody's command. */
static void adopt_no_message(struct kunit *test)
{
	struct fake *f = fake_alloc(test, &fake_soc, 4096);

	test->priv = f;
	fake_send_message(f, 1, 8);
	fake_register(f);
	KUNIT_EXPECT_FALSE(test, f->cd->orphan);
	fake_expect_works(f);
	KUNIT_EXPECT_EQ(test, f->messages_ended, 1);
}

/* Nor is one of the MCU's own, or of its ROM's. */
static void adopt_nothing_of_the_mcu(struct kunit *test)
{
	struct fake *f = fake_alloc(test, &fake_mci, 4096);

	test->priv = f;
	f->locked = true;
	f->execute = true;
	f->user = FAKE_UC_USER;
	fake_register(f);
	KUNIT_EXPECT_FALSE(test, f->cd->orphan);
	fake_take_away(f);
	fake_expect_works(f);
}

static struct kunit_case soc_cases[] = { COMMON,
					 KUNIT_CASE(resume_after_a_reset),
					 KUNIT_CASE_SLOW(
						 gone_without_an_answer),
					 KUNIT_CASE_SLOW(suspend_refused),
					 {} };

static struct kunit_case soc_irq_cases[] = { COMMON,
					     KUNIT_CASE(resume_after_a_reset),
					     KUNIT_CASE_SLOW(
						     gone_without_an_answer),
					     {} };

static struct kunit_case mci_cases[] = { COMMON, {} };

static struct kunit_case adopt_cases[] = { KUNIT_CASE(adopt_soc),
					   KUNIT_CASE(adopt_mci),
					   KUNIT_CASE(adopt_with_old_error),
					   KUNIT_CASE(adopt_of_another),
					   KUNIT_CASE(adopt_with_error),
					   KUNIT_CASE(adopt_answered_soc),
					   KUNIT_CASE(adopt_answered_mci),
					   KUNIT_CASE(adopt_no_message),
					   KUNIT_CASE(adopt_nothing_of_the_mcu),
					   {} };

static struct kunit_suite suites[] = {
	{ .name = "caliptra-core-soc",
	  .init = fake_init_soc,
	  .exit = fake_exit,
	  .test_cases = soc_cases },
	{ .name = "caliptra-core-soc-irq",
	  .init = fake_init_soc_irq,
	  .exit = fake_exit,
	  .test_cases = soc_irq_cases },
	{ .name = "caliptra-core-mci",
	  .init = fake_init_mci,
	  .exit = fake_exit,
	  .test_cases = mci_cases },
	{ .name = "caliptra-adopt",
	  .exit = fake_exit,
	  .test_cases = adopt_cases },
};
kunit_test_suites(&suites[0], &suites[1], &suites[2], &suites[3]);
