// SPDX-License-Identifier: GPL-2.0-only
/*
 * What both kinds of fake mailboxes have in common: the device, its interrupts, its
 * firmware, and commands that are sent to it. See fake.h.
 */
#include <kunit/device.h>
#include <linux/irq.h>
#include <linux/kthread.h>
#include <linux/pm_runtime.h>
#include <linux/sched/signal.h>

#include "fake.h"

/* Where things are; nothing real is there. */
#define MBOX_BASE  0x00010000ul
#define STATE_BASE 0x00020000ul
#define SRAM_BASE  0x00400000ul
#define MBOX_SIZE  0x1000ul

#define DEFAULT_SIZE CALIPTRA_MBOX_SIZE_SUBSYSTEM

/**
 * fake_wrong() - the driver has done what it must not
 * @f: the device, locked
 * @why: what that was
 * @where: offset of the register
 */
void fake_wrong(struct fake *f, const char *why, unsigned long where)
{
	if (f->wrong)
		return;
	f->wrong = why;
	f->wrong_at = where;
}

/* --- Interrupts --- */

static bool is_high(struct fake_wire *w)
{
	struct fake *f = w->fake;

	if (w->nr)
		return f->error_noise ||
		       f->state[f->model->errors[w->nr - 1] / 4];
	return f->noise || (!f->cut && f->model->data_avail(f));
}

static void update_wire(struct fake_wire *w)
{
	if (w->irq && !w->masked && is_high(w))
		hrtimer_start(&w->timer, 0, HRTIMER_MODE_REL_HARD);
}

/**
 * fake_update_wires() - something has changed that interrupts may tell of
 * @f: the device, locked
 */
void fake_update_wires(struct fake *f)
{
	unsigned int i;

	for (i = 0; i < FAKE_WIRES; i++)
		update_wire(&f->wires[i]);
}

static enum hrtimer_restart interrupt(struct hrtimer *timer)
{
	struct fake_wire *w = container_of(timer, struct fake_wire, timer);
	struct fake *f = w->fake;
	bool high;

	raw_spin_lock(&f->lock);
	high = !w->masked && is_high(w);
	w->count += high;
	if (high && w->nr && !dev_name(&f->cd->dev))
		fake_wrong(f,
			   "an error wire is heard before the device is added",
			   w->nr);
	if (high && !w->nr && f->noise)
		f->noise--;
	if (high && w->nr && f->error_noise)
		f->error_noise--;
	raw_spin_unlock(&f->lock);
	if (high)
		generic_handle_irq(w->irq);
	return HRTIMER_NORESTART;
}

static void wire_mask(struct irq_data *d)
{
	struct fake_wire *w = irq_data_get_irq_chip_data(d);
	unsigned long flags;

	raw_spin_lock_irqsave(&w->fake->lock, flags);
	w->masked = true;
	raw_spin_unlock_irqrestore(&w->fake->lock, flags);
}

static void wire_unmask(struct irq_data *d)
{
	struct fake_wire *w = irq_data_get_irq_chip_data(d);
	unsigned long flags;

	raw_spin_lock_irqsave(&w->fake->lock, flags);
	w->masked = false;
	update_wire(w);
	raw_spin_unlock_irqrestore(&w->fake->lock, flags);
}

static struct irq_chip wire_chip = {
	.name = "caliptra-fake",
	.irq_mask = wire_mask,
	.irq_unmask = wire_unmask,
};

/* As the driver requests them of a real device. */
static int add_wire(struct fake *f, unsigned int nr, irq_handler_t handler)
{
	struct fake_wire *w = &f->wires[nr];
	int irq = irq_alloc_desc(0);

	KUNIT_ASSERT_GT(f->test, irq, 0);
	w->fake = f;
	w->nr = nr;
	w->masked = true;
	hrtimer_setup(&w->timer, interrupt, CLOCK_MONOTONIC,
		      HRTIMER_MODE_REL_HARD);
	irq_set_chip_data(irq, w);
	irq_set_chip_and_handler(irq, &wire_chip, handle_level_irq);
	irq_modify_status(irq, IRQ_NOREQUEST, IRQ_DISABLE_UNLAZY);
	w->irq = irq;
	KUNIT_ASSERT_EQ(f->test,
			request_irq(irq, handler, IRQF_NO_AUTOEN,
				    "caliptra-fake", f->cd),
			0);
	return irq;
}

static void remove_wire(struct fake_wire *w)
{
	if (!w->irq)
		return;
	free_irq(w->irq, w->fake->cd);
	hrtimer_cancel(&w->timer);
	irq_free_desc(w->irq);
	w->irq = 0;
}

/**
 * fake_add_irq() - give a device data_avail, before it is registered
 * @f: the device
 */
void fake_add_irq(struct fake *f)
{
	f->cd->irq = add_wire(f, 0, caliptra_interrupt);
}

/**
 * fake_add_error_irqs() - give it the error wires
 * @f: the device
 */
void fake_add_error_irqs(struct fake *f)
{
	unsigned int i;

	for (i = 0; i < ARRAY_SIZE(f->cd->error_irqs); i++)
		f->cd->error_irqs[i] =
			add_wire(f, i + 1, caliptra_error_interrupt);
}

/* --- Firmware --- */

/**
 * fake_request_byte() - what requests are made of
 * @cmd: command code
 * @i: offset in the request
 *
 * Return: the byte.
 */
u8 fake_request_byte(u32 cmd, u32 i)
{
	return (cmd ^ (i * 7) ^ (i >> 8)) + 1;
}

static void set_checksum(u8 *bytes, u32 len, u32 plus)
{
	u32 i, sum = plus;

	for (i = 4; i < len; i++)
		sum += bytes[i];
	*(__le32 *)bytes = cpu_to_le32(-sum);
}

static void fill_response(struct fake *f)
{
	u8 *bytes = (u8 *)f->sram;
	u32 len, i;

	if (f->firmware.rsp_len == FAKE_ECHO) {
		f->dlen = min(f->dlen + 8, f->sram_size);
		memmove(bytes + 8, bytes, f->dlen - 8);
		f->sram[1] = cpu_to_le32(f->cmd);
	} else {
		f->dlen = f->firmware.rsp_len;
		for (i = 0; i < min(f->dlen, f->sram_size); i++)
			bytes[i] = fake_request_byte(~f->cmd, i);
	}
	len = min(f->dlen, f->sram_size);
	if (f->firmware.blank)
		memset(bytes, 0, len);
	else if (len >= 8)
		set_checksum(bytes, len, f->firmware.bad_checksum);
}

/* The MCU's firmware has no other status for a response. */
static bool is_mci(const struct fake *f)
{
	return f->cd->ops->kind == CALIPTRA_MBOX_MCI;
}

static void answer(struct fake *f)
{
	f->looks = 0;
	if (f->firmware.status == MBOX_STATUS_DATA_READY ||
	    (f->firmware.status == MBOX_STATUS_CMD_COMPLETE && is_mci(f)))
		fill_response(f);
	if (f->firmware.status == MBOX_STATUS_CMD_FAILURE)
		f->state[f->model->fw_error_non_fatal / 4] = f->firmware.error;
	f->model->answer(f, f->firmware.status);
}

static bool has_command(const struct fake *f)
{
	return f->execute && f->user == FAKE_USER &&
	       f->status == MBOX_STATUS_CMD_BUSY && f->fsm != MBOX_FSM_ERROR;
}

static enum hrtimer_restart answer_late(struct hrtimer *timer)
{
	struct fake *f = container_of(timer, struct fake, firmware_timer);

	raw_spin_lock(&f->lock);
	if (has_command(f))
		answer(f);
	fake_update_wires(f);
	raw_spin_unlock(&f->lock);
	return HRTIMER_NORESTART;
}

/**
 * fake_executed() - the firmware has got a command
 * @f: the device, locked
 */
void fake_executed(struct fake *f)
{
	f->log[f->commands++ % FAKE_LOG] = f->cmd;
	f->looks = 0;
	if (f->firmware.silent)
		return;
	if (f->firmware.delay_us)
		hrtimer_start(&f->firmware_timer,
			      ns_to_ktime(f->firmware.delay_us * 1000ull),
			      HRTIMER_MODE_REL_HARD);
	else if (f->firmware.looks)
		f->looks = f->firmware.looks;
	else
		answer(f);
}

/**
 * fake_looked() - the driver has read the status register
 * @f: the device, locked
 */
void fake_looked(struct fake *f)
{
	if (f->looks && !--f->looks)
		answer(f);
}

/**
 * fake_answer() - firmware that is silent answers the command that it has
 * @f: the device
 */
void fake_answer(struct fake *f)
{
	unsigned long flags;

	raw_spin_lock_irqsave(&f->lock, flags);
	if (has_command(f))
		answer(f);
	fake_update_wires(f);
	raw_spin_unlock_irqrestore(&f->lock, flags);
}

static void send_message(struct fake *f, u32 cmd, u32 len)
{
	u8 *bytes = (u8 *)f->sram;
	u32 i;

	f->cmd = cmd;
	f->dlen = len;
	for (i = 0; i < min(len, f->sram_size); i++)
		bytes[i] = fake_request_byte(cmd, i);
	f->model->message(f);
	fake_update_wires(f);
}

/**
 * fake_send_message() - it says something by itself, in a mailbox that is free
 * @f: the device
 * @cmd: command code
 * @len: length, which may be more than the mailbox has
 */
void fake_send_message(struct fake *f, u32 cmd, u32 len)
{
	unsigned long flags;

	raw_spin_lock_irqsave(&f->lock, flags);
	if (f->locked)
		fake_wrong(f, "the test sends into a mailbox that is taken", 0);
	send_message(f, cmd, len);
	raw_spin_unlock_irqrestore(&f->lock, flags);
}

/**
 * fake_send_message_to() - the MCU says something to somebody
 * @f: the device, with an MCU mailbox that is free
 * @user: to whom
 * @cmd: command code
 * @len: length
 */
void fake_send_message_to(struct fake *f, u32 user, u32 cmd, u32 len)
{
	unsigned long flags;

	raw_spin_lock_irqsave(&f->lock, flags);
	if (f->locked)
		fake_wrong(f, "the test sends into a mailbox that is taken", 0);
	send_message(f, cmd, len);
	f->target_user = user;
	raw_spin_unlock_irqrestore(&f->lock, flags);
}

/**
 * fake_replace_by_message() - the same, where a command was a moment ago
 * @f: the device
 * @cmd: command code
 * @len: length
 */
void fake_replace_by_message(struct fake *f, u32 cmd, u32 len)
{
	unsigned long flags;

	raw_spin_lock_irqsave(&f->lock, flags);
	f->looks = 0;
	f->model->unlock(f);
	send_message(f, cmd, len);
	raw_spin_unlock_irqrestore(&f->lock, flags);
}

/**
 * fake_make_noise() - interrupts come without a reason
 * @f: the device
 * @noise: how many
 */
void fake_make_noise(struct fake *f, unsigned int noise)
{
	unsigned long flags;

	raw_spin_lock_irqsave(&f->lock, flags);
	f->noise = noise;
	fake_update_wires(f);
	raw_spin_unlock_irqrestore(&f->lock, flags);
}

/**
 * fake_make_error_noise() - those of error wires do
 * @f: the device
 * @noise: how many
 */
void fake_make_error_noise(struct fake *f, unsigned int noise)
{
	unsigned long flags;

	raw_spin_lock_irqsave(&f->lock, flags);
	f->error_noise = noise;
	fake_update_wires(f);
	raw_spin_unlock_irqrestore(&f->lock, flags);
}

/**
 * fake_take_away() - the mailbox is free, whoever has had it
 * @f: the device
 */
void fake_take_away(struct fake *f)
{
	unsigned long flags;

	raw_spin_lock_irqsave(&f->lock, flags);
	f->looks = 0;
	f->model->unlock(f);
	raw_spin_unlock_irqrestore(&f->lock, flags);
}

/**
 * fake_taken_by_other() - another agent of the SoC has it, and a command in it
 * @f: the device
 */
void fake_taken_by_other(struct fake *f)
{
	unsigned long flags;

	raw_spin_lock_irqsave(&f->lock, flags);
	f->locked = true;
	f->user = FAKE_OTHER_USER;
	f->execute = true;
	f->status = MBOX_STATUS_CMD_BUSY;
	f->fsm = MBOX_FSM_EXECUTE_UC;
	raw_spin_unlock_irqrestore(&f->lock, flags);
}

/**
 * fake_answer_other() - a reset has taken the mailbox, and another agent has an answer in it
 * @f: the device, which has no data for us then
 * @status: of the answer
 * @len: its length
 */
void fake_answer_other(struct fake *f, u32 status, u32 len)
{
	unsigned long flags;

	raw_spin_lock_irqsave(&f->lock, flags);
	f->looks = 0;
	f->locked = true;
	f->user = FAKE_OTHER_USER;
	f->execute = true;
	f->cmd = ~f->cmd;
	f->dlen = len;
	memset(f->sram, 0, min(len, f->sram_size));
	f->model->answer(f, status);
	fake_update_wires(f);
	raw_spin_unlock_irqrestore(&f->lock, flags);
}

/**
 * fake_reset() - the mailbox is as after a reset; other registers are as they were
 * @f: the device
 */
void fake_reset(struct fake *f)
{
	unsigned long flags;

	raw_spin_lock_irqsave(&f->lock, flags);
	f->looks = 0;
	f->model->unlock(f);
	f->cmd = 0;
	f->dlen = 0;
	f->user = 0;
	if (f->model == &fake_mci) {
		f->locked = true;
		f->user = FAKE_UC_USER;
	}
	raw_spin_unlock_irqrestore(&f->lock, flags);
}

/**
 * fake_set_fsm() - the SoC mailbox is in another state
 * @f: the device
 * @fsm: the state
 */
void fake_set_fsm(struct fake *f, u32 fsm)
{
	unsigned long flags;

	raw_spin_lock_irqsave(&f->lock, flags);
	f->looks = 0;
	f->fsm = fsm;
	raw_spin_unlock_irqrestore(&f->lock, flags);
}

/* --- Registers --- */

static u32 read_state(struct fake *f, unsigned long offset)
{
	const u16 *reg;

	for (reg = f->model->state_regs; *reg != FAKE_END; reg++)
		if (*reg == offset)
			return f->state[offset / 4];
	fake_wrong(f, "a register that is not for the driver to read", offset);
	return 0;
}

/* The interrupt handler is gone before the registers are. */
static void expect_allowed(struct fake *f, unsigned long at)
{
	if (f->gone)
		fake_wrong(f, "accessed after they are gone", at);
	if (at % 4)
		fake_wrong(f, "not a whole register", at);
	f->accesses++;
}

static u32 fake_read(struct caliptra_fake *regs, void __iomem *addr)
{
	struct fake *f = container_of(regs, struct fake, regs);
	unsigned long at = (__force unsigned long)addr;
	unsigned long flags;
	u32 value;

	raw_spin_lock_irqsave(&f->lock, flags);
	expect_allowed(f, at);
	if (at >= SRAM_BASE)
		value = f->model->read_sram(f, at - SRAM_BASE);
	else if (at >= STATE_BASE)
		value = read_state(f, at - STATE_BASE);
	else
		value = f->model->read(f, at - MBOX_BASE);
	fake_update_wires(f);
	raw_spin_unlock_irqrestore(&f->lock, flags);
	return value;
}

static void fake_write(struct caliptra_fake *regs, void __iomem *addr,
		       u32 value)
{
	struct fake *f = container_of(regs, struct fake, regs);
	unsigned long at = (__force unsigned long)addr;
	unsigned long flags;

	raw_spin_lock_irqsave(&f->lock, flags);
	expect_allowed(f, at);
	if (at >= SRAM_BASE)
		f->model->write_sram(f, at - SRAM_BASE, value);
	else if (at >= STATE_BASE)
		fake_wrong(f, "state is not for the driver to write",
			   at - STATE_BASE);
	else
		f->model->write(f, at - MBOX_BASE, value);
	fake_update_wires(f);
	raw_spin_unlock_irqrestore(&f->lock, flags);
}

/**
 * fake_get_state() - what a register of soc_ifc_reg or mci_reg has
 * @f: the device
 * @offset: which
 *
 * Return: its value.
 */
u32 fake_get_state(struct fake *f, unsigned int offset)
{
	return READ_ONCE(f->state[offset / 4]);
}

/**
 * fake_set_state() - change it
 * @f: the device
 * @offset: which
 * @value: its value
 */
void fake_set_state(struct fake *f, unsigned int offset, u32 value)
{
	unsigned long flags;

	raw_spin_lock_irqsave(&f->lock, flags);
	f->state[offset / 4] = value;
	fake_update_wires(f);
	raw_spin_unlock_irqrestore(&f->lock, flags);
}

/* --- The device --- */

static void set_ready(struct fake *f)
{
	if (f->model == &fake_mci) {
		f->state[MCI_FW_FLOW_STATUS / 4] =
			MCI_FW_FLOW_STATUS_FIRMWARE_MAILBOX_READY;
		f->state[MCI_MCU_LSU_AXI_USER / 4] = FAKE_UC_USER;
		return;
	}
	f->state[CPTRA_HW_REV_ID / 4] = 0x12;
	f->state[CPTRA_HW_CONFIG / 4] = CPTRA_HW_CONFIG_SUBSYSTEM_MODE_EN;
	f->state[CPTRA_FLOW_STATUS / 4] =
		CPTRA_FLOW_STATUS_READY_FOR_MB_PROCESSING |
		CPTRA_FLOW_STATUS_READY_FOR_RUNTIME;
}

/**
 * fake_alloc() - make a device
 * @test: whose
 * @model: &fake_soc or &fake_mci
 * @size: size of its mailbox
 *
 * Return: the device, with firmware that answers at once; fake_free() it.
 */
struct fake *fake_alloc(struct kunit *test, const struct fake_model *model,
			u32 size)
{
	struct fake *f = kunit_kzalloc(test, sizeof(*f), GFP_KERNEL);
	static atomic_t number;
	char name[32];

	KUNIT_ASSERT_NOT_NULL(test, f);
	f->regs.read = fake_read;
	f->regs.write = fake_write;
	f->test = test;
	f->model = model;
	f->sram_size = size;
	f->sram = kunit_kzalloc(test, size, GFP_KERNEL);
	KUNIT_ASSERT_NOT_NULL(test, f->sram);
	f->firmware.status = MBOX_STATUS_DATA_READY;
	f->firmware.rsp_len = FAKE_ECHO;
	raw_spin_lock_init(&f->lock);
	INIT_LIST_HEAD(&f->calls);
	hrtimer_setup(&f->firmware_timer, answer_late, CLOCK_MONOTONIC,
		      HRTIMER_MODE_REL_HARD);
	set_ready(f);

	snprintf(name, sizeof(name), "caliptra-fake%d",
		 atomic_inc_return(&number));
	f->parent = kunit_device_register(test, name);
	KUNIT_ASSERT_NOT_ERR_OR_NULL(test, f->parent);
	pm_runtime_set_active(f->parent);
	pm_runtime_enable(f->parent);
	f->cd = caliptra_alloc(f->parent, model->ops);
	KUNIT_ASSERT_NOT_NULL(test, f->cd);
	f->cd->fake = &f->regs;
	f->cd->mbox = (void __iomem *)MBOX_BASE;
	f->cd->state_regs = (void __iomem *)STATE_BASE;
	f->cd->sram = (void __iomem *)SRAM_BASE;
	f->cd->mbox_size = size;
	return f;
}

/**
 * fake_register() - the driver serves it from now on
 * @f: the device
 */
void fake_register(struct fake *f)
{
	KUNIT_ASSERT_EQ(f->test, caliptra_register(f->cd), 0);
	/* accesses are counted */
	flush_delayed_work(&f->cd->health);
}

/**
 * fake_unregister() - the driver has to let go of it; so it must be registered
 * @f: the device
 */
void fake_unregister(struct fake *f)
{
	caliptra_unregister(f->cd);
	WRITE_ONCE(f->gone, true);
}

static void end_calls(struct fake *f)
{
	struct fake_call *c;

	f->firmware.silent = false;
	list_for_each_entry(c, &f->calls, node)
		if (c->task)
			caliptra_abandon(f->cd, &c->txn);
	if (!f->gone)
		fake_answer(f);
	list_for_each_entry(c, &f->calls, node)
		fake_join(c);
}

/**
 * fake_may_sleep() - does nobody keep the device awake?
 * @f: the device
 *
 * Return: true if so.
 */
bool fake_may_sleep(struct fake *f)
{
#ifdef CONFIG_PM
	return !atomic_read(&f->parent->power.usage_count);
#else
	return true;
#endif
}

/**
 * fake_free() - the end of a device, and of all that is done with it
 * @f: the device
 */
void fake_free(struct fake *f)
{
	unsigned int i;

	end_calls(f);
	if (!f->gone && device_is_registered(&f->cd->dev))
		fake_unregister(f);
	for (i = 0; i < FAKE_WIRES; i++)
		remove_wire(&f->wires[i]);
	hrtimer_cancel(&f->firmware_timer);
	KUNIT_EXPECT_TRUE_MSG(f->test, fake_may_sleep(f),
			      "the device is left awake");
	put_device(&f->cd->dev);
	pm_runtime_disable(f->parent);
	if (f->wrong)
		KUNIT_FAIL(f->test, "register 0x%03lx: %s", f->wrong_at,
			   f->wrong);
}

static int init(struct kunit *test, const struct fake_model *model, bool irq)
{
	struct fake *f = fake_alloc(test, model, DEFAULT_SIZE);

	test->priv = f;
	if (irq)
		fake_add_irq(f);
	fake_register(f);
	return 0;
}

int fake_init_soc(struct kunit *test)
{
	return init(test, &fake_soc, false);
}

int fake_init_soc_irq(struct kunit *test)
{
	return init(test, &fake_soc, true);
}

int fake_init_mci(struct kunit *test)
{
	return init(test, &fake_mci, false);
}

int fake_init_mci_irq(struct kunit *test)
{
	return init(test, &fake_mci, true);
}

void fake_exit(struct kunit *test)
{
	if (test->priv)
		fake_free(test->priv);
}

/* --- Commands --- */

/**
 * fake_ms() - some time from now
 * @ms: milliseconds
 *
 * Return: when that is over, in jiffies.
 */
unsigned long fake_ms(unsigned int ms)
{
	return jiffies + 1 + msecs_to_jiffies(ms);
}

/**
 * fake_new_call() - a command that is yet to be sent
 * @f: the device
 * @cmd: command code
 * @req_len: length of the request
 * @ms: how long the caller waits
 *
 * Return: it.
 */
struct fake_call *fake_new_call(struct fake *f, u32 cmd, u32 req_len,
				unsigned int ms)
{
	struct fake_call *c = kunit_kzalloc(f->test, sizeof(*c), GFP_KERNEL);
	u8 *buf = kunit_kzalloc(f->test, f->cd->mbox_size, GFP_KERNEL);
	u32 i;

	KUNIT_ASSERT_NOT_NULL(f->test, c);
	KUNIT_ASSERT_NOT_NULL(f->test, buf);
	for (i = 0; i < req_len; i++)
		buf[i] = fake_request_byte(cmd, i);
	c->fake = f;
	c->deadline = fake_ms(ms);
	caliptra_txn_init(&c->txn, cmd, buf, f->cd->mbox_size, req_len);
	list_add_tail(&c->node, &f->calls);
	return c;
}

/**
 * fake_run() - send it, and wait
 * @c: the command
 *
 * Return: what caliptra_execute() returns.
 */
int fake_run(struct fake_call *c)
{
	c->ret = caliptra_execute(c->fake->cd, &c->txn, c->deadline);
	/* behind all that it tells of */
	smp_store_release(&c->done, true);
	return c->ret;
}

static int caller(void *data)
{
	allow_signal(SIGINT);
	allow_signal(SIGKILL);
	fake_run(data);
	return 0;
}

/**
 * fake_start() - send it from another thread
 * @c: the command; fake_join() it
 */
void fake_start(struct fake_call *c)
{
	struct task_struct *task = kthread_create(caller, c, "caliptra-caller");

	KUNIT_ASSERT_NOT_ERR_OR_NULL(c->fake->test, task);
	c->task = get_task_struct(task);
	wake_up_process(task);
}

/**
 * fake_queue() - send it from another thread, once all before it have been queued
 * @c: the command; fake_join() it
 */
void fake_queue(struct fake_call *c)
{
	fake_start(c);
	/* what has left the queue is not empty, either */
	fake_wait(c->fake, !list_empty_careful(&c->txn.node));
}

/**
 * fake_join() - wait until it is over
 * @c: the command
 *
 * Return: what caliptra_execute() has returned.
 */
int fake_join(struct fake_call *c)
{
	struct task_struct *task = c->task;

	if (!task)
		return c->ret;
	fake_wait(c->fake, smp_load_acquire(&c->done));
	c->task = NULL;
	kthread_stop(task);
	put_task_struct(task);
	return c->ret;
}

/**
 * fake_send() - send a command from another thread, until the firmware has it
 * @f: the device, idle, whose firmware does not answer at once
 * @cmd: command code
 * @req_len: length of the request
 * @ms: how long the caller waits
 *
 * Return: the command; fake_join() it.
 */
struct fake_call *fake_send(struct fake *f, u32 cmd, u32 req_len,
			    unsigned int ms)
{
	struct fake_call *c = fake_new_call(f, cmd, req_len, ms);
	unsigned int before = f->commands;

	fake_start(c);
	fake_wait(f, READ_ONCE(f->commands) > before);
	return c;
}

/**
 * fake_queued() - how many commands there are
 * @f: the device
 *
 * Return: their number, with the one in the mailbox.
 */
unsigned int fake_queued(struct fake *f)
{
	struct caliptra_txn *txn;
	unsigned int n = 0;

	spin_lock_irq(&f->cd->lock);
	list_for_each_entry(txn, &f->cd->queue, node)
		n++;
	spin_unlock_irq(&f->cd->lock);
	return n;
}

/**
 * fake_expect_echo() - a command has come to a good end, with its own answer
 * @c: the command
 */
void fake_expect_echo(struct fake_call *c)
{
	struct kunit *test = c->fake->test;
	u32 len = c->txn.req_len, i, wrong = 0;
	const u8 *rsp = c->txn.buf;

	/* an MCU mailbox has no commands without data */
	if (c->fake->model == &fake_mci)
		len = max(len, 1u);
	KUNIT_EXPECT_EQ(test, c->ret, 0);
	KUNIT_EXPECT_TRUE(test, c->txn.sent);
	KUNIT_EXPECT_EQ(test, c->txn.cause, CALIPTRA_CAUSE_NONE);
	KUNIT_ASSERT_EQ(test, c->txn.rsp_len,
			min(len + 8, c->fake->cd->mbox_size));
	KUNIT_EXPECT_EQ(test, le32_to_cpup((const __le32 *)rsp + 1),
			c->txn.cmd);
	for (i = 8; i < c->txn.rsp_len && i - 8 < c->txn.req_len; i++)
		wrong += rsp[i] != fake_request_byte(c->txn.cmd, i - 8);
	KUNIT_EXPECT_EQ_MSG(test, wrong, 0, "bytes of the response");
}

/**
 * fake_expect_works() - a command goes through as if nothing had ever happened
 * @f: the device, whose firmware answers
 */
void fake_expect_works(struct fake *f)
{
	struct fake_call *c = fake_new_call(f, 0x574f524b, 20, 10000);

	fake_run(c);
	fake_expect_echo(c);
}
