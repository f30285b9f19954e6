/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * A Caliptra made of software, for unit tests: registers behind struct caliptra_fake,
 * interrupts that come from a timer in hard interrupt context, firmware that answers as
 * a test wants it to, and faults.
 *
 * Whatever the driver does that real hardware has no answer to (a register that it must
 * not touch, the right one at the wrong time, any after it was told that they are gone)
 * is remembered and fails the test at its end, as does a device that is left awake.
 */
#ifndef CALIPTRA_TESTS_FAKE_H
#define CALIPTRA_TESTS_FAKE_H

#include <kunit/test.h>
#include <linux/delay.h>
#include <linux/hrtimer.h>

#include "../caliptra-regs.h"
#include "../io.h"

/* Who has a mailbox: we, another agent of the SoC, and Caliptra's or the MCU itself. */
#define FAKE_USER	0x5au
#define FAKE_OTHER_USER 0x77u
#define FAKE_UC_USER	0xddu

/* The response is the request behind a header of two words: checksum, and command. */
#define FAKE_ECHO 0xffffffffu

/* How long anything at all may take. */
#define FAKE_PATIENCE (20 * HZ)

/* Commands that are remembered. */
#define FAKE_LOG 64

struct fake;

/**
 * struct fake_model - what differs between the two kinds of mailboxes
 * @ops: the driver's engine for it
 * @state_regs: registers of soc_ifc_reg or mci_reg that may be read; the last is
 *	FAKE_END
 * @fw_error_non_fatal: which of them says why a command failed
 * @errors: those that the two error wires are made of, or FAKE_END
 * @read: read a register of the mailbox
 * @write: write one
 * @read_sram: read a word of memory, by its offset
 * @write_sram: write one
 * @answer: the firmware hands the mailbox back
 * @has_message: it has handed a message over
 * @data_avail: is the interrupt's line high? Of an MCU mailbox it is for messages to
 *	anybody
 * @unlock: the mailbox is taken from whoever has it
 */
struct fake_model {
	const struct caliptra_mbox_ops *ops;
	const u16 *state_regs;
	u16 fw_error_non_fatal;
	u16 errors[2];
	u32 (*read)(struct fake *f, unsigned int offset);
	void (*write)(struct fake *f, unsigned int offset, u32 value);
	u32 (*read_sram)(struct fake *f, unsigned int offset);
	void (*write_sram)(struct fake *f, unsigned int offset, u32 value);
	void (*answer)(struct fake *f, u32 status);
	void (*message)(struct fake *f);
	bool (*data_avail)(struct fake *f);
	void (*unlock)(struct fake *f);
};

#define FAKE_END 0xffff

extern const struct fake_model fake_soc;
extern const struct fake_model fake_mci;

/**
 * struct fake_wire - an interrupt
 * @fake: what it belongs to
 * @nr: 0 is data_avail, then come the error wires
 * @irq: its number
 * @masked: the interrupt controller does not look at it
 * @count: how often it has interrupted
 * @timer: does so
 */
struct fake_wire {
	struct fake *fake;
	unsigned int nr;
	int irq;
	bool masked;
	unsigned int count;
	struct hrtimer timer;
};

#define FAKE_WIRES 3

/**
 * struct fake_firmware - how commands are answered
 * @looks: how often the driver finds the mailbox busy before it is answered
 * @delay_us: or how long that takes
 * @silent: or only by fake_answer()
 * @status: what the status register says then
 * @rsp_len: length of the response, or FAKE_ECHO
 * @blank: the response is nothing but zeros
 * @bad_checksum: its checksum is wrong
 * @error: why commands fail
 * @slow: a message that was taken stays in its MCU mailbox until fake_take_away()
 */
struct fake_firmware {
	unsigned int looks;
	unsigned int delay_us;
	bool silent;
	u32 status;
	u32 rsp_len;
	bool blank;
	bool bad_checksum;
	u32 error;
	bool slow;
};

/**
 * struct fake - a Caliptra made of software
 * @regs: what the driver gets of it
 * @test: the test that it is for
 * @model: which mailbox it has
 * @parent: the device that the driver would be bound to
 * @cd: the driver's
 * @wires: its interrupts
 * @firmware: set by tests
 * @firmware_timer: answers
 * @calls: commands of the test
 * @lock: protects what follows
 * @wrong: what the driver has done wrong first, at @wrong_at
 * @gone: registers are not accessed any more
 * @accesses: register accesses so far
 * @cut: the line of data_avail is broken
 * @noise: as many interrupts come without a reason
 * @error_noise: the same of error wires
 * @locked: by @user
 * @user: register
 * @cmd: register
 * @dlen: register
 * @status: register; of a SoC mailbox, the field of that name
 * @execute: register
 * @fsm: of a SoC mailbox
 * @ecc: of a SoC mailbox: ECC bits of the status register
 * @deaf: of a SoC mailbox: nobody answers reads of the status register
 * @pos: of a SoC mailbox: next word of the FIFO
 * @torn_at: a reset when that many words of a response were read
 * @torn_early: or before its length is
 * @torn: that has happened, and the driver does not know yet
 * @sram: the mailbox's memory
 * @sram_size: its size in bytes
 * @max_dlen: of an MCU mailbox: as much is zeroed
 * @zeroing: of an MCU mailbox: how often the lock is found taken by that
 * @written: of an MCU mailbox: bits for command code and length
 * @target_user: register
 * @target_valid: register
 * @target_status: register
 * @hw_status: register
 * @looks: until the firmware answers
 * @commands: how many it was given
 * @log: their codes, a ring
 * @releases: how often the mailbox was given back
 * @message_status: what the firmware was told of its message
 * @messages_ended: how often it was
 * @state: soc_ifc_reg or mci_reg
 */
struct fake {
	struct caliptra_fake regs;
	struct kunit *test;
	const struct fake_model *model;
	struct device *parent;
	struct caliptra_dev *cd;
	struct fake_wire wires[FAKE_WIRES];
	struct fake_firmware firmware;
	struct hrtimer firmware_timer;
	struct list_head calls;

	raw_spinlock_t lock; /* see above */
	const char *wrong;
	unsigned long wrong_at;
	bool gone;
	unsigned int accesses;
	bool cut;
	unsigned int noise;
	unsigned int error_noise;

	bool locked;
	u32 user;
	u32 cmd;
	u32 dlen;
	u32 status;
	bool execute;
	u32 fsm;
	u32 ecc;
	bool deaf;
	u32 pos;
	u32 torn_at;
	bool torn_early;
	bool torn;
	__le32 *sram;
	u32 sram_size;
	u32 max_dlen;
	unsigned int zeroing;
	unsigned int written;
	u32 target_user;
	u32 target_valid;
	u32 target_status;
	u32 hw_status;

	unsigned int looks;
	unsigned int commands;
	u32 log[FAKE_LOG];
	unsigned int releases;
	u32 message_status;
	unsigned int messages_ended;
	u32 state[CALIPTRA_MCI_REG_SIZE / 4];
};

/* For the models. */
void fake_wrong(struct fake *f, const char *why, unsigned long where);
void fake_executed(struct fake *f);
void fake_looked(struct fake *f);
void fake_update_wires(struct fake *f);

/* The device. */
struct fake *fake_alloc(struct kunit *test, const struct fake_model *model,
			u32 size);
void fake_add_irq(struct fake *f);
void fake_add_error_irqs(struct fake *f);
void fake_register(struct fake *f);
void fake_unregister(struct fake *f);
void fake_free(struct fake *f);
u32 fake_get_state(struct fake *f, unsigned int offset);
void fake_set_state(struct fake *f, unsigned int offset, u32 value);

/* For a suite: a device that polls, or one with interrupts, in kunit.priv. */
int fake_init_soc(struct kunit *test);
int fake_init_soc_irq(struct kunit *test);
int fake_init_mci(struct kunit *test);
int fake_init_mci_irq(struct kunit *test);
void fake_exit(struct kunit *test);

/* What happens to it. */
void fake_answer(struct fake *f);
void fake_send_message(struct fake *f, u32 cmd, u32 len);
void fake_send_message_to(struct fake *f, u32 user, u32 cmd, u32 len);
void fake_replace_by_message(struct fake *f, u32 cmd, u32 len);
void fake_make_noise(struct fake *f, unsigned int noise);
void fake_make_error_noise(struct fake *f, unsigned int noise);
void fake_take_away(struct fake *f);
void fake_taken_by_other(struct fake *f);
void fake_answer_other(struct fake *f, u32 status, u32 len);
void fake_reset(struct fake *f);
void fake_set_fsm(struct fake *f, u32 fsm);

/**
 * struct fake_call - a command of the test
 * @node: in fake.calls
 * @fake: the device
 * @task: who sends it, or NULL once it is over
 * @txn: the driver's
 * @deadline: when the caller leaves, in jiffies
 * @ret: what caliptra_execute() has returned
 * @done: it has
 */
struct fake_call {
	struct list_head node;
	struct fake *fake;
	struct task_struct *task;
	struct caliptra_txn txn;
	unsigned long deadline;
	int ret;
	bool done;
};

struct fake_call *fake_new_call(struct fake *f, u32 cmd, u32 req_len,
				unsigned int ms);
int fake_run(struct fake_call *c);
void fake_start(struct fake_call *c);
void fake_queue(struct fake_call *c);
int fake_join(struct fake_call *c);
struct fake_call *fake_send(struct fake *f, u32 cmd, u32 req_len,
			    unsigned int ms);
void fake_expect_echo(struct fake_call *c);
void fake_expect_works(struct fake *f);
unsigned int fake_queued(struct fake *f);
bool fake_may_sleep(struct fake *f);
unsigned long fake_ms(unsigned int ms);
u8 fake_request_byte(u32 cmd, u32 i);

/* Wait until something is true, but not forever. */
#define fake_wait(f, condition)                                          \
	do {                                                             \
		unsigned long _end = jiffies + FAKE_PATIENCE;            \
                                                                         \
		while (!(condition) && time_before(jiffies, _end))       \
			usleep_range(50, 100);                           \
		KUNIT_ASSERT_TRUE_MSG((f)->test, condition, #condition); \
	} while (0)

#endif /* CALIPTRA_TESTS_FAKE_H */
