// SPDX-License-Identifier: GPL-2.0-only
/*
 * A PCI function whose BAR 0 has a Caliptra's registers: an FPGA board, or swcaliptra by
 * vfio-user. It is enabled, and stays so until it goes; what it has becomes platform devices,
 * which the driver binds as it does those of a SoC.
 *
 * Where the device tree has such devices at addresses of the BAR, they are left to it. They
 * are bound only while the function is, unbound before it, and come back with it.
 *
 * The window of a core begins with mbox_csr, and that of an MCI with mci_reg; everything else
 * is as far behind that as in Caliptra's address map. BAR 0 is not claimed here, because the
 * driver claims what it uses of it.
 */
#include <linux/device.h>
#include <linux/io.h>
#include <linux/ioport.h>
#include <linux/mod_devicetable.h>
#include <linux/module.h>
#include <linux/of.h>
#include <linux/pci.h>
#include <linux/platform_device.h>

#include "caliptra-regs.h"

#define BAR 0

#define CORE_SIZE      (CORE_SOC_IFC + REGISTERS_SIZE)
#define CORE_SOC_IFC   (CALIPTRA_SOC_IFC_REG_BASE - CALIPTRA_MBOX_CSR_BASE)
#define REGISTERS_SIZE 0x1000

#define MAILBOXES_MAX 2
#define RESOURCES_MAX 4

/**
 * enum kind - what a function has: the driver_data of its id
 * @KIND_CORE: a core, whose interrupt is data_avail of the mailbox
 * @KIND_MCI: an MCI, whose interrupt is a message in one of its mailboxes
 * @KIND_ERRORS: the registers of a core that has a function of its own, too. Its interrupt
 *	are the error wires, and only a device tree says whose
 */
enum kind {
	KIND_CORE,
	KIND_MCI,
	KIND_ERRORS,
};

static const resource_size_t window_size[] = {
	[KIND_CORE] = CORE_SIZE,
	[KIND_MCI] = CALIPTRA_MCI_SIZE,
	[KIND_ERRORS] = CORE_SIZE,
};

/**
 * struct function - what was made of one
 * @mailboxes: platform devices, or NULL
 * @has_interrupt: and the first one has an interrupt
 */
struct function {
	struct platform_device *mailboxes[MAILBOXES_MAX];
	bool has_interrupt;
};

static struct resource part(struct pci_dev *pci, const char *name,
			    resource_size_t offset, resource_size_t size)
{
	struct resource *bar = &pci->resource[BAR];
	struct resource r =
		DEFINE_RES_MEM_NAMED(bar->start + offset, size, name);

	/* below it in the tree, too */
	r.parent = bar;
	return r;
}

/* Return: the interrupt, or 0 where there is none; the mailbox is polled then. */
static int allocate_interrupt(struct pci_dev *pci, struct function *f)
{
	int irq;

	if (pci_alloc_irq_vectors(pci, 1, 1, PCI_IRQ_ALL_TYPES) < 0)
		return 0;
	irq = pci_irq_vector(pci, 0);
	if (irq <= 0) {
		pci_free_irq_vectors(pci);
		return 0;
	}
	/* a message is a write, which the function has to be allowed */
	if (pci_dev_msi_enabled(pci))
		pci_set_master(pci);
	f->has_interrupt = true;
	return irq;
}

/* As no interrupt is for two, the second mailbox has none. */
static int add_mailbox(struct pci_dev *pci, struct function *f, unsigned int n,
		       const char *name, struct resource *res,
		       unsigned int count)
{
	struct platform_device_info info = {
		.parent = &pci->dev,
		.name = name,
		.id = PLATFORM_DEVID_AUTO,
		.res = res,
	};
	int irq = n ? 0 : allocate_interrupt(pci, f);
	const struct resource line =
		DEFINE_RES_IRQ_NAMED(irq, "mailbox-data-avail");
	struct platform_device *mailbox;

	if (irq)
		res[count++] = line;
	info.num_res = count;
	mailbox = platform_device_register_full(&info);
	if (IS_ERR(mailbox))
		return PTR_ERR(mailbox);
	f->mailboxes[n] = mailbox;
	return 0;
}

static int add_core(struct pci_dev *pci, struct function *f)
{
	struct resource res[RESOURCES_MAX] = {
		part(pci, "mbox", 0, REGISTERS_SIZE),
		part(pci, "soc-ifc", CORE_SOC_IFC, REGISTERS_SIZE),
	};

	return add_mailbox(pci, f, 0, "caliptra-mbox", res, 2);
}

static int read_mci_config(struct pci_dev *pci, u32 *config)
{
	void __iomem *mci = pci_iomap(pci, BAR, CALIPTRA_MCI_REG_SIZE);

	if (!mci)
		return -ENOMEM;
	*config = readl(mci + MCI_HW_CONFIG0);
	pci_iounmap(pci, mci);
	return *config == U32_MAX ? -ENODEV : 0;
}

static int add_mci_mailbox(struct pci_dev *pci, struct function *f,
			   unsigned int n, resource_size_t base, u32 kib)
{
	struct resource res[RESOURCES_MAX] = {
		part(pci, "sram", base + CALIPTRA_MCU_MBOX_SRAM, kib * 1024),
		part(pci, "mbox", base + CALIPTRA_MCU_MBOX_CSR, REGISTERS_SIZE),
		part(pci, "mci", CALIPTRA_MCI_REG, CALIPTRA_MCI_REG_SIZE),
	};

	return kib ? add_mailbox(pci, f, n, "caliptra-mci-mbox", res, 3) : 0;
}

static int add_mci(struct pci_dev *pci, struct function *f)
{
	u32 config;
	int ret;

	ret = read_mci_config(pci, &config);
	if (ret)
		return ret;
	ret = add_mci_mailbox(pci, f, 0, CALIPTRA_MCI_MCU_MBOX0,
			      (config &
			       MCI_HW_CONFIG0_MCU_MBOX0_SRAM_SIZE_MASK) >>
				      MCI_HW_CONFIG0_MCU_MBOX0_SRAM_SIZE_SHIFT);
	if (ret)
		return ret;
	return add_mci_mailbox(pci, f, 1, CALIPTRA_MCI_MCU_MBOX1,
			       config &
				       MCI_HW_CONFIG0_MCU_MBOX1_SRAM_SIZE_MASK);
}

/*
 * In the order in which they came: both have mci_reg, and that of the second one is put around
 * that of the first, which would not get out of the tree of resources behind it.
 */
static void remove_mailboxes(struct pci_dev *pci, struct function *f)
{
	unsigned int i;

	for (i = 0; i < ARRAY_SIZE(f->mailboxes); i++)
		platform_device_unregister(f->mailboxes[i]);
	if (f->has_interrupt)
		pci_free_irq_vectors(pci);
}

static int add_mailboxes(struct pci_dev *pci, struct function *f,
			 enum kind kind)
{
	int ret = 0;

	if (kind == KIND_CORE)
		ret = add_core(pci, f);
	else if (kind == KIND_MCI)
		ret = add_mci(pci, f);
	if (ret)
		remove_mailboxes(pci, f);
	return ret;
}

static const struct of_device_id nodes[] = {
	{ .compatible = "chipsalliance,caliptra-mbox" },
	{ .compatible = "chipsalliance,caliptra-mci-mbox" },
	{}
};

static bool is_of(struct device *dev, struct pci_dev *pci)
{
	struct platform_device *pdev = to_platform_device(dev);
	struct resource *res;
	unsigned int i = 0;

	if (!of_match_node(nodes, dev->of_node))
		return false;
	while ((res = platform_get_resource(pdev, IORESOURCE_MEM, i++)))
		if (resource_contains(&pci->resource[BAR], res))
			return true;
	return false;
}

static int is_in_device_tree(struct device *dev, void *data)
{
	return is_of(dev, data);
}

/* It may have been tried in vain before; it links itself to the function. */
static int attach(struct device *dev, void *data)
{
	struct pci_dev *pci = data;

	if (is_of(dev, pci) && device_attach(dev) < 0)
		pci_dbg(pci, "%s is put off\n", dev_name(dev));
	return 0;
}

static int check_window(struct pci_dev *pci, enum kind kind)
{
	if (pci_resource_flags(pci, BAR) & IORESOURCE_MEM &&
	    pci_resource_len(pci, BAR) >= window_size[kind])
		return 0;
	return dev_err_probe(&pci->dev, -ENODEV,
			     "BAR %d is no window of registers: %pR\n", BAR,
			     &pci->resource[BAR]);
}

static int probe(struct pci_dev *pci, const struct pci_device_id *id)
{
	enum kind kind = id->driver_data;
	struct function *f;
	int ret;

	ret = check_window(pci, kind);
	if (ret)
		return ret;
	f = devm_kzalloc(&pci->dev, sizeof(*f), GFP_KERNEL);
	if (!f)
		return -ENOMEM;
	ret = pci_enable_device_mem(pci);
	if (ret)
		return dev_err_probe(&pci->dev, ret, "it can not be enabled\n");
	pci_set_drvdata(pci, f);
	if (bus_for_each_dev(&platform_bus_type, NULL, pci, is_in_device_tree))
		bus_for_each_dev(&platform_bus_type, NULL, pci, attach);
	else
		ret = add_mailboxes(pci, f, kind);
	if (ret)
		pci_disable_device(pci);
	return ret;
}

/* The driver has left devices of the device tree by now. */
static void remove(struct pci_dev *pci)
{
	remove_mailboxes(pci, pci_get_drvdata(pci));
	pci_disable_device(pci);
}

/*
 * QEMU's vendor id, which swcaliptra uses. Boards have none of their own yet: new_id and
 * driver_override in sysfs give this driver another function, as a core.
 */
static const struct pci_device_id ids[] = {
	{ PCI_DEVICE(0x1234, 0xca11), .driver_data = KIND_CORE },
	{ PCI_DEVICE(0x1234, 0xca12), .driver_data = KIND_MCI },
	{ PCI_DEVICE(0x1234, 0xca13), .driver_data = KIND_ERRORS },
	{}
};
MODULE_DEVICE_TABLE(pci, ids);

/* That there are some has PCI save anew, for each sleep, what it restores after it. */
static const struct dev_pm_ops pm_ops = {};

static struct pci_driver caliptra_pci_driver = {
	.name = "caliptra-pci",
	.id_table = ids,
	.probe = probe,
	.remove = remove,
	.driver.pm = &pm_ops,
};
module_pci_driver(caliptra_pci_driver);

MODULE_DESCRIPTION("Caliptra root of trust behind PCI");
MODULE_LICENSE("GPL");
