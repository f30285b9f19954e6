// SPDX-License-Identifier: GPL-2.0-only
/*
 * Unit tests of messages that the device sends by itself, on both kinds of mailboxes,
 * with an interrupt that tells of them and without.
 */
#include <linux/kthread.h>

#include "../file.h"
#include "fake.h"

/* An open file that takes messages. */
static struct caliptra_file *listen(struct fake *f)
{
	struct caliptra_dev *cd = f->cd;
	struct caliptra_file *file;

	file = kunit_kzalloc(f->test, sizeof(*file), GFP_KERNEL);
	KUNIT_ASSERT_NOT_NULL(f->test, file);
	spin_lock_init(&file->lock);
	init_waitqueue_head(&file->wait);
	caliptra_stream_init(file);
	file->cd = cd;
	KUNIT_ASSERT_EQ(f->test, caliptra_wake_up(cd), 0);
	mutex_lock(&cd->files_lock);
	list_add_tail(&file->node, &cd->files);
	file->listening = true;
	caliptra_listen(cd);
	mutex_unlock(&cd->files_lock);
	return file;
}

static void unlisten(struct caliptra_file *file)
{
	struct caliptra_dev *cd = file->cd;

	mutex_lock(&cd->files_lock);
	list_del(&file->node);
	caliptra_unlisten(cd);
	mutex_unlock(&cd->files_lock);
	caliptra_let_sleep(cd);
	caliptra_stream_release(file);
}

static void end_listening(struct kunit *test)
{
	struct fake *f = test->priv;
	struct caliptra_file *file, *next;

	if (!f)
		return;
	list_for_each_entry_safe(file, next, &f->cd->files, node)
		unlisten(file);
	fake_exit(test);
}

/* The last one that goes takes the interrupt with it: the device may have no power then. */
static void silence_for_nobody(struct kunit *test)
{
	struct fake *f = test->priv;
	struct caliptra_file *one = listen(f), *two = listen(f);

	fake_wait(f, READ_ONCE(f->cd->irq_on));
	unlisten(one);
	KUNIT_EXPECT_TRUE(test, READ_ONCE(f->cd->irq_on));
	unlisten(two);
	KUNIT_EXPECT_FALSE(test, READ_ONCE(f->cd->irq_on));
	KUNIT_EXPECT_TRUE(test, READ_ONCE(f->wires[0].masked));
	fake_expect_works(f);
	KUNIT_EXPECT_FALSE(test, READ_ONCE(f->cd->irq_on));
}

/* The firmware's own view of what became of its message. */
static void expect_ended(struct fake *f, unsigned int count, bool taken)
{
	u32 status = taken ? MBOX_STATUS_CMD_COMPLETE : MBOX_STATUS_CMD_FAILURE;

	fake_wait(f, READ_ONCE(f->messages_ended) >= count);
	KUNIT_EXPECT_EQ(f->test, f->messages_ended, count);
	if (f->model == &fake_mci)
		status |= MCU_MBOX_TARGET_STATUS_DONE;
	KUNIT_EXPECT_EQ(f->test, f->message_status, status);
}

static void expect_counted(struct fake *f, u64 taken, u64 dropped)
{
	struct caliptra_stats stats;

	/* whoever counts has just told the firmware */
	mutex_lock(&f->cd->files_lock);
	mutex_unlock(&f->cd->files_lock);
	caliptra_get_stats(f->cd, &stats);
	KUNIT_EXPECT_EQ(f->test, stats.messages, taken);
	KUNIT_EXPECT_EQ(f->test, stats.messages_dropped, dropped);
}

/* The @n-th message that a file has, from 0. */
static void expect_message(struct caliptra_file *file, unsigned int n, u32 cmd,
			   u32 len, u32 seq)
{
	struct fake *f = container_of(file->cd->fake, struct fake, regs);
	const struct caliptra_msg *head;
	struct caliptra_message *m;
	const u8 *data;
	u32 i, wrong = 0;

	KUNIT_ASSERT_GT(f->test, file->message_count, n);
	m = file->messages[(file->first_message + n) % CALIPTRA_FILE_MESSAGES];
	head = caliptra_message_head(m);
	data = caliptra_message_data(m);
	KUNIT_EXPECT_EQ(f->test, head->type, CALIPTRA_MSG_MESSAGE);
	KUNIT_EXPECT_EQ(f->test, head->cmd, cmd);
	KUNIT_EXPECT_EQ(f->test, head->error, 0);
	KUNIT_EXPECT_EQ(f->test, head->seq, seq);
	KUNIT_ASSERT_EQ(f->test, head->len, len);
	for (i = 0; i < len; i++)
		wrong += data[i] != fake_request_byte(cmd, i);
	KUNIT_EXPECT_EQ_MSG(f->test, wrong, 0, "of %u bytes", len);
}

static void all_sizes(struct kunit *test)
{
	struct fake *f = test->priv;
	const u32 sizes[] = { 0, 1, 3, 4, 5, 1000, f->cd->mbox_size };
	struct caliptra_file *file = listen(f);
	unsigned int i;

	for (i = 0; i < ARRAY_SIZE(sizes); i++) {
		fake_send_message(f, 0x1000 + i, sizes[i]);
		expect_ended(f, i + 1, true);
		expect_message(file, i, 0x1000 + i, sizes[i], i + 1);
	}
	expect_counted(f, ARRAY_SIZE(sizes), 0);
	KUNIT_EXPECT_EQ(test, f->commands, 0);
}

/* Nothing of it is read, and the firmware is told that it was not taken. */
static void too_long(struct kunit *test)
{
	struct fake *f = test->priv;
	const u32 sizes[] = { f->cd->mbox_size + 1, 0x80000000, 0xffffffff };
	struct caliptra_file *file = listen(f);
	unsigned int i;

	for (i = 0; i < ARRAY_SIZE(sizes); i++) {
		fake_send_message(f, 1, sizes[i]);
		expect_ended(f, i + 1, false);
	}
	KUNIT_EXPECT_EQ(test, file->message_count, 0);
	expect_counted(f, 0, ARRAY_SIZE(sizes));
	fake_send_message(f, 2, 8);
	expect_ended(f, i + 1, true);
	expect_message(file, 0, 2, 8, 1);
}

/* It is good only if it is still there when it was read, and must not be ended else. */
static void gone_while_it_is_read(struct kunit *test)
{
	struct fake *f = test->priv;
	struct caliptra_file *file = listen(f);

	flush_delayed_work(&f->cd->message_work);
	f->torn_at = 2;
	fake_send_message(f, 1, 100);
	fake_wait(f, READ_ONCE(f->torn));
	expect_counted(f, 0, 1);
	KUNIT_EXPECT_EQ(test, f->messages_ended, 0);
	fake_take_away(f);

	f->torn_early = true;
	f->torn = false;
	fake_send_message(f, 2, 100);
	fake_wait(f, READ_ONCE(f->torn));
	expect_counted(f, 0, 2);
	KUNIT_EXPECT_EQ(test, f->messages_ended, 0);
	fake_take_away(f);

	KUNIT_EXPECT_EQ(test, file->message_count, 0);
	fake_expect_works(f);
	fake_send_message(f, 3, 100);
	expect_ended(f, 1, true);
	expect_message(file, 0, 3, 100, 1);
}

/* Nobody gets what the memory has spoilt, and the firmware is told. */
static void bad_memory(struct kunit *test)
{
	struct fake *f = test->priv;
	struct caliptra_file *file = listen(f);

	flush_delayed_work(&f->cd->message_work);
	f->ecc = MBOX_STATUS_ECC_DOUBLE_ERROR;
	f->hw_status = MCU_MBOX_HW_STATUS_ECC_DOUBLE_ERROR;
	fake_send_message(f, 1, 100);
	expect_ended(f, 1, false);
	expect_counted(f, 0, 1);
	KUNIT_EXPECT_EQ(test, file->message_count, 0);

	f->ecc = MBOX_STATUS_ECC_SINGLE_ERROR;
	f->hw_status = MCU_MBOX_HW_STATUS_ECC_SINGLE_ERROR;
	fake_send_message(f, 2, 100);
	expect_ended(f, 2, true);
	expect_message(file, 0, 2, 100, 1);
	expect_counted(f, 1, 1);
}

static void everybody_who_listens(struct kunit *test)
{
	struct fake *f = test->priv;
	struct caliptra_file *one = listen(f), *two = listen(f);

	fake_send_message(f, 1, 9);
	expect_ended(f, 1, true);
	expect_message(one, 0, 1, 9, 1);
	expect_message(two, 0, 1, 9, 1);
	unlisten(one);
	fake_send_message(f, 2, 9);
	expect_ended(f, 2, true);
	expect_message(two, 1, 2, 9, 2);
	expect_counted(f, 2, 0);
}

/* Whoever does not read loses the oldest, and is told. */
static void nobody_reads(struct kunit *test)
{
	struct fake *f = test->priv;
	struct caliptra_file *file = listen(f);
	u32 i;

	for (i = 1; i <= CALIPTRA_FILE_MESSAGES + 2; i++) {
		KUNIT_EXPECT_EQ(test, file->dropped,
				i > CALIPTRA_FILE_MESSAGES + 1);
		fake_send_message(f, i, 4);
		expect_ended(f, i, true);
	}
	KUNIT_EXPECT_EQ(test, file->message_count, CALIPTRA_FILE_MESSAGES);
	for (i = 0; i < CALIPTRA_FILE_MESSAGES; i++)
		expect_message(file, i, i + 3, 4, i + 3);
	expect_counted(f, CALIPTRA_FILE_MESSAGES + 2, 2);
}

/* A command finds the mailbox taken: the message goes first. */
static void before_a_command(struct kunit *test)
{
	struct fake *f = test->priv;
	struct caliptra_file *file = listen(f);

	fake_send_message(f, 1, 9);
	fake_expect_works(f);
	expect_ended(f, 1, true);
	expect_message(file, 0, 1, 9, 1);
}

/* Nobody listens: it is not left lying where it is in the way. */
static void nobody_listens(struct kunit *test)
{
	struct fake *f = test->priv;

	fake_expect_works(f);
	fake_send_message(f, 1, 9);
	fake_expect_works(f);
	expect_ended(f, 1, false);
	expect_counted(f, 0, 1);
}

static void between_commands(struct kunit *test)
{
	struct fake *f = test->priv;
	struct caliptra_file *file = listen(f);
	u32 i;

	for (i = 1; i <= 10; i++) {
		fake_expect_works(f);
		fake_send_message(f, i, i);
		expect_ended(f, i, true);
		expect_message(file, i - 1, i, i, i);
	}
	KUNIT_EXPECT_EQ(test, f->releases, 10);
}

/* It waits until the system is awake again. */
static void while_suspended(struct kunit *test)
{
	struct fake *f = test->priv;
	struct caliptra_file *file = listen(f);

	fake_expect_works(f);
	KUNIT_EXPECT_EQ(test, caliptra_suspend(f->cd), 0);
	fake_send_message(f, 1, 9);
	msleep(150);
	KUNIT_EXPECT_EQ(test, f->messages_ended, 0);
	caliptra_resume(f->cd);
	expect_ended(f, 1, true);
	expect_message(file, 0, 1, 9, 1);
}

static void going_away(struct kunit *test)
{
	struct fake *f = test->priv;
	struct caliptra_file *file = listen(f);

	fake_send_message(f, 1, 9);
	expect_ended(f, 1, true);
	fake_unregister(f);
	expect_message(file, 0, 1, 9, 1);
	caliptra_message_look(f->cd, 0);
	msleep(150);
}

#define COMMON                                                               \
	KUNIT_CASE(all_sizes), KUNIT_CASE(too_long),                         \
		KUNIT_CASE(gone_while_it_is_read), KUNIT_CASE(bad_memory),   \
		KUNIT_CASE(everybody_who_listens), KUNIT_CASE(nobody_reads), \
		KUNIT_CASE(before_a_command), KUNIT_CASE(nobody_listens),    \
		KUNIT_CASE(between_commands), KUNIT_CASE(while_suspended),   \
		KUNIT_CASE(going_away)

/* --- With an interrupt --- */

/* It tells of each, and nobody looks between them. */
static void interrupt_for_each(struct kunit *test)
{
	struct fake *f = test->priv;
	struct fake_call *c = fake_new_call(f, 1, 8, 10000);
	unsigned int before;
	u32 i, status;

	fake_run(c);
	fake_expect_echo(c);
	status = c->txn.status;
	f->wires[0].count = 0;
	listen(f);
	flush_delayed_work(&f->cd->message_work);
	before = f->accesses;
	msleep(250);
	KUNIT_EXPECT_EQ(test, f->accesses, before);
	for (i = 1; i <= 10; i++) {
		fake_send_message(f, i, 4);
		expect_ended(f, i, true);
		flush_delayed_work(&f->cd->message_work);
		KUNIT_EXPECT_EQ(test, READ_ONCE(f->wires[0].count), i);
	}
	/* of a command that has long ended nothing is touched */
	KUNIT_EXPECT_EQ(test, c->txn.status, status);
}

static int suspend(void *data)
{
	struct fake *f = data;

	return caliptra_suspend(f->cd);
}

/* Whoever looks for a message meanwhile does not enable the interrupt again. */
static void suspend_while_looking(struct kunit *test)
{
	struct fake *f = test->priv;
	struct caliptra_file *file = listen(f);
	struct task_struct *task;

	fake_expect_works(f);
	flush_delayed_work(&f->cd->message_work);
	task = kthread_create(suspend, f, "caliptra-suspend");
	KUNIT_ASSERT_NOT_ERR_OR_NULL(test, task);
	get_task_struct(task);

	mutex_lock(&f->cd->files_lock);
	caliptra_message_look(f->cd, 0);
	msleep(20);
	wake_up_process(task);
	fake_wait(f, !READ_ONCE(f->cd->irq_on));
	msleep(20);
	mutex_unlock(&f->cd->files_lock);
	KUNIT_EXPECT_EQ(test, kthread_stop(task), 0);
	put_task_struct(task);

	KUNIT_EXPECT_FALSE(test, READ_ONCE(f->cd->irq_on));
	KUNIT_EXPECT_TRUE(test, READ_ONCE(f->wires[0].masked));
	fake_send_message(f, 1, 9);
	msleep(20);
	KUNIT_EXPECT_EQ(test, f->messages_ended, 0);
	caliptra_resume(f->cd);
	expect_ended(f, 1, true);
	expect_message(file, 0, 1, 9, 1);
}

/* Another agent's answer makes the line high for as long as it likes. */
static void another_agents_answer(struct kunit *test)
{
	struct fake *f = test->priv;
	struct caliptra_file *file;
	unsigned long begin;
	unsigned int count;

	fake_expect_works(f);
	file = listen(f);
	flush_delayed_work(&f->cd->message_work);
	fake_taken_by_other(f);
	fake_set_fsm(f, MBOX_FSM_EXECUTE_SOC);
	fake_set_state(f, CPTRA_BOOT_STATUS, 1); /* the line is looked at */
	begin = jiffies;
	/* looked at now and then, and no storm */
	fake_wait(f, READ_ONCE(f->wires[0].count) >= 5);
	count = READ_ONCE(f->wires[0].count);
	KUNIT_EXPECT_GE(test, jiffies - begin, (count - 2) * (HZ / 50));
	KUNIT_EXPECT_EQ(test, f->messages_ended, 0);
	fake_take_away(f);
	fake_send_message(f, 1, 9);
	expect_ended(f, 1, true);
	expect_message(file, 0, 1, 9, 1);
	KUNIT_EXPECT_TRUE(test, caliptra_irq_trusted(f->cd));
}

/* A line that does not fall: messages are looked for. */
static void line_that_does_not_fall(struct kunit *test)
{
	struct fake *f = test->priv;
	struct caliptra_file *file = listen(f);

	flush_delayed_work(&f->cd->message_work);
	fake_make_noise(f, UINT_MAX);
	fake_wait(f, !caliptra_irq_trusted(f->cd));
	fake_send_message(f, 1, 9);
	expect_ended(f, 1, true);
	expect_message(file, 0, 1, 9, 1);
	KUNIT_EXPECT_LE(test, READ_ONCE(f->wires[0].count), 200);
}

/* --- An MCU mailbox alone --- */

/* Before any command it is not known who we are, but who we are not. */
static void for_somebody_else_at_first(struct kunit *test)
{
	struct fake *f = test->priv;
	struct caliptra_file *file = listen(f);

	fake_send_message_to(f, FAKE_OTHER_USER, 1, 9);
	msleep(250);
	KUNIT_EXPECT_EQ(test, file->message_count, 0);
	KUNIT_EXPECT_EQ(test, f->messages_ended, 0);
	fake_take_away(f);
	fake_send_message(f, 2, 9);
	expect_ended(f, 1, true);
	expect_message(file, 0, 2, 9, 1);
	expect_counted(f, 1, 0);
}

/* It is not taken twice, whether it is known who we are or not. */
static void taken_once(struct kunit *test)
{
	struct fake *f = test->priv;
	struct caliptra_file *file = listen(f);
	u32 i;

	f->firmware.slow = true;
	for (i = 1; i <= 2; i++) {
		fake_send_message(f, i, 9);
		expect_ended(f, i, true);
		msleep(250);
		KUNIT_EXPECT_EQ(test, file->message_count, i);
		fake_take_away(f);
		fake_expect_works(f);
	}
	expect_counted(f, 2, 0);
}

static u64 spurious(struct fake *f)
{
	struct caliptra_stats stats;

	caliptra_get_stats(f->cd, &stats);
	return stats.spurious;
}

/* The wire is high for as long as somebody else likes, and interrupts once. */
static void interrupt_for_somebody_else(struct kunit *test)
{
	struct fake *f = test->priv;
	struct caliptra_file *file = listen(f);
	unsigned int before;

	fake_expect_works(f);
	flush_delayed_work(&f->cd->message_work);
	f->wires[0].count = 0;
	fake_send_message_to(f, FAKE_OTHER_USER, 1, 9);
	fake_wait(f, READ_ONCE(f->wires[0].count));
	before = f->accesses;
	msleep(500);
	KUNIT_EXPECT_EQ(test, READ_ONCE(f->wires[0].count), 1);
	KUNIT_EXPECT_TRUE(test, READ_ONCE(f->wires[0].masked));
	/* it is looked at, and ever less often */
	KUNIT_EXPECT_GT(test, f->accesses, before);
	KUNIT_EXPECT_LE(test, f->accesses - before, 20 * 7);
	KUNIT_EXPECT_EQ(test, f->messages_ended, 0);

	fake_take_away(f);
	fake_wait(f, !READ_ONCE(f->wires[0].masked));
	fake_send_message(f, 2, 9);
	expect_ended(f, 1, true);
	expect_message(file, 0, 2, 9, 1);
	KUNIT_EXPECT_EQ(test, READ_ONCE(f->wires[0].count), 2);
	KUNIT_EXPECT_EQ(test, spurious(f), 0);
	KUNIT_EXPECT_TRUE(test, caliptra_irq_trusted(f->cd));
}

/* It stays high after the message was taken, until the MCU has ended it. */
static void interrupt_until_it_is_ended(struct kunit *test)
{
	struct fake *f = test->priv;
	struct caliptra_file *file = listen(f);
	u32 i;

	fake_expect_works(f);
	flush_delayed_work(&f->cd->message_work);
	f->firmware.slow = true;
	for (i = 1; i <= 3; i++) {
		f->wires[0].count = 0;
		fake_send_message(f, i, 9);
		expect_ended(f, i, true);
		expect_message(file, i - 1, i, 9, i);
		msleep(200);
		KUNIT_EXPECT_EQ(test, READ_ONCE(f->wires[0].count), 1);
		KUNIT_EXPECT_EQ(test, f->messages_ended, i);
		fake_take_away(f);
		fake_wait(f, !READ_ONCE(f->wires[0].masked));
	}
	expect_counted(f, 3, 0);
	KUNIT_EXPECT_EQ(test, spurious(f), 0);
}

/* The mailbox is not ours to touch, but it is free again at some time. */
static void for_somebody_else(struct kunit *test)
{
	struct fake *f = test->priv;
	struct caliptra_file *file = listen(f);
	struct fake_call *c;

	fake_expect_works(f);
	flush_delayed_work(&f->cd->message_work);
	fake_send_message_to(f, FAKE_OTHER_USER, 1, 9);
	msleep(250);
	KUNIT_EXPECT_EQ(test, f->messages_ended, 0);
	c = fake_new_call(f, 1, 8, 20);
	KUNIT_EXPECT_EQ(test, fake_run(c), -EBUSY);
	KUNIT_EXPECT_EQ(test, f->messages_ended, 0);
	KUNIT_EXPECT_EQ(test, file->message_count, 0);
	fake_take_away(f);
	fake_expect_works(f);
}

static struct kunit_case soc_cases[] = { COMMON, {} };

static struct kunit_case soc_irq_cases[] = { COMMON,
					     KUNIT_CASE(interrupt_for_each),
					     KUNIT_CASE(silence_for_nobody),
					     KUNIT_CASE(suspend_while_looking),
					     KUNIT_CASE(another_agents_answer),
					     KUNIT_CASE(
						     line_that_does_not_fall),
					     {} };

static struct kunit_case mci_cases[] = { COMMON,
					 KUNIT_CASE(for_somebody_else),
					 KUNIT_CASE(for_somebody_else_at_first),
					 KUNIT_CASE(taken_once),
					 {} };

static struct kunit_case mci_irq_cases[] = {
	COMMON,
	KUNIT_CASE(interrupt_for_each),
	KUNIT_CASE(silence_for_nobody),
	KUNIT_CASE(suspend_while_looking),
	KUNIT_CASE(line_that_does_not_fall),
	KUNIT_CASE(for_somebody_else),
	KUNIT_CASE(interrupt_for_somebody_else),
	KUNIT_CASE(interrupt_until_it_is_ended),
	KUNIT_CASE(for_somebody_else_at_first),
	KUNIT_CASE(taken_once),
	{}
};

static struct kunit_suite suites[] = {
	{ .name = "caliptra-message-soc",
	  .init = fake_init_soc,
	  .exit = end_listening,
	  .test_cases = soc_cases },
	{ .name = "caliptra-message-soc-irq",
	  .init = fake_init_soc_irq,
	  .exit = end_listening,
	  .test_cases = soc_irq_cases },
	{ .name = "caliptra-message-mci",
	  .init = fake_init_mci,
	  .exit = end_listening,
	  .test_cases = mci_cases },
	{ .name = "caliptra-message-mci-irq",
	  .init = fake_init_mci_irq,
	  .exit = end_listening,
	  .test_cases = mci_irq_cases },
};
kunit_test_suites(&suites[0], &suites[1], &suites[2], &suites[3]);
