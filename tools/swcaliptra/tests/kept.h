/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * What the tests share of a device that is kept, dies and comes back. Whoever
 * includes this has the device, dev, and its fuses.
 */
#ifndef SWCALIPTRA_TESTS_KEPT_H
#define SWCALIPTRA_TESTS_KEPT_H

#include "process.h"

#include <fcntl.h>

#include "persist.h"

#define WORK "work"

static struct persist persist;
static enum soc_boot_hold hold;
static struct device_config config;
static int dir;
static unsigned int descriptors_before;

static inline void open_persist(void)
{
	assert_int_equal(persist_open(&persist,
				      &(struct persist_config){
					      .dir = dir,
					      .fuses = &fuses,
					      .dev = &dev,
					      .hold = &hold,
				      }),
			 0);
}

static inline void keep(void *observer)
{
	(void)observer;
	persist_commit(&persist);
}

static inline void start_device(void)
{
	config.hold_firmware = hold == SOC_BOOT_HOLD_FIRMWARE;
	assert_int_equal(device_init(&dev, &config), 0);
	open_persist();
}

static inline void boot_as_far_as(enum soc_boot_hold stage)
{
	hold = stage;
	start_device();
	assert_false(persist_resume(&persist));
	soc_boot(&dev.bus, &fuses, 0, hold);
	device_run(&dev);
	assert_int_equal(persist_begin(&persist), 0);
	dev.on_change = keep;
}

/* As if the process had died, and another had been started. */
static inline void let_it_die(void)
{
	persist_close(&persist);
	device_release(&dev);
}

static inline bool start_again(void)
{
	bool resumed;

	start_device();
	resumed = persist_resume(&persist);
	dev.on_change = keep;
	return resumed;
}

static inline int begin_test(void **unused)
{
	(void)unused;
	assert_int_equal(mkdir(WORK, 0700), 0);
	descriptors_before = open_descriptors();
	dir = open(WORK, O_RDONLY | O_DIRECTORY);
	config = test_config();
	test_fuses(&fuses);
	hold = SOC_BOOT_HOLD_NONE;
	return 0;
}

static inline int end_test(void **unused)
{
	(void)unused;
	stop_listening();
	let_it_die();
	close(dir);
	assert_int_equal(open_descriptors(), descriptors_before);
	remove_tree(WORK);
	return 0;
}

/* Pointers and counters are this process's, and faults end with it. */
static inline void blank(struct firmware *fw)
{
	struct dice_layer *const layers[] = { &fw->ldevid, &fw->fmc_alias,
					      &fw->rt_alias };
	size_t i;

	fw->mbox = NULL;
	fw->ifc = NULL;
	fw->soc = NULL;
	fw->image_edits = 0;
	fw->identity_edits = 0;
	fw->log_edits = 0;
	fw->dpe_edits = 0;
	fw->manifest_edits = 0;
	memset(&fw->dpe_key, 0, sizeof(fw->dpe_key));
	fw->constant_random = false;
	for (i = 0; i < COUNT(layers); i++) {
		layers[i]->ecc = NULL;
		layers[i]->mldsa = NULL;
	}
}

static inline void expect_same_firmware(const struct firmware *was)
{
	static struct firmware a, b;

	memcpy(&a, was, sizeof(a));
	memcpy(&b, &dev.fw, sizeof(b));
	blank(&a);
	blank(&b);
	assert_memory_equal(&a, &b, sizeof(a));
}

static inline void expect_same_registers(const struct soc_ifc *was)
{
	assert_memory_equal(dev.ifc.reg, was->reg, sizeof(was->reg));
	assert_memory_equal(&dev.ifc.straps, &was->straps, sizeof(was->straps));
	assert_int_equal(dev.ifc.boot_fsm, was->boot_fsm);
	assert_int_equal(dev.ifc.fuse_wr_done_written,
			 was->fuse_wr_done_written);
	assert_int_equal(dev.ifc.error_fatal, was->error_fatal);
	assert_int_equal(dev.ifc.error_non_fatal, was->error_non_fatal);
	assert_memory_equal(&dev.ifc.sha, &was->sha, sizeof(was->sha));
}

static inline void expect_idle_mailbox(void)
{
	assert_int_equal(dev.mbox.fsm, MBOX_FSM_IDLE);
	assert_false(dev.mbox.lock);
}

/* Die and come back: nothing but what has to be is different. */
static inline void die_and_resume(void)
{
	static struct firmware fw;
	static struct soc_ifc ifc;

	memcpy(&fw, &dev.fw, sizeof(fw));
	memcpy(&ifc, &dev.ifc, sizeof(ifc));
	let_it_die();
	assert_true(start_again());
	expect_same_firmware(&fw);
	expect_same_registers(&ifc);
	expect_idle_mailbox();
}

#endif
