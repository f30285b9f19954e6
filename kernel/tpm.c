// SPDX-License-Identifier: GPL-2.0-only
/*
 * A Caliptra's PCRs as the SHA-384 bank of a TPM, for whoever uses no more of a TPM than
 * that: IMA, and tpm2_pcrread. Each SoC mailbox has a chip of its own.
 *
 * A module of its own, as caliptra-hwrng is. TPM PCR n is the device's PCR n, unless the
 * property chipsalliance,tpm-pcrs of the mailbox's node says otherwise.
 */
#include <crypto/hash.h>
#include <linux/device.h>
#include <linux/module.h>
#include <linux/property.h>
#include <linux/slab.h>
#include <linux/tpm.h>

#include "caliptra-regs.h"
#include "tpm.h"

/* Changed only where the driver tells of devices, which it does one at a time. */
static LIST_HEAD(tpms);

static struct caliptra_tpm *of_chip(struct tpm_chip *chip)
{
	return dev_get_drvdata(&chip->dev);
}

/* The response is there when it returns; the TPM subsystem sends one command at a time. */
static int send(struct tpm_chip *chip, u8 *buf, size_t len)
{
	struct caliptra_tpm *t = of_chip(chip);

	if (len > TPM_MAX_SIZE)
		return -E2BIG;
	return caliptra_tpm_execute(t, buf, len);
}

#ifdef CALIPTRA_TPM_SEND_BUFSIZ
static int send_command(struct tpm_chip *chip, u8 *buf, size_t bufsiz,
			size_t cmd_len)
{
	return send(chip, buf, cmd_len);
}
#else
#define send_command send
#endif

static int recv(struct tpm_chip *chip, u8 *buf, size_t room)
{
	struct caliptra_tpm *t = of_chip(chip);
	size_t len = t->rsp_len;

	t->rsp_len = 0;
	if (!len || len > room)
		return -EIO;
	memcpy(buf, t->rsp, len);
	return len;
}

/* There is nothing to wait for. */
static u8 status(struct tpm_chip *chip)
{
	return 0;
}

static const struct tpm_class_ops ops = {
	.flags = TPM_OPS_AUTO_STARTUP,
	.send = send_command,
	.recv = recv,
	.status = status,
};

static bool is_pcr_list(const u32 *pcrs, unsigned int count)
{
	u32 seen = 0;
	unsigned int i;

	for (i = 0; i < count; i++) {
		if (pcrs[i] >= CALIPTRA_PCR_COUNT || seen & BIT(pcrs[i]))
			return false;
		seen |= BIT(pcrs[i]);
	}
	return true;
}

/* Which of its PCRs there are. */
static int map_pcrs(struct caliptra_tpm *t)
{
	static const char name[] = "chipsalliance,tpm-pcrs";
	struct device *dev = caliptra_to_device(t->cd);
	u32 pcrs[TPM_PCRS];
	unsigned int i;
	int count;

	if (!device_property_present(dev->parent, name)) {
		for (i = 0; i < TPM_PCRS; i++)
			t->pcrs[i] = i;
		t->pcr_count = TPM_PCRS;
		return 0;
	}
	count = device_property_count_u32(dev->parent, name);
	if (count < 1 || count > TPM_PCRS ||
	    device_property_read_u32_array(dev->parent, name, pcrs, count) ||
	    !is_pcr_list(pcrs, count)) {
		dev_err(dev,
			"no TPM: %s is not 1 to %u different PCRs below %u\n",
			name, TPM_PCRS, CALIPTRA_PCR_COUNT);
		return -EINVAL;
	}
	for (i = 0; i < count; i++)
		t->pcrs[i] = pcrs[i];
	t->pcr_count = count;
	return 0;
}

static int make_chip(struct caliptra_tpm *t)
{
	struct tpm_chip *chip;
	int ret;

	chip = tpm_chip_alloc(caliptra_to_device(t->cd), &ops);
	if (IS_ERR(chip))
		return PTR_ERR(chip);
	dev_set_drvdata(&chip->dev, t);
	/* caliptra-hwrng has one that does not go through TPM commands */
	chip->flags |= TPM_CHIP_FLAG_TPM2 | TPM_CHIP_FLAG_HWRNG_DISABLED;
	ret = tpm_chip_register(chip);
	if (ret) {
		put_device(&chip->dev);
		return ret;
	}
	t->chip = chip;
	return 0;
}

static int start(struct caliptra_tpm *t, const struct caliptra_info *info)
{
	int ret;

	t->has_random = CPTRA_HW_REV_ID_MAJOR(info->hw_rev_id) >= 2;
	t->hw_rev_id = info->hw_rev_id;
	ret = map_pcrs(t);
	if (ret)
		return ret;
	t->sha384 = crypto_alloc_shash("sha384", 0, 0);
	if (IS_ERR(t->sha384))
		return PTR_ERR(t->sha384);
	ret = make_chip(t);
	if (ret)
		crypto_free_shash(t->sha384);
	return ret;
}

static void add_tpm(struct caliptra_dev *cd)
{
	struct device *dev = caliptra_to_device(cd);
	struct caliptra_info info;
	struct caliptra_tpm *t;
	int ret;

	if (caliptra_get_info(cd, &info) || info.kind != CALIPTRA_MBOX_SOC)
		return;
	t = kzalloc(sizeof(*t), GFP_KERNEL);
	if (!t)
		return;
	t->cd = cd;
	ret = start(t, &info);
	if (ret) {
		dev_warn(dev, "TPM: error %d\n", ret);
		kfree(t);
		return;
	}
	list_add(&t->node, &tpms);
}

/* Whoever still has the chip, IMA or an open file, gets errors from now on. */
static void remove_tpm(struct caliptra_dev *cd)
{
	struct caliptra_tpm *t, *next;

	list_for_each_entry_safe(t, next, &tpms, node) {
		if (t->cd != cd)
			continue;
		list_del(&t->node);
		tpm_chip_unregister(t->chip);
		put_device(&t->chip->dev);
		crypto_free_shash(t->sha384);
		kfree_sensitive(t);
	}
}

static struct caliptra_client client = {
	.add = add_tpm,
	.remove = remove_tpm,
};

static int __init caliptra_tpm_init(void)
{
	caliptra_register_client(&client);
	return 0;
}
module_init(caliptra_tpm_init);

static void __exit caliptra_tpm_exit(void)
{
	caliptra_unregister_client(&client);
}
module_exit(caliptra_tpm_exit);

MODULE_DESCRIPTION("Caliptra's PCRs as a TPM's");
MODULE_SOFTDEP("pre: sha384");
MODULE_LICENSE("GPL");
