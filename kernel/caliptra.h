/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Caliptra: what the driver's files share.
 *
 * Commands of everybody go through one queue for each mailbox (queue.c), each in
 * its caller's context: the caller whose turn it is takes the mailbox, writes the
 * request, sleeps until the interrupt and reads the response. Nothing is handed to
 * another thread unless the caller leaves before the answer has come. How a
 * mailbox is taken, written and read is its engine's business (mbox-soc.c,
 * mbox-mci.c), behind struct caliptra_mbox_ops.
 *
 * Locks, in this order:
 *	caliptra_dev.files_lock	open files and who of them listens
 *	caliptra_dev.regs	read: registers may be accessed; write: they go away
 *	caliptra_dev.errors	which errors are older than the last reset
 *	caliptra_dev.lock	the queue, and what the interrupt handler looks at
 */
#ifndef CALIPTRA_H
#define CALIPTRA_H

#include <linux/caliptra.h>
#include <linux/cdev.h>
#include <linux/device.h>
#include <linux/interrupt.h>
#include <linux/jiffies.h>
#include <linux/ktime.h>
#include <linux/list.h>
#include <linux/minmax.h>
#include <linux/mutex.h>
#include <linux/notifier.h>
#include <linux/rwsem.h>
#include <linux/spinlock.h>
#include <linux/string.h>
#include <linux/types.h>
#include <linux/wait.h>
#include <linux/workqueue.h>

struct caliptra_message;
struct dentry;
struct file;
struct kernfs_node;

/**
 * enum caliptra_progress - what a mailbox tells of the command in it
 * @CALIPTRA_BUSY: the firmware has it
 * @CALIPTRA_ANSWERED: the firmware has handed the mailbox back
 * @CALIPTRA_MESSAGE: the mailbox has a message of the firmware's own
 * @CALIPTRA_LOST: no command of this side is in it
 * @CALIPTRA_BROKEN: a protocol violation has stopped it
 * @CALIPTRA_CORRUPT: answered, or a message, but its memory has an error
 */
enum caliptra_progress {
	CALIPTRA_BUSY,
	CALIPTRA_ANSWERED,
	CALIPTRA_MESSAGE,
	CALIPTRA_LOST,
	CALIPTRA_BROKEN,
	CALIPTRA_CORRUPT,
};

/**
 * struct caliptra_txn - one command on its way
 * @node: in caliptra_dev.queue
 * @wake: the caller sleeps here
 * @woken: there is something to look at: its turn, its answer, or the end
 * @cmd: command code
 * @buf: the request, then the response
 * @buf_size: its size in bytes, a multiple of 4
 * @req_len: length of the request in bytes
 * @rsp_len: length of the response in bytes; MBOX_DLEN where that is too long
 * @status: the mailbox's status register, as last read
 * @progress: what @status means
 * @fw_error: FW_ERROR_NON_FATAL where the firmware failed the command
 * @cause: enum caliptra_cause
 * @sent_ns: when MBOX_EXECUTE was set
 * @sent: MBOX_EXECUTE was set
 * @answered: @status tells of an answer
 * @uninterruptible: its caller neither leaves for a signal nor may be frozen while
 *	it waits
 * @abandoned: its caller does not want it any more
 * @revoked: nor does it, unless it has been sent
 * @queued: it is in the queue
 * @by_interrupt: an interrupt tells of its answer
 * @orphaned: its caller has left while the device had it
 */
struct caliptra_txn {
	struct list_head node;
	wait_queue_head_t wake;
	bool woken;
	u32 cmd;
	void *buf;
	u32 buf_size;
	u32 req_len;
	u32 rsp_len;
	u32 status;
	enum caliptra_progress progress;
	u32 fw_error;
	u32 cause;
	u64 sent_ns;
	bool sent;
	bool answered;
	bool uninterruptible;
	bool abandoned;
	bool revoked;
	bool queued;
	bool by_interrupt;
	bool orphaned;
};

/**
 * struct caliptra_mbox_ops - a kind of mailbox
 * @kind: enum caliptra_mbox_kind
 * @update_reasons: bits of RESET_REASON for resets that do not touch the mailbox
 * @interrupt_on_answer: the interrupt tells of answers, not of messages alone
 * @data_avail: where it does not, is it high? Whoever the message is for, and until
 *	the firmware ends it
 * @trylock: try to take the mailbox; true if it is ours now
 * @user: AXI user that has the mailbox
 * @write_request: write a command into the mailbox that we have; its buffer is
 *	padded with zeros to a whole word
 * @set_execute: hand it over to the firmware
 * @status: read the status register
 * @progress: what that means for a command of ours, without another access
 * @inspect: the same with all accesses that it takes to be sure; sets *status
 * @was_reset: a command of ours is lost: has the mailbox been reset since?
 * @read_response: read the answer: 0, -EREMOTEIO where the firmware failed the
 *	command, -EPROTO where it can not be an answer, -EMSGSIZE where the buffer
 *	is too small for it
 * @release: give the mailbox back
 * @has_message: is there a message of the firmware in it, as far as is known for us?
 * @is_target: is it for us? It may write what only one may write at a time; NULL where
 *	messages are for nobody else
 * @message_size: its command code, and MBOX_DLEN
 * @read_message: its data, of that many bytes, into room for a whole word more
 * @inspect_message: is it still there after it was read, and is what was read what was
 *	sent? CALIPTRA_MESSAGE, CALIPTRA_CORRUPT or CALIPTRA_LOST
 * @end_message: tell the firmware that it was taken, or that it was not
 * @has_command: has a command of this side been left in it?
 * @ready: does firmware run that answers?
 * @get_info: fill in what registers tell; errors are not looked at for the state
 *
 * The caller holds caliptra_dev.regs.
 */
struct caliptra_mbox_ops {
	u32 kind;
	u32 update_reasons;
	bool interrupt_on_answer;
	bool (*data_avail)(struct caliptra_dev *cd);
	bool (*trylock)(struct caliptra_dev *cd);
	u32 (*user)(struct caliptra_dev *cd);
	void (*write_request)(struct caliptra_dev *cd,
			      const struct caliptra_txn *txn);
	void (*set_execute)(struct caliptra_dev *cd);
	u32 (*status)(struct caliptra_dev *cd);
	enum caliptra_progress (*progress)(u32 status);
	enum caliptra_progress (*inspect)(struct caliptra_dev *cd, u32 *status);
	bool (*was_reset)(struct caliptra_dev *cd,
			  const struct caliptra_txn *txn);
	int (*read_response)(struct caliptra_dev *cd, struct caliptra_txn *txn);
	void (*release)(struct caliptra_dev *cd);
	bool (*has_message)(struct caliptra_dev *cd);
	bool (*is_target)(struct caliptra_dev *cd);
	u32 (*message_size)(struct caliptra_dev *cd, u32 *cmd);
	void (*read_message)(struct caliptra_dev *cd, void *data, u32 len);
	enum caliptra_progress (*inspect_message)(struct caliptra_dev *cd);
	void (*end_message)(struct caliptra_dev *cd, bool taken);
	bool (*has_command)(struct caliptra_dev *cd);
	bool (*ready)(struct caliptra_dev *cd);
	void (*get_info)(struct caliptra_dev *cd, struct caliptra_info *info);
};

/**
 * struct caliptra_stats - what has happened so far
 * @commands: commands sent
 * @failures: of these, commands that the firmware failed
 * @timeouts: callers who left because their time was over
 * @abandoned: commands whose caller left before the answer came
 * @lost: commands that left the mailbox without an answer
 * @resets: resets of the device that were noticed
 * @stuck: commands that took longer than the device may take
 * @recovered: of these, those that came to an end
 * @spurious: interrupts without a reason
 * @missed: answers that no interrupt told of
 * @messages: messages of the firmware that were taken
 * @messages_dropped: those that nobody took, or that a listener had no room for
 */
struct caliptra_stats {
	u64 commands;
	u64 failures;
	u64 timeouts;
	u64 abandoned;
	u64 lost;
	u64 resets;
	u64 stuck;
	u64 recovered;
	u64 spurious;
	u64 missed;
	u64 messages;
	u64 messages_dropped;
};

/**
 * struct caliptra_record - a command that has come to its end
 * @seq: its number on this device, from 1
 * @cmd: command code
 * @req_len: length of the request
 * @rsp_len: length of the response
 * @status: status register at its end
 * @fw_error: FW_ERROR_NON_FATAL where the firmware failed it
 * @error: what its caller got, 0 or a negative errno
 * @ended_ns: when it ended
 * @took_ns: time from MBOX_EXECUTE to its end, 0 where it was not sent
 */
struct caliptra_record {
	u64 seq;
	u32 cmd;
	u32 req_len;
	u32 rsp_len;
	u32 status;
	u32 fw_error;
	int error;
	u64 ended_ns;
	u64 took_ns;
};

#define CALIPTRA_RECORDS 32

/* How many minors there are. */
#define CALIPTRA_MAX_DEVICES 16

/**
 * struct caliptra_dev - one mailbox
 * @dev: the class device; its reference count is this structure's
 * @cdev: the character device
 * @index: number in the name of @dev
 * @api_node: what the rest of the kernel finds it by
 * @random_refused: its last random bytes were refused; without a lock, so that it may
 *	be told twice
 * @ops: its engine
 * @mbox: mbox_csr, or the registers of an MCU mailbox
 * @sram: memory of an MCU mailbox
 * @state_regs: soc_ifc_reg or mci_reg
 * @fake: a register file in place of these, in tests
 * @mbox_size: size of the mailbox in bytes
 * @irq: of data_avail, or 0 to poll
 * @files_lock: protects @files and which of them listen
 * @files: open files
 * @listeners: how many of @files take messages
 * @messages: messages received so far
 * @message_work: receives a message
 * @message_delay: jiffies until it looks whether the wire has fallen; only it uses this
 * @regs: held for reading while registers are accessed
 * @regs_gone: the registers must not be accessed any more; under @regs
 * @lock: protects what follows, as far as nothing else is said
 * @queue: commands
 * @workers: run what was written; whose turn it is has one of them
 * @turn: the one of @queue whose caller has the mailbox
 * @active: the command that the device is working on
 * @orphan: the device is working on a command whose caller has left
 * @closing: the device goes away, no command starts any more
 * @frozen: the device sleeps, or is about to: no command starts
 * @freezing: processes are being frozen: only those of the kernel's own start one
 * @adopted: the orphan is a former driver's, or another agent's
 * @irq_on: @irq is enabled
 * @irq_distrusted_until: in seconds since boot; it was silent or did not stop
 * @irq_streak: interrupts without a reason since the last one that had one
 * @idle: woken when nobody has the mailbox
 * @reaper: ends an orphan
 * @reaper_delay: jiffies until @reaper looks again
 * @sent_cmd: code of the command that the device is working on
 * @sent_at: when it got that, in jiffies
 * @blocked: somebody else has the mailbox, since @blocked_at
 * @blocked_at: in jiffies
 * @blocked_seen: when that was last seen, in jiffies
 * @stuck: reported as stuck
 * @reset_seen: a reset is still to be reported
 * @reset_told: one was reported that no command has found yet
 * @stats: what has happened so far
 * @records: the last commands, a ring
 * @recorded: how many there have been
 * @ready: firmware has been seen to answer commands; only the caller who has
 *	the mailbox uses it
 * @baseline: what registers told when that was seen; likewise
 * @usual_ns: how long answers take when polling; likewise
 * @axi_user: what we are on the bus, once @axi_user_known; likewise
 * @axi_user_known: likewise
 * @health: looks at state and error registers
 * @recovered_work: reports that the device is no longer stuck
 * @notifiers: whom in the kernel to tell of it
 * @health_delay: jiffies until @health looks again by itself
 * @seen: what it has reported last; only @health uses it
 * @errors: protects what follows, up to @fatal_ns
 * @last: what registers told when they were last looked at
 * @old_hw_error_fatal: bits of HW_ERROR_FATAL that a reset has followed
 * @old_fw_error_fatal: FW_ERROR_FATAL, where a reset has followed that
 * @fatal_ns: when the last fatal error was seen that no reset has followed, or 0
 * @error_irqs: of the error wires, or 0
 * @error_irqs_masked: bits of those that were high
 * @error_irqs_told: bits of those that @health has not looked for yet
 * @error_streak: how often one was high without an error; only @health uses it
 * @sleep_notifier: of a system that goes to sleep, or wakes up
 * @state_file: "state" in sysfs
 * @stuck_file: "stuck" in sysfs
 * @debugfs: folder of debug files
 */
struct caliptra_dev {
	struct device dev;
	struct cdev cdev;
	int index;
	struct list_head api_node;
	bool random_refused;
	const struct caliptra_mbox_ops *ops;
	void __iomem *mbox;
	void __iomem *sram;
	void __iomem *state_regs;
#if IS_ENABLED(CONFIG_CALIPTRA_KUNIT_TEST)
	struct caliptra_fake *fake;
#endif
	u32 mbox_size;
	int irq;

	struct mutex files_lock; /* see above */
	struct list_head files;
	unsigned int listeners;
	u32 messages;
	struct delayed_work message_work;
	unsigned long message_delay;

	struct rw_semaphore regs;
	bool regs_gone;

	spinlock_t lock; /* see above */
	struct list_head queue;
	struct workqueue_struct *workers;
	struct caliptra_txn *turn;
	struct caliptra_txn *active;
	bool orphan;
	bool closing;
	bool frozen;
	bool freezing;
	bool adopted;
	bool irq_on;
	u32 irq_distrusted_until;
	unsigned int irq_streak;
	wait_queue_head_t idle;
	struct delayed_work reaper;
	unsigned long reaper_delay;
	u32 sent_cmd;
	unsigned long sent_at;
	bool blocked;
	unsigned long blocked_at;
	unsigned long blocked_seen;
	bool stuck;
	bool reset_seen;
	bool reset_told;
	struct caliptra_stats stats;
	struct caliptra_record records[CALIPTRA_RECORDS];
	u64 recorded;

	bool ready;
	struct caliptra_info baseline;
	u64 usual_ns;
	u32 axi_user;
	bool axi_user_known;

	struct delayed_work health;
	struct work_struct recovered_work;
	struct blocking_notifier_head notifiers;
	unsigned long health_delay;
	struct caliptra_info seen;
	struct mutex errors; /* see above */
	struct caliptra_info last;
	u32 old_hw_error_fatal;
	u32 old_fw_error_fatal;
	u64 fatal_ns;
	int error_irqs[2];
	unsigned long error_irqs_masked;
	unsigned long error_irqs_told;
	unsigned int error_streak;

	struct notifier_block sleep_notifier;

	struct kernfs_node *state_file;
	struct kernfs_node *stuck_file;
	struct dentry *debugfs;
};

/* A shorter response has no checksum. */
#define CALIPTRA_SUMMED_MIN 8

/* Jiffies until @deadline, 0 if it has passed. */
static inline unsigned long caliptra_time_left(unsigned long deadline)
{
	return max((long)(deadline - jiffies), 0L);
}

/* Before caliptra_execute(). @buf has the request, and room for the response. */
static inline void caliptra_txn_init(struct caliptra_txn *txn, u32 cmd,
				     void *buf, u32 buf_size, u32 req_len)
{
	memset(txn, 0, sizeof(*txn));
	INIT_LIST_HEAD(&txn->node);
	init_waitqueue_head(&txn->wake);
	txn->cmd = cmd;
	txn->buf = buf;
	txn->buf_size = buf_size;
	txn->req_len = req_len;
}

/* core.c */
struct caliptra_dev *caliptra_alloc(struct device *parent,
				    const struct caliptra_mbox_ops *ops);
int caliptra_register(struct caliptra_dev *cd);
void caliptra_unregister(struct caliptra_dev *cd);
void caliptra_stop(struct caliptra_dev *cd);
int caliptra_suspend(struct caliptra_dev *cd);
void caliptra_resume(struct caliptra_dev *cd);
void caliptra_get_stats(struct caliptra_dev *cd, struct caliptra_stats *stats);
bool caliptra_get_regs(struct caliptra_dev *cd);
void caliptra_put_regs(struct caliptra_dev *cd);
int caliptra_wake_up(struct caliptra_dev *cd);
void caliptra_let_sleep(struct caliptra_dev *cd);

/* queue.c */
void caliptra_queue_init(struct caliptra_dev *cd);
bool caliptra_enqueue(struct caliptra_dev *cd, struct caliptra_txn *txn);
void caliptra_leave(struct caliptra_dev *cd, struct caliptra_txn *txn, int ret);
int caliptra_execute(struct caliptra_dev *cd, struct caliptra_txn *txn,
		     unsigned long deadline);
void caliptra_abandon(struct caliptra_dev *cd, struct caliptra_txn *txn);
void caliptra_unwant(struct caliptra_dev *cd, struct caliptra_txn *txn,
		     bool sent);
int caliptra_adopt_command(struct caliptra_dev *cd);
u32 caliptra_sum(const void *data, u32 len);
bool caliptra_is_blank(const struct caliptra_txn *txn);
bool caliptra_looks_torn(const struct caliptra_txn *txn);
void caliptra_wake_everybody(struct caliptra_dev *cd);
void caliptra_grant_turn(struct caliptra_dev *cd);

/* irq.c */
irqreturn_t caliptra_interrupt(int irq, void *data);
irqreturn_t caliptra_error_interrupt(int irq, void *data);
bool caliptra_irq_trusted(struct caliptra_dev *cd);
void caliptra_irq_distrust(struct caliptra_dev *cd);
void caliptra_irq_enable(struct caliptra_dev *cd);
void caliptra_irq_disable(struct caliptra_dev *cd);
void caliptra_irq_unlisten(struct caliptra_dev *cd);
enum caliptra_progress caliptra_note_status(struct caliptra_dev *cd);

/* message.c */
void caliptra_message_init(struct caliptra_dev *cd);
void caliptra_message_look(struct caliptra_dev *cd, unsigned long delay);
void caliptra_listen(struct caliptra_dev *cd);
void caliptra_unlisten(struct caliptra_dev *cd);
void caliptra_message_get(struct caliptra_message *m);
void caliptra_message_put(struct caliptra_message *m);
const struct caliptra_msg *
caliptra_message_head(const struct caliptra_message *m);
const void *caliptra_message_data(const struct caliptra_message *m);

/* health.c */
const char *caliptra_state_name(u32 state);
void caliptra_health_init(struct caliptra_dev *cd);
void caliptra_health_start(struct caliptra_dev *cd);
void caliptra_health_listen(struct caliptra_dev *cd);
void caliptra_health_suspend(struct caliptra_dev *cd);
void caliptra_health_resume(struct caliptra_dev *cd);
void caliptra_health_stop(struct caliptra_dev *cd);
void caliptra_health_read(struct caliptra_dev *cd, struct caliptra_info *info);
void caliptra_health_answered(struct caliptra_dev *cd, u64 sent_ns);
void caliptra_health_look(struct caliptra_dev *cd);
void caliptra_health_masked(struct caliptra_dev *cd, int irq);
void caliptra_health_blocked(struct caliptra_dev *cd);
void caliptra_health_check_stuck(struct caliptra_dev *cd);
void caliptra_health_end(struct caliptra_dev *cd);

/* mbox-soc.c, mbox-mci.c */
extern const struct caliptra_mbox_ops caliptra_mbox_soc_ops;
extern const struct caliptra_mbox_ops caliptra_mbox_mci_ops;
u32 caliptra_mbox_soc_size(struct caliptra_dev *cd);

/* soc-ifc.c */
bool caliptra_soc_ifc_ready(struct caliptra_dev *cd);
u32 caliptra_soc_ifc_fw_error(struct caliptra_dev *cd);
void caliptra_soc_ifc_get_info(struct caliptra_dev *cd,
			       struct caliptra_info *info);

/* chardev.c */
extern struct class caliptra_class;
int caliptra_number_get(struct device *parent, int alias, int highest);
void caliptra_number_put(int id);
int caliptra_chardev_add(struct caliptra_dev *cd);
struct caliptra_dev *caliptra_find(u32 index);
struct caliptra_dev *caliptra_find_from(u32 index);
struct caliptra_dev *caliptra_find_name(const char *name);
int caliptra_chardev_init(void);
void caliptra_chardev_exit(void);
void caliptra_chardev_wake(struct caliptra_dev *cd);
bool caliptra_chardev_deliver(struct caliptra_dev *cd,
			      struct caliptra_message *m);

/* privilege.c */
bool caliptra_may_send(const struct caliptra_dev *cd, const struct file *file,
		       u32 cmd);

/* sysfs.c */
extern const struct attribute_group *caliptra_groups[];
void caliptra_sysfs_add(struct caliptra_dev *cd);
void caliptra_sysfs_release(struct caliptra_dev *cd);
void caliptra_sysfs_changed(struct kernfs_node *file);

/* debugfs.c */
#ifdef CONFIG_DEBUG_FS
void caliptra_debugfs_init(void);
void caliptra_debugfs_exit(void);
void caliptra_debugfs_add(struct caliptra_dev *cd);
void caliptra_debugfs_remove(struct caliptra_dev *cd);
#else
static inline void caliptra_debugfs_init(void)
{
}

static inline void caliptra_debugfs_exit(void)
{
}

static inline void caliptra_debugfs_add(struct caliptra_dev *cd)
{
}

static inline void caliptra_debugfs_remove(struct caliptra_dev *cd)
{
}
#endif

/* api.c */
void caliptra_api_add(struct caliptra_dev *cd);
void caliptra_api_remove(struct caliptra_dev *cd);
bool caliptra_is_constant(const void *data, size_t len);
int caliptra_link(struct device *consumer, struct device *supplier);

/* last-state.c */
void caliptra_last_state_panic(struct caliptra_dev *cd);
void caliptra_last_state_add(struct caliptra_dev *cd);
void caliptra_last_state_remove(struct caliptra_dev *cd);
void caliptra_last_state_init(void);
void caliptra_last_state_exit(void);

/* command.c */
int caliptra_command_init(void);
void caliptra_command_exit(void);

/* platform.c */
bool caliptra_platform_expects(const struct device_node *np);
int caliptra_platform_init(void);
void caliptra_platform_exit(void);

/* netlink.c: what tells of events may sleep */
#ifdef CONFIG_NET
int caliptra_netlink_init(void);
void caliptra_netlink_exit(void);
bool caliptra_netlink_has_listeners(void);
void caliptra_netlink_state(struct caliptra_dev *cd, u32 old, u32 new);
void caliptra_netlink_error(struct caliptra_dev *cd, bool fatal, u32 hw,
			    u32 fw);
void caliptra_netlink_reset(struct caliptra_dev *cd, u32 reason);
void caliptra_netlink_stuck(struct caliptra_dev *cd, u32 cmd, u32 ms);
void caliptra_netlink_recovered(struct caliptra_dev *cd);
void caliptra_netlink_device(struct caliptra_dev *cd, bool added);
#else
static inline int caliptra_netlink_init(void)
{
	return 0;
}

static inline void caliptra_netlink_exit(void)
{
}

static inline bool caliptra_netlink_has_listeners(void)
{
	return false;
}

static inline void caliptra_netlink_state(struct caliptra_dev *cd, u32 old,
					  u32 new)
{
}

static inline void caliptra_netlink_error(struct caliptra_dev *cd, bool fatal,
					  u32 hw, u32 fw)
{
}

static inline void caliptra_netlink_reset(struct caliptra_dev *cd, u32 reason)
{
}

static inline void caliptra_netlink_stuck(struct caliptra_dev *cd, u32 cmd,
					  u32 ms)
{
}

static inline void caliptra_netlink_recovered(struct caliptra_dev *cd)
{
}

static inline void caliptra_netlink_device(struct caliptra_dev *cd, bool added)
{
}
#endif

#endif /* CALIPTRA_H */
