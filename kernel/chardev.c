// SPDX-License-Identifier: GPL-2.0-only
/*
 * /dev/caliptra-mbox*: <uapi/linux/caliptra.h>.
 */
#include <linux/idr.h>
#include <linux/mm.h>
#include <linux/module.h>
#include <linux/of.h>
#include <linux/slab.h>
#include <linux/uaccess.h>

#include <asm/ioctls.h>

#include "file.h"

#define DEFAULT_TIMEOUT_MS 30000

/* What the device tree calls a mailbox, too; a number follows. */
#define ALIAS "caliptra-mbox"

static dev_t caliptra_devt;
static DEFINE_IDA(caliptra_ida);

struct class caliptra_class = {
	.name = "caliptra",
	.dev_groups = caliptra_groups,
};

/**
 * caliptra_deadline() - when a time is over
 * @timeout_ms: the time, 0 for the usual one
 *
 * Return: when that is, in jiffies. The present jiffy is not a whole one.
 */
unsigned long caliptra_deadline(u32 timeout_ms)
{
	return jiffies + 1 + msecs_to_jiffies(timeout_ms ?: DEFAULT_TIMEOUT_MS);
}

static bool is_busy(struct caliptra_file *f)
{
	return READ_ONCE(f->state) == CALIPTRA_FILE_BUSY;
}

static int try_claim(struct caliptra_file *f)
{
	int ret = 0;

	spin_lock(&f->lock);
	if (f->state == CALIPTRA_FILE_BUSY)
		ret = -EAGAIN;
	else if (f->state == CALIPTRA_FILE_ANSWERED)
		ret = -EBUSY;
	else
		f->state = CALIPTRA_FILE_BUSY;
	spin_unlock(&f->lock);
	return ret;
}

/**
 * caliptra_file_claim() - have the file's buffer, until caliptra_file_set()
 * @f: the file
 * @deadline: until when to wait for it, in jiffies
 * @nonblock: do not wait
 *
 * Return: 0; -EBUSY where it has a response that was not read; -EAGAIN, or
 * -ETIMEDOUT or -ERESTARTSYS where somebody else has it.
 */
int caliptra_file_claim(struct caliptra_file *f, unsigned long deadline,
			bool nonblock)
{
	unsigned long left;
	long ret;

	for (;;) {
		ret = try_claim(f);
		if (ret != -EAGAIN || nonblock)
			return ret;
		left = caliptra_time_left(deadline);
		ret = wait_event_interruptible_timeout(f->wait, !is_busy(f),
						       left);
		if (!ret)
			return -ETIMEDOUT;
		if (ret < 0)
			return -ERESTARTSYS;
	}
}

/**
 * caliptra_file_set() - have it no more
 * @f: the file
 * @state: what becomes of it
 */
void caliptra_file_set(struct caliptra_file *f, enum caliptra_file_state state)
{
	spin_lock(&f->lock);
	f->state = state;
	spin_unlock(&f->lock);
	/* without anybody waiting, no lock is taken for that */
	if (wq_has_sleeper(&f->wait))
		wake_up_interruptible_all(&f->wait);
}

/* Give the response to the caller, or keep it where that is not possible. */
static int deliver(struct caliptra_file *f, struct caliptra_cmd *c, u32 len)
{
	c->rsp_len = len;
	f->kept_len = len;
	f->kept = true;
	if (len > c->rsp_room)
		return -ENOSPC;
	if (copy_to_user(u64_to_user_ptr(c->rsp), f->buf, len))
		return -EFAULT;
	f->kept = false;
	return 0;
}

static int run_command(struct caliptra_file *f, struct caliptra_cmd *c,
		       unsigned long deadline)
{
	struct caliptra_txn txn;
	int ret;

	f->kept = false;
	if (copy_from_user(f->buf, u64_to_user_ptr(c->req), c->req_len))
		return -EFAULT;
	memset(f->buf + c->req_len, 0, ALIGN(c->req_len, 4) - c->req_len);

	caliptra_txn_init(&txn, c->cmd, f->buf, f->cd->mbox_size, c->req_len);
	ret = caliptra_execute(f->cd, &txn, deadline);
	if (ret == -EINTR && !txn.sent)
		return -ERESTARTSYS;
	if (txn.sent) {
		c->out_flags = CALIPTRA_CMD_SENT;
		c->seq = ++f->seq;
	}
	c->status = txn.status;
	c->fw_error = txn.fw_error;
	c->cause = txn.cause;
	if (!ret)
		return deliver(f, c, txn.rsp_len);
	c->rsp_len = txn.rsp_len;
	return ret;
}

static bool has_reserved(const struct caliptra_cmd *c)
{
	return c->flags || memchr_inv(c->reserved, 0, sizeof(c->reserved));
}

static void clear_out(struct caliptra_cmd *c)
{
	c->left_ms = 0;
	c->rsp_len = 0;
	c->out_flags = 0;
	c->status = 0;
	c->fw_error = 0;
	c->cause = 0;
	c->seq = 0;
}

/* What is wrong with a command, without asking the device: 0 or an error. */
static int check_command(struct file *file, const struct caliptra_cmd *c)
{
	struct caliptra_file *f = file->private_data;

	if (has_reserved(c))
		return -EINVAL;
	if (!caliptra_may_send(f->cd, file, c->cmd))
		return -EPERM;
	return c->req_len > f->cd->mbox_size ? -EMSGSIZE : 0;
}

static int try_command(struct file *file, struct caliptra_cmd *c,
		       unsigned long deadline)
{
	struct caliptra_file *f = file->private_data;
	int ret;

	ret = check_command(file, c);
	if (!ret)
		ret = caliptra_file_claim(f, deadline, false);
	if (ret)
		return ret;
	ret = run_command(f, c, deadline);
	caliptra_file_set(f, CALIPTRA_FILE_IDLE);
	return ret;
}

static long do_command(struct file *file, void __user *arg)
{
	unsigned long deadline;
	struct caliptra_cmd c;
	u32 left;
	int ret;

	if (copy_from_user(&c, arg, sizeof(c)))
		return -EFAULT;
	deadline = caliptra_deadline(c.left_ms ?: c.timeout_ms);
	clear_out(&c);
	ret = try_command(file, &c, deadline);
	if (ret == -ERESTARTSYS) {
		/* the call starts again with what is left of its time */
		left = jiffies_to_msecs(caliptra_time_left(deadline - 1));
		c.left_ms = max(left, 1u);
	}
	return copy_to_user(arg, &c, sizeof(c)) ? -EFAULT : ret;
}

static long do_response(struct caliptra_file *f, void __user *arg)
{
	struct caliptra_cmd c;
	int ret;

	if (copy_from_user(&c, arg, sizeof(c)))
		return -EFAULT;
	if (has_reserved(&c))
		return -EINVAL;

	ret = caliptra_file_claim(f, caliptra_deadline(0), false);
	if (ret == -ERESTARTSYS)
		return ret;
	if (!ret) {
		ret = -ENODATA;
		if (f->kept && f->seq == c.seq)
			ret = deliver(f, &c, f->kept_len);
		caliptra_file_set(f, CALIPTRA_FILE_IDLE);
	}
	return copy_to_user(arg, &c, sizeof(c)) ? -EFAULT : ret;
}

static long do_info(struct caliptra_file *f, void __user *arg)
{
	struct caliptra_info info;
	int ret;

	ret = caliptra_get_info(f->cd, &info);
	if (ret)
		return ret;
	return copy_to_user(arg, &info, sizeof(info)) ? -EFAULT : 0;
}

static long do_listen(struct caliptra_file *f)
{
	struct caliptra_dev *cd = f->cd;
	int ret = 0;

	mutex_lock(&cd->files_lock);
	if (!f->listening) {
		/* asleep it could say nothing */
		ret = caliptra_wake_up(cd);
		if (!ret) {
			spin_lock(&f->lock);
			f->listening = true;
			spin_unlock(&f->lock);
			caliptra_listen(cd);
		}
	}
	mutex_unlock(&cd->files_lock);
	return ret;
}

static long do_available(struct caliptra_file *f, void __user *arg)
{
	int ret = caliptra_stream_available(f);

	return ret < 0 ? ret : put_user(ret, (int __user *)arg);
}

static long caliptra_ioctl(struct file *file, unsigned int cmd,
			   unsigned long arg)
{
	struct caliptra_file *f = file->private_data;
	void __user *p = (void __user *)arg;

	switch (cmd) {
	case CALIPTRA_IOC_INFO:
		return do_info(f, p);
	case CALIPTRA_IOC_COMMAND:
		return file->f_mode & FMODE_WRITE ? do_command(file, p) :
						    -EBADF;
	case CALIPTRA_IOC_RESPONSE:
		return do_response(f, p);
	case CALIPTRA_IOC_LISTEN:
		return file->f_mode & FMODE_READ ? do_listen(f) : -EBADF;
	case FIONREAD:
		return do_available(f, p);
	default:
		return -ENOTTY;
	}
}

static int caliptra_open(struct inode *inode, struct file *file)
{
	struct caliptra_dev *cd =
		container_of(inode->i_cdev, struct caliptra_dev, cdev);
	struct caliptra_file *f;

	f = kzalloc(sizeof(*f), GFP_KERNEL_ACCOUNT);
	if (!f)
		return -ENOMEM;
	f->buf = kvmalloc(cd->mbox_size, GFP_KERNEL_ACCOUNT);
	if (!f->buf) {
		kfree(f);
		return -ENOMEM;
	}
	spin_lock_init(&f->lock);
	init_waitqueue_head(&f->wait);
	caliptra_stream_init(f);
	f->cd = cd;
	get_device(&cd->dev);
	mutex_lock(&cd->files_lock);
	list_add_tail(&f->node, &cd->files);
	mutex_unlock(&cd->files_lock);
	file->private_data = f;
	return nonseekable_open(inode, file);
}

static int caliptra_release(struct inode *inode, struct file *file)
{
	struct caliptra_file *f = file->private_data;
	struct caliptra_dev *cd = f->cd;

	mutex_lock(&cd->files_lock);
	list_del(&f->node);
	if (f->listening) {
		caliptra_unlisten(cd);
		caliptra_let_sleep(cd);
	}
	mutex_unlock(&cd->files_lock);
	caliptra_stream_release(f);
	/* it may have held what is nobody else's business */
	kvfree_sensitive(f->buf, cd->mbox_size);
	kfree(f);
	put_device(&cd->dev);
	return 0;
}

/**
 * caliptra_chardev_wake() - whoever reads or polls looks again
 * @cd: the device
 */
void caliptra_chardev_wake(struct caliptra_dev *cd)
{
	struct caliptra_file *f;

	mutex_lock(&cd->files_lock);
	list_for_each_entry(f, &cd->files, node)
		wake_up_all(&f->wait);
	mutex_unlock(&cd->files_lock);
}

/**
 * caliptra_chardev_deliver() - give a message to whoever listens
 * @cd: the device, its @files_lock held
 * @m: the message
 *
 * Return: true if anybody does.
 */
bool caliptra_chardev_deliver(struct caliptra_dev *cd,
			      struct caliptra_message *m)
{
	struct caliptra_file *f;
	bool taken = false;

	lockdep_assert_held(&cd->files_lock);
	list_for_each_entry(f, &cd->files, node) {
		if (!f->listening)
			continue;
		taken = true;
		if (!caliptra_stream_push(f, m)) {
			spin_lock_irq(&cd->lock);
			cd->stats.messages_dropped++;
			spin_unlock_irq(&cd->lock);
		}
	}
	return taken;
}

static const struct file_operations caliptra_fops = {
	.owner = THIS_MODULE,
	.open = caliptra_open,
	.release = caliptra_release,
	.read = caliptra_stream_read,
	.write = caliptra_stream_write,
	.poll = caliptra_stream_poll,
	.unlocked_ioctl = caliptra_ioctl,
	.compat_ioctl = compat_ptr_ioctl,
};

/**
 * caliptra_number_get() - the number of a new device
 * @parent: the device that has the registers
 * @alias: the number that the device tree's aliases give it, or negative
 * @highest: the highest that they give any mailbox, or negative
 *
 * A device without an alias leaves those numbers alone that belong to one, as long as
 * there are others above them.
 *
 * Return: the number, for caliptra_number_put(), or an error.
 */
int caliptra_number_get(struct device *parent, int alias, int highest)
{
	int id = -ENOSPC;

	if (alias >= CALIPTRA_MAX_DEVICES)
		dev_warn(parent, "alias caliptra-mbox%d is above %d\n", alias,
			 CALIPTRA_MAX_DEVICES - 1);
	else if (alias >= 0)
		id = ida_alloc_range(&caliptra_ida, alias, alias, GFP_KERNEL);
	if (id == -ENOSPC && alias >= 0 && alias < CALIPTRA_MAX_DEVICES)
		dev_warn(parent, "alias caliptra-mbox%d is in use\n", alias);
	if (id == -ENOSPC && highest < CALIPTRA_MAX_DEVICES - 1)
		id = ida_alloc_range(&caliptra_ida, max(highest + 1, 0),
				     CALIPTRA_MAX_DEVICES - 1, GFP_KERNEL);
	if (id == -ENOSPC)
		id = ida_alloc_max(&caliptra_ida, CALIPTRA_MAX_DEVICES - 1,
				   GFP_KERNEL);
	return id;
}

/**
 * caliptra_number_put() - a device no longer has its number
 * @id: the number
 */
void caliptra_number_put(int id)
{
	ida_free(&caliptra_ida, id);
}

static void free_id(void *data)
{
	caliptra_number_put((unsigned long)data);
}

/**
 * caliptra_chardev_add() - give a device its node
 * @cd: the device
 *
 * Return: 0 or an error; nothing is left behind then.
 */
int caliptra_chardev_add(struct caliptra_dev *cd)
{
	struct device *parent = cd->dev.parent;
	int id;
	int ret;

	id = caliptra_number_get(parent,
				 of_alias_get_id(parent->of_node, ALIAS),
				 of_alias_get_highest_id(ALIAS));
	if (id < 0)
		return id;
	ret = devm_add_action_or_reset(parent, free_id,
				       (void *)(unsigned long)id);
	if (ret)
		return ret;
	cd->index = id;
	cd->dev.class = &caliptra_class;
	cd->dev.devt = MKDEV(MAJOR(caliptra_devt), id);
	ret = dev_set_name(&cd->dev, ALIAS "%d", id);
	if (ret)
		return ret;
	cdev_init(&cd->cdev, &caliptra_fops);
	cd->cdev.owner = THIS_MODULE;
	return cdev_device_add(&cd->cdev, &cd->dev);
}

static struct caliptra_dev *to_caliptra(struct device *dev)
{
	return dev ? container_of(dev, struct caliptra_dev, dev) : NULL;
}

/**
 * caliptra_find() - a device by its number
 * @index: the number
 *
 * Return: the device, or NULL; put_device() its @dev.
 */
struct caliptra_dev *caliptra_find(u32 index)
{
	dev_t devt = MKDEV(MAJOR(caliptra_devt), index);

	if (index >= CALIPTRA_MAX_DEVICES)
		return NULL;
	return to_caliptra(class_find_device_by_devt(&caliptra_class, devt));
}

/**
 * caliptra_find_from() - the first device from a number on
 * @index: the number
 *
 * Return: the device, or NULL; put_device() its @dev.
 */
struct caliptra_dev *caliptra_find_from(u32 index)
{
	struct caliptra_dev *cd = NULL;

	for (; !cd && index < CALIPTRA_MAX_DEVICES; index++)
		cd = caliptra_find(index);
	return cd;
}

/**
 * caliptra_find_name() - a device by its name
 * @name: of the class device
 *
 * Return: the device, or NULL; put_device() its @dev.
 */
struct caliptra_dev *caliptra_find_name(const char *name)
{
	return to_caliptra(class_find_device_by_name(&caliptra_class, name));
}

/**
 * caliptra_chardev_init() - at module load
 *
 * Return: 0 or an error.
 */
int caliptra_chardev_init(void)
{
	int ret;

	ret = class_register(&caliptra_class);
	if (ret)
		return ret;
	ret = alloc_chrdev_region(&caliptra_devt, 0, CALIPTRA_MAX_DEVICES,
				  "caliptra");
	if (ret)
		class_unregister(&caliptra_class);
	return ret;
}

/**
 * caliptra_chardev_exit() - at module unload
 */
void caliptra_chardev_exit(void)
{
	unregister_chrdev_region(caliptra_devt, CALIPTRA_MAX_DEVICES);
	class_unregister(&caliptra_class);
	ida_destroy(&caliptra_ida);
}
