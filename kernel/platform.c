// SPDX-License-Identifier: GPL-2.0-only
/*
 * Caliptra mailboxes from the device tree: chipsalliance,caliptra-mbox.
 */
#include <linux/io.h>
#include <linux/irq.h>
#include <linux/mod_devicetable.h>
#include <linux/module.h>
#include <linux/platform_device.h>

#include "caliptra.h"

static void put_caliptra(void *data)
{
	struct caliptra_dev *cd = data;

	put_device(&cd->dev);
}

static void unregister_caliptra(void *data)
{
	caliptra_unregister(data);
}

/*
 * The handler disables the interrupt while its level is high. A lazy one would
 * come once more each time.
 */
static int request_interrupt(struct platform_device *pdev,
			     struct caliptra_dev *cd)
{
	int irq;

	irq = platform_get_irq_byname_optional(pdev, "mailbox-data-avail");
	if (irq == -ENXIO) {
		dev_dbg(&pdev->dev, "no interrupt, polling\n");
		return 0;
	}
	if (irq < 0)
		return irq;
	irq_set_status_flags(irq, IRQ_DISABLE_UNLAZY);
	cd->irq = irq;
	return devm_request_irq(&pdev->dev, irq, caliptra_interrupt,
				IRQF_NO_AUTOEN, dev_name(&pdev->dev), cd);
}

static int caliptra_probe(struct platform_device *pdev)
{
	struct device *dev = &pdev->dev;
	struct caliptra_dev *cd;
	int ret;

	cd = caliptra_alloc(dev);
	if (!cd)
		return -ENOMEM;
	ret = devm_add_action_or_reset(dev, put_caliptra, cd);
	if (ret)
		return ret;

	cd->mbox = devm_platform_ioremap_resource_byname(pdev, "mbox");
	if (IS_ERR(cd->mbox))
		return PTR_ERR(cd->mbox);
	cd->soc_ifc = devm_platform_ioremap_resource_byname(pdev, "soc-ifc");
	if (IS_ERR(cd->soc_ifc))
		return PTR_ERR(cd->soc_ifc);

	cd->mbox_size = caliptra_soc_ifc_mbox_size(cd);
	ret = request_interrupt(pdev, cd);
	if (ret)
		return dev_err_probe(dev, ret,
				     "mailbox-data-avail interrupt\n");

	ret = caliptra_register(cd);
	if (ret)
		return dev_err_probe(dev, ret, "character device\n");
	platform_set_drvdata(pdev, cd);
	return devm_add_action_or_reset(dev, unregister_caliptra, cd);
}

/* The next kernel is to find a mailbox that is free. */
static void caliptra_shutdown(struct platform_device *pdev)
{
	caliptra_stop(platform_get_drvdata(pdev));
}

static const struct of_device_id caliptra_of_match[] = {
	{ .compatible = "chipsalliance,caliptra-mbox" },
	{}
};
MODULE_DEVICE_TABLE(of, caliptra_of_match);

static struct platform_driver caliptra_platform_driver = {
	.probe = caliptra_probe,
	.shutdown = caliptra_shutdown,
	.driver = {
		.name = "caliptra",
		.of_match_table = caliptra_of_match,
	},
};

/**
 * caliptra_platform_init() - at module load
 *
 * Return: 0 or an error.
 */
int caliptra_platform_init(void)
{
	return platform_driver_register(&caliptra_platform_driver);
}

/**
 * caliptra_platform_exit() - at module unload
 */
void caliptra_platform_exit(void)
{
	platform_driver_unregister(&caliptra_platform_driver);
}
