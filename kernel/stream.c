// SPDX-License-Identifier: GPL-2.0-only
/*
 * write(), read() and poll(): a command is written, and its response read once it
 * has come; messages of the device are read, too. See <uapi/linux/caliptra.h>.
 *
 * A written command is run by a worker, which waits for its turn as everybody does.
 */
#include <linux/mm.h>
#include <linux/slab.h>
#include <linux/uaccess.h>

#include "file.h"

/* A command that was written, from beginning to end. */
static void run_written(struct work_struct *work)
{
	struct caliptra_file *f =
		container_of(work, struct caliptra_file, work);
	struct caliptra_txn *txn = &f->txn;
	int ret;

	ret = caliptra_execute(f->cd, txn, f->deadline);
	f->answer = (struct caliptra_msg){
		.type = CALIPTRA_MSG_RESPONSE,
		.cmd = txn->cmd,
		.flags = txn->sent ? CALIPTRA_CMD_SENT : 0,
		.error = -ret,
		.status = txn->status,
		.fw_error = txn->fw_error,
		.cause = txn->cause,
		.seq = txn->sent ? ++f->seq : 0,
		.len = ret ? 0 : txn->rsp_len,
	};
	caliptra_file_set(f, CALIPTRA_FILE_ANSWERED);
}

static int copy_request(struct caliptra_file *f, const char __user *from,
			u32 len)
{
	if (copy_from_user(f->buf, from, len))
		return -EFAULT;
	memset(f->buf + len, 0, ALIGN(len, 4) - len);
	return 0;
}

/**
 * caliptra_stream_write() - write() of a command
 * @file: the open file
 * @from: struct caliptra_request, and the request
 * @count: length of both
 * @pos: unused
 *
 * Return: @count, or an error as struct caliptra_request has them.
 */
ssize_t caliptra_stream_write(struct file *file, const char __user *from,
			      size_t count, loff_t *pos)
{
	struct caliptra_file *f = file->private_data;
	struct caliptra_request r;
	u32 len;
	int ret;

	if (count < sizeof(r))
		return -EINVAL;
	if (copy_from_user(&r, from, sizeof(r)))
		return -EFAULT;
	if (memchr_inv(r.reserved, 0, sizeof(r.reserved)))
		return -EINVAL;
	if (!caliptra_may_send(f->cd, file, r.cmd))
		return -EPERM;
	if (count - sizeof(r) > f->cd->mbox_size)
		return -EMSGSIZE;
	if (READ_ONCE(f->cd->closing))
		return -ENODEV;
	len = count - sizeof(r);

	ret = caliptra_file_claim(f, caliptra_deadline(r.timeout_ms),
				  file->f_flags & O_NONBLOCK);
	if (ret)
		return ret;
	f->kept = false;
	ret = copy_request(f, from + sizeof(r), len);
	if (ret) {
		caliptra_file_set(f, CALIPTRA_FILE_IDLE);
		return ret;
	}
	caliptra_txn_init(&f->txn, r.cmd, f->buf, f->cd->mbox_size, len);
	f->deadline = caliptra_deadline(r.timeout_ms);
	/* now, and not when a worker comes to it: turns are in the order of calls */
	caliptra_enqueue(f->cd, &f->txn);
	queue_work(f->cd->workers, &f->work);
	return count;
}

static bool has_something(struct caliptra_file *f)
{
	lockdep_assert_held(&f->lock);
	return f->state == CALIPTRA_FILE_ANSWERED || f->message_count;
}

/* Nothing to read, and nothing under way that would change that. */
static bool will_have_nothing(struct caliptra_file *f)
{
	lockdep_assert_held(&f->lock);
	return f->state == CALIPTRA_FILE_IDLE && !f->listening;
}

/* 0, or why there is nothing to wait for. */
static int may_read(struct caliptra_file *f, bool *wait)
{
	int ret = 0;

	spin_lock(&f->lock);
	*wait = !has_something(f);
	if (*wait && READ_ONCE(f->cd->closing) &&
	    f->state != CALIPTRA_FILE_BUSY)
		ret = -ENODEV;
	else if (*wait && will_have_nothing(f))
		ret = -ENODATA;
	spin_unlock(&f->lock);
	return ret;
}

static bool read_changed(struct caliptra_file *f)
{
	bool wait;

	return may_read(f, &wait) || !wait || READ_ONCE(f->reading);
}

/*
 * The response first: somebody has asked for it. Whoever waits sees either that
 * there is something, or that it is being read.
 */
static void begin_reading(struct caliptra_file *f)
{
	f->read_pos = 0;
	spin_lock(&f->lock);
	f->read_message = NULL;
	WRITE_ONCE(f->reading, true);
	if (f->state != CALIPTRA_FILE_ANSWERED) {
		f->read_message = f->messages[f->first_message++];
		f->first_message %= CALIPTRA_FILE_MESSAGES;
		f->message_count--;
		f->read_dropped = f->dropped;
		f->dropped = false;
	}
	spin_unlock(&f->lock);
}

static void end_reading(struct caliptra_file *f)
{
	WRITE_ONCE(f->reading, false);
	if (f->read_message)
		caliptra_message_put(f->read_message);
	else
		caliptra_file_set(f, CALIPTRA_FILE_IDLE);
	f->read_message = NULL;
}

static struct caliptra_msg head_of(struct caliptra_file *f)
{
	struct caliptra_msg head;

	if (!f->read_message)
		return f->answer;
	head = *caliptra_message_head(f->read_message);
	if (f->read_dropped)
		head.flags |= CALIPTRA_MSG_DROPPED;
	return head;
}

static const void *data_of(struct caliptra_file *f)
{
	return f->read_message ? caliptra_message_data(f->read_message) :
				 f->buf;
}

/* Bytes of @from, from @f->read_pos on, of which @skip are before them. */
static int copy_part(struct caliptra_file *f, char __user **to, size_t *count,
		     const void *from, size_t len, size_t skip)
{
	size_t pos, n;

	if (f->read_pos >= skip + len)
		return 0;
	pos = f->read_pos - skip;
	n = min(*count, len - pos);
	if (copy_to_user(*to, from + pos, n))
		return -EFAULT;
	f->read_pos += n;
	*to += n;
	*count -= n;
	return 0;
}

/* What fits of what is being read. */
static ssize_t read_part(struct caliptra_file *f, char __user *to, size_t count)
{
	struct caliptra_msg head = head_of(f);
	size_t before = f->read_pos;
	int ret;

	ret = copy_part(f, &to, &count, &head, sizeof(head), 0);
	if (!ret && f->read_pos >= sizeof(head))
		ret = copy_part(f, &to, &count, data_of(f), head.len,
				sizeof(head));
	if (ret && f->read_pos == before)
		return ret;
	before = f->read_pos - before;
	if (f->read_pos == sizeof(head) + head.len)
		end_reading(f);
	return before;
}

/* What there is now; -EAGAIN if there will be something later. */
static ssize_t try_read(struct caliptra_file *f, char __user *to, size_t count)
{
	ssize_t ret = 0;
	bool wait;

	if (mutex_lock_interruptible(&f->read_lock))
		return -ERESTARTSYS;
	if (!f->reading) {
		ret = may_read(f, &wait);
		if (!ret && wait)
			ret = -EAGAIN;
		else if (!ret)
			begin_reading(f);
	}
	if (!ret)
		ret = read_part(f, to, count);
	mutex_unlock(&f->read_lock);
	return ret;
}

/**
 * caliptra_stream_read() - read() of a response or message
 * @file: the open file
 * @to: where it goes: struct caliptra_msg, and the data
 * @count: room there
 * @pos: unused
 *
 * Return: bytes of it, which may be less than all of it. -EAGAIN if there is
 * nothing yet and the file is O_NONBLOCK, -ENODATA if nothing was asked for,
 * -ENODEV if the device is gone.
 */
ssize_t caliptra_stream_read(struct file *file, char __user *to, size_t count,
			     loff_t *pos)
{
	struct caliptra_file *f = file->private_data;
	ssize_t ret;

	if (!count)
		return 0;
	for (;;) {
		ret = try_read(f, to, count);
		if (ret != -EAGAIN || file->f_flags & O_NONBLOCK)
			return ret;
		/* without the lock: others may look whether there is anything */
		if (wait_event_interruptible(f->wait, read_changed(f)))
			return -ERESTARTSYS;
	}
}

/**
 * caliptra_stream_poll() - can be read, can be written?
 * @file: the open file
 * @wait: as in file_operations.poll
 *
 * Return: EPOLLIN where there is a response or message, EPOLLOUT where a command
 * can be written, EPOLLHUP where the device is gone.
 */
__poll_t caliptra_stream_poll(struct file *file, poll_table *wait)
{
	struct caliptra_file *f = file->private_data;
	__poll_t mask = 0;

	poll_wait(file, &f->wait, wait);
	spin_lock(&f->lock);
	if (has_something(f) || READ_ONCE(f->reading))
		mask |= EPOLLIN | EPOLLRDNORM;
	if (f->state == CALIPTRA_FILE_IDLE && file->f_mode & FMODE_WRITE)
		mask |= EPOLLOUT | EPOLLWRNORM;
	spin_unlock(&f->lock);
	if (READ_ONCE(f->cd->closing))
		mask |= EPOLLERR | EPOLLHUP;
	return mask;
}

/**
 * caliptra_stream_available() - FIONREAD
 * @f: the open file
 *
 * Return: how many bytes of one response or message there are.
 */
int caliptra_stream_available(struct caliptra_file *f)
{
	struct caliptra_msg head;
	int ret = 0;

	if (mutex_lock_interruptible(&f->read_lock))
		return -ERESTARTSYS;
	if (!f->reading) {
		bool wait;

		if (!may_read(f, &wait) && !wait)
			begin_reading(f);
	}
	if (f->reading) {
		head = head_of(f);
		ret = sizeof(head) + head.len - f->read_pos;
	}
	mutex_unlock(&f->read_lock);
	return ret;
}

/**
 * caliptra_stream_push() - a message for a listener
 * @f: the open file
 * @m: the message
 *
 * Return: true if nothing was dropped for it.
 */
bool caliptra_stream_push(struct caliptra_file *f, struct caliptra_message *m)
{
	struct caliptra_message *oldest = NULL;
	unsigned int i;

	caliptra_message_get(m);
	spin_lock(&f->lock);
	if (f->message_count == CALIPTRA_FILE_MESSAGES) {
		oldest = f->messages[f->first_message++];
		f->first_message %= CALIPTRA_FILE_MESSAGES;
		f->message_count--;
		f->dropped = true;
	}
	i = f->first_message + f->message_count++;
	f->messages[i % CALIPTRA_FILE_MESSAGES] = m;
	spin_unlock(&f->lock);
	if (oldest)
		caliptra_message_put(oldest);
	wake_up_interruptible_poll(&f->wait, EPOLLIN | EPOLLRDNORM);
	return !oldest;
}

/**
 * caliptra_stream_init() - of a file that is being opened
 * @f: the file
 */
void caliptra_stream_init(struct caliptra_file *f)
{
	mutex_init(&f->read_lock);
	INIT_WORK(&f->work, run_written);
	caliptra_txn_init(&f->txn, 0, NULL, 0, 0);
}

/**
 * caliptra_stream_release() - nobody reads any more
 * @f: the file; a command of it that is on its way is abandoned
 */
void caliptra_stream_release(struct caliptra_file *f)
{
	caliptra_abandon(f->cd, &f->txn);
	/* which may not have begun for want of workers */
	if (cancel_work_sync(&f->work))
		caliptra_leave(f->cd, &f->txn, -EINTR);
	if (f->read_message)
		caliptra_message_put(f->read_message);
	while (f->message_count) {
		caliptra_message_put(f->messages[f->first_message++]);
		f->first_message %= CALIPTRA_FILE_MESSAGES;
		f->message_count--;
	}
	mutex_destroy(&f->read_lock);
}
