// SPDX-License-Identifier: GPL-2.0-only
/*
 * Unit tests of the queue: whose turn it is, and what becomes of a command whose caller
 * leaves. On both kinds of mailboxes, polling and with interrupts.
 */
#include <linux/random.h>
#include <linux/sched/signal.h>

#include "../trace.h"
#include "fake.h"

#define CALLERS 12
#define MANY	48

/* Whoever comes first is served first. */
static void in_turn(struct kunit *test)
{
	struct fake *f = test->priv;
	struct fake_call *calls[CALLERS];
	unsigned int i;

	f->firmware.silent = true;
	calls[0] = fake_send(f, 0x100, 8, 20000);
	for (i = 1; i < CALLERS; i++) {
		calls[i] = fake_new_call(f, 0x100 + i, 8 * i, 20000);
		fake_queue(calls[i]);
	}
	KUNIT_EXPECT_EQ(test, f->commands, 1);
	f->firmware.silent = false;
	fake_answer(f);
	for (i = 0; i < CALLERS; i++) {
		fake_join(calls[i]);
		fake_expect_echo(calls[i]);
	}
	KUNIT_EXPECT_EQ(test, f->commands, CALLERS);
	for (i = 0; i < CALLERS; i++)
		KUNIT_EXPECT_EQ(test, f->log[i], 0x100 + i);
}

/* Everybody gets the answer to what they have asked. */
static void many_callers(struct kunit *test)
{
	struct fake *f = test->priv;
	struct fake_call *calls[MANY];
	struct caliptra_stats stats;
	unsigned int i;

	f->firmware.delay_us = 100;
	for (i = 0; i < MANY; i++) {
		calls[i] = fake_new_call(f, get_random_u32(),
					 get_random_u32_below(600), 20000);
		fake_start(calls[i]);
	}
	for (i = 0; i < MANY; i++) {
		fake_join(calls[i]);
		fake_expect_echo(calls[i]);
	}
	caliptra_get_stats(f->cd, &stats);
	KUNIT_EXPECT_EQ(test, stats.commands, MANY);
	KUNIT_EXPECT_EQ(test, stats.abandoned, 0);
	KUNIT_EXPECT_EQ(test, stats.lost, 0);
	KUNIT_EXPECT_EQ(test, stats.missed, 0);
}

/* Of many callers some leave at any time. */
static void callers_who_leave(struct kunit *test)
{
	struct fake *f = test->priv;
	struct fake_call *calls[MANY];
	unsigned int i, left = 0;

	/* nobody has an answer before all have asked */
	f->firmware.delay_us = 2000;
	f->firmware.silent = true;
	for (i = 0; i < MANY; i++) {
		calls[i] = fake_new_call(f, 0x500 + i, 40 + i, 20000);
		fake_queue(calls[i]);
	}
	f->firmware.silent = false;
	fake_answer(f);
	for (i = 0; i < MANY; i += 3) {
		usleep_range(50, 1000);
		caliptra_abandon(f->cd, &calls[i]->txn);
	}
	for (i = 0; i < MANY; i++) {
		fake_join(calls[i]);
		if (i % 3 || !calls[i]->ret) {
			fake_expect_echo(calls[i]);
			continue;
		}
		left++;
		KUNIT_EXPECT_EQ(test, calls[i]->ret, -EINTR);
	}
	KUNIT_EXPECT_GT(test, left, 0);
	fake_expect_works(f);
}

static void leave_before_turn(struct kunit *test)
{
	struct fake *f = test->priv;
	struct fake_call *first, *second, *third;
	struct caliptra_stats stats;

	f->firmware.silent = true;
	first = fake_send(f, 1, 8, 20000);
	second = fake_new_call(f, 2, 8, 20000);
	fake_queue(second);
	third = fake_new_call(f, 3, 8, 20000);
	fake_queue(third);

	caliptra_abandon(f->cd, &second->txn);
	KUNIT_EXPECT_EQ(test, fake_join(second), -EINTR);
	KUNIT_EXPECT_FALSE(test, second->txn.sent);
	f->firmware.silent = false;
	fake_answer(f);
	fake_join(first);
	fake_expect_echo(first);
	fake_join(third);
	fake_expect_echo(third);
	KUNIT_EXPECT_EQ(test, f->commands, 2);
	caliptra_get_stats(f->cd, &stats);
	KUNIT_EXPECT_EQ(test, stats.abandoned, 0);
}

static void leave_before_beginning(struct kunit *test)
{
	struct fake *f = test->priv;
	struct fake_call *c = fake_new_call(f, 1, 8, 20000);
	unsigned int before = f->accesses;

	caliptra_abandon(f->cd, &c->txn);
	KUNIT_EXPECT_EQ(test, fake_run(c), -EINTR);
	KUNIT_EXPECT_FALSE(test, c->txn.sent);
	KUNIT_EXPECT_EQ(test, f->accesses, before);
	fake_expect_works(f);
}

/*
 * What was sent has to be waited for, and its answer is nobody's. @leave makes the
 * caller leave.
 */
static void leave_after_sent(struct kunit *test,
			     void (*leave)(struct fake_call *c), int ret,
			     unsigned int ms)
{
	struct fake *f = test->priv;
	struct caliptra_stats stats;
	struct fake_call *first, *second;

	fake_expect_works(f);
	f->firmware.silent = true;
	first = fake_send(f, 0x11, 100, ms);
	second = fake_new_call(f, 0x22, 60, 20000);
	fake_queue(second);
	leave(first);
	KUNIT_EXPECT_EQ(test, fake_join(first), ret);
	KUNIT_EXPECT_TRUE(test, first->txn.sent);
	KUNIT_EXPECT_EQ(test, first->txn.rsp_len, 0);
	memset(first->txn.buf, 0xee, 100);

	/* the second one has no turn before the device has ended with the first */
	msleep(20);
	KUNIT_EXPECT_EQ(test, f->commands, 2);
	KUNIT_EXPECT_FALSE(test, READ_ONCE(second->done));
	KUNIT_EXPECT_TRUE(test, READ_ONCE(f->cd->orphan));
	f->firmware.silent = false;
	fake_answer(f);
	fake_join(second);
	fake_expect_echo(second);
	KUNIT_EXPECT_FALSE(test, f->cd->orphan);
	KUNIT_EXPECT_EQ(test, f->releases, 3);
	/* nothing was written to where the first one's response would have been */
	KUNIT_EXPECT_NULL(test, memchr_inv(first->txn.buf, 0xee, 100));
	caliptra_get_stats(f->cd, &stats);
	KUNIT_EXPECT_EQ(test, stats.abandoned, 1);
	KUNIT_EXPECT_EQ(test, stats.timeouts, ret == -ETIMEDOUT);
	KUNIT_EXPECT_EQ(test, stats.commands, 3);
}

static void abandon(struct fake_call *c)
{
	caliptra_abandon(c->fake->cd, &c->txn);
}

static void interrupt(struct fake_call *c)
{
	send_sig(SIGINT, c->task, 1);
}

static void wait_for_timeout(struct fake_call *c)
{
}

static void abandoned_after_sent(struct kunit *test)
{
	leave_after_sent(test, abandon, -EINTR, 20000);
}

static void kill(struct fake_call *c)
{
	send_sig(SIGKILL, c->task, 1);
}

static void killed_after_sent(struct kunit *test)
{
	leave_after_sent(test, kill, -EINTR, 20000);
}

/* Any other signal has to wait: the answer would be lost. */
static void signal_after_sent(struct kunit *test)
{
	struct fake *f = test->priv;
	struct fake_call *c;

	f->firmware.silent = true;
	c = fake_send(f, 1, 8, 20000);
	interrupt(c);
	msleep(50);
	KUNIT_EXPECT_FALSE(test, READ_ONCE(c->done));
	f->firmware.silent = false;
	fake_answer(f);
	fake_join(c);
	fake_expect_echo(c);
}

/* The answer comes, and is dropped, before the one who has left is out of the queue. */
static void answer_for_who_leaves(void *data, struct caliptra_dev *cd,
				  const struct caliptra_txn *txn, int error)
{
	struct fake *f = data;
	unsigned int ms;

	if (cd != f->cd)
		return;
	fake_answer(f);
	for (ms = 0; ms < 2000 && READ_ONCE(cd->orphan); ms++)
		mdelay(1);
}

static void answered_while_leaving(struct kunit *test)
{
	struct fake *f = test->priv;
	struct fake_call *c;

	if (num_online_cpus() < 2)
		kunit_skip(test, "only one processor");
	fake_expect_works(f);
	f->firmware.silent = true;
	c = fake_send(f, 1, 8, 20000);
	KUNIT_ASSERT_EQ(test,
			register_trace_caliptra_error(answer_for_who_leaves, f),
			0);
	caliptra_abandon(f->cd, &c->txn);
	KUNIT_EXPECT_EQ(test, fake_join(c), -EINTR);
	unregister_trace_caliptra_error(answer_for_who_leaves, f);
	tracepoint_synchronize_unregister();
	KUNIT_EXPECT_FALSE(test, f->cd->orphan);
	KUNIT_EXPECT_TRUE(test, fake_may_sleep(f));
	f->firmware.silent = false;
	fake_expect_works(f);
}

/* Before its turn, and with its command in the mailbox. */
static void signal_to_uninterruptible(struct kunit *test)
{
	struct fake *f = test->priv;
	struct fake_call *first, *second;

	f->firmware.silent = true;
	first = fake_send(f, 1, 8, 20000);
	second = fake_new_call(f, 2, 8, 20000);
	second->txn.uninterruptible = true;
	fake_queue(second);
	interrupt(second);
	msleep(50);
	KUNIT_EXPECT_FALSE(test, READ_ONCE(second->done));
	fake_answer(f);
	fake_join(first);
	fake_expect_echo(first);

	fake_wait(f, READ_ONCE(f->commands) == 2);
	msleep(50);
	KUNIT_EXPECT_FALSE(test, READ_ONCE(second->done));
	f->firmware.silent = false;
	fake_answer(f);
	fake_join(second);
	fake_expect_echo(second);
}

static void uninterruptible_times_out(struct kunit *test)
{
	struct fake *f = test->priv;
	struct fake_call *c;

	f->firmware.silent = true;
	c = fake_new_call(f, 1, 8, 50);
	c->txn.uninterruptible = true;
	fake_start(c);
	KUNIT_EXPECT_EQ(test, fake_join(c), -ETIMEDOUT);
	f->firmware.silent = false;
	fake_answer(f);
	fake_expect_works(f);
}

static void timeout_after_sent(struct kunit *test)
{
	leave_after_sent(test, wait_for_timeout, -ETIMEDOUT, 50);
}

static void signal_before_turn(struct kunit *test)
{
	struct fake *f = test->priv;
	struct fake_call *first, *second;

	f->firmware.silent = true;
	first = fake_send(f, 1, 8, 20000);
	second = fake_new_call(f, 2, 8, 20000);
	fake_queue(second);
	interrupt(second);
	KUNIT_EXPECT_EQ(test, fake_join(second), -EINTR);
	KUNIT_EXPECT_FALSE(test, second->txn.sent);
	f->firmware.silent = false;
	fake_answer(f);
	fake_join(first);
	fake_expect_echo(first);
	KUNIT_EXPECT_EQ(test, f->commands, 1);
}

static void timeout_before_turn(struct kunit *test)
{
	struct fake *f = test->priv;
	struct fake_call *first, *second;
	struct caliptra_stats stats;

	f->firmware.silent = true;
	first = fake_send(f, 1, 8, 20000);
	second = fake_new_call(f, 2, 8, 30);
	KUNIT_EXPECT_EQ(test, fake_run(second), -ETIMEDOUT);
	KUNIT_EXPECT_FALSE(test, second->txn.sent);
	f->firmware.silent = false;
	fake_answer(f);
	fake_join(first);
	fake_expect_echo(first);
	KUNIT_EXPECT_EQ(test, f->commands, 1);
	caliptra_get_stats(f->cd, &stats);
	KUNIT_EXPECT_EQ(test, stats.timeouts, 1);
	KUNIT_EXPECT_EQ(test, stats.abandoned, 0);
}

/* Also the last one of those who leave one after the other keeps the order. */
static void all_leave(struct kunit *test)
{
	struct fake *f = test->priv;
	struct fake_call *calls[4];
	struct caliptra_stats stats;
	unsigned int i;

	f->firmware.silent = true;
	for (i = 0; i < ARRAY_SIZE(calls); i++) {
		calls[i] = fake_send(f, 0x40 + i, 30, 20000);
		abandon(calls[i]);
		KUNIT_EXPECT_EQ(test, fake_join(calls[i]), -EINTR);
		fake_answer(f);
	}
	f->firmware.silent = false;
	fake_expect_works(f);
	KUNIT_EXPECT_EQ(test, f->releases, ARRAY_SIZE(calls) + 1);
	caliptra_get_stats(f->cd, &stats);
	KUNIT_EXPECT_EQ(test, stats.abandoned, ARRAY_SIZE(calls));
}

/* Somebody else has the mailbox for a while. */
static void blocked_for_a_while(struct kunit *test)
{
	struct fake *f = test->priv;
	struct fake_call *c;

	fake_taken_by_other(f);
	c = fake_new_call(f, 7, 33, 20000);
	fake_start(c);
	fake_wait(f, READ_ONCE(f->cd->blocked));
	KUNIT_EXPECT_EQ(test, f->commands, 0);
	fake_take_away(f);
	fake_join(c);
	fake_expect_echo(c);
	KUNIT_EXPECT_FALSE(test, f->cd->blocked);
}

static void blocked_for_too_long(struct kunit *test)
{
	struct fake *f = test->priv;
	struct fake_call *c = fake_new_call(f, 7, 33, 30);

	fake_taken_by_other(f);
	KUNIT_EXPECT_EQ(test, fake_run(c), -EBUSY);
	KUNIT_EXPECT_FALSE(test, c->txn.sent);
	fake_take_away(f);
	fake_expect_works(f);
}

static void leave_while_blocked(struct kunit *test)
{
	struct fake *f = test->priv;
	struct fake_call *c;

	fake_taken_by_other(f);
	c = fake_new_call(f, 7, 33, 20000);
	fake_start(c);
	fake_wait(f, READ_ONCE(f->cd->blocked));
	abandon(c);
	KUNIT_EXPECT_EQ(test, fake_join(c), -EINTR);
	KUNIT_EXPECT_FALSE(test, c->txn.sent);

	c = fake_new_call(f, 8, 33, 20000);
	fake_queue(c);
	msleep(20);
	interrupt(c);
	KUNIT_EXPECT_EQ(test, fake_join(c), -EINTR);
	KUNIT_EXPECT_FALSE(test, c->txn.sent);
	fake_take_away(f);
	fake_expect_works(f);
}

/* An answer that comes in the very moment in which the caller leaves is taken. */
static void answer_and_leave_at_once(struct kunit *test)
{
	struct fake *f = test->priv;
	struct fake_call *c;
	unsigned int i, answered = 0;

	f->firmware.silent = true;
	for (i = 0; i < 100; i++) {
		c = fake_send(f, 0x900 + i, i, 20000);
		if (i % 2)
			abandon(c);
		fake_answer(f);
		if (!(i % 2))
			abandon(c);
		if (fake_join(c)) {
			KUNIT_EXPECT_EQ(test, c->ret, -EINTR);
			continue;
		}
		fake_expect_echo(c);
		answered++;
	}
	kunit_info(test, "%u of 100 got their answer", answered);
	f->firmware.silent = false;
	fake_expect_works(f);
	KUNIT_EXPECT_EQ(test, f->releases, 101);
}

#define COMMON                                                                \
	KUNIT_CASE(in_turn), KUNIT_CASE(many_callers),                        \
		KUNIT_CASE(callers_who_leave), KUNIT_CASE(leave_before_turn), \
		KUNIT_CASE(leave_before_beginning),                           \
		KUNIT_CASE(abandoned_after_sent),                             \
		KUNIT_CASE(killed_after_sent), KUNIT_CASE(signal_after_sent), \
		KUNIT_CASE(answered_while_leaving),                           \
		KUNIT_CASE(timeout_after_sent),                               \
		KUNIT_CASE(signal_before_turn),                               \
		KUNIT_CASE(signal_to_uninterruptible),                        \
		KUNIT_CASE(uninterruptible_times_out),                        \
		KUNIT_CASE(timeout_before_turn), KUNIT_CASE(all_leave),       \
		KUNIT_CASE(blocked_for_a_while),                              \
		KUNIT_CASE(blocked_for_too_long),                             \
		KUNIT_CASE(leave_while_blocked),                              \
		KUNIT_CASE(answer_and_leave_at_once)

static struct kunit_case soc_cases[] = { COMMON, {} };
static struct kunit_case soc_irq_cases[] = { COMMON, {} };
static struct kunit_case mci_cases[] = { COMMON, {} };

static struct kunit_suite suites[] = {
	{ .name = "caliptra-queue-soc",
	  .init = fake_init_soc,
	  .exit = fake_exit,
	  .test_cases = soc_cases },
	{ .name = "caliptra-queue-soc-irq",
	  .init = fake_init_soc_irq,
	  .exit = fake_exit,
	  .test_cases = soc_irq_cases },
	{ .name = "caliptra-queue-mci",
	  .init = fake_init_mci,
	  .exit = fake_exit,
	  .test_cases = mci_cases },
};
kunit_test_suites(&suites[0], &suites[1], &suites[2]);
