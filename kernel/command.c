// SPDX-License-Identifier: GPL-2.0-only
/*
 * <linux/caliptra.h>: commands for the rest of the kernel.
 *
 * A command has a buffer of its own, as large as it needs, in which its checksum stands
 * before what the caller knows of it. Whoever calls may hold locks.
 */
#include <linux/mm.h>
#include <linux/module.h>
#include <linux/slab.h>
#include <linux/workqueue.h>

#include "file.h"

/* Before every request and response. */
#define CHECKSUM_SIZE sizeof(__le32)

/**
 * struct command - a command of somebody else in the kernel
 * @txn: as the queue has it
 * @size: of its buffer
 */
struct command {
	struct caliptra_txn txn;
	size_t size;
};

/**
 * struct job - one that nobody waits for
 * @work: runs it
 * @cd: where
 * @call: whose
 * @deadline: until when, in jiffies
 * @command: the command
 */
struct job {
	struct work_struct work;
	struct caliptra_dev *cd;
	struct caliptra_call *call;
	unsigned long deadline;
	struct command command;
};

/*
 * Not the device's own workers: a job may be the last that has the device, which goes
 * with those.
 */
static struct workqueue_struct *jobs;

/* The request behind its checksum, which makes the sum of code and bytes zero. */
static void write_request(u8 *buf, u32 cmd, const void *req, u32 req_len)
{
	__le32 code = cpu_to_le32(cmd);
	u32 sum;

	memcpy(buf + CHECKSUM_SIZE, req, req_len);
	sum = caliptra_sum(&code, sizeof(code)) +
	      caliptra_sum(buf + CHECKSUM_SIZE, req_len);
	*(__le32 *)buf = cpu_to_le32(-sum);
}

static int read_response(const struct caliptra_txn *txn, void *rsp,
			 size_t rsp_room, size_t *rsp_len)
{
	const u8 *data = txn->buf + CHECKSUM_SIZE;
	u32 len;

	if (!txn->rsp_len)
		return 0;
	if (txn->rsp_len < CHECKSUM_SIZE)
		return -EBADMSG;
	len = txn->rsp_len - CHECKSUM_SIZE;
	if (le32_to_cpup(txn->buf) + caliptra_sum(data, len))
		return -EBADMSG;
	*rsp_len = len;
	if (len > rsp_room)
		return -EMSGSIZE;
	memcpy(rsp, data, len);
	return 0;
}

static int begin(struct caliptra_dev *cd, struct command *c, u32 cmd,
		 const void *req, size_t req_len, size_t rsp_room)
{
	const size_t most = cd->mbox_size - CHECKSUM_SIZE;
	void *buf;

	if (req_len > most)
		return -EMSGSIZE;
	c->size = CHECKSUM_SIZE + ALIGN(max(req_len, min(rsp_room, most)), 4);
	buf = kvzalloc(c->size, GFP_KERNEL);
	if (!buf)
		return -ENOMEM;
	write_request(buf, cmd, req, req_len);
	caliptra_txn_init(&c->txn, cmd, buf, c->size, CHECKSUM_SIZE + req_len);
	c->txn.uninterruptible = true;
	return 0;
}

/* What has become of it: @ret, and the response. */
static int end(struct command *c, int ret, void *rsp, size_t rsp_room,
	       size_t *rsp_len)
{
	if (!ret)
		ret = read_response(&c->txn, rsp, rsp_room, rsp_len);
	else if (ret == -EMSGSIZE)
		*rsp_len = c->txn.rsp_len - CHECKSUM_SIZE;
	kvfree_sensitive(c->txn.buf, c->size);
	return ret;
}

/**
 * caliptra_command() - run a command
 * @cd: the device
 * @cmd: command code
 * @req: the request behind its checksum, little-endian; not a firmware image, whose
 *	request has none
 * @req_len: its length in bytes
 * @rsp: the response behind its checksum, so that it begins with the FIPS status
 * @rsp_room: bytes that it has room for
 * @rsp_len: its length in bytes; with -EMSGSIZE, the room that it would have needed.
 *	0 where there is none
 * @timeout_ms: until when the answer has to be there; 0 is the usual time
 *
 * Nothing of a response is in @rsp unless its checksum is right. Context: may sleep.
 *
 * Return: 0; -ENODEV where the device is gone; -EMSGSIZE where the request is too long
 * for the mailbox, or the response for @rsp_room; -EBADMSG where the response has a
 * wrong checksum; -EREMOTEIO where the firmware has failed the command; -EHOSTDOWN where
 * no firmware runs; -EBUSY where somebody else has had the mailbox all the time,
 * -ETIMEDOUT; -ECONNRESET where a reset has taken the command, -EIO where something else
 * has; -EPROTO where the answer can not be one; -ENOMEM.
 */
int caliptra_command(struct caliptra_dev *cd, u32 cmd, const void *req,
		     size_t req_len, void *rsp, size_t rsp_room,
		     size_t *rsp_len, unsigned int timeout_ms)
{
	struct command c;
	int ret;

	*rsp_len = 0;
	ret = begin(cd, &c, cmd, req, req_len, rsp_room);
	if (ret)
		return ret;
	ret = caliptra_execute(cd, &c.txn, caliptra_deadline(timeout_ms));
	return end(&c, ret, rsp, rsp_room, rsp_len);
}
EXPORT_SYMBOL_GPL(caliptra_command);

static void run_job(struct work_struct *work)
{
	struct job *job = container_of(work, struct job, work);
	struct caliptra_call *call = job->call;
	struct caliptra_dev *cd = job->cd;
	int ret;

	ret = caliptra_execute(cd, &job->command.txn, job->deadline);
	call->error = end(&job->command, ret, call->rsp, call->rsp_room,
			  &call->rsp_len);
	kfree(job);
	call->done(call);
	put_device(&cd->dev);
}

/**
 * caliptra_command_async() - run a command, and do not wait for its answer
 * @cd: the device
 * @call: the command, and who is told of its answer
 *
 * Commands have their turns in the order of calls, also of those that wait. The caller
 * has to have the device, and its own module, until @call is done. Context: may sleep.
 *
 * Return: 0, and @call will be done; or -EMSGSIZE where the request is too long for the
 * mailbox, -ENOMEM, and it will not.
 */
int caliptra_command_async(struct caliptra_dev *cd, struct caliptra_call *call)
{
	struct job *job;
	int ret;

	job = kmalloc(sizeof(*job), GFP_KERNEL);
	if (!job)
		return -ENOMEM;
	ret = begin(cd, &job->command, call->cmd, call->req, call->req_len,
		    call->rsp_room);
	if (ret) {
		kfree(job);
		return ret;
	}
	call->rsp_len = 0;
	job->cd = cd;
	job->call = call;
	job->deadline = caliptra_deadline(call->timeout_ms);
	INIT_WORK(&job->work, run_job);
	get_device(&cd->dev);
	/* now, and not when a worker comes to it */
	caliptra_enqueue(cd, &job->command.txn);
	queue_work(jobs, &job->work);
	return 0;
}
EXPORT_SYMBOL_GPL(caliptra_command_async);

/**
 * caliptra_command_init() - at module load
 *
 * Return: 0 or -ENOMEM.
 */
int caliptra_command_init(void)
{
	jobs = alloc_workqueue("caliptra", WQ_UNBOUND, 0);
	return jobs ? 0 : -ENOMEM;
}

/** caliptra_command_exit() - at module unload, when all that was called is done */
void caliptra_command_exit(void)
{
	destroy_workqueue(jobs);
}
