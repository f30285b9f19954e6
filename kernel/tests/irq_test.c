// SPDX-License-Identifier: GPL-2.0-only
/*
 * Unit tests of the interrupt that tells of answers: enabled only while there is
 * something to wait for, and not relied upon where it is not reliable.
 */
#include "fake.h"

static u64 stat(struct fake *f, size_t offset)
{
	struct caliptra_stats stats;

	caliptra_get_stats(f->cd, &stats);
	return *(u64 *)((u8 *)&stats + offset);
}

#define STAT(f, name) stat(f, offsetof(struct caliptra_stats, name))

static unsigned int interrupts(struct fake *f)
{
	return READ_ONCE(f->wires[0].count);
}

/* It is not for ever that an interrupt is not relied upon. */
static void trust_again(struct fake *f)
{
	WRITE_ONCE(f->cd->irq_distrusted_until, ktime_get_seconds());
}

/* One for each command, none between them, and off after each. */
static void one_each(struct kunit *test)
{
	struct fake *f = test->priv;
	unsigned int i;

	KUNIT_EXPECT_TRUE(test, f->wires[0].masked);
	for (i = 1; i <= 10; i++) {
		fake_expect_works(f);
		KUNIT_EXPECT_EQ(test, interrupts(f), i);
		KUNIT_EXPECT_TRUE(test, f->wires[0].masked);
		KUNIT_EXPECT_FALSE(test, f->cd->irq_on);
	}
	KUNIT_EXPECT_EQ(test, STAT(f, spurious), 0);
	KUNIT_EXPECT_EQ(test, STAT(f, missed), 0);
}

/* The status register is only read when there is something in it. */
static void no_looks_while_waiting(struct kunit *test)
{
	struct fake *f = test->priv;
	struct fake_call *c;
	unsigned int before;

	fake_expect_works(f);
	f->firmware.silent = true;
	before = f->accesses;
	c = fake_send(f, 1, 0, 10000);
	msleep(50);
	KUNIT_EXPECT_EQ(test, f->accesses - before, 4);
	fake_answer(f);
	fake_join(c);
	fake_expect_echo(c);
	KUNIT_EXPECT_EQ(test, f->accesses - before, 7 + 2);
}

/* The answer to an orphan is not waited for longer than it takes. */
static void tells_of_an_orphan(struct kunit *test)
{
	struct fake *f = test->priv;
	struct fake_call *c;

	f->firmware.silent = true;
	c = fake_send(f, 1, 8, 10000);
	caliptra_abandon(f->cd, &c->txn);
	KUNIT_EXPECT_EQ(test, fake_join(c), -EINTR);
	mod_delayed_work(system_power_efficient_wq, &f->cd->reaper, 3600 * HZ);
	fake_answer(f);
	fake_wait(f, READ_ONCE(f->releases) == 1);
	KUNIT_EXPECT_EQ(test, interrupts(f), 1);
	KUNIT_EXPECT_TRUE(test, f->wires[0].masked);
}

/* The answer is found all the same, and the next ones by looking for them. */
static void missed(struct kunit *test)
{
	struct fake *f = test->priv;
	struct fake_call *c;

	f->cut = true;
	f->firmware.delay_us = 1000;
	c = fake_new_call(f, 1, 100, 10000);
	fake_run(c);
	fake_expect_echo(c);
	KUNIT_EXPECT_EQ(test, STAT(f, missed), 1);
	KUNIT_EXPECT_FALSE(test, caliptra_irq_trusted(f->cd));

	fake_expect_works(f);
	fake_expect_works(f);
	KUNIT_EXPECT_EQ(test, interrupts(f), 0);
	KUNIT_EXPECT_EQ(test, STAT(f, missed), 1);

	f->cut = false;
	trust_again(f);
	fake_expect_works(f);
	KUNIT_EXPECT_EQ(test, interrupts(f), 1);
	KUNIT_EXPECT_EQ(test, STAT(f, missed), 1);
}

/* Until it is relied upon again some time passes, and then any time may. */
static void distrusted_for_some_time(struct kunit *test)
{
	struct fake *f = test->priv;
	u32 begin = ktime_get_seconds();

	KUNIT_EXPECT_TRUE(test, caliptra_irq_trusted(f->cd));
	caliptra_irq_distrust(f->cd);
	KUNIT_EXPECT_GE(test, f->cd->irq_distrusted_until, begin + 9);
	KUNIT_EXPECT_LE(test, f->cd->irq_distrusted_until,
			(u32)ktime_get_seconds() + 10);
	KUNIT_EXPECT_FALSE(test, caliptra_irq_trusted(f->cd));
	WRITE_ONCE(f->cd->irq_distrusted_until, ktime_get_seconds() + 2);
	KUNIT_EXPECT_FALSE(test, caliptra_irq_trusted(f->cd));
	fake_wait(f, caliptra_irq_trusted(f->cd));
	/* as long ago as can be: when the machine was booted */
	WRITE_ONCE(f->cd->irq_distrusted_until, 0);
	KUNIT_EXPECT_TRUE(test, caliptra_irq_trusted(f->cd));
}

/* A timeout is no reason to look for answers from then on. */
static void timeout_is_not_missed(struct kunit *test)
{
	struct fake *f = test->priv;
	struct fake_call *c;

	f->firmware.silent = true;
	c = fake_new_call(f, 1, 8, 30);
	KUNIT_EXPECT_EQ(test, fake_run(c), -ETIMEDOUT);
	KUNIT_EXPECT_EQ(test, STAT(f, missed), 0);
	KUNIT_EXPECT_TRUE(test, caliptra_irq_trusted(f->cd));
	f->firmware.silent = false;
	fake_answer(f);
	fake_expect_works(f);
	KUNIT_EXPECT_EQ(test, interrupts(f), 2);
}

/* Some without a reason do no harm. */
static void some_without_reason(struct kunit *test)
{
	struct fake *f = test->priv;
	struct fake_call *c;

	f->noise = 20;
	f->firmware.silent = true;
	c = fake_send(f, 1, 100, 10000);
	/* the last one has to be handled before there is a reason */
	fake_wait(f, STAT(f, spurious) == 20);
	fake_answer(f);
	fake_join(c);
	fake_expect_echo(c);
	KUNIT_EXPECT_EQ(test, STAT(f, spurious), 20);
	KUNIT_EXPECT_EQ(test, interrupts(f), 21);
	KUNIT_EXPECT_TRUE(test, caliptra_irq_trusted(f->cd));
}

/* A line that does not fall is not listened to, and commands go on. */
static void line_that_does_not_fall(struct kunit *test)
{
	struct fake *f = test->priv;
	struct fake_call *c;
	unsigned int count;

	f->noise = UINT_MAX;
	f->firmware.silent = true;
	c = fake_send(f, 1, 100, 10000);
	fake_wait(f, !caliptra_irq_trusted(f->cd));
	fake_answer(f);
	fake_join(c);
	fake_expect_echo(c);
	KUNIT_EXPECT_TRUE(test, f->wires[0].masked);
	count = interrupts(f);
	KUNIT_EXPECT_GE(test, count, 50);
	KUNIT_EXPECT_LE(test, count, 200);
	f->firmware.silent = false;
	fake_expect_works(f);
	fake_expect_works(f);
	KUNIT_EXPECT_EQ(test, interrupts(f), count);
	KUNIT_EXPECT_EQ(test, STAT(f, missed), 0);

	WRITE_ONCE(f->noise, 0);
	trust_again(f);
	fake_expect_works(f);
	KUNIT_EXPECT_EQ(test, interrupts(f), count + 1);
}

/* Interrupts that came while somebody else's answer was there do not count. */
static void another_agents_answer(struct kunit *test)
{
	struct fake *f = test->priv;
	struct fake_call *c;

	fake_expect_works(f);
	fake_taken_by_other(f);
	fake_set_fsm(f, MBOX_FSM_EXECUTE_SOC);
	c = fake_new_call(f, 2, 8, 10000);
	fake_start(c);
	fake_wait(f, READ_ONCE(f->cd->blocked));
	msleep(20);
	KUNIT_EXPECT_EQ(test, interrupts(f), 1);
	fake_take_away(f);
	fake_join(c);
	fake_expect_echo(c);
	KUNIT_EXPECT_EQ(test, STAT(f, spurious), 0);
	/* it was not ours to release */
	KUNIT_EXPECT_EQ(test, f->releases, 2);
}

/* The handler is called without anything enabled, as a shared line would do. */
static void not_for_us(struct kunit *test)
{
	struct fake *f = test->priv;
	unsigned int before;
	irqreturn_t ret;

	fake_expect_works(f);
	before = f->accesses;
	local_irq_disable();
	ret = caliptra_interrupt(f->cd->irq, f->cd);
	local_irq_enable();
	KUNIT_EXPECT_EQ(test, ret, IRQ_NONE);
	KUNIT_EXPECT_EQ(test, f->accesses, before);
}

/* The interrupt comes before the caller has gone to sleep, or much later. */
static void sooner_or_later(struct kunit *test)
{
	struct fake *f = test->priv;
	struct fake_call *c;
	unsigned int i;

	for (i = 0; i < 200; i++) {
		f->firmware.delay_us = i % 50;
		c = fake_new_call(f, i, i, 10000);
		fake_run(c);
		fake_expect_echo(c);
	}
	KUNIT_EXPECT_EQ(test, interrupts(f), 200);
	KUNIT_EXPECT_EQ(test, STAT(f, missed), 0);
}

static struct kunit_case cases[] = { KUNIT_CASE(one_each),
				     KUNIT_CASE(no_looks_while_waiting),
				     KUNIT_CASE(tells_of_an_orphan),
				     KUNIT_CASE_SLOW(missed),
				     KUNIT_CASE_SLOW(distrusted_for_some_time),
				     KUNIT_CASE(timeout_is_not_missed),
				     KUNIT_CASE(some_without_reason),
				     KUNIT_CASE(line_that_does_not_fall),
				     KUNIT_CASE(another_agents_answer),
				     KUNIT_CASE(not_for_us),
				     KUNIT_CASE(sooner_or_later),
				     {} };

static struct kunit_suite suite = {
	.name = "caliptra-irq",
	.init = fake_init_soc_irq,
	.exit = fake_exit,
	.test_cases = cases,
};
kunit_test_suite(suite);
