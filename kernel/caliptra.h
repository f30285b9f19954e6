/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Caliptra: what the driver's files share.
 *
 * Commands of everybody go through one queue (core.c), each in its caller's
 * context: the caller whose turn it is takes the mailbox, writes the request,
 * sleeps until the interrupt and reads the response. Nothing is handed to
 * another thread unless the caller leaves before the answer has come.
 *
 * Locks, in this order:
 *	caliptra_file.lock	one command at a time per open file
 *	caliptra_dev.regs	read: registers may be accessed; write: they go away
 *	caliptra_dev.lock	the queue, and what the interrupt handler looks at
 */
#ifndef CALIPTRA_H
#define CALIPTRA_H

#include <linux/cdev.h>
#include <linux/completion.h>
#include <linux/device.h>
#include <linux/interrupt.h>
#include <linux/jiffies.h>
#include <linux/list.h>
#include <linux/rwsem.h>
#include <linux/spinlock.h>
#include <linux/types.h>
#include <linux/wait.h>
#include <linux/workqueue.h>

struct caliptra_info;
struct file;

/**
 * struct caliptra_txn - one command on its way
 * @node: in caliptra_dev.queue
 * @wake: completed when its turn comes, and again when its answer has
 * @cmd: command code
 * @buf: the request, then the response; caliptra_dev.mbox_size bytes
 * @req_len: length of the request in bytes
 * @rsp_len: length of the response in bytes; MBOX_DLEN where that is too long
 * @status: MBOX_STATUS, as last read
 * @fw_error: CPTRA_FW_ERROR_NON_FATAL where the firmware failed the command
 * @sent: MBOX_EXECUTE was set
 * @answered: @status tells of an answer
 */
struct caliptra_txn {
	struct list_head node;
	struct completion wake;
	u32 cmd;
	void *buf;
	u32 req_len;
	u32 rsp_len;
	u32 status;
	u32 fw_error;
	bool sent;
	bool answered;
};

/**
 * struct caliptra_dev - one mailbox
 * @dev: the class device; its reference count is this structure's
 * @cdev: the character device
 * @mbox: mbox_csr
 * @soc_ifc: soc_ifc_reg
 * @mbox_size: size of the mailbox in bytes
 * @irq: of mailbox_data_avail, or 0 to poll
 * @regs: held for reading while registers are accessed
 * @regs_gone: the registers must not be accessed any more; under @regs
 * @lock: protects what follows
 * @queue: commands; the first one's caller has the mailbox
 * @active: the command that the device is working on
 * @orphan: the device is working on a command whose caller has left
 * @closing: the device goes away, no command starts any more
 * @irq_on: @irq is enabled
 * @idle: woken when @queue and @orphan are empty
 * @reaper: ends an orphan
 * @reaper_delay: jiffies until @reaper looks again
 * @ready: firmware has been seen to answer commands; only the caller who has
 *	the mailbox uses it
 * @usual_ns: how long answers take when polling; likewise
 */
struct caliptra_dev {
	struct device dev;
	struct cdev cdev;
	void __iomem *mbox;
	void __iomem *soc_ifc;
	u32 mbox_size;
	int irq;
	struct rw_semaphore regs;
	bool regs_gone;
	spinlock_t lock; /* see above */
	struct list_head queue;
	struct caliptra_txn *active;
	bool orphan;
	bool closing;
	bool irq_on;
	wait_queue_head_t idle;
	struct delayed_work reaper;
	unsigned long reaper_delay;
	bool ready;
	u64 usual_ns;
};

/* Jiffies until @deadline, 0 if it has passed. */
static inline unsigned long caliptra_time_left(unsigned long deadline)
{
	long left = (long)(deadline - jiffies);

	return left > 0 ? left : 0;
}

/* core.c */
struct caliptra_dev *caliptra_alloc(struct device *parent);
int caliptra_register(struct caliptra_dev *cd);
void caliptra_unregister(struct caliptra_dev *cd);
void caliptra_stop(struct caliptra_dev *cd);
int caliptra_execute(struct caliptra_dev *cd, struct caliptra_txn *txn,
		     unsigned long deadline);
int caliptra_get_info(struct caliptra_dev *cd, struct caliptra_info *info);
irqreturn_t caliptra_interrupt(int irq, void *data);

/* mbox-soc.c: the caller holds caliptra_dev.regs */
bool caliptra_mbox_trylock(struct caliptra_dev *cd);
void caliptra_mbox_write_request(struct caliptra_dev *cd,
				 const struct caliptra_txn *txn);
void caliptra_mbox_set_execute(struct caliptra_dev *cd);
int caliptra_mbox_read_response(struct caliptra_dev *cd,
				struct caliptra_txn *txn);
void caliptra_mbox_release(struct caliptra_dev *cd);
u32 caliptra_mbox_status(struct caliptra_dev *cd);
bool caliptra_mbox_is_for_soc(u32 status);
bool caliptra_mbox_has_answer(u32 status);
bool caliptra_mbox_is_broken(u32 status);
bool caliptra_mbox_has_failed(u32 status);
bool caliptra_mbox_has_command(u32 status);

/* soc-ifc.c: the caller holds caliptra_dev.regs */
u32 caliptra_soc_ifc_mbox_size(struct caliptra_dev *cd);
bool caliptra_soc_ifc_ready(struct caliptra_dev *cd);
u32 caliptra_soc_ifc_fw_error(struct caliptra_dev *cd);
void caliptra_soc_ifc_get_info(struct caliptra_dev *cd,
			       struct caliptra_info *info);

/* chardev.c */
int caliptra_chardev_add(struct caliptra_dev *cd);
int caliptra_chardev_init(void);
void caliptra_chardev_exit(void);

/* privilege.c */
bool caliptra_may_send(const struct file *file, u32 cmd);

/* platform.c */
int caliptra_platform_init(void);
void caliptra_platform_exit(void);

#endif /* CALIPTRA_H */
