// SPDX-License-Identifier: GPL-2.0-only
/*
 * A device from its beginning to its end: allocation, registers that may go away
 * under open files, power.
 */
#include <linux/module.h>
#include <linux/pm_runtime.h>
#include <linux/slab.h>
#include <linux/suspend.h>

#include "caliptra.h"

/* How long taking the device away waits for the command in its mailbox. */
#define CLOSE_TIMEOUT (5 * HZ)

/* How long a suspend does. */
#define SUSPEND_TIMEOUT (10 * HZ)

/**
 * caliptra_get_regs() - access registers between this and caliptra_put_regs()
 * @cd: the device
 *
 * Return: false where there are none any more.
 */
bool caliptra_get_regs(struct caliptra_dev *cd)
{
	down_read(&cd->regs);
	if (!cd->regs_gone)
		return true;
	up_read(&cd->regs);
	return false;
}

/**
 * caliptra_put_regs() - access registers no more
 * @cd: the device
 */
void caliptra_put_regs(struct caliptra_dev *cd)
{
	up_read(&cd->regs);
}

/**
 * caliptra_wake_up() - keep the device awake until caliptra_let_sleep()
 * @cd: the device
 *
 * Return: 0, -ENODEV where it is gone, or the error that keeps it from waking up.
 */
int caliptra_wake_up(struct caliptra_dev *cd)
{
	if (READ_ONCE(cd->closing))
		return -ENODEV;
	return pm_runtime_resume_and_get(cd->dev.parent);
}

/**
 * caliptra_let_sleep() - it may sleep again
 * @cd: the device
 */
void caliptra_let_sleep(struct caliptra_dev *cd)
{
	pm_runtime_mark_last_busy(cd->dev.parent);
	pm_runtime_put_autosuspend(cd->dev.parent);
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
	int ret;

	memset(info, 0, sizeof(*info));
	info->kind = cd->ops->kind;
	info->mbox_size = cd->mbox_size;
	if (cd->irq && cd->ops->interrupt_on_answer)
		info->flags |= CALIPTRA_INFO_INTERRUPT;
	if (READ_ONCE(cd->stuck))
		info->flags |= CALIPTRA_INFO_STUCK;

	ret = caliptra_wake_up(cd);
	if (ret)
		return ret;
	if (caliptra_get_regs(cd)) {
		caliptra_health_read(cd, info);
		caliptra_put_regs(cd);
		/* whoever follows the device is to know as much */
		if (info->state != READ_ONCE(cd->seen.state))
			caliptra_health_look(cd);
	} else {
		ret = -ENODEV;
	}
	caliptra_let_sleep(cd);
	return ret;
}
EXPORT_SYMBOL_GPL(caliptra_get_info);

/**
 * caliptra_get_stats() - what has happened so far
 * @cd: the device
 * @stats: filled in
 */
void caliptra_get_stats(struct caliptra_dev *cd, struct caliptra_stats *stats)
{
	spin_lock_irq(&cd->lock);
	*stats = cd->stats;
	spin_unlock_irq(&cd->lock);
}

static void release(struct device *dev)
{
	struct caliptra_dev *cd = container_of(dev, struct caliptra_dev, dev);

	/* whoever left last may have asked for a look */
	cancel_delayed_work_sync(&cd->message_work);
	cancel_delayed_work_sync(&cd->reaper);
	cancel_delayed_work_sync(&cd->health);
	cancel_work_sync(&cd->recovered_work);
	caliptra_sysfs_release(cd);
	destroy_workqueue(cd->workers);
	put_device(cd->dev.parent);
	kfree(cd);
}

/**
 * caliptra_alloc() - make a device structure
 * @parent: the device that has the registers
 * @ops: its engine
 *
 * Return: the structure, its reference count 1; put_device() its @dev. NULL
 * where there is no memory.
 */
struct caliptra_dev *caliptra_alloc(struct device *parent,
				    const struct caliptra_mbox_ops *ops)
{
	struct caliptra_dev *cd;

	cd = kzalloc(sizeof(*cd), GFP_KERNEL);
	if (!cd)
		return NULL;
	cd->workers = alloc_workqueue("%s", WQ_UNBOUND, 0, dev_name(parent));
	if (!cd->workers) {
		kfree(cd);
		return NULL;
	}
	cd->ops = ops;
	init_rwsem(&cd->regs);
	caliptra_queue_init(cd);
	caliptra_message_init(cd);
	caliptra_health_init(cd);
	device_initialize(&cd->dev);
	/* open files use it even after it has been unbound */
	cd->dev.parent = get_device(parent);
	cd->dev.release = release;
	return cd;
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
	if (cd->closing) {
		spin_unlock_irq(&cd->lock);
		return;
	}
	cd->closing = true;
	caliptra_wake_everybody(cd);
	spin_unlock_irq(&cd->lock);
	if (!wait_event_timeout(cd->idle, is_idle(cd), CLOSE_TIMEOUT))
		dev_warn(&cd->dev, "removed with a command in its mailbox\n");

	down_write(&cd->regs);
	cd->regs_gone = true;
	up_write(&cd->regs);
	spin_lock_irq(&cd->lock);
	caliptra_wake_everybody(cd);
	spin_unlock_irq(&cd->lock);
	caliptra_irq_disable(cd);
	caliptra_health_stop(cd);
	cancel_delayed_work_sync(&cd->message_work);
	cancel_delayed_work_sync(&cd->reaper);
	if (cd->orphan)
		caliptra_let_sleep(cd);
	caliptra_chardev_wake(cd);
}

/*
 * May the system sleep? Not before the command in the mailbox has ended, unless it is
 * one that never does. Before processes are frozen the kernel's own may still have one.
 */
static bool may_sleep(struct caliptra_dev *cd)
{
	bool may;

	spin_lock_irq(&cd->lock);
	may = !cd->orphan || cd->stuck;
	if (cd->turn)
		may &= !cd->frozen && cd->turn->uninterruptible;
	spin_unlock_irq(&cd->lock);
	return may;
}

static int wait_until_it_may_sleep(struct caliptra_dev *cd)
{
	if (wait_event_timeout(cd->idle, may_sleep(cd), SUSPEND_TIMEOUT))
		return 0;
	dev_warn(&cd->dev, "busy with command 0x%08x\n", cd->sent_cmd);
	return -EBUSY;
}

/* What the next command is held to is how the device is then. */
static void go_on(struct caliptra_dev *cd)
{
	lockdep_assert_held(&cd->lock);
	if (!cd->turn)
		cd->ready = false;
	caliptra_grant_turn(cd);
}

static void thaw(struct caliptra_dev *cd)
{
	spin_lock_irq(&cd->lock);
	cd->frozen = false;
	go_on(cd);
	spin_unlock_irq(&cd->lock);
}

/**
 * caliptra_suspend() - let the command in the mailbox end, and none begin
 * @cd: the device
 *
 * Registers are not accessed any more once this has returned 0.
 *
 * Return: 0, or -EBUSY where the device does not come to an end; commands go on
 * then.
 */
int caliptra_suspend(struct caliptra_dev *cd)
{
	int ret;

	spin_lock_irq(&cd->lock);
	cd->frozen = true;
	spin_unlock_irq(&cd->lock);
	ret = wait_until_it_may_sleep(cd);
	if (ret) {
		thaw(cd);
		return ret;
	}
	/* each may have the next one look */
	caliptra_irq_disable(cd);
	cancel_delayed_work_sync(&cd->reaper);
	cancel_delayed_work_sync(&cd->message_work);
	caliptra_health_suspend(cd);
	return 0;
}

/**
 * caliptra_resume() - commands go on
 * @cd: the device, which may have been reset meanwhile
 */
void caliptra_resume(struct caliptra_dev *cd)
{
	caliptra_health_resume(cd);
	if (READ_ONCE(cd->orphan))
		mod_delayed_work(system_power_efficient_wq, &cd->reaper, 0);
	thaw(cd);
	caliptra_message_look(cd, 0);
}

static void set_freezing(struct caliptra_dev *cd, bool freezing)
{
	spin_lock_irq(&cd->lock);
	cd->freezing = freezing;
	if (!freezing)
		go_on(cd);
	spin_unlock_irq(&cd->lock);
}

/*
 * Before processes are frozen the one whose turn it is has to end its command: it can not
 * be frozen while it has the mailbox. None has a turn until they all run again.
 */
static int note_sleep(struct notifier_block *nb, unsigned long event,
		      void *unused)
{
	struct caliptra_dev *cd =
		container_of(nb, struct caliptra_dev, sleep_notifier);
	int ret;

	switch (event) {
	case PM_SUSPEND_PREPARE:
	case PM_HIBERNATION_PREPARE:
	case PM_RESTORE_PREPARE:
		set_freezing(cd, true);
		ret = wait_until_it_may_sleep(cd);
		if (ret)
			set_freezing(cd, false);
		return notifier_from_errno(ret);
	case PM_POST_SUSPEND:
	case PM_POST_HIBERNATION:
	case PM_POST_RESTORE:
		set_freezing(cd, false);
		break;
	}
	return NOTIFY_DONE;
}

/**
 * caliptra_register() - begin to serve a device
 * @cd: the device, its registers mapped and its interrupts requested
 *
 * A command that a former driver has left in the mailbox is an orphan.
 *
 * Return: 0 or an error.
 */
int caliptra_register(struct caliptra_dev *cd)
{
	int ret;

	/* the command is held to what registers have told before */
	caliptra_health_start(cd);
	cd->sleep_notifier.notifier_call = note_sleep;
	register_pm_notifier(&cd->sleep_notifier);
	ret = caliptra_adopt_command(cd);
	if (!ret)
		ret = caliptra_chardev_add(cd);
	if (ret) {
		unregister_pm_notifier(&cd->sleep_notifier);
		caliptra_stop(cd);
		return ret;
	}
	caliptra_sysfs_add(cd);
	caliptra_debugfs_add(cd);
	caliptra_last_state_add(cd);
	caliptra_netlink_device(cd, true);
	caliptra_health_listen(cd);
	caliptra_health_look(cd);
	caliptra_api_add(cd);
	return 0;
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
	caliptra_api_remove(cd);
	caliptra_last_state_remove(cd);
	caliptra_debugfs_remove(cd);
	cdev_device_del(&cd->cdev, &cd->dev);
	unregister_pm_notifier(&cd->sleep_notifier);
	caliptra_stop(cd);
	caliptra_netlink_device(cd, false);
}
