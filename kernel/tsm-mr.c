// SPDX-License-Identifier: GPL-2.0-only
/*
 * A Caliptra's PCRs as measurement registers: each SoC mailbox has a folder "measurements"
 * in sysfs, where reading a register gives its value, and writing it extends it.
 *
 * A module of its own, as caliptra-tpm is. The kernel's tsm-mr makes the attributes, and
 * would have a value read again only after a write of its own; but user space and IMA
 * extend PCRs, too. So what is in sysfs are copies of its attributes, for which the device
 * is asked at each read.
 */
#include <crypto/hash_info.h>
#include <linux/caliptra.h>
#include <linux/device.h>
#include <linux/module.h>
#include <linux/mutex.h>
#include <linux/slab.h>
#include <linux/sysfs.h>
#include <linux/tsm-mr.h>

#include "api-commands.h"

/* A device that does not answer is not to hold up its unbinding. */
#define TIMEOUT_MS 2000

/* Of attributes that are not changed. */
#ifdef CALIPTRA_BIN_ATTR_NEW
#define ATTR_READ   read_new
#define ATTR_WRITE  write_new
#define GROUP_ATTRS bin_attrs_new
#else
#define ATTR_READ   read
#define ATTR_WRITE  write
#define GROUP_ATTRS bin_attrs
#endif

/**
 * struct registers - a device's
 * @node: in the list of them
 * @cd: the device
 * @lock: held while @values are read, and until they have been copied
 * @going: nobody is to begin another command
 * @tm: what tsm-mr is told of them
 * @mrs: likewise, of each
 * @names: theirs
 * @values: theirs, read last
 * @made: attributes that tsm-mr has made of that
 * @group: what is in sysfs
 * @attrs: its attributes, copies of those of @made in the same order
 * @list: their list
 */
struct registers {
	struct list_head node;
	struct caliptra_dev *cd;
	struct mutex lock; /* see above */
	bool going;
	struct tsm_measurements tm;
	struct tsm_measurement_register mrs[CALIPTRA_PCR_COUNT];
	char names[CALIPTRA_PCR_COUNT][8];
	u8 values[CALIPTRA_PCR_COUNT][CALIPTRA_PCR_SIZE];
	const struct attribute_group *made;
	struct attribute_group group;
	struct bin_attribute attrs[CALIPTRA_PCR_COUNT];
	const struct bin_attribute *list[CALIPTRA_PCR_COUNT + 1];
};

/* Changed only where the driver tells of devices, which it does one at a time. */
static LIST_HEAD(all);

static const struct bin_attribute *made(const struct registers *r,
					const struct bin_attribute *attr)
{
	return r->made->GROUP_ATTRS[attr - r->attrs];
}

static int read_values(struct registers *r)
{
	if (READ_ONCE(r->going))
		return -ENODEV;
	return caliptra_read_pcrs(r->cd, r->values, TIMEOUT_MS);
}

/* However many read, there is one command of theirs at a time. */
static ssize_t read_register(struct file *file, struct kobject *kobj,
			     const struct bin_attribute *attr, char *buf,
			     loff_t off, size_t count)
{
	struct registers *r = attr->private;
	ssize_t ret;

	if (mutex_lock_interruptible(&r->lock))
		return -ERESTARTSYS;
	ret = read_values(r);
	if (!ret) {
		attr = made(r, attr);
		ret = attr->ATTR_READ(file, kobj, attr, buf, off, count);
	}
	mutex_unlock(&r->lock);
	return ret;
}

/* tsm-mr sees to it that this is a whole digest. */
static ssize_t write_register(struct file *file, struct kobject *kobj,
			      const struct bin_attribute *attr, char *buf,
			      loff_t off, size_t count)
{
	attr = made(attr->private, attr);
	return attr->ATTR_WRITE(file, kobj, attr, buf, off, count);
}

static int extend(const struct tsm_measurements *tm,
		  const struct tsm_measurement_register *mr, const u8 *digest)
{
	struct registers *r = container_of(tm, struct registers, tm);

	if (READ_ONCE(r->going))
		return -ENODEV;
	return caliptra_extend_pcr(r->cd, mr - r->mrs, digest, TIMEOUT_MS);
}

/* Not TSM_MR_F_LIVE: that they may change, read_register() knows better. */
static void describe(struct registers *r)
{
	unsigned int i;

	for (i = 0; i < CALIPTRA_PCR_COUNT; i++) {
		snprintf(r->names[i], sizeof(r->names[i]), "pcr%u", i);
		r->mrs[i].mr_name = r->names[i];
		r->mrs[i].mr_value = r->values[i];
		r->mrs[i].mr_size = CALIPTRA_PCR_SIZE;
		r->mrs[i].mr_hash = HASH_ALGO_SHA384;
		r->mrs[i].mr_flags = TSM_MR_F_READABLE;
		if (i >= CALIPTRA_EXTEND_PCR_PCR_IDX_MIN &&
		    i <= CALIPTRA_EXTEND_PCR_PCR_IDX_MAX)
			r->mrs[i].mr_flags |= TSM_MR_F_WRITABLE;
	}
	r->tm.mrs = r->mrs;
	r->tm.nr_mrs = CALIPTRA_PCR_COUNT;
	r->tm.write = extend;
}

static void copy_group(struct registers *r)
{
	unsigned int i;

	for (i = 0; i < CALIPTRA_PCR_COUNT; i++) {
		r->attrs[i] = *r->made->GROUP_ATTRS[i];
		r->attrs[i].private = r;
		r->attrs[i].ATTR_READ = read_register;
		if (r->attrs[i].ATTR_WRITE)
			r->attrs[i].ATTR_WRITE = write_register;
		r->list[i] = &r->attrs[i];
	}
	r->group.name = r->made->name;
	r->group.GROUP_ATTRS = r->list;
}

static int start(struct registers *r)
{
	int ret;

	mutex_init(&r->lock);
	describe(r);
	r->made = tsm_mr_create_attribute_group(&r->tm);
	if (IS_ERR(r->made))
		return PTR_ERR(r->made);
	copy_group(r);
	ret = sysfs_create_group(&caliptra_to_device(r->cd)->kobj, &r->group);
	if (ret)
		tsm_mr_free_attribute_group(r->made);
	return ret;
}

static void add_registers(struct caliptra_dev *cd)
{
	struct caliptra_info info;
	struct registers *r;
	int ret;

	if (caliptra_get_info(cd, &info) || info.kind != CALIPTRA_MBOX_SOC)
		return;
	r = kzalloc(sizeof(*r), GFP_KERNEL);
	if (!r)
		return;
	r->cd = cd;
	ret = start(r);
	if (ret) {
		dev_warn(caliptra_to_device(cd),
			 "measurement registers: error %d\n", ret);
		kfree(r);
		return;
	}
	list_add(&r->node, &all);
}

static void remove_registers(struct caliptra_dev *cd)
{
	struct registers *r, *next;

	list_for_each_entry_safe(r, next, &all, node) {
		if (r->cd != cd)
			continue;
		list_del(&r->node);
		WRITE_ONCE(r->going, true);
		/* waits for whoever is in one of its files, for one command at most */
		sysfs_remove_group(&caliptra_to_device(cd)->kobj, &r->group);
		tsm_mr_free_attribute_group(r->made);
		mutex_destroy(&r->lock);
		kfree(r);
	}
}

static struct caliptra_client client = {
	.add = add_registers,
	.remove = remove_registers,
};

static int __init caliptra_tsm_mr_init(void)
{
	caliptra_register_client(&client);
	return 0;
}
module_init(caliptra_tsm_mr_init);

static void __exit caliptra_tsm_mr_exit(void)
{
	caliptra_unregister_client(&client);
}
module_exit(caliptra_tsm_mr_exit);

MODULE_DESCRIPTION("Caliptra's PCRs as measurement registers");
MODULE_LICENSE("GPL");
