// SPDX-License-Identifier: GPL-2.0-only
/*
 * /dev/caliptra-mbox*: <uapi/linux/caliptra.h>.
 */
#include <linux/fs.h>
#include <linux/idr.h>
#include <linux/jiffies.h>
#include <linux/mm.h>
#include <linux/module.h>
#include <linux/mutex.h>
#include <linux/slab.h>
#include <linux/uaccess.h>
#include <linux/wait.h>

#include <uapi/linux/caliptra.h>

#include "caliptra.h"

#define CALIPTRA_MAX_DEVICES 16
#define DEFAULT_TIMEOUT_MS   30000

static dev_t caliptra_devt;
static DEFINE_IDA(caliptra_ida);

static struct class caliptra_class = {
	.name = "caliptra",
};

/**
 * struct caliptra_file - an open file
 * @cd: its device
 * @lock: held while a command runs
 * @unlocked: woken when @lock is free
 * @buf: request and response; as long as the mailbox
 * @seq: commands sent so far
 * @kept_len: length of the response in @buf that did not fit
 * @kept: there is one, of command @seq
 */
struct caliptra_file {
	struct caliptra_dev *cd;
	struct mutex lock; /* one command at a time */
	wait_queue_head_t unlocked;
	void *buf;
	u32 seq;
	u32 kept_len;
	bool kept;
};

/* A mutex does not know of deadlines. */
static int lock_file(struct caliptra_file *f, unsigned long deadline)
{
	long ret;

	if (mutex_trylock(&f->lock))
		return 0;
	ret = wait_event_interruptible_timeout(f->unlocked,
					       mutex_trylock(&f->lock),
					       caliptra_time_left(deadline));
	if (ret > 0)
		return 0;
	return ret ? -ERESTARTSYS : -ETIMEDOUT;
}

static void unlock_file(struct caliptra_file *f)
{
	mutex_unlock(&f->lock);
	wake_up_interruptible(&f->unlocked);
}

/* Give the response to the caller, or keep it where that is not possible. */
static int deliver(struct caliptra_file *f, struct caliptra_cmd *c, u32 len)
{
	u32 room = c->rsp_len;

	c->rsp_len = len;
	f->kept_len = len;
	f->kept = true;
	if (len > room)
		return -ENOSPC;
	if (copy_to_user(u64_to_user_ptr(c->rsp), f->buf, len))
		return -EFAULT;
	f->kept = false;
	return 0;
}

static int run_command(struct caliptra_file *f, struct caliptra_cmd *c,
		       unsigned long deadline)
{
	struct caliptra_txn txn = {
		.cmd = c->cmd,
		.buf = f->buf,
		.req_len = c->req_len,
	};
	int ret;

	f->kept = false;
	if (copy_from_user(f->buf, u64_to_user_ptr(c->req), c->req_len))
		return -EFAULT;
	memset(f->buf + c->req_len, 0, ALIGN(c->req_len, 4) - c->req_len);

	ret = caliptra_execute(f->cd, &txn, deadline);
	if (ret == -EINTR && !txn.sent)
		return -ERESTARTSYS;
	if (txn.sent) {
		c->flags = CALIPTRA_CMD_SENT;
		c->seq = ++f->seq;
	}
	c->status = txn.status;
	c->fw_error = txn.fw_error;
	if (!ret)
		return deliver(f, c, txn.rsp_len);
	c->rsp_len = txn.rsp_len;
	return ret;
}

/* The call starts again with what is left of its time. */
static int restart(struct caliptra_cmd __user *arg, unsigned long deadline)
{
	u32 left = jiffies_to_msecs(caliptra_time_left(deadline - 1));

	return put_user(max(left, 1u), &arg->timeout_ms) ? -EFAULT :
							   -ERESTARTSYS;
}

static long do_command(struct file *file, void __user *arg)
{
	struct caliptra_file *f = file->private_data;
	unsigned long deadline;
	struct caliptra_cmd c;
	int ret;

	if (copy_from_user(&c, arg, sizeof(c)))
		return -EFAULT;
	if (c.flags || memchr_inv(c.reserved, 0, sizeof(c.reserved)))
		return -EINVAL;
	if (!caliptra_may_send(file, c.cmd))
		return -EPERM;
	if (c.req_len > f->cd->mbox_size)
		return -EMSGSIZE;
	c.status = 0;
	c.fw_error = 0;
	c.seq = 0;

	/* the present jiffy is not a whole one */
	deadline = jiffies + 1 +
		   msecs_to_jiffies(c.timeout_ms ?: DEFAULT_TIMEOUT_MS);
	ret = lock_file(f, deadline);
	if (!ret) {
		ret = run_command(f, &c, deadline);
		unlock_file(f);
	}
	if (ret == -ERESTARTSYS)
		return restart(arg, deadline);
	return copy_to_user(arg, &c, sizeof(c)) ? -EFAULT : ret;
}

static long do_response(struct caliptra_file *f, void __user *arg)
{
	struct caliptra_cmd c;
	int ret = -ENODATA;

	if (copy_from_user(&c, arg, sizeof(c)))
		return -EFAULT;
	if (c.cmd || c.flags || c.req || c.req_len || c.timeout_ms ||
	    c.status || c.fw_error ||
	    memchr_inv(c.reserved, 0, sizeof(c.reserved)))
		return -EINVAL;

	if (wait_event_interruptible(f->unlocked, mutex_trylock(&f->lock)))
		return -ERESTARTSYS;
	if (f->kept && f->seq == c.seq)
		ret = deliver(f, &c, f->kept_len);
	unlock_file(f);

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
	mutex_init(&f->lock);
	init_waitqueue_head(&f->unlocked);
	f->cd = cd;
	get_device(&cd->dev);
	file->private_data = f;
	return nonseekable_open(inode, file);
}

static int caliptra_release(struct inode *inode, struct file *file)
{
	struct caliptra_file *f = file->private_data;

	/* it may have held what is nobody else's business */
	kvfree_sensitive(f->buf, f->cd->mbox_size);
	put_device(&f->cd->dev);
	mutex_destroy(&f->lock);
	kfree(f);
	return 0;
}

static const struct file_operations caliptra_fops = {
	.owner = THIS_MODULE,
	.open = caliptra_open,
	.release = caliptra_release,
	.unlocked_ioctl = caliptra_ioctl,
	.compat_ioctl = compat_ptr_ioctl,
};

static void free_id(void *data)
{
	ida_free(&caliptra_ida, (unsigned long)data);
}

/**
 * caliptra_chardev_add() - give a device its node
 * @cd: the device
 *
 * Return: 0 or an error; nothing is left behind then.
 */
int caliptra_chardev_add(struct caliptra_dev *cd)
{
	int id;
	int ret;

	id = ida_alloc_max(&caliptra_ida, CALIPTRA_MAX_DEVICES - 1, GFP_KERNEL);
	if (id < 0)
		return id;
	ret = devm_add_action_or_reset(cd->dev.parent, free_id,
				       (void *)(unsigned long)id);
	if (ret)
		return ret;
	cd->dev.class = &caliptra_class;
	cd->dev.devt = MKDEV(MAJOR(caliptra_devt), id);
	ret = dev_set_name(&cd->dev, "caliptra-mbox%d", id);
	if (ret)
		return ret;
	cdev_init(&cd->cdev, &caliptra_fops);
	cd->cdev.owner = THIS_MODULE;
	return cdev_device_add(&cd->cdev, &cd->dev);
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
