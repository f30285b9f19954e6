// SPDX-License-Identifier: GPL-2.0-only
/*
 * Caliptra mailboxes from the device tree: chipsalliance,caliptra-mbox and
 * chipsalliance,caliptra-mci-mbox; or made by pci.c, without a node.
 */
#include <linux/io.h>
#include <linux/irq.h>
#include <linux/mod_devicetable.h>
#include <linux/module.h>
#include <linux/of.h>
#include <linux/pci.h>
#include <linux/platform_device.h>
#include <linux/pm_runtime.h>
#include <linux/property.h>

#include "caliptra-regs.h"
#include "caliptra.h"

/* How long the device stays awake when it has nothing to do. */
#define AUTOSUSPEND_MS 100

static void put_caliptra(void *data)
{
	struct caliptra_dev *cd = data;

	put_device(&cd->dev);
}

/*
 * The handlers disable their interrupts while the level is high. A lazy one would
 * come once more each time. Return: the interrupt, 0 if there is none, or an error.
 */
static int request_interrupt(struct platform_device *pdev, const char *name,
			     irq_handler_t handler, struct caliptra_dev *cd)
{
	struct device *dev = &pdev->dev;
	int irq, ret;

	irq = platform_get_irq_byname_optional(pdev, name);
	if (irq == -ENXIO)
		return 0;
	if (irq < 0)
		return dev_err_probe(dev, irq, "interrupt %s\n", name);
	irq_set_status_flags(irq, IRQ_DISABLE_UNLAZY);
	ret = devm_request_irq(dev, irq, handler, IRQF_NO_AUTOEN, dev_name(dev),
			       cd);
	/* as a line of PCI may be; it has to be disabled, which others would not like */
	if (ret == -EBUSY) {
		dev_warn(dev,
			 "interrupt %s is another device's, too: polling\n",
			 name);
		return 0;
	}
	if (ret)
		return dev_err_probe(dev, ret, "interrupt %s\n", name);
	return irq;
}

static int request_interrupts(struct platform_device *pdev,
			      struct caliptra_dev *cd)
{
	static const char *const errors[] = { "error-fatal",
					      "error-non-fatal" };
	unsigned int i;
	int irq;

	irq = request_interrupt(pdev, "mailbox-data-avail", caliptra_interrupt,
				cd);
	if (irq < 0)
		return irq;
	cd->irq = irq;
	for (i = 0; i < ARRAY_SIZE(errors); i++) {
		irq = request_interrupt(pdev, errors[i],
					caliptra_error_interrupt, cd);
		if (irq < 0)
			return irq;
		cd->error_irqs[i] = irq;
	}
	return 0;
}

static int map_core(struct platform_device *pdev, struct caliptra_dev *cd)
{
	cd->state_regs = devm_platform_ioremap_resource_byname(pdev, "soc-ifc");
	if (IS_ERR(cd->state_regs))
		return PTR_ERR(cd->state_regs);
	return 0;
}

/* Both mailboxes of an MCI have its registers, so nobody can claim them. */
static int map_mci(struct platform_device *pdev, struct caliptra_dev *cd)
{
	struct device *dev = &pdev->dev;
	struct resource *res;

	res = platform_get_resource_byname(pdev, IORESOURCE_MEM, "mci");
	if (!res)
		return dev_err_probe(dev, -EINVAL, "no registers named mci\n");
	cd->state_regs = devm_ioremap(dev, res->start, resource_size(res));
	if (!cd->state_regs)
		return -ENOMEM;
	res = platform_get_resource_byname(pdev, IORESOURCE_MEM, "sram");
	cd->sram = devm_ioremap_resource(dev, res);
	if (IS_ERR(cd->sram))
		return PTR_ERR(cd->sram);
	if (resource_size(res) > CALIPTRA_MCU_MBOX_SRAM_SIZE ||
	    resource_size(res) < 4 || resource_size(res) % 4)
		return dev_err_probe(dev, -EINVAL,
				     "sram has %pa bytes, not 4 to %u\n",
				     &(resource_size_t){ resource_size(res) },
				     CALIPTRA_MCU_MBOX_SRAM_SIZE);
	cd->mbox_size = resource_size(res);
	return 0;
}

static int map_registers(struct platform_device *pdev, struct caliptra_dev *cd)
{
	cd->mbox = devm_platform_ioremap_resource_byname(pdev, "mbox");
	if (IS_ERR(cd->mbox))
		return PTR_ERR(cd->mbox);
	return cd->ops->kind == CALIPTRA_MBOX_MCI ? map_mci(pdev, cd) :
						    map_core(pdev, cd);
}

static void no_runtime_pm(void *data)
{
	struct device *dev = data;

	pm_runtime_dont_use_autosuspend(dev);
	pm_runtime_disable(dev);
	pm_runtime_set_suspended(dev);
}

static int use_runtime_pm(struct device *dev)
{
	pm_runtime_set_active(dev);
	pm_runtime_set_autosuspend_delay(dev, AUTOSUSPEND_MS);
	pm_runtime_use_autosuspend(dev);
	pm_runtime_enable(dev);
	return devm_add_action_or_reset(dev, no_runtime_pm, dev);
}

/* What nothing answers for reads as ones; neither of these registers is ever that. */
static bool is_there(struct caliptra_dev *cd)
{
	struct caliptra_info info = {};

	cd->ops->get_info(cd, &info);
	return info.hw_rev_id != U32_MAX && cd->ops->status(cd) != U32_MAX;
}

#ifdef CONFIG_PCI
static bool has_registers(struct pci_dev *pci, struct platform_device *pdev)
{
	struct resource *res;
	unsigned int i = 0, bar;

	while ((res = platform_get_resource(pdev, IORESOURCE_MEM, i++)))
		for (bar = 0; bar < PCI_STD_NUM_BARS; bar++)
			if (resource_contains(&pci->resource[bar], res))
				return true;
	return false;
}

/* What a function's driver has made of it goes with it anyway. */
static int link_to_functions(struct platform_device *pdev)
{
	struct pci_dev *pci = NULL;
	int ret;

	if (dev_is_pci(pdev->dev.parent))
		return 0;
	for_each_pci_dev(pci) {
		if (!pci->dev.driver || !has_registers(pci, pdev))
			continue;
		ret = caliptra_link(&pdev->dev, &pci->dev);
		if (ret) {
			pci_dev_put(pci);
			return ret;
		}
	}
	return 0;
}
#else
static int link_to_functions(struct platform_device *pdev)
{
	return 0;
}
#endif

static int serve(struct platform_device *pdev, struct caliptra_dev *cd)
{
	struct device *dev = &pdev->dev;
	int ret;

	/* a PCI function may not be enabled yet */
	if (!is_there(cd))
		return dev_err_probe(dev, -EPROBE_DEFER,
				     "registers read as ones\n");
	ret = link_to_functions(pdev);
	if (ret)
		return dev_err_probe(dev, ret, "PCI function\n");
	if (cd->ops->kind == CALIPTRA_MBOX_SOC)
		cd->mbox_size = caliptra_mbox_soc_size(cd);
	ret = request_interrupts(pdev, cd);
	if (ret)
		return ret;
	ret = caliptra_register(cd);
	if (ret)
		return dev_err_probe(dev, ret, "character device\n");
	platform_set_drvdata(pdev, cd);
	return 0;
}

static const struct caliptra_mbox_ops *ops_of(struct platform_device *pdev)
{
	const struct platform_device_id *id = platform_get_device_id(pdev);

	return id ? (const void *)id->driver_data :
		    device_get_match_data(&pdev->dev);
}

static int caliptra_probe(struct platform_device *pdev)
{
	struct device *dev = &pdev->dev;
	struct caliptra_dev *cd;
	int ret;

	cd = caliptra_alloc(dev, ops_of(pdev));
	if (!cd)
		return -ENOMEM;
	ret = devm_add_action_or_reset(dev, put_caliptra, cd);
	if (ret)
		return ret;
	ret = map_registers(pdev, cd);
	if (ret)
		return ret;
	ret = use_runtime_pm(dev);
	if (ret)
		return ret;
	ret = pm_runtime_resume_and_get(dev);
	if (ret)
		return ret;
	ret = serve(pdev, cd);
	pm_runtime_mark_last_busy(dev);
	pm_runtime_put_autosuspend(dev);
	return ret;
}

/*
 * Commands may come to their end, so not as late as what devm undoes: by then older
 * kernels have detached the device from its power domain.
 */
static void caliptra_remove(struct platform_device *pdev)
{
	caliptra_unregister(platform_get_drvdata(pdev));
}

/* The next kernel is to find a mailbox that is free. */
static void caliptra_shutdown(struct platform_device *pdev)
{
	caliptra_stop(platform_get_drvdata(pdev));
}

static int suspend(struct device *dev)
{
	return caliptra_suspend(dev_get_drvdata(dev));
}

static int resume(struct device *dev)
{
	caliptra_resume(dev_get_drvdata(dev));
	return 0;
}

static DEFINE_SIMPLE_DEV_PM_OPS(caliptra_pm_ops, suspend, resume);

static const struct of_device_id caliptra_of_match[] = {
	{ .compatible = "chipsalliance,caliptra-mbox",
	  .data = &caliptra_mbox_soc_ops },
	{ .compatible = "chipsalliance,caliptra-mci-mbox",
	  .data = &caliptra_mbox_mci_ops },
	{}
};
MODULE_DEVICE_TABLE(of, caliptra_of_match);

static const struct platform_device_id caliptra_ids[] = {
	{ "caliptra-mbox", (kernel_ulong_t)&caliptra_mbox_soc_ops },
	{ "caliptra-mci-mbox", (kernel_ulong_t)&caliptra_mbox_mci_ops },
	{}
};
MODULE_DEVICE_TABLE(platform, caliptra_ids);

/**
 * caliptra_platform_expects() - may a device come that is not there yet?
 * @np: its node, or NULL for any SoC mailbox
 *
 * Return: true where the device tree has it.
 */
bool caliptra_platform_expects(const struct device_node *np)
{
	struct device_node *n;

	if (np)
		return of_device_is_available(np) &&
		       of_match_node(caliptra_of_match, np);
	for_each_compatible_node(n, NULL, "chipsalliance,caliptra-mbox") {
		if (of_device_is_available(n)) {
			of_node_put(n);
			return true;
		}
	}
	return false;
}

static struct platform_driver caliptra_platform_driver = {
	.probe = caliptra_probe,
#ifdef CALIPTRA_REMOVE_NEW
	.remove_new = caliptra_remove,
#else
	.remove = caliptra_remove,
#endif
	.shutdown = caliptra_shutdown,
	.id_table = caliptra_ids,
	.driver = {
		.name = "caliptra",
		.of_match_table = caliptra_of_match,
		.pm = pm_sleep_ptr(&caliptra_pm_ops),
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
