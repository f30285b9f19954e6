// SPDX-License-Identifier: GPL-2.0-only
/*
 * Messages that the device sends by itself: received, given to whoever listens, and
 * acknowledged, so that the mailbox is free again.
 *
 * They are looked for when an interrupt tells of one, when a command finds the
 * mailbox taken and, where there is no interrupt, now and then while anybody
 * listens. A message that nobody listens to is refused, not left lying. A wire that
 * is high for a message to somebody else, or for one that was taken and that the
 * firmware has not ended yet, is looked at now and then until it has fallen.
 */
#include <linux/kref.h>
#include <linux/mm.h>
#include <linux/slab.h>

#include "caliptra.h"

/* Looking for a message where no interrupt tells of it. */
#define POLL_INTERVAL (HZ / 10)

/* Looking first whether a wire has fallen. */
#define MIN_DELAY 1

/**
 * struct caliptra_message - one message
 * @users: files that have it, and whoever delivers it
 * @head: what read() begins with
 * @data: its data, and at most three bytes more
 */
struct caliptra_message {
	struct kref users;
	struct caliptra_msg head;
	u8 data[];
};

/**
 * caliptra_message_get() - use a message
 * @m: the message
 */
void caliptra_message_get(struct caliptra_message *m)
{
	kref_get(&m->users);
}

static void free_message(struct kref *users)
{
	struct caliptra_message *m;

	m = container_of(users, struct caliptra_message, users);

	kvfree_sensitive(m, struct_size(m, data, ALIGN(m->head.len, 4)));
}

/**
 * caliptra_message_put() - use it no more
 * @m: the message
 */
void caliptra_message_put(struct caliptra_message *m)
{
	kref_put(&m->users, free_message);
}

/**
 * caliptra_message_head() - what read() begins with
 * @m: the message
 *
 * Return: it.
 */
const struct caliptra_msg *
caliptra_message_head(const struct caliptra_message *m)
{
	return &m->head;
}

/**
 * caliptra_message_data() - its data
 * @m: the message
 *
 * Return: caliptra_msg.len bytes.
 */
const void *caliptra_message_data(const struct caliptra_message *m)
{
	return m->data;
}

/* A message, or NULL where nobody is to get it. */
static struct caliptra_message *read_message(struct caliptra_dev *cd)
{
	struct caliptra_message *m;
	u32 cmd, len;

	len = cd->ops->message_size(cd, &cmd);
	if (len > cd->mbox_size) {
		dev_warn_ratelimited(&cd->dev, "a message of %u bytes\n", len);
		return NULL;
	}
	m = kvmalloc(struct_size(m, data, ALIGN(len, 4)), GFP_KERNEL);
	if (!m)
		return NULL;
	kref_init(&m->users);
	m->head = (struct caliptra_msg){
		.type = CALIPTRA_MSG_MESSAGE,
		.cmd = cmd,
		.status = cd->ops->status(cd),
		.len = len,
	};
	cd->ops->read_message(cd, m->data, len);
	return m;
}

/*
 * Give it to whoever listens. Return: CALIPTRA_MESSAGE where somebody has it,
 * CALIPTRA_CORRUPT where it is to be refused, CALIPTRA_LOST where it is not there any
 * more.
 */
static enum caliptra_progress pass_on(struct caliptra_dev *cd)
{
	struct caliptra_message *m = cd->listeners ? read_message(cd) : NULL;
	enum caliptra_progress progress;

	if (!m)
		return CALIPTRA_CORRUPT;
	progress = cd->ops->inspect_message(cd);
	if (progress == CALIPTRA_MESSAGE) {
		m->head.seq = ++cd->messages;
		caliptra_chardev_deliver(cd, m);
	} else {
		dev_warn_ratelimited(&cd->dev, "a message %s\n",
				     progress == CALIPTRA_CORRUPT ?
					     "has an ECC error" :
					     "was gone before it was read");
	}
	caliptra_message_put(m);
	return progress;
}

/* Nothing of it is left in the mailbox before somebody has it. */
static void take_message(struct caliptra_dev *cd)
{
	enum caliptra_progress progress = pass_on(cd);
	bool taken = progress == CALIPTRA_MESSAGE;

	if (progress != CALIPTRA_LOST)
		cd->ops->end_message(cd, taken);
	spin_lock_irq(&cd->lock);
	if (taken)
		cd->stats.messages++;
	else
		cd->stats.messages_dropped++;
	spin_unlock_irq(&cd->lock);
}

/* A wire that tells of messages alone may be high with nothing left for us. */
static bool is_high(struct caliptra_dev *cd)
{
	return cd->irq && !cd->ops->interrupt_on_answer &&
	       cd->ops->data_avail(cd);
}

static bool has_message(struct caliptra_dev *cd)
{
	lockdep_assert_held(&cd->files_lock);
	return cd->ops->has_message(cd) &&
	       (!cd->ops->is_target || cd->ops->is_target(cd));
}

/* Return: true where the interrupt has nothing new to tell yet. */
static bool receive(struct caliptra_dev *cd)
{
	bool high = false;

	mutex_lock(&cd->files_lock);
	if (caliptra_get_regs(cd)) {
		if (has_message(cd))
			take_message(cd);
		high = is_high(cd);
		caliptra_put_regs(cd);
	}
	mutex_unlock(&cd->files_lock);
	return high;
}

static unsigned long next_look(struct caliptra_dev *cd, bool high)
{
	unsigned long delay = high ? cd->message_delay : POLL_INTERVAL;

	cd->message_delay =
		high ? min_t(unsigned long, 2 * delay, POLL_INTERVAL) :
		       MIN_DELAY;
	return delay;
}

static void look(struct work_struct *work)
{
	struct caliptra_dev *cd;
	unsigned long delay;
	bool high;

	cd = container_of(work, struct caliptra_dev, message_work.work);
	if (caliptra_wake_up(cd))
		return;
	high = receive(cd);
	delay = next_look(cd, high);
	if (READ_ONCE(cd->listeners)) {
		if (!high)
			caliptra_irq_enable(cd);
		if (!READ_ONCE(cd->irq_on))
			queue_delayed_work(system_power_efficient_wq,
					   &cd->message_work, delay);
	}
	caliptra_let_sleep(cd);
}

/**
 * caliptra_message_look() - there may be a message
 * @cd: the device
 * @delay: jiffies until then
 *
 * To be called from anywhere.
 */
void caliptra_message_look(struct caliptra_dev *cd, unsigned long delay)
{
	mod_delayed_work(system_power_efficient_wq, &cd->message_work, delay);
}

/**
 * caliptra_unlisten() - somebody does not want them any more
 * @cd: the device, its @files_lock held
 */
void caliptra_unlisten(struct caliptra_dev *cd)
{
	lockdep_assert_held(&cd->files_lock);
	WRITE_ONCE(cd->listeners, cd->listeners - 1);
	if (!cd->listeners)
		caliptra_irq_unlisten(cd);
}

/**
 * caliptra_listen() - somebody wants messages
 * @cd: the device, its @files_lock held
 */
void caliptra_listen(struct caliptra_dev *cd)
{
	lockdep_assert_held(&cd->files_lock);
	WRITE_ONCE(cd->listeners, cd->listeners + 1);
	caliptra_message_look(cd, 0);
}

/**
 * caliptra_message_init() - of a new device
 * @cd: the device
 */
void caliptra_message_init(struct caliptra_dev *cd)
{
	mutex_init(&cd->files_lock);
	INIT_LIST_HEAD(&cd->files);
	cd->message_delay = MIN_DELAY;
	INIT_DELAYED_WORK(&cd->message_work, look);
}
