// SPDX-License-Identifier: GPL-2.0-only
/*
 * A driver that needs a Caliptra, for selftests/api.sh: its devices have a node that
 * refers to the mailbox, no node, and a node that refers to nothing.
 *
 * It sends a command where drivers do: in probe(), in remove(), and when the system
 * goes to sleep and wakes up. What each got for it is in the module's parameters.
 */
#include <linux/caliptra.h>
#include <linux/device.h>
#include <linux/module.h>
#include <linux/of.h>
#include <linux/platform_device.h>
#include <linux/pm.h>

#define NAME	"caliptra-consumer"
#define VERSION 0x46505652 /* "FPVR" */

/* Which of the devices is which; their numbers. */
enum consumer {
	BY_NODE,
	BY_DEFAULT,
	BY_NOTHING,
	CONSUMERS,
};

static struct platform_device *devices[CONSUMERS];

/* What each has got last, 1 before it has got anything. */
static int probed[CONSUMERS] = { 1, 1, 1 };
module_param_array(probed, int, NULL, 0444);
static int removed[CONSUMERS] = { 1, 1, 1 };
module_param_array(removed, int, NULL, 0444);
static int suspended[CONSUMERS] = { 1, 1, 1 };
module_param_array(suspended, int, NULL, 0444);
static int resumed[CONSUMERS] = { 1, 1, 1 };
module_param_array(resumed, int, NULL, 0444);

static int send_command(struct device *dev)
{
	u8 rsp[64];
	size_t len;

	return caliptra_command(dev_get_drvdata(dev), VERSION, NULL, 0, rsp,
				sizeof(rsp), &len, 1000);
}

/* The mailbox's number in the device tree, which has none as long as nothing needs it. */
static phandle handle_of_mailbox(void)
{
	struct device_node *np;
	phandle handle = 0;

	np = of_find_compatible_node(NULL, NULL, "chipsalliance,caliptra-mbox");
	if (np) {
		if (!np->phandle)
			np->phandle = 0x43414c49;
		handle = np->phandle;
	}
	of_node_put(np);
	return handle;
}

/* Its node is in no device tree, and is there only for this. */
static struct caliptra_dev *get_by(struct device *dev, phandle handle)
{
	__be32 value = cpu_to_be32(handle);
	struct property property = {
		.name = "caliptra",
		.length = sizeof(value),
		.value = &value,
	};
	struct device_node node = {
		.name = "consumer",
		.full_name = "consumer",
		.properties = &property,
	};
	struct caliptra_dev *cd;

	dev->of_node = &node;
	cd = devm_caliptra_get(dev);
	dev->of_node = NULL;
	return cd;
}

static struct caliptra_dev *get(struct platform_device *pdev)
{
	switch (pdev->id) {
	case BY_NODE:
		return get_by(&pdev->dev, handle_of_mailbox());
	case BY_NOTHING:
		return get_by(&pdev->dev, 0x4e4f4e45);
	default:
		return devm_caliptra_get(&pdev->dev);
	}
}

static void consumer_remove(void *data)
{
	struct platform_device *pdev = data;

	removed[pdev->id] = send_command(&pdev->dev);
}

static int consumer_probe(struct platform_device *pdev)
{
	struct caliptra_dev *cd = get(pdev);
	int ret = PTR_ERR_OR_ZERO(cd);

	if (!ret) {
		platform_set_drvdata(pdev, cd);
		ret = send_command(&pdev->dev);
	}
	if (!ret)
		ret = devm_add_action(&pdev->dev, consumer_remove, pdev);
	probed[pdev->id] = ret;
	return ret;
}

static int consumer_suspend(struct device *dev)
{
	suspended[to_platform_device(dev)->id] = send_command(dev);
	return 0;
}

static int consumer_resume(struct device *dev)
{
	resumed[to_platform_device(dev)->id] = send_command(dev);
	return 0;
}

static DEFINE_SIMPLE_DEV_PM_OPS(consumer_pm_ops, consumer_suspend,
				consumer_resume);

static struct platform_driver driver = {
	.probe = consumer_probe,
	.driver = {
		.name = NAME,
		.pm = pm_sleep_ptr(&consumer_pm_ops),
	},
};

static void remove_devices(void)
{
	int i;

	for (i = 0; i < CONSUMERS; i++)
		platform_device_unregister(devices[i]);
}

static int __init consumer_init(void)
{
	int i, ret = platform_driver_register(&driver);

	for (i = 0; !ret && i < CONSUMERS; i++) {
		devices[i] = platform_device_register_simple(NAME, i, NULL, 0);
		ret = PTR_ERR_OR_ZERO(devices[i]);
	}
	if (!ret)
		return 0;
	if (i) {
		devices[i - 1] = NULL;
		remove_devices();
		platform_driver_unregister(&driver);
	}
	return ret;
}
module_init(consumer_init);

static void __exit consumer_exit(void)
{
	remove_devices();
	platform_driver_unregister(&driver);
}
module_exit(consumer_exit);

MODULE_DESCRIPTION("Driver that needs a Caliptra, for tests");
MODULE_LICENSE("GPL");
