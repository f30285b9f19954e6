// SPDX-License-Identifier: GPL-2.0-only
/*
 * How the device is: boot state, errors and resets, and whether it is stuck with a
 * command.
 *
 * Registers are looked at when an error wire rises, when a command went wrong and,
 * while anybody follows the monitor group, once a second. What has changed since
 * the last look is reported once.
 *
 * Registers keep fatal errors over all resets but a cold one, and nothing here clears
 * them: they are evidence. So each error is either new, which makes the state that of
 * a device that has stopped, or old, because the device has started again since: its
 * registers have told so in a look after the one in which the error was first seen, or
 * it has answered a command that was sent later than that.
 */
#include <linux/kobject.h>
#include <linux/module.h>
#include <linux/moduleparam.h>

#include "caliptra.h"

static unsigned int stuck_ms = 60000;
module_param(stuck_ms, uint, 0644);
MODULE_PARM_DESC(stuck_ms,
		 "milliseconds after which a command is reported as stuck");

#define WATCH_INTERVAL HZ

/* Looking again whether an error wire has fallen. */
#define MASKED_MIN_INTERVAL (HZ / 10)
#define MASKED_MAX_INTERVAL (30 * HZ)

/* Interrupts of error wires without an error, one after the other, that are too many. */
#define STREAK_MAX 10

static const char *const state_names[] = {
	[CALIPTRA_STATE_RESET] = "reset",
	[CALIPTRA_STATE_READY_FOR_FUSES] = "ready_for_fuses",
	[CALIPTRA_STATE_READY_FOR_MB_PROCESSING] = "ready_for_mb_processing",
	[CALIPTRA_STATE_READY_FOR_RUNTIME] = "ready_for_runtime",
	[CALIPTRA_STATE_FATAL_ERROR] = "fatal_error",
};

/**
 * caliptra_state_name() - a boot state as sysfs and uevents have it
 * @state: enum caliptra_state
 *
 * Return: its name.
 */
const char *caliptra_state_name(u32 state)
{
	return state < ARRAY_SIZE(state_names) && state_names[state] ?
		       state_names[state] :
		       "unknown";
}

static bool has_booted(const struct caliptra_info *info)
{
	return info->state >= CALIPTRA_STATE_READY_FOR_MB_PROCESSING;
}

/* Down or up, a look may have come at any time of it. */
static bool has_started_again(const struct caliptra_info *then,
			      const struct caliptra_info *now)
{
	return now->reset_reason != then->reset_reason ||
	       has_booted(now) != has_booted(then);
}

static void make_errors_old(struct caliptra_dev *cd)
{
	lockdep_assert_held(&cd->errors);
	cd->old_hw_error_fatal = cd->last.hw_error_fatal;
	cd->old_fw_error_fatal = cd->last.fw_error_fatal;
	cd->fatal_ns = 0;
}

/* Returns whether there is one that is new. One that was cleared may come again. */
static bool note_errors(struct caliptra_dev *cd,
			const struct caliptra_info *now)
{
	const struct caliptra_info *then = &cd->last;

	lockdep_assert_held(&cd->errors);
	if (has_started_again(then, now))
		make_errors_old(cd);
	cd->old_hw_error_fatal &= now->hw_error_fatal;
	if (cd->old_fw_error_fatal != now->fw_error_fatal)
		cd->old_fw_error_fatal = 0;
	if (now->hw_error_fatal == cd->old_hw_error_fatal &&
	    now->fw_error_fatal == cd->old_fw_error_fatal) {
		cd->fatal_ns = 0;
		return false;
	}
	if (!cd->fatal_ns || now->hw_error_fatal != then->hw_error_fatal ||
	    now->fw_error_fatal != then->fw_error_fatal)
		cd->fatal_ns = ktime_get_ns();
	return true;
}

/**
 * caliptra_health_read() - see how the device is
 * @cd: the device; the caller holds @regs
 * @info: what registers tell is filled in
 *
 * Its state is CALIPTRA_STATE_FATAL_ERROR only for an error that is newer than the
 * last reset that was seen.
 */
void caliptra_health_read(struct caliptra_dev *cd, struct caliptra_info *info)
{
	bool fatal;

	mutex_lock(&cd->errors);
	cd->ops->get_info(cd, info);
	fatal = note_errors(cd, info);
	cd->last = *info;
	if (fatal)
		info->state = CALIPTRA_STATE_FATAL_ERROR;
	mutex_unlock(&cd->errors);
}

/**
 * caliptra_health_answered() - the firmware has done what a command wanted
 * @cd: the device
 * @sent_ns: when it was sent
 *
 * A reset may leave no trace, but firmware that has stopped does not do that.
 */
void caliptra_health_answered(struct caliptra_dev *cd, u64 sent_ns)
{
	bool was_fatal;

	if (!READ_ONCE(cd->fatal_ns))
		return;
	mutex_lock(&cd->errors);
	was_fatal = cd->fatal_ns && cd->fatal_ns < sent_ns;
	if (was_fatal)
		make_errors_old(cd);
	mutex_unlock(&cd->errors);
	if (was_fatal)
		caliptra_health_look(cd);
}

static void uevent(struct caliptra_dev *cd, const char *name, const char *value)
{
	char text[48];
	char *envp[2] = {};

	snprintf(text, sizeof(text), "CALIPTRA_%s=%s", name, value);
	envp[0] = text;
	kobject_uevent_env(&cd->dev.kobj, KOBJ_CHANGE, envp);
}

static void notify(struct caliptra_dev *cd, enum caliptra_event event,
		   u32 value)
{
	blocking_notifier_call_chain(&cd->notifiers, event,
				     (void *)(uintptr_t)value);
}

/**
 * caliptra_register_notifier() - be told of what happens to a device
 * @cd: the device
 * @nb: whose function is called with enum caliptra_event, and what that says of its value
 *	as a pointer
 *
 * It may sleep, but neither wait for a command nor register or unregister. Whoever is
 * told of a device going is a struct caliptra_client.
 *
 * Return: 0, or -EEXIST where it is registered already.
 */
int caliptra_register_notifier(struct caliptra_dev *cd,
			       struct notifier_block *nb)
{
	return blocking_notifier_chain_register(&cd->notifiers, nb);
}
EXPORT_SYMBOL_GPL(caliptra_register_notifier);

/**
 * caliptra_unregister_notifier() - be told no more
 * @cd: the device, which may have been unbound, but not put
 * @nb: from caliptra_register_notifier(); it is not running any more on return
 *
 * Return: 0, or -ENOENT where it is not registered.
 */
int caliptra_unregister_notifier(struct caliptra_dev *cd,
				 struct notifier_block *nb)
{
	return blocking_notifier_chain_unregister(&cd->notifiers, nb);
}
EXPORT_SYMBOL_GPL(caliptra_unregister_notifier);

static void report_state(struct caliptra_dev *cd, u32 old, u32 new)
{
	dev_info(&cd->dev, "%s\n", caliptra_state_name(new));
	uevent(cd, "STATE", caliptra_state_name(new));
	caliptra_sysfs_changed(cd->state_file);
	caliptra_netlink_state(cd, old, new);
	notify(cd, CALIPTRA_EVENT_STATE, new);
}

static void report_reset(struct caliptra_dev *cd, u32 reason)
{
	spin_lock_irq(&cd->lock);
	cd->stats.resets++;
	spin_unlock_irq(&cd->lock);
	dev_warn(&cd->dev, "the device was reset (reason 0x%x)\n", reason);
	uevent(cd, "EVENT", "reset");
	caliptra_netlink_reset(cd, reason);
	notify(cd, CALIPTRA_EVENT_RESET, reason);
}

static void report_fatal(struct caliptra_dev *cd, u32 hw, u32 fw)
{
	dev_err(&cd->dev, "fatal error: hardware 0x%08x, firmware 0x%08x\n", hw,
		fw);
	caliptra_netlink_error(cd, true, hw, fw);
}

/* Firmware that has been running does not go back by itself. */
static bool went_back(const struct caliptra_info *then,
		      const struct caliptra_info *now)
{
	return then->state >= CALIPTRA_STATE_READY_FOR_MB_PROCESSING &&
	       now->state < CALIPTRA_STATE_READY_FOR_MB_PROCESSING;
}

/* One that registers tell of, a command may still be going to find. */
static bool was_reset(struct caliptra_dev *cd, const struct caliptra_info *now)
{
	const struct caliptra_info *then = &cd->seen;
	bool reset = went_back(then, now) ||
		     (now->reset_reason & ~then->reset_reason);

	spin_lock_irq(&cd->lock);
	if (cd->reset_seen)
		reset = true;
	else if (reset)
		cd->reset_told = true;
	cd->reset_seen = false;
	/* what the next command is held to is what comes after the reset */
	if (reset && !cd->turn)
		cd->ready = false;
	spin_unlock_irq(&cd->lock);
	return reset;
}

static void report_changes(struct caliptra_dev *cd,
			   const struct caliptra_info *now)
{
	const struct caliptra_info *then = &cd->seen;

	if (was_reset(cd, now))
		report_reset(cd, now->reset_reason);
	if (now->state != then->state)
		report_state(cd, then->state, now->state);
	if ((now->hw_error_fatal != then->hw_error_fatal ||
	     now->fw_error_fatal != then->fw_error_fatal) &&
	    now->state == CALIPTRA_STATE_FATAL_ERROR)
		report_fatal(cd, now->hw_error_fatal, now->fw_error_fatal);
	if ((now->hw_error_non_fatal != then->hw_error_non_fatal ||
	     now->fw_error_non_fatal != then->fw_error_non_fatal) &&
	    (now->hw_error_non_fatal || now->fw_error_non_fatal))
		caliptra_netlink_error(cd, false, now->hw_error_non_fatal,
				       now->fw_error_non_fatal);
	cd->seen = *now;
}

static bool has_errors(const struct caliptra_info *info)
{
	return info->hw_error_fatal || info->fw_error_fatal ||
	       info->hw_error_non_fatal || info->fw_error_non_fatal;
}

static void unmask(struct caliptra_dev *cd)
{
	unsigned int i;

	for (i = 0; i < ARRAY_SIZE(cd->error_irqs); i++)
		if (test_and_clear_bit(i, &cd->error_irqs_masked))
			enable_irq(cd->error_irqs[i]);
	if (cd->error_streak < STREAK_MAX)
		cd->health_delay = MASKED_MIN_INTERVAL;
}

/*
 * There is no error, so the wires are low; or one of them is not what the device tree
 * says, and would interrupt without end. @told: one has interrupted since the last look
 */
static void note_no_error(struct caliptra_dev *cd, bool told)
{
	/* none has since they were enabled */
	if (!cd->error_irqs_masked)
		cd->error_streak = 0;
	if (!told || ++cd->error_streak < STREAK_MAX) {
		unmask(cd);
		return;
	}
	spin_lock_irq(&cd->lock);
	cd->stats.spurious++;
	spin_unlock_irq(&cd->lock);
	if (cd->error_streak > STREAK_MAX)
		return;
	dev_warn_ratelimited(&cd->dev,
			     "error interrupts come without an error\n");
}

/* When to look again without being asked to; 0 is never. */
static unsigned long next_look(struct caliptra_dev *cd)
{
	if (cd->error_irqs_masked || cd->error_streak) {
		cd->health_delay = min_t(unsigned long, 2 * cd->health_delay,
					 MASKED_MAX_INTERVAL);
		if (!caliptra_netlink_has_listeners())
			return cd->health_delay;
		return min_t(unsigned long, cd->health_delay, WATCH_INTERVAL);
	}
	return caliptra_netlink_has_listeners() ? WATCH_INTERVAL : 0;
}

static void look(struct work_struct *work)
{
	struct caliptra_dev *cd = container_of(to_delayed_work(work),
					       struct caliptra_dev, health);
	struct caliptra_info info = {};
	unsigned long delay;
	bool told;

	/* there is no name to report by yet; caliptra_register() asks again */
	if (!device_is_registered(&cd->dev))
		return;
	if (caliptra_wake_up(cd)) {
		/* an error wire is still to be looked after */
		if (!READ_ONCE(cd->closing))
			queue_delayed_work(system_power_efficient_wq,
					   &cd->health, MASKED_MAX_INTERVAL);
		return;
	}
	if (caliptra_get_regs(cd)) {
		told = xchg(&cd->error_irqs_told, 0);
		caliptra_health_read(cd, &info);
		caliptra_put_regs(cd);
		report_changes(cd, &info);
		if (has_errors(&info))
			cd->error_streak = 0;
		else
			note_no_error(cd, told);
		delay = next_look(cd);
		if (delay)
			queue_delayed_work(system_power_efficient_wq,
					   &cd->health, delay);
	}
	caliptra_let_sleep(cd);
}

/**
 * caliptra_health_look() - something may have changed
 * @cd: the device
 *
 * To be called from anywhere.
 */
void caliptra_health_look(struct caliptra_dev *cd)
{
	mod_delayed_work(system_power_efficient_wq, &cd->health, 0);
}

/**
 * caliptra_health_masked() - an error wire is high, and its interrupt disabled
 * @cd: the device
 * @irq: the interrupt
 */
void caliptra_health_masked(struct caliptra_dev *cd, int irq)
{
	unsigned int i = irq == cd->error_irqs[0] ? 0 : 1;

	set_bit(i, &cd->error_irqs_masked);
	set_bit(i, &cd->error_irqs_told);
	caliptra_health_look(cd);
}

static unsigned long stuck_limit(void)
{
	return msecs_to_jiffies(READ_ONCE(stuck_ms));
}

/**
 * caliptra_health_blocked() - somebody else was seen to have the mailbox
 * @cd: the device; called by the caller whose turn it is
 *
 * Between two looks that are far apart it may have been free.
 */
void caliptra_health_blocked(struct caliptra_dev *cd)
{
	unsigned long now = jiffies;

	if (!cd->blocked ||
	    time_after(now, cd->blocked_seen + stuck_limit() / 2))
		cd->blocked_at = now;
	cd->blocked_seen = now;
	cd->blocked = true;
}

/**
 * caliptra_health_check_stuck() - has the mailbox been taken for too long?
 * @cd: the device, which has a command or does not let one in
 */
void caliptra_health_check_stuck(struct caliptra_dev *cd)
{
	unsigned long since;
	bool stuck;
	u32 cmd;

	spin_lock_irq(&cd->lock);
	since = cd->blocked ? cd->blocked_at : cd->sent_at;
	cmd = cd->blocked ? 0 : cd->sent_cmd;
	stuck = !cd->stuck && time_after(jiffies, since + stuck_limit());
	if (stuck) {
		cd->stuck = true;
		cd->stats.stuck++;
	}
	spin_unlock_irq(&cd->lock);
	if (!stuck)
		return;
	if (cmd)
		dev_err(&cd->dev, "stuck: no answer to command 0x%08x\n", cmd);
	else
		dev_err(&cd->dev, "stuck: somebody keeps the mailbox\n");
	uevent(cd, "EVENT", "stuck");
	caliptra_sysfs_changed(cd->stuck_file);
	caliptra_netlink_stuck(cd, cmd, jiffies_to_msecs(jiffies - since));
	notify(cd, CALIPTRA_EVENT_STUCK, cmd);
	caliptra_health_look(cd);
}

static void report_recovered(struct work_struct *work)
{
	struct caliptra_dev *cd =
		container_of(work, struct caliptra_dev, recovered_work);

	dev_info(&cd->dev, "no longer stuck\n");
	uevent(cd, "EVENT", "recovered");
	caliptra_sysfs_changed(cd->stuck_file);
	caliptra_netlink_recovered(cd);
	notify(cd, CALIPTRA_EVENT_RECOVERED, 0);
}

/**
 * caliptra_health_end() - the mailbox is free again
 * @cd: the device, locked
 */
void caliptra_health_end(struct caliptra_dev *cd)
{
	lockdep_assert_held(&cd->lock);
	if (!cd->stuck)
		return;
	cd->stuck = false;
	cd->stats.recovered++;
	queue_work(system_power_efficient_wq, &cd->recovered_work);
}

/**
 * caliptra_health_init() - of a new device
 * @cd: the device
 */
void caliptra_health_init(struct caliptra_dev *cd)
{
	cd->health_delay = MASKED_MIN_INTERVAL;
	mutex_init(&cd->errors);
	BLOCKING_INIT_NOTIFIER_HEAD(&cd->notifiers);
	INIT_DELAYED_WORK(&cd->health, look);
	INIT_WORK(&cd->recovered_work, report_recovered);
}

/**
 * caliptra_health_start() - remember how the device is before anything happens
 * @cd: the device, its registers mapped
 *
 * Errors are new where there was no reset since it has got power.
 */
void caliptra_health_start(struct caliptra_dev *cd)
{
	mutex_lock(&cd->errors);
	cd->ops->get_info(cd, &cd->last);
	if (cd->last.reset_reason)
		make_errors_old(cd);
	mutex_unlock(&cd->errors);
	caliptra_health_read(cd, &cd->seen);
	cd->baseline = cd->seen;
}

/**
 * caliptra_health_listen() - be told of errors by their wires
 * @cd: the device, which has been added: a wire may be high
 */
void caliptra_health_listen(struct caliptra_dev *cd)
{
	unsigned int i;

	for (i = 0; i < ARRAY_SIZE(cd->error_irqs); i++)
		if (cd->error_irqs[i])
			enable_irq(cd->error_irqs[i]);
}

/**
 * caliptra_health_suspend() - look no more until caliptra_health_resume()
 * @cd: the device; its wires may never have been listened to
 */
void caliptra_health_suspend(struct caliptra_dev *cd)
{
	unsigned int i;

	for (i = 0; i < ARRAY_SIZE(cd->error_irqs); i++)
		if (cd->error_irqs[i])
			disable_irq(cd->error_irqs[i]);
	cancel_delayed_work_sync(&cd->health);
}

/**
 * caliptra_health_resume() - look again
 * @cd: the device
 */
void caliptra_health_resume(struct caliptra_dev *cd)
{
	caliptra_health_listen(cd);
	caliptra_health_look(cd);
}

/**
 * caliptra_health_stop() - look no more
 * @cd: the device, its registers gone; its wires may never have been listened to
 */
void caliptra_health_stop(struct caliptra_dev *cd)
{
	caliptra_health_suspend(cd);
	cancel_work_sync(&cd->recovered_work);
}
