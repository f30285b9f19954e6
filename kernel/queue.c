// SPDX-License-Identifier: GPL-2.0-only
/*
 * The queue of a mailbox: whose turn it is, waiting, and what happens when a caller
 * leaves before the answer has come.
 *
 * A command that the firmware has been given can not be taken back. Its caller
 * may leave (it is killed, or its time is over); the command then is an orphan, which keeps the
 * mailbox until the reaper finds its answer and drops it. Until then nobody else
 * has a turn, so no answer ever reaches anybody but the one who asked.
 */
#include <linux/delay.h>
#include <linux/freezer.h>
#include <linux/math64.h>
#include <linux/sched/signal.h>

#include "api-commands.h"
#include "caliptra.h"

#define CREATE_TRACE_POINTS
#include "trace.h"

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

/* @lock is held, without which @txn might go away. */
static void wake_txn(struct caliptra_txn *txn)
{
	txn->woken = true;
	wake_up(&txn->wake);
}

/* While processes are being frozen, those of them that may be have to wait. */
static struct caliptra_txn *first_in_queue(struct caliptra_dev *cd)
{
	struct caliptra_txn *txn;

	if (cd->frozen)
		return NULL;
	list_for_each_entry(txn, &cd->queue, node)
		if (!cd->freezing || txn->uninterruptible)
			return txn;
	return NULL;
}

/**
 * caliptra_grant_turn() - if the mailbox is free, the next caller has its turn
 * @cd: the device, locked
 */
void caliptra_grant_turn(struct caliptra_dev *cd)
{
	lockdep_assert_held(&cd->lock);
	if (cd->orphan || cd->turn)
		return;
	cd->turn = first_in_queue(cd);
	if (cd->turn)
		wake_txn(cd->turn);
	if (!cd->turn || cd->freezing)
		wake_up_all(&cd->idle);
}

/**
 * caliptra_wake_everybody() - whoever waits looks again at what it waits for
 * @cd: the device, locked
 */
void caliptra_wake_everybody(struct caliptra_dev *cd)
{
	struct caliptra_txn *txn;

	lockdep_assert_held(&cd->lock);
	list_for_each_entry(txn, &cd->queue, node)
		wake_txn(txn);
}

/**
 * caliptra_unwant() - nobody wants a command any more
 * @cd: the device, locked
 * @txn: a command that caliptra_execute() is busy with in another thread, which
 *	returns soon then
 * @sent: also where it has been sent; else that thread goes on as soon as it has the
 *	mailbox
 */
void caliptra_unwant(struct caliptra_dev *cd, struct caliptra_txn *txn,
		     bool sent)
{
	lockdep_assert_held(&cd->lock);
	txn->revoked = true;
	if (sent)
		txn->abandoned = true;
	wake_txn(txn);
}

/**
 * caliptra_abandon() - nobody wants a command any more, whether it has been sent or not
 * @cd: the device
 * @txn: a command that caliptra_execute() is busy with in another thread, which
 *	returns soon then
 */
void caliptra_abandon(struct caliptra_dev *cd, struct caliptra_txn *txn)
{
	spin_lock_irq(&cd->lock);
	caliptra_unwant(cd, txn, true);
	spin_unlock_irq(&cd->lock);
}

static bool is_unwanted(const struct caliptra_txn *txn)
{
	return READ_ONCE(txn->abandoned) ||
	       (READ_ONCE(txn->revoked) && !txn->sent);
}

/*
 * Does the caller want to leave? What was sent can not be called back, and its answer
 * would be lost: then only for good.
 */
static bool wants_to_leave(const struct caliptra_txn *txn)
{
	if (is_unwanted(txn))
		return true;
	if (txn->uninterruptible)
		return false;
	return txn->sent ? fatal_signal_pending(current) :
			   signal_pending(current);
}

/*
 * Wait until woken: 0, -ETIMEDOUT or -EINTR. Whoever has the mailbox is not frozen in
 * it.
 */
static int wait_for_wake(struct caliptra_txn *txn, unsigned long deadline)
{
	unsigned long left = caliptra_time_left(deadline);
	long ret;

	if (txn->uninterruptible)
		ret = wait_event_timeout(txn->wake, READ_ONCE(txn->woken),
					 left);
	else if (txn->sent)
		ret = wait_event_killable_timeout(txn->wake,
						  READ_ONCE(txn->woken), left);
	else
		ret = wait_event_freezable_timeout(txn->wake,
						   READ_ONCE(txn->woken), left);
	if (is_unwanted(txn))
		return -EINTR;
	if (ret > 0)
		return 0;
	return ret ? -EINTR : -ETIMEDOUT;
}

/**
 * caliptra_enqueue() - whoever comes now has its turn later
 * @cd: the device
 * @txn: the command, which caliptra_execute() has to be called for, or
 *	caliptra_leave()
 *
 * Return: true if its turn has come already.
 */
bool caliptra_enqueue(struct caliptra_dev *cd, struct caliptra_txn *txn)
{
	bool at_once;

	spin_lock_irq(&cd->lock);
	list_add_tail(&txn->node, &cd->queue);
	txn->queued = true;
	at_once = !cd->turn && !cd->orphan && first_in_queue(cd) == txn;
	if (cd->closing)
		txn->woken = true;
	else if (at_once)
		cd->turn = txn;
	spin_unlock_irq(&cd->lock);
	return at_once;
}

static int wait_for_turn(struct caliptra_dev *cd, struct caliptra_txn *txn,
			 unsigned long deadline)
{
	int ret;

	if (!txn->queued && caliptra_enqueue(cd, txn))
		return READ_ONCE(cd->closing) ? -ENODEV : 0;

	ret = READ_ONCE(cd->turn) == txn ? 0 : wait_for_wake(txn, deadline);
	spin_lock_irq(&cd->lock);
	if (cd->closing)
		ret = -ENODEV;
	else if (!ret && cd->turn != txn)
		ret = -EINTR;
	txn->woken = false;
	spin_unlock_irq(&cd->lock);
	return ret;
}

static bool is_fatal(const struct caliptra_info *info)
{
	return info->state == CALIPTRA_STATE_FATAL_ERROR;
}

/* What registers tell before a command is what later looks are held to. */
static void take_baseline(struct caliptra_dev *cd)
{
	struct caliptra_info now = {};

	caliptra_health_read(cd, &now);
	if (now.reset_reason != cd->baseline.reset_reason)
		caliptra_health_look(cd);
	cd->baseline = now;
}

/* Asked again once something has gone wrong: it costs accesses. */
static bool firmware_ready(struct caliptra_dev *cd)
{
	if (cd->ready)
		return true;
	cd->ready = cd->ops->ready(cd);
	if (cd->ready)
		take_baseline(cd);
	return cd->ready;
}

/* The firmware does not let go of a message until it has been taken. */
static void note_blocked(struct caliptra_dev *cd, struct caliptra_txn *txn)
{
	txn->status = cd->ops->status(cd);
	txn->progress = cd->ops->progress(txn->status);
	if (cd->ops->has_message(cd))
		caliptra_message_look(cd, 0);
	caliptra_health_blocked(cd);
}

static void note_taken(struct caliptra_dev *cd)
{
	if (cd->blocked) {
		spin_lock_irq(&cd->lock);
		cd->blocked = false;
		caliptra_health_end(cd);
		spin_unlock_irq(&cd->lock);
	}
	if (!cd->axi_user_known) {
		cd->axi_user = cd->ops->user(cd);
		cd->axi_user_known = true;
	}
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
		if (!caliptra_get_regs(cd))
			return -ENODEV;
		if (!firmware_ready(cd)) {
			caliptra_put_regs(cd);
			return -EHOSTDOWN;
		}
		if (cd->ops->trylock(cd)) {
			note_taken(cd);
			return 0;
		}
		note_blocked(cd, txn);
		caliptra_put_regs(cd);

		if (txn->progress == CALIPTRA_BROKEN) {
			txn->cause = CALIPTRA_CAUSE_PROTOCOL;
			return -EIO;
		}
		if (READ_ONCE(cd->closing))
			return -ENODEV;
		if (wants_to_leave(txn))
			return -EINTR;
		if (!caliptra_time_left(deadline))
			return -EBUSY;
		caliptra_health_check_stuck(cd);
		usleep_range(us, 2 * us);
		us = min_t(unsigned int, 2 * us, SLEEP_MAX_US);
	}
}

/* The device has a command from now on until it answers or loses it. */
static void note_sent(struct caliptra_dev *cd, struct caliptra_txn *txn)
{
	spin_lock_irq(&cd->lock);
	cd->active = txn;
	cd->sent_cmd = txn->cmd;
	cd->sent_at = jiffies;
	cd->stats.commands++;
	spin_unlock_irq(&cd->lock);
	txn->sent = true;
	txn->sent_ns = ktime_get_ns();
}

static bool waits_by_interrupt(struct caliptra_dev *cd)
{
	return cd->ops->interrupt_on_answer && caliptra_irq_trusted(cd);
}

static int start(struct caliptra_dev *cd, struct caliptra_txn *txn,
		 unsigned long deadline)
{
	int ret;

	ret = take_mailbox(cd, txn, deadline);
	if (ret)
		return ret;
	trace_caliptra_lock(cd, txn);
	cd->ops->write_request(cd, txn);
	txn->by_interrupt = waits_by_interrupt(cd);
	if (txn->by_interrupt)
		caliptra_irq_enable(cd);
	note_sent(cd, txn);
	cd->ops->set_execute(cd);
	caliptra_put_regs(cd);
	trace_caliptra_execute(cd, txn);
	return 0;
}

static bool is_answered(const struct caliptra_txn *txn)
{
	/* @status is what it was when this became true */
	return smp_load_acquire(&txn->answered);
}

/* Is there anything left to wait for? */
static bool is_over(struct caliptra_dev *cd, struct caliptra_txn *txn)
{
	if (is_answered(txn) || !caliptra_get_regs(cd))
		return true;
	spin_lock_irq(&cd->lock);
	caliptra_note_status(cd);
	spin_unlock_irq(&cd->lock);
	caliptra_put_regs(cd);
	return is_answered(txn) || txn->progress != CALIPTRA_BUSY;
}

static enum caliptra_progress inspect(struct caliptra_dev *cd, u32 *status)
{
	enum caliptra_progress progress = cd->ops->inspect(cd, status);
	struct caliptra_info info = {};

	if (progress != CALIPTRA_BUSY)
		return progress;
	caliptra_health_read(cd, &info);
	return is_fatal(&info) ? CALIPTRA_LOST : CALIPTRA_BUSY;
}

/* The same with all that there is to see, for commands that take long. */
static bool is_surely_over(struct caliptra_dev *cd, struct caliptra_txn *txn)
{
	enum caliptra_progress progress;
	u32 status;

	if (is_over(cd, txn))
		return true;
	caliptra_health_check_stuck(cd);
	if (!caliptra_get_regs(cd))
		return true;
	progress = inspect(cd, &status);
	caliptra_put_regs(cd);
	if (progress != CALIPTRA_LOST)
		return is_over(cd, txn);
	spin_lock_irq(&cd->lock);
	if (!txn->answered) {
		txn->status = status;
		txn->progress = progress;
	}
	spin_unlock_irq(&cd->lock);
	return true;
}

/* For the most part of what answers usually take, if it is worth it. */
static void sleep_before_answer(struct caliptra_dev *cd)
{
	unsigned int us = min_t(u64, div_u64(cd->usual_ns, 2 * NSEC_PER_USEC),
				SLEEP_MAX_US);

	if (us > SPIN_MAX_NS / NSEC_PER_USEC)
		usleep_range(us, us + us / 4);
}

/* 0, or why the caller stops waiting: -EINTR or -ETIMEDOUT. */
static int why_leave(const struct caliptra_txn *txn, unsigned long deadline)
{
	if (wants_to_leave(txn))
		return -EINTR;
	return caliptra_time_left(deadline) ? 0 : -ETIMEDOUT;
}

/*
 * Without interrupts: look often about when answers usually come, then sleep longer
 * and longer between two looks.
 */
static int poll_for_answer(struct caliptra_dev *cd, struct caliptra_txn *txn,
			   unsigned long deadline)
{
	u64 start = ktime_get_ns();
	unsigned long next_look = jiffies + LOOK_INTERVAL;
	unsigned int us = SLEEP_MIN_US;
	u64 spin_until;
	int why;

	sleep_before_answer(cd);
	spin_until = ktime_get_ns() + min_t(u64, cd->usual_ns, SPIN_MAX_NS);
	while (!is_over(cd, txn)) {
		why = why_leave(txn, deadline);
		if (why || !caliptra_time_left(next_look)) {
			if (is_surely_over(cd, txn))
				break;
			if (why)
				return why;
			next_look = jiffies + LOOK_INTERVAL;
		}
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

static bool was_woken(struct caliptra_dev *cd, struct caliptra_txn *txn)
{
	bool woken;

	spin_lock_irq(&cd->lock);
	woken = txn->woken;
	txn->woken = false;
	spin_unlock_irq(&cd->lock);
	return woken;
}

/*
 * The interrupt may be lost, or the device reset, so look now and then without
 * one. One that is lost, or comes without end, is not waited for any more.
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
		if (was_woken(cd, txn) && is_answered(txn))
			return 0;
		if (is_surely_over(cd, txn)) {
			if (ret == -ETIMEDOUT && is_answered(txn))
				caliptra_irq_distrust(cd);
			return 0;
		}
		if (ret == -EINTR)
			return ret;
		if (!caliptra_irq_trusted(cd))
			return poll_for_answer(cd, txn, deadline);
	} while (caliptra_time_left(deadline));
	return -ETIMEDOUT;
}

/* Nobody waits for the command in the mailbox. */
static void make_orphan(struct caliptra_dev *cd)
{
	lockdep_assert_held(&cd->lock);
	cd->orphan = true;
	cd->reaper_delay = cd->irq_on ? REAPER_MAX_DELAY : REAPER_MIN_DELAY;
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
	if (txn->answered) {
		why = 0;
	} else if (cd->regs_gone) {
		why = -ENODEV;
	} else if (txn->progress != CALIPTRA_BUSY) {
		why = -EIO;
	} else {
		make_orphan(cd);
		txn->orphaned = true;
		cd->stats.abandoned++;
	}
	spin_unlock_irq(&cd->lock);
	return why;
}

/*
 * Is a reset the reason why a command is lost? One for new firmware leaves the mailbox as
 * it is, and shows in RESET_REASON alone. Any other changes the mailbox: if that is as it
 * was, the reset that RESET_REASON tells of came before the command.
 */
static bool reset_has_taken(struct caliptra_dev *cd,
			    const struct caliptra_txn *txn,
			    const struct caliptra_info *info)
{
	u32 reasons = info->reset_reason & ~cd->baseline.reset_reason;

	if (info->state < CALIPTRA_STATE_READY_FOR_MB_PROCESSING ||
	    reasons & cd->ops->update_reasons)
		return true;
	return txn->progress != CALIPTRA_BROKEN && cd->ops->was_reset(cd, txn);
}

/* Why a command has left the mailbox without an answer: -EIO or -ECONNRESET. */
static int why_lost(struct caliptra_dev *cd, struct caliptra_txn *txn)
{
	struct caliptra_info info = {};

	caliptra_health_read(cd, &info);
	if (is_fatal(&info)) {
		txn->cause = CALIPTRA_CAUSE_FATAL;
		return -EIO;
	}
	if (reset_has_taken(cd, txn, &info)) {
		txn->cause = CALIPTRA_CAUSE_RESET;
		return -ECONNRESET;
	}
	txn->cause = txn->progress == CALIPTRA_BROKEN ?
			     CALIPTRA_CAUSE_PROTOCOL :
			     CALIPTRA_CAUSE_LOCK_LOST;
	return -EIO;
}

static void note_lost(struct caliptra_dev *cd, int why)
{
	spin_lock_irq(&cd->lock);
	cd->stats.lost++;
	if (why == -ECONNRESET) {
		cd->reset_seen |= !cd->reset_told;
		cd->reset_told = false;
	}
	spin_unlock_irq(&cd->lock);
	caliptra_health_look(cd);
}

static int find_out_why(struct caliptra_dev *cd, struct caliptra_txn *txn)
{
	int ret;

	if (!caliptra_get_regs(cd))
		return -ENODEV;
	ret = why_lost(cd, txn);
	caliptra_put_regs(cd);
	note_lost(cd, ret);
	return ret;
}

static int wait_for_answer(struct caliptra_dev *cd, struct caliptra_txn *txn,
			   unsigned long deadline)
{
	int ret;

	ret = txn->by_interrupt ? sleep_until_answer(cd, txn, deadline) :
				  poll_for_answer(cd, txn, deadline);
	if (is_answered(txn))
		return 0;
	ret = stop_waiting(cd, txn, ret);
	return ret == -EIO ? find_out_why(cd, txn) : ret;
}

/* The device has nothing of ours any more. */
static void end_orphan(struct caliptra_dev *cd)
{
	spin_lock_irq(&cd->lock);
	cd->orphan = false;
	cd->adopted = false;
	caliptra_health_end(cd);
	caliptra_grant_turn(cd);
	spin_unlock_irq(&cd->lock);
	caliptra_let_sleep(cd);
}

/* Another agent takes its answer soon; that of a former driver nobody does. */
static bool leave_to_its_owner(struct caliptra_dev *cd)
{
	bool leave = cd->adopted;

	cd->adopted = false;
	if (leave)
		cd->reaper_delay = REAPER_MAX_DELAY;
	return leave;
}

static void reap(struct work_struct *work)
{
	struct caliptra_dev *cd = container_of(to_delayed_work(work),
					       struct caliptra_dev, reaper);
	enum caliptra_progress progress;
	u32 status;

	/* only this function ends an orphan, but it may be called once too often */
	if (!READ_ONCE(cd->orphan) || !caliptra_get_regs(cd))
		return;
	progress = inspect(cd, &status);
	if (progress == CALIPTRA_ANSWERED && leave_to_its_owner(cd))
		progress = CALIPTRA_BUSY;
	if (progress == CALIPTRA_ANSWERED || progress == CALIPTRA_CORRUPT)
		cd->ops->release(cd);
	else if (progress != CALIPTRA_BUSY)
		caliptra_health_look(cd);
	caliptra_put_regs(cd);

	if (progress == CALIPTRA_BUSY) {
		caliptra_health_check_stuck(cd);
		cd->reaper_delay = min_t(unsigned long, 2 * cd->reaper_delay,
					 REAPER_MAX_DELAY);
		/* not later than the interrupt may have asked for meanwhile */
		queue_delayed_work(system_power_efficient_wq, &cd->reaper,
				   cd->reaper_delay);
		return;
	}
	end_orphan(cd);
}

/**
 * caliptra_sum() - the sum of all bytes, of which checksums are made
 * @data: the bytes, aligned to a word
 * @len: how many
 *
 * Return: the sum.
 */
u32 caliptra_sum(const void *data, u32 len)
{
	const u32 mask = 0x00ff00ff;
	const u8 *bytes = data;
	const u32 *word = data;
	u32 words = len / 4, sum = 0, pairs, n;

	for (; words; words -= n) {
		/* as many as two halves of a word can count */
		n = min(words, 128u);
		len -= 4 * n;
		for (pairs = 0; word < (const u32 *)bytes + n; word++)
			pairs += (*word & mask) + ((*word >> 8) & mask);
		sum += (pairs & 0xffff) + (pairs >> 16);
		bytes += 4 * n;
	}
	while (len--)
		sum += *bytes++;
	return sum;
}

/**
 * caliptra_is_blank() - does a response say nothing?
 * @txn: the command; its response is aligned to a word
 *
 * A mailbox that a reset has taken from us, and that another agent may have now, reads
 * as zeros, which have a valid checksum.
 *
 * Return: true if it could be that.
 */
bool caliptra_is_blank(const struct caliptra_txn *txn)
{
	return !txn->rsp_len ||
	       (txn->rsp_len >= CALIPTRA_SUMMED_MIN && !le32_to_cpup(txn->buf));
}

/**
 * caliptra_looks_torn() - may a response not be what the firmware has sent?
 * @txn: the command; its response is aligned to a word
 *
 * Bad memory reads as anything. The sum costs no register access.
 *
 * Return: true if its checksum is wrong, or it has none.
 */
bool caliptra_looks_torn(const struct caliptra_txn *txn)
{
	const u8 *bytes = txn->buf;

	if (txn->rsp_len < CALIPTRA_SUMMED_MIN)
		return txn->rsp_len;
	return le32_to_cpup(txn->buf) +
	       caliptra_sum(bytes + 4, txn->rsp_len - 4);
}

/* 0 where the mailbox says that nothing is wrong: then it was sent like that. */
static int inspect_response(struct caliptra_dev *cd, struct caliptra_txn *txn)
{
	enum caliptra_progress progress;
	u32 status;

	progress = cd->ops->inspect(cd, &status);
	if (progress == CALIPTRA_ANSWERED)
		return 0;
	txn->status = status;
	txn->progress = progress;
	txn->rsp_len = 0;
	txn->fw_error = 0;
	if (progress == CALIPTRA_CORRUPT) {
		txn->cause = CALIPTRA_CAUSE_ECC;
		return -EIO;
	}
	return why_lost(cd, txn);
}

/* Firmware that stops for good fails the command that it has. */
static int why_failed(struct caliptra_dev *cd, struct caliptra_txn *txn)
{
	struct caliptra_info info = {};

	caliptra_health_read(cd, &info);
	/* a reset that this tells of is no reason for what comes later */
	if (info.reset_reason != cd->baseline.reset_reason)
		cd->ready = false;
	if (!is_fatal(&info))
		return -EREMOTEIO;
	txn->fw_error = 0;
	txn->cause = CALIPTRA_CAUSE_FATAL;
	return -EIO;
}

/*
 * Is the answer that was read ours? What shows nothing of the firmware's is, if the mailbox
 * has been ours all the time.
 */
static int check_answer(struct caliptra_dev *cd, struct caliptra_txn *txn,
			int ret)
{
	if (ret && ret != -EREMOTEIO)
		return ret;
	if (!ret && caliptra_looks_torn(txn))
		return inspect_response(cd, txn);
	if ((ret || caliptra_is_blank(txn)) &&
	    cd->ops->user(cd) != cd->axi_user)
		return inspect_response(cd, txn);
	return ret ? why_failed(cd, txn) : 0;
}

static int finish(struct caliptra_dev *cd, struct caliptra_txn *txn)
{
	int ret;

	if (!caliptra_get_regs(cd))
		return -ENODEV;
	txn->rsp_len = 0;
	ret = check_answer(cd, txn, cd->ops->read_response(cd, txn));
	if (txn->progress == CALIPTRA_ANSWERED ||
	    txn->progress == CALIPTRA_CORRUPT)
		cd->ops->release(cd);
	caliptra_put_regs(cd);

	if (txn->cause)
		note_lost(cd, ret);
	return ret;
}

static void record(struct caliptra_dev *cd, const struct caliptra_txn *txn,
		   int ret)
{
	struct caliptra_record *r;
	u64 now = ktime_get_ns();

	lockdep_assert_held(&cd->lock);
	r = &cd->records[cd->recorded++ % CALIPTRA_RECORDS];
	*r = (struct caliptra_record){
		.seq = cd->recorded,
		.cmd = txn->cmd,
		.req_len = txn->req_len,
		.rsp_len = txn->rsp_len,
		.status = txn->status,
		.fw_error = txn->fw_error,
		.error = ret,
		.ended_ns = now,
		.took_ns = txn->sent ? now - txn->sent_ns : 0,
	};
	if (ret == -EREMOTEIO)
		cd->stats.failures++;
	if (ret == -ETIMEDOUT)
		cd->stats.timeouts++;
}

/**
 * caliptra_leave() - out of the queue
 * @cd: the device
 * @txn: the command
 * @ret: what its caller gets
 */
void caliptra_leave(struct caliptra_dev *cd, struct caliptra_txn *txn, int ret)
{
	spin_lock_irq(&cd->lock);
	list_del(&txn->node);
	txn->queued = false;
	record(cd, txn, ret);
	if (!ret)
		cd->reset_told = false;
	if (cd->turn == txn) {
		cd->turn = NULL;
		if (txn->sent && !txn->orphaned)
			caliptra_health_end(cd);
	}
	caliptra_grant_turn(cd);
	spin_unlock_irq(&cd->lock);
}

/* With the mailbox, until it is free again. */
static int run(struct caliptra_dev *cd, struct caliptra_txn *txn,
	       unsigned long deadline)
{
	int ret;

	ret = is_unwanted(txn) ? -EINTR : start(cd, txn, deadline);
	if (!ret)
		ret = wait_for_answer(cd, txn, deadline);
	if (!ret)
		ret = finish(cd, txn);
	/* what follows new firmware is held to what that tells */
	if ((ret && ret != -EREMOTEIO) || txn->cmd == CALIPTRA_FIRMWARE_LOAD)
		cd->ready = false;
	if (!ret)
		caliptra_health_answered(cd, txn->sent_ns);
	if (cd->listeners)
		caliptra_irq_enable(cd);
	else if (READ_ONCE(cd->irq_on) && !txn->orphaned)
		caliptra_irq_disable(cd);
	return ret;
}

/**
 * caliptra_execute() - run a command
 * @cd: the device
 * @txn: the command, from caliptra_txn_init()
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

	ret = caliptra_wake_up(cd);
	if (ret) {
		if (txn->queued)
			caliptra_leave(cd, txn, ret);
		return ret;
	}
	ret = wait_for_turn(cd, txn, deadline);
	if (!ret)
		ret = run(cd, txn, deadline);
	if (ret)
		trace_caliptra_error(cd, txn, ret);
	else
		trace_caliptra_complete(cd, txn);
	caliptra_leave(cd, txn, ret);
	/* an orphan keeps the device awake, and may already have ended */
	if (!txn->orphaned)
		caliptra_let_sleep(cd);
	return ret;
}

/**
 * caliptra_adopt_command() - a command that a former driver has left is an orphan
 * @cd: the device, which nobody else uses yet
 *
 * It may as well be another agent's, which ends it by itself.
 *
 * Return: 0 or an error.
 */
int caliptra_adopt_command(struct caliptra_dev *cd)
{
	int ret;

	if (!cd->ops->has_command(cd))
		return 0;
	ret = caliptra_wake_up(cd);
	if (ret)
		return ret;
	cd->axi_user = cd->ops->user(cd);
	spin_lock_irq(&cd->lock);
	cd->sent_at = jiffies;
	cd->adopted = true;
	make_orphan(cd);
	spin_unlock_irq(&cd->lock);
	return 0;
}

/**
 * caliptra_queue_init() - of a new device
 * @cd: the device
 */
void caliptra_queue_init(struct caliptra_dev *cd)
{
	spin_lock_init(&cd->lock);
	INIT_LIST_HEAD(&cd->queue);
	init_waitqueue_head(&cd->idle);
	INIT_DELAYED_WORK(&cd->reaper, reap);
}
