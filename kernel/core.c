// SPDX-License-Identifier: GPL-2.0-only
/*
 * The device and its queue: whose turn it is, waiting, and what happens when a
 * caller leaves before the answer has come.
 *
 * A command that the firmware has been given can not be taken back. Its caller
 * may leave (a signal, a timeout); the command then is an orphan, which keeps the
 * mailbox until the reaper finds its answer and drops it. Until then nobody else
 * has a turn, so no answer ever reaches anybody but the one who asked.
 */
#include <linux/delay.h>
#include <linux/jiffies.h>
#include <linux/ktime.h>
#include <linux/module.h>
#include <linux/sched/signal.h>
#include <linux/slab.h>

#include <uapi/linux/caliptra.h>

#include "caliptra.h"

/* How long taking the device away waits for the command in its mailbox. */
#define CLOSE_TIMEOUT (5 * HZ)

/* Looking for an orphan's answer, where no interrupt tells of it. */
#define REAPER_MIN_DELAY 1
#define REAPER_MAX_DELAY HZ

/* Looking for an answer although no interrupt has told of it. */
#define LOOK_INTERVAL HZ

/* Sleeping between two looks at the mailbox, in microseconds. */
#define SLEEP_MIN_US 20
#define SLEEP_MAX_US 2000

/* Longest time to look without sleeping. */
#define SPIN_MAX_NS (50 * NSEC_PER_USEC)

/* Access registers between these two, if the first one returns true. */
static bool get_regs(struct caliptra_dev *cd)
{
	down_read(&cd->regs);
	if (!cd->regs_gone)
		return true;
	up_read(&cd->regs);
	return false;
}

static void put_regs(struct caliptra_dev *cd)
{
	up_read(&cd->regs);
}

/* The mailbox is free: the next caller has its turn. */
static void grant_turn(struct caliptra_dev *cd)
{
	struct caliptra_txn *next;

	lockdep_assert_held(&cd->lock);
	if (cd->orphan)
		return;
	next = list_first_entry_or_null(&cd->queue, struct caliptra_txn, node);
	if (next)
		complete(&next->wake);
	else
		wake_up_all(&cd->idle);
}

static void leave_queue(struct caliptra_dev *cd, struct caliptra_txn *txn)
{
	bool had_turn;

	spin_lock_irq(&cd->lock);
	had_turn = list_is_first(&txn->node, &cd->queue);
	list_del(&txn->node);
	if (had_turn)
		grant_turn(cd);
	spin_unlock_irq(&cd->lock);
}

/* Wait for @txn->wake: 0, -ETIMEDOUT or -EINTR. */
static int wait_for_wake(struct caliptra_txn *txn, unsigned long deadline)
{
	unsigned long left = caliptra_time_left(deadline);
	long ret;

	ret = wait_for_completion_interruptible_timeout(&txn->wake, left);
	if (ret > 0)
		return 0;
	return ret ? -EINTR : -ETIMEDOUT;
}

static int wait_for_turn(struct caliptra_dev *cd, struct caliptra_txn *txn,
			 unsigned long deadline)
{
	bool at_once;
	int ret;

	spin_lock_irq(&cd->lock);
	if (cd->closing) {
		spin_unlock_irq(&cd->lock);
		return -ENODEV;
	}
	at_once = list_empty(&cd->queue) && !cd->orphan;
	list_add_tail(&txn->node, &cd->queue);
	spin_unlock_irq(&cd->lock);
	if (at_once)
		return 0;

	ret = wait_for_wake(txn, deadline);
	if (!ret && READ_ONCE(cd->closing))
		ret = -ENODEV;
	if (ret)
		leave_queue(cd, txn);
	reinit_completion(&txn->wake);
	return ret;
}

static bool firmware_ready(struct caliptra_dev *cd)
{
	if (!cd->ready)
		cd->ready = caliptra_soc_ifc_ready(cd);
	return cd->ready;
}

/*
 * Take the mailbox. On success the caller holds @regs, so that the device does
 * not go away while its mailbox is half written.
 */
static int take_mailbox(struct caliptra_dev *cd, struct caliptra_txn *txn,
			unsigned long deadline)
{
	unsigned int us = SLEEP_MIN_US;

	for (;;) {
		if (!get_regs(cd))
			return -ENODEV;
		if (!firmware_ready(cd)) {
			put_regs(cd);
			return -EHOSTDOWN;
		}
		if (caliptra_mbox_trylock(cd))
			return 0;
		txn->status = caliptra_mbox_status(cd);
		put_regs(cd);

		if (caliptra_mbox_is_broken(txn->status))
			return -EIO;
		if (READ_ONCE(cd->closing))
			return -ENODEV;
		if (signal_pending(current))
			return -EINTR;
		if (!caliptra_time_left(deadline))
			return -EBUSY;
		usleep_range(us, 2 * us);
		us = min_t(unsigned int, 2 * us, SLEEP_MAX_US);
	}
}

/*
 * The interrupt is off but for the time from a command to its answer: its level
 * stays high until the mailbox is released, and that of another agent's answer
 * is not for us. The caller holds @regs: without them there is no interrupt.
 */
static void enable_interrupt(struct caliptra_dev *cd)
{
	bool was_on;

	if (!cd->irq)
		return;
	spin_lock_irq(&cd->lock);
	was_on = cd->irq_on;
	cd->irq_on = true;
	spin_unlock_irq(&cd->lock);
	if (!was_on)
		enable_irq(cd->irq);
}

static void disable_interrupt(struct caliptra_dev *cd)
{
	bool was_on;

	spin_lock_irq(&cd->lock);
	was_on = cd->irq_on;
	cd->irq_on = false;
	spin_unlock_irq(&cd->lock);
	if (was_on)
		disable_irq(cd->irq);
}

static int start(struct caliptra_dev *cd, struct caliptra_txn *txn,
		 unsigned long deadline)
{
	int ret;

	ret = take_mailbox(cd, txn, deadline);
	if (ret)
		return ret;
	caliptra_mbox_write_request(cd, txn);
	enable_interrupt(cd);

	spin_lock_irq(&cd->lock);
	cd->active = txn;
	spin_unlock_irq(&cd->lock);
	txn->sent = true;
	caliptra_mbox_set_execute(cd);
	put_regs(cd);
	return 0;
}

static bool is_answered(const struct caliptra_txn *txn)
{
	/* @status is what it was when this became true */
	return smp_load_acquire(&txn->answered);
}

/*
 * See how far the command in the mailbox is. MBOX_STATUS is read under the lock,
 * so that what was read for one command is never taken for another's.
 */
static u32 note_status(struct caliptra_dev *cd)
{
	struct caliptra_txn *txn = cd->active;
	u32 status;

	lockdep_assert_held(&cd->lock);
	status = caliptra_mbox_status(cd);
	if (!txn)
		return status;
	txn->status = status;
	if (caliptra_mbox_has_answer(status)) {
		cd->active = NULL;
		/* behind @status, for is_answered() */
		smp_store_release(&txn->answered, true);
	}
	return status;
}

/* Is there anything left to wait for? */
static bool is_over(struct caliptra_dev *cd, struct caliptra_txn *txn)
{
	if (is_answered(txn) || !get_regs(cd))
		return true;
	spin_lock_irq(&cd->lock);
	note_status(cd);
	spin_unlock_irq(&cd->lock);
	put_regs(cd);
	return is_answered(txn) || caliptra_mbox_has_failed(txn->status);
}

/*
 * Without interrupts: look often for about as long as answers usually take, then
 * sleep longer and longer between two looks.
 */
static int poll_for_answer(struct caliptra_dev *cd, struct caliptra_txn *txn,
			   unsigned long deadline)
{
	u64 start = ktime_get_ns();
	u64 spin_until = start + min_t(u64, 2 * cd->usual_ns, SPIN_MAX_NS);
	unsigned int us = SLEEP_MIN_US;

	while (!is_over(cd, txn)) {
		if (signal_pending(current))
			return -EINTR;
		if (!caliptra_time_left(deadline))
			return -ETIMEDOUT;
		if (ktime_get_ns() < spin_until) {
			cpu_relax();
			continue;
		}
		usleep_range(us, 2 * us);
		us = min_t(unsigned int, 2 * us, SLEEP_MAX_US);
	}
	cd->usual_ns = (3 * cd->usual_ns + ktime_get_ns() - start) / 4;
	return 0;
}

/*
 * The interrupt may be lost, or the device reset, so look now and then without
 * one.
 */
static int sleep_until_answer(struct caliptra_dev *cd, struct caliptra_txn *txn,
			      unsigned long deadline)
{
	unsigned long next_look;
	int ret;

	do {
		next_look = jiffies + LOOK_INTERVAL;
		if (time_after(next_look, deadline))
			next_look = deadline;
		ret = wait_for_wake(txn, next_look);
		if (is_over(cd, txn))
			return 0;
	} while (ret != -EINTR && caliptra_time_left(deadline));
	return ret ? ret : -ETIMEDOUT;
}

/* Nobody waits for the command in the mailbox. */
static void make_orphan(struct caliptra_dev *cd)
{
	lockdep_assert_held(&cd->lock);
	cd->orphan = true;
	cd->reaper_delay = cd->irq ? REAPER_MAX_DELAY : REAPER_MIN_DELAY;
	mod_delayed_work(system_power_efficient_wq, &cd->reaper,
			 cd->reaper_delay);
}

/*
 * The caller stops waiting. Either there is an answer, or there never will be
 * one, or the command becomes an orphan.
 */
static int stop_waiting(struct caliptra_dev *cd, struct caliptra_txn *txn,
			int why)
{
	spin_lock_irq(&cd->lock);
	cd->active = NULL;
	if (txn->answered)
		why = 0;
	else if (cd->regs_gone)
		why = -ENODEV;
	else if (caliptra_mbox_has_failed(txn->status))
		why = -EIO;
	else
		make_orphan(cd);
	spin_unlock_irq(&cd->lock);
	return why;
}

/* The command has left the mailbox, with or without the firmware. */
static int why_lost(struct caliptra_dev *cd)
{
	bool ready;

	if (!get_regs(cd))
		return -ENODEV;
	ready = caliptra_soc_ifc_ready(cd);
	put_regs(cd);
	return ready ? -EIO : -EHOSTDOWN;
}

static int wait_for_answer(struct caliptra_dev *cd, struct caliptra_txn *txn,
			   unsigned long deadline)
{
	int ret;

	ret = cd->irq ? sleep_until_answer(cd, txn, deadline) :
			poll_for_answer(cd, txn, deadline);
	if (is_answered(txn))
		return 0;
	ret = stop_waiting(cd, txn, ret);
	return ret == -EIO ? why_lost(cd) : ret;
}

static void reap(struct work_struct *work)
{
	struct caliptra_dev *cd = container_of(to_delayed_work(work),
					       struct caliptra_dev, reaper);
	bool answered, over;
	u32 status;

	/* only this function ends an orphan, but it may be called once too often */
	if (!READ_ONCE(cd->orphan) || !get_regs(cd))
		return;
	status = caliptra_mbox_status(cd);
	answered = caliptra_mbox_has_answer(status);
	over = answered || caliptra_mbox_has_failed(status);
	if (answered)
		caliptra_mbox_release(cd);
	put_regs(cd);

	if (!over) {
		cd->reaper_delay = min_t(unsigned long, 2 * cd->reaper_delay,
					 REAPER_MAX_DELAY);
		/* not later than the interrupt may have asked for meanwhile */
		queue_delayed_work(system_power_efficient_wq, &cd->reaper,
				   cd->reaper_delay);
		return;
	}
	spin_lock_irq(&cd->lock);
	cd->orphan = false;
	grant_turn(cd);
	spin_unlock_irq(&cd->lock);
}

static int finish(struct caliptra_dev *cd, struct caliptra_txn *txn)
{
	int ret;

	if (!get_regs(cd))
		return -ENODEV;
	ret = caliptra_mbox_read_response(cd, txn);
	if (ret != -EIO)
		caliptra_mbox_release(cd);
	put_regs(cd);
	return ret;
}

/**
 * caliptra_execute() - run a command
 * @cd: the device
 * @txn: the command: its @cmd, @buf and @req_len; the rest is filled in
 * @deadline: when the caller leaves, in jiffies
 *
 * Sleeps until its turn comes, and then until the answer has come. The buffer
 * is not accessed any more once this has returned.
 *
 * Return: 0 or an error as CALIPTRA_IOC_COMMAND has them; -EINTR with
 * @txn->sent false where nothing was sent yet.
 */
int caliptra_execute(struct caliptra_dev *cd, struct caliptra_txn *txn,
		     unsigned long deadline)
{
	int ret;

	init_completion(&txn->wake);
	ret = wait_for_turn(cd, txn, deadline);
	if (ret)
		return ret;

	ret = start(cd, txn, deadline);
	if (!ret)
		ret = wait_for_answer(cd, txn, deadline);
	if (!ret)
		ret = finish(cd, txn);
	if (ret && ret != -EREMOTEIO)
		cd->ready = false;
	leave_queue(cd, txn);
	return ret;
}

/**
 * caliptra_get_info() - what is known without sending a command
 * @cd: the device
 * @info: filled in
 *
 * Return: 0 or -ENODEV.
 */
int caliptra_get_info(struct caliptra_dev *cd, struct caliptra_info *info)
{
	memset(info, 0, sizeof(*info));
	info->abi_version = CALIPTRA_ABI_VERSION;
	info->flags = cd->irq ? CALIPTRA_INFO_INTERRUPT : 0;
	info->mbox_size = cd->mbox_size;
	if (READ_ONCE(cd->closing) || !get_regs(cd))
		return -ENODEV;
	caliptra_soc_ifc_get_info(cd, info);
	put_regs(cd);
	return 0;
}

/**
 * caliptra_interrupt() - mailbox_data_avail is high
 * @irq: its interrupt
 * @data: the device
 *
 * Return: whether it was.
 */
irqreturn_t caliptra_interrupt(int irq, void *data)
{
	struct caliptra_dev *cd = data;
	struct caliptra_txn *txn;
	bool for_soc;

	spin_lock(&cd->lock);
	txn = cd->active;
	for_soc = caliptra_mbox_is_for_soc(note_status(cd));
	if (for_soc) {
		disable_irq_nosync(irq);
		cd->irq_on = false;
		if (txn)
			complete(&txn->wake);
		else if (cd->orphan)
			mod_delayed_work(system_power_efficient_wq, &cd->reaper,
					 0);
	}
	spin_unlock(&cd->lock);
	return IRQ_RETVAL(for_soc);
}

static void release(struct device *dev)
{
	kfree(container_of(dev, struct caliptra_dev, dev));
}

/**
 * caliptra_alloc() - make a device structure
 * @parent: the device that has the registers
 *
 * Return: the structure, its reference count 1; put_device() its @dev. NULL
 * where there is no memory.
 */
struct caliptra_dev *caliptra_alloc(struct device *parent)
{
	struct caliptra_dev *cd;

	cd = kzalloc(sizeof(*cd), GFP_KERNEL);
	if (!cd)
		return NULL;
	init_rwsem(&cd->regs);
	spin_lock_init(&cd->lock);
	INIT_LIST_HEAD(&cd->queue);
	init_waitqueue_head(&cd->idle);
	INIT_DELAYED_WORK(&cd->reaper, reap);
	device_initialize(&cd->dev);
	cd->dev.parent = parent;
	cd->dev.release = release;
	return cd;
}

/* Whoever waits looks again at what it waits for. */
static void wake_everybody(struct caliptra_dev *cd)
{
	struct caliptra_txn *txn;

	lockdep_assert_held(&cd->lock);
	list_for_each_entry(txn, &cd->queue, node)
		complete(&txn->wake);
}

static bool is_idle(struct caliptra_dev *cd)
{
	bool idle;

	spin_lock_irq(&cd->lock);
	idle = list_empty(&cd->queue) && !cd->orphan;
	spin_unlock_irq(&cd->lock);
	return idle;
}

/**
 * caliptra_stop() - let the command in the mailbox end, and send everybody away
 * @cd: the device; nothing more happens if it was stopped before
 *
 * Registers are not accessed any more once this has returned.
 */
void caliptra_stop(struct caliptra_dev *cd)
{
	spin_lock_irq(&cd->lock);
	cd->closing = true;
	wake_everybody(cd);
	spin_unlock_irq(&cd->lock);
	if (!wait_event_timeout(cd->idle, is_idle(cd), CLOSE_TIMEOUT))
		dev_warn(&cd->dev, "removed with a command in its mailbox\n");

	down_write(&cd->regs);
	cd->regs_gone = true;
	up_write(&cd->regs);
	spin_lock_irq(&cd->lock);
	wake_everybody(cd);
	spin_unlock_irq(&cd->lock);
	disable_interrupt(cd);
	cancel_delayed_work_sync(&cd->reaper);
}

/**
 * caliptra_register() - begin to serve a device
 * @cd: the device, its registers mapped and its interrupt requested
 *
 * A command that a former driver has left in the mailbox is an orphan.
 *
 * Return: 0 or an error.
 */
int caliptra_register(struct caliptra_dev *cd)
{
	int ret;

	spin_lock_irq(&cd->lock);
	if (caliptra_mbox_has_command(caliptra_mbox_status(cd)))
		make_orphan(cd);
	spin_unlock_irq(&cd->lock);
	ret = caliptra_chardev_add(cd);
	if (ret)
		caliptra_stop(cd);
	return ret;
}

/**
 * caliptra_unregister() - stop serving a device
 * @cd: the device
 *
 * The command that the device is working on may end; those behind it fail with
 * -ENODEV. The registers are not accessed any more once this has returned; open
 * files stay.
 */
void caliptra_unregister(struct caliptra_dev *cd)
{
	cdev_device_del(&cd->cdev, &cd->dev);
	caliptra_stop(cd);
}
