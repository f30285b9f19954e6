// SPDX-License-Identifier: GPL-2.0-only
/*
 * Unit tests of what is told in a panic: that it waits for nobody, and how many registers
 * are read for it. What it says is in the log, which tools/check/last-state.sh looks at.
 */
#include <linux/pm_runtime.h>

#include "fake.h"

/* Of those that are told. */
#define REGISTERS 6

static unsigned int accesses(struct fake *f)
{
	unsigned int before = f->accesses;

	caliptra_last_state_panic(f->cd);
	return f->accesses - before;
}

static void awake(struct kunit *test)
{
	struct fake *f = test->priv;

	fake_expect_works(f);
	KUNIT_ASSERT_EQ(test, pm_runtime_resume_and_get(f->parent), 0);
	KUNIT_EXPECT_EQ(test, accesses(f), REGISTERS);
	pm_runtime_put_sync(f->parent);
}

static void asleep(struct kunit *test)
{
	struct fake *f = test->priv;

	fake_expect_works(f);
	pm_runtime_suspend(f->parent);
	fake_wait(f, pm_runtime_suspended(f->parent));
	KUNIT_EXPECT_EQ(test, accesses(f), 0);
}

static void suspended(struct kunit *test)
{
	struct fake *f = test->priv;

	KUNIT_ASSERT_EQ(test, pm_runtime_resume_and_get(f->parent), 0);
	KUNIT_ASSERT_EQ(test, caliptra_suspend(f->cd), 0);
	KUNIT_EXPECT_EQ(test, accesses(f), 0);
	caliptra_resume(f->cd);
	pm_runtime_put_sync(f->parent);
	fake_expect_works(f);
}

static void gone(struct kunit *test)
{
	struct fake *f = test->priv;

	fake_unregister(f);
	KUNIT_EXPECT_EQ(test, accesses(f), 0);
}

/* With a command in the mailbox, whose device is awake. */
static void busy(struct kunit *test)
{
	struct fake *f = test->priv;
	struct fake_call *c;

	f->firmware.silent = true;
	c = fake_send(f, 1, 8, 20000);
	KUNIT_EXPECT_GE(test, accesses(f), REGISTERS);
	f->firmware.silent = false;
	fake_answer(f);
	fake_join(c);
	fake_expect_echo(c);
}

/* Whoever has a lock will never run again. */
static void locked(struct kunit *test)
{
	struct fake *f = test->priv;
	struct caliptra_dev *cd = f->cd;

	KUNIT_ASSERT_EQ(test, pm_runtime_resume_and_get(f->parent), 0);
	mutex_lock(&cd->files_lock);
	down_write(&cd->regs);
	mutex_lock(&cd->errors);
	spin_lock_irq(&cd->lock);
	KUNIT_EXPECT_EQ(test, accesses(f), REGISTERS);
	spin_unlock_irq(&cd->lock);
	mutex_unlock(&cd->errors);
	up_write(&cd->regs);
	mutex_unlock(&cd->files_lock);
	pm_runtime_put_sync(f->parent);
	fake_expect_works(f);
}

static struct kunit_case cases[] = { KUNIT_CASE(awake),
				     KUNIT_CASE(asleep),
				     KUNIT_CASE(suspended),
				     KUNIT_CASE(gone),
				     KUNIT_CASE(busy),
				     KUNIT_CASE(locked),
				     {} };

static struct kunit_suite suites[] = {
	{
		.name = "caliptra-last-state-soc",
		.init = fake_init_soc,
		.exit = fake_exit,
		.test_cases = cases,
	},
	{
		.name = "caliptra-last-state-mci",
		.init = fake_init_mci,
		.exit = fake_exit,
		.test_cases = cases,
	},
};

kunit_test_suites(&suites[0], &suites[1]);
