/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * An open file: a conversation with the device. What ioctl() (chardev.c) and
 * read(), write() and poll() (stream.c) share.
 */
#ifndef CALIPTRA_FILE_H
#define CALIPTRA_FILE_H

#include <linux/fs.h>
#include <linux/poll.h>

#include "caliptra.h"

/* Messages that a file keeps until they are read. */
#define CALIPTRA_FILE_MESSAGES 16

/**
 * enum caliptra_file_state - what becomes of a file's command
 * @CALIPTRA_FILE_IDLE: it has none
 * @CALIPTRA_FILE_BUSY: it is on its way
 * @CALIPTRA_FILE_ANSWERED: it was written, and its response is to be read
 */
enum caliptra_file_state {
	CALIPTRA_FILE_IDLE,
	CALIPTRA_FILE_BUSY,
	CALIPTRA_FILE_ANSWERED,
};

/**
 * struct caliptra_file - an open file
 * @cd: its device
 * @node: in caliptra_dev.files
 * @listening: it takes messages; under caliptra_dev.files_lock
 * @lock: protects @state, and the messages
 * @state: who may use @buf: whoever has made it BUSY, or reads the response
 * @wait: woken when @state or the messages change
 * @buf: request and response; as long as the mailbox
 * @seq: commands sent so far
 * @kept_len: length of the response in @buf that did not fit
 * @kept: there is one, of command @seq
 * @work: runs a command that was written
 * @txn: that command
 * @deadline: until when, in jiffies
 * @answer: head of its response
 * @read_lock: one read() at a time; not held while one waits
 * @reading: a response or message is being read, up to @read_pos
 * @read_message: it is this message; NULL is the response
 * @read_dropped: messages before @read_message were dropped
 * @read_pos: bytes of it, head included, that were read
 * @messages: not yet read, a ring
 * @first_message: index of the oldest
 * @message_count: how many
 * @dropped: there were more before these
 */
struct caliptra_file {
	struct caliptra_dev *cd;
	struct list_head node;
	bool listening;
	spinlock_t lock; /* see above */
	enum caliptra_file_state state;
	wait_queue_head_t wait;
	void *buf;
	u32 seq;
	u32 kept_len;
	bool kept;
	struct work_struct work;
	struct caliptra_txn txn;
	unsigned long deadline;
	struct caliptra_msg answer;
	struct mutex read_lock; /* see above */
	bool reading;
	struct caliptra_message *read_message;
	bool read_dropped;
	size_t read_pos;
	struct caliptra_message *messages[CALIPTRA_FILE_MESSAGES];
	unsigned int first_message;
	unsigned int message_count;
	bool dropped;
};

/* chardev.c */
unsigned long caliptra_deadline(u32 timeout_ms);
int caliptra_file_claim(struct caliptra_file *f, unsigned long deadline,
			bool nonblock);
void caliptra_file_set(struct caliptra_file *f, enum caliptra_file_state state);

/* stream.c */
void caliptra_stream_init(struct caliptra_file *f);
void caliptra_stream_release(struct caliptra_file *f);
ssize_t caliptra_stream_read(struct file *file, char __user *to, size_t count,
			     loff_t *pos);
ssize_t caliptra_stream_write(struct file *file, const char __user *from,
			      size_t count, loff_t *pos);
__poll_t caliptra_stream_poll(struct file *file, poll_table *wait);
int caliptra_stream_available(struct caliptra_file *f);
bool caliptra_stream_push(struct caliptra_file *f, struct caliptra_message *m);

#endif /* CALIPTRA_FILE_H */
