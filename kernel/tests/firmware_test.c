// SPDX-License-Identifier: GPL-2.0-only
/*
 * Unit tests of firmware images: what of them gets into the mailbox and what the answers
 * mean, what a cancelled one leaves behind, and what the class "firmware" is told.
 */
#include <linux/kthread.h>

#include "../api-commands.h"
#include "../fw-upload.h"
#include "fake.h"

#define IMAGE_ERROR 0x000b0005

/* The response to a command is its request behind two words. */
static const __le32 good =
	cpu_to_le32(CALIPTRA_FIRMWARE_VERIFY_VERIFY_RESULT_SUCCESS);
static const __le32 bad =
	cpu_to_le32(CALIPTRA_FIRMWARE_VERIFY_VERIFY_RESULT_FAILURE);

/**
 * struct upload - an image that another thread sends
 * @fake: to whom
 * @image: the image
 * @task: the thread, or NULL once it is over
 * @ret: what it has got
 * @done: it has
 */
struct upload {
	struct fake *fake;
	struct caliptra_image image;
	struct task_struct *task;
	int ret;
	bool done;
};

static struct caliptra_image new_image(struct kunit *test, u32 len)
{
	u8 *data = kunit_kzalloc(test, len, GFP_KERNEL);
	u32 i;

	KUNIT_ASSERT_NOT_NULL(test, data);
	for (i = 0; i < len; i++)
		data[i] = fake_request_byte(CALIPTRA_FIRMWARE_LOAD, i);
	return (struct caliptra_image){ .data = data, .len = len };
}

static int load(struct fake *f, struct caliptra_image *image)
{
	return caliptra_load_firmware(f->cd, image, 0);
}

static int verify(struct fake *f, struct caliptra_image *image)
{
	return caliptra_verify_firmware(f->cd, image, 0);
}

/* The firmware gets it as it is, and zeros to a whole word. */
static void arrives(struct kunit *test)
{
	static const u32 lengths[] = { 1, 2, 3, 4, 11, 12, 13, 1021 };
	struct fake *f = test->priv;
	struct caliptra_image image;
	unsigned int i;

	f->firmware.status = MBOX_STATUS_CMD_COMPLETE;
	for (i = 0; i < ARRAY_SIZE(lengths); i++) {
		memset(f->sram, 0xee, f->sram_size);
		image = new_image(test, lengths[i]);
		KUNIT_EXPECT_EQ(test, load(f, &image), 0);
		KUNIT_EXPECT_EQ(test, image.fw_error, 0);
		KUNIT_EXPECT_EQ(test, f->cmd, CALIPTRA_FIRMWARE_LOAD);
		KUNIT_EXPECT_EQ(test, f->dlen, lengths[i]);
		KUNIT_EXPECT_MEMEQ(test, f->sram, image.data, lengths[i]);
		KUNIT_EXPECT_NULL(
			test, memchr_inv((u8 *)f->sram + lengths[i], 0,
					 ALIGN(lengths[i], 4) - lengths[i]));
	}
}

static void sizes(struct kunit *test)
{
	struct fake *f = test->priv;
	struct caliptra_image image = new_image(test, f->sram_size + 1);
	unsigned int before;

	fake_expect_works(f);
	before = f->commands;
	f->firmware.status = MBOX_STATUS_CMD_COMPLETE;
	KUNIT_EXPECT_EQ(test, load(f, &image), -EMSGSIZE);
	KUNIT_EXPECT_EQ(test, verify(f, &image), -EMSGSIZE);
	image.len = 0;
	KUNIT_EXPECT_EQ(test, load(f, &image), -EMSGSIZE);
	KUNIT_EXPECT_EQ(test, verify(f, &image), -EMSGSIZE);
	KUNIT_EXPECT_EQ(test, f->commands, before);
	image.len = f->sram_size;
	KUNIT_EXPECT_EQ(test, load(f, &image), 0);
	KUNIT_EXPECT_EQ(test, f->commands, before + 1);
}

/* The reset that comes with it is noticed, and is no reason for what comes later. */
static void is_told_of(struct kunit *test)
{
	struct fake *f = test->priv;
	struct caliptra_image image = new_image(test, 100);
	struct caliptra_stats stats;
	struct fake_call *lost;

	fake_expect_works(f);
	f->firmware.status = MBOX_STATUS_CMD_COMPLETE;
	fake_set_state(f, CPTRA_RESET_REASON, CPTRA_RESET_REASON_FW_UPD_RESET);
	KUNIT_EXPECT_EQ(test, load(f, &image), 0);
	f->firmware.status = MBOX_STATUS_DATA_READY;
	fake_expect_works(f);
	flush_delayed_work(&f->cd->health);
	caliptra_get_stats(f->cd, &stats);
	KUNIT_EXPECT_EQ(test, stats.resets, 1);
	f->firmware.silent = true;
	lost = fake_send(f, 1, 8, 20000);
	fake_take_away(f);
	KUNIT_EXPECT_EQ(test, fake_join(lost), -EIO);
	KUNIT_EXPECT_EQ(test, lost->txn.cause, CALIPTRA_CAUSE_LOCK_LOST);
}

static void refused(struct kunit *test)
{
	struct fake *f = test->priv;
	struct caliptra_image image = new_image(test, 100);

	f->firmware.status = MBOX_STATUS_CMD_FAILURE;
	f->firmware.error = IMAGE_ERROR;
	KUNIT_EXPECT_EQ(test, load(f, &image), -EREMOTEIO);
	KUNIT_EXPECT_EQ(test, image.fw_error, IMAGE_ERROR);
	/* the next one is not blamed for it */
	f->firmware.status = MBOX_STATUS_CMD_COMPLETE;
	KUNIT_EXPECT_EQ(test, load(f, &image), 0);
	KUNIT_EXPECT_EQ(test, image.fw_error, 0);
}

static void verified(struct kunit *test)
{
	struct fake *f = test->priv;
	struct caliptra_image image = { .data = &good, .len = sizeof(good) };

	KUNIT_EXPECT_EQ(test, verify(f, &image), 0);
	KUNIT_EXPECT_EQ(test, f->cmd, CALIPTRA_FIRMWARE_VERIFY);
	KUNIT_EXPECT_EQ(test, image.fw_error, 0);
	image.data = &bad;
	KUNIT_EXPECT_EQ(test, verify(f, &image), -EKEYREJECTED);
	KUNIT_EXPECT_EQ(test, image.fw_error,
			CALIPTRA_FIRMWARE_VERIFY_VERIFY_RESULT_FAILURE);
	image = new_image(test, 4);
	KUNIT_EXPECT_EQ(test, verify(f, &image), -EKEYREJECTED);
	KUNIT_EXPECT_EQ(test, image.fw_error, le32_to_cpup(image.data));
}

/* Only an answer that is one is believed. */
static void answers_that_are_none(struct kunit *test)
{
	struct fake *f = test->priv;
	struct caliptra_image image = { .data = &good, .len = sizeof(good) };

	f->firmware.bad_checksum = true;
	KUNIT_EXPECT_EQ(test, verify(f, &image), -EBADMSG);
	f->firmware.bad_checksum = false;
	f->firmware.rsp_len = 8;
	KUNIT_EXPECT_EQ(test, verify(f, &image), -EPROTO);
	f->firmware.rsp_len = 16;
	KUNIT_EXPECT_EQ(test, verify(f, &image), -EPROTO);
	f->firmware.status = MBOX_STATUS_CMD_COMPLETE;
	KUNIT_EXPECT_EQ(test, verify(f, &image), -EPROTO);
	f->firmware.status = MBOX_STATUS_CMD_FAILURE;
	f->firmware.error = IMAGE_ERROR;
	KUNIT_EXPECT_EQ(test, verify(f, &image), -EREMOTEIO);
	KUNIT_EXPECT_EQ(test, image.fw_error, IMAGE_ERROR);
}

static void old_firmware(struct kunit *test)
{
	struct fake *f = test->priv;
	struct caliptra_image image = new_image(test, 4);
	unsigned int before = f->commands;

	fake_set_state(f, CPTRA_HW_REV_ID, 0x21);
	KUNIT_EXPECT_EQ(test, verify(f, &image), -EOPNOTSUPP);
	KUNIT_EXPECT_EQ(test, f->commands, before);
}

/* --- Cancelled --- */

static int upload_thread(void *data)
{
	struct upload *u = data;

	u->ret = load(u->fake, &u->image);
	/* behind what it has got */
	smp_store_release(&u->done, true);
	return 0;
}

static void start(struct fake *f, struct upload *u)
{
	struct task_struct *task;

	*u = (struct upload){ .fake = f, .image = new_image(f->test, 64) };
	task = kthread_create(upload_thread, u, "caliptra-upload");
	KUNIT_ASSERT_NOT_ERR_OR_NULL(f->test, task);
	u->task = get_task_struct(task);
	wake_up_process(task);
}

static int join(struct upload *u)
{
	fake_wait(u->fake, smp_load_acquire(&u->done));
	kthread_stop(u->task);
	put_task_struct(u->task);
	return u->ret;
}

static void cancelled_before(struct kunit *test)
{
	struct fake *f = test->priv;
	struct caliptra_image image = new_image(test, 64);
	unsigned int before = f->commands;

	caliptra_cancel_firmware(f->cd, &image, false);
	KUNIT_EXPECT_EQ(test, load(f, &image), -ECANCELED);
	KUNIT_EXPECT_EQ(test, verify(f, &image), -ECANCELED);
	KUNIT_EXPECT_EQ(test, f->commands, before);
	fake_expect_works(f);
}

/* One that waits is gone at once, and those around it do not notice. */
static void cancelled_while_waiting(struct kunit *test)
{
	struct fake *f = test->priv;
	struct fake_call *first, *last;
	struct upload u;

	f->firmware.silent = true;
	first = fake_send(f, 1, 8, 20000);
	start(f, &u);
	fake_wait(f, fake_queued(f) == 2);
	last = fake_new_call(f, 2, 8, 20000);
	fake_queue(last);
	caliptra_cancel_firmware(f->cd, &u.image, false);
	KUNIT_EXPECT_EQ(test, join(&u), -ECANCELED);
	KUNIT_EXPECT_EQ(test, f->commands, 1);
	f->firmware.silent = false;
	fake_answer(f);
	fake_join(first);
	fake_expect_echo(first);
	fake_join(last);
	fake_expect_echo(last);
	KUNIT_EXPECT_EQ(test, f->commands, 2);
}

/* Its turn has come, but another agent has the mailbox. */
static void cancelled_while_blocked(struct kunit *test)
{
	struct fake *f = test->priv;
	struct upload u;

	fake_taken_by_other(f);
	start(f, &u);
	fake_wait(f, READ_ONCE(f->cd->blocked));
	caliptra_cancel_firmware(f->cd, &u.image, false);
	KUNIT_EXPECT_EQ(test, join(&u), -ECANCELED);
	KUNIT_EXPECT_EQ(test, f->commands, 0);
	fake_take_away(f);
	fake_expect_works(f);
}

/* What ROM has is not called back. */
static void cancelled_too_late(struct kunit *test)
{
	struct fake *f = test->priv;
	struct caliptra_stats stats;
	struct upload u;

	f->firmware.silent = true;
	f->firmware.status = MBOX_STATUS_CMD_COMPLETE;
	start(f, &u);
	fake_wait(f, READ_ONCE(f->commands) == 1);
	caliptra_cancel_firmware(f->cd, &u.image, false);
	msleep(50);
	KUNIT_EXPECT_FALSE(test, READ_ONCE(u.done));
	f->firmware.silent = false;
	fake_answer(f);
	KUNIT_EXPECT_EQ(test, join(&u), 0);
	caliptra_get_stats(f->cd, &stats);
	KUNIT_EXPECT_EQ(test, stats.abandoned, 0);
}

/* Unless nobody has time to wait: then it is everybody's to wait for. */
static void abandoned(struct kunit *test)
{
	struct fake *f = test->priv;
	struct caliptra_stats stats;
	struct fake_call *next;
	struct upload u;

	f->firmware.silent = true;
	f->firmware.status = MBOX_STATUS_CMD_COMPLETE;
	start(f, &u);
	fake_wait(f, READ_ONCE(f->commands) == 1);
	next = fake_new_call(f, 2, 8, 20000);
	fake_queue(next);
	caliptra_cancel_firmware(f->cd, &u.image, true);
	KUNIT_EXPECT_EQ(test, join(&u), -ECANCELED);
	msleep(20);
	KUNIT_EXPECT_EQ(test, f->commands, 1);
	f->firmware.silent = false;
	fake_answer(f);
	KUNIT_EXPECT_EQ(test, fake_join(next), 0);
	KUNIT_EXPECT_EQ(test, f->commands, 2);
	caliptra_get_stats(f->cd, &stats);
	KUNIT_EXPECT_EQ(test, stats.abandoned, 1);
}

/* --- What the class is told --- */

static void devices(struct kunit *test)
{
	static const struct {
		u32 kind, rev, config;
		bool supported;
	} cases[] = {
		{ CALIPTRA_MBOX_SOC, 0x11, 0, true },
		{ CALIPTRA_MBOX_SOC, 0x21, 0, true },
		{ CALIPTRA_MBOX_SOC, 0x02, 0, true },
		{ CALIPTRA_MBOX_SOC, 0x02, CPTRA_HW_CONFIG_SUBSYSTEM_MODE_EN,
		  true },
		{ CALIPTRA_MBOX_SOC, 0x12, CPTRA_HW_CONFIG_ITRNG_EN, true },
		{ CALIPTRA_MBOX_SOC, 0x12, CPTRA_HW_CONFIG_SUBSYSTEM_MODE_EN,
		  false },
		{ CALIPTRA_MBOX_SOC, 0x03, CPTRA_HW_CONFIG_SUBSYSTEM_MODE_EN,
		  false },
		{ CALIPTRA_MBOX_MCI, 0x12, 0, false },
	};
	unsigned int i;

	for (i = 0; i < ARRAY_SIZE(cases); i++) {
		struct caliptra_info info = {
			.kind = cases[i].kind,
			.hw_rev_id = cases[i].rev,
			.hw_config = cases[i].config,
		};

		KUNIT_EXPECT_EQ_MSG(test, caliptra_upload_supported(&info),
				    cases[i].supported, "case %u", i);
	}
}

static void limits(struct kunit *test)
{
	struct caliptra_info info = { .mbox_size = 0x20000 };

	KUNIT_EXPECT_EQ(test, caliptra_upload_check_size(&info, 0), -EMSGSIZE);
	KUNIT_EXPECT_EQ(test, caliptra_upload_check_size(&info, 1), 0);
	KUNIT_EXPECT_EQ(test, caliptra_upload_check_size(&info, 0x20000), 0);
	KUNIT_EXPECT_EQ(test, caliptra_upload_check_size(&info, 0x20001),
			-EMSGSIZE);
	KUNIT_EXPECT_EQ(test, caliptra_upload_check_size(&info, U32_MAX),
			-EMSGSIZE);
}

static int check_state(u32 state, u32 reset_reason)
{
	struct caliptra_info info = {
		.state = state,
		.reset_reason = reset_reason,
	};

	return caliptra_upload_check_state(&info);
}

static void states(struct kunit *test)
{
	const u32 update = CPTRA_RESET_REASON_FW_UPD_RESET;
	const u32 warm = CPTRA_RESET_REASON_WARM_RESET;
	u32 state;

	KUNIT_EXPECT_EQ(
		test, check_state(CALIPTRA_STATE_READY_FOR_RUNTIME, update), 0);
	KUNIT_EXPECT_EQ(test,
			check_state(CALIPTRA_STATE_READY_FOR_RUNTIME, warm), 0);
	KUNIT_EXPECT_EQ(test, check_state(CALIPTRA_STATE_READY_FOR_RUNTIME, 0),
			-ECONNRESET);
	KUNIT_EXPECT_EQ(test, check_state(CALIPTRA_STATE_FATAL_ERROR, update),
			-EIO);
	for (state = 0; state < CALIPTRA_STATE_READY_FOR_RUNTIME; state++)
		KUNIT_EXPECT_EQ(test, check_state(state, update), -EHOSTDOWN);
}

static void errors(struct kunit *test)
{
	static const struct {
		int error;
		enum fw_upload_err told;
	} cases[] = {
		{ 0, FW_UPLOAD_ERR_NONE },
		{ -ECANCELED, FW_UPLOAD_ERR_CANCELED },
		{ -EMSGSIZE, FW_UPLOAD_ERR_INVALID_SIZE },
		{ -EKEYREJECTED, FW_UPLOAD_ERR_FW_INVALID },
		{ -EREMOTEIO, FW_UPLOAD_ERR_FW_INVALID },
		{ -ETIMEDOUT, FW_UPLOAD_ERR_TIMEOUT },
		{ -EBUSY, FW_UPLOAD_ERR_BUSY },
		{ -EBADMSG, FW_UPLOAD_ERR_RW_ERROR },
		{ -EPROTO, FW_UPLOAD_ERR_RW_ERROR },
		{ -EIO, FW_UPLOAD_ERR_HW_ERROR },
		{ -ENODEV, FW_UPLOAD_ERR_HW_ERROR },
		{ -ENOMEM, FW_UPLOAD_ERR_HW_ERROR },
		{ -EHOSTDOWN, FW_UPLOAD_ERR_HW_ERROR },
		{ -ECONNRESET, FW_UPLOAD_ERR_HW_ERROR },
	};
	unsigned int i;

	for (i = 0; i < ARRAY_SIZE(cases); i++)
		KUNIT_EXPECT_EQ_MSG(test, caliptra_upload_error(cases[i].error),
				    cases[i].told, "error %d", cases[i].error);
}

static struct kunit_case told_cases[] = { KUNIT_CASE(devices),
					  KUNIT_CASE(limits),
					  KUNIT_CASE(states),
					  KUNIT_CASE(errors),
					  {} };

static struct kunit_case cases[] = { KUNIT_CASE(arrives),
				     KUNIT_CASE(sizes),
				     KUNIT_CASE(is_told_of),
				     KUNIT_CASE(refused),
				     KUNIT_CASE(verified),
				     KUNIT_CASE(answers_that_are_none),
				     KUNIT_CASE(old_firmware),
				     KUNIT_CASE(cancelled_before),
				     KUNIT_CASE(cancelled_while_waiting),
				     KUNIT_CASE(cancelled_while_blocked),
				     KUNIT_CASE(cancelled_too_late),
				     KUNIT_CASE(abandoned),
				     {} };

static struct kunit_suite told = {
	.name = "caliptra-upload",
	.test_cases = told_cases,
};

static struct kunit_suite polling = {
	.name = "caliptra-firmware",
	.init = fake_init_soc,
	.exit = fake_exit,
	.test_cases = cases,
};

static struct kunit_suite by_interrupt = {
	.name = "caliptra-firmware-irq",
	.init = fake_init_soc_irq,
	.exit = fake_exit,
	.test_cases = cases,
};

kunit_test_suites(&told, &polling, &by_interrupt);
