// SPDX-License-Identifier: GPL-2.0-only
/*
 * Unit tests of what is reported of a device: each change once, to those who follow the
 * monitor group. Time that has to pass is taken from when it began.
 */
#include <linux/net.h>
#include <linux/netlink.h>
#include <net/genetlink.h>

#include <uapi/linux/caliptra_netlink.h>

#include "../netlink-gen.h"
#include "fake.h"

/* More than the driver waits before it calls a command stuck. */
#define LONG_AGO (3600 * HZ)

#define EVENTS 64

/**
 * struct event - what was told
 * @cmd: of the netlink family
 * @attrs: its attributes that are numbers
 */
struct event {
	u8 cmd;
	u32 attrs[CALIPTRA_A_EVENT_MAX + 1];
};

/**
 * struct context - for each test
 * @f: the device
 * @sock: who follows
 * @events: what was heard of the device
 * @count: how many these are
 * @taken: of which as many were expected
 */
struct context {
	struct fake *f;
	struct socket *sock;
	struct event events[EVENTS];
	unsigned int count;
	unsigned int taken;
};

static struct context *context(struct kunit *test)
{
	return test->priv;
}

static void join(struct kunit *test, struct socket *sock)
{
	struct sockaddr_nl addr = { .nl_family = AF_NETLINK };
	int group = caliptra_nl_family.mcgrp_offset + CALIPTRA_NLGRP_MONITOR;

	KUNIT_ASSERT_EQ(test, kernel_bind(sock, (void *)&addr, sizeof(addr)),
			0);
	KUNIT_ASSERT_EQ(
		test,
		sock->ops->setsockopt(sock, SOL_NETLINK, NETLINK_ADD_MEMBERSHIP,
				      KERNEL_SOCKPTR(&group), sizeof(group)),
		0);
	KUNIT_ASSERT_TRUE(test, caliptra_netlink_has_listeners());
}

static void follow(struct kunit *test)
{
	struct context *x = context(test);

	KUNIT_ASSERT_EQ(test,
			sock_create_kern(&init_net, PF_NETLINK, SOCK_RAW,
					 NETLINK_GENERIC, &x->sock),
			0);
	join(test, x->sock);
}

static void note(struct context *x, struct nlmsghdr *nlh)
{
	struct genlmsghdr *head = nlmsg_data(nlh);
	struct event *e = &x->events[x->count];
	struct nlattr *attr;
	unsigned int i;

	attr = nlmsg_find_attr(nlh, GENL_HDRLEN, CALIPTRA_A_EVENT_NAME);
	if (!attr || nla_strcmp(attr, dev_name(&x->f->cd->dev)))
		return;
	KUNIT_ASSERT_LT(x->f->test, x->count, EVENTS);
	x->count++;
	e->cmd = head->cmd;
	for (i = CALIPTRA_A_EVENT_OLD_STATE; i <= CALIPTRA_A_EVENT_MAX; i++) {
		attr = nlmsg_find_attr(nlh, GENL_HDRLEN, i);
		if (attr && nla_len(attr) == 4)
			e->attrs[i] = nla_get_u32(attr);
	}
}

static void hear(struct context *x)
{
	static u8 buf[4096];
	struct kvec vec = { .iov_base = buf, .iov_len = sizeof(buf) };
	struct nlmsghdr *nlh = (struct nlmsghdr *)buf;
	struct msghdr msg = {};

	while (kernel_recvmsg(x->sock, &msg, &vec, 1, sizeof(buf),
			      MSG_DONTWAIT) > 0)
		note(x, nlh);
}

static bool has_heard(struct context *x, u8 cmd)
{
	unsigned int i;

	hear(x);
	for (i = x->taken; i < x->count; i++)
		if (x->events[i].cmd == cmd)
			return true;
	return false;
}

/* The next thing that is told is this. */
static struct event *expect_event(struct kunit *test, u8 cmd)
{
	struct context *x = context(test);

	fake_wait(x->f, (hear(x), x->count > x->taken));
	KUNIT_EXPECT_EQ(test, x->events[x->taken].cmd, cmd);
	return &x->events[x->taken++];
}

/* Let it look, as often as it likes to. */
static void look(struct fake *f)
{
	caliptra_health_look(f->cd);
	flush_delayed_work(&f->cd->health);
}

static void expect_silence(struct kunit *test)
{
	struct context *x = context(test);

	look(x->f);
	look(x->f);
	hear(x);
	KUNIT_EXPECT_EQ_MSG(test, x->count, x->taken, "event %u was told",
			    x->events[x->taken].cmd);
}

static int init(struct kunit *test)
{
	struct context *x = kunit_kzalloc(test, sizeof(*x), GFP_KERNEL);

	KUNIT_ASSERT_NOT_NULL(test, x);
	x->f = fake_alloc(test, &fake_soc, 4096);
	test->priv = x;
	fake_add_error_irqs(x->f);
	follow(test);
	fake_register(x->f);
	/* this one has other attributes, but its name is where it is in all */
	expect_event(test, CALIPTRA_NL_CMD_DEVICE_ADD);
	return 0;
}

static void end(struct kunit *test)
{
	struct context *x = context(test);

	if (!x)
		return;
	fake_free(x->f);
	if (x->sock)
		sock_release(x->sock);
}

static void come_and_go(struct kunit *test)
{
	struct context *x = context(test);

	expect_silence(test);
	fake_unregister(x->f);
	expect_event(test, CALIPTRA_NL_CMD_DEVICE_DEL);
	hear(x);
	KUNIT_EXPECT_EQ(test, x->count, x->taken);
}

static void state_changes(struct kunit *test)
{
	struct fake *f = context(test)->f;
	struct event *e;

	fake_set_state(f, CPTRA_FLOW_STATUS,
		       CPTRA_FLOW_STATUS_READY_FOR_MB_PROCESSING);
	look(f);
	e = expect_event(test, CALIPTRA_NL_CMD_STATE_CHANGE);
	KUNIT_EXPECT_EQ(test, e->attrs[CALIPTRA_A_EVENT_OLD_STATE],
			CALIPTRA_STATE_READY_FOR_RUNTIME);
	KUNIT_EXPECT_EQ(test, e->attrs[CALIPTRA_A_EVENT_STATE],
			CALIPTRA_STATE_READY_FOR_MB_PROCESSING);
	expect_silence(test);
}

/* While somebody follows nobody has to ask. */
static void watched(struct kunit *test)
{
	struct context *x = context(test);

	look(x->f);
	fake_set_state(x->f, CPTRA_FLOW_STATUS,
		       CPTRA_FLOW_STATUS_READY_FOR_MB_PROCESSING);
	fake_wait(x->f, has_heard(x, CALIPTRA_NL_CMD_STATE_CHANGE));
	expect_event(test, CALIPTRA_NL_CMD_STATE_CHANGE);

	/* and when nobody does, nobody looks */
	sock_release(x->sock);
	x->sock = NULL;
	look(x->f);
	KUNIT_EXPECT_FALSE(test, delayed_work_pending(&x->f->cd->health));
}

static void reset_by_reason(struct kunit *test)
{
	struct fake *f = context(test)->f;
	struct event *e;

	fake_set_state(f, CPTRA_RESET_REASON, CPTRA_RESET_REASON_WARM_RESET);
	look(f);
	e = expect_event(test, CALIPTRA_NL_CMD_RESET);
	KUNIT_EXPECT_EQ(test, e->attrs[CALIPTRA_A_EVENT_RESET_REASON],
			CPTRA_RESET_REASON_WARM_RESET);
	expect_silence(test);
	/* a bit that goes is not one */
	fake_set_state(f, CPTRA_RESET_REASON, 0);
	expect_silence(test);
	KUNIT_EXPECT_EQ(test, f->cd->stats.resets, 1);
}

/* What a command has noticed and what registers tell is the same reset. */
static void reset_with_a_command(struct kunit *test)
{
	struct fake *f = context(test)->f;
	struct fake_call *c;

	fake_expect_works(f);
	f->firmware.silent = true;
	c = fake_send(f, 1, 8, 20000);
	fake_set_state(f, CPTRA_RESET_REASON, CPTRA_RESET_REASON_WARM_RESET);
	fake_reset(f);
	caliptra_abandon(f->cd, &c->txn);
	KUNIT_EXPECT_EQ(test, fake_join(c), -ECONNRESET);
	expect_event(test, CALIPTRA_NL_CMD_RESET);
	expect_silence(test);
	KUNIT_EXPECT_EQ(test, f->cd->stats.resets, 1);
}

/* Firmware that has run has not gone back by itself. */
static void reset_by_state(struct kunit *test)
{
	struct fake *f = context(test)->f;

	fake_set_state(f, CPTRA_FLOW_STATUS, CPTRA_FLOW_STATUS_READY_FOR_FUSES);
	look(f);
	expect_event(test, CALIPTRA_NL_CMD_RESET);
	expect_event(test, CALIPTRA_NL_CMD_STATE_CHANGE);
	expect_silence(test);
	fake_set_state(f, CPTRA_FLOW_STATUS,
		       CPTRA_FLOW_STATUS_READY_FOR_RUNTIME);
	look(f);
	expect_event(test, CALIPTRA_NL_CMD_STATE_CHANGE);
	expect_silence(test);
	KUNIT_EXPECT_EQ(test, f->cd->stats.resets, 1);
}

static void fatal_error(struct kunit *test)
{
	struct fake *f = context(test)->f;
	struct event *e;

	fake_set_state(f, CPTRA_FW_ERROR_FATAL, 0x0105);
	fake_set_state(f, CPTRA_HW_ERROR_FATAL, 4);
	e = expect_event(test, CALIPTRA_NL_CMD_STATE_CHANGE);
	KUNIT_EXPECT_EQ(test, e->attrs[CALIPTRA_A_EVENT_STATE],
			CALIPTRA_STATE_FATAL_ERROR);
	e = expect_event(test, CALIPTRA_NL_CMD_ERROR_FATAL);
	KUNIT_EXPECT_EQ(test, e->attrs[CALIPTRA_A_EVENT_HW_ERROR_FATAL], 4);
	KUNIT_EXPECT_EQ(test, e->attrs[CALIPTRA_A_EVENT_FW_ERROR], 0x0105);
	expect_silence(test);
	fake_set_state(f, CPTRA_HW_ERROR_FATAL, 6);
	look(f);
	e = expect_event(test, CALIPTRA_NL_CMD_ERROR_FATAL);
	KUNIT_EXPECT_EQ(test, e->attrs[CALIPTRA_A_EVENT_HW_ERROR_FATAL], 6);
	expect_silence(test);
}

static void expect_change(struct kunit *test, u32 old, u32 new)
{
	struct event *e = expect_event(test, CALIPTRA_NL_CMD_STATE_CHANGE);

	KUNIT_EXPECT_EQ(test, e->attrs[CALIPTRA_A_EVENT_OLD_STATE], old);
	KUNIT_EXPECT_EQ(test, e->attrs[CALIPTRA_A_EVENT_STATE], new);
}

/* To whoever asks; the registers tell of their errors for ever. */
static void expect_state(struct fake *f, u32 state)
{
	struct caliptra_info info;

	KUNIT_EXPECT_EQ(f->test, caliptra_get_info(f->cd, &info), 0);
	KUNIT_EXPECT_EQ(f->test, info.state, state);
	KUNIT_EXPECT_EQ(f->test, info.hw_error_fatal,
			fake_get_state(f, CPTRA_HW_ERROR_FATAL));
	KUNIT_EXPECT_EQ(f->test, info.fw_error_fatal,
			fake_get_state(f, CPTRA_FW_ERROR_FATAL));
}

/* Errors that a reset leaves in the registers are older than the firmware. */
static void fatal_error_and_reset(struct kunit *test)
{
	struct fake *f = context(test)->f;
	u32 flow = fake_get_state(f, CPTRA_FLOW_STATUS);

	fake_set_state(f, CPTRA_FW_ERROR_FATAL, 0x0105);
	look(f);
	expect_change(test, CALIPTRA_STATE_READY_FOR_RUNTIME,
		      CALIPTRA_STATE_FATAL_ERROR);
	expect_event(test, CALIPTRA_NL_CMD_ERROR_FATAL);
	fake_set_state(f, CPTRA_RESET_REASON, CPTRA_RESET_REASON_WARM_RESET);
	look(f);
	expect_event(test, CALIPTRA_NL_CMD_RESET);
	expect_change(test, CALIPTRA_STATE_FATAL_ERROR,
		      CALIPTRA_STATE_READY_FOR_RUNTIME);
	expect_state(f, CALIPTRA_STATE_READY_FOR_RUNTIME);
	expect_silence(test);

	/* another one, and a reset that leaves nothing but the time that it takes */
	fake_set_state(f, CPTRA_HW_ERROR_FATAL, 4);
	look(f);
	expect_change(test, CALIPTRA_STATE_READY_FOR_RUNTIME,
		      CALIPTRA_STATE_FATAL_ERROR);
	expect_event(test, CALIPTRA_NL_CMD_ERROR_FATAL);
	fake_set_state(f, CPTRA_FLOW_STATUS, 0);
	look(f);
	expect_event(test, CALIPTRA_NL_CMD_RESET);
	expect_change(test, CALIPTRA_STATE_FATAL_ERROR, CALIPTRA_STATE_RESET);
	fake_set_state(f, CPTRA_FLOW_STATUS, flow);
	look(f);
	expect_change(test, CALIPTRA_STATE_RESET,
		      CALIPTRA_STATE_READY_FOR_RUNTIME);
	expect_state(f, CALIPTRA_STATE_READY_FOR_RUNTIME);
	expect_silence(test);

	/* what has been cleared and comes again is new */
	fake_set_state(f, CPTRA_HW_ERROR_FATAL, 0);
	look(f);
	fake_set_state(f, CPTRA_HW_ERROR_FATAL, 4);
	look(f);
	expect_change(test, CALIPTRA_STATE_READY_FOR_RUNTIME,
		      CALIPTRA_STATE_FATAL_ERROR);
	expect_event(test, CALIPTRA_NL_CMD_ERROR_FATAL);
	expect_silence(test);
}

/* It may have been before or after the reset; firmware that answers knows. */
static void fatal_error_with_reset(struct kunit *test)
{
	struct fake *f = context(test)->f;

	fake_set_state(f, CPTRA_RESET_REASON, CPTRA_RESET_REASON_WARM_RESET);
	fake_set_state(f, CPTRA_FW_ERROR_FATAL, 0x0105);
	look(f);
	expect_event(test, CALIPTRA_NL_CMD_RESET);
	expect_change(test, CALIPTRA_STATE_READY_FOR_RUNTIME,
		      CALIPTRA_STATE_FATAL_ERROR);
	expect_event(test, CALIPTRA_NL_CMD_ERROR_FATAL);
	fake_expect_works(f);
	expect_change(test, CALIPTRA_STATE_FATAL_ERROR,
		      CALIPTRA_STATE_READY_FOR_RUNTIME);
	expect_state(f, CALIPTRA_STATE_READY_FOR_RUNTIME);
	expect_silence(test);
}

/* An answer to what was sent before may be older than the error. */
static void fatal_error_behind_an_answer(struct kunit *test)
{
	struct fake *f = context(test)->f;
	struct fake_call *c;

	fake_expect_works(f);
	f->firmware.silent = true;
	c = fake_send(f, 1, 8, 20000);
	fake_set_state(f, CPTRA_FW_ERROR_FATAL, 0x0105);
	expect_state(f, CALIPTRA_STATE_FATAL_ERROR);
	fake_answer(f);
	fake_join(c);
	fake_expect_echo(c);
	expect_state(f, CALIPTRA_STATE_FATAL_ERROR);

	/* nor is it an answer that the command has failed */
	f->firmware.silent = false;
	f->firmware.status = MBOX_STATUS_CMD_FAILURE;
	c = fake_new_call(f, 2, 8, 20000);
	KUNIT_EXPECT_EQ(test, fake_run(c), -EIO);
	KUNIT_EXPECT_EQ(test, c->txn.cause, CALIPTRA_CAUSE_FATAL);
	expect_state(f, CALIPTRA_STATE_FATAL_ERROR);
	f->firmware.status = MBOX_STATUS_DATA_READY;
	fake_expect_works(f);
	expect_state(f, CALIPTRA_STATE_READY_FOR_RUNTIME);
}

/* With power on it has none; later it may be any reset's. */
static void fatal_error_from_the_beginning(struct kunit *test)
{
	static const u32 states[] = { CALIPTRA_STATE_FATAL_ERROR,
				      CALIPTRA_STATE_READY_FOR_RUNTIME };
	struct fake *f;
	unsigned int i;

	for (i = 0; i < ARRAY_SIZE(states); i++) {
		f = fake_alloc(test, &fake_soc, 4096);
		fake_set_state(f, CPTRA_HW_ERROR_FATAL, 4);
		fake_set_state(f, CPTRA_RESET_REASON,
			       i * CPTRA_RESET_REASON_WARM_RESET);
		fake_register(f);
		expect_state(f, states[i]);
		KUNIT_EXPECT_EQ(test, f->cd->seen.state, states[i]);
		fake_expect_works(f);
		expect_state(f, CALIPTRA_STATE_READY_FOR_RUNTIME);
		fake_free(f);
	}
}

static void non_fatal_error(struct kunit *test)
{
	struct fake *f = context(test)->f;
	struct event *e;

	fake_set_state(f, CPTRA_FW_ERROR_NON_FATAL, 0x77);
	fake_set_state(f, CPTRA_HW_ERROR_NON_FATAL,
		       CPTRA_HW_ERROR_NON_FATAL_MBOX_PROT_OOO);
	e = expect_event(test, CALIPTRA_NL_CMD_ERROR_NON_FATAL);
	KUNIT_EXPECT_EQ(test, e->attrs[CALIPTRA_A_EVENT_HW_ERROR_NON_FATAL],
			CPTRA_HW_ERROR_NON_FATAL_MBOX_PROT_OOO);
	KUNIT_EXPECT_EQ(test, e->attrs[CALIPTRA_A_EVENT_FW_ERROR], 0x77);
	expect_silence(test);
	/* that it was cleared is nothing to tell */
	fake_set_state(f, CPTRA_HW_ERROR_NON_FATAL, 0);
	fake_set_state(f, CPTRA_FW_ERROR_NON_FATAL, 0);
	expect_silence(test);
	fake_set_state(f, CPTRA_HW_ERROR_NON_FATAL, 1);
	expect_event(test, CALIPTRA_NL_CMD_ERROR_NON_FATAL);
	expect_silence(test);
}

/* Each wire interrupts once, and again when it has been low. */
static void error_wires(struct kunit *test)
{
	struct fake *f = context(test)->f;
	static const u16 regs[] = { 0, CPTRA_HW_ERROR_FATAL,
				    CPTRA_HW_ERROR_NON_FATAL };
	unsigned int i, n;

	for (i = 1; i < FAKE_WIRES; i++)
		for (n = 1; n <= 3; n++) {
			KUNIT_EXPECT_FALSE(test, f->wires[i].masked);
			fake_set_state(f, regs[i], 4);
			fake_wait(f, READ_ONCE(f->wires[i].count) == n);
			msleep(20);
			KUNIT_EXPECT_EQ(test, f->wires[i].count, n);
			KUNIT_EXPECT_TRUE(test, f->wires[i].masked);
			look(f);
			KUNIT_EXPECT_TRUE(test, f->wires[i].masked);
			fake_set_state(f, regs[i], 0);
			/* it looks by itself */
			fake_wait(f, !READ_ONCE(f->wires[i].masked));
		}
	KUNIT_EXPECT_EQ(test, f->cd->error_irqs_masked, 0);
}

/* A wire that is high from the beginning tells nothing new. */
static void error_from_the_beginning(struct kunit *test)
{
	struct context *x = context(test);
	struct fake *f = fake_alloc(test, &fake_soc, 4096);

	fake_add_error_irqs(f);
	fake_set_state(f, CPTRA_HW_ERROR_NON_FATAL, 2);
	fake_register(f);
	fake_wait(f, READ_ONCE(f->wires[2].count));
	look(f);
	msleep(20);
	KUNIT_EXPECT_EQ(test, f->wires[2].count, 1);
	fake_expect_works(f);
	fake_free(f);
	expect_silence(test);
	KUNIT_EXPECT_EQ(test, x->count, 1);
}

static u64 spurious(struct fake *f)
{
	struct caliptra_stats stats;

	caliptra_get_stats(f->cd, &stats);
	return stats.spurious;
}

static unsigned int error_interrupts(struct fake *f)
{
	return READ_ONCE(f->wires[1].count) + READ_ONCE(f->wires[2].count);
}

static bool none_masked(struct fake *f)
{
	return !READ_ONCE(f->wires[1].masked) && !READ_ONCE(f->wires[2].masked);
}

static bool all_masked(struct fake *f)
{
	return READ_ONCE(f->wires[1].masked) && READ_ONCE(f->wires[2].masked);
}

/* Some without an error do no harm: they may have been cleared by then. */
static void some_without_an_error(struct kunit *test)
{
	struct fake *f = context(test)->f;

	fake_make_error_noise(f, 6);
	fake_wait(f, error_interrupts(f) == 6);
	fake_wait(f, none_masked(f));
	KUNIT_EXPECT_EQ(test, spurious(f), 0);
	expect_silence(test);
	KUNIT_EXPECT_EQ(test, f->cd->error_streak, 0);
}

/* Wires that are high for no reason are looked at now and then, and no storm. */
static void wires_that_do_not_fall(struct kunit *test)
{
	struct fake *f = context(test)->f;
	unsigned int count;

	fake_make_error_noise(f, UINT_MAX);
	fake_wait(f, spurious(f));
	msleep(500);
	count = error_interrupts(f);
	KUNIT_EXPECT_GE(test, count, 10);
	/* two wires, then a look or two by itself; some more on a slow machine */
	KUNIT_EXPECT_LE(test, count, 100);
	KUNIT_EXPECT_LE(test, spurious(f), 10);
	fake_expect_works(f);

	/* an error is still told of, by whoever follows */
	fake_set_state(f, CPTRA_HW_ERROR_NON_FATAL, 1);
	expect_event(test, CALIPTRA_NL_CMD_ERROR_NON_FATAL);
	fake_set_state(f, CPTRA_HW_ERROR_NON_FATAL, 0);

	/* and of wires that have fallen everything is as it was */
	fake_make_error_noise(f, 0);
	fake_wait(f, none_masked(f));
	count = READ_ONCE(f->wires[1].count);
	fake_set_state(f, CPTRA_HW_ERROR_FATAL, 4);
	fake_wait(f, READ_ONCE(f->wires[1].count) == count + 1);
	expect_event(test, CALIPTRA_NL_CMD_STATE_CHANGE);
	expect_event(test, CALIPTRA_NL_CMD_ERROR_FATAL);
}

/* Without anybody who follows the looks become rare. */
static void looked_at_ever_less_often(struct kunit *test)
{
	struct context *x = context(test);
	struct fake *f = x->f;
	unsigned int count, i;

	sock_release(x->sock);
	x->sock = NULL;
	fake_make_error_noise(f, UINT_MAX);
	fake_wait(f, spurious(f));
	/* time passes */
	for (i = 0; i < 10; i++) {
		look(f);
		fake_wait(f, all_masked(f));
	}
	KUNIT_EXPECT_EQ(test, READ_ONCE(f->cd->health_delay), 30 * HZ);
	msleep(100);
	count = error_interrupts(f);
	KUNIT_EXPECT_LE(test, count, 2 * (10 + 10));
	msleep(500);
	KUNIT_EXPECT_EQ(test, error_interrupts(f), count);
	KUNIT_EXPECT_TRUE(test, delayed_work_pending(&f->cd->health));
}

/* Nor does anything else that happens before there is a name to report it by. */
static void nothing_before_it_is_added(struct kunit *test)
{
	struct fake *f = fake_alloc(test, &fake_soc, 4096);

	look(f);
	KUNIT_EXPECT_EQ(test, f->accesses, 0);
	fake_register(f);
	look(f);
	KUNIT_EXPECT_GT(test, f->accesses, 0);
	fake_free(f);
}

static void long_ago(struct fake *f, unsigned long *since)
{
	spin_lock_irq(&f->cd->lock);
	*since -= LONG_AGO;
	spin_unlock_irq(&f->cd->lock);
}

static void expect_stuck(struct kunit *test, u32 cmd)
{
	struct fake *f = context(test)->f;
	struct caliptra_info info;
	struct event *e;

	e = expect_event(test, CALIPTRA_NL_CMD_STUCK);
	KUNIT_EXPECT_EQ(test, e->attrs[CALIPTRA_A_EVENT_COMMAND], cmd);
	KUNIT_EXPECT_GE(test, e->attrs[CALIPTRA_A_EVENT_MILLISECONDS],
			jiffies_to_msecs(LONG_AGO));
	KUNIT_EXPECT_EQ(test, caliptra_get_info(f->cd, &info), 0);
	KUNIT_EXPECT_TRUE(test, info.flags & CALIPTRA_INFO_STUCK);
}

static void expect_recovered(struct kunit *test)
{
	struct fake *f = context(test)->f;
	struct caliptra_info info;

	expect_event(test, CALIPTRA_NL_CMD_RECOVERED);
	expect_silence(test);
	KUNIT_EXPECT_EQ(test, caliptra_get_info(f->cd, &info), 0);
	KUNIT_EXPECT_FALSE(test, info.flags & CALIPTRA_INFO_STUCK);
	KUNIT_EXPECT_EQ(test, f->cd->stats.stuck, 1);
	KUNIT_EXPECT_EQ(test, f->cd->stats.recovered, 1);
}

static void stuck_command(struct kunit *test)
{
	struct fake *f = context(test)->f;
	struct fake_call *c;

	fake_expect_works(f);
	f->firmware.silent = true;
	c = fake_send(f, 0x57c4, 8, 60000);
	long_ago(f, &f->cd->sent_at);
	expect_stuck(test, 0x57c4);
	msleep(1200);
	expect_silence(test);
	fake_answer(f);
	fake_join(c);
	fake_expect_echo(c);
	expect_recovered(test);
	f->firmware.silent = false;
	fake_expect_works(f);
	expect_silence(test);
}

static void stuck_orphan(struct kunit *test)
{
	struct fake *f = context(test)->f;
	struct fake_call *c;

	fake_expect_works(f);
	f->firmware.silent = true;
	c = fake_send(f, 0x57c4, 8, 60000);
	caliptra_abandon(f->cd, &c->txn);
	KUNIT_EXPECT_EQ(test, fake_join(c), -EINTR);
	long_ago(f, &f->cd->sent_at);
	expect_stuck(test, 0x57c4);
	fake_answer(f);
	expect_recovered(test);
}

/* Somebody else has the mailbox, without end. */
static void stuck_and_not_ours(struct kunit *test)
{
	struct fake *f = context(test)->f;
	struct fake_call *c;

	fake_expect_works(f);
	fake_taken_by_other(f);
	c = fake_new_call(f, 1, 8, 60000);
	fake_start(c);
	fake_wait(f, READ_ONCE(f->cd->blocked));
	long_ago(f, &f->cd->blocked_at);
	expect_stuck(test, 0);
	fake_take_away(f);
	fake_join(c);
	fake_expect_echo(c);
	expect_recovered(test);
}

/* It was taken long ago, and is again: it may have been free between. */
static void blocked_now_and_then(struct kunit *test)
{
	struct fake *f = context(test)->f;
	struct fake_call *c;

	fake_expect_works(f);
	fake_taken_by_other(f);
	c = fake_new_call(f, 1, 8, 30);
	KUNIT_EXPECT_EQ(test, fake_run(c), -EBUSY);
	KUNIT_EXPECT_TRUE(test, f->cd->blocked);
	long_ago(f, &f->cd->blocked_at);
	long_ago(f, &f->cd->blocked_seen);
	c = fake_new_call(f, 1, 8, 100);
	KUNIT_EXPECT_EQ(test, fake_run(c), -EBUSY);
	expect_silence(test);
	fake_take_away(f);
	fake_expect_works(f);
}

/* A device that was reset is not stuck any more, either. */
static void stuck_until_reset(struct kunit *test)
{
	struct fake *f = context(test)->f;
	struct fake_call *c;

	fake_expect_works(f);
	f->firmware.silent = true;
	c = fake_send(f, 0x57c4, 8, 60000);
	long_ago(f, &f->cd->sent_at);
	expect_stuck(test, 0x57c4);
	fake_reset(f);
	KUNIT_EXPECT_EQ(test, fake_join(c), -ECONNRESET);
	/* in whatever order */
	fake_wait(f, has_heard(context(test), CALIPTRA_NL_CMD_RESET));
	fake_wait(f, has_heard(context(test), CALIPTRA_NL_CMD_RECOVERED));
	context(test)->taken += 2;
	expect_silence(test);
}

static void names_of_states(struct kunit *test)
{
	KUNIT_EXPECT_STREQ(test, caliptra_state_name(CALIPTRA_STATE_RESET),
			   "reset");
	KUNIT_EXPECT_STREQ(test,
			   caliptra_state_name(CALIPTRA_STATE_FATAL_ERROR),
			   "fatal_error");
	KUNIT_EXPECT_STREQ(test, caliptra_state_name(0), "unknown");
	KUNIT_EXPECT_STREQ(test,
			   caliptra_state_name(CALIPTRA_STATE_FATAL_ERROR + 1),
			   "unknown");
	KUNIT_EXPECT_STREQ(test, caliptra_state_name(0xffffffff), "unknown");
}

static struct kunit_case cases[] = {
	KUNIT_CASE(come_and_go),
	KUNIT_CASE(state_changes),
	KUNIT_CASE_SLOW(watched),
	KUNIT_CASE(reset_by_reason),
	KUNIT_CASE(reset_with_a_command),
	KUNIT_CASE(reset_by_state),
	KUNIT_CASE(fatal_error),
	KUNIT_CASE(fatal_error_and_reset),
	KUNIT_CASE(fatal_error_with_reset),
	KUNIT_CASE(fatal_error_behind_an_answer),
	KUNIT_CASE(fatal_error_from_the_beginning),
	KUNIT_CASE(non_fatal_error),
	KUNIT_CASE_SLOW(error_wires),
	KUNIT_CASE(error_from_the_beginning),
	KUNIT_CASE(some_without_an_error),
	KUNIT_CASE_SLOW(wires_that_do_not_fall),
	KUNIT_CASE_SLOW(looked_at_ever_less_often),
	KUNIT_CASE(nothing_before_it_is_added),
	KUNIT_CASE_SLOW(stuck_command),
	KUNIT_CASE(stuck_orphan),
	KUNIT_CASE(stuck_and_not_ours),
	KUNIT_CASE_SLOW(blocked_now_and_then),
	KUNIT_CASE_SLOW(stuck_until_reset),
	KUNIT_CASE(names_of_states),
	{},
};

static struct kunit_suite suite = {
	.name = "caliptra-health",
	.init = init,
	.exit = end,
	.test_cases = cases,
};
kunit_test_suite(suite);
