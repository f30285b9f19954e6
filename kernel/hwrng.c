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
 * In bits for each 1024. What a Caliptra gives comes from a DRBG that is seeded when its
 * firmware starts and worth 256 bits then, however much is read. The kernel wants as many
 * before it calls itself ready, and counts no more after that. With a half it has read 64
 * bytes by then, which is as much as it reads at a time.
 */
#define QUALITY_SEEDED 512

/*
 * Without a generator of its own, a Caliptra gets its seed from the SoC, where it may
 * even be us. That is worth nothing, but 0 would mean the best.
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

/* An answer takes its time, so who does not wait gets nothing. */
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
