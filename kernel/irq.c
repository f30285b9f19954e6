// SPDX-License-Identifier: GPL-2.0-only
/*
 * Interrupts: data_avail, and the error wires.
 *
 * All of them are levels. data_avail stays high until the mailbox is released, or a
 * message taken, so the handler disables the interrupt; it is enabled from a command
 * to its answer and, while somebody listens, between commands. That of another
 * agent's answer, or of a message to one, is not for us. A line that comes without a
 * reason again and again, or that does not come, is not relied upon for some time.
 */
#include <linux/irq.h>
#include <linux/timekeeping.h>

#include "caliptra.h"

/* Interrupts without a reason, one after the other, that are one too many. */
#define STREAK_MAX 100

/* Looking again whether another agent's answer is gone. */
#define MASKED_INTERVAL (HZ / 50 + 1)

/* How long an interrupt is not relied upon, in seconds. */
#define DISTRUST 10

/* Unlike jiffies, this does not come round. */
static u32 seconds(void)
{
	return ktime_get_seconds();
}

/**
 * caliptra_irq_trusted() - can an interrupt be waited for?
 * @cd: the device
 *
 * Return: false where there is none, or it has failed a short time ago.
 */
bool caliptra_irq_trusted(struct caliptra_dev *cd)
{
	return cd->irq && seconds() >= READ_ONCE(cd->irq_distrusted_until);
}

/**
 * caliptra_irq_distrust() - an answer has come without an interrupt
 * @cd: the device
 */
void caliptra_irq_distrust(struct caliptra_dev *cd)
{
	spin_lock_irq(&cd->lock);
	cd->stats.missed++;
	WRITE_ONCE(cd->irq_distrusted_until, seconds() + DISTRUST);
	spin_unlock_irq(&cd->lock);
	dev_warn_ratelimited(&cd->dev,
			     "no interrupt has told of an answer, polling\n");
}

/**
 * caliptra_irq_enable() - be told of an answer or a message
 * @cd: the device; while it is frozen, only the command in its mailbox is told
 */
void caliptra_irq_enable(struct caliptra_dev *cd)
{
	bool turn_on;

	if (!caliptra_irq_trusted(cd))
		return;
	spin_lock_irq(&cd->lock);
	turn_on = !cd->irq_on && !cd->regs_gone &&
		  (cd->turn || (READ_ONCE(cd->listeners) && !cd->frozen));
	if (turn_on)
		cd->irq_on = true;
	cd->irq_streak = 0;
	spin_unlock_irq(&cd->lock);
	if (turn_on)
		enable_irq(cd->irq);
}

/* While the lock is held: without it the line could interrupt with nobody to ask why. */
static void mask(struct caliptra_dev *cd)
{
	lockdep_assert_held(&cd->lock);
	disable_irq_nosync(cd->irq);
	cd->irq_on = false;
	cd->irq_streak = 0;
}

/**
 * caliptra_irq_disable() - be told no more
 * @cd: the device
 *
 * The handler does not run any more once this has returned.
 */
void caliptra_irq_disable(struct caliptra_dev *cd)
{
	if (!cd->irq)
		return;
	spin_lock_irq(&cd->lock);
	if (cd->irq_on)
		mask(cd);
	spin_unlock_irq(&cd->lock);
	synchronize_irq(cd->irq);
}

/**
 * caliptra_irq_unlisten() - nobody wants messages any more
 * @cd: the device; a command in its mailbox is still told of
 *
 * The handler does not access registers any more once this has returned, unless
 * there is a command: the device may have no power soon.
 */
void caliptra_irq_unlisten(struct caliptra_dev *cd)
{
	spin_lock_irq(&cd->lock);
	if (cd->irq_on && !cd->turn && !cd->orphan)
		mask(cd);
	spin_unlock_irq(&cd->lock);
}

/**
 * caliptra_note_status() - see how far the command in the mailbox is
 * @cd: the device, locked and with its registers
 *
 * The status register is read under the lock, so that what was read for one
 * command is never taken for another's.
 *
 * Return: what it means.
 */
enum caliptra_progress caliptra_note_status(struct caliptra_dev *cd)
{
	struct caliptra_txn *txn = cd->active;
	enum caliptra_progress progress;
	u32 status;

	lockdep_assert_held(&cd->lock);
	status = cd->ops->status(cd);
	progress = cd->ops->progress(status);
	if (!txn)
		return progress;
	txn->status = status;
	txn->progress = progress;
	if (progress == CALIPTRA_ANSWERED) {
		cd->active = NULL;
		/* behind @status, for whoever sees it without the lock */
		smp_store_release(&txn->answered, true);
	}
	return progress;
}

/* It does not stop: the caller polls from now on. */
static void give_up(struct caliptra_dev *cd)
{
	mask(cd);
	WRITE_ONCE(cd->irq_distrusted_until, seconds() + DISTRUST);
	dev_warn_ratelimited(&cd->dev,
			     "interrupts come without a reason, polling\n");
	if (cd->active) {
		cd->active->woken = true;
		wake_up(&cd->active->wake);
	}
	caliptra_message_look(cd, 0);
}

static irqreturn_t note_spurious(struct caliptra_dev *cd)
{
	cd->stats.spurious++;
	if (++cd->irq_streak < STREAK_MAX)
		return IRQ_NONE;
	give_up(cd);
	return IRQ_HANDLED;
}

static irqreturn_t handle(struct caliptra_dev *cd)
{
	struct caliptra_txn *txn = cd->active;

	if (!cd->ops->interrupt_on_answer) {
		if (!cd->ops->data_avail(cd))
			return note_spurious(cd);
		mask(cd);
		caliptra_message_look(cd, 0);
		return IRQ_HANDLED;
	}
	switch (caliptra_note_status(cd)) {
	case CALIPTRA_ANSWERED:
		mask(cd);
		if (txn) {
			txn->woken = true;
			wake_up(&txn->wake);
		} else if (cd->orphan) {
			mod_delayed_work(system_power_efficient_wq, &cd->reaper,
					 0);
		} else {
			/* another agent's; until it is gone */
			caliptra_message_look(cd, MASKED_INTERVAL);
		}
		return IRQ_HANDLED;
	case CALIPTRA_MESSAGE:
		mask(cd);
		caliptra_message_look(cd, 0);
		return IRQ_HANDLED;
	default:
		return note_spurious(cd);
	}
}

/**
 * caliptra_interrupt() - data_avail is high
 * @irq: its interrupt
 * @data: the device
 *
 * Return: whether it was.
 */
irqreturn_t caliptra_interrupt(int irq, void *data)
{
	struct caliptra_dev *cd = data;
	irqreturn_t ret = IRQ_NONE;

	spin_lock(&cd->lock);
	if (cd->irq_on)
		ret = handle(cd);
	spin_unlock(&cd->lock);
	return ret;
}

/**
 * caliptra_error_interrupt() - an error wire is high
 * @irq: its interrupt
 * @data: the device
 *
 * It stays so until somebody clears the error, or the next command does; it is
 * enabled again then.
 *
 * Return: IRQ_HANDLED.
 */
irqreturn_t caliptra_error_interrupt(int irq, void *data)
{
	struct caliptra_dev *cd = data;

	disable_irq_nosync(irq);
	caliptra_health_masked(cd, irq);
	return IRQ_HANDLED;
}
