// SPDX-License-Identifier: GPL-2.0-only
/*
 * A Caliptra's random number generator as one of the kernel's: for each SoC mailbox whose
 * firmware has CM_RANDOM_GENERATE, which it has since 2.0.
 *
 * A module of its own, which knows no more of the driver than every other user in the
 * kernel: <linux/caliptra.h>.
 */
#include <linux/caliptra.h>
#include <linux/device.h>
#include <linux/hw_random.h>
#include <linux/module.h>
#include <linux/slab.h>

#include "caliptra-regs.h"

/* A device that does not answer is not to hold up its unbinding, nor a suspend. */
#define TIMEOUT_MS 2000

/*
 * In bits for each 1024. What comes is output of a CTR_DRBG of 256 bits of strength that
 * may never be seeded again after boot, so that the first 64 bytes, which the kernel reads
 * at once, are worth 256 bits, and with them it is seeded and counts no more. 1024, as
 * drivers say of TPMs and other DRBGs, would claim of these bytes more than was put in,
 * and would be preferred to generators whose bits are all fresh.
 */
#define QUALITY_SEEDED 512

/*
 * Without a generator of its own, a Caliptra passes on what the SoC feeds it with, where
 * that may even be us. It is worth nothing, but 0 would mean the best.
 */
#define QUALITY_FROM_SOC 1

/**
 * struct generator - a device's
 * @node: in generators
 * @cd: the device
 * @rng: what the kernel has of it
 */
struct generator {
	struct list_head node;
	struct caliptra_dev *cd;
	struct hwrng rng;
};

/* Changed only where the driver tells of devices, which it does one at a time. */
static LIST_HEAD(generators);

/*
 * A command sleeps until it has its turn and its answer, which may take seconds where others
 * use the mailbox; so whoever does not want to wait gets nothing, with O_NONBLOCK no more
 * than a reader who waited has left. Who can not wait has getrandom(), and keeping bytes
 * here in advance would be a second pool beside the kernel's.
 */
static int read_random(struct hwrng *rng, void *data, size_t max, bool wait)
{
	struct generator *g = container_of(rng, struct generator, rng);
	int ret;

	if (!wait)
		return 0;
	ret = caliptra_get_random(g->cd, data, max, TIMEOUT_MS);
	return ret ?: max;
}

static bool has_command(const struct caliptra_info *info)
{
	return info->kind == CALIPTRA_MBOX_SOC &&
	       CPTRA_HW_REV_ID_MAJOR(info->hw_rev_id) >= 2;
}

static void add_generator(struct caliptra_dev *cd)
{
	struct device *dev = caliptra_to_device(cd);
	struct caliptra_info info;
	struct generator *g;
	int ret;

	if (caliptra_get_info(cd, &info) || !has_command(&info))
		return;
	g = kzalloc(sizeof(*g), GFP_KERNEL);
	if (!g)
		return;
	g->cd = cd;
	g->rng.name = dev_name(dev);
	g->rng.read = read_random;
	g->rng.quality = info.hw_config & CPTRA_HW_CONFIG_ITRNG_EN ?
				 QUALITY_SEEDED :
				 QUALITY_FROM_SOC;
	ret = hwrng_register(&g->rng);
	if (ret) {
		dev_warn(dev, "random number generator: error %d\n", ret);
		kfree(g);
		return;
	}
	list_add(&g->node, &generators);
}

static void remove_generator(struct caliptra_dev *cd)
{
	struct generator *g, *next;

	list_for_each_entry_safe(g, next, &generators, node) {
		if (g->cd != cd)
			continue;
		list_del(&g->node);
		/* waits for whoever is reading */
		hwrng_unregister(&g->rng);
		kfree(g);
	}
}

static struct caliptra_client client = {
	.add = add_generator,
	.remove = remove_generator,
};

static int __init caliptra_hwrng_init(void)
{
	caliptra_register_client(&client);
	return 0;
}
module_init(caliptra_hwrng_init);

static void __exit caliptra_hwrng_exit(void)
{
	caliptra_unregister_client(&client);
}
module_exit(caliptra_hwrng_exit);

MODULE_DESCRIPTION("Caliptra random number generator");
MODULE_LICENSE("GPL");
